"""RFC 9110, section 12.5.1, against our own matrix."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.negotiate import DOCUMENT_VARIANTS, GRAPH_VARIANTS, SOLUTION_VARIANTS, choose, parse_accept


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        (None, "html"),
        ("", "html"),
        ("*/*", "html"),
        ("text/turtle", "turtle"),
        ("TEXT/Turtle", "turtle"),
        ("text/turtle;q=0.4, application/ld+json", "jsonld"),
        ("text/turtle;q=0, */*", "html"),
        ("text/html;q=0, text/turtle;q=0, */*", "jsonld"),
        ("application/*", "jsonld"),
        ("text/*;q=0.3, text/turtle;q=0.2, application/rdf+xml;q=0.25", "html"),
        ("text/html;q=0.1, text/turtle;q=0.2", "turtle"),
        ("application/json", "jsonld"),
        ("application/ld+json;q=0, application/json", None),
        ("application/xml", "rdfxml"),
        ("application/pdf", None),
        ("*/*;q=0", None),
        ("text/turtle; charset=utf-8", "turtle"),
        ('application/ld+json;profile="http://www.w3.org/ns/json-ld#expanded"', "jsonld"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "html"),
        ("nonsense", "html"),
        (";;;,,,", "html"),
        ("text/turtle;q=many", "html"),
    ],
)
def test_document(accept: str | None, wanted: str | None) -> None:
    chosen = choose(parse_accept(accept), DOCUMENT_VARIANTS)
    assert (chosen.format if chosen else None) == wanted


def test_defaults_for_queries() -> None:
    assert [v.format for v in (choose(parse_accept("*/*"), s) for s in (SOLUTION_VARIANTS, GRAPH_VARIANTS)) if v] == [
        "json",
        "turtle",
    ]


@given(st.text())
def test_no_header_is_too_strange(header: str) -> None:
    choose(parse_accept(header), DOCUMENT_VARIANTS)


@given(st.dictionaries(st.sampled_from([v.media_type for v in DOCUMENT_VARIANTS]), st.integers(0, 10), min_size=1))
def test_the_highest_quality_wins_and_zero_forbids(qualities: dict[str, int]) -> None:
    header = ", ".join(f"{media_type};q={q / 10}" for media_type, q in qualities.items())
    chosen = choose(parse_accept(header), DOCUMENT_VARIANTS)
    best = max(qualities.values())
    if best == 0:
        assert chosen is None
    else:
        assert chosen is not None
        assert qualities[chosen.media_type] == best
