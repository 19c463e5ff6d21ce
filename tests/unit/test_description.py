"""What is found in the description of pages (``ontology/display.ttl``), one mistake at a time."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from rdflib import RDF, SH, Graph, Literal, URIRef

from kg import shacl
from kg.config import Settings
from kg.description import check_description, shapes
from kg.findings import Finding, as_text, report
from kg.graph import as_rdflib, read_graph
from kg.locate import Locator
from kg.project import DISPLAY_FILE, open_project
from kg.representation.marks import MOST_STEPS
from kg.shacl import fast, reference, verified
from kg.source import parse_turtle
from kg.terms import DISPLAY, OWN_SEGMENTS, SHAPES, is_page_path
from kg.validate import check
from kg.web.app import create_app
from kg.web.current import CurrentSite
from kg.web.front import _OPERATIONS
from tests.conftest import ROOT
from tests.lending import BASE, lending

PAGES = """
<display/home> a display:Page ; display:path "/" ; display:section <display/crosswise> .
<display/what-if> a display:Page ; display:path "/what-if" ; dcterms:title "What if"@en ; sh:order 1 ;
    display:section <display/if> .
<display/crosswise> a display:Section ; display:query <id/question/loans-of> ; display:view display:map ;
    display:rowVariable "reader" ; display:columnVariable "shelf" ; display:itemVariable "loan" ;
    display:markVariable "state" ; display:regionProperty lib:code ; display:columns ( <id/shelf/maps> ) ;
    display:rows 5 ; sh:order 1 .
<display/if> a display:Section ; display:query <id/question/what-if> ; display:totals <id/question/sums> ;
    display:view display:scenario ; display:holdsParameter "there" ; display:failsParameter "gone" ;
    display:outcomeVariable "end" ; display:itemVariable "loan" ; sh:order 1 .
