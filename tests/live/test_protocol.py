"""Blocks S1 to S5, GS and G1 to G5 of the contract on a real server, beyond ``test_sparql``."""

from __future__ import annotations

import gzip
import http.client
import json
import os
import subprocess
from contextlib import suppress
from urllib.parse import quote, urlencode

import pyoxigraph as ox
import pytest
from rdflib import Graph, URIRef

from tests.conftest import Reply, Server, request
from tests.live.conftest import BREAD, Crowded
from tests.live.wires import address, asking, dial, read_all

FORM = "application/x-www-form-urlencoded"
DIRECT = "application/sparql-query"
JSON = "application/sparql-results+json"
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
LONG = "SELECT ?s ?o { ?s <urn:x:p> ?o } ORDER BY ?s"


@pytest.fixture
def server(crowded: Crowded) -> Server:
    return crowded.server


def rows(reply: Reply) -> list[dict[str, str]]:
    assert reply.status == 200, reply.text
    found = json.loads(reply.body)["results"]["bindings"]
    return [{name: term["value"] for name, term in row.items()} for row in found]


def ask(server: Server, query: str, accept: str = JSON, **more: object) -> Reply:
    return server.get(f"/sparql?{urlencode({'query': query, **more}, doseq=True)}", accept)


def post(server: Server, body: str | bytes, kind: str | None, path: str = "/sparql", accept: str = JSON) -> Reply:
    """Without ``kind`` without a Content-Type: urllib would add one."""
    connection = http.client.HTTPConnection(*address(server), timeout=30)
    connection.putrequest("POST", path)
    data = body.encode() if isinstance(body, str) else body
    for name, value in {"Accept": accept, "Content-Length": str(len(data)), "Content-Type": kind}.items():
        if value is not None:
            connection.putheader(name, value)
    connection.endheaders(data)
    response = connection.getresponse()
    found = Reply(response.status, {n.lower(): v for n, v in response.headers.items()}, [], response.read())
    connection.close()
    return found


# -- S1, S2: operations ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "kind", "body", "status"),
    [
        ("/sparql", None, "query=ASK%7B%7D", 415),
        ("/sparql", "", "query=ASK%7B%7D", 415),
        ("/sparql", "multipart/form-data; boundary=x", "--x--", 415),
        ("/sparql", f"{FORM}; charset=iso-8859-1", "query=ASK%7B%7D", 415),
        ("/sparql", f"{FORM}; charset=UTF-8", "query=ASK%7B%7D", 200),
        ("/sparql", f'{DIRECT}; charset="utf-8"', "ASK {}", 200),
        ("/sparql", DIRECT.upper(), "ASK {}", 200),
        ("/sparql", DIRECT, "", 400),
        ("/sparql", FORM, "query=", 400),
        ("/sparql?query=ASK%7B%7D", DIRECT, "ASK {}", 400),
        ("/sparql?query=ASK%7B%7D", FORM, "", 400),
        ("/sparql", FORM, "query=ASK%7B%7D&update=CLEAR%20ALL", 400),
        ("/sparql", FORM, "query=%FF", 400),
        ("/sparql", DIRECT, "INSERT DATA { <a:a> <a:b> <a:c> }", 403),
        ("/sparql?using-graph-uri=a:a", "application/sparql-update", "CLEAR ALL", 403),
        (f"/sparql?default-graph-uri={BREAD}graph/nothing", DIRECT, "SELECT * { ?s ?p ?o }", 200),
    ],
)
def test_what_can_be_posted(server: Server, path: str, kind: str | None, body: str, status: int) -> None:
    reply = post(server, body, kind, path)
    assert reply.status == status, reply.text
    problem = json.loads(reply.body)
    assert ("detail" in problem) == (status != 200)


