"""How alike a name and a label are, word by word (pure).

Each word of the name is paired with the word of the label that is most like it; both may come in any order. What counts
is how much of the name the label has (``covered``) and how much of the label the name has (``whole``), each word by how
much it tells (``search.spelling.Words.weight``). A word of the name that the label lacks but that is known to stand
around it, a title or the name of a class, costs next to nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import OSA, JaroWinkler

from kg.search.spelling import alike

# What the label lacks of the name weighs heavily, what the name lacks of the label less: a surname is still a name.
_COVERED, _WHOLE = 1.4, 0.7
_AROUND = 0.08  # of the weight of a word that is known to stand around the label
# If a name of several words is there in full, what else is said is less likely to make another name of it.
_WHOLE_NAME, _EXTRA = 0.9, 0.6
_INITIAL = 0.6
_ABBREVIATED, _ABBREVIATION = 3, 0.6
_KINDRED_FROM, _KINDRED = 0.82, 0.6  # Frederick, Friedrich
_OTHER_ORDER = 0.99
_OTHER_WORDS = 0.85  # each has a word that the other lacks: a namesake rather than a longer form
_JOINED = 0.85  # so much alike are names that are written in one word here, in several there
_TELLING = 0.2  # a word that weighs less tells nothing


@dataclass(frozen=True)
class Likeness:
    """How alike a name and a label are, 0 to 1 each.

    ``worst`` is how alike the least alike of the pairs that tell something are, ``pairs`` how many there are; ``left``
    are the telling words of the name that are neither in the label nor around it.
    """

    score: float
    covered: float
    whole: float
    worst: float
    pairs: int
    left: tuple[str, ...]


NOTHING = Likeness(0.0, 0.0, 0.0, 0.0, 0, ())


def likeness(
    name: Sequence[str], label: Sequence[str], weight: Callable[[str], float], around: Collection[str] = ()
) -> Likeness:
    """Compare the folded words of a name with those of a label."""
    if tuple(name) == tuple(label):
        return Likeness(1.0, 1.0, 1.0, 1.0, len(label), ())
    pairs = _pairs(name, label)
    if not pairs and len(name) == len(label):
        return NOTHING
    of_pairs = sum(weight(label[j]) for _, j, _ in pairs)
    matched = sum(weight(label[j]) * fits for _, j, fits in pairs)
    of_label = sum(map(weight, label))
    whole = matched / of_label if of_label else 0.0
    telling = [fits for _, j, fits in pairs if weight(label[j]) >= _TELLING or len(label) == 1]
    paired = {i for i, *_ in pairs}
    rest = [word for i, word in enumerate(name) if i not in paired]
    known = [word for word in rest if _stands_around(word, around)] if around else []
    left = [word for word in rest if word not in known]
    extra = _EXTRA if whole >= _WHOLE_NAME and len(telling) > 1 else 1.0
    of_name = of_pairs + extra * sum(map(weight, left)) + _AROUND * sum(map(weight, known))
    covered = matched / of_name if of_name else 0.0
    unsaid = {word for word in left if weight(word) >= _TELLING}
    paired_too = {j for _, j, _ in pairs}
    is_other = unsaid and any(weight(word) >= _TELLING for j, word in enumerate(label) if j not in paired_too)
    found = Likeness(
        covered**_COVERED
        * whole**_WHOLE
        * (1.0 if _in_order(pairs) else _OTHER_ORDER)
        * (_OTHER_WORDS if is_other else 1.0),
        covered,
        whole,
        min(telling, default=0.0),
        len(telling),
        tuple(unsaid),
    )
    if len(name) != len(label) and not known:
        joined = OSA.normalized_similarity("".join(name), "".join(label), score_cutoff=_JOINED)
        if joined > found.score:
            return Likeness(0.98 * joined, joined, joined, joined, 1, ())
    return found


def _pairs(name: Sequence[str], label: Sequence[str]) -> list[tuple[int, int, float]]:
    """Which word of the name goes with which of the label (their places) and how well, each once, the best first."""
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
        if (found := alike(name[i], label[j]) or (len(name) > 1 and _loosely(name[i], label[j])))
    ]
    for worse, _, i, j in sorted(fits):
        if i in others and j in free:
            others.remove(i)
            free.remove(j)
            pairs.append((i, j, -worse))
    return pairs


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


def _stands_around(word: str, around: Collection[str]) -> bool:
    return word in around or (
        len(word) >= 4 and any(other.endswith(word) or alike(word, other) > 0.8 for other in around)
    )
