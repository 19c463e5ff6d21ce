"""Documents in every profile and format, with their links: ``/doc/state/ITA``, ``/doc/state/ITA.ttl``, ``/ns``.

A thing that was given up has a tombstone instead of a document (``representation/tombstone``): 308 to the survivor's
document, or 410 with what is still said about it.
"""

from __future__ import annotations

import dataclasses
from urllib.parse import urljoin

from flask import Blueprint, Request, Response, request
from werkzeug.exceptions import Gone, NotFound

from kg.config import Settings
from kg.messages import Message
from kg.negotiate import HTML, PLAIN_JSON, RESOURCE_VARIANTS, Variant
from kg.representation import linkset
from kg.representation.document import Document, describe, describe_given, describe_graph
from kg.representation.formats import write_json_ld, write_rdf
from kg.representation.profiles import ALTERNATES, FULL, alternates, labels_only
from kg.representation.statements import Statements
from kg.representation.tombstone import Fate, fate, is_deprecated
from kg.terms import document_iri, iri_spellings
from kg.web import html
from kg.web.about import about as about_thing
from kg.web.contexts import context
from kg.web.current import CurrentSite
from kg.web.editions import VARY, former_edition
from kg.web.language import PARAMETER as LANG
from kg.web.language import stay
from kg.web.links import (
    Shown,
    address,
    alternates_links,
    alternates_of,
    document_links,
    path_of,
)
from kg.web.listing import Listing
from kg.web.openapi.apis import DOCUMENTS
from kg.web.openapi.operation import Answer, Parameter, describes, leads, negotiable
from kg.web.questions import ask
from kg.web.responses import SHORT, add_links, for_reader, redirected, respond
from kg.web.site import Site
from kg.web.vocabulary import vocabulary_page
from kg.web.wishes import WISHES, as_query, given_values, page_number, shown, split_suffix

PLAIN = {PLAIN_JSON.media_type: "Context"}
ANSWERS = (
    negotiable(*RESOURCE_VARIANTS, schemas=PLAIN, description="The document."),
    leads(302, "To the release that had this version of an ontology last."),
    leads(308, "To the document of what came in its place."),
    Answer(410, "It was given up, or has gone; what is still said of it.", RESOURCE_VARIANTS, PLAIN),
)


def blueprint(current: CurrentSite, _: Settings) -> Blueprint:
    """The routes of this module."""
    routes = Blueprint("documents", __name__)

    @routes.get("/doc/<path:path>")
    @describes(
        "The document about a thing",
        DOCUMENTS,
        *ANSWERS,
        description="The document of a question takes the parameters of the question as well.",
        errors=(400, 404),
        parameters=(
            Parameter("path", "Its name; a suffix such as .ttl decides the format.", place="path", example="document"),
            *WISHES,
        ),
    )
    def document(path: str) -> Response:
        return document_response(request, current.get(), path)

    return routes


def document_response(request: Request, site: Site, path: str) -> Response:
    """The document at ``/doc/`` + ``path``, the suffix deciding the format if there is one.

    Raises NotFound, Gone for what a former release had, NotAcceptable.
    """
    stem, variant = split_suffix(path)
    for name, suffix in ((path, None), (stem, variant)):
        ontology = hash_document(site, name)
        if ontology is not None:
            return _ontology(request, site, ontology, suffix)
    # A thing's own name may end like the suffix of a format.
    whole = things_at(site, path)
    things = whole + (things_at(site, stem) if variant else [])
    page = page_number(request) if not any(map(site.display.question, things)) else 1
    document = about(site, things, page or 1)
    if document is None:
        for name, suffix in ((path, None), (stem, variant)):
            if (former := former_edition(request, site, name, suffix, document=True)) is not None:
                return former
        raise missing(site, f"/doc/{path}", f"{site.manifest.base}id/{path}")
    if page is None or page > document.pages:
        raise NotFound(_pages_of(document.thing, document.pages))
    return _document(request, site, document, None if document.thing in whole else variant)


def hash_response(request: Request, site: Site, iri: str) -> Response:
    """An ontology at its own address, negotiated."""
    return _ontology(request, site, iri, None)


