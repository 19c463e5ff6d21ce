"""The engine over somebody else's SPARQL server, with real ones: Oxigraph's server and Virtuoso."""

from __future__ import annotations

import asyncio
import http.server
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx2
import pyoxigraph as ox
import pytest

import kg
from kg import errors, publishing
from kg.config import Settings
from kg.engine import Answer, Query
from kg.engine.formats import GRAPHS, RESULTS
from kg.engine.naming import names_of
from kg.engine.remote import RemoteEngine
from kg.publishing import publish
from tests.conftest import THESAURUS, copy_project, run_kg

B = "https://data.example.org/bread/"
MORE = """
@base <https://data.example.org/bread/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix t: <https://data.example.org/bread/terms#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

t:weight a <http://www.w3.org/2002/07/owl#DatatypeProperty> ;
    <http://www.w3.org/2000/01/rdf-schema#label> "weight"@en ; skos:definition "How heavy."@en .
<concept/bread> t:weight 2 , true , 2.5 , "2026-01-31"^^xsd:date , "2026-01-31T10:00:00Z"^^xsd:dateTime .
<concept/rye> t:weight "a \\"quoted\\", \\\\ two\\nlines\\tand < & > \\U0001F35E" ; skos:note [ skos:prefLabel "nobody"@en-gb ] .
"""
ENDLESS = "SELECT (COUNT(*) AS ?n) { " + " . ".join(f"?a{i} ?b{i} ?c{i}" for i in range(8)) + " }"
ROWS = ENDLESS.replace("(COUNT(*) AS ?n)", "?a0 ?c7")


@dataclass(frozen=True)
class Remote:
    """A running SPARQL server."""

    kind: str
    settings: Settings
    process: subprocess.Popen[bytes]

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(timeout=30)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def when_it_answers(remote: Remote) -> Remote:
    for _ in range(600):
        try:
            httpx2.get(remote.settings.endpoint, trust_env=False)
        except httpx2.HTTPError:
            assert remote.process.poll() is None, "the server ended"
            time.sleep(0.1)
        else:
            return remote
    raise AssertionError("the server does not answer")


def oxigraph(folder: Path) -> Remote:
    url = f"http://127.0.0.1:{free_port()}"
    command = [str(Path(sys.executable).with_name("oxigraph")), "serve", "--location", str(folder / "store")]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([*command, "--bind", url.removeprefix("http://")], stdout=log, stderr=log)
    settings = Settings(
        endpoint=f"{url}/query", endpoint_graphs=f"{url}/store", endpoint_update=f"{url}/update", query_seconds=20
    )
    return when_it_answers(Remote("oxigraph", settings, process))


VIRTUOSO = """
[Database]
DatabaseFile = virtuoso.db
ErrorLogFile = virtuoso.log
LockFile = virtuoso.lck
TransactionFile = virtuoso.trx
xa_persistent_file = virtuoso.pxa
[TempDatabase]
DatabaseFile = virtuoso-temp.db
TransactionFile = virtuoso-temp.trx
[Parameters]
ServerPort = {port}
DisableUnixSocket = 1
NumberOfBuffers = 10000
MaxDirtyBuffers = 6000
[HTTPServer]
ServerPort = 127.0.0.1:{http}
[SPARQL]
ResultSetMaxRows = 100000000
MaxConstructTriples = 100000000
"""


def virtuoso(folder: Path) -> Remote:
    http = free_port()
    (folder / "virtuoso.ini").write_text(VIRTUOSO.format(port=free_port(), http=http))
    with (folder / "out").open("wb") as log:
        process = subprocess.Popen(["virtuoso-t", "+foreground"], cwd=folder, stdout=log, stderr=log)
    settings = Settings(
        endpoint=f"http://127.0.0.1:{http}/sparql",
        endpoint_graphs=f"http://dba:dba@127.0.0.1:{http}/sparql-graph-crud-auth",
        endpoint_update=f"http://dba:dba@127.0.0.1:{http}/sparql-auth",
        query_seconds=20,
    )
    return when_it_answers(Remote("virtuoso", settings, process))


