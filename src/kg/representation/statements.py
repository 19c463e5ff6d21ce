"""Asks an engine for the statements that documents are made of, in as few calls as there are kinds of statements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pyoxigraph as ox

from kg.engine import Answerer, Query
from kg.engine.solutions import complete, listed, select, values
from kg.release.manifest import Manifest
from kg.terms import PREFIXES, graph_iri

_DEPRECATED = ox.NamedNode(PREFIXES["owl"] + "deprecated")
_REPLACED = ox.NamedNode(PREFIXES["dcterms"] + "isReplacedBy")
_TYPE = ox.NamedNode(PREFIXES["rdf"] + "type")
# Any property, along it or against it: all but one that nobody uses (SPARQL 1.1, section 9.1).
_LINKED = "(!<urn:x-none:>|^!<urn:x-none:>)"
_RESOURCE = ox.NamedNode(PREFIXES["rdfs"] + "Resource")


class Statements:
    """Statements in what is published and in what speaks of the publication alike."""

    def __init__(self, engine: Answerer, manifest: Manifest) -> None:
        self._engine = engine
        self._meta = graph_iri(manifest.base, "meta")
        self._label_properties = manifest.label_properties

    def own(self, candidates: Sequence[str]) -> tuple[str, list[ox.Triple]] | None:
        """The first of the candidates about which something is said, and what is said about it and its parts.

        Parts are hash IRIs that are linked with it, either way, or with such a one; further ones if one of these links
        to them (then it takes another call for each step). None if nothing is said. Raises QueryError.
        """
        roots = f"VALUES ?root {{ {values(candidates)} }}"
        ways = (
            "?root ?p ?o BIND(?root AS ?s)",
            f"?root {_LINKED} ?s {_is_part('s')} ?s ?p ?o",
            f"?root {_LINKED} ?part . ?part {_LINKED} ?s {_is_part('part')} {_is_part('s')} ?s ?p ?o",
        )
        found = self.triples(" UNION ".join(f"{{ {roots} {way} }}" for way in ways))
        said = {whole_of(t.subject) for t in found}
        thing = next((iri for iri in candidates if iri in said), None)
        if thing is None:
            return None
        triples = [t for t in found if whole_of(t.subject) == thing]
        known = {t.subject.value for t in triples if isinstance(t.subject, ox.NamedNode)}
        while further := _parts_mentioned(triples, thing) - known:
            triples += self.triples(f"VALUES ?s {{ {values(sorted(further))} }} ?s ?p ?o")
            known |= further
        return thing, triples

    def scattered(self, thing: str) -> list[ox.Triple]:
        """What is said about hash IRIs of a thing of which itself nothing is said. Raises QueryError.

        The engine looks at every statement for it, so ask only if there is something.
        """
        return self.triples(f"?s ?p ?o FILTER(isIRI(?s) && STRSTARTS(STR(?s), {ox.Literal(thing + '#')}))")

    def incoming(self, thing: str, subjects: Iterable[str], offset: int, limit: int) -> list[ox.Triple]:
        """So many statements of others that point at the ``subjects`` (the thing and its parts). Raises QueryError."""
        rows = f"SELECT DISTINCT ?s ?p ?o {{ {self._pointing(thing, subjects)} }}"
        text = f"CONSTRUCT {{ ?s ?p ?o }} {{ {{ {rows} ORDER BY ?s ?p ?o LIMIT {limit} OFFSET {offset} }} }}"
        return graph(self._engine, text)

    def count_incoming(self, thing: str, subjects: Iterable[str]) -> int:
        """How many statements of others point at the ``subjects``. Raises QueryError."""
        rows = f"SELECT DISTINCT ?s ?p ?o {{ {self._pointing(thing, subjects)} }}"
        return int(select(self._engine, f"SELECT (COUNT(*) AS ?n) {{ {{ {rows} }} }}")[0]["n"]["value"])

    def _pointing(self, thing: str, subjects: Iterable[str]) -> str:
        part = ox.Literal(thing + "#")
        return self.anywhere(
            f"VALUES ?o {{ {values(subjects)} }} ?s ?p ?o "
            f"FILTER(?s != {ox.NamedNode(thing)} && !(isIRI(?s) && STRSTARTS(STR(?s), {part})))"
        )

    def labels(self, iris: Iterable[str]) -> list[ox.Triple]:
        """The label statements of the given things. Raises QueryError."""
        wanted = sorted(iris)
        if not wanted:
            return []
        # A filter, not VALUES: engines would look through all labels there are.
        return self.triples(
            f"VALUES ?s {{ {values(wanted)} }} ?s ?p ?o FILTER(?p IN ({listed(self._label_properties)}))"
        )

    def status(self, candidates: Sequence[str]) -> list[ox.Triple]:
        """One statement at least about each candidate of which something is said, and whether it was given up.

        That is its type if it has one, ``owl:deprecated``, and who replaces it, and so on from one to the next: two
        things of which each replaces the other do no harm. Raises QueryError.
        """
        about = f"VALUES ?s {{ {values(candidates)} }}"
        replaced = f"VALUES ?first {{ {values(candidates)} }} ?first {_REPLACED}+ ?s ."
        kinds = f"VALUES ?p {{ {_DEPRECATED} {_REPLACED} }} ?s ?p ?o"
        ways = (
            f"{about} FILTER EXISTS {{ ?s ?any ?thing }} BIND({_TYPE} AS ?p) BIND({_RESOURCE} AS ?o)",
            f"{about} {kinds}",
            f"{replaced} {kinds}",
        )
        return self.triples(" UNION ".join(f"{{ {way} }}" for way in ways))

    def triples(self, pattern: str) -> list[ox.Triple]:
        """The statements ``?s ?p ?o`` of a pattern. Raises QueryError."""
        return graph(self._engine, f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ {self.anywhere(pattern)} }}")

    def anywhere(self, pattern: str) -> str:
        """A pattern that is matched in what is published, and in what speaks of the publication."""
        return f"{{ {pattern} }} UNION {{ GRAPH <{self._meta}> {{ {pattern} }} }}"


def column(engine: Answerer, text: str) -> list[str]:
    """The one column of a SELECT whose values are IRIs. Raises QueryError."""
    lines = complete(engine, Query(text, solutions="tsv")).body.decode().splitlines()[1:]
    return [line[1:-1] for line in lines if line.startswith("<")]


def graph(engine: Answerer, text: str) -> list[ox.Triple]:
    """The answer to a CONSTRUCT, sorted. Raises QueryError."""
    written = complete(engine, Query(text, graph="ntriples")).body
    return sorted({q.triple for q in ox.parse(written, ox.RdfFormat.N_TRIPLES)}, key=str)


def whole_of(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> str:
    """The IRI without its fragment; "" for what is no IRI."""
    return term.value.partition("#")[0] if isinstance(term, ox.NamedNode) else ""


def _parts_mentioned(triples: Iterable[ox.Triple], thing: str) -> set[str]:
    return {
        t.object.value for t in triples if isinstance(t.object, ox.NamedNode) and t.object.value.startswith(thing + "#")
    }


def _is_part(variable: str) -> str:
    return f'FILTER(isIRI(?{variable}) && STRSTARTS(STR(?{variable}), CONCAT(STR(?root), "#")))'
