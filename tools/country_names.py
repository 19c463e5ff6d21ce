"""Writes data/reference/names.ttl: what states and organisations are called in other languages, says CLDR.

The names come from Unicode's own package of them. To renew the file:

    npm pack cldr-localenames-full && tar xzf cldr-localenames-full-*.tgz
    python tools/country_names.py package

The version and the licence are read from the package; state the same version in data/dataset.ttl.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyoxigraph as ox

ROOT = Path(__file__).parents[1]
ACTORS = ROOT / "data" / "actors"
NAMES = ROOT / "data" / "reference" / "names.ttl"
TOLD = (ACTORS / "states.ttl", ACTORS / "organisations.ttl")
# The official languages of the European Union and of the other states of the graph, and those of the United Nations.
LANGUAGES = (
    "ar", "be", "bg", "cs", "da", "de", "el", "en", "es", "et", "fi", "fr", "ga", "hr", "hu", "is", "it", "ja",
    "lt", "lv", "mk", "mt", "nl", "no", "pl", "pt", "ro", "ru", "sk", "sl", "sq", "sr", "sr-Latn", "sv", "tr",
    "uk", "zh",
)  # fmt: skip
# Organisations that CLDR has among the territories.
ORGANISATIONS = {"organisation/eu": "EU", "organisation/un": "UN"}
# CLDR's keys for one territory: its name, another name in use, and a short one.
KINDS = ("", "-alt-variant", "-alt-short")
_BASE = "https://w3id.org/pledge-graph/id/"
_LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
_OTHER_LABELS = tuple(f"http://www.w3.org/2004/02/skos/core#{name}Label" for name in ("alt", "hidden"))
_CODE = "https://w3id.org/pledge-graph/ns#isoAlpha2"
_HEADER = """\
# What states and two organisations are called in other languages, according to CLDR: names, others in use, short ones.
#
# Unicode CLDR {version}, package cldr-localenames-full; written by tools/country_names.py and not by hand.
# Copyright Unicode, Inc.; SPDX-License-Identifier: {licence} (https://www.unicode.org/license.txt)
# What is the label already is not repeated. A short name that is the code of another country is left out (RU is what
# Spanish writes for the United Kingdom, and the code of Russia).

@base <https://w3id.org/pledge-graph/id/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
"""


def main(package: Path) -> None:
    """Read the unpacked package and write the file. Raises OSError or KeyError for a package of another form."""
    facts = json.loads((package / "package.json").read_text())
    territories = dict(territories_of(package, LANGUAGES))
    foreign = {key for key in territories["en"] if len(key) == 2}
    blocks = [_HEADER.format(version=facts["version"], licence=facts["license"])]
    for iri, (code, known) in sorted(_actors().items()):
        names = sorted(set(_names(code, territories, foreign - {code})) - known)
        values = " ,\n        ".join(f"{json.dumps(text, ensure_ascii=False)}@{language}" for language, text in names)
        blocks.append(f"<{iri.removeprefix(_BASE)}> skos:altLabel\n        {values} .\n")
    NAMES.write_text("\n".join(blocks), encoding="utf-8")


def territories_of(package: Path, languages: Iterable[str]) -> Iterator[tuple[str, dict[str, str]]]:
    """What an unpacked release of CLDR calls territories, by CLDR's keys, in those of the languages that it has."""
    for language in languages:
        if (file := package / "main" / language / "territories.json").exists():
            main = json.loads(file.read_text(encoding="utf-8"))["main"]
            yield language, main[language]["localeDisplayNames"]["territories"]


def known_labels(files: Iterable[Path]) -> dict[str, set[tuple[str, str]]]:
    """The labels of things in Turtle files, preferred and others, as (language, text) by IRI."""
    found: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for quad in (quad for file in files for quad in ox.parse(path=file, format=ox.RdfFormat.TURTLE)):
        if (
            isinstance(quad.subject, ox.NamedNode)
            and isinstance(quad.object, ox.Literal)
            and quad.predicate.value in (_LABEL, *_OTHER_LABELS)
        ):
            found[quad.subject.value].add((quad.object.language or "", quad.object.value))
    return found


def _actors() -> dict[str, tuple[str, set[tuple[str, str]]]]:
    """Each actor's code in CLDR and its labels, as (language, text)."""
    codes = {_BASE + path: code for path, code in ORGANISATIONS.items()}
    for quad in (quad for file in TOLD for quad in ox.parse(path=file, format=ox.RdfFormat.TURTLE)):
        if isinstance(quad.subject, ox.NamedNode) and quad.predicate.value == _CODE:
            codes[quad.subject.value] = quad.object.value
    labels = known_labels(TOLD)
    return {iri: (code, labels[iri]) for iri, code in codes.items()}


def _names(code: str, territories: dict[str, dict[str, str]], foreign: set[str]) -> Iterator[tuple[str, str]]:
    for language, names in territories.items():
        for kind in KINDS:
            if (name := names.get(code + kind)) and name not in foreign:
                yield language.lower(), name


if __name__ == "__main__":
    main(Path(sys.argv[1]))
