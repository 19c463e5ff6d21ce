"""Going back, removing old releases, and what happens if several want to change the folder at once."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg.errors import NoRelease, ReleaseError
from kg.release.fixity import file_flaws
from kg.release.history import inventory, timeline
from kg.release.manifest import open_release
from kg.release.publication import locked, make_current
from kg.release.retention import Hold, prune, rollback
from tests.conftest import KG, call_kg, run_kg, trials
from tests.release.test_history import make, past

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def built(thesaurus: Path) -> Callable[..., str]:
    """Builds a release with another content each time; gives its name."""
    numbers = count(1)

    def build(*, current: bool = True) -> str:
        extra = thesaurus / "data/concepts/extra.ttl"
        extra.write_text(f'<https://data.example.org/bread/x> <urn:x:p> "{next(numbers)}" .\n')
        flags = () if current else ("--no-current",)
        done = call_kg("build", "--project", thesaurus, *flags)
        assert done.exit_code == 0, done.stderr
        return next(word.rpartition("/")[2] for word in done.stderr.split() if "/releases/" in word)

    return build


def current(releases: Path) -> str:
    return open_release(releases).manifest.name


def names(releases: Path) -> set[str]:
    return {kept.name for kept in inventory(releases)}


def test_back_to_the_one_before_or_to_a_named_one(thesaurus: Path, built: Callable[..., str]) -> None:
    releases = thesaurus / "releases"
    one, two, three = built(), built(), built()
    assert past(releases) == [one, two, three]
    done = run_kg("releases", "rollback", cwd=thesaurus)  # by a relative path
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert current(releases) == two
    assert rollback(releases).path.name == one
    with pytest.raises(NoRelease, match="no release before"):
        rollback(releases)
    assert rollback(releases, three).path.name == three
    assert past(releases) == [one, three]  # two was taken back, and not put in place since
    with pytest.raises(NoRelease):
        rollback(releases, "9.9")
    assert current(releases) == three


def test_a_damaged_release_is_not_gone_back_to(thesaurus: Path, built: Callable[..., str], tmp_path: Path) -> None:
    releases = thesaurus / "releases"
    one, two = built(), built()
    kept = shutil.copytree(releases / one, tmp_path / "copy" / one)
    (releases / one / "dumps/data.ttl").write_text("")
    done = run_kg("releases", "rollback", "--project", thesaurus)
    assert done.returncode == 2
    assert f"release {one} is damaged (dumps/data.ttl: has 0 bytes" in done.stderr
    with pytest.raises(ReleaseError, match="not among the releases"):
        rollback(releases, str(kept))
    shutil.rmtree(releases / one)
    shutil.copytree(kept, releases / one)
    shutil.rmtree(releases / one / "store")
    with pytest.raises(ReleaseError, match="store"):
        rollback(releases)
    assert current(releases) == two


def test_a_release_can_be_built_and_not_put_in_place(thesaurus: Path, built: Callable[..., str]) -> None:
    one = built()
    two = built(current=False)
    assert current(thesaurus / "releases") == one
    listed = run_kg("releases", "--project", thesaurus).stdout.splitlines()
    assert f"*  {one}" in "\n".join(listed)
    assert f"-  {two}" in "\n".join(listed)
    assert listed[-1] == "* current, - not part of the past"
    assert max(map(len, listed)) <= 80
    assert rollback(thesaurus / "releases", two).path.name == two


def test_the_oldest_go_and_the_rest_stays(tmp_path: Path) -> None:
    all_ = [make(tmp_path, f"{n}.0.0", f"2026-01-0{n}") for n in range(1, 7)]
    for name in all_[:4]:
        make_current(tmp_path, name)
    told = prune(tmp_path, 2, dry_run=True, now=NOW)
    assert [(one.kept.name, one.removed) for one in told] == [(all_[0], True), (all_[1], True), (all_[2], False)]
    assert names(tmp_path) == set(all_)
    prune(tmp_path, 2, now=NOW)
    assert names(tmp_path) == set(all_[2:])
    assert [path.name for path in tmp_path.glob(".removing*")] == []
    prune(tmp_path, 1, now=NOW)
    assert names(tmp_path) == set(all_[3:])


def test_days_count_from_when_it_was_put_in_place(tmp_path: Path) -> None:
    placed, dated, current_ = (make(tmp_path, f"{n}.0.0", f"2026-01-0{n}") for n in (1, 2, 3))
    make_current(tmp_path, placed)
    make_current(tmp_path, current_)
    journal = tmp_path / "journal.tsv"
    journal.write_text(journal.read_text().replace(journal.read_text()[:20], "2026-02-20T00:00:00Z", 1))
    assert {one.kept.name for one in prune(tmp_path, 1, 10, now=NOW) if not one.removed} == {placed}
    assert names(tmp_path) == {placed, current_}
    assert not (tmp_path / dated).exists()
    prune(tmp_path, 1, 9, now=NOW)
    assert names(tmp_path) == {current_}


def test_what_was_taken_back_goes_first(tmp_path: Path) -> None:
    one, bad, two, three = (make(tmp_path, f"{n}.0.0", f"2026-01-0{n}") for n in range(1, 5))
    for name in (one, bad, one, two, three):
        make_current(tmp_path, name)
    prune(tmp_path, 3, now=NOW)
    assert names(tmp_path) == {one, two, three}


def test_what_somebody_uses_stays(tmp_path: Path) -> None:
    old, new = make(tmp_path, "1.0.0", "2026-01-01"), make(tmp_path, "2.0.0", "2026-01-02")
    make_current(tmp_path, new)
    release = open_release(tmp_path / old)
    first, second = Hold(release), Hold(release)
    for hold in (first, second):
        [told] = prune(tmp_path, 1, now=NOW)
        assert (told.removed, told.reason) == (False, "a running server uses it")
        hold.close()
    [told] = prune(tmp_path, 1, now=NOW)
    assert told.removed
    with pytest.raises(ReleaseError, match="being removed"):
        Hold(release)


def test_a_release_on_its_way_out_cannot_be_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = make(tmp_path, "1.0.0", "2026-01-01"), make(tmp_path, "2.0.0", "2026-01-02")
    make_current(tmp_path, new)
    release, seen = open_release(tmp_path / old), []

    def look(hidden: Path, **_: object) -> None:
        seen.append(hidden.name)
        assert names(tmp_path) == {new}  # whoever looks at this moment does not find a half of it
        with pytest.raises(ReleaseError):
            Hold(release)

    monkeypatch.setattr("kg.release.publication.shutil.rmtree", look)
    prune(tmp_path, 1, now=NOW)
    assert seen == [f".removing-{old}"]
    monkeypatch.undo()
    with locked(tmp_path, "build"):  # the next one clears away what is left
        assert list(tmp_path.glob(".removing*")) == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(moves=st.lists(st.integers(0, 5), min_size=1, max_size=8), keep=st.integers(1, 6), days=st.integers(0, 80))
def test_whatever_the_policy_the_present_stays(
    tmp_path_factory: pytest.TempPathFactory, moves: list[int], keep: int, days: int
) -> None:
    releases = tmp_path_factory.mktemp("releases")
    all_ = [make(releases, f"{n}.0.0", f"2026-01-{10 * n + 1:02}") for n in range(3)]
    all_ += [make(releases, f"{n}.0.0", f"2026-02-{10 * (n - 3) + 1:02}") for n in range(3, 6)]
    for move in moves:
        make_current(releases, all_[move])
    before = [moment.name for moment in timeline(releases)]
    told = prune(releases, keep, days, now=NOW + timedelta(days=10_000))
    left = names(releases)
    assert {one.kept.name for one in told if one.removed} == set(all_) - left
    assert set(all_[moves[-1] :]) <= left  # the current one, and what is newer
    assert set(before[-keep:]) <= left
    assert left == set(all_[moves[-1] :]) | set(before[-keep:])
    assert past(releases) == before[-keep:]


@pytest.mark.parametrize("holder", ["build", "rollback", "prune"])
def test_one_at_a_time_and_the_others_are_told(thesaurus: Path, built: Callable[..., str], holder: str) -> None:
    releases = thesaurus / "releases"
    built()
    two = built()
    before = names(releases)
    with locked(releases, holder):
        commands = {
            "build": ("build", "--project", thesaurus),
            "rollback": ("releases", "rollback", "--project", thesaurus),
            "prune": ("releases", "prune", "--keep", "1", "--project", thesaurus),
        }
        for purpose, command in commands.items():
            done = run_kg(*command)
            assert done.returncode == 2
            article = "another" if purpose == holder else "a"
            assert f"{article} {holder} is under way" in done.stderr
            assert f"(process {os.getpid()})" in done.stderr
            assert "Traceback" not in done.stderr
    assert (current(releases), names(releases)) == (two, before)
    assert run_kg("releases", "rollback", "--project", thesaurus).returncode == 0


def test_two_builds_at_the_same_moment(thesaurus: Path, built: Callable[..., str]) -> None:
    former = built()
    (thesaurus / "data/concepts/extra.ttl").write_text('<https://data.example.org/bread/x> <urn:x:p> "both" .\n')
    both = [subprocess.Popen([*KG, "build", "--project", thesaurus], stderr=subprocess.PIPE, text=True) for _ in "12"]
    said = [process.communicate()[1] for process in both]
    codes = [process.returncode for process in both]
    assert 0 in codes, said
    assert all(code == 0 or "another build is under way" in text for code, text in zip(codes, said, strict=True))
    release = open_release(thesaurus / "releases")
    assert release.manifest.name != former
    assert file_flaws(release) == []
    assert names(thesaurus / "releases") == {former, release.manifest.name}


def test_a_folder_that_may_not_be_changed(thesaurus: Path, built: Callable[..., str]) -> None:
    built()
    releases = thesaurus / "releases"
    (releases / ".lock").unlink()
    (releases / ".lock").mkdir()
    for command in (("prune", "--keep", "1"), ("rollback",)):
        done = run_kg("releases", *command, "--project", thesaurus)
        assert done.returncode == 2
        assert "cannot be changed" in done.stderr or "no release before" in done.stderr
        assert "Traceback" not in done.stderr


def test_kill_while_pruning_leaves_whole_releases(thesaurus: Path, built: Callable[..., str]) -> None:
    chance, releases = random.Random(11), thesaurus / "releases"
    built()
    template = shutil.copytree(releases, thesaurus / "template", symlinks=True)
    last = built()
    for number in range(trials(5, 200)):
        for copy in range(5):  # what is pruned is copied, so that there is always something
            source = template / (template / "current").readlink()
            target = releases / f"{source.name}.{number * 5 + copy + 2}"
            shutil.copytree(source, releases / ".building-copy")
            text = (releases / ".building-copy/manifest.json").read_text().replace(source.name, target.name)
            facts = json.loads(text) | {"date": "2020-01-01"}
            (releases / ".building-copy/manifest.json").write_text(json.dumps(facts))
            (releases / ".building-copy").rename(target)
        with subprocess.Popen(
            [*KG, "releases", "prune", "--keep", "1", "--project", thesaurus], stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:  # fmt: skip
            time.sleep(chance.uniform(0.1, 0.5))
            process.kill()
        for kept in inventory(releases):
            assert kept.release is not None
            assert kept.release.missing() == []
            assert (kept.path / "store/labels.sqlite").is_file()
        assert current(releases) == last
    assert run_kg("releases", "prune", "--keep", "1", "--project", thesaurus).returncode == 0
    assert {path.name for path in releases.iterdir()} == {".lock", "current", "journal.tsv", last}
