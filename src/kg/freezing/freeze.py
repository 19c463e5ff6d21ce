"""Fetching the whole site and writing it down."""

from __future__ import annotations

import html
import json
import posixpath
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from kg.config import Settings
from kg.errors import FreezeError
from kg.freezing.links import addresses, file_of, relinked
from kg.freezing.rules import rules
from kg.negotiate import ANSWER_VARIANTS
from kg.release.manifest import SUMS, sha256_of
from kg.terms import document_iri, local_path, whole
from kg.web import protocol
from kg.web.app import create_app
from kg.web.current import ASKED, CurrentSite
from kg.web.queries import query_of, variants_for

Progress = Callable[[str], None]
_MARK = "frozen.json"
# What needs the program, and what stands in its place.
_ALIVE = ("/search", "/sparql", "/timegate/", "/timemap/", "/reconcile")
_REDIRECTS = (301, 302, 303, 307, 308)
_ABREAST = 200  # addresses that are fetched before the next are looked for


@dataclass
class Frozen:
    """What was written: the files by address, redirects (status, target), and addresses that need the program."""

    files: dict[str, str] = field(default_factory=dict)
    redirects: dict[str, tuple[int, str]] = field(default_factory=dict)
    alive: set[str] = field(default_factory=set)

    def file(self, address: str) -> str | None:
        """The file that an address leads to, through redirects; None if there is none."""
        seen = set()
        while address in self.redirects and address not in seen:
            seen.add(address)
            address = self.redirects[address][1].partition("#")[0]
        return self.files.get(address)


