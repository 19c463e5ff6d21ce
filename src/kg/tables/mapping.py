"""``ontology/tables/`` -> TableMapping: which tables a project has, what their cells may hold, and its queries.

``tables.json`` is CSVW metadata (W3C, Metadata Vocabulary for Tabular Data) with a few annotations of our own:

* on the group: ``kg:owns`` (globs of the Turtle files that an import writes), ``kg:keys`` (the CSV file that keeps
  which IRI each row got), ``kg:withdrawn`` (the Turtle file for the tombstones of rows that have gone), ``kg:prefixes``
  and ``kg:predicates`` (prefixes and order of properties in the Turtle);
* on a column: ``kg:codes`` (a SKOS scheme or a class: cells hold the ``skos:notation`` of its members), ``kg:also``
  (further values) and ``kg:references`` (``table.column`` names: cells hold a value of one of them).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import csvw

from kg.errors import ProjectError
from kg.project import Project
from kg.source import read_text

FOLDER = Path("ontology/tables")
# Where tombstones stand if the mapping does not say.
WITHDRAWN = "data/curation/withdrawn.ttl"
EDTF = "http://id.loc.gov/datatypes/edtf/EDTF"


@dataclass(frozen=True)
class Column:
    """One column: its name and what its cells may hold. ``separator`` is "" for cells with one value."""

    name: str
    required: bool
    separator: str
    is_date: bool
    codes: str
    also: tuple[str, ...]
    references: tuple[tuple[str, str], ...]
    cell: csvw.metadata.Column

    @property
    def is_number(self) -> bool:
        """True if cells hold decimal numbers."""
        return self.cell.datatype is not None and self.cell.datatype.base in ("decimal", "integer", "number")


@dataclass(frozen=True)
class Table:
    """One table: its file name, its columns in order and the names of those that identify a row."""

    file: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]

    @property
    def name(self) -> str:
        """The file's name without its ending."""
        return Path(self.file).stem

    @cached_property
    def names(self) -> list[str]:
        """The names of the columns, in order."""
        return [column.name for column in self.columns]


@dataclass(frozen=True)
class NamedQuery:
    """A SPARQL query of the mapping and the file it stands in."""

    file: Path
    text: str

    def problem(self, error: SyntaxError | ValueError) -> ProjectError:
        """Why the query cannot be run, as an error that names the file; line and column are the parser's."""
        return ProjectError(f"{self.file}: {getattr(error, 'msg', None) or error}", "correct the query")


@dataclass(frozen=True)
class TableMapping:
    """Everything that ``ontology/tables/`` says. Queries are in the order of their file names."""

    tables: tuple[Table, ...]
    owns: tuple[str, ...]
    keys_file: Path
    withdrawn_file: Path
    prefixes: dict[str, str]
    predicates: tuple[str, ...]
    keys: tuple[NamedQuery, ...]
    to_turtle: tuple[NamedQuery, ...]
    to_table: dict[str, NamedQuery]
    layout: NamedQuery
    headers: NamedQuery

    def owned(self, path: Path) -> bool:
        """True for a file (path inside the project) that an import writes."""
        return path == self.withdrawn_file or any(fnmatchcase(path.as_posix(), pattern) for pattern in self.owns)


def has_tables(project: Project) -> bool:
    """True if the project has a table mapping at all."""
    return (project.root / FOLDER / "tables.json").is_file()


def read_mapping(project: Project) -> TableMapping:
    """Read the project's table mapping. Raises ProjectError if there is none or it is incomplete."""
    folder = project.root / FOLDER
    file = folder / "tables.json"
    if not file.is_file():
        raise ProjectError(f"this project has no tables: {file} is missing", "see docs/tables.md")
    try:
        group: dict[str, Any] = json.loads(read_text(file))
        tables = tuple(_tables(cast(csvw.TableGroup, csvw.TableGroup.from_file(file))))
        mapping = TableMapping(
            tables=tables,
            owns=tuple(group["kg:owns"]),
            keys_file=Path(group["kg:keys"]),
            withdrawn_file=Path(group.get("kg:withdrawn", WITHDRAWN)),
            prefixes=dict(group.get("kg:prefixes", {})),
            predicates=tuple(_expanded(name, group.get("kg:prefixes", {})) for name in group.get("kg:predicates", ())),
            keys=tuple(_queries(folder / "keys")),
            to_turtle=tuple(_queries(folder / "to-turtle")),
            to_table={query.file.stem: query for query in _queries(folder / "to-table")},
            layout=_query(folder / "layout.rq"),
            headers=_query(folder / "headers.rq"),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ProjectError(f"{file} cannot be used: {error!r}", "CSVW metadata is wanted: docs/tables.md") from error
    if missing := [table.name for table in tables if table.name not in mapping.to_table]:
        raise ProjectError(f"no way back for {', '.join(missing)}", f"write {folder}/to-table/{missing[0]}.rq (SELECT)")
    return mapping


def _expanded(name: str, prefixes: dict[str, str]) -> str:
    prefix, _, local = name.partition(":")
    return prefixes[prefix] + local


def _tables(group: csvw.TableGroup) -> Iterator[Table]:
    for table in group.tables:
        schema = table.tableSchema
        if schema is None:
            raise ValueError(f"{table.url} has no tableSchema")
        yield Table(str(table.url), tuple(map(_column, schema.columns)), tuple(schema.primaryKey or ()))


def _column(cell: csvw.metadata.Column) -> Column:
    annotations = cell.common_props
    references = annotations.get("kg:references", [])
    return Column(
        name=cell.name,
        required=bool(cell.required),
        separator=cell.separator or "",
        is_date=cell.datatype is not None and cell.datatype.at_props.get("id") == EDTF,
        codes=annotations.get("kg:codes", ""),
        also=tuple(annotations.get("kg:also", ())),
        references=tuple(_reference(text) for text in references),
        cell=cell,
    )


def _reference(text: str) -> tuple[str, str]:
    table, _, column = text.partition(".")
    return table, column


def _queries(folder: Path) -> list[NamedQuery]:
    return [_query(file) for file in sorted(folder.glob("*.rq"))]


def _query(file: Path) -> NamedQuery:
    if not file.is_file():
        raise ProjectError(f"the table mapping lacks {file}", "docs/tables.md says what it holds")
    return NamedQuery(file, read_text(file))
