"""The questions that a release keeps, and what people type for their parameters.

A value can be typed as anything that names the thing: its IRI, a prefixed name, the end of its IRI (``ITA``), a code
(``skos:notation``) or a label in any language, upper or lower case.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import cast

import pyoxigraph as ox
from rdflib import RDF, SKOS

from kg.engine.formats import RESULTS
from kg.engine.solutions import Row, read
from kg.errors import BadValue, NoSuchQuestion
from kg.publishable import is_ill_typed
from kg.questions import Parameter, Question, Value
from kg.release.manifest import Release
from kg.release.store import open_store
from kg.representation.questions import about_publication, read_questions
from kg.terms import PREFIXES, in_language

_EXAMPLES = {
    "date": "2026-01-31",
    "integer": "10000",
    "boolean": "true or false",
    "decimal": "0.5",
}


def questions(release: Release) -> list[Question]:
    """The questions of a release, numbered ones first, then by name. Raises ReleaseError."""
    store, base = open_store(release), release.manifest.base

    def rows(pattern: str) -> list[Row]:
        found = cast("ox.QuerySolutions", store.query(about_publication(base, pattern)))
        return read(found.serialize(format=RESULTS["json"]) or b"")[1]

    return [question.kept for question in read_questions(rows, base)]


def question(release: Release, name: str) -> Question:
    """The question of that name. Raises NoSuchQuestion, which names similar ones."""
    known = {kept.name: kept for kept in questions(release)}
    if name not in known:
        near = difflib.get_close_matches(name, known, 3)
        hint = f"did you mean {' or '.join(near)}?" if near else "kg ask lists them"
        raise NoSuchQuestion(f"there is no question {name}", hint)
    return known[name]


def value(release: Release, parameter: Parameter, typed: str) -> Value:
    """What was typed, as a term of the parameter's type. Raises BadValue, which says what would do."""
    if parameter.type.startswith(PREFIXES["xsd"]):
        return _literal(parameter, typed)
    return _Members(release, parameter).find(typed.strip())


def _literal(parameter: Parameter, typed: str) -> ox.Literal:
    literal = ox.Literal(typed.strip(), datatype=ox.NamedNode(parameter.type))
    if is_ill_typed(literal):
        kind = parameter.type.removeprefix(PREFIXES["xsd"])
        example = f"write {_EXAMPLES[kind]}" if kind in _EXAMPLES else ""
        raise BadValue(f"{parameter.name}: {typed!r} is not an xsd:{kind}", example)
    return literal


class _Members:
    """What can be given for a parameter whose type is a class or a scheme."""

    def __init__(self, release: Release, parameter: Parameter) -> None:
        self._parameter, self._manifest = parameter, release.manifest
        kind = ox.NamedNode(parameter.type)
        store = open_store(release)
        found = set()
        for predicate in (RDF.type, SKOS.inScheme):
            found |= {quad.subject for quad in store.quads_for_pattern(None, ox.NamedNode(predicate), kind)}
        self._named: dict[str, set[str]] = {}
        self._labels: dict[str, str] = {}
        names = [*self._manifest.label_properties, str(SKOS.altLabel), str(SKOS.notation)]
        for member in found:
            if isinstance(member, ox.NamedNode):
                self._add(store, member, names)

    def _add(self, store: ox.Store, member: ox.NamedNode, names: list[str]) -> None:
        texts: dict[str, str] = {}
        for predicate in names:
            for quad in store.quads_for_pattern(member, ox.NamedNode(predicate), None):
                if isinstance(quad.object, ox.Literal):
                    self._named.setdefault(quad.object.value.casefold(), set()).add(member.value)
                    texts.setdefault(quad.object.language or "", quad.object.value)
        self._labels[member.value] = in_language(texts) or member.value
        for spelling in (member.value, *self._ends(member.value)):
            self._named.setdefault(spelling.casefold(), set()).add(member.value)

    def _ends(self, iri: str) -> Iterator[str]:
        local = iri.removeprefix(self._manifest.base).removeprefix("id/")
        yield local
        yield local.rpartition("/")[2]
        for prefix, namespace in self._manifest.prefixes.items():
            if iri.startswith(namespace):
                yield f"{prefix}:{iri.removeprefix(namespace)}"

    def find(self, typed: str) -> ox.NamedNode:
        """The member that is meant. Raises BadValue if there is none, or more than one."""
        matches = self._named.get(typed.removeprefix("<").removesuffix(">").casefold(), set())
        if len(matches) == 1:
            return ox.NamedNode(next(iter(matches)))
        if matches:
            several = ", ".join(sorted(iri.removeprefix(self._manifest.base) for iri in matches))
            raise BadValue(f"{self._parameter.name}: {typed!r} can mean {several}", "write one of these")
        near = difflib.get_close_matches(typed.casefold(), self._named, 3)
        close = sorted({self._labels[iri] for name in near for iri in self._named[name]})
        hint = f"did you mean {' or '.join(close)}?" if close else f"for example: {', '.join(self._some())}"
        raise BadValue(f"{self._parameter.name}: {typed!r} is not known", hint)

    def _some(self) -> list[str]:
        return sorted(self._labels.values())[:8]
