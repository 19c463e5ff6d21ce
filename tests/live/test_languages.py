"""Pages in the language of who reads them, and data that is the same for everybody."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from tests.conftest import THESAURUS, Reply, Server, copy_project, request, run_kg

LEDGER = THESAURUS.parent / "ledger"
QUESTION = "/doc/question/ground-troops-refusals"
# Pages of every module that makes some, each with a word of it in German.
PAGES = {
    "/": "Die Daten nutzen",
    "/doc/state/ITA": "Was hierher verweist",
    "/doc/state/ITA?_profile=alt": "Profile und Formate",
    "/doc/dataset": "Diese Seite als Daten",
    QUESTION: "Zeilen",
    "/ns": "Klassen",
    "/search": "Schrift",
    "/search?q=ital": "Ergebnisse",
    "/changes": "Änderungen",
    "/dumps/": "Jedes Release bleibt",
    "/catalog": "Versionen",
    "/prefixes": "Namensraum",
    "/same-as": "Viele auf einmal",
    "/same-as/state/ITA": "Beleg",
    "/openapi": "Schnittstellen",
    "/sparql": "Ein Endpunkt für SPARQL",
    "/sparql?query=ASK%20%7B%7D": "Ja</p>",
    "/vocabularies/display": "Ein Vokabular des Programms",
}


class Links(HTMLParser):
    """The addresses in the body of a page, and what its root and switch say of languages."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.root = ""
        self.hrefs: list[str] = []
        self.switch: dict[str, str] = {}
        self.alternates: dict[str, str] = {}
        self.hidden: list[tuple[str, str]] = []
        self._body = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._body = self._body or tag == "body"
        if tag == "html":
            self.root = given["lang"]
        if tag == "link" and given.get("rel") == "alternate" and "hreflang" in given:
            self.alternates[given["hreflang"]] = given["href"]
        if tag == "a" and "hreflang" in given:
            self.switch[given["hreflang"]] = given["href"]
        elif tag == "a" and "href" in given and self._body:
            self.hrefs.append(given["href"])
        if tag == "input" and given.get("type") == "hidden":
            self.hidden.append((given["name"], given["value"]))


def page(server: Server, path: str, language: str | None = None) -> Reply:
    headers = {"Accept-Language": language} if language else {}
    return request(server.url + path, accept="text/html", headers=headers)


def german(path: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}lang=de"


@pytest.mark.parametrize("path", PAGES)
def test_every_page_speaks_the_language_that_is_asked_for(served: Server, path: str) -> None:
    english, by_header, by_address = (
        page(served, path),
        page(served, path, "de-AT, en;q=0.5"),
        page(served, german(path)),
    )
    for reply, tag in ((english, "en"), (by_header, "de"), (by_address, "de")):
        assert reply.status == 200
        assert reply.headers["content-language"] == tag
        assert Links(reply.text).root == tag
        assert "accept-language" in reply.headers["vary"].lower()
        assert (PAGES[path] in reply.text) == (tag == "de")
    # The address wins over the header.
    assert page(served, german(path), "en").headers["content-language"] == "de"
    assert page(served, path.split("?", maxsplit=1)[0] + "?lang=xx" if path != QUESTION else path, "de").status in (
        200,
        400,
    )


@pytest.mark.parametrize("path", [path for path in PAGES if not path.startswith("/sparql?")])
def test_a_copy_in_one_language_does_not_stand_for_another(served: Server, path: str) -> None:
    english, other = page(served, path), page(served, path, "de")
    assert english.headers["etag"] != other.headers["etag"]
    for known, language, status in (
        (english, "en", 304),
        (other, "de", 304),
        (english, "de", 200),
        (other, "en", 200),
    ):
        headers = {"Accept-Language": language, "If-None-Match": known.headers["etag"]}
        reply = request(served.url + path, accept="text/html", headers=headers)
        assert reply.status == status
        assert "accept-language" in reply.headers["vary"].lower()


