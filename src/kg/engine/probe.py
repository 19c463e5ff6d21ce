"""What a SPARQL server is like: asked once, before the first query of a visitor."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import httpx2
import pyoxigraph as ox

from kg.engine import protocol
from kg.engine.cut import Cutter
from kg.engine.naming import GraphNames, names_of
from kg.engine.underway import ENDS
from kg.errors import ReleaseError
from kg.release.manifest import Release
from kg.terms import PREFIXES

IDENTIFIER = PREFIXES["dcterms"] + "identifier"
AVAILABLE = PREFIXES["dcterms"] + "available"

_RESULTS = {
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
    "tsv": ox.QueryResultsFormat.TSV,
}


@dataclass(frozen=True)
class Abilities:
    """What calls itself ``server`` writes the formats ``direct`` as they should be; the others are made from JSON.

    ``more_parameters`` go with each query.
    """

    server: str
    direct: frozenset[str] = frozenset()
    more_parameters: dict[str, str] = field(default_factory=dict)


def probe(address: httpx2.URL, login: protocol.Login | None, release: Release, seconds: float) -> Abilities:
    """Look for the mark of ``release``, and try the server out. ``seconds``: how long each answer may take.

    Raises ReleaseError if the whole release is not there, EngineUnavailable.
    """
    names = names_of(release)
    with httpx2.Client(timeout=protocol.timeouts(seconds), auth=login, trust_env=False) as client:
        try:
            return _probe(client, address, names, release, seconds)
        except httpx2.HTTPError as error:
            raise protocol.unavailable(type(error).__name__) from None


def _probe(
    client: httpx2.Client, address: httpx2.URL, names: GraphNames, release: Release, seconds: float
) -> Abilities:
    mark = f"<{names.mark}>"
    ask = f'ASK {{ GRAPH {mark} {{ {mark} <{IDENTIFIER}> "{release.fingerprint}" ; <{AVAILABLE}> ?when }} }}'
    # As a SELECT with LIMIT 1: nothing to be normalised in the answer.
    select = ask.replace("ASK", "SELECT ?when") + " LIMIT 1"
    response = client.send(protocol.asking(address, select, "json", [names.nothing], [names.mark]))
    if response.status_code != 200:
        raise protocol.rejection(response, select)
    if b'"when"' not in response.content.partition(b'"results"')[2]:
        raise ReleaseError(f"release {names.name} is not in the endpoint", "put it there: kg publish")
    server = response.headers.get("server", "")
    more = {}
    if server.startswith("Virtuoso"):
        # Ends the work there as well; what was found until then is recognised by a header, and thrown away.
        more["timeout"] = str(max(1000, math.ceil(seconds * 1000)))
    direct = {form for form in (*_RESULTS, "csv") if _is_direct(client, address, form, names)}
    if _triples_are_canonical(client, address, names):
        direct.add("ntriples")
    return Abilities(server, frozenset(direct), more)


def _is_direct(client: httpx2.Client, address: httpx2.URL, form: str, names: GraphNames) -> bool:
    """True if the server writes two rows, with whatever can stand in one, as the embedded engine does."""
    graph = names.union + "/x"
    query = (
        f'SELECT ?a ?b ?c {{ VALUES (?a ?b) {{ ("x \\"y\\", z"@en 1) (<{graph}> UNDEF) }} '
        "OPTIONAL { ?a <tag:nothing> ?d } BIND(BNODE() AS ?c) }"
    )
    response = client.send(protocol.asking(address, query, form, [names.nothing], [names.nothing]))
    if response.status_code != 200 or protocol.format_of(response) != form:
        return False
    body = response.content
    if form == "csv":
        head, *rows = body.split(b"\r\n")
        lines = [row.rpartition(b",")[0] for row in rows]
        return head == b"a,b,c" and sorted(lines) == sorted([b'"x ""y"", z",1', f"{graph},".encode(), b""])
    if graph.encode() not in body or b"typed-literal" in body or (form in ENDS and not ENDS[form].search(body)):
        return False
    cutter = Cutter(form, 1, 100_000)
    cut = cutter.feed(body) + cutter.finish()
    return cutter.cut is not None and _rows(body, form) == 2 and (form == "json" or _rows(cut, form) == 1)


def _rows(body: bytes, form: str) -> int:
    """How many of the rows asked for are in ``body``; -1 if it cannot be read or has something else."""
    try:
        results = ox.parse_query_results(body, format=_RESULTS[form])
        if not isinstance(results, ox.QuerySolutions) or [v.value for v in results.variables] != ["a", "b", "c"]:
            return -1
        rows = [tuple(row) for row in results]
    except (SyntaxError, ValueError):
        return -1
    return len(rows) if all(isinstance(row[2], ox.BlankNode) for row in rows) else -1


def _triples_are_canonical(client: httpx2.Client, address: httpx2.URL, names: GraphNames) -> bool:
    """True if the server writes N-Triples as the embedded engine does."""
    query = f'CONSTRUCT {{ <{names.mark}> <{IDENTIFIER}> ?x }} {{ VALUES ?x {{ "é \\" \\t"@en }} }}'
    response = client.send(protocol.asking(address, query, "ntriples", [names.nothing], [names.nothing]))
    expected = f'<{names.mark}> <{IDENTIFIER}> "é \\" \\t"@en .\n'.encode()
    return response.status_code == 200 and response.content == expected
