"""The nursery as the pool sees it: asked for query processes, and told of each that was born."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from kg.config import Settings
from kg.errors import KgError
from kg.release.manifest import Release

_JEMALLOC = ("lib/*/libjemalloc.so.2", "lib*/libjemalloc.so.2", "local/lib/libjemalloc.so.2")
_AT_ONCE = 64  # how many processes one message asks for at most
_LIMITS = ("query_memory", "answer_rows", "answer_bytes")

# What is born: its process ID, its pidfd, and the socket to it.
Born = Callable[["Parent", int, int, socket.socket], None]


def _allocator() -> dict[str, str]:
    """Environment that gives the query processes jemalloc if the machine has it.

    A fifth faster than the allocator of the C library, measured over the query mix in bench/; some queries a third.
    """
    given = os.environ.get("LD_PRELOAD", "")
    found = next((str(p) for pattern in _JEMALLOC for p in Path("/usr").glob(pattern)), None)
    return {"LD_PRELOAD": f"{given} {found}".strip()} if found and "malloc" not in given else {}


class Parent:
    """A running nursery. Its processes end with it."""

    def __init__(self, release: Release, settings: Settings, store_memory: int) -> None:
        """Start it; takes as long as reading ``store_memory`` MiB of the release. Raises KgError if it fails."""
        given: dict[str, object] = {name: getattr(settings, name) for name in _LIMITS}
        given |= {"store_memory": store_memory, "services": settings.services.split()}
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            command = [sys.executable, "-m", "kg.engine.nursery", release.path, theirs.fileno(), json.dumps(given)]
            self._process = subprocess.Popen(  # noqa: S603 - our own module, our own arguments
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                env={**os.environ, **_allocator()},
            )
        said = ours.recv(4096).decode()
        if said != "ready":
            ours.close()
            self._process.wait()
            raise KgError(said or "the query processes did not start")
        ours.setblocking(False)
        self._control = ours
        self._unborn = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self.alive = True
        self.retired = False

    def attach(self, born: Born, died: Callable[[Parent], None]) -> None:
        """Listen on the loop that runs now. ``born`` is called for each new process, ``died`` if this one is gone."""
        self._loop = asyncio.get_running_loop()
        self._born, self._died = born, died
        self._loop.add_reader(self._control, self._on_message)

    def demand(self, processes: int) -> None:
        """See to it that so many processes are about to be born."""
        missing = min(processes - self._unborn, _AT_ONCE)
        if missing > 0 and self.alive:
            try:
                self._control.send(b"f" * missing)
                self._unborn += missing
            except OSError:
                self._end()

    def _on_message(self) -> None:
        try:
            said, descriptors, _, _ = socket.recv_fds(self._control, 64, 2)
        except BlockingIOError:
            return
        except OSError:
            said, descriptors = b"", []
        if not said:
            self._end()
            return
        self._unborn = max(0, self._unborn - 1)
        if len(descriptors) == 2:  # else there was no memory for another one
            connection = socket.socket(fileno=descriptors[0])
            connection.setblocking(False)
            self._born(self, int(said), descriptors[1], connection)

    def _end(self) -> None:
        if self.alive:
            self._let_go()
            self._died(self)

    def _let_go(self) -> None:
        self.alive = False
        if self._loop is not None:
            self._loop.remove_reader(self._control)
        self._control.close()

    async def aclose(self) -> None:
        """End it, and with it all of its processes."""
        if self.alive:
            self._let_go()
        with suppress(subprocess.TimeoutExpired):
            await asyncio.to_thread(self._process.wait, 5)
        self._process.kill()
        await asyncio.to_thread(self._process.wait)
