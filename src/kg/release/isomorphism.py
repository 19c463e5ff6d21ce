"""Do two sources of statements say the same? Without holding them in memory, whatever their order.

Statements without blank nodes are compared as they stand, by a sum of their hashes (it does not depend on the order);
those with blank nodes, which are few, by their canonical form (RDFC-1.0). Two graphs are isomorphic (RDF 1.1 Concepts,
section 3.6) if and only if both parts agree, because a bijection of blank nodes leaves the first part alone. Where the
sums differ, the sources are read again, part by part, for what one has and the other has not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import pyoxigraph as ox

from kg.release.canonical import canonical

# A triple is what a quad of the default graph is.
Statement = ox.Quad | ox.Triple
# A source that can be read more than once.
Source = Callable[[], Iterable[Statement]]
_HELD = 500_000  # how many hashes are held at once while differences are looked for; some 60 MB


@dataclass
class Digest:
    """What is remembered of statements that were read: how many, the sum of their hashes, those with blank nodes."""

    count: int = 0
    total: int = 0
    blank: list[Statement] = field(default_factory=list)

    def add(self, statement: Statement) -> None:
        """Take in one statement."""
        self.count += 1
        text = str(statement)
        if is_ground(statement, text):
            self.total += _number(text)
        else:
            self.blank.append(statement)

    def canonical_blank(self) -> set[str]:
        """The statements with blank nodes, with canonical labels. Raises ReleaseError (see ``canonical``)."""
        labelled = canonical(s if isinstance(s, ox.Quad) else ox.Quad(*s) for s in self.blank)
        return {str(quad) for quad in labelled.quads}

    def same(self, other: Digest) -> bool:
        """True if both say the same, and as often."""
        return (self.count, self.total) == (other.count, other.total) and (
            not (self.blank or other.blank) or self.canonical_blank() == other.canonical_blank()
        )


@dataclass(frozen=True)
class Difference:
    """Examples, in N-Quads, of what one source has and the other has not."""

    missing: tuple[str, ...]
    foreign: tuple[str, ...]


def digest_of(statements: Iterable[Statement]) -> Digest:
    """Read statements once."""
    read = Digest()
    for statement in statements:
        read.add(statement)
    return read


def difference(expected: Source, found: Source, shown: int = 3) -> Difference | None:
    """Some of what differs between two sources as sets of statements; None if they are isomorphic.

    Raises what reading them raises.
    """
    ours, theirs = digest_of(expected()), digest_of(found())
    if ours.same(theirs):
        return None
    parts = 1 + max(ours.count, theirs.count) // _HELD
    missing: list[str] = []
    foreign: list[str] = []
    for part in range(parts):
        if len(missing) >= shown and len(foreign) >= shown:
            break
        missing += _only_in(expected, found, part, parts, shown)
        foreign += _only_in(found, expected, part, parts, shown)
    ours_blank, theirs_blank = ours.canonical_blank(), theirs.canonical_blank()
    missing += sorted(ours_blank - theirs_blank)
    foreign += sorted(theirs_blank - ours_blank)
    return Difference(tuple(missing[:shown]), tuple(foreign[:shown])) if missing or foreign else None


def triples(quads: Iterable[ox.Quad]) -> Iterator[ox.Triple]:
    """The statements without their graphs. What stands in several graphs is told once if the copies are neighbours."""
    last = ""
    for quad in quads:
        triple = quad.triple
        if (text := str(triple)) != last:
            yield triple
        last = text


def is_ground(statement: Statement, text: str) -> bool:
    """True if no blank node is in the statement; ``text`` is the statement in N-Quads."""
    if "_:" not in text:
        return True
    terms = list(statement)
    for term in terms:
        if isinstance(term, ox.Triple):  # RDF 1.2
            terms += term
    return not any(isinstance(term, ox.BlankNode) for term in terms)


def _number(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=32).digest(), "big")


def _only_in(one: Source, other: Source, part: int, parts: int, shown: int) -> list[str]:
    """The first statements without blank nodes that ``one`` has and ``other`` has not, among those of one part."""
    held = {number for _, number in _ground(other()) if number % parts == part}
    only: dict[str, None] = {}
    for text, number in _ground(one()):
        if number % parts == part and number not in held:
            only[text] = None
            if len(only) == shown:
                break
    return list(only)


def _ground(statements: Iterable[Statement]) -> Iterator[tuple[str, int]]:
    for statement in statements:
        text = str(statement)
        if is_ground(statement, text):
            yield text, _number(text)
