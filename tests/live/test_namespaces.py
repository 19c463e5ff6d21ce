"""The program's own vocabularies on a real server, whatever the project is."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from rdflib import OWL, RDF, Graph, URIRef
from rdflib.compare import isomorphic

from kg.negotiate import DOCUMENT_VARIANTS, GRAPH_VARIANTS
from kg.representation.namespaces import NAMES, namespace
from tests.conftest import Server

PARSERS = {"turtle": "turtle", "jsonld": "json-ld", "ntriples": "nt", "rdfxml": "xml"}


@pytest.fixture
def site(thesaurus: Path, serve: Callable[..., Server]) -> Server:
    return serve(thesaurus)


def test_vocabularies_are_answered_in_every_format(site: Server) -> None:
    for name in NAMES:
        path, iri, tags = f"/vocabularies/{name}", namespace(name).iri, set()
        graphs = []
        for variant in DOCUMENT_VARIANTS:
            reply = site.get(path, variant.media_type)
            assert (reply.status, reply.headers["content-type"]) == (200, variant.content_type)
            assert reply.headers["content-location"] == f"{path}.{variant.suffix}"
            assert "accept" in reply.headers["vary"].lower()
            tags.add(reply.headers["etag"])
            others = [v for v in DOCUMENT_VARIANTS if v is not variant]
            assert {f'<{path}.{v.suffix}>; rel="alternate"; type="{v.media_type}"' for v in others} <= set(reply.links)
            assert f'<{iri}>; rel="describes"' in reply.links
            by_suffix = site.get(reply.headers["content-location"], "application/pdf")
            assert (by_suffix.status, by_suffix.body) == (200, reply.body)
            assert site.get(path, variant.media_type, If_None_Match=reply.headers["etag"]).status == 304
            if variant in GRAPH_VARIANTS:
                graphs.append(Graph().parse(data=reply.body, format=PARSERS[variant.format]))
        assert len(tags) == len(DOCUMENT_VARIANTS)
        assert all(isomorphic(graphs[0], graph) for graph in graphs[1:])
        assert (URIRef(iri), RDF.type, OWL.Ontology) in graphs[0]


def test_a_page_has_an_element_for_each_term(site: Server) -> None:
    for name in NAMES:
        page = site.get(f"/vocabularies/{name}", "text/html").text
        assert sorted(re.findall(r'<section class="part" id="([^"]+)"', page)) == sorted(
            entry.anchor for entry in namespace(name).entries
        )


def test_what_is_no_vocabulary_of_the_program(site: Server) -> None:
    for path in ("/vocabularies/nothing", "/vocabularies/display.pdf", "/vocabularies/display/x", "/vocabularies/"):
        assert site.get(path).status == 404
    assert site.get("/vocabularies/display", "application/pdf").status == 406
    assert site.get("/vocabularies/display", "*/*", If_None_Match="*").status == 304
