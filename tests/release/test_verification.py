"""``kg verify``: a whole release is proved, and whatever is done to one is found and named."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kg
from kg.release.isomorphism import _number, difference, digest_of, triples
from kg.release.manifest import open_release
from kg.release.verification import verify
from tests.conftest import THESAURUS, call_kg, copy_project, run_kg

BREAD = "https://data.example.org/bread/"
TRIPLE = f'<{BREAD}x> <urn:x:p> "foreign" .\n'


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release with blank nodes, some of them alike but for what they are tied to; never changed."""
    project = copy_project(THESAURUS, tmp_path_factory.mktemp("verified") / "project")
    (project / "data/concepts/blank.ttl").write_text(
        f"<{BREAD}a> <urn:x:q> [ <urn:x:q> [ <urn:x:n> 1 ] ] , [ <urn:x:q> [ <urn:x:n> 2 ] ] , [ <urn:x:q> [] ] ."
    )
    return kg.build(kg.open_project(project)).path


@pytest.fixture
def release(original: Path, tmp_path: Path) -> Path:
    """A copy to be damaged."""
    return shutil.copytree(original, tmp_path / "releases" / original.name)


def found(release: Path) -> list[tuple[str, str]]:
    return [(flaw.where, flaw.what) for flaw in verify(open_release(release))]


def resigned(release: Path, path: str, content: bytes) -> None:
    """Write a file and list it as if it had always been so: only its meaning can now be wrong."""
    (release / path).write_bytes(content)
    manifest = json.loads((release / "manifest.json").read_bytes())
    manifest["files"][path] = [len(content), hashlib.sha256(content).hexdigest()]
    (release / "manifest.json").write_text(json.dumps(manifest))
    sums = {p: sha256 for p, (_, sha256) in manifest["files"].items()}
    sums["manifest.json"] = hashlib.sha256((release / "manifest.json").read_bytes()).hexdigest()
    (release / "SHA256SUMS").write_text("".join(f"{sums[p]}  {p}\n" for p in sorted(sums)))


def moved(release: Path) -> bytes:
    """All quads as TriG, in other graphs."""
    quads = ox.parse((release / "dumps/data.nq").read_bytes().replace(b"/graph/", b"/g/"), format=ox.RdfFormat.N_QUADS)
    return ox.serialize(quads, format=ox.RdfFormat.TRIG) or b""


def linked(release: Path) -> None:
    """The right content, but from outside of the release."""
    shutil.move(release / "report.ttl", release.parent / "elsewhere")
    (release / "report.ttl").symlink_to("../elsewhere")


def test_what_was_built_is_whole(original: Path, released: kg.Release) -> None:
    said: list[str] = []
    assert verify(open_release(original), said.append) == []
    assert verify(released) == []
    dumps = {path for path in open_release(original).manifest.files if path.startswith("dumps/")} - {"dumps/data.nq"}
    assert dumps <= {line.removeprefix("comparing ") for line in said}


