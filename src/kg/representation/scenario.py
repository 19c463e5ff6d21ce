"""Rows of an answer -> a scenario: what becomes of each thing if some circumstances hold and others do not.

Each row of the answer names, in variables that the project tells (``Plan``), an item, its outcome, whose it is, what it
is about, how much it comes to, and a circumstance that decides about it. Rows of one item are told together. What is
added up stands in the answer to a question of its own (``totals``); here nothing is computed but how many items there
are of each outcome and how many of them wait for each circumstance.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from kg.representation.matrix import PLAIN, Mark, Step
from kg.representation.view import Term

_T = TypeVar("_T")
# What a question about totals answers, beside the variables that say what is counted: a sum, and how many things are
# not in it because they name no number.
SUMS = (("minimum", "withoutMinimum"), ("maximum", "withoutMaximum"), ("lost", "withoutLost"))


@dataclass(frozen=True)
class Outcome:
    """A value of the answer that says what becomes of an item; of an ``undecided`` one it can still be decided."""

    mark: Mark
    undecided: bool = False


@dataclass(frozen=True)
class Plan:
    """Which parameter and which variable is what; those that are "" there are none of.

    ``totals`` is the IRI of the question that adds up.
    """

    holds: str
    fails: str
    outcome: str
    item: str
    row: str = ""
    column: str = ""
    mark: str = ""
    step: str = ""
    note: str = ""
    needed: str = ""
    minimum: str = ""
    maximum: str = ""
    unit: str = ""
    remark: str = ""
    totals: str = ""
    outcomes: tuple[Outcome, ...] = ()
    marks: tuple[Mark, ...] = ()
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True)
class Amount:
    """How much an item comes to: bounds, of which one may be missing, and what is counted."""

    minimum: Term | None
    maximum: Term | None
    unit: Term | None


@dataclass(frozen=True)
class Reason:
    """A circumstance that decides about an item, and whether the item needs it to hold or to fail."""

    term: Term
    needed: bool


@dataclass(frozen=True)
class Item:
    """All rows of one item: whose it is, what it is about, what it says and how firmly, how much, and why."""

    item: Term
    rows: tuple[Term, ...]
    column: Term | None
    mark: Mark | None
    step: Step | None
    remark: Term | None
    amounts: tuple[Amount, ...]
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Group:
    """The items of one outcome, by the names of whose they are and of what they are about."""

    outcome: Outcome
    items: tuple[Item, ...]

    @property
    def whose(self) -> tuple[Term, ...]:
        """Whose the items are, each once."""
        return tuple(dict.fromkeys(row for item in self.items for row in item.rows))


@dataclass(frozen=True)
class Waiting:
    """A circumstance that nothing is assumed of, and how many undecided items wait for it, each counted once.

    Of these ``to_hold`` need it to hold and ``to_fail`` to fail; one can need both in different ways.
    """

    term: Term
    items: int
    to_hold: int
    to_fail: int


@dataclass(frozen=True)
class Scenario:
    """The whole: a group for each outcome (some may be empty), and what the undecided ones wait for, most first."""

    groups: tuple[Group, ...]
    waiting: tuple[Waiting, ...]

    @property
    def items(self) -> int:
        """How many items there are."""
        return sum(len(group.items) for group in self.groups)


@dataclass(frozen=True)
class Total:
    """One row of the answer about totals: what is counted, and for each of SUMS the sum and how many are missing."""

    heads: tuple[Term | None, ...]
    sums: tuple[tuple[Term | None, int], ...]


def scenario(solutions: Iterable[Mapping[str, Term]], plan: Plan) -> Scenario:
    """The scenario of an answer; rows without an item or an outcome are left out."""
    marks = {mark.value: mark for mark in plan.marks}
    steps = {step.value: step for step in plan.steps}
    groups: dict[str, dict[str, Item]] = {one.mark.value: {} for one in plan.outcomes}
    outcomes = {one.mark.value: one for one in plan.outcomes}
    for solution in solutions:
        item, ended = solution.get(plan.item), solution.get(plan.outcome)
        if item is None or ended is None:
            continue
        outcomes.setdefault(ended.key, Outcome(Mark(ended.key, PLAIN, {ended.language: ended.text}, {})))
        known = groups.setdefault(ended.key, {})
        told = known.get(item.key) or Item(
            item,
            (),
            solution.get(plan.column),
            _mark(solution.get(plan.mark), marks),
            steps.get(solution[plan.step].key) if plan.step in solution else None,
            solution.get(plan.remark),
            (),
            (),
        )
        known[item.key] = Item(
            told.item,
            _with(told.rows, solution.get(plan.row)),
            told.column,
            told.mark,
            told.step,
            told.remark,
            _with(told.amounts, _amount(solution, plan)),
            _with(told.reasons, _reason(solution, plan)),
        )
    found = tuple(Group(outcomes[value], tuple(sorted(items.values(), key=_place))) for value, items in groups.items())
    return Scenario(found, tuple(_waiting(found)))


def totals(solutions: Iterable[Mapping[str, Term]], names: Iterable[str]) -> list[Total]:
    """The rows of an answer about totals; ``names`` are its variables."""
    numbers = {name for pair in SUMS for name in pair}
    heads = [name for name in names if name not in numbers and not name.endswith("Label")]
    return [
        Total(
            tuple(solution.get(name) for name in heads),
            tuple((solution.get(known), _count(solution.get(missing))) for known, missing in SUMS),
        )
        for solution in solutions
    ]


def _place(item: Item) -> tuple[str, str]:
    return ", ".join(row.text for row in item.rows).casefold(), item.column.text.casefold() if item.column else ""


def _count(term: Term | None) -> int:
    return int(term.text) if term is not None and term.text.isdecimal() else 0


def _mark(value: Term | None, marks: dict[str, Mark]) -> Mark | None:
    if value is None:
        return None
    return marks.get(value.key) or Mark(value.key, PLAIN, {value.language: value.text}, {})


def _with(known: tuple[_T, ...], new: _T | None) -> tuple[_T, ...]:
    return known if new is None or new in known else (*known, new)


def _amount(solution: Mapping[str, Term], plan: Plan) -> Amount | None:
    minimum, maximum = solution.get(plan.minimum), solution.get(plan.maximum)
    return Amount(minimum, maximum, solution.get(plan.unit)) if minimum or maximum else None


def _reason(solution: Mapping[str, Term], plan: Plan) -> Reason | None:
    term, needed = solution.get(plan.note), solution.get(plan.needed)
    return Reason(term, needed is None or needed.text in ("true", "1")) if term is not None else None


def _waiting(groups: Iterable[Group]) -> list[Waiting]:
    terms: dict[str, Term] = {}
    needs: dict[str, list[set[bool]]] = {}
    for item in (item for group in groups if group.outcome.undecided for item in group.items):
        own: dict[str, set[bool]] = {}
        for reason in item.reasons:
            terms.setdefault(reason.term.key, reason.term)
            own.setdefault(reason.term.key, set()).add(reason.needed)
        for key, needed in own.items():
            needs.setdefault(key, []).append(needed)
    found = [
        Waiting(terms[key], len(of), sum(True in needed for needed in of), sum(False in needed for needed in of))
        for key, of in needs.items()
    ]
    return sorted(found, key=lambda one: (-one.items, one.term.text.casefold()))
