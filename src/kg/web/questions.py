"""A question of the project on its page: the form for its parameters, the answer, and the answer as data."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from kg.errors import QueryError
from kg.negotiate import ANSWER_VARIANTS, Variant
from kg.representation.cells import Table, table
from kg.representation.parameters import Form, Given, form_of, given_of
from kg.representation.questions import Question
from kg.sparql import form as query_form
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
    values = {
        p.name: texts if p.several else texts[:1]
        for p in question.kept.parameters
        if (texts := given_of(given, p.name))
    }
    return Asked(question, form, answer, data, values, tabular)


def answered(site: Site, text: str, rows: int | None = None) -> Table | None:
    """The answer to a query of the project, at most so many ``rows``; None if there is none at this moment."""
    try:
        return table(site.answers, site.manifest, lasting.noted(text), rows)
    except QueryError as error:
        lasting.missing("a question of the project", error)
        return None
