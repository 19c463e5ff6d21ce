"""Pages as text: what the templates need, gathered from a site."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from http import HTTPStatus

from flask import has_request_context, render_template, request
from markupsafe import Markup

from kg.messages import Message
from kg.negotiate import DOCUMENT_VARIANTS, HTML, Variant
from kg.representation import schema_org
from kg.representation.cells import Table
from kg.representation.display import TABLE, Page
from kg.representation.document import Document
from kg.representation.linkset import Link
from kg.representation.questions import Question
from kg.representation.view import Group, Labels, Order, Term, View, view
from kg.sparql import without_header
from kg.terms import PREFIXES, document_iri, in_language, local_path
from kg.web import citable, matrix, scenario
from kg.web.about import About, Told
from kg.web.calling import in_readers_words
from kg.web.language import labels_for, plain_address, reader, switches, told
from kg.web.listing import Listing
from kg.web.matrix import Shown
from kg.web.questions import Asked, tabled
from kg.web.scenario import Shown as ShownScenario
from kg.web.site import Site

EXAMPLE_QUERY = (
    "SELECT ?type (COUNT(*) AS ?things)\nWHERE { ?thing a ?type }\nGROUP BY ?type\nORDER BY DESC(?things) ?type\n"
)

# What counts a dataset by the hundred (VoID): for programs, unless the project gives it a place.
_FOR_PROGRAMS = {
    PREFIXES["void"] + name: Order(hidden=True)
    for name in (
        *("classPartition", "propertyPartition", "subset", "dataDump", "vocabulary"),
        *("target", "subjectsTarget", "objectsTarget"),  # link sets, which stand in /.well-known/void
    )
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
class HomeSection:
    """A question answered on the front page or another one, as a table, a matrix or a scenario."""

    title: str
    href: str
    table: Table | None
    matrix: Shown | None = None
    scenario: ShownScenario | None = None

    @property
    def problems(self) -> tuple[tuple[str, str], ...]:
        """What is wrong with the values that were given to it: (name, problem)."""
        return (self.matrix.problems if self.matrix else ()) + (self.scenario.problems if self.scenario else ())


def page_sections(site: Site, described: Page, given: Mapping[str, Sequence[str]]) -> list[HomeSection]:
    """What a page of the project shows for the values ``given`` to its questions. Raises QueryError."""
    sections = []
    for section in described.sections:
        if (drawn := matrix.shown(site, described, section, given)) is not None:
            sections.append(HomeSection(best(section.titles), drawn.href, None, drawn))
        elif (tried := scenario.shown(site, described, section, given)) is not None:
            sections.append(HomeSection(best(section.titles), tried.href, None, None, tried))
        elif section.view == TABLE:
            table, href = tabled(site, section, given)
            sections.append(
                HomeSection(best(section.titles), href, in_readers_words(site, table, drawn=bool(section.columns)))
            )
    return sections


def described_title(site: Site, described: Page) -> str:
    """What a page of the project is called; a front page that nobody described is called like the dataset."""
    return best(described.titles or site.manifest.title)


def citable_page(
    site: Site, described: Page, sections: Sequence[HomeSection], given: Mapping[str, Sequence[str]]
) -> citable.Citable:
    """A page of the project as something to cite, with the values ``given``."""
    fields = [c.field for s in sections if s.matrix for c in s.matrix.chosen]
    fields += [f for s in sections if s.scenario for f in s.scenario.form.fields if given.get(f.name)]
    chosen = {field.name: field for field in fields}
    columns = [s.matrix.mapped.column.text for s in sections if s.matrix and s.matrix.mapped and s.matrix.mapped.column]
    title = described_title(site, described)
    return citable.of_page(site, described.path, title, given, chosen.values(), columns)


def described_page(
    site: Site, described: Page, sections: Sequence[HomeSection], cited: citable.Citable | None, *, given: bool
) -> str:
    """A page that the project describes; ``given``: with values, so that it is one of very many."""
    return page(
        site,
        "page.html",
        heading=described_title(site, described),
        description=best(described.descriptions),
        sections=sections,
        here_now=described.path,
        given=given,
        cited=cited,
    )


def home_page(site: Site, described: Page, sections: Sequence[HomeSection], cited: citable.Citable | None) -> str:
    """The front page: what this is, the tables that the project puts here, and the ways in; ``cited`` as ``page``."""
    return page(
        site,
        "home.html",
        cited=cited,
        heading=described_title(site, described),
        description=best(described.descriptions or site.manifest.description),
        sections=sections,
        topics=site.display.by_topic(site.display.questions),
        place=partial(_place, site),
        dataset=local_path(site.manifest.base, site.manifest.dataset),
        formats=formats(local_path(site.manifest.base, document_iri(site.manifest.base, site.manifest.dataset)) or ""),
    )


def document_page(
    site: Site,
    document: Document,
    links: Sequence[Link],
    asked: Asked | None = None,
    *,
    withdrawn: bool = False,
    listing: Listing | None = None,
    answers: About | None = None,
) -> str:
    """The page about a thing, or what is still said of one that was ``withdrawn``.

    ``links`` are those of its headers; ``asked`` is the thing as a question with its answer; ``listing`` is the one
    list of it that is wanted; ``answers`` are those to questions about it. Raises NotFound if there is no such list.
    """
    labels = labels_for(site)
    labels.learn([*document.own, *document.names])
    title = labels.term(document.thing)
    asked = replace(asked, answer=in_readers_words(site, asked.answer)) if asked else None
    # The text of a question stands in the form, that is enough.
    hidden = asked.question.text if asked else None
    shown = view_of(site, document, labels, hidden)
    if listing is not None:
        return _list_page(site, document, links, shown, listing, title)
    cited = citable.of_question(site, asked, title.text) if asked else citable.of_document(site, document, title.text)
    return page(
        site,
        "document.html",
        markup=schema_org.thing(document, site.manifest, site.schema_types),
        cited=None if withdrawn else cited,
        title=title,
        view=shown,
        thing=document.thing,
        asked=asked,
        query=without_header(asked.form.query) if asked else "",
        formats=[(v, _suffixed(links, v)) for v in DOCUMENT_VARIANTS if v is not HTML],
        links=links,
        pages=pages_of(links),
        page=document.page,
        last=document.pages,
        withdrawn=withdrawn,
        changes=has_changes(site, document),
        answers=answers or About(),
        blocks=_blocks(shown, answers),
    )


def _blocks(shown: View, answers: About | None) -> list[tuple[str, Told | Group]]:
    """The answers and the groups of the thing's own properties, in one order; of equals answers come first."""
    told: list[tuple[float, str, Told | Group]] = [(one.order, "answer", one) for one in (answers or About()).told]
    groups = shown.sections[0].groups if shown.sections else ()
    told += [(group.order, "group", group) for group in groups]
    return [(kind, block) for _, kind, block in sorted(told, key=lambda item: (item[0], item[1]))]


