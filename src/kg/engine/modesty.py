"""How much a query asks of a parser and a planner, told from its tokens (pure).

The embedded engine may die of a query: its process was for that query alone. A server is there for everybody, and some
(Oxigraph 0.5.13) are felled by a text that nests 800 levels or binds 700 variables. The limits below are what it
survived in each shape that was tried, less a margin; they do not make sure that no other shape exists.
"""

from __future__ import annotations

from collections.abc import Iterator
from re import Match

from kg import sparql
from kg.errors import QueryRefused

DEPTH = 100
WEIGHT = 1_500


def demand_modesty(text: str) -> None:
    """Raise QueryRefused for a query that nests too deeply or has too many parts; values in flat lists are none."""
    depth = weight = inside = 0
    for token in _counted(text):
        if token[0] in ("{", "(", "["):
            depth += 1
        elif token[0] in ("}", ")", "]"):
            depth -= 1
        inside += {"(": 1, ")": -1}.get(token[0], 0)
        # A list (1 2 3) is two triples for each element.
        weight += 2 if inside > 0 else 1
        if depth > DEPTH:
            raise QueryRefused(f"the query nests more than {DEPTH} levels deep", "make it flatter")
        if weight > WEIGHT:
            raise QueryRefused(
                "the query has more parts than the server behind this site is asked to take in",
                "ask in several queries, or give long lists of values with VALUES or IN",
            )


def _counted(text: str) -> Iterator[Match[str]]:
    """The tokens but for values in ``VALUES ?x { ... }`` and ``IN (...)``; a number is one token."""
    list_ends = ""  # what ends the list of values that has begun
    values = number = after_in = False
    end = -1
    for token in sparql.tokens(text):
        word = token[0]
        digit = word.isdigit() or word == "."
        touches, number, end = number and digit and token.start() == end, digit, token.end()
        if touches:
            continue
        if list_ends:
            # With an expression in it, it is no mere list.
            flat = word in (",", "+", "-", "^", "(", ")") if list_ends == "}" else word in (",", "+", "-", "^")
            if digit or flat or not token["other"]:
                continue
            list_ends = ""
        elif values and word == "{":
            list_ends, values = "}", False
        elif after_in and word == "(":
            list_ends = ")"
        elif token["word"]:
            values = word.upper() == "VALUES"
        after_in = token["word"] is not None and word.upper() == "IN"
        yield token
