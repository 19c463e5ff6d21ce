"""Parsing strictly, and knowing where a subject stands."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import SourceError
from kg.source import parse_turtle, subject_lines, to_rdflib
from tests.conftest import ROOT

TEXT = '''# a comment
@prefix a: <https://a.org/> .

a:one a:says """several
lines""" ;
    a:p a:two .
a:two
    a:p [ a:q a:three ] .

a:three a:p 1 . a:four a:p 2 .
a:one a:again true .
'''


def write(folder: Path, text: str | bytes) -> Path:
    file = folder / "x.ttl"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def test_the_first_line_of_each_subject(tmp_path: Path) -> None:
    lines = subject_lines(write(tmp_path, TEXT))
    assert lines == {
        "https://a.org/one": 4,
        "https://a.org/two": 7,
        "https://a.org/three": 10,
        "https://a.org/four": 10,
    }


def test_lines_agree_with_the_text_of_every_data_file() -> None:
    for file in sorted((ROOT / "data").rglob("*.ttl")):
        text = file.read_text().splitlines()
        found = subject_lines(file)
        assert found
        for subject, line in found.items():
            assert subject.split("/")[-1].split("#")[-1] in text[line - 1]


@pytest.mark.parametrize(
    ("text", "line", "column", "problem"),
    [
        ("@prefix a: <a:a> .\na:x a:p\n  b:y .", 3, 3, "prefix b: has not been declared"),
        ("<a:a> <a:b> <a b> .", 1, 13, "Invalid IRI"),
        (b"<a:a> <a:b> 'ok' .\n<a:a> <a:b> '\xff' .", 2, 14, "0xFF is not UTF-8"),
    ],
)
def test_a_syntax_error_has_a_position(tmp_path: Path, text: str | bytes, line: int, column: int, problem: str) -> None:
    file = write(tmp_path, text)
    with pytest.raises(SourceError, match=problem) as caught:
        parse_turtle(file, "urn:g")
    assert (caught.value.line, caught.value.column) == (line, column)


def test_a_byte_order_mark_is_no_error(tmp_path: Path) -> None:
    assert len(parse_turtle(write(tmp_path, b"\xef\xbb\xbf<a:a> <a:b> <a:c> ."), "urn:g").quads) == 1


@given(
    st.sampled_from(["integer", "decimal", "double", "boolean", "date", "hexBinary"]), st.text("0123456789.eEatrufls-")
)
def test_rdflib_gets_the_very_same_text(datatype: str, text: str) -> None:
    literal = ox.Literal(text, datatype=ox.NamedNode(f"http://www.w3.org/2001/XMLSchema#{datatype}"))
    assert str(to_rdflib(literal)) == text
