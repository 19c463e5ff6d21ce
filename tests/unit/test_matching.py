"""How words and names are compared, and matching in a project about something else."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import kg
from kg.reconciliation.matching import Matcher, Query
from kg.reconciliation.similarity import likeness
from kg.search import LabelIndex
from kg.search.spelling import alike, made_of
from tests.content.test_matching import Here

_WORD = st.text("abcdeiklmnorstuz", min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("germni", "germani"),  # a letter lost
        ("autsria", "austria"),  # two exchanged
        ("makron", "macron"),  # spelled by another language
        ("lavrow", "lavrov"),
        ("lunion", "union"),  # an article written with it
        ("macrona", "macron"),  # inflected
    ],
)
def test_words_that_may_be_meant_for_one_another(one: str, other: str) -> None:
    assert 0.7 <= alike(one, other) < 1


@pytest.mark.parametrize(
    ("one", "other"), [("iran", "irak"), ("slovakia", "slovenia"), ("niger", "algeria"), ("a", "b")]
)
def test_words_that_nobody_takes_for_one_another(one: str, other: str) -> None:
    assert alike(one, other) < 0.8
    assert alike(one, other) == 0 or len(one) > 4


@given(one=_WORD, other=_WORD)
def test_likeness_of_words_is_symmetric_and_1_only_for_the_same(one: str, other: str) -> None:
    assert alike(one, other) == alike(other, one)
    assert 0 <= alike(one, other) <= 1
    assert (alike(one, other) == 1) == (one == other)


def _equally(word: str) -> float:
    return min(1.0, len(word) / 5)


@given(name=st.lists(_WORD, min_size=1, max_size=5), label=st.lists(_WORD, min_size=1, max_size=5))
def test_likeness_of_names_is_1_for_the_same_and_between_0_and_1(name: list[str], label: list[str]) -> None:
    assert likeness(name, name, _equally).score == 1
    found = likeness(name, label, _equally)
    assert 0 <= found.score <= 1
    assert (found.score == 1) <= (name == label)


def test_what_stands_around_a_label_costs_little_and_what_is_foreign_much() -> None:
    label = ["emmanuel", "macron"]
    titled = likeness(["president", "emmanuel", "macron"], label, _equally, frozenset({"president"}))
    foreign = likeness(["brigitte", "macron"], label, _equally)
    surname = likeness(["macron"], label, _equally)
    assert titled.score > surname.score > foreign.score
    assert (titled.left, foreign.left) == ((), ("brigitte",))


@pytest.mark.parametrize(
    ("word", "name"),
    [("italienischer", "italien"), ("ungherese", "ungheria"), ("kipriaki", "kipros"), ("helen", "helenic")],
)
def test_words_that_are_made_of_a_name(word: str, name: str) -> None:
    assert 0.7 <= made_of(word, name) < 0.8


@pytest.mark.parametrize(
    ("word", "name"), [("slovak", "slovenia"), ("iranian", "iraq"), ("polish", "poland"), ("italia", "italia")]
)
def test_words_that_are_not(word: str, name: str) -> None:
    assert made_of(word, name) == 0


def test_a_word_made_of_the_name_counts_only_beside_words_that_are_known() -> None:
    generic = frozenset({"republic"})
    assert likeness(["italienische", "republic"], ["italien"], _equally, generic=generic).score > 0.45
    assert likeness(["italienische", "beans"], ["italien"], _equally, generic=generic).score < 0.43


def test_generic_words_may_stand_in_the_label_alone() -> None:
    generic = frozenset({"republic", "kingdom"})
    assert likeness(["kingdom", "italy"], ["republic", "italy"], _equally, generic=generic).score > 0.85
    assert likeness(["kingdom", "italy"], ["republic", "italy"], _equally).score < 0.7


def test_words_in_another_form_and_order_are_another_name() -> None:
    of_europe = likeness(["council", "of", "europe"], ["european", "council"], _equally)
    inflected = likeness(["european", "councils"], ["european", "council"], _equally)
    assert of_europe.score < 0.45 < 0.8 < inflected.score


def test_matching_knows_nothing_of_one_project(thesaurus: Path) -> None:
    release = kg.build(kg.open_project(thesaurus))
    matcher = Matcher(LabelIndex.open(release.labels), release.manifest, Here(release))
    [first, *_] = matcher.match(Query("Pumpernikl"))
    assert first.iri == f"{release.manifest.base}concept/pumpernickel"
    assert not first.match
    [same, *_] = matcher.match(Query(first.name))
    assert (same.iri, same.match) == (first.iri, True)
