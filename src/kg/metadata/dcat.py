"""DCAT 3 (W3C Recommendation 2024): the catalogue, the dataset, a version of it, its files and its services.

What DCAT-AP 3 asks beyond DCAT (types of agents, media types, licences ...) is told as well; where the European
authority tables have a name for something (languages, file types, frequencies), that name is used.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from rdflib import DCTERMS, FOAF, PROV, RDF, RDFS, SKOS, XSD, Graph, Literal, Namespace, URIRef
from rdflib.term import Node

from kg.metadata.authority import FILE_TYPES, THEMES, language_iri, media_type_iri
from kg.terms import PREFIXES, catalogue_iri, document_iri, in_language, release_iri

DCAT = Namespace(PREFIXES["dcat"])  # rdflib's own list is that of DCAT 2
SPDX = Namespace(PREFIXES["spdx"])
VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
_PROTOCOL = "https://www.w3.org/TR/sparql11-protocol/"
_GRAPH_STORE = "https://www.w3.org/TR/sparql11-http-rdf-update/"

# How long a file will stay: only the publisher can promise that (DCAT-AP).
_AVAILABILITY = URIRef("http://data.europa.eu/r5r/availability")

# What a program's texts are in; a project in other languages is told in English.
_LANGUAGES = ("en", "de")
_PARTS = {
    "data": {"en": "All statements, written and inferred", "de": "Alle Aussagen, geschriebene und gefolgerte"},
    "asserted": {"en": "The statements as written", "de": "Die Aussagen, wie sie geschrieben wurden"},
    "inferred": {"en": "The statements that follow from those written", "de": "Die Aussagen, die daraus folgen"},
}
_PACKED = {"en": "{}, packed with gzip", "de": "{}, mit gzip gepackt"}
_AS = {"en": "{} ({})", "de": "{} ({})"}
_CATALOGUE = {
    "en": "What is published of “{}”: its versions, the files to download, and the services that answer for it.",
    "de": "Was von „{}“ veröffentlicht ist: die Fassungen, die Dateien zum Herunterladen und die Dienste.",
}
_CATALOGUE_TITLE = {"en": "Catalogue of {}", "de": "Katalog von {}"}
_VERSION_TITLE = {"en": "{}, version {}", "de": "{}, Version {}"}
_SERVICES: tuple[tuple[str, str, str, dict[str, str]], ...] = (
    ("sparql", "SPARQL", _PROTOCOL, {"en": "Answers SPARQL 1.1 queries.", "de": "Beantwortet Abfragen in SPARQL 1.1."}),
    (
        "graphs",
        "Graph Store",
        _GRAPH_STORE,
        {"en": "Gives single named graphs, or all of them.", "de": "Gibt einzelne benannte Graphen oder alle."},
    ),
)

# What DCAT-AP wants to be said of the values of a property, whoever they belong to.
_RANGES = {
    DCTERMS.license: DCTERMS.LicenseDocument,
    DCTERMS.accrualPeriodicity: DCTERMS.Frequency,
    DCTERMS.spatial: DCTERMS.Location,
    DCTERMS.language: DCTERMS.LinguisticSystem,
    DCTERMS.temporal: DCTERMS.PeriodOfTime,
    DCTERMS.accessRights: DCTERMS.RightsStatement,
    DCTERMS.format: DCTERMS.MediaTypeOrExtent,
    DCTERMS.conformsTo: DCTERMS.Standard,
    DCAT.mediaType: DCTERMS.MediaType,
    DCAT.compressFormat: DCTERMS.MediaType,
    DCAT.contactPoint: VCARD.Kind,
    DCAT.theme: SKOS.Concept,
    DCAT.landingPage: FOAF.Document,
    FOAF.homepage: FOAF.Document,
}
# What holds for each version as for the dataset.
_SHARED = (
    DCTERMS.publisher, DCTERMS.creator, DCTERMS.language, DCTERMS.spatial, DCTERMS.temporal,
    DCTERMS.accrualPeriodicity, DCTERMS.accessRights, DCAT.contactPoint, DCAT.theme, DCAT.keyword,
)  # fmt: skip


@dataclass(frozen=True)
class Distribution:
    """One downloadable file of a release: its path there, media type, size in bytes and SHA-256 in hex."""

    path: str
    media_type: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Version:
    """What is known of a release without opening its store. ``title`` and ``description`` are by language.

    ``instant`` is when it began to count (ISO 8601, UTC); only the history of releases tells that.
    """

    base: str
    dataset: str
    name: str
    version: str
    date: str
    title: dict[str, str] = field(hash=False)
    description: dict[str, str] = field(hash=False)
    licence: str
    languages: Sequence[str] = field(hash=False)
    distributions: tuple[Distribution, ...]
    instant: str = ""

    @property
    def iri(self) -> str:
        """The IRI of this version of the dataset."""
        return release_iri(self.base, self.name)

    @property
    def told_in(self) -> list[str]:
        """The languages in which the program's own texts are given."""
        return [code for code in _LANGUAGES if code in self.languages] or [_LANGUAGES[0]]

    def url(self, path: str) -> str:
        """Where a file is downloaded: dumps beside each other, other files by their path in the release."""
        return f"{self.base}dumps/{self.name}/{path.removeprefix('dumps/')}"


