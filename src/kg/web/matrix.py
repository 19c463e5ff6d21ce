"""A matrix on a page: the question's parameters as a form, the answer as a matrix (``display:matrix``).

The front page takes the parameters of its matrices under their own names (``/?date=2025-09-04``), and ``order=name``;
with ``view=map`` it shows one column, ``column=...``, on a map (``web/maps.py``).
Names that are no parameter are left alone: to readers' links others add theirs.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from kg.engine import Query
from kg.errors import QueryError
from kg.representation.display import PageSection, Question, as_terms
from kg.representation.matrix import Layout, Matrix, matrix
from kg.representation.parameters import Field, Form, form_of
from kg.terms import document_iri, local_path
from kg.web.calling import caller
from kg.web.language import reader
from kg.web.maps import COLUMN, VIEW, Mapped, View, is_map, mapped, views
from kg.web.site import Site

log = logging.getLogger("kg.web")
ORDER = "order"
BY_NAME = "name"


@dataclass(frozen=True)
class Chosen:
    """A value that was given, and the address of the page without it."""

    field: Field
    without: str


@dataclass(frozen=True)
class Shown:
    """A matrix as a page shows it; ``matrix`` is None if there is no answer.

    ``href`` leads to the question with the same values, ``other`` to the other order of rows. ``views`` are the ways to
    show it, if there are several; as a map it is ``mapped``.
    """

    section: PageSection
    layout: Layout
    form: Form
    matrix: Matrix | None
    chosen: tuple[Chosen, ...]
    href: str
    other: str
    by_name: bool
    views: tuple[View, ...] = ()
    mapped: Mapped | None = None

    @property
    def sound(self) -> bool:
        """True if nothing is wrong with what was given."""
        return self.form.sound and not (self.mapped and self.mapped.field.problem)

    @property
    def kept(self) -> tuple[tuple[str, str], ...]:
        """What the form sends along with its fields."""
        view = next((view.value for view in self.views if view.here), "")
        return (*([(ORDER, BY_NAME)] if self.by_name else []), *([(VIEW, view)] if view else []))


def taken(site: Site, arguments: Mapping[str, str]) -> dict[str, str]:
    """What of the arguments of an address the front page reads, empty values included."""
    names = {ORDER, VIEW, COLUMN} if _asked(site) else set()
    for _, _, question in _asked(site):
        names |= {parameter.name for parameter in question.kept.parameters}
    return {name: value for name, value in arguments.items() if name in names}


def shown(site: Site, section: PageSection, given: Mapping[str, str]) -> Shown | None:
    """The matrix of a section with the values ``given`` by name; None if the section shows none.

    Raises QueryError if the form cannot be made.
    """
    found = next(((layout, question) for known, layout, question in _asked(site) if known is section), None)
    if found is None:
        return None
    layout, question = found
    names = {parameter.name for parameter in question.kept.parameters}
    values = {name: text for name, text in given.items() if name in names and text.strip()}
    form = form_of(site.answers, site.manifest, question.kept, values, reader().languages)
    by_name = given.get(ORDER) == BY_NAME
    rest = {name: text for name, text in given.items() if text.strip() and name != ORDER}
    order = {ORDER: BY_NAME} if by_name else {}
    chosen = tuple(
        Chosen(field, _address({k: v for k, v in rest.items() if k != field.name} | order))
        for field in form.fields
        if field.name in values
    )
    # The document itself, because a redirect from the thing would lose the values.
    path = local_path(site.manifest.base, document_iri(site.manifest.base, question.iri)) or ""
    made = _answered(site, form, layout, by_name=by_name) if form.sound else None
    return Shown(
        section,
        layout,
        form,
        made,
        chosen,
        path + (f"?{urlencode(values)}" if values else ""),
        _address(rest | ({} if by_name else {ORDER: BY_NAME})),
        by_name,
        views(
            section, layout, given, lambda values: _address({k: v for k, v in {**rest, **order, **values}.items() if v})
        ),
        mapped(site, layout, made, given, filtered=bool(chosen)) if made and is_map(section, layout, given) else None,
    )


def _asked(site: Site) -> list[tuple[PageSection, Layout, Question]]:
    """The front page's matrices with their questions."""
    questions = {question.iri: question for question in site.display.questions}
    return [
        (section, section.layout, questions[section.question])
        for section in (site.display.home.sections if site.display.home else ())
        if section.layout is not None and section.question in questions
    ]


def _answered(site: Site, form: Form, layout: Layout, *, by_name: bool) -> Matrix | None:
    try:
        body = site.answers.answer(Query(form.query, boolean=None, graph=None)).body
    except QueryError as error:
        log.warning("a matrix has no answer: %s", error)
        return None
    called = caller(site)
    rows = ({name: called(term) for name, term in row.items()} for row in as_terms(body, site.manifest))
    return matrix(rows, layout, by_name=by_name)


def _address(values: Mapping[str, str]) -> str:
    return f"/?{urlencode(values)}" if values else "/"
