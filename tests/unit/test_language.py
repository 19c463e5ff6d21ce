"""Which language a page speaks, its words in that language, and dates and numbers as the language writes them."""

from __future__ import annotations

import pickle
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Message as Entry
from babel.messages.extract import extract_from_dir
from flask import Flask, g
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment, nodes

import kg
from kg.messages import Message
from kg.terms import DATES, PREFIXES
from kg.web import catalogues, language, written
from kg.web.catalogues import lookup
from kg.web.language import Reader, choose, offered, stay, told

SOURCE = Path(kg.__file__).parent
TEMPLATES = sorted((SOURCE / "web" / "templates").glob("*.html"))
OPTIONS = {"extensions": "jinja2.ext.i18n", "trimmed": "true", "trim_blocks": "true", "lstrip_blocks": "true"}
FOREIGN = [tag for tag in catalogues.languages() if tag != catalogues.SOURCE]


# -- the choice --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "header", "expected"),
    [
        (None, None, "en"),
        ("de", None, "de"),
        ("DE", "en", "de"),
        ("de-AT", "en", "de"),
        (None, "de", "de"),
        (None, "de-CH, en;q=0.5", "de"),
        (None, "en;q=0.5, de;q=0.8", "de"),
        (None, "fr, en;q=0.2, de;q=0.7", "de"),
        (None, "fr", "en"),
        (None, "*", "en"),
        (None, "en;q=0, *", "de"),
        (None, "en;q=0, de;q=0", "en"),
        (None, "de;q=0, fr", "en"),
        (None, "de-AT;q=0", "en"),
        (None, "de-AT;q=0, fr, en;q=0.1", "en"),
        ("xx", "de", "de"),
        ("", "de", "de"),
        ("<script>", None, "en"),
        (None, ";;q=,,x=", "en"),
    ],
)
def test_the_address_goes_before_the_header_and_the_header_before_the_project(
    asked: str | None, header: str | None, expected: str
) -> None:
    reader = choose(("en", "de"), asked, header)
    assert reader.language == expected
    assert reader.languages[0] == expected


def test_a_language_of_the_project_without_words_of_ours_is_that_of_names() -> None:
    reader = choose(("en", "fr"), "fr", "de")
    assert (reader.language, reader.languages, reader.asked) == ("en", ("fr", "en"), "fr")


def test_pages_are_offered_in_the_project_s_languages_that_there_are_words_in() -> None:
    assert offered(("en", "de", "fr")) == ("en", "de")
    assert offered(("de-AT",)) == ("de",)
    assert offered(("fr",)) == ("en",)
    # A project that speaks German only has no English pages.
    assert choose(("de",), "en", "en").language == "de"


def test_names_are_wanted_in_the_projects_own_spelling_of_the_language() -> None:
    assert choose(("en", "de-AT"), None, "de").languages == ("de-AT", "de", "en")


tags = st.sampled_from(["en", "de", "fr", "de-AT", "en-GB", "pt-BR", "zh-Hant-TW"])


@given(
    st.lists(tags, min_size=1, unique=True), st.none() | tags | st.text(max_size=8), st.none() | st.text(max_size=30)
)
def test_whatever_is_asked_a_page_is_in_a_language_that_is_offered(
    project: list[str], asked: str | None, header: str | None
) -> None:
    reader = choose(project, asked, header)
    assert reader.language in offered(project)
    assert set(project) <= set(reader.languages)
    assert reader.asked in ("", *project, *offered(project))
    assert len(set(reader.languages)) == len(reader.languages)


@pytest.mark.parametrize(
    ("wanted", "found"), [("de-AT-1996", "de"), ("zh-Hant-TW", "zh-Hant"), ("de-x-y", "de"), ("nl", None), ("", None)]
)
def test_a_narrower_tag_finds_the_wider_one(wanted: str, found: str | None) -> None:
    assert lookup(wanted, ("en", "de", "zh-Hant")) == found


# -- in the application ------------------------------------------------------------------------------------------------


