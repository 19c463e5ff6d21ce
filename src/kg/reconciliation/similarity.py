"""How alike a name and a label are, word by word (pure).

Each word of the name is paired with the word of the label that is most like it; both may come in any order. What counts
is how much of the name the label has (``covered``) and how much of the label the name has (``whole``), each word by how
much it tells (``search.spelling.Words.weight``). A word of the name that the label lacks but that is known to stand
around it, a title or the name of a class, costs next to nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import OSA, JaroWinkler

from kg.search.spelling import alike, made_of, sound

# What the label lacks of the name weighs heavily, what the name lacks of the label less: a surname is still a name.
_COVERED, _WHOLE = 1.4, 0.7
_AROUND = 0.08  # of the weight of a word that is known to stand around the label
# If a name of several words is there in full, what else is said is less likely to make another name of it.
_WHOLE_NAME, _EXTRA = 0.9, 0.6
_INITIAL = 0.7
_ABBREVIATED, _ABBREVIATION = 3, 0.6
_KINDRED_FROM, _KINDRED = 0.82, 0.6  # Frederick, Friedrich
_STEM = 4
_OTHER_ORDER = 0.99
_OTHER_WORDS = 0.85  # each has a word that the other lacks: a namesake rather than a longer form
_JOINED = 0.85  # so much alike are names that are written in one word here, in several there
# Words in other forms and another order, or with others between them, make another name: the Council of Europe is not
# the European Council.
_REBUILT = 0.45
# A small part of a long name may be the name of something else: Northern Ireland.
_PART, _PARTS, _IN_PART = 0.5, 3, 0.8
_RARE = 0.35  # a word that fewer labels have tells something, however short it is
_HEAD = 5  # letters that the last part of a compound must have
_TELLING = 0.2  # a word that weighs less tells nothing


@dataclass(frozen=True)
class Likeness:
    """How alike a name and a label are, 0 to 1 each.

    ``worst`` is how alike the least alike of the pairs that tell something are, ``pairs`` how many there are; ``left``
    are the telling words of the name that are neither in the label nor around it, ``lacks`` the rare ones of the label
    that the name does not have.
    """

    score: float
    covered: float
    whole: float
    worst: float
    pairs: int
    left: tuple[str, ...]
    lacks: tuple[str, ...]


NOTHING = Likeness(0.0, 0.0, 0.0, 0.0, 0, (), ())


def likeness(
    name: Sequence[str],
    label: Sequence[str],
    weight: Callable[[str], float],
    around: frozenset[str] = frozenset(),
    generic: frozenset[str] = frozenset(),
    rarity: Callable[[str], float] | None = None,
) -> Likeness:
    """Compare the folded words of a name with those of a label.

    ``weight`` is how much a word tells, ``rarity`` the same whatever its length. Words ``around`` the label and
    ``generic`` ones may stand in the name besides, the generic ones also in the label alone.
    """
    if tuple(name) == tuple(label):
        return Likeness(1.0, 1.0, 1.0, 1.0, len(label), (), ())
    rarity = rarity or weight
    stands = [_stands_around(word, around) or _stands_around(word, generic) for word in name]
    pairs = _pairs(name, label, stands)
    if not pairs and len(name) == len(label):
        return NOTHING
    paired, paired_too = {i for i, *_ in pairs}, {j for _, j, _ in pairs}
    of_pairs = sum(weight(label[j]) for _, j, _ in pairs)
    matched = sum(weight(label[j]) * fits for _, j, fits in pairs)
    missing = [word for j, word in enumerate(label) if j not in paired_too]
    of_label = of_pairs + sum(
        _AROUND * weight(word) if word in generic else rarity(word) * min(1.0, (len(word) + 1) / 6) for word in missing
    )
    whole = matched / of_label if of_label else 0.0
    telling = [fits for _, j, fits in pairs if weight(label[j]) >= _TELLING or len(label) == 1]
    known = [word for i, word in enumerate(name) if i not in paired and stands[i]]
    left = [word for i, word in enumerate(name) if i not in paired and not stands[i]]
    extra = _EXTRA if whole >= _WHOLE_NAME and len(telling) > 1 else 1.0
    of_name = of_pairs + extra * sum(map(weight, left)) + _AROUND * sum(map(weight, known))
    covered = matched / of_name if of_name else 0.0
    unsaid = {word for word in left if weight(word) >= _TELLING}
    lacks = tuple(word for word in missing if word not in generic and rarity(word) >= _RARE)
    is_other = unsaid and any(weight(word) >= _TELLING for word in missing)
    in_order = _in_order(pairs)
    between = [i for i in range(min(paired, default=0), max(paired, default=0)) if i not in paired]
    formed = {
        i
        for i, j, fits in pairs
        if (len(between) > len(missing) or not in_order)
        and (_is_other_form(name[i], label[j]) or (fits == _KINDRED and len(name[i]) >= _STEM))
        and not (any(stands) and fits == made_of(name[i], label[j]))
    }
    is_rebuilt = (
        bool(formed)
        and len(label) > 1
        and not all(_stands_around(word, generic) for i, word in enumerate(name) if i not in formed)
    )
    is_part = whole < _PART and len(lacks) >= _PARTS
    found = Likeness(
        covered**_COVERED
        * whole**_WHOLE
        * (1.0 if in_order else _OTHER_ORDER)
        * (_OTHER_WORDS if is_other else 1.0)
        * (_REBUILT if is_rebuilt else 1.0)
        * (_IN_PART if is_part else 1.0),
        covered,
        whole,
        min(telling, default=0.0),
        len(telling),
        tuple(unsaid),
        lacks,
    )
    if len(name) != len(label) and not known:
        joined = OSA.normalized_similarity("".join(name), "".join(label), score_cutoff=_JOINED)
        if joined > found.score:
            return Likeness(0.98 * joined, joined, joined, joined, 1, (), ())
    return found


def _pairs(name: Sequence[str], label: Sequence[str], stands: Sequence[bool]) -> list[tuple[int, int, float]]:
    """Which word of the name goes with which of the label (their places) and how well, each once, the best first."""
    only = _only_telling(name, label, stands)
    by_itself = only is not None and not any(word in label for word in name)
    pairs, others, free = [], [], list(range(len(label)))
    for i, word in enumerate(name):
        if word in label and (same := next((j for j in free if label[j] == word), None)) is not None:
            pairs.append((i, same, 1.0))
            free.remove(same)
        else:
            others.append(i)
    fits = [
        (-found, abs(i - j), i, j)
        for i in others
        for j in free
        if (
            found := _fits(
                name[i],
                label[j],
                in_company=len(name) > 1,
                # "Italian" of Italy, but Europe is not of "European".
                may_be_made_of=i == only and (by_itself or len(name[i]) > len(label[j])),
            )
        )
    ]
    for worse, _, i, j in sorted(fits):
        if i in others and j in free:
            others.remove(i)
            free.remove(j)
            pairs.append((i, j, -worse))
    return pairs


def _fits(one: str, other: str, *, in_company: bool, may_be_made_of: bool) -> float:
    """How well a word of a name goes with one of a label, if there are others or if it can be made of it."""
    found = alike(one, other) or (_loosely(one, other) if in_company else 0.0)
    return max(found, made_of(one, other)) if may_be_made_of else found


def _only_telling(name: Sequence[str], label: Sequence[str], stands: Sequence[bool]) -> int | None:
    """The place of the one word of a name that neither the label has nor what stands around it."""
    places = [i for i, word in enumerate(name) if not stands[i] and word not in label]
    return places[0] if len(places) == 1 and len(name) > 1 else None


def _is_other_form(one: str, other: str) -> bool:
    """True if two words have a beginning in common but more than a letter of their endings differs."""
    return (
        one[:_STEM] == other[:_STEM]
        and len(one) >= _STEM <= len(other)
        and min(OSA.distance(one, other), OSA.distance(sound(one), sound(other))) > 1
    )


def _loosely(one: str, other: str) -> float:
    """How alike two words are of a name of several, where the others help: initials, abbreviations, kindred forms."""
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) == 1 and shorter == longer[0]:
        return _INITIAL
    if len(shorter) >= _ABBREVIATED and longer.startswith(shorter):
        return _ABBREVIATION
    return _KINDRED if one[0] == other[0] and JaroWinkler.similarity(one, other) >= _KINDRED_FROM else 0.0


def _in_order(pairs: Sequence[tuple[int, int, float]]) -> bool:
    places = [j for _, j, _ in sorted(pairs)]
    return places == sorted(places)


@lru_cache(maxsize=65_536)
def _stands_around(word: str, around: frozenset[str]) -> bool:
    return word in around or (
        len(word) >= 4
        and any(
            # Languages that write compounds in one word say Bundeskanzler where others say chancellor.
            other.endswith(word) or (len(other) >= _HEAD and word.endswith(other)) or alike(word, other) > 0.8
            for other in around
        )
    )
