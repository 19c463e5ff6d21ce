"""Of which class of schema.org a thing is (https://schema.org).

It follows from the ontology: from what a thing's classes are said to be kinds of, equal to or near to there
(``rdfs:subClassOf``, ``owl:equivalentClass``, ``skos:exactMatch``, ``closeMatch``, ``broadMatch``); a thing of which
nothing follows is a ``Thing``.
"""

from __future__ import annotations

from collections.abc import Iterable

from kg.engine import Answerer
from kg.engine.solutions import select, values
from kg.terms import PREFIXES

# The namespace, and as it is often written still.
SPELLINGS = (PREFIXES["schema"], "http://schema.org/")
_SKOS = PREFIXES["skos"]
_SUBCLASS, _EQUIVALENT = PREFIXES["rdfs"] + "subClassOf", PREFIXES["owl"] + "equivalentClass"
# How much a link to schema.org says; the least number counts.
_RANK = {
    _EQUIVALENT: 0,
    _SKOS + "exactMatch": 0,
    _SUBCLASS: 1,
    _SKOS + "closeMatch": 2,
    _SKOS + "broadMatch": 3,
}
# What classes of other vocabularies are there; schema.org and DCAT 3 (appendix B.1) say so.
KNOWN = {
    PREFIXES[prefix] + name: theirs
    for prefix, name, theirs in (
        ("dcat", "Catalog", "DataCatalog"),
        ("dcat", "DataService", "WebAPI"),
        ("dcat", "Dataset", "Dataset"),
        ("dcat", "Distribution", "DataDownload"),
        ("foaf", "Document", "CreativeWork"),
        ("foaf", "Organization", "Organization"),
        ("foaf", "Person", "Person"),
        ("owl", "Ontology", "DefinedTermSet"),
        ("skos", "Concept", "DefinedTerm"),
        ("skos", "ConceptScheme", "DefinedTermSet"),
    )
}


class SchemaTypes:
    """Finds the classes of schema.org that a thing belongs to, from how classes are linked."""

    def __init__(self, links: Iterable[tuple[str, str, str]]) -> None:
        """``links`` are statements (class, property, class)."""
        self._above: dict[str, set[str]] = {}
        self._there: dict[str, dict[str, int]] = {iri: {name: 0} for iri, name in KNOWN.items()}
        for one, predicate, other in links:
            self._link(one, predicate, other)
            if predicate == _EQUIVALENT:
                self._link(other, predicate, one)

    def _link(self, one: str, predicate: str, other: str) -> None:
        name = _local(other)
        if name is not None:
            found = self._there.setdefault(one, {})
            found[name] = min(_RANK[predicate], found.get(name, 9))
        elif predicate in (_SUBCLASS, _EQUIVALENT):
            self._above.setdefault(one, set()).add(other)

    def of(self, types: Iterable[str]) -> list[str]:
        """The local names of the classes, sorted; ``Thing`` if nothing is known. ``types`` are IRIs of classes."""
        given = set(types)
        general = {above for iri in given for above in self._ancestors(iri)}
        # What a thing is more exactly says more than what it is as well; equal classes stand for each other.
        for chosen in (given - general, given):
            names = {name for iri in chosen for name in self._nearest(iri)} - {"Thing"}
            if names:
                return sorted(names)
        return ["Thing"]

    def _nearest(self, iri: str) -> set[str]:
        if (name := _local(iri)) is not None:
            return {name}
        level, seen = [iri], {iri}
        while level:
            found = [item for each in level for item in self._there.get(each, {}).items()]
            if found:
                best = min(rank for _, rank in found)
                return {name for name, rank in found if rank == best}
            level = sorted({above for each in level for above in self._above.get(each, ())} - seen)
            seen |= {*level}
        return set()

    def _ancestors(self, iri: str) -> set[str]:
        found: set[str] = set()
        waiting = [iri]
        while waiting:
            fresh = self._above.get(waiting.pop(), set()) - found
            found |= fresh
            waiting += fresh
        return {above for above in found if iri not in self._above.get(above, ())} - {iri}


def read_schema_types(engine: Answerer) -> SchemaTypes:
    """The links between classes of a release. Raises QueryError."""
    matches = values(iri for iri in _RANK if iri not in (_SUBCLASS, _EQUIVALENT))
    starts = " || ".join(f'STRSTARTS(STR(?other), "{spelling}")' for spelling in SPELLINGS)
    text = f"""SELECT DISTINCT ?one ?p ?other {{
        {{ VALUES ?p {{ <{_SUBCLASS}> <{_EQUIVALENT}> }} ?one ?p ?other FILTER(isIRI(?one) && isIRI(?other)) }}
        UNION {{ VALUES ?p {{ {matches} }} ?one ?p ?other FILTER(isIRI(?one) && ({starts})) }} }}"""
    rows = select(engine, text)
    return SchemaTypes((row["one"]["value"], row["p"]["value"], row["other"]["value"]) for row in rows)


def _local(iri: str) -> str | None:
    """The local name of a term of schema.org; None for other IRIs."""
    return next((iri.removeprefix(spelling) for spelling in SPELLINGS if iri.startswith(spelling)), None)
