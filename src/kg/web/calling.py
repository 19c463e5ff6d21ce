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
from kg.representation.matrix import Mark, Step
from kg.representation.view import Term
from kg.terms import in_language, whole
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


def saying(site: Site, called: Callable[[Term], Term]) -> Callable[[Term], Term]:
    """A function that calls a thing as ``called`` does, and says a text that the project has words for in these."""
    words = site.display.words

    def said(term: Term) -> Term:
        other = words.get(term.text) if not term.iri else None
        if not other:
            return called(term)
        tag = next((tag for tag in (*reader().languages, *other) if tag in other), "")
        return Term(other[tag], language=tag)

    return said


def in_readers_words(site: Site, table: Table | None, *, drawn: bool = False) -> Table | None:
    """A table with the things in it called as the reader calls them.

    With ``drawn`` what has a mark or is a step is called by the word of these, as it is in the matrix beside it.
    """
    if table is None:
        return None
    known, languages = caller(site), reader().languages
    signs: list[Mark | Step] = [*site.display.marks, *site.display.steps]
    words = {one.value: in_language(one.words, languages) for one in signs}

    def called(term: Term) -> Term:
        word = words.get(term.key) if drawn else None
        return replace(term, text=word, language="") if word else known(term)

    return replace(table, rows=tuple(tuple(cell and called(cell) for cell in row) for row in table.rows))
