"""The mutation test (gate G9): faults put into the real data are found, and one that cannot be found is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.gates.mutants import WANTED, mutants, sample, survivors_of
from kg.gates.workpiece import Workpiece
from kg.graph import read_graph
from kg.project import open_project
from tests.conftest import ROOT, THESAURUS, copy_project, trials


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Workpiece:
    return Workpiece(read_graph(open_project(ROOT)), tmp_path_factory.mktemp("scratch"))


def test_faults_are_found(real: Workpiece) -> None:
    tried = sample(real, trials(10, 500))
    survivors = survivors_of(real, tried)
    assert len(tried) == trials(10, 500)
    assert len(survivors) <= (1 - WANTED) * len(tried), "\n".join(map(str, survivors))


def test_a_fault_found_among_many_is_found_alone(real: Workpiece) -> None:
    for mutant in sample(real, trials(1, 60), seed=1):
        assert not survivors_of(real, [mutant])


def test_every_kind_of_fault_has_a_case(real: Workpiece) -> None:
    kinds = {file.stem for file in (ROOT / "shapes/mutations").glob("*.rq")}
    assert {mutant.kind for mutant in sample(real, len(kinds))} == kinds


def test_what_no_shape_can_find_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = copy_project(THESAURUS.with_name("bakery"), tmp_path / "project")
    (project / "shapes/mutations").mkdir()
    (project / "shapes/mutations/other-name.rq").write_text(
        "SELECT ?s ?p ?old ?new WHERE { BIND(rdfs:label AS ?p) ?s b:grain [] ; ?p ?old ."
        ' BIND(STRLANG("quite another", LANG(?old)) AS ?new) }'
    )
    monkeypatch.setenv("KG_MUTANTS", "2")
    found = list(mutants(Workpiece(read_graph(open_project(project)), tmp_path)))
    assert [f.rule for f in found] == ["G9 survivor", "G9 survivor", "G9 mutants"]
    assert "only 0% of 2 mutants" in found[-1].message()
