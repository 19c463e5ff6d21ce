"""Write a made-up graph of pledges of a wanted size, faulty on purpose if asked.

    python -m bench.generate 100000 --violations 0.02 > faulty.nt

The same size, share of faults and seed always give the same bytes, within one per cent of the size. Actors hold
pledges, pledges are made at events and told by evidence that points to articles. A few actors, events and publishers
have most of them (Zipf's law), and a pledge may replace its actor's last one in the same area, which gives chains.
"""

from __future__ import annotations

import argparse
import bisect
import datetime
import itertools
import random
import sys
from collections.abc import Callable, Iterator
from functools import partial

import pyoxigraph as ox

BASE = "https://example.org/kg/"
_NAMESPACES = {
    "o": f"{BASE}ontology#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "dct": "http://purl.org/dc/terms/",
}
_PER_PLEDGE = 27.15  # triples, measured over sizes from 10,000 to a million
_STANCES = ["pledged"] * 5 + ["considering"] * 3 + ["conditional"] * 2 + ["refused"] * 2
_AREAS = (
    ["ground-troops"] * 4 + ["funding"] * 4 + ["training"] * 3 + ["air"] * 2 + ["maritime"] * 2 + ["monitoring"]
)  # fmt: skip
_STATUSES = ["active"] * 6 + ["fulfilled"] * 2 + ["withdrawn", "expired"]
_UNITS = {
    "ground-troops": "soldiers",
    "funding": "eur-million",
    "training": "trainees",
    "air": "aircraft",
    "maritime": "vessels",
    "monitoring": "observers",
}
_EVENTS = ["Summit", "Summit", "MinisterialMeeting", "Statement", "Statement", "TelephoneCall"]
_ROLES = ["head of state", "head of government", "minister of defence", "foreign minister", "spokesperson"]
_LABELS = {
    "pledge": ("Zusage {n} zu {x}", "Pledge {n} on {x}", "Engagement {n} sur {x}"),
    "state": ("Staat {n}", "State {n}", "État {n}"),
    "person": ("Person {n}", "Person {n}", "Personne {n}"),
    "organisation": ("Organisation {n}", "Organisation {n}", "Organisation nº {n}"),
    "event": ("Gipfeltreffen {n} in {x}", "Summit {n} in {x}", "Sommet {n} à {x}"),
    "place": ("Ort {n}", "Place {n}", "Lieu {n}"),
}
_LANGUAGES = ("de", "en", "fr")
_WORDS = """
ceasefire reassurance force mandate parliament deployment observer brigade budget corridor frigate patrol instructor
battalion guarantee treaty summit coalition logistics airspace mission partner ally border security framework support
commitment contribution minister
"""
_FIRST_DAY = datetime.date(2022, 2, 24)
_DAYS = 1500

Pairs = list[tuple[str, str]]


def quads(size: int, seed: int = 7, violations: float = 0.0) -> list[ox.Quad]:
    """The graph as quads of the default graph."""
    return list(ox.parse("".join(lines(size, seed, violations)), ox.RdfFormat.N_TRIPLES))


def lines(size: int, seed: int = 7, violations: float = 0.0) -> Iterator[str]:
    """The graph as lines of N-Triples; ``violations`` is the share of pledges, articles and evidence to be broken."""
    for subject, pairs in _Maker(size, seed, violations).things():
        yield from (f"{subject} {predicate} {value} .\n" for predicate, value in pairs)


def _name(curie: str) -> str:
    prefix, _, local = curie.partition(":")
    return f"<{_NAMESPACES[prefix]}{local}>"


def _thing(path: str) -> str:
    return f"<{BASE}{path}>"


def _text(text: str, language: str = "") -> str:
    return f'"{text}"@{language}' if language else f'"{text}"'


def _typed(value: object, datatype: str) -> str:
    return f'"{value}"^^{_name(f"xsd:{datatype}")}'


def _day(offset: int) -> str:
    return _typed((_FIRST_DAY + datetime.timedelta(days=offset)).isoformat(), "date")


def _labels(kind: str, n: int, x: str = "") -> Pairs:
    texts = zip(_LABELS[kind], _LANGUAGES, strict=True)
    return [(_name("rdfs:label"), _text(text.format(n=n, x=x), language)) for text, language in texts]


def _type(name: str) -> tuple[str, str]:
    return _name("rdf:type"), _name(f"o:{name}")


