"""The descriptions of a release, as asked of its engine: what VoID tells of the dataset, and the catalogue (DCAT).

What depends on which other releases there are is added here, never written into a release.
"""

from __future__ import annotations

from collections.abc import Sequence

import pyoxigraph as ox
from rdflib import XSD

from kg.engine import Answerer
from kg.engine.solutions import listed, values
from kg.metadata import Distribution, Version
from kg.metadata.authority import FILE_TYPES
from kg.metadata.dcat import DCAT
from kg.metadata.history import history
from kg.release.history import Moment
from kg.release.manifest import Manifest
from kg.representation.statements import graph
from kg.source import from_rdflib
from kg.terms import PREFIXES, catalogue_iri, graph_iri, release_iri, void_iri

_SIZE = ox.NamedNode(str(DCAT.byteSize))
_COUNT = ox.NamedNode(str(XSD.nonNegativeInteger))
_VOID, _DCAT, _PROV = PREFIXES["void"], PREFIXES["dcat"], PREFIXES["prov"]
_FILE, _TYPE, _PART = f"{_DCAT}distribution", PREFIXES["rdf"] + "type", PREFIXES["dcterms"] + "hasPart"
# What documents and ontologies of the site are to a catalogue; the rest they say themselves.
_KINDS = f"<{PREFIXES['dcterms']}Standard>, <{PREFIXES['foaf']}Document>"


def void_description(engine: Answerer, manifest: Manifest) -> list[ox.Triple]:
    """What the release says of the dataset in VoID: counts, parts, links, examples, and who publishes it.

    Raises QueryError.
    """
    dataset = f"<{manifest.dataset}>"
    # The files stand in the catalogue; here they are dumps.
    return _told(
        engine,
        manifest,
        f"""
        {{ VALUES ?kind {{ <{_VOID}Dataset> <{_VOID}Linkset> <{_VOID}DatasetDescription> }} ?s a ?kind }}
        UNION {{ VALUES ?s {{ {dataset} <{void_iri(manifest.base)}> }} }}
        UNION {{ {dataset} ?part ?s FILTER(STRSTARTS(STR(?s), "{manifest.dataset}#") && ?part != <{_FILE}>) }}
        ?s ?p ?o FILTER(?p NOT IN (<{_FILE}>, <{_DCAT}hasVersion>))""",
    )


def catalogue_description(engine: Answerer, manifest: Manifest, moments: Sequence[Moment]) -> list[ox.Triple]:
    """The catalogue of a release with all versions up to it, the last of ``moments``. Raises QueryError.

    Counts of VoID, the source files and what speaks of pages and questions stay out: they are told elsewhere.
    """
    tops = [manifest.dataset, catalogue_iri(manifest.base), release_iri(manifest.base, manifest.name)]
    wanted = values(tops)
    own = " || ".join(f'STRSTARTS(STR(?s), "{iri}#")' for iri in tops)
    # The three, their parts, and what these point at: agents, places, media types ...
    told = _told(
        engine,
        manifest,
        f"""
        {{ VALUES ?s {{ {wanted} }} }}
        UNION {{ VALUES ?top {{ {wanted} }} ?top ?part ?s FILTER(isIRI(?s)) }}
        UNION {{ VALUES ?top {{ {wanted} }} ?top <{_PART}>? ?set . ?set ?part ?whole . ?whole ?step ?s
            FILTER(({own.replace("?s", "?whole")}) && isIRI(?s)) }}
        ?s ?p ?o
        FILTER({own} || !STRSTARTS(STR(?s), "{manifest.base}") || ?s IN ({listed(tops)})
            || ?p = <{_TYPE}> && ?o IN ({_KINDS}))
        FILTER(!STRSTARTS(STR(?s), "{tops[2]}#source/") && ?p NOT IN (<{_PROV}wasDerivedFrom>, <{_PROV}used>))
        FILTER(!STRSTARTS(STR(?p), "{_VOID}") && (!isIRI(?o) || !STRSTARTS(STR(?o), "{_VOID}")))""",
    )
    past = from_rdflib(history([version_of(moment) for moment in moments]), "urn:x-none:")
    added = sorted((quad.triple for quad in past), key=str)
    return list(dict.fromkeys(_sized(triple) for triple in (*told, *added)))


def _told(engine: Answerer, manifest: Manifest, pattern: str) -> list[ox.Triple]:
    """The statements ``?s ?p ?o`` of a pattern among those that speak of the publication."""
    meta = graph_iri(manifest.base, "meta")
    return graph(engine, f"CONSTRUCT {{ ?s ?p ?o }} {{ GRAPH <{meta}> {{ {pattern} }} }}")


def version_of(moment: Moment) -> Version:
    """A release of the past as the catalogue tells of it: by its manifest alone."""
    manifest = moment.release.manifest
    return Version(
        base=manifest.base,
        dataset=manifest.dataset,
        name=manifest.name,
        version=manifest.version,
        date=manifest.date,
        title=manifest.title,
        description=manifest.description,
        licence=manifest.licence,
        languages=manifest.languages,
        distributions=tuple(
            Distribution(path, _media_type(path), size, sha256) for path, (size, sha256) in manifest.files.items()
        ),
        instant=f"{moment.instant:%Y-%m-%dT%H:%M:%SZ}",
    )


def _media_type(path: str) -> str:
    known = next((t for suffix, t in FILE_TYPES.items() if path.removesuffix(".gz").endswith(suffix)), None)
    return known.media_type if known else "application/octet-stream"


def _sized(triple: ox.Triple) -> ox.Triple:
    """A size with the datatype that DCAT wants; a SPARQL engine knows it as an integer only."""
    if triple.predicate != _SIZE or not isinstance(triple.object, ox.Literal):
        return triple
    return ox.Triple(triple.subject, triple.predicate, ox.Literal(triple.object.value, datatype=_COUNT))
