"""G6: every own term, every message of a shape and every question speaks each language of the project."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pyoxigraph as ox

from kg.findings import Finding
from kg.gates.workpiece import CONCEPT, Facts, Object, Workpiece, facts_of
from kg.locate import shown
from kg.terms import PREFIXES

_RDFS, _SKOS, _SH, _DCTERMS = (PREFIXES[p] for p in ("rdfs", "skos", "sh", "dcterms"))
_MESSAGE, _SELECT = _SH + "message", _SH + "select"
_DEFINITIONS = (_SKOS + "definition", _RDFS + "comment", _DCTERMS + "description")
# What makes a shape report by itself (SHACL, section 4); sh:node and sh:property report through others.
_CONSTRAINTS = tuple(
    _SH + name
    for name in (
        "class", "closed", "datatype", "disjoint", "equals", "hasValue", "in", "languageIn", "lessThan",
        "lessThanOrEquals", "maxCount", "maxExclusive", "maxInclusive", "maxLength", "minCount", "minExclusive",
        "minInclusive", "minLength", "nodeKind", "not", "or", "and", "xone", "pattern", "qualifiedMaxCount",
        "qualifiedMinCount", "uniqueLang",
    )
)  # fmt: skip


def labels(work: Workpiece) -> Iterator[Finding]:
    """Missing and double labels and definitions, messages and titles that lack a language."""
    yield from _terms(work)
    yield from _messages(work)
    for question in work.graph.questions:
        if missing := [code for code in work.graph.project.languages if code not in question.titles]:
            messages = {
                "en": f"the question has no title in {', '.join(missing)}; add a comment on top: # {missing[0]}: ...",
                "de": f"der Frage fehlt der Titel ({', '.join(missing)}); oben als Kommentar: # {missing[0]}: ...",
            }
            file = shown(question.file, work.graph.project.root)
            yield Finding("violation", "G6 question", messages, file, 1)


def _terms(work: Workpiece) -> Iterator[Finding]:
    for iri, types in sorted(work.terms.items()):
        facts = work.facts[iri]
        concept = CONCEPT in types
        naming = (_SKOS + "prefLabel",) if concept else (_RDFS + "label", _SKOS + "prefLabel")
        for rule, german, paths in (("label", "Bezeichnung", naming), ("definition", "Definition", _DEFINITIONS)):
            found = _languages([value for path in paths for value in facts.get(path, [])])
            if not found and not concept:
                continue  # pitfall P08 tells so
            for code in (c for c in work.graph.project.languages if found[c] != 1):
                yield work.finding(
                    "violation",
                    f"G6 {rule}",
                    iri,
                    f"{'more than one' if found[code] else 'no'} {rule} in the language {code}; give exactly one",
                    f"{'mehr als eine' if found[code] else 'keine'} {german} in der Sprache {code}; genau eine angeben",
                    paths[0],
                )


def _messages(work: Workpiece) -> Iterator[Finding]:
    facts = facts_of((q for file in work.graph.shapes for q in file.quads), blank=True)
    silent = _silent(facts)
    for node, said in facts.items():
        if node in silent or not any(said.get(name) for name in (*_CONSTRAINTS, _SELECT, _MESSAGE)):
            continue
        found = _languages(said.get(_MESSAGE, []))
        missing = [code for code in work.graph.project.languages if not found[code]]
        if missing and not (said.get(_SELECT) and _of_parent(node, facts, missing)):
            yield work.finding(
                "violation",
                "G6 message",
                _named(node, facts),
                f"the shape has no message in {', '.join(missing)}; say there what is wrong and how to mend it",
                f"dem Shape fehlt die Meldung ({', '.join(missing)}); sagen, was falsch ist und wie es berichtigt wird",
                _MESSAGE,
            )


def _languages(values: list[Object]) -> Counter[str]:
    return Counter(v.language or "" for v in values if isinstance(v, ox.Literal))


def _silent(facts: Facts) -> set[str]:
    """Shapes that only help another one to decide, and never report themselves (SHACL, section 4.6 and 4.7)."""
    helpers = [_SH + name for name in ("not", "node", "qualifiedValueShape", "or", "and", "xone")]
    found: set[str] = set()
    waiting = [o for said in facts.values() for name in helpers for o in said.get(name, [])]
    inside = [PREFIXES["rdf"] + "first", PREFIXES["rdf"] + "rest", _SH + "property", *helpers]
    while waiting:
        node = waiting.pop()
        name = node.value if isinstance(node, ox.NamedNode | ox.BlankNode) else ""
        if name in facts and name not in found:
            found.add(name)
            waiting += [o for predicate in inside for o in facts[name].get(predicate, [])]
    # What has a target of its own reports, too.
    targets = [_SH + name for name in ("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf", "target")]
    return {name for name in found if not any(facts[name].get(target) for target in targets)}


def _of_parent(node: str, facts: Facts, missing: list[str]) -> bool:
    """True if the shape around a SPARQL constraint has the messages that the constraint lacks."""
    parent = _parent(node, facts)
    return bool(parent) and all(_languages(facts[parent].get(_MESSAGE, []))[code] for code in missing)


def _parent(node: str, facts: Facts) -> str:
    for subject, said in facts.items():
        for objects in said.values():
            if any(isinstance(o, ox.NamedNode | ox.BlankNode) and o.value == node for o in objects):
                return subject
    return ""


def _named(node: str, facts: Facts) -> str:
    """The IRI of a shape, or for a blank one that of the shape around it; "" if there is none."""
    seen = {node}
    while node and ":" not in node:
        node = _parent(node, facts)
        if node in seen:
            return ""
        seen.add(node)
    return node
