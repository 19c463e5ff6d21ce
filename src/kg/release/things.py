"""Which things a release speaks of, found without its store: for a thing's history over many releases."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator

import pyoxigraph as ox

from kg.release.manifest import Release
from kg.terms import whole

_HELD = 16  # releases


class Things:
    """The IRIs, without fragments, of all subjects of a release; those of a few releases are held in memory."""

    def __init__(self) -> None:
        self._held: OrderedDict[str, frozenset[str]] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, release: Release) -> frozenset[str]:
        """The things of a release; reading a large one takes some seconds. Raises OSError if its files are gone."""
        with self._lock:
            name = release.manifest.name
            if name not in self._held:
                self._held[name] = frozenset({*_published(release), *_described(release)})
            self._held.move_to_end(name)
            while len(self._held) > _HELD:
                self._held.popitem(last=False)
            return self._held[name]


def _published(release: Release) -> Iterator[str]:
    """From the canonical N-Quads, where the lines of a subject stand together and an IRI ends with the first ``>``."""
    last = b""
    with (release.path / "dumps" / "data.nq").open("rb") as lines:
        for line in lines:
            subject = line[: line.find(b">")]
            if subject != last and line.startswith(b"<"):
                last = subject
                yield whole(subject[1:].decode())


def _described(release: Release) -> Iterator[str]:
    for quad in ox.parse(path=str(release.path / "catalogue.ttl"), format=ox.RdfFormat.TURTLE):
        if isinstance(quad.subject, ox.NamedNode):
            yield whole(quad.subject.value)