@pytest.fixture
def german() -> Iterator[None]:
    """A page that was asked for in German."""
    with Flask("test").app_context():
        g.reader = Reader("de", ("de", "en"), "de")
        yield


@pytest.mark.usefixtures("german")
@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("/doc/a", "/doc/a?lang=de"),
        ("/search?q=a", "/search?q=a&lang=de"),
        ("?page=2", "?page=2&lang=de"),
        ("/doc/a#part", "/doc/a?lang=de#part"),
        ("/search?q=a&lang=en", "/search?q=a&lang=en"),
        ("/doc/a.ttl", "/doc/a.ttl"),
        ("/doc/a.html", "/doc/a.html?lang=de"),
        ("#part", "#part"),
        ("https://example.org/", "https://example.org/"),
        ("//example.org/", "//example.org/"),
        ("", ""),
    ],
)
def test_links_of_a_page_keep_the_language_that_its_address_asks_for(address: str, expected: str) -> None:
    assert stay(address) == expected
    assert stay(stay(address)) == expected


def test_links_stay_as_they_are_for_who_did_not_ask() -> None:
    assert stay("/doc/a") == "/doc/a"


@pytest.mark.usefixtures("german")
def test_a_message_is_english_but_on_a_page() -> None:
    hint = Message("a day such as 2026-01-31")
    message = Message("“%(given)s” is not %(hint)s.", given="50 %(x)s", hint=hint)
    assert message == "“50 %(x)s” is not a day such as 2026-01-31."
    assert told(message) == "„50 %(x)s“ passt hier nicht; erwartet wird: Tag wie 2026-01-31."
    assert told("a day such as 2026-01-31") == "a day such as 2026-01-31"  # a text of the data
    assert told(Message("100 % new")) == "100 % new"
    assert type(pickle.loads(pickle.dumps(message))) is str


@pytest.mark.usefixtures("german")
def test_what_is_in_another_language_than_the_page_says_so() -> None:
    assert language.is_foreign("en")
    assert not language.is_foreign("de-AT")
    assert not language.is_foreign("")
    assert language.needs_english("line 1, column 5")
    assert not language.needs_english(Message("Not Found"))


# -- dates and numbers -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kind", "english", "german"),
    [
        ("2026-01-06", "date", "6 Jan 2026", "06.01.2026"),
        ("2025-03", "gYearMonth", "March 2025", "März 2025"),
        ("2025", "gYear", "2025", "2025"),
        ("2026-01-06T09:05:00Z", "dateTime", "6 Jan 2026, 09:05:00 UTC", "06.01.2026, 09:05:00 UTC"),
        ("2026-01-06T09:05:00.5+02:00", "dateTime", "6 Jan 2026, 09:05:00 UTC+02:00", "06.01.2026, 09:05:00 UTC+02:00"),
        ("15000", "integer", "15,000", "15.000"),
        ("-15000", "integer", "-15,000", "-15.000"),
        ("2025", "integer", "2025", "2025"),
        ("1234.5", "decimal", "1,234.5", "1.234,5"),
        ("0.12345678901", "decimal", "0.12345678901", "0,12345678901"),
    ],
)
def test_values_are_written_as_the_language_does(text: str, kind: str, english: str, german: str) -> None:
    for tag, expected in (("en", english), ("de", german)):
        shown = written.literal(text, kind, tag)
        assert re.sub("<[^>]*>", "", shown) == expected
        if expected != text or PREFIXES["xsd"] + kind in DATES:
            assert f'="{text}"' in shown, "a program finds the value"


@pytest.mark.parametrize("text", ["12026-01-01", "-0044-03-15", "2026-01-06Z", "2026-13-01", "2026-02-30", "1984?", ""])
def test_what_cannot_be_told_otherwise_stays_as_it_is(text: str) -> None:
    assert written.literal(text, "date", "de") == f"<span>{text}</span>"


