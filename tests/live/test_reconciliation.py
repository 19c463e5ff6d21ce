"""The reconciliation service on a real server: both versions of the API, odd and hostile clients, real clients."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

import kg
from tests.conftest import Reply, Server, request, trials

BASE = "https://w3id.org/pledge-graph/"
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
SCHEMAS = {
    version: json.loads((Path(__file__).parents[1] / f"schemas/reconciliation-{version}.json").read_text())
    for version in ("0.2", "1.0")
}


def is_a(reply: Reply, message: str, version: str = "0.2") -> Any:
    """The JSON of a good reply, which must be such a message of the specification, readable by every site."""
    assert reply.status == 200, reply.text
    assert reply.headers["content-type"] == JSON
    assert reply.headers["access-control-allow-origin"] == "*"
    return fits(json.loads(reply.body), message, version)


def fits(value: Any, message: str, version: str = "0.2") -> Any:
    schema = {**SCHEMAS[version], "$ref": f"#/$defs/{message}"}
    Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(value)
    return value


def is_problem(reply: Reply, *statuses: int) -> str:
    """What a refusal says: it is a problem in JSON (RFC 9457) that every site may read."""
    assert reply.status in statuses, reply.text[:500]
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.headers["access-control-allow-origin"] == "*"
    told: str = json.loads(reply.body)["detail"]
    return told


def post(server: Server, fields: dict[str, str], path: str = "/reconcile", **headers: str) -> Reply:
    headers = {"Content-Type": FORM, **headers}
    return request(server.url + path, "POST", data=urlencode(fields).encode(), headers=headers)


def post_json(server: Server, path: str, value: Any, **headers: str) -> Reply:
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return request(server.url + path, "POST", data=body, headers={"Content-Type": JSON, **headers})


def match(server: Server, queries: Any, **headers: str) -> Any:
    text = queries if isinstance(queries, str) else json.dumps(queries)
    return is_a(post(server, {"queries": text}, **headers), "results")


def match_list(server: Server, *queries: Any, **headers: str) -> Any:
    body = fits({"queries": [*queries]}, "queries", "1.0")
    return is_a(post_json(server, "/reconcile/1.0/match", body, **headers), "results", "1.0")["results"]


def named(text: str, **more: Any) -> dict[str, Any]:
    """A query of 1.0 for a name."""
    return {"conditions": [{"matchType": "name", "propertyValue": text}], **more}


# -- the manifest ------------------------------------------------------------------------------------------------------


def test_the_manifest_says_what_there_is_and_where(served: Server) -> None:
    told = is_a(served.get("/reconcile"), "manifest")
    assert "0.2" in told["versions"]
    assert told["identifierSpace"] == BASE
    assert served.get("/reconcile/").body == served.get("/reconcile").body
    assert "state" in {kind["name"] for kind in told["defaultTypes"]}
    identifier = quote("id/state/ITA", safe="")
    for url in (told["view"]["url"], told["preview"]["url"]):
        assert request(url.replace("{{id}}", identifier)).status in (200, 303)
    for what, example in (("entity", identifier), ("type", "plg:State"), ("property", "plg:holder")):
        suggest = told["suggest"][what]
        found = request(f"{suggest['service_url']}{suggest['service_path']}?prefix=sta")
        is_a(found, {"entity": "suggestedEntities", "type": "suggestedTypes", "property": "suggestedProperties"}[what])
        flyout = suggest["flyout_service_url"] + suggest["flyout_service_path"].replace("${id}", example)
        assert is_a(request(flyout), "flyout")["html"]
    propose = told["extend"]["propose_properties"]
    is_a(request(f"{propose['service_url']}{propose['service_path']}?type=plg:State"), "proposal")


def test_the_manifest_of_the_draft(served: Server) -> None:
    told = is_a(served.get("/reconcile/1.0"), "manifest", "1.0")
    assert told["versions"] == ["1.0-draft"]
    assert told["standardizedScore"] is True
    assert served.get("/reconcile/1.0/").status == 200
    url = told["view"]["url"].replace("{id}", quote("id/state/ITA", safe=""))
    assert request(url).headers["location"] == "/id/state/ITA"


def test_the_identifier_space_and_an_identifier_make_the_persistent_iri(served: Server) -> None:
    space = is_a(served.get("/reconcile"), "manifest")["identifierSpace"]
    [found] = match(served, {"q": {"query": "Italy", "type": "plg:State", "limit": 1}})["q"]["result"]
    assert space + found["id"] == f"{BASE}id/state/ITA"


# -- matching ----------------------------------------------------------------------------------------------------------


def test_a_batch_gets_a_result_for_each_key(served: Server) -> None:
    queries = {
        "q0": {"query": "Italien", "type": "plg:State", "limit": 3, "type_strict": "should"},
        "q1": {"query": "Emmanuel Macron", "type": ["foaf:Person"]},
        "": {"query": "qxzqxzqxz"},
    }
    fits(queries, "queries")
    told = match(served, queries)
    assert [*told] == [*queries]
    assert told["q0"]["result"][0]["id"] == "id/state/ITA"
    assert told["q0"]["result"][0]["match"] is True
    assert told["q1"]["result"][0]["id"] == "id/person/emmanuel-macron"
    assert {"id": "foaf:Person", "name": "person"} in told["q1"]["result"][0]["type"]
    assert told[""]["result"] == []
    by_get = served.get(f"/reconcile?{urlencode({'queries': json.dumps(queries)})}")
    assert is_a(by_get, "results") == told


def test_candidates_come_best_first_and_no_more_than_wanted(served: Server) -> None:
    told = match(served, {str(n): {"query": "minister of defence", "limit": n} for n in (1, 2, 5, 500)})
    for number, found in told.items():
        scores = [candidate["score"] for candidate in found["result"]]
        assert scores == sorted(scores, reverse=True)
        assert all(0 <= score <= 100 for score in scores)
        assert len(scores) <= min(int(number), 100)


@pytest.mark.parametrize("text", ["id/state/ITA", f"{BASE}id/state/ITA", " id/state/ITA "])
def test_an_identifier_finds_its_thing_alone(served: Server, text: str) -> None:
    [found] = match(served, {"q": {"query": text}})["q"]["result"]
    assert (found["id"], found["score"], found["match"]) == ("id/state/ITA", 100, True)


@pytest.mark.parametrize(
    "odd",
    [
        [],
        "Italy",
        7,
        None,
        {},
        {"query": ""},
        {"query": ["Italy"]},
        {"query": {"text": "Italy"}},
        {"query": None},
        {"query": "Italy", "limit": 0},
        {"query": "Italy", "limit": -1},
        {"query": "Italy", "limit": "many"},
        {"query": "Italy", "limit": 1.5},
        {"query": "Italy", "limit": True},
        {"query": "Italy", "type": "Q6256"},
        {"query": "Italy", "type": "plg:NoSuchClass"},
        {"query": "Italy", "type": {"name": "state"}},
        {"query": "Italy", "type": [["plg:State"]]},
        {"query": "Italy", "type_strict": "never"},
        {"query": "Italy", "type_strict": []},
        {"query": "Italy", "properties": {"pid": "plg:isoAlpha2", "v": "IT"}},
        {"query": "Italy", "properties": [{"pid": "plg:isoAlpha2"}]},
        {"query": "Italy", "properties": [{"pid": ["x"], "v": "IT"}]},
        {"query": "Italy", "properties": [{"pid": "plg:isoAlpha2", "v": {"name": "IT"}}]},
        {"query": "Italy", "properties": [{"pid": "plg:isoAlpha2", "v": [["IT"]]}]},
        {"query": "Italy", "properties": [{"pid": "plg:isoAlpha2", "v": "IT"}] * 21},
    ],
    ids=str,
)
def test_an_odd_query_has_an_empty_list_and_a_reason_and_sinks_no_other(served: Server, odd: Any) -> None:
    told = match(served, {"odd": odd, "good": {"query": "Italy", "type": "plg:State"}})
    assert told["odd"]["result"] == []
    assert told["odd"]["message"]
    assert told["good"]["result"][0]["id"] == "id/state/ITA"
    assert "message" not in told["good"]


@pytest.mark.parametrize(
    "query",
    [
        {"query": "Italy", "limit": "3"},
        {"query": "Italy", "limit": 3.0},
        {"query": "Italy", "type": {"id": "plg:State"}},
        {"query": "Italy", "type": f"{BASE}ns#State"},
        {"query": "Italy", "type": ["plg:State", "foaf:Agent"], "type_strict": "all"},
        {"query": "Italy", "type": []},
        {"query": "\u0000Italy\u0007\r\n"},
        {"query": "Italy \ud800"},
        {"query": "Italy", "unknown": 1},
        {"query": "Italy", "properties": [{"pid": "plg:isoAlpha2", "v": "IT"}]},
        {"query": "Italy", "properties": [{"pid": "plg:isoAlpha2", "v": ["IT", 380, True, {"id": "id/state/ITA"}]}]},
        {"query": "Italy", "properties": [{"pid": "P17", "v": "IT"}]},
    ],
    ids=str,
)
def test_what_is_plainly_meant_is_taken(served: Server, query: Any) -> None:
    told = match(served, {"q": query})["q"]["result"]
    assert "id/state/ITA" in [candidate["id"] for candidate in told[:2]]


def test_a_key_may_be_anything(served: Server) -> None:
    keys = ["", "\u0000", "\ud83d", "q" * 1_000, "ключ", "__proto__"]
    told = json.loads(post(served, {"queries": json.dumps({key: {"query": "Italy"} for key in keys})}).body)
    assert [*told] == keys


BROKEN = {
    "not JSON": "Italy",
    "nothing": "",
    "cut": '{"q0": {"query": "Ita',
    "a list": "[]",
    "a number": "1",
    "null": "null",
    "NaN": '{"q0": {"query": "Italy", "limit": NaN}}',
    "infinite": '{"q0": {"query": "Italy", "limit": -Infinity}}',
    "too large": '{"q0": {"query": "Italy", "limit": 1e999}}',
    "many digits": '{"q0": {"query": "Italy", "limit": ' + "1" * 5_000 + "}}",
    "a key twice": '{"q0": {"query": "Italy"}, "q0": {"query": "France"}}',
    "a key twice inside": '{"q0": {"query": "Italy", "query": "France"}}',
    "deep": '{"q0": ' + "[" * 100_000 + "]" * 100_000 + "}",
    "deep objects": '{"q0":' * 50_000 + "1" + "}" * 50_000,
    "a bare control character": '{"q0": {"query": "Ita\u0001ly"}}',
    "two": '{"q0": {"query": "Italy"}} {}',
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN.keys())
def test_what_is_no_batch_is_refused_with_a_reason(served: Server, text: str) -> None:
    assert is_problem(post(served, {"queries": text}), 400)
    assert is_problem(post_json(served, "/reconcile/1.0/match", text.encode()), 400)
    assert is_problem(post(served, {"extend": text}), 400)


def test_the_form_of_a_request_matters(served: Server) -> None:
    good = json.dumps({"q0": {"query": "Italy"}})
    assert is_problem(post(served, {}), 400)
    assert is_problem(post(served, {"query": "Italy"}), 400)
    assert is_problem(post(served, {"queries": good, "extend": "{}"}), 400)
    assert is_problem(served.get(f"/reconcile?{urlencode([('queries', good)] * 2)}"), 400)
    assert is_problem(post_json(served, "/reconcile", {"queries": {}}), 415)
    assert is_problem(post(served, {"queries": good}, "/reconcile/1.0/match"), 415)
    assert is_problem(post_json(served, "/reconcile/1.0/match", b'{"queries": [\xff]}'), 400)
    assert is_problem(request(f"{served.url}/reconcile", "PUT", data=b""), 405)
    assert match(served, {}) == {}


def test_too_much_is_refused_with_the_limit(served: Server) -> None:
    limit = is_a(served.get("/reconcile"), "manifest")["batchSize"]
    many = json.dumps({f"q{n}": {"query": "Italy"} for n in range(10_000)})
    assert f"{limit:,}" in is_problem(post(served, {"queries": many}), 413)
    listed = {"queries": [named("Italy")] * (limit + 1)}
    assert f"{limit:,}" in is_problem(post_json(served, "/reconcile/1.0/match", listed), 413)
    assert is_problem(post(served, {"queries": json.dumps({"q": {"query": "x" * 1_000_000}})}), 413)
    assert is_problem(post(served, {"queries": json.dumps({"q": {"query": "Ж" * 300_000}})}), 413)
    things = {"ids": [f"id/{n}" for n in range(limit + 1)], "properties": []}
    assert is_problem(post(served, {"extend": json.dumps(things)}), 413)
    properties = {"ids": [], "properties": [{"id": "rdfs:label"}] * 51}
    assert is_problem(post(served, {"extend": json.dumps(properties)}), 413)
    assert served.get(f"/reconcile/suggest/entity?prefix={'x' * 20_000}").status in (413, 414, 400, 431)
    assert match(served, {"q": {"query": "Italy"}})["q"]["result"]


ODD_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["query", "type", "limit", "properties", "pid", "v", "id", "type_strict"])
            | st.text(max_size=5),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=trials(60, 1_000), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batch=st.dictionaries(st.text(max_size=5), ODD_JSON, max_size=4))
def test_whatever_is_asked_each_key_gets_a_list(served: Server, batch: dict[str, Any]) -> None:
    reply = post(served, {"queries": json.dumps(batch)})
    assert [*is_a(reply, "results")] == [*batch]


@settings(max_examples=trials(40, 600), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=ODD_JSON
    | st.fixed_dictionaries({"queries": st.lists(ODD_JSON, max_size=3)})
    | st.fixed_dictionaries({"ids": ODD_JSON, "properties": ODD_JSON})
    | st.fixed_dictionaries(
        {
            "ids": st.lists(st.text(), max_size=3),
            "properties": st.lists(st.fixed_dictionaries({"id": st.text(), "settings": ODD_JSON}), max_size=3),
        }
    )
)
def test_whatever_is_sent_is_answered_or_refused(served: Server, body: Any) -> None:
    assert post_json(served, "/reconcile/1.0/match", body).status in (200, 400, 413)
    assert post_json(served, "/reconcile/1.0/extend", body).status in (200, 400, 413)
    assert post(served, {"extend": json.dumps(body)}).status in (200, 400, 413)


def test_a_batch_that_takes_too_long_is_given_up(
    real: Path, released: kg.Release, serve: Callable[..., Server]
) -> None:
    server = serve(real, "--reconcile-seconds", "0.1", "--threads", "4")
    queries = {f"q{n}": {"query": f"Minister number {n} of defence and of the republic"} for n in range(1_000)}
    reply = post(server, {"queries": json.dumps(queries)})
    assert "0.1 seconds" in is_problem(reply, 503)
    assert int(reply.headers["retry-after"]) > 0
    assert match(server, {"q": {"query": "Italy"}})["q"]["result"]


def test_others_are_answered_while_batches_are_worked_on(
    real: Path, released: kg.Release, serve: Callable[..., Server]
) -> None:
    served = serve(real, "--reconcile-seconds", "300")
    queries = json.dumps({f"q{n}": {"query": f"Ministry {n} of foreign affairs"} for n in range(150)})
    with ThreadPoolExecutor(24) as pool:
        batches = [pool.submit(post, served, {"queries": queries}) for _ in range(24)]
        pages = [served.get("/").status for _ in range(5)]
        statuses = {batch.result().status for batch in batches}
    assert pages == [200] * 5
    assert 200 in statuses
    assert statuses <= {200, 503}


# -- the draft of 1.0 --------------------------------------------------------------------------------------------------


def test_conditions_of_the_draft(served: Server) -> None:
    def first(*conditions: dict[str, Any], **more: Any) -> list[str]:
        [result] = match_list(served, {"conditions": [*conditions], **more})
        return [candidate["id"] for candidate in result["candidates"]]

    name = {"matchType": "name", "propertyValue": "Italy"}
    assert first(name, type="plg:State")[0] == "id/state/ITA"
    assert first({**name, "propertyValue": ["Italy", "France"]}, type="plg:State")[:2] in (
        ["id/state/ITA", "id/state/FRA"],
        ["id/state/FRA", "id/state/ITA"],
    )
    both = {**name, "propertyValue": ["Italy", "Italien"], "matchQuantifier": "all"}
    assert first(both, type="plg:State")[0] == "id/state/ITA"
    assert first({"matchType": "id", "propertyValue": ["id/state/ITA", "id/state/nowhere"]}) == ["id/state/ITA"]
    code = {"matchType": "property", "propertyId": "plg:isoAlpha2", "propertyValue": "IT", "required": True}
    assert first(name, code)[0] == "id/state/ITA"
    assert "id/state/ITA" not in first(name, {**code, "propertyValue": "FR"})


def test_what_is_odd_in_the_draft_has_a_reason_too(served: Server) -> None:
    odd: list[Any] = [
        {},
        {"conditions": []},
        {"conditions": [{"matchType": "name"}]},
        {"conditions": [{"matchType": "colour", "propertyValue": "x"}]},
        {"conditions": [{"matchType": "name", "propertyValue": "x", "matchQualifier": "near"}]},
        {"conditions": [{"matchType": "name", "propertyValue": "x", "required": "yes"}]},
        {"conditions": [{"matchType": "name", "propertyValue": "x"}] * 2},
        {"conditions": [{"matchType": "property", "propertyValue": "x"}]},
    ]
    told = is_a(post_json(served, "/reconcile/match", {"queries": [*odd, named("Italy")]}), "results", "1.0")["results"]
    assert [bool(result.get("message")) for result in told] == [True] * len(odd) + [False]
    assert all(result["candidates"] == [] for result in told[:-1])


def test_replies_are_in_the_language_of_the_reader(served: Server) -> None:
    reply = post_json(
        served, "/reconcile/1.0/match", {"queries": [named("Italy")]}, **{"Accept-Language": "de-AT, en;q=0.5"}
    )
    assert reply.headers["content-language"] == "de"
    assert "Accept-Language" in reply.headers["vary"]
    [result] = is_a(reply, "results", "1.0")["results"]
    assert (result["candidates"][0]["name"], result["candidates"][0]["lang"]) == ("Italien", "de")
    assert result["candidates"][0]["type"][0]["name"] == "Staat"
    for path in ("", "/1.0", "/suggest/type?prefix=", "/preview?id=id/state/ITA", "/extend/propose?type=plg:State"):
        german, other = (served.get(f"/reconcile{path}", Accept_Language=tag) for tag in ("de", "xx"))
        assert (german.headers["content-language"], other.headers["content-language"]) == ("de", "en")
        assert german.headers["etag"] != other.headers["etag"]
        assert "Accept-Language" in german.headers["vary"]


# -- suggestions, previews ---------------------------------------------------------------------------------------------


def test_things_are_suggested_while_somebody_types(served: Server) -> None:
    def ids(query: str, root: str = "/reconcile") -> list[str]:
        reply = served.get(f"{root}/suggest/entity?{query}")
        version = "1.0" if root.endswith("1.0") else "0.2"
        return [found["id"] for found in is_a(reply, "suggestedEntities", version)["result"]]

    assert "id/person/giorgia-meloni" in ids("prefix=melon")
    assert ids("prefix=id/state/ITA")[0] == "id/state/ITA"
    assert ids(f"prefix={BASE}id/state/ITA", "/reconcile/1.0")[0] == "id/state/ITA"
    everything = ids("prefix=m&limit=30")
    assert len(everything) == 30 == len({*everything})
    assert ids("prefix=m&limit=10&cursor=10") == ids("prefix=m&limit=10&offset=10") == everything[10:20]
    assert all(found.startswith("id/person/") for found in ids("prefix=m&type=foaf:Person"))
    assert ids("prefix=m&type=no:such") == []
    assert ids("prefix=") == []


@pytest.mark.parametrize("what", ["entity", "property", "type"])
def test_what_is_wrong_with_a_wish_for_suggestions(served: Server, what: str) -> None:
    for query in ("", "limit=3", "prefix=a&limit=0", "prefix=a&limit=x", "prefix=a&cursor=-1", "prefix=a&offset=%00"):
        assert is_problem(served.get(f"/reconcile/suggest/{what}?{query}"), 400)
    assert served.get("/reconcile/suggest/colour?prefix=a").status == 404
    assert is_problem(served.get(f"/reconcile/flyout/{what}"), 400)
    assert is_problem(served.get(f"/reconcile/flyout/{what}?id=nothing"), 404)


def test_classes_and_properties_are_suggested(served: Server) -> None:
    kinds = is_a(served.get("/reconcile/suggest/type?prefix=stat"), "suggestedTypes")["result"]
    assert {"id": "plg:State", "name": "state"}.items() <= kinds[[k["id"] for k in kinds].index("plg:State")].items()
    assert is_a(served.get("/reconcile/suggest/type?prefix=Staat"), "suggestedTypes")["result"][0]["id"] == "plg:State"
    assert (
        is_a(served.get("/reconcile/suggest/type?prefix=plg:State"), "suggestedTypes")["result"][0]["id"] == "plg:State"
    )
    properties = is_a(served.get("/reconcile/suggest/property?prefix=iso"), "suggestedProperties")["result"]
    assert {"plg:isoAlpha2", "plg:isoAlpha3"} <= {found["id"] for found in properties}
    backwards = is_a(served.get("/reconcile/suggest/property?prefix=positions"), "suggestedProperties")["result"]
    assert "^plg:holder" in {found["id"] for found in backwards}
    everything = is_a(served.get("/reconcile/suggest/property?prefix=&limit=100"), "suggestedProperties")["result"]
    assert len(everything) > 50


def test_a_preview_may_be_framed_and_has_no_script(served: Server) -> None:
    reply = served.get("/reconcile/preview?id=id%2Fstate%2FITA", "text/html")
    assert reply.status == 200
    assert reply.headers["content-type"].startswith("text/html")
    assert "frame-ancestors *" in reply.headers["content-security-policy"]
    assert "script-src" not in reply.headers["content-security-policy"]
    assert "<script" not in reply.text.lower()
    assert "Italy" in reply.text
    assert "frame-ancestors 'none'" in served.get("/doc/state/ITA", "text/html").headers["content-security-policy"]
    assert is_problem(served.get("/reconcile/preview?id=id/state/nowhere"), 404)
    assert is_problem(served.get("/reconcile/preview"), 400)
    assert is_problem(served.get("/reconcile/view?id=%3Cx%3E"), 404)


# -- data extension ----------------------------------------------------------------------------------------------------

VALUES = """
@prefix : <https://data.example.org/bread/terms#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<https://data.example.org/bread/concept/sourdough>
    <https://data.example.org/bread/has> 7 , 2.5 , "1000"^^xsd:double , true , "plain" , "hello"@en , "hallo"@de , "שלום"@he ,
        "2026-01-06"^^xsd:date , "2026-01-06T12:30:00+01:00"^^xsd:dateTime , "2026"^^xsd:gYear ,
        <https://data.example.org/bread/concept/rye> , <https://elsewhere.example.org/x> ;
    skos:altLabel "<script>alert('1')</script> & more"@en .
