"""What SERVICE may reach: nothing, or exactly the addresses that the operator names (block S6)."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote

import pytest

from tests.conftest import Server
from tests.live.conftest import Crowded

ANSWER = {"head": {"vars": ["x"]}, "results": {"bindings": [{"x": {"type": "literal", "value": "from afar"}}]}}


@contextmanager
def listening() -> Iterator[tuple[str, list[object]]]:
    """An address at which nobody should call, and who did."""
    heard: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.1)
        done = threading.Event()

        def listen() -> None:
            while not done.is_set():
                try:
                    connection, who = listener.accept()
                    connection.close()
                    heard.append(who)
                except TimeoutError:
                    continue

        thread = threading.Thread(target=listen)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/sparql", heard
        finally:
            done.set()
            thread.join()


@contextmanager
def answering() -> Iterator[tuple[str, list[str]]]:
    """A SPARQL server with one answer to everything, and the queries that it was sent."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            body = json.dumps(ANSWER).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/sparql-results+json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/sparql", asked
        server.shutdown()


def calls(url: str, base: str) -> list[str]:
    """Queries that would reach ``url``, were they let; ``base`` is the address without its last letter."""
    call = f"<{url}> {{ ?s ?p ?o }}"
    return [
        f"SELECT * {{ SERVICE {call} }}",
        f"SELECT * {{ service Silent {call} }}",
        f"SELECT * {{ SERVICE # <http://allowed/>\n{call} }}",
        f"SELECT * {{ {{ OPTIONAL {{ {{ SERVICE {call} }} }} }} }}",
        f"SELECT * {{ FILTER EXISTS {{ SERVICE {call} }} }}",
        f"SELECT * {{ {{ SELECT * {{ SERVICE SILENT {call} }} }} }}",
        f"SELECT * {{ VALUES ?x {{ <{url}> }} SERVICE ?x {{ ?s ?p ?o }} }}",
        f"SELECT * {{ BIND(IRI('{url}') AS ?x) SERVICE SILENT ?x {{ ?s ?p ?o }} }}",
        f"SELECT * {{ BIND(<{url}> AS ?x) \\u0053ERVICE ?x {{ ?s ?p ?o }} }}",
        f"SELECT * {{ SERV\\U00000049CE {call} }}",
        f"PREFIX a: <{base}> SELECT * {{ SERVICE a:{url[len(base) :]} {{ ?s ?p ?o }} }}",
        f"BASE <{base}> SELECT * {{ SERVICE <{url[len(base) :]}> {{ ?s ?p ?o }} }}",
        f"ASK {{ ?s ?p trueSERVICE {call} }}",
        f"CONSTRUCT {{ ?s ?p ?o }} {{ SERVICE {call} }}",
        f"DESCRIBE ?s {{ SERVICE {call} }}",
        f"SELECT * FROM <{url}> {{ ?s ?p ?o }}",
        f"SELECT * FROM NAMED <{url}> {{ GRAPH <{url}> {{ ?s ?p ?o }} }}",
        f"DESCRIBE <{url}>",
        f"LOAD <{url}>",
        f"LOAD SILENT <{url}> INTO GRAPH <urn:g>",
    ]


def test_nothing_that_is_asked_makes_the_server_call_out(crowded: Crowded) -> None:
    with listening() as (url, heard):
        for query in calls(url, url[:-1]):
            refused = any(word in query.upper() for word in ("SERV", "ERVICE", "LOAD"))
            reply = crowded.server.get(f"/sparql?query={quote(query)}")
            assert reply.status == (403 if refused else 200), query
        for name in ("default-graph-uri", "named-graph-uri"):
            assert crowded.server.get(f"/sparql?query=ASK%7B?s?p?o%7D&{name}={quote(url)}").status == 200
        assert crowded.server.get(f"/graphs?graph={quote(url)}").status == 404
        assert heard == []


def test_only_the_address_that_is_allowed_is_called(serving: Callable[..., Server]) -> None:
    with answering() as (allowed, asked), listening() as (other, heard):
        server = serving(KG_SERVICES=allowed)
        for form in ("SERVICE", "SERVICE SILENT", "service"):
            before = len(asked)
            reply = server.get(f"/sparql?query={quote(f'SELECT ?x {{ {form} <{allowed}> {{ ?s ?p ?x }} }}')}")
            assert reply.status == 200, reply.text
            assert [row["x"]["value"] for row in json.loads(reply.body)["results"]["bindings"]] == ["from afar"]
            assert len(asked) == before + 1
        before = len(asked)
        for query in calls(other, other[:-1]):
            both = query.replace("SELECT * {", f"SELECT * {{ SERVICE <{allowed}> {{ ?a ?b ?x }} ", 1)
            nested = f"SELECT * {{ SERVICE <{allowed}> {{ SERVICE <{other}> {{ ?s ?p ?o }} }} }}"
            for text in (query, both, nested):
                reply = server.get(f"/sparql?query={quote(text)}")
                if text != query and "SERV" in query.upper():
                    assert reply.status == 403, text
        for near in (f"{allowed}x", allowed[:-1], allowed.upper(), f"{allowed}/", f"{allowed}?q", f"{allowed}#x"):
            text = f"SELECT * {{ SERVICE <{near}> {{ ?s ?p ?x }} }}"
            assert server.get(f"/sparql?query={quote(text)}").status == 403
        assert heard == []
        # Refused ones have not called the allowed address either; FROM and LOAD do not concern it.
        assert all("urn:" not in text for text in asked[before:])
        described = server.get("/sparql", "text/turtle").text
        assert allowed in described


@pytest.mark.parametrize("silent", ["", "SILENT"])
def test_a_service_that_does_not_answer_costs_the_query_alone(serving: Callable[..., Server], silent: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:  # takes the call, and says nothing
        url = f"http://127.0.0.1:{mute.getsockname()[1]}/"
        server = serving("--query-seconds", "1", KG_SERVICES=url)
        reply = server.get(f"/sparql?query={quote(f'SELECT * {{ SERVICE {silent} <{url}> {{ ?s ?p ?o }} }}')}")
        assert (reply.status, json.loads(reply.body)["error"]) == (503, "QueryTimeout")
        assert server.get("/sparql?query=ASK%7B%7D").status == 200
