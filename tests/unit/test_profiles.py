"""Profiles, the JSON-LD context, link sets and tombstones, without a server."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from urllib.parse import urljoin

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import OWL, RDF, RDFS, XSD, Graph

from kg.graph import as_rdflib
from kg.negotiate import (
    DOCUMENT_VARIANTS,
    RESOURCE_VARIANTS,
    choose,
    choose_profile,
    json_ld_form,
    parse_accept,
    parse_accept_profile,
)
from kg.representation import linkset
from kg.representation.context import Context, context_of
from kg.representation.profiles import ALTERNATES, FULL, LABELS, PROFILES, TOKENS
from kg.representation.tombstone import DEPRECATED, REPLACED_BY, Fate, fate
from tests.conftest import trials

BASE = "https://example.org/"
PREFIXES = {
    "x": BASE + "ns#",
    "item": BASE + "item/",
    "xsd": str(XSD),
    "rdf": str(RDF),
    "urn": "urn:not-a-prefix:",
    "odd": "https://example.org/odd",
    "part": BASE + "item/part#",
}


# -- Accept-Profile ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        (None, None),
        ("", None),
        (" , ;q=1,", None),
        ("<urn:a>", {"urn:a": 1.0}),
        ("<urn:a>;q=0.5, <urn:b,c>; q=1 , <urn:d>;q=0", {"urn:a": 0.5, "urn:b,c": 1.0, "urn:d": 0.0}),
        ('"urn:a";q=0.25', {"urn:a": 0.25}),
        ("labels,full;q=0.5", {LABELS.iri: 1.0, FULL.iri: 0.5}),
        ("*;q=0.1", {"*": 0.1}),
        ("<urn:a>;q=9", {"urn:a": 1.0}),
        ("<urn:a>;q=much", {"urn:a": 1.0}),
    ],
)
def test_accept_profile_is_read(header: str | None, wanted: dict[str, float] | None) -> None:
    assert parse_accept_profile(header, TOKENS) == wanted


@given(st.text())
def test_any_header_can_be_read(text: str) -> None:
    parse_accept_profile(text, TOKENS)
    json_ld_form(parse_accept(text))
    choose_profile(parse_accept(text), parse_accept_profile(text, TOKENS), PROFILES)


weights = st.sampled_from([0.0, 0.3, 0.5, 1.0])


@given(
    # application/json is a name for JSON-LD where there is no plain JSON
    types=st.dictionaries(st.sampled_from([v.media_type for v in DOCUMENT_VARIANTS]), weights, min_size=1),
    profiles=st.dictionaries(st.sampled_from([p.iri for p in PROFILES]), weights, min_size=1),
)
def test_the_best_pair_is_chosen(types: dict[str, float], profiles: dict[str, float]) -> None:
    accept = parse_accept(", ".join(f"{name};q={weight}" for name, weight in types.items()))
    chosen = choose_profile(accept, profiles, PROFILES)
    worth = {
        (p.token, v.suffix): profiles.get(p.iri, 0) * types.get(v.media_type, 0) for p in PROFILES for v in p.variants
    }
    if chosen is None:
        assert max(worth.values()) == 0
    else:
        assert worth[chosen[0].token, chosen[1].suffix] == max(worth.values()) > 0


def test_who_asks_for_no_profile_gets_all() -> None:
    for variant in RESOURCE_VARIANTS:
        assert choose_profile(parse_accept(variant.media_type), None, PROFILES) == (FULL, variant)
        assert choose(parse_accept(variant.media_type), RESOURCE_VARIANTS) is variant
    assert {p.token for p in PROFILES} == {"full", "labels", "alt"}
    assert len({p.iri for p in PROFILES}) == len(PROFILES)
    assert ALTERNATES.variants[0] is FULL.variants[0]


# -- The context -------------------------------------------------------------------------------------------------------

ONTOLOGY = f"""
@prefix x: <{BASE}ns#> . @prefix owl: <{OWL}> . @prefix rdfs: <{RDFS}> . @prefix xsd: <{XSD}> .
x:knows a owl:ObjectProperty . x:born a owl:DatatypeProperty ; rdfs:range xsd:date .
x:age a owl:DatatypeProperty ; rdfs:range xsd:integer . x:alive a owl:DatatypeProperty ; rdfs:range xsd:boolean .
x:name a owl:DatatypeProperty ; rdfs:range xsd:string . x:note a owl:AnnotationProperty . x:Person a owl:Class .
x:item a owl:Class . <{BASE}other#name> a owl:AnnotationProperty . x:two a owl:DatatypeProperty ;
  rdfs:range xsd:date , xsd:gYear . <https://elsewhere.example/ns#far> a owl:ObjectProperty .
