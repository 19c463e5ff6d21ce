"""Which release is served: the current one, watched for its successor, and former ones at their own addresses.

``/release/<name>/...`` is the site as it was in that release. A former release is opened when it is first asked for;
a few stay open, those that nobody has asked for the longest are closed.
"""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import threading
from collections import OrderedDict
from collections.abc import Sequence
from contextvars import ContextVar
from pathlib import Path

from werkzeug.exceptions import NotFound

from kg.changes.unnamed import Unnamed
from kg.config import Settings
from kg.engine import Engine
from kg.engine.answers import Answers
from kg.engine.pool import PoolEngine
from kg.engine.remote import RemoteEngine
from kg.errors import EngineBusy, ReleaseError
from kg.messages import Message
from kg.negotiate import RESOURCE_VARIANTS
from kg.release.history import Moment, timeline, whole_releases
from kg.release.manifest import CURRENT, Release, open_release
from kg.release.things import Things
from kg.search import demand_index
from kg.terms import iri_spellings
from kg.web.site import Site

log = logging.getLogger("kg.web")
WATCH_SECONDS = 1.0
RELEASE = "/release/"
# The site that the request of this thread is put to, when it is not the current one.
ASKED: ContextVar[Site | None] = ContextVar("asked", default=None)


class CurrentSite:
    """Hands out the site that a request is put to; looks once a second whether there is a newer release.

    A request keeps the site it began with: an engine is closed only when no query of it can be under way.
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
        self._folder = settings.releases_folder
        self._seen = self._look()
        self._site = self._open()
        self._moments, self._releases = self._listed(self._site.release)
        self._things, self._unnamed = Things(), Unnamed()
        self._former: OrderedDict[str, Site] = OrderedDict()
        self._closing: set[Site] = set()
        self._opening = threading.Lock()
        self.generation = 0  # of what depends on which releases there are
        self._stopped = threading.Event()
        threading.Thread(target=self._watch, name="release-watch", daemon=True).start()

    def get(self) -> Site:
        """The site that this request is put to: a former release's at its own address, else the current one."""
        return ASKED.get() or self._site

    def timeline(self) -> list[Moment]:
        """The releases that were current one after the other, the oldest first; the last is the one that is served."""
        return self._moments

    def release(self, name: str) -> Release | None:
        """A whole release in the folder by its name, be it of the timeline or not."""
        return self._releases.get(name)

    def versions(self, path: str) -> list[Moment]:
        """The releases of the timeline in which there is something at ``path``, the oldest first."""
        if path == "/":
            return self._moments
        found = []
        for moment in self._moments:
            names = things_at(moment.release.manifest.base, path.removeprefix("/"))
            try:
                spoken = self._things.spoken(moment.release)
            except OSError:  # it has just been removed
                continue
            if path in spoken.pages or any(name in spoken.things for name in names):
                found.append(moment)
        return found

    def edition(self, iris: Sequence[str]) -> tuple[str, str] | None:
        """The prefix of the last release with an ontology of one of these version IRIs, and the ontology's IRI.

        The same for the IRI that changes give to a node without a name.
        """
        for moment in reversed(self._moments):
            try:
                versions = self._things.versions(moment.release)
                found = next((versions[iri] for iri in iris if iri in versions), None)
                found = found or next((iri for iri in iris if self._unnamed.find(moment.release, iri)), None)
            except (OSError, ReleaseError):  # it has just been removed
                continue
            if found is not None:
                return f"/release/{moment.name}", found
        return None

    def things(self, release: Release) -> frozenset[str]:
        """The things that a release speaks of."""
        return self._things.of(release)

    def knows_itself(self, name: str) -> bool:
        """True if the release with this name has something to say about itself."""
        release = self._releases[name]
        return f"{release.manifest.base}release/{name}" in self._things.of(release)

    def named(self, given: str) -> str:
        """The name of the release so named, or of the latest of the timeline with this version. Raises NotFound."""
        if given in self._releases:
            return given
        found = next((m.name for m in reversed(self._moments) if m.release.manifest.version == given), None)
        if found is None:
            raise NotFound(Message("there is no release %(name)s; /dumps/ lists those that there are", name=given))
        return found

    def at(self, name: str) -> Site:
        """The site as it was in a release; it takes a second to open one.

        Raises NotFound if there is no such release, EngineBusy if too many were asked for at once, KgError.
        """
        with self._opening:
            if (site := self._former.get(name)) is not None:
                self._former.move_to_end(name)
                return site
            if (release := self.release(name)) is None:
                raise NotFound(Message("there is no release %(name)s", name=name))
            prefix = f"{RELEASE}{name}"
            if name == self._site.manifest.name:
                answers = self._site.answers
            else:
                # Those that were let go still stand for some seconds.
                if len(self._closing) > 2 * self._settings.former_releases + 2:
                    raise EngineBusy("too many former releases were asked for at once", "try again in a minute")
                release.demand_files()
                answers = self._answers(release, self._modest())
            site = self._site_of(release, answers, prefix)
            self._former[name] = site
            while len(self._former) > self._settings.former_releases:
                self._let_go(self._former.popitem(last=False)[1])
            return site

    def stop(self) -> None:
        """Look no more for newer releases."""
        self._stopped.set()

    def engines(self) -> list[Engine]:
        """All engines that are open."""
        open_ = {id(site.answers): site.answers.engine for site in (self._site, *self._former.values())}
        return [*open_.values()]

    def close(self) -> None:
        """Stop, and end the engines; not to be called on the loop."""
        self.stop()
        for answers in {id(site.answers): site.answers for site in (self._site, *self._former.values())}.values():
            answers.close()

    def _past_of(self, path: str) -> str | None:
        versions = self.versions(path)
        gone = bool(versions) and versions[-1].name != self._site.manifest.name
        return f"/release/{versions[-1].name}{path}" if gone else None

    def _modest(self) -> Settings:
        """Settings for a former release: read from its folder, from disk, by few processes."""
        few = min(2, self._settings.query_processes)
        return dataclasses.replace(self._settings, query_processes=few, store_memory=0, endpoint="")

    def _open(self) -> Site:
        release = open_release(self._folder)
        release.demand_files()
        demand_index(release.labels)
        answers = self._answers(release, self._settings)
        return self._site_of(release, answers)

    def _site_of(self, release: Release, answers: Answers, prefix: str = "") -> Site:
        return Site(
            release,
            answers,
            prefix,
            past_of=(lambda _: None) if prefix else self._past_of,
            things=lambda: self._things.of(release),
            edition=self.edition,
            unnamed=lambda iri: self._unnamed.find(release, iri),
            releases=lambda: len(self._moments),
        )

    def _answers(self, release: Release, settings: Settings) -> Answers:
        engine: Engine = RemoteEngine(release, settings) if settings.endpoint else PoolEngine(release, settings)
        return Answers(engine, settings.cache_bytes, 4 * settings.answer_bytes, self._loop)

    def _let_go(self, site: Site) -> None:
        """Close a site's engine as soon as the requests that began with it must have ended."""
        if site.answers is self._site.answers:
            return
        self._closing.add(site)

        def close() -> None:
            try:
                site.answers.close()
            finally:
                self._closing.discard(site)

        patience = self._settings.query_seconds + self._settings.queue_seconds + 1
        closing = threading.Timer(patience, close)
        closing.daemon = True  # a server that stops does not wait for it
        closing.start()

    def _look(self) -> tuple[Path | None, int]:
        """What tells that something has changed: where ``current`` points, and when a folder came or went."""
        try:
            return (self._folder / CURRENT).readlink(), self._folder.stat().st_mtime_ns
        except OSError:
            return None, 0

    def _watch(self) -> None:
        while not self._stopped.wait(WATCH_SECONDS):
            seen = self._look()
            if seen[0] is None or seen == self._seen:
                continue
            moved = seen[0] != self._seen[0]
            self._seen = seen
            try:
                self._turn_to(self._open() if moved else self._site)
            except Exception as error:  # noqa: BLE001 - whatever is wrong with it, the former one must go on
                log.error("the new release %s cannot be served, the former one goes on: %s", seen[0], error)

    def _turn_to(self, site: Site) -> None:
        """Serve this release, and list again which others there are; all at once."""
        moments, releases = self._listed(site.release)
        with self._opening:
            former, self._site = self._site, site
            self._moments, self._releases = moments, releases
            self.generation += 1
            for name, shown in [*self._former.items()]:
                # At its own address the current release is answered by the same engine as everywhere.
                changed = former is not site and name in (former.manifest.name, site.manifest.name)
                if changed or name not in releases:
                    del self._former[name]
                    if shown.answers is not former.answers:
                        self._let_go(shown)
        if former is not site:
            log.info("now serving release %s", site.manifest.name)
            self._let_go(former)

    def _listed(self, current: Release) -> tuple[list[Moment], dict[str, Release]]:
        releases = {release.manifest.name: release for release in whole_releases(self._folder)}
        return timeline(self._folder, current), releases


def inside_release(path: str) -> tuple[str, str] | None:
    """(name or version, path inside) for a path inside a release at its own address."""
    name, slash, inner = path.removeprefix(RELEASE).partition("/")
    return (name, f"/{inner}") if path.startswith(RELEASE) and slash else None


_SUFFIXES = tuple(f".{variant.suffix}" for variant in RESOURCE_VARIANTS)


def things_at(base: str, path: str) -> list[str]:
    """The IRIs of what may be described at a path (without leading slash), with or without the suffix of a format."""
    stems = [path, *(path.removesuffix(suffix) for suffix in _SUFFIXES if path.endswith(suffix))]
    names = []
    for stem in stems:
        if (inner := stem.removeprefix("doc/")) != stem:
            names += [*iri_spellings(base, f"id/{inner}"), *iri_spellings(base, inner)]
        else:
            names += iri_spellings(base, stem)
    return names
