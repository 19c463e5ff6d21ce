"""How much of a document is given: its profiles (W3C, Content Negotiation by Profile, DX-PROF-CONNEG).

``full`` is the document; ``labels`` is what a program needs that only shows names; ``alt`` tells which profiles and
formats there are, in the words of the ALTR vocabulary (section 6.3 there).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pyoxigraph as ox

from kg.messages import Message
from kg.negotiate import GRAPH_VARIANTS, HTML, RESOURCE_VARIANTS, Variant
from kg.release.manifest import Manifest
from kg.representation.document import Document
from kg.terms import PREFIXES, PROFILE

ALTR = "http://www.w3.org/ns/dx/connegp/altr#"
PROF = "http://www.w3.org/ns/dx/prof/"
_TYPE = PREFIXES["rdf"] + "type"


@dataclass(frozen=True)
class Profile:
    """One profile: its ``token`` for addresses, its IRI for headers, a title, and the formats it comes in."""

    token: str
    iri: str
    title: str
    variants: tuple[Variant, ...]


FULL = Profile("full", str(PROFILE.full), Message("All that the document says"), RESOURCE_VARIANTS)
LABELS = Profile("labels", str(PROFILE.labels), Message("Names only"), GRAPH_VARIANTS)
ALTERNATES = Profile(
    "alt",
    "http://www.w3.org/ns/dx/connegp/altr",
    Message("Which profiles and formats there are"),
    (HTML, *GRAPH_VARIANTS),
)
# The first is what a client gets that asks for none.
PROFILES = (FULL, LABELS, ALTERNATES)
TOKENS = {profile.token: profile.iri for profile in PROFILES}


def labels_only(document: Document, manifest: Manifest) -> list[ox.Triple]:
    """The names of a document's thing, of its parts and of their types, and which thing it is about."""
    topic = PREFIXES["foaf"] + "primaryTopic"
    types = {t.object for t in document.own if t.predicate.value == _TYPE}
    return [
        *(t for t in document.own if t.predicate.value in manifest.label_properties),
        *(t for t in document.names if t.subject in types),
        *(t for t in document.about if t.predicate.value == topic),
    ]


def alternates(thing: str, addresses: Iterable[tuple[Profile, Variant, str]]) -> list[ox.Triple]:
    """Which representations there are of a thing; the ``addresses`` (IRIs) begin with the default one."""
    triples = []

    def say(subject: str, predicate: str, value: ox.NamedNode | ox.Literal) -> None:
        triples.append(ox.Triple(ox.NamedNode(subject), ox.NamedNode(predicate), value))

    default = True
    for profile, variant, address in addresses:
        say(thing, ALTR + "hasRepresentation", ox.NamedNode(address))
        if default:
            say(thing, ALTR + "hasDefaultRepresentation", ox.NamedNode(address))
        default = False
        say(address, _TYPE, ox.NamedNode(ALTR + "Representation"))
        say(address, PREFIXES["dcterms"] + "conformsTo", ox.NamedNode(profile.iri))
        say(address, PREFIXES["dcterms"] + "format", ox.Literal(variant.media_type))
        say(profile.iri, _TYPE, ox.NamedNode(PROF + "Profile"))
        say(profile.iri, PROF + "hasToken", ox.Literal(profile.token))
        say(profile.iri, PREFIXES["rdfs"] + "label", ox.Literal(profile.title, language="en"))
    return list(dict.fromkeys(triples))
