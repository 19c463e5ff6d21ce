"""What the project says about its pages (``ontology/display.ttl``).

The terms are those of ``docs/display.md``: ``display:Page`` with ``display:path`` and ``display:section``; a section
has a ``display:query`` (a question's IRI), a ``display:view`` and an ``sh:order``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from kg.engine import Answerer
from kg.engine.solutions import Row, select
from kg.release.manifest import Manifest
from kg.representation.marks import read_layout, read_marks, read_steps
from kg.representation.matrix import Layout, Mark, Step
from kg.representation.numerals import count, holds, place
from kg.representation.outcomes import read_plan, read_words
from kg.representation.questions import Question, Topic, about_publication, read_questions, read_topics
from kg.representation.scenario import Plan
from kg.representation.sections import Column, Sections, read_columns, read_sections
from kg.representation.view import Order
from kg.terms import DISPLAY, PREFIXES, in_language, is_page_path

TABLE = str(DISPLAY) + "table"
MATRIX = str(DISPLAY) + "matrix"
MAP = str(DISPLAY) + "map"
SCENARIO = str(DISPLAY) + "scenario"


@dataclass(frozen=True)
class PageSection:
    """One part of a page: a question (IRI), its SPARQL text, how to show the answer, and titles by language.

    At most ``rows`` rows are shown, None leaves that to the program. A matrix or map has a ``layout``, a scenario a
    ``plan``, a table ``columns``, if not all are shown.
    """

    question: str
    text: str
    view: str
    titles: dict[str, str]
    rows: int | None = None
    layout: Layout | None = None
    descriptions: dict[str, str] = field(default_factory=dict, hash=False)
    plan: Plan | None = None
    columns: tuple[Column, ...] = ()


@dataclass(frozen=True)
class Page:
    """A page that the project describes. Titles and descriptions are by language.

    ``path`` is where it stands; ``names`` are shorter titles, for links to it.
    """

    titles: dict[str, str]
    descriptions: dict[str, str]
    sections: tuple[PageSection, ...]
    path: str = "/"
    names: dict[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Layer:
    """Terms of the ontology that its reference page tells together. Titles and descriptions are by language."""

    name: str
    titles: dict[str, str]
    descriptions: dict[str, str]
    terms: tuple[str, ...]


@dataclass(frozen=True)
class Display:
    """All that the project says about its pages; parts of ``tabular`` classes stand in tables.

    ``regions`` are the properties by which things have codes of ISO 3166-1. ``pages`` are those beside the front page,
    in the order in which links to them stand. ``about`` are the questions that pages of things answer. ``marks`` and
    ``steps`` are how values are shown, be it on a page of the project or of a thing; ``words`` are texts of answers in
    other words, by language. ``covered`` is the last day that the data are about, "" if the dataset does not say.
    ``topics`` are those that lists of questions are divided by.
    """

    order: dict[str, Order]
    home: Page | None
    questions: tuple[Question, ...]
    layers: tuple[Layer, ...] = ()
    tabular: frozenset[str] = frozenset()
    regions: tuple[str, ...] = ()
    pages: tuple[Page, ...] = ()
    about: Sections = field(default_factory=Sections)
    marks: tuple[Mark, ...] = ()
    steps: tuple[Step, ...] = ()
    words: Mapping[str, dict[str, str]] = field(default_factory=dict, hash=False)
    covered: str = ""
    topics: tuple[Topic, ...] = ()

    @property
    def front(self) -> Page:
        """The front page; one that nobody described has no sections."""
        return self.home or Page({}, {}, ())

    def examples(self) -> tuple[tuple[Question, ...], tuple[Question, ...]]:
        """The questions that stand for themselves, and those without a number that are kept for the project's pages."""
        sections = [section for page in (self.front, *self.pages) for section in page.sections]
        used = {section.question for section in sections} | {s.plan.totals for s in sections if s.plan}
        used |= {section.question for several in self.about.by_class.values() for section in several}
        kept = tuple(q for q in self.questions if q.iri in used and not q.kept.number)
        return tuple(q for q in self.questions if q not in kept), kept

    def by_topic(self, questions: Iterable[Question]) -> list[tuple[dict[str, str], list[Question]]]:
        """The questions under the titles (by language) of their topics; last, under none, those that have no topic."""
        asked = list(questions)
        placed = {iri for topic in self.topics for iri in topic.questions}
        groups = [(topic.titles, [q for q in asked if q.iri in topic.questions]) for topic in self.topics]
        groups.append(({}, [q for q in asked if q.iri not in placed]))
        return [(titles, found) for titles, found in groups if found]

    def question(self, iri: str) -> Question | None:
        """The question with this IRI."""
        return next((question for question in self.questions if question.iri == iri), None)

    def page(self, path: str) -> Page | None:
        """The page that the project puts at a path."""
        if path == "/":
            return self.front
        return next((page for page in self.pages if page.path == path), None)