def test_no_update_changes_anything(server: Server) -> None:
    before = rows(ask(server, COUNT))
    for update in ("CLEAR ALL", "DELETE WHERE { ?s ?p ?o }", "INSERT DATA { <a:a> <a:b> <a:c> }", "DROP ALL"):
        assert ask(server, update).status == 403
        assert post(server, update, "application/sparql-update").status == 403
        assert post(server, urlencode({"update": update}), FORM).status == 403
        assert server.get(f"/sparql?update={quote(update)}").status == 400
    assert rows(ask(server, COUNT + " # again")) == before


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "FOO"])
@pytest.mark.parametrize("path", ["/sparql", "/graphs?default", "/metrics", "/health/live"])
def test_other_methods_are_405_with_those_that_are_allowed(server: Server, method: str, path: str) -> None:
    reply = request(server.url + path, method)
    assert reply.status == 405
    assert {"GET", "HEAD", "OPTIONS"} <= set(reply.headers["allow"].split(", "))
    assert reply.headers["access-control-allow-origin"] == "*"


# -- S3: the dataset ---------------------------------------------------------------------------------------------------


def test_the_dataset_of_the_request_replaces_that_of_the_query(crowded: Crowded) -> None:
    server, graphs = crowded.server, [*crowded.release.manifest.graphs]
    sizes = {g: int(rows(ask(server, f"SELECT (COUNT(*) AS ?n) FROM <{g}> {{ ?s ?p ?o }}"))[0]["n"]) for g in graphs}
    small, large = sorted((g for g in graphs if sizes[g]), key=lambda g: sizes[g])[:2]
    assert sizes[small] != sizes[large]
    query = f"SELECT (COUNT(*) AS ?n) FROM <{small}> {{ ?s ?p ?o }}"
    assert rows(ask(server, query, **{"default-graph-uri": large})) == [{"n": str(sizes[large])}]
    both = rows(
        server.get("/sparql?" + urlencode([("query", COUNT), *(("default-graph-uri", g) for g in (small, large))]))
    )
    assert both == [{"n": str(sizes[large] + sizes[small])}]
    # Only named graphs: the default graph is empty, also against FROM.
    assert rows(ask(server, query, **{"named-graph-uri": large})) == [{"n": "0"}]
    named = f"SELECT (COUNT(*) AS ?n) FROM NAMED <{small}> {{ GRAPH ?g {{ ?s ?p ?o }} }}"
    assert rows(ask(server, named, **{"named-graph-uri": large})) == [{"n": str(sizes[large])}]
    assert rows(ask(server, named, **{"default-graph-uri": large})) == [{"n": "0"}]
    assert rows(ask(server, COUNT, **{"default-graph-uri": "http://127.0.0.1:9/no"})) == [{"n": "0"}]
    # In the body of a form, in the address of a form, in the address of a query sent as it is.
    fields = {"query": COUNT, "default-graph-uri": large}
    assert rows(post(server, urlencode(fields), FORM)) == [{"n": str(sizes[large])}]
    path = "/sparql?" + urlencode({"default-graph-uri": large})
    assert rows(post(server, urlencode({"query": COUNT}), FORM, path)) == [{"n": str(sizes[large])}]
    assert rows(post(server, COUNT, DIRECT, path)) == [{"n": str(sizes[large])}]


COUNTS = [
    "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
    "select (count(*) as ?n) where { $a $b $c . } ",
    "# how many?\nPREFIX a: <urn:a> SELECT (COUNT(?p) AS ?n)\n{ ?s ?p ?o # all\n}",
    "SELECT (COUNT(*) AS ?n) { ?s ?s ?o }",
    "SELECT (COUNT(*) AS ?n) { ?s ?p ?s }",
    "SELECT (COUNT(?x) AS ?n) { ?s ?p ?o }",
    "SELECT (COUNT(DISTINCT *) AS ?n) { ?s ?p ?o }",
    "SELECT (COUNT(*) AS ?n) { ?s ?p ?o } LIMIT 0",
    "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }",
    f"SELECT (COUNT(*) AS ?n) FROM <{BREAD}graph/vocab> {{ ?s ?p ?o }}",
    "SELECT (COUNT(*) AS ?n) { ?s ?p ?o } HAVING (?n < 0)",
    "SELECT (COUNT(*) AS ?n) { ?S ?p ?s }",
]


@pytest.mark.parametrize("query", COUNTS)
def test_counting_everything_counts_right(crowded: Crowded, query: str) -> None:
    # A filter that is always true keeps the engine from any short cut.
    closing = query.rindex("}", 0, query.rindex("}")) if "GRAPH" in query else query.rindex("}")
    evaluated = (
        f"{query[:closing].partition('#')[0] if 'all' in query else query[:closing]} FILTER(1 = 1) {query[closing:]}"
    )
    if "how many" in query:
        evaluated = "SELECT (COUNT(?p) AS ?n) { ?s ?p ?o FILTER(1 = 1) }"
    assert rows(ask(crowded.server, query)) == rows(ask(crowded.server, evaluated))


