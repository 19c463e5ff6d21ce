"""How the reconciliation service calls things, classes and properties: an IRI -> an identifier, and back (pure).

* A thing is called by what follows the base of its IRI: ``id/state/ITA``. The base (the manifest's ``identifierSpace``)
  and the identifier make the persistent IRI. Things of others have no identifier here.
* A class or property is called by its CURIE, ``skos:Concept``, and by its IRI where no prefix fits: OpenRefine puts
  these identifiers into addresses as they are, where a ``#`` would cut them off.

Whoever asks may always give an IRI instead.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import pyoxigraph as ox

INVERSE = "^"  # before a property: read against its direction, as in a path of SPARQL (section 9.1)

_LOCAL = re.compile(r"[\w.-]*\w")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_LONGEST = 2_000


@dataclass(frozen=True)
class Identifiers:
    """Names things and terms for one release: its base and prefixes."""

    base: str
    prefixes: Mapping[str, str]

    def entity(self, iri: str) -> str | None:
        """The identifier of a thing; None if its IRI does not begin with the base."""
        return iri.removeprefix(self.base) if iri.startswith(self.base) and iri != self.base else None

    def thing(self, identifier: str) -> str | None:
        """The IRI of what has the identifier (or is that IRI); None for a text that can be neither."""
        identifier = identifier.strip()
        iri = identifier if identifier.startswith(self.base) else self.base + identifier
        return iri if identifier and iri != self.base and is_iri(iri) else None

    def term(self, iri: str) -> str:
        """The identifier of a class or property; of an inverse one, too."""
        if iri.startswith(INVERSE):
            return INVERSE + self.term(iri.removeprefix(INVERSE))
        fits = [(namespace, prefix) for prefix, namespace in self.prefixes.items() if iri.startswith(namespace)]
        longest = max((len(namespace) for namespace, _ in fits), default=0)
        # Several prefixes may stand for one namespace.
        prefix = min((p for n, p in fits if len(n) == longest and p), default="")
        local = iri[longest:]
        return f"{prefix}:{local}" if prefix and _LOCAL.fullmatch(local) else iri

    def named(self, identifier: str) -> str | None:
        """The IRI of the class or property; with ``^`` before it as given. None for what can be no such."""
        identifier = identifier.strip()
        if identifier.startswith(INVERSE):
            inner = self.named(identifier.removeprefix(INVERSE))
            return None if inner is None or inner.startswith(INVERSE) else INVERSE + inner
        prefix, colon, local = identifier.partition(":")
        if colon and prefix in self.prefixes and not local.startswith("//"):
            identifier = self.prefixes[prefix] + local
        return identifier if _SCHEME.match(identifier) and is_iri(identifier) else None


def is_iri(text: str) -> bool:
    """True if the text can stand in a query as an IRI (RFC 3987, by the parser that the engine has)."""
    if len(text) > _LONGEST:
        return False
    try:
        ox.NamedNode(text)
    except ValueError:  # half of a pair of surrogates, too
        return False
    return True
