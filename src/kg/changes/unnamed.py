"""What a release says about nodes that have no name in it: by the IRIs that changes give to blank nodes.

RDF 1.1 Concepts, section 3.5, lets a system replace blank nodes by IRIs that are unique and mean nothing else. There
are two kinds: the event stream names a node by its content (``state``), a difference by its label in one state
(``changeset``). What somebody has met with can so be looked up.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from dataclasses import dataclass

import pyoxigraph as ox

from kg.changes.sides import of_release
from kg.changes.state import Facts, State, genid, has_blank, labelled, parsed
from kg.release.difference import Lines
from kg.release.manifest import Release

_HELD = 16  # releases
_BY_CONTENT = re.compile(r"[0-9a-f]{16}-[0-9]+-[A-Za-z0-9]+")
_BY_LABEL = re.compile(r"([0-9a-f]{12})-[A-Za-z0-9]+")


@dataclass(frozen=True)
class Node:
    """A node without a name: the statements about it, and those that point at it."""

    iri: str
    own: tuple[ox.Triple, ...]
    incoming: tuple[ox.Triple, ...]


class Unnamed:
    """Finds nodes in releases; the statements with blank nodes of a few releases are held. Safe for many threads."""

    def __init__(self) -> None:
        self._held: OrderedDict[str, Lines] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, release: Release, iri: str) -> Node | None:
        """The node that has this IRI in the changes of a release, if there is one. Raises ReleaseError."""
        if not _can_have(release, iri):
            return None
        lines = self._lines(release)
        own = parsed(lines.starting(b"<%s> " % iri.encode()))
        target = b" <%s>" % iri.encode()
        incoming = parsed(line for line in lines.containing(target) if line.endswith(target))
        return Node(iri, tuple(own), tuple(incoming)) if own or incoming else None

    def _lines(self, release: Release) -> Lines:
        with self._lock:
            name = release.manifest.name
            if name not in self._held:
                state = of_release(release)
                self._held[name] = Lines(b"\n".join(sorted({*state.unnamed, *_by_label(state)})))
            self._held.move_to_end(name)
            while len(self._held) > _HELD:
                self._held.popitem(last=False)
            return self._held[name]


def _can_have(release: Release, iri: str) -> bool:
    """True if the IRI has the form of one that changes of this release can hold: nothing need be read for others."""
    lead = genid(release.manifest.base)
    if not iri.startswith(lead):
        return False
    name = iri.removeprefix(lead)
    if (found := _BY_LABEL.fullmatch(name)) is not None:
        return release.manifest.digest.startswith(found[1])
    return _BY_CONTENT.fullmatch(name) is not None


def _by_label(state: State) -> list[bytes]:
    """The triples with blank nodes, each with the IRI that a difference gives to its node."""
    blank = b"".join(quad + b"\n" for quad in state.lines.containing(b"_:") if has_blank(quad))
    return [f"{t.subject} {t.predicate} {t.object}".encode() for t in _replaced(blank, state.facts)]


def _replaced(lines: bytes, facts: Facts) -> list[ox.Triple]:
    return [labelled(quad, facts).triple for quad in ox.parse(lines, ox.RdfFormat.N_QUADS)]
