"""G12: a release's catalogue says all that DCAT and VoID readers look for, and its numbers are those of its dumps.

What must be there follows DCAT-AP (mandatory and recommended properties of Dataset, Distribution and DataService) and
VoID, sections 2 to 4; asked of the catalogue of a release made for this purpose.
"""

from __future__ import annotations

from collections.abc import Iterator

import pyoxigraph as ox
from rdflib import DCAT, DCTERMS, RDF, VOID, Graph, Literal, Namespace, URIRef
from rdflib.term import Node

from kg.findings import Finding
from kg.gates.workpiece import Workpiece
from kg.release.manifest import Release
from kg.terms import PREFIXES

_SPDX = Namespace(PREFIXES["spdx"])
_BY_LANGUAGE = (DCTERMS.title, DCTERMS.description)
_DATASET = {
    DCTERMS.license: "violation",
    DCTERMS.publisher: "violation",
    DCAT.distribution: "violation",
    DCTERMS.issued: "warning",
    DCTERMS.accrualPeriodicity: "warning",
    DCAT.contactPoint: "warning",
    VOID.exampleResource: "warning",
    VOID.dataDump: "violation",
    VOID.sparqlEndpoint: "violation",
    VOID.triples: "violation",
    VOID.uriSpace: "violation",
}
_DISTRIBUTION = (DCTERMS.license, DCAT.accessURL, DCAT.downloadURL, DCAT.mediaType, DCAT.byteSize, _SPDX.checksum)
_SERVICE = (DCTERMS.title, DCAT.endpointURL, DCAT.servesDataset)
_TYPE = ox.NamedNode(str(RDF.type))


def catalogue(work: Workpiece) -> Iterator[Finding]:
    """Properties that the catalogue lacks, and numbers in it that are wrong."""
    if (release := work.release) is None:
        return  # gate G3 tells why there can be none
    graph = Graph(bind_namespaces="none").parse(release.path / "catalogue.ttl", format="turtle")
    dataset = URIRef(work.graph.project.iri)
    yield from _missing_of_dataset(work, graph, dataset)
    for kind, paths in ((DCAT.Distribution, _DISTRIBUTION), (DCAT.DataService, _SERVICE)):
        for node in sorted(graph.subjects(RDF.type, kind), key=str):
            for path in (p for p in paths if graph.value(node, p, any=True) is None):
                yield _missing(work, node, path, "violation")
    yield from _wrong_numbers(work, graph, dataset, release)


def _missing_of_dataset(work: Workpiece, graph: Graph, dataset: URIRef) -> Iterator[Finding]:
    for path in _BY_LANGUAGE:
        told = {value.language for value in graph.objects(dataset, path) if isinstance(value, Literal)}
        for code in work.graph.project.languages:
            if code not in told:
                yield _missing(work, dataset, path, "violation", f" ({code})")
    for path, severity in _DATASET.items():
        if graph.value(dataset, path, any=True) is None:
            yield _missing(work, dataset, path, severity)
    if not graph.value(None, DCAT.servesDataset, dataset):
        yield _missing(work, dataset, DCAT.servesDataset, "violation")


def _missing(work: Workpiece, node: Node, path: URIRef, severity: str, language: str = "") -> Finding:
    return work.finding(
        severity,
        "G12 missing",
        str(node),
        f"the catalogue lacks this{language}; state it in data/dataset.ttl",
        f"dies fehlt im Katalog{language}; in data/dataset.ttl angeben",
        str(path),
    )


def _wrong_numbers(work: Workpiece, graph: Graph, dataset: URIRef, release: Release) -> Iterator[Finding]:
    triples = set(ox.parse(path=release.path / "dumps/data.ttl", format=ox.RdfFormat.TURTLE))
    subjects = {t.subject for t in triples}
    example = graph.value(dataset, VOID.exampleResource, any=True)
    counted = {
        VOID.triples: len(triples),
        VOID.entities: len({s for s in subjects if isinstance(s, ox.NamedNode) and s.value.startswith(work.base)}),
        VOID.distinctSubjects: len(subjects),
        VOID.distinctObjects: len({t.object for t in triples}),
        VOID.properties: len({t.predicate for t in triples}),
        VOID.classes: len({t.object for t in triples if t.predicate == _TYPE}),
    }
    for path, number in counted.items():
        for value in graph.objects(dataset, path):
            if str(value) != str(number):
                yield _wrong(work, str(dataset), path, f"{number} in the dump", f"{number} im Dump", value)
    if example is not None and ox.NamedNode(str(example)) not in subjects:
        yield _wrong(work, str(dataset), VOID.exampleResource, "not in the dump", "nicht im Dump", example)
    for node in sorted(graph.subjects(RDF.type, DCAT.Distribution), key=str):
        name = str(graph.value(node, DCAT.downloadURL, any=True)).rpartition("/")[2]
        size, sha256 = release.manifest.files.get(f"dumps/{name}", (0, ""))
        checksum = graph.value(node, _SPDX.checksum, any=True)
        facts = [(DCAT.byteSize, graph.value(node, DCAT.byteSize, any=True), str(size))]
        if checksum is not None:
            facts.append((_SPDX.checksumValue, graph.value(checksum, _SPDX.checksumValue, any=True), sha256))
        for path, told, right in facts:
            if told is not None and str(told) != right:
                yield _wrong(work, str(node), path, f"{right} by the file", f"{right} laut Datei", told)


def _wrong(work: Workpiece, node: str, path: URIRef, en: str, de: str, value: Node) -> Finding:
    return work.finding(
        "violation",
        "G12 wrong",
        node,
        f"this is {en}; correct the catalogue",
        f"dies ist {de}; den Katalog berichtigen",
        str(path),
        value.n3() if isinstance(value, URIRef | Literal) else "",
    )
