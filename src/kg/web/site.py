"""What the site serves at this moment: one release with its engine, and the watch that replaces it by a newer one."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import threading
from collections.abc import Callable
from functools import cached_property
from importlib.metadata import version
from pathlib import Path

from kg.config import Settings
from kg.engine import Engine
from kg.engine.answers import Answers
from kg.engine.pool import PoolEngine
from kg.engine.remote import RemoteEngine
from kg.release.history import Moment, timeline
from kg.release.manifest import CURRENT, Release, open_release
from kg.representation.display import Display, read_display
from kg.representation.document import hash_documents
from kg.representation.view import Labels
from kg.search import LabelIndex
from kg.terms import local_path

log = logging.getLogger("kg.web")
PROGRAM_VERSION = version("pledge-graph")
WATCH_SECONDS = 1.0


class Site:
    """One release and the answers to queries over it. Immutable, so everything derived from it may be kept."""

    def __init__(self, release: Release, answers: Answers, prefix: str = "") -> None:
        """``prefix`` stands before the paths of a release that is not the current one: ``/release/<name>``."""
        self.release = release
        self.manifest = release.manifest
        self.answers = answers
        self.prefix = prefix
        self._kept: dict[str, str] = {}

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

    def kept(self, name: str, make: Callable[[], str]) -> str:
        """A page that takes time to make and is always the same: made when it is first asked for."""
        if name not in self._kept:
            self._kept[name] = make()
        return self._kept[name]

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
        text = "\n".join((self.release.fingerprint, PROGRAM_VERSION, *parts))
        return hashlib.sha256(text.encode()).hexdigest()[:24]


class CurrentSite:
    """Hands out the site of the current release; looks once a second whether there is a newer one.

    A request keeps the site it began with: the former engine is closed only when no query of it can be under way.
    """

    def __init__(self, settings: Settings, loop: asyncio.AbstractEventLoop | None = None) -> None:
        """Open the current release. Raises NoRelease, ReleaseError or KgError.

        Queries are looked after on ``loop``, or, if there is none, on one of its own in a thread.
        """
        self._settings = settings
        if loop is None:
            loop = asyncio.new_event_loop()
            threading.Thread(target=loop.run_forever, name="queries", daemon=True).start()
        self._loop = loop
        self._link = settings.releases_folder / CURRENT
        self._target = self._link_target()
        self._site = self._open()
        self._moments = timeline(settings.releases_folder)
        self._closing = threading.Event()
        threading.Thread(target=self._watch, name="release-watch", daemon=True).start()

    def get(self) -> Site:
        """The site to answer a request with."""
        return self._site

    def timeline(self) -> list[Moment]:
        """The releases that were current one after the other, the oldest first; the last is the one that is served."""
        return self._moments

    def release(self, name: str) -> Release | None:
        """A release of the timeline by its name."""
        return next((moment.release for moment in self._moments if moment.name == name), None)

    def stop(self) -> None:
        """Look no more for newer releases."""
        self._closing.set()

    def close(self) -> None:
        """Stop, and end the engine; not to be called on the loop."""
        self.stop()
        self._site.answers.close()

    def _open(self) -> Site:
        release = open_release(self._settings.releases_folder)
        release.demand_files()
        settings = self._settings
        engine: Engine = RemoteEngine(release, settings) if settings.endpoint else PoolEngine(release, settings)
        return Site(release, Answers(engine, settings.cache_bytes, 4 * settings.answer_bytes, self._loop))

    def _link_target(self) -> Path | None:
        try:
            return self._link.readlink()
        except OSError:
            return None

    def _watch(self) -> None:
        while not self._closing.wait(WATCH_SECONDS):
            target = self._link_target()
            if target is None or target == self._target:
                continue
            self._target = target
            try:
                fresh = self._open()
            except Exception as error:  # noqa: BLE001 - whatever is wrong with it, the former one must go on
                log.error("the new release %s cannot be served, the former one goes on: %s", target, error)
                continue
            former, self._site = self._site, fresh
            self._moments = timeline(self._settings.releases_folder)
            log.info("now serving release %s", fresh.manifest.name)
            # Requests that began with the former site end within the query limit.
            patience = self._settings.query_seconds + self._settings.queue_seconds + 1
            closing = threading.Timer(patience, former.answers.close)
            closing.daemon = True  # a server that stops does not wait for it
            closing.start()
