"""What the project says about the pages of things of a class: which questions about a thing its page answers, and how.

A node shape of ``ontology/display.ttl`` has ``display:section``; the section's ``display:thisParameter`` names the
parameter of the question that the page's thing is put in for (``docs/display.md``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from kg.representation.marks import THINGS, read_list, read_lists
from kg.representation.numerals import count, place
from kg.representation.questions import Rows
from kg.terms import DISPLAY, PREFIXES

_D = str(DISPLAY)
_OF_A_CLASS = "?shape sh:targetClass ?class ; display:section ?section ."
# The variables that a section names, by what they are for.
_VARIABLES = ("row", "column", "item", "mark", "step", "note", "remark", "from", "earliest", "until", "previous")


@dataclass(frozen=True)
class Column:
    """A column of a table: the variable that it shows, its heading by language, and what it shows ``otherwise``."""

    name: str
    titles: dict[str, str] = field(hash=False)
    otherwise: str = ""


@dataclass(frozen=True)
class ThingSection:
    """A question that is answered on the page of a thing, and how: all that the project says of it.

    ``question`` is an IRI, ``parameter`` the name that the thing is given for, ``view`` an IRI. ``variables`` are by
    what they are for ("item", "mark" ...). ``first`` are IRIs of what stands first (columns, lanes). ``wording`` is the
    sentence of ``display:sentence``; ``empty`` is said when the answer is; without it the section is left out then. A
    remark that is ``usual`` is not shown.
    """

    iri: str
    question: str
    parameter: str
    view: str
    order: float
    rows: int | None = None
    titles: dict[str, str] = field(default_factory=dict, hash=False)
    descriptions: dict[str, str] = field(default_factory=dict, hash=False)
    empty: dict[str, str] = field(default_factory=dict, hash=False)
    wording: dict[str, str] = field(default_factory=dict, hash=False)
    step_words: dict[str, str] = field(default_factory=dict, hash=False)
    note_words: dict[str, str] = field(default_factory=dict, hash=False)
    variables: dict[str, str] = field(default_factory=dict, hash=False)
    first: tuple[str, ...] = ()
    columns: tuple[Column, ...] = ()
    usual: str = ""

    def variable(self, part: str) -> str:
        """The variable that is ``part`` of the view, "" if none is."""
        return self.variables.get(part, "")


@dataclass(frozen=True)
class Sections:
    """The sections of pages of things by the IRI of their class."""

    by_class: dict[str, tuple[ThingSection, ...]] = field(default_factory=dict, hash=False)

    def of(self, classes: Iterable[str]) -> list[ThingSection]:
        """The sections for a thing of these classes, each once, in their order."""
        found = {section.iri: section for name in classes for section in self.by_class.get(name, ())}
        return sorted(found.values(), key=lambda section: (section.order, section.iri))


def read_sections(rows: Rows) -> Sections:
    """Read the sections of node shapes; ``rows`` answers a pattern over the publication's description."""
    found = rows(
        "?shape sh:targetClass ?class ; display:section ?section . ?section display:query ?query ; "
        "display:view ?view ; display:thisParameter ?parameter ; sh:order ?order FILTER(isNumeric(?order)) "
        "OPTIONAL { ?section display:rows ?rows FILTER(isNumeric(?rows)) }"
    )
    if not found:
        return Sections()
    texts = _texts(rows)
    first = read_lists(rows, _OF_A_CLASS, "display:columns", THINGS)
    shown = read_lists(rows, _OF_A_CLASS, "display:shows")
    headings = _headings(rows)
    by_class: dict[str, dict[str, ThingSection]] = {}
    for row in found:
        iri = row["section"]["value"]
        said = texts.get(iri, {})
        variables = {part: _plain(said.get(f"{_D}{part}Variable", {})) for part in _VARIABLES}
        by_class.setdefault(row["class"]["value"], {})[iri] = ThingSection(
            iri,
            row["query"]["value"],
            row["parameter"]["value"],
            row["view"]["value"],
            place(row, "order"),
            count(row, "rows"),
            titles=said.get(PREFIXES["rdfs"] + "label", {}),
            descriptions=said.get(PREFIXES["dcterms"] + "description", {}),
            empty=said.get(f"{_D}whenEmpty", {}),
            wording=said.get(f"{_D}wording", {}),
            step_words=said.get(f"{_D}stepLabel", {}),
            note_words=said.get(f"{_D}noteLabel", {}),
            variables={part: name for part, name in variables.items() if name},
            first=tuple(first.get(iri, ())),
            columns=tuple(headings[column] for column in shown.get(iri, ()) if column in headings),
            usual=_plain(said.get(f"{_D}usualRemark", {})),
        )
    return Sections({name: tuple(sections.values()) for name, sections in by_class.items()})


def _plain(texts: Mapping[str, str]) -> str:
    return next(iter(texts.values()), "")


def _texts(rows: Rows) -> dict[str, dict[str, dict[str, str]]]:
    """What is said in literals: by section, by property, by language."""
    found: dict[str, dict[str, dict[str, str]]] = {}
    for row in rows(f"{_OF_A_CLASS} ?section ?part ?text FILTER(isLiteral(?text))"):
        texts = found.setdefault(row["section"]["value"], {}).setdefault(row["part"]["value"], {})
        texts[row["text"].get("xml:lang", "")] = row["text"]["value"]
    return found


def read_columns(rows: Rows, section: str) -> tuple[Column, ...]:
    """The columns that a section (an IRI) of a page shows, in their order; none if it does not tell."""
    listed = read_list(rows, section, "display:shows")
    headings = _headings(rows) if listed else {}
    return tuple(headings[column] for column in listed if column in headings)


def _headings(rows: Rows) -> dict[str, Column]:
    found: dict[str, Column] = {}
    for row in rows(
        "?column display:variable ?name OPTIONAL { ?column rdfs:label ?label } "
        "OPTIONAL { ?column display:otherwise ?other }"
    ):
        other = row["other"]["value"] if "other" in row else ""
        column = found.setdefault(row["column"]["value"], Column(row["name"]["value"], {}, other))
        if "label" in row:
            column.titles[row["label"].get("xml:lang", "")] = row["label"]["value"]
    return found
