"""Which representation a client gets (pure): one table of media types, and RFC 9110, section 12.5.1.

Documents come also in profiles (W3C, Content Negotiation by Profile): what is said, beside the format it is said in.

Werkzeug parses the header; the choice is made here, because the most specific range must win for each type and
``q=0`` must forbid (``Accept.best_match`` alone does not promise either).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

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
# A document in names that need no knowledge of RDF; its context makes it JSON-LD (JSON-LD 1.1, section 6.1).
PLAIN_JSON = Variant("json", "application/json", "json", "JSON")
TRIG = Variant("trig", "application/trig", "trig", "TriG")
N_QUADS = Variant("nquads", "application/n-quads", "nq", "N-Quads")

# Other files of a release.
GZIP = Variant("gzip", "application/gzip", "gz", "gzip")
JSON = Variant("json", "application/json", "json", "JSON")
SPARQL_QUERY = Variant("sparql", "application/sparql-query", "rq", "SPARQL")
CITATION_FILE = Variant("cff", "application/yaml", "cff", "Citation File Format")
TEXT = Variant("text", "text/plain", "txt", "Text")

RESULTS_JSON = Variant("json", "application/sparql-results+json", "srj", "JSON", ("application/json",))
RESULTS_XML = Variant("xml", "application/sparql-results+xml", "srx", "XML", ("application/xml",))
RESULTS_CSV = Variant("csv", "text/csv", "csv", "CSV")
RESULTS_TSV = Variant("tsv", "text/tab-separated-values", "tsv", "TSV")

# In each list the first is what a client gets that accepts everything.
GRAPH_VARIANTS = (TURTLE, JSON_LD, N_TRIPLES, RDF_XML)
DOCUMENT_VARIANTS = (HTML, *GRAPH_VARIANTS)
RESOURCE_VARIANTS = (*DOCUMENT_VARIANTS, PLAIN_JSON)
DATASET_VARIANTS = (TRIG, N_QUADS)
SOLUTION_VARIANTS = (RESULTS_JSON, RESULTS_XML, RESULTS_CSV, RESULTS_TSV)
BOOLEAN_VARIANTS = (RESULTS_JSON, RESULTS_XML)
# The answers to a query, by their kind.
ANSWER_VARIANTS = {"solutions": SOLUTION_VARIANTS, "boolean": BOOLEAN_VARIANTS, "graph": GRAPH_VARIANTS}


_MEDIA_RANGE = re.compile(r"[^\s/;,]+/[^\s/;,]+\s*(;|$)")


def parse_accept(header: str | None) -> MIMEAccept:
    """The Accept header as a value; none, or one with nothing readable in it, accepts everything.

    Ranges that cannot be read are left out rather than refused (RFC 9110, section 12.5.1, allows to disregard them).
    """
    accept = parse_accept_header(header, MIMEAccept) if header else MIMEAccept()
    accept = MIMEAccept([(value, quality) for value, quality in accept if _MEDIA_RANGE.match(value)])
    return accept or MIMEAccept([("*/*", 1.0)])


def choose(accept: MIMEAccept, variants: Sequence[Variant]) -> Variant | None:
    """The best acceptable variant, the earlier one of equals; None if the client accepts none of them."""
    best: Variant | None = None
    best_quality = 0.0
    for variant in variants:
        quality = quality_of(accept, variant, variants)
        if quality > best_quality:
            best, best_quality = variant, quality
    return best


def quality_of(accept: MIMEAccept, variant: Variant, variants: Sequence[Variant]) -> float:
    """How much a client wants one of the ``variants``, between 0 and 1; 0 is not at all.

    What a variant is also called counts only where no other of the variants has that very name.
    """
    quality, rank = _quality(accept, variant.media_type)
    if rank < _EXACT:  # a type asked for by its own name is not helped or hindered by its other names
        names = {other.media_type for other in variants}
        aliases = (_quality(accept, alias) for alias in variant.aliases if alias not in names)
        quality = max([quality, *(q for q, alias_rank in aliases if alias_rank == _EXACT)])
    return quality


class Profiled(Protocol):
    """Something that comes in several formats: a profile."""

    @property
    def iri(self) -> str:
        """What the profile is called in headers."""

    @property
    def variants(self) -> tuple[Variant, ...]:
        """The formats in which it can be had."""


AnyProfile = TypeVar("AnyProfile", bound=Profiled)


def choose_profile(
    accept: MIMEAccept, wanted: Mapping[str, float] | None, profiles: Sequence[AnyProfile]
) -> tuple[AnyProfile, Variant] | None:
    """The best acceptable profile and variant: the product of both q-values decides, the earlier one of equals.

    ``wanted`` is the q-value of each profile by its IRI (``*`` is any other), None if the client does not care. None if
    the client accepts no profile in any of its formats.
    """
    best: tuple[AnyProfile, Variant] | None = None
    best_quality = 0.0
    for profile in profiles:
        liking = 1.0 if wanted is None else wanted.get(profile.iri, wanted.get("*", 0.0))
        for variant in profile.variants:
            quality = liking * quality_of(accept, variant, profile.variants)
            if quality > best_quality:
                best, best_quality = (profile, variant), quality
    return best


_PROFILE = re.compile(
    r"""(?:^|,)\s*(?:<(?P<iri>[^<>]*)>|"(?P<quoted>[^"]*)"|(?P<bare>[^\s,;<>"]+))\s*(?P<rest>(?:;[^,]*)?)"""
)
_WEIGHT = re.compile(r";\s*q\s*=\s*(\d(?:\.\d{0,3})?)\s*(?:;|$)", re.IGNORECASE)


def parse_accept_profile(text: str | None, tokens: Mapping[str, str]) -> dict[str, float] | None:
    """An Accept-Profile header, or the ``_profile`` parameter, as q-values by IRI; None if it says nothing readable.

    A profile stands there as an IRI in angle brackets (Content Negotiation by Profile, section 7.1.1), or as one of the
    ``tokens`` (section 7.2.2), which are given with their IRIs.
    """
    found: dict[str, float] = {}
    for match in _PROFILE.finditer(text or ""):
        name = match["iri"] or match["quoted"] or match["bare"] or ""
        weight = _WEIGHT.search(match["rest"])
        if name:
            found[tokens.get(name, name)] = min(1.0, float(weight[1])) if weight else 1.0
    return found or None


def json_ld_form(accept: MIMEAccept) -> str:
    """The form of JSON-LD that is asked for: expanded, flattened, compacted, or "" (JSON-LD 1.1, appendix C)."""
    ranges = [(quality, text) for text, quality in accept if text.partition(";")[0].strip() == JSON_LD.media_type]
    # Of several the client prefers one; max keeps the first of equals.
    text = max(ranges, key=lambda item: item[0])[1] if ranges else ""
    asked = _JSON_LD_FORM.search(text)
    return asked[1] if asked else ""


_JSON_LD_FORM = re.compile(r"http://www\.w3\.org/ns/json-ld#(expanded|flattened|compacted)\b")
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
