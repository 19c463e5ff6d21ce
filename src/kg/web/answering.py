"""The answer to a query as a page: table or drawing, links that stay, and code that asks the same."""

from __future__ import annotations

import json
from collections.abc import Sequence
from urllib.parse import urlencode

from kg.engine import Answer
from kg.engine.solutions import Beginning, beginning
from kg.messages import Message
from kg.negotiate import ANSWER_VARIANTS
from kg.representation.cells import as_table
from kg.representation.charts import BARS, LINES, MAP, MOST_ROWS, TIMELINE, Charts, charts
from kg.representation.snippets import Asking, snippets
from kg.web import citable
from kg.web.calling import caller, in_readers_words
from kg.web.html import page
from kg.web.language import reader
from kg.web.maps import codes
from kg.web.protocol import Operation
from kg.web.site import Site

_TURTLE = 200_000  # bytes of a graph that stand on a page
TABLE = "table"
VIEWS = {
    TABLE: Message("Table"),
    BARS: Message("Bars"),
    LINES: Message("Lines"),
    TIMELINE: Message("Timeline"),
    MAP: Message("Map"),
}
_WANTS = {
    BARS: Message("a column of numbers, and one that names the rows"),
    LINES: Message("a column of dates with two of them at least, a column of numbers, and at most six different names"),
    TIMELINE: Message("a column of dates, and one that names the rows"),
    MAP: Message("a column of things with codes of countries, of such codes, or of points"),
}


def answer_page(site: Site, asked: Operation, answer: Answer, view: str, host: str) -> str:
    """The answer for a reader: a table or the ``view`` of it, yes or no, or the graph as Turtle.

    ``host`` is the address of the site as it was asked, for code that is to be run elsewhere. A view that the answer
    does not allow is a table, and the page says why.
    """
    # A browser sends the lines of a form as CR LF (WHATWG HTML, section 4.10.22.4); a query has no use for that.
    query = asked.text.replace("\r\n", "\n")
    found = begun(answer)
    possible = drawings(site, found)
    shown = view if view in possible.views else TABLE
    former = site.prefix.removeprefix("/release/") if site.prefix else ""
    code = Asking(host, query, answer.kind, former, asked.default_graphs, asked.named_graphs)
    fields = asked_with(asked)
    turtle, rest = excerpt(answer.body, _TURTLE) if answer.kind == "graph" else (None, False)
    return page(
        site,
        "answer.html",
        cited=citable.of_answer(fields, "" if shown == TABLE else shown),
        query=query,
        dataset=code.dataset,
        cut=answer.cut,
        table=in_readers_words(site, as_table(found, site.manifest)) if found else None,
        truth=json.loads(answer.body)["boolean"] if answer.kind == "boolean" else None,
        turtle=turtle,
        rest=rest,
        long=code.very_long,
        views=_views(fields, possible.views, shown, code),
        view=shown,
        drawing=getattr(possible, shown) if shown != TABLE else None,
        unnamed=possible.unnamed if shown != TABLE else 0,
        wanting=_WANTS.get(view) if found and view != shown else None,
        formats=[(v, _address([*fields, ("format", v.format)], code)) for v in ANSWER_VARIANTS[answer.kind]],
        address=_address([*fields, *([("view", shown)] if shown != TABLE else [])], code),
        snippets=snippets(code),
    )


def excerpt(body: bytes, size: int) -> tuple[str, bool]:
    """The lines of a text in its first ``size`` bytes (the beginning of a line longer than that), and whether there is
    more of it.
    """
    if len(body) <= size:
        return body.decode(), False
    first = body[:size]
    return (first[: first.rfind(b"\n") + 1] or first).decode(errors="ignore"), True


def asked_with(asked: Operation) -> list[tuple[str, str]]:
    """What an operation is asked with by GET, in an order of its own; lines end as a query has them."""
    return [
        ("query", asked.text.replace("\r\n", "\n")),
        *(("default-graph-uri", graph) for graph in asked.default_graphs),
        *(("named-graph-uri", graph) for graph in asked.named_graphs),
    ]


def begun(answer: Answer) -> Beginning | None:
    """As much of an answer as a page looks at; None if it is no table."""
    return beginning(answer, MOST_ROWS) if answer.kind == "solutions" else None


def drawings(site: Site, found: Beginning | None) -> Charts:
    """The ways to draw an answer, which is no table if it is None."""
    if found is None:
        return Charts(None, None, None)
    marks, languages = site.display.marks, reader().languages
    return charts(found, site.manifest, caller(site), lambda things: codes(site, things), marks, languages)


def _address(fields: Sequence[tuple[str, str]], code: Asking) -> str:
    """Where the answer is asked for; "" if the query is too long for an address."""
    return "" if code.very_long else "/sparql?" + urlencode(fields)


def _views(
    fields: Sequence[tuple[str, str]], possible: Sequence[str], shown: str, code: Asking
) -> list[tuple[str, Message, str, bool]]:
    """The ways to show the answer: value, name, address, whether it is this one; empty if there is only the table."""
    found = [(TABLE, _address(fields, code)), *((n, _address([*fields, ("view", n)], code)) for n in possible)]
    return [(name, VIEWS[name], address, name == shown) for name, address in found] if possible else []
