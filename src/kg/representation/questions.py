"""The questions of a release as its catalogue has them (``metadata.queries``), for pages and for ``kg ask``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import pyoxigraph as ox

from kg.engine.solutions import Row
from kg.questions import Parameter
from kg.questions import Question as KeptQuestion
from kg.representation.numerals import count, holds, place
from kg.terms import PREFIXES, graph_iri, prologue, question_iri

# Finds the rows for a pattern in what speaks of the publication.
Rows = Callable[[str], list[Row]]


@dataclass(frozen=True)
class Question:
    """A question that the project keeps: its IRI, and all that stands in its file."""

    iri: str
    kept: KeptQuestion

    @property
    def titles(self) -> dict[str, str]:
        """Its titles by language."""
        return self.kept.titles

    @property
    def text(self) -> str:
        """Its SPARQL text."""
        return self.kept.text


@dataclass(frozen=True)
class Topic:
    """What several questions are about: its titles by language, and their IRIs."""

    titles: dict[str, str]
    questions: set[str]


def about_publication(base: str, pattern: str) -> str:
    """The SELECT query for a pattern in what speaks of the publication; ``base`` is that of the project."""
    declared = prologue("display", "dcterms", "rdf", "rdfs", "sh")
    return f"{declared} SELECT * {{ GRAPH <{graph_iri(base, 'meta')}> {{ {pattern} }} }}"


def read_questions(rows: Rows, base: str) -> list[Question]:
    """The questions of the project with this ``base``, numbered ones first, then by name. Raises what ``rows`` does."""
    found: dict[str, KeptQuestion] = {}
    parameters = _parameters(rows)
    for row in rows(
        "{ ?question sh:select|sh:ask|sh:construct ?text } "
        "UNION { ?question a sh:SPARQLExecutable ; rdfs:comment ?text } "
        "?question rdfs:label ?label OPTIONAL { ?question sh:order ?number }"
    ):
        iri = row["question"]["value"]
        if not iri.startswith(question_iri(base, "")):
            continue  # a rule
        name = unquote(iri.removeprefix(question_iri(base, "")))
        number = count(row, "number") or 0
        kept = KeptQuestion(name, Path(), {}, row["text"]["value"], number, tuple(parameters.get(iri, ())))
        found.setdefault(iri, kept).titles[row["label"].get("xml:lang", "")] = row["label"]["value"]
    questions = [Question(iri, kept) for iri, kept in found.items()]
    return sorted(questions, key=lambda q: (not q.kept.number, q.kept.number, q.kept.name))


def read_topics(rows: Rows) -> list[Topic]:
    """The topics of the project's questions (``display:Topic``), in their order."""
    found: dict[str, Topic] = {}
    for row in sorted(
        rows("?topic a display:Topic ; sh:order ?order ; rdfs:label ?label ; display:asks ?question"),
        key=lambda row: (place(row, "order"), row["topic"]["value"]),
    ):
        topic = found.setdefault(row["topic"]["value"], Topic({}, set()))
        topic.titles[row["label"].get("xml:lang", "")] = row["label"]["value"]
        topic.questions.add(row["question"]["value"])
    return list(found.values())


def _parameters(rows: Rows) -> dict[str, list[Parameter]]:
    """The parameters of each question by its IRI, in their order."""
    told = rows(
        "?question sh:parameter ?node . ?node sh:name ?name ; sh:order ?order ; sh:datatype|sh:class ?type "
        "OPTIONAL { ?node sh:defaultValue ?default } "
        "OPTIONAL { ?node display:offered ?offered FILTER(isIRI(?offered)) } "
        "OPTIONAL { ?node display:several ?several } OPTIONAL { ?node sh:description ?says }"
    )
    known: dict[tuple[str, str], Parameter] = {}
    for row in sorted(told, key=lambda row: place(row, "order")):
        key = row["question"]["value"], row["name"]["value"]
        default = _value(row["default"]) if "default" in row else None
        offered = row["offered"]["value"] if "offered" in row else ""
        several = holds(row, "several")
        parameter = known.setdefault(key, Parameter(key[1], row["type"]["value"], {}, default, offered, several))
        if "says" in row:
            parameter.says[row["says"].get("xml:lang", "")] = row["says"]["value"]
    found: dict[str, list[Parameter]] = {}
    for (question, _), parameter in known.items():
        found.setdefault(question, []).append(parameter)
    return found


def _value(told: dict[str, str]) -> ox.NamedNode | ox.Literal:
    if told["type"] == "uri":
        return ox.NamedNode(told["value"])
    if language := told.get("xml:lang"):
        return ox.Literal(told["value"], language=language)
    return ox.Literal(told["value"], datatype=ox.NamedNode(told.get("datatype", PREFIXES["xsd"] + "string")))
