"""One request to a SPARQL server and the stream of its answer, from the wait for a turn to the end or the limit."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

import httpx2

from kg.engine import Cut
from kg.engine.protocol import TIMED_OUT, Login, format_of, is_partial, timeout, unavailable
from kg.errors import EngineBusy, QueryError

# How an answer ends that is whole: JSON with the array of the rows, or of the variables.
ENDS = {"json": re.compile(rb"\]\s*\}\s*\}\s*$"), "xml": re.compile(rb"</sparql>\s*$")}
_TAIL = 256
_STOPPED = re.compile(r"operation has been cancel[a-z]*\W*$")
# How long after its limit a query is closed by the clock; until then whoever takes its parts is told.
_LEEWAY = 0.2


class Exchange:
    """One request and its answer, to be had until ``deadline`` (in the time of the event loop)."""

    def __init__(self, client: httpx2.AsyncClient, limit: float) -> None:
        """``limit``: for how many seconds from now on."""
        self._client = client
        self._limit = limit
        self.deadline = asyncio.get_running_loop().time() + limit
        self._response: httpx2.Response | None = None
        self._tail = b""

    async def send(self, request: httpx2.Request, login: Login | None) -> httpx2.Response:
        """Send; returns when the head of the answer is there. Raises EngineUnavailable, QueryTimeout.

        The body of a rejection has been read.
        """
        try:
            async with asyncio.timeout_at(self.deadline):
                # Not tried again if the server goes: the query may be why.
                self._response = await self._client.send(request, auth=login, stream=True)
                if self._response.status_code != 200:
                    await self._response.aread()
        except TimeoutError:
            raise timeout(self._limit) from None
        except httpx2.TransportError as error:
            raise unavailable(type(error).__name__) from None
        if is_partial(self._response):
            raise timeout(self._limit, own=not self._nearly_over())
        return self._response

    @property
    def cut(self) -> Cut | None:
        """What the server says it has cut off at a limit of its own (Virtuoso says so of rows)."""
        most = "" if self._response is None else self._response.headers.get("x-sparql-maxrows", "")
        return Cut("rows", int(most), marked=False) if most.isdecimal() else None

    async def parts(self, *, by_end: bool = False) -> AsyncIterator[bytes]:
        """The body as it comes. Raises QueryTimeout, or QueryError if it ends before it is whole.

        ``by_end``: nobody else looks whether it ends as its format does.
        """
        response = self._response
        if response is None:  # pragma: no cover - a mistake of the caller
            raise QueryError("nothing was asked")
        incoming = response.aiter_bytes()
        while True:
            try:
                async with asyncio.timeout_at(self.deadline):
                    part = await anext(incoming, None)
            except TimeoutError:
                raise timeout(self._limit) from None
            except (httpx2.HTTPError, httpx2.StreamError):
                raise self._broken() from None
            if part is None:
                break
            self._tail = (self._tail + part)[-_TAIL:]
            yield part
        # Oxigraph may stop with a sentence and status 200. In CSV and TSV that is a last line that nobody has closed.
        end = ENDS.get(format_of(response) or "") if by_end else None
        last = self._tail.rpartition(b"\n")[2].decode(errors="replace")
        if (end is not None and not end.search(self._tail)) or _STOPPED.search(last):
            raise self._broken()

    def _broken(self) -> QueryError:
        if asyncio.get_running_loop().time() >= self.deadline:
            return timeout(self._limit)
        if TIMED_OUT.search(self._tail.decode(errors="replace")):
            return timeout(self._limit, own=not self._nearly_over())
        return QueryError("the SPARQL server behind this site broke off its answer", "try again, or ask for less")

    def _nearly_over(self) -> bool:
        return asyncio.get_running_loop().time() >= self.deadline - self._limit * 0.1

    async def aclose(self) -> None:
        """Let go of the connection; the server then sees that nobody listens."""
        if self._response is not None:
            await self._response.aclose()


class RemoteStream:
    """An answer under way (``kg.engine.Stream``).

    At the query's time limit it ends by itself, also while nobody takes its parts.
    """

    def __init__(self, kind: str, form: str, exchange: Exchange, left: Callable[[RemoteStream], None]) -> None:
        """``left`` is called once, when the server is not needed any more."""
        self.kind = kind
        self.format = form
        self.cut: Cut | None = None
        self.rows = 0
        self.exchange = exchange
        self._left: Callable[[RemoteStream], None] | None = left
        self._parts: AsyncGenerator[bytes, None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._closing: asyncio.Task[None] | None = None

    def begin(self, parts: AsyncGenerator[bytes, None]) -> None:
        """Let ``parts`` be what iteration gives."""
        self._parts = self._until_the_end(parts)
        loop = asyncio.get_running_loop()
        self._timer = loop.call_at(self.exchange.deadline + _LEEWAY, self._at_the_limit)

    def at_once(self) -> list[bytes] | None:
        """None: what another server sends is waited for."""
        return None

    async def whole(self) -> None:
        """Take all parts now; iteration then gives them from memory."""
        parts = [part async for part in self]

        async def kept() -> AsyncGenerator[bytes, None]:
            for part in parts:
                yield part

        self._parts = kept()

    def __aiter__(self) -> AsyncIterator[bytes]:
        if self._parts is None:  # pragma: no cover - a mistake of the caller
            raise QueryError("the answer has not begun")
        return self._parts

    async def _until_the_end(self, parts: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
        try:
            async with closing(parts):
                async for part in parts:
                    yield part
        finally:
            await self._let_go()

    def _at_the_limit(self) -> None:
        self._closing = asyncio.ensure_future(self._let_go())

    async def _let_go(self) -> None:
        left, self._left = self._left, None
        if self._timer is not None:
            self._timer.cancel()
        try:
            await self.exchange.aclose()
        finally:
            if left is not None:
                left(self)

    async def aclose(self) -> None:
        """Stop; harmless if there is nothing left to stop."""
        await self._let_go()
        if self._parts is not None:
            with suppress(RuntimeError):  # somebody is taking a part at this moment, and gets the error
                await self._parts.aclose()


@dataclass(frozen=True)
class closing:  # noqa: N801 - a context manager is called like a function
    """``contextlib.aclosing`` for iterators that may or may not be generators."""

    parts: AsyncIterator[bytes]

    async def __aenter__(self) -> None:
        return None

    async def __aexit__(self, *_: object) -> None:
        close: Callable[[], Awaitable[None]] | None = getattr(self.parts, "aclose", None)
        if close is not None:
            await close()


class Gate:
    """Lets ``limit`` queries through at a time; up to ``length`` others wait, each for up to ``seconds``."""

    def __init__(self, limit: int, length: int, seconds: float) -> None:
        self._limit, self._length, self._seconds = limit, length, seconds
        self._free = asyncio.Semaphore(limit)
        self.running = 0
        self.waiting = 0

    async def enter(self) -> None:
        """Wait for one's turn. Raises EngineBusy."""
        busy = EngineBusy(f"the server is at work on {self._limit} queries already", "try again in a few seconds")
        if self._free.locked():
            if self.waiting >= self._length:
                raise busy
            self.waiting += 1
            try:
                async with asyncio.timeout(self._seconds):
                    await self._free.acquire()
            except TimeoutError:
                raise busy from None
            finally:
                self.waiting -= 1
        else:
            await self._free.acquire()
        self.running += 1

    def leave(self) -> None:
        """Make room for the next."""
        self.running -= 1
        self._free.release()
