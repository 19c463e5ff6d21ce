"""The Flask application: which module answers what, and the headers that every response carries."""

from __future__ import annotations

from flask import Flask, Response, request

from kg.config import Settings
from kg.web import dumps, errors, pages, resources, sparql
from kg.web.site import CurrentSite

# No script at all yet; styles and pictures only from here.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Link, ETag, Location, Content-Location, Retry-After",
}
_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, POST, OPTIONS",
    "Access-Control-Allow-Headers": "Content-Type, Accept, If-None-Match",
    "Access-Control-Max-Age": "86400",
}


def create_app(settings: Settings) -> Flask:
    """The application over the current release of ``settings.project``. Raises KgError if there is none to serve."""
    app = Flask("kg.web")
    # A form is percent-encoded: three bytes for one in the worst case, and the names of its fields.
    app.config["MAX_CONTENT_LENGTH"] = app.config["MAX_FORM_MEMORY_SIZE"] = 3 * settings.query_bytes + 10_000
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    site = CurrentSite(settings)
    app.extensions["kg"] = site
    errors.register(app)
    for module in (pages, sparql, dumps, resources):
        app.register_blueprint(module.blueprint(site, settings))
    app.after_request(_finish)
    return app


def _finish(response: Response) -> Response:
    response.headers.update(_CORS)
    response.headers["X-Content-Type-Options"] = "nosniff"
    if response.mimetype == "text/html":
        response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
        response.headers["Referrer-Policy"] = "no-referrer"
    if request.method == "OPTIONS" and response.status_code == 200:
        response.status_code = 204
        response.headers.update(_PREFLIGHT)
        del response.headers["Content-Type"]
    return response
