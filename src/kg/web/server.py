"""The production server (granian) around the application, and what can go wrong before the first request."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from kg.config import Settings
from kg.errors import ServeError
from kg.release.manifest import Release
from kg.release.store import open_store
from kg.terms import in_language


def serve(settings: Settings, release: Release, announce: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM; ``announce`` gets the line that says where.

    Raises ServeError if the address cannot be listened on, ReleaseError if the release is damaged.
    """
    from granian import Granian  # noqa: PLC0415 - only the server needs it
    from granian.constants import HTTPModes, Interfaces, RuntimeModes  # noqa: PLC0415
    from granian.http import HTTP1Settings  # noqa: PLC0415
    from granian.log import LogLevels  # noqa: PLC0415

    # Only here, because it needs much; before the worker is forked, which then has it, as has each that follows it.
    from kg.web.front import Front  # noqa: PLC0415
    from kg.web.operations import AccessLog  # noqa: PLC0415

    release.demand_files()
    open_store(release)  # to fail here and now, where somebody reads it
    AccessLog(settings.access_log)  # for the same reason
    port = _free_port(settings.host, settings.port)
    shown = "localhost" if settings.host in ("127.0.0.1", "0.0.0.0", "::") else settings.host  # noqa: S104 - compared
    title = in_language(release.manifest.title)
    announce(f"{title} {release.manifest.name} at http://{shown}:{port}/ (Ctrl-C stops)")
    server = Granian(
        "kg",
        address=settings.host,
        port=port,
        interface=Interfaces.RSGI,
        workers=1,
        # Measured: a tenth more answers a second than with everything on one thread, also on one core.
        runtime_mode=RuntimeModes.mt,
        # A broken answer breaks its connection, so each has one of its own; a proxy in front may speak HTTP/2.
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=round(1000 * settings.client_seconds)),
        websockets=False,
        log_level=LogLevels.error,
        log_dictconfig=_LOGGING,
        workers_kill_timeout=5,
        respawn_failed_workers=True,
    )
    server.serve(target_loader=partial(load_app, partial(Front, settings)), wrap_loader=False)


def load_app(make: Callable[[], Any], *_: object) -> Any:
    """The application for a worker process of the server, made there; its query processes end with it."""
    threading.Thread(target=_follow, args=(os.getppid(),), name="parent-watch", daemon=True).start()
    return make()


def _follow(parent: int) -> None:
    """End this process when its parent is gone, so that kill -9 of ``kg serve`` leaves no server behind."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os.kill(os.getpid(), signal.SIGKILL)


def _free_port(host: str, port: int) -> int:
    """``port`` if it can be listened on, or a free one for 0.

    Asked with a socket of our own: the server would share a taken port silently (SO_REUSEPORT).
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            return int(probe.getsockname()[1])
    except socket.gaierror as error:
        raise ServeError(f"{host} is no address of this machine: {error.strerror}", "choose another --host") from None
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ServeError(
            f"cannot listen on {host} port {port}: {reason}", "choose another port with --port (0: any free one)"
        ) from None


_LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "stream": "ext://sys.stderr"}},
    "root": {"level": "WARNING", "handlers": ["stderr"]},
    "loggers": {"kg": {"level": "INFO"}, "_granian": {"level": "ERROR"}, "granian.access": {"level": "WARNING"}},
}
