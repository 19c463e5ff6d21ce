"""Which IRI each row got: minted once, kept for ever (``data/keys.csv``).

A pattern with asterisks, such as ``id/position/ITA-****``, takes the next number of that many digits that no key has
had; a pattern without is the IRI itself. Whoever gave a row another IRI by hand in the file is obeyed.
"""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

from kg.errors import ProjectError
from kg.source import read_text
from kg.terms import iri_spellings, whole

_HEADER = ["table", "fact_id", "iri"]
_COUNTER = re.compile(r"\*+")


class Keys:
    """The keys of a project: (table, id of the row) -> IRI."""

    def __init__(self, base: str, known: dict[tuple[str, str], str]) -> None:
        self._base = base
        self.known = known
        self._taken = set(known.values())
        self._next: dict[str, int] = {}

    def mint(self, table: str, row_id: str, pattern: str) -> str:
        """The IRI of a row: the known one, else a new one after ``pattern`` (relative to the base).

        Raises ProjectError for a pattern that gives no usable IRI.
        """
        if iri := self.get(table, row_id):
            return iri
        counter = _COUNTER.search(pattern)
        iri = self._base + pattern if counter is None else self._numbered(pattern, counter)
        if whole(iri) not in iri_spellings(self._base, whole(iri).removeprefix(self._base)):
            raise ProjectError(f"<{iri}> for {table} {row_id} cannot be an IRI", "see ontology/tables/keys/")
        self.known[table, row_id] = iri
        self._taken.add(iri)
        return iri

    def get(self, table: str, row_id: str) -> str | None:
        """The IRI that a row has already."""
        return self.known.get((table, row_id))

    def share(self, table: str, row_id: str, iri: str) -> None:
        """Let a row have the IRI of another one: both tell of the same thing."""
        self.known[table, row_id] = iri

    def _numbered(self, pattern: str, counter: re.Match[str]) -> str:
        number = self._next.get(pattern, 1)
        while True:
            iri = self._base + pattern[: counter.start()] + f"{number:0{len(counter[0])}}" + pattern[counter.end() :]
            number += 1
            if iri not in self._taken:
                self._next[pattern] = number
                return iri

    def text(self) -> str:
        """The file that keeps the keys, sorted."""
        output = io.StringIO()
        writer = csv.writer(output, lineterminator="\n")
        writer.writerow(_HEADER)
        writer.writerows([table, row_id, iri] for (table, row_id), iri in sorted(self.known.items()))
        return output.getvalue()


def read_keys(base: str, path: Path) -> Keys:
    """Read the kept keys; none if there is no file yet. Raises ProjectError for a file of another form."""
    if not path.is_file():
        return Keys(base, {})
    rows = list(csv.reader(io.StringIO(read_text(path), newline="")))
    if not rows or rows[0] != _HEADER:
        raise ProjectError(
            f"{path}: the first line must be {','.join(_HEADER)}", "restore the file; keys are never made anew"
        )
    known: dict[tuple[str, str], str] = {}
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != len(_HEADER) or not row[2].startswith(base) or (row[0], row[1]) in known:
            raise ProjectError(f"{path}:{number}: wanted are a table, an id not given before, and an IRI under {base}")
        known[row[0], row[1]] = row[2]
    return Keys(base, known)
