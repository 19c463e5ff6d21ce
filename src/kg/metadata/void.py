"""VoID: how much a release holds of what, and how it is linked with other datasets (VoID, W3C Note 2011).

The description of the dataset is the document ``{base}.well-known/void`` (section 7.2), so each class, property and
linkset has its own name there: ``{base}.well-known/void#class-skos-Concept``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from rdflib import DCTERMS, FOAF, RDF, VOID, XSD, Graph, Literal, URIRef

from kg.metadata.dcat import Version, part_in_words, part_of
from kg.metadata.targets import Targets, digest
from kg.statistics import Statistics, namespace_of
from kg.terms import void_iri

_FORMATS = "http://www.w3.org/ns/formats/"
# The names that W3C gave to the formats in which documents are served.
_FEATURES = ("Turtle", "N-Triples", "JSON-LD", "RDF_XML")
_LOCAL = re.compile(r"[\w.-]+", re.ASCII)


def describe(
    graph: Graph,
    version: Version,
    parts: Mapping[str, int],
    statistics: Statistics | None,
    prefixes: Mapping[str, str],
) -> None:
    """Add what VoID says of the dataset to ``graph``, which may describe the targets of links.

    ``parts`` has the number of triples of each dump. What links are, and where they lead, says ``targets.py``.
    """
    dataset, document = URIRef(version.dataset), URIRef(void_iri(version.base))
    graph.add((document, RDF.type, VOID.DatasetDescription))
    graph.add((document, FOAF.primaryTopic, dataset))
    graph.add((document, DCTERMS.modified, Literal(version.date, datatype=XSD.date)))
    for language, title in version.title.items():
        graph.add((document, DCTERMS.title, Literal(f"{title}: VoID", lang=language)))
    graph.add((dataset, RDF.type, VOID.Dataset))
    graph.add((dataset, VOID.sparqlEndpoint, URIRef(f"{version.base}sparql")))
    for name in _FEATURES:
        graph.add((dataset, VOID.feature, URIRef(_FORMATS + name)))
    _parts(graph, version, parts)
    if statistics is not None:
        _counts(graph, dataset, statistics)
        _partitions(graph, dataset, document, statistics, prefixes)
        _linksets(graph, dataset, document, statistics, prefixes)


def _parts(graph: Graph, version: Version, parts: Mapping[str, int]) -> None:
    """The triples and dumps of the whole, and of what was written and what was inferred as its subsets."""
    for part, triples in parts.items():
        node = URIRef(version.dataset)
        if part != "data":
            node = URIRef(f"{void_iri(version.base)}#{part}")
            graph.add((URIRef(version.dataset), VOID.subset, node))
            graph.add((node, RDF.type, VOID.Dataset))
            for language, text in part_in_words(part, version.languages):
                graph.add((node, DCTERMS.title, Literal(text, lang=language)))
        graph.add((node, VOID.triples, Literal(triples)))
        for item in version.distributions:
            if part_of(item.path) == part:
                graph.add((node, VOID.dataDump, URIRef(version.url(item.path))))


def _counts(graph: Graph, dataset: URIRef, statistics: Statistics) -> None:
    counted = {
        VOID.distinctSubjects: statistics.subjects,
        VOID.distinctObjects: statistics.objects,
        VOID.properties: len(statistics.properties),
        VOID.classes: len(statistics.classes),
    }
    for predicate, number in counted.items():
        graph.add((dataset, predicate, Literal(number)))
    for term in (*statistics.classes, *statistics.properties):
        graph.add((dataset, VOID.vocabulary, URIRef(namespace_of(term))))


def _partitions(
    graph: Graph, dataset: URIRef, document: URIRef, statistics: Statistics, prefixes: Mapping[str, str]
) -> None:
    for kind, of, member, count, found in (
        ("class", VOID.classPartition, VOID["class"], VOID.entities, statistics.classes),
        ("property", VOID.propertyPartition, VOID.property, VOID.triples, statistics.properties),
    ):
        for iri, number in found.items():
            node = URIRef(f"{document}#{kind}-{_name(iri, prefixes)}")
            graph.add((dataset, of, node))
            graph.add((node, RDF.type, VOID.Dataset))
            graph.add((node, member, URIRef(iri)))
            graph.add((node, count, Literal(number)))


def _linksets(
    graph: Graph, dataset: URIRef, document: URIRef, statistics: Statistics, prefixes: Mapping[str, str]
) -> None:
    for (predicate, target), number in sorted(Targets(graph, dataset, prefixes).counted(statistics).items()):
        node = linkset_iri(str(document), predicate, target, prefixes)
        graph.add((dataset, VOID.subset, node))
        graph.add((node, RDF.type, VOID.Linkset))
        graph.add((node, VOID.subjectsTarget, dataset))
        graph.add((node, VOID.objectsTarget, URIRef(target)))
        graph.add((node, VOID.linkPredicate, URIRef(predicate)))
        graph.add((node, VOID.triples, Literal(number)))
        graph.add((URIRef(target), RDF.type, VOID.Dataset))


def linkset_iri(document: str, predicate: str, target: str, prefixes: Mapping[str, str]) -> URIRef:
    """The name of the links with one property to one target in the ``document`` that describes the dataset."""
    return URIRef(f"{document}#links-{_name(predicate, prefixes)}-{digest(target)}")


def _name(iri: str, prefixes: Mapping[str, str]) -> str:
    """A term as part of a fragment: ``skos-Concept``; a digest for one that no prefix shortens."""
    for prefix, namespace in sorted(prefixes.items(), key=lambda item: (-len(item[1]), item[0])):
        if iri.startswith(namespace) and _LOCAL.fullmatch(local := iri.removeprefix(namespace)):
            return f"{prefix}-{local}"
    return digest(iri)
