"""This project's server beside others on the same graph, in one run: latency, throughput, memory and start-up.

    python -m bench.peers --peers-bin VENV/bin [--triples 1000000] [--out result.json] [--warm]

Peers are rdflib-endpoint, Oxigraph's server in memory and on disk, and Virtuoso, each as far as it is found; wrk
makes the load. All serve the triples of one release of the made-up graph (bench/project.py), and each answer is
compared, row by row, with this project's. Runs alternate between the servers. Servers share one processor core, clients
have another. Ratios are this project over the peer: below 1 is better for times and memory, above 1 for throughput.
This project's kept answers are switched off, except for ``--warm``, which compares them with files that nginx serves.
Nothing is asserted: machines differ.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bench import servers
from bench.asking import Answered, Endpoint, Load, Rows, accept, as_json, compared, difference, queries, rows, wrk
from bench.project import made_release
from bench.servers import CLIENT_CORE, SERVER_CORE, Kind, NotStarted, Server

from kg.release.manifest import Release

OURS = "kg"
PEERS = ("ox-memory", "ox-disk", "virtuoso", "rdflib")
LOADED = "q01,q02,q05,q12"
WARM_UP = 2
Figures = dict[str, float]


@dataclass
class Result:
    """All that one run found, by the names of the servers."""

    triples: int
    release: str
    machine: str
    startup: dict[str, list[float]] = field(default_factory=dict)
    settled: dict[str, float] = field(default_factory=dict)
    idle: dict[str, float] = field(default_factory=dict)
    busy: dict[str, float] = field(default_factory=dict)
    times: dict[str, dict[str, list[float]]] = field(default_factory=dict)  # query -> server -> seconds
    failures: dict[str, dict[str, str]] = field(default_factory=dict)
    answers: dict[str, dict[str, str]] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    loads: dict[str, dict[int, dict[str, Any]]] = field(default_factory=dict)  # query -> connections -> server
    warm: dict[str, dict[str, list[Any]]] = field(default_factory=dict)

    def medians(self, query: str) -> Figures:
        """Milliseconds for one run of the query, by server."""
        return {name: 1000 * statistics.median(taken) for name, taken in self.times[query].items() if taken}


def plain_data(release: Release, folder: Path) -> Path:
    """The triples of the release as N-Triples, in ``folder``."""
    file = folder / "data.nt"
    if not file.exists():
        dump = (release.path / "dumps/data.nq").read_text(encoding="utf-8").splitlines()
        triples = dict.fromkeys(f"{line.rpartition(' <')[0]} .\n" for line in dump)
        file.write_text("".join(triples), encoding="utf-8")
    return file


def found_peers(wanted: Iterable[str], bins: Path | None, data: Path, folder: Path) -> list[Kind]:
    """The peers that are wanted and found, with their stores loaded; what is missing is said."""

    def program(name: str) -> str:
        path = (shutil.which(name, path=str(bins)) if bins else None) or shutil.which(name)
        if path is None:
            raise NotStarted(f"{name} is not installed")
        return path

    makers: dict[str, Callable[[], Kind]] = {
        "ox-memory": lambda: servers.oxigraph_in_memory(program("oxigraph"), data),
        "ox-disk": lambda: servers.oxigraph_on_disk(program("oxigraph"), data, folder),
        "virtuoso": lambda: servers.virtuoso(program("virtuoso-t"), program("isql-vt"), data, folder),
        "rdflib": lambda: servers.rdflib_endpoint(program("rdflib-endpoint"), data),
    }
    kinds = []
    for name in wanted:
        try:
            kinds.append(makers[name]())
        except NotStarted as error:
            print(f"left out: {name}: {error}")
    return kinds


def start(kinds: Iterable[Kind], starts: int, folder: Path, stack: ExitStack, result: Result) -> dict[str, Server]:
    """Start each server, those that load nothing several times, and leave the last running."""
    running = {}
    for kind in kinds:
        taken: list[float] = []
        try:
            for left in reversed(range(1 if kind.note else starts)):
                server = Server(kind, folder / f"{kind.name}.log", core=SERVER_CORE)
                taken.append(server.ready)
                if left:
                    server.stop()
        except NotStarted as error:
            print(f"left out: {error}; see {folder / kind.name}.log")
            continue
        stack.callback(server.stop)
        running[kind.name] = server
        result.settled[kind.name] = server.settle()
        result.startup[kind.name] = taken
        result.idle[kind.name] = server.memory().pss
    return running


def ask_alternating(endpoints: Sequence[Endpoint], text: str, repeat: int, budget: float) -> dict[str, list[Answered]]:
    """Ask all endpoints in turn, each until it has answered often enough, used up its time, or failed."""
    answered: dict[str, list[Answered]] = {end.name: [] for end in endpoints}
    for turn in range(WARM_UP + repeat):
        for end in (*endpoints[turn % len(endpoints) :], *endpoints[: turn % len(endpoints)]):
            before = answered[end.name]
            if before and (before[-1].failure or sum(a.seconds for a in before) > budget):
                continue
            before.append(end.ask(text))
    return answered


def measure_latency(
    endpoints: Sequence[Endpoint], mix: Mapping[str, str], repeat: int, budget: float, result: Result
) -> None:
    """Ask each query of the mix and compare the answers."""
    for query, text in mix.items():
        answered = ask_alternating(endpoints, text, repeat, budget)
        # Who had no time for more than the warm-up is taken at the last run of it.
        counted = {name: [a.seconds for a in given[WARM_UP:] or given[-1:]] for name, given in answered.items()}
        failures = {name: given[-1].failure for name, given in answered.items() if given[-1].failure}
        result.times[query] = {name: taken for name, taken in counted.items() if name not in failures}
        result.failures[query] = failures
        compare_answers(query, {name: given[-1] for name, given in answered.items() if name not in failures}, result)
        print(row(query, endpoints, result.medians(query), failures), flush=True)


def compare_answers(query: str, answered: Mapping[str, Answered], result: Result) -> None:
    """Note how the answers of the others compare with the first one's, and print what differs."""
    held: dict[str, Rows] = {}
    for name, answer in answered.items():
        try:
            held[name] = rows(answer)
        except (ValueError, KeyError, SyntaxError) as error:
            print(f"  {query}: {name} sent no answer that can be read: {error}")
    if not held:
        return
    first, *others = held
    result.rows[query] = held[first].total()
    result.answers[query] = {name: compared(held[first], held[name]) for name in others}
    for name, outcome in result.answers[query].items():
        if outcome != "equal":
            print(f"  {query}: {name} and {first}: {outcome}")
            for line in difference(held[first], held[name]):
                print(f"    {line[:200]}")


