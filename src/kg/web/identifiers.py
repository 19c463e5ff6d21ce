"""From anybody's identifier to the thing: ``GET /resolve?iri=...`` leads there, ``POST /resolve`` answers for many.

The redirect goes to this site only, whatever was asked for: what is followed is never what was given.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import urljoin

from flask import Blueprint, Request, Response, request
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, UnsupportedMediaType

from kg.config import Settings
from kg.identifiers.resolution import Match, Resolution
from kg.messages import Message
from kg.negotiate import HTML, JSON, RESULTS_CSV, Variant, choose, parse_accept
from kg.representation.linkset import as_uri
from kg.representation.statements import Statements
from kg.representation.view import Labels
from kg.search.nearness import near
from kg.terms import document_iri
from kg.web import html
from kg.web.current import CurrentSite
from kg.web.errors import PROBLEM
from kg.web.language import labels_for, stay, told
from kg.web.naming import naming
from kg.web.openapi.apis import LINKING
from kg.web.openapi.operation import Answer, Body, Parameter, describes, leads, negotiable
from kg.web.responses import SHORT, add_links, negotiated, redirected, respond
from kg.web.site import Site

MOST = 1_000  # identifiers in one request
_FIELD = "identifiers"
_COLUMNS = ("iri", "identifier", "id")  # of a CSV file, if none is named
_HEADER = ("identifier", "status", "iri", "url", "name", "relation", "matched", "scheme", "choices", "detail")
_BY_FORMAT = {variant.format: variant for variant in (JSON, RESULTS_CSV, HTML)}
_SCHEMAS = {JSON.media_type: "Resolved"}
_FORMAT = Parameter("format", "json, csv or html: the answer as a table of one row.", {"enum": [*_BY_FORMAT]})
_COLUMN = Parameter("column", "The column of a CSV file, by its name in the first line.")
_TEXTS = {"type": "array", "items": {"type": "string"}, "maxItems": MOST}
_PLAIN = {"type": "string"}


def blueprint(current: CurrentSite, _: Settings) -> Blueprint:
    """The routes of this module."""
    routes = Blueprint("identifiers", __name__)

    @routes.get("/resolve")
    @describes(
        "Which thing has this identifier?",
        LINKING,
        leads(303, "To the thing; Link: canonical is its IRI, describedby its document."),
        Answer(300, "Several things have it.", (JSON, HTML), _SCHEMAS, negotiated=True),
        Answer(200, "With `format`: what it means, as a table of one row.", (JSON, RESULTS_CSV, HTML), _SCHEMAS),
        parameters=(
            Parameter("iri", "An IRI, compact IRI or code.", example="iri", required=True),
            _FORMAT,
        ),
        errors=(400, 404),
    )
    def resolve() -> Response:
        return _one(request, current.get())

    @routes.post("/resolve")
    @describes(
        "Which things have these identifiers?",
        LINKING,
        negotiable(JSON, RESULTS_CSV, HTML, schemas=_SCHEMAS),
        method="POST",
        parameters=(_FORMAT, _COLUMN),
        bodies=(
            Body("application/json", "A list of identifiers.", _TEXTS, "identifiers"),
            Body("text/plain", "One identifier a line.", _PLAIN),
            Body("text/csv", "A table with a header; the identifiers stand in one column.", _PLAIN),
        ),
        errors=(400, 406, 413, 415),
        validated=False,
    )
    def resolve_all() -> Response:
        return _many(request, current.get())

    return routes


def _one(request: Request, site: Site) -> Response:
    given = request.args.getlist("iri")
    if len(given) != 1:
        raise BadRequest(Message("give one identifier: /resolve?iri=...; many can be sent by POST, /same-as tells how"))
    [resolution] = naming(site).resolver(site, request.host_url).resolve(given)
    if request.args.get("format") is not None:
        variant = _variant(request, (JSON,))
        body = _written(site, [resolution], variant, request)
        return respond(request, body, variant, site.etag("resolve", variant.format, given[0], request.host_url))
    if resolution.status == "found":
        iri = resolution.matches[0].iri
        response = redirected(as_uri(stay(site.path(iri) or "/")), 303)
        document = site.path(document_iri(site.manifest.base, iri)) or "/"
        add_links(response, [(iri, "canonical", {}), (document, "describedby", {})])
        return response
    return _not_one(request, site, resolution)


def _not_one(request: Request, site: Site, resolution: Resolution) -> Response:
    """300 with what the identifier may mean, 404 with what it may have been meant for, or 400."""
    status = {"ambiguous": 300, "unknown": 404, "malformed": 400}[resolution.status]
    data = JSON if status == 300 else PROBLEM
    chosen = choose(parse_accept(request.headers.get("Accept")), (data, HTML)) or data
    [row] = _rows(site, [resolution], request, nearby=True, page=chosen is HTML)
    if chosen is HTML:
        body = _page(site, [row], status)
    elif status == 300:
        body = _json([row])
    else:
        title = HTTPStatus(status).phrase
        problem = {"type": "about:blank", "title": title, "status": status, "detail": row["detail"]}
        body = json.dumps(problem | {"near": row["near"]}, ensure_ascii=False) + "\n"
    response = Response(body, status, content_type=chosen.content_type)
    response.headers["Cache-Control"] = SHORT if status == 300 else "no-store"
    response.vary.add("Accept")
    add_links(response, [(as_uri(c["url"]), "alternate", {}) for c in row["choices"]])
    return response


def _many(request: Request, site: Site) -> Response:
    kind = request.mimetype
    readers = {
        "application/json": _from_json,
        "text/plain": _from_lines,
        "text/csv": _from_csv,
        "application/x-www-form-urlencoded": _from_form,
    }
    if kind not in readers:
        raise UnsupportedMediaType(f"send {', '.join(readers)}, not {kind or 'a body without a type'}")
    texts = readers[kind](request)
    if len(texts) > MOST:
        raise RequestEntityTooLarge(f"{MOST:,} identifiers may be sent at once, not {len(texts):,}")
    first = {"text/csv": RESULTS_CSV, "application/x-www-form-urlencoded": HTML}.get(kind, JSON)
    variant = _variant(request, (first, *(v for v in _BY_FORMAT.values() if v is not first)))
    resolutions = naming(site).resolver(site, request.host_url).resolve(texts)
    response = Response(_written(site, resolutions, variant, request), content_type=variant.content_type)
    response.headers["Cache-Control"] = "no-store"
    response.vary.add("Accept")
    return response


def _variant(request: Request, variants: Sequence[Variant]) -> Variant:
    # A form sends its fields in its body.
    wanted = request.values.get("format")
    if not wanted:
        return negotiated(request, variants)
    if wanted not in _BY_FORMAT:
        raise BadRequest(f"there is no format {wanted!r}; there are {', '.join(sorted(_BY_FORMAT))}")
    return _BY_FORMAT[wanted]


# -- what was sent -----------------------------------------------------------------------------------------------------


def _from_json(request: Request) -> list[str]:
    try:
        sent = json.loads(_text(request))
    except (ValueError, RecursionError) as error:
        raise BadRequest(f"the body is no JSON: {error}") from None
    sent = sent.get(_FIELD) if isinstance(sent, dict) else sent
    if not isinstance(sent, list) or not all(isinstance(text, str) for text in sent):
        raise BadRequest(f'send a list of texts: ["wd:Q38", "ITA"], or {{"{_FIELD}": [...]}}')
    return sent


def _from_lines(request: Request) -> list[str]:
    return _lines(_text(request))


def _from_form(request: Request) -> list[str]:
    if _FIELD not in request.form:
        raise BadRequest(f"the form has no field {_FIELD!r}")
    return _lines(request.form[_FIELD])


def _from_csv(request: Request) -> list[str]:
    try:
        rows = [row for row in csv.reader(io.StringIO(_text(request), newline=""), strict=True) if row]
    except csv.Error as error:
        raise BadRequest(f"the body is no CSV (RFC 4180): {error}") from None
    if not rows:
        raise BadRequest("the table is empty; its first line has the names of its columns")
    names, wanted = [name.strip() for name in rows[0]], request.args.get("column")
    folded = [name.casefold() for name in names]
    if wanted is not None and wanted not in names:
        raise BadRequest(f"there is no column {wanted!r}; there are {', '.join(names)}")
    column = names.index(wanted) if wanted is not None else next((folded.index(c) for c in _COLUMNS if c in folded), 0)
    return [row[column] if column < len(row) else "" for row in rows[1:]]


def _text(request: Request) -> str:
    try:
        return request.get_data().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadRequest(f"the body is not UTF-8, at byte {error.start:,}") from None


def _lines(text: str) -> list[str]:
    return [line for line in text.replace("\r\n", "\n").split("\n") if line.strip()]


# -- the answer --------------------------------------------------------------------------------------------------------


def _written(site: Site, resolutions: Sequence[Resolution], variant: Variant, request: Request) -> str:
    rows = _rows(site, resolutions, request, page=variant is HTML)
    if variant is HTML:
        return _page(site, rows, 200)
    return _json(rows) if variant is JSON else _csv(rows)


def _rows(
    site: Site, resolutions: Sequence[Resolution], request: Request, *, nearby: bool = False, page: bool = False
) -> list[dict[str, Any]]:
    """One row for each: whole addresses, and names, on a ``page`` in its language.

    With ``nearby`` also what has nearly such a name.
    """
    labels = labels_for(site) if page else site.labels()
    found = {m.iri for r in resolutions for m in (*r.matches, *r.close)}
    statements, wanted = Statements(site.answers, site.manifest), sorted(found)
    for start in range(0, len(wanted), 500):
        labels.learn(statements.labels(wanted[start : start + 500]))
    return [_row(site, r, labels, request.host_url, nearby=nearby) for r in resolutions]


def _row(site: Site, resolution: Resolution, labels: Labels, root: str, *, nearby: bool) -> dict[str, Any]:
    choices = [_choice(site, match, labels, root) for match in resolution.matches]
    close = [_choice(site, match, labels, root) for match in resolution.close]
    if nearby and resolution.status == "unknown" and not close:
        close = _nearly(site, resolution.text, root)
    one = choices[0] if resolution.status == "found" else {}
    details = {
        "malformed": Message("this is no identifier: %(problem)s", problem=resolution.problem),
        "unknown": Message("no thing here has the identifier %(text)s", text=resolution.text.strip()),
        "ambiguous": Message(
            "%(number)s things have the identifier %(text)s", number=len(choices), text=resolution.text.strip()
        ),
    }
    return {
        "identifier": resolution.text,
        "status": resolution.status,
        **{name: one.get(name) for name in ("iri", "url", "name", "relation", "matched", "scheme")},
        "choices": choices if resolution.status == "ambiguous" else [],
        "near": close,
        "detail": details.get(resolution.status, ""),
    }


def _choice(site: Site, match: Match, labels: Labels, root: str) -> dict[str, str]:
    return {
        "iri": match.iri,
        "url": urljoin(root, site.path(match.iri) or "/"),
        "name": labels.term(match.iri).text,
        "relation": match.relation,
        "matched": match.identifier,
        "scheme": match.scheme,
    } | ({"former": match.former} if match.former else {})


def _nearly(site: Site, text: str, root: str) -> list[dict[str, str]]:
    """Things whose names are like the end of an identifier that is a name: ``.../resource/Italian_Republic``."""
    if not site.release.labels.exists():
        return []
    words = text.rstrip("/").rpartition("/")[2].rpartition(":")[2].replace("_", " ").strip()[:100]
    hits = near(site.search_index, words) if len(words) > 3 else []
    base = site.manifest.base
    return [
        _choice(site, Match(h.iri, h.matched, "name"), site.labels(), root) | {"name": h.label}
        for h in hits
        if h.iri.startswith(base)
    ]


def _json(rows: Sequence[Mapping[str, Any]]) -> str:
    always = _HEADER[:2]
    told = [{name: value for name, value in row.items() if value or name in always} for row in rows]
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n"


def _csv(rows: Sequence[Mapping[str, Any]]) -> str:
    output = io.StringIO(newline="")
    write = csv.writer(output, lineterminator="\r\n").writerow
    write(_HEADER)
    for row in rows:
        choices = " ".join(choice["iri"] for choice in row["choices"])
        write([choices if name == "choices" else row[name] or "" for name in _HEADER])
    return output.getvalue()


def _page(site: Site, rows: Sequence[Mapping[str, Any]], status: int) -> str:
    words = told(html.STATUS_WORDS.get(HTTPStatus(status), ""))
    return html.page(site, "resolve.html", rows=rows, status=HTTPStatus(status), status_words=words, most=MOST)
