"""Search by name on a real server."""

from __future__ import annotations

import html
import json
import re
import socket
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, urlencode
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import kg
from kg.release.manifest import open_release
from tests.conftest import Reply, Server, run_kg, trials

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
    assert set(answer) == {"query", "total", "offset", "limit", "next", "previous", "results", "facets"}
    assert set(answer["results"][0]) == {
        "iri", "document", "label", "language", "matched", "matched_language", "score", "types", "description",
        "description_language",
    }  # fmt: skip
    document = served.get(answer["results"][0]["document"].removeprefix(served.url), "text/turtle")
    assert document.status == 200


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
        "q=a&offset=-1",
        "q=a&offset=x",
        "q=a&offset=99999999999999999999",
        "q=a&type=not+an+iri",
        "q=a&type=State",
        "q=a&type=%00",
        "q=a&" + "&".join(f"type=urn:{n}" for n in range(21)),
        "q=a&lang=x_y",
        "q=a&label_lang=%D0%B4%D0%B5",
        "q=a&label_lang=de&label_lang=en",
        "q=a&lnag=de",
        "",
    ],
)
def test_what_cannot_be_asked_is_a_400_that_names_the_parameter(served: Server, query: str) -> None:
    reply = served.get(f"/search?{query}", JSON)
    assert reply.status == 400
    assert reply.headers["content-type"].startswith("application/problem+json")
    wrong = query.rsplit("&", maxsplit=1)[-1].partition("=")[0] or "q"
    assert wrong in json.loads(reply.body)["detail"]


def test_what_others_add_to_a_link_harms_no_reader(served: Server) -> None:
    assert served.get("/search?q=a&utm_source=x", "text/html").status == 200


SOME = st.sampled_from(
    ["", "it", "Zelensky", "a", "1", "-1", "100", "20", "de", "en-GB", "x", f"{BASE}ns#State", "html", "json"]
)
ASKED = st.lists(
    st.tuples(
        st.sampled_from(["q", "type", "label_lang", "lang", "offset", "limit", "format"]),
        SOME | st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    ),
    max_size=6,
)


@settings(deadline=None, max_examples=trials(60, 2_000), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ASKED, st.sampled_from([JSON, "text/html"]), st.sampled_from(["/search", "/search/suggest"]))
def test_whatever_is_asked_is_answered_or_refused_with_a_reason(
    served: Server, asked: list[tuple[str, str]], accept: str, path: str
) -> None:
    reply = served.get(f"{path}?{urlencode(asked)}", accept)
    assert reply.status in (200, 400)
    if accept == JSON and reply.status == 400:
        detail = json.loads(reply.body)["detail"]
        assert any(name in detail for name in (*dict(asked), "/search?q="))
    elif path == "/search" and reply.headers["content-type"] == JSON:
        answer = json.loads(reply.body)
        assert len(answer["results"]) == min(answer["limit"], max(0, answer["total"] - answer["offset"]))
    elif path == "/search/suggest" and reply.status == 200:
        text, *rest = json.loads(reply.body)
        assert text == dict(reversed(asked)).get("q", "")
        assert len({len(part) for part in rest}) == 1


def test_pages_lead_to_all_results_once(served: Server) -> None:
    path, seen = f"/search?{urlencode({'q': 'macron', 'limit': 7})}", []
    while path:
        reply = served.get(path, JSON)
        answer = json.loads(reply.body)
        seen += [result["iri"] for result in answer["results"]]
        following = answer["next"]
        assert (following is None) == (not any('rel="next"' in link for link in reply.links))
        path = following and following.removeprefix(served.url)
    assert len(seen) == len(set(seen)) == answer["total"] > 14
    back = json.loads(served.get(answer["previous"].removeprefix(served.url), JSON).body)
    assert back["offset"] == answer["offset"] - 7
    assert seen == [r["iri"] for r in json.loads(ask(served, "macron", limit=100).body)["results"]][: len(seen)]
    beyond = json.loads(ask(served, "macron", offset=10_000).body)
    assert (beyond["results"], beyond["next"], beyond["total"]) == ([], None, answer["total"])
    assert served.get(beyond["previous"].removeprefix(served.url), JSON).status == 200
    page = ask(served, "macron", "text/html", limit=7, offset=7).text
    assert "Results 8 to 14 of" in page
    assert page.count('rel="next"') == page.count('rel="prev"') == 2


