"""What a statement must be to be published."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from kg.publishable import problems

BASE = "https://example.org/kg/"
XSD = "http://www.w3.org/2001/XMLSchema#"


def rules(subject: str = "urn:s", predicate: str = "urn:p", value: ox.Literal | None = None) -> list[str]:
    literal = value if value is not None else ox.Literal("x")
    return [p.rule for p in problems(ox.Quad(ox.NamedNode(subject), ox.NamedNode(predicate), literal), BASE)]


@pytest.mark.parametrize(
    ("datatype", "good", "bad"),
    [
        ("integer", ["5", "-5", "0"], ["", "abc", "1_000", " 5 ", "5.0", "٣"]),
        ("decimal", ["1.5", "5"], ["1E5", "NaN", "1,5"]),
        ("date", ["2026-01-06", "2024-02-29", "12026-01-01", "-0044-03-15"], ["2026-1-6", "2026-02-30", "2026-W01-1"]),
        ("dateTime", ["2026-01-06T12:00:00Z"], ["2026-01-06 12:00:00", "2026-01-06T25:00:00Z"]),
        ("gYear", ["2026"], ["26", "2026-01"]),
        ("gYearMonth", ["2026-01"], ["2026-13"]),
        ("boolean", ["true", "false"], ["TRUE", "yes"]),
        ("duration", ["P1Y"], ["1 year"]),
        ("nosuch", [], ["x"]),
    ],
)
def test_values_of_datatypes(datatype: str, good: list[str], bad: list[str]) -> None:
    kind = ox.NamedNode(XSD + datatype)
    assert [v for v in good if rules(value=ox.Literal(v, datatype=kind))] == []
    assert [v for v in bad if not rules(value=ox.Literal(v, datatype=kind))] == []


@pytest.mark.parametrize(
    ("value", "datatype"),
    [
        ("1.50", "decimal"),
        ("01", "integer"),
        ("1", "int"),
        ("1.0E6", "double"),
        ("1", "boolean"),
        ("P1Y0M", "duration"),
    ],
)
def test_what_the_store_would_rewrite(value: str, datatype: str) -> None:
    quad = ox.Quad(
        ox.NamedNode("urn:s"), ox.NamedNode("urn:p"), ox.Literal(value, datatype=ox.NamedNode(XSD + datatype))
    )
    (problem,) = problems(quad, BASE)
    assert problem.messages["en"].startswith("write ")
    assert problem.messages["de"].endswith("sonst weicht der Dump ab")


def test_text_that_xml_cannot_hold() -> None:
    assert rules(value=ox.Literal("bell \u0007", language="en")) == ["literal"]
    assert rules(value=ox.Literal("tab\t and \u00e9 and \U0001f600")) == []


@pytest.mark.parametrize(
    ("predicate", "good"),
    [("http://a/b#c", True), ("http://a/b/c1", True), ("urn:a:b", True), ("http://a/123", False), ("http://a/", False)],
)
def test_predicates_that_rdf_xml_can_hold(predicate: str, good: bool) -> None:
    assert (rules(predicate=predicate) == []) is good


@pytest.mark.parametrize(
    ("iri", "good"),
    [
        ("id/state/ITA", True),
        ("id/crème", True),
        ("id/cr%C3%A8me", True),
        ("document/x", True),
        ("doc/x", False),
        ("sparql", False),
        ("dumps/latest/data.ttl", False),
        ("static/x", False),
        ("id/a%2Fb", False),
        ("id/%7Ex", False),
    ],
)
def test_iris_that_can_be_asked_for(iri: str, good: bool) -> None:
    assert (rules(subject=BASE + iri) == []) is good
