"""A scenario of an answer: rows of one item are told together, none is lost, and what waits for what is counted."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kg.representation.matrix import Mark, Step
from kg.representation.scenario import Outcome, Plan, Scenario, scenario, totals
from kg.representation.view import Term

STANDS, OPEN = (
    Outcome(Mark(value, "disc", {"en": value}, {}), undecided)
    for value, undecided in (("stands", False), ("open", True))
)
PLAN = Plan(
    "holds", "fails", "end", "item", "who", "what", "says", "step", "why", "needed", "least", "most", "unit", "remark",
    outcomes=(STANDS, OPEN), marks=(Mark("e:yes", "disc", {"en": "yes"}, {}),), steps=(Step("e:2", 2, {}),),
)  # fmt: skip

Solution = dict[str, Term]


def named(name: str) -> Term:
    return Term(name, f"/{name}", f"e:{name}")


def solution(item: str, end: str, **more: str) -> Solution:
    things = {
        name: named(text) for name, text in more.items() if name in ("who", "what", "says", "step", "why", "unit")
    }
    texts = {name: Term(text) for name, text in more.items() if name not in things}
    return {"item": named(item), "end": Term(end), **things, **texts}


def test_rows_of_one_item_are_told_together() -> None:
    (group, _) = scenario(
        [
            solution("i", "stands", who="b", what="w", says="yes", step="2", least="1", most="2", unit="u", remark="r"),
            solution("i", "stands", who="a", why="c1", needed="false", least="1", most="2", unit="u"),
            solution("i", "stands", who="a", why="c2"),
            solution("i", "stands", who="a", why="c3", needed="1", most="3"),
            solution("i", "stands", who="a", why="c4", needed="0"),
        ],
        PLAN,
    ).groups
    (item,) = group.items
    assert [row.text for row in item.rows] == ["b", "a"]
    assert (item.column, item.mark, item.step) == (named("w"), PLAN.marks[0], PLAN.steps[0])
    assert [(a.minimum, a.maximum, a.unit) for a in item.amounts] == [
        (Term("1"), Term("2"), named("u")),
        (None, Term("3"), None),
    ]
    # What is not told to have to fail has to hold.
    assert [(r.term.text, r.needed) for r in item.reasons] == [
        ("c1", False),
        ("c2", True),
        ("c3", True),
        ("c4", False),
    ]
    assert item.remark == Term("r")


def test_outcomes_have_their_order_and_unknown_ones_come_last() -> None:
    found = scenario([solution("i", "lost"), solution("j", "open")], PLAN)
    assert [(g.outcome.mark.value, len(g.items)) for g in found.groups] == [("stands", 0), ("open", 1), ("lost", 1)]
    assert found.groups[2].outcome.mark.words == {"": "lost"}
    assert found.items == 2


def test_only_what_is_undecided_waits() -> None:
    found = scenario(
        [
            solution("i", "open", who="a", why="c", needed="true"),
            solution("i", "open", who="b", why="c", needed="true"),
            solution("j", "open", why="c", needed="false"),
            solution("j", "open", why="c", needed="true"),
            solution("k", "open", why="d", needed="true"),
            solution("l", "stands", why="d", needed="true"),
        ],
        PLAN,
    )
    assert [(w.term.text, w.to_hold, w.to_fail, w.items) for w in found.waiting] == [("c", 2, 1, 2), ("d", 1, 0, 1)]


def test_a_group_is_in_the_order_of_names() -> None:
    found = scenario([solution(str(n), "open", who=who) for n, who in enumerate("cab")], PLAN)
    assert [item.rows[0].text for item in found.groups[1].items] == ["a", "b", "c"]
    assert [one.text for one in found.groups[1].whose] == ["a", "b", "c"]
    # Of one and the same, in the order of what it is about.
    found = scenario([solution(f"{n}", "open", who="a", what=what) for n, what in enumerate("YxZ")], PLAN)
    assert [item.column and item.column.text for item in found.groups[1].items] == ["x", "Y", "Z"]


def test_rows_without_item_or_outcome_are_left_out() -> None:
    assert scenario([{"end": Term("open")}, {"item": named("i")}, {}], PLAN).items == 0


solutions = st.lists(
    st.builds(
        lambda item, end, who, why: solution(item, end, who=who, **({"why": why} if why else {})),
        st.sampled_from("ijk"), st.sampled_from(["stands", "open", "lost"]), st.sampled_from("ab"), st.sampled_from(["", "c", "d"]),
    )
)  # fmt: skip


@given(solutions)
def test_nothing_is_lost_and_nothing_told_twice(told: list[Solution]) -> None:
    found: Scenario = scenario(told, PLAN)
    assert found.items == len({(s["item"].iri, s["end"].text) for s in told})
    for group in found.groups:
        end = group.outcome.mark.value
        for item in group.items:
            mine = [s for s in told if (s["item"], s["end"].text) == (item.item, end)]
            assert sorted({s["who"].text for s in mine}) == sorted(row.text for row in item.rows)
            assert {s["why"].text for s in mine if "why" in s} == {reason.term.text for reason in item.reasons}


def test_totals_are_what_the_answer_says() -> None:
    names = ["unit", "unitLabel", "minimum", "withoutMinimum", "maximum", "withoutMaximum", "basis"]
    rows = [{"unit": named("u"), "minimum": Term("5"), "withoutMinimum": Term("0"), "withoutMaximum": Term("3")}]
    (total,) = totals(rows, names)
    assert total.heads == (named("u"), None)
    assert total.sums == ((Term("5"), 0), (None, 3), (None, 0))
