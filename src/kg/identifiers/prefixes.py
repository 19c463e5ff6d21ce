"""The one map of prefixes of a release, in the forms that programs want, and compact IRIs by it (``curies``).

A namespace that has several prefixes keeps the first; the others, and the short names of the datasets that are linked
to, are its synonyms. What CURIEs mean is W3C's CURIE Syntax 1.0, a Working Group Note.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from kg.identifiers.spelling import PLACE, Target
from kg.terms import PREFIXES

if TYPE_CHECKING:
    from curies import Converter, Record

_GEN_DELIMS = tuple(":/?#[]@")  # what makes a simple term a prefix (JSON-LD 1.1, section 4.2.2)


class PrefixMap:
    """The prefixes of a release: ``given`` (prefix to namespace), and the names of ``targets``."""

    def __init__(self, given: Mapping[str, str], targets: Iterable[Target] = ()) -> None:
        spaces: dict[str, list[str]] = {}
        for prefix, namespace in given.items():
            spaces.setdefault(namespace, []).append(prefix)
        others: dict[str, list[str]] = {}
        taken = set(given)
        for target in targets:
            space, end, rest = target.templates[0].text.partition(PLACE)
            if not end or rest.strip("/"):
                continue
            if target.name not in taken:
                taken.add(target.name)
                spaces.setdefault(space, []).append(target.name)
            others[space] = [t.text.removesuffix(PLACE) for t in target.templates[1:] if t.text.endswith(PLACE)]
        self._records = _records(spaces, others)

    def __iter__(self) -> Iterator[Record]:
        return iter(self._records)

    @cached_property
    def _converter(self) -> Converter:
        from curies import Converter  # noqa: PLC0415 - see _records

        return Converter(self._records)

    @property
    def namespaces(self) -> dict[str, str]:
        """The namespace of each prefix, one prefix for each namespace, in the order of the prefixes."""
        return {record.prefix: record.uri_prefix for record in self._records}

    def expand(self, curie: str) -> str | None:
        """The IRI of a compact one; None if its prefix is unknown, or if it has none."""
        return self._converter.expand(curie) if ":" in curie else None

    def contract(self, iri: str) -> str | None:
        """The compact IRI by the longest namespace that fits; None if none does."""
        return self._converter.compress(iri)

    def as_json(self) -> str:
        """A simple map: prefix to namespace."""
        return _written(self.namespaces)

    def as_context(self) -> str:
        """A JSON-LD 1.1 context of nothing but the prefixes; the empty one has no place there."""
        context = {
            prefix: space if space.endswith(_GEN_DELIMS) else {"@id": space, "@prefix": True}
            for prefix, space in self.namespaces.items()
            if prefix
        }
        return _written({"@context": context})

    def as_extended(self) -> str:
        """An extended prefix map, the format of ``curies`` and the Bioregistry: with all synonyms."""
        return _written(
            [
                {
                    "prefix": record.prefix,
                    "uri_prefix": record.uri_prefix,
                    "prefix_synonyms": record.prefix_synonyms,
                    "uri_prefix_synonyms": record.uri_prefix_synonyms,
                }
                for record in self._records
            ]
        )

    def as_shacl(self, document: str) -> str:
        """Declarations for SPARQL in shapes (SHACL, section 5.2.1), in Turtle, about the IRI ``document``."""
        lines = [f"@prefix sh: <{PREFIXES['sh']}> .", f"@prefix xsd: <{PREFIXES['xsd']}> .", ""]
        nodes = [f"<{document}#{prefix or 'default'}>" for prefix in self.namespaces]
        lines += [f"<{document}> sh:declare", *(f"    {n} {'.' if n is nodes[-1] else ','}" for n in nodes), ""]
        for node, (prefix, space) in zip(nodes, self.namespaces.items(), strict=True):
            lines += [f"{node} a sh:PrefixDeclaration ;", f"    sh:prefix {json.dumps(prefix)} ;"]
            lines += [f"    sh:namespace {json.dumps(space)}^^xsd:anyURI .", ""]
        return "\n".join(lines)


def _records(spaces: Mapping[str, list[str]], others: Mapping[str, list[str]]) -> list[Record]:
    """One record for each namespace, in the order of the prefixes; what two would claim belongs to neither."""
    from curies import Record  # noqa: PLC0415 - a quarter of a second, and a server starts without

    claims: dict[str, list[str]] = {}
    for space in spaces:
        for spelled in (*others.get(space, ()), *map(_twin, (space, *others.get(space, ())))):
            if spelled and spelled not in spaces and space not in claims.setdefault(spelled, []):
                claims[spelled].append(space)
    synonyms: dict[str, list[str]] = {}
    for spelled, owners in claims.items():
        if len(owners) == 1:
            synonyms.setdefault(owners[0], []).append(spelled)
    return [
        Record(
            prefix=prefixes[0],
            uri_prefix=space,
            prefix_synonyms=sorted(prefixes[1:]),
            uri_prefix_synonyms=sorted(synonyms.get(space, ())),
        )
        for space, prefixes in sorted(spaces.items(), key=lambda item: item[1][0])
    ]


def _twin(space: str) -> str:
    """The same namespace by http or https; "" if it is neither."""
    scheme, mark, rest = space.partition("://")
    return f"{'https' if scheme == 'http' else 'http'}://{rest}" if mark and scheme in ("http", "https") else ""


def _written(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"
