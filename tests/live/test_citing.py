"""Citing and taking on a real server: the address for ever, citations as files, cards in frames, oEmbed."""

from __future__ import annotations

import html
import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import html5rdf
import pytest
import rispy
from jsonschema import Draft202012Validator
from pybtex.database import parse_string

import kg
from kg.representation.citation import clean, latex
from tests.conftest import THESAURUS, Reply, Server, copy_project, request, run_kg, start_server, stop_server

SCHEMA = json.loads((Path(__file__).parents[1] / "schemas" / "csl-data.json").read_text())
BREAD = "https://data.example.org/bread/"
PLG = "https://w3id.org/pledge-graph/"
NAMES = {
    "script": '</iframe></script><script>alert("1")</script><img src=x onerror=alert(1)>',
    "braces": "a } b { c {{ d",
    "backslash": r"\input{/etc/passwd} \\ % & $ # _ ^ ~ \ ",
    "arabic": "خبز \u202e العجين",
    "han": "面包与盐",
    "long": "x" * 10_000,
    "quotes": "\"double\" 'single' &amp; <b>",
}
MANY = 5_000
ACCEPT = "text/html"


@dataclass
class Shop:
    """A server over a thesaurus with breads of difficult names, and one that very many point at."""

    server: Server
    project: Path
    release: kg.Release

    def here(self, path: str) -> str:
        return f"/release/{self.release.manifest.name}{path}"


def literal(text: str) -> str:
    return json.dumps(text, ensure_ascii=True)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("shop")
    project = copy_project(THESAURUS, folder / "project")
    told = "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n"
    told += "".join(
        f'<{BREAD}concept/{key}> a skos:Concept ; skos:prefLabel {literal(name)}@en ; skos:definition "Odd."@en .\n'
        for key, name in NAMES.items()
    )
    told += f'<{BREAD}concept/loved> a skos:Concept ; skos:prefLabel "loved"@en ; skos:definition "By many."@en ; '
    told += "skos:related " + " , ".join(f"<{BREAD}x/{n}>" for n in range(MANY)) + " .\n"
    told += "".join(f"<{BREAD}x/{n}> <urn:x:likes> <{BREAD}concept/loved> .\n" for n in range(MANY))
    (project / "data/concepts/odd.ttl").write_text(told)
    release = kg.build(kg.open_project(project))
    server = start_server(project, folder)
    yield Shop(server, project, release)
    stop_server(server)
    assert "Traceback" not in server.log.read_text(), server.log.read_text()


def parsed(reply: Reply) -> Any:
    """A page as elements; its HTML is well formed by the algorithm of the standard."""
    return html5rdf.HTMLParser(strict=True, namespaceHTMLElements=False).parse(reply.text)


def text(element: Any) -> str:
    return " ".join("".join(element.itertext()).split())


def section(reply: Reply) -> Any:
    """What a page says under "Cite and take"."""
    assert reply.status == 200
    (found,) = parsed(reply).iterfind(".//section[@class='cite']")
    return found


def forever(reply: Reply) -> str:
    """The address for ever that a page offers."""
    (link,) = section(reply).iterfind(".//a[@rel='bookmark']")
    assert text(link) == "This page for ever"
    return str(link.get("href"))


def oembed(server: Server, url: str, more: str = "") -> Reply:
    return server.get(f"/oembed?url={quote(url, safe='')}{more}")


def frame(reply: Reply) -> Any:
    """The one element of the code that oEmbed tells."""
    assert reply.status == 200, reply.text
    body = html5rdf.HTMLParser(strict=True, namespaceHTMLElements=False).parseFragment(json.loads(reply.body)["html"])
    (found,) = list(body)
    assert (found.tag, text(found)) == ("iframe", "")
    return found


def path_of(address: str) -> str:
    parts = urlsplit(address)
    return parts.path + (f"?{parts.query}" if parts.query else "")


# -- the address for ever and the citation -----------------------------------------------------------------------------


