"""The first to see a request: queries and operations are answered here, everything else by Flask in threads.

On the event loop nothing waits for anything but what it needs: a query that waits, a client that sends or reads slowly,
or has gone away, costs no thread. The protocol towards the server is RSGI 1.6 (granian).
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote, unquote

from werkzeug.exceptions import (
    BadRequest,
    HTTPException,
    MethodNotAllowed,
    RequestEntityTooLarge,
    RequestTimeout,
)

from kg.config import Settings
from kg.errors import KgError
from kg.terms import local_path
from kg.web import protocol
from kg.web.app import create_app
from kg.web.current import ASKED, RELEASE, CurrentSite, inside_release
from kg.web.errors import is_page, reply_to
from kg.web.hot import Hot, negotiated
from kg.web.language import read_by
from kg.web.making import Maker
from kg.web.operations import AccessLog, Metrics, route
from kg.web.queries import QueryService, digest_of, wants_page
from kg.web.reply import COMMON, PREFLIGHT, Reply
from kg.web.responses import SHORT
from kg.web.sending import send
from kg.web.site import Site

log = logging.getLogger("kg.web")
_WATCH_AFTER = 0.1  # seconds after which it is worth knowing whether the client is still there
_GET = ("GET", "HEAD")
_QUERIED_BY = ("GET", "HEAD", "POST")
_PATH = "/:@!$&'()*+,;=~-._"  # what may stand in a path as it is (RFC 3986, pchar)
_CLIENT_GONE = 499  # in the log only: there was nobody to answer


class Front:
    """The RSGI application."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._log = AccessLog(settings.access_log)
        self._threads = ThreadPoolExecutor(settings.threads, "page")
        self._body_bytes = 3 * settings.query_bytes + 10_000  # a form is percent-encoded: three bytes for one

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Open the release; the server does not listen before. Raises KgError."""
        self._current = CurrentSite(self._settings, loop)
        self._flask = create_app(self._settings, self._current)
        self._queries = QueryService(self._settings)
        self._metrics = Metrics(self._current)
        self._hot = Hot(self._settings, self._current, self._metrics, self._log)
        self._maker = Maker(self._settings, self._flask, self._threads, self._hot.pages)

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        """The server has stopped: end the query processes."""
        self._current.stop()
        for engine in self._current.engines():
            loop.run_until_complete(engine.aclose())

    async def __rsgi__(self, scope: Any, proto: Any) -> None:
        """Answer one request."""
        if scope.proto != "http":
            return
        began = time.perf_counter()
        if not self._hot.send(scope, proto, began):
            await self._answer(scope, proto, began)

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
                reply = await self._error(scope, error)
            size, ended = await send(scope, proto, reply, self._settings.client_seconds)
            outcome = ended or str(reply.facts.pop("outcome", "ok" if reply.status < 400 else "error"))
        finally:
            seconds = time.perf_counter() - began
            self._metrics.count(route(scope.path), reply.status, outcome, seconds)
            if self._settings.access_log and (forwarded := scope.headers.get("x-forwarded-for")):
                reply.facts["forwarded"] = forwarded[:200]  # what a proxy says, or anybody
            self._log.write(scope.method, scope.path, scope.client, reply, seconds, size, outcome)

    async def _reply(self, scope: Any, proto: Any) -> Reply:
        if scope.path in _OPERATIONS:
            return _OPERATIONS[scope.path](self) if scope.method in _GET else await self._only(_GET, scope)
        generation, site, path = self._current.generation, self._current.get(), scope.path
        if (inside := inside_release(path)) is not None:
            given, path = inside
            if (name := self._current.named(given)) != given:
                return _elsewhere(scope, name, path)
            site = await asyncio.get_running_loop().run_in_executor(self._threads, self._current.at, name)
        try:
            found = await self._from_engine(scope, proto, site, path)
            if isinstance(found, Reply):
                return found
            page: Reply = await self._connected(proto, self._maker.page(scope, site, path, found, generation))
        except Exception as error:  # noqa: BLE001 - as in _answer, but the site is known
            return await self._error(scope, error, site)
        return page

    async def _from_engine(self, scope: Any, proto: Any, site: Site, path: str) -> Reply | bytes:
        """The reply to a query or to a request for a graph; of any other request the body."""
        method = scope.method
        if path == "/graphs" or path.startswith("/graph/"):
            if method not in _GET:
                return await self._only(_GET, scope, site)
            if (name := _graph_wanted(site, path, scope.query_string)) is not None:
                graph: Reply = await self._connected(proto, self._graph(scope, site, name))
                return graph
        if path == "/sparql" and method not in _QUERIED_BY:
            return await self._only(_QUERIED_BY, scope, site)
        body = await self._body(scope, proto)
        asks = path == "/sparql" and (method == "POST" or protocol.is_operation(scope.query_string))
        if asks and self._wants_data(scope, body):
            reply: Reply = await self._connected(proto, self._query(scope, site, body))
            return reply
        return body

    def _operation(self, scope: Any, body: bytes) -> protocol.Operation:
        kind = scope.headers.get("content-type") or ""
        return protocol.operation(scope.method, scope.query_string, kind, body, self._settings.query_bytes)

    def _wants_data(self, scope: Any, body: bytes) -> bool:
        """True if the answer is for a program, or for a person who has asked for a format."""
        if not wants_page(negotiated(scope)[0]):
            return True
        try:
            return self._operation(scope, body).format is not None
        except (KgError, HTTPException):
            return False

    async def _query(self, scope: Any, site: Site, body: bytes) -> Reply:
        accept, coding, known = negotiated(scope)
        operation = self._operation(scope, body)
        digest = digest_of(operation.text)
        try:
            # Conditions are for reading (RFC 9110, section 13.1.2): a POST is answered whole.
            reply = await self._queries.reply(site, operation, accept, coding, known if scope.method in _GET else None)
        except (KgError, HTTPException) as error:
            reply = await self._error(scope, error, site)
        reply.facts["query"] = digest
        self._hot.remember(scope, site, reply, digest)
        return reply

    async def _graph(self, scope: Any, site: Site, name: str) -> Reply:
        """A graph of the dataset (SPARQL 1.1 Graph Store HTTP Protocol)."""
        return await self._queries.graph(site, name or None, *negotiated(scope))

    async def _error(self, scope: Any, error: Exception, site: Site | None = None) -> Reply:
        """The reply for an error on a ``site``, where the links of a page then stay; without one on the current.

        A page may have to ask the engine, which answers on this very loop, so it is made in a thread.
        """
        asked, accept = f"{scope.method} {scope.path}", negotiated(scope)[0]
        language = scope.query_string, scope.headers.get("accept-language")

        def told() -> Reply:
            former = ASKED.set(site)
            try:
                shown = self._current.get()
                with self._flask.app_context():
                    read_by(shown, *language)
                    return reply_to(error, asked, accept, shown)
            finally:
                ASKED.reset(former)

        if not is_page(accept):
            return told()
        return await asyncio.get_running_loop().run_in_executor(self._threads, told)

    async def _only(self, methods: tuple[str, ...], scope: Any, site: Site | None = None) -> Reply:
        """The reply to OPTIONS, or to a method that is not for this address."""
        allowed = [*methods, "OPTIONS"]
        if scope.method == "OPTIONS":
            return Reply(204, [*COMMON, *PREFLIGHT, ("allow", ", ".join(allowed))])
        return await self._error(scope, MethodNotAllowed(allowed), site)

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


def _graph_wanted(site: Site, path: str, query_string: str) -> str | None:
    """The graph that is asked for, by parameter or at its own address; "" is the default graph, None is none."""
    if path == "/graphs":
        return protocol.graph_wanted(query_string)
    manifest = site.manifest
    return next((name for name in manifest.graphs if local_path(manifest.base, name) == path), None)


def _elsewhere(scope: Any, name: str, path: str) -> Reply:
    """To the release ``name``, which was asked for by its version."""
    target = f"{RELEASE}{name}{quote(unquote(path), safe=_PATH)}"
    target += f"?{scope.query_string}" if scope.query_string else ""
    reply = _told(f"see {target}\n".encode(), status=302, cache=SHORT)
    reply.headers.append(("location", target))
    return reply


def _told(body: bytes, kind: str = "text/plain; charset=utf-8", status: int = 200, cache: str = "no-store") -> Reply:
    return Reply(status, [*COMMON, ("content-type", kind), ("cache-control", cache)], body)


# What operators ask for, by path.
_OPERATIONS: dict[str, Callable[[Front], Reply]] = {
    "/health/live": lambda _: _told(b"live\n"),
    "/health/ready": Front.ready,
    "/metrics": Front.numbers,
}
