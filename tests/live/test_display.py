"""A release with a wrong description of its pages, as one made before ``kg check`` knew better: the rest is served."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from kg.terms import DISPLAY
from tests.conftest import Server, build_unchecked
from tests.lending import BASE, lending

NUMBERS = ('"INF"^^xsd:double', '"-INF"^^xsd:double', '"NaN"^^xsd:float', "-5", "0", "1.5", "1e300", "1000000000")
WRONG = """
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<display/home> a display:Page ; display:section <display/fine> , [ display:query <id/question/loans-of> ;
    display:view display:table ; sh:order 1 ] , <display/matrix> .
<display/fine> a display:Section ; rdfs:label "What is fine"@en ; display:query <id/question/loans-of> ;
    display:view display:table ; sh:order 1 .
<display/matrix> a display:Section ; display:query <id/question/loans-of> ; display:view display:map ;
    display:rowVariable "reader" ; display:columnVariable "shelf" ; display:itemVariable "loan" ;
    display:stepVariable "state" ; display:regionProperty "no property" ; display:columns ( "no thing" ) ; sh:order 2 .
[] a display:Page ; display:path "/nameless" ; dcterms:title "Nameless"@en .
[] a display:Layer ; display:term lib:Reader , "no term" ; rdfs:label "Nameless"@en ; sh:order 1 .
<display/evil> a display:Page ; display:path "//evil.example/x" , "https://evil.example/" ; dcterms:title "Evil"@en .
<display/own> a display:Page ; display:path "/sparql" ; dcterms:title "Mine"@en .
<display/right> a display:Page ; display:path "/right" ; dcterms:title "Right"@en ; sh:order 1 ; display:section <display/fine> .
<display/twice> a display:Page ; display:path "/right" ; dcterms:title "Twice"@en ; sh:order 9 .
<id/question/loans-of#reader> display:offered "no property" ; sh:order 1.5 .
<id/question/loans-of> sh:order 2.5 .
"""


def wrong_numbers() -> str:
    """Every number that is none, wherever a number is told."""
    lines = []
    for n, number in enumerate(NUMBERS):
        lines.append(
            f'<display/rows-{n}> a display:Section ; rdfs:label "Rows {n}"@en ; display:query <id/question/loans-of> ; '
            f'display:thisParameter "reader" ; display:view display:table ; display:rows {number} ; sh:order {number} .\n'
            f"<display/reader> display:section <display/rows-{n}> . <display/home> display:section <display/rows-{n}> .\n"
            f"<display/step-{n}> a display:Step ; display:value <id/state/s{n}> ; rdfs:label 's' ; sh:order {number} .\n"
            f"<display/mark-{n}> a display:Mark ; display:value <id/state/m{n}> ; rdfs:label 'm' ; sh:order {number} .\n"
            f"<display/by-{n}> a sh:PropertyShape ; sh:path <ns#p{n}> ; sh:order {number} ; sh:group <display/g{n}> .\n"
            f"<display/g{n}> rdfs:label 'g' ; sh:order {number} .\n"
            f"<display/page-{n}> a display:Page ; display:path '/p{n}' ; dcterms:title 'Page {n}' ; sh:order {number} .\n"
            f"<display/layer-{n}> a display:Layer ; display:term lib:Loan ; rdfs:label 'l' ; sh:order {number} .\n"
        )
    return "".join(lines)


def test_what_is_described_wrongly_costs_no_more_than_itself(tmp_path: Path, serve: Callable[..., Server]) -> None:
    project = lending(tmp_path / "project")
    display = project / "ontology/display.ttl"
    display.write_text(display.read_text() + WRONG + wrong_numbers())
    dataset = project / "data/dataset.ttl"
    dataset.write_text(f"{dataset.read_text()}<{BASE}dataset> <{DISPLAY.home}> <{BASE}display/home> .\n")
    build_unchecked(project)
    server = serve(project)
    pages = {
        path: server.get(path, "text/html", Accept_Language="en")
        for path in ("/", "/right", "/p0", "/sparql", "/ns", "/doc/reader/ada", "/doc/question/loans-of", "/changes")
    }
    others = {path: server.get(path) for path in ("/sitemap.xml", "/openapi.json", "/catalog.ttl")}
    assert {path: reply.status for path, reply in (pages | others).items()} == dict.fromkeys(pages | others, 200)
    assert "What is fine" in pages["/"].text
    assert "What is fine" in pages["/right"].text
    assert "Twice" not in pages["/right"].text
    assert "Rows 0" in pages["/doc/reader/ada"].text
    assert not [path for path, reply in pages.items() if "evil.example" in reply.text]
    assert "evil.example" not in others["/sitemap.xml"].text + others["/openapi.json"].text
    assert server.get("/nameless").status == 404
    assert "/sparql<" not in others["/sitemap.xml"].text
    assert "Mine" not in others["/openapi.json"].text
    assert all(f'href="/p{n}"' in pages["/"].text for n in range(len(NUMBERS)))
