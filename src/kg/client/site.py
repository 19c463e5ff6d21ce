"""A site as a client uses it: queries, documents, search, reconciliation, downloads; now or as it was."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path, PurePosixPath
from typing import Self
from urllib.parse import quote, urlencode, urljoin, urlsplit

from kg import sparql
from kg.client import finding
from kg.client.document import Document, Page, read_page
from kg.client.downloads import fetch_file
from kg.client.edition import Edition, read_edition
from kg.client.endpoint import RDF, Endpoint
from kg.client.finding import Candidate, Hit
from kg.client.links import read_links
from kg.client.transport import Limits
from kg.client.values import IRI
from kg.errors import AnswerInvalid, SiteError, SiteRejection

_JSON = "application/json"
_URI_SAFE = "%/:?#[]@!$&'()*+,;=~-._"  # RFC 3987, section 3.1


def connect(url: str, *, limits: Limits | None = None, cache: Path | str | None = None, agent: str = "") -> Site:
    """The site at ``url``.

    ``limits`` say how long to wait and how much to take, ``cache`` is a folder that keeps answers for the next time,
    ``agent`` a name for the log of the site. Raises AnswerInvalid if the address is not that of a site of this
    program, another child of SiteError, ConfigError.

    >>> site = connect("http://localhost:8000/")
    >>> site.release.version
    '2.1'
    >>> query = "SELECT ?name { $bread skos:prefLabel ?name } ORDER BY ?name"
    >>> [row["name"] for row in site.query(query, bread=IRI("https://data.example.org/bread/concept/sourdough"))]
    ['Sauerteigbrot', 'sourdough bread']
    """
    site = Site(url, limits=limits, cache=cache, agent=agent)
    try:
        site.learn()
    except BaseException:
        site.close()
        raise
    return site


class Site(Endpoint):
    """A site of this program; ``url`` is its address, ``base`` what its IRIs begin with. Made by ``connect``.

    ``query`` and the rest are answered by the current release, or by the one that ``at`` has chosen. Use it in a
    ``with`` block, or close it.
    """

    def __init__(
        self, url: str, *, limits: Limits | None = None, cache: Path | str | None = None, agent: str = ""
    ) -> None:
        root = url if url.endswith("/") else f"{url}/"
        super().__init__(root, limits=limits, cache=cache, agent=agent)
        self._go_to(None)
        self.base = ""
        self._prefixes: Mapping[str, str] = {}

    def _go_to(self, release: str | None) -> None:
        self._release = release
        self._root = f"{self.url}release/{quote(release)}/" if release else self.url
        self._endpoint = f"{self._root}sparql"

    def learn(self) -> None:
        """Ask what the release is like whose site this is. Raises a child of SiteError."""
        try:
            edition = self.release
        except SiteRejection as error:
            if error.status != 404:
                raise
            raise AnswerInvalid(
                f"{self.url} is no site of this program", "for another SPARQL endpoint there is kg.client.Endpoint"
            ) from None
        self.base, self._prefixes = edition.base, edition.prefixes

    # Releases

    @property
    def release(self) -> Edition:
        """The release that answers; of the current one as it is at this moment. Raises a child of SiteError."""
        name = quote(self._release) if self._release else "latest"
        return read_edition(self._transport.get(f"{self.url}dumps/{name}/manifest.json", _JSON))

    def at(self, when: str | date | datetime) -> Site:
        """The same site as it was: in a release (name or version), at a moment, or at the end of a day, UTC.

        Before the first release it is the first one (RFC 7089). The connection is shared: closing one closes both.
        Raises SiteRejection if there is no such release.

        >>> site = connect("http://localhost:8000/")
        >>> site.at(datetime(2026, 6, 1, tzinfo=UTC)).release.version
        '2.1'
        """
        if isinstance(when, str):
            headers, path = {}, f"release/{quote(when, safe='')}/"
        else:
            headers, path = {"Accept-Datetime": _http_date(when)}, "timegate/"
        with self._transport.opened("HEAD", self.url + path, headers, follow=False) as response:
            target = urljoin(str(response.url), response.headers.get("location", path and str(response.url)))
        name = target.removeprefix(f"{self.url}release/").strip("/")
        if not target.startswith(f"{self.url}release/") or "/" in name:
            raise AnswerInvalid(f"{self.url}{path} leads to {target}, which is no release of this site")
        then = Site.__new__(Site)
        then.__dict__.update(self.__dict__)
        then._go_to(name)  # noqa: SLF001 - its own class
        then.learn()
        return then

    def releases(self) -> dict[str, datetime]:
        """The names of all releases, the oldest first, each with the moment from which on it counts (UTC)."""
        found: dict[str, datetime] = {}
        ahead, seen = [f"{self.url}timemap/"], set[str]()
        while ahead:
            url = ahead.pop()
            seen.add(url)
            answer = self._transport.get(url, "application/link-format")
            for link in read_links([answer.body.decode("utf-8", "replace")], url):
                if link.relation == "timemap" and link.target not in seen and link.target.startswith(self.url):
                    ahead.append(link.target)
                elif link.relation == "memento":
                    name = link.target.removeprefix(f"{self.url}release/").strip("/")
                    found[name] = parsedate_to_datetime(link.attributes["datetime"])
        return dict(sorted(found.items(), key=lambda release: release[1]))

    # Things

    def document(self, thing: str) -> Document:
        """What the site says about a thing, named by its IRI or by an address or path of the site.

        Raises SiteRejection (404: unknown; 410: given up), SiteError for an IRI that is not of this site.

        >>> document = connect("http://localhost:8000/").document("concept/sourdough")
        >>> document.iri, document.label, document.name("de")
        ('https://data.example.org/bread/concept/sourdough', 'sourdough bread', 'Sauerteigbrot')
        """
        first = self._page(self._address(thing))
        edition = self.release
        return Document(first, self._page, edition.label_properties, edition.languages)

    def _page(self, url: str) -> Page:
        return read_page(self._transport.get(url, RDF))

    def _address(self, thing: str) -> str:
        whole = thing.partition("#")[0]
        for lead in (self._root, self.url, self.base):
            if lead and whole.startswith(lead):
                return self._root + quote(whole.removeprefix(lead), safe=_URI_SAFE)
        if urlsplit(whole).scheme:
            raise SiteError(f"{thing} is not of this site", f"its IRIs begin with {self.base}")
        return self._root + quote(whole.removeprefix("/"), safe=_URI_SAFE)

    # Finding

    def search(
        self, text: str, *, types: Iterable[str] = (), language: str | None = None, limit: int = 20
    ) -> list[Hit]:
        """The things with a name like ``text``, the best first; of certain classes or schemes if ``types`` names any.

        >>> [hit.label for hit in connect("http://localhost:8000/").search("sauerteig", limit=1)]
        ['sourdough bread']
        """
        asked = [("q", text), ("limit", str(limit)), *(("type", kind) for kind in types)]
        asked += [("lang", language)] if language else []
        return finding.read_hits(self._transport.get(f"{self._root}search?{urlencode(asked)}", _JSON))

    def reconcile(
        self,
        names: Iterable[str],
        *,
        type: str | None = None,  # noqa: A002 - as in the standard
        limit: int = 3,
    ) -> dict[str, list[Candidate]]:
        """Which things are meant by names: for each the candidates, the best first (Reconciliation Service API 0.2).

        Only where ``match`` is true the service is sure. Of ``type`` (a class as the service names it) if one is given.

        >>> found = connect("http://localhost:8000/").reconcile(["Sauerteigbrot", "brick"])
        >>> found["Sauerteigbrot"][0].iri, found["Sauerteigbrot"][0].match, found["brick"]
        ('https://data.example.org/bread/concept/sourdough', True, [])
        """
        wanted = list(dict.fromkeys(names))
        address = f"{self._root}reconcile"
        service = finding.read_service(self._transport.get(address, _JSON))
        found: dict[str, list[Candidate]] = {}
        for part, queries in finding.batches(wanted, service.batch, type, limit):
            answer = self._transport.post(address, {"queries": queries}, _JSON)
            found |= finding.read_candidates(answer, part, service)
        return found

    def resolve(self, identifier: str) -> IRI | None:
        """The thing of this site that has this identifier: an IRI, also of another dataset, or a code; None if unknown.

        Raises SiteRejection if it can mean several things, or is no identifier.
        """
        url = f"{self._root}resolve?{urlencode({'iri': identifier})}"
        try:
            with self._transport.opened("GET", url, {"Accept": _JSON}, follow=False) as response:
                links = read_links([response.headers.get("link", "")], url)
        except SiteRejection as error:
            if error.status == 404:
                return None
            raise
        found = next((link.target for link in links if link.relation == "canonical"), None)
        if found is None:
            raise AnswerInvalid(f"{url} does not say which thing it leads to", "is it a site of kg?")
        return IRI(found)

    # Files

    def download(self, name: str, to: Path | str = ".") -> Path:
        """Put a file of the release (``data.nt.gz``, ``CITATION.cff``) into a folder, or at a path; returns where.

        An interrupted download is gone on with; the file is there once its digest is right. Raises SiteError if the
        release has no such file, AnswerInvalid for another digest, OSError.
        """
        edition = self.release
        path = next((path for path in (f"dumps/{name}", name) if path in edition.files), None)
        if path is None:
            names = ", ".join(sorted(file.removeprefix("dumps/") for file in edition.files))
            raise SiteError(f"release {edition.name} has no file {name}", f"it has {names}")
        target = Path(to) / PurePosixPath(name).name if Path(to).is_dir() else Path(to)
        size, sha256 = edition.files[path]
        url = f"{self.url}dumps/{quote(edition.name)}/{quote(path.removeprefix('dumps/'))}"
        return fetch_file(self._transport, url, target, size, sha256)

    # Queries

    def _declared(self, text: str) -> tuple[str, int]:
        """Declare the project's prefixes that the query uses and does not declare, in a line on top."""
        own = sparql.prefixes(text)
        used = {token["prefix"] for token in sparql.tokens(text) if token["name"] is not None}
        lacking = sorted(prefix for prefix in used if prefix not in own and prefix in self._prefixes)
        if not lacking:
            return text, 0
        return " ".join(f"PREFIX {prefix}: <{self._prefixes[prefix]}>" for prefix in lacking) + f"\n{text}", 1

    def __enter__(self) -> Self:
        return self

    def __repr__(self) -> str:
        return f"<Site {self._root}>"


def _http_date(when: date | datetime) -> str:
    if not isinstance(when, datetime):
        when = datetime.combine(when, time(23, 59, 59), UTC)
    when = when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    return format_datetime(when.replace(microsecond=0), usegmt=True)
