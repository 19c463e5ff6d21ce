"""The labels of a release in an SQLite file with a full-text index (FTS5): written once, then only read.

FTS5 finds the labels that may fit; ``folding.score`` decides, so that a label in the index and a literal in a query
are judged alike.
"""

from __future__ import annotations

import heapq
import json
import sqlite3
import threading
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import pyoxigraph as ox

from kg.errors import ReleaseError
from kg.search.folding import ALTERNATIVE, CODE, PREFERRED, Wanted, fold, plain, prepare, score, wanted
from kg.terms import PREFIXES

FORMAT = 1
_HINT = "make a new release: kg build"
_SKOS = PREFIXES["skos"]
_OTHER_LABELS = {_SKOS + "altLabel": ALTERNATIVE, _SKOS + "hiddenLabel": ALTERNATIVE, _SKOS + "notation": CODE}
_KINDS = (PREFIXES["rdf"] + "type", _SKOS + "inScheme")
_SCHEMA = f"""
PRAGMA journal_mode = OFF;
PRAGMA user_version = {FORMAT};
CREATE TABLE thing (id INTEGER PRIMARY KEY, iri TEXT NOT NULL UNIQUE);
CREATE TABLE kind (iri TEXT, thing INTEGER, PRIMARY KEY (iri, thing)) WITHOUT ROWID;
CREATE TABLE label (
    id INTEGER PRIMARY KEY, thing INTEGER NOT NULL, kind TEXT NOT NULL, language TEXT NOT NULL, text TEXT NOT NULL,
    plain TEXT NOT NULL, folded TEXT NOT NULL
);
CREATE VIRTUAL TABLE search USING fts5(
    text, folded, content='label', content_rowid='id', tokenize='unicode61 remove_diacritics 2', prefix='1 2 3'
);
"""
_INDEXES = """
INSERT INTO search (search) VALUES ('rebuild');
INSERT INTO search (search) VALUES ('optimize');
CREATE INDEX label_plain ON label (plain);
CREATE INDEX label_thing ON label (thing);
CREATE INDEX kind_thing ON kind (thing);
ANALYZE;
"""
# What is as typed counts for more than what is so after folding.
_CANDIDATES = """
SELECT thing.id, thing.iri, label.id, label.language, label.kind, label.plain, label.folded, found.rank
FROM (SELECT rowid AS id, bm25(search, 2.0, 1.0) AS rank FROM search WHERE search MATCH ?) AS found
JOIN label USING (id) JOIN thing ON thing.id = label.thing
"""
_EQUAL = """
SELECT thing.id, thing.iri, label.id, label.language, label.kind, label.plain, label.folded, 0.0
FROM label JOIN thing ON thing.id = label.thing WHERE label.plain = ?
"""


@dataclass(frozen=True)
class Hit:
    """A thing that was found.

    ``label`` is its name in the wanted ``language`` if it has one, ``matched`` the label that fits the text;
    ``score`` as ``folding.score`` says; ``kinds`` its classes and concept schemes, IRIs in order.
    """

    iri: str
    label: str
    language: str
    matched: str
    matched_language: str
    score: float
    kinds: tuple[str, ...]


class Fit(NamedTuple):
    """A label that fits a text, and how well; things and labels have numbers in their index."""

    thing: int
    iri: str
    label: int
    language: str
    score: float
    rank: float


def write_index(file: Path, quads: Iterable[ox.Quad | ox.Triple], label_properties: Sequence[str]) -> int:
    """Write the index of all labels in ``quads`` into a new file and return how many labels there are.

    Labels are what an IRI has as ``label_properties`` (they are the preferred ones), ``skos:altLabel``,
    ``skos:hiddenLabel`` (alternative) and ``skos:notation`` (codes). The same quads give the same content in whatever
    order they come. Raises OSError if the disk refuses.
    """
    properties = {**_OTHER_LABELS, **dict.fromkeys(label_properties, PREFERRED)}
    labels: set[tuple[str, str, str, str]] = set()
    kinds: set[tuple[str, str]] = set()
    for quad in quads:
        if isinstance(quad.subject, ox.NamedNode):
            iri, prop, value = quad.subject.value, quad.predicate.value, quad.object
            if prop in properties and isinstance(value, ox.Literal):
                labels.add((iri, properties[prop], value.language or "", value.value))
            elif prop in _KINDS and isinstance(value, ox.NamedNode):
                kinds.add((value.value, iri))
    numbers = {iri: number for number, iri in enumerate(sorted({iri for iri, *_ in labels}), 1)}
    try:
        with closing(sqlite3.connect(file)) as connection:
            connection.executescript(_SCHEMA)
            connection.executemany("INSERT INTO thing (iri, id) VALUES (?, ?)", numbers.items())
            connection.executemany(
                "INSERT INTO kind (iri, thing) VALUES (?, ?)",
                [(kind, numbers[iri]) for kind, iri in sorted(kinds) if iri in numbers],
            )
            connection.executemany(
                "INSERT INTO label (thing, kind, language, text, plain, folded) VALUES (?, ?, ?, ?, ?, ?)",
                [(numbers[iri], *rest, plain(rest[-1]), fold(rest[-1])) for iri, *rest in sorted(labels)],
            )
            connection.commit()
            connection.executescript(_INDEXES)
    except sqlite3.Error as error:
        raise OSError(f"the label index {file.name} cannot be written: {error}") from error
    return len(labels)


