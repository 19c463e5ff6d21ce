"""The quality gates: what ``kg check --strict`` asks beyond the plain check.

A gate is a function from a workpiece to findings. A new one is one more line in ``GATES``. Gates are asked only of a
graph that parses; whatever a gate needs for itself (a store, the closure, a release), the workpiece makes once.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from kg.findings import CheckReport, Finding, report
from kg.gates.catalogue import catalogue
from kg.gates.change import change
from kg.gates.closure import closure
from kg.gates.fair import fair
from kg.gates.hygiene import hygiene
from kg.gates.labels import labels
from kg.gates.mutants import mutants
from kg.gates.owl import logic, profile
from kg.gates.pitfalls import pitfalls
from kg.gates.questions import questions
from kg.gates.reuse import reuse
from kg.gates.syntax import syntax
from kg.gates.workpiece import Workpiece
from kg.graph import KnowledgeGraph
from kg.locate import Locator
from kg.release.manifest import Release
from kg.waivers import Waivers


@dataclass(frozen=True)
class Gate:
    """One gate: its short name, with which the rules of its findings begin, what it is about, and what it does."""

    name: str
    title: str
    look: Callable[[Workpiece], Iterable[Finding]]


@dataclass(frozen=True)
class Outcome:
    """What a gate found, waivers applied, and how long it took."""

    gate: Gate
    findings: tuple[Finding, ...]
    seconds: float

    def summary(self) -> str:
        """One line about the gate."""
        checked = CheckReport(self.findings, 0, 0)
        counts = [f"{n:,} {severity}{'' if n == 1 else 's'}" for severity, n in checked.counts().items() if n]
        counts += [f"{checked.waived:,} waived"] if checked.waived else []
        skipped = any(f.rule == f"{self.gate.name} skipped" for f in self.findings)
        told = "skipped" if skipped else ", ".join(counts) or "nothing found"
        return f"{self.gate.name:<4} {self.gate.title:<34} {told}  ({self.seconds:.1f} s)"


GATES: tuple[Gate, ...] = (
    Gate("G1", "two parsers, canonical order", syntax),
    Gate("G2", "OWL 2 RL", profile),
    Gate("G3", "no contradiction", logic),
    Gate("G4", "pitfalls (OOPS!)", pitfalls),
    Gate("G5", "hygiene", hygiene),
    Gate("G6", "every language", labels),
    Gate("G7", "FAIR, as served", fair),
    Gate("G8", "foreign terms", reuse),
    Gate("G9", "shapes find mutants", mutants),
    Gate("G10", "questions and their answers", questions),
    Gate("G11", "inference", closure),
    Gate("G12", "catalogue (DCAT, VoID)", catalogue),
    Gate("G14", "changes and versions", change),
)


def run(
    graph: KnowledgeGraph,
    progress: Callable[[str], None] = lambda _: None,
    former: Release | None = None,
    gates: Iterable[Gate] = GATES,
) -> list[Outcome]:
    """Ask every gate; ``progress`` is told which, ``former`` is the release to compare with.

    Waivers are applied. A graph with files that do not parse is not looked at: the list is then empty.
    """
    if graph.problems:
        return []
    waivers = Waivers(graph)
    outcomes = []
    with tempfile.TemporaryDirectory(prefix="kg-gates-") as scratch:
        work = Workpiece(graph, Path(scratch), former)
        for gate in gates:
            progress(f"{gate.name}: {gate.title}")
            begin = time.perf_counter()
            found = waivers.apply(gate.look(work))
            outcomes.append(Outcome(gate, tuple(found), time.perf_counter() - begin))
    return outcomes


def strict(graph: KnowledgeGraph, checked: CheckReport, outcomes: Iterable[Outcome]) -> CheckReport:
    """The report of the plain check with what the gates found, and the waivers that are of no use any more."""
    findings = [*checked.findings, *(f for outcome in outcomes for f in outcome.findings)]
    if not graph.problems:
        findings += Waivers(graph).stale(findings, Locator(graph))
    return report(findings, checked.files, checked.triples)
