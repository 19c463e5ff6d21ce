"""Goes through a site as a stranger does, by every link that it offers, and notes what leads nowhere or cannot be read.

Followed are links of pages (``href`` and ``src`` of any element, choices of forms that ask with GET), Link,
Location and Content-Location headers, IRIs of the site in RDF, and the links of feeds, link sets and style sheets. A page
must parse without an error (html5rdf, the algorithm of the HTML standard), have no id twice, and have each id that it
or others point to; an IRI with a fragment that stands in RDF must be described where it leads.
"""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any
from urllib.parse import quote, urldefrag, urlencode, urljoin, urlsplit
from xml.etree import ElementTree

import html5rdf
import httpx2
import pyoxigraph as ox

BROWSER = "text/html,application/xhtml+xml,*/*;q=0.8"
RDF_READER = "text/turtle, application/n-triples;q=0.9, */*;q=0.5"
_RDF = {
    "text/turtle": ox.RdfFormat.TURTLE,
    "application/ld+json": ox.RdfFormat.JSON_LD,
    "application/n-triples": ox.RdfFormat.N_TRIPLES,
    "application/rdf+xml": ox.RdfFormat.RDF_XML,
    "application/trig": ox.RdfFormat.TRIG,
    "application/n-quads": ox.RdfFormat.N_QUADS,
}
_LINK_FORMAT = {"application/link-format", "application/linkset"}
_XML = {"application/atom+xml", "application/rss+xml", "application/xml", "text/xml"}
_REFERENCES = ("for", "form", "list", "headers", "aria-labelledby", "aria-describedby", "aria-controls", "aria-owns")
_MOST_REDIRECTS = 5


@dataclass(frozen=True, order=True)
class Visit:
    """What is to be asked for, and how."""

    address: str  # absolute, without fragment
    accept: str = BROWSER

    @property
    def kind(self) -> tuple[str, ...]:
        """What sort of address it is, so that a sample has some of each."""
        parts = urlsplit(self.address)
        path = parts.path.strip("/").split("/")
        suffix = path[-1].rpartition(".")[2] if "." in path[-1] else ""
        asked = sorted({part.partition("=")[0] for part in parts.query.split("&")})
        return self.accept, *path[: min(2, len(path) - 1)], suffix, *asked


@dataclass
class Page:
    """What was read from one answer: its links with the reader they are for, its ids, and what is wrong with it."""

    links: list[tuple[str, str]] = field(default_factory=list)  # (reference, Accept)
    names: set[str] | None = None  # ids of a page, or subjects of a graph; None if it has no such thing
    faults: list[str] = field(default_factory=list)


def read_html(body: bytes, with_forms: bool = True) -> Page:
    """The links, ids and faults of an HTML page, and what its forms lead to.

    Without forms, links that are not to be followed are not either: they would lead to all combinations of choices.
    """
    parser = html5rdf.HTMLParser(namespaceHTMLElements=False)
    root = parser.parse(body)
    page = Page(names=set())
    assert page.names is not None
    for (line, column), code, _ in parser.errors:
        page.faults.append(f"HTML, line {line}, column {column}: {code}")
    elements = [element for element in root.iter() if isinstance(element.tag, str)]
    ids = Counter(element.get("id") for element in elements if element.get("id") is not None)
    page.names.update(ids)
    page.faults += [f"id {name!r} stands {count} times" for name, count in sorted(ids.items()) if count > 1]
    for element in elements:
        for name in _REFERENCES:
            missing = set((element.get(name) or "").split()) - page.names
            page.faults += [f"{name} points to {part!r}, which is not there" for part in sorted(missing)]
        if element.tag == "form" and with_forms:
            page.links += [(choice, BROWSER) for choice in _choices(element)]
        for name in ("href", "src", "{http://www.w3.org/1999/xlink}href"):
            reference = element.get(name)
            # Where everything can be combined with everything there are more pages than anybody reads.
            if not with_forms and "nofollow" in (element.get("rel") or "").split():
                continue
            if reference is not None and element.get("rel") not in {"preconnect", "dns-prefetch"}:
                page.links.append((reference, BROWSER))
    return page


