"""The answer to a SELECT query as rows."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from kg.engine import Answerer, Query
from kg.errors import AnswerTooLong

Row = dict[str, dict[str, str]]


def select(engine: Answerer, text: str) -> list[Row]:
    """The rows of a SELECT: terms as in SPARQL 1.1 Query Results JSON, by variable. Raises QueryError."""
    answer = engine.answer(Query(text, boolean=None, graph=None))
    if answer.cut is not None:
        raise AnswerTooLong(f"too much to be told at once: {answer.cut}", "ask about fewer things")
    found: Any = json.loads(answer.body)
    rows: list[Row] = found["results"]["bindings"]
    return rows


def values(iris: Iterable[str]) -> str:
    """IRIs for a VALUES block; each must be fit to stand in a query (``ids.is_iri``)."""
    return " ".join(f"<{iri}>" for iri in iris)
