"""RDF terms as values of Python, and back (pure): nothing that a term says is lost on the way.

A literal whose datatype Python has no type for, or whose text is no value of its datatype, stays text and keeps the
name of its datatype. So do values that Python's types cannot hold: a day with a time zone, a year beyond 9999.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time
from decimal import Decimal

import pyoxigraph as ox

from kg import sparql
from kg.errors import BadValue
from kg.terms import INTEGERS, PREFIXES

_XSD = PREFIXES["xsd"]


class IRI(str):
    """The IRI of a thing."""

    __slots__ = ()


class BlankNode(str):
    """The label of a blank node; it means something within one answer only."""

    __slots__ = ()


class Text(str):
    """A text in a language (BCP 47 tag, in the case in which it was sent)."""

    language: str
    __slots__ = ("language",)

    def __new__(cls, text: str, language: str) -> Text:
        """A text and the tag of its language."""
        made = super().__new__(cls, text)
        made.language = language
        return made

    def __reduce__(self) -> tuple[type[Text], tuple[str, str]]:
        return Text, (str(self), self.language)


class Typed(str):
    """The text of a literal, with its ``datatype`` (an IRI): one that no type of Python stands for."""

    datatype: str
    __slots__ = ("datatype",)

    def __new__(cls, text: str, datatype: str) -> Typed:
        """A text and the IRI of its datatype."""
        made = super().__new__(cls, text)
        made.datatype = datatype
        return made

    def __reduce__(self) -> tuple[type[Typed], tuple[str, str]]:
        return Typed, (str(self), self.datatype)


Value = str | bool | int | float | Decimal | date | datetime | time

# What XML Schema allows (Part 2, section 3) and Python reads as the same value.
_DATE = re.compile(r"[0-9]{4}-[0-9][0-9]-[0-9][0-9]")
_TIME = re.compile(r"[0-9][0-9]:[0-9][0-9]:[0-9][0-9](?:\.[0-9]{1,6})?(?:Z|[+-][0-9][0-9]:[0-9][0-9])?")
_MOMENT = re.compile(rf"{_DATE.pattern}T{_TIME.pattern}")
_INTEGER = re.compile(r"[+-]?[0-9]{1,4000}")  # Python refuses to read much longer ones
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_DOUBLE = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[Ee][+-]?[0-9]+)?|[+-]?INF|NaN")
_TRUTH = re.compile("true|false|1|0")
_READ: dict[str, tuple[re.Pattern[str], Callable[[str], Value]]] = {
    "boolean": (_TRUTH, lambda text: text in ("true", "1")),
    "decimal": (_DECIMAL, Decimal),
    "double": (_DOUBLE, float),
    "float": (_DOUBLE, float),
    "date": (_DATE, date.fromisoformat),
    "dateTime": (_MOMENT, datetime.fromisoformat),
    "dateTimeStamp": (_MOMENT, datetime.fromisoformat),
    "time": (_TIME, time.fromisoformat),
    **dict.fromkeys((datatype.removeprefix(_XSD) for datatype in INTEGERS), (_INTEGER, int)),
}


def literal(text: str, datatype: str = "", language: str = "") -> Value:
    """The value of a literal.

    >>> literal("2026-01-31", "http://www.w3.org/2001/XMLSchema#date")
    datetime.date(2026, 1, 31)
    >>> literal("2026-02-31", "http://www.w3.org/2001/XMLSchema#date")
    '2026-02-31'
    >>> literal("Brot", language="de").language
    'de'
    """
    if language:
        return Text(text, language)
    if not datatype or datatype == f"{_XSD}string":
        return text
    form, read = _READ.get(datatype.removeprefix(_XSD), (None, None)) if datatype.startswith(_XSD) else (None, None)
    if form is None or read is None or not form.fullmatch(text):
        return Typed(text, datatype)
    try:
        return read(text)
    except ValueError:
        return Typed(text, datatype)


def term(found: Mapping[str, str]) -> Value:
    """The value of a term as SPARQL 1.1 Query Results JSON has it. Raises KeyError, TypeError if it is none."""
    kind, value = found["type"], found["value"]
    if kind == "uri":
        return IRI(value)
    if kind == "bnode":
        return BlankNode(value)
    if kind not in ("literal", "typed-literal"):  # the second one is of drafts, some servers write it still
        raise TypeError(f"no kind of term: {kind}")
    return literal(value, found.get("datatype", ""), found.get("xml:lang", ""))


def written(value: Value | Iterable[Value]) -> str:
    """The value as it is written in a query; several are written one after the other, as in ``VALUES``.

    Raises BadValue for what is no value: a blank node, which cannot be named in a query, or an IRI that is none.

    >>> print(written("rye & wheat"), written(3), written(IRI("https://data.example.org/bread/concept/rye")))
    "rye & wheat" 3 <https://data.example.org/bread/concept/rye>
    """
    if isinstance(value, BlankNode):
        raise BadValue(f"the blank node {value} cannot be named in a query", "ask for what leads to it")
    if isinstance(value, str | bool | int | float | Decimal | date | time):
        try:
            return _term(value)
        except ValueError as error:
            raise BadValue(f"{value!r} cannot stand in a query: {error}") from None
    if isinstance(value, Iterable) and not isinstance(value, bytes):
        return " ".join(written(each) for each in value)
    raise BadValue(f"{value!r} is no value for a query", "give text, a number, a date, a bool or an IRI")


def _term(value: Value) -> str:
    if isinstance(value, IRI):
        return str(ox.NamedNode(value))
    if isinstance(value, str):
        return str(_text(value))
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and value >= 0:
        return str(value)  # bare, so that it can also stand behind LIMIT
    kinds = ((int, "integer"), (float, "double"), (Decimal, "decimal"), (datetime, "dateTime"), (date, "date"))
    kind = next((name for python, name in kinds if isinstance(value, python)), "time")
    return f'"{_lexical(value)}"^^<{_XSD}{kind}>'


def _text(value: str) -> ox.Literal:
    text = str(value)
    if isinstance(value, Text):
        return ox.Literal(text, language=value.language)
    return ox.Literal(text, datatype=ox.NamedNode(value.datatype)) if isinstance(value, Typed) else ox.Literal(text)


def _lexical(value: Value) -> str:
    if isinstance(value, float):
        return {"inf": "INF", "-inf": "-INF", "nan": "NaN"}.get(str(value), str(value))
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError("no xsd:decimal is infinite")
        return f"{value:f}"
    return value.isoformat() if isinstance(value, date | time) else str(value)


def filled(query: str, values: Mapping[str, Value | Iterable[Value]]) -> str:
    """The query with each ``$name`` replaced by the value of that name; ``?name`` stays a variable.

    Raises BadValue for a name that the query does not have, and as ``written`` does.

    >>> filled("SELECT ?bread { ?bread ?p $name } LIMIT $most", {"name": Text("Brot", "de"), "most": 5})
    'SELECT ?bread { ?bread ?p "Brot"@de } LIMIT 5'
    """
    parts, end, unused = [], 0, set(values)
    for token in sparql.tokens(query):
        name = token["variable"]
        if name and name[0] == "$" and name[1:] in values:
            parts += [query[end : token.start()], written(values[name[1:]])]
            end = token.end()
            unused.discard(name[1:])
    if unused:
        raise BadValue(
            f"the query has no {', '.join(f'${name}' for name in sorted(unused))}", "write $ before the name"
        )
    return "".join([*parts, query[end:]])
