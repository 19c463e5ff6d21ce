"""One query process as the pool sees it: a socket to ask it through, a handle to end it by."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import cast

from kg import errors
from kg.engine import Cut, wire
from kg.engine.parent import Parent
from kg.errors import EngineBusy, QueryCrashed, QueryError, QuerySyntaxError, QueryTimeout

# Bytes that wait to be taken before the process is made to wait, and from which on it may go on.
_HIGH, _LOW = 1_048_576, 262_144
_LATE = 0.05  # seconds that the kernel gets to end a process whose time is over, before this one does it


class Worker(asyncio.Protocol):
    """A query process. It works on one ``Job`` at a time."""

    def __init__(self, pid: int, handle: int, parent: Parent) -> None:
        """``handle`` is a pidfd, closed with the connection; ``parent`` the nursery that it comes from."""
        self.pid = pid
        self.parent = parent
        self._handle = handle
        # The kernel's clock for the processor time of another process (clock_getcpuclockid).
        self._clock = (~pid << 3) | 2
        self._transport: asyncio.Transport | None = None
        self._received = bytearray()
        self.job: Job | None = None
        self.held = False
        self.killed = False  # its end is on the way
        self.gone = False
        self.on_ready: Callable[[Worker], None] = lambda _: None
        self.on_gone: Callable[[Worker], None] = lambda _: None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Part of asyncio.Protocol."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Part of asyncio.Protocol: hand frames to the job; before there is one, the process says that it is ready."""
        self._received += data
        while (found := wire.take(self._received)) is not None:
            if found[0] == wire.READY:
                self.on_ready(self)
            elif self.job is not None:
                self.job.on_frame(*found)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the signature is asyncio's
        """Part of asyncio.Protocol: the process is gone, or was let go."""
        self.gone = True
        os.close(self._handle)
        if self.job is not None:
            self.job.on_death()
        self.on_gone(self)

    def ask(self, job: Job, query: dict[str, object], seconds: float) -> None:
        """Begin with a job, which may take so many seconds."""
        if self._transport is None:
            raise RuntimeError("asked before there was a connection")
        self.job = job
        job.begun(self)
        self._transport.write(wire.frame(wire.ASK, json.dumps({"query": query, "seconds": seconds}).encode()))

    def processor_seconds(self) -> float:
        """The processor time that the process has taken in its life."""
        try:
            return time.clock_gettime(self._clock)
        except OSError:
            return 0.0  # it has just died

    def hold(self, *, on: bool) -> None:
        """Let the process rest, or go on. The time limit of its query runs on."""
        if on != self.held and not self.gone:
            self.held = on
            with suppress(OSError):
                signal.pidfd_send_signal(self._handle, signal.SIGSTOP if on else signal.SIGCONT)

    def kill(self) -> None:
        """End the process, whatever it is doing."""
        if not self.gone:
            self.killed = True
            with suppress(OSError):
                signal.pidfd_send_signal(self._handle, signal.SIGKILL)

    def dismiss(self) -> None:
        """Let the process go; it ends when it sees that nobody asks any more."""
        if self._transport is not None and not self.gone:
            self._transport.close()

    def pause(self, *, on: bool) -> None:
        """Stop (or go on) taking what the process writes."""
        if self._transport is None or self.gone:
            return
        if on:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()


