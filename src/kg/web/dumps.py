"""Downloads: every file of every release at an address that never changes, ``latest``, and pages that list them.

A dump with a packed twin is sent packed to a client that can read that; it is another representation with a validator
and a digest of its own, so a download that is resumed never mixes the two (RFC 9110, sections 8.8.1 and 13.1.5).
"""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound
from werkzeug.http import parse_range_header
from werkzeug.wsgi import wrap_file

from kg.config import Settings
from kg.errors import ReleaseError
from kg.messages import Message
from kg.metadata.linksets import PREFIX as LINKS
from kg.negotiate import (
    CITATION_FILE,
    DATASET_VARIANTS,
    GRAPH_VARIANTS,
    GZIP,
    HTML,
    JSON,
    SPARQL_QUERY,
    TEXT,
    Variant,
)
from kg.release.manifest import MANIFEST, SUMS, Release, sha256_of
from kg.terms import document_iri, local_path
from kg.web.current import CurrentSite
from kg.web.html import page
from kg.web.openapi.apis import DOWNLOADS, SPARQL
from kg.web.openapi.operation import Answer, Parameter, describes, leads, negotiable, sent
from kg.web.protocol import WHICH_GRAPH
from kg.web.queries import accepts_gzip
from kg.web.responses import FOREVER, SHORT, Link, add_links, negotiated, redirected, respond

_LATEST = "latest"
_DUMPS = "dumps/"
_PARTS = {
    "data": Message("Everything"),
    "asserted": Message("What was written"),
    "inferred": Message("What follows from it"),
}
_VARIANTS = {f".{v.suffix}": v for v in (*GRAPH_VARIANTS, *DATASET_VARIANTS, GZIP, JSON, SPARQL_QUERY, CITATION_FILE)}

_NAME = Parameter("name", "The name of a release.", place="path", example="release")
_FILE = Parameter("name", "A file, such as data.ttl.", place="path", example="file")
_RANGE = (
    Parameter("Range", "One range of bytes; what cannot be read is ignored.", place="header"),
    Parameter("If-Range", "The ETag of the copy that a part is to complete.", place="header"),
)
_KINDS = (*dict.fromkeys((*_VARIANTS.values(), TEXT)),)
_SENT = (
    sent(*_KINDS, headers=("Repr-Digest", "Accept-Ranges")),
    Answer(206, "The part that was asked for.", _KINDS, headers=("Content-Range", "Repr-Digest")),
)

# The formats of dumps as they are listed, the most readable first, each followed by what it is packed.
_ORDER = {s: n for n, v in enumerate((*GRAPH_VARIANTS, *DATASET_VARIANTS)) for s in (v.suffix, f"{v.suffix}.gz")}


@dataclass(frozen=True)
class _Download:
    """A file of a release as the pages show it: ``name`` is its address below that of the release."""

    name: str
    kind: str
    size: int
    sha256: str


def blueprint(current: CurrentSite, _: Settings) -> Blueprint:
    """The routes of this module."""
    routes = Blueprint("dumps", __name__)

    @routes.get("/dumps/")
    @describes("The files of all releases", DOWNLOADS, negotiable(HTML))
    def releases() -> Response:
        site, moments = current.get(), current.timeline()
        negotiated(request, (HTML,))
        shown = [(moment.release.manifest, _downloads(moment.release)) for moment in reversed(moments)]
        text = page(site, "dumps.html", release=None, releases=shown)
        return respond(request, text, HTML, site.etag("dumps", *(moment.name for moment in moments)))

    @routes.get("/dumps/latest/", defaults={"name": ""})
    @routes.get("/dumps/latest/<path:name>")
    @describes(
        "A file of the latest release",
        DOWNLOADS,
        leads(302, "To the release that is the latest now."),
        errors=(404,),
        parameters=(_FILE,),
        validated=False,
    )
    def latest(name: str) -> Response:
        release = current.timeline()[-1].release
        if name:
            _path(release, name)
        return redirected(f"/dumps/{release.manifest.name}/{name}", 302)

    @routes.get("/dumps/<name>/")
    @describes("The files of a release", DOWNLOADS, negotiable(HTML), errors=(404,), parameters=(_NAME,))
    def release_page(name: str) -> Response:
        site, release = current.get(), _release(current, name)
        negotiated(request, (HTML,))
        address = f"{request.host_url}dumps/{name}"
        downloads = _downloads(release)
        parts = {**_PARTS, LINKS: Message("Links to other datasets")}
        groups = [(title, [d for d in downloads if _part(d) == part]) for part, title in parts.items()]
        others = [d for d in downloads if _part(d) is None]
        text = page(
            site,
            "dumps.html",
            release=release.manifest,
            address=address,
            first=next((d for wanted in ("data.ttl.gz", "data.ttl") for d in downloads if d.name == wanted), None),
            groups=[(title, found) for title, found in groups if found],
            about=[d for d in others if "/" not in d.name],
            sources=[d for d in others if "/" in d.name],
        )
        return respond(request, text, HTML, site.etag("dumps", name, address))

    @routes.get("/dumps/<release>/<path:name>")
    @describes(
        "A file of a release",
        DOWNLOADS,
        *_SENT,
        errors=(404, 416),
        parameters=(Parameter("release", "Its name.", place="path", example="release"), _FILE, *_RANGE),
    )
    def file(release: str, name: str) -> Response:
        found = _release(current, release)
        response = _file(found, _path(found, name), FOREVER)
        add_links(response, [_collection(found)])
        return response

    @routes.get("/graphs")
    @describes(
        "A graph of the dataset, or all of it",
        SPARQL,
        negotiable(
            *GRAPH_VARIANTS, *DATASET_VARIANTS, description="Triples of one graph, or quads where none is named."
        ),
        _SENT[1],
        errors=(400, 404, 416),
        parameters=(*WHICH_GRAPH, *_RANGE),
    )
    def dataset() -> Response:
        # Single graphs are answered in front of Flask; this is all of them (the Graph Store Protocol leaves it open).
        site = current.get()
        there = [v for v in DATASET_VARIANTS if f"{_DUMPS}data.{v.suffix}" in site.manifest.files]
        name = f"data.{negotiated(request, there).suffix}"
        response = _file(site.release, _DUMPS + name, SHORT)
        response.headers["Content-Location"] = f"/dumps/{site.manifest.name}/{name}"
        response.vary.add("Accept")
        return response

    return routes


