"""A difference as RDF Patch, the format of Apache Jena for changes of a dataset, and back.

Headers ``id`` and ``prev`` name the states after and before (so patches of successive releases form a log), rows are
N-Quads with ``A`` (add) or ``D`` (delete) in front, within one transaction. Blank nodes have their canonical labels,
which stand for the node itself in this format and are not scoped to the document.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pyoxigraph as ox

from kg.changes.comparison import Comparison
from kg.changes.state import Facts
from kg.errors import KgError
from kg.release.difference import Difference


@dataclass(frozen=True)
class Patch:
    """What a document in RDF Patch says: its headers, and the difference."""

    headers: dict[str, str]
    difference: Difference


def write_patch(comparison: Comparison) -> Iterator[bytes]:
    """The lines of a patch from the one side to the other."""
    before, after = comparison.before.facts, comparison.after.facts
    yield b"H id <%s> .\n" % state_id(after).encode()
    yield b"H prev <%s> .\n" % state_id(before).encode()
    yield b"TX .\n"
    for prefix, namespace in sorted(after.prefixes.items()):
        if before.prefixes.get(prefix) != namespace or not before.name:
            yield f'PA "{prefix}" "{namespace}" .\n'.encode()
    for operation, wanted in ((b"D", False), (b"A", True)):  # read twice rather than held
        for line, is_new in comparison.quads:
            if is_new == wanted:
                yield b"%s %s\n" % (operation, line)
    yield b"TC .\n"


def state_id(facts: Facts) -> str:
    """The name of a state in patches: made from its digest, so the same wherever the patch was made."""
    return f"uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'{facts.base}#sha256:{facts.digest}')}"


def read_patch(lines: Iterable[bytes]) -> Patch:
    """Read a patch; a transaction that is aborted counts for nothing, and later rows win over earlier ones.

    Raises KgError, naming the line, for a row that is none or a transaction without an end.
    """
    headers: dict[str, str] = {}
    net: dict[bytes, bool] = {}
    pending: dict[bytes, bool] = {}
    within = False
    for number, line in enumerate(lines, 1):
        operation, _, rest = line.strip().partition(b" ")
        if operation in (b"A", b"D"):
            (pending if within else net)[_row(rest, number)] = operation == b"A"
        elif operation == b"H":
            name, _, value = rest.removesuffix(b".").strip().partition(b" ")
            headers[name.decode()] = value.strip().decode().strip('<>"')
        elif operation in (b"TX", b"TC", b"TA"):
            if within == (operation == b"TX"):
                raise _unreadable(number, "a transaction begins or ends twice")
            if operation == b"TC":
                net |= pending
            pending, within = {}, operation == b"TX"
        elif operation not in (b"PA", b"PD", b"", b"#") and not operation.startswith(b"#"):
            raise _unreadable(number, f"{operation.decode(errors='replace')!r} is no operation")
    if within:
        raise KgError("the patch breaks off within a transaction", "get it whole")
    return Patch(
        headers,
        Difference(
            tuple(sorted(row for row, is_new in net.items() if not is_new)),
            tuple(sorted(row for row, is_new in net.items() if is_new)),
        ),
    )


def _row(text: bytes, number: int) -> bytes:
    """A row's quad, in the one form that canonical N-Quads have."""
    try:
        (quad,) = ox.parse(text, ox.RdfFormat.N_QUADS)
    except (SyntaxError, ValueError) as error:
        raise _unreadable(number, str(error)) from error
    return (ox.serialize([quad], format=ox.RdfFormat.N_QUADS) or b"").rstrip(b"\n")


def _unreadable(number: int, problem: str) -> KgError:
    return KgError(f"line {number} of the patch cannot be read: {problem}", "rows look like: A <s> <p> <o> <graph> .")
