"""What somebody names -> a state of the graph: a release, a project folder, or a revision that git knows."""

from __future__ import annotations

import hashlib
import io
import subprocess
import tarfile
import tempfile
from pathlib import Path

import pyoxigraph as ox

from kg.changes.state import Facts, State
from kg.errors import NoRelease, ReleaseError, SourceError
from kg.graph import KnowledgeGraph, read_graph
from kg.inference import conclusions
from kg.project import DATASET_FILE, open_project
from kg.release.canonical import canonical
from kg.release.difference import Lines
from kg.release.history import find_release
from kg.release.manifest import Release
from kg.terms import graph_iri

GIT = "git:"


def open_side(given: str, project: Path, releases: Path, *, asserted: bool = False) -> State:
    """The state that ``given`` names: a folder, a release's name or version (the latest of them), or a git revision.

    ``git:`` in front leaves only the last meaning. Raises NoRelease if it is none of these, KgError if what it names
    cannot be read.
    """
    if not given.startswith(GIT):
        folder = Path(given)
        if (folder / DATASET_FILE).is_file():
            return of_project(read_graph(open_project(folder)), str(given), asserted=asserted)
        try:
            release = find_release(releases, given)
        except NoRelease:
            pass  # a revision, if anything
        else:
            return of_release(release, asserted=asserted)
    return _of_revision(given.removeprefix(GIT), project, asserted=asserted)


def of_release(release: Release, *, asserted: bool = False) -> State:
    """The state that a release holds. Raises ReleaseError if a file is missing."""
    m = release.manifest
    try:
        described = ox.parse(path=str(release.path / "catalogue.ttl"), format=ox.RdfFormat.TURTLE)
        facts = Facts(
            m.name,
            m.digest,
            m.date,
            m.base,
            m.dataset,
            m.title,
            m.prefixes,
            tuple(m.label_properties),
            tuple(m.languages),
            tuple(quad.triple for quad in described),
        )
        published = sum(number for graph, number in m.graphs.items() if graph != graph_iri(m.base, "meta"))
        lines = Lines.of_file(release.path / "dumps/data.nq")
        return State(facts, lines, asserted=asserted, overlaps=published != m.triples["data"])
    except (OSError, SyntaxError) as error:
        raise ReleaseError(f"release {m.name} cannot be read: {error}", "make it anew: kg build") from error


def of_project(graph: KnowledgeGraph, name: str, *, asserted: bool = False) -> State:
    """The state of a project's files, with what follows from them as in a release. Raises KgError."""
    if graph.problems:
        raise graph.problems[0]
    project = graph.project
    inferred = ox.NamedNode(graph_iri(project.base, "inferred"))
    found = conclusions(graph.asserted, graph.rules)
    whole = canonical([*graph.asserted, *(ox.Quad(t.subject, t.predicate, t.object, inferred) for t in found)])
    facts = Facts(
        name,
        whole.digest(),
        project.date,
        project.base,
        project.iri,
        project.title,
        graph.prefixes,
        project.label_properties,
        project.languages,
        tuple(quad.triple for quad in graph.description),
    )
    return State(facts, Lines(b"".join(whole.lines)), asserted=asserted)


def nothing_before(state: State) -> State:
    """The empty graph, to compare the first state with."""
    empty = hashlib.sha256(b"").hexdigest()
    return State(Facts(**{**vars(state.facts), "name": "", "digest": empty, "described": ()}), Lines(b""))


def _of_revision(revision: str, project: Path, *, asserted: bool) -> State:
    """The project as it was in a revision (``git archive``, into a folder that is removed again)."""
    commit = _git(project, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if commit is None:
        raise NoRelease(
            f"{revision!r} is no release, no project folder and no git revision of {project.absolute()}",
            "name a release (folder, name or version), a project folder, or a revision such as git:HEAD~1",
        )
    archive = _git(project, "archive", "--format=tar", commit.decode().strip())
    if archive is None:
        raise SourceError(f"git cannot give out revision {revision}", project)
    with tempfile.TemporaryDirectory(prefix="kg-diff-") as folder:
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            tar.extractall(folder, filter="data")
        return of_project(read_graph(open_project(Path(folder))), f"{GIT}{revision}", asserted=asserted)


def _git(project: Path, *arguments: str) -> bytes | None:
    """What git prints, None if it fails or is not there."""
    try:
        done = subprocess.run(["git", *arguments], cwd=project, capture_output=True, check=True)  # noqa: S603, S607
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout
