"""What files cannot say, for the web servers that will serve them: media types, negotiation, redirects.

Each is a file beside the pages: ``.htaccess`` for Apache, ``nginx.conf`` to be included in a ``server`` block,
``_headers`` and ``_redirects`` as hosts of static sites read them.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from kg.negotiate import ANSWER_VARIANTS, DATASET_VARIANTS, DOCUMENT_VARIANTS, GRAPH_VARIANTS

_TYPES = {
    variant.suffix: variant.content_type
    for variant in (*DOCUMENT_VARIANTS, *DATASET_VARIANTS, *ANSWER_VARIANTS["solutions"])
} | {
    "atom": "application/atom+xml",
    "rdfp": "application/rdf-patch",
    "json": "application/json",
    "gz": "application/gzip",
}
_SAFE = "/:@!$&'()*+,;=~-._"


def rules(redirects: Mapping[str, tuple[int, str]]) -> dict[str, str]:
    """The files by name. ``redirects``: path -> (status, target path)."""
    # Most things lead to their documents by the same rule.
    things = {path: to for path, to in redirects.items() if path.startswith("/id/")}
    plain = all(to == (303, f"/doc/{path.removeprefix('/id/')}") for path, to in things.items())
    ordered = sorted((path, to) for path, to in redirects.items() if not (plain and path in things))
    return {
        ".htaccess": _apache(ordered, things=plain),
        "nginx.conf": _nginx(ordered, things=plain),
        "_headers": _headers(),
        "_redirects": "".join(f"{_uri(path)} {_uri(to)} {status}\n" for path, (status, to) in ordered)
        + ("/id/* /doc/:splat 303\n" if plain else ""),
    }


def _apache(redirects: list[tuple[str, tuple[int, str]]], *, things: bool) -> str:
    lines = [
        "# For Apache httpd: types, negotiation (MultiViews), redirects. Needs AllowOverride FileInfo Options.",
        "Options +MultiViews -Indexes",
        "DirectoryIndex index.html",
        "DirectorySlash Off",
        # Of what a client likes equally well it gets the page.
        *(f"AddType '{kind}{'' if suffix == 'html' else '; qs=0.8'}' .{suffix}" for suffix, kind in _TYPES.items()),
        "RemoveEncoding .gz",
        "<IfModule mod_headers.c>",
        'Header set Access-Control-Allow-Origin "*"',
        'Header set X-Content-Type-Options "nosniff"',
        "</IfModule>",
        "<IfModule mod_rewrite.c>",
        "RewriteEngine On",
        "# The folder's address on the server; change it if that is not the root.",
        "RewriteBase /",
    ]
    if things:
        lines.append('RewriteRule "^id/(.+)$" "doc/$1" [R=303,L,NE]')
    for path, (status, to) in redirects:
        pattern = "".join(f"\\{c}" if c in r".^$*+?()[]{}|\\ " else c for c in path.lstrip("/"))
        lines.append(f'RewriteRule "^{pattern}$" "{_uri(to).lstrip("/")}" [R={status},L,NE]')
    return "\n".join([*lines, "</IfModule>", ""])


def _nginx(redirects: list[tuple[str, tuple[int, str]]], *, things: bool) -> str:
    media = [(variant.media_type, variant.suffix) for variant in GRAPH_VARIANTS]
    lines = [
        "# For nginx, to be included in a server block whose root is this folder. Above it, in http, has to stand:",
        "#",
        "#   map $http_accept $kg_suffix {",
        "#     default html;",
        *(f"#     ~*^{media_type.replace('+', '[+]')} {suffix};" for media_type, suffix in media),
        "#   }",
        "types {",
        *(f"  {kind.partition(';')[0]} {suffix};" for suffix, kind in _TYPES.items()),
        "  text/css css;",
        "  image/svg+xml svg;",
        "}",
        "charset utf-8;",
        "charset_types text/html text/turtle text/csv text/tab-separated-values text/css;",
        "default_type application/octet-stream;",
        'add_header Access-Control-Allow-Origin "*" always;',
        'add_header X-Content-Type-Options "nosniff" always;',
        'add_header Vary "Accept" always;',
        *(f'location = "{path}" {{ return {status} "{_uri(to)}"; }}' for path, (status, to) in redirects),
        *(['location ~ "^/id/(.+)$" { return 303 "/doc/$1"; }'] if things else []),
        "location / { try_files $uri $uri.$kg_suffix $uri.html $uri/index.html =404; }",
    ]
    return "\n".join([*lines, ""])


def _headers() -> str:
    lines = ["/*", "  Access-Control-Allow-Origin: *", "  X-Content-Type-Options: nosniff"]
    for suffix, kind in _TYPES.items():
        lines += [f"/*.{suffix}", f"  Content-Type: {kind}"]
    return "\n".join([*lines, ""])


def _uri(path: str) -> str:
    return quote(path, safe=_SAFE + "#?%")
