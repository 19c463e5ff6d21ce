"""An ontology as it stands in a release -> Vocabulary: what its reference page tells of each term.

General: everything comes from the ontology's own graph, from the data, and from the layers that the project declares.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

from rdflib import DCTERMS, OWL, RDF, RDFS, SKOS, Graph, Literal, URIRef
from rdflib.term import Node

from kg.engine import Answerer
from kg.graph import as_rdflib
from kg.messages import Message
from kg.release.manifest import Manifest
from kg.representation.display import Layer
from kg.representation.document import labels_of
from kg.representation.statements import graph as triples
from kg.representation.view import Labels, Term
from kg.representation.vocabulary.axioms import CLASS_KINDS, PROPERTY_KINDS, Axioms, Phrase
from kg.representation.vocabulary.chapters import chapters
from kg.representation.vocabulary.model import Entry, Fact, Scheme, Vocabulary
from kg.representation.vocabulary.use import concept_counts, read_use, seen_on
from kg.terms import PREFIXES, graph_iri

_DEFINITIONS = (SKOS.definition, RDFS.comment, DCTERMS.description)
_ALIGNMENTS = (
    (OWL.equivalentProperty, Message("same as")),
    (SKOS.exactMatch, Message("same meaning")),
    (SKOS.closeMatch, Message("close to")),
    (SKOS.broadMatch, Message("narrower than")),
    (SKOS.narrowMatch, Message("broader than")),
    (SKOS.relatedMatch, Message("related to")),
)
_HEADER = (
    (DCTERMS.creator, Message("By")),
    (DCTERMS.contributor, Message("With")),
    (DCTERMS.created, Message("Created")),
    (DCTERMS.modified, Message("Changed")),
    (OWL.versionIRI, Message("This version")),
    (OWL.priorVersion, Message("Former version")),
    (OWL.imports, Message("Imports")),
    (DCTERMS.license, Message("Licence")),
)


def read_vocabulary(
    engine: Answerer, manifest: Manifest, layers: Sequence[Layer], ontology: str, languages: Sequence[str] = ()
) -> Vocabulary:
    """The ontology with the IRI ``ontology``, as the release has it, with names in the first of the ``languages``.

    Without any they are in those of the project. Raises QueryError.
    """
    graph = _graph(engine, f"GRAPH <{graph_iri(manifest.base, 'ontology')}> {{ ?s ?p ?o }}")
    schemes = _graph(engine, f"?s ?p ?o . ?s a <{SKOS.ConceptScheme}> . FILTER(STRSTARTS(STR(?s), '{manifest.base}'))")
    reading = _Reading(engine, manifest, graph, languages or manifest.languages)
    return reading.vocabulary(ontology, layers, schemes)


def _graph(engine: Answerer, pattern: str) -> Graph:
    return as_rdflib(triples(engine, f"CONSTRUCT {{ ?s ?p ?o }} {{ {pattern} }}"))


class _Reading:
    """The ontology while it is being read."""

    def __init__(self, engine: Answerer, manifest: Manifest, graph: Graph, languages: Sequence[str]) -> None:
        self._engine, self._manifest, self._graph = engine, manifest, graph
        self._kinds: dict[str, str] = {}
        for kinds in (PROPERTY_KINDS, CLASS_KINDS):
            for kind, name in reversed(kinds.items()):
                self._kinds |= {str(s): name for s in graph.subjects(RDF.type, kind) if isinstance(s, URIRef)}
        self._own = sorted(iri for iri in self._kinds if iri.startswith(manifest.base))
        classes = [iri for iri, kind in self._kinds.items() if kind == "Class"]
        self._use = read_use(engine, manifest, classes, self._kinds.keys() - set(classes))
        self._labels = Labels(manifest.base, manifest.prefixes, manifest.label_properties, languages)
        self._learn_names()
        self._axioms = Axioms(graph, self._name)
        # For the properties without a domain: the classes of what has them in the data.
        own = {iri: self._kinds[iri] == "Class" for iri in self._own}
        open_ = [p for p, is_class in own.items() if not is_class and (URIRef(p), RDFS.domain, None) not in graph]
        counts = seen_on(engine, manifest, (c for c, is_class in own.items() if is_class), open_)
        self._seen_on = {p: self._observed(counts[p]) for p in open_ if p in counts}

    def _learn_names(self) -> None:
        iris = {str(term) for triple in self._graph for term in triple if isinstance(term, URIRef)}
        for example in self._use.examples.values():
            iris |= {example.subject} | ({example.value["value"]} if example.value["type"] == "uri" else set())
        self._labels.learn(labels_of(self._engine, self._manifest, iris))

    def _name(self, iri: str) -> Term:
        term = self._labels.term(iri)
        return Term(term.text, f"#{_anchor(iri)}", iri, term.language) if iri in self._own else term

    def vocabulary(self, ontology: str, layers: Sequence[Layer], schemes: Graph) -> Vocabulary:
        node = URIRef(ontology)
        entries = {iri: self._entry(URIRef(iri)) for iri in self._own}
        version = self._graph.value(node, OWL.versionInfo)
        return Vocabulary(
            ontology,
            self._texts(node, (DCTERMS.title, RDFS.label)),
            self._texts(node, (DCTERMS.description, RDFS.comment)),
            str(version or ""),
            str(self._graph.value(node, URIRef(PREFIXES["vann"] + "preferredNamespacePrefix")) or ""),
            str(self._graph.value(node, URIRef(PREFIXES["vann"] + "preferredNamespaceUri")) or f"{ontology}#"),
            tuple(_facts((name, self._header(self._graph.objects(node, p))) for p, name in _HEADER)),
            chapters(entries, layers),
            self._schemes(schemes),
            tuple(self._axioms.exclusions()),
            self._reused(),
        )

    def _texts(self, node: Node, predicates: Iterable[URIRef]) -> dict[str, str]:
        return _texts(self._graph, node, predicates)

    def _values(self, nodes: Iterable[Node]) -> list[Phrase]:
        return sorted((self._axioms.expression(node) for node in nodes), key=lambda phrase: phrase[0].text)

    def _header(self, nodes: Iterable[Node]) -> list[Phrase]:
        """Values in the header: what has no name is told by its whole IRI."""
        phrases = [phrase[0] for phrase in self._values(nodes)]
        return [
            (t if t.iri in self._labels.known or not t.iri else dataclasses.replace(t, text=t.iri),) for t in phrases
        ]

    def _entry(self, term: URIRef) -> Entry:
        iri = str(term)
        kind = self._kinds[iri]
        label = self._labels.term(iri)
        known = self._labels.known.get(iri, {})
        domains = tuple(sorted(str(d) for d in self._graph.objects(term, RDFS.domain) if isinstance(d, URIRef)))
        observed = self._seen_on.get(iri, ())
        return Entry(
            iri,
            _anchor(iri),
            self._labels.short(iri),
            kind,
            Term(label.text, f"#{_anchor(iri)}", iri, label.language),
            tuple(Term(text, language=tag) for tag, text in sorted(known.items()) if tag != label.language),
            self._texts(term, _DEFINITIONS),
            tuple(_facts(self._class(term) if kind == "Class" else self._property(term, observed))),
            tuple(_facts(self._spoken_of(iri))),
            tuple(sorted(str(s) for s in self._graph.objects(term, RDFS.subClassOf) if isinstance(s, URIRef))),
            domains or observed,
            tuple(sorted(str(r) for r in self._graph.objects(term, RDFS.range) if isinstance(r, URIRef))),
            bool(observed),
            self._derived(term),
            self._use.instances.get(iri, 0) if kind == "Class" else self._use.statements.get(iri, 0),
        )

    def _derived(self, term: URIRef) -> bool:
        """True if all statements with the property are conclusions."""
        return 0 < self._use.statements.get(str(term), 0) == self._use.concluded.get(str(term), 0)

    def _observed(self, counts: dict[str, int]) -> tuple[str, ...]:
        """Of the classes of what has a property: no class beside one that accounts for all of its members there."""
        below = {c: [d for d in counts if d != c and URIRef(c) in self._above(URIRef(d))] for c in counts}
        narrow = [c for c in counts if not any(counts[d] == counts[c] for d in below[c])]
        return tuple(sorted(c for c in narrow if not any(c in below[d] for d in narrow)))

    def _above(self, term: URIRef) -> set[Node]:
        return {node for node in self._graph.transitive_objects(term, RDFS.subClassOf) if node is not None}

    def _class(self, term: URIRef) -> Iterable[tuple[str, list[Phrase]]]:
        iri = str(term)
        yield Message("Kind of"), self._axioms.supers(term, RDFS.subClassOf)
        yield Message("Kinds"), self._axioms.subs(term, RDFS.subClassOf)
        yield Message("Exactly"), self._axioms.equals(term)
        yield Message("Each is"), self._axioms.necessary(term)
        yield Message("Includes"), self._axioms.sufficient(term)
        yield Message("Never also"), self._axioms.disjoint(term)
        yield Message("Computed by"), _phrases(self._use.makers.get(iri, []))
        yield Message("Has"), self._axioms.named(self._with(iri, RDFS.domain))
        yield Message("Value of"), self._axioms.named(self._with(iri, RDFS.range))
        yield Message("Compare"), self._alignments(term)
        yield Message("Example"), self._example(iri)

    def _with(self, iri: str, predicate: URIRef) -> list[Node]:
        found: list[Node] = list(self._graph.subjects(predicate, URIRef(iri)))
        if predicate == RDFS.domain:
            found += [URIRef(p) for p, seen in self._seen_on.items() if iri in seen]
        return [node for node in found if str(node) in self._kinds]

    def _property(self, term: URIRef, observed: Sequence[str]) -> Iterable[tuple[str, list[Phrase]]]:
        iri = str(term)
        used = [(*self._axioms.named([URIRef(c)])[0], Term(Message(" (seen in the data)"))) for c in observed]
        yield (
            Message("Of"),
            self._values(self._graph.objects(term, RDFS.domain)) or used or [(Term(Message("any thing")),)],
        )
        yield Message("Value"), self._values(self._graph.objects(term, RDFS.range))
        yield Message("Kind of"), self._axioms.supers(term, RDFS.subPropertyOf)
        yield Message("Kinds"), self._axioms.subs(term, RDFS.subPropertyOf)
        yield Message("Backwards"), self._axioms.inverses(term)
        yield Message("Character"), self._axioms.traits(term)
        yield Message("Follows from"), self._axioms.chains(term)
        yield Message("Computed by"), _phrases(self._use.makers.get(iri, []))
        yield Message("Compare"), self._alignments(term)
        yield Message("Example"), self._example(iri)

    def _alignments(self, term: URIRef) -> list[Phrase]:
        return [
            (Term(words), Term(" "), *phrase)
            for predicate, words in _ALIGNMENTS
            for phrase in self._values(self._graph.objects(term, predicate))
        ]

    def _example(self, iri: str) -> list[Phrase]:
        example = self._use.examples.get(iri)
        if example is None:
            return []
        subject = self._name(example.subject)
        if iri == example.value["value"]:
            return [(subject,)]
        value = example.value
        if value["type"] == "uri":
            told = self._name(value["value"])
        else:
            told = Term(f"“{value['value']}”", language=value.get("xml:lang", ""))
        return [(subject, Term(" · "), Term(self._name(iri).text), Term(" · "), told)]

    def _spoken_of(self, iri: str) -> Iterable[tuple[str, list[Phrase]]]:
        yield Message("Shapes"), _phrases(self._use.shapes.get(iri, []))
        yield Message("Questions"), _phrases(self._use.questions.get(iri, []))

    def _schemes(self, schemes: Graph) -> tuple[Scheme, ...]:
        counts = concept_counts(self._engine, self._manifest)
        nodes = sorted(str(s) for s in set(schemes.subjects()) if isinstance(s, URIRef))
        self._labels.learn(labels_of(self._engine, self._manifest, nodes))
        found = [
            Scheme(self._labels.term(n), _texts(schemes, URIRef(n), _DEFINITIONS), counts.get(n, 0)) for n in nodes
        ]
        return tuple(sorted(found, key=lambda scheme: scheme.name.text.casefold()))

    def _reused(self) -> tuple[tuple[Term, str, int], ...]:
        foreign = [iri for iri in self._kinds if iri not in self._own]
        rows = [
            (
                self._labels.term(i),
                self._labels.short(i),
                self._use.instances.get(i, 0) + self._use.statements.get(i, 0),
            )
            for i in foreign
        ]
        return tuple(sorted(rows, key=lambda row: row[1].casefold()))


def _anchor(iri: str) -> str:
    """The fragment under which a term stands on the page: that of its own IRI, else its last part."""
    return iri.partition("#")[2] or iri.rstrip("/").rpartition("/")[2]


def _texts(graph: Graph, node: Node, predicates: Iterable[URIRef]) -> dict[str, str]:
    """The texts by language of the first of the predicates that has any."""
    for predicate in predicates:
        found = {o.language or "": str(o) for o in graph.objects(node, predicate) if isinstance(o, Literal)}
        if found:
            return found
    return {}


def _facts(rows: Iterable[tuple[str, list[Phrase]]]) -> list[Fact]:
    return [Fact(name, tuple(dict.fromkeys(phrases))) for name, phrases in rows if phrases]


def _phrases(terms: Iterable[Term]) -> list[Phrase]:
    return [(term,) for term in terms]
