"""A real Apache that knows no more than what .htaccess files say.

For redirects it allows what a server such as w3id.org does; for a whole site what hosts of sites usually allow.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

_MODULES = Path("/usr/lib/apache2/modules")
_LOADED = ("mpm_event", "authz_core", "dir", "headers", "rewrite")
_FOR_FILES = (*_LOADED, "mime", "negotiation")
_SETTINGS = """
ServerName localhost
Listen 127.0.0.1:{port}
PidFile {folder}/pid
DefaultRuntimeDir {folder}
ErrorLog {folder}/log
LogLevel warn rewrite:trace2
User nobody
Group nogroup
StartServers 1
DocumentRoot {folder}/sites
<Directory {folder}/sites>
    Options FollowSymLinks
    AllowOverride {allowed}
    Require all granted
</Directory>
"""


@contextmanager
def apache(rules: Mapping[str, str]) -> Iterator[str]:
    """Apache on a free port with a .htaccess in each of these folders; yields its address without a slash at the end.

    Skips the test where there is no Apache, but never in continuous integration.
    """

    def write(sites: Path) -> None:
        for part, text in rules.items():
            (sites / part).mkdir(parents=True)
            (sites / part / ".htaccess").write_text(text, encoding="utf-8")

    with _running(write, _LOADED, "FileInfo") as url:
        yield url


@contextmanager
def apache_for(site: Path) -> Iterator[str]:
    """The same for a folder of files with a .htaccess of its own."""
    with _running(
        lambda sites: shutil.copytree(site, sites), _FOR_FILES, "FileInfo Indexes Options=Indexes,MultiViews"
    ) as url:
        yield url


@contextmanager
def _running(write: Callable[[Path], object], modules: Sequence[str], allowed: str) -> Iterator[str]:
    program = shutil.which("apache2", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None and not os.environ.get("CI"):
        pytest.skip("Apache is not installed (Debian: apache2-bin)")
    assert program, "Apache is not installed (Debian: apache2-bin)"
    # Not in pytest's folder, which is closed to others: started by root, Apache goes over to another user.
    with tempfile.TemporaryDirectory(prefix="kg-apache-") as name:
        folder = Path(name)
        write(folder / "sites")
        folder.chmod(0o755)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        loaded = "".join(f"LoadModule {part}_module {_MODULES}/mod_{part}.so\n" for part in modules)
        if "mime" in modules:
            (folder / "types").write_text("")  # what a server knows without the site's rules: nothing
            loaded += f"TypesConfig {folder}/types\n"
        settings = _SETTINGS.format(port=port, folder=folder, allowed=allowed)
        (folder / "apache.conf").write_text(loaded + settings, encoding="utf-8")
        with (folder / "out").open("wb") as out:
            command = [program, "-f", str(folder / "apache.conf"), "-D", "FOREGROUND"]
            process = subprocess.Popen(command, stdout=out, stderr=out)
        try:
            _wait(process, port, folder)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(timeout=30)


def _wait(process: subprocess.Popen[bytes], port: int, folder: Path) -> None:
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        told = "".join(file.read_text(errors="replace") for file in (folder / "out", folder / "log") if file.exists())
        assert process.poll() is None, f"Apache ended: {told}"
        time.sleep(0.05)
    raise AssertionError("Apache does not answer")
