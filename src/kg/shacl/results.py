"""A validation report as a graph -> results as values (SHACL, section 3.6.2)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rdflib import RDF, SH, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from kg.shacl import messages

_UNARY_PATHS = {
    SH.inversePath: "^{}",
    SH.zeroOrMorePath: "{}*",
    SH.oneOrMorePath: "{}+",
    SH.zeroOrOnePath: "{}?",
}
_STEP = re.compile(r"\^?<[^<>]*>|<[^<>]*>[*+?]")  # binds more closely than "/" and "|"


@dataclass(frozen=True, order=True)
class Result:
    """One result. Focus node and value are terms as in Turtle with full IRIs, ``value`` "" if there is none.

    ``path`` is a SPARQL property path with full IRIs or "". ``component`` and ``severity`` are IRIs, and so is
    ``shape``: for a blank property shape that of the shape around it, "shape" if none around it has one. ``messages``
    are pairs of language ("" for none) and text, one for each language.
    """

    focus: str
    path: str
    value: str
    component: str
    shape: str
    severity: str
    messages: tuple[tuple[str, str], ...]


def results(report: Graph, shapes: Graph) -> list[Result]:
    """The results of the report, sorted. What only explains another result (``sh:detail``) is not counted."""
    return sorted(_result(node, report, shapes) for node in report.objects(None, SH.result))


def _result(node: Node, report: Graph, shapes: Graph) -> Result:
    focus, value = report.value(node, SH.focusNode), report.value(node, SH.value)
    shape, component = report.value(node, SH.sourceShape), str(report.value(node, SH.sourceConstraintComponent) or "")
    found = messages.told(report.objects(node, SH.resultMessage), _plain(focus), _plain(value))
    if not found:
        found = messages.made_up(component, shapes.objects(shape, messages.parameter(component)))
    return Result(
        focus=_text(focus),
        path=_path_text(report.value(node, SH.resultPath), shapes, report),
        value=_text(value),
        component=component,
        shape=_shape_name(shape, shapes),
        severity=str(report.value(node, SH.resultSeverity)),
        messages=tuple(found.items()),
    )


def _plain(term: Node | None) -> str:
    return str(term) if isinstance(term, URIRef | Literal) else ""


def _text(term: Node | None) -> str:
    if isinstance(term, Literal):
        return term.n3()
    if isinstance(term, BNode):
        return f"_:{term}"
    return f"<{term}>" if term is not None else ""


def _shape_name(shape: Node | None, shapes: Graph) -> str:
    while isinstance(shape, BNode):
        shape = next(iter(shapes.subjects(None, shape)), None)
    return str(shape) if shape is not None else "shape"


def _path_text(path: Node | None, *graphs: Graph) -> str:
    """A SHACL property path (SHACL, section 2.3.1) as a SPARQL property path; "" for what is none."""
    if path is None or isinstance(path, URIRef):
        return _text(path)
    for graph in graphs:
        for predicate, pattern in _UNARY_PATHS.items():
            if (inner := graph.value(path, predicate)) is not None:
                return pattern.format(_step_text(inner, *graphs))
        options = graph.value(path, SH.alternativePath)
        if options is not None or (path, RDF.first, None) in graph:
            mark, steps = ("|", options) if options is not None else ("/", path)
            return mark.join(_step_text(step, *graphs) for step in graph.items(steps))
    return ""


def _step_text(path: Node, *graphs: Graph) -> str:
    text = _path_text(path, *graphs)
    return text if _STEP.fullmatch(text) else f"({text})"
