"""A project -> an immutable release folder, put in place in one step.

The folder is made beside its final place and renamed when whole; a crash at any moment leaves the former release. Same
input, same bytes, on any machine: dates come from ``data/dataset.ttl``, blank node labels from RDFC-1.0. The store's
own files are the exception; the manifest describes them by count and digest.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from itertools import count
from pathlib import Path, PurePosixPath

import pyoxigraph as ox

from kg.errors import CheckFailed, ReleaseError
from kg.findings import CheckReport, as_shacl
from kg.graph import KnowledgeGraph, as_rdflib
from kg.inference import conclusions
from kg.mentions import declared, in_shapes
from kg.metadata import Distribution, catalogue, sources
from kg.project import Project
from kg.release import dumps
from kg.release.canonical import Canonical, canonical
from kg.release.citation import CITATION, citation
from kg.release.distributions import FORMATS, STATISTICS, Parts, counted, statistics_json, write_dumps
from kg.release.files import Fact, Files
from kg.release.linksets import write_linksets
from kg.release.manifest import LABELS, MANIFEST, STORE, SUMS, Manifest, Release
from kg.release.publication import building, publish
from kg.release.store import write_store
from kg.search import write_index
from kg.source import from_rdflib
from kg.statistics import Statistics
from kg.terms import PREFIXES, graph_iri, in_language

Progress = Callable[[str], None]
_ONTOLOGY = ox.NamedNode(PREFIXES["owl"] + "Ontology")
# The folders that go into a release as they are, and the kinds of files in them that this program reads.
_FOLDERS = ("ontology", "shapes")
_KINDS = (".ttl", ".rq", ".json")


@dataclass(frozen=True)
class _Content:
    """What a release publishes, how much of it there is, and what names it."""

    parts: Parts
    counts: dict[str, Statistics]
    digest: str
    digest_sha384: str

    @property
    def published(self) -> list[ox.Quad]:
        return self.parts.data.quads

    def triples(self) -> dict[str, int]:
        """The number of triples in each part."""
        return {name: count.triples for name, count in self.counts.items()}


def build(
    graph: KnowledgeGraph,
    checked: CheckReport,
    releases: Path,
    source_commit: str | None = None,
    progress: Progress = lambda _: None,
    *,
    current: bool = True,
) -> Release:
    """Make a release of a checked graph in the folder ``releases`` and, if wanted, make it the current one.

    A whole release with the same content that is already there is kept. If its name is taken by anything else (the same
    data with another description, or a damaged folder), the new one gets the name with ``.2``, ``.3`` ... appended:
    a published folder is never changed. Raises CheckFailed if ``checked`` has violations,
    InferenceError if the graph contradicts itself, ReleaseError if the folder cannot be written (full disk included);
    whatever is raised, the former release stands and nothing half-made is left.
    """
    if not checked.conforms:
        violations = checked.counts()["violation"]
        found = f"{violations:,} violation{'' if violations == 1 else 's'}"
        raise CheckFailed(f"no release: {found} found", "mend them (kg check lists them)")
    with _uncollected():
        return _built(graph, checked, releases, source_commit, progress, current)


def _built(
    graph: KnowledgeGraph,
    checked: CheckReport,
    releases: Path,
    source_commit: str | None,
    progress: Progress,
    current: bool,
) -> Release:
    content = _content(graph, progress)
    first = f"{graph.project.version}-{content.digest[:12]}"
    try:
        for number in count(1):
            name = first if number == 1 else f"{first}.{number}"
            progress(f"writing release {name}")
            with building(releases) as folder:
                _write(folder, name, graph, checked, content, source_commit, progress)
                progress(f"putting release {name} in place")
                if (published := publish(folder, releases, name, current=current)) is not None:
                    return published
    except OSError as error:
        raise ReleaseError(
            f"the release cannot be written to {releases}: {error.strerror or error}",
            "free the disk or give another folder with --releases; the former release is untouched",
        ) from error
    raise AssertionError("there is always a next number")  # pragma: no cover


@contextmanager
def _uncollected() -> Iterator[None]:
    """No search for garbage among millions of values that all stay; it would take a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _content(graph: KnowledgeGraph, progress: Progress) -> _Content:
    base = graph.project.base
    progress("inferring")
    inferred_graph = ox.NamedNode(graph_iri(base, "inferred"))
    found = conclusions(graph.asserted, graph.rules)
    inferred = [ox.Quad(t.subject, t.predicate, t.object, inferred_graph) for t in found]
    progress("putting all statements into canonical order (RDFC-1.0)")
    data = canonical([*graph.asserted, *inferred])
    parts = Parts.of(data, base)
    progress("counting")
    return _Content(parts, counted(parts, base), data.digest(), data.digest_sha384())


