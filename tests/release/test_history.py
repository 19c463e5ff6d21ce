"""The order of releases, the journal of what was put in place, and what a rollback takes out of the past."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg.errors import NoRelease
from kg.release.history import JOURNAL, find_release, inventory, journal, timeline
from kg.release.manifest import MANIFEST, Manifest
from kg.release.publication import make_current

BASE = "https://data.example.org/bread/"


def make(releases: Path, version: str, date: str, mark: str = "a") -> str:
    """A folder with nothing but a manifest, which is all that history reads; gives its name."""
    digest = (mark * 64)[:64]
    name = f"{version}-{digest[:12]}"
    manifest = Manifest(
        name=name, version=version, date=date, digest=digest, base=BASE, dataset=f"{BASE}dataset", title={"en": "Bread"},
        description={}, licence="https://creativecommons.org/publicdomain/zero/1.0/", languages=["en"],
        label_properties=[], home=None, prefixes={}, triples={"data": 1}, graphs={}, quads=2, files={},
    )  # fmt: skip
    (releases / name).mkdir(parents=True)
    (releases / name / MANIFEST).write_bytes(manifest.to_json())
    return name


def past(releases: Path) -> list[str]:
    return [moment.name for moment in timeline(releases)]


def test_date_then_version_then_the_order_of_putting_in_place(tmp_path: Path) -> None:
    older = make(tmp_path, "9.0.0", "2026-01-01")
    nine, ten = make(tmp_path, "0.9.0", "2026-02-01"), make(tmp_path, "0.10.0", "2026-02-01")
    second, first = make(tmp_path, "1.0.0", "2026-02-01", "b"), make(tmp_path, "1.0.0", "2026-02-01", "c")
    for name in (nine, ten, first, second):
        make_current(tmp_path, name)
    assert past(tmp_path) == [older, nine, ten, first, second]
    moments = timeline(tmp_path)
    assert moments[1].instant == datetime(2026, 2, 1, tzinfo=UTC)
    assert (moments[4].instant - moments[1].instant).total_seconds() == 3


def test_the_journal_has_a_line_for_each_putting_in_place(tmp_path: Path) -> None:
    one, two = make(tmp_path, "1.0.0", "2026-01-01"), make(tmp_path, "2.0.0", "2026-02-01")
    before = datetime.now(UTC).replace(microsecond=0)
    for name in (one, two, two, one, two):  # what is in place already is not put there again
        make_current(tmp_path, name)
    lines = (tmp_path / JOURNAL).read_text().splitlines()
    assert [line.split("\t")[1] for line in lines] == [one, two, one, two]
    noted = journal(tmp_path)
    assert [name for _, name in noted] == [one, two, one, two]
    assert all(before <= instant <= datetime.now(UTC) for instant, _ in noted)


def test_a_torn_line_harms_nothing(tmp_path: Path) -> None:
    one, two = make(tmp_path, "1.0.0", "2026-01-01", "a"), make(tmp_path, "1.0.0", "2026-01-01", "b")
    make_current(tmp_path, one)
    make_current(tmp_path, two)
    with (tmp_path / JOURNAL).open("a") as file:
        file.write(f"2026-11-23T01:09:00Z\t{one[:9]}")
    assert past(tmp_path) == [one, two]
    make_current(tmp_path, one)
    lines = (tmp_path / JOURNAL).read_text().splitlines()
    assert [line.split("\t")[1] for line in lines] == [one, two, one[:9], one]
    assert [name for _, name in journal(tmp_path)][-1] == one
    (tmp_path / JOURNAL).write_bytes(b"\xff\x00\n\tx\n2026-13-99\t" + one.encode())
    assert journal(tmp_path) == []
    assert past(tmp_path) == [one]


def test_what_was_taken_back_stays_out_of_the_past(tmp_path: Path) -> None:
    good = make(tmp_path, "1.0.0", "2026-01-01")
    bad, better = make(tmp_path, "2.0.0", "2026-02-01"), make(tmp_path, "2.0.1", "2026-02-02")
    make_current(tmp_path, good)
    make_current(tmp_path, bad)
    assert past(tmp_path) == [good, bad]
    make_current(tmp_path, good)
    assert past(tmp_path) == [good]
    make_current(tmp_path, better)
    assert past(tmp_path) == [good, better]
    make_current(tmp_path, bad)  # thought better of it
    make_current(tmp_path, better)
    assert past(tmp_path) == [good, bad, better]


def test_what_was_never_in_place_comes_last_of_its_version(tmp_path: Path) -> None:
    one = make(tmp_path, "1.0.0", "2026-01-01", "b")
    ahead = make(tmp_path, "1.0.0", "2026-01-01", "a")
    make_current(tmp_path, one)
    assert past(tmp_path) == [one]
    make_current(tmp_path, ahead)
    assert past(tmp_path) == [one, ahead]


def test_what_was_built_later_from_an_old_revision_is_of_the_past(tmp_path: Path) -> None:
    now = make(tmp_path, "2.0.0", "2026-02-01")
    make_current(tmp_path, now)
    old = make(tmp_path, "1.0.0", "2026-01-01")
    ahead = make(tmp_path, "3.0.0", "2026-03-01")
    assert past(tmp_path) == [old, now]
    states = [(kept.name, kept.current, kept.past) for kept in inventory(tmp_path)]
    assert states == [(ahead, False, False), (now, True, True), (old, False, True)]


def test_the_inventory_shows_what_cannot_be_read_and_hides_what_is_no_release(tmp_path: Path) -> None:
    name = make(tmp_path, "1.0.0", "2026-01-01")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / MANIFEST).write_text("{")
    (tmp_path / ".building-x").mkdir()
    (tmp_path / ".building-x" / MANIFEST).write_text("{}")
    (tmp_path / "notes").mkdir()
    found = inventory(tmp_path)  # none is current yet
    assert [(kept.name, kept.release is None, kept.past) for kept in found] == [
        (name, False, False),
        ("broken", True, False),
    ]
    make_current(tmp_path, name)
    [kept, _] = inventory(tmp_path)
    assert (kept.current, kept.past, len(kept.placed)) == (True, True, 1)
    assert kept.size >= (tmp_path / name / MANIFEST).stat().st_size
    with pytest.raises(NoRelease):
        inventory(tmp_path / "nowhere")


def test_a_release_is_found_by_name_version_or_folder(tmp_path: Path) -> None:
    releases = tmp_path / "releases"
    one, two = make(releases, "1.0.0", "2026-01-01", "a"), make(releases, "1.0.0", "2026-01-02", "b")
    elsewhere = make(tmp_path / "copy", "0.1.0", "2025-01-01")
    make_current(releases, one)
    for wanted, name in ((one, one), ("current", one), ("1.0.0", two), (str(tmp_path / "copy" / elsewhere), elsewhere)):
        found = find_release(releases, wanted)
        assert found.manifest.name == found.path.name == name
    with pytest.raises(NoRelease, match=r"no release 7\.0\.0"):
        find_release(releases, "7.0.0")


DATES = st.lists(st.integers(1, 3), min_size=1, max_size=5)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(days=DATES, moves=st.lists(st.integers(0, 4), min_size=1, max_size=8))
def test_whatever_is_put_in_place_the_past_is_in_order_and_has_no_second_thoughts(
    tmp_path_factory: pytest.TempPathFactory, days: list[int], moves: list[int]
) -> None:
    releases = tmp_path_factory.mktemp("releases")
    names = [make(releases, f"{n}.0.0", f"2026-01-0{day}") for n, day in enumerate(days)]
    order = sorted(names, key=lambda name: (days[names.index(name)], names.index(name)))
    placed = [names[move % len(names)] for move in moves]
    for name in placed:
        make_current(releases, name)
    moments = timeline(releases)
    shown = [moment.name for moment in moments]
    assert shown == [name for name in order if name in shown]
    assert shown[-1] == placed[-1]
    assert all(a.instant < b.instant for a, b in pairwise(moments))
    for name in order[: order.index(placed[-1])]:
        last = max((n for n, other in enumerate(placed) if other == name), default=None)
        # Nothing older was put in place since it was: it counts, as does what was never in place.
        stands = last is None or all(order.index(other) >= order.index(name) for other in placed[last:])
        assert (name in shown) == stands
