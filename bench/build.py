"""How long ``kg build`` takes (its check included), how much memory it needs, and how both grow with the graph.

    .venv/bin/python -m bench.build [--triples 100000 1000000] [--folder FOLDER]

For each size the made-up graph of ``bench.project`` is written and built by a process of its own, in FOLDER (a
temporary one by default; a project that is there already is used again). Printed are seconds, processor seconds, the
most memory, triples a second, what the downloads take on disk, and the ratio of each to the first size: twice the
ratio of the sizes would be worse than linear. Nothing is asserted: machines differ.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from bench.project import write_project

from kg.release.manifest import open_release

KG = [sys.executable, "-m", "kg"]


@dataclass(frozen=True)
class Measured:
    """One build."""

    triples: int
    seconds: float
    processor: float
    mebibytes: float
    downloads: float

    @property
    def rate(self) -> float:
        """Triples a second."""
        return self.triples / self.seconds

    def row(self, first: Measured) -> str:
        """A line of the table, ratios to the first measurement in brackets."""
        cells = [
            f"{self.triples:>10,} ({self.triples / first.triples:5.2f})",
            f"{self.seconds:8.1f} s ({self.seconds / first.seconds:5.2f})",
            f"{self.processor:8.1f} s ({self.processor / first.processor:5.2f})",
            f"{self.mebibytes:7,.0f} MiB ({self.mebibytes / first.mebibytes:5.2f})",
            f"{self.rate:8,.0f}/s ({self.rate / first.rate:5.2f})",
            f"{self.downloads:7,.0f} MiB ({self.downloads / first.downloads:5.2f})",
        ]
        return "  ".join(cells)


def measured(project: Path, triples: int) -> Measured:
    """Build the made-up graph of this size."""
    if not (project / "data/graph/graph.ttl").is_file():
        write_project(project, triples)
    shutil.rmtree(project / "releases", ignore_errors=True)
    begin = time.perf_counter()
    with subprocess.Popen([*KG, "build", "--project", project], stderr=subprocess.DEVNULL) as process:
        _, status, used = os.wait4(process.pid, 0)  # what this one process needed
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - begin
    if process.returncode:
        raise SystemExit(f"kg build ended with {process.returncode}")
    release = open_release(project / "releases")
    downloads = sum(size for size, _ in release.manifest.files.values()) / 1024**2
    processor = used.ru_utime + used.ru_stime
    return Measured(release.manifest.triples["data"], seconds, processor, used.ru_maxrss / 1024, downloads)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure kg build on graphs of growing size.")
    parser.add_argument("--triples", type=int, nargs="+", default=[100_000, 1_000_000], help="about")
    parser.add_argument("--folder", type=Path, help="where the projects are kept")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.folder or Path(temporary)
        print("   triples (ratio)     wall clock          processor            memory            speed       downloads")
        first: Measured | None = None
        for triples in asked.triples:
            found = measured(folder / str(triples), triples)
            first = first or found
            print(found.row(first), flush=True)


if __name__ == "__main__":
    main()
