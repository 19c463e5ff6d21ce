"""Sending a reply: whole, or part by part as fast as the client takes it, never faster."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterable, Coroutine
from contextlib import suppress
from typing import Any

from kg.errors import QueryError
from kg.web.connection import Connection, SlowClient
from kg.web.reply import Reply

log = logging.getLogger("kg.web")


async def send(scope: Any, proto: Any, reply: Reply, patience: float) -> tuple[int, str]:
    """Send a reply; returns the bytes sent, and why it broke off ("" if it did not).

    ``patience``: seconds that a client may take to take the next part.
    """
    head = scope.method == "HEAD"
    if reply.parts is not None and not head:
        return await _stream(scope, proto, reply, reply.parts, patience)
    if reply.parts is not None:
        await _close(reply.parts)
    if head or reply.status in (204, 304):
        headers = reply.headers
        if head and reply.parts is None and not any(name == "content-length" for name, _ in headers):
            headers = [*headers, ("content-length", str(len(reply.body)))]
        proto.response_empty(reply.status, headers)
        return 0, ""
    proto.response_bytes(reply.status, reply.headers, reply.body)
    return len(reply.body), ""


async def _stream(
    scope: Any, proto: Any, reply: Reply, parts: AsyncIterable[bytes], patience: float
) -> tuple[int, str]:
    sent = [0]

    async def pump() -> None:
        async for part in parts:
            await connection.ready(patience)
            await transport.send_bytes(part)
            sent[0] += len(part)

    try:
        with Connection(scope.client) as connection:
            transport = proto.response_stream(reply.status, reply.headers)
            try:
                whole = await _while_connected(proto, pump())
            except SlowClient:
                connection.abort()
                return sent[0], "client slow"
            except QueryError as error:
                connection.abort()
                return sent[0], type(error).__name__
            except Exception as error:
                connection.abort()
                if "closed" not in str(error).lower():  # what granian says when the client has gone
                    log.exception("%s %s broke off", scope.method, scope.path)
                return sent[0], "client gone"
            return sent[0], "" if whole else "client gone"
    except LookupError:
        proto.response_empty(reply.status, reply.headers)  # nobody is there to read it
        return 0, "client gone"
    finally:
        await _close(parts)


async def _while_connected(proto: Any, work: Coroutine[Any, Any, None]) -> bool:
    """True when ``work`` is done; False if the client went away before that, also while there was nothing to send."""

    async def gone() -> None:
        await proto.client_disconnect()

    tasks = [asyncio.create_task(work), asyncio.create_task(gone())]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if not tasks[0].done():
            return False
        tasks[0].result()
        return True
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _close(parts: AsyncIterable[bytes]) -> None:
    close = getattr(parts, "aclose", None)
    if close is not None:
        with suppress(QueryError):
            await close()
