"""robots.txt, the sitemap and security.txt on a real server, read as those who look for them do."""

from __future__ import annotations

import gzip
import random
import re
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import unquote
from urllib.robotparser import RobotFileParser
from xml.etree import ElementTree

import pytest

import kg
from tests.conftest import THESAURUS, Server, copy_project, request, run_kg, trials
from tests.live.test_memento import edition

NAMES = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
PATHS = ("/robots.txt", "/sitemap.xml", "/.well-known/security.txt")


def entries(server: Server) -> dict[str, str | None]:
    """The paths of a sitemap with their dates."""
    root = ElementTree.fromstring(server.get("/sitemap.xml").body)
    assert root.tag.endswith("}urlset")
    found = {}
    for url in root.iterfind("s:url", NAMES):
        address = url.findtext("s:loc", None, NAMES)
        assert address
        assert address.startswith(f"{server.url}/")
        found[address.removeprefix(server.url)] = url.findtext("s:lastmod", None, NAMES)
    return found


def allows(text: str, path: str) -> bool:
    """What RFC 9309, section 2.2.2, says: the longest rule that fits decides."""
    best = (0, True)
    for kind, rule in re.findall(r"(?m)^(Allow|Disallow): (\S+)$", text):
        if re.match(re.escape(rule).replace(r"\*", ".*").replace(r"\$", "$"), path):
            best = max(best, (len(rule), kind == "Allow"))
    return best[1]


def test_robots_may_read_documents_and_no_more(served: Server) -> None:
    reply = served.get("/robots.txt")
    assert reply.headers["content-type"] == "text/plain; charset=utf-8"
    assert f"\nSitemap: {served.url}/sitemap.xml\n" in reply.text
    for path in (
        "/",
        "/doc/state/ITA",
        "/ns",
        "/doc/state/ITA.ttl",
        "/doc/state/RUS?page=2",
        "/catalog",
        "/sitemap.xml",
    ):
        assert allows(reply.text, path), path
    for path in (
        "/sparql",
        "/sparql?query=x",
        "/search?q=x",
        "/search",
        "/search/suggest?q=x",
        "/doc/state/ITA?_profile=labels",
        "/doc/question/positions-on?date=2025-09-04",
        "/timegate/doc/state/ITA",
        "/graphs?default",
        "/release/0.1.0/doc/state/ITA",
    ):
        assert not allows(reply.text, path), path
    read = RobotFileParser()
    read.parse(reply.text.splitlines())
    assert read.site_maps() == [f"{served.url}/sitemap.xml"]
    assert read.can_fetch("anybody", f"{served.url}/doc/state/ITA")
    assert not read.can_fetch("anybody", f"{served.url}/sparql?query=x")


def test_the_host_is_the_one_that_was_asked(served: Server) -> None:
    for path in PATHS:
        reply = request(served.url + path, headers={"Host": "pledges.example", "X-Forwarded-Proto": "https"})
        assert "https://pledges.example/" in reply.text
        assert served.url not in reply.text


def test_every_address_of_the_sitemap_is_a_page_and_its_own_canonical_one(served: Server) -> None:
    listed = entries(served)
    robots = served.get("/robots.txt").text
    chosen = random.Random(6).sample(sorted(listed), trials(60, len(listed)))
    for path in {*chosen, "/", "/ns", "/doc/state/ITA", "/doc/question/positions-on", "/doc/dataset", "/dumps/"}:
        assert path in listed
        assert allows(robots, path)
        reply = served.get(path, "text/html")
        assert (reply.status, reply.headers["content-type"]) == (200, "text/html; charset=utf-8"), path
        canonical = [link.partition(">")[0][1:] for link in reply.links if 'rel="canonical"' in link]
        assert canonical in ([path], []), path


def test_the_sitemap_has_every_thing_in_use_and_nothing_else(served: Server, released: kg.Release) -> None:
    listed = entries(served)
    base = released.manifest.base
    subjects = set(re.findall(rf"(?m)^<({re.escape(base)}[^>#]*)[#>]", (released.path / "dumps/data.nt").read_text()))
    things = {s.removeprefix(base) for s in subjects if s.startswith(f"{base}id/")}
    assert {f"/doc/{thing.removeprefix('id/')}" for thing in things} <= set(listed)
    assert not [path for path in listed if path.startswith(("/id/", "/release/", "/graph", "/doc/display", "/sparql"))]
    assert set(listed.values()) == {f"{released.manifest.date}T00:00:00Z"}  # the only release there is


def test_the_sitemap_travels_packed_and_is_kept(served: Server) -> None:
    plain = served.get("/sitemap.xml")
    packed = served.get("/sitemap.xml", Accept_Encoding="gzip")
    assert plain.headers["content-type"] == "application/xml"
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert served.get("/sitemap.xml", If_None_Match=plain.headers["etag"]).status == 304
    for path in ("/sitemap-0.xml", "/sitemap-1.xml", "/sitemap-x.xml"):
        assert served.get(path).status == 404