<display/lasting> a display:Step ; display:value <id/span/long> ; rdfs:label "long"@en ; sh:order 2 .
<display/ends> a display:Outcome ; display:value "ends" ; rdfs:label "ends"@en ; sh:order 1 .
<display/own> a display:Word ; display:value "own" ; rdfs:label "own"@en .
<display/borrowing> a display:Topic ; rdfs:label "borrowing"@en ; sh:order 1 ; display:asks <id/question/loans-of> .
<display/people> a display:Layer ; display:term lib:Reader ; sh:order 1 .
<display/loan> a sh:NodeShape ; sh:targetClass lib:Loan ; display:view display:table ; display:headline ( lib:by ) .
<display/by> a sh:PropertyShape ; sh:path lib:by ; sh:order 0.5 .
<id/question/what-if#there> display:offered lib:on .
"""
QUESTION = """# en: What if?
# parameter: ?there lib:Shelf, several | en: there
# parameter: ?gone lib:Shelf, several | en: gone
PREFIX lib: <https://data.example.org/lending/ns#>
SELECT {gives} {{ VALUES ?there {{ UNDEF }} VALUES ?gone {{ UNDEF }} ?loan lib:on ?shelf BIND("ends" AS ?end) }}
"""

# What stands there, what a mistake makes of it, and what is found: the severity, the rule and the thing.
MISTAKES = [
    # pages
    ('"/what-if"', '"what-if"', "violation", "path", "what-if"),
    ('"/what-if"', '"//evil.example/x"', "violation", "path", "what-if"),
    ('"/what-if"', '"https://evil.example/x"', "violation", "path", "what-if"),
    ('"/what-if"', '"/a/../b"', "violation", "path", "what-if"),
    ('"/what-if"', '"/what<if"', "violation", "path", "what-if"),
    ('"/what-if"', '"/what%20if"', "violation", "path", "what-if"),
    ('"/what-if"', '"/what?if"', "violation", "path", "what-if"),
    ('"/what-if"', '"/what\\\\if"', "violation", "path", "what-if"),
    ('"/what-if"', '"/sparql"', "violation", "path", "what-if"),
    ('"/what-if"', '"/doc/reader/ada"', "violation", "path", "what-if"),
    ('"/what-if"', '"/what-if"@en', "violation", "path", "what-if"),
    ('"/what-if"', '"/what-if" , "/if"', "violation", "path", "what-if"),
    ('"/what-if"', "<what-if>", "violation", "path", "what-if"),
    ('"/what-if"', '"/"', "violation", "front-page", "what-if"),
    ('"/what-if"', '"/ns"', "warning", "hidden", "what-if"),
    ('display:path "/" ', 'display:path "/start" ', "warning", "front-path", "home"),
    ('display:path "/what-if" ;', "", "violation", "address", "what-if"),
    ('dcterms:title "What if"@en ; sh:order 1', "sh:order 1", "violation", "title", "what-if"),
    ('"What if"@en ; sh:order 1', '"What if"@en ; sh:order "first"', "violation", "order", "what-if"),
    ('"What if"@en ; sh:order 1', '"What if"@en ; sh:order "NaN"^^xsd:double', "violation", "order", "what-if"),
    # sections
    ("display:section <display/if>", "display:section [ display:rows 1 ]", "violation", "section-name", "what-if"),
    (" ;\n    display:section <display/if>", "", "warning", "section-used", "if"),
    ("<display/what-if> a display:Page", "<display/what-if> a display:Site", "violation", "term", "what-if"),
    ("<display/shelf> a sh:NodeShape ; sh:targetClass lib:Shelf", "<display/shelf> a sh:NodeShape", "violation",
     "section-of", "shelf"),
    ("<id/question/what-if> ; display:totals", "<id/question/nothing> ; display:totals", "violation", "question", "if"),
    ("<id/question/what-if> ; display:totals", "<id/question/any> ; display:totals", "violation", "question", "if"),
    ("display:query <id/question/what-if> ;", "", "violation", "query", "if"),
    ("display:view display:map ;", "", "violation", "view", "crosswise"),
    ("display:view display:map ;", "display:view display:tabel ;", "violation", "page-view", "crosswise"),
    ("display:view display:map ;", "display:view display:list ;", "violation", "page-view", "crosswise"),
    ("display:view display:list ;", "display:view display:matrix ;", "violation", "thing-view", "marked"),
    ("display:view display:table ; display:headline", "display:view display:list ; display:headline", "violation",
     "parts-view", "loan"),
    ("display:rows 5 ; sh:order 1", "display:rows 5", "violation", "place", "crosswise"),
    ("display:rows 5 ; sh:order 1", 'display:rows 5 ; sh:order "first"', "violation", "order", "crosswise"),
    ("display:rows 5 ; sh:order 1", 'display:rows 5 ; sh:order "INF"^^xsd:double', "violation", "order", "crosswise"),
    ("display:rows 5 ;", 'display:rows "INF"^^xsd:double ;', "violation", "rows", "crosswise"),
    ("display:rows 5 ;", "display:rows -5 ;", "violation", "rows", "crosswise"),
    ("display:rows 5 ;", "display:rows 2.5 ;", "violation", "rows", "crosswise"),
    ("display:rows 5 ;", "display:rows 5 , 6 ;", "violation", "rows", "crosswise"),
    ("display:regionProperty lib:code ;", 'display:regionProperty "code" ;', "violation", "region", "crosswise"),
    ("display:columns ( <id/shelf/maps> )", "display:columns <id/shelf/maps>", "violation", "columns", "crosswise"),
    ("display:columns ( <id/shelf/maps> )", 'display:columns ( "maps" )', "violation", "columns-members", "crosswise"),
    ("display:headline ( lib:by )", "display:headline lib:by", "violation", "headline", "loan"),
    ("<display/column/shelf> <display/column/loan>", "<display/column/shelf> <display/column/none>", "warning",
     "shows-members", "loans"),
    # what a view needs
    ('display:columnVariable "shelf" ;', "", "violation", "matrix", "crosswise"),
    ("display:regionProperty lib:code ;", "", "violation", "map", "crosswise"),
    ('display:failsParameter "gone" ;', "", "violation", "scenario", "if"),
    ('display:fromVariable "from" ;', "", "violation", "timeline", "times"),
    ('display:view display:list ;\n    display:rowVariable "shelf" ;', "display:view display:list ;", "violation",
     "list", "marked"),
    ("display:wording ", "display:whenEmpty ", "violation", "sentence", "words"),
    ('display:thisParameter "reader" ;\n    display:view display:sentence', "display:view display:sentence",
     "violation", "thing-parameter", "words"),
    # what a question does not have
    ('display:thisParameter "reader" ;\n    display:view display:sentence',
     'display:thisParameter "raeder" ;\n    display:view display:sentence', "violation", "parameter", "words"),
    ('display:holdsParameter "there"', 'display:holdsParameter "their"', "violation", "parameter", "if"),
    ('display:fromVariable "from"', 'display:fromVariable "form"', "violation", "variable", "times"),
    ('display:fromVariable "from"', 'display:fromVariable "from" , "until"', "violation", "named", "times"),
    ("{loan}", "{laon}", "violation", "wording", "words"),
    ("[, since {from}]", "[, since {from}", "violation", "wording", "words"),
    ("[, since {from}]", "], since {from}[", "violation", "wording", "words"),
    ("[, since {from}]", "{?from}", "violation", "wording", "words"),
    ('display:variable "loan"', 'display:variable "laon"', "warning", "column", "loans"),
    ('display:otherwise "from"', 'display:otherwise "form"', "warning", "column", "column/until"),
    ("display:totals <id/question/sums>", "display:totals <id/question/what-if>", "violation", "totals", "if"),
    ("display:totals <id/question/sums>", "display:totals <id/question/none>", "violation", "question", "if"),
    ("display:totals <id/question/sums>", 'display:totals "sums"', "violation", "totals", "if"),
    ("what-if#there>", "what-if#their>", "violation", "offered", "what-if#their"),
    # marks and the like
    ("display:shape display:disc", "display:shape display:star", "warning", "shape", "mark/wanted"),
    ('rdfs:label "wanted"@en , "gewollt"@de ; sh:order 1', 'rdfs:label "wanted"@en', "warning", "mark-place",
     "mark/wanted"),
    ('rdfs:label "wanted"@en , "gewollt"@de ;', "", "warning", "mark-label", "mark/wanted"),
    ("display:value <id/state/wanted> ;", "", "warning", "value", "mark/wanted"),
    ('"long"@en ; sh:order 2', '"long"@en ; sh:order 0', "violation", "step", "lasting"),
    ('"long"@en ; sh:order 2', '"long"@en ; sh:order 1000000000', "violation", "step", "lasting"),
    ('display:value "ends" ;', "", "warning", "value", "ends"),
    ('display:value "own" ;', "", "warning", "value", "own"),
    ("display:asks <id/question/loans-of>", "display:asks <id/question/loans>", "violation", "question", "borrowing"),
    ("; display:asks <id/question/loans-of>", "", "warning", "topic-asks", "borrowing"),
    ('rdfs:label "borrowing"@en ; sh:order 1', 'rdfs:label "borrowing"@en', "warning", "topic-place", "borrowing"),
    ('rdfs:label "borrowing"@en ;', "", "warning", "mark-label", "borrowing"),
    ('display:variable "shelf" ;', "", "warning", "column-variable", "column/shelf"),
    ("display:term lib:Reader ;", "", "warning", "layer-term", "people"),
    ("display:term lib:Reader ; sh:order 1", "display:term lib:Reader", "warning", "layer-place", "people"),
    ("lib:by ; sh:order 0.5", 'lib:by ; sh:order "0,5"', "violation", "order", "by"),
    ("display:whenEmpty", "display:whenEmtpy", "violation", "term", "times"),
]  # fmt: skip


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lending library with pages of all kinds, nothing wrong with it."""
    root = lending(tmp_path_factory.mktemp("lending"))
    questions = root / "ontology/questions"
    (questions / "what-if.rq").write_text(QUESTION.format(gives="?loan ?end"))
    (questions / "sums.rq").write_text(QUESTION.format(gives="?shelf ?minimum ?maximum ?lost"))
    (questions / "any.rq").write_text("# en: Any?\nASK { ?s ?p ?o }")
    dataset = root / "data/dataset.ttl"
    dataset.write_text(f"{dataset.read_text()}\n<{BASE}dataset> <{DISPLAY.home}> <{BASE}display/home> .\n")
    display = root / DISPLAY_FILE
    prefixes = "@prefix dcterms: <http://purl.org/dc/terms/> .\n@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n"
    display.write_text(prefixes + display.read_text() + PAGES)
    return root