def started(kind: str, folder: Path) -> Remote:
    folder.mkdir(parents=True)
    if kind == "virtuoso":
        if shutil.which("virtuoso-t") is None and not os.environ.get("CI"):
            pytest.skip("Virtuoso is not installed (Debian: virtuoso-opensource-7-bin)")
        return virtuoso(folder)
    return oxigraph(folder)


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> kg.Release:
    project = copy_project(THESAURUS, tmp_path_factory.mktemp("remote") / "thesaurus")
    (project / "data/concepts/more.ttl").write_text(MORE, encoding="utf-8")
    return kg.build(kg.open_project(project))


@pytest.fixture(scope="module", params=["oxigraph", "virtuoso"])
def remote(
    request: pytest.FixtureRequest, release: kg.Release, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Remote]:
    """A server that holds the release, and other graphs that are none of the site's business."""
    running = started(request.param, tmp_path_factory.mktemp("server") / request.param)
    put(running, "https://elsewhere.example/secret", '<tag:a> <tag:b> "secret" .')
    publish(release, running.settings)
    yield running
    running.kill()


def put(remote: Remote, graph: str, triples: str, method: str = "PUT") -> None:
    url = httpx2.URL(remote.settings.endpoint_graphs)
    auth = httpx2.DigestAuth("dba", "dba") if url.userinfo else None
    reply = httpx2.request(
        method,
        url.copy_with(userinfo=b"").copy_merge_params({"graph": graph}),
        content=triples.encode(),
        headers={"Content-Type": "application/n-triples"},
        auth=auth,
        trust_env=False,
    )
    assert reply.is_success, reply.text


def answers(release: kg.Release, settings: Settings, *queries: Query) -> list[Answer]:
    """What the engine answers to the queries, all at the same time. Raises the first error."""

    async def one(engine: RemoteEngine, query: Query) -> Answer:
        stream = await engine.start(query)
        body = b"".join([part async for part in stream])
        return Answer(stream.kind, stream.format, body, stream.cut, stream.rows)

    async def all_of_them() -> list[Answer]:
        engine = RemoteEngine(release, settings)
        try:
            return list(await asyncio.gather(*(one(engine, query) for query in queries)))
        finally:
            assert engine.gauges()["waiting"] == 0
            await engine.aclose()
            assert engine.gauges()["running"] == 0

    return asyncio.run(all_of_them())


def answer(release: kg.Release, remote: Remote, text: str, **more: Any) -> Answer:
    prefixes = release.manifest.prefixes
    return answers(release, remote.settings, Query(text, prefixes=prefixes, write_prefixes=prefixes, **more))[0]


def embedded(release: kg.Release, query: Query) -> Any:
    """The same from the store of the release."""
    store = ox.Store.read_only(str(release.store))
    given = query.default_graphs is not None or query.named_graphs is not None
    return store.query(
        query.text,
        prefixes=query.prefixes,
        default_graph=[ox.NamedNode(iri) for iri in query.default_graphs or ()] if given else None,
        named_graphs=[ox.NamedNode(iri) for iri in query.named_graphs or ()] if given else None,
    )


def comparable(results: Any) -> Any:
    """Results of either engine so that equal ones are equal: without the order, and the labels of blank nodes."""
    if isinstance(results, ox.QueryBoolean):
        return bool(results)
    if isinstance(results, ox.QuerySolutions):
        names = [variable.value for variable in results.variables]
        rows = (tuple(sorted(zip(names, map(_text, row), strict=True))) for row in results)
        return sorted(names), Counter(rows)
    graph = ox.Dataset(ox.Quad(t.subject, t.predicate, t.object) for t in results)
    graph.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return sorted(map(str, graph))


def _text(term: object) -> str:
    return "_:" if isinstance(term, ox.BlankNode) else str(term)


