"""Time travel on a real server: Memento (RFC 7089), and the whole site at every release."""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest
from rdflib import OWL, Graph
from rdflib.compare import isomorphic
from werkzeug.http import parse_date

import kg
from tests.conftest import THESAURUS, Reply, Server, copy_project, request, start_server, stop_server

RYE = (
    "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n"
    '<https://data.example.org/bread/concept/{name}> a skos:Concept ; skos:prefLabel "{label}"@en ; '
    'skos:definition "Made for a day." .\n'
)
PAGE = """@prefix display: <https://w3id.org/pledge-graph-display#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
<https://data.example.org/bread/display/shelf> a display:Page ; display:path "/caf\u00e9 shelf" ; dcterms:title "The shelf"@en .
"""
DAYS = ("2024-03-01", "2025-07-15", "2026-01-31")


@dataclass
class Past:
    """A server over three releases: ``naan`` is there from the second on, ``bagel`` in the first and second only."""

    server: Server
    project: Path
    names: list[str]

    def memento(self, number: int, path: str) -> str:
        return f"/release/{self.names[number]}{path}"


def edition(project: Path, version: str, day: str, breads: dict[str, str]) -> kg.Release:
    """A release of the thesaurus with these breads beside its own."""
    dataset = project / "data/dataset.ttl"
    text = re.sub(r'dcat:version "[^"]*"', f'dcat:version "{version}"', dataset.read_text())
    dataset.write_text(re.sub(r'"[0-9-]{10}"\^\^xsd:date', f'"{day}"^^xsd:date', text))
    more = project / "data/concepts/more.ttl"
    more.write_text("".join(RYE.format(name=name, label=label) for name, label in breads.items()))
    return kg.build(kg.open_project(project))


def reversion(project: Path, version: str) -> None:
    """Give the ontology another version IRI."""
    ontology = project / "ontology/terms.ttl"
    ontology.write_text(re.sub(r"versionIRI <(.*/)[^/>]*>", rf"versionIRI <\g<1>{version}>", ontology.read_text()))


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Past]:
    folder = tmp_path_factory.mktemp("past")
    project = copy_project(THESAURUS, folder / "project")
    reversion(project, "1.9")
    made = [edition(project, "1.9", DAYS[0], {"bagel": "bagel"})]
    reversion(project, "2.0")
    (project / "ontology/display.ttl").write_text(PAGE)  # it is there from the second edition on
    made.append(edition(project, "1.10", DAYS[1], {"bagel": "beigel", "naan": "naan"}))
    reversion(project, "2.1")
    with (project / "ontology/terms.ttl").open("a") as ontology:
        ontology.write(
            "\n<https://data.example.org/bread/terms> owl:priorVersion <https://data.example.org/bread/terms/2.0> .\n"
            '<https://data.example.org/bread/terms/2.0> rdfs:label "version 2.0"@en .\n'
        )
    made.append(edition(project, "2.0", DAYS[2], {"naan": "naan"}))
    server = start_server(project, folder)
    yield Past(server, project, [release.manifest.name for release in made])
    stop_server(server)
    assert "Traceback" not in server.log.read_text(), server.log.read_text()


def links(reply: Reply) -> dict[str, str]:
    """Targets by relation; each relation of a link by itself."""
    found: dict[str, str] = {}
    for link in reply.links:
        target, rest = re.fullmatch(r"<([^>]*)>(.*)", link).groups()  # type: ignore[union-attr]
        for relation in re.search(r'rel="([^"]*)"', rest)[1].split():  # type: ignore[index]
            found.setdefault(relation, target)
    return found


def test_a_document_leads_to_its_past(past: Past) -> None:
    reply = past.server.get("/doc/concept/naan", "text/turtle")
    found = links(reply)
    assert found["original"] == "/doc/concept/naan"
    assert found["timegate"] == "/timegate/doc/concept/naan"
    assert '</timemap/doc/concept/naan>; rel="timemap"; type="application/link-format"' in reply.links
    assert "memento-datetime" not in reply.headers


