"""Documents on a real server: profiles (P1), JSON-LD (J1), pages, links and link sets (L3, F1), tombstones (L2)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote, urljoin

import pyoxigraph as ox
import pytest
from rdflib import FOAF, OWL, RDF, SKOS, Graph, URIRef

import kg
from kg.graph import as_rdflib
from kg.negotiate import GRAPH_VARIANTS, RESOURCE_VARIANTS
from kg.representation.document import PAGE_SIZE
from kg.representation.profiles import ALTERNATES, ALTR, FULL, LABELS
from tests.conftest import Reply, Server, copy_project, request, start_server, stop_server

BASE = "https://w3id.org/pledge-graph/"
BREAD = "https://data.example.org/bread/"
HYDRA = "http://www.w3.org/ns/hydra/core#"
EXPANDED = "http://www.w3.org/ns/json-ld#expanded"
CONTEXT = "http://www.w3.org/ns/json-ld#context"
ITALY = "/doc/state/ITA"
RDF_FORMATS = {
    "text/turtle": ox.RdfFormat.TURTLE,
    "application/ld+json": ox.RdfFormat.JSON_LD,
    "application/n-triples": ox.RdfFormat.N_TRIPLES,
    "application/rdf+xml": ox.RdfFormat.RDF_XML,
}
# Links that other parts add to what a document says of itself.
MEMENTO = {"original", "timegate", "timemap", "memento", "first memento", "last memento", "first last memento"}

MANY = 2 * PAGE_SIZE + 500
TOMBSTONES = """@base <https://data.example.org/bread/> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<concept/leaven> owl:deprecated true ; dcterms:isReplacedBy <concept/levain> .
<concept/levain> owl:deprecated true ; dcterms:isReplacedBy <concept/sourdough> .
<concept/plaster> owl:deprecated true ; skos:prefLabel "plaster"@en .
<concept/both> owl:deprecated true ; dcterms:isReplacedBy <concept/sourdough> , <concept/rye> .
<concept/kept> owl:deprecated false ; skos:prefLabel "kept"@en ; prov:wasDerivedFrom <concept/rye> .
"""


@pytest.fixture(scope="module")
def bread(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The thesaurus with a concept that thousands point to, and with tombstones."""
    project = copy_project(
        Path(__file__).parents[1] / "projects" / "thesaurus", tmp_path_factory.mktemp("bread") / "thesaurus"
    )
    (project / "data/concepts/tombstones.ttl").write_text(TOMBSTONES)
    (project / "data/concepts/many.ttl").write_text(
        f"@prefix skos: <{SKOS}> .\n"
        + "".join(
            f"<{BREAD}concept/loaf-{n:04}> a skos:Concept ; skos:prefLabel 'loaf {n}'@en ; "
            f"skos:related <{BREAD}concept/hub> .\n"
            for n in range(MANY)
        )
        + f"<{BREAD}concept/hub> a skos:Concept ; skos:prefLabel 'hub'@en .\n"
    )
    server = start_server(project, tmp_path_factory.mktemp("log"))
    yield server
    stop_server(server)


def graph_of(reply: Reply) -> Graph:
    media_type = reply.headers["content-type"].partition(";")[0]
    return as_rdflib(ox.parse(reply.body, RDF_FORMATS[media_type]))


Link = tuple[str, str, tuple[tuple[str, str], ...]]


def links_of(reply: Reply, url: str, *, memento: bool = False) -> set[Link]:
    """The links of the headers: absolute target, relation, attributes; those to other times only if wanted."""
    found = set()
    for line in reply.links:
        match = re.fullmatch(r'<([^<>]*)>; rel="([^"]*)"((?:; [a-z]+="[^"]*")*)', line)
        assert match, line
        attributes = tuple(sorted(re.findall(r'; ([a-z]+)="([^"]*)"', match[3])))
        if memento or (match[2] not in MEMENTO and "memento" not in match[2]):
            found.add((urljoin(url, match[1]), match[2], attributes))
    return found


def targets(reply: Reply, relation: str) -> list[str]:
    return [re.findall("<(.*)>", line)[0] for line in reply.links if f'rel="{relation}"' in line]