def test_a_language_that_nobody_speaks_is_ignored(served: Server) -> None:
    for asked in ("xx", "", "de%00", "%3Cscript%3E", "a" * 3_000):
        reply = page(served, f"/doc/state/ITA?lang={asked}", "de")
        assert (reply.status, reply.headers["content-language"]) == (200, "de")
        assert "script>alert" not in reply.text
    assert Links(page(served, "/doc/state/ITA?lang=xx").text).hrefs == Links(page(served, "/doc/state/ITA").text).hrefs


@pytest.mark.parametrize("suffix", ["ttl", "jsonld", "json", "nt", "rdf"])
def test_data_is_the_same_in_every_language(served: Server, suffix: str) -> None:
    path = f"/doc/state/ITA.{suffix}"
    plain = request(served.url + path)
    for other in (request(served.url + german(path)), request(served.url + path, headers={"Accept-Language": "de"})):
        assert (other.status, other.body) == (200, plain.body)
        assert other.headers["etag"] == plain.headers["etag"]
        assert "content-language" not in other.headers


def test_other_data_is_the_same_too(served: Server) -> None:
    for path in ("/catalog.ttl", "/prefixes.jsonld", "/same-as/state/ITA.json", "/openapi.json", "/sitemap.xml"):
        plain = request(served.url + path)
        assert request(served.url + path, headers={"Accept-Language": "de"}).body == plain.body
    wrong = [
        request(f"{served.url}/doc/nothing", accept="application/json", headers=h)
        for h in ({}, {"Accept-Language": "de"})
    ]
    assert wrong[0].body == wrong[1].body
    assert b"nothing is known about" in wrong[0].body


def test_the_switch_keeps_the_rest_of_the_address(served: Server) -> None:
    links = Links(page(served, "/search?q=ital&offset=20&lang=de").text)
    assert list(links.switch) == ["en"]
    to = urlsplit(links.switch["en"])
    assert (to.path, parse_qs(to.query)) == ("/search", {"q": ["ital"], "offset": ["20"], "lang": ["en"]})
    assert page(served, links.switch["en"], "de").headers["content-language"] == "en"
    assert set(links.alternates) == {"en", "de", "x-default"}
    assert "lang=" not in links.alternates["x-default"]
    # What was sent by POST has no address.
    sent = request(
        f"{served.url}/resolve", "POST", data=b"identifiers=ITA&format=html", headers={"Accept": "text/html"}
    )
    assert sent.status == 200
    assert Links(sent.text).switch == {}


@pytest.mark.parametrize("path", [path for path in PAGES if "?" not in path or "q=" in path])
def test_a_reader_who_asked_for_a_language_stays_in_it(served: Server, path: str) -> None:
    links = Links(page(served, german(path), "en").text)
    lost = []
    for href in links.hrefs:
        parts = urlsplit(href)
        data = re.search(
            r"\.(ttl|jsonld|json|nt|rdf|xml|trig|nq|atom|gz|shacl|cff|txt|rq)$|/(SHA256SUMS|ldes)$", parts.path
        )
        program = parts.path.startswith(("/.well-known/", "/dumps/", "/context/")) or "format=" in parts.query
        if parts.scheme or href.startswith("#") or data or program:
            continue
        if parse_qs(parts.query).get("lang") != ["de"]:
            lost.append(href)
    assert lost == []
    assert ("lang", "de") in links.hidden, "forms ask for it too"
    # Who did not ask, but whose browser prefers German, has the plain addresses.
    assert not any("lang=" in href for href in Links(page(served, path, "de").text).hrefs if "changes.atom" not in href)


def test_where_a_representation_stands_is_told_with_its_language(served: Server) -> None:
    cited = served.get("/cite/doc/state/ITA?lang=de")
    location = cited.headers["content-location"]
    assert location == "/cite/doc/state/ITA?_format=text&lang=de"
    assert served.get(location).text == cited.text
    listed = page(served, "/doc/state/ITA?_profile=alt&lang=de")
    location = listed.headers["content-location"]
    assert location.endswith("&lang=de")
    assert page(served, location).text.partition("<main")[2] == listed.text.partition("<main")[2]
    assert "lang" not in served.get("/doc/state/ITA?_profile=alt&lang=de", "text/turtle").headers["content-location"]


