"""The SPARQL 1.1 Protocol as a client speaks it: addresses, log-in, requests, and what rejections mean."""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Iterable
from urllib.parse import unquote, urlencode

import httpx2

from kg.errors import ConfigError, EngineBusy, EngineUnavailable, QueryError, QuerySyntaxError, QueryTimeout
from kg.sparql import syntax_error

# The media types of each format: the one to ask for, then others that servers call it.
MEDIA_TYPES = {
    "json": ("application/sparql-results+json", "application/json"),
    "xml": ("application/sparql-results+xml", "application/xml"),
    "csv": ("text/csv",),
    "tsv": ("text/tab-separated-values",),
    "ntriples": ("application/n-triples", "text/plain"),
}
_CONNECT_SECONDS = 5.0
TIMED_OUT = re.compile(r"time-?d?\s?-?out|S1T00|SR171|SR008|operation has been cancel", re.IGNORECASE)
_SHOWN = 500


class Login(httpx2.Auth):
    """Logs in by whichever of Digest and Basic (RFC 7616, RFC 7617) the server asks for, once it asks."""

    def __init__(self, user: str, password: str) -> None:
        self._digest = httpx2.DigestAuth(user, password)
        self._basic = httpx2.BasicAuth(user, password)
        self._chosen: httpx2.DigestAuth | httpx2.BasicAuth | None = None

    def auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, None]:
        """Send the request, and again with the log-in if that was refused."""
        if self._chosen is None:
            response = yield request
            if response.status_code != 401:
                return
            asked = " ".join(response.headers.get_list("www-authenticate")).lower()
            self._chosen = self._digest if "digest" in asked else self._basic
        yield from self._chosen.auth_flow(request)


def address(url: str, what: str) -> tuple[httpx2.URL, Login | None]:
    """An address and the log-in that stands in it (``https://user:password@...``), apart: the address can be shown.

    ``what`` is the setting that it comes from. Raises ConfigError if it is no http address.
    """
    if not url:
        raise ConfigError(f"{what} is not given", "--endpoint, --endpoint-graphs: docs/remote.md")
    try:
        parsed = httpx2.URL(url)
    except (httpx2.InvalidURL, ValueError):
        parsed = httpx2.URL("")
    if parsed.scheme not in ("http", "https") or not parsed.host:
        # Without the value: there may be a password in it.
        raise ConfigError(f"{what} is no address", "give one that begins with http:// or https://")
    user, _, password = parsed.userinfo.decode().partition(":")
    login = Login(unquote(user), unquote(password)) if user else None
    return parsed.copy_with(userinfo=b""), login


def timeouts(seconds: float | None) -> httpx2.Timeout:
    """How long to wait for a connection, and for anything else."""
    return httpx2.Timeout(seconds, connect=_CONNECT_SECONDS)


def asking(
    to: httpx2.URL,
    text: str,
    form: str,
    default_graphs: Iterable[str] = (),
    named_graphs: Iterable[str] = (),
    **more: str,
) -> httpx2.Request:
    """A request that asks ``text`` and wants ``form``; ``more`` are parameters beyond those of the protocol.

    A form (2.1.2), not the bare text (2.1.3): Virtuoso 7.2.5 never answers the latter.
    """
    pairs = [("query", text), *more.items()]
    pairs += [("default-graph-uri", graph) for graph in default_graphs]
    pairs += [("named-graph-uri", graph) for graph in named_graphs]
    headers = {
        "Accept": MEDIA_TYPES[form][0],
        "Accept-Encoding": "identity",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    return httpx2.Request("POST", to, content=urlencode(pairs).encode(), headers=headers)


def format_of(response: httpx2.Response) -> str | None:
    """The format of an answer by its media type; None if it is none of ours."""
    found = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    return next((form for form, media_types in MEDIA_TYPES.items() if found in media_types), None)


def unavailable(why: str) -> EngineUnavailable:
    """The error for a server that does not answer; ``why`` says how, without naming it."""
    return EngineUnavailable(
        f"the SPARQL server behind this site does not answer ({why})", "try again in a minute; dumps and pages remain"
    )


def timeout(limit: float, own: bool = False) -> QueryTimeout:
    """The error for a query over its limit; ``own``: the server stopped it, at a limit of its own."""
    message = f"the query was stopped after {limit:g} seconds"
    if own:
        message = "the query was stopped at the time limit of the SPARQL server"
    return QueryTimeout(message, "make it more selective, or add a LIMIT without ORDER BY")


def is_partial(response: httpx2.Response) -> bool:
    """True if a server says that it sends what it found until its time was up (Virtuoso)."""
    return "x-sql-state" in response.headers


def rejection(response: httpx2.Response, text: str, added: int = 0, known: Iterable[str] = ()) -> QueryError:
    """What it means that a server answered ``text`` with a status that is not 200.

    ``added`` lines stand on top of what it was asked, and the prefixes ``known`` are declared there.
    """
    status, message = response.status_code, _message(response, added)
    if TIMED_OUT.search(message) or status in (408, 504):
        return timeout(0, own=True)
    if status == 400:
        if re.match(r"error at \d+:\d+: ", message):
            return syntax_error(message, text, set(known))
        return QuerySyntaxError(message or "the SPARQL server refuses the query and does not say why")
    if status in _STATUS:
        kind, meaning, hint = _STATUS[status]
        return kind(meaning, hint)
    if status == 500 and message.startswith("Virtuoso "):
        return QueryError(f"the query failed: {message}")
    return unavailable(f"status {status}")


_LONG = (QueryError, "the query is too long for the SPARQL server behind this site", "make it shorter")
_STATUS = {
    413: _LONG,
    414: _LONG,
    429: (EngineBusy, "the SPARQL server behind this site is busy", "try again in a few seconds"),
}


def _message(response: httpx2.Response, added: int) -> str:
    """What the body of a rejection says, on one line; empty for a page."""
    message = response.text
    if "json" in response.headers.get("content-type", ""):
        try:
            facts = json.loads(message)
            message = next(str(facts[key]) for key in ("exception", "message", "error") if key in facts)
        except (ValueError, TypeError, StopIteration):
            message = ""
    if message.lstrip().startswith("<"):
        return ""
    message = " ".join(message.partition("SPARQL query:")[0].split())  # Virtuoso repeats the query there
    return _LINE.sub(lambda match: f"{match[1]}{max(1, int(match[2]) - added)}", message)[:_SHOWN]


_LINE = re.compile(r"(error at |\bline )(\d+)")
