"""What a text may mean as an identifier (pure): candidates, to be asked for in the release.

Understood are IRIs, in angle brackets or not; addresses without ``https://``; compact IRIs, in square brackets or not
(CURIE Syntax 1.0, safe CURIEs); paths of the site; ``scheme:code``, and codes alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

from kg.identifiers.declared import Declared
from kg.identifiers.prefixes import PrefixMap
from kg.identifiers.spelling import Target, alike, plain
from kg.negotiate import RESOURCE_VARIANTS
from kg.terms import iri_spellings

LONGEST = 2_000  # characters
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*")  # RFC 3986, section 3.1
_SUFFIXES = tuple(f".{variant.suffix}" for variant in RESOURCE_VARIANTS)


@dataclass(frozen=True)
class Reading:
    """Candidates for a text: IRIs of the release itself, IRIs of others, codes with the scheme if one is named.

    ``problem`` says why there are none.
    """

    text: str
    own: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()
    codes: tuple[tuple[str | None, str], ...] = ()
    problem: str = ""


class Reader:
    """Reads texts by the prefixes and declarations of a release.

    ``base`` is that of its IRIs; addresses below ``here``, where the site answers, stand for those.
    """

    def __init__(self, prefixes: PrefixMap, declared: Declared, base: str, here: str = "") -> None:
        self._prefixes, self._declared, self._base = prefixes, declared, base
        self._homes = [plain(f"{root}x").removesuffix("x") for root in (base, here) if root]

    def read(self, given: str) -> Reading:
        """The candidates for a text."""
        text = _unwrapped(given.strip())
        if not text:
            return Reading(given, problem="there is nothing in it")
        if len(text) > LONGEST:
            return Reading(given[:80], problem=f"it is longer than {LONGEST:,} characters")
        if any(not c.isprintable() for c in text):
            return Reading(given, problem="it holds characters that nothing can be called by")
        scheme, colon, rest = text.partition(":")
        named = bool(colon) and _SCHEME.fullmatch(scheme) is not None
        iris = [iri for iri in (self._prefixes.expand(text) if colon else None, text if named else None) if iri]
        if not named and "/" in text and "." in text.lstrip("/").partition("/")[0]:
            iris.append(f"https://{text.lstrip('/')}")
        foreign: dict[str, None] = {}
        own = [] if named else self._things_at(text.lstrip("/"))
        for iri in iris:
            foreign |= dict.fromkeys(alike(iri))
            if (found := self._declared.target(iri)) is not None:
                foreign |= _addresses(*found)
            own += self._at_home(iri)
        for target in self._declared.targets:
            if named and target.name.casefold() == scheme.casefold():
                foreign |= _addresses(target, rest.strip())
        codes = ((None, text), (scheme, rest.strip())) if colon else ((None, text),)
        return Reading(given, tuple(dict.fromkeys(own)), tuple(foreign), codes)

    def _at_home(self, iri: str) -> list[str]:
        """The IRIs of the release that an address of its own, or of the site, can stand for."""
        found = [iri] if iri.startswith(self._base) else []
        compared = plain(iri)
        for home in self._homes:
            if compared.startswith(home):
                path = iri.partition("://")[2].partition("/")[2]
                # What the home's own path takes; the rest keeps its spelling.
                inner = home.partition("://")[2].partition("/")[2]
                found += self._things_at(path[len(inner) :])
        return found

    def _things_at(self, path: str) -> list[str]:
        """The IRIs that a path can stand for: of a thing, with or without ``id/``, or of the document about it."""
        path, mark, fragment = path.partition("#")
        path = unquote(path.partition("?")[0]).rstrip("/")
        inner = path.removeprefix("doc/")
        stems = [path, f"id/{path}"]
        if inner != path:
            bare = next((inner.removesuffix(s) for s in _SUFFIXES if inner.endswith(s)), inner)
            stems = [f"id/{inner}", inner, f"id/{bare}", bare]
        # A path that is not UTF-8, or holds what no IRI may, stands for nothing.
        return [f"{iri}{mark}{fragment}" for stem in stems if stem for iri in iri_spellings(self._base, stem)]


def _addresses(target: Target, local: str) -> dict[str, None]:
    found: dict[str, None] = {}
    for address in target.addresses(local):
        found |= dict.fromkeys(alike(address))
    return found


def _unwrapped(text: str) -> str:
    for opening, closing in ("<>", "[]"):
        if text.startswith(opening) and text.endswith(closing):
            return text[1:-1].strip()
    return text
