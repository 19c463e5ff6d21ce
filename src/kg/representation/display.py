"""What the project says about its pages (``ontology/display.ttl``), and the tables that its questions give.

The terms are those of ``docs/display.md``: ``display:Page`` with ``display:path`` and ``display:section``; a section
has a ``display:query`` (a question's IRI), a ``display:view`` and an ``sh:order``. In a table, a variable
``?xLabel`` holds the text for ``?x``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from kg.engine import Engine, Query
from kg.findings import compact
from kg.release.manifest import Manifest
from kg.representation.view import Order, Term, link
from kg.terms import DISPLAY, PREFIXES, graph_iri

TABLE = str(DISPLAY) + "table"
ROW_LIMIT = 500


@dataclass(frozen=True)
class PageSection:
    """One part of a page: a question (IRI), its SPARQL text, how to show the answer, and titles by language."""

    question: str
    text: str
    view: str
    titles: dict[str, str]


@dataclass(frozen=True)
class Page:
    """A page that the project describes. Titles and descriptions are by language."""

    titles: dict[str, str]
    descriptions: dict[str, str]
    sections: tuple[PageSection, ...]


@dataclass(frozen=True)
class Question:
    """A question that the project keeps: its name, IRI, titles by language and SPARQL text."""

    name: str
    iri: str
    titles: dict[str, str]
    text: str


@dataclass(frozen=True)
class Layer:
    """Terms of the ontology that its reference page tells together. Titles and descriptions are by language."""

    name: str
    titles: dict[str, str]
    descriptions: dict[str, str]
    terms: tuple[str, ...]


@dataclass(frozen=True)
class Display:
    """All that the project says about its pages."""

    order: dict[str, Order]
    home: Page | None
    questions: tuple[Question, ...]
    layers: tuple[Layer, ...] = ()


@dataclass(frozen=True)
class Table:
    """The answer to a question as rows of cells (each a list of no or one term); ``cut`` if rows were left out."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Term | None, ...], ...]
    cut: bool


def read_display(engine: Engine, manifest: Manifest) -> Display:
    """Read the page descriptions and questions of a release. Raises QueryError."""
    asker = _Meta(engine, manifest)
    return Display(
        _order(asker), _home(asker, manifest), tuple(_questions(asker, manifest)), tuple(_layers(asker))
    )


def table(engine: Engine, manifest: Manifest, text: str) -> Table:
    """Answer a SELECT query as a table for a page, at most ROW_LIMIT rows. Raises QueryError."""
    return as_table(engine.answer(Query(text, boolean=None, graph=None)).body, manifest)


def as_table(results: bytes, manifest: Manifest) -> Table:
    """SPARQL results in JSON as a table for a page, at most ROW_LIMIT rows."""
    names, found = _solutions(results)
    columns = [name for name in names if not (name.endswith("Label") and name.removesuffix("Label") in names)]
    rows = tuple(tuple(_cell(row, name, manifest) for name in columns) for row in found[:ROW_LIMIT])
    return Table(tuple(_words(name) for name in columns), rows, len(found) > ROW_LIMIT)


def _cell(row: dict[str, dict[str, str]], name: str, manifest: Manifest) -> Term | None:
    value, label = row.get(name), row.get(f"{name}Label")
    if value is None:
        return Term(label["value"], language=label.get("xml:lang", "")) if label else None
    if value["type"] != "uri":
        is_date = value.get("datatype") == PREFIXES["xsd"] + "date"
        return Term(value["value"], language=value.get("xml:lang", ""), is_date=is_date)
    iri = value["value"]
    text = label["value"] if label else compact(iri, manifest.base, manifest.prefixes)
    return Term(text, link(manifest.base, iri), iri, label.get("xml:lang", "") if label else "")


def _words(name: str) -> str:
    """``statedOn`` -> ``stated on``."""
    return "".join(f" {c.lower()}" if c.isupper() else c for c in name).strip()


class _Meta:
    """Asks about the publication."""

    def __init__(self, engine: Engine, manifest: Manifest) -> None:
        self._engine = engine
        self._graph = graph_iri(manifest.base, "meta")

    def rows(self, pattern: str) -> list[dict[str, dict[str, str]]]:
        declared = "".join(f"PREFIX {p}: <{PREFIXES[p]}>\n" for p in ("display", "dcterms", "rdfs", "sh"))
        return _select(self._engine, f"{declared} SELECT * {{ GRAPH <{self._graph}> {{ {pattern} }} }}")[1]


def _select(engine: Engine, text: str) -> tuple[list[str], list[dict[str, dict[str, str]]]]:
    return _solutions(engine.answer(Query(text, boolean=None, graph=None)).body)


def _solutions(results: bytes) -> tuple[list[str], list[dict[str, dict[str, str]]]]:
    answer: Any = json.loads(results)
    return answer["head"]["vars"], answer["results"]["bindings"]


def _order(asker: _Meta) -> dict[str, Order]:
    rows = asker.rows(
        "?shape sh:path ?path ; sh:order ?order . FILTER(isIRI(?path) && isNumeric(?order)) "
        "OPTIONAL { ?shape display:inverseLabel ?inverse . FILTER(LANG(?inverse) IN ('', 'en')) } "
        "OPTIONAL { ?shape sh:group ?group . ?group sh:order ?groupOrder ; rdfs:label ?label . "
        "FILTER(LANG(?label) IN ('', 'en') && isNumeric(?groupOrder)) }"
    )
    return {
        row["path"]["value"]: Order(
            float(row["groupOrder"]["value"]) if "groupOrder" in row else float("inf"),
            row["label"]["value"] if "label" in row else "",
            float(row["order"]["value"]),
            row["inverse"]["value"] if "inverse" in row else "",
        )
        for row in rows
    }


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


def _home(asker: _Meta, manifest: Manifest) -> Page | None:
    if manifest.home is None:
        return None
    home = f"<{manifest.home}>"
    sections = asker.rows(
        f"{home} display:section ?section . ?section display:query ?query ; display:view ?view ; sh:order ?order . "
        "?query sh:select ?text FILTER(isNumeric(?order))"
    )
    return Page(
        _by_language(asker, f"{home} dcterms:title ?text") or manifest.title,
        _by_language(asker, f"{home} dcterms:description ?text") or manifest.description,
        tuple(
            PageSection(
                row["query"]["value"],
                row["text"]["value"],
                row["view"]["value"],
                _by_language(asker, f"<{row['section']['value']}> rdfs:label ?text"),
            )
            for row in sorted(sections, key=lambda row: float(row["order"]["value"]))
        ),
    )


def _by_language(asker: _Meta, pattern: str) -> dict[str, str]:
    return {row["text"].get("xml:lang", ""): row["text"]["value"] for row in asker.rows(pattern)}


def _questions(asker: _Meta, manifest: Manifest) -> list[Question]:
    found: dict[str, Question] = {}
    for row in asker.rows("?question sh:select|sh:ask|sh:construct ?text ; rdfs:label ?label"):
        iri = row["question"]["value"]
        name = iri.removeprefix(manifest.base).rpartition("/")[2]
        question = found.setdefault(iri, Question(name, iri, {}, row["text"]["value"]))
        question.titles[row["label"].get("xml:lang", "")] = row["label"]["value"]
    return [found[iri] for iri in sorted(found)]
