"""Fetching the whole site and writing it down.

A former release is read from the site as it was (``/release/<name>/...``), one after the other: few can be open at
once.
"""

from __future__ import annotations

import html
import re
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

from kg.config import Settings
from kg.engine.solutions import complete
from kg.errors import EngineBusy, FreezeError
from kg.freezing.finishing import MARK, SUFFIXES, Frozen, finish, link
from kg.freezing.links import addresses, file_of, relinked, with_links, without_timegate
from kg.negotiate import ANSWER_VARIANTS, GRAPH_VARIANTS
from kg.terms import document_iri, local_path, whole
from kg.web import html as pages
from kg.web import memento, protocol
from kg.web.app import create_app
from kg.web.current import ASKED, CurrentSite
from kg.web.queries import query_of, variants_for
from kg.web.site import Site

Progress = Callable[[str], None]
# What needs the program, and what stands in its place.
_ALIVE = (
    "/search", "/opensearch.xml", "/sparql", "/timegate/", "/graph/", "/reconcile",
    "/resolve", "/same-as", "/expand", "/contract", "/openapi", "/.well-known/api-catalog",
    "/cite/", "/embed/", "/oembed",
)  # fmt: skip
# A question about one thing stands, answered, on the page of that thing.
_QUESTION = "/doc/question/"
_TIMEMAP = "/timemap/"
_RELEASE = "/release/"
_REDIRECTS = (301, 302, 303, 307, 308)
_ABREAST = 200  # addresses that are fetched before the next are looked for


def freeze(
    settings: Settings,
    target: Path,
    url: str = "",
    progress: Progress = lambda _: None,
    *,
    all_releases: bool = False,
) -> Frozen:
    """Write the site of the current release into the folder ``target``, which is replaced as a whole.

    ``url`` is where the copy will stand, for feeds and others that name whole addresses; by default that of the base
    IRI. With ``all_releases`` the site as it was in each release is written too, and the TimeMaps (RFC 7089). Raises
    FreezeError if the folder is there and holds anything but a frozen site, if it cannot be written, or if an address
    that a page links to has no answer.
    """
    if target.exists() and any(target.iterdir()) and not (target / MARK).is_file():
        raise FreezeError(f"{target} holds something else", "name an empty folder, or one that kg freeze has made")
    current = CurrentSite(settings)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".freezing-", dir=target.parent) as made:
            folder = Path(made) / "site"
            frozen = _Freezer(settings, current, folder, url, progress, all_releases=all_releases).run()
            folder.chmod(0o755)
            if target.exists():
                target.rename(Path(made) / "former")
            folder.rename(target)
            return frozen
    except OSError as error:
        told = error.strerror or str(error)
        raise FreezeError(f"{target} cannot be written: {told}", "free the disk, or name another") from error
    finally:
        current.close()


