"""VoID: how much a release holds of what, and how it is linked with other datasets (VoID, W3C Note 2011).

The description of the dataset is the document ``{base}.well-known/void`` (section 7.2), so each class, property and
linkset has its own name there: ``{base}.well-known/void#class-skos-Concept``.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping

from rdflib import DCTERMS, FOAF, RDF, VOID, XSD, Graph, Literal, URIRef

from kg.metadata.dcat import Version, part_in_words, part_of
from kg.statistics import Statistics
from kg.terms import PREFIXES, void_iri

_FORMATS = "http://www.w3.org/ns/formats/"
# The names that W3C gave to the formats in which documents are served.
_FEATURES = ("Turtle", "N-Triples", "JSON-LD", "RDF_XML")
_SKOS = PREFIXES["skos"]
# A triple with one of these is a link to another dataset whether or not that is described.
_LINKING = {
    PREFIXES["owl"] + "sameAs",
    *(f"{_SKOS}{kind}Match" for kind in ("exact", "close", "broad", "narrow", "related")),
}
_LOCAL = re.compile(r"[\w.-]+", re.ASCII)


def describe(
    graph: Graph,
    version: Version,
    parts: Mapping[str, int],
    statistics: Statistics | None,
    prefixes: Mapping[str, str],
) -> None:
    """Add what VoID says of the dataset to ``graph``, which may describe the targets of links.

    ``parts`` has the number of triples of each dump. A target is described by a ``void:Dataset`` with a
    ``void:uriSpace`` (section 5). Links with ``owl:sameAs`` and the mapping properties of SKOS always count as such,
    those with other properties if their target is described: most lead to pages, not to data.
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
        graph.add((dataset, VOID.vocabulary, URIRef(_namespace(term))))


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
    for (predicate, target), number in sorted(links(graph, dataset, statistics).items()):
        node = URIRef(f"{document}#links-{_name(predicate, prefixes)}-{_digest(target)}")
        graph.add((dataset, VOID.subset, node))
        graph.add((node, RDF.type, VOID.Linkset))
        graph.add((node, VOID.subjectsTarget, dataset))
        graph.add((node, VOID.objectsTarget, URIRef(target)))
        graph.add((node, VOID.linkPredicate, URIRef(predicate)))
        graph.add((node, VOID.triples, Literal(number)))
        graph.add((URIRef(target), RDF.type, VOID.Dataset))


def links(graph: Graph, dataset: URIRef, statistics: Statistics) -> dict[tuple[str, str], int]:
    """The number of links by property and target dataset: a described one, else the namespace stands for it."""
    spaces = sorted(_spaces(graph, dataset), key=lambda item: -len(item[0]))
    found: dict[tuple[str, str], int] = {}
    for (predicate, namespace), number in statistics.links.items():
        target = next((iri for space, iri in spaces if namespace.startswith(space)), None)
        if target is None and predicate in _LINKING:
            target = namespace
        if target is not None:
            found[predicate, target] = found.get((predicate, target), 0) + number
    return found


def _spaces(graph: Graph, dataset: URIRef) -> Iterator[tuple[str, str]]:
    """The beginnings of IRIs of datasets that ``dataset.ttl`` describes beside its own."""
    for target, space in graph.subject_objects(VOID.uriSpace):
        if target != dataset and (target, RDF.type, VOID.Dataset) in graph:
            yield str(space), str(target)


def _name(iri: str, prefixes: Mapping[str, str]) -> str:
    """A term as part of a fragment: ``skos-Concept``; a digest for one that no prefix shortens."""
    for prefix, namespace in sorted(prefixes.items(), key=lambda item: (-len(item[1]), item[0])):
        if iri.startswith(namespace) and _LOCAL.fullmatch(local := iri.removeprefix(namespace)):
            return f"{prefix}-{local}"
    return _digest(iri)


def _digest(iri: str) -> str:
    return hashlib.sha256(iri.encode()).hexdigest()[:12]


def _namespace(iri: str) -> str:
    end = max(iri.rfind("/"), iri.rfind("#"))
    return iri[: (end if end >= 0 else iri.rfind(":")) + 1]
