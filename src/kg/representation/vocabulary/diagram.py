"""A drawing of an ontology: boxes for classes, arrows for the properties between them, with coordinates.

What is drawn is decided here (pure); where it stands is worked out by graphlay (layered layout, orthogonal arrows), the
same for the same ontology. Kinds of a class stand in its box. Left out are what says something a second time (derived
properties, inverses) and links from a class to concepts of schemes and to literals: the lists beside the drawing have them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import graphlay
from rdflib import SKOS

from kg.representation.view import Term
from kg.representation.vocabulary.chapters import line
from kg.representation.vocabulary.model import Chapter, Entry, Vocabulary

_LINE_HEIGHT = 18.0
_TEXT_HEIGHT = 15.0
_INDENT = 12
_PADDING = 10.0
_MARGIN = 14.0
_OPTIONS = {"direction": "topbottom", "spacing": {"layer_gap": 30.0, "node_gap": 20.0, "edge_label_margin": 6.0}}
# Widths of characters in the widest of the usual sans-serif fonts at 13 pixels: too wide is better than too narrow.
_NARROW, _WIDE = "fijlrt ,.()|'I", "mwMWÄÖÜABCDGHNOQRU"
_BOLD, _SMALL = 1.14, 0.94
# A property on more classes than these is left out of the overview: its arrows would hide the others.
_SHARED = 2


@dataclass(frozen=True)
class Row:
    """A line of text in a box: the name of a class, how deep it stands below the class of the box, and its height."""

    name: Term
    depth: int
    x: float
    y: float


@dataclass(frozen=True)
class Box:
    """A class with its kinds; ``outside`` if it is told elsewhere."""

    x: float
    y: float
    width: float
    height: float
    rows: tuple[Row, ...]
    outside: bool


@dataclass(frozen=True)
class Arrow:
    """The properties from one box to another: an SVG path, and their names where the text is to stand."""

    path: str
    names: tuple[Term, ...]
    x: float
    y: float


@dataclass(frozen=True)
class Diagram:
    """A drawing; ``anchor`` tells it from others on the page, ``title`` is by language."""

    anchor: str
    title: dict[str, str]
    width: float
    height: float
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


def overview(vocabulary: Vocabulary) -> Diagram | None:
    """The whole ontology, properties between the same two classes on one arrow; None if there is nothing to link."""
    few = [entry for entry in vocabulary.entries if not (entry.observed and len(entry.domains) > _SHARED)]
    return _drawn(vocabulary, few, "diagram", {"en": "All classes", "de": "Alle Klassen"})


def of_chapter(vocabulary: Vocabulary, chapter: Chapter) -> Diagram | None:
    """One chapter: its classes and what they are linked to; None if there is nothing to link."""
    return _drawn(vocabulary, chapter.entries, f"diagram-{chapter.anchor}", chapter.titles)


def _drawn(vocabulary: Vocabulary, told: Collection[Entry], anchor: str, title: dict[str, str]) -> Diagram | None:
    entries = {entry.iri: entry for entry in vocabulary.entries}
    names = {iri: entry.label for iri, entry in entries.items()} | {t.iri: t for t, _, _ in vocabulary.reused}
    links = _links(told, entries, names)
    here = {_top(entry.iri, entries) for entry in told if entry.is_class}
    tops = sorted(here | {iri for pair in links for iri in pair})
    if not links:
        return None
    graph = graphlay.Graph()
    kinds = {top: _kinds(top, entries) if top in entries else [] for top in tops}
    for top in tops:
        below = [_width(entry.label.text) + depth * _INDENT for entry, depth in kinds[top]]
        width = max([_width(names[top].text) * _BOLD, *below]) + 2 * _PADDING
        graph.node(top, width=width, height=(len(below) + 1) * _LINE_HEIGHT + _PADDING)
    for (source, target), properties in links.items():
        size = {
            "width": max(_width(p.label.text) for p in properties) * _SMALL,
            "height": len(properties) * _TEXT_HEIGHT,
        }
        graph.edge(source, target, label_size=size)
    placed = graphlay.layout(graph, preset="layered", options=_OPTIONS)
    return _Canvas(placed, anchor, title).diagram(tops, names, kinds, links, here)


def _links(
    told: Iterable[Entry], entries: Mapping[str, Entry], names: Mapping[str, Term]
) -> dict[tuple[str, str], list[Entry]]:
    found: dict[tuple[str, str], list[Entry]] = {}
    coded = any(entry.is_class for entry in entries.values())
    for entry in told:
        if entry.kind != "Object property" or entry.derived:
            continue
        for domain in entry.domains:
            for target in entry.ranges:
                if domain in names and target in names and not (coded and target == str(SKOS.Concept)):
                    pair = _top(domain, entries), _top(target, entries)
                    found.setdefault(pair, [])
                    if entry not in found[pair]:
                        found[pair].append(entry)
    return found


def _top(iri: str, entries: Mapping[str, Entry]) -> str:
    """The uppermost of the ontology's own classes above a class."""
    return [above for above in line(iri, entries) if above in entries or above == iri][-1]


