"""The canonical form of a dataset, and what is written from it: the laws that hold for every dataset."""

from __future__ import annotations

import hashlib
import json
from collections import Counter

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import Graph, Literal
from rdflib.term import Node

from kg.errors import ReleaseError
from kg.graph import as_rdflib
from kg.release.canonical import canonical
from kg.release.dumps import arranged, rdf_xml_parts, trig_parts, turtle_parts
from kg.release.jsonld import json_ld_parts
from kg.statistics import statistics

GRAPHS = ["https://example.org/graph/b", "https://example.org/graph/a", "https://example.org/graph/a/c"]
PREFIXES = {
    "ex": "https://example.org/",
    "id": "https://example.org/id/",
    "ns": "https://example.org/ns#",
    "urn": "https://example.org/urn/",  # also the scheme of an IRI below
    "half": "https://example.org/i",  # ends where no namespace of JSON-LD may
    "xmlish": "https://example.org/x#",
    "rdf": "https://example.org/not-rdf#",
    "again": "https://example.org/ns#",
}
IRIS = [
    "https://example.org/",
    "https://example.org/id/a",
    "https://example.org/id/b/c",
    "https://example.org/id//b",
    "https://example.org/ns#T",
    "https://example.org/x#T",
    "https://example.org/é",
    "https://elsewhere.example/a?b=c&d=e",
    "urn:x:y",
    "ns:odd",
    "mailto:a@example.org",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#nil",
]
PROPERTIES = [
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#type",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#first",
    "https://example.org/ns#p",
    "https://example.org/ns#pq",
    "https://example.org/id/p",
    "https://elsewhere.example/p",
    "urn:x:p",
]
TEXTS = [
    "",
    "a",
    "a\r\nb\tc",
    "\r",
    "<b>&amp;]]></b>",
    '"\\',
    "é\u2028\U0001f35e",
    "_:b",
    " <https://x> .",
    "@prefix x: <y> .",
]

named = st.sampled_from(IRIS).map(ox.NamedNode)
blank = st.sampled_from("bcdefg").map(ox.BlankNode)
literal = st.one_of(
    st.sampled_from(TEXTS).map(ox.Literal),
    st.sampled_from(TEXTS).map(lambda text: ox.Literal(text, language="de-at")),
    st.sampled_from(["1", "01", "1.0E0", "INF"]).flatmap(
        lambda text: st.sampled_from(["integer", "decimal", "double", "boolean"]).map(
            lambda kind: ox.Literal(text, datatype=ox.NamedNode(f"http://www.w3.org/2001/XMLSchema#{kind}"))
        )
    ),
    st.sampled_from(TEXTS).map(lambda text: ox.Literal(text, datatype=ox.NamedNode("https://example.org/ns#odd"))),
)
quad = st.builds(
    ox.Quad,
    st.one_of(named, blank),
    st.sampled_from(PROPERTIES).map(ox.NamedNode),
    st.one_of(named, blank, literal),
    st.sampled_from(GRAPHS).map(ox.NamedNode),
)
quads = st.lists(quad, max_size=25)


def whole_canonical(given_quads: list[ox.Quad], algorithm: ox.CanonicalizationAlgorithm) -> bytes:
    """The whole dataset through the algorithm, as RDFC-1.0 has it."""
    dataset = ox.Dataset(given_quads)
    dataset.canonicalize(algorithm)
    written = ox.serialize(dataset, format=ox.RdfFormat.N_QUADS) or b""
    return b"".join(sorted(written.splitlines(keepends=True)))


@given(quads)
@settings(deadline=None)
def test_only_what_has_blank_nodes_needs_the_algorithm(given_quads: list[ox.Quad]) -> None:
    content = canonical(given_quads)
    expected = whole_canonical(given_quads, ox.CanonicalizationAlgorithm.RDFC_1_0)
    assert b"".join(content.lines) == expected
    assert content.digest() == hashlib.sha256(expected).hexdigest()
    other = whole_canonical(given_quads, ox.CanonicalizationAlgorithm.RDFC_1_0_SHA_384)
    assert content.digest_sha384() == hashlib.sha384(other).hexdigest()
    assert [f"{quad} .\n".encode() for quad in content.quads] == content.lines


