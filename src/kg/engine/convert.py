"""An answer in one format -> another while it comes: pyoxigraph reads and writes in a thread, parts are awaited."""

from __future__ import annotations

import asyncio
import io
import json
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine
from concurrent.futures import CancelledError, Executor, Future
from typing import IO, Any, TypeVar, cast

import pyoxigraph as ox

from kg.engine.formats import GRAPHS, RESULTS
from kg.errors import QueryError

Result = TypeVar("Result")
_PART = 65_536


class Solutions:
    """From JSON to the format ``wanted``."""

    def __init__(self, wanted: str) -> None:
        self._wanted = RESULTS[wanted]

    def __call__(self, source: IO[bytes], output: IO[bytes]) -> None:
        """Read ``source`` to its end and write. Raises SyntaxError if it is not what it should be."""
        # In no variable: the traceback of an error would take it into another thread, which pyoxigraph does not allow.
        ox.parse_query_results(source, format=ox.QueryResultsFormat.JSON).serialize(output, self._wanted)


class Triples:
    """From N-Triples to the format ``wanted``; afterwards ``count`` tells how many there were."""

    def __init__(self, wanted: str, prefixes: dict[str, str]) -> None:
        self._wanted = GRAPHS[wanted]
        self._prefixes = prefixes if wanted != "ntriples" else None
        self.count = 0

    def __call__(self, source: IO[bytes], output: IO[bytes]) -> None:
        """Read ``source`` to its end and write. Raises SyntaxError if it is not what it should be."""

        def counted() -> Any:
            for quad in ox.parse(source, format=ox.RdfFormat.N_TRIPLES):
                self.count += 1
                yield quad.triple

        ox.serialize(counted(), output, self._wanted, prefixes=self._prefixes)


def boolean(body: bytes, wanted: str) -> bytes:
    """The answer to an ASK, in JSON or as the one row that some servers make of it, in the format ``wanted``.

    Raises QueryError if it is neither.
    """
    try:
        facts = json.loads(body)
        answer = facts.get("boolean")
        if not isinstance(answer, bool):
            # Virtuoso: a row with 1 in it for yes, no row for no.
            terms = [term for row in facts["results"]["bindings"] for term in row.values()]
            answer = any(term["value"] in ("1", "true") for term in terms)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise QueryError("the SPARQL server behind this site answered with what is no boolean") from None
    text = f'{{"head":{{}},"boolean":{str(answer).lower()}}}'
    return cast(
        "bytes", ox.parse_query_results(text, format=ox.QueryResultsFormat.JSON).serialize(format=RESULTS[wanted])
    )


async def converted(
    source: AsyncIterator[bytes], work: Callable[[IO[bytes], IO[bytes]], None], executor: Executor
) -> AsyncGenerator[bytes, None]:
    """What ``work``, in a thread of ``executor``, makes of the parts of ``source``.

    Raises what ``source`` raises, QueryError if ``work`` cannot read it.
    """
    bridge = _Bridge(source)
    thread = asyncio.get_running_loop().run_in_executor(executor, bridge.run, work)
    try:
        while part := await bridge.parts.get():
            yield part
        await thread
    finally:
        bridge.stop()
        # The thread ends at its next step; to wait for it keeps what it holds from outliving the answer.
        await asyncio.wait([thread])
        if not thread.cancelled():
            thread.exception()


class _Bridge:
    """The two ends of a thread: it reads parts of an answer and writes others, both one at a time, in the loop."""

    def __init__(self, source: AsyncIterator[bytes]) -> None:
        self.parts: asyncio.Queue[bytes] = asyncio.Queue(2)
        self._source = source
        self._loop = asyncio.get_running_loop()
        self._lock = threading.Lock()
        self._stopped = False
        self._failure: QueryError | None = None
        self._waiting: Future[Any] | None = None

    def run(self, work: Callable[[IO[bytes], IO[bytes]], None]) -> None:
        """In the thread: do all of the work."""
        output = _Output(self)
        try:
            work(cast("IO[bytes]", _Input(self)), cast("IO[bytes]", output))
            output.send()
        except (SyntaxError, ValueError) as error:
            # What is wrong with the source tells more: it may have been broken off, or stopped with a sentence.
            while self.next_part():
                pass
            raise QueryError(f"the SPARQL server behind this site answered with what cannot be read: {error}") from None
        finally:
            if not self._stopped:
                self.wait(self.parts.put(b""))

    def stop(self) -> None:
        """In the loop: let the thread end at its next step, or out of the one it waits in."""
        with self._lock:
            self._stopped = True
            if self._waiting is not None:
                self._waiting.cancel()

    def next_part(self) -> bytes:
        """In the thread: the next part of the source; empty at its end."""
        return self.wait(self._next())

    async def _next(self) -> bytes:
        if self._failure is not None:
            raise self._failure
        try:
            return await anext(self._source, b"")
        except QueryError as error:
            self._failure = error  # pyoxigraph may report what it has read so far instead
            raise

    def wait(self, step: Coroutine[Any, Any, Result]) -> Result:
        """In the thread: have the loop take a step. Raises _Stopped if nobody waits for it."""
        with self._lock:
            if self._stopped:
                step.close()
                raise _Stopped
            self._waiting = asyncio.run_coroutine_threadsafe(step, self._loop)
        try:
            return cast("Result", self._waiting.result())
        except CancelledError:
            raise _Stopped from None


class _Stopped(Exception):
    """Nobody wants the answer any more."""


class _Input(io.RawIOBase):
    def __init__(self, bridge: _Bridge) -> None:
        self._bridge = bridge
        self._part = memoryview(b"")

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if not self._part:
            self._part = memoryview(self._bridge.next_part())
        size = len(self._part) if size < 0 else size
        taken, self._part = self._part[:size], self._part[size:]
        return bytes(taken)


class _Output(io.RawIOBase):
    def __init__(self, bridge: _Bridge) -> None:
        self._bridge = bridge
        self._held = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, chunk: Any) -> int:
        self._held += chunk
        if len(self._held) >= _PART:
            self.send()
        return len(chunk)

    def send(self) -> None:
        """Pass on what is held."""
        if self._held:
            part = bytes(self._held)
            self._held.clear()
            self._bridge.wait(self._bridge.parts.put(part))
