"""What became of a thing that was given up (``owl:deprecated``): merged into another one, or withdrawn.

``dcterms:isReplacedBy`` leads to the survivor, over several steps if need be. Replaced by several things, or in a
circle, it has no survivor: a reader must choose.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pyoxigraph as ox

from kg.terms import PREFIXES

DEPRECATED = PREFIXES["owl"] + "deprecated"
REPLACED_BY = PREFIXES["dcterms"] + "isReplacedBy"
_TRUE = ("true", "1")


@dataclass(frozen=True)
class Fate:
    """The one ``survivor`` (IRI) if there is one; else what is named as ``successors``, perhaps nothing."""

    survivor: str | None
    successors: tuple[str, ...] = ()


def is_deprecated(thing: str, triples: Iterable[ox.Triple]) -> bool:
    """True if the triples say that the thing is not in use any more."""
    return thing in _gone(triples)


def fate(thing: str, triples: Iterable[ox.Triple]) -> Fate | None:
    """What became of the thing, by the statements about it and about those that it was replaced by; None: it lives."""
    known = list(triples)
    gone = _gone(known)
    if thing not in gone:
        return None
    replaced: dict[str, list[str]] = {}
    for t in known:
        ends = (t.subject, t.object)
        if t.predicate.value == REPLACED_BY and all(isinstance(end, ox.NamedNode) for end in ends):
            replaced.setdefault(str(t.subject)[1:-1], []).append(str(t.object)[1:-1])
    here, seen = thing, {thing}
    while here in gone:
        successors = sorted(set(replaced.get(here, ())))
        if len(successors) != 1 or successors[0] in seen:
            return Fate(None, tuple(s for s in successors if s not in seen))
        here = successors[0]
        seen.add(here)
    return Fate(here)


def _gone(triples: Iterable[ox.Triple]) -> set[str]:
    return {
        t.subject.value
        for t in triples
        if t.predicate.value == DEPRECATED
        and isinstance(t.subject, ox.NamedNode)
        and isinstance(t.object, ox.Literal)
        and t.object.value in _TRUE
    }
