"""Values of parameters that reach something in the release that is served, by what they stand for."""

from __future__ import annotations

import json

from kg.changes.log import steps
from kg.representation.document import describe
from kg.terms import PREFIXES, document_iri, in_language, local_path
from kg.web.current import CurrentSite
from kg.web.html import EXAMPLE_QUERY
from kg.web.site import Site

_EXAMPLE = PREFIXES["void"] + "exampleResource"
_TYPE = PREFIXES["rdf"] + "type"


def examples(current: CurrentSite) -> dict[str, list[str]]:
    """For each key that parameters name (``Parameter.example``) some values."""
    site, moments = current.get(), current.timeline()
    manifest = site.manifest
    found = site.kept("openapi examples", lambda: _of_release(site))
    document = found["document"][0]
    return found | {
        "release": [manifest.name],
        "either": [manifest.name, manifest.version],
        "pair": [steps(moments)[-1].name],
        "file": [name.removeprefix("dumps/") for name in manifest.files if name.startswith("dumps/data.")][:2],
        "first": ["1"],
        "original": [f"doc/{document}"],
        "page url": [f"{manifest.base}doc/{document}"],
        "datetime": [moments[0].instant.strftime("%a, %d %b %Y %H:%M:%S GMT")],
        "language": [manifest.languages[0]],
    }


def _of_release(site: Site) -> dict[str, list[str]]:
    manifest = site.manifest
    dataset = describe(site.answers, manifest, [manifest.dataset])
    told = dataset.iris(_EXAMPLE) if dataset else []
    # A dataset that names none is an example of itself.
    thing = next((iri for iri in told if local_path(manifest.base, iri)), manifest.dataset)
    document = describe(site.answers, manifest, [thing])
    names = document.values(*manifest.label_properties) if document else []
    kinds = document.iris(_TYPE) if document else []
    name = names[0].value if names else in_language(manifest.title, manifest.languages)
    graphs = sorted(manifest.graphs)
    paths = [path for graph in graphs if (path := local_path(manifest.base, graph))]
    return {
        "iri": [thing],
        "thing": [(local_path(manifest.base, thing) or "/").removeprefix("/")],
        "document": [(local_path(manifest.base, document_iri(manifest.base, thing)) or "/").removeprefix("/doc/")],
        "name": [name],
        "class": [kind for kind in kinds if kind.startswith(manifest.base)][:1] or kinds[:1],
        "query": [EXAMPLE_QUERY, "ASK { ?s ?p ?o }"],
        "identifiers": [json.dumps([thing])],
        "curie": ["owl:Class"],
        **_of_reconciliation(thing.removeprefix(manifest.base), name),
        "graph": graphs[:1],
        "graph path": [path.removeprefix("/graph/") for path in paths if path.startswith("/graph/")][:1],
    }


def _of_reconciliation(identifier: str, name: str) -> dict[str, list[str]]:
    batch = json.dumps({"q0": {"query": name}}, ensure_ascii=False)
    conditions = [{"matchType": "name", "propertyValue": name}]
    return {
        "queries": [batch],
        "reconcile form": [json.dumps({"queries": batch})],
        "match": [json.dumps({"queries": [{"conditions": conditions}]})],
        "extend": [json.dumps({"ids": [identifier], "properties": [{"id": "rdfs:label"}]})],
    }
