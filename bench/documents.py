"""Documents that this project serves beside the same bytes in files that nginx serves, in one run.

    python -m bench.documents [--project FOLDER] [--rounds 3] [--seconds 5] [--out documents.json]

Documents about a few things, small and large, are asked for as HTML, Turtle and JSON-LD with an Accept header, and once
more by clients that have them already (If-None-Match, answered 304). nginx has each in a file, with the same media type
under an address of the same length. wrk asks both in turn on 64 connections; the server has core 0, wrk core 1.
Printed are medians of the rounds and ratios, this project over nginx: above 1 would be better. Nothing is asserted.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyoxigraph as ox
from bench import servers
from bench.asking import Load, as_json, wrk
from bench.peers import machine
from bench.project import made_release
from bench.servers import CLIENT_CORE, SERVER_CORE, NotStarted, Server

from kg.negotiate import HTML, JSON_LD, TURTLE, Variant
from kg.release.manifest import Release, open_release
from kg.terms import document_iri, local_path, whole

FORMATS = {variant.format: variant for variant in (HTML, TURTLE, JSON_LD)}
QUANTILES = (0.1, 0.5, 0.999)  # of the things, by how many triples speak of them
Loads = dict[str, list[Load]]


@dataclass(frozen=True)
class Sent:
    """What a server sends for an address: enough to tell whether two servers send the same."""

    status: int
    media_type: str
    etag: str
    body: bytes


@dataclass(frozen=True)
class Target:
    """One document in one format, at both servers."""

    path: str
    variant: Variant
    ours: Sent
    file: str  # nginx's path


def documents(release: Release) -> list[str]:
    """Paths of documents about things that few, middling and many triples speak of."""
    base = release.manifest.base
    spoken: Counter[str] = Counter()
    for quad in ox.parse(path=str(release.path / "dumps/data.ttl")):
        ends = {whole(t.value) for t in (quad.subject, quad.object) if isinstance(t, ox.NamedNode)}
        spoken.update(iri for iri in ends if iri.startswith(base + "id/"))
    things = sorted(spoken, key=lambda iri: (spoken[iri], iri))
    chosen = dict.fromkeys(things[int(quantile * (len(things) - 1))] for quantile in QUANTILES)
    return [local_path(base, document_iri(base, iri)) or "/" for iri in chosen]


def asked(url: str, accept: str, etag: str = "") -> Sent:
    """What is sent for an address, redirects not followed. Raises NotStarted if there is no such document."""
    headers = {"Accept": accept, **({"If-None-Match": etag} if etag else {})}
    try:
        reply = urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=60)
    except urllib.error.HTTPError as error:
        if error.code != 304:
            raise NotStarted(f"{url}: {error}") from error
        reply = error
    with reply:
        names = reply.headers
        return Sent(reply.status, names.get("Content-Type") or "", names.get("ETag") or "", reply.read())


def of_same_length(path: str, number: int) -> str:
    """A file's name that is as long as the path, so that both servers read and wrk writes as much."""
    return f"f{number}".ljust(len(path.encode()) - 1, "-")


def measure(target: Target, ours: str, nginx: str, rounds: int, seconds: float) -> dict[str, Loads]:
    """Loads of both servers in turn: of the whole document, and of clients that have it already."""
    found: dict[str, Loads] = {"200": {"kg": [], "nginx": []}, "304": {"kg": [], "nginx": []}}
    accept = target.variant.media_type
    addresses = {"kg": ours + target.path, "nginx": f"{nginx}/{target.file}"}
    etags = {name: asked(address, accept).etag for name, address in addresses.items()}
    for name, address in addresses.items():
        again = asked(address, accept, etags[name])
        if again.status != 304:
            print(f"  {name} answers {again.status} to If-None-Match with its own ETag")
    for turn in range(rounds):
        for status, loads in found.items():
            for name in ("kg", "nginx") if turn % 2 == 0 else ("nginx", "kg"):
                headers = {"If-None-Match": etags[name]} if status == "304" else {}
                if load := wrk(addresses[name], 64, seconds, accept, headers=headers):
                    loads[name].append(load)
    return found


def row(title: str, size: int, loads: Mapping[str, Sequence[Load]], base: Sequence[Load]) -> str:
    """One line: medians over the rounds; the last ratio is over nginx sending the whole document."""
    if not (all(loads.values()) and base):
        return f"{title:44} wrk told nothing"
    rate, p50, p99 = (
        {name: statistics.median(getattr(load, part) for load in several) for name, several in loads.items()}
        for part in ("per_second", "p50", "p99")
    )
    whole_rate = statistics.median(load.per_second for load in base)
    return (
        f"{title:44}{size:>9,}{rate['kg']:>9,.0f}{rate['nginx']:>9,.0f}{rate['kg'] / rate['nginx']:>7.2f}"
        f"{rate['kg'] / whole_rate:>8.2f}{p50['kg']:>9.2f}{p99['kg']:>8.2f}{p50['nginx']:>9.2f}{p99['nginx']:>8.2f}"
    )


HEADING = (
    f"\n{'documents, c=64, ms':44}{'bytes':>9}{'kg/s':>9}{'nginx/s':>9}{'ratio':>7}{'/200':>8}"
    f"{'kg p50':>9}{'p99':>8}{'nginx p50':>9}{'p99':>8}"
)


