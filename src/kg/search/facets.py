"""What a search can be narrowed down by: the classes of what was found, and the languages of the labels that fit.

Of each facet it is counted how many things there would be if it were chosen; what is chosen in the same facet does not
count for that, what is chosen in the other does.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from kg.search.index import Fit, Hit, LabelIndex, best_of_each, by_fit, speaks


@dataclass(frozen=True)
class Found:
    """A page of what was found: the hits, how many there are in all, and the facets with their counts.

    ``kinds`` are classes and concept schemes by IRI, ``languages`` the tags of labels that fit.
    """

    hits: tuple[Hit, ...]
    total: int
    kinds: dict[str, int]
    languages: dict[str, int]


def search(
    index: LabelIndex,
    text: str,
    kinds: Collection[str] = (),
    label_language: str | None = None,
    language: str | None = None,
    offset: int = 0,
    limit: int = 20,
) -> Found:
    """Search for a text as ``LabelIndex.find`` does, from a place on, with what there is to choose from.

    With ``label_language`` only labels in this language are looked at (``de`` is also ``de-at``; a label without a
    language is in none). ``language`` is that of the names in the answer.
    """
    every = [*index.fits(text)]
    members = index.members(kinds) if kinds else None
    best = _best(every, label_language)
    chosen = [fit for fit in best.values() if members is None or fit.thing in members]
    page = heapq.nsmallest(offset + limit, chosen, key=by_fit)[offset:]
    return Found(tuple(index.hits(page, language)), len(chosen), index.count_kinds(best), _languages(every, members))


def complete(
    index: LabelIndex,
    text: str,
    kinds: Collection[str] = (),
    label_language: str | None = None,
    language: str | None = None,
    limit: int = 20,
) -> list[Hit]:
    """The first hits of ``search`` alone, for somebody who is still typing."""
    if label_language is None:
        return index.find(text, limit, kinds, language)
    return index.first(_best(index.fits(text), label_language).values(), limit, kinds, language)


def _best(fits: Iterable[Fit], label_language: str | None) -> dict[int, Fit]:
    return best_of_each(fit for fit in fits if label_language is None or speaks(fit.language, label_language))


def _languages(fits: Collection[Fit], members: Collection[int] | None) -> dict[str, int]:
    """How many things have a label that fits in each language; one in Austrian German counts for German too."""
    pairs = {(fit.thing, fit.language) for fit in fits if fit.language and (members is None or fit.thing in members)}
    return dict(Counter(tag for _, tag in {(thing, wider) for thing, own in pairs for wider in _ranges(own)}))


def _ranges(tag: str) -> list[str]:
    """The languages that a tag is in: ``de-at`` is in ``de`` and ``de-at``."""
    parts = tag.split("-")
    return ["-".join(parts[:number]) for number in range(1, len(parts) + 1)]
