"""How the terms of an ontology are used in a release: how often, by what, for example where, and who speaks of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from kg.engine import Answerer
from kg.engine.solutions import Row, listed, select, values
from kg.release.manifest import Manifest
from kg.representation.view import Term, link
from kg.terms import PREFIXES, graph_iri, prologue

_PREFIXES = prologue("dcterms", "display", "skos")


@dataclass(frozen=True)
class Statement:
    """One statement of the data: two IRIs and what is said, an IRI or a literal as SPARQL results write them."""

    subject: str
    predicate: str
    value: dict[str, str]


@dataclass
class Use:
    """What the data and its makers do with terms, each by IRI.

    ``instances`` and ``statements`` count, ``concluded`` says how many of them follow from others; ``examples`` are one
    for each term in use. ``shapes`` and ``questions`` that speak of a term and ``makers`` (rules that conclude it) are
    names.
    """

    instances: dict[str, int] = field(default_factory=dict)
    statements: dict[str, int] = field(default_factory=dict)
    concluded: dict[str, int] = field(default_factory=dict)
    examples: dict[str, Statement] = field(default_factory=dict)
    shapes: dict[str, list[Term]] = field(default_factory=dict)
    questions: dict[str, list[Term]] = field(default_factory=dict)
    makers: dict[str, list[Term]] = field(default_factory=dict)


def read_use(engine: Answerer, manifest: Manifest, classes: Iterable[str], properties: Iterable[str]) -> Use:
    """How these classes and properties are used. Raises QueryError."""
    asker = _Asker(engine, manifest)
    use = Use()
    asker.count(use, f"VALUES ?t {{ {values(sorted(classes))} }} ?s a ?t", use.instances)
    asker.count(use, f"VALUES ?t {{ {values(sorted(properties))} }} ?s ?t ?o", use.statements)
    _examples(asker, use)
    _mentions(asker, use, manifest)
    return use


def seen_on(
    engine: Answerer, manifest: Manifest, classes: Iterable[str], properties: Iterable[str]
) -> dict[str, dict[str, int]]:
    """For each property, the classes of what it is stated about, with the number of such things. Raises QueryError."""
    found: dict[str, dict[str, int]] = {}
    for row in _Asker(engine, manifest).rows(
        "SELECT ?p ?c (COUNT(*) AS ?n) { "
        f"{{ SELECT DISTINCT ?p ?s {{ VALUES ?p {{ {values(sorted(properties))} }} ?s ?p ?o }} }} "
        f"?s a ?c . FILTER(?c IN ({listed(sorted(classes))})) }} GROUP BY ?p ?c"
    ):
        found.setdefault(row["p"]["value"], {})[row["c"]["value"]] = int(row["n"]["value"])
    return found


def concept_counts(engine: Answerer, manifest: Manifest) -> dict[str, int]:
    """How many concepts each SKOS scheme has, by its IRI. Raises QueryError."""
    rows = _Asker(engine, manifest).rows("SELECT ?t (COUNT(*) AS ?n) { ?s skos:inScheme ?t } GROUP BY ?t")
    return {row["t"]["value"]: int(row["n"]["value"]) for row in rows if "t" in row}


def _examples(asker: _Asker, use: Use) -> None:
    """One statement for each term: about the first subject in the order of IRIs, with its first value."""
    first = {**asker.firsts, PREFIXES["rdf"] + "type": ""}
    for term in use.instances:
        if subject := first.get(term):
            use.examples[term] = Statement(subject, PREFIXES["rdf"] + "type", {"type": "uri", "value": term})
    pairs = " ".join(f"(<{first[p]}> <{p}>)" for p in use.statements if first.get(p))
    for row in asker.rows(f"SELECT ?s ?p ?o {{ VALUES (?s ?p) {{ {pairs} }} ?s ?p ?o }}"):
        found = Statement(row["s"]["value"], row["p"]["value"], row["o"])
        known = use.examples.get(found.predicate)
        if found.value["type"] != "bnode" and (known is None or _rank(found) < _rank(known)):
            use.examples[found.predicate] = found


def _rank(statement: Statement) -> tuple[bool, str, str]:
    """English first, then by language and value."""
    language = statement.value.get("xml:lang", "")
    return language not in ("", "en"), language, statement.value["value"]


def _mentions(asker: _Asker, use: Use, manifest: Manifest) -> None:
    for row in asker.rows(
        f"SELECT DISTINCT ?by ?kind ?relation ?term {{ GRAPH <{graph_iri(manifest.base, 'meta')}> {{ "
        "VALUES ?relation { dcterms:references display:concludes } ?by ?relation ?term ; a ?kind } } ORDER BY ?by"
    ):
        iri, term = row["by"]["value"], row["term"]["value"]
        kind = row["kind"]["value"].removeprefix(PREFIXES["sh"])
        name = re.split("[/#]", iri)[-1]
        if row["relation"]["value"].endswith("concludes"):
            use.makers.setdefault(term, []).append(Term(name, asker.href(iri)))
        elif kind.endswith("Shape"):
            use.shapes.setdefault(term, []).append(Term(name))
        elif kind.endswith("Executable"):
            use.questions.setdefault(term, []).append(Term(name, asker.href(iri)))


class _Asker:
    """Puts SELECT queries and keeps the first subject of each term that was counted."""

    def __init__(self, engine: Answerer, manifest: Manifest) -> None:
        self._engine, self._manifest = engine, manifest
        self._inferred = graph_iri(manifest.base, "inferred")
        self.firsts: dict[str, str] = {}

    def rows(self, text: str) -> list[Row]:
        return select(self._engine, _PREFIXES + text)

    def count(self, use: Use, pattern: str, into: dict[str, int]) -> None:
        """Count what fits a pattern with ``?t`` and ``?s``, by ``?t``; the first ``?s`` is kept in ``firsts``."""
        head = "SELECT ?t (COUNT(*) AS ?n) (MIN(?iri) AS ?first)"
        for row in self.rows(f"{head} {{ {pattern} BIND(IF(isIRI(?s), STR(?s), ?none) AS ?iri) }} GROUP BY ?t"):
            into[row["t"]["value"]] = int(row["n"]["value"])
            if "first" in row:
                self.firsts[row["t"]["value"]] = row["first"]["value"]
        values, _, triple = pattern.partition("} ")
        for row in self.rows(
            f"SELECT ?t (COUNT(*) AS ?n) {{ {values} }} GRAPH <{self._inferred}> {{ {triple} }} }} GROUP BY ?t"
        ):
            use.concluded[row["t"]["value"]] = int(row["n"]["value"])

    def href(self, iri: str) -> str:
        return link(self._manifest.base, iri)
