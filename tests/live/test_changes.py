"""Changes on a real server: pages, patches, feeds and the event stream; and that replaying the stream gives the graph."""

from __future__ import annotations

import itertools
import json
import random
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import pyoxigraph as ox
import pytest
from feedparser import api as feedparser

import kg
from kg.changes.patch import read_patch
from kg.release.canonical import canonical
from tests.conftest import (
    THESAURUS,
    Reply,
    Server,
    copy_project,
    request,
    run_kg,
    start_server,
    stop_server,
    trials,
)

BASE = "https://data.example.org/bread/"
LDES, TREE = "https://w3id.org/ldes#", "https://w3id.org/tree#"
AS = "https://www.w3.org/ns/activitystreams#"
DCTERMS, RDF = "http://purl.org/dc/terms/", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
ATOM, HISTORY = "{http://www.w3.org/2005/Atom}", "{http://purl.org/syndication/history/1.0}"
FORMATS = {
    "application/trig": ox.RdfFormat.TRIG,
    "application/n-quads": ox.RdfFormat.N_QUADS,
    "application/ld+json": ox.RdfFormat.JSON_LD,
}


def release(project: Path, version: str, date: str = "2026-01-31") -> kg.Release:
    """Build the project as a release of its own, whatever its content."""
    file = project / "data/dataset.ttl"
    text = re.sub(r'dcat:version "[^"]*"', f'dcat:version "{version}"', file.read_text())
    file.write_text(re.sub(r'dcterms:issued "[^"]*"', f'dcterms:issued "{date}"', text))
    return kg.build(kg.open_project(project))


