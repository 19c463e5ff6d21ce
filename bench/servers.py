"""Servers that are measured: how each is given the graph, started, waited for, looked at and ended.

Only processes that were started here are ended, each with its own process group.
"""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ASK = "ASK {<x:s> <x:p> <x:o>}"
JSON = "application/sparql-results+json"
SERVER_CORE, CLIENT_CORE = "0", "1"
_AT_REST = 2.0  # a server that has done next to nothing for so many seconds is done with its start


class NotStarted(Exception):
    """A server ended, or did not answer in time."""


@dataclass(frozen=True)
class Kind:
    """One kind of server: the command that starts it on a port, its endpoint, and what it needs before or after."""

    name: str
    command: Callable[[int], list[str]]
    path: str
    environment: Mapping[str, str] = field(default_factory=dict)
    load: Callable[[str], None] | None = None  # after the start, given the server's address: into memory
    note: str = ""  # on its start-up


@dataclass(frozen=True)
class Memory:
    """What a process and all that descend from it hold; PSS counts a shared page once."""

    pss: float  # MiB
    processes: int
    descriptors: int


class Server:
    """A running server; ``ready`` is how many seconds it took from the start of its process to the first answer."""

    def __init__(self, kind: Kind, log: Path, limit: float = 600, core: str | None = None) -> None:
        self.kind = kind
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.url = f"{self.address}{kind.path}"
        command = pinned(kind.command(self.port), core)
        self._begin = begin = time.perf_counter()
        with log.open("ab") as out:
            self._process = subprocess.Popen(
                command, stdout=out, stderr=out, start_new_session=True, env={**os.environ, **kind.environment}
            )
        self.pid = self._process.pid
        try:
            if kind.load:
                self._wait(self._listens, begin + limit)
                kind.load(self.address)
            self._wait(self.answers, begin + limit)
        except BaseException as error:
            self.stop()
            if isinstance(error, OSError):
                raise NotStarted(str(error)) from error
            raise
        self.ready = time.perf_counter() - begin

    def answers(self) -> bool:
        """True if it answers a query."""
        request = urllib.request.Request(asking(self.url, ASK), headers={"Accept": JSON})
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return bool(answer.status == 200)
        except (OSError, http.client.HTTPException):
            return False

    def memory(self) -> Memory:
        """What it holds now."""
        return memory(self.pid)

    def settle(self, limit: float = 120) -> float:
        """Wait until it does next to nothing; returns how many seconds after its start that was.

        Some servers answer before they are done with their start, or work on for clients that are gone.
        """
        until, before = time.perf_counter() + limit, processor_seconds(self.pid)
        idle_since = time.perf_counter()
        while (now := time.perf_counter()) < until and now - idle_since < _AT_REST:
            time.sleep(0.25)
            taken = processor_seconds(self.pid)
            if abs(taken - before) > 0.05:  # less than before: a process has ended, and others take its place
                idle_since = time.perf_counter()
            before = taken
        return idle_since - self._begin

    def stop(self) -> None:
        """End it and all that it started."""
        for number, seconds in ((signal.SIGTERM, 20), (signal.SIGKILL, 20)):
            if self._process.poll() is not None:
                break
            os.killpg(self.pid, number)
            try:
                self._process.wait(seconds)
            except subprocess.TimeoutExpired:
                continue

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def _wait(self, fulfilled: Callable[[], bool], until: float) -> None:
        while not fulfilled():
            if self._process.poll() is not None:
                raise NotStarted(f"{self.kind.name} ended with exit code {self._process.returncode}")
            if time.perf_counter() > until:
                raise NotStarted(f"{self.kind.name} does not answer")
            time.sleep(0.005)


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def pinned(command: Sequence[str], core: str | None) -> list[str]:
    """The command on one processor core, where there are several and taskset is there."""
    if core is None or (os.cpu_count() or 1) < 2 or not shutil.which("taskset"):
        return list(command)
    return ["taskset", "-c", core, *command]


def memory(pid: int) -> Memory:
    """What the process and all that descend from it hold."""
    pss = descriptors = 0
    processes = _tree(pid)
    for process in processes:
        try:
            rollup = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii")
            pss += sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
            descriptors += sum(1 for _ in Path(f"/proc/{process}/fd").iterdir())
        except OSError:  # it has just ended
            continue
    return Memory(pss / 1024, len(processes), descriptors)


def processor_seconds(pid: int) -> float:
    """The processor time that the process and all that descend from it have had."""
    ticks = 0
    for process in _tree(pid):
        try:
            stat = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        ticks += sum(int(part) for part in stat.rpartition(")")[2].split()[11:13])
    return ticks / os.sysconf("SC_CLK_TCK")


def asking(url: str, text: str) -> str:
    """The address that asks an endpoint a query."""
    return f"{url}{'&' if '?' in url else '?'}{urllib.parse.urlencode({'query': text})}"


def _tree(pid: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[1])
        except OSError:
            continue
        children.setdefault(parent, []).append(int(stat.parent.name))
    found = [pid]
    for process in found:
        found += children.get(process, [])
    return found


def ours(project: Path, environment: Mapping[str, str], name: str = "kg") -> Kind:
    """This project's server on the current release of a project."""

    def command(port: int) -> list[str]:
        return [sys.executable, "-m", "kg", "serve", "--project", str(project), "--port", str(port)]

    return Kind(name, command, "/sparql", environment)


