"""Link sets: the links of a document and of all its formats in one answer (RFC 9264; Signposting, level 2).

``/linkset/state/ITA`` holds what the Link headers of ``/doc/state/ITA`` and ``/doc/state/ITA.ttl`` ... say.
"""

from __future__ import annotations

from urllib.parse import urljoin

from flask import Blueprint, Request, Response, request

from kg.config import Settings
from kg.negotiate import HTML, Variant
from kg.representation import linkset
from kg.representation.profiles import FULL
from kg.web.current import CurrentSite
from kg.web.documents import described, found_fate, missing, moved
from kg.web.links import LINKSET, LINKSET_JSON, Shown, document_links, path_of
from kg.web.responses import negotiated, respond
from kg.web.site import Site

JSON = Variant("linkset-json", LINKSET_JSON, "json", "Link set (JSON)", ("application/json",))
TEXT = Variant("linkset", LINKSET, "txt", "Link set")


def blueprint(current: CurrentSite, _: Settings) -> Blueprint:
    """The routes of this module."""
    routes = Blueprint("linksets", __name__)

    @routes.get("/linkset/<path:path>")
    def links(path: str) -> Response:
        return _linkset(request, current.get(), path)

    return routes


def _linkset(request: Request, site: Site, path: str) -> Response:
    variant = negotiated(request, (JSON, TEXT))
    document = described(site, path)
    if document is None:
        raise missing(site, f"/doc/{path}", f"{site.manifest.base}id/{path}")
    left = found_fate(site, document)
    if left is not None and left.survivor:
        return moved(request, site, left.survivor, None, document=True)
    root, stem = request.host_url, path_of(site, document.thing)
    contexts = {urljoin(root, site.path(document.iri) or "/"): document_links(site, document, Shown(FULL, HTML))}
    for other in FULL.variants:
        if other is not HTML:
            contexts[urljoin(root, f"{stem}.{other.suffix}")] = document_links(site, document, Shown(FULL, other))
    write = linkset.as_json if variant is JSON else linkset.as_text
    response = respond(request, write(contexts), variant, site.etag("linkset", document.iri, variant.format, root))
    response.headers["Content-Location"] = f"{site.prefix}/linkset/{stem.removeprefix(f'{site.prefix}/doc/')}"
    return response