def found(root: Path, text: str) -> tuple[Finding, ...]:
    """What the check finds with this description, which is then what it was before."""
    file = root / DISPLAY_FILE
    before = file.read_text()
    file.write_text(text)
    try:
        return check(read_graph(open_project(root))).findings
    finally:
        file.write_text(before)


def test_a_sound_description_has_no_findings(sound: Path) -> None:
    assert found(sound, (sound / DISPLAY_FILE).read_text()) == ()


@pytest.mark.parametrize(("right", "wrong", "severity", "rule", "focus"), MISTAKES)
def test_each_mistake_is_found_with_its_line(
    sound: Path, right: str, wrong: str, severity: str, rule: str, focus: str
) -> None:
    text = (sound / DISPLAY_FILE).read_text()
    assert right in text
    text = text.replace(right, wrong, 1)
    findings = found(sound, text)
    one = next((f for f in findings if f.rule == f"display {rule}"), None)
    assert one is not None, findings
    iri = BASE + (focus if not focus.startswith("what-if#") else f"id/question/{focus}").replace(BASE, "")
    iri = iri if "/id/" in iri else f"{BASE}display/{focus}"
    assert (one.severity, one.focus, one.file) == (severity, iri, DISPLAY_FILE.as_posix())
    written = f"<{iri.removeprefix(BASE)}>"
    assert one.line == next(n for n, line in enumerate(text.splitlines(), 1) if line.startswith(written))
    assert {*one.messages} == {"en", "de"}
    others = [(f.rule, f.focus) for f in findings if f is not one]
    assert len(others) <= 1, "one mistake, and at most what follows from it"