"""


@pytest.fixture(scope="module")
def context() -> Context:
    triples = (q.triple for q in ox.parse(ONTOLOGY, ox.RdfFormat.TURTLE))
    return context_of(triples, BASE, PREFIXES)


def test_terms_are_those_of_the_ontology(context: Context) -> None:
    assert context.terms["knows"] == {"@id": BASE + "ns#knows", "@type": "@id"}
    assert context.terms["born"] == {"@id": BASE + "ns#born", "@type": str(XSD.date)}
    assert context.terms["note"] == {"@id": BASE + "ns#note"}
    assert context.terms["Person"] == {"@id": BASE + "ns#Person"}
    # two ranges fix no type; a name that two terms have is nobody's, and a prefix keeps its own
    assert context.terms["two"] == {"@id": BASE + "ns#two"}
    assert "name" not in context.terms
    assert context.terms["item"] == BASE + "item/"
    assert "far" not in context.terms
    # what would be taken for the scheme of an IRI, and a namespace that JSON-LD takes for no prefix
    assert "urn" not in context.terms
    assert "odd" not in context.terms


iris = st.sampled_from(
    [
        BASE + "item/1",
        BASE + "item/part#a",
        BASE + "item/",
        BASE + "item///x",
        BASE + "ns#Person",
        BASE + "ns#knows",
        BASE,
        "urn:a:b",
        "x:y",
        "item:1",
        "xsd://host/path",
        "mailto:a@example.org",
        "tag:example.org,2026:x",
        "https://example.org/odd/1",
    ]
).map(ox.NamedNode)
predicates = st.sampled_from(
    [*(BASE + "ns#" + n for n in ("knows", "born", "age", "alive", "name", "note", "two")), str(RDF.type), "x:y"]
).map(ox.NamedNode)
datatypes = st.sampled_from([XSD.date, XSD.integer, XSD.boolean, XSD.gYear, XSD.double, XSD.decimal, "x:z"])
lexical = st.sampled_from(["1", "01", "-0", "0", "true", "1.5E0", "2026-01-01", "", "x:y", "99999999999999999999"])
objects = st.one_of(
    iris,
    st.sampled_from([ox.BlankNode("a"), ox.BlankNode("b")]),
    st.builds(ox.Literal, lexical),
    st.builds(lambda text, tag: ox.Literal(text, language=tag), lexical, st.sampled_from(["en", "de"])),
    st.builds(lambda text, kind: ox.Literal(text, datatype=ox.NamedNode(str(kind))), lexical, datatypes),
)
triples = st.lists(st.builds(ox.Triple, st.one_of(iris, st.just(ox.BlankNode("a"))), predicates, objects), max_size=12)


@settings(max_examples=trials(200, 3000), deadline=None)
@given(triples)
def test_plain_json_expands_to_the_same_graph(context: Context, told: list[ox.Triple]) -> None:
    content = json.loads(context.write(told, BASE + "item/1"))
    contexts = [context.terms, *([content.pop("@context")] if "@context" in content else [])]
    whole = json.dumps({"@context": contexts, **content})
    assert as_rdflib(ox.parse(whole, ox.RdfFormat.JSON_LD)).isomorphic(as_rdflib(told))


def test_a_second_reader_sees_the_same_graph(context: Context) -> None:
    told = [q.triple for q in ox.parse(ONTOLOGY, ox.RdfFormat.TURTLE)]
    content = json.loads(context.write(told))
    read = Graph().parse(data=json.dumps({"@context": context.terms, **content}), format="json-ld")
    assert read.isomorphic(as_rdflib(told))


# -- Link sets ---------------------------------------------------------------------------------------------------------

LINKS: list[linkset.Link] = [
    ("/doc/crème", "canonical", {}),
    ("https://example.org/é", "first memento", {"type": 'text/"odd"', "profile": "urn:a"}),
    ("?page=2", "next", {}),
]


def test_links_in_three_notations() -> None:
    anchor = "https://example.org/doc/x"
    assert linkset.header(LINKS[0]) == '</doc/cr%C3%A8me>; rel="canonical"'
    assert linkset.header(LINKS[1]).endswith('; rel="first memento"; type="text/\\"odd\\""; profile="urn:a"')
    told = json.loads(linkset.as_json({anchor: LINKS}))["linkset"]
    assert told == [
        {
            "anchor": anchor,
            "canonical": [{"href": "https://example.org/doc/cr%C3%A8me"}],
            "first": [{"href": "https://example.org/%C3%A9", "type": 'text/"odd"', "profile": ["urn:a"]}],
            "memento": [{"href": "https://example.org/%C3%A9", "type": 'text/"odd"', "profile": ["urn:a"]}],
            "next": [{"href": "https://example.org/doc/x?page=2"}],
        }
    ]
    lines = linkset.as_text({anchor: LINKS}).decode().strip().split(",\n")
    assert lines[2] == f'<{urljoin(anchor, "?page=2")}>; rel="next"; anchor="{anchor}"'


@given(st.text())
def test_a_header_stays_one_line_of_ascii(target: str) -> None:
    try:
        line = linkset.header((target, "next", {}))
    except UnicodeEncodeError:  # a lone surrogate is no text
        return
    assert line.isascii()
    assert line.isprintable()
    assert line.count("<") == line.count(">") == 1


# -- What became of a thing --------------------------------------------------------------------------------------------


def deprecated(*pairs: tuple[str, str | None]) -> list[ox.Triple]:
    found = []
    for thing, survivor in pairs:
        node = ox.NamedNode(BASE + thing)
        found.append(ox.Triple(node, ox.NamedNode(DEPRECATED), ox.Literal(True)))
        if survivor:
            found.append(ox.Triple(node, ox.NamedNode(REPLACED_BY), ox.NamedNode(BASE + survivor)))
    return found


@pytest.fixture
def ending() -> Iterator[None]:
    """Who goes round in a circle for ever fails, instead of keeping all others waiting."""

    def stop(*_: object) -> None:
        pytest.fail("it goes round in a circle")

    former = signal.signal(signal.SIGALRM, stop)
    signal.alarm(10)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, former)


@pytest.mark.parametrize(
    ("told", "wanted"),
    [
        (deprecated(("b", "c")), None),
        (deprecated(("a", None)), Fate(None)),
        (deprecated(("a", "b")), Fate(BASE + "b")),
        (deprecated(("a", "b"), ("b", "c"), ("c", "d")), Fate(BASE + "d")),
        (deprecated(("a", "b"), ("b", None)), Fate(None)),
        (deprecated(("a", "b"), ("a", "c")), Fate(None, (BASE + "b", BASE + "c"))),
        (deprecated(("a", "b"), ("b", "a")), Fate(None)),
        (deprecated(("a", "a")), Fate(None)),
        (deprecated(("a", "b"), ("b", "c"), ("c", "b")), Fate(None)),
    ],
)
@pytest.mark.usefixtures("ending")
def test_what_became_of_a_thing(told: list[ox.Triple], wanted: Fate | None) -> None:
    assert fate(BASE + "a", told) == wanted


def test_who_is_replaced_but_in_use_stays() -> None:
    told = [t for t in deprecated(("a", "b")) if t.predicate.value == REPLACED_BY]
    told.append(ox.Triple(ox.NamedNode(BASE + "a"), ox.NamedNode(DEPRECATED), ox.Literal(False)))
    assert fate(BASE + "a", told) is None
