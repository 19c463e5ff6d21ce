"""Search fields complete what is typed: with the keyboard alone, as the combobox pattern of the WAI-ARIA APG says."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.test_pages import browser, page, pytestmark  # noqa: F401 - the same browser and rules
from tests.conftest import Server


@pytest.fixture
def field(page: Page, served: Server) -> Locator:  # noqa: F811 - a fixture
    """The search field in the header of a page, focused."""
    page.goto(served.url + "/doc/dataset")
    field = page.get_by_role("combobox", name="Search for a name")
    field.focus()
    return field


def active(page: Page) -> str | None:  # noqa: F811
    """The text of the option that assistive technology is told of, which must be the one that looks chosen."""
    found: str | None = page.evaluate(
        """() => {
          const id = document.activeElement.getAttribute("aria-activedescendant");
          const chosen = [...document.querySelectorAll('[role="option"][aria-selected="true"]')];
          if (chosen.length !== (id ? 1 : 0) || (id && chosen[0].id !== id)) return "not the one that looks chosen";
          return id && document.getElementById(id).querySelector("b").textContent;
        }"""
    )
    return found


def test_a_name_is_chosen_with_the_arrows_and_opened_with_enter(page: Page, field: Locator) -> None:  # noqa: F811
    expect(field).to_have_attribute("aria-expanded", "false")
    expect(field).to_have_attribute("aria-autocomplete", "list")
    with page.expect_response(lambda reply: "giorgia" in reply.url and reply.url.endswith("mel")):
        page.keyboard.type("giorgia mel")
    options = page.get_by_role("listbox", name="Suggestions").get_by_role("option")
    expect(options.first).to_contain_text("Giorgia Meloni")
    expect(field).to_have_attribute("aria-expanded", "true")
    assert page.evaluate("document.activeElement.getAttribute('aria-controls')") == page.get_by_role(
        "listbox"
    ).get_attribute("id")
    expect(page.get_by_role("status").first).to_have_text(re.compile(r"^\d suggestions?$"))
    assert active(page) is None
    count = options.count()
    assert count > 2
    page.keyboard.press("ArrowDown")
    assert active(page) == "Giorgia Meloni"
    page.keyboard.press("ArrowUp")
    assert active(page) is None  # the field itself
    page.keyboard.press("ArrowUp")
    assert active(page) == options.nth(count - 1).locator("b").inner_text()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert active(page) == "Giorgia Meloni"
    assert page.evaluate("document.activeElement.name") == "q"
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/doc/person/giorgia-meloni$"))


def test_escape_leaves_the_text_and_enter_searches_for_it(page: Page, field: Locator) -> None:  # noqa: F811
    page.keyboard.type("macro")
    expect(page.get_by_role("listbox")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(field).to_have_attribute("aria-expanded", "false")
    assert field.input_value() == "macro"
    assert active(page) is None
    page.keyboard.press("ArrowDown")  # opens it again
    expect(page.get_by_role("listbox")).to_be_visible()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/search\?q=macro$"))
    expect(page.locator("#results")).to_contain_text("Results 1 to 20 of")


def test_tab_closes_the_list(page: Page, field: Locator) -> None:  # noqa: F811
    page.keyboard.type("ukra")
    expect(page.get_by_role("listbox")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("listbox")).to_be_hidden()
    assert page.evaluate("document.activeElement.textContent") == "Search"
    expect(field).to_have_attribute("aria-expanded", "false")


def test_other_scripts_are_completed_in_their_own(page: Page, field: Locator) -> None:  # noqa: F811
    page.keyboard.insert_text("Туреч")
    expect(page.get_by_role("option").first).to_contain_text("Туреччина")
    expect(page.get_by_role("option").first).to_contain_text("Türkiye")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/doc/state/TUR$"))


def test_the_search_page_completes_within_its_filters_on_a_phone(page: Page, served: Server) -> None:  # noqa: F811
    page.set_viewport_size({"width": 360, "height": 700})
    page.goto(f"{served.url}/search?q=it&type=https://w3id.org/pledge-graph/ns%23State")
    field = page.get_by_role("combobox", name=re.compile("^Name, or the beginning"))
    field.focus()
    page.keyboard.press("End")
    page.keyboard.type("al")
    options = page.get_by_role("listbox", name="Suggestions").get_by_role("option")
    expect(options).to_have_count(1)
    expect(options).to_contain_text("Italy")
    box = page.get_by_role("listbox").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    field.blur()
    page.get_by_role("link", name=re.compile("^only state")).click()
    page.wait_for_url(re.compile(r"/search\?q=it$"))
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_click_opens_what_was_offered(page: Page, field: Locator) -> None:  # noqa: F811
    page.keyboard.type("giorgia mel")
    page.get_by_role("option").first.click()
    page.wait_for_url(re.compile("/doc/person/giorgia-meloni$"))


def test_without_scripts_the_field_searches(browser: Browser, served: Server) -> None:  # noqa: F811
    page = browser.new_page(java_script_enabled=False)  # noqa: F811
    page.goto(served.url + "/doc/dataset")
    page.get_by_role("searchbox", name="Search for a name").fill("italie")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/search\?q=italie$"))
    page.get_by_label("Names in").select_option("fr")
    page.get_by_role("button", name="Search").click()
    page.wait_for_url(re.compile("label_lang=fr"))
    assert re.fullmatch(r"\d results?", page.locator("#results").inner_text())
    page.close()