def read_display(engine: Answerer, manifest: Manifest) -> Display:
    """Read the page descriptions and questions of a release. Raises QueryError."""
    asker = _Meta(engine, manifest)
    pages = _Pages(asker, tuple(read_marks(asker.rows)), tuple(read_steps(asker.rows)))
    return Display(
        _order(asker),
        pages.home(manifest),
        tuple(read_questions(asker.rows, manifest.base)),
        tuple(_layers(asker)),
        _tabular(asker),
        _regions(asker),
        tuple(pages.others(manifest)),
        read_sections(asker.rows),
        pages.marks,
        pages.steps,
        read_words(asker.rows),
        _covered(asker, manifest),
        tuple(read_topics(asker.rows)),
    )


class _Meta:
    """Asks about the publication."""

    def __init__(self, engine: Answerer, manifest: Manifest) -> None:
        self._engine, self._base = engine, manifest.base

    def rows(self, pattern: str) -> list[Row]:
        return select(self._engine, about_publication(self._base, pattern))


def _order(asker: _Meta) -> dict[str, Order]:
    rows = asker.rows(
        "?shape a sh:PropertyShape ; sh:path ?path . FILTER(isIRI(?path)) "
        "OPTIONAL { ?shape sh:order ?order FILTER(isNumeric(?order)) } "
        "OPTIONAL { ?shape display:hidden ?hidden } "
        "OPTIONAL { ?shape display:inverseLabel ?inverse } "
        "OPTIONAL { ?shape sh:group ?group . ?group sh:order ?groupOrder ; rdfs:label ?label . "
        "FILTER(isNumeric(?groupOrder)) }"
    )
    groups: dict[str, dict[str, str]] = {}
    inverses: dict[str, dict[str, str]] = {}
    for row in rows:
        for name, texts in (("label", groups), ("inverse", inverses)):
            known = texts.setdefault(row["path"]["value"], {})
            if name in row:
                known.setdefault(row[name].get("xml:lang", ""), row[name]["value"])
    return {
        (path := row["path"]["value"]): Order(
            place(row, "groupOrder"),
            in_language(groups[path]),
            place(row, "order"),
            in_language(inverses[path]),
            holds(row, "hidden"),
            groups[path],
            inverses[path],
        )
        for row in rows
    }


def _tabular(asker: _Meta) -> frozenset[str]:
    return frozenset(
        row["kind"]["value"] for row in asker.rows(f"?shape sh:targetClass ?kind ; display:view <{TABLE}>")
    )


def _covered(asker: _Meta, manifest: Manifest) -> str:
    """The end of the period that the dataset covers (DCAT 3, dct:temporal), if that is told to the day."""
    dcat, xsd = PREFIXES["dcat"], PREFIXES["xsd"]
    ends = f"dcterms:temporal/<{dcat}endDate> ?end FILTER(DATATYPE(?end) = <{xsd}date>)"
    return max((row["end"]["value"] for row in asker.rows(f"<{manifest.dataset}> {ends}")), default="")


