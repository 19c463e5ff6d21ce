"""Names -> the things that are likely meant, the best first, each with a score and the reasons for it.

A text that is an identifier (an IRI, the identifier of a thing, a code) gives the thing that has it. Everything else is
compared with labels (``similarity``); what is known of the type and of properties then raises or lowers the score.
docs/reconciliation.md tells what the scores mean. Two texts of more than three letters that are the same after folding
get the same answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from kg.engine import Answerer
from kg.engine.solutions import select, values
from kg.reconciliation.candidates import Finder, Found
from kg.reconciliation.conditions import Condition, Conditions
from kg.reconciliation.identity import Identity
from kg.reconciliation.ids import is_iri
from kg.reconciliation.schema import descriptions
from kg.release.manifest import Manifest
from kg.search import LabelIndex, fold
from kg.search.folding import LENGTH, WORDS, plain
from kg.terms import DISPLAY, PREFIXES, graph_iri, in_language

__all__ = ["Candidate", "Condition", "Feature", "Matcher", "Query"]

LEAST = 43.0  # what scores less is no candidate
_OTHER_TYPE = 0.5
_SURE, _GAP = 88.0, 8.0
_SURE_WORD = 0.8
# In abbreviations the letters that folding takes away matter.
_ABBREVIATED, _SPELLED_OTHERWISE = 3, 0.85
# What the ontology defines is seldom meant by a name in a list.
_TERMS = frozenset(
    PREFIXES[prefix] + name
    for prefix, name in (
        ("owl", "Class"),
        ("rdfs", "Class"),
        ("rdf", "Property"),
        ("owl", "ObjectProperty"),
        ("owl", "DatatypeProperty"),
        ("owl", "AnnotationProperty"),
    )
)
_SHORT = 2  # two letters can mean anything
_MISFIT = 0.35  # so much of the score is lost if no condition fits
_READ = 5 * LENGTH
_KEPT = 20_000  # descriptions that are kept


@dataclass(frozen=True)
class Feature:
    """One reason for a score: what was measured, and the number."""

    id: str
    value: float


@dataclass(frozen=True)
class Candidate:
    """A thing that may be meant. ``score`` is 0 to 100; ``match``: it is safe to take it without asking anybody."""

    iri: str
    name: str
    language: str
    description: str
    types: tuple[str, ...]
    score: float
    match: bool
    features: tuple[Feature, ...]


@dataclass(frozen=True)
class Query:
    """What is known of a thing: a name, types (IRIs of classes or concept schemes), and conditions on its properties.

    ``type_strict``: a candidate must have ``any`` or ``all`` of the types; with ``should`` others score half.
    ``language`` is that of names and descriptions in the answer; labels are compared in all languages.
    """

    text: str
    types: tuple[str, ...] = ()
    limit: int = 10
    conditions: tuple[Condition, ...] = ()
    type_strict: str = "should"
    language: str | None = None


@dataclass(frozen=True)
class _Rated:
    """A thing that was found, with its score and what speaks for it; ``sure``: nothing speaks against it."""

    found: Found
    score: float
    sure: bool
    decided: bool
    features: tuple[Feature, ...]


class Matcher:
    """Matches names with the things of one release. Threads may share it."""

    def __init__(self, index: LabelIndex, manifest: Manifest, ask: Answerer, *, describes: bool = True) -> None:
        """``describes``: candidates have descriptions; who matches many names has them read at once afterwards."""
        self._describes = describes
        self._index = index
        self._manifest = manifest
        self._ask = ask
        self._finder = Finder(index, self._linked, lambda: self._beside_names)
        self._identity = Identity(index, manifest, ask)
        self._conditions = Conditions(index, manifest, ask, self._finder.words)
        self._said: dict[str, dict[str, str]] = {}

    def match(self, query: Query) -> list[Candidate]:
        """The candidates, the best first; those of one score by how many names they have, then by IRI.

        Of the text the first 200 characters and 16 words count. Raises QueryError if statements cannot be asked.
        """
        text = _readable(query.text)
        if itself := self._identity.things(text):
            rated = [self._as_identified(iri) for iri in itself]
        else:
            rated = self._by_name(text, query)
        chosen = [r for r in rated if r.score >= LEAST]
        chosen.sort(key=lambda r: (-r.score, -r.found.names, r.found.iri))
        safe = _is_safe(chosen)
        chosen = chosen[: query.limit]
        said = self._descriptions([r.found.iri for r in chosen]) if self._describes else {}
        return [
            self._candidate(r, said.get(r.found.iri, {}), query.language, match=safe and n == 0)
            for n, r in enumerate(chosen)
        ]

    def _as_identified(self, iri: str) -> _Rated:
        return _Rated(self._finder.thing(iri), 100.0, True, True, (Feature("identifier", 100.0),))

    def _by_name(self, text: str, query: Query) -> list[_Rated]:
        key = fold(text[:LENGTH])
        words = tuple(key.split()[:WORDS])
        is_cut = len(text) > LENGTH or len(key.split()) > WORDS
        found = self._finder.find(words, query.types)
        if len(words) > 1 and all(len(word) == 1 for word in words):
            found += self._finder.find(("".join(words),), query.types)  # U.S.A.
        if query.types and query.type_strict == "should" and not any(100 * f.likeness.score >= LEAST for f in found):
            found = self._finder.find(words)
        identified = self._conditions.identified(query.conditions)
        others = identified if words else {iri for c in query.conditions for iri in self._conditions.holders(c)}
        known = {f.iri for f in found}
        found += [self._finder.thing(iri) for iri in sorted(others - known)]
        fits = self._conditions.fits([f.iri for f in found], query.conditions)
        return [
            rated
            for f in found
            if (
                rated := self._rated(
                    f, query, fits.get(f.iri, ()), f.iri in identified, is_cut=is_cut, named=bool(words)
                )
            )
        ]

    def _rated(
        self, found: Found, query: Query, fits: Sequence[float], identified: bool, *, is_cut: bool, named: bool
    ) -> _Rated | None:
        like = found.likeness
        features = [
            Feature("name_similarity", round(100 * like.score, 1)),
            Feature("name_coverage", round(100 * like.covered, 1)),
            Feature("label_coverage", round(100 * like.whole, 1)),
            Feature("exact", 100.0 if like.score == 1 else 0.0),
        ]
        score = 100 * like.score if named else 99.0
        if like.score == 1 and len(fold(found.text)) <= _ABBREVIATED and not self._is_spelled_so(found, query.text):
            score *= _SPELLED_OTHERWISE
        if not query.types and like.score < 1 and not _TERMS.isdisjoint(found.kinds):
            score *= _OTHER_TYPE
        has_type = not query.types
        if query.types:
            has = [kind in found.kinds for kind in query.types]
            has_type = all(has) if query.type_strict == "all" else any(has)
            if not has_type and query.type_strict != "should":
                return None
            features.append(Feature("type_fit", 100.0 if has_type else 0.0))
            score *= 1 if has_type else _OTHER_TYPE
        fit = 1.0
        if query.conditions:
            if any(c.required and got < 0.5 for c, got in zip(query.conditions, fits, strict=True)):
                return None
            fit = sum(fits) / len(fits)
            features.append(Feature("properties_fit", round(100 * fit, 1)))
            score *= 1 - _MISFIT * (1 - fit)
        if identified:
            score = 100.0
        elif not found.is_whole and not (query.types and has_type):
            score *= 0.8
        sure = (
            has_type
            and fit >= 0.8
            and not is_cut
            and (len(found.text) > _SHORT or bool(query.types))
            and not like.left
            and not like.lacks
            and like.whole > 0.85
            and (like.worst >= 0.95 or (like.pairs > 1 and like.worst >= _SURE_WORD))
        )
        return _Rated(found, round(score, 2), sure or identified, identified, tuple(features))

    def _is_spelled_so(self, found: Found, text: str) -> bool:
        """True if a thing has a name that is the text itself but for case and points: EEUU folds to the same as EU."""
        return _spelled(text) in {_spelled(name) for name in (found.text, *self._finder.names(found.iri))}

    def _candidate(self, rated: _Rated, said: Mapping[str, str], language: str | None, *, match: bool) -> Candidate:
        found = rated.found
        named = self._index.label(found.iri, language or self._manifest.languages[0]) or (found.text, found.language)
        types = self._kinds(found.kinds)
        return Candidate(
            iri=found.iri,
            name=named[0],
            language=named[1],
            description=self._description(said, types[:1], language or "") if self._describes else "",
            types=types,
            score=rated.score,
            match=match,
            features=rated.features,
        )

    @cached_property
    def _counts(self) -> dict[str, int]:
        return self._index.kinds()

    def _kinds(self, kinds: Iterable[str]) -> tuple[str, ...]:
        """The most telling class first: one of the project's own, with few things."""
        base = self._manifest.base
        return tuple(sorted(kinds, key=lambda iri: (not iri.startswith(base), self._counts.get(iri, 0), iri)))

    def _descriptions(self, iris: Sequence[str]) -> dict[str, dict[str, str]]:
        """The descriptions of things by language; those that are not known yet are asked for. Raises QueryError."""
        said = self._said
        if unknown := [iri for iri in iris if iri not in said]:
            if len(said) > _KEPT:
                said = self._said = {}
                unknown = list(iris)
            found = descriptions(self._ask, unknown)
            said.update({iri: found.get(iri, {}) for iri in unknown})
        return {iri: said[iri] for iri in iris}

    @cached_property
    def _beside_names(self) -> dict[str, frozenset[str]]:
        """The folded words that the project says stand beside names, by class."""
        meta = graph_iri(self._manifest.base, "meta")
        rows = select(
            self._ask,
            f"SELECT ?class ?word {{ GRAPH <{meta}> {{ "
            f"?shape <{PREFIXES['sh']}targetClass> ?class ; <{DISPLAY}besideName> ?word }} }}",
        )
        found: dict[str, set[str]] = {}
        for row in rows:
            found.setdefault(row["class"]["value"], set()).update(fold(row["word"]["value"]).split())
        return {iri: frozenset(words) for iri, words in found.items()}

    def _linked(self, iri: str, others: Sequence[str]) -> set[str]:
        """Those of the others that a statement links with the thing, either way. Raises QueryError."""
        asked = [other for other in others if is_iri(other)]
        if not asked or not is_iri(iri):
            return set()
        ways = f"{{ <{iri}> ?p ?x }} UNION {{ ?x ?p <{iri}> }}"
        rows = select(self._ask, f"SELECT DISTINCT ?x {{ VALUES ?x {{ {values(asked)} }} {ways} }}")
        return {row["x"]["value"] for row in rows}

    def _description(self, texts: Mapping[str, str], kinds: tuple[str, ...], language: str) -> str:
        order = (*([language] if language else []), *self._manifest.languages)
        if said := in_language(texts, order):
            return said
        labels = [self._index.label(kind, order[0]) for kind in kinds]
        return ", ".join(label[0] for label in labels if label)


def _is_safe(chosen: Sequence[_Rated]) -> bool:
    """True if the first of the candidates can be taken without asking: it is good, and far from the second."""
    if not chosen:
        return False
    first, *others = chosen
    if first.decided:
        return not any(other.decided for other in others)
    gap = first.score - max((other.score for other in others), default=0.0)
    return first.sure and first.score >= _SURE and gap >= _GAP


def _spelled(text: str) -> str:
    return "".join(filter(str.isalnum, plain(text)))


def _readable(text: str) -> str:
    """The beginning of a text without characters that nothing can be made of."""
    return text[:_READ].encode(errors="replace").decode().strip()
