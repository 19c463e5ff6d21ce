"""A document -> bytes in an RDF format. The same triples in each, their lexical forms untouched."""

from __future__ import annotations

from collections.abc import Sequence

import pyoxigraph as ox

from kg.release import dumps
from kg.release.jsonld import json_ld_parts


def write_rdf(triples: Sequence[ox.Triple], wanted: str, prefixes: dict[str, str]) -> bytes:
    """The triples in ``wanted``: turtle, ntriples, rdfxml or jsonld (compacted with the prefixes as its context)."""
    used = _used(triples, prefixes)
    if wanted == "turtle":
        return dumps.turtle([("", triples)], used)
    if wanted == "jsonld":
        return _json_ld(triples, used)
    if wanted == "rdfxml":
        return b"".join(dumps.rdf_xml_parts(triples, used))
    return ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b""


def write_json_ld(triples: Sequence[ox.Triple], form: str, prefixes: dict[str, str]) -> bytes:
    """The triples as JSON-LD in a ``form``: expanded or flattened (the same here: no node in another), or compacted."""
    if form in ("expanded", "flattened"):
        return ox.serialize(sorted(triples, key=str), format=ox.RdfFormat.JSON_LD) or b"[]"
    return write_rdf(triples, "jsonld", prefixes)


def _json_ld(triples: Sequence[ox.Triple], prefixes: dict[str, str]) -> bytes:
    ordered = sorted(triples, key=str)
    lines = (ox.serialize(ordered, format=ox.RdfFormat.N_TRIPLES) or b"").splitlines()
    return b"".join(json_ld_parts(ordered, prefixes, lines))


def _used(triples: Sequence[ox.Triple], prefixes: dict[str, str]) -> dict[str, str]:
    """The prefixes that shorten at least one IRI of the triples."""
    iris = {
        term.value for t in triples for term in (t.subject, t.predicate, t.object) if isinstance(term, ox.NamedNode)
    }
    iris |= {t.object.datatype.value for t in triples if isinstance(t.object, ox.Literal)}
    return {prefix: namespace for prefix, namespace in prefixes.items() if any(i.startswith(namespace) for i in iris)}
