"""Releases at their own addresses: ``/release/<name>`` leads to what a release says of itself.

The site as it was in a release, ``/release/<name>/...``, is found before Flask sees the request (``front``).
"""

from __future__ import annotations

from flask import Blueprint, Response
from werkzeug.exceptions import NotFound

from kg.config import Settings
from kg.messages import Message
from kg.representation.linkset import as_uri
from kg.terms import whole
from kg.web.current import CurrentSite
from kg.web.openapi.apis import DOCUMENTS, DOWNLOADS, TIME
from kg.web.openapi.operation import Parameter, describes, leads
from kg.web.responses import add_links, redirected


def blueprint(current: CurrentSite, _: Settings) -> Blueprint:
    """The routes of this module."""
    routes = Blueprint("releases", __name__)

    @routes.get("/release/")
    @describes("The releases", DOWNLOADS, leads(302, "To the list of them."), validated=False)
    def releases() -> Response:
        return redirected("/dumps/", 302)

    @routes.get("/release/<given>")
    @describes(
        "A release, which is a thing with a document",
        TIME,
        leads(302, "To the name of the release, where a version was given."),
        leads(303, "To its document, in the release itself."),
        errors=(404,),
        parameters=(Parameter("given", "A release or a version.", place="path", example="either"),),
        validated=False,
    )
    def release(given: str) -> Response:
        name = current.named(given)
        if name != given:
            return redirected(f"/release/{name}", 302)
        # The first releases do not speak of themselves.
        target = f"/release/{name}/{f'doc/release/{name}' if current.knows_itself(name) else ''}"
        response = redirected(target, 303)
        response.vary.add("Accept")
        add_links(response, [(target, "describedby", {})])
        return response

    @routes.get("/elsewhere/<path:iri>")
    @describes(
        "A thing of somebody else's, as the event stream names it",
        DOCUMENTS,
        leads(303, "To the thing."),
        errors=(404,),
        parameters=(Parameter("iri", "Its IRI.", place="path", example="iri"),),
        validated=False,
    )
    def elsewhere(iri: str) -> Response:
        """What the event stream names for a thing of somebody else's that the release speaks of: leads to the thing."""
        site = current.get()
        wanted = whole(iri)
        # A proxy may have made one slash of two.
        known = site.known([wanted, wanted.replace(":/", "://", 1)])
        if known is None:
            raise NotFound(
                Message("release %(release)s says nothing about %(iri)s", release=site.manifest.name, iri=wanted)
            )
        return redirected(as_uri(known), 303)

    return routes