class _Maker:
    """Draws everything from one source of chance, in one order: that makes the graph repeatable."""

    def __init__(self, size: int, seed: int, violations: float) -> None:
        self.chance = random.Random(seed)
        self.violations = violations
        self.words = _WORDS.split()
        self.pledges = max(120, round(size / _PER_PLEDGE))
        self.states = min(200, max(12, self.pledges // 400))
        self.persons = max(20, self.pledges // 40)
        self.organisations = max(6, self.pledges // 400)
        self.events = max(20, self.pledges // 20)
        self.places = max(10, self.pledges // 300)
        self.articles = max(40, self.pledges // 2)
        counts = (("state", self.states), ("org", self.organisations), ("person", self.persons))
        self.actors = [f"actor/{kind}-{i}" for kind, count in counts for i in range(count)]
        self.any_actor = self.ranked(len(self.actors), 0.9)
        self.any_event = self.ranked(self.events, 0.6)
        self.any_article = self.ranked(self.articles, 0.5)
        self.event_day: dict[int, int] = {}
        self.last: dict[tuple[str, str], int] = {}
        self.evidence = itertools.count()

    def ranked(self, count: int, exponent: float) -> Callable[[], int]:
        """Draws ranks from 0, each with the weight 1 / (rank + 1) ** exponent."""
        weights = list(itertools.accumulate(1 / (rank + 1) ** exponent for rank in range(count)))
        return lambda: bisect.bisect_left(weights, self.chance.random() * weights[-1])

    def sentence(self, words: int) -> str:
        return " ".join(self.chance.choice(self.words) for _ in range(words))

    def faulty(self) -> bool:
        return self.violations > 0 and self.chance.random() < self.violations

    def things(self) -> Iterator[tuple[str, Pairs]]:
        for kind, names in (("Stance", _STANCES), ("Area", _AREAS), ("Status", _STATUSES)):
            for name in dict.fromkeys(names):
                yield _name(f"o:{name}"), [_type(kind), (_name("rdfs:label"), _text(name, "en"))]
        yield from ((_thing(f"place/{i}"), self.place(i)) for i in range(self.places))
        yield from ((_thing(f"actor/state-{i}"), self.state(i)) for i in range(self.states))
        yield from ((_thing(f"actor/org-{i}"), self.organisation(i)) for i in range(self.organisations))
        any_state = self.ranked(self.states, 0.7)
        yield from ((_thing(f"actor/person-{i}"), self.person(i, any_state())) for i in range(self.persons))
        yield from ((_thing(f"event/{i}"), self.event(i)) for i in range(self.events))
        any_publisher = self.ranked(60, 1.0)
        yield from ((_thing(f"source/{i}"), self.article(i, any_publisher)) for i in range(self.articles))
        for i in range(self.pledges):
            yield from self.pledge(i)

    def place(self, i: int) -> Pairs:
        pairs = [_type("Place"), *_labels("place", i)]
        if i >= 5:  # five roots; the rest forms a tree a few levels deep
            pairs.append((_name("o:locatedIn"), _thing(f"place/{self.chance.randrange(max(5, i // 4))}")))
        return pairs

    def state(self, i: int) -> Pairs:
        code = "".join(chr(65 + (i // 26**place) % 26) for place in (2, 1, 0))
        pairs = [_type("State"), *_labels("state", i), (_name("o:isoCode"), _text(code))]
        pairs.append((_name("o:capital"), _thing(f"place/{self.chance.randrange(self.places)}")))
        others = sorted(self.chance.sample(range(self.states), 3))
        return pairs + [(_name("o:alliedWith"), _thing(f"actor/state-{j}")) for j in others if j != i]

    def organisation(self, i: int) -> Pairs:
        pairs = [_type("Alliance" if i % 4 == 0 else "Organisation"), *_labels("organisation", i)]
        pairs.append((_name("o:seat"), _thing(f"place/{self.chance.randrange(self.places)}")))
        members = sorted(self.chance.sample(range(self.states), min(8, self.states)))
        return pairs + [(_name("o:hasMember"), _thing(f"actor/state-{j}")) for j in members]

    def person(self, i: int, state: int) -> Pairs:
        role = _text(self.chance.choice(_ROLES), "en")
        year, month, day = (self.chance.randrange(*limits) for limits in ((1940, 1990), (1, 13), (1, 29)))
        return [
            _type("Person"),
            *_labels("person", i),
            (_name("o:represents"), _thing(f"actor/state-{state}")),
            (_name("o:role"), role),
            (_name("o:birthDate"), _typed(f"{year}-{month:02}-{day:02}", "date")),
        ]

    def event(self, i: int) -> Pairs:
        day = self.event_day[i] = self.chance.randrange(_DAYS)
        place = self.chance.randrange(self.places)
        pairs = [
            _type(self.chance.choice(_EVENTS)),
            *_labels("event", i, f"place {place}"),
            (_name("o:startDate"), _day(day)),
            (_name("o:endDate"), _day(day + self.chance.randrange(3))),
            (_name("o:place"), _thing(f"place/{place}")),
        ]
        present = {self.any_actor() for _ in range(self.chance.randrange(3, 25))}
        return pairs + [(_name("o:hasParticipant"), _thing(self.actors[actor])) for actor in sorted(present)]

    def article(self, i: int, any_publisher: Callable[[], int]) -> Pairs:
        language = self.chance.choice(["de", "en", "en", "fr", "uk", "pl"])
        said = "english" if self.faulty() else language
        return [
            _type("Article"),
            (_name("dct:title"), _text(f"{self.sentence(6)} {i}", language)),
            (_name("dct:publisher"), _text(f"Publisher {any_publisher()}", "en")),
            (_name("dct:language"), _text(said)),
            (_name("dct:issued"), _day(self.chance.randrange(_DAYS))),
            (_name("o:url"), _typed(f"https://example.org/press/{2022 + i % 4}/{i}", "anyURI")),
        ]

    def pledge(self, i: int) -> Iterator[tuple[str, Pairs]]:
        chance = self.chance
        actor, event = self.actors[self.any_actor()], self.any_event()
        day = self.event_day[event] + chance.randrange(3)
        area, stance = chance.choice(_AREAS), chance.choice(_STANCES)
        values = {
            "rdf:type": [_name("o:Pledge")],
            "rdfs:label": [value for _, value in _labels("pledge", i, area)],
            "o:madeBy": [_thing(actor)],
            "o:madeAt": [_thing(f"event/{event}")],
            "o:madeOn": [_day(day)],
            "o:stance": [_name(f"o:{stance}")],
            "o:area": [_name(f"o:{area}")],
            "o:status": [_name(f"o:{chance.choice(_STATUSES)}")],
        }
        if chance.random() < 0.15:
            values["o:area"].append(_name(f"o:{chance.choice([other for other in _UNITS if other != area])}"))
        if stance != "refused" and chance.random() < 0.7:
            values["o:quantity"] = [_typed(int(chance.paretovariate(0.9) * 10) % 100000 + 1, "integer")]
            values["o:unit"] = [_name(f"o:{_UNITS[area]}")]
        if stance == "conditional":
            values["o:condition"] = [_text(f"only after {self.sentence(5)}", "en")]
        if (actor, area) in self.last and chance.random() < 0.35:
            values["o:supersedes"] = [_thing(f"pledge/{self.last[actor, area]}")]
        self.last[actor, area] = i
        comment = _text(f"{self.sentence(14)}.", "en")
        if self.faulty():
            values.update(chance.choice(_FAULTS)(values, i))
        pairs = [(_name(predicate), value) for predicate, several in values.items() for value in several]
        yield _thing(f"pledge/{i}"), [*pairs, (_name("rdfs:comment"), comment)]
        for _ in range(1 + (chance.random() < 0.35) + (chance.random() < 0.1)):
            yield _thing(f"evidence/{next(self.evidence)}"), self.evidence_for(i)

    def evidence_for(self, pledge: int) -> Pairs:
        source, confidence = f"source/{self.any_article()}", self.chance.randrange(30, 100)
        if self.faulty():
            if self.chance.random() < 0.5:
                source = f"place/{self.chance.randrange(self.places)}"
            else:
                confidence += 100
        return [
            _type("Evidence"),
            (_name("o:supports"), _thing(f"pledge/{pledge}")),
            (_name("o:source"), _thing(source)),
            (_name("o:quote"), _text(self.sentence(12), self.chance.choice(_LANGUAGES))),
            (_name("o:confidence"), _typed(f"{confidence / 100:.2f}", "decimal")),
            (_name("o:retrievedOn"), _day(_DAYS + self.chance.randrange(30))),
            (_name("o:startChar"), _typed(self.chance.randrange(5000), "integer")),
        ]


Values = dict[str, list[str]]


def _set(changes: Values, _values: Values, _number: int) -> Values:
    return changes


def _date_as_text(values: Values, _number: int) -> Values:
    return {"o:madeOn": [values["o:madeOn"][0].partition("^^")[0]]}


def _itself(_values: Values, number: int) -> Values:
    return {"o:supersedes": [_thing(f"pledge/{number}")]}


def _and_also(predicate: str, value: str, values: Values, _number: int) -> Values:
    return {predicate: [*values[predicate], value]}


# What is broken in a pledge: values of it that are put in place of the right ones.
_FAULTS: list[Callable[[Values, int], Values]] = [
    partial(_set, {"o:madeBy": []}),
    partial(_set, {"o:stance": [_name("o:undecided")]}),
    partial(_and_also, "o:madeOn", _day(_DAYS + 400)),
    partial(_set, {"o:quantity": [_typed(-5, "integer")], "o:unit": [_name("o:soldiers")]}),
    _date_as_text,
    partial(_set, {"o:madeOn": [_typed("2001-01-01", "date")]}),
    partial(_and_also, "rdfs:label", _text("Second English label", "en")),
    partial(_set, {"o:madeBy": [_thing("place/0")]}),
    partial(_set, {"o:stance": [_name("o:conditional")], "o:condition": []}),
    _itself,
]


def main() -> None:
    """Write the graph to standard output."""
    parser = argparse.ArgumentParser(description="Write a made-up graph of pledges as N-Triples.")
    parser.add_argument("size", type=int, help="how many triples, about")
    parser.add_argument("--violations", type=float, default=0.0, help="share of things broken on purpose")
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    sys.stdout.writelines(lines(asked.size, asked.seed, asked.violations))


if __name__ == "__main__":
    main()