"""


@pytest.fixture
def breads(thesaurus: Path, serve: Callable[..., Server]) -> Server:
    """The thesaurus with a value of every kind."""
    (thesaurus / "data/concepts/values.ttl").write_text(VALUES)
    kg.build(kg.open_project(thesaurus))
    return serve(thesaurus)


def extend(server: Server, ids: list[str], *properties: dict[str, Any]) -> Any:
    query = fits({"ids": ids, "properties": [*properties]}, "extensionQuery")
    told = is_a(post(server, {"extend": json.dumps(query)}), "extension")
    as_list = is_a(post_json(server, "/reconcile/1.0/extend", query), "extension", "1.0")
    assert [row["id"] for row in as_list["rows"]] == [*told["rows"]]
    by_get = served_extend = server.get(f"/reconcile?{urlencode({'extend': json.dumps(query)})}")
    assert is_a(by_get, "extension") == told, served_extend.text
    return told


def test_values_have_the_form_of_their_datatype(breads: Server) -> None:
    has = "https://data.example.org/bread/has"
    told = extend(breads, ["concept/sourdough", "concept/none"], {"id": has})
    values = told["rows"]["concept/sourdough"][has]
    for expected in (
        {"int": 7},
        {"float": 2.5},
        {"float": 1000.0},
        {"bool": True},
        {"str": "plain"},
        {"str": "hallo"},
        {"date": "2026-01-06T00:00:00Z"},
        {"date": "2026-01-06T12:30:00+01:00"},
        {"str": "2026"},
        {"str": "https://elsewhere.example.org/x"},
    ):
        assert expected in values
    assert [value["id"] for value in values if "id" in value] == ["concept/rye"]
    assert told["rows"]["concept/none"] == {has: []}
    query = {"ids": ["concept/sourdough"], "properties": [{"id": has}]}
    [row] = is_a(post_json(breads, "/reconcile/1.0/extend", query), "extension", "1.0")["rows"]
    assert {"str": "שלום", "lang": "he", "dir": "rtl"} in row["properties"][0]["values"]


def test_settings_of_a_property(breads: Server) -> None:
    def values(**settings: Any) -> list[Any]:
        has = "https://data.example.org/bread/has"
        told: list[Any] = extend(breads, ["concept/sourdough"], {"id": has, "settings": settings})["rows"][
            "concept/sourdough"
        ][has]
        return told

    everything = values()
    assert len(everything) == 13
    assert values(limit=0) == values(limit="0") == values(limit=None) == values(content="auto") == everything
    assert values(limit=2) == values(limit="2") == everything[:2]
    assert values(content="count") == [{"int": 13}]
    assert {"str": "https://data.example.org/bread/concept/rye"} in values(content="iri")
    assert any(value.get("str", "").lower().startswith("rye") for value in values(content="label"))
    german = [value["str"] for value in values(language="de") if "str" in value]
    assert "hallo" in german
    assert "hello" not in german
    wrong: list[Any] = [{"limit": -1}, {"limit": "x"}, {"content": "colour"}, {"language": 7}, ["limit"]]
    for odd in wrong:
        query = {"ids": [], "properties": [{"id": "rdfs:label", "settings": odd}]}
        assert is_problem(post(breads, {"extend": json.dumps(query)}), 400)


def test_another_project_has_the_service_without_a_word_of_code(breads: Server) -> None:
    told = is_a(breads.get("/reconcile"), "manifest")
    assert told["identifierSpace"] == "https://data.example.org/bread/"
    assert told["defaultTypes"] == [{"id": "skos:Concept", "name": "concept"}]
    found = match(breads, {"q": {"query": "Sauerteigbrot"}, "r": {"query": "<script>alert('1')</script> & more"}})
    assert found["q"]["result"][0]["id"] == "concept/sourdough"
    assert found["r"]["result"][0]["id"] == "concept/sourdough"
    proposed = is_a(breads.get("/reconcile/extend/propose?type=skos:Concept"), "proposal")
    assert {"skos:prefLabel", "https://data.example.org/bread/has"} <= {p["id"] for p in proposed["properties"]}
    for reply in (
        breads.get("/reconcile/preview?id=concept/sourdough"),
        breads.get("/reconcile/flyout/entity?id=concept/sourdough"),
    ):
        assert reply.status == 200
        assert "<script" not in reply.text
    assert (
        match(breads, {"q": {"query": "Agriculture, fisheries, forestry and food"}})["q"]["result"] == []
    )  # another's


def test_properties_of_things_both_ways(served: Server) -> None:
    told = extend(
        served,
        ["id/state/ITA", "id/state/FRA", "no such thing", "<>"],
        {"id": "plg:isoAlpha2"},
        {"id": "^plg:holder"},
        {"id": "plg:noSuchProperty"},
        {"id": "nonsense"},
    )
    italy = told["rows"]["id/state/ITA"]
    assert italy["plg:isoAlpha2"] == [{"str": "IT"}]
    assert all(value["id"].startswith("id/position/") for value in italy["^plg:holder"])
    assert italy["^plg:holder"]
    assert italy["plg:noSuchProperty"] == italy["nonsense"] == []
    assert [*told["rows"]] == ["id/state/ITA", "id/state/FRA", "no such thing", "<>"]
    assert told["rows"]["<>"] == {"plg:isoAlpha2": [], "^plg:holder": [], "plg:noSuchProperty": [], "nonsense": []}
    names = {meta["id"]: meta for meta in told["meta"]}
    assert names["^plg:holder"]["name"] == "positions"
    assert match(served, {"q": {"query": italy["^plg:holder"][0]["id"]}})["q"]["result"][0]["match"] is True


def test_properties_are_proposed_that_things_of_the_type_have(served: Server) -> None:
    told = is_a(served.get("/reconcile/extend/propose?type=plg:State&limit=5"), "proposal")
    assert (told["type"], told["limit"], len(told["properties"])) == ("plg:State", 5, 5)
    proposed = {
        p["id"]
        for p in is_a(served.get("/reconcile/1.0/extend/propose?type=plg:State"), "proposal", "1.0")["properties"]
    }
    assert {"plg:isoAlpha2", "^plg:holder"} <= proposed
    assert "plg:edtfDate" not in proposed
    [row] = extend(served, ["id/state/ITA"], *({"id": name} for name in sorted(proposed)))["rows"].values()
    assert sum(bool(values) for values in row.values()) > len(proposed) / 2
    assert is_problem(served.get("/reconcile/extend/propose?type=plg:Nonsense"), 404)
    assert is_problem(served.get("/reconcile/extend/propose?type=plg:State&limit=0"), 400)


# -- real clients ------------------------------------------------------------------------------------------------------


def test_openrefine(served: Server) -> None:
    """The requests of OpenRefine 3.8, in the order in which a person causes them."""
    origin = {"Origin": "http://127.0.0.1:3333"}
    manifest = is_a(served.get("/reconcile", **origin), "manifest")
    # The dialogue guesses the type of the column from its first cells.
    guess = {f"q{n}": {"query": text, "limit": 3} for n, text in enumerate(["Italy", "Frankreich", "Польща"])}
    for result in match(served, guess, **origin).values():
        assert "plg:State" in [kind["id"] for kind in result["result"][0]["type"]]
    # Ten cells at a time, or more if the manifest says so; the type is a preference; another column as a property.
    cells = {
        "q0": {"query": "Italien", "type": "plg:State", "type_strict": "should"},
        "q1": {
            "query": "Giorgia Meloni",
            "type": "foaf:Person",
            "type_strict": "should",
            "properties": [{"pid": "schema:affiliation", "v": {"id": "id/state/ITA", "name": "Italy"}}],
        },
    }
    judged = match(served, cells, **origin)
    assert [judged[key]["result"][0]["id"] for key in cells] == ["id/state/ITA", "id/person/giorgia-meloni"]
    assert all(judged[key]["result"][0]["match"] for key in cells)
    # Searching for a match by hand; and what hovering over a candidate shows.
    suggest = manifest["suggest"]["entity"]
    given = urlencode({"prefix": "Ital", "type": "plg:State", "type_strict": "should"})
    found = is_a(request(f"{suggest['service_url']}{suggest['service_path']}?{given}"), "suggestedEntities")
    assert "id/state/ITA" in [entity["id"] for entity in found["result"]]
    assert request(manifest["preview"]["url"].replace("{{id}}", quote("id/state/ITA", safe=""))).status == 200
    # "Add columns from reconciled values": the type goes into the address as it is.
    propose = manifest["extend"]["propose_properties"]
    for kind in ("plg:State", ""):
        proposed = is_a(request(f"{propose['service_url']}{propose['service_path']}?type={kind}"), "proposal")
        assert "plg:isoAlpha3" in {p["id"] for p in proposed["properties"]} or not kind
    query = {
        "ids": ["id/state/ITA"],
        "properties": [{"id": "plg:isoAlpha3", "name": "ISO code", "settings": {"limit": "1"}}],
    }
    told = is_a(post(served, {"extend": json.dumps(query)}, **origin), "extension")
    assert told["rows"]["id/state/ITA"]["plg:isoAlpha3"] == [{"str": "ITA"}]
    # Where reading from elsewhere fails, it tries JSONP; that is not offered, and no reply is a script.
    assert served.get("/reconcile?callback=jQuery1").headers["content-type"] == JSON


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # it uses what pandas is going to drop
@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_the_package_reconciler(served: Server) -> None:
    from reconciler.main import reconcile  # noqa: PLC0415 - it takes long to load

    column = pd.Series(["Italien", "France", "Україна"])
    table = reconcile(column, type_id="plg:State", reconciliation_endpoint=f"{served.url}/reconcile")
    found = dict(zip(table["input_value"], table["id"], strict=True))
    assert found == {"Italien": "id/state/ITA", "France": "id/state/FRA", "Україна": "id/state/UKR"}
    assert set(table["type"]) == {"state"}


# -- other sites, other times ------------------------------------------------------------------------------------------


def test_every_site_may_ask(served: Server) -> None:
    for path in (
        "/reconcile",
        "/reconcile/1.0",
        "/reconcile/1.0/match",
        "/reconcile/1.0/extend",
        "/reconcile/suggest/type",
    ):
        preflight = request(
            served.url + path,
            "OPTIONS",
            headers={"Origin": "https://x.example", "Access-Control-Request-Method": "POST"},
        )
        assert preflight.status == 204
        assert preflight.headers["access-control-allow-origin"] == "*"
        assert "content-type" in preflight.headers["access-control-allow-headers"].lower()


def test_a_former_release_has_a_service_of_its_own(served: Server, released: kg.Release) -> None:
    prefix = f"/release/{released.manifest.name}"
    told = is_a(served.get(f"{prefix}/reconcile"), "manifest")
    assert told["view"]["url"].startswith(f"{served.url}{prefix}/reconcile/view")
    found = is_a(post(served, {"queries": '{"q": {"query": "Italy"}}'}, f"{prefix}/reconcile"), "results")
    assert found["q"]["result"][0]["id"] == "id/state/ITA"
    assert served.get(f"{prefix}/reconcile/view?id=id/state/ITA").headers["location"] == f"{prefix}/id/state/ITA"


def test_a_reply_is_confirmed_to_who_has_it(served: Server) -> None:
    for path in ("/reconcile", "/reconcile/suggest/type?prefix=", "/reconcile/preview?id=id/state/ITA"):
        first = served.get(path)
        assert served.get(path, If_None_Match=first.headers["etag"]).status == 304
