"""The reference page of an ontology, written once for each release."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kg.representation import schema_org
from kg.representation.linkset import Link
from kg.representation.vocabulary.diagram import Diagram, of_chapter, overview
from kg.representation.vocabulary.model import Chapter, Entry, Vocabulary
from kg.representation.vocabulary.reading import read_vocabulary
from kg.terms import in_language, local_path
from kg.web.html import formats, page
from kg.web.site import Site

# What some languages call themselves; the others are called by their tags.
_LANGUAGES = {"de": "Deutsch", "en": "English", "es": "Español", "fr": "Français", "pl": "Polski", "uk": "Українська"}


@dataclass(frozen=True)
class DrawnChapter:
    """A chapter with the drawing of its classes, if there is something to draw."""

    chapter: Chapter
    diagram: Diagram | None


def vocabulary_page(site: Site, ontology: str, path: str, links: Sequence[Link]) -> str:
    """The page about the ontology with the IRI ``ontology``, with the ``links`` of its headers.

    ``path`` is where its formats stand, without suffix.
    """
    return site.kept(f"vocabulary {ontology}", lambda: _written(site, ontology, path, links))


def _written(site: Site, ontology: str, path: str, links: Sequence[Link]) -> str:
    vocabulary = read_vocabulary(site.answers, site.manifest, site.display.layers, ontology)
    languages = site.manifest.languages
    whole = overview(vocabulary)
    chapters = [
        DrawnChapter(chapter, of_chapter(vocabulary, chapter) if len(vocabulary.chapters) > 1 else None)
        for chapter in vocabulary.chapters
    ]

    def best(texts: dict[str, str]) -> str:
        return in_language(texts, languages)

    return page(
        site,
        "vocabulary.html",
        markup=schema_org.vocabulary(
            vocabulary.iri,
            best(vocabulary.titles),
            best(vocabulary.descriptions),
            vocabulary.version,
            site.manifest.licence,
        ),
        vocabulary=vocabulary,
        whole=whole,
        chapters=chapters,
        counts=_counts(vocabulary),
        best=best,
        rest=_rest(best),
        own_name=lambda language: _LANGUAGES.get(language, language),
        canonical=local_path(site.manifest.base, ontology),
        formats=formats(path),
        links=links,
    )


def _rest(best: Callable[[dict[str, str]], str]) -> Callable[[dict[str, str]], list[tuple[str, str]]]:
    """What is said in other languages than the one shown, each with its language."""

    def rest(texts: dict[str, str]) -> list[tuple[str, str]]:
        shown = best(texts)
        return [(language, text) for language, text in sorted(texts.items()) if text != shown]

    return rest


def _counts(vocabulary: Vocabulary) -> list[tuple[int, str]]:
    """How many terms of each kind there are, in words."""
    kinds: dict[str, list[Entry]] = {}
    for entry in vocabulary.entries:
        kinds.setdefault(entry.kind, []).append(entry)
    found = [(len(entries), _plural(kind.lower(), len(entries))) for kind, entries in sorted(kinds.items())]
    if vocabulary.schemes:
        found.append((len(vocabulary.schemes), _plural("scheme", len(vocabulary.schemes))))
        concepts = sum(scheme.concepts for scheme in vocabulary.schemes)
        found.append((concepts, _plural("concept", concepts)))
    return found


def _plural(word: str, number: int) -> str:
    if number == 1:
        return word
    return f"{word[:-1]}ies" if word.endswith("y") else f"{word}es" if word.endswith("s") else f"{word}s"
