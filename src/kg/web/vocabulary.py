"""The reference page of an ontology, whose terms are written once for each release and language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import render_template
from markupsafe import Markup

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


@dataclass(frozen=True)
class _Reference:
    """What of the page takes time to make, as HTML, and what the rest of the page says of the ontology."""

    iri: str
    title: str
    description: str
    version: str
    terms: Markup


def vocabulary_page(site: Site, ontology: str, path: str, links: Sequence[Link]) -> str:
    """The page about the ontology with the IRI ``ontology``, with the ``links`` of its headers.

    ``path`` is where its formats stand, without suffix.
    """
    made = site.kept(f"vocabulary {reader().validator} {ontology}", lambda: _reference(site, ontology, path))
    return page(
        site,
        "vocabulary.html",
        cited=citable.of_thing(site, made.iri, made.title),
        markup=schema_org.vocabulary(made.iri, made.title, made.description, made.version, site.manifest.licence),
        at=local_path(site.manifest.base, ontology) or "",
        title=made.title or made.iri,
        terms=made.terms,
        links=links,
    )


def _reference(site: Site, ontology: str, path: str) -> _Reference:
    vocabulary = read_vocabulary(site.answers, site.manifest, site.display.layers, ontology, reader().languages)
    chapters = [
        DrawnChapter(chapter, of_chapter(vocabulary, chapter) if len(vocabulary.chapters) > 1 else None)
        for chapter in vocabulary.chapters
    ]
    # Nothing of the request stands in it, such as the rest of its address: it is shown to everybody.
    terms = render_template(
        "terms.html",
        vocabulary=vocabulary,
        whole=overview(vocabulary),
        chapters=chapters,
        counts=_counts(vocabulary),
        best=best,
        rest=_rest,
        own_name=own_name,
        formats=formats(path),
    )
    title, description = best(vocabulary.titles), best(vocabulary.descriptions)
    return _Reference(vocabulary.iri, title, description, vocabulary.version, Markup(terms))  # noqa: S704


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
