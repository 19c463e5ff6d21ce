"""The ``kg`` command: one function per command, each a call of the library and a way to print.

Exit codes: 0 good, 1 findings (``kg check``, and ``kg build`` because of them), 2 failure. Results go to standard
output, everything else to standard error.
"""

from __future__ import annotations

import shutil
import sys
import traceback
from pathlib import Path
from typing import Any

import click

from kg.commands import freezing, releases
from kg.commands.terminal import progress as _progress
from kg.commands.terminal import setting_options
from kg.config import Settings, read_settings
from kg.errors import CheckFailed, KgError, ProjectError
from kg.terms import in_language

FINDINGS, FAILURE = 1, 2


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


main.add_command(releases.releases)
main.add_command(releases.verify)
main.add_command(freezing.freeze)


@main.command()
@setting_options("project", "releases")
@click.option("--format", "form", type=click.Choice(["text", "json", "turtle"]), default="text", show_default=True)
@click.option("--language", default="en", show_default=True, help="The language of the messages, if there is a choice.")
@click.option("--all", "every", is_flag=True, help="Show every finding, not only the first three of a rule and file.")
@click.option("--strict", is_flag=True, help="Ask the quality gates too; warnings that nobody waived count.")
@click.option("--since", metavar="RELEASE", help="With --strict: compare with this release (folder, name or version).")
@click.pass_context
def check(
    ctx: click.Context, settings: Settings, form: str, language: str, every: bool, strict: bool, since: str | None
) -> None:
    """Parse every file and validate the graph. Exit code 1 if there are violations."""
    from kg import findings  # noqa: PLC0415 - imports are most of the time of a short command
    from kg.release import dumps  # noqa: PLC0415

    if since is not None and not strict:
        raise click.UsageError("--since needs --strict")
    graph, checked = _checked(settings)
    if strict:
        checked = _strict(settings, graph, checked, since)
    base, prefixes = graph.project.base, graph.prefixes
    if form == "json":
        click.echo(findings.as_json(checked))
    elif form == "turtle":
        click.echo(dumps.turtle([("", findings.as_shacl(checked))], prefixes).decode(), nl=False)
    else:
        for line in findings.as_text(checked, base, prefixes, language, every):
            click.echo(line)
    good = checked.spotless if strict else checked.conforms
    ctx.exit(0 if good else FINDINGS)


@main.command()
@setting_options("project", "releases")
@click.option("--source-commit", help="The revision of the sources, to be noted in the manifest.")
@click.option("--no-current", is_flag=True, help="Make the release, but do not put it in place.")
def build(settings: Settings, source_commit: str | None, no_current: bool) -> None:
    """Check the project and make a release of it."""
    _build(settings, source_commit, current=not no_current)


