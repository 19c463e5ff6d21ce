"""The rows of a SELECT, and IRIs as they are written into one."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, replace

import pyoxigraph as ox
import pytest

from kg.engine import OWN_BYTES, OWN_ROWS, Answer, Query
from kg.engine.answers import key_of
from kg.engine.evaluate import write
from kg.engine.solutions import beginning, listed, select, values
from kg.errors import AnswerTooLong

A, B = "https://example.org/a", "https://example.org/ü"
THREE = 'SELECT ?x { VALUES ?x { 1 2 "drei"@de } }'


@dataclass(frozen=True)
class Local:
    """Evaluates in this process, with a limit of rows for visitors and one for the program's own queries."""

    most: int = 100
    own: int = 100

    def answer(self, query: Query) -> Answer:
        output = io.BytesIO()
        rows = self.own if query.own else self.most
        written = write(ox.Store().query(query.text), query.solutions or "", output, {}, rows, 100_000)
        return Answer("solutions", "json", output.getvalue(), written.cut, written.rows)


def test_rows_are_terms_by_variable() -> None:
    assert select(Local(), THREE)[2] == {"x": {"type": "literal", "value": "drei", "xml:lang": "de"}}


def test_a_cut_answer_is_not_taken_for_the_whole() -> None:
    with pytest.raises(AnswerTooLong, match="cut after 2 rows"):
        select(Local(own=2), THREE)


def test_the_programs_own_queries_have_limits_of_their_own() -> None:
    assert [row["x"]["value"] for row in select(Local(2), THREE)] == ["1", "2", "drei"]
    assert Query(THREE).limits(7, 70) == (7, 70)
    own = Query(THREE, own=True)
    assert own.limits(7, 70) == (OWN_ROWS, OWN_BYTES)
    assert own.limits(OWN_ROWS + 1, OWN_BYTES + 1) == (OWN_ROWS + 1, OWN_BYTES + 1)
    assert key_of(own) != key_of(Query(THREE))  # one may be cut where the other is not


def test_the_beginning_of_an_answer_is_read_and_no_more() -> None:
    answer = Local(4).answer(Query("SELECT ?x ?y { VALUES (?x ?y) { (1 2) (3 UNDEF) (UNDEF UNDEF) (4 5) (6 7) } }"))
    assert answer.rows == 4
    # What follows the rows that are wanted is not even looked at.
    broken = replace(answer, body=answer.body.replace(b'"4"', b"%%%"))
    for given in (answer, broken):
        found = beginning(given, 2)
        assert found.names == ["x", "y"]
        assert [{name: cell["value"] for name, cell in row.items()} for row in found.rows] == [
            {"x": "1", "y": "2"}, {"x": "3"},
        ]  # fmt: skip
        assert (found.total, found.cut) == (4, answer.cut)
    assert len(beginning(answer, 4).rows) == 4
    none = beginning(Local().answer(Query("SELECT ?x { FILTER(false) }")), 2)
    assert (none.names, none.rows, none.total, none.cut) == (["x"], [], 0, None)


@pytest.mark.parametrize(("sizes", "read"), [((10, 3_000_000), 1), ((3_000_000, 10), 1), ((17_000_000, 10), 0)])
def test_long_rows_are_read_up_to_a_limit(sizes: tuple[int, ...], read: int) -> None:
    rows = [{"x": {"type": "literal", "value": "x" * size}} for size in sizes]
    body = json.dumps({"head": {"vars": ["x"]}, "results": {"bindings": rows}}).encode()
    found = beginning(Answer("solutions", "json", body, rows=2), 100)
    assert [len(row["x"]["value"]) for row in found.rows] == [*sizes[:read]]
    assert found.total == 2


def test_iris_find_what_they_name() -> None:
    block = f"VALUES ?x {{ {values([A, B])} }}"
    for given, expected in (([A, B], [A, B]), ([B], [B]), ([], [])):
        rows = select(Local(), f"SELECT ?x {{ {block} FILTER(?x IN ({listed(given)})) }}")
        assert [row["x"]["value"] for row in rows] == expected
    assert select(Local(), f"SELECT ?x {{ VALUES ?x {{ {values([])} }} }}") == []


@pytest.mark.parametrize("text", ["https://example.org/> } #", "no iri", ""])
def test_what_is_no_iri_gets_into_no_query(text: str) -> None:
    for write_iris in (values, listed):
        with pytest.raises(ValueError, match="IRI"):
            write_iris([A, text])
