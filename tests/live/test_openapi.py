"""The description of the site (OpenAPI) is true: every route is in it, and every answer is as it says.

Requests are made from the description by Schemathesis and put to a real server. Its checks: no 5xx, no status, media
type, header or body that is not described, 405 with Allow for other methods.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlencode

import pytest
import schemathesis
from flask import Request
from hypothesis import HealthCheck, Phase, given, seed, settings
from openapi_spec_validator import validate
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks
from werkzeug.datastructures import EnvironHeaders, ImmutableMultiDict

import kg
from kg.config import Settings
from kg.web.apis import placed
from kg.web.app import create_app
from kg.web.current import CurrentSite
from kg.web.front import _OPERATIONS
from kg.web.openapi.document import VERSION
from kg.web.openapi.operation import routes, template
from tests.conftest import Server, request, trials

CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.unsupported_method,
]
IN_PARTS = "/sitemap-{number}.xml"  # only where one file cannot hold it
NEEDS_CONTACT = "/.well-known/security.txt"  # which not every project names
Told = dict[str, Any]


@pytest.fixture(scope="module")
def told(served: Server) -> Told:
    """The description, as a client gets it."""
    document: Told = json.loads(served.get("/openapi.json").body)
    return document


@pytest.fixture(scope="module")
def current(real: Path, released: kg.Release) -> Iterator[CurrentSite]:
    """The site without a server."""
    site = CurrentSite(Settings(project=real, query_processes=1))
    yield site
    site.close()


def operations(told: Told) -> Iterator[tuple[str, str, Told]]:
    for path, item in told["paths"].items():
        for method, operation in item.items():
            if method != "servers":
                yield path, method, operation


def resolved(told: Told, value: Told) -> Told:
    while "$ref" in value:
        found: Any = told
        for key in value["$ref"].removeprefix("#/").split("/"):
            found = found[key]
        value = found
    return value


def parameters(told: Told, operation: Told) -> list[Told]:
    return [resolved(told, parameter) for parameter in operation.get("parameters", ())]


def address(told: Told, path: str, operation: Told) -> tuple[str, dict[str, str]] | None:
    """The address of the examples, with what is needed, and their headers; None if a path needs one that is not there."""
    headers: dict[str, str] = {}
    query: dict[str, str] = {}
    for parameter in parameters(told, operation):
        values = [e["value"] for e in parameter.get("examples", {}).values()] or parameter["schema"].get("enum", [])
        if parameter["in"] == "path":
            if not values:
                return None
            path = path.replace(f"{{{parameter['name']}}}", quote(str(values[0]), safe=""))
        elif parameter["in"] == "header" and values:
            headers[parameter["name"]] = values[0]
        elif parameter["in"] == "query" and parameter.get("required"):
            query[parameter["name"]] = values[0]
    return path + (f"?{urlencode(query)}" if query else ""), headers


# -- the document itself -----------------------------------------------------------------------------------------------


def test_it_is_an_openapi_document(told: Told) -> None:
    validate(told)
    assert told["openapi"] == VERSION


def test_every_route_is_described_and_nothing_else(told: Told, current: CurrentSite) -> None:
    app = create_app(Settings(), current)
    there = {(template(rule), method) for rule, method in routes(app)}
    there |= {(path, "GET") for path in _OPERATIONS} | {("/graph/{path}", "GET")}
    there |= {(page.path, "GET") for page in current.get().display.pages}
    assert {(path, method.upper()) for path, method, _ in operations(told)} == there


def test_operations_and_parameters_are_whole(told: Told) -> None:
    names = Counter(operation["operationId"] for _, _, operation in operations(told))
    assert max(names.values()) == 1
    for path, _, operation in operations(told):
        given_ = parameters(told, operation)
        assert {p["name"] for p in given_ if p["in"] == "path"} == set(re.findall(r"{(\w+)}", path)), path
        assert all(p["description"] for p in given_)
        assert operation["tags"][0] in {tag["name"] for tag in told["tags"]}


def test_every_component_that_is_spoken_of_is_there(told: Told) -> None:
    for reference in set(re.findall(r'"\$ref": "([^"]+)"', json.dumps(told))):
        assert resolved(told, {"$ref": reference})


def test_every_parameter_that_is_read_is_described(told: Told, current: CurrentSite) -> None:
    """The application is asked with the examples, and notes what it looks up."""
    read: set[str] = set()

    class Noting(ImmutableMultiDict[str, str]):
        def get(self, key: str, *args: Any, **named: Any) -> Any:
            read.add(key)
            return super().get(key, *args, **named)

        def getlist(self, key: str, *args: Any, **named: Any) -> Any:
            read.add(key)
            return super().getlist(key, *args, **named)

        def __contains__(self, key: object) -> bool:
            read.add(str(key))
            return super().__contains__(key)

    class NotingHeaders(EnvironHeaders):
        def get(self, key: str, *args: Any, **named: Any) -> Any:
            read.add(key)
            return super().get(key, *args, **named)

    class Noted(Request):
        parameter_storage_class = Noting

        def __init__(self, environ: Any, *args: Any, **named: Any) -> None:
            super().__init__(environ, *args, **named)
            self.headers = NotingHeaders(environ)

    app = create_app(Settings(), current)
    app.request_class = Noted
    client = app.test_client()
    # Every operation is negotiated, confirmed, and seen by proxies; what else it reads must be said.
    common = {"Accept", "Accept-Encoding", "Accept-Language", "If-None-Match", "Host", "Content-Type", "Content-Length"}
    seen: set[str] = set()
    for path, method, operation in operations(told):
        found = address(told, path, operation)
        if method != "get" or path in _OPERATIONS or found is None:
            continue
        described = {p["name"] for p in parameters(told, operation)}
        for accept in ("*/*", "text/html", "application/json"):
            read.clear()
            asked, _, query = found[0].partition("?")
            client.get(unquote(asked), query_string=query, headers={"Accept": accept, **found[1]}).close()
            assert read - common <= described, path
            seen |= read
    assert {"lang", "page", "_profile", "Accept-Datetime"} <= seen


# -- what is answered --------------------------------------------------------------------------------------------------


def test_every_example_reaches_something(told: Told, served: Server) -> None:
    for path, method, operation in operations(told):
        if method != "get":
            continue
        found = address(told, path, operation)
        if path == IN_PARTS:
            continue
        assert found is not None, f"{path} has no example"
        reply = request(served.url + found[0], headers=found[1])
        assert reply.status < 400, (path, found, reply.text[:300])


def test_answers_are_as_described(told: Told, served: Server) -> None:
    schema = schemathesis.openapi.from_dict(told)
    schema.config.update(base_url=served.url)
    faults: list[str] = []
    statuses: Counter[int] = Counter()
    number = trials(5, 60)
    every: Any = schema.get_all_operations()
    for result in every:
        strategy = result.ok().as_strategy()

        @seed(20_261_123)
        @settings(
            max_examples=number,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=[*HealthCheck],
        )
        @given(case=strategy)
        def run(case: Any) -> None:
            response = case.call()
            statuses[response.status_code] += 1
            try:
                case.validate_response(response, checks=CHECKS)
            except BaseExceptionGroup as failures:
                faults.append(f"{case.as_curl_command()}\n{failures.exceptions}")

        run()
    assert not faults, "\n".join(faults[:10])
    # It was no trial of errors only.
    assert {200, 303, 304, 400, 404} <= {*statuses}
    assert "Traceback" not in served.log.read_text()


# -- where it is found -------------------------------------------------------------------------------------------------


def test_a_reader_has_it_all_on_one_page(told: Told, served: Server) -> None:
    page = served.get("/openapi", accept="text/html").text
    for path, method, operation in operations(told):
        assert f"<code>{method.upper()} {path}</code>" in page
        assert operation["summary"].replace("'", "&#39;") in page
    assert "<script" not in page.partition("<main")[2]


def test_the_catalogue_of_interfaces_leads_to_everything(told: Told, served: Server) -> None:
    """RFC 9727: the catalogue is a link set; section 3.1 asks for the relation in the header, for HEAD too."""
    home = served.get("/", accept="text/html")
    for relation, target in (
        ("api-catalog", "/.well-known/api-catalog"),
        ("service-desc", "/openapi.json"),
        ("service-doc", "/openapi"),
    ):
        for reply in (home, served.get("/sparql", accept="text/turtle")):
            assert any(link.startswith(f'<{target}>; rel="{relation}"') for link in reply.links)
    reply = served.get("/.well-known/api-catalog")
    assert reply.headers["content-type"].startswith('application/linkset+json; profile="')
    head = request(f"{served.url}/.well-known/api-catalog", method="HEAD")
    assert any('rel="api-catalog"' in link for link in head.links)
    sets = {entry["anchor"]: entry for entry in json.loads(reply.body)["linkset"]}
    items = {link["href"] for link in sets[f"{served.url}/.well-known/api-catalog"]["item"]}
    assert items == {*sets} - {f"{served.url}/.well-known/api-catalog"}
    assert f"{served.url}/sparql" in items
    for anchor in items:
        assert request(anchor).status < 400
        assert {"service-desc", "service-doc", "service-meta", "status"} <= {*sets[anchor]}
        for relation, links in sets[anchor].items():
            for link in links if relation != "anchor" else ():
                target, _, fragment = link["href"].partition("#")
                found = request(target, accept=link["type"])
                assert found.status == 200
                assert found.headers["content-type"].startswith(link["type"])
                assert not fragment or f'id="{fragment}"' in found.text


def test_servers_are_those_that_answer(told: Told, served: Server) -> None:
    here, former = told["servers"]
    assert here["url"] == served.url
    release = former["variables"]["release"]["default"]
    base = former["url"].replace("{release}", release)
    assert request(f"{base}/catalog", accept="text/turtle").status == 200
    assert told["paths"]["/health/ready"]["servers"] == [here]
    assert request(f"{base}/health/ready").status == 404


def test_other_projects_are_described_as_truly(crowded: Any) -> None:
    told = json.loads(crowded.server.get("/openapi.json").body)
    validate(told)
    assert told["info"]["title"] != "Pledge Graph"
    for path, method, operation in operations(told):
        if method == "get" and path not in (IN_PARTS, NEEDS_CONTACT):
            found = address(told, path, operation)
            assert found is not None, path
            assert request(crowded.server.url + found[0], headers=found[1]).status < 400, path


def test_what_is_placed_has_one_place_each(current: CurrentSite) -> None:
    found = Counter((one.path, one.method) for one in placed(create_app(Settings(), current)))
    assert max(found.values()) == 1
