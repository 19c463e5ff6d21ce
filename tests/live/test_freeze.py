"""The static twin: a site as files, served by real web servers, and read from the disk."""

from __future__ import annotations

import gzip
import html
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, unquote, urljoin

import pytest
from rdflib import OWL, Graph, URIRef
from rdflib.compare import isomorphic

import kg
from tests.conftest import THESAURUS, Reply, copy_project, request, run_kg, trials
from tests.live.apache import apache_for
from tests.live.crawler import Crawl
from tests.live.test_memento import edition

NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
BREAD = "https://data.example.org/bread/"
TOMBSTONES = f"""
@base <{BREAD}> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<concept/leaven> owl:deprecated true ; dcterms:isReplacedBy <concept/sourdough> .
<concept/plaster> owl:deprecated true ; skos:prefLabel "plaster"@en .
<concept/plâtre> owl:deprecated true ; skos:prefLabel "plâtre"@fr .
"""
# What needs the program, and what is rightly gone.
ALIVE = re.compile(r"^http://[^/]+(/release/[^/]+)?/(search|sparql|timegate|graph|opensearch|reconcile)\b|: 410 after")
SUFFIXES = ("html", "ttl", "nt", "rdf", "jsonld")
LINK = re.compile(r'(?<=\s)(?:href|src)="([^"]*)"')


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The thesaurus with two releases; in the second things were withdrawn and merged, and one is missing."""
    project = copy_project(THESAURUS, tmp_path_factory.mktemp("twin") / "project")
    edition(project, "1.0", "2025-01-01", {"bagel": "bagel", "roll": "roll", "plaster": "plaster"})
    (project / "data/concepts/tombstones.ttl").write_text(TOMBSTONES)
    edition(
        project, "1.1", "2026-01-01", {"bagel": "bagel", "naan": '<script>alert(\\"x\\")</script> & href=\\"/doc/x\\"'}
    )
    return project


@pytest.fixture(scope="module")
def frozen(project: Path) -> Path:
    """Its site as files, all releases included."""
    folder = project.parent / "site"
    done = run_kg("freeze", folder, "--project", project, "--all-releases")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def present(project: Path) -> Path:
    """The site of the current release only."""
    folder = project.parent / "present"
    done = run_kg("freeze", folder, "--project", project)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize("copy", ["frozen", "present"])
def test_no_link_is_dead(copy: str, request: pytest.FixtureRequest) -> None:
    """Every relative link leads to a file of the copy, every other one elsewhere; fragments are there."""
    frozen: Path = request.getfixturevalue(copy)
    pages = {page: page.read_text(encoding="utf-8") for page in frozen.rglob("*.html")}
    assert len(pages) > 10
    links = 0
    for page, text in pages.items():
        for given in LINK.findall(text):
            target, _, fragment = html.unescape(given).partition("#")
            if target.startswith(("http:", "https:", "mailto:")):
                continue
            # Only the page for what is not found stands in for any address.
            assert target.startswith("/") == (page.name == "404.html" and bool(target)), (page, given)
            file = (page.parent / unquote(target.lstrip("/"))).resolve() if target else page
            assert file.is_relative_to(frozen.resolve())
            assert file.is_file(), (page, given)
            if fragment and file.suffix == ".html":
                assert f'id="{html.escape(unquote(fragment))}"' in file.read_text(), (page, given)
            links += 1
    assert links > 100


def test_every_document_is_there_in_every_format(frozen: Path, project: Path) -> None:
    release = kg.open_release(project / "releases")
    subjects = {str(s).partition("#")[0] for s in Graph().parse(release.path / "dumps/data.ttl").subjects()}
    things = sorted(s.removeprefix(BREAD) for s in subjects if s.startswith(BREAD + "concept/"))
    assert len(things) > 5
    for thing in set(things) - {"concept/leaven"}:  # which was merged
        path = frozen / "doc" / thing
        assert path.with_name(path.name + ".html").is_file()
        graphs = [
            Graph().parse(path.with_name(f"{path.name}.{suffix}"), format=form)
            for suffix, form in (("ttl", "turtle"), ("nt", "nt"), ("rdf", "xml"), ("jsonld", "json-ld"))
        ]
        assert len(graphs[0]) > 3
        assert all(isomorphic(graphs[0], other) for other in graphs[1:]), thing


def test_dumps_and_feeds_are_there(frozen: Path, project: Path) -> None:
    release = kg.open_release(project / "releases")
    for file in sorted((release.path / "dumps").iterdir()):
        assert (frozen / "dumps" / release.manifest.name / file.name).read_bytes() == file.read_bytes()
    assert (frozen / "changes.atom").read_text().startswith("<?xml")
    assert (frozen / "changes.html").is_file()
    assert [*(frozen / "ldes").rglob("*.trig")]
    assert (frozen / ".well-known/void.ttl").is_file()


def test_hostile_labels_stay_text(frozen: Path) -> None:
    text = (frozen / "doc/concept/naan.html").read_text()
    assert "<script>alert" not in text
    assert "href=&#34;/doc/x&#34;" in text or "href=&quot;/doc/x&quot;" in text


def test_the_sums_are_right_and_twice_the_same(frozen: Path, project: Path, tmp_path: Path) -> None:
    assert subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=frozen, check=False).returncode == 0
    again = tmp_path / "again"
    assert run_kg("freeze", again, "--project", project, "--all-releases", TZ="Asia/Tokyo").returncode == 0
    assert (again / "SHA256SUMS").read_bytes() == (frozen / "SHA256SUMS").read_bytes()


def test_what_is_not_ours_is_not_replaced(project: Path, tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters/dear.txt").write_text("Dear")
    done = run_kg("freeze", tmp_path / "letters", "--project", project)
    assert done.returncode == 2
    assert "holds something else" in done.stderr
    assert [p.name for p in tmp_path.rglob("*")] == ["letters", "dear.txt"]


def test_a_copy_is_replaced_as_a_whole(present: Path, project: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy"
    shutil.copytree(present, target)
    (target / "doc/old.html").write_text("old")
    assert run_kg("freeze", target, "--project", project).returncode == 0
    assert not (target / "doc/old.html").exists()
    assert [p.name for p in tmp_path.iterdir()] == ["copy"]


def former(project: Path, version: str) -> kg.Release:
    return next(kg.open_release(path) for path in (project / "releases").glob(f"{version}-*"))


def test_every_release_is_there_as_it_was(frozen: Path, present: Path, project: Path) -> None:
    """Documents of both releases with what they said then; without the option none, but all downloads."""
    label = URIRef("http://www.w3.org/2004/02/skos/core#prefLabel")
    assert not (present / "release").exists()
    for version, there, missing in (("1.0", "roll", "naan"), ("1.1", "naan", "roll")):
        release = former(project, version)
        folder = frozen / "release" / release.manifest.name
        said = Graph().parse(release.path / "dumps/data.ttl")
        document = Graph().parse(folder / f"doc/concept/{there}.ttl")
        concept = URIRef(f"{BREAD}concept/{there}")
        assert [*document.objects(concept, label)] == [*said.objects(concept, label)] != []
        assert not (folder / f"doc/concept/{missing}.ttl").exists()
        assert (folder / "index.html").is_file()
        for copy in (frozen, present):
            for file in (release.path / "dumps").iterdir():
                assert (copy / "dumps" / release.manifest.name / file.name).read_bytes() == file.read_bytes()
            assert (copy / "dumps" / release.manifest.name / "catalogue.ttl").is_file()


def test_time_maps_lead_to_files(frozen: Path, project: Path) -> None:
    """Each TimeMap lists what there is, and no TimeGate, for which a program would be needed."""
    names = [former(project, version).manifest.name for version in ("1.0", "1.1")]
    expected = {"bagel": names, "roll": names[:1], "naan": names[1:]}
    for thing, releases in expected.items():
        text = (frozen / f"timemap/doc/concept/{thing}.links").read_text()
        assert "timegate" not in text
        mementos = re.findall(r'<([^>]*)>; rel="[^"]*memento"; datetime=', text)
        assert mementos == [f"https://data.example.org/release/{name}/doc/concept/{thing}" for name in releases]
        for memento in mementos:
            path = memento.removeprefix("https://data.example.org/")
            assert (frozen / f"{path}.html").is_file()
    page = (frozen / "doc/concept/bagel.html").read_text()
    assert 'rel="timemap"' in page
    assert "timegate" not in page


@contextmanager
def nginx_for(site: Path, folder: Path) -> Iterator[str]:
    """nginx over a copy, with the rules that it brings along; yields its address."""
    if NGINX is None and not os.environ.get("CI"):
        pytest.skip("nginx is not installed (Debian: nginx-light)")
    assert NGINX, "nginx is not installed (Debian: nginx-light)"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    rules = (site / "nginx.conf").read_text()
    above = "\n".join(re.findall(r"(?m)^#   (.*)$", rules))
    assert above.count("map ") == 2
    temporary = " ".join(f"{kind}_temp_path {folder};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (folder / "nginx.conf").write_text(
        f"{'user root; ' if os.geteuid() == 0 else ''}daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;\n"
        f"events {{ worker_connections 64; }}\nhttp {{ access_log off; {temporary}\n{above}\n"
        f"server {{ listen 127.0.0.1:{port}; root {site}; include {site}/nginx.conf; }} }}\n"
    )
    process = subprocess.Popen([NGINX, "-c", folder / "nginx.conf", "-p", folder, "-e", folder / "error.log"])
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        assert process.poll() is None, (folder / "error.log").read_text()
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait(timeout=20)


@pytest.fixture(scope="module", params=["nginx", "apache"])
def site(request: pytest.FixtureRequest, frozen: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The copy behind a web server, with the rules that it brings along."""
    serving = apache_for(frozen) if request.param == "apache" else nginx_for(frozen, tmp_path_factory.mktemp("nginx"))
    with serving as url:
        yield url


