"""Descriptions of what is published: VoID at ``/.well-known/void``, the catalogue (DCAT 3) at ``/catalog``.

Both are negotiated like documents, and each format has an address of its own: ``/catalog.ttl``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

from kg.config import Settings
from kg.metadata.authority import FILE_TYPES
from kg.negotiate import DOCUMENT_VARIANTS, GRAPH_VARIANTS, HTML, TURTLE, Variant
from kg.release.history import Moment
from kg.representation import schema_org
from kg.representation.descriptions import catalogue_description, void_description
from kg.representation.formats import write_rdf
from kg.terms import catalogue_iri, document_iri, release_iri, void_iri
from kg.web import html
from kg.web.current import CurrentSite
from kg.web.language import stay
from kg.web.openapi.apis import DESCRIPTIONS
from kg.web.openapi.operation import Parameter, describes, leads, negotiable, sent
from kg.web.responses import add_links, negotiated, redirected, respond
from kg.web.site import Site

VOID, CATALOGUE = "/.well-known/void", "/catalog"
_BY_SUFFIX = {variant.suffix: variant for variant in DOCUMENT_VARIANTS}
# VoID (section 7.2) is for programs: who accepts everything gets data, not the page.
_VOID_VARIANTS = (TURTLE, *(v for v in GRAPH_VARIANTS if v is not TURTLE), HTML)
_SUFFIX = (Parameter("suffix", "The format.", {"enum": [*_BY_SUFFIX]}, "path"),)
_TO_PAGE = leads(303, "HTML is wanted: to the page about the dataset.")


@dataclass(frozen=True)
class File:
    """A dump on the page: its name, format, size in bytes, and that of its packed twin (0: there is none)."""

    name: str
    title: str
    media_type: str
    size: int
    packed: int


def blueprint(current: CurrentSite, _: Settings) -> Blueprint:
    """The routes of this module."""
    routes = Blueprint("descriptions", __name__)

    @routes.get(VOID)
    @describes("The dataset, counted (VoID)", DESCRIPTIONS, negotiable(*_VOID_VARIANTS[:-1]), _TO_PAGE)
    def void() -> Response:
        return _void(current.get(), negotiated(request, _VOID_VARIANTS))

    @routes.get(f"{VOID}.<suffix>")
    @describes(
        "The dataset (VoID) in one format",
        DESCRIPTIONS,
        sent(*_VOID_VARIANTS[:-1]),
        _TO_PAGE,
        errors=(404,),
        parameters=_SUFFIX,
    )
    def void_as(suffix: str) -> Response:
        return _void(current.get(), _variant(suffix))

    @routes.get(CATALOGUE)
    @describes("The catalogue: versions, files, services (DCAT 3)", DESCRIPTIONS, negotiable(*DOCUMENT_VARIANTS))
    def catalogue() -> Response:
        return _catalogue(current, negotiated(request, DOCUMENT_VARIANTS))

    @routes.get(f"{CATALOGUE}.<suffix>")
    @describes("The catalogue in one format", DESCRIPTIONS, sent(*DOCUMENT_VARIANTS), errors=(404,), parameters=_SUFFIX)
    def catalogue_as(suffix: str) -> Response:
        return _catalogue(current, _variant(suffix))

    return routes


def _variant(suffix: str) -> Variant:
    if suffix not in _BY_SUFFIX:
        raise NotFound(f"there is no format .{suffix}; there are " + ", ".join(f".{s}" for s in _BY_SUFFIX))
    return _BY_SUFFIX[suffix]


def _void(site: Site, variant: Variant) -> Response:
    if variant is HTML:
        page = site.path(document_iri(site.manifest.base, site.manifest.dataset)) or "/"
        response = redirected(stay(page), 303)
        response.vary.add("Accept")
        return response
    prefixes = site.manifest.prefixes
    body = site.kept(
        f"void {variant.format}",
        lambda: write_rdf(void_description(site.answers, site.manifest), variant.format, prefixes),
    )
    return _answered(site, variant, body, VOID, void_iri(site.manifest.base), site.etag("void", variant.format))


def _catalogue(current: CurrentSite, variant: Variant) -> Response:
    site = current.get()
    moments = known_to(site, current.timeline())
    # What is said of former releases changes only when there are others.
    names = [moment.name for moment in moments]
    iri, etag = catalogue_iri(site.manifest.base), site.etag("catalogue", variant.format, *names)
    body: str | bytes
    if variant is HTML:
        body = catalogue_page(site, moments)
    else:
        manifest = site.manifest
        body = site.kept(
            " ".join(("catalogue", variant.format, *names)),
            lambda: write_rdf(
                catalogue_description(site.answers, manifest, moments), variant.format, manifest.prefixes
            ),
        )
    return _answered(site, variant, body, CATALOGUE, iri, etag)


def known_to(site: Site, moments: Sequence[Moment]) -> list[Moment]:
    """The releases up to the one that a site shows: what the site could know at its time."""
    names = [moment.name for moment in moments]
    if site.manifest.name not in names:
        return list(moments)
    return list(moments[: names.index(site.manifest.name) + 1])


def _answered(site: Site, variant: Variant, body: str | bytes, path: str, iri: str, etag: str) -> Response:
    response = respond(request, body, variant, etag)
    response.headers["Content-Location"] = f"{site.prefix}{path}.{variant.suffix}"
    others = DOCUMENT_VARIANTS if path == CATALOGUE else GRAPH_VARIANTS
    links = [
        (f"{site.prefix}{path}.{v.suffix}", "alternate", {"type": v.media_type}) for v in others if v is not variant
    ]
    dataset = site.path(site.manifest.dataset) or site.manifest.dataset
    add_links(
        response,
        [
            *links,
            (f"{site.prefix}{path}", "canonical", {}),
            (site.manifest.licence, "license", {}),
            (iri if path == CATALOGUE else dataset, "describes", {}),
        ],
    )
    return response


def catalogue_page(site: Site, moments: Sequence[Moment]) -> str:
    """The catalogue for people: versions, files, services."""
    manifest = site.manifest
    versions = [moment.release.manifest for moment in reversed(moments)]
    return html.page(
        site,
        "catalog.html",
        markup=schema_org.catalogue(manifest, [release_iri(m.base, m.name) for m in versions]),
        description=html.best(manifest.description),
        dataset=site.path(document_iri(manifest.base, manifest.dataset)),
        versions=versions,
        files=_files(site),
        formats=html.formats(CATALOGUE),
        void_formats=html.formats(VOID),
    )


def _files(site: Site) -> list[File]:
    files = site.manifest.files
    found = []
    for suffix, kind in FILE_TYPES.items():
        name = f"data{suffix}"
        if (fact := files.get(f"dumps/{name}")) is not None:
            packed = files.get(f"dumps/{name}.gz", (0, ""))[0]
            found.append(File(name, kind.name, kind.media_type, fact[0], packed))
    return found
