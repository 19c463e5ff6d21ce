"""From anybody's identifiers to things and back, on a real server: the real graph, and breads with odd identifiers."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import curies
import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import kg
from tests.conftest import ROOT, THESAURUS, Reply, Server, copy_project, request, start_server, stop_server, trials
from tests.test_docs import sessions

BREAD = "https://data.example.org/bread/"
ODD = f"""
@prefix : <{BREAD}concept/> .
@prefix adms: <http://www.w3.org/ns/adms#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix schema: <https://schema.org/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .

:rye schema:sameAs <https://food.example/%C3%A9/Rye_(bread)> ;
    skos:closeMatch <https://near.example/rye> ;
    skos:notation "R-1"^^<{BREAD}ns#Code> ;
    dcterms:identifier "shared" , "Case" ;
    <{BREAD}ns#isbn> "978-3" .
:sourdough dcterms:identifier "shared" , "case" , 7 .
<https://reverse.example/sourdough> skos:exactMatch :sourdough .
:dark dcterms:isReplacedBy :rye ; owl:deprecated true ; schema:sameAs <https://food.example/dark> .
:gone owl:deprecated true ; schema:sameAs <https://food.example/gone> .
:wheat adms:identifier :wheat\\#grin .
:wheat\\#grin a adms:Identifier ; skos:notation "300-7" ; <{BREAD}ns#of> "grin" ; <{BREAD}ns#why> "seen there" .
"""
DISPLAY = f"""
@prefix adms: <http://www.w3.org/ns/adms#> .
@prefix display: <https://w3id.org/pledge-graph-display#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .

<{BREAD}display/isbn> a sh:PropertyShape ; sh:path <{BREAD}ns#isbn> ;
    display:identity display:code ; display:scheme "isbn-13" .
<{BREAD}display/identifier> a sh:NodeShape ; sh:targetClass adms:Identifier ;
    display:schemeProperty <{BREAD}ns#of> ; display:evidence <{BREAD}ns#why> .
"""
TARGET = f"""
<{BREAD}dataset#food> a void:Dataset ; dcterms:title "Food"@en ; void:uriSpace "https://food.example/" ;
    <https://w3id.org/pledge-graph-display#uriTemplate> "https://www.food.example/wiki/{{id}}" .
"""


@pytest.fixture(scope="module")
def breads(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Breads with identifiers of all kinds, and a former release without any."""
    project = copy_project(THESAURUS, tmp_path_factory.mktemp("linking") / "project")
    kg.build(kg.open_project(project))
    (project / "data/concepts/odd.ttl").write_text(ODD, encoding="utf-8")
    (project / "ontology/display.ttl").write_text(DISPLAY, encoding="utf-8")
    dataset = project / "data/dataset.ttl"
    dataset.write_text(dataset.read_text(encoding="utf-8").replace('"2.1"', '"2.2"') + TARGET, encoding="utf-8")
    (project / "shapes" / "concepts.ttl").unlink()
    kg.build(kg.open_project(project))
    server = start_server(project, tmp_path_factory.mktemp("log"))
    yield server
    stop_server(server)
    assert "Traceback" not in server.log.read_text(), server.log.read_text()


def resolve(server: Server, identifier: str, accept: str | None = None, release: str = "", **more: str) -> Reply:
    return server.get(f"{release}/resolve?{urlencode({'iri': identifier, **more})}", accept)


def post(server: Server, body: bytes, kind: str, accept: str | None = None, query: str = "") -> Reply:
    return request(f"{server.url}/resolve{query}", "POST", accept, body, {"Content-Type": kind})


def rows(server: Server, identifiers: list[str]) -> list[dict[str, Any]]:
    reply = post(server, json.dumps(identifiers).encode(), "application/json")
    assert reply.status == 200, reply.text
    found: list[dict[str, Any]] = json.loads(reply.body)
    return found


