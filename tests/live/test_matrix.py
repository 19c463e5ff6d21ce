"""The front page as a matrix: each cell equals what the endpoint answers, now and in older releases; all in the address."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import html5rdf
import pyoxigraph as ox
import pytest

import kg
from kg.questions import Question, Value, read_question
from tests.conftest import ROOT, Server, build_unchecked

BASE = "https://w3id.org/pledge-graph/"
BREAD = "https://data.example.org/bread/"
PATCHWORK = read_question(ROOT / "ontology/questions/patchwork.rq")
WORDS = {"affirmative": "yes", "open": "open", "negative": "no", "CoverageCheck": "not found"}
DATE = ox.NamedNode("http://www.w3.org/2001/XMLSchema#date")

Entries = set[tuple[str, str, str, str]]


def page(server: Server, path: str) -> Any:
    """The page as elements; its HTML is well formed by the algorithm of the standard, and no id is there twice."""
    reply = server.get(path, "text/html")
    assert reply.status == 200, path
    document = html5rdf.HTMLParser(strict=True, namespaceHTMLElements=False).parse(reply.text)
    assert [name for name, times in Counter(e.get("id") for e in document.iter()).items() if name and times > 1] == []
    return document


def text(element: Any) -> str:
    return " ".join("".join(element.itertext()).split())


def entries(document: Any) -> Entries:
    """What the matrix shows: thing on the side and on the top, where the entry leads, its word."""
    (table,) = document.iterfind(".//div[@role='group']/table[caption]")
    tops = [text(top) for top in table.iterfind("./thead/tr/th[@scope='col']")]
    found = set()
    for row in table.iterfind("./tbody/tr"):
        (head,) = row.iterfind("./th[@scope='row']")
        cells = row.findall("./td")
        assert len(cells) == len(tops)
        for top, cell in zip(tops, cells, strict=True):
            assert cell.get("data-label") in ({top} if len(cell) else {None})
            found |= {(text(head), top, link.get("href"), text(link)) for link in cell.iterfind(".//a")}
    return found


def answered(
    server: Server, question: Question, values: Mapping[str, Value | Sequence[Value]], prefix: str = ""
) -> list[dict[str, Any]]:
    """The answer of the SPARQL endpoint to the question with these values."""
    reply = server.get(
        f"{prefix}/sparql?query={quote(question.with_values(values))}", "application/sparql-results+json"
    )
    assert reply.status == 200
    rows: list[dict[str, Any]] = json.loads(reply.body)["results"]["bindings"]
    return rows


def expected(rows: list[dict[str, Any]]) -> Entries:
    return {
        (
            row["holderLabel"]["value"],
            row["areaLabel"]["value"],
            "/" + row["position"]["value"].removeprefix(BASE),
            WORDS[row["answer"]["value"].replace("#", "/").rpartition("/")[2]],
        )
        for row in rows
    }


def day(written: str) -> ox.Literal:
    return ox.Literal(written, datatype=DATE)


GIVEN: list[tuple[str, dict[str, Value]]] = [
    ("", {}),
    ("date=2025-03-01", {"date": day("2025-03-01")}),
    ("date=2026-01-08&known=2025-12-31", {"date": day("2026-01-08"), "known": day("2025-12-31")}),
    ("within=forces&stance=negative", {"within": ox.NamedNode(f"{BASE}vocab/area/forces"),
                                       "stance": ox.NamedNode(f"{BASE}vocab/polarity/negative")}),
    ("given=circumstance/ceasefire", {"given": ox.NamedNode(f"{BASE}id/circumstance/ceasefire")}),
    ("bloc=nato&order=name", {"bloc": ox.NamedNode(f"{BASE}id/organisation/nato")}),
]  # fmt: skip


@pytest.mark.parametrize(("query", "values"), GIVEN, ids=[query or "nothing" for query, _ in GIVEN])
def test_the_cells_are_what_the_endpoint_answers(served: Server, query: str, values: dict[str, Value]) -> None:
    shown = entries(page(served, f"/?{query}" if query else "/"))
    assert shown
    assert shown == expected(answered(served, PATCHWORK, values))


def test_another_day_shows_something_else(served: Server) -> None:
    now, then = (entries(page(served, path)) for path in ("/", "/?date=2025-03-01"))
    assert not then <= now
    assert not now <= then
    assert served.get("/", "text/html").headers["etag"] != served.get("/?date=2025-03-01", "text/html").headers["etag"]


def test_the_list_behind_the_matrix_has_the_same_values(served: Server) -> None:
    document = page(served, "/?date=2025-03-01&stance=negative")
    (link,) = (a for a in document.iterfind(".//a") if text(a).startswith("The same as a list"))
    listed = page(served, link.get("href"))
    no = ox.NamedNode(f"{BASE}vocab/polarity/negative")
    rows = answered(served, PATCHWORK, {"date": day("2025-03-01"), "stance": no})
    assert len(listed.findall(".//tbody/tr")) == len(rows)


def test_refused_undecided_searched_and_unrecorded_look_and_read_differently(served: Server) -> None:
    document = page(served, "/")
    told = {}
    for link in document.iterfind(".//div[@role='group']/table[caption]/tbody//td//a"):
        (shape,) = (use.get("href") for use in link.iterfind("./{*}svg/{*}use"))
        told[text(link)] = shape
    assert told.keys() == set(WORDS.values())
    assert len(set(told.values())) == 4
    ids = {symbol.get("id") for symbol in document.iterfind(".//{*}symbol")}
    assert {use.get("href").removeprefix("#") for use in document.iterfind(".//{*}use")} <= ids
    legend = [text(term) for term in document.iterfind(".//dl[@class='legend']//dt")]
    assert {*WORDS.values(), "·"} <= set(legend)


def test_the_page_without_scripts_is_small(served: Server) -> None:
    sizes = [len(served.get(path, kind).body) for path, kind in (("/", "text/html"), ("/static/style.css", "text/css"))]
    assert sum(sizes) < 150_000


def test_empty_values_leave_the_address_and_what_others_added_stays(served: Server) -> None:
    reply = served.get("/?date=2025-03-01&known=&within=&utm_source=x", "text/html")
    assert reply.status == 302
    assert reply.headers["location"].endswith("/?date=2025-03-01&utm_source=x")
    assert served.get("/?utm_source=x", "text/html").status == 200
    # To a program the front page is the dataset, whatever the values.
    assert served.get("/?date=", "text/turtle").status == 200


@pytest.mark.parametrize("query", ["date=tomorrow", "stance=perhaps", "bloc=nowhere&date=2025-03-01"])
def test_a_wrong_value_is_explained_beside_its_field(served: Server, query: str) -> None:
    reply = served.get(f"/?{query}", "text/html")
    assert reply.status == 400
    document = html5rdf.parse(reply.text, namespaceHTMLElements=False)
    (wrong,) = document.iterfind(".//*[@aria-invalid='true']")
    problem = wrong.get("aria-describedby")
    assert any(text(e) for e in document.iterfind(f".//span[@id='{problem}']"))
    assert not document.findall(".//table/caption")


@pytest.mark.parametrize(
    ("query", "wanted"),
    [("view=bogus", "table, map"), ("order=zzz&date=2025-03-01", "name"), ("view=map&order=0", "name")],
)
def test_a_view_or_an_order_that_there_is_not_is_refused_with_those_that_there_are(
    served: Server, query: str, wanted: str
) -> None:
    for path in ("/", "/cite/", "/embed/"):
        reply = served.get(f"{path}?{query}", "text/html" if path != "/cite/" else None)
        assert reply.status == 400, path
        assert f"can be one of these: {wanted}" in reply.text
    assert served.get(f"/oembed?url={quote(f'{served.url}/?{query}', safe='')}").status == 404


@pytest.mark.parametrize(
    ("query", "shorter"),
    [
        ("date=2025-03-01&date=2026-01-08", "date=2025-03-01"),
        ("date=%20&date=%202025-03-01&utm=x", "date=2025-03-01&utm=x"),
        ("column=training&date=2025-03-01", "date=2025-03-01"),
        ("view=table&view=map&column=nonsense", "view=table"),
        ("order=name&order=zzz&known=", "order=name"),
    ],
)
def test_what_is_cited_and_shown_on_a_card_is_where_the_page_leads(served: Server, query: str, shorter: str) -> None:
    reply = served.get(f"/?{query}", "text/html")
    assert (reply.status, reply.headers["location"]) == (302, f"/?{shorter}")
    address = shorter.replace("&utm=x", "")
    assert served.get(f"/cite/?{query}").headers["content-location"] == f"/cite/?{address}&_format=text"
    assert f"/?{address}".replace("&", "&amp;") in served.get(f"/embed/?{query}", "text/html").text
    card = json.loads(served.get(f"/oembed?url={quote(f'{served.url}/?{query}', safe='')}").body)["html"]
    assert f'src="{served.url}/embed/?{address}"' in card.replace("&amp;", "&")


def test_the_form_offers_what_occurs_and_keeps_what_was_chosen(served: Server) -> None:
    document = page(served, "/?bloc=nato&within=forces")
    offered = {
        select.get("name"): [option.get("value") for option in select.iterfind("./option")]
        for select in document.iterfind(".//form[@class='parameters']//select")
    }
    assert set(offered["bloc"]) == {"", "organisation/nato", "organisation/eu", "coalition/coalition-of-the-willing"}
    # No position is about forces as such, but it was chosen.
    assert "vocab/area/forces" in offered["within"]
    assert "vocab/area/assistance" not in offered["within"]
    chosen = [option.get("value") for option in document.iterfind(".//option[@selected]")]
    assert {"organisation/nato", "vocab/area/forces"} <= set(chosen)
    without = [a.get("href") for a in document.iterfind(".//ul[@class='filters']//a")]
    assert sorted(without) == ["/?bloc=nato", "/?within=forces"]


def made_of(project: Path) -> None:
    """Give the thesaurus a front page with a matrix of breads and what they are made of."""
    (project / "ontology/questions").mkdir()
    (project / "ontology/questions/made-of.rq").write_text(
        f"""# en: What is made of what?
