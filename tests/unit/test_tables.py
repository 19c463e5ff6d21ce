"""Tables <-> Turtle on a small project of its own: what goes in comes back, and nothing bad goes in."""

from __future__ import annotations

import csv
import fcntl
import io
import os
import resource
import shutil
import signal
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg.errors import ProjectError
from kg.graph import read_graph
from kg.project import open_project
from kg.tables.keys import read_keys
from kg.tables.transfer import Imported, export_tables, plan_import, rewritten, write_import
from kg.tables.turtle import natural
from tests.conftest import ROOT, trials

HEADER = ["id", "name", "kinds", "worth", "lent", "after"]
Row = dict[str, str]


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "tests/projects/ledger", tmp_path / "ledger"))


def plan(root: Path, text: str | bytes, name: str = "loans.csv") -> Imported:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return plan_import(read_graph(open_project(root)), Path(folder))


def load(root: Path, rows: list[Row]) -> Imported:
    imported = plan(root, as_csv(rows))
    assert not imported.findings, [f.message() for f in imported.findings]
    write_import(root, imported)
    return imported


def as_csv(rows: list[Row]) -> str:
    output = io.StringIO()
    writer = csv.DictWriter(output, HEADER, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return output.getvalue()


def exported(root: Path) -> str:
    return export_tables(read_graph(open_project(root)))["loans.csv"]


def told(imported: Imported) -> list[tuple[int, int, str]]:
    return [(f.line, f.column, f.message()) for f in imported.findings]


# Text that CSV and Turtle can both hold; a table has no cell that is only a carriage return.
texts = st.text(st.characters(blacklist_categories=["Cs", "Cc"], whitelist_characters="\n\t"), min_size=1, max_size=20)
dates = st.one_of(
    st.just(""),
    st.dates().filter(lambda d: d.year > 999).map(lambda d: d.isoformat()),
    st.sampled_from(["2025", "2025-07", "2025-23", "2025-03-24~", "2025-03-01/2025-03-09"]),
)


@st.composite
def tables(draw: st.DrawFn) -> list[Row]:
    ids = draw(st.lists(st.from_regex(r"[a-z0-9-]{1,6}", fullmatch=True), min_size=1, max_size=6, unique=True))
    return [
        {
            "id": row_id,
            "name": draw(texts),
            "kinds": ";".join(sorted(draw(st.sets(st.sampled_from(["book", "tool", "toy"]))))),
            "worth": draw(st.one_of(st.just(""), st.integers(0, 10**9).map(str), st.sampled_from(["0.25", "1.5"]))),
            "lent": draw(dates),
            "after": draw(st.sampled_from(["", *ids])),
        }
        for row_id in sorted(ids)
    ]


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(ROOT / "tests/projects/ledger", tmp_path_factory.mktemp("scratch") / "ledger"))


@settings(max_examples=trials(40, 1000), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=tables())
def test_what_goes_in_comes_back(scratch: Path, rows: list[Row]) -> None:
    load(scratch, rows)
    assert exported(scratch) == as_csv(rows)
    assert not rewritten(read_graph(open_project(scratch)))
    assert not plan(scratch, as_csv(rows)).files


@settings(max_examples=trials(25, 500), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=tables(), name=texts, data=st.data())
def test_a_changed_row_changes_its_own_lines(scratch: Path, rows: list[Row], name: str, data: st.DataObject) -> None:
    load(scratch, rows)
    file = scratch / "data/loans/loans.ttl"
    before = blocks(file)
    changed = data.draw(st.sampled_from(rows))
    load(scratch, [{**row, "name": name} if row is changed else row for row in rows])
    after = blocks(file)
    iri = read_keys("https://ledger.example/", scratch / "data/keys.csv").known["loans", changed["id"]]
    own = f"<{iri.removeprefix('https://ledger.example/id/')}>"
    assert [b for b in before if not b.startswith(own)] == [b for b in after if not b.startswith(own)]


def blocks(file: Path) -> list[str]:
    return file.read_text().split("\n\n")