def test_a_date_is_that_of_the_release_in_which_the_thing_last_changed(
    tmp_path: Path, serve: Callable[..., Server]
) -> None:
    project = copy_project(THESAURUS, tmp_path / "thesaurus")
    edition(project, "1.0", "2025-01-01", {"bagel": "bagel", "naan": "naan", "pita": "pita"})
    edition(project, "1.1", "2025-06-01", {"bagel": "beigel", "naan": "naan", "pita": "pita"})
    gone = "<https://data.example.org/bread/concept/old>"
    (project / "data/concepts/old.ttl").write_text(
        "@prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n"
        f'{gone} owl:deprecated true ; skos:prefLabel "old bread"@en .\n'
    )
    edition(project, "1.2", "2026-01-01", {"bagel": "beigel", "naan": "naan", "lavash": "lavash"})
    server = serve(project)
    listed = entries(server)
    assert listed["/doc/concept/naan"] == "2025-01-01T00:00:00Z"
    assert listed["/doc/concept/bagel"] == "2025-06-01T00:00:00Z"
    assert listed["/doc/concept/lavash"] == listed["/"] == "2026-01-01T00:00:00Z"
    assert "/doc/concept/pita" not in listed
    assert "/doc/concept/old" not in listed  # it was given up
    assert server.get("/doc/concept/old", "text/html").status == 410
    name = kg.open_release(project / "releases").manifest.name
    for path in PATHS:
        assert server.get(f"/release/{name}{path}").status == 404


def test_nothing_is_said_of_what_came_before_the_first_release_that_is_kept(
    tmp_path: Path, serve: Callable[..., Server]
) -> None:
    project = copy_project(THESAURUS, tmp_path / "thesaurus")
    first = edition(project, "1.0", "2025-01-01", {"bagel": "bagel", "naan": "naan"})
    edition(project, "1.1", "2025-06-01", {"bagel": "bagel", "naan": "naan"})
    edition(project, "1.2", "2026-01-01", {"bagel": "beigel", "naan": "naan"})
    shutil.rmtree(first.path)
    listed = entries(serve(project))
    assert listed["/doc/concept/bagel"] == "2026-01-01T00:00:00Z"
    assert listed["/doc/concept/naan"] is None


def test_security_txt(served: Server) -> None:
    reply = served.get("/.well-known/security.txt")
    assert (reply.status, reply.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    assert reply.headers["cache-control"] == "no-store"
    fields = [line.split(": ", 1) for line in reply.text.splitlines()]
    said = dict(fields)
    assert said["Contact"] == "https://w3id.org/pledge-graph/"
    assert said["Canonical"] == f"{served.url}/.well-known/security.txt"
    assert said["Preferred-Languages"] == "en, de"
    left = datetime.fromisoformat(said["Expires"]) - datetime.now(UTC)
    assert timedelta(days=90) < left < timedelta(days=365)
    assert [name for name, _ in fields].count("Expires") == 1


@pytest.mark.parametrize(
    ("point", "contacts"),
    [
        ("vcard:hasEmail <mailto:b@example.org> , <mailto:a@example.org> ; vcard:hasURL <https://example.org/c>",
         ["mailto:a@example.org", "mailto:b@example.org", "https://example.org/c"]),
        ("vcard:hasEmail <urn:x-mail> ; vcard:hasTelephone <tel:+49-1>", ["tel:+49-1"]),
        ("vcard:hasURL <http://example.org/>", None),
    ],
)  # fmt: skip
def test_whom_to_tell(thesaurus: Path, serve: Callable[..., Server], point: str, contacts: list[str] | None) -> None:
    with (thesaurus / "data/dataset.ttl").open("a") as file:
        file.write("@prefix vcard: <http://www.w3.org/2006/vcard/ns#> .\n")
        file.write(f"<https://data.example.org/bread/dataset#bakers> {point} .\n")
    kg.build(kg.open_project(thesaurus))
    reply = serve(thesaurus).get("/.well-known/security.txt")
    if contacts is None:
        assert reply.status == 404
    else:
        assert re.findall(r"(?m)^Contact: (.*)$", reply.text) == contacts


def test_a_copy_as_files_has_them_too(thesaurus: Path, tmp_path: Path) -> None:
    kg.build(kg.open_project(thesaurus))
    done = run_kg("freeze", tmp_path / "site", "--project", thesaurus, "--url", "https://copy.example/")
    assert done.returncode == 0, done.stderr
    root = ElementTree.fromstring((tmp_path / "site/sitemap.xml").read_bytes())
    listed = [element.text or "" for element in root.iterfind(".//s:loc", NAMES)]
    assert len(listed) > 10
    for address in listed:
        path = unquote(address).removeprefix("https://copy.example").removesuffix("/")
        assert (tmp_path / f"site{path}.html").is_file() or (tmp_path / f"site{path}/index.html").is_file(), address
    assert "Sitemap: https://copy.example/sitemap.xml" in (tmp_path / "site/robots.txt").read_text()
    assert "opensearch" not in (tmp_path / "site/index.html").read_text()
    assert "search.js" not in (tmp_path / "site/index.html").read_text()