def test_a_count_cannot_take_the_name_of_what_is_counted(server: Server) -> None:
    filtered = ask(server, "SELECT (COUNT(*) AS ?s) { ?s ?p ?o FILTER(1 = 1) }")
    assert ask(server, "SELECT (COUNT(*) AS ?s) { ?s ?p ?o }").status == filtered.status


# -- S4: formats -------------------------------------------------------------------------------------------------------

TABLE = 'SELECT ?b ?a { VALUES (?a ?b) { (1 "x,\\"y\\"") (UNDEF <urn:x>) ("t\\tb"@en "") } }'


def test_tables_hold_what_the_standard_says(server: Server) -> None:
    csv = ask(server, TABLE, "text/csv")
    assert csv.body == b'b,a\r\n"x,""y""",1\r\nurn:x,\r\n,t\tb\r\n'
    tsv = ask(server, TABLE, "text/tab-separated-values")
    assert tsv.body == b'?b\t?a\n"x,\\"y\\""\t1\n<urn:x>\t\n""\t"t\\tb"@en\n'
    for accept in ("application/json", JSON):
        reply = ask(server, TABLE, accept)
        assert reply.headers["content-type"] == JSON
        assert json.loads(reply.body)["head"]["vars"] == ["b", "a"]
    for accept in ("application/xml", "application/sparql-results+xml"):
        reply = ask(server, TABLE, accept)
        assert reply.headers["content-type"] == "application/sparql-results+xml"
        assert reply.text.index('name="b"') < reply.text.index('name="a"')


@pytest.mark.parametrize(
    ("accept", "format_", "content_type"),
    [
        ("text/turtle", ox.RdfFormat.TURTLE, "text/turtle; charset=utf-8"),
        ("application/n-triples", ox.RdfFormat.N_TRIPLES, "application/n-triples"),
        ("application/rdf+xml", ox.RdfFormat.RDF_XML, "application/rdf+xml"),
        ("application/xml", ox.RdfFormat.RDF_XML, "application/rdf+xml"),
        ("application/ld+json", ox.RdfFormat.JSON_LD, "application/ld+json"),
        ("application/json", ox.RdfFormat.JSON_LD, "application/ld+json"),
    ],
)
def test_graphs_in_every_format_are_the_same_graph(
    server: Server, accept: str, format_: ox.RdfFormat, content_type: str
) -> None:
    query = f"CONSTRUCT {{ ?s ?p ?o }} {{ ?s ?p ?o FILTER(STRSTARTS(STR(?s), '{BREAD}concept/')) }}"
    plain = ask(server, query, "application/n-triples")
    wanted = {(q.subject, q.predicate, q.object) for q in ox.parse(plain.body, ox.RdfFormat.N_TRIPLES)}
    reply = ask(server, query, accept)
    assert reply.headers["content-type"] == content_type
    assert {(q.subject, q.predicate, q.object) for q in ox.parse(reply.body, format_)} == wanted
    assert len(wanted) > 10


