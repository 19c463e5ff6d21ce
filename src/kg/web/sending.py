"""Sending a reply: whole, or part by part as fast as the client takes it, never faster."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterable
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
    sent = 0
    try:
        with Connection(scope.client) as connection:
            transport = proto.response_stream(reply.status, reply.headers)
            try:
                async for part in parts:
                    await connection.ready(patience)
                    await transport.send_bytes(part)
                    sent += len(part)
            except SlowClient:
                connection.abort()
                return sent, "client slow"
            except QueryError as error:
                connection.abort()
                return sent, type(error).__name__
            except Exception as error:
                connection.abort()
                if "closed" not in str(error).lower():  # what granian says when the client has gone
                    log.exception("%s %s broke off", scope.method, scope.path)
                return sent, "client gone"
            return sent, ""
    except LookupError:
        proto.response_empty(reply.status, reply.headers)  # nobody is there to read it
        return 0, "client gone"
    finally:
        await _close(parts)


async def _close(parts: AsyncIterable[bytes]) -> None:
    close = getattr(parts, "aclose", None)
    if close is not None:
        with suppress(QueryError):
            await close()
