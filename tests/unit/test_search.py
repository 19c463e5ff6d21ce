"""The label index: what meets what, which comes first, and that nothing typed can harm it."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import kg
from kg.errors import ReleaseError
from kg.release.store import open_store
from kg.search import FUNCTIONS, LabelIndex, fold, functions, write_index
from kg.search.folding import LENGTH, plain, score_of_text, wanted
from kg.terms import PREFIXES, SEARCH
from tests.conftest import trials

EX = "https://data.example.org/"
LABEL, ALT, HIDDEN, CODE = (
    PREFIXES["rdfs"] + "label",
    *(PREFIXES["skos"] + name for name in ("altLabel", "hiddenLabel", "notation")),
)
TYPE, SCHEME = PREFIXES["rdf"] + "type", PREFIXES["skos"] + "inScheme"
Make = Callable[..., LabelIndex]


def says(thing: str, prop: str, value: str, language: str | None = None) -> ox.Quad:
    return ox.Quad(ox.NamedNode(EX + thing), ox.NamedNode(prop), ox.Literal(value, language=language))


def belongs(thing: str, prop: str, to: str) -> ox.Quad:
    return ox.Quad(ox.NamedNode(EX + thing), ox.NamedNode(prop), ox.NamedNode(EX + to))


QUADS = [
    says("TUR", LABEL, "Türkiye", "en"),
    says("TUR", LABEL, "Türkei", "de"),
    says("TUR", LABEL, "Туреччина", "uk"),
    says("TUR", ALT, "Turkey", "en"),
    says("TUR", HIDDEN, "Turkiet"),
    says("TUR", CODE, "TR"),
    belongs("TUR", TYPE, "State"),
    says("coast", LABEL, "coast of Türkiye", "en"),
    belongs("coast", TYPE, "Place"),
    belongs("coast", SCHEME, "places"),
    says("president", LABEL, "Volodymyr Zelenskyy", "en"),
    says("president", LABEL, "Володимир Зеленський", "uk"),
    says("flight", LABEL, "Zelenskyy flies", "en"),
    says("sea", LABEL, "O'Higgins-Straße", "de"),
    says("city", ALT, "東京"),
    says("State", LABEL, "state", "en"),
    says("State", LABEL, "Staat", "de-AT"),
]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Makes an index of quads."""
    numbers = iter(range(1000))

    def made(quads: list[ox.Quad]) -> LabelIndex:
        file = tmp_path / f"labels-{next(numbers)}.sqlite"
        write_index(file, quads, [LABEL])
        return LabelIndex.open(file)

    return made


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> LabelIndex:
    file = tmp_path_factory.mktemp("index") / "labels.sqlite"
    assert write_index(file, QUADS, [LABEL]) == 14
    return LabelIndex.open(file)


def found(index: LabelIndex, text: str) -> list[str]:
    return [hit.iri.removeprefix(EX) for hit in index.find(text)]


@pytest.mark.parametrize(
    "spellings",
    [
        ("Zelenskyy", "Zelensky", "Zelenskiy", "Zelenskij", "ZELENSKYJ", "Зеленський", "Зеленский"),
        ("Müller", "Mueller", "Muller", "MÜLLER", "Муллер"),
        ("Straße", "STRASSE", "strase"),
        ("Türkiye", "Turkiye", "Tuerkiye"),
        ("Meloni", "Мелоні", "Μελονι"),
        ("O’Higgins", "O'Higgins", "OHiggins"),
        ("Львів", "Lviv"),
        ("東京", "dongjing"),
        ("Łódź", "lodz"),
        ("ﬁn", "fin"),
    ],
)
def test_spellings_meet(spellings: tuple[str, ...]) -> None:
    assert len({fold(text) for text in spellings}) == 1


def test_digits_are_not_letters() -> None:
    assert fold("No. 2000-11") == "no 2000 11"


def test_a_letter_that_nobody_can_spell_is_itself() -> None:
    unknown = "\U00012000\U00012001"  # cuneiform
    assert fold(unknown)
    assert fold(unknown) != fold(unknown[::-1])


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert set(fold(text)) <= set("abcdefghiklmnopqrstuvwxz0123456789 ")


