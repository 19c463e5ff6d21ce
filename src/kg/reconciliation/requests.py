"""What a client of the reconciliation service sends -> what it asks for (Reconciliation API, 0.2 and 1.0-draft).

What is wrong with the whole (broken JSON, too much of it) is an error. What is wrong with one query is a message at
this query, and the others are answered. Where the meaning is plain, the service takes more than the specification
allows: a number as text, one value where a list is wanted.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from kg.errors import MalformedRequest, RequestTooLarge
from kg.reconciliation.ids import INVERSE, Identifiers
from kg.reconciliation.matching import Condition, Query

NAME_LENGTH = 10_000  # characters; no name is longer, and no batch may be made of megabytes
LIMIT, MOST = 10, 100
_CONDITIONS = 20
_VALUES = 50
_STRICT = ("any", "all", "should")
_QUANTIFIERS = ("any", "all", "none")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


@dataclass(frozen=True)
class Asked:
    """One query of a batch.

    The names (``queries``) are alternatives, ``joined`` by ``any`` or ``all``. ``things`` are IRIs that are asked for
    themselves. ``message`` says what is odd about the query; if nothing else is there, it cannot be answered.
    """

    queries: tuple[Query, ...] = ()
    joined: str = "any"
    things: tuple[str, ...] = ()
    message: str = ""
    limit: int = LIMIT


class Odd(Exception):
    """What is wrong with one query."""


def read_json(text: str) -> Any:
    """The JSON of a text. Raises MalformedRequest for what RFC 8259 does not know (NaN), or leaves open (a key twice).

    Numbers too large for a program and nesting too deep for it are refused as well.
    """
    try:
        return json.loads(
            text.removeprefix("\ufeff"), object_pairs_hook=_object, parse_constant=_constant, parse_float=_float
        )
    except RecursionError:
        raise MalformedRequest("the JSON is nested too deeply") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise MalformedRequest(f"this is no JSON: {error.msg} ({where})") from None
    except ValueError:
        raise MalformedRequest("the JSON has a number with too many digits") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise MalformedRequest("the JSON has an object with the same key twice")
    return found


def _constant(name: str) -> float:
    raise MalformedRequest(f"{name} is no JSON")


def _float(text: str) -> float:
    if math.isinf(number := float(text)):
        raise MalformedRequest(f"the number {text[:20]} is too large")
    return number


def clean(text: str) -> str:
    """The text without control characters and halves of pairs. Raises RequestTooLarge beyond NAME_LENGTH."""
    if len(text) > NAME_LENGTH:
        raise RequestTooLarge(f"a name, or a value, may have {NAME_LENGTH:,} characters; one has {len(text):,}")
    return _CONTROL.sub(" ", text.encode("utf-8", "replace").decode()).strip()


@dataclass(frozen=True)
class Reader:
    """Reads batches for a release. ``most`` queries may stand in one; ``language`` is that of the answer."""

    ids: Identifiers
    most: int
    language: str
    types: frozenset[str] = field(default=frozenset())

    def keyed(self, text: str) -> dict[str, Asked]:
        """The queries of version 0.2 by their keys. Raises MalformedRequest, RequestTooLarge."""
        given = read_json(text)
        if not isinstance(given, dict):
            raise MalformedRequest('"queries" is an object with a key for each query: {"q0": {"query": "..."}}')
        self._demand(len(given))
        return {key: _one(self._query, value) for key, value in given.items()}

    def ordered(self, text: str) -> list[Asked]:
        """The queries of version 1.0-draft in order. Raises MalformedRequest, RequestTooLarge."""
        given = read_json(text)
        queries = given.get("queries") if isinstance(given, dict) else None
        if not isinstance(queries, list):
            raise MalformedRequest('the body is an object with a list "queries": {"queries": [{"conditions": [...]}]}')
        self._demand(len(queries))
        return [_one(self._conditions_query, value) for value in queries]

    def _demand(self, number: int) -> None:
        if number > self.most:
            raise RequestTooLarge(
                f"a batch may have {self.most:,} queries; this one has {number:,}",
                'send several batches; the limit is "batchSize" in the manifest',
            )

    # -- version 0.2 ---------------------------------------------------------------------------------------------------

    def _query(self, given: dict[str, Any]) -> Asked:
        text = _text(given.get("query", ""), "query")
        strict = given.get("type_strict", "any")
        if strict not in _STRICT:
            raise Odd(f"type_strict is one of {', '.join(_STRICT)}")
        listed = given.get("properties") or []
        if not isinstance(listed, list) or len(listed) > _CONDITIONS:
            raise Odd(f"properties is a list of at most {_CONDITIONS}")
        notes: list[str] = []
        conditions: list[Condition] = []
        for item in listed:
            if not isinstance(item, dict) or "pid" not in item or "v" not in item:
                raise Odd("a property has a pid and a v")
            conditions += self._condition(item["pid"], item["v"], notes)
        if not text and not listed:
            raise Odd("a query has a query, or properties")
        limit = _limit(given.get("limit"))
        found = Query(
            text=text,
            types=self._types(given.get("type")),
            limit=limit,
            conditions=tuple(conditions),
            type_strict=strict,
            language=self.language,
        )
        return Asked((found,), message="; ".join(notes), limit=limit)

    def _condition(
        self, pid: object, values: object, notes: list[str], required: bool = False, quantifier: str = "any"
    ) -> list[Condition]:
        """The condition, or none and a note if it is about something that nobody can compare."""
        iri = self.ids.named(_text(pid, "the identifier of a property"))
        if iri is None or iri.startswith(INVERSE):
            notes.append(f"{str(pid)[:100]!r} is no property that can be compared")
            return []
        return [Condition(property=iri, values=self._values(values), required=required, quantifier=quantifier)]

    def _values(self, given: object) -> tuple[str, ...]:
        listed = given if isinstance(given, list) else [given]
        if len(listed) > _VALUES:
            raise Odd(f"a property may have {_VALUES} values")
        return tuple(value for value in map(self._value, listed) if value)

    def _value(self, given: object) -> str:
        """A text, or an IRI for a thing that was matched before."""
        if isinstance(given, dict):
            if "id" not in given:
                raise Odd("a value that is a thing has an id")
            name = _text(given["id"], "the id of a value")
            return self.ids.thing(name) or name
        return _text(given, "the value of a property")

    def _types(self, given: object) -> tuple[str, ...]:
        listed = given if isinstance(given, list) else [] if given is None or given == "" else [given]
        found = []
        for item in listed[: _VALUES + 1]:
            name = _text(item.get("id") if isinstance(item, dict) else item, "a type")
            iri = self.ids.named(name)
            if iri is None or iri not in self.types:
                raise Odd(f"there is no type {name[:100]!r}; /suggest/type tells which there are")
            found.append(iri)
        if len(found) > _VALUES:
            raise Odd(f"a query may have {_VALUES} types")
        return tuple(found)

    # -- version 1.0-draft ---------------------------------------------------------------------------------------------

    def _conditions_query(self, given: dict[str, Any]) -> Asked:
        listed = given.get("conditions")
        if not isinstance(listed, list) or not 0 < len(listed) <= _CONDITIONS:
            raise Odd(f"a query has conditions, from 1 to {_CONDITIONS}")
        names: tuple[str, ...] | None = None
        joined = "any"
        things: tuple[str, ...] = ()
        conditions: list[Condition] = []
        notes: list[str] = []
        for item in listed:
            kind, values, required, quantifier = _condition_parts(item)
            if kind == "property":
                conditions += self._condition(item.get("propertyId"), values, notes, required, quantifier)
            elif kind == "id":
                asked = values if isinstance(values, list) else [values]
                things += tuple(filter(None, (self.ids.thing(self._value(v)) for v in asked[:_VALUES])))
            elif names is not None or quantifier == "none":
                raise Odd("a query has at most one condition for the name, joined by any or all")
            else:
                names, joined = tuple(dict.fromkeys(self._values(values))), quantifier
        limit, types = _limit(given.get("limit")), self._types(given.get("type"))
        language = _language(given.get("lang")) or self.language
        if names is None and things and not conditions:
            return Asked(things=things, message="; ".join(notes), limit=limit)
        if len(names or ()) > 10:
            raise Odd("a condition for the name may have 10 values")
        if things:
            raise Odd("a condition for the id stands alone")
        queries = tuple(
            Query(text=n, types=types, limit=limit, conditions=tuple(conditions), type_strict="any", language=language)
            for n in names or ("",)
        )
        return Asked(queries, joined, message="; ".join(notes), limit=limit)


def _condition_parts(item: object) -> tuple[str, object, bool, str]:
    """Of a condition: match type, values, whether it is required, quantifier."""
    if not isinstance(item, dict) or "propertyValue" not in item:
        raise Odd("a condition has a matchType and a propertyValue")
    kind = item.get("matchType")
    if kind not in ("name", "id", "property"):
        raise Odd("matchType is one of name, id, property")
    required, quantifier = item.get("required", False), item.get("matchQuantifier", "any")
    if not isinstance(required, bool):
        raise Odd("required is true or false")
    if quantifier not in _QUANTIFIERS:
        raise Odd(f"matchQuantifier is one of {', '.join(_QUANTIFIERS)}")
    if item.get("matchQualifier") not in (None, ""):
        raise Odd("no property has a matchQualifier here")
    return kind, item["propertyValue"], required, quantifier


def _one(read: Callable[[dict[str, Any]], Asked], given: object) -> Asked:
    try:
        if not isinstance(given, dict):
            raise Odd("a query is an object")
        return read(given)
    except Odd as error:
        return Asked(message=str(error))


def _text(given: object, what: str) -> str:
    """A text, or a number or truth value as one."""
    if isinstance(given, bool):
        return "true" if given else "false"
    if isinstance(given, int | float):
        return str(given)
    if not isinstance(given, str):
        raise Odd(f"{what} is a text")
    return clean(given)


def _limit(given: object) -> int:
    if given is None:
        return LIMIT
    number = whole_number(given)
    if number is None or number < 1:
        raise Odd("limit is a number from 1")
    return min(number, MOST)


def whole_number(given: object) -> int | None:
    """A whole number, be it written as a text or as ``3.0``; None if it is none."""
    if isinstance(given, bool):
        return None
    if isinstance(given, float):
        return int(given) if given.is_integer() else None
    if isinstance(given, int):
        return given
    if isinstance(given, str) and given.isascii() and given.isdigit() and len(given) < 10:
        return int(given)
    return None


def _language(given: object) -> str | None:
    return given if isinstance(given, str) and re.fullmatch(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*", given) else None


def identifiers(given: object, what: str, most: int) -> list[str]:
    """A list of identifiers, each once. Raises MalformedRequest, RequestTooLarge."""
    if not isinstance(given, list) or not all(isinstance(item, str) for item in given):
        raise MalformedRequest(f"{what} is a list of identifiers")
    if len(given) > most:
        raise RequestTooLarge(f"a request may have {most:,} {what}; this one has {len(given):,}")
    found: Iterable[str] = dict.fromkeys(given)
    return [*found]
