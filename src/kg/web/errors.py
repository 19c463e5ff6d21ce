"""Errors -> responses, in one place: RFC 9457 problem details for programs, a readable page for people."""

from __future__ import annotations

import json
import logging
from http import HTTPStatus

from flask import Flask, Response, current_app, request
from werkzeug.exceptions import HTTPException

from kg import errors
from kg.negotiate import HTML, Variant, choose, parse_accept
from kg.web import html

log = logging.getLogger("kg.web")
PROBLEM = Variant("problem", "application/problem+json", "json", "Problem", ("application/json",))

# The first class that fits decides, so children stand before their parents.
_STATUS: tuple[tuple[type[errors.KgError], HTTPStatus], ...] = (
    (errors.QuerySyntaxError, HTTPStatus.BAD_REQUEST),
    (errors.QueryRefused, HTTPStatus.FORBIDDEN),
    (errors.AnswerTooLong, HTTPStatus.FORBIDDEN),
    (errors.NoSuchFormat, HTTPStatus.NOT_ACCEPTABLE),
    (errors.QueryTimeout, HTTPStatus.SERVICE_UNAVAILABLE),
    (errors.QueryCrashed, HTTPStatus.SERVICE_UNAVAILABLE),
    (errors.EngineBusy, HTTPStatus.SERVICE_UNAVAILABLE),
    (errors.QueryError, HTTPStatus.BAD_REQUEST),
    (errors.KgError, HTTPStatus.INTERNAL_SERVER_ERROR),
)


def register(app: Flask) -> None:
    """Let the app, whose ``extensions["kg"]`` is the CurrentSite, answer every error through this module."""
    app.register_error_handler(errors.KgError, _on_kg_error)
    app.register_error_handler(HTTPException, _on_http_error)
    app.register_error_handler(Exception, _on_bug)


def _on_kg_error(error: errors.KgError) -> Response:
    status = next(status for kind, status in _STATUS if isinstance(error, kind))
    facts: dict[str, object] = {"error": type(error).__name__}
    if error.hint:
        facts["hint"] = error.hint
    if isinstance(error, errors.QuerySyntaxError) and error.line:
        facts |= {"line": error.line, "column": error.column}
    response = _problem(status, error.message, facts)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = "5"
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error("%s %s: %s", request.method, request.path, error)
    return response


def _on_http_error(error: HTTPException) -> Response:
    status = HTTPStatus(error.code or 500)
    response = _problem(status, error.description or status.description, {})
    for name, value in error.get_headers():
        if name.lower() in ("allow", "retry-after", "content-range"):
            response.headers[name] = value
    return response


def _on_bug(error: Exception) -> Response:
    log.exception("%s %s failed", request.method, request.path, exc_info=error)
    return _problem(HTTPStatus.INTERNAL_SERVER_ERROR, "This is our mistake; it has been noted in the log.", {})


def _problem(status: HTTPStatus, detail: str, facts: dict[str, object]) -> Response:
    chosen = choose(parse_accept(request.headers.get("Accept")), (PROBLEM, HTML)) or PROBLEM
    if chosen is HTML:
        query = request.values.get("query") if request.path == "/sparql" else None
        body = html.error_page(current_app.extensions["kg"].get(), status, detail, facts, query)
    else:
        problem = {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": detail} | facts
        body = json.dumps(problem, ensure_ascii=False) + "\n"
    response = Response(body, status, content_type=chosen.content_type)
    response.headers["Cache-Control"] = "no-store"
    response.vary.add("Accept")
    return response
