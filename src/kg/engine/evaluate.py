"""One query over a release's stores, written to a stream in one format. Runs in a query process, or in ``kg query``."""

from __future__ import annotations

import resource
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import chain, islice
from typing import IO, Any, cast

import pyoxigraph as ox

from kg.engine import Cut, Query
from kg.engine.cut import Cutter, comment
from kg.engine.formats import GRAPHS, RESULTS, demand_format
from kg.errors import QueryError
from kg.release.manifest import Release
from kg.release.store import Stores
from kg.search import LabelIndex
from kg.search import functions as search_functions
from kg.sparql import counts_everything, names_graphs, refuse_unserved, star, syntax_error, variables

_WITH_PREFIXES = ("turtle", "rdfxml")
_LOOKED_AT = 500  # triples at the beginning of a graph that decide which prefixes are declared
Results = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples
Functions = Mapping[ox.NamedNode, Callable[..., Any]]


@dataclass(frozen=True)
class Dataset:
    """What a query is put to.

    ``whole`` is the store of the release. ``plain`` holds its default graph alone, or is ``whole``: queries that name
    no graph are answered from there, which spares them the copies of each triple in the named graphs. ``triples`` is
    the size of the default graph, ``services`` are the addresses that may be called.
    """

    whole: ox.Store
    plain: ox.Store
    triples: int
    functions: Functions
    services: frozenset[str] = frozenset()


def open_dataset(
    release: Release,
    stores: Stores | None = None,
    services: frozenset[str] = frozenset(),
    *,
    counted: bool = True,
) -> Dataset:
    """What queries to a release are put to; what ``stores`` do not hold is read from disk. Raises ReleaseError.

    Who knows that the store on disk is whole need not have it ``counted``.
    """
    whole, plain = (stores or Stores()).opened(release, counted=counted)
    # The first releases had no index; then the functions are unknown to the engine.
    found = search_functions(LabelIndex.open(release.labels)) if release.labels.exists() else {}
    return Dataset(whole, plain, release.manifest.triples["data"], found, services)


def evaluate(data: Dataset, query: Query) -> Results:
    """Parse and start a query. Raises QueryRefused or QuerySyntaxError before anything is evaluated."""
    refuse_unserved(query.text, data.services)
    given = query.default_graphs is not None or query.named_graphs is not None
    text = query.text
    if not given and (name := counts_everything(text)) is not None:
        # The release knows the answer; the engine would visit every triple.
        text = f"SELECT ?{name} {{ VALUES ?{name} {{ {data.triples} }} }}"
    functions = dict(data.functions) if _may_call(text) else None
    store = data.whole if given or names_graphs(text) else data.plain
    try:
        return store.query(
            _in_order(text, query.prefixes, functions),
            prefixes=query.prefixes or None,
            default_graph=[*_graphs(query.default_graphs)] if given else None,
            named_graphs=[*_graphs(query.named_graphs)] if given else None,
            custom_functions=functions,
        )
    except SyntaxError as error:
        raise syntax_error(error.msg, query.text, query.prefixes) from None
    except (RuntimeError, ValueError, OSError) as error:
        raise QueryError(f"the query failed: {error}") from error


def _may_call(text: str) -> bool:
    """True if the text may name one of our functions: handing them over takes as long as many a query."""
    return "\\" in text or "search" in text.lower()  # the namespace has the word; an escape might hide it


def _in_order(text: str, prefixes: dict[str, str], functions: dict[ox.NamedNode, Callable[..., Any]] | None) -> str:
    """The text with the ``*`` of ``SELECT *`` spelled out: the engine's own order of columns is not fixed.

    Which variables are in scope is asked of the engine, over an empty store.
    """
    place = star(text)
    if place is None or "SERVICE" in text.upper():  # the service would be called twice
        return text
    results = ox.Store().query(text, prefixes=prefixes or None, custom_functions=functions)
    if not isinstance(results, ox.QuerySolutions):  # pragma: no cover - only a SELECT has a star
        return text
    scope = {variable.value for variable in results.variables}
    columns = [f"?{name}" for name in variables(text) if name in scope]
    if len(columns) != len(scope) or not columns:
        return text
    return text[: place[0]] + " ".join(columns) + text[place[1] :]


