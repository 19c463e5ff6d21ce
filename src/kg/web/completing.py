"""What the editor of queries completes with: ``/sparql/completion.json`` and ``/sparql/things.json?q=...``."""

from __future__ import annotations

import json

from flask import Blueprint, Response, request

from kg.config import Settings
from kg.negotiate import JSON
from kg.representation.completion import completion, written
from kg.search import Hit
from kg.web.current import CurrentSite
from kg.web.finding import completed, kinds_in_words, language_of, read
from kg.web.openapi.apis import SPARQL
from kg.web.openapi.finding import filters
from kg.web.openapi.operation import IRI, NUMBER, TEXT, Schema, describes, sent
from kg.web.responses import respond_in_one_format
from kg.web.site import Site

_SHOWN, _MOST = 8, 20


def _objects(**members: Schema) -> Schema:
    return {"type": "array", "items": {"type": "object", "required": sorted(members), "properties": members}}


_SUGGESTIONS = _objects(term=TEXT, iri=IRI, label=TEXT, note=TEXT, uses={**NUMBER, "minimum": 0})
_VOCABULARY: Schema = {
    "type": "object",
    "required": ["classes", "prefixes", "properties"],
    "properties": {
        "prefixes": {"type": "object", "additionalProperties": TEXT},
        "classes": _SUGGESTIONS,
        "properties": _SUGGESTIONS,
    },
}
_THINGS: Schema = {
    "type": "object",
    "required": ["things"],
    "properties": {"things": _objects(term=TEXT, iri=IRI, label=TEXT, language=TEXT, note=TEXT)},
}


def blueprint(current: CurrentSite, _: Settings) -> Blueprint:
    """The routes of this module."""
    routes = Blueprint("completing", __name__)

    @routes.get("/sparql/completion.json")
    @describes(
        "Prefixes, classes and properties, to complete queries with",
        SPARQL,
        sent(JSON, schemas={JSON.media_type: _VOCABULARY}),
    )
    def vocabulary() -> Response:
        site = current.get()
        body = site.kept("completion", lambda: completion(site.answers, site.manifest).as_json())
        return respond_in_one_format(request, body, JSON, site.etag("completion"))

    @routes.get("/sparql/things.json")
    @describes(
        "Things whose names begin with what was typed, as a query writes them",
        SPARQL,
        sent(JSON, schemas={JSON.media_type: _THINGS}),
        errors=(400, 404),
        parameters=filters(_SHOWN, _MOST),
    )
    def things() -> Response:
        site, asked = current.get(), read(request, _SHOWN, _MOST)
        things = [_thing(site, hit, language_of(site, asked)) for hit in completed(site, asked)]
        body = json.dumps({"things": things}, ensure_ascii=False) + "\n"
        return respond_in_one_format(request, body, JSON, site.etag("things", repr(asked)))

    return routes


def _thing(site: Site, hit: Hit, language: str) -> dict[str, str]:
    return {
        "term": written(hit.iri, site.manifest.prefixes),
        "iri": hit.iri,
        "label": hit.matched,
        "language": hit.matched_language or "",
        "note": kinds_in_words(site, hit, language),
    }
