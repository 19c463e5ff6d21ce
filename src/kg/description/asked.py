"""A description of pages against the questions: whether they have the parameters and variables that sections name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import pyoxigraph as ox

from kg.checks import query_findings
from kg.description.facts import Facts, Value
from kg.findings import Finding
from kg.questions import PLACEHOLDER, Parameter, Question, columns_of
from kg.terms import question_iri

# What the question of display:totals has to give (docs/display.md).
_SUMS = ("minimum", "maximum", "lost")
# Parameters that take several values.
_SEVERAL = ("holdsParameter", "failsParameter")


@dataclass(frozen=True)
class _Asked:
    """A question as sections see it."""

    question: Question

    @property
    def name(self) -> str:
        return self.question.name

    @property
    def parameters(self) -> dict[str, Parameter]:
        return {parameter.name: parameter for parameter in self.question.parameters}

    @cached_property
    def variables(self) -> tuple[str, ...] | None:
        """The variables of its answer; None if it has no rows, or is not sound, which is told elsewhere."""
        if not self._sound:
            return None
        answer = ox.Store().query(self.question.text)
        return tuple(v.value for v in answer.variables) if isinstance(answer, ox.QuerySolutions) else None

    @property
    def selects(self) -> bool:
        """True if it is a SELECT query, as far as can be told."""
        return self.variables is not None or not self._sound

    @property
    def gives(self) -> str:
        """The variables of its answer as a text, without those that hold the text for another."""
        return ", ".join(columns_of(self.variables or ()))

    def lacks(self, name: str) -> bool:
        """True if its answer has no variable of this name."""
        return self.variables is not None and name not in self.variables

    @cached_property
    def _sound(self) -> bool:
        return not any(query_findings(self.question.text, "question", ""))


def asked(facts: Facts) -> Iterator[Finding]:
    """What sections, columns and forms want of questions that these do not have."""
    known = {
        f"<{question_iri(facts.graph.project.base, question.name)}>": _Asked(question)
        for question in facts.graph.questions
    }
    for name in ("query", "totals", "asks"):
        for section, questions in facts.having(name):
            for value in questions:
                if str(value) not in known:
                    yield _no_question(facts, section, name, value)
                elif name == "query":
                    yield from _section(facts, section, value, known[str(value)])
                elif name == "totals":
                    yield from _totals(facts, section, value, known[str(value)])
    yield from _instead(facts, known)
    parameters = {f"{iri[:-1]}#{name}>" for iri, one in known.items() for name in one.parameters}
    for parameter, values in facts.having("offered"):
        if parameter not in parameters:
            yield facts.finding(
                "offered",
                parameter,
                "offered",
                values[0],
                "no question has this parameter, so no form offers it; its IRI is <id/question/name#parameter>",
                "keine Frage hat diesen Parameter, kein Formular bietet ihn an; seine IRI ist "
                "<id/question/name#parameter>",
            )


def _no_question(facts: Facts, section: str, name: str, value: Value) -> Finding:
    return facts.finding(
        "question",
        section,
        name,
        value,
        "no such question: the name of a file in ontology/questions/ is wanted",
        "keine solche Frage: gesucht ist der Name einer Datei in ontology/questions/",
    )


def _section(facts: Facts, section: str, query: Value, question: _Asked) -> Iterator[Finding]:
    if not question.selects:
        yield facts.finding(
            "question",
            section,
            "query",
            query,
            f"the question {question.name} is no SELECT query, and a section can show nothing else",
            f"die Frage {question.name} ist keine SELECT-Abfrage, und anderes kann ein Abschnitt nicht zeigen",
        )
        return
    for name, values in facts.names(section):
        if not name.endswith(("Variable", "Parameter")):
            continue
        if len(values) > 1:
            yield facts.finding(
                "named",
                section,
                name,
                None,
                f"display:{name} is said {len(values)} times, and only one of them would count; name one",
                f"display:{name} ist {len(values)}-mal gesagt, und nur eines davon würde zählen; eines nennen",
            )
        elif name.endswith("Parameter"):
            yield from _parameter(facts, section, name, values[0], question)
        elif question.lacks(_text(values[0])):
            yield facts.finding(
                "variable",
                section,
                name,
                values[0],
                f"the question {question.name} gives no such variable; it gives {question.gives}",
                f"die Frage {question.name} gibt keine solche Variable; sie gibt {question.gives}",
            )
    yield from _columns(facts, section, question)
    for wording in facts.values(section, "wording"):
        yield from _wording(facts, section, wording, question)


def _columns(facts: Facts, section: str, question: _Asked) -> Iterator[Finding]:
    """Columns of a section without any variable of its question; the same column may serve other sections, too."""
    for column in facts.members(section, "shows"):
        names = [_text(v) for name in ("variable", "otherwise") for v in facts.values(str(column), name)]
        if names and all(map(question.lacks, names)):
            yield facts.finding(
                "column",
                section,
                "shows",
                column,
                f"the question {question.name} gives no {names[0]}, so this column is left out; it gives "
                f"{question.gives}",
                f"die Frage {question.name} gibt kein {names[0]}, diese Spalte fehlt also; sie gibt {question.gives}",
                "warning",
            )


def _instead(facts: Facts, questions: Mapping[str, _Asked]) -> Iterator[Finding]:
    """What columns show where their own variable has no value, but no question of a section with the column gives."""
    shown: dict[str, set[str]] = {}
    for section, _ in facts.having("shows"):
        asked_there = {str(query) for query in facts.values(section, "query")} & questions.keys()
        for column in facts.members(section, "shows"):
            shown.setdefault(str(column), set()).update(asked_there)
    for node, iris in shown.items():
        for value in facts.values(node, "otherwise"):
            if iris and all(questions[iri].lacks(_text(value)) for iri in iris):
                yield facts.finding(
                    "column",
                    node,
                    "otherwise",
                    value,
                    "no question of a section with this column gives such a variable",
                    "keine Frage eines Abschnitts mit dieser Spalte gibt eine solche Variable",
                    "warning",
                )


def _parameter(facts: Facts, section: str, name: str, value: Value, question: _Asked) -> Iterator[Finding]:
    parameter = question.parameters.get(_text(value))
    if parameter is None:
        there = ", ".join(question.parameters)
        yield facts.finding(
            "parameter",
            section,
            name,
            value,
            f"the question {question.name} has no such parameter; it has {there or 'none'}",
            f"die Frage {question.name} hat keinen solchen Parameter; sie hat {there or 'keinen'}",
        )
    elif name in _SEVERAL and not parameter.several:
        yield facts.finding(
            "parameter",
            section,
            name,
            value,
            f"in the question {question.name} this parameter takes one value only; write: # parameter: ?{_text(value)} "
            "..., several",
            f"in der Frage {question.name} nimmt dieser Parameter nur einen Wert; schreiben: # parameter: "
            f"?{_text(value)} ..., several",
        )


def _totals(facts: Facts, section: str, totals: Value, question: _Asked) -> Iterator[Finding]:
    for name in _SEVERAL:
        for value in facts.values(section, name):
            yield from _parameter(facts, section, name, value, question)
    if lacking := ", ".join(f"?{name}" for name in _SUMS if question.lacks(name)):
        yield facts.finding(
            "totals",
            section,
            "totals",
            totals,
            f"the question {question.name} does not give {lacking}, so a sum is missing",
            f"die Frage {question.name} gibt {lacking} nicht, also fehlt eine Summe",
        )


def _wording(facts: Facts, section: str, wording: Value, question: _Asked) -> Iterator[Finding]:
    text = _text(wording)
    if unknown := [found["name"] for found in PLACEHOLDER.finditer(text) if question.lacks(found["name"])]:
        yield facts.finding(
            "wording",
            section,
            "wording",
            wording,
            f"the question {question.name} gives no {{{unknown[0]}}}; it gives {question.gives}",
            f"die Frage {question.name} gibt kein {{{unknown[0]}}}; sie gibt {question.gives}",
        )
    # Each line is a sentence of its own.
    for en, de in filter(None, map(_unclosed, PLACEHOLDER.sub("", text).split("\n"))):
        yield facts.finding("wording", section, "wording", wording, en, de)


def _unclosed(line: str) -> tuple[str, str] | None:
    """What is wrong with the brackets of a line from which the names are taken out."""
    depth = 0
    for character in line:
        depth += {"[": 1, "]": -1}.get(character, 0)
        if depth < 0:
            break
    if depth:
        return (
            "each line has as many [ as ], the [ first; what stands in an open one is left out",
            "jede Zeile hat so viele [ wie ], die [ zuerst; was in einer offenen steht, fehlt",
        )
    if "{" in line or "}" in line:
        return (
            "in { } stands the name of one variable, without the question mark; {name:number} says how many",
            "in { } steht der Name einer Variablen, ohne das Fragezeichen; {name:number} sagt, wie viele",
        )
    return None


def _text(value: Value) -> str:
    """What a name is compared by; a thing is no name of anything."""
    return value.value if isinstance(value, ox.Literal) else str(value)