def get(url: str, accept: str | None = None) -> Reply:
    return request(url, accept=accept)


def lead(reply: Reply, site: str) -> str:
    """Where a redirect leads, as a path."""
    return urljoin(f"{site}/", reply.headers["location"]).removeprefix(site)


@pytest.mark.parametrize("path", ["/doc/concept/naan", "/doc/concept/cr%C3%A8me-brioche"])
@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("text/html,application/xhtml+xml,*/*;q=0.8", "text/html; charset=utf-8"),
        (None, "text/html; charset=utf-8"),
        ("*/*", "text/html; charset=utf-8"),
        ("text/turtle", "text/turtle; charset=utf-8"),
        ("Text/Turtle;q=0.9, text/html;q=0.5", "text/turtle; charset=utf-8"),
        ("text/html, text/turtle;q=0.5", "text/html; charset=utf-8"),
        ("image/png, application/ld+json, */*", "application/ld+json"),
        ("application/json", "application/json"),
        ("application/n-triples", "application/n-triples"),
        ("application/rdf+xml", "application/rdf+xml"),
    ],
)
def test_a_server_negotiates(site: str, path: str, accept: str | None, content_type: str) -> None:
    reply = get(site + path, accept)
    assert (reply.status, reply.headers["content-type"]) == (200, content_type)
    assert reply.headers["access-control-allow-origin"] == "*"
    assert "accept" in reply.headers["vary"].lower()


