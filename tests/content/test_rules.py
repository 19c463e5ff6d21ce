"""The rules in ontology/rules/: each on a graph small enough to know the answer by heart."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.errors import InferenceError, SourceError
from kg.graph import KnowledgeGraph, read_graph
from kg.inference import closure, conclusions
from kg.project import Rule, open_project
from tests.conftest import THESAURUS, copy_project

BASE = "https://w3id.org/pledge-graph/"
PREFIXES = f"""
@base <{BASE}id/> .
@prefix : <{BASE}id/> .
@prefix plg: <{BASE}ns#> .
@prefix area: <{BASE}vocab/area/> .
@prefix force: <{BASE}vocab/force/> .
@prefix polarity: <{BASE}vocab/polarity/> .
@prefix role: <{BASE}vocab/role/> .
@prefix dc: <http://purl.org/dc/elements/1.1/> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


@pytest.fixture(scope="module")
def ontology(real_graph: KnowledgeGraph) -> KnowledgeGraph:
    return real_graph


class Conclusions:
    """What the ontology and its rules conclude from a few statements, in short."""

    def __init__(self, ontology: KnowledgeGraph, turtle: str) -> None:
        terms = [
            q for f in ontology.files if "ontology" in f.path.parts and f.graph != ontology.meta_graph for q in f.quads
        ]
        data = list(ox.parse(PREFIXES + turtle, ox.RdfFormat.TURTLE))
        self.triples = conclusions([*terms, *data], ontology.rules)

    def of(self, name: str) -> list[str]:
        """The statements with the property plg:``name``, as "subject object", sorted."""
        found = [t for t in self.triples if t.predicate.value == f"{BASE}ns#{name}"]
        return sorted(f"{self._short(t.subject)} {self._short(t.object)}" for t in found)

    @staticmethod
    def _short(term: object) -> str:
        return term.value.rpartition("/")[2] if isinstance(term, ox.NamedNode | ox.Literal) else str(term)


def position(name: str, day: str = "2026-01-06", holder: str = "ITA", more: str = "") -> str:
    polarity = "" if "plg:polarity" in more else "plg:polarity polarity:affirmative ;"
    force = "" if "plg:force" in more else "plg:force force:readiness ;"
    about = "" if "plg:contributionArea" in more else "plg:contributionArea area:air ;"
    return f":{name} a plg:Position ; plg:holder :{holder} ; {polarity} {force} {about} {more} {dated(day)} .\n"


def dated(day: str) -> str:
    return f'plg:latest "{day}"^^xsd:date'


def spoken(name: str, behalf: str = "ITA") -> str:
    return f":s-{name} a plg:StatementEvent ; plg:expresses :{name} ; plg:onBehalfOf :{behalf} .\n"


def told(report: str, position: str, source: str) -> str:
    return f":{report} a plg:Report ; plg:conveys :{position} ; plg:inSource :{source} .\n"


def test_a_position_counts_from_the_last_possible_day_until_its_successor_does(ontology: KnowledgeGraph) -> None:
    found = Conclusions(
        ontology,
        position("a", "2025-03-31")
        + position("b", "2025-06-01", more="plg:supersedes :a ;")
        + position("c", "2025-09-04", more="plg:supersedes :a , :b ;"),
    )
    assert found.of("validFrom") == ["a 2025-03-31", "b 2025-06-01", "c 2025-09-04"]
    assert found.of("validUntil") == ["a 2025-06-01", "b 2025-09-04"]


def test_a_span_that_the_graph_states_is_kept(ontology: KnowledgeGraph) -> None:
    found = Conclusions(
        ontology,
        position("a", more='plg:validFrom "2026-02-01"^^xsd:date ; plg:validUntil "2026-05-01"^^xsd:date ;')
        + position("b", "2026-03-01", more='plg:supersedes :a ; plg:validFrom "2026-04-01"^^xsd:date ;')
        + position("c", "2026-06-01", more="plg:supersedes :b ;"),
    )
    assert found.of("validFrom") == ["c 2026-06-01"]
    assert found.of("validUntil") == ["b 2026-06-01"]


