"""The page of a scenario: rows and sums equal what the endpoint answers, now and in a former release; all in the address."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import html5rdf
import pyoxigraph as ox
import pytest

import kg
from kg.questions import Value, read_question
from tests.conftest import ROOT, Server, build_unchecked, run_kg
from tests.live.test_matrix import BASE, BREAD, answered, day, page, text

QUESTION = read_question(ROOT / "ontology/questions/scenario.rq")
TOTALS = read_question(ROOT / "ontology/questions/scenario-totals.rq")
WORDS = {
    "stands": "stays: says yes",
    "undecided": "still undecided",
    "open": "depends on more",
    "falls": "drops out",
}
BASES = {"own word": "own word", "ascribed by others": "said by others", "reports only": "only reported"}

Values = Mapping[str, Value | Sequence[Value]]


def circumstance(*names: str) -> list[Value]:
    return [ox.NamedNode(f"{BASE}id/circumstance/{name}") for name in names]


GIVEN: list[tuple[str, Values]] = [
    ("", {}),
    ("holds=ceasefire&fails=us-backstop", {"holds": circumstance("ceasefire"), "fails": circumstance("us-backstop")}),
    ("holds=ceasefire&holds=circumstance/peace-agreement", {"holds": circumstance("ceasefire", "peace-agreement")}),
    ("fails=ceasefire&within=ground-troops&date=2026-01-08&known=2026-01-08", {
        "fails": circumstance("ceasefire"), "within": ox.NamedNode(f"{BASE}vocab/area/ground-troops"),
        "date": day("2026-01-08"), "known": day("2026-01-08")}),
]  # fmt: skip
each_scenario = pytest.mark.parametrize(("query", "values"), GIVEN, ids=[query or "nothing" for query, _ in GIVEN])


def groups(document: Any) -> dict[str, list[tuple[str, str, str, str]]]:
    """By outcome: whose, about what, where the item leads, what decides."""
    found = {}
    for section in document.iterfind(".//div[@class='outcome']"):
        table = section.find(".//table")
        (heading,) = section.iterfind("./h3")
        count = heading.find("./span[@class='also']")
        if count is None:
            continue  # what would decide most
        rows = [] if table is None else table.findall("./tbody/tr")
        assert int(count.text) == len(rows)
        name = text(heading).removesuffix(count.text).strip()
        found[name] = [
            (text(row.find("./th")), text(row[1]), row[2].find("./a").get("href"), text(row[4])) for row in rows
        ]
    return found


def expected(rows: list[dict[str, Any]], prefix: str = "") -> dict[str, set[tuple[str, str, str, str]]]:
    """The same from the endpoint's rows: those of one position told together."""
    items: dict[str, dict[str, Any]] = {}
    for row in rows:
        one = items.setdefault(row["position"]["value"], {"row": row, "holders": [], "reasons": []})
        if (holder := row["holderLabel"]["value"]) not in one["holders"]:
            one["holders"].append(holder)
        if "because" in row:
            said = ("" if row["needed"]["value"] == "true" else "not: ") + row["becauseLabel"]["value"]
            if said not in one["reasons"]:
                one["reasons"].append(said)
    found: dict[str, set[tuple[str, str, str, str]]] = {word: set() for word in WORDS.values()}
    for position, one in items.items():
        found[WORDS[one["row"]["outcome"]["value"]]].add(
            (
                ", ".join(one["holders"]),
                one["row"]["areaLabel"]["value"],
                f"{prefix}/" + position.removeprefix(BASE),
                "; ".join(one["reasons"]) or "without conditions",
            )
        )
    return found


def sums(document: Any) -> list[tuple[str, ...]]:
    """The table of sums, numbers as they stand in the data."""

    def number(cell: Any) -> str:
        known, data = cell.find("./b"), cell.find("./b//data")
        missing = text(cell.find("./small")).split()[0] if cell.find("./small") is not None else "0"
        written = "" if known is None else text(known) if data is None else data.get("value")
        return f"{written}+{missing}"

    (table,) = document.iterfind(".//div[@class='scroll sums']/table")
    return [(text(row[0]), *map(number, row[1:])) for row in table.iterfind("./tbody/tr")]


