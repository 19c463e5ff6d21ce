"""Whether things that were given up are left in good order: what a reader who follows an old link would meet.

A tombstone is ``owl:deprecated true``, with ``dcterms:isReplacedBy`` if another thing took the place. The checks are
SPARQL files beside this one, in the form of ``kg.checks``. A key of the tables that has neither data nor tombstone
is told, too: its IRI has been published, and nobody would know what became of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox

from kg.checks import checked_store, read_check, run_check
from kg.findings import Finding
from kg.graph import KnowledgeGraph
from kg.locate import Locator
from kg.tables.keys import read_keys
from kg.tables.mapping import has_tables, read_mapping
from kg.terms import PREFIXES, whole

_FILES = tuple(sorted(Path(__file__).parent.glob("*.rq")))
_SPEAK_OF_IT = {PREFIXES["owl"] + "deprecated", PREFIXES["dcterms"] + "isReplacedBy"}


def check_tombstones(graph: KnowledgeGraph, locate: Locator) -> Iterator[Finding]:
    """What is wrong with tombstones, and which are missing. Raises ProjectError if keys cannot be read."""
    if any(quad.predicate.value in _SPEAK_OF_IT for quad in graph.asserted):
        store = checked_store(graph)
        for file in _FILES:
            yield from run_check(read_check(file, f"tombstone {file.stem}"), store, graph, locate)
    yield from _lost_keys(graph)


def _lost_keys(graph: KnowledgeGraph) -> Iterator[Finding]:
    if not has_tables(graph.project):
        return
    file = read_mapping(graph.project).keys_file
    keys = read_keys(graph.project.base, graph.project.root / file)
    known = {whole(quad.subject.value) for quad in graph.asserted if isinstance(quad.subject, ox.NamedNode)}
    for line, ((table, row_id), iri) in enumerate(keys.known.items(), start=2):
        if whole(iri) not in known:
            yield Finding(
                severity="violation",
                rule="key",
                messages={
                    "en": f"<{iri}> was given to the row {row_id} of {table}, but nothing is said of it any more; run "
                    "kg import, which writes a tombstone, or write one: owl:deprecated true",
                    "de": f"<{iri}> gehört der Zeile {row_id} von {table}, doch es ist nichts mehr darüber gesagt; "
                    "kg import schreibt einen Grabstein, oder selbst einen schreiben: owl:deprecated true",
                },
                file=file.as_posix(),
                line=line,
                focus=iri,
            )