def test_the_first_of_several_languages_counts_everywhere(served: Server) -> None:
    several = "lang=de&lang=en"
    assert page(served, f"/doc/state/ITA?{several}").headers["content-language"] == "de"
    assert "Lizenz:" in served.get(f"/cite/doc/state/ITA?{several}").text
    assert page(served, f"/embed/doc/state/ITA?{several}").headers["content-language"] == "de"
    told = json.loads(served.get(f"/oembed?url={quote(f'{served.url}/doc/state/ITA?{several}', safe='')}").body)
    assert told["title"] == "Italien"
    assert "lang=de" in told["html"]


def test_a_redirect_keeps_the_language(served: Server) -> None:
    for path in ("/id/state/ITA?lang=de", "/resolve?iri=ITA&lang=de"):
        reply = page(served, path)
        assert (reply.status, "lang=de" in reply.headers["location"]) == (303, True)


def test_the_language_of_the_page_is_no_parameter_of_a_question(served: Server) -> None:
    reply = page(served, "/doc/question/positions-on?date=2025-03-01&lang=de")
    assert reply.status == 200
    assert "01.03.2025" in reply.text or "2025-03-01" in reply.text
    links = Links(reply.text)
    assert ("lang", "de") in links.hidden
    assert reply.headers["content-location"].endswith("lang=de")
    wrong = page(served, "/doc/question/positions-on?date=x&lang=de")
    assert wrong.status == 400
    assert "passt hier nicht; erwartet wird: Tag" in wrong.text


def test_names_dates_and_numbers_are_the_reader_s(served: Server) -> None:
    english, other = page(served, QUESTION).text, page(served, QUESTION, "de").text
    assert "Bulgaria" in english and "Bulgarien" in other  # noqa: PT018
    assert re.search(r'<time datetime="2025-09-04">4 Sept? 2025</time>', english)
    assert '<time datetime="2025-09-04">04.09.2025</time>' in other
    # What another language has the only name for is marked.
    about = page(served, "/doc/state/ITA", "de").text
    assert re.search(r'<span lang="en">Italy</span> <small class="tag">en</small>', about)
    assert '<small class="tag">de</small>' not in about
    triples = re.search(r"([\d.]+) Tripel", page(served, "/", "de").text)
    same = re.search(r"([\d,]+) triples", page(served, "/").text)
    assert triples and same and triples[1].replace(".", "") == same[1].replace(",", "")  # noqa: PT018


@pytest.mark.parametrize("path", ["/doc/position/FRA-0001", "/doc/circumstance/us-backstop", "/doc/vocab/area/air"])
def test_texts_stand_in_the_reader_s_language_and_the_others_are_folded(served: Server, path: str) -> None:
    for language, other in (("en", "de"), ("de", "en")):
        text = page(served, path, language).text
        values = re.findall(r"<dd>(.*?)</dd>", text, re.DOTALL)
        told = [value for value in values if f'<span lang="{language}">' in value and "<details>" in value]
        assert told
        for value in told:
            before, _, folded = value.partition("<details>")
            assert f'lang="{other}"' not in before
            assert re.match(rf"<summary>in \d+ (?:other|weiteren) \w+</summary>.*<span lang=\"{other}\">", folded)
    data = served.get(f"{path}.nt").text
    assert '"@en .' in data
    assert '"@de .' in data


def test_sentences_of_the_foot_stand_apart(served: Server) -> None:
    for language in ("en", "de"):
        foot = re.sub(r"<[^>]+>", "", page(served, "/", language).text.partition("<footer>")[2])
        assert re.search(
            r"\d{4}, (digest|Prüfsumme) \w{12}, [\d,.]+ (triples|Tripel)\. (Licence|Lizenz): ", " ".join(foot.split())
        )


