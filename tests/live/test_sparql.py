"""The SPARQL protocol on a real server: blocks S1, S2, S4 and what S6 promises already."""

from __future__ import annotations

import csv
import io
import json
import socket
import subprocess
import threading
from urllib.parse import quote, urlencode

import pandas as pd
import pytest
from rdflib import Graph
from SPARQLWrapper import JSON, POST, TURTLE, SPARQLWrapper

from tests.conftest import Server, request

BASE = "https://w3id.org/pledge-graph/"
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
REFUSALS = f"SELECT ?who {{ <{BASE}id/position/ITA-0001> a <{BASE}ns#Refusal> ; <{BASE}ns#holder> ?who }}"
FORM = "application/x-www-form-urlencoded"
DIRECT = "application/sparql-query"


def ask(server: Server, query: str, accept: str = "application/sparql-results+json") -> str:
    reply = server.get(f"/sparql?query={quote(query)}", accept)
    assert reply.status == 200, reply.text
    return reply.text


def test_a_query_in_three_ways_gives_one_answer(served: Server) -> None:
    url = f"{served.url}/sparql"
    by_get = served.get(f"/sparql?query={quote(REFUSALS)}")
    by_form = request(url, "POST", data=urlencode({"query": REFUSALS}).encode(), headers={"Content-Type": FORM})
    direct = request(url, "POST", data=REFUSALS.encode(), headers={"Content-Type": f"{DIRECT}; charset=UTF-8"})
    assert by_get.status == by_form.status == direct.status == 200
    assert by_get.body == by_form.body == direct.body
    assert json.loads(by_get.body)["results"]["bindings"] == [{"who": {"type": "uri", "value": f"{BASE}id/state/ITA"}}]


@pytest.mark.parametrize(
    ("query", "accept", "content_type", "start"),
    [
        (COUNT, None, "application/sparql-results+json", '{"head":{"vars":["n"]}'),
        (COUNT, "application/json", "application/sparql-results+json", "{"),
        (COUNT, "application/sparql-results+xml", "application/sparql-results+xml", "<?xml"),
        (COUNT, "text/csv", "text/csv; charset=utf-8", "n\r\n"),
        (COUNT, "text/tab-separated-values", "text/tab-separated-values; charset=utf-8", "?n\n"),
        ("ASK {}", None, "application/sparql-results+json", '{"head":{},"boolean":true}'),
        ("ASK {}", "text/csv, application/sparql-results+xml;q=0.1", "application/sparql-results+xml", "<?xml"),
        ("CONSTRUCT WHERE { ?s ?p ?o }", None, "text/turtle; charset=utf-8", "@prefix"),
        ("CONSTRUCT WHERE { ?s ?p ?o }", "application/n-triples", "application/n-triples", ""),
        ("CONSTRUCT WHERE { ?s ?p ?o }", "application/rdf+xml", "application/rdf+xml", "<?xml"),
        (f"DESCRIBE <{BASE}id/state/ITA>", "application/ld+json", "application/ld+json", "["),
    ],
)
def test_formats(served: Server, query: str, accept: str | None, content_type: str, start: str) -> None:
    reply = served.get(f"/sparql?query={quote(query)}", accept)
    assert (reply.status, reply.headers["content-type"]) == (200, content_type)
    assert reply.text.startswith(start)
    assert "accept" in reply.headers["vary"].lower()


@pytest.mark.parametrize(
    ("query", "accept"),
    [
        (COUNT, "text/turtle"),
        ("ASK {}", "text/csv"),
        ("CONSTRUCT WHERE { ?s ?p ?o }", "text/csv"),
        (COUNT, "image/png"),
    ],
)
def test_what_cannot_be_written_so_is_406(served: Server, query: str, accept: str) -> None:
    assert served.get(f"/sparql?query={quote(query)}", accept).status == 406


