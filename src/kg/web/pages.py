"""The front page, and the other pages that the project describes (``display:Page``)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from flask import Blueprint, Request, Response, request

from kg.config import Settings
from kg.negotiate import DOCUMENT_VARIANTS, HTML, RESOURCE_VARIANTS
from kg.representation import linkset
from kg.representation.display import Page
from kg.representation.document import describe
from kg.representation.parameters import given_of
from kg.representation.questions import Question
from kg.terms import document_iri, in_language
from kg.web import documents, html, matrix, scenario, wishes
from kg.web.current import CurrentSite
from kg.web.links import home_links, service_links
from kg.web.openapi.apis import DOCUMENTS
from kg.web.openapi.operation import Operation, Parameter, Placed, describes, does, leads, negotiable
from kg.web.responses import add_links, negotiated, redirected, respond
from kg.web.site import Site


def blueprint(current: CurrentSite, _: Settings) -> Blueprint:
    """The routes of this module."""
    routes = Blueprint("pages", __name__)

    @routes.get("/")
    @describes(
        "The front page, or the description of the dataset",
        DOCUMENTS,
        negotiable(*RESOURCE_VARIANTS, schemas=documents.PLAIN, description="The page, or to a program the dataset."),
        leads(302, "To the same page, its address without empty values."),
        description="The page takes the parameters of the questions that it shows as matrices, and order=name; "
        "with view=map it shows one column of a matrix, column=..., on a map.",
        errors=(400, 404),
        parameters=wishes.WISHES,
    )
    def home() -> Response:
        site = current.get()
        # Who asks for a profile or a format by name means the description of the dataset.
        by_name = wishes.PROFILE in request.args or wishes.MEDIA_TYPE in request.args
        if not by_name and negotiated(request, DOCUMENT_VARIANTS) is HTML:
            response = page_response(request, site, site.display.front)
            if response.status_code not in (200, 304):
                return response
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


def page_response(request: Request, site: Site, page: Page) -> Response:
    """A page that the project describes, with the values in its address.

    302 to the address that says the same in fewer words, 400 with what is wrong. Raises BadRequest, NotAcceptable.
    """
    home = page.path == "/"
    negotiated(request, DOCUMENT_VARIANTS if home else (HTML,))
    arguments = dict(request.args.lists())
    kept, given = tidied(site, page, arguments)
    if kept != arguments:
        target = f"{site.prefix}{page.path}" + (f"?{urlencode(kept, doseq=True)}" if kept else "")
        shorter = redirected(linkset.as_uri(target), 302)
        shorter.vary.add("Accept")
        return shorter
    sections = html.page_sections(site, page, given)
    sound = not any(section.problems for section in sections)
    cited = html.citable_page(site, page, sections, given) if sound else None
    if home:
        made = html.home_page(site, page, sections, cited)
    else:
        made = html.described_page(site, page, sections, cited, given=bool(given))
    if not sound:
        return Response(made, 400, content_type=HTML.content_type)
    about = "home" if home else f"page {page.path}"
    return respond(request, made, HTML, site.etag(about, urlencode(sorted(given.items()), doseq=True)))


def tidied(
    site: Site, page: Page, arguments: Mapping[str, Sequence[str]]
) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """The arguments of a page's address in the fewest words that say the same, and those of them that the page reads.

    Raises BadRequest for what cannot be meant.
    """
    names = matrix.names_of(site, page) | scenario.names_of(site, page)
    several = {p.name for question in _questions(site, page) for p in question.kept.parameters if p.several}
    kept = scenario.tidied(site, page, arguments)
    # A form sends its empty fields as well; of what takes one value the first counts.
    for name in names & {*kept}:
        kept[name] = given_of(kept, name)[: None if name in several else 1]
    kept = {name: [*texts] for name, texts in matrix.tidied(site, page, kept).items() if texts}
    return kept, {name: texts for name, texts in kept.items() if name in names}


def _questions(site: Site, page: Page) -> list[Question]:
    """The questions whose parameters are those of a page."""
    asked = {section.question for section in page.sections if section.layout is not None or section.plan is not None}
    return [question for question in site.display.questions if question.iri in asked]


def operations(site: Site) -> list[Placed]:
    """What is said of the project's own pages, which have no route of their own, for the site's description."""
    return [Placed(page.path, "GET", _name(page), _operation(site, page)) for page in site.display.pages]


def _name(page: Page) -> str:
    return "project_page_" + re.sub(r"\W+", "_", page.path.strip("/"))


def _operation(site: Site, page: Page) -> Operation:
    parameters = {p.name: p for question in _questions(site, page) for p in question.kept.parameters}
    languages = site.manifest.languages
    return does(
        in_language(page.titles, languages),
        DOCUMENTS,
        negotiable(HTML),
        leads(302, "To the same page, its address without empty values."),
        description=in_language(page.descriptions, languages),
        errors=(400, 404),
        parameters=tuple(
            Parameter(name, in_language(parameter.says, languages) or name, many=parameter.several)
            for name, parameter in parameters.items()
        ),
    )
