"""Which representation a client gets (pure): one table of media types, and RFC 9110, section 12.5.1.

Werkzeug parses the header; the choice is made here, because the most specific range must win for each type and
``q=0`` must forbid (``Accept.best_match`` alone does not promise either).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header


@dataclass(frozen=True)
class Variant:
    """One way to write something: ``format`` is the program's word, ``suffix`` what a URL may end in.

    ``aliases`` are media types that a client may ask with for the same bytes.
    """

    format: str
    media_type: str
    suffix: str
    title: str
    aliases: tuple[str, ...] = ()

    @property
    def content_type(self) -> str:
        """The Content-Type header; text carries its charset, the other types fix theirs themselves."""
        return f"{self.media_type}; charset=utf-8" if self.media_type.startswith("text/") else self.media_type


HTML = Variant("html", "text/html", "html", "HTML")
TURTLE = Variant("turtle", "text/turtle", "ttl", "Turtle")
JSON_LD = Variant("jsonld", "application/ld+json", "jsonld", "JSON-LD", ("application/json",))
N_TRIPLES = Variant("ntriples", "application/n-triples", "nt", "N-Triples")
RDF_XML = Variant("rdfxml", "application/rdf+xml", "rdf", "RDF/XML", ("application/xml",))
TRIG = Variant("trig", "application/trig", "trig", "TriG")
N_QUADS = Variant("nquads", "application/n-quads", "nq", "N-Quads")

RESULTS_JSON = Variant("json", "application/sparql-results+json", "srj", "JSON", ("application/json",))
RESULTS_XML = Variant("xml", "application/sparql-results+xml", "srx", "XML", ("application/xml",))
RESULTS_CSV = Variant("csv", "text/csv", "csv", "CSV")
RESULTS_TSV = Variant("tsv", "text/tab-separated-values", "tsv", "TSV")

# In each list the first is what a client gets that accepts everything.
GRAPH_VARIANTS = (TURTLE, JSON_LD, N_TRIPLES, RDF_XML)
DOCUMENT_VARIANTS = (HTML, *GRAPH_VARIANTS)
DATASET_VARIANTS = (TRIG, N_QUADS)
SOLUTION_VARIANTS = (RESULTS_JSON, RESULTS_XML, RESULTS_CSV, RESULTS_TSV)
BOOLEAN_VARIANTS = (RESULTS_JSON, RESULTS_XML)
# The answers to a query, by their kind.
ANSWER_VARIANTS = {"solutions": SOLUTION_VARIANTS, "boolean": BOOLEAN_VARIANTS, "graph": GRAPH_VARIANTS}


def parse_accept(header: str | None) -> MIMEAccept:
    """The Accept header as a value; none, or one with nothing readable in it, accepts everything.

    Ranges that cannot be read are left out rather than refused (RFC 9110, section 12.5.1, allows to disregard them).
    """
    accept = parse_accept_header(header, MIMEAccept) if header else MIMEAccept()
    return accept or MIMEAccept([("*/*", 1.0)])


def choose(accept: MIMEAccept, variants: Sequence[Variant]) -> Variant | None:
    """The best acceptable variant, the earlier one of equals; None if the client accepts none of them."""
    best: Variant | None = None
    best_quality = 0.0
    for variant in variants:
        quality, rank = _quality(accept, variant.media_type)
        if rank < _EXACT:  # a type asked for by its own name is not helped or hindered by its other names
            aliases = (_quality(accept, alias) for alias in variant.aliases)
            quality = max([quality, *(q for q, alias_rank in aliases if alias_rank == _EXACT)])
        if quality > best_quality:
            best, best_quality = variant, quality
    return best


_EXACT = 2


def _quality(accept: MIMEAccept, media_type: str) -> tuple[float, int]:
    """The q-value of the most specific range that matches, and how specific it is (-1: none matches)."""
    best, best_rank = 0.0, -1
    for media_range, quality in accept:
        name, *parameters = (part.strip().lower() for part in media_range.split(";"))
        if any(not p.startswith(("charset=", "profile=")) for p in parameters):
            continue  # a parameter that none of our types has, such as version=1
        if (rank := _rank(name, media_type)) > best_rank:
            best, best_rank = quality, rank
    return best, best_rank


def _rank(media_range: str, media_type: str) -> int:
    """How specifically the range names the type: 2 exactly, 1 by its main type, 0 by ``*/*``, -1 not at all."""
    if media_range == media_type:
        return _EXACT
    if media_range == f"{media_type.partition('/')[0]}/*":
        return 1
    return 0 if media_range == "*/*" else -1
