"""The formats of answers as pyoxigraph calls them, by the program's own words."""

from __future__ import annotations

import pyoxigraph as ox

from kg.errors import NoSuchFormat

RESULTS = {
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
    "csv": ox.QueryResultsFormat.CSV,
    "tsv": ox.QueryResultsFormat.TSV,
}
GRAPHS = {
    "turtle": ox.RdfFormat.TURTLE,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdfxml": ox.RdfFormat.RDF_XML,
}


def demand_format(kind: str, wanted: str | None) -> str:
    """The wanted format of that kind of answer. Raises NoSuchFormat if there is none."""
    if wanted is None:
        raise NoSuchFormat(
            f"none of the accepted media types can hold {_KINDS[kind]}", f"the answer to this query is {_KINDS[kind]}"
        )
    return wanted


_KINDS = {"solutions": "a table of solutions", "boolean": "a yes or no (ASK)", "graph": "a graph"}
