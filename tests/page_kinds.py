"""One address of each kind of page of the real graph, for tests that look at all kinds."""

from __future__ import annotations

from urllib.parse import quote

_ASKED = "/sparql?query="
_BY_YEAR = quote(
    "PREFIX plg: <https://w3id.org/pledge-graph/ns#> "
    "SELECT ?from (COUNT(?p) AS ?positions) { ?p plg:validFrom ?from } GROUP BY ?from ORDER BY ?from"
)
_WHEN = quote(
    "PREFIX plg: <https://w3id.org/pledge-graph/ns#> "
    "SELECT ?position ?from { ?position plg:validFrom ?from } ORDER BY ?from LIMIT 20"
)
_BY_HOLDER = quote(
    "PREFIX plg: <https://w3id.org/pledge-graph/ns#> "
    "SELECT ?who (COUNT(?p) AS ?positions) { ?p plg:holder ?who } GROUP BY ?who ORDER BY ?who"
)

PAGES = {
    "home": "/",
    "home-on-a-day": "/?date=2025-03-01&within=ground-troops",
    "home-wrong": "/?date=never",
    "home-map": "/?view=map",
    "home-map-on-a-day": "/?view=map&column=training&date=2025-09-04&stance=affirmative",
    "home-map-wrong": "/?view=map&column=nothing",
    "scenario": "/scenario",
    "scenario-assumed": "/scenario?holds=ceasefire&fails=us-backstop",
    "scenario-wrong": "/scenario?holds=ceasefire&fails=ceasefire&holds=nonsense",
    "state": "/doc/state/ITA",
    "state-with-changes": "/doc/state/FRA",
    "organisation": "/doc/organisation/nato",
    "person": "/doc/person/giorgia-meloni",
    "position": "/doc/position/ITA-0001",
    "position-with-conditions": "/doc/position/FRA-0001",
    "event": "/doc/event/e0001",
    "source": "/doc/source/s0001",
    "circumstance": "/doc/circumstance/us-backstop",
    "area": "/doc/vocab/area/ground-troops",
    "question": "/doc/question/positions-on?date=2025-09-04",
    "question-several": "/doc/question/scenario?holds=ceasefire&holds=nonsense",
    "question-wrong": "/doc/question/positions-on?date=never",
    "ontology": "/ns",
    "query": "/sparql",
    "answer": f"{_ASKED}{_WHEN}",
    "answer-empty": f"{_ASKED}{quote('SELECT * { ?s <urn:x:none> ?o }')}",
    "answer-ask": f"{_ASKED}{quote('ASK {}')}",
    "answer-graph": f"{_ASKED}{quote('CONSTRUCT WHERE { ?s a ?o } LIMIT 5')}",
    "answer-timeline": f"{_ASKED}{_WHEN}&view=timeline",
    "answer-bars": f"{_ASKED}{_BY_YEAR}&view=bars",
    "answer-lines": f"{_ASKED}{_BY_YEAR}&view=lines",
    "answer-map": f"{_ASKED}{_BY_HOLDER}&view=map",
    "answer-wrong": f"{_ASKED}{quote('SELECT ?x { ?x ?y }')}",
    "search": "/search?q=ital",
    "search-nothing": "/search?q=zzzz",
    "changes": "/changes",
    "downloads": "/dumps/",
    "catalogue": "/catalog",
    "dataset": "/doc/dataset",
    "profiles": "/doc/state/ITA?_profile=alt",
    "same-as": "/same-as/state/ITA",
    "resolve": "/resolve",
    "prefixes": "/prefixes",
    "openapi": "/openapi",
    "missing": "/doc/state/XXX",
}
