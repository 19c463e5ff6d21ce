"""G11: what is inferred is what owlrl infers, and questions that claim to need no inference need none.

owlrl is an independent implementation of the OWL 2 RL rules. It takes minutes for data, so it is asked about the
ontology and its vocabulary; the project's tests compare it on data.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import pyoxigraph as ox
from rdflib import OWL, RDF, RDFS, BNode, Graph, URIRef
from rdflib.term import Node

from kg.findings import Finding
from kg.gates.workpiece import Workpiece
from kg.graph import as_rdflib
from kg.inference import closure as our_closure
from kg.locate import shown
from kg.terms import graph_iri

_LANGUAGE = (str(RDF), str(RDFS), str(OWL), "http://www.w3.org/2001/XMLSchema#")
_NO_INFERENCE = re.compile(r"^#\s*inference:\s*none\s*$", re.MULTILINE)


def closure(work: Workpiece) -> Iterator[Finding]:
    """Differences between our closure and owlrl's on the ontology; questions that say "inference: none" in vain."""
    if work.contradictions is not None:
        return  # G3 tells
    yield from _differences(work)
    yield from _questions(work)


def owlrl_closure(quads: Iterable[ox.Quad]) -> set[tuple[Node, Node, Node]]:
    """What owlrl adds, without what nobody asks for: blank nodes, literals as subjects, statements of RDFS and OWL."""
    import owlrl.OWLRL  # noqa: PLC0415 - an optional package

    given = as_rdflib(quads)
    graph = Graph()
    graph += given
    owlrl.DeductiveClosure(owlrl.OWLRL.OWLRL_Semantics).expand(graph)  # type: ignore[no-untyped-call]
    return {
        (s, p, o)
        for s, p, o in graph
        if isinstance(s, URIRef)
        and not isinstance(o, BNode)
        and (s, p, o) not in given
        and (not str(o).startswith(_LANGUAGE) if p == RDF.type else not str(p).startswith(_LANGUAGE))
        # owlrl gives these statements about its own annotation of datatypes
        and not str(s).startswith(_LANGUAGE)
    }


def _differences(work: Workpiece) -> Iterator[Finding]:
    names = {graph_iri(work.base, part) for part in ("ontology", "vocab")}
    quads = [q for file in work.graph.files if file.graph in names for q in file.quads]
    try:
        theirs = owlrl_closure(quads)
    except ImportError:
        messages = {
            "en": "owlrl is not installed; pip install owlrl",
            "de": "owlrl ist nicht installiert; pip install owlrl",
        }
        yield Finding("info", "G11 skipped", messages)
        return
    ours = set(as_rdflib(our_closure(quads)))
    for triple in sorted(ours ^ theirs):
        ours_only = triple in ours
        statement = " ".join(term.n3() for term in triple)
        yield work.finding(
            "violation",
            "G11 closure",
            str(triple[0]),
            f"{'only our rules infer' if ours_only else 'only owlrl infers'}: {statement}",
            f"{'nur unsere Regeln folgern' if ours_only else 'nur owlrl folgert'}: {statement}",
        )


def _questions(work: Workpiece) -> Iterator[Finding]:
    for question in work.graph.questions:
        if not _NO_INFERENCE.search(question.text):
            continue
        if work.store.query(question.text).__class__ is not ox.QuerySolutions:
            continue
        if _rows(work.store, question.text) != _rows(work.inferred_store, question.text):
            messages = {
                "en": "the question says that it needs no inference, but its answer is another one without",
                "de": "die Frage will ohne Folgerungen auskommen, aber ohne sie ist die Antwort eine andere",
            }
            yield Finding("violation", "G11 question", messages, shown(question.file, work.graph.project.root), 1)


def _rows(store: ox.Store, text: str) -> list[str]:
    answer = store.query(text)
    return sorted(str([str(value) for value in row]) for row in answer) if isinstance(answer, ox.QuerySolutions) else []