class _Freezer:
    """One freezing: fetches, writes, and links what was written."""

    def __init__(
        self,
        settings: Settings,
        current: CurrentSite,
        folder: Path,
        url: str,
        progress: Progress,
        *,
        all_releases: bool,
    ) -> None:
        self._settings, self._current, self._folder, self._progress = settings, current, folder, progress
        self._all = all_releases
        self._site = current.get()
        base = self._site.manifest.base
        parts = urlsplit(url or base)
        self._url = f"{parts.scheme}://{parts.netloc}"
        self._absolute = re.compile(f'(?:{re.escape(self._url)}/|{re.escape(base)})([^\\s"<>]+)')
        self._app = create_app(settings, current)
        self._app.jinja_env.globals["frozen"] = True
        for template in self._app.jinja_env.list_templates():  # now, or several threads compile the same one at once
            self._app.jinja_env.get_template(template)
        self._frozen = Frozen()
        self._dead: dict[str, int] = {}

    def run(self) -> Frozen:
        wanted: dict[str, dict[str, None]] = {}  # by release, so that no more than one former one is needed at a time
        seen: set[str] = set()

        def want(found: Iterable[str]) -> None:
            for address in found:
                if address not in seen:
                    seen.add(address)
                    wanted.setdefault(_inside(address)[0], {})[address] = None

        want(self._seeds())
        with ThreadPoolExecutor(self._settings.threads) as threads:
            while wanted:
                release, those = next(iter(wanted.items()))
                left = sum(map(len, wanted.values()))
                self._progress(f"{len(self._frozen.files):,} files, {left:,} addresses to go")
                batch = [*those][:_ABREAST]
                for address in batch:
                    del those[address]
                if not those:
                    del wanted[release]
                for found in threads.map(self._fetch, batch):
                    want(found)
        if self._dead:
            first = ", ".join(f"{address} ({status})" for address, status in sorted(self._dead.items())[:5])
            raise FreezeError(f"{len(self._dead):,} addresses that pages link to have no answer: {first}", "report it")
        self._progress("linking")
        link(self._folder, self._frozen, self._target)
        instants = memento.instants(self._current.timeline()) if self._all else {}
        finish(self._folder, self._frozen, self._site.manifest, self._not_found(), instants)
        return self._frozen

    def _seeds(self) -> Iterator[str]:
        """The front page, the document of everything, and what is found by convention rather than by a link."""
        yield from ("/", *_CONVENTIONS, "/robots.txt", "/sitemap.xml")
        for moment in reversed(self._current.timeline()):
            base = moment.release.manifest.base
            prefixes = ["", *([f"{_RELEASE}{moment.name}"] if self._all else [])]
            for thing in sorted(self._current.things(moment.release)):
                if thing.startswith(base) and thing != base and (path := local_path(base, thing)):
                    document = local_path(base, document_iri(base, whole(thing))) or path
                    for prefix in prefixes:
                        # What only a former release speaks of is gone, and the copy says so.
                        yield from (f"{prefix}{path}", f"{prefix}{document}")
            if self._all:
                yield from (f"{_RELEASE}{moment.name}", f"{_RELEASE}{moment.name}/")

    def _fetch(self, address: str) -> list[str]:
        """Fetch an address and write down what it answers; returns the addresses that it leads to."""
        release, path = _inside(address)
        query = path.startswith("/sparql?")
        alive = (path.startswith(_ALIVE) and not query) or (path.startswith(_QUESTION) and "?" in path)
        if alive or "_profile=" in address or self._is_left(address):
            self._frozen.alive.add(address)
            return []
        site = self._at(release) if release else self._site
        if query:
            return self._query(site, address, path)
        ASKED.set(site)  # the one of the beginning, whatever release comes meanwhile
        found: list[str] = []
        found += self._fetch_as(address, path, _BROWSER)
        if path in _ALSO_AS or address in self._frozen.gone or site.prefix + path in self._vocabularies(site):
            for variant in GRAPH_VARIANTS:
                found += self._fetch_as(address, path, variant.media_type)
        return found

    def _vocabularies(self, site: Site) -> set[str | None]:
        """Where ontologies stand: they are answered, in every format, at their own IRIs."""
        return {site.path(iri) for iri in site.hash_documents}

    def _at(self, name: str) -> Site:
        """The site as it was in a release."""
        while True:
            try:
                return self._current.at(name)
            except EngineBusy:  # the engines of those before it have not ended yet
                time.sleep(1)

    def _fetch_as(self, address: str, path: str, accept: str) -> list[str]:
        client = self._app.test_client()
        response = client.get(path, base_url=self._url, headers={"Accept": accept}, buffered=False)
        try:
            status, kind = response.status_code, response.mimetype or ""
            if status in _REDIRECTS:
                return self._redirected(address, status, response.headers["Location"])
            if status not in (200, 410):
                if path not in _CONVENTIONS:
                    self._dead[address] = status
                return []
            if accept not in (_BROWSER, kind):  # this has no such format
                return []
            file = file_of(address, kind)
            self._write(address, file, response.iter_encoded())
            found = []
            if status == 410:
                self._frozen.gone.add(address)
                found += self._formats(address)
            return found + self._leads(address, file, kind, response.headers.getlist("Link"))
        finally:
            response.close()

    def _redirected(self, address: str, status: int, target: str) -> list[str]:
        self._frozen.redirects[address] = (status, target)
        if not target.startswith("/"):
            return []
        found = [target.partition("#")[0]]
        return found + (self._formats(address) if status == 308 else [])

    def _formats(self, address: str) -> list[str]:
        """The formats of a document that is not there any more: nothing links to them, but somebody may know them."""
        if not _inside(address)[1].startswith("/doc/") or "?" in address or address.endswith(SUFFIXES):
            return []
        return [address + suffix for suffix in SUFFIXES]

    def _leads(self, address: str, file: str, kind: str, links: Iterable[str]) -> list[str]:
        """The addresses that what was written leads to."""
        path = self._folder / file
        if kind == "text/html":
            page = path.read_text(encoding="utf-8")
            if self._all:  # files have no headers, so the page has to say what other times there are
                page = with_links(page, links)
                path.write_text(page, encoding="utf-8")
            return [*addresses(page, address)]
        if address.startswith(_TIMEMAP):
            path.write_text(without_timegate(path.read_text(encoding="utf-8")), encoding="utf-8")
        elif address.startswith(_FEEDS):
            text = html.unescape(path.read_text(encoding="utf-8"))
            return [f"/{found}" for found in self._absolute.findall(text) if f"/{found}".startswith(_FEEDS)]
        return []

    def _query(self, site: Site, address: str, path: str) -> list[str]:
        """The answer to a query of the project, in the format that the link names."""
        asked = protocol.operation("GET", path.partition("?")[2], "", b"", self._settings.query_bytes)
        if asked.format is None:
            self._frozen.alive.add(address)
            return []
        answer = complete(site.answers, query_of(asked, site, variants_for(asked, None)))
        variant = next(v for v in ANSWER_VARIANTS[answer.kind] if v.format == answer.format)
        self._write(address, file_of(address, variant.media_type), [answer.body])
        return []

    def _is_left(self, address: str) -> bool:
        """True for the site as it was in a release (not for the release itself), and for lists of such."""
        return not self._all and (bool(_inside(address)[0]) or address.startswith(_TIMEMAP))

    def _write(self, address: str, file: str, parts: Iterable[bytes]) -> None:
        path = self._folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as out:
            out.writelines(parts)
        self._frozen.written[file] = address
        self._frozen.files.setdefault(address, file)

    def _target(self, address: str) -> str:
        """The file for an address; the persistent IRI of what needs the program."""
        return self._frozen.file(address) or f"{self._site.manifest.base}{address.removeprefix('/')}"

    def _not_found(self) -> str:
        """The page for an address without a file. It stands in for any address, so its links begin with a slash."""
        with self._app.app_context():
            page = pages.missing_page(self._site, "This copy of the site has no such page.")

        def target(address: str) -> str:
            to = self._target(address)
            return to if to.startswith(("http:", "https:")) else f"/{to}"

        return relinked(page, "/", "", target)


def _inside(address: str) -> tuple[str, str]:
    """(release, path inside) of an address of the site as it was in a release; the release is "" for any other."""
    name, slash, path = address.removeprefix(_RELEASE).partition("/")
    return (name, f"/{path}") if address.startswith(_RELEASE) and slash else ("", address)


# What says in data where the rest of it is.
_FEEDS = ("/ldes", "/changes", "/sitemap")
_BROWSER = "text/html, */*;q=0.5"
_ALSO_AS = ("/.well-known/void", "/catalog")
# Not every site has them all.
_CONVENTIONS = (
    "/.well-known/security.txt",
    "/.well-known/void",
    "/catalog",
    "/changes",
    "/changes.atom",
    "/ldes",
    "/favicon.ico",
)
