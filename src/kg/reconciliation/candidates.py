"""Which things have a name like this one? From the label index, without looking at every label."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from kg.reconciliation.similarity import NOTHING, Likeness, likeness
from kg.search import LabelIndex
from kg.search.folding import CODE
from kg.search.occurrences import Label, Occurrences
from kg.search.spelling import Words, made_of
from kg.terms import whole

_EXACT, _NEAR = 50, 80  # labels that are looked at
_BESIDE = 200  # labels that tell what stands beside a name
_ENOUGH = 0.85  # below, words that exist may be mistakes for others, too
_FEW = 6  # of more words one may be wrong
_OCCURRENCES = 5_000  # what stands in so many labels tells too little to be looked up by itself
_AROUND = 0.4  # what has less of the label is no name that something could stand around
_NEARLY_ALL = 0.7  # what the further labels of a thing must have for that
_HALF = 0.5  # below, a name is not made a good one by what the label may do without
_IF_MADE_OF = 0.3  # what a label may gain of which a word of the name is made
# What is written in Chinese signs says nothing by letters that are wrong.
_SIGNS = re.compile("[぀-ヿ㐀-鿿]")
_LABELS = 5  # of a thing, that are compared with regard to what stands beside them
_SHORTEST = 3  # parts of a word that was split


@dataclass(frozen=True)
class Found:
    """A thing, the label of it that is most like the name, and how much so.

    ``names`` is how many labels the thing has; ``is_whole`` is False for a hash IRI, which is a part of something.
    """

    thing: int
    iri: str
    kinds: tuple[str, ...]
    text: str
    language: str
    likeness: Likeness
    names: int
    is_whole: bool


class Finder:
    """Finds things by their names. Threads may share it."""

    def __init__(
        self,
        index: LabelIndex,
        linked: Callable[[str, Sequence[str]], Collection[str]],
        beside_names: Callable[[], Mapping[str, frozenset[str]]],
    ) -> None:
        """``linked`` tells which of several IRIs a statement links with one.

        ``beside_names`` gives the folded words that people put beside the names of things of a class, by its IRI.
        """
        self.words = Words(index)
        self._labels = Occurrences(index)
        self._linked = linked
        self._beside_names = beside_names
        self._around = lru_cache(maxsize=4_096)(self._words_around)
        self._class_words = lru_cache(maxsize=4_096)(self._words_of)
        self._generic = lru_cache(maxsize=4_096)(self._words_of_kinds)

    def thing(self, iri: str) -> Found:
        """A thing that was found otherwise than by its name."""
        labels = self._labels.of(iri)
        text, language = (labels[0].text, labels[0].language) if labels else ("", "")
        number = labels[0].thing if labels else 0
        kinds = self._labels.kinds([number]).get(number, ())
        return Found(number, iri, kinds, text, language, NOTHING, len(labels), "#" not in iri)

    def names(self, iri: str) -> list[str]:
        """What a thing is called."""
        return [label.text for label in self._labels.of(iri)]

    def find(self, words: tuple[str, ...], kinds: Iterable[str] = ()) -> list[Found]:
        """The things that have a label like the folded words, each once, in no order; with ``kinds`` only such."""
        if not words:
            return []
        wanted = tuple(kinds)
        likes: dict[str, Likeness] = {}
        rows = self._liked(words, self._labels.with_all(words, wanted, _EXACT), likes)
        if " ".join(words) not in likes:
            rows += self._liked(
                words, self._labels.with_any(self._forms(words, also_known=False), wanted, _NEAR), likes
            )
            best = max((likes[row.folded].score for row in rows), default=0.0)
            if best < _ENOUGH and len(words) <= _FEW:
                also = self._labels.with_any(self._forms(words, also_known=True), wanted, _NEAR)
                rows += self._liked(words, also, likes)
        return self._things(words, [self._meant(row) for row in dict.fromkeys(rows)], likes)

    def _liked(self, words: tuple[str, ...], rows: Iterable[Label], likes: dict[str, Likeness]) -> list[Label]:
        """Those of the labels that are like the name at all; how much goes into ``likes``."""
        found = []
        for row in rows:
            if row.folded not in likes:
                likes[row.folded] = (
                    NOTHING
                    if _SIGNS.search(row.text) and row.folded not in (words[0], " ".join(words))
                    else self._likeness(words, row.folded)
                )
            if likes[row.folded].score or (not _SIGNS.search(row.text) and self._may_be_made_of(words, row.folded)):
                found.append(row)
        return found

    def _forms(self, words: Sequence[str], *, also_known: bool) -> list[str]:
        """What to look for: the words, those that they may have been meant for, and parts and compounds of them."""
        forms: dict[str, int] = {}
        for word in sorted(words, key=self.words.weight, reverse=True):
            count = self.words.count(word)
            options = [word] if count else []
            if not count or (also_known and self.words.weight(word) >= 0.2):
                options += [*self.words.like(word), *self._split(word)]
            if also_known and len(words) > 1:
                options += self.words.roots(word)
            for option in options:
                forms.setdefault(option, self.words.count(option))
        for one, other in pairwise(words):
            if self.words.count(one + other):
                forms.setdefault(one + other, self.words.count(one + other))
        chosen: list[str] = []
        looked_up = 0
        for form, count in sorted(forms.items(), key=lambda item: item[1]):
            looked_up += count
            if looked_up > _OCCURRENCES:
                break
            chosen.append(form)
        return chosen

    def _split(self, word: str) -> list[str]:
        """Two words of the index that make up the one, if there are such."""
        for place in range(_SHORTEST, len(word) - _SHORTEST + 1):
            if self.words.count(word[:place]) and self.words.count(word[place:]):
                return [word[:place], word[place:]]
        return []

    def _meant(self, row: Label) -> Label:
        """The thing that a label is about: a code of a part that has no name of its own is one of the whole."""
        if row.kind == CODE and "#" in row.iri:
            labels = self._labels.of(whole(row.iri))
            if labels and all(label.kind == CODE for label in self._labels.of(row.iri)):
                return row._replace(thing=labels[0].thing, iri=labels[0].iri)
        return row

    def _things(self, words: tuple[str, ...], rows: Sequence[Label], likes: Mapping[str, Likeness]) -> list[Found]:
        numbers = {row.thing for row in rows}
        kinds, names = self._labels.kinds(numbers), self._labels.counts(numbers)
        of: dict[int, dict[str, Label]] = {}
        for row in sorted(rows, key=lambda row: -self._prospect(words, row.folded, likes)):
            of.setdefault(row.thing, {}).setdefault(row.folded, row)
        found = []
        for thing, labels in of.items():
            told = kinds.get(thing, ())
            # What else is said may make another label of the thing the better one.
            tried = [*labels.values()][:_LABELS]
            rated = [(self._all_in_all(words, row, told, likes, first=not n), row) for n, row in enumerate(tried)]
            like, row = max(rated, key=lambda pair: pair[0].score)
            if like.score:
                found.append(
                    Found(thing, row.iri, told, row.text, row.language, like, names[thing], "#" not in row.iri)
                )
        return found

    def _all_in_all(
        self, words: tuple[str, ...], row: Label, kinds: Iterable[str], likes: Mapping[str, Likeness], *, first: bool
    ) -> Likeness:
        """The likeness if words count for less that stand beside the label elsewhere or name a class of the thing.

        What things that are linked have in their labels is looked up for the ``first`` label only.
        """
        like, generic = likes[row.folded], self._generic(tuple(kinds))
        is_made_of = self._may_be_made_of(words, row.folded)
        is_told_more = like.covered < 1 and like.whole >= (_AROUND if first else _NEARLY_ALL)
        is_told_less = like.covered >= _HALF and not generic.isdisjoint(like.lacks)
        if like.score == 1 or not (is_made_of or is_told_more or is_told_less):
            return like
        around = self._around(row.iri, row.folded) if first and is_told_more else frozenset()
        found = self._likeness(words, row.folded, around, generic)
        return found if found.score > like.score else like

    def _prospect(self, words: Sequence[str], folded: str, likes: Mapping[str, Likeness]) -> float:
        return likes[folded].score + (_IF_MADE_OF if self._may_be_made_of(words, folded) else 0.0)

    def _may_be_made_of(self, words: Sequence[str], folded: str) -> bool:
        label = folded.split()
        return (
            len(words) > 1 and len(label) <= len(words) and any(made_of(word, name) for word in words for name in label)
        )

    def _words_of_kinds(self, kinds: tuple[str, ...]) -> frozenset[str]:
        """The words of which people make names of things of these classes, and those of the classes' own names."""
        beside = self._beside_names()
        return frozenset().union(*(self._class_words(kind) | beside.get(kind, frozenset()) for kind in kinds))

    def _words_around(self, iri: str, folded: str) -> frozenset[str]:
        """The words that stand beside a label of the thing in those of things that it is linked with."""
        rows = [row for row in self._labels.with_all(folded.split(), (), _BESIDE) if row.iri != iri]
        linked = self._linked(iri, sorted({row.iri for row in rows}))
        return frozenset(word for row in rows if row.iri in linked for word in row.folded.split())

    def _words_of(self, kind: str) -> frozenset[str]:
        return frozenset(word for label in self._labels.of(kind) for word in label.folded.split())

    def _likeness(
        self,
        words: tuple[str, ...],
        folded: str,
        around: frozenset[str] = frozenset(),
        generic: frozenset[str] = frozenset(),
    ) -> Likeness:
        label = folded.split()
        # Of a label with so much else the name is too small a part to be one.
        if len(label) > 4 * len(words) + 2:
            return NOTHING
        return likeness(words, label, self.words.weight, around, generic, self.words.rarity)
