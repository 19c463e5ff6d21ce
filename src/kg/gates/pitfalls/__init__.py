"""G4: the pitfalls of the OOPS! catalogue (https://oops.linkeddata.es/catalogue.jsp), one SPARQL file each.

P22 (naming) is counted here, P40 (foreign terms that do not exist) is gate G8's.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from kg.checks import read_check, run_check
from kg.findings import Finding
from kg.gates.workpiece import CLASS_KINDS, PROPERTY_KINDS, Workpiece

_FILES = tuple(sorted(Path(__file__).parent.glob("*.rq")))


def pitfalls(work: Workpiece) -> Iterator[Finding]:
    """What an experienced eye would find in the ontology."""
    for file in _FILES:
        yield from run_check(read_check(file, f"G4 {file.stem}"), work.store, work.graph, work.locate)
    for kinds in (CLASS_KINDS, PROPERTY_KINDS):
        yield from _naming(work, sorted(iri for iri, types in work.terms.items() if types & kinds))


def _naming(work: Workpiece, terms: list[str]) -> Iterator[Finding]:
    """P22, using different naming conventions: terms of a kind that are not written as most of them are."""
    styles = Counter(_style(iri) for iri in terms)
    usual = max(sorted(styles), key=lambda style: styles[style], default="")
    for iri in terms:
        if (style := _style(iri)) != usual:
            yield work.finding(
                "warning",
                "G4 P22",
                iri,
                f"the name is written as {style}, most others as {usual}; write it like them before it is published",
                f"der Name ist als {style} geschrieben, die meisten als {usual}; angleichen, solange er nicht "
                "veröffentlicht ist",
            )


def _style(iri: str) -> str:
    name = re.split(r"[/#]", iri)[-1]
    if re.search(r"[-_.]", name):
        return "With_Separators" if name[:1].isupper() else "with_separators"
    return "CamelCase" if name[:1].isupper() else "camelCase"
