"""What the reference page of an ontology tells: values only, read by ``kg.representation.vocabulary.reading``."""

from __future__ import annotations

from dataclasses import dataclass, field

from kg.representation.view import Term
from kg.representation.vocabulary.axioms import Phrase


@dataclass(frozen=True)
class Fact:
    """Something that is said of a term: a heading and one or more phrases."""

    name: str
    values: tuple[Phrase, ...]


@dataclass(frozen=True)
class Entry:
    """One class or property of the ontology.

    ``label`` is in the reader's language, ``translations`` are the labels in others, each with the definition beside it
    in ``definitions`` (by language). ``facts`` are what a reader looks for first, ``more`` what can be folded away.
    ``supers``, ``domains`` and ``ranges`` are IRIs; ``observed`` domains are taken from the data because none is
    declared. All statements with a ``derived`` property are conclusions.
    """

    iri: str
    anchor: str
    short: str
    kind: str
    label: Term
    translations: tuple[Term, ...]
    definitions: dict[str, str] = field(hash=False)
    facts: tuple[Fact, ...]
    more: tuple[Fact, ...]
    supers: tuple[str, ...]
    domains: tuple[str, ...]
    ranges: tuple[str, ...]
    observed: bool
    derived: bool
    uses: int

    @property
    def is_class(self) -> bool:
        """True for a class, false for a property."""
        return self.kind == "Class"


@dataclass(frozen=True)
class Chapter:
    """Terms that belong together: a layer that the project declares, or all terms if it declares none."""

    anchor: str
    titles: dict[str, str] = field(hash=False)
    descriptions: dict[str, str] = field(hash=False)
    classes: tuple[Entry, ...]
    properties: tuple[Entry, ...]

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All terms of the chapter."""
        return self.classes + self.properties


@dataclass(frozen=True)
class Scheme:
    """A SKOS scheme: its name, definition by language and number of concepts."""

    name: Term
    definitions: dict[str, str] = field(hash=False)
    concepts: int


@dataclass(frozen=True)
class Vocabulary:
    """An ontology as a reader meets it. ``about`` are facts of its header, ``reused`` terms of other vocabularies."""

    iri: str
    titles: dict[str, str] = field(hash=False)
    descriptions: dict[str, str] = field(hash=False)
    version: str
    prefix: str
    namespace: str
    about: tuple[Fact, ...]
    chapters: tuple[Chapter, ...]
    schemes: tuple[Scheme, ...]
    exclusions: tuple[Phrase, ...]
    reused: tuple[tuple[Term, str, int], ...]

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All terms of the ontology."""
        return tuple(entry for chapter in self.chapters for entry in chapter.entries)