QUERIES = {
    "all": Query("SELECT ?s ?p ?o { ?s ?p ?o }"),
    "count": Query("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"),
    "ask yes": Query("ASK { ?s t:madeWith ?o }"),
    "ask no": Query("ASK { ?s t:madeWith 1 }"),
    "labels": Query("SELECT ?label (LANG(?label) AS ?l) { concept:bread skos:prefLabel ?label } ORDER BY ?label"),
    "literals": Query("SELECT ?s ?v (DATATYPE(?v) AS ?d) { ?s t:weight ?v }"),
    "arithmetic": Query("SELECT ?v { ?s t:weight ?v FILTER(?v > 2 && ?v < 3) }"),
    "optional": Query("SELECT ?a ?b { ?a a skos:Concept OPTIONAL { ?a t:madeWith ?b } }"),
    "path": Query("SELECT ?a { ?a skos:broader+ concept:bread }"),
    "blank": Query('SELECT ?n { concept:rye skos:note ?n . ?n skos:prefLabel "nobody"@en-gb }'),
    "groups": Query("SELECT ?p (COUNT(DISTINCT ?s) AS ?n) { ?s ?p ?o } GROUP BY ?p HAVING(COUNT(?s) > 2)"),
    "union": Query("SELECT ?x { { ?x t:madeWith ?y } UNION { ?y t:madeWith ?x } }"),
    "subquery": Query("SELECT ?s ?n { { SELECT ?s (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?s } FILTER(?n > 3) }"),
    "exists": Query("SELECT ?s { ?s a skos:Concept FILTER NOT EXISTS { ?s skos:broader ?b } }"),
    "letters": Query("SELECT ?l { <https://data.example.org/bread/concept/crème-brioche> skos:prefLabel ?l }"),
    "escapes": Query(r"SELECT ?s { ?s skos:prefLabel 'cr\u00e8me brioche'@en } # \u0022"),
    "construct": Query("CONSTRUCT { ?o t:usedFor ?s } WHERE { ?s t:madeWith ?o }"),
    "construct all": Query("CONSTRUCT WHERE { ?s ?p ?o }"),
    "construct blank": Query("CONSTRUCT { [] skos:note ?o } WHERE { ?s t:madeWith ?o }"),
    "construct nothing": Query("CONSTRUCT { ?o ?p ?s } WHERE { ?s t:madeWith ?o . ?o ?p 1234 }"),
    "graphs": Query("SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"),
    "graph": Query(f"SELECT ?s {{ GRAPH <{B}graph/ontology> {{ ?s ?p ?o }} }}"),
    "short graph": Query(f"PREFIX g: <{B}graph/> SELECT ?s {{ GRAPH g:ontology {{ ?s ?p ?o }} }}"),
    "relative graph": Query(f"BASE <{B}> SELECT ?s {{ GRAPH <graph/ontology> {{ ?s ?p ?o }} }}"),
    "values": Query(f"SELECT ?g ?s {{ VALUES ?g {{ <{B}graph/ontology> }} GRAPH ?g {{ ?s a owl:Ontology }} }}"),
    "values unknown": Query(
        f"SELECT ?g ?s {{ VALUES ?g {{ <{B}graph/ontology> <tag:x> }} GRAPH ?g {{ ?s a owl:Ontology }} }}"
    ),
    "filter": Query(f"SELECT ?g ?s {{ GRAPH ?g {{ ?s a owl:Ontology }} FILTER(?g = <{B}graph/ontology>) }}"),
    "no such graph": Query(f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{B}graph/none> {{ ?s ?p ?o }} }}"),
    "not our graph": Query("SELECT ?o { GRAPH <https://elsewhere.example/secret> { ?s ?p ?o } }"),
    "secret": Query("SELECT * { { ?s ?p 'secret' } UNION { GRAPH ?g { ?s ?p 'secret' } } }"),
    "from secret": Query("SELECT ?o FROM <https://elsewhere.example/secret> { ?s ?p ?o }"),
    "from": Query(f"SELECT ?s FROM <{B}graph/data/concepts> {{ ?s a skos:Concept }}"),
    "from two": Query(f"SELECT DISTINCT ?p FROM <{B}graph/ontology>\nFROM <{B}graph/inferred> {{ ?s ?p ?o }}"),
    "from named": Query(f"SELECT ?g ?s FROM NAMED <{B}graph/ontology> {{ GRAPH ?g {{ ?s a owl:Ontology }} }}"),
    "from named only": Query(f"SELECT ?s FROM NAMED <{B}graph/ontology> {{ ?s ?p ?o }}"),
    "from only": Query(f"SELECT ?s ?g FROM <{B}graph/ontology> {{ GRAPH ?g {{ ?s ?p ?o }} }}"),
    "parameters": Query(
        "SELECT ?s ?g { { ?s a owl:Ontology } UNION { GRAPH ?g { ?s a skos:Concept } } }",
        default_graphs=(f"{B}graph/ontology",),
        named_graphs=(f"{B}graph/data/concepts", "tag:none"),
    ),
    "default parameter": Query("SELECT ?g ?s { GRAPH ?g { ?s ?p ?o } }", default_graphs=(f"{B}graph/ontology",)),
    "named parameter": Query("SELECT ?s { ?s ?p ?o }", named_graphs=(f"{B}graph/ontology",)),
    "unknown parameter": Query("SELECT ?s { ?s ?p ?o }", default_graphs=("https://elsewhere.example/secret",)),
    "all parameters": Query(
        "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
        default_graphs=(f"{B}graph/ontology", f"{B}graph/data/concepts", f"{B}graph/inferred"),
    ),
    "parameters over from": Query(
        f"SELECT ?s FROM <{B}graph/ontology> {{ ?s a skos:Concept }}", default_graphs=(f"{B}graph/data/concepts",)
    ),
}
# What each server answers otherwise; docs/remote.md tells why.
DIFFERS: dict[str, set[str]] = {"oxigraph": set(), "virtuoso": {"values unknown"}}