def test_both_runners_of_shapes_find_the_same(sound: Path) -> None:
    text = (sound / DISPLAY_FILE).read_text()
    # Each mistake that can be made beside the others.
    for right, wrong, *_ in MISTAKES:
        text = text.replace(right, wrong, 1)
    (sound / "ontology/wrong.txt").write_text(text)
    quads = parse_turtle(sound / "ontology/wrong.txt", "urn:x:g", BASE).quads
    graph = as_rdflib(shapes())
    assert verified.others(graph) == []
    results = [
        [
            replace(
                result,
                value="" if result.value.startswith("_:") else result.value,
                focus="" if result.focus.startswith("_:") else result.focus,
            )
            for result in shacl.run(runner, quads, graph)
        ]
        for runner in (fast.report, reference.report)
    ]
    assert sorted(results[0]) == sorted(results[1])
    assert len(results[0]) > 30


def test_the_shapes_speak_both_languages_and_know_the_terms() -> None:
    graph = as_rdflib(shapes())
    told = {
        shape: {text.language for text in graph.objects(shape, SH.message) if isinstance(text, Literal)}
        for shape in graph.subjects(SH.message)
    }
    assert len(told) > 30
    assert {frozenset(languages) for languages in told.values()} == {frozenset({"en", "de"})}
    wanted = {DISPLAY[name] for name in SHAPES}
    drawn = next(graph.objects(URIRef(f"{str(DISPLAY)[:-1]}/shapes#shape"), SH["in"]))
    assert {*graph.items(drawn)} == wanted
    for text in map(str, graph.objects(None, SH.message)):
        if "a disc" in text or "eine Scheibe" in text:
            assert all(f"display:{name}" in text for name in SHAPES)
    vocabulary = Graph().parse(ROOT / "src/kg/vocabularies/display.ttl")
    used = {term for triple in graph for term in triple if isinstance(term, URIRef) and term in DISPLAY}
    assert used <= {*vocabulary.subjects(RDF.type)}
    steps = {int(n) for n in graph.objects(None, SH.maxInclusive) if isinstance(n, Literal)}
    assert steps == {MOST_STEPS}


