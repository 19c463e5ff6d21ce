"""What stands at an address of the site, so far as it can be cited or shown on a card: found from the address alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, parse_qsl, unquote

from werkzeug.exceptions import BadRequest, NotFound

from kg.engine import Answer, Cut
from kg.messages import Message
from kg.negotiate import ANSWER_VARIANTS, HTML, Variant
from kg.representation.display import Page
from kg.representation.document import Document, describe_graph
from kg.representation.view import Term
from kg.terms import iri_spellings
from kg.web import citable, documents, html, matrix, protocol, scenario
from kg.web.answering import TABLE, VIEWS, asked_with
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

    @property
    def cut(self) -> Cut | None:
        """What cut an answer that is shown here, if a limit of the service did; the first of several."""
        asked = self.asked.answer if self.asked is not None else None
        shown = [self.answer.cut if self.answer else None, asked.ended if asked else None]
        return next((cut for cut in (*shown, *(section.ended for section in self.sections)) if cut is not None), None)


def place(site: Site, path: str, query: str, longest: int, *, whole: bool = False) -> Place:
    """What is at ``path`` (decoded, without the prefix of a release) when asked with ``query``.

    With ``whole`` a page of a thing or a list of it stands for the thing. Parameters that say nothing to the page are
    left alone. A query may have ``longest`` bytes. Raises NotFound, BadRequest, KgError.
    """
    given = dict(parse_qsl(query))
    if path == "/sparql":
        return _answer(site, query, given, longest)
    if (page := site.display.page(path)) is not None:
        return _page(site, page, parse_qs(query))
    return _thing(site, path.removeprefix("/"), {} if whole else given, parse_qs(query))


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


def _page(site: Site, page: Page, given: Mapping[str, list[str]]) -> Place:
    names = matrix.names_of(site, page) | scenario.names_of(site, page)
    known = {name: texts for name, texts in given.items() if name in names}
    sections = html.page_sections(site, page, known)
    if problems := [problem for section in sections for problem in section.problems]:
        raise BadRequest(_wrong(*problems[0]))
    return Place(html.citable_page(site, page, sections, known), sections=tuple(sections))


def _answer(site: Site, query: str, given: Mapping[str, str], longest: int) -> Place:
    operation = protocol.operation("GET", query, "", b"", longest)
    plain: dict[str, Variant | None] = {kind: variants[0] for kind, variants in ANSWER_VARIANTS.items()}
    answer = site.answers.answer(query_of(operation, site, plain))
    view = given.get("view", TABLE)
    drawn = view if view in VIEWS and view != TABLE else ""
    return Place(citable.of_answer(asked_with(operation), drawn), answer=answer)


def _thing(site: Site, path: str, given: Mapping[str, str], values: Mapping[str, list[str]]) -> Place:
    document = _document(site, path, given) or _document(site, path.removesuffix(f".{HTML.suffix}"), given)
    if document is None:
        raise NotFound(Message("there is nothing at /%(path)s that can be cited or shown", path=path[:200]))
    thing = document.thing
    labels = labels_for(site)
    labels.learn([*document.own, *document.names])
    title = labels.term(thing)
    if thing in site.hash_documents:
        return Place(citable.of_thing(site, thing, title.text), title, document)
    question = next((q for q in site.display.questions if q.iri == thing), None)
    if question is not None:
        names = {parameter.name for parameter in question.kept.parameters}
        asked = ask(site, question, {name: text for name, text in values.items() if name in names})
        if (found := citable.of_document(site, document, title.text, asked)) is None:
            wrong = next(f for f in asked.form.fields if f.problem)
            raise BadRequest(_wrong(wrong.name, wrong.problem))
        return Place(found, title, document, asked)
    if (listing := Listing.of(given)) is not None:
        listing.row(html.view_of(site, document, labels))
        page = f"&{PAGE}={document.page}" if document.page > 1 else ""
        return Place(citable.of_list(site, thing, title.text, listing.relation, listing.query + page), title, document)
    return Place(citable.of_document(site, document, title.text) or Citable("", "/"), title, document)


def _document(site: Site, path: str, given: Mapping[str, str]) -> Document | None:
    """The document about what is at a path, be it that of the document or the thing's own; None if there is none, or
    if the thing has been given up.
    """
    inner = path.removeprefix("doc/")
    for name in (inner, path):
        if (ontology := documents.hash_document(site, name)) is not None:
            return describe_graph(site.answers, site.manifest, site.hash_documents[ontology], "ontology")
    things = documents.things_at(site, inner) if inner != path else iri_spellings(site.manifest.base, path)
    number = given.get(PAGE, "1")
    if not (number.isascii() and number.isdigit() and 0 < len(number) < 10 and number[0] != "0"):
        return None
    document = documents.about(site, things, int(number))
    if document is None or int(number) > document.pages or documents.found_fate(site, document) is not None:
        return None
    return document


def _wrong(name: str, problem: str) -> Message:
    return Message("%(name)s: %(problem)s", name=name, problem=problem)
