"""Putting a finished folder in place so that nobody ever sees half of it.

One build at a time holds the lock. A build that was killed leaves a hidden folder, which the next one clears away.
The folder gets its name by one rename, and ``current`` (a relative symlink) is replaced by another.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kg.errors import ReleaseError
from kg.release.manifest import CURRENT, SUMS, Release, open_release
from kg.release.store import open_store

_BUILDING = ".building-"


@contextmanager
def building(releases: Path) -> Iterator[Path]:
    """A fresh hidden folder inside ``releases``, gone afterwards unless it was published.

    Raises ReleaseError if another build is under way, OSError if the folder cannot be written.
    """
    releases.mkdir(parents=True, exist_ok=True)
    with (releases / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.EACCES):
                raise
            raise ReleaseError(
                f"another build is under way in {releases}", "wait for it, or build elsewhere with --releases"
            ) from error
        for leftover in releases.glob(_BUILDING + "*"):
            shutil.rmtree(leftover, ignore_errors=True)
        folder = Path(tempfile.mkdtemp(prefix=_BUILDING, dir=releases))
        folder.chmod(0o755)  # mkdtemp makes it private, but another user's process may serve it
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def publish(folder: Path, releases: Path, name: str) -> Release | None:
    """Give the finished ``folder`` its name in ``releases`` and make it current.

    If a whole release with the same content has that name already, that one is kept. None if the name is taken by
    anything else: a folder that may be served at this moment is neither changed nor moved.
    """
    target = releases / name
    if target.exists():
        if not _is_whole_twin(target, folder):
            return None
    else:
        _flush_to_disk(folder)
        folder.rename(target)
    make_current(releases, name)
    return open_release(target)


def make_current(releases: Path, name: str) -> None:
    """Let ``releases/current`` point to the release ``name``, in one step."""
    link = releases / f"{_BUILDING}{CURRENT}"
    link.unlink(missing_ok=True)
    link.symlink_to(name)
    link.replace(releases / CURRENT)


def _is_whole_twin(target: Path, folder: Path) -> bool:
    try:
        if (target / SUMS).read_bytes() != (folder / SUMS).read_bytes():
            return False
        there = open_release(target)
        open_store(there)
        return not there.damage()
    except (OSError, ReleaseError):
        return False


def _flush_to_disk(folder: Path) -> None:
    """Have the kernel write the files before the rename, so that a power cut cannot leave an empty release."""
    for path in [folder, *folder.rglob("*")]:
        opened = os.open(path, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
