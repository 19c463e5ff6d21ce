"""Releases come, go and are taken back while a site is asked: every answer is of one whole release, and there is one.

Each round has a text of its own in many places, so that an answer that mixes two releases shows it.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import random
import re
import shutil
import stat
import subprocess
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import pytest

import kg
from kg.release.fixity import file_flaws
from kg.release.history import inventory
from kg.release.manifest import open_release
from kg.release.retention import Hold
from kg.release.store import open_store
from tests.conftest import KG, Server, run_kg, stop_server, trials
from tests.live.conftest import BREAD
from tests.live.wires import JSON, address, until

MANY = 30
_ROUND = re.compile(r'"round (\d+)\b')


def things(number: int) -> int:
    """How many things a round has: the contents alternate."""
    return 20 + 15 * (number % 2)


def write_round(project: Path, number: int) -> None:
    """Make the project's content that of a round."""
    said = ", ".join(f'"round {number} of {n}"' for n in range(MANY))
    lines = [f"<{BREAD}r/0> <urn:x:says> {said} ."]
    lines += [f'<{BREAD}r/{n}> <urn:x:round> "round {number}" .' for n in range(things(number))]
    (project / "data/concepts/round.ttl").write_text("\n".join(lines))


@dataclass
class Client:
    """Asks until told to stop, and judges each answer by itself. Whatever is no answer (an error, a status) raises."""

    server: Server
    stop: threading.Event
    seed: int
    rounds: dict[str, int] = field(default_factory=dict)  # by the release's name, from its dump
    described: dict[str, int] = field(default_factory=dict)  # triples by the release's name, from its description
    seen: set[int] = field(default_factory=set)

    def run(self) -> Client:
        chance = random.Random(self.seed)
        self.connection = http.client.HTTPConnection(*address(self.server), timeout=60)
        with closing(self.connection):
            while not self.stop.is_set():
                chance.choice((self.document, self.query, self.dump, self.description))()
        return self

    def get(self, path: str, accept: str = "*/*", status: int = 200) -> tuple[http.client.HTTPResponse, str]:
        self.connection.request("GET", path, headers={"Accept": accept})
        response = self.connection.getresponse()
        body = response.read().decode()
        assert response.status == status, (path, response.status, body)
        return response, body

    def document(self) -> None:
        _, body = self.get("/doc/r/0", "text/turtle")
        found = _ROUND.findall(body)
        assert len(found) == MANY + 1
        self.of_one_round(found)

    def query(self) -> None:
        fresh = f"# {self.seed} {time.monotonic_ns()}\n" if random.random() < 0.5 else ""  # half of them are kept ones
        text = f"{fresh}SELECT ?said (COUNT(*) AS ?n) {{ ?s <urn:x:round> ?said }} GROUP BY ?said"
        _, body = self.get(f"/sparql?query={quote(text)}", JSON)
        [row] = json.loads(body)["results"]["bindings"]
        number = int(row["said"]["value"].removeprefix("round "))
        assert int(row["n"]["value"]) == things(number)
        self.seen.add(number)

    def dump(self) -> None:
        response, _ = self.get("/dumps/latest/data.nq", status=302)
        address_ = response.headers["Location"]
        name = address_.split("/")[-2]
        _, body = self.get(address_[address_.index("/dumps/") :])
        assert hashlib.sha256(body.encode()).hexdigest()[:12] in name
        found = _ROUND.findall(body)
        number = self.of_one_round(found)
        assert len(found) == things(number) + MANY
        self.rounds[name] = number

    def description(self) -> None:
        _, body = self.get("/doc/dataset", "application/n-triples")
        [triples] = re.findall(r'/dataset> <http://rdfs.org/ns/void#triples> "(\d+)"', body)
        names = set(re.findall(r"/dumps/([^/>]+)/data\.nq>", body))
        assert len(names) == 1
        self.described[names.pop()] = int(triples)

    def of_one_round(self, found: list[str]) -> int:
        [number] = {int(number) for number in found}
        self.seen.add(number)
        return number


def test_every_answer_is_of_one_whole_release(thesaurus: Path, tmp_path: Path, serve: Callable[..., Server]) -> None:
    """The server sees the folder through a link and by a relative path, the builds have another umask and no link."""
    releases = tmp_path / "elsewhere"
    releases.mkdir()
    (thesaurus / "linked").symlink_to(releases)
    chance, stop = random.Random(7), threading.Event()
    build = [*KG, "build", "--project", str(thesaurus), "--releases", str(releases)]
    write_round(thesaurus, 0)
    subprocess.run(build, check=True, stderr=subprocess.DEVNULL, umask=0o077)
    sizes = {0: open_release(releases).manifest.triples["data"]}
    sizes[1] = sizes[0] + things(1) - things(0)
    server = serve(Path(os.path.relpath(thesaurus)), "--releases", "linked")
    with ThreadPoolExecutor(4) as pool:
        clients = [pool.submit(Client(server, stop, seed).run) for seed in range(4)]
        try:
            for number in range(1, 1 + trials(16, 500)):
                write_round(thesaurus, number)
                with subprocess.Popen(build, stderr=subprocess.DEVNULL, umask=0o077) as process:
                    if chance.random() < 0.6:
                        time.sleep(chance.uniform(0.3, 2.5))
                        process.kill()
                    if number % 4 == 2:  # at whatever the build is doing
                        run_kg("releases", "rollback", "--releases", releases)
                    if number % 3 == 2:
                        run_kg("releases", "prune", "--keep", "4", "--releases", releases)
                current = open_release(releases)
                assert file_flaws(current) == []
                assert len(open_store(current)) == current.manifest.quads
                for asked in clients:
                    assert not asked.done() or asked.result() is None  # raises what it met
        finally:
            stop.set()
        done = [client.result() for client in clients]
    assert len({number for client in done for number in client.seen}) > 2
    rounds = {name: number for client in done for name, number in client.rounds.items()}
    for client in done:
        for name, triples in client.described.items():
            assert triples in sizes.values()
            assert triples == sizes[rounds.get(name, 0 if triples == sizes[0] else 1) % 2]
    last = f"ready: release {open_release(releases).manifest.name}"
    assert until(lambda: server.get("/health/ready").text.strip() == last)
    stop_server(server)
    log = server.log.read_text()
    assert "Traceback" not in log, log
    assert "cannot be served" not in log, log


