"""What is under inspection, with what several gates need computed once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pyoxigraph as ox

from kg.checks import checked_store
from kg.errors import InferenceError
from kg.findings import Finding, report
from kg.gates.owltools import OwlAnswer, ask_owl_tools
from kg.graph import KnowledgeGraph
from kg.locate import Locator
from kg.release.build import build
from kg.release.manifest import Release
from kg.terms import PREFIXES, graph_iri

_OWL, _RDF, _RDFS = PREFIXES["owl"], PREFIXES["rdf"], PREFIXES["rdfs"]
CLASS_KINDS = frozenset({f"{_OWL}Class", f"{_RDFS}Class"})
PROPERTY_KINDS = frozenset(
    {f"{_OWL}ObjectProperty", f"{_OWL}DatatypeProperty", f"{_OWL}AnnotationProperty", f"{_RDF}Property"}
)
CONCEPT = PREFIXES["skos"] + "Concept"
# What is said of, and leads to, classes and properties only.
AXIOMS = frozenset({_RDFS + name for name in ("subClassOf", "subPropertyOf", "domain", "range")}) | {
    _OWL + name
    for name in (
        "allValuesFrom", "disjointWith", "equivalentClass", "equivalentProperty", "inverseOf", "onProperty",
        "someValuesFrom",
    )
}  # fmt: skip

Object = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
Facts = dict[str, dict[str, list[Object]]]


def facts_of(triples: Iterable[ox.Quad | ox.Triple], blank: bool = False) -> Facts:
    """Subject -> predicate IRI -> objects, in the order written; blank nodes by their labels, if wanted at all."""
    found: Facts = {}
    for triple in triples:
        if isinstance(triple.subject, ox.NamedNode) or (blank and isinstance(triple.subject, ox.BlankNode)):
            found.setdefault(triple.subject.value, {}).setdefault(triple.predicate.value, []).append(triple.object)
    return found


def types_of(facts: dict[str, list[Object]]) -> set[str]:
    """The classes that a thing is said to belong to."""
    return {o.value for o in facts.get(_RDF + "type", []) if isinstance(o, ox.NamedNode)}


@dataclass(frozen=True)
class Workpiece:
    """A graph without syntax errors, a folder for scratch files, and the release to compare with, if there is one."""

    graph: KnowledgeGraph
    scratch: Path
    former: Release | None = None

    @property
    def base(self) -> str:
        """The IRI that every own thing begins with."""
        return self.graph.project.base

    @cached_property
    def locate(self) -> Locator:
        """Finds file and line of a subject."""
        return Locator(self.graph)

    @cached_property
    def store(self) -> ox.Store:
        """What checks in SPARQL see."""
        return checked_store(self.graph)

    @cached_property
    def facts(self) -> Facts:
        """Ontology, vocabulary and data by subject and predicate."""
        return facts_of(self.graph.asserted)

    @cached_property
    def terms(self) -> dict[str, set[str]]:
        """The own classes, properties and concepts with the classes that each belongs to."""
        kinds = CLASS_KINDS | PROPERTY_KINDS | {CONCEPT}
        types = {iri: types_of(facts) for iri, facts in self.facts.items() if iri.startswith(self.base)}
        return {iri: found for iri, found in types.items() if found & kinds}

    @cached_property
    def ontologies(self) -> list[str]:
        """The IRIs of the own ontologies."""
        return [i for i, f in self.facts.items() if i.startswith(self.base) and f"{_OWL}Ontology" in types_of(f)]

    @cached_property
    def owl(self) -> OwlAnswer:
        """What the OWL tools say: about the ontology alone, and about everything."""
        name = graph_iri(self.base, "ontology")
        return ask_owl_tools(
            self.scratch,
            (q.triple for file in self.graph.files if file.graph == name for q in file.quads),
            (q.triple for q in self.graph.asserted),
        )

    @cached_property
    def _made(self) -> Release | InferenceError:
        try:
            return build(self.graph, report([], 0, 0), self.scratch / "releases")
        except InferenceError as error:
            return error

    @property
    def release(self) -> Release | None:
        """A release of the graph as ``kg build`` would make it, in the scratch folder; None if none can be made."""
        return self._made if isinstance(self._made, Release) else None

    @property
    def contradictions(self) -> InferenceError | None:
        """Why nothing can be inferred, if so."""
        return self._made if isinstance(self._made, InferenceError) else None

    @cached_property
    def inferred_store(self) -> ox.Store:
        """What questions see: all that was written and all that follows, if it does not contradict itself."""
        store = ox.Store()
        if self.release is not None:
            store.bulk_load(path=self.release.path / "dumps/data.ttl", format=ox.RdfFormat.TURTLE)
        else:
            store.bulk_extend(ox.Quad(q.subject, q.predicate, q.object) for q in self.graph.asserted)
        return store

    def finding(
        self, severity: str, rule: str, focus: str, en: str, de: str, path: str = "", value: str = ""
    ) -> Finding:
        """A finding about ``focus``, with file and line; ``path`` is a predicate's IRI."""
        file, line = self.locate.find(focus)
        return Finding(
            severity, rule, {"en": en, "de": de}, file, line, focus=focus, path=path and f"<{path}>", value=value
        )
