"""How the graphs of a release are called in a SPARQL server, and a query told in those names (pure).

A server holds several releases side by side, so each graph has a name that begins with the release's:

* the published graph ``B`` + ``graph/X`` is ``B`` + ``release/NAME/graph/X``;
* the default graph (all that is published, each triple once) is ``B`` + ``release/NAME/graph``;
* ``B`` + ``release/NAME``, the mark, says of itself which release it is and, last of all, that it is complete;
* ``B`` + ``release/NAME/nothing`` stays empty: whatever a visitor calls that the release does not have, is this.

Visitors know the published names only. Where a statement speaks of a graph it is stored with the stored name, and a
query is asked with stored names, so that both go together; the answer gets the published names back. What a query does
with the text of a name (``STRLEN(STR(?g))``) sees the stored one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from re import Match
from urllib.parse import urljoin

import pyoxigraph as ox

from kg import sparql
from kg.engine import Query
from kg.errors import QueryError, QueryRefused, QuerySyntaxError
from kg.release.manifest import Release
from kg.terms import graph_iri

# Virtuoso calls its own functions by these, some of which reach beyond the data.
_INSIDES = ("bif:", "sql:")


@dataclass(frozen=True)
class GraphNames:
    """The names of one release: ``stored`` maps each published graph to its name in the server."""

    base: str
    name: str
    stored: dict[str, str]

    @property
    def mark(self) -> str:
        """The graph, and its only subject, that says which release this is."""
        return f"{self.base}release/{self.name}"

    @property
    def union(self) -> str:
        """The default graph."""
        return f"{self.mark}/graph"

    @property
    def nothing(self) -> str:
        """A graph that nobody ever writes."""
        return f"{self.mark}/nothing"

    @property
    def everything(self) -> frozenset[str]:
        """The published graphs that make up the default graph."""
        return frozenset(self.stored) - {graph_iri(self.base, "meta")}

    def published(self) -> Replacing:
        """What gives the published names back to an answer, part by part."""
        return Replacing(f"{self.union}/".encode(), graph_iri(self.base, "").encode())


def names_of(release: Release) -> GraphNames:
    """The names of the graphs of ``release``."""
    manifest = release.manifest
    lead = graph_iri(manifest.base, "")
    stored = {iri: f"{manifest.base}release/{manifest.name}/graph/{iri.removeprefix(lead)}" for iri in manifest.graphs}
    return GraphNames(manifest.base, manifest.name, stored)


class Replacing:
    """Replaces ``old`` by ``new`` in bytes that come in parts, also where ``old`` is spread over two of them."""

    def __init__(self, old: bytes, new: bytes) -> None:
        self._old, self._new = old, new
        self._held = b""

    def feed(self, chunk: bytes) -> bytes:
        """What can go out now."""
        text = (self._held + chunk).replace(self._old, self._new)
        longest = min(len(self._old) - 1, len(text))
        held = next((size for size in range(longest, 0, -1) if text.endswith(self._old[:size])), 0)
        self._held = text[len(text) - held :]
        return text[: len(text) - held]

    def finish(self) -> bytes:
        """What was held back."""
        rest, self._held = self._held, b""
        return rest


@dataclass(frozen=True)
class Told:
    """A query as the server gets it: its text, which has ``added`` lines on top, and the graphs of its dataset."""

    text: str
    added: int
    default_graphs: tuple[str, ...]
    named_graphs: tuple[str, ...]


def told(query: Query, names: GraphNames) -> Told:
    """``query`` in stored names.

    The dataset is that of the protocol's parameters, else that of the ``FROM`` clauses, else the published one. The
    clauses are taken out: not every server lets the parameters win. After ``GRAPH`` every name is mapped, one that is
    not in the dataset to ``nothing``; elsewhere each IRI that equals the name of a published graph, as in
    ``VALUES ?g { <...> } GRAPH ?g { ... }``.

    Raises QuerySyntaxError for prefixes that are not declared and for what no parser takes, QueryRefused for functions
    that belong to the insides of a server, QueryError for a dataset with a graph that is no IRI.
    """
    text = sparql.one_reading(query.text)
    if missing := sparql.undeclared(text, query.prefixes):
        raise missing
    read = _Reading(text, query.prefixes)
    given = query.default_graphs is not None or query.named_graphs is not None
    defaults, named = (query.default_graphs or (), query.named_graphs or ()) if given else read.clauses()
    _demand_iris((*defaults, *named))
    if given or read.has_clauses:
        in_named = {iri: names.stored[iri] for iri in named if iri in names.stored}
        if set(defaults) == names.everything:
            default_graphs: tuple[str, ...] = (names.union,)
        else:
            default_graphs = _unique(names.stored.get(iri, names.nothing) for iri in defaults)
    else:
        in_named = names.stored
        default_graphs = (names.union,)
    text, unknown = read.replaced(names, in_named)
    # A server that is given graphs of one kind only may add all that it has of the other.
    named_graphs = _unique([*in_named.values(), *([names.nothing] if unknown or not in_named else [])])
    lead = "".join(f"PREFIX {prefix}: <{query.prefixes[prefix]}> " for prefix in read.borrowed)
    return Told(f"{lead}\n{text}" if lead else text, int(bool(lead)), default_graphs or (names.nothing,), named_graphs)


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def _demand_iris(names: Iterable[str]) -> None:
    try:
        for name in names:
            ox.NamedNode(name)
    except ValueError as error:
        raise QueryError(f"a graph of the dataset is no absolute IRI: {error}") from None


@dataclass(frozen=True)
class _Name:
    """A name in the text: where it stands, which IRI it means, and whether it follows GRAPH."""

    start: int
    end: int
    iri: str
    after_graph: bool


class _Reading:
    """One pass over the tokens of a query: its names, its dataset clauses, the prefixes that it borrows."""

    def __init__(self, text: str, known: Mapping[str, str]) -> None:
        self._text = text
        self._known = known
        self._names: list[_Name] = []
        self._clauses: list[tuple[int, int, bool, str]] = []
        self._declared: dict[str, str] = {}
        self._base = ""
        self.borrowed: dict[str, None] = {}
        tokens = list(sparql.tokens(text))
        place = 0
        while place < len(tokens):
            place += self._read(tokens, place)

    @property
    def has_clauses(self) -> bool:
        """True if the text has ``FROM``."""
        return bool(self._clauses)

    def clauses(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The graphs after ``FROM`` and those after ``FROM NAMED``."""
        default = tuple(iri for _, _, named, iri in self._clauses if not named)
        return default, tuple(iri for _, _, named, iri in self._clauses if named)

    def replaced(self, names: GraphNames, in_named: Mapping[str, str]) -> tuple[str, bool]:
        """The text with stored names and without clauses, and whether a name in it became ``nothing``."""
        edits = [(start, end, " " * (end - start)) for start, end, _, _ in self._clauses]
        unknown = False
        for name in self._names:
            if name.after_graph:
                unknown = unknown or name.iri not in in_named
                edits.append((name.start, name.end, f"<{in_named.get(name.iri, names.nothing)}>"))
            elif name.iri in names.stored:
                edits.append((name.start, name.end, f"<{names.stored[name.iri]}>"))
        parts, position = [], 0
        for start, end, new in sorted(edits):
            # Lines stay where they are, for the sake of messages.
            breaks = "\n" * (self._text.count("\n", start, end) - new.count("\n"))
            parts += [self._text[position:start], new, breaks]
            position = end
        return "".join([*parts, self._text[position:]]), unknown

    def _read(self, tokens: list[Match[str]], place: int) -> int:
        """Take in what stands at ``place``; returns how many tokens that were."""
        token, rest = tokens[place], tokens[place + 1 : place + 3]
        word = token[0].upper() if token["word"] else ""
        if word == "DEFINE":
            raise self._unexpected(token)
        if word == "PREFIX" and len(rest) == 2 and rest[0]["name"] and rest[1]["iri"]:
            self._declared[rest[0]["prefix"]] = self._absolute(rest[1][0][1:-1])
            return 3
        if word == "BASE" and rest and rest[0]["iri"]:
            self._base = self._absolute(rest[0][0][1:-1])
            return 2
        if word == "FROM":
            named = bool(rest) and rest[0][0].upper() == "NAMED"
            term = next(iter(rest[named:]), token)
            if (iri := self._iri(term)) is None:
                raise self._unexpected(term)
            self._clauses.append((token.start(), term.end(), named, iri))
            return 3 if named else 2
        if word == "GRAPH" and rest and (iri := self._iri(rest[0])) is not None:
            self._names.append(_Name(rest[0].start(), rest[0].end(), iri, after_graph=True))
            return 2
        before = tokens[place - 1][0] if place else ""
        if before != "_" and (iri := self._iri(token)) is not None:
            self._names.append(_Name(token.start(), token.end(), iri, after_graph=False))
        return 1

    def _iri(self, token: Match[str]) -> str | None:
        """What a token means if it is an IRI, long or short."""
        if token["iri"]:
            iri = self._absolute(token[0][1:-1])
        elif token["name"]:
            prefix = token["prefix"]
            if prefix not in self._declared:
                self.borrowed[prefix] = None
            namespace = self._declared.get(prefix, self._known.get(prefix, ""))
            iri = namespace + token[0].partition(":")[2].replace("\\", "")
        else:
            return None
        if iri.lower().startswith(_INSIDES):
            raise QueryRefused(f"{token[0]} is not answered here: it belongs to the insides of a server")
        return iri

    def _absolute(self, iri: str) -> str:
        return urljoin(self._base, iri) if self._base else iri

    def _unexpected(self, token: Match[str]) -> QuerySyntaxError:
        return QuerySyntaxError(f"unexpected {token[0]!r}", *sparql.position(self._text, token.start()))
