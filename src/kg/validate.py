"""A knowledge graph -> findings, before any inference.

SHACL runs on what was written: after inference ``sh:class`` could no longer fail, because a mistyped thing would have
been given the right type by an ``rdfs:range``. Beside the shapes stand the rules of ``publishable``: what every term
must be so that it can be published in all formats and asked for.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pyoxigraph as ox
import rdflib
from rdflib import RDF, SH, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from kg.errors import ProjectError, QueryError
from kg.findings import CheckReport, Finding, report
from kg.graph import KnowledgeGraph, as_rdflib
from kg.project import DISPLAY_FILE
from kg.publishable import is_ill_typed, problems
from kg.source import subject_lines
from kg.sparql import refuse_unserved, syntax_error
from kg.terms import DISPLAY, question_iri

Progress = Callable[[str], None]
_UNARY_PATHS = {
    SH.inversePath: "^{}",
    SH.zeroOrMorePath: "{}*",
    SH.oneOrMorePath: "{}+",
    SH.zeroOrOnePath: "{}?",
}
_SEVERITY = {SH.Violation: "violation", SH.Warning: "warning", SH.Info: "info"}


def check(graph: KnowledgeGraph, progress: Progress = lambda _: None) -> CheckReport:
    """Look at everything: syntax, literals, shapes. ``progress`` is told what is being done, a phrase at a time.

    With a file that does not parse, shapes are not run: each of its missing statements would be a finding of its own.
    """
    triples = sum(len(f.quads) for f in graph.files)
    findings = list(_syntax_findings(graph))
    if not findings:
        locate = _Locator(graph)
        progress("checking terms")
        findings += _term_findings(graph, locate)
        told = {(f.focus, f.path) for f in findings}
        progress(f"validating {triples:,} triples against {len(graph.shapes)} files of shapes")
        # What a shape says about a literal that is bad in itself would be a second finding for one mistake.
        found = [f for f in _shape_findings(graph, locate) if (f.focus, f.path) not in told]
        findings += _without_consequences(found, {focus for focus, _ in told})
        findings += _question_findings(graph)
        findings += _empty_findings(graph)
    return report(findings, len(graph.files) + len(graph.shapes) + len(graph.problems), triples)


def _without_consequences(findings: list[Finding], bad: set[str]) -> list[Finding]:
    """Leave out comparisons on a thing with a value of the wrong datatype: they fail because of that alone."""
    bad = bad | {f.focus for f in findings if f.component == str(SH.DatatypeConstraintComponent)}
    comparisons = {str(SH.LessThanConstraintComponent), str(SH.LessThanOrEqualsConstraintComponent)}
    return [f for f in findings if f.component not in comparisons or f.focus not in bad]


class _Locator:
    """Finds the file and line of a subject; parses a file for its lines only when something was found in it."""

    def __init__(self, graph: KnowledgeGraph) -> None:
        self._root = graph.project.root
        self._origins = graph.origins()
        self._lines: dict[Path, dict[str, int]] = {}

    def find(self, subject: str) -> tuple[str, int]:
        """(file relative to the project, line); ("", 0) for a subject of no file."""
        for path in self._origins.get(subject, ()):
            return self.name(path), self.line(path, subject)
        return "", 0

    def name(self, path: Path) -> str:
        return _shown(path, self._root)

    def line(self, path: Path, subject: str) -> int:
        if path not in self._lines:
            self._lines[path] = subject_lines(path)
        return self._lines[path].get(subject, 0)


def _shown(path: Path, root: Path) -> str:
    """The path inside the project, printable whatever bytes the file's name has."""
    return path.relative_to(root).as_posix().encode("utf-8", "backslashreplace").decode()


def _syntax_findings(graph: KnowledgeGraph) -> Iterator[Finding]:
    for problem in graph.problems:
        yield Finding(
            severity="violation",
            rule="syntax",
            messages={"en": problem.problem},
            file=_shown(problem.file, graph.project.root),
            line=problem.line,
            column=problem.column,
            text=problem.text,
        )


def _term_findings(graph: KnowledgeGraph, locate: _Locator) -> Iterator[Finding]:
    for parsed in graph.files:
        seen: set[str] = set()
        for quad in parsed.quads:
            focus = quad.subject.value if isinstance(quad.subject, ox.NamedNode) else ""
            found = problems(quad, graph.project.base, told=focus in seen)
            seen.add(focus)
            for problem in found:
                yield Finding(
                    severity="violation",
                    rule=problem.rule,
                    messages=problem.messages,
                    file=locate.name(parsed.path),
                    line=locate.line(parsed.path, focus) if focus else 0,
                    focus=focus,
                    path=str(quad.predicate) if problem.rule != "iri" else "",
                    value=str(quad.object) if problem.rule == "literal" else "",
                )


