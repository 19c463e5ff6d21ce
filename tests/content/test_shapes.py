"""Every shape has a fixture that it finds fault with, and every fixture is found fault with for that alone.

A bad file names its findings in comments, ``# expects: <shape> on <focus>``, relative to the shapes and to ``id/``; a
finding that is there twice is named twice. Infos are hints to authors and are not counted, unless a file names some with
``# expects-info:``: then those shapes must find just that, and nothing in the good files of the same folder.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from rdflib import DCTERMS, SH, Graph, Literal, URIRef

from kg.graph import KnowledgeGraph, as_rdflib
from kg.project import Project
from kg.source import parse_turtle
from kg.terms import graph_iri
from kg.validate import check
from tests.conftest import ROOT, sampled

FIXTURES = sorted((ROOT / "shapes/tests").rglob("*.ttl"))
EXPECTS = re.compile(r"^#\s*expects:\s*(\S+)\s+on\s+(\S+)", re.MULTILINE)
EXPECTS_INFO = re.compile(r"^#\s*expects-info:\s*(\S+)\s+on\s+(\S+)", re.MULTILINE)
RULES = [f"R-{number}" for number in range(101, 125)]

Found = list[tuple[str, str]]


@pytest.fixture(scope="module")
def shapes(real_graph: KnowledgeGraph) -> Graph:
    return as_rdflib(quad for file in real_graph.shapes for quad in file.quads)


def findings(ontology: KnowledgeGraph, fixture: Path) -> tuple[Found, Found]:
    """(shape, focus) of each finding when the data is the fixture alone: what is wrong, and the infos."""
    project: Project = ontology.project
    own = tuple(f for f in ontology.files if (project.root / "ontology") in f.path.parents)
    data = parse_turtle(fixture, graph_iri(project.base, "data/fixture"), project.base)
    graph = KnowledgeGraph(project, (*own, data), ontology.shapes, ontology.questions, ())
    # What the shapes find anywhere, and whatever else is said of the fixture; the ontology is checked elsewhere.
    file = data.path.relative_to(project.root).as_posix()
    named = [
        (f.severity, f.rule.removeprefix(f"{project.base}shapes#"), f.focus.removeprefix(f"{project.base}id/"))
        for f in check(graph).findings
        if f.rule.startswith(f"{project.base}shapes#") or f.file == file
    ]
    wrong = sorted((rule, focus) for severity, rule, focus in named if severity != "info")
    return wrong, sorted((rule, focus) for severity, rule, focus in named if severity == "info")


@cache
def expected(fixture: Path) -> tuple[Found, Found]:
    text = fixture.read_text()
    return sorted(EXPECTS.findall(text)), sorted(EXPECTS_INFO.findall(text))


@pytest.mark.parametrize("fixture", sampled(FIXTURES, 24, seed=2), ids=lambda p: "/".join(p.parts[-2:]))
def test_fixture(real_graph: KnowledgeGraph, fixture: Path) -> None:
    wrong, infos = expected(fixture)
    assert bool(wrong or infos) == fixture.name.startswith("bad")
    asked = {shape for other in fixture.parent.glob("*.ttl") for shape, _ in expected(other)[1]}
    found_wrong, found_infos = findings(real_graph, fixture)
    assert found_wrong == wrong
    if infos or not wrong:
        assert [(shape, focus) for shape, focus in found_infos if shape in asked] == infos


def reporting(shapes: Graph) -> dict[str, URIRef]:
    """Name -> shape, for each shape that can report something: those with a message."""
    found = {s for s in shapes.subjects(SH.message) if isinstance(s, URIRef)}
    return {str(s).partition("#")[2]: s for s in found}


def test_every_shape_has_a_bad_fixture(shapes: Graph) -> None:
    found = {shape for fixture in FIXTURES for shape, _ in [*expected(fixture)[0], *expected(fixture)[1]]}
    assert reporting(shapes).keys() - found == set()


def test_every_shape_says_how_to_mend_it(shapes: Graph) -> None:
    """A shape that reports has a severity and says in both languages what to do; only shapes that report have either."""
    for shape in reporting(shapes).values():
        assert shapes.value(shape, SH.severity) in {SH.Violation, SH.Warning, SH.Info}, shape
        spoken = sorted(m.language or "" for m in shapes.objects(shape, SH.message) if isinstance(m, Literal))
        assert spoken == ["de", "en"], shape
    assert {s for s in shapes.subjects(SH.severity) if isinstance(s, URIRef)} == set(reporting(shapes).values())


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_is_there(shapes: Graph, rule: str) -> None:
    names = {
        str(s).partition("#")[2] for s in shapes.subjects(SH.targetClass | SH.targetSubjectsOf | SH.targetObjectsOf)
    }
    assert rule in names
    files = [f.name.partition("-")[0] for f in (ROOT / "shapes/tests" / rule).glob("*.ttl")]
    assert {"good", "bad"} <= set(files)


def test_numbers_of_rules_are_right(shapes: Graph) -> None:
    """Parts of a rule that stand elsewhere carry its number."""
    assert {str(n) for n in shapes.objects(None, DCTERMS.identifier)} <= set(RULES)
