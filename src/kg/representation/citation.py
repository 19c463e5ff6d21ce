"""How a page is cited: as text, for BibTeX and BibLaTeX, as CSL-JSON and as RIS (pure).

All of it comes from the dataset's own description and from the release, so that it never changes: the date is that of
the release. A day of access is for the reader to add. It would differ with every call, and what is cited cannot change.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pylatexenc.latexencode import RULE_CALLABLE, RULE_DICT, UnicodeToLatexConversionRule, UnicodeToLatexEncoder

from kg.engine import Answerer
from kg.engine.solutions import select
from kg.messages import Message
from kg.release.manifest import Manifest
from kg.terms import PREFIXES, graph_iri

_ROLES = ("creator", "publisher")
_FOAF, _VCARD = PREFIXES["foaf"], "http://www.w3.org/2006/vcard/ns#"
_DATE = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?")
_NOT_IN_KEYS = re.compile(r"[^A-Za-z0-9.]+")


@dataclass(frozen=True)
class Agent:
    """Who made or publishes something: a person by ``family`` and ``given`` name, anybody else by ``name`` alone."""

    name: str
    family: str = ""
    given: str = ""

    @property
    def inverted(self) -> str:
        """The name as lists sort it: ``Müller, Anna``."""
        return ", ".join(filter(None, (self.family, self.given))) if self.family else self.name


@dataclass(frozen=True)
class Citation:
    """What is cited: the thing called ``title`` on a page of the ``dataset``, as it was in a release.

    ``url`` is the address that fixes the release, ``iri`` that of the thing ("" if it has none); ``title`` is "" where
    the dataset as a whole is cited. ``date`` is a year, month or day (ISO 8601).
    """

    key: str
    title: str
    dataset: str
    version: str
    date: str
    url: str
    iri: str
    licence: str
    language: str
    authors: tuple[Agent, ...] = ()
    publishers: tuple[Agent, ...] = ()

    @property
    def name(self) -> str:
        """What stands in the place of a title."""
        return self.title or self.dataset

    @property
    def publisher(self) -> str:
        """The publishers by name, "" if they are those who made it, which then need not be said twice."""
        named = [agent.name for agent in self.publishers]
        return "" if named == [agent.name for agent in self.authors] else "; ".join(named)

    @property
    def day(self) -> tuple[int, ...]:
        """The date as numbers: year, month, day, as far as they are said."""
        found = _DATE.fullmatch(self.date)
        return tuple(int(part) for part in found.groups() if part) if found else ()


def makers(engine: Answerer, manifest: Manifest) -> dict[str, tuple[Agent, ...]]:
    """Who made (``creator``) and who publishes (``publisher``) the dataset, by what its description says.

    Without a creator that has a name the publishers are the creators, as in ``CITATION.cff``.
    """
    roles = " ".join(f'("{role}" <{PREFIXES["dcterms"]}{role}>)' for role in _ROLES)
    said = (
        f"VALUES (?role ?p) {{ {roles} }} <{manifest.dataset}> ?p ?agent . "
        f"OPTIONAL {{ ?agent <{_FOAF}name>|<{_VCARD}fn> ?name }} "
        f"OPTIONAL {{ ?agent <{_FOAF}familyName> ?family }} OPTIONAL {{ ?agent <{_FOAF}givenName> ?given }}"
    )
    meta = graph_iri(manifest.base, "meta")
    asked = f"SELECT DISTINCT * {{ {{ {said} }} UNION {{ GRAPH <{meta}> {{ {said} }} }} }}"
    found: dict[str, dict[str, Agent]] = {role: {} for role in _ROLES}
    rows = [
        {name: clean(term["value"]) for name, term in row.items()} | {"kind": row["agent"]["type"]}
        for row in select(engine, asked)
    ]
    for row in sorted(rows, key=lambda row: sorted(row.items())):
        family, given = row.get("family", ""), row.get("given", "")
        name = row.get("name", "") or " ".join(filter(None, (given, family)))
        if name := name or (row["agent"] if row["kind"] == "literal" else ""):
            found[row["role"]].setdefault(row["agent"], Agent(name, family, given))
    by_role = {role: tuple(agents.values()) for role, agents in found.items()}
    return by_role | {"creator": by_role["creator"] or by_role["publisher"]}


def key_of(dataset: str, version: str, address: str, digest: str = "") -> str:
    """A key that any program for references accepts: ``pledge-graph-0.3.0-state-ITA``."""
    plain = unicodedata.normalize("NFKD", f"{dataset}-{version}-{address}").encode("ascii", "ignore").decode()
    parts = [_NOT_IN_KEYS.sub("-", plain).strip("-.")[:80].strip("-.") or "dataset", digest]
    return "-".join(filter(None, parts))


def clean(text: str) -> str:
    """A text in one line, without characters that are no text."""
    visible = (" " if unicodedata.category(c) in ("Cc", "Zl", "Zp", "Cs") else c for c in text)
    return " ".join("".join(visible).split())


# -- as text -----------------------------------------------------------------------------------------------------------


def as_text(citation: Citation, told: Callable[[str], str] = str) -> str:
    """The citation as a sentence of a list of references; ``told`` says the program's words in a reader's language."""
    c = citation
    who = "; ".join(agent.inverted for agent in c.authors)
    year = f"({c.day[0]})" if c.day else ""
    kind = Message("data set")
    of = (
        Message("In: %(dataset)s, version %(version)s of %(date)s", dataset=c.dataset, version=c.version, date=c.date)
        if c.title
        else Message("Version %(version)s of %(date)s", version=c.version, date=c.date)
    )
    parts = [
        " ".join(filter(None, (who, year))),
        c.name,
        f"{told(of)} [{told(kind)}]",
        c.publisher,
        c.url,
        told(Message("IRI: %(iri)s", iri=c.iri)) if c.iri else "",
        told(Message("Licence: %(licence)s", licence=c.licence)) if c.licence else "",
    ]
    # An address ends where a space begins; elsewhere a second full stop would be one too many.
    return " ".join(part if part.endswith((".", "?", "!")) or "://" in part else f"{part}." for part in parts if part)


# -- BibTeX ------------------------------------------------------------------------------------------------------------


def as_bibtex(citation: Citation) -> str:
    """An entry ``@misc`` for classic BibTeX, whose styles print of an address only what ``howpublished`` says."""
    c = citation
    year, month, *_ = [*c.day, 0, 0]
    fields = [
        ("author", _bibtex_names(c.authors)),
        ("title", f"{{{latex(c.name)}}}"),
        ("howpublished", rf"\url{{{_verbatim(c.url)}}}"),
        ("year", str(year) if year else ""),
        ("month", str(month) if month else ""),
        ("publisher", _braced(c.publisher)),
        ("note", ". ".join(_notes(c))),
    ]
    return _entry("misc", c.key, fields)


def as_biblatex(citation: Citation) -> str:
    """An entry ``@dataset`` for BibLaTeX."""
    c = citation
    fields = [
        ("author", _bibtex_names(c.authors)),
        ("title", f"{{{latex(c.name)}}}"),
        ("series", f"{{{latex(c.dataset)}}}" if c.title else ""),
        ("date", c.date if c.day else ""),
        ("version", latex(c.version)),
        ("publisher", _braced(c.publisher)),
        ("url", _verbatim(c.url)),
        ("note", ". ".join(_notes(c)[1:])),
    ]
    return _entry("dataset", c.key, fields)


def latex(text: str) -> str:
    """A text for LaTeX: what LaTeX reads as a command is written as one that prints it, and Latin letters with accents
    in the way that programs of any age sort right; letters of other scripts stay as they are (UTF-8).
    """
    return str(_ENCODER.unicode_to_latex(clean(text)))


def _beyond_latin(text: str, position: int) -> tuple[int, str] | None:
    return (1, text[position]) if ord(text[position]) > _LAST_LATIN else None


_LAST_LATIN = 0x24F
_ENCODER = UnicodeToLatexEncoder(
    non_ascii_only=False,
    conversion_rules=[
        UnicodeToLatexConversionRule(
            RULE_DICT,
            # BibTeX counts braces, also those after a backslash. The quotation mark has no direction.
            {
                ord("{"): r"\textbraceleft",
                ord("}"): r"\textbraceright",
                ord("<"): r"\textless",
                ord(">"): r"\textgreater",
                ord('"'): '"',
                # The library gives them another letter: stay as they are, or as LaTeX has them.
                **{ord(letter): letter for letter in "·ĦħĸĿŀŉŦŧ"},
                ord("Ű"): r"\H{U}",
                ord("ű"): r"\H{u}",
            },
        ),
        UnicodeToLatexConversionRule(RULE_CALLABLE, _beyond_latin),
        "defaults",
    ],
    replacement_latex_protection="braces-all",
    unknown_char_policy="keep",
    unknown_char_warning=False,
)


def _bibtex_names(agents: Sequence[Agent]) -> str:
    """The names as BibTeX reads them: of a person the family name first, anybody else in braces, so that "and" in a
    name parts nothing.
    """
    return " and ".join(
        f"{{{latex(agent.family)}}}, {{{latex(agent.given)}}}" if agent.family and agent.given else _braced(agent.name)
        for agent in agents
    )


def _braced(text: str) -> str:
    return f"{{{latex(text)}}}" if text else ""


def _verbatim(address: str) -> str:
    """An address as it stands in ``url``, where nothing is a command: without what would end the field."""
    return address.translate({ord("{"): "%7B", ord("}"): "%7D", ord("\\"): "%5C", ord(" "): "%20"})


def _notes(c: Citation) -> list[str]:
    of = f"{latex(c.dataset)}, version {latex(c.version)}" if c.title else f"Version {latex(c.version)}"
    return [
        of,
        *([rf"IRI: \url{{{_verbatim(c.iri)}}}"] if c.iri else []),
        *([rf"Licence: \url{{{_verbatim(c.licence)}}}"] if c.licence else []),
    ]


def _entry(kind: str, key: str, fields: Sequence[tuple[str, str]]) -> str:
    return f"@{kind}{{{key},\n" + "".join(f"  {name} = {{{value}}},\n" for name, value in fields if value) + "}\n"


# -- CSL-JSON and RIS --------------------------------------------------------------------------------------------------


def as_csl(citation: Citation) -> str:
    """A list with one item of CSL-JSON 1.0.2, the input format of citeproc."""
    c = citation
    item: dict[str, object] = {
        "id": c.key,
        "type": "dataset",
        "title": c.name,
        "container-title": c.dataset if c.title else "",
        "author": [_csl_name(agent) for agent in c.authors],
        "issued": {"date-parts": [[*c.day]]} if c.day else {},
        "version": c.version,
        "publisher": c.publisher,
        "URL": c.url,
        "language": c.language,
        # There is no place of its own for these two.
        "note": "; ".join(part for part in (c.iri and f"IRI: {c.iri}", c.licence and f"Licence: {c.licence}") if part),
    }
    lines = (f"{json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}" for name, value in item.items() if value)
    return "[{\n  " + ",\n  ".join(lines) + "\n}]\n"


def _csl_name(agent: Agent) -> dict[str, str]:
    if agent.family and agent.given:
        return {"family": agent.family, "given": agent.given}
    return {"literal": agent.name}


def as_ris(citation: Citation) -> str:
    """A record of RIS: lines of two letters, two spaces, a hyphen, a space and the value; they end with CR LF."""
    c = citation
    lines = [("TY", "DATA"), *(("AU", agent.inverted) for agent in c.authors), ("TI", c.name)]
    lines += [("T2", c.dataset)] if c.title else []
    lines += [("PY", f"{c.day[0]:04}"), ("DA", "/".join(f"{n:02}" for n in c.day))] if c.day else []
    lines += [("ET", c.version), ("PB", c.publisher), ("UR", c.url), ("LA", c.language)]
    lines += [("N1", f"IRI: {c.iri}")] if c.iri else []
    lines += [("N1", f"Licence: {c.licence}")] if c.licence else []
    return "".join(f"{tag}  - {clean(value)}\r\n" for tag, value in lines if value) + "ER  - \r\n"
