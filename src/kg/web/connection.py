"""The client's connection, from below the web server: how much of an answer is still to be sent, and how to break it.

Granian takes whatever it is given for a response into memory, and has no way to end one as failed. Both are needed for
long answers: a slow reader must not cost memory, and an answer that breaks off must not look whole. So the socket
is looked up among the descriptors of this process, by the client's address. Linux only.
"""

from __future__ import annotations

import array
import asyncio
import fcntl
import os
import socket
import time
from contextlib import suppress
from pathlib import Path

_SIOCOUTQ = 0x5411  # bytes that the kernel has still to send (linux/sockios.h)
_ENOUGH = 131_072  # with less than this the reader is keeping up


class SlowClient(Exception):
    """The client has not taken the next part within its time."""


class Connection:
    """A duplicate of the client's socket; use as a context manager."""

    def __init__(self, client: str) -> None:
        """``client``: its address as ``host:port``. Raises LookupError if there is no such connection."""
        host, _, port = client.rpartition(":")
        self._socket = _find(host.strip("[]"), int(port))

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def unsent(self) -> int:
        """How many bytes wait in the kernel."""
        value = array.array("i", [0])
        fcntl.ioctl(self._socket.fileno(), _SIOCOUTQ, value)
        return value[0]

    async def ready(self, seconds: float) -> None:
        """Wait until the client has taken nearly all of what was sent. Raises SlowClient after so many seconds."""
        pause, deadline = 0.0, time.monotonic() + seconds
        await asyncio.sleep(0)
        while self.unsent() > _ENOUGH:
            if time.monotonic() > deadline:
                raise SlowClient
            pause = min(0.05, pause + 0.002)
            await asyncio.sleep(pause)

    def abort(self) -> None:
        """Break the connection: what follows is not sent, and the client sees that it is not whole."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)


def _find(host: str, port: int) -> socket.socket:
    for entry in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            if not os.readlink(entry).startswith("socket:"):  # noqa: PTH115 - not a path
                continue
            found = socket.socket(fileno=os.dup(int(entry.name)))
            if found.family in (socket.AF_INET, socket.AF_INET6):
                with suppress(OSError):
                    if found.getpeername()[:2] == (host, port):
                        return found
            found.close()
    raise LookupError(f"no connection to {host}:{port}")
