"""Waivers: warnings that somebody has accepted, with name, day and reason, in Turtle beside the shapes.

::

    rule:waiver-inverses a display:Waiver ;
        display:rule "G4 P13" ;                 # or the IRI of a shape
        display:focus <ns#holder> ;             # or an ontology: then every term that it defines
        dcterms:creator "Ada Example" ;
        dcterms:date "2026-01-31"^^xsd:date ;
        dcterms:description "Queries walk a relation backwards with ^; no second name is needed."@en .

Only warnings can be waived. A waiver that lacks something is a violation, one that waives nothing any more a warning: a
list of exceptions must not outlive its reasons.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import pyoxigraph as ox

from kg.findings import Finding
from kg.graph import KnowledgeGraph
from kg.locate import Locator
from kg.terms import DISPLAY, PREFIXES, in_language

_TYPE, _WAIVER = PREFIXES["rdf"] + "type", str(DISPLAY.Waiver)
_DEFINED_BY = PREFIXES["rdfs"] + "isDefinedBy"
_RULE, _FOCUS = str(DISPLAY.rule), str(DISPLAY.focus)
_CREATOR, _DATE, _REASON = (PREFIXES["dcterms"] + name for name in ("creator", "date", "description"))

Term = ox.NamedNode | ox.Literal


@dataclass(frozen=True)
class Waiver:
    """One waiver: its IRI, names or IRIs of rules, focus nodes, who accepted it when and why, and what it lacks."""

    iri: str
    rules: tuple[str, ...]
    focuses: tuple[str, ...]
    accepted: str
    lacking: tuple[str, ...]


class Waivers:
    """The waivers of a project."""

    def __init__(self, graph: KnowledgeGraph) -> None:
        """Read the waivers from the files of shapes."""
        facts: dict[str, dict[str, list[Term]]] = {}
        for quad in (q for file in graph.shapes for q in file.quads):
            if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.NamedNode | ox.Literal):
                values = facts.setdefault(quad.subject.value, {})
                values.setdefault(quad.predicate.value, []).append(quad.object)
        self._waivers = [_waiver(iri, f) for iri, f in facts.items() if ox.NamedNode(_WAIVER) in f.get(_TYPE, [])]
        self._by_key = {(rule, focus): w for w in self._waivers for rule in w.rules for focus in w.focuses}
        self._defined_by: dict[str, str] = {}
        if self._waivers:
            self._defined_by = {
                q.subject.value: q.object.value
                for q in graph.asserted
                if q.predicate.value == _DEFINED_BY
                and isinstance(q.subject, ox.NamedNode)
                and isinstance(q.object, ox.NamedNode)
            }

    def apply(self, findings: Iterable[Finding]) -> list[Finding]:
        """The findings, accepted warnings marked as such."""
        return [replace(f, waived=self._by_key[key].accepted) if (key := self._key(f)) else f for f in findings]

    def problems(self, locate: Locator) -> Iterator[Finding]:
        """What is wrong with the waivers themselves."""
        for waiver in (w for w in self._waivers if w.lacking):
            lacking = ", ".join(waiver.lacking)
            messages = {
                "en": f"the waiver lacks {lacking}: say which warning is accepted, by whom, when and why",
                "de": f"der Ausnahme fehlt {lacking}: angeben, welche Warnung von wem, wann und warum hingenommen wird",
            }
            yield _finding(waiver, "violation", messages, locate)

    def stale(self, findings: Iterable[Finding], locate: Locator) -> Iterator[Finding]:
        """Waivers for which there is no warning among all ``findings`` of all rules."""
        used = {self._key(f) for f in findings}
        for (rule, focus), waiver in self._by_key.items():
            if (rule, focus) not in used:
                messages = {
                    "en": f"there is no warning of {rule} on <{focus}> any more; remove this waiver",
                    "de": f"es gibt keine Warnung von {rule} zu <{focus}> mehr; diese Ausnahme entfernen",
                }
                yield _finding(waiver, "warning", messages, locate)

    def _key(self, finding: Finding) -> tuple[str, str] | None:
        """The rule and focus by which the finding is accepted, None if it is not."""
        if finding.severity != "warning" or not finding.focus:
            return None
        keys = [(finding.rule, finding.focus), (finding.rule, self._defined_by.get(finding.focus, ""))]
        return next((key for key in keys if key in self._by_key), None)


def _waiver(iri: str, facts: dict[str, list[Term]]) -> Waiver:
    reasons = {v.language or "": v.value for v in facts.get(_REASON, []) if isinstance(v, ox.Literal)}
    who = ", ".join(v.value for v in facts.get(_CREATOR, []))
    when = ", ".join(v.value for v in facts.get(_DATE, []))
    wanted = {
        "display:rule": _RULE,
        "display:focus": _FOCUS,
        "dcterms:creator": _CREATOR,
        "dcterms:date": _DATE,
        "dcterms:description": _REASON,
    }
    return Waiver(
        iri,
        tuple(v.value for v in facts.get(_RULE, [])),
        tuple(v.value for v in facts.get(_FOCUS, [])),
        f"{when}, {who}: {in_language(reasons)}",
        tuple(name for name, predicate in wanted.items() if not facts.get(predicate)),
    )


def _finding(waiver: Waiver, severity: str, messages: dict[str, str], locate: Locator) -> Finding:
    file, line = locate.find(waiver.iri)
    return Finding(severity, "waiver", messages, file, line, focus=waiver.iri)