def write(project: Path, name: str, text: str) -> None:
    """Write a file of the data."""
    file = project / "data" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def settled(server: Server, name: str) -> None:
    """Wait until the server has seen the release."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if (
            f"..{name}/" in server.get("/ldes").text
            or f'"to": "{name}"' in server.get("/changes", "application/json").text
        ):
            return
        time.sleep(0.1)
    raise AssertionError(f"the server does not know {name}")


# The event stream


def stream_view(server: Server) -> tuple[ox.Store, str]:
    """The view of the stream as a store, and the address that it has there."""
    store = ox.Store()
    store.load(server.get("/ldes", "application/n-quads").body, ox.RdfFormat.N_QUADS)
    rows = list(store.quads_for_pattern(None, ox.NamedNode(TREE + "view"), None))
    assert len(rows) == 1, "exactly one view"
    assert (rows[0].subject, ox.NamedNode(RDF + "type"), ox.NamedNode(LDES + "EventStream")) in [
        (q.subject, q.predicate, q.object) for q in store
    ]
    return store, str(rows[0].object)[1:-1]


def pages(server: Server) -> list[tuple[str, str]]:
    """(instant, address) of every page, as the relations of the view tell, the oldest first."""
    store, view = stream_view(server)
    assert view == f"{server.url}/ldes"
    rows = store.query(
        f"""PREFIX tree: <{TREE}> SELECT ?value ?node {{ <{view}> tree:relation ?r .
        ?r a tree:GreaterThanOrEqualToRelation ; tree:path <{DCTERMS}created> ; tree:value ?value ; tree:node ?node }}"""
    )
    assert isinstance(rows, ox.QuerySolutions)
    return sorted((row["value"].value, row["node"].value) for row in rows)


def members(
    server: Server, media_type: str = "application/n-quads"
) -> Iterator[tuple[str, str, str, str, list[ox.Triple]]]:
    """(created, member, thing, kind, its triples) of every member of every page."""
    for value, address in pages(server):
        reply = request(address, accept=media_type)
        assert reply.status == 200
        assert "immutable" in reply.headers["cache-control"]
        quads = list(ox.parse(reply.body, FORMATS[media_type]))
        said: dict[str, dict[str, list[str]]] = {}
        graphs: dict[str, list[ox.Triple]] = {}
        for q in quads:
            if isinstance(q.graph_name, ox.DefaultGraph):
                said.setdefault(str(q.subject)[1:-1], {}).setdefault(q.predicate.value, []).append(q.object.value)
            else:
                graphs.setdefault(q.graph_name.value, []).append(q.triple)
        listed = [q.object.value for q in quads if q.predicate.value == TREE + "member"]
        assert set(graphs) <= set(listed)
        assert len(listed) <= 250
        for member in listed:
            (created,), (thing,) = said[member][DCTERMS + "created"], said[member][DCTERMS + "isVersionOf"]
            (kind,) = said[member][RDF + "type"]
            assert created == value
            assert (member in graphs) == (kind != AS + "Delete")
            yield created, member, thing, kind.removeprefix(AS), graphs.get(member, [])


def replayed(server: Server, media_type: str = "application/n-quads") -> list[bytes]:
    """The graph after all members, in canonical form."""
    state: dict[str, list[ox.Triple]] = {}
    seen: set[str] = set()
    last = ""
    for created, member, thing, kind, triples in members(server, media_type):
        assert member not in seen, "each member once"
        assert created >= last
        assert (thing in state) == (kind != "Create")
        seen.add(member)
        last = created
        state.pop(thing, None)
        if kind != "Delete":
            assert {str(t.subject)[1:-1].partition("#")[0] for t in triples} == {thing}
            state[thing] = triples
    return canonical_graph(t for triples in state.values() for t in triples)


def canonical_graph(triples: Iterator[ox.Triple]) -> list[bytes]:
    """The triples as one graph; Skolem IRIs are blank nodes again (RDF 1.1 Concepts, section 3.5)."""

    def plain(term: object) -> object:
        if isinstance(term, ox.NamedNode) and "/.well-known/genid/" in term.value:
            return ox.BlankNode(term.value.rpartition("/")[2])
        return term

    graph = ox.NamedNode("urn:graph")
    return canonical(ox.Quad(plain(t.subject), t.predicate, plain(t.object), graph) for t in triples).lines  # type: ignore[arg-type]


def published(release: kg.Release) -> list[bytes]:
    """The graph of a release in canonical form."""
    quads = ox.parse(path=release.path / "dumps/data.nq", format=ox.RdfFormat.N_QUADS)
    return canonical_graph(q.triple for q in quads)


def edited(rng: random.Random, statements: list[str], *, blank: bool) -> list[str]:
    """Some statements removed and some added; in Turtle, each with its final dot."""
    kept = [s for s in statements if rng.random() > 0.3]
    things = [f"<{BASE}concept/c{n}{part}>" for n in range(6) for part in ("", "#a", "#b")]
    things += ["<urn:elsewhere:1>", "<http://example.org/x#part>", f"<{BASE}concept/é>", f"<{BASE}ns#term>"]

    def value() -> str:
        if blank and rng.random() < 0.4:
            return rng.choice(["[ <urn:x:p> 'v' ]", "[ <urn:x:p> [ <urn:x:q> 'v' ] ]", "( 'a' 'b' )", "[]"])
        return rng.choice([*things, f"'v{rng.randrange(5)}'", "'<urn:x> .\\n_:b'@en", str(rng.randrange(9))])

    fresh = [f"{rng.choice(things)} <urn:x:{rng.choice('pq')}> {value()} ." for _ in range(rng.randrange(12))]
    if blank and rng.random() < 0.5:
        fresh.append(
            "_:shared <urn:x:p> 'one' . <urn:elsewhere:2> <urn:x:q> _:shared . <urn:elsewhere:3> <urn:x:q> _:shared ."
        )
    return kept + fresh


@pytest.mark.parametrize("seed", range(trials(2, 20)))
def test_replaying_the_stream_gives_the_graph(seed: int, tmp_path: Path, serve: Callable[..., Server]) -> None:
    rng, blank = random.Random(seed), seed % 2 == 0
    project = copy_project(THESAURUS, tmp_path / "project")
    statements: list[str] = []
    server = None
    for number in range(rng.randrange(3, 6)):
        statements = edited(rng, statements, blank=blank)
        half = len(statements) // 2
        write(project, "concepts/random.ttl", "\n".join(statements[: half + 1]))
        write(project, "more/random.ttl", "\n".join(statements[half:]))  # some stand in two named graphs
        made = release(project, f"3.{number}", f"2026-02-{1 + number // 2:02}")
        if number == 1:
            server = serve(project)
            assert replayed(server) == published(made)
    assert server is not None
    settled(server, made.manifest.name)
    for media_type in FORMATS if seed == 0 else ["application/trig"]:
        assert replayed(server, media_type) == published(made)


def test_pages_that_are_gone_are_called_gone(thesaurus: Path, serve: Callable[..., Server]) -> None:
    first = release(thesaurus, "3.0")
    write(thesaurus, "concepts/more.ttl", f"<{BASE}concept/x> <urn:x:p> 'v' .")
    second = release(thesaurus, "3.1")
    write(thesaurus, "concepts/more.ttl", f"<{BASE}concept/y> <urn:x:p> 'w' .")
    third = release(thesaurus, "3.2")
    server = serve(thesaurus)
    old = [address for _, address in pages(server)]
    assert len(old) == 3
    shutil.rmtree(first.path)
    shutil.rmtree(second.path)
    assert {request(address).status for address in old} == {410}
    deadline = time.monotonic() + 30
    while old[0] in [address for _, address in pages(server)] and time.monotonic() < deadline:
        time.sleep(0.1)  # what was answered before is answered again until the folder is looked at
    assert replayed(server) == published(third)
    store, view = stream_view(server)
    rows = list(store.quads_for_pattern(ox.NamedNode(view), ox.NamedNode(LDES + "retentionPolicy"), None))
    assert len(rows) == 1, "history is cut, and that is said"
    assert request(f"{server.url}/changes/{first.manifest.name}..{third.manifest.name}").status == 410
    assert server.get("/ldes/nonsense/1").status == 404
    assert server.get(f"/ldes/..{third.manifest.name}/2").status == 404
    feed = server.get("/changes.atom").text
    assert first.manifest.name not in feed


def test_the_stream_of_the_real_releases_gives_the_real_graph(served: Server, released: kg.Release) -> None:
    assert replayed(served) == published(released)


def test_the_view_tells_what_members_are(served: Server) -> None:
    store, _ = stream_view(served)
    stream = next(store.quads_for_pattern(None, ox.NamedNode(RDF + "type"), ox.NamedNode(LDES + "EventStream"))).subject

    def value(name: str) -> str:
        return str(next(store.quads_for_pattern(stream, ox.NamedNode(name), None)).object)

    assert value(LDES + "timestampPath") == f"<{DCTERMS}created>"
    assert value(LDES + "versionOfPath") == f"<{DCTERMS}isVersionOf>"
    shape = value(TREE + "shape")
    assert store.query(
        f"ASK {{ {shape} <http://www.w3.org/ns/shacl#property>/<http://www.w3.org/ns/shacl#path> <{DCTERMS}created> }}"
    )
    assert not list(store.quads_for_pattern(None, ox.NamedNode(LDES + "retentionPolicy"), None))


def test_all_formats_of_the_stream_say_the_same(served: Server) -> None:
    address = pages(served)[0][1].removeprefix(served.url)
    for path in ("/ldes", address):
        said = []
        for media_type, form in FORMATS.items():
            reply = served.get(path, media_type)
            assert (reply.status, reply.headers["content-type"]) == (200, media_type)
            quads = [
                ox.Quad(q.subject, q.predicate, q.object, ox.NamedNode("urn:default"))
                if isinstance(q.graph_name, ox.DefaultGraph)
                else q
                for q in ox.parse(reply.body, form)
            ]
            said.append(canonical(quads).lines)
        assert said[0] == said[1] == said[2]
        assert served.get(path).headers["content-type"] == "application/trig"


# Headers


def headers_of(reply: Reply) -> dict[str, str]:
    return {k: v for k, v in reply.headers.items() if k in ("etag", "vary", "cache-control", "content-location")}


@pytest.mark.parametrize(
    ("path", "accept", "cache"),
    [
        ("/changes", "text/html", "max-age=60"),
        ("/changes", "application/json", "max-age=60"),
        ("/changes.atom", "application/atom+xml", "max-age=60"),
        ("/ldes", "application/trig", "max-age=60"),
        ("/ldes/{pair}/1", "application/n-quads", "immutable"),
        ("/changes/{pair}", "text/html", "max-age=60"),
        ("/changes/{pair}", "application/rdf-patch", "immutable"),
        ("/changes/{pair}", "text/turtle", "immutable"),
        ("/changes/{pair}", "application/json", "max-age=60"),
        ("/changes/{pair}/2.atom", "application/atom+xml", "immutable"),
    ],
)
def test_answers_can_be_asked_for_again(
    served: Server, released: kg.Release, path: str, accept: str, cache: str
) -> None:
    path = path.format(pair=f"..{released.manifest.name}")
    reply = served.get(path, accept)
    assert (reply.status, reply.headers["content-type"].partition(";")[0]) == (200, accept)
    assert cache in reply.headers["cache-control"]
    assert "accept" in reply.headers["vary"].lower()
    again = served.get(path, accept, If_None_Match=reply.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    assert headers_of(again) == headers_of(reply)
    head = request(served.url + path, "HEAD", accept)
    assert (head.status, head.body) == (200, b"")
    assert headers_of(head) == headers_of(reply)
    assert served.get(path, "image/png").status == 406
    wrong = request(served.url + path, "POST", data=b"x")
    assert (wrong.status, "GET" in wrong.headers["allow"]) == (405, True)
    options = request(served.url + path, "OPTIONS")
    assert options.status == 204
    assert reply.headers["access-control-allow-origin"] == "*"


# Differences


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, list[kg.Release]]]:
    """A server with four releases: new things, then changed and superseding ones, then fewer, then nothing changed."""
    project = copy_project(THESAURUS, tmp_path_factory.mktemp("history") / "project")
    dataset = project / "data/dataset.ttl"
    dataset.write_text(
        dataset.read_text().replace("dcat:version", 'dcterms:language "en" , "de" ;\n    dcat:version', 1)
    )
    first = release(project, "1.0", "2026-01-01")
    skos = "@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix : <http://example.org/p#> ."
    rye = f"<{BASE}concept/old> a skos:Concept ; skos:inScheme <{BASE}scheme/kinds> ; skos:prefLabel 'Old loaf'@en , 'Altes Brot'@de"
    write(project, "concepts/old.ttl", f"{skos} {rye} ; :crust 'thin' .")
    second = release(project, "1.1", "2026-01-02")
    new = rye.replace("concept/old", "concept/new").replace("Old", "New").replace("Altes", "Neues")
    write(project, "concepts/old.ttl", f"{skos} {rye} ; :crust 'thick' . {new} ; :after <{BASE}concept/old> .")
    many = "".join(f"<{BASE}x/{n:03}> :n {n} ." for n in range(230))
    write(project, "concepts/many.ttl", skos + many)
    (project / "ontology/display.ttl").write_text(
        f"""@prefix display: <https://w3id.org/pledge-graph-display#> . @prefix sh: <http://www.w3.org/ns/shacl#> .
        @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
        <{BASE}d1> sh:path <http://example.org/p#after> ; display:supersedes true .
        <{BASE}d2> sh:targetClass skos:Concept ; display:summary ( <http://example.org/p#crust> ) ; sh:order 1 ."""
    )
    third = release(project, "1.2", "2026-01-03")
    write(project, "concepts/many.ttl", skos)
    fourth = release(project, "1.3", "2026-01-04")
    server = start_server(project, tmp_path_factory.mktemp("history-log"))
    yield server, [first, second, third, fourth]
    stop_server(server)
    assert "Traceback" not in server.log.read_text(), server.log.read_text()


