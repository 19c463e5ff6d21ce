"""Proving a release: the files are those of the manifest, and dumps and store say what the digest stands for.

``dumps/data.nq`` is the measure: canonical N-Quads, the SHA-256 of which is the release's digest. Every other dump that
the manifest lists is compared with it, then the store and the label index. Which dumps there are is read from the
manifest, so a release of any age can be proved. Files are read as streams; of the data only the statements with blank
nodes are held.
"""

from __future__ import annotations

import gzip
import hashlib
import sqlite3
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from heapq import merge
from itertools import zip_longest
from pathlib import Path, PurePosixPath
from typing import IO, cast

import pyoxigraph as ox

from kg.errors import ReleaseError
from kg.release.canonical import canonical
from kg.release.fixity import AGAIN, Flaw, file_flaws, why
from kg.release.isomorphism import Difference, Digest, Source, Statement, difference, digest_of, is_ground, triples
from kg.release.manifest import MANIFEST, STORE, Release
from kg.search import LabelIndex
from kg.terms import graph_iri

DATA = "dumps/data.nq"
_PARTS = ("data", "asserted", "inferred")
_CHUNK = 1 << 20
# What a reader of damaged files may raise: of the disk, of gzip, of a parser, of a text that is none.
_UNREADABLE = (OSError, EOFError, zlib.error, SyntaxError, ValueError)


def verify(release: Release, progress: Callable[[str], None] = lambda _: None) -> list[Flaw]:
    """All that is wrong with a release, in the order in which it is looked for; ``progress`` is told each step."""
    progress("reading all files")
    flaws = file_flaws(release)
    progress("recomputing the digest (RDFC-1.0)")
    try:
        flaws += _digest_flaws(release)
        measure = _Measure(release)
        flaws += measure.flaws()
        for path in release.manifest.files:
            if path.startswith("dumps/") and path != DATA:
                progress(f"comparing {path}")
                flaws += _dump_flaws(release, measure, path)
        progress("comparing the store")
        flaws += _store_flaws(release, measure)
    except _Unmeasured:
        pass  # told already: there is nothing to compare with
    progress("opening the label index")
    flaws += _index_flaws(release)
    return flaws


def _digest_flaws(release: Release) -> Iterator[Flaw]:
    """Is ``data.nq`` canonical N-Quads (RDFC-1.0, section 4.4.3), and its digest the release's?

    The order and the form of each line are looked at as the file streams by. Blank node labels depend on nothing but
    the statements with blank nodes (section 4.4: each is hashed through the quads that mention it), so those alone are
    canonicalised, within the time that the build has for it. Raises _Unmeasured, after it has told why, if that is
    not enough: then nothing can be compared with the file either.
    """
    file = release.path / DATA
    sha256, before, number = hashlib.sha256(), b"", 0
    blank, labelled = Digest(), set()
    try:
        with file.open("rb") as lines:
            parsed = ox.parse(path=str(file), format=ox.RdfFormat.N_QUADS)
            for number, (line, quad) in enumerate(zip_longest(lines, parsed), 1):
                if line is None or quad is None or ox.serialize([quad], format=ox.RdfFormat.N_QUADS) != line:
                    yield Flaw(DATA, f"line {number} is not canonical N-Quads", AGAIN)
                    return
                if line <= before:
                    yield Flaw(DATA, f"line {number} is not in the order of canonical N-Quads", AGAIN)
                    return
                sha256.update(line)
                before, text = line, str(quad)
                if not is_ground(quad, text):
                    blank.add(quad)
                    labelled.add(text)
    except _UNREADABLE as error:
        yield _unreadable(DATA, error)
        return
    if sha256.hexdigest() != release.manifest.digest:
        yield Flaw(MANIFEST, f"the digest is not that of {DATA}: {sha256.hexdigest()}", AGAIN)
    try:
        if labelled != blank.canonical_blank():
            yield Flaw(DATA, "blank nodes have not their canonical labels", AGAIN)
        sha384 = release.manifest.digest_sha384  # older releases have none
        if sha384 and (there := _sha384(file, blank)) != sha384:
            yield Flaw(MANIFEST, f"the SHA-384 digest is not that of {DATA}: {there}", AGAIN)
    except ReleaseError as error:
        yield _unreadable(DATA, error)
        raise _Unmeasured from error


