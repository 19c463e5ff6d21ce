"""Search by name: a page with a form and its results, and the same as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from urllib.parse import urlencode

from flask import Blueprint, Request, Response, request
from werkzeug.exceptions import BadRequest, NotFound

from kg.config import Settings
from kg.findings import compact
from kg.negotiate import HTML, Variant
from kg.representation.view import Term, link
from kg.search import Hit
from kg.web import html
from kg.web.current import CurrentSite
from kg.web.responses import negotiated, respond
from kg.web.site import Site

JSON = Variant("json", "application/json", "json", "JSON")
LIMIT, MOST = 20, 100
_FORMATS = {variant.format: variant for variant in (HTML, JSON)}


@dataclass(frozen=True)
class Asked:
    """What was asked: the text (None if there was none), classes or schemes, a language, how many results."""

    q: str | None
    type: tuple[str, ...]
    lang: str | None
    limit: int

    def address(self, **changed: object) -> str:
        """The path and query that ask for it, with some values ``changed``."""
        values = {name: value for name, value in {**asdict(self), **changed}.items() if value}
        if values.get("limit") == LIMIT:
            del values["limit"]
        return f"/search?{urlencode(values, doseq=True)}"


@dataclass(frozen=True)
class Result:
    """A thing that was found, as the page shows it; ``matched`` is the label that fits if another one is shown."""

    name: Term
    short: str
    matched: Term | None
    types: tuple[Term, ...]


def blueprint(current: CurrentSite, _: Settings) -> Blueprint:
    """The routes of this module."""
    routes = Blueprint("search", __name__)

    @routes.get("/search")
    def search() -> Response:
        site = current.get()
        if not site.release.labels.exists():
            raise NotFound(f"release {site.manifest.name} is from before there was a search")
        asked = _asked(request)
        variant = _variant(request, asked)
        if asked.q is None and variant is JSON:
            raise BadRequest("say what to search for: /search?q=...")
        hits = site.search_index.find(asked.q or "", asked.limit, asked.type, asked.lang or site.manifest.languages[0])
        body = _page(site, asked, hits) if variant is HTML else _json(asked, hits)
        return respond(request, body, variant, site.etag("search", variant.format, repr(asked)))

    return routes


def _asked(request: Request) -> Asked:
    """The parameters. Raises BadRequest, which says which one is wrong."""
    for name in ("q", "lang", "limit"):
        if len(request.args.getlist(name)) > 1:
            raise BadRequest(f"the parameter {name!r} can be given once")
    limit = request.args.get("limit") or str(LIMIT)
    if not (limit.isascii() and limit.isdigit() and len(limit) < 10 and 1 <= int(limit) <= MOST):
        raise BadRequest(f"limit is a number from 1 to {MOST}")
    kinds = tuple(kind for kind in request.args.getlist("type") if kind)
    return Asked(request.args.get("q"), kinds, request.args.get("lang") or None, int(limit))


def _variant(request: Request, asked: Asked) -> Variant:
    """The format. As at ``/sparql``, who accepts anything gets the form if nothing is asked, else data."""
    wanted = request.args.get("format")
    if wanted is None:
        return negotiated(request, (HTML, JSON) if asked.q is None else (JSON, HTML))
    if wanted not in _FORMATS:
        raise BadRequest(f"there is no format {wanted!r}; there are {', '.join(sorted(_FORMATS))}")
    return _FORMATS[wanted]


def _json(asked: Asked, hits: list[Hit]) -> str:
    results = [
        {
            "iri": hit.iri,
            "label": hit.label,
            "language": hit.language,
            "matched": hit.matched,
            "score": hit.score,
            "types": hit.kinds,
        }
        for hit in hits
    ]
    return json.dumps({"query": asked.q, "results": results}, ensure_ascii=False, indent=1) + "\n"


def _page(site: Site, asked: Asked, hits: list[Hit]) -> str:
    return html.page(
        site,
        "search.html",
        asked=asked,
        results=[_result(site, asked, hit) for hit in hits],
        kinds=[_kind(site, asked, kind) for kind in asked.type],
        all=asked.address(type=()),
        more=asked.address(limit=MOST) if len(hits) == asked.limit < MOST else None,
        data=asked.address(format=JSON.format),
    )


def _result(site: Site, asked: Asked, hit: Hit) -> Result:
    manifest = site.manifest
    # The project's own classes and schemes say more than the foreign ones.
    own = [kind for kind in hit.kinds if kind.startswith(manifest.base)]
    return Result(
        Term(hit.label, link(manifest.base, hit.iri), hit.iri, hit.language),
        compact(hit.iri, manifest.base, manifest.prefixes),
        Term(hit.matched, language=hit.matched_language) if hit.matched != hit.label else None,
        tuple(_kind(site, asked, kind) for kind in own or hit.kinds),
    )


def _kind(site: Site, asked: Asked, iri: str) -> Term:
    """A class or scheme, leading to the same search among its things."""
    manifest = site.manifest
    named = site.search_index.label(iri, asked.lang or manifest.languages[0])
    text, language = named or (compact(iri, manifest.base, manifest.prefixes), "")
    return Term(text, asked.address(type=(iri,)), iri, language)
