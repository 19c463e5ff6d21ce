"""The redirect rules for w3id.org (docs/w3id/.htaccess) in a real Apache: from the persistent IRI to the document."""

from __future__ import annotations

import http.client
import json
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urljoin, urlsplit

import httpx2
import pyoxigraph as ox
import pytest
from rdflib import Namespace

import kg
from kg import terms
from kg.negotiate import DOCUMENT_VARIANTS
from kg.terms import document_iri, whole
from tests.conftest import ROOT, Reply, Server, request, trials
from tests.live.apache import apache

W3ID = "https://w3id.org"
BASE = f"{W3ID}/pledge-graph/"
RULES = (ROOT / "docs/w3id/.htaccess").read_text(encoding="utf-8")
EXAMPLE = "https://example.org"
# Whatever namespace the program adds must lead somewhere, too.
OURS = "https://w3id.org/"
NAMESPACES = sorted(
    str(value) for value in vars(terms).values() if isinstance(value, Namespace) and value.startswith(OURS)
)
FOLDERS = ["pledge-graph", *(urlsplit(namespace).path.strip("/") for namespace in NAMESPACES)]


@dataclass
class Redirector:
    """Apache in place of w3id.org, in front of a site."""

    url: str
    site: str

    def ask(self, iri: str, method: str = "GET", accept: str | None = None, **more: str) -> Reply:
        """The answer of Apache to an IRI of w3id.org, percent-encoded as a client sends it."""
        sent = quote(whole(iri), safe="/:?#[]@!$&'()*+,;=%~")
        return request(sent.replace(W3ID, self.url, 1), method, accept, headers=more)

    def follow(self, iri: str, accept: str | None = None) -> tuple[Reply, list[str]]:
        """The last answer, and the addresses on the way to it."""
        reply, way = self.ask(iri, accept=accept), [self.url + whole(iri).removeprefix(W3ID)]
        while reply.status in {301, 302, 303, 307, 308}:
            assert len(way) < 6, way
            way.append(urljoin(way[-1], reply.headers["location"]))
            reply = request(way[-1], accept=accept)
        return reply, way


def rules(site: str) -> dict[str, str]:
    """The files for w3id.org, with the address of a site in the one place that is meant for it."""
    assert RULES.count(EXAMPLE) == 1
    assert {w for w in re.findall(r"[a-z][a-z-]*", RULES) if w.startswith("pledge-graph")} >= set(FOLDERS)
    return dict.fromkeys(FOLDERS, RULES.replace(EXAMPLE, site))


@pytest.fixture(scope="module")
def w3id(served: Server) -> Iterator[Redirector]:
    """Apache in front of the real graph."""
    with apache(rules(served.url)) as url:
        yield Redirector(url, served.url)


@pytest.fixture(scope="module")
def alone() -> Iterator[Redirector]:
    """Apache in front of a site that is not there: only its own answers are looked at."""
    with apache(rules("http://site.example")) as url:
        yield Redirector(url, "http://site.example")


@pytest.fixture(scope="module")
def iris(released: kg.Release) -> list[str]:
    """Every IRI of this site in the dump, parts and terms included."""
    named = (t for q in ox.parse(path=released.path / "dumps/data.ttl") for t in (q.subject, q.predicate, q.object))
    found = {term.value for term in named if isinstance(term, ox.NamedNode)}
    return sorted(iri for iri in found if iri.startswith(BASE))


def kind(iri: str) -> str:
    """What sort of IRI it is: its path without the last part."""
    return whole(iri).removeprefix(BASE).rpartition("/")[0]


def one_of_each_kind(iris: list[str]) -> list[str]:
    chosen = {kind(iri) + "#" * ("#" in iri): iri for iri in random.Random(3).sample(iris, len(iris))}
    return sorted(chosen.values())


def test_every_iri_of_the_dump_is_sent_to_the_same_path(alone: Redirector, iris: list[str]) -> None:
    asked = sorted({whole(iri) for iri in iris})
    assert len(asked) > 2000
    connection = http.client.HTTPConnection(urlsplit(alone.url).netloc, timeout=30)
    for iri in random.Random(4).sample(asked, trials(300, len(asked))):
        path = iri.removeprefix(W3ID)
        connection.request("HEAD", path)
        reply = connection.getresponse()
        reply.read()
        there = alone.site + path.removeprefix("/pledge-graph")
        assert (reply.status, reply.getheader("location")) == (302, there), iri
    connection.close()


