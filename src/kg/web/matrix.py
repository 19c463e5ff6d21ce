"""A matrix on a page: the question's parameters as a form, the answer as a matrix (``display:matrix``).

A page takes the parameters of its matrices under their own names (``/?date=2025-09-04``), and ``order=name``;
with ``view=map`` it shows one column, ``column=...``, on a map (``web/maps.py``).
Names that are no parameter are left alone: to readers' links others add theirs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from werkzeug.exceptions import BadRequest

from kg.engine.solutions import uncut
from kg.errors import QueryError
from kg.messages import Message
from kg.representation.cells import as_terms
from kg.representation.display import Page, PageSection
from kg.representation.matrix import Layout, Mark, Matrix, Step, matrix
from kg.representation.parameters import Field, Form, form_of, given_of, given_to
from kg.representation.questions import Question
from kg.representation.view import Term
from kg.terms import in_language
from kg.web import lasting
from kg.web.calling import caller, saying
from kg.web.language import reader
from kg.web.maps import COLUMN, VIEW, VIEWS, Mapped, View, is_map, mapped, views
from kg.web.questions import address
from kg.web.site import Site

ORDER = "order"
BY_NAME = "name"
_WIDE, _HEADS, _LEAST, _CHARACTER, _SPACE = 81.5, 6.5, 4.4, 0.5, 0.5


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
    def fits(self) -> bool:
        """True if all columns stand side by side on a wide page, by the longest word of each name.

        Then the page scrolls; else the matrix does in a box of its own. The sizes are those of style.css, in rem.
        """
        words = [max(map(len, column.text.split()), default=0) for column in self.matrix.columns] if self.matrix else []
        return _HEADS + sum(max(_LEAST, _CHARACTER * length + _SPACE) for length in words) <= _WIDE

    @property
    def problems(self) -> tuple[tuple[str, str], ...]:
        """What is wrong with what was given: (name, problem)."""
        fields = (*self.form.fields, *([self.mapped.field] if self.mapped else []))
        return tuple((field.name, field.problem) for field in fields if field.problem)

    @property
    def kept(self) -> tuple[tuple[str, str], ...]:
        """What the form sends along with its fields."""
        view = next((view.value for view in self.views if view.here), "")
        return (*([(ORDER, BY_NAME)] if self.by_name else []), *([(VIEW, view)] if view else []))


def names_of(site: Site, page: Page) -> set[str]:
    """What of the arguments of an address the matrices of a page read."""
    names: set[str] = set()
    for _, layout, question in _asked(site, page):
        names |= {ORDER, *((VIEW, COLUMN) if layout.region else ())}
        names |= {parameter.name for parameter in question.kept.parameters}
    return names


def tidied(site: Site, page: Page, given: Mapping[str, Sequence[str]]) -> dict[str, Sequence[str]]:
    """What was given, without a column where nothing is on a map.

    Raises BadRequest for an order or a way to show a matrix that there is not.
    """
    names = names_of(site, page)
    for name, known in ((ORDER, [BY_NAME]), (VIEW, [*VIEWS])):
        if name in names and not {*given.get(name, ())} <= {*known}:
            wanted = ", ".join(known)
            raise BadRequest(Message("%(name)s can be one of these: %(values)s", name=name, values=wanted))
    once = {name: texts[0] for name, texts in given.items() if texts}
    needless = {COLUMN} & names if not any(is_map(s, layout, once) for s, layout, _ in _asked(site, page)) else set()
    return {name: texts for name, texts in given.items() if name not in needless}


def shown(site: Site, page: Page, section: PageSection, given: Mapping[str, Sequence[str]]) -> Shown | None:
    """The matrix of a section with the values ``given`` by name; None if the section shows none.

    Raises QueryError if the form cannot be made.
    """
    found = next(((layout, question) for known, layout, question in _asked(site, page) if known is section), None)
    if found is None:
        return None
    layout, question = found
    rest = {name: texts for name in given if (texts := given_of(given, name))}
    by_name = rest.pop(ORDER, [])[:1] == [BY_NAME]
    values = given_to(question.kept, rest)
    form = _as_marked(form_of(site.answers, site.manifest, question.kept, values, reader().languages), layout)
    order = {ORDER: [BY_NAME]} if by_name else {}
    once = {name: texts[0] for name, texts in rest.items()}
    chosen = tuple(
        Chosen(field, _address(page, {k: v for k, v in rest.items() if k != field.name} | order))
        for field in form.fields
        if field.name in values
    )
    made = _answered(site, form, layout, by_name=by_name) if form.sound else None
    return Shown(
        section,
        layout,
        form,
        made,
        chosen,
        address(site, question, values),
        _address(page, rest | ({} if by_name else {ORDER: [BY_NAME]})),
        by_name,
        views(section, layout, once, lambda values: _address(page, {**rest, **order, **_several(values)})),
        mapped(site, layout, made, once, filtered=bool(chosen)) if made and is_map(section, layout, once) else None,
    )


def _asked(site: Site, page: Page) -> list[tuple[PageSection, Layout, Question]]:
    """The page's matrices with their questions."""
    return [
        (section, section.layout, question)
        for section in page.sections
        if section.layout is not None and (question := site.display.question(section.question)) is not None
    ]


def _as_marked(form: Form, layout: Layout) -> Form:
    """The form with values called as their marks and steps are in the matrix."""
    drawn: Sequence[Mark | Step] = (*layout.marks, *layout.steps)
    words = {one.value: in_language(one.words, reader().languages) for one in drawn}

    def renamed(field: Field) -> Field:
        return replace(field, choices=tuple(replace(c, name=words.get(c.iri) or c.name) for c in field.choices))

    return replace(form, fields=tuple(renamed(field) for field in form.fields))


def _answered(site: Site, form: Form, layout: Layout, *, by_name: bool) -> Matrix | None:
    try:
        body = uncut(site.answers, lasting.noted(form.query))
    except QueryError as error:
        lasting.missing("a matrix", error)
        return None
    called = caller(site)
    said = saying(site, called)
    rows = (
        {name: said(term) if name == layout.remark else called(term) for name, term in row.items()}
        for row in as_terms(body, site.manifest)
    )
    return matrix(rows, replace(layout, usual=said(Term(layout.usual)).text), by_name=by_name)


def _several(values: Mapping[str, str]) -> dict[str, list[str]]:
    return {name: [text] if text else [] for name, text in values.items()}


def _address(page: Page, values: Mapping[str, Sequence[str]]) -> str:
    query = urlencode(values, doseq=True)
    return page.path + (f"?{query}" if query else "")
