"""A scenario in a real Chromium: by keyboard and without scripts, on a phone, in print, in the dark."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.test_matrix import LUMINANCE
from tests.browser.test_pages import browser, page, pytestmark  # noqa: F401 - the same browser and rules
from tests.conftest import Server

ASSUMED = "/scenario?holds=ceasefire&fails=us-backstop"


def group(page: Page, name: str) -> Locator:  # noqa: F811
    return page.locator("div.outcome", has=page.get_by_role("heading", name=re.compile(f"^{name} ")))


def test_who_drops_out_is_found_with_the_keyboard_alone(browser: Browser, served: Server) -> None:  # noqa: F811
    page = browser.new_page(java_script_enabled=False)  # noqa: F811
    page.goto(served.url + "/")
    page.get_by_role("navigation", name="Site").get_by_role("link", name="What if").press("Enter")
    page.wait_for_url(served.url + "/scenario")
    ceasefire, backstop = (page.get_by_role("group", name=re.compile(n)) for n in ("^ceasefire", "^backstop of the"))
    expect(ceasefire.get_by_role("radio", name="open")).to_be_checked()
    reached = ceasefire.get_by_role("radio", name="open")
    for _ in range(40):
        page.keyboard.press("Tab")
        if reached.evaluate("e => e === document.activeElement"):
            break
    page.keyboard.press("ArrowDown")  # from the last of three to the first
    expect(ceasefire.get_by_role("radio", name="holds", exact=True)).to_be_checked()
    for _ in range(40):
        page.keyboard.press("Tab")
        if backstop.get_by_role("radio", name="open").evaluate("e => e === document.activeElement"):
            break
    page.keyboard.press("ArrowUp")
    expect(backstop.get_by_role("radio", name="does not hold")).to_be_checked()
    page.keyboard.press("Enter")
    page.wait_for_url(served.url + ASSUMED)
    gone = group(page, "drops out")
    assert {name.inner_text() for name in gone.get_by_role("rowheader").all()} == {
        "Belgium", "Germany", "Lithuania", "Sweden",
    }  # fmt: skip
    # What is assumed can be taken back.
    page.get_by_role("link", name=re.compile("backstop of the United States: does not hold")).press("Enter")
    page.wait_for_url(served.url + "/scenario?holds=ceasefire")
    expect(group(page, "drops out").get_by_role("rowheader")).to_have_count(0)
    page.close()


def test_a_link_decides_what_is_open(page: Page, served: Server) -> None:  # noqa: F811
    page.goto(served.url + ASSUMED)
    left = group(page, "depends on more")
    before = left.get_by_role("rowheader", include_hidden=True).count()
    page.get_by_role("link", name="peace agreement reached: assume that it holds").click()
    page.wait_for_url(re.compile("holds=ceasefire&holds=peace-agreement&fails=us-backstop"))
    assert group(page, "depends on more").get_by_role("rowheader", include_hidden=True).count() < before
    expect(page.locator(".assumed")).to_contain_text("peace agreement reached: holds")


@pytest.mark.parametrize("width", [360, 768, 1440])
def test_nothing_runs_over_the_edge(browser: Browser, served: Server, width: int) -> None:  # noqa: F811
    page = browser.new_page(viewport={"width": width, "height": 800})  # noqa: F811
    for path in ("/scenario", ASSUMED, "/scenario?holds=ceasefire&fails=ceasefire&holds=nonsense&lang=de"):
        page.goto(served.url + path)
        page.locator("details").evaluate_all("es => es.forEach(e => { e.open = true })")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        low = page.locator(".three label, .outcomes a, .set a").evaluate_all(
            "es => es.filter(e => e.getBoundingClientRect().height < 24).length"
        )
        assert low == 0
    page.close()


def test_on_paper_stands_what_was_assumed_and_all_of_it(browser: Browser, served: Server) -> None:  # noqa: F811
    page = browser.new_page(viewport={"width": 794, "height": 1000})  # noqa: F811
    page.emulate_media(media="print")
    page.goto(served.url + ASSUMED)
    assert page.evaluate("document.documentElement.scrollWidth") <= 794
    expect(page.locator("form.assume")).to_be_hidden()
    expect(page.locator(".assumed")).to_contain_text("ceasefire in force: holds")
    expect(page.locator(".assumed")).to_be_visible()
    for name in ("drops out", "stays: says yes", "still undecided", "depends on more"):
        last = group(page, name).locator("tbody tr").last
        box = last.bounding_box()
        assert box is not None, name
        assert box["height"] > 0
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_and_marks_stand_out(browser: Browser, served: Server, scheme: str) -> None:  # noqa: F811
    page = browser.new_page(color_scheme=scheme)  # type: ignore[arg-type]  # noqa: F811
    page.goto(served.url + ASSUMED)
    for selector, least in (
        (".ways-of legend, .ways-of small, .sums small, .outcome small, .outcome a", 4.5),
        (".mark", 3),
    ):
        lowest = page.evaluate(
            f"selector => {{ {LUMINANCE} return Math.min(...[...document.querySelectorAll(selector)].map(contrast)) }}",
            selector,
        )
        assert lowest >= least, selector
    page.close()
