"""Releases at their own addresses: ``/release/<name>`` leads to what a release says of itself.

The site as it was in a release, ``/release/<name>/...``, is found before Flask sees the request (``front``).
"""

from __future__ import annotations

from flask import Blueprint, Response
from werkzeug.exceptions import NotFound

from kg.config import Settings
from kg.web.current import CurrentSite
from kg.web.responses import add_links, redirected


def blueprint(current: CurrentSite, _: Settings) -> Blueprint:
    """The routes of this module."""
    routes = Blueprint("releases", __name__)

    @routes.get("/release/")
    def releases() -> Response:
        return redirected("/dumps/", 302)

    @routes.get("/release/<given>")
    def release(given: str) -> Response:
        name = current.named(given)
        if name is None:
            raise NotFound(f"there is no release {given}; /dumps/ lists those that there are")
        if name != given:
            return redirected(f"/release/{name}", 302)
        # The first releases do not speak of themselves.
        target = f"/release/{name}/{f'doc/release/{name}' if current.knows_itself(name) else ''}"
        response = redirected(target, 303)
        response.vary.add("Accept")
        add_links(response, [(target, "describedby", {})])
        return response

    return routes
