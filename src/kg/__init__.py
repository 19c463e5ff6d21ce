"""Pledge Graph's publisher: a folder of ontology, data and shapes -> a checked, versioned site of linked data.

The public API, in the order of use::

    project = kg.open_project("path")
    report = kg.check(project)
    release = kg.build(project)            # raises CheckFailed if the report does not conform
    release = kg.open_release("path/releases")
    rows = kg.query(release, "SELECT * { ?s ?p ?o } LIMIT 10")

The command line (``kg --help``) and the site stand on the same functions.
"""

from __future__ import annotations

from pathlib import Path

from kg import validate as _validate
from kg.asking import query
from kg.errors import KgError
from kg.findings import CheckReport, Finding
from kg.graph import read_graph as _read_graph
from kg.project import Project, open_project
from kg.release import build as _build
from kg.release.manifest import Release, open_release

__all__ = [
    "CheckReport",
    "Finding",
    "KgError",
    "Project",
    "Release",
    "build",
    "check",
    "open_project",
    "open_release",
    "query",
]


def check(project: Project) -> CheckReport:
    """Parse and validate a project; the report is empty of violations if it may be released."""
    return _validate.check(_read_graph(project))


def build(project: Project, releases: Path | None = None, source_commit: str | None = None) -> Release:
    """Check a project and make a release, in ``releases`` (the project's folder ``releases`` by default).

    Raises CheckFailed, InferenceError or ReleaseError; the former release then still stands.
    """
    graph = _read_graph(project)
    folder = releases if releases is not None else project.root / "releases"
    return _build.build(graph, _validate.check(graph), folder, source_commit)
