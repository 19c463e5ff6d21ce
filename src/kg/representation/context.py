"""The JSON-LD context of a release, made of its ontology, and documents as plain JSON in its names.

A term of the ontology is called by its own name (``holder``), with its type where the ontology fixes it: a link for an
object property, a datatype for a property whose range is one of XML Schema. A value that has not that type stands under
the property's compact IRI instead, so that nothing is ever told differently. There are no language maps: a language
stays with its text, also where some texts have none.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyoxigraph as ox

from kg.terms import PREFIXES

_OWL, _XSD, _TYPE = PREFIXES["owl"], PREFIXES["xsd"], PREFIXES["rdf"] + "type"
_RANGE = PREFIXES["rdfs"] + "range"
_NAMED = {f"{_OWL}{kind}" for kind in ("Class", "ObjectProperty", "DatatypeProperty", "AnnotationProperty")}
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
# Only a namespace that ends so makes its term a prefix (JSON-LD 1.1, section 4.2.2, by RFC 3986's gen-delims).
_NAMESPACE_ENDS = tuple(":/?#[]@")
# As a prefix these would change the meaning of whole IRIs.
_SCHEMES = {
    "about",
    "blob",
    "data",
    "doi",
    "file",
    "ftp",
    "geo",
    "http",
    "https",
    "info",
    "mailto",
    "tag",
    "tel",
    "urn",
}
_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,14}")


@dataclass(frozen=True)
class Context:
    """``terms`` are the names of a context with their definitions, prefixes among them."""

    terms: Mapping[str, str | Mapping[str, str]]

    def to_json(self) -> bytes:
        """The context as a JSON-LD document."""
        return (json.dumps({"@context": self.terms}, ensure_ascii=False, indent=1) + "\n").encode()

    @cached_property
    def _namespaces(self) -> list[tuple[str, str]]:
        prefixes = ((d, t) for t, d in self.terms.items() if isinstance(d, str) and d.endswith(_NAMESPACE_ENDS))
        return sorted(prefixes, key=lambda pair: (-len(pair[0]), pair))

    @cached_property
    def _names(self) -> dict[str, tuple[str, str]]:
        """IRI -> (name, type of its values or "")."""
        return {d["@id"]: (t, d.get("@type", "")) for t, d in self.terms.items() if not isinstance(d, str)}

    def write(self, triples: Sequence[ox.Triple], first: str = "") -> bytes:
        """The triples as JSON in the names of this context, which is not in it; the node ``first`` stands on top."""
        misread = self._misread(triples)
        terms = {name: meaning for name, meaning in self.terms.items() if name not in misread}
        content = (Context(terms) if misread else self).content(triples, first)
        if misread:
            content = {"@context": dict.fromkeys(misread), **content}
        return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()

    def content(self, triples: Sequence[ox.Triple], first: str = "") -> dict[str, Any]:
        """The same before it is text."""
        # In the order of their text the statements of a subject stand together, and are the same bytes each time.
        written = ox.serialize(sorted(triples, key=str), format=ox.RdfFormat.JSON_LD) or b"[]"
        nodes = sorted(json.loads(written), key=lambda node: bool(node["@id"] != first))
        content = [self._node(node) for node in nodes]
        return content[0] if len(content) == 1 else {"@graph": content}

    def _misread(self, triples: Iterable[ox.Triple]) -> list[str]:
        """The names that are schemes of IRIs here: these would be taken for compact IRIs."""
        iris = {term.value for t in triples for term in t if isinstance(term, ox.NamedNode)}
        iris |= {t.object.datatype.value for t in triples if isinstance(t.object, ox.Literal)}
        schemes = {iri.partition(":")[0] for iri in iris if not iri.partition(":")[2].startswith("//")}
        return sorted(schemes & set(self.terms))

    def _node(self, expanded: Mapping[str, Any]) -> dict[str, Any]:
        node: dict[str, Any] = {"@id": self.compact(expanded["@id"])}
        for name, values in expanded.items():
            if name == "@id":
                continue
            if name in ("@type", _TYPE):
                types = [value if isinstance(value, str) else value["@id"] for value in _types(values)]
                if types:
                    node["@type"] = _one_or_all([self._names.get(iri, (self.compact(iri), ""))[0] for iri in types])
                values = _others(values)  # noqa: PLW2901 - the rest of them
            term, kind = self._names.get(name, ("", ""))
            told: dict[str, list[Any]] = {}
            for value in values:
                fits = bool(term) and (not kind or _kind(value) == kind)
                key = term if fits else self.compact(name)
                told.setdefault(key, []).append(self._value(value, kind if fits else ""))
            node |= {key: _one_or_all(found) for key, found in told.items()}
        return node

    def _value(self, value: Mapping[str, Any], kind: str) -> Any:
        if "@id" in value:
            iri = self.compact(value["@id"])
            return iri if kind == "@id" else {"@id": iri}
        text, datatype = value["@value"], value.get("@type", "")
        native = _native(text, datatype)
        if native is not None or kind:
            return text if native is None else native
        if datatype:
            return {"@type": self.compact(datatype), "@value": text}
        return dict(value) if "@language" in value else text

    def compact(self, iri: str) -> str:
        """The IRI as prefix, colon and rest, if a prefix fits (JSON-LD 1.1, section 4.1.5)."""
        for namespace, prefix in self._namespaces:
            local = iri.removeprefix(namespace)
            # "//" would make an absolute IRI of it.
            if local != iri and local and not local.startswith("//"):
                return f"{prefix}:{local}"
        return iri


def context_of(ontology: Iterable[ox.Triple], base: str, prefixes: Mapping[str, str]) -> Context:
    """The context for a project whose own terms begin with ``base``; ``ontology`` are the statements about its terms.

    A name that two terms have, or a term and a prefix, is given to neither term.
    """
    kinds: dict[str, set[str]] = {}
    ranges: dict[str, list[str]] = {}
    for t in ontology:
        if (
            isinstance(t.subject, ox.NamedNode)
            and isinstance(t.object, ox.NamedNode)
            and t.subject.value.startswith(base)
        ):
            if t.predicate.value == _TYPE and t.object.value in _NAMED:
                kinds.setdefault(t.subject.value, set()).add(t.object.value)
            elif t.predicate.value == _RANGE:
                ranges.setdefault(t.subject.value, []).append(t.object.value)
    terms: dict[str, str | Mapping[str, str]] = {
        prefix: namespace
        for prefix, namespace in sorted(prefixes.items())
        if namespace.endswith(_NAMESPACE_ENDS) and _NAME.fullmatch(prefix) and prefix not in _SCHEMES
    }
    named: dict[str, list[str]] = {}
    for iri in sorted(kinds):
        name = re.split(r"[#/]", iri)[-1]
        if _NAME.fullmatch(name) and name not in terms and name not in _SCHEMES:
            named.setdefault(name, []).append(iri)
    for name, iris in sorted(named.items()):
        if len(iris) == 1:
            kind = _coercion(kinds[iris[0]], ranges.get(iris[0], []))
            terms[name] = {"@id": iris[0], "@type": kind} if kind else {"@id": iris[0]}
    return Context(terms)


def _coercion(kinds: set[str], ranges: list[str]) -> str:
    if _OWL + "ObjectProperty" in kinds:
        return "@id"
    # A plain text needs no type, and one in a language must not have one.
    if _OWL + "DatatypeProperty" in kinds and len(ranges) == 1 and ranges[0].startswith(_XSD):
        return "" if ranges[0] == _XSD + "string" else ranges[0]
    return ""


def _native(text: Any, datatype: str) -> bool | int | None:
    """The value as JSON has it, if it comes back from there as it was written."""
    if not isinstance(text, str):
        return text if isinstance(text, bool | int) else None
    if datatype == _XSD + "integer" and _INTEGER.fullmatch(text):
        return int(text)
    return text == "true" if datatype == _XSD + "boolean" and text in ("true", "false") else None


def _kind(value: Mapping[str, Any]) -> str:
    """What a type of a term would have to be for this value."""
    if "@id" in value:
        return "@id"
    if isinstance(value["@value"], bool):
        return _XSD + "boolean"
    if isinstance(value["@value"], int):
        return _XSD + "integer"
    return str(value.get("@type", ""))


def _types(values: Iterable[Any]) -> list[Any]:
    """Only what has an IRI (or is blank) can be a type in JSON-LD's own word for it."""
    return [value for value in values if isinstance(value, str) or "@id" in value]


def _others(values: Iterable[Any]) -> list[Any]:
    return [value for value in values if not isinstance(value, str) and "@id" not in value]


def _one_or_all(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values
