"""Two states -> the things that differ: which are new, gone, changed, retired, merged or superseded.

The two are read once, side by side; what is kept is a line for each thing. What happened to a thing in full is asked
for when it is told (``telling``), so that long differences can be shown page by page.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from kg.changes.showing import ClassFacts, Showing, read_showing
from kg.changes.state import TYPE, State, genid, has_blank, triple_of
from kg.release.difference import Difference, compared
from kg.terms import PREFIXES, whole

NEW, GONE, CHANGED, RETIRED, MERGED, SUPERSEDED = "new", "gone", "changed", "retired", "merged", "superseded"
KINDS = (NEW, SUPERSEDED, CHANGED, MERGED, RETIRED, GONE)  # as they are told
REPLACED_BY = PREFIXES["dcterms"] + "isReplacedBy"
DEPRECATED = PREFIXES["owl"] + "deprecated"
_TRUE = b'"true"^^<%sboolean>' % PREFIXES["xsd"].encode()
_A = f"<{TYPE}>".encode()
_ONTOLOGY = f"<{PREFIXES['owl']}Ontology>".encode()


@dataclass(frozen=True)
class Entry:
    """A thing that differs: what happened to it, its class (IRI or ""), and whether only conclusions differ."""

    thing: str
    kind: str
    group: str
    inferred: bool = False


@dataclass(frozen=True)
class _Seen:
    """What one reading of both sides found: subjects (True: in what is asserted), and marks of things.

    ``types`` are the classes that things got (True: inferred).
    """

    subjects: dict[str, bool]
    types: dict[str, dict[str, bool]]
    superseded: dict[str, list[str]]
    replaced: frozenset[str]
    deprecated: frozenset[str]


class Comparison:
    """What changed from the state ``before`` to the state ``after``. Immutable; each part is found out when needed."""

    def __init__(self, before: State, after: State) -> None:
        self.before = before
        self.after = after

    @cached_property
    def showing(self) -> Showing:
        """How the later side wants things to be told."""
        return read_showing(self.after.facts.described)

    @property
    def difference(self) -> Difference:
        """The difference of the canonical quads."""
        removed, added = ([quad for quad, is_new in self.quads if is_new == wanted] for wanted in (False, True))
        return Difference(tuple(removed), tuple(added))

    @property
    def quads(self) -> Iterator[tuple[bytes, bool]]:
        """The quads that differ, in order; True for those that the later side has. Nothing is held."""
        found = compared(self.before.lines, self.after.lines)
        return ((quad, is_new) for quad, is_new in found if (self.after if is_new else self.before).counts(quad))

    @cached_property
    def wholes(self) -> dict[str, str]:
        """Each IRI without fragment about which, or about whose parts, other triples are told now: new, gone, changed.

        In the order of the IRIs. Blank nodes are among them, by their Skolem IRIs.
        """
        found = dict.fromkeys(sorted({whole(subject) for subject in self._seen.subjects}), CHANGED)
        for thing in found:
            if not self.before.knows(thing):
                found[thing] = NEW
            elif not self.after.knows(thing):
                found[thing] = GONE
        return found

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """The things that differ: the classes that the project calls important first, then those with many of them."""
        found = list(self._entries())
        sizes = Counter(entry.group for entry in found)

        def key(entry: Entry) -> tuple[object, ...]:
            order = self.showing.classes[entry.group].order if entry.group in self.showing.classes else float("inf")
            return (order, not entry.group, -sizes[entry.group], entry.group, KINDS.index(entry.kind), entry.thing)

        return tuple(sorted(found, key=key))

    def superseded_by(self, thing: str) -> list[str]:
        """The new things that supersede a thing."""
        return self._seen.superseded.get(thing, [])

    def thing_of(self, subject: str) -> str:
        """What a statement about ``subject`` is told under: its whole; a term of an ontology stands for itself."""
        parent = whole(subject)
        if parent == subject or self._is_whole(parent):
            return parent
        return subject

    def _is_whole(self, parent: str) -> bool:
        if parent not in self._wholes:
            types = [line.split(b" ", 2)[2] for state in (self.after, self.before) for line in _types(state, parent)]
            described = any(state.describes(parent) for state in (self.after, self.before))
            self._wholes[parent] = described and _ONTOLOGY not in types
        return self._wholes[parent]

    @cached_property
    def _wholes(self) -> dict[str, bool]:
        return {}

    @cached_property
    def _seen(self) -> _Seen:
        subjects: dict[str, bool] = {}
        types: dict[str, dict[str, bool]] = {}
        superseded: dict[str, list[str]] = {}
        marks: dict[str, set[str]] = {REPLACED_BY: set(), DEPRECATED: set()}
        supersedes = self.showing.supersedes
        marking = {f"<{prop}>".encode() for prop in (*supersedes, REPLACED_BY, DEPRECATED)}
        former, subject = b"", ""
        for line, is_new, asserted in self._triples():
            told, predicate, value = line.split(b" ", 2)
            if told != former:
                former, subject = told, told[1:-1].decode()
            subjects[subject] = subjects.get(subject, False) or asserted
            if is_new and predicate == _A:
                types.setdefault(subject, {})[value[1:-1].decode()] = not asserted
            elif is_new and predicate in marking:
                prop = predicate[1:-1].decode()
                if prop in supersedes and value.startswith(b"<"):
                    superseded.setdefault(value[1:-1].decode(), []).append(subject)
                elif prop == REPLACED_BY or (prop == DEPRECATED and value == _TRUE):
                    marks[prop].add(subject)
        return _Seen(subjects, types, superseded, frozenset(marks[REPLACED_BY]), frozenset(marks[DEPRECATED]))

    def _triples(self) -> Iterator[tuple[bytes, bool, bool]]:
        """The triples that differ, whatever their named graphs: whether each is new, and whether it is asserted."""
        for triple, is_new in compared(self.before.unnamed, self.after.unnamed):
            yield triple, is_new, True
        named = (pair for pair in self.quads if not has_blank(pair[0]))
        for triple, group in groupby(named, key=lambda pair: triple_of(pair[0])):
            found = list(group)
            if len({is_new for _, is_new in found}) > 1:
                continue  # from one named graph to another
            is_new = found[0][1]
            here, there = (self.after, self.before) if is_new else (self.before, self.after)
            if not (there.overlaps and there.has(triple + b" <")):
                yield triple, is_new, not all(here.infers(quad) for quad, _ in found)

    def _entries(self) -> Iterator[Entry]:
        unnamed = genid(self.after.facts.base)
        things: dict[str, bool] = {}
        for subject, asserted in self._seen.subjects.items():
            if not subject.startswith(unnamed):  # told under what has a name
                thing = self.thing_of(subject)
                things[thing] = things.get(thing, False) or asserted
        superseded = {old for old, by in self._seen.superseded.items() if any(not self.before.knows(new) for new in by)}
        for thing, asserted in (things | dict.fromkeys(superseded - things.keys(), True)).items():
            kind = self._kind(thing, thing in superseded)
            # All that is said of a new thing was seen already.
            group = self._chosen(self._seen.types.get(thing, {})) if kind == NEW else self.group_of(thing)
            yield Entry(thing, kind, group, not asserted and thing not in superseded)

    def _kind(self, thing: str, superseded: bool) -> str:
        kind = self.wholes.get(thing, CHANGED)
        if whole(thing) != thing:
            was, stays = self.before.describes(thing), self.after.describes(thing)
            kind = CHANGED if was and stays else NEW if stays else GONE
        if kind != CHANGED:
            return kind
        if thing in self._seen.replaced:
            return MERGED
        if thing in self._seen.deprecated:
            return RETIRED
        return SUPERSEDED if superseded else CHANGED

    def group_of(self, thing: str) -> str:
        """The class to tell a thing under: one that the project describes, else an own one, else any, else ""."""
        state = self.after if self.after.describes(thing) else self.before
        kinds = {line.split(b" ", 2)[2][1:-1].decode(): line for line in _types(state, thing)}
        return self._chosen({kind: len(kinds) > 1 and state.is_inferred(line) for kind, line in kinds.items()})

    def _chosen(self, kinds: dict[str, bool]) -> str:
        """The best of some classes; True for those that were inferred."""
        if len(kinds) < 2:
            return next(iter(kinds), "")
        classes, base = self.showing.classes, self.after.facts.base

        def rank(kind: str) -> tuple[object, ...]:
            facts = classes.get(kind, ClassFacts())
            return (facts.order, not facts.headline, kinds[kind], not kind.startswith(base), kind)

        return min(kinds, key=rank)


def _types(state: State, thing: str) -> list[bytes]:
    return state.starting(b"<%s> <%s> " % (thing.encode(), TYPE.encode()))