class HeadLinks(HTMLParser):
    """The ``<link>`` elements of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[dict[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "link":
            self.found.append({name: value or "" for name, value in attrs})


# -- P1: profiles ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("variant", GRAPH_VARIANTS, ids=lambda v: v.suffix)
def test_names_only(served: Server, variant: object) -> None:
    media_type, suffix = variant.media_type, variant.suffix  # type: ignore[attr-defined]
    full, labels = (served.get(ITALY, media_type, Accept_Profile=f"<{profile.iri}>") for profile in (FULL, LABELS))
    assert full.body == served.get(ITALY, media_type).body
    assert f'<{LABELS.iri}>; rel="profile"' in labels.links
    assert labels.headers["content-profile"] == f"<{LABELS.iri}>"
    assert labels.headers["content-location"] == f"{ITALY}.{suffix}?_profile=labels"
    assert labels.headers["etag"] != full.headers["etag"]
    assert {"accept", "accept-profile"} <= {name.strip().lower() for name in labels.headers["vary"].split(",")}
    graph = graph_of(labels)
    thing = URIRef(BASE + "id/state/ITA")
    assert (None, FOAF.primaryTopic, thing) in graph
    said = {str(p).rpartition("#")[2].rpartition("/")[2] for p in graph.predicates()}
    assert said == {"prefLabel", "label", "primaryTopic"} & said
    assert (thing, None, None) in graph
    # its types have names, too
    assert (URIRef(BASE + "ns#State"), None, None) in graph
    assert set(graph) < set(graph_of(full))


def test_parts_have_their_names_in_the_profile(served: Server) -> None:
    full = graph_of(served.get("/doc/dataset.ttl"))
    labels = graph_of(served.get("/doc/dataset.ttl?_profile=labels"))
    named = {s for s, p in full.subject_predicates() if p == FOAF.name and "#" in str(s)}
    assert named
    assert named <= set(labels.subjects())


@pytest.mark.parametrize(
    ("accept", "profile", "media_type", "token"),
    [
        ("text/turtle", f"<{LABELS.iri}>", "text/turtle", "labels"),
        ("text/turtle", f"<{LABELS.iri}>;q=0.4, <{FULL.iri}>;q=0.5", "text/turtle", "full"),
        ("text/turtle", f"<urn:none>, <{LABELS.iri}>;q=0.1", "text/turtle", "labels"),
        ("text/html,*/*;q=0.5", f"<{LABELS.iri}>", "text/turtle", "labels"),
        ("text/html", f"<{LABELS.iri}>;q=0.9, *;q=0.1", "text/html", "full"),
        ("text/turtle", "nonsense;;=,<", "text/turtle", None),
        ("application/n-triples", f"<{ALTERNATES.iri}>", "application/n-triples", "alt"),
    ],
)
def test_choice_of_a_profile(served: Server, accept: str, profile: str, media_type: str, token: str | None) -> None:
    reply = served.get(ITALY, accept, Accept_Profile=profile)
    if token is None:  # a name that nobody knows
        assert reply.status == 406
        return
    assert (reply.status, reply.headers["content-type"].partition(";")[0]) == (200, media_type)
    iri = {"full": FULL, "labels": LABELS, "alt": ALTERNATES}[token].iri
    assert targets(reply, "profile") == [iri]


def test_no_acceptable_profile_is_406_with_what_there_is(served: Server) -> None:
    for reply in (
        served.get(ITALY, "text/turtle", Accept_Profile="<https://example.org/none>"),
        served.get(ITALY, "text/html", Accept_Profile=f"<{LABELS.iri}>"),
        served.get(f"{ITALY}?_profile=none", "text/turtle"),
        served.get(f"{ITALY}?_mediatype=image/png", "text/turtle"),
    ):
        problem = json.loads(reply.body) if "json" in reply.headers["content-type"] else {"detail": reply.text}
        assert reply.status == 406
        assert "labels" in problem["detail"]
        assert "text/turtle" in problem["detail"]
        assert "accept-profile" in reply.headers["vary"].lower()


def test_parameters_go_before_headers(served: Server) -> None:
    reply = served.get(
        f"{ITALY}?_profile=labels&_mediatype=application/ld%2Bjson", "text/html", Accept_Profile=f"<{FULL.iri}>"
    )
    assert reply.headers["content-type"] == "application/ld+json"
    assert targets(reply, "profile") == [LABELS.iri]
    # and go along when a thing leads to its document
    assert served.get("/id/state/ITA?_profile=labels").headers["location"] == f"{ITALY}?_profile=labels"
    # a suffix depends on no header
    reply = served.get(f"{ITALY}.nt", "text/html", Accept_Profile=f"<{LABELS.iri}>")
    assert targets(reply, "profile") == [FULL.iri]


@pytest.mark.parametrize("path", [ITALY, "/ns"])
def test_the_list_of_profiles(served: Server, path: str) -> None:
    pairs = {(p.iri, v.media_type) for p in (FULL, LABELS) for v in p.variants}
    stem = "/doc/ns" if path == "/ns" else path
    for accept in ("text/html", "text/turtle", "application/ld+json"):
        reply = served.get(f"{path}?_profile=alt", accept)
        assert reply.status == 200
        listed = {link for link in links_of(reply, "") if link[1] in ("canonical", "alternate")}
        assert {(dict(a)["profile"], dict(a)["type"]) for _, _, a in listed} == pairs
        assert [t for t, relation, _ in listed if relation == "canonical"] == [
            f"{stem}?_profile=full&_mediatype=text%2Fhtml"
        ]
        for target, _, attributes in listed:
            got = served.get(target, "image/png")
            assert got.status == 200, target
            assert got.headers["content-type"].partition(";")[0] == dict(attributes)["type"]
            assert targets(got, "profile") == [dict(attributes)["profile"]]
            if accept == "text/html":
                assert target.replace("&", "&amp;") in reply.text
    thing = URIRef(BASE + ("ns" if path == "/ns" else "id/state/ITA"))
    graph = graph_of(served.get(f"{path}?_profile=alt", "text/turtle"))
    assert len(set(graph.objects(thing, URIRef(ALTR + "hasRepresentation")))) == len(pairs)
    assert len(set(graph.objects(thing, URIRef(ALTR + "hasDefaultRepresentation")))) == 1


def test_every_variant_and_profile_has_its_own_validator(served: Server) -> None:
    addresses = [f"{ITALY}.{v.suffix}" for v in RESOURCE_VARIANTS]
    addresses += [f"{ITALY}.{v.suffix}?_profile=labels" for v in LABELS.variants]
    addresses += [f"{ITALY}.{v.suffix}?_profile=alt" for v in ALTERNATES.variants]
    addresses.append(f"{ITALY}?_mediatype=" + quote(f'application/ld+json;profile="{EXPANDED}"'))
    tags = set()
    for address in addresses:
        reply = served.get(address)
        assert reply.status == 200, address
        tags.add(reply.headers["etag"])
        again = request(served.url + address, headers={"If-None-Match": reply.headers["etag"]})
        assert (again.status, again.body) == (304, b"")
        for name in ("etag", "vary", "content-location", "cache-control", "access-control-allow-origin"):
            assert again.headers[name] == reply.headers[name]
        assert "link" in reply.headers
        assert "link" not in again.headers  # RFC 9110, section 15.4.5: no other metadata
    assert len(tags) == len(addresses)


# -- J1: JSON-LD -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [ITALY, "/doc/position/FRA-0001", "/doc/vocab/area/air", "/doc/dataset", "/ns"])
def test_plain_json_is_the_same_graph_by_its_context(served: Server, path: str) -> None:
    reply = served.get(path, "application/json")
    assert reply.headers["content-type"] == "application/json"
    [context] = targets(reply, CONTEXT)
    told = served.get(context)
    assert (told.status, told.headers["content-type"]) == (200, "application/ld+json")
    content = json.loads(reply.body)
    contexts = [json.loads(told.body)["@context"], *([content.pop("@context")] if "@context" in content else [])]
    whole = json.dumps({"@context": contexts, **content})
    wanted = graph_of(served.get(path, "application/n-triples"))
    assert as_rdflib(ox.parse(whole, ox.RdfFormat.JSON_LD)).isomorphic(wanted)
    # what is served as JSON-LD has its context in it, and no link to one
    linked = served.get(path, "application/ld+json")
    assert not targets(linked, CONTEXT)
    assert "@context" in json.loads(linked.body)


def test_json_is_pleasant(served: Server) -> None:
    content = json.loads(served.get("/doc/position/FRA-0001", "application/json").body)
    top = content["@graph"][0]
    assert top["@id"] == "position:FRA-0001"
    assert top["holder"] == "state:FRA"


def test_the_context_is_versioned(served: Server, released: object) -> None:
    name = released.manifest.name  # type: ignore[attr-defined]
    now, fixed = served.get("/context.jsonld"), served.get(f"/context/{name}.jsonld")
    assert now.body == fixed.body
    assert "immutable" in fixed.headers["cache-control"]
    assert "immutable" not in now.headers["cache-control"]
    assert now.headers["content-location"] == f"/context/{name}.jsonld"
    assert fixed.headers["access-control-allow-origin"] == "*"
    again = request(f"{served.url}/context.jsonld", headers={"If-None-Match": now.headers["etag"]})
    assert again.status == 304
    version = served.get(f"/context/{name.rpartition('-')[0]}.jsonld")
    assert (version.status, version.headers["location"]) == (302, f"/context/{name}.jsonld")
    assert served.get("/context/none.jsonld").status == 404
    terms = json.loads(now.body)["@context"]
    assert terms["holder"] == {"@id": BASE + "ns#holder", "@type": "@id"}
    assert "http://www.w3.org/2001/XMLSchema#boolean" in {t.get("@type") for t in terms.values() if isinstance(t, dict)}


@pytest.mark.parametrize("form", ["expanded", "flattened", "compacted", "framed", "nonsense"])
def test_forms_of_json_ld(served: Server, form: str) -> None:
    accept = f'application/ld+json;profile="http://www.w3.org/ns/json-ld#{form}"'
    reply = served.get(ITALY, accept)
    assert reply.status == 200
    content = json.loads(reply.body)
    assert isinstance(content, list) == (form in ("expanded", "flattened"))
    assert ("json-ld#" in reply.headers["content-type"]) == (form in ("expanded", "flattened", "compacted"))
    assert graph_of(reply).isomorphic(graph_of(served.get(ITALY, "text/turtle")))
    if isinstance(content, list):
        assert "@context" not in reply.text
        located = served.get(reply.headers["content-location"])
        assert (located.body, located.headers["content-type"]) == (reply.body, reply.headers["content-type"])


# -- Pages -------------------------------------------------------------------------------------------------------------


def test_what_points_here_is_told_page_by_page(bread: Server) -> None:
    hub, document = URIRef(BREAD + "concept/hub"), BREAD + "doc/concept/hub"
    seen: set[object] = set()
    path: str | None = "/doc/concept/hub"
    tags, sizes = set(), []
    while path:
        graphs = [graph_of(bread.get(path, media_type)) for media_type in RDF_FORMATS]
        assert all(graph.isomorphic(graphs[0]) for graph in graphs)
        reply = bread.get(path, "text/turtle")
        tags.add(reply.headers["etag"])
        located = bread.get(reply.headers["content-location"])
        assert located.body == reply.body
        graph = graphs[0]
        found = set(graph.subjects(SKOS.related, hub))
        assert not found & seen
        sizes.append(len(found))
        seen |= found
        assert (None, FOAF.primaryTopic, hub) in graph
        assert (hub, SKOS.prefLabel, None) in graph
        following = list(
            graph.objects(URIRef(document + path.removeprefix("/doc/concept/hub")), URIRef(HYDRA + "next"))
        )
        headed = targets(reply, "next")
        assert [str(iri).removeprefix(BREAD.rstrip("/")) for iri in following] == headed
        assert targets(reply, "first") == ["/doc/concept/hub"]
        assert targets(reply, "last") == ["/doc/concept/hub?page=3"]
        page = bread.get(path, "text/html").text
        assert f'<link rel="next" href="{headed[0]}">' in page if headed else 'rel="next"' not in page
        assert f"Page {len(sizes)} of 3" in page
        path = headed[0] if headed else None
    assert sizes == [PAGE_SIZE, PAGE_SIZE, MANY - 2 * PAGE_SIZE]
    assert len(tags) == 3
    assert targets(bread.get("/doc/concept/hub?page=2", "text/turtle"), "prev") == ["/doc/concept/hub"]
    assert bread.get("/doc/concept/hub?page=1", "text/turtle").body == bread.get("/doc/concept/hub.ttl").body


@pytest.mark.parametrize("page", ["4", "0", "-1", "x", "", "1e3", "99999999999999999999", "01"])
def test_pages_that_there_are_not(bread: Server, page: str) -> None:
    for path in ("/doc/concept/hub", "/doc/concept/hub.ttl"):
        reply = bread.get(f"{path}?page={page}", "text/turtle")
        assert reply.status == 404
        assert "3 pages" in json.loads(reply.body)["detail"]
    assert bread.get("/doc/concept/sourdough?page=2", "text/turtle").status == 404


# -- L3, F1: links -----------------------------------------------------------------------------------------------------


def test_a_page_says_what_its_headers_say(served: Server) -> None:
    for path in (ITALY, "/doc/dataset", "/ns", "/doc/question/actors"):
        reply = served.get(path, "text/html")
        parser = HeadLinks()
        parser.feed(reply.text)
        on_page = {
            (urljoin(served.url + path, link["href"]), link["rel"], tuple(sorted((k, v) for k, v in link.items() if k not in ("rel", "href"))))
            for link in parser.found
        }  # fmt: skip
        assert links_of(reply, served.url + path) <= on_page, path


def test_signposts(served: Server) -> None:
    get = served.get(ITALY, "text/html")
    head = request(served.url + ITALY, "HEAD", accept="text/html")
    assert head.links == get.links
    assert targets(get, "cite-as") == [BASE + "id/state/ITA"]
    described = {line.partition('type="')[2].rstrip('"') for line in get.links if 'rel="describedby"' in line}
    assert described == set(RDF_FORMATS)
    assert targets(get, "license")
    assert "https://schema.org/AboutPage" in targets(get, "type")
    assert BASE + "ns#State" in targets(get, "type")
    assert len(targets(get, "linkset")) == 2
    data = served.get(ITALY, "text/turtle")
    assert targets(data, "describes") == [BASE + "id/state/ITA", ITALY]
    assert not targets(data, "cite-as")


def test_the_dataset_leads_to_its_files(served: Server) -> None:
    for path in ("/doc/dataset", "/"):
        reply = served.get(path, "text/html")
        items = [line for line in reply.links if 'rel="item"' in line]
        assert items
        for line in items:
            match = re.fullmatch('<(.*)>; rel="item"; type="(.*)"', line)
            assert match
            file = request(served.url + match[1], "HEAD")
            assert (file.status, file.headers["content-type"].partition(";")[0]) == (200, match[2])
        assert "https://schema.org/Dataset" in targets(reply, "type")
        assert targets(reply, "cite-as") == [BASE + "dataset"]


@pytest.mark.parametrize("path", ["state/ITA", "dataset", "ns", "vocab/area/air"])
def test_link_sets_hold_the_links_of_the_headers(served: Server, path: str) -> None:
    document = "/ns" if path == "ns" else f"/doc/{path}"
    wanted: dict[str, set[Link]] = {}
    for suffix, accept in [("", "text/html"), *((f".{v.suffix}", "") for v in FULL.variants if v.suffix != "html")]:
        address = f"{served.url}{f'/doc/{path}' if suffix else document}{suffix}"
        wanted[address] = links_of(request(address, accept=accept or None), address, memento=True)
        assert {"original", "timegate", "timemap"} <= {relation for _, relation, _ in wanted[address]}

    [listed] = set(targets(served.get(document, "text/html"), "linkset"))
    as_json = served.get(listed, "application/linkset+json")
    assert as_json.headers["content-type"] == "application/linkset+json"
    found: dict[str, set[Link]] = {}
    for context in json.loads(as_json.body)["linkset"]:
        anchor = context.pop("anchor")
        found[anchor] = {
            (entry.pop("href"), relation, tuple(sorted(entry.items())))
            for relation, entries in context.items()
            for entry in map(dict, entries)
        }
    assert found == wanted

    as_text = served.get(listed, "application/linkset")
    assert as_text.headers["content-type"] == "application/linkset"
    assert "accept" in as_text.headers["vary"].lower()
    told: dict[str, set[Link]] = {}
    for line in as_text.text.strip().split(",\n"):
        match = re.fullmatch(r'<([^<>]*)>; rel="([^"]*)"; anchor="([^"]*)"((?:; [a-z]+="[^"]*")*)', line)
        assert match, line
        attributes = tuple(sorted(re.findall(r'; ([a-z]+)="([^"]*)"', match[4])))
        told.setdefault(match[3], set()).add((match[1], match[2], attributes))
    assert told == wanted
    assert served.get(listed, "image/png").status == 406
    assert served.get("/linkset/state/XXX").status == 404


def test_provenance_is_what_the_data_says(bread: Server, served: Server) -> None:
    graph = graph_of(bread.get("/doc/concept/kept", "text/turtle"))
    document = URIRef(BREAD + "doc/concept/kept")
    prov = "http://www.w3.org/ns/prov#"
    assert (document, URIRef(prov + "wasDerivedFrom"), URIRef(BREAD + "concept/rye")) in graph
    [instant] = graph.objects(document, URIRef(prov + "generatedAtTime"))
    [day] = graph.objects(document, URIRef("http://purl.org/dc/terms/modified"))
    assert str(instant) == f"{day}T00:00:00Z"
    assert (None, URIRef(prov + "wasDerivedFrom"), None) not in graph_of(served.get("/doc/place/kyiv", "text/turtle"))


# -- Tombstones --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["levain", "leaven"])
def test_what_was_merged_leads_to_the_survivor(bread: Server, name: str) -> None:
    for path, target in (
        (f"/concept/{name}", "/concept/sourdough"),
        (f"/concept/{name}?a=b%20c", "/concept/sourdough?a=b%20c"),
        (f"/doc/concept/{name}", "/doc/concept/sourdough"),
        (f"/doc/concept/{name}?_profile=labels", "/doc/concept/sourdough?_profile=labels"),
        *((f"/doc/concept/{name}.{v.suffix}", f"/doc/concept/sourdough.{v.suffix}") for v in RESOURCE_VARIANTS),
    ):
        reply = bread.get(path, "text/turtle")
        assert (reply.status, reply.headers["location"]) == (308, target)
        assert "accept" in reply.headers["vary"].lower()
    graph = graph_of(bread.get("/doc/concept/sourdough", "text/turtle"))
    replaced = URIRef("http://purl.org/dc/terms/isReplacedBy")
    assert (URIRef(BREAD + "concept/levain"), replaced, URIRef(BREAD + "concept/sourdough")) in graph


def test_what_was_withdrawn_is_gone_and_says_so(bread: Server) -> None:
    thing = URIRef(BREAD + "concept/plaster")
    tags = set()
    for path in ("/concept/plaster", "/doc/concept/plaster"):
        for media_type in RDF_FORMATS:
            reply = bread.get(path, media_type)
            assert reply.status == 410
            graph = graph_of(reply)
            assert (thing, OWL.deprecated, None) in graph
            assert (thing, SKOS.prefLabel, None) in graph
            assert {"accept", "accept-profile"} <= {n.strip().lower() for n in reply.headers["vary"].split(",")}
            tags.add(reply.headers["etag"])
        page = bread.get(path, "text/html")
        assert page.status == 410
        assert "withdrawn" in page.text
        assert "plaster" in page.text
        tags.add(page.headers["etag"])
    assert len(tags) == 5
    for variant in RESOURCE_VARIANTS:
        reply = bread.get(f"/doc/concept/plaster.{variant.suffix}", "image/png")
        assert (reply.status, reply.headers["content-type"].partition(";")[0]) == (410, variant.media_type)
    # nothing that a cache could confirm: what is gone stays gone
    again = request(f"{bread.url}/doc/concept/plaster.ttl", headers={"If-None-Match": "*"})
    assert again.status == 410


def test_what_became_several_things_names_them(bread: Server) -> None:
    reply = bread.get("/concept/both", "text/turtle")
    assert reply.status == 410
    assert targets(reply, "successor-version") == ["/concept/rye", "/concept/sourdough"]


def test_what_is_not_deprecated_any_more_is_served(bread: Server) -> None:
    assert bread.get("/concept/kept").status == 303
    assert bread.get("/doc/concept/kept", "text/turtle").status == 200


def test_what_vanished_without_a_word_is_gone_too(thesaurus: Path, serve: Callable[..., Server]) -> None:
    kg.build(kg.open_project(thesaurus))
    description = thesaurus / "data/dataset.ttl"
    description.write_text(re.sub(r'dcat:version "[^"]*"', 'dcat:version "9.9"', description.read_text()))
    breads = thesaurus / "data/concepts/breads.ttl"
    text, count = re.subn(r"<concept/pumpernickel> .*? \.\n\n", "", breads.read_text(), flags=re.DOTALL)
    assert count == 1
    breads.write_text(text)
    kg.build(kg.open_project(thesaurus))
    server = serve(thesaurus)
    for path in ("/concept/pumpernickel", "/doc/concept/pumpernickel", "/doc/concept/pumpernickel.ttl"):
        reply = server.get(path, "text/turtle, application/problem+json;q=0.5")
        assert reply.status == 410
        [past] = re.findall(r"/release/\S+", json.loads(reply.body)["detail"])
        assert past.endswith(path)
        assert server.get(past, "text/turtle").status in (200, 303)
    assert server.get("/concept/crispbread").status == 404


def test_deprecated_terms_stay_in_their_ontology(thesaurus: Path, serve: Callable[..., Server]) -> None:
    ontology = thesaurus / "ontology/terms.ttl"
    ontology.write_text(ontology.read_text() + f"<{BREAD}terms#madeWith> <{OWL.deprecated}> true .\n")
    server = serve(thesaurus)
    graph = graph_of(server.get("/terms", "text/turtle"))
    assert (URIRef(BREAD + "terms#madeWith"), RDF.type, None) in graph
    assert 'id="madeWith"' in server.get("/terms", "text/html").text