@pytest.mark.parametrize("key", [*NAMES, "loved", "sourdough"])
def test_a_page_is_cited_by_an_address_that_shows_the_same(shop: Shop, key: str) -> None:
    reply = shop.server.get(f"/doc/concept/{key}", ACCEPT)
    address = forever(reply)
    assert address == shop.here(f"/doc/concept/{key}")
    fixed = shop.server.get(address, ACCEPT)
    assert fixed.status == 200
    assert forever(fixed) == address
    # The texts and files are the same on both, and stand there without a script.
    said = [text(code) for code in section(reply).iterfind(".//code")]
    assert said == [text(code) for code in section(fixed).iterfind(".//code")]
    assert len(said) == 4
    links = [a.get("href") for a in section(reply).iterfind(".//a")]
    files = [link for link in links if "/cite/" in link]
    assert [link.partition("_format=")[2] for link in files] == ["text", "bibtex", "biblatex", "csl", "ris"]
    for link, shown in zip(files[1:4], said, strict=False):
        assert " ".join(shop.server.get(link).text.split()) == shown


@pytest.mark.parametrize("key", NAMES)
def test_whatever_a_thing_is_called_programs_for_references_read_the_name(shop: Shop, key: str) -> None:
    name, address = clean(NAMES[key]), f"/cite/doc/concept/{key}?_format="
    for form in ("bibtex", "biblatex"):
        reply = shop.server.get(address + form)
        assert reply.headers["content-type"] == "application/x-bibtex"
        (entry,) = parse_string(reply.text, "bibtex").entries.values()
        assert entry.fields["title"] == f"{{{latex(name)}}}"
        assert entry.persons["author"][0].last_names == ["{Example bakers}"]
    csl = shop.server.get(address + "csl")
    assert csl.headers["content-type"] == "application/vnd.citationstyles.csl+json"
    items = json.loads(csl.body)
    Draft202012Validator(SCHEMA).validate(items)
    manifest = shop.release.manifest
    assert items[0]["title"] == name
    assert items[0]["container-title"] == "Bread thesaurus"
    assert items[0]["URL"] == f"{BREAD}release/{manifest.name}/doc/concept/{key}"
    assert items[0]["issued"] == {"date-parts": [[2026, 1, 31]]}  # the release's, whatever day it is
    assert items[0]["version"] == manifest.version
    (record,) = rispy.loads(shop.server.get(address + "ris").text)
    assert record["title"] == name


def test_the_citation_is_negotiated(shop: Shop) -> None:
    ask = shop.server.get
    assert ask("/cite/doc/concept/sourdough").headers["content-type"] == "text/plain; charset=utf-8"
    bib = ask("/cite/doc/concept/sourdough", "application/x-bibtex")
    assert bib.headers["content-type"] == "application/x-bibtex"
    assert {"Accept", "Accept-Language"} <= {*re.split(r",\s*", bib.headers["vary"])}
    again = ask("/cite/doc/concept/sourdough", "application/x-bibtex", If_None_Match=bib.headers["etag"])
    assert again.status == 304
    assert ask("/cite/doc/concept/sourdough", "image/png").status == 406
    assert ask("/cite/doc/concept/sourdough?_format=word").status == 400
    assert ask("/cite/doc/concept/none").status == 404
    assert ask("/cite/nowhere").status == 404


def test_the_dataset_and_lists_and_further_pages_are_cited_as_what_they_are(shop: Shop) -> None:
    whole = json.loads(shop.server.get("/cite/doc/dataset?_format=csl").body)[0]
    assert whole["title"] == "Bread thesaurus"
    assert "container-title" not in whole
    listing = f"/doc/concept/loved?values={quote('http://www.w3.org/2004/02/skos/core#related', safe='')}"
    reply = shop.server.get(listing, ACCEPT)
    assert forever(reply) == shop.here(listing)
    assert shop.server.get(forever(reply), ACCEPT).status == 200
    cited = shop.server.get(f"/cite{listing}")
    assert "loved (skos:related)" in cited.text
    further = shop.server.get("/doc/concept/loved?page=2", ACCEPT)
    assert forever(further) == shop.here("/doc/concept/loved?page=2")
    assert "loved (page 2)" in shop.server.get("/cite/doc/concept/loved?page=2").text
    assert shop.server.get("/cite/doc/concept/loved?page=99").status == 404
    assert shop.server.get("/cite/doc/concept/loved?values=urn:x:none").status == 404


