"""``kg import`` and ``kg export``: a folder of CSV tables into the project's Turtle files, and back.

An import computes everything, takes it back through the way to the tables to see that no value is lost, and only then
writes; with any finding nothing is written. Files whose text stays the same are not touched. A thing whose row has gone
does not vanish: an import writes a tombstone for it (``tombstones``).
"""

from __future__ import annotations

import csv
import fcntl
import io
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from kg.errors import ProjectError
from kg.findings import Finding
from kg.graph import KnowledgeGraph
from kg.tables.cells import Row
from kg.tables.keys import read_keys
from kg.tables.mapping import Table, TableMapping, read_mapping
from kg.tables.reading import TableReader, lost_values
from kg.tables.store import TableStore
from kg.tables.tombstones import HEADER, tombstones
from kg.tables.turtle import TurtleFile, natural
from kg.terms import whole


@dataclass(frozen=True)
class Imported:
    """What an import found and would change: ``files`` (path inside the project -> text, None: removed), rows read."""

    findings: tuple[Finding, ...]
    files: dict[Path, str | None]
    rows: dict[str, int]

    @property
    def tables(self) -> int:
        """How many tables were read."""
        return len(self.rows)


def plan_import(graph: KnowledgeGraph, folder: Path) -> Imported:
    """Compute what importing the tables in ``folder`` changes, without writing anything.

    A table that is not in the folder keeps its rows. Raises ProjectError if the project has no table mapping, a query
    of it cannot be used, or the folder holds none of its tables.
    """
    work = _Work(graph)
    readers = work.read(folder)
    findings = [f for reader in readers.values() for f in reader.findings]
    counts = {name: len(reader.rows) for name, reader in readers.items()}
    if findings:
        return Imported(tuple(findings), {}, counts)
    files = work.files({name: reader.rows for name, reader in readers.items()})
    for name, reader in readers.items():
        findings += lost_values(reader.table, reader.path, reader.rows, work.back[name])
    return Imported(tuple(findings), {} if findings else work.changed(files), counts)


def rewritten(graph: KnowledgeGraph) -> dict[Path, str | None]:
    """The owned files that are not as an import of their own export would write them; None: the file would go."""
    work = _Work(graph)
    return work.changed(work.files({}))


def write_import(root: Path, imported: Imported) -> None:
    """Write the files of an import: all of them beside the old ones first, then each by one rename.

    Raises ProjectError if another import is writing, or if there is no room; the files are then as they were.
    """
    with _one_at_a_time(root):
        fresh: list[tuple[Path, Path]] = []
        try:
            for name, text in imported.files.items():
                if text is not None:
                    fresh.append((_written(root / name, text), root / name))
        except OSError as error:
            for part, _ in fresh:
                part.unlink(missing_ok=True)
            raise ProjectError(f"{root} cannot be written: {error.strerror}; nothing was changed") from error
        for part, target in fresh:
            part.replace(target)
        for name, text in imported.files.items():
            if text is None:
                (root / name).unlink(missing_ok=True)


def export_tables(graph: KnowledgeGraph) -> dict[str, str]:
    """Every table of the project as CSV (RFC 4180) by file name, rows sorted by their key."""
    work = _Work(graph)
    return {table.file: csv_text(table, rows) for table, rows in work.current()}


def csv_text(table: Table, rows: Iterable[Row]) -> str:
    """Rows as CSV (RFC 4180: lines end in CR LF, a header first)."""
    output = io.StringIO()
    writer = csv.writer(output, lineterminator="\r\n")
    writer.writerow(table.names)
    writer.writerows([row.cells[name] for name in table.names] for row in rows)
    return output.getvalue()


