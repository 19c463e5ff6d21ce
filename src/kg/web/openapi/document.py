"""The OpenAPI document (3.1) of what was gathered, pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from kg.web.openapi.apis import APIS, Api
from kg.web.openapi.components import BODY_ERRORS, COMMON_ERRORS, HEADERS, SCHEMAS, problem_name, problems, ref
from kg.web.openapi.operation import Answer, Body, Operation, Parameter, Placed

VERSION = "3.1.1"
_FORM = "application/x-www-form-urlencoded"
Examples = Mapping[str, Sequence[str]]
# What conditional requests and redirects carry.
_CACHED = ("ETag", "Cache-Control", "Vary")
_OF_304 = "The client's copy is still good (RFC 9110, section 15.4.5)."
_ABOUT = (
    "Every address that answers GET answers HEAD and OPTIONS as well; any other method gets 405 with `Allow`. "
    "Every answer may be read by programs on any site (CORS), preflights included. "
    "The header Accept decides on the format where several are listed; without it the first one is sent. "
    "Answers with an ETag are confirmed with 304 to `If-None-Match`; what is sent compressed has its own. "
    "Errors are problem details (RFC 9457), or a page for browsers. "
    "Pages are in the language that `lang` or Accept-Language asks for, if it is one of theirs; data has all of them. "
    "Addresses longer than about 60 kB get 414, and an overloaded server 503 with `Retry-After`; there are no keys and "
    "no quotas. A query may take {seconds:g} seconds and {memory} MiB, a request {bytes:,} bytes, an answer {rows:,} "
    "rows.\n\n"
    "In paths a slash inside a parameter may stand as it is, though OpenAPI has no way to say so; `%2F` is the same. "
    "Everything but what is for operators stands below /release/{{name}} too, as it was in that release: the second "
    "server."
)


def about(seconds: float, memory: int, longest: int, rows: int) -> str:
    """The introduction, with the limits of the server."""
    return _ABOUT.format(seconds=seconds, memory=memory, bytes=longest, rows=rows)


def openapi(
    placed: Sequence[Placed], info: Mapping[str, Any], root: str, releases: Sequence[str], examples: Examples
) -> dict[str, Any]:
    """The document. ``root`` is the address of the site, without slash; ``releases`` are names, the oldest first."""
    servers: list[dict[str, Any]] = [{"url": root, "description": "The current release"}]
    former = {
        "url": f"{root}/release/{{release}}",
        "description": "The site as it was in a release",
        "variables": {"release": {"default": releases[-1], "enum": [*releases]}},
    }
    paths: dict[str, dict[str, Any]] = {}
    for one in placed:
        item = paths.setdefault(one.path, {})
        if not one.operation.everywhere:
            item["servers"] = servers
        item[one.method.lower()] = _operation(one, examples)
    used = {one.operation.api for one in placed}
    return {
        "openapi": VERSION,
        "info": info,
        "servers": [*servers, former],
        "tags": [_tag(api, root) for api in APIS if api in used],
        "paths": paths,
        "components": {
            "schemas": SCHEMAS,
            "headers": HEADERS,
            "parameters": {"IfNoneMatch": _IF_NONE_MATCH, "Language": _LANGUAGE},
            "responses": {"NotModified": _NOT_MODIFIED, "OneSlash": _ONE_SLASH, **problems()},
        },
    }


def _tag(api: Api, root: str) -> dict[str, Any]:
    return {
        "name": api.name,
        "description": f"{api.title}. {api.description}",
        "externalDocs": {"url": f"{root}/openapi#{api.name}"},
    }


def _operation(one: Placed, examples: Examples) -> dict[str, Any]:
    told = one.operation
    here = [p for p in told.parameters if p.place != "path" or f"{{{p.name}}}" in one.path]
    parameters: list[Mapping[str, Any]] = [_parameter(p, examples) for p in here]
    if one.method == "GET" and _has_page(told) and all(p.name != _LANGUAGE["name"] for p in here):
        parameters.append(ref("parameters", "Language"))
    if told.validated and one.method == "GET":
        parameters.append(ref("parameters", "IfNoneMatch"))
    found: dict[str, Any] = {"operationId": one.name, "tags": [told.api.name], "summary": told.summary}
    if told.description:
        found["description"] = told.description
    if parameters:
        found["parameters"] = parameters
    if told.bodies:
        content = {body.media_type: _body(body, examples) for body in told.bodies}
        found["requestBody"] = {"required": True, "content": content}
    found["responses"] = _responses(told, one.method, one.path)
    return found


def _has_page(told: Operation) -> bool:
    return any(variant.media_type == "text/html" for answer in told.answers for variant in answer.variants)


def _parameter(parameter: Parameter, examples: Examples) -> dict[str, Any]:
    schema: Mapping[str, Any] = parameter.schema
    if parameter.many:
        schema = {"type": "array", "items": schema}
    found: dict[str, Any] = {
        "name": parameter.name,
        "in": parameter.place,
        "description": parameter.description,
        "schema": schema,
    }
    if parameter.required or parameter.place == "path":
        found["required"] = True
    if parameter.many:
        found |= {"style": "form", "explode": True}
    if values := examples.get(parameter.example):
        shown = [[value] if parameter.many else _typed(value, parameter.schema) for value in values]
        found["examples"] = _examples(shown)
    return found


def _typed(value: str, schema: Mapping[str, Any]) -> object:
    return int(value) if schema.get("type") == "integer" else value


def _examples(values: Iterable[object]) -> dict[str, Any]:
    return {f"example{n or ''}": {"value": value} for n, value in enumerate(values)}


def _body(body: Body, examples: Examples) -> dict[str, Any]:
    found: dict[str, Any] = {"schema": body.schema}
    if values := examples.get(body.example):
        shown: list[object] = list(values)
        if body.media_type == _FORM and "required" in body.schema:  # the one field that must be there
            (field,) = body.schema["required"]
            shown = [{field: value} for value in values]
        elif body.schema.get("type") in ("object", "array"):
            shown = [json.loads(value) for value in values]
        found["examples"] = _examples(shown)
    return found


def _responses(told: Operation, method: str, path: str) -> dict[str, Any]:
    found: dict[str, Any] = {"308": ref("responses", "OneSlash")} if "{" in path else {}
    for answer in told.answers:
        found[str(answer.status)] = _answer(answer, validated=told.validated and method == "GET")
    if told.validated and method == "GET":
        found["304"] = ref("responses", "NotModified")
    errors = {*told.errors, *COMMON_ERRORS, *(BODY_ERRORS if method == "POST" else ())}
    if any(answer.negotiated for answer in told.answers):
        errors.add(406)
    for status in sorted(errors):
        # A thing that was given up has an answer of its own beside the problem.
        problem = ref("responses", problem_name(status))
        found.setdefault(str(status), problem)
    return dict(sorted(found.items()))


def _answer(answer: Answer, *, validated: bool) -> dict[str, Any]:
    always = [*answer.headers, *(_CACHED if validated and answer.status == 200 else ())]
    headers = {name: ref("headers", name) for name in dict.fromkeys([*always, "Access-Control-Allow-Origin"])}
    found: dict[str, Any] = {"description": answer.description, "headers": headers}
    if answer.status >= 400:
        content: dict[str, Any] = dict(problems()[problem_name(answer.status)]["content"])
    else:
        content = {"text/plain": {"schema": {"type": "string"}}} if 300 <= answer.status < 400 else {}
    for variant in answer.variants:
        content.setdefault(variant.media_type, _media(variant.media_type, answer.schemas))
    if content:
        found["content"] = content
    return found


def _media(media_type: str, schemas: Mapping[str, str | Mapping[str, Any]]) -> dict[str, Any]:
    schema = schemas.get(media_type) or _SCHEMA_OF.get(media_type)
    if schema:
        return {"schema": ref("schemas", schema) if isinstance(schema, str) else schema}
    return {"schema": {"type": "string"}} if media_type.startswith("text/") else {}


# Media types that say by themselves what is in them.
_SCHEMA_OF = {
    "application/ld+json": "JsonLd",
    "application/sparql-results+json": "SparqlResults",
    "application/linkset+json": "LinkSet",
    "application/problem+json": "Problem",
}
_IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "description": "The ETags of the copies that the client has, or `*`.",
    "schema": {"type": "string"},
}
_LANGUAGE = {
    "name": "lang",
    "in": "query",
    "description": "The language of the page, in place of Accept-Language; one that nobody here speaks is ignored.",
    "schema": {"type": "string"},
}
_ONE_SLASH = {
    "description": "Several slashes on end are made one.",
    "headers": {name: ref("headers", name) for name in ("Location", "Access-Control-Allow-Origin")},
    "content": {"text/html": {"schema": {"type": "string"}}},
}
_NOT_MODIFIED = {
    "description": _OF_304,
    "headers": {name: ref("headers", name) for name in ("ETag", "Access-Control-Allow-Origin")},
}
