"""Every kind of page is valid HTML, by the checker that the W3C uses (vnu)."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import Server, turns
from tests.npm import installed, missing
from tests.page_kinds import PAGES

CHECKER = "vnu-jar@26.9.27"
# A guess by the words of a page, whatever their elements say: descriptions of interfaces are English, and marked.
GUESSES = ".*This document appears to be written in.*"


@pytest.fixture(scope="module")
def checker(request: pytest.FixtureRequest) -> list[str]:
    """The command that checks files."""
    java = shutil.which("java")
    if java is None:
        missing("there is no Java (Debian: default-jre-headless)")
    jar = installed(request.config, CHECKER) / "vnu-jar" / "build" / "dist" / "vnu.jar"
    return [java, "-jar", str(jar), "--format", "json", "--stdout", "--exit-zero-always", "--filterpattern", GUESSES]


def complaints(checker: list[str], folder: Path) -> list[str]:
    told = subprocess.run([*checker, str(folder)], capture_output=True, text=True, timeout=300, check=True).stdout
    return [
        f"{Path(m.get('url', '')).name}:{m.get('lastLine')}: {m['type']}: {m['message']}: {m.get('extract', '')!r}"
        for m in json.loads(told)["messages"]
    ]


def test_the_checker_sees_what_is_wrong(checker: list[str], tmp_path: Path) -> None:
    (tmp_path / "wrong.html").write_text(
        '<!doctype html><html lang="en"><title>x</title><p id="a"><ul id="a"></ul></p>'
    )
    assert len(complaints(checker, tmp_path)) >= 2


def test_every_kind_of_page_is_valid(checker: list[str], served: Server, tmp_path: Path) -> None:
    for name, language in turns(PAGES, ["en", "de"]):
        reply = served.get(PAGES[name], "text/html", Accept_Language=language)
        assert reply.headers["content-type"].startswith("text/html"), name
        assert f'<html lang="{language}">' in reply.text
        (tmp_path / f"{name}-{language}.html").write_bytes(reply.body)
    assert complaints(checker, tmp_path) == []
