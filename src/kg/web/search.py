"""Search by name: a page with a form, filters and results, and the same as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, Request, Response, request
from werkzeug.exceptions import BadRequest

from kg.config import Settings
from kg.findings import compact
from kg.messages import Message
from kg.negotiate import HTML, JSON, Variant
from kg.representation.summary import summaries
from kg.representation.view import Term, link
from kg.search import Hit, LabelIndex
from kg.search.facets import Found
from kg.search.facets import search as find
from kg.search.nearness import near
from kg.web import html
from kg.web.current import CurrentSite
from kg.web.finding import PARAMETERS, Asked, document_path, index_of, kind_name, language_of, own_kinds, read
from kg.web.language import reader
from kg.web.openapi.finding import FIND
from kg.web.openapi.operation import saying
from kg.web.responses import add_links, negotiated, respond
from kg.web.site import Site

_FORMATS = {variant.format: variant for variant in (HTML, JSON)}


@dataclass(frozen=True)
class Result:
    """A thing that was found, as the page shows it; ``matched`` is the label that fits if another one is shown."""

    name: Term
    short: str
    matched: Term | None
    types: tuple[Term, ...]
    says: Term | None


@dataclass(frozen=True)
class Choice:
    """A filter that can be set or removed: what it is called, where that leads, and how many results it leaves."""

    term: Term
    count: int = 0


@dataclass(frozen=True)
class Way:
    """A way on where nothing was found: ``without`` filters (if there are any) so many things are found."""

    near: tuple[Result, ...]
    without: int
    classes: tuple[Choice, ...]


def blueprint(current: CurrentSite, _: Settings) -> Blueprint:
    """The routes of this module."""
    routes = Blueprint("search", __name__)

    @routes.get("/search")
    @saying(FIND)
    def search() -> Response:
        site = current.get()
        index = index_of(site)
        asked = read(request)
        variant = _variant(request, asked)
        if variant is JSON:
            _demand_known(request)
            if asked.q is None:
                raise BadRequest(Message("say what to search for: /search?q=..."))
        # Data is in the language that its address asks for, a page in that of its reader.
        language = language_of(site, asked, reader().languages[0] if variant is HTML else "")
        found = find(index, asked.q or "", asked.type, asked.label_lang, language, asked.offset, asked.limit)
        body = (
            _page(site, index, asked, found, language)
            if variant is HTML
            else _json(site, asked, found, request.host_url)
        )
        response = respond(request, body, variant, site.etag("search", variant.format, repr(asked), request.host_url))
        add_links(response, [(f"{site.prefix}{target}", name, {}) for name, target in _beside(asked, found)])
        return response

    return routes


def _demand_known(request: Request) -> None:
    """A program hears of a parameter that it has misspelt; to a reader's link, others may have added theirs."""
    if unknown := sorted(set(request.args) - set(PARAMETERS)):
        known = ", ".join(PARAMETERS)
        raise BadRequest(
            Message("there is no parameter %(given)r; there are %(known)s", given=unknown[0][:100], known=known)
        )


def _variant(request: Request, asked: Asked) -> Variant:
    """The format. As at ``/sparql``, who accepts anything gets the form if nothing is asked, else data."""
    wanted = request.args.get("format") or None
    if wanted is None:
        return negotiated(request, (HTML, JSON) if asked.q is None else (JSON, HTML))
    if wanted not in _FORMATS:
        raise BadRequest(Message("%(name)s is one of %(values)s", name="format", values=", ".join(sorted(_FORMATS))))
    return _FORMATS[wanted]


def _beside(asked: Asked, found: Found) -> list[tuple[str, str]]:
    """The results before and after these: relation and address."""
    ways = []
    if asked.offset:
        ways.append(("prev", asked.address(offset=max(0, min(asked.offset, found.total) - asked.limit))))
    if asked.offset + asked.limit < found.total:
        ways.append(("next", asked.address(offset=asked.offset + asked.limit)))
    return ways


# -- JSON --------------------------------------------------------------------------------------------------------------


