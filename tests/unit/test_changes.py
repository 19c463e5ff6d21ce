"""What changed, from the smallest graphs: things and kinds, words in two languages, patch, ChangeSet, Atom."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import Dataset, Graph, URIRef

from kg.changes.atom import Feed, FeedEntry, write_feed
from kg.changes.changeset import CHANGESET, write_changeset
from kg.changes.comparison import Comparison
from kg.changes.patch import read_patch, state_id, write_patch
from kg.changes.state import Facts, State
from kg.changes.stream import write
from kg.changes.telling import Teller
from kg.changes.words import paragraphs, told_entries, words
from kg.errors import KgError
from kg.release.canonical import canonical
from kg.release.difference import Lines, difference
from kg.terms import LABEL_PROPERTIES
from tests.conftest import trials
from tests.release.test_difference import datasets

BASE = "https://example.org/"
HEAD = """@base <https://example.org/> . @prefix : <https://example.org/ns#> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix dcterms: <http://purl.org/dc/terms/> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix display: <https://w3id.org/pledge-graph-display#> .
"""
ONTOLOGY = """
<ns> a owl:Ontology . :Loan a owl:Class ; rdfs:label "Loan"@en , "Leihe"@de . :Book a owl:Class ; rdfs:label "Book"@en .
:LateLoan rdfs:subClassOf :Loan ; rdfs:label "Late loan"@en , "Überzogene Leihe"@de .
:reader rdfs:label "reader"@en , "Leserin"@de . :of rdfs:label "of"@en . :until rdfs:label "until"@en , "bis"@de .
<id/ada> rdfs:label "Ada"@en . <id/odyssey> a :Book ; rdfs:label "Odyssey"@en , "Odyssee"@de .
"""
DISPLAY = """
<c1> sh:targetClass :Loan ; sh:order 1 ; display:headline ( :reader :of ) ; display:summary ( :until ) .
<p1> sh:path :renews ; display:supersedes true . <p2> sh:path :secret ; display:hidden true .
<p3> sh:path :until ; sh:order 1 . <p4> sh:path :note ; sh:order 2 .
"""


def state(
    data: str | Iterable[ox.Quad],
    inferred: str = "",
    display: str = DISPLAY,
    name: str = "x",
    *,
    asserted: bool = False,
) -> State:
    """A state of some Turtle."""

    def quads(text: str, graph: str) -> list[ox.Quad]:
        parsed = ox.parse(HEAD + text, ox.RdfFormat.TURTLE, rename_blank_nodes=True)
        return [ox.Quad(q.subject, q.predicate, q.object, ox.NamedNode(f"{BASE}graph/{graph}")) for q in parsed]

    given = quads(data, "data") + quads(inferred, "inferred") if isinstance(data, str) else list(data)
    whole = canonical(given)
    described = tuple(q.triple for q in ox.parse(HEAD + display, ox.RdfFormat.TURTLE))
    facts = Facts(
        name, whole.digest(), "2026-01-02", BASE, f"{BASE}dataset", {"en": "Loans"}, {"ex": f"{BASE}ns#"},
        LABEL_PROPERTIES, ("en", "de"), described,
    )  # fmt: skip
    return State(facts, Lines(b"".join(whole.lines)), asserted=asserted)


def told(before: str, after: str, language: str = "en", *, every: bool = False) -> list[str]:
    """What is said of two states, without the counts."""
    comparison = Comparison(state(ONTOLOGY + before), state(ONTOLOGY + after))
    lines = list(words(comparison, language, every=every))
    return [line for line in lines[lines.index("") + 1 :] if line] if "" in lines else []


LOAN = "<id/loan/1> a :Loan ; :reader <id/ada> ; :of <id/odyssey> ; :until '2026-02-01' ."


def test_a_new_thing_is_told_in_one_line_by_its_headline_and_summary() -> None:
    assert told("", LOAN) == ["Loan", "────", "Ada, Odyssey: new loan; until 2026-02-01"]
    assert told("", LOAN, "de") == ["Leihe", "─────", "Ada, Odyssee: neu: Leihe; bis 2026-02-01"]


def test_what_is_gone_is_told_by_the_name_that_it_had() -> None:
    assert told(LOAN, "")[-1] == "Ada, Odyssey: loan withdrawn; until 2026-02-01"
    assert told(LOAN, "", "de")[-1] == "Ada, Odyssee: Leihe zurückgezogen; bis 2026-02-01"


def test_single_values_change_several_come_and_go() -> None:
    before = LOAN + "<id/loan/1> :note 'a' , 'b' ; :place 'Rome' ."
    after = LOAN.replace("02-01", "03-01") + "<id/loan/1> :note 'b' , 'c' ; :place 'Bari' ."
    assert told(before, after)[3:] == [
        "  until: 2026-02-01 → 2026-03-01",
        "  - note: a",
        "  + note: c",
        "  place: Rome → Bari",
    ]


def test_texts_are_compared_in_their_language() -> None:
    before, after = "<id/x> :note 'one'@en , 'eins'@de .", "<id/x> :note 'two'@en , 'eins'@de ."
    assert told(before, after)[-1] == "  note: one (en) → two (en)"


def test_parts_are_told_under_their_whole() -> None:
    whole = "<id/x> rdfs:label 'X' ; :part <id/x#first-part> . <id/x#first-part> a :Book ; :note 'a' ."
    assert told(whole, whole.replace("'a'", "'b'"))[2:] == ["X: thing changed", "  first part, note: a → b"]
    more = whole + "<id/x> :part <id/x#other> . <id/x#other> a :Book ; rdfs:label 'Second'@en ; :note 'c' ."
    assert told(whole, more)[3:] == ["  + part: Second", "  + book: Second"]
    assert "  + Second, note: c" in told(whole, more, every=True)


def test_terms_of_an_ontology_stand_for_themselves() -> None:
    comparison = Comparison(state(ONTOLOGY), state(ONTOLOGY + ":Loan rdfs:comment 'more' ."))
    assert [(e.thing, e.kind) for e in comparison.entries] == [(f"{BASE}ns#Loan", "changed")]
    assert list(comparison.wholes) == [f"{BASE}ns"]


def test_what_supersedes_is_told_of_what_it_supersedes() -> None:
    after = LOAN + "<id/loan/2> a :Loan ; :reader <id/ada> ; :of <id/odyssey> ; :renews <id/loan/1> ."
    assert told(LOAN, after)[2:] == [
        "Ada, Odyssey: new loan",
        "Ada, Odyssey: loan superseded; until 2026-02-01",
        "  superseded by Ada, Odyssey",
    ]
    assert "  abgelöst durch Ada, Odyssee" in told(LOAN, after, "de")


def test_retired_and_merged_things_are_called_so() -> None:
    before = "<id/x> rdfs:label 'X' . <id/y> rdfs:label 'Y' ."
    assert told(before, before + "<id/x> owl:deprecated true .")[-1] == "X: thing retired"
    merged = before + "<id/x> owl:deprecated true ; dcterms:isReplacedBy <id/y> ."
    assert told(before, merged)[-1] == "X: thing merged into Y"
    assert told(before, merged, "de")[-1] == "X: Ding aufgegangen in Y"
    assert told(before, before + "<id/x> owl:deprecated false .")[2] == "X: thing changed"


def test_hidden_properties_are_not_told() -> None:
    assert told(LOAN, LOAN + "<id/loan/1> :secret 's' .")[2:] == ["Ada, Odyssey: loan changed; until 2026-02-01"]


def test_conclusions_are_told_only_on_demand() -> None:
    late = "<id/loan/1> a :LateLoan ."
    comparison = Comparison(state(ONTOLOGY + LOAN), state(ONTOLOGY + LOAN, late))
    assert told_entries(comparison, every=False) == []
    assert list(words(comparison, "en")) == ["different in conclusions only: 1"]
    lines = list(words(comparison, "en", every=True))
    assert lines[-2:] == ["Ada, Odyssey: loan (late loan) changed; until 2026-02-01", "  + class: Late loan"]
    new = Comparison(state(ONTOLOGY), state(ONTOLOGY + LOAN, late))
    assert list(words(new, "de"))[-1] == "Ada, Odyssee: neu: Leihe (Überzogene Leihe); bis 2026-02-01"


def test_a_statement_that_becomes_a_conclusion_is_no_change() -> None:
    comparison = Comparison(state(LOAN + "<id/loan/1> a :LateLoan ."), state(LOAN, "<id/loan/1> a :LateLoan ."))
    assert comparison.difference
    assert comparison.entries == ()
    without = Comparison(
        state(LOAN + "<id/loan/1> a :LateLoan .", asserted=True),
        state(LOAN, "<id/loan/1> a :LateLoan .", asserted=True),
    )
    assert [e.kind for e in without.entries] == ["changed"]


def test_important_classes_come_first_then_large_ones() -> None:
    books = "".join(f"<id/b{n}> a :Book ." for n in range(3))
    comparison = Comparison(state(ONTOLOGY), state(ONTOLOGY + LOAN + books + "<id/loose> :note 'x' ."))
    assert list(dict.fromkeys(e.group.removeprefix(f"{BASE}ns#") for e in comparison.entries)) == ["Loan", "Book", ""]
    assert list(words(comparison, "en"))[:3] == ["Loan          1 new", "Book          3 new", "other things  1 new"]


def test_lines_fit_the_terminal() -> None:
    comparison = Comparison(state(ONTOLOGY), state(ONTOLOGY + LOAN.replace("2026-02-01", "word " * 80)))
    assert max(map(len, words(comparison, "en", 60))) <= 60


LIST = "<id/x> :members ( 'a' [ :note 'b' ] ) . <id/y> :note [ :note 'c' ] . [] :note 'd' . [] :note 'e' ."


def test_blank_nodes_keep_their_names_whatever_changes_elsewhere() -> None:
    before, after = state(LIST), state(LIST.replace("'c'", "'changed'"))
    same = {t for t in before.triples if b"genid" in t} & {t for t in after.triples if b"genid" in t}
    assert len(same) == len([t for t in before.triples if b"genid" in t]) - 2
    comparison = Comparison(before, after)
    assert [(e.thing, e.kind) for e in comparison.entries] == [(f"{BASE}id/y", "changed")]
    assert (
        told(LIST, LIST.replace("'c'", "'z'"))[-1]
        == "  note: a description without a name → a description without a name"
    )


def test_twins_without_names_are_two() -> None:
    twins = state("<id/x> :note [ :note 'b' ] , [ :note 'b' ] .")
    assert len(list(twins.triples)) == 4


@given(datasets, datasets)
@settings(max_examples=trials(100, 1000), deadline=None)
def test_names_for_blank_nodes_lose_and_add_nothing(one: list[ox.Quad], other: list[ox.Quad]) -> None:
    for dataset in (one, other):
        named = list(state(dataset).triples)
        graph = canonical(ox.Quad(q.subject, q.predicate, q.object, ox.NamedNode("urn:g")) for q in dataset)
        back: list[ox.Quad] = []
        lead = f"{BASE}.well-known/genid/"
        for q in ox.parse(b"".join(t + b" .\n" for t in named), ox.RdfFormat.N_TRIPLES):
            s, o = (
                ox.BlankNode(t.value.removeprefix(lead))
                if isinstance(t, ox.NamedNode) and t.value.startswith(lead)
                else t
                for t in (q.subject, q.object)
            )
            back.append(ox.Quad(s, q.predicate, o, ox.NamedNode("urn:g")))
        assert canonical(back).lines == graph.lines
        assert named == sorted(set(named))


@given(datasets, datasets)
@settings(max_examples=trials(100, 1000), deadline=None)
def test_a_patch_says_the_difference_and_reads_back(one: list[ox.Quad], other: list[ox.Quad]) -> None:
    comparison = Comparison(state(one), state(other))
    patch = read_patch(write_patch(comparison))
    assert patch.difference == comparison.difference
    assert patch.headers == {"id": state_id(comparison.after.facts), "prev": state_id(comparison.before.facts)}
    assert patch.difference.applied_to(comparison.before.quads) == list(comparison.after.quads)


def test_another_program_reads_the_patch() -> None:
    # A literal of a datatype of its own: rdflib writes numbers anew.
    before = LOAN + LIST + "<id/x> :note 'old \\n \"quoted\"'@en ."
    after = LOAN.replace("ada", "bob") + LIST.replace("'c'", "'z'") + "<id/x> :note '<b> .'^^:own ."
    comparison = Comparison(state(before), state(after))
    graph = Dataset()
    graph.parse(data=b"\n".join(b"A " + line for line in comparison.before.quads), format="patch")
    graph.parse(data=b"".join(write_patch(comparison)), format="patch")
    found = list(ox.parse(graph.serialize(format="nquads"), ox.RdfFormat.N_QUADS))
    assert [line.rstrip(b"\n") for line in canonical(found).lines] == list(comparison.after.quads)


def test_patches_of_others_are_read() -> None:
    text = b"""H id <uuid:0686c69d-8f89-4496-acb5-744f0157a8db> .
