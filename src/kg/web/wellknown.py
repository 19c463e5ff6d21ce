"""What crawlers and finders of faults look for at fixed addresses: robots.txt, the sitemap, security.txt.

They speak of the site as a whole, so the site as it was in a former release has none of them.
"""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from urllib.parse import urlsplit

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

from kg.config import Settings
from kg.negotiate import TEXT, Variant
from kg.representation.linkset import as_uri
from kg.representation.statements import Statements, column
from kg.terms import PREFIXES
from kg.web.current import CurrentSite
from kg.web.openapi.apis import DESCRIPTIONS
from kg.web.openapi.operation import Parameter, describes, sent
from kg.web.queries import accepts_gzip
from kg.web.responses import respond_in_one_format
from kg.web.site import Site
from kg.web.sitemap import Sitemap, written, written_index

XML = Variant("sitemap", "application/xml", "xml", "Sitemap", ("text/xml",))
# What costs much, or says what stands elsewhere too. What begins so is meant (RFC 9309, section 2.2.2).
_NOT_FOR_ROBOTS = (
    "/sparql", "/search", "/graphs", "/graph/", "/timegate/", "/timemap/", "/release/", "/elsewhere/", "/health/",
    "/metrics", "/reconcile", "/resolve", "/cite/", "/embed/", "/oembed", "/*?",
)  # fmt: skip
# Of addresses with a query only further pages of a document say what no other address does. The longer rule wins.
_FOR_ROBOTS = ("/*?page=",)
_VCARD = "http://www.w3.org/2006/vcard/ns#"
_MONTHS = 6  # for which security.txt holds: less than the year that RFC 9116 (section 2.5.5) advises at most


def blueprint(current: CurrentSite, _: Settings) -> Blueprint:
    """The routes of this module."""
    routes = Blueprint("wellknown", __name__)
    sitemap = Sitemap(current)

    @routes.get("/robots.txt")
    @describes("What crawlers may fetch (RFC 9309)", DESCRIPTIONS, sent(TEXT), errors=(404,), everywhere=False)
    def robots() -> Response:
        """RFC 9309."""
        site, root = _whole_site(current), request.host_url.rstrip("/")
        lines = ["User-agent: *", *(f"Disallow: {path}" for path in _NOT_FOR_ROBOTS)]
        lines += [*(f"Allow: {path}" for path in _FOR_ROBOTS), "", f"Sitemap: {root}/sitemap.xml", ""]
        return respond_in_one_format(request, "\n".join(lines), TEXT, site.etag("robots", root))

    @routes.get("/sitemap.xml")
    @describes("The addresses of all pages (sitemap)", DESCRIPTIONS, sent(XML), errors=(404,), everywhere=False)
    def first() -> Response:
        """All addresses, or, if they are too many for one file, the files that have them."""
        site, root = _whole_site(current), request.host_url.rstrip("/")
        files = sitemap.files(site)
        body = written(files[0], root) if len(files) == 1 else written_index(files, root)
        return _packed(body, site, "sitemap", root, sitemap.stamp(site))

    @routes.get("/sitemap-<int:number>.xml")
    @describes(
        "A part of the sitemap, where one file cannot hold it",
        DESCRIPTIONS,
        sent(XML),
        errors=(404,),
        parameters=(Parameter("number", "From 1.", {"type": "integer", "minimum": 0}, "path"),),
        everywhere=False,
    )
    def part(number: int) -> Response:
        site, root = _whole_site(current), request.host_url.rstrip("/")
        files = sitemap.files(site)
        if not 1 <= number <= len(files) or len(files) == 1:
            raise NotFound(f"/sitemap.xml {'holds everything' if len(files) == 1 else f'has {len(files)} parts'}")
        return _packed(written(files[number - 1], root), site, f"sitemap {number}", root, sitemap.stamp(site))

    @routes.get("/.well-known/security.txt")
    @describes(
        "Whom to tell of a fault (RFC 9116)",
        DESCRIPTIONS,
        sent(TEXT),
        errors=(404,),
        everywhere=False,
        validated=False,
    )
    def security() -> Response:
        """RFC 9116."""
        site = _whole_site(current)
        contacts = _contacts(site)
        if not contacts:
            raise NotFound("the dataset names no contact point with an address for mail or the web")
        response = Response(
            _security(contacts, site.manifest.languages, request.host_url, datetime.now(UTC)),
            content_type=TEXT.content_type,
        )
        # It says until when it holds, so it must not outlive the day on which it was asked for.
        response.headers["Cache-Control"] = "no-store"
        return response

    return routes


def _whole_site(current: CurrentSite) -> Site:
    site = current.get()
    if site.prefix:
        raise NotFound(f"{request.path} is about the whole site, not about one release of it")
    return site


def _packed(body: bytes, site: Site, *depends_on: str) -> Response:
    """A file of the sitemap, compressed for whom that suits: what is as long as this is not on its way out."""
    packed = accepts_gzip(request.headers.get("Accept-Encoding"))
    coding = "gzip" if packed else "identity"
    told = gzip.compress(body, 6, mtime=0) if packed else body
    response = respond_in_one_format(request, told, XML, site.etag(*depends_on, coding))
    if packed and response.status_code == 200:
        response.headers["Content-Encoding"] = coding
    response.vary.add("Accept-Encoding")
    return response


def _contacts(site: Site) -> list[str]:
    """The addresses of the dataset's contact points (DCAT 3, section 6.4.3; vCard), those for mail first.

    A page counts only over HTTPS (RFC 9116, section 2.5.3).
    """
    dataset = site.manifest.dataset
    ways = "|".join(f"<{_VCARD}{name}>/<{_VCARD}hasValue>?" for name in ("hasEmail", "hasTelephone", "hasURL"))
    pattern = f"<{dataset}> <{PREFIXES['dcat']}contactPoint>/({ways}|<{PREFIXES['foaf']}mbox>) ?way"
    anywhere = Statements(site.answers, site.manifest).anywhere(pattern)
    found = column(site.answers, f"SELECT DISTINCT ?way {{ {anywhere} }}")
    order = ("mailto", "tel", "https")
    usable = [way for way in found if urlsplit(way).scheme.lower() in order]
    return sorted(usable, key=lambda way: (order.index(urlsplit(way).scheme.lower()), way))


def _security(contacts: list[str], languages: list[str], host: str, now: datetime) -> str:
    """security.txt. It holds until the first day of a month, so that it is the same for weeks.

    A release does not change, but the site that shows it confirms with each answer that the contact is still the one.
    """
    years, month = divmod(now.month - 1 + _MONTHS, 12)
    lines = [f"Contact: {as_uri(way)}" for way in contacts]
    lines.append(f"Expires: {now.year + years:04}-{month + 1:02}-01T00:00:00Z")
    if languages:
        lines.append(f"Preferred-Languages: {', '.join(languages)}")
    lines.append(f"Canonical: {host.rstrip('/')}/.well-known/security.txt")
    return "\n".join(lines) + "\n"
