"""Pages that answer questions about their thing, in a real Chromium: on a phone, with the keyboard, in print."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Dialog, Page, expect

from tests.browser.test_pages import browser, page, pytestmark  # noqa: F401 - the same browser and rules
from tests.conftest import Server, start_server, stop_server, turns
from tests.lending import hostile

PATHS = [
    "/doc/state/ITA", "/doc/state/FRA", "/doc/position/FRA-0001", "/doc/vocab/area/ground-troops", "/doc/event/e0001",
    "/doc/source/s0001", "/doc/circumstance/us-backstop", "/doc/person/giorgia-meloni",
]  # fmt: skip


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    project = hostile(tmp_path_factory.mktemp("hostile") / "lending")
    server = start_server(project, project.parent)
    yield server
    stop_server(server)


@pytest.mark.parametrize(("path", "width"), turns(PATHS, [360, 768, 1440]))
def test_nothing_is_wider_than_the_screen(page: Page, served: Server, path: str, width: int) -> None:  # noqa: F811
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(served.url + path)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("reader", ["mallory", "long", "right", "many", "ada"])
def test_no_text_makes_a_page_wider_than_a_phone(page: Page, library: Server, reader: str) -> None:  # noqa: F811
    page.set_viewport_size({"width": 360, "height": 800})
    dialogs: list[str] = []

    def seen(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", seen)
    page.goto(f"{library.url}/doc/reader/{reader}")
    page.locator(".as-table summary").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert dialogs == []


def test_right_to_left_text_begins_at_the_right(page: Page, library: Server) -> None:  # noqa: F811
    page.goto(library.url + "/doc/reader/right")
    heading = page.locator("h1")
    assert heading.evaluate("e => getComputedStyle(e).direction") == "rtl"
    # What stands beside such a name stays in its place: the words of the sentence follow it.
    assert page.locator(".said p").first.inner_text().endswith("2025.")


def test_what_is_drawn_can_be_reached_and_read_without_the_drawing(page: Page, served: Server) -> None:  # noqa: F811
    page.goto(served.url + "/doc/state/ITA")
    section = page.locator(".answer", has=page.locator(".lanes")).first
    drawn = set(section.locator("svg a").evaluate_all("all => all.map(e => e.getAttribute('href'))"))
    assert drawn
    # The drawing is for the eye and the mouse; neither the keyboard nor a screen reader comes upon it.
    assert section.locator("svg a:not([tabindex='-1'])").count() == 0
    assert section.locator("svg:not([aria-hidden='true']):has(a):not(svg svg)").count() == 0
    table = section.locator("details.as-table")
    expect(table.locator("table")).to_be_hidden()
    table.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(table.locator("table")).to_be_visible()
    told = set(table.locator("tbody td:nth-child(2) a").evaluate_all("all => all.map(e => e.getAttribute('href'))"))
    assert told == drawn
    wanted = table.locator("tbody td:nth-child(2) a").first
    for _ in range(20):
        page.keyboard.press("Tab")
        if wanted.evaluate("e => e === document.activeElement"):
            break
    expect(wanted).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/doc/position/ITA-*")


def test_a_bar_leads_to_what_it_stands_for(page: Page, served: Server) -> None:  # noqa: F811
    page.set_viewport_size({"width": 1200, "height": 900})
    page.goto(served.url + "/doc/state/ITA")
    bar = page.locator(".track a").last
    target = bar.get_attribute("href")
    bar.locator("rect").last.click()
    page.wait_for_url(f"**/doc{target.removeprefix('/id')}" if target else "")


def test_bars_lie_inside_their_lane(page: Page, served: Server) -> None:  # noqa: F811
    for width in (360, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(served.url + "/doc/state/FRA")
        for lane in page.locator(".track").all():
            outer = lane.bounding_box()
            assert outer is not None
            for bar in lane.locator("a > rect").all():
                inner = bar.bounding_box()
                assert inner is not None
                assert inner["x"] >= outer["x"] - 1
                assert inner["x"] + inner["width"] <= outer["x"] + outer["width"] + 2
                assert inner["y"] + inner["height"] <= outer["y"] + outer["height"] + 1


def test_links_beside_the_drawing_are_large_enough(page: Page, served: Server) -> None:  # noqa: F811
    page.set_viewport_size({"width": 360, "height": 800})
    page.goto(served.url + "/doc/state/FRA")
    for link in page.locator(".lane p a, .ways a").all():
        box = link.bounding_box()
        assert box is not None
        assert box["height"] >= 24


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_and_marks_of_a_timeline_stand_out(browser: Browser, served: Server, scheme: str) -> None:  # noqa: F811
    page = browser.new_page(color_scheme=scheme)  # type: ignore[arg-type]  # noqa: F811
    page.goto(served.url + "/doc/state/ITA")
    ratios = page.evaluate(CONTRAST)
    assert ratios
    # 4.5 for words, 3 for what is drawn (WCAG 2.2, 1.4.3 and 1.4.11).
    assert min(ratios["words"]) >= 4.5
    assert min(ratios["drawn"]) >= 3
    page.close()


CONTRAST = """() => {
  const of = text => text.match(/[\\d.]+/g).slice(0, 3).map(Number);
  const light = rgb => { const [r, g, b] = rgb.map(v => { v /= 255; return v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4 });
    return .2126 * r + .7152 * g + .0722 * b };
  const ratio = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + .05) / (y + .05) };
  const paper = of(getComputedStyle(document.body).backgroundColor);
  const words = [], drawn = [];
  for (const bar of document.querySelectorAll(".stretch")) {
    const ink = of(getComputedStyle(bar).color);
    const filled = paper.map((value, n) => value * .84 + ink[n] * .16);
    drawn.push(ratio(ink, paper), ratio(ink, filled));
    for (const text of bar.querySelectorAll("text")) words.push(ratio(of(getComputedStyle(text).fill), filled));
  }
  return { words, drawn };
}"""


def test_in_print_the_table_is_open(page: Page, served: Server) -> None:  # noqa: F811
    page.goto(served.url + "/doc/state/ITA")
    page.emulate_media(media="print")
    box = page.locator(".as-table table").bounding_box()
    assert box is not None
    assert box["height"] > 100


def test_it_is_all_there_without_scripts(browser: Browser, served: Server) -> None:  # noqa: F811
    page = browser.new_page(java_script_enabled=False)  # noqa: F811
    page.goto(served.url + "/doc/position/ITA-0001")
    expect(page.locator(".said p").first).to_contain_text("Italy on ground troops: no, firm declaration")
    page.locator(".answer", has=page.get_by_role("heading", name="Which sources tell it")).locator("td a").first.click()
    page.wait_for_url("**/doc/source/s*")
    expect(page.get_by_role("heading", name="What it tells")).to_be_visible()
    page.close()
