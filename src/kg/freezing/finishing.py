"""What is written when everything has been fetched: links between files, ways without a server, rules, sums."""

from __future__ import annotations

import html
import json
import posixpath
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, unquote

from kg.freezing.links import file_of, relinked
from kg.freezing.rules import Answered, rules
from kg.negotiate import RESOURCE_VARIANTS
from kg.release.manifest import SUMS, Manifest, sha256_of

MARK = "frozen.json"
# What the address of a document in one of its formats ends in.
SUFFIXES = tuple(f".{variant.suffix}" for variant in RESOURCE_VARIANTS)
_NOT_FOUND = "404.html"


@dataclass
class Frozen:
    """What was written: the files by address and back, redirects (status, target), addresses that need the program.

    ``gone`` are the addresses that say that something is not there any more (410).
    """

    files: dict[str, str] = field(default_factory=dict)
    written: dict[str, str] = field(default_factory=dict)
    redirects: dict[str, tuple[int, str]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    alive: set[str] = field(default_factory=set)

    def file(self, address: str) -> str | None:
        """The file that an address leads to, through redirects; None if there is none."""
        seen = set()
        while address in self.redirects and address not in seen:
            seen.add(address)
            address = self.redirects[address][1].partition("#")[0]
        return self.files.get(address)


def link(folder: Path, frozen: Frozen, target: Callable[[str], str]) -> None:
    """Make the links of all pages relative; ``target`` tells the file, or else the IRI, for an address."""
    for file, address in frozen.written.items():
        if file.endswith(".html"):
            path = folder / file
            path.write_text(relinked(path.read_text(encoding="utf-8"), address, file, target), encoding="utf-8")


def finish(folder: Path, frozen: Frozen, manifest: Manifest, not_found: str, instants: Mapping[str, str]) -> None:
    """Write what leads from a thing to its document without a rule, the rules for web servers, the mark and the sums.

    ``not_found`` is the page for addresses without a file, ``instants`` as in ``rules.Answered``.
    """
    redirects = {}
    for address, (status, to) in frozen.redirects.items():
        file = frozen.file(address)
        if file is None or "?" in address:
            continue
        if address not in frozen.files:  # what has formats of its own leads elsewhere with a page only
            # Not to the file: a server that negotiates chooses it.
            redirects[unquote(address)] = (status, unquote(to.partition("#")[0]))
        if not address.endswith(SUFFIXES):
            _lead(folder, file_of(address, "text/html"), file)
    (folder / _NOT_FOUND).write_text(not_found, encoding="utf-8")
    answered = Answered(
        redirects,
        gone=sorted(unquote(address) for address in frozen.gone if "?" not in address),
        files={unquote(address): file for address, file in frozen.files.items() if "?" not in address},
        instants=instants,
    )
    for name, text in rules(answered).items():
        (folder / name).write_text(text, encoding="utf-8")
    mark = {"release": manifest.name, "base": manifest.base, "files": len(frozen.written)}
    (folder / MARK).write_text(json.dumps(mark, indent=2) + "\n", encoding="utf-8")
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    lines = [f"{sha256_of(path)}  {path.relative_to(folder).as_posix()}\n" for path in files]
    (folder / SUMS).write_text("".join(lines), encoding="utf-8")


def _lead(folder: Path, file: str, target: str) -> None:
    """A page that leads to another file, unless there is one already."""
    leading = folder / file
    if not leading.exists():
        leading.parent.mkdir(parents=True, exist_ok=True)
        to = quote(posixpath.relpath(target, posixpath.dirname(file) or "."))
        leading.write_text(_LEADING.format(to=html.escape(to)), encoding="utf-8")


_LEADING = (
    '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>See {to}</title>\n'
    '<meta http-equiv="refresh" content="0; url={to}">\n<link rel="canonical" href="{to}">\n'
    '<p>See <a href="{to}">{to}</a></p>\n</html>\n'
)
