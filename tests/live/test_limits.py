"""A visitor's query can hurt nobody: it is stopped, its process replaced, and the others are answered."""

from __future__ import annotations

import gzip
import http.client
import json
import os
import re
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote
from xml.etree import ElementTree

import pytest

import kg
from tests.conftest import THESAURUS, Server, copy_project, request, run_kg, start_server, stop_server
from tests.live.conftest import Crowded

ENDLESS = "SELECT (COUNT(*) AS ?n) { " + " . ".join(f"?a{i} ?b{i} ?c{i}" for i in range(8)) + " }"
SORTING = ENDLESS.replace("(COUNT(*) AS ?n)", "*") + " ORDER BY ?a0"
LETHAL = {
    "endless count": ENDLESS,
    "endless sort": SORTING,
    "nested groups": "SELECT * " + "{" * 5000 + "}" * 5000,
    "nested brackets": "SELECT * { FILTER(" + "(" * 5000 + "1" + ")" * 5000 + ") }",
    "many unions": "SELECT * { {} " + "UNION {} " * 20_000 + "}",
    "many binds": "SELECT * { " + " ".join(f"BIND(1 AS ?x{i})" for i in range(5000)) + " }",
    "doubling": "SELECT * { BIND('x' AS ?x0) "
    + " ".join(f"BIND(CONCAT(?x{i}, ?x{i}) AS ?x{i + 1})" for i in range(40))
    + " }",
    "many patterns": "SELECT * { " + " ".join(f"?x{i} ?p{i} ?x{i + 1} ." for i in range(1000)) + " }",
}


def post(server: Server, query: str) -> int:
    headers = {"Content-Type": "application/sparql-query"}
    return request(f"{server.url}/sparql", "POST", data=query.encode(), headers=headers).status


def is_well(server: Server) -> bool:
    reply = server.get("/sparql?query=ASK%20%7B%20?s%20?p%20?o%20%7D")
    return reply.status == 200 and json.loads(reply.body)["boolean"] is True


def children(pid: int) -> list[int]:
    """All processes below ``pid``."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            if parent == pid:
                found += [int(entry.name), *children(int(entry.name))]
    return found


def named(pids: list[int], word: str) -> list[int]:
    """Those of the processes whose command line holds ``word``."""
    found = []
    for pid in pids:
        try:
            if word in Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " "):
                found.append(pid)
        except OSError:
            continue
    return found


def nursery_and_children(server: Server) -> list[int]:
    """The nursery and its three children (two for queries, one spare), as soon as all are there."""
    for _ in range(100):
        found = named(children(server.process.pid), "kg.engine.nursery")
        if len(found) == 4:
            return found
        time.sleep(0.1)
    raise AssertionError(f"four processes are wanted, there are {found}")


def gone(pids: list[int]) -> bool:
    """True as soon as none of the processes is left, False if one stays."""
    for _ in range(100):
        if not any(Path(f"/proc/{pid}").exists() for pid in pids):
            return True
        time.sleep(0.1)
    return False


@pytest.fixture
def limited(thesaurus: Path, serve: Callable[..., Server]) -> Server:
    return serve(thesaurus, "--query-seconds", "1", "--query-processes", "2", KG_QUERY_MEMORY="256")


@pytest.fixture(scope="module")
def robust(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all that is to leave it well, on a larger graph, so that endless queries are."""
    folder = tmp_path_factory.mktemp("robust")
    project = copy_project(THESAURUS, folder / "thesaurus")
    many = "".join(f'<https://data.example.org/bread/x/{i}> <urn:x:p> "{i}", <urn:x:{i % 7}> .\n' for i in range(300))
    (project / "data/concepts/many.ttl").write_text(many)
    flags = ("--query-seconds", "1", "--query-processes", "2", "--query-memory", "256")
    server = start_server(project, folder, *flags)
    yield server
    stop_server(server)


@pytest.mark.parametrize("query", LETHAL.values(), ids=LETHAL.keys())
def test_a_lethal_query_costs_its_sender_an_error_and_nobody_else_anything(robust: Server, query: str) -> None:
    before = robust.log.stat().st_size
    with ThreadPoolExecutor(4) as pool:
        lethal = [pool.submit(post, robust, query) for _ in range(2)]
        # Whatever the engine makes of it (some it may answer, or refuse), there is an answer, and no crash.
        assert {f.result() for f in lethal} <= {200, 400, 503}
    assert is_well(robust)
    assert robust.process.poll() is None
    assert "Traceback" not in robust.log.read_text()[before:]


def test_a_query_over_its_time_is_503_with_retry_after(robust: Server) -> None:
    reply = robust.get(f"/sparql?query={quote(ENDLESS)}")
    assert reply.status == 503
    assert reply.headers["retry-after"] == "5"
    problem = json.loads(reply.body)
    assert problem["error"] == "QueryTimeout"
    assert "after 1 seconds" in problem["detail"]


