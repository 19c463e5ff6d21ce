"""What the project says about its pages (``ontology/display.ttl``), and the tables that its questions give.

The terms are those of ``docs/display.md``: ``display:Page`` with ``display:path`` and ``display:section``; a section
has a ``display:query`` (a question's IRI), a ``display:view`` and an ``sh:order``. In a table, a variable
``?xLabel`` holds the text for ``?x``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from urllib.parse import unquote

import pyoxigraph as ox

from kg.engine import Answerer, Query
from kg.engine.solutions import Row, read, select
from kg.findings import compact
from kg.questions import Parameter
from kg.questions import Question as KeptQuestion
from kg.release.manifest import Manifest
from kg.representation.marks import read_layout, read_marks, read_steps
from kg.representation.matrix import Layout, Mark, Step
from kg.representation.outcomes import read_plan, read_words
from kg.representation.scenario import Plan
from kg.representation.sections import Column, Sections, read_columns, read_sections
from kg.representation.view import Order, Term, link, written_kind
from kg.terms import DISPLAY, PREFIXES, graph_iri, in_language, prologue, question_iri

TABLE = str(DISPLAY) + "table"
MATRIX = str(DISPLAY) + "matrix"
MAP = str(DISPLAY) + "map"
SCENARIO = str(DISPLAY) + "scenario"
ROW_LIMIT = 500


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
class Question:
    """A question that the project keeps: its IRI, and all that stands in its file."""

    iri: str
    kept: KeptQuestion

    @property
    def titles(self) -> dict[str, str]:
        """Its titles by language."""
        return self.kept.titles

    @property
    def text(self) -> str:
        """Its SPARQL text."""
        return self.kept.text


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

    @property
    def front(self) -> Page:
        """The front page; one that nobody described has no sections."""
        return self.home or Page({}, {}, ())

    def page(self, path: str) -> Page | None:
        """The page that the project puts at a path."""
        if path == "/":
            return self.front
        return next((page for page in self.pages if page.path == path), None)


@dataclass(frozen=True)
class Table:
    """The answer to a question as rows of cells (one term or none); ``total`` counts the rows left out, too."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Term | None, ...], ...]
    total: int

    @property
    def cut(self) -> bool:
        """True if rows are left out."""
        return self.total > len(self.rows)


def read_display(engine: Answerer, manifest: Manifest) -> Display:
    """Read the page descriptions and questions of a release. Raises QueryError."""
    asker = _Meta(engine, manifest)
    pages = _Pages(asker, tuple(read_marks(asker.rows)), tuple(read_steps(asker.rows)))
    return Display(
        _order(asker),
        pages.home(manifest),
        tuple(_questions(asker, manifest)),
        tuple(_layers(asker)),
        _tabular(asker),
        _regions(asker),
        tuple(pages.others(manifest)),
        read_sections(asker.rows),
        pages.marks,
        pages.steps,
        read_words(asker.rows),
        _covered(asker, manifest),
    )


def table(
    engine: Answerer, manifest: Manifest, text: str, limit: int | None = None, shown: Sequence[str] = ()
) -> Table:
    """Answer a SELECT query as a table for a page, at most ``limit`` rows. Raises QueryError."""
    return as_table(engine.answer(Query(text, boolean=None, graph=None)).body, manifest, limit, shown)


def as_table(results: bytes, manifest: Manifest, limit: int | None = None, shown: Sequence[str] = ()) -> Table:
    """SPARQL results in JSON as a table for a page, at most ``limit`` rows (None: ROW_LIMIT).

    The variables that are ``shown`` make columns, else all do.
    """
    names, found = read(results)
    columns = [*shown] or columns_of(names)
    rows = tuple(tuple(as_cell(row, name, manifest) for name in columns) for row in found[: limit or ROW_LIMIT])
    return Table(tuple(in_words(name) for name in columns), rows, len(found))


def as_terms(results: bytes, manifest: Manifest) -> list[dict[str, Term]]:
    """SPARQL results in JSON as terms for a page, by the names of the variables; all of them."""
    names, found = read(results)
    cells = [{name: as_cell(row, name, manifest) for name in names} for row in found]
    return [{name: term for name, term in row.items() if term is not None} for row in cells]


def columns_of(names: list[str]) -> list[str]:
    """The variables that make columns: all but those that hold the text for another."""
    return [name for name in names if not (name.endswith("Label") and name.removesuffix("Label") in names)]


def as_cell(row: Row, name: str, manifest: Manifest) -> Term | None:
    """What stands in a column of a row of SPARQL results in JSON."""
    value, label = row.get(name), row.get(f"{name}Label")
    if value is None:
        return Term(label["value"], language=label.get("xml:lang", "")) if label else None
    if value["type"] != "uri":
        kind = written_kind(value.get("datatype", ""))
        return Term(value["value"], language=value.get("xml:lang", ""), is_date=kind == "date", kind=kind)
    iri = value["value"]
    text = label["value"] if label else compact(iri, manifest.base, manifest.prefixes)
    return Term(text, link(manifest.base, iri), iri, label.get("xml:lang", "") if label else "")


def in_words(name: str) -> str:
    """The heading of a column: ``statedOn`` -> ``stated on``."""
    return "".join(f" {c.lower()}" if c.isupper() else c for c in name).strip()