def test_a_page_of_the_project_has_a_past_as_well(past: Past) -> None:
    path = "/caf%C3%A9%20shelf"
    page = past.server.get(f"{path}?lang=en", "text/html")
    assert page.status == 200
    found = links(page)
    assert found["original"] == f"{path}?lang=en"
    assert found["timegate"] == f"/timegate{path}?lang=en"
    first = past.memento(1, f"{path}?lang=en")
    early = past.server.get(found["timegate"], Accept_Datetime="Thu, 01 Jan 1970 00:00:00 GMT")
    assert (early.status, early.headers["location"]) == (302, first)
    memento = past.server.get(first, "text/html")
    assert (memento.status, memento.headers["memento-datetime"]) == (200, "Tue, 15 Jul 2025 00:00:00 GMT")
    assert past.server.get(past.memento(0, path), "text/html").status == 404


@pytest.mark.parametrize(
    ("asked", "number"),
    [
        (None, 1),  # the last version that there is
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ("Fri, 01 Mar 2024 00:00:00 GMT", 0),
        ("Mon, 14 Jul 2025 23:59:59 GMT", 0),
        ("Tue, 15 Jul 2025 00:00:00 GMT", 1),
        ("Fri, 01 Jan 2100 00:00:00 GMT", 1),
    ],
)
def test_a_timegate_leads_to_the_version_of_a_time(past: Past, asked: str | None, number: int) -> None:
    headers = {"Accept_Datetime": asked} if asked else {}
    reply = past.server.get("/timegate/doc/concept/bagel", **headers)
    assert (reply.status, reply.headers["location"]) == (302, past.memento(number, "/doc/concept/bagel"))
    assert "accept-datetime" in reply.headers["vary"].lower()
    assert "memento-datetime" not in reply.headers
    found = links(reply)
    assert found["original"] == "/doc/concept/bagel"
    assert found["timemap"] == "/timemap/doc/concept/bagel"
    assert past.server.get(reply.headers["location"], "text/turtle").status == 200


@pytest.mark.parametrize(
    ("path", "accept_datetime", "status"),
    [
        ("/timegate/doc/concept/bagel", "yesterday", 400),
        ("/timegate/doc/concept/bagel", "", 400),
        ("/timegate/doc/concept/never", "Tue, 15 Jul 2025 00:00:00 GMT", 404),
        ("/timemap/doc/concept/never", None, 404),
        ("/timemap/7/doc/concept/bagel", None, 404),
        ("/timegate/%00", None, 404),
        ("/timegate/https://elsewhere.example/doc/x", None, 404),
    ],
)
def test_what_a_timegate_cannot_do(past: Past, path: str, accept_datetime: str | None, status: int) -> None:
    headers = {} if accept_datetime is None else {"Accept_Datetime": accept_datetime}
    assert past.server.get(path, **headers).status == status


@pytest.mark.parametrize("lead", ["{iri}", "{host}"])
def test_a_timegate_takes_whole_addresses(past: Past, lead: str) -> None:
    whole = lead.format(iri="https://data.example.org/bread/", host=f"{past.server.url}/") + "doc/concept/naan"
    for given in (whole, quote(whole, safe="/:")):
        reply = past.server.get(f"/timegate/{given}")
        assert reply.headers["location"] == past.memento(2, "/doc/concept/naan")


def test_a_timemap_lists_each_version_once(past: Past) -> None:
    reply = past.server.get("/timemap/doc/concept/bread")
    assert reply.headers["content-type"] == "application/link-format"
    lines = reply.text.rstrip("\n").split(",\n")
    url = past.server.url
    assert lines[0].startswith(f'<{url}/timemap/doc/concept/bread>; rel="self"; type="application/link-format"; from=')
    assert f'<{url}/doc/concept/bread>; rel="original"' in lines
    assert f'<{url}/timegate/doc/concept/bread>; rel="timegate"' in lines
    mementos = [re.fullmatch(r'<([^>]*)>; rel="([^"]*)"; datetime="([^"]*)"', line) for line in lines[3:]]
    assert [m[1] for m in mementos if m] == [url + past.memento(n, "/doc/concept/bread") for n in range(3)]
    assert [m[2] for m in mementos if m] == ["first memento", "memento", "last memento"]
    assert [parse_date(m[3]) for m in mementos if m] == [datetime.fromisoformat(d).replace(tzinfo=UTC) for d in DAYS]
    again = past.server.get("/timemap/doc/concept/bread", If_None_Match=reply.headers["etag"])
    assert (again.status, again.body) == (304, b"")


