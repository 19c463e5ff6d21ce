"""One server for all trials of the web side whose content does not matter: breads, and many triples beside them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import kg
from tests.conftest import THESAURUS, Server, copy_project, start_server, stop_server

BREAD = "https://data.example.org/bread/"
THINGS = 3_000


def grown(target: Path, things: int = THINGS) -> Path:
    """The thesaurus with so many other things in it, each with a text of 500 characters and a number."""
    project = copy_project(THESAURUS, target)
    text = "".join(f'<{BREAD}x/{n:04}> <urn:x:p> "{"x" * 500}{n}" ; <urn:x:q> {n} .\n' for n in range(things))
    (project / "data/concepts/many.ttl").write_text(text)
    return project


@dataclass
class Crowded:
    """A server with short limits, and what it notes."""

    server: Server
    notes: Path
    release: kg.Release

    def lines(self) -> list[dict[str, Any]]:
        """The access log."""
        return [json.loads(line) for line in self.notes.read_text().splitlines()]


@pytest.fixture(scope="session")
def crowded_project(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, kg.Release]:
    """The grown thesaurus and its release; neither is changed."""
    project = grown(tmp_path_factory.mktemp("crowded") / "project")
    return project, kg.build(kg.open_project(project))


@pytest.fixture(scope="session")
def crowded(crowded_project: tuple[Path, kg.Release], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crowded]:
    """A server with two query processes, and two seconds for a query or for a client to do its part."""
    folder = tmp_path_factory.mktemp("crowded-log")
    flags = ("--query-seconds", "2", "--query-processes", "2", "--client-seconds", "2")
    project, release = crowded_project
    server = start_server(project, folder, *flags, "--access-log", str(folder / "access.log"))
    yield Crowded(server, folder / "access.log", release)
    stop_server(server)
    assert "Traceback" not in server.log.read_text(), server.log.read_text()


@pytest.fixture
def serving(crowded_project: tuple[Path, kg.Release], serve: Callable[..., Server]) -> Callable[..., Server]:
    """Starts servers of one's own on the grown thesaurus."""
    return lambda *flags, **environ: serve(crowded_project[0], *flags, **environ)


@pytest.fixture(scope="session")
def patient(crowded_project: tuple[Path, kg.Release], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crowded]:
    """The same with so much time for a query that none ends for lack of it."""
    folder = tmp_path_factory.mktemp("patient-log")
    project, release = crowded_project
    flags = ("--query-seconds", "300", "--query-processes", "3", "--access-log", str(folder / "access.log"))
    server = start_server(project, folder, *flags)
    yield Crowded(server, folder / "access.log", release)
    stop_server(server)
    assert "Traceback" not in server.log.read_text(), server.log.read_text()