def test_every_kind_of_iri_ends_in_its_document(w3id: Redirector, iris: list[str]) -> None:
    chosen = one_of_each_kind(iris)
    assert len(chosen) > 25
    for iri in chosen:
        expected = BASE + "ns" if whole(iri) == BASE + "ns" else document_iri(BASE, iri)
        for variant in DOCUMENT_VARIANTS[:2]:
            reply, way = w3id.follow(iri, variant.media_type)
            assert (reply.status, reply.headers["content-type"]) == (200, variant.content_type), way
            assert way[-1] == w3id.site + "/" + expected.removeprefix(BASE), way
            if variant.format == "turtle":
                quads = list(ox.parse(reply.body, ox.RdfFormat.TURTLE))
                assert any(q.subject == ox.NamedNode(iri) for q in quads), iri


@pytest.mark.parametrize(
    ("iri", "accept", "content_type"),
    [
        (BASE, "text/html", "text/html; charset=utf-8"),
        (BASE.rstrip("/"), "text/html", "text/html; charset=utf-8"),
        (BASE + "dataset", "text/turtle", "text/turtle; charset=utf-8"),
        (BASE + "ns/0.2.0", "application/rdf+xml", "application/rdf+xml"),
        (BASE + "doc/state/ITA", "application/ld+json", "application/ld+json"),
        (BASE + "doc/state/ITA.ttl", "text/html", "text/turtle; charset=utf-8"),
        (BASE + "doc/state/ITA.jsonld", None, "application/ld+json"),
        (BASE + "graph/ontology", "application/n-triples", "application/n-triples"),
        (BASE + "sparql", "text/turtle", "text/turtle; charset=utf-8"),
        (BASE + "sparql", "text/html", "text/html; charset=utf-8"),
        (BASE + "dumps/latest/data.ttl", "*/*", "text/turtle; charset=utf-8"),
        (BASE + "static/style.css", "text/css", "text/css; charset=utf-8"),
        *((namespace + "x", "text/html", "text/html; charset=utf-8") for namespace in NAMESPACES),
        *((namespace + "x", "text/turtle", "text/turtle; charset=utf-8") for namespace in NAMESPACES),
    ],
)
def test_what_is_no_thing_arrives_too(w3id: Redirector, iri: str, accept: str | None, content_type: str) -> None:
    reply, way = w3id.follow(iri, accept)
    assert (reply.status, reply.headers["content-type"]) == (200, content_type), way
    assert way[-1].startswith(w3id.site)


def test_the_namespaces_of_the_program_are_described_where_they_lead(w3id: Redirector) -> None:
    assert len(NAMESPACES) == 4
    for ours in NAMESPACES:
        for address in (ours, ours.rstrip("#") + "/"):
            reply, way = w3id.follow(address, "text/turtle")
            assert way[-1:] == [f"{w3id.site}/vocabularies/{ours.rstrip('#').rpartition('-')[2]}"]
            described = {q.subject for q in ox.parse(reply.body, ox.RdfFormat.TURTLE)}
            assert ox.NamedNode(ours.rstrip("#")) in described
            assert any(isinstance(term, ox.NamedNode) and term.value.startswith(ours) for term in described)


def test_what_the_site_does_not_know_is_404_there(w3id: Redirector) -> None:
    reply, way = w3id.follow(BASE + "id/state/XXX", "text/html")
    assert (reply.status, way[-1]) == (404, w3id.site + "/id/state/XXX")
    assert "<h1>Not Found</h1>" in reply.text


@pytest.mark.parametrize("method", ["POST", "QUERY"])
def test_a_query_with_a_body_stays_one(w3id: Redirector, method: str) -> None:
    text = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    headers = {"Content-Type": "application/sparql-query", "Accept": "application/sparql-results+json"}
    address = f"{w3id.url}/pledge-graph/sparql"
    with httpx2.Client(trust_env=False, follow_redirects=True, timeout=60) as client:
        reply = client.request(method, address, content=text, headers=headers)
        assert [r.status_code for r in reply.history] == [307]
        assert reply.request.method == method
        direct = client.request(method, f"{w3id.site}/sparql", content=text, headers=headers)
        assert (reply.status_code, reply.content) == (direct.status_code, direct.content)
        if method == "POST":
            assert int(reply.json()["results"]["bindings"][0]["n"]["value"]) > 40_000
            form = client.post(address, data={"query": text}, headers={"Accept": headers["Accept"]})
            assert form.json() == reply.json()


