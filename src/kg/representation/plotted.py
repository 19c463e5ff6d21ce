"""Answers to queries as maps: which column says where, which says what, and a sign for each row.

Where something is follows from the answer: points (GeoSPARQL's WKT, or columns of latitude and longitude), codes of
ISO 3166-1, or things that have such a code in the graph. What stands there is the first column of numbers, as discs
whose areas are in proportion, else a column of a few different values, each with a shape of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from kg.engine.solutions import Row, number
from kg.representation.cells import in_words
from kg.representation.maps import Picture, Point, Sign, Spot, has_place, known_code, pictures
from kg.representation.matrix import PLAIN, Mark
from kg.representation.view import Term, clipped
from kg.terms import PREFIXES, SHAPES, in_language

Codes = Callable[[Iterable[str]], Mapping[str, Sequence[str]]]

_WKT = "http://www.opengis.net/ont/geosparql#wktLiteral"
_CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_EPSG4326 = "http://www.opengis.net/def/crs/EPSG/0/4326"  # latitude first
_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_POINT = re.compile(rf"\s*(?:<([^<>]*)>)?\s*POINT\s*\(\s*({_NUMBER})\s+({_NUMBER})\s*\)\s*", re.IGNORECASE)
_LATITUDE, _LONGITUDE = ("lat", "latitude"), ("long", "lon", "lng", "longitude")
_MOST_ROWS, _MOST_NAMED = 500, 50
_MOST_TOLD, _LONGEST_LABEL = 8, 400  # columns, characters
_LEAST = 0.001  # of the largest disc; a smaller one would not be seen


@dataclass(frozen=True)
class Places:
    """An answer on maps. ``what`` is the heading of what is shown, "" if rows are only shown to be there.

    ``kinds`` tell which shape means what; without them discs show numbers, ``most`` being the largest. ``nowhere`` are
    rows without a place by name; ``more`` of them are not named.
    """

    what: str
    pictures: tuple[Picture, ...]
    kinds: tuple[tuple[str, str], ...]
    most: str
    nowhere: tuple[str, ...]
    more: int
    left_out: int


@dataclass(frozen=True)
class Columns:
    """The columns of an answer by what they hold, and how a page calls what is in a cell."""

    names: Sequence[str]
    numbers: Sequence[str]
    cell: Callable[[Row, str], Term | None]


def places(
    rows: Sequence[Row], columns: Columns, codes: Codes, marks: Sequence[Mark] = (), languages: Sequence[str] = ()
) -> Places | None:
    """The map of an answer; None if nothing in it has a place. ``codes`` finds the codes of things (IRIs)."""
    drawn = rows[:_MOST_ROWS]
    found = _where(drawn, columns, codes)
    if found is None:
        return None
    by, where = found
    rest = [name for name in columns.names if name not in by]
    numbers = [name for name in columns.numbers if name not in by]
    signs = _Amounts(drawn, numbers[0]) if numbers else _Kinds(drawn, columns, rest, marks, languages)
    named = [*(by if by[0] in columns.names else ()), *rest][:_MOST_TOLD]
    spots: list[Spot] = []
    nowhere: list[str] = []
    for row, at in zip(drawn, where, strict=True):
        told = [cell for name in named if (cell := columns.cell(row, name))]
        label = clipped(", ".join(dict.fromkeys([*(term.text for term in told), *signs.text(row)])), _LONGEST_LABEL)
        href = next((term.href for term in told if term.href), "")
        if not at:
            nowhere.append(label)
        spots += [Spot(place, (signs.sign(row, label, href),), label) for place in at]
    return Places(
        in_words(signs.name),
        pictures(spots),
        signs.legend,
        signs.most,
        tuple(nowhere[:_MOST_NAMED]),
        max(0, len(nowhere) - _MOST_NAMED),
        len(rows) - len(drawn),
    )


def point(text: str) -> Point | None:
    """A point from WKT (GeoSPARQL 1.1, section 8.5.1): longitude first, unless the reference system says otherwise."""
    found = _POINT.fullmatch(text)
    if found is None or (found[1] or _CRS84) not in (_CRS84, _EPSG4326):
        return None
    x, y = float(found[2]), float(found[3])
    return _sound(Point(y, x) if found[1] == _EPSG4326 else Point(x, y))


def _sound(found: Point) -> Point | None:
    return found if abs(found.longitude) <= 180 and abs(found.latitude) <= 90 else None


Where = list[list["str | Point"]]


def _where(rows: Sequence[Row], columns: Columns, codes: Codes) -> tuple[list[str], Where] | None:
    """The columns that say where, and the places of each row; None if no row has any."""
    for by, where in _candidates(rows, columns, codes):
        kept = [[place for place in at if has_place(place)] for at in where]
        if any(kept):
            return by, kept
    return None


def _candidates(rows: Sequence[Row], columns: Columns, codes: Codes) -> Iterable[tuple[list[str], Where]]:
    for name in columns.names:
        if _all(rows, name, lambda cell: cell.get("datatype") == _WKT):
            yield [name], [[at] if (at := point(_value(row, name))) else [] for row in rows]
    by = [next((n for n in columns.numbers if n.lower() in known), "") for known in (_LONGITUDE, _LATITUDE)]
    if all(by):
        yield by, [[at] if (at := _degrees(row, by)) else [] for row in rows]
    for name in columns.names:
        if _all(rows, name, _is_code):
            yield [name], [[code] if (code := known_code(_value(row, name))) else [] for row in rows]
    things = {row[name]["value"] for row in rows for name in columns.names if _is_thing(row, name)}
    known = codes(sorted(things)) if things else {}
    for name in columns.names:
        if any(known.get(row[name]["value"]) for row in rows if _is_thing(row, name)):
            yield [name], [[*known.get(_value(row, name), ())] for row in rows]


def _all(rows: Sequence[Row], name: str, holds: Callable[[Mapping[str, str]], bool]) -> bool:
    found = [row[name] for row in rows if name in row]
    return bool(found) and all(holds(cell) for cell in found)


def _is_code(cell: Mapping[str, str]) -> bool:
    plain = cell["type"] == "literal" and cell.get("datatype", PREFIXES["xsd"] + "string") == PREFIXES["xsd"] + "string"
    return plain and known_code(cell["value"]) is not None


def _is_thing(row: Row, name: str) -> bool:
    return name in row and row[name]["type"] == "uri"


def _value(row: Row, name: str) -> str:
    return row[name]["value"] if name in row else ""


def _degrees(row: Row, by: Sequence[str]) -> Point | None:
    longitude, latitude = (number(row, name) for name in by)
    return None if longitude is None or latitude is None else _sound(Point(longitude, latitude))


class _Amounts:
    """Numbers as discs; what is not above zero is a ring."""

    legend: tuple[tuple[str, str], ...] = ()

    def __init__(self, rows: Sequence[Row], name: str) -> None:
        self.name = name
        largest = max(rows, key=lambda row: abs(number(row, name) or 0))
        self.most = _value(largest, name)
        self._largest = abs(number(largest, name) or 0) or 1.0

    def text(self, row: Row) -> list[str]:
        return [_value(row, self.name)] if self.name in row else []

    def sign(self, row: Row, label: str, href: str) -> Sign:
        value = number(row, self.name)
        if value is None:
            return Sign("dash", label, href)
        return Sign(PLAIN if value > 0 else "ring", label, href, max(_LEAST, abs(value) / self._largest))


class _Kinds:
    """Different values as different shapes: the project's own marks, else one after the other."""

    most = ""

    def __init__(
        self,
        rows: Sequence[Row],
        columns: Columns,
        names: Sequence[str],
        marks: Sequence[Mark],
        languages: Sequence[str],
    ) -> None:
        self.name = ""
        self._columns = columns
        self._shapes: dict[str, str] = {}
        self.legend: tuple[tuple[str, str], ...] = ()
        known = {mark.value: mark for mark in marks}
        for name in names:
            values = dict.fromkeys(_value(row, name) for row in rows if name in row)
            if 1 <= len(values) <= len(SHAPES) and (len(values) < len(rows) or set(values) & set(known)):
                self.name = name
                break
        else:
            return
        # A mark of the project keeps its shape, unless two values would look alike.
        for value in values:
            shape = known[value].shape if value in known else ""
            if shape and shape not in self._shapes.values():
                self._shapes[value] = shape
        left = (shape for shape in SHAPES if shape not in self._shapes.values())
        for value in values:
            if value not in self._shapes:
                self._shapes[value] = next(left)
        words = {_value(row, name): cell.text for row in rows if name in row and (cell := columns.cell(row, name))}
        said = {value: in_language(mark.words, languages) for value, mark in known.items()}
        self.legend = tuple((self._shapes[value], said.get(value) or words.get(value, value)) for value in values)

    def text(self, _: Row) -> list[str]:
        return []

    def sign(self, row: Row, label: str, href: str) -> Sign:
        return Sign(self._shapes.get(_value(row, self.name), PLAIN if not self.name else "dash"), label, href)
