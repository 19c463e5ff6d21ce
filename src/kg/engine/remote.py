"""The engine over a SPARQL server that somebody else runs: any that speaks the SPARQL 1.1 Protocol.

What the visitor sees is the same as with the embedded engine: the names of graphs (``naming``), the limits, the
formats, the errors (``protocol``). Visitors' text is never parsed in this process, only cut into tokens: a query that
fells a parser must not fell the site.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator
from concurrent.futures import ThreadPoolExecutor

import httpx2

from kg import sparql
from kg.config import Settings
from kg.engine import Cut, Query, convert, protocol
from kg.engine.cut import Cutter, comment
from kg.engine.formats import demand_format
from kg.engine.modesty import demand_modesty
from kg.engine.naming import Replacing, Told, names_of, told
from kg.engine.probe import Abilities, probe
from kg.engine.underway import Exchange, Gate, RemoteStream, closing
from kg.errors import QueryError
from kg.release.manifest import Release

_LONG_TEXT = 10_000  # from how many characters on a text is read in a thread
_BOOLEAN_BYTES = 100_000
# Virtuoso 7.2.5: blank nodes have labels that no format takes, booleans are 0 and 1. What stands for them here can
# stand nowhere else: no release has a boolean 0 or 1, and a quotation mark inside of a string is escaped.
_VIRTUOSO = {
    "json": (
        (b'"bnode", "value": "nodeID://', b'"bnode", "value": "'),
        (b'XMLSchema#boolean", "value": "1"', b'XMLSchema#boolean", "value": "true"'),
        (b'XMLSchema#boolean", "value": "0"', b'XMLSchema#boolean", "value": "false"'),
    ),
    "ntriples": (
        (b'\t"1"^^<http://www.w3.org/2001/XMLSchema#boolean>', b'\t"true"^^<http://www.w3.org/2001/XMLSchema#boolean>'),
        (
            b'\t"0"^^<http://www.w3.org/2001/XMLSchema#boolean>',
            b'\t"false"^^<http://www.w3.org/2001/XMLSchema#boolean>',
        ),
    ),
}


class RemoteEngine:
    """Answers queries over one release, which ``kg publish`` has put into the server at ``settings.endpoint``."""

    def __init__(self, release: Release, settings: Settings) -> None:
        """Ask the server what it is like; waits for its answers.

        Raises ReleaseError if the release is not there, EngineUnavailable if the server does not answer, ConfigError.
        """
        self._settings = settings
        self._names = names_of(release)
        self._services = frozenset(settings.services.split())
        self._address, self._login = protocol.address(settings.endpoint, "the endpoint")
        self._abilities: Abilities = probe(self._address, self._login, release, settings.query_seconds)
        limit = settings.query_processes + settings.long_processes
        self._gate = Gate(limit, settings.queue_length, settings.queue_seconds)
        self._threads = ThreadPoolExecutor(limit, "answers")
        self._client = httpx2.AsyncClient(
            timeout=protocol.timeouts(None),
            # Given up sooner than servers do, so that none is used at the moment when it closes.
            limits=httpx2.Limits(max_connections=limit, max_keepalive_connections=limit, keepalive_expiry=2),
            trust_env=False,  # an address of the operator's own, not to be sent through a proxy
        )
        self._streams: set[RemoteStream] = set()
        self._closed = False

    @property
    def name(self) -> str:
        """``remote`` and what the server calls itself."""
        server = re.sub(r"[^A-Za-z0-9.]+", "-", self._abilities.server)[:40].strip("-")
        return f"remote-{server}" if server else "remote"

    def prepare(self) -> None:
        """Nothing is to be done here; the server behind is there already."""

    async def start(self, query: Query) -> RemoteStream:
        """Send the query to the server; returns when its answer begins. Raises a child of QueryError."""
        if len(query.text) > _LONG_TEXT:
            asked, kind, form = await asyncio.to_thread(self._prepared, query)
        else:
            asked, kind, form = self._prepared(query)
        await self._gate.enter()
        exchange = Exchange(self._client, self._settings.query_seconds)
        stream = RemoteStream(kind, form, exchange, self._left)
        self._streams.add(stream)
        try:
            if self._closed:
                raise QueryError("the site goes over to another release", "try again")
            await self._begin(stream, query, asked)
        except BaseException:
            await stream.aclose()
            raise
        return stream

    def _left(self, stream: RemoteStream) -> None:
        self._streams.discard(stream)
        self._gate.leave()

    def _prepared(self, query: Query) -> tuple[Told, str, str]:
        """The query as the server gets it, and the kind and format of its answer."""
        _refuse(query.text, self._services)
        asked = told(query, self._names)
        demand_modesty(asked.text)
        form = sparql.form(asked.text)
        if not form:
            raise sparql.syntax_error("error at 1:1: ", query.text, query.prefixes)
        kind = {"SELECT": "solutions", "ASK": "boolean"}.get(form, "graph")
        wanted = {"solutions": query.solutions, "boolean": query.boolean, "graph": query.graph}[kind]
        return asked, kind, demand_format(kind, wanted)

    async def _begin(self, stream: RemoteStream, query: Query, asked: Told) -> None:
        """Send the request and give the stream what its parts come from."""
        given = "ntriples" if stream.kind == "graph" else "json"
        if stream.kind == "solutions" and stream.format in self._abilities.direct:
            given = stream.format
        request = protocol.asking(
            self._address,
            asked.text,
            given,
            asked.default_graphs,
            asked.named_graphs,
            **self._abilities.more_parameters,
        )
        response = await stream.exchange.send(request, self._login)
        if response.status_code != 200:
            raise protocol.rejection(response, query.text, asked.added, query.prefixes)
        if protocol.format_of(response) != given:
            found = response.headers.get("content-type", "nothing that it names")
            raise QueryError(f"the endpoint answered with {found}, it was asked for {protocol.MEDIA_TYPES[given][0]}")
        stream.begin(self._parts(stream, query, given))
        if stream.kind == "boolean":
            await stream.whole()

    def _parts(self, stream: RemoteStream, query: Query, given: str) -> AsyncGenerator[bytes, None]:
        if stream.kind == "boolean":
            return _boolean(stream)
        if stream.kind == "graph" and not (stream.format == given in self._abilities.direct):
            return self._graph(stream, query)
        incoming = stream.exchange.parts(by_end=stream.format in self._abilities.direct)
        if stream.format not in self._abilities.direct:
            for change in _VIRTUOSO[given]:
                incoming = _replaced(incoming, Replacing(*change))
            incoming = convert.converted(incoming, convert.Solutions(stream.format), self._threads)
        return self._rows(stream, query, _replaced(incoming, self._names.published()))

    def _cutter(self, form: str, query: Query) -> Cutter:
        return Cutter(form, *query.limits(self._settings.answer_rows, self._settings.answer_bytes))

    async def _rows(
        self, stream: RemoteStream, query: Query, parts: AsyncIterator[bytes]
    ) -> AsyncGenerator[bytes, None]:
        """What has come in the wanted format, up to the limits."""
        cutter = self._cutter(stream.format, query)
        async for part in _through(cutter, parts):
            yield part
        stream.cut, stream.rows = cutter.cut or stream.exchange.cut, cutter.rows

    async def _graph(self, stream: RemoteStream, query: Query) -> AsyncGenerator[bytes, None]:
        """The triples up to the limits, which count N-Triples, in the wanted format."""
        triples = _replaced(stream.exchange.parts(), self._names.published())
        for change in _VIRTUOSO["ntriples"]:
            triples = _replaced(triples, Replacing(*change))
        cutter = self._cutter("ntriples", query)
        work = convert.Triples(stream.format, query.write_prefixes)
        parts = convert.converted(_through(cutter, triples), work, self._threads)
        async with closing(parts):
            async for part in parts:
                yield part
        stream.rows = work.count
        if cutter.cut is not None:
            mark = comment(stream.format, cutter.cut)
            stream.cut = Cut(cutter.cut.what, cutter.cut.after, bool(mark))
            if mark:
                yield mark

    async def aclose(self) -> None:
        """Close the connections; queries under way get a QueryError."""
        self._closed = True
        for stream in list(self._streams):
            await stream.aclose()
        await self._client.aclose()
        self._threads.shutdown(wait=False, cancel_futures=True)

    def gauges(self) -> dict[str, float]:
        """How many queries the server works on, and how many wait for their turn."""
        return {"running": self._gate.running, "waiting": self._gate.waiting}


def _refuse(text: str, services: frozenset[str]) -> None:
    sparql.refuse_unserved(text, services)


async def _boolean(stream: RemoteStream) -> AsyncGenerator[bytes, None]:
    body = bytearray()
    async for part in stream.exchange.parts():
        body += part
        if len(body) > _BOOLEAN_BYTES:
            raise QueryError("the endpoint answered with what is no boolean: it is too long")
    stream.rows = 1
    yield convert.boolean(bytes(body), stream.format)


async def _through(cutter: Cutter, parts: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    async with closing(parts):
        async for part in parts:
            if through := cutter.feed(part):
                yield through
            if cutter.full:
                break
    if rest := cutter.finish():
        yield rest


async def _replaced(parts: AsyncIterator[bytes], replacing: Replacing) -> AsyncGenerator[bytes, None]:
    async with closing(parts):
        async for part in parts:
            if through := replacing.feed(part):
                yield through
    if rest := replacing.finish():
        yield rest