def test_a_memento_is_what_was_there(past: Past) -> None:
    reply = past.server.get(past.memento(1, "/doc/concept/bagel"), "text/turtle")
    assert reply.status == 200
    assert parse_date(reply.headers["memento-datetime"]) == datetime(2025, 7, 15, tzinfo=UTC)
    found = links(reply)
    assert found["original"] == "/doc/concept/bagel"
    assert found["prev"] == found["first"] == past.memento(0, "/doc/concept/bagel")
    assert found["last"] == past.memento(1, "/doc/concept/bagel")
    assert "next" not in found
    assert all('datetime="' in link for link in reply.links if "memento" in link)
    assert b"beigel" in reply.body
    # Asking for another time changes nothing.
    other = past.server.get(past.memento(1, "/doc/concept/bagel"), "text/turtle", Accept_Datetime="no date")
    assert other.body == reply.body


def test_what_was_not_there_is_404_then_too(past: Past) -> None:
    reply = past.server.get(past.memento(0, "/doc/concept/naan"), "text/turtle")
    assert reply.status == 404
    assert "memento-datetime" in reply.headers
    assert links(reply)["next"] == past.memento(1, "/doc/concept/naan")


def test_every_memento_is_the_release_it_belongs_to(past: Past) -> None:
    """The formats of a document at a release are isomorphic, and different from those of another release."""
    graphs = []
    for number in range(2):
        parsed = []
        for suffix in ("ttl", "nt", "rdf", "jsonld"):
            reply = past.server.get(past.memento(number, f"/doc/concept/bagel.{suffix}"))
            form = {"ttl": "turtle", "nt": "nt", "rdf": "xml", "jsonld": "json-ld"}[suffix]
            parsed.append(Graph().parse(data=reply.body, format=form))
        assert all(isomorphic(parsed[0], other) for other in parsed[1:])
        graphs.append(parsed[0])
    assert not isomorphic(*graphs)


def test_pages_of_the_past_stay_there(past: Past) -> None:
    page = past.server.get(past.memento(0, "/doc/concept/bagel"), "text/html").text
    assert "as it was in release 1.9" in page
    inside = [
        href for href in re.findall(r'href="(/[^"]*)"', page) if not href.startswith(("/static", "/dumps", "/changes"))
    ]
    away = [href for href in inside if not href.startswith(past.memento(0, "/"))]
    assert away == ["/"]  # the way back
    for href in inside:
        reply = past.server.get(href.partition("#")[0], "text/html, */*;q=0.1")
        assert reply.status in (200, 303), href


def test_a_release_can_be_asked(past: Past) -> None:
    text = quote('ASK { ?s <http://www.w3.org/2004/02/skos/core#prefLabel> "bagel"@en }')
    answers = [
        past.server.get(past.memento(n, f"/sparql?query={text}"), "application/sparql-results+json") for n in range(3)
    ]
    assert ['"boolean":true' in a.text.replace(" ", "") for a in answers] == [True, False, False]
    posted = request(
        past.server.url + past.memento(0, "/sparql"),
        "POST",
        "application/sparql-results+json",
        f"query={text}".encode(),
        {"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert posted.body == answers[0].body


def test_a_version_leads_to_its_release(past: Past) -> None:
    reply = past.server.get("/release/1.10/doc/concept/bagel?x=%C3%A9")
    assert (reply.status, reply.headers["location"]) == (302, past.memento(1, "/doc/concept/bagel?x=%C3%A9"))
    assert past.server.get("/release/1.10").headers["location"] == f"/release/{past.names[1]}"
    assert past.server.get(f"/release/{past.names[1]}").status == 303
    assert past.server.get("/release/3.0/doc/concept/bagel").status == 404
    assert past.server.get("/release/3.0").status == 404
    assert past.server.get("/release/../release/1.9/").status in (302, 404)


def test_a_thing_of_the_past_leads_to_its_document_of_the_past(past: Past) -> None:
    reply = past.server.get(past.memento(0, "/concept/bagel"))
    assert reply.status == 303
    assert reply.headers["location"] == past.memento(0, "/doc/concept/bagel")


def test_what_is_gone_says_where_it_was(past: Past) -> None:
    reply = past.server.get("/doc/concept/bagel", "application/json")
    assert reply.status == 410
    assert past.memento(1, "/doc/concept/bagel") in reply.text
    assert links(reply)["timemap"] == "/timemap/doc/concept/bagel"
    assert past.server.get("/concept/bagel", "text/html").status == 410
    assert past.server.get("/doc/concept/never").status == 404


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/terms/2.0", "/terms"),
        ("/terms/2.0?_profile=labels&_mediatype=text/turtle", "/terms?_profile=labels&_mediatype=text/turtle"),
        ("/doc/terms/1.9", "/doc/terms"),
        ("/doc/terms/1.9.ttl", "/doc/terms.ttl"),
        ("/terms/1.9", "/terms"),
    ],
)
def test_a_version_of_the_ontology_that_is_no_more_leads_to_the_last_release_with_it(
    past: Past, path: str, target: str
) -> None:
    for lead in ("", past.memento(2, "")):  # from the site and from a release that has another version
        reply = past.server.get(lead + path, "text/turtle")
        assert (reply.status, reply.headers["location"]) == (302, past.memento(0 if "1.9" in path else 1, target))
        assert reply.headers["cache-control"] == "public, max-age=60"
        assert {"accept", "accept-profile"} <= set(reply.headers["vary"].lower().split(", "))
    there = past.server.get(reply.headers["location"], "text/turtle")
    assert there.status == 200
    if "labels" not in path:
        [version] = Graph().parse(data=there.body, format="turtle").objects(None, OWL.versionIRI)
        assert str(version).endswith("terms/1.9" if "1.9" in path else "terms/2.0")


