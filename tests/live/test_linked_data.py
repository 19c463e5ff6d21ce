"""Dereferencing on a real server: blocks G1 to G5 and L1 to L3, and that all three ways to the data agree."""

from __future__ import annotations

import json
import random
import re
import time
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import FOAF, BNode, Graph, URIRef

import kg
from kg.graph import as_rdflib
from kg.negotiate import RESOURCE_VARIANTS
from tests.conftest import Reply, Server, request, trials

BASE = "https://w3id.org/pledge-graph/"
FORMATS = {
    "text/turtle": ox.RdfFormat.TURTLE,
    "application/ld+json": ox.RdfFormat.JSON_LD,
    "application/n-triples": ox.RdfFormat.N_TRIPLES,
    "application/rdf+xml": ox.RdfFormat.RDF_XML,
}


def parsed(reply: Reply) -> Graph:
    media_type = reply.headers["content-type"].partition(";")[0]
    quads = list(ox.parse(reply.body, FORMATS[media_type]))
    assert all(isinstance(q.graph_name, ox.DefaultGraph) for q in quads)
    return as_rdflib(quads)


def subjects(release: kg.Release) -> list[str]:
    """Every thing of the dump that this site answers for, without its parts."""
    found = {
        q.subject.value for q in ox.parse(path=release.path / "dumps/data.ttl") if isinstance(q.subject, ox.NamedNode)
    }
    return sorted({iri.partition("#")[0] for iri in found if iri.startswith(BASE)})


def path_of(iri: str) -> str:
    return "/" + iri.removeprefix(BASE)


def test_a_thing_leads_to_its_document(served: Server) -> None:
    reply = served.get("/id/state/ITA", "text/turtle")
    assert (reply.status, reply.headers["location"]) == (303, "/doc/state/ITA")
    assert "accept" in reply.headers["vary"].lower()
    assert '</doc/state/ITA>; rel="describedby"' in reply.links
    assert served.get("/vocab/area/air").headers["location"] == "/doc/vocab/area/air"


def some(things: list[str]) -> set[str]:
    """A seeded sample of the things, and always the ontology; in full trials all of them."""
    chosen = random.Random(5).sample(things, trials(60, len(things)))
    return {*chosen, BASE + "ns"}


def test_every_thing_in_the_dump_dereferences_to_isomorphic_graphs(served: Server, released: kg.Release) -> None:
    things = subjects(released)
    assert len(things) > 2000
    for thing in some(things):
        target = path_of(thing)
        if thing != BASE + "ns":
            reply = served.get(target)
            assert reply.status == 303, thing
            target = reply.headers["location"]
        graphs = []
        for media_type in FORMATS:
            reply = served.get(target, media_type)
            assert (reply.status, reply.headers["content-type"].partition(";")[0]) == (200, media_type), thing
            graphs.append(parsed(reply))
        first, *others = graphs
        assert len(first) > 5
        assert all(first.isomorphic(other) for other in others), thing
        assert any(str(s).partition("#")[0] == thing for s in first.subjects())
        page = served.get(target, "text/html")
        assert (page.status, page.headers["content-type"]) == (200, "text/html; charset=utf-8")


def test_documents_endpoint_and_dump_say_the_same_graph(served: Server, released: kg.Release) -> None:
    reply = served.get("/dumps/latest/data.ttl")
    assert reply.status == 302
    dump = as_rdflib(q.triple for q in ox.parse(served.get(reply.headers["location"]).body, ox.RdfFormat.TURTLE))
    query = "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }"
    asked = request(
        f"{served.url}/sparql",
        "POST",
        "application/n-triples",
        query.encode(),
        {"Content-Type": "application/sparql-query"},
    )
    assert dump.isomorphic(parsed(asked))

    described: set[tuple[object, object, object]] = set()
    looked_at = some(subjects(released))
    for thing in looked_at:
        document = thing if thing == BASE + "ns" else BASE + "doc/" + thing.removeprefix(BASE).removeprefix("id/")
        reply = served.get(path_of(document), "text/turtle")
        # What a document says of itself is not in the dump; blank nodes stand in the ontology only, compared below.
        described |= {t for t in parsed(reply) if str(t[0]) != document or thing == document}
    named = {t for t in dump if not any(isinstance(term, BNode) for term in t)}
    assert {t for t in named if str(t[0]).partition("#")[0] in looked_at} - described == set()
    # Beyond the dump a document holds only the description of the dataset, what /ns says of itself as a document, and
    # which questions have the thing as their default.
    beyond = {str(s) for s, _, o in described - named if not isinstance(s, BNode) and not isinstance(o, BNode)}
    other = {s.partition("#")[0] for s in beyond if not s.startswith(BASE + "id/question/")}
    assert other <= {BASE + "ns", BASE + "dataset"}


