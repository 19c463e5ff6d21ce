"""Downloads that can be resumed (RFC 9110, section 14) and are compared with the digest of the release's manifest."""

from __future__ import annotations

import hashlib
from pathlib import Path

import httpx2

from kg.client.transport import Transport
from kg.errors import AnswerInvalid, SiteError, SiteUnreachable


def fetch_file(transport: Transport, url: str, target: Path, size: int, sha256: str) -> Path:
    """Put the file at ``url`` into ``target``; what is there already, whole or in part, is not fetched again.

    A part stands beside the target, with the digest of the whole in its name, so that parts of different files never
    mix. Raises AnswerInvalid if what came is not the file, SiteError, OSError.
    """
    if target.is_file() and target.stat().st_size == size and _digest(target) == sha256:
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.{sha256[:16]}.part")
    tries = max(1, transport.limits.tries)
    while True:
        had = part.stat().st_size if part.exists() else 0
        if had < size:
            try:
                _go_on(transport, url, part, had, size, sha256)
            except SiteUnreachable:
                tries -= 1 if part.exists() and part.stat().st_size == had else 0
                if tries <= 0:
                    raise
                continue
        break
    if part.stat().st_size != size or _digest(part) != sha256:
        part.unlink()
        raise AnswerInvalid(f"what {url} sends does not have the digest that the release names", "try again")
    part.replace(target)
    return target


def _go_on(transport: Transport, url: str, part: Path, had: int, size: int, sha256: str) -> None:
    """Fetch what is missing in ``part``; what came before an interruption stays. Raises SiteError."""
    # As it stands, not packed on the way: ranges, lengths and digests are those of the file itself.
    headers = {"Accept": "*/*", "Accept-Encoding": "identity"}
    if had:
        headers |= {"Range": f"bytes={had}-", "If-Range": f'"{sha256}"'}
    with transport.opened("GET", url, headers) as response:
        if response.headers.get("content-encoding", "identity") != "identity":
            raise SiteError(f"{url} is sent packed, which was not asked for", "is there a proxy in between?")
        resumed = response.status_code == 206
        if resumed and not response.headers.get("content-range", "").startswith(f"bytes {had}-"):
            raise AnswerInvalid(f"{url} sends another part than was asked for", "remove the .part file")
        had = had if resumed else 0
        with part.open("ab" if resumed else "wb") as file:
            try:
                for block in response.iter_raw():
                    had += len(block)
                    if had > size:
                        raise AnswerInvalid(
                            f"{url} sends more than the {size:,} bytes of the file", "tell the operator"
                        )
                    file.write(block)
                    file.flush()
            except (httpx2.HTTPError, httpx2.StreamError) as error:
                raise SiteUnreachable(
                    f"the download of {url} broke off after {had:,} of {size:,} bytes ({type(error).__name__})",
                    "call again: it goes on where it stopped",
                ) from None
    if had < size:
        raise SiteUnreachable(f"the download of {url} ended after {had:,} of {size:,} bytes", "call again")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