# a remark
TX .
PA "ex" "https://example.org/" .
A <urn:s> <urn:p> "1"^^<http://www.w3.org/2001/XMLSchema#integer> .
D <urn:s> <urn:p> <urn:o> <urn:g> .
TC .
TX .
A <urn:lost> <urn:p> <urn:o> .
TA .
"""
    patch = read_patch(text.splitlines())
    assert patch.headers == {"id": "uuid:0686c69d-8f89-4496-acb5-744f0157a8db"}
    assert patch.difference.added == (b'<urn:s> <urn:p> "1"^^<http://www.w3.org/2001/XMLSchema#integer> .',)
    assert patch.difference.removed == (b"<urn:s> <urn:p> <urn:o> <urn:g> .",)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("TX .\nX <a> .", "line 2.*no operation"),
        ("A <urn:s> <urn:p> .", "line 1"),
        ("A <urn:s> <urn:p> 'x' . A <b>", "line 1"),
        ("TX .\nTX .", "line 2.*twice"),
        ("TC .", "line 1.*twice"),
        ("TX .\nA <urn:s> <urn:p> <urn:o> .", "breaks off"),
    ],
)
def test_a_broken_patch_is_refused(text: str, problem: str) -> None:
    with pytest.raises(KgError, match=problem):
        read_patch(text.encode().splitlines())


@given(datasets, datasets)
@settings(max_examples=trials(40, 400), deadline=None)
def test_a_change_set_holds_exactly_the_difference(one: list[ox.Quad], other: list[ox.Quad]) -> None:
    comparison = Comparison(state(one), state(other))
    graph = ox.Store()
    graph.load(b"".join(write_changeset(comparison)), ox.RdfFormat.TURTLE)
    for what, side, lines in (
        ("removal", comparison.before, comparison.difference.removed),
        ("addition", comparison.after, comparison.difference.added),
    ):
        lead = f"{BASE}.well-known/genid/{side.facts.digest[:12]}-"

        def term(value: object, lead: str = lead) -> str:
            text = str(value)
            return f"_:{text[1:-1].removeprefix(lead)}" if text.startswith("<" + lead) else text

        rows = graph.query(
            f"""PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
            SELECT ?s ?p ?o ?g {{ ?set a <{CHANGESET}ChangeSet> ; <{CHANGESET}{what}> ?x ; <{CHANGESET}subjectOfChange> ?s .
            ?x rdf:subject ?s ; rdf:predicate ?p ; rdf:object ?o ; <http://purl.org/dc/terms/isPartOf> ?g }}"""
        )
        assert isinstance(rows, ox.QuerySolutions)
        assert sorted(f"{term(s)} {p} {term(o)} {g} .".encode() for s, p, o, g in rows) == sorted(lines)


def test_a_change_set_is_turtle_for_rdflib_too() -> None:
    graph = Graph().parse(data=b"".join(write_changeset(Comparison(state(LIST), state(LOAN)))), format="turtle")
    assert len(set(graph.subjects(None, URIRef(CHANGESET + "ChangeSet")))) > 5


def test_terms_of_owl_are_called_as_the_language_does() -> None:
    comparison = Comparison(state(""), state("<id/x> a :Loan ."))
    property_ = "http://www.w3.org/2002/07/owl#DatatypeProperty"
    assert Teller(comparison, "en").class_name(property_) == "datatype property"
    assert Teller(comparison, "de").class_name(property_) == "Datentypeigenschaft"
    assert Teller(comparison, "de").class_name(f"{BASE}ns#SmallLoan") == "small loan"


def test_a_teller_looks_up_names_in_both_states() -> None:
    comparison = Comparison(state("<id/x> rdfs:label 'Gone'@en ; :note 'a' ."), state("<id/y> :of <id/x> ."))
    assert Teller(comparison, "en").name(f"{BASE}id/x").text == "Gone"


def test_display_terms_that_are_broken_are_left_out() -> None:
    display = "<c> sh:targetClass :Loan ; sh:order 'first' ; display:headline _:l . _:l <urn:x> 1 . <p> sh:path [ ] ."
    comparison = Comparison(state(ONTOLOGY, display=display), state(ONTOLOGY + LOAN, display=display))
    assert list(words(comparison, "en"))[-1] == "id/loan/1: new loan"


def test_a_feed_is_well_formed_whatever_the_texts() -> None:
    instant = datetime(2026, 1, 2, tzinfo=UTC)
    entry = FeedEntry(
        "urn:e", "a\x00<b>&\ud800", instant, (("alternate", "http://x/?a&b", ""),), ("\x0b<p>",), ("urn:c", "\x1f")
    )
    root = ET.fromstring(write_feed(Feed("urn:f", "t", instant, "somebody", "en", (), [entry], archive=True)))
    atom = "{http://www.w3.org/2005/Atom}"
    assert root.findtext(f"{atom}entry/{atom}title") == "a\ufffd<b>&\ufffd"
    assert root.find("{http://purl.org/syndication/history/1.0}archive") is not None
    assert root.findtext(f"{atom}updated") == "2026-01-02T00:00:00Z"


def test_what_is_said_below_a_headline_needs_no_terminal() -> None:
    comparison = Comparison(state(ONTOLOGY + LOAN), state(ONTOLOGY + LOAN.replace("02-01", "03-01")))
    (entry,) = comparison.entries
    assert list(paragraphs(Teller(comparison, "de").tell(entry), "de")) == ["bis: 2026-02-01 → 2026-03-01"]


def test_the_difference_of_quads_sees_what_words_do_not() -> None:
    moved = Comparison(state(LOAN), state("", LOAN))
    assert moved.entries == ()
    assert moved.difference == difference(moved.before.lines, moved.after.lines)
    assert len(moved.difference.added) == len(moved.difference.removed) == 4


MANY = {
    "x": "urn:x:", "ex": "http://example.org/", "b": BASE, "c": f"{BASE}concept/", "no": "http://nobody.example/",
    "p": "urn:p", "a": "urn:a", "xsd": "http://www.w3.org/2001/XMLSchema#",
}  # fmt: skip
TRICKY = ["c:x no:y", 'a "b" no:c', "<urn:x:> no:x", "line\nno:x @prefix no: <urn:no> .", "\\", '\\" no:x']


@given(datasets, st.lists(st.sampled_from(TRICKY), max_size=3))
@settings(max_examples=trials(60, 600), deadline=None)
def test_a_page_of_the_stream_declares_the_prefixes_that_it_uses(quads: list[ox.Quad], texts: list[str]) -> None:
    thing, prop, graph = (ox.NamedNode(iri) for iri in (f"{BASE}concept/1", "urn:x:p", "urn:g"))
    quads = [*quads, *(ox.Quad(thing, prop, ox.Literal(text), graph) for text in texts)]
    written = write(quads, "trig", MANY)
    assert canonical(ox.parse(written, ox.RdfFormat.TRIG)).lines == canonical(quads).lines
    lines = written.splitlines(keepends=True)
    declared = [line for line in lines if line.startswith(b"@prefix ")]
    assert b"@prefix no: <http://nobody.example/> .\n" not in declared
    for line in declared:  # each is needed
        with pytest.raises(SyntaxError):
            list(ox.parse(b"".join(other for other in lines if other is not line), ox.RdfFormat.TRIG))
