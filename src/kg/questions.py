"""Questions: SPARQL queries kept with the ontology, with titles and parameters.

A question is a file ``ontology/questions/<name>.rq`` that runs as it is. Comment lines on top say the rest::

    # number: 11
    # en: Which positions were in force on a day?
    # parameter: ?date xsd:date | en: the day | de: der Tag

A parameter is a variable for which the query has ``VALUES ?date { "2026-01-08"^^xsd:date }``: the value there is the
default, and another takes its place. With ``VALUES ?date { UNDEF }`` it has none and may be left out. Its type is a
datatype, or the IRI of the class or SKOS scheme whose members can be given; prefixes are the query's own. After
``e:Actor, several`` any number of values can be given, and each is a row of VALUES.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyoxigraph as ox

from kg import sparql
from kg.errors import SourceError
from kg.source import read_text

_PARAMETER = re.compile(
    r"#\s*parameter:\s*\?(\w+)\s+(<[^>]*>|[^\s,|]+)\s*(,\s*several\b)?\s*((?:\|\s*[a-z]{2,3}:[^|]*)*)"
)

# Where a sentence about an answer (display:wording) has the value of a variable.
PLACEHOLDER = re.compile(r"\{(?P<name>\w+)(?P<amount>:number)?\}")

Value = ox.NamedNode | ox.Literal


@dataclass(frozen=True)
class Parameter:
    """A variable that can be given: its name, the IRI of its type, what it means by language, and its default.

    Without a default (None) it may be left out. ``offered`` is a property: forms offer only its values. ``several``:
    any number of values can be given.
    """

    name: str
    type: str
    says: dict[str, str] = field(hash=False)
    default: Value | None
    offered: str = ""
    several: bool = False


@dataclass(frozen=True)
class Question:
    """A query kept with the ontology: its name (file stem), titles by language, SPARQL text and parameters.

    ``number`` is its place in a list of questions, 0 if it has none; ``file`` is where it stands.
    """

    name: str
    file: Path
    titles: dict[str, str]
    text: str
    number: int = 0
    parameters: tuple[Parameter, ...] = ()

    def with_values(self, values: Mapping[str, Value | Sequence[Value]]) -> str:
        """The query with some of its parameters given, a sequence for those that take several values.

        No value at all leaves the default. Raises KeyError for a name that is no parameter.
        """
        known = {parameter.name for parameter in self.parameters}
        if unknown := set(values) - known:
            raise KeyError(f"{self.name} has no parameter {min(unknown)}")
        text = self.text
        spans = sparql.single_values(text)
        # From the end to the beginning, so that the places that are still to come stay where they are.
        for name, (start, end) in sorted(spans.items(), key=lambda item: -item[1][0]):
            given = values.get(name, ())
            rows = (given,) if isinstance(given, ox.NamedNode | ox.Literal) else given
            if rows:
                text = f"{text[:start]} {' '.join(map(str, rows))} {text[end:]}"
        return text


def read_question(path: Path) -> Question:
    """Read a question from its file. Raises SourceError if it is not UTF-8 or a parameter is not as described."""
    text = read_text(path)
    told = sparql.header(text)
    titles, number = sparql.by_language(told), told.get("number", "")
    parameters = []
    for line_number, line in enumerate(text.splitlines(), start=1):
        if not line.startswith("#"):
            break
        stripped = line.strip()
        if match := _PARAMETER.fullmatch(stripped):
            parameters.append(_parameter(match, text, path, line_number))
        elif re.match(r"#\s*parameter\b", stripped):
            raise SourceError(
                "write: # parameter: ?name type[, several] | en: what it means", path, line_number, 1, line
            )
    named = titles or {"en": path.stem.replace("-", " ")}
    return Question(path.stem, path, named, text, int(number) if number.isdecimal() else 0, tuple(parameters))


def _parameter(match: re.Match[str], text: str, path: Path, line: int) -> Parameter:
    name, type_text, several, said = match.groups()
    span = sparql.single_values(text).get(name)
    if span is None:
        raise SourceError(f"the query has no VALUES ?{name} {{ one value }}, so it has no such parameter", path, line)
    written = text[slice(*span)]
    left_open = written.strip().upper() == "UNDEF"
    default = None if left_open else term(written, text)
    kind = term(type_text, text)
    if (default is None and not left_open) or not isinstance(kind, ox.NamedNode):
        wrong = f"the type {type_text}" if left_open or default is not None else f"the default of ?{name}"
        raise SourceError(f"{wrong} is not one RDF term with the prefixes of this query", path, line)
    says = {language.strip(): words.strip() for part in said.split("|") if ":" in part
            for language, words in [part.split(":", 1)]}  # fmt: skip
    return Parameter(name, kind.value, says, default, several=bool(several))


def term(written: str, query: str) -> Value | None:
    """An RDF term ``written`` as the query would write it, with its prefixes; None if it is not exactly one."""
    prologue = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in sparql.prefixes(query).items())
    try:
        answer = ox.Store().query(f"{prologue}SELECT ?value {{ VALUES ?value {{ {written} }} }}")
    except SyntaxError:
        return None
    values = [row["value"] for row in answer] if isinstance(answer, ox.QuerySolutions) else []
    return values[0] if len(values) == 1 and isinstance(values[0], ox.NamedNode | ox.Literal) else None


def columns_of(variables: Sequence[str]) -> list[str]:
    """The variables of an answer that make columns: all but those that hold the text for another."""
    return [name for name in variables if not (name.endswith("Label") and name.removesuffix("Label") in variables)]
