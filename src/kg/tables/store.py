"""The queries of a mapping at work, in an Oxigraph store in memory.

In the default graph stand the rows, the keys (``<iri> <{base}table/key#positions> "id of the row"``), what is kept by
hand, and on the way back the owned triples in place of the rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pyoxigraph as ox

from kg.errors import ProjectError
from kg.tables.cells import Row, normal, triples
from kg.tables.keys import Keys
from kg.tables.mapping import Column, NamedQuery, Table, TableMapping
from kg.terms import PREFIXES


@dataclass(frozen=True)
class _Wanted:
    """A row that needs an IRI; rows of one ``group`` (if there is any) share theirs."""

    table: str
    row_id: str
    pattern: str
    group: str

    @classmethod
    def of(cls, solution: ox.QuerySolution, query: NamedQuery) -> _Wanted:
        table, row_id, pattern = (_text(solution, name, query) for name in ("table", "id", "pattern"))
        return cls(table, row_id, pattern, _optional(solution, "group"))


class TableStore:
    """A store that the queries of ``mapping`` see.

    ``kept`` are the triples that no import touches, in their named graphs. With ``aside`` they are there alone: what a
    curator says of a position must not come back as if the table had said it.
    """

    def __init__(
        self, base: str, mapping: TableMapping, kept: Iterable[ox.Quad], keys: Keys, *, aside: bool = False
    ) -> None:
        self._base, self._mapping, self.keys = base, mapping, keys
        self._prefixes = {**PREFIXES, **mapping.prefixes}
        self._prefixes |= {name: f"{base}table/{name}#" for name in ("key", *(table.name for table in mapping.tables))}
        self._store = ox.Store()
        self.in_use: set[str] = set()
        for quad in kept:
            self._store.add(quad)
            if not aside:
                self._store.add(ox.Quad(quad.subject, quad.predicate, quad.object))
        for (table, row_id), iri in keys.known.items():
            self._add_key(table, row_id, iri)

    def add(self, quads: Iterable[ox.Quad | ox.Triple]) -> None:
        """Add triples to what the queries see."""
        self._store.extend(ox.Quad(q.subject, q.predicate, q.object) for q in quads)

    def add_rows(self, table: Table, rows: list[Row]) -> None:
        """Add the rows of a table."""
        self._store.extend(triples(self._base, table, rows))

    def mint(self) -> None:
        """Give every row its IRIs, query by query: a later one sees the keys of the former.

        ``in_use`` then holds all that are given to rows.
        """
        for query in self._mapping.keys:
            wanted = [_Wanted.of(solution, query) for solution in self._select(query)]
            shared = {w.group: iri for w in reversed(wanted) if w.group and (iri := self.keys.get(w.table, w.row_id))}
            for row in wanted:
                if row.group in shared and not self.keys.get(row.table, row.row_id):
                    self.keys.share(row.table, row.row_id, shared[row.group])
                iri = self.keys.mint(row.table, row.row_id, row.pattern)
                if row.group:
                    shared.setdefault(row.group, iri)
                self._add_key(row.table, row.row_id, iri)
                self.in_use.add(iri)

    def construct(self) -> list[ox.Triple]:
        """What the rows say in the terms of the ontology: each triple once."""
        found: dict[ox.Triple, None] = {}
        for query in self._mapping.to_turtle:
            results = self._run(query)
            if not isinstance(results, ox.QueryTriples):
                raise ProjectError(f"{query.file} must be a CONSTRUCT query")
            for triple in results:
                if not isinstance(triple.subject, ox.NamedNode) or isinstance(triple.object, ox.BlankNode):
                    raise ProjectError(f"{query.file} makes a blank node: {triple}", "give it an IRI")
                found[triple] = None
        return list(found)

    def layout(self) -> dict[str, tuple[str, str]]:
        """For each subject its file, and the text by which it is sorted there."""
        query = self._mapping.layout
        return {
            _text(s, "subject", query): (_text(s, "file", query), _text(s, "block", query)) for s in self._select(query)
        }

    def headers(self) -> dict[str, str]:
        """For each file the comment with which it begins."""
        query = self._mapping.headers
        return {_text(s, "file", query): _text(s, "header", query) for s in self._select(query)}

    def rows(self, table: Table) -> list[Row]:
        """The table as the triples give it back, sorted by its key."""
        query = self._mapping.to_table[table.name]
        found = [Row({c.name: _cell(solution, c) for c in table.columns}) for solution in self._select(query)]
        return sorted(found, key=lambda row: row.key(table))

    def codes(self, of: str) -> set[str]:
        """The ``skos:notation`` of the members of a SKOS scheme or class, given by its IRI."""
        text = f"""PREFIX skos: <{PREFIXES["skos"]}>
            SELECT DISTINCT ?code WHERE {{ ?member skos:inScheme|a <{of}> ; skos:notation ?code }}"""
        results = self._store.query(text)
        assert isinstance(results, ox.QuerySolutions)  # noqa: S101 - it is a SELECT
        return {str(s["code"].value) for s in results}

    def _add_key(self, table: str, row_id: str, iri: str) -> None:
        predicate = ox.NamedNode(f"{self._base}table/key#{table}")
        self._store.add(ox.Quad(ox.NamedNode(iri), predicate, ox.Literal(row_id)))

    def _select(self, query: NamedQuery) -> Iterator[ox.QuerySolution]:
        results = self._run(query)
        if not isinstance(results, ox.QuerySolutions):
            raise ProjectError(f"{query.file} must be a SELECT query")
        return iter(list(results))

    def _run(self, query: NamedQuery) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
        try:
            return self._store.query(query.text, prefixes=self._prefixes, base_iri=self._base)
        except (SyntaxError, ValueError) as error:
            raise query.problem(error) from error


def _text(solution: ox.QuerySolution, name: str, query: NamedQuery) -> str:
    text = _optional(solution, name)
    if not text and name != "block":
        raise ProjectError(f"{query.file} gives an answer without ?{name}: {solution!r}", "correct the query")
    return text


def _optional(solution: ox.QuerySolution, name: str) -> str:
    """The value of a variable as text; "" if the query has no such variable or it is unbound."""
    try:
        value = solution[name]
    except KeyError:
        return ""
    return str(value.value) if isinstance(value, ox.NamedNode | ox.Literal) else ""


def _cell(solution: ox.QuerySolution, column: Column) -> str:
    return normal(column, _optional(solution, column.name))