def test_when_all_processes_are_busy_the_next_waits_and_is_then_refused(
    thesaurus: Path, serve: Callable[..., Server]
) -> None:
    flags = ("--query-seconds", "3", "--query-processes", "1", "--queue-seconds", "0.5", "--short-seconds", "60")
    server = serve(thesaurus, *flags)
    with ThreadPoolExecutor(2) as pool:
        slow = pool.submit(server.get, f"/sparql?query={quote(ENDLESS)}")
        time.sleep(0.5)
        refused = server.get("/sparql?query=ASK%20%7B%7D")
        assert json.loads(refused.body)["error"] == "EngineBusy"
        assert (refused.status, refused.headers["retry-after"]) == (503, "5")
        assert slow.result().status == 503
    assert is_well(server)


def test_when_too_many_wait_the_next_is_refused_at_once(thesaurus: Path, serve: Callable[..., Server]) -> None:
    flags = ("--query-seconds", "3", "--query-processes", "1", "--queue-length", "0", "--short-seconds", "60")
    server = serve(thesaurus, *flags)
    with ThreadPoolExecutor(2) as pool:
        slow = pool.submit(server.get, f"/sparql?query={quote(ENDLESS)}")
        time.sleep(0.5)
        refused = server.get("/sparql?query=ASK%20%7B%7D")
        assert "0 queries are waiting" in json.loads(refused.body)["detail"]
        assert refused.status == 503
        assert slow.result().status == 503


def test_a_long_query_makes_way_for_short_ones(thesaurus: Path, serve: Callable[..., Server]) -> None:
    server = serve(thesaurus, "--query-seconds", "8", "--query-processes", "1", "--long-processes", "2")
    with ThreadPoolExecutor(3) as pool:
        slow = [pool.submit(server.get, f"/sparql?query={quote(f'# {n} {chr(10)}{ENDLESS}')}") for n in range(3)]
        while json.loads(server.get("/sparql?query=ASK%7B%7D").body) != {"head": {}, "boolean": True}:
            pass
        ended = [json.loads(s.result().body)["error"] for s in slow]
        # Two go on beside each other until their time is over; the third had to make room.
        assert sorted(ended) == ["EngineBusy", "QueryTimeout", "QueryTimeout"]
    assert is_well(server)


def test_killed_processes_are_replaced(robust: Server) -> None:
    for _ in range(5):
        workers = nursery_and_children(robust)
        os.kill(max(workers), signal.SIGKILL)
        assert gone([max(workers)])
        assert is_well(robust)
    nursery = min(nursery_and_children(robust))
    os.kill(nursery, signal.SIGKILL)
    assert is_well(robust)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_nothing_is_left_when_the_server_stops(limited: Server, number: signal.Signals) -> None:
    assert is_well(limited)
    family = children(limited.process.pid)
    assert len(family) >= 4
    limited.process.send_signal(number)
    limited.process.wait(timeout=30)
    assert gone(family)


def test_nothing_is_left_when_the_server_is_killed(limited: Server) -> None:
    family = children(limited.process.pid)
    limited.process.kill()
    limited.process.wait(timeout=30)
    assert gone(family)


def test_a_release_without_its_store_is_not_served(thesaurus: Path) -> None:
    release = kg.build(kg.open_project(thesaurus))
    shutil.rmtree(release.store)
    done = run_kg("serve", "--project", thesaurus, "--port", "0")
    assert done.returncode == 2
    assert "cannot be opened" in done.stderr
    assert "kg build" in done.stderr