def write_export(folder: Path, tables: dict[str, str]) -> None:
    """Write tables into ``folder``, each by one rename. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in tables.items():
        _written(folder / name, text).replace(folder / name)


class _Work:
    """One pass over a project's tables."""

    def __init__(self, graph: KnowledgeGraph) -> None:
        self.project = graph.project
        self.mapping: TableMapping = read_mapping(graph.project)
        self.kept: list[ox.Quad] = []
        self.owned: list[ox.Quad] = []
        self.tombs: list[ox.Quad] = []
        self.owned_files: set[Path] = set()
        if graph.problems:
            raise ProjectError(f"{graph.problems[0]}", "correct the file first; kg check shows all that do not parse")
        for file in graph.files:
            path = file.path.relative_to(self.project.root)
            mine = self.mapping.owned(path)
            # Tombstones say nothing that a query of the mapping should take for data.
            tombs = path == self.mapping.withdrawn_file
            (self.tombs if tombs else self.owned if mine else self.kept).extend(file.quads)
            if mine:
                self.owned_files.add(path)
        self.keys = read_keys(self.project.base, self.project.root / self.mapping.keys_file)
        self.back: dict[str, list[Row]] = {}

    def _store(self, *, aside: bool = False) -> TableStore:
        return TableStore(self.project.base, self.mapping, self.kept, self.keys, aside=aside)

    def current(self) -> list[tuple[Table, list[Row]]]:
        """The tables as the project's files give them."""
        store = self._store(aside=True)
        store.add(self.owned)
        return [(table, store.rows(table)) for table in self.mapping.tables]

    def read(self, folder: Path) -> dict[str, TableReader]:
        """Read and check the tables that are in ``folder``; the readers hold what is wrong with them."""
        if not folder.is_dir():
            raise ProjectError(f"{folder} is not a folder", "name the folder that holds the CSV files")
        readers = {t.name: TableReader(t, folder / t.file) for t in self.mapping.tables if (folder / t.file).is_file()}
        if not readers:
            wanted = ", ".join(table.file for table in self.mapping.tables)
            raise ProjectError(f"{folder} holds none of this project's tables", f"they are named: {wanted}")
        rows = dict(self._rows({name: reader.rows for name, reader in readers.items()}))
        store = self._store()
        unread = {name for name, reader in readers.items() if not reader.rows}
        for reader in readers.values():
            # What refers to a table that could not be read would only be consequences of that.
            checked = [c for c in reader.table.columns if not unread.intersection(table for table, _ in c.references)]
            reader.check_values(
                {
                    column.name: (store.codes(column.codes) if column.codes else set()).union(
                        column.also,
                        *({row.cells[name] for row in rows[table]} for table, name in column.references),
                    )
                    for column in checked
                    if column.codes or column.references
                }
            )
        return readers

    def _rows(self, given: dict[str, list[Row]]) -> Iterator[tuple[str, list[Row]]]:
        """The rows of every table: the given ones, else those that the project has now."""
        if all(table.name in given for table in self.mapping.tables):
            yield from given.items()
            return
        for table, rows in self.current():
            yield table.name, given.get(table.name, rows)

    def files(self, given: dict[str, list[Row]]) -> dict[Path, str]:
        """The text of every owned file, and of the file of keys, after an import of the ``given`` rows."""
        store = self._store()
        rows = dict(self._rows(given))
        for table in self.mapping.tables:
            store.add_rows(table, sorted(rows[table.name], key=lambda row: row.key(table)))
        store.mint()
        constructed = store.construct()
        store.add(constructed)
        texts = self._texts(constructed, store.layout(), store.headers())
        back = self._store(aside=True)
        back.add(constructed)
        self.back = {table.name: back.rows(table) for table in self.mapping.tables}
        return texts | self._tombstones(store.in_use) | {self.mapping.keys_file: self.keys.text()}

    def _tombstones(self, in_use: set[str]) -> dict[Path, str]:
        """The file of tombstones, if there are any."""
        former = [quad.triple for quad in (*self.owned, *self.tombs)]
        found = tombstones(self.keys, in_use, self.kept, former, self.project.label_properties)
        writer = self._writer()
        subjects = sorted(found.items(), key=lambda item: natural(item[0]))
        return {self.mapping.withdrawn_file: writer.text(HEADER, subjects)} if found else {}

    def _writer(self) -> TurtleFile:
        return TurtleFile(
            f"{self.project.base}id/", self.mapping.prefixes, self.mapping.predicates, self.project.languages
        )

    def _texts(
        self, triples: list[ox.Triple], layout: dict[str, tuple[str, str]], headers: dict[str, str]
    ) -> dict[Path, str]:
        by_subject: dict[str, list[ox.Triple]] = {}
        for triple in triples:
            by_subject.setdefault(str(triple.subject)[1:-1], []).append(triple)
        files: dict[str, list[tuple[list[object], list[object], str]]] = {}
        for subject in by_subject:
            place = layout.get(subject) or layout.get(whole(subject))
            if place is None:
                raise ProjectError(f"no file for <{subject}>", f"let {self.mapping.layout.file} name one")
            file, block = place
            if not self.mapping.owned(Path(file)):
                raise ProjectError(f"{self.mapping.layout.file} puts <{subject}> into {file}", "list it in kg:owns")
            files.setdefault(file, []).append((natural(block), natural(subject), subject))
        writer = self._writer()
        return {
            Path(file): writer.text(headers.get(file, ""), [(s, by_subject[s]) for _, _, s in sorted(entries)])
            for file, entries in files.items()
        }

    def changed(self, files: dict[Path, str]) -> dict[Path, str | None]:
        """Those of the ``files`` whose text is another one now, and the owned ones that are no longer wanted."""
        found: dict[Path, str | None] = {}
        for path, text in sorted(files.items()):
            target = self.project.root / path
            if not target.is_file() or target.read_bytes() != text.encode():
                found[path] = text
        return found | dict.fromkeys(sorted(self.owned_files - set(files)))


def _written(target: Path, text: str) -> Path:
    """The text in a new file beside ``target``, safely on the disk."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    try:
        with part.open("wb") as output:
            output.write(text.encode())
            output.flush()
            os.fsync(output.fileno())
    except OSError:
        part.unlink(missing_ok=True)
        raise
    return part


@contextmanager
def _one_at_a_time(root: Path) -> Iterator[None]:
    folder = os.open(root, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise ProjectError(f"another import is writing in {root}", "wait for it to end") from None
    finally:
        os.close(folder)
