"""How much of what a set of triples holds (pure): what VoID asks for, and what ``statistics.json`` of a release tells.

Terms are texts as N-Triples has them: ``<http://...>``, ``_:b0``, ``"text"@en``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from kg.terms import PREFIXES

_TYPE = f"<{PREFIXES['rdf']}type>"

# A triple as three N-Triples terms.
Row = tuple[str, str, str]


@dataclass(frozen=True)
class Statistics:
    """Counts of a set of triples (VoID, section 4.6), all dictionaries in the order of their keys.

    ``subjects``, ``predicates`` and ``objects`` count the different ones; blank nodes and literals are subjects and
    objects too. ``classes`` has the number of things of each class that has an IRI, ``properties`` the number of
    triples with each property. ``links`` counts, by property and namespace, the triples that lead from something of
    this dataset to an IRI that is not: the namespace is the IRI up to and including its last ``/`` or ``#`` (its last
    ``:`` if it has neither). The type of a thing is no link.
    """

    triples: int
    subjects: int
    predicates: int
    objects: int
    classes: dict[str, int] = field(hash=False)
    properties: dict[str, int] = field(hash=False)
    links: dict[tuple[str, str], int] = field(hash=False)


def statistics(triples: Iterable[Row], base: str) -> Statistics:
    """Count ``triples``, each of which comes once, of a dataset whose IRIs begin with ``base``."""
    total = 0
    subjects: set[str] = set()
    objects: set[str] = set()
    classes: Counter[str] = Counter()
    properties: Counter[str] = Counter()
    links: Counter[tuple[str, str]] = Counter()
    own = f"<{base}"
    for subject, predicate, value in triples:
        total += 1
        subjects.add(subject)
        objects.add(value)
        properties[predicate] += 1
        if value[0] != "<":
            continue
        if predicate == _TYPE:
            classes[value] += 1
        elif not value.startswith(own) and (subject.startswith(own) or subject[0] == "_"):
            links[predicate[1:-1], namespace_of(value[1:-1])] += 1
    return Statistics(
        triples=total,
        subjects=len(subjects),
        predicates=len(properties),
        objects=len(objects),
        classes={iri[1:-1]: classes[iri] for iri in sorted(classes)},
        properties={iri[1:-1]: properties[iri] for iri in sorted(properties)},
        links={link: links[link] for link in sorted(links)},
    )


def namespace_of(iri: str) -> str:
    """An IRI up to and including its last ``/`` or ``#``, or its last ``:`` if it has neither."""
    end = max(iri.rfind("/"), iri.rfind("#"))
    return iri[: (end if end >= 0 else iri.rfind(":")) + 1]
