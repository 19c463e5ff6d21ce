"""Long lists of values: the beginning on the page, all of it on pages of its own, whole in the data formats."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pyoxigraph as ox
import pytest

import kg
from tests.conftest import THESAURUS, Reply, Server, copy_project, start_server, stop_server

BASE = "https://data.example.org/bread/"
SEES, HAS, FITS = "urn:x:sees", "urn:x:has", "urn:x:fits"
INCOMING = 1_130  # two pages of a document


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Breads with many values: 700 links, 26 and 25 texts, a part with 40; and many that point at one."""
    folder = tmp_path_factory.mktemp("long")
    project = copy_project(THESAURUS, folder / "project")
    told = [f"<{BASE}concept/long> <{SEES}> <{BASE}x/{n:04}> ." for n in range(700)]
    told += [f'<{BASE}concept/long> <{HAS}> "text {n:02}" .' for n in range(26)]
    told += [f'<{BASE}concept/long> <{FITS}> "text {n:02}" .' for n in range(25)]
    told += [f'<{BASE}concept/long#part> <{HAS}> "part {n:02}" .' for n in range(40)]
    told += [f"<{BASE}concept/long> <urn:x:part> <{BASE}concept/long#part> ."]
    told += [f"<{BASE}concept/whole> <urn:x:part> <{BASE}concept/whole#p{n:02}> ." for n in range(30)]
    told += [f'<{BASE}concept/whole#p{n:02}> <{FITS}> "fits" .' for n in range(30)]
    told += [f"<{BASE}x/{n:04}> <urn:x:at> <{BASE}concept/target> ." for n in range(INCOMING)]
    told += [f'<{BASE}concept/target> <http://www.w3.org/2004/02/skos/core#prefLabel> "target"@en .']
    (project / "data/concepts/long.ttl").write_text("\n".join(told))
    kg.build(kg.open_project(project))
    server = start_server(project, folder)
    yield server
    stop_server(server)
    assert "Traceback" not in server.log.read_text(), server.log.read_text()


def more(page: str) -> dict[str, str]:
    """The links to lists, by their texts and queries."""
    found = re.findall(r'<p class="more"><a href="(\?[^"]*)">and ([0-9,]+) more</a>', page)
    return {html.unescape(query): number for query, number in found}


def items(reply: Reply) -> list[str]:
    """The values of a list page."""
    assert reply.status == 200, reply.text
    main = reply.text.partition("<main")[2]
    return re.findall(r"<li>(?:<a [^>]*>|<span[^>]*>)([^<]*)<", main)


def test_a_page_shows_the_beginning_and_leads_to_the_rest(site: Server) -> None:
    page = site.get("/doc/concept/long", "text/html").text
    assert more(page) == {
        f"?{urlencode({'values': SEES})}": "680",
        f"?{urlencode({'values': HAS})}": "6",
        f"?{urlencode({'values': HAS, 'part': 'part'})}": "20",
    }
    for n in range(26):
        assert (f">text {n:02}<" in page) == (n < 25)  # those of one property; of the other 20
    assert page.count(">text 19<") == 2
    assert page.count(">text 20<") == 1
    assert "x/0019" in page
    assert "x/0020" not in page
    folded = re.findall(r"</ul><details><summary>and (\d+) more</summary><ul>(.*?)</ul>", page)
    assert [(number, values.count("<li>")) for number, values in folded] == [
        ("19", 19), ("20", 14), ("694", 14), ("34", 14)
    ]  # fmt: skip


def test_lists_have_all_values_once(site: Server) -> None:
    for part, text in (({}, "text {:02}"), ({"part": "part"}, "part {:02}")):
        values = items(site.get(f"/doc/concept/long?{urlencode({'values': HAS, **part})}", "text/html"))
        assert values == [text.format(n) for n in range(40 if part else 26)]
    first = site.get(f"/doc/concept/long.html?{urlencode({'values': SEES})}")
    [following] = re.findall(r'<a rel="next" href="(\?[^"]*)"', first.text)
    second = site.get(f"/doc/concept/long{html.unescape(following)}", "text/html")
    assert items(first) + items(second) == [f"x:{n:04}" for n in range(700)]
    assert len(items(first)) == 500
    assert 'rel="prev"' in second.text
    assert 'rel="next"' not in second.text
    for number in (first, second):
        assert number.headers["content-location"].startswith("/doc/concept/long.html?values=")
    assert first.headers["etag"] != second.headers["etag"]
    again = site.get(
        f"/doc/concept/long?{urlencode({'values': SEES})}", "text/html", If_None_Match=first.headers["etag"]
    )
    assert again.status == 304


def test_lists_of_what_points_at_a_thing(site: Server) -> None:
    found: list[str] = []
    for page, number in ((1, 1_000), (2, INCOMING - 1_000)):
        text = site.get(f"/doc/concept/target?page={page}", "text/html").text
        [(query, rest)] = more(text).items()
        assert rest == f"{number - 20:,}"
        while query:
            reply = site.get(f"/doc/concept/target{query}", "text/html")
            found += items(reply)
            query = html.unescape("".join(re.findall(r'<a rel="next" href="(\?[^"]*)"', reply.text)))
    assert sorted(found) == [f"x:{n:04}" for n in range(INCOMING)]


def test_parts_in_a_list_lead_to_their_places(site: Server) -> None:
    [query] = more(site.get("/doc/concept/whole", "text/html").text)
    reply = site.get(f"/doc/concept/whole{query}", "text/html")
    places = re.findall(r'<li><a href="([^"#]*)#(p[0-9]+)"', reply.text)
    assert places == [("/doc/concept/whole", f"p{n:02}") for n in range(30)]
    page = site.get("/doc/concept/whole", "text/html").text
    assert all(f' id="{anchor}"' in page for _, anchor in places)


@pytest.mark.parametrize(
    "query",
    ["values=urn:x:none", "incoming=urn:x:sees", "values=urn:x:has&part=none", "values=urn:x:has&from=500",
     "values=urn:x:has&from=7", "values=urn:x:has&from=-500", "values=urn:x:has&from=x"],
)  # fmt: skip
def test_what_is_no_list_is_404(site: Server, query: str) -> None:
    assert site.get(f"/doc/concept/long?{query}", "text/html").status == 404


def test_data_is_whole_whatever_list_is_asked_for(site: Server) -> None:
    for query in ("", f"?{urlencode({'values': HAS})}"):
        reply = site.get(f"/doc/concept/long{query}", "text/turtle")
        sees = [q for q in ox.parse(reply.body, ox.RdfFormat.TURTLE) if q.predicate.value == SEES]
        assert len(sees) == 700
        assert reply.headers["content-location"] == "/doc/concept/long.ttl"


def test_a_long_page_is_short(site: Server, tmp_path: Path) -> None:
    """What is cut is not in the page in another way either."""
    page = site.get("/doc/concept/long", "text/html").body
    assert page.count(b"/x/0") < 100
