"""Which terms of the ontology shapes, questions and rules speak of, so that a term's description can tell (pure)."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import pyoxigraph as ox

from kg import sparql
from kg.source import ParsedFile
from kg.terms import PREFIXES

_SH = PREFIXES["sh"]
_TYPE = PREFIXES["rdf"] + "type"
_SHAPES = {_SH + "NodeShape", _SH + "PropertyShape"}
# What stands here is let through, not ruled.
_IGNORED = {_SH + "ignoredProperties"}
_QUERIES = {_SH + "select", _SH + "ask"}


@dataclass(frozen=True)
class Mention:
    """A shape (IRI) with its type, its messages by language and the terms that it speaks of, sorted."""

    shape: str
    type: str
    messages: dict[str, str] = field(hash=False)
    terms: tuple[str, ...]


def declared(quads: Iterable[ox.Quad], graph: str) -> set[str]:
    """The IRIs that something is said about in the named graph ``graph``: the terms of an ontology."""
    name = ox.NamedNode(graph)
    return {q.subject.value for q in quads if isinstance(q.subject, ox.NamedNode) and q.graph_name == name}


def in_shapes(files: Iterable[ParsedFile], terms: Container[str]) -> Iterator[Mention]:
    """What the named shapes in the files say of ``terms``, each with its parts without a name, sorted by IRI."""
    found: dict[str, Mention] = {}
    for file in files:
        statements: dict[str, list[ox.Quad]] = {}
        for quad in file.quads:
            statements.setdefault(str(quad.subject), []).append(quad)
        for quad in file.quads:
            if quad.predicate.value == _TYPE and isinstance(quad.subject, ox.NamedNode):
                kind = quad.object.value if isinstance(quad.object, ox.NamedNode) else ""
                if kind in _SHAPES:
                    found[quad.subject.value] = _shape(quad.subject, kind, statements, file.prefixes, terms)
    return (found[iri] for iri in sorted(found))


def _shape(
    shape: ox.NamedNode,
    kind: str,
    statements: Mapping[str, list[ox.Quad]],
    prefixes: Mapping[str, str],
    terms: Container[str],
) -> Mention:
    named: set[str] = set()
    messages: dict[str, str] = {}
    waiting, seen = [str(shape)], set()
    while waiting:
        node = waiting.pop()
        seen.add(node)
        for quad in statements.get(node, []):
            value, predicate = quad.object, quad.predicate.value
            if predicate in _IGNORED:
                continue
            if isinstance(value, ox.NamedNode):
                named.add(value.value)
            elif isinstance(value, ox.BlankNode) and str(value) not in seen:
                waiting.append(str(value))
            elif isinstance(value, ox.Literal) and predicate in _QUERIES:
                named |= sparql.iris(value.value, prefixes)
            elif isinstance(value, ox.Literal) and predicate == _SH + "message":
                messages.setdefault(value.language or "", value.value)
    return Mention(shape.value, kind, messages, tuple(sorted(iri for iri in named if iri in terms)))


def in_query(text: str, terms: Container[str]) -> list[str]:
    """Those of ``terms`` that a query names, sorted."""
    return sorted(iri for iri in sparql.iris(text, {}) if iri in terms)


def concluded(text: str, terms: Container[str]) -> list[str]:
    """Those of ``terms`` that a CONSTRUCT query can conclude, sorted.

    They are the properties in its template and, where the template has a variable in that place, what the query binds
    that variable to (``BIND(... AS ?says)``).
    """
    template = re.search(r"CONSTRUCT\s*\{(.*?)\}", text, re.DOTALL | re.IGNORECASE)
    if template is None:
        return []
    prologue = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in sparql.prefixes(text).items())
    bound = "".join(
        match[1]
        for variable in re.findall(r"\S+\s+\?(\w+)\s+\S+", template[1])
        for match in re.finditer(rf"BIND\s*\(((?:(?!BIND).)*?)AS\s+\?{variable}\s*\)", text, re.DOTALL)
    )
    return sorted(iri for iri in sparql.iris(prologue + template[1] + bound, {}) if iri in terms)
