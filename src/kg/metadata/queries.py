"""Questions, rules and shapes of a project in the words of SHACL, with the terms that each speaks of."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from rdflib import DCTERMS, OWL, RDF, RDFS, SDO, SH, Graph, Literal, URIRef

from kg import sparql
from kg.mentions import Mention, concluded, in_query
from kg.project import Project, Rule
from kg.questions import Parameter, Question
from kg.source import to_rdflib
from kg.terms import DISPLAY, PREFIXES, question_iri, rule_iri

_EXECUTABLE = {
    "SELECT": (SH.SPARQLSelectExecutable, SH.select),
    "ASK": (SH.SPARQLAskExecutable, SH.ask),
    "CONSTRUCT": (SH.SPARQLConstructExecutable, SH.construct),
}


def describe(
    graph: Graph,
    project: Project,
    questions: Iterable[Question],
    rules: Iterable[Rule],
    shapes: Iterable[Mention],
    terms: Collection[str],
) -> None:
    """Add the project's questions, rules and shapes to ``graph``; ``terms`` are those of the ontology."""
    for question in questions:
        _question(graph, project, question, terms)
    for rule in rules:
        _rule(graph, project, rule, terms)
    for shape in shapes:
        node = URIRef(shape.shape)
        graph.add((node, RDF.type, URIRef(shape.type)))
        for language, message in shape.messages.items():
            graph.add((node, SH.message, Literal(message, lang=language or None)))
        _references(graph, node, shape.terms)


def _references(graph: Graph, node: URIRef, terms: Iterable[str]) -> None:
    for term in terms:
        graph.add((node, DCTERMS.references, URIRef(term)))


def _rule(graph: Graph, project: Project, rule: Rule, terms: Collection[str]) -> None:
    """A rule in the words of SHACL (SHACL Advanced Features, section 8.6), and the terms that it concludes."""
    node = URIRef(rule_iri(project.base, rule.name))
    graph.add((node, RDF.type, SH.SPARQLRule))
    graph.add((node, SH.construct, Literal(rule.text)))
    graph.add((node, OWL.versionInfo, Literal(rule.version)))
    for language, text in rule.says.items():
        graph.add((node, RDFS.label, Literal(text, lang=language)))
    _references(graph, node, in_query(rule.text, terms))
    for term in concluded(rule.text, terms):
        graph.add((node, DISPLAY.concludes, URIRef(term)))


def _question(graph: Graph, project: Project, question: Question, terms: Collection[str]) -> None:
    node = URIRef(question_iri(project.base, question.name))
    kind, predicate = _EXECUTABLE.get(sparql.form(question.text), (SH.SPARQLExecutable, RDFS.comment))
    graph.add((node, RDF.type, kind))
    graph.add((node, predicate, Literal(question.text)))
    for language, title in question.titles.items():
        graph.add((node, RDFS.label, Literal(title, lang=language)))
    if question.number:
        graph.add((node, SH.order, Literal(question.number)))
    graph.add((node, SDO.target, URIRef(f"{project.base}sparql")))
    _references(graph, node, in_query(question.text, terms))
    for order, parameter in enumerate(question.parameters, start=1):
        _parameter(graph, node, parameter, order)


def _parameter(graph: Graph, question: URIRef, parameter: Parameter, order: int) -> None:
    """A parameter in the words of SHACL (SHACL Advanced Features, section 5.2): ``sh:name`` is the variable."""
    node = URIRef(f"{question}#{parameter.name}")
    graph.add((question, SH.parameter, node))
    graph.add((node, RDF.type, SH.Parameter))
    graph.add((node, SH.path, node))
    graph.add((node, SH.name, Literal(parameter.name)))
    graph.add((node, SH.order, Literal(order)))
    kind = SH.datatype if parameter.type.startswith(PREFIXES["xsd"]) else SH["class"]
    graph.add((node, kind, URIRef(parameter.type)))
    if parameter.default is None:
        graph.add((node, SH.optional, Literal(True)))
    else:
        graph.add((node, SH.defaultValue, to_rdflib(parameter.default)))
    if parameter.several:  # a parameter of SHACL has one value
        graph.add((node, DISPLAY.several, Literal(True)))
    for language, text in parameter.says.items():
        graph.add((node, SH.description, Literal(text, lang=language)))
