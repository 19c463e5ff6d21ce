"""Answers arranged for the page of a thing: tables whose lines are things, lists under marks, sentences."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import kg
from kg.representation.answers import Grid, Solutions, Value, grid, marked_list, sentences
from kg.representation.matrix import Mark, Step
from kg.representation.sections import Column, Sections, ThingSection
from kg.representation.view import Term
from tests.conftest import THESAURUS

BREAD = "https://data.example.org/bread/"
YES, NO = Mark("urn:yes", "disc", {"en": "yes"}, {}), Mark("urn:no", "cross", {"en": "no"}, {})
TRUE = Mark("true", "square", {"en": "so it is"}, {})
MARKS, STEPS = (YES, NO, TRUE), (Step("urn:low", 1, {}), Step("urn:high", 2, {}))


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return kg.build(kg.open_project(THESAURUS), tmp_path_factory.mktemp("r")).manifest


@pytest.fixture
def solve(manifest: Any) -> Any:
    """Makes solutions of rows: IRIs are written with a colon, all else is text."""

    def made(names: str, *rows: dict[str, str]) -> Solutions:
        bindings = [
            {name: {"type": "uri" if ":" in text else "literal", "value": text} for name, text in row.items()}
            for row in rows
        ]
        body = json.dumps({"head": {"vars": names.split()}, "results": {"bindings": bindings}}).encode()
        return Solutions.of(body, manifest, lambda term: term)

    return made


def test_a_thing_is_called_once_for_an_answer(solve: Any) -> None:
    found = solve("who whoLabel", *[{"who": "urn:a", "whoLabel": f"A{n % 2}"} for n in range(10)])
    asked: list[str] = []

    def called(term: Term) -> Term:
        asked.append(term.text)
        return replace(term, text=term.text.lower())

    rows = replace(found, called=called, _known={}).rows(["who"])
    assert [row["who"].text for row in rows] == ["a0", "a1"] * 5
    assert asked == ["A0", "A1"]


def section(**variables: str) -> ThingSection:
    return ThingSection("urn:s", "urn:q", "this", "urn:view", 1.0, variables=variables)


def texts(table: Grid) -> list[list[list[str]]]:
    return [[[_said(value) for value in cell.values] for cell in line] for line in table.lines]


def _said(value: Value) -> str:
    words = [value.mark.words["en"]] if value.mark else []
    words += [str(value.step.number)] if value.step else []
    return " ".join([*words, *([value.term.text] if value.term else [])])


def test_rows_of_one_thing_are_one_line(solve: Any) -> None:
    found = solve(
        "who what mark",
        {"who": "urn:a", "what": "urn:1", "mark": "urn:yes"},
        {"who": "urn:b", "what": "urn:2", "mark": "urn:no"},
        {"who": "urn:a", "what": "urn:3", "mark": "urn:no"},
        {"what": "urn:4"},
        {"what": "urn:5"},
    )
    shown = section(row="who", item="what", mark="mark")
    table = grid(found, shown, MARKS, STEPS, "urn:this", 20)
    assert texts(table) == [
        [["urn:a"], ["yes urn:1", "no urn:3"], ["yes", "no"]],
        [["urn:b"], ["no urn:2"], ["no"]],
        [[], ["urn:4"], []],
        [[], ["urn:5"], []],
    ]
    assert [column.titles for column in table.columns] == [{"": "who"}, {"": "what"}, {"": "mark"}]
    cut = grid(found, shown, MARKS, STEPS, "urn:this", 1)
    assert (len(cut.lines), cut.total) == (1, 4)


def test_without_a_thing_for_the_line_each_row_is_one(solve: Any) -> None:
    found = solve("what", {"what": "one"}, {"what": "one"})
    assert texts(grid(found, section(), MARKS, STEPS, "urn:this", 20)) == [[["one"]], [["one"]]]


def test_columns_that_say_nothing_are_left_out(solve: Any) -> None:
    found = solve("this empty what", {"this": "urn:this", "what": "x"}, {"this": "urn:this", "what": "y"})
    table = grid(found, section(), MARKS, STEPS, "urn:this", 20)
    assert [column.name for column in table.columns] == ["what"]
    # On the page of another thing the column says something.
    assert len(grid(found, section(), MARKS, STEPS, "urn:other", 20).columns) == 2


def test_a_column_shows_something_else_where_it_has_nothing(solve: Any) -> None:
    found = solve("day rough", {"day": "2025-01-01", "rough": "2025"}, {"rough": "2024"})
    shown = ThingSection("urn:s", "urn:q", "this", "urn:v", 1.0, columns=(Column("day", {"en": "when"}, "rough"),))
    assert texts(grid(found, shown, MARKS, STEPS, "urn:this", 20)) == [[["2025-01-01"]], [["2024"]]]


def test_steps_and_truth_values_are_shown_as_such(solve: Any) -> None:
    found = solve("how so", {"how": "urn:high", "so": "true"}, {"how": "urn:other", "so": "false"})
    assert texts(grid(found, section(step="how"), MARKS, STEPS, "urn:this", 20)) == [
        [["2"], ["so it is"]],
        [["urn:other"], ["false"]],
    ]


def test_parts_of_the_thing_lead_to_their_place_on_the_page(solve: Any) -> None:
    found = solve("part", {"part": "urn:this#first-set"})
    ((cell,),) = grid(found, section(), MARKS, STEPS, "urn:this", 20).lines
    (value,) = cell.values
    assert value.term == Term("first set", "#first-set", "urn:this#first-set")


def test_a_list_has_names_under_marks_the_highest_step_first(solve: Any) -> None:
    found = solve(
        "who what mark how about note",
        {"who": "urn:a", "what": "urn:1", "mark": "urn:no", "how": "urn:low", "about": "urn:this"},
        {"who": "urn:b", "what": "urn:2", "mark": "urn:yes", "how": "urn:low", "about": "urn:this"},
        {"who": "urn:c", "what": "urn:3", "mark": "urn:yes", "how": "urn:high", "about": "urn:part"},
        {"who": "urn:b", "what": "urn:4", "mark": "urn:yes", "how": "urn:high", "about": "urn:this", "note": "x"},
        {"who": "urn:b", "what": "urn:4", "mark": "urn:yes", "how": "urn:high", "about": "urn:this", "note": "y"},
        {"what": "urn:5", "mark": "urn:yes"},
    )
    shown = section(row="who", item="what", mark="mark", step="how", column="about", note="note")
    made = marked_list(found, shown, MARKS, STEPS, "urn:this", 20)
    told = [
        (
            mark,
            [(one.head.text, one.about and one.about.text, [e.item.text for e in one.entries]) for one in group],
            number,
        )
        for mark, group, number in made.groups
    ]
    assert told == [
        (YES, [("urn:b", None, ["urn:4", "urn:2"]), ("urn:c", "urn:part", ["urn:3"])], 2),
        (NO, [("urn:a", None, ["urn:1"])], 1),
    ]
    assert [note.text for note in made.groups[0][1][0].entries[0].notes] == ["x", "y"]
    cut = marked_list(found, shown, MARKS, STEPS, "urn:this", 1)
    assert [(len(group), number) for _, group, number in cut.groups] == [(1, 2), (1, 1)]
    assert (made.total, made.shown, made.noted) == (4, 4, True)
    few = marked_list(found, shown, MARKS, STEPS, "urn:this", 1)
    assert (few.total, few.shown) == (4, 3)


def test_of_many_entries_beside_one_name_the_firmest_stand_there(solve: Any) -> None:
    rows = [{"who": "urn:a", "what": f"urn:{n}", "mark": "urn:yes", "how": "urn:low"} for n in range(20)]
    rows[3]["how"] = "urn:high"
    made = marked_list(
        solve("who what mark how", *rows),
        section(row="who", item="what", mark="mark", step="how"),
        MARKS,
        STEPS,
        "urn:this",
        20,
    )
    ((_, (listed,), _),) = made.groups
    assert [entry.item.text for entry in listed.entries] == ["urn:3", *(f"urn:{n}" for n in range(19, 8, -1))]
    assert (made.total, made.shown) == (20, 12)


def test_an_entry_of_a_list_has_its_remark_unless_it_is_the_usual_one(solve: Any) -> None:
    found = solve(
        "who what whose",
        {"who": "urn:a", "what": "urn:1", "whose": "own word"},
        {"who": "urn:b", "what": "urn:2", "whose": "hearsay"},
    )
    shown = replace(section(row="who", item="what", remark="whose"), usual="own word")
    ((_, listed, _),) = marked_list(found, shown, MARKS, STEPS, "urn:this", 20).groups
    assert [one.entries[0].remark and one.entries[0].remark.text for one in listed] == [None, "hearsay"]


def test_numbers_that_say_how_many_are_told_from_years(solve: Any) -> None:
    found = solve("many year", {"many": "2000", "year": "2025"})
    (((_, many, _, year),),) = sentences(found, section(), "About {many:number} in {year}", MARKS, STEPS, 20)
    assert [value.amount for piece in (many, year) for value in piece.values] == [True, False]  # type: ignore[union-attr]


def said(solve: Any, wording: str, *rows: dict[str, str], **variables: str) -> list[list[str]]:
    names = " ".join(dict.fromkeys(name for row in rows for name in row))
    told = sentences(solve(names, *rows), section(**variables), wording, MARKS, STEPS, 20)
    return [
        [
            "".join(piece if isinstance(piece, str) else ", ".join(map(_said, piece.values)) for piece in line)
            for line in lines
        ]
        for lines in told
    ]


@pytest.mark.parametrize(
    ("wording", "expected"),
    [
        ("{a} and {b}.", [["1, 3 and 2."]]),
        ("{a}[, not {none}]!", [["1, 3!"]]),
        ("{a}[, but {b}[ or {none}]].", [["1, 3, but 2."]]),
        ("[{none}[ or {b}]]{a}", [["1, 3"]]),
        ("{a}\n[{none} only]\n{b}", [["1, 3", "2"]]),
        ("no value at all", []),
        ("", []),
        ("{a}] [", [["1, 3] ["]]),
    ],
)
def test_a_sentence_has_values_in_their_places(solve: Any, wording: str, expected: list[list[str]]) -> None:
    found = said(solve, wording, {"a": "1", "b": "2"}, {"a": "3", "b": "2"})
    if wording.endswith("] ["):  # brackets that have no other half are no reason to say nothing
        assert found[0][0].startswith("1, 3")
    else:
        assert found == expected


def test_a_sentence_is_said_of_each_thing_of_the_row(solve: Any) -> None:
    rows = ({"a": "x", "m": "urn:yes"}, {"a": "y", "m": "urn:no"}, {"a": "x", "m": "urn:yes"})
    assert said(solve, "{a}: {m}", *rows, row="a", mark="m") == [["x: yes"], ["y: no"]]


def test_of_many_values_in_one_place_the_first_stand_there(solve: Any) -> None:
    found = solve("all one", *({"all": "x", "one": str(n)} for n in range(30)))
    ((_, cell),) = grid(found, section(row="all"), MARKS, STEPS, "urn:this", 20).lines
    assert [value.term.text for value in cell.values if value.term] == [str(n) for n in range(12)]
    assert cell.more == 18
    ((_, cell),) = grid(
        solve("all one", *({"all": "x", "one": str(n)} for n in range(13))), section(row="all"), MARKS, STEPS, "urn:", 9
    ).lines
    assert (len(cell.values), cell.more) == (13, 0)


def test_an_empty_answer_says_nothing(solve: Any) -> None:
    assert sentences(solve("a"), section(), "{a}", MARKS, STEPS, 20) == []


@given(st.text(alphabet="ab {}[]\n", max_size=40))
def test_no_wording_is_a_fault(wording: str) -> None:
    body = json.dumps({"head": {"vars": ["a"]}, "results": {"bindings": [{"a": {"type": "literal", "value": "1"}}]}})
    found = Solutions.of(body.encode(), None, lambda term: term)  # type: ignore[arg-type]
    sentences(found, section(), wording, MARKS, STEPS, 20)


def test_the_sections_of_all_classes_of_a_thing_stand_once_in_their_order() -> None:
    def of(name: str, order: float) -> ThingSection:
        return ThingSection(name, "urn:q", "this", "urn:view", order)

    known = Sections({"urn:A": (of("urn:2", 2.0), of("urn:1", 1.0)), "urn:B": (of("urn:2", 2.0), of("urn:0", 0.5))})
    assert [one.iri for one in known.of(["urn:A", "urn:B", "urn:C"])] == ["urn:0", "urn:1", "urn:2"]
    assert known.of([]) == []
