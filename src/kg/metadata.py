"""The catalogue of a release, made of counts and facts only (pure): VoID, DCAT 3, and the questions as SHACL-SPARQL.

Everything has an IRI of its own, so that the catalogue is the same text each time it is written.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from rdflib import DCAT, DCTERMS, OWL, RDF, RDFS, SDO, SH, VOID, Graph, Literal, Namespace, URIRef

from kg import sparql
from kg.mentions import Mention, concluded, in_query
from kg.project import Project, Rule
from kg.questions import Parameter, Question
from kg.source import to_rdflib
from kg.terms import DISPLAY, PREFIXES, question_iri, rule_iri

SPDX = Namespace(PREFIXES["spdx"])
_EXECUTABLE = {
    "SELECT": (SH.SPARQLSelectExecutable, SH.select),
    "ASK": (SH.SPARQLAskExecutable, SH.ask),
    "CONSTRUCT": (SH.SPARQLConstructExecutable, SH.construct),
}


@dataclass(frozen=True)
class Distribution:
    """One downloadable file of a release: its path there, media type, size in bytes and SHA-256 in hex."""

    path: str
    media_type: str
    size: int
    sha256: str


def catalogue(
    project: Project,
    described: Graph,
    release: str,
    triples: int,
    distributions: Iterable[Distribution],
    questions: Iterable[Question],
    rules: Iterable[Rule] = (),
    shapes: Iterable[Mention] = (),
    terms: Collection[str] = (),
) -> Graph:
    """What ``dataset.ttl`` says (``described``), completed with what only a release knows.

    Rules: VoID, sections 3 and 4 (``void:triples``, ``void:dataDump``, ``void:sparqlEndpoint``); DCAT 3, sections 6.8
    and 6.9 (Distribution, DataService). Of questions, rules and shapes it says which of the ontology's ``terms`` they
    speak of (``dcterms:references``).
    """
    graph = Graph(bind_namespaces="none")
    graph += described
    dataset, base = URIRef(project.iri), project.base
    endpoint = URIRef(f"{base}sparql")
    graph.add((dataset, RDF.type, VOID.Dataset))
    graph.add((dataset, VOID.triples, Literal(triples)))
    graph.add((dataset, VOID.sparqlEndpoint, endpoint))
    service = URIRef(f"{project.iri}#sparql")
    graph.add((service, RDF.type, DCAT.DataService))
    graph.add((service, DCAT.endpointURL, endpoint))
    graph.add((service, DCAT.servesDataset, dataset))
    for title_language, title in project.title.items():
        graph.add((service, DCTERMS.title, Literal(f"{title}: SPARQL", lang=title_language)))
    for item in distributions:
        _distribution(graph, dataset, f"{base}dumps/{release}/", item, URIRef(project.licence))
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
    return graph


def _distribution(graph: Graph, dataset: URIRef, folder: str, item: Distribution, licence: URIRef) -> None:
    name = item.path.rpartition("/")[2]
    node, url = URIRef(f"{dataset}#{name}"), URIRef(folder + name)
    graph.add((dataset, DCAT.distribution, node))
    graph.add((node, RDF.type, DCAT.Distribution))
    graph.add((node, DCTERMS.title, Literal(name)))
    graph.add((node, DCTERMS.license, licence))
    graph.add((node, DCAT.accessURL, url))
    graph.add((node, DCAT.downloadURL, url))
    graph.add((node, DCAT.mediaType, URIRef(f"https://www.iana.org/assignments/media-types/{item.media_type}")))
    graph.add((node, DCAT.byteSize, Literal(item.size)))
    checksum = URIRef(f"{node}-sha256")
    graph.add((node, SPDX.checksum, checksum))
    graph.add((checksum, RDF.type, SPDX.Checksum))
    graph.add((checksum, SPDX.algorithm, SPDX.checksumAlgorithm_sha256))
    graph.add((checksum, SPDX.checksumValue, Literal(item.sha256)))
    if name == "data.ttl":
        graph.add((dataset, VOID.dataDump, url))


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
    graph.add((node, SH.defaultValue, to_rdflib(parameter.default)))
    for language, text in parameter.says.items():
        graph.add((node, SH.description, Literal(text, lang=language)))
