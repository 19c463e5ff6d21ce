"""G1: every Turtle file says the same to two independent parsers, and generated files are in canonical order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pyoxigraph as ox
import rdflib
from rdflib import Graph

from kg.findings import Finding
from kg.gates.workpiece import Workpiece
from kg.graph import KnowledgeGraph
from kg.locate import shown
from kg.source import ParsedFile, from_rdflib, read_text
from kg.tables.mapping import FOLDER as MAPPING_FOLDER
from kg.tables.transfer import rewritten

Rewritten = Callable[[KnowledgeGraph], Mapping[Path, str | None]]


def imported(graph: KnowledgeGraph) -> Mapping[Path, str | None]:
    """The Turtle files made from tables that an import would write differently; none in a project without tables."""
    if not (graph.project.root / MAPPING_FOLDER / "tables.json").is_file():
        return {}
    return {path: text for path, text in rewritten(graph).items() if path.suffix == ".ttl"}


def syntax(work: Workpiece, generated: Rewritten = imported) -> Iterator[Finding]:
    """Files that rdflib reads differently from pyoxigraph, and generated files that are not as they are generated.

    ``generated`` tells, for each generated file that is not, its right text (None: it should not be there).
    """
    root = work.graph.project.root
    for file in (*work.graph.files, *work.graph.shapes):
        if difference := _difference(file, work.base):
            messages = {
                "en": f"rdflib reads this file differently: {difference}",
                "de": f"rdflib liest diese Datei anders: {difference}",
            }
            yield Finding("violation", "G1 parsers", messages, shown(file.path, root))
    for path, text in sorted(generated(work.graph).items()):
        messages = {
            "en": "this file is generated, but not as it would be generated now; run kg import again",
            "de": "diese Datei wird erzeugt, sähe jetzt aber anders aus; kg import erneut ausführen",
        }
        yield Finding(
            "violation", "G1 canonical", messages, path.as_posix(), _first_difference(root / path, text or "")
        )


def _first_difference(file: Path, text: str) -> int:
    """The line from which on the file differs from the text; 0 if there is no file."""
    if not file.is_file():
        return 0
    lines, wanted = read_text(file).splitlines(), text.splitlines()
    differing = (n for n, (a, b) in enumerate(zip(lines, wanted, strict=False), start=1) if a != b)
    return next(differing, min(len(lines), len(wanted)) + 1)


def _difference(file: ParsedFile, base: str) -> str:
    """What rdflib makes of the file that pyoxigraph does not; "" if nothing."""
    before, rdflib.NORMALIZE_LITERALS = rdflib.NORMALIZE_LITERALS, False
    try:
        theirs = Graph(bind_namespaces="none").parse(data=read_text(file.path), format="turtle", publicID=base)
    except Exception as error:  # noqa: BLE001 - rdflib's parser has many ways to fail, each is the answer
        return f"not at all ({' '.join(str(error).split())[:200]})"
    finally:
        rdflib.NORMALIZE_LITERALS = before
    ours = {ox.Quad(q.subject, q.predicate, q.object) for q in file.quads}
    others = {ox.Quad(q.subject, q.predicate, q.object) for q in from_rdflib(theirs, file.graph)}
    if odd := min(_without_blanks(ours) ^ _without_blanks(others), key=str, default=None):
        return f"{odd.triple} is {'missing' if odd in ours else 'added'}"
    return "" if _canonical(ours) == _canonical(others) else "statements about blank nodes differ"


def _without_blanks(quads: set[ox.Quad]) -> set[ox.Quad]:
    return {q for q in quads if not isinstance(q.subject, ox.BlankNode) and not isinstance(q.object, ox.BlankNode)}


def _canonical(quads: set[ox.Quad]) -> set[ox.Quad]:
    """The statements with blank nodes, these renamed so that equal graphs are equal sets (RDFC-1.0)."""
    dataset = ox.Dataset(quads - _without_blanks(quads))
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return set(dataset)
