"""A SPARQL endpoint as a client asks it; any that speaks the SPARQL 1.1 Protocol."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlencode, urlsplit

from kg import errors, sparql
from kg.client import results
from kg.client.cache import Answer, Cache, FolderCache, MemoryCache
from kg.client.transport import Limits, Transport
from kg.client.values import Value, filled
from kg.errors import AnswerCut, ConfigError, QueryError, QuerySyntaxError, SiteRejection

_RESULTS = "application/sparql-results+json, application/json;q=0.5"
RDF = "application/n-triples, text/turtle;q=0.9, application/rdf+xml;q=0.8"
_ADDRESS = 6_000  # bytes; longer ones do not pass everywhere, so the query goes in the body


class Endpoint:
    """An endpoint at a ``url``.

    ``cache`` keeps answers in a folder as well, for the next time; in memory some are always kept. ``agent`` is what
    you call your program: public endpoints ask for a name and a way to reach you. Use it in a ``with`` block, or close
    it. Raises ConfigError if the address is none.

    >>> with Endpoint("http://localhost:8000/sparql") as endpoint:
    ...     [row["n"] for row in endpoint.query("SELECT ?n { VALUES ?n { 1 2.5 } }")]
    [1, Decimal('2.5')]
    """

    def __init__(
        self, url: str, *, limits: Limits | None = None, cache: Path | str | None = None, agent: str = ""
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ConfigError(f"{url!r} is no address", "give one that begins with http:// or https://")
        self.url = url
        kept: Cache = MemoryCache() if cache is None else FolderCache(cache)
        self._transport = Transport(limits or Limits(), kept, agent)
        self._endpoint = url

    def query(self, text: str, /, *, allow_cut: bool = False, **values: Value | Iterable[Value]) -> results.Result:
        """The answer to a query, in which each ``$name`` is replaced by the value of that name.

        A list stands where several values may: ``VALUES ?x { $names }``. Raises QueryError and its children for what
        is wrong with the query, AnswerCut (with the part) if the site sent only a part and that was not allowed,
        another child of SiteError.

        >>> with Endpoint("http://localhost:8000/sparql") as endpoint:
        ...     bool(endpoint.query("ASK { FILTER(STRLEN($text) > 3) }", text="sourdough"))
        True
        """
        asked = filled(text, values) if values else text
        kind = sparql.form(asked)
        if not kind:
            sparql.refuse_unserved(asked)
            raise QuerySyntaxError("this is no query: it has none of SELECT, ASK, CONSTRUCT, DESCRIBE")
        is_graph = kind in ("CONSTRUCT", "DESCRIBE")
        answer = self._ask(asked, RDF if is_graph else _RESULTS)
        found = results.graph(answer) if is_graph else results.solutions(answer)
        if found.cut and not allow_cut:
            raise AnswerCut(f"the answer is {found.cut}", "ask with LIMIT, or give allow_cut=True", found)
        return found

    def _ask(self, text: str, accept: str) -> Answer:
        declared, lines = self._declared(text)
        short = f"{self._endpoint}{'&' if '?' in self._endpoint else '?'}{urlencode({'query': declared})}"
        try:
            if len(short) <= _ADDRESS:
                return self._transport.get(short, accept)
            return self._transport.post(self._endpoint, {"query": declared}, accept)
        except SiteRejection as error:
            raise _query_error(error.problem, lines) or error from None

    def _declared(self, text: str) -> tuple[str, int]:
        """The query with what it leaves to be declared, and how many lines that is on top."""
        return text, 0

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _query_error(problem: Mapping[str, object], lines: int) -> QueryError | None:
    """The error that a site of this program names, as if the query had been asked here; None for any other."""
    kind = getattr(errors, str(problem.get("error", "")), None)
    if not (isinstance(kind, type) and issubclass(kind, QueryError)):
        return None
    detail, hint = str(problem.get("detail", "")), str(problem.get("hint", ""))
    if kind is QuerySyntaxError:
        line, column = problem.get("line"), problem.get("column")
        if isinstance(line, int) and isinstance(column, int):
            detail = detail.removeprefix(f"line {line}, column {column}: ")
            return QuerySyntaxError(detail, max(1, line - lines), column)
        return QuerySyntaxError(detail)
    return kind(detail, hint)
