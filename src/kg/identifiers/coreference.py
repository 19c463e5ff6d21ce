"""The identifiers of a thing: what others call it, its codes, and on what evidence each was accepted.

An ontology has the identifiers of all its terms. Where an identifier is described itself (``adms:Identifier``), what it
tells belongs to the IRI or code that it stands for.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import pyoxigraph as ox

from kg.engine import Answerer
from kg.engine.solutions import listed
from kg.identifiers.declared import ADMS_IDENTIFIER, CODE, NOTATION, SYMMETRIC, Declared
from kg.identifiers.spelling import Target, plain
from kg.metadata.targets import name_of
from kg.release.manifest import Manifest
from kg.representation.statements import Statements
from kg.terms import PREFIXES, whole

_DEFINED = PREFIXES["rdfs"] + "isDefinedBy"
_IN_SCHEME = PREFIXES["skos"] + "inScheme"


@dataclass(frozen=True)
class Identifier:
    """An identifier of a thing (``about``): an IRI or a code, why it is one (same, close, code), and by which property.

    ``scheme`` is the name of the dataset or of the scheme of codes, ``local`` the identifier there; ``evidence`` are
    texts and IRIs. ``described`` is the IRI of its own description, if there is one.
    """

    about: str
    value: str
    is_iri: bool
    relation: str
    property: str
    scheme: str = ""
    local: str = ""
    target: Target | None = None
    evidence: tuple[str, ...] = ()
    described: str = ""


@dataclass(frozen=True)
class Coreference:
    """The identifiers of a thing, and the statements that say so (with the names of what is in them)."""

    thing: str
    identifiers: tuple[Identifier, ...]
    triples: tuple[ox.Triple, ...]


def coreference(
    engine: Answerer, manifest: Manifest, declared: Declared, thing: str, *, terms_too: bool
) -> Coreference:
    """The identifiers of a thing; with ``terms_too`` those of all terms of an ontology. Raises QueryError."""
    statements = Statements(engine, manifest)
    node = ox.NamedNode(thing)
    who = f"VALUES ?thing {{ {node} }}"
    about = f"{{ {who} }} UNION {{ ?thing <{_DEFINED}> {node} }}" if terms_too else who
    wanted = listed([*declared.kinds, _IN_SCHEME])
    both = listed(iri for iri in SYMMETRIC if declared.kinds[iri] != CODE)
    found = statements.triples(f"{about} BIND(?thing AS ?s) ?s ?p ?o FILTER(?p IN ({wanted}))")
    found += statements.triples(f"{about} BIND(?thing AS ?o) ?s ?p ?o FILTER(?p IN ({both}))")
    described: list[ox.Triple] = []
    for prop in declared.identified:
        described += statements.triples(f"{about} ?s {ox.NamedNode(prop)} ?thing . ?s ?p ?o")
    described += statements.triples(f"{about} ?thing <{ADMS_IDENTIFIER}> ?s . ?s ?p ?o")
    found += statements.triples(f"{about} BIND(?thing AS ?s) BIND(<{ADMS_IDENTIFIER}> AS ?p) ?s ?p ?o")
    coded = {t.subject for t in found if declared.kinds.get(t.predicate.value) == CODE}
    found = [t for t in found if t.predicate.value != _IN_SCHEME or t.subject in coded]
    members = {thing, *(t.value for t in _things(found, thing, terms_too=terms_too))}
    identifiers = _merged(_written(found, members, declared), _parts(described, members, declared, thing))
    triples = sorted({*found, *described}, key=str)
    names = statements.labels({i.about for i in identifiers} | {thing})
    return Coreference(thing, tuple(identifiers), tuple(dict.fromkeys([*triples, *names])))


def _things(triples: Iterable[ox.Triple], thing: str, *, terms_too: bool) -> set[ox.NamedNode]:
    nodes = {node for t in triples for node in (t.subject, t.object) if isinstance(node, ox.NamedNode)}
    return {node for node in nodes if node.value == thing or (terms_too and whole(node.value) == whole(thing))}


def _written(triples: Iterable[ox.Triple], members: set[str], declared: Declared) -> list[Identifier]:
    given = list(triples)
    schemes = {
        t.subject: name_of(t.object.value)
        for t in given
        if t.predicate.value == _IN_SCHEME and isinstance(t.object, ox.NamedNode)
    }
    found = []
    for t in given:
        prop, kind = t.predicate.value, declared.kinds.get(t.predicate.value)
        if kind is None:
            continue
        forward = isinstance(t.subject, ox.NamedNode) and t.subject.value in members
        here, there = (t.subject, t.object) if forward else (t.object, t.subject)
        if not isinstance(here, ox.NamedNode) or isinstance(there, ox.Triple | ox.BlankNode):
            continue
        if isinstance(there, ox.Literal):
            datatype = there.datatype.value
            named = declared.schemes.get(prop, ())
            scheme = next(iter(named), "") or schemes.get(t.subject, "")
            if not scheme and prop == NOTATION and not datatype.startswith(PREFIXES["xsd"]):
                scheme = name_of(datatype)
            scheme = scheme or name_of(prop)
            found.append(Identifier(here.value, there.value, False, kind, prop, scheme, there.value))
        else:
            target, local = declared.target(there.value) or (None, "")
            name = target.name if target else ""
            found.append(Identifier(here.value, there.value, True, kind, prop, name, local, target))
    return found


def _parts(triples: Iterable[ox.Triple], members: set[str], declared: Declared, thing: str) -> list[Identifier]:
    """What identifiers say that are described themselves."""
    described: dict[str, dict[str, list[str]]] = {}
    for t in triples:
        if isinstance(t.subject, ox.NamedNode) and not isinstance(t.object, ox.Triple):
            described.setdefault(t.subject.value, {}).setdefault(t.predicate.value, []).append(t.object.value)
    found = []
    for iri, said in described.items():
        values = {p: sorted(v) for p, v in said.items()}
        owners = [o for p in declared.identified for o in values.get(p, ()) if o in members]
        schemes = [v for p in declared.scheme for v in values.get(p, ())]
        evidence = tuple(v for p in declared.evidence for v in values.get(p, ()))
        for code in values.get(NOTATION, ()):
            scheme = next(iter(schemes), "")
            found.append(
                Identifier(next(iter(owners), thing), code, False, CODE, NOTATION, scheme, code, None, evidence, iri)
            )
    return found


def _merged(written: Iterable[Identifier], parts: Iterable[Identifier]) -> list[Identifier]:
    """Each identifier once: what a description tells goes to the IRI or code that it describes."""
    found = list(written)
    for part in parts:
        hit = [
            number
            for number, i in enumerate(found)
            if i.about == part.about
            and (plain(i.value) == plain(part.value) or (i.scheme, i.local) == (part.scheme, part.local))
        ]
        for number in hit:
            i = found[number]
            evidence = tuple(dict.fromkeys((*i.evidence, *part.evidence)))
            found[number] = replace(i, evidence=evidence, described=part.described)
        if not hit:
            found.append(part)
    order = ("same", "close", "code")
    unique = dict.fromkeys(found)
    return sorted(unique, key=lambda i: (i.about, order.index(i.relation), i.scheme or "~", i.value))
