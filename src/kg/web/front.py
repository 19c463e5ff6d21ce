"""The first to see a request: queries and operations are answered here, everything else by Flask in threads.

On the event loop nothing waits for anything but what it needs: a query that waits, a client that sends or reads slowly,
or has gone away, costs no thread. The protocol towards the server is RSGI 1.6 (granian).
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import unquote
from weakref import ref

from werkzeug.exceptions import (
    BadRequest,
    HTTPException,
    MethodNotAllowed,
    RequestEntityTooLarge,
    RequestTimeout,
    ServiceUnavailable,
)

from kg.config import Settings
from kg.engine.answers import Flight
from kg.errors import KgError
from kg.terms import local_path
from kg.web import protocol
from kg.web.app import create_app
from kg.web.compress import coded, plain_tags
from kg.web.errors import reply_to
from kg.web.operations import AccessLog, Metrics
from kg.web.queries import QueryService, accepts_gzip, digest_of, wants_page
from kg.web.reply import COMMON, PREFLIGHT, Header, Reply
from kg.web.sending import send
from kg.web.site import CurrentSite, Site
from kg.web.wsgi import Request, respond

log = logging.getLogger("kg.web")
_ALIASES = 4_096
_LONGEST_ALIAS = 8_192
_WATCH_AFTER = 0.1  # seconds after which it is worth knowing whether the client is still there
_GET = ("GET", "HEAD")
_QUERIED_BY = ("GET", "HEAD", "POST")
_CLIENT_GONE = 499  # in the log only: there was nobody to answer


@dataclass(frozen=True)
class _Alias:
    """A request that was answered before, word by word, and the reply."""

    # Weak: whether an answer is kept is decided elsewhere, and a former release must be let go.
    site: ref[Site]
    flight: ref[Flight]
    headers: list[Header]
    packed: bool
    digest: str


class Front:
    """The RSGI application."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._log = AccessLog(settings.access_log)
        self._aliases: OrderedDict[tuple[str, str | None, str | None], _Alias] = OrderedDict()
        self._threads = ThreadPoolExecutor(settings.threads, "page")
        self._pages = 0
        self._body_bytes = 3 * settings.query_bytes + 10_000  # a form is percent-encoded: three bytes for one

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Open the release; the server does not listen before. Raises KgError."""
        self._current = CurrentSite(self._settings, loop)
        self._flask = create_app(self._settings, self._current)
        self._queries = QueryService(self._settings)
        self._metrics = Metrics(self._current)

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        """The server has stopped: end the query processes."""
        self._current.stop()
        loop.run_until_complete(self._current.get().answers.engine.aclose())

    async def __rsgi__(self, scope: Any, proto: Any) -> None:
        """Answer one request."""
        if scope.proto != "http":
            return
        began = time.perf_counter()
        if scope.path == "/sparql" and scope.method == "GET":
            accept, coding, known = _headers(scope)
            key = (scope.query_string, accept, coding)
            alias = self._aliases.get(key)
            if alias is not None and known is None:
                flight = alias.flight()
                body = None
                if flight is not None and flight.kept and alias.site() is self._current.get():
                    body = flight.derived.get("gzip") if alias.packed else flight.body
                if flight is not None and body is not None:
                    proto.response_bytes(200, alias.headers, body)
                    self._note_alias(scope, alias, flight, len(body), began)
                    return
                del self._aliases[key]
        await self._answer(scope, proto, began)

    def _note_alias(self, scope: Any, alias: _Alias, flight: Flight, size: int, began: float) -> None:
        self._current.get().answers.touch(flight)
        seconds = time.perf_counter() - began
        self._metrics.count("sparql", 200, "ok", seconds)
        if self._settings.access_log:
            facts: dict[str, object] = {"query": alias.digest, "cache": "hit", "rows": flight.rows}
            if flight.cut is not None:
                facts["cut"] = str(flight.cut)
            reply = Reply(200, [], facts=facts)
            self._log.write("GET", "/sparql", scope.client, reply, seconds, size, "ok")

    def ready(self) -> Reply:
        """Whether queries can be answered: 200 with the name of the release, else 503."""
        site = self._current.get()
        if not site.answers.engine.gauges().get("query_processes", 1):
            return _told(b"no query process is running\n", status=503)
        return _told(f"ready: release {site.manifest.name}\n".encode())

    def numbers(self) -> Reply:
        """The metrics for Prometheus."""
        return _told(self._metrics.text(), "text/plain; version=0.0.4; charset=utf-8")

    # -- one request ---------------------------------------------------------------------------------------------------

    async def _answer(self, scope: Any, proto: Any, began: float) -> None:
        outcome, size = "error", 0
        reply = Reply(_CLIENT_GONE, [])
        try:
            try:
                reply = await self._reply(scope, proto)
            except asyncio.CancelledError:
                outcome = "client gone"
                return
            except Exception as error:  # noqa: BLE001 - even a mistake of ours is an error for one client only
                reply = self._error(scope, error)
            size, ended = await send(scope, proto, reply, self._settings.client_seconds)
            outcome = ended or str(reply.facts.pop("outcome", "ok" if reply.status < 400 else "error"))
        finally:
            seconds = time.perf_counter() - began
            self._metrics.count(_route(scope.path), reply.status, outcome, seconds)
            if self._settings.access_log and (forwarded := scope.headers.get("x-forwarded-for")):
                reply.facts["forwarded"] = forwarded[:200]  # what a proxy says, or anybody
            self._log.write(scope.method, scope.path, scope.client, reply, seconds, size, outcome)

    async def _reply(self, scope: Any, proto: Any) -> Reply:
        path, method = scope.path, scope.method
        if path in _OPERATIONS:
            return _OPERATIONS[path](self) if method in _GET else self._only(_GET, scope)
        if path == "/graphs" or path.startswith("/graph/"):
            if method not in _GET:
                return self._only(_GET, scope)
            if (name := self._graph_wanted(path, scope.query_string)) is not None:
                graph: Reply = await self._connected(proto, self._graph(scope, name))
                return graph
        body = await self._body(scope, proto)
        if path == "/sparql":
            if method not in _QUERIED_BY:
                return self._only(_QUERIED_BY, scope)
            if (method == "POST" or scope.query_string) and self._wants_data(scope, body):
                reply: Reply = await self._connected(proto, self._query(scope, body))
                return reply
        page: Reply = await self._connected(proto, self._page(scope, body))
        return page

    def _operation(self, scope: Any, body: bytes) -> protocol.Operation:
        kind = scope.headers.get("content-type") or ""
        return protocol.operation(scope.method, scope.query_string, kind, body, self._settings.query_bytes)

    def _wants_data(self, scope: Any, body: bytes) -> bool:
        """True if the answer is for a program, or for a person who has asked for a format."""
        if not wants_page(_headers(scope)[0]):
            return True
        try:
            return self._operation(scope, body).format is not None
        except (KgError, HTTPException):
            return False

    async def _query(self, scope: Any, body: bytes) -> Reply:
        site = self._current.get()
        accept, coding, known = _headers(scope)
        operation = self._operation(scope, body)
        digest = digest_of(operation.text)
        try:
            # Conditions are for reading (RFC 9110, section 13.1.2): a POST is answered whole.
            reply = await self._queries.reply(site, operation, accept, coding, known if scope.method in _GET else None)
        except (KgError, HTTPException) as error:
            reply = self._error(scope, error)
        reply.facts["query"] = digest
        if reply.flight is not None and reply.flight.kept and scope.method == "GET" and reply.status == 200:
            key = (scope.query_string, accept, coding)
            if sum(len(part or "") for part in key) <= _LONGEST_ALIAS:
                packed = reply.body is not reply.flight.body
                self._aliases[key] = _Alias(ref(site), ref(reply.flight), reply.headers, packed, digest)
                if len(self._aliases) > _ALIASES:
                    self._aliases.popitem(last=False)
        return reply

    def _graph_wanted(self, path: str, query_string: str) -> str | None:
        """The graph that is asked for, by parameter or at its own address; "" is the default graph, None is none."""
        if path == "/graphs":
            return protocol.graph_wanted(query_string)
        manifest = self._current.get().manifest
        return next((name for name in manifest.graphs if local_path(manifest.base, name) == path), None)

    async def _graph(self, scope: Any, name: str) -> Reply:
        """A graph of the dataset (SPARQL 1.1 Graph Store HTTP Protocol)."""
        return await self._queries.graph(self._current.get(), name or None, *_headers(scope))

    async def _page(self, scope: Any, body: bytes) -> Reply:
        if self._pages >= self._settings.threads + self._settings.queue_length:
            raise ServiceUnavailable("more pages are asked for than can be made", retry_after=5)
        headers: dict[str, str] = {}
        for name, value in scope.headers.items():
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
        headers["host"] = scope.authority or headers.get("host") or "localhost"
        known = headers.get("if-none-match", "")
        if known:
            headers["if-none-match"] = plain_tags(known)
        forwarded = headers.get("x-forwarded-proto", "").partition(",")[0].strip().lower()
        scheme = forwarded if forwarded in ("http", "https") else scope.scheme
        method = "GET" if scope.method == "HEAD" else scope.method  # the same headers; the body is not sent
        request = Request(method, scope.path, scope.query_string, headers, body, scope.client, scheme)
        self._pages += 1
        try:
            reply = await respond(self._flask, request, self._threads)
            accepted = accepts_gzip(headers.get("accept-encoding"))
            code = partial(coded, reply, known, accepted=accepted)
            return await asyncio.get_running_loop().run_in_executor(self._threads, code) if accepted else code()
        finally:
            self._pages -= 1

    def _error(self, scope: Any, error: Exception) -> Reply:
        with self._flask.app_context():
            return reply_to(error, f"{scope.method} {scope.path}", _headers(scope)[0], self._current.get())

    def _only(self, methods: tuple[str, ...], scope: Any) -> Reply:
        """The reply to OPTIONS, or to a method that is not for this address."""
        allowed = [*methods, "OPTIONS"]
        if scope.method == "OPTIONS":
            return Reply(204, [*COMMON, *PREFLIGHT, ("allow", ", ".join(allowed))])
        return self._error(scope, MethodNotAllowed(allowed))

    # -- receiving -----------------------------------------------------------------------------------------------------

    async def _body(self, scope: Any, proto: Any) -> bytes:
        """The body of the request. Raises RequestEntityTooLarge, RequestTimeout, BadRequest."""
        if scope.method in _GET:
            return b""
        limit = self._body_bytes
        too_large = RequestEntityTooLarge(f"a request may have {limit:,} bytes")
        length = scope.headers.get("content-length") or "0"
        if not length.isascii() or not length.isdigit():
            raise BadRequest("the Content-Length is no number")
        if int(length) > limit:
            raise too_large
        received: list[bytes] = []

        async def receive() -> None:
            size = 0
            async for part in proto:
                size += len(part)
                if size > limit:
                    raise too_large
                received.append(bytes(part))

        try:
            await asyncio.wait_for(receive(), self._settings.client_seconds)
        except TimeoutError:
            raise RequestTimeout("the request was not sent in time") from None
        return b"".join(received)

    async def _connected(self, proto: Any, work: Coroutine[Any, Any, Any]) -> Any:
        """The result of ``work``, which is given up when the client goes away meanwhile."""
        loop = asyncio.get_running_loop()
        task = loop.create_task(work)
        watchers: list[asyncio.Task[None]] = []

        async def watch() -> None:
            await proto.client_disconnect()
            task.cancel()

        handle = loop.call_later(_WATCH_AFTER, lambda: watchers.append(loop.create_task(watch())))
        try:
            return await task
        finally:
            handle.cancel()
            for watcher in watchers:
                watcher.cancel()


def _headers(scope: Any) -> tuple[str | None, str | None, str | None]:
    """Accept, Accept-Encoding and If-None-Match; one that was sent several times is one list (RFC 9110, 5.3)."""
    accept = coding = known = None
    for name, value in scope.headers.items():
        if name == "accept":
            accept = value if accept is None else f"{accept}, {value}"
        elif name == "accept-encoding":
            coding = value if coding is None else f"{coding}, {value}"
        elif name == "if-none-match":
            known = value if known is None else f"{known}, {value}"
    return accept, coding, known


_ROUTES = {"", "doc", "dumps", "graphs", "health", "id", "metrics", "ns", "search", "sparql", "static", "vocab"}


def _route(path: str) -> str:
    """The name under which a request is counted: few, whatever is asked for."""
    first = unquote(path).strip("/").partition("/")[0]
    return first if first in _ROUTES else "other"


def _told(body: bytes, kind: str = "text/plain; charset=utf-8", status: int = 200) -> Reply:
    return Reply(status, [*COMMON, ("content-type", kind), ("cache-control", "no-store")], body)


# What operators ask for, by path.
_OPERATIONS: dict[str, Callable[[Front], Reply]] = {
    "/health/live": lambda _: _told(b"live\n"),
    "/health/ready": Front.ready,
    "/metrics": Front.numbers,
}