def test_a_query_in_the_address_is_kept_as_it_is(w3id: Redirector) -> None:
    label = "Italy & 100% \u201cCôte d\u2019Azur\u201d + a=b;c,d #?/\\ é"
    text = "SELECT ?x { BIND('" + label.replace("\\", "\\\\") + "' AS ?x) }"
    for written in (quote(text), quote(text, safe="?/:@!$'()*,;"), quote(text).replace("%20", "+").lower()):
        query = f"query={written}"
        sent = w3id.ask(f"{BASE}sparql?{query}", accept="application/json")
        assert (sent.status, sent.headers["location"]) == (302, f"{w3id.site}/sparql?{query}")
    reply, _ = w3id.follow(f"{BASE}sparql?query={quote(text)}", "application/json")
    assert json.loads(reply.body)["results"]["bindings"][0]["x"]["value"] == label


ODD = [
    "concept/cr%C3%A8me-brioche",
    "concept/%D0%A5%D0%BB%D1%96%D0%B1",
    "concept/%e6%97%a5",  # in small letters, as somebody wrote it
    "concept/a%20b",
    "concept/50%25",
    "concept/50%2525",
    "concept/a%3Fb",
    "concept/a%23b",
    "concept/a%2Bb+c",
    "concept/a%26b&c",
    "concept/x,y;z=1",
    "concept/(a)!$'*:@~-._",
    "concept/a//b",
    "concept/a%0D%0ALocation:%20b",
    "concept/%FF",
    "concept/a%5Bb%5D%7B%7D%22%3C%3E%7C%5C%5E%60",
    "/elsewhere.example/",
    "@elsewhere.example/",
    "id/x?a=%3F&b=%2B+&c=%25&b=2&empty=&%C3%A8=%E8",
    "id/x?",
    "id/x?a?b=/c",
    "%45nv/%7BENV:SITE%7D/$1/%251",
]


@pytest.mark.parametrize("path", ODD)
def test_what_is_sent_is_sent_on_byte_by_byte(alone: Redirector, path: str) -> None:
    reply = alone.ask(BASE + path)
    assert (reply.status, reply.headers["location"]) == (302, f"{alone.site}/{path}")
    assert urlsplit(reply.headers["location"]).netloc == "site.example"


def test_names_beyond_ascii_end_in_their_documents(thesaurus: Path, serve: Callable[..., Server]) -> None:
    for file in (p for p in thesaurus.rglob("*") if p.is_file()):
        file.write_text(file.read_text(encoding="utf-8").replace("https://data.example.org/bread/", BASE))
    names = ["crème-brioche", "Хліб", "日本", "a,b;c=1", "c++", "a%20b", "50%25", "a%3Fb", "a%23b"]
    label = "<http://www.w3.org/2004/02/skos/core#prefLabel>"
    added = "".join(f'<{BASE}concept/{name}> {label} "odd {name}"@en .\n' for name in names[1:])
    (thesaurus / "data/concepts/odd.ttl").write_text(added, encoding="utf-8")
    server = serve(thesaurus)
    with apache(rules(server.url)) as url:
        redirector = Redirector(url, server.url)
        for name in names:
            for variant in DOCUMENT_VARIANTS[:2]:
                reply, way = redirector.follow(f"{BASE}concept/{name}", variant.media_type)
                assert (reply.status, reply.headers["content-type"]) == (200, variant.content_type), way
            quads = ox.parse(redirector.follow(f"{BASE}concept/{name}", "text/turtle")[0].body, ox.RdfFormat.TURTLE)
            assert ox.NamedNode(f"{BASE}concept/{name}") in {q.subject for q in quads}, name


def test_scripts_of_other_sites_may_follow(alone: Redirector) -> None:
    assert alone.ask(BASE + "id/state/ITA").headers["access-control-allow-origin"] == "*"
    asked = {"Origin": "https://other.example", "Access-Control-Request-Method": "POST"}
    reply = alone.ask(BASE + "sparql", "OPTIONS", **asked)
    assert (reply.status, reply.body) == (204, b"")
    assert "location" not in reply.headers
    assert reply.headers["access-control-allow-origin"] == "*"
    assert "POST" in reply.headers["access-control-allow-methods"]
    assert "Content-Type" in reply.headers["access-control-allow-headers"]


def test_neighbours_are_left_alone(alone: Redirector) -> None:
    for path in ("/", "/pledge-graphs/id/x", "/pledge", "/pledge-graph-display2"):
        reply = request(alone.url + path)
        assert reply.status in {403, 404}, path
        assert "location" not in reply.headers
