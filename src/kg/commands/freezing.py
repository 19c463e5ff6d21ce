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
@click.option("--all-releases", is_flag=True, help="The site as it was in each release too, and the TimeMaps.")
def freeze(settings: Settings, folder: Path, url: str, all_releases: bool) -> None:
    """Write the whole site as files into FOLDER, for any web server.

    All documents in all formats, pages, feeds, the downloads of every release; links are relative. FOLDER is replaced
    as a whole.
    """
    from kg.freezing import freeze as freeze_site  # noqa: PLC0415 - imports are most of the time of a short command

    with progress("opening the release") as tell:
        frozen = freeze_site(settings, folder, url, tell, all_releases=all_releases)
    click.echo(
        f"{len(frozen.files):,} files in {folder}\n"
        f"{len(frozen.alive):,} addresses that need the program lead to their persistent IRIs",
        err=True,
    )