def test_facets_lead_to_as_many_as_they_say(served: Server) -> None:
    answer = json.loads(ask(served, "meloni").body)
    kinds, languages = answer["facets"]["type"], answer["facets"]["label_lang"]
    own = [kind["iri"].startswith(BASE) for kind in kinds]
    assert own == sorted(own, reverse=True)
    assert any(own)
    assert {kind["label"] for kind in kinds} >= {"person"}
    for kind in kinds[:4]:
        assert json.loads(ask(served, "meloni", type=kind["iri"]).body)["total"] == kind["count"]
    for language in languages:
        assert json.loads(ask(served, "meloni", label_lang=language["language"]).body)["total"] == language["count"]
    french = json.loads(ask(served, "italie", label_lang="fr").body)
    assert french["results"][0]["iri"] == f"{BASE}id/state/ITA"
    assert json.loads(ask(served, "Туреччина", label_lang="de").body)["total"] == 0


def test_filters_are_seen_and_can_be_removed(served: Server) -> None:
    state = f"{BASE}ns#State"
    page = ask(served, "ital", "text/html", type=state, label_lang="de").text
    assert "only names in de" in page
    chips = [html.unescape(href) for href in re.findall(r'<li><a href="([^"]*)"[^>]*>only ', page)]
    assert sorted(chips) == sorted(
        [
            f"/search?{urlencode({'q': 'ital', 'label_lang': 'de'})}",
            f"/search?{urlencode({'q': 'ital', 'type': state})}",
        ]
    )
    assert '<option value="de" selected>' in page
    found = ask(served, "ital", "text/html").text
    narrowed = re.findall(
        r'<a href="([^"]*)" title="results of this kind: https://w3id.org/pledge-graph/ns#State">', found
    )
    assert [html.unescape(href) for href in narrowed] == [f"/search?{urlencode({'q': 'ital', 'type': state})}"]


def test_where_nothing_is_found_there_is_a_way_on(served: Server) -> None:
    page = ask(served, "Giorgai Melonni", "text/html").text
    assert "Nothing found" in page
    assert "Did you mean" in page
    assert 'href="/id/person/giorgia-meloni"' in page
    assert 'href="/ns#Position"' in page
    filtered = ask(served, "Meloni", "text/html", type=f"{BASE}ns#State").text
    assert re.search(r'Without filters: <a href="/search\?q=Meloni">\d+ results</a>', filtered)
    assert "Did you mean" not in filtered


def test_a_result_says_what_it_is(served: Server) -> None:
    found = json.loads(ask(served, "refusal", limit=50).body)["results"]
    [refusal] = [result for result in found if result["iri"] == f"{BASE}ns#Refusal"]
    assert len(refusal["description"]) > 20
    assert refusal["description_language"] == "en"
    assert refusal["document"] == f"{served.url}/ns#Refusal"
    assert all(len(result["description"] or "") <= 240 for result in found)
    assert html.escape(refusal["description"], quote=False)[:30] in ask(served, "refusal", "text/html", limit=50).text


