"""The parts of the SHACL package by themselves: which shapes the fast runner may answer, messages, paths, fallback."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import given
from hypothesis import strategies as st
from rdflib import SH, Graph, Literal

from kg import shacl
from kg.errors import ProjectError
from kg.shacl import fast, messages, reference, verified

PREFIXES = "@prefix : <urn:t:> . @prefix sh: <http://www.w3.org/ns/shacl#> ."
NAMED = ":S a sh:NodeShape ; sh:targetClass :T ; sh:property [ sh:path :p ; sh:minCount 1"


def quads(text: str) -> list[ox.Quad]:
    return list(ox.parse(f"{PREFIXES} {text}", ox.RdfFormat.TURTLE))


def shapes(text: str) -> Graph:
    return Graph().parse(data=f"{PREFIXES} {text}")


def other(where: str) -> list[str]:
    graph = Graph()
    graph.add((rdflib.URIRef("urn:t:rule"), SH.select, Literal(where)))
    return verified.others(graph)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT $this WHERE { $this <urn:limit> ?x }",
        "SELECT $this WHERE { $this :values/:minus* ?x } # LIMIT 3",
        "select distinct $this where { $this ^:p|(:q/:r)+ ?x . filter(?x != 'LIMIT' && str(?x) > \"NOW()\") }",
        'SELECT $this WHERE { $this :p """a " VALUES""" ; :q "x"@en-GB , "y"^^xsd:date ; a :T }',
        "SELECT $this ?limit WHERE { $this :a-b ?limit . FILTER(?limit IN (:x1, <urn:2>, 'three')) }",
        "SELECT $this WHERE { $this :p ?a . FILTER(?a - 1 > -2) }",
        "SELECT $this WHERE { $this :pac-3-missile ?a . FILTER(?a IN (:s-300-b, :x1-2, 'f-16-a'@en-GB)) }",
        "SELECT $this WHERE { $this :p* ?a ; :q/:r ?b . FILTER(!(?a = ?b)) FILTER(!BOUND(?c)) }",
    ],
)
def test_rules_for_the_fast_runner(query: str) -> None:
    assert other(query) == []


@pytest.mark.parametrize(
    ("query", "what"),
    [
        ("SELECT $this WHERE { $this :p ?x } LIMIT 3", "LIMIT"),
        ("SELECT $this WHERE { $this :p ?x MINUS { ?x :q 1 } }", "MINUS"),
        ("SELECT $this WHERE { $this :p ?x FILTER(?x < NOW()) }", "NOW"),
        ("SELECT $this WHERE { $this :p ?x FILTER(xsd:date(?x) = ?y) }", "a cast or a function by IRI"),
        ("SELECT $this WHERE { $this :p ?x FILTER(<urn:f> (?x)) }", "a cast or a function by IRI"),
        ("SELECT $this WHERE { $this !:p ?x }", "a negated property set"),
        ("SELECT $this WHERE { $this !(^:p|a) ?x }", "a negated property set"),
        ("SELECT $this WHERE { $this :p ?x FILTER(?x * 2 > 1) }", "multiplication"),
        ("SELECT $this WHERE { $this :p ?x FILTER(2*?x > 1) }", "multiplication"),
        ("SELECT $this WHERE { $this :p ?x FILTER(?x/2 > 1) }", "division"),
        ("SELECT $this WHERE { $this :p ?x FILTER(?x - 1 + 2 > 1) }", "a chain with subtraction"),
        ("SELECT $this WHERE { $this :p ?x FILTER(1 + ?x - ?y > 1) }", "a chain with subtraction"),
        ("SELECT $this WHERE { $this :p ?x FILTER(?x - (?y) - 1 > 1) }", "a chain with subtraction"),
        ("SELECT $this WHERE { $this :p ?x FILTER(?x IN (:a, 2)) }", "IN with numbers"),
        ("SELECT $this ?failure WHERE { $this :p ?failure }", "a reserved variable"),
        ("SELECT $this WHERE { GRAPH $shapesGraph { $this :p ?x } }", "a reserved variable"),
    ],
)
def test_rules_for_the_reference(query: str, what: str) -> None:
    assert f"{what} in a SPARQL rule" in other(query)


def test_terms_of_shapes() -> None:
    assert verified.others(shapes(NAMED + " ; sh:name 'n' ] .")) == []
    assert verified.others(shapes(":S sh:js :x ; sh:rule :y .")) == ["sh:js", "sh:rule"]
    assert verified.others(shapes(":C a sh:ConstraintComponent .")) == ["sh:ConstraintComponent"]


def test_messages_keep_their_languages_through_a_run() -> None:
    marked = messages.mark(shapes(':S sh:message "one {?value}"@en , "eins {$value}"@de , "none" .'))
    filled = [Literal(str(m).replace("{?value}", "7")) for m in marked.objects(None, SH.message)]
    assert messages.told(filled, "", "7") == {"": "none", "de": "eins 7", "en": "one 7"}