def _question_findings(graph: KnowledgeGraph) -> Iterator[Finding]:
    root, empty = graph.project.root, ox.Store()
    for question in graph.questions:
        try:
            refuse_unserved(question.text)
            empty.query(question.text)
        except SyntaxError as error:
            problem = syntax_error(error.msg, question.text)
            lines = question.text.splitlines()
            text = lines[problem.line - 1] if 0 < problem.line <= len(lines) else ""
            yield Finding(
                "violation",
                "question",
                {"en": problem.message},
                _shown(question.file, root),
                problem.line,
                problem.column,
                text=text,
            )
        except QueryError as error:
            yield Finding("violation", "question", {"en": error.message}, _shown(question.file, root), 1)
    known = {question_iri(graph.project.base, question.name) for question in graph.questions}
    for quad in graph.description:
        if quad.predicate.value == str(DISPLAY.query) and str(quad.object)[1:-1] not in known:
            messages = {
                "en": "no such question: the name of a file in ontology/questions/ is wanted",
                "de": "keine solche Frage: gesucht ist der Name einer Datei in ontology/questions/",
            }
            yield Finding(
                "violation",
                "display",
                messages,
                DISPLAY_FILE.as_posix(),
                path=str(quad.predicate),
                focus=str(quad.subject)[1:-1],
                value=str(quad.object),
            )


def _empty_findings(graph: KnowledgeGraph) -> Iterator[Finding]:
    if not graph.asserted:
        yield Finding(
            severity="violation",
            rule="empty",
            messages={
                "en": "ontology/ and data/ hold no statement at all; put Turtle files (*.ttl) there",
                "de": "ontology/ und data/ enthalten keine einzige Aussage; Turtle-Dateien (*.ttl) dort ablegen",
            },
        )


def _shape_findings(graph: KnowledgeGraph, locate: _Locator) -> Iterator[Finding]:
    if not graph.shapes:
        return
    shapes = as_rdflib(q for f in graph.shapes for q in f.quads)
    data = as_rdflib(_comparable(q) for f in graph.files for q in f.quads)
    results = _run_pyshacl(data, shapes)
    for result in results.objects(None, SH.result):
        yield _finding(result, results, shapes, locate)


def _comparable(quad: ox.Quad) -> ox.Quad:
    """The quad, a literal that is no value of its datatype turned into a string: pySHACL fails on comparing such."""
    if isinstance(quad.object, ox.Literal) and is_ill_typed(quad.object):
        return ox.Quad(quad.subject, quad.predicate, ox.Literal(quad.object.value), quad.graph_name)
    return quad


def _run_pyshacl(data: Graph, shapes: Graph) -> Graph:
    import pyshacl  # noqa: PLC0415 - half a second, and most commands do not validate

    logging.getLogger("pyshacl").setLevel(logging.ERROR)
    before = rdflib.NORMALIZE_LITERALS
    rdflib.NORMALIZE_LITERALS = False
    try:
        _, results, _ = pyshacl.validate(data, shacl_graph=shapes, inference="none", meta_shacl=False)
    except Exception as error:
        # Whatever is wrong with a shape, its author must hear of it, and pySHACL has many ways to say so.
        raise ProjectError(f"the shapes cannot be used: {error}", "correct the shape in shapes/") from error
    finally:
        # pySHACL leaves the switch on "normalise", whatever it was: our literals would change under our hands.
        rdflib.NORMALIZE_LITERALS = before
    if not isinstance(results, Graph):  # a failure that pySHACL tells as a value
        raise ProjectError(f"the shapes cannot be used: {results}", "correct the shape in shapes/")
    return results


def _finding(result: Node, results: Graph, shapes: Graph, locate: _Locator) -> Finding:
    focus, path = results.value(result, SH.focusNode), results.value(result, SH.resultPath)
    value, shape = results.value(result, SH.value), results.value(result, SH.sourceShape)
    severity = results.value(result, SH.resultSeverity)
    file, line = locate.find(str(focus))
    return Finding(
        severity=_SEVERITY.get(URIRef(str(severity)), "violation"),
        rule=_shape_name(shape, shapes),
        messages=_messages(results.objects(result, SH.resultMessage)),
        file=file,
        line=line,
        focus=str(focus) if isinstance(focus, URIRef) else "",
        path=_path_text(path, shapes, results),
        value=value.n3() if isinstance(value, URIRef | Literal) else "",
        component=str(results.value(result, SH.sourceConstraintComponent) or ""),
    )


def _messages(found: Iterable[Node]) -> dict[str, str]:
    return {m.language or "en": " ".join(str(m).split()) for m in found if isinstance(m, Literal)}


def _shape_name(shape: Node | None, shapes: Graph) -> str:
    """The shape's IRI, or for a blank property shape the IRI of the node shape around it."""
    while isinstance(shape, BNode):
        shape = next(iter(shapes.subjects(None, shape)), None)
    return str(shape) if shape is not None else "shape"


def _path_text(path: Node | None, *graphs: Graph) -> str:
    """A SHACL property path (SHACL, section 2.3.1) as a SPARQL property path; "" for what is none."""
    if path is None or isinstance(path, URIRef):
        return path.n3() if path is not None else ""
    for graph in graphs:
        for predicate, pattern in _UNARY_PATHS.items():
            if (inner := graph.value(path, predicate)) is not None:
                return pattern.format(_path_text(inner, *graphs))
        options = graph.value(path, SH.alternativePath)
        if options is not None or (path, RDF.first, None) in graph:
            mark, steps = ("|", options) if options is not None else ("/", path)
            return mark.join(_path_text(step, *graphs) for step in graph.items(steps))
    return ""
