"""The front page as a map: each region's marks equal what the endpoint answers, on any day and in older releases."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import html5rdf
import pyoxigraph as ox
import pytest

import kg
from kg.questions import Value, read_question
from tests.conftest import Server, run_kg
from tests.live.test_matrix import (
    BASE,
    BREAD,
    PATCHWORK,
    WORDS,
    Entries,
    answered,
    day,
    expected,
    made_of,
    page,
    text,
)

NOTATION = "http://www.w3.org/2004/02/skos/core#notation"


def told(document: Any) -> Entries:
    """What stands in words: thing, where its entry leads, the word of its mark, and whether it is on the map."""
    found = set()
    for place, block in zip(("placed", "elsewhere"), document.iterfind(".//dl[@class='told']"), strict=False):
        for group in block.iterfind("./div"):
            (word,) = group.iterfind("./dt")
            label = text(word).rsplit(" ", 1)[0]
            for item in group.iterfind("./dd/ul/li"):
                head, *links = item.iterfind("./a")
                found |= {(text(head), link.get("href"), label, place) for link in links or [head]}
    return found


def pins(document: Any) -> list[tuple[str, str]]:
    """The marks on the maps: name and where it leads."""
    return [
        (link.get("aria-label"), link.get("href"))
        for link in document.iterfind(".//{*}a[@aria-label]")
        if "pin" in link.get("class", "").split()
    ]


def codes(server: Server, of: str, prefix: str = "") -> dict[str, str]:
    query = quote(f"SELECT ?thing ?code {{ ?thing <{of}> ?code }}")
    reply = server.get(f"{prefix}/sparql?query={query}", "application/sparql-results+json")
    return {r["thing"]["value"]: r["code"]["value"] for r in json.loads(reply.body)["results"]["bindings"]}


DAYS: list[tuple[str, dict[str, Value]]] = [
    ("", {}),
    ("&date=2025-03-01", {"date": day("2025-03-01")}),
    ("&date=2026-01-08&known=2025-12-31", {"date": day("2026-01-08"), "known": day("2025-12-31")}),
    ("&stance=negative", {"stance": ox.NamedNode(f"{BASE}vocab/polarity/negative")}),
    ("&bloc=nato", {"bloc": ox.NamedNode(f"{BASE}id/organisation/nato")}),
]


@pytest.mark.parametrize("area", ["ground-troops", "training"])
@pytest.mark.parametrize(("query", "values"), DAYS, ids=[query or "now" for query, _ in DAYS])
def test_marks_are_what_the_endpoint_answers(served: Server, area: str, query: str, values: dict[str, Value]) -> None:
    document = page(served, f"/?view=map&column={area}{query}")
    rows = answered(served, PATCHWORK, values)
    on_it = [row for row in rows if row["area"]["value"] == f"{BASE}vocab/area/{area}"]
    known = codes(served, f"{BASE}ns#isoAlpha3")
    place = {row["holderLabel"]["value"]: row["holder"]["value"] in known for row in rows}
    # In words there is every position, by its mark, and whoever has none on this area.
    shown = told(document)
    entries = {(who, href, word) for who, _, href, word in expected(on_it)}
    nothing = {row["holderLabel"]["value"] for row in rows} - {who for who, _, _ in entries}
    assert {(who, href, word) for who, href, word, _ in shown if word in WORDS.values()} == entries
    assert {who for who, _, word, _ in shown if word not in WORDS.values()} == nothing
    assert all((where == "placed") == place[who] for who, _, _, where in shown)
    # On the map there is a mark for each answer of who has a code; it leads to one of the positions.
    marks = [
        (label.partition(": ")[0], label.partition(": ")[2].partition(" (")[0], to) for label, to in pins(document)
    ]
    assert sorted((who, word) for who, word, _ in marks) == sorted(
        {(who, word) for who, _, word in entries if place[who]}
    )
    assert {(who, to, word) for who, word, to in marks} <= entries


def test_who_is_on_which_map(served: Server) -> None:
    document = page(served, "/?view=map")
    europe, beyond = document.iterfind(".//div[@class='maps']/figure")
    assert beyond.get("class") == "map beyond"
    assert {label.partition(":")[0] for label, _ in pins(beyond)} == {
        "Australia", "Canada", "Japan", "New Zealand", "United States",
    }  # fmt: skip
    assert {"Italy", "Cyprus", "Luxembourg", "Montenegro", "Türkiye"} <= {
        label.partition(":")[0] for label, _ in pins(europe)
    }
    assert "European Union" in {who for who, _, _, where in told(document) if where == "elsewhere"}


def test_patterns_and_shapes_are_there_that_are_used(served: Server) -> None:
    document = page(served, "/?view=map")
    ids = {e.get("id") for name in ("symbol", "pattern") for e in document.iterfind(f".//{{*}}{name}")}
    fills = [e.get("fill") for e in document.iterfind(".//{*}path[@class='area']") if e.get("fill")]
    assert len(fills) > 20
    assert {fill.removeprefix("url(#").removesuffix(")") for fill in fills} <= ids
    assert {use.get("href").removeprefix("#") for use in document.iterfind(".//{*}use")} <= ids
    # Each kind of answer has a fill of its own.
    assert len(set(fills)) >= 4


def test_the_map_keeps_the_values_and_the_table_too(served: Server) -> None:
    document = page(served, "/?date=2025-03-01&view=map&column=training&stance=affirmative")
    table, here = document.iterfind(".//nav[@class='views']/a")
    assert table.get("href") == "/?date=2025-03-01&stance=affirmative"
    assert here.get("aria-current") == "page"
    (form,) = document.iterfind(".//form[@class='parameters']")
    assert [(e.get("name"), e.get("value")) for e in form.iterfind(".//input[@type='hidden']")] == [("view", "map")]
    (chosen,) = form.iterfind(".//select[@name='column']/option[@selected]")
    assert chosen.get("value") == "vocab/area/training"
    without = [a.get("href") for a in document.iterfind(".//ul[@class='filters']//a")]
    assert "/?date=2025-03-01&view=map&column=training" in without
    (table, there) = page(served, "/?bloc=nato&order=name").iterfind(".//nav[@class='views']/a")
    assert table.get("aria-current") == "page"
    assert there.get("href") == "/?bloc=nato&order=name&view=map"


def test_a_column_without_an_answer_on_that_day_stays_chosen(served: Server) -> None:
    document = page(served, "/?view=map&column=backstop&date=2024-06-01")
    assert not pins(document)
    (chosen,) = document.iterfind(".//select[@name='column']/option[@selected]")
    assert chosen.get("value") == "vocab/area/backstop"


def test_a_wrong_column_is_explained(served: Server) -> None:
    reply = served.get("/?view=map&column=%3Cscript%3E", "text/html")
    assert reply.status == 400
    document = html5rdf.parse(reply.text, namespaceHTMLElements=False)
    (wrong,) = document.iterfind(".//select[@aria-invalid='true']")
    assert text(document.find(f".//*[@id='{wrong.get('aria-describedby')}']"))
    assert "<script>" not in reply.text.partition("<main")[2].partition("<option")[2]


def test_the_map_is_small(served: Server) -> None:
    assert len(served.get("/?view=map", "text/html").body) < 200_000


def test_in_german(served: Server) -> None:
    document = page(served, "/?view=map&lang=de")
    assert "Italien: nein (fest)" in {label for label, _ in pins(document)}
    assert {text(a) for a in document.iterfind(".//nav[@class='views']/a")} == {"Tabelle", "Karte"}


def test_an_answer_as_a_map(served: Server) -> None:
    query = (
        f"SELECT ?who ?whoLabel (COUNT(*) AS ?positions) {{ ?p <{BASE}ns#holder> ?who . "
        '?who <http://www.w3.org/2000/01/rdf-schema#label> ?whoLabel FILTER(LANG(?whoLabel) = "en") } '
        "GROUP BY ?who ?whoLabel"
    )
    reply = served.get(f"/sparql?query={quote(query)}", "application/sparql-results+json")
    rows = json.loads(reply.body)["results"]["bindings"]
    known = codes(served, f"{BASE}ns#isoAlpha3")
    numbers = {(f"{r['whoLabel']['value']}, {r['positions']['value']}", r["who"]["value"] in known) for r in rows}
    document = page(served, f"/sparql?query={quote(query)}&view=map")
    assert {label for label, _ in pins(document)} == {label for label, placed in numbers if placed}
    (nowhere,) = (text(p) for p in document.iterfind(".//p[@class='note']") if text(p).startswith("Without a place"))
    assert set(nowhere.partition(": ")[2].split("; ")) == {label for label, placed in numbers if not placed}
    nothing = page(served, f"/sparql?query={quote('SELECT ?a { VALUES ?a { 1 } }')}&view=map")
    assert "cannot be drawn like that" in text(nothing.find(".//main"))


BREADS = [f"{BREAD}concept/{name}" for name in ("ankerbrot", "borodinski", "limpa", "sourdough")]


def coded(project: Path, codes: str) -> None:
    """More breads of rye, and codes for things of the thesaurus; the matrix of breads gets a map."""
    display = project / "ontology/display.ttl"
    if "regionProperty" not in display.read_text():
        display.write_text(
            display.read_text().replace(
                'display:rowVariable "bread"', f'display:regionProperty <{NOTATION}> ; display:rowVariable "bread"'
            )
        )
    skos = NOTATION.removesuffix("notation")
    more = "".join(
        f'<{iri}> a <{skos}Concept> ; <{skos}prefLabel> "{iri.rpartition("/")[2]}"@en ; <{skos}definition> "Of rye."@en ; '
        f"<{skos}broader> <{BREAD}concept/bread> ; <{BREAD}terms#madeWith> <{BREAD}concept/rye> .\n"
        for iri in BREADS[:3]
    )
    (project / "data/concepts/more.ttl").write_text(more + codes)


def test_another_project_and_an_older_release_have_their_own_maps(
    thesaurus: Path, serve: Callable[..., Server]
) -> None:
    made_of(thesaurus)
    one, two, three, _ = BREADS
    # Hostile codes are no codes; two things may have the same, and some have none.
    coded(thesaurus, f'<{one}> <{NOTATION}> "DE" , "<svg onload=alert(1)>" . <{two}> <{NOTATION}> "DEU" .')
    older = kg.build(kg.open_project(thesaurus))
    coded(thesaurus, f'<{one}> <{NOTATION}> "KE" , "XX" . <{three}> <{NOTATION}> "fr" .')
    dataset = thesaurus / "data/dataset.ttl"
    dataset.write_text(dataset.read_text().replace('"2.1"', '"2.2"').replace("2026-01-31", "2026-02-28"))
    kg.build(kg.open_project(thesaurus))
    server = serve(thesaurus)
    question = read_question(thesaurus / "ontology/questions/made-of.rq")
    past = f"/release/{older.manifest.name}"
    for prefix, marked in (("", [("ankerbrot", one)]), (past, [("ankerbrot; borodinski", one)])):
        rows = answered(server, question, {}, prefix)
        document = page(server, f"{prefix}/?view=map")
        assert {(who, to) for who, to, _, _ in told(document)} == {
            (r["breadLabel"]["value"], f"{prefix}/{r['proof']['value'].removeprefix(BREAD)}") for r in rows
        }
        shown = [("; ".join(part.partition(":")[0] for part in label.split("; ")), to) for label, to in pins(document)]
        assert shown == [(who, f"{prefix}/{iri.removeprefix(BREAD)}") for who, iri in marked]
        assert "onload" not in server.get(f"{prefix}/?view=map", "text/html").text
        assert {view.get("href") for view in document.iterfind(".//nav[@class='views']/a")} == {
            f"{prefix}/", f"{prefix}/?view=map",
        }  # fmt: skip


def test_a_section_may_begin_with_its_map(thesaurus: Path, serve: Callable[..., Server]) -> None:
    made_of(thesaurus)
    coded(thesaurus, f'<{BREADS[0]}> <{NOTATION}> "IT" .')
    display = thesaurus / "ontology/display.ttl"
    display.write_text(display.read_text().replace("display:view display:matrix", "display:view display:map"))
    kg.build(kg.open_project(thesaurus))
    server = serve(thesaurus)
    document = page(server, "/")
    assert len(pins(document)) == 1
    table, here = document.iterfind(".//nav[@class='views']/a")
    assert (table.get("href"), here.get("href"), here.get("aria-current")) == ("/?view=table", "/", "page")
    assert page(server, "/?view=table").find(".//caption") is not None


def test_a_shape_that_nobody_can_draw_is_told(thesaurus: Path) -> None:
    (thesaurus / "ontology/display.ttl").write_text(
        """@prefix display: <https://w3id.org/pledge-graph-display#> .
        @prefix mark: <https://data.example.org/bread/mark/> .
        mark:a display:shape display:star . mark:b display:shape display:disc ."""
    )
    done = run_kg("check", "--project", thesaurus)
    assert done.returncode == 0
    assert "no such shape" in done.stdout
    assert "mark:a" in done.stdout
    assert "mark:b" not in done.stdout
