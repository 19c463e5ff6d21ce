"""The command as people use it: what it prints, its exit codes, one clear message for each mistake."""

from __future__ import annotations

import json
import os
import pty
import select
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest

import kg
from kg.release.manifest import open_release
from tests.conftest import KG, ROOT, Server, call_kg, copy_project, run_kg

BREAD = "https://data.example.org/bread/"


def write(project: Path, text: str) -> None:
    (project / "data/concepts/new.ttl").write_text(text, encoding="utf-8")


def test_check_in_a_pipe(thesaurus: Path) -> None:
    """Of the real graph it is in the README."""
    done = run_kg("check", "--project", thesaurus)
    assert done.returncode == 0
    assert "triples checked" in done.stdout.splitlines()[-1]
    assert done.stderr == ""  # no progress in a pipe


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("<a> <b>\n  nix:c .", 1, "data/concepts/new.ttl:2:3: violation\n    The prefix nix: has not been declared"),
        ("<a> <b> 'never closed", 1, "data/concepts/new.ttl:1:"),
        (
            f"<{BREAD}concept/x> a <http://www.w3.org/2004/02/skos/core#Concept> .",
            1,
            "data/concepts/new.ttl:1: violation: concept:x skos:prefLabel\n    Give the concept one preferred label",
        ),
        (
            f"<{BREAD}x> <urn:x:on> '2026-1-6'^^<http://www.w3.org/2001/XMLSchema#date> .",
            1,
            "'2026-1-6' is not a value of xsd:date; correct the text or the datatype",
        ),
        (f"<{BREAD}x> <urn:x:on> 1.50 .", 1, 'write "1.5"^^'),
        (f"<{BREAD}x> <urn:x:on> <<( <a:a> <a:b> <a:c> )>> .", 1, "uses RDF 1.2"),
    ],
)
def test_check_names_file_line_and_cure(thesaurus: Path, text: str, code: int, message: str) -> None:
    write(thesaurus, text)
    done = run_kg("check", "--project", thesaurus)
    assert done.returncode == code
    assert message in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    told = json.loads(call_kg("check", "--project", thesaurus, "--format", "json").stdout)
    assert told["conforms"] is False
    assert len(told["findings"]) == 1
    turtle = call_kg("check", "--project", thesaurus, "--format", "turtle").stdout
    assert "sh:conforms false" in turtle
    assert list(ox.parse(turtle, ox.RdfFormat.TURTLE))


def test_a_finding_with_a_long_path(thesaurus: Path) -> None:
    (thesaurus / "shapes/long.ttl").write_text(
        """@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
        <urn:x:shape> a sh:NodeShape ; sh:targetClass skos:Concept ; sh:severity sh:Warning ;
            sh:property [ sh:path ( [ sh:inversePath skos:broader ] skos:notation ) ; sh:minCount 1 ;
                sh:severity sh:Warning ] ."""
    )
    done = run_kg("check", "--project", thesaurus)
    assert done.returncode == 0
    assert "concept:bread ^skos:broader/skos:notation" in done.stdout
    assert call_kg("check", "--project", thesaurus, "--format", "turtle").exit_code == 0
    assert call_kg("build", "--project", thesaurus).exit_code == 0


@pytest.mark.parametrize(
    "shape",
    [
        "<urn:x:s> a sh:NodeShape ; sh:targetClass skos:Concept ; sh:property [ sh:path 'no path' ; sh:minCount 1 ] .",
        "<urn:x:s> a sh:NodeShape ; sh:targetClass skos:Concept ; sh:property [ sh:path skos:p ; sh:pattern '(' ] .",
        "<urn:x:s> a sh:NodeShape ; sh:targetClass skos:Concept ; sh:sparql [ sh:select 'SELECT $this { SERVICE <a:a> { $this ?p ?o } }' ] .",
    ],
)
def test_a_shape_that_cannot_be_used(thesaurus: Path, shape: str) -> None:
    prefixes = "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n"
    (thesaurus / "shapes/bad.ttl").write_text(prefixes + shape)
    done = call_kg("check", "--project", thesaurus)
    assert done.exit_code == 2
    assert "the shapes cannot be used" in done.stderr
    assert "Traceback" not in done.stderr


def test_questions_are_checked(thesaurus: Path) -> None:
    folder = thesaurus / "ontology/questions"
    folder.mkdir()
    (folder / "broken.rq").write_text("# en: Broken?\nSELEC * { ?s ?p ?o }")
    (folder / "calls.rq").write_text("SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }")
    (thesaurus / "ontology/display.ttl").write_text(
        """@prefix display: <https://w3id.org/pledge-graph-display#> .
        <https://data.example.org/bread/home> display:section <https://data.example.org/bread/home#1> .
        <https://data.example.org/bread/home#1> display:query <https://data.example.org/bread/id/question/nix> ."""
    )
    done = call_kg("check", "--project", thesaurus)
    assert done.exit_code == 1
    assert "ontology/questions/broken.rq:2:" in done.stdout
    assert "SERVICE is not answered here" in done.stdout
    assert "no such question" in done.stdout


