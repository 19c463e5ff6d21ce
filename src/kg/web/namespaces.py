"""The program's own vocabularies: ``/vocabularies/display``, negotiated, ``/vocabularies/display.ttl`` and so on.

Their IRIs lead here by the rules in ``docs/w3id``. The terms are hash IRIs, so the page has an element for each.
"""

from __future__ import annotations

from flask import Blueprint, Response, request

from kg.config import Settings
from kg.negotiate import DOCUMENT_VARIANTS, HTML, Variant
from kg.representation import schema_org
from kg.representation.formats import write_rdf
from kg.representation.linkset import Link
from kg.representation.namespaces import NAMES, Namespace, namespace
from kg.web.current import CurrentSite
from kg.web.html import formats, page
from kg.web.openapi.apis import DESCRIPTIONS
from kg.web.openapi.operation import Parameter, describes, negotiable, sent
from kg.web.responses import add_links, negotiated, respond
from kg.web.site import PROGRAM_VERSION, Site

_BY_SUFFIX = {variant.suffix: variant for variant in DOCUMENT_VARIANTS}
_NAME = Parameter("name", "Its name.", {"enum": [*NAMES]}, "path")


def blueprint(current: CurrentSite, _: Settings) -> Blueprint:
    """The routes of this module."""
    routes = Blueprint("namespaces", __name__)

    # Other names below are the project's, if it has such things.
    path = f"/vocabularies/<any({', '.join(NAMES)}):name>"

    @routes.get(path)
    @describes(
        "A vocabulary of the program", DESCRIPTIONS, negotiable(*DOCUMENT_VARIANTS), errors=(404,), parameters=(_NAME,)
    )
    def vocabulary(name: str) -> Response:
        return _answered(current.get(), namespace(name), negotiated(request, DOCUMENT_VARIANTS))

    @routes.get(f"{path}.<any({', '.join(_BY_SUFFIX)}):suffix>")
    @describes(
        "A vocabulary of the program in one format",
        DESCRIPTIONS,
        sent(*DOCUMENT_VARIANTS),
        errors=(404,),
        parameters=(_NAME, Parameter("suffix", "The suffix of the format.", {"enum": [*_BY_SUFFIX]}, "path")),
    )
    def vocabulary_as(name: str, suffix: str) -> Response:
        return _answered(current.get(), namespace(name), _BY_SUFFIX[suffix])

    return routes


def _answered(site: Site, told: Namespace, variant: Variant) -> Response:
    path = f"/vocabularies/{told.name}"
    links: list[Link] = [
        (f"{path}.{v.suffix}", "alternate", {"type": v.media_type}) for v in DOCUMENT_VARIANTS if v is not variant
    ]
    links += [(path, "canonical", {}), (told.licence, "license", {}), (told.iri, "describes", {})]
    if variant is HTML:
        body: str | bytes = page(
            site,
            "namespace.html",
            markup=schema_org.vocabulary(told.iri, told.title, told.description, PROGRAM_VERSION, told.licence),
            told=told,
            formats=formats(path),
            links=links,
        )
    else:
        body = write_rdf(told.triples, variant.format, told.prefixes)
    response = respond(request, body, variant, site.etag("namespace", told.name, variant.format))
    response.headers["Content-Location"] = f"{path}.{variant.suffix}"
    add_links(response, links)
    return response
