"""A release is repeatable, whole or absent, and never taken for another."""

from __future__ import annotations

import fcntl
import json
import os
import random
import shutil
import subprocess
import time
from pathlib import Path

import pyoxigraph as ox
import pytest

import kg
from kg.errors import NoRelease, ReleaseError
from kg.graph import as_rdflib, read_graph
from kg.release.manifest import open_release
from kg.release.store import open_store
from tests.conftest import KG, ROOT, THESAURUS, copy_project, run_kg, trials


def contents(release: Path) -> dict[str, bytes]:
    """Every file of a release but the store's."""
    return {
        str(p.relative_to(release)): p.read_bytes()
        for p in sorted(release.rglob("*"))
        if p.is_file() and "store" not in p.parts
    }


def test_the_same_input_gives_the_same_bytes(tmp_path: Path, released: kg.Release) -> None:
    project = copy_project(ROOT, tmp_path / "somewhere else")
    done = run_kg("build", "--project", project, PYTHONHASHSEED="77", TZ="Pacific/Kiritimati", LC_ALL="C")
    assert done.returncode == 0, done.stderr
    again = open_release(project / "releases")
    assert again.manifest.name == released.manifest.name
    assert contents(again.path) == contents(released.path)


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
            assert as_rdflib(parsed).isomorphic(as_rdflib(default))
    named = {q.graph_name.value for q in store if isinstance(q.graph_name, ox.NamedNode)}
    assert named == set(manifest.graphs)
    for graph, count in manifest.graphs.items():
        assert len(list(store.quads_for_pattern(None, None, None, ox.NamedNode(graph)))) == count
    # The published N-Quads are the text whose digest names the release.
    sums = subprocess.run(["sha256sum", released.path / "dumps/data.nq"], capture_output=True, text=True, check=True)
    assert sums.stdout.split()[0] == manifest.digest
    assert released.path.name == f"{manifest.version}-{manifest.digest[:12]}"


def test_what_was_written_is_what_is_published(released: kg.Release) -> None:
    written = as_rdflib(read_graph(kg.open_project(ROOT)).asserted)
    dumped = as_rdflib(q.triple for q in ox.parse(path=released.path / "dumps/asserted.ttl"))
    assert written.isomorphic(dumped)


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
    for number in range(trials(12, 500)):
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
    left = {p.name for p in (thesaurus / "releases").iterdir()} - {"current", ".lock"}
    assert left == whole | {last.manifest.name}


def test_the_thesaurus_has_its_own_name() -> None:
    assert kg.open_project(THESAURUS).base == "https://data.example.org/bread/"
