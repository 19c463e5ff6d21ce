"""Dates of XML Schema as days on one line, so that they can be drawn: any year, any of the calendar's datatypes."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date

_PARTS = re.compile(
    r"(-?\d{4,6})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d):(\d\d(?:\.\d+)?))?)?)?(?:Z|[+-]\d\d:\d\d)?", re.ASCII
)
_LAST = 12
# How many steps an axis has at most, so that the texts fit on a phone; and the steps, in days and in months.
_MOST_STEPS = 4
_DAYS = (1, 2, 5, 10, 20)
_MONTHS = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1_200, 2_400, 6_000, 12_000, 60_000, 120_000, 600_000, 6_000_000)
_DAYS_OF_MONTH = 30.44
# What datetime counts 1 March of the year 0 as.
_ORDINAL = date(1, 3, 1).toordinal() - 365


@dataclass(frozen=True)
class Span:
    """When something is: from the beginning of the first day (or moment) to the end of the last, in days."""

    start: float
    end: float


def span(text: str) -> Span | None:
    """The span that a date, a year, a month or a moment stands for; None if the text is none. Zones are left out."""
    found = _PARTS.fullmatch(text.strip())
    if not found:
        return None
    year, month, day = int(found[1]), int(found[2] or 1), int(found[3] or 1)
    if not (1 <= month <= _LAST and 1 <= day <= _days(year, month)):
        return None
    start = float(days_of(year, month, day))
    if found[4]:
        moment = start + (int(found[4]) * 3600 + int(found[5]) * 60 + float(found[6])) / 86_400
        return Span(moment, moment)
    if found[3]:
        return Span(start, start + 1)
    if found[2]:
        return Span(start, start + _days(year, month))
    return Span(start, float(days_of(year + 1, 1, 1)))


def days_of(year: int, month: int, day: int) -> int:
    """The number of a day in the proleptic Gregorian calendar, counted from 1 March of the year 0."""
    shifted = year - (month <= 2)
    months = (month + 9) % 12
    return 365 * shifted + shifted // 4 - shifted // 100 + shifted // 400 + (153 * months + 2) // 5 + day - 1


def _days(year: int, month: int) -> int:
    following = (year + 1, 1) if month == _LAST else (year, month + 1)
    return days_of(*following, 1) - days_of(year, month, 1)


def ticks(start: float, end: float) -> list[tuple[float, str]]:
    """Where an axis from ``start`` to ``end`` has marks, at beginnings of days or months, and what they say."""
    if end - start <= _DAYS[-1] * _MOST_STEPS and start + _ORDINAL >= 1 and end + _ORDINAL <= date.max.toordinal():
        return _of_days(start, end)
    months = (end - start) / _DAYS_OF_MONTH
    step = next((s for s in _MONTHS if months / s <= _MOST_STEPS), _MONTHS[-1])
    # 365.2425 days to a year is near enough to find the first one.
    number = (int(start // 365.2425) - 1) * 12 // step * step
    found: list[tuple[float, str]] = []
    while True:
        year, month = divmod(number, 12)
        place = float(days_of(year, month + 1, 1))
        if place > end:
            return found
        if place >= start:
            name = f"{year:05}" if year < 0 else f"{year:04}"
            found.append((place, name if step >= _LAST else f"{name}-{month + 1:02}"))
        number += step


def _of_days(start: float, end: float) -> list[tuple[float, str]]:
    step = next(s for s in _DAYS if (end - start) / s <= _MOST_STEPS)
    first = math.ceil(start)
    return [(float(d), date.fromordinal(d + _ORDINAL).isoformat()) for d in range(first, math.floor(end) + 1, step)]
