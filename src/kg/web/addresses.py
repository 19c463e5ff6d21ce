"""What stands at an address of the site, so far as it can be cited or shown on a card: found from the address alone."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote

from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest, NotFound

from kg.engine import Answer
from kg.messages import Message
from kg.negotiate import ANSWER_VARIANTS, HTML, Variant
from kg.representation.display import Page
from kg.representation.document import Document, describe_graph
from kg.representation.view import Term
from kg.terms import iri_spellings
from kg.web import citable, documents, html, lasting, pages, protocol
from kg.web.answering import asked_with, begun, drawings
from kg.web.citable import Citable
from kg.web.html import HomeSection
from kg.web.language import labels_for
from kg.web.listing import Listing
from kg.web.queries import query_of
from kg.web.questions import Asked, ask
from kg.web.site import Site
from kg.web.wishes import PAGE


@dataclass(frozen=True)
class Place:
    """What stands somewhere: a ``document`` (of a question with what was ``asked``), ``sections`` of the front page, or
    the ``answer`` to a query. ``title`` is the name of a thing.
    """

    citable: Citable
    title: Term | None = None
    document: Document | None = None
    asked: Asked | None = None
    sections: tuple[HomeSection, ...] = ()
    answer: Answer | None = None


def place(site: Site, path: str, query: str, longest: int, *, whole: bool = False) -> Place:
    """What is at ``path`` (decoded, without the prefix of a release) when asked with ``query``.

    With ``whole`` a page of a thing or a list of it stands for the thing. Parameters that say nothing to the page are
    left alone, and of what takes one value the first counts, as on the pages themselves. A query may have ``longest``
    bytes. Raises NotFound, BadRequest, KgError.
    """
    given = MultiDict(parse_qsl(query, keep_blank_values=True))
    if path == "/sparql":
        return _answer(site, query, given, longest)
    if (page := site.display.page(path)) is not None:
        return _page(site, page, given)
    return _thing(site, path.removeprefix("/"), given, whole=whole)


def parted(address: str, root: str, base: str) -> tuple[str, str, str] | None:
    """(where the site is, path, query) of an address of this site: below ``root``, the site as it was asked, or below
    the ``base`` IRI. None for an address of somebody else's.
    """
    address = address.partition("#")[0]
    for lead in (root.rstrip("/") + "/", base):
        if address == lead.rstrip("/") or address.startswith(lead):
            path, _, query = address.removeprefix(lead.rstrip("/")).partition("?")
            try:
                return lead.rstrip("/"), "/" + unquote(path, errors="strict").lstrip("/"), query
            except UnicodeDecodeError:
                return None
    return None


def _page(site: Site, page: Page, given: MultiDict[str, str]) -> Place:
    _, known = pages.tidied(site, page, dict(given.lists()))
    sections = html.page_sections(site, page, known)
    if problems := [problem for section in sections for problem in section.problems]:
        raise BadRequest(_wrong(*problems[0]))
    return Place(html.citable_page(site, page, sections, known), sections=tuple(sections))


def _answer(site: Site, query: str, given: MultiDict[str, str], longest: int) -> Place:
    operation = protocol.operation("GET", query, "", b"", longest)
    plain: dict[str, Variant | None] = {kind: variants[0] for kind, variants in ANSWER_VARIANTS.items()}
    lasting.noted(operation.text)
    answer = site.answers.answer(query_of(operation, site, plain))
    view = given.get("view", "")
    drawn = view if view in drawings(site, begun(answer)).views else ""
    return Place(citable.of_answer(asked_with(operation), drawn), answer=answer)


def _thing(site: Site, path: str, given: MultiDict[str, str], *, whole: bool) -> Place:
    number = "1" if whole else given.get(PAGE, "1")
    document = _document(site, path, number) or _document(site, path.removesuffix(f".{HTML.suffix}"), number)
    if document is None:
        raise NotFound(Message("there is nothing at /%(path)s that can be cited or shown", path=path[:200]))
    thing = document.thing
    labels = labels_for(site)
    labels.learn([*document.own, *document.names])
    title = labels.term(thing)
    if thing in site.hash_documents:
        return Place(citable.of_thing(site, thing, title.text), title, document)
    question = site.display.question(thing)
    if question is not None:
        names = {parameter.name for parameter in question.kept.parameters}
        asked = ask(site, question, {name: texts for name, texts in given.lists() if name in names})
        if (found := citable.of_question(site, asked, title.text)) is None:
            wrong = next(f for f in asked.form.fields if f.problem)
            raise BadRequest(_wrong(wrong.name, wrong.problem))
        return Place(found, title, document, asked)
    if not whole and (listing := Listing.of(given)) is not None:
        listing.row(html.view_of(site, document, labels))
        page = f"&{PAGE}={document.page}" if document.page > 1 else ""
        return Place(citable.of_list(site, thing, title.text, listing.relation, listing.query + page), title, document)
    return Place(citable.of_document(site, document, title.text), title, document)


def _document(site: Site, path: str, number: str) -> Document | None:
    """The page with a ``number`` of the document about what is at a path, be it that of the document or the thing's
    own; None if there is none, or if the thing has been given up.
    """
    inner = path.removeprefix("doc/")
    for name in (inner, path):
        if (ontology := documents.hash_document(site, name)) is not None:
            return describe_graph(site.answers, site.manifest, site.hash_documents[ontology], "ontology")
    things = documents.things_at(site, inner) if inner != path else iri_spellings(site.manifest.base, path)
    if not (number.isascii() and number.isdigit() and 0 < len(number) < 10 and number[0] != "0"):
        return None
    document = documents.about(site, things, int(number))
    if document is None or int(number) > document.pages or documents.found_fate(site, document) is not None:
        return None
    return document


def _wrong(name: str, problem: str) -> Message:
    return Message("%(name)s: %(problem)s", name=name, problem=problem)
