"""Nonsense, well-formed and not, from a seeded source: never a 500, never a trace, never markup of the sender's."""

from __future__ import annotations

import http.client
import random
import re
import socket
import string
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import quote, quote_from_bytes

import pytest

from kg.sparql import tokens
from tests.conftest import ROOT, Server, trials
from tests.live.conftest import BREAD, Crowded
from tests.live.wires import address, dial, read_all

Asked = tuple[str, str, dict[str, str], bytes]  # method, path with its query string, headers, body
MARK = "<script>x9</script>"
QUESTIONS = [path.read_text() for path in sorted((ROOT / "ontology/questions").glob("*.rq"))]
PATHS = ["/", "/sparql", "/graphs", "/graph/vocab", "/search", "/dumps/latest/data.trig", "/dumps/x/y", "/id/x", "/doc/x",
         "/concept/rye", "/concept/rye.ttl", "/terms", "/vocab", "/static/style.css", "/health/live", "/health/ready",
         "/metrics", "/nowhere", "//", "/%2e%2e/%2e%2e/etc/passwd", "/static/../../pyproject.toml"]  # fmt: skip
NAMES = ["query", "default-graph-uri", "named-graph-uri", "format", "update", "graph", "default", "q", "type", "lang",
         "limit", "x" * 500, MARK, "%00", ""]  # fmt: skip
VALUES = ["", "a", MARK, "ASK {}", "SELECT * { ?s ?p ?o } LIMIT 2", "CONSTRUCT WHERE { ?s a ?o }", "csv", "json", "html",
          BREAD, f"{BREAD}graph/vocab", "http://[", "urn:x", "\0", "é\u202e😀", "x" * 3_000, "-1", "1e9", "\r\nX: y",
          f"SELECT ('{MARK}' AS ?x) {{}}", f"# {MARK}\nSELECT", "{{7*7}}", "'\"><img src=x9>"]  # fmt: skip
ACCEPTS = ["*/*", "text/html", "text/html,*/*;q=0.8", "application/json", "text/csv", "text/turtle", "", ";;;", "a/b;q=x",
           "text/html;q=nan", "*/*;q=-1", ",,,", "text/html" * 400, "text/*;q=0", "é/è", "text/html;a=\"", MARK,
           "application/ld+json;profile=\"x\"", "q=1;text/html", "*/*;q=1e400"]  # fmt: skip
