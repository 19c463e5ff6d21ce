"""Answers that have become too long: ended after a whole row, with a mark in the body where the format has room (pure).

What the serializer writes is read as it comes and let through row by row. JSON gets a member beside ``results``, XML
and the RDF syntaxes a comment; CSV, TSV and JSON-LD have no place for either (``Cut.marked`` is then false).
"""

from __future__ import annotations

import re

from kg.engine import Cut

# Each pattern matches from the end of one row up to the end of the next; the first match holds the head as well.
_ROWS = {
    # Only between two rows does an opening brace follow a closing one; strings are stepped over.
    "json": re.compile(rb'(?:[^"}]++|"(?:[^"\\]++|\\.)*+"|\}(?!\s*,\s*\{))*+\}(?=\s*,\s*\{)', re.DOTALL),
    "xml": re.compile(rb".*?</result>", re.DOTALL),
    "csv": re.compile(rb'(?:[^"\n]++|"(?:[^"]++|"")*+")*+\n'),
    "tsv": re.compile(rb"[^\n]*+\n"),
    "ntriples": re.compile(rb"[^\n]*+\n"),
}
# Formats whose first row is a head.
_HEADED = ("csv", "tsv")
# Where the head ends, for an answer not even whose first row fits.
_HEAD_END = {"json": re.compile(rb'"bindings"\s*:\s*\['), "xml": re.compile(rb"<results[^>]*>")}
_EMPTY = re.compile(rb'"bindings"\s*:\s*\[\s*\]')


def comment(format_: str, cut: Cut) -> bytes:
    """The mark in a syntax that has comments; empty for the others."""
    if format_ in ("turtle", "ntriples"):
        return f"# {cut}\n".encode()
    return f"<!-- {cut} -->\n".encode() if format_ in ("xml", "rdfxml") else b""


class Cutter:
    """Lets an answer through up to ``rows`` rows and ``size`` bytes, both limits of whole rows.

    ``feed`` it what the serializer writes; once ``full``, the serializer can be stopped. ``finish`` gives the rest.
    Formats: json, xml, csv and tsv for solutions, ntriples.
    """

    def __init__(self, format_: str, rows: int, size: int) -> None:
        self._format = format_
        self._limits = (rows, size)
        self._row = _ROWS[format_]
        self._held = bytearray()
        self._looked_at = 0  # bytes held when there was last no end of a row in them
        self._sent = 0
        self._ends = -1 if format_ in _HEADED else 0
        self.cut: Cut | None = None

    @property
    def full(self) -> bool:
        """True if what follows will not be let through."""
        return self.cut is not None

    @property
    def rows(self) -> int:
        """How many rows were let through; final after ``finish``."""
        return max(self._ends, 0)

    def feed(self, chunk: bytes) -> bytes:
        """The part of the answer that can go out now."""
        if self.full:
            return b""
        self._held += chunk
        # A row of many chunks is not looked at for each of them: the time would grow with its square.
        if len(self._held) < 2 * self._looked_at and self._sent + len(self._held) <= self._limits[1]:
            return b""
        return self._through()

    def finish(self) -> bytes:
        """What is left at the end of the answer, or the closing of one that was cut."""
        if self.full:
            return b""
        released = self._through()
        if self.full:
            return released
        rest = bytes(self._held)
        self._held.clear()
        if self._format == "json" and not (self._ends == 0 and _EMPTY.search(rest)):
            self._ends += 1  # nothing follows the last row that would show its end
        return released + rest

    def _through(self) -> bytes:
        """Take the whole rows out of what is held, up to the limits."""
        rows, size = self._limits
        position = 0
        while match := self._row.match(self._held, position):
            if self._ends >= rows:
                return self._end(position, Cut("rows", rows))
            if self._ends >= 0 and self._sent + match.end() > size and self._head_is_there():
                return self._end(position, Cut("bytes", size))
            position = match.end()
            self._ends += 1
        rest = len(self._held) - position
        if self._ends >= rows and self._row_begins(position):
            return self._end(position, Cut("rows", rows))
        if self._ends >= 0 and self._sent + position + rest > size + _CLOSING and self._head_is_there():
            return self._end(position, Cut("bytes", size))
        self._looked_at = rest
        return self._take(position)

    def _head_is_there(self) -> bool:
        """True if the answer can be ended: its head is never cut, however long."""
        return self._sent > 0 or self._format not in _HEAD_END or bool(_HEAD_END[self._format].search(self._held))

    def _row_begins(self, position: int) -> bool:
        rest = bytes(self._held[position : position + 64]).lstrip()
        if self._format == "json":
            return rest.startswith(b",")
        return rest.startswith(b"<result>") if self._format == "xml" else bool(rest)

    def _take(self, position: int) -> bytes:
        taken = bytes(self._held[:position])
        del self._held[:position]
        self._sent += position
        return taken

    def _end(self, position: int, cut: Cut) -> bytes:
        """Everything up to ``position``, then what closes the answer there."""
        if not self._sent and not position and self._format in _HEAD_END:
            head = _HEAD_END[self._format].search(self._held)
            position = head.end() if head else 0
        cut = Cut(cut.what, cut.after, self._format not in _HEADED)
        self.cut = cut
        taken = self._take(position)
        self._held.clear()
        if self._format == "json":
            return taken + f']}},"cut":{{"what":"{cut.what}","after":{cut.after}}}}}'.encode()
        if self._format == "xml":
            return taken + b"</results>" + comment("xml", cut).rstrip() + b"</sparql>"
        return taken + comment(self._format, cut)


# What may follow the last row: the closing of the answer.
_CLOSING = 64
