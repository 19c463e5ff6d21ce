"""The real tables: their export is imported without a change, and a changed cell changes its own lines only."""

from __future__ import annotations

import csv
import io
import random
import shutil
from difflib import ndiff
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import RDF

from kg.graph import KnowledgeGraph, read_graph
from kg.project import open_project
from kg.tables.transfer import export_tables, plan_import, rewritten
from tests.conftest import ROOT, trials


@pytest.fixture(scope="module")
def exported(real_graph: KnowledgeGraph) -> dict[str, str]:
    return export_tables(real_graph)


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_the_owned_files_are_as_an_import_writes_them(real_graph: KnowledgeGraph) -> None:
    assert not rewritten(real_graph)


def test_every_table_comes_back(exported: dict[str, str], real_graph: KnowledgeGraph, tmp_path: Path) -> None:
    for name, text in exported.items():
        (tmp_path / name).write_text(text, newline="")
    imported = plan_import(real_graph, tmp_path)
    assert not imported.findings
    assert not imported.files
    assert imported.rows["commitments"] > 300


def test_the_tables_are_as_large_as_the_graph(exported: dict[str, str], real_graph: KnowledgeGraph) -> None:
    position = ox.NamedNode(f"{real_graph.project.base}ns#Position")
    held = {q.subject for q in real_graph.asserted if q.predicate.value == str(RDF.type) and q.object == position}
    assert len(rows(exported["commitments.csv"])) == len(held)


@pytest.mark.parametrize("seed", range(trials(1, 60)))
def test_a_changed_cell_changes_its_own_lines(exported: dict[str, str], tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    project = tmp_path / "project"
    for folder in ("ontology", "data"):
        shutil.copytree(ROOT / folder, project / folder)
    table = rows(exported["commitments.csv"])
    row = chance.choice(table)
    row["what_en"] = "Entirely other words"
    output = io.StringIO()
    writer = csv.DictWriter(output, list(row))
    writer.writeheader()
    writer.writerows(table)
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables/commitments.csv").write_text(output.getvalue(), newline="")
    imported = plan_import(read_graph(open_project(project)), tmp_path / "tables")
    [(path, text)] = imported.files.items()
    assert text is not None
    difference = [x for x in ndiff((project / path).read_text().splitlines(), text.splitlines()) if x[0] in "+-"]
    assert [line[0] for line in difference] == ["-", "+"]
    assert 'dcterms:description "Entirely other words"@en' in difference[1]


def test_an_impossible_row_is_refused_whole(
    exported: dict[str, str], real_graph: KnowledgeGraph, tmp_path: Path
) -> None:
    text = exported["commitments.csv"].replace(",rules-out,", ",rules-inn,", 1).replace(",it,", ",xx,", 1)
    (tmp_path / "commitments.csv").write_text(text, newline="")
    imported = plan_import(real_graph, tmp_path)
    assert {f.message().split(":")[0] for f in imported.findings} == {"stance", "actor_id"}
    assert not imported.files
