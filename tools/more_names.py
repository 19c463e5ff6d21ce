"""Writes data/reference/names-*.ttl: what others than CLDR of today call the states and organisations of the graph.

Give it a folder with what the names come from:

    country-codes.csv      datasets/country-codes, data/country-codes.csv (UNTERM's names)
    country.gc             OP-TED/eForms-SDK, codelists/country.gc
    corporate-body.gc      OP-TED/eForms-SDK, codelists/corporate-body.gc
    i18n-iso-countries/    npm pack i18n-iso-countries, unpacked
    cldr-former/           npm pack cldr-localenames-full@29.0.0, unpacked (names of before the changes since then)

A name that an earlier file has is not repeated. State the same versions in data/dataset.ttl.
"""

from __future__ import annotations

import csv
import json
import re
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from country_names import LANGUAGES, NAMES, ROOT, TOLD, known_labels, territories_of

REFERENCE = ROOT / "data" / "reference"
_BASE = "https://w3id.org/pledge-graph/id/"
# Organisations and their codes in the table of corporate bodies.
BODIES = {"organisation/nato": "NATO", "organisation/european-commission": "COM"}
_UNTERM = {"English": "en", "French": "fr", "Spanish": "es", "Russian": "ru", "Arabic": "ar", "Chinese": "zh"}
# Some Bulgarian names in the code lists have Latin letters that only look like Cyrillic ones.
_MIXED = re.compile("[a-zA-Z][а-яА-Я]|[а-яА-Я][a-zA-Z]")
_ARTICLE = re.compile(r"^(the|le|la|les|el|los|las) |^l['’]| \((the|le|la|les|el|los|las|l['’])\)$")
# ISO 639-2 in the code lists of the European Union.
_THREE = {
    "bul": "bg", "ces": "cs", "dan": "da", "deu": "de", "ell": "el", "eng": "en", "est": "et", "fin": "fi", "fra": "fr",
    "gle": "ga", "hrv": "hr", "hun": "hu", "ita": "it", "lav": "lv", "lit": "lt", "mlt": "mt", "nld": "nl", "pol": "pl",
    "por": "pt", "ron": "ro", "slk": "sk", "slv": "sl", "spa": "es", "swe": "sv",
}  # fmt: skip
# The languages of the other package that people's lists are matched in.
_SPOKEN = ("de", "el", "en", "es", "fr", "it", "pl", "ru", "tr", "uk")
_HEADER = """\
# {what}
#
# {source}; written by tools/more_names.py and not by hand.
# What an earlier one of the files names*.ttl has is not repeated.

@base <https://w3id.org/pledge-graph/id/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
"""
Names = Iterable[tuple[str, str]]  # language, text


