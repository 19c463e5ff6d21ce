"""A release holds everything, is repeatable, whole or absent, and never taken for another."""

from __future__ import annotations

import fcntl
import gzip
import hashlib
import json
import os
import random
import shutil
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path

import pyoxigraph as ox
import pytest
import yaml
from rdflib import Graph

import kg
from kg.errors import NoRelease, ReleaseError
from kg.graph import KnowledgeGraph, as_rdflib
from kg.release.manifest import open_release
from kg.release.store import open_store
from tests.conftest import KG, ROOT, THESAURUS, copy_project, run_kg, trials

PROJECTS = THESAURUS.parent


def contents(release: Path) -> dict[str, bytes]:
    """Every file of a release but the store's."""
    return {
        str(p.relative_to(release)): p.read_bytes()
        for p in sorted(release.rglob("*"))
        if p.is_file() and "store" not in p.parts
    }


def same(one: Iterable[ox.Triple], other: Iterable[ox.Triple]) -> bool:
    """True for graphs that differ in the labels of blank nodes only (RDF Dataset Canonicalization)."""
    both = [ox.Dataset(ox.Quad(t.subject, t.predicate, t.object) for t in triples) for triples in (one, other)]
    for dataset in both:
        dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return both[0] == both[1]


def test_the_same_input_gives_the_same_bytes(tmp_path: Path, released: kg.Release) -> None:
    project = copy_project(ROOT, tmp_path / "somewhere else")
    done = run_kg("build", "--project", project, PYTHONHASHSEED="77", TZ="Pacific/Kiritimati", LC_ALL="C")
    assert done.returncode == 0, done.stderr
    again = open_release(project / "releases")
    assert again.manifest.name == released.manifest.name
    assert contents(again.path) == contents(released.path)


ODD = """\
@prefix ex: <https://data.example.org/bread/x/> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix isbn: <https://data.example.org/bread/book/> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
ex:odd a ex:Odd , <https://data.example.org/bread/x/> , [ ex:made ex:here ] ;
    skos:note "a\\r\\nb\\tc" , "<b>&amp;]]></b>" , "é\u2028"@de , "\\"\\\\" , "_:b0" , " <urn:x> ." , "1.5"^^ex:odd , 1.5 , true ;
    ex:near <isbn:1234> , isbn:1234 , <https://data.example.org/bread/x//y> , ( 1 [] [] ) .
[] ex:near [ ex:near [] ] .
ex:ring1 ex:near _:a . _:a ex:near _:b . _:b ex:near _:a .
"""


