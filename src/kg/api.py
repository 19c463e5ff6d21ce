"""The functions behind the names that the package exports."""

from __future__ import annotations

from pathlib import Path

from kg import validate
from kg.asking import query
from kg.client import Site, connect
from kg.errors import KgError
from kg.findings import CheckReport, Finding
from kg.graph import read_graph
from kg.project import Project, open_project
from kg.release import build as releasing
from kg.release.manifest import Release, open_release

__all__ = [
    "CheckReport",
    "Finding",
    "KgError",
    "Project",
    "Release",
    "Site",
    "build",
    "check",
    "connect",
    "open_project",
    "open_release",
    "query",
]


def check(project: Project) -> CheckReport:
    """Parse and validate a project; the report is empty of violations if it may be released."""
    return validate.check(read_graph(project))


def build(project: Project, releases: Path | None = None, source_commit: str | None = None) -> Release:
    """Check a project and make a release, in ``releases`` (the project's folder ``releases`` by default).

    Raises CheckFailed, InferenceError or ReleaseError; the former release then still stands.
    """
    graph = read_graph(project)
    folder = releases if releases is not None else project.root / "releases"
    return releasing.build(graph, validate.check(graph), folder, source_commit)