def test_a_successor_of_the_same_day_leaves_an_empty_span(ontology: KnowledgeGraph) -> None:
    found = Conclusions(ontology, position("a") + position("b", more="plg:supersedes :a ;"))
    assert found.of("validFrom") == ["a 2026-01-06", "b 2026-01-06"]
    assert found.of("validUntil") == ["a 2026-01-06"]


def test_words_spoken_for_another_actor_ascribe(ontology: KnowledgeGraph) -> None:
    found = Conclusions(
        ontology,
        ":bundestag dcterms:isPartOf :DEU . :cell dcterms:isPartOf :staff . :staff dcterms:isPartOf :EU .\n"
        + position("own") + spoken("own")
        + position("foreign", holder="FRA") + spoken("foreign", "UKR")
        + position("part", holder="DEU") + spoken("part", "bundestag")
        + position("deep", holder="EU") + spoken("deep", "cell")
        + position("joint", more="plg:holder :FRA ;") + spoken("joint", "FRA")
        + position("silent"),
    )  # fmt: skip
    assert found.of("ascribedBy") == ["foreign UKR"]


def test_the_person_who_voiced_a_position(ontology: KnowledgeGraph) -> None:
    found = Conclusions(ontology, position("a") + spoken("a") + ":s-a plg:speaker :giorgia-meloni .")
    assert found.of("expressedBy") == ["a s-a"]
    assert found.of("voicedBy") == ["a giorgia-meloni"]


def test_known_since_the_first_full_date(ontology: KnowledgeGraph) -> None:
    found = Conclusions(
        ontology,
        position("a") + told("r1", "a", "s1") + told("r2", "a", "s2") + told("r3", "a", "s3")
        + position("b") + told("r4", "b", "s3")
        + """:s1 dcterms:issued "2026-01-08"^^xsd:date . :s2 dcterms:issued "2026-01-07"^^xsd:date .
        :s3 plg:edtfDate "2025-12" .""",
    )  # fmt: skip
    assert found.of("knownSince") == ["a 2026-01-07"]


def test_copies_and_relays_have_one_origin(ontology: KnowledgeGraph) -> None:
    reports = "".join(told(f"r{n}", "a", f"s{n}") for n in range(1, 7))
    found = Conclusions(
        ontology,
        position("a") + reports + position("b") + told("r7", "b", "s7") + told("r8", "b", "s8") + position("c")
        + """:s1 dc:publisher "Reuters" . :s2 dc:publisher "NDTV" ; plg:citedPublisher "Reuters" .
        :s3 dc:publisher "Gulf Daily News (reuters)" ; plg:citedPublisher "reuters" .
        :s4 dc:publisher "ABC News (Australia)" . :s5 dc:publisher "ABC News" .
        :s6 dc:publisher "Mandiner" . :r6 plg:relaysReport :r9 . :r9 plg:relaysReport :r10 .
        :r10 a plg:Report ; plg:inSource :s10 . :s10 dc:publisher "Bild" .
        :s7 a plg:Source . :s8 a plg:Source .""",
    )  # fmt: skip
    # a: Reuters, ABC News, Bild; b: two sources without a publisher; c: none tells it
    assert found.of("independentOrigins") == ["a 3", "b 2"]


def test_the_latest_position_is_the_one_without_a_successor(ontology: KnowledgeGraph) -> None:
    found = Conclusions(
        ontology,
        position("a") + position("b", "2026-02-01", more="plg:holder :FRA ; plg:supersedes :a ;")
        + ":d a plg:Deployment ; plg:holder :ITA ; plg:contributionArea area:air .",
    )  # fmt: skip
    assert found.of("currentPosition") == ["FRA b", "ITA b"]