def _choices(form: Any) -> Iterator[str]:
    """The addresses that a form leads to as it stands, and with each other value of each of its lists.

    A form that must be filled in first leads nowhere.
    """
    if (form.get("method") or "get").lower() != "get":
        return
    given: dict[str, str] = {}
    others: list[dict[str, str]] = []
    for element in form.iter():
        name = element.get("name") if isinstance(element.tag, str) else None
        if name is not None and element.get("disabled") is None:
            given.update((name, value) for value in _values(element, chosen=True))
            others += [{name: value} for value in _values(element, chosen=False)]
    if any(given.values()):
        action = (form.get("action") or "").partition("?")[0]
        yield from (f"{action}?{urlencode({**given, **other})}" for other in ({}, *others))


def _values(element: Any, chosen: bool) -> list[str]:
    """What a field is sent with as it stands (nothing, if it is not sent), or else what else can be chosen in it."""
    value = element.get("value")
    if element.tag == "select":
        options = {_option(o): o.get("selected") is not None for o in element.iter("option")}
        first = [option for option, selected in options.items() if selected]
        first = first or list(options)[: element.get("multiple") is None]
        return first[:1] if chosen else [option for option in options if option not in first[:1]]
    if element.tag == "input" and element.get("type") in {"radio", "checkbox"}:
        return [value or "on"] if chosen == (element.get("checked") is not None) else []
    if not chosen or element.tag == "button":
        return []
    return ["".join(element.itertext()) if element.tag == "textarea" else value or ""]


def _option(element: Any) -> str:
    return str(element.get("value", "".join(element.itertext()).strip()))


def read_rdf(body: bytes, syntax: ox.RdfFormat, address: str) -> Page:
    """The IRIs of an RDF document."""
    page = Page(names=set())
    assert page.names is not None
    found: set[str] = set()
    try:
        for quad in ox.parse(body, syntax, base_iri=address):
            terms = (quad.subject, quad.predicate, quad.object, quad.graph_name)
            found.update(term.value for term in terms if isinstance(term, ox.NamedNode))
            if isinstance(quad.subject, ox.NamedNode):
                page.names.add(quad.subject.value)
    except SyntaxError as error:
        page.faults.append(f"{syntax.name}: {error}")
    page.links = [(iri, RDF_READER) for iri in sorted(found)]
    return page


def read(body: bytes, media_type: str, address: str) -> Page:
    """What an answer holds, by its media type; nothing is looked for in types without links."""
    media_type = media_type.partition(";")[0].strip()
    if media_type == "text/html":
        # A form that is filled in already would lead to all combinations of all choices.
        return read_html(body, with_forms=not urlsplit(address).query)
    if media_type in _LINK_FORMAT:
        return Page([(target, BROWSER) for target in targets(body.decode())])
    if media_type == "application/linkset+json":
        return Page([(target, BROWSER) for target in re.findall(r'"href"\s*:\s*"([^"]+)"', body.decode())])
    if media_type == "text/css":
        return Page([(target, BROWSER) for target in re.findall(r"url\(\s*['\"]?([^'\")]+)", body.decode())])
    if media_type in _XML:
        return _read_xml(body)
    return read_rdf(body, _RDF[media_type], address) if media_type in _RDF else Page()


def _read_xml(body: bytes) -> Page:
    try:
        root = ElementTree.fromstring(body)
    except ElementTree.ParseError as error:
        return Page(faults=[f"XML: {error}"])
    hrefs = (element.get("href") for element in root.iter())
    locations = (element.text for element in root.iter() if element.tag.rpartition("}")[2] == "loc")
    return Page([(found.strip(), BROWSER) for found in chain(hrefs, locations) if found])


def _retired(reply: httpx2.Response, address: str) -> bool:
    """True if it says that something is gone and leads to a former state of it, whose address ends alike."""
    name = urlsplit(address).path.rpartition("/")[2]
    page = read(reply.content, reply.headers.get("content-type", ""), address)
    offered = [*(reference for reference, _ in page.links), *targets(", ".join(reply.headers.get_list("link")))]
    return reply.status_code == 410 and any(urlsplit(link).path.endswith(f"/{name}") for link in offered)


def targets(header: str) -> list[str]:
    """The targets of a Link header or a document of its form (RFC 8288, section 3; RFC 9264)."""
    return re.findall(r"<([^>]*)>\s*(?=[;,]|$)", header)


