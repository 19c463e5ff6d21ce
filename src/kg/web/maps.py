"""A matrix as a map: which column is on it, at which address, in the reader's words (``display:regionProperty``)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from kg.errors import QueryError
from kg.messages import Message
from kg.representation.display import MAP, PageSection
from kg.representation.matrix import Entry, Layout, Matrix
from kg.representation.parameters import Choice, Field, meant, short
from kg.representation.regional import Regional, codes_of, regional
from kg.representation.statements import Statements
from kg.representation.view import Term
from kg.terms import in_language
from kg.web import lasting
from kg.web.language import labels_for, reader, told
from kg.web.site import Site

VIEW, COLUMN = "view", "column"
_TABLE, _MAP = "table", "map"
VIEWS = {_TABLE: Message("Table"), _MAP: Message("Map")}


@dataclass(frozen=True)
class View:
    """A way to show a matrix: its value in an address, its name, the address, and whether it is this one."""

    value: str
    name: str
    href: str
    here: bool


@dataclass(frozen=True)
class Mapped:
    """A column of a matrix on maps; ``field`` chooses the column, and has a problem if there is none such.

    ``nothing`` says in the reader's words that the column has nothing for a thing.
    """

    field: Field
    column: Term | None
    regional: Regional | None
    nothing: str


def views(
    section: PageSection, layout: Layout, given: Mapping[str, str], address: Callable[[Mapping[str, str]], str]
) -> tuple[View, ...]:
    """The ways to show a matrix; none if it has no map. ``address`` makes the address of the page with values."""
    if not layout.region:
        return ()
    here = _MAP if is_map(section, layout, given) else _TABLE
    # The way that needs no word has none.
    values = {_TABLE: _TABLE, _MAP: ""} if section.view == MAP else {_TABLE: "", _MAP: _MAP}
    return tuple(
        View(
            values[name],
            VIEWS[name],
            address({VIEW: values[name], COLUMN: given.get(COLUMN, "") if name == _MAP else ""}),
            name == here,
        )
        for name in (_TABLE, _MAP)
    )


def is_map(section: PageSection, layout: Layout, given: Mapping[str, str]) -> bool:
    """True if the section is to be shown as a map."""
    wanted = given.get(VIEW) or (_MAP if section.view == MAP else _TABLE)
    return bool(layout.region) and wanted == _MAP


def mapped(site: Site, layout: Layout, matrix: Matrix, given: Mapping[str, str], *, filtered: bool) -> Mapped:
    """A matrix as a map of the column that is given, else of the fullest. ``filtered``: values were chosen."""
    columns = _columns(site, layout, matrix)
    counts = {top.key: sum(row.cells[n] is not None for row in matrix.rows) for n, top in enumerate(matrix.columns)}
    typed = given.get(COLUMN, "").strip()
    base = site.manifest.base
    fullest = sorted(columns, key=lambda top: -counts.get(top.key, 0))
    wanted = meant(base, [top.key for top in columns], typed) if typed else [top.key for top in fullest[:1]]
    column = next((top for top in columns if [top.key] == wanted), None)
    problem = ""
    if typed and len(wanted) > 1:
        names = ", ".join(short(base, iri) for iri in wanted)
        problem = Message("“%(given)s” can mean %(meant)s.", given=typed, meant=names)
    elif typed and not wanted:
        problem = Message("“%(given)s” is not known here.", given=typed)
    choices = tuple(Choice(short(base, top.key), f"{top.text} ({counts.get(top.key, 0)})") for top in columns)
    value = short(base, column.key) if column else typed
    says = {reader().language: told(Message("on the map"))}
    field = Field(COLUMN, says, "choice", value, choices, problem)
    nothing = told(Message("nothing with these values") if filtered else Message("nothing recorded"))
    if column is None:
        return Mapped(field, None, None, nothing)
    found = codes(site, (row.head.iri for row in matrix.rows if row.head.iri), [layout.region])
    drawn = regional(matrix, column.key, found, lambda head, of: _said(head, of, nothing))
    return Mapped(field, column, drawn, nothing)


def _columns(site: Site, layout: Layout, matrix: Matrix) -> list[Term]:
    """The columns that can be chosen: those that the project names, and what else the answer has.

    So the choice stays the same while the day moves, be the column empty on it or not.
    """
    known = {top.key: top for top in matrix.columns}
    missing = [iri for iri in layout.columns if iri not in known]
    if missing:
        labels = labels_for(site)
        labels.learn(Statements(site.answers, site.manifest).labels(missing))
        known |= {iri: labels.term(iri) for iri in missing}
    return [known[iri] for iri in dict.fromkeys([*layout.columns, *known])]


def codes(site: Site, things: Iterable[str], properties: Sequence[str] | None = None) -> dict[str, list[str]]:
    """The codes of countries that things have by the properties, else by all that the project tells; or none."""
    by = site.display.regions if properties is None else properties
    try:
        return codes_of(site.answers, by, things) if by else {}
    except QueryError as error:
        lasting.missing("a map", error)
        return {}


def _said(head: Term, entries: Sequence[Entry], nothing: str) -> str:
    if not entries:
        return f"{head.text}: {nothing}"
    languages = reader().languages
    steps = dict.fromkeys(in_language(entry.step.words, languages) for entry in entries if entry.step)
    firm = f" ({', '.join(steps)})" if steps else ""
    return f"{head.text}: {in_language(entries[0].mark.words, languages)}{firm}"
