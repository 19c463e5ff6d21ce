"""What is asked by many is asked once, what is kept is right, and a new release is never answered with an old one."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import kg
from tests.conftest import Reply, Server, request
from tests.live.conftest import BREAD, Crowded, grown
from tests.live.wires import asking, at_work, dial, endless, half, numbers, read_all, until

# Takes a while, and ends.
SLOW = "SELECT (COUNT(*) AS ?n) {{ VALUES ?e {{ 1 2 3 4 5 }} ?a <urn:x:q> ?b . ?c <urn:x:q> ?d FILTER(?d < {}) }}"
# Five megabytes.
LARGE = "# {}\nSELECT ?s ?o {{ ?s <urn:x:p> ?o . ?t <urn:x:q> ?n FILTER(?n < 3) }} ORDER BY ?s"


def ask(server: Server, query: str, accept: str = "text/csv") -> Reply:
    return server.get(f"/sparql?query={quote(query)}", accept)


def test_twenty_who_ask_the_same_cost_one_query(crowded: Crowded) -> None:
    server = crowded.server
    before = numbers(server)
    with ThreadPoolExecutor(20) as pool:
        replies = [pool.submit(ask, server, endless(20)) for _ in range(20)]
        assert until(lambda: numbers(server)["kg_answers_joined_total"] - before["kg_answers_joined_total"] == 19)
        now = numbers(server)
        assert now["kg_queries_short"] + now["kg_queries_long"] == 1
        ended = [reply.result() for reply in replies]
    assert {(r.status, json.loads(r.body)["error"]) for r in ended} == {(503, "QueryTimeout")}
    assert numbers(server)["kg_answers_misses_total"] - before["kg_answers_misses_total"] == 1


def test_who_leaves_does_not_take_the_answer_from_the_others(patient: Crowded) -> None:
    server, query = patient.server, SLOW.format(1_000)
    with ThreadPoolExecutor(3) as pool:
        first = dial(server, asking(query, "text/csv"))
        assert until(lambda: at_work(server) == 1)
        others = [pool.submit(ask, server, query) for _ in range(2)]
        with dial(server, asking(query, "text/csv")):
            first.close()
        assert {o.result().body for o in others} == {b"n\r\n15000000\r\n"}


def test_an_answer_that_nobody_waited_for_is_not_kept(patient: Crowded) -> None:
    server, query = patient.server, SLOW.format(1_001)
    for _ in range(3):
        connection = dial(server, asking(query, "text/csv"))
        assert until(lambda: at_work(server) == 1)
        connection.close()
        assert until(lambda: at_work(server) == 0)
    assert ask(server, query).body == b"n\r\n15015000\r\n"


def test_part_of_an_answer_is_not_kept(patient: Crowded) -> None:
    server, query = patient.server, half(5)
    with dial(server, asking(query, "text/csv")) as connection:
        assert connection.recv(100).startswith(b"HTTP/1.1 200 ")
    assert until(lambda: at_work(server) == 0)
    with dial(server, asking(query, "text/csv")) as connection:
        head = b""
        while b"\r\n\r\n" not in head:
            head += connection.recv(1)
        # Were the part that was there kept, it would be a whole answer with a length.
        assert b"transfer-encoding: chunked" in head.lower()
    assert until(lambda: at_work(server) == 0)


def test_a_slow_reader_and_a_quick_one_get_the_same_whole_answer(patient: Crowded) -> None:
    server = patient.server
    for number in range(3):
        query = LARGE.format(number)
        with dial(server, asking(query, "text/csv", more="Connection: close\r\n"), 4_096) as slow:
            begin = slow.recv(2_000)
            quick = [ask(server, query).body for _ in range(3)]
            assert len(quick[0]) > 4_500_000
            assert len({*quick}) == 1
            whole = begin + read_all(slow)
        assert _unchunked(whole) == quick[0]


def _unchunked(response: bytes) -> bytes:
    head, _, rest = response.partition(b"\r\n\r\n")
    if b"chunked" not in head.lower():
        return rest
    found: list[bytes] = []
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        length = int(size, 16)
        if not length:
            return b"".join(found)
        found.append(rest[:length])
        rest = rest[length + 2 :]
    raise AssertionError("the last chunk is missing")


def test_asking_for_the_head_alone_leaves_no_query_behind(patient: Crowded) -> None:
    server = patient.server
    head = request(f"{server.url}/sparql?query={quote(half(7))}", "HEAD", "text/csv")
    assert (head.status, head.body) == (200, b"")
    assert until(lambda: at_work(server) == 0)
    assert until(lambda: numbers(server)["kg_answers_aloft"] == 0)


def test_without_room_nothing_is_kept_and_all_is_answered(serving: Callable[..., Server]) -> None:
    server = serving(KG_CACHE_BYTES="0")
    query, before = LARGE.format("none"), numbers(server)["kg_answers_misses_total"]
    assert len({ask(server, query).body for _ in range(3)}) == 1
    assert len({ask(server, "ASK {}", "*/*").body for _ in range(3)}) == 1
    now = numbers(server)
    assert (now["kg_answers_kept"], now["kg_answers_kept_bytes"], now["kg_answers_hits_total"]) == (0, 0, 0)
    assert now["kg_answers_misses_total"] - before == 6


def test_what_is_kept_stays_within_the_room_for_it(serving: Callable[..., Server]) -> None:
    server = serving(KG_CACHE_BYTES="200000")
    kept = []
    for number in range(60):
        query = f"SELECT ?o {{ ?s <urn:x:p> ?o }} ORDER BY ?o LIMIT {number}"
        for coding in ("gzip", "identity"):
            for _ in range(2):
                assert server.get(f"/sparql?query={quote(query)}", "text/csv", Accept_Encoding=coding).status == 200
        kept.append(numbers(server)["kg_answers_kept_bytes"])
        assert kept[-1] <= 200_000
    assert max(kept) > 100_000
    hits = numbers(server)["kg_answers_hits_total"]
    ask(server, "SELECT ?o { ?s <urn:x:p> ?o } ORDER BY ?o LIMIT 1")
    assert numbers(server)["kg_answers_hits_total"] == hits


def test_a_new_release_is_served_without_a_request_failing(tmp_path: Path, serve: Callable[..., Server]) -> None:
    project = grown(tmp_path / "project", 500)
    kg.build(kg.open_project(project))
    server = serve(project)
    query = "SELECT (COUNT(*) AS ?n) { ?s <urn:x:q> ?n }"
    stop = threading.Event()

    def keep_asking(path: str) -> list[Reply]:
        found = []
        while not stop.is_set():
            found.append(server.get(path, "text/csv" if "sparql" in path else None))
        return found

    paths = [f"/sparql?query={quote(query)}", f"/sparql?query={quote('SELECT (RAND() AS ?x) {}')}", "/graphs?default",
             "/"]  # fmt: skip
    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(keep_asking, path) for path in paths]
        try:
            for number in range(3):
                more = project / f"data/concepts/more{number}.ttl"
                more.write_text(f"<{BREAD}x/more{number}> <urn:x:q> {number} .\n")
                release = kg.build(kg.open_project(project))
                name = release.manifest.name
                assert until(lambda name=name: name in server.get("/health/ready").text)  # type: ignore[misc]
                # From here on nobody gets the former answer.
                assert ask(server, query).body == b"n\r\n%d\r\n" % (501 + number)
        finally:
            stop.set()
        for replies in [a.result() for a in asked]:
            assert len(replies) > 10
            assert {r.status for r in replies} == {200}
        counts = [int(r.body.split()[1]) for r in asked[0].result()]
        assert counts == sorted(counts)
        assert {counts[0], counts[-1]} <= {500, 501, 502, 503}
    assert "Traceback" not in server.log.read_text()
