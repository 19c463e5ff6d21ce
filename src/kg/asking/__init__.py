"""Asking a release directly, without a server: for the ``kg query`` command and for programs.

The query runs in this very process: no limits but the machine's. It is one's own query on one's own machine; SERVICE
and updates are refused all the same.
"""

from __future__ import annotations

import io
import shutil
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import pyoxigraph as ox
from click import style
from rdflib import BNode, Graph, Literal, URIRef

from kg.engine import Query
from kg.engine.evaluate import evaluate, nothing_can_be_opened, open_dataset, write
from kg.errors import NoSuchFormat
from kg.findings import compact
from kg.graph import as_rdflib
from kg.release.manifest import Release, open_release
from kg.representation.formats import write_rdf
from kg.source import to_rdflib

Term = URIRef | BNode | Literal
# What --format can be for each kind of answer, and how the engine calls it; a table is made here.
_KINDS: dict[type, str] = {ox.QuerySolutions: "solutions", ox.QueryBoolean: "boolean", ox.QueryTriples: "graph"}
_WRITABLE = {
    "solutions": {"csv": "csv", "json": "json"},
    "boolean": {"json": "json"},
    "graph": {"turtle": "turtle", "json": "jsonld"},
}

_GAP = "   "  # between columns
# Control characters as pictures of them (Unicode, "Control Pictures"); those of C1 have none.
_CONTROLS = {n: chr(0x2400 + n) for n in range(0x20) if n != 0x0A}
_CONTROLS |= {0x7F: "\u2421", **dict.fromkeys(range(0x80, 0xA0), "\ufffd")}


@dataclass(frozen=True)
class Asked:
    """A query and the release that it is put to."""

    release: Release
    query: Query

    def results(self) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
        """Start the evaluation. Raises QueryError, ReleaseError."""
        return evaluate(open_dataset(self.release), self.query)


def ask(folder: Path | str | Release, text: str) -> Asked:
    """A query to the release in ``folder`` (a release, or a folder of releases, then the current one).

    The prefixes of the project may be used undeclared. Raises NoRelease or ReleaseError.
    """
    release = folder if isinstance(folder, Release) else open_release(folder)
    prefixes = release.manifest.prefixes
    return Asked(release, Query(text, prefixes=prefixes, write_prefixes=prefixes))


def query(folder: Path | str | Release, text: str) -> list[dict[str, Term]] | bool | Graph:
    """Answer a query: rows (variable -> rdflib term, unbound left out) for SELECT, a bool for ASK, else a Graph.

    Raises QueryError, NoRelease or ReleaseError.
    """
    results = ask(folder, text).results()
    if isinstance(results, ox.QueryBoolean):
        return bool(results)
    if isinstance(results, ox.QueryTriples):
        return as_rdflib(results)
    names = [v.value for v in results.variables]
    return [
        {name: to_rdflib(value) for name, value in zip(names, row, strict=True) if value is not None} for row in results
    ]


def printed(asked: Asked, form: str | None, terminal: bool, *, labelled: bool = False) -> Iterator[str]:
    """The answer as text: ``form`` is table, csv, json, turtle or None (a table, or Turtle for a graph).

    On a ``terminal`` a table fits its width; elsewhere every cell is whole. In a table that is ``labelled`` the column
    ``xLabel`` takes the place of ``x``. Raises QueryError; NoSuchFormat if the kind of answer cannot be written so.
    """
    data = open_dataset(asked.release)
    with nothing_can_be_opened():
        results = evaluate(data, asked.query)
        if form in (None, "table") and not isinstance(results, ox.QueryTriples):
            answer: bytes | list[list[str]] | bool = _cells(asked, results, labelled)
        else:
            answer = _written(asked, results, form or "turtle")
    if isinstance(answer, bytes):
        yield answer.decode()
    elif isinstance(answer, bool):
        yield "yes\n" if answer else "no\n"
    else:
        yield from _table(answer, terminal)


def _written(asked: Asked, results: ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples, form: str) -> bytes:
    kind = _KINDS[type(results)]
    if form not in _WRITABLE[kind]:
        writable = " or ".join(_WRITABLE[kind])
        raise NoSuchFormat(f"{form} cannot hold the answer to this query", f"use --format {writable}")
    if isinstance(results, ox.QueryTriples) and form == "turtle":
        return write_rdf(list(results), form, asked.query.write_prefixes)
    output = io.BytesIO()
    write(results, _WRITABLE[kind][form], output, asked.query.write_prefixes, sys.maxsize, sys.maxsize)
    text = output.getvalue()
    return text.replace(b"\r\n", b"\n") if form == "csv" else text.rstrip(b"\n") + b"\n"


def _cells(asked: Asked, results: ox.QuerySolutions | ox.QueryBoolean, labelled: bool) -> list[list[str]] | bool:
    """The names of the columns and the rows, as a reader wants them; or yes or no."""
    if isinstance(results, ox.QueryBoolean):
        return bool(results)
    manifest = asked.release.manifest
    rows = [[_cell(value, manifest.base, manifest.prefixes) for value in row] for row in results]
    names = [variable.value for variable in results.variables]
    if not labelled:
        return [names, *rows]
    shown = [n for n, name in enumerate(names) if not (name.endswith("Label") and name.removesuffix("Label") in names)]
    labels = {n: names.index(f"{names[n]}Label") for n in shown if f"{names[n]}Label" in names}
    return [[names[n] for n in shown], *([row[labels.get(n, n)] or row[n] for n in shown] for row in rows)]


def _table(cells: list[list[str]], terminal: bool) -> Iterator[str]:
    """Rows in columns; below each other where a terminal is too narrow. Rich's own table takes a minute for 40,000."""
    from rich.cells import cell_len  # noqa: PLC0415 - imports are most of the time of a short command

    if terminal:  # which would obey what is written for it in somebody's data
        cells = [[cell.translate(_CONTROLS) for cell in row] for row in cells]
    names, *rows = cells
    grid = [[cell.splitlines() or [""] for cell in row] for row in cells]
    widths = [max(cell_len(line) for row in grid for line in row[n]) for n in range(len(names))]
    wanted = sum(widths) + len(_GAP) * (len(widths) - 1)
    width = shutil.get_terminal_size().columns
    if terminal and wanted > width:
        yield from _records(names, rows, width)
    else:
        for number, row in enumerate(grid):
            for parts in zip_longest(*row, fillvalue=""):
                padded = (part + " " * (width - cell_len(part)) for part, width in zip(parts, widths, strict=True))
                line = _GAP.join(padded).rstrip()
                yield f"{style(line, bold=True) if terminal and number == 0 else line}\n"
            if number == 0:
                yield "─" * wanted + "\n"
    yield f"{len(rows):,} row{'' if len(rows) == 1 else 's'}\n"


def _records(names: list[str], rows: list[list[str]], width: int) -> Iterator[str]:
    """Rows one below the other, for a table that is wider than the terminal's ``width`` in columns."""
    lead = max(map(len, names), default=0) + 2
    for number, row in enumerate(rows, start=1):
        yield f"── {number} ──\n"
        for name, cell in zip(names, row, strict=True):
            lines = textwrap.wrap(cell, max(20, width - lead)) if cell else []
            yield from (f"{name if first == 0 else '':<{lead}}{line}\n" for first, line in enumerate(lines))


def _cell(
    value: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple | None, base: str, prefixes: dict[str, str]
) -> str:
    if value is None:
        return ""
    if isinstance(value, ox.NamedNode):
        return compact(value.value, base, prefixes)
    return value.value if isinstance(value, ox.Literal) else str(value)