def test_how_many_has_separators_where_a_year_has_none() -> None:
    assert written.amount("2000", "de") == '<data value="2000">2.000</data>'
    assert written.amount("2000", "en") == '<data value="2000">2,000</data>'
    assert written.literal("2000", "integer", "de") == "<span>2000</span>"
    assert written.amount("200", "de") == "<span>200</span>"
    assert written.amount("<many>", "de") == "<span>&lt;many&gt;</span>"


def test_a_number_of_any_length_is_written() -> None:
    assert re.sub(r"<[^>]*>|\\.", "", written.literal("9" * 60, "integer", "de")) == "9" * 60


@given(st.text(), st.sampled_from(["date", "dateTime", "gYear", "integer", "decimal"]), st.sampled_from(["en", "de"]))
def test_no_text_becomes_markup(text: str, kind: str, tag: str) -> None:
    shown = written.literal(text, kind, tag)
    assert re.fullmatch(r'<(span|time|data)( (datetime|value)="[^"<>]*")?>[^<>]*</\1>', shown)


@given(st.integers(-(10**20), 10**20), st.sampled_from(["en", "de"]))
def test_separators_are_all_that_is_added_to_a_number(value: int, tag: str) -> None:
    separator = {"en": ",", "de": "."}[tag]
    assert written.number(value, tag).replace(separator, "") == str(value)


@pytest.mark.parametrize(
    ("bytes_", "english", "german"),
    [(5, "5 B", "5 B"), (1_440, "1.4 kB", "1,4 kB"), (999_700, "1.0 MB", "1,0 MB"), (123_456_789, "123 MB", "123 MB")],
)
def test_sizes_have_the_unit_that_fits(bytes_: int, english: str, german: str) -> None:
    assert (written.size(bytes_, "en"), written.size(bytes_, "de")) == (english, german)


# -- the catalogues ----------------------------------------------------------------------------------------------------

Key = tuple[str | None, str]


@pytest.fixture(scope="module")
def wanted() -> dict[Key, tuple[str, ...]]:
    """Every text in the source that is to be translated, by context and English text; several are forms of number."""
    found: dict[Key, tuple[str, ...]] = {}
    keywords = {"_": None, "gettext": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2), "Message": None}
    methods = [("web/templates/**.html", "jinja2"), ("**.py", "python")]
    extracted = extract_from_dir(
        SOURCE, methods, {"web/templates/**.html": OPTIONS}, keywords, strip_comment_tags=False
    )  # fmt: skip
    for _, _, text, _, context in extracted:
        texts = (text,) if isinstance(text, str) else tuple(text)
        found[context, texts[0]] = texts
    assert len(found) > 200
    return found


def entries(tag: str) -> list[Entry]:
    return [entry for entry in catalogues.read(tag) if entry.id]


def key(entry: Entry) -> Key:
    return entry.context, entry.id if isinstance(entry.id, str) else entry.id[0]


def strings(entry: Entry) -> tuple[str, ...]:
    return (entry.string,) if isinstance(entry.string, str) else tuple(entry.string or ())


def test_there_is_a_language_beside_english() -> None:
    assert "de" in FOREIGN


@pytest.mark.parametrize("tag", FOREIGN)
def test_every_text_is_translated_and_nothing_else(tag: str, wanted: dict[Key, tuple[str, ...]]) -> None:
    found = {key(entry): entry for entry in entries(tag)}
    assert wanted.keys() - found.keys() == set(), "not translated"
    assert found.keys() - wanted.keys() == set(), "in no page any more"
    assert [key(entry) for entry in found.values() if entry.fuzzy or not all(strings(entry))] == []


@pytest.mark.parametrize("tag", FOREIGN)
def test_translations_have_the_same_places_and_the_same_elements(tag: str) -> None:
    for entry in entries(tag):
        english = (entry.id,) if isinstance(entry.id, str) else entry.id
        for text in strings(entry):
            for pattern in (r"%\(\w+\)[a-z]", r"\{\}", r"<[^>]*>"):
                assert sorted(re.findall(pattern, text)) == sorted(re.findall(pattern, english[-1])), entry.id
            assert (text[:1].isspace(), text[-1:].isspace()) == (
                english[0][:1].isspace(),
                english[0][-1:].isspace(),
            ) or (text.startswith((",", "."))), entry.id


