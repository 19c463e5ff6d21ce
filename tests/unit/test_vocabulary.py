"""What the reference page of an ontology tells, and what pages do with the project's wishes."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import OWL, Graph, URIRef

from kg.mentions import concluded, in_query, in_shapes
from kg.representation.display import Layer
from kg.representation.document import Document
from kg.representation.view import Labels, Order, Term, view
from kg.representation.vocabulary.axioms import Axioms, Phrase
from kg.representation.vocabulary.chapters import chapters
from kg.representation.vocabulary.diagram import overview
from kg.representation.vocabulary.model import Entry, Vocabulary
from kg.representation.vocabulary.placing import Area, place
from kg.source import parse_turtle

E = "https://e.org/"


def words(phrase: Phrase) -> str:
    return "".join(term.text for term in phrase)


def axioms(turtle: str) -> Axioms:
    prologue = f"@prefix : <{E}> . @prefix owl: <{OWL}> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> ."
    graph = Graph().parse(data=f"{prologue} {turtle}", format="turtle")
    return Axioms(graph, lambda iri: Term(iri.rpartition("/")[2].rpartition("#")[2], f"#{iri}"))


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("[ owl:intersectionOf ( :Loaf [ owl:onProperty :grain ; owl:hasValue :rye ] ) ]", "Loaf whose grain is rye"),
        (
            "[ owl:intersectionOf ( :A :B [ owl:onProperty :p ; owl:someValuesFrom :C ] "
            "[ owl:onProperty :q ; owl:allValuesFrom :D ] ) ]",
            "A that is also B whose p is some C and whose q is always D",
        ),
        ("[ owl:unionOf ( :A :B ) ]", "A or B"),
        ("[ owl:oneOf ( :a :b ) ]", "one of a, b"),
        ("[ owl:complementOf [ owl:unionOf ( :A :B ) ] ]", "not A or B"),
        ("[ owl:onProperty :p ; owl:someValuesFrom :C ]", "anything whose p is some C"),
        ('[ owl:onProperty [ owl:inverseOf :p ] ; owl:hasValue "x"@en ]', "anything whose inverse of p is x"),
        ("[ owl:datatypeComplementOf :D ]", "an expression that only the RDF shows"),
    ],
)
def test_a_class_expression_in_words(expression: str, told: str) -> None:
    found = axioms(f":X owl:equivalentClass {expression} .").equals(URIRef(f"{E}X"))
    assert [words(phrase) for phrase in found] == [told]


def test_what_else_is_said_of_terms() -> None:
    read = axioms(
        """:p a owl:ObjectProperty , owl:TransitiveProperty ; owl:inverseOf :q ; owl:propertyChainAxiom ( :r :p ) .
        [ owl:onProperty :p ; owl:someValuesFrom :C ] rdfs:subClassOf :X . :X rdfs:subClassOf :Y , [ owl:unionOf ( :A ) ] .
        :A owl:disjointWith :B . [] a owl:AllDisjointClasses ; owl:members ( :B :A :X ) ."""
    )
    p, q, x = (URIRef(E + name) for name in "pqX")
    assert [words(t).partition(":")[0] for t in read.traits(p)] == ["transitive"]
    assert [words(t) for t in read.inverses(q)] == ["p"]
    assert [words(t) for t in read.chains(p)] == ["r → p"]
    assert [words(t) for t in read.sufficient(x)] == ["anything whose p is some C"]
    assert [words(t) for t in read.necessary(x)] == ["A"]
    assert [words(t) for t in read.disjoint(URIRef(f"{E}B"))] == ["A"]
    assert [words(t) for t in read.exclusions()] == ["A · B · X"]


def entry(name: str, kind: str = "Class", supers: str = "", domains: str = "", ranges: str = "") -> Entry:
    def iris(names: str) -> tuple[str, ...]:
        return tuple(E + n for n in names.split())

    label = Term(name, f"#{name}", E + name, "en")
    return Entry(
        E + name, name, name, kind, label, (), {}, (), (), iris(supers), iris(domains), iris(ranges), False, False, 1
    )


ENTRIES = {
    e.iri: e
    for e in (
        entry("Thing"),
        entry("Loaf"),
        entry("Roll", supers="Loaf"),
        entry("Baker"),
        entry("bakedBy", "Object property", domains="Roll", ranges="Baker"),
        entry("of", "Object property", domains="Loaf Baker", ranges="Thing"),
        entry("part", "Object property", domains="Loaf", ranges="Loaf"),
        entry("weight", "Datatype property", domains="Loaf"),
    )
}
LAYERS = (
    Layer("bread", {"en": "Bread"}, {}, (f"{E}Loaf",)),
    Layer("people", {"en": "People"}, {}, (f"{E}Baker", f"{E}weight")),
)


def test_terms_stand_in_the_layer_of_their_class() -> None:
    found = {c.anchor: [e.anchor for e in c.entries] for c in chapters(ENTRIES, LAYERS)}
    assert found == {
        "layer-bread": ["Loaf", "Roll", "bakedBy", "part"],
        "layer-people": ["Baker", "weight"],
        "layer-": ["Thing", "of"],
    }
    assert [c.anchor for c in chapters(ENTRIES, ())] == ["layer-"]
    circle = {e.iri: e for e in (entry("A", supers="B"), entry("B", supers="A"))}
    assert [e.anchor for e in chapters(circle, LAYERS)[0].entries] == ["A", "B"]


def test_a_drawing_has_a_box_for_each_uppermost_class_and_stays_inside_its_frame() -> None:
    vocabulary = Vocabulary(E, {}, {}, "", "", "", (), chapters(ENTRIES, LAYERS), (), (), ())
    drawn = overview(vocabulary)
    assert drawn is not None
    assert drawn == overview(vocabulary)
    assert sorted(tuple(row.name.text for row in box.rows) for box in drawn.boxes) == [
        ("Baker",),
        ("Loaf", "Roll"),
        ("Thing",),
    ]
    assert sorted(name.text for arrow in drawn.arrows for name in arrow.names) == ["bakedBy", "of", "of", "part"]
    for box in drawn.boxes:
        assert 0 <= box.x <= box.x + box.width <= drawn.width
        assert 0 <= box.y <= box.y + box.height <= drawn.height
    assert all(0 < arrow.x < drawn.width and 0 < arrow.y < drawn.height for arrow in drawn.arrows)


def test_nothing_to_link_is_nothing_to_draw() -> None:
    alone = chapters({E + "Thing": ENTRIES[E + "Thing"]}, ())
    assert overview(Vocabulary(E, {}, {}, "", "", "", (), alone, (), (), ())) is None


def test_names_stand_on_their_arrow_and_on_nothing_else() -> None:
    box = Area(50, 50, 40, 40)
    paths = [[(0.0, 50.0), (200.0, 50.0)], [(150.0, 0.0), (150.0, 200.0)]]
    names = place(paths, [(30, 15), (30, 15)], [box])
    assert names[0].y == 50
    assert names[1].x == 150
    assert not names[0].meets(box)
    assert not names[0].meets(names[1])


def test_which_terms_shapes_queries_and_rules_speak_of(tmp_path: Path) -> None:
    file = tmp_path / "shapes.ttl"
    file.write_text(
        f"""@prefix : <{E}> . @prefix sh: <http://www.w3.org/ns/shacl#> .
        :S a sh:NodeShape ; sh:targetClass :Loaf ; sh:property :P , [ sh:path :weight ; sh:minCount 1 ] ;
            sh:message "m"@en ; sh:ignoredProperties ( :of ) ; sh:sparql [ sh:select "SELECT $this {{ $this :part ?x }}" ] .
        :P a sh:PropertyShape ; sh:path [ sh:inversePath :bakedBy ] ; sh:or ( [ sh:class :Baker ] [ sh:class :Thing ] ) ."""
    )
    found = {m.shape: m for m in in_shapes([parse_turtle(file, "urn:x")], set(ENTRIES))}
    assert found[f"{E}S"].terms == (f"{E}Loaf", f"{E}part", f"{E}weight")
    assert found[f"{E}S"].messages == {"en": "m"}
    assert found[f"{E}P"].terms == (f"{E}Baker", f"{E}Thing", f"{E}bakedBy")

    rule = f"""PREFIX : <{E}>
        CONSTRUCT {{ ?x ?says ?y }} WHERE {{ ?x :of ?y ; :weight ?w . BIND(?w > 1 AS ?big) BIND(IF(?big, :part, ?no) AS ?says) }}"""
    assert concluded(rule, set(ENTRIES)) == [f"{E}part"]
    assert in_query(rule, set(ENTRIES)) == [f"{E}of", f"{E}part", f"{E}weight"]
    assert concluded(f"PREFIX : <{E}> CONSTRUCT {{ ?x :of ?y }} WHERE {{ ?x :part ?y }}", set(ENTRIES)) == [f"{E}of"]


LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"


def triple(subject: str, predicate: str, value: ox.NamedNode | ox.Literal) -> ox.Triple:
    return ox.Triple(ox.NamedNode(E + subject), ox.NamedNode(predicate), value)


def test_a_page_hides_what_is_hidden_and_puts_parts_into_a_table() -> None:
    own = (
        triple("x", LABEL, ox.Literal("bread", language="en")),
        triple("x", LABEL, ox.Literal("Brot", language="de")),
        triple("x", f"{E}secret", ox.Literal("s")),
        triple("x", f"{E}open", ox.Literal("o")),
        *(
            t
            for name in ("a", "b")
            for t in (
                triple(f"x#{name}", TYPE, ox.NamedNode(f"{E}Code")),
                triple(f"x#{name}", f"{E}codes", ox.NamedNode(f"{E}x")),
                triple(f"x#{name}", f"{E}text", ox.Literal(name)),
            )
        ),
        triple("x#c", f"{E}text", ox.Literal("alone")),
    )
    incoming = (
        triple("y", f"{E}secret", ox.NamedNode(f"{E}x")),
        triple("y#one-part", f"{E}open", ox.NamedNode(f"{E}x")),
    )
    labels = Labels(E, {}, (LABEL,), ("en", "de"))
    labels.learn([*own, triple("y", LABEL, ox.Literal("roll", language="en"))])
    order = {f"{E}secret": Order(hidden=True)}
    shown = view(Document(f"{E}x", f"{E}doc", own, incoming, (), ()), labels, order, {f"{E}Code"})
    thing, part = shown.sections
    assert (thing.title.text, [n.text for n in thing.names]) == ("bread", ["Brot"])
    assert [row.name.text for row in thing.rows] == ["open"]
    assert part.title.text == "c"
    (table,) = shown.tables
    assert [c.text for c in table.columns] == ["text"]
    cells = [(part.anchor, cell and cell.values[0].text) for part in table.parts for cell in table.cells(part)]
    assert cells == [("a", "a"), ("b", "b")]
    assert [(row.name.text, [v.text for v in row.values]) for row in shown.incoming] == [("← open", ["roll: one part"])]


@pytest.mark.parametrize(
    ("languages", "told", "apart"),
    [
        (("en", "de"), ["1", "A", "an", "in"], ["auf", "bei", "sur"]),
        (("de", "en"), ["1", "A", "auf", "bei"], ["an", "in", "sur"]),
        (("it", "de"), ["1", "A", "auf", "bei"], ["an", "in", "sur"]),
        (("it",), ["1", "A", "an", "auf", "bei", "in", "sur"], []),
    ],
)
def test_texts_are_in_one_language_and_the_others_apart(
    languages: tuple[str, ...], told: list[str], apart: list[str]
) -> None:
    texts = [("in", "en"), ("an", "en"), ("auf", "de"), ("bei", "de"), ("sur", "fr")]
    own = (
        *(triple("x", f"{E}note", ox.Literal(text, language=tag)) for text, tag in texts),
        triple("x", f"{E}note", ox.Literal("1")),
        triple("x", f"{E}note", ox.NamedNode(f"{E}A")),
    )
    labels = Labels(E, {}, (LABEL,), languages)
    labels.learn([triple("A", LABEL, ox.Literal("A", language="en"))])
    ((row,),) = (section.rows for section in view(Document(f"{E}x", f"{E}doc", own, (), (), ()), labels, {}).sections)
    assert sorted(value.text for value in row.values) == told
    assert sorted(value.text for value in row.others) == apart
    assert row.every == row.values + row.others
    assert row.foreign == (2 if apart else 0)
