"""Well-behaved clients of a server while others try to wear it out: does anybody notice?

    python -m bench.siege --project FOLDER [--seconds 30] [--runaways 200] [--seed 7] [--cached]
    python -m bench.siege --url http://127.0.0.1:8000/sparql --pid PID

The server has the made-up graph (bench/project.py). Eight clients ask the query mix with varying constants, no text
twice, or, with ``--cached``, always the same: first undisturbed, then while the runaways arrive within a minute, then
until the last of those has been dealt with, then undisturbed again. The runaways are queries that would need hours or
all memory, clients that read or send a little and then no more, and clients that hang up. Printed are the failures and
times of the well-behaved, what became of the runaways, and what memory, processes and descriptors the server had. The
runaways have a process of their own, so that they do not slow down the clients that are measured. Nothing is asserted.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import itertools
import json
import math
import multiprocessing
import random
import re
import socket
import sys
import tempfile
import time
import urllib.parse
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

from bench.asking import accept, queries
from bench.generate import BASE
from bench.project import made_release
from bench.servers import JSON, Memory, Server, memory, ours

from kg.config import Settings

PATIENCE = 60.0  # seconds until a client gives up, well-behaved or not
MINUTE = 60.0
WARM_UP = 3.0  # seconds that do not count
SLOW_BYTES = 1000  # a second
_NUMBER = "\n# request "
_PREFIX = f"PREFIX o: <{BASE}ontology#>\nPREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>\n"
_WORDS = ["budget", "brigade", "corridor", "frigate", "guarantee", "mandate", "patrol", "summit", "treaty"]
_NUMBERS = " ".join(map(str, range(20_000)))
_ALL_TWICE = "?a ?b ?c . ?d ?e ?f"

# Queries that nobody can answer in time.
ENDLESS = {
    "cartesian product": f"SELECT (COUNT(*) AS ?n) {{ {_ALL_TWICE} . ?g ?h ?i }}",
    "path over everything": "SELECT (COUNT(*) AS ?n) { ?a (!<urn:x-none>|^(!<urn:x-none>))+ ?b }",
    "regular expression": f"SELECT (COUNT(*) AS ?n) {{ {_ALL_TWICE} FILTER(REGEX(CONCAT(STR(?c), STR(?f)), "
    '"^((([a-z ])+.)+[A-Z]?([a-z])+){1,40}#$")) }',
    "20,000 values twice": f"SELECT (COUNT(*) AS ?n) {{ VALUES ?a {{ {_NUMBERS} }} VALUES ?b {{ {_NUMBERS} }} "
    "FILTER(?a * ?b < 0) }",
    "huge CONSTRUCT": f"CONSTRUCT {{ {_ALL_TWICE} }} WHERE {{ {_ALL_TWICE} }}",
    "endless ORDER BY": f"SELECT * {{ {_ALL_TWICE} }} ORDER BY ?c DESC(?f) ?a",
    "everything in one text": f"SELECT (GROUP_CONCAT(CONCAT(STR(?c), STR(?f))) AS ?x) {{ {_ALL_TWICE} }}",
    "text that doubles": 'SELECT (STRLEN(?x32) AS ?n) { BIND("0123456789abcdef" AS ?x0) '
    + " ".join(f"BIND(CONCAT(?x{i}, ?x{i}) AS ?x{i + 1})" for i in range(32))
    + " }",
}
_EVERYTHING = "SELECT * { ?s ?p ?o } LIMIT 200000"


@dataclass(frozen=True)
class Asked:
    """One request of a well-behaved client; ``failure`` is empty if it got the answer that it should."""

    begin: float
    seconds: float
    query: str
    failure: str


@dataclass(frozen=True)
class Runaway:
    """What became of a runaway, and after how many seconds."""

    kind: str
    outcome: str
    seconds: float


@dataclass(frozen=True)
class Phase:
    """What the well-behaved saw in one part of the siege; times in milliseconds."""

    seconds: float
    requests: int
    failures: dict[str, int]
    p50: float
    p99: float
    p99_by_query: dict[str, float]


@dataclass(frozen=True)
class Report:
    """All that a siege found; memory is unknown without the server's process."""

    quiet: Phase
    siege: Phase
    ebb: Phase
    after: Phase
    runaways: list[Runaway]
    before: Memory | None = None
    afterwards: Memory | None = None
    peak: float = 0.0
    failures: dict[str, int] = field(default_factory=dict)

    def ratio(self, part: str = "p99") -> float:
        """The time under siege over the quiet one."""
        quiet = float(getattr(self.quiet, part))
        return float(getattr(self.siege, part)) / quiet if quiet else math.nan


