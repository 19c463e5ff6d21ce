"""How long a table of names takes over HTTP, in batches of several sizes.

    python -m bench.reconciliation [--project FOLDER] [--names 1000] [--rounds 5] [--out reconciliation.json]

The names are labels of the project's current release (of at most LONGEST characters: names, no headlines), drawn with
a seed, every other one with a letter left out, so that half must be found although they are misspelt. The server is
started for it and keeps no answer between rounds. Printed are medians of the rounds: seconds for all names, names for
each second, and processor seconds of the server, which on a busy machine say more. Nothing is asserted.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import socket
import sqlite3
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from bench.peers import machine

from kg.release.manifest import Release, open_release

BATCHES = (10, 100, 1_000)
LONGEST = 32
_TICKS = os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--project", type=Path, default=Path())
    parser.add_argument("--names", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    release = open_release(given.project / "releases")
    names = drawn(release, given.names)
    found: dict[str, Any] = {"machine": machine(), "release": release.manifest.name, "names": len(names), "batches": {}}
    with served(given.project) as (url, process):
        asked(url, names[:10])  # the first request reads which classes and properties there are
        for size in BATCHES:
            rounds = [one_round(url, process, names, size) for _ in range(given.rounds)]
            figures = {key: statistics.median(r[key] for r in rounds) for key in rounds[0]}
            found["batches"][size] = figures
            print(
                f"{len(names):,} names, {size:>5,} a batch: {figures['seconds']:6.2f} s, "
                f"{len(names) / figures['seconds']:7,.0f} names/s, {figures['processor']:6.2f} s of processor, "
                f"{figures['matched']:,.0f} matched, {figures['candidates']:,.0f} with candidates"
            )
    if given.out:
        given.out.write_text(json.dumps(found, indent=1) + "\n")


def drawn(release: Release, number: int) -> list[str]:
    """So many different names from the label index, every other one misspelt."""
    with closing(sqlite3.connect(f"{release.labels.absolute().as_uri()}?mode=ro", uri=True)) as index:
        rows = index.execute("SELECT DISTINCT text FROM label WHERE length(text) <= ? ORDER BY text", (LONGEST,))
        labels = [row[0] for row in rows]
    chance = random.Random(7)
    names = chance.sample(labels, min(number, len(labels)))
    return [misspelt(name, chance) if place % 2 else name for place, name in enumerate(names)]


def misspelt(name: str, chance: random.Random) -> str:
    """The name without one of its letters, if it is long enough to be known all the same."""
    if len(name) < 5:
        return name
    place = chance.randrange(1, len(name) - 1)
    return name[:place] + name[place + 1 :]


def one_round(url: str, process: int, names: list[str], size: int) -> dict[str, float]:
    """All names once, in batches."""
    before, began, results = processor(process), time.perf_counter(), []
    for start in range(0, len(names), size):
        results += asked(url, names[start : start + size])
    seconds = time.perf_counter() - began
    return {
        "seconds": seconds,
        "processor": processor(process) - before,
        "matched": sum(any(c["match"] for c in result["result"]) for result in results),
        "candidates": sum(bool(result["result"]) for result in results),
    }


def asked(url: str, names: list[str]) -> list[dict[str, Any]]:
    """The results for a batch."""
    batch = json.dumps({f"q{place}": {"query": name} for place, name in enumerate(names)})
    body = urllib.parse.urlencode({"queries": batch}).encode()
    with urllib.request.urlopen(f"{url}/reconcile", body, timeout=600) as response:
        told = json.load(response)
    return [told[f"q{place}"] for place in range(len(names))]


def processor(process: int) -> float:
    """Processor seconds of a process and of all that it started."""
    total = 0.0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
            if os.getpgid(int(stat.parent.name)) == process:
                total += (int(fields[11]) + int(fields[12])) / _TICKS
        except (OSError, ValueError):
            continue  # it has just ended
    return total


@contextmanager
def served(project: Path) -> Iterator[tuple[str, int]]:
    """``kg serve`` on a free port: its address and process group."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "kg", "serve", "--project", str(project), "--port", str(port)]
    command += ["--reconcile-seconds", "600"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
    url = f"http://127.0.0.1:{port}"
    try:
        while process.poll() is None:
            try:
                urllib.request.urlopen(f"{url}/health/ready", timeout=5).close()
                break
            except OSError:
                time.sleep(0.1)
        yield url, process.pid
    finally:
        process.terminate()
        process.wait(timeout=30)


if __name__ == "__main__":
    main()