def view_of(site: Site, document: Document, labels: Labels, hidden: str | None = None) -> View:
    """What the page of a document shows, in its order and the reader's language; ``labels`` know its names."""
    order = {path: place.told(reader().languages) for path, place in site.display.order.items()}
    return view(document, labels, {**_FOR_PROGRAMS, **order}, {*_FILES, *site.display.tabular}, hidden)


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
    asked = "&".join(filter(None, (listing.query, here)))
    return page(
        site,
        "values.html",
        cited=citable.of_list(site, document.thing, title.text, listing.relation, asked),
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
    standing, kept = site.display.examples()
    prefixes = "".join(f"PREFIX {p}: <{n}>\n" for p, n in sorted(site.manifest.prefixes.items()))
    ontologies = [
        Term(local_path(site.manifest.base, iri) or "", local_path(site.manifest.base, iri) or "")
        for iri in sorted(set(site.hash_documents.values()))
    ]
    return page(
        site,
        "query.html",
        example=EXAMPLE_QUERY,
        topics=site.display.by_topic(standing),
        kept=kept,
        place=partial(_place, site),
        without_header=without_header,
        prefixes=prefixes,
        ontologies=ontologies,
    )


def error_page(site: Site, status: HTTPStatus, detail: str, facts: dict[str, object], query: str | None) -> str:
    """What went wrong and how to go on; a ``query`` that failed is there to be corrected."""
    words = told(STATUS_WORDS.get(status, status.phrase))
    spot = wrong_spot(query, facts.get("line"), facts.get("column")) if query else None
    return page(
        site, "error.html", status=status, status_words=words, detail=detail, facts=facts, query=query, spot=spot
    )


def wrong_spot(query: str, line: object, column: object) -> tuple[str, str, str] | None:
    """The line of a query in which something is wrong, parted: before, at, and after the ``column`` (from 1 on)."""
    lines = query.replace("\r\n", "\n").split("\n")
    if not isinstance(line, int) or not isinstance(column, int) or not 1 <= line <= len(lines):
        return None
    text = lines[line - 1]
    return text[: column - 1], text[column - 1 : column], text[column:]


def missing_page(site: Site, detail: str) -> str:
    """The page for an address where nothing is."""
    return error_page(site, HTTPStatus.NOT_FOUND, detail, {}, None)


def formats(path: str) -> list[tuple[Variant, str]]:
    """The formats of the document at ``path`` beside HTML, each with its address."""
    return [(v, f"{path}.{v.suffix}") for v in DOCUMENT_VARIANTS if v is not HTML]


def _place(site: Site, question: Question) -> str:
    return local_path(site.manifest.base, question.iri) or ""


def best(texts: dict[str, str]) -> str:
    """Of texts by language, the one for who reads this page."""
    return in_language(texts, reader().languages)


def page(
    site: Site,
    template: str,
    markup: schema_org.Node | None = None,
    cited: citable.Citable | None = None,
    at: str = "",
    **values: object,
) -> str:
    """A template filled with the values, and with what stands on every page.

    ``markup`` is what the page is about, in the words of schema.org; without it, the site. What is ``cited`` has the
    ways to cite and take it at its end. ``at`` is the path of a page that stands in several places.
    """
    manifest = site.manifest
    # Made so that it cannot end the element that it stands in.
    script = Markup(schema_org.as_script(markup or schema_org.website(manifest)))  # noqa: S704
    # In this language, or in another; an address too long to be cited is not repeated, nor that of an error.
    spoken = switches(site, request, at) if has_request_context() and len(request.full_path) <= citable.LONGEST else []
    plain = plain_address(site, request, at) if spoken and template != "error.html" else ""
    return render_template(
        template,
        site_title=best(manifest.title),
        manifest=manifest,
        json_ld=script,
        switches=spoken,
        plain_address=plain,
        cited=citable.cited(site, cited) if cited and len(cited.address) <= citable.LONGEST else None,
        best=best,
        covered=site.display.covered,
        steps=site.display.steps,
        project_pages=[(p.path, best(p.names) or best(p.titles)) for p in site.display.pages],
        **values,
    )
