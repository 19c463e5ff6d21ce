"""Rows of an answer -> a matrix: things down the side, things along the top, and in each cell what is said of both.

Each row of the answer names, in variables that the project tells (``Layout``), a thing for the side, one for the top,
an item that is the evidence, a value that is drawn as a mark, a step of a scale, a remark, and something to be noted.
Rows that differ in the note only are one entry. In a cell the strongest entry of each mark is shown, the others stand
behind it: nothing is lost and a "no" is never hidden by a "yes".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from kg.representation.view import Term

PLAIN = "disc"


@dataclass(frozen=True)
class Mark:
    """How a value (an IRI) is shown: a shape of ``terms.SHAPES``, and words by language; ``says`` explains it."""

    value: str
    shape: str
    words: dict[str, str] = field(hash=False)
    says: dict[str, str] = field(hash=False)


@dataclass(frozen=True)
class Step:
    """A value (an IRI) as a step of a scale, counted from 1, and words for it by language."""

    value: str
    number: int
    words: dict[str, str] = field(hash=False)


@dataclass(frozen=True)
class Layout:
    """Which variable of the answer is what (``step``, ``note`` and ``remark`` may be ""), and how values are shown.

    ``columns`` are the IRIs of columns that come first, in this order; ``marks`` stand in the order of the legend.
    ``step_words``, ``note_words`` and ``remark_words`` say in the legend what the scale, the notes and the remarks are,
    by language. A remark that is ``usual`` is not shown. ``region`` is the property (an IRI) by which things down the
    side have codes of countries, "" without maps.
    """

    row: str
    column: str
    item: str
    mark: str
    step: str = ""
    note: str = ""
    columns: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()
    steps: tuple[Step, ...] = ()
    step_words: dict[str, str] = field(default_factory=dict, hash=False)
    note_words: dict[str, str] = field(default_factory=dict, hash=False)
    region: str = ""
    remark: str = ""
    usual: str = ""
    remark_words: dict[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Entry:
    """One item in a cell. ``step`` and ``remark`` are None if the answer gives none."""

    item: Term
    mark: Mark
    step: Step | None
    notes: tuple[Term, ...] = ()
    remark: Term | None = None

    @property
    def strength(self) -> int:
        """The number of its step, 0 without one."""
        return self.step.number if self.step is not None else 0


@dataclass(frozen=True)
class Cell:
    """What stands in a cell: the strongest entry of each mark, and the others."""

    shown: tuple[Entry, ...]
    more: tuple[Entry, ...] = ()

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All of them."""
        return self.shown + self.more


@dataclass(frozen=True)
class MatrixRow:
    """A thing on the side, and a cell (or None) for each column."""

    head: Term
    cells: tuple[Cell | None, ...]

    @property
    def filled(self) -> int:
        """How many cells have something."""
        return sum(cell is not None for cell in self.cells)


@dataclass(frozen=True)
class Matrix:
    """The whole: a row for each thing on the side; ``marks``, ``steps`` and ``remarks`` are those of the legend."""

    columns: tuple[Term, ...]
    rows: tuple[MatrixRow, ...]
    marks: tuple[Mark, ...]
    steps: tuple[Step, ...]
    noted: bool = False
    remarks: tuple[Term, ...] = ()

    @property
    def items(self) -> int:
        """How many things of evidence there are; one may stand in several cells."""
        return len(
            {entry.item.key for row in self.rows for cell in row.cells if cell is not None for entry in cell.entries}
        )


def matrix(solutions: Iterable[Mapping[str, Term]], layout: Layout, *, by_name: bool = False) -> Matrix:
    """The matrix of an answer; rows without a thing for the side, the top or the evidence are left out.

    Rows stand by the number of their filled cells, then by the steps in them, then by name, or ``by_name`` alone.
    """
    heads: dict[str, Term] = {}
    tops: dict[str, Term] = {}
    cells: dict[tuple[str, str], dict[str, Entry]] = {}
    marks = {mark.value: mark for mark in layout.marks}
    steps = {step.value: step for step in layout.steps}
    for solution in solutions:
        head, top, item = (solution.get(name) for name in (layout.row, layout.column, layout.item))
        if head is None or top is None or item is None:
            continue
        heads.setdefault(head.key, head)
        tops.setdefault(top.key, top)
        known = cells.setdefault((head.key, top.key), {})
        if (entry := known.get(item.key)) is None:
            mark, step = mark_of(solution.get(layout.mark), marks), step_of(solution.get(layout.step), steps)
            entry = Entry(item, mark, step, remark=remark_of(solution.get(layout.remark), layout.usual))
        note = solution.get(layout.note)
        if note is not None and note not in entry.notes:
            entry = replace(entry, notes=(*entry.notes, note))
        known[item.key] = entry
    columns = _columns(tops, layout.columns)
    place = {value: number for number, value in enumerate(marks)}
    rows = [
        MatrixRow(head, tuple(_cell(cells.get((key, top.key), {}).values(), place) for top in columns))
        for key, head in heads.items()
    ]
    rows.sort(key=lambda row: row.head.text.casefold())
    if not by_name:
        rows.sort(key=lambda row: (-row.filled, -_strength(row)))
    entries = [entry for row in rows for cell in row.cells if cell for entry in cell.entries]
    noted = any(entry.notes for entry in entries)
    remarks = tuple(sorted({entry.remark for entry in entries if entry.remark is not None}, key=lambda term: term.text))
    return Matrix(tuple(columns), tuple(rows), tuple(marks.values()), layout.steps, noted, remarks)


def mark_of(value: Term | None, marks: dict[str, Mark]) -> Mark:
    """The mark of a value; one that the project has no mark for is called by its name, and is part of the legend."""
    key = value.key if value is not None else ""
    if key not in marks:
        marks[key] = Mark(key, PLAIN, {value.language: value.text} if value is not None else {}, {})
    return marks[key]


def step_of(value: Term | None, steps: Mapping[str, Step]) -> Step | None:
    """The step that a value stands for, if it is one."""
    return steps.get(value.key) if value is not None else None


def remark_of(value: Term | None, usual: str) -> Term | None:
    """The remark, unless it is the ``usual`` one, which goes without saying."""
    return value if value is not None and value.key != usual else None


def _columns(tops: Mapping[str, Term], first: Sequence[str]) -> list[Term]:
    place = {iri: number for number, iri in enumerate(first)}
    return sorted(tops.values(), key=lambda top: (place.get(top.key, len(place)), top.text.casefold(), top.key))


def _cell(entries: Iterable[Entry], place: Mapping[str, int]) -> Cell | None:
    """A cell with these entries; ``place`` is that of each mark's value in the legend."""
    # The strongest first, of several the last one of the answer: in an answer by date that is the newest.
    last_first = list(entries)[::-1]
    ranked = sorted(last_first, key=lambda entry: (-entry.strength, place[entry.mark.value]))
    if not ranked:
        return None
    best: dict[str, Entry] = {}
    for entry in ranked:
        best.setdefault(entry.mark.value, entry)
    shown = sorted(best.values(), key=lambda entry: place[entry.mark.value])
    return Cell(tuple(shown), tuple(entry for entry in ranked if entry is not best[entry.mark.value]))


def _strength(row: MatrixRow) -> int:
    return sum(entry.strength for cell in row.cells if cell is not None for entry in cell.shown)
