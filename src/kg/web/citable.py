"""What of the site can be cited, and how a page says so: the address for ever, the citation, and what can be taken.

Citable is what shows data: the page about a thing, an answer, the front page. Addresses in citations begin with the
base IRI, which outlives the host that answers today; links on pages stay on the host.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from flask import has_request_context, request
from markupsafe import Markup

from kg.messages import Message
from kg.negotiate import TEXT, Variant
from kg.representation import citation
from kg.representation.citation import Citation
from kg.representation.document import Document
from kg.representation.linkset import as_uri
from kg.representation.parameters import Field
from kg.terms import document_iri, in_language, local_path
from kg.web.language import keep, reader, told
from kg.web.questions import Asked
from kg.web.site import Site

BIBTEX = Variant("bibtex", "application/x-bibtex", "bib", "BibTeX")
BIBLATEX = Variant("biblatex", "application/x-bibtex", "bib", "BibLaTeX")
CSL = Variant("csl", "application/vnd.citationstyles.csl+json", "json", "CSL-JSON")
RIS = Variant("ris", "application/x-research-info-systems", "ris", "RIS")
# The first is what a client gets that accepts everything.
CITATIONS = (TEXT, BIBTEX, BIBLATEX, CSL, RIS)

# Characters of an address that can be cited: more is refused in places that addresses pass through.
LONGEST = 8_000
# Width and height of a frame, in pixels.
SMALL, LARGE = (480, 400), (960, 640)
# What a page in a frame may do: open links in a window of their own, and nothing else.
_SANDBOX = "allow-popups allow-popups-to-escape-sandbox"


@dataclass(frozen=True)
class Citable:
    """Something that can be cited: its ``title`` ("" is the dataset as a whole), and its ``address`` in any release.

    ``iri`` is that of the thing, "" if there is none. ``size`` is that of its card; None if there is no card. Without
    ``files`` it is cited on its page only.
    """

    title: str
    address: str
    iri: str = ""
    size: tuple[int, int] | None = SMALL
    files: bool = True


@dataclass(frozen=True)
class Cited:
    """What a page says of itself under "Cite and take".

    ``forever`` and ``card`` are addresses on this host; ``downloads`` those of the citation in each format; ``frame``
    is the code for other people's pages, ``discovered`` the address by which their programs find it (oEmbed). Without
    a card the last three are "".
    """

    forever: str
    texts: tuple[tuple[str, str], ...]
    text: str
    downloads: tuple[tuple[Variant, str], ...]
    card: str = ""
    frame: str = ""
    discovered: str = ""


def of_thing(site: Site, thing: str, title: str, query: str = "", more: Sequence[str] = ()) -> Citable:
    """The page about a thing. ``query`` asks for what stands on it, which ``more`` says in words."""
    at = thing if thing in site.hash_documents else document_iri(site.manifest.base, thing)
    path = local_path(site.manifest.base, at) or "/"
    whole = thing == site.manifest.dataset and not more
    words = f"{title} ({'; '.join(more)})" if more else title
    listed = thing in site.hash_documents
    return Citable("" if whole else words, path + (f"?{query}" if query else ""), thing, None if listed else SMALL)


def of_question(site: Site, asked: Asked, title: str) -> Citable | None:
    """The page of a question with the values that were given; None if they are wrong. What is no table has no card."""
    if not asked.form.sound:
        return None
    chosen = [field for field in asked.form.fields if field.name in asked.given]
    query = urlencode(sorted(asked.given.items()), doseq=True)
    found = of_thing(site, asked.question.iri, title, query, values_in_words(chosen))
    return replace(found, size=LARGE if asked.tabular else None)


def of_document(site: Site, document: Document, title: str) -> Citable:
    """A page about a thing."""
    if document.page > 1:
        more = told(Message("page %(page)s", page=document.page))
        return replace(of_thing(site, document.thing, title, f"page={document.page}", [more]), size=None)
    return of_thing(site, document.thing, title)


def of_list(site: Site, thing: str, title: str, listed: str, query: str) -> Citable:
    """The page with all values of one property of a thing; ``listed`` is its IRI."""
    return replace(of_thing(site, thing, title, query, [site.labels().short(listed)]), size=None)


def of_page(
    site: Site,
    path: str,
    title: str,
    given: Mapping[str, Sequence[str]],
    chosen: Iterable[Field],
    more: Iterable[str] = (),
) -> Citable:
    """A page of the project with the values ``given``, which ``chosen`` are the fields of; ``more`` is said as well."""
    query = urlencode(sorted(given.items()), doseq=True)
    words = [*values_in_words(chosen), *more]
    return Citable(
        f"{title} ({'; '.join(words)})" if words else title,
        path + (f"?{query}" if query else ""),
        site.manifest.dataset,
        LARGE,
    )


def of_answer(fields: Sequence[tuple[str, str]], drawn: str = "") -> Citable:
    """The answer to a query; ``fields`` are what it is asked with. ``drawn`` as a chart it has no card."""
    address = f"/sparql?{urlencode([*fields, *([('view', drawn)] if drawn else [])])}"
    return Citable(told(Message("Answer to a SPARQL query")), address, "", None if drawn else LARGE)


def of_changes(title: str, address: str, only: Sequence[str]) -> Citable:
    """What changed between releases; ``only`` are the things or classes that it was narrowed down to."""
    return Citable(f"{title} ({'; '.join(only)})" if only else title, address, size=None, files=False)


def values_in_words(fields: Iterable[Field]) -> list[str]:
    """Values of parameters, as a reader is told of them."""
    return [f"{in_language(f.says, reader().languages) or f.name}: {told(f.shown)}" for f in fields]


def citation_of(site: Site, citable: Citable) -> Citation:
    """How to cite it as it is in the release of the site, in the reader's language."""
    manifest = site.manifest
    made = site.kept("makers", lambda: citation.makers(site.answers, manifest))
    dataset = in_language(manifest.title, reader().languages) or manifest.dataset
    path, asked, _ = citable.address.partition("?")
    digest = hashlib.sha256(citable.address.encode()).hexdigest()[:8] if asked else ""
    title = citation.clean(citable.title)
    return Citation(
        citation.key_of(dataset, manifest.version, path.removeprefix("/doc/"), digest),
        "" if title == dataset else title,
        citation.clean(dataset),
        manifest.version,
        manifest.date,
        as_uri(manifest.base + forever(site, citable).removeprefix("/")),
        citable.iri,
        manifest.licence,
        reader().languages[0],
        made["creator"],
        made["publisher"],
    )


