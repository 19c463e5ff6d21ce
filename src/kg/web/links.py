"""Which links a document has, in its headers, on its page and in its link set alike: RFC 8288, Signposting (FAIR).

The page is the landing page: it cites the thing (``cite-as``), names what describes it (``describedby``), its kind
(``type``), licence, author and items. The data formats lead back to it (``describes``).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import urlencode

from kg.metadata.linksets import PREFIX as LINKS
from kg.negotiate import DATASET_VARIANTS, GRAPH_VARIANTS, HTML, PLAIN_JSON, Variant
from kg.representation.document import Document, describe, neighbours
from kg.representation.linkset import Link
from kg.representation.profiles import ALTERNATES, FULL, PROFILES, Profile
from kg.representation.schema_types import KNOWN
from kg.terms import PREFIXES, document_iri
from kg.web.site import Site

CONTEXT = "http://www.w3.org/ns/json-ld#context"
LINKSET = "application/linkset"
LINKSET_JSON = "application/linkset+json"
_SCHEMA = PREFIXES["schema"]
_TYPE = PREFIXES["rdf"] + "type"
_CREATOR = (PREFIXES["dcterms"] + "creator", _SCHEMA + "creator", _SCHEMA + "author")
# Types that say nothing to somebody who looks for a kind of thing.
_SAY_NOTHING = tuple(PREFIXES[prefix] for prefix in ("owl", "rdfs", "rdf"))


@dataclass(frozen=True)
class Shown:
    """One representation of a document: profile and format, the ``form`` of its JSON-LD ("" for the usual one).

    ``given`` are further parameters of a page, as a query string: the values for a question.
    """

    profile: Profile
    variant: Variant
    form: str = ""
    given: str = ""


def path_of(site: Site, thing: str) -> str:
    """Where the formats of the document about a thing stand, without suffix.

    An ontology stands at its own IRI, but its formats beside those of all other documents.
    """
    return site.path(document_iri(site.manifest.base, thing)) or "/"


def address(path: str, shown: Shown, page: int = 1) -> str:
    """The address of a representation of the document at ``path``, or of a page of it."""
    parameters = [("page", str(page))] if page > 1 else []
    if shown.profile is not FULL:
        parameters.append(("_profile", shown.profile.token))
    if shown.form:
        parameters.append(
            ("_mediatype", f'{shown.variant.media_type};profile="http://www.w3.org/ns/json-ld#{shown.form}"')
        )
    query = "&".join(part for part in (shown.given, urlencode(parameters)) if part)
    return f"{path}.{shown.variant.suffix}" + (f"?{query}" if query else "")


def alternates_of(path: str) -> list[tuple[Profile, Variant, str]]:
    """All profiles and formats of the document at ``path``, the default one first, each with its address."""
    pairs = [(profile, variant) for profile in PROFILES if profile is not ALTERNATES for variant in profile.variants]
    return [
        (profile, variant, f"{path}?" + urlencode({"_profile": profile.token, "_mediatype": variant.media_type}))
        for profile, variant in pairs
    ]


def alternates_links(path: str) -> list[Link]:
    """The links of the list of all profiles and formats (Content Negotiation by Profile, section 7.2.4)."""
    links: list[Link] = [
        (target, "alternate" if number else "canonical", {"type": variant.media_type, "profile": profile.iri})
        for number, (profile, variant, target) in enumerate(alternates_of(path))
    ]
    return [*links, (ALTERNATES.iri, "profile", {})]


def document_links(site: Site, document: Document, shown: Shown) -> list[Link]:
    """The links of one representation of a document; addresses of this site are paths."""
    path, thing, page = path_of(site, document.thing), document.thing, document.page
    stands = site.path(document.iri) or "/"
    here = stands + (f"?page={page}" if page > 1 else "")
    links: list[Link] = []
    for variant in shown.profile.variants:
        if variant is not shown.variant:
            target = address(path, Shown(shown.profile, variant), page)
            links.append((target, "alternate", {"type": variant.media_type}))
    links += [(here, "canonical", {}), (site.manifest.licence, "license", {}), (thing, "describes", {})]
    if document.pages > 1:
        names = {"previous": "prev"}
        links += [
            (stands + (f"?page={n}" if n > 1 else ""), names.get(relation, relation), {})
            for relation, n in neighbours(page, document.pages).items()
        ]
    if shown.variant is HTML:
        links += _signposts(site, document, path)
    else:
        links.append((stands, "describes", {"type": HTML.media_type}))
    if shown.variant is PLAIN_JSON:
        links.append((context_path(site), CONTEXT, {"type": "application/ld+json"}))
    links += _linksets(site, path)
    links.append((shown.profile.iri, "profile", {}))
    return links


def home_links(site: Site, dataset: Document) -> list[Link]:
    """What Signposting asks of the front page, the landing page of the dataset."""
    path = path_of(site, dataset.thing)
    return [(f"{site.prefix}/", "canonical", {}), *_signposts(site, dataset, path), *_linksets(site, path)]


def service_links(site: Site) -> list[Link]:
    """Where the interfaces are described (RFC 8631), and the catalogue of them (RFC 9727)."""
    return [
        (f"{site.prefix}/openapi.json", "service-desc", {"type": "application/json"}),
        (f"{site.prefix}/openapi", "service-doc", {"type": HTML.media_type}),
        (f"{site.prefix}/.well-known/api-catalog", "api-catalog", {"type": LINKSET_JSON}),
    ]


def _linksets(site: Site, path: str) -> list[Link]:
    sets = f"{site.prefix}/linkset/{path.removeprefix(f'{site.prefix}/doc/')}"
    return [(sets, "linkset", {"type": kind}) for kind in (LINKSET, LINKSET_JSON)]


def context_path(site: Site) -> str:
    """Where the JSON-LD context of this release stands; the same for ever."""
    return f"/context/{site.manifest.name}.jsonld"


def _signposts(site: Site, document: Document, path: str) -> list[Link]:
    """What Signposting asks of a landing page."""
    links: list[Link] = [(document.thing, "cite-as", {})]
    links += [(author, "author", {}) for author in document.iris(*_CREATOR) or _creators(site)]
    links += [(address(path, Shown(FULL, v)), "describedby", {"type": v.media_type}) for v in GRAPH_VARIANTS]
    if document.thing == site.manifest.dataset:
        kinds = {f".{v.suffix}": v.media_type for v in (*GRAPH_VARIANTS, *DATASET_VARIANTS)}
        for file in site.manifest.files:
            name = file.removeprefix("dumps/")
            # Link sets are datasets of their own.
            part = name != file and not name.startswith(LINKS)
            if part and (kind := kinds.get(PurePosixPath(name).suffix)):
                links.append((f"/dumps/{site.manifest.name}/{name}", "item", {"type": kind}))
    links += [(kind, "type", {}) for kind in (_SCHEMA + "AboutPage", *_kinds(site, document))]
    return links


def _kinds(site: Site, document: Document) -> list[str]:
    """What kind of thing it is: in schema.org's words if they are known, else in the project's, else in any."""
    types = sorted(t for t in document.iris(_TYPE) if not t.startswith(_SAY_NOTHING) or t in KNOWN)
    # Signposting asks for the words of schema.org.
    theirs = {_SCHEMA + KNOWN[t] if t in KNOWN else t for t in types if t.startswith(_SCHEMA) or t in KNOWN}
    own = [t for t in types if t.startswith(site.manifest.base)]
    return sorted(theirs) or own or types


def _creators(site: Site) -> list[str]:
    """Who made the dataset, as far as they have IRIs."""

    def read() -> list[str]:
        dataset = describe(site.answers, site.manifest, [site.manifest.dataset])
        return dataset.iris(*_CREATOR) if dataset else []

    return site.kept("creators", read)
