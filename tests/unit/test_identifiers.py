"""Identifiers as texts: which spellings mean the same, what a text may mean, and prefixes in all their forms."""

from __future__ import annotations

import json
from urllib.parse import quote, urlsplit

import curies
import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.identifiers.declared import Declared
from kg.identifiers.prefixes import PrefixMap
from kg.identifiers.reading import LONGEST, Reader
from kg.identifiers.spelling import Target, Template, alike, plain

BASE = "https://data.example.org/x/"
WIKI = Target(
    f"{BASE}dataset#wiki",
    "wiki",
    {"en": "Wiki"},
    (Template("http://wiki.example/entity/{id}"), Template("https://www.wiki.example/page/{id}")),
)
PLACES = Target(f"{BASE}dataset#places", "places", {}, (Template("https://places.example/{id}/"),))
PREFIXES = PrefixMap({"x": f"{BASE}ns#", "w": "http://wiki.example/entity/", "a": "urn:a:"}, (WIKI, PLACES))
DECLARED = Declared({}, {}, (), (), (), (WIKI, PLACES), ())
READER = Reader(PREFIXES, DECLARED, BASE, "http://localhost:8000/")

NAMES = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z"), exclude_characters="/?#%"), min_size=1)
HOSTS = st.from_regex(r"[a-z]{1,8}(\.[a-z]{1,8}){1,2}", fullmatch=True)
IRIS = st.builds(
    lambda scheme, host, parts, slash, end: f"{scheme}://{host}/{'/'.join(parts)}{slash}{end}",
    st.sampled_from(["http", "https"]),
    HOSTS,
    st.lists(NAMES, min_size=1, max_size=3),
    st.sampled_from(["", "/"]),
    st.sampled_from(["", "?a=1", "#part"]),
)


@given(IRIS)
def test_all_spellings_of_an_iri_compare_alike(iri: str) -> None:
    spellings = alike(iri)
    assert spellings[0] == iri
    assert len(set(spellings)) == len(spellings)
    assert {plain(spelling) for spelling in spellings} == {plain(iri)}


@given(IRIS)
def test_what_is_spelled_otherwise_is_found_among_the_spellings(iri: str) -> None:
    scheme, rest = iri.split("://", 1)
    host, path = rest.split("/", 1)
    other = "http" if scheme == "https" else "https"
    for spelled in (
        f"{other}://{rest}",
        f"{scheme}://{host.upper()}/{path}",
        f"{scheme}://{host}:{443 if scheme == 'https' else 80}/{path}",
        f"{scheme}://{host}/{quote(path, safe='/?#=%')}",
    ):
        assert set(alike(spelled)) & set(alike(iri))
        assert plain(spelled) == plain(iri)


@given(IRIS, IRIS)
def test_what_differs_in_more_stays_apart(one: str, other: str) -> None:
    if plain(one) != plain(other):
        assert not set(alike(one)) & set(alike(other))


@pytest.mark.parametrize(
    "iri",
    [
        "urn:isbn:3",
        "mailto:a@b",
        "https://user@host/x",
        "http://[::1",
        "https:///x",
        "javascript:alert(1)",
        "http://h:x/",
    ],
)
def test_what_is_no_address_of_the_web_has_one_spelling(iri: str) -> None:
    assert alike(iri) == [iri]
    assert plain(iri) == iri


def test_what_would_become_another_iri_stays_encoded() -> None:
    assert plain("http://h.example/a%2Fb%3f%23%25") == "http://h.example/a%2Fb%3F%23%25"
    assert plain("http://h.example/%C3%A9%28x%29") == "http://h.example/é(x)"
    assert plain("http://h.example/%ff%0a") == "http://h.example/%FF%0A"


@given(NAMES)
def test_a_template_gives_back_what_it_was_given(local: str) -> None:
    for target in (WIKI, PLACES):
        for address in target.addresses(local):
            found = target.local(address)
            assert found is not None
            assert plain(f"http://h/{found}") == plain(f"http://h/{local}")


def test_a_template_knows_an_address_with_a_query_or_fragment() -> None:
    assert WIKI.local("http://WWW.wiki.example/page/Q1?lang=de#top") == "Q1"
    assert WIKI.local("https://wiki.example/entity/Q1/") == "Q1"
    assert WIKI.local("https://wiki.example/entity/Q1/more") is None
    assert WIKI.local("https://wiki.example.evil.example/entity/Q1") is None
    assert PLACES.local("http://places.example/12") == "12"


@pytest.mark.parametrize(
    "text",
    [
        "id/bread/rye",
        "bread/rye",
        "/doc/bread/rye",
        "/doc/bread/rye.ttl",
        f"{BASE}id/bread/rye",
        "<" + BASE + "id/bread/rye>",
        "HTTP://data.example.org/x/doc/bread/rye.html",
        "http://localhost:8000/id/bread/rye",
        "localhost:8000/bread/rye",
    ],
)
def test_paths_and_addresses_of_the_site_stand_for_things(text: str) -> None:
    if text.startswith(("HTTP", "localhost")):
        text = text.replace("HTTP", "http").replace("localhost", "http://localhost")
    assert f"{BASE}id/bread/rye" in READER.read(text).own


