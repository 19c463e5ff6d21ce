"""Pages as text: what the templates need, gathered from a site."""

from __future__ import annotations

import json
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlencode

from flask import render_template

from kg.engine import Answer
from kg.negotiate import ANSWER_VARIANTS, DOCUMENT_VARIANTS, HTML, Variant
from kg.representation.display import TABLE, Table, as_table
from kg.representation.document import Document, labels_of
from kg.representation.view import Term, view
from kg.terms import in_language, local_path, whole
from kg.web.questions import Asked, answered
from kg.web.site import Site

EXAMPLE_QUERY = (
    "SELECT ?type (COUNT(*) AS ?things)\nWHERE { ?thing a ?type }\nGROUP BY ?type\nORDER BY DESC(?things) ?type\n"
)


@dataclass(frozen=True)
class TableSection:
    """A question answered on a page."""

    title: str
    href: str
    table: Table | None


def home_page(site: Site) -> str:
    """The front page: what this is, the tables that the project puts here, and the ways in."""
    home = site.display.home
    sections = [
        TableSection(
            _best(s.titles, site),
            local_path(site.manifest.base, s.question) or "",
            answered(site, s.text, s.rows),
        )
        for s in (home.sections if home else ())
        if s.view == TABLE
    ]
    return page(
        site,
        "home.html",
        heading=_best(home.titles if home else site.manifest.title, site),
        description=_best(home.descriptions if home else site.manifest.description, site),
        sections=sections,
        questions=_questions(site),
        dataset=local_path(site.manifest.base, site.manifest.dataset),
    )


def document_page(site: Site, document: Document, path: str, asked: Asked | None = None) -> str:
    """The page about a thing.

    ``path`` is where the document stands, without suffix; ``asked`` is the thing as a question with its answer.
    """
    labels = site.labels()
    labels.learn([*document.own, *document.labels])
    mentioned = {t.predicate.value for t in (*document.own, *document.incoming)} | {document.thing}
    # A part without a name is called after its whole.
    mentioned |= {whole(str(t.subject)[1:-1]) for t in document.incoming if str(t.subject).startswith("<")}
    labels.learn(labels_of(site.answers, site.manifest, mentioned))
    # The text of a question stands in the form, that is enough.
    hidden = asked.question.text if asked else None
    shown = view(document, labels, site.display.order, site.display.tabular, hidden)
    return page(
        site,
        "document.html",
        title=labels.term(document.thing),
        view=shown,
        thing=document.thing,
        asked=asked,
        best=lambda texts: _best(texts, site),
        formats=formats(path),
    )


def query_page(site: Site) -> str:
    """The form for a query, with the project's questions as examples."""
    prefixes = "".join(f"PREFIX {p}: <{n}>\n" for p, n in sorted(site.manifest.prefixes.items()))
    ontologies = [
        Term(local_path(site.manifest.base, iri) or "", local_path(site.manifest.base, iri) or "")
        for iri in sorted(set(site.hash_documents.values()))
    ]
    return page(
        site,
        "query.html",
        questions=site.display.questions,
        example=EXAMPLE_QUERY,
        titles=_questions(site),
        prefixes=prefixes,
        ontologies=ontologies,
    )


def answer_page(site: Site, query: str, answer: Answer) -> str:
    """The answer to a query for a reader: a table, yes or no, or the graph as Turtle; with links to the data."""
    body = answer.body
    return page(
        site,
        "answer.html",
        query=query,
        cut=answer.cut,
        table=as_table(body, site.manifest) if answer.kind == "solutions" else None,
        truth=json.loads(body)["boolean"] if answer.kind == "boolean" else None,
        turtle=body.decode() if answer.kind == "graph" else None,
        formats=[
            (variant, "/sparql?" + urlencode({"query": query, "format": variant.format}))
            for variant in ANSWER_VARIANTS[answer.kind]
        ],
    )


def error_page(site: Site, status: HTTPStatus, detail: str, facts: dict[str, object], query: str | None) -> str:
    """What went wrong and how to go on; a ``query`` that failed is there to be corrected."""
    return page(site, "error.html", status=status, detail=detail, facts=facts, query=query)


def formats(path: str) -> list[tuple[Variant, str]]:
    """The formats of the document at ``path`` beside HTML, each with its address."""
    return [(v, f"{path}.{v.suffix}") for v in DOCUMENT_VARIANTS if v is not HTML]


def _questions(site: Site) -> list[Term]:
    base = site.manifest.base
    return [Term(_best(q.titles, site), local_path(base, q.iri) or "", q.iri) for q in site.display.questions]


def _best(texts: dict[str, str], site: Site) -> str:
    return in_language(texts, site.manifest.languages)


def page(site: Site, template: str, **values: object) -> str:
    """A template filled with the values, and with what stands on every page."""
    manifest = site.manifest
    return render_template(template, site_title=_best(manifest.title, site), manifest=manifest, **values)