def test_several_messages_of_one_language_are_joined_in_order() -> None:
    marked = messages.mark(shapes(':S sh:message """b\n  c"""@en , "a"@en .'))
    assert messages.told(marked.objects(None, SH.message), "", "") == {"en": "a b c"}


def test_messages_that_an_engine_made_up_do_not_count() -> None:
    assert messages.told([Literal("Value is not >= 1")], "", "") == {}


@given(st.text(st.characters(exclude_characters="{}", exclude_categories=["Cs", "Cc"])))
def test_marking_loses_no_text(text: str) -> None:
    graph = Graph()
    graph.add((rdflib.URIRef("urn:t:S"), SH.message, Literal(text, lang="en")))
    assert messages.told(messages.mark(graph).objects(None, SH.message), "f", "v") == {"en": " ".join(text.split())}


@pytest.mark.parametrize(
    ("component", "parameter"),
    [("MinCount", "minCount"), ("QualifiedMaxCount", "qualifiedMaxCount"), ("Or", "or"), ("SPARQL", "sparql")],
)
def test_parameter_of_a_component(component: str, parameter: str) -> None:
    assert messages.parameter(f"{SH}{component}ConstraintComponent") == SH[parameter]


def test_a_shape_without_a_message_gets_one_in_both_languages() -> None:
    (found,) = shacl.validate(quads(":x a :T ."), quads(NAMED + " ] ."))
    assert dict(found.messages) == {"de": "sh:minCount 1 ist nicht erfüllt", "en": "sh:minCount 1 is not met"}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (":p", "<urn:t:p>"),
        ("[ sh:inversePath :p ]", "^<urn:t:p>"),
        ("( :p [ sh:zeroOrMorePath :q ] )", "<urn:t:p>/<urn:t:q>*"),
        ("( [ sh:alternativePath ( :p :q ) ] :r )", "(<urn:t:p>|<urn:t:q>)/<urn:t:r>"),
        ("[ sh:oneOrMorePath ( :p :q ) ]", "(<urn:t:p>/<urn:t:q>)+"),
        ("[ sh:zeroOrOnePath [ sh:inversePath :p ] ]", "^<urn:t:p>?"),
    ],
)
def test_paths_are_told_as_sparql(path: str, text: str) -> None:
    shape = f":S a sh:NodeShape ; sh:targetClass :T ; sh:property [ sh:path {path} ; sh:minCount 9 ; sh:message 'm' ] ."
    (found,) = shacl.validate(quads(":x a :T ."), quads(shape))
    assert found.path == text


def test_a_blank_shape_is_named_by_what_is_around_it() -> None:
    (inner,) = shacl.validate(quads(":x a :T ."), quads(NAMED + " ] ."))
    (nameless,) = shacl.validate(quads(":x a :T ."), quads("[] sh:targetClass :T ; sh:nodeKind sh:Literal ."))
    assert (inner.shape, nameless.shape) == ("urn:t:S", "shape")


def test_no_shapes_find_nothing() -> None:
    assert shacl.validate(quads(":x a :T ."), []) == []


def test_graph_names_do_not_matter() -> None:
    named = [ox.Quad(q.subject, q.predicate, q.object, ox.NamedNode("urn:t:graph")) for q in quads(":x a :T .")]
    assert shacl.validate(named, quads(NAMED + " ] .")) == shacl.validate(quads(":x a :T ."), quads(NAMED + " ] ."))


def test_the_reference_answers_when_the_fast_runner_gives_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def gives_up(_data: list[ox.Quad], _shapes: Graph) -> Graph:
        raise fast.GivesUp("no wish")

    expected, said = shacl.validate(quads(":x a :T ."), quads(NAMED + " ] .")), list[str]()
    monkeypatch.setattr(fast, "report", gives_up)
    assert shacl.validate(quads(":x a :T ."), quads(NAMED + " ] ."), said.append) == expected
    assert said == ["using the slow validator, because the fast one says: no wish"]


def test_shapes_that_refer_to_themselves_are_left_to_the_reference() -> None:
    said: list[str] = []
    loop = ":S sh:targetClass :T ; sh:property [ sh:path :p ; sh:node :S ] ."
    data = " ".join(f":x{i} a :T ; :p :x{(i + 1) % 20} ." for i in range(20))
    with pytest.raises(ProjectError, match="Recursive"):
        shacl.validate(quads(data), quads(loop), said.append)
    assert len(said) == 1


@pytest.mark.parametrize("runner", [fast.report, reference.report])
@pytest.mark.parametrize("setting", [True, False])
def test_literals_are_left_as_written(runner: shacl.Runner, setting: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", setting)
    wanted = shapes(":S sh:targetSubjectsOf :p ; sh:property [ sh:path :p ; sh:nodeKind sh:IRI ] .")
    (found,) = shacl.run(runner, quads(":x :p 007 ."), wanted)
    assert found.value == '"007"^^<http://www.w3.org/2001/XMLSchema#integer>'
    assert setting == rdflib.NORMALIZE_LITERALS
