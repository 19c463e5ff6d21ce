"""The JSON-LD context: ``/context.jsonld`` of the current release, ``/context/<release>.jsonld`` of any, for ever."""

from __future__ import annotations

import json

from flask import Blueprint, Response, request

from kg.config import Settings
from kg.negotiate import JSON_LD
from kg.representation.context import Context, context_of
from kg.representation.document import describe_graph
from kg.web.current import CurrentSite
from kg.web.links import context_path
from kg.web.openapi.apis import DESCRIPTIONS
from kg.web.openapi.operation import Parameter, describes, leads, sent
from kg.web.responses import FOREVER, SHORT, redirected, respond_in_one_format
from kg.web.site import Site

_CONTEXT = sent(JSON_LD, schemas={JSON_LD.media_type: "Context"})


def blueprint(current: CurrentSite, _: Settings) -> Blueprint:
    """The routes of this module."""
    routes = Blueprint("contexts", __name__)

    @routes.get("/context.jsonld")
    @describes("The JSON-LD context of the current release", DESCRIPTIONS, _CONTEXT)
    def newest() -> Response:
        return _written(current.get(), SHORT)

    @routes.get("/context/<given>.jsonld")
    @describes(
        "The JSON-LD context of a release",
        DESCRIPTIONS,
        _CONTEXT,
        leads(302, "To the name of the release, where a version was given."),
        errors=(404,),
        parameters=(Parameter("given", "A release or a version.", place="path", example="either"),),
    )
    def versioned(given: str) -> Response:
        name = current.named(given)
        if name != given:
            return redirected(f"/context/{name}.jsonld", 302)
        site = current.get()
        return _written(site if site.manifest.name == name else current.at(name), FOREVER)

    return routes


def context(site: Site) -> Context:
    """The context of a release."""
    return Context(json.loads(_text(site))["@context"])


def _text(site: Site) -> str:
    def make() -> str:
        graph = describe_graph(site.answers, site.manifest, site.manifest.dataset, "ontology")
        return context_of(graph.own, site.manifest.base, site.manifest.prefixes).to_json().decode()

    return site.kept("context", make)


def _written(site: Site, cache: str) -> Response:
    response = respond_in_one_format(request, _text(site), JSON_LD, site.etag("context"), cache)
    response.headers["Content-Location"] = context_path(site)
    return response
