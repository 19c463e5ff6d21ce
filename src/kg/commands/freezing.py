"""``kg freeze``: the site as files."""

from __future__ import annotations

from pathlib import Path

import click

from kg.commands.terminal import progress, setting_options
from kg.config import Settings


@click.command()
@setting_options("project", "releases", "threads")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--url", default="", help="Where the copy will stand  [default: the host of the base IRI]")
def freeze(settings: Settings, folder: Path, url: str) -> None:
    """Write the whole site as files into FOLDER, for any web server.

    All documents in all formats, pages, downloads and feeds; links are relative. FOLDER is replaced as a whole.
    """
    from kg.freezing import freeze as freeze_site  # noqa: PLC0415 - imports are most of the time of a short command

    with progress("opening the release") as tell:
        frozen = freeze_site(settings, folder, url, tell)
    click.echo(
        f"{len(frozen.files):,} files in {folder}\n"
        f"{len(frozen.alive):,} addresses that need the program lead to their persistent IRIs",
        err=True,
    )
