"""Clients that are slow, rude or many: sockets, and processes looked at from outside."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from prometheus_client.parser import text_string_to_metric_families

from tests.conftest import Server

JSON = "application/sparql-results+json"


def until(fact: Callable[[], bool], seconds: float = 12) -> bool:
    """True as soon as ``fact`` holds; False if it never does."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if fact():
            return True
        time.sleep(0.05)
    return False


def address(server: Server) -> tuple[str, int]:
    """Where a server listens."""
    host, _, port = server.url.removeprefix("http://").partition(":")
    return host, int(port)


def dial(server: Server, sent: bytes = b"", receive_buffer: int = 0) -> socket.socket:
    """A connection on which ``sent`` has been sent."""
    connection = socket.socket()
    if receive_buffer:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    connection.settimeout(30)
    connection.connect(address(server))
    connection.sendall(sent)
    return connection


def asking(query: str, accept: str = JSON, method: str = "GET", more: str = "") -> bytes:
    """A query as it goes over the wire."""
    head = f"{method} /sparql?query={quote(query)} HTTP/1.1\r\nHost: h\r\nAccept: {accept}\r\n{more}\r\n"
    return head.encode()


def read_all(connection: socket.socket) -> bytes:
    """What comes until the server hangs up, or says nothing for 30 seconds (an error then)."""
    found = []
    try:
        while part := connection.recv(65_536):
            found.append(part)
    except ConnectionResetError:
        pass
    return b"".join(found)


def hung_up(connection: socket.socket) -> bool:
    """True if the server ended the connection; what it had still to say is read."""
    try:
        read_all(connection)
    except TimeoutError:
        return False
    return True


def family(pid: int) -> list[int]:
    """A process and all below it."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            children.setdefault(parent, []).append(int(entry.name))
    found, left = [], [pid]
    while left:
        found.append(left.pop())
        left += children.get(found[-1], [])
    return found


def nursery(server: Server) -> tuple[int, list[int]]:
    """The process ID of the nursery (0 if there is none) and those of the query processes."""
    members = []
    for pid in family(server.process.pid):
        try:
            if "kg.engine.nursery" in Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " "):
                members.append(pid)
        except OSError:
            continue
    parents = [pid for pid in members if any(child in members for child in family(pid)[1:])]
    first = parents[-1] if parents else 0
    return first, [pid for pid in members if pid not in parents]


def memory(server: Server) -> int:
    """The memory of a server with all its processes in bytes, shared pages counted once (PSS)."""
    total = 0
    for pid in family(server.process.pid):
        try:
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        except OSError:
            continue
        total += next((int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")), 0) * 1024
    return total


def at_work(server: Server) -> int:
    """How many query processes take processor time now."""
    ticks = {pid: _ticks(pid) for pid in nursery(server)[1]}
    time.sleep(0.2)
    return sum(_ticks(pid) - before > 0.05 * os.sysconf("SC_CLK_TCK") for pid, before in ticks.items())


def _ticks(pid: int) -> int:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return int(fields[11]) + int(fields[12])


def numbers(server: Server) -> dict[str, float]:
    """The metrics by name, those of the same name added up; parsed as Prometheus parses them."""
    found: dict[str, float] = {}
    for metric in text_string_to_metric_families(server.get("/metrics").text):
        for sample in metric.samples:
            found[sample.name] = found.get(sample.name, 0) + sample.value
    return found


ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


def endless(number: int = 0) -> str:
    """A query without an end in sight, another text for each number."""
    return f"# {number}\n{ENDLESS}"


def half(number: int = 0) -> str:
    """A query that finds 3,000 rows of 500 bytes at once, and then searches without an end in sight."""
    never = '?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(CONCAT(STR(?c), STR(?f), STR(?i)) = "never")'
    return f"# {number}\nSELECT ?o {{ {{ {never} }} UNION {{ ?s <urn:x:p> ?o }} }}"
