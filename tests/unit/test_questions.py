"""Questions: what stands on top of a query, and values put in place of its defaults."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kg
from kg import sparql
from kg.asking.kept import question as find_question
from kg.asking.kept import questions
from kg.errors import NoSuchQuestion, SourceError
from kg.questions import Parameter, Question, read_question
from kg.representation.display import Display
from kg.representation.parameters import MOST, form_of
from kg.representation.questions import Question as Asked
from kg.representation.questions import read_topics

DATE = "http://www.w3.org/2001/XMLSchema#date"
TEXT = """# number: 11
# en: Which positions were in force on a day?
# de: Welche Positionen galten an einem Tag?
# parameter: ?date xsd:date | en: the day | de: der Tag
# parameter: ?who <http://e/Actor> | en: whose
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
PREFIX e: <http://e/>
SELECT ?x WHERE {
  VALUES ?date { "2026-01-08"^^xsd:date } # VALUES ?date { "not this" }
  VALUES ?who { e:ita }
  ?x e:from ?from ; e:holder ?who . FILTER(?from <= ?date)
}
"""


def question(tmp_path: Path, text: str) -> Question:
    file = tmp_path / "in-force.rq"
    file.write_text(text)
    return read_question(file)


def test_what_stands_on_top(tmp_path: Path) -> None:
    kept = question(tmp_path, TEXT)
    assert (kept.name, kept.number) == ("in-force", 11)
    assert kept.titles["de"] == "Welche Positionen galten an einem Tag?"
    date, who = kept.parameters
    assert (date.name, date.type, date.says) == ("date", DATE, {"en": "the day", "de": "der Tag"})
    assert date.default == ox.Literal("2026-01-08", datatype=ox.NamedNode(DATE))
    assert (who.type, who.default) == ("http://e/Actor", ox.NamedNode("http://e/ita"))


def test_values_take_the_place_of_defaults(tmp_path: Path) -> None:
    kept = question(tmp_path, TEXT)
    given_: dict[str, ox.NamedNode | ox.Literal] = {
        "date": ox.Literal("2025-09-04", datatype=ox.NamedNode(DATE)),
        "who": ox.NamedNode("http://e/deu"),
    }
    text = kept.with_values(given_)
    store = ox.Store()
    for name, holder, day in (("a", "deu", "2025-09-01"), ("b", "deu", "2025-09-05"), ("c", "ita", "2025-01-01")):
        for predicate, value in (
            ("holder", ox.NamedNode(f"http://e/{holder}")),
            ("from", ox.Literal(day, datatype=ox.NamedNode(DATE))),
        ):
            store.add(ox.Quad(ox.NamedNode(f"http://e/{name}"), ox.NamedNode(f"http://e/{predicate}"), value))
    answer = store.query(text)
    assert isinstance(answer, ox.QuerySolutions)
    assert [row["x"].value for row in answer] == ["http://e/a"]
    assert kept.with_values({}) == TEXT
    with pytest.raises(KeyError, match="no parameter when"):
        kept.with_values({"when": ox.Literal("x")})


@given(st.text(st.characters(blacklist_categories=["Cs"])))
def test_no_value_breaks_out_of_its_place(text: str) -> None:
    parameter = Parameter("v", "http://www.w3.org/2001/XMLSchema#string", {}, ox.Literal("x"))
    query = 'SELECT ?v { VALUES ?v { "x" } FILTER(?v != "never}") }'
    kept = Question("q", Path(), {}, query, 0, (parameter,))
    answer = ox.Store().query(kept.with_values({"v": ox.Literal(text)}))
    assert isinstance(answer, ox.QuerySolutions)
    assert [row["v"].value for row in answer] == ([] if text == "never}" else [text])


@pytest.mark.parametrize(
    ("old", "new", "message", "line"),
    [
        ("VALUES ?who { e:ita }", "", r"no VALUES \?who", 5),
        ("VALUES ?who { e:ita }", "VALUES ?who { e:ita } VALUES ?who { e:deu }", r"no VALUES \?who", 5),
        ("VALUES ?who { e:ita }", "VALUES ?who { e:ita e:deu }", r"default of \?who", 5),
        ("{ e:ita }", "{ f:ita }", r"default of \?who", 5),
        ("?date xsd:date", "?date xs:date", "the type xs:date", 4),
        ("?date xsd:date", "date xsd:date", "write: # parameter", 4),
    ],
)
def test_a_bad_parameter_is_told_with_its_line(tmp_path: Path, old: str, new: str, message: str, line: int) -> None:
    assert old in TEXT
    with pytest.raises(SourceError, match=message) as caught:
        question(tmp_path, TEXT.replace(old, new, 1))
    assert caught.value.line == line


def test_tokens_decide_not_words() -> None:
    assert sparql.single_values('SELECT * { VALUES ?a{1} FILTER(?b = "VALUES ?c { 2 }") VALUES (?d) { (3) } }') == {
        "a": (21, 22)
    }
    assert sparql.prefixes("prefix a: <http://a/> PREFIX : <http://b/> # PREFIX c: <x>") == {
        "a": "http://a/",
        "": "http://b/",
    }


def test_what_has_no_default_may_be_left_out(tmp_path: Path) -> None:
    text = TEXT.replace('VALUES ?date { "2026-01-08"^^xsd:date }', "VALUES ?date { undef }")
    kept = question(tmp_path, text)
    assert [parameter.default for parameter in kept.parameters] == [None, ox.NamedNode("http://e/ita")]
    assert "VALUES ?date { undef }" in kept.with_values({})
    assert '"2025-09-04"' in kept.with_values({"date": ox.Literal("2025-09-04", datatype=ox.NamedNode(DATE))})


def test_a_parameter_that_takes_several_values_makes_a_row_of_each(tmp_path: Path) -> None:
    text = TEXT.replace("?who <http://e/Actor> |", "?who <http://e/Actor>, several |").replace("{ e:ita }", "{ UNDEF }")
    kept = question(tmp_path, text)
    date, who = kept.parameters
    assert (date.several, who.several, who.type, who.says) == (False, True, "http://e/Actor", {"en": "whose"})
    given_ = [ox.NamedNode("http://e/deu"), ox.NamedNode("http://e/ita")]
    asked = kept.with_values({"who": given_})
    assert "VALUES ?who { <http://e/deu> <http://e/ita> }" in asked
    # None at all is the default.
    assert kept.with_values({"who": []}) == kept.with_values({}) == text


@pytest.mark.parametrize("written", ["xsd:date several", "xsd:date, many", "xsd:date,", "xsd:date, severally"])
def test_what_takes_several_is_said_in_one_way(tmp_path: Path, written: str) -> None:
    with pytest.raises(SourceError, match="several"):
        question(tmp_path, TEXT.replace("xsd:date |", f"{written} |", 1))


def test_more_values_than_anybody_means_are_refused(tmp_path: Path) -> None:
    text = TEXT.replace("?date xsd:date |", "?date xsd:date, several |", 1)
    kept = Question("q", Path(), {}, text, 0, question(tmp_path, text).parameters[:1])
    days = [f"20{n:02}-01-01" for n in range(MOST + 1)]
    nobody: Any = None  # days need no engine to be known

    enough = form_of(nobody, nobody, kept, {"date": days[:MOST]}, ("en",))
    assert enough.sound
    assert len(enough.fields[0].values) == enough.query.count("^^") == MOST

    more = form_of(nobody, nobody, kept, {"date": days}, ("en",))
    assert not more.sound
    assert str(MOST) in more.fields[0].problem
    assert [value.value for value in more.values["date"]] == days[:MOST]
    assert days[MOST] not in more.query


def test_a_question_of_a_release_is_what_its_file_says(thesaurus: Path) -> None:
    folder = thesaurus / "ontology" / "questions"
    folder.mkdir()
    (folder / "wie-groß.rq").write_text(TEXT)
    (folder / "all.rq").write_text("DESCRIBE <http://e/ita>")
    release = kg.build(kg.open_project(thesaurus))
    assert [kept.name for kept in questions(release)] == ["wie-groß", "all"]
    for name in ("wie-groß", "all"):
        found, written = find_question(release, name), read_question(folder / f"{name}.rq")
        assert replace(found, file=written.file) == written
    with pytest.raises(NoSuchQuestion, match="wie-gro%C3%9F"):
        find_question(release, "wie-gro%C3%9F")


def test_questions_stand_under_their_topics_in_order_and_those_without_one_last() -> None:
    told = [
        ("late", "9", "Late", "c"),
        ("early", "2", "Early", "b"),
        ("early", "2", "Early", "c"),
        ("none", "3", "No", "x"),
    ]
    rows = [
        {
            "topic": {"type": "uri", "value": topic},
            "order": {"type": "literal", "value": order, "datatype": "http://www.w3.org/2001/XMLSchema#integer"},
            "label": {"type": "literal", "value": label, "xml:lang": "en"},
            "question": {"type": "uri", "value": f"urn:{question}"},
        }
        for topic, order, label, question in told
    ]
    topics = read_topics(lambda _: rows)
    asked = [Asked(f"urn:{name}", Question(name, Path(), {}, "ASK {}")) for name in "abc"]
    shown = Display({}, None, tuple(asked), topics=tuple(topics)).by_topic(asked)
    assert [(titles.get("en"), [q.kept.name for q in found]) for titles, found in shown] == [
        ("Early", ["b", "c"]),
        ("Late", ["c"]),
        (None, ["a"]),
    ]
