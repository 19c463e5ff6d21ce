"""Whether a page will be the same another time: noted while it is made, asked when it is sent.

An answer may be missing at this moment, or depend on the moment or on chance; nobody may keep such a page. It is noted
for the whole request, because answers are asked for in many places, and whoever forgot to hand it on would have a
failure kept as the page.
"""

from __future__ import annotations

import logging

from flask import g, has_app_context

from kg.errors import QueryError
from kg.sparql import is_volatile, makes_blank_nodes

log = logging.getLogger("kg.web")


def noted(query: str) -> str:
    """The query, of which an answer goes into the page: noted if that differs from time to time."""
    if is_volatile(query) or makes_blank_nodes(query):
        _note()
    return query


def missing(what: str, error: QueryError | str) -> None:
    """Note in the log, and for the page, that something of it (``a map``) has no answer at this moment."""
    log.warning("%s has no answer: %s", what, error)
    _note()


def lasts() -> bool:
    """True if what the present request has asked for will be answered the same as long as there is this release."""
    return not (has_app_context() and g.get("passing", False))


def _note() -> None:
    if has_app_context():
        g.passing = True
