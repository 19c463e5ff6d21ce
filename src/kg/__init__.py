"""Pledge Graph's publisher: a folder of ontology, data and shapes -> a checked, versioned site of linked data.

The public API, in the order of use::

    project = kg.open_project("path")
    report = kg.check(project)
    release = kg.build(project)            # raises CheckFailed if the report does not conform
    release = kg.open_release("path/releases")
    rows = kg.query(release, "SELECT * { ?s ?p ?o } LIMIT 10")
    site = kg.connect("https://...")       # any site of this program, for the same questions and more

The command line (``kg --help``) and the site stand on the same functions.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kg.api import (
        CheckReport,
        Finding,
        KgError,
        Project,
        Release,
        Site,
        build,
        check,
        connect,
        open_project,
        open_release,
        query,
    )

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


def __getattr__(name: str) -> Any:
    """Load the API when it is first used: each query process imports this package and needs none of it."""
    if name in __all__:
        return getattr(import_module("kg.api"), name)
    raise AttributeError(f"module 'kg' has no attribute {name!r}")
