"""A comparison in plain words for a terminal: how many of which class, then thing by thing, most important first."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby

from kg.changes.comparison import KINDS, Comparison, Entry
from kg.changes.phrases import word
from kg.changes.telling import Line, Teller, Told
from kg.representation.view import Term

_SHOWN = 240  # characters of one value


def words(comparison: Comparison, language: str, width: int = 80, *, every: bool = False) -> Iterator[str]:
    """The lines: a count for each class, then each thing. ``every``: conclusions and all details of new things, too."""
    teller = Teller(comparison, language)
    entries = told_entries(comparison, every=every)
    yield from statistics(comparison, teller, every=every)
    for _, group in groupby(entries, key=lambda entry: entry.group):
        for number, entry in enumerate(group):
            told = teller.tell(entry, every=every)
            if number == 0:
                yield ""
                yield told.group
                yield "─" * min(len(told.group), width)
            yield from _thing(told, language, width)


def statistics(comparison: Comparison, teller: Teller, *, every: bool = False) -> Iterator[str]:
    """A line for each class, with how many of its things are new, changed ..."""
    entries = told_entries(comparison, every=every)
    rows = [(teller.group_name(group), list(members)) for group, members in groupby(entries, lambda e: e.group)]
    wide = max((len(name) for name, _ in rows), default=0)
    for name, members in rows:
        yield f"{name:<{wide}}  {counted(members, teller.language)}"
    if hidden := len(comparison.entries) - len(entries):
        yield word(teller.language, "inferred", hidden)


def told_entries(comparison: Comparison, *, every: bool) -> list[Entry]:
    """The things to be told: those that differ in conclusions only are left out unless ``every`` is wanted."""
    return [entry for entry in comparison.entries if every or not entry.inferred]


def counted(entries: Iterable[Entry], language: str) -> str:
    """``12 new, 3 changed``."""
    kinds = Counter(entry.kind for entry in entries)
    return ", ".join(word(language, f"count {kind}", kinds[kind]) for kind in KINDS if kinds[kind])


def paragraphs(told: Told, language: str) -> Iterator[str]:
    """What happened to a thing, without its headline: a text for each line."""
    for newer in told.superseded_by:
        yield f"{word(language, 'superseded by')} {newer.text}"
    for line in told.lines:
        yield from _line(line)


def _thing(told: Told, language: str, width: int) -> Iterator[str]:
    yield from _wrapped(told.sentence, "", "    ", width)
    for text in paragraphs(told, language):
        yield from _wrapped(text, "  ", "      ", width)


def _line(line: Line) -> Iterator[str]:
    name = f"{line.part}, {line.name}" if line.part else line.name
    if line.single:
        yield f"{name}: {_short(line.removed[0])} → {_short(line.added[0])}"
        return
    yield from (f"- {name}: {_short(value)}" for value in line.removed)
    yield from (f"+ {name}: {_short(value)}" for value in line.added)


def _short(value: Term) -> str:
    text = " ".join(value.text.split())
    text = text if len(text) <= _SHOWN else text[: _SHOWN - 1].rstrip() + "…"
    return f"{text} ({value.language})" if value.language and not value.iri else text


def _wrapped(text: str, first: str, further: str, width: int) -> list[str]:
    return textwrap.wrap(
        text, width, initial_indent=first, subsequent_indent=further, break_long_words=False, break_on_hyphens=False
    )
