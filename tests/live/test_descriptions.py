"""What the site says of its data: VoID, the catalogue, provenance, and markup for search engines (V1 to V3, J2).

Every number is compared with what is counted in the dump that it speaks of.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from html.parser import HTMLParser
from typing import Any

import pyoxigraph as ox
import pytest
from playwright.sync_api import sync_playwright
from rdflib import DCTERMS, FOAF, PROV, RDF, VOID, XSD, Graph, Literal, Namespace, URIRef
from rdflib.term import Node

import kg
from kg import shacl
from kg.metadata import DCAT_AP
from kg.source import from_rdflib, parse_turtle
from tests.conftest import THESAURUS, Reply, Server, copy_project, request, start_server, stop_server

BREAD = "https://data.example.org/bread/"
DATASET = URIRef(f"{BREAD}dataset")
DCAT = Namespace("http://www.w3.org/ns/dcat#")
SPDX = Namespace("http://spdx.org/rdf/terms#")
HOSTILE = "</script><script>alert(1)</script><!-- & \\u2028 ]]>"
FORMATS = {
    "text/turtle": "turtle",
    "application/ld+json": "json-ld",
    "application/rdf+xml": "xml",
    "application/n-triples": "nt",
}
CHROMIUM = shutil.which("chromium")


@dataclass
class Told:
    """A server over two releases of the breads, one of which is hostile to pages."""

    server: Server
    former: kg.Release
    release: kg.Release

    def triples(self) -> set[ox.Triple]:
        return set(ox.parse(path=self.release.path / "dumps/data.nt", format=ox.RdfFormat.N_TRIPLES))


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    folder = tmp_path_factory.mktemp("told")
    project = copy_project(THESAURUS, folder / "breads")
    former = kg.build(kg.open_project(project), source_commit="0" * 40)
    dataset = project / "data/dataset.ttl"
    text = dataset.read_text().replace('"2.1"', '"2.2"').replace('"2026-01-31"', '"2026-02-28"')
    dataset.write_text(text + f'<{DATASET}#tasty> a void:Dataset ; void:uriSpace "https://tasty.example.org/" .\n')
    (project / "data/concepts/more.ttl").write_text(
        f"""@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
        <{BREAD}concept/odd> a skos:Concept ; skos:prefLabel "{HOSTILE}"@en ; skos:definition "{HOSTILE}"@en ;
            skos:exactMatch <https://elsewhere.example.org/odd> ; <{BREAD}taste> <https://tasty.example.org/1> .
        """
    )
    release = kg.build(kg.open_project(project), source_commit="1" * 40)
    server = start_server(project, folder)
    yield Told(server, former, release)
    stop_server(server)


def graph_of(reply: Reply) -> Graph:
    assert reply.status == 200, reply.text
    form = FORMATS[reply.headers["content-type"].partition(";")[0]]
    return Graph(bind_namespaces="none").parse(data=reply.body, format=form)


def number(graph: Graph, node: Node | None, predicate: URIRef) -> int:
    value = graph.value(node, predicate)
    assert isinstance(value, Literal)
    return int(value)


def local(iri: object, base: str = BREAD) -> str:
    assert str(iri).startswith(base), iri
    return "/" + str(iri).removeprefix(base)


@pytest.fixture(scope="module")
def void(told: Told) -> Graph:
    return graph_of(told.server.get("/.well-known/void"))


@pytest.fixture(scope="module")
def catalogue(told: Told) -> Graph:
    return graph_of(told.server.get("/catalog", "text/turtle"))


def test_void_counts_what_the_dump_has(told: Told, void: Graph) -> None:
    triples = told.triples()
    counted = {
        VOID.triples: len(triples),
        VOID.distinctSubjects: len({t.subject for t in triples}),
        VOID.distinctObjects: len({t.object for t in triples}),
        VOID.properties: len({t.predicate for t in triples}),
    }
    for predicate, wanted in counted.items():
        assert list(void.objects(DATASET, predicate)) == [Literal(wanted)], predicate
    properties = Counter(t.predicate.value for t in triples)
    assert {
        str(void.value(p, VOID.property)): number(void, p, VOID.triples)
        for p in void.objects(DATASET, VOID.propertyPartition)
    } == properties
    types = Counter(
        t.object.value for t in triples if t.predicate.value == str(RDF.type) and isinstance(t.object, ox.NamedNode)
    )
    assert {
        str(void.value(p, VOID["class"])): number(void, p, VOID.entities)
        for p in void.objects(DATASET, VOID.classPartition)
    } == types
    for part in ("asserted", "inferred"):
        whole = set(ox.parse(path=told.release.path / f"dumps/{part}.nt", format=ox.RdfFormat.N_TRIPLES))
        assert number(void, URIRef(f"{BREAD}.well-known/void#{part}"), VOID.triples) == len(whole)


def test_void_names_what_can_be_got(told: Told, void: Graph) -> None:
    assert str(void.value(DATASET, VOID.uriSpace)) == BREAD
    assert void.value(DATASET, VOID.sparqlEndpoint) == URIRef(f"{BREAD}sparql")
    dumps = list(void.objects(DATASET, VOID.dataDump))
    assert len(dumps) == 12
    assert {told.server.get(local(dump)).status for dump in dumps} == {200}
    examples = list(void.objects(DATASET, VOID.exampleResource))
    assert examples
    assert all(told.server.get(local(example)).status == 303 for example in examples)
    used = {t.predicate.value for t in told.triples()}
    spaces = {str(v) for v in void.objects(DATASET, VOID.vocabulary)}
    assert all(any(iri.startswith(space) for space in spaces) for iri in used)
    assert not list(void.objects(DATASET, VOID.uriLookupEndpoint))


def test_void_counts_links_to_other_data(told: Told, void: Graph) -> None:
    found = {
        (str(void.value(s, VOID.linkPredicate)), str(void.value(s, VOID.objectsTarget))): number(void, s, VOID.triples)
        for s in void.subjects(RDF.type, VOID.Linkset)
    }
    match = "http://www.w3.org/2004/02/skos/core#exactMatch"
    assert found == {(match, "https://elsewhere.example.org/"): 1, (f"{BREAD}taste", f"{DATASET}#tasty"): 1}
    for (predicate, target), links in found.items():
        space = str(void.value(URIRef(target), VOID.uriSpace) or target)
        assert links == len(
            [t for t in told.triples() if t.predicate.value == predicate and str(t.object)[1:].startswith(space)]
        )
        assert (URIRef(target), RDF.type, VOID.Dataset) in void


def test_void_is_data_for_programs_and_leads_people_to_the_page(told: Told) -> None:
    get = told.server.get
    assert get("/.well-known/void").headers["content-type"].startswith("text/turtle")
    page = get("/.well-known/void", "text/html")
    assert (page.status, page.headers["location"]) == (303, "/doc/dataset")
    assert "accept" in page.headers["vary"].lower()
    assert "/.well-known/void" in get("/doc/dataset", "text/html").text
    assert '/catalog.ttl"' in get("/", "text/html").text


@pytest.mark.parametrize("path", ["/.well-known/void", "/catalog"])
def test_a_description_is_negotiated_like_a_document(told: Told, path: str) -> None:
    get = told.server.get
    whole = graph_of(get(path, "text/turtle"))
    tags = set()
    for media_type, suffix in zip(FORMATS, ("ttl", "jsonld", "rdf", "nt"), strict=True):
        reply = get(path, media_type)
        assert reply.headers["content-location"] == f"{path}.{suffix}"
        assert set(graph_of(reply)) == set(whole)
        assert get(f"{path}.{suffix}", "application/pdf").body == reply.body
        tags.add(reply.headers["etag"])
        assert any('rel="license"' in link for link in reply.links)
        again = get(path, media_type, If_None_Match=reply.headers["etag"])
        assert (again.status, again.body) == (304, b"")
        assert again.headers["etag"] == reply.headers["etag"]
        assert again.headers["content-location"] == reply.headers["content-location"]
        head = request(told.server.url + path, "HEAD", media_type)
        assert (head.status, head.body, head.headers["etag"]) == (200, b"", reply.headers["etag"])
    assert len(tags) == len(FORMATS)
    refused = get(path, "application/pdf")
    assert refused.status == 406
    assert "text/turtle" in refused.text
    assert get(f"{path}.pdf").status == 404
    wrong = request(told.server.url + path, "DELETE")
    assert wrong.status == 405
    assert "GET" in wrong.headers["allow"]
    assert whole.value(URIRef(f"{BREAD}.well-known/void"), FOAF.primaryTopic) == (DATASET if "void" in path else None)


def test_the_catalogue_passes_dcat_ap(catalogue: Graph) -> None:
    results = shacl.validate(from_rdflib(catalogue, "urn:x:data"), parse_turtle(DCAT_AP, "urn:x:shapes").quads)
    assert [r for r in results if r.severity.endswith("Violation")] == []
    # Bread is of no place and no time; a former release is told of by its manifest alone.
    told_of = {
        (r.focus.rpartition("/")[2], r.path.rpartition("/")[2]) for r in results if r.severity.endswith("Warning")
    }
    former = {focus for focus, _ in told_of if focus.startswith("2.1-")}
    assert {path for focus, path in told_of if focus not in former} == {"spatial>", "temporal>"}


def test_a_distribution_is_the_file(told: Told, catalogue: Graph) -> None:
    nodes = list(catalogue.objects(DATASET, DCAT.distribution))
    assert len(nodes) == 36
    for node in nodes:
        reply = told.server.get(local(catalogue.value(node, DCAT.downloadURL)), Accept_Encoding="identity")
        size = catalogue.value(node, DCAT.byteSize)
        assert size == Literal(str(len(reply.body)), datatype=XSD.nonNegativeInteger)
        assert int(reply.headers["content-length"]) == len(reply.body)
        checksum = catalogue.value(node, SPDX.checksum)
        assert str(catalogue.value(checksum, SPDX.checksumValue)) == hashlib.sha256(reply.body).hexdigest()
        sent = reply.headers["content-type"].partition(";")[0]
        packed = catalogue.value(node, DCAT.compressFormat)
        stated = str(packed or catalogue.value(node, DCAT.mediaType))
        assert stated == f"https://www.iana.org/assignments/media-types/{sent}"


def test_releases_are_chained(told: Told, catalogue: Graph) -> None:
    former, later = (URIRef(f"{BREAD}release/{r.manifest.name}") for r in (told.former, told.release))
    assert list(catalogue.subject_objects(PROV.wasRevisionOf)) == [(later, former)]
    assert list(catalogue.subject_objects(DCAT.previousVersion)) == [(later, former)]
    assert list(catalogue.subject_objects(DCTERMS.replaces)) == [(later, former)]
    assert set(catalogue.objects(DATASET, DCAT.hasVersion)) == {former, later}
    assert list(catalogue.objects(DATASET, DCAT.hasCurrentVersion)) == [later]
    assert {str(catalogue.value(v, DCAT.version)) for v in (former, later)} == {"2.1", "2.2"}
    records = list(catalogue.subjects(RDF.type, DCAT.CatalogRecord))
    instants = {catalogue.value(r, FOAF.primaryTopic): catalogue.value(r, DCTERMS.modified) for r in records}
    assert {v: datetime.fromisoformat(str(i)).date().isoformat() for v, i in instants.items()} == {
        former: "2026-01-31",
        later: "2026-02-28",
    }


def test_no_release_knows_the_others(told: Told) -> None:
    text = (told.release.path / "catalogue.ttl").read_text()
    assert told.former.manifest.name not in text
    assert "hasCurrentVersion" not in text


def test_a_former_release_does_not_know_its_successor(told: Told) -> None:
    reply = told.server.get(f"/release/{told.former.manifest.name}/catalog", "text/turtle")
    graph = graph_of(reply)
    assert list(graph.objects(DATASET, DCAT.hasCurrentVersion)) == [
        URIRef(f"{BREAD}release/{told.former.manifest.name}")
    ]
    assert told.release.manifest.name not in reply.text


def test_services_are_where_they_are_said_to_be(told: Told, catalogue: Graph) -> None:
    services = list(catalogue.subjects(RDF.type, DCAT.DataService))
    assert len(services) == 2
    for service in services:
        assert catalogue.value(service, DCAT.servesDataset) == DATASET
        assert told.server.get(local(catalogue.value(service, DCAT.endpointURL)), "*/*").status == 200
        assert graph_of(told.server.get(local(catalogue.value(service, DCAT.endpointDescription)), "text/turtle"))
    assert told.server.get("/sparql?query=ASK%7B%7D").status == 200


def test_a_release_tells_what_it_was_made_of(told: Told) -> None:
    graph = Graph(bind_namespaces="none").parse(told.release.path / "catalogue.ttl")
    release = URIRef(f"{BREAD}release/{told.release.manifest.name}")
    making = graph.value(release, PROV.wasGeneratedBy)
    assert (making, RDF.type, PROV.Activity) in graph
    agent = graph.value(making, PROV.wasAssociatedWith)
    assert (agent, RDF.type, PROV.SoftwareAgent) in graph
    project = told.release.path.parents[1]
    used = {str(graph.value(s, DCTERMS.identifier)): s for s in graph.objects(making, PROV.used)}
    files = [*project.rglob("data/**/*.ttl"), *project.glob("ontology/*.ttl"), *project.glob("shapes/*.ttl")]
    digests = {f"nih:sha-256;{hashlib.sha256(f.read_bytes()).hexdigest()}" for f in files if "releases" not in f.parts}
    assert set(used) == digests | {"1" * 40}
    assert set(graph.objects(release, PROV.wasDerivedFrom)) == set(used.values())


class Page(HTMLParser):
    """The data blocks and other scripts of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.blocks: list[str] = []
        self.scripts: list[dict[str, str | None]] = []
        self._inside = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "script":
            self.scripts.append(dict(attrs))
            self._inside = dict(attrs).get("type") == "application/ld+json"

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "script"

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.blocks.append(data)


