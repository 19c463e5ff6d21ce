"""What is kept of pages: the right one for a request, within its bytes, and nothing from before a new release."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.web.kept import Pages, Wish, unchanged
from kg.web.reply import Reply

HEADERS = [("cache-control", "public, max-age=60"), ("etag", '"a"'), ("vary", "Accept, Accept-Encoding")]


def reply(body: bytes = b"x", status: int = 200, **changed: str) -> Reply:
    told = dict(HEADERS) | {name.replace("_", "-"): value for name, value in changed.items()}
    return Reply(status, [*told.items(), ("content-type", "text/html")], body)


@dataclass
class Headers:
    pairs: list[tuple[str, str]] = field(default_factory=list)

    def items(self) -> list[tuple[str, str]]:
        return self.pairs

    def get(self, wanted: str) -> str | None:
        return next((value for name, value in self.pairs if name == wanted), None)


@dataclass
class Scope:
    path: str = "/doc/a"
    query_string: str = ""
    authority: str = "example.org"
    headers: Headers = field(default_factory=Headers)


def wish(*pairs: tuple[str, str], **changed: Any) -> Wish:
    return Wish.of(Scope(headers=Headers([*pairs]), **changed))


def test_what_a_reply_may_depend_on_is_in_the_key() -> None:
    wishes = [
        wish(),
        wish(path="/doc/b"),
        wish(query_string="page=2"),
        wish(authority="other.example"),
        wish(("accept", "text/turtle")),
        wish(("accept", "text/turtle"), ("accept", "text/html")),
        wish(("accept-language", "de")),
        wish(("accept-profile", "<urn:x>")),
        wish(("accept-datetime", "Thu, 01 Jan 1970 00:00:00 GMT")),
        wish(("accept-encoding", "gzip")),
        wish(("x-forwarded-proto", "https")),
    ]
    assert len({w.key for w in wishes}) == len(wishes)
    assert wish(("user-agent", "x"), ("accept-encoding", "br")).key == wish().key
    assert wish(("if-none-match", '"a"')).key == wish().key


@pytest.mark.parametrize("name", ["range", "if-match", "if-modified-since", "if-unmodified-since"])
def test_other_conditions_and_ranges_are_not_answered_from_here(name: str) -> None:
    assert not wish((name, "x")).plain


@pytest.mark.parametrize(
    "kept",
    [
        reply(status=404),
        reply(status=500),
        reply(cache_control="no-store"),
        reply(vary="Accept, Cookie"),
        reply(vary="*"),
        Reply(200, [("etag", '"a"')], b""),
        reply(b"x" * 200_000),
    ],
    ids=["404", "500", "no-store", "vary cookie", "vary all", "silent", "large"],
)
def test_what_is_not_kept(kept: Reply) -> None:
    pages = Pages(1_000_000)
    assert pages.keep(("a",), 0, kept) is None
    assert pages.find(("a",), 0) is None


def test_a_new_release_ends_all() -> None:
    pages = Pages(1_000_000)
    pages.keep(("a",), 0, reply())
    assert pages.find(("a",), 0) is not None
    assert pages.find(("a",), 1) is None
    assert pages.keep(("a",), 0, reply()) is None  # made from the former release
    assert pages.find(("a",), 1) is None


@given(st.lists(st.tuples(st.integers(0, 30), st.binary(max_size=12_000)), max_size=60))
def test_the_bytes_are_bounded_and_the_answer_is_the_last_one(stored: list[tuple[int, bytes]]) -> None:
    limit = 100_000
    pages, last = Pages(limit), dict[int, bytes]()
    for number, body in stored:
        if pages.keep((str(number),), 0, reply(body)) is not None:
            last[number] = body
    found = {number: pages.find((str(number),), 0) for number in last}
    assert sum(len(kept.body) for kept in found.values() if kept) <= limit
    assert all(kept is None or kept.body == last[number] for number, kept in found.items())


@pytest.mark.parametrize(
    ("known", "status"),
    [
        ('"a"', 304),
        ('W/"a"', 304),
        ('"b", "a"', 304),
        ("*", 304),
        ('"b"', 200),
        ('"a-gzip"', 200),
        ("a", 304),
        ("", 200),
    ],
)
def test_a_fresh_copy_is_confirmed(known: str, status: int) -> None:
    answered = unchanged(reply(), known)
    assert answered.status == status
    names = {name for name, _ in answered.headers}
    if status == 304:
        assert answered.body == b""
        assert {"etag", "vary", "cache-control"} <= names
        assert "content-type" not in names


def test_only_a_whole_reply_is_a_copy_of_what_a_client_has() -> None:
    pages = Pages(1_000_000)
    found, moved = (pages.keep((name,), 0, reply(status=status)) for name, status in (("a", 200), ("b", 301)))
    assert found is not None
    assert moved is not None
    assert (found.fits('"a"'), found.fits('"b"'), moved.fits('"a"')) == (True, False, False)


def test_what_would_take_more_room_than_its_body_is_not_kept() -> None:
    pages = Pages(1_000_000)
    assert pages.keep(("a" * 2_000, None, "b" * 2_096), 0, reply()) is not None
    assert pages.keep(("a" * 2_000, None, "b" * 2_097), 0, reply()) is None


def test_what_nobody_has_asked_for_the_longest_is_forgotten_first() -> None:
    pages = Pages(100_000)  # room for eight
    for name in ("asked", "old"):
        pages.keep((name,), 0, reply(b"x" * 10_000))
    for number in range(7):
        assert pages.find(("asked",), 0) is not None
        pages.keep((str(number),), 0, reply(b"x" * 10_000))
    kept = [name for name in ("asked", "old", *map(str, range(7))) if pages.find((name,), 0)]
    assert kept == ["asked", *map(str, range(7))]
