"""The fast runner: pyshacl-turbo, a compiled engine that writes pySHACL's reports, quirks included."""

from __future__ import annotations

import warnings
from typing import Any
from weakref import WeakKeyDictionary

import pyoxigraph as ox
from rdflib import OWL, RDF, RDFS, Graph

from kg.shacl.reference import literals_as_written

# pySHACL declares these in every query.
_PREFIXES = (("rdf", RDF), ("rdfs", RDFS), ("owl", OWL))


# Half a second for the shapes of a large project, and the same shapes are often used again.
_compiled: WeakKeyDictionary[Graph, Any] = WeakKeyDictionary()


class GivesUp(Exception):
    """The engine cannot use the shapes; whether they are wrong is for the reference to say."""


def report(data: list[ox.Quad], shapes: Graph) -> Graph:
    """The engine's validation report. Raises GivesUp, with what the engine says, if it cannot use the shapes."""
    import pyshacl_turbo  # noqa: PLC0415 - a tenth of a second, and most commands do not validate
    from pyshacl_turbo.rdf import Input  # noqa: PLC0415

    # As text the data goes straight to the engine's own parser; building an rdflib graph would take longer than all
    # the rest. Blank nodes keep their names.
    text = ox.serialize((quad.triple for quad in data), format=ox.RdfFormat.N_TRIPLES) or b""
    source = Input(text.decode(), "nt", None, {}, preserve_ids=True)
    with literals_as_written(), warnings.catch_warnings():
        # SHACL leaves recursive shapes undefined (section 3.4.3).
        warnings.simplefilter("error", pyshacl_turbo.ShapeRecursionWarning)
        try:
            if shapes not in _compiled:
                for prefix, namespace in _PREFIXES:
                    shapes.bind(prefix, namespace)
                _compiled[shapes] = pyshacl_turbo.compile_shapes(shapes)
            _, found, _ = _compiled[shapes].validate(source)
        except (ValueError, RuntimeError, NotImplementedError, pyshacl_turbo.ShapeRecursionWarning) as error:
            raise GivesUp(str(error)) from error
    if not isinstance(found, Graph):
        raise GivesUp(str(found))
    return found
