"""The changes as Atom feeds (RFC 4287), the older ones in archives (RFC 5005, section 4).

Written with the XML library of Python: the format has a dozen elements, and the packages that write it are
no longer kept up.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from xml.etree import ElementTree as ET

_ATOM = "http://www.w3.org/2005/Atom"
_HISTORY = "http://purl.org/syndication/history/1.0"
_XHTML = "http://www.w3.org/1999/xhtml"
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
# What XML 1.0 has no place for (section 2.2), however it is written.
_NO_CHARACTER = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Link = tuple[str, str, str]  # relation, address, media type


@dataclass(frozen=True)
class FeedEntry:
    """One thing in one release: ``paragraphs`` say what happened, ``category`` is its class (IRI, name)."""

    id: str
    title: str
    updated: datetime
    links: tuple[Link, ...]
    paragraphs: tuple[str, ...]
    category: tuple[str, str] | None = None


@dataclass(frozen=True)
class Feed:
    """A feed document; ``archive`` marks one that is no longer added to."""

    id: str
    title: str
    updated: datetime
    author: str
    language: str
    links: tuple[Link, ...]
    entries: Sequence[FeedEntry] = field(default_factory=tuple)
    archive: bool = False


def write_feed(feed: Feed) -> bytes:
    """The document."""
    for prefix, namespace in (("", _ATOM), ("fh", _HISTORY), ("xhtml", _XHTML)):
        ET.register_namespace(prefix, namespace)
    root = ET.Element(f"{{{_ATOM}}}feed", {_LANGUAGE: feed.language})
    _add(root, "id", feed.id)
    _add(root, "title", feed.title)
    _add(root, "updated", _instant(feed.updated))
    _add(_add(root, "author"), "name", feed.author)
    _links(root, feed.links)
    if feed.archive:
        ET.SubElement(root, f"{{{_HISTORY}}}archive")
    for entry in feed.entries:
        _entry(root, entry)
    ET.indent(root, " ")
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _entry(root: ET.Element, entry: FeedEntry) -> None:
    element = _add(root, "entry")
    _add(element, "id", entry.id)
    _add(element, "title", entry.title)
    _add(element, "updated", _instant(entry.updated))
    _links(element, entry.links)
    if entry.category:
        _add(element, "category").attrib.update(term=entry.category[0], label=_text(entry.category[1]))
    content = _add(element, "content")
    content.set("type", "xhtml")
    body = ET.SubElement(content, f"{{{_XHTML}}}div")
    for paragraph in entry.paragraphs:
        ET.SubElement(body, f"{{{_XHTML}}}p").text = _text(paragraph)


def _links(element: ET.Element, links: Iterable[Link]) -> None:
    for relation, address, media_type in links:
        link = _add(element, "link")
        link.attrib.update(rel=relation, href=address)
        if media_type:
            link.set("type", media_type)


def _add(parent: ET.Element, name: str, text: str | None = None) -> ET.Element:
    element = ET.SubElement(parent, f"{{{_ATOM}}}{name}")
    element.text = None if text is None else _text(text)
    return element


def _text(text: str) -> str:
    return _NO_CHARACTER.sub("\ufffd", text)


def _instant(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")
