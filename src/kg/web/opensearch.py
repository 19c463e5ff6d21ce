"""Search for browsers and the boxes that they offer: OpenSearch 1.1, and suggestions while somebody types.

``/opensearch.xml`` tells how to search (OpenSearch 1.1 draft 6), ``/search/suggest`` completes what was typed
(OpenSearch Suggestions extension 1.0): the browser's own address bar asks for it, and the search fields of our pages.
"""

from __future__ import annotations

import json
from xml.etree import ElementTree

from flask import Blueprint, Response, request

from kg.config import Settings
from kg.negotiate import JSON, Variant
from kg.representation.view import link
from kg.search import Hit
from kg.terms import in_language
from kg.web.current import CurrentSite
from kg.web.finding import LIMIT, Asked, completed, document_path, index_of, kinds_in_words, language_of, read
from kg.web.openapi.apis import SEARCH
from kg.web.openapi.finding import SUGGESTED as SCHEMA
from kg.web.openapi.finding import filters
from kg.web.openapi.operation import describes, sent
from kg.web.responses import respond_in_one_format
from kg.web.site import Site

DESCRIPTION = Variant("opensearch", "application/opensearchdescription+xml", "xml", "OpenSearch", ("application/xml",))
SUGGESTIONS = Variant("suggestions", "application/x-suggestions+json", "json", "Suggestions", (JSON.media_type,))
SUGGESTED, MOST = 8, 20
_NAMESPACE = "http://a9.com/-/spec/opensearch/1.1/"
# The longest that the standard allows (sections 4.2.1 and 4.3).
_SHORT_NAME, _LONG_NAME, _DESCRIPTION = 16, 48, 1024


def blueprint(current: CurrentSite, _: Settings) -> Blueprint:
    """The routes of this module."""
    routes = Blueprint("opensearch", __name__)

    @routes.get("/opensearch.xml")
    @describes("How to search, for browsers (OpenSearch)", SEARCH, sent(DESCRIPTION), errors=(404,))
    def description() -> Response:
        site = current.get()
        index_of(site)
        root = request.host_url.rstrip("/")
        return respond_in_one_format(
            request, _description(site, root), DESCRIPTION, site.etag(DESCRIPTION.format, root)
        )

    @routes.get("/search/suggest")
    @describes(
        "Names that begin with what was typed",
        SEARCH,
        sent(SUGGESTIONS, schemas={SUGGESTIONS.media_type: SCHEMA}),
        errors=(400, 404),
        parameters=filters(SUGGESTED, MOST),
    )
    def suggest() -> Response:
        site = current.get()
        asked, root = read(request, SUGGESTED, MOST), request.host_url.rstrip("/")
        etag = site.etag(SUGGESTIONS.format, root, repr(asked))
        return respond_in_one_format(request, _suggestions(site, asked, root), SUGGESTIONS, etag)

    return routes


def _suggestions(site: Site, asked: Asked, root: str) -> str:
    """[text, completions, descriptions, addresses]: each completion is a label that begins with the text or has it."""
    # The label that fits, not the name: what was typed in one script must not be completed in another.
    hits, language = completed(site, asked), language_of(site, asked)
    return json.dumps(
        [
            asked.q or "",
            [hit.matched for hit in hits],
            [_describes(site, hit, language) for hit in hits],
            [_leads_to(site, hit, root) for hit in hits],
        ],
        ensure_ascii=False,
    )


def _describes(site: Site, hit: Hit, language: str) -> str:
    """The name if another label fits, and what kind of thing it is."""
    kinds = kinds_in_words(site, hit, language)
    return " – ".join(part for part in (hit.label if hit.label != hit.matched else "", kinds) if part)


def _leads_to(site: Site, hit: Hit, root: str) -> str:
    """The document on this site; somebody else's thing itself; what is no address of the web is searched for."""
    if (path := document_path(site, hit.iri)) is not None:
        return root + path
    elsewhere = link(site.manifest.base, hit.iri)
    searched = Asked(hit.matched, (), None, None, 0, LIMIT)
    return elsewhere if elsewhere.startswith("http") else root + site.prefix + searched.address()


def _description(site: Site, root: str) -> bytes:
    manifest = site.manifest
    title = in_language(manifest.title, manifest.languages)
    described = ElementTree.Element("OpenSearchDescription", xmlns=_NAMESPACE)

    def add(name: str, text: str = "", **attributes: str) -> None:
        ElementTree.SubElement(described, name, attributes).text = text or None

    add("ShortName", title[:_SHORT_NAME].strip())
    add("LongName", title[:_LONG_NAME].strip())
    add("Description", (in_language(manifest.description, manifest.languages) or title)[:_DESCRIPTION])
    add("Image", f"{root}/static/icon.svg", height="16", width="16", type="image/svg+xml")
    search = f"{root}{site.prefix}/search?q={{searchTerms}}&offset={{startIndex?}}&limit={{count?}}"
    for form, kind in (("html", "text/html"), ("json", JSON.media_type)):
        add("Url", type=kind, rel="results", indexOffset="0", template=f"{search}&format={form}")
    suggest = f"{root}{site.prefix}/search/suggest?q={{searchTerms}}"
    add("Url", type=SUGGESTIONS.media_type, rel="suggestions", template=suggest)
    add("Url", type=DESCRIPTION.media_type, rel="self", template=f"{root}{site.prefix}/opensearch.xml")
    for language in manifest.languages:
        add("Language", language)
    add("InputEncoding", "UTF-8")
    add("OutputEncoding", "UTF-8")
    ElementTree.indent(described)
    found: bytes = ElementTree.tostring(described, encoding="utf-8", xml_declaration=True)
    return found + b"\n"
