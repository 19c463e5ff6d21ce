"""The OWL 2 RL closure that an ontology needs, as set-based rules in Oxigraph, and the project's own rules after it.

The rules of OWL carry the names of the OWL 2 RL/RDF rule tables (OWL 2 Profiles, section 4.3). Only what a reader
would ask for is kept: types and relations between named things, not ``x sameAs x`` or types of literals. An ontology
that uses an axiom without a rule here is refused: skipping it in silence would publish a closure that is none.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pyoxigraph as ox

from kg.errors import InferenceError
from kg.project import Rule
from kg.terms import PREFIXES

_PREFIXES = {p: PREFIXES[p] for p in ("owl", "rdf", "rdfs", "xsd")}

# Classes and properties that are each other's sub- or equivalent term, at any distance (scm-sco, scm-eqc, scm-spo ...).
_SUBCLASS = "(rdfs:subClassOf|owl:equivalentClass|^owl:equivalentClass)+"
_SUBPROPERTY = "(rdfs:subPropertyOf|owl:equivalentProperty|^owl:equivalentProperty)+"
_MEMBER = "rdf:rest*/rdf:first"

_RULES: tuple[tuple[str, str, str], ...] = (
    ("cax-sco", "?x a ?d", f"?c {_SUBCLASS} ?d . ?x a ?c"),
    ("prp-spo1", "?x ?q ?y", f"?p {_SUBPROPERTY} ?q . FILTER(isIRI(?q)) ?x ?p ?y"),
    ("prp-dom", "?x a ?c", "?p rdfs:domain ?c . ?x ?p ?y"),
    ("prp-rng", "?y a ?c", "?p rdfs:range ?c . ?x ?p ?y . FILTER(!isLiteral(?y))"),
    ("prp-inv", "?y ?q ?x", "?p owl:inverseOf|^owl:inverseOf ?q . ?x ?p ?y . FILTER(!isLiteral(?y))"),
    ("prp-symp", "?y ?p ?x", "?p a owl:SymmetricProperty . ?x ?p ?y . FILTER(!isLiteral(?y))"),
    ("prp-trp", "?x ?p ?z", "?p a owl:TransitiveProperty . ?x ?p ?y . ?y ?p ?z"),
    ("cls-hv1", "?x ?p ?v", "?r owl:hasValue ?v ; owl:onProperty ?p . ?x a ?r"),
    ("cls-hv2", "?x a ?r", "?r owl:hasValue ?v ; owl:onProperty ?p . ?x ?p ?v"),
    ("cls-svf1", "?x a ?r", "?r owl:someValuesFrom ?c ; owl:onProperty ?p . ?x ?p ?y . ?y a ?c"),
    ("cls-svf2", "?x a ?r", "?r owl:someValuesFrom owl:Thing ; owl:onProperty ?p . ?x ?p ?y"),
    ("cls-avf", "?y a ?c", "?r owl:allValuesFrom ?c ; owl:onProperty ?p . ?x a ?r ; ?p ?y . FILTER(!isLiteral(?y))"),
    (
        "cls-int1",
        "?x a ?c",
        f"?c owl:intersectionOf ?l . ?l rdf:first ?first . ?x a ?first . "
        f"FILTER NOT EXISTS {{ ?l {_MEMBER} ?m . FILTER NOT EXISTS {{ ?x a ?m }} }}",
    ),
    ("cls-int2", "?x a ?m", f"?c owl:intersectionOf/{_MEMBER} ?m . ?x a ?c"),
    ("cls-uni", "?x a ?c", f"?c owl:unionOf/{_MEMBER} ?m . ?x a ?m"),
    ("cls-oo", "?x a ?c", f"?c owl:oneOf/{_MEMBER} ?x"),
)

# What must not be: each row of an answer is a contradiction. ?x is the thing, ?a and ?b what clashes.
_CLASHES: tuple[tuple[str, str, str], ...] = (
    ("cax-dw", "is both {a} and {b}, which are disjoint", "?a owl:disjointWith ?b . ?x a ?a, ?b"),
    (
        "cax-adc",
        "is both {a} and {b}, which are disjoint",
        f"?all a owl:AllDisjointClasses ; owl:members ?l . ?l {_MEMBER} ?a . ?l {_MEMBER} ?b . "
        "FILTER(STR(?a) < STR(?b)) ?x a ?a, ?b",
    ),
    ("cls-com", "is both {a} and its complement {b}", "?a owl:complementOf ?b . ?x a ?a, ?b"),
    ("cls-nothing2", "is in the empty class owl:Nothing", "?x a owl:Nothing"),
    ("prp-irp", "stands in the irreflexive relation {a} to itself", "?a a owl:IrreflexiveProperty . ?x ?a ?x"),
    (
        "prp-asyp",
        "stands in the asymmetric relation {a} to {b} and the other way round",
        "?a a owl:AsymmetricProperty . ?x ?a ?b . ?b ?a ?x",
    ),
    (
        "prp-pdw",
        "is related to the same thing by {a} and {b}, which are disjoint",
        "?a owl:propertyDisjointWith ?b . ?x ?a ?y ; ?b ?y",
    ),
)

# Axioms of OWL 2 RL (and beyond) for which there is no rule above.
_UNSUPPORTED = (
    ("owl:FunctionalProperty", "?axiom a owl:FunctionalProperty"),
    ("owl:InverseFunctionalProperty", "?axiom a owl:InverseFunctionalProperty"),
    ("owl:hasKey", "?axiom owl:hasKey ?any"),
    ("owl:sameAs", "?axiom owl:sameAs ?any"),
    ("owl:maxCardinality", "?axiom owl:maxCardinality|owl:maxQualifiedCardinality ?any"),
    ("owl:hasSelf", "?axiom owl:hasSelf ?any"),
    ("owl:AllDisjointProperties", "?axiom a owl:AllDisjointProperties"),
    ("owl:NegativePropertyAssertion", "?axiom a owl:NegativePropertyAssertion"),
)


@dataclass(frozen=True)
class Clash:
    """A contradiction: the thing, the OWL 2 RL rule that shows it, and a sentence about it."""

    thing: str
    rule: str
    explanation: str


def closure(asserted: Iterable[ox.Quad]) -> list[ox.Triple]:
    """The triples that follow from ``asserted`` (graph names are ignored) and are not in it, sorted.

    Raises InferenceError if the ontology uses an unsupported axiom, or if the graph contradicts itself; the message
    names the things and the axioms.
    """
    return conclusions(asserted, ())


def conclusions(asserted: Iterable[ox.Quad], rules: Iterable[Rule]) -> list[ox.Triple]:
    """What follows from ``asserted`` by the ontology and by the project's own rules, and is not in it, sorted.

    First comes the closure; then each rule in turn, which sees all that is known by then; then the closure of it all.
    Raises InferenceError as ``closure`` does, and for a rule that cannot be evaluated or makes a blank node.
    """
    store = ox.Store()
    given = {ox.Quad(q.subject, q.predicate, q.object) for q in asserted}
    store.bulk_extend(given)
    _refuse_unsupported(store)
    _close(store)
    derived: set[ox.Quad] = set()
    for rule in rules:
        made = {ox.Quad(t.subject, t.predicate, t.object) for t in _construct(store, rule)}
        store.extend(made)
        derived |= made
    if derived:
        _close(store)
    if clashes := find_clashes(store):
        raise InferenceError(
            "the graph contradicts its ontology:\n" + "\n".join(f"  <{c.thing}> {c.explanation}" for c in clashes[:20]),
            "correct the data or the axiom" + (f" ({len(clashes) - 20:,} more)" if len(clashes) > 20 else ""),
            tuple((c.thing, c.explanation) for c in clashes),
        )
    found = {q.triple for q in store if q not in given and (q in derived or _is_of_interest(q))}
    return sorted(found, key=str)


def _close(store: ox.Store) -> None:
    """Add what the axioms in the store make follow, until nothing new does."""
    rules = [_update(head, body) for _, head, body in (*_RULES, *_chain_rules(store))]
    size = -1
    while size != (size := len(store)):
        for rule in rules:
            store.update(rule, prefixes=_PREFIXES)


def _construct(store: ox.Store, rule: Rule) -> list[ox.Triple]:
    try:
        answer = store.query(rule.text)
        if not isinstance(answer, ox.QueryTriples):
            raise TypeError("a rule is a CONSTRUCT query")
        triples = list(answer)
    except (OSError, RuntimeError, ValueError) as error:
        raise InferenceError(f"the rule {rule.name} cannot be evaluated: {error}", f"correct {rule.file}") from error
    if any(isinstance(term, ox.BlankNode) for triple in triples for term in (triple.subject, triple.object)):
        raise InferenceError(
            f"the rule {rule.name} makes a statement about a blank node, which has no name to be found by",
            f"let {rule.file} conclude on named things only",
        )
    return triples


def _update(head: str, body: str) -> str:
    return f"INSERT {{ {head} }} WHERE {{ {body} . FILTER NOT EXISTS {{ {head} }} }}"


def _chain_rules(store: ox.Store) -> list[tuple[str, str, str]]:
    """One prp-spo2 rule for each owl:propertyChainAxiom: a chain is a property path of fixed length."""
    axiom = ox.NamedNode(_PREFIXES["owl"] + "propertyChainAxiom")
    rules = []
    for quad in store.quads_for_pattern(None, axiom, None):
        chain = _members(store, quad.object)
        if not chain or not all(isinstance(term, ox.NamedNode) for term in (quad.subject, *chain)):
            raise InferenceError(
                f"the property chain of {quad.subject} is no list of named properties",
                "name each property by its IRI; give an inverse property a name of its own",
            )
        rules.append(("prp-spo2", f"?x {quad.subject} ?y", f"?x {'/'.join(map(str, chain))} ?y"))
    return rules


def _members(store: ox.Store, node: object) -> list[object]:
    """The members of an RDF list, in order; a list that is none ends where it breaks off."""
    first, rest = (ox.NamedNode(_PREFIXES["rdf"] + name) for name in ("first", "rest"))
    members: list[object] = []
    seen = set()
    while isinstance(node, ox.BlankNode) and node not in seen:
        seen.add(node)
        members += [q.object for q in store.quads_for_pattern(node, first, None)]
        node = next((q.object for q in store.quads_for_pattern(node, rest, None)), node)
    return members


def find_clashes(store: ox.Store) -> list[Clash]:
    """The contradictions in a store that holds a closure, in a stable order."""
    found = []
    for rule, sentence, body in _CLASHES:
        rows = _select(store, f"SELECT DISTINCT ?x ?a ?b {{ {body} }} ORDER BY ?x ?a ?b")
        found += [Clash(row["x"].value, rule, sentence.format(a=row["a"], b=row["b"])) for row in rows]
    return found


def _refuse_unsupported(store: ox.Store) -> None:
    used = [name for name, body in _UNSUPPORTED if store.query(f"ASK {{ {body} }}", prefixes=_PREFIXES)]
    if used:
        raise InferenceError(
            f"the ontology uses {', '.join(used)}, for which this program has no inference rule",
            "state the constraint as a SHACL shape instead, or leave the axiom out (docs/inference.md lists the rules)",
        )


def _is_of_interest(quad: ox.Quad) -> bool:
    """Not about blank nodes, and no statement in the language of RDFS and OWL other than a type of our own."""
    if isinstance(quad.subject, ox.BlankNode) or isinstance(quad.object, ox.BlankNode):
        return False
    language = tuple(_PREFIXES.values())
    predicate = quad.predicate.value
    if predicate == _PREFIXES["rdf"] + "type":
        return isinstance(quad.object, ox.NamedNode) and not quad.object.value.startswith(language)
    return not predicate.startswith(language)


def _select(store: ox.Store, query: str) -> list[ox.QuerySolution]:
    solutions = store.query(query, prefixes=_PREFIXES)
    if not isinstance(solutions, ox.QuerySolutions):
        raise TypeError("a SELECT query answers with solutions")
    return list(solutions)
