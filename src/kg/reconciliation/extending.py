"""Data extension: values of properties for things that were matched, and which properties there are to ask for."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from kg.engine import Answerer
from kg.engine.solutions import select, values
from kg.errors import MalformedRequest, RequestTooLarge
from kg.reconciliation.ids import INVERSE, Identifiers, is_iri
from kg.reconciliation.requests import clean, identifiers, whole_number
from kg.reconciliation.schema import Schema, Term
from kg.search.index import speaks
from kg.terms import INTEGERS, PREFIXES, REALS

AUTO, LABEL, IRI, COUNT = "auto", "label", "iri", "count"
CONTENTS = (AUTO, LABEL, IRI, COUNT)
PROPERTIES = 50
_ROWS = 100_000
_AT_ONCE = 200
_XSD = PREFIXES["xsd"]
_TYPE = PREFIXES["rdf"] + "type"
_DATE = re.compile(r"(-?\d{4,})-(\d\d)-(\d\d)(Z|[+-]\d\d:\d\d)?")
_MOMENT = re.compile(r"-?\d{4,}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]\d\d:\d\d)?")

Value = dict[str, Any]


@dataclass(frozen=True)
class Wish:
    """A property that is asked for: its identifier as given, its IRI (None: there can be none), and its settings.

    ``limit`` 0 is no limit; ``content`` is one of CONTENTS; with a ``language`` only texts in it, and texts in none.
    """

    id: str
    iri: str | None
    limit: int = 0
    content: str = AUTO
    language: str = ""


@dataclass(frozen=True)
class Extension:
    """What is told: for each thing, in the order of the request, the values of each property, in theirs."""

    wishes: tuple[Wish, ...]
    rows: tuple[tuple[str, tuple[tuple[Value, ...], ...]], ...]


def read_wishes(given: Any, ids: Identifiers, most: int) -> tuple[list[str], tuple[Wish, ...]]:
    """The things (identifiers) and properties of a data extension query. Raises MalformedRequest, RequestTooLarge."""
    if not isinstance(given, dict):
        raise MalformedRequest('a data extension query is an object: {"ids": [...], "properties": [{"id": "..."}]}')
    things = identifiers(given.get("ids"), "ids", most)
    listed = given.get("properties")
    if not isinstance(listed, list) or not all(isinstance(p, dict) and isinstance(p.get("id"), str) for p in listed):
        raise MalformedRequest("properties is a list of objects with an id")
    if len(listed) > PROPERTIES:
        raise RequestTooLarge(f"a request may have {PROPERTIES} properties; this one has {len(listed):,}")
    return things, tuple(_wish(item, ids) for item in listed)


def _wish(given: dict[str, Any], ids: Identifiers) -> Wish:
    settings = given.get("settings") or {}
    if not isinstance(settings, dict):
        raise MalformedRequest("settings is an object")
    # Who fills in a form may leave a field empty.
    limit = whole_number(settings.get("limit") or 0)
    if limit is None or limit < 0:
        raise MalformedRequest("the setting limit is a number from 0 (no limit)")
    content = settings.get("content") or AUTO
    if content not in CONTENTS:
        raise MalformedRequest(f"the setting content is one of {', '.join(CONTENTS)}")
    language = settings.get("language") or ""
    if not isinstance(language, str):
        raise MalformedRequest("the setting language is a language tag, such as en")
    name = clean(given["id"])
    return Wish(given["id"], ids.named(name), limit, content, language.strip().lower())


@dataclass(frozen=True)
class Extender:
    """Answers data extension queries for a release.

    ``label`` gives a thing's name in a language; of a thing without a name its identifier is told.
    """

    engine: Answerer
    ids: Identifiers
    schema: Schema
    label: Callable[[str, str], tuple[str, str] | None]

    def extend(self, things: Sequence[str], wishes: Sequence[Wish], language: str) -> Extension:
        """The values. Raises RequestTooLarge, and QueryError if the engine does not answer."""
        iris = {given: self.ids.thing(given) for given in things}
        subjects = [iri for iri in dict.fromkeys(iris.values()) if iri is not None]
        found: dict[tuple[str, str], list[dict[str, str]]] = {}
        left = _ROWS
        for start in range(0, len(subjects), _AT_ONCE):
            rows = self._asked(subjects[start : start + _AT_ONCE], wishes, left)
            left -= len(rows)
            for key, value in rows:
                found.setdefault(key, []).append(value)
        told = tuple(
            (
                given,
                tuple(
                    self._values(found.get((iri, wish.iri), []), wish, language) if iri and wish.iri else ()
                    for wish in wishes
                ),
            )
            for given, iri in iris.items()
        )
        return Extension(tuple(wishes), told)

    def _asked(
        self, subjects: Sequence[str], wishes: Sequence[Wish], left: int
    ) -> list[tuple[tuple[str, str], dict[str, str]]]:
        """The values of the properties of some things as ((thing, property), term)."""
        along = [w.iri for w in wishes if w.iri and not w.iri.startswith(INVERSE)]
        against = [w.iri.removeprefix(INVERSE) for w in wishes if w.iri and w.iri.startswith(INVERSE)]
        block, found = f"VALUES ?s {{ {values(subjects)} }}", []
        for properties, pattern, sign in ((along, "?s ?p ?o", ""), (against, "?o ?p ?s FILTER(isIRI(?o))", INVERSE)):
            if properties and subjects:
                wanted = values(dict.fromkeys(properties))
                text = f"SELECT DISTINCT ?s ?p ?o {{ {block} VALUES ?p {{ {wanted} }} {pattern} }} LIMIT {left + 1}"
                rows = select(self.engine, text)
                found += [((row["s"]["value"], sign + row["p"]["value"]), row["o"]) for row in rows]
        if len(found) > left:
            raise RequestTooLarge(
                f"these properties have more than {_ROWS:,} values", "ask for fewer things, or fewer properties"
            )
        return found

    def _values(self, terms: list[dict[str, str]], wish: Wish, language: str) -> tuple[Value, ...]:
        if wish.content == COUNT:
            return ({"int": len(terms)},)
        told = [
            value
            for term in terms
            if _spoken(term, wish.language) and (value := self._value(term, wish.content, language)) is not None
        ]
        languages = self.schema.labels.languages
        told.sort(key=lambda value: _order(value, language, languages))
        return tuple(told[: wish.limit] if wish.limit else told)

    def _value(self, term: dict[str, str], content: str, language: str) -> Value | None:
        if term["type"] == "uri":
            return self._thing(term["value"], content, language)
        return None if term["type"] != "literal" else literal(term)

    def _thing(self, iri: str, content: str, language: str) -> Value:
        identifier = self.ids.entity(iri)
        if content == IRI or (identifier is None and content == AUTO):
            return {"str": iri}
        named = self.label(iri, language)
        name, spoken = named or (identifier or iri, "")
        value: Value = {"str": name} if content == LABEL else {"id": identifier, "name": name}
        return {**value, "lang": spoken} if spoken else value

    def propose(self, kind: str | None, limit: int) -> list[Term]:
        """The properties that things of a class (None: any) have, the most frequent first. Raises QueryError."""
        if kind is None:
            return [*self.schema.properties[:limit]]
        if not is_iri(kind):
            return []
        counts: dict[str, int] = {}
        for pattern, sign in (("?s ?p ?o", ""), ("?o ?p ?s FILTER(isIRI(?o))", INVERSE)):
            text = f"SELECT ?p (COUNT(DISTINCT ?s) AS ?n) {{ ?s <{_TYPE}> <{kind}> . {pattern} }} GROUP BY ?p"
            counts |= {sign + row["p"]["value"]: int(row["n"]["value"]) for row in select(self.engine, text) if row}
        known = [term for term in self.schema.properties if term.iri in counts]
        return sorted(known, key=lambda term: (-counts[term.iri], term.iri))[:limit]


def literal(term: dict[str, str]) -> Value:
    """A literal by its datatype; what JSON or the specification has no form for stays a text."""
    text, kind = term["value"], term.get("datatype", "")
    if (number := _number(text, kind)) is not None:
        return number
    if kind == _XSD + "boolean" and text in ("true", "false", "1", "0"):
        return {"bool": text in ("true", "1")}
    if kind == _XSD + "date" and (day := _DATE.fullmatch(text)):
        return {"date": f"{day[1]}-{day[2]}-{day[3]}T00:00:00{day[4] or 'Z'}"}
    if kind == _XSD + "dateTime" and _MOMENT.fullmatch(text):
        return {"date": text}
    spoken = term.get("xml:lang", "")
    return {"str": text, "lang": spoken} if spoken else {"str": text}


def _number(text: str, kind: str) -> Value | None:
    if kind in INTEGERS and re.fullmatch(r"[+-]?\d{1,300}", text):
        return {"int": int(text)}
    if kind in REALS:
        try:
            number = float(text)
        except ValueError:
            return None
        return {"float": number} if math.isfinite(number) else None
    return None


def _spoken(term: dict[str, str], language: str) -> bool:
    """True for a text in the language, or in none; for whatever is no text."""
    tag = term.get("xml:lang", "")
    return not language or not tag or speaks(tag, language)


def _order(value: Value, language: str, languages: Sequence[str]) -> tuple[int, float, str]:
    """Texts in the reader's language first, numbers by size, all else by its text."""
    tag = value.get("lang", "")
    known = [language, *languages]
    rank = known.index(tag) if tag in known else len(known)
    shown = value.get("name") or value.get("str") or value.get("date") or ""
    number: float = value.get("int") or value.get("float") or 0
    return (rank if "str" in value and tag else 0), float(min(max(number, -1e300), 1e300)), str(shown).casefold()
