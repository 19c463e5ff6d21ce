"""Asking endpoints over HTTP: one query on a kept-open connection, answers that can be compared, and load with wrk."""

from __future__ import annotations

import http.client
import json
import re
import subprocess
import tempfile
import time
import urllib.parse
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

import pyoxigraph as ox
from bench.servers import CLIENT_CORE, JSON, asking, pinned

QUERIES = Path(__file__).parent / "queries"
N_TRIPLES = "application/n-triples"
_XSD = "http://www.w3.org/2001/XMLSchema#"
_NUMBERS = {f"{_XSD}{name}" for name in ("integer", "decimal", "double", "float", "int", "long", "nonNegativeInteger")}

Term = tuple[str, ...]
Rows = Counter[tuple[object, ...]]


@dataclass(frozen=True)
class Answered:
    """One answer and how long it took; ``failure`` says in a word or two why there is none."""

    seconds: float
    body: bytes = b""
    media_type: str = ""
    failure: str = ""


@dataclass(frozen=True)
class Load:
    """What wrk saw of one server under one number of connections; times in milliseconds."""

    per_second: float
    p50: float
    p99: float
    errors: int


class Endpoint:
    """An endpoint that is asked with GET over one connection, which is kept open."""

    def __init__(self, name: str, url: str, timeout: float = 120) -> None:
        self.name = name
        self._url = url
        self._parts = urllib.parse.urlsplit(url)
        self._timeout = timeout
        self._connection: http.client.HTTPConnection | None = None

    def ask(self, text: str) -> Answered:
        """Send a query and read the whole answer; a connection that the server closed meanwhile is opened anew."""
        for last in (self._connection is None, True):
            begin = time.perf_counter()
            try:
                return self._asked(text)
            except TimeoutError:
                self.close()
                return Answered(time.perf_counter() - begin, failure="timeout")
            except (OSError, http.client.HTTPException) as error:
                self.close()
                if last:
                    return Answered(time.perf_counter() - begin, failure=type(error).__name__)
        raise AssertionError("the last attempt returns")

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def load(self, text: str, connections: int, seconds: float, distinct: bool) -> Load | None:
        """Let wrk ask on so many connections at once, ``distinct`` texts or the same; None if it cannot tell."""
        return wrk(self.address(text), connections, seconds, accept(text), distinct)

    def address(self, text: str) -> str:
        """The address that asks the query."""
        return asking(self._url, text)

    def _asked(self, text: str) -> Answered:
        if self._connection is None:
            self._connection = http.client.HTTPConnection(
                self._parts.hostname or "", self._parts.port, timeout=self._timeout
            )
            self._connection.connect()
        target = self.address(text).removeprefix(f"{self._parts.scheme}://{self._parts.netloc}")
        begin = time.perf_counter()
        self._connection.request("GET", target, headers={"Accept": accept(text)})
        answer = self._connection.getresponse()
        body = answer.read()
        seconds = time.perf_counter() - begin
        failure = "" if answer.status == 200 else f"HTTP {answer.status}"
        return Answered(seconds, body, answer.getheader("Content-Type") or "", failure)


def queries(only: str = "") -> dict[str, str]:
    """The queries of the mix by name; ``only`` has beginnings of names, separated by commas."""
    files = sorted(QUERIES.glob("*.rq"))
    wanted = tuple(part for part in only.split(",") if part)
    return {f.stem: f.read_text(encoding="utf-8") for f in files if not wanted or f.stem.startswith(wanted)}


def accept(text: str) -> str:
    """The media type to ask for: N-Triples for a graph, else JSON (good enough for queries that are kept here)."""
    lines = [line for line in text.splitlines() if not line.startswith(("#", "PREFIX"))]
    return N_TRIPLES if "".join(lines).startswith(("CONSTRUCT", "DESCRIBE")) else JSON


