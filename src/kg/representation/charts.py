"""Answers as drawings: bars, lines over time, a timeline, a map (``plotted.py``).

Positions are percentages, so a drawing has any width.

Which drawings an answer allows follows from its columns alone: numbers (XML Schema), dates, and anything else, which
names the rows. ``?xLabel`` holds the text for ``?x``, as in tables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from kg.engine.solutions import Row, number, read
from kg.release.manifest import Manifest
from kg.representation.cells import as_cell, columns_of, in_words
from kg.representation.instants import Span, span, ticks
from kg.representation.matrix import Mark
from kg.representation.plotted import Codes, Columns, Places, places
from kg.representation.scale import Bar, Scale, Tick
from kg.representation.view import Term
from kg.terms import DATES, INTEGERS, REALS

BARS, LINES, TIMELINE, MAP = "bars", "lines", "timeline", "map"
# More than that nobody reads; the table and the data have all.
_MOST_BARS, _MOST_ROWS, _MOST_POINTS, _MOST_SERIES, _MOST_NUMBERS = 100, 200, 2_000, 6, 3
_THIN = 0.6  # per cent: what is shorter is drawn as a dot


@dataclass(frozen=True)
class Bars:
    """For each row its names and a bar for each column of numbers (None: nothing there)."""

    names: tuple[str, ...]
    numbers: tuple[str, ...]
    rows: tuple[tuple[tuple[Term | None, ...], tuple[Bar | None, ...]], ...]
    left_out: int


@dataclass(frozen=True)
class Series:
    """Points (x, y, text) of one line, from left to right."""

    name: str
    points: tuple[tuple[float, float, str], ...]

    @property
    def steps(self) -> list[tuple[float, float, float, float]]:
        """From each point to the next."""
        return [(a[0], a[1], b[0], b[1]) for a, b in zip(self.points, self.points[1:], strict=False)]


@dataclass(frozen=True)
class Lines:
    """Numbers over time."""

    time: str
    number: str
    series: tuple[Series, ...]
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    left_out: int


@dataclass(frozen=True)
class Stretch:
    """One row on a timeline; a ``dot`` if it is short. ``when`` is what was answered."""

    names: tuple[Term | None, ...]
    x: float
    width: float
    dot: bool
    when: str


@dataclass(frozen=True)
class Timeline:
    """Rows by their dates, the earliest first."""

    names: tuple[str, ...]
    rows: tuple[Stretch, ...]
    across: tuple[Tick, ...]
    left_out: int


@dataclass(frozen=True)
class Charts:
    """The drawings that an answer allows."""

    bars: Bars | None
    lines: Lines | None
    timeline: Timeline | None
    map: Places | None = None

    @property
    def views(self) -> list[str]:
        """Their names."""
        found = ((BARS, self.bars), (LINES, self.lines), (TIMELINE, self.timeline), (MAP, self.map))
        return [name for name, chart in found if chart]


class _Answer:
    """The columns of an answer, each with what it holds."""

    def __init__(self, results: bytes, manifest: Manifest, called: Callable[[Term], Term]) -> None:
        names, self.rows = read(results)
        self._manifest, self._called = manifest, called
        columns = columns_of(names)
        self.numbers = [name for name in columns if self._all(name, INTEGERS | REALS)]
        self.dates = [name for name in columns if self._all(name, DATES)]
        self.names = [name for name in columns if name not in (*self.numbers, *self.dates)]

    def _all(self, name: str, datatypes: frozenset[str]) -> bool:
        found = [row[name].get("datatype", "") for row in self.rows if name in row]
        return bool(found) and all(datatype in datatypes for datatype in found)

    def named(self, row: Row, names: Iterable[str]) -> tuple[Term | None, ...]:
        cells = (as_cell(row, name, self._manifest) for name in names)
        return tuple(cell and self._called(cell) for cell in cells)


def charts(
    results: bytes,
    manifest: Manifest,
    called: Callable[[Term], Term] = lambda term: term,
    codes: Codes = lambda _: {},
    marks: Sequence[Mark] = (),
    languages: Sequence[str] = (),
) -> Charts:
    """The drawings of SPARQL results in JSON; things are ``called`` as the reader does, who wants ``languages``.

    ``codes`` finds the codes of countries that things have, ``marks`` are those of the project.
    """
    answer = _Answer(results, manifest, called)
    columns = Columns(answer.names, answer.numbers, lambda row, name: answer.named(row, [name])[0])
    drawn = places(answer.rows, columns, codes, marks, languages)
    return Charts(_bars(answer), _lines(answer), _timeline(answer), drawn)


def _bars(answer: _Answer) -> Bars | None:
    numbers = answer.numbers[:_MOST_NUMBERS]
    names = [*answer.names, *answer.dates]
    if not numbers or not names:
        return None
    rows = answer.rows[:_MOST_BARS]
    scales = {name: Scale([v for row in rows if (v := number(row, name)) is not None], zero=True) for name in numbers}
    drawn = tuple(
        (
            answer.named(row, names),
            tuple(
                None if (value := number(row, name)) is None else scales[name].bar(value, row[name]["value"])
                for name in numbers
            ),
        )
        for row in rows
    )
    left_out = len(answer.rows) - len(rows)
    return Bars(tuple(map(in_words, names)), tuple(map(in_words, numbers)), drawn, left_out)


def _lines(answer: _Answer) -> Lines | None:
    if not answer.numbers or not answer.dates or len(answer.names) > 1:
        return None
    date = answer.dates[0]
    numbers = answer.numbers[:1] if answer.names else answer.numbers[:_MOST_NUMBERS]
    series: dict[str, list[tuple[float, float, str]]] = {}
    rows = answer.rows[:_MOST_POINTS]
    for row in rows:
        when = span(row[date]["value"]) if date in row else None
        of = [cell.text if cell else "–" for cell in answer.named(row, answer.names)]
        for name in numbers:
            value = number(row, name)
            if when and value is not None:
                told = f"{row[date]['value']}: {row[name]['value']}"
                series.setdefault(of[0] if of else in_words(name), []).append((when.start, value, told))
    points = [point for line in series.values() for point in line]
    # One moment is no line.
    if len(series) > _MOST_SERIES or len({x for x, _, _ in points}) < 2:
        return None
    across, up = Scale([x for x, _, _ in points]), Scale([y for _, y, _ in points], zero=True)
    drawn = tuple(
        Series(name, tuple((across.place(x), 100 - up.place(y), told) for x, y, told in sorted(line)))
        for name, line in series.items()
    )
    return Lines(
        in_words(date),
        in_words(numbers[0]),
        drawn,
        tuple(Tick(across.place(x), text) for x, text in ticks(across.low, across.high)),
        tuple(Tick(100 - up.place(y), f"{Decimal(f'{y:.6g}'):f}") for y in up.ticks()),
        len(answer.rows) - len(rows),
    )


def _timeline(answer: _Answer) -> Timeline | None:
    if not answer.dates or not answer.names:
        return None
    # The first column of dates begins a row, the second, if there is one, ends it.
    first, last = answer.dates[0], answer.dates[min(1, len(answer.dates) - 1)]
    found: list[tuple[Span, str, Row]] = []
    for row in answer.rows:
        begins = span(row[first]["value"]) if first in row else None
        ends = span(row[last]["value"]) if last in row else None
        if begins:
            whole = Span(begins.start, ends.end) if ends and ends.end >= begins.start else begins
            texts = dict.fromkeys(row[name]["value"] for name in (first, last) if name in row)
            found.append((whole, " – ".join(texts), row))
    if not found:
        return None
    found.sort(key=lambda item: (item[0].start, item[0].end))
    shown = found[:_MOST_ROWS]
    across = Scale([edge for when, _, _ in shown for edge in (when.start, when.end)])
    names = [*answer.names, *answer.numbers]
    return Timeline(
        tuple(map(in_words, names)),
        tuple(
            Stretch(
                answer.named(row, names),
                across.place(when.start),
                (width := across.place(when.end) - across.place(when.start)),
                width < _THIN,
                text,
            )
            for when, text, row in shown
        ),
        tuple(Tick(across.place(x), text) for x, text in ticks(across.low, across.high)),
        len(answer.rows) - len(shown),
    )