@pytest.mark.parametrize(
    ("polarity", "force", "says"),
    [
        ("affirmative", "formal", "pledges"),
        ("affirmative", "pledge", "pledges"),
        ("affirmative", "intention", "offers"),
        ("affirmative", "readiness", "offers"),
        ("affirmative", "exploratory", "offers"),
        ("open", "exploratory", "weighs"),
        ("open", "pledge", "weighs"),
        ("negative", "intention", "refuses"),
        ("negative", "formal", "refuses"),
    ],
)
def test_what_an_actor_says(ontology: KnowledgeGraph, polarity: str, force: str, says: str) -> None:
    coded = f"plg:polarity polarity:{polarity} ; plg:force force:{force} ; plg:contributionArea area:mine-clearance ;"
    found = Conclusions(ontology, position("a", more=coded) + spoken("a"))
    answers = {name: found.of(name) for name in ("pledges", "offers", "weighs", "refuses")}
    assert {name: rows for name, rows in answers.items() if rows} == {says: ["ITA mine-clearance"]}


def test_only_an_actors_own_latest_words_about_its_own_contribution_count(ontology: KnowledgeGraph) -> None:
    firm = "plg:force force:pledge ;"
    found = Conclusions(
        ontology,
        ":commission dcterms:isPartOf :EU .\n"
        + position("replaced", "2025-01-01", more=f"{firm} plg:contributionArea area:training ;") + spoken("replaced")
        + position("latest", more=f"{firm} plg:supersedes :replaced ;") + spoken("latest")
        + position("ascribed", holder="FRA", more=firm) + spoken("ascribed", "UKR")
        + position("confirmed", holder="POL", more=firm) + spoken("confirmed", "UKR")
        + ":s-own a plg:StatementEvent ; plg:expresses :confirmed ; plg:onBehalfOf :POL .\n"
        + position("hearsay", holder="USA", more=f'{firm} plg:codedAttribution "reported" ;')
        + position("applause", holder="JPN", more=f"{firm} plg:contributionRole role:endorse ;")
        + spoken("applause", "JPN")
        + position("part", holder="EU", more=firm) + spoken("part", "commission")
        + position("joint", holder="GBR", more=f"{firm} plg:holder :DEU ;") + spoken("joint", "GBR"),
    )  # fmt: skip
    assert found.of("pledges") == ["DEU air", "EU air", "GBR air", "ITA air", "POL air"]
    assert found.of("offers") == found.of("weighs") == found.of("refuses") == []


NO = "plg:polarity polarity:negative ;"


def test_a_yes_and_a_no_at_once_apparently_contradict(ontology: KnowledgeGraph) -> None:
    found = Conclusions(ontology, position("yes") + position("no", "2026-02-01", more=NO))
    assert found.of("apparentlyContradicts") == ["no yes", "yes no"]


def test_a_wider_area_contains_the_narrower(ontology: KnowledgeGraph) -> None:
    for wide, narrow in permutations(["", NO]):
        found = Conclusions(
            ontology,
            position("wide", more=f"{wide} plg:contributionArea area:forces ;")
            + position("narrow", more=f"{narrow} plg:contributionArea area:ground-troops ;"),
        )
        assert found.of("apparentlyContradicts") == ["narrow wide", "wide narrow"]


@pytest.mark.parametrize(
    "no",
    [
        position("no", holder="FRA", more=NO),
        position("no", more=f"{NO} plg:contributionArea area:maritime ;"),
        position("no", more=f"{NO} plg:contributionRole role:endorse ;"),
        position("no", more=f"{NO} plg:supersedes :yes ;"),
        position("no", "2026-02-01", more=f"{NO} plg:supersedes :between ;")
        + position("between", more="plg:supersedes :yes ; plg:polarity polarity:open ;"),
        position("no", "2025-05-01", more=NO)
        + position("later", "2025-09-01", more="plg:supersedes :no ; plg:polarity polarity:open ;"),
        position("no", "2026-02-01", more=NO)
        + position("later", "2026-02-01", more="plg:supersedes :no ; plg:polarity polarity:open ;"),
        position("no", more="plg:polarity polarity:open ;"),
        ":no a plg:Position ; plg:holder :ITA ; plg:contributionArea area:air ; plg:polarity polarity:negative .",
    ],
    ids=["holder", "area", "role", "superseded", "far superseded", "earlier", "empty span", "undecided", "undated"],
)
def test_what_is_no_contradiction(ontology: KnowledgeGraph, no: str) -> None:
    assert Conclusions(ontology, position("yes") + no).of("apparentlyContradicts") == []