@pytest.mark.parametrize(
    "text",
    [
        "w:Q1",
        "wiki:Q1",
        "[w:Q1]",
        "www.wiki.example/page/Q1",
        "//www.wiki.example/page/Q1",
        "https://wiki.example/entity/Q1/",
    ],
)
def test_addresses_of_others_stand_for_their_iris(text: str) -> None:
    assert "http://wiki.example/entity/Q1" in READER.read(text).foreign


def test_a_code_may_name_its_scheme() -> None:
    assert READER.read("isbn:978-3").codes == ((None, "isbn:978-3"), ("isbn", "978-3"))
    assert READER.read(" ITA ").codes == ((None, "ITA"),)


@pytest.mark.parametrize("text", ["", "  ", "<>", "a\nb", "a\x00b", "\x7f", "\ud800", "\u202e", "x" * (LONGEST + 1)])
def test_what_is_no_identifier_is_said_to_be_none(text: str) -> None:
    reading = READER.read(text)
    assert reading.problem
    assert (reading.own, reading.foreign, reading.codes) == ((), (), ())


@given(st.text() | st.text("/%#?:.<>[]{}@\\~xhtp0 ", max_size=40))
def test_whatever_is_read_gives_candidates_of_sound_size(text: str) -> None:
    reading = READER.read(text)
    assert len(reading.own) + len(reading.foreign) < 200
    assert all(iri.startswith(BASE) for iri in reading.own)
    assert bool(reading.problem) != bool(reading.codes)


@given(NAMES)
def test_contracting_and_expanding_are_each_others_inverse(local: str) -> None:
    for namespace in PREFIXES.namespaces.values():
        curie = PREFIXES.contract(f"{namespace}{local}")
        assert curie is not None
        assert PREFIXES.expand(curie) == f"{namespace}{local}"


def test_synonyms_lead_to_the_namespace_that_counts() -> None:
    assert PREFIXES.expand("wiki:Q1") == PREFIXES.expand("w:Q1") == "http://wiki.example/entity/Q1"
    assert PREFIXES.contract("https://www.wiki.example/page/Q1") == "w:Q1"
    assert PREFIXES.expand("none:x") is None
    assert PREFIXES.expand("no colon") is None
    assert PREFIXES.contract("urn:b:x") is None


def test_a_spelling_that_two_namespaces_claim_belongs_to_neither() -> None:
    both = PrefixMap({"s": "http://s.example/", "t": "https://s.example/", "second": "http://s.example/"})
    assert both.namespaces == {"s": "http://s.example/", "t": "https://s.example/"}
    assert both.contract("https://s.example/x") == "t:x"
    assert both.expand("second:x") == "http://s.example/x"


def test_every_form_of_the_map_says_the_same() -> None:
    given_map = PREFIXES.namespaces
    assert json.loads(PREFIXES.as_json()) == given_map
    read = curies.load_extended_prefix_map(json.loads(PREFIXES.as_extended()))
    assert dict(read.bimap) == given_map
    assert read.expand("wiki:Q1") == "http://wiki.example/entity/Q1"
    assert dict(curies.load_jsonld_context(json.loads(PREFIXES.as_context())).bimap) == given_map
    declared = list(ox.parse(PREFIXES.as_shacl(f"{BASE}prefixes"), ox.RdfFormat.TURTLE))
    sh = "http://www.w3.org/ns/shacl#"
    told = {
        p: {q.subject: q.object.value for q in declared if q.predicate.value == sh + p} for p in ("prefix", "namespace")
    }
    assert {told["prefix"][node]: told["namespace"][node] for node in told["prefix"]} == given_map
    assert len([q for q in declared if q.predicate.value == sh + "declare"]) == len(given_map)


@given(
    st.dictionaries(
        st.from_regex(r"([a-z][a-z0-9-]{0,5})?", fullmatch=True),
        st.sampled_from(["urn:x:", "urn:y", "http://z.example/", "https://z.example/", "http://z.example/a#"]),
    )
)
def test_any_prefixes_make_a_sound_map(prefixes: dict[str, str]) -> None:
    made = PrefixMap(prefixes, (WIKI,))
    assert set(made.namespaces.values()) == {*prefixes.values(), "http://wiki.example/entity/"}
    context = json.loads(made.as_context())
    document = json.dumps({**context, "@id": "urn:s", **{f"{p}:p": {"@id": "urn:o"} for p in context["@context"]}})
    triples = list(ox.parse(document, ox.RdfFormat.JSON_LD))
    assert {t.predicate.value for t in triples} == {f"{n}p" for p, n in made.namespaces.items() if p}


def test_hosts_are_compared_as_hosts() -> None:
    assert urlsplit(alike("HTTP://h.example/x")[0]).hostname == "h.example"
    assert not set(alike("http://h.example/x")) & set(alike("http://h.example.evil.example/x"))
