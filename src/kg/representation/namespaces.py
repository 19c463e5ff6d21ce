"""The program's own vocabularies, which ship with it: terms for display, profiles, search and services.

Each is a file of ``kg/vocabularies``, named like the last part of its IRI: ``https://w3id.org/pledge-graph-display`` is
described in ``display.ttl``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import pyoxigraph as ox

from kg.terms import PREFIXES

_FOLDER = files("kg") / "vocabularies"
_SUFFIX = ".ttl"
NAMES = tuple(sorted(f.name.removesuffix(_SUFFIX) for f in _FOLDER.iterdir() if f.name.endswith(_SUFFIX)))
_TYPE, _ONTOLOGY = PREFIXES["rdf"] + "type", PREFIXES["owl"] + "Ontology"
_LABEL, _COMMENT = PREFIXES["rdfs"] + "label", PREFIXES["rdfs"] + "comment"
_TITLE, _DESCRIPTION = PREFIXES["dcterms"] + "title", PREFIXES["dcterms"] + "description"
_LICENCE = PREFIXES["dcterms"] + "license"
# What a reader is told of a term beside its label and comment.
_RELATIONS = (("Kind", _TYPE), ("Belongs to", PREFIXES["rdfs"] + "domain"), ("Value", PREFIXES["rdfs"] + "range"))


@dataclass(frozen=True)
class Entry:
    """A term: its fragment, IRI, label and comment; ``facts`` are IRIs by what they say of it, in words."""

    anchor: str
    iri: str
    label: str
    comment: str
    facts: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Namespace:
    """A vocabulary of the program: its IRI (without ``#``), what it says of itself, its terms, and all its triples."""

    name: str
    iri: str
    title: str
    description: str
    licence: str
    entries: tuple[Entry, ...]
    triples: tuple[ox.Triple, ...]
    prefixes: dict[str, str]

    def short(self, iri: str) -> str:
        """The IRI with its prefix, if it has one."""
        found = ((prefix, iri.removeprefix(n)) for prefix, n in self.prefixes.items() if iri.startswith(n))
        return next((f"{prefix}:{local}" for prefix, local in found), iri)


@cache
def namespace(name: str) -> Namespace:
    """The vocabulary with this name, one of NAMES."""
    parser = ox.parse((_FOLDER / f"{name}{_SUFFIX}").read_bytes(), ox.RdfFormat.TURTLE)
    triples = tuple(quad.triple for quad in parser)
    said: dict[str, dict[str, list[str]]] = {}
    for triple in triples:
        if isinstance(triple.subject, ox.NamedNode) and isinstance(triple.object, ox.NamedNode | ox.Literal):
            by_property = said.setdefault(triple.subject.value, {})
            by_property.setdefault(triple.predicate.value, []).append(triple.object.value)
    iri = next(subject for subject, facts in said.items() if _ONTOLOGY in facts.get(_TYPE, []))
    entries = tuple(
        Entry(
            term.removeprefix(f"{iri}#"),
            term,
            facts[_LABEL][0],
            facts[_COMMENT][0],
            tuple((words, tuple(facts[prop])) for words, prop in _RELATIONS if prop in facts),
        )
        for term, facts in sorted(said.items())
        if term.startswith(f"{iri}#")
    )
    own = said[iri]
    return Namespace(
        name, iri, own[_TITLE][0], own[_DESCRIPTION][0], own[_LICENCE][0], entries, triples, dict(parser.prefixes)
    )
