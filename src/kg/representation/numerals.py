"""Numbers that a project writes in the description of its pages: a number of rows, the place of something in an order.

What is no such number costs only what it was said of: a release may be older than the check that would find it.
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