def test_a_later_release_changes_nothing_at_an_address_for_ever(thesaurus: Path, serve: Callable[..., Server]) -> None:
    first = kg.build(kg.open_project(thesaurus))
    server = serve(thesaurus)
    paths = [
        "/doc/concept/sourdough",
        "/",
        "/terms",
        "/sparql?query=SELECT+%2A+%7B+%3Fs+a+%3Fo+%7D+ORDER+BY+%3Fs+LIMIT+5",
    ]
    kept = {path: forever(server.get(path, ACCEPT)) for path in paths}
    cards = [f"/release/{first.manifest.name}/embed{path}" for path in paths if path != "/terms"]
    files = [f"/release/{first.manifest.name}/cite{path}" for path in paths]
    before = {address: server.get(address, ACCEPT).body for address in [*kept.values(), *cards]}
    before |= {address: server.get(address).body for address in files}

    dataset, breads = thesaurus / "data/dataset.ttl", thesaurus / "data/concepts/breads.ttl"
    dataset.write_text(dataset.read_text().replace('"2.1"', '"3.0"').replace("2026-01-31", "2026-02-28"))
    breads.write_text(breads.read_text().replace('"sourdough', '"the sour bread, once sourdough'))
    second = kg.build(kg.open_project(thesaurus))
    while server.get("/health/ready").text.strip() != f"ready: release {second.manifest.name}":
        time.sleep(0.1)

    for address, body in before.items():
        reply = server.get(address, ACCEPT if address not in files else None)
        assert (reply.status, reply.body) == (200, body), address
    for path in paths:  # the pages themselves have moved on
        assert forever(server.get(path, ACCEPT)) == f"/release/{second.manifest.name}{path}"
    csl = json.loads(server.get("/cite/doc/concept/sourdough?_format=csl").body)[0]
    assert (csl["version"], csl["issued"]) == ("3.0", {"date-parts": [[2026, 2, 28]]})
    old = json.loads(oembed(server, f"{server.url}/release/2.1/doc/concept/sourdough").body)
    assert f"/release/{first.manifest.name}/embed/" in old["html"]
    assert old["cache_age"] > json.loads(oembed(server, f"{server.url}/doc/concept/sourdough").body)["cache_age"]


# -- cards -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", [*NAMES, "loved"])
def test_a_card_is_small_and_says_when_and_whence(shop: Shop, key: str) -> None:
    reply = shop.server.get(f"/embed/doc/concept/{key}", ACCEPT)
    assert reply.status == 200
    assert len(reply.body) < 40_000
    page = parsed(reply)
    assert not [*page.iter("script"), *page.iter("form"), *page.iter("img"), *page.iter("iframe")]
    assert "set-cookie" not in reply.headers
    (title,) = page.iterfind(".//h1/a")
    assert text(title) == clean(NAMES.get(key, key))
    assert title.get("href") == shop.here(f"/doc/concept/{key}")
    (footer,) = page.iter("footer")
    assert "As of 31 Jan 2026, release 2.1." in text(footer)
    assert footer.find(".//a[@rel='license']") is not None
    (day,) = footer.iter("time")
    assert day.get("datetime") == "2026-01-31"


