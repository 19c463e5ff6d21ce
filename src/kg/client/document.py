"""The document about one thing: its graph, over all pages, its names and its links."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from rdflib import Graph, Literal, URIRef

from kg.client.cache import Answer
from kg.client.links import Link, read_links
from kg.client.results import read_graph
from kg.client.values import IRI, Text
from kg.errors import AnswerInvalid

_PAGES = 10_000


@dataclass(frozen=True)
class Page:
    """One page of a document: its address, its statements, its links."""

    url: str
    graph: Graph
    links: tuple[Link, ...]

    def link(self, relation: str) -> str | None:
        """Where the first link of that relation leads."""
        return next((link.target for link in self.links if link.relation == relation), None)

    @property
    def following(self) -> str | None:
        """Where the next page stands; None if this is the last."""
        # What a document of the past calls next is the same page of a later day (RFC 7089, section 2.2.4).
        later = {link.target for link in self.links if link.relation == "memento"}
        nexts = (link.target for link in self.links if link.relation == "next")
        return next((target for target in nexts if target not in later), None)


class Document:
    """What a site says about a thing. Pages are fetched when they are needed.

    ``iri`` names the thing; of one that was merged into another it is the other one.
    """

    def __init__(
        self, first: Page, fetch: Callable[[str], Page], label_properties: Sequence[str], languages: Sequence[str]
    ) -> None:
        self._first = first
        self._fetch = fetch
        self._properties = tuple(label_properties)
        self._languages = tuple(languages)
        self.url = first.url
        self.links = first.links
        self.iri = IRI(first.link("describes") or "")
        if not self.iri:
            raise AnswerInvalid(f"{first.url} does not say what it describes", "is it a document of a site of kg?")

    def pages(self) -> Iterator[Page]:
        """The pages, one after the other. Raises a child of SiteError."""
        page, seen = self._first, set[str]()
        while True:
            yield page
            seen.add(page.url)
            following = page.following
            if following is None:
                return
            if following in seen or len(seen) >= _PAGES:
                raise AnswerInvalid(f"the pages of {self.url} have no end", "tell the operator")
            page = self._fetch(following)

    @cached_property
    def graph(self) -> Graph:
        """All statements, those of further pages too. Raises a child of SiteError."""
        whole = Graph()
        for prefix, namespace in self._first.graph.namespaces():
            whole.bind(prefix, namespace)
        for page in self.pages():
            whole += page.graph
        return whole

    @property
    def label(self) -> str:
        """The name of the thing in the first of the site's languages that has one; its IRI if it has no name."""
        return self.name(*self._languages) or self.iri

    def name(self, *languages: str) -> Text | str | None:
        """The preferred name in the first of the languages that has one, else in none or any; None without a name."""
        for kind in self._properties:
            found = [o for o in self._first.graph.objects(URIRef(self.iri), URIRef(kind)) if isinstance(o, Literal)]
            if found:
                chosen = min(found, key=lambda label: (_rank(label.language, languages), str(label)))
                return Text(str(chosen), chosen.language) if chosen.language else str(chosen)
        return None

    def __repr__(self) -> str:
        return f"<Document about {self.iri}>"


def _rank(language: str | None, wanted: Sequence[str]) -> int:
    if language is None:
        return len(wanted)
    own = language.lower()
    fitting = (n for n, tag in enumerate(wanted) if own == tag.lower() or own.startswith(f"{tag.lower()}-"))
    return next(fitting, len(wanted) + 1)


def read_page(answer: Answer) -> Page:
    """The page that an answer holds. Raises AnswerInvalid if that is no RDF."""
    return Page(answer.url, read_graph(answer), tuple(read_links([answer.headers.get("link", "")], answer.url)))