def test_each_rule_stands_in_the_documentation() -> None:
    documented = (ROOT / "docs/checks.md").read_text()
    graph = as_rdflib(shapes())
    rules = {str(shape).rpartition("#")[2] for shape in graph.subjects(SH.message)} | {rule for *_, rule, _ in MISTAKES}
    assert [
        rule for rule in sorted(rules) if f"display {rule}`" not in documented and f"`{rule}`" not in documented
    ] == []
    assert "display order" in documented


def test_two_pages_with_one_path(sound: Path) -> None:
    more = '<display/again> a display:Page ; display:path "/what-if" ; dcterms:title "Again"@en .\n'
    findings = found(sound, (sound / DISPLAY_FILE).read_text() + more)
    assert [(f.rule, f.focus.rpartition("/")[2]) for f in findings] == [
        ("display path-of-two", "what-if"), ("display path-of-two", "again"),
    ]  # fmt: skip


def test_marks_and_steps_may_have_no_name(sound: Path) -> None:
    more = '[] a display:Mark ; display:value true ; rdfs:label "yes"@en .\n'
    findings = found(sound, (sound / DISPLAY_FILE).read_text() + more)
    assert [(f.rule, f.file, f.line, f.focus) for f in findings] == [
        ("display mark-place", DISPLAY_FILE.as_posix(), 0, ""),
    ]  # fmt: skip


def test_what_is_found_is_told_in_few_lines(sound: Path) -> None:
    text = (sound / DISPLAY_FILE).read_text().replace("display:rows 5 ;", "display:rows -5 ;")
    graph = read_graph(open_project(sound))
    told = [*as_text(report(found(sound, text), 1, 1), BASE, graph.prefixes)]
    line = next(n for n, line in enumerate(text.splitlines(), 1) if line.startswith("<display/crosswise>"))
    assert told[:4] == [
        f"ontology/display.ttl:{line}: violation: display/crosswise display:rows",
        "    the number of rows is one whole number from 1 on",
        '    value: "-5"^^xsd:integer',
        "    rule:  display rows",
    ]


def test_a_project_that_describes_no_pages_is_not_asked() -> None:
    graph = read_graph(open_project(ROOT / "tests/projects/thesaurus"))
    assert check_description(graph, Locator(graph)) == []


def test_the_program_s_own_addresses_are_those_that_it_answers() -> None:
    rules = [rule.rule for rule in create_app(Settings(), cast(CurrentSite, None)).url_map.iter_rules()]
    first = {path.split("/")[1] for path in (*rules, *_OPERATIONS, "/graphs", "/graph/", "/id/")} - {"", "<path:path>"}
    # Without what says the format, and the number of a file.
    assert {re.sub(r"(?<=.)(-<.*>)?\..*", "", segment) for segment in first} == {*OWN_SEGMENTS}
    assert not any(is_page_path(path.replace("<int:number>", "1")) for path in rules if path != "/<path:path>")
    assert all(map(is_page_path, ("/catalogue", "/about/sparql/", "/über:uns")))
