"""Search by name on a real server."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

import kg
from kg.release.manifest import open_release
from tests.conftest import Reply, Server, run_kg

BASE = "https://w3id.org/pledge-graph/"
JSON = "application/json"


def ask(server: Server, text: str, accept: str | None = JSON, **more: object) -> Reply:
    return server.get(f"/search?{urlencode({'q': text, **more}, doseq=True)}", accept)


@pytest.mark.parametrize(
    ("text", "iri"),
    [
        ("Туреччина", "id/state/TUR"),
        ("Turkiye", "id/state/TUR"),
        ("Türkei", "id/state/TUR"),
        ("Giorgia Meloni", "id/person/giorgia-meloni"),
        ("Джорджа Мелоні", "id/person/giorgia-meloni"),
    ],
)
def test_a_name_in_any_script_finds_its_thing(served: Server, text: str, iri: str) -> None:
    answer = json.loads(ask(served, text).body)
    assert answer["query"] == text
    assert answer["results"][0]["iri"] == BASE + iri
    assert set(answer["results"][0]) == {"iri", "label", "language", "matched", "score", "types"}


def test_type_language_and_limit(served: Server) -> None:
    person = f"{BASE}ns#State", "http://xmlns.com/foaf/0.1/Person"
    [found] = json.loads(ask(served, "zelensky", type=person, lang="uk").body)["results"]
    assert (found["iri"], found["language"]) == (f"{BASE}id/person/volodymyr-zelenskyy", "uk")
    assert set(found["types"]) >= {person[1]}
    for limit in (1, 3, 100):
        assert len(json.loads(ask(served, "a", limit=limit).body)["results"]) == limit


@pytest.mark.parametrize(
    "query",
    [
        "q=a&limit=0",
        "q=a&limit=101",
        "q=a&limit=x",
        "q=a&limit=-1",
        "q=a&limit=%C2%B2",
        "q=a&q=b",
        "q=a&format=xml",
        "",
    ],
)
def test_what_cannot_be_asked_is_a_400_with_a_reason(served: Server, query: str) -> None:
    reply = served.get(f"/search?{query}", JSON)
    assert reply.status == 400
    assert reply.headers["content-type"].startswith("application/problem+json")
    assert json.loads(reply.body)["detail"]


@pytest.mark.parametrize("text", ['" OR "', "NEAR(a", "*", "%00", "\0", "", " ", "'; --", "ns#", "x" * 3000])
def test_nothing_typed_harms(served: Server, text: str) -> None:
    assert ask(served, text).status == 200
    assert ask(served, text, "text/html").status == 200


def test_a_browser_gets_a_page(served: Server) -> None:
    browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    form = served.get("/search", browser)
    assert form.status == 200
    assert '<input id="q" name="q"' in form.text
    assert "<ol" not in form.text
    page = ask(served, "Туреччина", browser)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert re.search(r'<a href="/id/state/TUR"[^>]*>Türkiye</a>', page.text)
    assert "Туреччина</span>" in page.text  # what matched, as it is not the name that is shown
    assert "form-action 'self'" in page.headers["content-security-policy"]
    nothing = ask(served, '<script>"', browser).text
    assert "Nothing found" in nothing
    assert "<script>" not in nothing
    only = ask(served, "it", browser, type=f"{BASE}ns#State").text
    assert "/search?q=it" in only
    assert 'name="type" value="https://w3id.org/pledge-graph/ns#State"' in only


def test_every_page_but_this_has_the_box(served: Server) -> None:
    for path in ("/", "/sparql", "/doc/state/ITA", "/nowhere"):
        assert '<form class="find" action="/search" method="get"' in served.get(path, "text/html").text
    assert '<form class="find"' not in served.get("/search", "text/html").text


@pytest.mark.parametrize(
    ("path", "accept", "kind"),
    [
        ("/search?q=it", None, JSON),
        ("/search?q=it", "*/*", JSON),
        ("/search?q=it", "text/html", "text/html; charset=utf-8"),
        ("/search", None, "text/html; charset=utf-8"),
        ("/search?q=it&format=json", "text/html", JSON),
        ("/search?q=it&format=html", JSON, "text/html; charset=utf-8"),
    ],
)
def test_negotiation(served: Server, path: str, accept: str | None, kind: str) -> None:
    assert served.get(path, accept).headers["content-type"] == kind
    assert served.get("/search?q=it", "image/png").status == 406


def test_an_answer_can_be_kept(served: Server) -> None:
    replies = [ask(served, "it", accept, limit=n) for accept in (JSON, "text/html") for n in (1, 2)]
    tags = [reply.headers["etag"] for reply in replies]
    assert len(set(tags)) == 4
    for reply in replies:
        assert reply.headers["vary"] == "Accept, Accept-Encoding"
        assert reply.headers["cache-control"] == "public, max-age=60"
    again = served.get(f"/search?q={quote('it')}&limit=1", JSON, If_None_Match=tags[0])
    assert (again.status, again.body) == (304, b"")


def test_a_release_without_an_index_is_not_served(thesaurus: Path, serve: Callable[..., Server]) -> None:
    kg.build(kg.open_project(thesaurus))
    found = json.loads(ask(serve(thesaurus), "rye").body)["results"]
    assert found
    open_release(thesaurus / "releases").labels.unlink()
    done = run_kg("serve", "--project", thesaurus, "--port", "0")
    assert done.returncode != 0
    assert "kg build" in done.stderr
