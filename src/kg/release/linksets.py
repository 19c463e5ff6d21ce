"""The links to each other dataset as files of their own: ``dumps/links-<target>.{ttl,nt}``.

Which triples are links, and where they lead, is decided by ``kg.metadata.targets``, so that the files hold as many
triples as the description counts.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator

import pyoxigraph as ox
from rdflib import URIRef

from kg.graph import KnowledgeGraph, as_rdflib
from kg.metadata import Targets
from kg.metadata.linksets import PREFIX
from kg.release import dumps
from kg.release.canonical import Canonical
from kg.release.files import Files
from kg.statistics import Statistics, namespace_of
from kg.terms import in_language

# A packed twin is worth its while from so many bytes on.
_WORTH_PACKING = 100_000


def write_linksets(files: Files, graph: KnowledgeGraph, name: str, data: Canonical, count: Statistics) -> None:
    """Write the files of all targets of the links in ``data``, whose statistics are ``count``."""
    project, prefixes = graph.project, graph.prefixes
    targets = Targets(as_rdflib(graph.description), URIRef(project.iri), prefixes)
    names = targets.names(count)
    for target, found in _links(data, targets, count, project.base).items():
        quads = [data.quads[number] for number in found]
        title = f"{in_language(project.title)}, release {name}: links to {target}, {len(found):,} triples"
        heading = [title, f"Dated {project.date}. Licence: {project.licence}", ""]
        used = {p: n for p, n in prefixes.items() if any(_uses(quad, n) for quad in quads)}
        path = f"dumps/{PREFIX}{names[target]}"
        pack = sum(len(data.lines[number]) for number in found) >= _WORTH_PACKING
        files.write(f"{path}.ttl", dumps.turtle_parts([("", quads)], used, heading), pack=pack)
        files.write(f"{path}.nt", _triples(data, found), pack=pack)


def _links(data: Canonical, targets: Targets, count: Statistics, base: str) -> dict[str, array[int]]:
    """The numbers of the lines of links by target, each triple once; the targets in order."""
    leading: dict[bytes, dict[str, str]] = {}
    for predicate, namespace in count.links:
        if (target := targets.of(predicate, namespace)) is not None:
            leading.setdefault(f"<{predicate}>".encode(), {})[namespace] = target
    found: dict[str, array[int]] = {}
    own, former = f"<{base}".encode(), b""
    for number, line in enumerate(data.lines):
        subject, prop, rest = line.split(b" ", 2)
        if prop not in leading or not subject.startswith((own, b"_")) or rest[:1] != b"<" or rest.startswith(own):
            continue
        triple = line[: line.rindex(b" <")]
        if triple == former:
            continue
        former = triple
        value = rest[1 : rest.index(b">")].decode()
        if (target := leading[prop].get(namespace_of(value))) is not None:
            found.setdefault(target, array("Q")).append(number)
    return dict(sorted(found.items()))


def _triples(data: Canonical, found: array[int]) -> Iterator[bytes]:
    for number in found:
        line = data.lines[number]
        yield line[: line.rindex(b" <")] + b" .\n"


def _uses(quad: ox.Quad, namespace: str) -> bool:
    terms = (quad.subject, quad.predicate, quad.object)
    return any(isinstance(term, ox.NamedNode) and term.value.startswith(namespace) for term in terms)
