"""An answer that is cut is a whole, well-formed answer of fewer rows, however the serializer portions it."""

from __future__ import annotations

import csv
import io
import json
from xml.etree import ElementTree

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.engine import Cut
from kg.engine.cut import Cutter

FORMATS = {
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
    "csv": ox.QueryResultsFormat.CSV,
    "tsv": ox.QueryResultsFormat.TSV,
}
# What could be mistaken for the end of a row, or of a string.
values = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=12),
    st.sampled_from(['"', "\\", '\\"', "},{", "}, {", "</result>", "\n", '"\n"', "]}}", ",", "\t", '{"', "},\n{"]),
)
rows = st.lists(st.tuples(values, st.none() | values), max_size=12)


def answer(found: list[tuple[str, str | None]], form: str) -> bytes:
    """The rows as the engine writes them."""
    lines = "".join(
        f"({ox.Literal(first)} {ox.Literal(second) if second is not None else 'UNDEF'})" for first, second in found
    )
    results = ox.Store().query(f"SELECT ?a ?b {{ VALUES (?a ?b) {{ {lines} }} }}")
    assert isinstance(results, ox.QuerySolutions)
    return results.serialize(None, FORMATS[form]) or b""


def read(body: bytes, form: str) -> list[list[str]]:
    """The rows of an answer; raises if it is not well-formed."""
    if form == "json":
        return [[b.get(n, {}).get("value", "") for n in "ab"] for b in json.loads(body)["results"]["bindings"]]
    if form == "xml":
        lead = "{http://www.w3.org/2005/sparql-results#}"
        found = ElementTree.fromstring(body).iter(f"{lead}result")
        return [
            [next((e[0].text or "" for e in r if e.get("name") == n), "") for n in "ab"]
            for r in found
        ]  # fmt: skip
    if form == "csv":
        return list(csv.reader(io.StringIO(body.decode(), newline="")))[1:]
    return [line.split("\t") for line in body.decode().split("\n")[1:-1]]


def through(cutter: Cutter, body: bytes, portion: int) -> bytes:
    parts = [cutter.feed(body[at : at + portion]) for at in range(0, len(body), portion)]
    return b"".join(parts) + cutter.finish()


@given(rows, st.sampled_from(sorted(FORMATS)), st.integers(1, 40))
def test_an_answer_within_the_limits_is_not_touched(
    found: list[tuple[str, str | None]], form: str, portion: int
) -> None:
    body = answer(found, form)
    cutter = Cutter(form, 1_000, 1_000_000)
    assert through(cutter, body, portion) == body
    assert (cutter.rows, cutter.cut) == (len(found), None)


@given(rows, st.sampled_from(sorted(FORMATS)), st.integers(1, 40), st.integers(1, 13))
def test_rows_beyond_the_limit_are_cut_off(
    found: list[tuple[str, str | None]], form: str, portion: int, most: int
) -> None:
    body = answer(found, form)
    cutter = Cutter(form, most, 1_000_000)
    got = through(cutter, body, portion)
    assert read(got, form) == read(body, form)[:most]
    assert cutter.rows == min(most, len(found))
    assert (cutter.cut is not None) == (len(found) > most)
    if cutter.cut is not None:
        assert cutter.cut == Cut("rows", most, form in ("json", "xml"))
        assert (str(cutter.cut).encode() in got) == (form == "xml")
        if form == "json":
            assert json.loads(got)["cut"] == {"what": "rows", "after": most}


@given(rows, st.sampled_from(sorted(FORMATS)), st.integers(1, 40), st.integers(1, 400))
def test_bytes_beyond_the_limit_are_cut_off_after_a_whole_row(
    found: list[tuple[str, str | None]], form: str, portion: int, size: int
) -> None:
    body = answer(found, form)
    cutter = Cutter(form, 1_000, size)
    got = through(cutter, body, portion)
    whole = read(body, form)
    kept = read(got, form) if got else []
    assert kept == whole[: len(kept)]
    if cutter.cut is None:
        assert got == body
    else:
        assert len(kept) < len(whole) or not whole
        assert cutter.rows == len(kept)
        if kept:
            assert len(got) <= size + 200


def test_a_row_of_many_portions_is_looked_at_seldom() -> None:
    cutter = Cutter("json", 10, 100_000_000)
    cutter.feed(b'{"head":{"vars":["a"]},"results":{"bindings":[{"a":{"type":"literal","value":"')
    for _ in range(2_000):  # with the square of it this would take minutes
        assert cutter.feed(b"x" * 8_192) == b""
    cutter.feed(b'"}}]}}')
    assert cutter.finish().endswith(b'x"}}]}}')
    assert cutter.rows == 1


@pytest.mark.parametrize("spaced", ["}\n , {", "},{", "} ,\t{"])
def test_white_space_between_rows_is_no_hindrance(spaced: str) -> None:
    body = ('{ "head": {"vars": ["a"]}, "results": { "bindings": [ {"a": {}' + f"{spaced}".join([""] * 1)
            + spaced + '"a": {}' + spaced + '"a": {} } ] } }').encode()  # fmt: skip
    cutter = Cutter("json", 2, 1_000)
    assert len(json.loads(through(cutter, body, 7))["results"]["bindings"]) == 2
