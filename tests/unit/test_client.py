"""The client's pure parts: values, links, the cache."""

from __future__ import annotations

import json
import math
import pickle
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.client import IRI, BlankNode, Text, Typed
from kg.client.cache import Answer, FolderCache, MemoryCache
from kg.client.links import Link, read_links
from kg.client.results import graph, solutions
from kg.client.values import Value, filled, literal, term, written
from kg.errors import AnswerInvalid, BadValue
from kg.representation.linkset import header

XSD = "http://www.w3.org/2001/XMLSchema#"
zones = st.none() | st.integers(-14 * 60, 14 * 60).map(lambda n: timezone(timedelta(minutes=n)))
moments = st.datetimes(timezones=zones)
# No surrogates: they are no characters.
texts = st.text(st.characters(exclude_categories=["Cs"]))
values = st.one_of(
    texts,
    st.booleans(),
    st.integers(-(10**30), 10**30),
    st.floats(),
    st.decimals(allow_nan=False, allow_infinity=False, places=4),
    st.dates(),
    moments,
    st.times(timezones=zones),
    texts.map(lambda text: Text(text, "de-at")),
    texts.map(lambda text: Typed(text, "urn:x:type")),
    st.integers().map(lambda n: IRI(f"urn:x:{n}")),
)


def answered(query: str) -> Value:
    """The value of ``?x`` as a real engine gives it."""
    results: Any = ox.Store().query(query)
    [row] = json.loads(results.serialize(format=ox.QueryResultsFormat.JSON))["results"]["bindings"]
    return term(row["x"])


@given(values)
def test_a_value_comes_back_from_an_engine_as_it_was_given(value: Value) -> None:
    found = answered(filled("SELECT ?x { VALUES ?x { $given } }", {"given": value}))
    assert type(found) is type(value)
    if isinstance(value, float) and math.isnan(value):
        assert isinstance(found, float)
        assert math.isnan(found)
        return
    assert found == value
    if isinstance(value, Text | Typed):
        assert vars_of(found) == vars_of(value)
    if isinstance(value, datetime | time) and isinstance(found, datetime | time):
        assert found.utcoffset() == value.utcoffset()


def vars_of(value: object) -> tuple[object, object]:
    return getattr(value, "language", None), getattr(value, "datatype", None)


@given(values)
def test_values_can_be_pickled(value: Value) -> None:
    back = pickle.loads(pickle.dumps(value))
    assert type(back) is type(value)
    assert back == value or value != value
    assert vars_of(back) == vars_of(value)


numerals = st.text("0123456789+-.eETZ:INFa ", max_size=12)


@given(
    texts | numerals,
    st.sampled_from(["date", "dateTime", "time", "integer", "decimal", "double", "boolean", "gYear", "byte"]),
)
def test_no_text_of_a_literal_is_lost(text: str, kind: str) -> None:
    value = literal(text, f"{XSD}{kind}")
    if isinstance(value, Typed):
        assert (str(value), value.datatype) == (text, f"{XSD}{kind}")
    else:
        assert not isinstance(value, str)
        told = ox.Literal(text, datatype=ox.NamedNode(XSD + kind))
        same = answered(f"SELECT ?x {{ BIND({told} = {written(value)} AS ?x) }}")
        assert same is True or value != value


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("2026-01-31", "date", date(2026, 1, 31)),
        ("2026-01-31T10:00:00Z", "dateTime", datetime(2026, 1, 31, 10, tzinfo=UTC)),
        ("2026-01-31T10:00:00.5+02:00", "dateTime", datetime(2026, 1, 31, 10, 0, 0, 500_000, timezone(timedelta(hours=2)))),
        ("23:59:59", "time", time(23, 59, 59)),
        ("007", "integer", 7),
        ("1.50", "decimal", Decimal("1.50")),
        ("INF", "double", math.inf),
        ("0", "boolean", False),
    ],
)  # fmt: skip
def test_what_python_has_a_type_for_is_of_that_type(text: str, kind: str, value: Value) -> None:
    found = literal(text, f"{XSD}{kind}")
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("2026-01-31Z", "date"),  # Python's days have no time zone
        ("-0044-03-15", "date"),
        ("12026-01-01", "date"),
        ("20260131", "date"),  # read by Python, but not of XML Schema
        ("2026-01-31T24:00:00", "dateTime"),
        ("2026-01-31T10:00:00.1234567", "dateTime"),
        ("1_000", "integer"),
        ("١", "integer"),
        ("inf", "double"),
        ("1e5", "decimal"),
        ("yes", "boolean"),
        ("P1D", "duration"),
    ],
)
def test_what_it_has_none_for_stays_text_with_its_datatype(text: str, kind: str) -> None:
    found = literal(text, f"{XSD}{kind}")
    assert isinstance(found, Typed)
    assert (str(found), found.datatype) == (text, f"{XSD}{kind}")


