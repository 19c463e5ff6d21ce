"""What a page holds of an answer: some rows and columns, the beginning of long values, and how much is left out."""

from __future__ import annotations

import pytest

from kg.engine import Cut
from kg.engine.solutions import Beginning
from kg.representation.cells import as_table
from kg.web.answering import excerpt
from tests.unit.test_charts import MANIFEST, results


def wide(columns: int, rows: int) -> Beginning:
    names = [f"c{n}" for n in range(columns)]
    return results(names, *([["x"] * columns] * rows))


@pytest.mark.parametrize(
    ("columns", "rows", "shown"),
    [(3, 400, (3, 400)), (3, 600, (3, 500)), (100, 600, (100, 200)), (500, 600, (200, 100))],
)
def test_a_table_has_as_many_cells_as_a_page_can_hold(columns: int, rows: int, shown: tuple[int, int]) -> None:
    table = as_table(wide(columns, rows), MANIFEST)
    assert (len(table.columns), len(table.rows)) == shown
    assert {len(row) for row in table.rows} == {shown[0]}
    assert table.total == rows
    assert table.cut == (shown[1] < rows)
    assert table.columns_left_out == columns - shown[0]


def test_a_table_knows_that_its_answer_was_cut() -> None:
    cut = Cut("rows", 600)
    table = as_table(Beginning(["a"], [{}] * 600, 600, cut), MANIFEST, 20)
    assert (table.ended, table.total, len(table.rows)) == (cut, 600, 20)


@pytest.mark.parametrize("lead", ["", "http://e.org/", "https://data.example.org/id/"])
def test_of_a_long_value_there_is_the_beginning_and_no_link(lead: str) -> None:
    long, short = lead + "y" * 5_000, lead + "y" * 50
    (cells,) = as_table(results(["long", "short"], [long, short]), MANIFEST).rows
    assert cells[0] is not None
    assert cells[1] is not None
    assert (cells[0].text, cells[0].whole, cells[0].href) == (long[:2_000], len(long), "")
    assert cells[1].whole == 0
    assert bool(cells[1].href) == bool(lead)


@pytest.mark.parametrize(
    ("body", "text", "more"),
    [
        ("a\nbb\n", "a\nbb\n", False),
        ("aaaa\nbb\nccccccc\n", "aaaa\nbb\n", True),
        ("aaaaaaaaaaaaaaa", "aaaaaaaaaa", True),
        ("äääääääääää", "äääää", True),
        ("aäääääääääää", "aääää", True),
    ],
)
def test_a_graph_ends_with_a_line_or_at_least_with_a_character(body: str, text: str, more: bool) -> None:
    assert excerpt(body.encode(), 10) == (text, more)