@pytest.mark.parametrize("name", QUERIES)
def test_the_answer_is_that_of_the_embedded_engine(name: str, remote: Remote, release: kg.Release) -> None:
    query = replace(QUERIES[name], prefixes=release.manifest.prefixes, graph="ntriples")
    found = answers(release, remote.settings, query)[0]
    if found.kind == "graph":
        graph = (quad.triple for quad in ox.parse(found.body, format=ox.RdfFormat.N_TRIPLES))
        results: Any = graph
    else:
        results = ox.parse_query_results(found.body, format=ox.QueryResultsFormat.JSON)
    expected = comparable(embedded(release, query))
    assert (comparable(results) == expected) != (name in DIFFERS[remote.kind])
    assert found.cut is None
    if isinstance(expected, tuple) and name not in DIFFERS[remote.kind]:
        assert found.rows == expected[1].total()


SOLUTIONS = Query("SELECT ?s ?v ?w { ?s t:weight ?v OPTIONAL { ?v ?none ?w } }")


@pytest.mark.parametrize("form", RESULTS)
def test_every_format_of_solutions(form: str, remote: Remote, release: kg.Release) -> None:
    query = replace(SOLUTIONS, solutions=form, prefixes=release.manifest.prefixes)
    found = answers(release, remote.settings, query)[0]
    assert (found.kind, found.format, found.rows) == ("solutions", form, 6)
    if form == "csv":
        expected = embedded(release, query).serialize(format=RESULTS[form])
        assert sorted(found.body.split(b"\r\n")) == sorted(expected.split(b"\r\n"))
    else:
        results = ox.parse_query_results(found.body, format=RESULTS[form])
        assert comparable(results) == comparable(embedded(release, query))


@pytest.mark.parametrize("form", RESULTS)
def test_every_format_of_yes_and_no(form: str, remote: Remote, release: kg.Release) -> None:
    for text in ("ASK { ?s t:madeWith ?o }", "ASK { ?s t:madeWith 1 }"):
        query = Query(text, boolean=form, prefixes=release.manifest.prefixes)
        found = answers(release, remote.settings, query)[0]
        assert (found.kind, found.format) == ("boolean", form)
        assert found.body == embedded(release, query).serialize(format=RESULTS[form])


@pytest.mark.parametrize("form", GRAPHS)
def test_every_format_of_a_graph(form: str, remote: Remote, release: kg.Release) -> None:
    text = "CONSTRUCT WHERE { ?s ?p ?o }"
    found = answer(release, remote, text, graph=form)
    assert (found.kind, found.format, found.rows) == ("graph", form, release.manifest.triples["data"])
    triples = (quad.triple for quad in ox.parse(found.body, format=GRAPHS[form]))
    assert comparable(triples) == comparable(embedded(release, Query(text)))
    assert (b"@prefix skos:" in found.body) == (form == "turtle")


def test_the_catalogue_speaks_of_the_graphs_by_their_names(remote: Remote, release: kg.Release) -> None:
    text = f"SELECT ?g ?p ?o {{ GRAPH <{B}graph/meta> {{ ?g ?p ?o FILTER(CONTAINS(STR(?g), 'graph')) }} }}"
    query = Query(text)
    found = answers(release, remote.settings, query)[0]
    results = ox.parse_query_results(found.body, format=ox.QueryResultsFormat.JSON)
    assert comparable(results) == comparable(embedded(release, query))
    assert b"/release/" not in found.body


