"""How much faster the fast SHACL runner is than the reference, and whether both find the same.

    python -m bench.validation [--size 100000] [--rounds 3] [--only made|project] [--project PROJECT]

Two workloads: a made-up graph with two per cent of faults, under ``validation-shapes.ttl``; and the project's own data,
repeated under new names up to the size, under the project's own shapes. Timed is the way from statements in memory to
results in memory, loading them into the engine included. Printed are medians in seconds over alternating runs, and
their ratio. Nothing is asserted: machines differ.
"""

from __future__ import annotations

import argparse
import gc
import itertools
import re
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyoxigraph as ox
from bench.generate import quads as made_graph
from rdflib import Graph

from kg import shacl
from kg.graph import as_rdflib, read_graph
from kg.project import open_project
from kg.shacl import fast, reference, verified
from kg.source import parse_turtle

HERE = Path(__file__).parent
RUNNERS: dict[str, shacl.Runner] = {"fast": fast.report, "reference": reference.report}
_CODE = re.compile(r"[A-Z]{3}")  # a name that has to have three letters cannot be made longer

Workload = tuple[list[ox.Quad], Graph]


def made(size: int) -> Workload:
    """The made-up graph and its shapes."""
    shapes = parse_turtle(HERE / "validation-shapes.ttl", "urn:x-bench:shapes")
    return made_graph(size, violations=0.02), as_rdflib(shapes.quads)


def repeated(root: Path, size: int) -> Workload:
    """The project's data as often as it fits into the size, each time with other names, and its shapes."""
    graph = read_graph(open_project(root))
    data_folder = root / "data"
    data = [q for f in graph.files if data_folder in f.path.parents and f.graph != graph.meta_graph for q in f.quads]
    once = [q for f in graph.files if data_folder not in f.path.parents for q in f.quads]
    copies = max(1, round((size - len(once)) / max(1, len(data))))
    base = f"{graph.project.base}id/"
    many = itertools.chain.from_iterable(_renamed(data, base, f"-{n}") for n in range(copies))
    return [*once, *many], as_rdflib(q for f in graph.shapes for q in f.quads)


def _renamed(data: list[ox.Quad], base: str, suffix: str) -> Iterator[ox.Quad]:
    def name(term: Any) -> Any:
        if isinstance(term, ox.BlankNode):
            return ox.BlankNode(f"{term.value}{suffix}")
        if isinstance(term, ox.NamedNode) and term.value.startswith(base):
            return term if _CODE.fullmatch(term.value.rpartition("/")[2]) else ox.NamedNode(f"{term.value}{suffix}")
        return term

    return (ox.Quad(name(q.subject), q.predicate, name(q.object)) for q in data)


def measure(title: str, workload: Workload, rounds: int) -> None:
    """Run both runners in turn and print what they took."""
    data, shapes = workload
    others = verified.others(shapes)
    print(
        f"{title}: {len(data):,} triples, {len(shapes):,} of shapes"
        + (f"; left to the reference: {others}" * bool(others))
    )
    times: dict[str, list[float]] = {name: [] for name in RUNNERS}
    found: dict[str, list[shacl.Result]] = {}
    for _ in range(rounds):
        for name, runner in RUNNERS.items():
            gc.collect()
            start = time.perf_counter()
            found[name] = shacl.run(runner, data, shapes)
            times[name].append(time.perf_counter() - start)
    medians = {name: statistics.median(taken) for name, taken in times.items()}
    for name, median in medians.items():
        print(f"  {name:10} {median:8.2f} s  {len(found[name]):6,} results")
    same = "the same results" if found["fast"] == found["reference"] else "DIFFERENT RESULTS"
    print(f"  reference / fast: {medians['reference'] / medians['fast']:.1f}, {same}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Compare the SHACL runners.")
    parser.add_argument("--size", type=int, default=100_000, help="triples, about")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=("made", "project"))
    parser.add_argument("--project", type=Path, default=HERE.parent)
    asked = parser.parse_args()
    if asked.only != "project":
        measure("made-up graph", made(asked.size), asked.rounds)
    if asked.only != "made":
        measure("own data, repeated", repeated(asked.project.resolve(), asked.size), asked.rounds)


if __name__ == "__main__":
    main()
