"""One column of a matrix on a map: the things down the side stand where their codes of countries say.

The same is told in words, by mark, and what has no place on a map stands there too: nothing of the column is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from kg.engine import Answerer
from kg.engine.solutions import select, values
from kg.representation.maps import Picture, Sign, Spot, known_code, pictures
from kg.representation.matrix import Cell, Entry, Mark, Matrix
from kg.representation.view import Term

_AT_ONCE = 500  # things in one query


@dataclass(frozen=True)
class Told:
    """A thing and what the column has for it, the firmest first."""

    head: Term
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Group:
    """All things with one mark, by name; ``mark`` is None for those that the column has nothing for."""

    mark: Mark | None
    things: tuple[Told, ...]


@dataclass(frozen=True)
class Regional:
    """A column on a map: the pictures, the same by mark for what is ``placed``, and for ``others`` without a place."""

    pictures: tuple[Picture, ...]
    placed: tuple[Group, ...]
    others: tuple[Group, ...]


def codes_of(engine: Answerer, properties: Sequence[str], things: Iterable[str]) -> dict[str, list[str]]:
    """The codes of ISO 3166-1 (three letters) that things (IRIs) have by the properties. Raises QueryError."""
    found: dict[str, list[str]] = {}
    asked = list(dict.fromkeys(things))
    by = values(properties)
    for start in range(0, len(asked), _AT_ONCE):
        some = values(asked[start : start + _AT_ONCE])
        text = (
            f"SELECT DISTINCT ?thing ?code {{ VALUES ?thing {{ {some} }} VALUES ?by {{ {by} }} "
            "?thing ?by ?code } ORDER BY ?thing ?code"
        )
        for row in select(engine, text):
            code = known_code(row["code"]["value"]) if row["code"]["type"] == "literal" else None
            codes = found.setdefault(row["thing"]["value"], [])
            if code and code not in codes:
                codes.append(code)
    return found


def regional(
    matrix: Matrix, column: str, codes: Mapping[str, Sequence[str]], say: Callable[[Term, Sequence[Entry]], str]
) -> Regional:
    """The column (an IRI) of a matrix on maps; ``say`` puts a thing and entries of one mark, or none, into words."""
    place = next((number for number, top in enumerate(matrix.columns) if top.key == column), None)
    order = {mark.value: number for number, mark in enumerate(matrix.marks)}
    rows = [(row.head, _firmest(row.cells[place] if place is not None else None, order)) for row in matrix.rows]
    rows.sort(key=lambda row: row[0].text.casefold())
    spots: list[Spot] = []
    placed: list[Told] = []
    others: list[Told] = []
    for head, entries in rows:
        regions = codes.get(head.iri, ()) if head.iri else ()
        (placed if regions else others).append(Told(head, entries))
        signs = tuple(
            Sign(mark.shape, say(head, of), of[0].item.href)
            for mark in dict.fromkeys(entry.mark for entry in entries)
            if (of := [entry for entry in entries if entry.mark == mark])
        )
        label = "; ".join(sign.label for sign in signs) or say(head, ())
        spots += [Spot(region, signs, label) for region in regions]
    return Regional(pictures(spots), _groups(placed, matrix.marks), _groups(others, matrix.marks))


def _firmest(cell: Cell | None, order: Mapping[str, int]) -> tuple[Entry, ...]:
    """The entries of a cell by their steps; of two that are equally firm, first that whose mark is told later."""
    entries = cell.entries if cell else ()
    return tuple(sorted(entries, key=lambda entry: (-entry.strength, -order[entry.mark.value])))


def _groups(things: Sequence[Told], marks: Sequence[Mark]) -> tuple[Group, ...]:
    found = []
    for mark in marks:
        own = (Told(t.head, tuple(entry for entry in t.entries if entry.mark == mark)) for t in things)
        found.append(Group(mark, tuple(told for told in own if told.entries)))
    found.append(Group(None, tuple(told for told in things if not told.entries)))
    return tuple(group for group in found if group.things)
