"""A release's store: written once while the release is made, afterwards only read."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pyoxigraph as ox

from kg.errors import ReleaseError
from kg.release.manifest import Release


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


def open_store(release: Release) -> ox.Store:
    """The release's store, read-only; many processes may hold it at once.

    Raises ReleaseError if it cannot be opened or does not hold what the manifest says.
    """
    try:
        store = ox.Store.read_only(str(release.store))
    except OSError as error:
        raise ReleaseError(f"the store of {release.path} cannot be opened: {error}", "kg build") from error
    if (held := len(store)) != release.manifest.quads:
        raise ReleaseError(
            f"the store of {release.path} holds {held:,} quads, its manifest says {release.manifest.quads:,}",
            "make a new release: kg build",
        )
    return store
