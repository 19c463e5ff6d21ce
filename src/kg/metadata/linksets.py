"""The links of a release to one other dataset, as a dataset of its own (VoID, section 5; DCAT 3, section 6.6).

``{base}release/<name>#links-wikidata`` holds all links to one target, whatever their property; the void:Linkset of each
property is a subset of it. Its files are ``dumps/links-wikidata.*``.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

from rdflib import DCTERMS, RDF, VOID, XSD, Graph, Literal, URIRef

from kg.metadata.dcat import DCAT, Version, add_distribution, share
from kg.metadata.targets import Targets
from kg.metadata.void import linkset_iri
from kg.statistics import Statistics
from kg.terms import in_language, void_iri

PREFIX = "links-"  # what the names of the files begin with
_TITLE = {"en": "{}: links to {}", "de": "{}: Links zu {}"}
_SAYS = {
    "en": "All statements of “{}” that link one of its things with one of {}.",
    "de": "Alle Aussagen von „{}“, die eines seiner Dinge mit einem von {} verbinden.",
}
_FILE = {"en": "The links to {}", "de": "Die Links zu {}"}


def describe(graph: Graph, version: Version, statistics: Statistics, prefixes: Mapping[str, str]) -> None:
    """Add the links to each target, with the files of ``version`` that hold them, to ``graph``."""
    dataset, release = URIRef(version.dataset), URIRef(version.iri)
    targets = Targets(graph, dataset, prefixes)
    counted = targets.counted(statistics)
    files = [item for item in version.distributions if item.path.startswith(f"dumps/{PREFIX}")]
    for target, name in targets.names(statistics).items():
        mine = [item for item in files if PurePosixPath(item.path).name.partition(".")[0] == f"{PREFIX}{name}"]
        if not mine:
            continue
        node = URIRef(f"{release}#{PREFIX}{name}")
        graph.add((release, DCTERMS.hasPart, node))
        graph.add((dataset, VOID.subset, node))
        graph.add((node, RDF.type, VOID.Dataset))
        graph.add((node, RDF.type, DCAT.Dataset))
        graph.add((node, DCTERMS.identifier, Literal(str(node))))
        graph.add((node, DCTERMS.issued, Literal(version.date, datatype=XSD.date)))
        graph.add((node, DCTERMS.license, URIRef(version.licence)))
        given = graph.objects(URIRef(target), DCTERMS.title)
        titles = {o.language or "": str(o) for o in given if isinstance(o, Literal)}
        words = {}
        for code in version.told_in:
            called = in_language(titles, (code,)) or target
            whose = in_language(version.title, (code,))
            words[code] = _FILE[code].format(called)
            graph.add((node, DCTERMS.title, Literal(_TITLE[code].format(whose, called), lang=code)))
            graph.add((node, DCTERMS.description, Literal(_SAYS[code].format(whose, called), lang=code)))
        share(graph, version, node)
        for item in mine:
            add_distribution(graph, version, item, node, words)
        dumps = [URIRef(version.url(item.path)) for item in mine]
        sets = {p: number for (p, other), number in counted.items() if other == target}
        for predicate in sets:
            linkset = linkset_iri(void_iri(version.base), predicate, target, prefixes)
            graph.add((node, VOID.subset, linkset))
            if len(sets) == 1:  # then the file holds these links and no others
                for dump in dumps:
                    graph.add((linkset, VOID.dataDump, dump))
        graph.add((node, VOID.triples, Literal(sum(sets.values()))))
        for dump in dumps:
            graph.add((node, VOID.dataDump, dump))
