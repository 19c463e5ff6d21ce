"""The service manifest (Reconciliation API, section 3.1), and the forms of a reply, for 0.2 and 1.0-draft (pure).

Both versions tell the same; they differ in the names of fields, and in what is a list and what an object. In 1.0-draft
names and texts say in which language they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kg.reconciliation.answering import Result
from kg.reconciliation.entities import Entities, Entity
from kg.reconciliation.extending import AUTO, COUNT, IRI, LABEL, Extension, Value
from kg.reconciliation.ids import Identifiers
from kg.reconciliation.schema import Schema, Term
from kg.terms import PREFIXES

Json = dict[str, Any]
V0_2, V1_0 = "0.2", "1.0-draft"
WIDTH, HEIGHT = 420, 260
_SCRIPTS_FROM_RIGHT = {"ar", "arc", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"}

# What can be chosen for a property: name, type, default, label, help, choices (value, name).
_SETTINGS: tuple[tuple[str, str, Any, str, str, tuple[tuple[str, str], ...]], ...] = (
    ("limit", "number", 0, "Limit", "At most so many values for each row (0: all)", ()),
    (
        "content",
        "select",
        AUTO,
        "Content",
        "What is told of a value",
        (
            (AUTO, "Things to reconcile, values as they are"),
            (LABEL, "Names of things as text"),
            (IRI, "IRIs of things as text"),
            (COUNT, "How many values there are"),
        ),
    ),
    ("language", "text", "", "Language", "Only texts in this language, such as en (empty: all)", ()),
)


@dataclass(frozen=True)
class Facts:
    """What a manifest tells: the service's name, its addresses, its limit, and the program's version."""

    name: str
    endpoint: str
    home: str
    logo: str
    batch: int
    program: str


@dataclass(frozen=True)
class Writer:
    """Writes replies in one ``version`` of the API, for readers of a ``language``."""

    version: str
    language: str
    ids: Identifiers
    schema: Schema
    entities: Entities

    @property
    def _first(self) -> bool:
        return self.version == V0_2

    def manifest(self, facts: Facts) -> Json:
        """The manifest of the service at ``facts.endpoint``."""
        told: Json = {"versions": [self.version], "name": facts.name}
        if self._first:
            # The type of whatever has an identifier here is not known beforehand.
            told |= {"identifierSpace": self.ids.base, "schemaSpace": PREFIXES["rdfs"] + "Resource"}
        else:
            told |= {"lang": self.language, "dir": direction(self.language), "standardizedScore": True}
        told |= {
            "documentation": facts.home,
            "logo": facts.logo,
            "serviceVersion": facts.program,
            "defaultTypes": [self._kind(iri) for iri in self.schema.defaults],
            "batchSize": facts.batch,
            "view": {"url": f"{facts.endpoint}/view?id=" + ("{{id}}" if self._first else "{id}")},
        }
        return told | (self._services(facts.endpoint) if self._first else self._services_of_draft())

    def _services(self, endpoint: str) -> Json:
        def suggest(what: str) -> Json:
            return {
                "service_url": endpoint,
                "service_path": f"/suggest/{what}",
                "flyout_service_url": endpoint,
                "flyout_service_path": f"/flyout/{what}?id=${{id}}",
            }

        return {
            "preview": {"url": f"{endpoint}/preview?id={{{{id}}}}", "width": WIDTH, "height": HEIGHT},
            "suggest": {what: suggest(what) for what in ("entity", "property", "type")},
            "extend": {
                "propose_properties": {"service_url": endpoint, "service_path": "/extend/propose"},
                "property_settings": [
                    {"name": name, "type": kind, "default": default, "label": label, "help_text": says}
                    | _choices(choices)
                    for name, kind, default, label, says, choices in _SETTINGS
                ],
            },
        }

    def _services_of_draft(self) -> Json:
        return {
            "preview": {"width": WIDTH, "height": HEIGHT},
            "suggest": {"entity": True, "property": True, "type": True},
            "extend": {
                "proposeProperties": True,
                "propertySettings": [
                    {"id": name, "type": kind, "default": default, "name": label, "helpText": says, "lang": "en"}
                    | _choices(choices)
                    for name, kind, default, label, says, choices in _SETTINGS
                ],
            },
        }

    # -- matching ------------------------------------------------------------------------------------------------------

    def results(self, results: Mapping[str, Result]) -> Json:
        """A result batch of 0.2: by the keys of the queries."""
        return {key: {"result": self._candidates(result), **_message(result)} for key, result in results.items()}

    def result_list(self, results: Iterable[Result]) -> Json:
        """A result batch of 1.0-draft: in the order of the queries."""
        return {"results": [{"candidates": self._candidates(result), **_message(result)} for result in results]}

    def _candidates(self, result: Result) -> list[Json]:
        return [
            {
                "id": self.ids.entity(found.iri),
                **self._named(found.name, found.language),
                **({"description": found.description} if found.description else {}),
                "type": [self._kind(iri) for iri in self.entities.kinds(found.types)],
                "score": found.score,
                "match": found.match,
                "features": [
                    {"id": f.id, "value": f.value}
                    | ({} if self._first else {"name": f.id.replace("_", " "), "lang": "en"})
                    for f in found.features
                ],
            }
            for found in result.candidates
        ]

    # -- suggesting ----------------------------------------------------------------------------------------------------

    def suggested(self, entities: Sequence[Entity]) -> Json:
        """Suggestions of things."""
        return {
            "result": [
                {
                    "id": found.id,
                    **self._named(found.name, found.language),
                    **({"description": found.description} if found.description else {}),
                    "notable": [self._kind(iri) for iri in found.kinds],
                }
                for found in entities
            ]
        }

    def suggested_terms(self, terms: Sequence[Term]) -> Json:
        """Suggestions of classes or properties."""
        return {"result": [self.term(term) for term in terms]}

    def proposed(self, terms: Sequence[Term], kind: str, limit: int) -> Json:
        """Properties that things of a type (its identifier as given) have."""
        return {"type": kind, "limit": limit, "properties": [self.term(term) for term in terms]}

    def term(self, term: Term) -> Json:
        """A class or property with its description."""
        says = self.schema.description(term.iri, self.language)
        return {**self._kind(term.iri), **({"description": says} if says else {})}

    def _kind(self, iri: str) -> Json:
        return {"id": self.ids.term(iri), **self._named(*self.schema.name(iri, self.language))}

    # -- extending -----------------------------------------------------------------------------------------------------

    def extension(self, told: Extension) -> Json:
        """A data extension response."""
        meta = []
        for wish in told.wishes:
            name = self._named(*self.schema.name(wish.iri, self.language)) if wish.iri else {"name": wish.id}
            term = self.schema.by_iri.get(wish.iri or "")
            expects = self._kind(term.expects) if term is not None and term.expects and wish.content == AUTO else None
            meta.append({"id": wish.id, **name, **({"type": expects} if expects else {})})
        if self._first:
            rows: Any = {
                thing: {wish.id: self._values(found) for wish, found in zip(told.wishes, values, strict=True)}
                for thing, values in told.rows
            }
        else:
            rows = [
                {
                    "id": thing,
                    "properties": [
                        {"id": wish.id, "values": self._values(found)}
                        for wish, found in zip(told.wishes, values, strict=True)
                    ],
                }
                for thing, values in told.rows
            ]
        return {"meta": meta, "rows": rows}

    def _values(self, found: Sequence[Value]) -> list[Value]:
        if self._first:
            return [{name: value for name, value in told.items() if name != "lang"} for told in found]
        return [told | ({"dir": direction(told["lang"])} if "lang" in told else {}) for told in found]

    def _named(self, name: str, language: str) -> Json:
        if self._first or not language:
            return {"name": name}
        return {"name": name, "lang": language, "dir": direction(language)}


def direction(language: str) -> str:
    """The direction in which a language is written."""
    return "rtl" if language.partition("-")[0].lower() in _SCRIPTS_FROM_RIGHT else "ltr"


def _choices(choices: Sequence[tuple[str, str]]) -> Json:
    return {"choices": [{"value": value, "name": name} for value, name in choices]} if choices else {}


def _message(result: Result) -> Json:
    return {"message": result.message} if result.message else {}