def expected_sums(rows: list[dict[str, Any]]) -> list[tuple[str, ...]]:
    def number(row: dict[str, Any], known: str, missing: str) -> str:
        return f"{row[known]['value'] if known in row else ''}+{row[missing]['value']}"

    pairs = (("minimum", "withoutMinimum"), ("maximum", "withoutMaximum"), ("lost", "withoutLost"))
    return [
        (
            f"{row['unitLabel']['value'] if 'unit' in row else 'no number named'} {BASES[row['basis']['value']]}",
            *(number(row, *pair) for pair in pairs),
        )
        for row in rows
    ]


@each_scenario
def test_the_page_is_what_the_endpoint_answers(served: Server, query: str, values: Values) -> None:
    document = page(served, f"/scenario?{query}" if query else "/scenario")
    shown = groups(document)
    assert list(shown) == ["drops out", "stays: says yes", "still undecided", "depends on more"]
    assert {name: set(rows) for name, rows in shown.items()} == expected(answered(served, QUESTION, values))
    assert sums(document) == expected_sums(answered(served, TOTALS, values))


def test_a_former_release_has_its_own(served: Server, released: kg.Release) -> None:
    prefix = f"/release/{released.manifest.name}"
    query, values = GIVEN[1]
    shown = groups(page(served, f"{prefix}/scenario?{query}"))
    rows = answered(served, QUESTION, values, prefix)
    assert {name: set(found) for name, found in shown.items()} == expected(rows, prefix)


def test_ceasefire_without_the_backstop(served: Server) -> None:
    shown = groups(page(served, "/scenario?holds=ceasefire&fails=us-backstop"))
    assert {holder for holder, *_ in shown["drops out"]} == {"Belgium", "Germany", "Lithuania", "Sweden"}
    assert all(reasons == "backstop of the United States" for *_, reasons in shown["drops out"])


def test_what_is_open_can_be_decided_by_a_link(served: Server) -> None:
    document = page(served, "/scenario?holds=ceasefire")
    deciding = document.findall(".//ul[@class='deciding']/li")
    counted = [int(text(item.find("./span/small")).split()[0]) for item in deciding]
    assert counted == sorted(counted, reverse=True)
    open_ones = groups(document)["depends on more"]
    for item, count in zip(deciding, counted, strict=True):
        name = text(item.find("./span/a"))
        # A position may need it in one of several ways, but it is told once.
        assert count == sum(name in reasons.removeprefix("not: ").split("; ") for *_, reasons in open_ones)
        holds, fails = (link.get("href") for link in item.iterfind("./span[@class='set']/a"))
        for href, parameter in ((holds, "holds"), (fails, "fails")):
            given = parse_qsl(urlsplit(href).query)
            assert ("holds", "ceasefire") in given
            assert sum(key == parameter for key, _ in given) == 1 + (parameter == "holds")
        after = groups(page(served, holds))
        assert len(after["depends on more"]) <= len(open_ones)
        assert all(name not in reasons.split("; ") for *_, reasons in after["depends on more"])


