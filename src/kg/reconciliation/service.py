"""All parts of the reconciliation service over one release, ready to answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kg.engine import Answerer
from kg.reconciliation.answering import Answering
from kg.reconciliation.entities import Entities
from kg.reconciliation.extending import Extender
from kg.reconciliation.ids import Identifiers
from kg.reconciliation.manifest import Writer
from kg.reconciliation.matching import Matcher
from kg.reconciliation.requests import Reader
from kg.reconciliation.schema import Schema, read_schema
from kg.release.manifest import Manifest
from kg.search import LabelIndex


@dataclass(frozen=True)
class Service:
    """The parts; threads may share them. What they raise is told at each of them."""

    ids: Identifiers
    schema: Schema
    entities: Entities
    extender: Extender
    answering: Answering

    def reader(self, most: int, language: str) -> Reader:
        """What reads batches of at most so many queries; answers are in the ``language``."""
        return Reader(self.ids, most, language, frozenset(term.iri for term in self.schema.classes))

    def writer(self, version: str, language: str) -> Writer:
        """What writes replies in a version of the API."""
        return Writer(version, language, self.ids, self.schema, self.entities)


def open_service(engine: Answerer, index: LabelIndex, manifest: Manifest, inverse_names: Mapping[str, str]) -> Service:
    """The service over a release. ``inverse_names``: how properties are called backwards, by IRI. Raises QueryError."""
    ids = Identifiers(manifest.base, manifest.prefixes)
    schema = read_schema(engine, manifest, inverse_names)
    entities = Entities(engine, index, ids, schema)
    answering = Answering(Matcher(index, manifest, engine, describes=False), entities)
    return Service(ids, schema, entities, Extender(engine, ids, schema, entities.label), answering)
