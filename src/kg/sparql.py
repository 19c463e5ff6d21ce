"""What can be said about a query from its text alone: its form, and whether it asks for what is not served (pure).

Oxigraph follows ``SERVICE`` to any address, and no argument forbids it, so the text decides. It is cut into tokens
(SPARQL 1.1, section 19.8), because the word may also stand, harmlessly, in a string, an IRI, a name or a comment.
Where two readings are possible (codepoint escapes, section 19.2) the query is refused if either shows the keyword:
a harmless query refused is a nuisance, a harmful one let through is not.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Container, Iterator, Mapping

from kg.errors import QueryRefused, QuerySyntaxError

FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
_UPDATES = {"INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD", "WITH"}

_NAME_START = r"[\w:]|%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?#@%]"
_TOKEN = re.compile(
    rf"""(?P<skip>[ \t\r\n]+|\#[^\r\n]*)
    | (?P<iri><[^\x00-\x20<>"{{}}|^`\\]*>)
    | (?P<string>'''(?:'?'?(?:[^'\\]|\\.))*'''|\"\"\"(?:"?"?(?:[^"\\]|\\.))*\"\"\"
               |'(?:[^'\\\r\n]|\\.)*'|"(?:[^"\\\r\n]|\\.)*")
    | (?P<variable>[?$]\w+)
    | (?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
    | (?P<name>(?P<prefix>(?:[^\W\d_][\w\-.\u00B7]*)?):(?:(?:{_NAME_START})(?:{_NAME_START}|[\-.\u00B7])*)?)
    | (?P<word>[^\W\d_]\w*)
    | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
# Functions whose value is another one each time (SPARQL 1.1, sections 17.4.2 to 17.4.5).
_CHANGING = ("NOW", "RAND", "UUID", "BNODE")
_HEADER_LINE = re.compile(r"#\s*([a-z]{2,8}):\s*(.+)")
_HEADER = re.compile(r"\A(?:#[^\S\n]*[a-z]+:[^\n]*\n)+(?:#?[^\S\n]*\n)*")
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
# What looks like an IRI may be a comparison: ``?a<?b)SERVICE#>``. Inside a real one the word stands after one of these.
_HIDDEN = re.compile(r"(?<![\w\-./#:%=&+~@!,;<?$])SERVICE", re.IGNORECASE)
_HIDDEN_CHANGING = re.compile(rf"(?:{'|'.join(_CHANGING)})\s*\(", re.IGNORECASE)
_HIDDEN_GRAPH = re.compile(r"(?<![\w\-./#:%=&+~@!,;<?$])(?:GRAPH|FROM)", re.IGNORECASE)


def words(query: str) -> Iterator[str]:
    """The bare words of a query in upper case: keywords, function names, ``a``, ``true`` ..."""
    for match in _TOKEN.finditer(query):
        if match.lastgroup == "word":
            yield match[0].upper()


def form(query: str) -> str:
    """``SELECT``, ``ASK``, ``CONSTRUCT`` or ``DESCRIBE``, whichever comes first in the query; "" if none does."""
    return next((word for word in words(query) if word in FORMS), "")


def star(query: str) -> tuple[int, int] | None:
    """Where the ``*`` of a ``SELECT *`` stands (start, end), if that is what the query is."""
    if "*" not in query:
        return None
    before = ""
    for match in _TOKEN.finditer(query):
        if match["skip"] or match["iri"] or match["name"]:
            continue  # the prologue has these
        word = match[0].upper()
        if match["word"] and (word in FORMS or before):
            if word not in ("SELECT", "DISTINCT", "REDUCED"):
                return None
            before = word
        elif before:
            return match.span() if word == "*" else None
    return None


def variables(query: str) -> list[str]:
    """The names of the variables in the query, in the order of their first appearance."""
    return list(dict.fromkeys(match["variable"][1:] for match in _TOKEN.finditer(query) if match["variable"]))


def names_graphs(query: str) -> bool:
    """True if the query may speak of named graphs (``GRAPH``, ``FROM``); in doubt too.

    As with ``SERVICE``, a part of a word or of a prefix counts, and what looks like an IRI may be a comparison.
    """
    upper = query.upper()
    if "GRAPH" not in upper and "FROM" not in upper and "\\U" not in upper:
        return False  # cutting the text into tokens takes longer than many a query
    if _ESCAPE.search(query):
        return True
    for match in _TOKEN.finditer(query):
        written = (match["word"] or match["prefix"] or "").upper()
        if "GRAPH" in written or "FROM" in written:
            return True
        if match["iri"] is not None and _HIDDEN_GRAPH.search(match["iri"]):
            return True
    return False


def is_volatile(query: str) -> bool:
    """True if the answer may be another one each time: it depends on the clock or on chance."""
    upper = query.upper()
    if "\\U" not in upper and not any(function in upper for function in _CHANGING):
        return False
    if _ESCAPE.search(query):
        return True
    return any(
        (match["word"] and any(function in match[0].upper() for function in _CHANGING))
        or (match["iri"] and _HIDDEN_CHANGING.search(match[0]))
        for match in _TOKEN.finditer(query)
    )


def makes_blank_nodes(query: str) -> bool:
    """True if the answer may hold blank nodes of its own making, whose labels differ from time to time."""
    return form(query) == "CONSTRUCT" and ("[" in query or "_:" in query)


def may_be_graph(query: str) -> bool:
    """True if the answer may be a graph; also for a few of which it is not."""
    upper = query.upper()
    return "CONSTRUCT" in upper or "DESCRIBE" in upper or "\\U" in upper


def counts_everything(query: str) -> str | None:
    """The name of the variable if the query only counts the triples of the default graph, else None.

    That is ``SELECT (COUNT(*) AS ?n) { ?s ?p ?o }``, with a prologue or ``WHERE`` if need be.
    """
    if len(query) > _LONGEST_COUNT or "count" not in query.lower():
        return None
    found = _COUNT.fullmatch(" ".join(m[0] for m in _TOKEN.finditer(query) if not m["skip"]))
    if found is None or len({found["s"], found["p"], found["o"]}) < 3:
        return None
    counted = found["counted"]
    return found["n"] if counted == "*" or counted[1:] in (found["s"], found["p"], found["o"]) else None


_LONGEST_COUNT = 2_000
_COUNT = re.compile(
    r"(?:PREFIX \S*: <\S*> )*SELECT \( COUNT \( (?P<counted>\*|[?$]\w+) \) AS [?$](?P<n>\w+) \) "
    r"(?:WHERE )?\{ [?$](?P<s>\w+) [?$](?P<p>\w+) [?$](?P<o>\w+) (?:\. )?\}",
    re.IGNORECASE,
)


def shape(query: str) -> str:
    """The form of a query without its values: two that differ only in IRIs, strings and numbers have the same."""
    return _VALUE.sub("", query)


_VALUE = re.compile(
    r"""\#[^\r\n]*$ | <[^\x00-\x20<>"{}|^`\\]*> | "(?:[^"\\\r\n]|\\.)*" | '(?:[^'\\\r\n]|\\.)*' | \b\d+""",
    re.MULTILINE | re.VERBOSE,
)


def header(query: str) -> dict[str, str]:
    """What the comment lines on top of a query say, ``# key: value``; of a key that stands there twice the first."""
    found: dict[str, str] = {}
    for line in query.splitlines():
        if not line.startswith("#"):
            break
        if match := _HEADER_LINE.fullmatch(line.strip()):
            found.setdefault(match[1], match[2])
    return found


def without_header(query: str) -> str:
    """The query without the lines ``# key: value`` on its top; a remark below them stays."""
    return _HEADER.sub("", query)


def by_language(told: Mapping[str, str]) -> dict[str, str]:
    """Those lines of a header whose key is a language (ISO 639, two or three letters)."""
    return {key: text for key, text in told.items() if len(key) in (2, 3)}


def prefixes(query: str) -> dict[str, str]:
    """The prefixes that the query declares; of one declared twice the last."""
    tokens = [match for match in _TOKEN.finditer(query) if not match["skip"]]
    return {
        name["prefix"]: iri[0][1:-1]
        for word, name, iri in zip(tokens, tokens[1:], tokens[2:], strict=False)
        if word[0].upper() == "PREFIX" and name["name"] and iri["iri"]
    }


def iris(query: str, known: Mapping[str, str]) -> set[str]:
    """The IRIs in the query, prefixed names written out with the query's own prefixes or else the ``known`` ones."""
    namespaces = {**known, **prefixes(query)}
    found = set()
    for match in _TOKEN.finditer(query):
        if match["iri"]:
            found.add(match["iri"][1:-1])
        elif match["name"] and match["prefix"] in namespaces:
            found.add(namespaces[match["prefix"]] + match["name"].partition(":")[2].replace("\\", ""))
    return found


def single_values(query: str) -> dict[str, tuple[int, int]]:
    """For each ``VALUES ?name { ... }`` with one variable: where its values stand (start, end).

    A variable for which there are several such blocks is left out.
    """
    found: dict[str, tuple[int, int]] = {}
    twice: set[str] = set()
    tokens = [match for match in _TOKEN.finditer(query) if not match["skip"]]
    for number, (word, variable, brace) in enumerate(zip(tokens, tokens[1:], tokens[2:], strict=False)):
        if word["word"] and word[0].upper() == "VALUES" and variable["variable"] and brace[0] == "{":
            name = variable[0][1:]
            end = next((token.start() for token in tokens[number + 3 :] if token[0] == "}"), len(query))
            twice |= {name} & found.keys()
            found[name] = (brace.end(), end)
    return {name: span for name, span in found.items() if name not in twice}


def refuse_unserved(query: str, services: Collection[str] = ()) -> None:
    """Raise QueryRefused for SPARQL Update and for SERVICE, QuerySyntaxError for an empty text.

    A SERVICE whose address is written out as one of the ``services`` is let through.
    """
    readings = [query]
    if (unescaped := _ESCAPE.sub(_unescape, query)) != query:
        readings.append(unescaped)
    for reading in readings:
        if "SERVICE" in reading.upper() and _calls_a_service(reading, services):
            asked = f"this endpoint asks no other server than {', '.join(services)}" if services else ""
            raise QueryRefused(
                f"SERVICE is not answered here: {asked or 'this endpoint asks no other server'}",
                "fetch both answers yourself, or use a client that federates",
            )
        if not any(update in reading.upper() for update in _UPDATES):
            continue
        first = next((word for word in words(reading) if word not in ("PREFIX", "BASE", "VERSION")), "")
        if first in _UPDATES:
            raise QueryRefused(
                f"{first} is SPARQL Update: the data is read-only here", "the query forms are " + ", ".join(FORMS)
            )
    if not query.strip():
        raise QuerySyntaxError("the query is empty", 1, 1)


def _calls_a_service(query: str, allowed: Collection[str]) -> bool:
    """True if the engine might read the keyword SERVICE anywhere, but before an address that is allowed.

    Its grammar lets keywords touch what is beside them (``trueSERVICE``, ``SERVICE:a``), so a part of a word or of a
    prefix counts.
    """
    tokens = [match for match in _TOKEN.finditer(query) if not match["skip"]]
    for number, match in enumerate(tokens):
        if match["iri"] is not None and _HIDDEN.search(match["iri"]) is not None:
            return True
        if "SERVICE" in (match["word"] or match["prefix"] or "").upper():
            after = [token[0] for token in tokens[number + 1 : number + 3]]
            address = next((token for token in after if token.upper() != "SILENT"), "")
            if match[0].upper() != "SERVICE" or address[1:-1] not in allowed or address[0] != "<":
                return True
    return False


def _unescape(match: re.Match[str]) -> str:
    code = int(match[1] or match[2], 16)
    return chr(code) if code <= 0x10FFFF else match[0]


def tokens(query: str) -> Iterator[re.Match[str]]:
    """The tokens of a query without white space and comments, as matches.

    Of the groups ``iri``, ``string``, ``variable``, ``language``, ``name``, ``word`` and ``other`` one is not None.
    """
    return (match for match in _TOKEN.finditer(query) if not match["skip"])


def one_reading(query: str) -> str:
    """The query with its codepoint escapes written out and its comments blank: every parser sees the same tokens in it.

    Raises QuerySyntaxError if an escape outside of a string stands for anything but a letter, a digit or ``_``.
    """
    if _ESCAPE.search(query):
        # Twice: a letter that makes an IRI of two pieces may show that what looked like a string was none.
        query = _written_out(_written_out(query))
    query = _TOKEN.sub(lambda match: _NO_BREAK.sub(" ", match[0]) if match["skip"] else match[0], query)
    strings_blank = _TOKEN.sub(lambda match: " " * len(match[0]) if match["string"] else match[0], query)
    if left := _ESCAPE.search(strings_blank):
        raise QuerySyntaxError(f"unexpected {left[0]!r}", *position(query, left.start()))
    return query


_NO_BREAK = re.compile(r"[^\r\n]")
_IN_STRING = re.compile(rf"{_ESCAPE.pattern}|\\.", re.DOTALL)
_QUOTED = {'"': '\\"', "'": "\\'", "\\": "\\\\", "\n": "\\n", "\r": "\\r"}


def _written_out(query: str) -> str:
    parts, start = [], 0
    for match in _TOKEN.finditer(query):
        if match["string"]:
            parts.append(_ESCAPE.sub(_letter, query[start : match.start()]))
            parts.append(_IN_STRING.sub(_in_string, match[0]))
            start = match.end()
    return "".join([*parts, _ESCAPE.sub(_letter, query[start:])])


def _letter(match: re.Match[str]) -> str:
    meant = _unescape(match)
    return meant if meant.isalnum() or meant == "_" else match[0]


def _in_string(match: re.Match[str]) -> str:
    meant = _unescape(match) if match[1] or match[2] else match[0]
    return match[0] if "\ud800" <= meant <= "\udfff" else _QUOTED.get(meant, meant)


def position(query: str, offset: int) -> tuple[int, int]:
    """The line and column (from 1) of an offset in the text."""
    before = query[:offset]
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def undeclared(query: str, known: Container[str] = ()) -> QuerySyntaxError | None:
    """The error for the first prefix that the query uses and neither declares nor is in ``known``, if there is one."""
    found = _undeclared(query, known)
    if found is None:
        return None
    message = f"the prefix {found['prefix']}: is not declared; add a PREFIX line"
    return QuerySyntaxError(message, *position(query, found.start()))


def syntax_error(message: str, query: str, known: Container[str] = ()) -> QuerySyntaxError:
    """Oxigraph's message ("error at 1:24: expected one of ...") as one that says where, and what stands there.

    ``known`` are the prefixes that the query may use undeclared. The parser reports how far it came, which for a
    missing PREFIX line is not where the mistake is, so that one is looked for first.
    """
    if undeclared := _undeclared(query, known):
        before = query[: undeclared.start()]
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        return QuerySyntaxError(f"the prefix {undeclared['prefix']}: is not declared; add a PREFIX line", line, column)
    found = _POSITION.match(message)
    if not found:
        return QuerySyntaxError(message)
    line, column = int(found[1]), int(found[2])
    lines = query.splitlines() or [""]
    rest = lines[line - 1][column - 1 :] if line <= len(lines) else ""
    if not rest.strip():
        return QuerySyntaxError(f"unexpected end of the {'query' if line >= len(lines) else 'line'}", line, column)
    return QuerySyntaxError(f"unexpected {rest[:20]!r}", line, column)


_POSITION = re.compile(r"error at (\d+):(\d+): ")


def _undeclared(query: str, known: Container[str]) -> re.Match[str] | None:
    """The first prefixed name whose prefix is neither declared before it nor known."""
    declared: set[str] = set()
    before = ""
    for match in _TOKEN.finditer(query):
        if match["skip"]:
            continue
        if match["name"] and before == "PREFIX":
            declared.add(match["prefix"])
        elif match["name"] and before != "_" and match["prefix"] not in declared and match["prefix"] not in known:
            return match
        before = match[0].upper()
    return None
