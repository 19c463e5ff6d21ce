"""What an engine answered, kept for the next who asks the same; and the same question asked twice at once, asked once.

A release never changes, and there is one ``Answers`` for each release, so what is kept is never stale. Answers that
depend on the clock or on chance are not kept. All of it lives on one event loop; other threads call ``answer``.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Hashable, Sequence
from concurrent.futures import CancelledError, Future
from contextvars import ContextVar
from typing import Any, TypeVar

from kg.engine import Answer, Cut, Engine, Query, Stream
from kg.errors import QueryError
from kg.sparql import is_volatile

_T = TypeVar("_T")
# An answer that would take more than this part of the room is not kept.
_SHARE = 8
# An answer up to this size is taken even when there are too many bytes that slow clients have still to take.
_SMALL = 1_048_576
_PAUSE = 0.05


class Flight:
    """An answer on its way to all who asked for it, and, when whole, what is kept of it.

    ``kind`` and ``format`` are known once it is in the hands of a caller; ``cut``, ``rows`` and ``body`` when ``done``.
    """

    def __init__(self, stream: Stream, key: Hashable, *, own: bool = False) -> None:
        self.key = key
        self.own = own  # asked by the program, which takes it as fast as it comes
        self.kind, self.format = stream.kind, stream.format
        self.cut: Cut | None = None
        self.rows = 0
        self.size = 0
        self.done = False
        self.error: QueryError | None = None
        # What others derive from the whole answer (a compressed body) and let go with it.
        self.derived: dict[Hashable, bytes] = {}
        self.kept = False
        self.given = 0  # how often it was given because it was kept
        self._stream = stream
        self._parts: list[bytes] = []
        self._more = asyncio.Event()
        self.followers = 0

    @property
    def body(self) -> bytes:
        """The whole answer."""
        if len(self._parts) > 1:
            self._parts = [b"".join(self._parts)]
        return self._parts[0] if self._parts else b""

    def take(self) -> bool:
        """Take the answer if it is there already: short ones are when their kind is known."""
        parts = self._stream.at_once()
        if parts is None:
            return False
        self._parts = parts
        self.size = sum(map(len, parts))
        self.cut, self.rows = self._stream.cut, self._stream.rows
        self.done = True
        return True

    async def collect(self, crowded: Callable[[], bool]) -> None:
        """Take the answer from the engine, to the end; a client's long one waits while it is ``crowded``."""
        try:
            async for part in self._stream:
                while not self.own and self.size > _SMALL and crowded():
                    await asyncio.sleep(_PAUSE)
                self._parts.append(part)
                self.size += len(part)
                self._tell()
            self.cut, self.rows = self._stream.cut, self._stream.rows
        except QueryError as error:
            self.error = error
        except BaseException:  # nobody waits any more, or a mistake of ours: what is there is not whole
            self.error = QueryError("the answer broke off")
            raise
        finally:
            await self._stream.aclose()
            self.done = True
            self._tell()

    def _tell(self) -> None:
        self._more.set()
        self._more = asyncio.Event()

    def forget(self) -> None:
        """Let its bytes go. An error that came to pass refers to what was at work then, and so for a while to this."""
        self._parts.clear()

    async def gathered(self, size: int) -> None:
        """Wait until it is done, or more than ``size`` bytes of it are there. Raises its error."""
        while not self.done and self.size <= size:
            await self._more.wait()
        if self.error is not None:
            raise self.error

    async def parts(self) -> AsyncIterator[bytes]:
        """The answer from its beginning, as it comes. Raises its error where it ends early."""
        taken = 0
        parts = self._parts  # the list may be replaced by a shorter one (``body``) while this one is being read
        while True:
            more = self._more
            while taken < len(parts):
                part = parts[taken]
                taken += 1
                yield part
            if self.done:
                if self.error is not None:
                    raise self.error
                return
            await more.wait()


class Caller:
    """Somebody for whom a thread waits for answers, and who may go away meanwhile."""

    def __init__(self) -> None:
        self._future: Future[Any] | None = None
        self._gone = False

    def waits_for(self, future: Future[Any]) -> None:
        """Note what the thread waits for now."""
        self._future = future
        if self._gone:
            future.cancel()

    def leave(self) -> None:
        """Give up what the thread waits for, now and later."""
        self._gone = True
        if self._future is not None:
            self._future.cancel()


