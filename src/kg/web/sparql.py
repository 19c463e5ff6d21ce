"""SPARQL for people: the form, and answers as pages; and the description of the service.

Queries by programs are answered in front of Flask (``queries``).
"""

from __future__ import annotations

from flask import Blueprint, Request, Response, current_app, request

from kg.config import Settings
from kg.negotiate import ANSWER_VARIANTS, DOCUMENT_VARIANTS, HTML, Variant
from kg.representation.formats import write_rdf
from kg.representation.service import service_description
from kg.web import html, lasting, protocol
from kg.web.answering import TABLE, VIEWS, answer_page, asked_with
from kg.web.current import CurrentSite
from kg.web.links import service_links
from kg.web.openapi.apis import SPARQL
from kg.web.openapi.operation import Parameter, describes, negotiable
from kg.web.queries import limits_header, query_of
from kg.web.responses import add_links, negotiated, respond, tell_cut
from kg.web.site import Site

_QUERY = Parameter("query", "A query in SPARQL 1.1; without parameters the service is described.", example="query")
_VIEW = Parameter("view", "How a page shows the answer, if it can be shown like that.", {"enum": [*VIEWS]})
_ANSWER = negotiable(
    *dict.fromkeys((*DOCUMENT_VARIANTS, *(v for variants in ANSWER_VARIANTS.values() for v in variants))),
    description="The answer, or a page with it. One that was cut says so.",
    headers=("Query-Limits", "Answer-Cut"),
)


def blueprint(current: CurrentSite, settings: Settings) -> Blueprint:
    """The routes of this module."""
    routes = Blueprint("sparql", __name__)

    @routes.get("/sparql")
    @describes(
        "Ask a query, or what the service can do",
        SPARQL,
        _ANSWER,
        errors=(400, 403, 413),
        parameters=(_QUERY, *protocol.DATASET, _VIEW),
    )
    def get() -> Response:
        if not protocol.is_operation(request.query_string.decode("latin-1")):
            return _describe(request, current.get(), settings)
        return _page(request, current.get(), settings)

    @routes.post("/sparql")
    @describes(
        "Ask a query",
        SPARQL,
        _ANSWER,
        errors=(403, 415),
        parameters=protocol.DATASET,
        bodies=protocol.BODIES,
        method="POST",
    )
    def post() -> Response:
        return _page(request, current.get(), settings)

    return routes


def _describe(request: Request, site: Site, settings: Settings) -> Response:
    """The page with the query form, or the service description."""
    variant = negotiated(request, DOCUMENT_VARIANTS)
    if variant is HTML:
        built = current_app.jinja_env.globals["editor"]
        return respond(request, html.query_page(site), variant, site.etag("sparql", variant.format, str(built)))
    triples = service_description(site.manifest, request.base_url, settings)
    body = write_rdf(triples, variant.format, site.manifest.prefixes)
    response = respond(request, body, variant, site.etag(request.base_url, limits_header(settings), variant.format))
    response.headers["Query-Limits"] = limits_header(settings)
    add_links(response, service_links(site))
    return response


def _page(request: Request, site: Site, settings: Settings) -> Response:
    """The answer as a page, as lasting as the same answer as data."""
    address = request.query_string.decode("latin-1")
    asked = protocol.operation(
        request.method,
        address,
        request.content_type or "",
        request.get_data(),
        settings.query_bytes,
    )
    plain: dict[str, Variant | None] = {kind: variants[0] for kind, variants in ANSWER_VARIANTS.items()}
    lasting.noted(asked.text)
    answer = site.answers.answer(query_of(asked, site, plain))
    view = request.values.get("view", TABLE)
    # Links on the page repeat the rest of its address, code the host; limits decide where an answer is cut.
    limits, sent = limits_header(settings), repr((asked_with(asked), view))
    tag = site.etag("answer", limits, request.host_url, address, sent)
    response = respond(request, answer_page(site, asked, answer, view, request.host_url), HTML, tag)
    response.headers["Query-Limits"] = limits
    tell_cut(response, answer.cut)
    return response
