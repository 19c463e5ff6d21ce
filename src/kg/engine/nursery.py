"""The process that raises query processes: ``python -m kg.engine.nursery``, started by the pool, never by people.

It holds the release in memory, if that is small enough, and forks a child whenever the pool asks for one; the pool
gets the child's end of a socket and a handle to end it by (pidfd). It has one thread and holds no query, so that
forking it is safe and quick. A child answers one query after the other. One that overruns its time is ended by the
kernel (SIGALRM, not handled), whatever the engine is doing at that moment. When the pool's process goes, its socket
closes, and the nursery and all its children go too.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import select
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, NoReturn, cast

from kg.engine import Query, wire
from kg.engine.evaluate import Dataset, evaluate, kind_and_format, nothing_can_be_opened, open_dataset, write
from kg.errors import KgError, QueryError, QuerySyntaxError
from kg.release.manifest import Release, open_release
from kg.release.store import load_stores
from kg.search import prepare

_MIB = 1024 * 1024


class Nursery:
    """Forks children as they are asked for over ``control``, until that closes. ``memory`` (MiB) is a child's own."""

    def __init__(self, release: Release, control: socket.socket, limits: dict[str, int], services: list[str]) -> None:
        self._release = release
        self._control = control
        self._limits = limits
        self._services = frozenset(services)
        self._children: set[int] = set()
        prepare()
        self._stores = load_stores(release, limits["store_memory"])

    def probe(self) -> str:
        """What keeps a child from opening what it needs, or ""; the nursery itself never does, to stay safe to fork."""
        read, write_ = os.pipe()
        pid = os.fork()
        if pid == 0:
            try:
                open_dataset(self._release, self._stores, self._services)
            except KgError as error:
                os.write(write_, str(error).encode()[:4000])
            finally:
                os._exit(0)
        os.close(write_)
        with os.fdopen(read, "rb") as told:
            said = told.read().decode()
        ended = os.waitpid(pid, 0)[1]
        return said or (f"a query process ended with {ended}" if ended else "")

    def run(self) -> None:
        """Fork and reap, until the pool is gone."""
        wake_read, wake_write = os.pipe()
        os.set_blocking(wake_write, False)
        os.set_blocking(wake_read, False)
        signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for number in (signal.SIGTERM, signal.SIGINT):  # they may reach the whole group; the web process decides
            signal.signal(number, signal.SIG_IGN)
        gc.collect()
        gc.freeze()  # what is there now is never looked at again, so that children do not copy it
        try:
            while True:
                ready, _, _ = select.select([self._control.fileno(), wake_read], [], [])
                if wake_read in ready:
                    with suppress(BlockingIOError):
                        os.read(wake_read, 4096)
                    self._reap()
                if self._control.fileno() in ready:
                    asked = self._control.recv(64)  # one message, a byte for each child
                    if not asked:
                        return
                    for _ in asked:
                        self._fork()
        finally:
            for child in self._children:
                with suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)

    def _fork(self) -> None:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            try:
                pid = os.fork()
            except OSError as error:  # no memory, or no more processes: the pool asks again
                print(f"no query process can be made: {error}", file=sys.stderr, flush=True)  # noqa: T201
                self._control.send(b"0")
                return
            if pid == 0:
                theirs.close()
                self._be_a_child(ours)
            self._children.add(pid)
            handle = os.pidfd_open(pid)
            try:
                # Whoever asked may have gone meanwhile; the loop then finds the end of the socket.
                with suppress(BrokenPipeError, ConnectionResetError):
                    socket.send_fds(self._control, [str(pid).encode()], [theirs.fileno(), handle])
            finally:
                os.close(handle)

    def _reap(self) -> None:
        while self._children:
            pid, _ = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            self._children.discard(pid)

    def _be_a_child(self, connection: socket.socket) -> NoReturn:
        try:
            self._control.close()
            signal.set_wakeup_fd(-1)
            for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGALRM):
                signal.signal(number, signal.SIG_DFL)
            with Path(os.devnull).open() as nothing:
                os.dup2(nothing.fileno(), 0)
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            data = open_dataset(self._release, self._stores, self._services, counted=False)
            _limit_memory(self._limits["query_memory"])
            connection.sendall(wire.frame(wire.READY))
            while (asked := wire.receive(connection)) is not None:
                _answer(data, connection, json.loads(asked[1]), self._limits)
                signal.setitimer(signal.ITIMER_REAL, 0)
            os._exit(0)
        except ConnectionError:
            os._exit(0)  # the pool is gone
        except Exception as error:  # noqa: BLE001 - nothing of the nursery may run in a child, not even its clean-up
            print(f"query process: {error!r}", file=sys.stderr, flush=True)  # noqa: T201 - the log is all it has
        finally:
            os._exit(1)


def _answer(data: Dataset, connection: socket.socket, asked: dict[str, Any], limits: dict[str, int]) -> None:
    signal.setitimer(signal.ITIMER_REAL, asked["seconds"])
    query = Query(**asked["query"])
    output = wire.FrameWriter(connection)
    with nothing_can_be_opened(query.text, data.services):
        try:
            results = evaluate(data, query)
            kind, wanted = kind_and_format(results, query)
            output.add(wire.HEAD, json.dumps({"kind": kind, "format": wanted}).encode())
            rows, size = query.limits(limits["answer_rows"], limits["answer_bytes"])
            written = write(results, wanted, cast("IO[bytes]", output), query.write_prefixes, rows, size)
            cut = written.cut and [written.cut.what, written.cut.after, written.cut.marked]
            output.add(wire.END, json.dumps({"rows": written.rows, "cut": cut}).encode())
        except QueryError as error:
            output.add(wire.ERROR, json.dumps(describe(error)).encode())
        except MemoryError:
            os.abort()  # the requester learns of it like of any other lack of memory
        output.send()


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
    """``nursery RELEASE CONTROL-FD LIMITS``; says ``ready``, or what is wrong, over the control socket."""
    release, descriptor, given = arguments
    limits = json.loads(given)
    services = limits.pop("services")
    with socket.socket(fileno=int(descriptor)) as control:
        try:
            nursery = Nursery(open_release(release), control, limits, services)
            wrong = nursery.probe()
        except KgError as error:
            wrong = str(error)
        if wrong:
            control.sendall(wrong.encode())
            sys.exit(1)
        control.sendall(b"ready")
        nursery.run()


if __name__ == "__main__":
    main(sys.argv[1:])