def freeze(settings: Settings, target: Path, url: str = "", progress: Progress = lambda _: None) -> Frozen:
    """Write the site of the current release into the folder ``target``, which is replaced as a whole.

    ``url`` is where the copy will stand, for feeds and others that name whole addresses; by default that of the base
    IRI. Raises FreezeError if the folder is there and holds anything but a frozen site, if it cannot be written, or if
    an address that a page links to has no answer.
    """
    if target.exists() and any(target.iterdir()) and not (target / _MARK).is_file():
        raise FreezeError(f"{target} holds something else", "name an empty folder, or one that kg freeze has made")
    current = CurrentSite(settings)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".freezing-", dir=target.parent) as made:
            folder = Path(made) / "site"
            frozen = _Freezer(settings, current, folder, url, progress).run()
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

    def __init__(self, settings: Settings, current: CurrentSite, folder: Path, url: str, progress: Progress) -> None:
        self._settings, self._current, self._folder, self._progress = settings, current, folder, progress
        self._site = current.get()
        base = self._site.manifest.base
        parts = urlsplit(url or base)
        self._url = f"{parts.scheme}://{parts.netloc}"
        self._absolute = re.compile(f'(?:{re.escape(self._url)}/|{re.escape(base)})([^\\s"<>]+)')
        self._app = create_app(settings, current)
        self._app.jinja_env.globals["frozen"] = True
        self._frozen = Frozen()
        self._dead: dict[str, int] = {}
        self._written: dict[str, str] = {}  # file -> address

    def run(self) -> Frozen:
        wanted = dict.fromkeys(self._seeds())
        seen = set(wanted)
        with ThreadPoolExecutor(self._settings.threads) as threads:
            while wanted:
                self._progress(f"{len(self._frozen.files):,} files, {len(wanted):,} addresses to go")
                batch = [*wanted][:_ABREAST]
                for address in batch:
                    del wanted[address]
                for found in threads.map(self._fetch, batch):
                    wanted |= dict.fromkeys(address for address in found if address not in seen)
                    seen.update(found)
        if self._dead:
            first = ", ".join(f"{address} ({status})" for address, status in sorted(self._dead.items())[:5])
            raise FreezeError(f"{len(self._dead):,} addresses that pages link to have no answer: {first}", "report it")
        self._progress("linking")
        self._link()
        self._finish()
        return self._frozen

    def _seeds(self) -> Iterator[str]:
        """The front page, the document of everything, and what is found by convention rather than by a link."""
        yield from ("/", "/.well-known/void", "/catalog", "/changes", "/changes.atom", "/ldes", "/favicon.ico")
        base = self._site.manifest.base
        for thing in sorted(self._current.things(self._site.release)):
            if thing.startswith(base) and thing != base and (path := local_path(base, thing)):
                yield path
                yield local_path(base, document_iri(base, whole(thing))) or path

    def _fetch(self, address: str) -> list[str]:
        """Fetch an address and write down what it answers; returns the addresses that it leads to."""
        if address.startswith("/sparql?"):
            return self._query(address)
        if address.startswith(_ALIVE) or self._is_past(address) or "_profile=" in address:
            self._frozen.alive.add(address)
            return []
        ASKED.set(self._site)  # as it was at the beginning, whatever release comes meanwhile
        found: list[str] = []
        for accept in _ALSO_AS.get(address, ("text/html, */*;q=0.5",)):
            found += self._fetch_as(address, accept)
        return found

    def _fetch_as(self, address: str, accept: str) -> list[str]:
        client = self._app.test_client()
        response = client.get(address, base_url=self._url, headers={"Accept": accept}, buffered=False)
        try:
            if response.status_code in _REDIRECTS:
                target = response.headers["Location"]
                self._frozen.redirects[address] = (response.status_code, target)
                return [target.partition("#")[0]] if target.startswith("/") else []
            if response.status_code not in (200, 410):
                if address not in _CONVENTIONS:
                    self._dead[address] = response.status_code
                return []
            file = file_of(address, response.mimetype or "")
            self._write(address, file, response.iter_encoded())
            if response.mimetype == "text/html":
                return [*addresses((self._folder / file).read_text(encoding="utf-8"), address)]
            if address.startswith(_FEEDS):
                text = html.unescape((self._folder / file).read_text(encoding="utf-8"))
                return [f"/{path}" for path in self._absolute.findall(text) if f"/{path}".startswith(_FEEDS)]
            return []
        finally:
            response.close()

    def _query(self, address: str) -> list[str]:
        """The answer to a query of the project, in the format that the link names."""
        asked = protocol.operation("GET", address.partition("?")[2], "", b"", self._settings.query_bytes)
        if asked.format is None:
            self._frozen.alive.add(address)
            return []
        answer = self._site.answers.answer(query_of(asked, self._site, variants_for(asked, None)))
        variant = next(v for v in ANSWER_VARIANTS[answer.kind] if v.format == answer.format)
        self._write(address, file_of(address, variant.media_type), [answer.body])
        return []

    def _is_past(self, address: str) -> bool:
        """True for the site as it was in a release (not for the release itself)."""
        return address.startswith("/release/") and "/" in address.removeprefix("/release/")

    def _write(self, address: str, file: str, parts: Iterable[bytes]) -> None:
        path = self._folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as out:
            out.writelines(parts)
        self._written[file] = address
        self._frozen.files.setdefault(address, file)

    def _link(self) -> None:
        """Make the links of all pages relative."""
        for file, address in self._written.items():
            if file.endswith(".html"):
                path = self._folder / file
                page = path.read_text(encoding="utf-8")
                path.write_text(relinked(page, address, file, self._target), encoding="utf-8")

    def _target(self, address: str) -> str:
        """The file for an address; the persistent IRI of what needs the program."""
        return self._frozen.file(address) or f"{self._site.manifest.base}{address.removeprefix('/')}"

    def _finish(self) -> None:
        """Write what leads from a thing to its document without a rule, the rules for web servers, and the sums."""
        redirects = {}
        for address, (status, target) in self._frozen.redirects.items():
            file = self._frozen.file(address)
            if file is None or "?" in address:
                continue
            # Not to the file: a server that negotiates chooses it.
            redirects[unquote(address)] = (status, unquote(target.partition("#")[0]))
            leading = self._folder / file_of(address, "text/html")
            if not leading.exists():
                leading.parent.mkdir(parents=True, exist_ok=True)
                to = quote(posixpath.relpath(file, posixpath.dirname(file_of(address, "text/html")) or "."))
                leading.write_text(_LEADING.format(to=html.escape(to)), encoding="utf-8")
        for name, text in rules(redirects).items():
            (self._folder / name).write_text(text, encoding="utf-8")
        manifest = self._site.manifest
        mark = {"release": manifest.name, "base": manifest.base, "files": len(self._written)}
        (self._folder / _MARK).write_text(json.dumps(mark, indent=2) + "\n", encoding="utf-8")
        files = sorted(path for path in self._folder.rglob("*") if path.is_file())
        lines = [f"{sha256_of(path)}  {path.relative_to(self._folder).as_posix()}\n" for path in files]
        (self._folder / SUMS).write_text("".join(lines), encoding="utf-8")


# What says in data where the rest of it is.
_FEEDS = ("/ldes", "/changes")
_ALSO_AS = dict.fromkeys(("/.well-known/void", "/catalog"), ("text/html, */*;q=0.5", "text/turtle"))
# Not every site has them all.
_CONVENTIONS = ("/.well-known/void", "/catalog", "/changes", "/changes.atom", "/ldes", "/favicon.ico")
_LEADING = (
    '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>See {to}</title>\n'
    '<meta http-equiv="refresh" content="0; url={to}">\n<link rel="canonical" href="{to}">\n'
    '<p>See <a href="{to}">{to}</a></p>\n</html>\n'
)
