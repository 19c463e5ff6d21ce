"""What the document about a thing contains: its statements, what points at it, and labels of what it points to.

A thing's parts (hash IRIs such as ``.../position/FRA-0001#quantity``) belong to its document. Statements are asked of
the engine, so that a document is the same over the embedded store and over any SPARQL endpoint.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pyoxigraph as ox

from kg.engine import Answerer, Query
from kg.release.manifest import Manifest
from kg.terms import PREFIXES, document_iri, graph_iri

# So many statements that point at the thing are in its document; the page says when there are more.
INCOMING_LIMIT = 1_000


@dataclass(frozen=True)
class Document:
    """The document ``iri`` about ``thing``.

    ``own`` are the statements about the thing and its parts, ``incoming`` those of others that point at them (at most
    INCOMING_LIMIT, ``more_incoming`` if there are more), ``labels`` those of the things mentioned, ``about`` what the
    document says of itself.
    """

    thing: str
    iri: str
    own: tuple[ox.Triple, ...]
    incoming: tuple[ox.Triple, ...]
    more_incoming: bool
    labels: tuple[ox.Triple, ...]
    about: tuple[ox.Triple, ...]

    @property
    def triples(self) -> list[ox.Triple]:
        """All statements of the document, each once."""
        return list(dict.fromkeys((*self.own, *self.incoming, *self.labels, *self.about)))


def describe(engine: Answerer, manifest: Manifest, thing: str) -> Document | None:
    """The document about ``thing``, or None if nothing is said about it. Raises QueryError."""
    asker = _Asker(engine, manifest)
    subjects = asker.with_parts(thing)
    own = asker.triples(f"VALUES ?s {{ {_values(subjects)} }} ?s ?p ?o")
    if not own:
        return None
    incoming = asker.triples(
        f"VALUES ?o {{ {_values(subjects)} }} ?s ?p ?o . FILTER(!isIRI(?s) || STRBEFORE(CONCAT(STR(?s), '#'), '#') != "
        f"{ox.Literal(thing)})",
        f"ORDER BY ?s ?p ?o LIMIT {INCOMING_LIMIT + 1}",
    )
    shown = incoming[:INCOMING_LIMIT]
    mentioned = {t.object for t in own} | {t.subject for t in shown}
    iris = {term.value for term in mentioned if isinstance(term, ox.NamedNode)} - set(subjects)
    return Document(
        thing,
        document_iri(manifest.base, thing),
        tuple(own),
        tuple(shown),
        len(incoming) > INCOMING_LIMIT,
        tuple(asker.labels(iris)),
        _about(manifest, thing, document_iri(manifest.base, thing)),
    )


def describe_graph(engine: Answerer, manifest: Manifest, thing: str, folder: str) -> Document:
    """The document ``thing`` that holds a whole named graph: an ontology with all its terms. Raises QueryError."""
    text = f"CONSTRUCT {{ ?s ?p ?o }} {{ GRAPH <{graph_iri(manifest.base, folder)}> {{ ?s ?p ?o }} }}"
    own = _graph(engine, text)
    mentioned = {t.object.value for t in own if isinstance(t.object, ox.NamedNode)}
    subjects = {t.subject.value for t in own if isinstance(t.subject, ox.NamedNode)}
    labels = _Asker(engine, manifest).labels(mentioned - subjects)
    return Document(thing, thing, tuple(own), (), False, tuple(labels), _about(manifest, thing, thing))


def hash_documents(engine: Answerer, manifest: Manifest) -> dict[str, str]:
    """The IRIs that are answered with a whole ontology, and what each is about.

    They are the ontologies, their version IRIs (of which this release has one), and what stands before the ``#`` of the
    ontology's own terms. Raises QueryError.
    """
    graph = graph_iri(manifest.base, "ontology")
    ontology = ox.NamedNode(PREFIXES["owl"] + "Ontology")
    version = ox.NamedNode(PREFIXES["owl"] + "versionIRI")
    wholes = f"""SELECT DISTINCT ?o {{ GRAPH <{graph}> {{
        {{ ?o a {ontology} }} UNION {{ ?term ?p ?any FILTER(CONTAINS(STR(?term), '#'))
          BIND(IRI(STRBEFORE(STR(?term), '#')) AS ?o) }} }} }}"""
    versions = f"CONSTRUCT {{ ?s ?p ?o }} {{ GRAPH <{graph}> {{ ?s ?p ?o FILTER(?p = {version}) }} }}"
    found = {iri: iri for iri in _column(engine, wholes)}
    found |= {
        t.object.value: t.subject.value
        for t in _graph(engine, versions)
        if isinstance(t.object, ox.NamedNode) and isinstance(t.subject, ox.NamedNode)
    }
    return {iri: topic for iri, topic in found.items() if iri.startswith(manifest.base)}


def labels_of(engine: Answerer, manifest: Manifest, iris: Iterable[str]) -> list[ox.Triple]:
    """The label statements of the given things. Raises QueryError."""
    return _Asker(engine, manifest).labels(iris)


def exists(engine: Answerer, manifest: Manifest, iris: Iterable[str]) -> str | None:
    """The first of the IRIs about which something is said, as itself or by its parts; None if there is none."""
    candidates = list(iris)
    found = _Asker(engine, manifest).subjects(candidates)
    return next((iri for iri in candidates if iri in found), None)


class _Asker:
    """Asks for statements in what is published and in what speaks of the publication alike."""

    def __init__(self, engine: Answerer, manifest: Manifest) -> None:
        self._engine = engine
        self._meta = graph_iri(manifest.base, "meta")
        self._label_properties = manifest.label_properties

    def triples(self, pattern: str, order: str = "") -> list[ox.Triple]:
        """The statements ``?s ?p ?o`` of a pattern. Raises QueryError."""
        return _graph(self._engine, f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ {self._anywhere(pattern)} }} {order}")

    def with_parts(self, thing: str) -> list[str]:
        """The thing and its parts: hash IRIs that are linked with it or with a part of it, either way."""
        found = [thing]
        fresh = [thing]
        while fresh:
            pattern = f"""VALUES ?s {{ {_values(fresh)} }} {{ ?s ?p ?o }} UNION {{ ?o ?p ?s }}
                FILTER(isIRI(?o) && STRSTARTS(STR(?o), {ox.Literal(thing + "#")}))"""
            rows = _column(self._engine, f"SELECT DISTINCT ?o {{ {self._anywhere(pattern)} }} ORDER BY ?o")
            fresh = [part for part in rows if part not in found]
            found += fresh
        return found

    def subjects(self, iris: list[str]) -> set[str]:
        pattern = f"VALUES ?o {{ {_values(iris)} }} FILTER EXISTS {{ ?o ?p ?any }}"
        return set(_column(self._engine, f"SELECT DISTINCT ?o {{ {self._anywhere(pattern)} }}"))

    def labels(self, iris: Iterable[str]) -> list[ox.Triple]:
        wanted = sorted(iris)
        if not wanted:
            return []
        properties = _values(self._label_properties)
        return self.triples(f"VALUES ?s {{ {_values(wanted)} }} VALUES ?p {{ {properties} }} ?s ?p ?o")

    def _anywhere(self, pattern: str) -> str:
        return f"{{ {pattern} }} UNION {{ GRAPH <{self._meta}> {{ {pattern} }} }}"


def _column(engine: Answerer, text: str) -> list[str]:
    """The one column of a SELECT whose values are IRIs."""
    lines = engine.answer(Query(text, solutions="tsv")).body.decode().splitlines()[1:]
    return [line[1:-1] for line in lines if line.startswith("<")]


def _graph(engine: Answerer, text: str) -> list[ox.Triple]:
    written = engine.answer(Query(text, graph="ntriples")).body
    return sorted({q.triple for q in ox.parse(written, ox.RdfFormat.N_TRIPLES)}, key=str)


def _values(iris: Iterable[str]) -> str:
    return " ".join(str(ox.NamedNode(iri)) for iri in iris)


def _about(manifest: Manifest, thing: str, document: str) -> tuple[ox.Triple, ...]:
    """What a document says of itself (Cool URIs; VoID, section 6.1 for void:inDataset)."""
    subject = ox.NamedNode(document)

    def say(prefix: str, name: str, value: ox.NamedNode | ox.Literal) -> ox.Triple:
        return ox.Triple(subject, ox.NamedNode(PREFIXES[prefix] + name), value)

    date = ox.Literal(manifest.date, datatype=ox.NamedNode(PREFIXES["xsd"] + "date"))
    return (
        say("rdf", "type", ox.NamedNode(PREFIXES["foaf"] + "Document")),
        say("foaf", "primaryTopic", ox.NamedNode(thing)),
        say("void", "inDataset", ox.NamedNode(manifest.dataset)),
        say("dcterms", "license", ox.NamedNode(manifest.licence)),
        say("dcterms", "modified", date),
    )
