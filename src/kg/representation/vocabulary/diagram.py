"""A drawing of an ontology: boxes for classes, arrows for the properties between them, with coordinates.

What is drawn is decided here (pure); where it stands is worked out by graphlay (layered layout, orthogonal arrows), the
same for the same ontology, and the names of arrows are then put on them. Kinds of a class stand in its box. Left out
are what says something a second time (computed properties) and links to concepts of schemes and to literals: the lists
beside the drawing have them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import graphlay
from rdflib import SKOS

from kg.representation.view import Term
from kg.representation.vocabulary.chapters import line
from kg.representation.vocabulary.model import Chapter, Entry, Vocabulary
from kg.representation.vocabulary.placing import Area, place

_LINE_HEIGHT = 18.0
_TEXT_HEIGHT = 15.0
_INDENT = 12
_GAP = 4.0
_PADDING = 10.0
_MARGIN = 14.0
_OPTIONS = {
    "direction": "topbottom",
    "spacing": {"layer_gap": 40.0, "node_gap": 20.0, "edge_label_margin": 6.0, "isolated_gap": 24.0},
}
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
    width: int
    height: int
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
    kinds = {top: _kinds(top, entries) if top in entries else [] for top in tops}
    sizes = [
        (max(_width(p.label.text) for p in properties) * _SMALL, len(properties) * _TEXT_HEIGHT)
        for properties in links.values()
    ]
    graph = graphlay.Graph()
    for top in tops:
        below = [_width(entry.label.text) + depth * _INDENT for entry, depth in kinds[top]]
        width = max([_width(names[top].text) * _BOLD, *below]) + 2 * _PADDING
        graph.node(top, width=width, height=(len(below) + 1) * _LINE_HEIGHT + _PADDING)
    for (source, target), (width, height) in zip(links, sizes, strict=True):
        graph.edge(source, target, label_size={"width": width, "height": height})
    canvas = _Canvas(graphlay.layout(graph, preset="layered", options=_OPTIONS), sizes)
    lines = [[(names[top], 0), *((entry.label, depth) for entry, depth in kinds[top])] for top in tops]
    boxes = tuple(canvas.boxes(lines, [top not in here for top in tops]))
    return Diagram(anchor, title, *canvas.size, boxes, tuple(canvas.arrows(links.values())))


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

    def __init__(self, placed: graphlay.Layout, sizes: list[tuple[float, float]]) -> None:
        self._boxes = [
            Area(n["center"]["x"], n["center"]["y"], n["size"]["width"], n["size"]["height"]) for n in placed.nodes
        ]
        self._paths = [[(p["x"], p["y"]) for p in edge["points"]] for edge in placed.edges]
        loops = {n: edge for n, edge in enumerate(placed.edges) if edge["kind"] == "selfloop"}
        beside = [_beside(loops[n], sizes[n]) if n in loops else None for n in range(len(sizes))]
        others = [n for n in range(len(sizes)) if n not in loops]
        fixed = [*self._boxes, *(area for area in beside if area)]
        names = dict(
            zip(others, place([self._paths[n] for n in others], [sizes[n] for n in others], fixed), strict=True)
        )
        self._names = [area or names[n] for n, area in enumerate(beside)]
        areas = [*self._boxes, *self._names]
        points = [point for path in self._paths for point in path]
        self._left = min(*(a.x - a.width / 2 for a in areas), *(x for x, _ in points)) - _MARGIN
        self._top = min(*(a.y - a.height / 2 for a in areas), *(y for _, y in points)) - _MARGIN
        self._right = max(*(a.x + a.width / 2 for a in areas), *(x for x, _ in points)) + _MARGIN
        self._bottom = max(*(a.y + a.height / 2 for a in areas), *(y for _, y in points)) + _MARGIN

    def boxes(self, lines: list[list[tuple[Term, int]]], outside: list[bool]) -> Iterator[Box]:
        for area, texts, is_outside in zip(self._boxes, lines, outside, strict=True):
            x, y = area.x - area.width / 2 - self._left, area.y - area.height / 2 - self._top
            rows = tuple(
                Row(name, depth, x + _PADDING + depth * _INDENT, y + _PADDING / 2 + number * _LINE_HEIGHT + 13)
                for number, (name, depth) in enumerate(texts)
            )
            yield Box(round(x, 1), round(y, 1), round(area.width, 1), area.height, rows, is_outside)

    def arrows(self, links: Iterable[list[Entry]]) -> Iterator[Arrow]:
        for path, area, properties in zip(self._paths, self._names, links, strict=True):
            drawn = "M" + " ".join(f"{x - self._left:.4g} {y - self._top:.4g}" for x, y in path)
            names = tuple(entry.label for entry in properties)
            top = area.y - self._top - (len(names) - 1) * _TEXT_HEIGHT / 2 + 4
            yield Arrow(drawn, names, round(area.x - self._left, 1), round(top, 1))

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return round(self._right - self._left), round(self._bottom - self._top)


def _beside(loop: Mapping[str, Any], size: tuple[float, float]) -> Area:
    """Where the name of an arrow from a box to itself stands: next to its outermost line."""
    width, height = size
    xs, ys = [p["x"] for p in loop["points"]], [p["y"] for p in loop["points"]]
    x, y = sum(xs) / len(xs), sum(ys) / len(ys)
    return {
        "right": Area(max(xs) + _GAP + width / 2, y, width, height),
        "left": Area(min(xs) - _GAP - width / 2, y, width, height),
        "top": Area(x, min(ys) - _GAP - height / 2, width, height),
        "bottom": Area(x, max(ys) + _GAP + height / 2, width, height),
    }[loop["source_port"]["side"]]
