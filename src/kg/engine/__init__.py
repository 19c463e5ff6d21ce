"""The engine: "answer this query within these limits", as an interface and its values.

What asks knows only what stands in this file and in ``solutions``, which reads rows. ``pool`` implements the interface
with killable processes over a release's store, ``remote`` with any server that speaks the SPARQL 1.1 Protocol;
``answers`` keeps what either answered. An engine belongs to one event loop; ``Answers`` is what other threads may call.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Protocol

# Beyond these the program has no answer to a question of its own, unless visitors may have longer ones.
OWN_ROWS, OWN_BYTES = 1_000_000, 67_108_864


@dataclass(frozen=True)
class Query:
    """A query and the formats wanted for each kind of answer; None: that kind of answer is not acceptable.

    With ``default_graphs`` or ``named_graphs`` (IRIs) the dataset is made of these only (SPARQL 1.1 Protocol, 2.1.4);
    with both None it is the published one. ``prefixes`` may be used in the text undeclared; ``write_prefixes`` shorten
    the IRIs of a graph that is the answer. ``own``: the program asks, for a page or document that would be
    wrong without the whole answer, so the limits of visitors' answers do not bind it; those of time and memory do.
    """

    text: str
    solutions: str | None = "json"
    boolean: str | None = "json"
    graph: str | None = "turtle"
    default_graphs: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] | None = None
    prefixes: dict[str, str] = field(default_factory=dict)
    write_prefixes: dict[str, str] = field(default_factory=dict)
    own: bool = False

    def limits(self, rows: int, size: int) -> tuple[int, int]:
        """After how many rows or triples, and bytes, the answer is cut; a visitor's after ``rows`` and ``size``."""
        return (max(rows, OWN_ROWS), max(size, OWN_BYTES)) if self.own else (rows, size)


@dataclass(frozen=True)
class Cut:
    """That an answer is not whole: it ends ``after`` so many ``what`` (rows, triples or bytes) because of a limit.

    ``marked``: the body says so itself. CSV, TSV and JSON-LD have no place for it.
    """

    what: str
    after: int
    marked: bool = True

    def __str__(self) -> str:
        return f"cut after {self.after:,} {self.what}, the limit of this service"


@dataclass(frozen=True)
class Answer:
    """A whole answer: its ``kind`` (solutions, boolean or graph), ``format`` and bytes; ``rows``: rows or triples."""

    kind: str
    format: str
    body: bytes
    cut: Cut | None = None
    rows: int = 0


class Answerer(Protocol):
    """What gives whole answers to whoever asks, from any thread but the engine's own."""

    def answer(self, query: Query) -> Answer:
        """The whole answer. Raises a child of QueryError if there is none."""


class Stream(Protocol):
    """An answer under way: iterate over its parts (bytes, not empty); then ``cut`` and ``rows`` are known.

    Iteration raises a child of QueryError if the answer ends before it is whole. Whoever does not iterate to the end
    calls ``aclose``, which stops the work on it.
    """

    kind: str
    format: str
    cut: Cut | None
    rows: int

    def __aiter__(self) -> AsyncIterator[bytes]: ...

    def at_once(self) -> list[bytes] | None:
        """All parts, if the answer has come to its good end already; else None. Instead of iterating."""

    async def aclose(self) -> None:
        """Stop; harmless if there is nothing left to stop."""


class Engine(Protocol):
    """Whatever answers queries."""

    @property
    def name(self) -> str:
        """What evaluates, for people and for validators: another name may write the same answer in other bytes."""

    def prepare(self) -> None:
        """Get ready for the first query, on the loop."""

    async def start(self, query: Query) -> Stream:
        """Begin; returns when the kind of answer is known. Raises a child of QueryError if there is none."""

    async def aclose(self) -> None:
        """Let go of processes and connections; queries under way get a QueryError."""

    def gauges(self) -> dict[str, float]:
        """What goes on at this moment, as numbers by name (for the metrics)."""