def test_a_kind_of_answer_that_nobody_wants(remote: Remote, release: kg.Release) -> None:
    for text, none in (("SELECT ?s {}", "solutions"), ("ASK {}", "boolean"), ("DESCRIBE <tag:x>", "graph")):
        with pytest.raises(errors.NoSuchFormat, match="can hold"):
            answer(release, remote, text, **{none: None})


def test_clauses_hidden_by_escapes_are_seen(remote: Remote, release: kg.Release) -> None:
    text = r"SELECT ?o FR\u004fM <https://elsewhere.example/secret> { ?s ?p ?o }"
    assert answer(release, remote, text).rows == 0
    with pytest.raises(errors.QuerySyntaxError, match="unexpected"):
        answer(release, remote, text.replace(" <", r" \u003c"))


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("SELECT ?s { ?s ?p ", errors.QuerySyntaxError, ""),
        ("SELECT ?s {\n ?s skos:broader ?o . ?s ?p }", errors.QuerySyntaxError, "line 2"),
        ("SELECT ?s { ?s x:p ?o }", errors.QuerySyntaxError, "line 1, column 16: the prefix x: is not declared"),
        ("", errors.QuerySyntaxError, "empty"),
        ("hello", errors.QuerySyntaxError, "line 1, column 1: unexpected 'hello'"),
        ("define input:inference 'x' SELECT ?s { ?s ?p ?o }", errors.QuerySyntaxError, "not declared"),
        ("PREFIX input: <tag:x> define input:inference 'x' SELECT ?s {}", errors.QuerySyntaxError, "unexpected"),
        ("SELECT * " + "{" * 5000 + "}" * 5000, errors.QueryRefused, "nests"),
        ("SELECT * { {} " + "UNION {} " * 20_000 + "}", errors.QueryRefused, "more parts"),
        ("SELECT * { ?s ?in (" + "1 " * 5000 + ") }", errors.QueryRefused, "more parts"),
        ("INSERT DATA { <a:a> <a:a> <a:a> }", errors.QueryRefused, "read-only"),
        ("SELECT ?s { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }", errors.QueryRefused, "SERVICE"),
        ("SELECT (<bif:now>() AS ?n) {}", errors.QueryRefused, "insides"),
        ("PREFIX x: <sql:> SELECT (x:now() AS ?n) {}", errors.QueryRefused, "insides"),
    ],
    ids=lambda value: value[:20] if isinstance(value, str) else "",
)
def test_a_query_without_an_answer(
    text: str, error: type[Exception], message: str, remote: Remote, release: kg.Release
) -> None:
    with pytest.raises(error) as caught:
        answer(release, remote, text)
    assert message in str(caught.value)
    assert answer(release, remote, "ASK { ?s ?p ?o }").rows == 1  # the server is well


@pytest.mark.parametrize("name", ["json", "xml", "csv", "tsv"])
def test_rows_beyond_the_limit_are_cut(name: str, remote: Remote, release: kg.Release) -> None:
    few = replace(remote, settings=replace(remote.settings, answer_rows=7))
    found = answer(release, few, "SELECT ?s ?p ?o { ?s ?p ?o }", solutions=name)
    assert found.cut is not None
    assert (found.rows, found.cut.what, found.cut.after) == (7, "rows", 7)
    assert found.cut.marked == (name in ("json", "xml"))
    if name == "csv":
        assert found.body.count(b"\r\n") >= 8
    elif name == "json":
        assert len(json.loads(found.body)["results"]["bindings"]) == 7
    else:
        results: Any = ox.parse_query_results(found.body, format=RESULTS[name])
        assert len(list(results)) == 7


@pytest.mark.parametrize("name", GRAPHS)
def test_triples_beyond_the_limit_are_cut(name: str, remote: Remote, release: kg.Release) -> None:
    for settings in (replace(remote.settings, answer_rows=7), replace(remote.settings, answer_bytes=1000)):
        found = answer(release, replace(remote, settings=settings), "CONSTRUCT WHERE { ?s ?p ?o }", graph=name)
        assert found.cut is not None
        assert found.cut.marked == (name != "jsonld") == (b"cut after" in found.body)
        assert len(list(ox.parse(found.body, format=GRAPHS[name]))) == found.rows > 0


