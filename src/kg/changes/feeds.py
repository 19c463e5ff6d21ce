"""Which entries stand in which feed document, and how the documents lead to one another.

The feed that is subscribed to holds the newest entries; every page of entries, that one too, has an archive of its own
(RFC 5005, section 4). Every page lies within one step from release to release.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

import pyoxigraph as ox

from kg.changes.atom import Feed, FeedEntry, Link
from kg.changes.comparison import GONE, Comparison
from kg.changes.log import Counts, Step
from kg.changes.phrases import word
from kg.changes.state import Facts
from kg.changes.stream import member_iri
from kg.changes.telling import Teller
from kg.changes.words import paragraphs, told_entries
from kg.terms import PREFIXES, in_language, local_path

PAGE = 100  # entries
TYPE = "application/atom+xml"


@dataclass(frozen=True)
class Place:
    """One page of entries: the step, and its number there, from 1."""

    step: Step
    number: int

    @property
    def path(self) -> str:
        """The address of its archive on the site."""
        return f"/changes/{self.step.name}/{self.number}.atom"


def chain(steps: Sequence[Step], counts: dict[str, Counts]) -> list[Place]:
    """All pages, that with the newest entries first."""
    return [
        Place(step, number)
        for step in reversed(steps)
        for number in range(1, -(-counts[step.name].entries // PAGE) + 1)
    ]


def is_closed(places: Sequence[Place], at: int) -> bool:
    """True if the archive at this position will always be the same: it leads to none of another step."""
    beside = [places[i].step for i in (at - 1, at + 1) if 0 <= i < len(places)]
    return len(beside) == 2 and all(step == places[at].step for step in beside)


def feed(
    comparison: Comparison, places: Sequence[Place], at: int | None, root: str, language: str, licence: str
) -> Feed:
    """The archive at a position of the chain, or, with None, the feed that is subscribed to.

    ``comparison`` is that of the page's step (the first one's for None); ``root`` is the address of this site.
    """
    facts, here = comparison.after.facts, at or 0

    def address(path: str) -> str:
        return f"{root}{path}?lang={quote(language)}"

    current = address("/changes.atom")
    links: list[Link] = [
        ("self", current if at is None else address(places[here].path), TYPE),
        ("alternate", f"{root}/changes?lang={quote(language)}", "text/html"),
        ("license", licence, ""),
    ]
    if at is not None:
        links.append(("current", current, TYPE))
        if here > 0:
            links.append(("next-archive", address(places[here - 1].path), TYPE))
    if here + 1 < len(places):
        links.append(("prev-archive", address(places[here + 1].path), TYPE))
    instant = places[here].step.instant
    return Feed(
        f"{facts.base}changes.atom",
        word(language, "changes in", in_language(facts.title, (language, *facts.languages))),
        instant,
        publisher(facts, language),
        language,
        tuple(links),
        _entries(comparison, places[here], root, language),
        archive=at is not None,
    )


def publisher(facts: Facts, language: str) -> str:
    """The name of who publishes the dataset, else of who made it, else the dataset's title."""
    said: dict[tuple[str, str], list[ox.NamedNode | ox.BlankNode | ox.Literal]] = {}
    for t in facts.described:
        if not isinstance(t.object, ox.Triple):
            said.setdefault((str(t.subject), t.predicate.value), []).append(t.object)
    for role in ("publisher", "creator"):
        for agent in said.get((f"<{facts.dataset}>", PREFIXES["dcterms"] + role), []):
            for prop in (PREFIXES["foaf"] + "name", *facts.label_properties):
                names = said.get((str(agent), prop), [])
                texts = {n.language or "": n.value for n in names if isinstance(n, ox.Literal)}
                if texts:
                    return in_language(texts, (language, *facts.languages))
    return in_language(facts.title, (language, *facts.languages))


def _entries(comparison: Comparison, place: Place, root: str, language: str) -> list[FeedEntry]:
    teller = Teller(comparison, language)
    entries = told_entries(comparison, every=False)[(place.number - 1) * PAGE : place.number * PAGE]
    base, step = comparison.after.facts.base, place.step
    found = []
    for entry in entries:
        told = teller.tell(entry)
        links: list[Link] = []
        if (path := local_path(base, entry.thing)) is not None:
            shown = step.before if entry.kind == GONE and step.before else step.after
            links = [("alternate", f"{root}/release/{shown.manifest.name}{path}", "text/html")]
            if entry.kind != GONE:
                links = [("alternate", root + path, "text/html"), ("related", links[0][1], "text/html")]
        found.append(
            FeedEntry(
                member_iri(base, step.after.manifest.name, entry.thing),
                f"{told.headline}: {told.what}",
                step.instant,
                tuple(links),
                (told.sentence, *paragraphs(told, language)),
                (entry.group, told.group) if entry.group else None,
            )
        )
    return found
