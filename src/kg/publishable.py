"""What a statement must be to be published: in every format, unchanged, and at an address of its own (pure).

* A literal belongs to its datatype (XML Schema 1.1, part 2; elementpath knows the rules) and is written as the store
  keeps it: else files, dumps, store and counts would disagree.
* Text has only characters that XML can hold, and a predicate ends in an XML name: else there is no RDF/XML of it.
* A thing under the project's base has an IRI that a web server can be asked for, and none that is already taken.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

import pyoxigraph as ox
from rdflib.namespace import is_ncname

from kg.terms import PREFIXES, iri_spellings, whole

_XSD = PREFIXES["xsd"]
# Everything that is no Char of XML 1.0 (section 2.2).
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TAKEN = (
    ".well-known", "catalog", "doc", "dumps", "favicon.ico", "graphs", "health", "metrics", "search", "sparql", "static"
)  # fmt: skip


@dataclass(frozen=True)
class Problem:
    """The rule that is broken (literal, predicate or iri) and messages by language."""

    rule: str
    messages: dict[str, str] = field(hash=False)


def problems(quad: ox.Quad, base: str, told: bool = False) -> list[Problem]:
    """What stands in the way of publishing the quad; with ``told`` its subject's IRI was looked at before."""
    found = [] if told or not isinstance(quad.subject, ox.NamedNode) else _iri_problems(quad.subject.value, base)
    if not has_local_name(quad.predicate.value):
        found.append(
            Problem(
                "predicate",
                {
                    "en": f"the property {quad.predicate} does not end in a name, so RDF/XML cannot hold it; rename it",
                    "de": f"die Eigenschaft {quad.predicate} endet nicht auf einen Namen, RDF/XML kann sie nicht "
                    "ausdrücken; umbenennen",
                },
            )
        )
    if isinstance(quad.object, ox.Literal) and (messages := _literal_messages(quad.object)):
        found.append(Problem("literal", messages))
    return found


def _literal_messages(literal: ox.Literal) -> dict[str, str] | None:
    if control := _NOT_XML.search(literal.value):
        code = f"U+{ord(control[0]):04X}"
        return {
            "en": f"the character {code} cannot be written in XML; remove it",
            "de": f"das Zeichen {code} lässt sich in XML nicht schreiben; entfernen",
        }
    if not literal.datatype.value.startswith(_XSD) or literal.datatype.value == _XSD + "string":
        return None
    name = f"xsd:{literal.datatype.value.removeprefix(_XSD)}"
    if is_ill_typed(literal):
        return {
            "en": f"{literal.value!r} is not a value of {name}; correct the text or the datatype",
            "de": f"{literal.value!r} ist kein Wert von {name}; Text oder Datentyp berichtigen",
        }
    stored = _as_stored(literal)
    if stored != literal:
        return {
            "en": f"write {stored}: the store keeps this value in that form only, so the dump would differ",
            "de": f"{stored} schreiben: nur so bewahrt der Speicher den Wert auf, sonst weicht der Dump ab",
        }
    return None


@lru_cache(maxsize=4096)
def is_ill_typed(literal: ox.Literal) -> bool:
    """True for a literal with a datatype of XML Schema (or one that only looks like it) of which it is no value."""
    datatype = literal.datatype.value
    if not datatype.startswith(_XSD) or datatype == _XSD + "string":
        return False
    from elementpath.datatypes import builtin_atomic_types  # noqa: PLC0415 - a fifth of a second, seldom needed

    kind: Any = builtin_atomic_types.get(f"xs:{datatype.removeprefix(_XSD)}")
    if kind is None or not kind.is_valid(literal.value):
        return True
    try:
        kind.make(literal.value)  # the pattern fits 30 February, the value does not
    except (ValueError, OverflowError):
        return True
    return False


def _as_stored(literal: ox.Literal) -> ox.Literal:
    store = ox.Store()
    store.add(ox.Quad(ox.NamedNode("urn:x"), ox.NamedNode("urn:x"), literal))
    kept = next(iter(store)).object
    if not isinstance(kept, ox.Literal):
        raise TypeError(f"the store turned {literal} into {kept}")
    return kept


@lru_cache(maxsize=4096)
def has_local_name(predicate: str) -> bool:
    """True if some end of the IRI, after a character that no name holds, is an NCName (RDF/XML, section 2.14)."""
    end = re.search(r"[\w.\-\u00B7]*$", predicate)
    name = end[0] if end else ""
    return any(is_ncname(name[start:]) for start in range(len(name)))


def _iri_problems(iri: str, base: str) -> list[Problem]:
    if not iri.startswith(base):
        return []
    path = whole(iri).removeprefix(base)
    if path.partition("/")[0] in _TAKEN:
        return [
            Problem(
                "iri",
                {
                    "en": f"<{iri}>: the site itself answers below {path.partition('/')[0]}; choose another IRI",
                    "de": f"<{iri}>: unter {path.partition('/')[0]} antwortet die Website selbst; andere IRI wählen",
                },
            )
        ]
    if whole(iri) not in iri_spellings(base, unquote(path)):
        return [
            Problem(
                "iri",
                {
                    "en": f"<{iri}> cannot be asked for: a web server takes its percent-encoding for the character",
                    "de": f"<{iri}> ist nicht abrufbar: ein Webserver hält die Prozentkodierung für das Zeichen selbst",
                },
            )
        ]
    return []
