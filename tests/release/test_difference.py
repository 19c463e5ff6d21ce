"""The difference of two canonical datasets: its laws, whatever the datasets, and with blank nodes."""

from __future__ import annotations

import mmap
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.release.canonical import canonical
from kg.release.difference import Difference, Lines, compared, difference
from tests.conftest import trials

GRAPHS = [ox.NamedNode(f"urn:g:{n}") for n in range(2)]
NODES = [*(ox.NamedNode(f"urn:x:{n}") for n in range(4)), *(ox.BlankNode(f"b{n}") for n in range(3))]
VALUES = [*NODES, ox.Literal("a"), ox.Literal("a", language="en"), ox.Literal("a <b> .\n_:c"), ox.Literal(1)]

quads = st.builds(
    ox.Quad,
    st.sampled_from(NODES),
    st.sampled_from([ox.NamedNode("urn:p:1"), ox.NamedNode("urn:p:2")]),
    st.sampled_from(VALUES),
    st.sampled_from(GRAPHS),
)
datasets = st.lists(quads, max_size=12)


def lines(dataset: list[ox.Quad]) -> Lines:
    """The canonical lines."""
    return Lines(b"".join(canonical(dataset).lines))


def relabelled(dataset: list[ox.Quad]) -> list[ox.Quad]:
    """The same with other blank nodes, in another order."""

    def other(term: object) -> object:
        return ox.BlankNode("z" + term.value[::-1]) if isinstance(term, ox.BlankNode) else term

    return [ox.Quad(other(q.subject), q.predicate, other(q.object), q.graph_name) for q in reversed(dataset)]  # type: ignore[arg-type]


@given(datasets, datasets)
@settings(max_examples=trials(150, 2000), deadline=None)
def test_applied_to_the_one_side_it_gives_the_other(one: list[ox.Quad], other: list[ox.Quad]) -> None:
    before, after = lines(one), lines(other)
    changes = difference(before, after)
    assert changes.applied_to(before) == list(after)
    assert set(changes.removed) == set(before) - set(after)
    assert set(changes.added) == set(after) - set(before)
    assert difference(after, before) == Difference(changes.added, changes.removed)


@given(datasets)
@settings(max_examples=trials(150, 2000), deadline=None)
def test_what_differs_in_labels_and_order_only_does_not_differ(dataset: list[ox.Quad]) -> None:
    changes = difference(lines(dataset), lines(relabelled(dataset)))
    assert not changes
    assert changes == Difference((), ())


@given(datasets, datasets, datasets)
@settings(max_examples=trials(150, 2000), deadline=None)
def test_differences_compose(one: list[ox.Quad], two: list[ox.Quad], three: list[ox.Quad]) -> None:
    first, second, third = lines(one), lines(two), lines(three)
    assert difference(first, second).then(difference(second, third)) == difference(first, third)


def test_a_difference_is_not_applied_to_what_it_does_not_start_from() -> None:
    changes = difference(Lines(b"a\n"), Lines(b"b\n"))
    for wrong in ([b"b"], [b"a", b"b"], []):
        with pytest.raises(ValueError, match="does not start"):
            changes.applied_to(wrong)


@given(
    st.lists(st.binary(min_size=1, max_size=4).filter(lambda line: b"\n" not in line), max_size=30),
    st.binary(max_size=3),
)
@settings(max_examples=trials(300, 5000), deadline=None)
def test_lines_are_found_by_what_they_start_with(given_lines: list[bytes], prefix: bytes) -> None:
    ordered = sorted(set(given_lines))
    found = Lines(b"".join(line + b"\n" for line in ordered))
    assert list(found) == ordered
    assert list(found.starting(prefix)) == [line for line in ordered if line.startswith(prefix)]
    assert list(Lines(b"\n".join(ordered)).starting(prefix)) == list(found.starting(prefix))
    if prefix and b"\n" not in prefix:
        assert list(found.containing(prefix)) == [line for line in ordered if prefix in line]


texts = st.lists(st.text("ab<", min_size=1, max_size=3).map(str.encode), max_size=60)


@given(texts, texts, st.integers(1, 20))
@settings(max_examples=trials(300, 5000), deadline=None)
def test_blocks_of_any_size_give_the_same(one: list[bytes], other: list[bytes], size: int) -> None:
    before, after = (Lines(b"".join(line + b"\n" for line in sorted(set(given_lines)))) for given_lines in (one, other))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kg.release.difference._BLOCK", size)
        found = list(compared(before, after))
    assert found == sorted([(line, False) for line in {*one} - {*other}] + [(line, True) for line in {*other} - {*one}])


def test_a_file_is_mapped_not_read(tmp_path: Path) -> None:
    file = tmp_path / "data.nq"
    file.write_bytes(b"")
    assert list(Lines.of_file(file)) == []
    file.write_bytes(b"a 1\na 2\nb 1\n")
    mapped = Lines.of_file(file)
    assert isinstance(mapped._content, mmap.mmap)
    file.unlink()  # a release may be removed while it is read
    assert list(mapped.starting(b"a ")) == [b"a 1", b"a 2"]
