"""What the project says about matrices (``docs/display.md``): which variable is what, and which marks there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from kg.engine.solutions import Row
from kg.representation.matrix import PLAIN, Layout, Mark, Step
from kg.terms import DISPLAY, SHAPES

Rows = Callable[[str], list[Row]]
_TRUTHS = ("true", "false")


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
    regions = sorted(row["region"]["value"] for row in rows(f"<{section}> display:regionProperty ?region"))
    return Layout(
        **named,
        region=regions[0] if regions else "",
        columns=tuple(read_lists(rows, f"VALUES ?section {{ <{section}> }}", "display:columns").get(section, ())),
        marks=tuple(mark for mark in marks if mark.value not in _TRUTHS),
        steps=tuple(steps),
        step_words=words["display:stepLabel"],
        note_words=words["display:noteLabel"],
        usual=names.get("usualRemark", ""),
        remark_words=words["display:remarkLabel"],
    )


def read_lists(rows: Rows, pattern: str, path: str) -> dict[str, list[str]]:
    """The members, in their order, of the list that each ?section of a pattern has by a property.

    A member has as many cells before it, its own included, as its place says.
    """
    places: dict[str, Counter[str]] = {}
    for row in rows(
        f"{pattern} ?section {path} ?list . ?list rdf:rest* ?before . ?before rdf:rest* ?cell . ?cell rdf:first ?member"
    ):
        places.setdefault(row["section"]["value"], Counter())[row["member"]["value"]] += 1
    return {section: sorted(members, key=lambda member: members[member]) for section, members in places.items()}


def read_marks(rows: Rows) -> list[Mark]:
    """The project's marks in their order; those of truth values are for tables only."""
    found: dict[str, Mark] = {}
    for row in described(rows, "display:Mark", "OPTIONAL { ?node display:shape ?shape }"):
        shape = row["shape"]["value"].removeprefix(str(DISPLAY)) if "shape" in row else PLAIN
        mark = found.setdefault(
            row["value"]["value"], Mark(row["value"]["value"], shape if shape in SHAPES else PLAIN, {}, {})
        )
        learn(row, mark.words, mark.says)
    return list(found.values())


def read_steps(rows: Rows) -> list[Step]:
    """The project's steps in their order."""
    found: dict[str, Step] = {}
    for row in described(rows, "display:Step"):
        value = row["value"]["value"]
        learn(row, found.setdefault(value, Step(value, round(float(row["order"]["value"])), {})).words, {})
    return list(found.values())


def described(rows: Rows, kind: str, more: str = "") -> list[Row]:
    """Nodes of a kind that stand for a value, in their order, with each of their words."""
    found = rows(
        f"?node a {kind} ; display:value ?value ; sh:order ?order FILTER(isNumeric(?order)) {more} "
        "{ ?node rdfs:label ?label } UNION { ?node dcterms:description ?says }"
    )
    return sorted(found, key=lambda row: (float(row["order"]["value"]), row["value"]["value"]))


def learn(row: Row, words: dict[str, str], says: dict[str, str]) -> None:
    """Note the words of a row that ``described`` gave, by language."""
    for texts, name in ((words, "label"), (says, "says")):
        if name in row:
            texts[row[name].get("xml:lang", "")] = row[name]["value"]
