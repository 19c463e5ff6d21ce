"""The site's own description for programs: ``/openapi.json``, the same to read at ``/openapi``, and where to find it.

``/.well-known/api-catalog`` (RFC 9727) lists the interfaces with what describes them, as a link set.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from flask import Blueprint, Flask, Response, current_app, request

from kg.config import Settings
from kg.negotiate import HTML, Variant
from kg.representation import linkset
from kg.representation.linkset import Link
from kg.terms import in_language
from kg.web import html
from kg.web.current import CurrentSite
from kg.web.links import LINKSET_JSON, service_links
from kg.web.openapi.apis import APIS, DESCRIPTIONS, Api
from kg.web.openapi.document import about, openapi
from kg.web.openapi.examples import examples
from kg.web.openapi.operation import Placed, describes, gathered, negotiable
from kg.web.operations import ANSWERED as BY_OPERATIONS
from kg.web.pages import operations
from kg.web.protocol import ANSWERED as BY_PROTOCOL
from kg.web.responses import add_links, negotiated, respond
from kg.web.site import PROGRAM_VERSION

# The media type that is being registered for OpenAPI is not yet; every tool reads this one.
JSON = Variant("json", "application/json", "json", "OpenAPI")
CATALOGUE = Variant("linkset-json", LINKSET_JSON, "json", "Link set (JSON)", ("application/json",))
_PROFILE = "https://www.rfc-editor.org/info/rfc9727"
API_CATALOGUE = "/.well-known/api-catalog"


def blueprint(current: CurrentSite, settings: Settings) -> Blueprint:
    """The routes of this module."""
    routes = Blueprint("apis", __name__)

    @routes.get("/openapi.json")
    @describes("This description (OpenAPI 3.1)", DESCRIPTIONS, negotiable(JSON, schemas={JSON.media_type: "OpenApi"}))
    def document() -> Response:
        negotiated(request, (JSON,))
        body = json.dumps(_document(current, settings), ensure_ascii=False, indent=1) + "\n"
        response = respond(request, body, JSON, _etag(current, "openapi"))
        add_links(response, service_links(current.get()))
        return response

    @routes.get("/openapi")
    @describes("This description, to read", DESCRIPTIONS, negotiable(HTML))
    def readable() -> Response:
        negotiated(request, (HTML,))
        site, told = current.get(), _document(current, settings)
        titles = {api.name: api for api in APIS}
        text = html.page(site, "openapi.html", told=told, apis=titles, media_type=JSON.media_type)
        response = respond(request, text, HTML, _etag(current, "openapi page"))
        add_links(response, service_links(current.get()))
        return response

    @routes.get(API_CATALOGUE)
    @describes(
        "The catalogue of interfaces (RFC 9727)",
        DESCRIPTIONS,
        negotiable(CATALOGUE, description="For each interface what describes it, and where its health is told."),
    )
    def catalogue() -> Response:
        negotiated(request, (CATALOGUE,))
        response = respond(request, linkset.as_json(_catalogue()), CATALOGUE, _etag(current, "api catalogue"))
        if response.status_code == 200:
            response.headers["Content-Type"] = f'{LINKSET_JSON}; profile="{_PROFILE}"'
        add_links(response, service_links(current.get()))
        return response

    return routes


def placed(app: Flask, more: Iterable[Placed] = ()) -> list[Placed]:
    """Every operation of the site: those of the application, those answered before it, and ``more`` of the project."""
    found = [*gathered(app), *BY_OPERATIONS, *BY_PROTOCOL, *more]
    return sorted(found, key=lambda one: (APIS.index(one.operation.api), one.path, one.method))


@lru_cache(maxsize=8)
def _placed(app: Flask) -> list[Placed]:
    return placed(app)


def _document(current: CurrentSite, settings: Settings) -> dict[str, Any]:
    site = current.get()
    manifest = site.manifest
    info = {
        "title": in_language(manifest.title, manifest.languages),
        "version": PROGRAM_VERSION,
        "summary": "Linked data: documents, queries, search, changes and downloads",
        "description": about(
            settings.query_seconds, settings.query_memory, 3 * settings.query_bytes + 10_000, settings.answer_rows
        ),
        "license": {"name": "The licence of the data", "url": manifest.licence},
    }
    releases = [moment.name for moment in current.timeline()]
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - what the proxy stands for
    return openapi(placed(app, operations(site)), info, _root(), releases, examples(current))


def _root() -> str:
    return request.host_url.rstrip("/")


def _etag(current: CurrentSite, what: str) -> str:
    return current.get().etag(what, _root(), *(moment.name for moment in current.timeline()))


def _catalogue() -> dict[str, list[Link]]:
    """The links of the catalogue, by the address that they start from."""
    root = _root()
    used = {one.operation.api for one in _placed(current_app._get_current_object())}  # type: ignore[attr-defined]  # noqa: SLF001
    listed = [api for api in APIS if api in used]
    items: list[Link] = [(root + api.anchor, "item", {"title": api.title}) for api in listed]
    return {root + API_CATALOGUE: items, **{root + api.anchor: _of(api, root) for api in listed}}


def _of(api: Api, root: str) -> list[Link]:
    """What describes an interface."""
    links: list[Link] = [
        (f"{root}/openapi.json", "service-desc", {"type": JSON.media_type}),
        (f"{root}/openapi#{api.name}", "service-doc", {"type": HTML.media_type}),
        (f"{root}/catalog.ttl", "service-meta", {"type": "text/turtle"}),
        (f"{root}/health/ready", "status", {"type": "text/plain"}),
    ]
    if api.described:
        path, kind = api.described
        links.insert(0, (root + path, "service-desc", {"type": kind}))
    return links
