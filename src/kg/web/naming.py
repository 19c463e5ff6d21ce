"""What a site knows of identifiers and prefixes: read from its release once, and kept as long as the site."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from kg.identifiers.coreference import Coreference, coreference
from kg.identifiers.declared import Declared, read_declared
from kg.identifiers.prefixes import PrefixMap
from kg.identifiers.reading import Reader
from kg.identifiers.resolution import Resolver
from kg.web.site import Site


@dataclass(frozen=True)
class Naming:
    """What counts as an identifier in a release, and its map of prefixes."""

    declared: Declared
    prefixes: PrefixMap

    def resolver(self, site: Site, host_url: str) -> Resolver:
        """Resolves identifiers; addresses of the site, asked under this host, are identifiers too."""
        here = f"{host_url.rstrip('/')}{site.prefix}/"
        reader = Reader(self.prefixes, self.declared, site.manifest.base, here)
        return Resolver(site.answers, site.manifest, self.declared, reader)

    def coreference(self, site: Site, thing: str, *, terms_too: bool) -> Coreference:
        """The identifiers of a thing, or of all terms of an ontology."""
        return coreference(site.answers, site.manifest, self.declared, thing, terms_too=terms_too)


_KEPT: WeakKeyDictionary[Site, Naming] = WeakKeyDictionary()
_READING = threading.Lock()


def naming(site: Site) -> Naming:
    """What the release of a site says of identifiers. Raises QueryError."""
    with _READING:
        if (found := _KEPT.get(site)) is None:
            declared = read_declared(site.answers, site.manifest)
            found = _KEPT[site] = Naming(declared, PrefixMap(site.manifest.prefixes, declared.targets))
        return found
