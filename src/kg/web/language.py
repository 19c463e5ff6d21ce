"""In which language a page speaks: chosen for each request, used by templates and by modules that make pages.

``?lang=de`` in the address wins, because it can be shared; then Accept-Language; then the first language of the
project that pages can be written in. A tag that nobody here speaks is ignored. Data formats know nothing of this.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from babel import Locale, UnknownLocaleError
from flask import Flask, Request, current_app, g, has_app_context, has_request_context, request
from jinja2 import pass_context
from jinja2.runtime import Context
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from kg.messages import Message
from kg.negotiate import RESOURCE_VARIANTS
from kg.representation.view import Labels
from kg.web import written
from kg.web.catalogues import SOURCE, languages, lookup, translations
from kg.web.site import Site

PARAMETER = "lang"
_DATA = tuple(f".{variant.suffix}" for variant in RESOURCE_VARIANTS if variant.format != "html")


@dataclass(frozen=True)
class Reader:
    """Who reads a page: the ``language`` of its words, and in which ``languages`` names are wanted, best first.

    ``asked`` is what the address asked for, "" if nothing; links of the page then ask for it too.
    """

    language: str = SOURCE
    languages: tuple[str, ...] = (SOURCE,)
    asked: str = ""

    @property
    def validator(self) -> str:
        """What tells a page for this reader from the same page for others."""
        names = self.languages[0] if self.languages[0] != self.language else ""
        return f"{self.language}{names and f'.{names}'}{'-asked' if self.asked else ''}"


@dataclass(frozen=True)
class Switch:
    """One language in the switch of a page: its tag, what it calls itself, and the address of the page in it."""

    language: str
    name: str
    href: str


def offered(project: Sequence[str]) -> tuple[str, ...]:
    """The languages of pages for a project that speaks these: those of its own that there are words in, else English.

    A tag of the project may be narrower than a catalogue's: pages for ``de-AT`` are in ``de``.
    """
    found = (lookup(tag, languages()) for tag in project)
    return tuple(dict.fromkeys(tag for tag in found if tag)) or (SOURCE,)


def choose(project: Sequence[str], asked: str | None, header: str | None) -> Reader:
    """The reader for the languages of a project, the parameter ``lang`` and the header Accept-Language (pure).

    A language of the project without a catalogue can be asked for too: then names are in it, and words in another.
    """
    spoken = offered(project)
    name = lookup(asked, [*project, *spoken]) if asked else None
    language = lookup(name, spoken) if name else None
    if language is None:
        language = _accepted(header, spoken) or spoken[0]
    order = dict.fromkeys([*([name] if name else []), *_near(language, project), language, *project])
    return Reader(language, tuple(order), name or "")


def _near(language: str, project: Sequence[str]) -> list[str]:
    """The project's own tags that are pages in this language."""
    return [tag for tag in project if lookup(tag, (language,))]


def _accepted(header: str | None, spoken: Sequence[str]) -> str | None:
    """The best of the languages for an Accept-Language header (RFC 9110, section 12.5.4); the earlier one of equals."""
    ranges = list(parse_accept_header(header, LanguageAccept)) if header else []
    refused = {tag.lower() for tag, quality in ranges if quality <= 0}
    open_ = [tag for tag in spoken if tag.lower() not in refused]
    for tag, quality in sorted(ranges, key=lambda item: -item[1]):
        if quality > 0 and (found := open_[0] if tag == "*" and open_ else lookup(tag, open_)) is not None:
            return found
    return None


def reader() -> Reader:
    """Who reads the page that is being made; outside of a request, a reader of English."""
    if not has_app_context():
        return Reader()
    if "reader" not in g:
        if not has_request_context():
            return Reader()
        site: Site = current_app.extensions["kg"].get()
        asked, header = asked_for(request.query_string.decode("latin-1")), request.headers.get("Accept-Language")
        chosen = choose(site.manifest.languages, asked, header)
        # Files of a frozen site are there once, so links lead to the one that is.
        g.reader = replace(chosen, asked="") if current_app.jinja_env.globals.get("frozen") else chosen
    found: Reader = g.reader
    return found


def read_by(site: Site, query: str, header: str | None) -> None:
    """Say who reads what is made in this application context, which has no request of its own."""
    g.reader = choose(site.manifest.languages, asked_for(query), header)


def labels_for(site: Site) -> Labels:
    """A finder of names in the reader's languages, empty at first."""
    return replace(site.labels(), languages=reader().languages)


def asked_for(query: str) -> str | None:
    """The language that a query string asks for; of several the first."""
    # Every page reads it; it is described once for all of them, not beside each route.
    return next((value for name, value in parse_qsl(query, keep_blank_values=True) if name == PARAMETER), None)


# -- words -------------------------------------------------------------------------------------------------------------


def gettext(text: str) -> str:
    """A text of the program in the reader's language."""
    return translations(reader().language).gettext(text)


def ngettext(one: str, many: str, number: int) -> str:
    """One of two texts, by number, in the reader's language and by its rules."""
    return translations(reader().language).ngettext(one, many, number)


