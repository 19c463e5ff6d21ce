"""The SPARQL service description (SPARQL 1.1 Service Description, W3C Recommendation 2013), from facts only."""

from __future__ import annotations

from collections.abc import Iterator

import pyoxigraph as ox

from kg.config import Settings
from kg.negotiate import ANSWER_VARIANTS
from kg.release.manifest import Manifest
from kg.search import FUNCTIONS
from kg.terms import PREFIXES, SERVICE, graph_iri, in_language

_FORMATS = "http://www.w3.org/ns/formats/"
# The names that W3C gave to formats (https://www.w3.org/ns/formats/), by the program's own.
_RESULT_FORMATS = {
    "json": "SPARQL_Results_JSON", "xml": "SPARQL_Results_XML", "csv": "SPARQL_Results_CSV",
    "tsv": "SPARQL_Results_TSV", "turtle": "Turtle", "ntriples": "N-Triples", "rdfxml": "RDF_XML", "jsonld": "JSON-LD",
}  # fmt: skip


def _sd(name: str) -> ox.NamedNode:
    return ox.NamedNode(PREFIXES["sd"] + name)


def _typed(value: object, kind: str) -> ox.Literal:
    return ox.Literal(str(value), datatype=ox.NamedNode(PREFIXES["xsd"] + kind))


_A = ox.NamedNode(PREFIXES["rdf"] + "type")
_LABEL = ox.NamedNode(PREFIXES["rdfs"] + "label")
_COMMENT = ox.NamedNode(PREFIXES["rdfs"] + "comment")


def service_description(manifest: Manifest, endpoint: str, settings: Settings) -> list[ox.Triple]:
    """The description of the service at ``endpoint`` (the URL that was asked for), with the limits in ``settings``."""
    service, dataset = ox.NamedNode(endpoint), ox.NamedNode(f"{endpoint}#dataset")
    formats = {variant.format for variants in ANSWER_VARIANTS.values() for variant in variants}
    told: list[tuple[ox.NamedNode, ox.NamedNode | ox.Literal]] = [
        (_A, _sd("Service")),
        (_LABEL, ox.Literal(f"SPARQL: {in_language(manifest.title)}", language="en")),
        (_COMMENT, ox.Literal(_limits_in_words(settings), language="en")),
        (_sd("endpoint"), service),
        (_sd("supportedLanguage"), _sd("SPARQL11Query")),
        (_sd("defaultDataset"), dataset),
        *((_sd("resultFormat"), ox.NamedNode(_FORMATS + _RESULT_FORMATS[name])) for name in sorted(formats)),
        (ox.NamedNode(SERVICE.timeLimit), _typed(f"PT{settings.query_seconds:g}S", "duration")),
        (ox.NamedNode(SERVICE.memoryLimit), _typed(settings.query_memory * 1024 * 1024, "integer")),
        (ox.NamedNode(SERVICE.rowLimit), _typed(settings.answer_rows, "integer")),
        (ox.NamedNode(SERVICE.byteLimit), _typed(settings.answer_bytes, "integer")),
        (ox.NamedNode(SERVICE.queryLimit), _typed(settings.query_bytes, "integer")),
    ]
    if settings.services:
        told.append((_sd("feature"), _sd("BasicFederatedQuery")))
        told += [(ox.NamedNode(SERVICE.mayCall), ox.NamedNode(iri)) for iri in settings.services.split()]
    triples = [ox.Triple(service, predicate, value) for predicate, value in told]
    if not settings.endpoint:  # the functions are those of the embedded engine
        triples += _functions(service)
    return [*triples, *_dataset(manifest, endpoint, dataset)]


def _limits_in_words(settings: Settings) -> str:
    return (
        f"A query may take {settings.query_seconds:g} seconds and {settings.query_memory:,} MiB; then it is stopped, "
        f"and the answer is 503. An answer is cut after {settings.answer_rows:,} rows or triples, or "
        f"{settings.answer_bytes:,} bytes; a cut answer says so."
    )


def _functions(service: ox.NamedNode) -> Iterator[ox.Triple]:
    for function in FUNCTIONS:
        node = ox.NamedNode(function.iri)
        yield ox.Triple(service, _sd("extensionFunction"), node)
        yield ox.Triple(node, _A, _sd("Function"))
        yield ox.Triple(node, _COMMENT, ox.Literal(function.says, language="en"))


def _dataset(manifest: Manifest, endpoint: str, dataset: ox.NamedNode) -> Iterator[ox.Triple]:
    void_triples = ox.NamedNode(PREFIXES["void"] + "triples")
    default = ox.NamedNode(f"{endpoint}#default-graph")
    yield ox.Triple(dataset, _A, _sd("Dataset"))
    yield ox.Triple(dataset, _sd("defaultGraph"), default)
    yield ox.Triple(default, _A, _sd("Graph"))
    yield ox.Triple(default, void_triples, ox.Literal(manifest.triples["data"]))
    for name, count in manifest.graphs.items():
        node = ox.NamedNode(f"{endpoint}#{name.removeprefix(graph_iri(manifest.base, '')).replace('/', '-')}")
        graph = ox.NamedNode(f"{node.value}-graph")
        yield ox.Triple(dataset, _sd("namedGraph"), node)
        yield ox.Triple(node, _A, _sd("NamedGraph"))
        yield ox.Triple(node, _sd("name"), ox.NamedNode(name))
        yield ox.Triple(node, _sd("graph"), graph)
        yield ox.Triple(graph, _A, _sd("Graph"))
        yield ox.Triple(graph, void_triples, ox.Literal(count))
