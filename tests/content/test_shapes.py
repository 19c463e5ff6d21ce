"""Every shape with a fixture finds what the bad one is bad for, and nothing in the good one.

A bad file names its findings in comments: ``# expects: <shape> on <focus>``, relative to the shapes and to ``id/``.
Infos are hints to authors and are not counted.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kg.graph import KnowledgeGraph, read_graph
from kg.project import Project, open_project
from kg.source import parse_turtle
from kg.terms import graph_iri
from kg.validate import check
from tests.conftest import ROOT

FIXTURES = sorted((ROOT / "shapes/tests").rglob("*.ttl"))
EXPECTS = re.compile(r"#\s*expects:\s*(\S+)\s+on\s+(\S+)")


@pytest.fixture(scope="module")
def ontology() -> KnowledgeGraph:
    return read_graph(open_project(ROOT))


def findings(ontology: KnowledgeGraph, fixture: Path) -> list[tuple[str, str]]:
    """(shape, focus) of each finding when the data is the fixture alone."""
    project: Project = ontology.project
    own = tuple(f for f in ontology.files if (project.root / "ontology") in f.path.parents)
    data = parse_turtle(fixture, graph_iri(project.base, "data/fixture"), project.base)
    graph = KnowledgeGraph(project, (*own, data), ontology.shapes, ontology.questions, ())
    return sorted(
        (f.rule.removeprefix(f"{project.base}shapes#"), f.focus.removeprefix(f"{project.base}id/"))
        for f in check(graph).findings
        if f.severity != "info"
    )


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda p: "/".join(p.parts[-2:]))
def test_fixture(ontology: KnowledgeGraph, fixture: Path) -> None:
    expected = sorted(EXPECTS.findall(fixture.read_text()))
    assert bool(expected) == fixture.name.startswith("bad")
    assert findings(ontology, fixture) == expected


def test_there_are_good_and_bad_ones() -> None:
    names = [f.name.partition("-")[0] for f in FIXTURES]
    assert names.count("good") >= 30
    assert names.count("bad") >= 30
