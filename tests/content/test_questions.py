"""The questions, asked of the real graph, give exactly the rows that the facts call for."""

from __future__ import annotations

from pathlib import Path

import pytest

import kg
from tests.conftest import ROOT

BASE = "https://w3id.org/pledge-graph/"
QUESTIONS = {p.stem: p for p in sorted((ROOT / "ontology/questions").glob("*.rq"))}


def rows(release: kg.Release, name: str, *columns: str) -> list[tuple[str, ...]]:
    """The wanted columns of a question's answer; IRIs without ``{base}id/`` or ``{base}vocab/``."""
    answer = kg.query(release, QUESTIONS[name].read_text(encoding="utf-8"))
    assert isinstance(answer, list)
    return [
        tuple(str(row.get(c, "")).removeprefix(BASE).removeprefix("id/").removeprefix("vocab/") for c in columns)
        for row in answer
    ]


def test_which_states_refuse_ground_troops(released: kg.Release) -> None:
    assert rows(released, "ground-troops-refusals", "state", "stateLabel", "position", "statedOn") == [
        ("state/ITA", "Italy", "position/ITA-0001", "2026-01-06")
    ]


def test_who_said_it_in_which_office_on_which_day_at_which_event(released: kg.Release) -> None:
    summit = ("2026-01-06", "event/e0001")
    found = rows(released, "who-said-it", "position", "speaker", "office", "actor", "statedOn", "event")
    assert found == [
        ("position/FRA-0001", "person/emmanuel-macron", "office/FRA-president", "state/FRA", *summit),
        ("position/ITA-0001", "person/giorgia-meloni", "office/ITA-prime-minister", "state/ITA", *summit),
        ("position/ITA-0002", "person/giorgia-meloni", "office/ITA-prime-minister", "state/ITA", *summit),
        ("position/TUR-0001", "person/hakan-fidan", "office/TUR-foreign-minister", "state/TUR", *summit),
        ("position/GBR-0001", "person/keir-starmer", "office/GBR-prime-minister", "state/GBR", *summit),
    ]


def test_which_source_tells_it_and_where_in_the_source(released: kg.Release) -> None:
    found = rows(released, "evidence", "position", "source", "mode", "start", "end")
    indirect = ("source/s0001", "attribution-mode/indirect-speech")
    assert found == [
        ("position/FRA-0001", *indirect, "2005", "2186"),
        ("position/ITA-0001", *indirect, "704", "926"),
        ("position/ITA-0001", *indirect, "1168", "1271"),
        ("position/ITA-0002", *indirect, "1056", "1167"),
        ("position/ITA-0002", *indirect, "1448", "1587"),
        ("position/TUR-0001", *indirect, "2407", "2535"),
        ("position/GBR-0001", *indirect, "2205", "2396"),
        ("position/USA-0001", "source/s0001", "attribution-mode/unnamed-reports", "2543", "2675"),
    ]


def test_which_conditions_france_attaches(released: kg.Release) -> None:
    assert rows(released, "conditions", "position", "circumstance", "mustHold") == [
        ("position/FRA-0001", "circumstance/ceasefire", "true"),
        ("position/GBR-0001", "circumstance/ceasefire", "true"),
    ]


def test_what_is_only_reported_and_never_declared(released: kg.Release) -> None:
    assert rows(released, "only-reported", "position", "holder", "source", "mode") == [
        ("position/USA-0001", "state/USA", "source/s0001", "attribution-mode/unnamed-reports")
    ]


def test_who_takes_which_position(released: kg.Release) -> None:
    what = rows(released, "positions", "holderLabel", "areaLabel", "stanceLabel", "roleLabel", "conditions")
    assert what == [
        ("France", "ground troops", "affirmative, readiness", "provide", "ceasefire in force"),
        ("France", "hubs and headquarters", "affirmative, intention", "provide", "ceasefire in force"),
        ("Italy", "ground troops", "negative, firm declaration", "provide", ""),
        ("Italy", "mission as a whole", "affirmative, intention", "endorse", ""),
        ("Türkiye", "maritime security", "affirmative, readiness", "lead", "peace agreement reached"),
        ("United Kingdom", "hubs and headquarters", "affirmative, intention", "provide", "ceasefire in force"),
        ("United States", "ceasefire monitoring", "affirmative, intention", "lead", "ceasefire in force"),
    ]
    day = "2026-01-06"
    assert rows(released, "positions", "saidByLabel", "statedOn") == [
        ("Emmanuel Macron", day),
        ("Keir Starmer", day),
        ("Giorgia Meloni", day),
        ("Giorgia Meloni", day),
        ("Hakan Fidan", day),
        ("Keir Starmer", day),
        ("", ""),
    ]


@pytest.mark.parametrize("file", QUESTIONS.values(), ids=QUESTIONS.keys())
def test_every_question_has_a_title_in_two_languages_and_fixes_its_order(file: Path) -> None:
    lines = file.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("# en: ")
    assert lines[1].startswith("# de: ")
    assert any(line.startswith("ORDER BY") for line in lines)
