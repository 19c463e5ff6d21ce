"""CSV files -> rows, with everything that is wrong in them found at once (RFC 4180, UTF-8)."""

from __future__ import annotations

import csv
import difflib
import io
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from kg.errors import SourceError
from kg.findings import Finding
from kg.source import read_text
from kg.tables.cells import Row, normal, problem, values
from kg.tables.mapping import Column, Table

_SHOWN_VALUES = 24


class TableReader:
    """Reads one table; ``findings`` tells what is wrong with it, by file, line and number of the column."""

    def __init__(self, table: Table, path: Path) -> None:
        self.table, self.path = table, path
        self.findings: list[Finding] = []
        self.rows: list[Row] = []
        try:
            text = read_text(path)
            if "\0" in text:
                raise SourceError(
                    "the table holds a NUL byte; remove it", path, text[: text.index("\0")].count("\n") + 1
                )
            self._read(text)
        except SourceError as error:
            self._tell(error.problem, error.line, error.column)

    def _tell(self, message: str, line: int, column: int = 0, value: str = "") -> None:
        self.findings.append(Finding("violation", "table", {"en": message}, str(self.path), line, column, value=value))

    def _read(self, text: str) -> None:
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        numbered = self._numbered(reader)
        _, header = next(numbered, (1, []))
        names = self.table.names
        for name in names:
            if name not in header:
                self._tell(f"the column {name!r} is missing; wanted are: {', '.join(names)}", 1)
        for number, name in enumerate(header, start=1):
            if name not in names:
                hint = difflib.get_close_matches(name, names, 1)
                meant = f"; is {hint[0]!r} meant?" if hint else ""
                self._tell(f"there is no column {name!r}; wanted are: {', '.join(names)}{meant}", 1, number)
            elif name in header[: number - 1]:
                self._tell(f"the column {name!r} stands here a second time", 1, number)
        self.header = header
        if not self.findings:
            for line, cells in numbered:
                self._row(line, cells)
            self._duplicates()

    def _numbered(self, reader: csv._reader) -> Iterator[tuple[int, list[str]]]:  # type: ignore[name-defined]
        """The records with the line on which each begins; empty lines are passed over."""
        line = 1
        try:
            for cells in reader:
                if cells:
                    yield line, cells
                line = reader.line_num + 1
        except csv.Error as error:
            self._tell(f"not CSV: {error}; look for a quotation mark that is not closed or not doubled", line)

    def _row(self, line: int, cells: list[str]) -> None:
        if len(cells) != len(self.header):
            more = "more" if len(cells) > len(self.header) else "fewer"
            self._tell(
                f"{len(cells)} cells, {more} than the {len(self.header)} of the header; "
                "put text with a comma into quotation marks",
                line,
            )
            return
        by_name = dict(zip(self.header, cells, strict=True))
        good = True
        for column in self.table.columns:
            if message := problem(column, by_name[column.name]):
                self._tell(f"{column.name}: {message}", line, self._number(column), _value(by_name[column.name]))
                good = False
        texts = {c.name: normal(c, by_name[c.name]) if good else by_name[c.name] for c in self.table.columns}
        self.rows.append(Row(texts, line))

    def _number(self, column: Column) -> int:
        return self.header.index(column.name) + 1

    def _duplicates(self) -> None:
        first: dict[tuple[str, ...], int] = {}
        for row in self.rows:
            key = row.key(self.table)
            if key in first:
                named = ", ".join(self.table.key)
                self._tell(f"{named}: {'/'.join(key)} stands already on line {first[key]}", row.line, 1)
            first.setdefault(key, row.line)

    def check_values(self, accepted: Mapping[str, set[str]]) -> None:
        """Find the cells whose values are not among those ``accepted`` for their column (by its name)."""
        for column in self.table.columns:
            if column.name not in accepted:
                continue
            for row in self.rows:
                for value in values(column, row.cells[column.name]):
                    if value not in accepted[column.name]:
                        self._unknown(column, row.line, value, accepted[column.name])

    def _unknown(self, column: Column, line: int, value: str, accepted: set[str]) -> None:
        near = difflib.get_close_matches(value, accepted, 3, 0.6)
        meant = f" Is {' or '.join(map(repr, near))} meant?" if near else ""
        some = sorted(accepted)
        more = f" and {len(some) - _SHOWN_VALUES:,} more" if len(some) > _SHOWN_VALUES else ""
        shown = ", ".join(some[:_SHOWN_VALUES]) + more
        told_in = "" if not column.references else " (" + ", ".join(f"{t}.csv" for t, _ in column.references) + ")"
        self._tell(
            f"{column.name}: {value!r} is not known.{meant} Accepted{told_in}: {shown}",
            line,
            self._number(column),
            _value(value),
        )


def lost_values(table: Table, path: Path, rows: list[Row], back: list[Row]) -> list[Finding]:
    """Findings for each cell that does not come ``back`` from the Turtle as it stands in ``rows``.

    Whatever a mapping leaves out is noticed here, before anything is written.
    """
    found = []
    returned = {row.key(table): row for row in back}
    for key, count in Counter(row.key(table) for row in back).items():
        if count > 1:
            found.append(_lost(path, 0, 0, f"{'/'.join(key)} comes back as {count} rows; one value must be ambiguous"))
    for row in rows:
        twin = returned.pop(row.key(table), None)
        if twin is None:
            found.append(_lost(path, row.line, 1, "the row would be lost: the Turtle does not give it back"))
            continue
        for number, name in enumerate(table.names, start=1):
            if row.cells[name] != twin.cells[name]:
                told = f"{name}: would be lost; the Turtle gives back {twin.cells[name]!r}"
                found.append(_lost(path, row.line, number, told, row.cells[name]))
    found += [_lost(path, 0, 0, f"a row comes back that is not in the table: {'/'.join(key)}") for key in returned]
    return found


def _lost(path: Path, line: int, column: int, message: str, value: str = "") -> Finding:
    return Finding("violation", "table", {"en": message}, str(path), line, column, value=_value(value) if value else "")


def _value(text: str) -> str:
    """A cell as an RDF literal: how findings hold values."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r") + '"'
