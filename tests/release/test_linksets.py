"""The links to each other dataset, as files of a release: what VoID counts, and nothing else."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path

import pyoxigraph as ox
from rdflib import RDF, VOID, Graph, URIRef

import kg
from kg.metadata.linksets import PREFIX
from kg.statistics import namespace_of
from tests.conftest import THESAURUS, copy_project

BREAD = "https://data.example.org/bread/"
DCAT = "http://www.w3.org/ns/dcat#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
TARGET = f"""
<{BREAD}dataset#other> a void:Dataset ; dcterms:title "Other"@en ; void:uriSpace "https://other.example/id/" .
"""


def linked(target: Path, links: int = 3) -> Path:
    """The thesaurus with links to a described dataset, to one that is not, and to mere pages."""
    project = copy_project(THESAURUS, target)
    lines = [f"<{BREAD}concept/rye> <{SKOS}closeMatch> <https://named.example/{n}> ." for n in range(links)]
    lines += [f"<{BREAD}x/{n}> <urn:x:about> <https://other.example/id/{n}> ." for n in range(links)]
    lines += [f"<{BREAD}x/{n}> <{SKOS}exactMatch> <https://other.example/id/{n}> ." for n in range(links)]
    lines += [f"<{BREAD}x/{n}> <urn:x:page> <https://pages.example/{n}> ." for n in range(links)]
    lines += [f"<https://elsewhere.example/x> <{SKOS}exactMatch> <https://other.example/id/1> ."]
    (project / "data/concepts/links.ttl").write_text("\n".join(lines), encoding="utf-8")
    # What stands in two graphs is one link.
    (project / "data/more").mkdir()
    (project / "data/more/again.ttl").write_text(lines[0], encoding="utf-8")
    dataset = project / "data/dataset.ttl"
    dataset.write_text(dataset.read_text(encoding="utf-8") + TARGET, encoding="utf-8")
    return project


def catalogue(release: kg.Release) -> Graph:
    return Graph().parse(release.path / "catalogue.ttl")


def triples(file: Path, form: ox.RdfFormat) -> set[ox.Triple]:
    return {quad.triple for quad in ox.parse(path=str(file), format=form)}


def test_each_target_has_files_with_its_links(tmp_path: Path) -> None:
    release = kg.build(kg.open_project(linked(tmp_path / "project")))
    files = {name for name in release.manifest.files if f"/{PREFIX}" in name}
    names = {name.removeprefix(f"dumps/{PREFIX}") for name in files}
    [namespace] = {name.partition(".")[0] for name in names} - {"other"}
    assert names == {"other.ttl", "other.nt", f"{namespace}.ttl", f"{namespace}.nt"}
    for name, size in (("other", 6), (namespace, 3)):
        told = triples(release.path / f"dumps/{PREFIX}{name}.nt", ox.RdfFormat.N_TRIPLES)
        assert told == triples(release.path / f"dumps/{PREFIX}{name}.ttl", ox.RdfFormat.TURTLE)
        assert len(told) == size
    sums = (release.path / "SHA256SUMS").read_text(encoding="utf-8")
    for name in files:
        assert f"{hashlib.sha256((release.path / name).read_bytes()).hexdigest()}  {name}\n" in sums


def test_large_ones_are_packed_and_all_are_the_same_each_time(tmp_path: Path) -> None:
    one = kg.build(kg.open_project(linked(tmp_path / "one", 2_000)))
    other = kg.build(kg.open_project(linked(tmp_path / "other", 2_000)))
    files = {name: fact for name, fact in one.manifest.files.items() if f"/{PREFIX}" in name}
    assert f"dumps/{PREFIX}other.nt.gz" in files
    assert files == {name: fact for name, fact in other.manifest.files.items() if f"/{PREFIX}" in name}


def test_no_links_no_files(thesaurus: Path) -> None:
    release = kg.build(kg.open_project(thesaurus))
    assert not [name for name in release.manifest.files if f"/{PREFIX}" in name]
    assert not list(catalogue(release).subjects(RDF.type, VOID.Linkset))


def test_the_real_files_hold_what_a_query_finds_and_void_counts(released: kg.Release) -> None:
    graph, manifest = catalogue(released), released.manifest
    base, data = manifest.base, triples(released.path / "dumps/data.nt", ox.RdfFormat.N_TRIPLES)
    spaces = {str(t): str(space) for t, space in graph.subject_objects(VOID.uriSpace) if str(t) != manifest.dataset}
    expected: Counter[tuple[str, str]] = Counter()
    found: Counter[tuple[str, str]] = Counter()
    for linkset in graph.subjects(RDF.type, VOID.Linkset):
        target, prop = str(graph.value(linkset, VOID.objectsTarget)), str(graph.value(linkset, VOID.linkPredicate))
        expected[target, prop] = int(str(graph.value(linkset, VOID.triples)))
        [whole] = [s for s in graph.subjects(VOID.subset, linkset) if str(s) != manifest.dataset]
        assert (whole, RDF.type, URIRef(f"{DCAT}Dataset")) in graph
        dumps = {str(dump) for dump in graph.objects(whole, VOID.dataDump)}
        assert {dump.rpartition(".")[2] for dump in dumps} >= {"ttl", "nt"}
        urls = {
            str(u)
            for d in graph.objects(whole, URIRef(f"{DCAT}distribution"))
            for u in graph.objects(d, URIRef(f"{DCAT}downloadURL"))
        }
        assert urls == dumps
        name = next(dump for dump in dumps if dump.endswith(".nt")).rpartition("/")[2]
        told = triples(released.path / "dumps" / name, ox.RdfFormat.N_TRIPLES)
        assert told <= data
        assert len(told) == int(str(graph.value(whole, VOID.triples)))
        mine = {t for t in told if t.predicate.value == prop}
        found[target, prop] = len(mine)
        space = spaces.get(target)
        wanted = {
            t
            for t in data
            if t.predicate.value == prop
            and isinstance(t.object, ox.NamedNode)
            and str(t.subject)[1:].startswith(base)
            and (t.object.value.startswith(space) if space else namespace_of(t.object.value) == target)
        }
        assert mine == wanted
        if set(graph.objects(linkset, VOID.dataDump)):
            assert len(told) == expected[target, prop]
    assert found == expected
    assert len({target for target, _ in found}) > 4
