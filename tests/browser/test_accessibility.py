"""Every kind of page against the rules of WCAG 2.2 AA that a program can check (axe-core), in both languages and colours."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.test_pages import browser, pytestmark  # noqa: F401 - the same browser and rules
from tests.conftest import Server, turns
from tests.npm import installed
from tests.page_kinds import PAGES

AXE = "axe-core@4.14.1"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LOOKS = [("en", "light"), ("de", "dark"), ("de", "light"), ("en", "dark")]


@pytest.fixture(scope="module")
def axe(request: pytest.FixtureRequest) -> str:
    """The script."""
    return (Path(installed(request.config, AXE)) / "axe-core" / "axe.min.js").read_text()


def violations(browser: Browser, axe: str, url: str, language: str, scheme: str) -> list[str]:  # noqa: F811
    with browser.new_context(locale=language, color_scheme=scheme) as context:  # type: ignore[arg-type]
        page = context.new_page()
        page.goto(url)
        page.evaluate(axe)
        found = page.evaluate("tags => axe.run(document, {runOnly: tags, resultTypes: ['violations']})", RULES)
    return [
        f"{rule['id']} ({rule['impact']}): {node['target']} {node['html'][:160]} {node['failureSummary'][:300]}"
        for rule in found["violations"]
        for node in rule["nodes"][:3]
    ]


def test_the_rules_find_what_is_wrong(browser: Browser, axe: str) -> None:  # noqa: F811
    page = "data:text/html,<title>x</title><img src=x><p style='color:%23ccc;background:white'>pale"
    assert len(violations(browser, axe, page, "en", "light")) >= 2


# Each page in one language and scheme, and each of the four on many pages; in the long run each page in all four.
@pytest.mark.parametrize(
    ("name", "language", "scheme"), [(name, language, scheme) for name, (language, scheme) in turns(PAGES, LOOKS)]
)
def test_no_page_violates_a_rule(
    browser: Browser,  # noqa: F811
    axe: str,
    served: Server,
    name: str,
    language: str,
    scheme: str,
) -> None:
    assert violations(browser, axe, served.url + PAGES[name], language, scheme) == []