def test_a_form_leads_to_an_address_that_can_be_shared(served: Server) -> None:
    document = page(served, "/scenario")
    form = next(f for f in document.iterfind(".//form") if "assume" in (f.get("class") or ""))
    sent = {}
    for element in form.iter():
        if element.tag == "input" and (element.get("type") != "radio" or element.get("checked") is not None):
            sent[element.get("name")] = element.get("value") or ""
        elif element.tag == "select":
            sent[element.get("name")] = ""
    assert len(sent) > 25
    assert not any(sent.values())
    sent |= {"is.ceasefire": "holds", "is.us-backstop": "fails", "date": "2026-01-08"}
    reply = served.get(f"/scenario?{urlencode(sent)}", "text/html")
    assert reply.status == 302
    target = urlsplit(reply.headers["location"])
    assert target.path == "/scenario"
    assert sorted(parse_qsl(target.query)) == [
        ("date", "2026-01-08"), ("fails", "us-backstop"), ("holds", "ceasefire"),
    ]  # fmt: skip
    again = page(served, f"{target.path}?{target.query}")
    checked = {e.get("name"): e.get("value") for e in again.iterfind(".//input[@checked]") if e.get("value")}
    assert checked == {"is.ceasefire": "holds", "is.us-backstop": "fails"}
    chips = {text(a): a.get("href") for a in again.iterfind(".//ul[@class='filters assumed']//a")}
    assert set(chips.values()) == {
        "/scenario?fails=us-backstop&date=2026-01-08", "/scenario?holds=ceasefire&date=2026-01-08",
    }  # fmt: skip


def test_what_the_form_sends_is_cited_and_shown_on_a_card_too(served: Server) -> None:
    sent, said = "is.ceasefire=holds&is.us-backstop=fails&within=", "fails=us-backstop&holds=ceasefire"
    assert served.get(f"/cite/scenario?{sent}").headers["content-location"] == f"/cite/scenario?{said}&_format=text"
    assert served.get(f"/cite/scenario?{sent}").text == served.get(f"/cite/scenario?{said}").text
    assert groups(page(served, f"/embed/scenario?{sent}")) == groups(page(served, f"/scenario?{said}"))
    told = served.get(f"/oembed?{urlencode({'url': f'{served.url}/scenario?{sent}'})}")
    assert f"/embed/scenario?{said}".replace("&", "&amp;") in json.loads(told.body)["html"]
    for path in ("/scenario", "/cite/scenario", "/embed/scenario"):
        assert served.get(f"{path}?is.ceasefire=perhaps", "text/html" if "cite" not in path else None).status == 400


def test_what_contradicts_itself_is_told_beside_its_choice(served: Server) -> None:
    reply = served.get("/scenario?holds=ceasefire&fails=circumstance/ceasefire&fails=us-backstop", "text/html")
    assert reply.status == 400
    document = html5rdf.parse(reply.text, namespaceHTMLElements=False)
    (wrong,) = document.iterfind(".//fieldset[@aria-describedby]")
    assert text(wrong.find("./legend")).startswith("ceasefire in force")
    (problem,) = (e for e in wrong.iter() if e.get("id") == wrong.get("aria-describedby"))
    assert text(problem) == "It cannot hold and not hold at once: choose one."
    # Nothing is chosen for the reader; what was sound stays.
    checked = {e.get("name"): e.get("value") for e in document.iterfind(".//input[@checked]")}
    assert "is.ceasefire" not in checked
    assert checked["is.us-backstop"] == "fails"
    assert groups(document) == {}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("holds=nonsense", "holds"),
        ("fails=ceasefire&fails=<script>", "fails"),
        ("within=nowhere", "within"),
        ("date=tomorrow", "date"),
        ("holds=ceasefire&known=2026-13-01", "known"),
    ],
)
def test_a_wrong_value_is_explained_beside_its_field(served: Server, query: str, field: str) -> None:
    reply = served.get("/scenario?" + urlencode(parse_qsl(query)), "text/html")
    assert reply.status == 400
    document = html5rdf.HTMLParser(strict=True, namespaceHTMLElements=False).parse(reply.text)
    wrong = document.findall(".//*[@aria-invalid='true']")
    assert {e.get("name") for e in wrong} == {field}
    assert any(text(e) for e in document.iterfind(f".//span[@id='{wrong[0].get('aria-describedby')}']"))
    assert "<script>" not in reply.text
    assert groups(document) == {}


