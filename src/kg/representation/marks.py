"""What the project says about matrices (``docs/display.md``): which variable is what, and which marks there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from kg.engine.solutions import Row
from kg.representation.matrix import PLAIN, Layout, Mark, Step
from kg.representation.numerals import count, place
from kg.representation.questions import Rows
from kg.terms import DISPLAY, SHAPES

_TRUTHS = ("true", "false")
# A step is drawn as so many dots.
MOST_STEPS = 20
THINGS = "isIRI(?member)"


def read_layout(rows: Rows, section: str, marks: Sequence[Mark], steps: Sequence[Step]) -> Layout | None:
    """The layout of the matrix that a section (an IRI) shows; None if a row, column or item is not told.

    ``rows`` answers a pattern over the publication's description; ``marks`` and ``steps`` are those of the project.
    """
    names = {
        row["part"]["value"].removeprefix(str(DISPLAY)): row["name"]["value"]
        for row in rows(
            "VALUES ?part { display:rowVariable display:columnVariable display:itemVariable display:markVariable "
            "display:stepVariable display:noteVariable display:remarkVariable display:usualRemark } "
            f"<{section}> ?part ?name"
        )
    }
    parts = ("row", "column", "item", "mark", "step", "note", "remark")
    named = {part: names.get(f"{part}Variable", "") for part in parts}
    if not (named["row"] and named["column"] and named["item"]):
        return None
    words: dict[str, dict[str, str]] = {"display:stepLabel": {}, "display:noteLabel": {}, "display:remarkLabel": {}}
    for name, texts in words.items():
        for row in rows(f"<{section}> {name} ?text"):
            texts[row["text"].get("xml:lang", "")] = row["text"]["value"]
    told = rows(f"<{section}> display:regionProperty ?region FILTER(isIRI(?region))")
    regions = sorted(row["region"]["value"] for row in told)
    return Layout(
        **named,
        region=regions[0] if regions else "",
        columns=tuple(read_list(rows, section, "display:columns", THINGS)),
        marks=tuple(mark for mark in marks if mark.value not in _TRUTHS),
        steps=tuple(steps),
        step_words=words["display:stepLabel"],
        note_words=words["display:noteLabel"],
        usual=names.get("usualRemark", ""),
        remark_words=words["display:remarkLabel"],
    )


def read_lists(rows: Rows, pattern: str, path: str, only: str = "true") -> dict[str, list[str]]:
    """The members, in their order, of the list that each ?section of a pattern has by a property.

    A member has as many cells before it, its own included, as its place says. ``only`` is a condition on ?member.
    """
    places: dict[str, Counter[str]] = {}
    for row in rows(
        f"{pattern} ?section {path} ?list . ?list rdf:rest* ?before . ?before rdf:rest* ?cell . "
        f"?cell rdf:first ?member FILTER({only})"
    ):
        places.setdefault(row["section"]["value"], Counter())[row["member"]["value"]] += 1
    return {section: sorted(members, key=lambda member: members[member]) for section, members in places.items()}


def read_list(rows: Rows, section: str, path: str, only: str = "true") -> list[str]:
    """The members, in their order, of the list that one section (an IRI) has by a property; as ``read_lists``."""
    return read_lists(rows, f"VALUES ?section {{ <{section}> }}", path, only).get(section, [])


def read_marks(rows: Rows) -> list[Mark]:
    """The project's marks in their order; those of truth values are for tables only."""
    return [mark for mark, _ in read_shaped(rows, "display:Mark")]


def read_shaped(rows: Rows, kind: str, more: str = "") -> list[tuple[Mark, Row]]:
    """What is of a kind and has a shape, in its order, each with a row of what ``more`` matches."""
    found: dict[str, tuple[Mark, Row]] = {}
    for row in _described(rows, kind, f"OPTIONAL {{ ?node display:shape ?shape }} {more}"):
        value = row["value"]["value"]
        shape = row["shape"]["value"].removeprefix(str(DISPLAY)) if "shape" in row else PLAIN
        mark, _ = found.setdefault(value, (Mark(value, shape if shape in SHAPES else PLAIN, {}, {}), row))
        _learn(row, mark.words, mark.says)
    return list(found.values())


def read_steps(rows: Rows) -> list[Step]:
    """The project's steps in their order, without those whose order is no number from 1 to MOST_STEPS."""
    found: dict[str, Step] = {}
    for row in _described(rows, "display:Step"):
        value, number = row["value"]["value"], count(row, "order")
        if number is not None and number <= MOST_STEPS:
            _learn(row, found.setdefault(value, Step(value, number, {})).words, {})
    return list(found.values())


def _described(rows: Rows, kind: str, more: str = "") -> list[Row]:
    """Nodes of a kind that stand for a value, in their order, with each of their words."""
    found = rows(
        f"?node a {kind} ; display:value ?value ; sh:order ?order FILTER(isNumeric(?order)) {more} "
        "{ ?node rdfs:label ?label } UNION { ?node dcterms:description ?says }"
    )
    return sorted(found, key=lambda row: (place(row, "order"), row["value"]["value"]))


def _learn(row: Row, words: dict[str, str], says: dict[str, str]) -> None:
    """Note the words of a row that ``_described`` gave, by language."""
    for texts, name in ((words, "label"), (says, "says")):
        if name in row:
            texts[row[name].get("xml:lang", "")] = row[name]["value"]