def test_a_document_says_what_it_is_about(served: Server) -> None:
    graph = parsed(served.get("/doc/position/ITA-0001", "text/turtle"))
    document, thing = URIRef(BASE + "doc/position/ITA-0001"), URIRef(BASE + "id/position/ITA-0001")
    assert (document, FOAF.primaryTopic, thing) in graph
    assert (document, URIRef("http://rdfs.org/ns/void#inDataset"), URIRef(BASE + "dataset")) in graph
    # who points here, with a name to show
    report = URIRef(BASE + "id/report/s0001-01")
    assert (report, URIRef(BASE + "ns#conveys"), thing) in graph
    assert (report, URIRef("http://www.w3.org/2000/01/rdf-schema#label"), None) in graph


def test_parts_belong_to_the_document_of_their_whole(served: Server) -> None:
    graph = parsed(served.get("/doc/position/FRA-0001", "text/turtle"))
    for part in ("quantity", "conditions", "condition-ceasefire"):
        assert (URIRef(f"{BASE}id/position/FRA-0001#{part}"), None, None) in graph
    page = served.get("/doc/position/FRA-0001", "text/html").text
    assert 'id="quantity"' in page


@pytest.mark.parametrize("variant", RESOURCE_VARIANTS, ids=lambda v: v.suffix)
def test_a_suffix_decides_whatever_is_accepted(served: Server, variant: object) -> None:
    media_type, suffix = variant.media_type, variant.suffix  # type: ignore[attr-defined]
    reply = served.get(f"/doc/state/ITA.{suffix}", "image/png")
    assert (reply.status, reply.headers["content-type"].partition(";")[0]) == (200, media_type)
    negotiated = served.get("/doc/state/ITA", media_type)
    assert negotiated.body == reply.body
    assert negotiated.headers["content-location"] == f"/doc/state/ITA.{suffix}"
    alternates = [link for link in negotiated.links if 'rel="alternate"' in link]
    assert len(alternates) == len(RESOURCE_VARIANTS) - 1
    assert not [link for link in alternates if f"ITA.{suffix}>" in link]
    assert any('rel="canonical"' in link for link in negotiated.links)
    assert any('rel="license"' in link for link in negotiated.links)
    assert f'<{BASE}id/state/ITA>; rel="describes"' in negotiated.links


def test_the_ontology_is_served_at_its_own_address(served: Server) -> None:
    reply = served.get("/ns", "text/turtle")
    assert reply.headers["content-location"] == "/doc/ns.ttl"
    assert '</doc/ns.jsonld>; rel="alternate"; type="application/ld+json"' in reply.links
    assert served.get("/doc/ns.ttl").body == served.get("/ns/0.2.0", "text/turtle").body == reply.body
    graph = parsed(reply)
    term = URIRef(BASE + "ns#Position")
    assert (term, URIRef("http://www.w3.org/2000/01/rdf-schema#isDefinedBy"), URIRef(BASE + "ns")) in graph
    assert 'id="Position"' in served.get("/ns", "text/html").text


@pytest.mark.parametrize(
    ("accept", "status", "content_type"),
    [
        ("application/pdf", 406, "application/problem+json"),
        ("text/html;q=0, text/turtle;q=0, */*", 200, "application/ld+json"),
        ("application/*", 200, "application/ld+json"),
        ("text/turtle;q=0.4, application/ld+json", 200, "application/ld+json"),
    ],
)
def test_negotiation(served: Server, accept: str, status: int, content_type: str) -> None:
    reply = served.get("/doc/state/ITA", accept)
    assert (reply.status, reply.headers["content-type"]) == (status, content_type)
    if status == 406:
        assert all(v.media_type in json.loads(reply.body)["detail"] for v in RESOURCE_VARIANTS)


@pytest.mark.parametrize(
    "path", ["/id/state/XXX", "/doc/state/XXX", "/doc/state/XXX.ttl", "/nix", "/ns2", "/dumps/latest/x"]
)
def test_what_is_unknown_is_404_with_a_body(served: Server, path: str) -> None:
    problem = served.get(path)
    assert problem.status == json.loads(problem.body)["status"] == 404
    page = served.get(path, "text/html,*/*;q=0.8")
    assert page.status == 404
    assert "<h1>Not Found</h1>" in page.text


