"""Every rule of the gates finds the fault made for it, alone; what is right passes.

The faults are made one at a time in a copy of ``tests/projects/bakery``, a small project that passes every gate.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

import kg
from kg.errors import NoRelease
from kg.findings import Finding
from kg.gates import GATES, Outcome, run, strict
from kg.gates.change import former_release
from kg.gates.syntax import syntax
from kg.gates.workpiece import Workpiece
from kg.graph import KnowledgeGraph, read_graph
from kg.project import open_project
from kg.tables.transfer import plan_import, write_import
from tests.conftest import ROOT, THESAURUS, copy_project, run_kg, sampled

BAKERY = THESAURUS.with_name("bakery")
JAVA, SERVED = ("G2", "G3"), ("G7",)
QUICK = ("G1", "G4", "G5", "G6", "G8", "G12", "G14")

ONTOLOGY, LOAVES, DATASET = "ontology/bakery.ttl", "data/breads/loaves.ttl", "data/dataset.ttl"
TERM = 'rdfs:label "{0}"@en , "{0}x"@de ; skos:definition "Made for a test."@en , "Zur Probe."@de .\n'

# rule, file, what is replaced there (nothing: what follows is appended), by what
FAULTS = [
    ("G4 P04", ONTOLOGY, "", "b:Oven a owl:Class ; owl:disjointWith b:Loaf ; " + TERM.format("oven")),
    ("G4 P05", ONTOLOGY, "rdfs:domain b:Baker ;\n    rdfs:range b:Loaf", "rdfs:domain b:Baker ;\n    rdfs:range b:Baker"),
    ("G4 P06", ONTOLOGY, "b:Loaf a owl:Class ;", "b:Loaf a owl:Class ; rdfs:subClassOf b:Roll ;"),
    ("G4 P06", "ontology/schemes/grain.ttl", "grain:cereal a skos:Concept ;", "grain:cereal a skos:Concept ; skos:broader grain:rye ;"),
    ("G4 P08", ONTOLOGY, 'rdfs:label "weight in grams"@en , "Gewicht in Gramm"@de ;', ""),
    ("G4 P08", ONTOLOGY, 'skos:definition "As put on the scales when cold."@en , "Kalt gewogen."@de ;', ""),
    ("G4 P10", ONTOLOGY, "owl:disjointWith b:Loaf ;", ""),
    ("G4 P11-domain", ONTOLOGY, "rdfs:domain b:Loaf ;\n    rdfs:range xsd:integer ;", "rdfs:range xsd:integer ;"),
    ("G4 P11-range", ONTOLOGY, "rdfs:range xsd:integer ;", ""),
    ("G4 P13", ONTOLOGY, "owl:inverseOf b:baked ;", ""),
    ("G4 P19", ONTOLOGY, "rdfs:range skos:Concept ;", "rdfs:range skos:Concept , skos:ConceptScheme ;"),
    ("G4 P22", ONTOLOGY, "", "b:small_roll a owl:Class ; rdfs:subClassOf b:Roll ; " + TERM.format("small")),
    ("G4 P22", ONTOLOGY, "", "b:Price a owl:DatatypeProperty ; rdfs:domain b:Loaf ; rdfs:range xsd:decimal ; " + TERM.format("price")),
    ("G4 P24", ONTOLOGY, "owl:intersectionOf ( b:Loaf", "owl:intersectionOf ( b:RyeLoaf"),
    ("G4 P25", ONTOLOGY, "", "b:colleagueOf owl:inverseOf b:colleagueOf ."),
    ("G4 P26", ONTOLOGY, "", "b:colleagueOf owl:inverseOf b:mate . b:mate a owl:ObjectProperty ; rdfs:domain b:Baker ; rdfs:range b:Baker ; " + TERM.format("mate")),
    ("G4 P32", ONTOLOGY, '"roll"@en', '"loaf"@en'),
    ("G4 P32", "ontology/schemes/grain.ttl", '"rye"@en', '"cereal"@en'),
    ("G4 P33", ONTOLOGY, "( b:baked b:bakedBy )", "( b:baked )"),
    ("G4 P34", ONTOLOGY, "rdfs:range b:Baker ;\n    rdfs:label \"colleague", "rdfs:range b:Bakr ;\n    rdfs:label \"colleague"),
    ("G4 P34", LOAVES, "a b:Roll", "a b:Rol"),
    ("G4 P35", ONTOLOGY, "owl:onProperty b:grain", "owl:onProperty b:grains"),
    ("G4 P35", LOAVES, "b:weight", "b:wieght"),
    ("G4 P36", ONTOLOGY, "<ns>", "<ns.owl>"),
    ("G4 P38", ONTOLOGY, "<ns> a owl:Ontology", "<ns> a skos:ConceptScheme"),
    ("G4 P39", ONTOLOGY, '"https://data.example.org/bakery/ns#"', '"https://data.example.org/bakery/terms#"'),
    ("G4 P41", ONTOLOGY, "dcterms:license <https://creativecommons.org/publicdomain/zero/1.0/> ;", ""),
    ("G5 blanks", LOAVES, '"rye loaf"', '"rye  loaf"'),
    ("G5 blanks", LOAVES, '"rye loaf"', '"rye loaf "'),
    ("G5 characters", LOAVES, '"rye loaf"', '"rye\u00adloaf"'),
    ("G5 characters", LOAVES, '"Brötchen"', '"Bro\u0308tchen"'),
    ("G5 long", LOAVES, "<id/loaf/roll>", f"<id/loaf/{'roll-' * 50}x>"),
    ("G5 iri", LOAVES, "<id/loaf/roll>", "<id/loaf//roll>"),
    ("G5 circular", ONTOLOGY, '"Small enough for one person."', '"A roll."'),
    ("G5 punning", ONTOLOGY, "b:Roll a owl:Class", "b:Roll a owl:Class , skos:ConceptScheme"),
    ("G5 punning", ONTOLOGY, "b:grain a owl:ObjectProperty", "b:grain a owl:ObjectProperty , owl:DatatypeProperty"),
    ("G5 untyped", LOAVES, "<id/baker/ada> a b:Baker ;", "<id/baker/ada>"),
    ("G5 dangling", LOAVES, "b:bakedBy <id/baker/ada> ;", "b:bakedBy <id/baker/adda> ;"),
    ("G5 deprecated", ONTOLOGY, "b:Roll a owl:Class ;", "b:Roll a owl:Class ; owl:deprecated true ;"),
    ("G6 label", ONTOLOGY, '"roll"@en , "Brötchen"@de', '"roll"@en'),
    ("G6 label", ONTOLOGY, '"roll"@en , "Brötchen"@de', '"roll"@en , "bun"@en , "Brötchen"@de'),
    ("G6 label", "ontology/schemes/grain.ttl", 'skos:prefLabel "rye"@en , "Roggen"@de ;', ""),
    ("G6 definition", "ontology/schemes/grain.ttl", '"Hardy and dark."@en , ', ""),
    ("G6 message", "shapes/loaves.ttl", ' , "Angeben, wer das Brot gebacken hat."@de', ""),
    ("G6 message", "shapes/loaves.ttl", "sh:targetClass b:Loaf ;", "sh:targetClass b:Loaf ; sh:closed true ;"),
    ("G6 question", "ontology/questions/loaves.rq", "# de: Welche Brote gibt es?\n", ""),
    ("G8 unknown", ONTOLOGY, "foaf:Agent", "foaf:Agnet"),
    ("G8 unknown", DATASET, "dcterms:language", "dcterms:langauge"),
    ("G8 namespace", ONTOLOGY, "<http://xmlns.com/foaf/0.1/>", "<https://xmlns.com/foaf/0.1/>"),
    ("G8 unlisted", ONTOLOGY, "<http://xmlns.com/foaf/0.1/>", "<https://agents.example.org/#>"),
    ("G8 foreign", ONTOLOGY, "foaf:Agent a owl:Class .", "foaf:Agent a owl:Class ; skos:definition \"Mine.\"@en ."),
    ("G12 missing", DATASET, "dcat:contactPoint <dataset#bakers> ;", ""),
    ("G12 missing", DATASET, ' , "Brote und wer sie gebacken hat."@de', ""),
    ("G12 wrong", DATASET, "void:exampleResource <id/loaf/rye>", "void:exampleResource <id/loaf/wheat>"),
    ("G12 wrong", DATASET, "void:exampleResource", "void:triples 3 ; void:exampleResource"),
]  # fmt: skip
OWL_FAULTS = [
    ("G2 profile", ONTOLOGY, "rdfs:range xsd:integer", "rdfs:range xsd:date"),
    ("G3 clash", LOAVES, "<id/baker/ada> a b:Baker", "<id/baker/ada> a b:Baker , b:Roll"),
    ("G3 unsatisfiable", ONTOLOGY, "", "b:Golem a owl:Class ; rdfs:subClassOf b:Baker , b:Loaf ."),
]
SERVED_FAULTS = [
    ("G7 OM1", ONTOLOGY, "dcterms:creator <dataset#bakers> ;", ""),
    ("G7 OM2", ONTOLOGY, 'dcterms:bibliographicCitation "Example bakers: Bakery ontology, 2026."@en ;', ""),
    ("G7 OM3", ONTOLOGY, "dcterms:issued", "dcterms:modified"),
    ("G7 VER1", ONTOLOGY, "owl:versionIRI <ns/1.2.0> ;", ""),
    ("G7 VER2", ONTOLOGY, "owl:versionIRI <ns/1.2.0> ;", "owl:versionIRI <https://elsewhere.example.org/ns> ;"),
]


@pytest.fixture
def bakery(tmp_path: Path) -> Path:
    """A copy of the bakery, to be changed at will."""
    return copy_project(BAKERY, tmp_path / "bakery")


def change(project: Path, file: str, old: str, new: str) -> None:
    path = project / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new) if old else f"{text}\n{new}\n", encoding="utf-8")


def graph_of(project: Path) -> KnowledgeGraph:
    graph = read_graph(open_project(project))
    assert not graph.problems
    return graph


def asked(project: Path, names: Iterable[str] = QUICK, former: kg.Release | None = None) -> list[Outcome]:
    return run(graph_of(project), former=former, gates=[gate for gate in GATES if gate.name in names])


def found(outcomes: Iterable[Outcome]) -> list[Finding]:
    return [f for outcome in outcomes for f in outcome.findings if not f.waived]


def demand_java(outcomes: Iterable[Outcome]) -> None:
    if any(f.rule.endswith("skipped") for f in found(outcomes)):
        assert not os.environ.get("CI"), "gates G2 and G3 are never skipped in continuous integration"
        pytest.skip("no Java, or no jars")


@pytest.mark.parametrize("project", [BAKERY, THESAURUS], ids=lambda p: p.name)
def test_what_is_right_passes_every_gate(project: Path, tmp_path: Path) -> None:
    project = copy_project(project, tmp_path / "project")
    outcomes = asked(project, [gate.name for gate in GATES])
    findings = [f for f in found(outcomes) if not f.rule.endswith("skipped")]
    assert findings == []
    graph = graph_of(project)
    report = strict(graph, kg.check(graph.project), outcomes)
    assert report.spotless
    assert report.waived > 0
    demand_java(outcomes)


@pytest.mark.parametrize(("rule", "file", "old", "new"), sampled(FAULTS, 18, seed=9))
def test_a_fault_is_found_by_its_rule_alone(bakery: Path, rule: str, file: str, old: str, new: str) -> None:
    change(bakery, file, old, new)
    findings = found(asked(bakery))
    assert {f.rule for f in findings} == {rule}
    # What a blank node mentions has no line of its own; a deprecated term is found where it is used.
    assert {f.file for f in findings} <= {file, ""} or rule == "G5 deprecated"
    assert all({"en", "de"} <= set(f.messages) for f in findings)


@pytest.mark.parametrize(("rule", "file", "old", "new"), SERVED_FAULTS)
def test_a_fault_in_what_is_served_is_found(bakery: Path, rule: str, file: str, old: str, new: str) -> None:
    change(bakery, file, old, new)
    assert [f.rule for f in found(asked(bakery, SERVED))] == [rule]


@pytest.mark.parametrize(("rule", "file", "old", "new"), OWL_FAULTS)
def test_a_fault_of_logic_is_found(bakery: Path, rule: str, file: str, old: str, new: str) -> None:
    change(bakery, file, old, new)
    outcomes = asked(bakery, JAVA)
    if rule != "G3 clash":
        demand_java(outcomes)
    rules = {f.rule for f in found(outcomes)} - {"G2 skipped", "G3 skipped"}
    assert rule in rules
    # Both reasoners see a contradiction in the data; one in the ontology alone shows in the data, too.
    assert rules <= {rule, "G3 inconsistent", "G3 clash"}


def test_every_rule_has_a_fault() -> None:
    rules = {rule for rule, *_ in FAULTS}
    assert rules >= {f"G4 {file.stem}" for file in (ROOT / "src/kg/gates/pitfalls").glob("*.rq")}


def test_a_parser_that_reads_something_else_is_found(bakery: Path, tmp_path: Path) -> None:
    graph = graph_of(bakery)
    for at in range(len(graph.files)):
        lossy = replace(graph.files[at], quads=graph.files[at].quads[:-1])
        files = (*graph.files[:at], lossy, *graph.files[at + 1 :])
        findings = list(syntax(Workpiece(replace(graph, files=files), tmp_path)))
        assert [(f.rule, f.file) for f in findings] == [("G1 parsers", lossy.path.relative_to(bakery).as_posix())]


def test_a_generated_file_that_was_edited_is_found(bakery: Path, tmp_path: Path) -> None:
    text = (bakery / LOAVES).read_text(encoding="utf-8").replace("1500", "1400")
    rewritten = {Path(LOAVES): text, Path("data/breads/gone.ttl"): None}
    findings = list(syntax(Workpiece(graph_of(bakery), tmp_path), lambda _: rewritten))
    assert [(f.rule, f.file, f.line) for f in findings] == [
        ("G1 canonical", "data/breads/gone.ttl", 0),
        ("G1 canonical", LOAVES, 11),
    ]


def test_a_file_made_from_tables_and_edited_is_found(tmp_path: Path) -> None:
    ledger = copy_project(BAKERY.with_name("ledger"), tmp_path / "ledger")
    assert found(asked(ledger, ["G1"])) == []
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables/loans.csv").write_text("id,name,kinds,worth,lent,after\na,A drill,tool,,,\n")
    write_import(ledger, plan_import(graph_of(ledger), tmp_path / "tables"))
    assert found(asked(ledger, ["G1"])) == []
    change(ledger, "data/loans/loans.ttl", "A drill", "A  drill")
    assert found(asked(ledger, ["G1"])) == []
    change(ledger, "data/loans/loans.ttl", " ;\n", "  ;\n")
    assert [(f.rule, f.file) for f in found(asked(ledger, ["G1"]))] == [("G1 canonical", "data/loans/loans.ttl")]


# --- waivers and own checks ---


def strictly(project: Path) -> kg.CheckReport:
    graph = graph_of(project)
    return strict(graph, kg.check(graph.project), asked(project))


def test_a_warning_of_a_shape_can_be_waived(bakery: Path) -> None:
    change(bakery, LOAVES, "1500", "0")
    (bakery / "ontology/checks/light.rq").unlink()
    report = strictly(bakery)
    assert [f.rule for f in report.findings if not f.waived] == ["https://data.example.org/bakery/shapes#Loaf-weight"]
    assert not report.spotless
    assert report.conforms
    change(
        bakery, "shapes/waivers.ttl", 'display:rule "G4 P13" ;',
        'display:rule "G4 P13" , rule:Loaf-weight ; display:focus <https://data.example.org/bakery/id/loaf/rye> ;',
    )  # fmt: skip
    report = strictly(bakery)
    waived = [f for f in report.findings if f.waived]
    assert len(waived) == 2
    assert waived[0].waived.startswith("2026-01-31, Example bakers: ")
    # Every rule of a waiver is held against every focus: two of the four pairs are of no use.
    assert [f.rule for f in report.findings if not f.waived] == ["waiver", "waiver"]


def test_a_waiver_for_an_ontology_covers_its_terms_and_no_violation(bakery: Path) -> None:
    change(bakery, "shapes/waivers.ttl", "display:focus b:grain", "display:focus <https://data.example.org/bakery/ns>")
    change(bakery, ONTOLOGY, "owl:inverseOf b:baked ;", "")
    assert strictly(bakery).spotless
    change(bakery, "shapes/waivers.ttl", '"G4 P13"', '"G4 P13" , "G4 P19"')
    change(bakery, ONTOLOGY, "rdfs:range skos:Concept ;", "rdfs:range skos:Concept , skos:ConceptScheme ;")
    assert {f.rule for f in strictly(bakery).findings if not f.waived} == {"G4 P19", "waiver"}


def test_a_waiver_that_waives_nothing_is_found(bakery: Path) -> None:
    change(bakery, "shapes/waivers.ttl", "display:focus b:grain", "display:focus b:grain , b:bakedBy")
    assert kg.check(open_project(bakery)).spotless
    assert [(f.severity, f.rule) for f in strictly(bakery).findings if not f.waived] == [("warning", "waiver")]


@pytest.mark.parametrize("lacking", ["dcterms:creator", "dcterms:date", "dcterms:description"])
def test_a_waiver_without_author_day_or_reason_is_found(bakery: Path, lacking: str) -> None:
    change(bakery, "shapes/waivers.ttl", lacking, "dcterms:subject")
    findings = kg.check(open_project(bakery)).findings
    assert [(f.severity, f.rule) for f in findings] == [("violation", "waiver")]
    assert lacking in findings[0].message()


def test_own_checks_are_part_of_the_plain_check(bakery: Path) -> None:
    change(bakery, LOAVES, "1500", "300")
    (finding,) = kg.check(open_project(bakery)).findings
    assert (finding.severity, finding.rule, finding.file, finding.line) == ("warning", "check light", LOAVES, 7)
    assert finding.message() == "loaf:rye weighs only 300 g; no loaf is lighter than 500 g"
    assert finding.message("de").startswith("loaf:rye wiegt nur 300 g")
    assert finding.path == "<https://data.example.org/bakery/ns#weight>"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("SELECT ?focus WHERE { ?focus ?p }", "unexpected '}'"),
        ("# severity: grave\nSELECT ?focus WHERE { ?focus ?p ?o }", "severity 'grave' is none of"),
        ("ASK { ?s ?p ?o }", "a SELECT query is wanted, not ASK"),
        ("SELECT ?focus WHERE { SERVICE <http://a.example> { ?focus ?p ?o } }", "SERVICE is not answered here"),
    ],
)
def test_an_own_check_that_cannot_be_run_is_found(bakery: Path, text: str, message: str) -> None:
    (bakery / "ontology/checks/bad.rq").write_text(text)
    (finding,) = kg.check(open_project(bakery)).findings
    assert (finding.severity, finding.rule, finding.file) == ("violation", "check", "ontology/checks/bad.rq")
    assert message in finding.message()


# --- changes since a former release ---

NEW_CLASS = "b:Bun a owl:Class ; rdfs:subClassOf b:Roll ; " + TERM.format("bun")


def version(project: Path, number: str) -> None:
    for file in (DATASET, ONTOLOGY):
        change(project, file, '"1.2.0"', f'"{number}"')


def without_weight(project: Path) -> None:
    path = project / ONTOLOGY
    text = path.read_text(encoding="utf-8")
    begin = text.index("b:weight a")
    path.write_text(text[:begin] + text[text.index("# Terms of other") :], encoding="utf-8")
    change(project, LOAVES, "b:grain <vocab/grain/rye> ;\n    b:weight 1500 .", "b:grain <vocab/grain/rye> .")


@pytest.mark.parametrize(
    ("number", "rules"), [("1.2.0", ["G14 version"] * 2), ("1.2.1", ["G14 version"] * 2), ("1.3.0", []), ("2.0.0", [])]
)
def test_a_new_term_asks_for_a_minor_version(bakery: Path, number: str, rules: list[str]) -> None:
    former = kg.build(open_project(bakery))
    change(bakery, ONTOLOGY, "", NEW_CLASS)
    version(bakery, number)
    findings = found(asked(bakery, ["G14"], former))
    assert [f.rule for f in findings] == rules
    assert all("at least 1.3.0" in f.message() for f in findings)


@pytest.mark.parametrize(("number", "rules"), [("1.3.0", ["G14 version"] * 2), ("2.0.0", [])])
def test_a_narrowed_term_asks_for_a_major_version(bakery: Path, number: str, rules: list[str]) -> None:
    change(bakery, ONTOLOGY, "rdfs:range xsd:integer ;", "# no range")
    former = kg.build(open_project(bakery))
    change(bakery, ONTOLOGY, "# no range", "rdfs:range xsd:integer ;")
    version(bakery, number)
    findings = found(asked(bakery, ["G14"], former))
    assert [f.rule for f in findings] == rules
    assert all("narrowed by its range" in f.message() and "at least 2.0.0" in f.message() for f in findings)


def test_a_term_is_deprecated_before_it_is_removed(bakery: Path) -> None:
    former = kg.build(open_project(bakery))
    deprecated = copy_project(bakery, bakery.with_name("deprecated"))
    without_weight(bakery)
    assert {f.rule for f in found(asked(bakery, ["G14"], former))} == {"G14 removed", "G14 version"}
    version(bakery, "2.0.0")
    assert [f.rule for f in found(asked(bakery, ["G14"], former))] == ["G14 removed"]
    change(deprecated, ONTOLOGY, "b:weight a owl:DatatypeProperty ;", "b:weight a owl:DatatypeProperty ; owl:deprecated true ;")  # fmt: skip
    assert found(asked(bakery, ["G14"], kg.build(open_project(deprecated)))) == []


def test_before_version_one_a_minor_step_is_enough(bakery: Path) -> None:
    version(bakery, "0.4.0")
    former = kg.build(open_project(bakery))
    without_weight(bakery)
    findings = found(asked(bakery, ["G14"], former))
    assert {f.rule for f in findings} == {"G14 version"}
    assert all("at least 0.5.0" in f.message() for f in findings)


def test_which_release_is_compared_with(bakery: Path) -> None:
    releases = bakery / "releases"
    assert former_release(open_project(bakery), releases) is None
    built = kg.build(open_project(bakery))
    assert former_release(open_project(bakery), releases) is None
    version(bakery, "1.3.0")
    for since in (None, "1.2.0", built.manifest.name, str(built.path)):
        former = former_release(open_project(bakery), releases, since)
        assert former is not None
        assert former.path.resolve() == built.path.resolve()
    with pytest.raises(NoRelease):
        former_release(open_project(bakery), releases, "7.0.0")


# --- the command, and the real graph ---


def test_the_command_asks_the_gates(bakery: Path) -> None:
    done = run_kg("check", "--strict", "--project", bakery)
    assert (done.returncode, done.stdout.splitlines()[-1].partition(": ")[2]) in (
        (0, "1 waived"),
        (0, "2 infos, 1 waived"),
    )
    assert [line.split()[0] for line in done.stderr.splitlines()] == [gate.name for gate in GATES]
    change(bakery, ONTOLOGY, "owl:inverseOf b:baked ;", "")
    assert run_kg("check", "--project", bakery).returncode == 0
    done = run_kg("check", "--strict", "--all", "--language", "de", "--project", bakery)
    assert done.returncode == 1
    assert "ontology/bakery.ttl:55: warning: b:bakedBy" in done.stdout
    assert "diese Beziehung hat keine Umkehrung" in done.stdout
    assert "waived: 2026-01-31, Example bakers" in done.stdout
    done = run_kg("check", "--since", "1.0", "--project", bakery)
    assert (done.returncode, done.stdout) == (2, "")
    assert "--since needs --strict" in done.stderr


def test_the_real_graph_passes_every_gate() -> None:
    outcomes = asked(ROOT, (*QUICK, *JAVA, *SERVED))
    assert [f for f in found(outcomes) if f.severity != "info"] == []
    demand_java(outcomes)
