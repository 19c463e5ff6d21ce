"""What travels between the web process and a query process: frames of a kind (one byte), a length, and bytes.

Both ends are this program on this machine, so JSON without ceremony will do for what is not the answer itself.
"""

from __future__ import annotations

import io
import socket
import struct

ACCEPTED, HEAD, DATA, ERROR, END, ASK = b"A", b"H", b"D", b"E", b"Z", b"Q"
_FRAME = struct.Struct(">cI")
CHUNK = 65_536


def send(connection: socket.socket, kind: bytes, payload: bytes = b"") -> None:
    """Send one frame. Raises OSError if the other end is gone."""
    connection.sendall(_FRAME.pack(kind, len(payload)) + payload)


def receive(connection: socket.socket) -> tuple[bytes, bytes] | None:
    """The next frame as (kind, payload), or None if the other end closed. Raises TimeoutError, OSError."""
    head = _exactly(connection, _FRAME.size)
    if head is None:
        return None
    kind, length = _FRAME.unpack(head)
    payload = _exactly(connection, length)
    return None if payload is None else (kind, payload)


def _exactly(connection: socket.socket, size: int) -> bytes | None:
    parts = []
    while size:
        part = connection.recv(min(size, CHUNK))
        if not part:
            return None
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


class DataWriter(io.RawIOBase):
    """A stream whose every write becomes a DATA frame; wrap it in io.BufferedWriter."""

    def __init__(self, connection: socket.socket) -> None:
        super().__init__()
        self._connection = connection

    def writable(self) -> bool:
        """A writer it is."""
        return True

    def write(self, data: object) -> int:
        """Send ``data`` (bytes-like) as one frame."""
        payload = bytes(data)  # type: ignore[call-overload]
        send(self._connection, DATA, payload)
        return len(payload)
