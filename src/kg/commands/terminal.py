"""What commands share: settings as options, progress on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from kg.config import FIELDS, environment_name, read_settings

Command = TypeVar("Command", bound=Callable[..., Any])


def setting_options(*names: str) -> Callable[[Command], Command]:
    """Add a flag for each of the settings, described as in the table of settings; the command gets ``settings``."""

    def decorate(command: Command) -> Command:
        @wraps(command)
        def with_settings(**given: Any) -> Any:
            flags = {name: given.pop(name) for name in names}
            return command(settings=read_settings(**flags), **given)

        decorated: Any = with_settings
        for name in reversed(names):
            definition = FIELDS[name]
            decorated = click.option(
                f"--{name.replace('_', '-')}",
                name,
                metavar="PATH" if isinstance(definition.default, Path) else type(definition.default).__name__.upper(),
                help=f"{definition.metadata['help']} [{environment_name(name)}; default: {definition.default}]",
            )(decorated)
        return decorated  # type: ignore[no-any-return]

    return decorate


@contextmanager
def progress(first: str) -> Iterator[Callable[[str], None]]:
    """A moving line on the terminal for what takes longer than a moment; nothing at all in a pipe."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    # Imports are most of the time of a short command.
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task(first, total=None)
        yield lambda text: shown.update(task, description=text)
