"""Things in answers, called as the reader calls them.

A query gives names in the language that it was written for. Where the reader's language has a name for the same thing,
that one takes its place; only a name is exchanged for another name, what a query says in its own words stays. A thing
that a query gives no name has the one that it has on other pages; one that has none is left as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

from kg.findings import compact
from kg.representation.cells import Table
from kg.representation.view import Term
from kg.terms import whole
from kg.web.language import is_foreign, labels_for, reader
from kg.web.site import Site


def caller(site: Site) -> Callable[[Term], Term]:
    """A function that calls a thing as the reader does. It remembers names: make one for each page."""
    if not site.release.labels.exists():  # a release from before there was an index of names
        return lambda term: term
    language, index, labels = reader().languages[0], site.search_index, labels_for(site)

    @cache
    def names_of(iri: str) -> dict[str, str]:
        return dict(reversed([(tag, text) for text, tag in index.names(iri)]))

    @cache
    def named(iri: str) -> Term | None:
        """The thing by its name, a part by that of its whole; None if there is none."""
        labels.known.update({one: names for one in (iri, whole(iri)) if (names := names_of(one))})
        return labels.term(iri) if iri in labels.known or whole(iri) in labels.known else None

    def called(term: Term) -> Term:
        if not term.iri:
            return term
        if not term.language and term.text == compact(term.iri, site.manifest.base, site.manifest.prefixes):
            return named(term.iri) or term
        if not is_foreign(term.language):
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
