"""Source files -> quads, strictly, and where in a file a subject stands.

pyoxigraph parses (it refuses every illegal file of the W3C suites); rdflib's Turtle parser is asked a second time,
only for files with findings, because it alone tells on which line it is.
"""

from __future__ import annotations

import logging
import re
from bisect import bisect_left
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.plugins.parsers.notation3 import BadSyntax, RDFSink, SinkParser

from kg.errors import SourceError
from kg.terms import PREFIXES

# rdflib logs a literal that is no value of its datatype, with a traceback. The check reports it properly.
logging.getLogger("rdflib.term").setLevel(logging.ERROR)


@dataclass(frozen=True)
class ParsedFile:
    """One source file: its quads, all in the named graph ``graph``, and the prefixes that it declares."""

    path: Path
    graph: str
    quads: tuple[ox.Quad, ...]
    prefixes: dict[str, str]


def parse_turtle(path: Path, graph: str, base: str | None = None) -> ParsedFile:
    """Parse the Turtle file ``path`` (RDF 1.1 Turtle, UTF-8); every quad gets the graph name ``graph``.

    Raises SourceError with line, column and the offending text if the file cannot be read or is not Turtle.
    """
    text = read_text(path)
    graph_name = ox.NamedNode(graph)
    try:
        parser = ox.parse(text, ox.RdfFormat.TURTLE, base_iri=base, rename_blank_nodes=True)
        quads = tuple(ox.Quad(q.subject, q.predicate, q.object, graph_name) for q in parser)
    except SyntaxError as error:
        line, column = error.lineno or 0, error.offset or 0
        lines = text.splitlines()
        offending = lines[line - 1] if 0 < line <= len(lines) else ""
        # The message repeats the position before its first colon.
        problem = error.msg.partition(": ")[2] or error.msg
        raise SourceError(problem, path, line, column, offending) from None
    except (MemoryError, ValueError, OSError) as error:  # a literal or line beyond the parser's own limits
        raise SourceError(f"cannot be parsed: {error}", path) from error
    if newer := next((q for q in quads if _is_rdf_12(q.object)), None):
        raise SourceError(f"uses RDF 1.2, which is not served here: {newer.object}", path)
    return ParsedFile(path, graph, quads, dict(parser.prefixes))


def _is_rdf_12(term: object) -> bool:
    return isinstance(term, ox.Triple) or (isinstance(term, ox.Literal) and term.direction is not None)


def read_text(path: Path) -> str:
    """The file's text. Raises SourceError if it cannot be read or is not UTF-8."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise SourceError(f"cannot be read: {error.strerror}", path) from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        line = before.count(b"\n") + 1
        column = error.start - (before.rfind(b"\n") + 1) + 1
        raise SourceError(
            f"byte 0x{raw[error.start]:02X} is not UTF-8; save the file as UTF-8", path, line, column
        ) from None


class _LineKeeper(SinkParser):
    """rdflib's Turtle parser, noting for each subject the line where a statement about it first begins."""

    def __init__(self, text: str) -> None:
        super().__init__(RDFSink(Graph()), baseURI="urn:x-base:", turtle=True)
        self.first_line: dict[str, int] = {}
        self._statement_line = 0
        # The parser's own count of lines runs ahead: it counts a line break each time that it looks past it.
        self._line_ends = [match.start() for match in re.finditer("\n", text)]

    def statement(self, argstr: str, i: int) -> int:
        self._statement_line = bisect_left(self._line_ends, i) + 1
        return super().statement(argstr, i)

    def makeStatement(self, quadruple: tuple[object, object, object, object]) -> None:  # noqa: N802 (rdflib's name)
        subject = quadruple[2]
        if not isinstance(subject, URIRef):
            return  # a blank node has no name by which a finding could be looked up
        # Inside a property list the parser has moved on; the statement began earlier.
        self.first_line.setdefault(str(subject), self._statement_line)


def subject_lines(path: Path) -> dict[str, int]:
    """For each IRI that is a subject in the file: the line (from 1) where a statement about it first begins.

    A subject may be missing if rdflib's parser gives up on the file: a finding is never lost because its line is
    unknown. Raises SourceError if the file cannot be read.
    """
    text = read_text(path)
    keeper = _LineKeeper(text)
    with suppress(BadSyntax, ValueError):  # what is located so far is of use even so
        keeper.feed(text)
    return keeper.first_line


def to_rdflib(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> URIRef | BNode | Literal:
    """The same RDF term for rdflib, lexical form untouched. Raises TypeError for an RDF 1.2 triple term."""
    if isinstance(term, ox.NamedNode):
        return URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return BNode(term.value)
    if isinstance(term, ox.Literal):
        if term.language:
            return Literal(term.value, lang=term.language)
        datatype = term.datatype.value
        if datatype == PREFIXES["xsd"] + "string":
            return Literal(term.value)
        return Literal(term.value, datatype=URIRef(datatype), normalize=False)
    raise TypeError("triple terms (RDF 1.2) are not supported")


def from_rdflib(graph: Graph, name: str) -> list[ox.Quad]:
    """The triples of an rdflib graph as quads of the named graph ``name``."""
    graph_name = ox.NamedNode(name)
    return [ox.Quad(_named_or_blank(s), ox.NamedNode(str(p)), _any_term(o), graph_name) for s, p, o in graph]


def _named_or_blank(term: object) -> ox.NamedNode | ox.BlankNode:
    return ox.BlankNode(str(term)) if isinstance(term, BNode) else ox.NamedNode(str(term))


def _any_term(term: object) -> ox.NamedNode | ox.BlankNode | ox.Literal:
    if not isinstance(term, Literal):
        return _named_or_blank(term)
    if term.language:
        return ox.Literal(str(term), language=term.language)
    return ox.Literal(str(term), datatype=ox.NamedNode(str(term.datatype))) if term.datatype else ox.Literal(str(term))


def graph_of(quad: ox.Quad) -> str:
    """The IRI of the named graph of a quad, "" for the default graph."""
    return quad.graph_name.value if isinstance(quad.graph_name, ox.NamedNode) else ""
