"""What files cannot say, for the web servers that will serve them: media types, negotiation, redirects, what is gone.

Each is a file beside the pages: ``.htaccess`` for Apache, ``nginx.conf`` to be included in a ``server`` block,
``_headers`` and ``_redirects`` as hosts of static sites read them. Apache and nginx do the same: of the formats of a
document a client gets the one that it names first. (Apache's MultiViews knows q-values, but it would choose a file
before a redirect is looked for.)
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from kg.negotiate import (
    ANSWER_VARIANTS,
    CITATION_FILE,
    DATASET_VARIANTS,
    GZIP,
    HTML,
    RESOURCE_VARIANTS,
    SPARQL_QUERY,
    TEXT,
)

_VARIANTS = (*RESOURCE_VARIANTS, *DATASET_VARIANTS, *ANSWER_VARIANTS["solutions"], CITATION_FILE, SPARQL_QUERY, TEXT)
_TYPES = {variant.suffix: variant.content_type for variant in (*_VARIANTS, GZIP)} | {
    "atom": "application/atom+xml",
    "rdfp": "application/rdf-patch",
    "linkset": "application/linkset",
    "links": "application/link-format",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
_SAFE = "/:@!&'()*+,;=~-._"
_IN_RELEASE = re.compile(r"(/release/[^/]+)?/([^/]+)/(.+)")


@dataclass(frozen=True)
class Answered:
    """What the site answered, by path: redirects (status, target path), what is gone, and the files of the rest.

    ``instants`` are the releases that were frozen at their own addresses, each with its Memento-Datetime (RFC 7089).
    """

    redirects: Mapping[str, tuple[int, str]]
    gone: Collection[str] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    instants: Mapping[str, str] = field(default_factory=dict)

    @property
    def folders(self) -> list[str]:
        """First parts of paths, all things below which lead to their documents by one rule: ``id``, ``concept``."""
        plain: dict[str, bool] = {}
        for path, (status, target) in self.redirects.items():
            if status == 303 and (match := _IN_RELEASE.fullmatch(path)):
                lead, folder, rest = match[1] or "", match[2], match[3]
                document = rest if folder == "id" else f"{folder}/{rest}"
                plain[folder] = plain.get(folder, True) and target == f"{lead}/doc/{document}"
        # A rule for a folder must not hide what else is in it.
        for path in self.files:
            if path not in self.gone and (match := _IN_RELEASE.fullmatch(path)):
                plain.pop(match[2], None)
        return sorted(folder for folder, good in plain.items() if good)

    @property
    def singles(self) -> list[tuple[str, tuple[int, str]]]:
        """The redirects that those rules do not give."""
        folders = set(self.folders)
        covered = {
            path
            for path, (status, _) in self.redirects.items()
            if status == 303 and (match := _IN_RELEASE.fullmatch(path)) and match[2] in folders
        }
        return sorted((path, to) for path, to in self.redirects.items() if path not in covered)

    @property
    def fallbacks(self) -> list[str]:
        """The suffixes of files at addresses that have no page."""
        pages = {file.removesuffix(".html") for file in self.files.values() if file.endswith(".html")}
        found = set()
        for path, file in self.files.items():
            stem, suffix = posixpath.splitext(file)
            if stem == path.lstrip("/") and stem not in pages and suffix[1:] in _TYPES:
                found.add(suffix[1:])
        return sorted(found)


def rules(answered: Answered) -> dict[str, str]:
    """The files by name."""
    return {
        ".htaccess": _apache(answered),
        "nginx.conf": _nginx(answered),
        "_headers": _headers(),
        "_redirects": _redirects(answered),
    }


def _accepts() -> list[tuple[str, str]]:
    """(pattern of an Accept header, suffix): of the formats that documents have, this one is named first."""
    kinds = {_pattern(variant.media_type): variant.suffix for variant in RESOURCE_VARIANTS}
    known = "|".join([*kinds, _pattern("application/xhtml+xml")])
    return [(f"^(?:(?!{known}).)*{kind}", suffix) for kind, suffix in kinds.items() if suffix != HTML.suffix]


def _apache(answered: Answered) -> str:
    chosen = ["RewriteCond %{REQUEST_FILENAME} !-f"]
    lines = [
        "# For Apache httpd with mod_rewrite, mod_dir, mod_mime and mod_headers. Needs AllowOverride All, or",
        "# AllowOverride FileInfo Indexes Options=Indexes,MultiViews.",
        "Options -MultiViews -Indexes",
        "DirectoryIndex index.html",
        "DirectorySlash Off",
        *(f"AddType '{kind}' .{suffix}" for suffix, kind in _TYPES.items()),
        "RemoveEncoding .gz",
        "# The folder is taken to be the root of the site; else write its address here, in RewriteBase, in 404.html.",
        "ErrorDocument 404 /404.html",
        "# The page of what is gone stands where the thing did.",
        'ErrorDocument 410 "/%{REQUEST_URI}"',
        "<IfModule mod_headers.c>",
        'Header always set Access-Control-Allow-Origin "*"',
        'Header always set X-Content-Type-Options "nosniff"',
        'Header always merge Vary "Accept"',
        *(
            f'Header always set Memento-Datetime "{instant}" "expr=%{{REQUEST_URI}} =~ m#/release/{_pattern(name)}/#"'
            for name, instant in answered.instants.items()
        ),
        "</IfModule>",
        "RewriteEngine On",
        "RewriteBase /",
    ]
    for path in answered.gone:
        lines += [
            "RewriteCond %{ENV:REDIRECT_STATUS} !=410",
            f'RewriteRule "^{_pattern(path.lstrip("/"))}$" - [R=410,L]',
        ]
    for path, (status, to) in answered.singles:
        lines.append(f'RewriteRule "^{_pattern(path.lstrip("/"))}$" "{_uri(to).lstrip("/")}" [R={status},L,NE]')
    for folder in answered.folders:
        # As it was sent, so that what is percent-encoded stays so.
        lines += [
            "RewriteCond %{ENV:REDIRECT_STATUS} !=410",
            f'RewriteCond %{{THE_REQUEST}} "^\\S+ \\S*?/{_pattern(folder)}/(\\S+)"',
            f'RewriteRule "^(release/[^/]+/)?{_pattern(folder)}/." "$1doc/{_lead(folder)}%1" [R=303,L,NE]',
        ]
    for accept, suffix in _accepts():
        lines += [
            *chosen,
            f'RewriteCond %{{HTTP:Accept}} "{accept}" [NC]',
            f"RewriteCond %{{REQUEST_FILENAME}}.{suffix} -f",
            f'RewriteRule "^(.*[^/])$" "$1.{suffix}" [END]',
        ]
    for suffix in (HTML.suffix, *answered.fallbacks):
        lines += [
            *chosen,
            f"RewriteCond %{{REQUEST_FILENAME}}.{suffix} -f",
            f'RewriteRule "^(.*[^/])$" "$1.{suffix}" [END]',
        ]
    lines += [
        "RewriteCond %{REQUEST_FILENAME} -d",
        "RewriteCond %{REQUEST_FILENAME}/index.html !-f",
        'RewriteRule "." - [R=404,L]',
        "RewriteCond %{REQUEST_FILENAME} -d",
        'RewriteRule "^(.*[^/])$" "$1/" [R=301,L]',
    ]
    return "\n".join([*lines, ""])


def _nginx(answered: Answered) -> str:
    lines = [
        "# For nginx, to be included in a server block whose root is this folder. Above it, in http, has to stand:",
        "#",
        "#   map $http_accept $kg_suffix {",
        "#     default html;",
        *(f'#     "~*{accept}" {suffix};' for accept, suffix in _accepts()),
        "#   }",
        "#   map $request_uri $kg_memento {",
        '#     default "";',
        *(f'#     "~^/release/{_pattern(name)}/" "{instant}";' for name, instant in answered.instants.items()),
        "#   }",
        "types {",
        *(f"  {kind.partition(';')[0]} {suffix};" for suffix, kind in _TYPES.items()),
        "}",
        "charset utf-8;",
        f"charset_types {' '.join(sorted({kind.partition(';')[0] for kind in _TYPES.values() if ';' in kind}))};",
        "default_type application/octet-stream;",
        "absolute_redirect off;",
        'add_header Access-Control-Allow-Origin "*" always;',
        'add_header X-Content-Type-Options "nosniff" always;',
        'add_header Vary "Accept" always;',
        "add_header Memento-Datetime $kg_memento always;",
        "error_page 404 /404.html;",
        *(f"location = {_quoted(path)} {{ error_page 410 @kg_gone; return 410; }}" for path in answered.gone),
        *(f'location = {_quoted(path)} {{ return {status} "{_uri(to)}"; }}' for path, (status, to) in answered.singles),
    ]
    for folder in answered.folders:
        # As it was sent, so that what is percent-encoded stays so: a line break must not get into a header.
        within = f"^/((?:release/[^/]+/)?){_pattern(folder)}/"
        lines.append(
            f'location ~ "{within}." {{ if ($request_uri ~ "{within}(.+)$") '
            f'{{ return 303 "/$1doc/{_lead(folder)}$2"; }} return 404; }}'
        )
    rest = " ".join(f"$uri.{suffix}" for suffix in (HTML.suffix, *answered.fallbacks))
    lines += [
        f"location @kg_gone {{ try_files $uri $uri.$kg_suffix {rest} =410; }}",
        f"location / {{ try_files $uri $uri.$kg_suffix {rest} ${{uri}}index.html @kg_folder; }}",
        "location @kg_folder {",
        "  if (-f $document_root$uri/index.html) { rewrite ^(.*[^/])$ $1/ permanent; }",
        "  return 404;",
        "}",
    ]
    return "\n".join([*lines, ""])


def _headers() -> str:
    lines = ["/*", "  Access-Control-Allow-Origin: *", "  X-Content-Type-Options: nosniff"]
    for suffix, kind in _TYPES.items():
        lines += [f"/*.{suffix}", f"  Content-Type: {kind}"]
    return "\n".join([*lines, ""])


def _redirects(answered: Answered) -> str:
    lines = [f"{_uri(path)} {_uri(to)} {status}" for path, (status, to) in answered.singles]
    for folder in answered.folders:
        # What stands above goes first; a page that is there as a file, too.
        lead, name = _lead(folder), _uri(folder)
        lines.append(f"/{name}/* /doc/{lead}:splat 303")
        if answered.instants:
            lines.append(f"/release/:release/{name}/* /release/:release/doc/{lead}:splat 303")
    return "".join(f"{line}\n" for line in lines)


def _lead(folder: str) -> str:
    """What stands between ``doc/`` and the rest of the path, as a URI."""
    return "" if folder == "id" else f"{_uri(folder)}/"


def _pattern(text: str) -> str:
    """A regular expression for just this, that may stand between quotation marks in either server's rules."""
    return "".join(f"\\x{ord(c):02x}" if c in '"\\ %$#' else f"\\{c}" if c in ".^*+?()[]{}|" else c for c in text)


def _quoted(path: str) -> str:
    """A text between quotation marks, as nginx reads it."""
    return '"' + path.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _uri(path: str) -> str:
    return quote(path, safe=_SAFE + "#?%")