def describe(graph: Graph, version: Version, ontologies: Iterable[str] = ()) -> None:
    """Add catalogue, dataset, version, files and services to ``graph``, which has what the project says of itself."""
    dataset, release = URIRef(version.dataset), URIRef(version.iri)
    graph.add((dataset, RDF.type, DCAT.Dataset))
    graph.add((dataset, DCTERMS.identifier, Literal(version.dataset)))
    for written in [o for o in graph.objects(dataset, DCTERMS.language) if isinstance(o, Literal)]:
        graph.remove((dataset, DCTERMS.language, written))
    for code in version.languages:
        graph.add((dataset, DCTERMS.language, URIRef(language_iri(code))))
    graph.add((dataset, DCAT.landingPage, URIRef(document_iri(version.base, version.dataset))))
    add_version(graph, version)
    share(graph, version, release)
    for node in list(graph.objects(release, DCAT.distribution)):
        graph.add((dataset, DCAT.distribution, node))
        _copy(graph, dataset, node, (_AVAILABILITY,))
        for ontology in ontologies:
            graph.add((node, DCTERMS.conformsTo, URIRef(ontology)))
    for service in _SERVICES:
        _service(graph, version, *service)
    _catalogue(graph, version)


def share(graph: Graph, version: Version, part: URIRef) -> None:
    """Say of a ``part`` of the dataset what holds for it as for the whole: who publishes it, what it is about ..."""
    _copy(graph, URIRef(version.dataset), part, _SHARED)


def complete(graph: Graph) -> None:
    """Add what follows from the rest, when all is told: what values are, and labels."""
    _type_values(graph)
    # Pages call things by their labels; not every project counts titles among them.
    for node in {*graph.subjects(RDF.type, DCAT.Distribution), *graph.subjects(RDF.type, DCAT.Dataset)}:
        if graph.value(node, RDFS.label, any=True) is None:
            for title in list(graph.objects(node, DCTERMS.title)):
                graph.add((node, RDFS.label, title))


def _type_values(graph: Graph) -> None:
    """Say of all values what they are; what a theme is called stands where SKOS has names."""
    for predicate, kind in _RANGES.items():
        for value in [o for o in graph.objects(None, predicate) if isinstance(o, URIRef)]:
            graph.add((value, RDF.type, kind))
    for theme in set(graph.objects(None, DCAT.theme)):
        if graph.value(theme, SKOS.prefLabel, any=True) is None:
            for label in list(graph.objects(theme, RDFS.label)):
                graph.add((theme, SKOS.prefLabel, label))


def _copy(graph: Graph, giver: Node, taker: Node, predicates: Iterable[URIRef]) -> None:
    """What is said of the one with the ``predicates`` holds for the other as well."""
    for predicate in predicates:
        for value in list(graph.objects(giver, predicate)):
            graph.add((taker, predicate, value))


def add_version(graph: Graph, version: Version) -> None:
    """Add a release as a version of the dataset (DCAT 3, section 11), with its files, to ``graph``."""
    dataset, release = URIRef(version.dataset), URIRef(version.iri)
    graph.add((dataset, DCAT.hasVersion, release))
    graph.add((release, RDF.type, DCAT.Dataset))
    graph.add((release, DCAT.isVersionOf, dataset))
    graph.add((release, PROV.specializationOf, dataset))
    graph.add((release, DCAT.version, Literal(version.version)))
    graph.add((release, DCTERMS.identifier, Literal(version.iri)))
    graph.add((release, DCTERMS.issued, Literal(version.date, datatype=XSD.date)))
    graph.add((release, DCTERMS.license, URIRef(version.licence)))
    graph.add((URIRef(version.licence), RDF.type, DCTERMS.LicenseDocument))
    for language, title in version.title.items():
        text = _VERSION_TITLE.get(language, _VERSION_TITLE["en"]).format(title, version.version)
        graph.add((release, DCTERMS.title, Literal(text, lang=language)))
    for language, text in version.description.items():
        graph.add((release, DCTERMS.description, Literal(text, lang=language)))
    for item in version.distributions:
        if part_of(item.path):
            add_distribution(graph, version, item, release, dict(part_in_words(part_of(item.path), version.languages)))


def part_of(path: str) -> str:
    """The part that a dump holds (``data``, ``asserted``, ``inferred``), "" for a file that is none."""
    name = path.removeprefix("dumps/").partition(".")[0]
    return name if path.startswith("dumps/") and name in _PARTS else ""


def part_in_words(part: str, languages: Sequence[str]) -> Iterator[tuple[str, str]]:
    """What a part is, by language; in English if there is nothing in the ``languages``."""
    for code in [code for code in _LANGUAGES if code in languages] or [_LANGUAGES[0]]:
        yield code, _PARTS[part][code]