def _sha384(file: Path, blank: Digest) -> str:
    """The digest by RDFC-1.0 with SHA-384 throughout, which gives blank nodes other labels. Raises ReleaseError."""
    quads = [quad for quad in blank.blank if isinstance(quad, ox.Quad)]
    former = {ox.serialize([quad], format=ox.RdfFormat.N_QUADS) for quad in quads}
    relabelled = canonical(quads).lines_sha384()
    sha384 = hashlib.sha384()
    with file.open("rb") as lines:
        for line in merge((line for line in lines if line not in former), relabelled):
            sha384.update(line)
    return sha384.hexdigest()


class _Unmeasured(Exception):
    """``data.nq`` cannot be read, or its blank nodes cannot be labelled in time."""


class _Measure:
    """What ``data.nq`` says that the other files must hold; each part of it is read once."""

    def __init__(self, release: Release) -> None:
        self._manifest = release.manifest
        self._file = str(release.path / DATA)
        self._inferred = ox.NamedNode(graph_iri(release.manifest.base, "inferred"))
        self._digests: dict[tuple[str, bool], Digest] = {}

    def source(self, part: str, *, whole: bool) -> Source:
        """A part of the data as quads (``whole``) or as triples."""

        def read() -> Iterable[Statement]:
            quads: Iterable[ox.Quad] = ox.parse(path=self._file, format=ox.RdfFormat.N_QUADS)
            if part != "data":
                quads = (quad for quad in quads if (quad.graph_name == self._inferred) == (part == "inferred"))
            return quads if whole else triples(quads)

        return read

    def digest(self, part: str, *, whole: bool) -> Digest:
        """The digest of that. Raises _Unmeasured."""
        if (part, whole) not in self._digests:
            try:
                self._digests[part, whole] = digest_of(self.source(part, whole=whole)())
            except _UNREADABLE as error:
                raise _Unmeasured from error
        return self._digests[part, whole]

    def flaws(self) -> Iterator[Flaw]:
        """What the manifest counts otherwise."""
        for part, said in self._manifest.triples.items():
            if part in _PARTS and (there := self.digest(part, whole=False).count) != said:
                yield Flaw(MANIFEST, f"says {said:,} triples of {part}, there are {there:,}", AGAIN)

    def compared(self, part: str, found: Source, digest: Digest, where: str, *, whole: bool) -> Iterator[Flaw]:
        """What differs between a part and something else that should say the same, of which this is the digest."""
        if digest.same(self.digest(part, whole=whole)):
            return
        if (differs := difference(self.source(part, whole=whole), found)) is not None:
            yield from _told(differs, where, DATA if part == "data" else f"the {part} part of {DATA}")


def _dump_flaws(release: Release, measure: _Measure, path: str) -> Iterator[Flaw]:
    files, twin = release.manifest.files, path.removesuffix(".gz")
    try:
        if path != twin and twin in files:
            if _inflated(release.path / path) != files[twin][1]:
                yield Flaw(path, f"does not inflate to {twin}", AGAIN)
            return
        form = ox.RdfFormat.from_extension(PurePosixPath(twin).suffix.removeprefix("."))
        part = PurePosixPath(path).name.split(".")[0]
        if form is None or part not in _PARTS:
            return  # no graph, or one that is not said to be of this data: its sum is all there is to prove

        def read() -> Iterator[ox.Quad]:
            with gzip.open(release.path / path) if path != twin else (release.path / path).open("rb") as opened:
                yield from ox.parse(cast("IO[bytes]", opened), format=form)

        digest, named = Digest(), False
        for quad in read():
            digest.add(quad)
            named = named or not isinstance(quad.graph_name, ox.DefaultGraph)
        yield from measure.compared(part, read, digest, path, whole=named)
    except (*_UNREADABLE, ReleaseError) as error:
        yield _unreadable(path, error)


