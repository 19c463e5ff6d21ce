"""PROV: what a release was made of, by which rules and which program (PROV-O, W3C Recommendation 2013).

There is no clock in it: the same files, rules and program tell the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from rdflib import DCTERMS, PROV, RDF, RDFS, Graph, Literal, URIRef

from kg.metadata.dcat import SPDX, Version
from kg.project import Rule
from kg.terms import PREFIXES, rule_iri

_LABELS = {"en": "Making of release {}", "de": "Herstellung der Veröffentlichung {}"}
_VERSION = URIRef(PREFIXES["schema"] + "softwareVersion")


@dataclass(frozen=True)
class Source:
    """A file that a release was made from: its path in the project, and its SHA-256 in hex."""

    path: str
    sha256: str


def sources(root: Path, files: Iterable[Path]) -> list[Source]:
    """The files of a project as sources, sorted, each once. Raises OSError for one that cannot be read."""
    found = {path.relative_to(root).as_posix(): path for path in files}
    return [Source(name, hashlib.sha256(found[name].read_bytes()).hexdigest()) for name in sorted(found)]


def describe(
    graph: Graph, version: Version, made_from: Iterable[Source], rules: Iterable[Rule], commit: str | None, program: str
) -> None:
    """Add to ``graph`` how the release came about: the activity, what it used, and the program that carried it out."""
    release = URIRef(version.iri)
    making, agent = URIRef(f"{release}#making"), URIRef(f"{release}#program")
    graph.add((release, RDF.type, PROV.Entity))
    graph.add((release, PROV.wasGeneratedBy, making))
    graph.add((making, RDF.type, PROV.Activity))
    for language, text in _LABELS.items():
        if language in version.told_in:
            graph.add((making, RDFS.label, Literal(text.format(version.name), lang=language)))
    for publisher in graph.objects(URIRef(version.dataset), DCTERMS.publisher):
        graph.add((release, PROV.wasAttributedTo, publisher))
    if program:
        graph.add((making, PROV.wasAssociatedWith, agent))
        graph.add((agent, RDF.type, PROV.SoftwareAgent))
        graph.add((agent, RDFS.label, Literal(f"kg {program}")))
        graph.add((agent, _VERSION, Literal(program)))
    for source in made_from:
        node = URIRef(f"{release}#source/{quote(source.path)}")
        _used(graph, release, making, node, source.path)
        graph.add((node, RDF.type, SPDX.File))
        # The name of the content itself (RFC 6920, section 7).
        graph.add((node, DCTERMS.identifier, Literal(f"nih:sha-256;{source.sha256}")))
    for rule in rules:
        # Which version of the rule it was stands with the rule itself.
        graph.add((making, PROV.used, URIRef(rule_iri(version.base, rule.name))))
    if commit:
        node = URIRef(f"{release}#commit")
        _used(graph, release, making, node, f"commit {commit}")
        graph.add((node, DCTERMS.identifier, Literal(commit)))


def _used(graph: Graph, release: URIRef, making: URIRef, node: URIRef, label: str) -> None:
    graph.add((node, RDF.type, PROV.Entity))
    graph.add((node, RDFS.label, Literal(label)))
    graph.add((making, PROV.used, node))
    graph.add((release, PROV.wasDerivedFrom, node))