def _collection(release: Release) -> Link:
    """The landing page of the dataset as it was in the release of a file (Signposting): that never changes either."""
    manifest = release.manifest
    landing = local_path(manifest.base, document_iri(manifest.base, manifest.dataset))
    known = manifest.dataset.startswith(manifest.base)
    return f"/release/{manifest.name}{landing if known else '/'}", "collection", {"type": HTML.media_type}


def _release(current: CurrentSite, name: str) -> Release:
    if (found := current.release(name)) is None:
        names = ", ".join(moment.name for moment in reversed(current.timeline()))
        told = Message(
            "there is no release %(name)s; there are %(names)s and %(latest)s", name=name, names=names, latest=_LATEST
        )
        raise NotFound(told)
    return found


def _path(release: Release, name: str) -> str:
    """The path in the release's folder of what is at an address. Raises NotFound, which lists what there is."""
    facts = release.manifest.files
    if (dump := _DUMPS + name) in facts:
        return dump
    if name in (MANIFEST, SUMS) or (name in facts and not name.startswith(_DUMPS)):
        return name
    names = ", ".join(download.name for download in _downloads(release))
    of = release.manifest.name
    raise NotFound(
        Message(
            "release %(release)s has no file %(name)s; it has the files %(names)s", release=of, name=name, names=names
        )
    )


def _fact(release: Release, path: str) -> tuple[int, str]:
    """Size and SHA-256 of a file; the two that list the others are listed nowhere."""
    if path in (MANIFEST, SUMS):
        file = release.path / path
        return file.stat().st_size, sha256_of(file)
    return release.manifest.files[path]


def _file(release: Release, path: str, cache: str) -> Response:
    variant, packed = _variant(path), f"{path}.gz" in release.manifest.files
    coded = packed and accepts_gzip(request.headers.get("Accept-Encoding"))
    sent = f"{path}.gz" if coded else path
    try:
        size, sha256 = _fact(release, sent)
        opened = (release.path / sent).open("rb")
    except OSError:
        removed = Message("release %(release)s has just been removed", release=release.manifest.name)
        raise NotFound(removed) from None
    if (there := os.fstat(opened.fileno()).st_size) != size:
        opened.close()
        raise ReleaseError(f"{release.path / sent} has {there:,} bytes, not {size:,}", "put a whole copy there")
    response = Response(wrap_file(request.environ, opened), content_type=variant.content_type, direct_passthrough=True)
    response.call_on_close(opened.close)
    response.headers["Cache-Control"] = cache
    # It stands for the whole of what was selected, coding included, whatever part of it is sent (RFC 9530, section 2).
    response.headers["Repr-Digest"] = f"sha-256=:{base64.b64encode(bytes.fromhex(sha256)).decode()}:"
    if packed:
        response.vary.add("Accept-Encoding")
    if coded:
        response.headers["Content-Encoding"] = "gzip"
    response.content_length = size
    response.set_etag(sha256)
    # No Last-Modified: the time of a file is that of the build, and the same for what is packed and what is not.
    environ = dict(request.environ)
    if not _is_for_a_part(environ):
        environ.pop("HTTP_RANGE", None)
    response.make_conditional(environ, accept_ranges=True, complete_length=size)
    return response


def _is_for_a_part(environ: dict[str, Any]) -> bool:
    """True if one range of bytes is asked for; what cannot be read, or wants several, may be ignored (section 14.2)."""
    found = parse_range_header(environ.get("HTTP_RANGE"))
    # A weak validator proves nothing about bytes (section 13.1.5).
    weak = environ.get("HTTP_IF_RANGE", "").strip().startswith("W/")
    return found is not None and found.units == "bytes" and len(found.ranges) == 1 and not weak


def _variant(path: str) -> Variant:
    return _VARIANTS.get(PurePosixPath(path).suffix, TEXT)


def _part(download: _Download) -> str | None:
    """The part of the data that a dump holds; None for what is no dump."""
    part = download.name.partition(".")[0]
    return part if part in _PARTS else LINKS if part.startswith(LINKS) else None


def _downloads(release: Release) -> list[_Download]:
    """All files of a release that can be had: dumps first, by part and format, then the others."""

    def order(path: str) -> tuple[object, ...]:
        part, _, suffix = path.partition(".")
        return (True, "/" in path, path) if not path.startswith(_DUMPS) else (False, part, _ORDER.get(suffix, 99), path)

    paths = sorted(release.manifest.files, key=order)
    return [
        _Download(path.removeprefix(_DUMPS), _kind(path), *_fact(release, path)) for path in [*paths, MANIFEST, SUMS]
    ]


def _kind(path: str) -> str:
    if path.endswith(".gz"):
        return f"{_variant(path.removesuffix('.gz')).title}, gzip"
    return _variant(path).title
