"""What the program itself asks an engine: whole answers or none, those to SELECT queries as rows."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import pyoxigraph as ox

from kg.engine import Answer, Answerer, Cut, Query
from kg.engine.cut import Cutter
from kg.errors import AnswerTooLong

Row = dict[str, dict[str, str]]
# What is read of an answer of which only the beginning is shown, in bytes; a first row may be longer.
_BEGINNING, _LONGEST_ROW = 2_097_152, 16_777_216
_PIECE = 65_536


@dataclass(frozen=True)
class Beginning:
    """The first rows of an answer to a SELECT: ``names`` of its variables, ``total`` rows in all, ``cut`` as it was."""

    names: list[str]
    rows: list[Row]
    total: int
    cut: Cut | None = None


def complete(engine: Answerer, query: Query) -> Answer:
    """The whole answer to a query of the program's own, whatever limits visitors have.

    Raises QueryError: AnswerTooLong if it is too long even so, or a server behind the site has a limit of its own.
    """
    answer = engine.answer(replace(query, own=True))
    if answer.cut is not None:
        raise AnswerTooLong(
            f"too much to be told at once: {answer.cut}",
            "ask about fewer things; who runs the site can raise --answer-rows and --answer-bytes",
        )
    return answer


def uncut(engine: Answerer, text: str) -> bytes:
    """The whole answer to a SELECT in SPARQL 1.1 Query Results JSON. Raises QueryError as ``complete``."""
    return complete(engine, Query(text, boolean=None, graph=None)).body


def select(engine: Answerer, text: str) -> list[Row]:
    """The rows of a SELECT: terms as in SPARQL 1.1 Query Results JSON, by variable.

    Raises QueryError as ``complete``.
    """
    return read(uncut(engine, text))[1]


def read(results: bytes) -> tuple[list[str], list[Row]]:
    """The names of the variables and the rows in SPARQL 1.1 Query Results JSON."""
    found: Any = json.loads(results)
    return found["head"]["vars"], found["results"]["bindings"]


def beginning(answer: Answer, rows: int) -> Beginning:
    """At most so many ``rows`` of an answer in SPARQL 1.1 Query Results JSON, and not more than two megabytes of them.

    Reading it takes the same time however long the answer is. There is no row if the first one is far too long.
    """
    if answer.rows <= rows and len(answer.body) <= _BEGINNING:
        return Beginning(*read(answer.body), answer.rows, answer.cut)
    names, found = read(_up_to(answer.body, rows, _BEGINNING))
    if not found and answer.rows:
        names, found = read(_up_to(answer.body, 1, _LONGEST_ROW))
    return Beginning(names, found, answer.rows, answer.cut)


def _up_to(body: bytes, rows: int, size: int) -> bytes:
    cutter = Cutter("json", rows, size)
    parts = []
    for start in range(0, len(body), _PIECE):
        if cutter.full:
            break
        parts.append(cutter.feed(body[start : start + _PIECE]))
    return b"".join([*parts, cutter.finish()])


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