def _regions(asker: _Meta) -> tuple[str, ...]:
    """What a section says, and the codes whose scheme is called like the standard."""
    rows = asker.rows(
        "{ ?section display:regionProperty ?property } UNION { ?shape sh:path ?property ; display:scheme ?scheme "
        "FILTER(STRSTARTS(STR(?scheme), 'iso-3166-1-alpha-')) } FILTER(isIRI(?property))"
    )
    return tuple(sorted({row["property"]["value"] for row in rows}))


def _layers(asker: _Meta) -> list[Layer]:
    found: dict[str, list[str]] = {}
    rows = asker.rows(
        "?layer a display:Layer ; sh:order ?order ; display:term ?term FILTER(isNumeric(?order) && isIRI(?layer))"
    )
    for row in sorted(rows, key=lambda row: (place(row, "order"), row["term"]["value"])):
        found.setdefault(row["layer"]["value"], []).append(row["term"]["value"])
    return [
        Layer(
            iri.rpartition("/")[2].rpartition("#")[2],
            _by_language(asker, f"<{iri}> rdfs:label ?text"),
            _by_language(asker, f"<{iri}> dcterms:description ?text"),
            tuple(terms),
        )
        for iri, terms in found.items()
    ]


@dataclass(frozen=True)
class _Pages:
    """Reads pages; ``marks`` and ``steps`` are those of the project."""

    asker: _Meta
    marks: tuple[Mark, ...]
    steps: tuple[Step, ...]

    def home(self, manifest: Manifest) -> Page | None:
        if manifest.home is None:
            return None
        return self._page(manifest.home, "/", manifest.title, manifest.description)

    def others(self, manifest: Manifest) -> list[Page]:
        """The pages with a title and a path of their own (``is_page_path``), by ``sh:order``, then by path."""
        rows = self.asker.rows(
            "?page a display:Page ; display:path ?path FILTER(isIRI(?page)) "
            "FILTER EXISTS { ?page dcterms:title ?any } OPTIONAL { ?page sh:order ?order FILTER(isNumeric(?order)) }"
        )
        rows.sort(key=lambda row: (place(row, "order"), row["path"]["value"], row["page"]["value"]))
        pages: dict[str, str] = {}
        for row in rows:
            iri, path = row["page"]["value"], row["path"]["value"]
            if iri != manifest.home and is_page_path(path):
                pages.setdefault(path, iri)
        return [self._page(iri, path, {}, {}) for path, iri in pages.items()]

    def _page(self, iri: str, path: str, title: dict[str, str], description: dict[str, str]) -> Page:
        """A page by its IRI; without a title or description of its own it has the given ones."""
        page = f"<{iri}>"
        rows = self.asker.rows(
            f"{page} display:section ?section . ?section display:query ?query ; display:view ?view ; sh:order ?order . "
            "?query sh:select ?text FILTER(isNumeric(?order) && isIRI(?section)) "
            "OPTIONAL { ?section display:rows ?rows FILTER(isNumeric(?rows)) }"
        )
        return Page(
            _by_language(self.asker, f"{page} dcterms:title ?text") or title,
            _by_language(self.asker, f"{page} dcterms:description ?text") or description,
            tuple(self._section(row) for row in sorted(rows, key=lambda row: place(row, "order"))),
            path,
            _by_language(self.asker, f"{page} rdfs:label ?text"),
        )

    def _section(self, row: Row) -> PageSection:
        section, view, rows = row["section"]["value"], row["view"]["value"], self.asker.rows
        return PageSection(
            row["query"]["value"],
            row["text"]["value"],
            view,
            _by_language(self.asker, f"<{section}> rdfs:label ?text"),
            count(row, "rows"),
            read_layout(rows, section, self.marks, self.steps) if view in (MATRIX, MAP) else None,
            _by_language(self.asker, f"<{section}> dcterms:description ?text"),
            read_plan(rows, section, self.marks, self.steps) if view == SCENARIO else None,
            read_columns(rows, section) if view == TABLE else (),
        )


def _by_language(asker: _Meta, pattern: str) -> dict[str, str]:
    return {row["text"].get("xml:lang", ""): row["text"]["value"] for row in asker.rows(pattern)}