class _Meta:
    """Asks about the publication."""

    def __init__(self, engine: Answerer, manifest: Manifest) -> None:
        self._engine = engine
        self._graph = graph_iri(manifest.base, "meta")

    def rows(self, pattern: str) -> list[Row]:
        declared = prologue("display", "dcterms", "rdf", "rdfs", "sh")
        return select(self._engine, f"{declared} SELECT * {{ GRAPH <{self._graph}> {{ {pattern} }} }}", whole=False)


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
            float(row["groupOrder"]["value"]) if "groupOrder" in row else float("inf"),
            in_language(groups[path]),
            float(row["order"]["value"]) if "order" in row else float("inf"),
            in_language(inverses[path]),
            row.get("hidden", {}).get("value") in ("true", "1"),
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
        "FILTER(STRSTARTS(STR(?scheme), 'iso-3166-1-alpha-') && isIRI(?property)) }"
    )
    return tuple(sorted({row["property"]["value"] for row in rows}))


def _layers(asker: _Meta) -> list[Layer]:
    found: dict[str, list[str]] = {}
    rows = asker.rows("?layer a display:Layer ; sh:order ?order ; display:term ?term FILTER(isNumeric(?order))")
    for row in sorted(rows, key=lambda row: (float(row["order"]["value"]), row["term"]["value"])):
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
        """The pages with a path and a title beside the front page, in the order of ``sh:order``, then by path."""
        rows = self.asker.rows(
            "?page a display:Page ; display:path ?path . FILTER(STRSTARTS(?path, '/') && ?path != '/') "
            "FILTER EXISTS { ?page dcterms:title ?any } OPTIONAL { ?page sh:order ?order FILTER(isNumeric(?order)) }"
        )
        rows.sort(key=lambda row: (float(row["order"]["value"]) if "order" in row else inf, row["path"]["value"]))
        paths = {row["page"]["value"]: row["path"]["value"] for row in rows if row["page"]["value"] != manifest.home}
        return [self._page(iri, path, {}, {}) for iri, path in paths.items()]

    def _page(self, iri: str, path: str, title: dict[str, str], description: dict[str, str]) -> Page:
        """A page by its IRI; without a title or description of its own it has the given ones."""
        page = f"<{iri}>"
        rows = self.asker.rows(
            f"{page} display:section ?section . ?section display:query ?query ; display:view ?view ; sh:order ?order . "
            "?query sh:select ?text FILTER(isNumeric(?order)) "
            "OPTIONAL { ?section display:rows ?rows FILTER(isNumeric(?rows)) }"
        )
        return Page(
            _by_language(self.asker, f"{page} dcterms:title ?text") or title,
            _by_language(self.asker, f"{page} dcterms:description ?text") or description,
            tuple(self._section(row) for row in sorted(rows, key=lambda row: float(row["order"]["value"]))),
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
            int(float(row["rows"]["value"])) if "rows" in row else None,
            read_layout(rows, section, self.marks, self.steps) if view in (MATRIX, MAP) else None,
            _by_language(self.asker, f"<{section}> dcterms:description ?text"),
            read_plan(rows, section, self.marks, self.steps) if view == SCENARIO else None,
            read_columns(rows, section) if view == TABLE else (),
        )


def _by_language(asker: _Meta, pattern: str) -> dict[str, str]:
    return {row["text"].get("xml:lang", ""): row["text"]["value"] for row in asker.rows(pattern)}


def _questions(asker: _Meta, manifest: Manifest) -> list[Question]:
    """The questions, numbered ones first, then by name."""
    found: dict[str, KeptQuestion] = {}
    parameters = _parameters(asker)
    for row in asker.rows(
        "?question sh:select|sh:ask|sh:construct ?text ; rdfs:label ?label OPTIONAL { ?question sh:order ?number }"
    ):
        iri = row["question"]["value"]
        if not iri.startswith(question_iri(manifest.base, "")):
            continue  # a rule
        name = unquote(iri.removeprefix(question_iri(manifest.base, "")))
        number = int(row["number"]["value"]) if "number" in row else 0
        kept = KeptQuestion(name, Path(), {}, row["text"]["value"], number, tuple(parameters.get(iri, ())))
        found.setdefault(iri, kept).titles[row["label"].get("xml:lang", "")] = row["label"]["value"]
    questions = [Question(iri, kept) for iri, kept in found.items()]
    return sorted(questions, key=lambda q: (not q.kept.number, q.kept.number, q.iri))


def _parameters(asker: _Meta) -> dict[str, list[Parameter]]:
    """The parameters of each question by its IRI, in their order."""
    rows = asker.rows(
        "?question sh:parameter ?node . ?node sh:name ?name ; sh:order ?order ; sh:datatype|sh:class ?type "
        "OPTIONAL { ?node sh:defaultValue ?default } OPTIONAL { ?node display:offered ?offered } "
        "OPTIONAL { ?node display:several ?several } OPTIONAL { ?node sh:description ?says }"
    )
    known: dict[tuple[str, str], Parameter] = {}
    for row in sorted(rows, key=lambda row: int(row["order"]["value"])):
        key = row["question"]["value"], row["name"]["value"]
        default = _value(row["default"]) if "default" in row else None
        offered = row["offered"]["value"] if "offered" in row else ""
        several = row.get("several", {}).get("value") in ("true", "1")
        parameter = known.setdefault(key, Parameter(key[1], row["type"]["value"], {}, default, offered, several))
        if "says" in row:
            parameter.says[row["says"].get("xml:lang", "")] = row["says"]["value"]
    found: dict[str, list[Parameter]] = {}
    for (question, _), parameter in known.items():
        found.setdefault(question, []).append(parameter)
    return found


def _value(told: dict[str, str]) -> ox.NamedNode | ox.Literal:
    if told["type"] == "uri":
        return ox.NamedNode(told["value"])
    if language := told.get("xml:lang"):
        return ox.Literal(told["value"], language=language)
    return ox.Literal(told["value"], datatype=ox.NamedNode(told.get("datatype", PREFIXES["xsd"] + "string")))