@pytest.mark.parametrize("tag", FOREIGN)
def test_the_file_is_what_gettext_reads(tag: str) -> None:
    translation = catalogues.translations(tag)
    for entry in entries(tag):
        if isinstance(entry.id, str) and not entry.context:
            assert translation.gettext(entry.id) == entry.string
    assert translation.gettext("no such text") == "no such text"


# -- no words beside them ----------------------------------------------------------------------------------------------

# Names, which are the same in all languages, and words that stand for what a program reads.
NAMES = {
    "SHA",
    "SPARQL",
    "RDF",
    "VoID",
    "DCAT",
    "HTTP",
    "IRI",
    "OpenAPI",
    "JSON",
    "CSV",
    "GET",
    "POST",
    "skos",
    "Concept",
    "en",
}
_READ_ALOUD = ("title", "aria-label", "placeholder", "alt", "content", "data-label")
_WORD = re.compile(r"[^\W\d_]{2,}")
# An expression of a template leaves this in the text, so that the HTML around it can be read.
_HOLE = "\x00"


class Visible(HTMLParser):
    """The words that a reader would see or hear in a piece of HTML, but code."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag not in ("meta", "link", "input", "br", "path", "rect", "img"):
            self._inside.append(tag)
        for name in _READ_ALOUD:
            if name == "content" and given.get("name") in ("viewport", "robots"):
                continue
            self._take(given.get(name) or "")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._inside:
            while self._inside.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if not {"code", "pre", "script", "style"} & {*self._inside}:
            self._take(data)

    def _take(self, text: str) -> None:
        self.words += [word for word in _WORD.findall(text) if word not in NAMES]


def spoken(node: nodes.Node) -> Iterator[str]:
    """The constant texts that an expression may put on a page by itself."""
    if isinstance(node, nodes.Const) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, nodes.CondExpr):
        for part in (node.expr1, node.expr2):
            if part is not None:
                yield from spoken(part)
    elif isinstance(node, nodes.Or | nodes.And | nodes.Add):
        yield from (*spoken(node.left), *spoken(node.right))
    elif isinstance(node, nodes.Concat):
        for part in node.nodes:
            yield from spoken(part)
    elif isinstance(node, nodes.Getitem) and isinstance(node.node, nodes.Dict):
        for pair in node.node.items:
            yield from spoken(pair.value)


def words_of(source: str) -> list[str]:
    environment = Environment(trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.i18n"])
    environment.newstyle_gettext = True  # type: ignore[attr-defined]
    tree = environment.parse(source)
    text = ""
    for output in tree.find_all(nodes.Output):
        for node in output.nodes:
            text += node.data if isinstance(node, nodes.TemplateData) else " ".join([_HOLE, *spoken(node), _HOLE])
    visible = Visible()
    visible.feed(text.replace(_HOLE, ""))
    visible.close()
    return visible.words


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_has_words_that_are_not_to_be_translated(path: Path) -> None:
    assert words_of(path.read_text()) == []


@pytest.mark.parametrize(
    "source",
    [
        "<p>Hello</p>",
        '<input placeholder="Search">',
        '{{ "Yes" if x else "No" }}',
        '{{ x or "More" }}',
        '{{ {"next": "following"}[relation] }}',
        '<p>{{ n }} row{{ "" if n == 1 else "s" }}</p>',
        '<nav aria-label="Pages"></nav>',
    ],
)
def test_this_test_sees_words(source: str) -> None:
    assert words_of(source)


def test_a_catalogue_can_be_written_again() -> None:
    packed = BytesIO()
    from babel.messages.pofile import read_po, write_po  # noqa: PLC0415

    write_po(packed, catalogues.read("de"))
    packed.seek(0)
    assert {key(e): e.string for e in read_po(packed) if e.id} == {key(e): e.string for e in entries("de")}
