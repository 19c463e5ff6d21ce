"""Writing the files of a release one after the other: each as a stream, its size and SHA-256 taken on the way."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import IO

GZIP_LEVEL = 6
_BLOCK = 1 << 20
_PACKERS = 2

Fact = tuple[int, str]


class Files:
    """The files of a release while it is made, and what is known of each: path -> (bytes, SHA-256).

    Compression goes on beside (zlib lets other threads work). To be used as a context, as often as one likes: its end
    waits for what is being compressed, and ``facts`` is complete then. What cannot be written raises OSError, at the
    latest there.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._facts: dict[str, Fact] = {}
        self._packing: list[Future[tuple[str, Fact]]] = []

    def __enter__(self) -> Files:
        self._packers = ThreadPoolExecutor(_PACKERS, "gzip")
        return self

    def __exit__(self, kind: type[BaseException] | None, _: object, __: TracebackType | None) -> None:
        self._packers.shutdown(cancel_futures=kind is not None)
        if kind is None:
            self._facts |= dict(future.result() for future in self._packing)
            self._packing.clear()

    @property
    def facts(self) -> dict[str, Fact]:
        """What is known, in the order of the paths."""
        return dict(sorted(self._facts.items()))

    def write(self, path: str, parts: Iterable[bytes], *, pack: bool = False) -> None:
        """Write a file from its parts; with ``pack`` a gzip file of the same goes beside it, ``.gz`` appended."""
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as file:
            hashing = _Hashing(file)
            for part in parts:
                hashing.write(part)
        self._facts[path] = hashing.fact
        if pack:
            self._packing.append(self._packers.submit(self._pack, path))

    def copy(self, path: str, source: Path) -> None:
        """Write a file that has the bytes of ``source``."""
        with source.open("rb") as opened:
            self.write(path, iter(lambda: opened.read(_BLOCK), b""))

    def _pack(self, path: str) -> tuple[str, Fact]:
        source = self.folder / path
        with source.open("rb") as plain, source.with_name(f"{source.name}.gz").open("wb") as file:
            hashing = _Hashing(file)
            # Neither a name nor a time in the header (RFC 1952, section 2.3.1): same content, same bytes.
            with gzip.GzipFile(filename="", mode="wb", compresslevel=GZIP_LEVEL, fileobj=hashing, mtime=0) as packed:
                while block := plain.read(_BLOCK):
                    packed.write(block)
        return f"{path}.gz", hashing.fact


class _Hashing:
    """A file to write to, with the size and the SHA-256 of what was written."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._size = 0
        self._sha256 = hashlib.sha256()

    def write(self, part: bytes) -> int:
        self._sha256.update(part)
        self._size += len(part)
        return self._file.write(part)

    def flush(self) -> None:
        self._file.flush()

    @property
    def fact(self) -> Fact:
        return self._size, self._sha256.hexdigest()