def things_at(site: Site, path: str) -> list[str]:
    """The IRIs of the things that the document at ``/doc/`` + ``path`` can be about."""
    base = site.manifest.base
    # The document of what begins with id/ is named without that.
    return [*iri_spellings(base, f"id/{path}"), *([] if path.startswith("id/") else iri_spellings(base, path))]


def hash_document(site: Site, path: str) -> str | None:
    """The IRI of the ontology that the base and ``path`` make, if there is one."""
    return next((iri for iri in iri_spellings(site.manifest.base, path) if iri in site.hash_documents), None)


def described(site: Site, path: str) -> Document | None:
    """The first page of the document at ``/doc/`` + ``path`` (without suffix)."""
    ontology = hash_document(site, path)
    if ontology is not None:
        return describe_graph(site.answers, site.manifest, site.hash_documents[ontology], "ontology")
    return about(site, things_at(site, path))


def about(site: Site, things: list[str], page: int = 1) -> Document | None:
    """A page of the document about the first of the things that the release speaks of."""
    document = describe(site.answers, site.manifest, things, page)
    if document is None and (whole := site.known(things)) is not None:  # it speaks of hash IRIs only
        document = describe(site.answers, site.manifest, things, page, whole_of_parts=whole)
    if document is None and (node := next(filter(None, map(site.unnamed, things)), None)) is not None:
        document = describe_given(site.answers, site.manifest, node.iri, node.own, node.incoming)
    return document


def missing(site: Site, path: str, iri: str) -> NotFound | Gone:
    """That nothing is at ``path``; or not any more, and where it was."""
    past = site.past_of(path)
    if past is not None:
        gone = Message("%(iri)s is in no release any more; its last version is at %(past)s", iri=iri, past=past)
        return Gone(gone)
    return NotFound(Message("nothing is known about %(iri)s", iri=iri))


def _pages_of(iri: str, pages: int) -> Message:
    if pages == 1:
        return Message("the document about %(iri)s has 1 page", iri=iri)
    return Message("the document about %(iri)s has %(pages)s pages", iri=iri, pages=pages)


def found_fate(site: Site, document: Document) -> Fate | None:
    """What became of a thing that was given up; None for one that is in use."""
    if not is_deprecated(document.thing, document.own):
        return None
    return fate(document.thing, Statements(site.answers, site.manifest).status([document.thing]))


def withdrawn(request: Request, site: Site, document: Document, variant: Variant | None, left: Fate) -> Response:
    """410 for a thing without one survivor: what is still said about it, negotiated as its document would be."""
    what = shown(request, variant)
    what = Shown(FULL, what.variant if what.profile is not ALTERNATES else HTML, what.form)
    listing = Listing.of(request.args) if what.variant is HTML else None
    what = dataclasses.replace(what, given=listing.query if listing else "")
    links = document_links(site, document, what)
    body = (
        html.document_page(site, document, links, withdrawn=True, listing=listing)
        if what.variant is HTML
        else _data(site, document, what)
    )
    response = Response(body, 410, content_type=what.variant.content_type)
    response.headers["Cache-Control"] = SHORT
    response.vary.update(VARY)
    tag = _etag(site, document, what)
    response.set_etag(for_reader(tag) if what.variant is HTML else tag)
    add_links(response, [*links, *((site.path(iri) or iri, "successor-version", {}) for iri in left.successors)])
    return response


def moved(request: Request, site: Site, survivor: str, variant: Variant | None, *, document: bool) -> Response:
    """308 to the survivor, or to its ``document`` with the same suffix; the query goes along."""
    target = site.path(document_iri(site.manifest.base, survivor) if document else survivor) or survivor
    if document and variant and site.path(survivor):
        target += f".{variant.suffix}"
    if request.query_string:
        target += f"?{request.query_string.decode('latin-1')}"
    response = redirected(linkset.as_uri(target), 308)
    response.vary.update(VARY)
    return response