def test_link_sets_lead_through_time_as_the_headers_do(past: Past) -> None:
    for lead in ("", past.memento(1, "")):
        document, suffixed = past.server.get(f"{lead}/doc/concept/bread", "text/html"), f"{lead}/doc/concept/bread.ttl"
        reply = past.server.get(f"{lead}/linkset/concept/bread", "application/linkset+json")
        sets = {context.pop("anchor"): context for context in json.loads(reply.body)["linkset"]}
        for path, answer in ((f"{lead}/doc/concept/bread", document), (suffixed, past.server.get(suffixed))):
            told = sets[past.server.url + path]
            wanted = links(answer)
            relations = {"original", "timegate", "timemap"} | ({"first", "last", "prev", "next"} if lead else set())
            for relation in relations:
                assert told[relation][0]["href"] == past.server.url + wanted[relation]
            assert ("memento" in told) == bool(lead)
            for entry in told.get("memento", []):
                assert [parse_date(text) for text in entry["datetime"]]  # an extension: always a list
        again = past.server.get(
            f"{lead}/linkset/concept/bread", "application/linkset+json", If_None_Match=reply.headers["etag"]
        )
        assert again.status == 304
        as_text = past.server.get(f"{lead}/linkset/concept/bread", "application/linkset").text
        assert as_text.count('rel="timegate"') == len(sets)


