"""G7: each ontology is findable and reusable, and the site answers for it as FAIR asks.

The rules carry the test names of FOOPS! (Ontology Pitfall Scanner for FAIR, https://w3id.org/foops/catalogue). What is
asked about the web is asked of the application itself, over a release made for this purpose. Other gates cover OM4
(licence) and VOC2 to VOC4 (reuse, labels, definitions). Not asked are registries (FIND2, FIND3) and persistent
redirects (PURL1), which live elsewhere, and of OM3 what not every ontology has (DOI, logo, source, status).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rdflib import OWL, RDF, Graph, URIRef

from kg.config import Settings
from kg.findings import Finding
from kg.gates.workpiece import Workpiece
from kg.release.manifest import Release
from kg.terms import PREFIXES, local_path

_D, _V, _O = PREFIXES["dcterms"], PREFIXES["vann"], PREFIXES["owl"]
_METADATA = (
    ("OM1", "violation", f"{_D}title"),
    ("OM1", "violation", f"{_D}description"),
    ("OM1", "violation", f"{_D}creator"),
    ("OM1", "violation", f"{_V}preferredNamespaceUri"),
    ("VER1", "violation", f"{_O}versionIRI"),
    ("OM2", "warning", f"{_V}preferredNamespacePrefix"),
    ("OM2", "warning", f"{_O}versionInfo"),
    ("OM2", "warning", f"{_D}created"),
    ("OM2", "warning", f"{_D}bibliographicCitation"),
    ("OM3", "warning", f"{_D}publisher"),
    ("OM3", "warning", f"{_D}issued"),
)
_RDF_TYPES = {"text/turtle": "turtle", "application/ld+json": "json-ld", "application/rdf+xml": "xml"}


@dataclass(frozen=True)
class _Answer:
    """What the site said: status after redirects, media type and body."""

    status: int
    media_type: str
    body: bytes


_Ask = Callable[[str, str], _Answer]  # IRI and Accept header -> answer


def fair(work: Workpiece) -> Iterator[Finding]:
    """What the own ontologies lack, and how the site fails to answer for them."""
    for ontology in work.ontologies:
        for rule, severity, path in _METADATA:
            if not work.facts[ontology].get(path):
                yield work.finding(
                    severity,
                    f"G7 {rule}",
                    ontology,
                    "the ontology does not state this about itself; add it to its header",
                    "die Ontologie sagt dies nicht über sich; in ihrem Kopf ergänzen",
                    path,
                )
    if work.ontologies and (release := work.release) is not None:
        with _site(work, release) as ask:
            for ontology in work.ontologies:
                yield from _served(work, ask, ontology)


@contextmanager
def _site(work: Workpiece, release: Release) -> Iterator[_Ask]:
    """The application over the release, asked directly; nothing listens on a port."""
    from kg.web.app import create_app  # noqa: PLC0415 - the web framework, needed here only
    from kg.web.current import CurrentSite  # noqa: PLC0415

    settings = Settings(project=work.graph.project.root, releases=release.path.parent, query_processes=1)
    current = CurrentSite(settings)
    app = create_app(settings, current)
    client = app.test_client()

    def ask(iri: str, accept: str) -> _Answer:
        path = local_path(work.base, iri)
        if path is None:
            return _Answer(404, "", b"")
        response = client.get(path.partition("#")[0], headers={"Accept": accept}, follow_redirects=True)
        return _Answer(response.status_code, response.mimetype or "", response.data)

    try:
        yield ask
    finally:
        current.close()


def _served(work: Workpiece, ask: _Ask, ontology: str) -> Iterator[Finding]:
    def finding(rule: str, en: str, de: str) -> Finding:
        return work.finding("violation", f"G7 {rule}", ontology, en, de)

    page = ask(ontology, "text/html")
    if page.status != 200:
        yield finding("URI1", f"its IRI answers {page.status}", f"ihre IRI antwortet mit {page.status}")
        return
    if page.media_type != "text/html" or b"<html" not in page.body:
        yield finding("DOC1", "its IRI has no page for people", "ihre IRI hat keine Seite für Menschen")
    for media_type, form in _RDF_TYPES.items():
        answer = ask(ontology, media_type)
        if answer.media_type != media_type:
            yield finding(
                "CN1",
                f"asked for {media_type}, its IRI answers {answer.media_type}",
                f"nach {media_type} gefragt, antwortet ihre IRI mit {answer.media_type}",
            )
            continue
        graph = Graph(bind_namespaces="none").parse(data=answer.body, format=form)
        if (URIRef(ontology), RDF.type, OWL.Ontology) not in graph:
            yield finding(
                "URI2",
                f"what its IRI answers as {media_type} does not speak of it",
                f"was ihre IRI als {media_type} antwortet, handelt nicht von ihr",
            )
    version = next(iter(work.facts[ontology].get(f"{_O}versionIRI", [])), None)
    if version is not None and ask(str(version)[1:-1], "text/turtle").status != 200:
        yield finding(
            "VER2", f"the version IRI {version} is not answered", f"die Versions-IRI {version} antwortet nicht"
        )
