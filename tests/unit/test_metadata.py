"""Descriptions made of facts: their counts, their form, and what a hostile text can do in them (nothing)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rdflib import DCTERMS, PROV, RDF, VOID, XSD, BNode, Graph, Literal, Namespace, URIRef

from kg import shacl
from kg.metadata import DCAT_AP, Distribution, Version, sources
from kg.metadata.authority import language_iri
from kg.metadata.dcat import DCAT, SPDX, complete, describe, part_of
from kg.metadata.history import history
from kg.metadata.targets import Targets
from kg.metadata.void import describe as describe_in_void
from kg.representation.schema_org import as_script
from kg.representation.schema_types import SchemaTypes
from kg.shacl.results import Result
from kg.source import from_rdflib, parse_turtle
from kg.statistics import Statistics, statistics

BASE = "https://data.example.org/x/"
DATASET = URIRef(f"{BASE}dataset")
DCATAP = Namespace("http://data.europa.eu/r5r/")
FOAF = Namespace("http://xmlns.com/foaf/0.1/")
RDFS_SUB = "http://www.w3.org/2000/01/rdf-schema#subClassOf"
SKOS = "http://www.w3.org/2004/02/skos/core#"
OWL = "http://www.w3.org/2002/07/owl#"
SCHEMA = "https://schema.org/"


def version(number: int = 1, **other: Any) -> Version:
    files = tuple(
        Distribution(f"dumps/{part}.{suffix}{packed}", "text/turtle", 10 + number, f"{number:02x}" * 32)
        for part in ("data", "asserted", "inferred")
        for suffix in ("ttl", "nt", "nq", "trig", "jsonld", "rdf")
        for packed in ("", ".gz")
    )
    facts: dict[str, Any] = {
        "base": BASE, "dataset": str(DATASET), "name": f"1.{number}-abc", "version": f"1.{number}",
        "date": f"2026-01-{number:02}", "title": {"en": "X", "de": "Das X"}, "description": {"en": "About x."},
        "licence": "https://creativecommons.org/publicdomain/zero/1.0/", "languages": ("en", "de"),
        "distributions": (*files, Distribution("statistics.json", "application/json", 1, "00" * 32)),
    }  # fmt: skip
    return Version(**{**facts, **other})


def own_words() -> Graph:
    """What a project says of itself."""
    graph = Graph(bind_namespaces="none")
    graph.parse(
        format="turtle",
        data=f"""
        @prefix dcat: <{DCAT}> . @prefix dcterms: <{DCTERMS}> . @prefix foaf: <{FOAF}> . @prefix void: <{VOID}> .
        @prefix skos: <{SKOS}> . @prefix xsd: <{XSD}> .
        <{DATASET}> a dcat:Dataset ; dcterms:title "X"@en ; dcterms:description "About x."@en ;
            dcterms:license <https://creativecommons.org/publicdomain/zero/1.0/> ; dcterms:language "en" , "de" ;
            dcterms:publisher <{DATASET}#us> ; dcat:contactPoint <{DATASET}#us> ; dcat:keyword "x"@en ;
            dcterms:issued "2026-01-01"^^xsd:date ; dcterms:spatial <{DATASET}#here> ;
            dcterms:temporal <{DATASET}#then> ; dcat:version "1.1" ;
            dcat:theme <http://publications.europa.eu/resource/authority/data-theme/AGRI> .
        <{DATASET}#us> a foaf:Agent ; foaf:name "We" .
        <{DATASET}#then> dcat:startDate "2025-01-01"^^xsd:date .
        <http://publications.europa.eu/resource/authority/data-theme/AGRI> skos:prefLabel "Agriculture"@en .
        <{DATASET}#things> a void:Dataset ; void:uriSpace "https://things.example.org/" .
        """,
    )
    return graph


def described() -> Graph:
    graph = own_words()
    describe(graph, version(), [f"{BASE}ns"])
    complete(graph)
    return graph


def profile(graph: Graph) -> list[Result]:
    return shacl.validate(from_rdflib(graph, "urn:x:data"), parse_turtle(DCAT_AP, "urn:x:shapes").quads)


def severe(graph: Graph, *names: str) -> list[tuple[str, str]]:
    return [(r.focus, r.path) for r in profile(graph) if r.severity.rpartition("#")[2] in names]


def test_what_is_described_passes_the_profile() -> None:
    assert severe(described(), "Violation", "Warning") == []


# Each takes something away or spoils it: (subject or None for all, property, new value or None), and what is then found.
SPOILT = [
    ("title", DATASET, DCTERMS.title, None, "Violation"),
    ("description", DATASET, DCTERMS.description, None, "Violation"),
    ("a title that is no text", DATASET, DCTERMS.title, URIRef("urn:x:1"), "Violation"),
    ("publisher of the catalogue", URIRef(f"{BASE}catalog"), DCTERMS.publisher, None, "Violation"),
    ("publisher that is no agent", DATASET, DCTERMS.publisher, URIRef("urn:x:1"), "Violation"),
    ("name of the agent", URIRef(f"{DATASET}#us"), FOAF.name, None, "Violation"),
    ("access", None, DCAT.accessURL, None, "Violation"),
    ("size that is none", None, DCAT.byteSize, Literal(-1), "Violation"),
    ("size as text", None, DCAT.byteSize, Literal("big"), "Violation"),
    ("media type that is none of IANA", None, DCAT.mediaType, URIRef("urn:x:text"), "Violation"),
    ("checksum's value", None, SPDX.checksumValue, None, "Violation"),
    ("checksum in capitals", None, SPDX.checksumValue, Literal("AB", datatype=XSD.hexBinary, normalize=False), "Violation"),
    ("endpoint", None, DCAT.endpointURL, None, "Violation"),
    ("date that is none", DATASET, DCTERMS.issued, Literal("soon"), "Violation"),
    ("contact", DATASET, DCAT.contactPoint, None, "Warning"),
    ("keyword", DATASET, DCAT.keyword, None, "Warning"),
    ("theme", DATASET, DCAT.theme, None, "Warning"),
    ("place", DATASET, DCTERMS.spatial, None, "Warning"),
    ("time", DATASET, DCTERMS.temporal, None, "Warning"),
    ("format", None, DCTERMS.format, None, "Warning"),
    ("licence of files", None, DCTERMS.license, None, "Warning"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("subject", "predicate", "value", "severity"), [s[1:] for s in SPOILT], ids=[s[0] for s in SPOILT]
)
def test_the_profile_finds_what_is_spoilt(subject: URIRef | None, predicate: URIRef, value: Any, severity: str) -> None:
    graph = described()
    for node in set(graph.subjects(predicate)) if subject is None else {subject}:
        graph.remove((node, predicate, None))
        if value is not None:
            graph.add((node, predicate, value))
    assert str(predicate) in {path.strip("<>") for _, path in severe(graph, severity)}


def test_every_dump_is_a_distribution_and_nothing_else() -> None:
    graph = described()
    wanted = {
        f"{BASE}dumps/1.1-abc/{d.path.removeprefix('dumps/')}" for d in version().distributions if part_of(d.path)
    }
    for node in (DATASET, URIRef(version().iri)):
        urls = {str(u) for d in graph.objects(node, DCAT.distribution) for u in graph.objects(d, DCAT.downloadURL)}
        assert urls == wanted
    packed = list(graph.subjects(DCAT.compressFormat))
    assert len(packed) == 18
    assert all(str(n).endswith(".gz") for n in packed)
    # The media type is that of what is packed.
    assert {str(graph.value(n, DCAT.mediaType)) for n in packed if ".ttl" in str(n)} == {
        "https://www.iana.org/assignments/media-types/text/turtle"
    }


def test_nothing_is_without_a_name() -> None:
    graph = described()
    assert not [t for t in graph if any(isinstance(term, BNode) for term in t)]


def test_languages_are_things() -> None:
    authority = "http://publications.europa.eu/resource/authority/language/"
    assert set(described().objects(DATASET, DCTERMS.language)) == {URIRef(f"{authority}ENG"), URIRef(f"{authority}DEU")}
    assert language_iri("pt-BR") == f"{authority}POR"
    assert language_iri("eo") == "http://id.loc.gov/vocabulary/iso639-1/eo"


def test_releases_are_chained() -> None:
    versions = [version(n, instant=f"2026-01-{n:02}T00:00:00Z") for n in (1, 2, 3)]
    graph = history(versions)
    first, second, third = (URIRef(v.iri) for v in versions)
    assert set(graph.subject_objects(PROV.wasRevisionOf)) == {(second, first), (third, second)}
    for predicate in (DCAT.previousVersion, DCTERMS.replaces):
        assert set(graph.subject_objects(predicate)) == set(graph.subject_objects(PROV.wasRevisionOf))
    assert set(graph.objects(DATASET, DCAT.hasVersion)) == {first, second, third}
    assert set(graph.objects(DATASET, DCAT.hasCurrentVersion)) == {third}
    assert severe(graph + described(), "Violation") == []
    assert len(history([])) == 0


def rows(count: int) -> list[tuple[str, str, str]]:
    found = [(f"<{BASE}id/{n}>", f"<{RDF.type}>", f"<{BASE}ns#Kind{n % 3}>") for n in range(count)]
    found += [(f"<{BASE}id/{n}>", f"<{OWL}sameAs>", f"<https://other.example.org/{n}>") for n in range(count)]
    found += [(f"<{BASE}id/{n}>", f"<{BASE}ns#about>", f"<https://things.example.org/a/{n}>") for n in range(4)]
    return found + [(f"<{BASE}id/{n}>", f"<{BASE}ns#page>", f"<https://news.example.org/{n}>") for n in range(5)]


def counted() -> Statistics:
    return statistics(rows(10), BASE)


def test_void_counts_what_is_there() -> None:
    graph = own_words()
    describe_in_void(graph, version(), {"data": 29, "asserted": 29, "inferred": 0}, counted(), {"x": f"{BASE}ns#"})
    void = f"{BASE}.well-known/void#"
    assert graph.value(DATASET, VOID.triples) == Literal(29)
    assert graph.value(DATASET, VOID.classes) == Literal(3)
    assert graph.value(DATASET, VOID.properties) == Literal(4)
    assert graph.value(URIRef(f"{void}class-x-Kind0"), VOID.entities) == Literal(4)
    assert graph.value(URIRef(f"{void}property-x-page"), VOID.triples) == Literal(5)
    partitions = [graph.value(p, VOID.triples) for p in graph.objects(DATASET, VOID.propertyPartition)]
    assert sum(int(n) for n in partitions) == 29  # type: ignore[call-overload]
    assert {str(u) for u in graph.objects(DATASET, VOID.dataDump)} == {
        version().url(d.path) for d in version().distributions if part_of(d.path) == "data"
    }
    # A subset has its own.
    assert len(set(graph.objects(URIRef(f"{void}inferred"), VOID.dataDump))) == 12


def test_a_link_set_leads_to_data() -> None:
    graph = own_words()
    assert Targets(graph, DATASET, {}).counted(counted()) == {
        (f"{OWL}sameAs", "https://other.example.org/"): 10,
        (f"{BASE}ns#about", f"{DATASET}#things"): 4,  # described; ns#page leads to pages
    }


def test_sources_have_the_digests_of_their_files(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/b.ttl").write_bytes(b"")
    (tmp_path / "data/a.ttl").write_bytes(b"x")
    found = sources(tmp_path, [tmp_path / "data/b.ttl", tmp_path / "data/a.ttl", tmp_path / "data/b.ttl"])
    assert [(s.path, s.sha256[:8]) for s in found] == [("data/a.ttl", "2d711642"), ("data/b.ttl", "e3b0c442")]


TYPES = SchemaTypes(
    [
        ("urn:State", RDFS_SUB, "urn:Body"),
        ("urn:Body", f"{SKOS}closeMatch", f"{SCHEMA}Organization"),
        ("urn:Body", f"{SKOS}broadMatch", f"{SCHEMA}Intangible"),
        ("urn:Play", f"{OWL}equivalentClass", "http://schema.org/CreativeWork"),
        ("urn:Loop", RDFS_SUB, "urn:Loop2"),
        ("urn:Loop2", RDFS_SUB, "urn:Loop"),
    ]
)


@pytest.mark.parametrize(
    ("types", "named"),
    [
        (["urn:State", "urn:Body"], ["Organization"]),
        (["urn:State"], ["Organization"]),
        (["urn:Play"], ["CreativeWork"]),
        (["urn:Loop"], ["Thing"]),
        ([], ["Thing"]),
        (["urn:Body", "urn:Play"], ["CreativeWork", "Organization"]),
        ([f"{SKOS}Concept"], ["DefinedTerm"]),
        ([f"{SCHEMA}Bakery"], ["Bakery"]),
        (["http://schema.org/Bakery", f"{SCHEMA}Thing"], ["Bakery"]),
    ],
)
def test_the_type_follows_from_the_ontology(types: list[str], named: list[str]) -> None:
    assert TYPES.of(types) == named


@given(st.text() | st.sampled_from(["</script>", "<!--<script>", "]]>", "\u2028", "&lt;", '"', "\\"]))
def test_no_text_can_leave_the_script(text: str) -> None:
    written = as_script({"@type": "Thing", "name": text})
    assert not set("<>&\u2028\u2029") & set(written)
    assert json.loads(written)["name"] == text