@pytest.mark.parametrize(
    ("query", "accept", "status", "content_type"),
    [
        (COUNT, "text/csv;q=0.5, application/sparql-results+xml;q=0.6", 200, "application/sparql-results+xml"),
        (COUNT, "*/*;q=0.1, text/*", 200, "text/csv"),
        (COUNT, "text/*, text/csv;q=0", 200, "text/tab-separated-values"),
        (COUNT, f"*/*, {JSON};q=0", 200, "application/sparql-results+xml"),
        (COUNT, "text/csv;q=0", 406, ""),
        (COUNT, "*/*;q=0", 406, ""),
        (COUNT, "text/turtle, text/csv;q=0.1", 200, "text/csv"),
        (COUNT, "/, ;;;, q=, text/csv", 200, "text/csv"),
        (COUNT, "text/csv;q=abc", 200, ""),
        (COUNT, ",", 200, JSON),
        (COUNT, "*", 200, ""),
        (COUNT, "text/csv;q=0.0001", 200, ""),
        (COUNT, "x" * 3000, 200, ""),
        ("ASK {}", "text/csv", 406, ""),
        ("ASK {}", "text/tab-separated-values", 406, ""),
        ("ASK {}", "text/turtle", 406, ""),
        (COUNT, "text/turtle", 406, ""),
        ("DESCRIBE <a:a>", JSON, 406, ""),
    ],
)
def test_accept(server: Server, query: str, accept: str, status: int, content_type: str) -> None:
    reply = ask(server, query, accept)
    assert reply.status in (status, 406 if not content_type else status), reply.text
    assert reply.status == status or "q=abc" in accept or accept == "*" or "0.0001" in accept
    assert reply.headers["content-type"].startswith(content_type)
    if reply.status == 406:
        problem = json.loads(reply.body)
        assert "available are" in problem["detail"] or "media types" in problem["detail"]


def test_who_sends_accept_twice_is_understood(server: Server) -> None:
    with dial(server, asking("ASK {}", "text/csv", more=f"Accept: {JSON};q=0.5\r\nConnection: close\r\n")) as twice:
        got = read_all(twice)
    assert got.startswith(b"HTTP/1.1 200 ")
    assert got.endswith(b'"boolean":true}')


# -- S5: the service description ---------------------------------------------------------------------------------------


def test_the_service_description_tells_what_the_service_is(server: Server) -> None:
    reply = server.get("/sparql", "text/turtle")
    graph = Graph().parse(data=reply.body, format="turtle")
    sd = "http://www.w3.org/ns/sparql-service-description#"
    kind = URIRef("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
    [service] = graph.subjects(kind, URIRef(f"{sd}Service"))
    assert [*graph.objects(service, URIRef(f"{sd}endpoint"))] == [URIRef(f"{server.url}/sparql")]
    formats = {str(f).rpartition("/")[2] for f in graph.objects(service, URIRef(f"{sd}resultFormat"))}
    assert {"SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV"} <= formats
    assert {"Turtle", "N-Triples", "RDF_XML", "JSON-LD"} <= formats
    assert [*graph.objects(service, URIRef(f"{sd}extensionFunction"))]
    # The limits are those that the server was started with.
    limits = {str(p).rpartition("#")[2]: str(o) for p, o in graph.predicate_objects(service) if "service#" in str(p)}
    assert "PT2S" in limits.values(), limits
    assert {str(512 * 1024 * 1024), "1000000", "67108864", "1048576"} <= set(limits.values()), limits
    head = request(f"{server.url}/sparql", "HEAD", "text/turtle")
    assert (head.status, head.body, head.headers["etag"]) == (200, b"", reply.headers["etag"])
    known = server.get("/sparql", "text/turtle", If_None_Match=reply.headers["etag"])
    assert (known.status, known.body) == (304, b"")
    assert server.get("/sparql", "image/png").status == 406


# -- GS: the graph store -----------------------------------------------------------------------------------------------


def test_each_graph_can_be_had(crowded: Crowded) -> None:
    for graph in crowded.release.manifest.graphs:
        reply = crowded.server.get(f"/graphs?graph={quote(graph)}", "application/n-triples")
        assert (reply.status, reply.headers["content-type"]) == (200, "application/n-triples")
        query = f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}"
        assert rows(ask(crowded.server, query)) == [{"n": str(reply.body.count(b"\n"))}]
    whole = crowded.server.get("/graphs?default", "application/n-triples")
    assert whole.body.count(b"\n") == int(rows(ask(crowded.server, COUNT))[0]["n"])
    head = request(f"{crowded.server.url}/graphs?default", "HEAD", "text/turtle")
    full = crowded.server.get("/graphs?default", "text/turtle")
    assert (head.status, head.body, head.headers["etag"]) == (200, b"", full.headers["etag"])
    assert crowded.server.get("/graphs?default", "text/turtle", If_None_Match=full.headers["etag"]).status == 304
    assert crowded.server.get("/graphs?default", "text/csv").status == 406


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        (f"graph={BREAD}graph/nothing", 404),
        ("graph=http://127.0.0.1:9/", 404),
        ("graph=nothing", 400),
        ("graph=", 400),
        ("graph=http://[", 400),
        ("graph=a:b%20%3E%7D", 404),
        ("graph=%FF", 400),
        ("default&default", 400),
        (f"default&graph={BREAD}graph/meta", 400),
        (f"graph={BREAD}graph/meta&graph={BREAD}graph/meta", 400),
    ],
)
def test_what_is_no_graph(server: Server, asked: str, status: int) -> None:
    reply = server.get(f"/graphs?{asked}")
    assert reply.status == json.loads(reply.body)["status"] == status


