"""What travels between the web process and a query process: frames of a kind (one byte), a length, and bytes.

Both ends are this program on this machine, so JSON without ceremony will do for what is not the answer itself.
"""

from __future__ import annotations

import io
import socket
import struct

READY, ASK, HEAD, DATA, ERROR, END = b"R", b"Q", b"H", b"D", b"E", b"Z"
_FRAME = struct.Struct(">cI")
HEADER = _FRAME.size
CHUNK = 65_536


def frame(kind: bytes, payload: bytes = b"") -> bytes:
    """One frame as bytes."""
    return _FRAME.pack(kind, len(payload)) + payload


def take(received: bytearray) -> tuple[bytes, bytes] | None:
    """Take the first whole frame (kind, payload) out of what was received; None if it is not whole yet."""
    if len(received) < HEADER:
        return None
    kind, length = _FRAME.unpack_from(received)
    if len(received) < HEADER + length:
        return None
    payload = bytes(received[HEADER : HEADER + length])
    del received[: HEADER + length]
    return kind, payload


def receive(connection: socket.socket) -> tuple[bytes, bytes] | None:
    """The next frame as (kind, payload), or None if the other end closed; nothing may follow it. Raises OSError."""
    received = bytearray()
    while (found := take(received)) is None:
        part = connection.recv(CHUNK)
        if not part:
            return None
        received += part
    return found


class FrameWriter(io.RawIOBase):
    """A stream whose bytes become DATA frames; frames go out together, so that a short answer is one message."""

    def __init__(self, connection: socket.socket) -> None:
        super().__init__()
        self._connection = connection
        self._frames: list[bytes] = []
        self._data: list[bytes] = []
        self._size = 0

    def writable(self) -> bool:
        """A writer it is."""
        return True

    def write(self, data: object) -> int:
        """Add ``data`` (bytes-like) to the answer. Raises OSError if the other end is gone."""
        payload = bytes(data)  # type: ignore[call-overload]
        self._data.append(payload)
        self._size += len(payload)
        if self._size >= CHUNK:
            self.send()
        return len(payload)

    def add(self, kind: bytes, payload: bytes = b"") -> None:
        """Add a frame of another kind behind what was written so far."""
        self._gather()
        self._frames.append(frame(kind, payload))

    def send(self) -> None:
        """Send what was added. Raises OSError if the other end is gone."""
        self._gather()
        self._connection.sendall(b"".join(self._frames))
        self._frames.clear()

    def _gather(self) -> None:
        if self._size:
            self._frames.append(frame(DATA, b"".join(self._data)))
            self._data.clear()
            self._size = 0
