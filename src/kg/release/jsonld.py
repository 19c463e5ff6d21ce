"""Triples -> JSON-LD 1.1 piece by piece: one node a line, IRIs shortened by a context of nothing but prefixes.

Pyoxigraph writes the expanded form, in which every literal keeps its text; here its IRIs are made compact. A context of
prefixes leaves no choice in doing so: a compact IRI is the prefix, a colon and the rest (JSON-LD 1.1, section 4.1.5).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import pyoxigraph as ox

from kg.release.dumps import Statement, Tell, batches, triples
from kg.terms import PREFIXES

_TYPE = PREFIXES["rdf"] + "type"
# Only a namespace that ends so makes its term a prefix (JSON-LD 1.1, section 4.2.2, by RFC 3986's gen-delims).
_NAMESPACE_ENDS = tuple(":/?#[]@")


def json_ld_parts(
    quads: Sequence[Statement], prefixes: Mapping[str, str], lines: Iterable[bytes], tell: Tell = lambda _: None
) -> Iterator[bytes]:
    """The triples of ``quads``, those of a subject standing together; ``lines`` is the same as N-Triples or N-Quads.

    ``tell`` is told how many triples a piece held.
    """
    context = _context(prefixes, lines)
    compacted, write = _Compacted(context), json.JSONEncoder(ensure_ascii=False).encode
    yield f'{{"@context": {json.dumps(context, ensure_ascii=False, indent=1)},\n"@graph": ['.encode()
    separator = "\n"
    for batch in batches(quads):
        nodes = json.loads(ox.serialize(triples(batch), format=ox.RdfFormat.JSON_LD) or b"[]")
        written = ",\n".join(write(compacted.node(node)) for node in nodes)
        yield (separator + written).encode()
        separator = ",\n"
        tell(len(batch))
    yield b"\n]}\n"


def _context(prefixes: Mapping[str, str], lines: Iterable[bytes]) -> dict[str, str]:
    """The prefixes that can be used: no IRI of these triples may look like a compact one without being one."""
    found = {prefix: prefixes[prefix] for prefix in sorted(prefixes) if prefixes[prefix].endswith(_NAMESPACE_ENDS)}
    names = b"|".join(re.escape(prefix).encode() for prefix in found)
    scheme = re.compile(rb"<(" + names + rb"):(?!//)")
    taken = {match[1].decode() for line in lines for match in scheme.finditer(line)} if found else set()
    return {prefix: namespace for prefix, namespace in found.items() if prefix not in taken}


class _Compacted:
    """Nodes of expanded JSON-LD in the words of a context."""

    def __init__(self, context: Mapping[str, str]) -> None:
        # Of two prefixes for one namespace the first.
        self._prefixes = {namespace: prefix for prefix, namespace in reversed([*context.items()])}
        # The longest namespace first. "//" after it would make an absolute IRI of what is left, nothing at all a term.
        names = "|".join(re.escape(n) for n in sorted(self._prefixes, key=lambda n: (-len(n), n)))
        self._namespace = re.compile(f"({names})(?!//|$)" if names else "(?!)")
        self._word = lru_cache(maxsize=4_096)(self._iri)  # for what comes again and again

    def node(self, expanded: Mapping[str, Any]) -> dict[str, Any]:
        """A node object."""
        node: dict[str, Any] = {"@id": self._iri(expanded["@id"])}
        for name, values in expanded.items():
            if name == "@id":
                continue
            if name == _TYPE:
                # Only what has an IRI (or is blank) can be a type in JSON-LD's own word for it.
                types = [self._word(value["@id"]) for value in values if "@id" in value]
                if types:
                    node["@type"] = _one_or_all(types)
                values = [value for value in values if "@id" not in value]  # noqa: PLW2901 - the rest of them
            if values:
                node[self._word(name)] = _one_or_all([self._value(value) for value in values])
        return node

    def _value(self, value: Mapping[str, str]) -> dict[str, str] | str:
        if "@id" in value:
            return {"@id": self._iri(value["@id"])}
        if "@type" in value:
            return {"@type": self._word(value["@type"]), "@value": value["@value"]}
        return dict(value) if "@language" in value else value["@value"]

    def _iri(self, iri: str) -> str:
        found = self._namespace.match(iri)
        return f"{self._prefixes[found[1]]}:{iri[found.end() :]}" if found else iri


def _one_or_all(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values