def test_what_is_computed_is_nowhere_typed_in(ontology: KnowledgeGraph) -> None:
    computed = {
        "ascribedBy", "knownSince", "independentOrigins", "currentPosition", "pledges", "offers", "weighs", "refuses",
        "apparentlyContradicts", "expressedBy", "voicedBy", "supersededBy", "supersedesTransitively",
    }  # fmt: skip
    assert not [q for q in ontology.asserted if q.predicate.value.removeprefix(f"{BASE}ns#") in computed]


def test_rules_say_in_english_and_german_what_they_conclude(ontology: KnowledgeGraph) -> None:
    assert [rule.name for rule in ontology.rules] == sorted(rule.name for rule in ontology.rules)
    assert len(ontology.rules) == 8
    for rule in ontology.rules:
        assert {"en", "de"} <= rule.says.keys(), rule.name
        assert rule.version.isdigit(), rule.name


def test_a_project_without_rules_gets_the_closure() -> None:
    graph = read_graph(open_project(THESAURUS))
    assert graph.rules == ()
    assert conclusions(graph.asserted, graph.rules) == closure(graph.asserted)


def rule(text: str) -> Rule:
    return Rule("test", Path("test.rq"), {}, "1", text)


def test_the_closure_runs_again_over_what_rules_conclude() -> None:
    data = list(
        ox.parse(
            "@prefix : <http://e/> . @prefix owl: <http://www.w3.org/2002/07/owl#> . :p a owl:TransitiveProperty . :a :p :b .",
            ox.RdfFormat.TURTLE,
        )
    )
    first = rule(
        "CONSTRUCT { <http://e/b> <http://e/p> <http://e/c> } WHERE { <http://e/a> <http://e/p> <http://e/b> }"
    )
    second = rule("CONSTRUCT { ?x <http://e/last> true } WHERE { ?x <http://e/p> <http://e/c> }")
    found = {str(t) for t in conclusions(data, [first, second])}
    # The second rule saw what the first one made, but not yet what the closure made of it.
    assert {line.replace("http://e/", "") for line in found} == {
        "<b> <p> <c>",
        "<a> <p> <c>",
        '<b> <last> "true"^^<http://www.w3.org/2001/XMLSchema#boolean>',
    }


def test_a_rule_that_makes_blank_nodes_is_refused() -> None:
    triple = list(ox.parse("<http://e/a> <http://e/p> <http://e/b> .", ox.RdfFormat.TURTLE))
    with pytest.raises(InferenceError, match="blank node"):
        conclusions(triple, [rule("CONSTRUCT { ?x <http://e/q> [] } WHERE { ?x ?p ?y }")])


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("# en: x\nCONSTRUCT { ?x a ?y } WHERE { ?x a ?y", 2, "unexpected end"),
        ("SELECT ?x { ?x ?p ?y }", 1, "CONSTRUCT"),
        ("CONSTRUCT { ?x a ?y } WHERE { SERVICE <http://e/> { ?x a ?y } }", 1, "SERVICE"),
        ("\nCONSTRUCT { ?x a e:y } WHERE { ?x a ?y }", 2, "the prefix e: is not declared"),
    ],
)
def test_a_file_that_is_no_rule_is_a_problem_with_a_place(tmp_path: Path, text: str, line: int, message: str) -> None:
    project = copy_project(THESAURUS, tmp_path / "project")
    (project / "ontology/rules").mkdir(parents=True)
    (project / "ontology/rules/10-bad.rq").write_text(text, encoding="utf-8")
    with pytest.raises(SourceError, match=message):
        open_project(project).rules()
    (problem,) = read_graph(open_project(project)).problems
    assert (problem.file.name, problem.line) == ("10-bad.rq", line)
