"""Pages and documents compressed where the client can read that (RFC 9110, section 8.4), with their own validators."""

from __future__ import annotations

import gzip

from kg.web.reply import Header, Reply

SUFFIX = "-gzip"
_WORTH_IT = 1_024
_TEXT = (
    "text/",
    "application/atom+xml",
    "application/trig",
    "application/rdf-patch",
    "application/ld+json",
    "application/rdf+xml",
    "application/n-",
    "application/json",
    "application/opensearchdescription+xml",
    "application/x-suggestions+json",
    "image/svg+xml",
)


def plain_tags(known: str) -> str:
    """If-None-Match as the application knows it: with the validators of what was compressed here."""
    return known.replace(f'{SUFFIX}"', '"')


def coded(reply: Reply, known: str, *, accepted: bool) -> Reply:
    """The reply, compressed if that is ``accepted`` and worth it; ``known`` is the client's If-None-Match."""
    content_type = next((value for name, value in reply.headers if name == "content-type"), "")
    if reply.status == 304:
        if SUFFIX in known:
            reply.headers = [_tagged(header) for header in reply.headers]
        reply.headers = _varied(reply.headers)
        return reply
    # A file of a release comes in the coding that was chosen for it, with the digest of just these bytes.
    as_it_is = any(name == "repr-digest" for name, _ in reply.headers)
    if as_it_is or not content_type.startswith(_TEXT) or reply.status == 206:
        return reply
    reply.headers = _varied(reply.headers)
    if accepted and reply.parts is None and len(reply.body) > _WORTH_IT:
        reply.body = gzip.compress(reply.body, 6, mtime=0)
        kept = [_tagged(header) for header in reply.headers if header[0] != "content-length"]
        reply.headers = [*kept, ("content-encoding", "gzip"), ("content-length", str(len(reply.body)))]
    return reply


def _tagged(header: Header) -> Header:
    name, value = header
    return (name, value[:-1] + SUFFIX + '"') if name == "etag" and value.endswith('"') else header


def _varied(headers: list[Header]) -> list[Header]:
    varied = ", ".join([value for name, value in headers if name == "vary"] + ["Accept-Encoding"])
    return [*(header for header in headers if header[0] != "vary"), ("vary", varied)]