def test_keys_are_minted_once_and_never_again(ledger: Path) -> None:
    load(ledger, [{"id": "a", "name": "A"}, {"id": "b", "name": "B"}])
    load(ledger, [{"id": "b", "name": "B"}])
    load(ledger, [{"id": "b", "name": "B"}, {"id": "c", "name": "C"}])
    known = read_keys("https://ledger.example/", ledger / "data/keys.csv").known
    assert {k[1]: v.rpartition("/")[2] for k, v in known.items()} == {"a": "l001", "b": "l002", "c": "l003"}
    assert "l001" not in (ledger / "data/loans/loans.ttl").read_text()


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("id,name,kinds,worth,lent\n", 1, 0, "the column 'after' is missing"),
        ("id,name,kinds,worth,lent,after,extra\n", 1, 7, "there is no column 'extra'"),
        ("id,name,kinds,worth,lent,afterr\n", 1, 6, "is 'after' meant?"),
        ("id,name,kinds,worth,lent,after,id\n", 1, 7, "a second time"),
        ("", 1, 0, "the column 'id' is missing"),
        ("{h}a,A,bock,,,\n", 2, 3, "Is 'book' meant? Accepted: book, tool, toy"),
        ("{h}a,A,,,,b\n", 2, 6, "'b' is not known. Accepted (loans.csv): a"),
        ("{h}a,A,,,2025-02-30,\n", 2, 5, "not a date"),
        ("{h}a,A,,,tomorrow,\n", 2, 5, "not a date"),
        ("{h}a,A,,much,,\n", 2, 4, "not a number"),
        ("{h}a,A,,NaN,,\n", 2, 4, "not a number"),
        ("{h}a,,,,,\n", 2, 2, "a value is wanted"),
        ("{h}A B,A,,,,\n", 2, 1, "does not match"),
        ("{h}a,A,,,,\nb,B,,,,\na,C,,,,\n", 4, 1, "stands already on line 2"),
        ("{h}a,A,,,\n", 2, 0, "5 cells, fewer than the 6"),
        ('{h}a,"A,,,,\n', 2, 0, "not CSV"),
        ('{h}"a\nb",A,,,,\nb,B,bock,,,\n', 4, 3, "'bock' is not known"),
    ],
)
def test_bad_rows_are_told(ledger: Path, text: str, line: int, column: int, message: str) -> None:
    imported = plan(ledger, text.replace("{h}", ",".join(HEADER) + "\n"))
    assert any(where == line and number == column and message in said for where, number, said in told(imported)), told(
        imported
    )
    assert not imported.files


def test_all_findings_at_once(ledger: Path) -> None:
    text = ",".join(HEADER) + "\na,,bock,much,2025-13,zz\nb,B,,,,\nb,B,,,,\n"
    assert [(line, column) for line, column, _ in told(plan(ledger, text))] == [
        (2, 2),
        (2, 4),
        (2, 5),
        (4, 1),
        (2, 3),
        (2, 6),
    ]


def test_wrong_encoding_names_the_byte(ledger: Path) -> None:
    [(line, column, message)] = told(plan(ledger, (",".join(HEADER) + "\na,").encode() + b"caf\xe9,,,,\n"))
    assert (line, column) == (2, 6)
    assert "0xE9 is not UTF-8" in message


def test_a_byte_order_mark_and_lf_lines_are_fine(ledger: Path) -> None:
    imported = plan(ledger, b"\xef\xbb\xbf" + (",".join(HEADER) + "\na,A,,,,\n").encode())
    assert not imported.findings


def test_a_value_that_the_mapping_forgets_is_told(ledger: Path) -> None:
    query = ledger / "ontology/tables/to-turtle/loans.rq"
    query.write_text(query.read_text().replace("l:worth ?worth ; l:day", "l:day"))
    [(line, column, message)] = told(plan(ledger, ",".join(HEADER) + "\na,A,,,,\nb,B,,5,,\n"))
    assert (line, column) == (3, 4)
    assert "would be lost" in message


def test_a_folder_without_tables_is_refused(ledger: Path, tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match=r"loans\.csv"):
        plan(ledger, "x", "other.csv")


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("keys/loans.rq", "?pattern WHERE", "WHERE", r"without \?pattern"),
        ("keys/loans.rq", "SELECT", "SELECTT", r"keys/loans\.rq: .*1:"),
        ("layout.rq", "data/loans/", "data/kept/", "kg:owns"),
        ("layout.rq", "?subject a l:Loan", "?subject a l:Nothing", "no file for"),
        ("tables.json", '"kg:keys": "data/keys.csv",', "", r"tables\.json cannot be used"),
        ("to-turtle/loans.rq", "?loan a l:Loan", "[] a l:Loan", "blank node"),
    ],
)
def test_a_bad_mapping_is_told(ledger: Path, file: str, old: str, new: str, message: str) -> None:
    path = ledger / "ontology/tables" / file
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(ProjectError, match=message):
        plan(ledger, ",".join(HEADER) + "\na,A,,,,\n")


def test_numbers_sort_as_numbers() -> None:
    assert sorted(["x10", "x9", "x", "y1"], key=natural) == ["x", "x9", "x10", "y1"]


def test_without_room_nothing_is_changed(ledger: Path) -> None:
    load(ledger, [{"id": "a", "name": "A"}])
    before = {p: p.read_bytes() for p in ledger.rglob("*") if p.is_file()}
    imported = plan(ledger, as_csv([{"id": "a", "name": "A" * 3000}]))
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    former = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limit[1]))
    try:
        with pytest.raises(ProjectError, match="cannot be written"):
            write_import(ledger, imported)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        signal.signal(signal.SIGXFSZ, former)
    assert {p: p.read_bytes() for p in ledger.rglob("*") if p.is_file()} == before


def test_two_imports_at_once_do_not_mix(ledger: Path) -> None:
    imported = plan(ledger, as_csv([{"id": "a", "name": "A"}]))
    folder = os.open(ledger, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        with pytest.raises(ProjectError, match="another import"):
            write_import(ledger, imported)
    finally:
        os.close(folder)
