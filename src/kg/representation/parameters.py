"""The parameters of a question as a form: what can be given, what was given, and the query that results.

A value of a datatype is given as its text, a member of a class or scheme by its IRI, whole or without what all of this
graph's IRIs begin with (``https://example.org/id/state/ITA``, ``state/ITA``, ``ITA`` where that is unmistakable).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial

import pyoxigraph as ox

from kg.engine import Answerer
from kg.engine.solutions import select, values
from kg.messages import Message
from kg.publishable import is_ill_typed
from kg.questions import Parameter, Question, Value
from kg.release.manifest import Manifest
from kg.terms import PREFIXES, in_language

# What was given by name: one text, or several.
Given = Mapping[str, str | Sequence[str]]
# More members than these are not listed: they are to be typed.
LISTED = 400
# So many values of one parameter can be given: an address has room for thousands, which nobody means.
MOST = 50
_XSD = PREFIXES["xsd"]
_CONTROLS = {"date": "date", "integer": "number", "nonNegativeInteger": "number", "boolean": "boolean"}
_HINTS = {
    "date": Message("a day such as 2026-01-31"),
    "integer": Message("a whole number such as 10000"),
    "boolean": Message("true or false"),
}


@dataclass(frozen=True)
class Choice:
    """Something that can be chosen: how it is written in an address, and its name.

    A thing has its ``iri`` as well, and ``brief``, the end of it if that is unmistakable in an address.
    """

    value: str
    name: str
    iri: str = ""
    brief: str = ""


@dataclass(frozen=True)
class Field:
    """One parameter in a form.

    ``says`` is what it means, by language; ``control`` is date, number, boolean, choice or text; ``value`` is what was
    given, else the default, "" if there is none; ``problem`` says what is wrong with it, "" if nothing; what is
    ``optional`` may be left out. One that takes ``several`` has all of them in ``values``, the first as its ``value``.
    """

    name: str
    says: dict[str, str] = field(hash=False)
    control: str
    value: str
    choices: tuple[Choice, ...]
    problem: str
    optional: bool = False
    several: bool = False
    values: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        """The value, or all of several, by name."""
        names = {choice.value: choice.name for choice in self.choices}
        if not self.several:  # as it is, because it may be a word of the program
            return names.get(self.value, self.value)
        return ", ".join(names.get(value, value) for value in self.values)


@dataclass(frozen=True)
class Form:
    """The parameters of a question and the ``query`` with the values given; with a problem it has the defaults.

    ``unknown`` are names that were given and are no parameters; ``values`` are those in the query.
    """

    fields: tuple[Field, ...]
    query: str
    unknown: tuple[str, ...] = ()
    values: Mapping[str, Sequence[Value]] = field(default_factory=dict, hash=False)

    @property
    def sound(self) -> bool:
        """True if nothing is wrong with what was given."""
        return not self.unknown and not any(field.problem for field in self.fields)


def about_thing(question: Question, name: str, iri: str) -> str:
    """The query of a question with a thing (IRI) as the value of one of its parameters."""
    return question.with_values({name: ox.NamedNode(iri)})


def form_of(
    engine: Answerer, manifest: Manifest, question: Question, given: Given, languages: Sequence[str] = ()
) -> Form:
    """The form of a question, filled with what was ``given`` by name; empty values mean the default.

    Of a parameter that takes one value the first counts.

    Names are in the first of the ``languages`` that there is, without any in those of the project.

    Raises QueryError if the members of a class cannot be asked for.
    """
    fields: list[Field] = []
    values: dict[str, list[Value]] = {}
    for parameter in question.parameters:
        fill = _literal
        if not parameter.type.startswith(_XSD):
            fill = partial(_member, _Members(engine, manifest, parameter, languages or manifest.languages))
        typed = given_of(given, parameter.name) or [""]
        filled = [fill(parameter, text) for text in (typed[:MOST] if parameter.several else typed[:1])]
        fields.append(_together([field for field, _ in filled]) if parameter.several else filled[0][0])
        if parameter.several and len(typed) > MOST:
            fields[-1] = replace(fields[-1], problem=Message("At most %(number)s values can be given.", number=MOST))
        values[parameter.name] = [value for _, value in filled if value is not None]
    unknown = sorted(set(given) - {parameter.name for parameter in question.parameters})
    return Form(tuple(fields), question.with_values(values), tuple(unknown), values)


def given_of(given: Given, name: str) -> list[str]:
    """What was given under a name: without blanks around it, nothing that is empty, each once."""
    found = given.get(name, ())
    return [*dict.fromkeys(text.strip() for text in ((found,) if isinstance(found, str) else found) if text.strip())]


def given_to(question: Question, given: Given) -> dict[str, list[str]]:
    """What of all that was given is for a question: by parameter, in their order, one text where it takes one."""
    return {
        parameter.name: texts if parameter.several else texts[:1]
        for parameter in question.parameters
        if (texts := given_of(given, parameter.name))
    }


def _together(fields: Sequence[Field]) -> Field:
    """One field of those that several values of one parameter make; it has the first problem among theirs."""
    problem = next((field.problem for field in fields if field.problem), "")
    choices = {choice: None for field in fields for choice in field.choices}
    ordered = sorted(choices, key=lambda choice: (choice.name.casefold(), choice.value))
    values = tuple(dict.fromkeys(field.value for field in fields if field.value))
    return replace(fields[0], choices=tuple(ordered), problem=problem, several=True, values=values)


def _literal(parameter: Parameter, typed: str) -> tuple[Field, Value | None]:
    kind = parameter.type.removeprefix(_XSD)
    text = typed or (parameter.default.value if parameter.default else "")
    value = ox.Literal(text, datatype=ox.NamedNode(parameter.type)) if text or parameter.default else None
    hint = _HINTS.get(kind) or Message("an xsd:%(kind)s", kind=kind)
    wrong = value is not None and is_ill_typed(value)
    problem = Message("“%(given)s” is not %(hint)s.", given=typed, hint=hint) if wrong else ""
    choices = (Choice("true", Message("yes")), Choice("false", Message("no"))) if kind == "boolean" else ()
    control = _CONTROLS.get(kind, "text")
    shown = Field(parameter.name, parameter.says, control, text, choices, problem, parameter.default is None)
    return shown, None if problem else value


def _member(members: _Members, parameter: Parameter, typed: str) -> tuple[Field, Value | None]:
    found = members.find(typed) if typed else [parameter.default.value] if parameter.default else []
    problem = ""
    if not found and typed:
        problem = Message("“%(given)s” is not known here.", given=typed)
    elif len(found) > 1:
        meant = ", ".join(members.short(iri) for iri in found)
        problem = Message("“%(given)s” can mean %(meant)s.", given=typed, meant=meant)
    listed = len(members.names) <= LISTED
    choices = members.choices(found) if listed else ()
    shown = typed if problem or not found else members.short(found[0])
    control, optional = "choice" if listed else "text", parameter.default is None
    told = Field(parameter.name, parameter.says, control, shown, choices, problem, optional)
    return told, None if problem or not found else ox.NamedNode(found[0])


def short(base: str, iri: str) -> str:
    """An IRI as an address can hold it: without what all of this graph's IRIs begin with."""
    return iri.removeprefix(base).removeprefix("id/") if iri.startswith(base) else iri