class Crawl:
    """One way through a site; ``faults`` tells what was wrong, each with the address and one that leads there."""

    def __init__(self, site: str, base: str, start: str = "/") -> None:
        self.faults: list[str] = []
        self.pages: Counter[str] = Counter()  # by media type
        self.fragments = 0
        self._site = site.rstrip("/") + "/"
        self._base = base
        self._from: dict[Visit, str] = {}
        self._left: dict[tuple[str, ...], list[Visit]] = {}
        self._names: dict[str, set[str]] = {}
        self._wanted: defaultdict[str, dict[str, str]] = defaultdict(dict)  # final address -> name -> where from
        self._pending: defaultdict[Visit, dict[str, str]] = defaultdict(dict)
        self._final: dict[Visit, str] = {}
        self._add(start, BROWSER, self._site)

    def run(self, seed: int, most: int | None = None) -> None:
        """Visit everything, or as much of each kind by chance until so many addresses were visited."""
        chance = random.Random(seed)
        with httpx2.Client(trust_env=False, timeout=60) as client:
            while self._left and (most is None or len(self._final) < most):
                kind = chance.choice(sorted(self._left))
                several = self._left[kind]
                visit = several.pop(chance.randrange(len(several)))
                if not several:
                    del self._left[kind]
                self._visit(client, visit)
        self._check_fragments()

    @property
    def visited(self) -> int:
        """How many addresses were asked for, those on the way to others not counted."""
        return len(self._final)

    def _add(self, reference: str, accept: str, page: str) -> None:
        absolute = urljoin(page, reference)
        if absolute.startswith(self._base):
            absolute = self._site + absolute.removeprefix(self._base)
        elif absolute + "/" in {self._base, self._site}:
            absolute = self._site
        if not absolute.startswith(self._site):
            return
        whole, fragment = urldefrag(absolute)
        visit = Visit(quote(whole, safe="/:?#[]@!$&'()*+,;=%~"), accept)
        if visit not in self._from:
            self._from[visit] = page
            self._left.setdefault(visit.kind, []).append(visit)
        # Source files of shapes name parts of themselves (waivers) that are for the check alone.
        if fragment and not ("/dumps/" in page and "/shapes/" in page):
            self._pending[visit].setdefault(fragment if accept == BROWSER else urljoin(page, reference), page)

    def _visit(self, client: httpx2.Client, visit: Visit) -> None:
        reply, way = self._arrive(client, visit)
        address = self._final[visit] = way[-1]
        if reply.status_code == 303 and len(way) <= _MOST_REDIRECTS:
            return
        if reply.status_code != 200 and not _retired(reply, address):
            self._fault(visit, f"{reply.status_code} after {' -> '.join(way)}")
            return
        if "content-location" in reply.headers:
            self._add(reply.headers["content-location"], BROWSER, address)
        if self._key(address, visit.accept) in self._names:  # another way led here before
            return
        media_type = reply.headers.get("content-type", "")
        self.pages[media_type.partition(";")[0]] += 1
        page = read(reply.content, media_type, address)
        for fault in page.faults:
            self._fault(visit, fault)
        if page.names is not None:
            self._names[self._key(address, visit.accept)] = page.names
        self._follow_all(page.links, address)

    def _arrive(self, client: httpx2.Client, visit: Visit) -> tuple[httpx2.Response, list[str]]:
        """The last answer, and all addresses up to it."""
        way = [visit.address]
        while True:
            reply = client.get(way[-1], headers={"Accept": visit.accept})
            links = (target for header in reply.headers.get_list("link") for target in targets(header))
            self._follow_all(((target, BROWSER) for target in links), way[-1])
            if reply.status_code not in {301, 302, 303, 307, 308} or len(way) > _MOST_REDIRECTS:
                return reply, way
            target = urljoin(way[-1], reply.headers["location"])
            if not target.startswith(self._site):  # to somebody else's thing
                return reply, way
            way.append(target)

    def _follow_all(self, links: Iterable[tuple[str, str]], address: str) -> None:
        for reference, accept in links:
            self._add(reference, accept, address)

    def _check_fragments(self) -> None:
        """Of all documents that were read: is there what others point to?"""
        for visit, wanted in self._pending.items():
            names = self._names.get(self._key(self._final.get(visit, ""), visit.accept))
            if names is None:
                continue
            for name, source in wanted.items():
                self.fragments += 1
                if name not in names:
                    self.faults.append(f"{self._final[visit]} does not have {name} (from {source})")

    @staticmethod
    def _key(address: str, accept: str) -> str:
        return address if accept == BROWSER else f"{accept} {address}"

    def _fault(self, visit: Visit, what: str) -> None:
        self.faults.append(f"{visit.address}: {what} (from {self._from[visit]})")