def test_bytes_beyond_the_limit_are_cut(remote: Remote, release: kg.Release) -> None:
    few = replace(remote, settings=replace(remote.settings, answer_bytes=1000))
    found = answer(release, few, "SELECT ?s ?p ?o { ?s ?p ?o }")
    assert found.cut is not None
    assert found.cut.what == "bytes"
    assert len(found.body) < 1100
    assert len(json.loads(found.body)["results"]["bindings"]) == found.rows > 0


@pytest.mark.parametrize("text", [ENDLESS, ROWS + " ORDER BY ?c7"], ids=["count", "sort"])
def test_an_endless_query_is_stopped(text: str, release: kg.Release, tmp_path: Path, remote: Remote) -> None:
    # A server of its own: Oxigraph's goes on with it, and would keep the others of this file waiting.
    running = started(remote.kind, tmp_path / "server")
    try:
        publish(release, running.settings)
        short = replace(running, settings=replace(running.settings, query_seconds=1.5))
        with pytest.raises(errors.QueryTimeout, match=r"stopped after 1\.5 seconds"):
            answer(release, short, text)
        assert answer(release, running, "ASK { ?s ?p ?o }").rows == 1

        async def closed_meanwhile() -> None:
            engine = RemoteEngine(release, running.settings)
            waiting = asyncio.ensure_future(engine.start(Query(text)))
            await asyncio.sleep(0.3)
            await engine.aclose()
            with pytest.raises(errors.QueryError):
                await waiting
            with pytest.raises(errors.QueryError):
                await engine.start(Query("ASK {}"))
            assert engine.gauges() == {"running": 0, "waiting": 0}

        asyncio.run(closed_meanwhile())
    finally:
        running.kill()


def test_an_answer_that_nobody_takes_is_let_go_of(remote: Remote, release: kg.Release) -> None:
    async def slow() -> None:
        engine = RemoteEngine(release, replace(remote.settings, query_seconds=4))
        stream = await engine.start(Query("SELECT ?s ?p ?o { ?s ?p ?o . ?a ?b ?c }", solutions="xml"))
        assert engine.gauges()["running"] == 1
        while engine.gauges()["running"]:
            await asyncio.sleep(0.05)
        await stream.aclose()
        again = await engine.start(Query("ASK {}"))
        await again.aclose()
        await again.aclose()
        assert engine.gauges() == {"running": 0, "waiting": 0}
        await engine.aclose()

    asyncio.run(slow())


def test_only_so_many_are_asked_at_a_time(remote: Remote, release: kg.Release) -> None:
    few = replace(remote.settings, query_processes=1, long_processes=1, queue_length=1, queue_seconds=0.2)

    async def crowd() -> None:
        engine = RemoteEngine(release, few)
        streams = [await engine.start(Query("SELECT ?s { ?s ?p ?o }")) for _ in range(2)]
        waiting = asyncio.ensure_future(engine.start(Query("ASK {}")))
        await asyncio.sleep(0.05)
        assert engine.gauges() == {"running": 2, "waiting": 1}
        with pytest.raises(errors.EngineBusy):
            await engine.start(Query("ASK {}"))
        with pytest.raises(errors.EngineBusy):
            await waiting
        await streams[0].aclose()
        assert [part async for part in await engine.start(Query("ASK {}"))]
        assert b"".join([part async for part in streams[1]])
        assert engine.gauges() == {"running": 0, "waiting": 0}
        await engine.aclose()

    asyncio.run(crowd())


def test_the_engine_has_the_name_of_the_server(remote: Remote, release: kg.Release) -> None:
    async def name() -> str:
        engine = RemoteEngine(release, remote.settings)
        await engine.aclose()
        return engine.name

    assert asyncio.run(name()).lower().startswith(f"remote-{remote.kind}")


def test_to_publish_again_does_nothing_or_mends(remote: Remote, release: kg.Release) -> None:
    names = names_of(release)
    assert publish(release, remote.settings).loaded == ()
    graph = names.stored[f"{B}graph/ontology"]
    put(remote, graph, "<tag:a> <tag:b> <tag:c> .")
    assert publish(release, remote.settings).loaded == (graph,)
    assert answer(release, remote, f"SELECT ?s {{ GRAPH <{B}graph/ontology> {{ ?s ?p ?o }} }}").rows > 1
    update = replace(remote.settings, endpoint_graphs="")
    put(remote, graph, "<tag:a> <tag:b> <tag:c> .", "POST")
    if remote.kind == "oxigraph":  # Virtuoso takes SPARQL Update in a form only
        assert publish(release, update).loaded == (graph,)


