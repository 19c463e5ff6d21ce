"""The changes as a Linked Data Event Stream (LDES) on TREE: a member for each thing in each release that changed it.

A member is a named graph: the page's default graph says whose version it is (``dcterms:isVersionOf``), since when
(``dcterms:created``) and whether the thing was created, updated or deleted (ActivityStreams); the graph of the member's
name holds all triples about the thing and its parts, as they are in the release. A deletion has no graph. To replay the
stream, replace a thing's triples by those of each of its members in turn. The thing of a triple is its subject without
the fragment; blank nodes have IRIs (see ``state``), so that they are things of their own.

Every page lies within one step from release to release and never changes; the view lists the pages.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from urllib.parse import quote

import pyoxigraph as ox

from kg.changes.comparison import CHANGED, GONE, NEW, Comparison
from kg.changes.log import Counts, Step
from kg.changes.state import TYPE, parsed
from kg.terms import PREFIXES, release_iri

PAGE = 250  # members
LDES = "https://w3id.org/ldes#"
TREE = "https://w3id.org/tree#"
ACTIVITY = "https://www.w3.org/ns/activitystreams#"
_PREFIXES = {"as": ACTIVITY, "ldes": LDES, "tree": TREE, **{p: PREFIXES[p] for p in ("dcterms", "rdf", "sh", "xsd")}}
_KINDS = {NEW: "Create", CHANGED: "Update", GONE: "Delete"}
_VERSION_OF, _CREATED = PREFIXES["dcterms"] + "isVersionOf", PREFIXES["dcterms"] + "created"
# An IRI, a string, or a prefixed name (RDF 1.1 TriG, section 4.6).
_TOKEN = re.compile(rb'<[^>]*>|"(?:[^"\\]|\\.)*"|(?P<prefix>[^\s<>"()\[\]{};,^:]*):[^\s<>"()\[\]{};,^]*')
_FORMATS = {"trig": ox.RdfFormat.TRIG, "nquads": ox.RdfFormat.N_QUADS, "jsonld": ox.RdfFormat.JSON_LD}

Object = ox.NamedNode | ox.BlankNode | ox.Literal


@dataclass(frozen=True)
class Address:
    """Where the stream stands: ``base`` is that of the project, ``root`` the address of this site, without slash.

    The stream and its members have persistent IRIs; the view and its pages are where the client is.
    """

    base: str
    root: str

    @property
    def stream(self) -> str:
        """The IRI of the stream."""
        return f"{self.base}ldes#stream"

    @property
    def view(self) -> str:
        """The address of the view."""
        return f"{self.root}/ldes"

    def page(self, step: Step, number: int) -> str:
        """The address of a page; numbers count from 1."""
        return f"{self.view}/{step.name}/{number}"


def member_iri(base: str, release: str, thing: str) -> str:
    """The IRI of a thing as it is in a release: its own below that of the release, where this site shows it."""
    lead = release_iri(base, release)
    if thing.startswith(base):
        return f"{lead}/{thing.removeprefix(base)}"
    return f"{lead}/elsewhere/{quote(thing, safe='')}"


def pages(members: int) -> int:
    """How many pages so many members take."""
    return -(-members // PAGE)


def page(comparison: Comparison, step: Step, number: int, where: Address) -> list[ox.Quad]:
    """A page of a step, counted from 1."""
    here = ox.NamedNode(where.page(step, number))
    stream = ox.NamedNode(where.stream)
    told = [
        *_typed(stream, "EventStream", LDES),
        ox.Quad(stream, _tree("view"), ox.NamedNode(where.view)),
        *_typed(here, "Node", TREE),
    ]
    graphs: list[ox.Quad] = []
    for thing, kind in islice(comparison.wholes.items(), (number - 1) * PAGE, number * PAGE):
        member = ox.NamedNode(member_iri(where.base, step.after.manifest.name, thing))
        told += [
            ox.Quad(stream, _tree("member"), member),
            *_typed(member, _KINDS[kind], ACTIVITY),
            ox.Quad(member, ox.NamedNode(_VERSION_OF), ox.NamedNode(thing)),
            ox.Quad(member, ox.NamedNode(_CREATED), instant_of(step.instant)),
        ]
        if kind != GONE:
            graphs += [
                ox.Quad(t.subject, t.predicate, t.object, member) for t in parsed(comparison.after.of_thing(thing))
            ]
    return told + graphs


def view(steps: Sequence[Step], counts: dict[str, Counts], where: Address, *, cut: bool) -> list[ox.Quad]:
    """The stream's description and its pages, the oldest first; ``cut`` if older history was removed."""
    fresh = _Numbered()
    stream, here, shape = (ox.NamedNode(iri) for iri in (where.stream, where.view, f"{where.base}ldes#shape"))
    told = [
        *_typed(stream, "EventStream", LDES),
        ox.Quad(stream, ox.NamedNode(LDES + "timestampPath"), ox.NamedNode(_CREATED)),
        ox.Quad(stream, ox.NamedNode(LDES + "versionOfPath"), ox.NamedNode(_VERSION_OF)),
        ox.Quad(stream, _tree("shape"), shape),
        ox.Quad(stream, _tree("view"), here),
        *_typed(here, "Node", TREE),
        *_shape(shape, fresh),
    ]
    if cut:
        told += _retention(here, steps[0].instant, fresh())
    for step in steps:
        for number in range(1, pages(counts[step.name].members) + 1):
            node = ox.NamedNode(where.page(step, number))
            # All members of a page are of one instant: nobody need fetch it who wants later or earlier ones only.
            for bound in ("GreaterThanOrEqualToRelation", "LessThanOrEqualToRelation"):
                relation = fresh()
                told += [
                    ox.Quad(here, _tree("relation"), relation),
                    *_typed(relation, bound, TREE),
                    ox.Quad(relation, _tree("path"), ox.NamedNode(_CREATED)),
                    ox.Quad(relation, _tree("value"), instant_of(step.instant)),
                    ox.Quad(relation, _tree("node"), node),
                ]
    return told


