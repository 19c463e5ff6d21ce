"""The engine: "answer this query within these limits", as an interface and its values.

The web package knows only what stands in this file. ``pool`` implements it with killable processes over a release's
store; a remote SPARQL endpoint would be a second implementation.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class Query:
    """A query and the formats wanted for each kind of answer; None: that kind of answer is not acceptable.

    With ``default_graphs`` or ``named_graphs`` (IRIs) the dataset is made of these only (SPARQL 1.1 Protocol, 2.1.4);
    with both None it is the published one. ``prefixes`` may be used in the text undeclared; ``write_prefixes`` shorten
    the IRIs of a graph that is the answer.
    """

    text: str
    solutions: str | None = "json"
    boolean: str | None = "json"
    graph: str | None = "turtle"
    default_graphs: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] | None = None
    prefixes: dict[str, str] = field(default_factory=dict)
    write_prefixes: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """A whole answer: its ``kind`` (solutions, boolean or graph), ``format`` and bytes."""

    kind: str
    format: str
    body: bytes


class Engine(Protocol):
    """Whatever answers queries. Both methods may be called by many threads at once."""

    def answer(self, query: Query) -> Answer:
        """Evaluate ``query``. Raises a child of QueryError if there is no answer."""

    def close(self) -> None:
        """Let go of processes and connections; queries under way get a QueryError."""
