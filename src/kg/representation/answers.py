"""Answers to questions about a thing, arranged for its page: tables, lists under marks, sentences."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from kg.engine.solutions import read
from kg.questions import PLACEHOLDER, columns_of
from kg.release.manifest import Manifest
from kg.representation.cells import as_cell, in_words
from kg.representation.matrix import Entry, Mark, Step, mark_of, remark_of, step_of
from kg.representation.sections import Column, ThingSection
from kg.representation.view import Term

Row = Mapping[str, Term]
# So many values stand in one place, so many entries beside one name.
_MANY = 12


@dataclass(frozen=True)
class Value:
    """What stands in a cell or sentence: a ``term``, a ``mark``, a ``step``, or a term with its mark.

    A term that is an ``amount`` says how many, it is no year.
    """

    term: Term | None = None
    mark: Mark | None = None
    step: Step | None = None
    amount: bool = False


@dataclass(frozen=True)
class Cell:
    """What stands in one place; ``more`` values are left out."""

    values: tuple[Value, ...]
    more: int = 0

    @classmethod
    def of(cls, values: Iterable[Value]) -> Cell:
        """The values, each once, as many as fit."""
        known = tuple(dict.fromkeys(values))
        # One more takes no more room than the word that there is one.
        return cls(known) if len(known) <= _MANY + 1 else cls(known[:_MANY], len(known) - _MANY)


@dataclass(frozen=True)
class Grid:
    """A table: a line for each thing that makes one. ``total`` counts the lines that are left out, too."""

    columns: tuple[Column, ...]
    lines: tuple[tuple[Cell, ...], ...]
    total: int


@dataclass(frozen=True)
class Listed:
    """Who has entries in a list, what they are ``about`` if that is not the thing of the page, the strongest first."""

    head: Term
    about: Term | None
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class MarkedList:
    """Who has entries, under their marks in the order of the legend, and how many there are under each.

    Both count those left out, too; ``total`` counts entries.
    """

    groups: tuple[tuple[Mark, tuple[Listed, ...], int], ...]
    total: int
    noted: bool = False

    @property
    def shown(self) -> int:
        """How many entries stand in it."""
        return sum(len(listed.entries) for _, group, _ in self.groups for listed in group)


Piece = str | Cell


@dataclass(frozen=True)
class Solutions:
    """An answer: its variables in their order, and its rows as terms for a page, made when they are needed."""

    names: tuple[str, ...]
    found: Sequence[dict[str, dict[str, str]]] = field(repr=False)
    manifest: Manifest = field(repr=False)
    called: Callable[[Term], Term] = field(repr=False)
    # The terms made so far: an answer names the same things again and again.
    _known: dict[Hashable, Term | None] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, results: bytes, manifest: Manifest, called: Callable[[Term], Term]) -> Solutions:
        """SPARQL results in JSON; ``called`` calls a thing as the reader does."""
        names, found = read(results)
        return cls(tuple(names), found, manifest, called)

    @property
    def columns(self) -> list[str]:
        """The variables that make columns: all but those that hold the text for another."""
        return columns_of([*self.names])

    def rows(self, names: Iterable[str], found: Iterable[dict[str, dict[str, str]]] | None = None) -> list[Row]:
        """The rows (or those given) as terms for these variables."""
        wanted = [name for name in names if name in self.names]
        return [
            {name: cell for name in wanted if (cell := self._cell(row, name)) is not None}
            for row in (self.found if found is None else found)
        ]

    def _cell(self, row: dict[str, dict[str, str]], name: str) -> Term | None:
        value, label = row.get(name), row.get(f"{name}Label")
        key = value and tuple(value.items()), label and tuple(label.items())
        if key not in self._known:
            cell = as_cell(row, name, self.manifest)
            self._known[key] = cell and self.called(cell)
        return self._known[key]

    def grouped(self, name: str) -> list[list[dict[str, dict[str, str]]]]:
        """The rows that have the same value of a variable together, in the order of the first of them; "" parts all."""
        if name not in self.names:
            return [[row] for row in self.found]
        groups: dict[str, list[dict[str, dict[str, str]]]] = {}
        for number, row in enumerate(self.found):
            # What has no value is a line of its own.
            groups.setdefault(row[name]["value"] if name in row else f" {number}", []).append(row)
        return [*groups.values()]


class _Drawing:
    """How values are drawn: those that there is a mark or step for."""

    def __init__(self, marks: Sequence[Mark], steps: Sequence[Step]) -> None:
        self._marks = {mark.value: mark for mark in marks}
        self._steps = {step.value: step for step in steps}

    def mark(self, term: Term | None) -> Mark | None:
        return self._marks.get(term.key) if term is not None else None

    def value(self, term: Term, *, marked: bool, stepped: bool) -> Value:
        """The value as its mark or step if its variable is shown as such; truth values always are."""
        if (marked or not term.iri) and (mark := self.mark(term)) is not None:
            return Value(mark=mark)
        if stepped and (step := step_of(term, self._steps)) is not None:
            return Value(step=step)
        return Value(term)


def grid(
    solutions: Solutions, section: ThingSection, marks: Sequence[Mark], steps: Sequence[Step], thing: str, most: int
) -> Grid:
    """The answer as a table, at most so many lines.

    Rows with the same value of the section's row variable are one line, with all that they say. The item variable's
    column has the mark beside it. A column that has nothing, or nothing but the ``thing`` of the page, is left out.
    """
    drawing = _Drawing(marks, steps)
    columns = [
        replace(column, titles=column.titles or {"": in_words(column.name)})
        for column in section.columns or [Column(name, {}) for name in solutions.columns]
    ]
    item, mark, step = (section.variable(part) for part in ("item", "mark", "step"))
    groups = solutions.grouped(section.variable("row"))

    def value(row: Row, name: str) -> Value | None:
        term = row.get(name)
        if term is None:
            return None
        if term.iri.startswith(f"{thing}#") and not term.language:  # a part without a name, on the same page
            part = term.iri.removeprefix(f"{thing}#")
            return Value(replace(term, text=part.replace("-", " "), href=f"#{part}"))
        if name == item:
            return Value(term, drawing.mark(row.get(mark)))
        return drawing.value(term, marked=name == mark, stepped=name == step)

    lines = []
    for group in groups[:most]:
        rows = solutions.rows({*(name for c in columns for name in (c.name, c.otherwise)), mark, step}, group)
        told = ([value(row, c.name if c.name in row else c.otherwise) for row in rows] for c in columns)
        lines.append(tuple(Cell.of(one for one in cell if one is not None) for cell in told))
    kept = [
        number
        for number in range(len(columns))
        if any(one.term is None or one.term.iri != thing for line in lines for one in line[number].values)
    ]
    return Grid(
        tuple(columns[number] for number in kept), tuple(tuple(line[n] for n in kept) for line in lines), len(groups)
    )


def marked_list(
    solutions: Solutions, section: ThingSection, marks: Sequence[Mark], steps: Sequence[Step], thing: str, most: int
) -> MarkedList:
    """The answer as lists under the marks, the highest step first, at most so many names under each mark."""
    known, scale = {mark.value: mark for mark in marks}, {step.value: step for step in steps}
    names = {part: section.variable(part) for part in ("row", "column", "item", "mark", "step", "note", "remark")}
    found: dict[tuple[str, str, str], tuple[Term, Term | None, Entry]] = {}
    for row in solutions.rows(dict.fromkeys(filter(None, names.values()))):
        head, item = row.get(names["row"]), row.get(names["item"])
        if head is None or item is None:
            continue
        about = row.get(names["column"])
        about = about if about is not None and about.iri != thing else None
        key = head.key, about.key if about else "", item.key
        notes = (row[names["note"]],) if names["note"] in row else ()
        if key in found:
            notes = tuple(dict.fromkeys((*found[key][2].notes, *notes)))
        mark, step = mark_of(row.get(names["mark"]), known), step_of(row.get(names["step"]), scale)
        found[key] = head, about, Entry(item, mark, step, notes, remark_of(row.get(names["remark"]), section.usual))
    groups: dict[str, dict[tuple[str, str], Listed]] = {}
    for (of, on, _), (head, about, entry) in found.items():
        group = groups.setdefault(entry.mark.value, {})
        former = group[of, on].entries if (of, on) in group else ()
        # Of equals the last one of the answer comes first: in an answer by date that is the newest.
        group[of, on] = Listed(head, about, tuple(sorted((entry, *former), key=lambda one: -one.strength)[:_MANY]))
    place = {value: number for number, value in enumerate(known)}
    order = sorted(groups, key=place.__getitem__)
    ranked = {value: sorted(group.values(), key=_by_step) for value, group in groups.items()}
    arranged = tuple((known[value], tuple(ranked[value][:most]), len(ranked[value])) for value in order)
    return MarkedList(arranged, len(found), any(entry.notes for _, _, entry in found.values()))


def _by_step(listed: Listed) -> tuple[int, str]:
    return -listed.entries[0].strength, listed.head.text.casefold()


def sentences(
    solutions: Solutions, section: ThingSection, wording: str, marks: Sequence[Mark], steps: Sequence[Step], most: int
) -> list[list[list[Piece]]]:
    """What is said of each thing of the row variable (of the whole answer, without one): lines of pieces.

    In the ``wording`` ``{name}`` stands for the values of a variable, ``{name:number}`` for such as say how many; what
    stands in ``[ ]`` is left out if one of the variables right in it has none. A line without a value is left out.
    """
    drawing = _Drawing(marks, steps)
    mark, step = section.variable("mark"), section.variable("step")
    row = section.variable("row")
    groups = solutions.grouped(row) if row else ([[*solutions.found]] if solutions.found else [])
    names = {found["name"] for found in PLACEHOLDER.finditer(wording)}
    told = []
    for group in groups[:most]:
        values: dict[str, dict[Value, None]] = {}
        for solution in solutions.rows(names, group):
            for name, term in solution.items():
                value = drawing.value(term, marked=name == mark, stepped=name == step)
                values.setdefault(name, {})[value] = None
        cells = {name: Cell.of(found) for name, found in values.items()}
        lines = [_said(line, cells) for line in wording.split("\n")]
        told.append([line for line in lines if any(not isinstance(piece, str) for piece in line)])
    return [lines for lines in told if lines]


_TOKEN = re.compile(rf"{PLACEHOLDER.pattern}|\[|\]")


def _said(line: str, values: Mapping[str, Cell]) -> list[Piece]:
    stack: list[tuple[list[Piece], bool]] = [([], True)]
    place = 0
    for token in _TOKEN.finditer(line):
        pieces, whole = stack[-1]
        if token.start() > place:
            pieces.append(line[place : token.start()])
        place = token.end()
        if token[0] == "[":
            stack.append(([], True))
        elif token[0] == "]":
            if len(stack) > 1:
                stack.pop()
                if whole:
                    stack[-1][0].extend(pieces)
        elif found := values.get(token["name"]):
            counted = replace(found, values=tuple(replace(value, amount=True) for value in found.values))
            pieces.append(counted if token["amount"] else found)
        else:
            stack[-1] = (pieces, False)
    if place < len(line):
        stack[-1][0].append(line[place:])
    return stack[0][0]