def test_only_cards_may_be_framed(shop: Shop) -> None:
    framed = ("/embed/doc/concept/sourdough", "/embed/", shop.here("/embed/doc/concept/sourdough"))
    for path in framed:
        policy = shop.server.get(path, ACCEPT).headers["content-security-policy"]
        assert "frame-ancestors *" in policy, path
        assert "script-src" not in policy
        assert "default-src 'none'" in policy
    closed = ("/", "/doc/concept/sourdough", shop.here("/doc/concept/sourdough"), "/sparql", "/embedded", "/search?q=a")
    for path in (*closed, "/embed/doc/concept/none", "/embed/sparql?query=nonsense", "/sparql?query=ASK+%7B%7D"):
        reply = shop.server.get(path, ACCEPT)
        assert "frame-ancestors 'none'" in reply.headers["content-security-policy"], path


def test_answers_have_cards_of_some_rows(shop: Shop) -> None:
    query = quote("SELECT ?s { ?s a ?o } ORDER BY ?s LIMIT 100")
    page = parsed(shop.server.get(f"/embed/sparql?query={query}", ACCEPT))
    assert len([*page.iterfind(".//tbody/tr")]) == 20
    assert "The first 20 of" in text(page)
    assert "Yes" in shop.server.get("/embed/sparql?query=ASK+%7B%7D", ACCEPT).text
    graph = shop.server.get(f"/embed/sparql?query={quote('CONSTRUCT WHERE { ?s ?p ?o } LIMIT 2')}", ACCEPT)
    assert graph.status == 200
    assert shop.server.get("/embed/sparql?query=SELECT", ACCEPT).status == 400
    assert shop.server.get("/embed/sparql", ACCEPT).status == 400
    assert shop.server.get("/embed/terms", ACCEPT).status == 404  # an ontology is too long for a card


# -- oEmbed ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", NAMES)
def test_the_frame_is_escaped_whatever_a_thing_is_called(shop: Shop, key: str) -> None:
    reply = oembed(shop.server, f"{shop.server.url}/doc/concept/{key}")
    told = json.loads(reply.body)
    assert (told["version"], told["type"], told["title"]) == ("1.0", "rich", clean(NAMES[key]))
    element = frame(reply)
    assert element.get("title") == clean(NAMES[key])
    assert (element.get("width"), element.get("height")) == (str(told["width"]), str(told["height"]))
    assert element.get("loading") == "lazy"
    assert "allow-scripts" not in element.get("sandbox")
    assert "allow-same-origin" not in element.get("sandbox")
    assert element.get("src") == f"{shop.server.url}/embed/doc/concept/{key}"
    assert shop.server.get(path_of(element.get("src")), ACCEPT).status == 200


def test_a_page_says_where_its_card_is(shop: Shop) -> None:
    for path in ("/doc/concept/sourdough", "/", shop.here("/doc/concept/sourdough"), "/sparql?query=ASK+%7B%7D"):
        page = parsed(shop.server.get(path, ACCEPT))
        (link,) = page.iterfind(".//head/link[@type='application/json+oembed']")
        address = urlsplit(link.get("href"))
        assert f"{address.scheme}://{address.netloc}" == shop.server.url
        assert parse_qs(address.query)["url"] == [shop.server.url + path]
        element = frame(shop.server.get(path_of(link.get("href"))))
        assert shop.server.get(path_of(element.get("src")), ACCEPT).status == 200
        assert ("/release/" in element.get("src")) == ("/release/" in path)
    # A list is a part of a page, and an ontology is too long.
    assert "json+oembed" not in shop.server.get("/terms", ACCEPT).text


def test_addresses_are_known_in_all_their_forms(shop: Shop) -> None:
    root = shop.server.url
    same = (
        "/doc/concept/sourdough", "/doc/concept/sourdough.html", "/concept/sourdough", "/doc/concept/sourdough#part",
        "/doc/concept/sourdough?utm_source=paper", "/doc/concept/sourdough?page=1",
    )  # fmt: skip
    for path in same:
        assert frame(oembed(shop.server, root + path)).get("src") == f"{root}/embed/doc/concept/sourdough", path
    # By its IRI, which outlives this host.
    for iri in (f"{BREAD}concept/sourdough", f"{BREAD}doc/concept/sourdough"):
        assert frame(oembed(shop.server, iri)).get("src") == f"{BREAD}embed/doc/concept/sourdough"
    for version in ("2.1", shop.release.manifest.name):
        reply = oembed(shop.server, f"{root}/release/{version}/doc/concept/sourdough#x")
        assert frame(reply).get("src") == root + shop.here("/embed/doc/concept/sourdough")


