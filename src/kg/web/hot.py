"""What was answered before and is still at hand, sent without further ado: most of what a busy site does.

Answers to queries are kept by ``kg.engine.answers``; here is only noted which request, word by word, got which of them.
Pages and documents are kept here (``kept``).
"""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any
from weakref import ref

from kg.config import Settings
from kg.engine.answers import Flight
from kg.web.current import CurrentSite
from kg.web.kept import Kept, Key, Pages, Wish
from kg.web.operations import AccessLog, Metrics, route
from kg.web.reply import Header, Reply
from kg.web.site import Site

_ALIASES = 4_096
_LONGEST_ALIAS = 8_192


@dataclass(frozen=True)
class _Alias:
    """A query that was answered before, word by word, and the reply."""

    # Weak: whether an answer is kept is decided elsewhere, and a former release must be let go.
    site: ref[Site]
    flight: ref[Flight]
    headers: list[Header]
    packed: bool
    digest: str


class Hot:
    """Replies that are at hand; lives on the event loop."""

    def __init__(self, settings: Settings, current: CurrentSite, metrics: Metrics, log: AccessLog) -> None:
        self._current = current
        self._metrics = metrics
        self._log = log
        self._logs = bool(settings.access_log)
        self._aliases: OrderedDict[tuple[str, str | None, str | None], _Alias] = OrderedDict()
        self.pages = Pages(settings.page_bytes)
        self._seen: dict[tuple[Any, ...], tuple[Key, bool, str]] = {}
        self._generation = 0

    def send(self, scope: Any, proto: Any, began: float) -> bool:
        """Answer the request if its reply is at hand; ``began`` is when it came (``time.perf_counter``)."""
        if scope.method != "GET":
            return False
        if scope.path == "/sparql" and scope.query_string:
            return self._send_answer(scope, proto, began)
        generation = self._current.generation
        if generation != self._generation or len(self._seen) > _ALIASES:
            self._seen.clear()
            self._generation = generation
        # The same client, or one like it, sends the same headers again: then nothing need be read in them.
        asked = (scope.path, scope.query_string, scope.authority, *scope.headers.items())
        seen = self._seen.get(asked)
        if seen is None:
            wish = Wish.of(scope)
            kept = self.pages.find(wish.key, generation) if wish.plain else None
            if kept is None:
                return False
            seen = (wish.key, wish.known is not None and kept.fits(wish.known), route(scope.path))
            if sum(len(name) + len(value) for name, value in asked[3:]) <= _LONGEST_ALIAS:
                self._seen[asked] = seen
        else:
            kept = self.pages.find(seen[0], generation)
            if kept is None:
                del self._seen[asked]
                return False
        _, unchanged, name = seen
        self._send_page(scope, proto, kept, name, began, unchanged=unchanged)
        return True

    def remember(self, scope: Any, site: Site, reply: Reply, digest: str) -> None:
        """Note that this query got a ``reply`` whose answer is kept; ``digest`` is the query's, for the log."""
        flight = reply.flight
        if flight is None or not flight.kept or scope.method != "GET" or reply.status != 200 or site.prefix:
            return
        accept, coding, _ = negotiated(scope)
        key = (scope.query_string, accept, coding)
        if sum(len(part or "") for part in key) <= _LONGEST_ALIAS:
            self._aliases[key] = _Alias(ref(site), ref(flight), reply.headers, reply.body is not flight.body, digest)
            if len(self._aliases) > _ALIASES:
                self._aliases.popitem(last=False)

    def _send_answer(self, scope: Any, proto: Any, began: float) -> bool:
        accept, coding, known = negotiated(scope)
        key = (scope.query_string, accept, coding)
        alias = self._aliases.get(key)
        if alias is None or known is not None:
            return False
        flight = alias.flight()
        body = None
        if flight is not None and flight.kept and alias.site() is self._current.get():
            body = flight.derived.get("gzip") if alias.packed else flight.body
        if flight is None or body is None:
            del self._aliases[key]
            return False
        proto.response_bytes(200, alias.headers, body)
        self._current.get().answers.touch(flight)
        facts: dict[str, object] = {"query": alias.digest, "cache": "hit", "rows": flight.rows}
        if flight.cut is not None:
            facts["cut"] = str(flight.cut)
        self._note(scope, 200, facts, len(body), route(scope.path), began)
        return True

    def _send_page(self, scope: Any, proto: Any, kept: Kept, name: str, began: float, *, unchanged: bool) -> None:
        status, size = kept.status, len(kept.body)
        if unchanged:
            status, size = 304, 0
            proto.response_empty(304, kept.unchanged)
        else:
            proto.response_bytes(status, kept.headers, kept.body)
        self._note(scope, status, {"cache": "hit"}, size, name, began)

    def _note(self, scope: Any, status: int, facts: dict[str, object], size: int, name: str, began: float) -> None:
        seconds = time.perf_counter() - began
        self._metrics.count(name, status, "ok", seconds)
        if self._logs:
            self._log.write("GET", scope.path, scope.client, Reply(status, [], facts=facts), seconds, size, "ok")


def negotiated(scope: Any) -> tuple[str | None, str | None, str | None]:
    """Accept, Accept-Encoding and If-None-Match; one that was sent several times is one list (RFC 9110, 5.3)."""
    accept = coding = known = None
    for name, value in scope.headers.items():
        if name == "accept":
            accept = value if accept is None else f"{accept}, {value}"
        elif name == "accept-encoding":
            coding = value if coding is None else f"{coding}, {value}"
        elif name == "if-none-match":
            known = value if known is None else f"{known}, {value}"
    return accept, coding, known
