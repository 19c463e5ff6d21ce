"""The static twin: a site as files, served by real web servers, and read from the disk."""

from __future__ import annotations

import html
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from rdflib import Graph
from rdflib.compare import isomorphic

import kg
from tests.conftest import THESAURUS, Reply, copy_project, request, run_kg
from tests.live.test_memento import edition

NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
BREAD = "https://data.example.org/bread/"
LINK = re.compile(r'(?<=\s)(?:href|src)="([^"]*)"')


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The thesaurus with two releases."""
    project = copy_project(THESAURUS, tmp_path_factory.mktemp("twin") / "project")
    edition(project, "1.0", "2025-01-01", {"bagel": "bagel"})
    edition(
        project, "1.1", "2026-01-01", {"bagel": "bagel", "naan": '<script>alert(\\"x\\")</script> & href=\\"/doc/x\\"'}
    )
    return project


@pytest.fixture(scope="module")
def frozen(project: Path) -> Path:
    """Its site as files."""
    folder = project.parent / "site"
    done = run_kg("freeze", folder, "--project", project)
    assert done.returncode == 0, done.stderr
    return folder


def test_no_link_is_dead(frozen: Path) -> None:
    """Every relative link leads to a file of the copy, every other one elsewhere; fragments are there."""
    pages = {page: page.read_text(encoding="utf-8") for page in frozen.rglob("*.html")}
    assert len(pages) > 10
    links = 0
    for page, text in pages.items():
        for given in LINK.findall(text):
            target, _, fragment = html.unescape(given).partition("#")
            if target.startswith(("http:", "https:", "mailto:")):
                continue
            assert not target.startswith("/"), (page, given)
            file = (page.parent / unquote(target)).resolve() if target else page
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
    for thing in things:
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
    assert run_kg("freeze", again, "--project", project, TZ="Asia/Tokyo").returncode == 0
    assert (again / "SHA256SUMS").read_bytes() == (frozen / "SHA256SUMS").read_bytes()


def test_what_is_not_ours_is_not_replaced(project: Path, tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters/dear.txt").write_text("Dear")
    done = run_kg("freeze", tmp_path / "letters", "--project", project)
    assert done.returncode == 2
    assert "holds something else" in done.stderr
    assert [p.name for p in tmp_path.rglob("*")] == ["letters", "dear.txt"]


def test_a_copy_is_replaced_as_a_whole(frozen: Path, project: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy"
    shutil.copytree(frozen, target)
    (target / "doc/old.html").write_text("old")
    assert run_kg("freeze", target, "--project", project).returncode == 0
    assert not (target / "doc/old.html").exists()
    assert [p.name for p in tmp_path.iterdir()] == ["copy"]


@pytest.fixture(scope="module")
def nginx(frozen: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The copy behind nginx, with the rules that it brings along."""
    if NGINX is None and not os.environ.get("CI"):
        pytest.skip("nginx is not installed (Debian: nginx-light)")
    assert NGINX, "nginx is not installed (Debian: nginx-light)"
    folder = tmp_path_factory.mktemp("nginx")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    rules = (frozen / "nginx.conf").read_text()
    negotiated = re.search(r"(?m)^#   map .*?^#   \}$", rules, re.DOTALL)
    assert negotiated
    above = negotiated[0].replace("#   ", "")
    temporary = " ".join(f"{kind}_temp_path {folder};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (folder / "nginx.conf").write_text(
        f"{'user root; ' if os.geteuid() == 0 else ''}daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;\n"
        f"events {{ worker_connections 64; }}\nhttp {{ access_log off; {temporary}\n{above}\n"
        f"server {{ listen 127.0.0.1:{port}; root {frozen}; include {frozen}/nginx.conf; }} }}\n"
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


def get(url: str, accept: str | None = None) -> Reply:
    return request(url, accept=accept)


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("text/html,application/xhtml+xml,*/*;q=0.8", "text/html; charset=utf-8"),
        (None, "text/html; charset=utf-8"),
        ("text/turtle", "text/turtle; charset=utf-8"),
        ("application/ld+json", "application/ld+json"),
        ("application/n-triples", "application/n-triples"),
        ("application/rdf+xml", "application/rdf+xml"),
    ],
)
def test_nginx_negotiates(nginx: str, accept: str | None, content_type: str) -> None:
    reply = get(f"{nginx}/doc/concept/naan", accept)
    assert (reply.status, reply.headers["content-type"]) == (200, content_type)
    assert reply.headers["access-control-allow-origin"] == "*"
    assert "accept" in reply.headers["vary"].lower()


def test_nginx_leads_from_things_to_documents(nginx: str) -> None:
    for path in ("/concept/naan", "/concept/cr%C3%A8me-brioche", "/dataset"):
        reply = get(nginx + path, "text/turtle")
        assert reply.status == 303
        document = get(re.sub(r"^http://[^/]+", nginx, reply.headers["location"]), "text/turtle")
        assert (document.status, document.headers["content-type"]) == (200, "text/turtle; charset=utf-8")
    assert get(f"{nginx}/").status == 200
    assert get(f"{nginx}/doc/concept/never").status == 404


def test_nginx_knows_the_types(nginx: str, project: Path) -> None:
    name = kg.open_release(project / "releases").manifest.name
    types = {
        "/doc/concept/naan.ttl": "text/turtle; charset=utf-8",
        f"/dumps/{name}/data.nq": "application/n-quads",
        "/changes.atom": "application/atom+xml",
        "/static/style.css": "text/css; charset=utf-8",
    }
    for path, content_type in types.items():
        reply = get(nginx + path)
        assert (reply.status, reply.headers["content-type"]) == (200, content_type), path
