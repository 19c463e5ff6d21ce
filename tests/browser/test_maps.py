"""The map in a real Chromium: with the keyboard, without scripts, on a phone, on paper, in the dark."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.test_matrix import LUMINANCE
from tests.browser.test_pages import browser, page, pytestmark  # noqa: F401 - the same browser and rules
from tests.conftest import Server


def tab_to(page: Page, name: str, most: int = 40) -> None:  # noqa: F811
    wanted = page.get_by_label(name).or_(page.get_by_role("link", name=name, exact=True)).first
    for _ in range(most):
        page.keyboard.press("Tab")
        if wanted.evaluate("e => e === document.activeElement"):
            return
    raise AssertionError(f"{name} is not reached")


def test_the_map_from_the_front_page_with_the_keyboard_alone(browser: Browser, served: Server) -> None:  # noqa: F811
    page = browser.new_page(java_script_enabled=False)  # noqa: F811
    page.goto(served.url + "/?date=2025-09-04")
    tab_to(page, "Map")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"date=2025-09-04&view=map$"))
    expect(page.get_by_label("in force on")).to_have_value("2025-09-04")
    before = page.locator("#section-1-map").inner_text()
    tab_to(page, "on the map")
    page.keyboard.type("training")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Show").press("Enter")
    page.wait_for_url(re.compile("column=vocab%2Farea%2Ftraining"))
    assert page.locator("#section-1-map").inner_text() == "training" != before
    assert "date=2025-09-04" in page.url
    assert "view=map" in page.url
    page.close()


def test_a_mark_leads_to_its_evidence_and_so_does_the_land(page: Page, served: Server) -> None:  # noqa: F811
    page.goto(served.url + "/?view=map")
    mark = page.locator(".map a.pin", has=page.locator("title", has_text="Italy"))
    assert mark.get_attribute("aria-label") == "Italy: no (firm)"
    mark.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/doc/position/ITA-"))
    assert "ground troops" in page.locator("h1").inner_text()
    page.goto(served.url + "/?view=map")
    # Land is for the pointer only: the keyboard has the marks.
    land = page.locator(".map g a", has=page.locator("title", has_text="Poland"))
    assert land.get_attribute("tabindex") == "-1"
    land.scroll_into_view_if_needed()
    box = land.locator("path").bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] * 0.3, box["y"] + box["height"] * 0.4)
    page.wait_for_url(re.compile("/doc/position/POL-"))


@pytest.mark.parametrize("path", ["/?view=map", "/sparql?query=SELECT*{VALUES(?a?b){('DE'1)('US'2)}}&view=map"])
def test_on_a_phone_nothing_overflows(browser: Browser, served: Server, path: str) -> None:  # noqa: F811
    page = browser.new_page(viewport={"width": 360, "height": 740})  # noqa: F811
    page.goto(served.url + path)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.locator("figure.map").count() == 2
    for number in range(2):
        box = page.locator("figure.map svg").nth(number).bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 360
        assert box["width"] > 250
    page.close()


def test_on_paper_the_map_is_whole_and_has_its_patterns(browser: Browser, served: Server) -> None:  # noqa: F811
    page = browser.new_page(viewport={"width": 794, "height": 1000})  # noqa: F811
    page.emulate_media(media="print")
    page.goto(served.url + "/?view=map")
    assert page.evaluate("document.documentElement.scrollWidth") <= 794
    expect(page.locator("form.parameters")).to_be_hidden()
    expect(page.locator("figure.map").first).to_be_visible()
    fills = page.locator("path.area").evaluate_all("all => all.map(e => getComputedStyle(e).fill)")
    assert {fill for fill in fills if fill.startswith("url")} >= {f'url("#f-{n}")' for n in ("disc", "half", "cross")}
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_marks_stand_out(browser: Browser, served: Server, scheme: str) -> None:  # noqa: F811
    page = browser.new_page(color_scheme=scheme)  # type: ignore[arg-type]  # noqa: F811
    page.goto(served.url + "/?view=map")
    lowest = page.evaluate(
        "() => {" + LUMINANCE + "return Math.min(...[...document.querySelectorAll('.pin')].map(e => {"
        "const [a, b] = [getComputedStyle(e).color, getComputedStyle(e.querySelector('.halo')).fill].map(luminance)"
        ".sort((a, b) => b - a); return (a + .05) / (b + .05); })) }"
    )
    assert lowest >= 3
    page.close()