@given(quads, st.randoms(use_true_random=False))
@settings(deadline=None)
def test_neither_order_nor_labels_nor_repetition_matter(given_quads: list[ox.Quad], chance: object) -> None:
    def renamed(term: object) -> object:
        return ox.BlankNode(f"z{ord(term.value)}") if isinstance(term, ox.BlankNode) else term

    others = [
        ox.Quad(renamed(q.subject), q.predicate, renamed(q.object), q.graph_name)  # type: ignore[arg-type]
        for q in [*given_quads, *given_quads[:3]]
    ]
    chance.shuffle(others)  # type: ignore[attr-defined]
    assert canonical(others).lines == canonical(given_quads).lines


def clique(size: int) -> list[ox.Quad]:
    """Blank nodes each of which refers to every other: nothing tells one from another."""
    nodes, p = [ox.BlankNode(f"n{n}") for n in range(size)], ox.NamedNode(PROPERTIES[2])
    return [ox.Quad(a, p, b, ox.NamedNode(GRAPHS[0])) for a in nodes for b in nodes if a != b]


def test_poison_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kg.release.canonical.PATIENCE", 1)
    with pytest.raises(ReleaseError, match="too many look alike"):
        canonical(clique(12))


def test_many_that_look_alike_are_labelled_as_ever() -> None:
    p = ox.NamedNode(PROPERTIES[2])
    pairs = [
        ox.Quad(ox.BlankNode(f"{side}{n}"), p, ox.BlankNode(f"{other}{n}"), ox.NamedNode(GRAPHS[0]))
        for n in range(40)
        for side, other in (("a", "b"), ("b", "c"))
    ]
    for given_quads in (pairs, clique(5) + pairs):
        expected = whole_canonical(given_quads, ox.CanonicalizationAlgorithm.RDFC_1_0)
        content = canonical(given_quads)
        assert b"".join(content.lines) == expected
        other_digest = whole_canonical(given_quads, ox.CanonicalizationAlgorithm.RDFC_1_0_SHA_384)
        assert content.digest_sha384() == hashlib.sha384(other_digest).hexdigest()


@given(quads)
@settings(deadline=None)
def test_triples_stand_once_in_the_order_of_canonical_n_triples(given_quads: list[ox.Quad]) -> None:
    content = canonical(given_quads)
    lines = list(content.triple_lines())
    assert lines == sorted({f"{quad.triple} .\n".encode() for quad in content.quads})
    assert content.graphs() == Counter(str(q.graph_name)[1:-1] for q in content.quads)


@given(quads)
@settings(deadline=None)
def test_every_format_holds_the_same(given_quads: list[ox.Quad]) -> None:
    content = canonical(given_quads)
    arrangement = arranged(content, GRAPHS)
    triples = {quad.triple for quad in content.quads}
    sections = [(graph, arrangement.sections[graph]) for graph in GRAPHS]
    written = {
        ox.RdfFormat.TURTLE: b"".join(turtle_parts(sections, PREFIXES, ["a heading"])),
        ox.RdfFormat.JSON_LD: b"".join(json_ld_parts(arrangement.once, PREFIXES, content.lines)),
        ox.RdfFormat.RDF_XML: b"".join(rdf_xml_parts(arrangement.once, PREFIXES)),
        ox.RdfFormat.N_TRIPLES: b"".join(content.triple_lines()),
    }
    for form, text in written.items():
        read = [q.triple for q in ox.parse(text, form)]
        # The labels of blank nodes are the canonical ones in each, so no search for an isomorphism is needed.
        assert set(read) == triples, form
        assert len(read) == len(triples), form
    trig = b"".join(trig_parts(arrangement.graphs, PREFIXES, ["a heading"]))
    assert sorted(map(str, ox.parse(trig, ox.RdfFormat.TRIG))) == [str(quad) for quad in content.quads]
    # Another reader understands it, too; rdflib writes "01" as "1", the same number.
    told = {tuple(map(normalised, triple)) for triple in as_rdflib(triples)}
    for form, name in ((ox.RdfFormat.JSON_LD, "json-ld"), (ox.RdfFormat.RDF_XML, "xml")):
        read_graph = Graph().parse(data=written[form], format=name)
        assert len({tuple(map(normalised, triple)) for triple in read_graph}) == len(told)
    assert isinstance(json.loads(written[ox.RdfFormat.JSON_LD])["@graph"], list)


def normalised(term: Node) -> Node:
    return Literal(str(term), term.language, term.datatype) if isinstance(term, Literal) else term


