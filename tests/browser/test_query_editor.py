"""The editor of queries in a real Chromium: with the keyboard, and on what the strict policy of the site allows."""

# ruff: noqa: F811 - fixtures are imported, and pages made

from __future__ import annotations

import json
import os
import re
from typing import Literal
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.test_pages import browser, page, pytestmark  # noqa: F401 - the same browser and rules
from tests.conftest import ROOT, Server

BUILT = ROOT / "src/kg/web/static/built/editor.js"
needs_editor = pytest.mark.skipif(
    not BUILT.exists() and not os.environ.get("CI"), reason="the editor is not built (make editor)"
)
VALUE = "document.querySelector('form.query').elements.query.value"


def editor(page: Page) -> Locator:
    return page.get_by_role("textbox", name=re.compile("^SPARQL query"))


def emptied(page: Page, url: str) -> None:
    """The page for queries with the cursor in an empty editor."""
    page.goto(url + "/sparql")
    editor(page).focus()
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    assert page.evaluate(VALUE) == ""


def accepted(page: Page) -> None:
    """Enter on what is chosen in the list."""
    # For 75 ms after a list has opened, the editor takes Enter for a key that was meant before it did.
    page.wait_for_timeout(150)
    page.keyboard.press("Enter")


def asked(page: Page) -> str:
    """The query in the address."""
    return parse_qs(urlsplit(page.url).query)["query"][0]


@needs_editor
def test_an_example_is_changed_run_shared_and_found_again(page: Page, browser: Browser, served: Server) -> None:
    page.goto(served.url + "/sparql")
    example = page.locator("details", has_text="Which states refuse ground troops in Ukraine?").last
    example.locator("summary").click()
    text = example.locator("code").text_content()
    page.get_by_role("button", name="Put into the field above: Which states refuse ground troops").click()
    assert page.evaluate(VALUE) == text
    expect(editor(page)).to_be_focused()
    page.keyboard.press("Control+End")
    page.keyboard.type("\nLIMIT 2")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(re.compile(r"/sparql\?query="))
    assert asked(page) == f"{text}\nLIMIT 2"
    expect(page.locator("main table").first.locator("tbody tr")).to_have_count(2)
    shared = page.get_by_role("link", name="This page for ever").get_attribute("href")
    assert shared is not None
    other = browser.new_page()
    other.goto(served.url + shared)
    assert asked(other) == asked(page)
    expect(other.locator("main table").first.locator("tbody tr")).to_have_count(2)
    other.close()
    page.reload()
    assert page.evaluate(VALUE) == f"{text}\nLIMIT 2"


@needs_editor
def test_a_class_is_completed_by_its_name_and_its_prefix_declared(page: Page, served: Server) -> None:
    emptied(page, served.url)
    page.keyboard.type("ASK { ?position a refus")
    option = page.get_by_role("option", name=re.compile("^refusal"))
    expect(option.first).to_contain_text("plg:Refusal")
    expect(page.get_by_role("option", selected=True)).to_contain_text("plg:Refusal")
    accepted(page)
    assert page.evaluate(VALUE) == ("PREFIX plg: <https://w3id.org/pledge-graph/ns#>\nASK { ?position a plg:Refusal}")
    page.keyboard.type(" ; plg:hol")
    expect(page.get_by_role("option", selected=True)).to_contain_text("plg:holder")
    accepted(page)
    page.keyboard.type(" ?pos")  # variables of the query
    expect(page.get_by_role("option", selected=True)).to_have_text("?position")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(re.compile(r"/sparql\?query="))
    expect(page.locator("p.lead")).to_have_text(re.compile("^(Yes|No)$"))


@needs_editor
def test_a_thing_is_completed_by_its_name_in_any_script(page: Page, served: Server) -> None:
    emptied(page, served.url)
    page.keyboard.type("ASK { ?p ?q ")
    page.keyboard.insert_text("Туреч")
    option = page.get_by_role("option", name=re.compile("state:TUR"))
    expect(option).to_be_visible()
    option.click()
    assert re.fullmatch(
        r"PREFIX state: <https://w3id.org/pledge-graph/id/state/>\nASK \{ \?p \?q state:TUR\}", page.evaluate(VALUE)
    )


