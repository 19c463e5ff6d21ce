"""Drawings of answers: which there are, and that each stands where its value says."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.engine.solutions import Beginning
from kg.release.manifest import Manifest
from kg.representation.charts import BARS, LINES, TIMELINE, charts
from kg.representation.instants import days_of, span, ticks

XSD = "http://www.w3.org/2001/XMLSchema#"


MANIFEST = Manifest(
    "1-0", "1", "2026-01-01", "0", "https://data.example.org/", "https://data.example.org/dataset", {}, {}, "", ["en"],
    [], None, {}, {}, {}, 0, {},
)  # fmt: skip


@pytest.fixture(scope="module")
def told() -> Manifest:
    return MANIFEST


def results(names: list[str], *rows: Sequence[Any], total: int | None = None) -> Beginning:
    """An answer; ``total`` if it has more rows than these."""

    def cell(value: Any) -> dict[str, str] | None:
        if value is None:
            return None
        if isinstance(value, tuple):
            return {"type": "literal", "value": value[0], "datatype": XSD + value[1]}
        if isinstance(value, (int, float)):
            kind = "integer" if isinstance(value, int) else "double"
            return {"type": "literal", "value": str(value), "datatype": XSD + kind}
        return {"type": "uri" if value.startswith("http") else "literal", "value": value}

    bindings = [{n: c for n, v in zip(names, row, strict=True) if (c := cell(v)) is not None} for row in rows]
    return Beginning(names, bindings, len(bindings) if total is None else total)


def day(text: str) -> tuple[str, str]:
    return text, "date"


def test_what_can_be_drawn_follows_from_the_columns(told: Manifest) -> None:
    def views(names: list[str], *rows: list[Any]) -> list[str]:
        return charts(results(names, *rows), told).views

    assert views(["who", "n"], ["a", 1]) == [BARS]
    assert views(["who", "day"], ["a", day("2025-01-01")]) == [TIMELINE]
    assert views(["day", "n"], [day("2025-01-01"), 1], [day("2025-02-01"), 2]) == [BARS, LINES]
    assert views(["day", "n"], [day("2025-01-01"), 1]) == [BARS]  # one moment is no line
    assert views(["who", "day", "n"], ["a", day("2025-01-01"), 1], ["b", day("2025-01-02"), 1]) == [
        BARS,
        LINES,
        TIMELINE,
    ]
    assert views(["a", "b"], ["x", "y"]) == []
    assert views(["n"], [1]) == []
    assert views(["who", "n"]) == []
    assert views(["who", "n"], ["a", 1], ["b", "many"]) == []  # not all of them are numbers


def test_bars_begin_at_zero_and_the_greatest_is_the_longest(told: Manifest) -> None:
    chart = charts(results(["who", "whoLabel", "n"], ["http://e.org/a", "A", 4], ["http://e.org/b", "B", 1]), told).bars
    assert chart is not None
    assert chart.names == ("who",)
    first, second = (bars[0] for _, bars in chart.rows)
    assert first is not None
    assert second is not None
    assert (first.x, first.width, first.text) == (0, 100, "4")
    assert (second.x, second.width) == (0, 25)
    assert [cells[0].text for cells, _ in chart.rows if cells[0]] == ["A", "B"]


def test_bars_of_losses_go_the_other_way(told: Manifest) -> None:
    chart = charts(
        results(["who", "n"], ["a", -2], ["b", 6], ["c", None], ["d", ("INF", "double")], ["e", 0]), told
    ).bars
    assert chart is not None
    drawn = [bars[0] for _, bars in chart.rows]
    assert drawn[2] is None
    assert [(b.x, b.width) for b in drawn if b] == [(0, 25), (25, 75), (0, 0), (25, 0)]


@pytest.mark.parametrize("value", ["INF", "NaN", "1e999", "9" * 400])
def test_what_is_no_finite_number_is_told_without_a_bar(told: Manifest, value: str) -> None:
    chart = charts(results(["who", "n"], ["a", (value, "double")], ["b", 5]), told).bars
    assert chart is not None
    odd, five = (bars[0] for _, bars in chart.rows)
    assert odd is not None
    assert five is not None
    assert (odd.width, five.width) == (0, 100)
    assert odd.text == (value if len(value) < 40 else "9" * 40 + "…")


def test_many_rows_are_left_out_and_counted(told: Manifest) -> None:
    chart = charts(results(["who", "n"], *([f"r{n}", n] for n in range(130))), told).bars
    assert chart is not None
    assert (len(chart.rows), chart.left_out) == (100, 30)


def test_a_timeline_goes_from_the_first_beginning_to_the_last_end(told: Manifest) -> None:
    rows: list[Any] = [
        ["late", day("2025-03-01"), None],
        ["long", day("2025-01-01"), ("2025-04", "gYearMonth")],
        ["odd", None, None],
    ]
    chart = charts(results(["what", "from", "until"], *rows), told).timeline
    assert chart is not None
    assert [(row.names[0] and row.names[0].text, row.when) for row in chart.rows] == [
        ("long", "2025-01-01 – 2025-04"),
        ("late", "2025-03-01"),
    ]
    assert (chart.rows[0].x, chart.rows[0].width) == (0, 100)  # to the end of April
    assert chart.rows[1].x == pytest.approx(59 / 120 * 100)
    assert chart.left_out == 1
    assert [row.dot for row in chart.rows] == [False, False]


def test_on_a_timeline_what_is_too_short_to_be_seen_is_a_dot(told: Manifest) -> None:
    rows: list[Any] = [["day", day("2024-05-01"), None], ["years", day("2020-01-01"), day("2029-12-31")]]
    chart = charts(results(["what", "from", "until"], *rows), told).timeline
    assert chart is not None
    assert [(row.names[0] and row.names[0].text, row.dot) for row in chart.rows] == [("years", False), ("day", True)]


def test_lines_have_a_name_each_and_go_from_left_to_right(told: Manifest) -> None:
    rows = [
        ["b", day("2025-01-31"), 0], ["a", day("2025-01-31"), 10],
        ["a", day("2025-01-01"), 5], ["b", day("2025-01-11"), 10],
    ]  # fmt: skip
    chart = charts(results(["who", "on", "n"], *rows), told).lines
    assert chart is not None
    placed = {line.name: [(round(x, 1), round(y, 1)) for x, y, _ in line.points] for line in chart.series}
    assert placed == {"b": [(33.3, 0), (100, 100)], "a": [(0, 50), (100, 0)]}
    assert [tick.text for tick in chart.up] == ["0", "5", "10"]


def test_more_lines_than_can_be_told_apart_are_not_drawn(told: Manifest) -> None:
    def lines(number: int) -> int:
        rows: list[Any] = [[f"of {n}", day(f"2025-01-{d:02}"), d] for n in range(number) for d in (1, 2)]
        chart = charts(results(["who", "on", "n"], *rows), told).lines
        return len(chart.series) if chart else 0

    assert [lines(number) for number in (1, 6, 7)] == [1, 6, 0]


def test_rows_that_a_line_cannot_have_are_counted(told: Manifest) -> None:
    rows: list[Any] = [
        [day("2025-01-01"), 1], [day("2025-02-01"), 2], [None, 3], [day("2025-02-30"), 4], [day("2025-03-01"), None],
        [day("2025-03-01"), ("INF", "double")],
    ]  # fmt: skip
    chart = charts(results(["on", "n"], *rows, total=10), told).lines
    assert chart is not None
    assert len(chart.series[0].points) == 2
    assert (chart.left_out, chart.without) == (8, 4)


def test_what_is_left_out_is_counted_by_the_whole_answer(told: Manifest) -> None:
    rows = [["DE", day("2025-01-01"), 1], ["FR", day("2025-02-01"), 2]]
    drawn = charts(results(["code", "on", "n"], *rows, total=1_000), told)
    assert drawn.bars
    assert drawn.lines
    assert drawn.timeline
    assert drawn.map
    assert {chart.left_out for chart in (drawn.bars, drawn.lines, drawn.timeline, drawn.map)} == {998}


def test_a_drawing_of_very_many_columns_names_a_few(told: Manifest) -> None:
    names = [f"c{n}" for n in range(50)]
    drawn = charts(results([*names, "code", "n", "on"], [*names, "DE", 1, day("2025-01-01")]), told)
    assert drawn.bars
    assert drawn.timeline
    assert drawn.map
    assert drawn.bars.names == (*names[:8], "on")
    assert len(drawn.timeline.rows[0].names) == 9  # and the number
    assert "c6" in repr(drawn.map)
    assert "c8" not in repr(drawn.map)
    assert drawn.unnamed == 43


_NUMBERS = st.one_of(st.integers(), st.floats())


@given(st.lists(st.tuples(_NUMBERS, st.dates()), min_size=1, max_size=30))
def test_nothing_stands_outside_of_its_drawing(values: list[tuple[float, date]]) -> None:
    rows = [["x", day(when.isoformat()), ("NaN", "double") if n != n else n] for n, when in values]
    drawn = charts(results(["who", "on", "n"], *rows), MANIFEST)
    places = []
    if drawn.bars:
        places += [p for _, bars in drawn.bars.rows for b in bars if b for p in (b.x, b.x + b.width)]
    if drawn.lines:
        places += [p for line in drawn.lines.series for x, y, _ in line.points for p in (x, y)]
        places += [tick.at for tick in (*drawn.lines.across, *drawn.lines.up)]
    if drawn.timeline:
        places += [p for row in drawn.timeline.rows for p in (row.x, row.x + row.width)]
        places += [tick.at for tick in drawn.timeline.across]
    assert all(-1e-6 <= place <= 100 + 1e-6 for place in places)


@given(st.dates(max_value=date(9999, 12, 30)))
def test_days_are_counted_as_the_calendar_does(when: date) -> None:
    following = when + timedelta(days=1)
    assert days_of(following.year, following.month, following.day) - days_of(when.year, when.month, when.day) == 1
    assert span(when.isoformat()) == span(f"{when.isoformat()}Z")


@given(st.dates(), st.dates())
def test_axes_have_few_marks_that_say_where_they_are(one: date, other: date) -> None:
    first, last = sorted((one, other))
    start, end = float(days_of(first.year, first.month, first.day)), float(days_of(last.year, last.month, last.day))
    marks = ticks(start, end)
    assert len(marks) <= 6
    for place, text in marks:
        told = span(text)
        assert told is not None
        assert told.start == place
        assert start <= place <= end


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("2024", 366),
        ("2025", 365),
        ("2024-02", 29),
        ("2025-12", 31),
        ("2025-12-31", 1),
        ("-0044-03-15", 1),
        ("12025", 365),
    ],
)
def test_what_a_date_covers(text: str, days: float) -> None:
    told = span(text)
    assert told is not None
    assert told.end - told.start == days


def test_a_moment_covers_nothing_and_stands_within_its_day() -> None:
    told, whole = span("2025-02-03T18:00:00Z"), span("2025-02-03")
    assert told is not None
    assert whole is not None
    assert told.start == told.end == whole.start + 0.75


@pytest.mark.parametrize("text", ["", "2025-02-30", "2025-13", "yesterday", "25", "2025-02-03T", "２０２５"])
def test_what_is_no_date_is_not_drawn(text: str) -> None:
    assert span(text) is None
