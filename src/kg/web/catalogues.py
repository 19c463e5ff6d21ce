"""The words of pages in other languages: catalogues in the format of gettext, one for each language.

``translations/<language>/LC_MESSAGES/kg.po`` beside this file is read as it is, there is nothing to compile. English
is the language of the source and needs no catalogue.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

SOURCE = "en"
FOLDER = Path(__file__).with_name("translations")


@cache
def languages() -> tuple[str, ...]:
    """The languages that pages can be written in, as tags (BCP 47): English, then the others by name."""
    found = (file.parent.parent.name.replace("_", "-") for file in FOLDER.glob("*/LC_MESSAGES/kg.po"))
    return (SOURCE, *sorted(found))


def read(language: str) -> Catalog:
    """The catalogue of a language other than English as it stands in its file."""
    with (FOLDER / language.replace("-", "_") / "LC_MESSAGES" / "kg.po").open("rb") as file:
        return read_po(file, locale=language.replace("-", "_"))


@cache
def translations(language: str) -> NullTranslations:
    """What translates into one of the ``languages``; what has no translation stays English."""
    if language == SOURCE:
        return NullTranslations()
    packed = io.BytesIO()
    write_mo(packed, read(language))
    packed.seek(0)
    return GNUTranslations(packed)


def lookup(wanted: str, offered: Iterable[str]) -> str | None:
    """The tag among those ``offered`` that fits a wanted one best: ``de`` for ``de-AT`` (RFC 4647, section 3.4)."""
    known = {tag.lower(): tag for tag in offered}
    parts = wanted.lower().split("-")
    while parts:
        if (found := known.get("-".join(parts))) is not None:
            return found
        parts.pop()
        if parts and len(parts[-1]) == 1:  # a singleton belongs to what has been cut off
            parts.pop()
    return None