@pytest.mark.parametrize(
    ("text", "score", "first"),
    [
        ("Türkiye", 1.0, "TUR"),
        ("türkei ", 1.0, "TUR"),
        ("ТУРЕЧЧИНА", 1.0, "TUR"),
        ("Turkey", 0.95, "TUR"),
        ("Turkiet", 0.95, "TUR"),
        ("tr", 0.95, "TUR"),
        ("Tuerkei", 0.9, "TUR"),
        ("turechchina", 0.9, "TUR"),
        ("dong jing", None, ""),
        ("dongjing", 0.85, "city"),
        ("turec", 0.55, "TUR"),
        ("Türkiye coast", 0.66, "coast"),
        ("flies zelensky", 0.75, "flight"),
        ("O’Higgins Strasse", 0.9, "sea"),
        ("kiye", None, ""),
        ("tur coast", None, ""),
        ("coast tur", 0.57, "coast"),
    ],
)
def test_scores(index: LabelIndex, text: str, score: float | None, first: str) -> None:
    hits = index.find(text)
    if score is None:
        assert not hits
    else:
        assert hits[0].iri == EX + first
        assert hits[0].score == pytest.approx(score, abs=0.01)


def test_the_best_label_of_a_thing_counts_and_each_thing_comes_once(index: LabelIndex) -> None:
    assert found(index, "turkiye") == ["TUR", "coast"]
    assert found(index, "zelensky") == ["flight", "president"]  # a name that begins so comes first
    assert found(index, "Зеленський Володимир") == ["president"]


def test_equals_have_an_order(make: Make) -> None:
    quads = [says(f"t{number}", LABEL, "one name", "en") for number in range(50)]
    random.Random(1).shuffle(quads)
    hits = found(make(quads), "one name")
    assert hits == sorted(f"t{number}" for number in range(50))[:20]


def test_a_name_is_told_in_the_wanted_language(index: LabelIndex) -> None:
    def told(text: str, language: str | None = None) -> tuple[str, str, str, str]:
        hit = index.find(text, language=language)[0]
        return hit.label, hit.language, hit.matched, hit.matched_language

    assert told("Туреччина", "de") == ("Türkei", "de", "Туреччина", "uk")
    assert told("Туреччина") == ("Туреччина", "uk", "Туреччина", "uk")
    assert told("Turkey", "fr") == ("Türkiye", "en", "Turkey", "en")
    assert told("TR") == ("Türkiye", "en", "TR", "")
    assert told("state", "de") == ("Staat", "de-at", "state", "en")
    assert told("東京", "de") == ("東京", "", "東京", "")
    assert index.label(EX + "State", "DE") == ("Staat", "de-at")
    assert index.label(EX + "State") == ("state", "en")
    assert index.label(EX + "city") is None


def test_kinds_are_classes_and_schemes(index: LabelIndex) -> None:
    assert index.find("coast")[0].kinds == (EX + "Place", EX + "places")
    for kind, things in (("State", ["TUR"]), ("places", ["coast"]), ("nothing", [])):
        assert [hit.iri for hit in index.find("Türkiye", kinds=[EX + kind])] == [EX + thing for thing in things]
    assert len(index.find("Türkiye", kinds=[EX + "State", EX + "Place"])) == 2
    assert len(index.find("Türkiye", limit=1)) == 1


NASTY = ['"', '" OR "', "NEAR(a b)", "-x", "a AND", "folded:a", "*", "^a", "'; DROP TABLE label; --", "\0", "a\0b",
         "a\ud800", "%", "(", "{folded} : (a)", "zelensky\" OR *", "+ +", "\u202e", "a" * 1_000_000, "a " * 500_000,
         "\ufdfa" * 1000]  # fmt: skip


@pytest.mark.parametrize("text", NASTY, ids=range(len(NASTY)))
def test_nothing_typed_is_syntax(index: LabelIndex, text: str) -> None:
    assert not [hit for hit in index.find(text, kinds=[text]) if hit]
    assert index.matches(EX + "TUR", text) == (index.score(EX + "TUR", text) is not None)
    assert len(wanted(text).plain) <= LENGTH


@given(st.text(), st.text())
def test_any_text_gives_an_answer(index: LabelIndex, text: str, kind: str) -> None:
    hits = index.find(text, language=kind)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert all(0 < hit.score <= 1 and index.score(hit.iri, text) == hit.score for hit in hits)
    index.find(text, kinds=[kind])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=1, max_size=8), st.text())