def row(
    title: str, endpoints: Sequence[Endpoint], figures: Figures, failures: Mapping[str, str], digits: int = 2
) -> str:
    """One line: a figure for each server, then ours over each peer's."""
    names = [end.name for end in endpoints]
    cells = [f"{figures[n]:,.{digits}f}" if n in figures else failures.get(n, "-") for n in names]
    ratios = [ratio(figures, name) for name in names if name != OURS]
    return f"{title:18}" + "".join(f"{cell:>10}" for cell in cells) + "".join(f"{r:>8}" for r in ratios)


def ratio(figures: Figures, peer: str) -> str:
    """Ours over the peer's, as text; "-" if one is missing."""
    return f"{figures[OURS] / figures[peer]:.2f}" if OURS in figures and figures.get(peer) else "-"


def heading(title: str, endpoints: Sequence[Endpoint]) -> str:
    """The line above such lines."""
    names = [end.name for end in endpoints]
    short = ["/" + name.removeprefix("ox-")[:6] for name in names if name != OURS]
    return f"\n{title:18}" + "".join(f"{name:>10}" for name in names) + "".join(f"{s:>8}" for s in short)


def print_means(endpoints: Sequence[Endpoint], result: Result) -> None:
    """The geometric mean of the ratios for each peer, over the queries that both answered."""
    cells = []
    for name in (end.name for end in endpoints if end.name != OURS):
        medians = [result.medians(query) for query in result.times]
        ratios = [m[OURS] / m[name] for m in medians if OURS in m and name in m]
        cells.append(f"{statistics.geometric_mean(ratios):.2f}" if ratios else "-")
    print(f"{'geometric mean':18}" + " " * 10 * len(endpoints) + "".join(f"{cell:>8}" for cell in cells))


