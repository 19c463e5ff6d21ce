"""Whether what a project says of its pages (``ontology/display.ttl``, ``docs/display.md``) can be shown as it is meant.

What the description alone tells is asked by SHACL shapes of the program (``shapes.ttl`` beside this file), run like
those of a project. What also depends on the questions is asked by ``asked``, what depends on addresses by ``placed``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files

import pyoxigraph as ox

from kg import shacl
from kg.description.asked import asked
from kg.description.facts import Facts
from kg.description.placed import placed
from kg.findings import Finding
from kg.graph import KnowledgeGraph
from kg.locate import Locator
from kg.project import DISPLAY_FILE
from kg.terms import DISPLAY

_NAMES = str(DISPLAY).removesuffix("#") + "/shapes#"


def check_description(graph: KnowledgeGraph, locate: Locator) -> list[Finding]:
    """What is wrong with the description of pages, each mistake once; nothing if the project describes none."""
    if not any(_is_display(quad) for quad in graph.description):
        return []
    facts = Facts(graph, locate)
    home = f"<{graph.project.home}>"
    # A front page counts where the dataset names it, and only one does.
    said = [q for q in graph.description if q.predicate.value != str(DISPLAY.home) or str(q.object) == home]
    return _once([*_shaped(said, locate), *asked(facts), *placed(facts), *facts.unknown_terms()])


def _is_display(quad: ox.Quad) -> bool:
    return quad.predicate.value.startswith(str(DISPLAY)) or str(quad.object).startswith(f"<{DISPLAY}")


def _once(findings: Iterable[Finding]) -> list[Finding]:
    """Of several findings about one value the first."""
    told: dict[tuple[str, ...], Finding] = {}
    for found in findings:
        key = (found.focus, found.path, found.value) if found.value else (found.focus, found.path, found.rule)
        told.setdefault(key, found)
    return [*told.values()]


def _shaped(description: Sequence[ox.Quad], locate: Locator) -> Iterator[Finding]:
    # That a section has no name is a finding; nobody could tell which of them the others are about.
    unnamed = {str(quad.object) for quad in description if quad.predicate.value == str(DISPLAY.section)}
    for result in shacl.validate(description, shapes()):
        if result.focus.startswith("_:") and result.focus in unnamed:
            continue
        found = shacl.finding(result, locate)
        yield replace(
            found,
            rule=f"display {found.rule.removeprefix(_NAMES)}",
            file=found.file or DISPLAY_FILE.as_posix(),
            value="" if result.value == result.focus else found.value,
        )


@cache
def shapes() -> tuple[ox.Quad, ...]:
    """The program's shapes for descriptions of pages."""
    return tuple(ox.parse((files("kg") / "description/shapes.ttl").read_bytes(), ox.RdfFormat.TURTLE))
