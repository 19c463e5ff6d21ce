"""Citations in each format, read back by programs that have nothing to do with ours: the laws that hold for any texts."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import rispy
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, ValidationError
from pybtex.database import BibliographyData, Entry, parse_string
from pylatexenc.latex2text import LatexNodes2Text

from kg.representation import citation
from kg.representation.citation import Agent, Citation, as_biblatex, as_bibtex, as_csl, as_ris, as_text, clean, latex

SCHEMA = json.loads((Path(__file__).parents[1] / "schemas" / "csl-data.json").read_text())
BASE = "https://data.example.org/bread/"
PLAIN = Citation(
    "breads-1.0-rye",
    "Rye bread",
    "Breads",
    "1.0",
    "2026-01-02",
    f"{BASE}release/1.0-abc/doc/rye",
    f"{BASE}id/rye",
    "https://creativecommons.org/licenses/by/4.0/",
    "en",
    (Agent("Anna Müller", "Müller", "Anna"), Agent("Bakers and Friends, Ltd.")),
    (Agent("Bakers and Friends, Ltd."),),
)
HOSTILE = [
    'a </script><script>alert("1")</script>',
    "one { brace",
    "one } brace",
    "}{ turned round",
    r"back\slash \input{/etc/passwd} \write18{rm}",
    r"ends in \ ",
    "50 % & $5 #1 a_b x^2 ~",
    "Хто що обіцяє",
    "谁承诺了什么",
    "من وعد بماذا",
    "Ökumäne, Łódź, naïve, ß, İstanbul",
    "a\nb\x00c\u2028d\r\n\r\nER  - \r\nTY  - BOOK",
    "@misc{x, title = {y}}",
    'she said "and" and 3 < 4 > 2',
    "long " * 2_000 + "name",
]
texts = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(st.characters(exclude_categories=["Cs", "Cn", "Co"]), max_size=60),
    st.text('\\{}%$&#_~^"@,=and \n', max_size=30),
).filter(lambda text: bool(clean(text)))


def bibtex(text: str) -> Any:
    """The one entry of a file, read by pybtex."""
    found: BibliographyData = parse_string(text, "bibtex")
    assert len(found.entries) == 1
    return next(iter(found.entries.values()))


def printed(latex_text: str) -> str:
    """What LaTeX prints of it."""
    unknown = {"left": "{", "right": "}"}  # to the reader
    signs = {rf"\textbrace{side}": sign for side, sign in unknown.items()} | {r"\textless": "<", r"\textgreater": ">"}
    for number, command in enumerate(signs):
        latex_text = latex_text.replace(f"{{{command}}}", chr(0xE000 + number))
    text = str(LatexNodes2Text(keep_comments=True).latex_to_text(latex_text))
    return text.translate({0xE000 + number: sign for number, sign in enumerate(signs.values())} | {0x2C6: "^"})


def same(text: str) -> str:
    """A text in the form in which letters with accents are compared."""
    return unicodedata.normalize("NFC", clean(text))


LETTERS = st.text(st.characters(min_codepoint=32, max_codepoint=0x24F, exclude_categories=["Cc", "Cf"]), max_size=60)


@settings(deadline=None)
@given(LETTERS.filter(lambda text: bool(clean(text))) | st.sampled_from([t for t in HOSTILE if t.isascii()]))
@example("a -- b --- c '' ``")
def test_latex_prints_the_text_that_was_meant(text: str) -> None:
    written = latex(text)
    # What two signs in a row are to TeX (dashes, quotation marks) is a matter of typography.
    meant = same(text)
    if not re.search(r"--|''|``|<<|>>|,,|\?`|!`", meant):
        assert same(printed(written)).replace("’", "'").replace("‘", "`") == meant.replace("’", "'").replace("‘", "`")


@pytest.mark.parametrize("code", range(0x20, 0x250))
def test_every_latin_letter_is_printed_as_itself(code: int) -> None:
    letter = chr(code)
    if unicodedata.category(letter) not in ("Cc", "Cf", "Zs"):
        assert same(printed(latex(f"a{letter}b"))) == same(f"a{letter}b")


@settings(deadline=None)
@given(texts)
def test_braces_are_balanced_whatever_stands_in_a_title(text: str) -> None:
    depth = 0
    for c in latex(text):  # BibTeX counts them all, those after a backslash too
        depth += {"{": 1, "}": -1}.get(c, 0)
        assert depth >= 0
    assert depth == 0


@settings(deadline=None)
@given(texts, texts)
@example("Anna and Bert", "x")
def test_bibtex_reads_back_the_same_title_and_authors(title: str, name: str) -> None:
    cited = replace(PLAIN, title=title, authors=(Agent(name), Agent("Anna Müller", "Müller", "Anna")))
    for written in (as_bibtex(cited), as_biblatex(cited)):
        entry: Entry = bibtex(written)
        assert entry.fields["title"] == f"{{{latex(title)}}}"
        people = entry.persons["author"]
        assert len(people) == 2
        # Names of one word stay one word; the parser may not part them.
        assert " ".join(people[0].last_names) == f"{{{latex(name)}}}"
        assert not people[0].first_names
        assert printed(" ".join(people[1].last_names)).strip("{}") == "Müller"


WHOLE: dict[Callable[[Citation], str], str] = {
    as_bibtex: r"""@misc{breads-1.0-rye,
  author = {{M{\"u}ller}, {Anna} and {Bakers and Friends, Ltd.}},
  title = {{Rye bread}},
  howpublished = {\url{https://data.example.org/bread/release/1.0-abc/doc/rye}},
  year = {2026},
  month = {1},
  publisher = {{Bakers and Friends, Ltd.}},
  note = {Breads, version 1.0. IRI: \url{https://data.example.org/bread/id/rye}. """
    r"""Licence: \url{https://creativecommons.org/licenses/by/4.0/}},
}
""",
    as_biblatex: r"""@dataset{breads-1.0-rye,
  author = {{M{\"u}ller}, {Anna} and {Bakers and Friends, Ltd.}},
  title = {{Rye bread}},
  series = {{Breads}},
  date = {2026-01-02},
  version = {1.0},
  publisher = {{Bakers and Friends, Ltd.}},
  url = {https://data.example.org/bread/release/1.0-abc/doc/rye},
  note = {IRI: \url{https://data.example.org/bread/id/rye}. """
    r"""Licence: \url{https://creativecommons.org/licenses/by/4.0/}},
}
""",
    as_csl: """[{
  "id": "breads-1.0-rye",
  "type": "dataset",
  "title": "Rye bread",
  "container-title": "Breads",
  "author": [{"family": "Müller", "given": "Anna"}, {"literal": "Bakers and Friends, Ltd."}],
  "issued": {"date-parts": [[2026, 1, 2]]},
  "version": "1.0",
  "publisher": "Bakers and Friends, Ltd.",
  "URL": "https://data.example.org/bread/release/1.0-abc/doc/rye",
  "language": "en",
  "note": "IRI: https://data.example.org/bread/id/rye; Licence: https://creativecommons.org/licenses/by/4.0/"
}]
""",
    as_ris: """TY  - DATA
AU  - Müller, Anna
AU  - Bakers and Friends, Ltd.
TI  - Rye bread
T2  - Breads
PY  - 2026
DA  - 2026/01/02
ET  - 1.0
PB  - Bakers and Friends, Ltd.
UR  - https://data.example.org/bread/release/1.0-abc/doc/rye
LA  - en
N1  - IRI: https://data.example.org/bread/id/rye
N1  - Licence: https://creativecommons.org/licenses/by/4.0/
ER  - .
""".replace("\n", "\r\n").replace("ER  - .", "ER  - "),
}


@pytest.mark.parametrize("written", WHOLE, ids=lambda written: written.__name__)
def test_a_record_says_all_that_is_known(written: Callable[[Citation], str]) -> None:
    assert written(PLAIN) == WHOLE[written]


@settings(deadline=None)
@given(texts, texts, st.lists(texts, max_size=3), st.sampled_from(["2026", "2026-01", "2026-01-02", "soon", ""]))
def test_csl_json_is_valid_and_says_the_same(title: str, dataset: str, names: list[str], date: str) -> None:
    cited = replace(
        PLAIN,
        title=clean(title),
        dataset=clean(dataset),
        authors=tuple(Agent(clean(name)) for name in names),
        date=date,
    )
    items = json.loads(as_csl(cited))
    Draft202012Validator(SCHEMA).validate(items)
    assert [items[0]["title"], items[0]["container-title"]] == [clean(title), clean(dataset)]
    assert [a["literal"] for a in items[0].get("author", [])] == [clean(name) for name in names]
    assert "accessed" not in items[0]
    parts = [int(part) for part in date.split("-")] if date[:1] == "2" else None
    assert items[0].get("issued") == ({"date-parts": [parts]} if parts else None)


def test_the_schema_refuses_what_is_wrong() -> None:
    good = json.loads(as_csl(PLAIN))
    for wrong in ({"type": "data"}, {"licence": "x"}, {"issued": "2026"}, {"author": ["Anna"]}, {"title": 1}):
        with pytest.raises(ValidationError):
            Draft202012Validator(SCHEMA).validate([good[0] | wrong])


@settings(deadline=None)
@given(texts, texts)
def test_ris_has_one_record_whatever_a_title_holds(title: str, name: str) -> None:
    cited = replace(PLAIN, title=clean(title), authors=(Agent(clean(name)),))
    records = rispy.loads(as_ris(cited))
    assert len(records) == 1
    assert records[0]["type_of_reference"] == "DATA"
    assert records[0]["title"] == clean(title)
    assert records[0]["authors"] == [clean(name)]
    assert records[0]["urls"] == [PLAIN.url]


def test_the_text_says_who_what_when_and_where() -> None:
    assert as_text(PLAIN) == (
        "Müller, Anna; Bakers and Friends, Ltd. (2026). Rye bread. In: Breads, version 1.0 of 2026-01-02 [data set]. "
        f"Bakers and Friends, Ltd. {PLAIN.url} IRI: {PLAIN.iri} Licence: {PLAIN.licence}"
    )


def test_what_is_not_known_is_left_out() -> None:
    bare = Citation("x", "", "Breads", "1.0", "soon", f"{BASE}release/1/", "", "", "en")
    assert as_text(bare) == f"Breads. Version 1.0 of soon [data set]. {BASE}release/1/"
    assert "author" not in as_bibtex(bare)
    assert "year" not in as_bibtex(bare)
    assert not {"author", "container-title"} & json.loads(as_csl(bare))[0].keys()
    Draft202012Validator(SCHEMA).validate(json.loads(as_csl(bare)))


def test_a_publisher_who_made_it_is_named_once() -> None:
    one = (Agent("Bakers"),)
    assert replace(PLAIN, authors=one, publishers=one).publisher == ""
    assert as_text(replace(PLAIN, authors=one, publishers=one)).count("Bakers") == 1


@settings(deadline=None)
@given(texts, texts, texts)
def test_a_key_is_one_that_any_program_reads(dataset: str, version: str, address: str) -> None:
    key = citation.key_of(dataset, version, address, "0123abcd")
    assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9.-]{0,90}", key)
    entry = bibtex(as_bibtex(replace(PLAIN, key=key)))
    assert entry.key == key


def test_an_address_cannot_end_its_field() -> None:
    entry = bibtex(as_bibtex(replace(PLAIN, url=f"{BASE}x}}y{{z\\ w")))
    assert entry.fields["howpublished"] == rf"\url{{{BASE}x%7Dy%7Bz%5C%20w}}"
