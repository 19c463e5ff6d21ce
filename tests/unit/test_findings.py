"""How findings are told."""

from __future__ import annotations

import json

import pyoxigraph as ox

from kg.findings import Finding, as_json, as_shacl, as_text, compact, report

BASE = "https://example.org/"
PREFIXES = {"plg": "https://example.org/ns#"}


def finding(number: int, rule: str = "https://example.org/shapes#R1", severity: str = "violation") -> Finding:
    return Finding(
        severity,
        rule,
        {"en": "Give it a name.", "de": "Einen Namen geben."},
        file="data/a.ttl",
        line=number,
        focus=f"https://example.org/id/x{number}",
        path="<https://example.org/ns#name>",
        value='"<script>"@en',
    )


def test_one_finding_says_where_what_and_how_to_mend() -> None:
    lines = list(as_text(report([finding(7)], 1, 1), BASE, PREFIXES))
    assert lines[:4] == [
        "data/a.ttl:7: violation: id/x7 plg:name",
        "    Give it a name.",
        '    value: "<script>"@en',
        "    rule:  shapes#R1",
    ]
    assert "    Einen Namen geben." in list(as_text(report([finding(7)], 1, 1), BASE, PREFIXES, "de"))


def test_two_thousand_findings_stay_readable() -> None:
    found = [finding(n, f"https://example.org/shapes#R{n % 5}") for n in range(2000)]
    lines = list(as_text(report(found, 1, 1), BASE, PREFIXES))
    assert len(lines) < 100
    assert "    ... and 397 more of shapes#R0 in data/a.ttl (--all shows them)" in lines
    assert "    400  violation  shapes#R0" in lines
    assert lines[-1] == "1 file, 1 triples checked: 2,000 violations"
    assert len(list(as_text(report(found, 1, 1), BASE, PREFIXES, every=True))) > 8000


def test_only_violations_stand_in_the_way() -> None:
    assert report([finding(1, severity="warning"), finding(2, severity="info")], 1, 1).conforms
    assert not report([finding(1)], 1, 1).conforms


def test_json_holds_every_finding() -> None:
    told = json.loads(as_json(report([finding(n) for n in range(2000)], 3, 4)))
    assert told["counts"] == {"violation": 2000, "warning": 0, "info": 0}
    assert len(told["findings"]) == 2000
    assert told["findings"][0]["messages"]["de"] == "Einen Namen geben."


def test_turtle_is_a_shacl_report() -> None:
    store = ox.Store()
    store.extend(ox.Quad(t.subject, t.predicate, t.object) for t in as_shacl(report([finding(7)], 1, 1)))
    assert store.query(
        """PREFIX sh: <http://www.w3.org/ns/shacl#>
        ASK { ?r a sh:ValidationReport ; sh:conforms false ; sh:result [
            sh:focusNode <https://example.org/id/x7> ; sh:resultPath <https://example.org/ns#name> ;
            sh:value "<script>"@en ; sh:resultSeverity sh:Violation ;
            sh:resultMessage "Give it a name."@en, "Einen Namen geben."@de ] }"""
    )


def test_compact() -> None:
    assert compact("https://example.org/ns#name", BASE, PREFIXES) == "plg:name"
    assert compact("^<https://example.org/ns#name>", BASE, PREFIXES) == "^plg:name"
    assert compact("https://example.org/id/a", BASE, PREFIXES) == "id/a"
    assert compact("https://elsewhere.org/a", BASE, PREFIXES) == "https://elsewhere.org/a"
