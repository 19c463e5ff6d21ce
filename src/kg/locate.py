"""Where something stands: the file and line of a subject, and a file's name as it can be shown."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox

from kg.graph import KnowledgeGraph
from kg.source import subject_lines
from kg.terms import PREFIXES

_TYPE = PREFIXES["rdf"] + "type"


class Locator:
    """Finds the file and line of a subject, in the graph first, then in the shapes.

    Of several files it is the one that gives the subject a type. A file is parsed for its lines only when something
    was found in it.
    """

    def __init__(self, graph: KnowledgeGraph) -> None:
        self._root = graph.project.root
        mentioned: dict[str, Path] = {}
        typed: dict[str, Path] = {}
        for file in (*graph.files, *graph.shapes):
            for quad in file.quads:
                if isinstance(quad.subject, ox.NamedNode):
                    mentioned.setdefault(quad.subject.value, file.path)
                    if quad.predicate.value == _TYPE:
                        typed.setdefault(quad.subject.value, file.path)
        self._origins = mentioned | typed
        self._lines: dict[Path, dict[str, int]] = {}

    def find(self, subject: str) -> tuple[str, int]:
        """(file relative to the project, line); ("", 0) for a subject of no file."""
        path = self._origins.get(subject)
        return (self.name(path), self.line(path, subject)) if path is not None else ("", 0)

    def name(self, path: Path) -> str:
        """The file's name relative to the project, printable."""
        return shown(path, self._root)

    def line(self, path: Path, subject: str) -> int:
        """The line in the file where a statement about the subject first begins; 0 if it is not known."""
        if path not in self._lines:
            self._lines[path] = subject_lines(path)
        return self._lines[path].get(subject, 0)


def shown(path: Path, root: Path) -> str:
    """The path inside the project, printable whatever bytes the file's name has."""
    return path.relative_to(root).as_posix().encode("utf-8", "backslashreplace").decode()
