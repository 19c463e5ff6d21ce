"""A difference in Turtle, with the ChangeSet vocabulary: who wants to query changes can load it into any store.

http://purl.org/vocab/changeset/schema# has what is needed and no more: a change set for each subject, with what was
added and removed as reified statements (RDF 1.1 Schema, section 5.3). Two things are added to it: the named graph of a
statement (``dcterms:isPartOf``), and IRIs for blank nodes, which say of which state a node is
(``genid/<digest>-<canonical label>``), because a label does not outlive the document.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import groupby

import pyoxigraph as ox

from kg.changes.comparison import Comparison
from kg.changes.patch import state_id
from kg.changes.state import TYPE, Facts, labelled
from kg.terms import PREFIXES

CHANGESET = "http://purl.org/vocab/changeset/schema#"
Object = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
_RDF, _DCTERMS, _PROV = PREFIXES["rdf"], PREFIXES["dcterms"], PREFIXES["prov"]


def write_changeset(comparison: Comparison) -> Iterator[bytes]:
    """The Turtle, a piece for each subject."""
    before, after = comparison.before.facts, comparison.after.facts
    prefixes = {**after.prefixes, "cs": CHANGESET, "rdf": _RDF, "dcterms": _DCTERMS, "prov": _PROV}
    yield b"".join(f"@prefix {p}: <{n}> .\n".encode() for p, n in sorted(prefixes.items()))
    differing = comparison.difference
    lines = [(line, "removal") for line in differing.removed] + [(line, "addition") for line in differing.added]
    lines.sort(key=lambda item: (item[0].partition(b" ")[0], item[1], item[0]))
    for _, group in groupby(lines, key=lambda item: (item[0].partition(b" ")[0], item[0][:1] == b"_" and item[1])):
        # A blank node of the one side has nothing to do with that of the other.
        yield b"\n" + _written(list(group), before, after, prefixes)


def _written(lines: list[tuple[bytes, str]], before: Facts, after: Facts, prefixes: dict[str, str]) -> bytes:
    """One change set; statements have IRIs of their own, so that it can be read without knowing where it begins."""
    told: list[ox.Triple] = []

    def say(subject: ox.NamedNode, prop: str, value: Object) -> None:
        told.append(ox.Triple(subject, ox.NamedNode(prop), value))

    pair = f"{before.digest}\n{after.digest}\n"
    first = _quad(lines[0][0], before if lines[0][1] == "removal" else after)
    changes = ox.NamedNode(_name(pair + str(first.subject)))
    say(changes, TYPE, ox.NamedNode(CHANGESET + "ChangeSet"))
    say(changes, CHANGESET + "subjectOfChange", first.subject)
    say(changes, CHANGESET + "createdDate", ox.Literal(after.date))
    say(changes, _PROV + "wasDerivedFrom", ox.NamedNode(state_id(before)))
    say(changes, _PROV + "generated", ox.NamedNode(state_id(after)))
    for line, what in lines:
        quad = _quad(line, before if what == "removal" else after)
        statement = ox.NamedNode(_name(pair + what + line.decode()))
        say(changes, CHANGESET + what, statement)
        say(statement, TYPE, ox.NamedNode(_RDF + "Statement"))
        say(statement, _RDF + "subject", quad.subject)
        say(statement, _RDF + "predicate", quad.predicate)
        say(statement, _RDF + "object", quad.object)
        if isinstance(quad.graph_name, ox.NamedNode):
            say(statement, _DCTERMS + "isPartOf", quad.graph_name)
    written = ox.serialize(told, format=ox.RdfFormat.TURTLE, prefixes=prefixes) or b""
    return b"".join(line for line in written.splitlines(keepends=True) if not line.startswith(b"@prefix"))


def _quad(line: bytes, facts: Facts) -> ox.Quad:
    (quad,) = ox.parse(line, ox.RdfFormat.N_QUADS)
    return labelled(quad, facts)


def _name(text: str) -> str:
    return f"urn:sha256:{hashlib.sha256(text.encode()).hexdigest()[:32]}"