class Job:
    """One query in a worker, and the stream of its answer (``kg.engine.Stream``)."""

    def __init__(self, form: int, limit: float, memory: int, arrived: float, on_end: Callable[[Job], None]) -> None:
        """``form`` stands for ``sparql.shape`` of the query.

        ``limit``: seconds since ``arrived`` (monotonic); ``memory``: MiB, for the message; ``on_end``: when over."""
        self.form = form
        self.kind = self.format = ""
        self.cut: Cut | None = None
        self.rows = 0
        self.worker: Worker | None = None
        self.processor_at_start = 0.0
        self._limit, self._memory, self.arrived = limit, memory, arrived
        self._on_end = on_end
        loop = asyncio.get_running_loop()
        self._head: asyncio.Future[None] = loop.create_future()
        self._more = asyncio.Event()
        self._parts: deque[bytes] = deque()
        self._waiting = 0
        self._paused = self.over = False
        self._error: QueryError | None = None
        self._evicted = False
        self._alarm = loop.call_later(max(0.0, arrived + limit - time.monotonic()) + _LATE, self._too_late)

    def begun(self, worker: Worker) -> None:
        """The worker that works on it."""
        self.worker = worker
        self.processor_at_start = worker.processor_seconds()

    @property
    def paused(self) -> bool:
        """True if it waits for somebody to take what it has written."""
        return self._paused

    @property
    def answered(self) -> bool:
        """True if it has come to its end."""
        return self.over and self._error is None

    def processor_seconds(self) -> float:
        """The processor time that this query has taken so far."""
        return self.worker.processor_seconds() - self.processor_at_start if self.worker else 0.0

    async def head(self) -> None:
        """Wait until the kind of answer is known. Raises a child of QueryError."""
        await self._head

    def on_frame(self, kind: bytes, payload: bytes) -> None:
        """A frame from the worker."""
        if self.over:
            return
        if kind == wire.DATA:
            self._parts.append(payload)
            self._waiting += len(payload)
            if self._waiting > _HIGH and not self._paused and self.worker:
                self._paused = True
                self.worker.pause(on=True)
            self._more.set()
        elif kind == wire.HEAD:
            facts = json.loads(payload)
            self.kind, self.format = facts["kind"], facts["format"]
            self._head.set_result(None)
        elif kind == wire.END:
            facts = json.loads(payload)
            self.rows = facts["rows"]
            self.cut = Cut(*facts["cut"]) if facts["cut"] else None
            self._end(None)
        elif kind == wire.ERROR:
            self._end(_error(json.loads(payload)))

    def on_death(self) -> None:
        """The worker died before the answer was whole: say why, as far as its time tells."""
        if self._evicted:
            error: QueryError = EngineBusy(
                "the query was stopped to make room for others: of all long ones it had been there longest",
                "try again in a few seconds, or make it more selective",
            )
        elif time.monotonic() - self.arrived >= self._limit * 0.98:
            error = QueryTimeout(
                f"the query was stopped after {self._limit:g} seconds",
                "make it more selective, or add a LIMIT without ORDER BY",
            )
        else:
            error = QueryCrashed(
                "the query was stopped: it needs more memory than allowed, or nests too deeply for the engine",
                f"the limit is {self._memory:,} MiB; simplify the query",
            )
        self._end(error)

    def evict(self) -> None:
        """End it in favour of others."""
        self._evicted = True
        self._stop()

    def _too_late(self) -> None:
        # The kernel ends it at its limit, but a process of low priority may take its time to die.
        self._stop()

    def _stop(self) -> None:
        if self.worker:
            self.worker.kill()
        if not self.over:
            self.on_death()

    def _end(self, error: QueryError | None) -> None:
        if self.over:
            return
        self.over, self._error = True, error
        self._alarm.cancel()
        if error is not None and not self._head.done():
            self._head.set_exception(error)
            self._head.exception()  # that nobody waits any more is no mistake
        self._more.set()
        if self._paused and self.worker:
            self.worker.pause(on=False)
        self._on_end(self)

    def at_once(self) -> list[bytes] | None:
        """All parts, if the answer is there already; else None."""
        if not self.answered:
            return None
        parts = [*self._parts]
        self._parts.clear()
        return parts

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            while self._parts:
                part = self._parts.popleft()
                self._waiting -= len(part)
                if self._paused and self._waiting < _LOW and self.worker:
                    self._paused = False
                    self.worker.pause(on=False)
                yield part
            if self.over:
                if self._error is not None:
                    raise self._error
                return
            self._more.clear()
            await self._more.wait()

    async def aclose(self) -> None:
        """Stop; the process goes with it if it is still at work."""
        if not self.over and self.worker:
            self.worker.kill()
        self._end(QueryError("nobody waits for the answer any more"))


def _error(facts: dict[str, object]) -> QueryError:
    kind = getattr(errors, str(facts["class"]), QueryError)
    if kind is QuerySyntaxError:
        error = QuerySyntaxError("", int(str(facts["line"])), int(str(facts["column"])))
        error.message = str(facts["message"])
        return error
    found = kind(str(facts["message"]), str(facts["hint"]))
    return found if isinstance(found, QueryError) else QueryError(found.message)
