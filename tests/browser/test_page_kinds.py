"""Every kind of page: the rules of WCAG 2.2 AA that a program can check (axe-core), and what a page costs its readers.

Nothing moves while it is read, nothing is fetched elsewhere, nothing is left behind; in both languages and colours.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.browser.test_pages import browser, pytestmark  # noqa: F401 - the same browser and rules
from tests.conftest import Server, turns
from tests.npm import installed
from tests.page_kinds import PAGES

AXE = "axe-core@4.14.1"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LOOKS = [("en", "light", 1440), ("de", "dark", 360), ("de", "light", 1440), ("en", "dark", 360)]
# What moves after it was first drawn (Layout Instability), from the first moment on.
WATCH = """
window.moved = [];
new PerformanceObserver(list => {
    for (const entry of list.getEntries()) {
        window.moved.push([entry.value, ...entry.sources.map(s => s.node?.outerHTML?.slice(0, 120) ?? "gone")]);
    }
}).observe({ type: "layout-shift", buffered: true });
"""


@pytest.fixture(scope="module")
def axe(request: pytest.FixtureRequest) -> str:
    """The script."""
    return (Path(installed(request.config, AXE)) / "axe-core" / "axe.min.js").read_text()


def violations(page: Page, axe: str) -> list[str]:
    page.evaluate(axe)
    found = page.evaluate("tags => axe.run(document, {runOnly: tags, resultTypes: ['violations']})", RULES)
    return [
        f"{rule['id']} ({rule['impact']}): {node['target']} {node['html'][:160]} {node['failureSummary'][:300]}"
        for rule in found["violations"]
        for node in rule["nodes"][:3]
    ]


# Each page in one look, and each look on many pages; in the long run each page in every look.
@pytest.mark.parametrize(("name", "language", "scheme", "width"), [(name, *look) for name, look in turns(PAGES, LOOKS)])
def test_it_breaks_no_rule_and_costs_its_reader_nothing(
    browser: Browser,  # noqa: F811
    axe: str,
    served: Server,
    name: str,
    language: str,
    scheme: str,
    width: int,
) -> None:
    size = ViewportSize(width=width, height=900)
    with browser.new_context(locale=language, color_scheme=scheme, viewport=size) as context:  # type: ignore[arg-type]
        page = context.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.add_init_script(WATCH)
        page.goto(served.url + PAGES[name])
        page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        # Columns of a long table find their widths while it is read: a fifth of what counts as good (0.1).
        moved = page.evaluate("window.moved")
        assert sum(value for value, *_ in moved) < 0.02, moved
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert [url for url in asked if not url.startswith(served.url)] == []
        assert context.cookies() == []
        assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
        assert violations(page, axe) == []


def test_the_rules_find_what_is_wrong(browser: Browser, axe: str) -> None:  # noqa: F811
    with browser.new_context() as context:
        page = context.new_page()
        page.goto("data:text/html,<title>x</title><img src=x><p style='color:%23ccc;background:white'>pale")
        assert len(violations(page, axe)) >= 2


def test_the_watch_sees_what_moves(browser: Browser, served: Server) -> None:  # noqa: F811
    with browser.new_context() as context:
        page = context.new_page()
        page.add_init_script(WATCH)
        page.goto(served.url)
        page.evaluate("() => new Promise(done => setTimeout(done, 600))")
        page.evaluate("document.querySelector('h1').before(Object.assign(document.createElement('hr'), {style: ''}))")
        page.evaluate("() => new Promise(done => setTimeout(done, 200))")
        assert page.evaluate("window.moved.length") > 0


def test_the_front_page_is_light_and_whole_without_scripts(browser: Browser, served: Server) -> None:  # noqa: F811
    plain = browser.new_context(java_script_enabled=False)
    page = plain.new_page()
    with page.expect_response(served.url + "/") as reply:
        page.goto(served.url)
    assert len(reply.value.body()) < 150_000
    expect(page.locator(".matrix tbody tr").first).to_be_visible()
    plain.close()
