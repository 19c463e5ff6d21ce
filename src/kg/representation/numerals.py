"""Numbers that a project writes in the description of its pages: a number of rows, the place of something in an order.

What is no such number costs only what it was said of: a release may be older than the check that would find it.
"""

from __future__ import annotations

from math import inf, isfinite

from kg.engine.solutions import Row


def place(row: Row, name: str) -> float:
    """The number that a variable of a row has, as a place in an order; last (``inf``) without one, for INF and NaN."""
    number = _number(row, name)
    return number if isfinite(number) else inf


def count(row: Row, name: str) -> int | None:
    """The whole number from 1 on that a variable of a row has; None without one, and for any other value."""
    number = _number(row, name)
    return int(number) if isfinite(number) and number >= 1 and number.is_integer() else None


def _number(row: Row, name: str) -> float:
    try:
        return float(row[name]["value"]) if name in row else inf
    except ValueError:
        return inf
