"""Nothing was found: which names are nearly so? Words that nobody has are taken for the most alike of those there are.

How alike two folded words are is their normalised Damerau-Levenshtein similarity (package rapidfuzz): one letter wrong,
missing, too many, or two exchanged.
"""

from __future__ import annotations

from itertools import islice, product

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from kg.search.folding import wanted
from kg.search.index import Hit, LabelIndex

_ALIKE = 0.6
_OTHERS = 3  # words that one may have been meant for
_TRIES = 12  # texts that are looked for instead
_WORDS = 6  # of a longer text nobody can be sure what was meant


def near(index: LabelIndex, text: str, limit: int = 5, language: str | None = None) -> list[Hit]:
    """Things with a name nearly like the text, the most alike first; none if no word is alike."""
    words = wanted(text).words
    if not 0 < len(words) <= _WORDS:
        return []
    ways = [_alike(index, word) for word in words]
    tries = sorted(product(*ways), key=lambda way: -sum(alike for _, alike in way))
    found: dict[str, Hit] = {}
    for way in islice(tries, _TRIES):
        for hit in index.find(" ".join(word for word, _ in way), limit, language=language):
            found.setdefault(hit.iri, hit)
    return [*found.values()][:limit]


def _alike(index: LabelIndex, word: str) -> list[tuple[str, float]]:
    """The words of the index that are like this one, and how much, the most alike first."""
    off = max(1, len(word) // 3)
    there = [other for other in index.words if abs(len(other) - len(word)) <= off]
    best = process.extract(
        word,
        there,
        scorer=DamerauLevenshtein.normalized_similarity,
        processor=None,
        limit=_OTHERS,
        score_cutoff=_ALIKE,
    )
    return [(other, alike) for other, alike, _ in best]
