"""Things in answers, called as the reader calls them.

A query gives names in the language that it was written for. Where the reader's language has a name for the same thing,
that one takes its place; only a name is exchanged for another name, what a query says in its own words stays.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

from kg.representation.cells import Table
from kg.representation.view import Term
from kg.web.language import is_foreign, reader
from kg.web.site import Site


def caller(site: Site) -> Callable[[Term], Term]:
    """A function that calls a thing as the reader does. It remembers names: make one for each page."""
    if not site.release.labels.exists():  # a release from before there was an index of names
        return lambda term: term
    language, index = reader().languages[0], site.search_index

    @cache
    def names_of(iri: str) -> dict[str, str]:
        return dict(reversed([(tag, text) for text, tag in index.names(iri)]))

    def called(term: Term) -> Term:
        if not term.iri or not term.language or not is_foreign(term.language):
            return term
        names = names_of(term.iri)
        other = names.get(language)
        return replace(term, text=other, language=language) if other and term.text in names.values() else term

    return called


def in_readers_words(site: Site, table: Table | None) -> Table | None:
    """A table with the things in it called as the reader calls them."""
    if table is None:
        return None
    called = caller(site)
    return replace(table, rows=tuple(tuple(cell and called(cell) for cell in row) for row in table.rows))
