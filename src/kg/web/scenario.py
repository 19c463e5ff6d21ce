"""A scenario on a page (``display:scenario``): what is assumed is in the address, what becomes of it is on the page.

An address names what holds and what does not (``/what-if?holds=rain&fails=wind``), by the question's own parameters. A
form without scripts can only send one field for each circumstance (``is.rain=holds``): that is answered with a redirect
to the address that says the same (``tidied``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from werkzeug.exceptions import BadRequest

from kg.engine.solutions import read, uncut
from kg.errors import QueryError
from kg.messages import Message
from kg.questions import Value
from kg.representation.cells import as_terms
from kg.representation.display import Page, PageSection
from kg.representation.parameters import Choice, Field, Form, form_of, given_to
from kg.representation.questions import Question
from kg.representation.scenario import Plan, Scenario, Total, scenario, totals
from kg.representation.view import Term, link
from kg.web import lasting
from kg.web.calling import caller, saying
from kg.web.language import reader
from kg.web.questions import address
from kg.web.site import Site

# What the name of a field for one circumstance begins with; no parameter's name has a dot.
FIELD = "is."
# So many circumstances stand in sight; the others are to be opened.
_IN_SIGHT = 6
_TWICE = Message("It cannot hold and not hold at once: choose one.")

Values = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Circumstance:
    """What can be assumed: ``state`` is the name of the parameter that it is given under, "" if of none.

    ``waits`` counts the items that would wait for it if nothing were assumed. ``problem`` says what is wrong.
    """

    name: str
    href: str
    field: str
    state: str
    waits: int
    problem: str = ""


@dataclass(frozen=True)
class Shown:
    """A scenario as a page shows it; ``scenario`` and ``totals`` are None if there is no answer.

    ``fields`` are those of the form beside the circumstances. ``href`` and ``totals_href`` lead to the questions with
    the same values; ``values`` are these, ``keys`` what circumstances (IRIs) are called in them.
    """

    section: PageSection
    plan: Plan
    form: Form
    fields: tuple[Field, ...]
    circumstances: tuple[Circumstance, ...]
    scenario: Scenario | None
    totals: list[Total] | None
    href: str
    totals_href: str
    values: Mapping[str, list[str]]
    keys: Mapping[str, str]
    path: str

    @property
    def problems(self) -> tuple[tuple[str, str], ...]:
        """What is wrong with what was given: (name, problem)."""
        told = ((one.field, one.problem) for one in self.circumstances)
        given = ((field.name, field.problem) for field in self.form.fields)
        return tuple((name, problem) for name, problem in (*told, *given) if problem)

    @property
    def in_sight(self) -> tuple[Circumstance, ...]:
        """What is assumed, and what most wait for."""
        first = [one for one in self.circumstances if one.state or one.problem]
        rest = [one for one in self.circumstances if one not in first]
        return (*first, *rest[: max(0, _IN_SIGHT - len(first))])

    @property
    def others(self) -> tuple[Circumstance, ...]:
        """The other circumstances, by name."""
        seen = self.in_sight
        return tuple(sorted((c for c in self.circumstances if c not in seen), key=lambda c: c.name.casefold()))

    @property
    def assumed(self) -> tuple[tuple[Circumstance, str], ...]:
        """What is assumed, each with the address that leaves it open."""
        return tuple((one, self._address(one.field.removeprefix(FIELD), "")) for one in self.circumstances if one.state)

    def with_(self, term: Term, holds: bool) -> str:
        """The address in which a circumstance holds, or fails, and all else is as it is; "" if there is none."""
        key = self.keys.get(term.iri)
        return self._address(key, self.plan.holds if holds else self.plan.fails) if key else ""

    def _address(self, key: str, name: str) -> str:
        both = (self.plan.holds, self.plan.fails)
        rest = {n: [t for t in texts if n not in both or t != key] for n, texts in self.values.items()}
        if name:
            rest[name] = [*rest.get(name, []), key]
        return _at(self.path, rest, both)


def names_of(site: Site, page: Page) -> set[str]:
    """What of the arguments of an address the scenarios of a page read."""
    return {parameter.name for _, _, question in _asked(site, page) for parameter in question.kept.parameters}


def tidied(site: Site, page: Page, given: Values) -> dict[str, list[str]]:
    """What was given, with fields for single circumstances made values of the parameters. Raises BadRequest."""
    plans = [plan for _, plan, _ in _asked(site, page)]
    kept = {name: [*texts] for name, texts in given.items() if not (plans and name.startswith(FIELD))}
    for name, texts in given.items():
        for parameter in texts if plans and name.startswith(FIELD) else ():
            if parameter and parameter not in {p for plan in plans for p in (plan.holds, plan.fails)}:
                wanted = f"{plans[0].holds}, {plans[0].fails}"
                raise BadRequest(Message("%(name)s can be one of these: %(values)s", name=name, values=wanted))
            if parameter:
                kept.setdefault(parameter, []).append(name.removeprefix(FIELD))
    return kept


def shown(site: Site, page: Page, section: PageSection, given: Values) -> Shown | None:
    """The scenario of a section with the values ``given`` by name; None if the section shows none.

    Raises QueryError if the form cannot be made.
    """
    found = next(((plan, question) for known, plan, question in _asked(site, page) if known is section), None)
    if found is None:
        return None
    plan, question = found
    values = given_to(question.kept, given)
    form = form_of(site.answers, site.manifest, question.kept, values, reader().languages)
    both = (plan.holds, plan.fails)
    fields = {field.name: field for field in form.fields}
    choices = {c.iri: c for name in both for c in fields[name].choices}
    keys = {iri: choice.brief or choice.value for iri, choice in choices.items()}
    # In addresses each circumstance is called in one way, however it was typed.
    brief = {choice.value: keys[choice.iri] for choice in choices.values()}
    values |= {name: [brief.get(v, v) for v in fields[name].values] for name in both if name in values}
    in_conflict = _iris(form, plan.holds) & _iris(form, plan.fails)
    if in_conflict and not choices:  # there are too many for a choice of each
        mended = (replace(f, problem=_TWICE) if f.name == plan.fails else f for f in form.fields)
        form = replace(form, fields=tuple(mended))
    sound = form.sound and not in_conflict
    now = _answered(site, form.query, plan) if sound else None
    nothing = _without(question, form, both)
    base = now if sound and nothing == form.query else _answered(site, nothing, plan)
    waits = {one.term.iri: one.items for one in base.waiting} if base is not None else {}
    counted = site.display.question(plan.totals)
    sums = None
    if sound and counted is not None:
        known = {parameter.name for parameter in counted.kept.parameters}
        sums = _totals(site, counted, {name: v for name, v in form.values.items() if name in known}, plan)
    return Shown(
        section,
        plan,
        form,
        tuple(_beside(form, both, listed=bool(choices))),
        tuple(_circumstances(site, form, plan, choices, in_conflict, waits)),
        now,
        sums,
        address(site, question, values),
        address(site, counted, values) if counted is not None else "",
        values,
        keys,
        page.path,
    )


def _asked(site: Site, page: Page) -> list[tuple[PageSection, Plan, Question]]:
    """The page's scenarios with their questions; a question has both parameters and both take several values."""
    found = []
    for section in page.sections:
        question = site.display.question(section.question)
        if section.plan is not None and question is not None:
            several = {parameter.name for parameter in question.kept.parameters if parameter.several}
            if {section.plan.holds, section.plan.fails} <= several:
                found.append((section, section.plan, question))
    return found


