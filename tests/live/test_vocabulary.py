"""The reference page of an ontology and the pages of questions, over HTTP."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote

import pytest

import kg
from tests.conftest import ROOT, Server, copy_project

VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}


class Checked(HTMLParser):
    """Ids, links, and whether every element is closed where it must be."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.styled: list[str] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.ids += [found["id"]] if "id" in found else []
        self.links += [found["href"]] if "href" in found else []
        self.styled += [tag for name in found if name == "style" or name.startswith("on")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def checked(text: str) -> Checked:
    found = Checked(text)
    assert found.open == []
    assert len(found.ids) == len(set(found.ids))
    assert found.styled == []
    inside = {link[1:] for link in found.links if link.startswith("#")}
    assert inside <= set(found.ids)
    return found


def own_terms(release: kg.Release) -> Iterator[str]:
    rows = kg.query(
        release,
        "SELECT DISTINCT ?t { ?t a ?k . FILTER(STRSTARTS(STR(?t), STR(plg:))) "
        "VALUES ?k { owl:Class owl:ObjectProperty owl:DatatypeProperty } }",
    )
    assert isinstance(rows, list)
    return (str(row["t"]).partition("#")[2] for row in rows)


def term(page: str, anchor: str) -> str:
    """What a page says of one term, without tags."""
    found = re.search(rf'<section class="term" id="{anchor}">.*?</section>', page, re.DOTALL)
    assert found, anchor
    return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split())


def test_every_term_is_told_and_every_link_leads_somewhere(served: Server, released: kg.Release) -> None:
    reply = served.get("/ns", "text/html")
    assert (reply.status, reply.headers["content-location"]) == (200, "/doc/ns.html")
    assert len(reply.body) < 300_000
    page = checked(reply.text)
    assert set(own_terms(released)) <= set(page.ids)
    for anchor in ("diagram", "layer-world", "layer-content", "schemes", "exclusions", "reused"):
        assert anchor in page.ids
    assert served.get("/doc/ns.html").body == reply.body
    version = next(link for link in page.links if re.fullmatch(r"/ns/[\d.]+", link))
    assert served.get(version, "text/html").body == reply.body
    local = sorted({link.partition("#")[0] for link in page.links if link.startswith(("/id/", "/vocab/"))})
    assert len(local) > 50
    for link in local:
        assert served.get(link).status == 303, link


def test_what_is_told_of_a_term(served: Server) -> None:
    page = served.get("/ns", "text/html").text
    refusal = term(page, "Refusal")
    assert "refusal Absage plg:Refusal" in refusal
    assert "Kind of position Kinds opposition Exactly position whose polarity is negative" in refusal
    assert re.search(r"\d+ things", refusal)
    assert "Includes anything whose depends on one of is some condition set" in term(page, "ConditionalPosition")
    assert "Computed by 41-what-actors-say" in term(page, "refuses")
    assert "transitive" in term(page, "within")
    assert re.search(r"Of .*position \(seen in the data\)", term(page, "holder"))
    assert "Follows from contribution area → broader at any level" in term(page, "withinArea")
    assert re.search(r"Example .* · polarity · ", term(page, "polarity"))
    assert re.search(r"Shapes: .*Position-holder", term(page, "holder"))
    assert "Questions: " in term(page, "holder")


def test_the_drawing_is_made_by_the_server_and_leads_to_the_terms(served: Server) -> None:
    page = served.get("/ns", "text/html").text
    first = re.search(r"<svg.*?</svg>", page, re.DOTALL)
    assert first
    assert "<title" in first[0]
    assert "<desc" in first[0]
    assert 'href="#Position"' in first[0]
    ours = r"script(?! type=\"application/ld\+json\"| src=\"/static/(search|copy)\.js\" defer)"
    assert not re.search(rf"<({ours}|image|use|style|foreignObject)", page)


@pytest.mark.parametrize("media_type", ["text/turtle", "application/ld+json", "application/rdf+xml"])
def test_programs_still_get_the_ontology(served: Server, media_type: str) -> None:
    reply = served.get("/ns", media_type)
    assert reply.headers["content-type"].startswith(media_type)
    assert b"versionIRI" in reply.body


