"""What a site keeps: made once, whoever asks at the same time, and nobody waits for what somebody else wants."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from kg.web.site import Site

PATIENCE = 30.0  # seconds after which a test has failed instead of hanging


@pytest.fixture
def site(tmp_path: Path) -> Site:
    release: Any = SimpleNamespace(path=tmp_path, manifest=SimpleNamespace(name="1.0"))
    answers: Any = None
    return Site(release, answers)


def test_what_is_kept_or_wanted_beside_is_not_waited_for(site: Site) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow() -> str:
        begun.set()
        assert go_on.wait(PATIENCE)
        return "slow"

    with ThreadPoolExecutor(3) as threads:
        try:
            assert site.kept("there", lambda: "first") == "first"
            making = threads.submit(site.kept, "slow", slow)
            assert begun.wait(PATIENCE)
            assert threads.submit(site.kept, "there", lambda: "second").result(PATIENCE) == "first"
            assert threads.submit(site.kept, "other", lambda: "other").result(PATIENCE) == "other"
            assert not making.done()
        finally:
            go_on.set()
        assert making.result(PATIENCE) == "slow"


def test_what_many_ask_for_at_once_is_made_once(site: Site) -> None:
    made: list[int] = []
    together = threading.Barrier(8)

    def ask(number: int) -> str:
        def make() -> str:
            made.append(number)
            return site.kept("inner", lambda: "in") + str(number)

        together.wait(PATIENCE)
        return site.kept("outer", make)

    with ThreadPoolExecutor(8) as threads:
        told = set(threads.map(ask, range(8)))
    assert told == {f"in{number}" for number in made}
    assert len(made) == 1


def test_what_could_not_be_made_is_tried_again(site: Site) -> None:
    with pytest.raises(ZeroDivisionError):
        site.kept("a", lambda: str(1 // 0))
    assert site.kept("a", lambda: "b") == "b"
