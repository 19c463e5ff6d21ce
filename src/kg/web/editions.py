"""What only a former release has, and what was never given up: it leads to the release that had it last.

A version IRI must go on leading to an ontology document of that version (OWL 2 Structural Specification, section 3.2);
the current version is a document of this release (``documents.hash_document``). The IRI that changes give to a node
without a name (``changes.unnamed``) is of the releases in which the node was such.
"""

from __future__ import annotations

from flask import Request, Response

from kg.negotiate import Variant
from kg.representation.linkset import as_uri
from kg.terms import document_iri, iri_spellings, local_path
from kg.web.responses import redirected
from kg.web.site import Site

VARY = ("Accept", "Accept-Profile")


def former_edition(
    request: Request, site: Site, path: str, variant: Variant | None = None, *, document: bool = False
) -> Response | None:
    """302 to the ontology, or the node, of which the base and ``path`` make a former IRI; None if they make none.

    It leads to the thing itself, or to its ``document`` in the same format; the query goes along. Not permanent:
    a later release of the same version may come.
    """
    base = site.manifest.base
    if (found := site.edition(iri_spellings(base, path))) is None:
        return None
    prefix, ontology = found
    local = local_path(base, document_iri(base, ontology) if document else ontology)
    if local is None:
        return None
    target = f"{prefix}{local}" + (f".{variant.suffix}" if variant else "")
    if request.query_string:
        target += f"?{request.query_string.decode('latin-1')}"
    response = redirected(as_uri(target), 302)
    response.vary.update(VARY)
    return response
