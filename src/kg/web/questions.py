"""A question of the project on its page: the form for its parameters, the answer, and the answer as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from kg.errors import QueryError
from kg.negotiate import ANSWER_VARIANTS, Variant
from kg.representation.cells import Table, in_words, table
from kg.representation.display import PageSection
from kg.representation.parameters import Form, Given, form_of, given_to
from kg.representation.questions import Question
from kg.sparql import form as query_form
from kg.terms import document_iri, in_language, local_path
from kg.web import lasting
from kg.web.language import reader
from kg.web.site import Site

_KINDS = {"SELECT": "solutions", "ASK": "boolean"}


@dataclass(frozen=True)
class Asked:
    """A question that was put: its form, the answer as a table (None if there is none), and links to it as data.

    ``given`` are the values that it was put with, by name. One that is not ``tabular`` never has a table.
    """

    question: Question
    form: Form
    answer: Table | None
    data: list[tuple[Variant, str]]
    given: dict[str, list[str]]
    tabular: bool


def ask(site: Site, question: Question, given: Given) -> Asked:
    """Put a question with the values ``given`` by name. Raises QueryError if the form cannot be made."""
    form = form_of(site.answers, site.manifest, question.kept, given, reader().languages)
    kind = _KINDS.get(query_form(form.query), "graph")
    data = [
        (variant, "/sparql?" + urlencode({"query": form.query, "format": variant.format}))
        for variant in ANSWER_VARIANTS[kind]
    ]
    tabular = kind == "solutions"
    answer = answered(site, form.query) if tabular and form.sound else None
    return Asked(question, form, answer, data, given_to(question.kept, given), tabular)


def address(site: Site, question: Question, values: Mapping[str, Sequence[str]]) -> str:
    """Where a question stands, with those of the values (by name) that it takes.

    It is that of the document itself, because a redirect from the thing would lose the values.
    """
    base = site.manifest.base
    query = urlencode(given_to(question.kept, values), doseq=True)
    return (local_path(base, document_iri(base, question.iri)) or "") + (f"?{query}" if query else "")


def tabled(site: Site, section: PageSection, given: Mapping[str, Sequence[str]]) -> tuple[Table | None, str]:
    """The table of a section, with those of the values ``given`` to the page that its question takes.

    With it comes the address of the question with the same values. Raises QueryError if these cannot be read.
    """
    question = site.display.question(section.question)
    text, href = section.text, local_path(site.manifest.base, section.question) or ""
    if question is not None and (values := given_to(question.kept, given)):
        form = form_of(site.answers, site.manifest, question.kept, values, reader().languages)
        if not form.sound:
            return None, href
        text = form.query
        href = address(site, question, values)
    found = answered(site, text, section.rows, [column.name for column in section.columns])
    if found is not None and section.columns:
        titles = tuple(in_language(c.titles, reader().languages) or in_words(c.name) for c in section.columns)
        found = replace(found, columns=titles)
    return found, href


def answered(site: Site, text: str, rows: int | None = None, shown: Sequence[str] = ()) -> Table | None:
    """The answer to a query of the project, at most so many ``rows``; None if there is none at this moment.

    The variables that are ``shown`` make its columns, else all do.
    """
    try:
        return table(site.answers, site.manifest, lasting.noted(text), rows, shown)
    except QueryError as error:
        lasting.missing("a question of the project", error)
        return None
