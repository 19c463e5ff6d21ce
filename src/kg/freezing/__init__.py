"""The site as files that any web server can serve, so that the data outlives the program (``kg freeze``).

Every page is fetched from the site itself, then every page that it links to, until nothing is new (``freeze``). Links
are made relative (``links``), so that the folder works at any address, and on a disk without a server. Rules for web
servers add what files cannot say: media types, negotiation, redirects (``rules``).
"""

from kg.freezing.finishing import Frozen
from kg.freezing.freeze import freeze

__all__ = ["Frozen", "freeze"]