def test_addresses_of_others_and_of_nothing_are_unknown(shop: Shop) -> None:
    root = shop.server.url
    wrong = (
        "https://example.com/doc/concept/sourdough", "javascript:alert(1)", "data:text/html,<script>", "//example.com/",
        f"{root}@example.com/doc/concept/sourdough", f"{root}.example.com/doc/concept/sourdough", "nonsense",
        "/doc/concept/sourdough", f"{root}/doc/concept/none", f"{root}/nowhere", f"{root}/dumps/", f"{root}/terms",
        f"{root}/release/9.9/doc/concept/sourdough", f"{root}/release/2.1/nowhere", f"{root}/search?q=a",
        f"{root}/doc/concept/sourdough.ttl", f"{root}/embed/doc/concept/sourdough", f"{root}/%ff", f"{root}/doc/%00",
        f"{root}/doc/" + "x" * 10_000, f"{root}/doc/../../etc/passwd", f"{root}/sparql?query=nonsense",
        f"{root}/sparql", "http://[", root.replace("http:", "ftp:") + "/", f" {BREAD}x y<script>",
    )  # fmt: skip
    for url in wrong:
        reply = oembed(shop.server, url)
        assert reply.status == 404, url[:80]
        assert reply.headers["content-type"] == "application/problem+json"
        assert "script" not in reply.text


def test_what_cannot_be_meant_is_told_in_words(shop: Shop) -> None:
    page = f"{shop.server.url}/doc/concept/sourdough"
    for more in (
        "&maxwidth=0",
        "&maxwidth=-1",
        "&maxheight=x",
        "&maxheight=1e3",
        "&maxwidth=99",
        "&maxwidth=9&maxwidth=9",
    ):
        reply = oembed(shop.server, page, more)
        assert reply.status == 400, more
        assert "max" in json.loads(reply.body)["detail"]
    assert "url" in json.loads(shop.server.get("/oembed").body)["detail"]
    assert shop.server.get("/oembed").status == 400
    assert shop.server.get(f"/oembed?url={page}&url={page}").status == 400
    for form in ("xml", "yaml", "JSON"):
        assert oembed(shop.server, page, f"&format={form}").status == 501
    assert oembed(shop.server, page, "&format=json&unknown=1").status == 200
    assert shop.server.get(shop.here(f"/oembed?url={page}")).status == 404


@pytest.mark.parametrize(
    ("more", "size"), [("", (480, 400)), ("&maxwidth=300", (300, 400)), ("&maxheight=200&maxwidth=9999", (480, 200))]
)
def test_a_frame_is_as_small_as_is_wanted(shop: Shop, more: str, size: tuple[int, int]) -> None:
    told = json.loads(oembed(shop.server, f"{shop.server.url}/doc/concept/sourdough", more).body)
    assert (told["width"], told["height"]) == size


def test_what_oembed_answers_varies_by_language_alone(shop: Shop) -> None:
    reply = oembed(shop.server, f"{shop.server.url}/doc/concept/sourdough")
    assert {*re.split(r",\s*", reply.headers["vary"])} <= {"Accept-Language", "Accept-Encoding"}


def test_a_view_that_an_answer_does_not_allow_is_not_cited(shop: Shop) -> None:
    query = f"query={quote('SELECT ?a { VALUES ?a { 1 } }')}"
    location = shop.server.get(f"/cite/sparql?{query}&view=map").headers["content-location"]
    assert parse_qs(urlsplit(location).query).keys() == {"query", "_format"}