@dataclass(frozen=True)
class _Target:
    host: str
    port: int
    path: str

    @classmethod
    def of(cls, url: str) -> _Target:
        parts = urllib.parse.urlsplit(url)
        return cls(parts.hostname or "127.0.0.1", parts.port or 80, parts.path)

    def get(self, text: str, more: str = "") -> bytes:
        asked = f"{self.path}?{urllib.parse.urlencode({'query': text})}"
        return f"GET {asked} HTTP/1.1\r\nHost: {self.host}\r\nAccept: {accept(text)}\r\n{more}\r\n".encode()

    def post(self, body: bytes, length: int | None = None, more: str = "") -> bytes:
        heading = (
            f"POST {self.path} HTTP/1.1\r\nHost: {self.host}\r\nAccept: {JSON}\r\n{more}"
            f"Content-Type: application/sparql-query\r\nContent-Length: {length or len(body)}\r\n\r\n"
        )
        return heading.encode() + body


def siege(
    url: str,
    seed: int = 7,
    seconds: float = 30,
    runaways: int = 200,
    good: int = 8,
    over: float = MINUTE,
    pid: int | None = None,
    cached: bool = False,
    pause: float = 0.5,
    only: str = "",
    patience: float = PATIENCE,
) -> Report:
    """Besiege the endpoint ``url``: ``runaways`` within ``over`` seconds, with ``seconds`` of quiet before and after.

    ``pid`` is the server's process, to look at its memory; ``pause`` is how many seconds a well-behaved client waits
    between two requests, on average; ``only`` chooses queries of the mix by the beginnings of their names.
    Nobody waits longer than ``patience`` seconds for anything.
    """
    return asyncio.run(_siege(url, seed, seconds, runaways, good, over, pid, cached, pause, only, patience))


async def _siege(
    url: str,
    seed: int,
    seconds: float,
    runaways: int,
    good: int,
    over: float,
    pid: int | None,
    cached: bool,
    pause: float,
    only: str,
    patience: float,
) -> Report:
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    besiegers = context.Process(target=_besiege, args=(there, url, seed, runaways, over, pid, patience), daemon=True)
    besiegers.start()
    loop = asyncio.get_running_loop()
    await loop.run_in_executor(None, here.recv)  # it is ready
    asked: list[Asked] = []
    seen: dict[str, bytes] = {}
    mix = await _Mix.of(_Client(url, seen), queries(only), cached)
    clients = [
        asyncio.create_task(_behave(_Client(url, seen), mix, random.Random(f"{seed} {n}"), pause, patience, asked))
        for n in range(good)
    ]
    await asyncio.sleep(WARM_UP)
    marks = [loop.time()]
    await asyncio.sleep(seconds)
    before = memory(pid) if pid else None
    marks.append(loop.time())
    here.send(True)
    await asyncio.sleep(over)
    marks.append(loop.time())
    outcomes, peak = await loop.run_in_executor(None, here.recv)
    marks.append(loop.time())
    await asyncio.sleep(seconds)
    marks.append(loop.time())
    after = memory(pid) if pid else None
    for client in clients:
        client.cancel()
    await asyncio.gather(*clients, return_exceptions=True)
    besiegers.join()
    quiet, under, ebb, then = (
        _phase([a for a in asked if begin <= a.begin < end], end - begin) for begin, end in itertools.pairwise(marks)
    )
    failures = Counter(f"{a.query}: {a.failure}" for a in asked if a.failure)
    return Report(quiet, under, ebb, then, outcomes, before, after, peak, failures=dict(failures))


