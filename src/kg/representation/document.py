"""What the document about a thing contains: its statements, what points at it, and labels of what it points to.

A thing's parts (hash IRIs such as ``.../position/FRA-0001#quantity``) belong to its document. Statements are asked of
the engine, so that a document is the same over the embedded store and over any SPARQL endpoint: in three calls (own
statements, what points here, labels), and one more where what points here fills several pages.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import pyoxigraph as ox

from kg.engine import Answerer
from kg.release.manifest import Manifest
from kg.representation.statements import Statements, column, graph
from kg.terms import HYDRA, PREFIXES, document_iri, graph_iri, whole

# So many statements that point at the thing stand in a document; the next ones are on its next page.
PAGE_SIZE = 1_000
# What says where a thing was taken from. PROV-O, section 3.2, and Dublin Core.
_ORIGINS = tuple(
    PREFIXES[prefix] + name
    for prefix, name in (
        ("prov", "wasDerivedFrom"),
        ("prov", "hadPrimarySource"),
        ("prov", "wasQuotedFrom"),
        ("dcterms", "source"),
    )
)


@dataclass(frozen=True)
class Document:
    """The document ``iri`` about ``thing``, or one page of it.

    ``own`` are the statements about the thing and its parts, ``incoming`` those of others that point at them (PAGE_SIZE
    a page), ``names`` the labels of all that is mentioned, ``about`` what the document says of itself. A page after
    the first has of the thing's ``own`` statements its labels and types only.
    """

    thing: str
    iri: str
    own: tuple[ox.Triple, ...]
    incoming: tuple[ox.Triple, ...]
    names: tuple[ox.Triple, ...]
    about: tuple[ox.Triple, ...]
    page: int = 1
    pages: int = 1

    @cached_property
    def labels(self) -> tuple[ox.Triple, ...]:
        """The labels of what the thing points to and of what points at it."""
        mentioned = {t.object for t in self.own} | {t.subject for t in self.incoming}
        return tuple(t for t in self.names if t.subject in mentioned)

    @property
    def triples(self) -> list[ox.Triple]:
        """All statements of the document, each once."""
        return list(dict.fromkeys((*self.own, *self.incoming, *self.labels, *self.about)))

    def values(self, *predicates: str) -> list[ox.NamedNode | ox.Literal]:
        """What is said of the thing itself with one of the properties (IRIs)."""
        return [
            t.object
            for t in self.own
            if t.predicate.value in predicates
            and isinstance(t.object, ox.NamedNode | ox.Literal)
            and isinstance(t.subject, ox.NamedNode)
            and t.subject.value == self.thing
        ]

    def iris(self, *predicates: str) -> list[str]:
        """The IRIs among the ``values``."""
        return [value.value for value in self.values(*predicates) if isinstance(value, ox.NamedNode)]


def describe(
    engine: Answerer, manifest: Manifest, candidates: Sequence[str], page: int = 1, whole_of_parts: str | None = None
) -> Document | None:
    """A page of the document about the first of the ``candidates`` (IRIs) of which something is said, if there is one.

    If nothing is said of any, it is about the hash IRIs of ``whole_of_parts``. A page after the last comes back without
    ``incoming``. Raises QueryError.
    """
    asker = Statements(engine, manifest)
    found = asker.own(candidates)
    if found is None and whole_of_parts is not None:
        found = whole_of_parts, asker.scattered(whole_of_parts)
    if found is None:
        return None
    thing, own = found
    subjects = sorted({t.subject.value for t in own if isinstance(t.subject, ox.NamedNode)} | {thing})
    # One more than fits tells whether there is a next page.
    incoming = asker.incoming(thing, subjects, (page - 1) * PAGE_SIZE, PAGE_SIZE + 1)
    pages = 1
    if page > 1 or len(incoming) > PAGE_SIZE:
        pages = max(1, -(-asker.count_incoming(thing, subjects) // PAGE_SIZE))
    if page > 1:
        kept = {*manifest.label_properties, PREFIXES["rdf"] + "type"}
        own = [t for t in own if t.predicate.value in kept and t.subject == ox.NamedNode(thing)]
    shown = incoming[:PAGE_SIZE]
    mentioned = {t.object for t in own} | {t.predicate for t in (*own, *shown)} | {t.subject for t in shown}
    iris = {term.value for term in mentioned if isinstance(term, ox.NamedNode)}
    # A part without a name is called after its whole.
    iris |= {whole(t.subject.value) for t in shown if isinstance(t.subject, ox.NamedNode)}
    iri = document_iri(manifest.base, thing)
    return Document(
        thing,
        iri,
        tuple(own),
        tuple(shown),
        tuple(asker.labels(iris - set(subjects))),
        (*_about(manifest, thing, iri, own), *_paged(iri, page, pages)),
        page,
        pages,
    )


def describe_given(
    engine: Answerer, manifest: Manifest, thing: str, own: Iterable[ox.Triple], incoming: Iterable[ox.Triple]
) -> Document:
    """The document about ``thing`` with statements that are at hand; the engine tells names. Raises QueryError."""
    own, incoming = tuple(own), tuple(incoming)
    mentioned = {t.object for t in own} | {t.predicate for t in (*own, *incoming)} | {t.subject for t in incoming}
    names = labels_of(engine, manifest, {term.value for term in mentioned if isinstance(term, ox.NamedNode)})
    iri = document_iri(manifest.base, thing)
    return Document(thing, iri, own, incoming, tuple(names), _about(manifest, thing, iri, own))


def describe_graph(engine: Answerer, manifest: Manifest, thing: str, folder: str) -> Document:
    """The document ``thing`` that holds a whole named graph: an ontology with all its terms. Raises QueryError."""
    own = graph(engine, f"CONSTRUCT {{ ?s ?p ?o }} {{ GRAPH <{graph_iri(manifest.base, folder)}> {{ ?s ?p ?o }} }}")
    mentioned = {t.object.value for t in own if isinstance(t.object, ox.NamedNode)}
    subjects = {t.subject.value for t in own if isinstance(t.subject, ox.NamedNode)}
    names = labels_of(engine, manifest, mentioned - subjects)
    return Document(thing, thing, tuple(own), (), tuple(names), _about(manifest, thing, thing, ()))


def hash_documents(engine: Answerer, manifest: Manifest) -> dict[str, str]:
    """The IRIs that are answered with a whole ontology, and what each is about.

    They are the ontologies, their version IRIs (of which this release has one), and what stands before the ``#`` of the
    ontology's own terms. Raises QueryError.
    """
    name = graph_iri(manifest.base, "ontology")
    ontology = ox.NamedNode(PREFIXES["owl"] + "Ontology")
    version = ox.NamedNode(PREFIXES["owl"] + "versionIRI")
    wholes = f"""SELECT DISTINCT ?o {{ GRAPH <{name}> {{
        {{ ?o a {ontology} }} UNION {{ ?term ?p ?any FILTER(CONTAINS(STR(?term), '#'))
          BIND(IRI(STRBEFORE(STR(?term), '#')) AS ?o) }} }} }}"""
    versions = f"CONSTRUCT {{ ?s ?p ?o }} {{ GRAPH <{name}> {{ ?s ?p ?o FILTER(?p = {version}) }} }}"
    found = {iri: iri for iri in column(engine, wholes)}
    found |= {
        t.object.value: t.subject.value
        for t in graph(engine, versions)
        if isinstance(t.object, ox.NamedNode) and isinstance(t.subject, ox.NamedNode)
    }
    return {iri: topic for iri, topic in found.items() if iri.startswith(manifest.base)}


def labels_of(engine: Answerer, manifest: Manifest, iris: Iterable[str]) -> list[ox.Triple]:
    """The label statements of the given things. Raises QueryError."""
    return Statements(engine, manifest).labels(iris)


def _about(manifest: Manifest, thing: str, document: str, own: Iterable[ox.Triple]) -> tuple[ox.Triple, ...]:
    """What a document says of itself (Cool URIs; VoID, section 6.1 for void:inDataset; PROV-O for its origin).

    It was derived from what its thing says that it was taken from.
    """
    subject = ox.NamedNode(document)
    day = ox.Literal(manifest.date, datatype=ox.NamedNode(PREFIXES["xsd"] + "date"))
    # A release counts from the beginning of its day, in UTC (release/history).
    instant = ox.Literal(f"{manifest.date}T00:00:00Z", datatype=ox.NamedNode(PREFIXES["xsd"] + "dateTime"))
    origins = dict.fromkeys(t.object for t in own if t.predicate.value in _ORIGINS)
    told: list[tuple[str, ox.NamedNode | ox.Literal]] = [
        (PREFIXES["rdf"] + "type", ox.NamedNode(PREFIXES["foaf"] + "Document")),
        (PREFIXES["foaf"] + "primaryTopic", ox.NamedNode(thing)),
        (PREFIXES["void"] + "inDataset", ox.NamedNode(manifest.dataset)),
        (PREFIXES["dcterms"] + "license", ox.NamedNode(manifest.licence)),
        (PREFIXES["dcterms"] + "modified", day),
        (PREFIXES["prov"] + "generatedAtTime", instant),
        *((PREFIXES["prov"] + "wasDerivedFrom", o) for o in origins if isinstance(o, ox.NamedNode)),
    ]
    return tuple(ox.Triple(subject, ox.NamedNode(predicate), value) for predicate, value in told)


def _paged(document: str, page: int, pages: int) -> tuple[ox.Triple, ...]:
    """Where this page stands among the others, in the words of Hydra, as Triple Pattern Fragments have them, too."""
    if pages == 1:
        return ()
    told = [(document, PREFIXES["rdf"] + "type", str(HYDRA.Collection))]
    this = page_iri(document, page)
    told += [(document, str(HYDRA.view), this), (this, PREFIXES["rdf"] + "type", str(HYDRA.PartialCollectionView))]
    told += [(this, str(HYDRA[relation]), page_iri(document, n)) for relation, n in neighbours(page, pages).items()]
    return tuple(ox.Triple(ox.NamedNode(s), ox.NamedNode(p), ox.NamedNode(o)) for s, p, o in told)


def neighbours(page: int, pages: int) -> dict[str, int]:
    """The pages that a page leads to, by relation (Hydra's names: first, previous, next, last)."""
    found = {"first": 1, "last": pages}
    if page > 1:
        found["previous"] = page - 1
    if page < pages:
        found["next"] = page + 1
    return found


def page_iri(document: str, page: int) -> str:
    """The address of a page: the document itself is its first."""
    return document if page == 1 else f"{document}?page={page}"