# -- one ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("identifier", "thing"),
    [
        ("https://food.example/%C3%A9/Rye_(bread)", "rye"),
        ("http://FOOD.example/é/Rye_%28bread%29/", "rye"),
        ("R-1", "rye"),
        ("Code:R-1", "rye"),
        ("r-1", "rye"),
        ("isbn-13:978-3", "rye"),
        ("Case", "rye"),
        ("case", "sourdough"),
        ("7", "sourdough"),
        ("https://reverse.example/sourdough", "sourdough"),
        ("https://food.example/dark", "rye"),
        ("concept/dark", "rye"),
        ("food:gone", "gone"),
        ("https://www.food.example/wiki/gone?x=y", "gone"),
        ("grin:300-7", "wheat"),
        ("300-7", "wheat"),
        ("concept/rye", "rye"),
        ("/doc/concept/rye.ttl", "rye"),
        (f"{BREAD}concept/rye", "rye"),
        (f"<{BREAD.replace('https', 'http')}concept/rye/>", "rye"),
    ],
)
def test_an_identifier_leads_to_the_thing(breads: Server, identifier: str, thing: str) -> None:
    reply = resolve(breads, identifier)
    assert (reply.status, reply.headers.get("location")) == (303, f"/concept/{thing}"), reply.text
    assert f'<{BREAD}concept/{thing}>; rel="canonical"' in reply.links
    assert f'</doc/concept/{thing}>; rel="describedby"' in reply.links


def test_an_address_of_the_site_is_an_identifier_too(breads: Server) -> None:
    assert resolve(breads, f"{breads.url}/concept/rye").headers["location"] == "/concept/rye"
    assert resolve(breads, f"{breads.url}/doc/concept/rye.html").headers["location"] == "/concept/rye"


def test_what_two_things_have_is_ambiguous(breads: Server) -> None:
    reply = resolve(breads, "shared")
    assert reply.status == 300
    assert "location" not in reply.headers
    [row] = json.loads(reply.body)
    assert {choice["iri"] for choice in row["choices"]} == {f"{BREAD}concept/rye", f"{BREAD}concept/sourdough"}
    assert len([link for link in reply.links if 'rel="alternate"' in link]) == 2
    page = resolve(breads, "shared", "text/html")
    assert (page.status, page.headers["content-type"]) == (300, "text/html; charset=utf-8")
    assert f"{breads.url}/concept/rye" in page.text


def test_what_is_close_is_named_and_not_followed(breads: Server) -> None:
    reply = resolve(breads, "https://near.example/rye")
    assert (reply.status, reply.headers["content-type"]) == (404, "application/problem+json")
    assert [near["iri"] for near in json.loads(reply.body)["near"]] == [f"{BREAD}concept/rye"]
    assert "/concept/rye" in resolve(breads, "https://near.example/rye", "text/html").text


def test_what_is_called_alike_is_named(breads: Server) -> None:
    near = json.loads(resolve(breads, "http://other.example/Sourdogh").body)["near"]
    assert f"{BREAD}concept/sourdough" in [found["iri"] for found in near]


@pytest.mark.parametrize(
    "hostile",
    [
        "javascript:alert(1)", "data:text/html,<script>", "//evil.example", "https://evil.example/", "\\\\evil.example",
        "https:evil.example", "/\\evil.example", "http://data.example.org@evil.example/bread/concept/rye", "%2F%2Fevil",
        "<script>alert(1)</script>", "x\r\nLocation: https://evil.example", "a\x00b", "..", "../../etc/passwd", "{id}",
        '" } UNION { ?s ?p ?o', "> } DROP ALL #", "\u202e", "[]", "<>", ":", "::", "w:", "http://", "http://[", "%",
        "x" * 2_001, "ü" * 1_999, f"{BREAD}//evil.example", f"{BREAD}\r\nSet-Cookie: a=b",
    ],
)  # fmt: skip
def test_hostile_identifiers_lead_nowhere(breads: Server, hostile: str) -> None:
    for accept in (None, "text/html"):
        reply = resolve(breads, hostile, accept)
        assert reply.status in (400, 404)
        assert "location" not in reply.headers
        assert "set-cookie" not in reply.headers
        assert accept is None or "<script>alert" not in reply.text
    # As one of many it harms none of the others.
    assert [row["status"] for row in rows(breads, [hostile, "concept/rye"])][1] == "found"