def percentile(values: Sequence[float], share: float) -> float:
    """The value that the share of the values does not exceed; not a number if there are none."""
    return sorted(values)[min(len(values) - 1, math.ceil(share * len(values)) - 1)] if values else math.nan


def _phase(asked: Sequence[Asked], seconds: float) -> Phase:
    times = [1000 * a.seconds for a in asked]
    by_query: dict[str, list[float]] = {}
    for a in asked:
        by_query.setdefault(a.query, []).append(1000 * a.seconds)
    return Phase(
        seconds,
        len(asked),
        dict(Counter(a.failure for a in asked if a.failure)),
        percentile(times, 0.5),
        percentile(times, 0.99),
        {query: percentile(several, 0.99) for query, several in sorted(by_query.items())},
    )


class _Mix:
    """The queries of the mix, with constants that are drawn anew each time."""

    def __init__(self, texts: dict[str, str], counts: dict[str, int], cached: bool) -> None:
        self.texts = texts
        self._counts = counts
        self._cached = cached
        self._numbers = itertools.count()

    @classmethod
    async def of(cls, client: _Client, texts: dict[str, str], cached: bool) -> _Mix:
        patterns = {
            "pledge/": "?s a o:Pledge",
            "event/": "?s o:startDate ?d",
            "place/": "?s a o:Place",
            "actor/state-": "?s a o:State",
            "actor/org-": "?s a ?c VALUES ?c { o:Organisation o:Alliance }",
        }
        counts = {}
        for path, pattern in patterns.items():
            body = await client.answer(f"{_PREFIX}SELECT (COUNT(DISTINCT ?s) AS ?n) {{ {pattern} }}")
            counts[path] = int(json.loads(body)["results"]["bindings"][0]["n"]["value"])
        client.close()
        return cls(texts, counts, cached)

    def draw(self, chance: random.Random) -> tuple[str, str]:
        """The name and text of a query."""
        name = chance.choice(list(self.texts))
        text = self.texts[name]
        if self._cached:
            return name, text

        def other(found: re.Match[str]) -> str:
            return f"<{BASE}{found[1]}{chance.randrange(max(1, self._counts[found[1]]))}>"

        text = re.sub(rf"<{BASE}(pledge/|event/|place/|actor/state-|actor/org-)\d+>", other, text)
        year = chance.randrange(2022, 2026)
        text = text.replace('"2024-', f'"{year}-').replace("frigate patrol", " ".join(chance.choices(_WORDS, k=2)))
        text = text.replace("LIMIT 20\n", f"LIMIT {chance.randrange(10, 40)}\n")
        # The same constants come again; without a number more and more answers would be kept ones as time goes by.
        return name, f"{text.rstrip()}{_NUMBER}{next(self._numbers)}"


async def _behave(
    client: _Client, mix: _Mix, chance: random.Random, pause: float, patience: float, asked: list[Asked]
) -> None:
    """Ask one query of the mix after the other, until cancelled."""
    loop = asyncio.get_running_loop()
    try:
        while True:
            if pause:
                await asyncio.sleep(chance.expovariate(1 / pause))
            name, text = mix.draw(chance)
            begin = loop.time()
            failure = ""
            try:
                async with asyncio.timeout(patience):
                    body = await client.answer(text)
                seconds = loop.time() - begin
                failure = client.fault(text, body)
            except (OSError, EOFError, ValueError) as error:  # TimeoutError is an OSError
                seconds = loop.time() - begin
                failure = str(error) if isinstance(error, ValueError) else type(error).__name__
                client.close()
            asked.append(Asked(begin, seconds, name, failure))
    finally:
        client.close()


