"""Pages of things answer questions about them: what stands there is what the endpoint answers, now and in older releases."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import html5rdf
import pyoxigraph as ox
import pytest

import kg
from kg.questions import read_question
from tests.conftest import ROOT, Server, run_kg, start_server, stop_server
from tests.lending import ENDLESS, MANY, RIGHT_TO_LEFT, hostile, lending

BASE = "https://w3id.org/pledge-graph/"
WORDS = {"affirmative": "yes", "open": "open", "negative": "no"}
BASES = {"own word": "", "ascribed by others": " said by others", "reports only": " only reported"}
SLOW = """# en: What nobody will ever know
# de: Was niemand je wissen wird
# parameter: ?reader <https://data.example.org/lending/ns#Reader> | en: the reader | de: die Person
SELECT (COUNT(*) AS ?n) WHERE {
  VALUES ?reader { <https://data.example.org/lending/id/reader/ada> }
  ?reader ?a ?b . ?c ?d ?e . ?f ?g ?h . ?i ?j ?k . ?l ?m ?n . ?o ?p ?q
  FILTER(?e != ?h && ?k != ?n && ?q != ?b)
}
ORDER BY ?n
"""
SLOW_SECTION = """
<display/reader> display:section <display/slow> .
<display/slow> a display:Section ; rdfs:label "Slow"@en ; display:query <id/question/slow> ;
    display:thisParameter "reader" ; display:view display:table ; sh:order 9 .
"""


def page(server: Server, path: str, language: str = "en") -> Any:
    """The page as elements; its HTML is well formed by the algorithm of the standard."""
    reply = server.get(path, "text/html", Accept_Language=language)
    assert reply.status == 200, path
    return html5rdf.HTMLParser(strict=True, namespaceHTMLElements=False).parse(reply.text)


def text(element: Any) -> str:
    return " ".join("".join(element.itertext()).split())


def answers(document: Any) -> dict[str, Any]:
    """The sections with an answer, by title; that without one is ""."""
    found = {}
    for section in document.iterfind(".//*[@class='answer']"):
        title = section.find("./h2")
        found[re.sub(r" [\d,.]+$", "", text(title)) if title is not None else ""] = section
    return found


def lines(section: Any) -> list[list[str]]:
    return [[text(cell) for cell in row.iterfind("./td")] for row in section.iterfind(".//tbody/tr")]


def rows(server: Server, name: str, prefix: str = "", **values: str) -> list[dict[str, str]]:
    """What the endpoint answers to a question of this graph with things as its values."""
    question = read_question(ROOT / f"ontology/questions/{name}.rq")
    query = question.with_values({k: ox.NamedNode(BASE + v) for k, v in values.items()})
    reply = server.get(f"{prefix}/sparql?query={quote(query)}", "text/csv")
    assert reply.status == 200
    return [*csv.DictReader(io.StringIO(reply.text, newline=""))]


def last(iri: str) -> str:
    return iri.rpartition("/")[2]


# -- this graph --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("prefix", ["", "/release"], ids=["site", "at its own address"])
def test_the_page_of_an_actor_shows_what_the_endpoint_answers(
    served: Server, released: kg.Release, prefix: str
) -> None:
    prefix = f"{prefix}/{released.manifest.name}" if prefix else ""
    told = answers(page(served, f"{prefix}/doc/state/FRA"))
    positions = rows(served, "positions-over-time", prefix, actor="id/state/FRA")
    table = told["Positions by area"].find(".//details[@class='as-table']")
    shown = [(line[0], line[1].partition(" · ")[0], line[1].partition(" · ")[2]) for line in lines(table)]
    assert sorted(shown) == sorted(
        {(r["areaLabel"], WORDS[last(r["answer"])], r["positionLabel"] + BASES[r["basis"]]) for r in positions}
    )
    linked = {link.get("href") for link in told["Positions by area"].iterfind(".//{*}svg//{*}a")}
    assert linked == {f"{prefix}/" + row["position"].removeprefix(BASE) for row in positions}
    reporting = rows(served, "sources-about", prefix, actor="id/state/FRA")
    assert [[*line[:3]] for line in lines(told["Who reports about it"])] == [
        [row["publisher"], row["sources"], row["positions"]] for row in reporting[:6]
    ]
    assert f"6 of {len(reporting)} stand here" in text(told["Who reports about it"])
    said = rows(served, "statements-of", prefix, agent="id/state/FRA")
    latest = list(dict.fromkeys(row["statement"] for row in said))
    table = told["Latest statements"]
    assert len(lines(table)) == min(8, len(latest))
    of_first = {row["positionLabel"] for row in said if row["statement"] == latest[0]}
    assert {text(a) for a in table.find(".//tbody/tr").iterfind("./td[2]//a")} == of_first


def test_the_page_of_a_position_says_what_the_endpoint_answers(served: Server) -> None:
    told = answers(page(served, "/doc/position/FRA-0001"))
    found = rows(served, "position-at-a-glance", position="id/position/FRA-0001")
    (lead,) = {f"{r['holderLabel']} on {r['areaLabel']}: {WORDS[last(r['answer'])]}, {r['forceLabel']}" for r in found}
    paragraphs = [text(p) for p in told[""].iterfind(".//div[@class='said']/p")]
    assert paragraphs[0] == lead
    assert found[0]["successorLabel"] in paragraphs[1]
    least, most = (f"{int(found[0][bound]):,}" for bound in ("least", "most"))
    assert f"at least {least} at most {most} {found[0]['unitLabel']}" in paragraphs[2]
    assert found[0]["conditionLabel"] in paragraphs[3]
    (condition,) = rows(served, "conditions-of", position="id/position/FRA-0001")
    yes_no = {"true": "yes", "false": "no"}
    assert lines(told["Conditions"])[0][:2] == [condition["circumstanceLabel"], yes_no[condition["mustHold"]]]
    sources = rows(served, "evidence", position="id/position/FRA-0001")
    shown = {line[0] for line in lines(told["Which sources tell it"])}
    assert shown == {row["sourceLabel"] for row in sources}
    who = {row["speakerLabel"] for row in rows(served, "who-said-it", position="id/position/FRA-0001")}
    assert {line[0] for line in lines(told["Who said it"])} == who
    sides = rows(served, "disputes", position="id/position/FRA-0001")
    assert len(lines(told["What contradicts it"])) == len({row["disagreement"] for row in sides})


def test_the_page_of_an_area_lists_who_says_what_of_it(served: Server) -> None:
    told = answers(page(served, "/doc/vocab/area/ground-troops"))["Who takes which position"]
    found = rows(served, "patchwork", within="vocab/area/ground-troops")
    shown = {}
    for heading in told.iterfind("./h3"):
        number = int(heading.find("./span").text.split()[0])
        following = next(e for e in list(told)[list(told).index(heading) :] if e.tag == "ul")
        names = [item.find("./a") for item in following.iterfind("./li")]
        assert len(names) == number
        shown[re.split(r" \d", text(heading))[0]] = {text(name) for name in names}
    words = WORDS | {"ns#CoverageCheck": "not found"}
    expected: dict[str, set[str]] = {}
    for row in found:
        expected.setdefault(words[last(row["answer"])], set()).add(row["holderLabel"])
    assert shown == expected
    links = {link.get("href") for link in told.iterfind("./ul//a")}
    assert links == {"/" + row["position"].removeprefix(BASE) for row in found}


def test_other_concepts_answer_nothing_that_is_not_about_them(served: Server) -> None:
    assert answers(page(served, "/doc/vocab/force/pledge")) == {}


@pytest.mark.parametrize(
    "path",
    ["state/ITA", "coalition/coalition-of-the-willing", "organisation/nato", "person/giorgia-meloni", "event/e0001",
     "source/s0001", "circumstance/us-backstop", "circumstance/ceasefire", "position/TUR-0008", "statement/ITA-0001",
     "vocab/area/forces", "state/ALB"],
)  # fmt: skip
@pytest.mark.parametrize("language", ["en", "de"])
def test_every_answer_leads_to_its_question_and_its_data(served: Server, path: str, language: str) -> None:
    told = answers(page(served, f"/doc/{path}", language))
    assert told
    for section in told.values():
        (question,) = [a.get("href") for a in section.iterfind("./p//a") if "/doc/question/" in a.get("href")][:1]
        document = page(served, question, language)  # the thing is a value that the question takes
        as_data = [a.get("href") for a in section.iterfind("./p[@class='ways']/a[@type='text/csv']")]
        total = len(document.findall(".//tbody/tr"))
        if not as_data:  # what is empty says so
            assert text(section.find("./p"))
            assert total == 0
            continue
        reply = served.get(as_data[0])
        assert reply.status == 200
        assert min(500, len([*csv.DictReader(io.StringIO(reply.text, newline=""))])) == total > 0


def test_a_page_in_german_is_in_german(served: Server) -> None:
    told = answers(page(served, "/doc/position/ITA-0001", "de"))
    assert text(told[""].find(".//p")) == "Italien zu Bodentruppen: nein, feste Erklärung"
    assert {"Bedingungen", "Wer es gesagt hat", "Welche Quellen es berichten"} <= told.keys()
    assert text(told["Bedingungen"].find("./p")).startswith("Keine Bedingung ist erfasst.")
    heads = [text(th) for th in told["Wer es gesagt hat"].iterfind(".//th")]
    assert "Amt" in heads


def test_nothing_recorded_is_said_where_one_would_look_for_it(served: Server) -> None:
    told = answers(page(served, "/doc/state/ALB"))
    assert text(told["Positions by area"].find("./p")).startswith("No position of its own is recorded.")
    assert "Latest statements" not in told  # which has no words for it


def test_the_data_formats_stay_as_they_are(served: Server) -> None:
    turtle = served.get("/doc/state/ITA.ttl").text
    assert "pledge-graph-display#" not in turtle
    assert "Who reports about it" not in turtle


def test_the_page_is_kept_and_confirmed(served: Server) -> None:
    reply = served.get("/doc/state/ITA", "text/html")
    assert "no-store" not in reply.headers["cache-control"]
    again = served.get("/doc/state/ITA", "text/html", If_None_Match=reply.headers["etag"])
    assert again.status == 304


# -- any project -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def editions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, list[str]]]:
    """The library in three releases: before it described its pages, with two loans, and as it is."""
    project = lending(tmp_path_factory.mktemp("editions") / "lending")
    display, loans = project / "ontology/display.ttl", project / "data/loans.ttl"
    whole = loans.read_text(encoding="utf-8")
    display.rename(project / "display")
    (project / "ontology/questions").rename(project / "questions")
    names = [kg.build(kg.open_project(project)).manifest.name]
    (project / "display").rename(display)
    (project / "questions").rename(project / "ontology/questions")
    loans.write_text(re.sub(r"<loan/2>.*?<loan/1> \.\n", "", whole, flags=re.DOTALL), encoding="utf-8")
    edition(project, "1.1", "2026-02-01")
    names.append(kg.build(kg.open_project(project)).manifest.name)
    loans.write_text(whole, encoding="utf-8")
    edition(project, "1.2", "2026-03-01")
    names.append(kg.build(kg.open_project(project)).manifest.name)
    server = start_server(project, project.parent)
    yield server, names
    stop_server(server)
    assert "Traceback" not in server.log.read_text()


def edition(project: Path, version: str, day: str) -> None:
    file = project / "data/dataset.ttl"
    told = re.sub(r'version "[^"]*"', f'version "{version}"', file.read_text(encoding="utf-8"))
    file.write_text(re.sub(r'issued "[^"]*"', f'issued "{day}"', told), encoding="utf-8")


def test_each_release_answers_for_itself(editions: tuple[Server, list[str]]) -> None:
    server, names = editions
    assert answers(page(server, f"/release/{names[0]}/doc/reader/ada")) == {}  # it had no such description
    former, current = (
        answers(page(server, path)) for path in (f"/release/{names[1]}/doc/reader/ada", "/doc/reader/ada")
    )
    assert [*former] == [*current] == ["", "Over time", "Loans", "By state"]
    tables = [lines(told["Over time"].find(".//details")) for told in (former, current)]
    assert [[row[1] for row in table] for table in tables] == [
        ["wanted · a novel, wanted", "wanted · an atlas"],
        ["refused · the novel, given back", "wanted · a novel, wanted", "wanted · an atlas"],
    ]
    links = [a.get("href") for a in former["Loans"].iterfind(".//a")]
    assert links
    assert all(link.startswith(f"/release/{names[1]}/") for link in links)


def test_a_change_of_mind_and_what_is_not_known_exactly_are_told(editions: tuple[Server, list[str]]) -> None:
    told = answers(page(editions[0], "/doc/reader/ada"))["Over time"]
    assert text(told.find(".//summary")) == "The same as a table: 3 entries, 1 change"
    heads = [text(th) for th in told.iterfind(".//th")]
    assert heads == ["On", "Entry", "From", "Until", "Before"]
    table = lines(told)
    assert table[0][2:] == ["10 May 2025", "open end", "wanted · a novel, wanted"]
    assert table[1][2:] == ["1 Mar 2025", "10 May 2025", ""]
    assert table[2][2:] == ["between 1 Jun 2025 and 30 Jun 2025", "open end", ""]
    lanes = [text(lane) for lane in told.iterfind(".//div[@class='lane']/div/b")]
    assert lanes == ["novels", "maps"]


def test_a_thing_of_two_classes_has_each_section_once(editions: tuple[Server, list[str]]) -> None:
    document = page(editions[0], "/doc/reader/ada")
    titles = [text(h) for h in document.iterfind(".//section[@class='answer']/h2")]
    assert titles == ["Over time", "Loans 2", "By state"]  # no fines, and no word for that
    bob = page(editions[0], "/doc/reader/bob")
    assert [text(h) for h in bob.iterfind(".//section[@class='answer']/h2")] == ["Over time"]
    # A shelf has a section whose parameter it cannot be.
    assert answers(page(editions[0], "/doc/shelf/maps")) == {}


def test_what_points_at_a_thing_is_folded_where_something_is_answered(editions: tuple[Server, list[str]]) -> None:
    assert page(editions[0], "/doc/reader/ada").find(".//details/summary/h2[@id='incoming']") is not None
    assert page(editions[0], "/doc/shelf/maps").find(".//section/h2[@id='incoming']") is not None


def test_a_slow_question_is_a_link_and_the_page_is_not_kept(tmp_path: Path, serve: Callable[..., Server]) -> None:
    project = hostile(tmp_path / "lending")
    (project / "ontology/questions/slow.rq").write_text(SLOW)
    with (project / "ontology/display.ttl").open("a") as display:
        display.write(SLOW_SECTION)
    server = serve(project, "--query-seconds", "60", "--query-processes", "2")
    reply = server.get("/doc/reader/ada", "text/html")
    assert reply.status == 200
    assert reply.headers["cache-control"] == "no-store"
    assert "etag" not in reply.headers
    told = answers(html5rdf.HTMLParser(strict=True, namespaceHTMLElements=False).parse(reply.text))
    assert lines(told["Loans"])
    assert "no answer at the moment" in text(told["Slow"])
    (link,) = [a.get("href") for a in told["Slow"].iterfind(".//a") if "/doc/question/" in a.get("href")]
    assert parse_qs(urlsplit(link).query) == {"reader": ["reader/ada"]}
    # Nobody waits for it any more, so it is no longer worked on.
    assert server.get("/doc/reader/bob", "application/n-triples").status == 200


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The library with hostile names and a reader with thousands of loans."""
    project = hostile(tmp_path_factory.mktemp("hostile") / "lending")
    server = start_server(project, project.parent)
    yield server
    stop_server(server)
    assert "Traceback" not in server.log.read_text()


@pytest.mark.parametrize("reader", ["mallory", "long", "right"])
def test_no_text_breaks_a_page(library: Server, reader: str) -> None:
    document = page(library, f"/doc/reader/{reader}")
    assert document.find(".//img") is None
    assert {script.get("src") or script.get("type") for script in document.iterfind(".//script")} <= {
        "application/ld+json", "/static/search.js", "/static/copy.js",
    }  # fmt: skip
    told = answers(document)
    assert [*told] == ["", "Over time", "Loans"]
    shown = text(told["Loans"])
    assert "onerror=alert(1)" in shown
    assert ENDLESS in shown
    assert RIGHT_TO_LEFT in shown
    assert document.find(".//h1").get("dir") == "auto"
    # Several sections ask the same question.
    ids = [element.get("id") for element in document.iter() if element.get("id")]
    assert len(ids) == len({*ids})


def test_thousands_are_cut_and_all_of_them_linked(library: Server) -> None:
    reply = library.get("/doc/reader/many", "text/html")
    assert len(reply.body) < 600_000
    told = answers(page(library, "/doc/reader/many"))
    timeline = told["Over time"]
    assert f"200 of {MANY:,} stand here." in text(timeline)
    assert len(lines(timeline)) == 200
    # The latest ones.
    assert lines(timeline)[0][2] == "15 Nov 2014"
    (link,) = [a.get("href") for a in timeline.iterfind("./p/a") if "/doc/question/" in a.get("href")]
    assert f"{MANY:,} rows" in text(page(library, link))


def test_a_frozen_page_has_the_answers_and_leads_to_the_living_question(tmp_path: Path) -> None:
    project = lending(tmp_path / "lending")
    kg.build(kg.open_project(project))
    done = run_kg("freeze", tmp_path / "site", "--project", project)
    assert done.returncode == 0, done.stderr
    document = html5rdf.HTMLParser(strict=True, namespaceHTMLElements=False).parse(
        (tmp_path / "site/doc/reader/ada.html").read_text(encoding="utf-8")
    )
    told = answers(document)
    assert [*told] == ["", "Over time", "Loans", "By state"]
    links = [a.get("href") for a in told["Loans"].iterfind("./p/a")]
    assert links == ["https://data.example.org/lending/doc/question/loans-of?reader=reader/ada"] or links == [
        "https://data.example.org/lending/doc/question/loans-of?reader=reader%2Fada"
    ]


def test_searched_in_vain_is_told_from_nothing_recorded(served: Server) -> None:
    for state in ("ALB", "LTU", "NLD"):
        told = answers(page(served, f"/doc/state/{state}"))["Searched, and nothing found"]
        wanted = rows(served, "searches-for", actor=f"id/state/{state}")
        assert {line[0] for line in lines(told)} == {row["checkLabel"] for row in wanted}
        assert all(row["areaLabel"] in line[1] and line[2] for row in wanted for line in lines(told))
    assert "Gesucht und nichts gefunden" in answers(page(served, "/doc/state/ALB", "de"))
    assert "Searched, and nothing found" not in answers(page(served, "/doc/state/FRA"))


def test_the_day_of_a_circumstance_is_that_of_the_telling(served: Server) -> None:
    position = answers(page(served, "/doc/position/FRA-0001"))["Conditions"]
    assert "as told on" in [text(head) for head in position.iterfind(".//th")]
    assert "No ceasefire" in lines(position)[0]
    told = answers(page(served, "/doc/circumstance/ceasefire", "de"))["War das der Fall?"]
    assert [text(head) for head in told.iterfind(".//th")][:3] == ["besteht", "laut Stand vom", "was erfasst ist"]
    assert "17.12.2025" in lines(told)[0]
    assert "Kein Waffenstillstand" in lines(told)[0]
    # A record with a note has it there.
    assert "had first to be agreed" in text(told)


def test_bounds_that_are_ours_are_called_so(served: Server) -> None:
    sentence = text(answers(page(served, "/doc/position/FRA-0001"))[""])
    assert "at least 2,000 at most 9,999" in sentence
    assert "these bounds are ours by the rule “order of magnitude”" in sentence
    german = text(answers(page(served, "/doc/position/FRA-0001", "de"))[""])
    assert "mindestens 2.000 höchstens 9.999" in german
    assert "diese Grenzen sind unsere nach der Regel „Größenordnung“" in german
    assert "ours" not in text(answers(page(served, "/doc/position/FRA-0012"))[""])


def test_a_timeline_ends_where_the_data_do(served: Server) -> None:
    told = answers(page(served, "/doc/state/FRA"))["Positions by area"]
    assert "The data reach to 18 May 2026" in text(told)
    assert not re.search(r"(Jun|Jul|Aug|Sep|Oct|Nov) 2026", text(told.find(".//div[@class='lanes']")))
