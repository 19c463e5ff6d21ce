"""Citing and cards in a real Chromium: a card in a frame of somebody else's page, which may show nothing else of ours."""

from __future__ import annotations

import http.server
import json
import re
import threading
import urllib.parse
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.test_pages import browser, page, pytestmark  # noqa: F401 - the same browser and rules
from tests.conftest import Server

PAPER = "<!doctype html><html lang='en'><title>A paper</title><h1>A paper</h1>{}"


class _Paper(http.server.BaseHTTPRequestHandler):
    framed = ""

    def do_GET(self) -> None:
        body = PAPER.format(self.framed).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def paper() -> Iterator[str]:
    """Somebody else's site, with one page; what it frames is put into ``_Paper.framed``."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Paper) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def code(served: Server, path: str) -> str:
    """The code that a paper's program gets for a page."""
    told = json.loads(served.get(f"/oembed?url={urllib.parse.quote(served.url + path, safe='')}").body)
    return str(told["html"])


@pytest.mark.parametrize("path", ["/doc/state/ITA", "/?date=2025-09-04", "/sparql?query=ASK+%7B%7D"])
def test_a_paper_shows_a_card_and_its_link_opens_a_window(
    browser: Browser,  # noqa: F811
    served: Server,
    paper: str,
    path: str,
) -> None:
    page = browser.new_page()  # noqa: F811 - the driver runs scripts in frames, which the sandbox tells of
    _Paper.framed = code(served, path)
    page.goto(paper)
    card = page.frame_locator("iframe")
    expect(card.locator("h1 a")).to_be_visible()
    expect(card.locator("footer")).to_contain_text(re.compile(r"As of \d+ \w+ \d{4}, release "))
    # The style sheet has come, although the frame is a sandbox.
    assert card.locator("footer").evaluate("e => getComputedStyle(e).position") == "sticky"
    assert page.context.cookies() == []
    with page.context.expect_page() as opened:
        card.locator("h1 a").click()
    opened.value.wait_for_load_state()
    assert re.match(rf"{served.url}/release/[^/]+/", opened.value.url)
    expect(opened.value.get_by_role("heading", name="Cite and take")).to_be_visible()
    assert page.url == paper
    page.context.close()


def test_a_paper_cannot_frame_a_page(browser: Browser, served: Server, paper: str) -> None:  # noqa: F811
    page = browser.new_page()  # noqa: F811 - what is refused is an error to the console
    _Paper.framed = f'<iframe src="{served.url}/doc/state/ITA"></iframe>'
    page.goto(paper)
    page.wait_for_load_state("networkidle")
    assert page.frame_locator("iframe").get_by_text("Italy").count() == 0
    assert page.frames[1].url.startswith("chrome-error:")
    page.close()


@pytest.mark.parametrize("width", [320, 480, 960])
@pytest.mark.parametrize(
    "path", ["/embed/doc/state/ITA", "/embed/", "/embed/doc/question/positions-on?date=2025-09-04"]
)
def test_no_card_is_wider_than_its_frame(page: Page, served: Server, path: str, width: int) -> None:  # noqa: F811
    page.set_viewport_size({"width": width, "height": 400})
    page.goto(served.url + path)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    # The day is in sight without scrolling.
    expect(page.locator("footer time")).to_be_in_viewport()


def test_what_has_the_focus_is_not_under_the_foot_of_a_card(page: Page, served: Server) -> None:  # noqa: F811
    page.set_viewport_size({"width": 480, "height": 300})
    page.goto(served.url + "/embed/doc/state/ITA")
    for _ in range(9):
        page.keyboard.press("Tab")
        assert page.evaluate(
            "() => { const e = document.activeElement, b = e.getClientRects()[0];"
            "return e.contains(document.elementFromPoint(b.left + 3, b.top + b.height / 2)) }"
        )


def test_a_page_is_cited_with_the_keyboard_and_without_a_script(browser: Browser, served: Server) -> None:  # noqa: F811
    page = browser.new_page(java_script_enabled=False, viewport={"width": 360, "height": 740})  # noqa: F811
    page.goto(served.url + "/doc/state/ITA")
    summary = page.get_by_text("Citation: text, BibTeX, CSL-JSON")
    summary.press("Enter")
    expect(page.get_by_text("@misc{")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    box = summary.bounding_box()
    assert box is not None
    assert box["height"] >= 24
    page.close()


def test_a_citation_is_copied(browser: Browser, served: Server) -> None:  # noqa: F811
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()  # noqa: F811
    page.goto(served.url + "/doc/state/ITA")
    page.get_by_text("Citation: text, BibTeX, CSL-JSON").click()
    page.get_by_role("button", name="Copy: BibTeX").click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == served.get("/cite/doc/state/ITA?_format=bibtex").text
    page.get_by_role("button", name="Copy: citation").click()
    assert "Italy. In: Pledge Graph" in page.evaluate("navigator.clipboard.readText()")
    context.close()
