"""Addresses on the site, the files they become, and links between those (pure)."""

from __future__ import annotations

import hashlib
import html
import posixpath
import re
from collections.abc import Callable, Iterable, Iterator
from urllib.parse import quote, unquote, urldefrag, urljoin, urlsplit

from kg.negotiate import ANSWER_VARIANTS, DATASET_VARIANTS, DOCUMENT_VARIANTS

_SAFE = "/:@!$&'()*+,;=~-._"
_LONGEST = 200  # bytes of a name; file systems take 255
_VARIANTS = (*DOCUMENT_VARIANTS, *DATASET_VARIANTS, *(v for variants in ANSWER_VARIANTS.values() for v in variants))
_SUFFIXES = {variant.media_type: f".{variant.suffix}" for variant in _VARIANTS} | {
    "application/atom+xml": ".atom",
    "application/json": ".json",
    "application/linkset+json": ".json",
    "application/linkset": ".linkset",
    "application/link-format": ".links",
    "application/rdf-patch": ".rdfp",
    "application/problem+json": ".json",
}
# In our own pages every attribute is quoted like this, and quotation marks in texts are written as entities.
_LINK = re.compile(r'<([^>]*)>((?:\s*;\s*\w+="[^"]*")*)')
_PARAMETER = re.compile(r';\s*(\w+)="([^"]*)"')
_ATTRIBUTE = re.compile(r'(?<=[\s])(href|src)="([^"]*)"')


def addresses(page: str, at: str) -> Iterator[str]:
    """The addresses on this site (path and query, without fragment) that a page at the address ``at`` links to."""
    for _, value in _ATTRIBUTE.findall(page):
        if (inside := _inside(html.unescape(value), at)) is not None:
            yield inside[0]


def relinked(page: str, at: str, file: str, target: Callable[[str], str]) -> str:
    """The page with relative links: ``file`` is where it will stand, ``target`` tells the file or IRI of an address.

    A file that begins with a slash is linked like that.
    """
    folder = posixpath.dirname(file) or "."

    def other(found: re.Match[str]) -> str:
        inside = _inside(html.unescape(found[2]), at)
        if inside is None:
            return found[0]
        address, fragment = inside
        to = target(address)
        if not to.startswith(("http:", "https:")):
            to = quote(to if to.startswith("/") else posixpath.relpath(to, folder), safe=_SAFE)
        return f'{found[1]}="{html.escape(to + (f"#{fragment}" if fragment else ""))}"'

    return _ATTRIBUTE.sub(other, page)


def with_links(page: str, headers: Iterable[str]) -> str:
    """The page, its head having the links to other times (RFC 7089, section 2.2) that were in its Link headers.

    The TimeGate is left out: to find the version of a moment needs a program.
    """
    told = ""
    for link in headers:
        for target, parameters in _LINK.findall(link):
            given = dict(_PARAMETER.findall(parameters))
            relations = given.get("rel", "").split()
            if {"original", "timemap", "memento"} & {*relations}:
                kind = f' type="{html.escape(given["type"])}"' if "type" in given else ""
                told += f'<link rel="{html.escape(" ".join(relations))}" href="{html.escape(target)}"{kind}>\n'
    return page.replace("</head>", f"{told}</head>", 1)


def without_timegate(timemap: str) -> str:
    """A TimeMap in the link format (RFC 7089, section 5) that does not name the TimeGate."""
    return ",\n".join(line for line in timemap.strip().split(",\n") if 'rel="timegate"' not in line) + "\n"


def file_of(address: str, media_type: str) -> str:
    """The file for what an address answers: its path with the suffix of its type, and a digest of the query if any."""
    parts = urlsplit(address)
    path = unquote(parts.path).lstrip("/")
    suffix = _SUFFIXES.get(media_type, "")
    if not path or path.endswith("/"):
        path += "index"
    known = posixpath.splitext(path)[1]
    if parts.query:
        path = f"{path}.{hashlib.sha256(parts.query.encode()).hexdigest()[:12]}{suffix or known}"
    elif suffix and not path.endswith(suffix):
        path += suffix
    return "/".join(_name(part) for part in path.split("/"))


def _name(part: str) -> str:
    """A name that a file may have, and that does not lead out of its folder."""
    written = part.encode("utf-8", "surrogateescape")
    if part in ("", ".", "..") or "\x00" in part or len(written) > _LONGEST:
        stem, suffix = posixpath.splitext(part) if part.strip(".") and "\x00" not in part else ("x", "")
        return f"{stem[:40]}-{hashlib.sha256(written).hexdigest()[:12]}{suffix[:10]}"
    return part


def _inside(link: str, at: str) -> tuple[str, str] | None:
    """(address, fragment) of a link to this site; None for one that leads elsewhere, or inside the same page."""
    if not link or link.startswith(("#", "//")) or urlsplit(link).scheme:
        return None
    address, fragment = urldefrag(urljoin(at, link))
    return address, fragment
