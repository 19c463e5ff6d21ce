"""Which queries are refused by their text."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import QueryRefused, QuerySyntaxError
from kg.sparql import (
    counts_everything,
    form,
    is_volatile,
    names_graphs,
    refuse_unserved,
    star,
    syntax_error,
    variables,
    without_header,
)

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


ALLOWED = "https://h.example/sparql"


@pytest.mark.parametrize(
    "text",
    [
        f"SELECT * {{ SERVICE <{ALLOWED}> {{ ?s ?p ?o }} }}",
        f"SELECT * {{ service silent <{ALLOWED}> {{ ?s ?p ?o }} }}",
        f"SELECT * {{ SERVICE # <http://other/>\n SILENT <{ALLOWED}>{{ ?s ?p ?o }} }}",
        f"SELECT * {{ SERVICE <{ALLOWED}> {{ SERVICE <{ALLOWED}> {{ ?s ?p ?o }} }} }}",
    ],
)
def test_an_allowed_service_is_let_through_only_if_it_is_allowed(text: str) -> None:
    refuse_unserved(text, [ALLOWED])
    for services in ([], ["https://h.example/"], [f"{ALLOWED}/"], [ALLOWED.upper()]):
        with pytest.raises(QueryRefused):
            refuse_unserved(text, services)


@pytest.mark.parametrize(
    "text",
    [
        f"SELECT * {{ SERVICE <{ALLOWED}> {{ SERVICE <http://o/> {{ ?s ?p ?o }} }} }}",
        f"SELECT * {{ SERVICE <{ALLOWED}> {{ }} SERVICE ?x {{ ?s ?p ?o }} }}",
        f"SELECT * {{ SERVICE ?x {{ BIND(<{ALLOWED}> AS ?x) }} }}",
        f"PREFIX a: <{ALLOWED}> SELECT * {{ SERVICE a: {{ }} }}",
        f"BASE <{ALLOWED}> SELECT * {{ SERVICE <> {{ }} }}",
        f"SELECT * {{ SERVICE <http://o/> {{ }} }} # <{ALLOWED}>",
        f"SELECT * {{ SERVICE <http://o/?{ALLOWED}> {{ }} }}",
        f"SELECT * {{ SERVICE SILENT SILENT <{ALLOWED}> {{ }} }}",
        f"SELECT * {{ SERVICE '{ALLOWED}' {{ }} }}",
        f"SELECT * {{ ?s ?p trueSERVICE <{ALLOWED}> {{ }} }}",
        f"SELECT * {{ ?a ?b ?c FILTER(?a<?b)SERVICE?x{{ }} FILTER(?a>?b) SERVICE <{ALLOWED}> {{ }} }}",
    ],
)
def test_beside_an_allowed_service_nothing_else_is(text: str) -> None:
    with pytest.raises(QueryRefused):
        refuse_unserved(text, [ALLOWED])


@pytest.mark.parametrize(
    ("text", "volatile"),
    [
        ("SELECT (NOW() AS ?x) {}", True),
        ("SELECT (now ( ) AS ?x) {}", True),
        ("SELECT (RAND() AS ?x) {}", True),
        ("SELECT (UUID() AS ?x) {}", True),
        ("SELECT (STRUUID() AS ?x) {}", True),
        ("SELECT (BNODE('a') AS ?x) {}", True),
        ("SELECT * { FILTER(1=1||trueNOW()) }", True),
        ("SELECT (\\u004EOW() AS ?x) {}", True),
        ("SELECT ('NOW()' AS ?x) { ?now <urn:rand> ?uuid }", False),
        ("SELECT * { ?s ?p ?o } # NOW()", False),
        ("PREFIX now: <urn:NOW> SELECT * { ?s now:RAND ?o }", False),
    ],
)
def test_what_changes_from_time_to_time(text: str, volatile: bool) -> None:
    assert is_volatile(text) == volatile


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", "n"),
        ("select(count(*)as $n)where{$s $p $o.}", "n"),
        ("# all\nPREFIX a: <urn:a>\nPREFIX : <urn:b> SELECT (COUNT(?o) AS ?n) WHERE { ?s ?p ?o # x\n }", "n"),
        ("SELECT (COUNT(*) AS ?n) { ?s ?p ?s }", None),
        ("SELECT (COUNT(*) AS ?n) { ?s ?p ?P }", "n"),
        ("SELECT (COUNT(?x) AS ?n) { ?s ?p ?o }", None),
        ("SELECT (COUNT(DISTINCT *) AS ?n) { ?s ?p ?o }", None),
        ("SELECT (COUNT(*) AS ?n) FROM <urn:g> { ?s ?p ?o }", None),
        ("SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }", None),
        ("SELECT (COUNT(*) AS ?n) { ?s ?p ?o } LIMIT 0", None),
        ("SELECT (COUNT(*) AS ?n) { ?s ?p ?o . ?a ?b ?c }", None),
        ("SELECT (COUNT(*) AS ?n) { ?s a ?o }", None),
        ("SELECT (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?s", None),
        ("SELECT (COUNT(*) AS ?n) (1 AS ?m) { ?s ?p ?o }", None),
        ("ASK { ?s ?p ?o }", None),
        ("", None),
    ],
)
def test_who_only_counts_everything(text: str, name: str | None) -> None:
    assert counts_everything(text) == name


@given(st.permutations(["SELECT", "(", "COUNT", "(", "*", ")", "AS", "?n", ")", "{", "?s", "?p", "?o", "}"]))
def test_only_a_query_counts_everything(parts: list[str]) -> None:
    text = " ".join(parts)
    if counts_everything(text) is not None:
        ox.Store().query(text)  # raises if it is none


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("SELECT * { ?s ?p ?o }", False),
        ("SELECT * { GRAPH ?g { ?s ?p ?o } }", True),
        ("SELECT * { {}graph?g{ ?s ?p ?o } }", True),
        ("SELECT * FROM <urn:g> { ?s ?p ?o }", True),
        ("SELECT * from named <urn:g> { ?s ?p ?o }", True),
        ("SELECT * { \\u0047RAPH ?g { ?s ?p ?o } }", True),
        ("SELECT * { {}\\U00000047RAPH ?g { ?s ?p ?o } }", True),
    ],
)
def test_who_may_speak_of_named_graphs(text: str, named: bool) -> None:
    assert names_graphs(text) == named


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ("# number: 3\n# en: Who?\n# parameter: ?x a:B | en: it\n#\n# An empty ?x: unknown.\n\nASK {}", "# An empty ?x: unknown.\n\nASK {}"),
        ("# en: Who?\n\nPREFIX a: <urn:a>\nASK {}\n# en: no\n", "PREFIX a: <urn:a>\nASK {}\n# en: no\n"),
        ("# What it is\n# en: Who?\nASK {}", "# What it is\n# en: Who?\nASK {}"),
        ("ASK {}", "ASK {}"),
        ("", ""),
    ],
)  # fmt: skip
def test_the_header_of_a_kept_query_can_be_left_out(query: str, left: str) -> None:
    assert without_header(query) == left
