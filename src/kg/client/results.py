"""The answer to a query as values of Python, a data frame or a graph."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
from rdflib import Graph

from kg.client.cache import Answer
from kg.client.values import Value, term
from kg.errors import AnswerInvalid, PackageMissing
from kg.source import to_rdflib

if TYPE_CHECKING:
    import pandas as pd

Row = dict[str, Value]
_CUT = re.compile(rb"(?:^|\n)# (cut after [^\n]{1,200})\n?$")
_TAIL = 300


@dataclass(frozen=True)
class Result:
    """The answer to one query.

    Of a SELECT it is iterated row by row (a dict; what is unbound is left out), of an ASK it is true or false. ``cut``
    says what the site left out: None if it left out nothing.
    """

    variables: tuple[str, ...] = ()
    _rows: tuple[Row, ...] | None = None
    _truth: bool | None = None
    _graph: Graph | None = None
    cut: str | None = None

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows of a SELECT. Raises AnswerInvalid for another query."""
        if self._rows is None:
            raise AnswerInvalid("this answer has no rows", "ask with SELECT")
        return self._rows

    @property
    def boolean(self) -> bool:
        """The answer to an ASK. Raises AnswerInvalid for another query."""
        if self._truth is None:
            raise AnswerInvalid("this answer is not yes or no", "ask with ASK")
        return self._truth

    def graph(self) -> Graph:
        """The graph of a CONSTRUCT or DESCRIBE. Raises AnswerInvalid for another query."""
        if self._graph is None:
            raise AnswerInvalid("this answer is no graph", "ask with CONSTRUCT or DESCRIBE")
        return self._graph

    def dataframe(self) -> pd.DataFrame:
        """The rows as a data frame, a column for each variable; what is unbound is None.

        Raises PackageMissing without pandas, AnswerInvalid if there are no rows.
        """
        try:
            pandas: Any = import_module("pandas")
        except ImportError:
            raise PackageMissing("pandas is not installed", "pip install pandas") from None
        columns = {name: [row.get(name) for row in self.rows] for name in self.variables}
        made: pd.DataFrame = pandas.DataFrame(columns, columns=list(self.variables))
        return made

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows if self._graph is None else self._graph)

    def __bool__(self) -> bool:
        return self._truth if self._truth is not None else len(self) > 0


def solutions(answer: Answer) -> Result:
    """Read SPARQL 1.1 Query Results JSON. Raises AnswerInvalid."""
    try:
        told = json.loads(answer.body)
        cut = _cut(answer, told)
        if "boolean" in told:
            return Result(_truth=bool(told["boolean"]), cut=cut)
        variables = tuple(told["head"]["vars"])
        rows = [{name: term(found) for name, found in row.items()} for row in told["results"]["bindings"]]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise AnswerInvalid(f"{answer.url} sends no SPARQL results ({error!r})"[:500], "is it an endpoint?") from None
    return Result(variables, tuple(rows), cut=cut)


def graph(answer: Answer) -> Result:
    """Read a graph in any syntax that is announced. Raises AnswerInvalid."""
    mark = _CUT.search(answer.body[-_TAIL:])
    return Result(_graph=read_graph(answer), cut=mark[1].decode() if mark else _cut(answer, {}))


def read_graph(answer: Answer) -> Graph:
    """The triples of an answer as an rdflib graph, lexical forms untouched. Raises AnswerInvalid."""
    kind = answer.headers.get("content-type", "").partition(";")[0].strip()
    form = ox.RdfFormat.from_media_type(kind)
    if form is None:
        raise AnswerInvalid(f"{answer.url} sends {kind or 'something without a type'}, which is no RDF")
    found = Graph()
    try:
        parser = ox.parse(answer.body, form, base_iri=answer.url)
        triples = [(to_rdflib(q.subject), to_rdflib(q.predicate), to_rdflib(q.object)) for q in parser]
    except (SyntaxError, ValueError, TypeError) as error:
        raise AnswerInvalid(f"what {answer.url} sends cannot be read: {error}"[:500], "tell the operator") from None
    for prefix, namespace in parser.prefixes.items():
        found.bind(prefix, namespace, replace=True)
    found.addN((*triple, found) for triple in triples)
    return found


def _cut(answer: Answer, told: Mapping[str, Any]) -> str | None:
    """What the site says of a part that is missing: this program's own marks, and those of Virtuoso."""
    if mark := told.get("cut"):
        return f"cut after {int(mark['after']):,} {mark['what']}"
    if header := answer.headers.get("answer-cut"):
        what, _, after = header.partition("=")
        return f"cut after {int(after):,} {what}" if after.isdecimal() else header
    if "x-sql-state" in answer.headers:
        return "cut at the time limit of the server"
    most = answer.headers.get("x-sparql-maxrows", "")
    return f"cut after {int(most):,} rows" if most.isdecimal() else None
