"""The Reconciliation Service API: ``/reconcile`` speaks version 0.2, ``/reconcile/1.0`` the draft of 1.0.

The routes of the draft are there below ``/reconcile`` as well, where 0.2 leaves them free. JSONP is not offered: every
browser can read from everywhere (CORS).
"""

from __future__ import annotations

from flask import Blueprint, Response, request

from kg.config import Settings
from kg.reconciliation.manifest import V1_0
from kg.web.current import CurrentSite
from kg.web.openapi import reconciliation as told
from kg.web.openapi.operation import saying
from kg.web.reconciling import DRAFT, ROOT, Door, json_body


def blueprint(current: CurrentSite, settings: Settings) -> Blueprint:
    """The routes of this module."""
    routes = Blueprint("reconciliation", __name__)
    door = Door(current, settings)

    @routes.route(ROOT, methods=["GET", "POST"], strict_slashes=False)
    @saying(told.MANIFEST)
    @saying(told.BATCH, "POST")
    def root() -> Response:
        return door.root()

    @routes.get(DRAFT, strict_slashes=False)
    @saying(told.DRAFT)
    def draft() -> Response:
        return door.manifest(V1_0)

    @routes.post(f"{ROOT}/match")
    @routes.post(f"{DRAFT}/match")
    @saying(told.MATCH, "POST")
    def match() -> Response:
        return door.match_list(json_body(request))

    @routes.post(f"{ROOT}/extend")
    @routes.post(f"{DRAFT}/extend")
    @saying(told.EXTEND, "POST")
    def extend() -> Response:
        return door.extend(V1_0, json_body(request))

    _for_both(routes, door)
    return routes


def _for_both(routes: Blueprint, door: Door) -> None:
    """The routes that are the same in both versions."""

    @routes.get(f"{ROOT}/suggest/<any(entity, property, type):what>")
    @routes.get(f"{DRAFT}/suggest/<any(entity, property, type):what>")
    @saying(told.SUGGEST)
    def suggest(what: str) -> Response:
        return door.suggest(what)

    @routes.get(f"{ROOT}/flyout/<any(entity, property, type):what>")
    @saying(told.FLYOUT)
    def flyout(what: str) -> Response:
        return door.flyout(what)

    @routes.get(f"{ROOT}/preview")
    @routes.get(f"{DRAFT}/preview")
    @saying(told.PREVIEW)
    def preview() -> Response:
        return door.preview()

    @routes.get(f"{ROOT}/view")
    @routes.get(f"{DRAFT}/view")
    @saying(told.VIEW)
    def thing() -> Response:
        return door.thing()

    @routes.get(f"{ROOT}/extend/propose")
    @routes.get(f"{DRAFT}/extend/propose")
    @saying(told.PROPOSE)
    def propose() -> Response:
        return door.propose()
