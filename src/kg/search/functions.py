"""The label index as SPARQL extension functions (SPARQL 1.1 Query, section 17.6).

::

    PREFIX search: <https://w3id.org/pledge-graph-search#>
    SELECT ?thing { ?thing a ?kind FILTER(search:matches(?thing, "text")) }

What stands first is a thing, looked up by its IRI, or a literal, which is compared itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pyoxigraph as ox

from kg.search.folding import score_of_text, wanted
from kg.search.index import LabelIndex
from kg.terms import PREFIXES, SEARCH

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple


class Function(NamedTuple):
    """A function that a service offers: its IRI, and what it gives in one sentence."""

    iri: str
    says: str


FUNCTIONS = (
    Function(
        SEARCH + "matches",
        "search:matches(?thing, text) is true if a label of the thing, or the literal given instead of a thing, "
        "holds all words of the text, whatever their case, accents and script.",
    ),
    Function(
        SEARCH + "score",
        "search:score(?thing, text) is a number above 0, at most 1, that says how well the text fits the best label "
        "of the thing or the literal; it is unbound if search:matches is false.",
    ),
)
_BOOLEAN = ox.NamedNode(PREFIXES["xsd"] + "boolean")
_DECIMAL = ox.NamedNode(PREFIXES["xsd"] + "decimal")
_TRUE, _FALSE = ox.Literal("true", datatype=_BOOLEAN), ox.Literal("false", datatype=_BOOLEAN)


def functions(index: LabelIndex) -> dict[ox.NamedNode, Callable[..., Term | None]]:
    """The functions for ``Store.query(custom_functions=...)``, in the order of FUNCTIONS.

    Called otherwise than with two terms of which the second is a literal they give an error (unbound) as SPARQL's own
    functions do, never an exception.
    """

    def found(thing: Term, text: ox.Literal) -> float | None:
        if isinstance(thing, ox.NamedNode):
            return index.score(thing.value, text.value)
        return score_of_text(wanted(text.value), thing.value) if isinstance(thing, ox.Literal) else None

    def matches(*arguments: Term) -> Term | None:
        match arguments:
            case thing, ox.Literal() as text:
                return _FALSE if found(thing, text) is None else _TRUE
        return None

    def score(*arguments: Term) -> Term | None:
        match arguments:
            case thing, ox.Literal() as text if (number := found(thing, text)) is not None:
                return ox.Literal(f"{number:g}", datatype=_DECIMAL)
        return None

    return {ox.NamedNode(f.iri): function for f, function in zip(FUNCTIONS, (matches, score), strict=True)}
