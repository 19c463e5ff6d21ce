"""G9: the shapes find what goes wrong. Small faults are put into good data, and nearly all must be found.

A kind of fault is a query in ``shapes/mutations/*.rq``: ``SELECT ?s ?p ?old ?new`` names a statement of the data and
what takes the place of its value; without ``?new`` the statement goes, with ``?newP`` it gets another property,
without ``?old`` one is added. From the answers a seeded sample is drawn, evenly over the kinds. A mutant is caught if
the check tells a violation or a warning that it did not tell before.

Mutants are tried many at a time, far from one another, and a finding is counted for the mutant whose things it names;
one that seems to survive is tried once more, alone.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from kg import shacl
from kg.findings import Finding
from kg.gates.workpiece import Workpiece
from kg.publishable import problems
from kg.shacl import Result
from kg.terms import whole

FOLDER = Path("shapes/mutations")
WANTED = 0.95  # the share that must be caught
SAMPLE = 18  # mutants in a check; KG_MUTANTS sets another number
_AT_ONCE = 25
_INFO = "http://www.w3.org/ns/shacl#Info"


@dataclass(frozen=True)
class Mutant:
    """One fault: the quads that go and those that come instead, and the kind of fault (a file's stem)."""

    kind: str
    gone: ox.Quad | None
    come: ox.Quad | None

    def touched(self) -> set[str]:
        """The IRIs of the things that the fault is about; a part counts as its whole."""
        # Not what takes the place of a value: many mutants may share it.
        terms = [quad.subject for quad in (self.gone, self.come) if quad] + ([self.gone.object] if self.gone else [])
        return {whole(term.value) for term in terms if isinstance(term, ox.NamedNode)}

    def __str__(self) -> str:
        gone = f"without {self.gone.triple}" if self.gone else ""
        come = f"with {self.come.triple}" if self.come else ""
        return f"{self.kind}: {' '.join(part for part in (gone, come) if part)}"


def mutants(work: Workpiece) -> Iterator[Finding]:
    """A violation if too few of the mutants are caught; an info for each survivor."""
    count = int(os.environ.get("KG_MUTANTS", SAMPLE))
    tried = sample(work, count)
    if not tried:
        return
    survivors = survivors_of(work, tried)
    for mutant in survivors:
        yield Finding("info", "G9 survivor", {"en": str(mutant), "de": str(mutant)}, FOLDER.as_posix())
    share = 1 - len(survivors) / len(tried)
    if share < WANTED:
        messages = {
            "en": f"only {share:.0%} of {len(tried)} mutants are caught; write shapes that find the survivors",
            "de": f"nur {share:.0%} von {len(tried)} Mutanten werden gefunden; Shapes für die übrigen schreiben",
        }
        yield Finding("violation", "G9 mutants", messages, FOLDER.as_posix())


def sample(work: Workpiece, count: int, seed: int = 0) -> list[Mutant]:
    """``count`` mutants, as evenly as possible of every kind; fewer if there are not so many."""
    chance = random.Random(seed)  # noqa: S311 - a sample, no secret
    kinds = []
    for file in sorted((work.graph.project.root / FOLDER).glob("*.rq")):
        found = sorted(_candidates(work, file), key=str)
        chance.shuffle(found)
        kinds.append(found)
    drawn: list[Mutant] = []
    while len(drawn) < count and any(kinds):
        for found in kinds:
            if found and len(drawn) < count:
                drawn.append(found.pop())
    return drawn


def survivors_of(work: Workpiece, tried: Iterable[Mutant]) -> list[Mutant]:
    """Those of the mutants that the check does not notice."""
    trial = _Trial(work)
    suspects = []
    for batch in _batches(list(tried)):
        named = trial.named(batch)
        suspects += [mutant for mutant in batch if not mutant.touched() & named]
    return [mutant for mutant in suspects if not trial.named([mutant])]


def _candidates(work: Workpiece, file: Path) -> Iterator[Mutant]:
    answer = work.store.query(file.read_text("utf-8"), prefixes=work.graph.prefixes)
    if not isinstance(answer, ox.QuerySolutions):
        return
    names = {variable.value for variable in answer.variables}
    for row in answer:
        subject, predicate = row["s"], row["p"]
        old = row["old"] if "old" in names else None
        new = row["new"] if "new" in names else None
        other = (row["newP"] if "newP" in names else None) or predicate
        gone = ox.Quad(subject, predicate, old) if old is not None else None
        kept = new if new is not None else old if other != predicate else None
        come = ox.Quad(subject, other, kept) if kept is not None else None
        yield Mutant(file.stem, gone, come)


def _batches(tried: list[Mutant]) -> Iterator[list[Mutant]]:
    """The mutants in groups in which no two are about the same thing, or parts of it."""
    while tried:
        batch: list[Mutant] = []
        taken: set[str] = set()
        for mutant in list(tried):
            about = mutant.touched()
            if len(batch) < _AT_ONCE and not about & taken:
                batch.append(mutant)
                tried.remove(mutant)
                taken |= about
        yield batch


class _Trial:
    """The graph, and what the check tells about it as it is."""

    def __init__(self, work: Workpiece) -> None:
        self._quads = {ox.Quad(q.subject, q.predicate, q.object) for q in work.graph.asserted}
        self._shapes = [q for file in work.graph.shapes for q in file.quads]
        self._base = work.base
        self._before = set(self._results([]))

    def named(self, batch: list[Mutant]) -> set[str]:
        """The IRIs in what is found with these faults and not without."""
        found = [r for r in self._results(batch) if r not in self._before]
        named = {whole(term[1:-1]) for result in found for term in (result.focus, result.value) if term[:1] == "<"}
        come = [mutant.come for mutant in batch if mutant.come is not None]
        return named | {whole(str(quad.subject)[1:-1]) for quad in come if problems(quad, self._base)}

    def _results(self, batch: list[Mutant]) -> list[Result]:
        gone = {mutant.gone for mutant in batch if mutant.gone is not None}
        come = {mutant.come for mutant in batch if mutant.come is not None}
        return [r for r in shacl.validate((self._quads - gone) | come, self._shapes) if r.severity != _INFO]