def test_groups_and_what_reads_backwards_are_translated(served: Server) -> None:
    text = page(served, "/doc/position/ITA-0012", "de").text
    assert "In der Zeit" in text
    assert "Kodierentscheidungen" in text


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/doc/nothing", 404, "Nicht gefunden"),
        ("/search?q=a&limit=x", 400, "muss eine Zahl von"),
        ("/doc/state/ITA?page=7", 404, "hat 1 Seite"),
        ("/sparql?query=SELEKT", 400, "Fehlerhafte Anfrage"),
        ("/resolve?iri=urn:x:nothing", 404, "nicht bekannt"),
        ("/release/nothing/doc/x", 404, "Release nothing gibt es nicht"),
    ],
)
def test_errors_are_told_in_the_language_too(served: Server, path: str, status: int, words: str) -> None:
    for reply in (page(served, path, "de"), page(served, german(path))):
        assert reply.status == status
        assert words in reply.text
        assert (reply.headers["content-language"], Links(reply.text).root) == ("de", "de")
        assert Links(reply.text).alternates == {} or status == 404
    # What only the engine says stays English and is marked.
    if "SELEKT" in path:
        assert re.search(r'<span lang="en">[^<]+</span> <small class="tag">en</small>', page(served, path, "de").text)


def test_a_search_has_names_in_the_language_of_its_page(served: Server) -> None:
    assert "Italien" in page(served, "/search?q=ital&lang=de").text
    by_header = page(served, "/search?q=ITA", "de")
    assert "Italien" in by_header.text
    # To a program the parameter says the same, and the header nothing.
    data = [
        request(f"{served.url}/search?q=ITA&format=json{more}", headers={"Accept-Language": "de"}).text
        for more in ("", "&lang=de")
    ]
    assert "Italien" not in data[0].split("matched")[0]
    assert "Italien" in data[1]


def test_a_former_release_keeps_the_language(served: Server, released: object) -> None:
    name = released.manifest.name  # type: ignore[attr-defined]
    links = Links(page(served, f"/release/{name}/doc/state/ITA?lang=de").text)
    assert links.root == "de"
    assert links.switch["en"].startswith(f"/release/{name}/doc/state/ITA?")


def test_a_project_in_one_language_has_no_switch(serve: Callable[..., Server], tmp_path: Path) -> None:
    server = serve(copy_project(LEDGER, tmp_path / "ledger"))
    reply = page(server, "/", "de")
    assert reply.headers["content-language"] == "en"
    links = Links(reply.text)
    assert (links.root, links.switch, links.alternates) == ("en", {}, {})


def test_a_project_in_german_only_has_german_pages(serve: Callable[..., Server], tmp_path: Path) -> None:
    project = copy_project(LEDGER, tmp_path / "ledger")
    dataset = project / "data" / "dataset.ttl"
    text = dataset.read_text()
    dataset.write_text(
        re.sub(r"dcterms:language [^;]*;", 'dcterms:language "de" ;', text)
        if "dcterms:language" in text
        else text.replace("dcterms:title", 'dcterms:language "de" ;\n    dcterms:title', 1)
    )
    server = serve(project)
    reply = page(server, "/", "en")
    assert (reply.headers["content-language"], Links(reply.text).root) == ("de", "de")
    assert "Die Daten nutzen" in reply.text


def test_a_frozen_site_is_in_the_first_language_and_leads_to_no_other(thesaurus: Path, tmp_path: Path) -> None:
    assert run_kg("build", "--project", thesaurus).returncode == 0
    done = run_kg("freeze", tmp_path / "frozen", "--project", thesaurus)
    assert done.returncode == 0, done.stderr
    pages = [path.read_text() for path in (tmp_path / "frozen").rglob("*.html")]
    assert len(pages) > 10
    for text in pages:
        assert not re.search(r'(href|action)="[^"]*[?&]lang=', text)
        assert "hreflang" not in text