def markup(server: Server, path: str) -> dict[str, Any]:
    page = Page(server.get(path, "text/html").text)
    assert len(page.blocks) == 1, path
    assert [s for s in page.scripts if s.get("type") != "application/ld+json" and not s.get("src")] == []
    node: dict[str, Any] = json.loads(page.blocks[0])
    assert node.pop("@context") == "https://schema.org"
    return node


def test_a_page_is_marked_with_its_thing(told: Told) -> None:
    node = markup(told.server, "/doc/concept/sourdough")
    assert node["@id"] == f"{BREAD}concept/sourdough"
    assert node["@type"] == "DefinedTerm"
    assert node["name"] == "sourdough bread"
    assert node["url"] == f"{BREAD}doc/concept/sourdough"
    for path in ("/", "/sparql", "/search?q=bread", "/dumps/", "/nowhere"):
        assert markup(told.server, path)["@id"] == BREAD
    assert markup(told.server, "/catalog")["@id"] == f"{BREAD}catalog"


def test_a_hostile_text_stays_in_its_place(told: Told) -> None:
    reply = told.server.get("/doc/concept/odd", "text/html")
    assert b"<script>alert" not in reply.body
    node = markup(told.server, "/doc/concept/odd")
    assert node["name"] == node["description"] == HOSTILE.replace("\\u2028", "\u2028")
    assert node["sameAs"] == ["https://elsewhere.example.org/odd"]


