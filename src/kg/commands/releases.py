"""``kg releases`` and ``kg verify``: which releases there are, whether they are whole, which stay and which counts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from kg.commands.terminal import progress, setting_options
from kg.config import Settings
from kg.errors import NoRelease, ReleaseError

if TYPE_CHECKING:  # imports are most of the time of a short command
    from kg.release.fixity import Flaw
    from kg.release.history import Kept

FINDINGS = 1
_SUBCOMMANDS = ("list", "verify", "prune", "rollback")
_form = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
_prove = click.option("--verify", "prove", is_flag=True, help="Compare the files of each with their digests.")


@click.group(invoke_without_command=True)
@setting_options("project", "releases")
@_form
@_prove
@click.pass_context
def releases(ctx: click.Context, settings: Settings, form: str, prove: bool) -> None:
    """List the releases, the newest first; prove them, remove old ones, go back to a former one.

    Marks: * the current release, - not part of the past (taken back, or not in place yet), ! damaged.
    """
    if ctx.invoked_subcommand is None:
        _list(ctx, settings, form, prove)
        return
    # What stands before the name of a subcommand holds for it too.
    given = {name: ctx.params[name] for name in ("project", "releases") if ctx.params[name] is not None}
    ctx.default_map = dict.fromkeys(_SUBCOMMANDS, given)


@releases.command(name="list")
@setting_options("project", "releases")
@_form
@_prove
@click.pass_context
def list_(ctx: click.Context, settings: Settings, form: str, prove: bool) -> None:
    """List the releases, the newest first."""
    _list(ctx, settings, form, prove)


@releases.command(name="verify")
@setting_options("project", "releases")
@_form
@click.pass_context
def verify_all(ctx: click.Context, settings: Settings, form: str) -> None:
    """Compare the files of all releases with their digests (kg verify proves more of one)."""
    _list(ctx, settings, form, prove=True)


@releases.command()
@setting_options("project", "releases")
@click.option("--keep", type=click.IntRange(1), required=True, help="How many of the past stay, the current one too.")
@click.option(
    "--keep-days", type=click.FloatRange(0), default=0, help="Keep what was put in place in the last so many days."
)
@click.option("--dry-run", is_flag=True, help="Only say what would be removed.")
def prune(settings: Settings, keep: int, keep_days: float, dry_run: bool) -> None:
    """Remove releases that are older than the current one, except the last few.

    What is newer than the current one stays, and what a running server uses.
    """
    from kg.release.retention import prune as prune_releases  # noqa: PLC0415

    pruned = prune_releases(settings.releases_folder, keep, keep_days, dry_run=dry_run)
    for one in pruned:
        done = ("would be removed" if dry_run else "removed") if one.removed else "kept"
        click.echo(f"{done}  {one.kept.name}  ({_size(one.kept.size) if one.removed else one.reason})")
    removed = [one for one in pruned if one.removed]
    freed = _size(sum(one.kept.size for one in removed))
    would = " would be" if dry_run else ""
    click.echo(f"{len(removed)} of {len(pruned)} older releases{would} removed, {freed} freed", err=True)


@releases.command()
@setting_options("project", "releases")
@click.argument("release", required=False)
def rollback(settings: Settings, release: str | None) -> None:
    """Put the release before the current one, or RELEASE (name or version), in place.

    Its files are proved first; a damaged one is refused. A running server follows within a second.
    """
    from kg.release.retention import rollback as roll_back  # noqa: PLC0415

    with progress("looking for the release") as tell:
        target = roll_back(settings.releases_folder, release, tell)
    click.echo(f"release {target.manifest.name} is the current one", err=True)


@click.command()
@setting_options("project", "releases")
@click.argument("release", required=False)
@click.pass_context
def verify(ctx: click.Context, settings: Settings, release: str | None) -> None:
    """Prove a release: its files, its digest, that all dumps and the store say the same.

    RELEASE is a name, a version or a folder; without it the current one. Exit code 1 if something is wrong with it.
    """
    from kg.release.history import find_release  # noqa: PLC0415
    from kg.release.manifest import CURRENT, open_release  # noqa: PLC0415
    from kg.release.retention import Hold  # noqa: PLC0415
    from kg.release.verification import verify as prove  # noqa: PLC0415

    folder = settings.releases_folder
    try:
        found = open_release(folder) if release is None else find_release(folder, release)
    except NoRelease:
        raise
    except ReleaseError as error:  # there is a release, but its manifest tells nothing
        _tell_error(error)
        ctx.exit(FINDINGS)
    hold = Hold(found)
    with progress("reading the manifest") as tell:
        flaws = prove(found, tell)
    hold.close()
    manifest = found.manifest
    if not flaws:
        click.echo(
            f"release {manifest.name} is whole: {len(manifest.files)} files, digest {manifest.digest[:12]}, "
            f"{manifest.triples['data']:,} triples in dumps and store"
        )
        return
    _tell(flaws)
    current = (folder / CURRENT).resolve() == found.path.resolve()
    click.echo(f"release {manifest.name} is damaged" + ("; to go back: kg releases rollback" if current else ""))
    ctx.exit(FINDINGS)


def _list(ctx: click.Context, settings: Settings, form: str, prove: bool) -> None:
    from kg.release.history import inventory  # noqa: PLC0415

    found = inventory(settings.releases_folder)
    flaws: dict[str, list[Flaw]] = {}
    if prove:
        with progress("reading files") as tell:
            for kept in found:
                tell(f"reading the files of {kept.name}")
                flaws[kept.name] = _flaws(kept)
    if form == "json":
        click.echo(json.dumps([_facts(kept, flaws.get(kept.name)) for kept in found], ensure_ascii=False, indent=2))
    else:
        for line in _table(found, {name for name, damage in flaws.items() if damage}):
            click.echo(line)
        for name, damage in flaws.items():
            _tell(damage, f"{name}/")
        if prove and found and not any(flaws.values()):
            click.echo("all files are as their digests say")
    ctx.exit(FINDINGS if any(flaws.values()) else 0)


def _flaws(kept: Kept) -> list[Flaw]:
    from kg.release.fixity import Flaw, file_flaws  # noqa: PLC0415
    from kg.release.manifest import MANIFEST, open_release  # noqa: PLC0415

    try:
        return file_flaws(kept.release or open_release(kept.path))
    except ReleaseError as error:
        return [Flaw(MANIFEST, error.message.removeprefix(f"{kept.path / MANIFEST} "), error.hint)]


def _table(found: Sequence[Kept], damaged: set[str]) -> list[str]:
    rows = [("", "name", "version", "date", "triples", "in place", "size")]
    for kept in found:
        mark = "*" if kept.current else "" if kept.past else "-"
        if kept.name in damaged or kept.release is None:
            mark = "!" + mark
        placed = f"{kept.placed[-1]:%Y-%m-%d %H:%M}" if kept.placed else ""
        said = ("", "", "")
        if kept.release is not None:
            manifest = kept.release.manifest
            said = (manifest.version, manifest.date, f"{manifest.triples['data']:,}")
        rows.append((mark, kept.name, *said, placed, _size(kept.size)))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    right = (4, 6)
    known = (("*", "current"), ("-", "not part of the past"), ("!", "damaged"))
    legend = [f"{mark} {meaning}" for mark, meaning in known if any(mark in row[0] for row in rows)]
    return [
        "  ".join(
            text.rjust(width) if column in right else text.ljust(width)
            for column, (text, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ] + ([", ".join(legend)] if legend else [])


def _facts(kept: Kept, flaws: list[Flaw] | None) -> dict[str, Any]:
    facts: dict[str, Any] = {"name": kept.name}
    if kept.release is not None:
        manifest = kept.release.manifest
        facts |= {
            "version": manifest.version,
            "date": manifest.date,
            "digest": manifest.digest,
            "triples": manifest.triples["data"],
        }
    facts |= {
        "placed": [instant.isoformat() for instant in kept.placed],
        "bytes": kept.size,
        "current": kept.current,
        "past": kept.past,
        "readable": kept.release is not None,
    }
    if flaws is not None:
        facts["flaws"] = [{"where": flaw.where, "what": flaw.what, "mend": flaw.mend} for flaw in flaws]
    return facts


def _tell(flaws: Sequence[Flaw], prefix: str = "") -> None:
    for number, flaw in enumerate(flaws):
        click.echo(f"{prefix}{flaw.where}: {flaw.what}")
        if number + 1 == len(flaws) or flaws[number + 1].mend != flaw.mend:
            click.echo(f"  {flaw.mend}")


def _tell_error(error: ReleaseError) -> None:
    click.echo(error.message)
    click.echo(f"  {error.hint}")


def _size(size: float) -> str:
    """A number of bytes for people, in units of a thousand."""
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" or size >= 10 else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"