def test_any_project_gets_such_a_page(thesaurus: Path, tmp_path: Path, serve: Callable[..., Server]) -> None:
    text = serve(thesaurus).get("/terms", "text/html").text
    checked(text)
    assert "Backwards made with" in term(text, "usedFor")
    assert "any thing" in term(text, "usedFor")
    bakery = serve(copy_project(ROOT / "tests/projects/bakery", tmp_path / "bakery")).get("/ns", "text/html").text
    checked(bakery)
    assert "Exactly loaf whose grain is rye" in term(bakery, "RyeLoaf")
    assert "Follows from baked → baked by" in term(bakery, "colleagueOf")


def test_the_front_page_is_short_and_leads_to_whole_answers(served: Server) -> None:
    reply = served.get("/", "text/html")
    assert len(reply.body) < 150_000
    page = checked(reply.text)
    assert re.search(r"All \d+ rows", reply.text)
    questions = {link for link in page.links if link.startswith("/id/question/")}
    assert len(questions) > 20
    for link in questions:
        assert served.get(link).headers["location"] == link.replace("/id/", "/doc/")


def rows(text: str) -> int:
    found = re.search(r"([\d,]+) rows?\. As data", text)
    return int(found[1].replace(",", "")) if found else -1


def test_a_question_with_values_has_an_address_of_its_own(served: Server) -> None:
    path = "/doc/question/positions-on"
    plain, early = served.get(path, "text/html"), served.get(f"{path}?date=2025-03-20", "text/html")
    checked(early.text)
    assert 'value="2025-03-20"' in early.text
    assert 0 < rows(early.text) < rows(plain.text)
    assert early.headers["etag"] != plain.headers["etag"]
    assert early.headers["content-location"] == f"{path}.html?date=2025-03-20"
    assert served.get(f"{path}?date=", "text/html").text == plain.text
    assert served.get(f"{path}?date=2025-03-20", "text/turtle").body == served.get(path, "text/turtle").body
    # the answer as data is that of the same query
    data = re.search(r'href="(/sparql\?[^"]*format=csv)"', early.text)
    assert data
    answer = served.get(data[1].replace("&amp;", "&"), "text/csv")
    assert len(answer.text.splitlines()) - 1 == rows(early.text)


@pytest.mark.parametrize("typed", ["ITA", "ita", "state/ITA", "https://w3id.org/pledge-graph/id/state/ITA"])
def test_a_thing_can_be_given_in_several_ways(served: Server, typed: str) -> None:
    page = served.get(f"/doc/question/conditions?actor={quote(typed)}", "text/html")
    assert page.status == 200
    assert '<option value="state/ITA" selected>Italy</option>' in page.text


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("positions-on?date=2025-02-30", "“2025-02-30” is not a day such as 2026-01-31."),
        ("positions-on?date=%22%20%7D", "is not a day"),
        ("conditions?actor=Atlantis", "“Atlantis” is not known here."),
        ("conditions?actor=%3Cscript%3E", "“&lt;script&gt;” is not known here."),
    ],
)
def test_a_wrong_value_is_explained_beside_its_field(served: Server, path: str, message: str) -> None:
    reply = served.get(f"/doc/question/{path}", "text/html")
    assert reply.status == 400
    checked(reply.text)
    assert message in reply.text
    assert 'aria-invalid="true"' in reply.text
    assert "As data" not in reply.text
    assert reply.headers["cache-control"] == "no-store"


def test_a_name_that_is_no_parameter_is_not_passed_over(served: Server) -> None:
    reply = served.get("/doc/question/positions-on?day=2025-03-20", "text/html")
    assert reply.status == 400
    assert "This question has no parameter “day”." in reply.text
    assert "As data" not in reply.text


def test_rules_have_pages(served: Server) -> None:
    assert served.get("/id/rule/41-what-actors-say").headers["location"] == "/doc/rule/41-what-actors-say"
    assert "CONSTRUCT" in served.get("/doc/rule/41-what-actors-say", "text/html").text
