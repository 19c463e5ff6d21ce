"""What others call a thing: ``/same-as/state/ITA``, negotiated; ``/same-as`` explains, and lists what is linked to.

The graph holds the statements themselves, and what describes identifiers with the evidence for each.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from flask import Blueprint, Response, request

from kg.config import Settings
from kg.identifiers.coreference import Coreference, Identifier
from kg.identifiers.declared import CLOSE, CODE, SAME, rows
from kg.negotiate import GRAPH_VARIANTS, HTML, PLAIN_JSON, Variant
from kg.representation.formats import write_rdf
from kg.representation.statements import Statements
from kg.representation.tombstone import fate
from kg.representation.view import Term
from kg.terms import document_iri, graph_iri, local_path, prologue
from kg.web import html
from kg.web.current import CurrentSite
from kg.web.documents import hash_document, missing, things_at
from kg.web.identifiers import MOST
from kg.web.language import labels_for
from kg.web.naming import naming
from kg.web.openapi.apis import LINKING
from kg.web.openapi.operation import Parameter, describes, leads, negotiable
from kg.web.responses import add_links, negotiated, redirected, respond
from kg.web.site import Site

_PATH = "/same-as"
_VARIANTS = (HTML, PLAIN_JSON, *GRAPH_VARIANTS)
_BY_SUFFIX = {variant.suffix: variant for variant in _VARIANTS}
_SCHEMAS = {PLAIN_JSON.media_type: "SameAs"}


@dataclass(frozen=True)
class Row:
    """An identifier on the page."""

    identifier: Identifier
    value: Term
    about: Term
    property: Term
    where: str


@dataclass(frozen=True)
class Linked:
    """A dataset that the release links to: how many links with which properties, and the files that hold them."""

    name: Term
    homepage: str
    links: tuple[tuple[Term, int], ...]
    files: tuple[tuple[str, str], ...]

    @property
    def total(self) -> int:
        """The number of all links."""
        return sum(number for _, number in self.links)


def blueprint(current: CurrentSite, _: Settings) -> Blueprint:
    """The routes of this module."""
    routes = Blueprint("coreference", __name__)

    @routes.get(_PATH)
    @describes("The datasets that are linked to", LINKING, negotiable(HTML, description="A page with a form."))
    def about() -> Response:
        site = current.get()
        negotiated(request, (HTML,))
        body = html.page(site, "same-as.html", targets=_targets(site), most=MOST, example=_example(site))
        return respond(request, body, HTML, site.etag("same-as"))

    @routes.get(f"{_PATH}/<path:path>")
    @describes(
        "What others call a thing",
        LINKING,
        negotiable(*_VARIANTS, schemas=_SCHEMAS, description="Its identifiers; with a suffix, in that format."),
        leads(308, "It was merged with another thing."),
        parameters=(Parameter("path", "The path of the thing's document.", place="path", example="document"),),
        errors=(404, 410),
    )
    def identifiers(path: str) -> Response:
        return _answer(current.get(), path)

    return routes


def _answer(site: Site, path: str) -> Response:
    found = _found(site, path)
    stem, dot, suffix = path.rpartition(".")
    variant = None
    if found is None and dot and suffix in _BY_SUFFIX:
        path, variant = stem, _BY_SUFFIX[suffix]
        found = _found(site, path)
    if found is None:
        raise missing(site, f"{_PATH}/{path}", f"{site.manifest.base}id/{path}")
    thing, terms_too = found
    left = fate(thing, Statements(site.answers, site.manifest).status([thing]))
    if left is not None and left.survivor and (target := _path_of(site, left.survivor)):
        return redirected(target + (f".{variant.suffix}" if variant else ""), 308)
    variant = variant or negotiated(request, _VARIANTS)
    told = naming(site).coreference(site, thing, terms_too=terms_too)
    root = request.host_url if variant is PLAIN_JSON else ""
    response = respond(request, _written(site, told, variant), variant, site.etag(_PATH, thing, variant.format, root))
    here = _path_of(site, thing)
    response.headers["Content-Location"] = f"{here}.{variant.suffix}"
    links: list[Any] = [(f"{here}.{v.suffix}", "alternate", {"type": v.media_type}) for v in _VARIANTS if v != variant]
    links += [(here, "canonical", {}), (thing, "describes", {}), (site.manifest.licence, "license", {})]
    add_links(response, links)
    return response


def _found(site: Site, path: str) -> tuple[str, bool] | None:
    """The thing at a path, and whether it is an ontology, whose terms are meant too."""
    if (ontology := hash_document(site, path.removeprefix("id/"))) is not None:
        return site.hash_documents[ontology], True
    things = [*things_at(site, path), *things_at(site, path.removeprefix("id/"))]
    told = Statements(site.answers, site.manifest).status(things) if things else []
    known = {t.subject.value for t in told if hasattr(t.subject, "value")}
    thing = next((iri for iri in things if iri in known), None)
    return None if thing is None else (thing, False)


def _path_of(site: Site, thing: str) -> str:
    """Where the identifiers of a thing are, without the suffix of a format."""
    path = local_path(site.manifest.base, document_iri(site.manifest.base, thing)) or ""
    return f"{site.prefix}{_PATH}/{path.removeprefix('/doc/')}"


def _written(site: Site, told: Coreference, variant: Variant) -> str | bytes:
    manifest = site.manifest
    if variant is HTML:
        return _page(site, told)
    if variant is PLAIN_JSON:
        return json.dumps(_as_json(site, told), ensure_ascii=False, indent=1) + "\n"
    return write_rdf(told.triples, variant.format, manifest.prefixes)


def _as_json(site: Site, told: Coreference) -> dict[str, Any]:
    labels = site.labels()
    labels.learn(told.triples)
    listed = []
    for i in told.identifiers:
        node: dict[str, Any] = {"relation": i.relation, "identifier": i.value, "property": i.property}
        node |= {"of": i.about} if i.about != told.thing else {}
        node |= {"scheme": i.scheme} if i.scheme else {}
        node |= {"local": i.local} if i.local and i.local != i.value else {}
        node |= {"dataset": i.target.iri} if i.target else {}
        node |= {"evidence": list(i.evidence)} if i.evidence else {}
        listed.append(node)
    return {
        "iri": told.thing,
        "url": urljoin(request.host_url, site.path(told.thing) or "/"),
        "name": labels.term(told.thing).text,
        "release": site.manifest.name,
        "identifiers": listed,
    }


def _page(site: Site, told: Coreference) -> str:
    labels = labels_for(site)
    labels.learn(told.triples)
    labels.learn(Statements(site.answers, site.manifest).labels({i.property for i in told.identifiers}))
    shown = [
        Row(
            i,
            Term(
                labels.short(i.value) if i.is_iri else i.value,
                i.value if i.value.startswith(("http://", "https://")) else "",
            ),
            labels.term(i.about),
            labels.property_name(i.property),
            html.best(i.target.titles) if i.target else i.scheme,
        )
        for i in told.identifiers
    ]
    return html.page(
        site,
        "coreference.html",
        title=labels.term(told.thing),
        thing=told.thing,
        document=site.path(document_iri(site.manifest.base, told.thing)),
        groups=[(kind, [row for row in shown if row.identifier.relation == kind]) for kind in (SAME, CLOSE, CODE)],
        several=len({i.about for i in told.identifiers}) > 1,
        formats=[(v, f"{_path_of(site, told.thing)}.{v.suffix}") for v in _VARIANTS if v is not HTML],
    )


def _targets(site: Site) -> list[Linked]:
    """The datasets linked to as the release describes them, the one with the most links first."""
    manifest, labels = site.manifest, labels_for(site)
    names = prologue("dcterms", "foaf", "void")

    def told(pattern: str) -> list[dict[str, str]]:
        meta = graph_iri(manifest.base, "meta")
        order = "ORDER BY ?target ?property ?dump"
        return rows(site.answers, f"{names} SELECT * {{ GRAPH <{meta}> {{ {pattern} }} }} {order}")

    counts = told("?set a void:Linkset ; void:objectsTarget ?target ; void:linkPredicate ?property ; void:triples ?n")
    titled = told("?set void:objectsTarget ?target . ?target dcterms:title ?title")
    homes = told("?set void:objectsTarget ?target . ?target foaf:homepage ?page")
    pages = {row["target"]: row["page"] for row in homes}
    dumps = told("?set void:objectsTarget ?target . ?whole void:subset ?set ; void:dataDump ?dump")
    labels.learn(Statements(site.answers, manifest).labels({row["property"] for row in counts}))
    found = []
    for target in dict.fromkeys(row["target"] for row in counts):
        titles = {r.get("title language", ""): r["title"] for r in titled if r["target"] == target}
        paths = dict.fromkeys(local_path(manifest.base, row["dump"]) for row in dumps if row["target"] == target)
        found.append(
            Linked(
                Term(html.best(titles) or target, iri=target),
                pages.get(target, ""),
                tuple((labels.property_name(r["property"]), int(r["n"])) for r in counts if r["target"] == target),
                tuple(
                    (path.rpartition("/")[2].partition(".")[2], path) for path in paths if path and "/links-" in path
                ),
            )
        )
    return sorted(found, key=lambda linked: (-linked.total, linked.name.text))


def _example(site: Site) -> str:
    """Something to try: an identifier that the release has."""
    declared = naming(site).declared
    for prop in declared.of("same"):
        found = rows(site.answers, f"SELECT ?o {{ ?s <{prop}> ?o FILTER(isIRI(?o)) }} LIMIT 1")
        if found:
            return found[0]["o"]
    return site.manifest.dataset