HARMS: list[tuple[str, Callable[[Path], object], str, str]] = [
    ("missing", lambda r: (r / "dumps/data.ttl").unlink(), "dumps/data.ttl", "is missing"),
    ("shorter", lambda r: (r / "report.ttl").write_bytes(b""), "report.ttl", "has 0 bytes"),
    ("changed", lambda r: (r / "catalogue.ttl").write_bytes((r / "catalogue.ttl").read_bytes()[:-1] + b" "),
     "catalogue.ttl", "is changed"),
    ("foreign", lambda r: (r / "dumps/more.ttl").write_text(""), "dumps/more.ttl", "does not belong"),
    ("foreign folder", lambda r: shutil.copytree(r / "dumps", r / "dumps2"), "dumps2/data.nq", "does not belong"),
    ("a link", linked, "report.ttl", "leads out"),
    ("the manifest", lambda r: (r / "manifest.json").write_text((r / "manifest.json").read_text() + "\n"),
     "manifest.json", "is changed"),
    ("the sums", lambda r: (r / "SHA256SUMS").write_text("nothing\n"), "SHA256SUMS", "line 1 is not"),
    ("no sums", lambda r: (r / "SHA256SUMS").unlink(), "SHA256SUMS", "cannot be read"),
    ("no store", lambda r: shutil.rmtree(r / "store"), "store", "cannot be read"),
    ("no index", lambda r: (r / "store/labels.sqlite").unlink(), "store/labels.sqlite", "no label index"),
    ("not Turtle", lambda r: resigned(r, "dumps/asserted.ttl", b"<"), "dumps/asserted.ttl", "cannot be read"),
    ("one more in a dump", lambda r: resigned(r, "dumps/data.ttl", (r / "dumps/data.ttl").read_bytes() + TRIPLE.encode()),
     "dumps/data.ttl", "has what is not in dumps/data.nq"),
    ("none in a dump", lambda r: resigned(r, "dumps/inferred.ttl", b""), "dumps/inferred.ttl", "lacks what is in"),
    ("another graph", lambda r: resigned(r, "dumps/data.trig", moved(r)), "dumps/data.trig", "has what is not in dumps/data.nq"),
    ("a blank node less", lambda r: resigned(r, "dumps/data.ttl", (r / "dumps/data.ttl").read_bytes().replace(b"<urn:x:n> 1", b"<urn:x:n> 2")),
     "dumps/data.ttl", "lacks what is in dumps/data.nq: _:c14n"),
    ("the order", lambda r: resigned(r, "dumps/data.nq", b"".join(reversed((r / "dumps/data.nq").read_bytes().splitlines(keepends=True)))),
     "dumps/data.nq", "line 2 is not in the order"),
    ("the form", lambda r: resigned(r, "dumps/data.nq", b"# a comment\n" + (r / "dumps/data.nq").read_bytes()),
     "dumps/data.nq", "line 1 is not canonical"),
    ("labels", lambda r: resigned(r, "dumps/data.nq", b"".join(sorted((r / "dumps/data.nq").read_bytes().replace(b"_:c14n", b"_:b").splitlines(keepends=True)))),
     "dumps/data.nq", "blank nodes have not their canonical labels"),
    ("the data", lambda r: resigned(r, "dumps/data.nq", b"".join(sorted([*(r / "dumps/data.nq").read_bytes().splitlines(keepends=True), TRIPLE.encode()]))),
     "manifest.json", "the digest is not that of dumps/data.nq"),
    ("the other digest", lambda r: (r / "manifest.json").write_text(re.sub(r'("digest_sha384": ")..', r"\1zz", (r / "manifest.json").read_text())),
     "manifest.json", "the SHA-384 digest is not"),
    ("binary data", lambda r: resigned(r, "dumps/data.nq", b"\xff\x00\n"), "dumps/data.nq", "cannot be read"),
    ("the catalogue", lambda r: resigned(r, "catalogue.ttl", (r / "catalogue.ttl").read_bytes() + TRIPLE.encode()),
     f"store (<{BREAD}graph/meta>)", "lacks what is in catalogue.ttl"),
    ("an archive", lambda r: resigned(r, "dumps/data.more.nt.gz", gzip.compress(TRIPLE.encode())), "dumps/data.more.nt.gz", "has what is not"),
    ("an archive's twin", lambda r: resigned(r, "dumps/data.ttl.gz", gzip.compress(b"")), "dumps/data.ttl.gz", "does not inflate"),
    ("a broken archive", lambda r: resigned(r, "dumps/data.ttl.gz", gzip.compress(b"x" * 99)[:-9]), "dumps/data.ttl.gz", "cannot be read"),
]  # fmt: skip


@pytest.mark.parametrize(("harm", "where", "what"), [h[1:] for h in HARMS], ids=[h[0] for h in HARMS])
def test_every_damage_is_found(release: Path, harm: Callable[[Path], object], where: str, what: str) -> None:
    harm(release)
    assert any(at == where and what in told for at, told in found(release)), found(release)


def poison() -> list[ox.Quad]:
    """Blank nodes each of which refers to every other: to label them would take years."""
    nodes, graph = [ox.BlankNode(f"n{n}") for n in range(12)], ox.NamedNode(f"{BREAD}graph/data/concepts")
    return [ox.Quad(a, ox.NamedNode("urn:x:q"), b, graph) for a in nodes for b in nodes if a != b]


