"""The reference page of an ontology, written once for each release."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kg.representation import schema_org
from kg.representation.linkset import Link
from kg.representation.vocabulary.diagram import Diagram, of_chapter, overview
from kg.representation.vocabulary.model import Chapter, Entry, Vocabulary
from kg.representation.vocabulary.reading import read_vocabulary
from kg.terms import local_path
from kg.web import citable
from kg.web.html import best, formats, page
from kg.web.language import ngettext, own_name, reader, told
from kg.web.site import Site


@dataclass(frozen=True)
class DrawnChapter:
    """A chapter with the drawing of its classes, if there is something to draw."""

    chapter: Chapter
    diagram: Diagram | None


def vocabulary_page(site: Site, ontology: str, path: str, links: Sequence[Link]) -> str:
    """The page about the ontology with the IRI ``ontology``, with the ``links`` of its headers.

    ``path`` is where its formats stand, without suffix.
    """
    return site.kept(f"vocabulary {reader().validator} {ontology}", lambda: _written(site, ontology, path, links))


def _written(site: Site, ontology: str, path: str, links: Sequence[Link]) -> str:
    vocabulary = read_vocabulary(site.answers, site.manifest, site.display.layers, ontology, reader().languages)
    whole = overview(vocabulary)
    chapters = [
        DrawnChapter(chapter, of_chapter(vocabulary, chapter) if len(vocabulary.chapters) > 1 else None)
        for chapter in vocabulary.chapters
    ]

    return page(
        site,
        "vocabulary.html",
        cited=citable.of_thing(site, vocabulary.iri, best(vocabulary.titles)),
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
        rest=_rest,
        own_name=own_name,
        canonical=local_path(site.manifest.base, ontology),
        formats=formats(path),
        links=links,
    )


def _rest(texts: dict[str, str]) -> list[tuple[str, str]]:
    """What is said in other languages than the one shown, each with its language."""
    shown = best(texts)
    return [(language, text) for language, text in sorted(texts.items()) if text != shown]


def _counts(vocabulary: Vocabulary) -> list[tuple[int, str]]:
    """How many terms of each kind there are, in words."""
    kinds: dict[str, list[Entry]] = {}
    for entry in vocabulary.entries:
        kinds.setdefault(entry.kind, []).append(entry)
    found = [(len(entries), _kinds(kind, len(entries))) for kind, entries in sorted(kinds.items())]
    if vocabulary.schemes:
        concepts = sum(scheme.concepts for scheme in vocabulary.schemes)
        found.append((len(vocabulary.schemes), ngettext("scheme", "schemes", len(vocabulary.schemes))))
        found.append((concepts, ngettext("concept", "concepts", concepts)))
    return found


def _kinds(kind: str, number: int) -> str:
    """A kind of terms as it is counted."""
    words = {
        "Class": ngettext("class", "classes", number),
        "Object property": ngettext("object property", "object properties", number),
        "Datatype property": ngettext("datatype property", "datatype properties", number),
        "Annotation property": ngettext("annotation property", "annotation properties", number),
        "Property": ngettext("property", "properties", number),
    }
    return words.get(kind, told(kind))
