"""Which releases stay, and which one counts: holding, removing old ones, going back.

Whoever serves a release holds it: a shared ``flock`` on its folder, which ends with the process at the latest. A
release is removed only by one who gets that lock alone, so nothing is taken from under a running server, whoever it
belongs to. (A network file system that cannot lock folders keeps them all.)
"""

from __future__ import annotations

import fcntl
import os
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kg.errors import NoRelease, ReleaseError
from kg.release.fixity import file_flaws
from kg.release.history import Kept, find_release, inventory, timeline
from kg.release.manifest import Release, open_release
from kg.release.publication import locked, make_current, remove
from kg.release.store import open_store


class Hold:
    """A release that nobody removes as long as this object is there; ``close()`` lets go, and so does forgetting it."""

    def __init__(self, release: Release) -> None:
        """Raises ReleaseError if the release is not there, or is being removed at this moment."""
        gone = ReleaseError(f"release {release.manifest.name} is being removed", "ask for another: kg releases")
        try:
            opened = os.open(release.path, os.O_RDONLY | os.O_DIRECTORY)
        except FileNotFoundError:
            raise gone from None
        except OSError as error:
            raise ReleaseError(
                f"{release.path} cannot be opened: {error.strerror}", "let the server read it"
            ) from error
        self.close = weakref.finalize(self, os.close, opened)
        try:
            fcntl.flock(opened, fcntl.LOCK_SH | fcntl.LOCK_NB)
            # Between the look and the lock it may have got another name, on its way out.
            if not os.path.samestat(os.fstat(opened), release.path.stat()):
                raise gone
        except (BlockingIOError, FileNotFoundError):
            self.close()
            raise gone from None
        except OSError:
            pass  # no locks on this file system: then prune cannot lock either, and removes nothing


@dataclass(frozen=True)
class Pruned:
    """What became of a release when old ones were to go: ``removed``, or the reason why it stays."""

    kept: Kept
    removed: bool
    reason: str


def rollback(releases: Path, wanted: str | None = None, progress: Callable[[str], None] = lambda _: None) -> Release:
    """Make the release before the current one, or that of the name or version ``wanted``, the current one.

    Its files and the number of quads in its store are proved first. Raises NoRelease if there is none to go to,
    ReleaseError if it is damaged, if somebody else is at work, or if the folder cannot be written.
    """
    if not releases.is_dir():
        raise NoRelease(f"there is no folder {releases}", "make a release: kg build")
    with _changing(releases, "rollback"):
        target = _before(releases) if wanted is None else find_release(releases, wanted)
        name = target.path.name
        if target.path.parent.resolve() != releases.resolve():
            raise ReleaseError(f"{target.path} is not among the releases of {releases}", "name one of kg releases")
        progress(f"reading the files of {name}")
        if flaws := file_flaws(target):
            found = "; ".join(f"{flaw.where}: {flaw.what}" for flaw in flaws[:3])
            raise ReleaseError(f"release {name} is damaged ({found})", "name another one, or make it anew: kg build")
        open_store(target)
        make_current(releases, name)
        return target


def prune(
    releases: Path, keep: int, days: float = 0, *, dry_run: bool = False, now: datetime | None = None
) -> list[Pruned]:
    """Remove old releases, the oldest first, and tell what became of each that is older than the current one.

    Of the past ``keep`` stay, the current one counted, and so does what was put in place in the last ``days`` (or is
    dated so, if it never was). What is newer than the current one stays, and what anybody serves. Raises NoRelease if
    none is current, ReleaseError if somebody else is at work or the folder cannot be written.
    """
    open_release(releases)
    now = now or datetime.now(UTC)
    with _changing(releases, "prune"):
        found = [kept for kept in inventory(releases) if kept.release is not None]
        older = found[[kept.current for kept in found].index(True) + 1 :]
        spared = {kept.name for kept in [k for k in older if k.past][: keep - 1]}
        done = []
        for kept in reversed(older):
            if kept.name in spared:
                done.append(Pruned(kept, removed=False, reason=f"one of the last {keep}"))
            elif days and now - _counts_since(kept) < timedelta(days=days):
                done.append(Pruned(kept, removed=False, reason=f"in place within the last {days:g} days"))
            else:
                done.append(_removed(kept, dry_run))
        return done


def _before(releases: Path) -> Release:
    moments = timeline(releases)
    if len(moments) < 2:
        raise NoRelease(
            f"there is no release before {moments[-1].name} in {releases}", "name one to go to: kg releases lists them"
        )
    return moments[-2].release


def _counts_since(kept: Kept) -> datetime:
    if kept.placed or kept.release is None:
        return max(kept.placed)
    return datetime.fromisoformat(kept.release.manifest.date).replace(tzinfo=UTC)


def _removed(kept: Kept, dry_run: bool) -> Pruned:
    size = kept.size  # to be told when the folder is gone
    opened = os.open(kept.path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not dry_run:
            remove(kept.path)
    except BlockingIOError:
        return Pruned(kept, removed=False, reason="a running server uses it")
    except OSError as error:
        return Pruned(kept, removed=False, reason=f"it cannot be removed: {error.strerror}")
    finally:
        os.close(opened)
    return Pruned(kept, removed=True, reason=f"{size} bytes")


@contextmanager
def _changing(releases: Path, purpose: str) -> Iterator[None]:
    try:
        with locked(releases, purpose):
            yield
    except OSError as error:
        raise ReleaseError(
            f"{releases} cannot be changed: {error.strerror or error}", "run this as the user that builds"
        ) from error
