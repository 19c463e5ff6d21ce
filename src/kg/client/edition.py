"""What a site says of a release: its manifest, as far as clients need it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from kg.client.cache import Answer
from kg.errors import AnswerInvalid


@dataclass(frozen=True)
class Edition:
    """A release as its site tells of it: how it is called, what its IRIs begin with, its files.

    ``title`` has a text for each language, ``prefixes`` a namespace for each prefix, ``files`` the length and SHA-256
    of each file.
    """

    name: str
    version: str
    date: date
    base: str
    licence: str
    languages: tuple[str, ...]
    label_properties: tuple[str, ...]
    title: Mapping[str, str] = field(hash=False)
    prefixes: Mapping[str, str] = field(hash=False)
    files: Mapping[str, tuple[int, str]] = field(hash=False, repr=False)


def read_edition(answer: Answer) -> Edition:
    """Read ``manifest.json``. Raises AnswerInvalid if it is none."""
    try:
        facts = json.loads(answer.body)
        return Edition(
            name=facts["name"],
            version=facts["version"],
            date=date.fromisoformat(facts["date"]),
            base=facts["base"],
            licence=facts["licence"],
            languages=tuple(facts["languages"]),
            label_properties=tuple(facts["label_properties"]),
            title=dict(facts["title"]),
            prefixes=dict(facts["prefixes"]),
            files={name: (int(size), str(digest)) for name, (size, digest) in facts["files"].items()},
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise AnswerInvalid(
            f"what is at {answer.url} is no manifest of a release ({type(error).__name__}: {error})",
            "is this the address of a site of kg?",
        ) from None
