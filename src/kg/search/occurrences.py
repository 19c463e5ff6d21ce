"""Which labels have some of these words? What a matcher looks at more closely."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from kg.search.index import LabelIndex

_ALL = """
SELECT thing.id, thing.iri, label.kind, label.language, label.text, label.folded
FROM (SELECT rowid AS id, rank FROM search WHERE search MATCH ? ORDER BY rank LIMIT ?) AS found
JOIN label USING (id) JOIN thing ON thing.id = label.thing ORDER BY found.rank, label.id
"""
_OF_KINDS = """
SELECT thing.id, thing.iri, label.kind, label.language, label.text, label.folded
FROM search JOIN label ON label.id = search.rowid JOIN thing ON thing.id = label.thing
WHERE search MATCH ? AND label.thing IN (
    SELECT thing FROM kind WHERE iri IN (SELECT value FROM json_each(?))
) ORDER BY search.rank LIMIT ?
"""
_OF_THING = """
SELECT thing.id, thing.iri, label.kind, label.language, label.text, label.folded
FROM thing JOIN label ON label.thing = thing.id WHERE thing.iri = ? ORDER BY label.id
"""


class Label(NamedTuple):
    """A label of a thing: the thing's number and IRI, the label's kind (``folding``), language and text."""

    thing: int
    iri: str
    kind: str
    language: str
    text: str
    folded: str


class Occurrences:
    """Labels of an index by the words in them."""

    def __init__(self, index: LabelIndex) -> None:
        self._index = index

    def with_all(self, words: Sequence[str], kinds: Iterable[str] = (), most: int = 60) -> list[Label]:
        """Labels that have all the folded words, those with little else first; with ``kinds`` only of such things."""
        return self._found(" AND ".join(f'"{word}"' for word in words), kinds, most)

    def with_any(self, words: Iterable[str], kinds: Iterable[str] = (), most: int = 60) -> list[Label]:
        """Labels that have one of the folded words at least, those with more and rarer ones first."""
        return self._found(" OR ".join(f'"{word}"' for word in words), kinds, most)

    def _found(self, expression: str, kinds: Iterable[str], most: int) -> list[Label]:
        if not expression:
            return []
        match, wanted = f"{{folded}} : ({expression})", [*kinds]
        rows = (
            self._index.rows(_OF_KINDS, match, json.dumps(wanted), most)
            if wanted
            else self._index.rows(_ALL, match, most)
        )
        return [Label(*row) for row in rows]

    def of(self, iri: str) -> list[Label]:
        """The labels of a thing."""
        return [Label(*row) for row in self._index.rows(_OF_THING, iri)]

    def kinds(self, things: Iterable[int]) -> dict[int, tuple[str, ...]]:
        """The classes and concept schemes of things, by their numbers; those with the fewest things first."""
        found: dict[int, list[str]] = {}
        for thing, iri in self._index.rows(_KINDS, json.dumps([*things])):
            found.setdefault(thing, []).append(iri)
        return {thing: tuple(iris) for thing, iris in found.items()}

    def counts(self, things: Iterable[int]) -> dict[int, int]:
        """How many labels things have, by their numbers."""
        return dict(self._index.rows(_LABELS, json.dumps([*things])))


_KINDS = "SELECT thing, iri FROM kind WHERE thing IN (SELECT value FROM json_each(?)) ORDER BY thing, iri"
_LABELS = "SELECT thing, COUNT(*) FROM label WHERE thing IN (SELECT value FROM json_each(?)) GROUP BY thing"
