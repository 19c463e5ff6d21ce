"""The releases of a folder in the order of time, and the instant at which each begins to count.

A release says its date and version itself. Where several have the same date, the version decides, then the order in
which they were put in place (``journal.tsv``, written by ``publication``); each then counts a second later than the one
before, so that every instant leads to exactly one release. A release that was rolled back is no part of the past.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kg.errors import KgError
from kg.release.manifest import CURRENT, MANIFEST, Release, open_release

JOURNAL = "journal.tsv"


@dataclass(frozen=True)
class Moment:
    """A release and the instant (UTC) from which on it counted."""

    release: Release
    instant: datetime

    @property
    def name(self) -> str:
        """The release's name."""
        return self.release.manifest.name


def timeline(releases: Path) -> list[Moment]:
    """The releases that were current one after the other, the oldest first; the current one is the last.

    Folders that cannot be read are left out. Raises NoRelease or ReleaseError if the current one cannot be opened.
    """
    current = open_release(releases)
    placed = {name: position for position, name in enumerate(_journal(releases))}

    def key(release: Release) -> tuple[object, ...]:
        manifest = release.manifest
        return (manifest.date, natural(manifest.version), placed.get(manifest.name, -1), natural(manifest.name))

    there = {release.manifest.name: release for release in whole_releases(releases)}
    there[current.manifest.name] = current
    ordered = sorted(there.values(), key=key)
    ordered = ordered[: [r.manifest.name for r in ordered].index(current.manifest.name) + 1]
    moments: list[Moment] = []
    for release in ordered:
        instant = datetime.fromisoformat(release.manifest.date).replace(tzinfo=UTC)
        if moments and instant <= moments[-1].instant:
            instant = moments[-1].instant + timedelta(seconds=1)
        moments.append(Moment(release, instant))
    return moments


def whole_releases(releases: Path) -> list[Release]:
    """The releases in a folder, in no particular order, whether or not they ever were current."""
    found = []
    for manifest in releases.glob(f"*/{MANIFEST}"):
        if manifest.parent.name == CURRENT or manifest.parent.name.startswith("."):
            continue
        try:
            found.append(open_release(manifest.parent))
        except KgError:
            continue
    return found


def natural(text: str) -> list[tuple[int, int, str]]:
    """A key that sorts numbers in a text by their value: 0.9 before 0.10."""
    parts = re.findall(r"(\d+)|(\D+)", text)
    return [(0, int(number), "") if number else (1, 0, word) for number, word in parts]


def _journal(releases: Path) -> list[str]:
    """The names of releases in the order in which they were first put in place."""
    try:
        lines = (releases / JOURNAL).read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    return list(dict.fromkeys(line.rpartition("\t")[2] for line in lines if "\t" in line))
