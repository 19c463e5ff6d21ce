"""A release's store: written once while the release is made, afterwards only read."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pyoxigraph as ox

from kg.errors import ReleaseError
from kg.release.manifest import Release
from kg.search import demand_index
from kg.terms import graph_iri


def write_store(folder: Path, published: list[ox.Quad], description: Iterable[ox.Quad]) -> int:
    """Write a store and return how many quads it holds. Raises OSError if the disk refuses.

    Published triples stand in the default graph and, a second time, in their named graphs: the default graph is then
    exactly the dump, each triple counted once, and needs no merging of graphs while a query runs. What speaks of the
    publication is in its named graph only.
    """
    store = ox.Store(str(folder))
    store.bulk_extend(ox.Quad(q.subject, q.predicate, q.object) for q in published)
    store.bulk_extend(published)
    store.bulk_extend(description)
    store.flush()
    store.optimize()
    return len(store)


# What a quad takes in memory, in bytes; measured: 403 MiB for a million of one graph.
_QUAD_BYTES = 450
_PORTION = 50_000  # quads


@dataclass(frozen=True)
class Stores:
    """What is held of a release in memory: ``whole`` its store, ``plain`` its default graph alone; None: on disk."""

    whole: ox.Store | None = None
    plain: ox.Store | None = None

    def opened(self, release: Release, *, counted: bool = True) -> tuple[ox.Store, ox.Store]:
        """(whole, plain), the store on disk in place of what is not held. Raises ReleaseError (see ``open_store``)."""
        if self.whole is not None and self.plain is not None:
            return self.whole, self.plain
        disk = open_store(release, counted=counted)
        return self.whole or disk, self.plain or disk


def load_stores(release: Release, mebibytes: int) -> Stores:
    """Hold of a release what fits into so many MiB, by estimate: both stores, the default graph alone, or nothing.

    Raises ReleaseError if the files do not hold what the manifest says.
    """
    manifest = release.manifest
    room = mebibytes * 1024 * 1024 // _QUAD_BYTES
    if manifest.triples["data"] > room:
        return Stores()
    gc.disable()  # a million values that all stay: nothing to collect
    try:
        plain, whole = ox.Store(), ox.Store() if manifest.triples["data"] + manifest.quads <= room else None
        for quads in _dump(release):
            triples = [ox.Quad(q.subject, q.predicate, q.object) for q in quads]
            plain.bulk_extend(triples)
            if whole is not None:
                whole.bulk_extend([*triples, *quads])
        if whole is not None:
            whole.bulk_extend(_description(release))
            _counted(whole, manifest.quads, release)
        return Stores(whole, _counted(plain, manifest.triples["data"], release))
    except (OSError, SyntaxError) as error:
        raise ReleaseError(
            f"the dumps of {release.path} cannot be read: {error}", "make a new release: kg build"
        ) from error
    finally:
        gc.enable()


def _dump(release: Release) -> Iterator[list[ox.Quad]]:
    """The published quads in portions, so that they are read once and never all there at once.

    Blank node labels are as they stand there, so that answers are the same after a restart.
    """
    quads = ox.parse(path=str(release.path / "dumps" / "data.nq"), format=ox.RdfFormat.N_QUADS)
    while portion := list(islice(quads, _PORTION)):
        yield portion


def _description(release: Release) -> Iterator[ox.Quad]:
    meta = ox.NamedNode(graph_iri(release.manifest.base, "meta"))
    for quad in ox.parse(path=str(release.path / "catalogue.ttl"), format=ox.RdfFormat.TURTLE):
        yield ox.Quad(quad.subject, quad.predicate, quad.object, meta)


def _counted(store: ox.Store, wanted: int, release: Release) -> ox.Store:
    if (held := len(store)) != wanted:
        raise ReleaseError(
            f"the dumps of {release.path} hold {held:,} quads, its manifest says {wanted:,}",
            "make a new release: kg build",
        )
    return store


def open_store(release: Release, *, counted: bool = True) -> ox.Store:
    """The release's store, read-only; many processes may hold it at once. Counting takes a second for some millions.

    Raises ReleaseError if it cannot be opened, does not hold what the manifest says, or has a damaged label index
    beside it.
    """
    try:
        store = ox.Store.read_only(str(release.store))
    except OSError as error:
        raise ReleaseError(f"the store of {release.path} cannot be opened: {error}", "kg build") from error
    if release.manifest.format > 1 or release.labels.exists():  # the first releases had none
        demand_index(release.labels)
    if counted and (held := len(store)) != release.manifest.quads:
        raise ReleaseError(
            f"the store of {release.path} holds {held:,} quads, its manifest says {release.manifest.quads:,}",
            "make a new release: kg build",
        )
    return store