def test_a_server_leads_from_things_to_documents(site: str, project: Path) -> None:
    name = former(project, "1.0").manifest.name
    things = ("/concept/naan", "/concept/cr%C3%A8me-brioche", "/dataset", f"/release/{name}/concept/roll")
    for path in things:
        reply = get(site + path, "text/turtle")
        assert reply.status == 303, path
        to = lead(reply, site)
        assert to == re.sub(r"/(concept|dataset)", r"/doc/\1", path)
        document = get(site + to, "text/turtle")
        assert (document.status, document.headers["content-type"]) == (200, "text/turtle; charset=utf-8")


@pytest.mark.parametrize("path", ["concept/a%0d%0aSet-Cookie:%20x", "concept/a%0aSet-Cookie:%20x", "concept/%3Cb%3E", "concept/a%3Fb%23c"])  # fmt: skip
def test_what_is_sent_on_is_what_was_sent(site: str, path: str) -> None:
    """Whatever is in an address, it stays percent-encoded, so that it is one header and one path."""
    reply = get(f"{site}/{path}")
    assert reply.status in (303, 404), path
    assert "set-cookie" not in reply.headers
    if reply.status == 303:
        assert lead(reply, site) == f"/doc/{path}"


def test_what_is_not_there(site: str) -> None:
    for path in ("/doc/concept/never", "/never", "/doc/", "/doc/concept/", "/concept", "/doc/concept/naan/x"):
        reply = get(site + path)
        assert (reply.status, reply.headers["content-type"]) == (404, "text/html; charset=utf-8"), path
        assert "This copy of the site has no such page." in reply.text
        assert 'href="/static/style.css"' in reply.text
        assert reply.headers["access-control-allow-origin"] == "*"


