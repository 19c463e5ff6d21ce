"""Putting a finished folder in place so that nobody ever sees half of it.

One process at a time changes a folder of releases; it holds the lock. One that was killed leaves a hidden folder, which
the next one clears away. A release gets its name by one rename, and ``current`` (a relative symlink) is replaced by
another. ``journal.tsv`` notes when; it is the only thing here that knows the clock, and no part of any release.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from kg.errors import ReleaseError
from kg.release.history import JOURNAL
from kg.release.manifest import CURRENT, SUMS, Release, open_release
from kg.release.store import open_store

LOCK = ".lock"
_BUILDING = ".building-"
_REMOVING = ".removing-"


@contextmanager
def locked(releases: Path, purpose: str) -> Iterator[None]:
    """Be the only one who changes the folder ``releases``; ``purpose`` (a word) is told to others who try.

    What a process that was killed has left is cleared away. Raises ReleaseError if somebody else is at work, OSError if
    the folder cannot be written.
    """
    with (releases / LOCK).open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.EACCES):
                raise
            lock.seek(0)
            holder, _, process = lock.read().partition(" ")
            raise ReleaseError(
                f"another {holder or 'build'} is under way in {releases}"
                if holder in ("", purpose)
                else f"a {holder} is under way in {releases}",
                (f"wait for it (process {process})" if process else "wait for it")
                + (", or build elsewhere with --releases" if purpose == "build" else ""),
            ) from error
        with suppress(OSError):  # a full disk must not stand in the way of a rollback
            lock.truncate(0)
            lock.write(f"{purpose} {os.getpid()}")
            lock.flush()
        for leftover in (*releases.glob(f"{_BUILDING}*"), *releases.glob(f"{_REMOVING}*")):
            if leftover.is_symlink():
                leftover.unlink(missing_ok=True)
            else:
                shutil.rmtree(leftover, ignore_errors=True)
        yield


@contextmanager
def building(releases: Path) -> Iterator[Path]:
    """A fresh hidden folder inside ``releases``, gone afterwards unless it was published.

    Raises ReleaseError if another build is under way, OSError if the folder cannot be written.
    """
    if not releases.is_dir():
        releases.mkdir(parents=True, exist_ok=True)
        releases.chmod(0o755)  # as below, whatever the umask
    with locked(releases, "build"):
        folder = Path(tempfile.mkdtemp(prefix=_BUILDING, dir=releases))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def publish(folder: Path, releases: Path, name: str, *, current: bool = True) -> Release | None:
    """Give the finished ``folder`` its name in ``releases`` and, if wanted, make it current.

    If a whole release with the same content has that name already, that one is kept. None if the name is taken by
    anything else: a folder that may be served at this moment is neither changed nor moved. Whoever may enter
    ``releases`` may read the release, whatever the umask: it is published.
    """
    target = releases / name
    if target.exists():
        if not _is_whole_twin(target, folder):
            return None
    else:
        _flush_to_disk(folder)
        folder.rename(target)
        _flush(releases)
    if current:
        make_current(releases, name)
    return open_release(target)


def make_current(releases: Path, name: str) -> None:
    """Let ``releases/current`` point to the release ``name``, in one step; the caller holds the lock.

    The journal gets a line just before: whoever sees the new link finds the line too. Raises OSError.
    """
    current = releases / CURRENT
    if current.is_symlink() and current.readlink() == Path(name):
        return
    _note(releases / JOURNAL, name)
    link = releases / f"{_BUILDING}{CURRENT}"
    link.unlink(missing_ok=True)
    link.symlink_to(name)
    link.replace(current)
    _flush(releases)


def remove(release: Path) -> None:
    """Remove a release's folder so that a reader sees all of it or nothing; the caller holds the lock.

    Files that somebody has open can still be read. Raises OSError if the folder cannot be renamed.
    """
    hidden = release.with_name(f"{_REMOVING}{release.name}")
    release.rename(hidden)
    shutil.rmtree(hidden, ignore_errors=True)  # what is left, the next one clears away


def _note(journal: Path, name: str) -> None:
    """Append a line in one write, on the disk when this returns. A line that was torn by a crash is ended first."""
    opened = os.open(journal, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        size = os.fstat(opened).st_size
        torn = size > 0 and os.pread(opened, 1, size - 1) != b"\n"
        instant = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        line = f"{chr(10) if torn else ''}{instant}\t{name}\n".encode()
        if os.write(opened, line) != len(line):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(journal))
        os.fsync(opened)
        if size == 0:
            os.fchmod(opened, 0o644)
    finally:
        os.close(opened)


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
    """Let everybody read the files, and have the kernel write them before the rename, so that a power cut cannot
    leave an empty release."""
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
        _flush(path)


def _flush(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
