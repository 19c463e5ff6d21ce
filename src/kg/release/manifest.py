"""What a release says of itself: ``manifest.json``, and the folder that it stands in."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from kg.errors import NoRelease, ReleaseError

FORMAT = 2
# What older programs wrote can be read: it lacks files and facts that came later.
READABLE = (1, 2)
CURRENT = "current"
MANIFEST = "manifest.json"
SUMS = "SHA256SUMS"
STORE = "store"
LABELS = "labels.sqlite"


@dataclass(frozen=True)
class Manifest:
    """The facts of a release. ``digest`` is the SHA-256 of the RDFC-1.0 canonical N-Quads of the data, in hex.

    ``digest_sha384`` is the same by RDFC-1.0 with SHA-384 ("" in releases of format 1).

    ``graphs`` counts the triples of each named graph, ``triples`` those of each dump, ``quads`` all that the store
    holds (each published triple is also in the default graph). ``files`` maps a path to [bytes, SHA-256].
    """

    name: str
    version: str
    date: str
    digest: str
    base: str
    dataset: str
    title: dict[str, str]
    description: dict[str, str]
    licence: str
    languages: list[str]
    label_properties: list[str]
    home: str | None
    prefixes: dict[str, str]
    triples: dict[str, int]
    graphs: dict[str, int]
    quads: int
    files: dict[str, tuple[int, str]]
    source_commit: str | None = None
    digest_sha384: str = ""
    format: int = FORMAT

    def to_json(self) -> bytes:
        """The manifest as JSON, keys in the order above."""
        return (json.dumps(dataclasses.asdict(self), ensure_ascii=False, indent=2) + "\n").encode()


@dataclass(frozen=True)
class Release:
    """A folder that never changes, and its manifest."""

    path: Path
    manifest: Manifest

    @property
    def store(self) -> Path:
        """The folder of the Oxigraph store."""
        return self.path / STORE

    @property
    def labels(self) -> Path:
        """The label index (``kg.search``), which stands among the store's own files."""
        return self.store / LABELS

    @cached_property
    def fingerprint(self) -> str:
        """The SHA-256 of the manifest: two releases that differ in anything differ in this."""
        return sha256_of(self.path / MANIFEST)

    def missing(self) -> list[str]:
        """The files that are not there or have not the size of the manifest."""
        sizes = {name: size for name, (size, _) in self.manifest.files.items()}
        files = {name: self.path / name for name in sizes}
        return [name for name, file in files.items() if not file.is_file() or file.stat().st_size != sizes[name]]

    def demand_files(self) -> None:
        """Raise ReleaseError, naming them, if files are missing."""
        if missing := self.missing():
            raise ReleaseError(f"release {self.manifest.name} lacks {', '.join(missing)}", "make it anew: kg build")

    def damage(self) -> list[str]:
        """The files that are missing or do not have the size and SHA-256 of the manifest."""
        missing = self.missing()
        sums = {name: sha256 for name, (_, sha256) in self.manifest.files.items() if name not in missing}
        return missing + [name for name, sha256 in sums.items() if sha256_of(self.path / name) != sha256]


def sha256_of(file: Path) -> str:
    """The SHA-256 of a file, in hex."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def open_release(folder: Path | str) -> Release:
    """Open a release: its own folder, or a folder of releases (then the current one).

    Raises NoRelease if there is none, ReleaseError if its manifest cannot be used.
    """
    folder = Path(folder)
    if not (folder / MANIFEST).is_file():
        current = folder / CURRENT
        if not current.is_symlink() and not current.is_dir():
            raise NoRelease(f"there is no release in {folder}", "make one: kg build")
        # Resolve the link once, so that a newer release put in place meanwhile cannot mix with this one.
        folder = current.resolve()
    file = folder / MANIFEST
    try:
        facts = json.loads(file.read_bytes())
        if facts.get("format") not in READABLE:
            raise ReleaseError(
                f"{file} has format {facts.get('format')!r}, this program reads {' and '.join(map(str, READABLE))}",
                "make a new release: kg build",
            )
        facts["files"] = {name: (size, sha256) for name, (size, sha256) in facts["files"].items()}
        return Release(folder, Manifest(**facts))
    except OSError as error:
        raise ReleaseError(f"{file} cannot be read: {error.strerror}", "make a new release: kg build") from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ReleaseError(f"{file} is damaged: {error}", "make a new release: kg build") from error
