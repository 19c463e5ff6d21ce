"""Things and their documents: 303 from the one to the other, and the document in every format (Cool URIs).

``/id/state/ITA`` -> 303 -> ``/doc/state/ITA``, negotiated; ``/doc/state/ITA.ttl`` and the other suffixes ignore Accept.
An ontology is answered at its own IRI, because its terms are hash IRIs.
"""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, Request, Response, request
from werkzeug.exceptions import NotFound

from kg.config import Settings
from kg.negotiate import DOCUMENT_VARIANTS, HTML, Variant
from kg.representation.document import Document, describe, describe_graph, exists
from kg.representation.formats import write_rdf
from kg.terms import document_iri, iri_spellings, local_path
from kg.web import html
from kg.web.questions import ask
from kg.web.responses import Link, add_links, negotiated, redirected, respond
from kg.web.site import CurrentSite, Site
from kg.web.vocabulary import vocabulary_page

_BY_SUFFIX = {variant.suffix: variant for variant in DOCUMENT_VARIANTS}


def blueprint(current: CurrentSite, _: Settings) -> Blueprint:
    """The routes of this module."""
    routes = Blueprint("resources", __name__)

    @routes.get("/doc/<path:path>")
    def document(path: str) -> Response:
        return document_response(request, current.get(), path)

    @routes.get("/<path:path>")
    def thing(path: str) -> Response:
        return _thing(request, current.get(), path)

    return routes


def document_response(request: Request, site: Site, path: str) -> Response:
    """The document at ``/doc/`` + ``path``, the suffix deciding the format if there is one."""
    thing, variant = _thing_of_document(site, path), None
    if thing is None:
        stem, dot, suffix = path.rpartition(".")
        variant = _BY_SUFFIX.get(suffix) if dot else None
        thing = _thing_of_document(site, stem) if variant else None
    if thing is None:
        raise NotFound(f"nothing is known about {site.manifest.base}id/{path}")
    variant = variant or negotiated(request, DOCUMENT_VARIANTS)
    if thing in site.hash_documents:
        return _ontology(request, site, thing, variant)
    described = describe(site.answers, site.manifest, thing)
    if described is None:  # pragma: no cover - something of its kind exists, else it had not been found
        raise NotFound(f"nothing is known about {thing}")
    return _written(request, site, described, variant)


def _ontology(request: Request, site: Site, iri: str, variant: Variant) -> Response:
    ontology = site.hash_documents[iri]
    if variant is HTML:
        path = _path(site, ontology)
        return _answered(request, site, variant, ontology, ontology, vocabulary_page(site, ontology, path))
    return _written(request, site, describe_graph(site.answers, site.manifest, ontology, "ontology"), variant)


def _thing_of_document(site: Site, path: str) -> str | None:
    base = site.manifest.base
    for iri in iri_spellings(base, path):
        if iri in site.hash_documents:
            return iri
    return exists(site.answers, site.manifest, [*iri_spellings(base, f"id/{path}"), *iri_spellings(base, path)])


def _thing(request: Request, site: Site, path: str) -> Response:
    base = site.manifest.base
    spellings = iri_spellings(base, path)
    for iri in spellings:
        if iri in site.hash_documents:
            return _ontology(request, site, iri, negotiated(request, DOCUMENT_VARIANTS))
    found = exists(site.answers, site.manifest, spellings)
    if found is None:
        raise NotFound(f"nothing is known about {base}{path}")
    target = local_path(base, document_iri(base, found)) or "/"
    response = redirected(target, 303)
    response.vary.add("Accept")
    add_links(response, [(target, "describedby", {})])
    return response


def _written(request: Request, site: Site, document: Document, variant: Variant) -> Response:
    """The document in one format."""
    if variant is not HTML:
        body = write_rdf(document.triples, variant.format, site.manifest.prefixes)
        return _answered(request, site, variant, document.thing, document.iri, body)
    question = next((q for q in site.display.questions if q.iri == document.thing), None)
    asked = ask(site, question, request.args) if question else None
    page = html.document_page(site, document, _path(site, document.thing), asked)
    if asked and not asked.form.sound:
        response = Response(page, 400, content_type=HTML.content_type)
        response.headers["Cache-Control"] = "no-store"
        response.vary.add("Accept")
        return response
    given = urlencode(sorted(request.args.items(multi=True))) if asked else ""
    return _answered(request, site, variant, document.thing, document.iri, page, given)


def _path(site: Site, thing: str) -> str:
    """Where the formats of the document about a thing stand, without suffix.

    An ontology stands at its own IRI, but its formats beside those of all other documents.
    """
    return local_path(site.manifest.base, document_iri(site.manifest.base, thing)) or "/"


def _answered(
    request: Request, site: Site, variant: Variant, thing: str, document: str, body: str | bytes, given: str = ""
) -> Response:
    """The document about a thing, with what a client should know beside it (Link, Content-Location).

    ``given`` are the values for a question's parameters, as a query string.
    """
    path = _path(site, thing)
    response = respond(request, body, variant, site.etag(document, variant.format, *([given] if given else [])))
    response.headers["Content-Location"] = f"{path}.{variant.suffix}" + (f"?{given}" if given else "")
    others = (v for v in DOCUMENT_VARIANTS if v is not variant)
    add_links(response, [(f"{path}.{v.suffix}", "alternate", {"type": v.media_type}) for v in others])
    about: list[Link] = [
        (local_path(site.manifest.base, document) or "/", "canonical", {}),
        (site.manifest.licence, "license", {}),
        (thing, "describes", {}),
    ]
    add_links(response, about)
    return response