def _iris(form: Form, name: str) -> set[str]:
    return {value.value for value in form.values.get(name, ())}


def _without(question: Question, form: Form, names: Sequence[str]) -> str:
    """The query with nothing given for some parameters."""
    return question.kept.with_values({name: v for name, v in form.values.items() if name not in names})


def _beside(form: Form, both: Sequence[str], *, listed: bool) -> Iterator[Field]:
    """The fields beside those for circumstances; of these, what is wrong, as a text that can be mended."""
    for field in form.fields:
        if field.name not in both or not listed:
            yield field
        elif field.problem:
            known = {choice.value for choice in field.choices}
            yield Field(
                *(field.name, field.says, "text", field.value, (), field.problem, True, True),
                tuple(value for value in field.values if value not in known),
            )


def _circumstances(
    site: Site,
    form: Form,
    plan: Plan,
    choices: Mapping[str, Choice],
    in_conflict: set[str],
    waits: Mapping[str, int],
) -> list[Circumstance]:
    """What is assumed first, in the order of the address; then what most items wait for."""
    held, failed = _iris(form, plan.holds), _iris(form, plan.fails)
    found = [
        Circumstance(
            choice.name,
            link(site.manifest.base, iri),
            FIELD + (choice.brief or choice.value),
            "" if iri in in_conflict else plan.holds if iri in held else plan.fails if iri in failed else "",
            waits.get(iri, 0),
            _TWICE if iri in in_conflict else "",
        )
        for iri, choice in choices.items()
    ]
    return sorted(found, key=lambda one: (not (one.state or one.problem), -one.waits, one.name.casefold()))


def _solutions(site: Site, text: str, plan: Plan) -> tuple[list[str], list[dict[str, Term]]]:
    """The variables of an answer, and its rows in the reader's words. Raises QueryError."""
    body = uncut(site.answers, lasting.noted(text))
    called = caller(site)
    said = saying(site, called)
    # What becomes of an item, its mark and its step are told by their values.
    told = {plan.outcome, plan.mark, plan.step, plan.needed}
    terms = as_terms(body, site.manifest)
    rows = [{name: called(term) if name in told else said(term) for name, term in row.items()} for row in terms]
    return read(body)[0], rows


def _answered(site: Site, text: str, plan: Plan) -> Scenario | None:
    try:
        return scenario(_solutions(site, text, plan)[1], plan)
    except QueryError as error:
        lasting.missing("a scenario", error)
        return None


def _totals(site: Site, question: Question, values: Mapping[str, Sequence[Value]], plan: Plan) -> list[Total] | None:
    try:
        names, rows = _solutions(site, question.kept.with_values(values), plan)
    except QueryError as error:
        lasting.missing("the question about the totals of a scenario", error)
        return None
    return totals(rows, names)


def _at(path: str, values: Values, first: Sequence[str]) -> str:
    """An address with values, the assumptions first; the same for the same values."""
    order = {name: number for number, name in enumerate(first)}
    kept = [(name, text) for name, texts in values.items() for text in texts if text]
    kept.sort(key=lambda item: (order.get(item[0], len(order)), item[0]))
    return path + (f"?{urlencode(kept)}" if kept else "")
