"""The interfaces of the site: what operations are grouped by, and what the catalogue of APIs lists (RFC 9727)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Api:
    """A group of operations. ``anchor`` is where it begins, ``described`` where it describes itself, if it does."""

    name: str
    title: str
    description: str
    anchor: str
    described: tuple[str, str] | None = None


DOCUMENTS = Api(
    "documents",
    "Linked data",
    "Every IRI of the dataset leads to a document about the thing (303), in several formats and profiles. The formats "
    "have addresses of their own too: /doc/... with the suffix .ttl, .jsonld, .nt, .rdf, .json or .html.",
    "/",
)
SPARQL = Api(
    "sparql",
    "SPARQL",
    "Queries (SPARQL 1.1 Protocol) and whole graphs (SPARQL 1.1 Graph Store HTTP Protocol). The data is read-only.",
    "/sparql",
    ("/sparql", "text/turtle"),
)
SEARCH = Api("search", "Search", "Things by their names, in any script and with small mistakes.", "/search")
RECONCILIATION = Api(
    "reconciliation",
    "Reconciliation",
    "Names in tables are matched with things of the dataset (Reconciliation Service API).",
    "/reconcile",
    ("/reconcile", "application/json"),
)
LINKING = Api(
    "linking",
    "Identifiers and prefixes",
    "From anybody's identifiers to ours and back; short names of IRIs.",
    "/prefixes",
)
CHANGES = Api(
    "changes",
    "Changes",
    "What differs between releases: to read, as RDF Patch and ChangeSet, as Atom feed and as Linked Data Event Stream.",
    "/changes",
)
TIME = Api(
    "time",
    "Former states",
    "Documents as they were at any time (Memento, RFC 7089), and releases by name.",
    "/timegate/",
)
TAKING = Api(
    "taking",
    "Citing and taking",
    "How a page is cited, in several formats, and cards of pages to be shown on other pages (oEmbed).",
    "/oembed",
)
DOWNLOADS = Api("downloads", "Downloads", "Every file of every release, at addresses that never change.", "/dumps/")
DESCRIPTIONS = Api(
    "descriptions",
    "Descriptions",
    "What the site says of itself: the dataset (VoID), the catalogue (DCAT), contexts, and these operations.",
    "/catalog",
    ("/catalog.ttl", "text/turtle"),
)
OPERATION = Api("operation", "Operation", "For those who run the site: health and numbers.", "/health/ready")
# In the order of the page.
APIS = (
    DOCUMENTS,
    SEARCH,
    RECONCILIATION,
    LINKING,
    SPARQL,
    CHANGES,
    TIME,
    TAKING,
    DOWNLOADS,
    DESCRIPTIONS,
    OPERATION,
)
