"""Reading what clients of the reconciliation service send, and naming what they are told: without a server."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import MalformedRequest, RequestTooLarge
from kg.reconciliation.extending import literal, read_wishes
from kg.reconciliation.ids import Identifiers
from kg.reconciliation.manifest import direction
from kg.reconciliation.requests import NAME_LENGTH, Reader, clean, read_json

BASE = "https://data.example.org/bread/"
IDS = Identifiers(
    BASE,
    {
        "": "https://nobody.example.org/",
        "b": BASE,
        "terms": f"{BASE}terms#",
        "skos": "http://www.w3.org/2004/02/skos/core#",
        "also": "http://www.w3.org/2004/02/skos/core#",
    },
)
CONCEPT = "http://www.w3.org/2004/02/skos/core#Concept"
READER = Reader(IDS, 5, "en", frozenset({CONCEPT}))
LOCAL = st.text(alphabet="abcXYZ019-_/.~é漢", min_size=1, max_size=12)


@given(LOCAL)
def test_the_identifier_of_a_thing_and_the_base_make_its_iri(local: str) -> None:
    iri = BASE + local
    identifier = IDS.entity(iri)
    assert identifier is not None
    assert BASE + identifier == iri == IDS.thing(identifier) == IDS.thing(iri)


@given(st.sampled_from([*IDS.prefixes.values(), "urn:x:", "http://elsewhere.example.org/y#"]), LOCAL, st.booleans())
def test_a_term_is_found_by_its_identifier(namespace: str, local: str, inverse: bool) -> None:
    iri = ("^" if inverse else "") + namespace + local
    assert IDS.named(IDS.term(iri)) == iri == IDS.named(iri)


def test_identifiers_as_people_read_them() -> None:
    assert IDS.term(CONCEPT) == "also:Concept"
    assert IDS.term(f"^{BASE}terms#madeOf") == "^terms:madeOf"
    assert IDS.term(f"{BASE}a/b") == f"{BASE}a/b"
    assert IDS.entity("http://elsewhere.example.org/y") is None
    assert IDS.entity(BASE) is None


@given(st.text(max_size=30))
def test_whatever_is_taken_for_an_identifier_can_stand_in_a_query(text: str) -> None:
    for iri in (IDS.thing(text), IDS.named(text)):
        assert iri is None or not set(iri) & set('<>"{}|\\`\n\t \x00')


@pytest.mark.parametrize("text", ["a b", "<x>", "x\x00", "\ud800", "", '"', "^", "^^skos:Concept", "Concept"])
def test_what_names_no_term(text: str) -> None:
    assert IDS.named(text) is None


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    )
)
def test_json_is_read_as_it_is(value: Any) -> None:
    assert read_json(json.dumps(value)) == value


@given(st.text(max_size=200))
def test_any_text_is_json_or_refused(text: str) -> None:
    with suppress(MalformedRequest):
        assert read_json(text) == json.loads(text)


@given(st.text())
def test_a_clean_text_is_a_text(text: str) -> None:
    cleaned = clean(text)
    assert cleaned.encode().decode() == cleaned
    assert cleaned.isprintable() or not any(ord(c) < 32 or 127 <= ord(c) < 160 for c in cleaned)
    assert clean(cleaned) == cleaned


def test_limits() -> None:
    query = {"query": "x"}
    assert len(READER.keyed(json.dumps({str(n): query for n in range(5)}))) == 5
    with pytest.raises(RequestTooLarge, match="5 queries"):
        READER.keyed(json.dumps({str(n): query for n in range(6)}))
    with pytest.raises(RequestTooLarge):
        clean("x" * (NAME_LENGTH + 1))
    with pytest.raises(RequestTooLarge):
        read_wishes({"ids": [str(n) for n in range(6)], "properties": []}, IDS, 5)
    with pytest.raises(MalformedRequest):
        read_wishes({"ids": "id/x", "properties": []}, IDS, 5)


def test_a_query_of_either_version_asks_the_same() -> None:
    old = {
        "query": "rye",
        "type": "skos:Concept",
        "limit": 3,
        "properties": [{"pid": "terms:madeOf", "v": [{"id": "x/1"}, 2]}],
    }
    conditions = [
        {"matchType": "name", "propertyValue": "rye"},
        {"matchType": "property", "propertyId": "terms:madeOf", "propertyValue": [{"id": "x/1"}, 2]},
    ]
    new = {"type": "skos:Concept", "limit": 3, "conditions": conditions}
    [asked] = READER.keyed(json.dumps({"q": old})).values()
    assert [asked] == READER.ordered(json.dumps({"queries": [new]}))
    [query] = asked.queries
    assert (query.text, query.types, query.limit) == ("rye", (CONCEPT,), 3)
    assert query.conditions[0].property == f"{BASE}terms#madeOf"
    assert query.conditions[0].values == (f"{BASE}x/1", "2")


def test_a_property_that_nobody_can_compare_is_told() -> None:
    [asked] = READER.keyed(json.dumps({"q": {"query": "rye", "properties": [{"pid": "^terms:x", "v": 1}]}})).values()
    assert asked.queries[0].conditions == ()
    assert "^terms:x" in asked.message


XSD = "http://www.w3.org/2001/XMLSchema#"


@pytest.mark.parametrize(
    ("text", "kind", "told"),
    [
        ("7", "integer", {"int": 7}),
        ("-7", "nonPositiveInteger", {"int": -7}),
        ("seven", "integer", {"str": "seven"}),
        ("1.5", "decimal", {"float": 1.5}),
        ("INF", "double", {"str": "INF"}),
        ("NaN", "double", {"str": "NaN"}),
        ("x", "float", {"str": "x"}),
        ("1", "boolean", {"bool": True}),
        ("false", "boolean", {"bool": False}),
        ("maybe", "boolean", {"str": "maybe"}),
        ("2026-02-03", "date", {"date": "2026-02-03T00:00:00Z"}),
        ("2026-02-03+02:00", "date", {"date": "2026-02-03T00:00:00+02:00"}),
        ("2026-02", "gYearMonth", {"str": "2026-02"}),
        ("2026-02-03T04:05:06", "dateTime", {"date": "2026-02-03T04:05:06"}),
        ("2026-02-03T24:00:00", "dateTime", {"str": "2026-02-03T24:00:00"}),
    ],
)
def test_a_literal_by_its_datatype(text: str, kind: str, told: dict[str, Any]) -> None:
    assert literal({"type": "literal", "value": text, "datatype": XSD + kind}) == told


def test_the_direction_of_languages() -> None:
    assert [direction(tag) for tag in ("en", "he", "ar-EG", "uk")] == ["ltr", "rtl", "rtl", "ltr"]
