"""Flask behind the front: a request as a WSGI environment (PEP 3333), the response as a ``Reply``."""

from __future__ import annotations

import asyncio
import io
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes

from kg.engine.answers import CALLER, Caller
from kg.web.current import ASKED
from kg.web.reply import Header, Reply
from kg.web.site import Site

_WHOLE = 524_288  # a body up to this size is sent whole, and may be compressed: the editor of queries is that long

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@dataclass(frozen=True)
class Request:
    """A request that was received whole. ``path`` is percent-decoded, ``headers`` have names in lower case."""

    method: str
    path: str
    query_string: str
    headers: dict[str, str]
    body: bytes
    client: str
    scheme: str


async def respond(application: Application, request: Request, pool: ThreadPoolExecutor, site: Site) -> Reply:
    """What the application answers from ``site``; it runs in a thread of the pool."""
    loop = asyncio.get_running_loop()
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], _: object = None) -> None:
        started[:] = [(status, headers)]

    def begin() -> tuple[Iterable[bytes], Iterator[bytes], list[bytes], bool]:
        result = application(_environment(request), start_response)
        blocks, taken, size = iter(result), [], 0
        for block in blocks:
            taken.append(block)
            size += len(block)
            if size > _WHOLE:
                return result, blocks, taken, False
        _close(result)
        return result, blocks, taken, True

    caller, context = Caller(), copy_context()
    context.run(CALLER.set, caller)
    context.run(ASKED.set, site)
    try:
        result, blocks, taken, whole = await loop.run_in_executor(pool, context.run, begin)
    except asyncio.CancelledError:
        caller.leave()  # the thread goes on, but waits for no answer
        raise
    status, given = started[0]
    headers: list[Header] = [(name.lower(), value) for name, value in given]
    code = int(status.split(" ", 1)[0])
    if whole:
        return Reply(code, headers, b"".join(taken))

    async def parts() -> AsyncIterator[bytes]:
        try:
            for block in taken:
                yield block
            while block := await loop.run_in_executor(pool, _several, blocks):
                yield block
        finally:
            _close(result)

    return Reply(code, headers, parts=parts())


def _several(blocks: Iterator[bytes]) -> bytes:
    """The next blocks as one, empty at the end."""
    found, size = [], 0
    for block in blocks:
        found.append(block)
        size += len(block)
        if size >= _WHOLE:
            break
    return b"".join(found)


def _close(result: object) -> None:
    close = getattr(result, "close", None)
    if close is not None:
        close()


def _environment(request: Request) -> dict[str, Any]:
    host, _, port = request.headers.get("host", "localhost").partition(":")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(request.path).decode("latin-1"),
        # Not every client percent-encodes; a byte is a character here (PEP 3333, "Unicode Issues").
        "QUERY_STRING": request.query_string.encode("utf-8", "surrogateescape").decode("latin-1"),
        "SERVER_NAME": host,
        "SERVER_PORT": port or ("443" if request.scheme == "https" else "80"),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": request.client.rpartition(":")[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": request.scheme,
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in request.headers.items():
        if name not in ("content-type", "content-length", "transfer-encoding"):
            environ["HTTP_" + name.upper().replace("-", "_")] = value
    if "content-type" in request.headers:
        environ["CONTENT_TYPE"] = request.headers["content-type"]
    if request.body:
        environ["CONTENT_LENGTH"] = str(len(request.body))
    return environ