def measure_throughput(
    endpoints: Sequence[Endpoint],
    running: Mapping[str, Server],
    mix: Mapping[str, str],
    levels: Sequence[int],
    seconds: float,
    distinct: bool,
    result: Result,
) -> None:
    """Put each server in turn under load with each query that it can answer on all connections in about that time."""
    for query, text in mix.items():
        medians = result.medians(query) if query in result.times else {}
        for connections in levels:
            loads: dict[str, Load | None] = {}
            for end in endpoints:
                if medians.get(end.name, float("inf")) * connections < 1000 * seconds:
                    loads[end.name] = end.load(text, connections, seconds, distinct)
                    running[end.name].settle()
            result.loads.setdefault(query, {})[connections] = {name: as_json(load) for name, load in loads.items()}
            rates = {name: load.per_second for name, load in loads.items() if load}
            print(row(f"{query[:11]} c={connections}", endpoints, rates, {}, 0), flush=True)
            if errors := {name: load.errors for name, load in loads.items() if load and load.errors}:
                print(f"  errors: {errors}")


def measure_warm(
    project: Path, nginx: str, mix: Mapping[str, str], rounds: int, seconds: float, folder: Path, result: Result
) -> None:
    """Answers that this project keeps, beside the same answers in files that nginx serves, at 64 connections."""
    with ExitStack() as stack:
        server = Server(servers.ours(project, {}), folder / "kg-warm.log", core=SERVER_CORE)
        stack.callback(server.stop)
        server.settle()
        ours = Endpoint(OURS, server.url)
        answered = {query: ours.ask(text) for query, text in mix.items()}
        files = {query: (a.body, a.media_type) for query, a in answered.items() if not a.failure}
        static = Server(servers.static_files(nginx, folder, files), folder / "nginx.log", core=SERVER_CORE)
        stack.callback(static.stop)
        print(f"\n{'kept answers, c=64':20}{'bytes':>8}{'kg/s':>9}{'nginx/s':>9}{'ratio':>7}", end="")
        print(f"{'kg p50':>8}{'p99':>8}{'p99/p50':>8}{'nginx p50':>11}{'p99':>8}{'p99/p50':>8}")
        for query in files:
            # The same address for both but for the path: nginx reads the query string, too.
            ours_at = ours.address(mix[query])
            theirs_at = f"{static.address}/{query}?{ours_at.partition('?')[2]}"
            loads: dict[str, list[Load]] = {OURS: [], "nginx": []}
            for _ in range(rounds):
                for name, target in ((OURS, ours_at), ("nginx", theirs_at)):
                    if load := wrk(target, 64, seconds, accept(mix[query])):
                        loads[name].append(load)
            result.warm[query] = {name: [as_json(load) for load in several] for name, several in loads.items()}
            print(warm_row(query, len(files[query][0]), loads), flush=True)
            errors = {name: sum(load.errors for load in several) for name, several in loads.items()}
            if any(errors.values()):
                print(f"  errors: {errors}")


def warm_row(query: str, size: int, loads: Mapping[str, Sequence[Load]]) -> str:
    """One line on one query: medians over the rounds."""
    if not all(loads.values()):
        return f"{query:20} wrk told nothing"
    rate, p50, p99 = (
        {name: statistics.median(getattr(load, part) for load in several) for name, several in loads.items()}
        for part in ("per_second", "p50", "p99")
    )
    tails = [f"{p50[n]:.2f} {p99[n]:.2f} {p99[n] / p50[n]:.2f}".split() for n in (OURS, "nginx")]
    return (
        f"{query:20}{size:>8,}{rate[OURS]:>9,.0f}{rate['nginx']:>9,.0f}{rate[OURS] / rate['nginx']:>7.2f}"
        f"{tails[0][0]:>8}{tails[0][1]:>8}{tails[0][2]:>8}{tails[1][0]:>11}{tails[1][1]:>8}{tails[1][2]:>8}"
    )


def machine() -> str:
    """What it is measured on, and how busy that is already."""
    return f"{platform.machine()}, {os.cpu_count()} cores, load average {os.getloadavg()[0]:.2f} at the start"