@pytest.mark.parametrize("query", ["", "?iri=", "?iri=a&iri=b", "?id=x", "?iri=concept/rye&format=pdf"])
def test_what_cannot_be_understood_is_400(breads: Server, query: str) -> None:
    assert breads.get(f"/resolve{query}").status == 400


def test_a_single_answer_can_be_data(breads: Server) -> None:
    reply = resolve(breads, "R-1", format="json")
    assert reply.status == 200
    [row] = json.loads(reply.body)
    assert (row["status"], row["relation"], row["scheme"], row["matched"]) == ("found", "code", "Code", "R-1")
    again = breads.get("/resolve?iri=R-1&format=json", If_None_Match=reply.headers["etag"])
    assert again.status == 304
    assert json.loads(resolve(breads, "nothing", format="json").body)[0]["status"] == "unknown"


def test_a_former_release_answers_as_it_was(breads: Server) -> None:
    assert resolve(breads, "R-1", release="/release/2.2").status == 302
    name = breads.get("/release/2.1/resolve?iri=x").headers["location"].split("/")[2]
    assert resolve(breads, "R-1", release=f"/release/{name}").status == 404
    found = resolve(breads, "concept/rye", release=f"/release/{name}")
    assert (found.status, found.headers["location"]) == (303, f"/release/{name}/concept/rye")
    assert breads.get(f"/release/{name}/same-as").status == 200
    assert breads.get(f"/release/{name}/prefixes.json").status == 200


# -- many --------------------------------------------------------------------------------------------------------------


def test_many_are_answered_in_their_order_and_form(breads: Server) -> None:
    wanted = ["R-1", "shared", "nothing", "", "concept/rye"]
    statuses = ["found", "ambiguous", "unknown", "malformed", "found"]
    assert [(row["identifier"], row["status"]) for row in rows(breads, wanted)] == list(
        zip(wanted, statuses, strict=True)
    )
    lines = post(breads, b"R-1\r\nnothing\n\n", "text/plain", query="?format=csv")
    assert lines.headers["content-type"] == "text/csv; charset=utf-8"
    table = list(csv.DictReader(io.StringIO(lines.text)))
    assert [(row["identifier"], row["status"]) for row in table] == [("R-1", "found"), ("nothing", "unknown")]
    sent = b'name,id\r\n"Rye, dark",R-1\r\nshort\r\n'
    assert post(breads, sent, "text/csv").headers["content-type"].startswith("text/csv")
    table = list(csv.DictReader(io.StringIO(post(breads, sent, "text/csv").text)))
    assert [row["status"] for row in table] == ["found", "malformed"]
    [first, _] = json.loads(post(breads, sent, "text/csv", "application/json", "?column=name").body)
    assert first["identifier"] == "Rye, dark"
    form = urlencode({"identifiers": "R-1\nconcept/rye", "format": "html"}).encode()
    page = post(breads, form, "application/x-www-form-urlencoded")
    assert page.status == 200
    assert "2 of 2 identifiers" in page.text