@pytest.fixture(scope="module")
def wordy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with 2,000 triples of 500 characters each."""
    project = copy_project(THESAURUS, tmp_path_factory.mktemp("wordy") / "thesaurus")
    text = "".join(f'<https://data.example.org/bread/x/{i}> <urn:x:p> "{"x" * 500}{i}" .\n' for i in range(2000))
    (project / "data/concepts/many.ttl").write_text(text)
    return project


@pytest.fixture(scope="module")
def few_bytes(wordy: Path) -> Iterator[Server]:
    server = start_server(wordy, wordy.parent, "--answer-bytes", "600000")
    yield server
    stop_server(server)


@pytest.fixture(scope="module")
def few_rows(wordy: Path) -> Iterator[Server]:
    server = start_server(wordy, wordy.parent, "--answer-rows", "7")
    yield server
    stop_server(server)


LONG = "SELECT ?s ?o { ?s <urn:x:p> ?o } ORDER BY ?s"


def test_a_long_answer_is_streamed_whole(wordy: Path, serve: Callable[..., Server]) -> None:
    server = serve(wordy)
    query = "CONSTRUCT { ?s <urn:x:p> ?o } { ?s <urn:x:p> ?o }"
    reply = server.get(f"/sparql?query={quote(query)}", "application/n-triples")
    assert len(reply.body.splitlines()) == 2000
    assert len(reply.body) > 1_000_000
    packed = server.get(f"/sparql?query={quote(query)}", "application/n-triples", Accept_Encoding="gzip")
    assert gzip.decompress(packed.body) == reply.body
    assert packed.headers["etag"] != reply.headers["etag"]


@pytest.mark.parametrize("accept", ["application/sparql-results+json", "application/sparql-results+xml"])
def test_an_answer_over_the_limit_says_so_in_its_body(few_bytes: Server, accept: str) -> None:
    reply = few_bytes.get(f"/sparql?query={quote(LONG)}", accept)
    assert reply.status == 200
    if "json" in accept:
        answer = json.loads(reply.body)
        assert answer["cut"] == {"what": "bytes", "after": 600000}
        assert 900 < len(answer["results"]["bindings"]) < 1100
    else:
        assert b"<!-- cut after 600,000 bytes" in reply.body
        assert ElementTree.fromstring(reply.body).tag.endswith("sparql")


@pytest.mark.parametrize("accept", ["application/sparql-results+json", "text/csv", "text/turtle"])
def test_a_cut_answer_says_so_in_its_head(few_rows: Server, accept: str) -> None:
    query = LONG if "turtle" not in accept else "CONSTRUCT WHERE { ?s <urn:x:p> ?o }"
    reply = few_rows.get(f"/sparql?query={quote(query)}", accept)
    assert reply.headers["answer-cut"] == f"{'triples' if 'turtle' in accept else 'rows'}=7"
    assert "rows=7" in reply.headers["query-limits"]
    whole = few_rows.get(f"/sparql?query={quote(LONG + ' LIMIT 7')}")
    assert "answer-cut" not in whole.headers


def written(server: Server, path: str, accept: str = "*/*") -> bytes:
    """What is at a path, whatever port the server has."""
    reply = server.get(path, accept)
    assert reply.status == 200, path
    return reply.body.replace(server.url.rpartition(":")[2].encode(), b"")


@pytest.mark.parametrize("limit", ["--answer-rows=3", "--answer-bytes=1000"])
def test_limits_of_visitors_do_not_shorten_what_the_site_writes(
    crowded: Crowded, serving: Callable[..., Server], limit: str
) -> None:
    few = serving(limit)
    assert "answer-cut" in few.get(f"/sparql?query={quote(LONG)}", "application/json").headers
    for path in ("/", "/terms", "/doc/concept/bread.nt", "/doc/concept/bread", "/doc/dataset.nt", "/sitemap.xml"):
        assert written(few, path) == written(crowded.server, path)


DISPLAY = """@base <https://data.example.org/bread/> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix display: <https://w3id.org/pledge-graph-display#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
<words> a display:Page ; display:path "/words" ; dcterms:title "Words"@en ; display:section <words#1> .
<words#1> a display:Section ; rdfs:label "Words"@en ; display:query <id/question/words> ; display:view display:table ;
    sh:order 1 .
"""


def test_a_page_of_a_cut_answer_says_so_first_and_those_of_the_project_are_whole(
    wordy: Path, serve: Callable[..., Server], tmp_path: Path
) -> None:
    project = copy_project(wordy, tmp_path / "words")
    numbers = LONG.replace("?s ?o {", "?s ?n {").replace("?o }", "?o BIND(STRLEN(?o) AS ?n) }")
    (project / "ontology/questions").mkdir()
    (project / "ontology/questions/words.rq").write_text(f"# en: Which words are there?\n\n{numbers}\n")
    (project / "ontology/display.ttl").write_text(DISPLAY)
    server = serve(project, "--answer-rows", "600")
    drawn = f"/sparql?query={quote(numbers)}&view=bars"
    for path in (drawn, f"/embed{drawn.removesuffix('&view=bars')}"):
        reply = server.get(path, "text/html")
        assert reply.status == 200, path
        assert reply.headers["answer-cut"] == "rows=600", path
        note, rows = reply.text.find("This answer is not whole: cut after 600 rows"), reply.text.find("<table")
        assert 0 < note < rows, path
        assert re.search(r"\b600 rows\b(?<!first 600 rows)(?<!after 600 rows)", reply.text) is None, path
        assert "has them all" not in reply.text, path
    assert "500 of these rows are not drawn." in server.get(drawn, "text/html").text
    unlimited = serve(project)
    for path in ("/doc/question/words", "/embed/doc/question/words", "/words", "/embed/words"):
        assert "answer-cut" not in server.get(path, "text/html").headers
        assert written(server, path, "text/html") == written(unlimited, path, "text/html")


def test_a_cut_answer_that_cannot_say_so_breaks_off(few_bytes: Server) -> None:
    with pytest.raises(http.client.IncompleteRead):
        few_bytes.get(f"/sparql?query={quote(LONG)}", "text/csv")
    assert is_well(few_bytes)
