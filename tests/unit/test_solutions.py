"""The rows of a SELECT, and IRIs as they are written into one."""

from __future__ import annotations

import io
from dataclasses import dataclass

import pyoxigraph as ox
import pytest

from kg.engine import Answer, Query
from kg.engine.evaluate import write
from kg.engine.solutions import listed, select, values
from kg.errors import AnswerTooLong

A, B = "https://example.org/a", "https://example.org/ü"
THREE = 'SELECT ?x { VALUES ?x { 1 2 "drei"@de } }'


@dataclass(frozen=True)
class Local:
    """Evaluates in this process, with a limit of rows."""

    most: int = 100

    def answer(self, query: Query) -> Answer:
        output = io.BytesIO()
        written = write(ox.Store().query(query.text), query.solutions or "", output, {}, self.most, 100_000)
        return Answer("solutions", "json", output.getvalue(), written.cut, written.rows)


def test_rows_are_terms_by_variable() -> None:
    assert select(Local(), THREE)[2] == {"x": {"type": "literal", "value": "drei", "xml:lang": "de"}}


def test_a_cut_answer_is_not_taken_for_the_whole() -> None:
    with pytest.raises(AnswerTooLong, match="cut after 2 rows"):
        select(Local(2), THREE)
    assert [row["x"]["value"] for row in select(Local(2), THREE, whole=False)] == ["1", "2"]


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
