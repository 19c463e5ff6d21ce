"""A query as code to be copied: for the shell, Python, R and JavaScript. The quoting holds for any query.

Where a query can be written as it is, it is; where it holds what would end or change the literal around it, the
literal is escaped.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from kg.messages import Message

# Beyond, proxies on the way may refuse the address (RFC 9112, section 3, asks for 8,000 octets at least).
_LONGEST_ADDRESS = 7_000
# Beyond, a page would be long for nothing but the query, again and again in each address and piece of code.
_ONCE = 10_000
_FILE = "query.rq"
_ACCEPTED = {"solutions": "text/csv", "boolean": "application/sparql-results+json", "graph": "text/turtle"}


@dataclass(frozen=True)
class Snippet:
    """Code in a language, with what is needed to run it; ``name`` tells it from the others on a page."""

    name: str
    title: str
    needs: str
    text: str


@dataclass(frozen=True)
class Asking:
    """What the code has to ask: a query, where, and of which dataset if not of the usual one.

    ``root`` is the address of the site; ``release`` the name of a former one if that is to be asked, else "".
    ``kind`` is that of the answer: solutions, boolean or graph.
    """

    root: str
    query: str
    kind: str
    release: str = ""
    default_graphs: Sequence[str] = ()
    named_graphs: Sequence[str] = ()

    @property
    def endpoint(self) -> str:
        """The address of the SPARQL service."""
        return f"{self.root}release/{self.release}/sparql" if self.release else f"{self.root}sparql"

    @property
    def dataset(self) -> list[tuple[str, str]]:
        """The parameters that make up another dataset (SPARQL 1.1 Protocol, section 2.1.4)."""
        return [
            *(("default-graph-uri", graph) for graph in self.default_graphs),
            *(("named-graph-uri", graph) for graph in self.named_graphs),
        ]

    @property
    def address(self) -> str:
        """The service with the dataset."""
        return f"{self.endpoint}?{urlencode(self.dataset)}" if self.dataset else self.endpoint

    @property
    def long(self) -> bool:
        """True if the query is better sent in the body of a request."""
        return self._length > _LONGEST_ADDRESS

    @property
    def very_long(self) -> bool:
        """True if the query is not to be repeated on a page."""
        return self._length > _ONCE

    @property
    def _length(self) -> int:
        return len(self.address) + len(urlencode({"query": self.query}))


def snippets(asking: Asking) -> tuple[Snippet, ...]:
    """The code for each language; for a very long query one piece, which reads it from a file."""
    if asking.very_long:
        return (Snippet("curl", "curl", Message("the query in a file query.rq"), _curl(asking)),)
    return (
        Snippet("curl", "curl", "", _curl(asking)),
        Snippet("python", "Python: kg", Message("the package of this site"), _kg(asking)),
        Snippet("sparqlwrapper", "Python: SPARQLWrapper", "pip install SPARQLWrapper", _wrapper(asking)),
        Snippet("r", "R", Message("R 4.0 or newer"), _r(asking)),
        Snippet("javascript", "JavaScript", Message("a browser, Node, Deno"), _javascript(asking)),
    )


def in_python(text: str) -> str:
    """A text as a literal of Python, in several lines if it has them."""
    plain = all(c in "\n\t" or c.isprintable() for c in text)
    if plain and "\\" not in text and '"""' not in text and not text.endswith('"'):
        return f'"""{text}"""' if "\n" in text else f'"{text}"' if '"' not in text else repr(text)
    lines = text.splitlines(keepends=True) if "\n" in text else [text]
    return "(\n" + "".join(f"    {line!r}\n" for line in lines) + ")"


def in_javascript(text: str) -> str:
    """A text as a template literal of JavaScript (ECMA-262, section 12.9.6), which keeps lines."""
    escaped = text.replace("\\", "\\\\").replace("`", "\\`").replace("${", "\\${")
    # A bare carriage return would become a line feed.
    return "`" + "".join(c if c in "\n\t" or c.isprintable() else _escaped(c) for c in escaped) + "`"


def in_r(text: str) -> str:
    """A text as a literal of R: raw (R 4.0) where that can hold it."""
    if all(c in "\n\t" or c.isprintable() for c in text):
        dashes = ""
        while f'){dashes}"' in text:
            dashes += "-"
        return f'r"{dashes}({text}){dashes}"'
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c == "\n" or c.isprintable() else f"\\U{ord(c):08x}" for c in escaped) + '"'