def test_head_methods_and_other_sites(shop: Shop) -> None:
    url = f"/oembed?url={quote(shop.server.url)}/doc/concept/sourdough"
    for path in (url, "/embed/doc/concept/sourdough", "/cite/doc/concept/sourdough?_format=csl"):
        got, head = shop.server.get(path), request(shop.server.url + path, "HEAD")
        assert (got.status, head.status, head.body) == (200, 200, b"")
        changing = {"date"}
        assert {k: v for k, v in got.headers.items() if k not in changing} == {
            k: v for k, v in head.headers.items() if k not in changing
        }
        assert got.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in got.headers
        assert shop.server.get(path, If_None_Match=got.headers["etag"]).status == 304
        assert request(shop.server.url + path, "POST", data=b"").status == 405
        assert request(shop.server.url + path, "OPTIONS").status == 204
    assert shop.server.get("/oembed?url=x").headers["access-control-allow-origin"] == "*"


# -- the real graph ----------------------------------------------------------------------------------------------------


def test_the_matrix_is_cited_and_taken_with_its_values(served: Server) -> None:
    page = served.get("/?date=2025-03-01", ACCEPT)
    assert urlsplit(forever(page)).query == "date=2025-03-01"
    cited = json.loads(served.get("/cite/?date=2025-03-01&_format=csl").body)[0]
    assert "2025-03-01" in cited["title"]
    assert cited["URL"] == PLG + forever(page).removeprefix("/")
    card = parsed(served.get("/embed/?date=2025-03-01", ACCEPT))
    shown = parsed(page)
    cells = [[text(cell) for cell in document.iterfind(".//tbody/tr/*")] for document in (card, shown)]
    assert cells[0] == cells[1]
    assert "2025-03-01" in text(card.find(".//h1"))
    assert len({a.get("id") for a in card.iter() if a.get("id")}) == len([a for a in card.iter() if a.get("id")])
    # Parameters that nobody knows do not get into the address; wrong ones are told.
    assert "utm" not in served.get("/cite/?date=2025-03-01&utm_source=x").text
    assert served.get("/cite/?date=yesterday").status == 400


def test_a_question_is_cited_with_its_values_and_its_answer_is_the_same(served: Server) -> None:
    questions = re.findall(r'href="(/id/question/[^"]+)"', served.get("/", ACCEPT).text)
    assert questions
    for path in questions[:6]:
        stands = served.get(path, ACCEPT).headers["location"]
        page = served.get(stands, ACCEPT)
        address = forever(page)
        assert served.get(address, ACCEPT).status == 200
        card = parsed(served.get(f"/embed{stands}", ACCEPT))
        rows = [[text(cell) for cell in row] for row in card.iterfind(".//tbody/tr")]
        assert rows == [[text(cell) for cell in row] for row in parsed(page).iterfind(".//tbody/tr")][: len(rows)]


