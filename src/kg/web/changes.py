"""What changed: the releases one after the other, and the difference of any two, for readers and programs.

``/changes`` lists the steps from release to release, ``/changes/<from>..<to>`` tells one difference: as a page, in RDF
Patch, as a ChangeSet in Turtle, or as JSON. Feeds and the event stream are in ``streams``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from urllib.parse import urlencode

from flask import Blueprint, Request, Response, request
from werkzeug.exceptions import BadRequest, Gone, NotFound

from kg.changes.changeset import write_changeset
from kg.changes.comparison import GONE, Comparison, Entry
from kg.changes.log import ChangeLog, Step, pair_name, split_pair, steps
from kg.changes.patch import write_patch
from kg.changes.phrases import word
from kg.changes.structured import as_json, written
from kg.changes.telling import Teller, Told
from kg.changes.words import counted, told_entries
from kg.config import Settings
from kg.messages import Message
from kg.negotiate import HTML, TURTLE, Variant
from kg.release.manifest import Release
from kg.terms import local_path
from kg.web import citable, html, streams
from kg.web.current import CurrentSite
from kg.web.language import reader, told
from kg.web.openapi.apis import CHANGES
from kg.web.openapi.operation import IRI, NUMBER, Parameter, describes, leads, negotiable
from kg.web.responses import FOREVER, add_links, negotiated, redirected, respond
from kg.web.site import Site, etag

PATCH = Variant("patch", "application/rdf-patch", "rdfp", "RDF Patch")
JSON = Variant("json", "application/json", "json", "JSON")
VARIANTS = (HTML, PATCH, TURTLE, JSON)
_BY_SUFFIX = {variant.suffix: variant for variant in VARIANTS}
_THINGS = 50  # on a page of one difference
_WANTED = (
    Parameter("page", "A page, from 1.", NUMBER, example="first"),
    Parameter("class", "Only things of this class.", IRI, example="class"),
    Parameter("thing", "Only this thing, with all that changed.", IRI, example="iri"),
    *streams.IN_LANGUAGE,
)
_PAIR = Parameter(
    "name",
    "Two releases or versions with two dots between, such as 0.1.0..0.2.0; a suffix decides the format.",
    place="path",
    example="pair",
)
_FIRST = 10  # of each step, where all are listed
_STEPS = 20  # on a page


@dataclass(frozen=True)
class Shown:
    """One step or difference on a page: counts by class, some things of it, and how many there are in all."""

    step: Step
    path: str
    classes: list[tuple[str, str, str]]
    things: list[tuple[Told, str]]
    total: int
    new_graph: bool


def blueprint(current: CurrentSite, settings: Settings) -> Blueprint:
    """The routes of this module and of ``streams``."""
    routes = Blueprint("changes", __name__)
    log = ChangeLog()
    streams.add_routes(routes, current, settings, log)

    @routes.get("/changes")
    @describes(
        "The releases one after the other, and what each changed",
        CHANGES,
        negotiable(HTML, JSON, schemas={JSON.media_type: "Changes"}),
        errors=(400, 404),
        parameters=_WANTED,
    )
    def timeline() -> Response:
        return _timeline(request, current, log)

    @routes.get("/changes/<name>")
    @describes(
        "The difference of any two releases",
        CHANGES,
        negotiable(*VARIANTS, schemas={JSON.media_type: "Change"}),
        leads(302, "To the names of the releases, where versions were given."),
        errors=(400, 404, 410),
        parameters=(_PAIR, *_WANTED),
    )
    def between(name: str) -> Response:
        stem, dot, suffix = name.rpartition(".")
        variant = _BY_SUFFIX.get(suffix) if dot and stem else None
        return _between(request, current, log, stem if variant else name, variant)

    return routes


def _timeline(request: Request, current: CurrentSite, log: ChangeLog) -> Response:
    site, variant = current.get(), negotiated(request, (HTML, JSON))
    language, wanted = _language(request, site, variant), _Wanted.of(request)
    newest_first = _told_of(site, steps(current.timeline()))[::-1]
    pages = max(1, -(-len(newest_first) // _STEPS))
    here = newest_first[(wanted.demand(pages) - 1) * _STEPS :][:_STEPS]
    tag = etag(*(step.name for step in newest_first), variant.format, language, *wanted.parts, site.release.fingerprint)
    if variant is JSON:
        listed = [
            as_json(c, Teller(c, language), wanted.of_comparison(c), ())
            | {"instant": step.instant.isoformat(), "href": f"/changes/{step.name}"}
            for step, c in ((step, log.comparison(step.before, step.after)) for step in here)
        ]
        body = written({"changes": listed})
    else:
        few = None if wanted.thing else _FIRST
        shown = [_shown(log.comparison(s.before, s.after), s, language, wanted, 0, few) for s in here]
        body = html.page(
            site, "changes.html", shown=[s for s in shown if s.total or not wanted.narrow], between=None, wanted=wanted,
            language=language, pages=pages, address=_address(request.path, wanted),
            formats=[], phrase=word, alone=len(newest_first) == 1,
            cited=_citable(site, told(Message("Changes")), "/changes", wanted),
        )  # fmt: skip
    response = respond(request, body, variant, tag)
    response.vary.add("Accept-Language")
    response.content_language.add(language)
    add_links(response, [("/changes.atom", "alternate", {"type": streams.ATOM.media_type})])
    return response


def _between(request: Request, current: CurrentSite, log: ChangeLog, name: str, variant: Variant | None) -> Response:
    pair = split_pair(name)
    if pair is None:
        raise NotFound(Message("a difference is named after two releases, such as /changes/0.1.0..0.2.0"))
    releases = [_release(current, given) if given else None for given in pair]
    before, after = releases
    if after is None:
        raise NotFound(Message("a difference leads to a release"))
    path = f"/changes/{pair_name(before, after)}"
    if pair_name(before, after) != name:
        query = f"?{request.query_string.decode('latin-1')}" if request.query_string else ""
        return redirected(path + (f".{variant.suffix}" if variant else "") + query, 302)
    chosen = variant or negotiated(request, VARIANTS)
    site = current.get()
    language, wanted = _language(request, site, chosen), _Wanted.of(request)
    parts = [before.fingerprint if before else "", after.fingerprint, chosen.format]
    if chosen in (PATCH, TURTLE):
        comparison = log.comparison(before, after)
        body: Iterator[bytes] = (write_patch if chosen is PATCH else write_changeset)(comparison)
        response = Response(body, content_type=chosen.content_type)
        response.headers["Cache-Control"] = FOREVER
        response.set_etag(etag(*parts))
        response.make_conditional(request)
    else:
        text = _told(current, log.comparison(before, after), _step(current, before, after), language, wanted, chosen)
        response = respond(request, text, chosen, etag(*parts, language, *wanted.parts, site.release.fingerprint))
        response.vary.add("Accept-Language")
        response.content_language.add(language)
    response.vary.add("Accept")
    response.headers["Content-Location"] = f"{path}.{chosen.suffix}" + (f"?{wanted.query}" if wanted.query else "")
    others = (v for v in VARIANTS if v is not chosen)
    add_links(response, [(f"{path}.{v.suffix}", "alternate", {"type": v.media_type}) for v in others])
    return response


def _told(
    current: CurrentSite, comparison: Comparison, step: Step, language: str, wanted: _Wanted, variant: Variant
) -> str:
    """One difference as a page or as JSON."""
    entries = wanted.of_comparison(comparison)
    pages = max(1, -(-len(entries) // _THINGS))
    first = (wanted.demand(pages) - 1) * _THINGS
    path = f"/changes/{step.name}"
    if variant is JSON:
        teller = Teller(comparison, language)
        things = (teller.tell(entry) for entry in entries[first : first + _THINGS])
        data = as_json(comparison, teller, entries, things)
        following = wanted.with_page(wanted.page + 1) if wanted.page < pages else ""
        return written(data | {"next": f"{path}.json?{following}" if following else None})
    site = current.get()
    return html.page(
        site, "changes.html", shown=[_shown(comparison, step, language, wanted, first, _THINGS)], between=step,
        wanted=wanted, language=language, pages=pages,
        address=_address(path, wanted), formats=[(v, f"{path}.{v.suffix}") for v in VARIANTS if v is not HTML],
        phrase=word, title=_title(step),
        cited=_citable(site, f"{told(Message('Changes'))}: {_title(step)}", path, wanted),
    )  # fmt: skip


def _told_of(site: Site, all_steps: Sequence[Step]) -> Sequence[Step]:
    """The steps that a site tells of: at the address of a release those up to it, so that nothing changes there."""
    names = [step.after.manifest.name for step in all_steps]
    name = site.manifest.name
    return all_steps[: names.index(name) + 1] if site.prefix and name in names else all_steps


def _title(step: Step) -> str:
    """What a difference is called on pages."""
    after = step.after.manifest.version
    if step.before is None:
        return told(Message("Release %(version)s, the first", version=after))
    return told(Message("From %(before)s to %(after)s", before=step.before.manifest.version, after=after))


def _citable(site: Site, title: str, path: str, wanted: _Wanted) -> citable.Citable:
    only = [site.labels().short(iri) for iri in (wanted.kind, wanted.thing) if iri]
    return citable.of_changes(title, path + (f"?{wanted.query}" if wanted.query else ""), only)


def _shown(comparison: Comparison, step: Step, language: str, wanted: _Wanted, first: int, number: int | None) -> Shown:
    teller = Teller(comparison, language)
    entries, base = wanted.of_comparison(comparison), comparison.after.facts.base
    every = told_entries(comparison, every=False)
    groups = [(group, list(members)) for group, members in groupby(every, key=lambda entry: entry.group)]
    shown = entries[first:] if number is None else entries[first : first + number]
    former = f"/release/{step.before.manifest.name}" if step.before else ""
    things = []
    for entry in shown:
        lead = former if entry.kind == GONE else ""
        path = local_path(base, entry.thing)
        things.append((teller.tell(entry, every=bool(wanted.thing)), "" if path is None else lead + path))
    return Shown(
        step,
        f"/changes/{step.name}",
        [(group, teller.group_name(group), counted(members, language)) for group, members in groups],
        things,
        len(entries),
        step.before is None,
    )


@dataclass(frozen=True)
class _Wanted:
    """What a reader wants to see: a page, only things of a class, only one thing."""

    page: int
    kind: str | None
    thing: str | None

    @classmethod
    def of(cls, request: Request) -> _Wanted:
        given = request.args.get("page", "1")
        if not given.isdecimal() or not 0 < int(given) < 10**9:
            raise BadRequest(Message("page must be a number, from 1"))
        return cls(int(given), request.args.get("class"), request.args.get("thing"))

    @property
    def narrow(self) -> bool:
        return self.kind is not None or self.thing is not None

    @property
    def parts(self) -> Sequence[str]:
        return [repr((self.page, self.kind, self.thing))]

    @property
    def query(self) -> str:
        return self.with_page(self.page)

    def with_page(self, page: int) -> str:
        """The query string for another page of the same."""
        given = {"class": self.kind, "thing": self.thing, "page": str(page) if page > 1 else None}
        return urlencode({name: value for name, value in given.items() if value is not None})

    def demand(self, pages: int) -> int:
        if self.page > pages:
            raise NotFound(
                Message("there is 1 page") if pages == 1 else Message("there are %(pages)s pages", pages=pages)
            )
        return self.page

    def of_comparison(self, comparison: Comparison) -> list[Entry]:
        return [
            entry
            for entry in told_entries(comparison, every=self.thing is not None)
            if self.kind in (None, entry.group) and self.thing in (None, entry.thing)
        ]


def _address(path: str, wanted: _Wanted) -> Callable[..., str]:
    """Makes addresses of this page with other parameters: ``address(page=2)``."""

    def address(page: int | None = None, kind: str | None = None, to: str = path) -> str:
        chosen = _Wanted(page or 1, wanted.kind if kind is None else kind, wanted.thing)
        query = chosen.with_page(chosen.page)
        return f"{to}?{query}" if query else to

    return address


def _language(request: Request, site: Site, variant: Variant) -> str:
    """Of a page the language of its names, of data the best that the request names."""
    return reader().languages[0] if variant is HTML else streams.language_of(request, site.manifest.languages)


def _release(current: CurrentSite, given: str) -> Release:
    """The release of that name or version. Raises NotFound, or Gone for what looks like a release of former days."""
    try:
        release = current.release(current.named(given))
    except NotFound:
        release = None
    if release is None:
        raise (Gone if streams.was_release(given) else NotFound)(Message("there is no release %(name)s", name=given))
    return release


def _step(current: CurrentSite, before: Release | None, after: Release) -> Step:
    moments = {moment.name: moment.instant for moment in current.timeline()}
    instant = moments.get(after.manifest.name) or streams.midnight(after.manifest.date)
    return Step(before, after, instant)
