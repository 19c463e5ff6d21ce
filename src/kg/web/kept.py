"""Pages and documents that were made before, ready to be sent again.

A release never changes, so a reply to a GET request holds until there is another release. The key is all that a reply
may depend on: the address and the headers that are negotiated. A fresh copy of the client's own is confirmed (304) from
what is kept as well.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from werkzeug.http import parse_etags

from kg.web.queries import accepts_gzip
from kg.web.reply import Header, Reply

# The headers that may be named in Vary; a reply that depends on others is not kept.
_NEGOTIATED = ("accept", "accept-language", "accept-profile", "accept-datetime")
_VARYING = {*_NEGOTIATED, "accept-encoding"}
_CONDITIONS = frozenset(("range", "if-match", "if-modified-since", "if-unmodified-since"))
_READ = frozenset((*_VARYING, *_CONDITIONS, "if-none-match", "host", "x-forwarded-proto"))
_STATUS = (200, 301, 302, 303, 308, 410)
_LONGEST_KEY = 4_096  # characters
_OVERHEAD = 2_000  # bytes that an entry takes beside its body, about
# Of the headers of the 200 a 304 repeats those that update a stored copy, and no other metadata (RFC 9110, section
# 15.4.5); without the permission of CORS a browser would not show the page its own copy.
_OF_304 = ("cache-control", "content-location", "etag", "expires", "vary", "access-control-allow-origin")

Key = tuple[str | None, ...]


@dataclass(frozen=True)
class Kept:
    """A reply, and the one that confirms it; ``tag`` is the value of its ETag header."""

    status: int
    headers: list[Header]
    body: bytes
    tag: str
    unchanged: list[Header]

    def fits(self, known: str) -> bool:
        """True if the client's If-None-Match has this very copy."""
        return self.status == 200 and _fits(self.tag, known)


@dataclass(slots=True)
class Wish:
    """What of a GET request decides on the reply: the key, the validators that the client has, and its range."""

    key: Key
    known: str | None
    plain: bool

    @classmethod
    def of(cls, scope: Any) -> Wish:
        """Read the headers of a request; several of one name are one list (RFC 9110, section 5.3)."""
        got: dict[str, str] = {}
        for name, value in scope.headers.items():
            if name in _READ:
                got[name] = f"{got[name]}, {value}" if name in got else value
        get = got.get
        coding = get("accept-encoding")
        packed = "gzip" if coding is not None and accepts_gzip(coding) else None
        host = scope.authority or get("host")
        key = (scope.path, scope.query_string, host, get("x-forwarded-proto"), packed, *map(get, _NEGOTIATED))
        return cls(key, get("if-none-match"), _CONDITIONS.isdisjoint(got))


def unchanged(reply: Reply, known: str) -> Reply:
    """The reply, or the 304 in its place if the client's If-None-Match has it (RFC 9110, section 13.1.2)."""
    if not _fits(dict(reply.headers).get("etag", ""), known):
        return reply
    return Reply(304, _of_304(reply.headers))


def _fits(tag: str, known: str) -> bool:
    return bool(tag) and (known == tag or bool(parse_etags(known).contains_weak(tag.strip('"'))))


def _of_304(headers: list[Header]) -> list[Header]:
    return [header for header in headers if header[0] in _OF_304]


class Pages:
    """What is kept, up to so many bytes; what nobody has asked for the longest is forgotten."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._kept: OrderedDict[Key, Kept] = OrderedDict()
        self._bytes = 0
        self._generation = 0

    def find(self, key: Key, generation: int) -> Kept | None:
        """What is kept for a request; nothing that is older than the ``generation`` of releases."""
        if generation != self._generation:
            self._kept.clear()
            self._bytes, self._generation = 0, generation
        kept = self._kept.get(key)
        if kept is not None:
            self._kept.move_to_end(key)
        return kept

    def keep(self, key: Key, generation: int, reply: Reply) -> Kept | None:
        """Keep a reply if it may be kept; None if not."""
        if generation != self._generation or reply.parts is not None or reply.status not in _STATUS:
            return None
        told = dict(reply.headers)
        varying = {name.strip().lower() for name in told.get("vary", "").split(",") if name.strip()}
        if "no-store" in told.get("cache-control", "no-store") or not varying <= _VARYING:
            return None
        size = len(reply.body) + _OVERHEAD
        if size > self._limit // 8 or sum(len(part or "") for part in key) > _LONGEST_KEY:
            return None
        kept = Kept(reply.status, reply.headers, reply.body, told.get("etag", ""), _of_304(reply.headers))
        if (former := self._kept.pop(key, None)) is not None:
            self._bytes -= len(former.body) + _OVERHEAD
        self._kept[key] = kept
        self._bytes += size
        while self._bytes > self._limit:
            _, old = self._kept.popitem(last=False)
            self._bytes -= len(old.body) + _OVERHEAD
        return kept
