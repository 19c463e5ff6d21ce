"""Marks at places -> pictures of the frames of the basemap: outlines filled by mark, marks upon them.

A place is a code of ISO 3166-1 or a point. Europe is shown if at least half of the places are in its frame, what is
elsewhere then stands in a small map of the world; else everything stands on the map of the world.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from kg.basemap import EUROPE, WORLD, Frame, Outline, frame

# What an area is filled with: the shape of its mark, or one of these two.
SEVERAL, NOTHING = "several", "nothing"
_CODE = re.compile(r"[A-Z]{2,3}")
# Units of the frame: half the height of a mark, by the width that the picture has on a page.
_LARGE, _SMALL = 11.0, 26.0
_SIDE_BY_SIDE = 3  # marks at one place; more would hide the neighbours


@dataclass(frozen=True)
class Point:
    """A place given by degrees, WGS 84."""

    longitude: float
    latitude: float


@dataclass(frozen=True)
class Sign:
    """What is to stand at a place: a shape of ``terms.SHAPES``, or a disc of a ``size`` (its share of the largest)."""

    shape: str
    label: str
    href: str = ""
    size: float = 0.0


@dataclass(frozen=True)
class Spot:
    """A place with its signs, the most important first; without signs it is only told that it is there (``label``)."""

    place: str | Point
    signs: tuple[Sign, ...]
    label: str


@dataclass(frozen=True)
class Area:
    """A country on a picture. A ``small`` one without a mark needs a dot at ``at`` to be seen."""

    outline: Outline
    fill: str
    label: str
    href: str
    bare: bool


@dataclass(frozen=True)
class Pin:
    """A sign on a picture: its middle and half its height, in units of the frame."""

    x: float
    y: float
    radius: float
    sign: Sign


@dataclass(frozen=True)
class Picture:
    """A frame with what is on it; ``beyond`` if it holds what a first picture has no room for."""

    frame: Frame
    areas: tuple[Area, ...]
    pins: tuple[Pin, ...]
    beyond: bool = False

    @property
    def land(self) -> str:
        """Path data of all land that nothing is said of."""
        told = {area.outline.alpha3 for area in self.areas}
        return self.frame.land + "".join(one.path for one in self.frame.outlines if one.alpha3 not in told)


def known_code(text: str) -> str | None:
    """The code as it stands in ISO 3166-1, three letters, if ``text`` is one of two or three; else None."""
    if not _CODE.fullmatch(text):
        return None
    found = frame(WORLD).outline(text)
    return found.alpha3 if found else None


def has_place(place: str | Point) -> bool:
    """True if a map has room for the place."""
    return _within(frame(WORLD), Spot(place, (), "")) or _within(frame(EUROPE), Spot(place, (), ""))


def pictures(spots: Iterable[Spot]) -> tuple[Picture, ...]:
    """The maps for all spots: none, one, or Europe and the rest of the world. Spots at one place are shown as one.

    Places that no frame has are left out: ask ``has_place`` before.
    """
    merged = _merged(spots)
    europe, world = frame(EUROPE), frame(WORLD)
    inside = [spot for spot in merged if _within(europe, spot)]
    outside = [spot for spot in merged if not _within(europe, spot) and _within(world, spot)]
    if len(inside) < len(outside):
        return (_picture(world, [*inside, *outside]),)
    found = (_picture(europe, inside), _picture(world, outside, beyond=True))
    return tuple(picture for picture in found if picture.areas or picture.pins)


def _merged(spots: Iterable[Spot]) -> list[Spot]:
    together: dict[str | Point, Spot] = {}
    for spot in spots:
        first = together.get(spot.place)
        together[spot.place] = (
            Spot(spot.place, (*first.signs, *spot.signs), f"{first.label}; {spot.label}") if first else spot
        )
    return list(together.values())


def _within(where: Frame, spot: Spot) -> bool:
    if isinstance(spot.place, Point):
        return where.place(spot.place.longitude, spot.place.latitude) is not None
    return where.outline(spot.place) is not None


def _picture(where: Frame, spots: Sequence[Spot], *, beyond: bool = False) -> Picture:
    areas: list[Area] = []
    pins: list[Pin] = []
    radius = _SMALL if beyond else _LARGE
    for spot in spots:
        if isinstance(spot.place, Point):
            at = where.place(spot.place.longitude, spot.place.latitude)
            if at is not None:
                pins += _pins(where, at, radius, spot.signs)
        elif (outline := where.outline(spot.place)) is not None:
            shapes = {sign.shape for sign in spot.signs}
            fill = SEVERAL if len(shapes) > 1 else shapes.pop() if shapes else NOTHING
            if any(sign.size for sign in spot.signs):
                fill = NOTHING
            href = spot.signs[0].href if spot.signs else ""
            areas.append(Area(outline, fill, spot.label, href, not spot.signs))
            pins += _pins(where, outline.mark, radius, spot.signs)
    # A large disc must not hide a smaller one.
    return Picture(where, tuple(areas), tuple(sorted(pins, key=lambda pin: -pin.sign.size)), beyond)


def _pins(where: Frame, at: tuple[float, float], radius: float, signs: Sequence[Sign]) -> list[Pin]:
    """The signs of a place: discs by size all in its middle, marks side by side and in sight, one for each shape."""
    if any(sign.size for sign in signs):
        # Of the area, not of the width: twice the number is twice the ink.
        return [_in_sight(where, Pin(*at, radius * max(0.3, 2.5 * math.sqrt(sign.size)), sign)) for sign in signs]
    alike: dict[str, list[Sign]] = {}
    for sign in signs:
        alike.setdefault(sign.shape, []).append(sign)
    first = [replace(own[0], label="; ".join(sign.label for sign in own)) for own in alike.values()][:_SIDE_BY_SIDE]
    half = len(first) * radius
    left = min(max(at[0], half), where.width - half) - half + radius
    return [_in_sight(where, Pin(left + 2 * radius * number, at[1], radius, sign)) for number, sign in enumerate(first)]


def _in_sight(where: Frame, pin: Pin) -> Pin:
    r = pin.radius
    return replace(pin, x=min(max(pin.x, r), where.width - r), y=min(max(pin.y, r), where.height - r))
