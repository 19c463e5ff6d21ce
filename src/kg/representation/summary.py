"""What a thing is, in a sentence: for lists in which its name alone would not say enough."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import pyoxigraph as ox

from kg.engine import Answerer
from kg.engine.solutions import listed, values
from kg.release.manifest import Manifest
from kg.representation.statements import Statements
from kg.terms import PREFIXES

# What says what a thing or a term is, the more exact first: the first counts that a thing has.
SAYING = (
    PREFIXES["skos"] + "definition",
    PREFIXES["dcterms"] + "description",
    PREFIXES["rdfs"] + "comment",
    PREFIXES["schema"] + "description",
    PREFIXES["skos"] + "scopeNote",
)
_LENGTH = 240  # characters


def summaries(
    engine: Answerer, manifest: Manifest, iris: Collection[str], languages: Sequence[str]
) -> dict[str, tuple[str, str]]:
    """(text, language) of each thing that says of itself what it is, in the first of the languages that it does.

    Texts are cut between words. Raises QueryError.
    """
    if not iris:
        return {}
    about = f"VALUES ?s {{ {values(sorted(iris))} }} ?s ?p ?o FILTER(?p IN ({listed(SAYING)}))"
    told = Statements(engine, manifest).triples(about)
    found: dict[str, list[tuple[int, int, str, str]]] = {}
    for t in told:
        if isinstance(t.object, ox.Literal) and isinstance(t.subject, ox.NamedNode):
            language = t.object.language or ""
            rank = languages.index(language) if language in languages else len(languages) + bool(language)
            order = (SAYING.index(t.predicate.value), rank, t.object.value, language)
            found.setdefault(t.subject.value, []).append(order)
    return {iri: (shortened(best[2]), best[3]) for iri, texts in found.items() for best in [min(texts)]}


def shortened(text: str, length: int = _LENGTH) -> str:
    """The beginning of a text on one line: at most so many characters, cut between words."""
    line = " ".join(text.split())
    if len(line) <= length:
        return line
    cut = line[: length - 1]
    return f"{cut.rpartition(' ')[0] or cut}…"