def _inflated(file: Path) -> str:
    """The SHA-256 of what a gzip file holds."""
    sha256 = hashlib.sha256()
    with gzip.open(file) as opened:
        while chunk := opened.read(_CHUNK):
            sha256.update(chunk)
    return sha256.hexdigest()


def _store_flaws(release: Release, measure: _Measure) -> Iterator[Flaw]:
    """The default graph is the dump's triples, the named graphs its quads, ``graph/meta`` the catalogue."""
    manifest = release.manifest
    meta = ox.NamedNode(graph_iri(manifest.base, "meta"))
    try:
        store = ox.Store.read_only(str(release.store))
        if (held := len(store)) != manifest.quads:
            yield Flaw(STORE, f"holds {held:,} quads, the manifest says {manifest.quads:,}", AGAIN)
        named = [graph for graph in store.named_graphs() if graph != meta]
        for graph in sorted({*manifest.graphs, *(graph.value for graph in store.named_graphs())}):
            held = sum(1 for _ in store.quads_for_pattern(None, None, None, ox.NamedNode(graph)))
            if held != (said := manifest.graphs.get(graph, 0)):
                yield Flaw(STORE, f"holds {held:,} triples in <{graph}>, the manifest says {said:,}", AGAIN)

        def default() -> Iterator[ox.Quad]:
            return store.quads_for_pattern(None, None, None, ox.DefaultGraph())

        def quads() -> Iterator[ox.Quad]:
            return (quad for graph in named for quad in store.quads_for_pattern(None, None, None, graph))

        def described() -> Iterator[Statement]:
            return triples(store.quads_for_pattern(None, None, None, meta))

        def catalogue() -> Iterator[ox.Quad]:
            return ox.parse(path=str(release.path / "catalogue.ttl"), format=ox.RdfFormat.TURTLE)

        yield from measure.compared("data", default, digest_of(default()), f"{STORE} (default graph)", whole=False)
        yield from measure.compared("data", quads, digest_of(quads()), f"{STORE} (named graphs)", whole=True)
        if (differs := difference(catalogue, described)) is not None:
            yield from _told(differs, f"{STORE} (<{meta.value}>)", "catalogue.ttl")
    except (*_UNREADABLE, ReleaseError) as error:
        yield _unreadable(STORE, error)


def _index_flaws(release: Release) -> Iterator[Flaw]:
    where = release.labels.relative_to(release.path).as_posix()
    if release.manifest.format == 1 and not release.labels.exists():
        return  # the first releases had none
    try:
        LabelIndex.open(release.labels).close()
        address = f"{release.labels.absolute().as_uri()}?mode=ro&immutable=1"
        with closing(sqlite3.connect(address, uri=True)) as connection:
            [(said,), *_] = connection.execute("PRAGMA integrity_check(1)").fetchall()
        if said != "ok":
            yield Flaw(where, f"is damaged: {said}", AGAIN)
    except ReleaseError as error:
        yield Flaw(where, error.message, AGAIN)
    except sqlite3.Error as error:
        yield Flaw(where, f"is damaged: {error}", AGAIN)


def _unreadable(where: str, error: Exception) -> Flaw:
    """That something cannot be read, or (ReleaseError) that its blank nodes cannot be labelled in time."""
    what = error.message if isinstance(error, ReleaseError) else f"cannot be read: {why(error)}"
    return Flaw(where, what, AGAIN)


def _told(found: Difference, where: str, measure: str) -> Iterator[Flaw]:
    for statement in found.missing:
        yield Flaw(where, f"lacks what is in {measure}: {statement}", AGAIN)
    for statement in found.foreign:
        yield Flaw(where, f"has what is not in {measure}: {statement}", AGAIN)