def written(cited: Citation, variant: Variant) -> str:
    """A citation in one of the formats."""
    if variant is TEXT:
        return citation.as_text(cited, told) + "\n"
    makers = {BIBTEX: citation.as_bibtex, BIBLATEX: citation.as_biblatex, CSL: citation.as_csl, RIS: citation.as_ris}
    return makers[variant](cited)


def forever(site: Site, citable: Citable) -> str:
    """Its address in this release, which answers the same whatever comes later."""
    return f"/release/{site.manifest.name}{citable.address}"


def cited(site: Site, citable: Citable) -> Cited:
    """What the page of it says of citing and taking."""
    said = citation_of(site, citable)
    here = f"/release/{site.manifest.name}"
    mark = "&" if "?" in citable.address else "?"
    files = CITATIONS if citable.files else ()
    downloads = [(v, f"{here}/cite{citable.address}{mark}_format={v.format}") for v in files]
    texts = tuple((v.title, written(said, v)) for v in (BIBTEX, BIBLATEX, CSL))
    common = (forever(site, citable), texts, citation.as_text(said, told), tuple(downloads))
    if citable.size is None:
        return Cited(*common)
    card = f"{here}/embed{citable.address}"
    # Its title is in the language of this page, so what it frames must be too.
    framed = frame(as_uri(site.manifest.base + keep(site, card).removeprefix("/")), said.name, citable.size)
    return Cited(*common, card, framed, discovered(site, citable))


def frame(address: str, title: str, size: tuple[int, int]) -> str:
    """The HTML that shows a card on somebody else's page; neither can reach into the other."""
    return str(
        Markup(
            '<iframe src="{}" title="{}" width="{}" height="{}" sandbox="{}" loading="lazy" '
            'style="max-width:100%;border:0"></iframe>'
        ).format(address, title, *size, _SANDBOX)
    )


def discovered(site: Site, citable: Citable) -> str:
    """The address by which programs find the card of this page (oEmbed, section 4): whole, as they want it."""
    if not has_request_context():
        return ""
    root = request.host_url.rstrip("/")
    return f"{root}/oembed?" + urlencode({"url": root + site.prefix + keep(site, citable.address), "format": "json"})
