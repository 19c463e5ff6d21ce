"""Answers that are kept with their validators, so that asking again costs a 304: in memory, or in a folder.

An answer is used again only when the site has said that it still holds (RFC 9110, section 13), or had said that it
never changes (``immutable``, RFC 8246). So nothing here can be out of date.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True)
class Answer:
    """A whole answer: the address that gave it, its status and headers (names in lower case), its body."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def validator(self) -> str | None:
        """The entity tag; None if there is none."""
        return self.headers.get("etag")

    @property
    def may_be_kept(self) -> bool:
        """True if it can be asked about again and nobody has forbidden to keep it."""
        return self.status == 200 and self.validator is not None and "no-store" not in self._control

    @property
    def never_changes(self) -> bool:
        """True if there is no need to ask again."""
        return "immutable" in self._control

    @property
    def _control(self) -> set[str]:
        return {part.strip().lower() for part in self.headers.get("cache-control", "").split(",")}


class Cache(Protocol):
    """Where answers are kept, by a key that holds all that they depend on."""

    def get(self, key: str) -> Answer | None:
        """The answer kept under a key."""

    def put(self, key: str, answer: Answer) -> None:
        """Keep an answer."""


class MemoryCache:
    """Keeps so many bytes of answers; those that were not asked for the longest go first."""

    def __init__(self, size: int = 16 * 1024 * 1024) -> None:
        self._most = size
        self._size = 0
        self._kept: OrderedDict[str, Answer] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str) -> Answer | None:
        """The answer kept under a key."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def put(self, key: str, answer: Answer) -> None:
        """Keep an answer, unless it alone would take a quarter of all."""
        if len(answer.body) > self._most // 4:
            return
        with self._lock:
            self._forget(key)
            self._kept[key] = answer
            self._size += len(answer.body)
            while self._size > self._most:
                self._forget(next(iter(self._kept)))

    def _forget(self, key: str) -> None:
        if (gone := self._kept.pop(key, None)) is not None:
            self._size -= len(gone.body)


class FolderCache:
    """Keeps answers in a folder of its own, also for other programs and later days.

    A file holds a line of JSON and the body; it is written beside its place and moved there, so what is read is whole,
    and its digest is compared all the same. When there are more than ``size`` bytes the oldest files go.
    """

    def __init__(self, folder: Path | str, size: int = 256 * 1024 * 1024) -> None:
        """Raises OSError if the folder cannot be made."""
        self._folder = Path(folder)
        self._most = size
        self._folder.mkdir(parents=True, exist_ok=True)

    def _place(self, key: str) -> Path:
        return self._folder / f"{hashlib.sha256(key.encode()).hexdigest()}.answer"

    def get(self, key: str) -> Answer | None:
        """The answer kept under a key; None also if the file is broken."""
        place = self._place(key)
        try:
            head, _, body = place.read_bytes().partition(b"\n")
            facts = json.loads(head)
            whole = facts.pop("key") == key and facts.pop("sha256") == hashlib.sha256(body).hexdigest()
            found = Answer(**facts, body=body)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None
        if not whole:
            return None
        with suppress(OSError):
            os.utime(place)
        return found

    def put(self, key: str, answer: Answer) -> None:
        """Keep an answer; a folder that cannot be written keeps nothing."""
        facts = asdict(answer)
        body = facts.pop("body")
        head = json.dumps({"key": key, "sha256": hashlib.sha256(body).hexdigest(), **facts})
        with suppress(OSError):
            written, name = tempfile.mkstemp(dir=self._folder, suffix=".part")
            with os.fdopen(written, "wb") as file:
                file.write(head.encode() + b"\n" + body)
            Path(name).replace(self._place(key))
            self._make_room()

    def _make_room(self) -> None:
        files = [(place.stat(), place) for place in self._folder.glob("*.answer")]
        size = sum(facts.st_size for facts, _ in files)
        for facts, place in sorted(files, key=lambda file: file[0].st_mtime):
            if size <= self._most:
                break
            place.unlink(missing_ok=True)
            size -= facts.st_size
        # What a program left that was killed while it wrote.
        for place in self._folder.glob("*.part"):
            if place.stat().st_mtime < time.time() - 3600:
                place.unlink(missing_ok=True)
