"""Settings: flag before environment before default; a bad value names where it was given."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.config import FIELDS, Settings, read_settings
from kg.errors import ConfigError


def test_flag_before_environment_before_default() -> None:
    environ = {"KG_QUERY_SECONDS": "7", "KG_PORT": "9000"}
    assert read_settings(environ, port="80").port == 80
    assert read_settings(environ).port == 9000
    assert read_settings(environ).query_seconds == 7.0
    assert read_settings({}) == Settings()


@pytest.mark.parametrize(
    ("environ", "flags", "message"),
    [
        ({"KG_QUERY_SECONDS": "soon"}, {}, "KG_QUERY_SECONDS: 'soon' is not a number"),
        ({}, {"port": "http"}, "--port: 'http' is not a whole number"),
        ({"KG_QUERY_MEMORY": "0"}, {}, "KG_QUERY_MEMORY: 0 is too small"),
        ({"KG_QUERY_SECONDS": "nan"}, {}, "KG_QUERY_SECONDS: nan is too small"),
    ],
)
def test_a_bad_value_says_where_it_was_given(environ: dict[str, str], flags: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigError, match=message.replace("(", r"\(")):
        read_settings(environ, **flags)


def test_every_setting_has_a_help_text() -> None:
    assert all(f.metadata["help"] for f in FIELDS.values())


def test_releases_lie_in_the_project() -> None:
    assert Settings(project=Path("p")).releases_folder == Path("p/releases")
    assert Settings(project=Path("p"), releases=Path("/r")).releases_folder == Path("/r")
