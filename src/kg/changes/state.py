"""One state of a graph, to be compared with another: a release, or a project as its files are at the moment.

Differences are told triple by triple, without named graphs: moving a statement to another file is no news. Blank nodes
get IRIs (Skolem IRIs, RDF 1.1 Concepts, section 3.5), made from the content of what hangs together by blank nodes. So
one that stays the same keeps its IRI from release to release, whatever changes elsewhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from heapq import merge

import pyoxigraph as ox

from kg.release.canonical import canonical
from kg.release.difference import Lines
from kg.terms import PREFIXES, graph_iri

TYPE = PREFIXES["rdf"] + "type"


@dataclass(frozen=True)
class Facts:
    """What a state says of itself; ``described`` are the triples about the publication (dataset, what pages show).

    ``name`` is for people, ``digest`` the SHA-256 of the canonical N-Quads.
    """

    name: str
    digest: str
    date: str
    base: str
    dataset: str
    title: dict[str, str]
    prefixes: dict[str, str]
    label_properties: tuple[str, ...]
    languages: tuple[str, ...]
    described: tuple[ox.Triple, ...]


class State:
    """Canonical N-Quads with their facts; ``asserted``: without what was inferred."""

    def __init__(self, facts: Facts, lines: Lines, *, asserted: bool = False, overlaps: bool = True) -> None:
        """``overlaps`` is False if it is known that no triple is in two named graphs, which saves looking."""
        self.facts = facts
        self.overlaps = overlaps
        self.lines = lines
        self._asserted = asserted
        self._inferred = f" <{graph_iri(facts.base, 'inferred')}> .".encode()

    @property
    def quads(self) -> Iterator[bytes]:
        """The canonical N-Quads that count, line by line."""
        return (line for line in self.lines if self.counts(line))

    def counts(self, quad: bytes) -> bool:
        """True unless a quad was inferred and inferences are left out."""
        return not (self._asserted and quad.endswith(self._inferred))

    def infers(self, quad: bytes) -> bool:
        """True if a quad of this state was inferred."""
        return quad.endswith(self._inferred)

    @cached_property
    def unnamed(self) -> Lines:
        """The triples with blank nodes, as in ``triples``."""
        return Lines(b"\n".join(self._skolemized))

    @property
    def triples(self) -> Iterator[bytes]:
        """Each triple once, sorted, as N-Triples without the final dot; blank nodes have IRIs."""
        plain = (triple_of(quad) for quad in self.quads if not has_blank(quad))
        former = None
        for triple in merge(plain, iter(self.unnamed)):
            if triple != former:  # the same in two named graphs
                yield triple
            former = triple

    def starting(self, prefix: bytes) -> list[bytes]:
        """The triples, written as in ``triples``, that start with ``prefix``."""
        found = [triple_of(quad) for quad in self.lines.starting(prefix) if self.counts(quad)]
        if self._skolemized:
            found = [triple for triple in found if not has_blank(triple)] + list(self.unnamed.starting(prefix))
        return sorted(set(found)) if len(found) > 1 else found

    def has(self, prefix: bytes) -> bool:
        """True if a triple starts with ``prefix``."""
        return any(self.counts(quad) for quad in self.lines.starting(prefix)) or bool(
            self._skolemized and any(True for _ in self.unnamed.starting(prefix))
        )

    def of_subject(self, iri: str) -> list[bytes]:
        """The triples about one subject."""
        return self.starting(b"<%s> " % iri.encode())

    def of_thing(self, iri: str) -> list[bytes]:
        """The triples about a thing and its parts (hash IRIs)."""
        return [*self.starting(b"<%s#" % iri.encode()), *self.of_subject(iri)]

    def describes(self, iri: str) -> bool:
        """True if something is said about a subject."""
        return self.has(b"<%s> " % iri.encode())

    def knows(self, iri: str) -> bool:
        """True if something is said about a thing or its parts."""
        return self.describes(iri) or self.has(b"<%s#" % iri.encode())

    def is_inferred(self, triple: bytes) -> bool:
        """True if a triple of this state follows only, and stands in no file."""
        found = list(self.lines.starting(triple + b" <"))
        return bool(found) and all(self.infers(quad) for quad in found)

    @cached_property
    def _skolemized(self) -> list[bytes]:
        blank = [quad for quad in self.lines.containing(b"_:") if has_blank(quad) and self.counts(quad)]
        return sorted(set(_skolemized(blank, self.facts.base)))


def triple_of(line: bytes) -> bytes:
    """A quad's line without its graph and dot. Every published quad is in a named graph, and no IRI holds a space."""
    return line[: line.rindex(b" <")]


def has_blank(line: bytes) -> bool:
    """True if there is a blank node in a quad or triple."""
    if line.startswith(b"_:"):
        return True
    return b" _:" in line and line.split(b" ", 2)[2].startswith(b"_:")


def parsed(triples: Iterable[bytes]) -> list[ox.Triple]:
    """Triples as terms, in the order given."""
    text = b"".join(triple + b" .\n" for triple in triples)
    return [quad.triple for quad in ox.parse(text, ox.RdfFormat.N_TRIPLES)]


def genid(base: str) -> str:
    """What the IRIs of blank nodes begin with."""
    return f"{base}.well-known/genid/"


def labelled(quad: ox.Quad, facts: Facts) -> ox.Quad:
    """The quad with an IRI for each blank node that says of which state the node's label is."""
    lead = f"{genid(facts.base)}{facts.digest[:12]}-"
    subject = ox.NamedNode(lead + quad.subject.value) if isinstance(quad.subject, ox.BlankNode) else quad.subject
    value = ox.NamedNode(lead + quad.object.value) if isinstance(quad.object, ox.BlankNode) else quad.object
    return ox.Quad(subject, quad.predicate, value, quad.graph_name)


def _skolemized(lines: list[bytes], base: str) -> Iterator[bytes]:
    """The triples with an IRI for each blank node, named after the canonical form of what hangs together with it."""
    quads = list(ox.parse(b"".join(line + b"\n" for line in lines), ox.RdfFormat.N_QUADS))
    twins: Counter[str] = Counter()
    for component in _components(quads):
        # Some graph is wanted by the algorithm; which one must not matter.
        whole = canonical(ox.Quad(q.subject, q.predicate, q.object, ox.NamedNode(base)) for q in component)
        name = whole.digest()[:16]
        twins[name] += 1  # equal ones may change places, nobody can tell
        lead = f"{genid(base)}{name}-{twins[name]}-"
        for quad in whole.quads:
            subject, value = (
                ox.NamedNode(lead + term.value) if isinstance(term, ox.BlankNode) else term
                for term in (quad.subject, quad.object)
            )
            yield f"{subject} {quad.predicate} {value}".encode()


def _components(quads: list[ox.Quad]) -> list[list[ox.Quad]]:
    """The quads in groups that share no blank node."""
    leader: dict[str, str] = {}

    def lead(label: str) -> str:
        while leader.setdefault(label, label) != label:
            leader[label] = leader[leader[label]]
            label = leader[label]
        return label

    def blanks(quad: ox.Quad) -> list[str]:
        return [term.value for term in (quad.subject, quad.object) if isinstance(term, ox.BlankNode)]

    for quad in quads:
        first, *others = blanks(quad)
        for other in others:
            leader[lead(other)] = lead(first)
    groups: dict[str, list[ox.Quad]] = {}
    for quad in quads:
        groups.setdefault(lead(blanks(quad)[0]), []).append(quad)
    return list(groups.values())
