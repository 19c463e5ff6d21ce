"""Writes data/reference/names-offices.ttl: what offices and public bodies are called in ten languages.

An office is a title and whom it belongs to: "Prime Minister (Italy)". The titles are words of every dictionary and
stand in titles.csv, by what the data calls them in English; the kinds of public bodies stand in bodies.csv. Whom they
belong to has names in data/. What people say is made of both, and of "Italian" where there is a list of such words:

    npm pack i18n-nationality && tar xzf i18n-nationality-*.tgz
    python tools/office_names.py package data/reference/country-codes.csv

The second file is that of datasets/country-codes: an embassy is known by the capital that it is in, too.
"""

from __future__ import annotations

import csv
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyoxigraph as ox
from country_names import NAMES, ROOT, TOLD, known_labels

REFERENCE = ROOT / "data" / "reference"
OFFICES = ROOT / "data" / "offices" / "offices.ttl"
HERE = Path(__file__).parent
# Where a holder's names in use are; its formal and former ones are not said with a title.
IN_USE = (*TOLD, NAMES, REFERENCE / "names-used.ttl", REFERENCE / "names-spoken.ttl")
# Organisations have no names in use but these.
OF_ORGANISATIONS = REFERENCE / "names-eu.ttl"
_BASE = "https://w3id.org/pledge-graph/"
# Nouns in bodies.csv and titles.csv that are not masculine.
_FEMININE = {
    "ambasciata", "ambassade", "asamblea", "assemblea", "assemblée", "botschaft", "camera", "chambre", "cámara",
    "embajada", "kammer", "nationalversammlung", "seconda", "seconde", "segunda", "sprecherin",
}  # fmt: skip
_NEUTER = {"abgeordnetenhaus", "parlament", "unterhaus"}
_OF = f"{_BASE}ns#officeOf"
_PART_OF = "http://purl.org/dc/terms/isPartOf"
_LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
_TWO = f"{_BASE}ns#isoAlpha2"
_HEADER = """\
# What offices and public bodies are called in ten languages: titles and kinds of bodies with the names of whom they
# belong to. The first is a name to show, the others are only to be found by.
#
# Titles and kinds: tools/titles.csv and tools/bodies.csv; names: the other files names*.ttl; words such as "Italian":
# i18n-nationality 1.4.0 (npm), Copyright (c) 2016 widdix GmbH (MIT); capitals: datasets/country-codes@caa72d1
# data/country-codes.csv (PDDL-1.0). Written by tools/office_names.py and not by hand.

@base <https://w3id.org/pledge-graph/id/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
"""


def main(package: Path, country_codes: Path) -> None:
    """Read the sources and write the file. Raises OSError or KeyError for sources of another form or a new title."""
    names = _names_in_use()
    codes = dict(_values([TOLD[0]], _TWO))
    adjectives = _adjectives(package)
    own = known_labels([OFFICES, TOLD[1]])
    with country_codes.open(encoding="utf-8", newline="") as text:
        capitals = {row["ISO3166-1-Alpha-2"]: row["Capital"] for row in csv.DictReader(text)}
    blocks = [_HEADER]
    for iri, holder, titles in sorted([*_offices(), *_bodies()]):
        place = _host(own[iri], holder, names)
        shown, found = [], []
        for language, said in titles.items():
            of_place = [] if place is None else [*names[place].get(language, ())[:1], capitals[codes[place]]]
            new = _said(
                language, said, names[holder].get(language, []), adjectives.get(codes.get(holder, "")), of_place
            )
            known = {text.casefold() for spoken, text in own[iri] if spoken == language}
            new = [text for text in dict.fromkeys(new) if text.casefold() not in known]
            # What the data says itself in a language is better than what is made up of words.
            shown += [(language, text) for text in new[:1] if not known]
            found += [(language, text) for text in new[0 if known else 1 :]]
        lines = [
            f"{prop}\n        "
            + " ,\n        ".join(f"{json.dumps(text, ensure_ascii=False)}@{language}" for language, text in values)
            for prop, values in (("skos:altLabel", shown), ("skos:hiddenLabel", found))
            if values
        ]
        blocks.append(f"<{iri.removeprefix(f'{_BASE}id/')}> " + " ;\n    ".join(lines) + " .\n")
    (REFERENCE / "names-offices.ttl").write_text("\n".join(blocks), encoding="utf-8")


