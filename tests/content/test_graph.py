"""What the real graph must be: valid, bilingual, small, without blank nodes in the data, free of its base."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import RDFS, SH, Graph

import kg
from kg.graph import KnowledgeGraph, as_rdflib
from tests.conftest import ROOT, build_unchecked, copy_project

BASE = "https://w3id.org/pledge-graph/"


@pytest.fixture(scope="module")
def triples(real_graph: KnowledgeGraph) -> Graph:
    return as_rdflib(real_graph.asserted)


def test_no_violation_and_no_warning(released: kg.Release) -> None:
    """By the report of its check, which the release brings along; what is waived has the reason with it."""
    report = Graph().parse(released.path / "report.ttl")
    assert [str(conforms) for conforms in report.objects(None, SH.conforms)] == ["true"]
    told = list(report.subject_objects(SH.resultSeverity))
    assert told
    assert {severity for result, severity in told if (result, RDFS.comment, None) not in report} <= {SH.Info}
    assert released.manifest.base == BASE


def test_the_data_has_no_blank_nodes(real_graph: KnowledgeGraph) -> None:
    named = [f for f in real_graph.files if "data" in f.path.parts or "schemes" in f.path.parts]
    assert named
    assert not [
        q for f in named for q in f.quads if isinstance(q.subject, ox.BlankNode) or isinstance(q.object, ox.BlankNode)
    ]


def test_every_own_term_is_used_by_a_question_or_a_shape(real_graph: KnowledgeGraph, triples: Graph) -> None:
    terms = {str(s) for s in triples.subjects(RDFS.isDefinedBy) if str(s).startswith(BASE + "ns#")}
    shapes = as_rdflib(q for f in real_graph.shapes for q in f.quads)
    used = {str(term) for triple in shapes for term in triple}
    for question in real_graph.questions:
        used |= {BASE + "ns#" + name for name in re.findall(r"plg:(\w+)", question.text)}
    assert terms - used == set()


def test_no_literal_is_longer_than_a_note(real_graph: KnowledgeGraph) -> None:
    said = [q.object for f in real_graph.files if "data" in f.path.parts for q in f.quads]
    assert any(isinstance(o, ox.Literal) for o in said)
    assert not [o for o in said if isinstance(o, ox.Literal) and len(o.value) > 300]


def test_the_table_of_keys_names_what_there_is(triples: Graph) -> None:
    with (ROOT / "data/keys.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    facts = [(row["table"], row["fact_id"]) for row in rows]
    assert len(set(facts)) == len(facts)
    subjects = {str(s) for s in triples.subjects()}
    assert [row["iri"] for row in rows if row["iri"] not in subjects] == []


def test_another_base_gives_the_same_graph(tmp_path: Path, released: kg.Release) -> None:
    other = "http://localhost:9/elsewhere/"
    project = copy_project(ROOT, tmp_path / "project")
    for file in project.rglob("*"):
        if file.suffix in (".ttl", ".rq", ".csv"):
            file.write_text(file.read_text(encoding="utf-8").replace(BASE, other), encoding="utf-8")
    release = build_unchecked(project)  # what is checked does not depend on it
    there = (release.path / "dumps/data.nq").read_text(encoding="utf-8").replace(other, BASE)
    here = (released.path / "dumps/data.nq").read_text(encoding="utf-8")
    # Blank node labels depend on the hash of what is around them, base included: compare what has none.
    assert sorted(line for line in there.splitlines() if "_:" not in line) == [
        line for line in here.splitlines() if "_:" not in line
    ]
    assert len(there.splitlines()) == len(here.splitlines())


def test_turtle_files_are_tidy() -> None:
    for file in [p for folder in ("ontology", "data", "shapes") for p in (ROOT / folder).rglob("*.ttl")]:
        text = file.read_text(encoding="utf-8")
        assert "\t" not in text, file
        assert "\r" not in text, file
        assert text.endswith("\n"), file
        assert not re.search(r" +$", text, re.MULTILINE), file
        assert text.startswith("#"), f"{file} does not say what it holds"