def targets(url: str, paths: Sequence[str], formats: Sequence[str]) -> list[Target]:
    """Each document in each format, asked for once and read."""
    found: list[Target] = []
    for path in paths:
        for name in formats:
            variant = FORMATS[name]
            sent = asked(url + path, variant.media_type)
            if sent.media_type.partition(";")[0] != variant.media_type or not sent.etag:
                raise NotStarted(f"{path}: {sent.media_type or 'no type'} for {variant.media_type}, ETag {sent.etag}")
            found.append(Target(path, variant, sent, of_same_length(path, len(found))))
    return found


def compare(options: argparse.Namespace, release: Release, nginx: str, folder: Path) -> list[dict[str, Any]]:
    """Start both servers and measure all documents; the figures, ready for a file."""
    figures: list[dict[str, Any]] = []
    ratios: dict[str, list[float]] = {"200": [], "304": [], "304 over 200": []}
    with ExitStack() as stack:
        kind = servers.ours(options.project, {})
        ours = Server(kind, folder / "kg.log", core=SERVER_CORE)
        stack.callback(ours.stop)
        ours.settle()
        paths = options.path or documents(release)
        wanted = targets(ours.address, paths, options.formats.split(","))
        files = {target.file: (target.ours.body, target.ours.media_type) for target in wanted}
        static = Server(servers.static_files(nginx, folder, files), folder / "nginx.log", core=SERVER_CORE)
        stack.callback(static.stop)
        print(HEADING)
        for target in wanted:
            theirs = asked(f"{static.address}/{target.file}", target.variant.media_type)
            if (theirs.body, theirs.media_type) != (target.ours.body, target.ours.media_type):
                raise NotStarted(f"{target.path}: nginx does not send the same")
            found = measure(target, ours.address, static.address, options.rounds, options.seconds)
            title = f"{urllib.parse.unquote(target.path)[-33:]} {target.variant.suffix}"
            for status, loads in found.items():
                size = len(target.ours.body) if status == "200" else 0
                print(row(f"{title} {status}", size, loads, found["200"]["nginx"]), flush=True)
                if errors := {
                    name: n for name, several in loads.items() if (n := sum(load.errors for load in several))
                }:
                    print(f"  errors: {errors}")
                figures.append(
                    {"path": target.path, "format": target.variant.format, "status": status, "bytes": size}
                    | {name: [as_json(load) for load in several] for name, several in loads.items()}
                )
            _add_ratios(ratios, found)
    means = (f"{name} {statistics.geometric_mean(several):.2f}" for name, several in ratios.items() if several)
    print(f"\ngeometric means over nginx: {', '.join(means)}")
    return figures


def _add_ratios(ratios: dict[str, list[float]], found: Mapping[str, Loads]) -> None:
    rates = {
        (status, name): statistics.median(load.per_second for load in several)
        for status, loads in found.items()
        for name, several in loads.items()
        if several
    }
    for title, ours, theirs in (("200", "200", "200"), ("304", "304", "304"), ("304 over 200", "304", "200")):
        if (ours, "kg") in rates and rates.get((theirs, "nginx")):
            ratios[title].append(rates[ours, "kg"] / rates[theirs, "nginx"])


def options() -> argparse.ArgumentParser:
    """What can be chosen."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--project", type=Path, default=Path(), help="a project with a release (this folder)")
    parser.add_argument("--triples", type=int, help="the made-up graph of that size in place of a project")
    parser.add_argument("--path", action="append", help="a document to ask for, such as /doc/state/ITA; repeatable")
    parser.add_argument("--formats", default=",".join(FORMATS), help="(%(default)s)")
    parser.add_argument("--seconds", type=float, default=5, help="the length of one load (%(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="loads of each (%(default)s)")
    parser.add_argument("--out", type=Path, help="a file for all figures, as JSON")
    return parser


def main() -> None:
    """Measure and print."""
    parser = options()
    chosen = parser.parse_args()
    if unknown := set(chosen.formats.split(",")) - set(FORMATS):
        parser.error(f"no such format: {', '.join(sorted(unknown))}")
    nginx = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if not nginx or not shutil.which("wrk"):
        sys.exit("this needs nginx and wrk")
    if chosen.triples:
        chosen.project = Path(tempfile.gettempdir()) / f"kg-bench-{chosen.triples}"
        release = made_release(chosen.project, chosen.triples)
    else:
        release = open_release(chosen.project / "releases")
    chosen.project = chosen.project.resolve()
    if (os.cpu_count() or 1) > 1 and shutil.which("taskset"):
        os.sched_setaffinity(0, {int(CLIENT_CORE)})
    print(f"release {release.manifest.name}, {release.manifest.triples['data']:,} triples; {machine()}")
    begin = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="kg-bench-") as folder:
        Path(folder).chmod(0o755)  # nginx, started by root, reads as another user
        try:
            figures = compare(chosen, release, nginx, Path(folder))
        except NotStarted as error:
            sys.exit(f"cannot be measured: {error}")
    print(f"{time.perf_counter() - begin:.0f} s")
    if chosen.out:
        told = {"release": release.manifest.name, "machine": machine(), "documents": figures}
        chosen.out.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
