"""The changes for those who follow them: Atom feeds with archives, and a Linked Data Event Stream."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from flask import Blueprint, Request, Response, request
from werkzeug.exceptions import Gone, NotFound

from kg.changes import stream
from kg.changes.atom import write_feed
from kg.changes.feeds import Place, chain, feed, is_closed
from kg.changes.log import ChangeLog, Step, is_cut, split_pair, steps
from kg.config import Settings
from kg.errors import ReleaseError
from kg.negotiate import JSON_LD, N_QUADS, TRIG, Variant
from kg.web.current import CurrentSite
from kg.web.openapi.apis import CHANGES
from kg.web.openapi.operation import NUMBER, Parameter, describes, negotiable
from kg.web.responses import FOREVER, SHORT, negotiated, respond
from kg.web.site import etag

ATOM = Variant("atom", "application/atom+xml", "atom", "Atom", ("application/xml", "text/xml"))
_STREAM = (TRIG, N_QUADS, JSON_LD)
IN_LANGUAGE = (
    Parameter("lang", "The language of words, in place of Accept-Language.", example="language"),
    Parameter("Accept-Language", "The languages that are understood.", place="header", example="language"),
)
_STEP = (
    Parameter("pair", "A step of the history: two releases with two dots between.", place="path", example="pair"),
    Parameter("number", "A page of it, from 1.", {**NUMBER, "minimum": 0}, "path", example="first"),
)
_RELEASE = re.compile(r".+-[0-9a-f]{12}(\.\d+)?")
Found = TypeVar("Found")


def add_routes(routes: Blueprint, current: CurrentSite, settings: Settings, log: ChangeLog) -> None:
    """Add the routes of this module to a blueprint."""

    @routes.get("/changes.atom")
    @describes("The newest changes as a feed (Atom)", CHANGES, negotiable(ATOM), errors=(410,), parameters=IN_LANGUAGE)
    def newest() -> Response:
        return _feed(request, current, log, None)

    @routes.get("/changes/<pair>/<int:number>.atom")
    @describes(
        "A page of the feed's archive", CHANGES, negotiable(ATOM), errors=(404, 410), parameters=(*_STEP, *IN_LANGUAGE)
    )
    def archive(pair: str, number: int) -> Response:
        return _feed(request, current, log, (pair, number))

    @routes.get("/ldes")
    @describes("The event stream (LDES): where its pages are", CHANGES, negotiable(*_STREAM), errors=(410,))
    def view() -> Response:
        return _view(request, current, settings, log)

    @routes.get("/ldes/<pair>/<int:number>")
    @describes("A page of the event stream", CHANGES, negotiable(*_STREAM), errors=(404, 410), parameters=_STEP)
    def page(pair: str, number: int) -> Response:
        return _page(request, current, log, pair, number)


def _feed(request: Request, current: CurrentSite, log: ChangeLog, wanted: tuple[str, int] | None) -> Response:
    site = current.get()
    variant = negotiated(request, (ATOM,))
    every = steps(current.timeline())
    # A feed without entries is a feed all the same.
    places = _there(lambda: chain(every, log.all_counts(every))) or [Place(every[-1], 1)]
    at = None
    if wanted is not None:
        step = _demand_step(every, wanted[0])
        at = next((i for i, place in enumerate(places) if place == Place(step, wanted[1])), None)
        if at is None:
            raise NotFound("this archive has no such page")
    place, language = places[at or 0], language_of(request, site.manifest.languages)
    root = request.host_url.rstrip("/")
    beside = [places[i].path for i in ((at or 0) - 1, (at or 0) + 1) if 0 <= i < len(places)]
    tag = etag("atom", str(at is None), place.path, place.step.after.fingerprint, *beside, root, language)
    comparison = _there(lambda: log.comparison(place.step.before, place.step.after))
    body = write_feed(feed(comparison, places, at, root, language, site.manifest.licence))
    closed = at is not None and is_closed(places, at)
    response = respond(request, body, variant, tag, FOREVER if closed else SHORT)
    response.vary.add("Accept-Language")
    response.content_language.add(language)
    return response


def _view(request: Request, current: CurrentSite, settings: Settings, log: ChangeLog) -> Response:
    manifest, moments = current.get().manifest, current.timeline()
    variant, every = negotiated(request, _STREAM), steps(moments)
    where = stream.Address(manifest.base, request.host_url.rstrip("/"))
    counts = _there(lambda: log.all_counts(every))
    cut = is_cut(settings.releases_folder, moments)
    told = stream.view(every, counts, where, cut=cut)
    body = stream.write(told, variant.format, manifest.prefixes)
    return respond(request, body, variant, etag("ldes", variant.format, hashlib.sha256(body).hexdigest()))


def _page(request: Request, current: CurrentSite, log: ChangeLog, pair: str, number: int) -> Response:
    step = _demand_step(steps(current.timeline()), pair)
    variant = negotiated(request, _STREAM)
    last = stream.pages(_there(lambda: log.counts(step.before, step.after)).members)
    if not 1 <= number <= last:
        raise NotFound(f"this step of the stream has {last} page{'' if last == 1 else 's'}")
    facts = step.after.manifest
    where = stream.Address(facts.base, request.host_url.rstrip("/"))
    comparison = _there(lambda: log.comparison(step.before, step.after))
    body = stream.write(stream.page(comparison, step, number, where), variant.format, facts.prefixes)
    tag = etag("ldes", variant.format, hashlib.sha256(body).hexdigest())
    return respond(request, body, variant, tag, FOREVER)


def _demand_step(every: Sequence[Step], pair: str) -> Step:
    """The step of that name. Raises Gone if it was one, as far as can be told from its name, else NotFound."""
    found = next((step for step in every if step.name == pair), None)
    if found is None:
        names = split_pair(pair)
        if names and all(was_release(name) for name in names if name):
            raise Gone(f"{pair} is no step of the history that is kept")
        raise NotFound("a step of the history is named after two releases")
    return found


def was_release(name: str) -> bool:
    """True if this has the form of a release's name, which holds a digest and which nobody invents."""
    return _RELEASE.fullmatch(name) is not None


def _there(make: Callable[[], Found]) -> Found:
    """What is made from releases on disk, one of which may be removed at this moment."""
    try:
        return make()
    except ReleaseError as error:
        raise Gone(error.message) from error


def language_of(request: Request, languages: Sequence[str]) -> str:
    """The language for this request: ``lang``, else the best of Accept-Language, else the project's first."""
    given = request.args.get("lang", "")
    if given in languages:
        return given
    return request.accept_languages.best_match(languages) or languages[0]


def midnight(date: str) -> datetime:
    """The first instant (UTC) of a day."""
    return datetime.fromisoformat(date).replace(tzinfo=UTC)
