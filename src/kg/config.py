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
    threads: int = _setting(32, "How many requests the web process works on at the same time.", 1, 1_000)
    query_seconds: float = _setting(10.0, "How long one query may take, in seconds of wall clock.", 0.1, 86_400)
    query_memory: int = _setting(1024, "How much memory one query may take, in MiB.", 64, 1_048_576)
    query_processes: int = _setting(4, "How many queries are evaluated at the same time.", 1, 1_000)
    queue_seconds: float = _setting(5.0, "How long a query waits for a free process, in seconds.", 0, 86_400)
    answer_bytes: int = _setting(67_108_864, "How long an answer may be, in bytes.", 1)
    query_bytes: int = _setting(1_048_576, "How long a query may be, in bytes.", 1)

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