@pytest.fixture(scope="module", params=["thesaurus", "bakery", "ledger", "odd"])
def project(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Each of the small projects, and one with all that is hard to write; none is changed."""
    folder = tmp_path_factory.mktemp(request.param) / "project"
    if request.param != "odd":
        return copy_project(PROJECTS / request.param, folder)
    copy_project(THESAURUS, folder)
    (folder / "data/odd").mkdir()
    (folder / "data/odd/odd.ttl").write_text(ODD, encoding="utf-8")
    # The same triple in two graphs.
    (folder / "data/again").mkdir()
    (folder / "data/again/odd.ttl").write_text(
        "<https://data.example.org/bread/x/odd> a <https://data.example.org/bread/x/Odd> .", encoding="utf-8"
    )
    return folder


@pytest.fixture(scope="module")
def release(project: Path) -> kg.Release:
    """Its release; not changed either."""
    return kg.build(kg.open_project(project))


def test_every_format_of_every_part_holds_the_same(release: kg.Release) -> None:
    whole = set(ox.parse(path=str(release.path / "dumps/data.nq")))
    inferred = ox.NamedNode(f"{release.manifest.base}graph/inferred")
    parts = {
        "data": whole,
        "asserted": {quad for quad in whole if quad.graph_name != inferred},
        "inferred": {quad for quad in whole if quad.graph_name == inferred},
    }
    for part, quads in parts.items():
        triples = as_rdflib({quad.triple for quad in quads})
        assert len(triples) == release.manifest.triples[part]
        for suffix in ("nq", "trig"):
            # Blank nodes have the same labels everywhere, so that sets can be compared.
            assert set(ox.parse(path=str(release.path / f"dumps/{part}.{suffix}"))) == quads, (part, suffix)
        for suffix in ("ttl", "nt", "jsonld", "rdf"):
            file = release.path / f"dumps/{part}.{suffix}"
            read = [quad.triple for quad in ox.parse(path=str(file), format=ox.RdfFormat.from_extension(suffix))]
            assert set(read) == {quad.triple for quad in quads}, (part, suffix)
            assert len(read) == len(triples), (part, suffix)
            # Another reader, which knows nothing of our labels. Lexical forms count: nothing is normalised.
            graph = Graph().parse(file, format={"jsonld": "json-ld", "rdf": "xml"}.get(suffix, suffix))
            assert len(graph) == len(triples)
            assert graph.isomorphic(triples), (part, suffix)


def test_packed_files_are_the_same_and_tell_nothing_else(release: kg.Release) -> None:
    packed = [path for path in release.manifest.files if path.endswith(".gz")]
    assert len(packed) == 18
    for path in packed:
        content = (release.path / path).read_bytes()
        # RFC 1952, section 2.3: deflate, no flags (so no name), no time.
        assert content[:8] == b"\x1f\x8b\x08\x00\x00\x00\x00\x00"
        assert gzip.decompress(content) == (release.path / path.removesuffix(".gz")).read_bytes()


def test_the_same_bytes_wherever_and_whenever(project: Path, release: kg.Release, tmp_path: Path) -> None:
    other = copy_project(project, tmp_path / "öther place")
    for file in other.rglob("*"):
        os.utime(file, (0, 0))
    done = run_kg("build", "--project", other, PYTHONHASHSEED="4711", TZ="America/St_Johns", LC_ALL="C", HOME="/")
    assert done.returncode == 0, done.stderr
    assert contents(open_release(other / "releases").path) == contents(release.path)


def test_what_is_no_data_is_there_too(project: Path, release: kg.Release) -> None:
    files = set(release.manifest.files)
    assert {"catalogue.ttl", "report.ttl", "statistics.json"} <= files
    for folder in ("ontology", "shapes"):
        for file in (project / folder).rglob("*"):
            path = file.relative_to(project)
            assert (str(path) in files) == (file.is_file() and "tests" not in path.parts), path
            if file.is_file() and "tests" not in path.parts:
                assert (release.path / path).read_bytes() == file.read_bytes()
    there = {str(p.relative_to(release.path)) for p in release.path.rglob("*") if p.is_file()}
    assert {p for p in there if not p.startswith("store/")} == files | {"manifest.json", "SHA256SUMS"}


def test_foreign_and_hidden_files_are_not_published(thesaurus: Path) -> None:
    for name in (".env", ".hidden/a.ttl", "notes.txt", "tests/a.ttl", "a.ttl~"):
        file = thesaurus / "ontology" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("")
    release = kg.build(kg.open_project(thesaurus))
    kept = {p for p in release.manifest.files if p.startswith("ontology/")}
    assert kept == {p.relative_to(THESAURUS).as_posix() for p in (THESAURUS / "ontology").rglob("*.ttl")}


def test_statistics_are_those_of_the_store(released: kg.Release) -> None:
    told = json.loads((released.path / "statistics.json").read_text())
    store = open_store(released)

    def counted(select: str) -> dict[str, int]:
        rows = store.query(select)
        assert isinstance(rows, ox.QuerySolutions)
        return {row["key"].value: int(row["n"].value) for row in rows}

    data = told["parts"]["data"]
    assert data["triples"] == released.manifest.triples["data"]
    assert data["classes"] == counted("SELECT ?key (COUNT(*) AS ?n) { ?s a ?key FILTER(isIRI(?key)) } GROUP BY ?key")
    assert data["properties"] == counted("SELECT ?key (COUNT(*) AS ?n) { ?s ?key ?o } GROUP BY ?key")
    for name, variable in (("subjects", "?s"), ("predicates", "?p"), ("objects", "?o")):
        row = counted(f"SELECT ('n' AS ?key) (COUNT(DISTINCT {variable}) AS ?n) {{ ?s ?p ?o }}")
        assert data[name] == row["n"]
    meta = f"{released.manifest.base}graph/meta"
    assert told["graphs"] == {g: n for g, n in released.manifest.graphs.items() if g != meta}
    assert data["triples"] >= told["parts"]["asserted"]["triples"] > told["parts"]["inferred"]["triples"] > 0
    assert data["links"]
    assert not [link for link in data["links"] if link["namespace"].startswith(released.manifest.base)]


def test_the_digest_with_sha_384_is_published_too(release: kg.Release) -> None:
    dataset = ox.Dataset(ox.parse(path=str(release.path / "dumps/data.nq")))
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0_SHA_384)
    lines = (ox.serialize(dataset, format=ox.RdfFormat.N_QUADS) or b"").splitlines(keepends=True)
    assert release.manifest.digest_sha384 == hashlib.sha384(b"".join(sorted(lines))).hexdigest()


CFF_KEYS = {
    "cff-version", "message", "type", "title", "abstract", "authors", "contact", "version", "date-released", "doi",
    "url", "keywords", "license", "license-url",
}  # fmt: skip


def test_the_citation_says_what_the_dataset_says(thesaurus: Path) -> None:
    (thesaurus / "data/dataset.ttl").write_text(
        """
        @base <https://data.example.org/bread/> . @prefix dcat: <http://www.w3.org/ns/dcat#> .
        @prefix dcterms: <http://purl.org/dc/terms/> . @prefix foaf: <http://xmlns.com/foaf/0.1/> .
        @prefix vcard: <http://www.w3.org/2006/vcard/ns#> . @prefix void: <http://rdfs.org/ns/void#> .
        @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
        <dataset> a dcat:Dataset ; void:uriSpace "https://data.example.org/bread/" ; dcat:version "2.10" ;
            dcterms:title "Bread"@en , "Brot"@de ; dcterms:description "Kinds of bread: which, and how."@en ;
            dcterms:issued "2026-01-31"^^xsd:date ;
            dcterms:license <https://creativecommons.org/licenses/by-nc-sa/4.0/> ;
            dcat:keyword "bread"@en , "Brot"@de , "2021"@en , "bread"@en ;
            dcterms:publisher <dataset#desk> ; dcterms:identifier "bread" , "https://doi.org/10.1234/x.y" ;
            dcterms:creator <https://orcid.org/0000-0002-1825-0097> ; dcat:contactPoint <dataset#desk> .
        <https://orcid.org/0000-0002-1825-0097> a foaf:Person ; foaf:name "Josiah Carberry" ;
            foaf:givenName "Josiah" ; foaf:familyName "Carberry" .
        <dataset#desk> a vcard:Organization ; vcard:fn "Desk: #1" ; vcard:hasEmail <mailto:desk@example.org> .
        """
    )
    release = kg.build(kg.open_project(thesaurus))
    cited = yaml.safe_load((release.path / "CITATION.cff").read_bytes())
    assert cited == {
        "cff-version": "1.2.0",
        "message": "If you use this dataset, please cite it as below.",
        "type": "dataset",
        "title": "Bread",
        "abstract": "Kinds of bread: which, and how.",
        "authors": [
            {"family-names": "Carberry", "given-names": "Josiah", "orcid": "https://orcid.org/0000-0002-1825-0097"}
        ],
        "contact": [{"name": "Desk: #1", "email": "desk@example.org"}],
        "version": "2.10",
        "date-released": "2026-01-31",
        "doi": "10.1234/x.y",
        "url": "https://data.example.org/bread/dataset",
        "keywords": ["2021", "bread"],
        "license": "CC-BY-NC-SA-4.0",
    }


def test_a_licence_without_an_identifier_is_cited_by_its_address(thesaurus: Path) -> None:
    dataset = thesaurus / "data/dataset.ttl"
    dataset.write_text(
        dataset.read_text().replace("https://creativecommons.org/publicdomain/zero/1.0/", "https://x.example/l")
    )
    cited = yaml.safe_load((kg.build(kg.open_project(thesaurus)).path / "CITATION.cff").read_bytes())
    assert cited["license-url"] == "https://x.example/l"
    assert "license" not in cited


def test_a_citation_needs_somebody_to_name(project: Path, release: kg.Release) -> None:
    said = (project / "data/dataset.ttl").read_text()
    file = release.path / "CITATION.cff"
    assert file.is_file() == ("dcterms:publisher" in said or "dcterms:creator" in said)
    if file.is_file():
        cited = yaml.safe_load(file.read_bytes())
        assert cited.keys() <= CFF_KEYS
        assert {"cff-version", "message", "title", "authors"} <= cited.keys()
        assert isinstance(cited["version"], str)
        assert isinstance(cited["date-released"], str)


def as_format_1(release: kg.Release) -> kg.Release:
    """The release as a program made it that knew fewer files and facts."""
    kept = (
        "catalogue.ttl",
        "report.ttl",
        "dumps/data.ttl",
        "dumps/asserted.ttl",
        "dumps/inferred.ttl",
        "dumps/data.nq",
    )
    for path in release.manifest.files:
        if path not in kept:
            (release.path / path).unlink()
    facts = json.loads((release.path / "manifest.json").read_text())
    del facts["digest_sha384"]
    facts |= {"format": 1, "files": {path: facts["files"][path] for path in kept}}
    written = json.dumps(facts).encode()
    (release.path / "manifest.json").write_bytes(written)
    sums = {path: sha256 for path, (_, sha256) in facts["files"].items()}
    sums["manifest.json"] = hashlib.sha256(written).hexdigest()
    (release.path / "SHA256SUMS").write_text("".join(f"{sums[path]}  {path}\n" for path in sorted(sums)))
    return open_release(release.path)


def test_releases_of_the_first_format_can_be_read(thesaurus: Path) -> None:
    old = as_format_1(kg.build(kg.open_project(thesaurus)))
    assert old.manifest.format == 1
    assert old.manifest.digest_sha384 == ""
    assert old.damage() == []
    assert kg.query(old, "ASK { ?s ?p ?o }")
    # The next build does not take it for its own twin.
    assert kg.build(kg.open_project(thesaurus)).path.name == f"{old.path.name}.2"


def test_building_twice_keeps_the_release(thesaurus: Path) -> None:
    project = kg.open_project(thesaurus)
    first = kg.build(project)
    inode = first.path.stat().st_ino
    assert kg.build(project).path.stat().st_ino == inode


def test_dumps_store_and_manifest_say_the_same(released: kg.Release) -> None:
    manifest = released.manifest
    store = open_store(released)
    default = {q.triple for q in store.quads_for_pattern(None, None, None, ox.DefaultGraph())}
    for part in ("data", "asserted", "inferred"):
        parsed = {q.triple for q in ox.parse(path=released.path / f"dumps/{part}.ttl")}
        assert len(parsed) == manifest.triples[part]
        if part == "data":
            assert same(parsed, default)
    named = {q.graph_name.value for q in store if isinstance(q.graph_name, ox.NamedNode)}
    assert named == set(manifest.graphs)
    for graph, count in manifest.graphs.items():
        assert len(list(store.quads_for_pattern(None, None, None, ox.NamedNode(graph)))) == count
    # The published N-Quads are the text whose digest names the release.
    sums = subprocess.run(["sha256sum", released.path / "dumps/data.nq"], capture_output=True, text=True, check=True)
    assert sums.stdout.split()[0] == manifest.digest
    assert released.path.name == f"{manifest.version}-{manifest.digest[:12]}"


def test_what_was_written_is_what_is_published(released: kg.Release, real_graph: KnowledgeGraph) -> None:
    written = {q.triple for q in real_graph.asserted}
    dumped = {q.triple for q in ox.parse(path=released.path / "dumps/asserted.ttl")}
    assert same(written, dumped)
    assert not same(written, dumped - {next(iter(dumped))})


def test_the_sums_can_be_checked_by_the_usual_tool(released: kg.Release) -> None:
    done = subprocess.run(
        ["sha256sum", "--check", "--strict", "SHA256SUMS"],
        cwd=released.path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert released.damage() == []


def test_the_catalogue_counts_what_is_there(released: kg.Release) -> None:
    store = ox.Store()
    store.load(path=released.path / "catalogue.ttl")
    found = store.query(
        """PREFIX dcat: <http://www.w3.org/ns/dcat#> PREFIX spdx: <http://spdx.org/rdf/terms#>
        SELECT ?url ?size ?sum { ?d dcat:downloadURL ?url ; dcat:byteSize ?size ; spdx:checksum/spdx:checksumValue ?sum }"""
    )
    assert isinstance(found, ox.QuerySolutions)
    for row in found:
        url, size, checksum = (row[i].value for i in range(3))
        name = url.rpartition("/")[2]
        assert url == f"{released.manifest.base}dumps/{released.manifest.name}/{name}"
        assert released.manifest.files[f"dumps/{name}"] == (int(size), checksum)


def test_a_published_folder_is_never_changed(thesaurus: Path) -> None:
    """The same data with another description is another release: folders and what they are served as stay apart."""
    first = kg.build(kg.open_project(thesaurus))
    before = contents(first.path)
    dataset = thesaurus / "data/dataset.ttl"
    dataset.write_text(dataset.read_text().replace("Bread thesaurus", "Thesaurus of bread"))
    second = kg.build(kg.open_project(thesaurus))
    assert second.manifest.digest == first.manifest.digest
    assert second.path.name == f"{first.path.name}.2"
    assert contents(first.path) == before
    assert open_release(thesaurus / "releases").path == second.path
    assert kg.build(kg.open_project(thesaurus)).path == second.path


def test_beside_a_damaged_release_a_whole_one_is_made(thesaurus: Path) -> None:
    release = kg.build(kg.open_project(thesaurus))
    (release.path / "dumps/data.ttl").write_text("")
    shutil.rmtree(release.store)
    assert release.damage() == ["dumps/data.ttl"]
    again = kg.build(kg.open_project(thesaurus))
    assert again.damage() == []
    assert len(open_store(again)) == again.manifest.quads
    assert open_release(thesaurus / "releases").path == again.path


def test_a_title_cannot_leave_its_comment(thesaurus: Path) -> None:
    dataset = thesaurus / "data/dataset.ttl"
    dataset.write_text(dataset.read_text().replace('"Bread thesaurus"', '"Bread\\n<urn:x> <urn:y> <urn:z> ."'))
    release = kg.build(kg.open_project(thesaurus))
    assert len(list(ox.parse(path=release.path / "dumps/data.ttl"))) == release.manifest.triples["data"]


def test_folders_and_questions_may_have_any_name(thesaurus: Path) -> None:
    (thesaurus / "data/my <folder>").mkdir()
    (thesaurus / "data/my <folder>/crème.ttl").write_text(
        '<https://data.example.org/bread/x> <http://www.w3.org/2004/02/skos/core#prefLabel> "x"@en .'
    )
    (thesaurus / "ontology/questions").mkdir()
    (thesaurus / "ontology/questions/who said.rq").write_text("SELECT * { ?s ?p ?o }")
    release = kg.build(kg.open_project(thesaurus))
    assert "https://data.example.org/bread/graph/data/my%20%3Cfolder%3E" in release.manifest.graphs


def test_a_project_may_lie_below_a_hidden_folder(thesaurus: Path, tmp_path: Path) -> None:
    hidden = copy_project(thesaurus, tmp_path / ".hidden/project")
    assert kg.check(kg.open_project(hidden)).triples == kg.check(kg.open_project(thesaurus)).triples


@pytest.mark.parametrize("harm", ["{", '{"format": 1}', '{"format": 99}', "[]"])
def test_a_damaged_manifest_is_refused(thesaurus: Path, harm: str) -> None:
    release = kg.build(kg.open_project(thesaurus))
    (release.path / "manifest.json").write_text(harm)
    with pytest.raises(ReleaseError):
        open_release(thesaurus / "releases")


def test_a_store_that_is_not_the_manifests_is_refused(thesaurus: Path) -> None:
    release = kg.build(kg.open_project(thesaurus))
    facts = json.loads((release.path / "manifest.json").read_text())
    (release.path / "manifest.json").write_text(json.dumps(facts | {"quads": 5}))
    with pytest.raises(ReleaseError, match="its manifest says 5"):
        open_store(open_release(thesaurus / "releases"))


def test_no_release_is_its_own_error(tmp_path: Path) -> None:
    with pytest.raises(NoRelease):
        open_release(tmp_path)


def test_a_violation_leaves_the_former_release(thesaurus: Path) -> None:
    former = kg.build(kg.open_project(thesaurus))
    (thesaurus / "data/concepts/bad.ttl").write_text(
        "<https://data.example.org/bread/concept/x> a <http://www.w3.org/2004/02/skos/core#Concept> ."
    )
    done = run_kg("build", "--project", thesaurus)
    assert done.returncode == 1
    assert "data/concepts/bad.ttl:1: violation: concept:x skos:prefLabel" in done.stderr
    assert "Traceback" not in done.stderr
    assert open_release(thesaurus / "releases").path == former.path
    assert [p.name for p in (thesaurus / "releases").iterdir() if p.name.startswith(".b")] == []


def test_a_contradiction_leaves_the_former_release(thesaurus: Path) -> None:
    former = kg.build(kg.open_project(thesaurus))
    (thesaurus / "ontology/clash.ttl").write_text(
        """@prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix t: <https://data.example.org/bread/terms#> .
        t:A owl:disjointWith t:B . t:x a t:A , t:B ."""
    )
    done = run_kg("build", "--project", thesaurus)
    assert done.returncode == 2
    assert "<https://data.example.org/bread/terms#x> is both" in done.stderr
    assert open_release(thesaurus / "releases").path == former.path


def test_two_builds_at_once_do_not_mix(thesaurus: Path) -> None:
    kg.build(kg.open_project(thesaurus))
    with (thesaurus / "releases/.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = run_kg("build", "--project", thesaurus)
    assert done.returncode == 2
    assert "another build is under way" in done.stderr


def test_releases_that_cannot_be_written(thesaurus: Path) -> None:
    (thesaurus / "releases").write_text("a file stands where the folder should be")
    done = run_kg("build", "--project", thesaurus)
    assert done.returncode == 2
    assert "cannot be written" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk needs root")
def test_a_full_disk_says_so_and_leaves_nothing(thesaurus: Path, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200k", "none", disk], check=False)
    if mounted.returncode:
        pytest.skip("this machine does not let root mount a disk")
    try:
        done = run_kg("build", "--project", thesaurus, "--releases", disk)
        assert done.returncode == 2
        assert "cannot be written" in done.stderr
        assert "Traceback" not in done.stderr
        assert [p.name for p in disk.iterdir()] == [".lock"]
    finally:
        subprocess.run(["umount", disk], check=True)


def test_kill_at_any_moment_leaves_a_whole_release(thesaurus: Path) -> None:
    chance = random.Random(20260106)
    extra = thesaurus / "data/concepts/extra.ttl"
    whole = {kg.build(kg.open_project(thesaurus)).manifest.name}
    for number in range(trials(6, 500)):
        extra.write_text(
            f'<https://data.example.org/bread/concept/n> <http://www.w3.org/2004/02/skos/core#prefLabel> "{number}"@en .'
        )
        with subprocess.Popen([*KG, "build", "--project", thesaurus], stderr=subprocess.DEVNULL) as process:
            time.sleep(chance.uniform(0.2, 1.2))
            process.kill()
        current = open_release(thesaurus / "releases")
        assert current.damage() == []
        assert len(open_store(current)) == current.manifest.quads
        whole.add(current.manifest.name)
    last = kg.build(kg.open_project(thesaurus))
    left = {p.name for p in (thesaurus / "releases").iterdir()} - {"current", ".lock", "journal.tsv"}
    assert left >= whole | {last.manifest.name}
    # One that was killed after the folder got its name, and before it became the current one, is whole as well.
    for name in left - whole - {last.manifest.name}:
        between = open_release(thesaurus / "releases" / name)
        assert between.damage() == []
        assert len(open_store(between)) == between.manifest.quads


def test_the_thesaurus_has_its_own_name() -> None:
    assert kg.open_project(THESAURUS).base == "https://data.example.org/bread/"