def test_the_page_tells_the_releases_newest_first(history: tuple[Server, list[kg.Release]]) -> None:
    server, _ = history
    page = server.get("/changes", "text/html").text
    assert re.findall(r'<h2 id="step-\d+"><a href="[^"]*">([\d.]+)</a>', page) == ["1.3", "1.2", "1.1", "1.0"]
    assert "concept superseded" in page
    assert "superseded by" in page
    assert "<del>thin</del>" in page
    german = server.get("/changes?lang=de", "text/html").text
    assert "abgelöst durch" in german
    assert 'lang="de"' in german
    assert server.get("/changes", "text/html", Accept_Language="de").text.count("abgelöst durch") == 1
    assert '<link rel="alternate" type="application/atom+xml" href="/changes.atom"' in page


def test_what_changed_can_be_cited_and_stays_as_it_was(history: tuple[Server, list[kg.Release]]) -> None:
    server, releases = history
    names = [release.manifest.name for release in releases]

    def lasting(path: str) -> str:
        section = server.get(path, "text/html").text.partition('<section class="cite"')[2]
        assert "@" in section  # BibTeX
        assert "/cite/" not in section
        assert "/embed/" not in section
        return str(re.findall(r'<a href="([^"]*)" rel="bookmark"', section)[0])

    assert lasting("/changes") == f"/release/{names[-1]}/changes"
    pair = f"/changes/{names[1]}..{names[2]}"
    assert lasting(pair) == f"/release/{names[-1]}{pair}"
    cited = server.get(pair, "text/html").text.partition('id="cite-text"')[2].partition("</p>")[0]
    assert "From 1.1 to 1.2" in cited
    of_thing = lasting(f"/changes?thing={BASE}concept/old")
    for path in (lasting("/changes"), lasting(pair), of_thing):
        assert server.get(path.replace("&amp;", "&"), "text/html").status == 200
    # What came later is not told at the address of an earlier release.
    former = server.get(f"/release/{names[1]}/changes", "text/html").text
    assert re.findall(r'<h2 id="step-\d+"><a href="[^"]*">([\d.]+)</a>', former) == ["1.1", "1.0"]
    first = server.get(f"/release/{names[0]}/changes", "text/html").text
    assert "This is the first release" in first
    assert "This is the first release" not in former
    german = server.get(f"/changes/..{names[0]}", "text/html", Accept_Language="de").text
    assert "<h1>Release 1.0, das erste</h1>" in german


