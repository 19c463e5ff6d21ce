"""Pages in a real Chromium: what people see, without scripts, on a phone and on a desk."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.conftest import Server

CHROMIUM = shutil.which("chromium")
QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
WIDTHS = (360, 768, 1440)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        CHROMIUM is None and not os.environ.get("CI"), reason="Chromium is not installed (Debian: chromium)"
    ),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(java_script_enabled=True)
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    # A request that the next page cut off has not failed.
    page.on("requestfailed", lambda r: problems.append(r.url) if r.failure != "net::ERR_ABORTED" else None)
    yield page
    page.close()
    assert problems == []


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("path", ["/", "/doc/position/ITA-0001", "/ns", "/sparql", "/doc/vocab/area/air"])
def test_nothing_is_wider_than_the_screen(page: Page, served: Server, path: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(served.url + path)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_first_screen_says_what_this_is_and_shows_the_positions(page: Page, served: Server) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(served.url + "/")
    assert "Ukraine" in page.locator("h1").inner_text()
    rows = page.locator("table tbody tr")
    assert rows.count() == 7
    last = rows.last.bounding_box()
    assert last is not None
    assert last["y"] + last["height"] <= 900
    assert "negative, firm declaration" in rows.nth(2).inner_text()


def test_from_the_front_page_to_the_source_of_italys_refusal_in_three_clicks(page: Page, served: Server) -> None:
    page.goto(served.url + "/")
    page.get_by_role("link", name="negative, firm declaration").click()
    assert page.url.endswith("/doc/position/ITA-0001")
    page.get_by_role("link", name="Seed article: Italy on ground troops").first.click()
    assert "704" in page.locator("main").inner_text()
    page.get_by_role("link", name="German news article").first.click()
    assert page.url.endswith("/doc/source/s0001")


def test_a_question_is_answered_on_its_page_and_can_be_changed(page: Page, served: Server) -> None:
    page.goto(served.url + "/")
    page.get_by_role("link", name="Which states refuse to send ground troops?").click()
    assert page.locator("table tbody tr").all_inner_texts() == [
        "Italy\tItaly on ground troops\tfirm declaration\t2026-01-06"
    ]
    page.get_by_label("SPARQL query").fill("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    page.get_by_role("button", name="Run").click()
    assert page.locator("h1").inner_text() == "Answer"
    assert page.locator("tbody td").inner_text().isdigit()
    assert "format=json" in (page.get_by_role("link", name="JSON").get_attribute("href") or "")


def test_a_part_is_reached_by_its_fragment(page: Page, served: Server) -> None:
    page.goto(served.url + "/id/position/FRA-0001#quantity")
    assert page.url.endswith("/doc/position/FRA-0001#quantity")
    assert "2000" in page.locator("#quantity").inner_text()


def test_pages_work_without_scripts_and_load_nothing_from_elsewhere(browser: Browser, served: Server) -> None:
    page = browser.new_page(java_script_enabled=False)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(served.url + "/sparql")
    page.locator("summary", has_text="Which conditions does France attach?").click()
    page.locator("details", has_text="Which conditions").get_by_role("button").click()
    assert "ceasefire in force" in page.locator("table").inner_text()
    assert all(url.startswith(served.url) for url in asked)
    page.close()


def test_the_keyboard_reaches_everything(page: Page, served: Server) -> None:
    page.goto(served.url + "/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to content"
    seen = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("document.activeElement.getAttribute('href')"))
    assert {"/sparql", "/id/position/ITA-0001", "/dumps/latest/data.ttl"} <= seen
