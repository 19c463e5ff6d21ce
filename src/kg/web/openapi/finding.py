"""What searching takes and answers."""

from __future__ import annotations

from typing import Any

from kg.negotiate import HTML, JSON
from kg.web.finding import KINDS, LIMIT, MOST
from kg.web.openapi.apis import SEARCH
from kg.web.openapi.operation import IRI, Parameter, does, negotiable

_TEXT = {"type": "string"}
_MAYBE = {"type": ["string", "null"]}
_COUNT = {"type": "integer", "minimum": 0}
_TAG = {"type": "string", "pattern": "^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*$"}


def _all(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": [*properties], "properties": properties}


_RESULT = _all(
    iri=IRI,
    document=_MAYBE,
    label=_TEXT,
    language=_TEXT,
    matched=_TEXT,
    matched_language=_TEXT,
    score={"type": "number"},
    types={"type": "array", "items": IRI},
    description=_MAYBE,
    description_language=_MAYBE,
)
_FOUND = {
    "description": "What was found, and how much each filter would leave.",
    **_all(
        query=_TEXT,
        total=_COUNT,
        offset=_COUNT,
        limit=_COUNT,
        next=_MAYBE,
        previous=_MAYBE,
        results={"type": "array", "items": _RESULT},
        facets=_all(
            type={"type": "array", "items": _all(iri=IRI, label=_TEXT, language=_TEXT, count=_COUNT)},
            label_lang={"type": "array", "items": _all(language=_TEXT, count=_COUNT)},
        ),
    ),
}


def filters(limit: int = LIMIT, most: int = MOST) -> tuple[Parameter, ...]:
    """The parameters that every search has."""
    return (
        Parameter("q", "What to search for: a name or its beginning.", example="name"),
        Parameter("type", f"Only things of this class or scheme, up to {KINDS}.", IRI, example="class", many=True),
        Parameter("label_lang", "Only names in this language.", _TAG),
        Parameter("lang", "The language of the names in the answer.", _TAG, example="language"),
        Parameter("offset", "How many results to leave out.", {"type": "integer", "minimum": 0, "maximum": 10**9}),
        Parameter("limit", "How many results.", {"type": "integer", "minimum": 1, "maximum": most, "default": limit}),
        Parameter("format", "The format, in place of Accept.", {"enum": ["html", "json"]}),
    )


FIND = does(
    "Things by name",
    SEARCH,
    negotiable(JSON, HTML, schemas={JSON.media_type: _FOUND}, headers=("Link",)),
    errors=(400, 404),
    parameters=filters(),
)
SUGGESTED = {
    "description": "What was typed, completions, what they are, where they lead (OpenSearch Suggestions 1.0).",
    "type": "array",
    "items": {"anyOf": [_TEXT, {"type": "array", "items": _TEXT}]},
    "minItems": 4,
    "maxItems": 4,
}
