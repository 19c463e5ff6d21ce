"""How the releases in a folder follow one another: what no release can know of itself (pure).

Versions are chained in the words of DCAT 3 (section 11), PROV (``prov:wasRevisionOf``) and Dublin Core
(``dcterms:replaces``); the catalogue has a record of each, with the instant from which on it counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from rdflib import DCTERMS, FOAF, PROV, RDF, XSD, Graph, Literal, URIRef

from kg.metadata.dcat import DCAT, Version, add_version
from kg.terms import catalogue_iri

# What a record conforms to.
_PROFILE = URIRef("http://data.europa.eu/r5r/")


def history(versions: Sequence[Version]) -> Graph:
    """What is to be said of releases that followed one another, the oldest first; the last is the current one."""
    graph = Graph(bind_namespaces="none")
    for version in versions:
        add_version(graph, version)
        _record(graph, version)
    for former, version in pairwise(versions):
        later, earlier = URIRef(version.iri), URIRef(former.iri)
        graph.add((later, RDF.type, PROV.Entity))
        graph.add((earlier, RDF.type, PROV.Entity))
        graph.add((later, PROV.wasRevisionOf, earlier))
        graph.add((later, DCAT.previousVersion, earlier))
        graph.add((later, DCTERMS.replaces, earlier))
        graph.add((earlier, DCTERMS.isReplacedBy, later))
    if versions:
        graph.add((URIRef(versions[-1].dataset), DCAT.hasCurrentVersion, URIRef(versions[-1].iri)))
    return graph


def _record(graph: Graph, version: Version) -> None:
    catalogue, release = URIRef(catalogue_iri(version.base)), URIRef(version.iri)
    record = URIRef(f"{catalogue}#{version.name}")
    instant = Literal(version.instant or version.date, datatype=XSD.dateTime if version.instant else XSD.date)
    graph.add((catalogue, DCAT.dataset, release))
    graph.add((catalogue, DCAT.record, record))
    graph.add((record, RDF.type, DCAT.CatalogRecord))
    graph.add((record, FOAF.primaryTopic, release))
    graph.add((record, DCTERMS.issued, instant))
    graph.add((record, DCTERMS.modified, instant))
    graph.add((record, DCTERMS.conformsTo, _PROFILE))
    graph.add((_PROFILE, RDF.type, DCTERMS.Standard))
