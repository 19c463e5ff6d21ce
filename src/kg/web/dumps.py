"""Downloads: the files of a release, each at an address that never changes, and ``latest``, which leads to them."""

from __future__ import annotations

from pathlib import PurePosixPath

from flask import Blueprint, Response, request, send_file
from werkzeug.exceptions import NotFound

from kg.config import Settings
from kg.negotiate import DATASET_VARIANTS, TURTLE
from kg.release.manifest import Release
from kg.web.responses import FOREVER, SHORT, negotiated, redirected
from kg.web.site import CurrentSite

_TYPES = {f".{v.suffix}": v.media_type for v in (TURTLE, *DATASET_VARIANTS)}


def blueprint(current: CurrentSite, _: Settings) -> Blueprint:
    """The routes of this module."""
    routes = Blueprint("dumps", __name__)

    @routes.get("/dumps/latest/<name>")
    def latest(name: str) -> Response:
        manifest = current.get().manifest
        if f"dumps/{name}" not in manifest.files:
            raise NotFound(_listing(list(manifest.files)))
        return redirected(f"/dumps/{manifest.name}/{name}", 302)

    @routes.get("/dumps/<release>/<name>")
    def file(release: str, name: str) -> Response:
        served = current.get().release
        path = f"dumps/{name}"
        if release != served.manifest.name or path not in served.manifest.files:
            raise NotFound(f"release {served.manifest.name} has {_listing(list(served.manifest.files))}")
        return _file(served, path, FOREVER)

    @routes.get("/graphs")
    def dataset() -> Response:
        # Single graphs are answered in front of Flask; this is all of them (the Graph Store Protocol leaves it open).
        site = current.get()
        name = f"dumps/data.{negotiated(request, DATASET_VARIANTS).suffix}"
        response = _file(site.release, name, SHORT)
        response.headers["Content-Location"] = f"/dumps/{site.manifest.name}/{name.removeprefix('dumps/')}"
        response.vary.add("Accept")
        return response

    return routes


def _file(release: Release, path: str, cache: str) -> Response:
    # Absolute: a relative path would be looked for beside this module.
    response = send_file(
        (release.path / path).absolute(),
        mimetype=_TYPES[PurePosixPath(path).suffix],
        etag=release.manifest.files[path][1],
        conditional=True,
    )
    response.headers["Cache-Control"] = cache
    response.headers.pop("Last-Modified", None)  # the file's time is that of the build, not of the content
    return response


def _listing(paths: list[str]) -> str:
    return "the files " + ", ".join(p.removeprefix("dumps/") for p in paths if p.startswith("dumps/"))