def test_what_is_gone_is_said_to_be(site: str) -> None:
    """Withdrawn: 410 with what is still said, in every format, for thing and document."""
    types = {"text/html": "html", "text/turtle": "ttl", "application/n-triples": "nt", "application/ld+json": "jsonld"}
    for name in ("plaster", "pl%C3%A2tre"):
        for accept, suffix in types.items():
            for path in (f"/concept/{name}", f"/doc/concept/{name}", f"/doc/concept/{name}.{suffix}"):
                reply = get(site + path, accept)
                assert (reply.status, reply.headers["content-type"].partition(";")[0]) == (410, accept), path
                assert unquote(name) in reply.text
        graph = Graph().parse(data=get(f"{site}/concept/{name}", "text/turtle").text, format="turtle")
        assert (URIRef(f"{BREAD}concept/{unquote(name)}"), OWL.deprecated, None) in graph
    # What only a former release has.
    for path in ("/concept/roll", "/doc/concept/roll"):
        reply = get(site + path)
        assert reply.status == 410
        assert "its last version is at /release/1.0-" in reply.text


def test_what_was_merged_leads_to_the_survivor(site: str) -> None:
    assert lead(get(f"{site}/concept/leaven"), site) == "/concept/sourdough"
    for suffix in ("", *(f".{suffix}" for suffix in SUFFIXES)):
        reply = get(f"{site}/doc/concept/leaven{suffix}")
        assert (reply.status, lead(reply, site)) == (308, f"/doc/concept/sourdough{suffix}")
        assert get(f"{site}/doc/concept/sourdough{suffix}").status == 200


def test_folders_and_pages_of_one_name(site: str, frozen: Path) -> None:
    assert get(f"{site}/").headers["content-type"] == "text/html; charset=utf-8"
    listed = get(f"{site}/dumps/")
    assert listed.status == 200
    assert listed.body == (frozen / "dumps/index.html").read_bytes()
    without = get(f"{site}/dumps")
    assert (without.status, lead(without, site)) == (301, "/dumps/")
    # /terms is an ontology, and a folder of its formats or versions.
    both = [path for path in frozen.rglob("*.html") if path.with_suffix("").is_dir()]
    assert both
    for page in both:
        address = quote(page.relative_to(frozen).with_suffix("").as_posix())
        reply = get(f"{site}/{address}", "text/html")
        assert (reply.status, reply.body) in ((200, page.read_bytes()), (303, reply.body)), address


def test_the_types_of_files(site: str, project: Path) -> None:
    release = former(project, "1.0").manifest.name
    types = {
        "/doc/concept/naan.ttl": "text/turtle; charset=utf-8",
        "/doc/concept/naan.json": "application/json",
        "/changes.atom": "application/atom+xml",
        "/static/style.css": "text/css; charset=utf-8",
        "/static/icon.svg": "image/svg+xml",
        "/timemap/doc/concept/naan": "application/link-format",
        "/ldes": "application/trig",
    }
    kinds = {"ttl": "text/turtle; charset=utf-8", "nt": "application/n-triples", "nq": "application/n-quads"}
    kinds |= {"trig": "application/trig", "jsonld": "application/ld+json", "rdf": "application/rdf+xml"}
    for suffix, kind in kinds.items():
        types[f"/dumps/{release}/data.{suffix}"] = kind
        types[f"/dumps/{release}/data.{suffix}.gz"] = "application/gzip"
    for path, content_type in types.items():
        reply = get(site + path)
        assert (reply.status, reply.headers["content-type"]) == (200, content_type), path
        assert "content-encoding" not in reply.headers
        if path.endswith(".gz"):
            plain = get(site + path.removesuffix(".gz")).body
            assert gzip.decompress(reply.body) == plain


def test_a_memento_has_its_date(site: str, project: Path) -> None:
    name = former(project, "1.0").manifest.name
    for accept in ("text/html", "text/turtle"):
        reply = get(f"{site}/release/{name}/doc/concept/roll", accept)
        assert reply.status == 200
        assert reply.headers["content-type"].startswith(accept)
        assert reply.headers["memento-datetime"] == "Wed, 01 Jan 2025 00:00:00 GMT"
    assert "memento-datetime" not in get(f"{site}/doc/concept/naan").headers


def test_a_stranger_finds_nothing_dead(site: str) -> None:
    """By every link, those in RDF, feeds and TimeMaps too, except what needs the program."""
    crawl = Crawl(site, BREAD)
    crawl.run(seed=5, most=trials(500, 100_000))
    assert crawl.visited > 300
    assert [fault for fault in crawl.faults if not ALIVE.search(fault)] == []
