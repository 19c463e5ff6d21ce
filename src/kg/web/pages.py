"""The front page."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, Response, request

from kg.config import Settings
from kg.negotiate import DOCUMENT_VARIANTS, HTML, RESOURCE_VARIANTS
from kg.representation.document import describe
from kg.terms import document_iri
from kg.web import documents, html, matrix, wishes
from kg.web.current import CurrentSite
from kg.web.links import home_links, service_links
from kg.web.openapi.apis import DOCUMENTS
from kg.web.openapi.operation import describes, leads, negotiable
from kg.web.responses import add_links, negotiated, redirected, respond


def blueprint(current: CurrentSite, _: Settings) -> Blueprint:
    """The routes of this module."""
    routes = Blueprint("pages", __name__)

    @routes.get("/")
    @describes(
        "The front page, or the description of the dataset",
        DOCUMENTS,
        negotiable(*RESOURCE_VARIANTS, schemas=documents.PLAIN, description="The page, or to a program the dataset."),
        leads(302, "To the same page, its address without empty values."),
        description="The page takes the parameters of the questions that it shows as matrices, and order=name.",
        errors=(400, 404),
        parameters=wishes.WISHES,
    )
    def home() -> Response:
        site = current.get()
        # Who asks for a profile or a format by name means the description of the dataset.
        by_name = wishes.PROFILE in request.args or wishes.MEDIA_TYPE in request.args
        if not by_name and negotiated(request, DOCUMENT_VARIANTS) is HTML:
            given = matrix.taken(site, request.args)
            if any(not value.strip() for value in given.values()):  # a form sends its empty fields as well
                kept = {name: value for name, value in request.args.items() if name not in given or value.strip()}
                shorter = redirected(f"{site.prefix}/" + (f"?{urlencode(kept)}" if kept else ""), 302)
                shorter.vary.add("Accept")
                return shorter
            sections = html.home_sections(site, given)
            if not all(section.matrix.form.sound for section in sections if section.matrix):
                made = html.home_page(site, sections)
                return Response(made, 400, content_type=HTML.content_type)
            made = html.home_page(site, sections, html.citable_home(site, sections, given))
            response = respond(request, made, HTML, site.etag("home", urlencode(sorted(given.items()))))
            dataset = describe(site.answers, site.manifest, [site.manifest.dataset])
            if dataset is not None:
                add_links(response, home_links(site, dataset))
            add_links(response, service_links(site))
            return response
        # To a program the front page is the description of the dataset.
        lead = f"{site.manifest.base}doc/"
        return documents.document_response(
            request, site, document_iri(site.manifest.base, site.manifest.dataset).removeprefix(lead)
        )

    @routes.get("/favicon.ico")
    @describes("The icon of the site", DOCUMENTS, leads(302, "To the icon."), validated=False)
    def icon() -> Response:
        # Browsers ask for it beside data, which cannot name another.
        return redirected("/static/icon.svg", 302)

    return routes
