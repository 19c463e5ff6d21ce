"""Pages as text: what the templates need, gathered from a site."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from http import HTTPStatus
from urllib.parse import urlencode

from flask import has_request_context, render_template, request
from markupsafe import Markup

from kg.engine import Answer
from kg.messages import Message
from kg.negotiate import ANSWER_VARIANTS, DOCUMENT_VARIANTS, HTML, Variant
from kg.representation import schema_org
from kg.representation.display import TABLE, Table, as_table
from kg.representation.document import Document
from kg.representation.linkset import Link
from kg.representation.view import Order, Term, View, view
from kg.terms import PREFIXES, in_language, local_path
from kg.web.language import is_foreign, labels_for, plain_address, reader, switches, told
from kg.web.listing import Listing
from kg.web.questions import Asked, answered
from kg.web.site import Site

EXAMPLE_QUERY = (
    "SELECT ?type (COUNT(*) AS ?things)\nWHERE { ?thing a ?type }\nGROUP BY ?type\nORDER BY DESC(?things) ?type\n"
)

# What counts a dataset by the hundred (VoID): for programs, unless the project gives it a place.
_FOR_PROGRAMS = {
    PREFIXES["void"] + name: Order(hidden=True)
    for name in ("classPartition", "propertyPartition", "subset", "dataDump", "vocabulary")
}

# What HTTP calls a status, for those that a reader may meet.
STATUS_WORDS = {
    HTTPStatus.BAD_REQUEST: Message("Bad Request"),
    HTTPStatus.FORBIDDEN: Message("Forbidden"),
    HTTPStatus.NOT_FOUND: Message("Not Found"),
    HTTPStatus.METHOD_NOT_ALLOWED: Message("Method Not Allowed"),
    HTTPStatus.NOT_ACCEPTABLE: Message("Not Acceptable"),
    HTTPStatus.GONE: Message("Gone"),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: Message("Request Entity Too Large"),
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: Message("Unsupported Media Type"),
    HTTPStatus.INTERNAL_SERVER_ERROR: Message("Internal Server Error"),
    HTTPStatus.SERVICE_UNAVAILABLE: Message("Service Unavailable"),
}

# A release has many of each; side by side they are readable.
_FILES = (PREFIXES["dcat"] + "Distribution", PREFIXES["spdx"] + "Checksum", PREFIXES["spdx"] + "File")


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
            best(s.titles),
            local_path(site.manifest.base, s.question) or "",
            in_readers_words(site, answered(site, s.text, s.rows)),
        )
        for s in (home.sections if home else ())
        if s.view == TABLE
    ]
    return page(
        site,
        "home.html",
        heading=best(home.titles if home else site.manifest.title),
        description=best(home.descriptions if home else site.manifest.description),
        sections=sections,
        questions=_questions(site),
        dataset=local_path(site.manifest.base, site.manifest.dataset),
    )


def document_page(
    site: Site,
    document: Document,
    links: Sequence[Link],
    asked: Asked | None = None,
    *,
    withdrawn: bool = False,
    listing: Listing | None = None,
) -> str:
    """The page about a thing, or what is still said of one that was ``withdrawn``.

    ``links`` are those of its headers; ``asked`` is the thing as a question with its answer; ``listing`` is the one
    list of it that is wanted. Raises NotFound if there is no such list.
    """
    labels = labels_for(site)
    labels.learn([*document.own, *document.names])
    asked = replace(asked, answer=in_readers_words(site, asked.answer)) if asked else None
    # The text of a question stands in the form, that is enough.
    hidden = asked.question.text if asked else None
    order = {path: place.told(reader().languages) for path, place in site.display.order.items()}
    shown = view(document, labels, {**_FOR_PROGRAMS, **order}, {*_FILES, *site.display.tabular}, hidden)
    if listing is not None:
        return _list_page(site, document, links, shown, listing, labels.term(document.thing))
    return page(
        site,
        "document.html",
        markup=schema_org.thing(document, site.manifest, site.schema_types),
        title=labels.term(document.thing),
        view=shown,
        thing=document.thing,
        asked=asked,
        best=best,
        formats=[(v, _suffixed(links, v)) for v in DOCUMENT_VARIANTS if v is not HTML],
        links=links,
        pages=pages_of(links),
        page=document.page,
        last=document.pages,
        withdrawn=withdrawn,
        changes=has_changes(site, document),
    )


def has_changes(site: Site, document: Document) -> bool:
    """True if changes of the thing can be told. A page of a former release stays as it is, whatever comes after."""
    return not site.prefix and site.releases() > 1 and site.known([document.thing]) is not None


def _list_page(
    site: Site, document: Document, links: Sequence[Link], shown: View, listing: Listing, title: Term
) -> str:
    row = listing.row(shown)
    stands = local_path(site.manifest.base, document.iri) or "/"
    # Parts of the thing have their places on its own page.
    listed = [replace(v, href=stands + v.href) if v.href.startswith("#") else v for v in listing.values(row)]
    here = f"page={document.page}" if document.page > 1 else ""
    return page(
        site,
        "values.html",
        markup=schema_org.thing(document, site.manifest, site.schema_types),
        title=title,
        thing=document.thing,
        row=row,
        listed=listed,
        start=listing.start,
        beside=[(name, "&".join(filter(None, (query, here)))) for name, query in listing.beside(row)],
        back=f"{site.path(document.iri) or '/'}" + (f"?{here}" if here else ""),
        formats=[(v, _suffixed(links, v)) for v in DOCUMENT_VARIANTS if v is not HTML],
        links=links,
    )


def pages_of(links: Sequence[Link]) -> list[tuple[str, str]]:
    """The links to other pages of a document, as (relation, address), in a reader's order."""
    order = ("first", "prev", "next", "last")
    return sorted(
        ((relation, target) for target, relation, _ in links if relation in order),
        key=lambda item: order.index(item[0]),
    )


