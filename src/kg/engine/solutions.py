"""SELECT queries put to an engine, and their answers as rows."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from typing import Any

import pyoxigraph as ox

from kg.engine import Answerer, Query
from kg.errors import AnswerTooLong

Row = dict[str, dict[str, str]]


def select(engine: Answerer, text: str, *, whole: bool = True) -> list[Row]:
    """The rows of a SELECT: terms as in SPARQL 1.1 Query Results JSON, by variable.

    Raises QueryError: AnswerTooLong if the answer was cut, but where it need not be ``whole``.
    """
    body = uncut(engine, text) if whole else engine.answer(Query(text, boolean=None, graph=None)).body
    return read(body)[1]


def uncut(engine: Answerer, text: str) -> bytes:
    """The whole answer to a SELECT in SPARQL 1.1 Query Results JSON. Raises QueryError: AnswerTooLong if it was cut."""
    answer = engine.answer(Query(text, boolean=None, graph=None))
    if answer.cut is not None:
        raise AnswerTooLong(f"too much to be told at once: {answer.cut}", "ask about fewer things")
    return answer.body


def read(results: bytes) -> tuple[list[str], list[Row]]:
    """The names of the variables and the rows in SPARQL 1.1 Query Results JSON."""
    found: Any = json.loads(results)
    return found["head"]["vars"], found["results"]["bindings"]


def number(row: Row, name: str) -> float | None:
    """The finite number that a variable has in a row, if it has one."""
    try:
        value = float(row[name]["value"])
    except (KeyError, ValueError):
        return None
    return value if math.isfinite(value) else None


def values(iris: Iterable[str]) -> str:
    """IRIs for a VALUES block. Raises ValueError for what can be no IRI."""
    return " ".join(str(ox.NamedNode(iri)) for iri in iris)


def listed(iris: Iterable[str]) -> str:
    """IRIs as a list for FILTER IN; never empty. Raises ValueError for what can be no IRI."""
    return ", ".join(str(ox.NamedNode(iri)) for iri in iris) or "<urn:x-none:>"
