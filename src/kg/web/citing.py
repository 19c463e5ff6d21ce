"""Citations as files: ``/cite/doc/state/ITA?_format=bibtex`` is how the page at ``/doc/state/ITA`` is cited."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, Response, request
from werkzeug.exceptions import BadRequest

from kg.config import Settings
from kg.messages import Message
from kg.representation.linkset import as_uri
from kg.web.addresses import place
from kg.web.citable import CITATIONS, citation_of, forever, written
from kg.web.current import CurrentSite
from kg.web.language import reader, stay
from kg.web.openapi.apis import TAKING
from kg.web.openapi.operation import Parameter, describes, negotiable
from kg.web.responses import add_links, for_reader, negotiated, respond

FORMAT = "_format"
PAGE = Parameter("page", "The path of a page, without the slash before it.", place="path", example="original")
_FORMAT = Parameter(FORMAT, "The format, in place of Accept.", {"enum": [variant.format for variant in CITATIONS]})


def blueprint(current: CurrentSite, settings: Settings) -> Blueprint:
    """The routes of this module."""
    routes = Blueprint("citing", __name__)

    @routes.get("/cite/", defaults={"page": ""})
    @routes.get("/cite/<path:page>")
    @describes(
        "How a page is cited",
        TAKING,
        negotiable(*CITATIONS, description="The citation, in the reader's language."),
        description="It takes the parameters of the page as well. What is cited is the page in this very release.",
        errors=(400, 404),
        parameters=(PAGE, _FORMAT),
    )
    def cite(page: str) -> Response:
        site = current.get()
        wanted = request.args.get(FORMAT)
        variant = next((v for v in CITATIONS if v.format == wanted), None)
        if wanted is None:
            variant = negotiated(request, CITATIONS)
        if variant is None:
            formats = ", ".join(v.format for v in CITATIONS)
            raise BadRequest(Message("%(name)s is one of %(values)s", name=FORMAT, values=formats))
        found = place(site, f"/{page}", request.query_string.decode("latin-1"), settings.query_bytes).citable
        cited = citation_of(site, found)
        tag = site.etag("cite", variant.format, found.address)
        response = respond(request, written(cited, variant), variant, for_reader(tag))
        response.vary.add("Accept-Language")
        response.content_language.add(reader().language)
        # A name for the file; browsers show what they can and keep the rest.
        response.headers["Content-Disposition"] = f'inline; filename="{cited.key}.{variant.suffix}"'
        add_links(response, [(forever(site, found), "describes", {"type": "text/html"})])
        mark = "&" if "?" in found.address else "?"
        location = stay(f"{site.prefix}/cite{found.address}{mark}{urlencode({FORMAT: variant.format})}")
        response.headers["Content-Location"] = as_uri(location)
        return response

    return routes
