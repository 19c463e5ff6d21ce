"""A real Apache with what a server for redirects such as w3id.org allows: rules in .htaccess files, and no more."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

_MODULES = Path("/usr/lib/apache2/modules")
_LOADED = ("mpm_event", "authz_core", "dir", "headers", "rewrite")
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
    AllowOverride FileInfo
    Require all granted
</Directory>
"""


@contextmanager
def apache(rules: Mapping[str, str]) -> Iterator[str]:
    """Apache on a free port with a .htaccess in each of these folders; yields its address without a slash at the end.

    Skips the test where there is no Apache, but never in continuous integration.
    """
    program = shutil.which("apache2", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None and not os.environ.get("CI"):
        pytest.skip("Apache is not installed (Debian: apache2-bin)")
    assert program, "Apache is not installed (Debian: apache2-bin)"
    # Not in pytest's folder, which is closed to others: started by root, Apache goes over to another user.
    with tempfile.TemporaryDirectory(prefix="kg-apache-") as name:
        folder = Path(name)
        for part, text in rules.items():
            (folder / "sites" / part).mkdir(parents=True)
            (folder / "sites" / part / ".htaccess").write_text(text, encoding="utf-8")
        folder.chmod(0o755)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        loaded = "".join(f"LoadModule {part}_module {_MODULES}/mod_{part}.so\n" for part in _LOADED)
        (folder / "apache.conf").write_text(loaded + _SETTINGS.format(port=port, folder=folder), encoding="utf-8")
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
