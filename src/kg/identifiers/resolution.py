"""Which things of a release a text means. The release is asked, so that it may hold any number of identifiers.

What is an IRI of the release itself is that thing; else what another dataset's IRI is the same as; else what has the
text as a code, in these letters if there is such a one, else in capitals or small ones. What was merged leads to its
survivor. Nothing is guessed: what fits two things is ambiguous.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import pyoxigraph as ox

from kg.engine import Answerer
from kg.engine.solutions import listed
from kg.identifiers.declared import ADMS_IDENTIFIER, CLOSE, CODE, SAME, SYMMETRIC, Declared, rows
from kg.identifiers.reading import Reader, Reading
from kg.metadata.targets import name_of
from kg.release.manifest import Manifest
from kg.representation.statements import Statements
from kg.representation.tombstone import fate
from kg.terms import PREFIXES

OWN = "own"
_TOGETHER = 100  # texts that are asked for in one query
_VALUES = 4_000  # values in one query


@dataclass(frozen=True)
class Match:
    """A thing (its IRI), the identifier that it has in the release, and why it fits: own, same, close or code.

    ``scheme`` is that of a code; ``former`` the IRI that was given up for this one.
    """

    iri: str
    identifier: str
    relation: str
    scheme: str = ""
    former: str = ""


@dataclass(frozen=True)
class Resolution:
    """What a text means: one thing if there is one match. ``close`` are things that are nearly meant."""

    text: str
    matches: tuple[Match, ...] = ()
    close: tuple[Match, ...] = ()
    problem: str = ""

    @property
    def status(self) -> str:
        """``found``, ``ambiguous``, ``unknown`` or ``malformed``."""
        if self.problem:
            return "malformed"
        return ("unknown", "found")[len(self.matches)] if len(self.matches) < 2 else "ambiguous"


class Resolver:
    """Resolves identifiers against one release."""

    def __init__(self, engine: Answerer, manifest: Manifest, declared: Declared, reader: Reader) -> None:
        self._engine, self._manifest, self._declared, self._reader = engine, manifest, declared, reader

    def resolve(self, texts: Sequence[str]) -> list[Resolution]:
        """What each text means, in their order. Raises QueryError."""
        found: list[Resolution] = []
        for start in range(0, len(texts), _TOGETHER):
            found += self._together([self._reader.read(text) for text in texts[start : start + _TOGETHER]])
        return found

    def _together(self, readings: Sequence[Reading]) -> list[Resolution]:
        own = self._existing(iri for r in readings for iri in r.own)
        same = self._same(iri for r in readings for iri in r.foreign)
        open_ = [r for r in readings if not r.problem and not _of(own, r.own) and not _of(same, r.foreign, SAME)]
        codes = self._codes({code for r in open_ for _, code in r.codes})
        found = []
        for r in readings:
            matches = _of(own, r.own) or _of(same, r.foreign, SAME) or _coded(codes, r.codes)
            found.append(Resolution(r.text, matches, () if matches else _of(same, r.foreign, CLOSE), r.problem))
        survivors = self._survivors({m.iri for r in found for m in r.matches})
        return [replace(r, matches=_living(r.matches, survivors)) for r in found]

    def _existing(self, iris: Iterable[str]) -> dict[str, list[Match]]:
        known: set[str] = set()
        said = Statements(self._engine, self._manifest).anywhere("?s ?p ?o")
        for values in _packed(iris):
            text = f"SELECT DISTINCT ?s {{ VALUES ?s {{ {values} }} {said} }}"
            known |= {row["s"] for row in rows(self._engine, text)}
        return {iri: [Match(iri, iri, OWN)] for iri in known}

    def _same(self, iris: Iterable[str]) -> dict[str, list[Match]]:
        kinds = self._declared.kinds
        wanted = listed(self._declared.of(SAME, CLOSE))
        both = listed(iri for iri in SYMMETRIC if kinds[iri] != CODE)
        found: dict[str, list[Match]] = {}
        for values in _packed(iris):
            text = f"""
            SELECT DISTINCT ?v ?s ?p {{
              {{ VALUES ?v {{ {values} }} ?s ?p ?v FILTER(?p IN ({wanted})) }}
              UNION {{ VALUES ?v {{ {values} }} ?v ?p ?s FILTER(?p IN ({both})) }}
              FILTER(isIRI(?s)) }} ORDER BY ?v ?s ?p"""
            for row in rows(self._engine, text):
                if row["s"].startswith(self._manifest.base):
                    match = Match(row["s"], row["v"], kinds[row["p"]])
                    found.setdefault(row["v"], []).append(match)
        return found

    def _codes(self, codes: Iterable[str]) -> dict[str, list[tuple[Match, set[str]]]]:
        """What has these codes, in small letters or capitals, each with the names of its scheme."""
        declared = self._declared
        literals = [
            str(literal)
            for code in sorted(codes)
            for form in dict.fromkeys((code, code.upper(), code.lower()))
            for literal in (ox.Literal(form), *(_typed(form, d) for d in declared.datatypes))
        ]
        part = f"FILTER(?i IN ({listed(declared.identified)}))"
        scheme = f"OPTIONAL {{ ?s ?j ?scheme FILTER(?j IN ({listed(declared.scheme)})) }}"
        found: dict[str, list[tuple[Match, set[str]]]] = {}
        for values in _chunks(dict.fromkeys(literals)):
            text = f"""
            SELECT DISTINCT ?c ?s ?p ?k ?thing ?scheme ?whole {{
              VALUES ?c {{ {values} }} ?s ?p ?c FILTER(?p IN ({listed(declared.of(CODE))}) && isIRI(?s))
              OPTIONAL {{ ?s <{PREFIXES["skos"]}inScheme> ?k }}
              OPTIONAL {{ ?s ?i ?thing {part} }} {scheme}
              OPTIONAL {{ ?whole <{ADMS_IDENTIFIER}> ?s }} }} ORDER BY ?c ?s ?p ?k ?scheme"""
            for row in rows(self._engine, text):
                iri = row.get("thing") or row.get("whole") or row["s"]
                if not iri.startswith(self._manifest.base):
                    continue
                names = [row.get("scheme", ""), *declared.schemes.get(row["p"], ())]
                names += [name_of(row[key]) for key in ("k", "c datatype", "p") if _names_a_scheme(row.get(key, ""))]
                shown = next((name for name in names if name), "")
                match = Match(iri, row["c"], CODE, shown)
                found.setdefault(row["c"].casefold(), []).append((match, {name.casefold() for name in names if name}))
        return found

    def _survivors(self, iris: Iterable[str]) -> dict[str, str]:
        """What was merged, and into what."""
        wanted = sorted(iris)
        told = Statements(self._engine, self._manifest).status(wanted) if wanted else []
        fates = {iri: fate(iri, told) for iri in wanted}
        return {iri: left.survivor for iri, left in fates.items() if left is not None and left.survivor}


def _of(found: dict[str, list[Match]], iris: Iterable[str], relation: str = "") -> tuple[Match, ...]:
    matches = (match for iri in iris for match in found.get(iri, ()))
    return _once(match for match in matches if not relation or match.relation == relation)


def _coded(
    found: dict[str, list[tuple[Match, set[str]]]], codes: Iterable[tuple[str | None, str]]
) -> tuple[Match, ...]:
    fitting = [
        (match, match.identifier == code)
        for scheme, code in codes
        for match, names in found.get(code.casefold(), ())
        if scheme is None or scheme.casefold() in names
    ]
    return _once(match for match, exact in fitting if exact) or _once(match for match, _ in fitting)


def _once(matches: Iterable[Match]) -> tuple[Match, ...]:
    """Each thing once, as first found."""
    first: dict[str, Match] = {}
    for match in matches:
        first.setdefault(match.iri, match)
    return tuple(first.values())


def _living(matches: Iterable[Match], survivors: dict[str, str]) -> tuple[Match, ...]:
    return _once(replace(m, iri=survivors[m.iri], former=m.iri) if m.iri in survivors else m for m in matches)


def _names_a_scheme(iri: str) -> bool:
    """True for a concept scheme, a property, or a datatype of notations (SKOS, section 6.5.1); not for one of XSD."""
    return bool(iri) and not iri.startswith(PREFIXES["xsd"])


def _typed(text: str, datatype: str) -> ox.Literal:
    return ox.Literal(text, datatype=ox.NamedNode(datatype))


def _packed(iris: Iterable[str]) -> Iterable[str]:
    """The IRIs as values for queries; what is none, as no datum can hold it either, is left out."""
    written = []
    for iri in dict.fromkeys(iris):
        try:
            written.append(str(ox.NamedNode(iri)))
        except ValueError:
            continue
    return _chunks(written)


def _chunks(values: Iterable[str]) -> Iterable[str]:
    given = list(values)
    return (" ".join(given[start : start + _VALUES]) for start in range(0, len(given), _VALUES))
