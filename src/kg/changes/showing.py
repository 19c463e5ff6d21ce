"""What the project says about how changes are told (``ontology/display.ttl``, docs/display.md).

Read from the triples themselves, so that a project that is not served, or an old revision of it, can be told as well.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import inf, isfinite

import pyoxigraph as ox

from kg.representation.view import Order
from kg.terms import DISPLAY, PREFIXES

_SH, _RDF = PREFIXES["sh"], PREFIXES["rdf"]
_NIL = _RDF + "nil"


@dataclass(frozen=True)
class ClassFacts:
    """How things of a class are told: ``order`` says which class comes first, small numbers do.

    ``headline`` are the properties whose values name a thing, ``summary`` those that are told with it in one line.
    """

    order: float = inf
    headline: tuple[str, ...] = ()
    summary: tuple[str, ...] = ()


@dataclass(frozen=True)
class Showing:
    """Order and visibility of properties, facts about classes, and the properties that point at what is superseded."""

    properties: dict[str, Order] = field(default_factory=dict)
    classes: dict[str, ClassFacts] = field(default_factory=dict)
    supersedes: frozenset[str] = frozenset()

    def place(self, prop: str) -> Order:
        """Where a property stands."""
        return self.properties.get(prop, Order())


def read_showing(described: Iterable[ox.Triple]) -> Showing:
    """Read the description of pages. What is not as documented there is left out."""
    facts: dict[str, dict[str, list[ox.NamedNode | ox.BlankNode | ox.Literal]]] = {}
    for triple in described:
        if not isinstance(triple.object, ox.Triple):
            facts.setdefault(str(triple.subject), {}).setdefault(triple.predicate.value, []).append(triple.object)
    properties: dict[str, Order] = {}
    classes: dict[str, ClassFacts] = {}
    supersedes = set()
    for said in facts.values():
        for path in _iris(said.get(_SH + "path")):
            group = facts.get(str(next(iter(said.get(_SH + "group", [])), "")), {})
            hidden = _is_true(said.get(str(DISPLAY) + "hidden"))
            properties[path] = Order(_number(group), "", _number(said), "", hidden)
            if _is_true(said.get(str(DISPLAY) + "supersedes")):
                supersedes.add(path)
        for kind in _iris(said.get(_SH + "targetClass")):
            headline, summary = (_list(facts, said, name) for name in ("headline", "summary"))
            classes[kind] = ClassFacts(_number(said), headline, summary)
    return Showing(properties, classes, frozenset(supersedes))


def _iris(values: Iterable[object] | None) -> list[str]:
    return [value.value for value in values or () if isinstance(value, ox.NamedNode)]


def _is_true(values: Iterable[object] | None) -> bool:
    return any(isinstance(value, ox.Literal) and value.value in ("true", "1") for value in values or ())


def _number(said: dict[str, list[ox.NamedNode | ox.BlankNode | ox.Literal]]) -> float:
    for value in said.get(_SH + "order", []):
        try:
            number = float(value.value)
        except ValueError:
            continue
        if isfinite(number):
            return number
    return inf


def _list(
    facts: dict[str, dict[str, list[ox.NamedNode | ox.BlankNode | ox.Literal]]],
    said: dict[str, list[ox.NamedNode | ox.BlankNode | ox.Literal]],
    name: str,
) -> tuple[str, ...]:
    """The IRIs in an RDF list; one that is broken or a ring ends where that shows."""
    found: list[str] = []
    node = next(iter(said.get(str(DISPLAY) + name, [])), None)
    seen: set[str] = set()
    while node is not None and str(node) not in seen and not (isinstance(node, ox.NamedNode) and node.value == _NIL):
        seen.add(str(node))
        link = facts.get(str(node), {})
        found += _iris(link.get(_RDF + "first"))
        node = next(iter(link.get(_RDF + "rest", [])), None)
    return tuple(found)
