"""Rows of an answer -> a timeline: a lane for each thing, in it an item for each stretch of time, marked.

Each row names, in variables that the project tells (``Layout``), a thing for the lane, an item, a value that is drawn
as a mark, a step of a scale, the day from which the item counts, perhaps an earlier one from which it may count, the
day on which it ended, and the item that it took the place of. What has no end goes on to the end of the drawing. An
item whose mark differs from that of its predecessor in the lane is a change of mind.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from kg.representation.instants import Span, span, ticks
from kg.representation.matrix import Entry, Mark, Step, mark_of, remark_of, step_of
from kg.representation.scale import Scale, Tick
from kg.representation.view import Term

# More than these nobody reads in a drawing: items in all, and such as lie over each other in a lane.
MOST_ITEMS, MOST_TRACKS = 200, 8
# Items that begin within so many per cent of each other stand below each other, so that their marks can be told apart.
_APART = 3.0
# A drawing goes on a little after its last day, so that what begins there can be seen.
_BEYOND = 0.04


@dataclass(frozen=True)
class Layout:
    """Which variable of the answer is what; all but ``lane``, ``item`` and ``start`` may be "".

    ``lanes`` are the IRIs of lanes that come first, in this order; ``marks`` stand in the order of the legend. A remark
    that is ``usual`` is not shown.
    """

    lane: str
    item: str
    start: str
    mark: str = ""
    step: str = ""
    earliest: str = ""
    until: str = ""
    previous: str = ""
    lanes: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()
    steps: tuple[Step, ...] = ()
    step_words: dict[str, str] = field(default_factory=dict, hash=False)
    remark: str = ""
    usual: str = ""


@dataclass(frozen=True)
class Item:
    """One item of a lane: what it is, and where it is drawn, in per cent of the width.

    From ``maybe`` it may count, from ``x`` it counts, up to ``end``; ``open`` if nothing ended it. ``start``,
    ``earliest`` and ``until`` are the dates as they were answered; without a date in ``until`` only the start is drawn.
    ``turned`` is the mark of what it took the place of, if that differs.
    """

    entry: Entry
    start: Term
    earliest: Term | None
    until: Term | None
    previous: Term | None
    turned: Mark | None = None
    maybe: float = 0.0
    x: float = 0.0
    end: float = 100.0
    track: int = 0

    @property
    def open(self) -> bool:
        """True if nothing ended it."""
        return self.until is None


@dataclass(frozen=True)
class Lane:
    """A thing with its items, the earliest first; ``drawn`` are those that the drawing has room for."""

    head: Term
    items: tuple[Item, ...]
    drawn: tuple[Item, ...]

    @property
    def tracks(self) -> int:
        """How many items lie over each other at most."""
        return max((item.track for item in self.drawn), default=0) + 1

    @property
    def undrawn(self) -> int:
        """How many items the drawing has no room for."""
        return len(self.items) - len(self.drawn)

    @property
    def last(self) -> tuple[Item, ...]:
        """What holds at the end: the items without an end, the newest first; if there is none, the newest one."""
        going = [item for item in reversed(self.items) if item.open]
        return tuple(going) or self.items[-1:]

    @property
    def turns(self) -> int:
        """How often there was a change of mind."""
        return sum(item.turned is not None for item in self.items)


@dataclass(frozen=True)
class Timeline:
    """The whole; ``left_out`` items are too many or have no date. ``marks`` and ``steps`` are those of the legend."""

    lanes: tuple[Lane, ...]
    across: tuple[Tick, ...]
    marks: tuple[Mark, ...]
    steps: tuple[Step, ...]
    left_out: int = 0

    @property
    def items(self) -> int:
        """How many items there are in it."""
        return sum(len(lane.items) for lane in self.lanes)

    @property
    def turns(self) -> int:
        """How many changes of mind."""
        return sum(lane.turns for lane in self.lanes)

    @property
    def vague(self) -> bool:
        """True if the beginning of an item is not known exactly."""
        return any(item.earliest is not None for lane in self.lanes for item in lane.items)


def timeline(
    solutions: Iterable[Mapping[str, Term]], layout: Layout, today: str = "", most: int = MOST_ITEMS
) -> Timeline:
    """The timeline of an answer; what names no lane or item is left out, and of more than ``most`` the earlier ones.

    The drawing goes at least as far as ``today`` (a date): what is without an end goes on till then.
    """
    marks = {mark.value: mark for mark in layout.marks}
    steps = {step.value: step for step in layout.steps}
    heads: dict[str, Term] = {}
    found: dict[tuple[str, str], Item] = {}
    undated: set[tuple[str, str]] = set()
    for solution in solutions:
        head, thing, start = (solution.get(name) for name in (layout.lane, layout.item, layout.start))
        if head is None or thing is None:
            continue
        key = (head.key, thing.key)
        if start is None or span(start.text) is None:
            undated.add(key)
            continue
        heads.setdefault(key[0], head)
        if key not in found:
            mark, step = mark_of(solution.get(layout.mark), marks), step_of(solution.get(layout.step), steps)
            entry = Entry(thing, mark, step, remark=remark_of(solution.get(layout.remark), layout.usual))
            found[key] = Item(
                entry, start, _before(solution.get(layout.earliest), start), solution.get(layout.until),
                solution.get(layout.previous),
            )  # fmt: skip
    # What is later is nearer to the reader.
    ordered = sorted(found.items(), key=lambda found: (_span(found[1].start).start, found[0]))
    kept = dict(ordered[max(0, len(ordered) - most) :])
    if not kept:
        return Timeline((), (), tuple(marks.values()), layout.steps, len(undated | found.keys()))
    scale = _scale(kept.values(), today)
    answers = {(lane, item.entry.item.key): item.entry.mark for (lane, _), item in found.items()}
    lanes: dict[str, list[Item]] = {}
    for (lane, _), item in kept.items():
        former = answers.get((lane, item.previous.key)) if item.previous is not None else None
        turned = former if former is not None and former.value != item.entry.mark.value else None
        lanes.setdefault(lane, []).append(_placed(replace(item, turned=turned), scale))
    place = {iri: number for number, iri in enumerate(layout.lanes)}
    shown = sorted(lanes, key=lambda lane: (place.get(lane, len(place)), heads[lane].text.casefold(), lane))
    used = {item.entry.mark.value for item in kept.values()}
    return Timeline(
        tuple(_lane(heads[lane], lanes[lane]) for lane in shown),
        tuple(Tick(scale.place(x), text) for x, text in ticks(scale.low, scale.high)),
        tuple(mark for mark in marks.values() if mark.value in used),
        layout.steps,
        len(undated - kept.keys()) + len(found) - len(kept),
    )


def _span(term: Term) -> Span:
    return span(term.text) or Span(0, 0)


def _before(term: Term | None, start: Term) -> Term | None:
    """The earlier bound, if it is one."""
    return term if term is not None and (at := span(term.text)) is not None and at.start < _span(start).start else None


def _scale(items: Iterable[Item], today: str) -> Scale:
    dates = [term for item in items for term in (item.start, item.earliest, item.until) if term is not None]
    edges = [end for term in dates if (at := span(term.text)) is not None for end in (at.start, at.end)]
    if (now := span(today)) is not None:
        edges.append(now.end)
    low, high = min(edges), max(edges)
    return Scale([low, high + max(1.0, (high - low) * _BEYOND)])


def _placed(item: Item, scale: Scale) -> Item:
    begins = scale.place(_span(item.start).start)
    maybe = scale.place(_span(item.earliest).start) if item.earliest is not None else begins
    ended = span(item.until.text) if item.until is not None else None
    end = 100.0 if item.open else scale.place(ended.start) if ended is not None else begins
    return replace(item, maybe=maybe, x=begins, end=max(begins, end))


def _lane(head: Term, items: Sequence[Item]) -> Lane:
    """Items that lie over each other, or begin too near to each other, stand on tracks of their own."""
    ends: list[float] = []
    drawn = []
    for item in items:
        track = next((number for number, end in enumerate(ends) if end <= item.maybe + 0.01), len(ends))
        if track >= MOST_TRACKS:
            continue
        taken = max(item.end, item.maybe + _APART)
        if track == len(ends):
            ends.append(taken)
        else:
            ends[track] = taken
        drawn.append(replace(item, track=track))
    return Lane(head, tuple(items), tuple(drawn))