@pytest.mark.parametrize("path", ["/", "/doc/state/ITA", "/doc/state/ITA.ttl", "/ns", "/sparql"])
def test_conditional_requests(served: Server, path: str) -> None:
    first = served.get(path, "text/turtle")
    etag = first.headers["etag"]
    assert not etag.startswith("W/")
    for condition in (etag, f'"other", {etag}', "*"):
        again = request(served.url + path, accept="text/turtle", headers={"If-None-Match": condition})
        assert (again.status, again.body) == (304, b"")
        for name in ("etag", "vary", "cache-control", "content-location"):
            assert again.headers.get(name) == first.headers.get(name), name
    if not path.endswith(".ttl"):
        assert served.get(path, "application/ld+json").headers["etag"] != etag


@pytest.mark.parametrize("path", ["/", "/doc/state/ITA", "/id/state/ITA", "/ns", "/sparql", "/nix"])
def test_head_is_get_without_the_body(served: Server, path: str) -> None:
    get, head = served.get(path, "text/html"), request(served.url + path, "HEAD", accept="text/html")
    assert head.body == b""
    assert head.status == get.status
    assert {**head.headers, "date": ""} == {**get.headers, "date": ""}


@pytest.mark.parametrize("path", ["/", "/doc/state/ITA", "/id/state/ITA", "/dumps/latest/data.ttl"])
def test_wrong_methods(served: Server, path: str) -> None:
    for method in ("PUT", "DELETE", "PATCH", "POST"):
        reply = request(served.url + path, method, data=b"")
        assert reply.status == 405
        assert "GET" in reply.headers["allow"]
    assert request(served.url + path, "OPTIONS").status == 204


@pytest.mark.parametrize(
    "path", ["/", "/doc/state/ITA", "/id/state/ITA", "/nix", "/sparql?query=x", "/static/style.css"]
)
def test_headers_on_every_answer(served: Server, path: str) -> None:
    reply = served.get(path, "text/html")
    assert reply.headers["access-control-allow-origin"] == "*"
    assert reply.headers["x-content-type-options"] == "nosniff"
    if reply.headers["content-type"].startswith("text/html"):
        assert "default-src 'none'" in reply.headers["content-security-policy"]


def test_the_dump_can_be_resumed(served: Server) -> None:
    path = served.get("/dumps/latest/data.ttl").headers["location"]
    whole = served.get(path)
    assert "immutable" in whole.headers["cache-control"]
    part = request(served.url + path, headers={"Range": "bytes=100-199"})
    assert (part.status, part.body) == (206, whole.body[100:200])
    assert request(served.url + path, headers={"Range": "bytes=99999999-"}).status == 416


def test_any_host_name_will_do_and_the_iris_stay(served: Server) -> None:
    reply = request(f"{served.url}/id/state/ITA", headers={"Host": "data.example.net"})
    assert reply.headers["location"] == "/doc/state/ITA"
    page = request(f"{served.url}/doc/state/ITA", accept="text/html", headers={"Host": "data.example.net"}).text
    assert 'href="/id/' in page
    # what the page links to is here; only its head says which things it is about
    assert f'<a href="{BASE}' not in page
    turtle = request(f"{served.url}/doc/state/ITA", accept="text/turtle", headers={"Host": "data.example.net"}).text
    assert "example.net" not in turtle
    assert BASE in turtle


def test_a_page_under_another_host_name_has_another_validator(served: Server) -> None:
    # Its card is found at a whole address.
    pages = [
        request(f"{served.url}/doc/state/ITA", accept="text/html", headers={"Host": host})
        for host in ("data.example.net", "data.example.org")
    ]
    assert pages[0].body != pages[1].body
    assert pages[0].headers["etag"] != pages[1].headers["etag"]
    tags = {
        request(f"{served.url}/doc/state/ITA", accept="text/turtle", headers={"Host": host}).headers["etag"]
        for host in ("data.example.net", "data.example.org")
    }
    assert len(tags) == 1


def test_a_kept_page_says_when_it_was_sent(served: Server) -> None:
    address = f"{served.url}/doc/state/ITA?date-of-reply=1"
    first = request(address, accept="text/html").headers["date"]
    time.sleep(1.1)  # the header counts seconds
    assert request(address, accept="text/html").headers["date"] != first


