"""Things as the reconciliation service tells of them: by their identifiers, or as suggestions while somebody types."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kg.engine import Answerer
from kg.engine.solutions import select, values
from kg.reconciliation.ids import Identifiers
from kg.reconciliation.schema import Schema, descriptions, is_term
from kg.search import LabelIndex
from kg.terms import PREFIXES, in_language

_TYPE = PREFIXES["rdf"] + "type"
_AT_ONCE = 500


@dataclass(frozen=True)
class Entity:
    """A thing: its IRI and identifier, its name and the language of it, what it is in words, and its classes."""

    iri: str
    id: str
    name: str
    language: str
    description: str
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class Entities:
    """Finds things of a release."""

    engine: Answerer
    index: LabelIndex
    ids: Identifiers
    schema: Schema

    def of(self, iris: Iterable[str], language: str) -> list[Entity]:
        """Those of the IRIs that are things with a name, in order. Raises QueryError."""
        named = {
            iri: name for iri in dict.fromkeys(iris) if self.ids.entity(iri) and (name := self.label(iri, language))
        }
        if not named:
            return []
        rows = select(self.engine, f"SELECT ?s ?c {{ VALUES ?s {{ {values(named)} }} ?s <{_TYPE}> ?c }}")
        kinds: dict[str, list[str]] = {}
        for row in rows:
            if row["c"]["type"] == "uri":
                kinds.setdefault(row["s"]["value"], []).append(row["c"]["value"])
        return self._told([(iri, *name, kinds.get(iri, [])) for iri, name in named.items()], language)

    def label(self, iri: str, language: str) -> tuple[str, str] | None:
        """The name of a thing and its language; None if it has none."""
        return self.index.label(iri, language)

    def suggest(self, prefix: str, kinds: Sequence[str], offset: int, limit: int, language: str) -> list[Entity]:
        """Things with a name that begins so, or in which all words occur, the best first. Raises QueryError.

        A thing whose identifier (or IRI) is the text stands first. With ``kinds`` (IRIs) only things of one of them.
        """
        itself = self.ids.thing(prefix)
        first = [] if itself is None or self.label(itself, language) is None else [itself]
        hits, found, ahead = [], offset + limit, 2 * (offset + limit) + 20
        while True:
            hits = self.index.find(prefix, ahead, kinds, language)
            told = [h for h in hits if self.ids.entity(h.iri) and h.iri not in first and not is_term(h.kinds)]
            if len(told) >= found or len(hits) < ahead:
                break
            ahead *= 4
        page = told[max(0, offset - len(first)) : max(0, found - len(first))]
        leading = self.of(first[offset:found], language)
        return leading + self._told([(h.iri, h.label, h.language, list(h.kinds)) for h in page], language)

    def _told(self, things: Sequence[tuple[str, str, str, list[str]]], language: str) -> list[Entity]:
        says = self.descriptions({iri: classes for iri, _, _, classes in things}, language)
        return [
            Entity(iri, self.ids.entity(iri) or iri, name, spoken, says[iri], self.kinds(classes))
            for iri, name, spoken, classes in things
        ]

    def descriptions(self, things: Mapping[str, Sequence[str]], language: str) -> dict[str, str]:
        """What things (IRIs, each with its classes) are in words. Raises QueryError.

        Where nobody says it, its class tells namesakes apart.
        """
        described: dict[str, dict[str, str]] = {}
        iris = [*things]
        for start in range(0, len(iris), _AT_ONCE):
            described |= descriptions(self.engine, iris[start : start + _AT_ONCE])
        order = (language, *self.schema.labels.languages)
        return {
            iri: in_language(described.get(iri, {}), order) or self.called(self.kinds(classes)[:1], language)
            for iri, classes in things.items()
        }

    def kinds(self, classes: Iterable[str]) -> tuple[str, ...]:
        """Those of the classes that can be asked for as types, in an order that tells the most."""
        return tuple(kind for kind in self.schema.kinds(classes) if kind in self.schema.by_iri)

    def called(self, kinds: Iterable[str], language: str) -> str:
        """The names of classes."""
        return ", ".join(self.schema.name(kind, language)[0] for kind in kinds)
