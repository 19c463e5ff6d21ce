"""Which queries are refused by their text."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import QueryRefused, QuerySyntaxError
from kg.sparql import form, refuse_unserved, star, syntax_error, variables

CALL = "<http://127.0.0.1:9/> { ?s ?p ?o }"


@pytest.mark.parametrize(
    "text",
    [
        f"SELECT * {{ SERVICE {CALL} }}",
        f"SELECT * {{ service silent {CALL} }}",
        f"SELECT * {{ SERVICE\n#a comment\n{CALL} }}",
        "SELECT * { VALUES ?x { <http://h/> } SERVICE ?x { ?s ?p ?o } }",
        f"SELECT * {{ {{ {{ OPTIONAL {{ SERVICE{CALL} }} }} }} }}",
        f"SELECT * {{ \\u0053ERVICE {CALL} }}",
        f"SELECT * {{ S\\U00000045RVICE {CALL} }}",
        f"SELECT * {{ FILTER(1<2)SERVICE {CALL} }}",
        f"SELECT * {{ ?s ?p 1SERVICE {CALL} }}",
        f"SELECT * {{ ?s ?p trueSERVICE {CALL} }}",
        f"SELECT * {{ ?s ?p 'x' SERVICE {CALL} }}",
        f'SELECT * {{ ?s ?p "\\u0022 . SERVICE {CALL} #" }}',
        f"PREFIX a: <http://a/> SELECT * {{ ?s ?p a:b\\#c . SERVICE {CALL} }}",
        f"SELECT * {{ # '\nSERVICE {CALL} # '\n}}",
        f"SELECT * {{ ?a ?b ?c FILTER(?a < ?b) SERVICE {CALL} FILTER(?c > 1) }}",
        f"SELECT * {{ ?s ?p '''a' b''' . SERVICE {CALL} }}",
        f"ASK {{ SERVICE {CALL} }}",
        "PREFIX : <http://h/> SELECT * { SERVICE:a{ ?s ?p ?o } }",
        "PREFIX : <http://h/> SELECT * { {}SERVICESILENT:a{ ?s ?p ?o } }",
        "PREFIX ex: <http://h/> SELECT * { SERVICEex:a{ ?s ?p ?o } }",
        f"PREFIX ex: <http://h/> SELECT * {{ ?s ?p ex:.SERVICE{CALL} }}",
        f"SELECT * {{ ?a ?b ?c FILTER(?a<?b)SERVICE#>\n{CALL} }}",
        f"SELECT * {{ ?a ?b ?c FILTER(?a<?b)SERVICE?x{{ }} FILTER(?a>?b) SERVICE {CALL} }}",
        "INSERT DATA { <a:a> <a:b> <a:c> }",
        "PREFIX a: <a:a> DELETE WHERE { ?s ?p ?o }",
        "LOAD <http://127.0.0.1:9/>",
        "# comment\nBASE <http://a/> CLEAR ALL",
        "DROP GRAPH <a:a>",
        "WITH <a:a> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
    ],
)
def test_refused(text: str) -> None:
    with pytest.raises(QueryRefused):
        refuse_unserved(text)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { ?s ?p 'SERVICE' }",
        'SELECT * { ?s ?p "SERVICE <http://h/> {}" }',
        "SELECT * { ?s ?p '''SERVICE ' '' ''' }",
        "SELECT * { ?s <http://example.org/SERVICE> ?o }",
        "SELECT ?service { ?service ?p ?o }",
        "PREFIX ex: <http://h/service/> SELECT * { ?s ex:SERVICE ?o }",
        "PREFIX sd: <http://www.w3.org/ns/sparql-service-description#> SELECT * { ?s a sd:Service }",
        "SELECT * { ?s <service?service=service#service> ?o }",
        "SELECT * { ?s ?p ?o } # SERVICE",
        "SELECT * { ?s ?p 'x'@service }",
        "SELECT (1 AS ?insert) { ?s ?load ?drop }",
    ],
)
def test_harmless_words_are_not_refused(text: str) -> None:
    refuse_unserved(text)


@given(st.text())
def test_no_text_breaks_the_reader(text: str) -> None:
    try:
        refuse_unserved(text)
    except (QueryRefused, QuerySyntaxError):
        return


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("SELECT * {}", "SELECT"),
        ("PREFIX select: <a:a> # ASK\nconstruct { } where { }", "CONSTRUCT"),
        ("ASK { SELECT * {} }", "ASK"),
        ("", ""),
    ],
)
def test_form(text: str, wanted: str) -> None:
    assert form(text) == wanted


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("SELECT * { ?s ?p ?o }", "*"),
        ("PREFIX a: <a:*> # *\nSELECT DISTINCT * { ?s a:p* ?o }", "*"),
        ("select reduced *{}", "*"),
        ("SELECT ?s { SELECT * { ?s ?p ?o } }", None),
        ("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", None),
        ("ASK { SELECT * {} }", None),
        ("CONSTRUCT WHERE { ?s ?p ?o }", None),
        ("", None),
    ],
)
def test_the_star_of_select(text: str, found: str | None) -> None:
    place = star(text)
    assert (text[slice(*place)] if place else None) == found
    if place:
        assert "SELECT" in text[: place[0]].upper()


def test_variables_in_order() -> None:
    assert variables("SELECT * { ?s ?p $o . ?o ?b '?no' } # ?no") == ["s", "p", "o", "b"]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELECT * { ?s x:p ?o }", "line 1, column 15: the prefix x: is not declared; add a PREFIX line"),
        ("PREFIX a: <urn:a>\nSELECT * { ?s a:b _:c ;\n :d 1 }", "line 3, column 2: the prefix : is not declared"),
        ("PREFIX a: <urn:a> SELECT * { ?s a:b ", "line 1, column 37: unexpected end of the query"),
        ("SELECT * { plg:x ?p ", "line 1, column 21: unexpected end of the query"),
    ],
)
def test_a_syntax_error_says_where_and_what(query: str, message: str) -> None:
    with pytest.raises(SyntaxError) as caught:
        ox.Store().query(query, prefixes={"plg": "urn:p"})
    assert str(syntax_error(caught.value.msg, query, {"plg"})).startswith(message)
