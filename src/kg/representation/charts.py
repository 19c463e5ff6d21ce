"""Answers as drawings: bars, lines over time, a timeline, a map (``plotted.py``).

Positions are percentages, so a drawing has any width.

Which drawings an answer allows follows from its columns alone: numbers (XML Schema), dates, and anything else, which
names the rows. ``?xLabel`` holds the text for ``?x``, as in tables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from kg.engine.solutions import Beginning, Row, number
from kg.questions import columns_of
from kg.release.manifest import Manifest
from kg.representation.cells import as_cell, in_words
from kg.representation.instants import Span, span, ticks
from kg.representation.matrix import Mark
from kg.representation.plotted import Codes, Columns, Places, places
from kg.representation.scale import Bar, Scale, Tick
from kg.representation.view import Term, clipped, shortened
from kg.terms import DATES, INTEGERS, REALS

BARS, LINES, TIMELINE, MAP = "bars", "lines", "timeline", "map"
# So many rows of an answer are looked at.
MOST_ROWS = 2_000
# More than that nobody reads; the table and the data have all.
_MOST_BARS, _MOST_STRETCHES, _MOST_SERIES, _MOST_NUMBERS, _MOST_NAMES = 100, 200, 6, 3, 8
_LONGEST_NUMBER = 40  # characters
_THIN = 0.6  # per cent: what is shorter is drawn as a dot


@dataclass(frozen=True)
class Bars:
    """For each row its names and a bar for each column of numbers (None: nothing there).

    What is no finite number has a bar without width.
    """

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
    """Numbers over time. Of the rows ``left_out``, ``without`` have a date or number that cannot be drawn, or none."""

    time: str
    number: str
    series: tuple[Series, ...]
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    left_out: int
    without: int = 0


@dataclass(frozen=True)
class Stretch:
    """One row on a timeline; a ``dot`` if it is short. ``when`` are the dates that were answered, each once.

    It is ``open`` if rows have an end, and this one has none: then it goes on to the right edge.
    """

    names: tuple[Term | None, ...]
    x: float
    width: float
    dot: bool
    when: tuple[str, ...]
    open: bool = False


@dataclass(frozen=True)
class Timeline:
    """Rows by their dates, the earliest first."""

    names: tuple[str, ...]
    rows: tuple[Stretch, ...]
    across: tuple[Tick, ...]
    left_out: int


@dataclass(frozen=True)
class Charts:
    """The drawings that an answer allows; ``unnamed`` is the number of columns that none of them has room for."""

    bars: Bars | None
    lines: Lines | None
    timeline: Timeline | None
    map: Places | None = None
    unnamed: int = 0

    @property
    def views(self) -> list[str]:
        """Their names."""
        found = ((BARS, self.bars), (LINES, self.lines), (TIMELINE, self.timeline), (MAP, self.map))
        return [name for name, chart in found if chart]


class _Answer:
    """The columns of an answer, each with what it holds."""

    def __init__(self, found: Beginning, manifest: Manifest, called: Callable[[Term], Term]) -> None:
        self.rows, self.total = found.rows[:MOST_ROWS], found.total
        self._manifest, self._called = manifest, called
        columns = columns_of(found.names)
        self.numbers = [name for name in columns if self._all(name, INTEGERS | REALS)]
        self.dates = [name for name in columns if self._all(name, DATES)]
        known = {*self.numbers, *self.dates}
        self.names = [name for name in columns if name not in known]

    def _all(self, name: str, datatypes: frozenset[str]) -> bool:
        found = [row[name].get("datatype", "") for row in self.rows if name in row]
        return bool(found) and all(datatype in datatypes for datatype in found)

    def named(self, row: Row, names: Iterable[str]) -> tuple[Term | None, ...]:
        cells = (shortened(as_cell(row, name, self._manifest)) for name in names)
        return tuple(cell and self._called(cell) for cell in cells)


def charts(
    found: Beginning,
    manifest: Manifest,
    called: Callable[[Term], Term] = lambda term: term,
    codes: Codes = lambda _: {},
    marks: Sequence[Mark] = (),
    languages: Sequence[str] = (),
) -> Charts:
    """The drawings of an answer; things are ``called`` as the reader does, who wants ``languages``.

    ``codes`` finds the codes of countries that things have, ``marks`` are those of the project.
    """
    answer = _Answer(found, manifest, called)
    columns = Columns(answer.names, answer.numbers, lambda row, name: answer.named(row, [name])[0])
    drawn = places(answer.rows, columns, codes, marks, languages)
    if drawn is not None:
        drawn = replace(drawn, left_out=drawn.left_out + answer.total - len(answer.rows))
    unnamed = max(0, len(answer.names) - _MOST_NAMES)
    return Charts(_bars(answer), _lines(answer), _timeline(answer), drawn, unnamed)


def _bars(answer: _Answer) -> Bars | None:
    numbers = answer.numbers[:_MOST_NUMBERS]
    names = [*answer.names[:_MOST_NAMES], *answer.dates[:_MOST_NAMES]]
    if not numbers or not names:
        return None
    rows = answer.rows[:_MOST_BARS]
    scales = {name: Scale([v for row in rows if (v := number(row, name)) is not None], zero=True) for name in numbers}
    drawn = tuple(
        (
            answer.named(row, names),
            tuple(_bar(row, name, scales[name]) for name in numbers),
        )
        for row in rows
    )
    return Bars(tuple(map(in_words, names)), tuple(map(in_words, numbers)), drawn, answer.total - len(rows))


def _bar(row: Row, name: str, scale: Scale) -> Bar | None:
    if name not in row:
        return None
    value, text = number(row, name), clipped(row[name]["value"], _LONGEST_NUMBER)
    return Bar(0.0, 0.0, text) if value is None else scale.bar(value, text)


def _lines(answer: _Answer) -> Lines | None:
    if not answer.numbers or not answer.dates or len(answer.names) > 1:
        return None
    date = answer.dates[0]
    numbers = answer.numbers[:1] if answer.names else answer.numbers[:_MOST_NUMBERS]
    series: dict[str, list[tuple[float, float, str]]] = {}
    whole = 0
    for row in answer.rows:
        when = span(row[date]["value"]) if date in row else None
        of = [cell.text if cell else "–" for cell in answer.named(row, answer.names)]
        values = {name: number(row, name) for name in numbers if name in row}
        whole += when is not None and bool(values) and None not in values.values()
        for name, value in values.items():
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
        answer.total - whole,
        len(answer.rows) - whole,
    )


def _timeline(answer: _Answer) -> Timeline | None:
    if not answer.dates or not answer.names:
        return None
    # The first column of dates begins a row, the second, if there is one, ends it.
    first, last = answer.dates[0], answer.dates[min(1, len(answer.dates) - 1)]
    found: list[tuple[Span, tuple[str, ...], Row]] = []
    for row in answer.rows:
        begins = span(row[first]["value"]) if first in row else None
        ends = span(row[last]["value"]) if last in row else None
        if begins:
            whole = Span(begins.start, ends.end) if ends and ends.end >= begins.start else begins
            texts = dict.fromkeys(row[name]["value"] for name in (first, last) if name in row)
            found.append((whole, tuple(texts), row))
    if not found:
        return None
    found.sort(key=lambda item: (item[0].start, item[0].end))
    shown = found[:_MOST_STRETCHES]
    across = Scale([edge for when, _, _ in shown for edge in (when.start, when.end)])
    names = [*answer.names[:_MOST_NAMES], *answer.numbers[:_MOST_NAMES]]

    def stretch(when: Span, texts: tuple[str, ...], row: Row) -> Stretch:
        x, goes_on = across.place(when.start), last not in row
        width = (100.0 if goes_on else across.place(when.end)) - x
        return Stretch(answer.named(row, names), x, width, width < _THIN, texts, goes_on)

    return Timeline(
        tuple(map(in_words, names)),
        tuple(stretch(*one) for one in shown),
        tuple(Tick(across.place(x), text) for x, text in ticks(across.low, across.high)),
        answer.total - len(shown),
    )
