"""Both SHACL runners give the same results: the fast one is held against the reference, pySHACL.

On all that the project has (every fixture, the graph itself), on a made graph with faults, on the small tricky pairs of
``shacl_cases``, and on random values.
"""

from __future__ import annotations

from pathlib import Path
from zlib import crc32

import pyoxigraph as ox
import pytest
from bench.generate import quads as made_graph
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rdflib import RDFS, SH

from kg import shacl
from kg.errors import ProjectError
from kg.graph import KnowledgeGraph, as_rdflib
from kg.shacl import fast, reference, verified
from kg.source import parse_turtle
from kg.terms import PREFIXES as WELL_KNOWN
from tests.conftest import ROOT, sampled, trials
from tests.content.shacl_cases import CASES, DATA, FALLBACK, PEOPLE, PREFIXES, WRONG, constrained, rule

FIXTURES = sorted((ROOT / "shapes/tests").rglob("*.ttl"))
SILENT = ("closed false", "deactivated")  # cases in which nothing is to be found
BACK_SLASH = "\\"
XSD = WELL_KNOWN["xsd"]


def parsed(text: str) -> list[ox.Quad]:
    return list(ox.parse(PREFIXES + text, ox.RdfFormat.TURTLE, rename_blank_nodes=True))


def both(data: list[ox.Quad], shapes: list[ox.Quad]) -> tuple[list[shacl.Result], list[shacl.Result]]:
    graph = as_rdflib(shapes)
    assert not verified.others(graph)
    return shacl.run(fast.report, data, graph), shacl.run(reference.report, data, graph)


@pytest.fixture(scope="module")
def shapes(real_graph: KnowledgeGraph) -> list[ox.Quad]:
    return [q for f in real_graph.shapes for q in f.quads]


@pytest.mark.parametrize("name", sampled(CASES, 20, seed=3))
def test_small_pair(name: str) -> None:
    shape_text, data = CASES[name]
    quick, slow = both(parsed(data), parsed(shape_text))
    assert quick == slow
    assert bool(quick) == (name not in SILENT)


def test_the_shapes_of_the_project_are_for_the_fast_runner(shapes: list[ox.Quad]) -> None:
    assert verified.others(as_rdflib(shapes)) == []


def test_the_graph(real_graph: KnowledgeGraph, shapes: list[ox.Quad]) -> None:
    """A part of it: the reference takes long for the whole, and what is missing makes for many more findings."""
    quads = [q for f in real_graph.files for q in f.quads]
    part = [q for q in quads if crc32(str(q.subject).encode()) % trials(150, 30) == 0]
    quick, slow = both(part, shapes)
    assert quick == slow
    assert len(quick) > trials(20, 100)


FOLDERS = sorted({fixture.parent for fixture in FIXTURES})


# The reference takes seconds for each; chance draws from a fixed seed which ones a short run looks at.
@pytest.mark.parametrize("folder", sampled(FOLDERS, 3, seed=7), ids=lambda p: p.name)
def test_fixtures(real_graph: KnowledgeGraph, shapes: list[ox.Quad], folder: Path) -> None:
    """All fixtures of one rule together, with the classes of the ontology."""
    quads = [q for f in real_graph.files for q in f.quads if q.predicate.value == str(RDFS.subClassOf)]
    for fixture in folder.glob("*.ttl"):
        quads += parse_turtle(fixture, "urn:x-test:fixture", real_graph.project.base).quads
    quick, slow = both(quads, shapes)
    assert comparable(quick) == comparable(slow)
    assert set(quick) <= set(slow)
    assert quick


def comparable(results: list[shacl.Result]) -> list[shacl.Result]:
    """Without what SPARQL rules say about a thing with a value of the wrong datatype.

    To compare such a value is an error in SPARQL, and an error is no finding; pySHACL orders it by its datatype.
    """
    wrong = {r.focus for r in results if r.component == str(SH.DatatypeConstraintComponent)}
    return [r for r in results if r.component != str(SH.SPARQLConstraintComponent) or r.focus not in wrong]


def test_made_graph_with_faults() -> None:
    shape_file = ROOT / "bench/validation-shapes.ttl"
    quick, slow = both(
        made_graph(trials(2_500, 10_000), violations=0.02), list(parse_turtle(shape_file, "urn:x-test:shapes").quads)
    )
    assert quick == slow
    assert len(quick) > trials(5, 20)


