"""G10: each question gives the expected answer, and no own term is dead.

A project keeps in ``ontology/questions/tests/``: ``fixture.ttl``, a small world whose answers can be worked out by
hand; ``expected/<question>.csv``, these answers as SPARQL 1.1 CSV (lines may end in LF); ``parameters.json``, values
for the fixture's world in SPARQL syntax, ``{"question": {"parameter": "value"}}``, a list where several can be given;
``empty.txt``, with lines ``question: reason`` for questions that the project's own data does not answer yet. Without
that folder only the last two checks are made.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from itertools import zip_longest
from pathlib import Path

import pyoxigraph as ox

from kg import sparql
from kg.errors import KgError
from kg.findings import Finding
from kg.gates.workpiece import Workpiece
from kg.inference import conclusions
from kg.locate import shown
from kg.questions import Question, term
from kg.source import parse_turtle
from kg.terms import graph_iri

TESTS = Path("ontology/questions/tests")


def questions(work: Workpiece) -> Iterator[Finding]:
    """Wrong and missing answers, questions without any answer, own terms that nothing uses."""
    if work.contradictions is not None:
        return  # G3 tells
    yield from _expected(work)
    yield from _empty(work)
    yield from _dead_terms(work)


def answer(store: ox.Store, question: Question, values: dict[str, str | list[str]]) -> list[list[str]]:
    """The answer as rows of text, the first with the names of the variables; of a graph its triples, sorted."""
    texts = {name: [given] if isinstance(given, str) else given for name, given in values.items()}
    found = {name: [term(text, question.text) for text in several] for name, several in texts.items()}
    known = {name: [value for value in several if value is not None] for name, several in found.items()}
    results = store.query(question.with_values(known))
    if isinstance(results, ox.QueryBoolean):
        return [[str(bool(results)).lower()]]
    if isinstance(results, ox.QueryTriples):
        return sorted([str(part) for part in triple] for triple in results)
    text = results.serialize(format=ox.QueryResultsFormat.CSV) or b""
    return list(csv.reader(io.StringIO(text.decode(), newline="")))


def fixture_store(work: Workpiece) -> ox.Store:
    """The fixture with the ontology and all that follows. Raises SourceError, InferenceError."""
    project = work.graph.project
    inside = project.root / "ontology"
    quads = [q for file in work.graph.files if inside in file.path.parents for q in file.quads]
    quads += parse_turtle(project.root / TESTS / "fixture.ttl", graph_iri(project.base, "data"), project.base).quads
    return filled(quads, conclusions(quads, work.graph.rules))


def filled(*parts: Iterable[ox.Quad | ox.Triple]) -> ox.Store:
    """A store with all the triples in its default graph."""
    store = ox.Store()
    for part in parts:
        store.bulk_extend(ox.Quad(t.subject, t.predicate, t.object) for t in part)
    return store


def _expected(work: Workpiece) -> Iterator[Finding]:
    folder = work.graph.project.root / TESTS
    if not (folder / "fixture.ttl").is_file():
        return
    given = (
        json.loads((folder / "parameters.json").read_text("utf-8")) if (folder / "parameters.json").is_file() else {}
    )
    try:
        store = fixture_store(work)
    except KgError as error:
        yield Finding("violation", "G10 fixture", {"en": str(error)}, (TESTS / "fixture.ttl").as_posix())
        return
    for question in work.graph.questions:
        file = folder / "expected" / f"{question.name}.csv"
        if not file.is_file():
            yield _finding(work, question, "expected", f"no expected answer; write {TESTS}/expected/{file.name}",
                           f"keine erwartete Antwort; {TESTS}/expected/{file.name} schreiben")  # fmt: skip
            continue
        wanted = list(csv.reader(io.StringIO(file.read_text("utf-8"), newline="")))
        for number, (one, other) in enumerate(
            zip_longest(wanted, answer(store, question, given.get(question.name, {})))
        ):
            if one != other:
                yield _finding(work, question, "answer", f"on the fixture row {number} is {other}, expected is {one}",
                               f"am Prüfbeispiel ist Zeile {number} {other}, erwartet ist {one}")  # fmt: skip
                break


def _empty(work: Workpiece) -> Iterator[Finding]:
    file = work.graph.project.root / TESTS / "empty.txt"
    lines = file.read_text("utf-8").splitlines() if file.is_file() else []
    excused = {line.partition(":")[0].strip() for line in lines if line.strip() and not line.startswith("#")}
    for question in work.graph.questions:
        rows = answer(work.inferred_store, question, {})
        is_empty = len(rows) <= (sparql.form(question.text) == "SELECT")
        if is_empty and question.name not in excused:
            yield _finding(work, question, "empty", f"no answer on the data; give the reason in {TESTS}/empty.txt",
                           f"keine Antwort aus den Daten; den Grund in {TESTS}/empty.txt nennen")  # fmt: skip
        if not is_empty and question.name in excused:
            yield _finding(work, question, "empty", f"has an answer now; remove it from {TESTS}/empty.txt",
                           f"hat jetzt eine Antwort; aus {TESTS}/empty.txt streichen")  # fmt: skip


def _dead_terms(work: Workpiece) -> Iterator[Finding]:
    used = {str(part)[1:-1] for file in work.graph.shapes for quad in file.quads for part in quad.triple}
    for file in sorted((work.graph.project.root / "ontology").rglob("*.rq")):
        used |= sparql.iris(file.read_text("utf-8"), work.graph.prefixes)
    concepts = {iri for iri, types in work.terms.items() if iri.startswith(f"{work.base}vocab/") or "#" not in iri}
    for iri in sorted(set(work.terms) - concepts - used):
        yield work.finding(
            "violation",
            "G10 dead term",
            iri,
            "no question, shape, rule or table uses the term; use it or remove it",
            "keine Frage, Shape, Regel oder Tabelle gebraucht den Begriff; gebrauchen oder streichen",
        )


def _finding(work: Workpiece, question: Question, rule: str, en: str, de: str) -> Finding:
    return Finding("violation", f"G10 {rule}", {"en": en, "de": de}, shown(question.file, work.graph.project.root), 1)
