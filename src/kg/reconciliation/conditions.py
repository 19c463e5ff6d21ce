"""What is known of a thing besides its name: how well do the statements about a candidate fit?

A value fits as an IRI, as an identifier (the last part of an IRI, ``Q38``), as a text (the same after folding fits
fully, an alike one in part), or as the name of the thing that is the value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kg.engine import Answerer
from kg.engine.solutions import select, values
from kg.identifiers.declared import SAME_AS
from kg.reconciliation.ids import INVERSE, is_iri
from kg.reconciliation.similarity import likeness
from kg.release.manifest import Manifest
from kg.search import LabelIndex, fold
from kg.search.folding import LENGTH
from kg.search.occurrences import Occurrences
from kg.search.spelling import Words
from kg.terms import PREFIXES

# One of these is said of one thing only, so a value that fits decides.
_IDENTIFYING = frozenset(
    (*SAME_AS, PREFIXES["skos"] + "notation", PREFIXES["dcterms"] + "identifier", PREFIXES["schema"] + "identifier")
)
_LOCAL = re.compile(r"[^/#:]+\Z")
_MOST = 50


@dataclass(frozen=True)
class Condition:
    """That a thing has a property (an IRI; read backwards with ``^`` before it) with ``any``, ``all`` or ``none`` of
    the values, which are texts or IRIs; what misses a ``required`` one is no candidate.
    """

    property: str
    values: tuple[str, ...]
    required: bool = False
    quantifier: str = "any"


class Conditions:
    """Weighs conditions for one release. Threads may share it."""

    def __init__(self, index: LabelIndex, manifest: Manifest, ask: Answerer, words: Words) -> None:
        self._ask = ask
        self._base = manifest.base
        self._index = index
        self._labels = Occurrences(index)
        self._words = words

    def fits(self, iris: Sequence[str], conditions: Sequence[Condition]) -> dict[str, tuple[float, ...]]:
        """For each thing how well each condition fits, 0 to 1. Raises QueryError."""
        if not iris or not conditions:
            return {}
        columns = [self._fit(iris, condition) for condition in conditions]
        return {iri: tuple(column[iri] for column in columns) for iri in iris}

    def identified(self, conditions: Iterable[Condition]) -> set[str]:
        """The things with a label that the conditions identify. Raises QueryError."""
        found: set[str] = set()
        for condition in conditions:
            if condition.property in _IDENTIFYING and condition.quantifier != "none":
                found.update(self.holders(condition))
        return found

    def holders(self, condition: Condition) -> list[str]:
        """Things with a label that have a value of the condition as it is written. Raises QueryError."""
        iris = [value for value in condition.values if ":" in value and is_iri(value)]
        texts = [_literal(value[:LENGTH]) for value in condition.values if value]
        if not texts or not is_iri(condition.property.removeprefix(INVERSE)):
            return []
        ways = [
            f"{{ VALUES ?t {{ {' '.join(texts)} }} {_way(condition, '?o')} FILTER(isLiteral(?o) && STR(?o) = ?t) }}"
        ]
        if iris:
            ways.append(f"{{ VALUES ?o {{ {values(iris)} }} {_way(condition, '?o')} }}")
        rows = select(self._ask, f"SELECT DISTINCT ?s {{ {' UNION '.join(ways)} FILTER(isIRI(?s)) }} LIMIT {_MOST}")
        return [iri for row in rows if self._index.label(iri := row["s"]["value"])]

    def _fit(self, iris: Sequence[str], condition: Condition) -> dict[str, float]:
        property_ = condition.property.removeprefix(INVERSE)
        asked = [iri for iri in iris if is_iri(iri)]
        said: dict[str, list[tuple[str, bool]]] = {iri: [] for iri in iris}
        if is_iri(property_) and asked:
            for row in select(self._ask, f"SELECT ?s ?o {{ VALUES ?s {{ {values(asked)} }} {_way(condition, '?o')} }}"):
                said[row["s"]["value"]].append((row["o"]["value"], row["o"]["type"] == "uri"))
        return {iri: self._joined(found, condition) for iri, found in said.items()}

    def _joined(self, said: Sequence[tuple[str, bool]], condition: Condition) -> float:
        best = [max((self._alike(value, *o) for o in said), default=0.0) for value in condition.values]
        match condition.quantifier:
            case "all":
                return min(best, default=1.0)
            case "none":
                return 1.0 - max(best, default=0.0)
        return max(best, default=0.0)

    def _alike(self, wanted: str, said: str, is_iri_: bool) -> float:
        if wanted == said or (is_iri_ and self._base + wanted == said):
            return 1.0
        name = fold(wanted[:LENGTH])
        if not is_iri_:
            return self._likeness(name, fold(said[:LENGTH]))
        local = _LOCAL.search(said)
        if local and local[0] == wanted:
            return 1.0
        return max((self._likeness(name, label.folded) for label in self._labels.of(said)), default=0.0)

    def _likeness(self, name: str, other: str) -> float:
        return likeness(name.split(), other.split(), self._words.weight).score if name and other else 0.0


def _way(condition: Condition, value: str) -> str:
    if condition.property.startswith(INVERSE):
        return f"{value} <{condition.property.removeprefix(INVERSE)}> ?s"
    return f"?s <{condition.property}> {value}"


def _literal(text: str) -> str:
    """A text as a string of SPARQL (section 19.7)."""
    shown = text.encode(errors="replace").decode()
    for character, written in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r")):
        shown = shown.replace(character, written)
    return f'"{shown}"'