def _said(
    language: str, titles: list[str], names: list[str], adjectives: dict[str, str] | None, places: list[str]
) -> Iterator[str]:
    """What is said for titles of somebody, the most usual first; ``places`` is where an embassy is."""
    if not names:
        return
    first, *others = names
    if places:
        for place in places:
            yield f"{titles[0]} ({first}, {place})"
            if said := _with(language, titles[0], (adjectives or {}).get(language, "")):
                yield f"{said} ({place})"
        return
    for title in titles:
        yield _of(language, title, first)
    for name in others:
        yield _of(language, titles[0], name)
    if adjective := (adjectives or {}).get(language):
        for title in titles:
            if said := _with(language, title, adjective):
                yield said


def _of(language: str, title: str, name: str) -> str:
    return f"{name} {title}" if language == "tr" else f"{title} ({name})"


def _with(language: str, title: str, adjective: str) -> str:
    """A title with a word such as "Italian" in the form that it takes there; "" if that is not known."""
    if not adjective:
        return ""
    if language == "en":
        return f"{adjective} {title}"
    adjective, noun = adjective.lower(), title.split()[-1 if language == "de" else 0].lower()
    if language == "de":
        ending = "e" if noun in _FEMININE or noun.endswith("in") else "es" if noun in _NEUTER else "er"
        return f"{adjective}{ending} {title}"
    if noun in _FEMININE:
        if language == "fr" and not adjective.endswith("e"):
            return ""
        adjective = re.sub("o$", "a", adjective)
    return f"{title} {adjective}"


def _offices() -> Iterator[tuple[str, str, dict[str, list[str]]]]:
    """Each office, whom it belongs to, and its titles by language. Raises KeyError for a title that is not listed."""
    titles = _table(HERE / "titles.csv")
    labels = known_labels([OFFICES])
    for iri, holder in _values([OFFICES], _OF):
        [english] = [text for language, text in labels[iri] if language == "en"]
        title = re.sub(r" \([^()]*\)$", "", english)
        of = dict(titles[title])
        of["en"] = [title, *(other for other in of.get("en", ()) if other != title)]
        yield iri, holder, of


def _bodies() -> Iterator[tuple[str, str, dict[str, list[str]]]]:
    kinds = _table(HERE / "bodies.csv")
    for iri, holder in _values([TOLD[1]], _PART_OF):
        if of := kinds.get(iri.removeprefix(f"{_BASE}id/body/")):
            yield iri, holder, of


def _host(labels: Iterable[tuple[str, str]], holder: str, names: dict[str, dict[str, list[str]]]) -> str | None:
    """The other state that the English label of an embassy names."""
    for language, text in labels:
        if language == "en" and text.startswith("Embassy"):
            states = [iri for iri, of in names.items() if iri != holder and "/state/" in iri]
            return next(iri for iri in states if text.endswith(f" in {names[iri]['en'][0]}"))
    return None


def _table(file: Path) -> dict[str, dict[str, list[str]]]:
    """By what the first column says: by language the names, the most usual first."""
    with file.open(encoding="utf-8", newline="") as text:
        rows = list(csv.DictReader(text))
    first = next(iter(rows[0]))
    return {row[first]: {la: said.split(";") for la, said in row.items() if la != first and said} for row in rows}


def _names_in_use() -> dict[str, dict[str, list[str]]]:
    """What states and organisations are called, by language; the label of the data first."""
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for file in (*IN_USE, OF_ORGANISATIONS):
        for iri, labels in known_labels([file]).items():
            if "#" not in iri and (file != OF_ORGANISATIONS or "/organisation/" in iri):
                # Of what one file has, the longest is the name and the others are short for it.
                for language, text in sorted(labels, key=lambda label: (label[0], -len(label[1]), label[1])):
                    if text not in found[iri][language]:
                        found[iri][language].append(text)
    return found


def _adjectives(package: Path) -> dict[str, dict[str, str]]:
    """Words such as "Italian", by the code of the state and by language."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for language in ("de", "en", "es", "fr", "it"):
        said = json.loads((package / "langs" / f"{language}.json").read_text(encoding="utf-8"))["nationalities"]
        for code, text in said.items():
            found[code][language] = re.split(r"\s*[,/(]", text)[0]
    return found


def _values(files: Iterable[Path], prop: str) -> Iterator[tuple[str, str]]:
    """The subjects and objects of the statements with a property."""
    for quad in (quad for file in files for quad in ox.parse(path=file, format=ox.RdfFormat.TURTLE)):
        if quad.predicate.value == prop and isinstance(quad.object, ox.NamedNode | ox.Literal):
            yield str(quad.subject.value), quad.object.value


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
