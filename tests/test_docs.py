"""What the documentation says is so: settings, commands, routes, links; and the commands of the README really run."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import kg
from kg.cli import main
from kg.config import FIELDS, environment_name
from tests.conftest import ROOT, Server

DOCS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
README = (ROOT / "README.md").read_text(encoding="utf-8")
# What only a person can do in a terminal, or the test machine has done already.
NOT_HERE = ("git clone", "cd ", "make serve", ". .venv")


def sessions(text: str) -> list[tuple[str, str]]:
    """(command, expected output) from the console blocks; a command goes on in lines that begin with two spaces."""
    found: list[tuple[str, str]] = []
    for block in re.findall(r"```console\n(.*?)```", text, re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = re.sub(r"\n  (?=\S)", "\0", part).partition("\n")
            found.append((command.replace("\0", "\n  "), output))
    return found


@pytest.mark.parametrize(
    ("command", "expected"), [s for s in sessions(README) if not s[0].startswith(NOT_HERE)], ids=lambda s: s[:40]
)
def test_the_commands_of_the_readme_give_what_it_shows(
    command: str, expected: str, served: Server, real: Path, released: kg.Release
) -> None:
    there = command.replace("http://localhost:8000", served.url)
    there = re.sub(r"^kg\b", f"{sys.executable} -m kg", there).replace(
        "ontology/questions", f"{real}/ontology/questions"
    )
    done = subprocess.run(["bash", "-c", there], cwd=real, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    shown = (done.stdout + done.stderr).splitlines()
    if expected.startswith("...\n"):
        expected, shown = expected.removeprefix("...\n"), shown[-1:]
    assert shown == expected.splitlines()


def test_every_setting_is_documented_as_it_is() -> None:
    text = (ROOT / "docs/settings.md").read_text(encoding="utf-8")
    for name, definition in FIELDS.items():
        row = (
            f"| `--{name.replace('_', '-')}` | `{environment_name(name)}` | `{definition.default}` | "
            f"{definition.metadata['help']} |"
        )
        assert row in text


def test_every_command_is_documented() -> None:
    for command in main.commands:
        assert f"| `kg {command}` |" in README


def test_every_part_of_the_program_is_in_the_architecture() -> None:
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    for path in (ROOT / "src/kg").iterdir():
        name = path.stem if path.suffix == ".py" else f"{path.name}/"
        if (path.suffix == ".py" and not name.startswith("_")) or (path / "__init__.py").is_file():
            assert f"| `{name}` |" in text, name


@pytest.mark.parametrize("document", DOCS, ids=lambda p: p.name)
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", document.read_text(encoding="utf-8")):
        assert (document.parent / target).exists(), target


def test_functions_that_the_architecture_names_exist() -> None:
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    for file, function in re.findall(r"`([\w/]+\.py):(\w+)`", text):
        assert f"def {function}(" in (ROOT / "src/kg" / file).read_text(encoding="utf-8")


def test_the_version_is_the_same_everywhere(released: kg.Release) -> None:
    version = re.search(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE)
    assert version is not None
    assert released.manifest.version == version[1]
    assert f"## {version[1]} ({released.manifest.date})" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_example_of_a_dataset_is_one(tmp_path: Path) -> None:
    text = (ROOT / "docs/project.md").read_text(encoding="utf-8")
    example = re.search(r"```turtle\n(.*?)```", text, re.DOTALL)
    assert example is not None
    (tmp_path / "data").mkdir()
    (tmp_path / "data/dataset.ttl").write_text(example[1], encoding="utf-8")
    (tmp_path / "data/one.ttl").write_text(
        '<https://data.example.org/bread/rye> <http://www.w3.org/2000/01/rdf-schema#label> "rye"@en .', encoding="utf-8"
    )
    assert kg.build(kg.open_project(tmp_path)).manifest.triples["data"] == 1
