"""What the description of pages says, by subject and property, and findings about it with their file and line."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files

import pyoxigraph as ox

from kg.findings import Finding
from kg.graph import KnowledgeGraph
from kg.locate import Locator
from kg.project import DISPLAY_FILE
from kg.terms import DISPLAY, PREFIXES

Node = ox.NamedNode | ox.BlankNode
Value = ox.NamedNode | ox.BlankNode | ox.Literal
_TYPE, _FIRST, _REST = (PREFIXES["rdf"] + name for name in ("type", "first", "rest"))


class Facts:
    """The statements of a project's description."""

    def __init__(self, graph: KnowledgeGraph, locate: Locator) -> None:
        self.graph = graph
        self.locate = locate
        self._by_subject: dict[str, dict[str, list[Value]]] = {}
        for quad in graph.description:
            said = self._by_subject.setdefault(str(quad.subject), {})
            if isinstance(quad.object, Value):
                said.setdefault(quad.predicate.value, []).append(quad.object)

    def having(self, name: str) -> Iterator[tuple[str, list[Value]]]:
        """The subjects that have a ``display:`` property, as in Turtle with full IRIs, each with its values."""
        predicate = str(DISPLAY[name])
        for subject, said in self._by_subject.items():
            if predicate in said:
                yield subject, said[predicate]

    def names(self, subject: str) -> Iterator[tuple[str, list[Value]]]:
        """The local names of the ``display:`` properties of a subject, each with its values."""
        for predicate, values in self._by_subject.get(subject, {}).items():
            if predicate.startswith(str(DISPLAY)):
                yield predicate.removeprefix(str(DISPLAY)), values

    def values(self, subject: str, name: str) -> list[Value]:
        """The values of a ``display:`` property."""
        return self._by_subject.get(subject, {}).get(str(DISPLAY[name]), [])

    def members(self, subject: str, name: str) -> Iterator[Value]:
        """The members of the list that a subject has by a ``display:`` property; a broken one ends where that shows."""
        cell = next(iter(self.values(subject, name)), None)
        seen: set[str] = set()
        while cell is not None and str(cell) not in seen:
            seen.add(str(cell))
            link = self._by_subject.get(str(cell), {})
            yield from link.get(_FIRST, [])[:1]
            cell = next(iter(link.get(_REST, [])), None)

    def finding(
        self, rule: str, subject: str, name: str, value: Value | None, en: str, de: str, severity: str = "violation"
    ) -> Finding:
        """A finding about a value of a subject's ``display:`` property."""
        focus = subject[1:-1] if subject.startswith("<") else ""
        file, line = self.locate.find(focus)
        return Finding(
            severity,
            f"display {rule}",
            {"en": en, "de": de},
            file or DISPLAY_FILE.as_posix(),
            line,
            focus=focus,
            path=str(ox.NamedNode(DISPLAY[name])),
            value=str(value) if isinstance(value, ox.NamedNode | ox.Literal) else "",
        )

    def unknown_terms(self) -> Iterator[Finding]:
        """Properties and classes with the prefix ``display:`` that there are not: what they say would go unheard."""
        for subject, said in self._by_subject.items():
            for predicate in (*said, *(value.value for value in said.get(_TYPE, []))):
                name = predicate.removeprefix(str(DISPLAY))
                if name != predicate and predicate not in _terms():
                    yield self.finding(
                        "term",
                        subject,
                        name,
                        None,
                        f"there is no display:{name}, so this goes unheard; the terms are those of docs/display.md",
                        f"display:{name} gibt es nicht, dies bleibt also ungehört; die Begriffe nennt docs/display.md",
                    )


@cache
def _terms() -> frozenset[str]:
    vocabulary = (files("kg") / "vocabularies/display.ttl").read_bytes()
    return frozenset(
        quad.subject.value
        for quad in ox.parse(vocabulary, ox.RdfFormat.TURTLE)
        if isinstance(quad.subject, ox.NamedNode)
    )