def add_checksum(graph: Graph, node: URIRef, sha256: str) -> None:
    """Add the SHA-256 of a file, in the words of SPDX (DCAT 3, section 6.16)."""
    checksum = URIRef(f"{node}-sha256")
    graph.add((node, SPDX.checksum, checksum))
    graph.add((checksum, RDF.type, SPDX.Checksum))
    graph.add((checksum, SPDX.algorithm, SPDX.checksumAlgorithm_sha256))
    graph.add((checksum, SPDX.checksumValue, Literal(sha256, datatype=XSD.hexBinary, normalize=False)))


def add_distribution(
    graph: Graph, version: Version, item: Distribution, owner: URIRef, words: Mapping[str, str]
) -> None:
    """Add a file as a distribution of its ``owner``, a dataset; ``words`` say by language what is in it."""
    path = PurePosixPath(item.path)
    node, url, packed = URIRef(f"{version.iri}#{path.name}"), URIRef(version.url(item.path)), path.suffix == ".gz"
    suffix = path.suffixes[-2 if packed and len(path.suffixes) > 1 else -1]
    known = FILE_TYPES.get(suffix)
    graph.add((owner, DCAT.distribution, node))
    graph.add((node, RDF.type, DCAT.Distribution))
    graph.add((node, DCTERMS.title, Literal(path.name)))
    for code, text in words.items():
        told = _AS[code].format(text, known.name if known else suffix.removeprefix("."))
        graph.add((node, DCTERMS.description, Literal(_PACKED[code].format(told) if packed else told, lang=code)))
    graph.add((node, DCTERMS.license, URIRef(version.licence)))
    graph.add((node, DCTERMS.issued, Literal(version.date, datatype=XSD.date)))
    graph.add((node, DCAT.accessURL, url))
    graph.add((node, DCAT.downloadURL, url))
    _typed(graph, node, DCAT.mediaType, media_type_iri(known.media_type if known else item.media_type))
    if known:
        _typed(graph, node, DCTERMS.format, known.authority)
    if packed:
        _typed(graph, node, DCAT.compressFormat, media_type_iri("application/gzip"))
    graph.add((node, DCAT.byteSize, Literal(item.size)))
    add_checksum(graph, node, item.sha256)


def _typed(graph: Graph, node: URIRef, predicate: URIRef, value: str) -> None:
    graph.add((node, predicate, URIRef(value)))
    graph.add((URIRef(value), RDF.type, _RANGES[predicate]))


def _service(graph: Graph, version: Version, name: str, title: str, standard: str, says: dict[str, str]) -> None:
    dataset, endpoint = URIRef(version.dataset), URIRef(version.base + name)
    node = URIRef(f"{dataset}#{name}")
    graph.add((node, RDF.type, DCAT.DataService))
    graph.add((node, DCAT.endpointURL, endpoint))
    graph.add((node, DCAT.servesDataset, dataset))
    graph.add((node, DCTERMS.conformsTo, URIRef(standard)))
    graph.add((node, DCTERMS.license, URIRef(version.licence)))
    # The service description speaks of the graphs, too.
    graph.add((node, DCAT.endpointDescription, URIRef(f"{version.base}sparql")))
    for language, whose in version.title.items():
        graph.add((node, DCTERMS.title, Literal(f"{whose}: {title}", lang=language)))
    for code in version.told_in:
        graph.add((node, DCTERMS.description, Literal(says[code], lang=code)))
    _copy(graph, dataset, node, (DCTERMS.publisher, DCAT.contactPoint, DCAT.theme, DCAT.keyword))


def _catalogue(graph: Graph, version: Version) -> None:
    dataset, node = URIRef(version.dataset), URIRef(catalogue_iri(version.base))
    graph.add((node, RDF.type, DCAT.Catalog))
    for code in version.told_in:
        title = in_language(version.title, (code,))
        graph.add((node, DCTERMS.title, Literal(_CATALOGUE_TITLE[code].format(title), lang=code)))
        graph.add((node, DCTERMS.description, Literal(_CATALOGUE[code].format(title), lang=code)))
    _copy(graph, dataset, node, (DCTERMS.publisher, DCTERMS.language, DCTERMS.spatial, DCTERMS.issued))
    graph.add((node, DCTERMS.modified, Literal(version.date, datatype=XSD.date)))
    graph.add((node, DCTERMS.license, URIRef(version.licence)))
    graph.add((node, FOAF.homepage, URIRef(version.base)))
    for listed in (dataset, URIRef(version.iri)):
        graph.add((node, DCAT.dataset, listed))
    for name, *_ in _SERVICES:
        graph.add((node, DCAT.service, URIRef(f"{dataset}#{name}")))
    if any(str(theme).startswith(f"{THEMES}/") for theme in graph.objects(dataset, DCAT.theme)):
        graph.add((node, DCAT.themeTaxonomy, URIRef(THEMES)))
        graph.add((URIRef(THEMES), RDF.type, SKOS.ConceptScheme))
        graph.add((URIRef(THEMES), DCTERMS.title, Literal("Data theme", lang="en")))