class _Client:
    """One kept-open connection; ``seen`` keeps what each query was answered with, to compare."""

    def __init__(self, url: str, seen: dict[str, bytes]) -> None:
        self._target = _Target.of(url)
        self._seen = seen
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def answer(self, text: str) -> bytes:
        """The whole answer. Raises ValueError for any status but 200, OSError or EOFError if the connection breaks."""
        kept = self._reader is not None
        try:
            return await self._asked(text)
        except (ConnectionError, asyncio.IncompleteReadError) as error:
            self.close()
            if not kept or (isinstance(error, asyncio.IncompleteReadError) and error.partial):
                raise
            return await self._asked(text)  # the server may close a connection that nobody has used for a while

    def fault(self, text: str, body: bytes) -> str:
        """What is wrong with an answer, whatever the order of its rows; "" if nothing is."""
        parts = body.splitlines()
        if accept(text) == JSON:
            try:
                said = json.loads(body)
                rows = said["results"]["bindings"] if "results" in said else [said["boolean"]]
            except (ValueError, KeyError):
                return "no whole answer"
            parts = [json.dumps(row, sort_keys=True).encode() for row in rows]
        asked = text.partition(_NUMBER)[0]
        held = hashlib.sha256(b"\n".join(sorted(parts))).digest()
        return "" if self._seen.setdefault(asked, held) == held else "another answer than before"

    def close(self) -> None:
        """Close the connection."""
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None

    async def _asked(self, text: str) -> bytes:
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(self._target.host, self._target.port)
        self._writer.write(self._target.get(text))
        status, headers = await _heading(self._reader)
        body = await _body(self._reader, headers)
        if headers.get("connection", "").lower() == "close":
            self.close()
        if status != 200:
            raise ValueError(_status(status, headers, body))
        return body


async def _heading(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").rstrip().split("\r\n")
    pairs = (line.partition(":") for line in lines)
    return int(first.split()[1]), {name.lower(): value.strip() for name, _, value in pairs}


async def _body(reader: asyncio.StreamReader, headers: dict[str, str], most: int | None = None) -> bytes:
    """The body; with ``most`` it is read in parts, and only the last of them is kept."""
    if "chunked" in headers.get("transfer-encoding", ""):
        parts: list[bytes] = []
        while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
            part = await reader.readexactly(size + 2)
            parts = [*(parts if most is None else []), part[:-2]]
        await reader.readuntil(b"\r\n")
        return b"".join(parts)
    if "content-length" in headers:
        left, last = int(headers["content-length"]), b""
        if most is None:
            return await reader.readexactly(left)
        while left:
            last = await reader.readexactly(min(left, most))
            left -= len(last)
        return last
    return await reader.read()


def _besiege(pipe: Connection, url: str, seed: int, number: int, over: float, pid: int | None, patience: float) -> None:
    """The process of the runaways: waits for the word, sends them all, and tells what became of them."""
    pipe.send(True)
    try:
        pipe.recv()
    except EOFError:
        return
    pipe.send(asyncio.run(_all_runaways(_Target.of(url), seed, number, over, pid, patience)))


async def _all_runaways(
    target: _Target, seed: int, number: int, over: float, pid: int | None, patience: float
) -> tuple[list[Runaway], float]:
    chance = random.Random(seed)
    kinds = list(_KINDS)
    chosen = [kinds[n % len(kinds)] for n in range(number)]
    chance.shuffle(chosen)
    arrivals = sorted(chance.uniform(0, over) for _ in chosen)
    watching = asyncio.create_task(_watch(pid))
    outcomes = await asyncio.gather(
        *(_run_away(kind, target, after, patience) for kind, after in zip(chosen, arrivals, strict=True))
    )
    watching.cancel()
    return outcomes, await watching


async def _watch(pid: int | None) -> float:
    """The most memory that the server had, until cancelled."""
    peak = 0.0
    with suppress(asyncio.CancelledError):
        while pid:
            peak = max(peak, memory(pid).pss)
            await asyncio.sleep(0.5)
    return peak


async def _run_away(kind: str, target: _Target, after: float, patience: float) -> Runaway:
    await asyncio.sleep(after)
    begin = time.perf_counter()
    try:
        async with asyncio.timeout(patience):
            outcome = await _KINDS[kind](target)
    except TimeoutError:
        outcome = "still open"
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionResetError, BrokenPipeError):
        outcome = "broken off"
    except OSError as error:
        outcome = type(error).__name__
    return Runaway(kind, outcome, time.perf_counter() - begin)