class LabelIndex:
    """An index that is open. Threads may share it; after a fork each process must open its own.

    Once open it needs no further file, so that it goes on in a process that may open none. ``close()`` closes it; so
    does forgetting it.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._lock = threading.Lock()
        # A site lets go of its index when a newer release replaces it.
        self.close = weakref.finalize(self, connection.close)
        # A query in SPARQL asks for one text about many things, a page for one text in several ways.
        self._matches_of = lru_cache(maxsize=8)(self._search)

    @classmethod
    def open(cls, file: Path) -> LabelIndex:
        """Open the index of a release. Raises ReleaseError if there is none, or not a whole one of this format."""
        prepare()
        index = cls(_connect(file))
        try:
            # SQLite reads the structure of the index with the first query. Few labels, if any, have such a word: each
            # query process opens the index, and must not take long.
            index.find("qxzqxzqxz", limit=1)
        except sqlite3.Error as error:
            index.close()
            raise _unreadable(file, error) from error
        return index

    def find(self, text: str, limit: int = 20, kinds: Iterable[str] = (), language: str | None = None) -> list[Hit]:
        """The things of which a label fits the text, each once, the best first; of equals, by bm25 and IRI.

        With ``kinds`` (IRIs of classes and concept schemes) only things of at least one of them. ``language`` is that
        of the names in the answer; what is searched are the labels in all languages.
        """
        return self.first(self._matches_of(wanted(text)).values(), limit, kinds, language)

    def fits(self, text: str) -> Iterator[Fit]:
        """Every label that fits the text, in no order; one may come twice."""
        return self._fits(wanted(text))

    def first(
        self, best: Iterable[Fit], limit: int, kinds: Iterable[str] = (), language: str | None = None
    ) -> list[Hit]:
        """So many things of which the ``best`` labels are given, as ``find`` orders, filters and names them."""
        if wanted_kinds := tuple(kinds):
            members = self.members(wanted_kinds)
            best = (fit for fit in best if fit.thing in members)
        return self.hits(heapq.nsmallest(limit, best, key=by_fit), language)

    def hits(self, fits: Iterable[Fit], language: str | None = None) -> list[Hit]:
        """The things that were found by labels, in the order given, named in a language."""
        return [self._hit(fit, language) for fit in fits]

    def members(self, kinds: Iterable[str]) -> frozenset[int]:
        """The numbers of the things of at least one of the classes and concept schemes."""
        return frozenset(row[0] for row in self.rows(_MEMBERS, json.dumps([*kinds])))

    def count_kinds(self, things: Iterable[int]) -> dict[str, int]:
        """How many of the things, given by their numbers, each class or concept scheme has."""
        return dict(self.rows(_KINDS_OF, json.dumps([*things])))

    def kinds(self) -> dict[str, int]:
        """How many things with a label each class or concept scheme has."""
        return dict(self.rows("SELECT iri, COUNT(*) FROM kind GROUP BY iri"))

    @cached_property
    def words(self) -> Mapping[str, int]:
        """The folded words of the labels, and how many labels have each; read when first asked for."""
        # A view of what the index holds anyway. It belongs to this connection, the file stays as it is.
        self.rows(_VOCABULARY)
        return dict(self.rows(_WORDS))

    def rows(self, statement: str, *values: object) -> list[Any]:
        """The rows of a statement over the tables of the index; for the modules of this package."""
        with self._lock:
            return self._connection.execute(statement, values).fetchall()

    def matches(self, iri: str, text: str) -> bool:
        """True if a label of the thing fits the text."""
        return iri in self._matches_of(wanted(text))

    def score(self, iri: str, text: str) -> float | None:
        """How well the best label of the thing fits the text; None if none does."""
        match = self._matches_of(wanted(text)).get(iri)
        return None if match is None else match.score

    def label(self, iri: str, language: str | None = None) -> tuple[str, str] | None:
        """The thing's preferred label, in that language if there is one, and its language; None if it has none."""
        labels = self._preferred(iri)
        return _choose(labels, [*([language] if language else []), "en", ""]) if labels else None

    def names(self, iri: str) -> list[tuple[str, str]]:
        """The preferred labels of a thing, each with its language, in the order of the label properties."""
        return self._preferred(iri)

    def _hit(self, fit: Fit, language: str | None) -> Hit:
        iri = fit.iri
        [(kind, matched_language, matched)] = self.rows(
            "SELECT kind, language, text FROM label WHERE id = ?", fit.label
        )
        labels = self._preferred(iri)
        shown = (matched, matched_language)
        if labels and (kind != PREFERRED or language is not None):
            shown = _choose(labels, [*([language] if language else []), matched_language, "en", ""])
        kinds = self.rows(
            "SELECT kind.iri FROM kind JOIN thing ON thing.id = kind.thing WHERE thing.iri = ? ORDER BY 1", iri
        )
        return Hit(iri, *shown, matched, matched_language, fit.score, tuple(row[0] for row in kinds))

    def _preferred(self, iri: str) -> list[tuple[str, str]]:
        return self.rows(
            "SELECT label.text, label.language FROM label JOIN thing ON thing.id = label.thing "
            "WHERE thing.iri = ? AND label.kind = ? ORDER BY label.id",
            iri,
            PREFERRED,
        )

    def _search(self, query: Wanted) -> dict[str, Fit]:
        return {fit.iri: fit for fit in best_of_each(self._fits(query)).values()}

    def _fits(self, query: Wanted) -> Iterator[Fit]:
        rows = self.rows(_EQUAL, query.plain)
        if query.words:
            rows += self.rows(_CANDIDATES, _expression(query))
        for thing, iri, number, language, kind, label, folded, rank in rows:
            if (fits := score(query, label, folded, kind)) is not None:
                yield Fit(thing, iri, number, language, fits, rank)


