"""G12: a release's catalogue says all that DCAT and VoID readers look for, and its numbers are those of its dumps.

What DCAT-AP 3 asks stands in shapes (``kg.metadata.DCAT_AP``); what VoID asks beside it (sections 2 to 4), and every
language, is asked here. Asked of the catalogue of a release made for this purpose.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
from rdflib import DCAT, DCTERMS, RDF, SH, VOID, Graph, Literal, Namespace, URIRef
from rdflib.term import Node

from kg import shacl
from kg.findings import Finding
from kg.gates.workpiece import Workpiece
from kg.metadata import DCAT_AP
from kg.release.manifest import Release
from kg.source import parse_turtle
from kg.terms import PREFIXES

_SPDX = Namespace(PREFIXES["spdx"])
_BY_LANGUAGE = (DCTERMS.title, DCTERMS.description)
_DATASET = {
    DCTERMS.license: "violation",
    DCTERMS.issued: "warning",
    DCTERMS.accrualPeriodicity: "warning",
    VOID.exampleResource: "warning",
    VOID.dataDump: "violation",
    VOID.sparqlEndpoint: "violation",
    VOID.triples: "violation",
    VOID.uriSpace: "violation",
}
_TYPE = ox.NamedNode(str(RDF.type))
# What is an info there, somebody else would have to say.
_SEVERITY = {str(SH.Violation): "violation", str(SH.Warning): "warning"}


def catalogue(work: Workpiece) -> Iterator[Finding]:
    """Properties that the catalogue lacks or that DCAT-AP does not allow, and numbers in it that are wrong."""
    if (release := work.release) is None:
        return  # gate G3 tells why there can be none
    file = release.path / "catalogue.ttl"
    graph = Graph(bind_namespaces="none").parse(file, format="turtle")
    dataset = URIRef(work.graph.project.iri)
    yield from _missing_of_dataset(work, graph, dataset)
    yield from _profile(work, file)
    yield from _wrong_numbers(work, graph, dataset, release)


def _missing_of_dataset(work: Workpiece, graph: Graph, dataset: URIRef) -> Iterator[Finding]:
    for path in _BY_LANGUAGE:
        told = {value.language for value in graph.objects(dataset, path) if isinstance(value, Literal)}
        for code in work.graph.project.languages:
            if code not in told:
                yield _missing(work, str(dataset), f"<{path}>", "violation", f" ({code})")
    for path, severity in _DATASET.items():
        if graph.value(dataset, path, any=True) is None:
            yield _missing(work, str(dataset), f"<{path}>", severity)


def _profile(work: Workpiece, file: Path) -> Iterator[Finding]:
    """What the shapes of DCAT-AP find. What the dataset lacks, its versions and services lack too: told once."""
    data = parse_turtle(file, "urn:x-catalogue").quads
    found = shacl.validate(data, parse_turtle(DCAT_AP, "urn:x-shapes").quads)
    results = [result for result in found if result.severity in _SEVERITY]
    dataset = work.graph.project.iri
    lacking = {result.path for result in results if result.focus == f"<{dataset}>" and _is_missing(result)}
    for result in results:
        focus, severity = result.focus[1:-1], _SEVERITY[result.severity]
        if _is_missing(result):
            if focus == dataset or result.path not in lacking:
                yield _missing(work, focus, result.path, severity)
        else:
            told = dict(result.messages)
            yield work.finding(
                severity,
                "G12 profile",
                focus,
                f"DCAT-AP 3 does not allow this: {told.get('en', '')}",
                f"DCAT-AP 3 lässt dies nicht zu: {told.get('de', '')}",
                result.path.strip("<>"),
                result.value,
            )


def _is_missing(result: shacl.Result) -> bool:
    return result.component == str(SH.MinCountConstraintComponent)


def _missing(work: Workpiece, focus: str, path: str, severity: str, language: str = "") -> Finding:
    return work.finding(
        severity,
        "G12 missing",
        focus,
        f"the catalogue lacks this{language}; state it in data/dataset.ttl",
        f"dies fehlt im Katalog{language}; in data/dataset.ttl angeben",
        path.strip("<>"),
    )


def _wrong_numbers(work: Workpiece, graph: Graph, dataset: URIRef, release: Release) -> Iterator[Finding]:
    triples = set(ox.parse(path=release.path / "dumps/data.ttl", format=ox.RdfFormat.TURTLE))
    subjects = {t.subject for t in triples}
    example = graph.value(dataset, VOID.exampleResource, any=True)
    types = Counter(t.object for t in triples if t.predicate == _TYPE)
    properties = Counter(t.predicate for t in triples)
    counted = {
        VOID.triples: len(triples),
        VOID.entities: len({s for s in subjects if isinstance(s, ox.NamedNode) and s.value.startswith(work.base)}),
        VOID.distinctSubjects: len(subjects),
        VOID.distinctObjects: len({t.object for t in triples}),
        VOID.properties: len(properties),
        VOID.classes: len([kind for kind in types if isinstance(kind, ox.NamedNode)]),
    }
    for path, number in counted.items():
        yield from _compared(work, graph, dataset, path, number)
    for node, kind in graph.subject_objects(VOID["class"]):
        yield from _compared(work, graph, node, VOID.entities, types[ox.NamedNode(str(kind))])
    for node, prop in graph.subject_objects(VOID.property):
        yield from _compared(work, graph, node, VOID.triples, properties[ox.NamedNode(str(prop))])
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


def _compared(work: Workpiece, graph: Graph, node: Node, path: URIRef, number: int) -> Iterator[Finding]:
    for value in graph.objects(node, path):
        if str(value) != str(number):
            yield _wrong(work, str(node), path, f"{number} in the dump", f"{number} im Dump", value)


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