async def _told(reader: asyncio.StreamReader) -> str:
    try:
        status, headers = await _heading(reader)
    except asyncio.IncompleteReadError as error:
        if error.partial:
            raise
        return "closed"
    try:
        body = await _body(reader, headers, 65_536)
    except (asyncio.IncompleteReadError, ConnectionError):
        return f"HTTP {status}, broken off"
    return _status(status, headers, body)


def _status(status: int, headers: dict[str, str], body: bytes) -> str:
    detail = json.loads(body).get("detail", "") if "problem+json" in headers.get("content-type", "") else ""
    return f"HTTP {status} {detail[:50]}".strip()


async def _sent(target: _Target, request: bytes) -> str:
    reader, writer = await asyncio.open_connection(target.host, target.port)
    try:
        writer.write(request)
        return await _told(reader)
    finally:
        writer.close()


def _endless(text: str) -> Callable[[_Target], Awaitable[str]]:
    async def run(target: _Target) -> str:
        close = "Connection: close\r\n"
        long = len(text) > 8_000
        return await _sent(target, target.post(text.encode(), more=close) if long else target.get(text, close))

    return run


async def _half_a_heading(target: _Target) -> str:
    return await _sent(target, target.get("ASK {}")[:-2] + b"X-More: ")


async def _half_a_body(target: _Target) -> str:
    return await _sent(target, target.post(b"SELECT * { ?s ?p", 10_000))


async def _hang_up(target: _Target) -> str:
    _, writer = await asyncio.open_connection(target.host, target.port)
    writer.write(target.get(ENDLESS["cartesian product"]))
    await asyncio.sleep(0.5)
    writer.close()
    return "hung up"


async def _read_slowly(target: _Target) -> str:
    loop = asyncio.get_running_loop()
    with socket.socket() as reader:
        reader.setblocking(False)
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        await loop.sock_connect(reader, (target.host, target.port))
        await loop.sock_sendall(reader, target.get(_EVERYTHING, "Connection: close\r\n"))
        status = ""
        while part := await loop.sock_recv(reader, SLOW_BYTES):
            status = status or f"HTTP {part.split()[1].decode('ascii', 'replace')}"
            if status != "HTTP 200":
                return status
            try:
                await asyncio.sleep(len(part) / SLOW_BYTES)
            except asyncio.CancelledError:
                break
        else:
            return f"{status}, ended by the server" if status else "closed"
        return f"{status}, still being read"


_KINDS: dict[str, Callable[[_Target], Awaitable[str]]] = {
    **{kind: _endless(_PREFIX + text) for kind, text in ENDLESS.items()},
    "slow reader": _read_slowly,
    "half a heading": _half_a_heading,
    "half a body": _half_a_body,
    "hangs up": _hang_up,
}


