"""Quads -> bytes that are the same each time: canonical N-Quads, their digest, and Turtle that a person can read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

import pyoxigraph as ox

from kg.terms import PREFIXES


def canonical(quads: Iterable[ox.Quad]) -> list[ox.Quad]:
    """The quads with canonical blank node labels (RDFC-1.0 with SHA-256), in the order of canonical N-Quads."""
    dataset = ox.Dataset(quads)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return sorted(dataset, key=str)


def nquads(canonical_quads: Sequence[ox.Quad]) -> bytes:
    """Canonical N-Quads (RDFC-1.0, section 4.4.3): the text whose SHA-256 is the digest of the dataset."""
    written = ox.serialize(canonical_quads, format=ox.RdfFormat.N_QUADS)
    lines = sorted((written or b"").splitlines(keepends=True))
    return b"".join(lines)


def trig(canonical_quads: Sequence[ox.Quad], prefixes: dict[str, str], heading: Sequence[str] = ()) -> bytes:
    """TriG with a comment block on top; a block for each named graph, subjects in the order of their IRIs."""
    ordered = sorted(canonical_quads, key=lambda quad: (str(quad.graph_name), *_reading_order(quad.triple)))
    written = ox.serialize(ordered, format=ox.RdfFormat.TRIG, prefixes=prefixes) or b""
    body = [line for line in written.splitlines(keepends=True) if not line.startswith(b"@prefix")]
    return b"\n".join((_comment(heading), _header(prefixes), b"".join(body).replace(b"\t", b"    ")))


def digest(content: bytes) -> str:
    """The SHA-256 of a file's content, in hex; that of canonical N-Quads is the digest of the dataset."""
    return hashlib.sha256(content).hexdigest()


def turtle(
    sections: Iterable[tuple[str, Iterable[ox.Triple]]], prefixes: dict[str, str], heading: Sequence[str] = ()
) -> bytes:
    """Turtle with a comment block on top and one titled section for each group of triples.

    Subjects stand in the order of their IRIs, the type of each first. A triple that is in several sections is written
    in the first of them only.
    """
    written = [_comment(heading), _header(prefixes)]
    seen: set[ox.Triple] = set()
    for title, triples in sections:
        fresh = sorted(set(triples) - seen, key=_reading_order)
        if fresh:
            seen.update(fresh)
            written.append(_comment(("", title, "")) if title else b"")
            written.append(_statements(fresh, prefixes))
    return b"\n".join(part for part in written if part)


def _comment(lines: Sequence[str]) -> bytes:
    # A line break in a title must not end the comment.
    return "".join(f"# {' '.join(line.split())}".rstrip() + "\n" for line in lines).encode()


def _header(prefixes: dict[str, str]) -> bytes:
    lines = [f"@prefix {prefix}: <{prefixes[prefix]}> ." for prefix in sorted(prefixes)]
    return ("\n".join(lines) + "\n").encode()


def _statements(triples: list[ox.Triple], prefixes: dict[str, str]) -> bytes:
    written = ox.serialize(triples, format=ox.RdfFormat.TURTLE, prefixes=prefixes) or b""
    lines = written.splitlines(keepends=True)
    body = next(i for i, line in enumerate(lines) if not line.startswith(b"@"))
    # A blank line between subjects; the serializer indents all but the first line of each with a tab.
    spaced = [b"\n" + line if line[:1] not in b"\t" and i else line for i, line in enumerate(lines[body:])]
    return b"".join(spaced).replace(b"\n\t", b"\n    ")


def _reading_order(triple: ox.Triple) -> tuple[str, bool, str, str]:
    is_type = triple.predicate.value == PREFIXES["rdf"] + "type"
    return (str(triple.subject), not is_type, str(triple.predicate), str(triple.object))
