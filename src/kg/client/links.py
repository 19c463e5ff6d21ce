"""The Link headers of an answer (RFC 8288), as a client reads them (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urljoin

_TARGET = re.compile(r"\s*<([^>]*)>\s*")
_PARAMETER = re.compile(r""";\s*([A-Za-z0-9!#$&+.^_`|~*-]+)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*)))?\s*""")
_COMMA = re.compile(r"[\s,]*")


@dataclass(frozen=True)
class Link:
    """A link: where it leads (absolute), in which relation, and what else is said (``type``, ``datetime`` ...)."""

    target: str
    relation: str
    attributes: Mapping[str, str] = field(default_factory=dict, hash=False)


def read_links(headers: Iterable[str], base: str) -> list[Link]:
    """The links of ``Link`` headers of an answer from ``base``, each once for each of its relations.

    What cannot be read ends the reading of its header: of the links before it nothing is lost. Links with another
    context (``anchor``) are left out.

    >>> [link.target for link in read_links(['</a?page=2>; rel="next", </a>; rel=canonical'], "https://x.example/a")]
    ['https://x.example/a?page=2', 'https://x.example/a']
    """
    return [link for header in headers for link in _links(header, base)]


def _links(header: str, base: str) -> Iterable[Link]:
    position = _end(_COMMA, header, 0)
    while target := _TARGET.match(header, position):
        position = target.end()
        attributes: dict[str, str] = {}
        while parameter := _PARAMETER.match(header, position):
            name, quoted, bare = parameter.groups()
            # Of a parameter that stands there twice the first counts (section 3.3).
            attributes.setdefault(name.lower(), re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else bare or "")
            position = parameter.end()
        relations = attributes.pop("rel", "").split()
        if "anchor" not in attributes:
            yield from (Link(urljoin(base, target[1]), relation, attributes) for relation in relations)
        following = _end(_COMMA, header, position)
        if following == position:
            return
        position = following


def _end(pattern: re.Pattern[str], text: str, position: int) -> int:
    match = pattern.match(text, position)
    return match.end() if match else position