HEADERS = {
    "If-None-Match": ["*", '"', 'W/"', '"a", "b"', "W/*", ",", "x" * 5_000, '""', MARK],
    "If-Modified-Since": ["x", "Thu, 01 Jan 1970 00:00:00 GMT", "Thu, 99 Foo 9999 99:99:99 GMT"],
    "If-Range": ['"x"', "x"],
    "Range": ["bytes=0-", "bytes=-1", "bytes=9-1", "bytes=0-0,2-3", "bytes=99999999999999-", "x=1", "bytes=", "bytes=a-b"],
    "Accept-Encoding": ["gzip", "gzip;q=0", "*", "br, zstd", ";q", "gzip;q=x", ",", "identity;q=0"],
    "Accept-Language": ["de", "x" * 100, "*;q=", "de-de-de-de;q=9"],
    "Host": ["h", "", "h:99999", "h:x", "[::1]:80", "[", MARK, "a b", "é", "h@x", "h/..", '"', "h\\x"],
    "X-Forwarded-Proto": ["https", "javascript", MARK, "https,http", ""],
    "X-Forwarded-Host": [MARK],
    "Content-Type": ["application/sparql-query", "application/x-www-form-urlencoded", "text/plain", "", ";", "a/b; c",
                     "application/sparql-query; charset=", "multipart/form-data", "application/x-www-form-urlencoded;charset=utf-16"],
    "Content-Length": ["x", "-1", "99999999999999999999", "1_0", "٣"],
    "Transfer-Encoding": ["chunked", "x"],
    "Expect": ["100-continue", "x"],
    "Connection": ["close", "upgrade", "x"],
    "Upgrade": ["websocket", "h2c"],
    "Cookie": ["a=b", "\x01"],
    "Authorization": ["Basic x", "x"],
    "Origin": ["null", MARK],
}  # fmt: skip
# The server may have to wait for more after one of these.
UNFINISHED = {"Content-Length", "Transfer-Encoding", "Expect", "Upgrade", "Connection"}
METHODS = ["GET"] * 25 + ["POST"] * 10 + ["HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "FOO", "get"]


def mutated(random_: random.Random) -> str:
    """A question of the project with some of its tokens lost, doubled, or taken from elsewhere."""
    found = [match[0] for match in tokens(random_.choice(QUESTIONS))]
    other = [match[0] for match in tokens(random_.choice(QUESTIONS))]
    for _ in range(random_.randint(1, 4)):
        place = random_.randrange(len(found))
        action = random_.randrange(5)
        if action == 0:
            del found[place]
        elif action == 1:
            found.insert(place, found[place])
        elif action == 2:
            found[place] = random_.choice(other)
        elif action == 3:
            found[place] = random_.choice(
                [*"{}()[].;,*+/|^!?$<>\\'\"@#", "\\u0000", "\ud7ff", "1e999", "?x", MARK, "NOW()"]
            )
        else:
            found = found[:place]
        found = found or ["SELECT"]
    return " ".join(found)


def encoded(random_: random.Random, value: str) -> str:
    """A value as it may stand in an address, mostly as it should."""
    chance = random_.random()
    if chance < 0.8:
        return quote(value, safe="")
    if chance < 0.9:
        return quote_from_bytes(random_.randbytes(random_.randint(0, 20)))
    return random_.choice(["%", "%G1", "%FF", "%ED%A0%80", "%00", "%C0%80", "%u0041", "+", "&&", "=", "%0d%0aX:%20y"])


def fields(random_: random.Random) -> str:
    pairs = []
    for _ in range(random_.choice([0, 1, 1, 1, 2, 3])):
        value = mutated(random_) if random_.random() < 0.4 else random_.choice(VALUES)
        name = "query" if random_.random() < 0.4 else random_.choice(NAMES)
        pairs.append(f"{quote(name, safe='%')}={encoded(random_, value)}")
    return "&".join(pairs)


def nonsense(random_: random.Random) -> Asked:
    """A method, a path with its query string, headers and a body."""
    path = random_.choice(["/sparql", random_.choice(PATHS)])
    if random_.random() < 0.1:
        path = "/" + "".join(
            random_.choice(["a", "/", "%", "%00", "%ff", ".", "..", quote(MARK), "é"]) for _ in range(6)
        )
        path = quote(path, safe="/%")
    if random_.random() < 0.7:
        path += "?" + fields(random_)
    headers = {"Accept": random_.choice(ACCEPTS), "Host": "h"}
    names = sorted(HEADERS.keys() - UNFINISHED) if random_.random() < 0.98 else sorted(HEADERS)
    for name in random_.sample(names, random_.choice([0, 0, 1, 2, 4])):
        headers[name] = random_.choice(HEADERS[name])
    method = random_.choice(METHODS)
    body = b""
    if method in ("POST", "PUT", "PATCH"):
        kind = random_.randrange(3)
        body = [mutated(random_).encode("utf-8", "surrogatepass"), fields(random_).encode(), random_.randbytes(50)][
            kind
        ]
        headers.setdefault("Content-Type", HEADERS["Content-Type"][kind % 2])
    return method, path, headers, body


def demand_harmless(asked: object, status: int, kind: str, body: bytes) -> None:
    assert status != 500, asked
    assert status < 600, asked
    if kind.startswith("text/html"):
        assert b"x9</script>" not in body, asked
        assert b"<img src=x9" not in body, asked
    assert b"Traceback" not in body, asked


def requests(server: Server, seed: int, number: int) -> Iterator[int]:
    """Ask so much nonsense over connections that are used again; gives each status, 0 for none."""
    random_ = random.Random(seed)
    connection = http.client.HTTPConnection(*address(server), timeout=30)
    for _ in range(number):
        asked = nonsense(random_)
        used = connection.sock is not None
        try:
            yield ask_on(connection, asked)
        except (http.client.HTTPException, ValueError, OSError):
            connection.close()
            if not used:
                assert may_be_dropped(asked), asked
                yield 0
                continue
            try:  # the server may have ended the connection after the request before
                yield ask_on(connection, asked)
            except (http.client.HTTPException, ValueError, OSError):
                connection.close()
                assert may_be_dropped(asked), asked
                yield 0
    connection.close()


def may_be_dropped(asked: Asked) -> bool:
    """True if a request is too far from HTTP, or not whole, so that no answer is one."""
    _, path, headers, _ = asked
    return bool(headers.keys() & UNFINISHED or "\\" in str(asked) or re.search(r"[^!-~]", path + headers["Host"]))


def ask_on(connection: http.client.HTTPConnection, asked: Asked) -> int:
    method, path, headers, body = asked
    unfinished = headers.keys() & UNFINISHED
    connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
    for name, value in headers.items():
        if not re.search(r"[\r\n]", value):
            connection.putheader(name, value.encode("utf-8"))
    if body and "Content-Length" not in headers:
        connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body or None)
    if unfinished:
        connection.sock.settimeout(4)
    response = connection.getresponse()
    demand_harmless(asked, response.status, response.headers.get("Content-Type", ""), response.read())
    if method == "GET" and response.status < 400:
        assert response.headers["Access-Control-Allow-Origin"] == "*", asked
    if unfinished:
        connection.close()
    return response.status