@pytest.mark.parametrize(
    "query",
    ["is.ceasefire=perhaps", "is.ceasefire=holds&is.ceasefire=fails", "holds=%00", "is.x=holds",
     "holds=" + "&holds=".join(map(str, range(500)))],
)  # fmt: skip
def test_strange_addresses_are_refused_in_words(served: Server, query: str) -> None:
    reply = served.get(f"/scenario?{query}", "text/html")
    for _ in range(2):
        if reply.status == 302:
            reply = served.get(reply.headers["location"], "text/html")
    assert reply.status == 400
    assert "<main" in reply.text


def test_in_german_and_linked_from_every_page(served: Server) -> None:
    document = page(served, "/scenario?holds=ceasefire&lang=de")
    shown = groups(document)
    assert list(shown) == ["fällt weg", "bleibt: sagt ja", "weiter unentschieden", "hängt an weiterem"]
    assert len(shown["bleibt: sagt ja"]) == len(groups(page(served, "/scenario?holds=ceasefire"))["stays: says yes"])
    assert "Waffenstillstand in Kraft: gegeben" in text(document.find(".//ul[@class='filters assumed']"))
    assert "eigenes Wort" in text(document)
    for path, name in (("/", "What if"), ("/?lang=de", "Was wäre wenn"), ("/doc/state/ITA", "What if")):
        links = {text(a): a.get("href") for a in page(served, path).iterfind(".//nav//a")}
        assert urlsplit(links[name]).path == "/scenario"
    (here,) = document.iterfind(".//nav//a[@aria-current='page']")
    assert text(here) == "Was wäre wenn"


def test_validators_sitemap_description_and_head(served: Server) -> None:
    first, other = (served.get(f"/scenario{q}", "text/html").headers["etag"] for q in ("", "?holds=ceasefire"))
    assert first != other
    assert served.get("/scenario", "text/html", **{"If-None-Match": first}).status == 304
    assert served.get("/scenario", "text/turtle").status == 406
    assert "/scenario</loc>" in served.get("/sitemap.xml").text
    told = json.loads(served.get("/openapi.json").body)["paths"]["/scenario"]["get"]
    parameters = {p["name"]: p for p in told["parameters"] if "name" in p}
    assert parameters["holds"]["schema"] == {"type": "array", "items": {"type": "string"}}
    assert {"holds", "fails", "within", "date", "known"} <= set(parameters)
    # What is assumed makes one of very many pages.
    assert "noindex" not in served.get("/scenario", "text/html").text
    assert "noindex" in served.get("/scenario?holds=ceasefire", "text/html").text


def test_several_values_at_the_command_and_on_the_page_of_the_question(served: Server, real: Path) -> None:
    values: Values = {"holds": circumstance("ceasefire", "us-backstop")}
    wanted = len(answered(served, QUESTION, values))
    assert wanted != len(answered(served, QUESTION, {"holds": circumstance("ceasefire")}))
    document = page(served, "/doc/question/scenario?holds=ceasefire&holds=us-backstop")
    assert len(document.findall(".//tbody/tr")) == wanted
    (select,) = document.iterfind(".//select[@name='holds']")
    assert select.get("multiple") is not None
    chosen = [option.get("value") for option in select.iterfind("./option") if option.get("selected") is not None]
    assert chosen == ["circumstance/us-backstop", "circumstance/ceasefire"]
    printed = run_kg("ask", "scenario", "--holds", "ceasefire", "--holds", "us-backstop",
                     "--format", "json", cwd=real)  # fmt: skip
    assert printed.returncode == 0, printed.stderr
    assert len(json.loads(printed.stdout)["results"]["bindings"]) == wanted


# -- another project ---------------------------------------------------------------------------------------------------

