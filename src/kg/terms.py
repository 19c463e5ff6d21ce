"""Namespaces, and how the IRI of a thing and the path of its document belong together (pure).

The rules, for a project with base ``B`` (Cool URIs for the Semantic Web, section 4):

* ``B`` + ``id/state/ITA`` names a thing; ``B`` + ``doc/state/ITA`` is the document about it. The document's path is
  the thing's without a leading ``id/``: ``B`` + ``vocab/area/air`` is described in ``doc/vocab/area/air``.
* A hash IRI (``B`` + ``ns#holder``, ``B`` + ``id/position/FRA-0001#quantity``) is described where the part before
  the ``#`` is described.
* Named graphs: ``B`` + ``graph/ontology``, ``graph/vocab``, ``graph/data/<folder>``, ``graph/inferred``,
  ``graph/meta``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote

from rdflib import Namespace

DISPLAY = Namespace("https://w3id.org/pledge-graph-display#")
# The drawings that there are for marks (display:shape); each differs from the others without its colour.
SHAPES = ("disc", "ring", "half", "cross", "square", "diamond", "dash", "lens")
HYDRA = Namespace("http://www.w3.org/ns/hydra/core#")
PROFILE = Namespace("https://w3id.org/pledge-graph-profile#")
SEARCH = Namespace("https://w3id.org/pledge-graph-search#")
SERVICE = Namespace("https://w3id.org/pledge-graph-service#")

# The prefixes that every project gets in its dumps; its own files add theirs and win.
PREFIXES = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "display": str(DISPLAY),
    "foaf": "http://xmlns.com/foaf/0.1/",
    "hydra": str(HYDRA),
    "owl": "http://www.w3.org/2002/07/owl#",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "schema": "https://schema.org/",
    "sd": "http://www.w3.org/ns/sparql-service-description#",
    "sh": "http://www.w3.org/ns/shacl#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "spdx": "http://spdx.org/rdf/terms#",
    "vann": "http://purl.org/vocab/vann/",
    "void": "http://rdfs.org/ns/void#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}

LABEL_PROPERTIES = (
    PREFIXES["skos"] + "prefLabel",
    PREFIXES["rdfs"] + "label",
    PREFIXES["foaf"] + "name",
    PREFIXES["dcterms"] + "title",
    PREFIXES["schema"] + "name",
)

# The datatypes of numbers (XML Schema, part 2, section 3).
INTEGERS = frozenset(
    PREFIXES["xsd"] + name
    for name in (
        "integer", "int", "long", "short", "byte", "nonNegativeInteger", "positiveInteger", "nonPositiveInteger",
        "negativeInteger", "unsignedLong", "unsignedInt", "unsignedShort", "unsignedByte",
    )
)  # fmt: skip
REALS = frozenset(PREFIXES["xsd"] + name for name in ("decimal", "double", "float"))
# Those of the calendar that begin with a year (section 3.3).
DATES = frozenset(PREFIXES["xsd"] + name for name in ("date", "dateTime", "dateTimeStamp", "gYear", "gYearMonth"))

# Characters that may stand in the path of an IRI as they are (RFC 3987, ipchar and "/").
_PATH_SAFE = "/:@!$&'()*+,;=~-._"
# What no path of an IRI may contain: all but ASCII's visible characters and ucschar (RFC 3987, section 2.2), and of the
# former those with a meaning of their own.
_UCSCHAR = "\u00a0-\ud7ff\uf900-\ufdcf\ufdf0-\uffef" + "".join(
    f"{chr(max(0x10000 * plane, 0xE1000 if plane == 14 else 0))}-{chr(0x10000 * plane + 0xFFFD)}"
    for plane in range(1, 15)
)
_NO_IRI = re.compile(rf"""[^!-~{_UCSCHAR}]|[<>"{{}}|^`\\%\[\]]""")


def in_language(texts: Mapping[str, str], languages: Iterable[str] = ("en",)) -> str:
    """The text in the first of the ``languages`` that has one, else one without a language, else any; "" if none."""
    wanted = next((language for language in (*languages, "", *texts) if language in texts), "")
    return texts.get(wanted, "")


def prologue(*prefixes: str) -> str:
    """The declarations of some of ``PREFIXES``, as a query begins (SPARQL 1.1, section 4.1).

    >>> prologue("foaf", "void")
    'PREFIX foaf: <http://xmlns.com/foaf/0.1/>\\nPREFIX void: <http://rdfs.org/ns/void#>\\n'
    """
    return "".join(f"PREFIX {prefix}: <{PREFIXES[prefix]}>\n" for prefix in prefixes)


def whole(iri: str) -> str:
    """The IRI without its fragment: what must be asked for to learn about ``iri``."""
    return iri.partition("#")[0]


def graph_iri(base: str, folder: str) -> str:
    """The named graph for a part of the project: ``ontology``, ``vocab``, ``data/actors``, ``inferred``, ``meta``."""
    return f"{base}graph/{quote(folder, safe='/')}"


def document_iri(base: str, thing: str) -> str:
    """The IRI of the document about ``thing`` (an IRI that starts with ``base``)."""
    return f"{base}doc/{whole(thing).removeprefix(base).removeprefix('id/')}"


def question_iri(base: str, name: str) -> str:
    """The IRI of a question kept with the ontology."""
    return f"{base}id/question/{quote(name)}"


def rule_iri(base: str, name: str) -> str:
    """The IRI of a rule kept with the ontology."""
    return f"{base}id/rule/{quote(name)}"


def release_iri(base: str, name: str) -> str:
    """The IRI of a release: this version of the dataset."""
    return f"{base}release/{quote(name)}"


def void_iri(base: str) -> str:
    """The IRI of the document that describes the dataset in VoID (VoID, section 7.2)."""
    return f"{base}.well-known/void"


def catalogue_iri(base: str) -> str:
    """The IRI of the catalogue of what is published."""
    return f"{base}catalog"


def local_path(base: str, iri: str) -> str | None:
    """Where this site answers for ``iri``: a path with the fragment kept, or None for somebody else's IRI."""
    if not iri.startswith(base):
        return None
    path, mark, fragment = iri.removeprefix(base).partition("#")
    return f"/{quote(path, safe=_PATH_SAFE + '%')}{mark}{quote(fragment, safe=_PATH_SAFE + '?%')}"


def iri_spellings(base: str, path: str) -> list[str]:
    """The IRIs that a request path (decoded, without leading slash) can stand for.

    IRIs may be written with letters beyond ASCII or with their percent-encoded form (RFC 3987, section 3.1); both
    are tried, as written first. Characters that no IRI may contain leave only the encoded spelling; a path that is
    not UTF-8 (it holds U+FFFD) stands for none.
    """
    if "\ufffd" in path:
        return []
    encoded = base + quote(path, safe=_PATH_SAFE)
    if encoded == base + path or _NO_IRI.search(path):
        return [encoded]
    return [base + path, encoded]
