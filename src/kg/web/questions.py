"""A question of the project on its page: the form for its parameters, the answer, and the answer as data."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from urllib.parse import urlencode

from kg.errors import QueryError
from kg.negotiate import ANSWER_VARIANTS, Variant
from kg.representation.display import Question, Table, table
from kg.representation.parameters import Form, Given, form_of, given_of
from kg.sparql import form as query_form
from kg.web.language import reader
from kg.web.site import Site

log = logging.getLogger("kg.web")
_KINDS = {"SELECT": "solutions", "ASK": "boolean"}


@dataclass(frozen=True)
class Asked:
    """A question that was put: its form, the answer as a table (None if there is none), and links to it as data.

    ``given`` are the values that it was put with, by name. ``whole`` is False if there is no answer at this moment, or
    a limit has cut it.
    """

    question: Question
    form: Form
    answer: Table | None
    data: list[tuple[Variant, str]]
    given: dict[str, list[str]]
    whole: bool = True


def ask(site: Site, question: Question, given: Given) -> Asked:
    """Put a question with the values ``given`` by name. Raises QueryError if the form cannot be made."""
    form = form_of(site.answers, site.manifest, question.kept, given, reader().languages)
    kind = _KINDS.get(query_form(form.query), "graph")
    data = [
        (variant, "/sparql?" + urlencode({"query": form.query, "format": variant.format}))
        for variant in ANSWER_VARIANTS[kind]
    ]
    answer = answered(site, form.query) if kind == "solutions" and form.sound else None
    names = {parameter.name for parameter in question.kept.parameters}
    values = {name: texts for name in given if name in names and (texts := given_of(given, name))}
    whole = kind != "solutions" or not form.sound or (answer is not None and answer.ended is None)
    return Asked(question, form, answer, data, values, whole)


def answered(site: Site, text: str, rows: int | None = None) -> Table | None:
    """The answer to a query of the project, at most so many ``rows``; None if there is none at this moment."""
    try:
        return table(site.answers, site.manifest, text, rows)
    except QueryError as error:
        log.warning("a question of the project has no answer: %s", error)
        return None
