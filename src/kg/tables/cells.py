"""Cells -> values, and what a row says as triples.

A row is a node with one property per column (CSV on the Web, "Generating RDF from Tabular Data on the Web", minimal
mode): ``<{base}table/commitments#stance>``. A cell with a separator gives one triple per value; the order of its values
means nothing. A date in EDTF adds three properties, ``#stated_on.earliest``, ``.latest`` and, for a full and certain
day, ``.day``: SPARQL cannot compute the last day of a month.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

import edtf
import pyoxigraph as ox
from edtf.parser.edtf_exceptions import EDTFParseException

from kg.tables.mapping import Column, Table
from kg.terms import PREFIXES

_XSD = PREFIXES["xsd"]
_DAY_LENGTH = len("2026-01-31")


@dataclass(frozen=True)
class Row:
    """One row: the texts of its cells by column, lists in normal form; ``line`` counts from 1, 0 if of no file."""

    cells: dict[str, str]
    line: int = 0

    def key(self, table: Table) -> tuple[str, ...]:
        """What identifies the row in its table."""
        return tuple(self.cells.get(name, "") for name in table.key)


def row_iri(base: str, table: Table, number: int) -> ox.NamedNode:
    """The node that stands for a row; ``number`` counts from 1 (RFC 7111 counts rows so)."""
    return ox.NamedNode(f"{base}table/{table.name}#row={number}")


def column_iri(base: str, table: Table, name: str) -> ox.NamedNode:
    """The property of a column."""
    return ox.NamedNode(f"{base}table/{table.name}#{name}")


def values(column: Column, text: str) -> list[str]:
    """The single values of a cell, sorted if there can be several."""
    if not column.separator:
        return [text] if text else []
    return sorted({part.strip() for part in text.split(column.separator)} - {""})


def normal(column: Column, text: str) -> str:
    """The text of a cell as an export writes it: lists sorted, numbers without needless digits."""
    found = values(column, text)
    if column.is_number:
        found = [_plain(Decimal(value)) for value in found]
    return column.separator.join(found)


def problem(column: Column, text: str) -> str | None:
    """What is wrong with the cell by itself, or None."""
    if not text:
        return "a value is wanted" if column.required else None
    if column.is_date:
        return None if _bounds(text) else "not a date: write 2026-01-31, 2026-01, 2026 or another EDTF date"
    try:
        if column.is_number and not all(Decimal(value).is_finite() for value in values(column, text)):
            raise ValueError(text)  # XML Schema has no NaN among its decimals, and CSVW only warns
        column.cell.read(text)
    except (ValueError, TypeError, ArithmeticError) as error:
        return _as_sentence(column, error)
    return None


def _as_sentence(column: Column, error: Exception) -> str:
    datatype = column.cell.datatype
    if column.is_number:
        return "not a number: write digits, with a dot before decimals"
    if datatype is not None and datatype.format:
        return f"does not match {datatype.format}"
    return str(error)


def triples(base: str, table: Table, rows: list[Row]) -> Iterator[ox.Quad]:
    """What the rows say, each as a node of its own. The cells must be without problems."""
    for number, row in enumerate(rows, start=1):
        node = row_iri(base, table, number)
        for column in table.columns:
            for value in values(column, row.cells.get(column.name, "")):
                for suffix, term in _terms(column, value):
                    yield ox.Quad(node, column_iri(base, table, column.name + suffix), term)


def _terms(column: Column, value: str) -> Iterator[tuple[str, ox.Literal]]:
    if column.is_number:
        number = Decimal(value)
        datatype = "integer" if number == number.to_integral_value() else "decimal"
        yield "", ox.Literal(_plain(number), datatype=ox.NamedNode(_XSD + datatype))
        return
    yield "", ox.Literal(value)
    if column.is_date and (bounds := _bounds(value)):
        earliest, latest = (ox.Literal(day.isoformat(), datatype=ox.NamedNode(_XSD + "date")) for day in bounds)
        yield ".earliest", earliest
        yield ".latest", latest
        if earliest == latest and len(value) == _DAY_LENGTH:
            yield ".day", earliest


@lru_cache(maxsize=4096)
def _bounds(text: str) -> tuple[date, date] | None:
    """The first and the last day that an EDTF expression can mean, taken at its word ("~" widens nothing)."""
    try:
        if len(text) == _DAY_LENGTH and text[4] == text[7] == "-":
            return (day := date.fromisoformat(text)), day  # most cells; the parser takes 15 ms for each
        parsed: Any = edtf.parse_edtf(text)
        first, last = (tuple(moment)[:3] for moment in (parsed.lower_strict(), parsed.upper_strict()))
        return date(*first), date(*last)
    except (EDTFParseException, ValueError, TypeError, AttributeError, OverflowError):
        return None


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"
