"""``kg.connect`` against real servers: good ones, with releases of the thesaurus, and one that misbehaves."""

from __future__ import annotations

import doctest
import hashlib
import importlib
import json
import pickle
import pkgutil
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from rdflib import URIRef

import kg
import kg.client
from kg import errors
from kg.client import IRI, Endpoint, Limits, Site, Text
from tests.conftest import THESAURUS, Server, copy_project, start_server, stop_server
from tests.live.conftest import BREAD, Crowded
from tests.live.wires import until

PREFIXES = "PREFIX skos: <http://www.w3.org/2004/02/skos/core#>\n"
MANY = 1_200  # more than one page of what points at a thing
HASTY = Limits(seconds=10, tries=3, patience=5)


def edition(project: Path, version: str, day: str, more: str) -> kg.Release:
    dataset = project / "data/dataset.ttl"
    text = re.sub(r'dcat:version "[^"]*"', f'dcat:version "{version}"', dataset.read_text())
    dataset.write_text(re.sub(r'"[0-9-]{10}"\^\^xsd:date', f'"{day}"^^xsd:date', text))
    (project / "data/concepts/more.ttl").write_text(f"@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n{more}")
    return kg.build(kg.open_project(project))


def loaf(number: int) -> str:
    return (
        f'<{BREAD}concept/loaf-{number}> a skos:Concept ; skos:prefLabel "loaf number {number}"@en ;'
        f' skos:definition "One of many." ; skos:broader <{BREAD}concept/bread> .\n'
    )