def pgettext(context: str, text: str) -> str:
    """As ``gettext``, for a text that means several things: ``context`` says which."""
    return translations(reader().language).pgettext(context, text)


def npgettext(context: str, one: str, many: str, number: int) -> str:
    """As ``ngettext``, for a text that means several things."""
    return translations(reader().language).npgettext(context, one, many, number)


def told(text: str) -> str:
    """What a module says as a Message, in the reader's language; any other text stays as it is."""
    if not isinstance(text, Message) or not text.pattern:
        return text
    pattern = gettext(text.pattern)
    # A value may be a sentence of the program itself.
    values = {name: told(value) if isinstance(value, str) else value for name, value in text.values.items()}
    return pattern % values if values else pattern


def is_foreign(language: str) -> bool:
    """True if what is in this language has to say so on the page: ``de-AT`` need not on a page in ``de``."""
    return bool(language) and lookup(language, (reader().language,)) is None


def needs_english(text: str) -> bool:
    """True if a text of the program will be English on a page that is not."""
    return reader().language != SOURCE and (not isinstance(text, Message) or told(text) == str(text))


# -- addresses ---------------------------------------------------------------------------------------------------------


def stay(address: str) -> str:
    """An address of this site as a page links to it whose own address asks for a language: with the same one.

    What leads to data stays as it is, and so does what already says a language.
    """
    return _asking(address, reader().asked)


def keep(site: Site, address: str) -> str:
    """An address of this site for use elsewhere: with the language of this page if it is asked for, or not the first of
    the site, in which the address would be read by those who prefer none of its languages.
    """
    language = reader().language
    return _asking(address, reader().asked or (language if language != offered(site.manifest.languages)[0] else ""))


def _asking(address: str, language: str) -> str:
    if not language or not address.startswith(("/", "?")) or address.startswith("//"):
        return address
    parts = urlsplit(address)
    given = dict(parse_qsl(parts.query, keep_blank_values=True))
    if parts.path.endswith(_DATA) or PARAMETER in given or "format" in given:
        return address
    before, mark, fragment = address.partition("#")
    return f"{before}{'&' if parts.query else '?'}{urlencode({PARAMETER: language})}{mark}{fragment}"


def switches(site: Site, asked: Request, path: str = "") -> list[Switch]:
    """The languages that this very page can be had in, if there are several; the rest of its address stays.

    ``path`` is that of a page which stands in several places.
    """
    spoken = offered(site.manifest.languages)
    if len(spoken) < 2 or asked.method not in ("GET", "HEAD"):
        return []
    at, rest = _address(site, asked, path)
    return [Switch(tag, own_name(tag), f"{at}?{urlencode([*rest, (PARAMETER, tag)])}") for tag in spoken]


def plain_address(site: Site, asked: Request, path: str = "") -> str:
    """The address of this page without a language: it answers in the one that a client prefers. ``path`` as above."""
    at, rest = _address(site, asked, path)
    return at + (f"?{urlencode(rest)}" if rest else "")


def _address(site: Site, asked: Request, path: str) -> tuple[str, list[tuple[str, str]]]:
    """The path of a page and what it is asked with but the language; the same for all addresses of the same page."""
    rest = [(name, value) for name, value in asked.args.items(multi=True) if name != PARAMETER and value]
    return site.prefix + (path or asked.path.removesuffix(".html")), rest


def own_name(tag: str) -> str:
    """What a language calls itself, ``Deutsch`` for ``de``; the tag of one that CLDR has no name for."""
    try:
        name = Locale.parse(tag, sep="-").get_display_name()
    except (UnknownLocaleError, ValueError):
        name = None
    return name[0].upper() + name[1:] if name else tag


# -- templates ---------------------------------------------------------------------------------------------------------


def teach(app: Flask) -> None:
    """Give the templates of an application words, numbers, dates and addresses in the reader's language."""
    env = app.jinja_env
    env.add_extension("jinja2.ext.i18n")
    env.policies["ext.i18n.trimmed"] = True
    install: Callable[..., None] = env.install_gettext_callables  # type: ignore[attr-defined]
    install(gettext, ngettext, newstyle=True, pgettext=pgettext, npgettext=npgettext)
    env.globals["reader"] = reader
    env.tests |= {"foreign": is_foreign, "english": needs_english}
    filters: dict[str, Callable[[Any], Any]] = {
        "stay": stay,
        "told": told,
        "number": lambda value: written.number(value, reader().language),
        "day": lambda value: written.time_element(value, reader().language),
        "brief": lambda value: written.brief(value, reader().language),
        "written": lambda term: written.literal(term.text, term.kind, reader().language),
        "amount": lambda text: written.amount(text, reader().language),
        "numeral": lambda text: written.numeral(text, reader().language),
        "bytes": lambda value: written.size(value, reader().language),
        "own_name": own_name,
    }
    # Jinja works out what a filter makes of a constant only once, unless the filter depends on the page.
    env.filters |= {name: _on_each_page(function) for name, function in filters.items()}


def _on_each_page(function: Callable[[Any], Any]) -> Callable[[Context, Any], Any]:
    @pass_context
    def filtered(_: Context, value: Any) -> Any:
        return function(value)

    return filtered