# -- G2: validators ----------------------------------------------------------------------------------------------------


def test_validators_differ_by_media_type_and_encoding_and_only_by_these(server: Server) -> None:
    seen: dict[str, tuple[str, str]] = {}
    for accept in (JSON, "application/sparql-results+xml", "text/csv", "text/tab-separated-values"):
        for coding in ("identity", "gzip"):
            reply = ask(server, LONG, accept)
            reply = server.get(f"/sparql?query={quote(LONG)}", accept, Accept_Encoding=coding)
            again = server.get(f"/sparql?query={quote(LONG)}", accept, Accept_Encoding=coding)
            tag = reply.headers["etag"]
            assert tag == again.headers["etag"]
            assert tag.startswith('"')
            assert seen.setdefault(tag, (accept, coding)) == (accept, coding)
            assert ("gzip" in reply.headers.get("content-encoding", "")) == (coding == "gzip")
            plain = gzip.decompress(reply.body) if coding == "gzip" else reply.body
            assert plain == ask(server, LONG, accept).body
    assert len(seen) == 8


@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_who_has_the_answer_is_told_so(server: Server, coding: str) -> None:
    def get(known: str) -> Reply:
        return server.get(f"/sparql?query={quote(LONG)}", JSON, Accept_Encoding=coding, If_None_Match=known)

    tag = get('"other"').headers["etag"]
    for known in (tag, f'"a", {tag}, W/"b"', f"W/{tag}", "*", f'"x",{tag}'):
        reply = get(known)
        assert (reply.status, reply.body) == (304, b""), known
        assert reply.headers["etag"].removeprefix("W/") == tag
        assert "accept" in reply.headers["vary"].lower()
        assert reply.headers["cache-control"].startswith("public")
        assert reply.headers["access-control-allow-origin"] == "*"
    for known in ('"other"', "nonsense", '"', tag.strip('"')[:-1], ","):
        assert get(known).status == 200, known


@pytest.mark.parametrize("call", ["NOW()", "RAND()", "UUID()", "STRUUID()", "BNODE()", "now ( )"])
def test_what_changes_is_not_kept(server: Server, call: str) -> None:
    query = f"SELECT ({call} AS ?x) {{}}"
    replies = [ask(server, query) for _ in range(3)]
    assert all(r.headers["cache-control"] == "no-store" and "etag" not in r.headers for r in replies)
    if "BNODE" not in call:
        assert len({r.body for r in replies}) > 1


def test_validators_and_bytes_outlive_a_restart(server: Server, serving: object) -> None:
    assert callable(serving)
    queries = [
        "SELECT ?p (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?p",
        "SELECT DISTINCT ?p { ?s ?p ?o }",
        "SELECT * { ?s a ?o . ?s ?p ?v } LIMIT 20",
        f"DESCRIBE <{BREAD}concept/rye>",
        "SELECT (GROUP_CONCAT(STR(?o)) AS ?x) { ?s a ?o }",
    ]
    other = serving("--cache-bytes", "0")
    for query in queries:
        for accept in (f"{JSON}, text/turtle",):
            one, two = ask(server, query, accept), ask(other, query, accept)
            assert one.headers["etag"] == two.headers["etag"]
            assert one.body == two.body, query


# -- G3, G4, G5 --------------------------------------------------------------------------------------------------------

PATHS = ["/", "/sparql?query=ASK%7B%7D", f"/sparql?query={quote(LONG)}", "/sparql", "/nowhere", "/sparql?query=x",
         "/health/live", "/graphs?default", "/graphs", "/search", "/id/none"]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("accept", [JSON, "*/*", "text/html"])
