"""What a project writes in the description of its pages as a value: a number of rows, a place in an order, yes or no.

What is no such value costs only what it was said of: a release may be older than the check that would find it.
"""

from __future__ import annotations

from math import inf

from kg.engine.solutions import Row, number


def place(row: Row, name: str) -> float:
    """The number that a variable of a row has, as a place in an order; last (``inf``) without one, for INF and NaN."""
    value = number(row, name)
    return inf if value is None else value


def count(row: Row, name: str) -> int | None:
    """The whole number from 1 on that a variable of a row has; None without one, and for any other value."""
    value = number(row, name)
    return int(value) if value is not None and value >= 1 and value.is_integer() else None


def holds(row: Row, name: str) -> bool:
    """True if a variable of a row is true, in either of the ways in which XML Schema writes that."""
    return row.get(name, {}).get("value") in ("true", "1")
