"""The downloads of a release: each part of the data in each format, plain and packed, and how much is in it.

*data* is everything, *asserted* what was written, *inferred* what follows. Turtle, N-Triples, JSON-LD and RDF/XML hold
the triples, N-Quads and TriG the named graphs too.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from kg.graph import KnowledgeGraph
from kg.release import dumps
from kg.release.canonical import Canonical
from kg.release.files import Files
from kg.release.jsonld import json_ld_parts
from kg.statistics import Row, Statistics, statistics
from kg.terms import graph_iri, in_language

STATISTICS = "statistics.json"
# What a dump's name ends in, and its media type.
FORMATS = {
    "ttl": "text/turtle",
    "nt": "application/n-triples",
    "nq": "application/n-quads",
    "trig": "application/trig",
    "jsonld": "application/ld+json",
    "rdf": "application/rdf+xml",
}
_TITLES = {
    "ontology": "The ontology",
    "vocab": "The vocabularies (SKOS)",
    "inferred": "What follows from it all (OWL 2 RL, then ontology/rules)",
}

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Parts:
    """The whole, and the two parts of it."""

    data: Canonical
    asserted: Canonical
    inferred: Canonical

    @classmethod
    def of(cls, data: Canonical, base: str) -> Parts:
        """The parts of a dataset: what stands in the graph of inferences, and all else."""
        inferred = [graph_iri(base, "inferred")]
        return cls(data, data.where(inferred, outside=True), data.where(inferred))

    def named(self) -> dict[str, Canonical]:
        """The parts by their names."""
        return {"data": self.data, "asserted": self.asserted, "inferred": self.inferred}


def counted(parts: Parts, base: str) -> dict[str, Statistics]:
    """The statistics of each part."""
    found = {"data": statistics(_rows(parts.data), base), "inferred": statistics(_rows(parts.inferred), base)}
    # Where nothing follows, the asserted part is the whole.
    found["asserted"] = statistics(_rows(parts.asserted), base) if parts.inferred.lines else found["data"]
    return {name: found[name] for name in parts.named()}


def statistics_json(counts: dict[str, Statistics], graphs: dict[str, int]) -> bytes:
    """``statistics.json``: the counts of each part, and the triples of each named graph."""
    told = {}
    for name, count in counts.items():
        links = [{"property": p, "namespace": n, "triples": found} for (p, n), found in count.links.items()]
        facts = {key: value for key, value in vars(count).items() if key != "links"}
        told[name] = facts | {"links": links}
    return (json.dumps({"parts": told, "graphs": graphs}, ensure_ascii=False, indent=1) + "\n").encode()


def write_dumps(
    files: Files, graph: KnowledgeGraph, name: str, parts: Parts, counts: dict[str, Statistics], progress: Progress
) -> None:
    """Write ``dumps/{data,asserted,inferred}.{ttl,nt,nq,trig,jsonld,rdf}`` and a ``.gz`` beside each."""
    for part, content in parts.named().items():
        _write_part(files, graph, (name, part), content, counts[part].triples, progress)


def _write_part(
    files: Files, graph: KnowledgeGraph, names: tuple[str, str], content: Canonical, total: int, progress: Progress
) -> None:
    release, part = names
    project, prefixes = graph.project, graph.prefixes
    order = _graphs(graph)
    arrangement = dumps.arranged(content, order)
    sections = [(_title(graph, iri), arrangement.sections[iri]) for iri in order]

    def heading(suffix: str) -> list[str]:
        return [
            f"{in_language(project.title)}, release {release}: {part}.{suffix}, {total:,} triples",
            f"Dated {project.date}. Licence: {project.licence}",
            "",
        ]

    def told(suffix: str) -> dumps.Tell:
        return _told(progress, f"{part}.{suffix}", total)

    texts = {
        "nq": content.lines,
        "nt": content.triple_lines(),
        "ttl": dumps.turtle_parts(sections, prefixes, heading("ttl"), told("ttl")),
        "trig": dumps.trig_parts(arrangement.graphs, prefixes, heading("trig"), told("trig")),
        "jsonld": json_ld_parts(arrangement.once, prefixes, content.lines, told("jsonld")),
        "rdf": dumps.rdf_xml_parts(arrangement.once, prefixes, told("rdf")),
    }
    for suffix in FORMATS:
        progress(f"writing {part}.{suffix}")
        files.write(f"dumps/{part}.{suffix}", texts[suffix], pack=True)


def _told(progress: Progress, file: str, total: int) -> dumps.Tell:
    done = 0

    def tell(number: int) -> None:
        nonlocal done
        done += number
        progress(f"writing {file}: {done:,} of {total:,} triples")

    return tell


def _rows(content: Canonical) -> Iterator[Row]:
    for line in content.triple_lines():
        subject, predicate, rest = line.decode().split(" ", 2)
        yield subject, predicate, rest[: -len(" .\n")]


def _graphs(graph: KnowledgeGraph) -> list[str]:
    """The named graphs in the order of the files, the inferences last."""
    found = dict.fromkeys(file.graph for file in graph.files if file.graph != graph.meta_graph)
    return [*found, graph_iri(graph.project.base, "inferred")]


def _title(graph: KnowledgeGraph, iri: str) -> str:
    name = iri.removeprefix(graph_iri(graph.project.base, ""))
    return _TITLES.get(name, f"Data: {name.removeprefix('data/')}")