@pytest.mark.parametrize("name", FALLBACK)
def test_what_was_not_compared_is_left_to_the_reference(name: str) -> None:
    reason, shape_text = FALLBACK[name]
    said: list[str] = []
    data, shapes = parsed(PEOPLE), parsed(shape_text)
    found = shacl.validate(data, shapes, said.append)
    assert len(said) == 1
    assert reason in said[0]
    assert found == shacl.run(reference.report, data, as_rdflib(shapes))


@pytest.mark.parametrize("name", WRONG)
def test_wrong_shapes_are_told_as_the_reference_tells_them(name: str) -> None:
    with pytest.raises(ProjectError, match="the shapes cannot be used"):
        shacl.validate(parsed(PEOPLE), parsed(WRONG[name]))


@pytest.mark.parametrize("limit", ["1", '"2024-01-02"^^xsd:date', '"2024-01-01T00:00:00Z"^^xsd:dateTime'])
def test_values_that_cannot_be_compared_break_a_limit(limit: str) -> None:
    """SHACL, section 4.3. pySHACL lets some of them pass; the fast runner finds those too, and no fewer."""
    graph, data = as_rdflib(parsed(constrained(f"sh:minInclusive {limit}"))), parsed(DATA)
    quick, slow = shacl.run(fast.report, data, graph), shacl.run(reference.report, data, graph)
    assert set(slow) < set(quick)


def test_a_message_may_hold_any_value() -> None:
    """pySHACL takes a backslash in a value for part of a regular expression, and fails."""
    data = parsed(f':x a :Thing ; :p "{BACK_SLASH}{BACK_SLASH}1" .')
    found = shacl.validate(data, parsed(rule("$this ?value WHERE { $this :p ?value }")))
    assert [dict(r.messages)["en"] for r in found] == [f"en {BACK_SLASH}1 of urn:t:x"]


texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=6)
days = st.dates().map(lambda day: ox.Literal(day.isoformat(), datatype=ox.NamedNode(f"{XSD}date")))
hundredths = st.integers(-900, 900).map(lambda n: ox.Literal(f"{n / 100:.2f}", datatype=ox.NamedNode(f"{XSD}decimal")))
numbers = st.one_of(st.integers(-99, 99).map(ox.Literal), hundredths)
plain = st.builds(ox.Literal, texts.map(lambda t: t.replace(BACK_SLASH, "/")))
tagged = st.builds(lambda t, tag: ox.Literal(t.value, language=tag), plain, st.sampled_from(["de", "de-at", "en"]))
iris = st.sampled_from("abc").map(lambda n: ox.NamedNode(f"urn:t:{n}"))
LAW_SHAPES = parsed(
    """:S a sh:NodeShape ; sh:targetSubjectsOf :p ; sh:message "do"@en , "tu"@de ; sh:property
        [ sh:path :p ; sh:maxCount 2 ; sh:minLength 2 ; sh:maxLength 4 ; sh:pattern "[a-z0-9]\\\\w" ; sh:uniqueLang true ] ,
        [ sh:path :p ; sh:in ( 1 "a" :a ) ; sh:or ( [ sh:nodeKind sh:IRI ] [ sh:datatype xsd:string ] ) ] ,
        [ sh:path [ sh:oneOrMorePath :p ] ; sh:languageIn ( "de" ) ; sh:disjoint :q ; sh:equals :q ] ,
        [ sh:path :q ; sh:lessThan :r ; sh:minCount 1 ] , [ sh:path :d ; sh:minInclusive "2000-01-01"^^xsd:date ] ;
        sh:sparql [ sh:prefixes :prefixes ; sh:message "{?value}"@en ; sh:select '''
            SELECT $this ?value WHERE { $this :q ?one ; :r ?value FILTER(?one >= ?value) }''' ] ,
        [ sh:prefixes :prefixes ; sh:message "{?value}"@en ; sh:select '''
            SELECT $this ?value WHERE { $this :p ?value FILTER NOT EXISTS { $this :q ?value } }''' ] ."""
)
triples = st.one_of(
    st.tuples(iris, st.just("p"), st.one_of(plain, tagged, iris, numbers, days)),
    st.tuples(iris, st.sampled_from("qr"), numbers),
    st.tuples(iris, st.just("d"), days),
)


@given(st.lists(triples, min_size=1, max_size=12))
@settings(max_examples=trials(20, 60), deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_runners_agree_on_any_data(drawn: list[tuple[ox.NamedNode, str, ox.NamedNode | ox.Literal]]) -> None:
    data = [ox.Quad(s, ox.NamedNode(f"urn:t:{p}"), o) for s, p, o in drawn]
    quick, slow = both(data, LAW_SHAPES)
    assert quick == slow