def test_a_thing_and_a_class_can_be_asked_for(history: tuple[Server, list[kg.Release]]) -> None:
    server, _ = history
    page = server.get(f"/changes?thing={BASE}concept/old", "text/html").text
    assert re.findall(r'<h2 id="step-\d+"><a href="[^"]*">([\d.]+)</a>', page) == ["1.2", "1.1"]
    told = server.get("/changes/1.1..1.2.json?class=http://www.w3.org/2004/02/skos/core%23Concept")
    target = told.headers["location"]
    assert (told.status, target.endswith("Concept")) == (302, True)
    things = json.loads(server.get(target).body)["things"]
    assert [(t["headline"], t["kind"]) for t in things] == [("New loaf", "new"), ("Old loaf", "superseded")]
    assert things[1]["changes"][0]["removed"] == [{"text": "thin"}]


def test_long_differences_are_paged(history: tuple[Server, list[kg.Release]]) -> None:
    server, (_, second, third, _) = history
    address, found = f"/changes/{second.manifest.name}..{third.manifest.name}.json", []
    while address:
        told = json.loads(server.get(address).body)
        assert len(told["things"]) <= 50
        found += [thing["iri"] for thing in told["things"]]
        address = told["next"]
    assert len(found) == len(set(found)) == 232
    pair = f"/changes/{second.manifest.name}..{third.manifest.name}"
    assert server.get(f"{pair}?page=6").status == 404
    assert server.get(f"{pair}?page=x").status == 400


