"""Building responses: negotiation, validators and Link headers, the same everywhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from flask import Request, Response
from werkzeug.exceptions import NotAcceptable

from kg.engine import Cut
from kg.messages import Message
from kg.negotiate import HTML, Variant, choose, parse_accept
from kg.representation.linkset import Link, header
from kg.web.language import reader

__all__ = [
    "FOREVER",
    "SHORT",
    "Link",
    "add_links",
    "for_reader",
    "negotiated",
    "not_acceptable",
    "passing",
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
    """A negotiated 200, or the 304 that belongs to it (RFC 9110, section 13). A page differs by its reader, too."""
    response = Response(body, content_type=variant.content_type)
    response.headers["Cache-Control"] = cache
    response.vary.add("Accept")
    if variant is HTML:
        response.vary.add("Accept-Language")
        etag = for_reader(etag)
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


def passing(response: Response) -> Response:
    """A page on which an answer is missing at this moment, or cut: it may be whole another time, so nobody keeps it."""
    response.headers["Cache-Control"] = "no-store"
    response.headers.pop("ETag", None)
    return response


def tell_cut(response: Response, *cuts: Cut | None) -> None:
    """Say in the header that data has as well that a limit cut an answer of this reply: the first of several."""
    if (cut := next(filter(None, cuts), None)) is not None:
        response.headers["Answer-Cut"] = f"{cut.what}={cut.after}"


def for_reader(etag: str) -> str:
    """The validator of a page, which is another one for readers of other languages."""
    return f"{etag}-{reader().validator}"


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