@pytest.mark.parametrize("path", ["/search?q=%01%7F", "/?date=%01", "/sparql?query=SELECT%01", "/doc/%EF%B7%90"])
def test_pages_hold_no_character_that_html_has_not(served: Server, path: str) -> None:
    page = served.get(path, "text/html").text
    assert "\N{REPLACEMENT CHARACTER}" in page
    assert not re.search("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef]", page)


def test_another_project_is_published_without_a_change(thesaurus: Path, serve: Callable[..., Server]) -> None:
    server = serve(thesaurus)
    bread = "https://data.example.org/bread/"
    home = server.get("/", "text/html").text
    assert "<h1>Bread thesaurus</h1>" in home
    assert server.get("/concept/sourdough").headers["location"] == "/doc/concept/sourdough"
    graph = parsed(server.get("/doc/concept/sourdough", "text/turtle"))
    assert (
        URIRef(bread + "concept/rye"),
        URIRef(bread + "terms#usedFor"),
        URIRef(bread + "concept/sourdough"),
    ) in graph
    assert (URIRef(bread + "terms#madeWith"), None, None) in parsed(server.get("/terms", "text/turtle"))
    page = server.get("/doc/concept/sourdough", "text/html").text
    assert "<h1" in page
    assert "sourdough bread" in page
    assert "made with" in page
    # a name beyond ASCII, asked for as browsers do
    reply = server.get("/concept/cr%C3%A8me-brioche")
    assert (reply.status, reply.headers["location"]) == (303, "/doc/concept/cr%C3%A8me-brioche")
    assert "crème brioche" in server.get(reply.headers["location"], "text/html").text


@pytest.mark.parametrize(
    "path", ["/id/100%25", "/id/%FF", "/id/a%0d%0ab", "/doc/%00", "/id/%2e%2e", "/id/" + "x" * 4000]
)
def test_strange_paths_are_404(served: Server, path: str) -> None:
    assert served.get(path).status == 404


def test_headers_hold_uris(thesaurus: Path, serve: Callable[..., Server]) -> None:
    server = serve(thesaurus)
    reply = server.get("/doc/concept/cr%C3%A8me-brioche.ttl")
    assert reply.headers["content-location"] == "/doc/concept/cr%C3%A8me-brioche.ttl"
    links = " ".join(reply.links)
    assert '</doc/concept/cr%C3%A8me-brioche.nt>; rel="alternate"' in links
    assert '<https://data.example.org/bread/concept/cr%C3%A8me-brioche>; rel="describes"' in links
    assert links.isascii()


def test_values_of_every_kind_are_the_same_in_every_format(thesaurus: Path, serve: Callable[..., Server]) -> None:
    (thesaurus / "data/concepts/values.ttl").write_text(
        """@prefix x: <https://data.example.org/bread/> .
        @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
        x:values x:p 1, 1.5, "1.5"^^xsd:double, "1000000"^^xsd:double, "INF"^^xsd:double, true, "2026-01-06"^^xsd:date,
            "text", "text"@en, "2026"^^xsd:gYear, "ab"^^xsd:hexBinary, "odd"^^x:datatype, <javascript:alert(1)> ."""
    )
    server = serve(thesaurus)
    graphs = [parsed(server.get("/doc/values", media_type)) for media_type in FORMATS]
    assert len(list(graphs[0].objects(URIRef("https://data.example.org/bread/values")))) == 13
    for graph in graphs:
        assert set(graph) == set(graphs[0])
    page = server.get("/doc/values", "text/html").text
    assert "javascript:alert(1)" in page
    assert 'href="javascript' not in page


def test_hostile_literals_stay_text(thesaurus: Path, serve: Callable[..., Server]) -> None:
    hostile = "<script>alert(1)</script>\"'&\u202e\u0085" + "x" * 10_000
    subject = "https://data.example.org/bread/concept/hostile"
    quoted = json.dumps(hostile, ensure_ascii=False)
    (thesaurus / "data/concepts/hostile.ttl").write_text(
        f"<{subject}> <http://www.w3.org/2004/02/skos/core#prefLabel> {quoted}@en .", encoding="utf-8"
    )
    server = serve(thesaurus)
    page = server.get("/doc/concept/hostile", "text/html").text
    assert "<script>" not in page
    assert "\u0085" not in page  # no character of HTML
    graphs = [parsed(server.get("/doc/concept/hostile", media_type)) for media_type in FORMATS]
    assert all(graphs[0].isomorphic(graph) for graph in graphs)
    assert hostile in {str(o) for o in graphs[0].objects(URIRef(subject))}