def _suffixed(links: Sequence[Link], variant: Variant) -> str:
    """Where the links say that a page is in another format."""
    return next(t for t, r, a in links if r == "alternate" and a.get("type") == variant.media_type)


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
        table=in_readers_words(site, as_table(body, site.manifest)) if answer.kind == "solutions" else None,
        truth=json.loads(body)["boolean"] if answer.kind == "boolean" else None,
        turtle=body.decode() if answer.kind == "graph" else None,
        formats=[
            (variant, "/sparql?" + urlencode({"query": query, "format": variant.format}))
            for variant in ANSWER_VARIANTS[answer.kind]
        ],
    )


def error_page(site: Site, status: HTTPStatus, detail: str, facts: dict[str, object], query: str | None) -> str:
    """What went wrong and how to go on; a ``query`` that failed is there to be corrected."""
    words = STATUS_WORDS.get(status, status.phrase)
    return page(site, "error.html", status=status, status_words=told(words), detail=detail, facts=facts, query=query)


def missing_page(site: Site, detail: str) -> str:
    """The page for an address where nothing is."""
    return error_page(site, HTTPStatus.NOT_FOUND, detail, {}, None)


def formats(path: str) -> list[tuple[Variant, str]]:
    """The formats of the document at ``path`` beside HTML, each with its address."""
    return [(v, f"{path}.{v.suffix}") for v in DOCUMENT_VARIANTS if v is not HTML]


def _questions(site: Site) -> list[Term]:
    base = site.manifest.base
    return [Term(best(q.titles), local_path(base, q.iri) or "", q.iri) for q in site.display.questions]


def best(texts: dict[str, str]) -> str:
    """Of texts by language, the one for who reads this page."""
    return in_language(texts, reader().languages)


def in_readers_words(site: Site, table: Table | None) -> Table | None:
    """A table with the things in it called as the reader calls them.

    Only a name is exchanged for another name of the same thing; what a query says in its own words stays.
    """
    if table is None or not site.release.labels.exists():
        return table
    language, index = reader().languages[0], site.search_index

    @cache
    def called(iri: str) -> dict[str, str]:
        return dict(reversed([(tag, text) for text, tag in index.names(iri)]))

    def named(cell: Term | None) -> Term | None:
        if cell is None or not cell.iri or not cell.language or not is_foreign(cell.language):
            return cell
        names = called(cell.iri)
        other = names.get(language)
        return replace(cell, text=other, language=language) if other and cell.text in names.values() else cell

    return replace(table, rows=tuple(tuple(map(named, row)) for row in table.rows))


def page(site: Site, template: str, markup: schema_org.Node | None = None, **values: object) -> str:
    """A template filled with the values, and with what stands on every page.

    ``markup`` is what the page is about, in the words of schema.org; without it, the site.
    """
    manifest = site.manifest
    # Made so that it cannot end the element that it stands in.
    script = Markup(schema_org.as_script(markup or schema_org.website(manifest)))  # noqa: S704
    # In this very language, or in another: an error has no address that would be worth keeping.
    spoken = switches(site, request) if has_request_context() else []
    plain = plain_address(site, request) if spoken and template != "error.html" else ""
    return render_template(
        template,
        site_title=best(manifest.title),
        manifest=manifest,
        json_ld=script,
        switches=spoken,
        plain_address=plain,
        **values,
    )
