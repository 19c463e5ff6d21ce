"""The front page."""

from __future__ import annotations

from flask import Blueprint, Response, request

from kg.config import Settings
from kg.negotiate import DOCUMENT_VARIANTS, HTML
from kg.terms import document_iri
from kg.web import html, resources
from kg.web.responses import negotiated, redirected, respond
from kg.web.site import CurrentSite


def blueprint(current: CurrentSite, _: Settings) -> Blueprint:
    """The routes of this module."""
    routes = Blueprint("pages", __name__)

    @routes.get("/")
    def home() -> Response:
        site = current.get()
        if negotiated(request, DOCUMENT_VARIANTS) is HTML:
            return respond(request, html.home_page(site), HTML, site.etag("home"))
        # To a program the front page is the description of the dataset.
        lead = f"{site.manifest.base}doc/"
        return resources.document_response(
            request, site, document_iri(site.manifest.base, site.manifest.dataset).removeprefix(lead)
        )

    @routes.get("/favicon.ico")
    def icon() -> Response:
        # Browsers ask for it beside data, which cannot name another.
        return redirected("/static/icon.svg", 302)

    return routes
