"""A release -> a SPARQL server that holds several side by side, through the Graph Store Protocol or SPARQL Update.

What a site asks are the graphs of one release (``kg.engine.naming``), and it asks a release only if its mark says that
it is complete. The mark is written last, so whatever happens before, the former release is what is served.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

import httpx2
import pyoxigraph as ox

from kg.config import Settings
from kg.engine import protocol
from kg.engine.naming import GraphNames, names_of
from kg.engine.probe import AVAILABLE, IDENTIFIER
from kg.errors import ConfigError, EngineUnavailable, KgError, ReleaseError
from kg.release.manifest import Release
from kg.terms import PREFIXES, graph_iri

_HAS_PART = PREFIXES["dcterms"] + "hasPart"
# How many triples go into one request: more than some servers take is of no use, fewer cost time.
_PART = {"graphs": 50_000, "update": 10_000}
_SECONDS = 600.0


@dataclass(frozen=True)
class Published:
    """What was done: the number of triples in each graph of the server, the graphs that were (re)loaded, and the
    releases that were dropped."""

    name: str
    graphs: dict[str, int]
    loaded: tuple[str, ...]
    dropped: tuple[str, ...]


@dataclass(frozen=True)
class _Mark:
    """What the server says of a release that it has, or has begun to have; ``available``: since when, "" if not yet."""

    name: str
    fingerprint: str
    available: str
    graphs: tuple[str, ...]


def publish(
    release: Release, settings: Settings, progress: Callable[[str], None] = lambda _: None, keep: int = 2
) -> Published:
    """Put ``release`` into the server that the settings name, and drop all but the ``keep`` newest releases there.

    Graphs that hold as many triples as they should are not loaded again, so what was broken off is taken up, and what
    was lost is mended. Raises ReleaseError if the server does not hold what it was sent, or refuses it;
    EngineUnavailable, ConfigError.
    """
    release.demand_files()
    names = names_of(release)
    try:
        with _Server(settings) as server:
            marks = {mark.name: mark for mark in server.marks(names.base)}
            loaded = _load(server, release, names, marks.get(names.name), progress)
            server.replace(names.mark, [_mark(names, release.fingerprint, datetime.now(UTC))])
            progress("dropping old releases")
            dropped = _drop_old(server, names, marks, keep)
            return Published(names.name, _wanted(release, names), loaded, dropped)
    except httpx2.HTTPError as error:
        raise protocol.unavailable(type(error).__name__) from None


def _wanted(release: Release, names: GraphNames) -> dict[str, int]:
    """How many triples each graph of the server should hold."""
    manifest = release.manifest
    return {names.union: manifest.triples["data"], **{names.stored[iri]: n for iri, n in manifest.graphs.items()}}


def _load(
    server: _Server, release: Release, names: GraphNames, former: _Mark | None, progress: Callable[[str], None]
) -> tuple[str, ...]:
    """Load what is not there; returns the names of those graphs."""
    wanted = _wanted(release, names)
    loaded: list[str] = []
    begun = former is not None and former.fingerprint == release.fingerprint
    for graph, triples in wanted.items():
        progress(f"looking at {graph}")
        if begun and server.count(graph) == triples:
            continue
        if not loaded:
            # From here on the release is not complete, and known to be there in parts.
            server.replace(names.mark, [_mark(names, release.fingerprint)])
        loaded.append(graph)
        progress(f"loading {graph}")
        server.replace(graph, _lines(release, names, graph), progress)
        if (held := server.count(graph)) != triples:
            raise ReleaseError(
                f"the server holds {held:,} triples in {graph}, the release has {triples:,}",
                "run kg publish again; if the number stays, the server takes different literals for the same",
            )
    return tuple(loaded)


def _mark(names: GraphNames, fingerprint: str, available: datetime | None = None) -> bytes:
    """The mark as N-Triples; without ``available`` that of a release that is not complete."""
    facts = [f'<{IDENTIFIER}> "{fingerprint}"']
    facts += [f"<{_HAS_PART}> <{graph}>" for graph in (names.union, *names.stored.values())]
    if available is not None:
        # A plain string: what servers make of a fraction of a second would not sort as text.
        facts.append(f'<{AVAILABLE}> "{available:%Y-%m-%dT%H:%M:%S.%fZ}"')
    return "".join(f"<{names.mark}> {fact} .\n" for fact in facts).encode()


def _drop_old(server: _Server, names: GraphNames, marks: dict[str, _Mark], keep: int) -> tuple[str, ...]:
    """Drop the releases beyond the newest, this one counted; those that never became complete count as oldest."""
    others = sorted((mark for mark in marks.values() if mark.name != names.name), key=lambda mark: mark.available)
    old = others[: max(0, len(others) - max(0, keep - 1))]
    for mark in old:
        graph_of_mark = f"{names.base}release/{mark.name}"
        for graph in mark.graphs:
            if graph.startswith(f"{graph_of_mark}/"):
                server.drop(graph)
        server.drop(graph_of_mark)  # last: until then it is known what is there
    return tuple(mark.name for mark in old)


def _lines(release: Release, names: GraphNames, graph: str) -> Iterator[bytes]:
    """The triples of a graph of the server, as lines of N-Triples, those with blank nodes last."""
    published = {stored: iri for iri, stored in names.stored.items()}.get(graph)
    if published == graph_iri(names.base, "meta"):
        source = _catalogue(release)
    else:
        source = _data(release, None if published is None else f" <{published}> .\n".encode())
    rename = _renaming(names)
    blank = []
    for line in source:
        # What a graph is called in its own data is what it is called by the server.
        renamed = rename(line)
        # A false alarm (in a literal) does no harm.
        if line.startswith(b"_:") or b" _:" in line:
            blank.append(renamed)
        else:
            yield renamed
    if blank:
        yield b"".join(blank)


def _renaming(names: GraphNames) -> Callable[[bytes], bytes]:
    stored = {f"<{iri}>".encode(): f"<{name}>".encode() for iri, name in names.stored.items()}
    pattern = re.compile(b"|".join(map(re.escape, stored)))
    return lambda line: pattern.sub(lambda match: stored[match[0]], line)


def _data(release: Release, end: bytes | None) -> Iterator[bytes]:
    """The published triples of the graph whose lines end so, of all graphs if it is None; each once."""
    former = b""
    with (release.path / "dumps/data.nq").open("rb") as lines:
        for line in lines:
            if end is None or line.endswith(end):
                triple = line[: line.rindex(b" <")] + b" .\n"
                # The lines are sorted, so the same triple in two graphs stands in two lines that follow each other.
                if triple != former:
                    yield triple
                former = triple


def _catalogue(release: Release) -> Iterator[bytes]:
    """The triples of the catalogue."""
    for quad in ox.parse(path=release.path / "catalogue.ttl", format=ox.RdfFormat.TURTLE):
        yield f"{quad.triple} .\n".encode()


class _Server:
    """A server that can be written to."""

    def __init__(self, settings: Settings) -> None:
        self._query, self._query_login = protocol.address(settings.endpoint, "the endpoint")
        if settings.endpoint_graphs:
            self._way, written = "graphs", settings.endpoint_graphs
        elif settings.endpoint_update:
            self._way, written = "update", settings.endpoint_update
        else:
            raise ConfigError(
                "nothing says how to write to the endpoint",
                "give --endpoint-graphs (Graph Store Protocol) or --endpoint-update (SPARQL Update)",
            )
        self._write, self._write_login = protocol.address(written, f"the endpoint for {self._way}")
        self._client = httpx2.Client(timeout=protocol.timeouts(_SECONDS), trust_env=False)

    def __enter__(self) -> _Server:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def replace(self, graph: str, lines: Iterable[bytes], progress: Callable[[str], None] = lambda _: None) -> None:
        """Let the triples be all that ``graph`` holds, some thousands at a time.

        What has blank nodes is one element of ``lines`` and so goes in one request: between two, they are not the same.
        """
        sent = 0
        rest = iter(lines)
        while part := list(islice(rest, _PART[self._way])):
            self._send(graph, b"".join(part), first=not sent)
            sent += len(part)
            progress(f"loading {graph}: {sent:,}")
        if not sent:
            self.drop(graph)

    def _send(self, graph: str, triples: bytes, first: bool) -> None:
        if self._way == "graphs":
            self._request("PUT" if first else "POST", self._of(graph), triples, "application/n-triples")
        else:
            name = f"<{graph}>".encode()
            drop = b"DROP SILENT GRAPH " + name + b" ;\n" if first else b""
            self._update(drop + b"INSERT DATA { GRAPH " + name + b" {\n" + triples + b"} }")

    def drop(self, graph: str) -> None:
        """Let there be nothing in ``graph``."""
        if self._way == "graphs":
            self._request("DELETE", self._of(graph))
        else:
            self._update(f"DROP SILENT GRAPH <{graph}>".encode())

    def _of(self, graph: str) -> httpx2.URL:
        return self._write.copy_merge_params({"graph": graph})

    def _update(self, text: bytes) -> None:
        self._request("POST", self._write, text, "application/sparql-update")

    def _request(self, method: str, url: httpx2.URL, content: bytes = b"", media_type: str = "") -> None:
        headers = {"Content-Type": media_type} if media_type else {}
        request = httpx2.Request(method, url, content=content, headers=headers)
        response = self._client.send(request, auth=self._write_login)
        if not response.is_success and not (method == "DELETE" and response.status_code == 404):
            raise _refused(response)

    def count(self, graph: str) -> int:
        """How many triples ``graph`` holds."""
        rows = self._rows(f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}")
        return int(rows[0]["n"])

    def marks(self, base: str) -> list[_Mark]:
        """The releases of the site at ``base``, whole or not."""
        found: dict[str, dict[str, set[str]]] = {}
        for row in self._rows(f"SELECT ?g ?p ?o {{ GRAPH ?g {{ ?g <{IDENTIFIER}> ?id ; ?p ?o }} }}"):
            name = row["g"].removeprefix(f"{base}release/")
            if name != row["g"] and "/" not in name:
                found.setdefault(name, {}).setdefault(row["p"], set()).add(row["o"])
        return [
            _Mark(
                name,
                min(facts[IDENTIFIER]),
                max(facts.get(AVAILABLE, {""})),
                tuple(sorted(facts.get(_HAS_PART, ()))),
            )
            for name, facts in found.items()
        ]

    def _rows(self, query: str) -> list[dict[str, str]]:
        response = self._client.send(protocol.asking(self._query, query, "json"), auth=self._query_login)
        if response.status_code != 200:
            raise _refused(response)
        try:
            bindings = response.json()["results"]["bindings"]
            return [{name: str(term["value"]) for name, term in row.items()} for row in bindings]
        except (ValueError, KeyError, TypeError):
            raise EngineUnavailable("the endpoint answers with what is no SPARQL result", "check --endpoint") from None


def _refused(response: httpx2.Response) -> KgError:
    if response.status_code in (401, 403):
        return ReleaseError(
            "the server refuses the log-in",
            "let the address begin with https://user:password@ of somebody who may write",
        )
    if response.status_code in (404, 405, 501):
        return ReleaseError(
            f"the server cannot be written to at this address (status {response.status_code})",
            "check --endpoint-graphs and --endpoint-update",
        )
    said = " ".join(response.text.split())[:300]
    return ReleaseError(f"the server refuses what it was sent: status {response.status_code}, {said}")