@pytest.mark.parametrize(
    ("body", "kind", "query", "status"),
    [
        (b"[", "application/json", "", 400),
        (b"[" * 100_000, "application/json", "", 400),
        (b'["a", 1]', "application/json", "", 400),
        (b'"a"', "application/json", "", 400),
        (b"{}", "application/json", "", 400),
        (b"\xff", "text/plain", "", 400),
        (b"", "text/csv", "", 400),
        (b'a\n"b', "text/csv", "", 400),
        (b"a\nb", "text/csv", "?column=c", 400),
        (b"x=y", "application/x-www-form-urlencoded", "", 400),
        (b"<a/>", "application/xml", "", 415),
        (json.dumps(["x"] * 1_001).encode(), "application/json", "", 413),
        (b"x\n" * 10_000, "text/plain", "", 413),
        (b'["a"]', "application/json", "?format=pdf", 400),
    ],
)
def test_what_is_sent_wrongly_is_refused(breads: Server, body: bytes, kind: str, query: str, status: int) -> None:
    reply = post(breads, body, kind, query=query)
    assert (reply.status, reply.headers["content-type"]) == (status, "application/problem+json"), reply.text
    assert reply.headers["access-control-allow-origin"] == "*"
    assert rows(breads, ["R-1"])[0]["status"] == "found"


def test_a_name_of_a_megabyte_is_one_malformed_row(breads: Server) -> None:
    found = rows(breads, ["x" * 1_000_000, "R-1"])
    assert [row["status"] for row in found] == ["malformed", "found"]
    assert post(breads, b"[]", "application/json").body == b"[]\n"
    assert post(breads, b'["a"]', "application/json", "application/pdf").status == 406


def test_an_empty_list_has_an_empty_answer(breads: Server) -> None:
    assert rows(breads, []) == []


# -- the real graph ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def identifiers(released: kg.Release) -> list[tuple[str, str]]:
    """Every identifier in the real release, and the thing that has it."""
    wanted = """
    SELECT ?thing ?value {
      { ?thing owl:sameAs|schema:sameAs|skos:exactMatch ?value }
      UNION { ?thing plg:isoAlpha2 ?code BIND(CONCAT("iso-3166-1-alpha-2:", ?code) AS ?value) }
      UNION { ?thing plg:isoAlpha3 ?code BIND(CONCAT("iso-3166-1-alpha-3:", ?code) AS ?value) }
      UNION { [] plg:identifies ?thing ; plg:identifierScheme ?scheme ; skos:notation ?code
        BIND(CONCAT(?scheme, ":", ?code) AS ?value) }
      UNION { ?thing skos:notation ?code ; skos:inScheme ?s
        BIND(CONCAT(REPLACE(STR(?s), "^.*/", ""), ":", ?code) AS ?value) }
    }"""
    found = kg.query(released, wanted)
    assert isinstance(found, list)
    return sorted({(str(row["value"]), str(row["thing"])) for row in found})


def test_every_identifier_of_the_real_release_leads_to_its_thing(
    served: Server, identifiers: list[tuple[str, str]]
) -> None:
    assert len(identifiers) > 800
    wrong = []
    for start in range(0, len(identifiers), 1_000):
        part = identifiers[start : start + 1_000]
        for (_, thing), row in zip(part, rows(served, [value for value, _ in part]), strict=True):
            if row.get("iri") != thing:
                wrong.append((thing, row))
    assert wrong == []


def test_other_spellings_lead_to_the_same_thing(served: Server, identifiers: list[tuple[str, str]]) -> None:
    iris = [(value, thing) for value, thing in identifiers if value.startswith("http")]

    def spelled(iri: str, secure: bool, capitals: bool, slash: bool, encoded: bool) -> str:
        _, rest = iri.split("://", 1)
        host, path = rest.split("/", 1)
        path = quote(path, safe="/%") if encoded else path
        path = path.rstrip("/") + ("/" if slash else "")
        return f"http{'s' if secure else ''}://{host.upper() if capitals else host}/{path}"

    flags = st.booleans()

    @settings(max_examples=trials(10, 200), deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.tuples(st.sampled_from(iris), flags, flags, flags, flags), min_size=1, max_size=30))
    def check(sample: list[tuple[tuple[str, str], bool, bool, bool, bool]]) -> None:
        found = rows(served, [spelled(iri, *more) for (iri, _), *more in sample])
        assert [row.get("iri") for row in found] == [thing for (_, thing), *_ in sample]

    check()


