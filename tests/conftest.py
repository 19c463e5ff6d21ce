"""Fixtures, and the policy behind them.

* The smallest project that has what a test needs: ``thesaurus`` (a SKOS thesaurus of bread, another base IRI, no
  ontology of its own) wherever the content does not matter, the real graph where it does.
* Nothing is mocked. A server is a real server on a real port, a client a real client, a kill a real SIGKILL.
* What is made once is never changed: ``served`` and ``released`` live for the session. A test that writes copies.
* Time is never asserted; a test waits for a fact, not for a number of seconds.
* Long trials run a seeded sample; ``make trials`` (KG_TRIALS=full) runs them in full: see ``trials``.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import kg
from kg.findings import report
from kg.graph import read_graph
from kg.project import open_project
from kg.release.build import build

ROOT = Path(__file__).parents[1]
THESAURUS = Path(__file__).parent / "projects" / "thesaurus"
KG = [sys.executable, "-m", "kg"]


def trials(sample: int, full: int) -> int:
    """How often a long trial runs: a sample in ``make test``, in full in ``make trials``."""
    return full if os.environ.get("KG_TRIALS") == "full" else sample


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
            if server.get("/").status == 200:
                return server
        except OSError:
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


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the real project, so that no test writes into the checkout."""
    return copy_project(ROOT, tmp_path_factory.mktemp("real"))


@pytest.fixture(scope="session")
def released(real: Path) -> kg.Release:
    """A release of the real graph."""
    return kg.build(kg.open_project(real))


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