def meant(base: str, iris: Collection[str], typed: str) -> list[str]:
    """Those of the IRIs that can be meant by what was typed: one if all is well."""
    exact = [iri for iri in iris if typed in (iri, short(base, iri))]
    return exact or sorted(iri for iri in iris if short(base, iri).rpartition("/")[2].casefold() == typed.casefold())


class _Members:
    """The members of a class or scheme, by IRI, with their names."""

    def __init__(self, engine: Answerer, manifest: Manifest, parameter: Parameter, languages: Sequence[str]) -> None:
        self._base, self._languages = manifest.base, languages
        kind = ox.NamedNode(parameter.type)
        used = f"EXISTS {{ ?any {ox.NamedNode(parameter.offered)} ?member }}" if parameter.offered else "true"
        text = (
            f"SELECT DISTINCT ?member ?name ?used {{ ?member a|<{PREFIXES['skos']}inScheme> {kind} "
            f"FILTER(isIRI(?member)) BIND({used} AS ?used) "
            f"OPTIONAL {{ VALUES ?property {{ {values(manifest.label_properties)} }} ?member ?property ?name }} }}"
        )
        texts: dict[str, dict[str, str]] = {}
        self._offered: set[str] = set()
        for row in select(engine, text):
            if row["used"]["value"] == "true":
                self._offered.add(row["member"]["value"])
            known = texts.setdefault(row["member"]["value"], {})
            if "name" in row:
                known.setdefault(row["name"].get("xml:lang", ""), row["name"]["value"])
        if parameter.default is not None:
            texts.setdefault(parameter.default.value, {})
            self._offered.add(parameter.default.value)
        self.names = {iri: in_language(known, self._languages) or self.short(iri) for iri, known in texts.items()}

    def short(self, iri: str) -> str:
        """The IRI as an address can hold it."""
        return short(self._base, iri)

    def choices(self, chosen: Collection[str] = ()) -> tuple[Choice, ...]:
        """The members that a form offers and those ``chosen`` already, by name."""
        offered = self._offered.union(chosen)
        ends = self._ends
        known = (
            Choice(self.short(iri), name, iri, self.short(iri).rpartition("/")[2] if ends[self._end(iri)] == 1 else "")
            for iri, name in self.names.items()
            if iri in offered
        )
        return tuple(sorted(known, key=lambda choice: (choice.name.casefold(), choice.value)))

    @cached_property
    def _ends(self) -> Counter[str]:
        return Counter(self._end(iri) for iri in self.names)

    def find(self, typed: str) -> list[str]:
        """The members that are meant: one if all is well."""
        return meant(self._base, self.names, typed)

    def _end(self, iri: str) -> str:
        return self.short(iri).rpartition("/")[2].casefold()