def printed(report: Report, limit: float) -> str:
    """The report for people."""
    lines = [f"{'':10}{'seconds':>9}{'requests':>10}{'failed':>8}{'p50, ms':>10}{'p99, ms':>10}{'p50':>8}{'p99':>8}"]
    for name in ("quiet", "siege", "ebb", "after"):
        phase: Phase = getattr(report, name)
        p50, p99 = phase.p50 / report.quiet.p50, phase.p99 / report.quiet.p99
        lines.append(
            f"{name:10}{phase.seconds:>9.1f}{phase.requests:>10,}{sum(phase.failures.values()):>8}"
            f"{phase.p50:>10.2f}{phase.p99:>10.2f}{p50:>8.2f}{p99:>8.2f}"
        )
    lines.append("(last columns: over quiet; ebb: until the last runaway was dealt with)")
    lines.append(f"failures of good requests: {sum(report.failures.values())}")
    lines += [f"  {count} {failure}" for failure, count in sorted(report.failures.items())]
    lines.append(f"\n{'runaways':26}{'number':>7}{'longest, s':>12}  outcomes (limit for a query: {limit:g} s)")
    for kind in _KINDS:
        several = [r for r in report.runaways if r.kind == kind]
        if several:
            (first, *rest) = (f"{n} {outcome}" for outcome, n in Counter(r.outcome for r in several).most_common())
            lines.append(f"{kind:26}{len(several):>7}{max(r.seconds for r in several):>12.1f}  {first}")
            lines += [f"{'':47}{other}" for other in rest]
    if report.before and report.afterwards:
        before, after = report.before, report.afterwards
        lines.append(f"\nMiB: {before.pss:,.0f} quiet, {report.peak:,.0f} at most, {after.pss:,.0f} afterwards")
        lines.append(f"processes: {before.processes} before, {after.processes} afterwards")
        lines.append(f"descriptors: {before.descriptors} before, {after.descriptors} afterwards")
    return "\n".join(lines)


def main() -> None:
    """Besiege and print."""
    parser = argparse.ArgumentParser(description="Besiege a server and see what its well-behaved clients notice.")
    parser.add_argument("--url", help="the endpoint of a server that runs already (one is started)")
    parser.add_argument("--pid", type=int, help="with --url: the server's process, to look at its memory")
    parser.add_argument("--project", type=Path, help="where the made-up project is or shall be (a temporary folder)")
    parser.add_argument("--triples", type=int, default=1_000_000, help="about (%(default)s)")
    parser.add_argument("--seconds", type=float, default=30, help="of quiet, before and after (%(default)s)")
    parser.add_argument("--runaways", type=int, default=200, help="(%(default)s)")
    parser.add_argument("--over", type=float, default=MINUTE, help="seconds within which they arrive (%(default)s)")
    parser.add_argument("--good", type=int, default=8, help="well-behaved clients (%(default)s)")
    parser.add_argument("--pause", type=float, default=0.5, help="seconds between two requests of one (%(default)s)")
    parser.add_argument("--only", default="", help="beginnings of the names of queries, separated by commas")
    parser.add_argument("--cached", action="store_true", help="always the same constants")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--limit", type=float, default=Settings().query_seconds, help="of a query (%(default)s s)")
    parser.add_argument("--out", type=Path, help="a file for all figures, as JSON")
    asked = parser.parse_args()

    def run(url: str, pid: int | None) -> Report:
        return siege(
            url, asked.seed, asked.seconds, asked.runaways, asked.good, asked.over, pid, asked.cached, asked.pause,
            asked.only,
        )  # fmt: skip

    if asked.url:
        report = run(asked.url, asked.pid)
    else:
        project = (asked.project or Path(tempfile.gettempdir()) / f"kg-bench-{asked.triples}").resolve()
        release = made_release(project, asked.triples)
        log = project / "siege.log"
        print(f"release {release.manifest.name}; the server's log: {log}", file=sys.stderr)
        server = Server(ours(project, {"KG_QUERY_SECONDS": f"{asked.limit:g}"}), log)
        try:
            server.settle()
            report = run(server.url, server.pid)
        finally:
            server.stop()
    print(printed(report, asked.limit))
    if asked.out:
        asked.out.write_text(json.dumps(asdict(report), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
