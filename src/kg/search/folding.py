"""When does a text that somebody typed belong to a label? The folding of both, and the score of the pair (pure).

A text is folded in these steps, a label and a query alike:

1. Compatibility characters become the usual ones (NFKC), upper case becomes lower (Unicode case folding, ``ß`` is
   ``ss``), and accents go (``é`` is ``e``).
2. Every other script is written in ASCII, letter by letter (the package anyascii): ``Київ`` is ``kiiv``, ``東京`` is
   ``dongjing``. A letter that anyascii does not know becomes ``u`` and its number, so it still equals itself.
3. Apostrophes, and soft and hard signs, which step 2 turns into apostrophes, go. Whatever else is neither a letter nor
   a digit separates words.
4. ``y`` and ``j`` become ``i``; an ``e`` after ``a``, ``o`` or ``u`` goes, so that ``ü``, ``ue`` and ``u`` meet; of
   doubled letters one remains. Digits stay as they are.

All words of a query must occur in one label, in any order; the last may be the beginning of a word. Of a query the
first 200 characters and 16 words count.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache

from anyascii import anyascii

LENGTH = 200
WORDS = 16
# No more is looked at: case, spacing and normalising can shorten a text, hardly to a fifth.
_READ = 5 * LENGTH

PREFERRED, ALTERNATIVE, CODE = "preferred", "alternative", "code"

# anyascii keeps its tables in files, one for each 256 characters, which it reads when first needed; there are none
# beyond these, but it would look for them each time.
_BLOCKS = 0x324
_APOSTROPHES = re.compile("['`]")
_SEPARATORS = re.compile("[^a-z0-9]+")
_SAME_SOUND = str.maketrans("yj", "ii")
_SILENT_E = re.compile("([aou])e+")
_DOUBLED = re.compile(r"([a-z])\1+")
_WORD = re.compile(r"\w+")


class _Letters(dict[int, str]):
    """Characters in ASCII, by their number; each is looked up once."""

    def __missing__(self, number: int) -> str:
        self[number] = text = _in_ascii(chr(number))
        return text


def _in_ascii(character: str) -> str:
    block = ord(character) >> 8
    text = anyascii(character) if block < _BLOCKS else ""
    if text or not character.isalnum() or _is_known(block):
        return text.lower()
    return f"u{ord(character)}"


@cache
def _is_known(block: int) -> bool:
    """True if anyascii knows the script: a letter that it leaves out is then one that is not spoken."""
    return block < _BLOCKS and any(anyascii(chr(block << 8 | low)) for low in range(256))


_LETTERS = _Letters()


@cache
def prepare() -> None:
    """Read all tables now (a tenth of a second, once in a process), for a process that soon can open no file."""
    for block in range(_BLOCKS):
        anyascii(chr(block << 8))


def fold(text: str) -> str:
    """The words of a text in the form in which they are compared: ASCII, one space between them."""
    letters = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).translate(_LETTERS)
    words = _SEPARATORS.sub(" ", _APOSTROPHES.sub("", letters)).strip().translate(_SAME_SOUND)
    return _DOUBLED.sub(r"\1", _SILENT_E.sub(r"\1", words))


def plain(text: str) -> str:
    """The text but for case and spacing, at most LENGTH characters; what no file can hold (half a pair) is ``?``."""
    sound = text[:_READ].encode(errors="replace").decode()
    return " ".join(unicodedata.normalize("NFKC", sound).casefold().split())[:LENGTH]


@dataclass(frozen=True)
class Wanted:
    """A query, read: the text but for case, the same folded, its folded words, and its words as they were typed."""

    plain: str
    key: str
    words: tuple[str, ...]
    typed: tuple[str, ...]


def wanted(text: str) -> Wanted:
    """Read what somebody typed. There is no syntax in it, so nothing can be wrong with it."""
    return _wanted(text[:_READ])


@lru_cache(maxsize=64)
def _wanted(text: str) -> Wanted:
    short = plain(text)
    key = fold(short)
    return Wanted(short, key, tuple(key.split()[:WORDS]), tuple(_WORD.findall(short)[:WORDS]))


def score(query: Wanted, label: str, key: str, kind: str) -> float | None:
    """How well a label (``plain``, and its folded ``key``) fits; None if it does not.

    ==========  ================================================================
    1.0         the label is the text, but for case and spacing
    0.9         it is after folding
    0.35 - 0.8  it begins with the text (after folding); the more the text is of it, the higher
    0.3 - 0.75  all words of the text occur in it; likewise
    ==========  ================================================================

    So a surname finds the person before the sentences that begin with it.

    A label that is not preferred (an alternative one, a code) gets 0.05 less.
    """
    if label == query.plain and label:
        found = 1.0
    elif not query.words:
        return None
    elif key == query.key:
        found = 0.9
    elif key.startswith(query.key):
        found = 0.35 + 0.45 * len(query.key) / len(key)
    elif _has_words(key.split(), query.words):
        found = 0.3 + 0.45 * min(1.0, len(query.key) / len(key))
    else:
        return None
    return round(found - (0.05 if kind != PREFERRED else 0), 4)


def score_of_text(query: Wanted, text: str) -> float | None:
    """How well a text fits that is a preferred label itself; None if it does not."""
    return score(query, plain(text), _folded(text), PREFERRED)


_folded = lru_cache(maxsize=4096)(fold)


def _has_words(words: list[str], looked_for: tuple[str, ...]) -> bool:
    *whole, beginning = looked_for
    return all(word in words for word in whole) and any(word.startswith(beginning) for word in words)