def _write(
    folder: Path,
    name: str,
    graph: KnowledgeGraph,
    checked: CheckReport,
    content: _Content,
    source_commit: str | None,
    progress: Progress,
) -> None:
    project, prefixes = graph.project, graph.prefixes
    title = in_language(project.title)
    with Files(folder) as files:
        graphs = content.parts.data.graphs()
        files.write(STATISTICS, [statistics_json(content.counts, graphs)])
        if (cited := citation(project, graph.description)) is not None:
            files.write(CITATION, [cited])
        for path in _kept(project):
            files.copy(path.as_posix(), project.root / path)
        files.write("report.ttl", [_small([*as_shacl(checked)], prefixes, f"{title} {name}: the validation report")])
        write_dumps(files, graph, name, content.parts, content.counts, progress)
        progress("writing the links to other datasets")
        write_linksets(files, graph, name, content.parts.data, content.counts["data"])
        progress("compressing what is left")
    description = canonical(_described(graph, name, content, files.facts, source_commit))
    with files:
        triples = [quad.triple for quad in description.quads]
        files.write("catalogue.ttl", [_small(triples, prefixes, f"{title} {name}: the catalogue")])
    progress("writing the store")
    quads = write_store(folder / STORE, content.published, description.quads)
    progress("writing the label index")
    write_index(folder / STORE / LABELS, content.published, project.label_properties)
    facts = files.facts
    manifest = Manifest(
        name=name,
        version=project.version,
        date=project.date,
        digest=content.digest,
        base=project.base,
        dataset=project.iri,
        title=project.title,
        description=project.description,
        licence=project.licence,
        languages=list(project.languages),
        label_properties=list(project.label_properties),
        home=project.home,
        prefixes=prefixes,
        triples=content.triples(),
        graphs=dict(sorted((graphs | description.graphs()).items())),
        quads=quads,
        files=facts,
        source_commit=source_commit,
        digest_sha384=content.digest_sha384,
    )
    with files:
        files.write(MANIFEST, [manifest.to_json()])
        files.write(SUMS, [f"{sha256}  {path}\n".encode() for path, (_, sha256) in files.facts.items()])


def _described(
    graph: KnowledgeGraph, name: str, content: _Content, facts: dict[str, Fact], source_commit: str | None
) -> Iterator[ox.Quad]:
    """The catalogue: what ``dataset.ttl`` says, and what only a release knows."""
    project = graph.project
    terms = declared(content.parts.asserted.quads, graph_iri(project.base, "ontology"))
    described = catalogue(
        project,
        as_rdflib(graph.description),
        name,
        content.counts["data"].triples,
        [Distribution(path, _media_type(path), *fact) for path, fact in facts.items() if path.startswith("dumps/")],
        graph.questions,
        graph.rules,
        in_shapes(graph.shapes, terms),
        terms,
        parts=content.triples(),
        statistics=content.counts["data"],
        prefixes=graph.prefixes,
        ontologies=_ontologies(content.parts.asserted),
        made_from=sources(project.root, _read_files(graph)),
        commit=source_commit,
        program=version("pledge-graph"),
    )
    yield from from_rdflib(described, graph.meta_graph)


def _media_type(path: str) -> str:
    """The media type of a dump; that of what it unpacks to if it is packed."""
    return FORMATS[PurePosixPath(path.removesuffix(".gz")).suffix.removeprefix(".")]


def _ontologies(asserted: Canonical) -> list[str]:
    mark = f"{_ONTOLOGY}".encode()
    likely = (quad for line, quad in zip(asserted.lines, asserted.quads, strict=True) if mark in line)
    named = {q.subject.value for q in likely if q.object == _ONTOLOGY and isinstance(q.subject, ox.NamedNode)}
    return sorted(named)


def _read_files(graph: KnowledgeGraph) -> list[Path]:
    """Every file that this release was made from."""
    parsed = [file.path for file in (*graph.files, *graph.shapes)]
    return [*parsed, *(question.file for question in graph.questions), *(rule.file for rule in graph.rules)]


def _kept(project: Project) -> list[Path]:
    """The source files of ontology and shapes, relative to the project; no hidden ones, nothing below ``tests``."""
    found = []
    for folder in _FOLDERS:
        for file in (project.root / folder).rglob("*"):
            path = file.relative_to(project.root)
            meant = "tests" not in path.parts and not any(part.startswith(".") for part in path.parts)
            if meant and path.suffix in _KINDS and file.is_file():
                found.append(path)
    return sorted(found)


def _small(triples: list[ox.Triple], prefixes: dict[str, str], title: str) -> bytes:
    return dumps.turtle([("", triples)], prefixes, [title, ""])
