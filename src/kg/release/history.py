"""The releases of a folder in the order of time, and the instant at which each begins to count.

A release says its date and version itself. Where several have the same date, the version decides, then the order in
which they were put in place (``journal.tsv``, written by ``publication``; what never was comes last); each then counts
a second later than the one before, so that every instant leads to exactly one release. A release that was taken back
(an older one was put in place after it) is no part of the past, unless it is put in place once more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path

from kg.errors import KgError, NoRelease
from kg.release.manifest import CURRENT, MANIFEST, Release, open_release

JOURNAL = "journal.tsv"
_LINE = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)\t([^\t/]+)")


@dataclass(frozen=True)
class Moment:
    """A release and the instant (UTC) from which on it counted."""

    release: Release
    instant: datetime

    @property
    def name(self) -> str:
        """The release's name."""
        return self.release.manifest.name


@dataclass(frozen=True)
class Kept:
    """A folder among the releases.

    ``release`` is None if its manifest cannot be used; ``placed`` are the instants (UTC) at which it was put in place;
    ``past`` says that it is, or once was, what the site said: the current one and those before it.
    """

    path: Path
    release: Release | None
    placed: tuple[datetime, ...]
    current: bool
    past: bool

    @property
    def name(self) -> str:
        """The name of the folder."""
        return self.path.name

    @cached_property
    def size(self) -> int:
        """How many bytes it takes on the disk."""
        blocks = 0
        for path in self.path.rglob("*"):
            try:
                blocks += path.lstat().st_blocks
            except FileNotFoundError:  # it is being removed
                continue
        return 512 * blocks


def timeline(releases: Path, current: Release | None = None) -> list[Moment]:
    """The releases that were current one after the other, the oldest first; the current one is the last.

    ``current`` is the one that counts as such; without it, that of the link. Folders that cannot be read are left out.
    Raises NoRelease or ReleaseError if the current one cannot be opened.
    """
    current = current or open_release(releases)
    there = {release.manifest.name: release for release in whole_releases(releases)}
    there[current.manifest.name] = current
    ordered, taken_back = _ordered(there.values(), journal(releases))
    moments: list[Moment] = []
    for release in ordered:
        name = release.manifest.name
        if name in taken_back and name != current.manifest.name:
            continue
        instant = datetime.fromisoformat(release.manifest.date).replace(tzinfo=UTC)
        if moments and instant <= moments[-1].instant:
            instant = moments[-1].instant + timedelta(seconds=1)
        moments.append(Moment(release, instant))
        if name == current.manifest.name:
            break
    return moments


def inventory(releases: Path) -> list[Kept]:
    """All releases in a folder, the newest first, those that cannot be read last; also if none of them is current.

    Raises NoRelease if there is no such folder.
    """
    if not releases.is_dir():
        raise NoRelease(f"there is no folder {releases}", "make a release: kg build")
    placings = journal(releases)
    link = releases / CURRENT
    current = link.readlink().name if link.is_symlink() else ""
    there = whole_releases(releases)
    ordered, taken_back = _ordered(there, placings)
    names = [release.manifest.name for release in ordered]
    before = set(names[: names.index(current) + 1]) - taken_back if current in names else set()

    def kept(path: Path, release: Release | None) -> Kept:
        placed = tuple(instant for instant, name in placings if name == path.name)
        return Kept(path, release, placed, path.name == current, path.name in before or path.name == current)

    readable = {release.path for release in there}
    unreadable = [path for path in _folders(releases) if path not in readable]
    return [kept(r.path, r) for r in reversed(ordered)] + [kept(path, None) for path in sorted(unreadable)]


def find_release(releases: Path, wanted: str) -> Release:
    """The release of that name or version in ``releases``, or in the folder ``wanted``; of a version the newest.

    Raises NoRelease if there is none, ReleaseError if its manifest cannot be used.
    """
    for folder in (releases / wanted, Path(wanted)):
        if (folder / MANIFEST).is_file():
            return open_release(folder.resolve())
    ordered, _ = _ordered(whole_releases(releases), journal(releases))
    matching = [release for release in ordered if release.manifest.version == wanted]
    if not matching:
        known = ", ".join(release.manifest.name for release in ordered[-5:]) or "none"
        raise NoRelease(f"there is no release {wanted} in {releases}", f"name one of those (kg releases): {known}")
    return matching[-1]


def whole_releases(releases: Path) -> list[Release]:
    """The releases in a folder, in no particular order, whether or not they ever were current."""
    found = []
    for folder in _folders(releases):
        try:
            found.append(open_release(folder))
        except KgError:
            continue
    return found


def journal(releases: Path) -> list[tuple[datetime, str]]:
    """When (UTC) which release was put in place, the first first. Lines that are torn are left out."""
    try:
        lines = (releases / JOURNAL).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    matches = (_LINE.fullmatch(line) for line in lines)
    return [(datetime.fromisoformat(match[1]), match[2]) for match in matches if match]


def natural(text: str) -> list[tuple[int, int, str]]:
    """A key that sorts numbers in a text by their value: 0.9 before 0.10."""
    parts = re.findall(r"(\d+)|(\D+)", text)
    return [(0, int(number), "") if number else (1, 0, word) for number, word in parts]


def _folders(releases: Path) -> list[Path]:
    """What looks like a release: a folder that is no link and not hidden, with a manifest."""
    found = (manifest.parent for manifest in releases.glob(f"*/{MANIFEST}"))
    return [folder for folder in found if not folder.name.startswith(".") and not folder.is_symlink()]


def _ordered(there: Iterable[Release], placings: list[tuple[datetime, str]]) -> tuple[list[Release], set[str]]:
    """The releases in the order of time, and the names of those that were taken back."""
    first: dict[str, int] = {}
    for position, (_, name) in enumerate(placings):
        first.setdefault(name, position)

    def key(release: Release) -> tuple[object, ...]:
        manifest = release.manifest
        return (
            manifest.date,
            natural(manifest.version),
            first.get(manifest.name, len(placings)),
            natural(manifest.name),
        )

    ordered = sorted(there, key=key)
    rank = {release.manifest.name: number for number, release in enumerate(ordered)}
    taken_back: set[str] = set()
    placed: set[str] = set()
    for _, name in placings:
        if name in rank:
            taken_back |= {other for other in placed if rank[other] > rank[name]}
            taken_back.discard(name)
            placed.add(name)
    return ordered, taken_back