@pytest.mark.parametrize(
    ("query", "line", "column"),
    [("SELECT * WHERE {\n  ?s ?p }", 2, 10), ("SELECT nothing", 1, 15), ("SELECT * { ?s nix:p ?o }", 1, 15)],
)
def test_a_syntax_error_has_line_and_column(served: Server, query: str, line: int, column: int) -> None:
    reply = served.get(f"/sparql?query={quote(query)}")
    problem = json.loads(reply.body)
    assert reply.status == problem["status"] == 400
    assert reply.headers["content-type"] == "application/problem+json"
    assert (problem["line"], problem["column"]) == (line, column)
    assert f"line {line}, column {column}" in problem["detail"]


@pytest.mark.parametrize(
    ("method", "path", "content_type", "body", "status"),
    [
        ("GET", "/sparql?nothing=1", None, None, 400),
        ("GET", "/sparql?query=", None, None, 400),
        ("GET", "/sparql?query=ASK%7B%7D&query=ASK%7B%7D", None, None, 400),
        ("GET", "/sparql?update=CLEAR%20ALL", None, None, 400),
        ("GET", "/sparql?query=CLEAR%20ALL", None, None, 403),
        ("GET", "/sparql?query=SELECT%20*%20%7BSERVICE%20%3Chttp://127.0.0.1:9/%3E%7B%7D%7D", None, None, 403),
        ("POST", "/sparql", FORM, b"", 400),
        ("POST", "/sparql", FORM, b"query=ASK%7B%7D&query=ASK%7B%7D", 400),
        ("POST", "/sparql", FORM, b"update=CLEAR%20ALL", 403),
        ("POST", "/sparql", FORM, b"update=CLEAR%20ALL&query=ASK%7B%7D", 400),
        ("POST", "/sparql", "application/sparql-update", b"CLEAR ALL", 403),
        ("POST", "/sparql", "text/plain", b"ASK {}", 415),
        ("POST", "/sparql", f"{DIRECT}; charset=latin-1", b"ASK {}", 415),
        ("POST", "/sparql", DIRECT, b"\xff", 400),
        ("POST", "/sparql", DIRECT, b"ASK {} #" + b"x" * 1_100_000, 413),
        ("PUT", "/sparql", DIRECT, b"ASK {}", 405),
        ("DELETE", "/sparql", None, None, 405),
    ],
)
def test_refused(
    served: Server, method: str, path: str, content_type: str | None, body: bytes | None, status: int
) -> None:
    headers = {"Content-Type": content_type} if content_type else {}
    reply = request(served.url + path, method, data=body, headers=headers)
    assert reply.status == status
    assert reply.headers["access-control-allow-origin"] == "*"
    assert json.loads(reply.body)["detail"]
    assert json.loads(ask(served, "ASK { ?s ?p ?o }"))["boolean"] is True


@pytest.mark.parametrize(
    ("query", "columns"),
    [
        ("SELECT * { ?s ?p ?o } LIMIT 1", "s,p,o"),
        ("SELECT DISTINCT * { ?z ?a ?m FILTER NOT EXISTS { ?m ?q ?r } } LIMIT 1", "z,a,m"),
        ("SELECT * { { SELECT ?b (COUNT(*) AS ?n) { ?a ?b ?c } GROUP BY ?b } ?x ?b ?y } LIMIT 1", "b,n,x,y"),
        ("SELECT * { VALUES (?v ?u) { (1 2) } BIND(?v + ?u AS ?sum) }", "v,u,sum"),
    ],
)
def test_select_star_answers_in_the_order_of_first_appearance(served: Server, query: str, columns: str) -> None:
    assert ask(served, query, "text/csv").splitlines()[0] == columns


@pytest.mark.parametrize(
    ("query", "format_", "content_type"),
    [
        (COUNT, "csv", "text/csv; charset=utf-8"),
        (COUNT, "tsv", "text/tab-separated-values; charset=utf-8"),
        ("ASK {}", "xml", "application/sparql-results+xml"),
        ("CONSTRUCT WHERE { ?s a ?o }", "ntriples", "application/n-triples"),
    ],
)
def test_who_cannot_set_a_header_says_the_format(served: Server, query: str, format_: str, content_type: str) -> None:
    reply = served.get("/sparql?" + urlencode({"query": query, "format": format_}), "text/html")
    assert (reply.status, reply.headers["content-type"]) == (200, content_type)


