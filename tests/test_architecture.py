"""Imports run one way: a module imports only what stands to its left in ORDER."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.conftest import ROOT

ORDER = [
    "errors", "messages", "config", "terms", "findings", "sparql", "source", "questions", "project", "graph", "inference", "publishable", "tables",
    "locate", "checks", "tombstones", "waivers", "shacl", "description", "validate",
    "mentions", "statistics", "metadata", "search", "release", "engine", "publishing", "negotiate", "basemap", "representation", "identifiers", "reconciliation", "asking", "client", "changes", "web", "freezing", "gates", "commands", "cli", "api", "__init__", "__main__",
]  # fmt: skip
SOURCE = ROOT / "src" / "kg"
MODULES = sorted(SOURCE.rglob("*.py"))


def part(path: Path) -> str:
    """The entry of ORDER that a file belongs to."""
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            if node.module == "kg":
                found |= {f"kg.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_imports_run_one_way(path: Path) -> None:
    here = ORDER.index(part(path))
    parts = {name.split(".")[1] for name in imports(path) if name.startswith("kg.")}
    later = {p for p in parts if p in ORDER and ORDER.index(p) > here}
    assert not later, f"{part(path)} imports {later}, which stand to its right"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_the_store_is_reached_through_the_engine_only(path: Path) -> None:
    if part(path) in ("web", "terms", "negotiate", "metadata", "config", "errors"):
        assert not {i for i in imports(path) if i.startswith("pyoxigraph")}


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_only_the_web_knows_of_http(path: Path) -> None:
    if part(path) not in ("web", "negotiate"):
        assert not {i for i in imports(path) if i.split(".")[0] in ("flask", "werkzeug", "granian", "http")}


def test_every_file_is_short_enough_to_read() -> None:
    long = {str(p.relative_to(SOURCE)): n for p in MODULES if (n := len(p.read_text().splitlines())) > 400}
    assert not long


def test_nothing_in_the_program_knows_what_the_data_is_about() -> None:
    words = ("ukrain", "pledge-graph/ns", "plg:", "refusal", "troops")
    found = [
        (str(path.relative_to(SOURCE)), word)
        for path in [*MODULES, *SOURCE.rglob("*.html")]
        for word in words
        # The package's own public name and the namespace of the display terms are allowed to be what they are.
        if word in path.read_text().lower()
    ]
    assert not found


def test_the_public_names_are_these() -> None:
    import kg  # noqa: PLC0415
    from kg import api  # noqa: PLC0415

    assert kg.__all__ == api.__all__
    assert {name: getattr(kg, name) for name in kg.__all__} == {name: getattr(api, name) for name in api.__all__}
    with pytest.raises(AttributeError):
        _ = kg.nothing
