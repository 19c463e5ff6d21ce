"""Batches of names -> the candidates for each, within a time."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, replace

from kg.errors import QueryTimeout
from kg.reconciliation.entities import Entities, Entity
from kg.reconciliation.matching import Candidate, Matcher, Query
from kg.reconciliation.requests import Asked


@dataclass(frozen=True)
class Result:
    """The candidates for one query, the best first, and a message if something about the query was odd."""

    candidates: tuple[Candidate, ...] = ()
    message: str = ""


@dataclass(frozen=True)
class Answering:
    """Answers batches for a release; threads may share it."""

    matcher: Matcher
    entities: Entities

    def answer(self, batch: Iterable[Asked], language: str, seconds: float) -> list[Result]:
        """The result of each query, in order. Raises QueryTimeout when the time is over, and QueryError.

        Other threads go on meanwhile: with each look-up in the index this one lets go of the interpreter.
        """
        ends = time.monotonic() + seconds
        asked_for = [*batch]
        found: dict[Asked, list[Candidate]] = {}  # columns of tables hold the same names many times
        for asked in asked_for:
            if asked not in found:
                if time.monotonic() > ends:
                    raise QueryTimeout(
                        f"this batch takes more than {seconds:g} seconds, the limit of this service",
                        "send fewer queries at once",
                    )
                found[asked] = self._one(asked, language)
        says = self.entities.descriptions({c.iri: c.types for told in found.values() for c in told}, language)
        results = {
            asked: Result(tuple(replace(c, description=says[c.iri]) for c in told), asked.message)
            for asked, told in found.items()
        }
        return [results[asked] for asked in asked_for]

    def _one(self, asked: Asked, language: str) -> list[Candidate]:
        if asked.things:
            return [_as_candidate(entity) for entity in self.entities.of(asked.things, language)][: asked.limit]
        lists = [self._matched(query) for query in asked.queries]
        if len(lists) < 2:
            return lists[0] if lists else []
        # Several names for one thing: the best of any, or the worst of all of them.
        of_each = [{candidate.iri: candidate for candidate in found} for found in lists]
        iris = set.intersection(*map(set, of_each)) if asked.joined == "all" else set.union(*map(set, of_each))
        pick = min if asked.joined == "all" else max
        best = [pick((found[i] for found in of_each if i in found), key=lambda c: c.score) for i in iris]
        return sorted(best, key=lambda c: (-c.score, c.iri))[: asked.limit]

    def _matched(self, query: Query) -> list[Candidate]:
        """What fits a query; if its text is the identifier of a thing, that thing alone."""
        itself = self.entities.ids.thing(query.text) if query.text else None
        if itself is not None and (found := self.entities.of([itself], query.language or "")):
            return [_as_candidate(found[0])]
        # Things of others have no identifier in this service.
        return [c for c in self.matcher.match(query) if self.entities.ids.entity(c.iri) is not None]


def _as_candidate(entity: Entity) -> Candidate:
    return Candidate(
        iri=entity.iri,
        name=entity.name,
        language=entity.language,
        description=entity.description,
        types=entity.kinds,
        score=100.0,
        match=True,
        features=(),
    )