@pytest.mark.parametrize("path", ["dumps/data.nq", "dumps/data.trig"])
def test_what_keeps_a_computer_busy_is_given_up(release: Path, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kg.release.canonical.PATIENCE", 1)
    form = ox.RdfFormat.from_extension(path.rpartition(".")[2])
    assert form is not None
    lines = (ox.serialize(poison(), format=form) or b"").splitlines(keepends=True)
    resigned(release, path, b"".join(sorted(lines) if path.endswith("nq") else lines))
    assert any(at == path and "too many look alike" in what for at, what in found(release)), found(release)


def test_other_formats_and_archives_are_compared(release: Path) -> None:
    """Formats that this release does not have: whatever the manifest lists is read."""
    quads = list(ox.parse(path=release / "dumps/data.nq"))
    plain = [quad.triple for quad in quads]
    for suffix, form in (
        ("nt", ox.RdfFormat.N_TRIPLES),
        ("rdf", ox.RdfFormat.RDF_XML),
        ("jsonld", ox.RdfFormat.JSON_LD),
    ):
        content = ox.serialize(plain, format=form)
        assert content is not None
        resigned(release, f"dumps/data.{suffix}", content)
        resigned(release, f"dumps/data.{suffix}.gz", gzip.compress(content))
    resigned(release, "CITATION.cff", b"cff-version: 1.2.0\n")
    assert found(release) == []


def test_a_store_with_another_content_is_found(release: Path, tmp_path: Path) -> None:
    store = ox.Store(str(release / "store"))
    [quad, *_] = store.quads_for_pattern(None, None, None, ox.DefaultGraph())
    store.remove(quad)
    store.add(ox.Quad(quad.subject, quad.predicate, ox.Literal("foreign")))
    store.flush()
    del store
    told = found(release)
    assert [where for where, _ in told] == ["store (default graph)"] * 2
    assert str(quad) in told[0][1]
    assert '"foreign"' in told[1][1]


def test_an_index_with_a_broken_page_is_found(release: Path) -> None:
    file = release / "store/labels.sqlite"
    with closing(sqlite3.connect(file)) as connection:
        [size] = connection.execute("PRAGMA page_size").fetchone()
        [page] = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'label_plain'").fetchone()
    content = bytearray(file.read_bytes())
    content[(page - 1) * size + size // 2 : page * size] = b"\xff" * (size - size // 2)
    file.write_bytes(content)
    assert [where for where, _ in found(release)] == ["store/labels.sqlite"]


def test_the_command_tells_and_counts(release: Path, original: Path) -> None:
    (release.parent / "current").symlink_to(release.name)
    good = run_kg("verify", "--releases", release.parent)
    assert (good.returncode, good.stderr) == (0, "")
    assert f"release {release.name} is whole" in good.stdout
    assert run_kg("verify", original).returncode == 0
    (release / "report.ttl").unlink()
    bad = run_kg("verify", open_release(release).manifest.version, "--releases", release.parent)
    assert bad.returncode == 1
    assert bad.stdout.splitlines()[0] == "report.ttl: is missing"
    assert "kg releases rollback" in bad.stdout
    every = call_kg("releases", "--releases", release.parent, "verify")
    assert every.exit_code == 1
    assert f"!*  {release.name}" in every.stdout
    assert f"{release.name}/report.ttl: is missing" in every.stdout
    [facts] = json.loads(call_kg("releases", "--verify", "--format", "json", "--releases", release.parent).stdout)
    assert (facts["name"], facts["current"], facts["flaws"][0]["where"]) == (release.name, True, "report.ttl")
    (release / "manifest.json").write_text("{")
    assert call_kg("verify", "--releases", release.parent).exit_code == 1
    assert call_kg("verify", "9.9.9", "--releases", release.parent).exit_code == 2
    assert call_kg("verify", "--releases", release.parent / "nowhere").exit_code == 2


TERMS = st.one_of(
    st.sampled_from([ox.NamedNode("urn:x:a"), ox.NamedNode("urn:x:b")]), st.integers(0, 4).map(lambda n: ox.BlankNode(f"b{n}"))
)  # fmt: skip
QUADS = st.builds(
    ox.Quad, TERMS, st.just(ox.NamedNode("urn:x:p")), st.one_of(TERMS, st.sampled_from([ox.Literal("_:b0"), ox.Literal("x")])),
    st.sampled_from([ox.DefaultGraph(), ox.NamedNode("urn:x:g")]),
)  # fmt: skip


@given(st.lists(QUADS, max_size=8), st.lists(QUADS, max_size=8), st.permutations(range(5)), st.randoms())
def test_isomorphism_is_what_canonical_forms_say(
    one: list[ox.Quad], other: list[ox.Quad], names: list[int], chance: Random
) -> None:
    def renamed(term: Any) -> Any:
        return ox.BlankNode(f"r{names[int(term.value[1:])]}") if isinstance(term, ox.BlankNode) else term

    same = [ox.Quad(*map(renamed, quad)) for quad in one]
    same += same[: chance.randrange(3)]  # to say it twice is to say the same
    chance.shuffle(same)
    assert difference(lambda: one, lambda: same) is None

    def canonical(quads: list[ox.Quad]) -> set[str]:
        dataset = ox.Dataset(quads)
        dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
        return {str(quad) for quad in dataset}

    differs = difference(lambda: one, lambda: other)
    assert (differs is None) == (canonical(one) == canonical(other))
    if differs is not None:
        assert differs.missing or differs.foreign


def test_differences_are_found_part_by_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kg.release.isomorphism._HELD", 10)
    numbers = [ox.Quad(ox.NamedNode("urn:x:a"), ox.NamedNode("urn:x:p"), ox.Literal(n)) for n in range(100)]
    changed = [*numbers[:50], *numbers[51:], ox.Quad(ox.NamedNode("urn:x:z"), ox.NamedNode("urn:x:p"), ox.Literal(1))]
    differs = difference(lambda: numbers, lambda: changed)
    assert differs is not None
    assert differs.missing == (str(numbers[50]),)
    assert differs.foreign == (str(changed[-1]),)
    assert difference(lambda: numbers, lambda: numbers[::-1] * 2) is None


def test_a_triple_of_two_graphs_is_one_triple() -> None:
    graphs = [ox.NamedNode("urn:x:g"), ox.NamedNode("urn:x:h")]
    quads = [ox.Quad(ox.NamedNode("urn:x:a"), ox.NamedNode("urn:x:p"), ox.Literal(1), graph) for graph in graphs]
    assert digest_of(triples(quads)).count == 1
    assert digest_of(triples(quads)).total == _number(str(ox.Quad(*quads[0].triple)))
