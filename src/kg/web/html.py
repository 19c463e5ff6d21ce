"""Pages as text: what the templates need, gathered from a site."""

from __future__ import annotations

import json
from dataclasses import dataclass

from flask import render_template

from kg.engine import Answer
from kg.negotiate import ANSWER_VARIANTS, DOCUMENT_VARIANTS, HTML, Variant
from kg.representation.display import TABLE, Table, as_table, table
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
        formats=_formats(path, document),
    )


def query_page(site: Site) -> str:
    """The form for a query, with the project's questions as examples."""
    return _page(site, "query.html", questions=site.display.questions, example=EXAMPLE_QUERY, titles=_questions(site))


def answer_page(site: Site, query: str, answer: Answer) -> str:
    """The answer to a query for a reader: a table, yes or no, or the graph as Turtle; with links to the data."""
    body = answer.body
    return _page(
        site,
        "answer.html",
        query=query,
        table=as_table(body, site.manifest) if answer.kind == "solutions" else None,
        truth=json.loads(body)["boolean"] if answer.kind == "boolean" else None,
        turtle=body.decode() if answer.kind == "graph" else None,
        media_types=[variant.media_type for variant in ANSWER_VARIANTS[answer.kind]],
    )


def _formats(path: str, document: Document) -> list[tuple[Variant, str]]:
    if document.iri == document.thing:
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
