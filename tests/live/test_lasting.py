"""What is missing at this moment or differs from time to time is kept by nobody, and a page has nothing of who came first.

The release, the engine and the pages are real. That one query of a page finds no room while the others do cannot be
brought about from outside, so that refusal is put in where it would come from.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from urllib.parse import quote, urlencode

import pytest
from flask.testing import FlaskClient

import kg
from kg.config import Settings
from kg.engine import Query
from kg.engine.answers import Answers, Flight
from kg.errors import EngineBusy
from kg.web.app import create_app
from kg.web.current import CurrentSite
from tests.conftest import THESAURUS, copy_project
from tests.live.test_maps import BREADS, NOTATION, coded
from tests.live.test_matrix import BREAD, made_of
from tests.live.test_scenario import DISPLAY, TRIED

HTML = {"Accept": "text/html"}
TOTALS = TRIED.replace(
    "SELECT DISTINCT ?bread ?breadLabel ?end ?needed ?neededLabel", "SELECT ?end (COUNT(*) AS ?minimum)"
)
TOTALS = TOTALS.replace("} ORDER BY ?bread", "} GROUP BY ?end")
MORE = f"""
<baking#1> display:totals <id/question/totals> .
<tables> a display:Page ; display:path "/tables" ; dcterms:title "Tables"@en ; display:section <baking#2> , <now#1> .
<now> a display:Page ; display:path "/now" ; dcterms:title "Now"@en ; display:section <now#1> .
<now#1> a display:Section ; rdfs:label "By the clock"@en ; display:query <id/question/now> ;
    display:view display:table ; sh:order 3 .
<crosswise> a display:Page ; display:path "/crosswise" ; dcterms:title "Crosswise"@en ; display:section <crosswise#1> .
<crosswise#1> a display:Section ; rdfs:label "By the clock"@en ; display:query <id/question/now> ;
    display:view display:matrix ; sh:order 1 ;
    display:rowVariable "bread" ; display:columnVariable "grain" ; display:itemVariable "proof" .
<breads> a sh:NodeShape ; sh:targetClass <http://www.w3.org/2004/02/skos/core#Concept> ; display:section <breads#1> .
<breads#1> a display:Section ; rdfs:label "Made of it"@en ; display:query <id/question/made-of> ;
    display:thisParameter "under" ; display:view display:table ; sh:order 1 .
<loaves> a sh:NodeShape ; sh:targetClass <{BREAD}terms#Loaf> ; display:section <loaves#1> .
<loaves#1> a display:Section ; rdfs:label "By the clock"@en ; display:query <id/question/now> ;
    display:thisParameter "under" ; display:view display:table ; sh:order 2 .
"""
BY_NAME = f'SELECT ?bread ("1" AS ?n) {{ ?bread <{NOTATION}> ?code }} ORDER BY ?bread'


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """Breads in two languages: as a matrix, a map, tables, a scenario, some of them by the clock. Nothing keeps pages."""
    project = copy_project(THESAURUS, tmp_path_factory.mktemp("breads") / "project")
    made_of(project)
    coded(project, f'<{BREADS[0]}> <{NOTATION}> "DE" . <{BREAD}concept/bread> a <{BREAD}terms#Loaf> .\n')
    questions, display = project / "ontology/questions", project / "ontology/display.ttl"
    display.write_text(display.read_text() + DISPLAY + MORE)
    (questions / "baking.rq").write_text(TRIED)
    (questions / "totals.rq").write_text(TOTALS)
    by_clock = (questions / "made-of.rq").read_text().replace("} ORDER BY", "  FILTER(YEAR(NOW()) > 1900)\n} ORDER BY")
    (questions / "now.rq").write_text(by_clock.replace("What is made of what?", "What is made of what today?"))
    dataset = project / "data/dataset.ttl"
    dataset.write_text(
        dataset.read_text().replace("dcterms:title", 'dcterms:language "en" , "de" ;\n    dcterms:title', 1)
    )
    kg.build(kg.open_project(project))
    settings = dataclasses.replace(Settings(), project=project)
    current = CurrentSite(settings)
    yield create_app(settings, current).test_client()
    current.close()


# -- refused -----------------------------------------------------------------------------------------------------------


class Refusal:
    """Notes what is asked of the engine, and refuses one query."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[str] = []
        self.refused = ""
        real = Answers.open

        async def opened(answers: Answers, query: Query) -> Flight:
            self.asked.append(query.text)
            if query.text == self.refused:
                raise EngineBusy("too many queries", "try again")
            return await real(answers, query)

        monkeypatch.setattr(Answers, "open", opened)

    def kinds(self) -> list[str]:
        """Of the queries that differ only in the things that they are about, one each."""
        return [*{re.sub(r"(<[^>]*> ?)+", "<>", text): text for text in self.asked}.values()]


