"""The words of a label index: how rare each is, and which are spelled or spoken like one that somebody typed.

Two folded words are compared by the optimal string alignment distance (package rapidfuzz): one letter wrong, missing,
too many, or two exchanged. The same is done with their sounds, so that ``Makron`` and ``Macron``, ``Lawrow`` and
``Lavrov`` meet: letters that languages use for one another's sounds are written alike.
"""

from __future__ import annotations

import math
import re
import threading
from bisect import bisect_left
from functools import cached_property, lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA, Prefix

from kg.search.index import LabelIndex

# How many letters may differ in words up to so many letters; in longer ones it is MOST.
_EDITS = ((4, 0), (7, 1), (11, 2))
_MOST = 3
# A word that goes on otherwise (inflected) is like another if so much of it is the same from the beginning.
_STEM, _STEM_SHARE = 6, 0.7
# A word is made of another (Italian, of Italy) if it begins with so much of it, and is then so much like it.
_ROOT, _ROOT_SHARE = 4, 0.6
_MADE_OF, _MADE_OF_ALL = 0.7, 0.79
_ENDING = 0.95  # a short word with an ending
_SAME_SOUND = 0.96
_UNKNOWN = 0.65
_LIKE = 8  # words that one may have been meant for
_SOUNDS = (
    (re.compile("^i(?=[aeou])"), ""),
    # What Greek writes for b, d, g and j, and g for h in Cyrillic.
    (re.compile("^mp"), "b"),
    (re.compile("^nt"), "d"),
    (re.compile("lnt"), "ld"),
    (re.compile("gk"), "nk"),
    (re.compile("tz(?=i|or)|gi(?=[aou])"), "s"),
    (re.compile("^h"), "g"),
    (re.compile("oi"), "u"),
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
    stem = common(one, other) if one[:_STEM] == other[:_STEM] else 0
    if stem >= _STEM and stem / longest >= _STEM_SHARE:
        found = max(found, (1 + stem / longest) / 2)
    return found


def common(one: str, other: str) -> int:
    """With how many same letters two words begin."""
    return Prefix.similarity(one, other)


@lru_cache(maxsize=65_536)
def made_of(word: str, name: str) -> float:
    """How likely a folded word is made of a name, as adjectives of states are, 0 to 0.79; 0 if it is not."""
    share = 0.0
    if word[:1] != name[:1]:
        return share
    for one, other in ((word, name), (sound(word), sound(name))):
        root = common(one, other)
        if one != other and root >= _ROOT and root >= _ROOT_SHARE * len(other):
            share = max(share, root / len(other))
    return _MADE_OF + (_MADE_OF_ALL - _MADE_OF) * share if share else 0.0


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
        self.roots = lru_cache(maxsize=16_384)(self._roots)
        self.rarity = lru_cache(maxsize=65_536)(self._rarity)
        self.weight = lru_cache(maxsize=65_536)(self._weight)

    @cached_property
    def _labels(self) -> int:
        return max(2, int(self._index.rows("SELECT COUNT(*) FROM label")[0][0]))

    @cached_property
    def _sounds(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for word in self._index.words:
            if not word.isdigit():
                found.setdefault(sound.__wrapped__(word), []).append(word)
        return found

    @cached_property
    def _in_order(self) -> list[str]:
        return sorted(self._index.words)

    @cached_property
    def _spoken(self) -> list[str]:
        return list(self._sounds)

    def count(self, word: str) -> int:
        """In how many labels the word occurs."""
        with self._reading:
            return self._index.words.get(word, 0)

    def _rarity(self, word: str) -> float:
        """How few labels have the word, 0 to 1. What none has may be anything: a word of middling rarity."""
        count = self.count(word)
        found = math.log((self._labels + 1) / (count + 0.5)) / math.log(self._labels + 1) if count else _UNKNOWN
        return min(1.0, max(0.15, found))

    def _weight(self, word: str) -> float:
        """How much a word tells, 0 to 1: one that many labels have tells little, and so does a short one."""
        return self.rarity(word) * min(1.0, ((len(word) + 1) / 6) ** (2 if self.count(word) else 3))

    def _roots(self, word: str) -> tuple[str, ...]:
        """The words of the index that this one may be made of (``made_of``), the likeliest first."""
        with self._reading:
            known = self._in_order
        root = word[:_ROOT]
        first, last = bisect_left(known, root), bisect_left(known, root + "~")
        found = {other: fits for other in known[first:last] if (fits := made_of(word, other))}
        return tuple(sorted(found, key=lambda other: (-found[other], other))[:_LIKE])

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
