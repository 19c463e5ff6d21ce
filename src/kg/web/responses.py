"""Building responses: negotiation, validators and Link headers, the same everywhere."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from flask import Request, Response, request
from werkzeug.exceptions import NotAcceptable

from kg.engine import Cut
from kg.messages import Message
from kg.negotiate import HTML, Variant, choose, parse_accept
from kg.representation.linkset import Link, header
from kg.web.language import reader
from kg.web.lasting import lasts

__all__ = [
    "FOREVER",
    "SHORT",
    "Link",
    "add_links",
    "for_reader",
    "negotiated",
    "not_acceptable",
    "redirected",
    "respond",
    "respond_in_one_format",
    "tell_cut",
]

# How long a cache may answer without asking again. Asking again is cheap: a release is immutable, the ETag decides.
SHORT = "public, max-age=60"
FOREVER = "public, max-age=31536000, immutable"


def negotiated(request: Request, variants: Sequence[Variant]) -> Variant:
    """The variant for this request. Raises NotAcceptable, which lists what there is."""
    chosen = choose(parse_accept(request.headers.get("Accept")), variants)
    if chosen is None:
        raise not_acceptable(variants)
    return chosen


def not_acceptable(variants: Iterable[Variant]) -> NotAcceptable:
    """A 406 that names the media types that can be had (RFC 9110, section 15.5.7)."""
    return NotAcceptable(Message("available are %(types)s", types=", ".join(v.media_type for v in variants)))


def respond(request: Request, body: bytes | str, variant: Variant, etag: str, cache: str = SHORT) -> Response:
    """A negotiated 200, or the 304 that belongs to it (RFC 9110, section 13). A page differs by its reader, too.

    What will be another one another time (``lasting``) has no validator, and nobody keeps it.
    """
    response = Response(body, content_type=variant.content_type)
    response.headers["Cache-Control"] = cache if lasts() else "no-store"
    response.vary.add("Accept")
    if variant is HTML:
        response.vary.add("Accept-Language")
        etag = for_reader(etag)
    if lasts():
        response.set_etag(etag)
        response.make_conditional(request)
    return response


def respond_in_one_format(
    request: Request, body: bytes | str, variant: Variant, etag: str, cache: str = SHORT
) -> Response:
    """The same in the one format that there is, whatever is accepted."""
    response = respond(request, body, variant, etag, cache)
    del response.headers["Vary"]
    return response


def tell_cut(response: Response, cut: Cut | None) -> None:
    """Say in the header that data has as well that a limit cut the answer of this reply."""
    if cut is not None:
        response.headers["Answer-Cut"] = f"{cut.what}={cut.after}"


def for_reader(etag: str) -> str:
    """The validator of a page, which is another one in another language, and where the site has another address.

    Some links of a page are whole addresses: those that other sites take, as oEmbed does.
    """
    address = hashlib.sha256(request.host_url.encode()).hexdigest()[:8]
    return f"{etag}-{address}-{reader().validator}"


def redirected(target: str, status: int) -> Response:
    """A redirect to a path of this site, under whatever host name it was asked for."""
    response = Response(f"see {target}\n", status, content_type="text/plain; charset=utf-8")
    response.headers["Location"] = target
    response.headers["Cache-Control"] = SHORT
    return response


def add_links(response: Response, links: Iterable[Link]) -> None:
    """Add Link headers (RFC 8288): (target, relation, attributes); those already there stay."""
    for link in links:
        response.headers.add("Link", header(link))
