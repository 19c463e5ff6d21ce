"""Things: 303 from a thing to its document (Cool URIs), or to where its tombstone leads.

``/id/state/ITA`` -> 303 -> ``/doc/state/ITA``. An ontology is answered at its own IRI, because its terms are hash IRIs.
"""

from __future__ import annotations

from flask import Blueprint, Request, Response, request

from kg.config import Settings
from kg.representation.document import describe
from kg.representation.linkset import as_uri
from kg.representation.statements import Statements
from kg.representation.tombstone import fate
from kg.terms import document_iri, iri_spellings
from kg.web.current import CurrentSite
from kg.web.documents import ANSWERS, hash_document, hash_response, missing, moved, withdrawn
from kg.web.editions import VARY, former_edition
from kg.web.openapi.apis import DOCUMENTS
from kg.web.openapi.operation import Parameter, describes, leads
from kg.web.pages import page_response
from kg.web.responses import add_links, redirected
from kg.web.site import Site
from kg.web.wishes import WISHES


def blueprint(current: CurrentSite, _: Settings) -> Blueprint:
    """The routes of this module."""
    routes = Blueprint("resources", __name__)

    @routes.get("/<path:path>")
    @describes(
        "A thing",
        DOCUMENTS,
        leads(303, "To its document."),
        *ANSWERS,
        description="An ontology is answered here itself, since its terms are parts of it.",
        errors=(404,),
        parameters=(Parameter("path", "The IRI below the base.", place="path", example="thing"), *WISHES),
    )
    def thing(path: str) -> Response:
        # The project's own pages stand here as well, and go before a thing of the same name.
        return _thing(request, current.get(), path)

    return routes


def _thing(request: Request, site: Site, path: str) -> Response:
    if (page := site.display.page(f"/{path}")) is not None:
        return page_response(request, site, page)
    ontology = hash_document(site, path)
    if ontology is not None:
        return hash_response(request, site, ontology)
    base, spellings = site.manifest.base, iri_spellings(site.manifest.base, path)
    unnamed = next((iri for iri in spellings if site.unnamed(iri)), None)
    # An ontology may speak of its former versions; their IRIs lead to them all the same.
    if unnamed is None and (former := former_edition(request, site, path)) is not None:
        return former
    told = Statements(site.answers, site.manifest).status(spellings) if spellings else []
    known = {t.subject.value for t in told if hasattr(t.subject, "value")}
    found = next((iri for iri in spellings if iri in known), None) or site.known(spellings)
    found = found or unnamed
    if found is None:
        raise missing(site, f"/{path}", base + path)
    left = fate(found, told)
    if left is not None and left.survivor:
        return moved(request, site, left.survivor, None, document=False)
    if left is not None and (document := describe(site.answers, site.manifest, [found])) is not None:
        return withdrawn(request, site, document, None, left)
    target = site.path(document_iri(base, found)) or "/"
    if request.query_string:
        target += f"?{request.query_string.decode('latin-1')}"
    target = as_uri(target)
    response = redirected(target, 303)
    response.vary.update(VARY)
    add_links(response, [(target, "describedby", {})])
    return response