def test_only_what_is_meant_is_replaced() -> None:
    query = 'SELECT ?a { ?a <urn:x:$a> "$a" ; ?p $a . # $a\n }'
    assert filled(query, {"a": 1}) == 'SELECT ?a { ?a <urn:x:$a> "$a" ; ?p 1 . # $a\n }'


@given(texts)
def test_a_text_never_becomes_a_part_of_the_query(text: str) -> None:
    assert answered(filled("SELECT ?x { BIND(STRLEN($text) AS ?x) }", {"text": text})) == len(text)


@pytest.mark.parametrize(
    "value",
    [
        IRI("no iri"),
        IRI("urn:x:a> <urn:x:b"),
        BlankNode("b0"),
        Decimal("NaN"),
        object(),
        b"bytes",
        Text("x", "not a tag"),
    ],
)
def test_what_cannot_stand_in_a_query_is_refused(value: Any) -> None:
    with pytest.raises(BadValue):
        filled("ASK { ?s ?p $x }", {"x": value})


def test_a_name_that_the_query_has_not_is_refused() -> None:
    with pytest.raises(BadValue, match=r"no \$nmae"):
        filled("ASK { ?s ?p $name }", {"nmae": 1})


words = st.text("abcdefghijklmnop", min_size=1, max_size=8)
attributes = st.dictionaries(st.sampled_from(["type", "title", "datetime"]), st.text("ab,;<>=\"\\ \t'ö"), max_size=3)


@given(st.lists(st.tuples(words, st.lists(words, min_size=1, max_size=2, unique=True), attributes), max_size=5))
def test_links_are_read_as_they_were_written(links: list[tuple[str, list[str], dict[str, str]]]) -> None:
    lines = [header((f"/{path}", " ".join(relations), more)) for path, relations, more in links]
    expected = [Link(f"https://x.example/{path}", r, more) for path, relations, more in links for r in relations]
    assert read_links(lines, "https://x.example/y") == expected
    assert read_links([", ".join(lines)], "https://x.example/y") == expected


@given(st.text('<>;,="\\ relax/'))
def test_any_header_can_be_read(text: str) -> None:
    read_links([text], "https://x.example/")


def answer(body: bytes, **headers: str) -> Answer:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer("https://x.example/", 200, {"etag": '"1"', **names}, body)


@pytest.mark.parametrize("make", [lambda _: MemoryCache(1_000), lambda folder: FolderCache(folder / "kept", 3_000)])
def test_a_cache_keeps_the_last_used_and_no_more_than_it_may(
    make: Callable[[Path], MemoryCache | FolderCache], tmp_path: Path
) -> None:
    cache = make(tmp_path)
    for number in range(40):
        cache.put(str(number), answer(b"x" * 100 + str(number).encode()))
    there = [number for number in range(40) if cache.get(str(number))]
    assert 39 in there
    assert 3 <= len(there) <= 30
    assert there == list(range(40))[-len(there) :]
    found = cache.get("39")
    assert found is not None
    assert found == answer(b"x" * 100 + b"39")


def test_a_folder_outlives_its_program_and_a_broken_file_counts_for_nothing(tmp_path: Path) -> None:
    FolderCache(tmp_path).put("key", answer(b"body"))
    assert FolderCache(tmp_path).get("key") == answer(b"body")
    [file] = tmp_path.glob("*.answer")
    file.write_bytes(file.read_bytes()[:-1])
    assert FolderCache(tmp_path).get("key") is None


def test_what_may_be_kept_is_said_by_the_answer() -> None:
    assert answer(b"").may_be_kept
    assert not answer(b"", cache_control="no-store").may_be_kept
    assert answer(b"", cache_control="public, max-age=31536000, immutable").never_changes
    assert not answer(b"", cache_control="public, max-age=60").never_changes


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[]", b'{"head": {}}', b'{"head":{"vars":["x"]},"results":{"bindings":[{"x":{}}]}}', b"\xff"],
)
def test_what_is_no_result_is_told(body: bytes) -> None:
    with pytest.raises(AnswerInvalid):
        solutions(answer(body))


def test_a_mark_of_a_cut_is_seen_in_every_place() -> None:
    empty = b'{"head":{"vars":[]},"results":{"bindings":[]}'
    assert solutions(answer(empty + b',"cut":{"what":"rows","after":1000}}')).cut == "cut after 1,000 rows"
    assert solutions(answer(empty + b"}", answer_cut="bytes=5000")).cut == "cut after 5,000 bytes"
    assert solutions(answer(empty + b"}")).cut is None
    lines = b"<urn:x:s> <urn:x:p> <urn:x:o> .\n# cut after 1 triples, the limit of this service\n"
    cut = graph(answer(lines, content_type="application/n-triples")).cut
    assert cut == "cut after 1 triples, the limit of this service"
    text = b'<urn:x:s> <urn:x:p> "\\n# cut after 1" .\n'
    assert graph(answer(text, content_type="text/turtle")).cut is None