def test_graphs_that_are_sent_in_parts(remote: Remote, release: kg.Release, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing, "_PART", {"graphs": 5, "update": 5})
    ways = [remote.settings]
    if remote.kind == "oxigraph":  # Virtuoso takes SPARQL Update in a form only
        ways.append(replace(remote.settings, endpoint_graphs=""))
    for settings in ways:
        for graph in (names_of(release).union, *names_of(release).stored.values()):
            put(remote, graph, "<tag:a> <tag:b> <tag:c> .")
        done = publish(release, settings)
        assert set(done.loaded) == set(done.graphs)
        for name in ("construct all", "graphs"):
            test_the_answer_is_that_of_the_embedded_engine(name, remote, release)


def test_a_release_is_served_only_when_it_is_complete(remote: Remote, release: kg.Release, thesaurus: Path) -> None:
    others = []
    for label in ("rye bread", "white bread", "flat bread"):
        file = thesaurus / "data/concepts/breads.ttl"
        file.write_text(file.read_text(encoding="utf-8").replace('"pumpernickel"@en', f'"{label}"@en'), "utf-8")
        others.append(kg.build(kg.open_project(thesaurus)))
        file.write_text(file.read_text(encoding="utf-8").replace(f'"{label}"@en', '"pumpernickel"@en'), "utf-8")
    first, second, third = others
    with pytest.raises(errors.ReleaseError, match=f"{first.manifest.name} is not in the endpoint"):
        answer(first, remote, "ASK {}")

    class BrokenOffError(Exception):
        pass

    def break_off(step: str) -> None:
        if "graph/meta" in step:
            raise BrokenOffError

    with pytest.raises(BrokenOffError):
        publish(first, remote.settings, break_off)
    with pytest.raises(errors.ReleaseError, match="is not in the endpoint"):
        answer(first, remote, "ASK {}")
    done = publish(first, remote.settings, keep=5)
    assert 0 < len(done.loaded) < len(done.graphs)
    assert answer(first, remote, "ASK { ?s ?p 'rye bread'@en }").body == b'{"head":{},"boolean":true}'
    # Of the three, the oldest goes; what was never complete as well.
    with pytest.raises(BrokenOffError):
        publish(second, remote.settings, break_off)
    assert second.manifest.name in publish(third, remote.settings, keep=2).dropped
    assert answer(first, remote, "ASK {}")
    assert answer(third, remote, "ASK { ?s ?p 'flat bread'@en }").body == b'{"head":{},"boolean":true}'
    assert first.manifest.name in publish(third, remote.settings, keep=1).dropped
    with pytest.raises(errors.ReleaseError):
        answer(first, remote, "ASK {}")
    publish(release, remote.settings)  # for the other tests


def test_the_command_publishes(remote: Remote, release: kg.Release) -> None:
    settings = remote.settings
    flags = ["--releases", str(release.path.parent), "--endpoint", settings.endpoint]
    done = run_kg("publish", *flags, "--endpoint-graphs", settings.endpoint_graphs)
    assert done.returncode == 0, done.stderr
    assert f"release {release.manifest.name}: loaded " in done.stderr
    failed = run_kg("publish", *flags)
    assert failed.returncode == 2
    assert "--endpoint-graphs" in failed.stderr
    wrong = settings.endpoint_graphs.replace("dba:dba@", "dba:secret@")
    if remote.kind == "virtuoso":
        refused = run_kg("publish", *flags, "--endpoint-graphs", wrong)
        assert refused.returncode == 2
        assert "refuses the log-in" in refused.stderr
        assert "secret" not in refused.stdout + refused.stderr


def test_a_server_that_is_gone(remote: Remote, release: kg.Release, tmp_path: Path) -> None:
    running = started(remote.kind, tmp_path / "server")
    publish(release, running.settings)

    async def killed() -> None:
        engine = RemoteEngine(release, running.settings)
        assert [part async for part in await engine.start(Query("ASK {}"))]
        running.kill()
        with pytest.raises(errors.EngineUnavailable, match="does not answer"):
            await engine.start(Query("ASK {}"))
        assert engine.gauges() == {"running": 0, "waiting": 0}
        await engine.aclose()

    asyncio.run(killed())
    with pytest.raises(errors.EngineUnavailable):
        answer(release, running, "ASK {}")