# parameter: ?under <http://www.w3.org/2004/02/skos/core#Concept> | en: below
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?bread ?breadLabel ?grain ?grainLabel ?proof {{
  VALUES ?under {{ UNDEF }}
  ?bread <{BREAD}terms#madeWith> ?grain BIND(?bread AS ?proof)
  FILTER(!BOUND(?under) || EXISTS {{ ?bread skos:broader+ ?under }})
  OPTIONAL {{ ?bread skos:prefLabel ?breadLabel FILTER(LANG(?breadLabel) = "en") }}
  OPTIONAL {{ ?grain skos:prefLabel ?grainLabel FILTER(LANG(?grainLabel) = "en") }}
}} ORDER BY ?bread ?grain
"""
    )
    (project / "ontology/display.ttl").write_text(
        f"""@base <{BREAD}> .
@prefix display: <https://w3id.org/pledge-graph-display#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
<home> a display:Page ; display:path "/" ; display:section <home#1> .
<home#1> a display:Section ; rdfs:label "Made of"@en ; display:query <id/question/made-of> ;
    display:view display:matrix ; sh:order 1 ;
    display:rowVariable "bread" ; display:columnVariable "grain" ; display:itemVariable "proof" .
"""
    )
    dataset = project / "data/dataset.ttl"
    dataset.write_text(
        dataset.read_text() + f"<{BREAD}dataset> <https://w3id.org/pledge-graph-display#home> <{BREAD}home> .\n"
    )


def test_another_project_and_an_older_release_show_their_own(thesaurus: Path, serve: Callable[..., Server]) -> None:
    made_of(thesaurus)
    older = kg.build(kg.open_project(thesaurus))
    (thesaurus / "data/concepts/more.ttl").write_text(
        f'<{BREAD}concept/rye-roll> a <http://www.w3.org/2004/02/skos/core#Concept> ; '
        f'<http://www.w3.org/2004/02/skos/core#prefLabel> "rye roll"@en ; '
        f'<http://www.w3.org/2004/02/skos/core#definition> "Small and dark."@en ; '
        f"<http://www.w3.org/2004/02/skos/core#broader> <{BREAD}concept/bread> ; "
        f"<{BREAD}terms#madeWith> <{BREAD}concept/rye> .\n"
    )  # fmt: skip
    dataset = thesaurus / "data/dataset.ttl"
    dataset.write_text(dataset.read_text().replace('"2.1"', '"2.2"').replace("2026-01-31", "2026-02-28"))
    kg.build(kg.open_project(thesaurus))
    server = serve(thesaurus)
    question = read_question(thesaurus / "ontology/questions/made-of.rq")
    shown = {}
    for prefix in ("", f"/release/{older.manifest.name}"):
        shown[prefix] = {(row, top, href) for row, top, href, _ in entries(page(server, f"{prefix}/"))}
        assert shown[prefix] == {
            (r["breadLabel"]["value"], r["grainLabel"]["value"], f"{prefix}/{r['proof']['value'].removeprefix(BREAD)}")
            for r in answered(server, question, {}, prefix)
        }
        assert len(entries(page(server, f"{prefix}/?under=bread"))) == len(shown[prefix])
        assert text(page(server, f"{prefix}/?under=rye").find(".//main")).count("Nothing is recorded") == 1
    assert {row for row, _, _ in shown[""]} - {row for row, _, _ in shown[f"/release/{older.manifest.name}"]} == {
        "rye roll"
    }


def test_of_several_matrices_one_that_is_not_told_whole_is_left_out(
    thesaurus: Path, serve: Callable[..., Server]
) -> None:
    made_of(thesaurus)
    display = thesaurus / "ontology/display.ttl"
    before, section = display.read_text().split("<home#1> a")
    again = section.replace("Made of", "Once more").replace("sh:order 1", "sh:order 2")
    wrong = section.replace("Made of", "Not this").replace(
        'display:itemVariable "proof"', 'display:markVariable "proof"'
    )
    pages = before.replace("<home#1> .", "<home#1>, <home#2>, <home#3> .")
    display.write_text(f"{pages}<home#1> a{section}<home#2> a{again}<home#3> a{wrong}")
    build_unchecked(thesaurus)
    document = page(serve(thesaurus), "/?under=bread")
    assert [text(h) for h in document.iterfind(".//section/h2")][:2] == ["Made of", "Once more"]
    assert len(document.findall(".//table/caption")) == 2
    assert "Not this" not in text(document)


def remarks(document: Any) -> dict[str, str]:
    """What is remarked on the entries of the matrix, by where they lead."""
    found = {}
    for part in document.iterfind(".//div[@role='group']/table[caption]/tbody//td//p"):
        for remark in part.iterfind("./small[@class='remark']"):
            (link,) = part.iterfind("./a")
            found[link.get("href")] = text(remark)
    return found


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", {"ascribed by others": "said by others", "reports only": "only reported"}),
        ("de", {"ascribed by others": "von anderen gesagt", "reports only": "nur berichtet"}),
    ],
)
def test_what_is_not_an_own_word_is_remarked(served: Server, language: str, words: dict[str, str]) -> None:
    document = page(served, f"/?lang={language}")
    wanted = {
        "/" + row["position"]["value"].removeprefix(BASE): words[row["basis"]["value"]]
        for row in answered(served, PATCHWORK, {})
        if row.get("basis", {}).get("value") in words
    }
    assert len(set(wanted.values())) == 2
    assert {link.partition("?")[0]: remark for link, remark in remarks(document).items()} == wanted
    (legend,) = document.iterfind(".//dl[@class='legend']")
    assert set(words.values()) <= {text(span) for span in legend.iterfind(".//span")}
    mapped = page(served, f"/?view=map&lang={language}")
    assert {text(e) for e in mapped.iterfind(".//dl[@class='told']//small[@class='remark']")} <= set(words.values())
    assert mapped.findall(".//dl[@class='told']//small[@class='remark']")


def below(document: Any) -> list[tuple[list[str], list[list[str]], str]]:
    """The tables below the matrix: headings, rows, and where the question is."""
    found = []
    for section in document.iterfind(".//section"):
        if (section.get("aria-labelledby") or "").startswith("section-") and section.find(".//caption") is None:
            table = section.find(".//table")
            rows = [[text(cell) for cell in row.iterfind("./*")] for row in table.iterfind("./tbody/tr")]
            (link,) = section.iterfind("./p[@class='note']/a")
            found.append(([text(head) for head in table.iterfind("./thead/tr/*")], rows, link.get("href")))
    return found


def test_what_stands_below_the_matrix_is_of_the_same_day(served: Server) -> None:
    questions = [
        read_question(ROOT / f"ontology/questions/{name}.rq")
        for name in ("ground-troops-refusals", "circumstances", "contradicting-sources")
    ]
    for query, values in GIVEN[1:3]:
        told = below(page(served, f"/?{query}"))
        assert len(told) == 3
        for question, (_, shown, href) in zip(questions, told, strict=True):
            rows = answered(served, question, values)
            assert len(shown) == min(5, len(rows))
            assert href.endswith(f"{question.name}?{query}")
            assert len(page(served, href).findall(".//tbody/tr")) == min(500, len(rows))
    (_, refusals, _), *_ = told_now = below(page(served, "/"))
    assert [row[0] for row in refusals] == sorted({row[0] for row in refusals})  # one row for each state
    (_, then, _), *_ = below(page(served, "/?date=2025-03-01"))
    assert "Bulgaria" in {row[0] for row in then}
    assert not any("2026" in cell for row in then for cell in row)
    assert len(told_now) == 3


def test_words_below_the_matrix_are_those_of_the_matrix_in_the_readers_language(served: Server) -> None:
    document = page(served, "/?lang=de")
    heads, refusals, _ = below(document)[0]
    assert heads == ["Staat", "Position", "wie fest", "wo", "gesagt am"]
    assert {row[2] for row in refusals} <= {"erwogen", "bereit", "geplant", "fest", "förmlich"}
    (stance,) = document.iterfind(".//form[@class='parameters']//select[@name='stance']")
    assert {text(option) for option in stance.iterfind("./option")} >= {"ja", "nein", "offen"}
    (chosen,) = page(served, "/?stance=negative&lang=de").iterfind(".//ul[@class='filters']//a")
    assert text(chosen).startswith("Haltung: nein")


def test_the_page_says_how_far_the_data_reach(served: Server) -> None:
    for path in ("/", "/?date=2025-03-01", "/?view=map", "/?date=1999-01-01"):
        assert "The data reach to 18 May 2026" in text(page(served, path).find(".//main")), path
