"""A query told in the names of a server, and the answer told back; and which queries are too much for one."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.engine import Query
from kg.engine.modesty import demand_modesty
from kg.engine.naming import GraphNames, Replacing, Told, told
from kg.errors import QueryError, QueryRefused, QuerySyntaxError
from kg.sparql import one_reading

B = "https://e.example/"
R = f"{B}release/1-a"
NAMES = GraphNames(B, "1-a", {f"{B}graph/{name}": f"{R}/graph/{name}" for name in ("ontology", "data/x", "meta")})
DEFAULT, NOTHING = (f"{R}/graph",), (f"{R}/nothing",)
ALL = tuple(NAMES.stored.values())


def asked(text: str, **more: Any) -> Told:
    return told(Query(text, **more), NAMES)


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("SELECT * { ?s ?p ?o }", "SELECT * { ?s ?p ?o }"),
        (f"ASK {{ GRAPH <{B}graph/meta> {{}} }}", f"ASK {{ GRAPH <{R}/graph/meta> {{}} }}"),
        (f"ASK {{ ?s ?p <{B}graph/meta> , <{B}graph/no> }}", f"ASK {{ ?s ?p <{R}/graph/meta> , <{B}graph/no> }}"),
        (
            f"PREFIX g: <{B}> ASK {{ GRAPH g:graph\\/meta {{}} }}",
            f"PREFIX g: <{B}> ASK {{ GRAPH <{R}/graph/meta> {{}} }}",
        ),
        (f"ASK {{ ?s ?p '<{B}graph/meta>' }} # <{B}graph/meta>", f"ASK {{ ?s ?p '<{B}graph/meta>' }}"),
        ("ASK { GRAPH <tag:a> {} }", f"ASK {{ GRAPH <{R}/nothing> {{}} }}"),
        ("ASK { _:a ?p ?o }", "ASK { _:a ?p ?o }"),
    ],
)
def test_names_are_those_of_the_server(text: str, stored: str) -> None:
    found = asked(text)
    assert found.text.rstrip() == stored
    assert found.default_graphs == DEFAULT
    assert found.named_graphs == (ALL + NOTHING if "nothing" in stored else ALL)


def test_a_dataset_clause_becomes_parameters_and_lines_stay() -> None:
    text = f"SELECT * FROM\n<{B}graph/ontology> FROM NAMED <{B}graph/meta>\n{{ GRAPH <{B}graph/ontology> {{}} }}"
    found = asked(text)
    assert found.text.count("\n") == 2
    assert "FROM" not in found.text
    assert f"GRAPH <{R}/nothing>" in found.text
    assert found.default_graphs == (f"{R}/graph/ontology",)
    assert found.named_graphs == (f"{R}/graph/meta", f"{R}/nothing")


def test_parameters_win_and_what_is_not_there_is_nothing() -> None:
    found = asked(f"ASK FROM <{B}graph/meta> {{}}", default_graphs=("tag:a", "tag:b", f"{B}graph/data/x"))
    assert found.default_graphs == (*NOTHING, f"{R}/graph/data/x")
    assert found.named_graphs == NOTHING
    assert asked("ASK {}", named_graphs=(f"{B}graph/meta",)).default_graphs == NOTHING
    every = (f"{B}graph/ontology", f"{B}graph/data/x")
    assert asked("ASK {}", default_graphs=every).default_graphs == DEFAULT
    with pytest.raises(QueryError, match="no absolute IRI"):
        asked("ASK {}", default_graphs=("nonsense",))


def test_borrowed_prefixes_stand_on_a_line_of_their_own() -> None:
    found = asked("ASK { a:x b:y ?c }", prefixes={"a": "tag:a#", "b": "tag:b#", "c": "tag:c#"})
    assert (found.added, found.text.splitlines()[0]) == (1, "PREFIX a: <tag:a#> PREFIX b: <tag:b#> ")
    assert asked("PREFIX a: <tag:z> ASK { a:x ?b ?c }", prefixes={"a": "tag:a#"}).added == 0


@pytest.mark.parametrize(
    "text", ["ASK FROM {}", "ASK FROM ?g {}", "DEFINE ASK {}", "ASK { x:a ?b ?c }", r"ASK \u007b }"]
)
def test_what_no_parser_takes(text: str) -> None:
    with pytest.raises(QuerySyntaxError):
        asked(text)


@given(st.text(alphabet="abx", max_size=40), st.lists(st.integers(1, 4), max_size=20))
def test_replacing_does_not_depend_on_the_parts(text: str, sizes: list[int]) -> None:
    replacing = Replacing(b"abab", b"x")
    rest, through = text.encode(), b""
    for size in sizes:
        through += replacing.feed(rest[:size])
        rest = rest[size:]
    through += replacing.feed(rest) + replacing.finish()
    assert through == text.encode().replace(b"abab", b"x")


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        (r"SELECT '\u0022\u005cn'", r"SELECT '\"\\n'"),
        (r"S\u0045LECT <a\u00e9#b> 'x' # '", "SELECT <aé#b> 'x'    "),
        (r"SELECT '\\u0041'", r"SELECT '\\u0041'"),
        ("SELECT # one\n*", "SELECT      \n*"),
    ],
)
def test_one_reading(text: str, plain: str) -> None:
    assert one_reading(text) == plain
    assert one_reading(plain) == plain


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("SELECT * " + "{" * 99 + "}" * 99, False),
        ("SELECT * " + "{" * 101 + "}" * 101, True),
        ("ASK { " + "?s ?p ?o ." * 300 + "}", False),
        ("ASK { " + "?s ?p ?o ." * 600 + "}", True),
        ("ASK { ?s ?p (" + "12.5 " * 500 + ") }", False),
        ("ASK { ?s ?p (" + "12.5 " * 800 + ") }", True),
        ("ASK { VALUES (?x ?y) { " + "(<a:a> 12.5) (UNDEF 'a'@en) " * 5000 + "} FILTER(?x IN (" + "1, " * 5000 + "2)) }", False),
        ("ASK { ?s ?in (" + "1 " * 900 + ") }", True),
        ("ASK { FILTER(?x IN (" + "STR(1), " * 900 + "2)) }", True),
    ],
)  # fmt: skip
def test_modesty(text: str, refused: bool) -> None:
    try:
        demand_modesty(text)
    except QueryRefused:
        assert refused
    else:
        assert not refused