TRIED = f"""# en: Which breads can be baked?
# parameter: ?there <http://www.w3.org/2004/02/skos/core#Concept>, several | en: what is there
# parameter: ?missing <http://www.w3.org/2004/02/skos/core#Concept>, several | en: what is missing
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT DISTINCT ?bread ?breadLabel ?end ?needed ?neededLabel {{
  ?bread <{BREAD}terms#madeWith> ?needed
  OPTIONAL {{ VALUES ?there {{ UNDEF }} FILTER(?there = ?needed) }}
  OPTIONAL {{ VALUES ?missing {{ UNDEF }} FILTER(?missing = ?needed) }}
  BIND(IF(BOUND(?there), "baked", IF(BOUND(?missing), "not baked", "who knows")) AS ?end)
  OPTIONAL {{ ?bread skos:prefLabel ?breadLabel FILTER(LANG(?breadLabel) = "en") }}
  OPTIONAL {{ ?needed skos:prefLabel ?neededLabel FILTER(LANG(?neededLabel) = "en") }}
}} ORDER BY ?bread
"""
DISPLAY = f"""@base <{BREAD}> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix display: <https://w3id.org/pledge-graph-display#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
<baking> a display:Page ; display:path "/baking/today" ; dcterms:title "What can be baked"@en ;
    display:section <baking#1> , <baking#2> .
<baking#1> a display:Section ; rdfs:label "Today"@en ; display:query <id/question/baking> ; sh:order 1 ;
    display:view display:scenario ; display:holdsParameter "there" ; display:failsParameter "missing" ;
    display:outcomeVariable "end" ; display:itemVariable "bread" ; display:noteVariable "needed" .
<baking#2> a display:Section ; rdfs:label "All of them"@en ; display:query <id/question/baking> ; sh:order 2 ;
    display:view display:table .
<word/nobody> a display:Page ; display:path "/untitled" ; display:section <baking#2> .
<end/unknown> a display:Outcome ; display:value "who knows" ; display:undecided true ; rdfs:label "open"@en ; sh:order 1 .
"""


def test_any_project_can_have_pages_and_scenarios(
    thesaurus: Path, serve: Callable[..., Server], tmp_path: Path
) -> None:
    older = kg.build(kg.open_project(thesaurus))
    (thesaurus / "ontology/questions").mkdir()
    (thesaurus / "ontology/questions/baking.rq").write_text(TRIED)
    (thesaurus / "ontology/display.ttl").write_text(DISPLAY)
    dataset = thesaurus / "data/dataset.ttl"
    dataset.write_text(dataset.read_text().replace('"2.1"', '"2.2"').replace("2026-01-31", "2026-02-28"))
    build_unchecked(thesaurus)  # one of the pages has no title
    server = serve(thesaurus)
    heads = {}
    for query in ("", "?there=rye", "?missing=rye"):
        document = page(server, f"/baking/today{query}")
        heads[query] = [
            (text(s.find("./h3")), len(s.findall(".//tbody/tr"))) for s in document.iterfind(".//div[@class='outcome']")
        ]
        assert "All of them" in text(document)
    assert heads[""][0] == ("open 1", 1)
    assert heads["?there=rye"] == [("open 0", 0), ("baked 1", 1)]
    assert heads["?missing=rye"] == [("open 0", 0), ("not baked 1", 1)]
    links = {a.get("href"): text(a) for a in page(server, "/").iterfind(".//nav//a")}
    assert links["/baking/today"] == "What can be baked"
    assert "/untitled" not in links
    assert server.get("/untitled", "text/html").status == 404
    # A release from before has no such page, and does not link to it.
    assert server.get(f"/release/{older.manifest.name}/baking/today", "text/html").status == 404
    assert "baking/today" not in server.get(f"/release/{older.manifest.name}/", "text/html").text
    frozen = tmp_path / "frozen"
    assert run_kg("freeze", "--project", str(thesaurus), str(frozen)).returncode == 0
    (kept,) = (path for path in frozen.rglob("today*") if path.suffix == ".html")
    copy = kept.read_text()
    assert "What can be baked" in copy
    assert "<form" not in copy
    assert "there=" not in copy
