"""Tombstones: an import writes them for rows that have gone, and a check finds those that lead nowhere."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from rdflib import OWL, Graph, URIRef

from kg.findings import Finding
from kg.graph import read_graph
from kg.project import open_project
from kg.tables.transfer import export_tables, plan_import, rewritten, write_import
from kg.validate import check
from tests.conftest import ROOT, THESAURUS, copy_project

LOANS = "id,name,kinds,worth,lent,after\r\n"
BREAD = "https://data.example.org/bread/"
LEDGER = "https://ledger.example/"
WITHDRAWN = Path("data/curation/withdrawn.ttl")


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "tests/projects/ledger", tmp_path / "ledger"))


def load(root: Path, *rows: str) -> dict[Path, str | None]:
    """Import a table with these rows; the files that changed."""
    tables = root.parent / "tables"
    tables.mkdir(exist_ok=True)
    (tables / "loans.csv").write_text(LOANS + "".join(f"{row}\r\n" for row in rows), newline="")
    imported = plan_import(read_graph(open_project(root)), tables)
    assert not imported.findings
    write_import(root, imported)
    return imported.files


def found(root: Path) -> list[Finding]:
    return [f for f in check(read_graph(open_project(root))).findings if f.severity != "info"]


def iri_of(root: Path, row: str) -> str:
    lines = (root / "data/keys.csv").read_text().splitlines()
    return next(line.split(",")[2] for line in lines if line.startswith(f"loans,{row},"))


SAW, HAMMER = "a,Saw,tool,12,2026-01-02,", "b,Hammer,tool,,,"


def test_a_row_that_goes_leaves_a_tombstone(ledger: Path) -> None:
    load(ledger, SAW, HAMMER)
    assert not (ledger / WITHDRAWN).exists()
    keys, saw = (ledger / "data/keys.csv").read_text(), iri_of(ledger, "a")

    load(ledger, HAMMER)
    stone = Graph().parse(ledger / WITHDRAWN)
    assert {str(s) for s in stone.subjects(OWL.deprecated)} == {saw}
    assert "Saw" in {str(o) for o in stone.objects(URIRef(saw))}
    assert (ledger / "data/keys.csv").read_text() == keys
    assert not [f for f in found(ledger) if f.rule == "key"]
    # the way back does not take it for a row, and nothing changes by itself
    assert export_tables(read_graph(open_project(ledger)))["loans.csv"] == LOANS + HAMMER + "\r\n"
    assert not rewritten(read_graph(open_project(ledger)))
    assert not load(ledger, HAMMER)
    assert "Saw" in (ledger / WITHDRAWN).read_text()

    # the row comes back, with its old IRI
    assert load(ledger, SAW, HAMMER)[WITHDRAWN] is None
    assert not (ledger / WITHDRAWN).exists()
    assert iri_of(ledger, "a") == saw


def test_a_tombstone_by_hand_is_respected(ledger: Path) -> None:
    load(ledger, SAW, HAMMER)
    saw, hammer = iri_of(ledger, "a"), iri_of(ledger, "b")
    by_hand = ledger / "data/kept/merged.ttl"
    by_hand.write_text(f"<{saw}> <{OWL.deprecated}> true ; <http://purl.org/dc/terms/isReplacedBy> <{hammer}> .\n")
    load(ledger, HAMMER)
    assert not (ledger / WITHDRAWN).exists()
    assert not found(ledger)


def test_a_key_without_data_or_tombstone_is_a_violation(ledger: Path) -> None:
    load(ledger, SAW, HAMMER)
    saw = iri_of(ledger, "a")
    load(ledger, HAMMER)
    (ledger / WITHDRAWN).unlink()
    [finding] = found(ledger)
    assert (finding.rule, finding.severity, finding.focus, finding.file) == ("key", "violation", saw, "data/keys.csv")
    assert (ledger / finding.file).read_text().splitlines()[finding.line - 1].endswith(saw)


PREFIXES = """@base <https://data.example.org/bread/> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix dcterms: <http://purl.org/dc/terms/> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
"""


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("<a> owl:deprecated true .", []),
        ("<a> owl:deprecated true ; dcterms:isReplacedBy <concept/rye> .", []),
        ("<a> owl:deprecated true ; dcterms:isReplacedBy <https://elsewhere.example/x> .", []),
        ("<a> owl:deprecated true ; dcterms:isReplacedBy <nix> .", [("violation", "tombstone nothing", "a", "nix")]),
        ("<a> owl:deprecated true ; dcterms:isReplacedBy 'rye' .", [("violation", "tombstone nothing", "a", "rye")]),
        ("<a> owl:deprecated true ; dcterms:isReplacedBy <a> .", [("violation", "tombstone circle", "a", "a")]),
        (
            "<a> owl:deprecated true ; dcterms:isReplacedBy <b> . <b> owl:deprecated true ; dcterms:isReplacedBy <a> .",
            [("violation", "tombstone circle", "a", "b"), ("violation", "tombstone circle", "b", "a")],
        ),
        (
            "<a> owl:deprecated true . <concept/rye> skos:related <a> .",
            [("warning", "tombstone in-use", "concept/rye", "a")],
        ),
        ("<a> owl:deprecated true . <a#part> skos:related <a> . <concept/rye> dcterms:replaces <a> .", []),
        ("<a> owl:deprecated true ; skos:related <b> . <b> owl:deprecated true .", []),
    ],
)
def test_tombstones_that_lead_nowhere_are_found(
    tmp_path: Path, text: str, wanted: list[tuple[str, str, str, str]]
) -> None:
    root = copy_project(THESAURUS, tmp_path / "thesaurus")
    (root / "data/concepts/tombstones.ttl").write_text(PREFIXES + text)
    told = [
        (f.severity, f.rule, f.focus.removeprefix(BREAD), f.value.strip('<>"').removeprefix(BREAD))
        for f in found(root)
        if f.rule.startswith("tombstone")
    ]
    assert sorted(told) == wanted
