"""Data and shapes -> what SHACL finds. One rule text, two runners that give the same results.

``reference`` is pySHACL, slow and the measure of what is right. ``fast`` is a compiled engine for daily use; it is
asked only for shapes made of what it was compared on (``verified``), and the reference answers whenever it gives up.
``tests/content/test_runners.py`` holds the two against each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

import pyoxigraph as ox
from rdflib import Graph

from kg.graph import as_rdflib
from kg.publishable import is_ill_typed
from kg.shacl import fast, messages, reference, verified
from kg.shacl.results import Result, results
from kg.shacl.telling import finding

__all__ = ["Result", "Runner", "finding", "run", "validate"]

# Data and shapes in; out comes the graph of a validation report (SHACL, section 3.6).
Runner = Callable[[list[ox.Quad], Graph], Graph]


def validate(
    data: Iterable[ox.Quad], shapes: Iterable[ox.Quad], progress: Callable[[str], None] = lambda _: None
) -> list[Result]:
    """What the shapes find in the data, in a stable order; no inference, names of graphs do not matter.

    ``progress`` is told when the reference has to answer, and why. Raises ProjectError for shapes that cannot be used.
    """
    quads, prepared = list(data), _prepared(frozenset(shapes))
    if not prepared.marked:
        return []
    if prepared.others:
        progress(f"using the slow validator, because the shapes use {', '.join(prepared.others)}")
        return _run(reference.report, quads, prepared.marked)
    try:
        return _run(fast.report, quads, prepared.marked)
    except fast.GivesUp as reason:
        progress(f"using the slow validator, because the fast one says: {reason}")
        return _run(reference.report, quads, prepared.marked)


def run(runner: Runner, data: Iterable[ox.Quad], shapes: Graph) -> list[Result]:
    """The results of one runner. Raises what the runner raises."""
    return _run(runner, data, messages.mark(shapes))


@dataclass(frozen=True)
class _Prepared:
    """Shapes with marked messages, and what they use beyond what the fast runner may answer."""

    marked: Graph
    others: list[str]


@lru_cache(maxsize=2)
def _prepared(shapes: frozenset[ox.Quad]) -> _Prepared:
    """Who validates many graphs with the same shapes, as tests and the mutation gate do, prepares them once."""
    graph = as_rdflib(shapes)
    return _Prepared(messages.mark(graph), verified.others(graph))


def _run(runner: Runner, data: Iterable[ox.Quad], marked: Graph) -> list[Result]:
    return results(runner([_comparable(quad) for quad in data], marked), marked)


def _comparable(quad: ox.Quad) -> ox.Quad:
    """The quad, a literal that is no value of its datatype turned into a string: pySHACL fails on comparing such."""
    if isinstance(quad.object, ox.Literal) and is_ill_typed(quad.object):
        return ox.Quad(quad.subject, quad.predicate, ox.Literal(quad.object.value), quad.graph_name)
    return quad
