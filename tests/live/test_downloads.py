"""Downloads: every file of every release, whole or in part, packed or not, never mixed."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest

import kg
from tests.conftest import THESAURUS, Reply, Server, copy_project, request, start_server, stop_server
from tests.live.conftest import BREAD
from tests.release.test_build import as_format_1

TYPES = {
    "ttl": "text/turtle; charset=utf-8",
    "nt": "application/n-triples",
    "nq": "application/n-quads",
    "trig": "application/trig",
    "jsonld": "application/ld+json",
    "rdf": "application/rdf+xml",
    "gz": "application/gzip",
    "json": "application/json",
    "rq": "application/sparql-query",
    "cff": "application/yaml",
    "": "text/plain; charset=utf-8",
}


@dataclass
class Published:
    """A server and its releases, the oldest first; the first is of the first format."""

    server: Server
    releases: list[kg.Release]

    @property
    def newest(self) -> kg.Release:
        return self.releases[-1]

    def address(self, path: str, release: kg.Release | None = None) -> str:
        """Where a file of the (newest) release is, by its path in the folder."""
        name = (release or self.newest).manifest.name
        return f"/dumps/{name}/{quote(path.removeprefix('dumps/'))}"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Published]:
    """Two releases of the thesaurus, the newer with many things in it and a question."""
    project = copy_project(THESAURUS, tmp_path_factory.mktemp("downloads") / "project")
    old = as_format_1(kg.build(kg.open_project(project)))
    text = "".join(f'<{BREAD}x/{n:05}> <urn:x:p> "{"x" * 40}{n}" ; <urn:x:q> {n} .\n' for n in range(20_000))
    (project / "data/concepts/many.ttl").write_text(text)
    (project / "ontology/questions").mkdir()
    (project / "ontology/questions/was gibt’s.rq").write_text("SELECT * { ?s ?p ?o }")
    dataset = project / "data/dataset.ttl"
    dataset.write_text(dataset.read_text().replace('"2.1"', '"2.2"'))
    new = kg.build(kg.open_project(project))
    server = start_server(project, tmp_path_factory.mktemp("log"))
    yield Published(server, [old, new])
    stop_server(server)
    assert "Traceback" not in server.log.read_text(), server.log.read_text()


def digest(content: bytes) -> str:
    """RFC 9530: a dictionary of byte sequences in base64 between colons."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(content).digest()).decode()}:"


def fetched(published: Published, path: str, release: kg.Release | None = None, **headers: str) -> Reply:
    return request(published.server.url + published.address(path, release), headers=headers)


@pytest.mark.parametrize("number", [0, 1])
def test_every_file_of_every_release_can_be_had(published: Published, number: int) -> None:
    release = published.releases[number]
    for path in [*release.manifest.files, "manifest.json", "SHA256SUMS"]:
        reply = fetched(published, path, release)
        content = (release.path / path).read_bytes()
        assert (reply.status, reply.body) == (200, content), path
        assert reply.headers["content-type"] == TYPES[Path(path).suffix.removeprefix(".")], path
        assert reply.headers["content-length"] == str(len(content))
        assert reply.headers["repr-digest"] == digest(content)
        assert reply.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert reply.headers["accept-ranges"] == "bytes"
        assert re.fullmatch('"[0-9a-f]{64}"', reply.headers["etag"])
        assert "content-encoding" not in reply.headers
        assert "last-modified" not in reply.headers


def test_nothing_else_can_be_had(published: Published) -> None:
    folder = f"/dumps/{published.newest.manifest.name}"
    for path in ("store/CURRENT", "store/labels.sqlite", "../SHA256SUMS", "..%2fjournal.tsv", "dumps/data.ttl", "x"):
        assert published.server.get(f"{folder}/{path}").status == 404, path
    for path in ("/dumps/current/data.ttl", "/dumps/../data.ttl", "/dumps/.lock/data.ttl", "/dumps/%00/data.ttl"):
        assert published.server.get(path).status == 404, path


def test_404_says_what_there_is(published: Published) -> None:
    told = json.loads(fetched(published, "dumps/data.xml").body)["detail"]
    for path in published.newest.manifest.files:
        assert path.removeprefix("dumps/") in told
    told = json.loads(published.server.get("/dumps/9.9/data.ttl").body)["detail"]
    assert all(release.manifest.name in told for release in published.releases)
    assert "latest" in told
    assert published.server.get("/dumps/9.9/").status == 404
    told = json.loads(published.server.get("/dumps/latest/data.xml").body)["detail"]
    assert "data.ttl" in told


def test_latest_leads_to_the_newest(published: Published) -> None:
    for path in ("data.ttl", "data.nt.gz", "SHA256SUMS", "report.ttl", ""):
        reply = published.server.get(f"/dumps/latest/{path}")
        assert (reply.status, reply.headers["location"]) == (302, published.address(path))
        assert reply.headers["cache-control"] == "public, max-age=60"
        assert published.server.get(reply.headers["location"], "text/html" if not path else None).status == 200