def demand_index(file: Path) -> None:
    """Raise ReleaseError if there is no index, or not a whole one of this format."""
    _connect(file).close()


def _connect(file: Path) -> sqlite3.Connection:
    if not file.is_file():
        raise ReleaseError(f"there is no label index {file}; the release may be an older one", _HINT)
    connection = sqlite3.connect(
        f"{file.absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False, isolation_level=None
    )
    try:
        connection.execute("PRAGMA temp_store = MEMORY")
        pragmas = ("user_version", "page_count", "page_size")
        written, pages, size = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in pragmas)
        if written != FORMAT or pages * size != file.stat().st_size:
            raise ReleaseError(f"the label index {file} is damaged, or of another version of this program", _HINT)
    except sqlite3.Error as error:
        connection.close()
        raise _unreadable(file, error) from error
    except ReleaseError:
        connection.close()
        raise
    return connection


def _unreadable(file: Path, error: sqlite3.Error) -> ReleaseError:
    return ReleaseError(f"the label index {file} cannot be read: {error}", _HINT)


def by_fit(fit: Fit) -> tuple[float, float, str]:
    """What things are ordered by: the better their label fits, the sooner; bm25 is the lower, the better."""
    return -fit.score, fit.rank, fit.iri


def best_of_each(fits: Iterable[Fit]) -> dict[int, Fit]:
    """The best label of each thing; of equals the first by kind and language, whose number is lower."""
    best: dict[int, Fit] = {}
    for fit in fits:
        former = best.get(fit.thing)
        if former is None or (-fit.score, fit.rank, fit.label) < (-former.score, former.rank, former.label):
            best[fit.thing] = fit
    return best


_MEMBERS = "SELECT DISTINCT thing FROM kind WHERE iri IN (SELECT value FROM json_each(?))"
_KINDS_OF = "SELECT iri, COUNT(*) FROM kind WHERE thing IN (SELECT value FROM json_each(?)) GROUP BY iri"
_VOCABULARY = "CREATE VIRTUAL TABLE IF NOT EXISTS temp.vocabulary USING fts5vocab('main', 'search', 'col')"
_WORDS = "SELECT term, doc FROM temp.vocabulary WHERE col = 'folded'"


def speaks(tag: str, wanted: str) -> bool:
    """True if a label with this language tag is in the ``wanted`` language (RFC 4647, basic filtering)."""
    tag, wanted = tag.lower(), wanted.lower()
    return tag == wanted or tag.startswith(f"{wanted}-")


def _choose(labels: list[tuple[str, str]], languages: list[str]) -> tuple[str, str]:
    """The label (text, language) in the first of the languages that has one (``de`` is served by ``de-at``), or any."""
    for language in languages:
        for text, tag in labels:
            if speaks(tag, language):
                return text, tag
    return labels[0]


def _expression(query: Wanted) -> str:
    """A query in the language of FTS5. Every word is quoted, so that none of it is an operator."""
    folded, typed = _all(query.words), _all(query.typed)
    return f"{{folded}} : ({folded})" + (f" OR {{text}} : ({typed})" if typed else "")


def _all(words: Sequence[str]) -> str:
    # Words have no quotation marks in them: they are runs of letters and digits.
    return " AND ".join(f'"{word}"' for word in words) + (" *" if words else "")
