"""Pages in a real Chromium: what people see, without scripts, on a phone and on a desk."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.conftest import Server, turns

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


PATHS = [
    "/",
    "/doc/position/ITA-0001",
    "/doc/state/ITA",
    "/ns",
    "/sparql",
    "/doc/vocab/area/air",
    "/doc/question/positions-on?date=2025-09-04",
    "/doc/question/positions-on?date=never",
]


@pytest.mark.parametrize(("path", "width"), turns(PATHS, WIDTHS))
def test_nothing_is_wider_than_the_screen(browser: Browser, served: Server, path: str, width: int) -> None:
    # Not the usual page: a 400 is an error to the console.
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(served.url + path)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


def test_the_first_screen_says_what_this_is_and_shows_answers(page: Page, served: Server) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(served.url + "/")
    assert "Ukraine" in page.locator("h1").inner_text()
    rows = page.locator(".matrix tbody tr")
    assert rows.count() > 40
    fourth = rows.nth(3).bounding_box()
    assert fourth is not None
    assert fourth["y"] + fourth["height"] <= 900
    assert page.get_by_role("link", name=re.compile(r"All \d+ rows")).count() >= 3


def test_from_a_table_of_the_front_page_to_a_source_in_three_clicks(page: Page, served: Server) -> None:
    page.goto(served.url + "/")
    page.get_by_role("link", name=re.compile(r"All \d+ rows")).first.click()
    page.locator("tr", has_text="Italy").get_by_role("link", name="Italy: ground troops").first.click()
    assert "/doc/position/ITA-" in page.url
    sources = page.locator("dl > div", has=page.get_by_role("link", name="documented in", exact=True))
    sources.locator("dd a").first.click()
    assert "/doc/source/s" in page.url


def test_a_question_is_answered_on_its_page_and_can_be_changed(page: Page, served: Server) -> None:
    page.goto(served.url + "/")
    page.get_by_role("link", name="Which states refuse ground troops in Ukraine?").click()
    assert "Italy" in page.locator("table").inner_text()
    page.get_by_text("The query, to be changed as you like").click()
    page.get_by_role("textbox", name="SPARQL query").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    page.get_by_role("button", name="Run").click()
    assert page.locator("h1").inner_text() == "Answer"
    assert page.locator("tbody td").inner_text().replace(",", "").isdigit()
    assert "format=json" in (page.get_by_role("link", name="JSON").get_attribute("href") or "")


def test_values_for_a_question_are_given_without_scripts(browser: Browser, served: Server) -> None:
    page = browser.new_page(java_script_enabled=False)
    page.goto(served.url + "/doc/question/conditions")
    page.get_by_label("the actor").select_option("Italy")
    page.get_by_role("button", name="Ask").click()
    assert page.url.endswith("/doc/question/conditions?actor=state%2FITA")
    assert page.get_by_label("the actor").input_value() == "state/ITA"
    assert "Italy: " in page.locator("table").inner_text()
    page.goto(served.url + "/doc/question/positions-on?date=tomorrow")
    assert page.get_by_label("the day").input_value() == "tomorrow"
    assert "is not a day" in page.locator(".problem").inner_text()
    page.get_by_label("the day").fill("2025-09-04")
    page.get_by_role("button", name="Ask").click()
    assert page.url.endswith("?date=2025-09-04")
    assert page.locator("table tbody tr").count() > 20
    page.close()


def test_the_ontology_can_be_found_one_s_way_in(browser: Browser, served: Server) -> None:
    page = browser.new_page(java_script_enabled=False, viewport={"width": 360, "height": 800})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(served.url + "/ns")
    drawing = page.get_by_role("group", name="Diagram: All classes")
    # The drawing is as large as it must be to be read; it scrolls in its frame.
    assert drawing.evaluate("e => e.scrollWidth > e.clientWidth")
    drawing.locator("a", has_text="position").first.click()
    assert page.url.endswith("/ns#Position")
    term = page.locator("#Position")
    assert "What one or more actors are willing" in term.inner_text()
    assert not term.get_by_text("Ein Sinneswandel").is_visible()
    term.locator("summary").click()
    expect(term.get_by_text("Ein Sinneswandel")).to_be_visible()
    term.get_by_role("link", name="refusal").first.click()
    assert page.url.endswith("/ns#Refusal")
    assert all(url.startswith(served.url) for url in asked)
    page.close()


def test_the_drawing_can_be_read_in_light_and_dark(browser: Browser, served: Server) -> None:
    inks = []
    for scheme in ("light", "dark"):
        page = browser.new_page(color_scheme=scheme)
        page.goto(served.url + "/ns")
        fill = "e => getComputedStyle(e.querySelector('text.class')).fill"
        inks.append(page.locator(".drawing").first.evaluate(fill))
        assert inks[-1] != page.evaluate("getComputedStyle(document.body).backgroundColor")
        page.close()
    assert inks[0] != inks[1]


def test_names_in_the_drawing_stand_in_their_boxes(page: Page, served: Server) -> None:
    page.goto(served.url + "/ns")
    outside = page.locator(".drawing").first.evaluate(
        """e => {
            const boxes = [...e.querySelectorAll('rect')].map(r => r.getBoundingClientRect());
            const inside = (t, b) => t.left >= b.left && t.right <= b.right && t.top >= b.top && t.bottom <= b.bottom;
            return [...e.querySelectorAll('text.class, text.kind-of')].filter(
                t => !boxes.some(b => inside(t.getBoundingClientRect(), b))).map(t => t.textContent);
        }"""
    )
    assert outside == []


def test_a_part_is_reached_by_its_fragment(page: Page, served: Server) -> None:
    page.goto(served.url + "/id/position/FRA-0001#quantity")
    assert page.url.endswith("/doc/position/FRA-0001#quantity")
    assert "2000" in page.locator("#quantity").inner_text()


def test_pages_work_without_scripts_and_load_nothing_from_elsewhere(browser: Browser, served: Server) -> None:
    page = browser.new_page(java_script_enabled=False)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(served.url + "/sparql")
    page.locator("summary", has_text="Which conditions does an actor attach today?").click()
    page.locator("details", has_text="Which conditions does an actor").get_by_role("button").click()
    assert "peace agreement reached" in page.locator("table").inner_text()
    assert all(url.startswith(served.url) for url in asked)
    page.close()


def test_the_keyboard_reaches_everything(page: Page, served: Server) -> None:
    page.goto(served.url + "/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to content"
    seen = set()
    for _ in range(page.locator("a, button, input, summary, [tabindex]").count() + 2):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("document.activeElement.getAttribute('href')"))
    assert {"/sparql", "/id/position/BGR-0003", "/dumps/", "/changes"} <= seen