@pytest.fixture(scope="module")
def bakery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The thesaurus on a server, in two releases; in the second, 2.1, there are many loaves."""
    project = copy_project(THESAURUS, tmp_path_factory.mktemp("client") / "thesaurus")
    edition(project, "2.0", "2025-07-15", loaf(0))
    edition(project, "2.1", "2026-01-31", "".join(map(loaf, range(MANY))))
    server = start_server(project, tmp_path_factory.mktemp("client-log"))
    yield server
    stop_server(server)
    assert "Traceback" not in server.log.read_text(), server.log.read_text()


@pytest.fixture(scope="module")
def site(bakery: Server) -> Iterator[Site]:
    with kg.connect(bakery.url) as connected:
        yield connected


# What a good site answers


def test_a_query_gives_typed_rows(site: Site) -> None:
    result = site.query(
        "SELECT ?b ?name ?n ?d ?on ?none { ?b skos:prefLabel ?name VALUES (?n ?d ?on) { $row } } LIMIT 1"
        .replace("$row", '(3 2.50 "2026-01-31"^^xsd:date)'),
    )  # fmt: skip
    assert result.variables == ("b", "name", "n", "d", "on", "none")
    [row] = result.rows
    assert list(result) == [row]
    assert (row["n"], row["d"], row["on"]) == (3, Decimal("2.5"), date(2026, 1, 31))
    assert isinstance(row["b"], IRI)
    assert isinstance(row["name"], Text)
    assert row["name"].language == "en"
    assert "none" not in row
    frame = result.dataframe()
    assert list(frame.columns) == list(result.variables)
    assert frame["n"].tolist() == [3]
    assert frame["none"].isna().all()


def test_prefixes_of_the_project_need_no_declaration_and_lines_stay_right(site: Site) -> None:
    assert site.query("ASK { ?s a skos:Concept }").boolean
    assert not site.query(PREFIXES + "ASK { ?s a skos:Collection }")
    text = "SELECT * {\n ?s a skos:Concept .\n ?s ]\n}"
    places = []
    for query in (text, PREFIXES.strip() + text):
        with pytest.raises(errors.QuerySyntaxError) as caught:
            site.query(query)
        places.append((caught.value.line, caught.value.column))
    assert places[0] == places[1]
    assert places[0][0] > 1
    with pytest.raises(errors.QuerySyntaxError, match="prefix nix: is not declared") as caught:
        site.query("ASK {\n?s a nix:Concept, skos:Concept }")
    assert (caught.value.line, caught.value.column) == (2, 6)


def test_values_are_put_into_queries(site: Site) -> None:
    names = site.query("SELECT ?name { $bread skos:prefLabel ?name }", bread=IRI(f"{BREAD}concept/cr\u00e8me-brioche"))
    assert [row["name"] for row in names] == ["crème brioche"]
    text = "SELECT DISTINCT ?bread { VALUES ?name { $names } ?bread skos:prefLabel ?name } LIMIT $most"
    assert len(site.query(text, names=[Text("Brot", "de"), Text("pumpernickel", "en"), "Brot"], most=5)) == 2


def test_a_graph_is_a_graph(site: Site, bakery: Server) -> None:
    found = site.query("CONSTRUCT WHERE { ?s skos:broader ?o }")
    assert len(found.graph()) == len(found) == int(str(site.query(
        "SELECT (COUNT(*) AS ?n) { ?s skos:broader ?o }").rows[0]["n"]))  # fmt: skip
    with pytest.raises(errors.AnswerInvalid, match="no rows"):
        _ = found.rows
    with pytest.raises(errors.AnswerInvalid, match="no graph"):
        site.query("ASK {}").graph()


def test_a_long_query_goes_in_the_body(site: Site) -> None:
    text = "x" * 300_000
    assert site.query("SELECT (STRLEN($text) AS ?n) {}", text=text).rows == ({"n": 300_000},)


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("INSERT DATA { <urn:x:a> <urn:x:b> 1 }", errors.QueryRefused),
        ("SELECT * { SERVICE <http://x.example/> { ?s ?p ?o } }", errors.QueryRefused),
        ("SELECT", errors.QuerySyntaxError),
        ("", errors.QuerySyntaxError),
    ],
)
def test_what_is_wrong_with_a_query_is_told_as_by_kg_query(site: Site, query: str, error: type[errors.KgError]) -> None:
    with pytest.raises(error):
        site.query(query)


def test_a_document_is_whole_over_all_its_pages(site: Site, bakery: Server) -> None:
    document = site.document(f"{BREAD}concept/bread")
    pages = list(document.pages())
    assert len(pages) > 1
    assert pages[0].link("next") == pages[0].following == pages[1].url
    broader = URIRef("http://www.w3.org/2004/02/skos/core#broader")
    pointing = set(document.graph.subjects(broader, URIRef(document.iri)))
    rows = site.query("SELECT ?s { ?s skos:broader $bread }", bread=document.iri)
    assert pointing == {URIRef(str(row["s"])) for row in rows}
    assert len(pointing) >= MANY
    assert (document.label, document.name("de"), document.name("fr", "de")) == ("bread", "Brot", "Brot")
    assert {link.relation for link in document.links} >= {"canonical", "license", "describes", "timegate", "next"}


@pytest.mark.parametrize(
    "thing", ["concept/crème-brioche", "/doc/concept/crème-brioche", f"{BREAD}concept/crème-brioche", "{url}/doc/concept/cr%C3%A8me-brioche"]
)  # fmt: skip
def test_a_thing_can_be_named_in_many_ways(site: Site, bakery: Server, thing: str) -> None:
    document = site.document(thing.replace("{url}", bakery.url))
    assert document.iri in (f"{BREAD}concept/crème-brioche", f"{BREAD}concept/cr%C3%A8me-brioche")
    assert "filled" in document.graph.serialize(format="nt")


def test_what_is_unknown_or_elsewhere_is_told(site: Site) -> None:
    with pytest.raises(errors.SiteRejection, match="nothing is known") as caught:
        site.document("concept/brick")
    assert caught.value.status == caught.value.problem["status"] == 404
    with pytest.raises(errors.SiteError, match="not of this site"):
        site.document("https://elsewhere.example/bread")


def test_the_site_as_it_was(site: Site, bakery: Server) -> None:
    releases = site.releases()
    first, second = releases
    assert [moment.date() for moment in releases.values()] == [date(2025, 7, 15), date(2026, 1, 31)]
    count = "SELECT (COUNT(*) AS ?n) { ?s skos:broader ?o }"
    now, then = (int(str(s.query(count).rows[0]["n"])) for s in (site, site.at("2.0")))
    assert now - then == MANY - 1
    whens: list[str | date] = [first, "2.0", date(2025, 7, 15), date(2026, 1, 30), date(1990, 1, 1)]
    assert {site.at(when).release.name for when in whens} == {first}
    later: list[str | date] = [second, date(2026, 1, 31), datetime(2026, 1, 31, tzinfo=UTC), date(2030, 1, 1)]
    assert {site.at(when).release.name for when in later} == {second}
    past = site.at("2.0")
    assert past.release.version == "2.0"
    assert len(list(past.document("concept/bread").pages())) == 1
    assert past.search("loaf number 1") == [] or "number 0" in past.search("loaf number 1")[0].label
    assert site.at("2.0").at("2.1").release.name == second
    with pytest.raises(errors.SiteRejection, match="404"):
        site.at("9.9")
    with pytest.raises(errors.SiteRejection, match="404"):
        past.document("concept/loaf-7")


def test_a_search_finds_things(site: Site) -> None:
    [hit] = site.search("Sauerteigbrot", language="de", limit=1)
    assert (hit.iri, hit.label, hit.language, hit.score) == (f"{BREAD}concept/sourdough", "Sauerteigbrot", "de", 1.0)
    concept = "http://www.w3.org/2004/02/skos/core#Concept"
    assert concept in hit.types
    assert len(site.search("loaf", types=[concept], limit=100)) == 100
    assert site.search("loaf", types=["urn:x:nothing"]) == []
    with pytest.raises(errors.SiteRejection, match="from 1 to 100"):
        site.search("loaf", limit=101)


# Downloads


def test_a_download_has_its_digest_and_is_not_fetched_twice(site: Site, tmp_path: Path) -> None:
    release = site.release
    for name in ("data.nt.gz", "data.nt", "catalogue.ttl"):
        path = site.download(name, tmp_path)
        size, digest = release.files.get(f"dumps/{name}") or release.files[name]
        assert path == tmp_path / name
        assert (path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest()) == (size, digest)
    before = path.stat().st_mtime_ns
    assert site.download("catalogue.ttl", tmp_path / "catalogue.ttl").stat().st_mtime_ns == before
    assert len(list(tmp_path.iterdir())) == 3
    with pytest.raises(errors.SiteError, match=r"has no file data.exe\n.*data.nt.gz"):
        site.download("data.exe", tmp_path)


@pytest.mark.parametrize("name", ["data.nt", "data.nt.gz"])
def test_a_download_goes_on_where_it_stopped(site: Site, tmp_path: Path, name: str) -> None:
    whole = site.download(name, tmp_path / "whole").read_bytes()
    digest = hashlib.sha256(whole).hexdigest()
    part = tmp_path / f".again.{digest[:16]}.part"
    half = len(whole) // 2
    part.write_bytes(whole[:half])
    assert site.download(name, tmp_path / "again").read_bytes() == whole
    # What is wrong in the part that was there is found out, and the next time all is fetched.
    (tmp_path / "again").unlink()
    part.write_bytes(b"!" * half)
    with pytest.raises(errors.AnswerInvalid, match="digest"):
        site.download(name, tmp_path / "again")
    assert site.download(name, tmp_path / "again").read_bytes() == whole
    assert not list(tmp_path.glob("*.part"))


# Asking again


def test_what_is_kept_is_confirmed_and_never_out_of_date(
    thesaurus: Path, serve: Callable[..., Server], tmp_path: Path
) -> None:
    log = tmp_path / "access.log"
    edition(thesaurus, "1.0", "2025-01-01", loaf(1))
    server = serve(thesaurus, "--access-log", str(log))
    query = "SELECT ?name { ?s skos:prefLabel ?name } ORDER BY ?name"

    def statuses(start: str) -> list[int]:
        lines = [json.loads(line) for line in log.read_text().splitlines()]
        return [line["status"] for line in lines if line["path"].startswith(start)]

    folder = tmp_path / "kept"
    with kg.connect(server.url, cache=folder) as first:
        names = first.query(query).rows
        assert first.query(query).rows == names
    assert until(lambda: statuses("/sparql") == [200, 304])  # a line is written once the answer has gone
    # Another program, another day.
    with kg.connect(server.url, cache=folder) as later:
        assert later.query(query).rows == names
        assert until(lambda: statuses("/sparql") == [200, 304, 304])
        edition(thesaurus, "1.1", "2025-01-02", loaf(1) + loaf(2))
        assert until(lambda: later.release.version == "1.1")
        assert len(later.query(query)) == len(names) + 1


# Limits


def test_an_answer_that_was_cut_is_no_answer_unless_it_is_allowed(
    crowded_project: tuple[Path, kg.Release], serve: Callable[..., Server]
) -> None:
    server = serve(crowded_project[0], "--answer-rows", "1000")
    with kg.connect(server.url) as site:
        for query, size in (("SELECT * { ?s <urn:x:q> ?o }", 1000), ("CONSTRUCT WHERE { ?s <urn:x:q> ?o }", 1000)):
            with pytest.raises(errors.AnswerCut, match="cut after 1,000") as caught:
                site.query(query)
            assert isinstance(caught.value.answer, kg.client.Result)
            assert len(caught.value.answer) == size
            part = site.query(query, allow_cut=True)
            assert part.cut is not None
            assert len(part) == size
        assert site.query("SELECT * { ?s <urn:x:q> ?o } LIMIT 1000").cut is None


def test_a_query_over_its_time_is_told_and_not_asked_again(crowded: Crowded) -> None:
    product = " ".join(f"?s{n} <urn:x:p> ?o{n} ." for n in range(6))
    before = len(crowded.lines())
    with kg.connect(crowded.server.url) as site, pytest.raises(errors.QueryTimeout):
        site.query(f"SELECT (COUNT(*) AS ?n) {{ {product} FILTER(STRLEN(?o1) < STRLEN(?o2)) }}")

    def asked() -> int:
        return len([line for line in crowded.lines()[before:] if line["path"].startswith("/sparql")])

    assert until(lambda: asked() > 0)
    assert asked() == 1


def test_an_answer_has_no_more_bytes_than_allowed_nor_a_graph_less_than_it_should(crowded: Crowded) -> None:
    limits = Limits(size=100_000)
    with kg.connect(crowded.server.url, limits=limits) as site:
        with pytest.raises(errors.AnswerTooLarge, match="100,000 bytes"):
            site.query("SELECT * { ?s <urn:x:p> ?o }")
        assert len(site.query("SELECT * { ?s <urn:x:p> ?o } LIMIT 10")) == 10


def test_threads_share_a_site(site: Site) -> None:
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415

    with ThreadPoolExecutor(8) as pool:
        found = pool.map(lambda n: site.query("SELECT ($n * 2 AS ?x) {}", n=n).rows[0]["x"], range(100))
        assert list(found) == [2 * n for n in range(100)]


# A site that misbehaves


class Rogue:
    """A server that answers what it is told to: path -> a function of the request."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.replies: dict[str, Callable[[BaseHTTPRequestHandler], None]] = {}
        rogue = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                rogue.asked.append(self.path)
                rogue.replies[urlsplit(self.path).path](self)

            do_POST = do_HEAD = do_GET  # noqa: N815 - http.server's names

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def send(status: int, body: bytes = b"", **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    def reply(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return reply


RESULTS = b'{"head":{"vars":["x"]},"results":{"bindings":[]}}'
GOOD = send(200, RESULTS, Content_Type="application/sparql-results+json")


@pytest.fixture
def rogue() -> Iterator[Rogue]:
    started = Rogue()
    yield started
    started.close()


def ask(rogue: Rogue, limits: Limits = HASTY, path: str = "/sparql") -> int:
    with Endpoint(rogue.url + path, limits=limits) as endpoint:
        return len(endpoint.query("SELECT ?x {}"))


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_site_is_asked_again_when_it_wishes(rogue: Rogue, status: int) -> None:
    answers = [send(status, Retry_After="1"), send(status, Retry_After="Mon, 01 Jan 2024 00:00:00 GMT"), GOOD]

    def next_one(handler: BaseHTTPRequestHandler) -> None:
        answers.pop(0)(handler)

    rogue.replies["/sparql"] = next_one
    assert ask(rogue) == 0
    assert len(rogue.asked) == 3


def test_it_is_asked_so_often_and_not_for_ever(rogue: Rogue) -> None:
    rogue.replies["/sparql"] = send(503, Retry_After="0")
    with pytest.raises(errors.SiteRejection) as caught:
        ask(rogue)
    assert caught.value.status == 503
    assert len(rogue.asked) == HASTY.tries
    rogue.replies["/late"] = send(503, Retry_After="86400")
    with pytest.raises(errors.SiteRejection, match="503"):
        ask(rogue, path="/late")
    assert rogue.asked.count("/late?query=SELECT+%3Fx+%7B%7D") == 1


@pytest.mark.parametrize("named", ["QueryTimeout", "QueryCrashed"])
def test_a_query_that_fails_each_time_is_not_asked_again(rogue: Rogue, named: str) -> None:
    problem = json.dumps({"status": 503, "detail": "stopped", "error": named}).encode()
    rogue.replies["/sparql"] = send(503, problem, Content_Type="application/problem+json", Retry_After="0")
    with pytest.raises(getattr(errors, named), match="stopped"):
        ask(rogue)
    assert len(rogue.asked) == 1


def test_redirects_lead_to_the_same_host_or_to_one_that_is_allowed(rogue: Rogue) -> None:
    other = Rogue()
    try:
        other.replies["/sparql"] = GOOD
        port = urlsplit(other.url).port
        rogue.replies["/sparql"] = send(307, Location=f"http://localhost:{port}/sparql")
        with pytest.raises(errors.AnswerInvalid, match="another host, localhost"):
            ask(rogue)
        assert other.asked == []
        assert ask(rogue, Limits(hosts=frozenset({"localhost"}))) == 0
        assert len(other.asked) == 1
    finally:
        other.close()
    rogue.replies["/sparql"] = send(302, Location="/sparql")
    with pytest.raises(errors.AnswerInvalid, match="leads to more than 5"):
        ask(rogue)
    for target in ("file:///etc/passwd", "http://[", "ftp://127.0.0.1/"):
        rogue.replies["/sparql"] = send(302, Location=target)
        with pytest.raises(errors.AnswerInvalid):
            ask(rogue)


def dripping(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    with suppress(OSError):
        while True:  # for ever, if the client had the patience
            handler.wfile.write(b" ")
            time.sleep(0.05)


def silent(_: BaseHTTPRequestHandler) -> None:
    time.sleep(5)


def endless(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "application/sparql-results+json")
    handler.end_headers()
    with suppress(OSError):
        while True:
            handler.wfile.write(b" " * 65_536)


def torn(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(RESULTS)


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (dripping, errors.SiteUnreachable),
        (silent, errors.SiteUnreachable),
        (endless, errors.AnswerTooLarge),
        (torn, errors.AnswerInvalid),
        (send(200, b"<html>"), errors.AnswerInvalid),
        (send(404, b"<html>", Content_Type="text/html"), errors.SiteRejection),
        (send(500, b"[1", Content_Type="application/json"), errors.SiteRejection),
        (send(400, b'["no", "problem"]', Content_Type="application/problem+json"), errors.SiteRejection),
        (send(400, b'{"error": "KgError", "detail": {}}', Content_Type="application/json"), errors.SiteRejection),
        (send(204), errors.AnswerInvalid),
        (send(304), errors.AnswerInvalid),
    ],
)  # fmt: skip
def test_a_bad_answer_is_an_error_that_says_so(
    rogue: Rogue, reply: Callable[[BaseHTTPRequestHandler], None], error: type[errors.SiteError]
) -> None:
    rogue.replies["/sparql"] = reply
    with pytest.raises(error) as caught:
        ask(rogue, Limits(seconds=1, tries=2, patience=1, size=1_000_000))
    assert type(caught.value) is error
    assert rogue.url in caught.value.message


def test_what_is_no_site_is_told_at_once(rogue: Rogue) -> None:
    path = "/dumps/latest/manifest.json"
    rogue.replies[path] = send(404)
    with pytest.raises(errors.AnswerInvalid, match=r"(?s)is no site of this program.*kg.client.Endpoint"):
        kg.connect(rogue.url)
    rogue.replies[path] = send(200, b'{"name": "x"}')
    with pytest.raises(errors.AnswerInvalid, match="no manifest"):
        kg.connect(rogue.url)
    with pytest.raises(errors.ConfigError):
        kg.connect("localhost:8000")
    with pytest.raises(errors.SiteUnreachable, match="is the site running"):
        kg.connect("http://127.0.0.1:1/", limits=Limits(tries=2, patience=1))


def manifest(files: dict[str, list[object]]) -> bytes:
    facts = {
        "name": "1",
        "version": "1",
        "date": "2026-01-01",
        "base": "https://x.example/",
        "licence": "",
        "title": {},
    }
    return json.dumps({**facts, "languages": [], "label_properties": [], "prefixes": {}, "files": files}).encode()


def test_a_download_survives_broken_connections_but_no_false_bytes(rogue: Rogue, tmp_path: Path) -> None:
    body = bytes(range(256)) * 4_000
    digest = hashlib.sha256(body).hexdigest()
    rogue.replies["/dumps/latest/manifest.json"] = send(200, manifest({"dumps/a": [len(body), digest]}))

    def in_pieces(handler: BaseHTTPRequestHandler) -> None:
        start = int(handler.headers.get("Range", "bytes=0-").removeprefix("bytes=").removesuffix("-"))
        handler.send_response(206 if start else 200)
        if start:
            assert handler.headers["If-Range"] == f'"{digest}"'
            handler.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        handler.send_header("Content-Length", str(len(body) - start))
        handler.end_headers()
        handler.wfile.write(body[start : start + 300_000])

    rogue.replies["/dumps/1/a"] = in_pieces
    with kg.connect(rogue.url, limits=HASTY) as site:
        assert site.download("a", tmp_path).read_bytes() == body
        assert rogue.asked.count("/dumps/1/a") == 4
        (tmp_path / "a").unlink()
        for reply in (
            send(200, b"!" * len(body)),
            send(200, body + b"!"),
            send(206, body, Content_Range="bytes 7-8/9"),
        ):
            rogue.replies["/dumps/1/a"] = reply
            with pytest.raises(errors.AnswerInvalid):
                site.download("a", tmp_path)
            assert not (tmp_path / "a").exists()
            for part in tmp_path.iterdir():
                part.unlink()


def test_a_document_whose_pages_have_no_end_is_ended(rogue: Rogue, tmp_path: Path) -> None:
    rogue.replies["/dumps/latest/manifest.json"] = send(200, manifest({}))
    rogue.replies["/id/a"] = send(
        200,
        b"<urn:x:s> <urn:x:p> <urn:x:o> .",
        Content_Type="application/n-triples",
        Link='<https://x.example/id/a>; rel="describes", </id/a>; rel="next"',
    )
    with kg.connect(rogue.url, limits=HASTY) as site:
        document = site.document("https://x.example/id/a")
        with pytest.raises(errors.AnswerInvalid, match="no end"):
            _ = document.graph


# The documentation


@pytest.mark.parametrize("module", [name for _, name, _ in pkgutil.iter_modules(kg.client.__path__)])
def test_the_examples_in_the_program_are_true(module: str, bakery: Server) -> None:
    loaded = importlib.import_module(f"kg.client.{module}")
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    told: list[str] = []
    opened: list[Site] = []

    def connect(url: str) -> Site:
        opened.append(kg.connect(url))
        return opened[-1]

    for test in doctest.DocTestFinder(exclude_empty=True).find(loaded):
        for example in test.examples:
            example.source = example.source.replace("http://localhost:8000", bakery.url)
        test.globs["connect"] = connect  # the examples leave out what is always the same: to close it
        runner.run(test, out=told.append)
    for site in opened:
        site.close()
    assert runner.summarize(verbose=False).failed == 0, "".join(told)


def test_errors_can_be_pickled_and_printed() -> None:
    error = errors.SiteRejection("no", "try", 404, {"detail": "x"})
    assert str(error) == "no\n  try"
    assert pickle.loads(pickle.dumps(error)).args == error.args
