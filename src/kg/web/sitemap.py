"""The addresses that a search engine should know, and when what is there last changed (sitemaps.org, version 0.9).

Only canonical addresses that answer 200: the front page, the project's other pages and the overviews, each ontology,
each question, and the document of each published thing that is in use.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from xml.sax.saxutils import escape

from kg.changes.comparison import GONE, Comparison
from kg.changes.log import Step, is_cut, steps
from kg.changes.sides import of_release
from kg.errors import ReleaseError
from kg.release.manifest import Release
from kg.representation.linkset import as_uri
from kg.representation.statements import column
from kg.terms import PREFIXES, document_iri, graph_iri, local_path
from kg.web.current import CurrentSite
from kg.web.site import Site

_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
# What one file may have at most: addresses, and bytes (the host's name and the tags are counted amply).
MOST, BYTES = 50_000, 50_000_000
_AROUND = 400
_PAGES = ("/", "/catalog", "/changes", "/dumps/")
# Comparing two releases takes a second for each so many bytes of both.
_CHEAP = 64_000_000


@dataclass(frozen=True)
class Entry:
    """An address (a path), and since when it has been as it is, if that is known."""

    path: str
    changed: datetime | None


class Sitemap:
    """The sitemap of the site that is served, made once for each release. Safe for many threads."""

    def __init__(self, current: CurrentSite) -> None:
        self._current = current
        self._lock = threading.Lock()
        self._made: tuple[str, list[list[Entry]]] = ("", [])

    def files(self, site: Site) -> list[list[Entry]]:
        """The entries of each file, in order; at least one file. Raises QueryError."""
        with self._lock:
            stamp = self.stamp(site)
            if self._made[0] != stamp:
                self._made = (stamp, [*divided(self._entries(site))])
            return self._made[1]

    def stamp(self, site: Site) -> str:
        """What it depends on: this release, and those before it."""
        return "\n".join([site.release.fingerprint, *(moment.name for moment in self._current.timeline())])

    def _entries(self, site: Site) -> list[Entry]:
        changed = self._changed()
        released = self._current.timeline()[-1].instant
        entries = [Entry(path, released) for path in (*_PAGES, *(page.path for page in site.display.pages))]
        entries += [Entry(path, changed(iri)) for path, iri in sorted(_documents(site, self._things(site)).items())]
        return entries

    def _things(self, site: Site) -> frozenset[str]:
        return self._current.things(site.release)

    def _changed(self) -> _Changed:
        moments = self._current.timeline()
        try:
            cut = is_cut(moments[0].release.path.parent, moments)
            return _Changed(steps(moments), cut=cut)
        except (OSError, ReleaseError):  # one of the releases has just been removed
            return _Changed([], cut=True)


class _Changed:
    """When what is said about things last changed, as far back as comparing releases is cheap."""

    def __init__(self, of: Sequence[Step], *, cut: bool) -> None:
        self._found: dict[str, datetime] = {}
        self._before: datetime | None = None  # when what has not changed since came
        for step in reversed(of):
            if step.before is None:
                # All of the first release was new with it, unless there were others before.
                self._before = None if cut else step.instant
                return
            if _size(step.before) + _size(step.after) > _CHEAP:
                return
            wholes = Comparison(of_release(step.before), of_release(step.after)).wholes
            for thing, how in wholes.items():
                if how != GONE:
                    self._found.setdefault(thing, step.instant)

    def __call__(self, thing: str) -> datetime | None:
        return self._found.get(thing, self._before)


def divided(entries: Sequence[Entry]) -> Iterator[list[Entry]]:
    """The entries in files of which none is too large."""
    file: list[Entry] = []
    size = 0
    for entry in entries:
        size += len(entry.path) + _AROUND
        if file and (len(file) == MOST or size > BYTES):
            yield file
            file, size = [], len(entry.path) + _AROUND
        file.append(entry)
    yield file


def written(entries: Iterable[Entry], root: str) -> bytes:
    """One file of the sitemap; ``root`` is the site's address without a slash at the end."""
    return _xml("urlset", "url", ((root + as_uri(entry.path), entry.changed) for entry in entries))


def written_index(files: Sequence[Sequence[Entry]], root: str) -> bytes:
    """The index of several files; each changed when the last of its entries did."""
    latest = [max((e.changed for e in file if e.changed), default=None) for file in files]
    named = ((f"{root}/sitemap-{number}.xml", changed) for number, changed in enumerate(latest, 1))
    return _xml("sitemapindex", "sitemap", named)


def _documents(site: Site, things: Iterable[str]) -> dict[str, str]:
    """Path of the document -> IRI of the thing, for all that is published and in use, and for questions."""
    base, meta = site.manifest.base, graph_iri(site.manifest.base, "meta")
    # What only speaks of the publication, such as how pages are arranged, nobody looks for.
    behind = column(
        site.answers,
        f"SELECT DISTINCT ?s {{ GRAPH <{meta}> {{ ?s ?p ?o FILTER(isIRI(?s)) }} "
        "FILTER NOT EXISTS { ?s ?any ?thing } }",
    )
    given_up = column(site.answers, f"SELECT DISTINCT ?s {{ ?s <{PREFIXES['owl']}deprecated> true FILTER(isIRI(?s)) }}")
    ontologies = site.hash_documents
    wanted = set(things) - {*behind, *given_up, *ontologies}
    wanted |= {site.manifest.dataset, *(question.iri for question in site.display.questions)}
    found = {}
    for iri in wanted:
        if iri.startswith(base) and iri != base and (path := local_path(base, document_iri(base, iri))) is not None:
            found[path] = iri
    for iri in set(ontologies.values()):
        if (path := local_path(base, iri)) is not None:
            found[path] = iri
    return found


def _size(release: Release) -> int:
    return release.manifest.files.get("dumps/data.nq", (0, ""))[0]


def _xml(root: str, name: str, entries: Iterable[tuple[str, datetime | None]]) -> bytes:
    """The two forms of the protocol are flat, and long: a tree of elements would take ten times as long to write."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<{root} xmlns="{_NAMESPACE}">']
    for address, changed in entries:
        since = f"<lastmod>{_instant(changed)}</lastmod>" if changed else ""
        lines.append(f"<{name}><loc>{escape(address)}</loc>{since}</{name}>")
    return "\n".join([*lines, f"</{root}>", ""]).encode()


@lru_cache(maxsize=256)
def _instant(changed: datetime) -> str:
    return changed.strftime("%Y-%m-%dT%H:%M:%SZ")
