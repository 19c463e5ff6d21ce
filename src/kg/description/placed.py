"""The addresses that a description gives to pages: whether a page can stand there, and what it would hide."""

from __future__ import annotations

from collections.abc import Iterator

import pyoxigraph as ox

from kg.description.facts import Facts
from kg.findings import Finding
from kg.terms import PREFIXES, is_local_path, is_own_path

_STRING = PREFIXES["xsd"] + "string"


def placed(facts: Facts) -> Iterator[Finding]:
    """What is wrong with the paths of pages, each taken for itself."""
    for page, paths in facts.having("path"):
        for path in paths:
            if isinstance(path, ox.Literal) and path.datatype.value == _STRING and path.value != "/":
                yield from _path(facts, page, path)


def _path(facts: Facts, page: str, path: ox.Literal) -> Iterator[Finding]:
    if not is_local_path(path.value):
        yield facts.finding(
            "path",
            page,
            "path",
            path,
            'no path of a page: it begins with one slash, such as "/about", and has no "//", "/../", %, ? or #',
            'kein Pfad einer Seite: er beginnt mit einem Schrägstrich wie "/about", ohne "//", "/../", %, ? oder #',
        )
    elif is_own_path(path.value):
        own = path.value.split("/")[1]
        yield facts.finding(
            "path",
            page,
            "path",
            path,
            f"the addresses /{own} are the program's own, so the page is not shown; give it another path",
            f"die Adressen /{own} gehören dem Programm, die Seite wird also nicht gezeigt; einen anderen Pfad angeben",
        )
    elif facts.locate.find(facts.graph.project.base + path.value[1:])[0]:
        yield facts.finding(
            "hidden",
            page,
            "path",
            path,
            "a thing has this address, and the page hides it; give the page another path",
            "ein Ding hat diese Adresse, und die Seite verdeckt es; der Seite einen anderen Pfad geben",
            "warning",
        )
