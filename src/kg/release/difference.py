"""Two canonical datasets -> what was removed and what was added (pure).

RDFC-1.0 gives equal datasets equal N-Quads, so the difference of the lines is the difference of the datasets: empty
where two graphs differ in the labels of blank nodes only, and exact to replay otherwise. Canonical N-Quads are sorted,
so neither side need be in memory: both are read once, side by side, and what is said of one subject is found by
bisection.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

_BLOCK = 1 << 20  # bytes that are compared at a time


class Lines:
    """Canonical N-Quads, or what is sorted like them, as a sequence of lines; a file is mapped, not read."""

    def __init__(self, content: bytes | mmap.mmap) -> None:
        self._content = content

    @classmethod
    def of_file(cls, path: Path) -> Lines:
        """The lines of a file. Raises OSError."""
        with path.open("rb") as file:
            if path.stat().st_size == 0:  # which cannot be mapped
                return cls(b"")
            return cls(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))

    def __iter__(self) -> Iterator[bytes]:
        """Each line, without its line break."""
        return self._from(0)

    def starting(self, prefix: bytes) -> Iterator[bytes]:
        """The lines that start with ``prefix``, found by bisection."""
        for line in self._from(self._position(prefix)):
            if not line.startswith(prefix):
                return
            yield line

    def containing(self, text: bytes) -> Iterator[bytes]:
        """The lines that hold ``text``, which has no line break."""
        content, start = self._content, 0
        while (found := content.find(text, start)) >= 0:
            begin, end = content.rfind(b"\n", 0, found) + 1, content.find(b"\n", found)
            end = len(content) if end < 0 else end
            yield content[begin:end]
            start = end

    def block_end(self, start: int) -> int:
        """Where the block of whole lines ends that begins at ``start``."""
        end = self._content.find(b"\n", start + _BLOCK)
        return len(self._content) if end < 0 else end + 1

    def last(self, end: int) -> bytes:
        """The line that ends at a position."""
        stop = end - 1 if self._content[end - 1 : end] == b"\n" else end
        return self._content[self._content.rfind(b"\n", 0, stop) + 1 : stop]

    def beyond(self, line: bytes) -> int:
        """Where the first line begins that is greater than ``line``."""
        return self._position(line + b"\0")

    def between(self, start: int, end: int) -> set[bytes]:
        """The lines between two positions."""
        found = set(self._content[start:end].split(b"\n"))
        found.discard(b"")
        return found

    def __len__(self) -> int:
        """The number of bytes."""
        return len(self._content)

    def _from(self, start: int) -> Iterator[bytes]:
        content, length = self._content, len(self._content)
        while start < length:
            end = content.find(b"\n", start)
            end = length if end < 0 else end
            yield content[start:end]
            start = end + 1

    def _position(self, prefix: bytes) -> int:
        """Where the first line begins that is not less than ``prefix``."""
        content, low, high = self._content, 0, len(self._content)
        while low < high:
            middle = (low + high) // 2
            start = content.rfind(b"\n", low, middle) + 1 or low
            end = content.find(b"\n", start)
            end = len(content) if end < 0 else end
            if content[start:end] < prefix:
                low = end + 1
            else:
                high = start
        return low


@dataclass(frozen=True)
class Difference:
    """The canonical N-Quads (without line breaks, sorted) that must go and those that must come."""

    removed: tuple[bytes, ...]
    added: tuple[bytes, ...]

    def __bool__(self) -> bool:
        """True if there is any."""
        return bool(self.removed or self.added)

    def applied_to(self, lines: Iterable[bytes]) -> list[bytes]:
        """The other side, from the one side. Raises ValueError if this is no difference from ``lines``."""
        there = set(lines)
        if not there.issuperset(self.removed) or not there.isdisjoint(self.added):
            raise ValueError("the difference does not start from these lines")
        return sorted((there - set(self.removed)) | set(self.added))

    def then(self, other: Difference) -> Difference:
        """This difference and the ``other``, which goes on where this one ends, as one."""
        removed, added = set(self.removed), set(self.added)
        more_removed, more_added = set(other.removed), set(other.added)
        return Difference(
            tuple(sorted((removed - more_added) | (more_removed - added))),
            tuple(sorted((added - more_removed) | (more_added - removed))),
        )


def difference(before: Lines, after: Lines) -> Difference:
    """The difference of two sorted sequences of lines."""
    removed: list[bytes] = []
    added: list[bytes] = []
    for line, is_new in compared(before, after):
        (added if is_new else removed).append(line)
    return Difference(tuple(removed), tuple(added))


def compared(before: Lines, after: Lines) -> Iterator[tuple[bytes, bool]]:
    """Each line that only one of two sorted sequences has, in order; True if it is the second one.

    They are read in step, block by block, so that hardly anything is held whatever their size.
    """
    old, new = 0, 0
    while old < len(before) or new < len(after):
        old_end, new_end = before.block_end(old), after.block_end(new)
        # Up to the last line of the block that ends first, so that both sides speak of the same.
        lasts = [side.last(end) for side, end in ((before, old_end), (after, new_end)) if end < len(side)]
        if lasts:
            old_end, new_end = before.beyond(min(lasts)), after.beyond(min(lasts))
        olds, news = before.between(old, old_end), after.between(new, new_end)
        both = [(line, False) for line in olds - news] + [(line, True) for line in news - olds]
        yield from sorted(both)
        old, new = old_end, new_end