def kind_and_format(results: Results, query: Query) -> tuple[str, str]:
    """(solutions, boolean or graph; format). Raises NoSuchFormat if no format is wanted for this kind of answer."""
    if isinstance(results, ox.QuerySolutions):
        kind, wanted = "solutions", query.solutions
    elif isinstance(results, ox.QueryBoolean):
        kind, wanted = "boolean", query.boolean
    else:
        kind, wanted = "graph", query.graph
    return kind, demand_format(kind, wanted)


@dataclass(frozen=True)
class Written:
    """How an answer ended: its rows or triples, and whether a limit cut it."""

    rows: int
    cut: Cut | None


class _Full(Exception):
    """Stops the serializer of an answer that has reached its limit."""


def write(results: Results, wanted: str, output: IO[bytes], prefixes: dict[str, str], rows: int, size: int) -> Written:
    """Evaluate to the end, or to the limit of ``rows`` and ``size`` in bytes, and write.

    Raises QueryError if evaluation fails on the way, OSError of ``output``.
    """
    try:
        if isinstance(results, ox.QueryTriples):
            return _write_graph(results, wanted, output, prefixes, rows, size)
        if isinstance(results, ox.QueryBoolean):
            results.serialize(output, RESULTS[wanted])
            return Written(1, None)
        return _write_solutions(results, wanted, output, rows, size)
    except ConnectionError:
        raise  # whoever asked has gone
    except (RuntimeError, ValueError, OSError) as error:
        raise QueryError(f"the query failed: {error}") from error


def _write_solutions(results: ox.QuerySolutions, wanted: str, output: IO[bytes], rows: int, size: int) -> Written:
    cutter = Cutter(wanted, rows, size)

    class Through:
        def write(self, data: bytes) -> int:
            output.write(cutter.feed(data))
            if cutter.full:
                raise _Full
            return len(data)

        def flush(self) -> None:
            """Nothing is held here that could go out."""

    with suppress(_Full):
        results.serialize(cast("IO[bytes]", Through()), RESULTS[wanted])
    output.write(cutter.finish())
    return Written(cutter.rows, cutter.cut)


def _write_graph(
    triples: ox.QueryTriples, wanted: str, output: IO[bytes], prefixes: dict[str, str], rows: int, size: int
) -> Written:
    counted = written = 0
    cut: Cut | None = None

    class Counting:
        def write(self, data: bytes) -> int:
            nonlocal written
            written += len(data)
            output.write(data)
            return len(data)

        def flush(self) -> None:
            """Nothing is held here that could go out."""

    def limited() -> Iterator[ox.Triple]:
        nonlocal counted, cut
        for triple in triples:
            if counted >= rows or written >= size:
                what, after = ("triples", rows) if counted >= rows else ("bytes", size)
                cut = Cut(what, after, wanted != "jsonld")
                return
            counted += 1
            yield triple

    found = limited()
    first = list(islice(found, _LOOKED_AT)) if wanted in _WITH_PREFIXES else []
    known = _used(first, prefixes) if first else None
    ox.serialize(chain(first, found), cast("IO[bytes]", Counting()), GRAPHS[wanted], prefixes=known)
    if cut is not None:
        output.write(comment(wanted, cut))
    return Written(counted, cut)


def _used(triples: list[ox.Triple], prefixes: dict[str, str]) -> dict[str, str]:
    """Those of the prefixes that shorten an IRI of the triples, which may be the beginning of many."""
    terms = (term for triple in triples for term in (triple.subject, triple.predicate, triple.object))
    iris = {term.value for term in terms if isinstance(term, ox.NamedNode)}
    iris |= {t.object.datatype.value for t in triples if isinstance(t.object, ox.Literal)}
    stems = {iri[: max(iri.rfind("#"), iri.rfind("/"), iri.rfind(":")) + 1] for iri in iris}
    return {
        prefix: namespace
        for prefix, namespace in prefixes.items()
        if namespace in stems or any(stem.startswith(namespace) for stem in stems)
    }


@contextmanager
def nothing_can_be_opened(query: str = "", services: Collection[str] = ()) -> Iterator[None]:
    """While a query runs this process can open no file and no socket: what the text check missed still cannot leave.

    For the whole process, so only where one query at a time is all that it does. Only a ``query`` that may call one of
    the ``services`` is exempt.
    """
    if services and "SERVICE" in query.upper():
        yield
        return
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
