"""The closure: equal to owlrl's, and clear about contradictions."""

from __future__ import annotations

import random

import pyoxigraph as ox
import pytest
from rdflib import Literal

from kg.errors import InferenceError
from kg.gates.closure import owlrl_closure
from kg.graph import KnowledgeGraph, as_rdflib, read_graph
from kg.inference import closure
from kg.project import open_project
from tests.conftest import THESAURUS, trials

AXIOMS = """
@prefix : <http://e/> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
"""


def turtle(text: str) -> list[ox.Quad]:
    return list(ox.parse(AXIOMS + text, ox.RdfFormat.TURTLE))


def ours(quads: list[ox.Quad]) -> set[tuple[object, object, object]]:
    return set(as_rdflib(closure(quads)))


CASES = {
    "subclass": ":A rdfs:subClassOf :B . :B rdfs:subClassOf :C . :x a :A .",
    "equivalent": ":A owl:equivalentClass :B . :x a :B . :p owl:equivalentProperty :q . :x :q :y .",
    "domain and range": ":p rdfs:domain :A ; rdfs:range :B . :x :p :y .",
    "subproperty": ":p rdfs:subPropertyOf :q . :q rdfs:subPropertyOf :r . :x :p :y , 'text' .",
    "inverse": ":p owl:inverseOf :q . :x :p :y . :y :q :z .",
    "symmetric": ":p a owl:SymmetricProperty . :x :p :y .",
    "transitive": ":p a owl:TransitiveProperty . :a :p :b . :b :p :c . :c :p :d . :d :p :a .",
    "chain": ":g owl:propertyChainAxiom ( :p :q :r ) . :a :p :b . :b :q :c . :c :r :d .",
    "two chains": ":g owl:propertyChainAxiom ( :p :q ) , ( :q :p ) . :a :p :b . :b :q :c . :c :p :d .",
    "has value": ":R owl:onProperty :p ; owl:hasValue :v . :A rdfs:subClassOf :R . :x a :A . :y :p :v .",
    "some values": ":A owl:onProperty :p ; owl:someValuesFrom :B . :x :p :y . :y a :B . :z :p :w .",
    "some thing": ":A owl:onProperty :p ; owl:someValuesFrom owl:Thing . :x :p :y .",
    "all values": ":A owl:onProperty :p ; owl:allValuesFrom :B . :x a :A ; :p :y .",
    "intersection": """:A owl:equivalentClass [ owl:intersectionOf ( :B [ owl:onProperty :p ; owl:hasValue :v ] ) ] .
        :x a :B ; :p :v . :y a :B . :z a :A .""",
    "union": ":A owl:unionOf ( :B :C ) . :x a :B . :y a :C .",
    "one of": ":A owl:oneOf ( :x :y ) .",
}


@pytest.mark.parametrize("text", CASES.values(), ids=CASES.keys())
def test_the_closure_is_that_of_owlrl(text: str) -> None:
    quads = turtle(text)
    assert ours(quads) == owlrl_closure(quads)
    assert ours(quads)


def test_the_closure_of_a_project_is_that_of_owlrl() -> None:
    quads = read_graph(open_project(THESAURUS)).asserted
    assert ours(quads) == owlrl_closure(quads)


@pytest.mark.parametrize("seed", range(trials(1, 12)))
def test_the_closure_of_the_real_ontology_is_that_of_owlrl(real_graph: KnowledgeGraph, seed: int) -> None:
    """On the whole ontology and a part of the data: owlrl needs a quarter of an hour for all of it."""
    chance = random.Random(seed)
    kinds: dict[str, list[ox.Quad]] = {}
    quads: list[ox.Quad] = []
    for file in real_graph.files:
        if "ontology" in file.path.parts and file.path.name != "alignments.ttl":
            quads += file.quads
        elif "data" in file.path.parts:
            kinds.setdefault(file.path.parent.name, []).extend(file.quads)
    for of_kind in kinds.values():
        subjects = sorted({str(q.subject) for q in of_kind})
        chosen = set(chance.sample(subjects, min(trials(8, 25), len(subjects))))
        quads += [q for q in of_kind if str(q.subject) in chosen]
    assert ours(quads) == owlrl_closure(quads)


def test_nothing_is_said_about_literals() -> None:
    assert all(not isinstance(s, Literal) for s, _, _ in ours(turtle(":p rdfs:range :A . :x :p 'text' .")))


@pytest.mark.parametrize(
    ("text", "explanation"),
    [
        (":A owl:disjointWith :B . :x a :A , :B .", "<http://e/x> is both <http://e/A> and <http://e/B>"),
        (":A rdfs:subClassOf :C . :C owl:disjointWith :B . :x a :A , :B .", "<http://e/C> and <http://e/B>"),
        ("[] a owl:AllDisjointClasses ; owl:members ( :A :B :C ) . :x a :A , :C .", "<http://e/A> and <http://e/C>"),
        (":A owl:complementOf :B . :x a :A , :B .", "its complement <http://e/B>"),
        (":x a owl:Nothing .", "empty class"),
        (":p a owl:IrreflexiveProperty . :x :p :x .", "irreflexive relation <http://e/p>"),
        (":p a owl:AsymmetricProperty . :x :p :y . :y :p :x .", "asymmetric relation <http://e/p>"),
        (":p owl:propertyDisjointWith :q . :x :p :y ; :q :y .", "<http://e/p> and <http://e/q>"),
    ],
)
def test_a_contradiction_is_explained(text: str, explanation: str) -> None:
    with pytest.raises(InferenceError) as caught:
        closure(turtle(text))
    assert explanation in str(caught.value)


@pytest.mark.parametrize("chain", ["()", "( [ owl:inverseOf :q ] :r )", "'text'"])
def test_a_chain_that_is_none_is_refused(chain: str) -> None:
    with pytest.raises(InferenceError, match="property chain"):
        closure(turtle(f":p owl:propertyChainAxiom {chain} . :a :r :b ."))


def test_an_axiom_without_a_rule_is_refused() -> None:
    with pytest.raises(InferenceError, match="owl:FunctionalProperty"):
        closure(turtle(":p a owl:FunctionalProperty ."))