def test_citations_and_cards_speak_the_readers_language(served: Server) -> None:
    german = served.get("/cite/doc/state/ITA?lang=de").text
    assert "Italien. In: Pledge Graph" in german
    assert "Lizenz:" in german
    assert served.get("/cite/doc/state/ITA", Accept_Language="de").text == german
    card = served.get("/embed/doc/state/ITA?lang=de", ACCEPT)
    assert "Stand: " in text(parsed(card))
    told = json.loads(oembed(served, f"{served.url}/doc/state/ITA?lang=de").body)
    assert told["title"] == "Italien"
    assert (
        frame(oembed(served, f"{served.url}/doc/state/ITA?lang=de")).get("src").endswith("/embed/doc/state/ITA?lang=de")
    )


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_card_of_a_thing_answers_what_its_page_does(served: Server, language: str) -> None:
    """In few lines, in the reader's language, the first things first; the rest is behind a link."""
    for path in ("/doc/position/FRA-0014", "/doc/state/FRA", "/doc/vocab/area/air"):
        page, card = (parsed(served.get(f"{root}{path}?lang={language}", ACCEPT)) for root in ("", "/embed"))
        told = [*page.iterfind(".//*[@class='answer']")]
        short = [*card.iterfind(".//*[@class='answer']")]
        assert short
        assert not [*card.iter("dl")]
        heads = [[text(h).split(" +")[0] for h in s.iterfind("./h2")] for s in short]
        full = [[re.sub(r" [\d.,]+$", "", text(h)) for h in s.iterfind("./h2")] for s in told]
        assert heads == full[: len(heads)]
        # What it says stands on the page, too, and so do its links.
        links = {a.get("href") for section in told for a in section.iter() if a.get("href")}
        mine = [a for section in short for a in section.iter("a")]
        assert mine
        assert {a.get("href") for a in mine} <= links
        assert sum(len([*s.iter("li")]) + len([*s.iter("h2")]) + len([*s.iter("p")]) for s in short) <= 13
        assert not {a.get("lang") for a in mine} & ({"en", "de"} - {language})
        (more,) = card.iterfind(".//p[@class='ways']/a")
        assert more.get("href") == card.find(".//h1/a").get("href")
    position = parsed(served.get(f"/embed/doc/position/FRA-0014?lang={language}", ACCEPT))
    words = text(position.find(".//main"))
    assert {"en": "yes, readiness", "de": "ja, Bereitschaft"}[language] in words
    assert "Emmanuel Macron" in words
    assert next(day.get("datetime") for day in position.iterfind(".//main//time")) == "2026-01-08"


@pytest.mark.parametrize(("asked", "header", "language"), [("de", "en", "de"), ("", "de", "de"), ("", "en", "")])
def test_a_frame_shows_the_language_of_its_title(served: Server, asked: str, header: str, language: str) -> None:
    query = f"?lang={asked}" if asked else ""
    for path in ("/doc/state/ITA", "/doc/question/positions-on"):
        page = parsed(served.get(path + query, ACCEPT, Accept_Language=header))
        shown = next(text(code) for code in page.iter("code") if text(code).startswith("<iframe"))
        (source,) = re.findall(r'src="([^"]*)"', shown)
        assert parse_qs(urlsplit(source).query).get("lang", [""]) == [language]
        (link,) = page.iterfind(".//head/link[@type='application/json+oembed']")
        framed = frame(served.get(path_of(link.get("href")), Accept_Language="en"))
        assert framed.get("title") == re.findall(r'title="([^"]*)"', shown)[0]
        assert parse_qs(urlsplit(framed.get("src")).query).get("lang", [""]) == [language]


def test_the_authors_are_those_of_the_dataset(served: Server) -> None:
    cited = json.loads(served.get("/cite/doc/state/ITA?_format=csl").body)[0]
    assert cited["author"] == [{"literal": "Pledge Graph contributors"}]
    assert (
        html.unescape(served.get("/doc/state/ITA", ACCEPT).text).count("Pledge Graph contributors (2026). Italy.") == 1
    )


# -- the copy without the program --------------------------------------------------------------------------------------


def test_a_frozen_page_can_be_cited_and_does_not_promise_cards(thesaurus: Path, tmp_path: Path) -> None:
    release = kg.build(kg.open_project(thesaurus))
    frozen = tmp_path / "frozen"
    done = run_kg("freeze", "--project", thesaurus, frozen)
    assert done.returncode == 0, done.stderr
    page = (frozen / "doc/concept/sourdough.html").read_text()
    root = html5rdf.HTMLParser(strict=True, namespaceHTMLElements=False).parse(page)
    (found,) = root.iterfind(".//section[@class='cite']")
    links = [a.get("href") for a in found.iterfind(".//a")]
    assert f"{BREAD}release/{release.manifest.name}/doc/concept/sourdough" in links
    assert "@misc{" in text(found)
    assert not [link for link in links if "/cite" in link or "/embed" in link]
    assert "are at the site itself" in text(found)
    assert "oembed" not in page
