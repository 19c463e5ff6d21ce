"""G8: terms of other vocabularies exist there, are spelled right, and are left as their owners made them.

Which terms there are, rdflib knows for many vocabularies; for further ones a list of local names stands in ``terms/``,
made from the published file that its second line names. Covers OOPS! P40 (namespace hijacking).
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from functools import cache
from pathlib import Path

import pyoxigraph as ox
from rdflib import namespace
from rdflib.namespace import DefinedNamespace

from kg.findings import Finding
from kg.gates.workpiece import AXIOMS, CLASS_KINDS, PROPERTY_KINDS, Workpiece, types_of
from kg.terms import DISPLAY, PREFIXES

_LISTS = Path(__file__).parent / "terms"
_TYPE = PREFIXES["rdf"] + "type"
_LANGUAGE = tuple(PREFIXES[p] for p in ("rdf", "rdfs", "owl", "xsd"))
_STUB = {_TYPE, PREFIXES["rdfs"] + "label", PREFIXES["rdfs"] + "isDefinedBy"}
_STUB_TYPES = CLASS_KINDS | PROPERTY_KINDS | {PREFIXES["rdfs"] + "Datatype"}


def reuse(work: Workpiece) -> Iterator[Finding]:
    """Foreign classes and properties that their vocabulary does not have, and statements that change foreign terms."""
    used: dict[str, str] = {}
    for quad in (*work.graph.asserted, *work.graph.description):
        subject = quad.subject.value if isinstance(quad.subject, ox.NamedNode) else ""
        for term in _terms(quad):
            if not term.startswith((work.base, str(DISPLAY))):
                used.setdefault(term, subject)
    for term, focus in sorted(used.items()):
        if problem := _problem(term):
            rule, en, de = problem
            severity = "warning" if rule == "unlisted" else "violation"
            where = term if rule == "unlisted" or term in work.facts else focus
            yield work.finding(severity, f"G8 {rule}", where, en, de, value=f"<{term}>")
    yield from _changed(work, used)


def _terms(quad: ox.Quad) -> Iterator[str]:
    """What the statement uses as a property or class."""
    yield quad.predicate.value
    if isinstance(quad.object, ox.NamedNode):
        if quad.predicate.value in AXIOMS or quad.predicate.value == _TYPE:
            yield quad.object.value
        if (
            quad.predicate.value == _TYPE
            and quad.object.value in _STUB_TYPES
            and isinstance(quad.subject, ox.NamedNode)
        ):
            yield quad.subject.value


def _problem(term: str) -> tuple[str, str, str] | None:
    """(rule, English, German) if the vocabulary of the term does not have it, or nobody knows the vocabulary."""
    spaces = vocabularies()
    space = max((s for s in spaces if term.startswith(s)), key=len, default="")
    if not space:
        meant = next((s for s in spaces if _bare(term).startswith(_bare(s))), "")
        if meant:
            right = meant + _bare(term).removeprefix(_bare(meant))
            return (
                "namespace",
                f"<{term}>: that vocabulary's terms begin with {meant}; write <{right}>",
                f"<{term}>: die Begriffe dieses Vokabulars beginnen mit {meant}; <{right}> schreiben",
            )
        return (
            "unlisted",
            f"nothing is known here about the vocabulary of <{term}>; check the term by hand and waive this",
            f"das Vokabular von <{term}> ist hier unbekannt; den Begriff selbst prüfen und die Warnung hinnehmen",
        )
    name = term.removeprefix(space)
    if name in spaces[space] or (space == PREFIXES["rdf"] and name[:1] == "_" and name[1:].isdigit()):
        return None
    near = get_close_matches(name, sorted(spaces[space]), n=1)
    return (
        "unknown",
        f"<{term}> does not exist in its vocabulary{f'; {near[0]} may be meant' if near else ''}",
        f"<{term}> gibt es in seinem Vokabular nicht{f'; gemeint ist vielleicht {near[0]}' if near else ''}",
    )


def _bare(iri: str) -> str:
    """The IRI without what is confused most often: http or https, www."""
    return iri.partition("://")[2].removeprefix("www.")


@cache
def vocabularies() -> dict[str, frozenset[str]]:
    """Namespace -> the local names of its terms, from rdflib and from the lists in ``terms/``."""
    known: dict[str, frozenset[str]] = {}
    for name in dir(namespace):
        space = getattr(namespace, name)
        if isinstance(space, type(DefinedNamespace)) and space is not DefinedNamespace:
            known[str(space)] = frozenset(str(term).removeprefix(str(space)) for term in dir(space))
    for file in sorted(_LISTS.glob("*.txt")):
        lines = file.read_text(encoding="utf-8").splitlines()
        prefix = lines[0].removeprefix("# ")
        known[prefix] = known.get(prefix, frozenset()) | {line for line in lines if not line.startswith("#")}
    return known


def _changed(work: Workpiece, used: dict[str, str]) -> Iterator[Finding]:
    """Statements about foreign terms beyond a stub: type, label and where the term is defined."""
    for iri, facts in sorted(work.facts.items()):
        if iri.startswith((work.base, *_LANGUAGE)) or not (iri in used or types_of(facts) & _STUB_TYPES):
            continue
        odd = {p for p in facts if p not in _STUB} | {_TYPE for t in types_of(facts) if t not in _STUB_TYPES}
        for path in sorted(odd):
            yield work.finding(
                "warning",
                "G8 foreign",
                iri,
                "this term belongs to another vocabulary; give only type, label and rdfs:isDefinedBy, and say the rest "
                "about a term of your own",
                "dieser Begriff gehört einem anderen Vokabular; nur Typ, Bezeichnung und rdfs:isDefinedBy nennen und "
                "alles Weitere über einen eigenen Begriff sagen",
                path,
            )