def test_every_file_leads_to_the_landing_page_of_its_release(past: Past) -> None:
    for name in past.names:
        listed = past.server.get(f"/dumps/{name}/SHA256SUMS").text.split()[1::2]
        files = [f"/dumps/{name}/{file.removeprefix('dumps/')}" for file in (*listed, "manifest.json", "SHA256SUMS")]
        landing = f"/release/{name}/doc/dataset"
        page = past.server.get(landing, "text/html")
        assert (page.status, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
        items = {re.findall("<(.*)>", link)[0] for link in page.links if 'rel="item"' in link}
        assert items
        assert items <= set(files)
        for file in files:
            reply = past.server.get(file, method="HEAD")
            assert reply.status == 200, file
            assert [link for link in reply.links if 'rel="collection"' in link] == [
                f'<{landing}>; rel="collection"; type="text/html"'
            ]


def test_pages_lead_to_the_changes_of_their_things(past: Past, thesaurus: Path, serve: Callable[..., Server]) -> None:
    to_changes = re.compile(r'href="(/changes\?thing=[^"]*)"')
    page = past.server.get("/doc/concept/naan", "text/html").text
    [target] = to_changes.findall(page)
    told = past.server.get(target, "text/html").text
    assert 'href="/concept/naan"' in told
    assert 'href="/concept/bread"' not in told
    # A page of the past is the same for ever; and with one release there is nothing to tell.
    assert not to_changes.findall(past.server.get(past.memento(1, "/doc/concept/naan"), "text/html").text)
    assert not to_changes.findall(serve(thesaurus).get("/doc/concept/bread", "text/html").text)


def test_pages_tell_their_language(past: Past, served: Server) -> None:
    for path, status in (("/", 200), ("/doc/concept/naan", 200), ("/doc/concept/never", 404), ("/sparql", 200)):
        reply = past.server.get(path, "text/html")
        assert (reply.status, reply.headers["content-language"]) == (status, "en")
    assert served.get("/changes?lang=de", "text/html").headers["content-language"] == "de"
    assert "content-language" not in past.server.get("/doc/concept/naan", "text/turtle").headers
    assert "last-modified" not in past.server.get("/doc/concept/naan", "text/turtle").headers


def test_what_never_was_a_version_of_the_ontology_is_404(past: Past) -> None:
    for path in ("/terms/1.0", "/doc/terms/1.0.ttl", "/terms/2.0/", "/terms/2.00", "/terms/2."):
        assert past.server.get(path).status == 404
    assert past.server.get("/terms/2.1", "text/turtle").status == 200
    assert past.server.get(past.memento(1, "/terms/2.0"), "text/turtle").status == 200


def test_the_current_release_has_its_own_address_too(past: Past) -> None:
    reply = past.server.get(past.memento(2, "/doc/concept/naan.ttl"))
    assert reply.status == 200
    assert parse_date(reply.headers["memento-datetime"]) == datetime(2026, 1, 31, tzinfo=UTC)
    assert reply.body == past.server.get("/doc/concept/naan.ttl").body


def test_a_release_that_comes_or_goes_is_noticed(past: Past, serve: Callable[..., Server], tmp_path: Path) -> None:
    project = copy_project(past.project, tmp_path / "project")
    shutil.copytree(past.project / "releases", project / "releases", symlinks=True)
    server = serve(project, "--former-releases", "1")
    for number in (0, 1, 0):  # more than are held open
        assert server.get(past.memento(number, "/doc/concept/bagel.ttl")).status == 200
    # An error there is told there, also before any page of that release was made.
    for path in ("/sparql?format=csv&query=SELECT", f"/graphs?graph={quote('urn:x:none')}", "/doc/concept/never"):
        page = server.get(past.memento(0, path), "text/html").text
        assert "This is the site as it was in release 1.9" in page, path
        assert f'action="{past.memento(0, "/search")}"' in page
    newest = edition(project, "2.1", "2026-03-01", {"naan": "naan bread"}).manifest.name
    wait_for(lambda: "naan bread" in server.get("/doc/concept/naan.ttl").text)
    wrong = server.get("/sparql?format=csv&query=SELECT", "text/html")
    assert (wrong.status, "as it was in release" in wrong.text) == (400, False)
    reply = server.get(past.memento(2, "/doc/concept/naan.ttl"))
    assert "naan bread" not in reply.text
    assert links(reply)["next"] == f"/release/{newest}/doc/concept/naan.ttl"
    shutil.rmtree(project / "releases" / past.names[0])
    wait_for(lambda: server.get(past.memento(0, "/doc/concept/bagel.ttl")).status == 404)
    assert past.names[0] not in server.get("/timemap/doc/concept/bagel").text


def test_many_ask_for_many_releases_at_once(past: Past, serve: Callable[..., Server]) -> None:
    """Each gets the release that was asked for, or is told to come back; never another release."""
    server = serve(past.project, "--former-releases", "1")
    told = {0: b"bagel", 1: b"beigel"}

    def ask(number: int) -> tuple[int, bool]:
        reply = server.get(past.memento(number, f"/doc/concept/bagel.ttl?n={number}"))
        return reply.status, reply.status != 200 or (b'"%s"@en' % told[number]) in reply.body

    with ThreadPoolExecutor(8) as threads:
        outcomes = [*threads.map(ask, [0, 1] * 20)]
    assert {status for status, _ in outcomes} <= {200, 503}
    assert all(right for _, right in outcomes)
    assert 200 in {status for status, _ in outcomes}


def wait_for(fact: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not fact():
        assert time.monotonic() < deadline
        time.sleep(0.1)
