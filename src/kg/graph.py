"""The one immutable KnowledgeGraph of a project: ontology, vocabulary, data and description, as quads.

Reading never stops at the first bad file: all of them are named at once (``problems``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pyoxigraph as ox
from rdflib import Graph

from kg.errors import SourceError
from kg.project import Project, Rule
from kg.questions import Question
from kg.source import ParsedFile, parse_turtle, to_rdflib
from kg.terms import PREFIXES, graph_iri, whole

_PREFIX = re.compile(r"[A-Za-z][A-Za-z0-9-]*")


@dataclass(frozen=True)
class KnowledgeGraph:
    """All that a project's files say. ``files`` keep the origin of every quad; ``shapes`` are apart from the graph."""

    project: Project
    files: tuple[ParsedFile, ...]
    shapes: tuple[ParsedFile, ...]
    questions: tuple[Question, ...]
    problems: tuple[SourceError, ...]
    rules: tuple[Rule, ...] = ()

    @property
    def meta_graph(self) -> str:
        """The named graph of what speaks of the publication; it is in no dump."""
        return graph_iri(self.project.base, "meta")

    @property
    def asserted(self) -> list[ox.Quad]:
        """Ontology, vocabulary and data as written."""
        return [q for f in self.files if f.graph != self.meta_graph for q in f.quads]

    @property
    def description(self) -> list[ox.Quad]:
        """``dataset.ttl`` and ``display.ttl``: what speaks of the publication."""
        return [q for f in self.files if f.graph == self.meta_graph for q in f.quads]

    @cached_property
    def prefixes(self) -> dict[str, str]:
        """Prefix -> namespace, for reading and writing.

        What the project's files declare wins, the first file in order over later ones; then come the well-known ones,
        then one for each folder of this graph's own IRIs (``state:ITA`` for ``{base}id/state/ITA``).
        """
        found: dict[str, str] = {}

        def offer(prefixes: Iterable[tuple[str, str]]) -> None:
            for prefix, namespace in prefixes:
                if prefix not in found and namespace not in found.values():
                    found[prefix] = namespace

        for file in self.files:  # the empty prefix means something else in each file
            offer((p, n) for p, n in sorted(file.prefixes.items()) if p)
        offer(PREFIXES.items())
        offer(self._folders())
        return found

    def _folders(self) -> list[tuple[str, str]]:
        subjects = {q.subject.value for q in self.asserted if isinstance(q.subject, ox.NamedNode)}
        folders = {whole(s).rpartition("/")[0] + "/" for s in subjects if s.startswith(self.project.base)}
        named = ((f.removesuffix("/").rpartition("/")[2], f) for f in folders if f != self.project.base)
        return sorted((name, folder) for name, folder in named if _PREFIX.fullmatch(name))


def read_graph(project: Project) -> KnowledgeGraph:
    """Parse every file of the project; files that do not parse end up in ``problems``, the others in the graph."""
    problems: list[SourceError] = []

    def parsed(path: Path, graph: str) -> Iterable[ParsedFile]:
        try:
            yield parse_turtle(path, graph, base=project.base)
        except SourceError as error:
            problems.append(error)

    files = [f for path, graph in project.files() for f in parsed(path, graph)]
    shapes = [f for path in project.shape_files() for f in parsed(path, graph_iri(project.base, "shapes"))]
    questions: tuple[Question, ...] = ()
    rules: tuple[Rule, ...] = ()
    try:
        questions = tuple(project.questions())
        rules = tuple(project.rules())
    except SourceError as error:
        problems.append(error)
    return KnowledgeGraph(project, tuple(files), tuple(shapes), questions, tuple(problems), rules)


def as_rdflib(quads: Iterable[ox.Quad | ox.Triple]) -> Graph:
    """The triples as an rdflib graph, lexical forms untouched (graph names are dropped)."""
    graph = Graph(bind_namespaces="none")
    graph.addN((to_rdflib(q.subject), to_rdflib(q.predicate), to_rdflib(q.object), graph) for q in quads)
    return graph
