"""What is served of one release: its engine's answers, and what is derived from them."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cached_property
from importlib.metadata import version
from typing import Any, TypeVar

from kg.changes.unnamed import Node
from kg.engine.answers import Answers
from kg.release.manifest import Release
from kg.release.retention import Hold
from kg.representation.display import Display, read_display
from kg.representation.document import hash_documents
from kg.representation.schema_types import SchemaTypes, read_schema_types
from kg.representation.view import Labels
from kg.search import LabelIndex
from kg.terms import local_path

_T = TypeVar("_T")
PROGRAM_VERSION = version("pledge-graph")


def etag(*parts: str) -> str:
    """A strong validator that depends on the parts and the program only, not on which release is current."""
    return hashlib.sha256("\n".join((PROGRAM_VERSION, *parts)).encode()).hexdigest()[:24]


class Site:
    """One release and the answers to queries over it. Immutable, so everything derived from it may be kept."""

    def __init__(
        self,
        release: Release,
        answers: Answers,
        prefix: str = "",
        past_of: Callable[[str], str | None] = lambda _: None,
        things: Callable[[], Collection[str]] = tuple,
        edition: Callable[[Sequence[str]], tuple[str, str] | None] = lambda _: None,
        unnamed: Callable[[str], Node | None] = lambda _: None,
        releases: Callable[[], int] = lambda: 1,
    ) -> None:
        """``prefix`` stands before the paths of a release at its own address: ``/release/<name>``; "" for the site.

        ``past_of`` tells of a path that nothing is at where its last version stands, if there ever was one. ``things``
        are the IRIs, without fragments, of all that the release speaks of. ``edition`` tells of version IRIs
        the prefix of the last release that had an ontology in such a version, and the IRI of that ontology. ``unnamed``
        finds a node without a name by the IRI that changes give to it. ``releases`` is how many there are.
        """
        self.release = release
        self.manifest = release.manifest
        self.answers = answers
        self.prefix = prefix
        self.past_of = past_of
        self.edition = edition
        self.unnamed = unnamed
        self.releases = releases
        self._things = things
        self._kept: dict[str, Any] = {}
        # As long as this is there, the folder is not pruned away. Raises ReleaseError if it just was.
        self._hold = Hold(release)
        self._making: dict[str, threading.Lock] = {}

    @cached_property
    def display(self) -> Display:
        """What the project says about its pages."""
        return read_display(self.answers, self.manifest)

    @cached_property
    def hash_documents(self) -> dict[str, str]:
        """The IRIs of documents that hold many things, ontologies, and what they are about."""
        return hash_documents(self.answers, self.manifest)

    @cached_property
    def search_index(self) -> LabelIndex:
        """The index of all labels."""
        return LabelIndex.open(self.release.labels)

    @cached_property
    def schema_types(self) -> SchemaTypes:
        """Which classes are which in schema.org."""
        return read_schema_types(self.answers)

    def kept(self, name: str, make: Callable[[], _T]) -> _T:
        """What takes time to make and depends on nothing but its name: made, once, when it is first asked for.

        Who asks for another does not wait for it, and it may be made of others.
        """
        if name not in self._kept:
            with self._making.setdefault(name, threading.Lock()):
                if name not in self._kept:
                    self._kept[name] = make()
        found: _T = self._kept[name]
        return found

    def known(self, iris: Iterable[str]) -> str | None:
        """The first of the IRIs of which, or of whose hash IRIs, the release speaks."""
        things = self._things()
        return next((iri for iri in iris if iri in things), None)

    def path(self, iri: str) -> str | None:
        """Where this site answers for ``iri`` as it was in this release; None for somebody else's IRI."""
        path = local_path(self.manifest.base, iri)
        return None if path is None else self.prefix + path

    def labels(self) -> Labels:
        """A finder of names, empty at first."""
        m = self.manifest
        return Labels(m.base, m.prefixes, m.label_properties, m.languages)

    def etag(self, *parts: str) -> str:
        """A strong validator: the same for the same bytes, over restarts too; another release gives another."""
        return etag(self.release.fingerprint, *([self.prefix] if self.prefix else []), *parts)