def test_patches_lead_from_any_release_to_any_other(history: tuple[Server, list[kg.Release]]) -> None:
    server, releases = history
    for before in releases:
        for after in releases:
            reply = server.get(f"/changes/{before.manifest.name}..{after.manifest.name}", "application/rdf-patch")
            assert reply.headers["content-location"].endswith(".rdfp")
            patch = read_patch(reply.body.splitlines())
            lines = (before.path / "dumps/data.nq").read_bytes().splitlines()
            assert patch.difference.applied_to(lines) == (after.path / "dumps/data.nq").read_bytes().splitlines()


def test_successive_patches_form_a_log(history: tuple[Server, list[kg.Release]]) -> None:
    server, releases = history
    names = ["", *(r.manifest.name for r in releases)]
    found = [
        read_patch(server.get(f"/changes/{a}..{b}.rdfp").body.splitlines()).headers
        for a, b in itertools.pairwise(names)
    ]
    assert [headers["prev"] for headers in found[1:]] == [headers["id"] for headers in found[:-1]]


@pytest.mark.parametrize(
    "path", ["/changes/nonsense", "/changes/a..b", "/changes/1.0..", "/changes/..", "/changes/1.0..1.1..1.2"]
)
def test_what_is_no_difference_is_not_found(history: tuple[Server, list[kg.Release]], path: str) -> None:
    assert history[0].get(path).status == 404


