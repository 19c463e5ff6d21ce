"""Rows of an answer as a timeline: where each item is drawn, what is open, vague or changed, and what there is room for."""

from __future__ import annotations

import datetime
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.representation.matrix import Mark
from kg.representation.timeline import MOST_TRACKS, Layout, Timeline, timeline
from kg.representation.view import Term

YES, NO = Mark("urn:yes", "disc", {"en": "yes"}, {}), Mark("urn:no", "cross", {"en": "no"}, {})
LAYOUT = Layout(
    "lane", "item", "from", "mark", earliest="earliest", until="until", previous="previous",
    lanes=("urn:second",), marks=(YES, NO),
)  # fmt: skip


def row(item: str, start: str, mark: Mark = YES, lane: str = "first", **more: str) -> dict[str, Term]:
    told = {
        "lane": Term(lane, iri=f"urn:{lane}"),
        "item": Term(item, "/x", f"urn:{item}"),
        "mark": Term(mark.value, iri=mark.value),
        "from": Term(start),
    }
    dates = {name: Term(text) for name, text in more.items() if name != "previous"}
    previous = {"previous": Term(more["previous"], iri=f"urn:{more['previous']}")} if "previous" in more else {}
    return {**told, **dates, **previous}


def drawn(*rows: dict[str, Term], today: str = "2025-12-31") -> Timeline:
    return timeline(rows, LAYOUT, today)


def test_an_item_goes_from_its_first_day_to_its_end_and_without_one_to_the_edge() -> None:
    made = drawn(row("a", "2025-01-01", until="2025-07-01"), row("b", "2025-07-01"))
    a, b = made.lanes[0].items
    assert (a.x, a.open) == (0, False)
    assert 45 < a.end < 50  # half a year, and the drawing goes on a little after the last day
    assert (b.x, b.end, b.open) == (a.end, 100, True)
    assert {item.track for item in made.lanes[0].drawn} == {0}
    assert made.items == 2


def test_an_item_has_its_remark_unless_it_is_the_usual_one() -> None:
    told = [row(name, "2025-01-01", whose=whose) for name, whose in (("a", "own"), ("b", "told"))]
    made = timeline(told, replace(LAYOUT, remark="whose", usual="own"))
    assert [item.entry.remark and item.entry.remark.text for item in made.lanes[0].items] == [None, "told"]


def test_what_is_not_known_exactly_is_drawn_from_the_earlier_day_on() -> None:
    vague, exact = drawn(
        row("vague", "2025-06-30", earliest="2025-06-01"), row("exact", "2025-06-30", earliest="2025-06-30")
    ).lanes[0].items[::-1]  # fmt: skip
    assert vague.maybe < vague.x
    assert vague.earliest == Term("2025-06-01")
    assert exact.maybe == exact.x
    assert exact.earliest is None


def test_a_change_of_mind_is_told_by_the_mark_of_what_was_replaced() -> None:
    made = drawn(
        row("a", "2025-01-01", until="2025-03-01"),
        row("b", "2025-03-01", NO, previous="a", until="2025-05-01"),
        row("c", "2025-05-01", NO, previous="b"),
        row("d", "2025-06-01", NO, lane="second", previous="a"),  # of another lane: no change of mind there
    )
    assert [[item.turned for item in lane.items] for lane in made.lanes] == [[None], [None, YES, None]]
    assert made.turns == 1


def test_lanes_stand_in_the_order_of_the_project_and_then_by_name() -> None:
    made = drawn(row("a", "2025", lane="zebra"), row("b", "2025", lane="ant"), row("c", "2025", lane="second"))
    assert [lane.head.text for lane in made.lanes] == ["second", "ant", "zebra"]


def test_what_lies_over_another_stands_below_it_as_far_as_there_is_room() -> None:
    made = drawn(*(row(f"i{n}", f"2025-01-{n + 1:02}") for n in range(MOST_TRACKS + 3)))
    (lane,) = made.lanes
    assert [item.track for item in lane.drawn] == [*range(MOST_TRACKS)]
    assert lane.tracks == MOST_TRACKS
    assert len(lane.items) == MOST_TRACKS + 3  # the table has them all
    assert lane.undrawn == 3


