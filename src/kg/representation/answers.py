"""Answers to questions about a thing, arranged for its page: tables, lists under marks, sentences."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from kg.release.manifest import Manifest
from kg.representation.display import as_cell, columns_of, in_words
from kg.representation.matrix import Entry, Mark, Step, mark_of, step_of
from kg.representation.sections import Column, ThingSection
from kg.representation.view import Term

Row = Mapping[str, Term]


@dataclass(frozen=True)
class Value:
    """What stands in a cell or sentence: a ``term``, a ``mark``, a ``step``, or a term with its mark."""

    term: Term | None = None
    mark: Mark | None = None
    step: Step | None = None


@dataclass(frozen=True)
class Grid:
    """A table: a line for each thing that makes one. ``total`` counts the lines that are left out, too."""

    columns: tuple[Column, ...]
    lines: tuple[tuple[tuple[Value, ...], ...], ...]
    total: int


@dataclass(frozen=True)
class Listed:
    """An entry of a list: who has it, what it is ``about`` if that is not the thing of the page, and the entry."""

    head: Term
    about: Term | None
    entry: Entry


@dataclass(frozen=True)
class MarkedList:
    """Entries under their marks, in the order of the legend. ``total`` counts those that are left out, too."""

    groups: tuple[tuple[Mark, tuple[Listed, ...]], ...]
    total: int
    noted: bool = False


Piece = str | tuple[Value, ...]


@dataclass(frozen=True)
class Solutions:
    """An answer: its variables in their order, and its rows as terms for a page, made when they are needed."""

    names: tuple[str, ...]
    found: Sequence[dict[str, dict[str, str]]] = field(repr=False)
    manifest: Manifest = field(repr=False)
    called: Callable[[Term], Term] = field(repr=False)

    @classmethod
    def of(cls, results: bytes, manifest: Manifest, called: Callable[[Term], Term]) -> Solutions:
        """SPARQL results in JSON; ``called`` calls a thing as the reader does."""
        told: Any = json.loads(results)
        return cls(tuple(told["head"]["vars"]), told["results"]["bindings"], manifest, called)

    @property
    def columns(self) -> list[str]:
        """The variables that make columns: all but those that hold the text for another."""
        return columns_of([*self.names])

    def rows(self, names: Iterable[str], found: Iterable[dict[str, dict[str, str]]] | None = None) -> list[Row]:
        """The rows (or those given) as terms for these variables."""
        wanted = [name for name in names if name in self.names]
        return [
            {name: self.called(cell) for name in wanted if (cell := as_cell(row, name, self.manifest)) is not None}
            for row in (self.found if found is None else found)
        ]

    def grouped(self, name: str) -> list[list[dict[str, dict[str, str]]]]:
        """The rows that have the same value of a variable together, in the order of the first of them; "" parts all."""
        if name not in self.names:
            return [[row] for row in self.found]
        groups: dict[str, list[dict[str, dict[str, str]]]] = {}
        for number, row in enumerate(self.found):
            # What has no value is a line of its own.
            groups.setdefault(row[name]["value"] if name in row else f" {number}", []).append(row)
        return [*groups.values()]


def grid(
    solutions: Solutions, section: ThingSection, marks: Sequence[Mark], steps: Sequence[Step], thing: str, most: int
) -> Grid:
    """The answer as a table, at most so many lines.

    Rows with the same value of the section's row variable are one line, with all that they say. The item variable's
    column has the mark beside it. A column that has nothing, or nothing but the ``thing`` of the page, is left out.
    """
    known, scale = {mark.value: mark for mark in marks}, {step.value: step for step in steps}
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
        if name == item:
            return Value(term, mark_of(row[mark], known) if mark in row else None)
        if name == mark and term.iri in known:
            return Value(mark=known[term.iri])
        if name == step and (found := step_of(term, scale)) is not None:
            return Value(step=found)
        if not term.iri and term.text in known:  # a truth value
            return Value(mark=known[term.text])
        return Value(term)

    lines = []
    for group in groups[:most]:
        rows = solutions.rows({*(name for c in columns for name in (c.name, c.otherwise)), mark, step}, group)
        told = ([value(row, c.name if c.name in row else c.otherwise) for row in rows] for c in columns)
        lines.append(tuple(tuple(dict.fromkeys(one for one in cell if one is not None)) for cell in told))
    kept = [
        number
        for number in range(len(columns))
        if any(one.term is None or one.term.iri != thing for line in lines for one in line[number])
    ]
    return Grid(
        tuple(columns[number] for number in kept), tuple(tuple(line[n] for n in kept) for line in lines), len(groups)
    )


def marked_list(
    solutions: Solutions, section: ThingSection, marks: Sequence[Mark], steps: Sequence[Step], thing: str, most: int
) -> MarkedList:
    """The answer as lists under the marks, the highest step first, at most so many entries of each mark."""
    known, scale = {mark.value: mark for mark in marks}, {step.value: step for step in steps}
    names = {part: section.variable(part) for part in ("row", "column", "item", "mark", "step", "note")}
    found: dict[tuple[str, str], Listed] = {}
    for row in solutions.rows(dict.fromkeys(filter(None, names.values()))):
        head, item = row.get(names["row"]), row.get(names["item"])
        if head is None or item is None:
            continue
        about = row.get(names["column"])
        about = about if about is not None and about.iri != thing else None
        key = (f"{head.iri or head.text} {about.iri if about else ''}", item.iri or item.text)
        notes = (row[names["note"]],) if names["note"] in row else ()
        if (listed := found.get(key)) is not None:
            notes = tuple(dict.fromkeys((*listed.entry.notes, *notes)))
        mark, step = mark_of(row.get(names["mark"]), known), step_of(row.get(names["step"]), scale)
        found[key] = Listed(head, about, Entry(item, mark, step, notes))
    groups: dict[str, list[Listed]] = {}
    for listed in found.values():
        groups.setdefault(listed.entry.mark.value, []).append(listed)
    place = {value: number for number, value in enumerate(known)}
    order = sorted(groups, key=place.__getitem__)
    arranged = tuple((known[value], tuple(sorted(groups[value], key=_by_step)[:most])) for value in order)
    return MarkedList(arranged, len(found), any(listed.entry.notes for listed in found.values()))


def _by_step(listed: Listed) -> tuple[int, str]:
    step = listed.entry.step
    return (-step.number if step is not None else 0, listed.head.text.casefold())


def sentences(
    solutions: Solutions, section: ThingSection, wording: str, marks: Sequence[Mark], steps: Sequence[Step], most: int
) -> list[list[list[Piece]]]:
    """What is said of each thing of the row variable (of the whole answer, without one): lines of pieces.

    In the ``wording`` ``{name}`` stands for the values of a variable; what stands in ``[ ]`` is left out if one of the
    variables right in it has none. A line without a value is left out.
    """
    known, scale = {mark.value: mark for mark in marks}, {step.value: step for step in steps}
    mark, step = section.variable("mark"), section.variable("step")
    row = section.variable("row")
    groups = solutions.grouped(row) if row else ([[*solutions.found]] if solutions.found else [])
    names = set(_NAME.findall(wording))
    told = []
    for group in groups[:most]:
        values: dict[str, dict[Value, None]] = {}
        for solution in solutions.rows(names, group):
            for name, term in solution.items():
                value = Value(term)
                if name == mark and term.iri in known:
                    value = Value(mark=known[term.iri])
                elif name == step and (found := step_of(term, scale)) is not None:
                    value = Value(step=found)
                elif not term.iri and term.text in known:
                    value = Value(mark=known[term.text])
                values.setdefault(name, {})[value] = None
        lines = [_said(line, {name: tuple(found) for name, found in values.items()}) for line in wording.split("\n")]
        told.append([line for line in lines if any(not isinstance(piece, str) for piece in line)])
    return [lines for lines in told if lines]


_NAME = re.compile(r"\{(\w+)\}")
_TOKEN = re.compile(r"\{\w+\}|\[|\]")


def _said(line: str, values: Mapping[str, tuple[Value, ...]]) -> list[Piece]:
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
        elif found := values.get(token[0][1:-1]):
            pieces.append(found)
        else:
            stack[-1] = (pieces, False)
    if place < len(line):
        stack[-1][0].append(line[place:])
    return stack[0][0]