@pytest.mark.parametrize(
    ("path", "statuses"),
    [
        ("/?view=map", {200, 503}),
        ("/baking/today", {200, 503}),
        ("/baking/today?there=rye", {200, 503}),
        ("/doc/question/made-of", {200, 503}),
        ("/doc/concept/rye", {200, 503}),
        (f"/sparql?{urlencode({'query': BY_NAME, 'view': 'map'})}", {200, 503}),
        ("/embed/?view=map", {200, 503}),
        ("/embed/baking/today?there=rye", {200, 503}),
        ("/embed/doc/question/made-of", {503}),
        ("/cite/?view=map", {200, 503}),
        (f"/oembed?url={quote('http://localhost/doc/question/made-of')}", {200, 503}),
    ],
)
def test_whatever_is_refused_the_page_is_not_kept(
    pages: FlaskClient, monkeypatch: pytest.MonkeyPatch, path: str, statuses: set[int]
) -> None:
    # A citation is no page.
    headers = {} if path.startswith("/cite") else HTML
    pages.get(path, headers=headers)  # what is made once for all is there
    refusal = Refusal(monkeypatch)
    whole = pages.get(path, headers=headers)
    assert whole.status_code == 200
    assert whole.headers["ETag"]
    assert whole.headers["Cache-Control"].startswith("public")
    found = set()
    for text in refusal.kinds():
        refusal.refused = text
        reply = pages.get(path, headers=headers | {"If-None-Match": whole.headers["ETag"]})
        found.add(reply.status_code)
        assert reply.headers["Cache-Control"] == "no-store", text
        assert "ETag" not in reply.headers, text
        assert ("Retry-After" in reply.headers) == (reply.status_code == 503), text
    assert found == statuses
    refusal.refused = ""
    again = pages.get(path, headers=headers)
    assert (again.data, again.headers["ETag"]) == (whole.data, whole.headers["ETag"])


# -- different each time -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/now", "By the clock"),
        ("/tables", "By the clock"),
        ("/crosswise", "By the clock"),
        ("/doc/question/now", "sourdough bread"),
        ("/doc/concept/bread", "By the clock"),
        ("/embed/crosswise", "By the clock"),
        ("/embed/doc/question/now", "sourdough bread"),
        (f"/sparql?query={quote('SELECT (NOW() AS ?now) {}')}", "NOW()"),
        (f"/embed/sparql?query={quote('SELECT (RAND() AS ?chance) {}')}", "chance"),
        (f"/sparql?query={quote('CONSTRUCT { [] a ?c } { ?s a ?c }')}", "Concept"),
    ],
)
def test_what_differs_from_time_to_time_is_not_kept(pages: FlaskClient, path: str, shown: str) -> None:
    reply = pages.get(path, headers=HTML)
    assert reply.status_code == 200
    assert shown in reply.text
    assert reply.headers["Cache-Control"] == "no-store"
    assert "ETag" not in reply.headers


@pytest.mark.parametrize("path", ["/", "/doc/dataset", "/doc/question/now.ttl", "/doc/concept/bread.ttl", "/embed/"])
def test_what_does_not_is_kept(pages: FlaskClient, path: str) -> None:
    reply = pages.get(path, headers=HTML)
    assert reply.headers["ETag"]
    assert reply.headers["Cache-Control"].startswith("public")


# -- the same for everybody --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("others", ["/terms?evil=1", "/terms?evil=1&lang=de"])
def test_the_page_of_an_ontology_has_nothing_of_its_first_reader(pages: FlaskClient, others: str) -> None:
    first = pages.get(others, headers=HTML, base_url="https://elsewhere.example")
    assert first.status_code == 200
    assert "evil=1" in first.text  # the other languages of this very address
    reply = pages.get(others.replace("evil=1&", "").replace("?evil=1", ""), headers=HTML)
    assert "evil" not in reply.text
    assert "elsewhere" not in reply.text
    assert reply.text.count("<section") == first.text.count("<section") > 2


# -- answers as pages --------------------------------------------------------------------------------------------------


def test_an_answer_as_a_page_is_confirmed_as_data_is(pages: FlaskClient) -> None:
    query = "SELECT ?s ?n { VALUES (?s ?n) { ('a' 1) ('b' 2) } }"
    ways: list[dict[str, str]] = [
        {},
        {"view": "bars"},
        {"lang": "de"},
        {"default-graph-uri": f"{BREAD}graph/vocab"},
        {"x": "1"},
    ]
    tags = []
    for more in ways:
        path = "/sparql?" + urlencode({"query": query, **more})
        reply = pages.get(path, headers=HTML)
        assert reply.status_code == 200
        assert reply.headers["Cache-Control"].startswith("public")
        assert {"Accept", "Accept-Language"} <= {*reply.headers["Vary"].split(", ")}
        tags.append(reply.headers["ETag"])
        assert pages.get(path, headers=HTML | {"If-None-Match": tags[-1]}).status_code == 304
        german = pages.get(path, headers=HTML | {"Accept-Language": "de"})
        assert (german.headers["ETag"] == tags[-1]) == ("lang" in more)
        assert pages.get(path, headers=HTML, base_url="https://b.example").headers["ETag"] != tags[-1]
    assert len({*tags}) == len(ways)
    posted = pages.post("/sparql", data={"query": query}, headers=HTML | {"If-None-Match": "*"})
    assert posted.status_code == 200
