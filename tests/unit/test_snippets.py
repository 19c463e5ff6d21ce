"""Code that asks a query: its literals say what they are made of, whatever that is."""

from __future__ import annotations

import ast
import json
import re
import shlex
import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.representation.snippets import Asking, in_javascript, in_python, in_r, snippets
from tests.conftest import trials

TEXTS = st.text(st.one_of(st.sampled_from("\"'`\\$({)-\n\r\t#@%& "), st.characters(exclude_categories=["Cs"])))
NODE = shutil.which("node")


@given(TEXTS)
def test_python_reads_the_same_text(text: str) -> None:
    assert ast.literal_eval(in_python(text)) == text


def test_python_keeps_the_lines_where_it_can() -> None:
    assert in_python('SELECT *\n{ ?s ?p "x" }') == '"""SELECT *\n{ ?s ?p "x" }"""'


@pytest.mark.parametrize(
    "query", ['ASK { ?s ?p "x" } # "', 'SELECT *\n{ ?s ?p "x" }\n# "', 'ASK {} # """', "ASK {} # \\"]
)
def test_whatever_a_query_ends_with_its_code_is_python(query: str) -> None:
    asked = {s.name: ast.parse(s.text) for s in snippets(Asking("http://localhost/", query, "solutions"))
             if s.title.startswith("Python")}  # fmt: skip
    for name in ("python", "sparqlwrapper"):
        assert query in [node.value for node in ast.walk(asked[name]) if isinstance(node, ast.Constant)]


@pytest.mark.skipif(NODE is None, reason="needs Node")
@settings(max_examples=trials(3, 50), deadline=None)
@given(st.lists(TEXTS, min_size=40))
def test_javascript_reads_the_same_texts(texts: list[str]) -> None:
    script = f"console.log(JSON.stringify([{', '.join(map(in_javascript, texts))}]))"
    told = subprocess.run([NODE or "", "-"], input=script.encode(), capture_output=True, check=True, timeout=60)
    assert json.loads(told.stdout) == texts


def read_by_r(literal: str) -> str:
    """What R makes of a literal (R language definition, section 10.3.1)."""
    if raw := re.fullmatch(r'r"(-*)\((.*?)\)\1"', literal, re.DOTALL):
        return raw[2]
    assert re.fullmatch(r'"(?:[^"\\]|\\["\\]|\\U[0-9a-f]{8})*"', literal, re.DOTALL)
    return re.sub(r'\\(?:U([0-9a-f]{8})|(["\\]))', lambda m: chr(int(m[1], 16)) if m[1] else m[2], literal[1:-1])


@given(TEXTS)
def test_r_reads_the_same_text(text: str) -> None:
    assert read_by_r(in_r(text)) == text


@given(TEXTS.filter(lambda text: "\0" not in text))
def test_the_shell_reads_the_same_query(text: str) -> None:
    command = snippets(Asking("http://localhost/", text, "solutions"))[0].text
    assert shlex.split(command.replace(" \\\n", " ", 3))[-1] == f"query={text}"


def test_a_long_query_is_sent_in_the_body() -> None:
    short, long = (Asking("http://localhost/", "ASK {} #" + "x" * n, "boolean") for n in (10, 8_000))
    curl, wrapper = 0, 2
    assert " -G " in snippets(short)[curl].text
    assert " -G " not in snippets(long)[curl].text
    assert "POST" not in snippets(short)[wrapper].text
    assert "setMethod(POST)" in snippets(long)[wrapper].text


def test_a_very_long_query_is_not_repeated() -> None:
    asked = Asking("http://localhost/", "ASK {} #" + "x" * 20_000, "boolean")
    (curl,) = snippets(asked)
    assert "query@query.rq" in curl.text
    assert " -G " not in curl.text
    assert len(curl.text) < 200


def test_a_release_and_a_dataset_are_asked_for() -> None:
    graph = "https://data.example.org/graph/data"
    then = Asking("http://localhost/", "ASK {}", "boolean", "1-0")
    assert all("release/1-0/sparql" in s.text or 'at("1-0")' in s.text for s in snippets(then))
    part = Asking("http://localhost/", "ASK {}", "boolean", "", (graph,), (graph,))
    for snippet in snippets(part):
        assert "default-graph-uri" in snippet.text or "addDefaultGraph" in snippet.text, snippet.name
        assert "named-graph-uri" in snippet.text or "addNamedGraph" in snippet.text, snippet.name
