"""The settings: one table, read once.

A setting is given as a flag (``--query-seconds 5``), else by the environment (``KG_QUERY_SECONDS=5``), else it has the
default below. There is no settings file. What belongs to the data (base IRI, languages, licence) is not a setting: it
stands in the project's ``data/dataset.ttl``.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kg.errors import ConfigError


def _setting(default: Any, help_text: str, at_least: float | None = None, at_most: float = float("inf")) -> Any:
    return field(default=default, metadata={"help": help_text, "at_least": at_least, "at_most": at_most})


@dataclass(frozen=True)
class Settings:
    """All that an operator can choose. Field order is the order in the documentation."""

    project: Path = _setting(Path(), "The project folder (holds ontology/, data/ and shapes/).")
    releases: Path = _setting(Path("releases"), "Where releases are kept; relative to the project folder.")
    host: str = _setting("127.0.0.1", "The address to listen on; 0.0.0.0 for every interface.")
    port: int = _setting(8000, "The port to listen on; 0 picks a free one.", 0, 65_535)
    threads: int = _setting(16, "How many pages are made at the same time.", 1, 1_000)
    client_seconds: float = _setting(30.0, "How long a client may take to send or take the next part.", 0.1, 86_400)
    access_log: str = _setting("", "Where to write a JSON line for each request: a file, - for standard output.")
    query_seconds: float = _setting(10.0, "How long one query may take, in seconds of wall clock.", 0.1, 86_400)
    query_memory: int = _setting(512, "How much memory one query may take, in MiB.", 64, 1_048_576)
    query_bytes: int = _setting(1_048_576, "How long a query may be, in bytes.", 1)
    query_processes: int = _setting(4, "How many queries are evaluated at the same time, long ones apart.", 1, 1_000)
    short_seconds: float = _setting(0.1, "After how many seconds of processor time a query counts as long.", 0.01)
    long_processes: int = _setting(12, "How many long queries there may be; short ones go first.", 1, 1_000)
    queue_length: int = _setting(64, "How many queries may wait for a free process.", 0, 10_000)
    queue_seconds: float = _setting(5.0, "How long a query waits for a free process, in seconds.", 0, 86_400)
    reconcile_batch: int = _setting(1_000, "How many names, or things, one request for reconciliation may have.", 1)
    reconcile_seconds: float = _setting(20.0, "How long one batch of names may take, in seconds.", 0.1, 86_400)
    answer_rows: int = _setting(1_000_000, "After how many rows or triples an answer is cut.", 1)
    answer_bytes: int = _setting(67_108_864, "After how many bytes an answer is cut.", 1_000)
    cache_bytes: int = _setting(268_435_456, "How many bytes of answers are kept for the next who asks; 0: none.", 0)
    page_bytes: int = _setting(67_108_864, "How many bytes of pages and documents are kept; 0: none.", 0)
    former_releases: int = _setting(3, "How many former releases are held open for those who ask.", 1, 100)
    store_memory: int = _setting(1024, "Up to how many MiB a release is held in memory; larger ones stay on disk.", 0)
    services: str = _setting("", "The addresses that queries may call with SERVICE, separated by spaces.")
    endpoint: str = _setting("", "A SPARQL endpoint that answers in place of the embedded engine (its query address).")
    endpoint_update: str = _setting("", "The endpoint's address for SPARQL Update (kg publish).")
    endpoint_graphs: str = _setting("", "The endpoint's address for the Graph Store Protocol (kg publish).")

    @property
    def releases_folder(self) -> Path:
        """The folder of the releases as a path that can be opened from here."""
        return self.project / self.releases


FIELDS = {f.name: f for f in dataclasses.fields(Settings)}


def environment_name(name: str) -> str:
    """``query_seconds`` -> ``KG_QUERY_SECONDS``."""
    return f"KG_{name.upper()}"


def read_settings(environ: Mapping[str, str] | None = None, **flags: Any) -> Settings:
    """Settle every setting: flag (if not None) before environment before default.

    Raises ConfigError, naming the flag or variable, for a value that is no number or too small.
    """
    environ = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    for name, definition in FIELDS.items():
        flag = flags.pop(name, None)
        if flag is not None:
            given, origin = flag, f"--{name.replace('_', '-')}"
        elif environment_name(name) in environ:
            given, origin = environ[environment_name(name)], environment_name(name)
        else:
            continue
        values[name] = _convert(given, type(definition.default), origin)
        _demand_range(values[name], origin, definition.metadata)
    if flags:
        raise ConfigError(f"no such setting: {', '.join(sorted(flags))}")
    return Settings(**values)


def _convert(given: Any, kind: Any, origin: str) -> Any:
    if issubclass(kind, Path):
        return Path(given)
    if kind is str:
        return str(given)
    try:
        return kind(given)
    except ValueError:
        wanted = "a whole number" if kind is int else "a number"
        raise ConfigError(f"{origin}: {given!r} is not {wanted}") from None


def _demand_range(value: Any, origin: str, limits: Mapping[str, Any]) -> None:
    at_least, at_most = limits["at_least"], limits["at_most"]
    if at_least is None:
        return
    if not value >= at_least:  # "not >=" also catches NaN
        raise ConfigError(f"{origin}: {value} is too small", f"give at least {at_least:g}")
    if value > at_most:
        raise ConfigError(f"{origin}: {value} is too large", f"give at most {at_most:g}")