def _kinds(top: str, entries: Mapping[str, Entry]) -> list[tuple[Entry, int]]:
    found: list[tuple[Entry, int]] = []

    def add(iri: str, depth: int) -> None:
        below = sorted((e for e in entries.values() if iri in e.supers), key=lambda e: e.label.text.casefold())
        for entry in below:
            if entry not in [known for known, _ in found]:
                found.append((entry, depth))
                add(entry.iri, depth + 1)

    add(top, 1)
    return found


def _width(text: str) -> float:
    return sum(5.0 if c in _NARROW else 11.5 if c in _WIDE else 8.0 for c in text)


class _Canvas:
    """A layout whose coordinates are moved so that nothing is negative."""

    def __init__(self, placed: graphlay.Layout, anchor: str, title: dict[str, str]) -> None:
        self._placed = placed
        self._anchor, self._title = anchor, title
        low, high = placed.bounds["min"], placed.bounds["max"]
        self._left, self._top = low["x"] - _MARGIN, low["y"] - _MARGIN
        self._width, self._height = high["x"] - low["x"] + 2 * _MARGIN, high["y"] - low["y"] + 2 * _MARGIN

    def diagram(
        self,
        tops: list[str],
        names: Mapping[str, Term],
        kinds: Mapping[str, list[tuple[Entry, int]]],
        links: Mapping[tuple[str, str], list[Entry]],
        here: Collection[str],
    ) -> Diagram:
        boxes = []
        for top, node in zip(tops, self._placed.nodes, strict=True):
            width, height = node["size"]["width"], node["size"]["height"]
            x, y = node["center"]["x"] - width / 2 - self._left, node["center"]["y"] - height / 2 - self._top
            lines = [(names[top], 0), *((entry.label, depth) for entry, depth in kinds[top])]
            rows = tuple(
                Row(name, depth, x + _PADDING + depth * _INDENT, y + _PADDING / 2 + number * _LINE_HEIGHT + 13)
                for number, (name, depth) in enumerate(lines)
            )
            boxes.append(Box(round(x, 1), round(y, 1), round(width, 1), height, rows, top not in here))
        arrows = [
            self._arrow(edge, properties) for edge, properties in zip(self._placed.edges, links.values(), strict=True)
        ]
        return Diagram(self._anchor, self._title, round(self._width), round(self._height), tuple(boxes), tuple(arrows))

    def _arrow(self, edge: dict[str, object], properties: list[Entry]) -> Arrow:
        points = [(p["x"] - self._left, p["y"] - self._top) for p in edge["points"]]  # type: ignore[attr-defined]
        anchor = edge["label_anchor"] or {"x": points[0][0] + self._left, "y": points[0][1] + self._top}
        path = "M" + " ".join(f"{x:.1f} {y:.1f}" for x, y in points)
        names = tuple(entry.label for entry in properties)
        top = anchor["y"] - self._top - (len(names) - 1) * _TEXT_HEIGHT / 2 + 4  # type: ignore[index]
        return Arrow(path, names, round(anchor["x"] - self._left, 1), round(top, 1))  # type: ignore[index]