def test_an_unknown_format(served: Server) -> None:
    reply = served.get("/sparql?" + urlencode({"query": COUNT, "format": "pdf"}))
    assert reply.status == 400
    assert "csv, json, jsonld" in json.loads(reply.body)["detail"]


def test_a_query_with_a_mistake_can_be_corrected_on_the_page(served: Server) -> None:
    query = "SELECT * { ?s nix:p '<b>' }"
    page = served.get("/sparql?" + urlencode({"query": query}), "text/html").text
    assert "the prefix nix: is not declared" in page
    assert "SELECT * { ?s nix:p &#39;&lt;b&gt;&#39; }</textarea>" in page


def test_an_unknown_function_is_the_askers_mistake(served: Server) -> None:
    reply = served.get(f"/sparql?query={quote('SELECT (<http://nowhere/f>(1) AS ?x) {}')}")
    assert reply.status == 400
    assert "nowhere/f" in json.loads(reply.body)["detail"]


def test_the_dataset_of_the_protocol(served: Server) -> None:
    def count(**parameters: str) -> int:
        reply = served.get("/sparql?" + urlencode({"query": COUNT, **parameters}))
        return int(json.loads(reply.body)["results"]["bindings"][0]["n"]["value"])

    whole, areas = count(), count(**{"default-graph-uri": f"{BASE}graph/vocab"})
    assert 0 < areas < whole
    assert count(**{"named-graph-uri": f"{BASE}graph/vocab"}) == 0
    assert count(**{"default-graph-uri": "http://127.0.0.1:9/nowhere"}) == 0
    assert served.get("/sparql?" + urlencode({"query": COUNT, "default-graph-uri": "no iri"})).status == 400


def test_the_default_graph_is_the_union_of_all_but_meta(served: Server) -> None:
    found = json.loads(ask(served, "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"))
    graphs = {row["g"]["value"].removeprefix(BASE) for row in found["results"]["bindings"]}
    assert {"graph/ontology", "graph/vocab", "graph/data/positions", "graph/inferred", "graph/meta"} <= graphs
    missing = f"ASK {{ GRAPH ?g {{ ?s ?p ?o }} FILTER(?g != <{BASE}graph/meta>) FILTER NOT EXISTS {{ ?s ?p ?o }} }}"
    assert json.loads(ask(served, missing))["boolean"] is False
    dataset = f"ASK {{ <{BASE}dataset> ?p ?o }}"
    assert json.loads(ask(served, dataset))["boolean"] is False


def test_service_description(served: Server) -> None:
    reply = served.get("/sparql", "text/turtle")
    graph = Graph().parse(data=reply.body, format="turtle")
    row = next(
        iter(
            graph.query(
                """PREFIX sd: <http://www.w3.org/ns/sparql-service-description#> PREFIX void: <http://rdfs.org/ns/void#>
                SELECT ?endpoint ?n { ?s a sd:Service ; sd:endpoint ?endpoint ; sd:supportedLanguage sd:SPARQL11Query ;
                    sd:defaultDataset/sd:defaultGraph/void:triples ?n }"""
            )
        )
    )
    assert str(row[0]) == f"{served.url}/sparql"  # type: ignore[index]
    counted = json.loads(ask(served, COUNT))["results"]["bindings"][0]["n"]["value"]
    assert str(row[1]) == counted  # type: ignore[index]


