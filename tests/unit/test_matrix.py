"""A matrix: nothing of an answer is lost, a cell shows what is strongest of each mark, rows and columns have an order."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.representation.matrix import Cell, Entry, Layout, Mark, Step, matrix
from kg.representation.view import Term

YES, NO = (Mark(value, shape, {"en": value}, {}) for value, shape in (("e:yes", "disc"), ("e:no", "cross")))
STEPS = tuple(Step(f"e:{number}", number, {}) for number in (1, 2, 3))
LAYOUT = Layout("who", "what", "item", "mark", "step", "note", ("e:w2", "e:w0"), (YES, NO), STEPS)

Solution = dict[str, Term]


def named(name: str) -> Term:
    return Term(name, f"/{name}", f"e:{name}")


def solution(who: str, what: str, item: str, mark: str = "", step: str = "", note: str = "") -> Solution:
    told = {"who": who, "what": what, "item": item, "mark": mark, "step": step, "note": note}
    return {name: named(text) for name, text in told.items() if text}


def cell(solutions: list[Solution], layout: Layout = LAYOUT) -> Cell:
    (row,) = matrix(solutions, layout).rows
    (found,) = row.cells
    assert found is not None
    return found


def items(entries: tuple[Entry, ...]) -> list[str]:
    return [entry.item.text for entry in entries]


def test_a_no_is_shown_beside_a_stronger_yes() -> None:
    found = cell([solution("a", "w", "i1", "no", "1"), solution("a", "w", "i2", "yes", "3")])
    assert items(found.shown) == ["i2", "i1"]  # in the order of the legend
    assert found.more == ()


def test_of_one_mark_the_strongest_is_shown_and_of_equals_the_last() -> None:
    told = [solution("a", "w", f"i{number}", "yes", step) for number, step in enumerate("1323")]
    found = cell(told)
    assert items(found.shown) == ["i3"]
    assert items(found.more) == ["i1", "i2", "i0"]


def test_a_remark_is_shown_unless_it_is_the_usual_one() -> None:
    told = [
        solution("a", "w", item, "yes", "1") | {"whose": Term(word)} for item, word in (("i", "own"), ("j", "told"))
    ]
    of_both = matrix(told, replace(LAYOUT, remark="whose"))
    assert [remark.text for remark in of_both.remarks] == ["own", "told"]
    made = matrix(told, replace(LAYOUT, remark="whose", usual="own"))
    ((cell,),) = (row.cells for row in made.rows)
    assert cell is not None
    assert {entry.item.text: entry.remark and entry.remark.text for entry in cell.entries} == {"i": None, "j": "told"}
    assert [remark.text for remark in made.remarks] == ["told"]
    assert matrix(told, LAYOUT).remarks == ()


def test_rows_of_the_answer_that_differ_in_the_note_are_one_entry() -> None:
    told = [solution("a", "w", "i", "yes", "1", note) for note in ("n1", "n2", "n1")]
    (entry,) = cell(told).entries
    assert [note.text for note in entry.notes] == ["n1", "n2"]
    assert matrix(told, LAYOUT).noted
    assert not matrix([solution("a", "w", "i", "yes")], LAYOUT).noted


def test_a_value_without_a_mark_is_called_by_its_name_and_is_in_the_legend() -> None:
    made = matrix([solution("a", "w", "i", "perhaps"), solution("a", "w", "j")], LAYOUT)
    assert [(mark.value, mark.shape, mark.words) for mark in made.marks[2:]] == [
        ("e:perhaps", "disc", {"": "perhaps"}),
        ("", "disc", {}),
    ]


def test_a_step_that_the_project_does_not_know_counts_for_nothing() -> None:
    found = cell([solution("a", "w", "i", "yes", "9"), solution("a", "w", "j", "yes", "1")])
    assert items(found.shown) == ["j"]
    assert found.more[0].step is None


def test_columns_stand_as_the_project_says_then_by_name() -> None:
    made = matrix([solution("a", what, f"i{what}") for what in ("w3", "w0", "W1", "w2")], LAYOUT)
    assert [top.text for top in made.columns] == ["w2", "w0", "W1", "w3"]


def test_the_fullest_row_comes_first_then_the_firmest_then_by_name() -> None:
    told = [
        *(solution("c", what, f"c{what}", "yes", "1") for what in ("w0", "w1")),
        solution("d", "w0", "d1", "yes", "3"),
        solution("b", "w0", "b1", "yes", "1"),
        solution("A", "w0", "a1", "yes", "1"),
    ]
    assert [row.head.text for row in matrix(told, LAYOUT).rows] == ["c", "d", "A", "b"]
    assert [row.head.text for row in matrix(told, LAYOUT, by_name=True).rows] == ["A", "b", "c", "d"]


def test_a_row_is_as_firm_as_all_that_is_shown_in_it() -> None:
    told = [
        *(solution("one", what, f"one{what}", "yes", step) for what, step in (("w0", "3"), ("w1", "1"))),
        *(solution("two", what, f"two{what}", "yes", "2") for what in ("w0", "w1")),
        # Two marks in a cell both count; what stands behind the firmest of its mark does not.
        solution("two", "w1", "no", "no", "1"),
        *(solution("one", "w0", f"behind{number}", "yes", "3") for number in range(3)),
    ]
    assert [row.head.text for row in matrix(told, LAYOUT).rows] == ["two", "one"]


@pytest.mark.parametrize("lost", ["who", "what", "item"])
def test_what_has_no_place_or_no_evidence_is_left_out(lost: str) -> None:
    told = solution("a", "w", "i", "yes")
    del told[lost]
    made = matrix([told], LAYOUT)
    assert (made.rows, made.columns, made.items) == ((), (), 0)


letters = st.sampled_from(["a", "b", "c"])
answers = st.lists(
    st.builds(
        # What an item is does not change from row to row of an answer; who says it and what it is noted on may.
        lambda who, number, note: solution(who, f"w{number % 4}", f"i{number}", ("yes", "no")[number % 2],
                                           str(number % 3 + 1), note),
        letters, st.integers(0, 20), st.sampled_from(["", "n1", "n2"]),
    ),
    max_size=40,
)  # fmt: skip


@given(answers)
def test_every_item_stands_once_in_its_cell_and_nothing_else_does(told: list[Solution]) -> None:
    made = matrix(told, LAYOUT)
    found = Counter(
        (row.head.text, top.text, entry.item.text)
        for row in made.rows
        for top, held in zip(made.columns, row.cells, strict=True)
        if held is not None
        for entry in held.entries
    )
    assert found == Counter({(s["who"].text, s["what"].text, s["item"].text) for s in told})
    assert made.items == len({s["item"].text for s in told})


@given(answers)
def test_a_cell_shows_each_mark_that_it_has_once_and_the_strongest(told: list[Solution]) -> None:
    for row in matrix(told, LAYOUT).rows:
        assert row.filled
        for held in filter(None, row.cells):
            marks = [entry.mark.value for entry in held.shown]
            assert len(marks) == len(set(marks))
            assert set(marks) == {entry.mark.value for entry in held.entries}
            for hidden in held.more:
                (best,) = (entry for entry in held.shown if entry.mark == hidden.mark)
                assert best.step is not None
                assert hidden.step is not None
                assert best.step.number >= hidden.step.number


@given(answers)
def test_the_other_order_has_the_same_rows(told: list[Solution]) -> None:
    made, by_name = matrix(told, LAYOUT), matrix(told, LAYOUT, by_name=True)
    assert sorted(map(repr, made.rows)) == sorted(map(repr, by_name.rows))
    filled = [row.filled for row in made.rows]
    assert filled == sorted(filled, reverse=True)
