"""The engine over a release: queries go to a small pool of killable processes (``nursery`` raises them)."""

from __future__ import annotations

import dataclasses
import json
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from kg import errors
from kg.config import Settings
from kg.engine import Answer, Query, wire
from kg.errors import AnswerTooLong, EngineBusy, KgError, QueryCrashed, QueryError, QuerySyntaxError, QueryTimeout
from kg.release.manifest import Release

_GRACE = 1.0  # seconds beyond the limit after which a silent process counts as gone


class PoolEngine:
    """Answers queries over one release. Safe to share between threads; close it when done.

    An answer is held until it is whole, so that whatever goes wrong on the way is an error for the client too, and
    never half an answer with a status that says 200.
    """

    def __init__(self, release: Release, settings: Settings) -> None:
        """Start the processes. Raises KgError if they do not come up."""
        self._release = release
        self._settings = settings
        self._lock = threading.Lock()
        self._closed = False
        self._start()

    def _start(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="kg-"))
        self._socket = self._folder / "queries"
        settings = self._settings
        command = [sys.executable, "-m", "kg.engine.nursery", self._release.path, self._socket]
        command += [settings.query_processes, settings.query_seconds, settings.query_memory]
        self._nursery = subprocess.Popen(  # noqa: S603 - our own module, our own arguments
            [str(part) for part in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        if self._nursery.stdout is None or self._nursery.stdout.readline() != b"ready\n":
            self._stop()
            raise KgError("the query processes did not start", "the lines above say why")

    def _stop(self) -> None:
        for pipe in (self._nursery.stdin, self._nursery.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()  # the nursery ends when its standard input closes
        try:
            self._nursery.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._nursery.kill()
            self._nursery.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def close(self) -> None:
        """End all processes; queries under way get a QueryCrashed."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._stop()

    def _revive(self) -> None:
        """Start anew if the nursery itself was killed."""
        with self._lock:
            if not self._closed and self._nursery.poll() is not None:
                self._stop()
                self._start()

    def answer(self, query: Query) -> Answer:
        """Evaluate ``query`` in a process of its own within the limits. Raises a child of QueryError."""
        with self._connect() as connection:
            started = time.monotonic()
            connection.settimeout(self._settings.query_seconds + _GRACE)
            wire.send(connection, wire.ASK, json.dumps(dataclasses.asdict(query)).encode())
            head: dict[str, str] = {}
            body = bytearray()
            for kind, payload in self._frames(connection, started):
                if kind == wire.HEAD:
                    head = json.loads(payload)
                elif kind == wire.DATA:
                    body += payload
                    if len(body) > self._settings.answer_bytes:
                        raise AnswerTooLong(
                            f"the answer is longer than the {self._settings.answer_bytes:,} bytes that are sent",
                            "ask for less at a time (LIMIT and OFFSET), or download the dump",
                        )
            return Answer(head["kind"], head["format"], bytes(body))

    def _connect(self) -> socket.socket:
        """A connection to an idle process, which has said so."""
        for attempt in (1, 2):
            connection = socket.socket(socket.AF_UNIX)
            connection.settimeout(self._settings.queue_seconds)
            try:
                connection.connect(str(self._socket))
                if wire.receive(connection) is not None:
                    return connection
            except (TimeoutError, BlockingIOError):
                connection.close()
                raise EngineBusy(
                    f"all {self._settings.query_processes} query processes are busy", "try again in a few seconds"
                ) from None
            except OSError:
                if attempt == 2:
                    connection.close()
                    raise
            connection.close()
            self._revive()
        raise QueryCrashed("no query process is running", "try again in a few seconds")

    def _frames(self, connection: socket.socket, started: float) -> Iterator[tuple[bytes, bytes]]:
        """The frames of an answer up to and with END. Raises what the process reports, or what its silence means."""
        limit = self._settings.query_seconds
        while True:
            try:
                frame = wire.receive(connection)
            except (TimeoutError, ConnectionError):
                frame = None
            if frame is None:
                if time.monotonic() - started >= limit * 0.98:
                    raise QueryTimeout(
                        f"the query was stopped after {limit:g} seconds",
                        "make it more selective, or add a LIMIT without ORDER BY",
                    )
                raise QueryCrashed(
                    "the query was stopped: it needs more memory than allowed, or nests too deeply for the engine",
                    f"the limit is {self._settings.query_memory:,} MiB; simplify the query",
                )
            if frame[0] == wire.ERROR:
                raise _error(json.loads(frame[1]))
            yield frame
            if frame[0] == wire.END:
                return


def _error(facts: dict[str, object]) -> QueryError:
    kind = getattr(errors, str(facts["class"]), QueryError)
    if kind is QuerySyntaxError:
        error = QuerySyntaxError("", int(str(facts["line"])), int(str(facts["column"])))
        error.message = str(facts["message"])
        return error
    found = kind(str(facts["message"]), str(facts["hint"]))
    return found if isinstance(found, QueryError) else QueryError(found.message)
