"""Query processes are killed under load: no wrong answer, no more harm than one request each, and all come back."""

from __future__ import annotations

import http.client
import json
import os
import random
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from urllib.parse import quote

from tests.conftest import Server, trials
from tests.live.wires import JSON, address, nursery, until


def ask_on(server: Server, stop: threading.Event, seed: int) -> tuple[int, list[int | str]]:
    """Ask until told to stop; gives how many were right, and the others: a status, or what broke."""
    random_, right = random.Random(seed), 0
    others: list[int | str] = []
    connection = http.client.HTTPConnection(*address(server), timeout=60)
    while not stop.is_set():
        number = random_.randrange(1_000_000)
        if random_.random() < 0.2:  # long enough to be streamed
            query = f"SELECT ?o ({number} AS ?n) {{ ?s <urn:x:p> ?o }}"
        else:
            query = f"SELECT (COUNT(*) + {number} AS ?n) {{ ?s <urn:x:q> ?m FILTER(?m < 2000) }}"
        try:
            connection.request("GET", f"/sparql?query={quote(query)}", headers={"Accept": JSON})
            response = connection.getresponse()
            body = response.read()
        except (http.client.HTTPException, OSError) as error:
            others.append(type(error).__name__)
            connection.close()
            continue
        if response.status != 200:
            assert response.headers["Retry-After"]
            assert json.loads(body)["status"] == response.status
            others.append(response.status)
            continue
        rows = json.loads(body)["results"]["bindings"]
        assert rows[0]["n"]["value"] == str(number if "?o" in query else number + 2_000)
        assert len(rows) == (3_000 if "?o" in query else 1)
        right += 1
    connection.close()
    return right, others


def test_each_kill_costs_at_most_the_request_in_flight(serving: Callable[..., Server]) -> None:
    server, random_ = serving("--query-processes", "3", "--cache-bytes", "0"), random.Random(3)
    assert until(lambda: len(nursery(server)[1]) == 4)
    stop, kills, nurseries = threading.Event(), trials(12, 200), 0
    with ThreadPoolExecutor(4) as pool:
        clients = [pool.submit(ask_on, server, stop, seed) for seed in range(4)]
        try:
            for number in range(kills):
                while len((found := nursery(server))[1]) < 3:
                    time.sleep(0.02)
                parent, workers = found
                with suppress(ProcessLookupError):
                    if number % 10 == 5 and parent:
                        nurseries += 1
                        os.kill(parent, signal.SIGKILL)
                    else:
                        os.kill(random_.choice(workers), signal.SIGKILL)
                time.sleep(random_.uniform(0, 0.1))
        finally:
            stop.set()
        right = sum(client.result()[0] for client in clients)
        others = [other for client in clients for other in client.result()[1]]
    assert nurseries > 0
    assert right > kills
    assert set(others) <= {503, "IncompleteRead", "ConnectionResetError"}, others
    # A nursery takes its processes with it, and each may have had a request.
    assert len(others) <= kills + 3 * nurseries
    assert until(lambda: len(nursery(server)[1]) == 4)
    assert server.get("/health/ready").status == 200
    assert "Traceback" not in server.log.read_text()
