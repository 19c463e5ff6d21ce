"""Triples -> text that is the same each time, piece by piece: Turtle and TriG that a person can read, and RDF/XML.

Pyoxigraph writes; here its output gets an order, headings and prefixes that do not depend on the run. All writers take
a few thousand statements at a time, so that the size of a graph is no matter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar
from xml.sax.saxutils import quoteattr

import pyoxigraph as ox

from kg.publishable import has_local_name
from kg.release.canonical import Canonical
from kg.terms import PREFIXES

_BATCH = 20_000
_RDF = PREFIXES["rdf"]
_TYPE = f"<{_RDF}type> ".encode()
_TYPE_NODE = ox.NamedNode(_RDF + "type")
# A prefix of XML may not begin so (Namespaces in XML 1.0, section 3).
_RESERVED = re.compile("xml", re.IGNORECASE)

Tell = Callable[[int], None]
Statement = TypeVar("Statement", ox.Triple, ox.Quad)


@dataclass(frozen=True)
class Arrangement:
    """Quads in the order in which a person reads: by the IRI of the subject, its type first, then by property.

    ``graphs`` has them by named graph, ``sections`` too, but a triple that is in several graphs stands in the first of
    them only. ``once`` has every triple once, whatever its graph.
    """

    once: list[ox.Quad]
    sections: dict[str, list[ox.Quad]]
    graphs: dict[str, list[ox.Quad]]


def arranged(content: Canonical, order: Sequence[str]) -> Arrangement:
    """The quads of ``content`` by the named graphs in ``order``, all of which must be there."""
    found = Arrangement([], {graph: [] for graph in order}, {graph: [] for graph in order})
    rank = {f"<{graph}> .\n".encode(): number for number, graph in enumerate(order)}
    former, first = b"", -1
    for line, quad in _types_first(content):
        end = line.rindex(b" <") + 1
        number = rank[line[end:]]
        found.graphs[order[number]].append(quad)
        if line[:end] != former:
            former, first = line[:end], number
            found.once.append(quad)
            found.sections[order[number]].append(quad)
        elif number < first:
            found.sections[order[first]].pop()  # what was added last
            found.sections[order[number]].append(quad)
            first = number
    return found


def _types_first(content: Canonical) -> Iterator[tuple[bytes, ox.Quad]]:
    types: list[tuple[bytes, ox.Quad]] = []
    rest: list[tuple[bytes, ox.Quad]] = []
    subject = b" "
    for line, quad in zip(content.lines, content.quads, strict=True):
        if not line.startswith(subject):
            yield from types
            yield from rest
            types, rest = [], []
            subject = line[: line.index(b" ") + 1]
        (types if line.startswith(_TYPE, len(subject)) else rest).append((line, quad))
    yield from types
    yield from rest


def turtle(
    sections: Iterable[tuple[str, Iterable[ox.Triple]]], prefixes: dict[str, str], heading: Sequence[str] = ()
) -> bytes:
    """A small graph as Turtle, with a comment block on top and one titled section for each group of triples.

    Subjects stand in the order of their IRIs, the type of each first. A triple that is in several sections is written
    in the first of them only.
    """
    seen: set[ox.Triple] = set()
    in_order = []
    for title, members in sections:
        fresh = sorted(set(members) - seen, key=_reading_order)
        seen.update(fresh)
        in_order.append((title, fresh))
    return b"".join(turtle_parts(in_order, prefixes, heading))


def turtle_parts(
    sections: Iterable[tuple[str, Sequence[Statement]]],
    prefixes: dict[str, str],
    heading: Sequence[str] = (),
    tell: Tell = lambda _: None,
) -> Iterator[bytes]:
    """The same piece by piece, of statements that stand in that order already (names of graphs are not written).

    ``tell`` is told how many statements a piece held.
    """
    if heading:
        yield _comment(heading) + b"\n"
    yield _turtle_prefixes(prefixes)
    for title, statements in sections:
        for number, batch in enumerate(batches(statements)):
            yield b"\n" + (_comment(("", title, "")) + b"\n" if title and not number else b"")
            written = ox.serialize(triples(batch), format=ox.RdfFormat.TURTLE, prefixes=prefixes) or b""
            lines = written.splitlines(keepends=True)
            body = next(i for i, line in enumerate(lines) if not line.startswith(b"@"))
            # A blank line between subjects; the serializer indents all but the first line of each with a tab.
            spaced = [b"\n" + line if line[:1] not in b"\t" and i else line for i, line in enumerate(lines[body:])]
            yield b"".join(spaced).replace(b"\n\t", b"\n    ")
            tell(len(batch))


def trig_parts(
    graphs: dict[str, list[ox.Quad]],
    prefixes: dict[str, str],
    heading: Sequence[str] = (),
    tell: Tell = lambda _: None,
) -> Iterator[bytes]:
    """TriG with a comment block on top; a block for each named graph (RDF 1.1 TriG), in the order of their IRIs."""
    yield _comment(heading) + b"\n" + _turtle_prefixes(prefixes)
    for graph in sorted(graphs):
        if graphs[graph]:
            yield b"\n"
        for number, batch in enumerate(batches(graphs[graph])):
            block = _block(batch, prefixes)
            # The braces are written once for each graph.
            yield block[block.index(b"\n") + 1 if number else 0 : block.rindex(b"}")]
            tell(len(batch))
        if graphs[graph]:
            yield b"}\n"


def _block(quads: Sequence[ox.Quad], prefixes: dict[str, str]) -> bytes:
    written = ox.serialize(quads, format=ox.RdfFormat.TRIG, prefixes=prefixes) or b""
    lines = written.splitlines(keepends=True)
    body = next(i for i, line in enumerate(lines) if not line.startswith(b"@prefix"))
    return b"".join(lines[body:]).replace(b"\t", b"    ")


def rdf_xml_parts(quads: Sequence[Statement], prefixes: dict[str, str], tell: Tell = lambda _: None) -> Iterator[bytes]:
    """The triples as RDF/XML, each subject an element; the prefixes are all declared at the root."""
    kept = {prefix: namespace for prefix, namespace in prefixes.items() if not _RESERVED.match(prefix)}
    kept = {prefix: namespace for prefix, namespace in kept.items() if prefix != "rdf" and namespace != _RDF}
    kept["rdf"] = _RDF
    declared = "".join(f"\n    xmlns:{prefix}={quoteattr(kept[prefix])}" for prefix in sorted(kept))
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF{declared}>\n'.encode()
    for batch in batches(quads):
        members = triples(batch)
        # The serializer makes the first type of a thing an element, which such a class has no name for.
        nameless = [t for t in members if t.predicate == _TYPE_NODE and not _can_be_element(t.object)]
        if nameless:
            yield "".join(map(_type_in_xml, nameless)).encode()
            members = [t for t in members if t.predicate != _TYPE_NODE or _can_be_element(t.object)]
        written = ox.serialize(members, format=ox.RdfFormat.RDF_XML, prefixes=kept) or b""
        start = written.index(b"\n", written.index(b"<rdf:RDF")) + 1
        # An XML reader takes a bare carriage return for a line break (XML 1.0, section 2.11).
        yield written[start : written.rindex(b"</rdf:RDF>")].replace(b"\r", b"&#13;")
        tell(len(batch))
    yield b"</rdf:RDF>\n"


def _can_be_element(type_: object) -> bool:
    return not isinstance(type_, ox.NamedNode) or has_local_name(type_.value)


def _type_in_xml(triple: ox.Triple) -> str:
    subject, kind = triple.subject, triple.object
    if not isinstance(kind, ox.NamedNode) or not isinstance(subject, ox.NamedNode | ox.BlankNode):
        raise TypeError(f"no type of a thing: {triple}")
    name = "about" if isinstance(subject, ox.NamedNode) else "nodeID"
    attribute = f"rdf:{name}={quoteattr(subject.value)}"
    type_ = f"\t\t<rdf:type rdf:resource={quoteattr(kind.value)}/>\n"
    return f"\t<rdf:Description {attribute}>\n{type_}\t</rdf:Description>\n"


def batches(statements: Sequence[Statement]) -> Iterator[Sequence[Statement]]:
    """The statements in pieces; what stands together about one subject stays together."""
    start = 0
    while start < len(statements):
        end = min(start + _BATCH, len(statements))
        while end < len(statements) and statements[end].subject == statements[end - 1].subject:
            end += 1
        yield statements[start:end]
        start = end


def triples(statements: Iterable[ox.Triple | ox.Quad]) -> list[ox.Triple]:
    """The statements without the names of their graphs."""
    return [statement.triple if isinstance(statement, ox.Quad) else statement for statement in statements]


def _comment(lines: Sequence[str]) -> bytes:
    # A line break in a title must not end the comment.
    return "".join(f"# {' '.join(line.split())}".rstrip() + "\n" for line in lines).encode()


def _turtle_prefixes(prefixes: dict[str, str]) -> bytes:
    lines = [f"@prefix {prefix}: <{prefixes[prefix]}> ." for prefix in sorted(prefixes)]
    return ("\n".join(lines) + "\n").encode()


def _reading_order(triple: ox.Triple) -> tuple[str, bool, str, str]:
    is_type = triple.predicate.value == _RDF + "type"
    return (str(triple.subject), not is_type, str(triple.predicate), str(triple.object))
