"""What operators see and do: health, metrics, the access log, and stopping."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from kg.web.queries import digest_of
from tests.conftest import Server, request, run_kg
from tests.live.conftest import Crowded
from tests.live.wires import asking, at_work, dial, endless, family, half, numbers, until


def test_health(crowded: Crowded) -> None:
    live, ready = crowded.server.get("/health/live"), crowded.server.get("/health/ready")
    assert (live.status, ready.status) == (200, 200)
    assert crowded.release.manifest.name in ready.text
    assert live.headers["cache-control"] == ready.headers["cache-control"] == "no-store"


def test_the_metrics_count(crowded: Crowded) -> None:
    server = crowded.server
    before = numbers(server)
    for number in range(5):
        server.get(f"/sparql?query={quote(f'ASK {{}} # metrics {number % 3}')}")
    server.get("/sparql?query=nonsense")
    now = numbers(server)
    assert now["kg_requests_total"] - before["kg_requests_total"] == 7  # one of them asked for the numbers
    assert now["kg_request_seconds_count"] - before["kg_request_seconds_count"] == 7
    assert now["kg_answers_hits_total"] - before["kg_answers_hits_total"] == 2
    assert now["kg_answers_misses_total"] - before["kg_answers_misses_total"] == 4
    text = server.get("/metrics").text
    assert 'kg_requests_total{outcome="QuerySyntaxError",route="sparql",status="400"}' in text
    assert f'name="{crowded.release.manifest.name}"' in text
    assert now["process_resident_memory_bytes"] > 0


def line_of(crowded: Crowded, query: str, number: int = 0) -> dict[str, object]:
    """The line of the access log about a query."""
    found: list[dict[str, object]] = []

    def there() -> bool:
        found[:] = [line for line in crowded.lines() if line.get("query") == digest_of(query)]
        return len(found) > number

    assert until(there), query
    return found[number]


def test_every_request_is_one_line(crowded: Crowded) -> None:
    server = crowded.server
    body = server.get("/nowhere/line?x=secret", "application/json").body

    def written() -> list[dict[str, Any]]:
        return [line for line in crowded.lines() if line["path"] == "/nowhere/line"]

    assert until(lambda: len(written()) == 1)
    [line] = written()
    assert {n: line[n] for n in ("method", "path", "status", "bytes", "client")} == {
        "method": "GET", "path": "/nowhere/line", "status": 404, "bytes": len(body), "client": "127.0.0.1",
    }  # fmt: skip
    assert line["seconds"] > 0
    assert line["time"].endswith("+00:00")


def test_the_log_says_what_became_of_a_query(crowded: Crowded) -> None:
    server = crowded.server

    def get(query: str) -> int:
        return len(server.get(f"/sparql?query={quote(query)}", "text/csv").body)

    table = "SELECT ?s { ?s <urn:x:q> ?n } LIMIT 7 # log"
    size = get(table)
    line = line_of(crowded, table)
    assert (line["status"], line["outcome"], line["rows"], line["bytes"], line["cache"]) == (200, "ok", 7, size, "miss")
    assert get(table) == size
    line = line_of(crowded, table, 1)
    assert (line["status"], line["rows"], line["bytes"], line["cache"]) == (200, 7, size, "hit")
    get("SELECT log")
    assert line_of(crowded, "SELECT log")["outcome"] == "QuerySyntaxError"
    get(endless(77))
    line = line_of(crowded, endless(77))
    assert (line["status"], line["outcome"]) == (503, "QueryTimeout")
    with pytest.raises(Exception, match=r"IncompleteRead|reset"):
        get(half(77))
    line = line_of(crowded, half(77))
    assert (line["status"], line["outcome"]) == (200, "QueryTimeout")
    assert int(str(line["bytes"])) > 100_000


def test_the_log_says_that_a_client_has_gone(patient: Crowded) -> None:
    for query in (endless(78), half(78)):
        with dial(patient.server, asking(query, "text/csv")):
            assert until(lambda: at_work(patient.server) == 1)
        assert until(lambda: at_work(patient.server) == 0)

    def gone() -> set[int]:
        return {line["status"] for line in patient.lines() if line["outcome"] == "client gone"}

    # Before it had an answer, and in the middle of one.
    assert until(lambda: gone() >= {499, 200})


def test_the_log_says_that_an_answer_was_cut(serving: Callable[..., Server], tmp_path: Path) -> None:
    notes = tmp_path / "log"
    server = serving("--answer-rows", "7", "--access-log", str(notes))
    assert server.get(f"/sparql?query={quote('SELECT * { ?s ?p ?o }')}").headers["answer-cut"] == "rows=7"
    deadline = time.monotonic() + 30  # the line is written when the answer has been sent
    while (line := json.loads(notes.read_text().splitlines()[-1]))["path"] != "/sparql" and time.monotonic() < deadline:
        time.sleep(0.01)
    assert (line["rows"], "cut after 7 rows" in line["cut"]) == (7, True)


def test_a_log_that_cannot_be_written_is_said_at_once(crowded_project: tuple[Path, object]) -> None:
    done = run_kg("serve", "--project", crowded_project[0], "--port", "0", "--access-log", "/nowhere/log")
    assert done.returncode != 0
    assert "/nowhere/log cannot be written" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_query_under_way_gets_an_answer_or_an_error_when_the_server_stops(serving: Callable[..., Server]) -> None:
    server = serving("--query-seconds", "2")
    members = family(server.process.pid)
    with ThreadPoolExecutor(3) as pool:
        url = f"{server.url}/sparql?query="
        ends = pool.submit(request, url + quote(endless(1)))
        breaks = pool.submit(request, url + quote(half(1)), "GET", "text/csv")
        assert until(lambda: at_work(server) == 2)
        os.kill(server.process.pid, signal.SIGTERM)
        reply = ends.result()
        # Its time was up, as it would have been without the signal.
        assert (reply.status, json.loads(reply.body)["error"]) == (503, "QueryTimeout")
        with pytest.raises(Exception, match=r"IncompleteRead|reset"):
            breaks.result()
    server.process.wait(timeout=30)
    assert until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in members))
    assert "Traceback" not in server.log.read_text()


def test_stopping_does_not_wait_for_idle_connections(serving: Callable[..., Server]) -> None:
    server = serving()
    members = family(server.process.pid)
    with dial(server, asking("ASK {}")) as connection:
        assert connection.recv(100).startswith(b"HTTP/1.1 200 ")
        server.process.terminate()
        assert server.process.wait(timeout=30) == 0
    assert until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in members))
    assert "Traceback" not in server.log.read_text()
