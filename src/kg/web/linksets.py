"""Link sets: the links of a document and of all its formats in one answer (RFC 9264; Signposting, level 2).

``/linkset/state/ITA`` holds what the Link headers of ``/doc/state/ITA`` and ``/doc/state/ITA.ttl`` ... say.
"""

from __future__ import annotations

from urllib.parse import unquote, urljoin

from flask import Blueprint, Request, Response, request

from kg.config import Settings
from kg.negotiate import HTML, Variant
from kg.representation import linkset
from kg.representation.profiles import FULL
from kg.web.current import CurrentSite
from kg.web.documents import described, found_fate, missing, moved
from kg.web.links import LINKSET, LINKSET_JSON, Shown, document_links, path_of
from kg.web.memento import through_time
from kg.web.openapi.apis import DOCUMENTS
from kg.web.openapi.operation import Parameter, describes, leads, negotiable
from kg.web.responses import negotiated, respond

JSON = Variant("linkset-json", LINKSET_JSON, "json", "Link set (JSON)", ("application/json",))
TEXT = Variant("linkset", LINKSET, "txt", "Link set")


def blueprint(current: CurrentSite, _: Settings) -> Blueprint:
    """The routes of this module."""
    routes = Blueprint("linksets", __name__)

    @routes.get("/linkset/<path:path>")
    @describes(
        "The links of a document and of its formats",
        DOCUMENTS,
        negotiable(JSON, TEXT),
        leads(308, "To the document of what came in its place."),
        errors=(404, 410),
        parameters=(Parameter("path", "That of the document, below /doc/.", place="path", example="document"),),
    )
    def links(path: str) -> Response:
        return _linkset(request, current, path)

    return routes


def _linkset(request: Request, current: CurrentSite, path: str) -> Response:
    site, variant = current.get(), negotiated(request, (JSON, TEXT))
    document = described(site, path)
    if document is None:
        raise missing(site, f"/doc/{path}", f"{site.manifest.base}id/{path}")
    left = found_fate(site, document)
    if left is not None and left.survivor:
        return moved(request, site, left.survivor, None, document=True)
    root, stem = request.host_url, path_of(site, document.thing)
    contexts = {}
    for other in FULL.variants:
        stands = (site.path(document.iri) or "/") if other is HTML else f"{stem}.{other.suffix}"
        original = stands.removeprefix(site.prefix)
        contexts[urljoin(root, stands)] = [
            *document_links(site, document, Shown(FULL, other)),
            *through_time(current, site, unquote(original), original),
        ]
    body = (linkset.as_json if variant is JSON else linkset.as_text)(contexts)
    # The links of a former release to those beside it change when one comes or goes.
    others = [moment.name for moment in current.timeline()] if site.prefix else []
    etag = site.etag("linkset", document.iri, variant.format, root, *others)
    response = respond(request, body, variant, etag)
    response.headers["Content-Location"] = f"{site.prefix}/linkset/{stem.removeprefix(f'{site.prefix}/doc/')}"
    return response
