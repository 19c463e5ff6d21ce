"""What a client asks of a document: profile, format and form, by headers, by parameters, or by the address's suffix.

Content Negotiation by Profile, W3C: ``Accept-Profile`` (section 7.1), ``_profile`` and ``_mediatype`` (section 7.2),
which go before the headers. A suffix decides the format; an address with one depends on no header.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from flask import Request
from werkzeug.exceptions import NotAcceptable

from kg.negotiate import (
    JSON_LD,
    RESOURCE_VARIANTS,
    Variant,
    choose_profile,
    json_ld_form,
    parse_accept,
    parse_accept_profile,
)
from kg.representation.profiles import PROFILES, TOKENS, Profile
from kg.web.links import Shown
from kg.web.listing import PARAMETERS as LISTS
from kg.web.openapi.operation import NUMBER, Parameter

PROFILE, MEDIA_TYPE, PAGE = "_profile", "_mediatype", "page"
WISHES = (
    Parameter(PROFILE, "What is to be said: a profile.", {"enum": [*TOKENS]}),
    Parameter(
        MEDIA_TYPE, "The format, in place of Accept.", {"enum": [variant.media_type for variant in RESOURCE_VARIANTS]}
    ),
    Parameter(PAGE, "A page of a long document, from 1.", NUMBER, example="first"),
    Parameter("lang", "The language of a page, in place of Accept-Language.", example="language"),
    *LISTS,
    Parameter("Accept-Profile", "The profiles that are wanted, as IRIs in angle brackets.", place="header"),
)
_BY_SUFFIX = {variant.suffix: variant for variant in RESOURCE_VARIANTS}


def split_suffix(path: str) -> tuple[str, Variant | None]:
    """The path without the suffix of a format, and that format."""
    stem, dot, suffix = path.rpartition(".")
    variant = _BY_SUFFIX.get(suffix) if dot and stem else None
    return (stem, variant) if variant else (path, None)


def shown(request: Request, variant: Variant | None) -> Shown:
    """The representation to give; ``variant`` is that of the suffix. Raises NotAcceptable."""
    by_type, by_profile = request.args.get(MEDIA_TYPE), request.args.get(PROFILE)
    accept = parse_accept(by_type or request.headers.get("Accept"))
    header = None if variant else request.headers.get("Accept-Profile")
    wanted = parse_accept_profile(by_profile if by_profile is not None else header, TOKENS)
    profiles: Sequence[Profile] = PROFILES
    if variant:
        accept = parse_accept(variant.media_type)
        profiles = [p for p in PROFILES if variant in p.variants]
    chosen = choose_profile(accept, wanted, profiles)
    if chosen is None or (variant and chosen[1] is not variant):
        raise not_acceptable(PROFILES)
    profile, found = chosen
    form = json_ld_form(parse_accept(by_type or request.headers.get("Accept"))) if found is JSON_LD else ""
    return Shown(profile, found, "" if variant and not by_type else form)


def page_number(request: Request) -> int | None:
    """The page that is asked for; None if that is no number of a page."""
    text = request.args.get(PAGE, "1")
    return int(text) if text.isascii() and text.isdigit() and 0 < len(text) < 10 and text[0] != "0" else None


def given_values(request: Request) -> dict[str, list[str]]:
    """The parameters that are not for the choice of a representation: a question's, all values of each."""
    return {name: values for name, values in request.args.lists() if name not in (PROFILE, MEDIA_TYPE)}


def as_query(values: Mapping[str, str | Sequence[str]]) -> str:
    """Parameters as a query string, in an order of their own."""
    return urlencode(sorted(values.items()), doseq=True)


def not_acceptable(profiles: Sequence[Profile]) -> NotAcceptable:
    """A 406 that names the profiles and the media types of each (RFC 9110, section 15.5.7)."""
    lists = (f"{', '.join(v.media_type for v in p.variants)} (profile {p.token}, <{p.iri}>)" for p in profiles)
    return NotInAnyProfile("available are " + "; ".join(lists))


class NotInAnyProfile(NotAcceptable):
    """A 406 that the header Accept-Profile had a part in."""

    vary = "Accept, Accept-Profile"