def oxigraph_in_memory(program: str, data: Path) -> Kind:
    """Oxigraph's own server; the graph is sent to it after each start."""

    def load(address: str) -> None:
        with data.open("rb") as body:
            request = urllib.request.Request(
                f"{address}/store?default",
                data=body,
                method="PUT",
                headers={"Content-Type": "application/n-triples", "Content-Length": str(data.stat().st_size)},
            )
            urllib.request.urlopen(request, timeout=600).close()

    def command(port: int) -> list[str]:
        return [program, "serve", "--bind", f"127.0.0.1:{port}"]

    return Kind("ox-memory", command, "/query", load=load, note="with its loading")


def oxigraph_on_disk(program: str, data: Path, folder: Path) -> Kind:
    """Oxigraph's own server on a store that was loaded and optimized before."""
    store = folder / "oxigraph"
    if not store.exists():
        _run(program, "load", "--location", str(store), "--file", str(data))
        _run(program, "optimize", "--location", str(store))

    def command(port: int) -> list[str]:
        return [program, "serve-read-only", "--location", str(store), "--bind", f"127.0.0.1:{port}"]

    return Kind("ox-disk", command, "/query")


def rdflib_endpoint(program: str, data: Path) -> Kind:
    """rdflib's own engine behind HTTP; it reads the file at each start."""

    def command(port: int) -> list[str]:
        return [program, "serve", "--host", "127.0.0.1", "--port", str(port), str(data)]

    return Kind("rdflib", command, "/", note="with its loading")


_VIRTUOSO_INI = """\
[Database]
DatabaseFile = {folder}/virtuoso.db
ErrorLogFile = {folder}/virtuoso.log
LockFile = {folder}/virtuoso.lck
TransactionFile = {folder}/virtuoso.trx
xa_persistent_file = {folder}/virtuoso.pxa
ErrorLogLevel = 3
FileExtend = 200
MaxCheckpointRemap = 2000

[TempDatabase]
DatabaseFile = {folder}/virtuoso-temp.db
TransactionFile = {folder}/virtuoso-temp.trx
MaxCheckpointRemap = 2000

[Parameters]
ServerPort = 127.0.0.1:{sql_port}
ServerThreads = 100
ThreadsPerQuery = 1
NumberOfBuffers = 170000
MaxDirtyBuffers = 130000
DefaultIsolation = 2
CheckpointInterval = 0
DirsAllowed = {folder}, {data_folder}
MaxQueryMem = 2G
VectorSize = 1000
TempAllocationPct = 50

[HTTPServer]
ServerPort = 127.0.0.1:{port}
ServerThreads = 80
MaxClientConnections = 80
MaxKeepAlives = 80
KeepAliveTimeout = 60
HTTPThreadSize = 280000

[SPARQL]
ResultSetMaxRows = 10000000
MaxQueryExecutionTime = 600
MaxQueryCostEstimationTime = 100000

[Client]
SQL_QUERY_TIMEOUT = 0
"""
_VIRTUOSO_GRAPH = "urn:x-bench:graph"


def virtuoso(program: str, isql: str, data: Path, folder: Path) -> Kind:
    """Virtuoso on a database of its own that was loaded before."""
    database = folder / "virtuoso"
    ini, sql_port = database / "virtuoso.ini", free_port()

    def command(port: int) -> list[str]:
        written = _VIRTUOSO_INI.format(folder=database, data_folder=data.parent, sql_port=sql_port, port=port)
        ini.write_text(written, encoding="utf-8")
        return [program, "+foreground", "+configfile", str(ini)]

    # Without the name of a graph it would answer from its own graphs, too.
    kind = Kind("virtuoso", command, f"/sparql?{urllib.parse.urlencode({'default-graph-uri': _VIRTUOSO_GRAPH})}")
    if not database.exists():
        database.mkdir()
        server = Server(kind, folder / "virtuoso-load.log", 120)
        try:
            orders = (
                f"ld_dir('{data.parent}', '{data.name}', '{_VIRTUOSO_GRAPH}'); rdf_loader_run(); checkpoint; shutdown;"
            )
            _run(isql, f"127.0.0.1:{sql_port}", "dba", "dba", "VERBOSE=OFF", f"exec={orders}")
        except BaseException:
            shutil.rmtree(database, ignore_errors=True)
            raise
        finally:
            server.stop()
    return kind


def static_files(program: str, folder: Path, files: Mapping[str, tuple[bytes, str]]) -> Kind:
    """nginx with one process that serves answers from files; ``files`` has content and media type by name."""
    root = folder / "nginx"
    root.mkdir(exist_ok=True)
    places = []
    for name, (content, media_type) in files.items():
        (root / name).write_bytes(content)
        places.append(f"location = /{name} {{ root {root}; types {{ }} default_type '{media_type}'; }}")

    def command(port: int) -> list[str]:
        settings = f"""
daemon off; worker_processes 1; pid {root}/nginx.pid; error_log {root}/error.log;
events {{ worker_connections 1024; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000; open_file_cache max=100;
  client_body_temp_path {root}; proxy_temp_path {root}; fastcgi_temp_path {root};
  uwsgi_temp_path {root}; scgi_temp_path {root};
  server {{ listen 127.0.0.1:{port}; location = /ready {{ return 200; }} {" ".join(places)} }}
}}"""
        (root / "nginx.conf").write_text(settings, encoding="utf-8")
        return [program, "-c", str(root / "nginx.conf"), "-p", str(root), "-e", str(root / "error.log")]

    return Kind("nginx", command, "/ready")


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotStarted(f"{Path(command[0]).name}: {(done.stderr or done.stdout).strip()[-500:]}")
