"""Dates and numbers as a language writes them (CLDR, through Babel); for pages only, data formats stay as they are."""

from __future__ import annotations

import datetime
import re
from decimal import Decimal, InvalidOperation
from functools import cache, lru_cache

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.numbers import format_decimal
from markupsafe import Markup

from kg.terms import DATES, PREFIXES

_DECIMAL = "decimal"
# An integer with fewer digits may be a year; in most languages it needs no separators either.
_SEPARATED = 5
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_MONTH = re.compile(r"(\d{4})-(\d\d)")
_YEAR = re.compile(r"\d{4}")
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)?")


@cache
def locale(language: str) -> Locale:
    """The customs of a language; of English as it is written in the world, not in one country (CLDR: en-001)."""
    return Locale.parse("en_001" if language == "en" else language.replace("-", "_"))


def number(value: int | float | Decimal, language: str) -> str:
    """A number with separators: ``12,345`` or ``12.345``."""
    return format_decimal(value, locale=locale(language), decimal_quantization=False)


def size(value: int, language: str) -> str:
    """A number of bytes in the unit that fits: ``1.4 MB``, decimal units (SI)."""
    amount, unit = float(value), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if amount < 999.5:
            break
        amount, unit = amount / 1000, larger
    digits = "0" if unit == "B" or amount >= 99.5 else "0.0"
    return f"{format_decimal(amount, digits, locale(language))} {unit}"


@lru_cache(maxsize=20_000)
def amount(text: str, language: str) -> Markup:
    """HTML for a number that says how many: with separators even if it has four digits, for it is no year."""
    try:
        shown = number(Decimal(text), language)
    except (InvalidOperation, ValueError):
        return Markup("<span>{}</span>").format(text)
    return (
        Markup('<data value="{}">{}</data>').format(text, shown)
        if shown != text
        else Markup("<span>{}</span>").format(text)
    )


@lru_cache(maxsize=20_000)
def literal(text: str, kind: str, language: str) -> Markup:
    """HTML for a date or number whose datatype is ``xsd:<kind>``: what a program wants stands in an attribute.

    A value that cannot be told otherwise (years of five digits or before our era, zones of dates) stands as it is.
    """
    if PREFIXES["xsd"] + kind in DATES:
        return time_element(text, language)
    if (shown := _number(text, kind, language)) not in (None, text):
        return Markup('<data value="{}">{}</data>').format(text, shown)
    return Markup("<span>{}</span>").format(text)


def numeral(text: str, language: str) -> str:
    """The text of a number as the language writes it, without markup; any other text stays."""
    return _number(text, "integer" if text.lstrip("+-").isdecimal() else _DECIMAL, language) or text


def time_element(text: str, language: str) -> Markup:
    """``<time>`` with a date, month, year or moment as the language writes it; other texts as they are, in a span."""
    shown = _moment(text, language)
    if shown is None:
        return Markup("<span>{}</span>").format(text)
    return Markup('<time datetime="{}">{}</time>').format(text, shown)


def brief(text: str, language: str) -> str:
    """A date, month or year as plain text that fits on an axis: ``Mar 2025``; other texts as they are."""
    try:
        if found := _MONTH.fullmatch(text):
            return format_skeleton("yMMM", datetime.date(int(found[1]), int(found[2]), 1), locale=locale(language))
    except ValueError:
        return text
    return _moment(text, language) or text


def _number(text: str, kind: str, language: str) -> str | None:
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    if not value.is_finite() or (kind != _DECIMAL and len(text.lstrip("+-")) < _SEPARATED):
        return None
    try:
        return number(value, language)
    except InvalidOperation:  # more digits than Babel reckons with
        return None


def _moment(text: str, language: str) -> str | None:
    where = locale(language)
    try:
        if _DATE.fullmatch(text):
            return format_date(datetime.date.fromisoformat(text), "medium", where)
        if _YEAR.fullmatch(text):
            return text
        if found := _MONTH.fullmatch(text):
            return format_skeleton("yMMMM", datetime.date(int(found[1]), int(found[2]), 1), locale=where)
        if found := _MOMENT.fullmatch(text):
            day = format_date(datetime.date.fromisoformat(found[1]), "medium", where)
            datetime.time.fromisoformat(found[2])
            zone = {None: "", "Z": " UTC"}.get(found[3], f" UTC{found[3]}")
            return f"{day}, {found[2]}{zone}"
    except ValueError:  # no such day, or one that the calendar of Python does not hold
        return None
    return None
