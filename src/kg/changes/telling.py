"""What happened to one thing, with names instead of IRIs: for words, pages and feeds alike."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from kg.changes.comparison import DEPRECATED, REPLACED_BY, Comparison, Entry
from kg.changes.phrases import happened, lowered, owl_term, word
from kg.changes.state import TYPE, State, genid, parsed
from kg.representation.view import Labels, Term
from kg.terms import PREFIXES, whole

_SUBCLASS = PREFIXES["rdfs"] + "subClassOf"
_Counted = dict[tuple[str, str, str], list[object]]  # values by subject, property and language


@dataclass(frozen=True)
class Line:
    """One property of a thing, or of a ``part`` of it, whose values differ.

    ``single`` if one value took the place of another; ``name`` and values are for readers, ``prop`` is the IRI.
    """

    part: str
    prop: str
    name: str
    removed: tuple[Term, ...]
    added: tuple[Term, ...]
    single: bool


@dataclass(frozen=True)
class Told:
    """What happened to a thing.

    ``headline`` names it, ``what`` says in a few words what happened, ``summary`` are properties with their values.
    """

    entry: Entry
    headline: str
    what: str
    group: str
    summary: tuple[tuple[str, tuple[Term, ...]], ...]
    superseded_by: tuple[Term, ...]
    lines: tuple[Line, ...]

    @property
    def sentence(self) -> str:
        """Headline, what happened, and the summary, in one line."""
        parts = [self.what, *(f"{name} {', '.join(v.text for v in values)}" for name, values in self.summary)]
        return f"{self.headline}: {'; '.join(parts)}"


class Teller:
    """Tells the entries of a comparison in one language; names are looked up once."""

    def __init__(self, comparison: Comparison, language: str) -> None:
        facts = comparison.after.facts
        others = [other for other in facts.languages if other != language]
        self.language = language
        self._comparison = comparison
        self._base = facts.base
        self._labels = Labels(facts.base, facts.prefixes, facts.label_properties, (language, *others))
        self._looked_up: set[str] = set()

    def tell(self, entry: Entry, *, every: bool = False) -> Told:
        """What happened to a thing; ``every``: conclusions, too, and all that is said of one that is new or gone."""
        c, thing = self._comparison, entry.thing
        there = c.after if c.after.describes(thing) else c.before
        own = parsed(there.of_subject(thing))
        before, after = (self._statements(state, thing) for state in (c.before, c.after))
        into = [t.object.value for t in own if t.predicate.value == REPLACED_BY and isinstance(t.object, ox.NamedNode)]
        facts = c.showing.classes.get(entry.group)
        return Told(
            entry,
            self._headline(thing, own, facts.headline if facts else ()),
            happened(
                self.language,
                entry.kind,
                self.class_name(entry.group) if entry.group else "",
                self._other_classes(own, entry.group),
                ", ".join(self.name(iri).text for iri in into),
            ),
            self.group_name(entry.group),
            self._summary(own, facts.summary if facts else ()),
            tuple(self._titled(iri) for iri in c.superseded_by(thing)),
            tuple(self._lines(thing, before, after, every)) if every or entry.kind not in ("new", "gone") else (),
        )

    def name(self, iri: str) -> Term:
        """The name of a thing in the language."""
        if iri.startswith(genid(self._base)):
            return Term(word(self.language, "unnamed"))
        self._learn(iri)
        if whole(iri) != iri:
            self._learn(whole(iri))
        return self._labels.term(iri)

    def group_name(self, group: str) -> str:
        """The name of a class, or what things without one are called together."""
        return self.class_name(group) if group else word(self.language, "things")

    def class_name(self, iri: str) -> str:
        """The name of a class in the language; without a label its own words, such as ``object property``."""
        self._learn(iri)
        of_owl = owl_term(self.language, iri.removeprefix(PREFIXES["owl"])) if iri not in self._labels.known else ""
        return of_owl or self._labels.property_name(iri).text

    def property_name(self, iri: str) -> str:
        """The name of a property in the language."""
        if iri == TYPE:
            return word(self.language, "type")
        self._learn(iri)
        return self._labels.property_name(iri).text

    def _learn(self, iri: str) -> None:
        if iri in self._looked_up:
            return
        self._looked_up.add(iri)
        for state in (self._comparison.after, self._comparison.before):
            for prop in self._labels.properties:
                self._labels.learn(parsed(state.starting(b"<%s> <%s> " % (iri.encode(), prop.encode()))))
            if iri in self._labels.known:
                return

    def _statements(self, state: State, thing: str) -> list[bytes]:
        """The triples about a thing and its parts, those of the terms of an ontology left to themselves."""
        is_whole = self._comparison.thing_of(f"{thing}#") == thing
        return state.of_thing(thing) if is_whole else state.of_subject(thing)

    def _titled(self, iri: str) -> Term:
        """The name of a thing, of one without a name the headline."""
        name = self.name(iri)
        if iri in self._labels.known:
            return name
        facts = self._comparison.showing.classes.get(self._comparison.group_of(iri))
        own = parsed(self._comparison.after.of_subject(iri))
        return dataclasses.replace(name, text=self._headline(iri, own, facts.headline if facts else ()))

    def _headline(self, thing: str, own: Sequence[ox.Triple], properties: Iterable[str]) -> str:
        values = (", ".join(v.text for v in self._values(own, prop)) for prop in properties)
        return ", ".join(value for value in values if value) or self.name(thing).text

    def _summary(self, own: Sequence[ox.Triple], properties: Iterable[str]) -> tuple[tuple[str, tuple[Term, ...]], ...]:
        found = ((self.property_name(prop), tuple(self._values(own, prop))) for prop in properties)
        return tuple((name, values) for name, values in found if values)

    def _values(self, own: Sequence[ox.Triple], prop: str) -> list[Term]:
        """The values of a property; of texts only those in the language, if there are any."""
        terms = [self._term(t.object) for t in own if t.predicate.value == prop]
        return [t for t in terms if t.language == self.language and not t.iri] or [
            t for t in terms if t.iri or not t.language
        ]

    def _other_classes(self, own: Sequence[ox.Triple], group: str) -> list[str]:
        """The names of a thing's most special classes of the project's own, without the one that it is told under."""
        kinds = {
            t.object.value
            for t in own
            if t.predicate.value == TYPE
            and isinstance(t.object, ox.NamedNode)
            and t.object.value.startswith(self._base)
        }
        above = {
            t.object.value
            for kind in kinds
            for t in parsed(self._comparison.after.starting(b"<%s> <%s> " % (kind.encode(), _SUBCLASS.encode())))
            if isinstance(t.object, ox.NamedNode)
        }
        return sorted(self.class_name(kind) for kind in kinds - above - {group})

    def _lines(self, thing: str, before: list[bytes], after: list[bytes], every: bool) -> Iterable[Line]:
        removed, added = set(before) - set(after), set(after) - set(before)
        if not every:
            removed = {line for line in removed if not self._comparison.before.is_inferred(line)}
            added = {line for line in added if not self._comparison.after.is_inferred(line)}
        there, now = (_counted(parsed(lines)) for lines in (before, after))
        gone, come = (_counted(parsed(sorted(lines))) for lines in (removed, added))
        found: list[tuple[tuple[object, ...], Line]] = []
        whole_parts = (
            {key[0] for key in (*there, *now)} - ({key[0] for key in there} & {key[0] for key in now}) - {thing}
        )
        for key in dict.fromkeys((*gone, *come)):
            subject, prop, _ = key
            place = self._comparison.showing.place(prop)
            if place.hidden or prop in (REPLACED_BY, DEPRECATED) or (subject in whole_parts and not every):
                continue
            old, new = gone.get(key, []), come.get(key, [])
            single = len(old) == len(new) == len(there[key]) == len(now[key]) == 1
            part = "" if subject == thing else self._part(subject, thing)
            name = self.property_name(prop)
            line = Line(part, prop, name, self._sorted(old), self._sorted(new), single)
            found.append(((subject != thing, subject, place.group_order, place.order, name, prop, key[2]), line))
        if not every:
            parts = whole_parts & {key[0] for key in (*gone, *come)}
            found += [((True, part), self._whole_part(thing, part, now, there)) for part in parts]
        return [line for _, line in sorted(found, key=lambda item: item[0])]

    def _whole_part(self, thing: str, part: str, now: _Counted, there: _Counted) -> Line:
        """A part that came or went as a whole, by its class and name."""
        is_new = any(key[0] == part for key in now)
        kinds = [v for key, values in (now if is_new else there).items() if key[:2] == (part, TYPE) for v in values]
        named = min(
            (self._term(kind) for kind in kinds), key=lambda t: (not t.iri.startswith(self._base), t.text), default=None
        )
        name = Term(self._part(part, thing), iri=part)
        group = lowered(self.language, self.class_name(named.iri)) if named else word(self.language, "part")
        return Line("", "", group, () if is_new else (name,), (name,) if is_new else (), single=False)

    def _part(self, subject: str, thing: str) -> str:
        self._learn(subject)
        if subject in self._labels.known:
            return self._labels.term(subject).text
        return subject.removeprefix(f"{thing}#").replace("-", " ")

    def _sorted(self, values: Iterable[object]) -> tuple[Term, ...]:
        return tuple(sorted((self._term(value) for value in values), key=lambda t: (t.language, t.text)))

    def _term(self, value: object) -> Term:
        if isinstance(value, ox.NamedNode):
            return self.name(value.value)
        if isinstance(value, ox.Literal):
            return Term(value.value, language=value.language or "")
        return Term(str(value))


def _counted(triples: Iterable[ox.Triple]) -> _Counted:
    found: _Counted = {}
    for t in triples:
        language = t.object.language or "" if isinstance(t.object, ox.Literal) else ""
        subject = t.subject.value if isinstance(t.subject, ox.NamedNode | ox.BlankNode) else str(t.subject)
        found.setdefault((subject, t.predicate.value, language), []).append(t.object)
    return found
