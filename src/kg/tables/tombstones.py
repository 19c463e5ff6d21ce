"""Tombstones for things whose rows have gone: their IRIs have been published, so they must go on answering.

A tombstone is ``owl:deprecated true`` with the name that the thing had. Whoever knows better, for example that it was
merged into another thing (``dcterms:isReplacedBy``), says so by hand with ``owl:deprecated true`` in a file of their
own; then none is written here. If the row comes back, the tombstone goes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pyoxigraph as ox

from kg.tables.keys import Keys
from kg.terms import PREFIXES

HEADER = """Things whose rows are no longer in the tables. Written by kg import; do not edit.
To say that a thing was merged into another one, write in a file of your own:
<it> owl:deprecated true ; dcterms:isReplacedBy <the other one> ."""
_DEPRECATED = ox.NamedNode(PREFIXES["owl"] + "deprecated")


def tombstones(
    keys: Keys,
    in_use: set[str],
    kept: Iterable[ox.Quad],
    former: Iterable[ox.Triple],
    label_properties: Sequence[str],
) -> dict[str, list[ox.Triple]]:
    """IRI -> its tombstone, for each whose key is in ``keys``, but not ``in_use``.

    ``kept`` is what is written by hand; what is deprecated there has its tombstone already. Names are taken from the
    ``former`` statements, tombstones among them. A part (hash IRI) is answered by its whole and needs none.
    """
    by_hand = {str(q.subject)[1:-1] for q in kept if q.predicate == _DEPRECATED}
    gone = {iri for iri in keys.known.values() if iri not in in_use and iri not in by_hand and "#" not in iri}
    found = {iri: [ox.Triple(ox.NamedNode(iri), _DEPRECATED, ox.Literal(True))] for iri in gone}
    for triple in former:
        tombstone = found.get(str(triple.subject)[1:-1], [])
        if tombstone and triple.predicate.value in label_properties and triple not in tombstone:
            tombstone.append(triple)
    return found
