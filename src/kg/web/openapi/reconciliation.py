"""What the reconciliation service takes and answers (Reconciliation Service API, 0.2 and the draft of 1.0)."""

from __future__ import annotations

from typing import Any

from kg.negotiate import HTML, JSON
from kg.reconciliation.requests import LIMIT, MOST
from kg.web.openapi.apis import RECONCILIATION
from kg.web.openapi.operation import Answer, Body, Parameter, does, leads, sent

_TEXT = {"type": "string"}
_MANY = {"type": "object"}


def _all(optional: dict[str, Any] | None = None, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": [*properties], "properties": {**properties, **(optional or {})}}


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


_NAMED = _all(id=_TEXT, name=_TEXT)
_CANDIDATE = _all(
    {"description": _TEXT, "features": _list(_all(id=_TEXT, value={}))},
    id=_TEXT,
    name=_TEXT,
    type=_list(_NAMED),
    score={"type": "number"},
    match={"type": "boolean"},
)
_MANIFEST = _all(versions=_list(_TEXT), name=_TEXT, view=_all(url=_TEXT))
_RESULTS = {"type": "object", "additionalProperties": _all(result=_list(_CANDIDATE))}
_EXTENSION = _all(meta=_list(_all(id=_TEXT)), rows={"type": ["object", "array"]})
_JSON = JSON.media_type


def _told(schema: dict[str, Any], description: str) -> Answer:
    return sent(JSON, schemas={_JSON: schema}, description=description, headers=("Content-Language",))


_READS = Parameter("Accept-Language", "The languages of names and texts.", place="header", example="language")
_ID = Parameter("id", "The identifier of a thing: its IRI below the base.", example="thing", required=True)
_TERM_ID = Parameter("id", "The identifier of a thing, class or property.", example="thing", required=True)
_WHAT = Parameter("what", "Of what.", {"enum": ["entity", "property", "type"]}, "path")
_KIND = Parameter("type", "Things of this class, by its identifier.")
# A batch as it is sent in the field of a form, where it is a text of its own.
_QUERIES = Parameter(
    "queries",
    "A batch of queries (0.2) as JSON, by keys.",
    {"type": "string", "contentMediaType": _JSON},
    example="queries",
)
_EXTEND = Parameter("extend", "A data extension query (0.2) as JSON.", {"type": "string", "contentMediaType": _JSON})
_FORM = {"type": "object", "properties": {p.name: p.schema for p in (_QUERIES, _EXTEND)}}
_EITHER = {"anyOf": [_MANIFEST, _RESULTS, _EXTENSION]}

MANIFEST = does(
    "The manifest of 0.2; or the answer to a batch in the address",
    RECONCILIATION,
    _told(_EITHER, "The manifest, or the candidates by the keys of the batch."),
    errors=(400, 404, 413),
    parameters=(_QUERIES, _EXTEND, _READS),
)
BATCH = does(
    "Candidates for names, or values of properties (0.2)",
    RECONCILIATION,
    _told({"anyOf": [_RESULTS, _EXTENSION]}, "The candidates by the keys of the batch, or rows of values."),
    errors=(404, 415),
    parameters=(_READS,),
    bodies=(
        Body("application/x-www-form-urlencoded", "Either field.", _FORM, "reconcile form"),
        Body("multipart/form-data", "Either field.", _FORM, "reconcile form"),
    ),
)
DRAFT = does(
    "The manifest of the draft of 1.0",
    RECONCILIATION,
    _told(_MANIFEST, "The manifest."),
    errors=(404,),
    parameters=(_READS,),
)
MATCH = does(
    "Candidates for names (1.0)",
    RECONCILIATION,
    _told(_all(results=_list(_all(candidates=_list(_CANDIDATE)))), "The candidates, in the order of the queries."),
    errors=(404, 415),
    parameters=(_READS,),
    bodies=(Body(_JSON, "A batch.", _all(queries=_list(_MANY)), "match"),),
)
EXTEND = does(
    "Values of properties (1.0)",
    RECONCILIATION,
    _told(_EXTENSION, "Rows of values."),
    errors=(404, 415),
    parameters=(_READS,),
    bodies=(Body(_JSON, "Identifiers and properties.", _all(ids=_list(_TEXT), properties=_list(_MANY)), "extend"),),
)
SUGGEST = does(
    "Things, classes or properties for the beginning of a name",
    RECONCILIATION,
    _told(_all(result=_list(_NAMED)), "What begins so."),
    errors=(400, 404),
    parameters=(
        _WHAT,
        Parameter("prefix", "What was typed.", example="name", required=True),
        Parameter("limit", f"How many; {LIMIT} if not given, {MOST} at most.", {"type": "integer", "minimum": 1}),
        Parameter("offset", "How many to leave out (1.0).", {"type": "integer", "minimum": 0}),
        Parameter("cursor", "The same (0.2).", {"type": "integer", "minimum": 0}),
        Parameter(_KIND.name, _KIND.description, many=True),
        Parameter("type_strict", "should: others too.", {"enum": ["any", "all", "should"]}),
        _READS,
    ),
)
FLYOUT = does(
    "A few words about a thing, class or property",
    RECONCILIATION,
    _told(_all(id=_TEXT, html=_TEXT), "HTML in JSON."),
    errors=(400, 404),
    parameters=(_WHAT, _TERM_ID, _READS),
)
PREVIEW = does(
    "A small page about a thing, to be framed",
    RECONCILIATION,
    sent(HTML, headers=("Content-Language",)),
    errors=(400, 404),
    parameters=(_ID, _READS),
)
VIEW = does(
    "From an identifier to the thing",
    RECONCILIATION,
    leads(303, "To the thing."),
    errors=(400, 404),
    parameters=(_ID, _READS),
    validated=False,
)
PROPOSE = does(
    "Properties that things of a class have",
    RECONCILIATION,
    _told(_all(properties=_list(_NAMED)), "Properties, those of most things first."),
    errors=(400, 404),
    parameters=(
        _KIND,
        Parameter("limit", f"How many; {MOST} at most.", {"type": "integer", "minimum": 1}),
        _READS,
    ),
)