@pytest.fixture
def server(crowded: Crowded) -> Iterator[Server]:
    start = len(crowded.server.log.read_text())
    yield crowded.server
    assert "Traceback" not in crowded.server.log.read_text()[start:]
    assert crowded.server.get("/sparql?query=ASK%20%7B%20FILTER(9=9)%20%7D", "application/json").status == 200


@pytest.mark.parametrize("seed", range(4))
def test_no_request_is_more_than_the_server_can_bear(server: Server, seed: int) -> None:
    found = [*requests(server, seed, trials(350, 23_500))]
    # Most were understood well enough to be answered, and not all were refused.
    assert found.count(0) < len(found) / 10
    assert found.count(200) > len(found) / 20
    assert found.count(400) > len(found) / 20


def test_no_bytes_are_more_than_the_server_can_bear(server: Server) -> None:
    random_ = random.Random(9)
    lines = [b"GET / HTTP/1.1", b"GET /sparql?query=ASK%7B%7D HTTP/1.1", b"POST /sparql HTTP/1.1", b"GET / HTTP/9.9",
             b"PRI * HTTP/2.0", b"GET http://h/ HTTP/1.1", b"GET * HTTP/1.1", b"CONNECT h:1 HTTP/1.1", b"\x16\x03\x01",
             b"OPTIONS * HTTP/1.1", b"GET /\xff\xfe HTTP/1.1", b"GET /sparql?query=\xed\xa0\x80 HTTP/1.1", b"GET"]  # fmt: skip
    heads = [b"Host: h", b"Host: \xff", b"Host:", b"Content-Length: 3", b"Content-Length: 5", b"Transfer-Encoding: chunked",
             b"Accept: \xff\xfe", b"If-None-Match: \xff", b": x", b"X" * 9_000 + b": y", b"Accept : x", b" folded",
             b"Content-Type: application/sparql-query", b"Content-Type: \xff", b"X-Forwarded-Proto: \xff",
             b"Accept-Encoding: \xff", b"Authorization: \xff"]  # fmt: skip
    for _ in range(trials(100, 6_000)):
        chosen = [random_.choice(lines), *random_.sample(heads, random_.randrange(5))]
        sent = b"\r\n".join(chosen) + b"\r\n" + b"Connection: close\r\n\r\n" * random_.randrange(2)
        sent += random_.choice([b"", b"ASK", b"3\r\nASK\r\n0\r\n\r\n", random_.randbytes(30)])
        # It may have hung up on hearing this, and may wait for more.
        with dial(server, sent) as connection, suppress(OSError):
            connection.shutdown(socket.SHUT_WR)
            connection.settimeout(4)
            got = read_all(connection)
            status = int(got[9:12]) if got.startswith(b"HTTP/1.") else 0
            demand_harmless(sent, status, "text/html", got)


def test_a_marker_is_never_echoed_into_a_page(server: Server) -> None:
    for path in PATHS:
        for name in (*NAMES[:11], "nothing"):
            for value in (MARK, f"SELECT ('{MARK}' AS ?x) {{}}", f"ASK {{}} # {MARK}", f"<{MARK}"):
                reply = server.get(
                    f"{path}{quote('/' + MARK) if value[0] == '<' else ''}?{name}={quote(value)}", "text/html"
                )
                demand_harmless((path, name, value), reply.status, "text/html", reply.body)


def test_questions_are_mutated_into_queries_and_into_nonsense() -> None:
    random_ = random.Random(1)
    texts = [mutated(random_) for _ in range(200)]
    assert len({*texts}) > 190
    assert any(set(text) & set(string.ascii_letters) for text in texts)