def _json(site: Site, asked: Asked, found: Found, host: str) -> str:
    language, root = language_of(site, asked), host.rstrip("/")
    said = _said(site, found.hits, language)
    beside = {name: f"{root}{site.prefix}{target}&format=json" for name, target in _beside(asked, found)}
    results = []
    for hit in found.hits:
        path = document_path(site, hit.iri)
        text, tag = said.get(hit.iri, (None, None))
        results.append(
            {
                "iri": hit.iri,
                "document": path and root + path,
                "label": hit.label,
                "language": hit.language,
                "matched": hit.matched,
                "matched_language": hit.matched_language,
                "score": hit.score,
                "types": hit.kinds,
                "description": text,
                "description_language": tag,
            }
        )
    told = {
        "query": asked.q,
        "total": found.total,
        "offset": asked.offset,
        "limit": asked.limit,
        "next": beside.get("next"),
        "previous": beside.get("prev"),
        "results": results,
        "facets": {
            "type": [
                {"iri": term.iri, "label": term.text, "language": term.language, "count": count}
                for iri, count in _ordered(site, found.kinds)
                for term in [kind_name(site, iri, language)]
            ],
            "label_lang": [{"language": tag, "count": count} for tag, count in _by_count(found.languages)],
        },
    }
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n"


def _said(site: Site, hits: Sequence[Hit], language: str) -> dict[str, tuple[str, str]]:
    return summaries(site.answers, site.manifest, [hit.iri for hit in hits], [language, *site.manifest.languages])


def _by_count(counts: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _ordered(site: Site, kinds: dict[str, int]) -> list[tuple[str, int]]:
    """The project's own classes and schemes first, then those of most things."""
    return sorted(_by_count(kinds), key=lambda item: not item[0].startswith(site.manifest.base))


# -- the page ----------------------------------------------------------------------------------------------------------


def _page(site: Site, index: LabelIndex, asked: Asked, found: Found, language: str) -> str:
    first_page = {"offset": 0}
    kinds = [
        Choice(kind_name(site, iri, language, asked.address(type=(*asked.type, iri), **first_page)), count)
        for iri, count in _ordered(site, found.kinds)
        if iri not in asked.type
    ]
    chosen = [
        Choice(kind_name(site, iri, language, asked.address(type=[k for k in asked.type if k != iri], **first_page)))
        for iri in asked.type
    ]
    languages = _by_count(found.languages)
    if asked.label_lang and asked.label_lang not in found.languages:
        languages.append((asked.label_lang, 0))
    return html.page(
        site,
        "search.html",
        asked=asked,
        found=found,
        results=_results(site, asked, found.hits, language),
        kinds=kinds,
        chosen=chosen,
        languages=languages,
        any_language=asked.address(label_lang=None, **first_page),
        all=asked.address(type=(), label_lang=None, **first_page),
        beside=dict(_beside(asked, found)),
        data=asked.address(format=JSON.format),
        way=_way(site, index, asked, language) if asked.q and not found.total else None,
    )


def _results(site: Site, asked: Asked, hits: Sequence[Hit], language: str) -> tuple[Result, ...]:
    said = _said(site, hits, language)
    return tuple(_result(site, asked, hit, said.get(hit.iri), language) for hit in hits)


def _result(site: Site, asked: Asked, hit: Hit, said: tuple[str, str] | None, language: str) -> Result:
    manifest = site.manifest
    return Result(
        Term(hit.label, link(manifest.base, hit.iri), hit.iri, hit.language),
        compact(hit.iri, manifest.base, manifest.prefixes),
        Term(hit.matched, language=hit.matched_language) if hit.matched != hit.label else None,
        tuple(
            kind_name(site, kind, language, asked.address(type=(kind,), offset=0))
            for kind in own_kinds(site, hit.kinds)
        ),
        Term(said[0], language=said[1]) if said else None,
    )


def _way(site: Site, index: LabelIndex, asked: Asked, language: str) -> Way:
    text = asked.q or ""
    without = find(index, text, limit=1).total if asked.type or asked.label_lang else 0
    hits = () if without else near(index, text, language=language)
    classes = [item for item in _ordered(site, index.kinds()) if link(site.manifest.base, item[0])]
    own = [item for item in classes if item[0].startswith(site.manifest.base)] or classes
    return Way(
        tuple(
            _result(site, Asked(hit.matched, (), None, asked.lang, 0, asked.limit), hit, None, language) for hit in hits
        ),
        without,
        tuple(Choice(kind_name(site, iri, language, link(site.manifest.base, iri)), count) for iri, count in own[:12]),
    )
