"""Long lists: a page shows the beginning of a property's many values, and a page of its own has them all.

``/doc/dataset?values=<property>`` lists the values of a property, ``?incoming=<property>`` what points at the thing
with it; ``part`` names a part of the thing, ``from`` the first value on a further page.
The data formats are always whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from werkzeug.exceptions import NotFound

from kg.messages import Message
from kg.representation.view import Row, Term, View
from kg.web.openapi.operation import IRI, Parameter

GLANCE = 8  # values that are taken in at a glance
SEEN = 6  # of more than that, so many, and the others folded
MANY = 25  # values that stand on a page at once
FEW = 20  # of more than that, so many, and a link
LISTED = 500  # values on a page that lists them
_VALUES, _INCOMING, _PART, _FROM = "values", "incoming", "part", "from"
PARAMETERS = (
    Parameter(_VALUES, "On a page: list all values of this property (an IRI).", IRI),
    Parameter(_INCOMING, "On a page: list all that points at the thing with this property.", IRI),
    Parameter(_PART, "The part of the thing whose values are listed, by its fragment."),
    Parameter(_FROM, f"Where a page of the list begins, a multiple of {LISTED}.", {"type": "integer", "minimum": 0}),
)


@dataclass(frozen=True)
class Listing:
    """The list that is wanted: of a ``part`` of the thing ("" is the thing itself), from a value on, counted from 0."""

    relation: str
    incoming: bool = False
    part: str = ""
    start: int = 0

    @classmethod
    def of(cls, given: Mapping[str, str]) -> Listing | None:
        """What the parameters of an address ask for, if anything. Raises NotFound if it makes no sense."""
        wanted = given.get(_VALUES) or given.get(_INCOMING)
        if not wanted:
            return None
        start = given.get(_FROM, "0")
        if not (start.isascii() and start.isdigit() and len(start) < 10 and int(start) % LISTED == 0):
            raise NotFound(Message("a page of a list begins at a multiple of %(number)s", number=LISTED))
        return cls(wanted, not given.get(_VALUES), given.get(_PART, ""), int(start))

    @property
    def query(self) -> str:
        """The query string that asks for this list."""
        parameters = [(_INCOMING if self.incoming else _VALUES, self.relation)]
        parameters += [(_PART, self.part)] if self.part else []
        parameters += [(_FROM, str(self.start))] if self.start else []
        return urlencode(parameters)

    def row(self, shown: View) -> Row:
        """The property with all its values. Raises NotFound if the page of the thing has none, or not so many."""
        found = next((row for row in self._rows(shown) if row.name.iri == self.relation), None)
        if found is None or self.start >= len(found.every):
            raise NotFound(Message("the document has no such list of %(relation)s", relation=self.relation))
        return found

    def values(self, row: Row) -> tuple[Term, ...]:
        """Those that stand on this page."""
        return row.every[self.start : self.start + LISTED]

    def beside(self, row: Row) -> list[tuple[str, str]]:
        """The pages before and after this one, as (relation, query)."""
        places = (("prev", self.start - LISTED), ("next", self.start + LISTED))
        return [(name, replace(self, start=at).query) for name, at in places if 0 <= at < len(row.every)]

    def _rows(self, shown: View) -> Iterator[Row]:
        if self.incoming:
            yield from shown.incoming
            return
        parts = (part for table in shown.tables for part in table.parts)
        for section in (*shown.sections, *parts):
            if section.anchor == self.part:
                yield from section.rows


def query_of(row: Term, part: str = "", *, incoming: bool = False, page: int = 1) -> str:
    """The query string for all values of a property (its name on a page), on this page of the document."""
    return Listing(row.iri, incoming, part).query + (f"&page={page}" if page > 1 else "")
