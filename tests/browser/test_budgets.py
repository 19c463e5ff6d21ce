"""What pages cost their readers: nothing moves, nothing is fetched elsewhere, nothing is left behind."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.test_pages import browser, pytestmark  # noqa: F401 - the same browser and rules
from tests.conftest import Server
from tests.page_kinds import PAGES

# What moves after it was first drawn (Layout Instability), from the first moment on.
WATCH = """
window.moved = [];
new PerformanceObserver(list => {
    for (const entry of list.getEntries()) {
        window.moved.push([entry.value, ...entry.sources.map(s => s.node?.outerHTML?.slice(0, 120) ?? "gone")]);
    }
}).observe({ type: "layout-shift", buffered: true });
"""


@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("name", PAGES)
def test_nothing_moves_comes_from_elsewhere_or_is_kept(
    browser: Browser,  # noqa: F811
    served: Server,
    name: str,
    width: int,
) -> None:
    with browser.new_context(viewport={"width": width, "height": 900}) as context:
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
