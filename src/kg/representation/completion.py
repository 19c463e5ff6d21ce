"""The vocabulary of a release for completing queries: classes and properties, with names and how often they are used.

What is used is read from the VoID partitions in the catalogue, so nothing is counted again; what is declared and not
used is there too. A term is written as a query may have it: by a prefix of the project, else as an IRI in brackets.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from kg.engine import Answerer
from kg.engine.solutions import select
from kg.release.manifest import Manifest
from kg.representation.statements import Statements
from kg.representation.summary import summaries
from kg.representation.view import Labels
from kg.terms import graph_iri, prologue

# A part of PN_LOCAL (SPARQL 1.1, rule 169) that needs no escapes.
_LOCAL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?")
_PREFIXES = prologue("owl", "rdf", "rdfs", "void")
_DECLARED = """
SELECT DISTINCT ?iri ?kind {
  VALUES (?type ?kind) {
    (owl:Class "class") (rdfs:Class "class")
    (owl:ObjectProperty "property") (owl:DatatypeProperty "property") (owl:AnnotationProperty "property")
    (rdf:Property "property")
  }
  ?iri a ?type FILTER(ISIRI(?iri))
}"""
_USED = """
SELECT ?iri ?kind (MAX(?n) AS ?uses) {
  GRAPH <%s> {
    { ?set void:class ?iri ; void:entities ?n BIND("class" AS ?kind) }
    UNION { ?set void:property ?iri ; void:triples ?n BIND("property" AS ?kind) }
  }
}
GROUP BY ?iri ?kind"""


@dataclass(frozen=True)
class Suggestion:
    """A class or property: as it is written in a query, its IRI, name, what it means, and how often it is used."""

    term: str
    iri: str
    label: str
    note: str
    uses: int


@dataclass(frozen=True)
class Completion:
    """The prefixes of a project, and its classes and properties, those used most first."""

    prefixes: Mapping[str, str]
    classes: tuple[Suggestion, ...]
    properties: tuple[Suggestion, ...]

    def as_json(self) -> str:
        """All of it, for the editor."""
        return json.dumps(asdict(self), ensure_ascii=False) + "\n"


def completion(engine: Answerer, manifest: Manifest) -> Completion:
    """What queries over a release can be completed with. Raises QueryError."""
    uses: dict[tuple[str, str], int] = {}
    texts = (_DECLARED, _USED % graph_iri(manifest.base, "meta"))
    for row in (row for text in texts for row in select(engine, _PREFIXES + text)):
        if "iri" in row and row["iri"]["type"] == "uri":
            key = row["kind"]["value"], row["iri"]["value"]
            uses[key] = max(uses.get(key, 0), int(row["uses"]["value"]) if "uses" in row else 0)
    iris = {iri for _, iri in uses}
    labels = Labels(manifest.base, manifest.prefixes, manifest.label_properties, manifest.languages)
    labels.learn(Statements(engine, manifest).labels(iris))
    notes = summaries(engine, manifest, iris, manifest.languages)

    def of(kind: str) -> tuple[Suggestion, ...]:
        found = [
            Suggestion(
                written(iri, manifest.prefixes),
                iri,
                labels.term(iri).text if iri in labels.known else "",
                notes[iri][0] if iri in notes else "",
                count,
            )
            for (told, iri), count in uses.items()
            if told == kind
        ]
        return tuple(sorted(found, key=lambda s: (-s.uses, s.term)))

    return Completion(dict(sorted(manifest.prefixes.items())), of("class"), of("property"))


def written(iri: str, prefixes: Mapping[str, str]) -> str:
    """An IRI as a query may have it: ``skos:Concept``, or ``<http://...>`` where no prefix serves.

    >>> written("http://www.w3.org/2004/02/skos/core#Concept", {"skos": "http://www.w3.org/2004/02/skos/core#"})
    'skos:Concept'
    >>> written("http://example.org/a/b", {"ex": "http://example.org/"})
    '<http://example.org/a/b>'
    """
    for prefix, namespace in sorted(prefixes.items(), key=lambda item: (-len(item[1]), item[0])):
        if iri.startswith(namespace) and _LOCAL.fullmatch(iri[len(namespace) :]):
            return f"{prefix}:{iri[len(namespace) :]}"
    return f"<{iri}>"
