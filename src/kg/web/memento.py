"""Memento (RFC 7089): every document leads to what it was at any time, and to the list of its versions.

``/doc/state/ITA`` is the original resource, ``/timegate/doc/state/ITA`` its TimeGate, ``/timemap/doc/state/ITA`` its
TimeMap, ``/release/<name>/doc/state/ITA`` a memento of it. The instants are those of ``kg.release.history``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask import Blueprint, Request, Response, request
from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.http import http_date, parse_date

from kg.config import Settings
from kg.negotiate import Variant
from kg.release.history import Moment
from kg.web.current import CurrentSite
from kg.web.openapi.apis import TIME
from kg.web.openapi.operation import NUMBER, Parameter, describes, leads, sent
from kg.web.responses import FOREVER, SHORT, Link, add_links, redirected
from kg.web.site import Site

LINK_FORMAT = "application/link-format"
_TIMEMAP = sent(Variant("link-format", LINK_FORMAT, "txt", "Link format"))
_ORIGINAL = Parameter("original", "The path of a document, or its whole address.", place="path", example="original")
_PAGE = 500  # mementos in a page of a TimeMap
# What has a past: documents, and the front page.
_TRAVELLED = ("pages", "resources", "documents")


def blueprint(current: CurrentSite, _: Settings) -> Blueprint:
    """The routes of this module."""
    routes = Blueprint("memento", __name__)

    @routes.get("/timegate/", defaults={"original": ""})
    @routes.get("/timegate/<path:original>")
    @describes(
        "A document as it was at a time (TimeGate)",
        TIME,
        leads(302, "To the document in the release that counted then."),
        errors=(400, 404),
        parameters=(
            _ORIGINAL,
            Parameter("Accept-Datetime", "The time, as HTTP writes dates.", place="header", example="datetime"),
        ),
        validated=False,
    )
    def timegate(original: str) -> Response:
        original = _original(current, original, request)
        moments = _demand(current, original)
        wanted = request.headers.get("Accept-Datetime")
        if wanted is None:
            chosen = moments[-1]
        elif (instant := parse_date(wanted)) is None:
            raise BadRequest(f"Accept-Datetime must be a date as in {http_date(moments[-1].instant)!r}")
        else:
            chosen = choose(moments, instant)
        response = redirected(_memento(chosen, original), 302)
        response.headers["Cache-Control"] = SHORT
        response.vary.add("Accept-Datetime")
        add_links(response, [(original, "original", {}), _timemap(original), *_ends(moments, original)])
        return response

    @routes.get("/timemap/", defaults={"original": ""})
    @routes.get("/timemap/<path:original>")
    @describes("All versions of a document (TimeMap)", TIME, _TIMEMAP, errors=(404,), parameters=(_ORIGINAL,))
    def timemap(original: str) -> Response:
        return _map(current, original, 1)

    @routes.get("/timemap/<int:page>/<path:original>")
    @describes(
        "A page of a TimeMap",
        TIME,
        _TIMEMAP,
        errors=(404,),
        parameters=(
            Parameter("page", "From 1.", {**NUMBER, "minimum": 0}, "path", example="first"),
            _ORIGINAL,
        ),
    )
    def timemap_page(page: int, original: str) -> Response:
        return _map(current, original, page)

    return routes


def choose(moments: Sequence[Moment], instant: datetime) -> Moment:
    """The version that counted at an instant; the first one for any time before it (RFC 7089, section 4.5.2)."""
    return next((moment for moment in reversed(moments) if moment.instant <= instant), moments[0])


def instants(moments: Sequence[Moment]) -> dict[str, str]:
    """The Memento-Datetime of each release, by its name (RFC 7089, section 2.1.1)."""
    return {moment.name: http_date(moment.instant) for moment in moments}


def tell(response: Response, current: CurrentSite) -> Response:
    """Add the links of an original resource, or of a memento, to what was answered to the present request."""
    if request.blueprint not in _TRAVELLED or response.status_code in (303, 400, 405):
        return response
    site = current.get()
    own = _own(current, site)
    if own is not None and response.status_code not in (301, 302, 308):
        response.headers["Memento-Datetime"] = http_date(own.instant)
    if response.status_code in (200, 304, 404, 410):
        original = request.full_path if request.query_string else request.path
        add_links(response, through_time(current, site, request.path, original))
    return response


def through_time(current: CurrentSite, site: Site, path: str, original: str) -> list[Link]:
    """What leads from a document to its other versions (RFC 7089, section 2.2): nothing if there never was any.

    ``path`` (decoded) is that of the original resource, ``original`` how links name it, perhaps with a query; a
    ``site`` of the past shows a memento of it.
    """
    moments = current.versions(path)
    if not moments:
        return []
    links: list[Link] = [(original, "original", {}), (f"/timegate{original}", "timegate", {}), _timemap(original)]
    own = _own(current, site)
    return [*links, *(_ends(moments, original, own) if own is not None else [])]


def _own(current: CurrentSite, site: Site) -> Moment | None:
    """The moment that a site of the past shows."""
    return next((moment for moment in current.timeline() if site.prefix and moment.name == site.manifest.name), None)


def _original(current: CurrentSite, given: str, request: Request) -> str:
    """The path of the original resource: given as a path, as an address on this host, or as an IRI of the project."""
    base = current.get().manifest.base
    for lead in (base, request.host_url):
        scheme, _, rest = lead.partition("://")
        # A proxy may have made one slash of two.
        for written in (f"{scheme}://{rest}", f"{scheme}:/{rest}"):
            if given.startswith(written):
                given = given.removeprefix(written)
    query = request.query_string.decode("latin-1")
    return f"/{given.removeprefix('/')}" + (f"?{query}" if query else "")


def _demand(current: CurrentSite, original: str) -> list[Moment]:
    moments = current.versions(original.partition("?")[0])
    if not moments:
        raise NotFound(f"no release has anything at {original}")
    return moments


def _memento(moment: Moment, original: str) -> str:
    return f"/release/{moment.name}{original}"


def _timemap(original: str) -> Link:
    return (f"/timemap{original}", "timemap", {"type": LINK_FORMAT})


def _ends(moments: Sequence[Moment], original: str, own: Moment | None = None) -> list[Link]:
    """The first and the last memento, and of a version those beside it, each once with all its relations."""
    roles: dict[str, list[str]] = {}
    roles.setdefault(moments[0].name, []).append("first")
    roles.setdefault(moments[-1].name, []).append("last")
    if own is not None:
        before = [m for m in moments if m.instant < own.instant]
        after = [m for m in moments if m.instant > own.instant]
        if before:
            roles.setdefault(before[-1].name, []).append("prev")
        if after:
            roles.setdefault(after[0].name, []).append("next")
        if any(m.name == own.name for m in moments):
            roles.setdefault(own.name, [])
    return [
        (_memento(m, original), " ".join([*roles[m.name], "memento"]), {"datetime": http_date(m.instant)})
        for m in moments
        if m.name in roles
    ]


def _map(current: CurrentSite, given: str, page: int) -> Response:
    original = _original(current, given, request)
    moments = _demand(current, original)
    pages = -(-len(moments) // _PAGE)
    if not 1 <= page <= pages:
        raise NotFound(f"this TimeMap has {pages} page{'' if pages == 1 else 's'}")
    shown = moments[(page - 1) * _PAGE : page * _PAGE]
    root = request.host_url.rstrip("/")

    def span(part: Sequence[Moment]) -> str:
        return f'; from="{http_date(part[0].instant)}"; until="{http_date(part[-1].instant)}"'

    def at(number: int) -> str:
        return f"{root}/timemap{f'/{number}' if number > 1 else ''}{original}"

    lines = [f'<{at(page)}>; rel="self"; type="{LINK_FORMAT}"{span(shown)}']
    lines += [f'<{root}{original}>; rel="original"', f'<{root}/timegate{original}>; rel="timegate"']
    for other in range(1, pages + 1):
        if other != page:
            part = moments[(other - 1) * _PAGE : other * _PAGE]
            lines.append(f'<{at(other)}>; rel="timemap"; type="{LINK_FORMAT}"{span(part)}')
    for moment in shown:
        ends = [role for role, end in (("first", moments[0]), ("last", moments[-1])) if moment is end]
        relation = " ".join([*ends, "memento"])
        lines.append(f'<{root}{_memento(moment, original)}>; rel="{relation}"; datetime="{http_date(moment.instant)}"')
    response = Response(",\n".join(lines) + "\n", content_type=LINK_FORMAT)
    response.headers["Cache-Control"] = SHORT if page == pages else FOREVER
    response.set_etag(current.get().etag("timemap", root, original, *(m.name for m in shown), str(pages)))
    response.make_conditional(request)
    return response