@pytest.mark.parametrize("suffix", ["ttl", "nt", "nq", "trig", "jsonld", "rdf"])
def test_a_client_that_can_unpack_gets_the_packed_twin(published: Published, suffix: str) -> None:
    folder = published.newest.path / "dumps"
    plain, packed = ((folder / f"data.{suffix}{end}").read_bytes() for end in ("", ".gz"))
    reply = fetched(published, f"dumps/data.{suffix}", Accept_Encoding="br, gzip;q=0.5")
    assert reply.body == packed
    assert gzip.decompress(reply.body) == plain
    assert reply.headers["content-encoding"] == "gzip"
    assert reply.headers["content-type"] == TYPES[suffix]
    assert reply.headers["repr-digest"] == digest(packed)
    assert reply.headers["vary"] == "Accept-Encoding"
    other = fetched(published, f"dumps/data.{suffix}", Accept_Encoding="gzip;q=0, identity")
    assert other.body == plain
    assert other.headers["vary"] == "Accept-Encoding"
    assert other.headers["repr-digest"] == digest(plain)
    assert other.headers["etag"] != reply.headers["etag"]
    # The packed file itself is never packed once more.
    twin = fetched(published, f"dumps/data.{suffix}.gz", Accept_Encoding="gzip")
    assert twin.body == packed
    assert "content-encoding" not in twin.headers


@pytest.mark.parametrize("path", ["SHA256SUMS", "catalogue.ttl", "statistics.json", "manifest.json", "report.ttl"])
def test_what_has_no_packed_twin_comes_as_it_is(published: Published, path: str) -> None:
    reply = fetched(published, path, Accept_Encoding="gzip")
    assert reply.body == (published.newest.path / path).read_bytes()
    assert reply.headers["repr-digest"] == digest(reply.body)
    assert "content-encoding" not in reply.headers


@pytest.mark.parametrize("coding", ["identity", "gzip"])
@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [("bytes=0-0", 0, 1), ("bytes=100-199", 100, 200), ("bytes=1000-", 1000, None), ("bytes=-77", -77, None)],
)
def test_parts(published: Published, coding: str, asked: str, first: int, last: int | None) -> None:
    whole = fetched(published, "dumps/data.nt", Accept_Encoding=coding)
    size = len(whole.body)
    assert size > 300_000 or coding == "gzip"  # longer than what is sent at once
    part = fetched(published, "dumps/data.nt", Accept_Encoding=coding, Range=asked)
    assert (part.status, part.body) == (206, whole.body[first:last])
    start = first if first >= 0 else size + first
    assert part.headers["content-range"] == f"bytes {start}-{start + len(part.body) - 1}/{size}"
    for name in ("etag", "repr-digest", "content-type", "content-encoding", "vary", "accept-ranges", "cache-control"):
        assert part.headers.get(name) == whole.headers.get(name), name


def test_a_part_that_is_not_there(published: Published) -> None:
    size = (published.newest.path / "dumps/data.nt").stat().st_size
    reply = fetched(published, "dumps/data.nt", Range=f"bytes={size}-")
    assert reply.status == 416
    assert reply.headers["content-range"] == f"bytes */{size}"


@pytest.mark.parametrize("asked", ["bytes=0-9,20-29", "lines=1-2", "bytes", "bytes=9-5", "nonsense"])
def test_what_cannot_be_done_with_a_range_is_the_whole(published: Published, asked: str) -> None:
    reply = fetched(published, "dumps/data.ttl", Range=asked)
    assert (reply.status, reply.body) == (200, (published.newest.path / "dumps/data.ttl").read_bytes())


def test_a_resumed_download_never_mixes(published: Published) -> None:
    plain = fetched(published, "dumps/data.nt")
    packed = fetched(published, "dumps/data.nt", Accept_Encoding="gzip")
    older = fetched(published, "dumps/data.nq", published.releases[0])
    for whole, coding in ((plain, "identity"), (packed, "gzip")):
        tag = whole.headers["etag"]
        same = fetched(published, "dumps/data.nt", Accept_Encoding=coding, Range="bytes=50-", If_Range=tag)
        assert (same.status, same.body) == (206, whole.body[50:])
        for other in (
            plain.headers["etag"] if coding == "gzip" else packed.headers["etag"],
            older.headers["etag"],
            f"W/{tag}",  # a weak validator proves nothing about bytes (RFC 9110, section 13.1.5)
            "Mon, 23 Nov 2099 00:00:00 GMT",
        ):
            again = fetched(published, "dumps/data.nt", Accept_Encoding=coding, Range="bytes=50-", If_Range=other)
            assert (again.status, again.body) == (200, whole.body), other


@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_conditions(published: Published, coding: str) -> None:
    first = fetched(published, "dumps/data.ttl", Accept_Encoding=coding)
    for known in (first.headers["etag"], f'"x", {first.headers["etag"]}', "*"):
        again = fetched(published, "dumps/data.ttl", Accept_Encoding=coding, If_None_Match=known)
        assert (again.status, again.body) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
        assert again.headers["vary"] == "Accept-Encoding"
    other = "gzip" if coding == "identity" else "identity"
    changed = fetched(published, "dumps/data.ttl", Accept_Encoding=other, If_None_Match=first.headers["etag"])
    assert changed.status == 200


