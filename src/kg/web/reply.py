"""An answer to a request before it is sent, and the headers that every answer carries."""

from __future__ import annotations

from collections.abc import AsyncIterable
from dataclasses import dataclass, field

from kg.engine.answers import Flight

# Everything only from here, scripts and what they ask for too; none of it inline.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
# What anybody may show in a frame on a page of their own: it runs no script and sends no form.
FRAMED_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors *"
)
# Every program on every site may read, and nobody can be recognised by it (no credentials).
COMMON = (
    ("access-control-allow-origin", "*"),
    (
        "access-control-expose-headers",
        "Link, ETag, Location, Content-Location, Content-Profile, Content-Range, Memento-Datetime, Repr-Digest, "
        "Retry-After, Query-Limits, Answer-Cut",
    ),
    ("x-content-type-options", "nosniff"),
)
PREFLIGHT = (
    ("access-control-allow-methods", "GET, HEAD, POST, OPTIONS"),
    ("access-control-allow-headers", "Content-Type, Accept, Accept-Datetime, Accept-Profile, If-None-Match, Range"),
    ("access-control-max-age", "86400"),
)

Header = tuple[str, str]


@dataclass
class Reply:
    """What is to be sent: names of headers in lower case; the body whole, or as it comes.

    ``parts`` may break off with a QueryError, then the connection is broken too, so that nobody takes what came for
    the whole. ``facts`` go to the access log; ``flight`` is the kept answer that the body was taken from.
    """

    status: int
    headers: list[Header]
    body: bytes = b""
    parts: AsyncIterable[bytes] | None = None
    facts: dict[str, object] = field(default_factory=dict)
    flight: Flight | None = None