def test_the_server_follows_a_rollback(thesaurus: Path, serve: Callable[..., Server]) -> None:
    for number in (1, 2):
        write_round(thesaurus, number)
        kg.build(kg.open_project(thesaurus))
    server = serve(thesaurus)
    assert "round 2" in server.get("/doc/r/0", "text/turtle").text
    assert run_kg("releases", "rollback", "--project", thesaurus).returncode == 0
    assert until(lambda: says(server, "round 1"))
    assert server.get("/health/ready").text.strip().endswith(open_release(thesaurus / "releases").manifest.name)


def test_what_a_server_uses_is_not_pruned(thesaurus: Path, serve: Callable[..., Server]) -> None:
    """Its process may end at any time; until then the folder stays, even if the link has gone on."""
    releases = thesaurus / "releases"
    write_round(thesaurus, 1)
    first = kg.build(kg.open_project(thesaurus))
    server = serve(thesaurus, "--query-seconds", "600")  # so long a request may go on with what it began with
    write_round(thesaurus, 2)
    second = kg.build(kg.open_project(thesaurus)).manifest.name
    assert until(lambda: second in server.get("/health/ready").text)
    done = run_kg("releases", "prune", "--keep", "1", "--project", thesaurus)
    assert f"kept  {first.manifest.name}  (a running server uses it)" in done.stdout
    assert file_flaws(first) == []
    stop_server(server)
    assert until(lambda: not held(first))
    assert "1 of 1 older releases removed" in run_kg("releases", "prune", "--keep", "1", "--project", thesaurus).stderr
    assert [kept.name for kept in inventory(releases)] == [second]


def held(release: kg.Release) -> bool:
    """True if somebody has the release's lock."""
    done = subprocess.run(["flock", "--nonblock", release.path, "true"], check=False)
    return done.returncode != 0


def test_a_hold_is_seen_by_other_programs(thesaurus: Path) -> None:
    release = kg.build(kg.open_project(thesaurus))
    hold = Hold(release)
    assert held(release)
    hold.close()
    assert not held(release)


def test_whoever_may_enter_can_read_what_was_built_under_any_umask(thesaurus: Path) -> None:
    subprocess.run([*KG, "build", "--project", thesaurus], check=True, stderr=subprocess.DEVNULL, umask=0o077)
    releases = thesaurus / "releases"
    for path in [releases, *releases.rglob("*")]:
        mode = stat.S_IMODE(path.lstat().st_mode)
        if path.name != ".lock" and not path.is_symlink():
            assert mode == (0o755 if path.is_dir() else 0o644), path


def says(server: Server, text: str) -> bool:
    """True if the document of the first thing is there and has the text."""
    try:
        return text in server.get("/doc/r/0", "text/turtle").text
    except OSError:  # not yet listening
        return False


def test_a_server_that_may_only_read(thesaurus: Path, tmp_path: Path) -> None:
    """It needs no right to write anywhere near the releases, and follows who has it."""
    setpriv = shutil.which("setpriv")
    root = os.geteuid() == 0
    if root and setpriv is None:
        pytest.skip("root may write everywhere, and there is no setpriv to take that away")
    write_round(thesaurus, 1)
    kg.build(kg.open_project(thesaurus))
    releases = thesaurus / "releases"
    locked_up = [path for path in [releases, *releases.rglob("*")] if not path.is_symlink()]
    for path in locked_up:
        path.chmod(0o555 if path.is_dir() else 0o444)
    # Root without the right to pass over what the files' modes forbid.
    modest = [setpriv, "--bounding-set", "-dac_override,-dac_read_search,-fowner"] if setpriv and root else []
    with subprocess.Popen(
        [*modest, *KG, "serve", "--project", thesaurus, "--port", "0"], stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stderr is not None
            said = ""
            while (found := re.search(r"http://\S+", said)) is None:
                line = process.stderr.readline()
                assert line, said
                said += line
            server = Server(found[0].rstrip("/,."), process, tmp_path / "none")
            assert until(lambda: says(server, "round 1"))
            touched = subprocess.run([*modest, "touch", releases / "x"], check=False, stderr=subprocess.DEVNULL)
            assert touched.returncode != 0
            for path in locked_up:
                path.chmod(0o755 if path.is_dir() else 0o644)
            write_round(thesaurus, 2)
            kg.build(kg.open_project(thesaurus))
            releases.chmod(0o555)
            assert until(lambda: says(server, "round 2"))
        finally:
            releases.chmod(0o755)
            process.terminate()
