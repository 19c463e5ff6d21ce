"""The description of a release, made of counts and facts only (pure): VoID, DCAT 3, PROV, and the questions as SHACL.

``void``, ``dcat``, ``linksets``, ``prov`` and ``queries`` each add to one graph; ``history`` tells how releases follow
one another, which no release can know of itself. Everything has an IRI of its own, so that the catalogue is the same
text each time it is written. The rules of DCAT-AP 3 stand beside, as shapes (``DCAT_AP``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from rdflib import Graph

from kg.mentions import Mention
from kg.metadata import dcat, linksets, prov, queries, void
from kg.metadata.dcat import Distribution, Version
from kg.metadata.prov import Source, sources
from kg.metadata.targets import Targets
from kg.project import Project, Rule
from kg.questions import Question
from kg.statistics import Statistics

__all__ = ["DCAT_AP", "Distribution", "Source", "Targets", "Version", "catalogue", "sources"]

# DCAT-AP 3 restated as SHACL shapes.
DCAT_AP = Path(__file__).with_name("dcat-ap.ttl")


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
    *,
    parts: Mapping[str, int] | None = None,
    statistics: Statistics | None = None,
    prefixes: Mapping[str, str] | None = None,
    ontologies: Iterable[str] = (),
    made_from: Iterable[Source] = (),
    commit: str | None = None,
    program: str = "",
) -> Graph:
    """What ``dataset.ttl`` says (``described``), completed with what only a release knows.

    ``triples`` is the number of all published ones, ``parts`` has that of each dump (``data``, ``asserted``,
    ``inferred``); ``statistics`` are those of the whole, ``prefixes`` make readable names of classes and properties.
    ``ontologies`` are the project's own. ``made_from`` are the files that were read, ``commit`` their state in version
    control and ``program`` the version that read them. Of questions, rules and shapes the catalogue says which of the
    ontology's ``terms`` they speak of (``dcterms:references``).
    """
    graph = Graph(bind_namespaces="none")
    graph += described
    rules = list(rules)
    version = Version(
        base=project.base,
        dataset=project.iri,
        name=release,
        version=project.version,
        date=project.date,
        title=project.title,
        description=project.description,
        licence=project.licence,
        languages=project.languages,
        distributions=tuple(distributions),
    )
    dcat.describe(graph, version, ontologies)
    if statistics is not None:
        linksets.describe(graph, version, statistics, prefixes or {})
    dcat.complete(graph)
    void.describe(graph, version, {"data": triples, **(parts or {})}, statistics, prefixes or {})
    prov.describe(graph, version, made_from, rules, commit, program)
    queries.describe(graph, project, questions, rules, shapes, terms)
    return graph
