"""The reference: pySHACL."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import pyoxigraph as ox
import rdflib
from rdflib import Graph

from kg.errors import ProjectError
from kg.graph import as_rdflib

_MEND = "correct the shape in shapes/"


def report(data: list[ox.Quad], shapes: Graph) -> Graph:
    """pySHACL's validation report. Raises ProjectError, with what pySHACL says, for shapes that cannot be used."""
    import pyshacl  # noqa: PLC0415 - half a second, and seldom needed

    logging.getLogger("pyshacl").setLevel(logging.ERROR)
    with literals_as_written():
        try:
            _, found, _ = pyshacl.validate(as_rdflib(data), shacl_graph=shapes, inference="none", meta_shacl=False)
        except Exception as error:
            # Whatever is wrong with a shape, its author must hear of it, and pySHACL has many ways to say so.
            raise ProjectError(f"the shapes cannot be used: {error}", _MEND) from error
    if not isinstance(found, Graph):  # a failure that pySHACL tells as a value
        raise ProjectError(f"the shapes cannot be used: {found}", _MEND)
    return found


@contextmanager
def literals_as_written() -> Iterator[None]:
    """Keep rdflib from rewriting literals meanwhile, and leave its switch as it was.

    pySHACL leaves the switch on "normalise", whatever it was: our literals would change under our hands.
    """
    before = rdflib.NORMALIZE_LITERALS
    rdflib.NORMALIZE_LITERALS = False
    try:
        yield
    finally:
        rdflib.NORMALIZE_LITERALS = before
