"""What a release says of its identifiers: which properties hold them, and where the datasets that it links to are.

Without a word from the project, ``owl:sameAs``, ``schema:sameAs`` and ``skos:exactMatch`` hold names of the same thing,
``skos:closeMatch`` nearly so, ``dcterms:identifier`` and ``skos:notation`` codes. The terms for more than that stand in
``docs/display.md``. An identifier that is described itself is an ``adms:Identifier`` (ADMS, W3C Note 2013).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from kg.engine import Answerer
from kg.engine.solutions import listed, select
from kg.identifiers.spelling import PLACE, Target, Template
from kg.metadata.targets import name_of
from kg.release.manifest import Manifest
from kg.terms import PREFIXES, graph_iri, prologue

SAME, CLOSE, CODE = "same", "close", "code"
ADMS_IDENTIFIER = "http://www.w3.org/ns/adms#identifier"
NOTATION = PREFIXES["skos"] + "notation"
_SKOS, _OWL, _SCHEMA = PREFIXES["skos"], PREFIXES["owl"], PREFIXES["schema"]
# schema.org is written with and without the s; both stand in data.
SAME_AS = (_OWL + "sameAs", _SKOS + "exactMatch", _SCHEMA + "sameAs", "http://schema.org/sameAs")
_KINDS = {
    **dict.fromkeys(SAME_AS, SAME),
    _SKOS + "closeMatch": CLOSE,
    PREFIXES["dcterms"] + "identifier": CODE,
    NOTATION: CODE,
}
# These hold both ways (OWL 2 RL, rule eq-sym; SKOS, S44).
SYMMETRIC = (_OWL + "sameAs", _SKOS + "exactMatch", _SKOS + "closeMatch")
_DISPLAY = PREFIXES["display"]


@dataclass(frozen=True)
class Declared:
    """Properties by what they hold (``kinds``: same, close, code), the names of the schemes of codes, and the targets.

    ``identified``, ``scheme`` and ``evidence`` are the properties by which an identifier that is described itself
    leads to its thing, names its scheme, and tells why it was accepted. ``datatypes`` are those of the codes.
    """

    kinds: dict[str, str]
    schemes: dict[str, tuple[str, ...]]
    identified: tuple[str, ...]
    scheme: tuple[str, ...]
    evidence: tuple[str, ...]
    targets: tuple[Target, ...]
    datatypes: tuple[str, ...]

    def of(self, *kinds: str) -> list[str]:
        """The properties of these kinds."""
        return [iri for iri, kind in self.kinds.items() if kind in kinds]

    def target(self, iri: str) -> tuple[Target, str] | None:
        """The dataset that an IRI belongs to by any of its addresses, and the identifier there."""
        found = ((target, local) for target in self.targets if (local := target.local(iri)) is not None)
        return next(found, None)


def read_declared(engine: Answerer, manifest: Manifest) -> Declared:
    """Read what a release says of its identifiers. Raises QueryError."""
    meta = graph_iri(manifest.base, "meta")

    def told(pattern: str) -> list[dict[str, str]]:
        names = prologue("display", "dcterms", "foaf", "sh", "void")
        return rows(engine, f"{names} SELECT * {{ GRAPH <{meta}> {{ {pattern} }} }} ORDER BY ?shape ?value")

    def named(term: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(row["value"] for row in told(f"?shape sh:targetClass ?any ; display:{term} ?value")))

    kinds = dict(_KINDS)
    words = {f"{_DISPLAY}{kind}": kind for kind in (SAME, CLOSE, CODE)}
    for row in told("?shape sh:path ?path ; display:identity ?value FILTER(isIRI(?path))"):
        if row["value"] in words:
            kinds[row["path"]] = words[row["value"]]
    schemes: dict[str, tuple[str, ...]] = {}
    for row in told("?shape sh:path ?path ; display:scheme ?value FILTER(isIRI(?path))"):
        schemes[row["path"]] = (*schemes.get(row["path"], ()), row["value"])
    codes = [iri for iri, kind in kinds.items() if kind == CODE]
    typed = rows(engine, f"SELECT DISTINCT ?d {{ ?s ?p ?o FILTER(?p IN ({listed(codes)})) BIND(DATATYPE(?o) AS ?d) }}")
    return Declared(
        kinds,
        schemes,
        named("identified"),
        named("schemeProperty"),
        named("evidence"),
        tuple(_targets(told, manifest)),
        tuple(sorted(row["d"] for row in typed if row.get("d"))),
    )


def _targets(told: Any, manifest: Manifest) -> Iterable[Target]:
    for row in told("?shape a void:Dataset ; void:uriSpace ?value OPTIONAL { ?shape foaf:homepage ?page }"):
        iri, space = row["shape"], row["value"]
        if iri == manifest.dataset or PLACE in space:
            continue
        titles = told(f"BIND(<{iri}> AS ?shape) ?shape dcterms:title ?value")
        also = [r["value"] for r in told(f"BIND(<{iri}> AS ?shape) ?shape display:uriTemplate ?value")]
        templates = dict.fromkeys((f"{space}{PLACE}", *(text for text in also if text.count(PLACE) == 1)))
        yield Target(
            iri,
            name_of(iri),
            {r.get("value language", ""): r["value"] for r in titles},
            tuple(map(Template, templates)),
            row.get("page", ""),
        )


def rows(engine: Answerer, text: str) -> list[dict[str, str]]:
    """The answer to a SELECT: texts by variable; ``"x language"`` and ``"x datatype"`` if they have one.

    Raises QueryError as ``select``.
    """
    found = []
    for binding in select(engine, text):
        row = {}
        for name, value in binding.items():
            row[name] = value["value"]
            row |= {f"{name} language": value["xml:lang"]} if "xml:lang" in value else {}
            row |= {f"{name} datatype": value["datatype"]} if "datatype" in value else {}
        found.append(row)
    return found
