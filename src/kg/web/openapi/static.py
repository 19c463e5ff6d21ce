"""The files that pages need: what Flask answers by itself."""

from __future__ import annotations

from mimetypes import guess_type
from pathlib import Path

from kg.negotiate import Variant
from kg.web.openapi.apis import DOCUMENTS
from kg.web.openapi.operation import Operation, Parameter, does, sent


def static_files(folder: Path) -> Operation:
    """The operation that sends a file of this folder."""
    files = sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())
    types = sorted({guess_type(name)[0] or "application/octet-stream" for name in files})
    return does(
        "A file that pages need",
        DOCUMENTS,
        sent(*(Variant(kind, kind, "", kind) for kind in types)),
        errors=(404, 416),
        parameters=(Parameter("filename", "Its name.", {"enum": files}, "path"),),
    )