def test_a_date_as_text_is_one_finding(real: Path, tmp_path: Path) -> None:
    project = copy_project(real, tmp_path / "project")
    file = project / "data/positions/CYP.ttl"
    text = file.read_text()
    file.write_text(text.replace('plg:latest "2025-03-28"^^xsd:date', 'plg:latest "2025-03-28"', 1))
    line = text[: text.index("<position/CYP-0001> a")].count("\n") + 1
    told = json.loads(call_kg("check", "--project", project, "--format", "json").stdout)
    found = [f for f in told["findings"] if f["severity"] == "violation"]
    assert [(f["path"].rpartition("#")[2], f["line"]) for f in found] == [("latest>", line)]


def test_all_files_that_do_not_parse_are_named_at_once(thesaurus: Path) -> None:
    for name in ("one", "two"):
        (thesaurus / f"data/concepts/{name}.ttl").write_text("nonsense")
    done = run_kg("check", "--project", thesaurus)
    assert done.returncode == 1
    assert "data/concepts/one.ttl:1:1" in done.stdout
    assert "data/concepts/two.ttl:1:1" in done.stdout
    assert "| nonsense" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["check", "--project", "{empty}"], "is not a project: it has no data/dataset.ttl"),
        (["build", "--project", "{empty}"], "is not a project"),
        (["serve", "--project", "{empty}"], "is not a project"),
        (["check", "--project", "/nowhere"], "/nowhere is not a folder"),
        (["query", "--project", "{empty}", "ASK {}"], "there is no release"),
        (["serve", "--port", "http"], "--port: 'http' is not a whole number"),
        (["serve", "--port", "99999", "--project", "{thesaurus}"], "--port: 99999 is too large"),
        (["serve", "--host", "nowhere.invalid", "--project", "{thesaurus}"], "nowhere.invalid is no address"),
    ],
)
def test_one_clear_message_and_exit_code_2(tmp_path: Path, thesaurus: Path, arguments: list[str], message: str) -> None:
    (tmp_path / "empty").mkdir()
    done = run_kg(
        *(a.replace("{empty}", str(tmp_path / "empty")).replace("{thesaurus}", str(thesaurus)) for a in arguments)
    )
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_in_use(thesaurus: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = run_kg("serve", "--project", thesaurus, "--port", str(taken.getsockname()[1]))
    assert done.returncode == 2
    assert "Address already in use" in done.stderr
    assert "--port" in done.stderr


def test_a_project_without_a_statement(tmp_path: Path, thesaurus: Path) -> None:
    for file in thesaurus.rglob("*.ttl"):
        if file.name != "dataset.ttl":
            file.unlink()
    done = call_kg("check", "--project", thesaurus)
    assert done.exit_code == 1
    assert "hold no statement at all" in done.stdout


def test_serve_builds_where_there_is_no_release_and_goes_on_with_the_former_after_a_mistake(
    thesaurus: Path, serve: Callable[..., Server]
) -> None:
    server = serve(thesaurus)
    first = open_release(thesaurus / "releases")
    server.process.terminate()
    server.process.wait(timeout=30)
    write(thesaurus, "nonsense")
    again = serve(thesaurus, "--build")
    assert f"serving the last good release, {first.manifest.name}" in again.log.read_text()
    assert again.get("/concept/rye").status == 303


def test_a_running_server_goes_over_to_a_new_release(thesaurus: Path, serve: Callable[..., Server]) -> None:
    server = serve(thesaurus, "--query-seconds", "1", "--queue-seconds", "0.1")
    assert server.get("/concept/new").status == 404
    write(thesaurus, f'<{BREAD}concept/new> <http://www.w3.org/2004/02/skos/core#prefLabel> "new"@en .')
    kg.build(kg.open_project(thesaurus))
    for _ in range(200):
        reply = server.get("/concept/new")
        if reply.status == 303:
            break
        assert reply.status == 404
        time.sleep(0.05)
    else:
        pytest.fail("the new release never came")
    # a release that cannot be served is passed over
    broken = thesaurus / "releases" / "broken"
    broken.mkdir()
    (thesaurus / "releases/.next").symlink_to("broken")
    (thesaurus / "releases/.next").rename(thesaurus / "releases/current")
    for _ in range(200):
        assert server.get("/concept/new").status == 303
        time.sleep(0.05)
        if "cannot be served" in server.log.read_text():
            break
    else:
        pytest.fail("the broken release was not noticed")


def test_query_formats(thesaurus: Path) -> None:
    kg.build(kg.open_project(thesaurus))
    select = "SELECT ?c ?l { ?c skos:prefLabel ?l FILTER(LANG(?l) = 'de') } ORDER BY ?l"

    def query(*arguments: str) -> str:
        done = call_kg("query", "--project", thesaurus, *arguments)
        assert done.exit_code == 0, done.stderr
        return done.stdout

    assert query(select).splitlines()[0].split() == ["c", "l"]
    assert query(select).splitlines()[2].split() == ["concept:bread", "Brot"]
    assert query(select).splitlines()[-1] == "3 rows"
    assert query(select, "--format", "csv").splitlines()[:2] == ["c,l", f"{BREAD}concept/bread,Brot"]
    assert len(json.loads(query(select, "--format", "json"))["results"]["bindings"]) == 3
    assert query("ASK { concept:bread ?p ?o }") == "yes\n"
    assert json.loads(query("ASK {}", "--format", "json"))["boolean"] is True
    turtle = query("CONSTRUCT WHERE { concept:rye skos:prefLabel ?o }")
    assert 'concept:rye skos:prefLabel "Roggen"@de , "rye"@en .' in turtle
    assert len(json.loads(query("CONSTRUCT WHERE { concept:rye ?p ?o }", "--format", "json"))) == 1


def test_query_from_file_and_stdin(thesaurus: Path, tmp_path: Path) -> None:
    kg.build(kg.open_project(thesaurus))
    file = tmp_path / "q.rq"
    file.write_text("ASK { concept:bread ?p ?o }")
    assert run_kg("query", "--project", thesaurus, file).stdout == "yes\n"
    for arguments in (["-"], []):
        done = subprocess.run(
            [*KG, "query", "--project", thesaurus, *arguments],
            input="ASK { concept:bread ?p ?o }", capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert done.stdout == "yes\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["SELECT * {"], "line 1, column 11: unexpected end of the query"),
        (["SELECT * { SERVICE <http://127.0.0.1:9/> {} }"], "SERVICE is not answered here"),
        (["DROP ALL"], "read-only"),
        (["SELECT * {}", "--format", "turtle"], "use --format csv or json"),
        (["CONSTRUCT {} {}", "--format", "csv"], "use --format turtle or json"),
        (["nowhere.rq"], "nowhere.rq: cannot be read: No such file"),
    ],
)
def test_a_bad_query_is_one_message(thesaurus: Path, arguments: list[str], message: str) -> None:
    kg.build(kg.open_project(thesaurus))
    done = run_kg("query", "--project", thesaurus, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def on_terminal(*arguments: str) -> str:
    """What a terminal of 80 columns is sent by the command."""
    ours, theirs = pty.openpty()
    environ = {**os.environ, "TERM": "xterm", "COLUMNS": "80", "LINES": "24"}
    with subprocess.Popen([*KG, *arguments], stdout=theirs, stderr=theirs, stdin=theirs, env=environ) as process:
        os.close(theirs)
        seen = b""
        while select.select([ours], [], [], 30)[0]:
            try:
                part = os.read(ours, 65536)
            except OSError:
                break
            seen += part
        process.wait(timeout=30)
    os.close(ours)
    return seen.decode()


def test_on_a_terminal_there_is_progress(thesaurus: Path) -> None:
    assert "validating" in on_terminal("check", "--project", str(thesaurus))


def test_on_a_terminal_a_wide_row_is_a_record(real: Path, released: kg.Release) -> None:
    records = on_terminal("query", "--project", str(real), str(ROOT / "ontology/questions/who-said-it.rq"))
    assert "── 1 ──" in records
    assert "speakerLabel   Emmanuel Macron" in records
    assert max(map(len, records.splitlines())) <= 80


def test_a_terminal_does_not_obey_the_data(real: Path, released: kg.Release) -> None:
    text = 'SELECT ?a ?b { VALUES (?a ?b) { ("\\u001B[31mred\\u0007" "日本") ("two\\nlines" "x") } }'
    shown = on_terminal("query", "--project", str(real), text).replace("\r\n", "\n")
    assert shown == "\x1b[1ma           b\x1b[0m\n────────────────\n␛[31mred␇   日本\ntwo         x\nlines\n2 rows\n"
    piped = run_kg("query", "--project", real, text).stdout  # a program gets what is written
    assert "\x1b[31mred\x07" in piped


def test_head_may_stop_reading(real: Path, released: kg.Release) -> None:
    command = f"{' '.join(KG)} query --project {real} 'SELECT * {{ ?s ?p ?o }}' | head -1"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert len(done.stdout.splitlines()) == 1


def test_version_and_help() -> None:
    assert run_kg("--version").stdout.startswith("kg, version ")
    for command in ("check", "build", "serve", "query"):
        done = run_kg(command, "--help")
        assert done.returncode == 0
        assert all(len(line) <= 80 for line in done.stdout.splitlines())
