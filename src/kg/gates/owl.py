"""G2 and G3: the ontology stays inside OWL 2 RL, and nothing in it or in the data contradicts itself."""

from __future__ import annotations

from collections.abc import Iterator

from kg.findings import Finding, compact
from kg.gates.workpiece import Workpiece

_SHOWN = 600


def profile(work: Workpiece) -> Iterator[Finding]:
    """G2: axioms outside of OWL 2 RL (OWL 2 Profiles, section 4), as told by the OWL API's checker."""
    yield from _not_asked(work, "G2")
    for kind, iri, axiom in (line[1:] for line in work.owl.lines if line[0] == "profile"):
        shown = _shown(axiom, work)
        yield work.finding(
            "violation",
            "G2 profile",
            iri,
            f"leaves OWL 2 RL ({kind}): {shown}; rewrite the axiom, or demand it by a SHACL shape instead",
            f"verlässt OWL 2 RL ({kind}): {shown}; Axiom umformen oder stattdessen als SHACL-Shape fordern",
        )


def logic(work: Workpiece) -> Iterator[Finding]:
    """G3: contradictions, found by HermiT (OWL 2 DL) and by the rules that a release is inferred with."""
    if (error := work.contradictions) is not None:
        for thing, clash in error.clashes:
            yield work.finding(
                "violation",
                "G3 clash",
                thing,
                f"{_shown(clash, work)}; correct the data or the axiom",
                f"Widerspruch ({_shown(clash, work)}); Daten oder Axiom berichtigen",
            )
        if not error.clashes:
            yield Finding("violation", "G3 rules", {"en": f"{error.message}; {error.hint}"})
    yield from _not_asked(work, "G3")
    for word, iri, axioms in (line for line in work.owl.lines if line[0] in ("inconsistent", "unsatisfiable")):
        shown = _shown(axioms, work) or "?"
        en, de = (
            ("ontology and data have no model", "Ontologie und Daten haben kein Modell")
            if word == "inconsistent"
            else ("nothing can ever be in this class", "nichts kann je zu dieser Klasse gehören")
        )
        yield work.finding(
            "violation",
            f"G3 {word}",
            iri,
            f"{en}, because of {shown}; correct one of them",
            f"{de}, wegen {shown}; eines davon berichtigen",
        )


def _not_asked(work: Workpiece, gate: str) -> Iterator[Finding]:
    if work.owl.skipped is not None:
        yield Finding("info", f"{gate} skipped", work.owl.skipped)
    for line in work.owl.lines:
        if line[0] == "failed":
            messages = {"en": f"the OWL tools failed: {line[1]}", "de": f"die OWL-Werkzeuge versagten: {line[1]}"}
            yield Finding("violation", f"{gate} failed", messages)


def _shown(axioms: str, work: Workpiece) -> str:
    text = compact(axioms, work.base, work.graph.prefixes)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + " …"
