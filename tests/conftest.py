"""Fixtures, and the policy behind them.

* The smallest project that has what a test needs: ``thesaurus`` (a SKOS thesaurus of bread, another base IRI, no
  ontology of its own) wherever the content does not matter, the real graph where it does.
* Nothing is mocked. A server is a real server on a real port, a client a real client, a kill a real SIGKILL.
* What is made once is never changed: ``served`` and ``released`` live for the session. A test that writes copies.
* Time is never asserted; a test waits for a fact, not for a number of seconds.
* Long trials run a seeded sample; ``make trials`` (KG_TRIALS=full) runs them in full: see ``trials``, ``sampled`` and
  ``turns``. What a test drew stands in its name.
"""

from __future__ import annotations

import fcntl
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import TypeVar

import pytest
from click.testing import CliRunner, Result

import kg
from kg.cli import main
from kg.findings import report
from kg.graph import KnowledgeGraph, read_graph
from kg.project import open_project
from kg.release.build import build

ROOT = Path(__file__).parents[1]
THESAURUS = Path(__file__).parent / "projects" / "thesaurus"
KG = [sys.executable, "-m", "kg"]

T = TypeVar("T")
U = TypeVar("U")


def trials(sample: int, full: int) -> int:
    """How often a long trial runs: a sample in ``make test``, in full in ``make trials``."""
    return full if os.environ.get("KG_TRIALS") == "full" else sample


def sampled(cases: Iterable[T], sample: int, seed: int) -> list[T]:
    """So many of the cases, drawn with the seed and in their order; in full all of them."""
    everything = list(cases)
    chosen = random.Random(seed).sample(range(len(everything)), trials(min(sample, len(everything)), len(everything)))
    return [everything[number] for number in sorted(chosen)]


def turns(cases: Iterable[T], looks: Sequence[U]) -> list[tuple[T, U]]:
    """Each case with one of the looks, which take turns; in full each case with each look."""
    everything = list(cases)
    if trials(0, 1):
        return list(product(everything, looks))
    return [(case, looks[number % len(looks)]) for number, case in enumerate(everything)]


@dataclass
class Server:
    """A running ``kg serve``."""

    url: str
    process: subprocess.Popen[str]
    log: Path

    def get(self, path: str, accept: str | None = None, **headers: str) -> Reply:
        """GET without following redirects."""
        return request(self.url + path, accept=accept, headers=headers)


@dataclass
class Reply:
    """What a server answered."""

    status: int
    headers: dict[str, str]
    links: list[str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: object) -> None:
        return None


_opener = urllib.request.build_opener(_NoRedirect)


def request(
    url: str,
    method: str = "GET",
    accept: str | None = None,
    data: bytes | None = None,
    headers: dict[str, str] | None = None,
) -> Reply:
    """One HTTP request as it is, errors and redirects included."""
    sent = {name.replace("_", "-"): value for name, value in (headers or {}).items()}
    if accept is not None:
        sent["Accept"] = accept
    asked = urllib.request.Request(url, data=data, headers=sent, method=method)
    try:
        response = _opener.open(asked, timeout=60)
    except urllib.error.HTTPError as error:
        response = error
    with response:
        names = {name.lower(): value for name, value in response.headers.items()}
        links = [link for line in response.headers.get_all("Link") or [] for link in re.split(r",\s*(?=<)", line)]
        return Reply(response.status, names, links, response.read())


def run_kg(*arguments: str | Path, cwd: Path | None = None, **environ: str) -> subprocess.CompletedProcess[str]:
    """The ``kg`` command as a process of its own."""
    return subprocess.run(
        [*KG, *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def call_kg(*arguments: str | Path) -> Result:
    """The ``kg`` command in this process: what it prints and its exit code, where nothing else matters."""
    return CliRunner().invoke(main, [*map(str, arguments)], prog_name="kg")


def start_server(project: Path, tmp: Path, *flags: str, **environ: str) -> Server:
    """``kg serve`` on a free port; returns when it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = tmp / f"serve-{port}.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [*KG, "serve", "--project", str(project), "--port", str(port), *flags],
            env={**os.environ, **environ},
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
        )
    server = Server(f"http://127.0.0.1:{port}", process, log)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if server.get("/health/ready").status == 200:
                return server
        except OSError:
            pass
        time.sleep(0.05)
    process.kill()
    raise AssertionError(f"the server did not come up:\n{log.read_text()}")


def stop_server(server: Server) -> None:
    """End a server as an operator would."""
    server.process.terminate()
    server.process.wait(timeout=30)


def build_unchecked(project: Path) -> kg.Release:
    """A release with what ``kg check`` would refuse today, as one that was made before."""
    return build(read_graph(open_project(project)), report([], 1, 1), project / "releases")


def copy_project(source: Path, target: Path) -> Path:
    """A project that a test may change."""
    for folder in ("ontology", "data", "shapes"):
        if (source / folder).is_dir():
            shutil.copytree(source / folder, target / folder)
    return target


# Files with long tests first, so that short ones fill the end of each process; what needs no release of the real graph
# before all, so that nobody waits while it is made.
ORDER = ("content", "live", "browser", "release")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """In the order of the folders; ``pytest -n 2 --dist loadfile --no-loadscope-reorder`` keeps it."""
    places = {Path(__file__).parent / name: place for place, name in enumerate(ORDER)}
    items.sort(key=lambda item: places.get(item.path.parent, len(places)))


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder that one of the processes of pytest-xdist makes, and all of them read."""
    folder = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    made, done = folder / name, folder / f"{name}.done"
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(made, ignore_errors=True)
            made.mkdir()
            make(made)
            done.touch()
    return made


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the real project with its release, so that no test writes into the checkout."""
    return made_once(tmp_path_factory, "real", lambda made: kg.build(kg.open_project(copy_project(ROOT, made))))


@pytest.fixture(scope="session")
def released(real: Path) -> kg.Release:
    """A release of the real graph."""
    return kg.open_release(real / "releases")


@pytest.fixture(scope="session")
def real_graph() -> KnowledgeGraph:
    """What the files of the real project say."""
    return read_graph(open_project(ROOT))


@pytest.fixture(scope="session")
def served(real: Path, released: kg.Release, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The real graph on a real server."""
    server = start_server(real, tmp_path_factory.mktemp("log"))
    yield server
    stop_server(server)


@pytest.fixture
def thesaurus(tmp_path: Path) -> Path:
    """A copy of the thesaurus project, to be changed at will."""
    return copy_project(THESAURUS, tmp_path / "thesaurus")


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Start servers that end with the test."""
    started: list[Server] = []

    def start(project: Path, *flags: str, **environ: str) -> Server:
        server = start_server(project, tmp_path, *flags, **environ)
        started.append(server)
        return server

    yield start
    for server in started:
        if server.process.poll() is None:
            stop_server(server)
