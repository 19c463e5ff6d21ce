"""The datasets that a release links to: which link leads to which of them, and what each is called in a file's name.

A target is a ``void:Dataset`` with a ``void:uriSpace`` that the project describes (VoID, section 5), else the namespace
of the things that are linked to.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from rdflib import RDF, VOID, Graph, URIRef

from kg.statistics import Statistics
from kg.terms import PREFIXES

_SKOS = PREFIXES["skos"]
# A triple with one of these is a link to another dataset whether or not that is described.
LINKING = {
    PREFIXES["owl"] + "sameAs",
    *(f"{_SKOS}{kind}Match" for kind in ("exact", "close", "broad", "narrow", "related")),
}
_WORD = re.compile(r"[a-z0-9][a-z0-9-]*", re.ASCII)


class Targets:
    """The targets of the links of a dataset, by what ``described`` says of them."""

    def __init__(self, described: Graph, dataset: URIRef, prefixes: Mapping[str, str]) -> None:
        spaces = [
            (str(space), str(target))
            for target, space in described.subject_objects(VOID.uriSpace)
            if target != dataset and (target, RDF.type, VOID.Dataset) in described
        ]
        self._spaces = sorted(spaces, key=lambda item: (-len(item[0]), item))
        self._prefixes = prefixes

    def of(self, predicate: str, namespace: str) -> str | None:
        """The target of links with a property into a namespace; None if they do not count as such.

        Links with ``owl:sameAs`` and the mapping properties of SKOS always do, those with other properties if their
        target is described: most lead to pages, not to data.
        """
        described = next((iri for space, iri in self._spaces if namespace.startswith(space)), None)
        return described or (namespace if predicate in LINKING else None)

    def counted(self, statistics: Statistics) -> dict[tuple[str, str], int]:
        """The number of links by property and target."""
        found: dict[tuple[str, str], int] = {}
        for (predicate, namespace), number in statistics.links.items():
            if (target := self.of(predicate, namespace)) is not None:
                found[predicate, target] = found.get((predicate, target), 0) + number
        return found

    def names(self, statistics: Statistics) -> dict[str, str]:
        """The name of each target of a link, the same for the same links: the end of the IRI of one that is described,
        the prefix of a namespace, else (or if two would have the same) with a digest."""
        targets = sorted({target for _, target in self.counted(statistics)})
        words = {target: self._word(target) for target in targets}
        taken = [*words.values()]
        return {
            target: word if word and taken.count(word) == 1 else "-".join(filter(None, (word, digest(target)[:8])))
            for target, word in words.items()
        }

    def _word(self, target: str) -> str:
        if any(target == iri for _, iri in self._spaces):
            word = name_of(target)
        else:
            word = min((prefix for prefix, space in self._prefixes.items() if space == target), default="")
        return word.lower() if _WORD.fullmatch(word.lower()) else ""


def name_of(dataset: str) -> str:
    """What a dataset is called in short: the last part of its IRI."""
    return re.split(r"[/#:]", dataset.rstrip("/#"))[-1]


def digest(iri: str) -> str:
    """An IRI as a short text of letters and digits."""
    return hashlib.sha256(iri.encode()).hexdigest()[:12]
