"""What an ontology says of a term, in words: phrases made of names that lead on and of plain text between them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from rdflib import OWL, RDF, RDFS, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from kg.messages import Message
from kg.representation.view import Term, written_kind

Phrase = tuple[Term, ...]
Namer = Callable[[str], Term]

# Kinds of terms in the order in which they are told, with the headings of their lists.
CLASS_KINDS = {OWL.Class: Message("Class"), RDFS.Class: Message("Class")}
PROPERTY_KINDS = {
    OWL.ObjectProperty: Message("Object property"),
    OWL.DatatypeProperty: Message("Datatype property"),
    OWL.AnnotationProperty: Message("Annotation property"),
    RDF.Property: Message("Property"),
}
_TRAITS = (
    (OWL.TransitiveProperty, Message("transitive: what holds from step to step holds for the whole way")),
    (OWL.SymmetricProperty, Message("symmetric: it holds in both directions")),
    (OWL.AsymmetricProperty, Message("asymmetric: it never holds in both directions")),
    (OWL.ReflexiveProperty, Message("reflexive: everything is so related to itself")),
    (OWL.IrreflexiveProperty, Message("irreflexive: nothing is so related to itself")),
    (OWL.FunctionalProperty, Message("functional: at most one value")),
    (OWL.InverseFunctionalProperty, Message("inverse functional: a value belongs to one thing only")),
)


class Axioms:
    """Reads the ontology in ``graph``; ``name`` gives the name of a term, linked."""

    def __init__(self, graph: Graph, name: Namer) -> None:
        self._graph = graph
        self._name = name

    def named(self, nodes: Iterable[Node]) -> list[Phrase]:
        """The things among the nodes, by name."""
        names = [self._name(str(node)) for node in nodes if isinstance(node, URIRef)]
        return [(term,) for term in sorted(names, key=lambda t: t.text.casefold())]

    def supers(self, term: URIRef, predicate: URIRef) -> list[Phrase]:
        """The terms directly above."""
        return self.named(self._graph.objects(term, predicate))

    def subs(self, term: URIRef, predicate: URIRef) -> list[Phrase]:
        """The terms directly below."""
        return self.named(self._graph.subjects(predicate, term))

    def equals(self, term: URIRef) -> list[Phrase]:
        """What a class is defined to be the same as."""
        return [self.expression(node) for node in self._graph.objects(term, OWL.equivalentClass)]

    def necessary(self, term: URIRef) -> list[Phrase]:
        """What is true of every member of a class beyond its named superclasses."""
        return [self.expression(n) for n in self._graph.objects(term, RDFS.subClassOf) if isinstance(n, BNode)]

    def sufficient(self, term: URIRef) -> list[Phrase]:
        """What makes a member of a class without defining it."""
        return [self.expression(n) for n in self._graph.subjects(RDFS.subClassOf, term) if isinstance(n, BNode)]

    def inverses(self, term: URIRef) -> list[Phrase]:
        """The properties that say the same backwards."""
        return self.named({*self._graph.objects(term, OWL.inverseOf), *self._graph.subjects(OWL.inverseOf, term)})

    def traits(self, term: URIRef) -> list[Phrase]:
        """The characteristics of a property."""
        types = set(self._graph.objects(term, RDF.type))
        return [(Term(text),) for kind, text in _TRAITS if kind in types]

    def chains(self, term: URIRef) -> list[Phrase]:
        """The ways of several steps that a property sums up."""
        chains = map(self._items, self._graph.objects(term, OWL.propertyChainAxiom))
        return sorted((_joined([self.expression(step) for step in chain], " → ") for chain in chains), key=_text)

    def disjoint(self, term: URIRef) -> list[Phrase]:
        """The classes that a class is said to have nothing in common with, one by one."""
        other = {*self._graph.objects(term, OWL.disjointWith), *self._graph.subjects(OWL.disjointWith, term)}
        return self.named(other)

    def exclusions(self) -> list[Phrase]:
        """The groups of classes of which nothing is two at once."""
        groups = self._graph.subjects(RDF.type, OWL.AllDisjointClasses)
        members = (self._items(group) for node in groups for group in self._graph.objects(node, OWL.members))
        return sorted((_joined(self.named(nodes), " · ") for nodes in members), key=lambda p: (-len(p), _text(p)))

    def expression(self, node: Node) -> Phrase:
        """A class expression: ``position whose polarity is negative``."""
        if isinstance(node, URIRef):
            return (self._name(str(node)),)
        if isinstance(node, Literal):
            return (Term(str(node), language=node.language or "", kind=written_kind(str(node.datatype or ""))),)
        return self._combined(node) or (Term(Message("an expression that only the RDF shows")),)

    def _combined(self, node: Node) -> Phrase:
        """An expression made of others, empty if it is none that is known here."""
        if members := self._list_of(node, OWL.intersectionOf):
            return self._intersection(members)
        for predicate, lead, between in ((OWL.unionOf, "", Message(" or ")), (OWL.oneOf, Message("one of "), ", ")):
            if members := self._list_of(node, predicate):
                told = _joined([self.expression(member) for member in members], between)
                return (Term(lead), *told) if lead else told
        for predicate, lead in ((OWL.complementOf, Message("not ")), (OWL.inverseOf, Message("inverse of "))):
            if (value := self._graph.value(node, predicate)) is not None:
                return (Term(lead), *self.expression(value))
        if (node, OWL.onProperty, None) in self._graph:
            return (Term(Message("anything whose ")), *self._restriction(node))
        return ()

    def _intersection(self, members: Sequence[Node]) -> Phrase:
        restrictions = [m for m in members if (m, OWL.onProperty, None) in self._graph]
        classes = [self.expression(m) for m in members if m not in restrictions]
        start = _joined(classes, Message(" that is also ")) or (Term(Message("anything")),)
        if not restrictions:
            return start
        return (
            *start,
            Term(Message(" whose ")),
            *_joined([self._restriction(r) for r in restrictions], Message(" and whose ")),
        )

    def _restriction(self, node: Node) -> Phrase:
        about = self._graph.value(node, OWL.onProperty)
        subject = self.expression(about) if about is not None else ()
        for predicate, words in (
            (OWL.hasValue, Message(" is ")),
            (OWL.someValuesFrom, Message(" is some ")),
            (OWL.allValuesFrom, Message(" is always ")),
            (OWL.cardinality, Message(" are, in number, ")),
            (OWL.minCardinality, Message(" are at least ")),
            (OWL.maxCardinality, Message(" are at most ")),
        ):
            if (value := self._graph.value(node, predicate)) is not None:
                return (*subject, Term(words), *self.expression(value))
        return (*subject, Term(Message(" is restricted")))

    def _list_of(self, node: Node, predicate: URIRef) -> list[Node]:
        head = self._graph.value(node, predicate)
        return self._items(head) if head is not None else []

    def _items(self, head: Node) -> list[Node]:
        return list(self._graph.items(head))


def _joined(phrases: Sequence[Phrase], between: str) -> Phrase:
    found: list[Term] = []
    for phrase in phrases:
        found += [Term(between), *phrase] if found else phrase
    return tuple(found)


def _text(phrase: Phrase) -> str:
    return "".join(term.text for term in phrase)
