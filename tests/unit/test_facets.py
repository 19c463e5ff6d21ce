"""Facets count what they lead to, pages add up, and a misspelt name leads to the right one."""

from __future__ import annotations

from collections.abc import Iterator

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kg
from kg.search import LabelIndex, write_index
from kg.search.facets import complete, search
from kg.search.index import speaks
from kg.search.nearness import near
from kg.terms import PREFIXES

EX = "https://data.example.org/"
LABEL, ALT, CODE = PREFIXES["rdfs"] + "label", PREFIXES["skos"] + "altLabel", PREFIXES["skos"] + "notation"
NAMES = [
    ("TUR", LABEL, "Türkiye", "en", ["State", "Actor"]),
    ("TUR", LABEL, "Türkei", "de", []),
    ("TUR", LABEL, "Türkei", "de-at", []),
    ("TUR", ALT, "Turkey", "en", []),
    ("TUR", CODE, "TR", None, []),
    ("ambassador", LABEL, "ambassador of Turkey", "en", ["Office"]),
    ("coast", LABEL, "Küste der Türkei", "de-AT", ["Place", "places"]),
    ("turin", LABEL, "Turin", "en", ["Place"]),
    ("turin", LABEL, "Torino", "it", []),
    ("president", LABEL, "Volodymyr Zelenskyy", "en", ["Actor", "Person"]),
    ("prime", LABEL, "Giorgia Meloni", "en", ["Actor", "Person"]),
    ("no", LABEL, "tur", None, []),
]
KINDS = ("State", "Actor", "Office", "Place", "places", "Person", "Nothing")


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabelIndex]:
    quads = []
    for thing, prop, text, language, kinds in NAMES:
        subject = ox.NamedNode(EX + thing)
        quads.append(ox.Quad(subject, ox.NamedNode(prop), ox.Literal(text, language=language)))
        quads += [ox.Quad(subject, ox.NamedNode(PREFIXES["rdf"] + "type"), ox.NamedNode(EX + kind)) for kind in kinds]
    file = tmp_path_factory.mktemp("facets") / "labels.sqlite"
    write_index(file, quads, [LABEL])
    yield (opened := LabelIndex.open(file))
    opened.close()


def test_what_there_is_to_choose_from(index: LabelIndex) -> None:
    found = search(index, "tur")
    assert [hit.iri.removeprefix(EX) for hit in found.hits] == ["no", "turin", "TUR", "coast", "ambassador"]
    assert found.total == 5
    assert found.kinds == {EX + "State": 1, EX + "Actor": 1, EX + "Office": 1, EX + "Place": 2, EX + "places": 1}
    # A label in Austrian German is one in German.
    assert found.languages == {"en": 3, "de": 2, "de-at": 2}


def test_a_filter_leaves_the_choice_in_its_own_facet(index: LabelIndex) -> None:
    found = search(index, "tur", kinds=[EX + "Office"])
    assert (found.total, found.kinds, found.languages) == (1, search(index, "tur").kinds, {"en": 1})
    found = search(index, "tur", label_language="DE")
    assert (found.total, found.kinds[EX + "Place"], found.languages["en"]) == (2, 1, 3)
    assert {hit.matched for hit in found.hits} == {"Türkei", "Küste der Türkei"}
    assert search(index, "turin", label_language="it").total == 0  # it has an Italian label, but not one that fits


def test_language_ranges() -> None:
    assert speaks("de-AT", "de")
    assert speaks("DE", "de")
    assert not speaks("den", "de")
    assert not speaks("de", "de-at")
    assert not speaks("", "de")


@given(
    st.sampled_from(["t", "tur", "turkei", "a", "o", "volodymyr", "me", "", "x", "tr"]) | st.text(max_size=3),
    st.lists(st.sampled_from(KINDS), max_size=3),
    st.sampled_from([None, "en", "de", "de-AT", "it", "fr"]),
    st.integers(1, 4),
)
def test_facets_count_what_they_lead_to_and_pages_add_up(
    index: LabelIndex, text: str, kinds: list[str], language: str | None, size: int
) -> None:
    chosen = [EX + kind for kind in kinds]
    found = search(index, text, chosen, language, limit=100)
    assert found.total == len(found.hits) == len({hit.iri for hit in found.hits})
    assert [hit.score for hit in found.hits] == sorted((hit.score for hit in found.hits), reverse=True)
    for kind in KINDS:
        assert found.kinds.get(EX + kind, 0) == search(index, text, [EX + kind], language).total
    for tag in ("en", "de", "de-at", "it"):
        assert found.languages.get(tag, 0) == search(index, text, chosen, tag).total
    pages = [search(index, text, chosen, language, offset=at, limit=size) for at in range(0, found.total + size, size)]
    assert [hit for page in pages for hit in page.hits] == [*found.hits]
    assert complete(index, text, chosen, language, limit=100) == [*found.hits]
    if language is None:
        assert index.find(text, 100, chosen) == [*found.hits]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Zelesnkyy", "president"),
        ("volodimir zelnski", "president"),
        ("Georgia Mellony", "prime"),
        ("Зелнский", "president"),
        ("Trükei", "TUR"),
        ("Tornio", "turin"),
    ],
)
def test_a_misspelt_name_leads_to_the_right_one(index: LabelIndex, typed: str, meant: str) -> None:
    assert index.find(typed) == []
    assert near(index, typed)[0].iri == EX + meant


@pytest.mark.parametrize("typed", ["", " ", "qxzqxz", "a b c d e f g h", "\0", "x" * 10_000, "' OR 1", "turkey qqqqqq"])
def test_what_is_like_nothing_is_like_nothing(index: LabelIndex, typed: str) -> None:
    assert near(index, typed) == []


@given(st.text())
def test_nothing_typed_harms(index: LabelIndex, typed: str) -> None:
    assert len(near(index, typed, limit=3)) <= 3


def test_looking_for_near_names_leaves_the_file_as_it_is(released: kg.Release) -> None:
    before = released.labels.read_bytes()
    index = LabelIndex.open(released.labels)
    assert near(index, "Giorgai Melnoi")[0].iri == f"{released.manifest.base}id/person/giorgia-meloni"
    index.close()
    assert released.labels.read_bytes() == before
    assert [file.name for file in released.labels.parent.glob("labels*")] == [released.labels.name]
