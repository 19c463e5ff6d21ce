"""Checks written in SPARQL: queries that must return nothing; each row of an answer is a finding.

A check is a file ``*.rq`` with a SELECT query and comment lines on top: ``# en:`` and ``# de:`` say what is wrong and
how to mend it, ``# severity:`` is violation (if left out), warning or info. Its columns are ``?focus`` (what is
wrong), ``?path`` and ``?value``, all optional; ``{?name}`` in a message stands for a column (as in SHACL, section
5.3.2).

It sees what a release would hold before inference, in the same graphs (ontology, vocabulary and data in the default
graph and again in their named graphs, the description in ``graph/meta``), and the shapes in ``graph/shapes``.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from kg import sparql
from kg.errors import QueryError, SourceError
from kg.findings import SEVERITIES, Finding, compact
from kg.graph import KnowledgeGraph
from kg.locate import Locator, shown
from kg.source import read_text

CHECKS_FOLDER = Path("ontology/checks")
_COLUMN = re.compile(r"\{\?(\w+)\}")


@dataclass(frozen=True)
class Check:
    """One check: the rule that its findings name, its file, messages by language, severity and query."""

    rule: str
    file: Path
    messages: Mapping[str, str]
    severity: str
    text: str


def read_check(file: Path, rule: str) -> Check:
    """A check from its file. Raises SourceError if that is not UTF-8 or names no severity of ours."""
    text = read_text(file)
    header = sparql.header(text)
    severity = header.pop("severity", "violation")
    if severity not in SEVERITIES:
        raise SourceError(f"severity {severity!r} is none of {', '.join(SEVERITIES)}", file)
    return Check(rule, file, header or {"en": f"found by the check {file.stem}"}, severity, text)


def run_own_checks(graph: KnowledgeGraph, locate: Locator) -> Iterator[Finding]:
    """What the project's own checks find, those in ``ontology/checks/``; a check that cannot be run is a finding."""
    files = sorted((graph.project.root / CHECKS_FOLDER).glob("*.rq"))
    if not files:
        return
    store = checked_store(graph)
    for file in files:
        try:
            check = read_check(file, f"check {file.stem}")
        except SourceError as error:
            name = shown(file, graph.project.root)
            yield Finding("violation", "check", {"en": error.problem}, name, error.line, error.column)
            continue
        mistakes = list(query_findings(check.text, "check", shown(file, graph.project.root), ("SELECT",)))
        yield from mistakes or run_check(check, store, graph, locate)


def checked_store(graph: KnowledgeGraph) -> ox.Store:
    """The store that checks see."""
    store = ox.Store()
    store.bulk_extend(ox.Quad(q.subject, q.predicate, q.object) for q in graph.asserted)
    store.bulk_extend(q for file in (*graph.files, *graph.shapes) for q in file.quads)
    return store


def run_check(check: Check, store: ox.Store, graph: KnowledgeGraph, locate: Locator) -> Iterator[Finding]:
    """The findings of one check, each once. Raises SyntaxError or TypeError if its text is no SELECT query."""
    answer = store.query(check.text)
    if not isinstance(answer, ox.QuerySolutions):
        raise TypeError(f"{check.file} is no SELECT query")
    names = [variable.value for variable in answer.variables]
    for row in dict.fromkeys(tuple(solution) for solution in answer):
        found = {name: term for name, term in zip(names, row, strict=True) if term is not None}
        focus, value = found.get("focus"), found.get("value")
        iri = focus.value if isinstance(focus, ox.NamedNode) else ""
        file, line = locate.find(iri)
        yield Finding(
            severity=check.severity,
            rule=check.rule,
            messages={language: _filled(text, found, graph) for language, text in check.messages.items()},
            file=file,
            line=line,
            focus=iri,
            path=str(found.get("path", "")),
            value=str(value) if isinstance(value, ox.NamedNode | ox.Literal) else "",
        )


def _filled(message: str, found: Mapping[str, object], graph: KnowledgeGraph) -> str:
    def text(match: re.Match[str]) -> str:
        term = found.get(match[1], match[0])
        return term.value if isinstance(term, ox.Literal) else compact(str(term), graph.project.base, graph.prefixes)

    return _COLUMN.sub(text, message)


def query_findings(text: str, rule: str, file: str, forms: Container[str] = sparql.FORMS) -> Iterator[Finding]:
    """What is wrong with the text of a query that is kept with the ontology: syntax, form, or what is not served."""
    try:
        sparql.refuse_unserved(text)
        ox.Store().query(text)
        if sparql.form(text) not in forms:
            raise QueryError(f"a SELECT query is wanted, not {sparql.form(text)}")
    except SyntaxError as error:
        problem = sparql.syntax_error(error.msg, text)
        lines = text.splitlines()
        offending = lines[problem.line - 1] if 0 < problem.line <= len(lines) else ""
        yield Finding("violation", rule, {"en": problem.message}, file, problem.line, problem.column, text=offending)
    except QueryError as error:
        yield Finding("violation", rule, {"en": error.message}, file, 1)
