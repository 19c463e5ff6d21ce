"""Where the names of arrows stand in a drawing: on their arrow, on no box or other name, crossed by few (pure)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

Point = tuple[float, float]
_STEP = 12.0
_CLEAR = 3.0
_ON_BOX, _ON_NAME, _CROSSED, _FAR = 50.0, 40.0, 6.0, 0.01


@dataclass(frozen=True)
class Area:
    """A rectangle by its centre; a line is one without width or height."""

    x: float
    y: float
    width: float
    height: float

    def meets(self, other: Area) -> bool:
        """True if the two overlap, or nearly."""
        return (
            abs(self.x - other.x) * 2 < self.width + other.width + 2 * _CLEAR
            and abs(self.y - other.y) * 2 < self.height + other.height + 2 * _CLEAR
        )


def place(paths: Sequence[Sequence[Point]], sizes: Sequence[tuple[float, float]], boxes: Sequence[Area]) -> list[Area]:
    """For each path the area of its name, which has the given width and height; the shortest paths choose first."""
    lines = [[_line(start, end) for start, end in _segments(path)] for path in paths]
    found: dict[int, Area] = {}
    for number in sorted(range(len(paths)), key=lambda n: (_length(paths[n]), n)):
        obstacles = (
            (_ON_BOX, boxes),
            (_ON_NAME, list(found.values())),
            (_CROSSED, [line for n, drawn in enumerate(lines) if n != number for line in drawn]),
        )
        middle = _at(paths[number], _length(paths[number]) / 2)
        candidates = [Area(x, y, *sizes[number]) for x, y in _along(paths[number])]
        found[number] = min(candidates, key=partial(_cost, obstacles, middle))
    return [found[number] for number in range(len(paths))]


def _cost(obstacles: Sequence[tuple[float, Sequence[Area]]], middle: Point, area: Area) -> float:
    away = abs(area.x - middle[0]) + abs(area.y - middle[1])
    return _FAR * away + sum(weight * sum(map(area.meets, areas)) for weight, areas in obstacles)


def _line(start: Point, end: Point) -> Area:
    (x1, y1), (x2, y2) = start, end
    return Area((x1 + x2) / 2, (y1 + y2) / 2, abs(x2 - x1), abs(y2 - y1))


def _segments(path: Sequence[Point]) -> list[tuple[Point, Point]]:
    return list(pairwise(path))


def _length(path: Sequence[Point]) -> float:
    return sum(abs(x2 - x1) + abs(y2 - y1) for (x1, y1), (x2, y2) in _segments(path))


def _at(path: Sequence[Point], distance: float) -> Point:
    """The point so far along the path."""
    for (x1, y1), (x2, y2) in _segments(path):
        length = abs(x2 - x1) + abs(y2 - y1)
        if distance <= length and length:
            part = distance / length
            return x1 + (x2 - x1) * part, y1 + (y2 - y1) * part
        distance -= length
    return path[-1]


def _along(path: Sequence[Point]) -> Iterator[Point]:
    length = _length(path)
    steps = max(2, int(length / _STEP))
    return (_at(path, length * step / steps) for step in range(1, steps))
