"""What a page tells search engines of its thing, in the words of schema.org as JSON-LD (https://schema.org).

Of which class of schema.org a thing is, ``schema_types`` finds.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import pyoxigraph as ox

from kg.metadata.authority import FILE_TYPES
from kg.release.manifest import Manifest
from kg.representation.document import Document
from kg.representation.schema_types import KNOWN, SPELLINGS, SchemaTypes
from kg.terms import PREFIXES, catalogue_iri, document_iri, in_language

_SCHEMA, _SKOS, _OWL = PREFIXES["schema"], PREFIXES["skos"], PREFIXES["owl"]
_DESCRIBING = (
    PREFIXES["dcterms"] + "description", _SKOS + "definition", PREFIXES["rdfs"] + "comment", _SCHEMA + "description",
    PREFIXES["dcterms"] + "abstract", _SKOS + "scopeNote",
)  # fmt: skip
_SAME = (_OWL + "sameAs", _SKOS + "exactMatch", *(spelling + "sameAs" for spelling in SPELLINGS))
# Search engines want a description of a dataset to have so many characters.
SHORTEST, LONGEST = 50, 5_000
# In a script element these would end it or be read as something else; JSON may write them as escapes (RFC 8259, 7).
_ESCAPED = str.maketrans({c: f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"})

Node = dict[str, Any]


def website(manifest: Manifest) -> Node:
    """The site as a whole: what a page is marked with that is about no single thing."""
    return _node(
        "WebSite",
        manifest.base,
        name=in_language(manifest.title, manifest.languages),
        description=in_language(manifest.description, manifest.languages),
        url=manifest.base,
        license=manifest.licence,
        about={"@id": manifest.dataset},
    )


def thing(document: Document, manifest: Manifest, types: SchemaTypes) -> Node:
    """What a document is about: type, names, description, address, and what else it is called elsewhere."""
    if document.thing == manifest.dataset:
        return dataset(document, manifest)
    kinds = types.of(document.iris(PREFIXES["rdf"] + "type"))
    names = [_texts(document.values(prop)) for prop in manifest.label_properties]
    name = next((in_language(found, manifest.languages) for found in names if found), "")
    others = sorted({text for found in names for text in found.values()} - {name})
    described = next((found for prop in _DESCRIBING if (found := _texts(document.values(prop)))), {})
    same = [iri for iri in document.iris(*_SAME) if iri != document.thing]
    return _node(
        kinds[0] if len(kinds) == 1 else kinds,
        document.thing,
        name=name or document.thing,
        alternateName=others,
        description=_cut(in_language(described, manifest.languages)),
        url=document_iri(manifest.base, document.thing) if "#" not in document.thing else document.thing,
        sameAs=sorted(set(same)),
    )


def vocabulary(iri: str, name: str, description: str, version: str, licence: str) -> Node:
    """An ontology, told of by its own page."""
    return _node(
        KNOWN[_OWL + "Ontology"],
        iri,
        name=name or iri,
        description=_cut(description),
        version=version,
        license=licence,
        url=iri,
    )


def dataset(document: Document, manifest: Manifest) -> Node:
    """The dataset as search engines for data want it (https://schema.org/Dataset), from its document and manifest."""
    dcat, dcterms = PREFIXES["dcat"], PREFIXES["dcterms"]
    told = _Told(document, manifest.languages)
    return _node(
        "Dataset",
        manifest.dataset,
        name=in_language(manifest.title, manifest.languages),
        alternateName=sorted(set(manifest.title.values()) - {in_language(manifest.title, manifest.languages)}),
        description=description(manifest),
        url=document_iri(manifest.base, manifest.dataset),
        identifier=manifest.dataset,
        version=manifest.version,
        dateModified=manifest.date,
        datePublished=next(iter(told.texts(dcterms + "issued")), ""),
        license=manifest.licence,
        inLanguage=manifest.languages,
        keywords=told.texts(dcat + "keyword"),
        creator=told.agents(dcterms + "creator") or told.agents(dcterms + "publisher"),
        publisher=told.agents(dcterms + "publisher"),
        temporalCoverage=told.period(),
        spatialCoverage=[_node("Place", iri, name=told.name(iri)) for iri in document.iris(dcterms + "spatial")],
        sameAs=sorted(document.iris(*_SAME)),
        includedInDataCatalog=_node(
            "DataCatalog",
            catalogue_iri(manifest.base),
            name=in_language(manifest.title, manifest.languages),
            url=catalogue_iri(manifest.base),
        ),
        distribution=_downloads(manifest),
    )


def catalogue(manifest: Manifest, versions: Iterable[str]) -> Node:
    """The catalogue with the dataset and the IRIs of its ``versions``."""
    title = in_language(manifest.title, manifest.languages)
    return _node(
        "DataCatalog",
        catalogue_iri(manifest.base),
        name=title,
        description=in_language(manifest.description, manifest.languages),
        url=catalogue_iri(manifest.base),
        license=manifest.licence,
        dataset=[{"@id": iri} for iri in (manifest.dataset, *versions)],
    )


def description(manifest: Manifest) -> str:
    """The dataset's description, made long or short enough for search engines (SHORTEST, LONGEST)."""
    text = in_language(manifest.description, manifest.languages)
    if len(text) < SHORTEST:
        text = (
            f"{text} Linked data (RDF), version {manifest.version} of {manifest.date}, "
            f"{manifest.triples['data']:,} statements."
        )
    return _cut(text)


def as_script(node: Mapping[str, Any]) -> str:
    """The node as JSON-LD that may stand in a ``script`` element, whatever its texts hold."""
    whole = {"@context": "https://schema.org", **node}
    return json.dumps(whole, ensure_ascii=False, indent=1).translate(_ESCAPED)


class _Told:
    """What the document of the dataset says, also of its parts."""

    def __init__(self, document: Document, languages: Iterable[str]) -> None:
        self._document, self._languages = document, tuple(languages)

    def texts(self, predicate: str) -> list[str]:
        return sorted({v.value for v in self._document.values(predicate) if isinstance(v, ox.Literal)})

    def agents(self, predicate: str) -> list[Node]:
        found = sorted(set(self._document.iris(predicate)))
        person = PREFIXES["foaf"] + "Person"
        return [_node("Person" if self._is(iri, person) else "Organization", iri, name=self.name(iri)) for iri in found]

    def name(self, iri: str) -> str:
        labels = [
            t.object
            for t in (*self._document.own, *self._document.names)
            if t.subject == ox.NamedNode(iri) and isinstance(t.object, ox.Literal) and t.object.datatype.value in _TEXT
        ]
        return in_language(_texts(labels), self._languages)

    def period(self) -> str:
        """The time that the data is about, as an ISO 8601 interval."""
        for iri in self._document.iris(PREFIXES["dcterms"] + "temporal"):
            begin, end = (self._of(iri, PREFIXES["dcat"] + name) for name in ("startDate", "endDate"))
            if begin or end:
                return f"{begin or '..'}/{end or '..'}"
        return ""

    def _of(self, iri: str, predicate: str) -> str:
        subject, wanted = ox.NamedNode(iri), ox.NamedNode(predicate)
        found = (t.object for t in self._document.own if (t.subject, t.predicate) == (subject, wanted))
        return next((value.value for value in found if isinstance(value, ox.Literal)), "")

    def _is(self, iri: str, kind: str) -> bool:
        wanted = ox.Triple(ox.NamedNode(iri), ox.NamedNode(PREFIXES["rdf"] + "type"), ox.NamedNode(kind))
        return wanted in self._document.own


_TEXT = (PREFIXES["xsd"] + "string", PREFIXES["rdf"] + "langString")


def _downloads(manifest: Manifest) -> list[Node]:
    found = []
    for suffix, kind in FILE_TYPES.items():
        path = f"dumps/data{suffix}"
        if path in manifest.files:
            size, sha256 = manifest.files[path]
            address = f"{manifest.base}dumps/{manifest.name}/data{suffix}"
            found.append(
                _node(
                    "DataDownload",
                    "",
                    name=kind.name,
                    contentUrl=address,
                    encodingFormat=kind.media_type,
                    contentSize=f"{size} B",
                    sha256=sha256,
                )
            )
    return found


def _texts(values: Iterable[ox.NamedNode | ox.Literal]) -> dict[str, str]:
    """Literals by language; of several in one language the first by its text."""
    found: dict[str, str] = {}
    for value in sorted((v for v in values if isinstance(v, ox.Literal)), key=lambda v: v.value):
        found.setdefault(value.language or "", value.value)
    return found


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 2].rpartition(" ")[0] + " …"


def _node(kind: str | list[str], iri: str, **facts: object) -> Node:
    """A node with the facts that there are."""
    named = {"@id": iri} if iri else {}
    return {"@type": kind, **named, **{name: value for name, value in facts.items() if value not in ("", [], None)}}
