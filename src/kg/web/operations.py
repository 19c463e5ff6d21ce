"""What operators see: a line in the log for each request, numbers for Prometheus, and whether the site is well."""

from __future__ import annotations

import json
import sys
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import IO
from urllib.parse import unquote

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from kg.errors import ServeError
from kg.negotiate import TEXT
from kg.web.current import CurrentSite
from kg.web.openapi.apis import OPERATION
from kg.web.openapi.operation import Placed, does, sent
from kg.web.reply import Reply

# Upper bounds of the classes of durations, in seconds.
_BOUNDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)


_SAYS = {
    "queries_short": "Queries that run in the short lane.",
    "queries_long": "Queries that have become long.",
    "queries_waiting": "Queries that wait for a place.",
    "query_processes": "Query processes, idle ones included.",
    "answers_aloft": "Answers that clients are taking or waiting for.",
    "answers_aloft_bytes": "Their bytes, kept ones apart.",
    "answers_kept": "Answers that are kept.",
    "answers_kept_bytes": "Their bytes.",
    "hits": "Queries answered by a kept answer; from zero with each release.",
    "misses": "Queries that were evaluated; from zero with each release.",
    "joined": "Queries that waited for another's answer; from zero with each release.",
}


# First parts of paths.
_ROUTES = {
    "", ".well-known", "catalog", "changes", "cite", "context", "contract", "doc", "dumps", "embed", "expand",
    "graphs", "health", "id", "ldes", "linkset", "metrics", "ns", "oembed", "openapi", "openapi.json",
    "opensearch.xml", "prefixes", "reconcile", "release", "resolve", "robots.txt", "same-as", "search",
    "sitemap.xml", "sparql", "static", "timegate", "timemap", "vocab",
}  # fmt: skip


@lru_cache(maxsize=4_096)
def route(path: str) -> str:
    """The name under which a request is counted: few, whatever is asked for."""
    first = unquote(path).strip("/").partition("/")[0]
    return first if first in _ROUTES else "other"


# What the front answers of this.
ANSWERED = tuple(
    Placed(path, "GET", name, does(summary, OPERATION, sent(TEXT), validated=False, everywhere=False))
    for path, name, summary in (
        ("/health/live", "health_live", "Whether the program runs"),
        ("/health/ready", "health_ready", "Whether queries can be answered, and from which release"),
        ("/metrics", "metrics", "Numbers for Prometheus"),
    )
)


class AccessLog:
    """Writes a JSON object for each request: who asked what when, how long it took, and what became of it."""

    def __init__(self, where: str) -> None:
        """``where``: a file that is appended to, ``-`` for standard output, "" for none. Raises ServeError."""
        self._output: IO[str] | None = None
        if where == "-":
            self._output = sys.stdout
        elif where:
            try:
                # Line by line, so that a line is never half there; left open for the life of the server.
                self._output = Path(where).open("a", encoding="utf-8", buffering=1)  # noqa: SIM115
            except OSError as error:
                raise ServeError(
                    f"the access log {where} cannot be written: {error.strerror}", "name another"
                ) from None

    def write(self, method: str, path: str, client: str, reply: Reply, seconds: float, size: int, outcome: str) -> None:
        """Note one request. ``outcome`` is ok, or why the answer is no answer; nothing is raised for a full disk."""
        if self._output is None:
            return
        line = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "client": client.rpartition(":")[0],
            "method": method,
            "path": path,
            "status": reply.status,
            "seconds": round(seconds, 6),
            "bytes": size,
            "outcome": outcome,
        } | reply.facts
        try:
            self._output.write(json.dumps(line, ensure_ascii=False) + "\n")
            self._output.flush()
        except OSError:
            pass  # a full disk must not stop the service; the metrics still count


class Metrics:
    """Counts requests, and tells them to Prometheus together with what the engine tells of itself."""

    def __init__(self, current: CurrentSite) -> None:
        self._counts: Counter[tuple[str, int, str]] = Counter()
        self._durations: dict[str, list[int]] = {}
        self._sums: dict[str, float] = {}
        self._current = current
        self._registry = CollectorRegistry(auto_describe=False)
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self._registry)
        self._registry.register(_Ours(self))

    def count(self, route: str, status: int, outcome: str, seconds: float) -> None:
        """Count one request on a ``route`` (a few names, not paths)."""
        self._counts[route, status, outcome] += 1
        classes = self._durations.get(route)
        if classes is None:
            classes = self._durations[route] = [0] * (len(_BOUNDS) + 1)
        classes[bisect_left(_BOUNDS, seconds)] += 1
        self._sums[route] = self._sums.get(route, 0.0) + seconds

    def text(self) -> bytes:
        """All numbers in the text format of Prometheus, version 0.0.4."""
        return generate_latest(self._registry)

    def families(self) -> Iterator[Metric]:
        """The numbers of this program."""
        requests = CounterMetricFamily(
            "kg_requests", "Requests by route, status and outcome.", labels=["route", "status", "outcome"]
        )
        for (route, status, outcome), number in [*self._counts.items()]:
            requests.add_metric([route, str(status), outcome], number)
        yield requests
        durations = HistogramMetricFamily("kg_request_seconds", "Time to the end of the answer.", labels=["route"])
        for route, classes in [*self._durations.items()]:
            below, buckets = 0, []
            for bound, number in zip((*map(str, _BOUNDS), "+Inf"), classes, strict=True):
                below += number
                buckets.append((bound, below))
            durations.add_metric([route], buckets, sum_value=self._sums[route])
        yield durations
        site = self._current.get()
        for name, value in site.answers.gauges().items():
            yield GaugeMetricFamily(f"kg_{name}", _SAYS.get(name, name.replace("_", " ")), value=value)
        for name, number in site.answers.counts().items():
            yield CounterMetricFamily(f"kg_answers_{name}", _SAYS[name], value=number)
        release = GaugeMetricFamily("kg_release_info", "The release that is served.", labels=["name", "digest"])
        release.add_metric([site.manifest.name, site.manifest.digest], 1)
        yield release


class _Ours(Collector):
    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def collect(self) -> Iterator[Metric]:
        yield from self._metrics.families()