def test_reading_order_has_types_first_and_sections_in_the_order_of_the_graphs() -> None:
    a, b = (ox.NamedNode(f"https://example.org/id/{name}") for name in "ab")
    p, kind = ox.NamedNode("https://example.org/a"), ox.NamedNode(PROPERTIES[0])
    first, second = (ox.NamedNode(graph) for graph in GRAPHS[:2])
    content = canonical(
        [ox.Quad(b, p, a, second), ox.Quad(a, p, b, second), ox.Quad(a, kind, b, second), ox.Quad(a, p, b, first)]
    )
    found = arranged(content, GRAPHS)
    assert [quad.triple for quad in found.once] == [ox.Triple(a, kind, b), ox.Triple(a, p, b), ox.Triple(b, p, a)]
    assert [[q.triple.subject for q in found.sections[g]] for g in GRAPHS] == [[a], [a, b], []]
    assert [len(found.graphs[g]) for g in GRAPHS] == [1, 3, 0]


@pytest.mark.parametrize("size", [19_999, 20_001, 45_000])
def test_large_graphs_are_written_in_pieces_that_fit_together(size: int) -> None:
    graph, p = ox.NamedNode(GRAPHS[0]), ox.NamedNode("https://example.org/ns#p")
    content = canonical(
        ox.Quad(ox.NamedNode(f"https://example.org/id/{n // 7}"), p, ox.Literal(str(n)), graph) for n in range(size)
    )
    arrangement = arranged(content, GRAPHS)
    told: list[int] = []
    turtle = b"".join(turtle_parts([("", arrangement.once)], PREFIXES, (), told.append))
    assert sum(told) == size
    assert turtle.count(b"@prefix ex:") == 1
    # A subject is never torn apart.
    assert turtle.count(b"\nid:") == len({q.subject for q in content.quads})
    assert len(set(ox.parse(turtle, ox.RdfFormat.TURTLE))) == size
    for form, text in (
        (ox.RdfFormat.RDF_XML, b"".join(rdf_xml_parts(arrangement.once, PREFIXES))),
        (ox.RdfFormat.JSON_LD, b"".join(json_ld_parts(arrangement.once, PREFIXES, content.lines))),
    ):
        assert len(set(ox.parse(text, form))) == size
    trig = b"".join(trig_parts(arrangement.graphs, PREFIXES))
    assert trig.count(b"{") == trig.count(b"}") == 1
    assert len(set(ox.parse(trig, ox.RdfFormat.TRIG))) == size


@given(quads)
@settings(deadline=None)
def test_statistics_are_counts(given_quads: list[ox.Quad]) -> None:
    content = canonical(given_quads)
    triples = {quad.triple for quad in content.quads}
    rows = [(str(t.subject), str(t.predicate), str(t.object)) for t in triples]
    found = statistics(rows, "https://example.org/")
    assert found.triples == len(triples)
    assert found.subjects == len({t.subject for t in triples})
    assert found.predicates == len(found.properties) == len({t.predicate for t in triples})
    assert found.objects == len({t.object for t in triples})
    assert found.properties == Counter(t.predicate.value for t in triples)
    types = [t.object for t in triples if t.predicate.value == PROPERTIES[0]]
    assert found.classes == Counter(kind.value for kind in types if isinstance(kind, ox.NamedNode))


def test_links_lead_out_of_the_dataset() -> None:
    own, p = "<https://example.org/id/a>", "<https://example.org/ns#p>"
    found = statistics(
        [
            (own, p, "<https://elsewhere.example/things/1>"),
            (own, p, "<https://elsewhere.example/things/2>"),
            (own, p, "<https://elsewhere.example/terms#t>"),
            (own, p, "<urn:isbn:123>"),
            (own, p, "<https://example.org/id/b>"),
            (own, p, '"https://elsewhere.example/"'),
            (own, f"<{PROPERTIES[0]}>", "<https://elsewhere.example/terms#Class>"),
            ("<https://elsewhere.example/x>", p, "<https://elsewhere.example/y>"),
        ],
        "https://example.org/",
    )
    assert found.links == {
        ("https://example.org/ns#p", "https://elsewhere.example/terms#"): 1,
        ("https://example.org/ns#p", "https://elsewhere.example/things/"): 2,
        ("https://example.org/ns#p", "urn:isbn:"): 1,
    }