def test_a_folder_that_cannot_be_written_is_no_matter(thesaurus: Path, serve: Callable[..., Server]) -> None:
    made = release(thesaurus, "3.0")
    (made.path.parent / ".changes").write_text("in the way")
    assert replayed(serve(thesaurus)) == published(made)


def test_what_is_noted_beside_the_releases_is_found_again(thesaurus: Path, serve: Callable[..., Server]) -> None:
    made = release(thesaurus, "3.0")
    server = serve(thesaurus)
    view = server.get("/ldes").body
    (note,) = (made.path.parent / ".changes").glob("*.json")
    assert json.loads(note.read_bytes())["members"] > 3
    note.write_text("{ torn")
    stop_server(server)
    again = serve(thesaurus).get("/ldes").body
    assert again.replace(b"\n", b"").split(b"tree:node")[0].count(b"tree:relation") == 1
    assert len(again) == len(view)


# Feeds


def feed_pages(server: Server, address: str) -> Iterator[tuple[str, Reply]]:
    """The feed and its archives, as a reader that wants all entries goes (RFC 5005, section 4)."""
    following: str | None = address
    while following:
        reply = request(following)
        assert reply.status == 200
        yield following, reply
        links = {link.get("rel"): link.get("href") for link in ET.fromstring(reply.body).findall(f"{ATOM}link")}
        following = links.get("prev-archive")


