"""No link of the site is dead, no page is broken, whatever a stranger follows from the front page on."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import Server, trials
from tests.live.conftest import BREAD
from tests.live.crawler import Crawl, read_html, targets

BASE = "https://w3id.org/pledge-graph/"
EVERYTHING = 1_000_000


def test_the_site_has_no_dead_link_and_no_broken_page(served: Server) -> None:
    crawl = Crawl(served.url, BASE)
    crawl.run(seed=9, most=trials(300, EVERYTHING))
    assert crawl.faults == []
    assert crawl.visited >= trials(300, 20_000)
    assert crawl.pages["text/html"] > trials(50, 2000)
    assert crawl.pages["text/turtle"] > trials(20, 2000)
    assert crawl.fragments > trials(100, 1000)


def test_every_link_of_another_project_leads_somewhere(thesaurus: Path, serve: Callable[..., Server]) -> None:
    server = serve(thesaurus)
    crawl = Crawl(server.url, BREAD)
    crawl.run(seed=1, most=trials(250, EVERYTHING))
    assert crawl.faults == []
    assert crawl.pages["text/html"] > 5
    assert crawl.visited > 50


PAGE = "<!doctype html><html lang='en'><title>x</title><body id='top'>"
TURTLE = "text/turtle"
SITE: dict[str, tuple[int, dict[str, str], str]] = {
    "/": (
        200,
        {"Link": '</linked>; rel="alternate"; title="a, <b>", </from/header>; rel="next"'},
        PAGE + "<a href='/good#there'>1</a><a href='good#not-there'>2</a><a href='https://base.example/dead'>3</a>"
        "<a href='https://elsewhere.example/'>4</a><a href='mailto:a@b.example'>5</a><a href='#top'>6</a>"
        "<a href='#nowhere'>7</a><img src='/image' alt=''><a href='/loop'>8</a><a href='/gone'>9</a><a href='/lost'>9</a>"
        "<a href='/broken'>10</a><a href='/moved#there'>11</a><a href='/data'>12</a>"
        "<form action='/form'><select name='a'><option value='1'>one<option value='2' selected>two</select></form>"
        "<form action='/never'><input name='q'></form><form action='/never' method='post'><input name='q' value='1'></form>",
    ),
    "/good": (200, {}, PAGE + "<p id='there'>"),
    "/moved": (303, {"Location": "/good"}, ""),
    "/loop": (302, {"Location": "/loop"}, ""),
    "/gone": (410, {}, PAGE + "<h1>Gone</h1><a href='/old/gone'>what it was</a>"),
    "/lost": (410, {}, PAGE + "<h1>Gone</h1>"),
    "/broken": (200, {}, PAGE + "<p id='a'>1</p></span><p id='a'>2</p><label for='none'>x</label>"),
    "/linked": (200, {"Content-Type": "text/css"}, "a { background: url('/picture') }"),
    "/form?a=2": (200, {}, PAGE),
    "/data": (
        200,
        {"Content-Type": TURTLE},
        "@base <https://base.example/> . <data#a> a <Thing> ; <data#p> <data#b> , <https://other.example/x> .",
    ),
}


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        status, headers, body = SITE.get(self.path, (404, {}, PAGE + "<h1>Not Found</h1>"))
        self.send_response(status)
        for name, value in {"Content-Type": "text/html; charset=utf-8", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def faulty() -> Iterator[str]:
    """A site with one fault of each kind."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_the_crawler_finds_each_kind_of_fault(faulty: str) -> None:
    crawl = Crawl(faulty, "https://base.example/")
    crawl.run(seed=1)
    found = sorted(fault.partition(" (from")[0].replace(faulty, "") for fault in crawl.faults)
    assert found == sorted(
        [
            "/good does not have not-there",
            "/ does not have nowhere",
            "/data does not have https://base.example/data#p",
            "/data does not have https://base.example/data#b",
            "/broken: id 'a' stands 2 times",
            "/broken: for points to 'none', which is not there",
            "/broken: HTML, line 1, column 84: unexpected-end-tag",
            "/loop: 302 after " + " -> ".join(["/loop"] * 6),
            "/lost: 410 after /lost",
            *(
                f"{path}: 404 after {path}"
                for path in ("/dead", "/from/header", "/image", "/old/gone", "/picture", "/form?a=1")
            ),
            "/Thing: 404 after /Thing",
        ]
    )


def test_targets_of_link_headers() -> None:
    header = '</a>; rel="x"; title="a <b> c, d", <https://b.example/?a=1,2>;rel=y, <c>'
    assert targets(header) == ["/a", "https://b.example/?a=1,2", "c"]


def test_a_page_is_read_as_a_browser_does() -> None:
    page = read_html(b"<!doctype html><title>x</title><p>a<p>b<ul><li>c<li>d</ul><svg><a href='/x'/></svg>")
    assert (page.faults, [reference for reference, _ in page.links]) == ([], ["/x"])
    assert read_html(b"<!doctype html><title>x</title><div><span></div>").faults
    assert read_html(b"<!doctype html><title>x</title><a href='/x' href='/y'>x</a>").faults
