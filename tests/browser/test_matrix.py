"""The front page's matrix in a real Chromium: with the keyboard, on a phone, in print, in the dark, without scripts."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.test_pages import browser, page, pytestmark  # noqa: F401 - the same browser and rules
from tests.conftest import Server


def test_from_the_front_page_to_a_refusal_and_its_source_in_three_clicks(page: Page, served: Server) -> None:  # noqa: F811
    page.goto(served.url + "/")
    italy = page.locator(".matrix tbody tr", has=page.get_by_role("rowheader", name="Italy"))
    italy.get_by_role("cell").nth(1).get_by_role("link", name="no").click()
    page.wait_for_url(re.compile("/doc/position/ITA-"))
    assert "ground troops" in page.locator("h1").inner_text()
    sources = page.locator("dl > div", has=page.get_by_role("link", name="documented in", exact=True))
    sources.locator("dd a").first.click()
    page.wait_for_url(re.compile("/doc/source/s"))


def test_another_day_changes_the_matrix_with_the_keyboard_alone(browser: Browser, served: Server) -> None:  # noqa: F811
    page = browser.new_page(java_script_enabled=False)  # noqa: F811
    page.goto(served.url + "/")
    before = page.locator(".matrix").inner_text()
    field = page.get_by_label("in force on")
    for _ in range(30):
        page.keyboard.press("Tab")
        if field.evaluate("e => e === document.activeElement"):
            break
    page.keyboard.type("03012025")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/\?date=2025-03-01$"))
    assert page.get_by_label("in force on").input_value() == "2025-03-01"
    assert page.locator(".matrix").inner_text() != before
    assert "in force on: 2025-03-01" in page.locator("caption").inner_text()
    page.get_by_role("link", name="in force on: 2025-03-01").press("Enter")
    page.wait_for_url(served.url + "/")
    assert page.locator(".matrix").inner_text() == before
    page.close()


def test_the_keyboard_opens_what_stands_behind_a_number(page: Page, served: Server) -> None:  # noqa: F811
    page.goto(served.url + "/")
    more = page.locator(".matrix details").first
    hidden = more.get_by_role("link").first
    expect(hidden).to_be_hidden()
    more.locator("summary").press("Enter")
    expect(hidden).to_be_visible()
    hidden.focus()
    # What has the focus is not under the heading row or column that stay in sight.
    assert hidden.evaluate(
        "e => { const b = e.getBoundingClientRect();"
        "return e.contains(document.elementFromPoint(b.left + b.width / 2, b.top + b.height / 2)) }"
    )


def test_names_stay_in_sight_while_the_matrix_scrolls(page: Page, served: Server) -> None:  # noqa: F811
    page.set_viewport_size({"width": 1000, "height": 700})
    page.goto(served.url + "/")
    region = page.locator(".matrix")
    region.focus()
    region.evaluate("e => e.scrollTo(e.scrollWidth, e.scrollHeight / 2)")
    outer = region.bounding_box()
    top = page.locator(".matrix thead th").last.bounding_box()
    head = page.locator(".matrix tbody th").nth(20).bounding_box()
    assert outer and top and head  # noqa: PT018
    assert abs(top["y"] - outer["y"]) <= 2
    assert abs(head["x"] - outer["x"]) <= 2


def test_on_a_phone_each_row_is_a_block_with_what_it_has(browser: Browser, served: Server) -> None:  # noqa: F811
    page = browser.new_page(viewport={"width": 360, "height": 740})  # noqa: F811
    page.goto(served.url + "/")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    italy = page.locator(".matrix tbody tr", has=page.get_by_role("rowheader", name="Italy"))
    expect(italy.locator("td.void").first).to_be_hidden()
    labels = italy.locator("td:not(.void)")
    for number in range(labels.count()):
        cell = labels.nth(number)
        shown = cell.evaluate("e => getComputedStyle(e, '::before').content")
        assert shown == f'"{cell.get_attribute("data-label")}"'
        box = cell.bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= 360
    page.close()


@pytest.mark.parametrize("width", [794, 1123])  # A4 at 96 dots to the inch
def test_on_paper_nothing_is_cut_off(browser: Browser, served: Server, width: int) -> None:  # noqa: F811
    page = browser.new_page(viewport={"width": width, "height": 1000}, color_scheme="dark")  # noqa: F811
    page.emulate_media(media="print")
    page.goto(served.url + "/")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    region = page.locator(".matrix")
    assert region.evaluate("e => e.scrollHeight <= e.clientHeight + 1")
    expect(page.locator("form.parameters")).to_be_hidden()
    page.close()


def test_on_paper_the_matrix_lies_across_and_the_rest_stands(browser: Browser, served: Server) -> None:  # noqa: F811
    page = browser.new_page()  # noqa: F811
    page.goto(served.url + "/")
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", page.pdf(format="A4", prefer_css_page_size=True))
    assert {float(width) > float(height) for width, height in boxes} == {True, False}
    assert len(boxes) < 12
    page.close()


LUMINANCE = """
const channel = c => { c /= 255; return c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4; };
const luminance = c => { const [r, g, b] = c.match(/[\\d.]+/g).map(Number);
  return .2126 * channel(r) + .7152 * channel(g) + .0722 * channel(b); };
const paper = e => { for (; e; e = e.parentElement) {
  const c = getComputedStyle(e).backgroundColor; if (c !== 'rgba(0, 0, 0, 0)') return c; } return 'rgb(255, 255, 255)'; };
const contrast = e => { const [a, b] = [getComputedStyle(e).color, paper(e)].map(luminance).sort((a, b) => b - a);
  return (a + .05) / (b + .05); };
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_and_marks_stand_out(browser: Browser, served: Server, scheme: str) -> None:  # noqa: F811
    page = browser.new_page(color_scheme=scheme)  # type: ignore[arg-type]  # noqa: F811
    page.goto(served.url + "/")
    for selector, least in ((".matrix a, .matrix small, .matrix caption, .legend dt, .legend dd", 4.5), (".mark", 3)):
        lowest = page.evaluate(
            f"selector => {{ {LUMINANCE} return Math.min(...[...document.querySelectorAll(selector)].map(contrast)) }}",
            selector,
        )
        assert lowest >= least, selector
    page.close()
