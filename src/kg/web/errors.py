"""Errors -> replies, in one place: RFC 9457 problem details for programs, a readable page for people."""

from __future__ import annotations

import json
import logging
from http import HTTPStatus

from flask import Flask, Response, current_app, request
from werkzeug.exceptions import HTTPException

from kg import errors
from kg.messages import Message
from kg.negotiate import HTML, Variant, choose, parse_accept
from kg.web import html
from kg.web.language import reader
from kg.web.reply import COMMON, CONTENT_SECURITY_POLICY, Header, Reply
from kg.web.site import Site

log = logging.getLogger("kg.web")
PROBLEM = Variant("problem", "application/problem+json", "json", "Problem", ("application/json",))
_RETRY_SECONDS = "5"
_OURS = Message("This is our mistake; it has been noted in the log.")

# The first class that fits decides, so children stand before their parents.
_STATUS: tuple[tuple[type[errors.KgError], HTTPStatus], ...] = (
    (errors.QuerySyntaxError, HTTPStatus.BAD_REQUEST),
    (errors.RequestTooLarge, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    (errors.QueryRefused, HTTPStatus.FORBIDDEN),
    (errors.AnswerTooLong, HTTPStatus.FORBIDDEN),
    (errors.NoSuchFormat, HTTPStatus.NOT_ACCEPTABLE),
    (errors.QueryTimeout, HTTPStatus.SERVICE_UNAVAILABLE),
    (errors.QueryCrashed, HTTPStatus.SERVICE_UNAVAILABLE),
    (errors.EngineBusy, HTTPStatus.SERVICE_UNAVAILABLE),
    (errors.EngineUnavailable, HTTPStatus.SERVICE_UNAVAILABLE),
    (errors.QueryError, HTTPStatus.BAD_REQUEST),
    (errors.KgError, HTTPStatus.INTERNAL_SERVER_ERROR),
)


def register(app: Flask) -> None:
    """Let the app, whose ``extensions["kg"]`` is the CurrentSite, answer every error through this module."""
    app.register_error_handler(Exception, _handle)
    app.register_error_handler(HTTPException, _handle)


def _handle(error: Exception) -> Response:
    query = request.values.get("query") if request.path == "/sparql" else None
    site = current_app.extensions["kg"].get()
    reply = reply_to(error, f"{request.method} {request.path}", request.headers.get("Accept"), site, query)
    return Response(reply.body, reply.status, headers=[h for h in reply.headers if h not in COMMON])


def is_page(accept: str | None) -> bool:
    """True if an error is told as a page to who sends this Accept header."""
    return choose(parse_accept(accept), (PROBLEM, HTML)) is HTML


def reply_to(error: Exception, asked: str, accept: str | None, site: Site, query: str | None = None) -> Reply:
    """The reply for an error: a page if ``accept`` prefers one, with the ``query`` to be corrected, else a problem.

    ``asked`` is for the log. Needs an application context of Flask for the page.
    """
    headers: list[Header] = [*COMMON, ("cache-control", "no-store"), ("vary", "Accept")]
    facts: dict[str, object] = {}
    if isinstance(error, errors.KgError):
        status = next(status for kind, status in _STATUS if isinstance(error, kind))
        detail = error.message
        facts["error"] = type(error).__name__
        if error.hint:
            facts["hint"] = error.hint
        if isinstance(error, errors.QuerySyntaxError) and error.line:
            facts |= {"line": error.line, "column": error.column}
        if status == HTTPStatus.INTERNAL_SERVER_ERROR:
            log.error("%s: %s", asked, error)
            detail, facts = _OURS, {}  # what is wrong, and in which folder, is for the operator
    elif isinstance(error, HTTPException):
        status = HTTPStatus(error.code or 500)
        detail = error.description or status.description
        wanted = ("allow", "content-range", "retry-after")
        headers += [(name.lower(), value) for name, value in error.get_headers() if name.lower() in wanted]
        if (varying := getattr(error, "vary", None)) is not None:
            headers = [(name, varying if name == "vary" else value) for name, value in headers]
    else:
        log.error("%s failed", asked, exc_info=error)
        status, detail = HTTPStatus.INTERNAL_SERVER_ERROR, _OURS
    if status == HTTPStatus.SERVICE_UNAVAILABLE and not any(name == "retry-after" for name, _ in headers):
        headers.append(("retry-after", _RETRY_SECONDS))
    chosen = HTML if is_page(accept) else PROBLEM
    if chosen is HTML:
        body = html.error_page(site, status, detail, facts, query)
        headers += [("content-security-policy", CONTENT_SECURITY_POLICY), ("content-language", reader().language)]
        headers = [(name, f"{value}, Accept-Language" if name == "vary" else value) for name, value in headers]
    else:
        problem = {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": detail} | facts
        body = json.dumps(problem, ensure_ascii=False) + "\n"
    headers.append(("content-type", chosen.content_type))
    # A lone surrogate, from an odd request, is no text.
    return Reply(status.value, headers, body.encode("utf-8", "replace"), facts={"outcome": facts.get("error", "error")})
