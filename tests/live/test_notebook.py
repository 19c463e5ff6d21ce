"""docs/notebooks: each notebook runs from top to bottom, and its numbers are those of the endpoint."""

from __future__ import annotations

import json
import os
import shutil
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

import nbformat
import pytest

from tests.conftest import ROOT, Server

NOTEBOOK = ROOT / "docs/notebooks/positions.ipynb"
# What the notebook counts, asked for without it.
COUNTS = """
PREFIX plg: <https://w3id.org/pledge-graph/ns#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?kind (COUNT(DISTINCT ?position) AS ?n) {
  VALUES ?kind { plg:Pledge plg:ReadinessStatement plg:Consideration plg:Refusal }
  ?position a ?kind ; plg:holder/a plg:State ; plg:contributionArea ?area ; plg:validFrom ?from .
} GROUP BY ?kind
"""


@pytest.fixture(scope="module")
def run(served: Server, tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Path]:
    """The notebook after it was run, and the folder in which it was."""
    folder = tmp_path_factory.mktemp("notebook")
    copy = shutil.copy(NOTEBOOK, folder)
    done = subprocess.run(
        [Path(sys.executable).with_name("jupyter-execute"), "--inplace", copy],
        cwd=folder,
        env={**os.environ, "PLEDGE_GRAPH": served.url},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return nbformat.read(copy, as_version=4), folder


def test_it_ends_with_a_picture(run: tuple[Any, Path]) -> None:
    notebook, folder = run
    picture = (folder / "positions.png").read_bytes()
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", picture[16:24])
    assert width > 1_000
    assert height > 500
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert any("image/png" in output.get("data", {}) for output in outputs)


def test_its_numbers_are_those_of_the_endpoint(run: tuple[Any, Path], served: Server) -> None:
    notebook, _ = run
    answer = json.loads(served.get(f"/sparql?query={quote(COUNTS)}", "application/json").body)
    expected = {
        row["kind"]["value"].rpartition("#")[2]: int(row["n"]["value"]) for row in answer["results"]["bindings"]
    }
    assert len(expected) == 4
    [printed] = [
        output["data"]["text/plain"]
        for cell in notebook.cells
        if cell.source.startswith("counts =")
        for output in cell.outputs
    ]
    lines = [line.split() for line in printed.splitlines() if len(line.split()) == 2]
    assert {kind: int(number) for kind, number in lines if number.isdigit()} == expected


def test_what_is_kept_of_it_has_no_outputs() -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(notebook)
    assert [cell for cell in notebook.cells if cell.get("outputs") or cell.get("execution_count")] == []