def test_the_dataset_is_told_to_search_engines(told: Told) -> None:
    node = markup(told.server, "/doc/dataset")
    assert (node["@type"], node["@id"], node["version"]) == ("Dataset", str(DATASET), "2.2")
    assert 50 <= len(node["description"]) <= 5_000
    assert node["license"] == "https://creativecommons.org/publicdomain/zero/1.0/"
    assert node["creator"] == [{"@type": "Organization", "@id": f"{DATASET}#bakers", "name": "Example bakers"}]
    assert node["includedInDataCatalog"]["@id"] == f"{BREAD}catalog"
    assert {d["encodingFormat"] for d in node["distribution"]} >= {"text/turtle", "application/n-triples"}
    for download in node["distribution"]:
        reply = told.server.get(local(download["contentUrl"]), Accept_Encoding="identity")
        assert hashlib.sha256(reply.body).hexdigest() == download["sha256"]
        assert reply.headers["content-type"].partition(";")[0] == download["encodingFormat"]


def test_the_real_dataset_has_a_time_and_a_place(served: Server) -> None:
    node = markup(served, "/doc/dataset")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d/\d{4}-\d\d-\d\d", node["temporalCoverage"])
    assert node["spatialCoverage"][0]["name"] == "Ukraine"
    assert markup(served, "/doc/state/ITA")["@id"].endswith("/id/state/ITA")
    assert markup(served, "/ns")["@type"] == "DefinedTermSet"


