"""A sitemap is divided where one file would be too large, and is XML whatever an address holds."""

from __future__ import annotations

from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest

from kg.web import sitemap
from kg.web.sitemap import Entry, divided, written, written_index
from kg.web.wellknown import _security as security

NAMES = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
DAY = datetime(2026, 1, 2, tzinfo=UTC)


def locations(body: bytes) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(body).iterfind(".//s:loc", NAMES)]


def test_a_file_has_so_many_addresses_at_most() -> None:
    entries = [Entry(f"/doc/{number}", None) for number in range(2 * sitemap.MOST + 1)]
    files = [*divided(entries)]
    assert [len(file) for file in files] == [sitemap.MOST, sitemap.MOST, 1]
    assert [entry for file in files for entry in file] == entries
    assert [*divided(entries[: sitemap.MOST])] == [entries[: sitemap.MOST]]
    assert [*divided([])] == [[]]


def test_a_file_has_so_many_bytes_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitemap, "BYTES", 20_000)
    files = [*divided([Entry("/doc/" + "x" * 1000, DAY)] * 100)]
    assert len(files) > 1
    assert sum(map(len, files)) == 100
    assert all(len(written(file, "https://" + "h" * 250)) <= 2 * 20_000 for file in files)


def test_addresses_are_uris_in_xml() -> None:
    entries = [Entry("/doc/a&b<c>", DAY), Entry("/doc/Київ", None), Entry("/doc/a%20b", None)]
    body = written(entries, "https://example.org")
    assert locations(body) == [
        "https://example.org/doc/a&b%3Cc%3E",
        "https://example.org/doc/%D0%9A%D0%B8%D1%97%D0%B2",
        "https://example.org/doc/a%20b",
    ]
    assert [e.text for e in ElementTree.fromstring(body).iterfind(".//s:lastmod", NAMES)] == ["2026-01-02T00:00:00Z"]


def test_an_index_names_its_files_and_when_they_last_changed() -> None:
    later = datetime(2026, 3, 1, 12, tzinfo=UTC)
    files = [[Entry("/a", DAY), Entry("/b", later), Entry("/c", None)], [Entry("/d", None)]]
    body = written_index(files, "http://localhost:1")
    assert locations(body) == ["http://localhost:1/sitemap-1.xml", "http://localhost:1/sitemap-2.xml"]
    assert [e.text for e in ElementTree.fromstring(body).iterfind(".//s:lastmod", NAMES)] == ["2026-03-01T12:00:00Z"]


@pytest.mark.parametrize(
    ("month", "expires"), [(1, "2026-07-01"), (6, "2026-12-01"), (7, "2027-01-01"), (12, "2027-06-01")]
)
def test_security_txt_expires_in_half_a_year(month: int, expires: str) -> None:
    said = security(["mailto:a@example.org"], [], "https://example.org/", datetime(2026, month, 28, tzinfo=UTC))
    assert f"Expires: {expires}T00:00:00Z\n" in said
    assert "Preferred-Languages" not in said
