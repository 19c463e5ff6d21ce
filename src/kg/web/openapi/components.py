"""What many operations share: schemas of JSON bodies, headers, and the statuses of problems."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

_TEXT = {"type": "string"}
_IRI = {"type": "string", "format": "iri"}
_TEXT_OR_NONE = {"type": ["string", "null"]}


def _object(required: dict[str, Any], optional: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {"type": "object", "required": [*required], "properties": {**required, **(optional or {})}, **more}


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def ref(kind: str, name: str) -> dict[str, str]:
    """A reference to a component (OpenAPI 3.1, section 4.8.23)."""
    return {"$ref": f"#/components/{kind}/{name}"}


_RDF_TERM = _object(
    {"type": {"enum": ["uri", "literal", "bnode"]}, "value": _TEXT}, {"xml:lang": _TEXT, "datatype": _IRI}
)
_TOLD_VALUE = {"description": "A value in words, with its IRI if it has one.", "type": ["object", "string"]}

SCHEMAS: dict[str, dict[str, Any]] = {
    "Problem": {
        "description": "What is wrong (RFC 9457); `hint` says how to mend it.",
        **_object(
            {
                "type": {"type": "string", "format": "uri-reference"},
                "title": _TEXT,
                "status": {"type": "integer", "minimum": 400, "maximum": 599},
                "detail": _TEXT,
            },
            {"error": _TEXT, "hint": _TEXT, "line": {"type": "integer"}, "column": {"type": "integer"}},
        ),
    },
    "SparqlResults": {
        "description": "SPARQL 1.1 Query Results JSON Format.",
        "type": "object",
        "required": ["head"],
        "oneOf": [
            _object({"head": {"type": "object"}, "boolean": {"type": "boolean"}}),
            _object(
                {
                    "head": _object({"vars": _list(_TEXT)}),
                    "results": _object({"bindings": _list({"type": "object", "additionalProperties": _RDF_TERM})}),
                }
            ),
        ],
    },
    "JsonLd": {"description": "JSON-LD 1.1.", "type": ["object", "array"]},
    "Context": {"description": "A JSON-LD 1.1 context.", **_object({"@context": {"type": "object"}})},
    "LinkSet": {
        "description": "Links, by the address that they start from (RFC 9264, section 4.2).",
        **_object(
            {
                "linkset": _list(
                    {
                        "type": "object",
                        "properties": {"anchor": {"type": "string", "format": "uri"}},
                        "additionalProperties": _list(
                            _object({"href": {"type": "string", "format": "uri"}}, {"type": _TEXT})
                        ),
                    }
                )
            }
        ),
    },
    "Change": {
        "description": "What became of things from one release to another.",
        **_object(
            {
                "from": _TEXT_OR_NONE,
                "to": _TEXT,
                "language": _TEXT,
                "classes": _list(_object({"iri": _TEXT_OR_NONE, "name": _TEXT_OR_NONE})),
                "things": _list(
                    _object(
                        {
                            "iri": _IRI,
                            "kind": _TEXT,
                            "class": _TEXT_OR_NONE,
                            "headline": _TEXT,
                            "inferred": {"type": "boolean"},
                            "summary": _list(_object({"name": _TEXT, "values": _list(_TOLD_VALUE)})),
                            "supersededBy": _list(_TOLD_VALUE),
                            "changes": _list({"type": "object"}),
                        }
                    )
                ),
            },
            {
                "instant": {"type": "string", "format": "date-time"},
                "href": _TEXT,
                "next": {"description": "Where the next things stand; null at the end.", **_TEXT_OR_NONE},
            },
        ),
    },
    "Changes": _object({"changes": _list(ref("schemas", "Change"))}),
    "Resolved": {
        "description": "What each identifier means, in the order in which they were sent.",
        **_list(
            _object(
                {"identifier": _TEXT, "status": {"enum": ["found", "ambiguous", "unknown", "malformed"]}},
                {
                    "iri": _IRI,
                    "url": _IRI,
                    "name": _TEXT,
                    "relation": {"enum": ["own", "same", "code"]},
                    "matched": _TEXT,
                    "scheme": _TEXT,
                    "choices": _list(_object({"iri": _IRI, "url": _IRI, "name": _TEXT})),
                    "near": _list(_object({"iri": _IRI, "url": _IRI, "name": _TEXT})),
                    "detail": _TEXT,
                },
            )
        ),
    },
    "SameAs": {
        "description": "What others call a thing, and its codes.",
        **_object(
            {
                "iri": _IRI,
                "url": _IRI,
                "name": _TEXT,
                "release": _TEXT,
                "identifiers": _list(
                    _object(
                        {
                            "relation": {"enum": ["same", "close", "code"]},
                            "identifier": _TEXT,
                            "property": _IRI,
                        },
                        {
                            "of": _IRI,
                            "scheme": _TEXT,
                            "local": _TEXT,
                            "dataset": _IRI,
                            "evidence": _list(_TEXT),
                        },
                    )
                ),
            }
        ),
    },
    "Compact": {"description": "An IRI and its compact form.", **_object({"curie": _TEXT, "iri": _TEXT})},
    "OpenApi": {
        "description": "This document.",
        **_object({"openapi": {"type": "string", "pattern": r"^3\.1\."}, "info": {"type": "object"}}),
    },
    "Any": {"description": "JSON."},
}

_HEADERS: dict[str, tuple[str, dict[str, Any]]] = {
    "Access-Control-Allow-Origin": ("Every program on every site may read.", {"const": "*"}),
    "Cache-Control": ("How long a copy may be used without asking again.", _TEXT),
    "ETag": ("The validator of this representation: it changes with format, language, coding and data.", _TEXT),
    "Vary": ("What else of the request decides on the answer.", _TEXT),
    "Location": ("Where to go on.", {"type": "string", "format": "uri-reference"}),
    "Content-Location": ("The address of this very format.", {"type": "string", "format": "uri-reference"}),
    "Content-Language": ("The language of the words.", _TEXT),
    "Link": ("What belongs to it, elsewhere (RFC 8288).", _TEXT),
    "Memento-Datetime": ("Since when the state counted (RFC 7089).", _TEXT),
    "Repr-Digest": ("The SHA-256 of the whole file as it is sent (RFC 9530).", _TEXT),
    "Query-Limits": ("The limits of a query, as a dictionary (RFC 9651).", _TEXT),
    "Answer-Cut": ("Only if the answer was cut: after how many rows or bytes.", _TEXT),
    "Retry-After": ("After how many seconds to try again.", {"type": "integer", "minimum": 0}),
    "Allow": ("The methods of this address.", _TEXT),
    "Content-Range": ("Which bytes of how many.", _TEXT),
    "Accept-Ranges": ("That parts can be asked for.", {"const": "bytes"}),
}
# Those that are always there where they are listed.
_ALWAYS = (
    "Access-Control-Allow-Origin",
    "Cache-Control",
    "Location",
    "Repr-Digest",
    "Accept-Ranges",
    "Retry-After",
    "Allow",
)
HEADERS = {
    name: {"description": text, "schema": schema} | ({"required": True} if name in _ALWAYS else {})
    for name, (text, schema) in _HEADERS.items()
}

# Why an operation may answer with a problem, by status.
_WHY = {
    400: "The request cannot be understood; the detail says what is wrong.",
    403: "The query is refused: an update, a service that is not listed, or an answer that is too long.",
    404: "Nothing is known there.",
    405: "Not with this method.",
    406: "Not in any of the formats, or profiles, that are accepted; the detail lists what there is.",
    408: "The body was not sent in time.",
    410: "It was there once; the detail says where its last state is.",
    413: "Too much was sent.",
    415: "The body has a media type that is not read here.",
    416: "The file has no such range.",
    501: "There is no such format.",
    503: "Too busy, or the query took more than its limits; try again later.",
}
COMMON_ERRORS = (503,)
BODY_ERRORS = (400, 408, 413)


def problems() -> dict[str, dict[str, Any]]:
    """For each status the response, as a component: a problem for programs, a page for people."""
    content = {"application/problem+json": {"schema": ref("schemas", "Problem")}, "text/html": {"schema": _TEXT}}
    found = {}
    for status, why in _WHY.items():
        headers = {"Access-Control-Allow-Origin": ref("headers", "Access-Control-Allow-Origin")}
        if status in (405, 503):
            name = "Allow" if status == 405 else "Retry-After"
            headers[name] = ref("headers", name)
        found[problem_name(status)] = {"description": why, "headers": headers, "content": content}
    return found


def problem_name(status: int) -> str:
    """The name of the component: ``NotFound``."""
    return HTTPStatus(status).phrase.title().replace(" ", "").replace("-", "")