@pytest.mark.parametrize("headers", [{}, {"Accept_Encoding": "gzip"}, {"Range": "bytes=5-9"}])
@pytest.mark.parametrize("path", ["dumps/data.nt", "dumps/data.nt.gz", "SHA256SUMS", ""])
def test_head_is_get_without_the_body(published: Published, path: str, headers: dict[str, str]) -> None:
    address = published.server.url + published.address(path)
    get, head = (request(address, method, headers=headers) for method in ("GET", "HEAD"))
    assert head.body == b""
    assert head.status == get.status
    assert {**head.headers, "date": ""} == {**get.headers, "date": ""}


def test_curl_takes_up_what_broke_off_and_the_sums_agree(published: Published, tmp_path: Path) -> None:
    """The lines on the page, as they stand there, after a download that ended too early."""
    page = published.server.get(published.address(""), "text/html").text
    script = re.search(r"<pre[^>]*>(release=.*?)</pre>", page, re.DOTALL)
    assert script is not None
    lines = script[1].replace("&#39;", "'").replace("&amp;", "&")
    assert f"{published.server.url}/dumps/{published.newest.manifest.name}\n" in lines
    whole = (published.newest.path / "dumps/data.ttl.gz").read_bytes()
    for there in (0, 1, len(whole) // 2, len(whole) - 1):
        (tmp_path / "data.ttl.gz").write_bytes(whole[:there])
        done = subprocess.run(["sh", "-ec", lines], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert done.stdout == "data.ttl.gz: OK\n"
        assert (tmp_path / "data.ttl.gz").read_bytes() == whole
    # A file that is not the published one is found out.
    (tmp_path / "data.ttl.gz").write_bytes(b"x" * len(whole))
    done = subprocess.run(["sh", "-c", lines], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "data.ttl.gz: FAILED" in done.stdout


def test_a_download_that_is_cut_off_on_the_way_can_be_taken_up(published: Published, tmp_path: Path) -> None:
    address = published.server.url + published.address("dumps/data.nt")
    whole = (published.newest.path / "dumps/data.nt").read_bytes()
    file = tmp_path / "data.nt"
    # curl gives up in the middle of the answer.
    cut = subprocess.run(
        ["sh", "-c", f"curl -s --limit-rate 400K --max-time 1 -o {file} {address}"], capture_output=True, check=False
    )
    assert cut.returncode == 28
    assert 0 < file.stat().st_size < len(whole)
    done = subprocess.run(["curl", "-s", "-f", "-C", "-", "-o", file, address], capture_output=True, check=False)
    assert done.returncode == 0
    assert file.read_bytes() == whole


def test_pages_for_people(published: Published) -> None:
    old, new = published.releases
    page = published.server.get("/dumps/", "text/html")
    assert page.status == 200
    assert page.text.index(new.manifest.name) < page.text.index(old.manifest.name)
    for release in published.releases:
        text = published.server.get(published.address("", release), "text/html").text
        for path, (_, sha256) in release.manifest.files.items():
            assert f'href="{published.address(path, release)}"' in text, path
            assert sha256 in text
        assert 'SHA256SUMS"' in text
        assert release.manifest.digest in text
    # Every link on the pages leads somewhere.
    for address in set(re.findall(r'href="(/[^"]*)"', text + page.text)):
        assert request(published.server.url + address, accept="text/html,*/*;q=0.1").status in (200, 302, 303), address
    for bare in ("/dumps", published.address("").rstrip("/")):
        reply = published.server.get(bare, "text/html")
        assert reply.status == 308
        assert reply.headers["location"].endswith(bare + "/")
    assert published.server.get("/dumps/", "text/turtle").status == 406


def test_all_of_the_dataset_at_its_old_address(published: Published) -> None:
    for accept, suffix in (("application/n-quads", "nq"), ("application/trig", "trig"), ("*/*", "trig")):
        reply = published.server.get("/graphs", accept)
        assert reply.body == (published.newest.path / f"dumps/data.{suffix}").read_bytes()
        assert reply.headers["content-location"] == published.address(f"dumps/data.{suffix}")
        assert {part.strip() for part in reply.headers["vary"].split(",")} == {"Accept", "Accept-Encoding"}
        assert reply.headers["cache-control"] == "public, max-age=60"


def test_a_damaged_file_is_not_given_out_as_whole(thesaurus: Path, serve: Callable[..., Server]) -> None:
    release = kg.build(kg.open_project(thesaurus))
    server = serve(thesaurus)
    with (release.path / "dumps/data.nt").open("ab") as file:
        file.write(b"more")
    assert server.get(f"/dumps/{release.manifest.name}/data.nt").status == 500
    shutil.rmtree(release.path / "dumps")
    assert server.get(f"/dumps/{release.manifest.name}/data.ttl").status == 404
    assert server.get("/", "text/html").status == 200
