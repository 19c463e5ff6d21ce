"""The changes from release to release: which steps there are, each compared once and kept.

Reading two large releases takes seconds, so one comparison is made at a time and the last few are held. How many
things differ in a step is needed for every overview; it is noted beside the releases, in ``.changes/``, and found out
again where that folder cannot be written.
"""

from __future__ import annotations

import json
import os
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from kg.changes.comparison import Comparison
from kg.changes.sides import nothing_before, of_release
from kg.release.history import Moment, journal
from kg.release.manifest import Release

FOLDER = ".changes"
_FORM = 1  # of what is noted
_HELD = 16  # comparisons
_BETWEEN = ".."


@dataclass(frozen=True)
class Step:
    """From one release of the timeline to the next (None: from nothing to the first), and when the later began."""

    before: Release | None
    after: Release
    instant: datetime

    @property
    def name(self) -> str:
        """``0.1.0-64d91752bcee..0.2.0-d914abc0188f``, and ``..0.1.0-64d91752bcee`` for the first one."""
        return pair_name(self.before, self.after)


@dataclass(frozen=True)
class Counts:
    """How many things differ by the IRI without fragment (``members``), and how many are told (``entries``)."""

    members: int
    entries: int


def pair_name(before: Release | None, after: Release) -> str:
    """How the step between two releases is called in addresses."""
    return f"{before.manifest.name if before else ''}{_BETWEEN}{after.manifest.name}"


def split_pair(name: str) -> tuple[str, str] | None:
    """The names before and after in a pair's name; None if it is none. The first may be empty."""
    before, between, after = name.partition(_BETWEEN)
    return (before, after) if between and after and _BETWEEN not in after else None


def steps(moments: Sequence[Moment]) -> list[Step]:
    """The steps of a timeline, the oldest first; releases that were removed meanwhile are passed over."""
    there = [moment for moment in moments if (moment.release.path / "dumps/data.nq").is_file()]
    befores: list[Release | None] = [None, *(moment.release for moment in there)]
    return [Step(before, m.release, m.instant) for before, m in zip(befores, there, strict=False)]


def is_cut(releases: Path, moments: Sequence[Moment]) -> bool:
    """True if there was a release before the first of the timeline that is no longer kept."""
    names = [name for _, name in journal(releases)]
    first = moments[0].name
    earlier = names[: names.index(first)] if first in names else []
    return any(not (releases / name).is_dir() for name in earlier)


class ChangeLog:
    """Comparisons of releases, held for those who ask next. Safe for many threads."""

    def __init__(self) -> None:
        self._held: OrderedDict[tuple[str, str], Comparison] = OrderedDict()
        self._counts: dict[tuple[str, str], Counts] = {}
        self._lock = threading.Lock()

    def comparison(self, before: Release | None, after: Release) -> Comparison:
        """What changed between two releases, ready to be told. Raises ReleaseError if one cannot be read."""
        key = _key(before, after)
        with self._lock:
            if key not in self._held:
                later = of_release(after)
                compared = Comparison(of_release(before) if before else nothing_before(later), later)
                self._counts[key] = Counts(len(compared.wholes), sum(not e.inferred for e in compared.entries))
                self._held[key] = compared
            self._held.move_to_end(key)
            while len(self._held) > _HELD:
                self._held.popitem(last=False)
            return self._held[key]

    def counts(self, before: Release | None, after: Release) -> Counts:
        """How many things differ between two releases. Raises ReleaseError if one cannot be read."""
        key = _key(before, after)
        if key not in self._counts:
            note = after.path.parent / FOLDER / f"{key[0][:16]}-{key[1][:16]}-{_FORM}.json"
            if (noted := _read(note)) is None:
                self.comparison(before, after)
                _write(note, self._counts[key])
            else:
                self._counts[key] = noted
        return self._counts[key]

    def all_counts(self, of: Iterable[Step]) -> dict[str, Counts]:
        """The counts of steps by their names."""
        return {step.name: self.counts(step.before, step.after) for step in of}


def _key(before: Release | None, after: Release) -> tuple[str, str]:
    return (before.fingerprint if before else "0" * 64, after.fingerprint)


def _read(note: Path) -> Counts | None:
    try:
        return Counts(**json.loads(note.read_bytes()))
    except (OSError, ValueError, TypeError):
        return None


def _write(note: Path, counts: Counts) -> None:
    """Note the counts in one step; a folder that cannot be written is no matter."""
    with suppress(OSError):
        note.parent.mkdir(exist_ok=True)
        opened, name = tempfile.mkstemp(prefix=".", dir=note.parent)
        try:
            with os.fdopen(opened, "w", encoding="utf-8") as file:
                json.dump(vars(counts), file)
            Path(name).chmod(0o644)
            Path(name).replace(note)
        except OSError:
            Path(name).unlink(missing_ok=True)
