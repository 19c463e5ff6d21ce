"""Links between the files of a frozen site."""

from __future__ import annotations

import html
import posixpath
from urllib.parse import quote, unquote, urljoin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.freezing.links import addresses, file_of, relinked

NAMES = st.text(
    st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters='/"<>?#&'), min_size=1, max_size=12
).filter(lambda name: name not in (".", ".."))  # a browser does not ask for these
PATHS = st.lists(NAMES, min_size=1, max_size=4).map(lambda parts: "/" + "/".join(quote(p) for p in parts))


@pytest.mark.parametrize(
    ("address", "media_type", "file"),
    [
        ("/", "text/html", "index.html"),
        ("/dumps/", "text/html", "dumps/index.html"),
        ("/doc/state/ITA", "text/html", "doc/state/ITA.html"),
        ("/doc/state/ITA.html", "text/html", "doc/state/ITA.html"),
        ("/doc/state/ITA.ttl", "text/turtle", "doc/state/ITA.ttl"),
        ("/doc/concept/cr%C3%A8me", "text/html", "doc/concept/crème.html"),
        ("/static/style.css", "text/css", "static/style.css"),
        ("/.well-known/void", "text/turtle", ".well-known/void.ttl"),
        ("/changes.atom", "application/atom+xml", "changes.atom"),
    ],
)
def test_the_file_of_an_address(address: str, media_type: str, file: str) -> None:
    assert file_of(address, media_type) == file


def test_a_query_has_a_file_of_its_own() -> None:
    files = {file_of(f"/sparql?query={n}&format=csv", "text/csv") for n in range(50)}
    assert len(files) == 50
    assert all(file.startswith("sparql.") and file.endswith(".csv") for file in files)


@given(st.text(st.characters(blacklist_categories=["Cs"]), max_size=300))
def test_no_file_leads_out_of_the_folder(path: str) -> None:
    file = file_of("/" + quote(path), "text/html")
    assert not posixpath.normpath(file).startswith(("..", "/"))
    assert "\x00" not in file
    assert all(len(part.encode()) <= 255 for part in file.split("/"))


@given(PATHS, PATHS)
def test_a_relative_link_leads_to_the_file(at: str, to: str) -> None:
    here, there = file_of(at, "text/html"), file_of(to, "text/html")
    page = f'<a href="{to}#part">x</a> <a href="https://elsewhere.example/x">y</a> <p>href="/not/a/link</p>'
    written = relinked(page, at, here, lambda address: file_of(address, "text/html"))
    link = html.unescape(written.split(chr(34))[1])
    assert link.endswith("#part")
    assert unquote(urljoin("http://x/" + quote(here), link.removesuffix("#part"))) == f"http://x/{there}"
    assert written.endswith('<a href="https://elsewhere.example/x">y</a> <p>href="/not/a/link</p>')


def test_the_addresses_of_a_page() -> None:
    page = """<link rel="x" href="/a?b=1&amp;c=2"><a href="?page=2">n</a><a href="#here">h</a><a href="//evil.example/">e</a>
    <a href="mailto:x@example.org">m</a><img src="/static/i.svg"><a href="/doc/x#y">d</a>"""
    assert [*addresses(page, "/doc/z")] == ["/a?b=1&c=2", "/doc/z?page=2", "/static/i.svg", "/doc/x"]
