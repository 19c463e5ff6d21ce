"""A project -> an immutable release folder, put in place in one step.

The folder is made beside its final place and renamed when whole; a crash at any moment leaves the former release. Same
input, same bytes, on any machine: dates come from ``data/dataset.ttl``, blank node labels from RDFC-1.0. The store's
own files are the exception; the manifest describes them by count and digest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pyoxigraph as ox

from kg.errors import CheckFailed, ReleaseError
from kg.findings import CheckReport, as_shacl
from kg.graph import KnowledgeGraph, as_rdflib
from kg.inference import conclusions
from kg.mentions import declared, in_shapes
from kg.metadata import Distribution, catalogue
from kg.release import dumps
from kg.release.manifest import LABELS, MANIFEST, STORE, SUMS, Manifest, Release
from kg.release.publication import building, publish
from kg.release.store import write_store
from kg.search import write_index
from kg.source import from_rdflib, graph_of
from kg.terms import graph_iri, in_language

Progress = Callable[[str], None]
_MEDIA_TYPES = {".ttl": "text/turtle", ".nq": "application/n-quads", ".trig": "application/trig"}


@dataclass(frozen=True)
class _Content:
    """What a release publishes, in canonical form: asserted and inferred quads, and the canonical N-Quads of both."""

    asserted: list[ox.Quad]
    inferred: list[ox.Quad]
    nquads: bytes

    @property
    def published(self) -> list[ox.Quad]:
        return self.asserted + self.inferred

    def triples(self) -> dict[str, int]:
        """The number of triples in each dump."""
        parts = {"data": self.published, "asserted": self.asserted, "inferred": self.inferred}
        return {name: len({q.triple for q in quads}) for name, quads in parts.items()}


def build(
    graph: KnowledgeGraph,
    checked: CheckReport,
    releases: Path,
    source_commit: str | None = None,
    progress: Progress = lambda _: None,
) -> Release:
    """Make a release of a checked graph in the folder ``releases`` and make it the current one.

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
    progress("inferring")
    content = _content(graph)
    digest = dumps.digest(content.nquads)
    first = f"{graph.project.version}-{digest[:12]}"
    try:
        for number in count(1):
            name = first if number == 1 else f"{first}.{number}"
            progress(f"writing release {name}")
            with building(releases) as folder:
                _write(folder, name, digest, graph, checked, content, source_commit)
                if (published := publish(folder, releases, name)) is not None:
                    return published
    except OSError as error:
        raise ReleaseError(
            f"the release cannot be written to {releases}: {error.strerror or error}",
            "free the disk or give another folder with --releases; the former release is untouched",
        ) from error
    raise AssertionError("there is always a next number")  # pragma: no cover


def _content(graph: KnowledgeGraph) -> _Content:
    inferred_graph = ox.NamedNode(graph_iri(graph.project.base, "inferred"))
    found = conclusions(graph.asserted, graph.rules)
    inferred = [ox.Quad(t.subject, t.predicate, t.object, inferred_graph) for t in found]
    whole = dumps.canonical([*graph.asserted, *inferred])
    return _Content(
        [q for q in whole if q.graph_name != inferred_graph],
        [q for q in whole if q.graph_name == inferred_graph],
        dumps.nquads(whole),
    )


def _write(
    folder: Path,
    name: str,
    digest: str,
    graph: KnowledgeGraph,
    checked: CheckReport,
    content: _Content,
    source_commit: str | None,
) -> None:
    project, prefixes, triples = graph.project, graph.prefixes, content.triples()
    files = _dump_files(graph, name, content, triples)
    facts = {path: (len(text), dumps.digest(text)) for path, text in files.items()}
    distributions = [Distribution(path, _MEDIA_TYPES[Path(path).suffix], *fact) for path, fact in facts.items()]
    terms = declared(content.asserted, graph_iri(project.base, "ontology"))
    described = catalogue(
        project,
        as_rdflib(graph.description),
        name,
        triples["data"],
        distributions,
        graph.questions,
        graph.rules,
        in_shapes(graph.shapes, terms),
        terms,
    )
    description = dumps.canonical(from_rdflib(described, graph.meta_graph))
    title = in_language(project.title)
    files["catalogue.ttl"] = dumps.turtle(
        [("", (q.triple for q in description))], prefixes, [f"{title} {name}: the catalogue", ""]
    )
    files["report.ttl"] = dumps.turtle(
        [("", as_shacl(checked))], prefixes, [f"{title} {name}: the validation report", ""]
    )
    for path, text in files.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_bytes(text)
        facts.setdefault(path, (len(text), dumps.digest(text)))
    quads = write_store(folder / STORE, content.published, description)
    write_index(folder / STORE / LABELS, content.published, project.label_properties)
    counted = Counter(graph_of(q) for q in (*content.published, *description))
    manifest = Manifest(
        name=name,
        version=project.version,
        date=project.date,
        digest=digest,
        base=project.base,
        dataset=project.iri,
        title=project.title,
        description=project.description,
        licence=project.licence,
        languages=list(project.languages),
        label_properties=list(project.label_properties),
        home=project.home,
        prefixes=prefixes,
        triples=triples,
        graphs=dict(sorted(counted.items())),
        quads=quads,
        files=facts,
        source_commit=source_commit,
    )
    written = manifest.to_json()
    (folder / MANIFEST).write_bytes(written)
    sums = {path: sha256 for path, (_, sha256) in facts.items()} | {MANIFEST: dumps.digest(written)}
    lines = (f"{sums[path]}  {path}\n" for path in sorted(sums))
    (folder / SUMS).write_text("".join(lines), encoding="utf-8")


def _dump_files(graph: KnowledgeGraph, name: str, content: _Content, triples: dict[str, int]) -> dict[str, bytes]:
    project = graph.project
    title = in_language(project.title)
    asserted = _sections(graph, content)
    inferred = ("What follows from it all (OWL 2 RL, then ontology/rules)", [q.triple for q in content.inferred])
    sections = {
        "data": [*asserted, inferred],
        "asserted": asserted,
        "inferred": [inferred],
    }
    files = {}

    def heading(file: str, part: str) -> list[str]:
        return [
            f"{title}, release {name}: {file}, {triples[part]:,} triples",
            f"Dated {project.date}. Licence: {project.licence}",
            "",
        ]

    for part, parts in sections.items():
        files[f"dumps/{part}.ttl"] = dumps.turtle(parts, graph.prefixes, heading(f"{part}.ttl", part))
    files["dumps/data.nq"] = content.nquads
    files["dumps/data.trig"] = dumps.trig(content.published, graph.prefixes, heading("data.trig", "data"))
    return files


def _sections(graph: KnowledgeGraph, content: _Content) -> list[tuple[str, list[ox.Triple]]]:
    """The asserted triples under a heading for each named graph, in the order of the files."""
    by_graph: dict[str, list[ox.Triple]] = {}
    for file in graph.files:
        if file.graph != graph.meta_graph:
            by_graph.setdefault(file.graph, [])
    for quad in content.asserted:
        by_graph[graph_of(quad)].append(quad.triple)
    lead = graph_iri(graph.project.base, "")
    titles = {"ontology": "The ontology", "vocab": "The vocabularies (SKOS)"}
    return [
        (titles.get(iri.removeprefix(lead), f"Data: {iri.removeprefix(lead).removeprefix('data/')}"), triples)
        for iri, triples in by_graph.items()
    ]
