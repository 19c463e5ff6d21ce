"""A document -> what a page shows: groups of properties in a reader's order, with labels and links.

Which property stands where is said by the project in ``ontology/display.ttl``: a ``sh:PropertyShape`` with ``sh:path``,
``sh:order`` and ``sh:group`` (SHACL, section 2.3.2). What is not mentioned there follows in alphabetical order; what is
marked ``display:hidden`` is left to the data formats.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

import pyoxigraph as ox

from kg.representation.document import Document
from kg.terms import DATES, INTEGERS, PREFIXES, in_language, local_path, whole

_TYPE = PREFIXES["rdf"] + "type"
# Characters of a value in a table; longer ones stand whole on the page of the thing, and in the data.
_LONG = 2_000


@dataclass(frozen=True)
class Term:
    """A value as a page shows it. ``href`` leads on, on this site or elsewhere; ``language`` is a BCP 47 tag.

    ``kind`` is what XML Schema calls the datatype of a date or number, which a page writes in its reader's way. If the
    text is only the beginning of the value, ``whole`` is the number of characters of all of it, else 0.
    """

    text: str
    href: str = ""
    iri: str = ""
    language: str = ""
    datatype: str = ""
    kind: str = ""
    whole: int = 0

    @property
    def key(self) -> str:
        """What tells it from others: its IRI, or its text."""
        return self.iri or self.text


def few_of(rows: Iterable[Row], most: int, values: int, page: str = "") -> list[tuple[Term, tuple[Term, ...], int]]:
    """The first rows with so many of their first ``values``, and how many more values there are (below 0: none).

    On another page than the thing's own, parts of it have their places on its ``page``.
    """

    def placed(value: Term) -> Term:
        return dataclasses.replace(value, href=page + value.href) if value.href.startswith("#") else value

    return [(row.name, tuple(map(placed, row.values[:values])), len(row.values) - values) for row in islice(rows, most)]


def clipped(text: str, most: int) -> str:
    """A text of at most so many characters; of a longer one the beginning, and a sign that there is more."""
    return text if len(text) <= most else text[:most] + "…"


def shortened(term: Term | None) -> Term | None:
    """A value as it can stand among many others: of a very long text the beginning, and no link to a very long IRI."""
    if term is None or max(len(term.text), len(term.iri)) <= _LONG:
        return term
    text = term.iri if len(term.iri) > _LONG else term.text
    return Term(text[:_LONG], language=term.language, whole=len(text))


def link(base: str, iri: str) -> str:
    """Where a page leads to for an IRI: on this site or elsewhere; "" for what a browser had better not follow."""
    return local_path(base, iri) or (iri if iri.startswith(("http:", "https:", "mailto:")) else "")


@dataclass(frozen=True)
class Row:
    """One property and its values; the ``others`` are texts in languages that the reader does not want."""

    name: Term
    values: tuple[Term, ...]
    others: tuple[Term, ...] = ()

    @property
    def every(self) -> tuple[Term, ...]:
        """All values, those for the reader first."""
        return self.values + self.others

    @property
    def foreign(self) -> int:
        """How many languages the others are in."""
        return len({value.language for value in self.others})


@dataclass(frozen=True)
class Group:
    """Properties that belong together; ``order`` is its place among others."""

    title: str
    rows: tuple[Row, ...]
    order: float = float("inf")


@dataclass(frozen=True)
class Section:
    """What is said of one subject: the thing itself (``anchor`` is empty) or a part of it.

    ``short`` is its CURIE, ``names`` are its names in languages other than that of the title.
    """

    anchor: str
    title: Term
    short: str
    names: tuple[Term, ...]
    types: tuple[Term, ...]
    groups: tuple[Group, ...]

    @property
    def rows(self) -> tuple[Row, ...]:
        """All properties, whatever their group."""
        return tuple(row for group in self.groups for row in group.rows)


@dataclass(frozen=True)
class PartTable:
    """Parts of one class side by side: properties as columns, a line for each part."""

    title: Term
    columns: tuple[Term, ...]
    parts: tuple[Section, ...]

    def cells(self, part: Section) -> list[Row | None]:
        """What a part has in each column."""
        rows = {row.name: row for row in part.rows}
        return [rows.get(column) for column in self.columns]


@dataclass(frozen=True)
class View:
    """A whole page about a thing."""

    sections: tuple[Section, ...]
    tables: tuple[PartTable, ...]
    incoming: tuple[Row, ...]


@dataclass(frozen=True)
class Order:
    """Where a property stands: the order and title of its group, its order inside, and how it reads backwards.

    One that is ``hidden`` stands on no page. ``groups`` and ``inverses`` have the two texts by language.
    """

    group_order: float = float("inf")
    group: str = ""
    order: float = float("inf")
    inverse: str = ""
    hidden: bool = False
    groups: Mapping[str, str] = field(default_factory=dict, hash=False)
    inverses: Mapping[str, str] = field(default_factory=dict, hash=False)

    def told(self, languages: Iterable[str]) -> Order:
        """The same in the first of the languages that there is."""
        wanted = (*languages,)
        group = in_language(self.groups, wanted) or self.group
        inverse = in_language(self.inverses, wanted) or self.inverse
        return dataclasses.replace(self, group=group, inverse=inverse)


@dataclass(frozen=True)
class Labels:
    """Finds the name of a thing in the reader's languages."""

    base: str
    prefixes: dict[str, str]
    properties: Sequence[str]
    languages: Sequence[str]
    known: dict[str, dict[str, str]] = field(default_factory=dict)

    def learn(self, triples: Iterable[ox.Triple]) -> None:
        """Take in the label statements among ``triples``; of several label properties the first listed wins."""
        for prop in reversed(self.properties):
            for t in triples:
                if (
                    t.predicate.value == prop
                    and isinstance(t.object, ox.Literal)
                    and isinstance(t.subject, ox.NamedNode)
                ):
                    self.known.setdefault(t.subject.value, {})[t.object.language or ""] = t.object.value

    def term(self, iri: str) -> Term:
        """The thing's name with a link to it; without a name, a readable form of its IRI."""
        href = link(self.base, iri)
        found = self.known.get(iri, {})
        for language in (*self.languages, "", *found):
            if language in found:
                return Term(found[language], href, iri, language)
        if (parent := whole(iri)) != iri and parent in self.known:
            return Term(f"{self.term(parent).text}: {_fragment_words(iri)}", href, iri)
        return Term(self.short(iri), href, iri)

    def rank(self, term: Term) -> tuple[int, str, str]:
        """The sort key of values: in the reader's languages first, then by language and text."""
        known = self.languages.index(term.language) if term.language in self.languages else len(self.languages)
        return (known if term.language and not term.href else -1, term.language, term.text.casefold())

    def short(self, iri: str) -> str:
        """The IRI without what is long about it: ``dcterms:title``, ``id/state/ITA``, else as it is."""
        for prefix, namespace in sorted(self.prefixes.items(), key=lambda item: -len(item[1])):
            if iri.startswith(namespace) and iri != namespace:
                return f"{prefix}:{iri.removeprefix(namespace)}"
        return iri.removeprefix(self.base) or iri

    def property_name(self, iri: str) -> Term:
        """The name of a property; without a label, its own words: ``editorialNote`` -> ``editorial note``."""
        term = self.term(iri)
        if iri in self.known:
            return term
        words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", re.split(r"[/#]", iri)[-1]).lower()
        return Term(words or iri, term.href, iri)


def view(
    document: Document,
    labels: Labels,
    order: Mapping[str, Order],
    tabular: Container[str] = (),
    hidden: str | None = None,
) -> View:
    """Arrange a document for a page. ``labels`` must know the names of the properties and things mentioned.

    Parts whose class is ``tabular`` (IRIs) stand in a table. A literal with the text ``hidden`` is left out: the page
    shows it elsewhere.
    """
    by_subject: dict[str, list[ox.Triple]] = {document.thing: []}
    for triple in document.own:
        if isinstance(triple.object, ox.Literal) and triple.object.value == hidden:
            continue
        if isinstance(triple.subject, ox.NamedNode):
            by_subject.setdefault(triple.subject.value, []).append(triple)
    # The thing itself, then its parts, then what else an ontology document speaks of.
    subjects = sorted(by_subject, key=lambda s: (s != document.thing, whole(s) != document.thing, s.casefold()))
    sections = [_section(s, by_subject[s], document.thing, labels, order) for s in subjects]
    rows: dict[Term, list[Section]] = {}
    for section in sections[1:]:
        if (kind := next((t for t in section.types if t.iri in tabular), None)) is not None:
            rows.setdefault(kind, []).append(section)
    alone = tuple(s for s in sections if not any(s in parts for parts in rows.values()))
    tables = tuple(_part_table(kind, parts, document.thing) for kind, parts in rows.items())
    return View(alone, tables, _incoming(document, labels, order, sections[0]))


def _part_table(kind: Term, parts: Sequence[Section], thing: str) -> PartTable:
    """The parts as a table, without what only leads back to the thing."""
    columns: dict[Term, None] = {}
    for part in parts:
        for row in part.rows:
            if any(value.iri != thing for value in row.values):
                columns[row.name] = None
    return PartTable(kind, tuple(columns), tuple(parts))


def _incoming(document: Document, labels: Labels, order: Mapping[str, Order], own: Section) -> tuple[Row, ...]:
    """What points at the thing, by property, but for what the thing says itself in the same words."""
    said = {(row.name.text, value.iri) for row in own.rows for value in row.values}
    pointing: dict[Term, list[Term]] = {}
    for triple in document.incoming:
        place = order.get(triple.predicate.value, Order())
        if isinstance(triple.subject, ox.NamedNode) and not place.hidden:
            name = labels.property_name(triple.predicate.value)
            backwards = place.inverse or f"← {name.text}"
            if (backwards, triple.subject.value) not in said:
                name = dataclasses.replace(name, text=backwards)
                pointing.setdefault(name, []).append(labels.term(triple.subject.value))
    rows = (
        Row(name, tuple(sorted(dict.fromkeys(terms), key=lambda t: t.text.casefold())))
        for name, terms in pointing.items()
    )
    return tuple(sorted(rows, key=lambda row: (row.name.text.startswith("←"), row.name.text)))


def _section(subject: str, triples: list[ox.Triple], thing: str, labels: Labels, order: Mapping[str, Order]) -> Section:
    values: dict[str, list[Term]] = {}
    title = _name(subject, thing, labels)
    names: dict[Term, None] = {}
    for triple in triples:
        if (term := _term(triple.object, thing, labels)) is None or order.get(triple.predicate.value, Order()).hidden:
            continue
        # A name is told beside the title, once, whichever property gives it.
        if triple.predicate.value in labels.properties and not term.href and not term.datatype:
            if term.text != title.text:
                names[term] = None
        else:
            values.setdefault(triple.predicate.value, []).append(term)
    # The project's own classes say more than the foreign ones that they are also.
    types = sorted(values.pop(_TYPE, []), key=lambda t: (not t.iri.startswith(labels.base), t.text.casefold()))
    groups: dict[tuple[float, str], list[tuple[float, Row]]] = {}
    for prop, terms in values.items():
        place = order.get(prop, Order())
        row = _in_order(labels.property_name(prop), sorted(terms, key=labels.rank), labels.languages)
        groups.setdefault((place.group_order, place.group), []).append((place.order, row))
    arranged = tuple(
        Group(group, tuple(row for _, row in sorted(rows, key=lambda item: (item[0], item[1].name.text))), place)
        for (place, group), rows in sorted(groups.items())
    )
    anchor = subject.removeprefix(f"{thing}#") if subject.startswith(f"{thing}#") else ""
    return Section(anchor, title, labels.short(subject), tuple(sorted(names, key=labels.rank)), tuple(types), arranged)


def _in_order(name: Term, values: Sequence[Term], languages: Sequence[str]) -> Row:
    """A property with its texts in the first of the ``languages`` that there is one in, the other texts apart.

    Without any of these languages nothing is put apart: it is not known which of the texts a reader understands.
    """
    spoken = {value.language for value in values if not value.href}
    best = next((language for language in languages if language in spoken), None)
    apart = [best is not None and not v.href and v.language not in ("", best) for v in values]
    told = tuple(value for value, other in zip(values, apart, strict=True) if not other)
    return Row(name, told, tuple(value for value, other in zip(values, apart, strict=True) if other))


def _name(subject: str, thing: str, labels: Labels) -> Term:
    """The name of a thing; a part without one is called by its fragment and stands on the same page."""
    fragment = subject.removeprefix(f"{thing}#")
    if fragment == subject:
        return labels.term(subject)
    named = labels.term(subject)
    text = named.text if subject in labels.known else _fragment_words(subject)
    return Term(text, f"#{fragment}", subject, named.language)


def _fragment_words(iri: str) -> str:
    """``.../FRA-0001#condition-ceasefire`` -> ``condition ceasefire``."""
    return iri.partition("#")[2].replace("-", " ")


def _term(value: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple, thing: str, labels: Labels) -> Term | None:
    if isinstance(value, ox.NamedNode):
        return _name(value.value, thing, labels)
    if isinstance(value, ox.Literal):
        datatype = "" if value.datatype.value in _PLAIN else labels.short(value.datatype.value)
        return Term(
            value.value,
            language=value.language or "",
            datatype=datatype,
            kind=written_kind(value.datatype.value),
        )
    return None  # a class expression in an ontology: in the RDF, but no reading matter


def written_kind(datatype: str) -> str:
    """What XML Schema calls a datatype of dates or numbers (IRI), "" for any other: for the ``kind`` of a Term."""
    return datatype.removeprefix(PREFIXES["xsd"]) if datatype in _WRITTEN else ""


# Not floating-point numbers, whose lexical forms have exponents.
_WRITTEN = DATES | INTEGERS | {PREFIXES["xsd"] + "decimal"}
# Datatypes that a reader recognises without being told.
_PLAIN = {PREFIXES["xsd"] + name for name in ("string", "integer", "decimal", "boolean", "anyURI")}
_PLAIN |= {PREFIXES["xsd"] + name for name in ("date", "dateTime", "gYear", "gYearMonth")}
_PLAIN.add(PREFIXES["rdf"] + "langString")
