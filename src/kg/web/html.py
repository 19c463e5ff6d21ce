"""Pages as text: what the templates need, gathered from a site."""

from __future__ import annotations

from dataclasses import dataclass

from flask import render_template

from kg.negotiate import DOCUMENT_VARIANTS, HTML, Variant
from kg.representation.display import TABLE, Table, table
from kg.representation.document import Document, labels_of
from kg.representation.view import Term, view
from kg.terms import local_path
from kg.web.site import Site

EXAMPLE_QUERY = (
    "SELECT ?type (COUNT(*) AS ?things)\nWHERE { ?thing a ?type }\nGROUP BY ?type\nORDER BY DESC(?things) ?type\n"
)


@dataclass(frozen=True)
class TableSection:
    """A question answered on a page."""

    title: str
    href: str
    table: Table


def home_page(site: Site) -> str:
    """The front page: what this is, the tables that the project puts here, and the ways in."""
    home = site.display.home
    sections = [
        TableSection(
            _best(s.titles, site),
            local_path(site.manifest.base, s.question) or "",
            table(site.engine, site.manifest, s.text),
        )
        for s in (home.sections if home else ())
        if s.view == TABLE
    ]
    return _page(
        site,
        "home.html",
        heading=_best(home.titles if home else site.manifest.title, site),
        description=_best(home.descriptions if home else site.manifest.description, site),
        sections=sections,
        questions=_questions(site),
        dataset=local_path(site.manifest.base, site.manifest.dataset),
    )


def document_page(site: Site, document: Document, path: str) -> str:
    """The page about a thing; ``path`` is where the document stands, without suffix."""
    labels = site.labels()
    labels.learn([*document.own, *document.labels])
    mentioned = {t.predicate.value for t in (*document.own, *document.incoming)}
    labels.learn(labels_of(site.engine, site.manifest, mentioned | {document.thing}))
    shown = view(document, labels, site.display.order)
    return _page(
        site,
        "document.html",
        title=labels.term(document.thing),
        view=shown,
        thing=document.thing,
        license=labels.term(site.manifest.licence),
        formats=_formats(path, document, site),
    )


def query_page(site: Site) -> str:
    """The form for a query, with the project's questions as examples."""
    return _page(site, "query.html", questions=site.display.questions, example=EXAMPLE_QUERY, titles=_questions(site))


def _formats(path: str, document: Document, site: Site) -> list[tuple[Variant, str]]:
    if path == f"/{document.thing.removeprefix(site.manifest.base)}":
        return []  # a hash document has one URL; its formats are had by Accept
    return [(v, f"{path}.{v.suffix}") for v in DOCUMENT_VARIANTS if v is not HTML]


def _questions(site: Site) -> list[Term]:
    base = site.manifest.base
    return [Term(_best(q.titles, site), local_path(base, q.iri) or "", q.iri) for q in site.display.questions]


def _best(texts: dict[str, str], site: Site) -> str:
    for language in (*site.manifest.languages, "", *texts):
        if language in texts:
            return texts[language]
    return ""


def _page(site: Site, template: str, **values: object) -> str:
    manifest = site.manifest
    return render_template(template, site_title=_best(manifest.title, site), manifest=manifest, **values)
