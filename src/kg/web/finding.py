"""What somebody searches for, read from an address, and how what is found is called (``search``, ``opensearch``)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from urllib.parse import urlencode

from flask import Request
from werkzeug.exceptions import BadRequest, NotFound

from kg.findings import compact
from kg.messages import Message
from kg.representation.view import Term
from kg.search import Hit, LabelIndex
from kg.search.facets import complete
from kg.terms import document_iri, whole
from kg.web.site import Site

LIMIT, MOST = 20, 100
KINDS = 20  # classes and schemes that one may ask for at once
PARAMETERS = ("q", "type", "label_lang", "lang", "offset", "limit", "format")
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")  # RFC 4647, basic language range
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|\\^`\x7f]*")  # RFC 3987, what matters of it


@dataclass(frozen=True)
class Asked:
    """What was asked: the text (None if there was none), filters, the language of the names, and which results."""

    q: str | None
    type: tuple[str, ...]
    label_lang: str | None
    lang: str | None
    offset: int
    limit: int

    def address(self, **changed: object) -> str:
        """The path and query that ask for it, with some values ``changed``."""
        values = {name: value for name, value in {**asdict(self), **changed}.items() if value}
        if values.get("limit") == LIMIT:
            del values["limit"]
        return f"/search?{urlencode(values, doseq=True)}"


def language_of(site: Site, asked: Asked, reading: str = "") -> str:
    """The language of the names in the answer; ``reading`` is that of the page, if it is one."""
    return asked.lang or reading or site.manifest.languages[0]


def index_of(site: Site) -> LabelIndex:
    """The index of labels. Raises NotFound for a release that was made before there was one."""
    if not site.release.labels.exists():
        raise NotFound(Message("release %(release)s is from before there was a search", release=site.manifest.name))
    return site.search_index


def read(request: Request, limit: int = LIMIT, most: int = MOST) -> Asked:
    """The parameters; what is given empty is not given. Raises BadRequest, which says which one is wrong."""
    for name in PARAMETERS:
        if name != "type" and len(request.args.getlist(name)) > 1:
            raise BadRequest(Message("the parameter '%(name)s' can be given once", name=name))
    kinds = tuple(dict.fromkeys(kind for kind in request.args.getlist("type") if kind))
    if len(kinds) > KINDS:
        raise BadRequest(Message("the parameter 'type' can be given %(times)s times", times=KINDS))
    if wrong := next((kind for kind in kinds if not _IRI.fullmatch(kind)), None):
        raise BadRequest(Message("type must be the IRI of a class or concept scheme, not %(given)r", given=wrong[:100]))
    return Asked(
        request.args.get("q"),
        kinds,
        _tag(request, "label_lang"),
        _tag(request, "lang"),
        _number(request, "offset", 0, 0, 10**9),
        _number(request, "limit", limit, 1, most),
    )


def completed(site: Site, asked: Asked) -> list[Hit]:
    """What somebody may be typing the name of. Raises NotFound as ``index_of`` does."""
    language = language_of(site, asked)
    return complete(index_of(site), asked.q or "", asked.type, asked.label_lang, language, asked.limit)


def document_path(site: Site, iri: str) -> str | None:
    """Where the document about a thing is on this site; None for somebody else's thing."""
    base, thing = site.manifest.base, whole(iri)
    if not iri.startswith(base) or thing == base or thing in site.hash_documents:
        return site.path(iri)
    return site.path(document_iri(base, thing) + iri.removeprefix(thing))


def own_kinds(site: Site, kinds: Sequence[str]) -> tuple[str, ...]:
    """The project's own classes and schemes, which say more than the foreign ones; if there are none, all."""
    return tuple(kind for kind in kinds if kind.startswith(site.manifest.base)) or tuple(kinds)


def kind_name(site: Site, iri: str, language: str, href: str = "") -> Term:
    """A class or scheme by its name."""
    manifest = site.manifest
    named = site.search_index.label(iri, language)
    text, tag = named or (compact(iri, manifest.base, manifest.prefixes), "")
    return Term(text, href, iri, tag)


def kinds_in_words(site: Site, hit: Hit, language: str) -> str:
    """What a thing that was found is: the names of a few of its own kinds."""
    return ", ".join(kind_name(site, kind, language).text for kind in own_kinds(site, hit.kinds)[:3])


def _tag(request: Request, name: str) -> str | None:
    value = request.args.get(name) or None
    if value is not None and not _LANGUAGE.fullmatch(value):
        raise BadRequest(
            Message("%(name)s must be a language tag such as 'de', not %(given)r", name=name, given=value[:100])
        )
    return value and value.lower()  # case means nothing in a tag (RFC 5646, section 2.1.1)


def _number(request: Request, name: str, default: int, least: int, most: int) -> int:
    value = request.args.get(name) or str(default)
    if not (value.isascii() and value.isdigit() and len(value) <= len(str(most)) and least <= int(value) <= most):
        told = Message(
            "%(name)s must be a number from %(least)s to %(most)s, not %(given)r",
            name=name,
            least=least,
            most=most,
            given=value[:100],
        )
        raise BadRequest(told)
    return int(value)
