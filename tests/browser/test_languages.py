"""The language of pages, switched with the keyboard alone."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.test_pages import browser, page, pytestmark  # noqa: F401 - the same browser and rules
from tests.conftest import Server


def focused(page: Page, name: str) -> None:  # noqa: F811
    """Press Tab until the link of that name has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == name:
            return
    raise AssertionError(f"{name} cannot be reached with Tab")


def test_a_reader_switches_with_the_keyboard_and_stays_in_the_language(page: Page, served: Server) -> None:  # noqa: F811
    page.goto(f"{served.url}/doc/state/ITA")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    focused(page, "Deutsch")
    page.keyboard.press("Enter")
    page.wait_for_url("**/doc/state/ITA?lang=de")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.get_by_role("heading", level=1)).to_have_text("Italien")
    for link, heading in (("Katalog", "Katalog"), ("Änderungen", "Änderungen"), ("Abfragen", "Abfragen")):
        focused(page, link)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        expect(page.locator("html")).to_have_attribute("lang", "de")
        assert "lang=de" in page.url
    page.get_by_role("combobox", name="Nach einem Namen suchen").fill("Italien")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?*")
    assert "lang=de" in page.url
    expect(page.get_by_role("heading", level=1)).to_have_text("Suchen")


def test_a_browser_that_prefers_german_gets_german(browser, served: Server) -> None:  # type: ignore[no-untyped-def]  # noqa: F811
    with browser.new_context(locale="de-DE") as context:
        opened = context.new_page()
        opened.goto(served.url)
        expect(opened.locator("html")).to_have_attribute("lang", "de")
        assert "lang=" not in opened.url
        with opened.expect_response(lambda reply: "/search/suggest" in reply.url) as answer:
            opened.get_by_role("combobox", name="Nach einem Namen suchen").press_sequentially("ital")
        assert "lang=de" in answer.value.url
