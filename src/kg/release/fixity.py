"""Fixity: the files of a release are those that its manifest and ``SHA256SUMS`` list, bit for bit, and no others.

The store is left out: its own files differ from build to build (``verification`` reads what it holds).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kg.release.manifest import CURRENT, MANIFEST, STORE, SUMS, Release, sha256_of

AGAIN = "take it from a whole copy of the release, or make the release anew: kg build"
_SUM = re.compile(r"([0-9a-f]{64}) [ *](.+)")


@dataclass(frozen=True)
class Flaw:
    """One thing that is wrong with a release: ``where`` (a file of it), ``what``, and how to ``mend`` it."""

    where: str
    what: str
    mend: str


def file_flaws(release: Release) -> list[Flaw]:
    """Files that are missing, foreign or changed, by the manifest and by ``SHA256SUMS``; names that do not fit."""
    manifest, flaws = release.manifest, []
    name = f"{manifest.version}-{manifest.digest[:12]}"
    if manifest.name != name and not re.fullmatch(re.escape(name) + r"\.\d+", manifest.name):
        flaws.append(Flaw(MANIFEST, f"the name {manifest.name} does not fit version and digest: {name}", AGAIN))
    if (release.path.parent / CURRENT).is_symlink() and release.path.name != manifest.name:
        flaws.append(Flaw(MANIFEST, f"the folder's name is not the release's, {manifest.name}", "rename the folder"))
    listed, told = _listed(release.path / SUMS)
    flaws += told
    expected = {path: sha256 for path, (_, sha256) in manifest.files.items()}
    for path in sorted(expected.keys() ^ (listed.keys() - {MANIFEST})):
        where, other = (SUMS, MANIFEST) if path in expected else (MANIFEST, SUMS)
        flaws.append(Flaw(where, f"{path} is not listed, but {other} lists it", AGAIN))
    for path, (size, sha256) in manifest.files.items():
        flaws += _file(release.path, path, size, {sha256, listed.get(path, sha256)})
    if MANIFEST in listed:
        flaws += _file(release.path, MANIFEST, None, {listed[MANIFEST]})
    elif not told:
        flaws.append(Flaw(SUMS, f"{MANIFEST} is not listed", AGAIN))
    known = {*expected, MANIFEST, SUMS}
    for file in sorted(release.path.rglob("*")):
        path = file.relative_to(release.path).as_posix()
        if path.split("/")[0] != STORE and path not in known and (file.is_symlink() or not file.is_dir()):
            flaws.append(Flaw(path, "does not belong to the release", "move it away"))
    return flaws


def _listed(file: Path) -> tuple[dict[str, str], list[Flaw]]:
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError) as error:
        return {}, [Flaw(SUMS, f"cannot be read: {why(error)}", AGAIN)]
    matches = [_SUM.fullmatch(line) for line in lines]
    flaws = [
        Flaw(SUMS, f"line {number} is not a sum and a path", AGAIN) for number, m in enumerate(matches, 1) if not m
    ]
    return {m[2]: m[1] for m in matches if m}, flaws


def _file(folder: Path, path: str, size: int | None, sums: set[str]) -> Iterator[Flaw]:
    file = folder / path
    if not file.resolve().is_relative_to(folder.resolve()):
        yield Flaw(path, "leads out of the release", AGAIN)
        return
    try:
        if file.is_symlink() or not file.is_file():
            yield Flaw(path, "is missing" if not file.is_symlink() else "is a link, not a file", AGAIN)
        elif size is not None and (there := file.stat().st_size) != size:
            yield Flaw(path, f"has {there:,} bytes, not the {size:,} of the manifest", AGAIN)
        elif sums != {sha256_of(file)}:
            yield Flaw(path, "is changed: its SHA-256 is not the one listed", AGAIN)
    except OSError as error:
        yield Flaw(path, f"cannot be read: {why(error)}", AGAIN)


def why(error: Exception) -> str:
    """What an error says, in a few words."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
