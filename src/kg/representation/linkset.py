"""Links between resources, written apart from them (pure): a header's value (RFC 8288), and link sets (RFC 9264).

A link is (target, relation, attributes); several relations may stand in one, divided by blanks.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from urllib.parse import quote, urljoin

Link = tuple[str, str, Mapping[str, str]]
# What may stand in a URI as it is, "%" of what is encoded already included (RFC 3987, section 3.1).
_URI_SAFE = "%/:?#[]@!$&'()*+,;=~-._"

# Attributes that stand once; all others have a list of values in JSON (RFC 9264, sections 4.2.4.1 to 4.2.4.3).
_SINGLE = ("media", "title", "type")


def as_uri(iri: str) -> str:
    """The URI that an IRI maps to (RFC 3987, section 3.1); what no IRI may hold is encoded, too."""
    return quote(iri, safe=_URI_SAFE)


def header(link: Link) -> str:
    """One link as it stands in a Link header (RFC 8288, section 3)."""
    target, relation, attributes = link
    extra = "".join(f"; {name}={_quoted(value)}" for name, value in attributes.items())
    return f'<{as_uri(target)}>; rel="{relation}"{extra}'


def as_text(contexts: Mapping[str, Iterable[Link]]) -> bytes:
    """Links as ``application/linkset`` (RFC 9264, section 4.1): for each context (an absolute IRI) its links."""
    lines = [
        header((urljoin(context, target), relation, {"anchor": as_uri(context), **attributes}))
        for context, links in contexts.items()
        for target, relation, attributes in links
    ]
    return (",\n".join(lines) + "\n").encode()


def as_json(contexts: Mapping[str, Iterable[Link]]) -> bytes:
    """Links as ``application/linkset+json`` (RFC 9264, section 4.2): for each context (an absolute IRI) its links."""
    sets = []
    for context, links in contexts.items():
        told: dict[str, list[dict[str, str | list[str]]]] = {}
        for target, relations, attributes in links:
            entry: dict[str, str | list[str]] = {"href": as_uri(urljoin(context, target))}
            entry |= {name: value if name in _SINGLE else [value] for name, value in attributes.items()}
            for relation in relations.split():
                told.setdefault(relation, []).append(entry)
        sets.append({"anchor": as_uri(context), **told})
    return (json.dumps({"linkset": sets}, ensure_ascii=False, indent=1) + "\n").encode()


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