def main(folder: Path) -> None:
    """Read the sources and write the files. Raises OSError or KeyError for sources of another form."""
    rows = {row["ISO3166-1-Alpha-3"]: row for row in _rows(folder / "country-codes.csv")}
    countries = _code_list(folder / "country.gc")
    bodies = _code_list(folder / "corporate-body.gc")
    spoken = {language: _of_package(folder / "i18n-iso-countries", language) for language in _SPOKEN}
    former = dict(territories_of(folder / "cldr-former", LANGUAGES))
    codes = {row["ISO3166-1-Alpha-2"] for row in rows.values()}

    def said_by_i18n(path: str) -> Iterator[tuple[str, str]]:
        code = _two(rows, path)
        for language, names in spoken.items():
            yield from ((language, name) for name in names.get(code, ()))

    def said_before(path: str) -> Iterator[tuple[str, str]]:
        code = _two(rows, path)
        for language, names in former.items():
            for kind in ("", "-alt-variant"):
                if name := names.get(code + kind):
                    # "Macedonia (FYROM)" is three names.
                    yield from ((language.lower(), part) for part in {name, *re.split(r"\s*[()]\s*", name)} if part)

    known = {path: set(labels) for path, labels in _known([*TOLD, NAMES]).items()}
    for name, prop, what, source, names in (
        (
            "unterm",
            "skos:altLabel",
            "The formal and short names of states in the official languages of the United Nations.",
            "UNTERM, as in datasets/country-codes@caa72d1 data/country-codes.csv (PDDL-1.0)",
            lambda path: _unterm(rows.get(path.removeprefix("state/"), {})),
        ),
        (
            "eu",
            "skos:altLabel",
            "The names of states and organisations in the authority tables of the European Union.",
            "OP-TED/eForms-SDK@3242fbf codelists/country.gc and corporate-body.gc (CC-BY-4.0)",
            lambda path: [
                *countries.get(path.removeprefix("state/"), ()),
                *bodies.get(BODIES.get(path, ""), ()),
            ],
        ),
        (
            "spoken",
            "skos:hiddenLabel",
            "Further names that people write for states: to be found by, not to be shown.",
            "i18n-iso-countries 7.14.0 (npm), Copyright (c) 2016 widdix GmbH (MIT)",
            said_by_i18n,
        ),
        (
            "former",
            "skos:hiddenLabel",
            "What states were called before 2016 and are not any more: to be found by, not to be shown.",
            "Unicode CLDR 29.0.0, package cldr-localenames-full, Copyright 1991-2015 Unicode, Inc. (Unicode-DFS-2015)",
            said_before,
        ),
    ):
        _write(name, prop, _HEADER.format(what=what, source=source), names, known, codes)


def _write(
    name: str,
    prop: str,
    header: str,
    names: Callable[[str], Names],
    known: dict[str, set[tuple[str, str]]],
    codes: set[str],
) -> None:
    blocks = [header]
    for path in sorted(known):
        had = {(language, text.casefold()) for language, text in known[path]}
        new = sorted(
            {
                (language, text)
                for language, text in names(path)
                if (language, text.casefold()) not in had and text not in codes and not _MIXED.search(text)
            }
        )
        known[path].update(new)
        if new:
            values = " ,\n        ".join(f"{json.dumps(text, ensure_ascii=False)}@{language}" for language, text in new)
            blocks.append(f"<{path}> {prop}\n        {values} .\n")
    (REFERENCE / f"names-{name}.ttl").write_text("\n".join(blocks), encoding="utf-8")


def _known(files: Iterable[Path]) -> dict[str, set[tuple[str, str]]]:
    """The labels of states and organisations that the files have, by their path."""
    labels = known_labels(files)
    return {
        iri.removeprefix(_BASE): said
        for iri, said in labels.items()
        if "#" not in iri and iri.removeprefix(_BASE).startswith(("state/", "organisation/"))
    }


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def _two(rows: dict[str, dict[str, str]], path: str) -> str:
    row = rows.get(path.removeprefix("state/"))
    return row["ISO3166-1-Alpha-2"] if row else "-"


def _unterm(row: dict[str, str]) -> Iterator[tuple[str, str]]:
    for called, language in _UNTERM.items():
        for form in ("Formal", "Short"):
            if name := _ARTICLE.sub("", row.get(f"UNTERM {called} {form}", "").strip()):
                yield language, name


def _code_list(file: Path) -> dict[str, list[tuple[str, str]]]:
    """The names in a genericode file, by code."""
    found: dict[str, list[tuple[str, str]]] = {}
    for row in ET.parse(file).iter("Row"):  # noqa: S314 - from a source that was chosen
        values = {value.get("ColumnRef", ""): value.findtext("SimpleValue") or "" for value in row}
        found[values["code"]] = [(two, text) for three, two in _THREE.items() if (text := values.get(f"{three}_label"))]
    return found


def _of_package(package: Path, language: str) -> dict[str, list[str]]:
    names = json.loads((package / "langs" / f"{language}.json").read_text(encoding="utf-8"))["countries"]
    return {code: [said] if isinstance(said, str) else list(said) for code, said in names.items()}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
