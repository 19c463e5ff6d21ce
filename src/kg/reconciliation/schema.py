"""Which classes and properties the things of a release have, and what they are called: read once for each release."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from kg.engine import Answerer
from kg.engine.solutions import listed, select, values
from kg.reconciliation.ids import INVERSE, is_iri
from kg.release.manifest import Manifest
from kg.representation.statements import Statements
from kg.representation.summary import SAYING
from kg.representation.view import Labels
from kg.search import fold
from kg.terms import PREFIXES, in_language

# Classes of the languages that ontologies are written in: what is only of these is a term, no thing.
_LANGUAGES = tuple(PREFIXES[prefix] for prefix in ("owl", "rdfs", "rdf"))
_DEFAULTS = 8


@dataclass(frozen=True)
class Term:
    """A class or property in use (an inverse one with ``^`` before its IRI), and how often it is."""

    iri: str
    count: int
    expects: str = ""  # of a property: the class of its values, if there is one

    @property
    def inverse(self) -> bool:
        """True if it is a property that is read against its direction."""
        return self.iri.startswith(INVERSE)


@dataclass(frozen=True)
class Schema:
    """The terms in use, the most used first, and their names and descriptions.

    ``defaults`` are the classes whose things have the most names: those that lists of names are likely about.
    """

    classes: tuple[Term, ...]
    properties: tuple[Term, ...]
    defaults: tuple[str, ...]
    languages: tuple[str, ...]
    labels: Labels
    inverse_names: Mapping[str, str]
    described: Mapping[str, Mapping[str, str]]

    @cached_property
    def by_iri(self) -> dict[str, Term]:
        """All terms by IRI."""
        return {term.iri: term for term in (*self.classes, *self.properties)}

    def name(self, iri: str, language: str) -> tuple[str, str]:
        """What a term is called, in the language if it has such a name, and the language of the name ("" unknown)."""
        if iri.startswith(INVERSE):
            if (told := self.inverse_names.get(iri.removeprefix(INVERSE))) is not None:
                return told, ""
            text, found = self.name(iri.removeprefix(INVERSE), language)
            return f"← {text}", found
        named = dataclasses.replace(self.labels, languages=(language, *self.labels.languages)).property_name(iri)
        return named.text, named.language

    def description(self, iri: str, language: str) -> str:
        """What a term means; "" if nobody says."""
        return in_language(self.described.get(iri, {}), (language, *self.labels.languages))

    def kinds(self, iris: Iterable[str]) -> list[str]:
        """Classes in an order that tells the most: the project's own first, the rarest first; without OWL's."""
        counts = {term.iri: term.count for term in self.classes}
        told = [iri for iri in dict.fromkeys(iris) if not iri.startswith(_LANGUAGES)]
        return sorted(told, key=lambda iri: (not iri.startswith(self.labels.base), counts.get(iri, 0), iri))

    def find(self, terms: Sequence[Term], text: str, spelled: str | None) -> list[Term]:
        """The terms that have a name with words that begin like those of the text, the best first.

        The IRI that the text spells (``spelled``) goes before all; with an empty text all are found.
        """
        wanted, found = fold(text).split(), []
        for number, term in enumerate(terms):
            if term.iri == spelled:
                found.append((-1, number, term))
            elif not text.strip():
                found.append((0, number, term))
            elif wanted:
                ranks = [rank for name in self._names(term) if (rank := _rank(wanted, name)) is not None]
                if ranks:
                    found.append((min(ranks), number, term))
        return [term for *_, term in sorted(found, key=lambda item: item[:2])]

    def _names(self, term: Term) -> list[str]:
        names = [*self.labels.known.get(term.iri, {}).values(), self.name(term.iri, "")[0]]
        return [fold(name) for name in names]


def is_term(kinds: Sequence[str]) -> bool:
    """True if something of these classes is a class or property itself, and no thing of the data."""
    return bool(kinds) and all(kind.startswith(_LANGUAGES) for kind in kinds)


def _rank(wanted: Sequence[str], name: str) -> int | None:
    """How well a name fits: it is the text, begins with it, or has such words."""
    text, words = " ".join(wanted), name.split()
    if name == text:
        return 0
    if name.startswith(text):
        return 1
    return 2 if all(any(word.startswith(part) for word in words) for part in wanted) else None


def read_schema(engine: Answerer, manifest: Manifest, inverse_names: Mapping[str, str]) -> Schema:
    """Read it from a release. ``inverse_names``: how properties are called backwards, by IRI. Raises QueryError."""
    ours = f'isIRI(?s) && STRSTARTS(STR(?s), "{manifest.base}")'
    labels = "|".join(f"<{iri}>" for iri in (*manifest.label_properties, PREFIXES["skos"] + "altLabel"))
    classes = [
        term
        for term in _counted(engine, f"?s a ?term FILTER(isIRI(?term) && {ours})", "COUNT(DISTINCT ?s)")
        if not term.iri.startswith(_LANGUAGES)
    ]
    named = {
        term.iri: term.count
        for term in _counted(engine, f"?s a ?term ; {labels} ?name FILTER(isIRI(?term) && {ours})", "COUNT(*)")
    }
    forward = _counted(engine, f"?s ?term ?o FILTER({ours})", "COUNT(*)")
    backward = _counted(engine, f"?o ?term ?s FILTER({ours} && isIRI(?o))", "COUNT(*)")
    in_use = {term.iri for term in forward}
    owl, rdfs = PREFIXES["owl"], PREFIXES["rdfs"]
    told_by_another = {
        row["p"]["value"]
        for row in select(engine, f"SELECT ?p ?q {{ ?p <{owl}inverseOf>|^<{owl}inverseOf> ?q FILTER(isIRI(?p)) }}")
        if row["q"]["value"] in in_use
    }
    counts = {term.iri: term.count for term in classes}
    ranges = _narrowest(engine, rdfs + "range", counts)
    domains = _narrowest(engine, rdfs + "domain", counts)
    properties = [Term(t.iri, t.count, ranges.get(t.iri, "")) for t in forward]
    properties += [
        Term(INVERSE + t.iri, t.count, domains.get(t.iri, ""))
        for t in backward
        if t.iri in inverse_names and t.iri not in told_by_another and inverse_names[t.iri]
    ]
    terms = [*counts, *in_use, *(t.iri for t in backward)]
    known = Labels(manifest.base, manifest.prefixes, manifest.label_properties, manifest.languages)
    known.learn(Statements(engine, manifest).labels(dict.fromkeys(terms)))
    likely = sorted(counts, key=lambda iri: (-named.get(iri, 0) / counts[iri], -counts[iri], iri))
    spoken = select(engine, f"SELECT DISTINCT ?tag {{ ?s {labels} ?name BIND(LANG(?name) AS ?tag) }}")
    tags = {row["tag"]["value"] for row in spoken} - {"", *manifest.languages}
    return Schema(
        tuple(classes),
        tuple(sorted(properties, key=lambda t: (-t.count, t.iri))),
        tuple(iri for iri in likely if named.get(iri))[:_DEFAULTS],
        (*manifest.languages, *sorted(tags)),
        known,
        inverse_names,
        descriptions(engine, terms),
    )


def descriptions(engine: Answerer, iris: Iterable[str]) -> dict[str, dict[str, str]]:
    """What is said of things or terms in words, by IRI and language. Raises QueryError."""
    wanted = [iri for iri in dict.fromkeys(iris) if is_iri(iri)]
    if not wanted:
        return {}
    about = f"VALUES ?s {{ {values(wanted)} }} ?s ?p ?o FILTER(?p IN ({listed(SAYING)}))"
    rows = select(engine, f"SELECT ?s ?p ?o {{ {about} }}")
    found: dict[str, dict[str, str]] = {}
    for row in sorted(rows, key=lambda row: (SAYING.index(row["p"]["value"]), row["o"]["value"])):
        if row["o"]["type"] == "literal":
            found.setdefault(row["s"]["value"], {}).setdefault(row["o"].get("xml:lang", ""), row["o"]["value"])
    return found


def _counted(engine: Answerer, pattern: str, count: str) -> list[Term]:
    """The values of ``?term``, the most frequent first."""
    rows = select(engine, f"SELECT ?term ({count} AS ?n) {{ {pattern} }} GROUP BY ?term")
    found = [Term(row["term"]["value"], int(row["n"]["value"])) for row in rows if "term" in row]
    return sorted(found, key=lambda term: (-term.count, term.iri))


def _narrowest(engine: Answerer, property_: str, counts: Mapping[str, int]) -> dict[str, str]:
    """For each property the class with the fewest things among its ranges, or domains, that are in use."""
    found: dict[str, str] = {}
    for row in select(engine, f"SELECT ?p ?c {{ ?p <{property_}> ?c FILTER(isIRI(?p) && isIRI(?c)) }}"):
        p, c = row["p"]["value"], row["c"]["value"]
        if c in counts and (p not in found or (counts[c], c) < (counts[found[p]], found[p])):
            found[p] = c
    return found
