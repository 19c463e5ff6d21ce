"""The questions that a release keeps, and what people type for their parameters.

A value can be typed as anything that names the thing: its IRI, a prefixed name, the end of its IRI (``ITA``), a code
(``skos:notation``) or a label in any language, upper or lower case.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
from rdflib import RDF, RDFS, SH, SKOS

from kg.errors import BadValue, NoSuchQuestion
from kg.publishable import is_ill_typed
from kg.questions import Parameter, Question, Value
from kg.release.manifest import Release
from kg.release.store import open_store
from kg.terms import DISPLAY, PREFIXES, graph_iri, in_language, question_iri

_EXAMPLES = {
    "date": "2026-01-31",
    "integer": "10000",
    "boolean": "true or false",
    "decimal": "0.5",
}


def questions(release: Release) -> list[Question]:
    """The questions of a release, numbered ones first, then by name. Raises ReleaseError."""
    return sorted(_Catalogue(release).questions(), key=lambda q: (q.number or 10_000, q.name))


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


class _Catalogue:
    """Reads what ``metadata.catalogue`` wrote about the questions."""

    def __init__(self, release: Release) -> None:
        self._release = release
        self._store = open_store(release)
        self._graph = ox.NamedNode(graph_iri(release.manifest.base, "meta"))

    def _objects(self, subject: ox.NamedNode, predicate: str) -> Iterator[Value]:
        for quad in self._store.quads_for_pattern(subject, ox.NamedNode(predicate), None, self._graph):
            if isinstance(quad.object, ox.NamedNode | ox.Literal):
                yield quad.object

    def _one(self, subject: ox.NamedNode, *predicates: str) -> str:
        return next((found.value for predicate in predicates for found in self._objects(subject, predicate)), "")

    def _texts(self, subject: ox.NamedNode, predicate: str) -> dict[str, str]:
        return {v.language or "": v.value for v in self._objects(subject, predicate) if isinstance(v, ox.Literal)}

    def questions(self) -> Iterator[Question]:
        base = question_iri(self._release.manifest.base, "")
        kinds = (SH.SPARQLSelectExecutable, SH.SPARQLAskExecutable, SH.SPARQLConstructExecutable, SH.SPARQLExecutable)
        for kind in kinds:
            for quad in self._store.quads_for_pattern(None, ox.NamedNode(RDF.type), ox.NamedNode(kind), self._graph):
                node = quad.subject
                if isinstance(node, ox.NamedNode) and node.value.startswith(base):
                    text = self._one(node, SH.select, SH.ask, SH.construct, RDFS.comment)
                    parameters = [self._parameter(p) for p in self._objects(node, SH.parameter)]
                    yield Question(
                        name=node.value.removeprefix(base),
                        file=Path(),
                        titles=self._texts(node, RDFS.label),
                        text=text,
                        number=int(self._one(node, SH.order) or 0),
                        parameters=tuple(p for _, p in sorted(parameters, key=lambda item: item[0])),
                    )

    def _parameter(self, node: Value) -> tuple[int, Parameter]:
        if not isinstance(node, ox.NamedNode):
            raise TypeError(f"a parameter without an IRI: {node}")
        default = next(iter(self._objects(node, SH.defaultValue)), None)
        parameter = Parameter(
            self._one(node, SH.name),
            self._one(node, SH.datatype, SH["class"]),
            self._texts(node, SH.description),
            default,
            several=self._one(node, str(DISPLAY.several)) in ("true", "1"),
        )
        return int(self._one(node, SH.order) or 0), parameter


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
