"""The made-up graph as a project with a release, for everything that is measured on a graph of a wanted size.

    python -m bench.project FOLDER [--triples 1000000] [--seed 7] [--rebuild]

Afterwards ``kg serve --project FOLDER`` serves it. The release is made by the same functions as ``kg build``; printed
are the time that reading, checking and building took and the most memory that was needed. A release of the same size
and seed that is there already is kept. The ontology only declares its terms, so that nothing is inferred and the graph
has the size that was asked for.
"""

from __future__ import annotations

import argparse
import re
import resource
import time
from collections.abc import Iterator
from pathlib import Path

from bench.generate import BASE, lines

from kg.errors import KgError
from kg.graph import read_graph
from kg.project import open_project
from kg.release.build import build
from kg.release.manifest import Release, open_release
from kg.validate import check

_DATASET = """\
# A made-up graph of pledges, to measure by.

@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix void: <http://rdfs.org/ns/void#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

<{base}dataset> a dcat:Dataset ;
    dcterms:title "Made-up pledges"@en ;
    dcterms:description "A made-up graph of pledges, to measure by."@en ;
    dcterms:license <https://creativecommons.org/publicdomain/zero/1.0/> ;
    dcterms:issued "2026-01-31"^^xsd:date ;
    dcterms:language "en" , "de" , "fr" ;
    dcat:version "{version}" ;
    void:uriSpace "{base}" .
"""
_CLASSES = (
    "Alliance Area Article Evidence MinisterialMeeting Organisation Person Place Pledge Stance State Statement Status "
    "Summit TelephoneCall"
)
_OBJECT_PROPERTIES = (
    "alliedWith area capital hasMember hasParticipant locatedIn madeAt madeBy place represents seat source stance "
    "status supersedes supports unit"
)
_DATATYPE_PROPERTIES = (
    "birthDate condition confidence endDate isoCode madeOn quantity quote retrievedOn role startChar startDate url"
)
_KINDS = {
    "owl:Class": _CLASSES,
    "owl:ObjectProperty": _OBJECT_PROPERTIES,
    "owl:DatatypeProperty": _DATATYPE_PROPERTIES,
}
_PADDED = re.compile(r'(\d\.\d)0("\^\^<http://www\.w3\.org/2001/XMLSchema#decimal>)')


def made_release(folder: Path, triples: int, seed: int = 7, rebuild: bool = False) -> Release:
    """The release of the made-up graph in the project ``folder``; made if it is not there yet."""
    version = f"{triples}.{seed}"
    if not rebuild:
        try:
            there = open_release(folder / "releases")
            if there.manifest.version == version and there.labels.is_file() and not there.missing():
                return there
        except KgError:
            pass
    write_project(folder, triples, seed)
    graph = read_graph(open_project(folder))
    return build(graph, check(graph), folder / "releases")


def write_project(folder: Path, triples: int, seed: int = 7) -> None:
    """Write the made-up graph of about that size as a project: ontology, data and what says of it what it is."""
    for part in ("ontology", "data/graph", "shapes"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    dataset = _DATASET.format(base=BASE, version=f"{triples}.{seed}")
    (folder / "data/dataset.ttl").write_text(dataset, encoding="utf-8")
    (folder / "ontology/ontology.ttl").write_text("".join(_ontology()), encoding="utf-8")
    with (folder / "data/graph/graph.ttl").open("w", encoding="utf-8") as file:  # N-Triples are Turtle
        # A project is refused if its numbers are not written as the store keeps them.
        file.writelines(_PADDED.sub(r"\1\2", line) for line in lines(triples, seed))


def _ontology() -> Iterator[str]:
    yield f"@prefix o: <{BASE}ontology#> .\n@prefix owl: <http://www.w3.org/2002/07/owl#> .\n"
    yield "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n\n"
    yield f'<{BASE}ontology> a owl:Ontology ; rdfs:label "Made-up pledges: the terms"@en .\n\n'
    for kind, names in _KINDS.items():
        for name in names.split():
            words = re.sub(r"(?<=[a-z])([A-Z])", lambda found: f" {found[1].lower()}", name)
            yield f'o:{name} a {kind} ; rdfs:label "{words}"@en .\n'


def main() -> None:
    """Make the project and its release, and print what that took."""
    parser = argparse.ArgumentParser(description="Make a project with a release of the made-up graph.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--triples", type=int, default=1_000_000, help="about")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--rebuild", action="store_true", help="even if the release is there already")
    asked = parser.parse_args()
    begin = time.perf_counter()
    release = made_release(asked.folder, asked.triples, asked.seed, asked.rebuild)
    took, most = time.perf_counter() - begin, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{release.path}: {release.manifest.triples['data']:,} triples, {took:.1f} s, at most {most:,.0f} MiB")


if __name__ == "__main__":
    main()
