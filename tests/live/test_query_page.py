"""The page for queries: drawings, code that asks the same, addresses that stay, and what the editor asks for."""

from __future__ import annotations

import csv
import html
import io
import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

from tests.conftest import ROOT, THESAURUS, Server, copy_project, request, start_server, stop_server

BREAD = "https://data.example.org/bread/"
GRAPH = "https://w3id.org/pledge-graph/"
SKOS = "http://www.w3.org/2004/02/skos/core#"
NODE = shutil.which("node")
# All that ends or changes a literal somewhere: in a shell, Python, R, JavaScript, HTML, an address.
NASTY = (
    "# it's `a` \"query\" \\ with $(echo all) of it ''' %41 &amp; <b>\n"
    "PREFIX skos: <http://www.w3.org/2004/02/skos/core#>\n"
    "SELECT ?thing ?text {\n"
    '  ?thing skos:prefLabel "sourdough bread"@en .\n'
    '  VALUES ?text { \'it\'\'\' """two\n"lines" \\\\ ${x} \\u00e9 `b` )" )-" \'q\' $HOME %20+&@#""" "𝄞 äöü\\t" }\n'
    '} ORDER BY ?text # """ \''
).replace("'it'''", "\"it'''\"")


@pytest.fixture(scope="module")
def bread(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The thesaurus on a real server."""
    folder = tmp_path_factory.mktemp("bread")
    server = start_server(copy_project(THESAURUS, folder / "project"), folder, "--build")
    yield server
    stop_server(server)


def page_of(server: Server, query: str, root: str = "", **parameters: str) -> str:
    reply = server.get(f"{root}/sparql?" + urlencode({"query": query, **parameters}), "text/html")
    assert reply.status == 200, reply.text
    return reply.text


def code_of(page: str, title: str) -> str:
    """A snippet as a reader copies it."""
    button = rf'aria-label="Copy: {re.escape(title)}">Copy</button>'
    found = re.search(rf"{button}<pre[^>]*><code data-copied>(.*?)</code>", page, re.DOTALL)
    assert found, page
    return html.unescape(found[1])


def answered(server: Server, query: str) -> list[dict[str, str]]:
    reply = request(
        f"{server.url}/sparql", "POST", "application/sparql-results+json", urlencode({"query": query}).encode()
    )
    rows = json.loads(reply.body)["results"]["bindings"]
    return [{name: cell["value"] for name, cell in row.items()} for row in rows]


def printed(code: str) -> list[object]:
    """What Python code prints, before it is made text."""
    found: list[object] = []
    exec(compile(code, "snippet", "exec"), {"print": found.append})
    return found


def test_the_nasty_query_is_one_and_has_an_answer(bread: Server) -> None:
    rows = answered(bread, NASTY)
    assert len(rows) == 3
    assert {'two\n"lines" \\ ${x} é `b` )" )-" \'q\' $HOME %20+&@#', "𝄞 äöü\t", "it'''"} == {r["text"] for r in rows}


@pytest.mark.parametrize("longer", [0, 8_000])
def test_the_code_for_curl_asks_the_same(bread: Server, longer: int) -> None:
    query = NASTY + "x" * longer
    code = code_of(page_of(bread, query), "curl")
    told = subprocess.run(["sh", "-c", code], capture_output=True, check=True, timeout=60)
    assert list(csv.DictReader(io.StringIO(told.stdout.decode(), newline=""))) == answered(bread, query)


@pytest.mark.parametrize("longer", [0, 8_000])
@pytest.mark.parametrize("title", ["Python: kg", "Python: SPARQLWrapper"])
def test_the_code_for_python_asks_the_same(bread: Server, title: str, longer: int) -> None:
    query = NASTY + "x" * longer
    assert printed(code_of(page_of(bread, query), title)) == answered(bread, query)


@pytest.mark.skipif(NODE is None, reason="needs Node")
def test_the_code_for_javascript_asks_the_same(bread: Server) -> None:
    code = code_of(page_of(bread, NASTY), "JavaScript").replace("console.log(row)", "console.log(JSON.stringify(row))")
    told = subprocess.run(
        [NODE or "", "--input-type=module", "-"], input=code.encode(), capture_output=True, check=True, timeout=60
    )
    rows = [json.loads(line) for line in told.stdout.decode().splitlines()]
    assert [{name: cell["value"] for name, cell in row.items()} for row in rows] == answered(bread, NASTY)


def test_the_code_for_r_has_the_right_address(bread: Server) -> None:
    code = code_of(page_of(bread, NASTY), "R")
    assert f'"{bread.url}/sparql?format=csv&query="' in code


@pytest.mark.parametrize("title", ["curl", "Python: kg", "Python: SPARQLWrapper", "JavaScript"])
@pytest.mark.parametrize(
    ("query", "says"),
    [("ASK { ?s ?p ?o }", "true"), ("CONSTRUCT { <urn:x:a> <urn:x:b> ?o } { BIND('yeast' AS ?o) }", "yeast")],
)
def test_other_kinds_of_answers_have_code_too(bread: Server, title: str, query: str, says: str) -> None:
    code = code_of(page_of(bread, query), title)
    if title.startswith("Python"):
        told = " ".join(map(str, printed(code)))
    elif title == "curl":
        told = subprocess.run(["sh", "-c", code], capture_output=True, check=True, timeout=60, text=True).stdout
    elif NODE is None:
        pytest.skip("needs Node")
    else:
        command = [NODE, "--input-type=module", "-"]
        told = subprocess.run(command, input=code, capture_output=True, check=True, timeout=60, text=True).stdout
    assert says in told.lower()


def test_a_dataset_of_ones_own_stays_in_all_addresses_and_code(bread: Server) -> None:
    graph, query = f"{BREAD}graph/ontology", "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    page = page_of(bread, query, **{"default-graph-uri": graph})
    count = json.loads(bread.get("/sparql?" + urlencode({"query": query, "default-graph-uri": graph})).body)["results"][
        "bindings"
    ][0]["n"]["value"]
    assert count != answered(bread, query)[0]["n"]
    for address in re.findall(r'href="([^"]*/sparql\?query[^"]*)"', page):
        assert f"default-graph-uri={quote(graph, safe='')}" in address
    assert f'<input type="hidden" name="default-graph-uri" value="{graph}">' in page
    for title in ("Python: kg", "Python: SPARQLWrapper"):
        [row] = printed(code_of(page, title))
        assert isinstance(row, dict)
        assert str(row["n"]) == count
    told = subprocess.run(["sh", "-c", code_of(page, "curl")], capture_output=True, check=True, timeout=60, text=True)
    assert told.stdout.split() == ["n", count]


def test_an_answer_has_an_address_for_ever(bread: Server) -> None:
    page = page_of(bread, NASTY)
    name = bread.get("/dumps/latest/manifest.json").headers["location"].split("/")[2]
    found = re.search(r'<a href="(/release/[^"]*)" rel="bookmark" data-copied>', page)
    assert found
    forever = html.unescape(found[1])
    assert forever == f"/release/{name}/sparql?" + urlencode({"query": NASTY})
    then = bread.get(forever, "text/html")
    assert then.status == 200
    assert "this is the site as it was in release" in then.text.lower()
    # There it is the address of this page already.
    assert len(re.findall(r"<a [^>]*data-copied", then.text)) == 1
    code = code_of(then.text, "curl")
    assert f"/release/{name}/sparql" in code
    assert printed(code_of(then.text, "Python: kg")) == answered(bread, NASTY)


def test_the_lines_of_a_form_are_lines_in_addresses_and_code(bread: Server) -> None:
    page = page_of(bread, "ASK {\r\n?s ?p ?o }")
    assert "%0D" not in page
    assert "\\r" not in page
    assert "query=ASK+%7B%0A%3Fs" in page


def test_a_very_long_query_stands_on_its_page_once(bread: Server) -> None:
    query = COUNTED + " # " + "x" * 50_000
    page = page_of(bread, query)
    assert len(page) < 80_000
    assert "too long for an address" in page
    assert "query@query.rq" in page
    posted = {"query": query, "view": "bars", "lang": "de"}
    drawn = request(f"{bread.url}/sparql", "POST", "text/html", urlencode(posted).encode())
    assert drawn.status == 200
    assert len(drawn.text) < 80_000
    assert '<rect x="0.00%" y="0"' in drawn.text
    # What the links would lead to is had by the buttons of the form.
    assert re.search(r'<form class="query" id="ask" action="/sparql" method="post"', page)
    assert re.search(r'<button form="ask" name="view" value="bars"', page)
    (form,) = set(re.findall(r'<button form="ask" name="format" value="(csv)"', page))
    data = request(f"{bread.url}/sparql", "POST", "text/html", urlencode({"query": query, "format": form}).encode())
    assert data.text.splitlines()[1] == "urn:x:a,<i>,3"


def test_of_a_long_graph_and_a_long_value_the_beginning_stands_on_the_page(bread: Server) -> None:
    doubled = " ".join(f"BIND(CONCAT(?x{n}, ?x{n}) AS ?x{n + 1})" for n in range(20))
    page = page_of(bread, f"SELECT ?x20 {{ BIND('x' AS ?x0) {doubled} }}")
    assert len(page) < 40_000
    assert "the beginning of 1,048,576 characters" in page
    page = page_of(bread, f"CONSTRUCT {{ ?s ?p ?x15 }} {{ ?s ?p ?o BIND('x' AS ?x0) {doubled} }}")
    assert len(page) < 250_000
    assert "Only the beginning stands here" in page


COUNTED = """PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?bread ?breadLabel ?n { VALUES (?bread ?breadLabel ?n) { (<urn:x:a> "<i>" 3) (<urn:x:b> "b" 12) } }"""


def test_a_view_is_drawn_without_a_script(bread: Server) -> None:
    page = page_of(bread, COUNTED, view="bars")
    assert re.findall(r'<rect x="([\d.]+)%" y="0" width="([\d.]+)%"', page) == [("0.00", "25.00"), ("0.00", "100.00")]
    assert "&lt;i&gt;" in page
    assert "<i>" not in page
    assert ' style="' not in page
    assert '<input type="hidden" name="view" value="bars">' in page
    assert 'aria-current="page">Bars</a>' in page
    assert "Timeline</a>" not in page


@pytest.mark.parametrize("view", ["table", "bars", "lines", "timeline", "card"])
@pytest.mark.parametrize("language", ["en", "de"])
def test_every_name_on_the_page_of_an_answer_is_what_the_endpoint_answers(
    served: Server, language: str, view: str
) -> None:
    """Where a query names nothing itself: the reader's name, another with its language, or the IRI as it is."""
    things = "state:GBR state:FRA position:USA-0002 source:s0001 person:andrii-hnatov state:none"
    rows = " ".join(f'({thing} "2025-0{n}-01"^^xsd:date {n})' for n, thing in enumerate(things.split(), 1))
    query = "".join(f"PREFIX {name}: <{GRAPH}id/{name}/>\n" for name in ("person", "position", "source", "state"))
    query += f"SELECT ?thing ?day ?number {{ VALUES (?thing ?day ?number) {{ {rows} }} }}"
    query = "PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>\n" + query
    # A card shows a table only.
    asked = {"query": query, "lang": language, **({"view": view} if view not in ("table", "card") else {})}
    reply = served.get(f"{'/embed' if view == 'card' else ''}/sparql?" + urlencode(asked), "text/html")
    assert reply.status == 200, reply.text
    cells = {value for row in answered(served, query) for value in row.values() if value.startswith(GRAPH)}
    named = answered(
        served,
        f"SELECT ?s ?name (LANG(?name) AS ?in) {{ VALUES ?s {{ {' '.join(f'<{iri}>' for iri in sorted(cells))} }} "
        f"?s <http://www.w3.org/2000/01/rdf-schema#label>|<{SKOS}prefLabel>|<http://xmlns.com/foaf/0.1/name> ?name }}",
    )
    names: dict[str, dict[str, str]] = {}
    for row in named:
        names.setdefault(row["s"], {})[row["in"]] = row["name"]
    if view == "lines":  # at the end of a line stands no link
        assert {names[f"{GRAPH}id/state/GBR"][language], "state:none"} <= {
            *re.findall(r"</svg> ([^<]+)</span>", reply.text)
        }
        return
    expected = {}
    for iri in cells:
        tags = names.get(iri, {})
        tag = next((tag for tag in (language, *({"en", "de"} - {language}), "", *tags) if tag in tags), "")
        expected[iri] = (tags.get(tag, iri.removeprefix(f"{GRAPH}id/").replace("/", ":")), tag)
    links = re.findall(r'<a href="[^"]*"(?: lang="([\w-]+)")? title="([^"]+)">([^<]+)</a>', reply.text)
    assert {iri: (html.unescape(text), tag) for tag, iri, text in links if iri in cells} == expected
    assert {tag for _, tag in expected.values()} >= {"en", language, ""}


def test_examples_begin_with_what_is_asked_and_stand_apart_from_what_pages_answer(served: Server) -> None:
    page = served.get("/sparql", "text/html", Accept_Language="en").text
    texts = [html.unescape(text) for text in re.findall(r'name="query" value="([^"]*)"', page)]
    kept = [file.stem for file in sorted((ROOT / "ontology/questions").glob("*.rq"))]
    assert len(texts) == len(kept)
    for text in texts:
        assert not re.match(r"#\s*(number|parameter|\w\w): |\n|#\n", text), text[:80]
        assert "# parameter:" not in text
    told = [html.unescape(text) for text in re.findall(r"<summary>.*?<code>(.*?)</code>", page, re.DOTALL)]
    assert texts == told[-len(texts) :]  # before them there are the prefixes
    asked, _, answered_by_pages = page.partition("What pages of this site answer")
    assert "/id/question/without-us-backstop" in asked
    assert "/id/question/position-at-a-glance" in answered_by_pages
    assert "/id/question/position-at-a-glance" not in asked
    # The form of a question itself has no such lines either.
    own = served.get("/doc/question/positions-on", "text/html").text
    assert "# number:" not in re.search(r"<textarea.*?</textarea>", own, re.DOTALL)[0]  # type: ignore[index]


def test_an_answer_that_cannot_be_drawn_is_a_table_and_says_why(bread: Server) -> None:
    page = page_of(bread, "SELECT ?s { ?s ?p ?o } LIMIT 3", view="timeline")
    assert "cannot be drawn like that: it wants a column of dates" in page
    assert page.count("<tr><td") == 3
    assert "cannot be drawn" not in page_of(bread, "SELECT ?s { ?s ?p ?o } LIMIT 3", view="nonsense")


@pytest.mark.parametrize(
    ("query", "line", "marked"),
    [
        ("SELECT * { ?s a nix:B }", 1, "<code>SELECT * { ?s a <mark>n</mark>ix:B }</code>"),
        ('SELECT *\r\n{ ?s ?p "ä𝄞" ; nix:B 1 }', 2, "{ ?s ?p &#34;ä𝄞&#34; ; <mark>n</mark>ix:B 1 }</code>"),
        ("SELECT * {", 1, "<code>SELECT * {<mark> </mark></code>"),
    ],
)
def test_the_place_of_a_mistake_is_marked(bread: Server, query: str, line: int, marked: str) -> None:
    reply = bread.get("/sparql?" + urlencode({"query": query}), "text/html")
    assert reply.status == 400
    assert marked in reply.text
    assert f"Line {line} of the query" in reply.text
    assert f'data-line="{line}"' in reply.text


# -- what the editor asks for ------------------------------------------------------------------------------------------


def test_the_vocabulary_of_the_graph_can_be_completed(bread: Server) -> None:
    reply = bread.get("/sparql/completion.json")
    told = json.loads(reply.body)
    assert told["prefixes"]["skos"] == "http://www.w3.org/2004/02/skos/core#"
    assert "skos:Concept" in [c["term"] for c in told["classes"]]
    assert "skos:prefLabel" in [p["term"] for p in told["properties"]]
    uses = [p["uses"] for p in told["properties"]]
    assert uses == sorted(uses, reverse=True)
    declared = "".join(f"PREFIX {p}: <{n}>\n" for p, n in told["prefixes"].items())
    for kind in ("classes", "properties"):
        for suggestion in told[kind]:
            found = answered(bread, f"{declared}SELECT ?x {{ BIND({suggestion['term']} AS ?x) }}")
            assert found == [{"x": suggestion["iri"]}]
    count = "SELECT (COUNT(?s) AS ?n) { ?s a <http://www.w3.org/2004/02/skos/core#Concept> }"
    concept = next(c for c in told["classes"] if c["term"] == "skos:Concept")
    assert str(concept["uses"]) == answered(bread, count)[0]["n"]
    again = bread.get("/sparql/completion.json", If_None_Match=reply.headers["etag"])
    assert (again.status, again.body) == (304, b"")


def test_things_are_found_as_a_query_writes_them(bread: Server) -> None:
    [thing, *_] = json.loads(bread.get("/sparql/things.json?q=sourd").body)["things"]
    assert (thing["label"], thing["iri"]) == ("sourdough bread", f"{BREAD}concept/sourdough")
    prefixes = json.loads(bread.get("/sparql/completion.json").body)["prefixes"]
    declared = "".join(f"PREFIX {p}: <{n}>\n" for p, n in prefixes.items())
    assert answered(bread, f"{declared}SELECT ?x {{ BIND({thing['term']} AS ?x) }}") == [{"x": thing["iri"]}]
    assert json.loads(bread.get("/sparql/things.json").body) == {"things": []}
    assert bread.get("/sparql/things.json?q=a&limit=x").status == 400


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The program as it is installed without a build of the editor."""
    target = tmp_path / "program"
    shutil.copytree(
        ROOT / "src" / "kg", target / "kg", ignore=shutil.ignore_patterns("built", "__pycache__", "node_modules")
    )
    return target


def test_the_form_is_plain_where_the_editor_was_not_built(
    serve: Callable[..., Server], thesaurus: Path, installed: Path
) -> None:
    without = serve(thesaurus, "--build", PYTHONPATH=str(installed)).get("/sparql", "text/html")
    assert "editor.js" not in without.text
    assert "data-completion" not in without.text
    assert '<textarea id="query" name="query"' in without.text
    assert "/static/query.js" in without.text
    built = installed / "kg/web/static/built"
    built.mkdir()
    (built / "editor.js").write_text("// the editor\n")
    server = serve(thesaurus, PYTHONPATH=str(installed))
    page = server.get("/sparql", "text/html")
    assert '<script src="/static/built/editor.js" defer></script>' in page.text
    assert 'data-completion="/sparql/completion.json"' in page.text
    assert page.headers["etag"] != without.headers["etag"]
    script = server.get("/static/built/editor.js")
    assert (script.status, script.text) == (200, "// the editor\n")
    assert "javascript" in script.headers["content-type"]