def write(quads: Iterable[ox.Quad], form: str, prefixes: dict[str, str]) -> bytes:
    """The quads in ``form``: trig, nquads or jsonld (expanded)."""
    given = list(quads)
    if form != "trig":
        return ox.serialize(given, format=_FORMATS[form]) or b""
    return _with_used_prefixes(ox.serialize(given, format=_FORMATS[form], prefixes={**prefixes, **_PREFIXES}) or b"")


def _with_used_prefixes(trig: bytes) -> bytes:
    """TriG, with the declarations at its top, without those of prefixes that stand nowhere in it."""
    lines = trig.splitlines(keepends=True)
    body = next((i for i, line in enumerate(lines) if not line.startswith(b"@prefix ")), len(lines))
    text = b"".join(lines[body:])
    used = {match["prefix"] for match in _TOKEN.finditer(text)}
    declared = (line for line in lines[:body] if line.split(b" ", 2)[1].removesuffix(b":") in used)
    return b"".join(declared) + text


def instant_of(instant: datetime) -> ox.Literal:
    """An instant in UTC as a literal."""
    return ox.Literal(instant.strftime("%Y-%m-%dT%H:%M:%SZ"), datatype=ox.NamedNode(PREFIXES["xsd"] + "dateTime"))


def _retention(here: ox.NamedNode, first: datetime, policy: ox.BlankNode) -> list[ox.Quad]:
    """A promise of what is kept: members since an instant (LDES, retention policies)."""
    return [
        ox.Quad(here, ox.NamedNode(LDES + "retentionPolicy"), policy),
        *_typed(policy, "PointInTimePolicy", LDES),
        ox.Quad(policy, ox.NamedNode(LDES + "pointInTime"), instant_of(first)),
    ]


def _shape(shape: ox.NamedNode, fresh: _Numbered) -> Iterator[ox.Quad]:
    """What every member's description conforms to (SHACL): one thing, one instant, one of three kinds."""

    def sh(name: str) -> ox.NamedNode:
        return ox.NamedNode(PREFIXES["sh"] + name)

    one = ox.Literal(1)
    kinds: Object = ox.NamedNode(PREFIXES["rdf"] + "nil")
    links: list[ox.Quad] = []
    for name in reversed(_KINDS.values()):
        link = fresh()
        links += [
            ox.Quad(link, ox.NamedNode(PREFIXES["rdf"] + "first"), ox.NamedNode(ACTIVITY + name)),
            ox.Quad(link, ox.NamedNode(PREFIXES["rdf"] + "rest"), kinds),
        ]
        kinds = link
    wanted: list[tuple[str, ox.NamedNode, Object]] = [
        (_VERSION_OF, sh("nodeKind"), sh("IRI")),
        (_CREATED, sh("datatype"), ox.NamedNode(PREFIXES["xsd"] + "dateTime")),
        (TYPE, sh("in"), kinds),
    ]
    yield from _typed(shape, "NodeShape", PREFIXES["sh"])
    for path, constraint, value in wanted:
        prop = fresh()
        yield ox.Quad(shape, sh("property"), prop)
        yield ox.Quad(prop, sh("path"), ox.NamedNode(path))
        yield ox.Quad(prop, constraint, value)
        yield ox.Quad(prop, sh("minCount"), one)
        yield ox.Quad(prop, sh("maxCount"), one)
    yield from reversed(links)


class _Numbered:
    """Makes blank nodes with labels by number, so that the same view has the same bytes."""

    def __init__(self) -> None:
        self._number = 0

    def __call__(self) -> ox.BlankNode:
        self._number += 1
        return ox.BlankNode(f"n{self._number}")


def _typed(subject: ox.NamedNode | ox.BlankNode, name: str, namespace: str) -> list[ox.Quad]:
    return [ox.Quad(subject, ox.NamedNode(TYPE), ox.NamedNode(namespace + name))]


def _tree(name: str) -> ox.NamedNode:
    return ox.NamedNode(TREE + name)
