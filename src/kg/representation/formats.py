"""A document -> bytes in an RDF format. The same triples in each, their lexical forms untouched."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pyoxigraph as ox
from rdflib.plugins.serializers.jsonld import Converter
from rdflib.plugins.shared.jsonld.context import Context

from kg.graph import as_rdflib
from kg.release import dumps


def write_rdf(triples: Sequence[ox.Triple], wanted: str, prefixes: dict[str, str]) -> bytes:
    """The triples in ``wanted``: turtle, ntriples, rdfxml or jsonld (compacted with the prefixes as its context)."""
    used = _used(triples, prefixes)
    if wanted == "turtle":
        return dumps.turtle([("", triples)], used)
    if wanted == "jsonld":
        return _json_ld(triples, used)
    if wanted == "rdfxml":
        return ox.serialize(triples, format=ox.RdfFormat.RDF_XML, prefixes=used) or b""
    return ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b""


def _json_ld(triples: Sequence[ox.Triple], prefixes: dict[str, str]) -> bytes:
    converter = Converter(Context(prefixes), use_native_types=False, use_rdf_type=False)
    # With a context rdflib writes numbers as JSON has them: 1.5E0 would come back for 1.5, and Infinity is no JSON.
    converter.use_native_types = False
    converted = converter.convert(as_rdflib(triples))
    # One node comes as it is, several in a list or in a graph object of their own.
    content = {"@graph": converted} if isinstance(converted, list) else converted
    written = {"@context": prefixes, **content}
    return json.dumps(written, ensure_ascii=False, indent=1, sort_keys=True).encode()


def _used(triples: Sequence[ox.Triple], prefixes: dict[str, str]) -> dict[str, str]:
    """The prefixes that shorten at least one IRI of the triples."""
    iris = {
        term.value for t in triples for term in (t.subject, t.predicate, t.object) if isinstance(term, ox.NamedNode)
    }
    iris |= {t.object.datatype.value for t in triples if isinstance(t.object, ox.Literal)}
    return {prefix: namespace for prefix, namespace in prefixes.items() if any(i.startswith(namespace) for i in iris)}