@pytest.mark.parametrize(
    "identifier",
    [
        "wd:Q38",
        "Q38",
        "ITA",
        "IT",
        "ita",
        "www.wikidata.org/wiki/Q38",
        "https://m.wikidata.org/wiki/Q38#P36",
        "dbpedia:Italy",
        "https://www.wikidata.org/wiki/Special:EntityData/Q38",
        "https://en.wikipedia.org/wiki/Italy",
        "geonames:3175395",
        "country:ITA",
        "state:ITA",
        "state/ITA",
        "http://w3id.org/pledge-graph/doc/state/ITA.ttl",
    ],
)
def test_italy_has_many_names(served: Server, identifier: str) -> None:
    assert resolve(served, identifier).headers.get("location") == "/id/state/ITA"


# -- what others call a thing ------------------------------------------------------------------------------------------


def test_the_identifiers_of_a_thing_are_negotiated(served: Server) -> None:
    got = served.get("/same-as/state/ITA", "application/json")
    told = json.loads(got.body)
    assert told["iri"].endswith("/id/state/ITA")
    wikidata = next(i for i in told["identifiers"] if i["identifier"].endswith("/Q38"))
    assert (wikidata["relation"], wikidata["scheme"], wikidata["local"]) == ("same", "wikidata", "Q38")
    assert wikidata["evidence"]
    assert {i["identifier"] for i in told["identifiers"] if i["relation"] == "code"} == {"IT", "ITA", "IT/ITA"}
    graphs = []
    for suffix, format_ in (
        ("ttl", ox.RdfFormat.TURTLE),
        ("nt", ox.RdfFormat.N_TRIPLES),
        ("rdf", ox.RdfFormat.RDF_XML),
        ("jsonld", ox.RdfFormat.JSON_LD),
    ):
        reply = served.get(f"/same-as/state/ITA.{suffix}")
        assert reply.headers["content-location"] == f"/same-as/state/ITA.{suffix}"
        graphs.append({quad.triple for quad in ox.parse(reply.body, format_)})
    assert all(graph == graphs[0] for graph in graphs)
    objects = {str(t.object)[1:-1] for t in graphs[0]}
    assert {i["identifier"] for i in told["identifiers"]} <= objects
    page = served.get("/same-as/state/ITA", "text/html")
    assert "wd:Q38" in page.text
    assert served.get("/same-as/state/ITA", "text/html", If_None_Match=page.headers["etag"]).status == 304
    assert served.get("/same-as/state/ITA", "application/pdf").status == 406
    assert len([link for link in page.links if 'rel="alternate"' in link]) == 5


def test_an_ontology_has_the_identifiers_of_its_terms(served: Server) -> None:
    told = json.loads(served.get("/same-as/ns.json").body)
    assert {i["relation"] for i in told["identifiers"]} == {"close"}
    assert all("/ns#" in i["of"] for i in told["identifiers"])


def test_odd_identifiers_are_told_too(breads: Server) -> None:
    told = json.loads(breads.get("/same-as/concept/rye.json").body)["identifiers"]
    assert {(i["relation"], i["identifier"], i.get("scheme")) for i in told} == {
        ("same", "https://food.example/%C3%A9/Rye_(bread)", None),
        ("close", "https://near.example/rye", None),
        ("code", "R-1", "Code"),
        ("code", "Case", "identifier"),
        ("code", "shared", "identifier"),
        ("code", "978-3", "isbn-13"),
    }
    [wheat] = json.loads(breads.get("/same-as/concept/wheat.json").body)["identifiers"]
    assert (wheat["identifier"], wheat["scheme"], wheat["evidence"]) == ("300-7", "grin", ["seen there"])
    backwards = json.loads(breads.get("/same-as/concept/sourdough.json").body)["identifiers"]
    assert "https://reverse.example/sourdough" in {i["identifier"] for i in backwards}


