"""How long the everyday steps take on a project, and how a query over HTTP compares with one in process.

    .venv/bin/python bench/first_light.py [PROJECT]

Prints medians in milliseconds over whole processes, and ratios. Nothing is asserted: machines differ.
"""

from __future__ import annotations

import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import kg

RUNS = 7
KG = [sys.executable, "-m", "kg"]
ASK = "/sparql?query=ASK%20%7B%20?s%20?p%20?o%20%7D"


def median(action: Callable[[], object], runs: int = RUNS) -> float:
    """The median time of an action in milliseconds, after one run that is not counted."""
    action()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return 1000 * statistics.median(times)


def run(*arguments: str) -> None:
    """One command to its end."""
    subprocess.run([*KG, *arguments], check=True, capture_output=True)


def started(project: Path, port: int) -> subprocess.Popen[bytes]:
    """A server that has answered its first query."""
    server = subprocess.Popen([*KG, "serve", "--project", str(project), "--port", str(port)], stderr=subprocess.DEVNULL)
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{ASK}") as answer:
                answer.read()
                return server
        except OSError:
            time.sleep(0.005)


def main() -> None:
    """Measure and print."""
    source = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1]
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        for part in ("ontology", "data", "shapes"):
            shutil.copytree(source / part, project / part)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        check = median(lambda: run("check", "--project", folder))
        build = median(lambda: run("build", "--project", folder))
        query = median(lambda: run("query", "--project", folder, "ASK { ?s ?p ?o }"))

        spans = []
        for _ in range(RUNS):
            begin = time.perf_counter()
            server = started(project, port)
            spans.append(time.perf_counter() - begin)
            server.terminate()
            server.wait()
        first = 1000 * statistics.median(spans)

        server = started(project, port)

        def over_http() -> None:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{ASK}") as answer:
                answer.read()

        http = median(over_http, 300)
        server.terminate()
        server.wait()
        release = kg.open_release(project / "releases")
        inside = median(lambda: kg.query(release, "ASK { ?s ?p ?o }"), 300)

    print(f"kg check                                {check:8.0f} ms")
    print(f"kg build (with its check)               {build:8.0f} ms   {build / check:6.2f} of kg check")
    print(f"kg query, whole process                 {query:8.0f} ms   {query / check:6.2f} of kg check")
    print(f"kg serve, start to first answered query {first:8.0f} ms   {first / query:6.2f} of kg query")
    print(f"a query over HTTP                       {http:8.2f} ms   {http / inside:6.2f} of opening the store to ask")


if __name__ == "__main__":
    main()
