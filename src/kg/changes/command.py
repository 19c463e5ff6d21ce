"""What ``kg diff`` does: two sides compared, and written in one of four ways."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from kg.changes.changeset import write_changeset
from kg.changes.comparison import Comparison
from kg.changes.patch import write_patch
from kg.changes.phrases import word
from kg.changes.sides import open_side
from kg.changes.structured import as_json, written
from kg.changes.telling import Teller
from kg.changes.words import statistics, told_entries, words

FORMATS = ("words", "patch", "turtle", "json")


def compare(before: str, after: str, project: Path, releases: Path, *, asserted: bool = False) -> Comparison:
    """Compare what two texts name (see ``sides.open_side``). Raises KgError."""
    return Comparison(*(open_side(given, project, releases, asserted=asserted) for given in (before, after)))


def printed(
    comparison: Comparison, form: str, language: str, width: int, *, counts: bool = False, every: bool = False
) -> Iterator[str]:
    """The difference as text; nothing at all where there is none.

    ``counts``: only how many things of each class differ. ``every``: what differs in conclusions only, too, and all
    that is said of new things. Moving a statement to another file is a difference of the dataset without words.
    """
    if form == "patch":
        if comparison.difference:
            yield from (line.decode() for line in write_patch(comparison))
    elif form == "turtle":
        if comparison.difference:
            yield from (piece.decode() for piece in write_changeset(comparison))
    elif form == "json":
        teller = Teller(comparison, language)
        entries = told_entries(comparison, every=every)
        shown = () if counts else (teller.tell(entry, every=every) for entry in entries)
        yield written(as_json(comparison, teller, entries, shown))
    else:
        changes = comparison.difference
        if changes:
            yield word(language, "triples", len(changes.added), len(changes.removed)) + "\n"
        told = statistics(comparison, Teller(comparison, language), every=every) if counts else None
        yield from (line + "\n" for line in told or words(comparison, language, width, every=every))
