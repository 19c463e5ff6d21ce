"""The editor of queries in the browser: its sources (``editor.js``), and whether it was built (docs/sparql.md)."""

from __future__ import annotations

from pathlib import Path

_BUILT = "built/editor.js"


def editor(static: Path) -> str:
    """The address of the editor that was built into the folder of static files; "" if it was not.

    Without it the form is a plain one.
    """
    return f"/static/{_BUILT}" if (static / _BUILT).is_file() else ""
