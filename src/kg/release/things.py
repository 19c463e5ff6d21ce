"""Which things, versions of ontologies and pages a release speaks of, without its store: for a history of many."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass

import pyoxigraph as ox

from kg.release.manifest import Release
from kg.terms import DISPLAY, PREFIXES, graph_iri, is_page_path, whole

_HELD = 16  # releases
_VERSION = b" <%sversionIRI> <" % PREFIXES["owl"].encode()


@dataclass(frozen=True)
class Spoken:
    """What a release speaks of.

    Its things; the version IRIs of its ontologies, each with its ontology; the paths of the pages that it describes.
    """

    things: frozenset[str]
    versions: dict[str, str]
    pages: frozenset[str]


class Things:
    """The IRIs, without fragments, of all subjects of a release; those of a few releases are held in memory."""

    def __init__(self) -> None:
        self._held: OrderedDict[str, Spoken] = OrderedDict()
        self._versions: dict[str, dict[str, str]] = {}
        self._lock = threading.Lock()

    def of(self, release: Release) -> frozenset[str]:
        """The things of a release; reading a large one takes some seconds. Raises OSError if its files are gone."""
        return self.spoken(release).things

    def versions(self, release: Release) -> dict[str, str]:
        """The version IRIs (OWL 2, section 3.1) of a release's ontologies, each with its ontology. Raises as ``of``."""
        name = release.manifest.name
        if name not in self._versions:  # few and small, unlike the things
            self._versions[name] = self.spoken(release).versions
        return self._versions[name]

    def spoken(self, release: Release) -> Spoken:
        """All that a release speaks of. Raises as ``of``."""
        with self._lock:
            name = release.manifest.name
            if name not in self._held:
                self._held[name] = _read(release)
            self._held.move_to_end(name)
            while len(self._held) > _HELD:
                self._held.popitem(last=False)
            return self._held[name]


def _read(release: Release) -> Spoken:
    versions: dict[str, str] = {}
    pages: set[str] = set()
    things = frozenset({*_published(release, versions), *_described(release, pages)})
    return Spoken(things, versions, frozenset(pages))


def _published(release: Release, versions: dict[str, str]) -> Iterator[str]:
    """From the canonical N-Quads, where the lines of a subject stand together and an IRI ends with the first ``>``.

    Notes the ``versions`` on the way.
    """
    last = b""
    ontology = f" <{graph_iri(release.manifest.base, 'ontology')}> .\n".encode()
    with (release.path / "dumps" / "data.nq").open("rb") as lines:
        for line in lines:
            subject = line[: line.find(b">")]
            if _VERSION in line and line.startswith(subject + b">" + _VERSION) and line.endswith(b">" + ontology):
                version = line[len(subject) + 1 + len(_VERSION) : -len(ontology) - 1]
                versions[version.decode()] = subject[1:].decode()
            if subject != last and line.startswith(b"<"):
                last = subject
                yield whole(subject[1:].decode())


def _described(release: Release, pages: set[str]) -> Iterator[str]:
    """From the catalogue, which also has what the project says about its pages; notes the paths of ``pages``."""
    for quad in ox.parse(path=str(release.path / "catalogue.ttl"), format=ox.RdfFormat.TURTLE):
        if isinstance(quad.subject, ox.NamedNode):
            yield whole(quad.subject.value)
        if quad.predicate.value == str(DISPLAY.path) and is_page_path(path := quad.object.value):
            pages.add(path)
