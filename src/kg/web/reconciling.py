"""What the routes of the reconciliation service answer (``reconciliation``), for the release that was asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

from flask import Request, Response, render_template, request
from werkzeug.exceptions import BadRequest, NotFound, ServiceUnavailable, UnsupportedMediaType

from kg.config import Settings
from kg.negotiate import HTML, Variant
from kg.reconciliation.entities import Entity
from kg.reconciliation.extending import read_wishes
from kg.reconciliation.manifest import V0_2, V1_0, Facts
from kg.reconciliation.requests import LIMIT, MOST, clean, read_json, whole_number
from kg.reconciliation.service import Service, open_service
from kg.representation.document import describe
from kg.representation.view import few_of, view
from kg.terms import in_language
from kg.web.current import CurrentSite
from kg.web.reply import FRAMED_SECURITY_POLICY
from kg.web.responses import add_links, redirected, respond
from kg.web.site import PROGRAM_VERSION, Site

JSON = Variant("json", "application/json", "json", "JSON")
ROOT, DRAFT = "/reconcile", "/reconcile/1.0"
_OFFSET = 1_000
_PATIENCE = 1.0  # seconds that a batch waits for others to end
_SMALL = 100  # names; OpenRefine sends ten at a time, or a tenth of the table
_ROWS, _VALUES = 6, 3
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class Door:
    """Answers the requests for the current site of each."""

    def __init__(self, current: CurrentSite, settings: Settings) -> None:
        self._current = current
        self._settings = settings
        self._services: WeakKeyDictionary[Site, Service] = WeakKeyDictionary()
        self._opening = threading.Lock()
        # So many batches are worked on at once, those of many names and small ones: more would only slow each other
        # down until none is done in time, and leave no thread for pages.
        self._large = threading.BoundedSemaphore(max(1, min(2, settings.threads // 4)))
        self._small = threading.BoundedSemaphore(max(1, settings.threads // 4))

    def root(self) -> Response:
        """The endpoint of 0.2: a batch or a data extension query, the manifest if there is neither."""
        sent = request.method == "POST"
        if sent and request.mimetype not in _FORMS:
            raise UnsupportedMediaType("send the form field queries, or extend, as application/x-www-form-urlencoded")
        given = request.form if sent else request.args
        asked = [name for name in ("queries", "extend") if name in given]
        if len(asked) > 1 or any(len(given.getlist(name)) > 1 for name in asked):
            raise BadRequest("send either queries or extend, once")
        if asked:
            return self.match(given["queries"]) if asked == ["queries"] else self.extend(V0_2, given["extend"])
        if sent:
            raise BadRequest("a form field queries, or extend, is wanted")
        return self.manifest(V0_2)

    def manifest(self, version: str) -> Response:
        """The manifest of a version."""
        site, service, language = self._asked()
        home = request.host_url.rstrip("/")
        facts = Facts(
            name=in_language(site.manifest.title, (language, *site.manifest.languages)) or site.manifest.base,
            endpoint=home + site.prefix + (ROOT if version == V0_2 else DRAFT),
            home=f"{home}{site.prefix}/",
            logo=f"{home}/static/icon.svg",
            batch=self._settings.reconcile_batch,
            program=PROGRAM_VERSION,
        )
        response = self._told(service.writer(version, language).manifest(facts), language, site)
        other = DRAFT if version == V0_2 else ROOT
        add_links(response, [(site.prefix + other, "alternate", {"type": JSON.media_type})])
        return response

    # -- matching ------------------------------------------------------------------------------------------------------

    def match(self, text: str) -> Response:
        """A batch of 0.2."""
        site, service, language = self._asked()
        batch = service.reader(self._settings.reconcile_batch, language).keyed(text)
        with self._place(len(batch)):
            found = service.answering.answer(batch.values(), language, self._settings.reconcile_seconds)
        told = service.writer(V0_2, language).results(dict(zip(batch, found, strict=True)))
        return self._told(told, language, site)

    def match_list(self, text: str) -> Response:
        """A batch of 1.0."""
        site, service, language = self._asked()
        batch = service.reader(self._settings.reconcile_batch, language).ordered(text)
        with self._place(len(batch)):
            found = service.answering.answer(batch, language, self._settings.reconcile_seconds)
        return self._told(service.writer(V1_0, language).result_list(found), language, site)

    # -- suggesting ----------------------------------------------------------------------------------------------------

    def suggest(self, what: str) -> Response:
        """Things, classes or properties for the beginning of a name."""
        if (prefix := request.args.get("prefix")) is None:
            raise BadRequest(f"say what it begins with: {request.path}?prefix=...")
        limit, offset = (
            _number("limit", LIMIT, 1, MOST),
            _number("offset", _number("cursor", 0, 0, _OFFSET), 0, _OFFSET),
        )
        site, service, language = self._asked()
        prefix, writer = clean(prefix), service.writer(_version(), language)
        if what == "entity":
            found = service.entities.suggest(prefix, _kinds(request, service), offset, limit, language)
            return self._told(writer.suggested(found), language, site)
        terms = service.schema.classes if what == "type" else service.schema.properties
        fitting = service.schema.find(terms, prefix, service.ids.named(prefix))
        return self._told(writer.suggested_terms(fitting[offset : offset + limit]), language, site)

    def flyout(self, what: str) -> Response:
        """A few words about a thing, class or property, as HTML in JSON."""
        identifier = _identifier()
        site, service, language = self._asked()
        if what == "entity":
            iri = service.ids.thing(identifier)
            entities = service.entities.of([iri], language) if iri else []
            if not entities:
                raise NotFound(f"there is no thing with the identifier {identifier!r}")
            shown = entities[0]
            told = (shown.name, shown.language, shown.description, service.entities.called(shown.kinds[:1], language))
        else:
            iri = service.ids.named(identifier)
            if iri is None or iri not in service.schema.by_iri:
                raise NotFound(f"there is no {what} with the identifier {identifier!r}")
            told = (*service.schema.name(iri, language), service.schema.description(iri, language), "")
        name, spoken, says, kinds = told
        html = render_template(
            "reconcile-flyout.html", name=name, language=spoken, description=says, kinds=kinds, id=identifier
        )
        return self._told({"id": identifier, "html": html}, language, site)

    # -- things --------------------------------------------------------------------------------------------------------

    def preview(self) -> Response:
        """A small page about a thing."""
        identifier = _identifier()
        site, service, language = self._asked()
        iri = service.ids.thing(identifier)
        document = describe(site.answers, site.manifest, [iri]) if iri else None
        if document is None:
            raise NotFound(f"there is no thing with the identifier {identifier!r}")
        labels = site.labels()
        labels = type(labels)(labels.base, labels.prefixes, labels.properties, (language, *labels.languages))
        labels.learn([*document.own, *document.names])
        shown = view(document, labels, site.display.order).sections[0]
        entity = next(iter(service.entities.of([document.thing], language)), None)
        page = render_template(
            "reconcile-preview.html",
            title=labels.term(document.thing),
            thing=document.thing,
            path=site.path(document.thing),
            types=shown.types,
            names=[n for n in shown.names if n.language in site.manifest.languages][:_VALUES],
            description=entity.description if entity and _says_more(service, entity, language) else "",
            rows=few_of(shown.rows, _ROWS, _VALUES),
            fallback_language=language,
        )
        response = respond(request, page, HTML, site.etag("preview", request.full_path, language))
        response.headers["Content-Security-Policy"] = FRAMED_SECURITY_POLICY
        return _in_language(response, language)

    def thing(self) -> Response:
        """From an identifier to the thing, on this site."""
        identifier = _identifier()
        site, service, _ = self._asked()
        iri = service.ids.thing(identifier)
        path = site.path(iri) if iri else None
        if path is None:
            raise NotFound(f"there can be no thing with the identifier {identifier!r}")
        return redirected(path, 303)

    # -- extending -----------------------------------------------------------------------------------------------------

    def extend(self, version: str, text: str) -> Response:
        """Values of properties."""
        site, service, language = self._asked()
        things, wishes = read_wishes(read_json(text), service.ids, self._settings.reconcile_batch)
        with self._place(len(things)):
            found = service.extender.extend(things, wishes, language)
        return self._told(service.writer(version, language).extension(found), language, site)

    def propose(self) -> Response:
        """Properties that things of a type have; without a type, those that any have."""
        limit = _number("limit", MOST, 1, MOST)
        site, service, language = self._asked()
        identifier = clean(request.args.get("type", ""))
        kind = service.ids.named(identifier)
        if identifier and (kind is None or kind not in service.schema.by_iri):
            raise NotFound(f"there is no type {identifier!r}; {ROOT}/suggest/type?prefix= tells which there are")
        terms = service.extender.propose(kind, limit)
        return self._told(service.writer(_version(), language).proposed(terms, identifier, limit), language, site)

    # -- what all of them need -----------------------------------------------------------------------------------------

    def _asked(self) -> tuple[Site, Service, str]:
        """The site of this request, its service, and the language that the client reads."""
        site = self._current.get()
        if not site.release.labels.exists():
            raise NotFound(f"release {site.manifest.name} is from before names could be matched")
        with self._opening:
            service = self._services.get(site)
            if service is None:
                inverse = {iri: order.inverse for iri, order in site.display.order.items() if order.inverse}
                service = open_service(site.answers, site.search_index, site.manifest, inverse)
                self._services[site] = service
        spoken = [*site.manifest.languages, *service.schema.languages]
        return site, service, _spoken(request, spoken) or site.manifest.languages[0]

    @contextmanager
    def _place(self, size: int) -> Iterator[None]:
        """Room for a batch of that many queries or things. Raises ServiceUnavailable if there is none."""
        places = self._small if size <= _SMALL else self._large
        if not places.acquire(timeout=_PATIENCE):
            raise ServiceUnavailable("as many batches are being worked on as this service can take", retry_after=2)
        try:
            yield
        finally:
            places.release()

    def _told(self, value: Any, language: str, site: Site) -> Response:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"
        try:
            body = text.encode()
        except UnicodeEncodeError:  # a client may call its queries what it likes, half a pair included
            body = json.dumps(value).encode()
        if request.method == "POST":
            response = Response(body, content_type=JSON.content_type)
            response.headers["Cache-Control"] = "no-store"
        else:
            etag = site.etag("reconcile", request.host_url, request.full_path, language)
            response = respond(request, body, JSON, etag)
        return _in_language(response, language)


def _spoken(request: Request, languages: list[str]) -> str | None:
    """The first language that the client reads and the service speaks (RFC 4647, section 3.4, lookup)."""
    known = {language.lower(): language for language in reversed(languages)}
    for tag, quality in request.accept_languages:
        parts = tag.lower().split("-")
        for end in range(len(parts), 0, -1):
            if quality > 0 and (found := known.get("-".join(parts[:end]))) is not None:
                return found
    return None


def _version() -> str:
    """The version of the API that is spoken at the address of this request."""
    return V1_0 if request.path.startswith(DRAFT) else V0_2


def _in_language(response: Response, language: str) -> Response:
    if language:
        response.headers["Content-Language"] = language
    response.vary.add("Accept-Language")
    return response


def json_body(request: Request) -> str:
    """The body of a POST. Raises UnsupportedMediaType, BadRequest."""
    if request.mimetype != "application/json":
        raise UnsupportedMediaType("send the body as application/json")
    try:
        return request.get_data().decode()
    except UnicodeDecodeError as error:
        raise BadRequest(f"the body is not UTF-8 at byte {error.start}") from None


def _identifier() -> str:
    identifier = clean(request.args.get("id", ""))
    if not identifier:
        raise BadRequest(f"say which one: {request.path}?id=...")
    return identifier


def _number(name: str, default: int, least: int, most: int) -> int:
    """A parameter that is a number; more than ``most`` is ``most``. Raises BadRequest."""
    number = whole_number(request.args.get(name) or default)
    if number is None or number < least:
        raise BadRequest(f"{name} is a number from {least}")
    return min(number, most)


def _kinds(request: Request, service: Service) -> list[str]:
    """The classes that suggestions are wanted of; one that is only preferred (OpenRefine) rules out no other."""
    if request.args.get("type_strict") == "should":
        return []
    given = [name for name in request.args.getlist("type") if name.strip()]
    return [service.ids.named(clean(name)) or "urn:x-none:" for name in given]


def _says_more(service: Service, entity: Entity, language: str) -> bool:
    """True if the description of a thing is more than the name of its class."""
    return entity.description != service.entities.called(entity.kinds[:1], language)
