"""The SPARQL 1.1 Protocol: a query by GET, by form and directly (sections 2.1.1 to 2.1.3); a page for people."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Request, Response, request
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, UnsupportedMediaType

from kg.config import Settings
from kg.engine import Query
from kg.errors import QueryRefused
from kg.negotiate import (
    ANSWER_VARIANTS,
    DOCUMENT_VARIANTS,
    GRAPH_VARIANTS,
    HTML,
    SOLUTION_VARIANTS,
    Variant,
    choose,
    parse_accept,
)
from kg.representation.formats import write_rdf
from kg.representation.service import service_description
from kg.web import html
from kg.web.responses import negotiated, respond
from kg.web.site import CurrentSite, Site

_QUERY_TYPE = "application/sparql-query"
_UPDATE_TYPE = "application/sparql-update"
_FORM_TYPE = "application/x-www-form-urlencoded"
_TYPES = {v.format: v.media_type for variants in ANSWER_VARIANTS.values() for v in variants}


@dataclass(frozen=True)
class Operation:
    """A query as it was sent, however it was sent."""

    text: str
    default_graphs: tuple[str, ...]
    named_graphs: tuple[str, ...]
    format: str | None


def blueprint(current: CurrentSite, settings: Settings) -> Blueprint:
    """The routes of this module."""
    routes = Blueprint("sparql", __name__)

    @routes.get("/sparql")
    def get() -> Response:
        if not request.args:
            return _describe(request, current.get())
        return _answer(request, current.get(), _from_url(request, settings))

    @routes.post("/sparql")
    def post() -> Response:
        return _answer(request, current.get(), _from_body(request, settings))

    return routes


def _describe(request: Request, site: Site) -> Response:
    """The page with the query form, or the service description."""
    variant = negotiated(request, DOCUMENT_VARIANTS)
    if variant is HTML:
        return respond(request, html.query_page(site), variant, site.etag("sparql", variant.format))
    triples = service_description(site.manifest, request.base_url)
    body = write_rdf(triples, variant.format, site.manifest.prefixes)
    return respond(request, body, variant, site.etag(request.base_url, variant.format))


def _from_url(request: Request, settings: Settings) -> Operation:
    if "update" in request.args:
        raise BadRequest("an update cannot be sent by GET, and the data is read-only here")
    return _operation(request.args.getlist("query"), request, settings)


def _from_body(request: Request, settings: Settings) -> Operation:
    kind = request.mimetype
    if "update" in request.form and "query" in request.form:
        raise BadRequest("send either a query or an update, not both")
    if kind == _UPDATE_TYPE or "update" in request.form:
        raise QueryRefused("updates are not accepted: the data is read-only here")
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if kind not in (_QUERY_TYPE, _FORM_TYPE) or charset not in ("utf-8", "utf8"):
        raise UnsupportedMediaType(f"send a query as {_QUERY_TYPE} or {_FORM_TYPE}, in UTF-8")
    if kind == _FORM_TYPE:
        return _operation(request.form.getlist("query"), request, settings)
    try:
        return _operation([request.get_data().decode("utf-8")], request, settings)
    except UnicodeDecodeError as error:
        raise BadRequest(f"the query is not UTF-8 at byte {error.start}") from None


def _operation(texts: list[str], request: Request, settings: Settings) -> Operation:
    if len(texts) != 1:
        raise BadRequest(f"exactly one parameter 'query' is wanted, {len(texts)} given")
    if len(texts[0].encode()) > settings.query_bytes:
        raise RequestEntityTooLarge(f"a query may have {settings.query_bytes:,} bytes")
    return Operation(
        texts[0],
        tuple(request.values.getlist("default-graph-uri")),
        tuple(request.values.getlist("named-graph-uri")),
        _format(request),
    )


def _format(request: Request) -> str | None:
    """The parameter ``format`` (csv, json, turtle ...), for those who cannot set an Accept header."""
    wanted = request.values.get("format")
    if wanted is not None and wanted not in _TYPES:
        raise BadRequest(f"there is no format {wanted!r}; there are {', '.join(sorted(_TYPES))}")
    return wanted


def _answer(request: Request, site: Site, operation: Operation) -> Response:
    accept = parse_accept(request.headers.get("Accept"))
    if operation.format is not None:
        accept = parse_accept(_TYPES[operation.format])
    chosen = {kind: choose(accept, variants) for kind, variants in ANSWER_VARIANTS.items()}
    if not any(chosen.values()):
        negotiated(request, (*SOLUTION_VARIANTS, *GRAPH_VARIANTS, HTML))  # raises, unless it is a page that is wanted
    # A browser names HTML; whoever accepts anything gets data.
    if choose(accept, (*SOLUTION_VARIANTS, *GRAPH_VARIANTS, HTML)) is HTML:
        return _for_people(site, operation)
    answer = site.engine.answer(_query(operation, site, chosen))
    # The engine answers only in a format that was chosen here.
    content_type = next(v.content_type for v in ANSWER_VARIANTS[answer.kind] if v.format == answer.format)
    response = Response(answer.body, content_type=content_type)
    response.vary.add("Accept")
    return response


def _for_people(site: Site, operation: Operation) -> Response:
    """The answer as a page."""
    defaults: dict[str, Variant | None] = {kind: variants[0] for kind, variants in ANSWER_VARIANTS.items()}
    answer = site.engine.answer(_query(operation, site, defaults))
    response = Response(html.answer_page(site, operation.text, answer), content_type=HTML.content_type)
    response.vary.add("Accept")
    return response


def _query(operation: Operation, site: Site, chosen: dict[str, Variant | None]) -> Query:
    given = bool(operation.default_graphs or operation.named_graphs)
    formats = {kind: variant.format if variant else None for kind, variant in chosen.items()}
    return Query(
        operation.text,
        formats["solutions"],
        formats["boolean"],
        formats["graph"],
        default_graphs=operation.default_graphs if given else None,
        named_graphs=operation.named_graphs if given else None,
        write_prefixes=site.manifest.prefixes,
    )
