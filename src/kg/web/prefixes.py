"""The prefixes of a release, and compact IRIs by them: ``/prefixes``, ``/expand?curie=...``, ``/contract?iri=...``."""

from __future__ import annotations

import json
from collections.abc import Callable

from flask import Blueprint, Request, Response, request
from werkzeug.exceptions import BadRequest, NotFound

from kg.config import Settings
from kg.messages import Message
from kg.negotiate import HTML, JSON, JSON_LD, TEXT, TURTLE, Variant
from kg.web import html
from kg.web.current import CurrentSite
from kg.web.links import context_path
from kg.web.naming import Naming, naming
from kg.web.openapi.apis import LINKING
from kg.web.openapi.operation import Parameter, describes, negotiable
from kg.web.responses import add_links, negotiated, respond
from kg.web.site import Site

# JSON-LD is not also called JSON here: that is the simple map.
CONTEXT = Variant("jsonld", JSON_LD.media_type, "jsonld", "JSON-LD context")
MAP = Variant("json", JSON.media_type, "json", "Simple map (JSON)")
SHACL = Variant("turtle", TURTLE.media_type, "ttl", "SHACL declarations (Turtle)")
EXTENDED = Variant("extended", JSON.media_type, "epm.json", "Extended prefix map (JSON)")
_VARIANTS = (HTML, MAP, CONTEXT, SHACL)
_BY_SUFFIX = {variant.suffix: variant for variant in (*_VARIANTS, EXTENDED)}
_WRITTEN: dict[str, Callable[[Naming, str], str]] = {
    MAP.format: lambda known, _: known.prefixes.as_json(),
    CONTEXT.format: lambda known, _: known.prefixes.as_context(),
    EXTENDED.format: lambda known, _: known.prefixes.as_extended(),
    SHACL.format: lambda known, base: known.prefixes.as_shacl(f"{base}prefixes"),
}
_LONGEST = 2_000  # characters
_FORMAT = Parameter("format", "json or text; goes before Accept.", {"enum": ["json", "text"]})


def blueprint(current: CurrentSite, _: Settings) -> Blueprint:
    """The routes of this module."""
    routes = Blueprint("prefixes", __name__)

    @routes.get("/prefixes")
    @describes("All prefixes", LINKING, negotiable(*_VARIANTS))
    def prefixes() -> Response:
        return _prefixes(current.get(), negotiated(request, _VARIANTS))

    @routes.get("/prefixes.<suffix>")
    @describes(
        "All prefixes in one format",
        LINKING,
        negotiable(*_BY_SUFFIX.values(), description="The prefixes in the format that the suffix names."),
        parameters=(Parameter("suffix", "The format.", {"enum": [*_BY_SUFFIX]}, "path"),),
        errors=(404,),
    )
    def prefixes_as(suffix: str) -> Response:
        if suffix not in _BY_SUFFIX:
            raise NotFound(f"there is no format .{suffix}; there are " + ", ".join(f".{s}" for s in _BY_SUFFIX))
        return _prefixes(current.get(), _BY_SUFFIX[suffix])

    @routes.get("/expand")
    @describes(
        "The IRI of a compact one",
        LINKING,
        negotiable(JSON, TEXT, schemas={JSON.media_type: "Compact"}),
        parameters=(Parameter("curie", "A compact IRI.", example="curie", required=True), _FORMAT),
        errors=(400, 404),
    )
    def expand() -> Response:
        site, curie = current.get(), _given(request, "curie")
        if ":" not in curie:
            raise BadRequest(Message("a compact IRI is a prefix, a colon and the rest: /expand?curie=owl:Class"))
        iri = naming(site).prefixes.expand(curie)
        if iri is None:
            prefix = curie.partition(":")[0]
            raise NotFound(
                Message("there is no prefix %(prefix)r; /prefixes lists those that there are", prefix=prefix)
            )
        return _pair(request, site, curie, iri, iri)

    @routes.get("/contract")
    @describes(
        "The compact form of an IRI",
        LINKING,
        negotiable(JSON, TEXT, schemas={JSON.media_type: "Compact"}),
        parameters=(Parameter("iri", "An IRI.", example="iri", required=True), _FORMAT),
        errors=(400, 404),
    )
    def contract() -> Response:
        site, iri = current.get(), _given(request, "iri")
        curie = naming(site).prefixes.contract(iri)
        if curie is None:
            raise NotFound(
                Message("no prefix stands for the beginning of %(iri)s; /prefixes lists those that there are", iri=iri)
            )
        return _pair(request, site, curie, iri, curie)

    return routes


def _given(request: Request, name: str) -> str:
    """A parameter that must be there once. Raises BadRequest."""
    values = request.args.getlist(name)
    if len(values) != 1 or not (text := values[0].strip()):
        raise BadRequest(
            Message("give the parameter '%(name)s' once: %(path)s?%(name)s=...", name=name, path=request.path)
        )
    if len(text) > _LONGEST:
        raise BadRequest(
            Message("the parameter '%(name)s' may have %(number)s characters", name=name, number=f"{_LONGEST:,}")
        )
    if any(not c.isprintable() for c in text):
        raise BadRequest(Message("the parameter '%(name)s' holds characters that no IRI has", name=name))
    return text


def _pair(request: Request, site: Site, curie: str, iri: str, answer: str) -> Response:
    wanted = request.args.get("format")
    if wanted not in (None, JSON.format, TEXT.format):
        raise BadRequest(f"there is no format {wanted!r}; there are json and text")
    by_name = {JSON.format: JSON, TEXT.format: TEXT}
    variant = by_name[wanted] if wanted else negotiated(request, (JSON, TEXT))
    body = f"{answer}\n" if variant is TEXT else json.dumps({"curie": curie, "iri": iri}, ensure_ascii=False) + "\n"
    return respond(request, body, variant, site.etag("compact", variant.format, curie, iri))


def _prefixes(site: Site, variant: Variant) -> Response:
    known = naming(site)
    others = [(f"{site.prefix}/prefixes.{v.suffix}", v) for v in _BY_SUFFIX.values() if v is not variant]
    if variant is HTML:
        body = html.page(
            site,
            "prefixes.html",
            records=list(known.prefixes),
            formats=[(v, f"/prefixes.{v.suffix}") for v in _BY_SUFFIX.values() if v is not HTML],
            context=context_path(site),
        )
    else:
        body = _WRITTEN[variant.format](known, site.manifest.base)
    response = respond(request, body, variant, site.etag("prefixes", variant.format))
    response.headers["Content-Location"] = f"{site.prefix}/prefixes.{variant.suffix}"
    add_links(response, [(path, "alternate", {"type": v.media_type}) for path, v in others])
    add_links(response, [(f"{site.prefix}/prefixes", "canonical", {})])
    return response