def test_what_is_typed_is_completed(served: Server) -> None:
    reply = served.get(f"/search/suggest?q={quote('Туреч')}")
    assert reply.headers["content-type"] == "application/x-suggestions+json"
    assert reply.headers["access-control-allow-origin"] == "*"
    text, names, descriptions, addresses = json.loads(reply.body)
    assert (text, names[0], descriptions[0]) == ("Туреч", "Туреччина", "Türkiye – actor, state")
    assert addresses[0] == f"{served.url}/doc/state/TUR"
    assert len(names) == len(descriptions) == len(addresses)
    text, names, descriptions, addresses = json.loads(served.get("/search/suggest?q=macron&limit=5&lang=de").body)
    assert text == "macron"
    assert len(names) == len(descriptions) == len(addresses) == 5
    for address in addresses:
        assert served.get(address.removeprefix(served.url), "text/html").status == 200
    assert json.loads(served.get("/search/suggest?q=").body) == ["", [], [], []]
    assert json.loads(served.get("/search/suggest").body) == ["", [], [], []]
    only = served.get(f"/search/suggest?{urlencode({'q': 'ital', 'type': f'{BASE}ns#State'})}")
    assert json.loads(only.body)[3] == [f"{served.url}/doc/state/ITA"]
    for wrong in ("limit=21", "limit=x", "type=x", "q=a&q=b"):
        assert served.get(f"/search/suggest?{wrong}").status == 400
    # What a client has not percent-encoded is a text all the same.
    host, port = served.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as raw:
        raw.sendall("GET /search/suggest?q=Туреч HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: raw.recv(65_536), b""))
    assert "Туреччина" in answer.decode()


def test_browsers_are_told_how_to_search(served: Server) -> None:
    page = served.get("/doc/state/ITA", "text/html").text
    assert re.search(r'<link rel="search" type="application/opensearchdescription\+xml" href="/opensearch.xml"', page)
    assert "script-src 'self'" in served.get("/", "text/html").headers["content-security-policy"]
    reply = served.get("/opensearch.xml")
    assert reply.headers["content-type"] == "application/opensearchdescription+xml"
    names = {"o": "http://a9.com/-/spec/opensearch/1.1/"}
    told = ElementTree.fromstring(reply.body)
    assert told.tag == "{http://a9.com/-/spec/opensearch/1.1/}OpenSearchDescription"
    for name, longest in (("ShortName", 16), ("LongName", 48), ("Description", 1024)):
        assert 0 < len(told.findtext(f"o:{name}", "", names)) <= longest
    templates = {(u.get("rel", ""), u.get("type", "")): u.get("template", "") for u in told.iterfind("o:Url", names)}
    assert set(templates) == {
        ("results", "text/html"), ("results", JSON), ("suggestions", "application/x-suggestions+json"),
        ("self", "application/opensearchdescription+xml"),
    }  # fmt: skip
    for (_, kind), template in templates.items():
        address = template.replace("{searchTerms}", quote("Туреч")).replace("{startIndex?}", "").replace("{count?}", "")
        answer = served.get(address.removeprefix(served.url), "*/*")
        assert (answer.status, answer.headers["content-type"].partition(";")[0]) == (200, kind)
        assert kind.startswith("application/opensearch") or "Туреччина" in answer.text


def test_another_project_and_a_former_release_are_searched_alike(thesaurus: Path, serve: Callable[..., Server]) -> None:
    title = '"Bread & \\"rolls\\" <of the world>"@en'
    file = thesaurus / "data/dataset.ttl"
    file.write_text(file.read_text().replace('"Bread thesaurus"@en', title))
    name = kg.build(kg.open_project(thesaurus)).manifest.name
    server = serve(thesaurus)
    told = ElementTree.fromstring(server.get("/opensearch.xml").body)
    assert told[0].text == 'Bread & "rolls"'
    assert told[1].text == 'Bread & "rolls" <of the world>'
    prefix = f"/release/{name}"
    assert json.loads(server.get(f"{prefix}/search/suggest?q=ry").body)[3][0].startswith(
        f"{server.url}{prefix}/doc/concept/"
    )
    page = server.get(f"{prefix}/search?q=ry", "text/html").text
    assert f'data-suggest="{prefix}/search/suggest"' in page
    assert f"{prefix}/search?" in server.get(f"{prefix}/opensearch.xml").text
    # Here there is no class of the project's own.
    assert "Concept" in server.get("/search?q=nothing+of+that", "text/html").text


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
        page = reply.headers["content-type"].startswith("text/html")
        assert reply.headers["vary"] == f"Accept, {'Accept-Language, ' if page else ''}Accept-Encoding"
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