@needs_editor
def test_keywords_are_completed_and_nothing_within_comments(page: Page, served: Server) -> None:
    emptied(page, served.url)
    page.keyboard.type("sel")
    expect(page.get_by_role("option", selected=True)).to_have_text("SELECT")
    accepted(page)
    assert page.evaluate(VALUE) == "SELECT"
    page.keyboard.type(" * {} # refus")
    with page.expect_response(lambda reply: "suggest" in reply.url):
        page.get_by_role("combobox", name="Search for a name").fill("refusal")  # long enough for a list to have come
    assert page.evaluate(VALUE) == "SELECT * {} # refus"
    expect(page.locator(".cm-tooltip-autocomplete")).to_have_count(0)


@needs_editor
def test_tab_indents_and_leaves_after_escape(page: Page, served: Server) -> None:
    emptied(page, served.url)
    page.keyboard.press("Tab")
    assert page.evaluate(VALUE) == "  "
    expect(editor(page)).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.type("x")
    page.keyboard.press("Tab")  # who writes on, stays
    expect(editor(page)).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(editor(page)).to_be_focused()
    page.keyboard.press("Tab")  # who comes back, writes
    expect(editor(page)).to_be_focused()
    expect(page.get_by_text("Escape, then Tab, leaves the field")).to_be_visible()
    page.get_by_text("SPARQL query", exact=True).click()
    expect(editor(page)).to_be_focused()


@needs_editor
def test_a_mistake_is_marked_where_it_is(browser: Browser, served: Server) -> None:
    page = browser.new_page()  # a 400 is an error to the console
    query = 'SELECT *\n{ ?s ?p "ä𝄞" ; nix:B 1 }'
    page.goto(served.url + "/sparql?" + urlencode({"query": query}))
    expect(page.locator(".cm-wrong")).to_have_text("n")
    assert page.evaluate(VALUE) == query
    expect(editor(page)).to_be_focused()
    expect(editor(page)).to_have_attribute("aria-invalid", "true")
    page.keyboard.type("# ")  # the cursor stands at the mistake
    assert page.evaluate(VALUE) == query.replace("nix:B", "# nix:B")
    expect(page.locator(".cm-wrong")).to_have_count(0)
    page.close()


@needs_editor
def test_each_line_has_its_number_beside_it(page: Page, served: Server) -> None:
    page.goto(served.url + "/sparql?" + urlencode({"query": "ASK {\n\n\n}"}))
    page.locator(".editor").scroll_into_view_if_needed()
    expect(page.locator(".cm-lineNumbers")).to_contain_text("4")
    numbers = [n.bounding_box() for n in page.locator(".cm-lineNumbers .cm-gutterElement:visible").all()]
    lines = [n.bounding_box() for n in page.locator(".cm-line").all()]
    tops = [[round(box["y"]) for box in boxes if box] for boxes in (numbers, lines)]
    assert len(tops[1]) == 4
    assert tops[0][-4:] == tops[1]


@needs_editor
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_editor_has_its_styles_although_none_may_be_inline(
    browser: Browser, served: Server, scheme: Literal["light", "dark"]
) -> None:
    page = browser.new_page(color_scheme=scheme)
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(served.url + "/sparql")
    policy = page.evaluate(
        "fetch('/sparql', {headers: {Accept: 'text/html'}}).then(r => r.headers.get('content-security-policy'))"
    )
    assert "style-src 'self'" in policy
    assert "unsafe" not in policy
    expect(editor(page)).to_be_visible()
    editor(page).focus()
    page.keyboard.type("refus")
    expect(page.get_by_role("option").first).to_be_visible()
    assert page.locator(".cm-scroller").evaluate("e => getComputedStyle(e).display") == "flex"
    assert page.locator("style").count() == 0
    assert contrast(page) >= 4.5
    # Written over, text of another look must not keep that by inline styles, as browsers would.
    page.keyboard.press("Escape")
    page.keyboard.press("Control+a")
    page.keyboard.type("{")
    assert page.evaluate(VALUE).startswith("{refusSELECT")  # around what was selected
    page.keyboard.press("Control+a")
    page.keyboard.insert_text("ASK {}")
    assert page.evaluate(VALUE) == "ASK {}"
    assert problems == []
    page.close()


def contrast(page: Page) -> float:
    """The least contrast of any text in the editor with its ground (WCAG 2.2, 1.4.3)."""
    found: float = page.evaluate(
        """() => {
          const lightness = colour => {
            const [r, g, b] = colour.match(/[\\d.]+/g).map(Number)
              .map(v => v / 255).map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
            return .2126 * r + .7152 * g + .0722 * b;
          };
          const host = document.querySelector(".editor");
          const ground = lightness(getComputedStyle(host).backgroundColor);
          return Math.min(...[...host.shadowRoot.querySelectorAll(".cm-line, .cm-line span, .cm-gutterElement")].map(e => {
            const [low, high] = [lightness(getComputedStyle(e).color), ground].sort((a, b) => a - b);
            return (high + .05) / (low + .05);
          }));
        }"""
    )
    return found