def rows(answered: Answered) -> Rows:
    """The rows of an answer, each as often as it is there; the triples of a graph once each."""
    if "json" not in answered.media_type:
        parsed = ox.parse(answered.body, ox.RdfFormat.N_TRIPLES)
        return Counter({(str(q.subject), str(q.predicate), _triple_object(q.object)) for q in parsed})
    said = json.loads(answered.body)
    if "boolean" in said:
        return Counter([(said["boolean"],)])
    names = sorted(said["head"]["vars"])
    if names == ["__ASK_RETVAL"]:  # how Virtuoso writes a truth value
        return Counter([(bool(int(said["results"]["bindings"][0][names[0]]["value"])),)])
    return Counter(tuple(_term(row.get(name)) for name in names) for row in said["results"]["bindings"])


def by_value(found: Rows) -> Rows:
    """The rows with each number as its value, however it is written and whichever numeric datatype it has."""
    changed: Rows = Counter()
    for row, count in found.items():
        changed[tuple(_valued(term) for term in row)] += count
    return changed


def compared(first: Rows, second: Rows) -> str:
    """In words: equal, equal by value, or different."""
    if first == second:
        return "equal"
    return "equal by value" if by_value(first) == by_value(second) else "different"


def difference(first: Rows, second: Rows, most: int = 1) -> list[str]:
    """A few rows that only one of two answers has, in short."""
    sides = (("only here: ", first - second), ("only there:", second - first))
    return [f"{side} {' | '.join(map(_short, row))}" for side, rest in sides for row in sorted(rest, key=str)[:most]]


def _short(term: object) -> str:
    if not isinstance(term, tuple):
        return "-" if term is None else str(term)
    return re.split("[#/]", term[1])[-1] if term[0] == "iri" else " ".join(filter(None, term[1:])).replace(_XSD, "xsd:")


def _term(binding: dict[str, str] | None) -> Term | None:
    if binding is None:
        return None
    if binding["type"] == "uri":
        return ("iri", binding["value"])
    if binding["type"] == "bnode":
        return ("blank",)
    datatype = binding.get("datatype", "")
    return (
        "literal",
        binding["value"],
        binding.get("xml:lang", "").lower(),
        "" if datatype == f"{_XSD}string" else datatype,
    )


def _triple_object(term: object) -> Term | str:
    if not isinstance(term, ox.Literal):
        return str(term)
    return ("literal", term.value, (term.language or "").lower(), "" if term.language else term.datatype.value)


def _valued(term: object) -> object:
    if isinstance(term, tuple) and term[0] == "literal" and term[3] in _NUMBERS:
        try:
            return ("number", Decimal(term[1]).normalize())
        except InvalidOperation:
            return term
    return term


_DISTINCT = """local n = 0
request = function() n = n + 1; return wrk.format("GET", wrk.path .. "%0A%23" .. n) end
"""


def wrk(
    target: str,
    connections: int,
    seconds: float,
    media_type: str,
    distinct: bool = False,
    timeout: int = 60,
    headers: Mapping[str, str] | None = None,
) -> Load | None:
    """Ask for one address on so many connections at once for so many seconds.

    With ``distinct`` the query at the end of the address gets a comment with another number in each request.
    ``headers`` are sent besides Accept.
    """
    script = """done = function(s, l, r) local e = s.errors
    io.write(string.format("RESULT %f %f %f %d\\n", s.requests / (s.duration / 1e6), l:percentile(50) / 1e3,
      l:percentile(99) / 1e3, e.connect + e.read + e.write + e.status + e.timeout)) end\n"""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(_DISTINCT * distinct + script)
        file.flush()
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds:g}s", "--timeout", f"{timeout}s"]
        for name, value in {"Accept": media_type, **(headers or {})}.items():
            command += ["-H", f"{name}: {value}"]
        command += ["-s", file.name, target]
        done = subprocess.run(pinned(command, CLIENT_CORE), capture_output=True, text=True, check=False)
    for line in done.stdout.splitlines():
        if line.startswith("RESULT"):
            per_second, p50, p99, errors = line.split()[1:]
            return Load(float(per_second), float(p50), float(p99), int(errors))
    return None


def as_json(load: Load | None) -> dict[str, float] | None:
    """The figures of a load, for a file."""
    return asdict(load) if load else None