def _document(request: Request, site: Site, document: Document, variant: Variant | None) -> Response:
    left = found_fate(site, document)
    if left is not None:
        if left.survivor:
            return moved(request, site, left.survivor, variant, document=True)
        return withdrawn(request, site, document, variant, left)
    question = site.display.question(document.thing)
    values = given_values(request) if question else {}
    if question and LANG not in {parameter.name for parameter in question.kept.parameters}:
        values.pop(LANG, None)  # the language of the page
    what = shown(request, variant)
    listing = Listing.of(request.args) if what.variant is HTML and what.profile is FULL and not question else None
    if what.variant is HTML:  # the answer to a question stands on its page only, and so does a list
        what = dataclasses.replace(what, given=listing.query if listing else as_query(values))
    if what.profile is ALTERNATES:
        return _alternates(request, site, document, what)
    links = document_links(site, document, what)
    if what.variant is not HTML:
        return _answered(request, site, document, what, _data(site, document, what))
    asked = ask(site, question, values) if question else None
    answers = about_thing(site, document) if not question and listing is None else None
    page = html.document_page(site, document, links, asked, listing=listing, answers=answers)
    if asked and not asked.form.sound:
        response = Response(page, 400, content_type=HTML.content_type)
        response.headers["Cache-Control"] = "no-store"
        response.vary.update(VARY)
        return response
    return _answered(request, site, document, what, page)


def _ontology(request: Request, site: Site, iri: str, variant: Variant | None) -> Response:
    if page_number(request) != 1:
        raise NotFound(_pages_of(iri, 1))
    what = shown(request, variant)
    document = describe_graph(site.answers, site.manifest, site.hash_documents[iri], "ontology")
    if what.profile is ALTERNATES:
        return _alternates(request, site, document, what)
    if what.variant is HTML:
        links = document_links(site, document, what)
        page = vocabulary_page(site, document.thing, path_of(site, document.thing), links)
        return _answered(request, site, document, what, page)
    return _answered(request, site, document, what, _data(site, document, what))


def _data(site: Site, document: Document, what: Shown) -> bytes:
    """A document in one of the data formats."""
    triples = document.triples if what.profile is FULL else labels_only(document, site.manifest)
    if what.variant is PLAIN_JSON:
        return context(site).write(triples, document.thing)
    if what.form:
        return write_json_ld(triples, what.form, site.manifest.prefixes)
    return write_rdf(triples, what.variant.format, site.manifest.prefixes)


def _etag(site: Site, document: Document, what: Shown) -> str:
    about = [what.profile.token, what.form, str(document.page), what.given]
    if what.variant is HTML and html.has_changes(site, document):
        about.append("changes")
    return site.etag(document.iri, what.variant.format, *about)


def _answered(request: Request, site: Site, document: Document, what: Shown, body: str | bytes) -> Response:
    """The document, with what a client should know beside it (Link, Content-Location, Content-Profile)."""
    response = respond(request, body, what.variant, _etag(site, document, what))
    response.vary.update(VARY)
    if what.form and response.status_code == 200:
        kind = f'{what.variant.media_type}; profile="http://www.w3.org/ns/json-ld#{what.form}"'
        response.headers["Content-Type"] = kind
    location = address(path_of(site, document.thing), what, document.page)
    response.headers["Content-Location"] = stay(location) if what.variant is HTML else location
    response.headers["Content-Profile"] = f"<{what.profile.iri}>"
    add_links(response, document_links(site, document, what))
    return response


def _alternates(request: Request, site: Site, document: Document, what: Shown) -> Response:
    """The list of the profiles and formats of a document (Content Negotiation by Profile, section 7.2.4)."""
    path = path_of(site, document.thing)
    listed = alternates_of(path)
    if what.variant is HTML:
        body: str | bytes = html.page(
            site, "alternates.html", thing=document.thing, path=path, listed=listed, links=alternates_links(path)
        )
    else:
        lead = document_iri(site.manifest.base, document.thing)
        named = [(p, v, urljoin(lead, lead + target.removeprefix(path))) for p, v, target in listed]
        body = write_rdf(alternates(document.thing, named), what.variant.format, site.manifest.prefixes)
    response = respond(request, body, what.variant, _etag(site, document, what))
    response.vary.update(VARY)
    location = address(path, what)
    response.headers["Content-Location"] = stay(location) if what.variant is HTML else location
    response.headers["Content-Profile"] = f"<{ALTERNATES.iri}>"
    add_links(response, alternates_links(path))
    return response
