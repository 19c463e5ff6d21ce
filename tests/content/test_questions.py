"""The forty questions: well formed, right on an invented world worked out by hand, and answered by the real graph.

``ontology/questions/tests/`` holds the invented world (``fixture.*``), the parameters for it (``parameters.json``), its
answers (``expected/``), the answers of the real graph with the default parameters (``real/``) and the reasons why some
of these are empty (``empty.txt``). After a change of the data, ``KG_UPDATE=questions pytest tests/content/test_questions.py``
writes ``real/`` anew; read the difference before it is committed.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
from collections.abc import Iterable, Mapping

import pyoxigraph as ox
import pytest
from rdflib import Graph

from kg import sparql
from kg.graph import KnowledgeGraph, as_rdflib
from kg.inference import conclusions
from kg.project import open_project
from kg.questions import Question
from tests.conftest import ROOT, sampled

FOLDER = ROOT / "ontology" / "questions"
TESTS = FOLDER / "tests"
QUESTIONS = {question.name: question for question in open_project(ROOT).questions()}
NAMESPACE = open_project(ROOT).base + "ns#"
UPDATE = os.environ.get("KG_UPDATE") == "questions"

# Where rdflib 7 departs from SPARQL, so that its answer says nothing about ours.
NOT_IN_RDFLIB = {
    "keys-to-troops": "rdflib counts the unbound key of a group (COUNT(?high) after GROUP BY ?high) as if it had a value",
}

each_question = pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS.keys())


class World:
    """A graph that can be asked with and without what follows from it."""

    def __init__(self, asserted: Iterable[ox.Quad], graph: KnowledgeGraph) -> None:
        given = [ox.Quad(q.subject, q.predicate, q.object) for q in asserted]
        concluded = conclusions(given, graph.rules)
        self.asserted, self.whole = ox.Store(), ox.Store()
        self.asserted.bulk_extend(given)
        self.whole.bulk_extend([*given, *(ox.Quad(t.subject, t.predicate, t.object) for t in concluded)])

    def rdflib(self) -> Graph:
        return as_rdflib(self.whole)


@pytest.fixture(scope="module")
def graph(real_graph: KnowledgeGraph) -> KnowledgeGraph:
    return real_graph


@pytest.fixture(scope="module")
def real_world(graph: KnowledgeGraph) -> World:
    """All that a release publishes: ontology, data and conclusions."""
    return World(graph.asserted, graph)


@pytest.fixture(scope="module")
def invented(graph: KnowledgeGraph) -> World:
    """The ontology with its schemes and rules, and the invented world instead of the data."""
    terms = [
        q
        for f in graph.files
        if f.path.is_relative_to(ROOT / "ontology") and f.graph != graph.meta_graph
        for q in f.quads
    ]
    (file,) = TESTS.glob("fixture.*")
    return World([*terms, *ox.parse(path=file, format=ox.RdfFormat.TRIG)], graph)


@pytest.fixture(scope="module")
def invented_rdflib(invented: World) -> Graph:
    return invented.rdflib()


def answer(store: ox.Store, text: str) -> str:
    """The answer to a query as CSV, with plain line ends."""
    solutions = store.query(text)
    assert isinstance(solutions, ox.QuerySolutions)
    output = io.BytesIO()
    solutions.serialize(output, format=ox.QueryResultsFormat.CSV)
    return output.getvalue().decode().replace("\r\n", "\n")


def with_fixture_values(question: Question) -> str:
    """The question with the parameters that suit the invented world."""
    given: Mapping[str, Mapping[str, str | list[str]]] = json.loads(
        (TESTS / "parameters.json").read_text(encoding="utf-8")
    )
    values = given.get(question.name, {})
    several = {name: [value] if isinstance(value, str) else value for name, value in values.items()}
    return question.with_values({name: [term(v, question.text) for v in texts] for name, texts in several.items()})


def term(written: str, query: str) -> ox.NamedNode | ox.Literal:
    """An RDF term written with the prefixes of a query."""
    prologue = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in sparql.prefixes(query).items())
    solutions = ox.Store().query(f"{prologue}SELECT ?value {{ VALUES ?value {{ {written} }} }}")
    assert isinstance(solutions, ox.QuerySolutions)
    (row,) = solutions
    value = row["value"]
    assert isinstance(value, ox.NamedNode | ox.Literal)
    return value


def reasons_for_empty() -> dict[str, str]:
    lines = (TESTS / "empty.txt").read_text(encoding="utf-8").splitlines()
    return {name: reason.strip() for name, _, reason in (x.partition(":") for x in lines if x and x[0] != "#")}


def test_forty_questions_are_there_each_once() -> None:
    assert sorted(q.number for q in QUESTIONS.values() if q.number) == list(range(1, 41))


@each_question
def test_titles_and_parameters_are_told_in_both_languages(question: Question) -> None:
    assert question.titles.keys() >= {"en", "de"}
    for parameter in question.parameters:
        assert parameter.says.keys() >= {"en", "de"}, parameter.name


@each_question
def test_each_parameter_stands_in_the_query_exactly_once(question: Question) -> None:
    described = re.findall(r"^# parameter: \?(\w+)", question.text, re.MULTILINE)
    assert described == [p.name for p in question.parameters]
    for name in described:
        assert len(re.findall(rf"VALUES \?{name}\b", question.text)) == 1, name
    # What the title leaves open can be given: a single value in the query that is no parameter would be a hidden one.
    hidden = {
        name
        for name, (start, end) in sparql.single_values(question.text).items()
        if len(question.text[start:end].split()) == 1
    }
    assert hidden == set(described)


@each_question
def test_the_text_runs_anywhere_and_fixes_its_order(question: Question) -> None:
    ox.Store().query(question.text)  # all prefixes are declared
    assert "ORDER BY" in question.text
    code = re.sub(r"<[^>\s]*>|#.*|\"[^\"\n]*\"", "", question.text)
    used = set(re.findall(r"\b([a-z]+(?:-[a-z]+)*):(?=[\w-])", code))
    declared = sparql.prefixes(question.text)
    types = {m[1] for m in re.finditer(r"^# parameter: \?\w+ ([a-z-]+):", question.text, re.MULTILINE)}
    assert set(declared) <= used | types, "an unused prefix"


@each_question
def test_what_a_page_links_has_a_label_beside_it(question: Question) -> None:
    """``?xLabel`` is shown for ``?x``, so there is no label without its thing."""
    solutions = ox.Store().query(question.text)
    assert isinstance(solutions, ox.QuerySolutions)
    columns = [variable.value for variable in solutions.variables]
    assert [c for c in columns if c.endswith("Label") and c.removesuffix("Label") not in columns] == []


@each_question
def test_the_invented_world_gives_the_answer_worked_out_by_hand(question: Question, invented: World) -> None:
    expected = (TESTS / "expected" / f"{question.name}.csv").read_text(encoding="utf-8")
    assert answer(invented.whole, with_fixture_values(question)) == expected


@pytest.mark.parametrize("question", sampled(QUESTIONS.values(), 20, seed=8), ids=lambda question: question.name)
def test_another_engine_gives_the_same_answer(question: Question, invented_rdflib: Graph) -> None:
    if question.name in NOT_IN_RDFLIB:
        pytest.skip(NOT_IN_RDFLIB[question.name])
    text = (TESTS / "expected" / f"{question.name}.csv").read_text(encoding="utf-8")
    expected = list(csv.reader(io.StringIO(text, newline="")))
    result = invented_rdflib.query(with_fixture_values(question))
    found = [["" if value is None else str(value) for value in row] for row in result]  # type: ignore[union-attr]
    assert sorted(found) == sorted(expected[1:])


@pytest.mark.parametrize("name", [n for n, q in QUESTIONS.items() if "\n# inference: none\n" in q.text])
def test_what_needs_no_conclusions_is_answered_without_them(name: str, invented: World, real_world: World) -> None:
    question = QUESTIONS[name]
    assert answer(invented.asserted, with_fixture_values(question)) == answer(
        invented.whole, with_fixture_values(question)
    )
    assert answer(real_world.asserted, question.text) == answer(real_world.whole, question.text)


@each_question
def test_the_real_graph_answers_as_recorded(question: Question, real_world: World) -> None:
    found = answer(real_world.whole, question.text)
    file = TESTS / "real" / f"{question.name}.csv"
    if UPDATE:
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(found.encode())
    else:
        assert found == file.read_text(encoding="utf-8")
    empty = found.count("\n") == 1
    assert empty == (question.name in reasons_for_empty()), "tests/empty.txt tells why an answer is empty"


def test_no_file_is_left_over() -> None:
    for folder in ("expected", "real"):
        assert {p.stem for p in (TESTS / folder).iterdir()} == QUESTIONS.keys()
    assert json.loads((TESTS / "parameters.json").read_text(encoding="utf-8")).keys() <= QUESTIONS.keys()
    assert all(reasons_for_empty().values())
    assert reasons_for_empty().keys() <= QUESTIONS.keys()


def test_no_term_of_the_ontology_is_dead(graph: KnowledgeGraph) -> None:
    """A question, a shape, a rule or a query of the tables makes use of each class and property."""
    kinds = {f"http://www.w3.org/2002/07/owl#{kind}" for kind in ("Class", "ObjectProperty", "DatatypeProperty")}
    terms = {
        q.subject.value
        for q in graph.asserted
        if isinstance(q.subject, ox.NamedNode)
        and isinstance(q.object, ox.NamedNode)
        and q.predicate.value.endswith("#type")
        and q.object.value in kinds
        and q.subject.value.startswith(NAMESPACE)
    }
    users = [*FOLDER.glob("*.rq"), *(ROOT / "ontology/rules").glob("*.rq"), *(ROOT / "shapes").glob("*.ttl")]
    users += (ROOT / "ontology/tables").rglob("*.rq")
    text = "\n".join(re.sub(r"^\s*#.*", "", p.read_text(encoding="utf-8"), flags=re.MULTILINE) for p in users)
    used = set(re.findall(r"\bplg:(\w+)", text)) | set(re.findall(re.escape(NAMESPACE) + r"(\w+)", text))
    assert sorted(t.removeprefix(NAMESPACE) for t in terms if t.removeprefix(NAMESPACE) not in used) == []