def compare(asked: argparse.Namespace, release: Release, folder: Path, result: Result) -> None:
    """Start all servers and measure them."""
    peers = found_peers((p for p in asked.peers.split(",") if p), asked.peers_bin, plain_data(release, folder), folder)
    mix = queries(asked.only)
    levels = [int(level) for level in asked.connections.split(",") if level]
    if levels and not shutil.which("wrk"):
        print("left out: throughput: wrk is not installed")
        levels = []
    with ExitStack() as stack:
        kinds = [servers.ours(asked.project, {"KG_CACHE_BYTES": "0"}), *peers]
        running = start(kinds, asked.starts, folder, stack, result)
        endpoints = [Endpoint(name, server.url, asked.timeout) for name, server in running.items()]
        if not endpoints:
            return
        print(heading("latency, ms", endpoints))
        measure_latency(endpoints, mix, asked.repeat, asked.budget, result)
        print_means(endpoints, result)
        for end in endpoints:
            end.close()
        if levels:
            print(heading("answers a second", endpoints) + "   (one text)" * asked.same)
            loaded = {name: text for name, text in mix.items() if name in queries(asked.loaded)}
            measure_throughput(endpoints, running, loaded, levels, asked.seconds, not asked.same, result)
        print(heading("start-up and memory", endpoints))
        result.busy = {name: server.memory().pss for name, server in running.items()}
        print(row("first answer, s", endpoints, {n: statistics.median(s) for n, s in result.startup.items()}, {}))
        print(row("at rest, s", endpoints, result.settled, {}))
        print(row("MiB, idle", endpoints, result.idle, {}, 0))
        print(row("MiB, afterwards", endpoints, result.busy, {}, 0))
        if loading := [kind.name for kind in kinds if kind.note and kind.name in running]:
            print(f"first answer {', '.join(loading)}: with loading the graph; the others open what was loaded before")


def options() -> argparse.ArgumentParser:
    """The options of the command."""
    parser = argparse.ArgumentParser(description="Compare this project's server with others on the same graph.")
    parser.add_argument("--triples", type=int, default=1_000_000, help="about (%(default)s)")
    parser.add_argument("--project", type=Path, help="where the made-up project is or shall be (a temporary folder)")
    parser.add_argument("--peers", default=",".join(PEERS), help="which (%(default)s)")
    parser.add_argument("--peers-bin", type=Path, help="a folder with their programs, before PATH")
    parser.add_argument("--only", default="", help="beginnings of the names of queries, separated by commas")
    parser.add_argument("--repeat", type=int, default=9, help="runs of a query that count (%(default)s)")
    parser.add_argument("--budget", type=float, default=10, help="seconds for a query and server (%(default)s)")
    parser.add_argument("--timeout", type=float, default=120, help="seconds for one answer (%(default)s)")
    parser.add_argument("--connections", default="1,8,64", help="how many at once; empty: no throughput (%(default)s)")
    parser.add_argument("--loaded", default=LOADED, help="queries for the throughput (%(default)s)")
    parser.add_argument("--seconds", type=float, default=5, help="the length of one load (%(default)s)")
    parser.add_argument("--same", action="store_true", help="throughput of one text, not of a text for each request")
    parser.add_argument("--starts", type=int, default=3, help="how often a server is started (%(default)s)")
    parser.add_argument("--warm", action="store_true", help="only this project's kept answers beside nginx's files")
    parser.add_argument("--rounds", type=int, default=3, help="with --warm: loads of each (%(default)s)")
    parser.add_argument("--out", type=Path, help="a file for all figures, as JSON")
    return parser


def main() -> None:
    """Measure and print."""
    parser = options()
    asked = parser.parse_args()
    if unknown := set(filter(None, asked.peers.split(","))) - set(PEERS):
        parser.error(f"no such peer: {', '.join(sorted(unknown))}")
    asked.project = (asked.project or Path(tempfile.gettempdir()) / f"kg-bench-{asked.triples}").resolve()
    release = made_release(asked.project, asked.triples)
    folder = asked.project / "peers" / release.manifest.name
    folder.mkdir(parents=True, exist_ok=True)
    if (os.cpu_count() or 1) > 1 and shutil.which("taskset"):
        os.sched_setaffinity(0, {int(CLIENT_CORE)})
    result = Result(release.manifest.triples["data"], release.manifest.name, machine())
    print(f"release {result.release}, {result.triples:,} triples; {result.machine}")
    begin = time.perf_counter()
    if asked.warm:
        nginx = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
        if not nginx or not shutil.which("wrk"):
            sys.exit("--warm needs nginx and wrk")
        measure_warm(asked.project, nginx, queries(asked.only or LOADED), asked.rounds, asked.seconds, folder, result)
    else:
        compare(asked, release, folder, result)
    print(f"\n{time.perf_counter() - begin:.0f} s")
    if asked.out:
        asked.out.write_text(json.dumps(asdict(result), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
