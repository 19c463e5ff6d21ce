"""Triples -> a Turtle file that people read and version control compares: one block a subject, one line a value.

The same triples always give the same text, and a value changes only its own line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

import pyoxigraph as ox

from kg.terms import PREFIXES

WIDTH = 120
_LOCAL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?")
_RELATIVE = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_./-]*(?:#[A-Za-z0-9_./-]+)?")
# What Turtle writes without quotation marks (RDF 1.1 Turtle, section 2.5).
_PLAIN = {
    PREFIXES["xsd"] + "integer": re.compile(r"[+-]?[0-9]+"),
    PREFIXES["xsd"] + "decimal": re.compile(r"[+-]?[0-9]*\.[0-9]+"),
    PREFIXES["xsd"] + "boolean": re.compile(r"true|false"),
}
_DIGITS = re.compile(r"(\d+)")


class TurtleFile:
    """How a file is written: ``base`` for relative IRIs, ``prefixes``, and the order of properties."""

    def __init__(
        self, base: str, prefixes: Mapping[str, str], predicates: Sequence[str], languages: Sequence[str]
    ) -> None:
        self._base = base
        self._prefixes = sorted(prefixes.items(), key=lambda item: -len(item[1]))
        self._rank = {predicate: rank for rank, predicate in enumerate(predicates)}
        self._languages = {language: rank for rank, language in enumerate(languages)}
        self._used: dict[str, str] = {}

    def text(self, header: str, subjects: Iterable[tuple[str, list[ox.Triple]]]) -> str:
        """The whole file: ``header`` as a comment, then a block for each subject in the given order."""
        self._used = {}
        blocks = ["\n".join(self._block(subject, triples)) for subject, triples in subjects]
        comment = "".join(f"# {line}".rstrip() + "\n" for line in header.splitlines())
        prefixes = [f"@base <{self._base}> ."]
        prefixes += [f"@prefix {prefix}: <{namespace}> ." for prefix, namespace in sorted(self._used.items())]
        return "\n".join([comment, *prefixes, "", "\n\n".join(blocks)]) + "\n"

    def _block(self, subject: str, triples: list[ox.Triple]) -> Iterable[str]:
        by_predicate: dict[str, list[str]] = {}
        for triple in sorted(triples, key=self._order):
            by_predicate.setdefault(triple.predicate.value, []).append(self._term(triple.object))
        parts = list(by_predicate.items())
        for number, (predicate, objects) in enumerate(parts):
            lead = f"{self._iri(subject)} " if number == 0 else "    "
            verb = "a" if predicate == PREFIXES["rdf"] + "type" else self._iri(predicate)
            end = " ." if number == len(parts) - 1 else " ;"
            yield from self._statement(lead + verb, objects, end)

    @staticmethod
    def _statement(lead: str, objects: list[str], end: str) -> Iterable[str]:
        """One property: on one line if it has one value, else a line for each further value."""
        line = f"{lead} {objects[0]}{end if len(objects) == 1 else ' ,'}"
        if len(line) > WIDTH and len(objects) == 1:
            return [lead, f"        {objects[0]}{end}"]
        further = [f"        {value} ," for value in objects[1:-1]]
        return [line, *further, f"        {objects[-1]}{end}"][: len(objects)]

    def _order(self, triple: ox.Triple) -> tuple[object, ...]:
        predicate = triple.predicate.value
        rank = -1 if predicate == PREFIXES["rdf"] + "type" else self._rank.get(predicate, len(self._rank))
        value = triple.object
        if isinstance(value, ox.Literal) and value.language:
            language = self._languages.get(value.language, len(self._languages))
            return rank, predicate, language, value.language, natural(value.value)
        text = value.value if isinstance(value, ox.NamedNode | ox.Literal) else str(value)
        return rank, predicate, -1, "", natural(text)

    def _term(self, term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> str:
        if isinstance(term, ox.NamedNode):
            return self._iri(term.value)
        if isinstance(term, ox.Literal) and not term.language and term.datatype.value != PREFIXES["xsd"] + "string":
            plain = _PLAIN.get(term.datatype.value)
            if plain and plain.fullmatch(term.value):
                return term.value
            return f"{ox.Literal(term.value)}^^{self._iri(term.datatype.value)}"
        return str(term)

    def _iri(self, iri: str) -> str:
        if iri.startswith(self._base) and _RELATIVE.fullmatch(iri.removeprefix(self._base)):
            return f"<{iri.removeprefix(self._base)}>"
        for prefix, namespace in self._prefixes:
            if iri.startswith(namespace) and _LOCAL.fullmatch(iri.removeprefix(namespace)):
                self._used[prefix] = namespace
                return f"{prefix}:{iri.removeprefix(namespace)}"
        return f"<{iri}>"


def natural(text: str) -> list[object]:
    """A sort key by which x2 stands before x10."""
    return [(1, int(part), "") if odd % 2 else (0, 0, part) for odd, part in enumerate(_DIGITS.split(text))]