def test_the_index_finds_what_a_look_at_every_label_finds(make: Make, labels: list[str], other: str) -> None:
    index = make([says(f"t{number}", LABEL, label) for number, label in enumerate(labels)])
    for text in (*labels, other, labels[0][: len(labels[0]) // 2 + 1]):
        scores = [score_of_text(wanted(text), label) for label in labels]
        assert [index.score(f"{EX}t{number}", text) for number in range(len(labels))] == scores
        if plain(text) and text in labels:
            assert index.score(f"{EX}t{labels.index(text)}", text) == index.find(text)[0].score == 1.0
    index.close()


def test_the_same_quads_give_the_same_content(tmp_path: Path) -> None:
    for number in (1, 2):
        quads = [*QUADS, *QUADS]
        random.Random(number).shuffle(quads)
        write_index(tmp_path / f"{number}", quads, [LABEL])
    assert (tmp_path / "1").read_bytes() == (tmp_path / "2").read_bytes()


def test_what_has_no_iri_or_is_no_literal_has_no_name(make: Make) -> None:
    label = ox.NamedNode(LABEL)
    quads = [ox.Quad(ox.BlankNode(), label, ox.Literal("x")), ox.Quad(ox.NamedNode(EX), label, ox.NamedNode(EX + "x"))]
    assert make(quads).find("x") == []


def test_a_file_that_is_no_index_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "labels ?#%.sqlite"
    with pytest.raises(ReleaseError, match="no label index") as caught:
        LabelIndex.open(file)
    assert "kg build" in caught.value.hint
    write_index(file, QUADS, [LABEL])
    LabelIndex.open(file).close()
    whole = file.read_bytes()
    page = b"\xff" * 4096
    scrambled = whole[:4096] + page * (len(whole) // 4096 - 1)
    for harm in (b"", b"not a database at all" * 100, whole[:-4096], whole[:50], scrambled):
        file.write_bytes(harm)
        with pytest.raises(ReleaseError) as caught:
            LabelIndex.open(file)
        assert "kg build" in caught.value.hint
    with pytest.raises(OSError, match="cannot be written"):
        write_index(tmp_path / "none/labels", QUADS, [LABEL])


def test_threads_share_an_index(index: LabelIndex) -> None:
    wrong: list[object] = []

    def ask(seed: int) -> None:
        try:
            for number in range(50):
                index.find(f"{seed} {number}")
                if found(index, "turkiye") != ["TUR", "coast"]:
                    wrong.append(number)
        except Exception as error:  # noqa: BLE001 - told by the main thread
            wrong.append(error)

    threads = [threading.Thread(target=ask, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


IN_A_CAGE = """
import resource, sys
from pathlib import Path
import pyoxigraph as ox
from kg.search import LabelIndex, functions
index = LabelIndex.open(Path(sys.argv[1]))
store = ox.Store()
store.add(ox.Quad(*map(ox.NamedNode, (sys.argv[2], "urn:is", "urn:x"))))
_, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))
try:
    open("/dev/null")
    print("a file could be opened")
except OSError:
    pass
for text in ("Туреччина", "zelensky", "東京", "გ", "हि", "\\U00018b00\\U00030fff\\U000e0101", "a", ""):
    print(len(index.find(text, 20, language="de")), len(index.find(text, 5, ["x"])))
query = 'SELECT ?s { ?s ?p ?o FILTER(<https://w3id.org/pledge-graph-search#matches>(?s, "Туреч")) }'
print(len(list(store.query(query, custom_functions=functions(index)))))
"""


def test_an_open_index_needs_no_further_file(tmp_path: Path) -> None:
    many = [says(f"a{number}", LABEL, f"about {number}") for number in range(20_000)]
    write_index(tmp_path / "labels", [*QUADS, *many], [LABEL])
    done = subprocess.run(
        [sys.executable, "-c", IN_A_CAGE, tmp_path / "labels", EX + "TUR"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["1 0", "2 0", "1 0", "0 0", "0 0", "0 0", "20 0", "0 0", "1"]


def test_the_functions_in_sparql(index: LabelIndex) -> None:
    store = ox.Store()
    store.extend(QUADS)
    custom = functions(index)
    assert [name.value for name in custom] == [function.iri for function in FUNCTIONS]

    def rows(where: str) -> list[list[str | None]]:
        text = f"PREFIX search: <{SEARCH}> PREFIX ex: <{EX}> PREFIX rdfs: <{PREFIXES['rdfs']}> SELECT {where}"
        solutions = store.query(text, custom_functions=custom)
        assert isinstance(solutions, ox.QuerySolutions)
        return [[value and str(value) for value in solution] for solution in solutions]

    things = "DISTINCT ?t { ?t ?p ?o FILTER(search:matches(?t, 'turk')) } ORDER BY ?t"
    assert rows(things) == [[f"<{EX}TUR>"], [f"<{EX}coast>"]]
    assert rows("?l { ex:TUR rdfs:label ?l FILTER(search:matches(?l, 'TURE')) }") == [['"Туреччина"@uk']]
    best = "DISTINCT ?t ?s { ?t a ?k BIND(search:score(?t, 'Türkiye') AS ?s) } ORDER BY DESC(?s)"
    decimal = f"^^<{PREFIXES['xsd']}decimal>"
    assert rows(best) == [[f"<{EX}TUR>", f'"1"{decimal}'], [f"<{EX}coast>", f'"0.48"{decimal}']]
    assert rows("(search:score('Türkiye'@tr, 'turkiye') * 2 AS ?s) {}") == [[f'"1.8"{decimal}']]
    assert rows("(search:score(ex:TUR, 'nothing') AS ?s) {}") == [[None]]
    assert rows("(search:matches(ex:nobody, 'a') AS ?s) (search:matches(BNODE(), 'a') AS ?t) {}") == [
        [f'"false"^^<{PREFIXES["xsd"]}boolean>'] * 2
    ]
    for wrong in ("", "ex:TUR", "ex:TUR, ex:TUR", "ex:TUR, 'a', 'b'"):
        assert rows(f"(search:matches({wrong}) AS ?m) (search:score({wrong}) AS ?s) {{}}") == [[None, None]]


@pytest.mark.parametrize(
    ("text", "iri"),
    [
        ("Туреччина", "state/TUR"),
        ("Turkiye", "state/TUR"),
        ("Türkei", "state/TUR"),
        ("Giorgia Meloni", "person/giorgia-meloni"),
        ("Мелоні", "person/giorgia-meloni"),
        ("Meloni", "person/giorgia-meloni"),
        ("zelensky", "person/volodymyr-zelenskyy"),
        ("volodymyr zelenskij", "person/volodymyr-zelenskyy"),
    ],
)
def test_names_of_the_real_graph(released: kg.Release, text: str, iri: str) -> None:
    index = LabelIndex.open(released.labels)
    hits = index.find(text, kinds=[PREFIXES["foaf"] + "Person", released.manifest.base + "ns#State"])
    assert hits[0].iri == f"{released.manifest.base}id/{iri}"
    assert index.matches(hits[0].iri, text)


def test_every_preferred_label_of_the_real_graph_finds_its_thing(released: kg.Release) -> None:
    index, store = LabelIndex.open(released.labels), open_store(released)
    for prop in released.manifest.label_properties:
        quads = list(store.quads_for_pattern(None, ox.NamedNode(prop), None, ox.DefaultGraph()))
        for quad in random.Random(1).sample(quads, min(len(quads), trials(300, 10_000))):
            if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.Literal):
                assert index.score(quad.subject.value, quad.object.value) == 1.0


def test_a_release_without_an_index_is_made_anew(thesaurus: Path) -> None:
    first = kg.build(kg.open_project(thesaurus))
    assert LabelIndex.open(first.labels).find("rye")
    first.labels.unlink()
    with pytest.raises(ReleaseError, match="no label index") as caught:
        open_store(first)
    assert "kg build" in caught.value.hint
    again = kg.build(kg.open_project(thesaurus))
    assert again.path != first.path
    assert len(open_store(again)) == again.manifest.quads


def test_the_store_leaves_the_index_alone(thesaurus: Path) -> None:
    release = kg.build(kg.open_project(thesaurus))
    before = release.labels.read_bytes()
    ox.Store.read_only(str(release.store))
    store = ox.Store(str(release.store))  # what nobody does with a release
    store.add(says("x", LABEL, "y"))
    store.flush()
    store.optimize()
    del store
    assert release.labels.read_bytes() == before
