"""G14: what changed since a former release asks for a high enough version number.

Semantic Versioning 2.0.0, with terms as the public interface: a term that is removed, becomes another kind of thing or
gets a further domain or range is a breaking change (major), a new term an addition (minor). A term is deprecated in one
release before a later one removes it. Before 1.0.0 (section 4) a breaking change asks for a minor step only, an
addition for a patch, and nothing need be deprecated first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from kg.errors import NoRelease
from kg.findings import Finding
from kg.gates.workpiece import CLASS_KINDS, CONCEPT, PROPERTY_KINDS, Facts, Object, Workpiece, facts_of, types_of
from kg.project import Project
from kg.release.history import find_release
from kg.release.manifest import Release, open_release
from kg.terms import PREFIXES, in_language

Version = tuple[int, int, int]

_OWL, _RDFS = PREFIXES["owl"], PREFIXES["rdfs"]
_VERSION, _INFO = PREFIXES["dcat"] + "version", f"{_OWL}versionInfo"
_LIMITS = (f"{_RDFS}domain", f"{_RDFS}range")
_LABELS = (f"{_RDFS}label", PREFIXES["skos"] + "prefLabel")
_NUMBER = re.compile(r"v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:[-+].*)?")
_SHOWN = 5


def former_release(project: Project, releases: Path, since: str | None = None) -> Release | None:
    """The release to compare with: ``since`` (as ``find_release`` understands it), else the current one.

    None if there is no release yet, or if the current one has the version of the project: it is then being remade.
    Raises NoRelease if ``since`` is none, ReleaseError if it is damaged.
    """
    if since is None:
        try:
            current = open_release(releases)
        except NoRelease:
            return None
        return current if current.manifest.version != project.version else None
    return find_release(releases, since)


@dataclass(frozen=True)
class _Change:
    """What happened to one term: a breaking change or an addition, told in a few words."""

    term: str
    breaking: bool
    en: str
    de: str


def change(work: Workpiece) -> Iterator[Finding]:
    """Terms removed without notice, and version numbers that are too low for what changed."""
    if work.former is None:
        return
    former = facts_of(ox.parse(path=work.former.path / "dumps/asserted.ttl", format=ox.RdfFormat.TURTLE))
    changes = list(_changes(work, former, work.former.manifest.base))
    old = _number(work.former.manifest.version)
    if old is not None and old[0] > 0:
        yield from _without_notice(work, former, work.former.manifest.version)
    project = work.graph.project
    yield from _version(work, project.iri, _VERSION, work.former.manifest.version, project.version, changes)
    for ontology in work.ontologies:
        here = [c for c in changes if c.term.startswith(ontology)]
        before, now = (_text(facts.get(ontology, {}), _INFO) for facts in (former, work.facts))
        if before and now:
            yield from _version(work, ontology, _INFO, before, now, here)


def _terms(facts: Facts, base: str) -> set[str]:
    kinds = CLASS_KINDS | PROPERTY_KINDS | {CONCEPT}
    return {iri for iri, said in facts.items() if iri.startswith(base) and types_of(said) & kinds}


def _changes(work: Workpiece, former: Facts, base: str) -> Iterator[_Change]:
    before, now = _terms(former, base), set(work.terms)
    for term in sorted(before - now):
        yield _Change(term, breaking=True, en="removed", de="entfernt")
    for term in sorted(before & now):
        if types_of(former[term]) - types_of(work.facts[term]):
            yield _Change(term, breaking=True, en="another kind of thing", de="anderer Art")
        for limit in _LIMITS:
            if {str(o) for o in work.facts[term].get(limit, [])} - {str(o) for o in former[term].get(limit, [])}:
                name = limit.rpartition("#")[2]
                yield _Change(term, breaking=True, en=f"narrowed by its {name}", de=f"durch {name} verengt")
    for term in sorted(now - before):
        yield _Change(term, breaking=False, en="new", de="neu")


def _without_notice(work: Workpiece, former: Facts, version: str) -> Iterator[Finding]:
    new = {label: term for term in work.terms if term not in former for label in _names(work.facts[term])}
    for term in sorted(_terms(former, work.base) - set(work.terms)):
        if ox.Literal(True) in former[term].get(f"{_OWL}deprecated", []):
            continue
        heir = next((f" (now <{new[label]}>?)" for label in sorted(_names(former[term])) if label in new), "")
        yield work.finding(
            "violation",
            "G14 removed",
            term,
            f"<{term}> was in release {version} and not deprecated there{heir}; bring it back with owl:deprecated true "
            "and dcterms:isReplacedBy, and remove it in a later major version",
            f"<{term}> war in Release {version} und dort nicht abgekündigt{heir.replace('now', 'jetzt')}; mit "
            "owl:deprecated true und dcterms:isReplacedBy zurückholen, erst in einer späteren Hauptversion entfernen",
        )


def _names(facts: dict[str, list[Object]]) -> set[str]:
    return {str(o) for path in _LABELS for o in facts.get(path, [])}


def _text(facts: dict[str, list[Object]], path: str) -> str:
    return in_language({o.language or "": o.value for o in facts.get(path, []) if isinstance(o, ox.Literal)})


def _version(
    work: Workpiece, focus: str, path: str, before: str, now: str, changes: list[_Change]
) -> Iterator[Finding]:
    """A finding if the number ``now`` is too low after ``before`` and these changes."""
    if not changes:
        return
    old, new = _number(before), _number(now)
    breaking = [c for c in changes if c.breaking]
    needed = _next(old, bool(breaking)) if old else None
    if needed is not None and new is not None and new >= needed:
        return
    counted = breaking or changes
    rest = len(counted) - _SHOWN
    told = {
        "en": ", ".join(f"<{c.term}> ({c.en})" for c in counted[:_SHOWN]) + (f" and {rest} more" if rest > 0 else ""),
        "de": ", ".join(f"<{c.term}> ({c.de})" for c in counted[:_SHOWN])
        + (f" und {rest} weitere" if rest > 0 else ""),
    }
    wanted = ".".join(map(str, needed)) if needed else "x.y.z"
    yield work.finding(
        "violation",
        "G14 version",
        focus,
        f"since {before} there are changes: {told['en']}; the version must be at least {wanted}, not {now}",
        f"seit {before} gibt es Änderungen: {told['de']}; die Version muss mindestens {wanted} sein, nicht {now}",
        path,
    )


def _number(version: str) -> Version | None:
    match = _NUMBER.fullmatch(version)
    return (int(match[1]), int(match[2] or 0), int(match[3] or 0)) if match else None


def _next(old: Version, breaking: bool) -> Version:
    major, minor, patch = old
    if major:
        return (major + 1, 0, 0) if breaking else (major, minor + 1, 0)
    return (0, minor + 1, 0) if breaking else (0, minor, patch + 1)
