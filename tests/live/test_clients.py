"""Slow, rude and impatient clients: they harm nobody but themselves, and a broken answer never looks whole."""

from __future__ import annotations

import gzip
import http.client
import json
import os
import socket
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from urllib.parse import quote

import pytest

from tests.conftest import Server, trials
from tests.live.conftest import Crowded
from tests.live.wires import address, asking, at_work, dial, endless, half, hung_up, memory, numbers, until

MIB = 1024 * 1024


def is_well(server: Server, number: int) -> bool:
    """True if a query that was never asked before is answered."""
    reply = server.get(f"/sparql?query={quote(f'ASK {{ FILTER({number} = {number}) }}')}", "application/json")
    return reply.status == 200 and json.loads(reply.body)["boolean"] is True


@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_an_answer_begins_before_its_last_row_is_found(patient: Crowded, coding: str) -> None:
    server = patient.server
    with dial(server, asking(half(), "text/csv", more=f"Accept-Encoding: {coding}\r\n")) as connection:
        assert connection.recv(4_096).startswith(b"HTTP/1.1 200 ")
        assert at_work(server) == 1
    assert until(lambda: at_work(server) == 0)


def test_an_answer_that_runs_out_of_time_does_not_look_whole(crowded: Crowded) -> None:
    def broke_off(accept: str, coding: str) -> bool:
        connection = http.client.HTTPConnection(*address(crowded.server), timeout=30)
        connection.request(
            "GET", f"/sparql?query={quote(half())}", headers={"Accept": accept, "Accept-Encoding": coding}
        )
        response = connection.getresponse()
        assert response.status == 200
        assert response.headers.get("Content-Encoding", "identity") == coding
        try:
            response.read()
        except (http.client.IncompleteRead, ConnectionResetError):
            return True
        finally:
            connection.close()
        return False

    accepts = ("application/json", "application/xml", "text/csv", "text/tab-separated-values")
    with ThreadPoolExecutor(8) as pool:
        asked = {(a, c): pool.submit(broke_off, a, c) for a in accepts for c in ("identity", "gzip")}
        assert [which for which, future in asked.items() if not future.result()] == []


def test_curl_sees_that_an_answer_broke_off(crowded: Crowded) -> None:
    url = f"{crowded.server.url}/sparql?query={quote(half(1))}"
    done = subprocess.run(["curl", "-s", "-o", os.devnull, url], check=False)
    assert done.returncode in (18, 56)


def test_a_query_ends_when_its_client_leaves(patient: Crowded) -> None:
    server = patient.server
    for query in (endless(1), half(2), "# " + endless(3)):
        with dial(server, asking(query, "text/csv")):
            assert until(lambda: at_work(server) == 1)
        assert until(lambda: at_work(server) == 0), query
    assert is_well(server, 1)


def test_a_person_who_leaves_does_not_keep_the_page_for_others(patient: Crowded) -> None:
    server = patient.server
    with ExitStack() as stack:
        for number in range(3):
            stack.enter_context(dial(server, asking(endless(number + 100), "text/html")))
        assert until(lambda: numbers(server)["kg_queries_short"] + numbers(server)["kg_queries_long"] == 3)
        assert server.get("/").status == 200
    assert until(lambda: numbers(server)["kg_queries_short"] + numbers(server)["kg_queries_long"] == 0)


def slow_heads(server: Server, number: int) -> socket.socket:
    return dial(server, asking(f"ASK {{ }} # {number}")[:-4])


def slow_bodies(server: Server, number: int) -> socket.socket:
    head = "POST /sparql HTTP/1.1\r\nHost: h\r\nContent-Type: application/sparql-query\r\nContent-Length: 100\r\n\r\n"
    return dial(server, f"{head}ASK {{}} # {number}".encode())


@pytest.mark.parametrize("kind", [slow_heads, slow_bodies])
def test_a_hundred_who_do_not_finish_their_request_keep_nobody_waiting(
    crowded: Crowded, kind: Callable[[Server, int], socket.socket]
) -> None:
    server = crowded.server
    with ExitStack() as stack:
        slow = [stack.enter_context(kind(server, number)) for number in range(100)]
        assert all(is_well(server, number) for number in range(1_000, 1_020))
        assert server.get("/").status == 200
        assert all(hung_up(connection) for connection in slow)


def test_slow_readers_cost_little_memory_and_keep_nobody_waiting(serving: Callable[..., Server]) -> None:
    flags = ("--query-seconds", "3", "--query-processes", "2", "--long-processes", "2", "--client-seconds", "2")
    server = serving(*flags, "--answer-bytes", str(20 * MIB), "--cache-bytes", "0")
    assert is_well(server, 0)
    before, most = memory(server), 0
    with ExitStack() as stack:
        slow = []
        for number in range(trials(30, 100)):
            query = f"# {number}\nSELECT ?s ?o {{ ?s <urn:x:p> ?o . ?t <urn:x:q> ?n FILTER(?n < 10) }}"
            slow.append(stack.enter_context(dial(server, asking(query, "text/csv"), 4_096)))
            assert is_well(server, 10_000 + number)
            most = max(most, memory(server) - before) if number % 5 == 4 else most
        for connection in slow:
            with suppress(OSError):
                connection.recv(1_000)
        # All answers together have 15 MiB for each client; kept on their way are four times 20 MiB.
        most = max(most, memory(server) - before)
        assert most < 160 * MIB
        assert all(is_well(server, 20_000 + number) for number in range(20))
        assert all(hung_up(connection) for connection in slow)
    assert until(lambda: numbers(server)["kg_answers_aloft"] == 0)
    assert until(lambda: at_work(server) == 0)


def test_slow_readers_of_one_kept_answer_share_it(serving: Callable[..., Server]) -> None:
    server = serving("--client-seconds", "3")
    query = "SELECT ?s ?o { ?s <urn:x:p> ?o . ?t <urn:x:q> ?n FILTER(?n < 10) }"
    path = f"/sparql?query={quote(query)}"
    whole = server.get(path, "text/csv").body
    assert len(whole) > 14 * MIB
    assert numbers(server)["kg_answers_kept"] > 0
    before = memory(server)
    with ExitStack() as stack:
        slow = [stack.enter_context(dial(server, asking(query, "text/csv"), 4_096)) for _ in range(40)]
        for connection in slow:
            assert connection.recv(1_000).startswith(b"HTTP/1.1 200 ")
        assert memory(server) - before < 100 * MIB
        assert server.get(path, "text/csv").body == whole
        packed = server.get(path, "text/csv", Accept_Encoding="gzip")
        assert gzip.decompress(packed.body) == whole