@pytest.mark.parametrize("until", ["P1Y", "soon"])
def test_an_end_that_is_no_date_is_told_and_not_drawn_as_open(until: str) -> None:
    made = drawn(row("odd", "2025-01-01", until=until), row("still", "2025-06-01"))
    odd, still = made.lanes[0].items
    assert odd.until == Term(until)
    assert not odd.open
    assert (odd.x, odd.end) == (0, 0)  # the axis begins with the first date
    assert [item.entry.item.text for item in made.lanes[0].last] == ["still"]
    assert still.open


def test_of_too_many_the_earlier_ones_are_left_out_and_counted() -> None:
    rows = [row(f"i{n}", f"20{n:02}") for n in range(10, 40)]
    made = timeline(rows, LAYOUT, most=5)
    assert [item.start.text for item in made.lanes[0].items] == ["2035", "2036", "2037", "2038", "2039"]
    assert made.left_out == 25


def test_a_change_is_seen_even_if_what_was_replaced_is_left_out() -> None:
    made = timeline([row("a", "2020"), row("b", "2021", NO, previous="a")], LAYOUT, most=1)
    assert made.lanes[0].items[0].turned == YES


def test_what_has_no_date_is_counted_as_left_out() -> None:
    nothing = {name: term for name, term in row("a", "x").items() if name != "from"}
    assert drawn(nothing, row("b", "sometime")) == Timeline((), (), (YES, NO), (), 2)
    assert drawn(nothing, row("c", "2025")).left_out == 1


def test_rows_of_one_item_are_one_item() -> None:
    assert drawn(row("a", "2025-01-01"), row("a", "2025-01-01")).items == 1


def test_beside_a_lane_stands_what_holds_at_its_end() -> None:
    made = drawn(
        row("gone", "2025-01-01", until="2025-02-01"), row("still", "2025-01-15"), row("also", "2025-03-01", NO)
    )
    assert [item.entry.item.text for item in made.lanes[0].last] == ["also", "still"]
    ended = drawn(row("a", "2025-01-01", until="2025-02-01"), row("b", "2025-02-01", until="2025-03-01"))
    assert [item.entry.item.text for item in ended.lanes[0].last] == ["b"]


@pytest.mark.parametrize("day", ["2025-01-01", "-4000-01-01", "99999-12-31"])
def test_a_single_day_can_be_drawn(day: str) -> None:
    (item,) = timeline([row("a", day)], LAYOUT).lanes[0].items
    assert 0 <= item.x <= item.end == 100


DAYS = st.dates(datetime.date(1990, 1, 1), datetime.date(2040, 1, 1)).map(str)
ROWS = st.lists(
    st.builds(
        lambda n, start, mark, lane, more: row(f"i{n}", start, mark, lane, **{k: v for k, v in more.items() if v}),
        st.integers(0, 30), DAYS, st.sampled_from([YES, NO]), st.sampled_from(["first", "second"]),
        st.fixed_dictionaries({"until": st.none() | DAYS, "earliest": st.none() | DAYS}),
    ),
    max_size=30,
)  # fmt: skip


@given(ROWS)
def test_whatever_the_dates_everything_is_inside_and_nothing_lies_over_another(rows: list[dict[str, Term]]) -> None:
    made = timeline(rows, LAYOUT, "2026-01-01")
    keys = {(r["lane"].iri, r["item"].iri) for r in rows}
    assert made.items + made.left_out == len(keys)
    for lane in made.lanes:
        for item in lane.items:
            assert 0 <= item.maybe <= item.x <= item.end <= 100
        for track in range(lane.tracks):
            along = [item for item in lane.drawn if item.track == track]
            assert all(one.end <= other.maybe + 0.02 for one, other in pairwise(along))