CALLER: ContextVar[Caller | None] = ContextVar("CALLER", default=None)


class _Beginning:
    """A query of which not even the kind of answer is known, and how many wait for it; then its ``flight``."""

    def __init__(self) -> None:
        self.task: asyncio.Task[Flight]
        self.flight: Flight | None = None
        self.waiting = 0


class Answers:
    """Answers queries through an engine, and keeps up to ``room`` bytes of what it said (0: nothing).

    Answers that clients are still taking may have ``aloft`` bytes; beyond, long ones wait, at the cost of their time.
    What the program asks for itself (``Query.own``) neither waits nor counts: nobody slow takes it.
    """

    def __init__(self, engine: Engine, room: int, aloft: int, loop: asyncio.AbstractEventLoop) -> None:
        self.engine = engine
        self.loop = loop
        self._room = room
        self._aloft = aloft
        self._open: set[Flight] = set()
        self._held = 0
        self._kept: OrderedDict[Hashable, Flight] = OrderedDict()
        self._begun: dict[Hashable, _Beginning] = {}
        self._flying: dict[Hashable, Flight] = {}
        self._tasks: dict[Flight, asyncio.Task[None]] = {}
        self.hits = self.misses = self.joined = 0
        loop.call_soon_threadsafe(engine.prepare)

    def touch(self, flight: Flight) -> None:
        """Note that a kept answer was given once more."""
        self.hits += 1
        flight.given += 1
        self._kept.move_to_end(flight.key)

    async def open(self, query: Query) -> Flight:
        """The answer to a query: kept, joined while another waits for it, or begun now.

        Call ``release`` when done with it. Raises a child of QueryError.
        """
        key = key_of(query)
        if (kept := self._kept.get(key)) is not None:
            self.touch(kept)
            return self._follow(kept)
        volatile = is_volatile(query.text)
        if volatile:
            key = object()  # nobody else can be given this answer
        if (flying := self._flying.get(key)) is not None and flying.error is None:
            self.joined += 1
            return self._follow(flying)
        begun = self._begun.get(key)
        if begun is None:
            self.misses += 1
            begun = _Beginning()
            begun.task = self.loop.create_task(self._begin(begun, key, query, keep=not volatile))
            self._begun[key] = begun
            begun.task.add_done_callback(lambda _: _drop(self._begun, key, begun))
        else:
            self.joined += 1
        return await self._joined(begun, key)

    async def _joined(self, begun: _Beginning, key: Hashable) -> Flight:
        """Wait with the others for an answer to begin; the last to go away takes the query with it."""
        begun.waiting += 1
        try:
            return await asyncio.shield(begun.task)
        except asyncio.CancelledError:
            begun.waiting -= 1
            if begun.flight is not None:  # it began at this very moment, and counts this one among its followers
                self.release(begun.flight)
            elif not begun.waiting:
                _drop(self._begun, key, begun)  # who asks from now on cannot join what is being stopped
                begun.task.cancel()
            raise

    def _follow(self, flight: Flight) -> Flight:
        flight.followers += 1
        self._open.add(flight)
        return flight

    def _is_crowded(self) -> bool:
        return sum(flight.size for flight in self._open if not flight.kept and not flight.own) > self._aloft

    async def _begin(self, begun: _Beginning, key: Hashable, query: Query, *, keep: bool) -> Flight:
        flight = begun.flight = Flight(await self.engine.start(query), key, own=query.own)
        flight.followers = begun.waiting
        self._open.add(flight)
        if flight.take():
            self._keep(flight, keep=keep)
            return flight
        self._flying[key] = flight
        task = self._tasks[flight] = self.loop.create_task(flight.collect(self._is_crowded))
        task.add_done_callback(lambda _: self._landed(flight, keep=keep))
        return flight

    def _landed(self, flight: Flight, *, keep: bool) -> None:
        del self._tasks[flight]
        _drop(self._flying, flight.key, flight)
        self._keep(flight, keep=keep)
        if flight.followers <= 0 and not flight.kept:
            flight.forget()

    def _keep(self, flight: Flight, *, keep: bool) -> None:
        if keep and flight.error is None and flight.size <= self._room // _SHARE and flight.key not in self._kept:
            flight.kept = True
            self._kept[flight.key] = flight
            self._hold(flight.size + _OVERHEAD)

    def _hold(self, size: int) -> None:
        self._held += size
        while self._held > self._room and self._kept:
            _, old = self._kept.popitem(last=False)
            self._held -= old.size + _OVERHEAD + sum(map(len, old.derived.values()))
            old.kept = False

    def derive(self, flight: Flight, name: Hashable, value: bytes) -> None:
        """Keep something made from a whole answer as long as the answer."""
        if flight.kept and name not in flight.derived:
            flight.derived[name] = value
            self._hold(len(value))

    def release(self, flight: Flight) -> None:
        """Somebody who opened it is done with it; if nobody else wants it and it is not whole, it is stopped."""
        flight.followers -= 1
        if flight.followers <= 0:
            self._open.discard(flight)
            if (task := self._tasks.get(flight)) is not None:
                _drop(self._flying, flight.key, flight)
                task.cancel()
            elif not flight.kept:
                flight.forget()

    def answer(self, query: Query) -> Answer:
        """The whole answer, for callers in other threads. Raises a child of QueryError."""
        future = asyncio.run_coroutine_threadsafe(self.whole(query), self.loop)
        if (caller := CALLER.get()) is not None:
            caller.waits_for(future)
        try:
            return future.result()
        except CancelledError:
            raise QueryError("nobody waits for the answer any more") from None

    def each(self, queries: Sequence[Query], seconds: float) -> list[Answer | None]:
        """The whole answers to several queries, put at once, for callers in other threads; None for one without.

        What has not come after so many ``seconds`` has none.
        """
        future = asyncio.run_coroutine_threadsafe(self._each(queries, seconds), self.loop)
        if (caller := CALLER.get()) is not None:
            caller.waits_for(future)
        try:
            return future.result()
        except CancelledError:
            raise QueryError("nobody waits for the answer any more") from None

    async def _each(self, queries: Sequence[Query], seconds: float) -> list[Answer | None]:
        tasks = [self.loop.create_task(self.whole(query)) for query in queries]
        try:
            if tasks:
                await asyncio.wait(tasks, timeout=seconds)
            return [_told(task) for task in tasks]
        finally:
            for task in tasks:
                task.cancel()

    async def whole(self, query: Query) -> Answer:
        """The whole answer. Raises a child of QueryError."""
        flight = await self.open(query)
        try:
            await flight.gathered(1 << 62)
            return Answer(flight.kind, flight.format, flight.body, flight.cut, flight.rows)
        finally:
            self.release(flight)

    def gauges(self) -> dict[str, float]:
        """What goes on at this moment, as numbers by name."""
        return {
            **self.engine.gauges(),
            "answers_aloft": len(self._open),
            "answers_aloft_bytes": sum(flight.size for flight in self._open if not flight.kept),
            "answers_kept": len(self._kept),
            "answers_kept_bytes": self._held,
        }

    def counts(self) -> dict[str, int]:
        """What has happened so far, as numbers by name."""
        return {"hits": self.hits, "misses": self.misses, "joined": self.joined}

    def close(self) -> None:
        """End the engine; for callers in other threads."""
        asyncio.run_coroutine_threadsafe(self.engine.aclose(), self.loop).result()


# What an answer takes beside its bytes, roughly.
_OVERHEAD = 1_000


def _told(task: asyncio.Task[Answer]) -> Answer | None:
    """What came of a query; None if nothing did, or not yet. Raises what is no QueryError."""
    if not task.done() or task.cancelled():
        return None
    if (error := task.exception()) is None:
        return task.result()
    if isinstance(error, QueryError):
        return None
    raise error


def _drop(held: dict[Hashable, _T], key: Hashable, value: _T) -> None:
    """Take ``value`` out, if it is still the one under its key."""
    if held.get(key) is value:
        del held[key]


def key_of(query: Query) -> Hashable:
    """What an answer is kept under: everything that decides its bytes."""
    return (
        query.text,
        query.solutions,
        query.boolean,
        query.graph,
        query.default_graphs,
        query.named_graphs,
        frozenset(query.prefixes.items()),
        frozenset(query.write_prefixes.items()),
        query.own,
    )
