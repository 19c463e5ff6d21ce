"""Answers as tables of a page: rows of cells, each with one term or none.

A variable ``?xLabel`` holds the text for ``?x``, and makes no column.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kg.engine import Answerer, Cut, Query
from kg.engine.solutions import Beginning, Row, beginning, complete, read
from kg.findings import compact
from kg.questions import columns_of
from kg.release.manifest import Manifest
from kg.representation.view import Term, link, shortened, written_kind

ROW_LIMIT = 500
# What a page can hold of a table; the data has the rest.
_MOST_CELLS, _MOST_COLUMNS = 20_000, 200


@dataclass(frozen=True)
class Table:
    """The answer to a query as rows of cells (one term or none); ``total`` counts the rows left out, too.

    If a limit of the service cut the answer, ``ended`` says so, and ``total`` counts the rows up to there.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Term | None, ...], ...]
    total: int
    ended: Cut | None = None
    columns_left_out: int = 0

    @property
    def cut(self) -> bool:
        """True if rows are left out."""
        return self.total > len(self.rows)


def table(engine: Answerer, manifest: Manifest, text: str, limit: int | None = None, only: Sequence[str] = ()) -> Table:
    """Answer a SELECT query of the project as a table for a page, at most ``limit`` rows. Raises QueryError."""
    answer = complete(engine, Query(text, boolean=None, graph=None))
    return as_table(beginning(answer, limit or ROW_LIMIT), manifest, limit, only)


def as_table(found: Beginning, manifest: Manifest, limit: int | None = None, only: Sequence[str] = ()) -> Table:
    """An answer as a table for a page, at most ``limit`` rows (None: ROW_LIMIT), and no more than a page can hold.

    That is _MOST_CELLS in _MOST_COLUMNS; of a long text there is the beginning. The variables ``only`` make columns,
    without them all do.
    """
    columns = [*only] or columns_of(found.names)
    shown = columns[:_MOST_COLUMNS]
    most = min(limit or ROW_LIMIT, _MOST_CELLS // max(1, len(shown)))
    rows = tuple(tuple(shortened(as_cell(row, name, manifest)) for name in shown) for row in found.rows[:most])
    return Table(tuple(map(in_words, shown)), rows, found.total, found.cut, len(columns) - len(shown))


def as_terms(results: bytes, manifest: Manifest) -> list[dict[str, Term]]:
    """SPARQL results in JSON as terms for a page, by the names of the variables; all of them."""
    names, found = read(results)
    cells = [{name: as_cell(row, name, manifest) for name in names} for row in found]
    return [{name: term for name, term in row.items() if term is not None} for row in cells]


def as_cell(row: Row, name: str, manifest: Manifest) -> Term | None:
    """What stands in a column of a row of SPARQL results in JSON."""
    value, label = row.get(name), row.get(f"{name}Label")
    if value is None:
        return Term(label["value"], language=label.get("xml:lang", "")) if label else None
    if value["type"] != "uri":
        kind = written_kind(value.get("datatype", ""))
        return Term(value["value"], language=value.get("xml:lang", ""), kind=kind)
    iri = value["value"]
    text = label["value"] if label else compact(iri, manifest.base, manifest.prefixes)
    return Term(text, link(manifest.base, iri), iri, label.get("xml:lang", "") if label else "")


def in_words(name: str) -> str:
    """The heading of a column: ``statedOn`` -> ``stated on``."""
    return "".join(f" {c.lower()}" if c.isupper() else c for c in name).strip()