@main.command()
@setting_options(
    "project", "releases", "host", "port", "threads", "client_seconds", "access_log",
    "query_seconds", "query_memory", "query_bytes", "query_processes", "short_seconds", "long_processes",
    "queue_length", "queue_seconds", "reconcile_batch", "reconcile_seconds", "answer_rows", "answer_bytes",
    "cache_bytes", "page_bytes", "former_releases", "store_memory", "services", "endpoint",
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
@setting_options("project", "releases", "endpoint", "endpoint_update", "endpoint_graphs")
@click.option("--keep", type=click.IntRange(1), default=2, show_default=True, help="How many releases stay there.")
def publish(settings: Settings, keep: int) -> None:
    """Put the current release into a SPARQL server, for kg serve --endpoint.

    What was broken off is taken up where it stands; the former release serves until the new one is complete.
    """
    from kg.publishing import publish as publish_release  # noqa: PLC0415
    from kg.release.manifest import open_release  # noqa: PLC0415

    release = open_release(settings.releases_folder)
    with _progress("asking the server") as tell:
        published = publish_release(release, settings, tell, keep)
    loaded, graphs = len(published.loaded), len(published.graphs)
    dropped = f", dropped {', '.join(published.dropped)}" if published.dropped else ""
    click.echo(f"release {published.name}: loaded {loaded} of {_count(graphs, 'graph')}{dropped}", err=True)


def _format_option() -> click.Option:
    return click.Option(
        ["--format", "form"],
        type=click.Choice(["table", "csv", "json", "turtle"]),
        help="How to write the answer  [default: table, or turtle for a graph]",
    )


@main.command(params=[_format_option()])
@setting_options("project", "releases")
@click.argument("query", required=False)
def query(settings: Settings, query: str | None, form: str | None) -> None:
    """Ask the current release a SPARQL query: text, a file, or standard input (no argument or -).

    The project's prefixes need no PREFIX line.
    """
    from kg.asking import ask, printed  # noqa: PLC0415

    text = _query_text(query)
    for line in printed(ask(settings.releases_folder, text), form, sys.stdout.isatty()):
        click.echo(line, nl=False, color=True)  # or a pipe would lose what looks like colours


class _Questions(click.Group):
    """The questions of the release as commands, their parameters as options."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        try:
            return [kept.name for kept in _kept_questions(ctx)]
        except KgError:
            return []  # without a release there is help all the same

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
        from kg.asking.kept import question  # noqa: PLC0415 - imports are most of the time of a short command

        release = _release_of(ctx)
        kept = question(release, cmd_name)
        options: list[click.Parameter] = [
            click.Option(
                [f"--{parameter.name}", parameter.name],
                help=f"{in_language(parameter.says)} [{_default(parameter, release)}]",
                multiple=parameter.several,
            )
            for parameter in kept.parameters
        ]
        options.append(_format_option())

        def answer(form: str | None, **given: str | tuple[str, ...] | None) -> None:
            several = {name: (text,) if isinstance(text, str) else text or () for name, text in given.items()}
            _answer(release, kept, {name: texts for name, texts in several.items() if texts}, form)

        return click.Command(kept.name, params=options, callback=answer, help=in_language(kept.titles))


@main.group(cls=_Questions, invoke_without_command=True, subcommand_metavar="[QUESTION] [--PARAMETER VALUE]...")
@setting_options("project", "releases")
@click.option("--language", default="en", show_default=True, help="The language of the titles in the list.")
@click.pass_context
def ask(ctx: click.Context, settings: Settings, language: str) -> None:
    """Answer a question that the project keeps; without a name list them.

    A value can be an IRI, a prefixed name, a code or a label: --actor ITA, --actor Italien. What a question can be
    given: kg ask QUESTION --help
    """
    ctx.obj = settings
    if ctx.invoked_subcommand is None:
        for kept in _kept_questions(ctx):
            number = f"{kept.number:>3}" if kept.number else "   "
            click.echo(f"{number}  {kept.name}")
            click.echo(f"     {in_language(kept.titles, (language, 'en'))}")
            if kept.parameters:
                click.echo("     " + " ".join(f"--{parameter.name}" for parameter in kept.parameters))


def _release_of(ctx: click.Context) -> Any:
    from kg.release.manifest import open_release  # noqa: PLC0415

    settings = ctx.obj if isinstance(ctx.obj, Settings) else read_settings(releases=ctx.params.get("releases"))
    return open_release(settings.releases_folder)


def _kept_questions(ctx: click.Context) -> list[Any]:
    from kg.asking.kept import questions  # noqa: PLC0415

    return list(questions(_release_of(ctx)))


def _default(parameter: Any, release: Any) -> str:
    from kg.findings import compact  # noqa: PLC0415

    often = ", can be repeated" if parameter.several else ""
    if parameter.default is None:
        return f"may be left out{often}"
    return f"default: {compact(parameter.default.value, release.manifest.base, release.manifest.prefixes)}{often}"


def _answer(release: Any, kept: Any, given: dict[str, tuple[str, ...]], form: str | None) -> None:
    from kg import asking  # noqa: PLC0415
    from kg.asking.kept import value  # noqa: PLC0415

    values = {p.name: [value(release, p, text) for text in given.get(p.name, ())] for p in kept.parameters}
    for line in asking.printed(asking.ask(release, kept.with_values(values)), form, sys.stdout.isatty(), labelled=True):
        click.echo(line, nl=False, color=True)  # or a pipe would lose what looks like colours


@main.command()
@setting_options("project", "releases")
@click.argument("before")
@click.argument("after")
@click.option("--format", "form", type=click.Choice(["words", "patch", "turtle", "json"]), default="words",
              show_default=True, help="Plain words, RDF Patch, a ChangeSet in Turtle, or JSON.")  # fmt: skip
@click.option("--language", default="en", show_default=True, help="The language of the words: en or de.")
@click.option("--asserted", is_flag=True, help="Leave out what was inferred.")
@click.option("--all", "every", is_flag=True, help="Tell new things in full, and what differs in conclusions only.")
@click.option("--stat", "counts", is_flag=True, help="Only how many things of each class differ.")
@click.pass_context
def diff(
    ctx: click.Context, /, settings: Settings, before: str, after: str, form: str, language: str, **how: bool
) -> None:
    """Tell what changed from BEFORE to AFTER.

    Each is a release (folder, name or version), a project folder, or a git revision of the project (git:HEAD~1; git:
    can be left out if nothing else has that name). Exit code 0 if there is no difference, 1 if there is one, 2 on
    failure.
    """
    from kg.changes import command  # noqa: PLC0415 - imports are most of the time of a short command

    with _progress("comparing"):
        comparison = command.compare(
            before, after, settings.project, settings.releases_folder, asserted=how["asserted"]
        )
        found = bool(comparison.difference)
    width = min(shutil.get_terminal_size().columns, 120)
    for text in command.printed(comparison, form, language, width, counts=how["counts"], every=how["every"]):
        click.echo(text, nl=False, color=True)
    ctx.exit(FINDINGS if found else 0)


@main.command(name="import")
@setting_options("project")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only say which files would change.")
@click.pass_context
def import_(ctx: click.Context, settings: Settings, folder: Path, dry_run: bool) -> None:
    """Write the CSV tables in FOLDER into the project's Turtle files.

    A table that is not in the folder keeps its rows. With any finding nothing is written (exit code 1).
    """
    from kg import findings  # noqa: PLC0415
    from kg.tables.transfer import plan_import, write_import  # noqa: PLC0415

    graph = _read(settings)
    with _progress("reading tables"):
        imported = plan_import(graph, folder)
    if imported.findings:
        told = findings.report(imported.findings, imported.tables, 0)
        for line in findings.as_text(told, graph.project.base, graph.prefixes, every=True):
            click.echo(line)
        click.echo("nothing was written")
        ctx.exit(FINDINGS)
    if not dry_run:
        write_import(graph.project.root, imported)
    for path, text in imported.files.items():
        click.echo(f"{'removed' if text is None else 'written'}  {path}")
    rows = ", ".join(f"{count:,} {name}" for name, count in imported.rows.items())
    would = " would change; nothing was written" if dry_run else " changed"
    click.echo(f"{rows}: {_count(len(imported.files), 'file')}{would}")


@main.command()
@setting_options("project")
@click.argument("folder", type=click.Path(path_type=Path))
def export(settings: Settings, folder: Path) -> None:
    """Write the project's tables as CSV files into FOLDER, from the Turtle files."""
    from kg.tables.transfer import export_tables, write_export  # noqa: PLC0415

    with _progress("reading files"):
        tables = export_tables(_read(settings))
    try:
        write_export(folder, tables)
    except OSError as error:
        raise ProjectError(f"{folder} cannot be written: {error.strerror}", "name another folder") from error
    click.echo(f"{_count(len(tables), 'table')} written to {folder}")


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _read(settings: Settings) -> Any:
    from kg.graph import read_graph  # noqa: PLC0415
    from kg.project import open_project  # noqa: PLC0415

    return read_graph(open_project(settings.project))


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
    from kg.validate import check as check_graph  # noqa: PLC0415

    with _progress("reading files") as tell:
        graph = _read(settings)
        return graph, check_graph(graph, tell)


def _strict(settings: Settings, graph: Any, checked: Any, since: str | None) -> Any:
    """The report with what the gates found; a line about each gate on standard error."""
    from kg import gates  # noqa: PLC0415
    from kg.gates.change import former_release  # noqa: PLC0415

    former = former_release(graph.project, settings.releases_folder, since)
    with _progress("asking the gates") as tell:
        outcomes = gates.run(graph, tell, former)
    for outcome in outcomes:
        click.echo(outcome.summary(), err=True)
    return gates.strict(graph, checked, outcomes)


def _build(settings: Settings, source_commit: str | None = None, *, current: bool = True) -> Any:
    from kg import findings  # noqa: PLC0415
    from kg.release.build import build as build_release  # noqa: PLC0415

    graph, checked = _checked(settings)
    if not checked.conforms:
        for line in findings.as_text(checked, graph.project.base, graph.prefixes):
            click.echo(line, err=True)
    with _progress("building") as tell:
        release = build_release(graph, checked, settings.releases_folder, source_commit, tell, current=current)
    click.echo(
        f"release {release.manifest.name}: {release.manifest.triples['data']:,} triples, in {release.path}", err=True
    )
    return release
