"""The ``kg`` command: one function per command, each a call of the library and a way to print.

Exit codes: 0 good, 1 findings (``kg check``, and ``kg build`` because of them), 2 failure. Results go to standard
output, everything else to standard error.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from kg.config import FIELDS, Settings, environment_name, read_settings
from kg.errors import CheckFailed, KgError

Command = TypeVar("Command", bound=Callable[..., Any])
FINDINGS, FAILURE = 1, 2


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


class _Group(click.Group):
    """Turns an expected error into one message and exit code 2, never a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except CheckFailed as error:
            click.echo(f"kg: {error}", err=True)
            ctx.exit(FINDINGS)
        except KgError as error:
            click.echo(f"kg: {error}", err=True)
            ctx.exit(FAILURE)
        except BrokenPipeError:
            # Who reads our output has seen enough (kg query ... | head).
            sys.stderr.close()
            ctx.exit(0)
        except (click.exceptions.Exit, click.ClickException, click.Abort):
            raise
        except Exception as error:  # noqa: BLE001 - a traceback helps nobody who uses the command
            frame = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{Path(frame.filename).name}:{frame.lineno}"
            click.echo(f"kg: this is a mistake in kg, please report it: {error!r} at {where}", err=True)
            ctx.exit(FAILURE)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="pledge-graph", prog_name="kg")
def main() -> None:
    """Turn a folder of ontology/, data/ and shapes/ into a checked, versioned site of linked data."""


@main.command()
@setting_options("project")
@click.option("--format", "form", type=click.Choice(["text", "json", "turtle"]), default="text", show_default=True)
@click.option("--language", default="en", show_default=True, help="The language of the messages, if there is a choice.")
@click.option("--all", "every", is_flag=True, help="Show every finding, not only the first three of a rule and file.")
@click.pass_context
def check(ctx: click.Context, settings: Settings, form: str, language: str, every: bool) -> None:
    """Parse every file and validate the graph. Exit code 1 if there are violations."""
    from kg import findings  # noqa: PLC0415 - imports are most of the time of a short command
    from kg.release import dumps  # noqa: PLC0415

    graph, checked = _checked(settings)
    base, prefixes = graph.project.base, graph.prefixes
    if form == "json":
        click.echo(findings.as_json(checked))
    elif form == "turtle":
        click.echo(dumps.turtle([("", findings.as_shacl(checked))], prefixes).decode(), nl=False)
    else:
        for line in findings.as_text(checked, base, prefixes, language, every):
            click.echo(line)
    ctx.exit(0 if checked.conforms else FINDINGS)


@main.command()
@setting_options("project", "releases")
@click.option("--source-commit", help="The revision of the sources, to be noted in the manifest.")
def build(settings: Settings, source_commit: str | None) -> None:
    """Check the project and make a release of it."""
    _build(settings, source_commit)


@main.command()
@setting_options(
    "project", "releases", "host", "port", "threads",
    "query_seconds", "query_memory", "query_processes", "queue_seconds", "query_bytes", "answer_bytes",
)  # fmt: skip
@click.option("--build", "rebuild", is_flag=True, help="Build first; if that fails, serve the last good release.")
def serve(settings: Settings, rebuild: bool) -> None:
    """Serve the last good release; build it first where there is none."""
    from kg.errors import NoRelease  # noqa: PLC0415
    from kg.release.manifest import open_release  # noqa: PLC0415
    from kg.web.server import serve as serve_site  # noqa: PLC0415

    try:
        release = open_release(settings.releases_folder)
    except NoRelease:
        release = _build(settings)
    else:
        if rebuild:
            try:
                release = _build(settings)
            except KgError as error:
                click.echo(f"kg: {error}\nkg: serving the last good release, {release.manifest.name}", err=True)
    serve_site(settings, release, announce=lambda line: click.echo(line, err=True))


@main.command()
@setting_options("project", "releases")
@click.argument("query", required=False)
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "csv", "json", "turtle"]),
    default=None,
    help="How to write the answer  [default: table, or turtle for a graph]",
)
def query(settings: Settings, query: str | None, form: str | None) -> None:
    """Ask the current release a SPARQL query: text, a file, or standard input (no argument or -).

    The project's prefixes need no PREFIX line.
    """
    from kg.asking import ask, printed  # noqa: PLC0415

    text = _query_text(query)
    for line in printed(ask(settings.releases_folder, text), form, sys.stdout.isatty()):
        click.echo(line, nl=False)


def _query_text(argument: str | None) -> str:
    if argument is None or argument == "-":
        if sys.stdin.isatty():
            click.echo("Type a query, then Ctrl-D.", err=True)
        return sys.stdin.buffer.read().decode("utf-8", errors="replace")
    if argument.endswith(".rq") or ("{" not in argument and Path(argument).is_file()):
        from kg.source import read_text  # noqa: PLC0415

        return read_text(Path(argument))
    return argument


def _checked(settings: Settings) -> Any:
    from kg.graph import read_graph  # noqa: PLC0415
    from kg.project import open_project  # noqa: PLC0415
    from kg.validate import check as check_graph  # noqa: PLC0415

    with _progress("reading files") as tell:
        graph = read_graph(open_project(settings.project))
        return graph, check_graph(graph, tell)


def _build(settings: Settings, source_commit: str | None = None) -> Any:
    from kg import findings  # noqa: PLC0415
    from kg.release.build import build as build_release  # noqa: PLC0415

    graph, checked = _checked(settings)
    if not checked.conforms:
        for line in findings.as_text(checked, graph.project.base, graph.prefixes):
            click.echo(line, err=True)
    with _progress("building") as tell:
        release = build_release(graph, checked, settings.releases_folder, source_commit, tell)
    click.echo(
        f"release {release.manifest.name}: {release.manifest.triples['data']:,} triples, in {release.path}", err=True
    )
    return release


@contextmanager
def _progress(first: str) -> Iterator[Callable[[str], None]]:
    """A moving line on the terminal for what takes longer than a moment; nothing at all in a pipe."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console  # noqa: PLC0415 - imports are most of the time of a short command

    with Console(stderr=True).status(first) as status:
        yield status.update
