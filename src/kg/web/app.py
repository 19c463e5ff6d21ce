"""The Flask application: which module answers what, and the headers that every response carries."""

from __future__ import annotations

import re
from pathlib import Path

from flask import Flask, Response, current_app, request
from jinja2 import pass_context
from jinja2.runtime import Context

from kg.config import Settings
from kg.web import (
    apis,
    changes,
    citing,
    completing,
    contexts,
    coreference,
    descriptions,
    documents,
    dumps,
    embedding,
    errors,
    identifiers,
    language,
    linksets,
    memento,
    namespaces,
    opensearch,
    pages,
    prefixes,
    reconciliation,
    releases,
    resources,
    search,
    sparql,
    wellknown,
)
from kg.web.current import CurrentSite
from kg.web.editor import editor
from kg.web.listing import FEW, GLANCE, MANY, SEEN, query_of
from kg.web.openapi.operation import saying
from kg.web.openapi.static import static_files
from kg.web.reply import COMMON, CONTENT_SECURITY_POLICY, PREFLIGHT

# Controls and noncharacters (https://infra.spec.whatwg.org/#noncharacter).
_NOT_IN_HTML = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")


def create_app(settings: Settings, site: CurrentSite) -> Flask:
    """The application over what ``site`` hands out."""
    app = Flask("kg.web")
    # A form is percent-encoded: three bytes for one in the worst case, and the names of its fields.
    app.config["MAX_CONTENT_LENGTH"] = app.config["MAX_FORM_MEMORY_SIZE"] = 3 * settings.query_bytes + 10_000
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.finalize = _sound
    language.teach(app)
    app.jinja_env.filters |= {"here": _here, "within": _within}
    app.jinja_env.globals |= {"glance": GLANCE, "seen": SEEN, "few": FEW, "many": MANY, "listing": query_of}
    app.jinja_env.globals["editor"] = editor(Path(app.static_folder or ""))
    app.extensions["kg"] = site
    errors.register(app)
    for module in (
        pages,
        sparql,
        completing,
        search,
        reconciliation,
        opensearch,
        wellknown,
        dumps,
        apis,
        descriptions,
        changes,
        memento,
        releases,
        citing,
        embedding,
        contexts,
        identifiers,
        coreference,
        prefixes,
        linksets,
        namespaces,
        documents,
        resources,
    ):
        app.register_blueprint(module.blueprint(site, settings))
    saying(static_files(Path(app.static_folder or "")))(app.view_functions["static"])
    app.after_request(_finish)
    app.after_request(lambda response: memento.tell(response, site))
    return app


@pass_context  # or Jinja would decide once and for all what a fixed path becomes
def _here(_: Context, path: str) -> str:
    """An address on this site as a page links to it: with the prefix of a former release, and in the same language."""
    return language.stay(_prefixed(path))


@pass_context
def _within(_: Context, path: str) -> str:
    """An address on this site with the prefix of a former release only: a form adds to it what it sends."""
    return _prefixed(path)


def _prefixed(path: str) -> str:
    local = path.startswith("/") and not path.startswith("/release/")
    return f"{current_app.extensions['kg'].get().prefix}{path}" if local else path


def _sound(value: object) -> object:
    """What stands in a page, with a sign in place of what no HTML may hold (HTML, section 13.2.3.5)."""
    if not isinstance(value, str) or _NOT_IN_HTML.search(value) is None:
        return value
    return type(value)(_NOT_IN_HTML.sub("\N{REPLACEMENT CHARACTER}", value))


def _finish(response: Response) -> Response:
    response.headers.update(COMMON)
    # The server says when it sends something, which may have been made and kept long before.
    response.headers.pop("Date", None)
    if response.mimetype == "text/html":
        response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)  # a preview may be framed
        response.headers["Referrer-Policy"] = "no-referrer"
        # The language of the page around the data; what is in another says so itself.
        if "Content-Language" not in response.headers:
            response.headers["Content-Language"] = language.reader().language
            response.vary.add("Accept-Language")
    if request.method == "OPTIONS" and response.status_code == 200:
        response.status_code = 204
        response.headers.update(PREFLIGHT)
        del response.headers["Content-Type"]
    return response
