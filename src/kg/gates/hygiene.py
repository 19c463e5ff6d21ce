"""G5: what a careful editor would not leave behind (after the hygiene tests of FIBO, github.com/edmcouncil/fibo)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

import pyoxigraph as ox

from kg.findings import Finding
from kg.gates.workpiece import AXIOMS, CLASS_KINDS, CONCEPT, PROPERTY_KINDS, Workpiece, types_of
from kg.terms import PREFIXES

IRI_LENGTH = 200
_OWL, _RDFS, _DCTERMS, _SKOS = (PREFIXES[p] for p in ("owl", "rdfs", "dcterms", "skos"))
_TYPE = PREFIXES["rdf"] + "type"
_DEFINITIONS = tuple(PREFIXES[p] + n for p, n in (("skos", "definition"), ("rdfs", "comment")))
_LABELS = tuple(PREFIXES[p] + n for p, n in (("rdfs", "label"), ("skos", "prefLabel")))
# Format characters that are part of writing: between joined letters, soft hyphens excepted.
_WRITING = "\u200c\u200d"
# An own IRI that is the object of these need not be described: it names a version, a place or a document.
_ELSEWHERE = {f"{_OWL}versionIRI", f"{_OWL}priorVersion", f"{_RDFS}seeAlso", f"{_RDFS}isDefinedBy"}
_CLASSES_AND_PROPERTIES = AXIOMS | {_TYPE}
# Who says so does not use a deprecated term, but speaks about it.
_ABOUT = _ELSEWHERE | {
    _DCTERMS + "replaces", _DCTERMS + "isReplacedBy", _SKOS + "hasTopConcept", _SKOS + "narrower",
}  # fmt: skip


def hygiene(work: Workpiece) -> Iterator[Finding]:
    """Untidy text and IRIs, circular definitions, punning, things without a type, deprecated terms in use."""
    yield from _texts(work)
    yield from _iris(work)
    yield from _circular(work)
    yield from _punning(work)
    yield from _things(work)
    yield from _deprecated(work)


def _texts(work: Workpiece) -> Iterator[Finding]:
    for quad in (q for file in work.graph.files for q in file.quads):
        if not isinstance(quad.object, ox.Literal):
            continue
        text = quad.object.value
        focus = quad.subject.value if isinstance(quad.subject, ox.NamedNode) else ""
        place = {"path": quad.predicate.value, "value": str(quad.object)}
        if text != text.strip() or "  " in text or not text:
            yield work.finding(
                "violation", "G5 blanks", focus,
                "the text is empty, or has blanks at its ends or two in a row; remove them",
                "der Text ist leer oder hat Leerzeichen am Rand oder doppelte; entfernen", **place,
            )  # fmt: skip
        if odd := _odd_character(text):
            yield work.finding(
                "violation", "G5 characters", focus,
                f"the text holds {odd}; write the plain character, or remove it",
                f"der Text enthält {odd}; das einfache Zeichen schreiben oder entfernen", **place,
            )  # fmt: skip


def _odd_character(text: str) -> str:
    """The first character that no editor means to write, by its Unicode name; "" if all are fine."""
    if text.isascii() and text.isprintable():
        return ""
    for character in text:
        category = unicodedata.category(character)
        control = category == "Cc" and character not in "\n\t"
        if control or character == "\ufffd" or (category in ("Cf", "Co", "Cn") and character not in _WRITING):
            return f"U+{ord(character):04X} {unicodedata.name(character, '')}".strip()
    return "" if unicodedata.is_normalized("NFC", text) else "letters and accents apart (not NFC)"


def _iris(work: Workpiece) -> Iterator[Finding]:
    own: dict[str, str] = {}
    for quad in (q for file in work.graph.files for q in file.quads):
        subject = quad.subject.value if isinstance(quad.subject, ox.NamedNode) else ""
        for term in (quad.subject, quad.predicate, quad.object):
            if isinstance(term, ox.NamedNode) and term.value.startswith(work.base):
                own.setdefault(term.value, subject)
    for iri, focus in own.items():
        path = iri.removeprefix(work.base)
        if len(iri) > IRI_LENGTH:
            yield work.finding(
                "warning", "G5 long", focus,
                f"<{iri[:80]}...> has {len(iri)} characters; an IRI that people cite has at most {IRI_LENGTH}",
                f"<{iri[:80]}...> hat {len(iri)} Zeichen; eine zitierbare IRI hat höchstens {IRI_LENGTH}",
            )  # fmt: skip
        if "//" in path or "%20" in path or path.endswith((".", ",", ";", ":")) or _odd_character(iri):
            yield work.finding(
                "violation", "G5 iri", focus,
                f"<{iri}> holds a blank, an odd character, an empty step (//) or ends in punctuation; rename it",
                f"<{iri}> enthält ein Leerzeichen, ein sonderbares Zeichen, einen leeren Schritt (//) oder endet auf "
                "ein Satzzeichen; umbenennen",
            )  # fmt: skip


def _circular(work: Workpiece) -> Iterator[Finding]:
    for iri in sorted(work.terms):
        facts = work.facts[iri]
        labels: dict[str, set[str]] = {}
        for label in (o for p in _LABELS for o in facts.get(p, []) if isinstance(o, ox.Literal)):
            labels.setdefault(label.language or "", set()).update(_words(label.value))
        for path in _DEFINITIONS:
            for text in (o for o in facts.get(path, []) if isinstance(o, ox.Literal)):
                label_words = labels.get(text.language or "", set())
                # Articles and the like add nothing; they are short in the languages that have them.
                if label_words and not {w for w in _words(text.value) - label_words if len(w) > 3}:
                    yield work.finding(
                        "warning", "G5 circular", iri,
                        "the definition only repeats the label; say what sets this apart from its neighbours",
                        "die Definition wiederholt nur die Bezeichnung; angeben, was dies von Verwandtem unterscheidet",
                        path, str(text),
                    )  # fmt: skip


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))


def _punning(work: Workpiece) -> Iterator[Finding]:
    language = (_OWL, _RDFS, PREFIXES["rdf"])
    for iri, types in sorted(work.terms.items()):
        kinds = types & PROPERTY_KINDS - {PREFIXES["rdf"] + "Property"}
        others = {t for t in types if not t.startswith(language)}
        if (types & CLASS_KINDS and types & PROPERTY_KINDS) or len(kinds) > 1:
            both = ", ".join(sorted(t.rpartition("#")[2] for t in types))
        elif types & (CLASS_KINDS | PROPERTY_KINDS) and others:
            both = ", ".join(sorted(re.split("[#/]", t)[-1] for t in types))
        else:
            continue
        yield work.finding(
            "violation", "G5 punning", iri,
            f"one IRI stands for several kinds of thing ({both}); give each an IRI of its own",
            f"eine IRI steht für mehrere Arten von Dingen ({both}); jeder eine eigene IRI geben", _TYPE,
        )  # fmt: skip


def _things(work: Workpiece) -> Iterator[Finding]:
    described = {q.subject.value for q in work.graph.description if isinstance(q.subject, ox.NamedNode)}
    for iri, facts in sorted(work.facts.items()):
        # Of what is used as a class or property, pitfalls P34 and P35 tell.
        if iri.startswith(work.base) and not types_of(facts) and not AXIOMS & set(facts):
            yield work.finding(
                "violation", "G5 untyped", iri,
                "it is not said what kind of thing this is; add a type (a ...)",
                "es ist nicht gesagt, was für ein Ding dies ist; einen Typ angeben (a ...)", _TYPE,
            )  # fmt: skip
    told = set()
    for quad in work.graph.asserted:
        if not isinstance(quad.object, ox.NamedNode) or not quad.object.value.startswith(work.base):
            continue
        missing, focus, path = quad.object.value, quad.subject, quad.predicate.value
        if missing in work.facts or missing in described or missing in told:
            continue
        if path in _ELSEWHERE or path in _CLASSES_AND_PROPERTIES:
            continue
        told.add(missing)
        yield work.finding(
            "violation", "G5 dangling", focus.value if isinstance(focus, ox.NamedNode) else "",
            f"<{missing}> is mentioned but nothing is said about it; check the spelling, or describe it",
            f"<{missing}> wird genannt, aber nicht beschrieben; Schreibweise prüfen oder beschreiben",
            path, str(quad.object),
        )  # fmt: skip


def _deprecated(work: Workpiece) -> Iterator[Finding]:
    """Of things with an address of their own the plain check tells already (``kg.tombstones``)."""
    terms = ((iri, facts) for iri, facts in work.facts.items() if "#" in iri)
    gone = {iri for iri, facts in terms if ox.Literal(True) in facts.get(_OWL + "deprecated", [])}
    if not gone:
        return
    for quad in work.graph.asserted:
        subject = quad.subject.value if isinstance(quad.subject, ox.NamedNode) else ""
        if subject in gone or quad.predicate.value in _ABOUT:
            continue
        for term in (quad.predicate, quad.object):
            if isinstance(term, ox.NamedNode) and term.value in gone:
                kind = "concept" if CONCEPT in types_of(work.facts[term.value]) else "term"
                yield work.finding(
                    "warning", "G5 deprecated", subject,
                    f"uses the deprecated {kind} {term}; use what it says it is replaced by",
                    f"verwendet {term}, das abgekündigt ist; durch den dort genannten Ersatz ersetzen",
                    quad.predicate.value, str(term),
                )  # fmt: skip
