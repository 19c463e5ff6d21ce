"""A knowledge graph -> findings, before any inference.

SHACL runs on what was written: after inference ``sh:class`` could no longer fail, because a mistyped thing would have
been given the right type by an ``rdfs:range``. Beside the shapes stand the rules of ``publishable``: what every term
must be so that it can be published in all formats and asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pyoxigraph as ox
from rdflib import SH

from kg import shacl
from kg.checks import query_findings, run_own_checks
from kg.description import check_description
from kg.findings import CheckReport, Finding, report
from kg.graph import KnowledgeGraph
from kg.locate import Locator, shown
from kg.publishable import problems
from kg.tombstones import check_tombstones
from kg.waivers import Waivers

Progress = Callable[[str], None]


def check(graph: KnowledgeGraph, progress: Progress = lambda _: None) -> CheckReport:
    """Look at everything: syntax, literals, shapes, questions, the project's own checks.

    ``progress`` is told what is being done, a phrase at a time. With a file that does not parse, shapes are not run:
    each of its missing statements would be a finding of its own.
    """
    triples = sum(len(f.quads) for f in graph.files)
    findings = list(_syntax_findings(graph))
    if not findings:
        locate, waivers = Locator(graph), Waivers(graph)
        progress("checking terms")
        findings += _term_findings(graph, locate)
        told = {(f.focus, f.path) for f in findings}
        progress(f"validating {triples:,} triples against {len(graph.shapes)} files of shapes")
        # What a shape says about a literal that is bad in itself would be a second finding for one mistake.
        found = [*_shape_findings(graph, locate, progress), *check_description(graph, locate)]
        found = [f for f in found if (f.focus, f.path) not in told]
        findings += _without_consequences(found, {focus for focus, _ in told})
        findings += _question_findings(graph)
        findings += run_own_checks(graph, locate)
        findings += check_tombstones(graph, locate)
        findings += _empty_findings(graph)
        findings = waivers.apply(findings) + list(waivers.problems(locate))
    return report(findings, len(graph.files) + len(graph.shapes) + len(graph.problems), triples)


def _without_consequences(findings: list[Finding], bad: set[str]) -> list[Finding]:
    """Leave out comparisons on a thing with a value of the wrong datatype: they fail because of that alone."""
    bad = bad | {f.focus for f in findings if f.component == str(SH.DatatypeConstraintComponent)}
    comparisons = {str(SH.LessThanConstraintComponent), str(SH.LessThanOrEqualsConstraintComponent)}
    return [f for f in findings if f.component not in comparisons or f.focus not in bad]


def _syntax_findings(graph: KnowledgeGraph) -> Iterator[Finding]:
    for problem in graph.problems:
        yield Finding(
            severity="violation",
            rule="syntax",
            messages={"en": problem.problem},
            file=shown(problem.file, graph.project.root),
            line=problem.line,
            column=problem.column,
            text=problem.text,
        )


def _term_findings(graph: KnowledgeGraph, locate: Locator) -> Iterator[Finding]:
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
    for question in graph.questions:
        yield from query_findings(question.text, "question", shown(question.file, graph.project.root))


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


def _shape_findings(graph: KnowledgeGraph, locate: Locator, progress: Progress) -> Iterator[Finding]:
    if not graph.shapes:
        return
    data, shapes = (q for f in graph.files for q in f.quads), (q for f in graph.shapes for q in f.quads)
    yield from (shacl.finding(result, locate) for result in shacl.validate(data, shapes, progress))
