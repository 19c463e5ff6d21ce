"""The lending library of ``tests/projects/lending``, with readers whose names and loans are more than a page expects."""

from __future__ import annotations

import json
from pathlib import Path

from tests.conftest import ROOT, copy_project

LENDING = ROOT / "tests" / "projects" / "lending"
BASE = "https://data.example.org/lending/"
MANY = 5_000
SCRIPT = '</script><script>alert("x")</script><img src=x onerror=alert(1)>\'"&<!--'
RIGHT_TO_LEFT = "\u05e1\u05e4\u05e8\u05d9\u05d9\u05d4 (2026) \u202e\u0645\u0643\u062a\u0628\u0629"
ENDLESS = "x" * 10_000


def lending(target: Path) -> Path:
    """A copy of the project, as it is."""
    return copy_project(LENDING, target)


def hostile(target: Path) -> Path:
    """The library with readers and loans that no page was made for: ``/doc/reader/mallory``, ``long``, ``many``."""
    project = lending(target)
    lines = [
        _reader("mallory", SCRIPT),
        _reader("long", ENDLESS),
        _reader("right", RIGHT_TO_LEFT),
        _reader("many", "Many"),
        _shelf("script", SCRIPT),
        _shelf("long", ENDLESS),
        _shelf("right", RIGHT_TO_LEFT),
    ]
    for reader in ("mallory", "long", "right"):
        for number, (shelf, label) in enumerate((("script", SCRIPT), ("long", ENDLESS), ("right", RIGHT_TO_LEFT))):
            lines.append(_loan(f"{reader}-{number}", reader, shelf, label, f"2025-0{number + 1}-01"))
    for number in range(MANY):
        day = f"{2000 + number // 336}-{number // 28 % 12 + 1:02}-{number % 28 + 1:02}"
        lines.append(_loan(f"many-{number:04}", "many", ("novels", "maps")[number % 2], f"loan {number}", day))
    (project / "data/hostile.ttl").write_text("\n".join(lines), encoding="utf-8")
    return project


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False) + "@en"


def _reader(name: str, label: str) -> str:
    return (
        f"<{BASE}id/reader/{name}> a <{BASE}ns#Reader> ; <http://www.w3.org/2000/01/rdf-schema#label> {_text(label)} ."
    )


def _shelf(name: str, label: str) -> str:
    return f"<{BASE}id/shelf/{name}> a <{BASE}ns#Shelf> ; <http://www.w3.org/2000/01/rdf-schema#label> {_text(label)} ."


def _loan(name: str, reader: str, shelf: str, label: str, day: str) -> str:
    return (
        f"<{BASE}id/loan/{name}> a <{BASE}ns#Loan> ; <{BASE}ns#by> <{BASE}id/reader/{reader}> ; "
        f"<{BASE}ns#on> <{BASE}id/shelf/{shelf}> ; <{BASE}ns#state> <{BASE}id/state/wanted> ; "
        f"<http://www.w3.org/2000/01/rdf-schema#label> {_text(label)} ; "
        f'<{BASE}ns#from> "{day}"^^<http://www.w3.org/2001/XMLSchema#date> .'
    )