def test_the_real_catalogue_lacks_nothing(served: Server) -> None:
    graph = graph_of(served.get("/catalog", "text/turtle"))
    results = shacl.validate(from_rdflib(graph, "urn:x:data"), parse_turtle(DCAT_AP, "urn:x:shapes").quads)
    assert [r for r in results if not r.severity.endswith("Info")] == []


def test_the_catalogue_page_leads_on(told: Told) -> None:
    page = told.server.get("/catalog", "text/html").text
    for wanted in (told.former.manifest.name, told.release.manifest.name, "/catalog.ttl", "/.well-known/void.ttl"):
        assert wanted in page
    for href in set(re.findall(r'href="(/[^"#]*)"', page)):
        assert told.server.get(href.replace("&amp;", "&"), "text/html,*/*;q=0.1").status in (200, 302, 303), href


@pytest.mark.browser
@pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("CI"), reason="Chromium is not installed (Debian: chromium)"
)
def test_the_browser_has_nothing_against_it(told: Told) -> None:
    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("dialog", lambda dialog: complaints.append(dialog.message))
        for path in ("/doc/concept/odd", "/doc/dataset", "/catalog"):
            page.goto(told.server.url + path)
            text = page.locator('script[type="application/ld+json"]').text_content()
            assert json.loads(text or "")["@id"].startswith(BREAD)
        browser.close()
    assert complaints == []
