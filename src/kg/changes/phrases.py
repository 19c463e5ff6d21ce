"""The program's own words about changes, by language; everything else comes from the data."""

from __future__ import annotations

from collections.abc import Iterable

# What happened to a thing; {0} is its class.
_KINDS = {
    "en": {
        "new": "new {0}",
        "gone": "{0} withdrawn",
        "changed": "{0} changed",
        "retired": "{0} retired",
        "merged": "{0} merged into {1}",
        "superseded": "{0} superseded",
    },
    "de": {
        "new": "neu: {0}",
        "gone": "{0} zurückgezogen",
        "changed": "{0} geändert",
        "retired": "{0} außer Gebrauch",
        "merged": "{0} aufgegangen in {1}",
        "superseded": "{0} abgelöst",
    },
}
_WORDS = {
    "en": {
        "thing": "thing",
        "things": "other things",
        "part": "part",
        "unnamed": "a description without a name",
        "superseded by": "superseded by",
        "type": "class",
        "none": "no difference",
        "inferred": "different in conclusions only: {0}",
        "triples": "triples: {0} added, {1} removed",
        "count new": "{0} new",
        "count gone": "{0} withdrawn",
        "count changed": "{0} changed",
        "count retired": "{0} retired",
        "count merged": "{0} merged",
        "count superseded": "{0} superseded",
        "first": "first release",
        "changes in": "{0}: changes",
        "in release": "release {0}",
    },
    "de": {
        "thing": "Ding",
        "things": "Anderes",
        "part": "Teil",
        "unnamed": "eine Beschreibung ohne Namen",
        "superseded by": "abgelöst durch",
        "type": "Klasse",
        "none": "kein Unterschied",
        "inferred": "nur in Folgerungen verschieden: {0}",
        "triples": "Tripel: {0} hinzugefügt, {1} entfernt",
        "count new": "{0} neu",
        "count gone": "{0} zurückgezogen",
        "count changed": "{0} geändert",
        "count retired": "{0} außer Gebrauch",
        "count merged": "{0} zusammengelegt",
        "count superseded": "{0} abgelöst",
        "first": "erstes Release",
        "changes in": "{0}: Änderungen",
        "in release": "Release {0}",
    },
}
# What OWL itself calls terms, in languages other than English, in which the names of its terms are words already.
_TERMS = {
    "de": {
        "AnnotationProperty": "Annotationseigenschaft",
        "Class": "Klasse",
        "DatatypeProperty": "Datentypeigenschaft",
        "NamedIndividual": "Individuum",
        "ObjectProperty": "Objekteigenschaft",
        "Ontology": "Ontologie",
    },
}
LANGUAGES = tuple(_WORDS)


def owl_term(language: str, name: str) -> str:
    """What a term of OWL (``DatatypeProperty``) is called in ``language``, "" if its own words will do."""
    return _TERMS.get(language, {}).get(name, "")


def word(language: str, key: str, *values: object) -> str:
    """A phrase in ``language``, else in English, filled with values; numbers get thousands separators."""
    text = _WORDS.get(language, _WORDS["en"])[key]
    return text.format(*(_number(language, value) if isinstance(value, int) else value for value in values))


def happened(language: str, kind: str, group: str, others: Iterable[str] = (), into: str = "") -> str:
    """What happened to a thing, in a few words: ``new loan (late loan)``. ``into`` is what it was merged into."""
    named = [lowered(language, name) for name in others]
    noun = lowered(language, group or word(language, "thing")) + (f" ({', '.join(named)})" if named else "")
    return _KINDS.get(language, _KINDS["en"])[kind].format(noun, into)


def lowered(language: str, name: str) -> str:
    """A class's name within a sentence: small in English unless it is an abbreviation; elsewhere as it is."""
    return name[0].lower() + name[1:] if language == "en" and name[1:2].islower() else name


def _number(language: str, value: int) -> str:
    text = f"{value:,}"
    return text.replace(",", ".") if language == "de" else text
