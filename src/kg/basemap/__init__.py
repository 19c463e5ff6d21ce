"""Outlines of the world's countries, keyed by ISO 3166-1, for maps on pages.

Projected, simplified and rounded beforehand (``tools/basemap``): here they are only read. Two frames: Europe in
Lambert's azimuthal equal-area projection, and the world in the Equal Earth projection. Source: Natural Earth, public
domain.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

EUROPE, WORLD = "europe", "world"
FRAMES = (EUROPE, WORLD)

# Equal Earth: Šavrič, Patterson and Jenny (2018), equations 4 to 6.
_A1, _A2, _A3, _A4 = 1.340264, -0.081106, 0.000893, 0.003796
_M = math.sqrt(3) / 2


@dataclass(frozen=True)
class Outline:
    """A country in a frame. ``path`` is SVG path data with even-odd filling, beginning with an absolute move.

    ``at`` is the middle of its largest part, ``mark`` where a mark stands beside its neighbours' marks; what is
    ``small`` can hardly be seen without one.
    """

    alpha2: str
    alpha3: str
    path: str = field(repr=False)
    at: tuple[int, int]
    mark: tuple[int, int]
    small: bool


@dataclass(frozen=True)
class Frame:
    """A map with nothing on it: ``width`` and ``height`` in units, its countries, and ``land`` that is none of them."""

    name: str
    width: int
    height: int
    land: str = field(repr=False)
    outlines: tuple[Outline, ...] = field(repr=False)
    projection: str
    centre: tuple[float, float]
    scale: float
    translate: tuple[float, float]
    _by_code: Mapping[str, Outline] = field(repr=False, hash=False, compare=False)

    def outline(self, code: str) -> Outline | None:
        """The country with a code of two or three letters, if this frame has a place for it."""
        return self._by_code.get(code)

    def place(self, longitude: float, latitude: float) -> tuple[float, float] | None:
        """Where a point (degrees, WGS 84) is; None if that is outside of the frame or nowhere."""
        if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
            return None
        project = _azimuthal if self.projection == "azimuthal-equal-area" else _equal_earth
        found = project(math.radians(longitude), math.radians(latitude), *map(math.radians, self.centre))
        if found is None:
            return None
        x, y = self.translate[0] + self.scale * found[0], self.translate[1] - self.scale * found[1]
        return (x, y) if 0 <= x <= self.width and 0 <= y <= self.height else None


@cache
def frame(name: str) -> Frame:
    """One of FRAMES, read once."""
    told: Any = json.loads(files(__package__).joinpath(f"{name}.json").read_text("utf-8"))
    outlines = tuple(
        Outline(
            one["alpha2"],
            one["alpha3"],
            one["path"],
            (one["at"][0], one["at"][1]),
            (one["mark"][0], one["mark"][1]),
            one["small"],
        )
        for one in told["regions"]
    )
    return Frame(
        name,
        told["width"],
        told["height"],
        told["land"],
        outlines,
        told["projection"],
        (told["centre"][0], told["centre"][1]),
        told["scale"],
        (told["translate"][0], told["translate"][1]),
        {code: one for one in outlines for code in (one.alpha2, one.alpha3)},
    )


def _azimuthal(longitude: float, latitude: float, middle: float, parallel: float) -> tuple[float, float] | None:
    """Lambert's azimuthal equal-area projection of the sphere, oblique (Snyder 1987, equations 24-2, 22-4 and 22-5)."""
    turn = longitude - middle
    cosine = math.sin(parallel) * math.sin(latitude) + math.cos(parallel) * math.cos(latitude) * math.cos(turn)
    if cosine <= -1 + 1e-9:  # the other end of the earth is everywhere
        return None
    k = math.sqrt(2 / (1 + cosine))
    return (
        k * math.cos(latitude) * math.sin(turn),
        k * (math.cos(parallel) * math.sin(latitude) - math.sin(parallel) * math.cos(latitude) * math.cos(turn)),
    )


def _equal_earth(longitude: float, latitude: float, middle: float, _: float) -> tuple[float, float]:
    turn = math.remainder(longitude - middle, math.tau)
    theta = math.asin(_M * math.sin(latitude))
    square = theta * theta
    sixth = square**3
    x = turn * math.cos(theta) / (_M * (_A1 + 3 * _A2 * square + sixth * (7 * _A3 + 9 * _A4 * square)))
    return x, theta * (_A1 + _A2 * square + sixth * (_A3 + _A4 * square))
