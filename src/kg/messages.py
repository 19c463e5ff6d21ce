"""Sentences that the program says, kept so that a page can say them in the reader's language.

A ``Message`` is its English text: data formats, logs and the command need know nothing more. A page translates its
``pattern`` and fills in the values (``web/language.py``).
"""

from __future__ import annotations

from collections.abc import Mapping


class Message(str):
    """A text in English, made of a ``pattern`` with ``%(name)s`` and the ``values`` for it.

    The pattern stands as it is in the catalogues of translations, which are collected from the source: it has to be a
    constant. Without values it is the text itself, percent signs and all.
    """

    __slots__ = ("pattern", "values")
    pattern: str
    values: Mapping[str, object]

    def __new__(cls, pattern: str, **values: object) -> Message:
        """Raises KeyError if a value is missing."""
        made = super().__new__(cls, pattern % values if values else pattern)
        made.pattern, made.values = pattern, values
        return made

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        """Between processes it is a plain text."""
        return str, (str(self),)
