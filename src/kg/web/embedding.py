"""Cards for other people's pages: ``/embed/doc/state/ITA``, and ``/oembed``, by which programs find them (oEmbed 1.0).

Only here may a page of this site be shown in a frame. A card has no script and no form, needs no cookie, and says of
which day it is. ``/release/<name>/embed/...`` is the card of a release, which stays as it is.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping

from flask import Blueprint, Response, render_template, request
from werkzeug import exceptions
from werkzeug.exceptions import BadRequest, HTTPException, NotFound, ServiceUnavailable

from kg.config import Settings
from kg.engine import Answer
from kg.engine.solutions import beginning
from kg.errors import EngineBusy, EngineUnavailable, QueryError, QueryTimeout
from kg.messages import Message
from kg.negotiate import HTML, JSON
from kg.representation.cells import as_table
from kg.representation.document import Document
from kg.representation.linkset import as_uri
from kg.representation.view import few_of
from kg.web import citable, html
from kg.web.about import Told, about
from kg.web.addresses import Place, parted, place
from kg.web.answering import excerpt
from kg.web.calling import in_readers_words
from kg.web.citing import PAGE
from kg.web.current import CurrentSite, inside_release
from kg.web.language import asked_for, labels_for, read_by, reader, stay
from kg.web.openapi.apis import TAKING
from kg.web.openapi.operation import IRI, NUMBER, Parameter, describes, sent
from kg.web.queries import limits_header
from kg.web.reply import FRAMED_SECURITY_POLICY
from kg.web.responses import for_reader, respond, respond_in_one_format, tell_cut
from kg.web.site import Site

_ROWS, _VALUES = 8, 3  # of a thing
_LINES, _AT_ONCE = 13, 3  # of what the page of a thing answers, titles included; of one table of it
_TABLE = 20  # rows of a table
_SMALLEST = 120  # pixels, below which nothing can be read
_XML = "xml"
_GRAPH = 4_000  # bytes of a graph on a card
_HOUR, _YEAR = 3_600, 31_536_000  # seconds
_CARD = {
    "type": "object",
    "required": ["version", "type", "html", "width", "height"],
    "properties": {
        "version": {"const": "1.0"},
        "type": {"const": "rich"},
        "html": {"type": "string"},
        "width": {"type": "integer"},
        "height": {"type": "integer"},
        "title": {"type": "string"},
        "provider_name": {"type": "string"},
        "provider_url": {"type": "string"},
        "cache_age": {"type": "integer"},
    },
}


def blueprint(current: CurrentSite, settings: Settings) -> Blueprint:
    """The routes of this module."""
    routes = Blueprint("embedding", __name__)

    @routes.get("/embed/", defaults={"page": ""})
    @routes.get("/embed/<path:page>")
    @describes(
        "A page as a card, to be shown in a frame",
        TAKING,
        sent(HTML, description="The card."),
        description="It takes the parameters of the page as well.",
        errors=(400, 404),
        parameters=(PAGE,),
    )
    def embed(page: str) -> Response:
        site = current.get()
        found = _shown(site, f"/{page}", request.query_string.decode("latin-1"), settings.query_bytes)
        if found.asked is not None and found.asked.answer is None:
            raise ServiceUnavailable(Message("This question has no answer at the moment."))
        tag = site.etag("embed", limits_header(settings), found.citable.address)
        response = respond(request, _card(site, found), HTML, tag)
        response.headers["Content-Security-Policy"] = FRAMED_SECURITY_POLICY
        response.headers["X-Robots-Tag"] = "noindex"
        tell_cut(response, found.answer.cut if found.answer else None)
        return response

    @routes.get("/oembed")
    @describes(
        "The card of a page, for programs (oEmbed 1.0)",
        TAKING,
        sent(JSON, schemas={JSON.media_type: _CARD}, description="The code of a frame with the card."),
        errors=(400, 404, 501),
        parameters=(
            Parameter("url", "The address of a page, whole.", IRI, example="page url", required=True),
            Parameter("format", "The format of the reply.", {"enum": ["json"]}),
            Parameter("maxwidth", "How wide the frame may be, in pixels.", NUMBER),
            Parameter("maxheight", "How high the frame may be, in pixels.", NUMBER),
        ),
        everywhere=False,
    )  # fmt: skip
    def oembed() -> Response:
        site = current.get()
        if site.prefix:
            raise NotFound(Message("%(path)s is about the whole site, not about one release of it", path=request.path))
        if (wanted := _one("format") or "json") != "json":
            raise exceptions.NotImplemented(f"there is the format json, not {'XML' if wanted == _XML else 'another'}")
        address = _one("url")
        if not address:
            raise BadRequest("say with url= whose card is wanted")
        most = _most("maxwidth"), _most("maxheight")
        told = json.dumps(_told(current, address, most, settings.query_bytes), ensure_ascii=False)
        tag = site.etag("oembed", request.host_url, address, repr(most))
        response = respond_in_one_format(request, told + "\n", JSON, for_reader(tag))
        response.vary.add("Accept-Language")
        response.content_language.add(reader().language)
        return response

    return routes


def _one(name: str) -> str:
    """A parameter that may be given once. Raises BadRequest."""
    given = request.args.getlist(name)
    if len(given) > 1:
        raise BadRequest(f"{name} is wanted once, it was given {len(given)} times")
    return given[0].strip() if given else ""


def _most(name: str) -> int | None:
    """How wide or high a frame may be. Raises BadRequest."""
    if not (text := _one(name)):
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) >= _SMALLEST):
        raise BadRequest(f"{name} is a number of pixels, {_SMALLEST} or more")
    return int(text)


def _told(
    current: CurrentSite, address: str, most: tuple[int | None, int | None], longest: int
) -> Mapping[str, str | int]:
    """The reply of oEmbed (section 2.3.4). Raises NotFound for any address that has no card."""
    site = current.get()
    nothing = NotFound("url is no page of this site that has a card")
    found = parted(address, request.host_url, site.manifest.base) if len(address) <= citable.LONGEST else None
    if found is None:
        raise nothing
    root, path, query = found
    if asked_for(query):
        read_by(site, query, None)
    shown_at = site
    try:
        if (inside := inside_release(path)) is not None:
            name, path = inside
            shown_at = current.at(current.named(name))
        shown = _shown(shown_at, path, query, longest).citable
    except (EngineBusy, EngineUnavailable, QueryTimeout):
        raise  # it may have one another time
    except (HTTPException, QueryError):
        raise nothing from None
    fixed = shown_at.prefix
    card = stay(f"{fixed}/embed{shown.address}")
    width, height = (min(size, limit or size) for size, limit in zip(shown.size or citable.SMALL, most, strict=True))
    said = citable.citation_of(shown_at, shown)
    return {
        "version": "1.0",
        "type": "rich",
        "html": citable.frame(as_uri(f"{root}{card}"), said.name, (width, height)),
        "width": width,
        "height": height,
        "title": said.name,
        "provider_name": said.dataset,
        "provider_url": f"{root}/",
        "cache_age": _YEAR if fixed else _HOUR,
    }


def _shown(site: Site, path: str, query: str, longest: int) -> Place:
    """What a card shows. Raises NotFound for what has none."""
    found = place(site, path, query, longest, whole=True)
    if found.citable.size is None:
        raise NotFound(Message("there is no card of %(page)s", page=found.citable.address))
    return found


def _card(site: Site, shown: Place) -> str:
    said = citable.citation_of(site, shown.citable)
    told: dict[str, object] = {"rows": [], "table": None, "kinds": (), "told": (), "answer": None, "cut": None}
    if shown.answer is not None:
        told |= {"free": True, "cut": shown.answer.cut, **_answer(site, shown.answer)}
    elif shown.asked is not None:
        table = shown.asked.answer
        told["table"] = in_readers_words(site, table and dataclasses.replace(table, rows=table.rows[:_TABLE]))
    elif shown.document is not None:
        answers = about(site, shown.document)
        answered = room_for(answers.told)
        told |= {"told": answered} if answered else _properties(site, shown.document, shown.citable)
    return render_template(
        "embed.html",
        card=True,
        heading=shown.title,
        said=said,
        manifest=site.manifest,
        forever=citable.forever(site, shown.citable),
        sections=shown.sections,
        steps=site.display.steps,
        fields=[f for f in shown.asked.form.fields if f.value] if shown.asked else [],
        best=html.best,
        **told,
    )


def _properties(site: Site, document: Document, cited: citable.Citable) -> dict[str, object]:
    """The classes of a thing and its first properties."""
    labels = labels_for(site)
    labels.learn([*document.own, *document.names])
    first = html.view_of(site, document, labels).sections[0]
    rows = few_of(first.rows, _ROWS, _VALUES, citable.forever(site, cited))
    return {"rows": rows, "kinds": first.types}


def room_for(answers: Iterable[Told]) -> list[tuple[Told, int]]:
    """The first answers of a page, as many as a card of a thing has room for, each with so many of its lines."""
    left, found = _LINES, []
    for told in answers:
        lines = min(told.lines, _AT_ONCE if told.grid is not None else told.lines, left - bool(told.section.titles))
        if told.answered and lines > 0:
            found.append((told, lines))
            left -= lines + bool(told.section.titles)
    return found


def _answer(site: Site, answer: Answer) -> dict[str, object]:
    if answer.kind == "graph":
        text, more = excerpt(answer.body, _GRAPH)
        return {"answer": text, "more": more}
    if answer.kind == "boolean":
        return {"truth": json.loads(answer.body)["boolean"]}
    return {"table": in_readers_words(site, as_table(beginning(answer, _TABLE), site.manifest, _TABLE))}
