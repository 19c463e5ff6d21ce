"""The program's own vocabularies define what the program and its documentation use, and nothing else."""

from __future__ import annotations

import re

import pyoxigraph as ox
import pytest
from rdflib import Namespace

from kg import terms
from kg.representation.namespaces import NAMES, namespace
from tests.conftest import ROOT

OURS = "https://w3id.org/pledge-graph-"
NAMED = {str(value): name for name, value in vars(terms).items() if isinstance(value, Namespace)}
USED = {namespace: name for namespace, name in NAMED.items() if namespace.startswith(OURS)}
DEFINED_BY = ox.NamedNode(terms.PREFIXES["rdfs"] + "isDefinedBy")


def used(name: str) -> set[str]:
    """The terms of a vocabulary that the program's code or the documentation names."""
    constant = USED[f"{OURS}{name}#"]
    patterns = [
        rf"(?<![\w:/.#-]){name}:([a-zA-Z]+)",  # a prefixed name: in a query, or in a page of the documentation
        rf"{re.escape(OURS)}{name}#([a-zA-Z]+)",
    ]
    in_code = [rf"\b{constant}\.([a-zA-Z]+)\b(?!\()", rf"\b(?:str\({constant}\)|{constant}) \+ \"([a-zA-Z]+)\""]
    # Lists of properties are read by name in one place (changes/showing).
    in_code.append(r'_list\(facts, said, "([a-zA-Z]+)"\)' if name == "display" else r"(?!)")
    found: set[str] = set()
    for path in sorted((ROOT / "src/kg").rglob("*.py")):
        if f"import {constant}" in (text := path.read_text()) or re.search(rf"import .*\b{constant}\b", text):
            found |= {term for pattern in in_code for term in re.findall(pattern, text)}
        found |= {term for pattern in patterns for term in re.findall(pattern, text)}
    for path in sorted((ROOT / "docs").glob("*.md")):
        found |= {term for pattern in patterns for term in re.findall(pattern, path.read_text())}
    return found


def test_every_namespace_of_the_program_has_a_vocabulary() -> None:
    assert {f"{OURS}{name}#" for name in NAMES} == set(USED)
    assert all(namespace(name).iri == f"{OURS}{name}" for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_vocabulary_defines_the_terms_in_use_and_no_others(name: str) -> None:
    assert {entry.anchor for entry in namespace(name).entries} == used(name)


@pytest.mark.parametrize("name", NAMES)
def test_each_term_says_what_it_is(name: str) -> None:
    told = namespace(name)
    assert told.title
    assert told.description
    texts = [entry.comment for entry in told.entries]
    assert len(set(texts)) == len(texts)
    for entry in told.entries:
        subject = ox.NamedNode(entry.iri)
        about = [t for t in told.triples if t.subject == subject]
        assert ox.Triple(subject, DEFINED_BY, ox.NamedNode(told.iri)) in about
        assert entry.label
        assert entry.comment.endswith(".")
        assert any(words == "Kind" for words, _ in entry.facts)
        assert all(t.object.language == "en" for t in about if isinstance(t.object, ox.Literal) and t.object.language)
    # What a term belongs to or has as a value is a term of this vocabulary that exists, or of another one.
    anchors = {f"{told.iri}#{entry.anchor}" for entry in told.entries}
    pointed = {t.object.value for t in told.triples if isinstance(t.object, ox.NamedNode)}
    assert {iri for iri in pointed if iri.startswith(f"{told.iri}#")} <= anchors


def test_the_functions_of_a_query_are_the_ones_described() -> None:
    from kg.search import FUNCTIONS  # noqa: PLC0415

    assert {function.iri for function in FUNCTIONS} == {entry.iri for entry in namespace("search").entries}
