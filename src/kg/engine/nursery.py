"""The process that raises query processes: ``python -m kg.engine.nursery``, started by the pool, never by people.

It has one thread and holds no query, so that forking it is safe and quick. Its children wait at one Unix socket; the
kernel hands each connection to an idle one. A child that overruns its time is ended by the kernel (SIGALRM, not
handled), whatever the engine is doing at that moment; the nursery then forks its successor. When the web process goes,
the pipe on standard input closes, and the nursery and all its children go too.
"""

from __future__ import annotations

import io
import json
import os
import resource
import select
import shutil
import signal
import socket
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn, cast

import pyoxigraph as ox

from kg.engine import Query, wire
from kg.engine.evaluate import evaluate, kind_and_format, nothing_can_be_opened, write
from kg.errors import KgError, QueryError, QuerySyntaxError
from kg.release.manifest import open_release
from kg.release.store import open_store

_MIB = 1024 * 1024


class Nursery:
    """Keeps ``processes`` children alive until standard input closes. ``seconds`` and ``memory`` (MiB) are theirs."""

    def __init__(self, release: Path, listener: socket.socket, processes: int, seconds: float, memory: int) -> None:
        self._release = open_release(release)
        self._listener = listener
        self._processes = processes
        self._seconds = seconds
        self._memory = memory
        self._children: dict[int, float] = {}
        self._stillborn = 0
        # Closed by the kernel when the nursery dies, even by SIGKILL: the children watch the other end.
        self._lifeline, self._life = os.pipe()

    def probe(self) -> bool:
        """True if a child can open the store; the nursery itself never does, to stay safe to fork."""
        pid = os.fork()
        if pid == 0:
            try:
                open_store(self._release)
                os._exit(0)
            except KgError as error:
                print(error, file=sys.stderr, flush=True)  # noqa: T201 - the log is all it has
            finally:
                os._exit(1)
        return os.waitpid(pid, 0)[1] == 0

    def run(self) -> None:
        """Fork, reap and fork again, until the web process is gone."""
        wake_read, wake_write = os.pipe()
        os.set_blocking(wake_write, False)
        os.set_blocking(wake_read, False)
        signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the web process decides
        try:
            while True:
                while len(self._children) < self._processes:
                    self._fork()
                ready, _, _ = select.select([0, wake_read], [], [])
                if 0 in ready and not os.read(0, 1):
                    return
                with suppress(BlockingIOError):
                    os.read(wake_read, 4096)
                self._reap()
        finally:
            for child in self._children:
                with suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)

    def _fork(self) -> None:
        pid = os.fork()
        if pid == 0:
            self._be_a_child()
        self._children[pid] = time.monotonic()

    def _reap(self) -> None:
        while self._children:
            pid, _ = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            born = self._children.pop(pid, 0.0)
            # Children that die at birth, one after the other, must not become a storm of forks.
            self._stillborn = self._stillborn + 1 if time.monotonic() - born < 0.1 else 0
            if self._stillborn > self._processes:
                time.sleep(min(5.0, 0.1 * self._stillborn))

    def _be_a_child(self) -> NoReturn:
        try:
            os.close(self._life)
            signal.set_wakeup_fd(-1)
            for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGALRM):
                signal.signal(number, signal.SIG_DFL)
            with Path(os.devnull).open() as nothing:
                os.dup2(nothing.fileno(), 0)
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            store = open_store(self._release)
            _limit_memory(self._memory)
            self._serve(store)
        except Exception as error:  # noqa: BLE001 - nothing of the nursery may run in a child, not even its clean-up
            print(f"query process: {error}", file=sys.stderr, flush=True)  # noqa: T201 - the log is all it has
        finally:
            os._exit(1)

    def _serve(self, store: ox.Store) -> NoReturn:
        while True:
            ready, _, _ = select.select([self._listener.fileno(), self._lifeline], [], [])
            if self._lifeline in ready:
                os._exit(0)
            try:
                connection, _ = self._listener.accept()
            except BlockingIOError:
                continue  # a sibling was quicker
            with connection:
                connection.setblocking(True)
                # Who has gone away, before or during the answer, needs none.
                with suppress(ConnectionError):
                    _answer(store, connection, self._seconds)
            signal.setitimer(signal.ITIMER_REAL, 0)


def _answer(store: ox.Store, connection: socket.socket, seconds: float) -> None:
    # The clock starts before the request is read: a requester that says nothing holds a process no longer than this.
    signal.setitimer(signal.ITIMER_REAL, seconds)
    wire.send(connection, wire.ACCEPTED)
    frame = wire.receive(connection)
    if frame is None:
        return
    with nothing_can_be_opened():
        try:
            query = Query(**json.loads(frame[1]))
            results = evaluate(store, query)
            kind, wanted = kind_and_format(results, query)
            wire.send(connection, wire.HEAD, json.dumps({"kind": kind, "format": wanted}).encode())
            output = io.BufferedWriter(wire.DataWriter(connection), wire.CHUNK)
            write(results, wanted, cast(Any, output), query.write_prefixes)
            output.flush()
            wire.send(connection, wire.END)
        except QueryError as error:
            wire.send(connection, wire.ERROR, json.dumps(describe(error)).encode())
        except MemoryError:
            os.abort()  # the requester learns of it like of any other lack of memory


def describe(error: QueryError) -> dict[str, object]:
    """An error as JSON: its class, message, hint and position."""
    facts: dict[str, object] = {"class": type(error).__name__, "message": error.message, "hint": error.hint}
    if isinstance(error, QuerySyntaxError):
        facts |= {"line": error.line, "column": error.column}
    return facts


def _limit_memory(mebibytes: int) -> None:
    """Allow the process ``mebibytes`` MiB of address space beyond what it has."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    limit = pages * resource.getpagesize() + mebibytes * _MIB
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def main(arguments: list[str]) -> None:
    """``nursery RELEASE SOCKET PROCESSES SECONDS MEMORY``; says ``ready`` on standard output when it listens."""
    release, path, processes, seconds, memory = arguments
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        Path(path).chmod(0o600)
        listener.listen(256)
        listener.setblocking(False)
        nursery = Nursery(Path(release), listener, int(processes), float(seconds), int(memory))
        if not nursery.probe():
            sys.exit(1)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        try:
            nursery.run()
        finally:
            shutil.rmtree(Path(path).parent, ignore_errors=True)


if __name__ == "__main__":
    main(sys.argv[1:])
