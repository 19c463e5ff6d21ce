"""The SPARQL service description (SPARQL 1.1 Service Description, W3C Recommendation 2013), from facts only."""

from __future__ import annotations

import pyoxigraph as ox

from kg.release.manifest import Manifest
from kg.terms import PREFIXES, graph_iri

_FORMATS = "http://www.w3.org/ns/formats/"
_RESULT_FORMATS = (
    "SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV",
    "Turtle", "N-Triples", "RDF_XML", "JSON-LD",
)  # fmt: skip


def service_description(manifest: Manifest, endpoint: str) -> list[ox.Triple]:
    """The description of the service at ``endpoint`` (the URL that was asked for)."""
    service, dataset, default = (ox.NamedNode(endpoint + part) for part in ("", "#dataset", "#default-graph"))
    a = ox.NamedNode(PREFIXES["rdf"] + "type")
    void_triples = ox.NamedNode(PREFIXES["void"] + "triples")

    def sd(name: str) -> ox.NamedNode:
        return ox.NamedNode(PREFIXES["sd"] + name)

    triples = [
        ox.Triple(service, a, sd("Service")),
        ox.Triple(service, sd("endpoint"), service),
        ox.Triple(service, sd("supportedLanguage"), sd("SPARQL11Query")),
        ox.Triple(service, sd("defaultDataset"), dataset),
        ox.Triple(dataset, a, sd("Dataset")),
        ox.Triple(dataset, sd("defaultGraph"), default),
        ox.Triple(default, a, sd("Graph")),
        ox.Triple(default, void_triples, ox.Literal(manifest.triples["data"])),
    ]
    triples += [ox.Triple(service, sd("resultFormat"), ox.NamedNode(_FORMATS + name)) for name in _RESULT_FORMATS]
    for name, count in manifest.graphs.items():
        node = ox.NamedNode(f"{endpoint}#{name.removeprefix(graph_iri(manifest.base, '')).replace('/', '-')}")
        triples += [
            ox.Triple(dataset, sd("namedGraph"), node),
            ox.Triple(node, a, sd("NamedGraph")),
            ox.Triple(node, sd("name"), ox.NamedNode(name)),
            ox.Triple(node, sd("graph"), ox.NamedNode(f"{node.value}-graph")),
            ox.Triple(ox.NamedNode(f"{node.value}-graph"), a, sd("Graph")),
            ox.Triple(ox.NamedNode(f"{node.value}-graph"), void_triples, ox.Literal(count)),
        ]
    return triples
