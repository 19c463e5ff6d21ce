"""IRIs and paths."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kg.terms import document_iri, iri_spellings, local_path, whole

BASE = "https://example.org/kg/"


@pytest.mark.parametrize(
    ("thing", "document"),
    [
        ("id/state/ITA", "doc/state/ITA"),
        ("vocab/area/air", "doc/vocab/area/air"),
        ("id/position/FRA-0001#quantity", "doc/position/FRA-0001"),
        ("dataset", "doc/dataset"),
    ],
)
def test_the_document_of_a_thing(thing: str, document: str) -> None:
    assert document_iri(BASE, BASE + thing) == BASE + document


def test_other_peoples_iris_have_no_path_here() -> None:
    assert local_path(BASE, "https://example.org/other") is None
    assert local_path(BASE, BASE + "ns#holder") == "/ns#holder"
    assert local_path(BASE, BASE + "id/crème") == "/id/cr%C3%A8me"


@given(st.text())
@example("[")
@example("\x85")
@example("\ue000")
@example("\U000f0000")
def test_every_spelling_is_an_iri(path: str) -> None:
    assert [ox.NamedNode(iri) for iri in iri_spellings(BASE, path.replace("#", ""))] or "\ufffd" in path


@given(st.text(alphabet=st.characters(exclude_characters="#?%", exclude_categories=("Cs", "Cc", "Zs"))))
def test_a_path_leads_back_to_its_iri(name: str) -> None:
    assert any(whole(iri).startswith(BASE) for iri in iri_spellings(BASE, f"id/{name}"))
    assert all(c not in iri for iri in iri_spellings(BASE, f"id/{name}") for c in '<>"{}|^`\\ ')