def _escaped(character: str) -> str:
    return json.dumps(character)[1:-1] if ord(character) < 0x20 else f"\\u{{{ord(character):x}}}"


def _curl(asking: Asking) -> str:
    # With a body curl sends POST, which needs no -G. What follows "query=" is taken as it is, even an @.
    lines = [
        f"curl {'' if asking.long else '-G '}{shlex.quote(asking.endpoint)}",
        f"-H {shlex.quote('Accept: ' + _ACCEPTED[asking.kind])}",
        *(f"--data-urlencode {shlex.quote(f'{name}={value}')}" for name, value in asking.dataset),
        f"--data-urlencode {shlex.quote(f'query@{_FILE}' if asking.very_long else 'query=' + asking.query)}",
    ]
    return " \\\n  ".join(lines) + "\n"


def _kg(asking: Asking) -> str:
    if asking.dataset:
        first, opened = "from kg.client import Endpoint", f"Endpoint({in_python(asking.address)}) as endpoint"
        asked = "endpoint.query(query)"
    else:
        first, opened = "import kg", f"kg.connect({in_python(asking.root)}) as site"
        asked = f"site.at({in_python(asking.release)}).query(query)" if asking.release else "site.query(query)"
    shown = {
        "solutions": f"    for row in {asked}:\n        print(row)",
        "boolean": f"    print(bool({asked}))",
        "graph": f"    print({asked}.graph().serialize())",
    }[asking.kind]
    return f"{first}\n\nquery = {in_python(asking.query)}\nwith {opened}:\n{shown}\n"


def _wrapper(asking: Asking) -> str:
    answered = "TURTLE" if asking.kind == "graph" else "JSON"
    lines = [
        f"from SPARQLWrapper import {'POST, ' if asking.long else ''}{answered}, SPARQLWrapper",
        "",
        f"endpoint = SPARQLWrapper({in_python(asking.endpoint)})",
        f"endpoint.setReturnFormat({answered})",
        *(["endpoint.setMethod(POST)"] if asking.long else []),
        *(f"endpoint.addDefaultGraph({in_python(graph)})" for graph in asking.default_graphs),
        *(f"endpoint.addNamedGraph({in_python(graph)})" for graph in asking.named_graphs),
        f"endpoint.setQuery({in_python(asking.query)})",
        {
            "solutions": 'for row in endpoint.queryAndConvert()["results"]["bindings"]:\n'
            '    print({name: cell["value"] for name, cell in row.items()})',
            "boolean": 'print(endpoint.queryAndConvert()["boolean"])',
            "graph": "print(endpoint.query().convert().decode())",
        }[asking.kind],
    ]
    return "\n".join(lines) + "\n"


def _r(asking: Asking) -> str:
    ending = urlencode([*asking.dataset, ("format", _FORMATS[asking.kind])])
    read = {
        "solutions": 'answer <- read.csv(address, encoding = "UTF-8")\nprint(answer)',
        "boolean": 'cat(readLines(address, encoding = "UTF-8", warn = FALSE), sep = "\\n")',
        "graph": 'cat(readLines(address, encoding = "UTF-8", warn = FALSE), sep = "\\n")',
    }[asking.kind]
    return (
        f"query <- {in_r(asking.query)}\n"
        f'address <- paste0("{asking.endpoint}?{ending}&query=", URLencode(enc2utf8(query), reserved = TRUE))\n'
        f"{read}\n"
    )


_FORMATS = {"solutions": "csv", "boolean": "json", "graph": "turtle"}


def _javascript(asking: Asking) -> str:
    shown = {
        "solutions": "for (const row of (await reply.json()).results.bindings) console.log(row);",
        "boolean": "console.log((await reply.json()).boolean);",
        "graph": "console.log(await reply.text());",
    }[asking.kind]
    accepted = "text/turtle" if asking.kind == "graph" else "application/sparql-results+json"
    return (
        f"const query = {in_javascript(asking.query)};\n"
        f"const reply = await fetch({json.dumps(asking.address)}, {{\n"
        f'  method: "POST",\n  headers: {{ Accept: "{accepted}" }},\n  body: new URLSearchParams({{ query }}),\n}});\n'
        "if (!reply.ok) throw new Error(await reply.text());\n"
        f"{shown}\n"
    )
