"""The parameters of a question as a form: what can be given, what was given, and the query that results.

A value of a datatype is given as its text, a member of a class or scheme by its IRI, whole or without what all of this
graph's IRIs begin with (``https://example.org/id/state/ITA``, ``state/ITA``, ``ITA`` where that is unmistakable).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import pyoxigraph as ox

from kg.engine import Answerer
from kg.engine.solutions import select, values
from kg.messages import Message
from kg.publishable import is_ill_typed
from kg.questions import Parameter, Question, Value
from kg.release.manifest import Manifest
from kg.terms import PREFIXES, in_language

# More members than these are not listed: they are to be typed.
LISTED = 400
_XSD = PREFIXES["xsd"]
_CONTROLS = {"date": "date", "integer": "number", "nonNegativeInteger": "number", "boolean": "boolean"}
_HINTS = {
    "date": Message("a day such as 2026-01-31"),
    "integer": Message("a whole number such as 10000"),
    "boolean": Message("true or false"),
}


@dataclass(frozen=True)
class Choice:
    """Something that can be chosen: how it is written in an address, and its name."""

    value: str
    name: str


@dataclass(frozen=True)
class Field:
    """One parameter in a form.

    ``says`` is what it means, by language; ``control`` is date, number, boolean, choice or text; ``value`` is what was
    given, else the default, "" if there is none; ``problem`` says what is wrong with it, "" if nothing; what is
    ``optional`` may be left out.
    """

    name: str
    says: dict[str, str] = field(hash=False)
    control: str
    value: str
    choices: tuple[Choice, ...]
    problem: str
    optional: bool = False

    @property
    def shown(self) -> str:
        """The value by its name."""
        return next((choice.name for choice in self.choices if choice.value == self.value), self.value)


@dataclass(frozen=True)
class Form:
    """The parameters of a question and the ``query`` with the values given; with a problem it has the defaults.

    ``unknown`` are names that were given and are no parameters.
    """

    fields: tuple[Field, ...]
    query: str
    unknown: tuple[str, ...] = ()

    @property
    def sound(self) -> bool:
        """True if nothing is wrong with what was given."""
        return not self.unknown and not any(field.problem for field in self.fields)


def about_thing(question: Question, name: str, iri: str) -> str:
    """The query of a question with a thing (IRI) as the value of one of its parameters."""
    return question.with_values({name: ox.NamedNode(iri)})


def form_of(
    engine: Answerer, manifest: Manifest, question: Question, given: Mapping[str, str], languages: Sequence[str] = ()
) -> Form:
    """The form of a question, filled with what was ``given`` by name; empty values mean the default.

    Names are in the first of the ``languages`` that there is, without any in those of the project.

    Raises QueryError if the members of a class cannot be asked for.
    """
    fields, values = [], {}
    for parameter in question.parameters:
        typed = given.get(parameter.name, "").strip()
        if parameter.type.startswith(_XSD):
            filled, value = _literal(parameter, typed)
        else:
            filled, value = _member(
                _Members(engine, manifest, parameter, languages or manifest.languages), parameter, typed
            )
        fields.append(filled)
        if value is not None:
            values[parameter.name] = value
    unknown = sorted(set(given) - {parameter.name for parameter in question.parameters})
    return Form(tuple(fields), question.with_values(values), tuple(unknown))


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
        for row in select(engine, text, whole=False):
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
        return iri.removeprefix(self._base).removeprefix("id/") if iri.startswith(self._base) else iri

    def choices(self, chosen: Collection[str] = ()) -> tuple[Choice, ...]:
        """The members that a form offers and those ``chosen`` already, by name."""
        offered = self._offered.union(chosen)
        known = (Choice(self.short(iri), name) for iri, name in self.names.items() if iri in offered)
        return tuple(sorted(known, key=lambda choice: (choice.name.casefold(), choice.value)))

    def find(self, typed: str) -> list[str]:
        """The members that are meant: one if all is well."""
        exact = [iri for iri in self.names if typed in (iri, self.short(iri))]
        return exact or sorted(
            iri for iri in self.names if self.short(iri).rpartition("/")[2].casefold() == typed.casefold()
        )
