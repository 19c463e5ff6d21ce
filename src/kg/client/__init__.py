"""Using a site from a program: what ``kg.connect`` gives (docs/clients.md).

Stands apart from all that makes and serves sites: it knows them by their addresses alone. ``Endpoint`` asks any SPARQL
endpoint, ``Site`` knows what else a site of this program answers.
"""

from __future__ import annotations

from kg.client.document import Document, Page
from kg.client.edition import Edition
from kg.client.endpoint import Endpoint
from kg.client.finding import Candidate, Hit
from kg.client.links import Link
from kg.client.results import Result, Row
from kg.client.site import Site, connect
from kg.client.transport import Limits
from kg.client.values import IRI, BlankNode, Text, Typed, Value

__all__ = [
    "IRI",
    "BlankNode",
    "Candidate",
    "Document",
    "Edition",
    "Endpoint",
    "Hit",
    "Limits",
    "Link",
    "Page",
    "Result",
    "Row",
    "Site",
    "Text",
    "Typed",
    "Value",
    "connect",
]
