"""A request is one operation or one refusal, whatever it looks like."""

from __future__ import annotations

from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.exceptions import (
    BadRequest,
    HTTPException,
    MethodNotAllowed,
    RequestEntityTooLarge,
    UnsupportedMediaType,
)

from kg.errors import QueryRefused
from kg.web.protocol import Operation, graph_wanted, operation

FORM = "application/x-www-form-urlencoded"
DIRECT = "application/sparql-query"
texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@given(texts, st.lists(texts), st.lists(texts))
def test_the_three_ways_to_ask_are_one(query: str, default: list[str], named: list[str]) -> None:
    dataset = [("default-graph-uri", g) for g in default] + [("named-graph-uri", g) for g in named]
    wanted = Operation(query, tuple(default), tuple(named), None)
    fields = urlencode([("query", query), *dataset])
    assert operation("GET", fields, "", b"", 10_000) == wanted
    assert operation("HEAD", fields, "", b"", 10_000) == wanted
    assert operation("POST", "", FORM, fields.encode(), 10_000) == wanted
    assert operation("POST", urlencode(dataset), f'{DIRECT};charset="UTF-8"', query.encode(), 10_000) == wanted
    assert operation("POST", urlencode(dataset), FORM, urlencode({"query": query}).encode(), 10_000) == wanted
    assert wanted.dataset_given == bool(default or named)


@given(st.sampled_from(["GET", "HEAD", "POST", "PUT"]), st.text(), st.text(), st.binary())
def test_nonsense_is_refused_and_nothing_else(method: str, query_string: str, kind: str, body: bytes) -> None:
    try:
        operation(method, query_string.encode("utf-8", "replace").decode(), kind, body, 1_000)
    except (HTTPException, QueryRefused):
        return


@given(st.text(), st.sampled_from(["", "graph=", "default", "default&graph=", "graph=a&graph="]))
def test_nonsense_names_no_graph(text: str, before: str) -> None:
    encoded = before + quote(text.encode("utf-8", "replace"))
    try:
        name = graph_wanted(encoded)
    except BadRequest:
        return
    assert name is None or name == "" or ":" in name


@pytest.mark.parametrize(
    ("method", "query_string", "kind", "body", "refusal"),
    [
        ("GET", "", "", b"", BadRequest),
        ("GET", "query=a&query=b", "", b"", BadRequest),
        ("GET", "query=a&update=b", "", b"", BadRequest),
        ("GET", "update=b", "", b"", BadRequest),
        ("GET", "query=%ff", "", b"", BadRequest),
        ("GET", "&".join(["query=a", *["x=1"] * 1_000]), "", b"", BadRequest),
        ("GET", "query=a&format=json&format=xml", "", b"", BadRequest),
        ("GET", "query=a&format=html", "", b"", BadRequest),
        ("GET", "query=" + "a" * 1_001, "", b"", RequestEntityTooLarge),
        ("GET", "query=" + quote("é" * 501), "", b"", RequestEntityTooLarge),
        ("PUT", "query=a", DIRECT, b"a", MethodNotAllowed),
        ("POST", "query=a", "", b"", UnsupportedMediaType),
        ("POST", "", "text/plain", b"a", UnsupportedMediaType),
        ("POST", "", f"{DIRECT};charset=latin-1", b"a", UnsupportedMediaType),
        ("POST", "", f"{FORM};charset=utf-16", b"query=a", UnsupportedMediaType),
        ("POST", "query=a", DIRECT, b"a", BadRequest),
        ("POST", "query=a", FORM, b"", BadRequest),
        ("POST", "", DIRECT, b"\xff", BadRequest),
        ("POST", "", FORM, b"query=a&update=b", BadRequest),
        ("POST", "", FORM, b"update=b", QueryRefused),
        ("POST", "", "application/sparql-update", b"a", QueryRefused),
    ],
)
def test_refused(method: str, query_string: str, kind: str, body: bytes, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        operation(method, query_string, kind, body, 1_000)


@pytest.mark.parametrize(
    ("query_string", "name"),
    [
        ("", None),
        ("x=1", None),
        ("default", ""),
        ("default=", ""),
        ("graph=urn:x", "urn:x"),
        ("graph=http%3A%2F%2Fh%2F%3Fa%26b", "http://h/?a&b"),
    ],
)
def test_the_graph_that_is_wanted(query_string: str, name: str | None) -> None:
    assert graph_wanted(query_string) == name


@pytest.mark.parametrize(
    "query_string", ["graph=", "graph=x", "graph=http://[", "graph=a:a&default", "default&default"]
)
def test_no_graph_is_named(query_string: str) -> None:
    with pytest.raises(BadRequest):
        graph_wanted(query_string)
