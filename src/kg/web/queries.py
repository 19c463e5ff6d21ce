"""Queries by programs: from the operation to the reply, past Flask, on the event loop.

A release is immutable, so the validator of an answer follows from the question alone, and a client that has the answer
already costs no evaluation.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import zlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from functools import lru_cache

from werkzeug.datastructures import Accept
from werkzeug.exceptions import NotFound
from werkzeug.http import parse_accept_header, parse_etags

from kg.config import Settings
from kg.engine import Query
from kg.engine.answers import Answers, Flight
from kg.errors import AnswerTooLong
from kg.messages import Message
from kg.negotiate import ANSWER_VARIANTS, GRAPH_VARIANTS, HTML, SOLUTION_VARIANTS, Variant, choose, parse_accept
from kg.sparql import is_volatile, makes_blank_nodes, may_be_graph
from kg.web.protocol import MEDIA_TYPES, Operation
from kg.web.reply import COMMON, Header, Reply
from kg.web.responses import SHORT, not_acceptable
from kg.web.site import Site

# Up to so many bytes an answer is held until it is whole, so that status and headers are always right.
BUFFERED = 262_144
_PIECE = 65_536
_WORTH_COMPRESSING = 1_024
_COMPRESSED_AT_ONCE = 65_536  # beyond, compressing would keep the event loop from other work
_LONGEST_HEADER = 4_096


@lru_cache(maxsize=1_024)
def _chosen(header: str | None) -> dict[str, Variant | None]:
    """For each kind of answer the variant that an Accept header asks for."""
    accept = parse_accept(header)
    return {kind: choose(accept, variants) for kind, variants in ANSWER_VARIANTS.items()}


@lru_cache(maxsize=1_024)
def _wants_page(header: str | None) -> bool:
    return choose(parse_accept(header), (*SOLUTION_VARIANTS, *GRAPH_VARIANTS, HTML)) is HTML


def wants_page(header: str | None) -> bool:
    """True if the client would rather have a page than data, which is what browsers ask for."""
    return _wants_page(_bounded(header))


def _bounded(header: str | None) -> str | None:
    # What is kept of headers must not grow with what is sent.
    return header if header is None or len(header) <= _LONGEST_HEADER else header[:_LONGEST_HEADER]


@lru_cache(maxsize=256)
def _accepts_gzip(header: str) -> bool:
    qualities = dict(parse_accept_header(header, Accept))
    return qualities.get("gzip", qualities.get("*", 0)) > 0


def accepts_gzip(header: str | None) -> bool:
    """True if a compressed answer may be sent (RFC 9110, section 12.5.3)."""
    return bool(header) and _accepts_gzip(_bounded(header) or "")


def variants_for(operation: Operation, accept: str | None) -> dict[str, Variant | None]:
    """For each kind of answer the variant for this request. Raises NotAcceptable if there is none for any."""
    if operation.format is not None:
        accept = MEDIA_TYPES[operation.format]
    chosen = _chosen(_bounded(accept))
    if not any(chosen.values()):
        raise not_acceptable((*SOLUTION_VARIANTS, *GRAPH_VARIANTS, HTML))
    return chosen


def query_of(operation: Operation, site: Site, chosen: dict[str, Variant | None]) -> Query:
    """The query for the engine."""
    formats = {kind: variant.format if variant else None for kind, variant in chosen.items()}
    given = operation.dataset_given
    return Query(
        operation.text,
        formats["solutions"],
        formats["boolean"],
        formats["graph"],
        default_graphs=operation.default_graphs if given else None,
        named_graphs=operation.named_graphs if given else None,
        write_prefixes=site.manifest.prefixes if may_be_graph(operation.text) else {},
    )


class Following:
    """The parts of an answer for one client; ``aclose`` lets go of the answer, also if no part was ever taken."""

    def __init__(self, parts: AsyncGenerator[bytes, None], let_go: Callable[[], None]) -> None:
        self._parts = parts
        self._let_go: Callable[[], None] | None = let_go

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._parts

    async def aclose(self) -> None:
        """Take no more."""
        let_go, self._let_go = self._let_go, None
        await self._parts.aclose()
        if let_go is not None:
            let_go()


async def _pieces(body: bytes) -> AsyncGenerator[bytes, None]:
    for start in range(0, len(body), _PIECE):
        yield body[start : start + _PIECE]


class QueryService:
    """Replies to queries with what ``Answers`` gives, in the variant that the client wants."""

    def __init__(self, settings: Settings) -> None:
        self._limits = limits_header(settings)

    async def reply(
        self, site: Site, operation: Operation, accept: str | None, coding: str | None, known: str | None
    ) -> Reply:
        """The reply to a query; ``known`` is If-None-Match. Raises KgError, HTTPException."""
        chosen = variants_for(operation, accept)
        return await self._reply(site, query_of(operation, site, chosen), accepts_gzip(coding), known)

    async def graph(
        self, site: Site, name: str | None, accept: str | None, coding: str | None, known: str | None
    ) -> Reply:
        """A graph of the dataset (its IRI; None: the default graph). Raises NotFound, NotAcceptable, KgError."""
        if name is not None and name not in site.manifest.graphs:
            known = ", ".join(sorted(site.manifest.graphs))
            raise NotFound(Message("there is no graph <%(name)s>; there are %(known)s", name=name, known=known))
        variant = choose(parse_accept(accept), GRAPH_VARIANTS)
        if variant is None:
            raise not_acceptable(GRAPH_VARIANTS)
        pattern = "?s ?p ?o" if name is None else f"GRAPH <{name}> {{ ?s ?p ?o }}"
        text = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ {pattern} }}"
        query = Query(text, None, None, variant.format, write_prefixes=site.manifest.prefixes)
        return await self._reply(site, query, accepts_gzip(coding), known)

    async def _reply(self, site: Site, query: Query, compress: bool, known: str | None) -> Reply:
        answers: Answers = site.answers
        volatile = is_volatile(query.text)
        validator = None if volatile else _validator(site, query)
        if validator is not None and known and known != "*" and (held := _held(known, validator)) is not None:
            return Reply(304, [*self._headers(volatile=False), ("etag", held)], facts={"cache": "validated"})
        flight = await answers.open(query)
        hit = "hit" if flight.given else "miss"
        released = False
        try:
            await flight.gathered(BUFFERED)
            content_type = next(v.content_type for v in ANSWER_VARIANTS[flight.kind] if v.format == flight.format)
            headers = [("content-type", content_type), *self._headers(volatile=volatile)]
            facts: dict[str, object] = {"cache": hit, "rows": flight.rows}
            if flight.done and flight.cut is not None:
                headers.append(("answer-cut", f"{flight.cut.what}={flight.cut.after}"))
                facts["cut"] = str(flight.cut)
            compress = compress and flight.size > _WORTH_COMPRESSING
            if validator is not None:
                tag = _tagged(validator, query, compressed=compress)
                headers.append(("etag", tag))
                if known == "*":
                    return Reply(304, [h for h in headers if h[0] != "content-type"], facts=facts)
            if compress:
                headers.append(("content-encoding", "gzip"))
            # A cut that the body cannot show must not come as a success, also not the second time.
            whole = flight.done and (flight.cut is None or flight.cut.marked or flight.size <= BUFFERED)
            if whole:
                body = await _compressed(answers, flight) if compress else flight.body
                if len(body) <= BUFFERED:
                    return Reply(200, headers, body, facts=facts, flight=flight)
                # The server copies what it is given, so a slow reader of a long answer gets it in pieces all the same.
                headers.append(("content-length", str(len(body))))
                parts: AsyncGenerator[bytes, None] = _pieces(body)
            else:
                parts = self._parts(flight, compress, facts)
            released = True
            return Reply(200, headers, parts=Following(parts, lambda: answers.release(flight)), facts=facts)
        finally:
            if not released:
                answers.release(flight)

    async def _parts(self, flight: Flight, compress: bool, facts: dict[str, object]) -> AsyncGenerator[bytes, None]:
        """A long answer as it comes. Raises QueryError where it breaks off, or is cut without a mark."""
        packer = zlib.compressobj(6, zlib.DEFLATED, 31) if compress else None
        async for part in flight.parts():
            out = packer.compress(part) if packer else part
            if out:
                yield out
        facts["rows"] = flight.rows
        if flight.cut is not None:
            facts["cut"] = str(flight.cut)
            if not flight.cut.marked:
                raise AnswerTooLong(f"the answer was {flight.cut}")
        if packer:
            yield packer.flush()

    def _headers(self, *, volatile: bool) -> list[Header]:
        return [
            *COMMON,
            ("vary", "Accept, Accept-Encoding"),
            ("cache-control", "no-store" if volatile else SHORT),
            ("query-limits", self._limits),
        ]


def limits_header(settings: Settings) -> str:
    """The limits of a query as a dictionary (RFC 9651, section 3.2)."""
    return (
        f"seconds={settings.query_seconds:g}, memory-mib={settings.query_memory}, rows={settings.answer_rows}, "
        f"bytes={settings.answer_bytes}"
    )


def _validator(site: Site, query: Query) -> str:
    """What identifies the answer without knowing it."""
    dataset = repr((query.default_graphs, query.named_graphs, query.solutions, query.boolean, query.graph))
    return site.etag("query", site.answers.engine.name, dataset, query.text)


def _tagged(validator: str, query: Query, *, compressed: bool) -> str:
    # The labels of blank nodes that a query makes differ from time to time; the graph is the same.
    weak = "W/" if makes_blank_nodes(query.text) else ""
    return f'{weak}"{validator}{"-gzip" if compressed else ""}"'


def _held(known: str, validator: str) -> str | None:
    """The validator of the client's copy, if it is of this answer, in either coding."""
    tags = parse_etags(known)
    for tag in (validator, f"{validator}-gzip"):
        if tags.contains_weak(tag):
            return f'W/"{tag}"' if tags.is_weak(tag) else f'"{tag}"'
    return None


async def _compressed(answers: Answers, flight: Flight) -> bytes:
    if (kept := flight.derived.get("gzip")) is not None:
        return kept
    body = flight.body
    if len(body) > _COMPRESSED_AT_ONCE:
        packed = await asyncio.to_thread(gzip.compress, body, 6, mtime=0)
    else:
        packed = gzip.compress(body, 6, mtime=0)
    answers.derive(flight, "gzip", packed)
    return packed


def digest_of(text: str) -> str:
    """A short name for a query in the log."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]
