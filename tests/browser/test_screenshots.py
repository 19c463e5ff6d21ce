"""The pictures in docs/pages: one of each kind of page, and a list of what stands on it, which has to be true.

``KG_SCREENSHOTS=1`` takes the pictures anew and writes the list; without it the list is compared, because the pixels of
letters differ between machines.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser

from tests.browser.test_pages import browser, pytestmark  # noqa: F401 - the same browser and rules
from tests.conftest import ROOT, Server
from tests.page_kinds import PAGES

FOLDER = ROOT / "docs" / "pages"


@dataclass(frozen=True)
class Picture:
    """Of which page, how wide, in which language and colours."""

    name: str
    kind: str
    title: str
    width: int = 1280
    language: str = "en-GB"
    scheme: str = "light"


PICTURES = [
    Picture("front", "home", "The front page: who says what"),
    Picture("front-on-a-day", "home-on-a-day", "One area, as it was on a day"),
    Picture("front-phone", "home", "The front page on a phone", width=360),
    Picture("map", "home-map", "The same as a map"),
    Picture("actor", "state-with-changes", "An actor: positions over time"),
    Picture("actor-german-dark", "state-with-changes", "The same in German, in the dark", 1280, "de-DE", "dark"),
    Picture("position", "position-with-conditions", "A position: who, what, on which conditions, who says so"),
    Picture("event", "event", "An event: what was said there"),
    Picture("source", "source", "A source: what it tells"),
    Picture("circumstance", "circumstance", "A circumstance: what depends on it"),
    Picture("area", "area", "An area: who takes which position"),
    Picture("scenario", "scenario-assumed", "What if: who stays, who drops out"),
    Picture("query", "query", "Asking with SPARQL"),
    Picture("timeline", "answer-timeline", "An answer as a timeline"),
    Picture("question", "question", "A question with a day filled in"),
    Picture("search", "search", "Finding things by their names"),
    Picture("changes", "changes", "What changed from release to release"),
    Picture("downloads", "downloads", "Downloads"),
    Picture("ontology", "ontology", "The terms of the graph"),
]


def taken(browser: Browser, served: Server, picture: Picture) -> list[str]:  # noqa: F811
    """The headings of a page; its picture is taken if it is wanted."""
    size = {"width": picture.width, "height": 800}
    with browser.new_context(
        viewport=size,  # type: ignore[arg-type]
        locale=picture.language,
        color_scheme=picture.scheme,  # type: ignore[arg-type]
        reduced_motion="reduce",
    ) as context:
        page = context.new_page()
        page.goto(served.url + PAGES[picture.kind])
        page.evaluate("document.fonts.ready")
        if os.environ.get("KG_SCREENSHOTS"):
            FOLDER.mkdir(exist_ok=True)
            page.screenshot(path=FOLDER / f"{picture.name}.png")
        found = page.locator("h1, h2:visible").all_inner_texts()
    return [text.split("\n")[0].strip() for text in found][:12]


def listed(browser: Browser, served: Server) -> str:  # noqa: F811
    parts = [
        "# What the pages look like\n\n"
        "Made by `KG_SCREENSHOTS=1 .venv/bin/python -m pytest tests/browser/test_screenshots.py`; the test fails when a "
        "page has other headings than this list says.\n"
    ]
    for picture in PICTURES:
        headings = taken(browser, served, picture)
        parts.append(
            f"\n## {picture.title}\n\n`{PAGES[picture.kind]}`\n\n"
            f"![{picture.title}: {'; '.join(headings)}]({picture.name}.png)\n"
        )
    return "".join(parts)


def test_the_pictures_show_what_is_there(browser: Browser, served: Server) -> None:  # noqa: F811
    assert {p.stem for p in FOLDER.glob("*.png")} - {p.name for p in PICTURES} == set()
    found, page = listed(browser, served), FOLDER / "README.md"
    if os.environ.get("KG_SCREENSHOTS"):
        page.write_text(found, encoding="utf-8")
    assert page.read_text(encoding="utf-8") == found, "take the pictures anew: KG_SCREENSHOTS=1"
    assert {p.stem for p in FOLDER.glob("*.png")} == {p.name for p in PICTURES}


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_a_picture_is_as_wide_as_its_screen(picture: Picture) -> None:
    data = (FOLDER / f"{picture.name}.png").read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(data[16:20], "big") == picture.width
