"""One query over one store, written to a stream in one format. Runs inside a query process, or in ``kg query``."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

import pyoxigraph as ox

from kg.engine import Query
from kg.errors import NoSuchFormat, QueryError
from kg.sparql import refuse_unserved, star, syntax_error, variables

_RESULTS = {
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
    "csv": ox.QueryResultsFormat.CSV,
    "tsv": ox.QueryResultsFormat.TSV,
}
_GRAPHS = {
    "turtle": ox.RdfFormat.TURTLE,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdfxml": ox.RdfFormat.RDF_XML,
}
Results = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples


def evaluate(store: ox.Store, query: Query) -> Results:
    """Parse and start a query. Raises QueryRefused or QuerySyntaxError before anything is evaluated."""
    refuse_unserved(query.text)
    given = query.default_graphs is not None or query.named_graphs is not None
    try:
        return store.query(
            _in_order(query),
            prefixes=query.prefixes or None,
            default_graph=[*_graphs(query.default_graphs)] if given else None,
            named_graphs=[*_graphs(query.named_graphs)] if given else None,
        )
    except SyntaxError as error:
        raise syntax_error(error.msg, query.text, query.prefixes) from None
    except (RuntimeError, ValueError, OSError) as error:
        raise QueryError(f"the query failed: {error}") from error


def _in_order(query: Query) -> str:
    """The text with the ``*`` of ``SELECT *`` spelled out: the engine's own order of columns is not fixed.

    Which variables are in scope is asked of the engine, over an empty store.
    """
    place = star(query.text)
    if place is None:
        return query.text
    results = ox.Store().query(query.text, prefixes=query.prefixes or None)
    if not isinstance(results, ox.QuerySolutions):  # pragma: no cover - only a SELECT has a star
        return query.text
    scope = {variable.value for variable in results.variables}
    columns = [f"?{name}" for name in variables(query.text) if name in scope]
    if len(columns) != len(scope) or not columns:
        return query.text
    return query.text[: place[0]] + " ".join(columns) + query.text[place[1] :]


def kind_and_format(results: Results, query: Query) -> tuple[str, str]:
    """(solutions, boolean or graph; format). Raises NoSuchFormat if no format is wanted for this kind of answer."""
    if isinstance(results, ox.QuerySolutions):
        kind, wanted = "solutions", query.solutions
    elif isinstance(results, ox.QueryBoolean):
        kind, wanted = "boolean", query.boolean
    else:
        kind, wanted = "graph", query.graph
    if wanted is None:
        raise NoSuchFormat(
            f"none of the accepted media types can hold {_KINDS[kind]}", f"the answer to this query is {_KINDS[kind]}"
        )
    return kind, wanted


_KINDS = {"solutions": "a table of solutions", "boolean": "a yes or no (ASK)", "graph": "a graph"}


def write(results: Results, wanted: str, output: IO[bytes], prefixes: dict[str, str]) -> None:
    """Evaluate to the end and write. Raises QueryError if evaluation fails on the way, OSError of ``output``."""
    try:
        if isinstance(results, ox.QueryTriples):
            ox.serialize(results, output, _GRAPHS[wanted], prefixes=prefixes if wanted != "ntriples" else None)
        else:
            results.serialize(output, _RESULTS[wanted])
    except ConnectionError:
        raise  # whoever asked has gone
    except (RuntimeError, ValueError, OSError) as error:
        raise QueryError(f"the query failed: {error}") from error


@contextmanager
def nothing_can_be_opened() -> Iterator[None]:
    """While a query runs this process can open no file and no socket: what the text check missed still cannot leave.

    For the whole process, so only where one query at a time is all that it does.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def _graphs(iris: tuple[str, ...] | None) -> list[ox.NamedNode]:
    try:
        return [ox.NamedNode(iri) for iri in iris or ()]
    except ValueError as error:
        raise QueryError(f"a graph of the dataset is no absolute IRI: {error}") from None
