"""docs/clients.md: every example is run by the tool that it is for, against the real graph, and gives what it shows."""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.conftest import ROOT, Server
from tests.npm import installed

PAGE = ROOT / "docs/clients.md"
HERE = "http://localhost:8000"
COMUNICA = "@comunica/query-sparql@5.4.1"
BLOCK = re.compile(r"^```(\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Example:
    """A block of the page, and what the block after it says that it prints."""

    title: str
    language: str
    text: str
    prints: str


def examples() -> list[Example]:
    page = PAGE.read_text(encoding="utf-8")
    blocks = list(BLOCK.finditer(page))
    found = []
    for block, after in zip(blocks, [*blocks[1:], None], strict=True):
        title = re.findall(r"^#+ (.*)$", page[: block.start()], re.MULTILINE)[-1]
        # Only what follows at once belongs to it.
        shows = after is not None and after[1] == "text" and not page[block.end() : after.start()].strip()
        found.append(Example(title, block[1], block[2], after[2] if after and shows else ""))
    return found


EXAMPLES = examples()


def of(*languages: str) -> list[Any]:
    chosen = [example for example in EXAMPLES if example.language in languages]
    return [pytest.param(example, id=f"{n} {example.title}") for n, example in enumerate(chosen)]


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A folder with the files that the page tells to make."""
    for example in EXAMPLES:
        if example.language == "sparql" and (name := re.match(r"# (\S+\.rq)\n", example.text)):
            (tmp_path / name[1]).write_text(example.text, encoding="utf-8")
    return tmp_path


def run(command: list[str], desk: Path) -> str:
    done = subprocess.run(command, cwd=desk, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_every_example_shows_what_it_prints() -> None:
    assert {example.language for example in EXAMPLES} <= {"sparql", "python", "js", "text", "console", "r", "excel"}
    assert [e.title for e in EXAMPLES if e.language in ("python", "js") and not e.prints] == []


@pytest.mark.parametrize("example", of("python"))
def test_python(example: Example, served: Server, desk: Path) -> None:
    script = desk / "example.py"
    script.write_text(example.text.replace(HERE, served.url), encoding="utf-8")
    assert run([sys.executable, str(script)], desk) == example.prints


@pytest.mark.parametrize("example", of("console"))
def test_a_terminal(example: Example, served: Server, desk: Path) -> None:
    for part in re.split(r"^\$ ", example.text, flags=re.MULTILINE)[1:]:
        command, _, expected = part.partition("\n")
        printed = run(["bash", "-c", command.replace(HERE, served.url)], desk)
        assert printed.replace("\r\n", "\n").replace(served.url, HERE) == expected, command


@pytest.mark.parametrize("example", of("js"))
def test_javascript(example: Example, served: Server, desk: Path, request: pytest.FixtureRequest) -> None:
    node = Path(sys.executable).with_name("node")
    script = desk / "example.mjs"
    script.write_text(example.text.replace(HERE, served.url), encoding="utf-8")
    if "@comunica" in example.text:
        (desk / "node_modules").symlink_to(installed(request.config, COMUNICA))
    assert run([str(node), str(script)], desk) == example.prints


@pytest.mark.parametrize("example", of("r", "excel"))
def test_the_address_of_a_table(example: Example, served: Server) -> None:
    [address] = re.findall(rf'"({HERE}/[^"]+)"', example.text)
    parts = urlsplit(address)
    reply = served.get(f"{parts.path}?{parts.query}", "*/*")
    assert reply.status == 200
    rows = list(csv.reader(reply.text.splitlines(), dialect="excel-tab" if "tsv" in parts.query else "excel"))
    assert len(rows) > 1
    assert all(len(row) == len(rows[0]) and all(row) for row in rows)
