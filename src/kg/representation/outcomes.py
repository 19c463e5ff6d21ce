"""What the project says about scenarios (``docs/display.md``): which variable is what, and which outcomes there are."""

from __future__ import annotations

from collections.abc import Sequence

from kg.representation.marks import read_shaped
from kg.representation.matrix import Mark, Step
from kg.representation.numerals import holds
from kg.representation.questions import Rows
from kg.representation.scenario import Outcome, Plan
from kg.terms import DISPLAY

_PARTS = {
    "holdsParameter": "holds",
    "failsParameter": "fails",
    **{
        f"{name}Variable": name
        for name in (
            *("outcome", "item", "row", "column", "mark", "step", "note", "needed"),
            *("minimum", "maximum", "unit", "remark"),
        )
    },
}


def read_plan(rows: Rows, section: str, marks: Sequence[Mark], steps: Sequence[Step]) -> Plan | None:
    """The plan of the scenario that a section (an IRI) shows.

    None if one of its two parameters, the outcome or the item is not told. ``rows`` answers a pattern over the
    publication's description; ``marks`` and ``steps`` are those of the project.
    """
    listed = " ".join(f"display:{part}" for part in _PARTS)
    named = {
        _PARTS[row["part"]["value"].removeprefix(str(DISPLAY))]: row["name"]["value"]
        for row in rows(f"VALUES ?part {{ {listed} }} <{section}> ?part ?name")
    }
    if not {"holds", "fails", "outcome", "item"} <= named.keys():
        return None
    totals = next((row["totals"]["value"] for row in rows(f"<{section}> display:totals ?totals")), "")
    return Plan(
        **named,
        totals=totals,
        outcomes=tuple(_outcomes(rows)),
        marks=tuple(marks),
        steps=tuple(steps),
    )


def _outcomes(rows: Rows) -> list[Outcome]:
    shaped = read_shaped(rows, "display:Outcome", "OPTIONAL { ?node display:undecided ?undecided }")
    return [Outcome(mark, holds(row, "undecided")) for mark, row in shaped]


def read_words(rows: Rows) -> dict[str, dict[str, str]]:
    """Texts of answers in other words, by language."""
    found: dict[str, dict[str, str]] = {}
    for row in rows("?node a display:Word ; display:value ?value ; rdfs:label ?label"):
        found.setdefault(row["value"]["value"], {})[row["label"].get("xml:lang", "")] = row["label"]["value"]
    return found