def test_what_was_merged_leads_on_and_what_is_not_there_is_404(breads: Server) -> None:
    moved = breads.get("/same-as/concept/dark.ttl")
    assert (moved.status, moved.headers["location"]) == (308, "/same-as/concept/rye.ttl")
    assert breads.get("/same-as/concept/gone.json").status == 200
    for path in ("concept/none", "concept/none.ttl", "%00", "..%2f..", "//evil.example", "%ff", "x" * 3_000):
        assert breads.get(f"/same-as/{path}").status in (301, 308, 404)


def test_the_page_lists_what_is_linked_to_with_counts(served: Server) -> None:
    page = served.get("/same-as", "text/html").text
    row = next(line for line in page.splitlines() if ">Wikidata<" in line)
    [number] = re.findall(r'data-label="Links"><span>([\d,]+)<', row)
    [path] = re.findall(r'href="(/dumps/[^"]+\.nt)"', row)
    assert len(served.get(path).body.splitlines()) == int(number.replace(",", ""))


# -- prefixes ----------------------------------------------------------------------------------------------------------


def test_prefixes_come_in_every_form(served: Server, released: kg.Release) -> None:
    simple = json.loads(served.get("/prefixes.json").body)
    assert set(simple.values()) >= set(released.manifest.prefixes.values())
    read = curies.load_extended_prefix_map(json.loads(served.get("/prefixes.epm.json").body))
    assert dict(read.bimap) == simple
    assert read.compress("https://www.wikidata.org/wiki/Q38") == "wd:Q38"
    assert dict(curies.load_jsonld_context(json.loads(served.get("/prefixes.jsonld").body)).bimap) == simple
    declared = [q for q in ox.parse(served.get("/prefixes.ttl").body, ox.RdfFormat.TURTLE) if "#namespace" in str(q)]
    assert {quad.object.value for quad in declared} == set(simple.values())
    for accept, kind in (
        ("text/html", "text/html; charset=utf-8"),
        ("application/json", "application/json"),
        ("application/ld+json", "application/ld+json"),
        ("text/turtle", "text/turtle; charset=utf-8"),
    ):
        reply = served.get("/prefixes", accept)
        assert (reply.status, reply.headers["content-type"]) == (200, kind)
        assert served.get("/prefixes", accept, If_None_Match=reply.headers["etag"]).status == 304
    assert served.get("/prefixes", "application/pdf").status == 406
    assert served.get("/prefixes.pdf").status == 404
    assert "/context/" in served.get("/prefixes", "text/html").text


def test_compact_iris_are_expanded_and_made(served: Server) -> None:
    iri = "http://www.w3.org/2004/02/skos/core#Concept"
    assert json.loads(served.get("/expand?curie=skos:Concept").body) == {"curie": "skos:Concept", "iri": iri}
    assert served.get("/expand?curie=skos:Concept", "text/plain").text == f"{iri}\n"
    assert served.get(f"/contract?{urlencode({'iri': iri, 'format': 'text'})}").text == "skos:Concept\n"
    assert served.get("/expand?curie=nothing:x").status == 404
    assert served.get("/contract?iri=urn:x").status == 404
    for query in ("", "?curie=", "?curie=x", "?curie=a:b&curie=c:d", "?curie=a:%0d%0ab", "?curie=a:" + "x" * 3_000):
        assert served.get(f"/expand{query}").status == 400
    assert served.get("/expand?curie=skos:Concept&format=pdf").status == 400
    assert served.get("/expand?curie=skos:Concept", "application/pdf").status == 406


# -- the documentation -------------------------------------------------------------------------------------------------

LINKING = (ROOT / "docs/linking.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("command", "expected"), sessions(LINKING), ids=lambda s: s[:40])
def test_the_commands_of_the_documentation_give_what_it_shows(
    command: str, expected: str, served: Server, tmp_path: Path
) -> None:
    there = command.replace("localhost:8000", served.url.removeprefix("http://"))
    done = subprocess.run(["bash", "-c", there], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.replace("\r", "").splitlines() == expected.rstrip().splitlines()