def test_head_is_get_without_the_body(server: Server, path: str, accept: str) -> None:
    got, head = server.get(path, accept), request(server.url + path, "HEAD", accept)
    assert head.body == b""
    assert head.status == got.status
    moving = ("date", "content-length", "transfer-encoding")
    assert {n: v for n, v in head.headers.items() if n not in moving} == {
        n: v for n, v in got.headers.items() if n not in moving
    }
    if "content-length" in head.headers and "content-length" in got.headers:
        assert head.headers["content-length"] == got.headers["content-length"]


@pytest.mark.parametrize("path", ["/", "/sparql", "/graphs", "/metrics", "/search"])
def test_options(server: Server, path: str) -> None:
    reply = request(
        server.url + path, "OPTIONS", headers={"Origin": "http://h", "Access-Control-Request-Method": "GET"}
    )
    assert (reply.status, reply.body) == (204, b"")
    assert "GET" in reply.headers["allow"]
    assert reply.headers["access-control-allow-origin"] == "*"


def test_too_long_an_address_is_414_and_too_large_a_body_413(server: Server) -> None:
    with dial(server, b"GET /sparql?query=" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: h\r\n\r\n") as connection:
        assert read_all(connection).startswith(b"HTTP/1.1 414 ")
    large = ["curl", "-s", "-w", "%{http_code}", "-o", os.devnull, "--data-binary", "@-", f"{server.url}/sparql"]
    assert subprocess.run(large, input=b"a" * 4_000_000, capture_output=True, check=True).stdout == b"413"
    chunked = b"POST /sparql HTTP/1.1\r\nHost: h\r\nContent-Type: " + DIRECT.encode() + b"\r\n"
    with dial(server, chunked + b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n") as connection:
        with suppress(OSError):
            for _ in range(80):
                connection.sendall(b"10000\r\n" + b"#" * 65_536 + b"\r\n")
        assert read_all(connection).startswith((b"HTTP/1.1 413 ", b""))
    assert ask(server, "ASK {}").status == 200


@pytest.mark.parametrize(
    "path", ["/", "/nowhere", "/sparql?query=ASK%7B%7D", "/sparql?query=x", "/sparql?query=CLEAR%20ALL", "/id/none",
             "/sparql?query=ASK%7B%7D&format=csv", "/metrics", "/graphs?graph=x"],
)  # fmt: skip
@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_every_answer_carries_the_common_headers(server: Server, path: str, accept: str) -> None:
    reply = server.get(path, accept)
    assert reply.headers["access-control-allow-origin"] == "*"
    assert "ETag" in reply.headers["access-control-expose-headers"]
    assert reply.headers["x-content-type-options"] == "nosniff"
    if reply.status >= 400:
        if accept == "text/html":
            assert reply.headers["content-type"] == "text/html; charset=utf-8"
            assert "default-src 'none'" in reply.headers["content-security-policy"]
        else:
            problem = json.loads(reply.body)
            assert reply.headers["content-type"] == "application/problem+json"
            assert {"type", "title", "status", "detail"} <= set(problem)
            assert problem["status"] == reply.status


def test_a_refusal_for_lack_of_time_is_a_whole_error(server: Server) -> None:
    endless = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    reply = ask(server, endless)
    assert (reply.status, json.loads(reply.body)["error"]) == (503, "QueryTimeout")
    assert int(reply.headers["retry-after"]) > 0
    assert reply.headers["access-control-allow-origin"] == "*"
    page = server.get(f"/sparql?query={quote(endless)}", "text/html")
    assert (page.status, page.headers["retry-after"]) == (503, "5")


def test_search_functions_are_answered(served: Server) -> None:
    described = Graph().parse(data=served.get("/sparql", "text/turtle").body, format="turtle")
    sd = URIRef("http://www.w3.org/ns/sparql-service-description#extensionFunction")
    functions = sorted(str(f) for f in described.objects(None, sd))
    assert functions
    for head in ("*", "?name ?found", "(COUNT(*) AS ?n)"):
        for function in functions:
            query = f'SELECT {head} {{ VALUES ?name {{ "Italy" }} BIND(<{function}>(?name, ?name) AS ?found) }}'
            reply = ask(served, query)
            assert reply.status == 200, reply.text
            assert len(rows(reply)) == 1
