"""The words of a label index: how rare each is, and which are spelled or spoken like one that somebody typed.

Two folded words are compared by the optimal string alignment distance (package rapidfuzz): one letter wrong, missing,
too many, or two exchanged. The same is done with their sounds, so that ``Makron`` and ``Macron``, ``Lawrow`` and
``Lavrov`` meet: letters that languages use for one another's sounds are written alike.
"""

from __future__ import annotations

import math
import re
import threading
from functools import cached_property, lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from kg.search.index import LabelIndex

# How many letters may differ in words up to so many letters; in longer ones it is MOST.
_EDITS = ((4, 0), (7, 1), (11, 2))
_MOST = 3
# A word that goes on otherwise (inflected) is like another if so much of it is the same from the beginning.
_STEM, _STEM_SHARE = 6, 0.7
_ENDING = 0.95  # a short word with an ending
_SAME_SOUND = 0.96
_UNKNOWN = 0.65
_LIKE = 8  # words that one may have been meant for
_SOUNDS = (
    (re.compile("^i(?=[aeou])"), ""),
    (re.compile("tsch|tch|tsh|sch|ch|sh|sz"), "s"),
    (re.compile("tz|ts|cz"), "s"),
    (re.compile("ck|kh|c|q"), "k"),
    (re.compile("ph"), "f"),
    (re.compile("th|dt"), "t"),
    (re.compile("x"), "ks"),
    (re.compile("w"), "v"),
    (re.compile("z"), "s"),
    (re.compile("ou|oo"), "u"),
    (re.compile(r"(?<=.)h"), ""),
    (re.compile(r"([a-z])\1+"), r"\1"),
    (re.compile(r"(?<=...)e$"), ""),
)
_VOCABULARY = "CREATE VIRTUAL TABLE IF NOT EXISTS temp.vocabulary USING fts5vocab('main', 'search', 'col')"
_COUNTS = "SELECT term, doc FROM temp.vocabulary WHERE col = 'folded'"


@lru_cache(maxsize=65_536)
def sound(word: str) -> str:
    """A folded word as it sounds, roughly; what is spelled otherwise in another language is the same."""
    for pattern, instead in _SOUNDS:
        word = pattern.sub(instead, word)
    return word


@lru_cache(maxsize=65_536)
def alike(one: str, other: str) -> float:
    """How alike two folded words are: 1 if they are the same, 0 if nobody would take one for the other."""
    if one == other:
        return 1.0
    first, second = sound(one), sound(other)
    if first == second:
        return _SAME_SOUND
    longest = max(len(one), len(other))
    allowed = next((edits for length, edits in _EDITS if longest <= length), _MOST)
    article = longest > 5 and (one[1:] == other or one == other[1:])
    if first[:1] != second[:1] and longest <= _EDITS[-1][0] and not article:
        allowed -= 1  # the first letter of a word is seldom wrong, but may be an article that is written with it
    found = 0.0
    if (edits := OSA.distance(one, other)) <= allowed:
        found = 1 - edits / longest
    if (edits := OSA.distance(first, second)) < allowed:
        found = max(found, _SAME_SOUND * (1 - edits / max(len(first), len(second))))
    if longest == 4:
        found = max(found, _short(one, other))
    stem = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    if stem >= _STEM and stem / longest >= _STEM_SHARE:
        found = max(found, (1 + stem / longest) / 2)
    return found


def _short(one: str, other: str) -> float:
    """How alike two words are of which one has four letters: an ending, or one vowel for another."""
    if one.startswith(other) or other.startswith(one):
        return _ENDING * min(len(one), len(other)) / 4
    differ = [(a, b) for a, b in zip(one, other, strict=False) if a != b]
    return 0.75 if len(one) == len(other) and len(differ) == 1 and set(differ[0]) <= set("aeiou") else 0.0


class Words:
    """The folded words of an index. Threads may share it; they are read when first asked for."""

    def __init__(self, index: LabelIndex) -> None:
        self._index = index
        self._reading = threading.Lock()
        self.like = lru_cache(maxsize=16_384)(self._like)
        self.weight = lru_cache(maxsize=65_536)(self._weight)

    @cached_property
    def _counts(self) -> dict[str, int]:
        # A view of what the index holds anyway. It belongs to this connection, the file stays as it is.
        self._index.rows(_VOCABULARY)
        return dict(self._index.rows(_COUNTS))

    @cached_property
    def _labels(self) -> int:
        return max(2, int(self._index.rows("SELECT COUNT(*) FROM label")[0][0]))

    @cached_property
    def _sounds(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for word in self._counts:
            if not word.isdigit():
                found.setdefault(sound.__wrapped__(word), []).append(word)
        return found

    @cached_property
    def _spoken(self) -> list[str]:
        return list(self._sounds)

    def count(self, word: str) -> int:
        """In how many labels the word occurs."""
        with self._reading:
            return self._counts.get(word, 0)

    def _weight(self, word: str) -> float:
        """How much a word tells, 0 to 1: one that many labels have tells little, and so does a short one.

        What no label has may be anything, and tells as much as a word of middling rarity.
        """
        count = self.count(word)
        rarity = math.log((self._labels + 1) / (count + 0.5)) / math.log(self._labels + 1) if count else _UNKNOWN
        return min(1.0, max(0.15, rarity)) * min(1.0, ((len(word) + 1) / 6) ** (2 if count else 3))

    def _like(self, word: str) -> tuple[str, ...]:
        """The words of the index that this one may have been meant for, the most alike first."""
        with self._reading:
            sounds, spoken = self._sounds, self._spoken
        said = sound(word)
        near = process.extract(
            said, spoken, scorer=OSA.normalized_similarity, processor=None, limit=4 * _LIKE, score_cutoff=0.6
        )
        found = {other: alike(word, other) for heard, *_ in near for other in sounds[heard]}
        best = sorted((w for w, fits in found.items() if fits), key=lambda w: (-found[w], -self.count(w), w))
        return tuple(best[:_LIKE])
