"""Texts that are no names but identifiers: which things do they identify?

Identifiers of a thing are its IRI, what follows the base in it, IRIs that are said to mean the same
(``owl:sameAs``, ``skos:exactMatch``, ``schema:sameAs``), and CURIEs for all of these with the prefixes of the project.
"""

from __future__ import annotations

import re
from functools import lru_cache

from kg.engine import Answerer
from kg.engine.solutions import listed, select
from kg.identifiers.declared import SAME_AS
from kg.reconciliation.ids import Identifiers, is_iri
from kg.release.manifest import Manifest
from kg.search import LabelIndex

_WEB = re.compile(r"https?://\S+\Z", re.IGNORECASE)
_CURIE = re.compile(r"([\w.-]+):(?!//)(\S+)\Z")


class Identity:
    """Resolves identifiers for one release. Threads may share it."""

    def __init__(self, index: LabelIndex, manifest: Manifest, ask: Answerer) -> None:
        self._index = index
        self._ask = ask
        self._prefixes = manifest.prefixes
        self._ids = Identifiers(manifest.base, manifest.prefixes)
        self._meaning = lru_cache(maxsize=4_096)(self._said_to_mean)

    def things(self, text: str) -> tuple[str, ...]:
        """The IRIs of the things that the text identifies, in order; none if it is no identifier. Raises QueryError."""
        if not text or " " in text:
            return ()
        ours = self._ids.thing(text)
        if ours is not None and "/" in text and self._index.label(ours):
            return (ours,)
        iri = self._iri(text)
        if iri is None:
            return ()
        return (iri,) if self._index.label(iri) else self._meaning(iri)

    def _iri(self, text: str) -> str | None:
        if (curie := _CURIE.match(text)) and curie[1] in self._prefixes:
            text = self._prefixes[curie[1]] + curie[2]
        return text if _WEB.match(text) and is_iri(text) else None

    def _said_to_mean(self, iri: str) -> tuple[str, ...]:
        ways = f"FILTER(isIRI(?s) && ?p IN ({listed(SAME_AS)}))"
        rows = select(self._ask, f"SELECT DISTINCT ?s {{ ?s ?p <{iri}> {ways} }} LIMIT 20")
        return tuple(sorted(found for row in rows if self._index.label(found := row["s"]["value"])))
