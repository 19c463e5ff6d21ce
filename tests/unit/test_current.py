"""Former releases at their own addresses: a few are open, and those that were let go do not count for ever."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from kg.config import Settings
from kg.errors import EngineBusy
from kg.web.current import CurrentSite


class Timers(list[Callable[[], None]]):
    """In place of timers: what is to be done later, until ``fire``."""

    def __call__(self, _: float, function: Callable[[], None]) -> Any:
        return SimpleNamespace(start=lambda: self.append(function))

    def fire(self) -> None:
        while self:
            with suppress(OSError):
                self.pop()()


def test_an_engine_that_cannot_be_ended_does_not_count_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def release(name: str) -> Any:
        return SimpleNamespace(path=tmp_path, manifest=SimpleNamespace(name=name), demand_files=lambda: None)

    def close() -> None:
        raise OSError("it is gone already")

    releases = {f"former-{number}": release(f"former-{number}") for number in range(9)}
    now: Any = SimpleNamespace(release=release("now"), manifest=SimpleNamespace(name="now"), answers=object())
    monkeypatch.setattr(CurrentSite, "_look", lambda _: (None, 0))
    monkeypatch.setattr(CurrentSite, "_open", lambda _: now)
    monkeypatch.setattr(CurrentSite, "_listed", lambda *_: ([], releases))
    monkeypatch.setattr(CurrentSite, "_answers", lambda *_: SimpleNamespace(close=close))
    served = CurrentSite(Settings(project=tmp_path, former_releases=1))
    timers = Timers()
    monkeypatch.setattr("threading.Timer", timers)
    try:
        for _ in range(2):
            with pytest.raises(EngineBusy):
                [*map(served.at, releases)]
            assert len(timers) == 5
            timers.fire()
        assert served.at("former-8").prefix == "/release/former-8"
    finally:
        served.stop()