@needs_editor
@pytest.mark.parametrize("view", ["table", "bars", "lines", "timeline"])
def test_an_answer_fits_on_a_phone(browser: Browser, served: Server, view: str) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 800})
    query = """PREFIX plg: <https://w3id.org/pledge-graph/ns#>
        SELECT ?kind ?from (COUNT(*) AS ?n) {
          VALUES ?kind { plg:Refusal plg:Pledge } ?position a ?kind ; plg:validFrom ?from
        } GROUP BY ?kind ?from ORDER BY ?from LIMIT 40"""
    page.goto(served.url + "/sparql?" + urlencode({"query": query, "view": view}))
    page.locator("summary", has_text="Code that asks this").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert "cannot be drawn" not in page.locator("main").inner_text()
    expect(page.locator(".views a[aria-current=page]")).to_have_text(view.capitalize())
    small = page.evaluate(
        "[...document.querySelectorAll('main button, main .views a')].map(e => e.getBoundingClientRect().height).filter(h => h < 24)"
    )
    assert small == []  # WCAG 2.2, 2.5.8
    page.close()


def test_code_and_addresses_are_copied(browser: Browser, served: Server) -> None:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(served.url + "/sparql?" + urlencode({"query": "ASK { ?s ?p 'it''s' }".replace("''", "")}))
    page.locator("summary", has_text="Code that asks this").click()
    page.get_by_role("button", name="Copy: curl").click()
    expect(page.get_by_role("status").last).to_have_text("Copied")
    code = page.locator("#code-curl + div code").text_content()
    assert page.evaluate("navigator.clipboard.readText()") == code
    page.get_by_role("button", name="Copy address: This page for ever").click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert re.match(rf"{served.url}/release/[^/]+/sparql\?query=", copied)
    context.close()


def test_without_a_script_all_of_it_can_be_read_and_sent(browser: Browser, served: Server) -> None:
    page = browser.new_page(java_script_enabled=False)
    page.goto(served.url + "/sparql")
    field = page.get_by_role("textbox", name="SPARQL query")
    field.fill("SELECT ?x ?n {\n  VALUES (?x ?n) { ('a' 1) ('b' 2) }\n}")
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_role("link", name="Bars").click()
    assert page.locator("table.chart rect").count() == 2
    assert page.get_by_role("button", name="Copy").count() == 0
    page.locator("summary", has_text="Code that asks this").click()
    assert "VALUES (?x ?n)" in page.locator("#code-curl + div code").inner_text()
    page.get_by_role("button", name="Run", exact=True).click()
    assert page.locator("table.chart rect").count() == 2  # the view stays
    expect(page.get_by_text("Ctrl + Enter")).to_be_hidden()
    page.close()


def test_the_plain_form_has_its_keys_too(browser: Browser, served: Server) -> None:
    """Where the editor cannot be had, because it was not built or the network fails, the form goes on working."""
    page = browser.new_page()
    page.route("**/built/editor.js", lambda route: route.abort())
    page.goto(served.url + "/sparql")
    field = page.get_by_role("textbox", name="SPARQL query")
    assert field.evaluate("e => e.tagName") == "TEXTAREA"
    field.fill("ASK {\n}")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(re.compile(r"\?query=ASK\+%7B%0A%7D$"))
    expect(page.locator("p.lead")).to_have_text("Yes")
    expect(page.get_by_text("Escape, then Tab")).to_be_hidden()
    page.close()


@needs_editor
def test_the_editor_asks_this_site_alone(browser: Browser, served: Server) -> None:
    page = browser.new_page()
    asked_for: list[str] = []
    page.on("request", lambda request: asked_for.append(request.url))
    emptied(page, served.url)
    page.keyboard.type("ital")
    expect(page.get_by_role("option", name=re.compile("state:ITA"))).to_be_visible()
    assert {urlsplit(url).netloc for url in asked_for} == {urlsplit(served.url).netloc}
    assert page.context.cookies() == []
    assert json.loads(page.evaluate("JSON.stringify(Object.keys(localStorage))")) == []
    page.close()