class _Server(http.server.ThreadingHTTPServer):
    good = False


class _Broken(http.server.BaseHTTPRequestHandler):
    """A server that has the release, and answers whatever else it is asked with the status and body in the query."""

    server: _Server

    def do_POST(self) -> None:
        query = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())["query"][0]
        status, media_type, body = 200, "application/sparql-results+json", '{"results":{"when"}}'
        if "told" in query:
            status, media_type, body = json.loads(bytes.fromhex(query.partition("told")[2].partition(" ")[0]))
        elif (
            (graph := re.search(r"<([^>]+/graph/x)>", query)) and "+json" in self.headers["Accept"] and self.server.good
        ):
            body = GOOD.replace("GRAPH", graph[1])
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body) + ("CUT" in body)))
        self.end_headers()
        self.wfile.write(body.encode())
        self.close_connection = True

    def log_message(self, *_: Any) -> None:
        pass


JSON = "application/sparql-results+json"
GOOD = (
    '{"head":{"vars":["a","b","c"]},"results":{"bindings":['
    '{"a":{"type":"literal","value":"x","xml:lang":"en"},"c":{"type":"bnode","value":"c1"}},'
    '{"a":{"type":"uri","value":"GRAPH"},"c":{"type":"bnode","value":"c2"}}]}}'
)
HALF = '{"head":{"vars":["s"]},"results":{"bindings":[{"s":{"type":"literal","value":"a"}}'


@pytest.mark.parametrize(
    ("status", "media_type", "body", "error", "message"),
    [
        (200, JSON, HALF, errors.QueryError, ("cannot be read", "broke off")),
        (200, JSON, HALF + "CUT", errors.QueryError, "broke off"),
        (200, JSON, HALF + "The SPARQL operation has been cancelled", errors.QueryTimeout, "of the SPARQL server"),
        (200, JSON, "hello }", errors.QueryError, ("cannot be read", "broke off")),
        (200, "text/html", "<p>hello", errors.QueryError, "answered with text/html"),
        (400, "text/plain", "error at 1:3: expected SELECT", errors.QuerySyntaxError, "line 1, column 3"),
        (400, "text/plain", "no such thing in line 7", errors.QuerySyntaxError, "no such thing in line 7"),
        (400, "application/json", '{"exception": "not so"}', errors.QuerySyntaxError, "not so"),
        (400, "text/html", "<p>hello", errors.QuerySyntaxError, "does not say why"),
        (400, "text/plain", "Query timed out", errors.QueryTimeout, "of the SPARQL server"),
        (401, "text/plain", "", errors.EngineUnavailable, "status 401"),
        (413, "text/plain", "", errors.QueryError, "too long"),
        (429, "text/plain", "", errors.EngineBusy, "busy"),
        (500, "text/plain", "Virtuoso 22012 Error SR084: Division by 0.", errors.QueryError, "Division by 0"),
        (500, "text/plain", "Virtuoso S1T00 Error SR171: Transaction timed out", errors.QueryTimeout, "of the SPARQL"),
        (503, "text/html", "<p>hello", errors.EngineUnavailable, "does not answer"),
        (504, "text/html", "<p>hello", errors.QueryTimeout, "of the SPARQL server"),
    ],
)
@pytest.mark.parametrize("good", [False, True], ids=["converted", "direct"])
def test_a_server_that_fails(
    status: int,
    media_type: str,
    body: str,
    error: type[Exception],
    message: str | tuple[str, str],
    good: bool,
    release: kg.Release,
) -> None:
    with _Server(("127.0.0.1", 0), _Broken) as server:
        server.good = good
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings = Settings(endpoint=f"http://127.0.0.1:{server.server_port}/sparql", query_seconds=5)
        told = json.dumps([status, media_type, body]).encode().hex()
        with pytest.raises(errors.QueryError) as caught:
            answers(release, settings, Query(f"SELECT ?told{told} {{}}"))
        server.shutdown()
    assert type(caught.value) is error
    assert (message if isinstance(message, str) else message[good]) in str(caught.value)
