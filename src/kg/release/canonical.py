"""Quads -> canonical N-Quads (RDFC-1.0) and their digests: the same for the same dataset, however it was written.

Only quads with blank nodes go through the algorithm. To the hash of a blank node nothing contributes but the quads
that it stands in (RDFC-1.0, sections 4.6 and 4.8), so the labels are the same as if the whole dataset were given to
it, and a graph whose things all have names costs no more than a sort.

Blank nodes that look alike are told apart by trying, and a few dozen, made for it, keep any computer busy for years
(section 7.1, dataset poisoning). Where many look alike the work is done by a process that the kernel ends in time.
"""

from __future__ import annotations

import hashlib
import resource
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from kg.errors import ReleaseError

# Processor seconds; an honest graph needs a fraction of one.
PATIENCE = 120
_BATCH = 50_000
_ALGORITHMS = ("RDFC_1_0_SHA_256", "RDFC_1_0_SHA_384")
_FEW = 6  # so many can do no harm: even where each refers to each it is a matter of 50 ms


@dataclass(frozen=True)
class Canonical:
    """A dataset: its quads with canonical blank node labels, and beside each its line of canonical N-Quads, in order.

    Labels are those of RDFC-1.0 with SHA-256; order and line are RDFC-1.0's too (section 4.4.3).
    """

    quads: list[ox.Quad]
    lines: list[bytes]

    def where(self, graphs: Iterable[str], *, outside: bool = False) -> Canonical:
        """The quads in one of these named graphs, or those in none of them."""
        ends = tuple(f" <{graph}> .\n".encode() for graph in graphs)
        chosen = [i for i, line in enumerate(self.lines) if line.endswith(ends) != outside]
        return Canonical([self.quads[i] for i in chosen], [self.lines[i] for i in chosen])

    def graphs(self) -> dict[str, int]:
        """How many quads each named graph has, in the order of the IRIs."""
        # The graph comes last, and no IRI has a space in it.
        found = Counter(line[line.rindex(b" <") + 2 : -len(b"> .\n")] for line in self.lines)
        return {graph.decode(): found[graph] for graph in sorted(found)}

    def digest(self) -> str:
        """The SHA-256 of the canonical N-Quads, in hex: the digest of the dataset."""
        return _hashed("sha256", self.lines)

    def digest_sha384(self) -> str:
        """The same with SHA-384 in place of SHA-256 throughout (RDFC-1.0, section 4.3), so with its own labels."""
        return _hashed("sha384", self.lines_sha384())

    def lines_sha384(self) -> list[bytes]:
        """The lines with the labels of RDFC-1.0 with SHA-384, in order. Raises ReleaseError as ``canonical``."""
        return _labelled(self.quads, self.lines, ox.CanonicalizationAlgorithm.RDFC_1_0_SHA_384).lines

    def triple_lines(self) -> Iterator[bytes]:
        """The triples as lines of canonical N-Triples, each once, in order."""
        former = b""
        for line in self.lines:
            triple = line[: line.rindex(b" <")]
            if triple != former:
                yield triple + b" .\n"
                former = triple


def canonical(quads: Iterable[ox.Quad]) -> Canonical:
    """The dataset of these quads, each in a named graph; one that comes twice counts once.

    Raises ReleaseError if the blank nodes were made so that labelling them takes too long.
    """
    given = list(quads)
    return _labelled(given, list(_lines(given)), ox.CanonicalizationAlgorithm.RDFC_1_0_SHA_256)


def _labelled(quads: Sequence[ox.Quad], lines: Sequence[bytes], algorithm: ox.CanonicalizationAlgorithm) -> Canonical:
    # Whatever else has these two characters in it does no harm there.
    blank = {i for i, line in enumerate(lines) if b"_:" in line}
    with_blank = [quads[i] for i in sorted(blank)]
    if _alike(with_blank) > _FEW:
        relabelled = _limited(b"".join(lines[i] for i in sorted(blank)), algorithm)
    else:
        relabelled = _relabelled(with_blank, algorithm)
    every_quad = [quad for i, quad in enumerate(quads) if i not in blank] + relabelled
    every_line = [line for i, line in enumerate(lines) if i not in blank] + list(_lines(relabelled))
    in_order = sorted(range(len(every_line)), key=every_line.__getitem__)
    once = [i for i, former in zip(in_order, [None, *in_order], strict=False) if _differ(every_line, i, former)]
    return Canonical([every_quad[i] for i in once], [every_line[i] for i in once])


def _relabelled(quads: Iterable[ox.Quad], algorithm: ox.CanonicalizationAlgorithm) -> list[ox.Quad]:
    dataset = ox.Dataset(quads)
    dataset.canonicalize(algorithm)
    return list(dataset)


def _alike(quads: Iterable[ox.Quad]) -> int:
    """How many blank nodes have the same surroundings as another, so that RDFC-1.0, section 4.6, tells none apart."""
    surroundings: dict[ox.BlankNode, list[tuple[str, ...]]] = {}
    for quad in quads:
        terms = (quad.subject, quad.predicate, quad.object, quad.graph_name)
        for node in {term for term in terms if isinstance(term, ox.BlankNode)}:
            seen = tuple(("a" if t == node else "z") if isinstance(t, ox.BlankNode) else str(t) for t in terms)
            surroundings.setdefault(node, []).append(seen)
    counted = Counter(tuple(sorted(seen)) for seen in surroundings.values())
    return sum(number for number in counted.values() if number > 1)


def _limited(nquads: bytes, algorithm: ox.CanonicalizationAlgorithm) -> list[ox.Quad]:
    """The same in a process of its own, which ends after PATIENCE seconds of work."""
    name = next(name for name in _ALGORITHMS if getattr(ox.CanonicalizationAlgorithm, name) == algorithm)
    command = [sys.executable, "-m", "kg.release.canonical", name, str(PATIENCE)]
    done = subprocess.run(command, input=nquads, stdout=subprocess.PIPE, check=False)  # noqa: S603 - our own program
    if done.returncode:
        raise ReleaseError(
            "the blank nodes cannot be given canonical labels in reasonable time: too many look alike",
            "give things that refer to one another IRIs instead (RDFC-1.0, section 7.1)",
        )
    return list(ox.parse(done.stdout, format=ox.RdfFormat.N_QUADS))


def _differ(lines: Sequence[bytes], one: int, other: int | None) -> bool:
    return other is None or lines[one] != lines[other]


def _lines(quads: Sequence[ox.Quad]) -> Iterator[bytes]:
    for start in range(0, len(quads), _BATCH):
        written = ox.serialize(quads[start : start + _BATCH], format=ox.RdfFormat.N_QUADS) or b""
        for line in written.split(b"\n")[:-1]:
            yield line + b"\n"


def _hashed(algorithm: str, lines: Iterable[bytes]) -> str:
    digest = hashlib.new(algorithm)
    for line in lines:
        digest.update(line)
    return digest.hexdigest()


def main() -> None:
    """Relabel the N-Quads on standard input, by the algorithm and within the processor seconds that are given."""
    name, seconds = sys.argv[1:]
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), int(seconds)))
    quads = ox.parse(sys.stdin.buffer.read(), format=ox.RdfFormat.N_QUADS)
    ox.serialize(
        _relabelled(quads, getattr(ox.CanonicalizationAlgorithm, name)), sys.stdout.buffer, ox.RdfFormat.N_QUADS
    )


if __name__ == "__main__":
    main()