def demand_atom(body: bytes) -> None:
    """What RFC 4287 asks of a feed (sections 4.1.1, 4.1.2 and 4.2) and RFC 5005 of an archive (section 4)."""
    feed = ET.fromstring(body)
    assert feed.tag == f"{ATOM}feed"
    for element in (feed, *feed.findall(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert len(element.findall(ATOM + name)) == 1, name
        assert re.match(r"(https?|tag|urn):", element.findtext(f"{ATOM}id") or "")
        datetime.strptime(element.findtext(f"{ATOM}updated") or "", "%Y-%m-%dT%H:%M:%SZ")
        relations = [(link.get("rel"), link.get("type")) for link in element.findall(f"{ATOM}link")]
        assert len(relations) == len(set(relations))
        assert all(re.match("https?://", link.get("href") or "") for link in element.findall(f"{ATOM}link"))
    assert feed.findtext(f"{ATOM}author/{ATOM}name")
    links = {link.get("rel") for link in feed.findall(f"{ATOM}link")}
    assert {"self", "alternate"} <= links
    assert ("current" in links) == (feed.find(f"{HISTORY}archive") is not None)
    ids = [e.findtext(f"{ATOM}id") for e in feed.findall(f"{ATOM}entry")]
    assert len(ids) == len(set(ids)) <= 100


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_feed_and_its_archives_hold_every_change_once(
    history: tuple[Server, list[kg.Release]], language: str
) -> None:
    server, releases = history
    ids: list[str] = []
    updated: list[str] = []
    for address, reply in feed_pages(server, f"{server.url}/changes.atom?lang={language}"):
        demand_atom(reply.body)
        parsed = feedparser.parse(reply.body)
        assert not parsed.bozo
        assert parsed.feed.language == language
        assert parsed.feed.author == "Example bakers"
        assert next(link.href for link in parsed.feed.links if link.rel == "self") == address
        ids += [entry.id for entry in parsed.entries]
        updated += [entry.updated for entry in parsed.entries]
        for entry in parsed.entries:
            assert entry.content[0].value
    assert updated == sorted(updated, reverse=True)
    assert len(ids) == len(set(ids)) > 460
    assert sum(f"/release/{releases[1].manifest.name}/" in i for i in ids) == 1


def test_archives_lead_back_and_forth(history: tuple[Server, list[kg.Release]]) -> None:
    server, _ = history
    visited = list(feed_pages(server, f"{server.url}/changes.atom?lang=en"))
    for (_, reply), (former, old) in itertools.pairwise(visited[1:]):
        links = {link.get("rel"): link.get("href") for link in ET.fromstring(old.body).findall(f"{ATOM}link")}
        mine = {link.get("rel"): link.get("href") for link in ET.fromstring(reply.body).findall(f"{ATOM}link")}
        assert links["next-archive"] == mine["self"]
        assert links["self"] == former
        assert links["current"] == visited[0][0]
    closed = [reply.headers["cache-control"] for _, reply in visited]
    assert any("immutable" in cache for cache in closed)
    assert "immutable" not in closed[0]


def test_entries_lead_to_pages(history: tuple[Server, list[kg.Release]]) -> None:
    server, _ = history
    entries = feedparser.parse(server.get("/changes.atom?lang=en").body).entries
    assert entries[0].title.endswith("withdrawn")
    for entry in (entries[0], entries[-1]):
        for link in entry.links:
            reply = request(link.href, accept="text/html")
            assert reply.status in (200, 303), link.href


# The command


def test_the_command_tells_the_difference(history: tuple[Server, list[kg.Release]], tmp_path: Path) -> None:
    _, releases = history
    folder = releases[0].path.parent

    def diff(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return run_kg("diff", "--project", folder.parent, *arguments, cwd=tmp_path)

    told = diff("1.1", releases[2].path)
    assert (told.returncode, told.stderr) == (1, "")
    assert "  superseded by New loaf\n  crust: thin → thick\n" in told.stdout
    assert max(map(len, told.stdout.splitlines())) <= 80
    assert diff("1.1", "1.1").returncode == 0
    assert diff("1.1", "1.1").stdout == ""
    assert diff("1.3", folder.parent).returncode == 0  # the project is as it was released
    missing = diff("1.1", "9.9")
    assert missing.returncode == 2
    assert "9.9" in missing.stderr
    assert json.loads(diff("1.1", "1.2", "--format", "json").stdout)["to"] == releases[2].manifest.name
    assert diff("1.1", "1.2", "--stat").stdout.splitlines()[1].split() == [
        "concept",
        "1",
        "new,",
        "1",
        "superseded",
    ]
    patch = read_patch(diff("1.0", "1.2", "--format", "patch").stdout.encode().splitlines())
    lines = (releases[0].path / "dumps/data.nq").read_bytes().splitlines()
    assert patch.difference.applied_to(lines) == (releases[2].path / "dumps/data.nq").read_bytes().splitlines()
    turtle = diff("1.0", "1.2", "--format", "turtle").stdout
    assert len(list(ox.parse(turtle, ox.RdfFormat.TURTLE))) > 100
    assert "Altes Brot" in diff("1.1", "1.2", "--language", "de").stdout


def test_revisions_of_git_can_be_compared(thesaurus: Path) -> None:
    def git(*arguments: str) -> None:
        subprocess.run(
            ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", *arguments],
            cwd=thesaurus.parent,
            check=True,
            capture_output=True,
        )

    git("init", "-q")
    git("add", "-A")
    git("commit", "-qm", "first")
    write(thesaurus, "concepts/more.ttl", f"<{BASE}concept/x> <urn:x:p> 'v' .")
    changed = run_kg("diff", "HEAD", thesaurus, "--project", thesaurus)
    assert changed.returncode == 1
    assert changed.stdout.endswith("concept:x: new thing\n")
    git("add", "-A")
    git("commit", "-qm", "second")
    assert run_kg("diff", "git:HEAD", thesaurus, "--project", thesaurus).returncode == 0
    assert run_kg("diff", "git:HEAD~1", "git:HEAD", "--project", thesaurus).returncode == 1
    nothing = run_kg("diff", "git:nix", "git:HEAD", "--project", thesaurus)
    assert (nothing.returncode, "no git revision" in nothing.stderr) == (2, True)
    assert run_kg("diff", "--output=/x", "HEAD", "--project", thesaurus).returncode == 2


def test_inferences_can_be_left_out(tmp_path: Path) -> None:
    project = copy_project(THESAURUS, tmp_path / "project")
    made = kg.build(kg.open_project(project))
    everything = run_kg("diff", made.path, project, "--project", project)
    assert (everything.returncode, everything.stdout) == (0, "")
    empty = copy_project(THESAURUS.with_name("bakery"), tmp_path / "other")
    whole, asserted = (
        read_patch(
            run_kg("diff", made.path, empty, "--project", project, "--format", "patch", *flags)
            .stdout.encode()
            .splitlines()
        )
        for flags in ([], ["--asserted"])
    )
    inferred = made.manifest.triples["inferred"]
    assert inferred > 3
    assert len(whole.difference.removed) - len(asserted.difference.removed) >= inferred
    assert not [line for line in asserted.difference.removed if line.endswith(b"/graph/inferred> .")]


def unnamed_iris(text: bytes, form: ox.RdfFormat) -> set[str]:
    """The IRIs of blank nodes in what a client got."""
    terms = (t for q in ox.parse(text, form) for t in (q.subject, q.object) if isinstance(t, ox.NamedNode))
    return {term.value for term in terms if term.value.startswith(f"{BASE}.well-known/genid/")}


def test_nodes_without_a_name_can_be_looked_up(tmp_path: Path, serve: Callable[..., Server]) -> None:
    project = copy_project(THESAURUS, tmp_path / "project")
    leads = [
        "( 'a' [ <urn:x:q> 'deep' ] ) .",
        "[ <urn:x:q> 'later' ; <urn:x:seen> <https://data.example.org/bread/concept/bread> ] .",
    ]
    names = []
    for number, lead in enumerate(leads):
        write(project, "concepts/nodes.ttl", f"<{BASE}concept/bread> <urn:x:p> {lead}")
        names.append(release(project, f"4.{number}", f"2026-03-0{1 + number}").manifest.name)
    server = serve(project)
    pages = [server.get(f"/ldes/{pair}/1", "application/trig").body for pair in (f"..{names[0]}", "..".join(names))]
    change = server.get(f"/changes/{'..'.join(names)}.ttl").body
    streamed = [unnamed_iris(page, ox.RdfFormat.TRIG) for page in pages]
    changed = unnamed_iris(change, ox.RdfFormat.TURTLE)
    assert len(streamed[0]) >= 3
    assert len(streamed[1] - streamed[0]) == 1
    assert len(changed) >= 4
    for iri in streamed[0] | streamed[1] | changed:
        path = "/" + iri.removeprefix(BASE)
        reply = server.get(path, "text/turtle")
        if iri not in streamed[1] - streamed[0] and reply.status == 302:  # a node of the former release
            assert reply.headers["location"] == f"/release/{names[0]}{path}"
            reply = server.get(reply.headers["location"], "text/turtle")
        assert reply.status == 303, iri
        for accept, form in (("text/turtle", ox.RdfFormat.TURTLE), ("application/n-triples", ox.RdfFormat.N_TRIPLES)):
            document = server.get(reply.headers["location"], accept)
            assert document.status == 200
            said = [q for q in ox.parse(document.body, form) if q.subject == ox.NamedNode(iri)]
            assert said, "its statements"
        assert server.get(reply.headers["location"], "text/html").status == 200
    # What the document says is what the stream said.
    for page, name in zip(pages, names, strict=True):
        for quad in ox.parse(page, ox.RdfFormat.TRIG):
            if quad.subject.value in streamed[0] | streamed[1] and isinstance(quad.graph_name, ox.NamedNode):
                member = server.get("/" + quad.graph_name.value.removeprefix(BASE), "text/turtle")
                assert (member.status, member.headers["location"].startswith(f"/release/{name}/doc/")) == (303, True)
                there = ox.parse(server.get(member.headers["location"], "text/turtle").body, ox.RdfFormat.TURTLE)
                assert quad.triple in [q.triple for q in there]
    for nobody in ("0123456789abcdef-1-c14n0", "0123456789ab-c14n0", "x", ""):
        assert server.get(f"/.well-known/genid/{nobody}").status == 404