def test_the_language_of_a_page_does_not_hide_the_description(served: Server) -> None:
    described = served.get("/sparql?lang=de", "text/turtle")
    assert (described.status, described.body) == (200, served.get("/sparql", "text/turtle").body)
    assert "Abfrage" in served.get("/sparql?lang=de", "text/html").text
    for wrong in ("query=ASK+%7B%7D&query=ASK+%7B%7D", "default-graph-uri=urn:x", "format=json&lang=de", "update=x"):
        for accept in ("text/turtle", "text/html"):
            reply = served.get(f"/sparql?{wrong}", accept)
            assert reply.status == 400, wrong
            assert "query" in reply.text or "update" in reply.text


def test_browsers_get_a_form(served: Server) -> None:
    page = served.get("/sparql", "text/html,*/*;q=0.8")
    assert page.headers["content-type"].startswith("text/html")
    assert '<form action="/sparql" method="get">' in page.text
    error = served.get("/sparql?query=%3Cscript%3Ealert(1)%3C/script%3E", "text/html,*/*;q=0.8")
    assert error.status == 400
    assert "<script>" not in error.text


def test_options_tells_methods_and_cors(served: Server) -> None:
    reply = request(f"{served.url}/sparql", "OPTIONS", headers={"Origin": "http://elsewhere"})
    assert reply.status == 204
    assert {"GET", "POST"} <= set(reply.headers["allow"].split(", "))
    assert "POST" in reply.headers["access-control-allow-methods"]
    assert "access-control-allow-credentials" not in reply.headers


def test_nothing_leaves_the_machine(served: Server) -> None:
    """A listener on loopback hears nothing, whatever is asked."""
    heard: list[object] = []
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.settimeout(0.2)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        done = threading.Event()

        def listen() -> None:
            while not done.is_set():
                try:
                    heard.append(listener.accept())
                except TimeoutError:
                    continue

        thread = threading.Thread(target=listen)
        thread.start()
        for query in (
            f"SELECT * {{ SERVICE <{url}> {{ ?s ?p ?o }} }}",
            f"SELECT * {{ SERVICE SILENT <{url}> {{ ?s ?p ?o }} }}",
            f"SELECT * {{ BIND(<{url}> AS ?x) \\u0053ERVICE ?x {{ ?s ?p ?o }} }}",
            f"SELECT * FROM <{url}> {{ ?s ?p ?o }}",
            f"LOAD <{url}>",
        ):
            served.get(f"/sparql?query={quote(query)}")
        done.set()
        thread.join()
    assert heard == []


def test_sparqlwrapper(served: Server) -> None:
    client = SPARQLWrapper(f"{served.url}/sparql", returnFormat=JSON)
    client.setQuery(REFUSALS)
    answer = client.queryAndConvert()
    assert isinstance(answer, dict)
    assert answer["results"]["bindings"][0]["who"]["value"] == f"{BASE}id/state/ITA"
    client.setMethod(POST)
    client.setQuery(f"CONSTRUCT WHERE {{ <{BASE}id/state/ITA> ?p ?o }}")
    client.setReturnFormat(TURTLE)
    answer = client.queryAndConvert()
    assert isinstance(answer, bytes)
    assert len(Graph().parse(data=answer, format="turtle")) > 5


def test_pandas_reads_a_query_url(served: Server) -> None:
    query = (
        f"PREFIX plg: <{BASE}ns#> SELECT ?holder (COUNT(?p) AS ?n) {{ ?p plg:holder ?holder }} "
        "GROUP BY ?holder ORDER BY ?holder"
    )
    reply = served.get(f"/sparql?query={quote(query)}", "text/csv")
    frame = pd.read_csv(io.BytesIO(reply.body), index_col="holder")
    assert frame.loc[f"{BASE}id/state/ITA", "n"] == 16
    assert len(frame) == len(list(csv.reader(io.StringIO(reply.text)))) - 1


def test_curl(served: Server) -> None:
    done = subprocess.run(
        ["curl", "-sf", f"{served.url}/sparql", "-H", "Accept: text/csv", "--data-urlencode", f"query={REFUSALS}"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.splitlines() == ["who", f"{BASE}id/state/ITA"]
