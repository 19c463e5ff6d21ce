"""Values on a line, as percentages of its length, so that a drawing has any width; and the marks on its axis."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Bar:
    """A number from ``x``, ``width`` wide; ``text`` as it was answered."""

    x: float
    width: float
    text: str


@dataclass(frozen=True)
class Tick:
    """A mark on an axis at a percentage, counted from the left or from the top."""

    at: float
    text: str

    @property
    def anchor(self) -> str:
        """How its text stands, so that nothing is cut at an edge."""
        return "start" if self.at < 8 else "end" if self.at > 92 else "middle"


class Scale:
    """Values -> percentages, from the least to the greatest; with ``zero``, so that 0 is on it."""

    def __init__(self, values: Sequence[float], *, zero: bool = False) -> None:
        edges = [*values, 0.0] if zero else list(values)
        self.low, self.high = min(edges), max(edges)
        # Halves, because the difference of two floats may be none.
        self._half = self.high / 2 - self.low / 2

    def place(self, value: float) -> float:
        """Where a value is, in per cent."""
        if not self._half:
            return 50.0 if self.low else 0.0
        return min(100.0, max(0.0, (value / 2 - self.low / 2) / self._half * 100))

    def bar(self, value: float, text: str) -> Bar:
        """A bar from zero to the value."""
        ends = sorted((self.place(0), self.place(value)))
        return Bar(ends[0], ends[1] - ends[0], text)

    def ticks(self) -> list[float]:
        """Round numbers, four or so."""
        rough = self._half / 2
        if not rough or not math.isfinite(rough):
            return [self.low] if self.low == self.high else [self.low, self.high]
        power = 10.0 ** math.floor(math.log10(rough))
        step = next(power * m for m in (1, 2, 5, 10) if power * m >= rough)
        if not step:
            return [self.low, self.high]
        first, last = math.ceil(self.low / step), math.floor(self.high / step)
        return [n * step for n in range(first, last + 1)]
