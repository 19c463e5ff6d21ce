"""Data and shapes -> what SHACL finds. One rule text, two runners that give the same results.

``reference`` is pySHACL, slow and the measure of what is right. ``fast`` is a compiled engine for daily use; it is
asked only for shapes made of what it was compared on (``verified``), and the reference answers whenever it gives up.
``tests/content/test_runners.py`` holds the two against each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pyoxigraph as ox
from rdflib import Graph

from kg.graph import as_rdflib
from kg.publishable import is_ill_typed
from kg.shacl import fast, messages, reference, verified
from kg.shacl.results import Result, results

__all__ = ["Result", "Runner", "run", "validate"]

# Data and shapes in; out comes the graph of a validation report (SHACL, section 3.6).
Runner = Callable[[list[ox.Quad], Graph], Graph]


def validate(
    data: Iterable[ox.Quad], shapes: Iterable[ox.Quad], progress: Callable[[str], None] = lambda _: None
) -> list[Result]:
    """What the shapes find in the data, in a stable order; no inference, names of graphs do not matter.

    ``progress`` is told when the reference has to answer, and why. Raises ProjectError for shapes that cannot be used.
    """
    quads, shape_graph = list(data), as_rdflib(shapes)
    if not shape_graph:
        return []
    if others := verified.others(shape_graph):
        progress(f"using the slow validator, because the shapes use {', '.join(others)}")
        return run(reference.report, quads, shape_graph)
    try:
        return run(fast.report, quads, shape_graph)
    except fast.GivesUp as reason:
        progress(f"using the slow validator, because the fast one says: {reason}")
        return run(reference.report, quads, shape_graph)


def run(runner: Runner, data: Iterable[ox.Quad], shapes: Graph) -> list[Result]:
    """The results of one runner. Raises what the runner raises."""
    marked = messages.mark(shapes)
    return results(runner([_comparable(quad) for quad in data], marked), marked)


def _comparable(quad: ox.Quad) -> ox.Quad:
    """The quad, a literal that is no value of its datatype turned into a string: pySHACL fails on comparing such."""
    if isinstance(quad.object, ox.Literal) and is_ill_typed(quad.object):
        return ox.Quad(quad.subject, quad.predicate, ox.Literal(quad.object.value), quad.graph_name)
    return quad
