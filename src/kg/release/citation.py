"""What ``dataset.ttl`` says about a dataset -> how to cite it, as CITATION.cff (Citation File Format 1.2.0).

Only what is said there is written. The format demands authors, so a dataset without a creator or publisher that has a
name gets no such file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import pyoxigraph as ox
import yaml

from kg.project import Project
from kg.terms import PREFIXES, in_language

CITATION = "CITATION.cff"
_CREATIVE_COMMONS = re.compile(r"https?://creativecommons\.org/(licenses|publicdomain)/([a-z-]+)/(\d\.\d)/?")
_ORCID = re.compile(r"https?://orcid\.org/(\d{4}-){3}\d{3}[\dX]")
_DOI = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:)?(10\.\d{4,9}/\S+)", re.IGNORECASE)
_VCARD = "http://www.w3.org/2006/vcard/ns#"
_FOAF = PREFIXES["foaf"]

Facts = dict[tuple[str, str], list[ox.NamedNode | ox.Literal]]


def citation(project: Project, description: Iterable[ox.Quad]) -> bytes | None:
    """The file's content, in the order of the format's own examples; None if nobody is said to have made the dataset.

    ``description`` is what ``dataset.ttl`` says. Authors are its ``dcterms:creator``, else its ``dcterms:publisher``.
    """
    said: Facts = {}
    for quad in dict.fromkeys(description):  # a statement may stand in the file twice
        if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.NamedNode | ox.Literal):
            said.setdefault((quad.subject.value, quad.predicate.value), []).append(quad.object)

    def of_dataset(prefix: str, name: str) -> list[ox.NamedNode | ox.Literal]:
        return sorted(said.get((project.iri, PREFIXES[prefix] + name), []), key=str)

    creators = [_agent(said, value) for value in of_dataset("dcterms", "creator")]
    publishers = [_agent(said, value) for value in of_dataset("dcterms", "publisher")]
    authors = [agent for agent in creators if agent] or [agent for agent in publishers if agent]
    if not authors:
        return None
    wanted = project.languages
    keywords = [v for v in of_dataset("dcat", "keyword") if isinstance(v, ox.Literal)]
    contacts = [_contact(said, value) for value in of_dataset("dcat", "contactPoint")]
    pages = [v.value for v in of_dataset("dcat", "landingPage") if isinstance(v, ox.NamedNode)]
    dois = [match[1] for v in of_dataset("dcterms", "identifier") if (match := _DOI.fullmatch(v.value))]
    facts: dict[str, Any] = {
        "cff-version": "1.2.0",
        "message": "If you use this dataset, please cite it as below.",
        "type": "dataset",
        "title": in_language(project.title, wanted),
        "abstract": in_language(project.description, wanted),
        "authors": authors,
        "contact": [contact for contact in contacts if contact],
        "version": project.version,
        "date-released": project.date,
        "doi": next(iter(dois), None),
        "url": next(iter(pages), project.iri),
        "keywords": [v.value for v in keywords if v.language in (None, wanted[0])],
        "license": (spdx := _spdx(project.licence)),
        # The format has the address only where there is no identifier.
        "license-url": None if spdx else project.licence,
    }
    given = {name: fact for name, fact in facts.items() if fact}
    written: str = yaml.safe_dump(given, allow_unicode=True, sort_keys=False, width=120)
    return written.encode()


def _agent(said: Facts, agent: ox.NamedNode | ox.Literal) -> dict[str, str] | None:
    """A person or an entity of the format; None without a name."""
    if isinstance(agent, ox.Literal):
        return {"name": agent.value}
    family, given = _one(said, agent, _FOAF + "familyName"), _one(said, agent, _FOAF + "givenName")
    name = _one(said, agent, _FOAF + "name", _VCARD + "fn")
    if not (name or family):
        return None
    found = {"family-names": family, "given-names": given} if family else {"name": name}
    found["website"] = _one(said, agent, _FOAF + "homepage")
    found["orcid"] = agent.value if _ORCID.fullmatch(agent.value) else ""
    return {key: value for key, value in found.items() if value}


def _contact(said: Facts, contact: ox.NamedNode | ox.Literal) -> dict[str, str] | None:
    found = _agent(said, contact)
    if found is None or isinstance(contact, ox.Literal):
        return found
    email = _one(said, contact, _VCARD + "hasEmail", _FOAF + "mbox").removeprefix("mailto:")
    website = found.get("website") or _one(said, contact, _VCARD + "hasURL")
    return {key: value for key, value in (found | {"email": email, "website": website}).items() if value}


def _one(said: Facts, subject: ox.NamedNode, *predicates: str) -> str:
    values = (value.value for name in predicates for value in sorted(said.get((subject.value, name), []), key=str))
    return next(values, "")


def _spdx(licence: str) -> str | None:
    """The SPDX identifier of a licence of Creative Commons; the format allows no other name for a licence."""
    found = _CREATIVE_COMMONS.fullmatch(licence)
    if found is None:
        return None
    if found[1] == "publicdomain":
        return f"CC0-{found[3]}" if found[2] == "zero" else None
    return f"CC-{found[2].upper()}-{found[3]}"
