"""Spellings of one identifier (pure): http and https, hosts in capitals, percent-encoding, a slash at the end, and the
addresses that another dataset has for the same thing.

RFC 3986, section 6.2, and RFC 3987, section 5.3, say which of these always mean the same. Beyond them, http and https
count as one, a slash at the end does not count, and marks such as ``(`` may be percent-encoded: different things with
names so alike are told apart where they occur, because an identifier that fits two things is ambiguous.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import quote, urlsplit

_WEB = ("http", "https")
_FORBIDDEN = re.compile(r"[<>\"{}|^`\\\s\[\]]")  # what the path of no IRI may hold, but people write
_ENCODED = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_MARKS = "/:@!$&'()*+,;=~-._"
# What decoding would make another IRI, or none at all (RFC 3986, section 2.2; RFC 3987, section 2.2).
_STAY = frozenset('/?#[]%<>"{}|^`\\ ')
PLACE = "{id}"


def alike(iri: str) -> list[str]:
    """The spellings under which an IRI of the web may stand in data, as given first; other IRIs have one."""
    split = _split(iri)
    if split is None:
        return [iri]
    host, path, rest = split
    found = dict.fromkeys((iri,))
    for form in _forms(path):
        for ended in (form, form.rstrip("/") if form.endswith("/") else f"{form}/"):
            found |= dict.fromkeys(f"{scheme}://{host}{ended}{rest}" for scheme in _WEB)
    return [*found]


def plain(iri: str) -> str:
    """One text for all spellings of an IRI, to compare by; no address."""
    split = _split(iri)
    if split is None:
        return iri
    host, path, rest = split
    return f"http://{host}{_decoded(path).rstrip('/')}{rest}"


def _split(iri: str) -> tuple[str, str, str] | None:
    """Host, path and the rest of an IRI of the web; None for any other."""
    try:
        parts = urlsplit(iri)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _WEB or not parts.hostname or "@" in parts.netloc:
        return None
    host = parts.netloc.lower()
    if port in (80, 443):
        host = host.rpartition(":")[0]
    # urlsplit removes line breaks and forgets empty queries; the rest is taken from the text itself.
    _, _, tail = iri.partition("//")
    path, mark, rest = re.fullmatch(r"[^/?#]*([^?#]*)([?#]?)(.*)", tail, re.DOTALL).groups()  # type: ignore[union-attr]
    return host, path, mark + rest


def _forms(path: str) -> list[str]:
    decoded = _decoded(path)
    return [*dict.fromkeys((path, decoded, quote(decoded, safe=_MARKS + "%"), quote(decoded, safe="/:@-._~%")))]


def _decoded(path: str) -> str:
    """The path with everything decoded that may stand in an IRI as it is; the digits of the rest in capitals."""

    def decode(match: re.Match[str]) -> str:
        text = bytes.fromhex(match[0].replace("%", "")).decode("utf-8", "surrogateescape")
        return "".join(
            f"%{ord(c) & 0xFF:02X}"
            if 0xDC80 <= ord(c) <= 0xDCFF
            else quote(c, safe="")
            if c in _STAY or not c.isprintable()
            else c
            for c in text
        )

    return _FORBIDDEN.sub(lambda match: quote(match[0], safe=""), _ENCODED.sub(decode, path))


@dataclass(frozen=True)
class Template:
    """An address of a dataset's things with ``{id}`` in it (RFC 6570, level 1)."""

    text: str

    def expand(self, local: str) -> str:
        """The address of the thing with this identifier."""
        return self.text.replace(PLACE, local)

    def local(self, iri: str) -> str | None:
        """The identifier in an address, whatever its spelling, query and fragment; None if it is none of these."""
        for text in (iri, re.split(r"[?#]", iri, maxsplit=1)[0]):
            if found := self._pattern.fullmatch(plain(text)):
                return found[1]
        return None

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        before, _, after = self.text.partition(PLACE)
        # A letter in the place of the identifier, so that the slash before it stays.
        lead = plain(f"{before}x").removesuffix("x")
        return re.compile(rf"{re.escape(lead)}([^/?#]+){re.escape(after.rstrip('/'))}")


@dataclass(frozen=True)
class Target:
    """A dataset that the release links to: its name in short, its titles by language, and where its things are.

    The first of the ``templates`` is that of the IRIs, the others are addresses that mean the same.
    """

    iri: str
    name: str
    titles: dict[str, str] = field(hash=False)
    templates: tuple[Template, ...]
    homepage: str = ""

    def local(self, iri: str) -> str | None:
        """The identifier of a thing in this dataset, by any of its addresses."""
        return next((local for t in self.templates if (local := t.local(iri)) is not None), None)

    def addresses(self, local: str) -> Iterator[str]:
        """All addresses of the thing with this identifier, its IRI first."""
        return (template.expand(local) for template in self.templates)
