"""Maps: the outlines are sound, things stand where their codes say, nothing of a column or an answer is lost."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.basemap import EUROPE, FRAMES, WORLD, Outline, frame
from kg.representation.charts import MAP, charts
from kg.representation.maps import NOTHING, SEVERAL, Point, Sign, Spot, known_code, pictures
from kg.representation.matrix import Entry, Layout, Mark, Matrix, Step, matrix
from kg.representation.plotted import point
from kg.representation.regional import Regional, codes_of, regional
from kg.representation.view import Term
from tests.unit.test_charts import MANIFEST, results

YES, NO = Mark("y", "disc", {"en": "yes"}, {}), Mark("n", "cross", {"en": "no"}, {})
LAYOUT = Layout("who", "what", "item", "answer", "firm", marks=(YES, NO), steps=(Step("1", 1, {}), Step("2", 2, {})))
TOKEN = re.compile(r"[Mmlz]|-?\d+")


def rings(path: str) -> list[list[tuple[int, int]]]:
    """The points of SVG path data with M, m, l and z in whole numbers; anything else is a mistake."""
    assert not re.sub(r"[Mmlz]|-?\d+|[ ,]", "", path)
    found: list[list[tuple[int, int]]] = []
    x = y = 0
    command, numbers = "", list[int]()
    for token in TOKEN.findall(path):
        if token in "Mmlz":
            assert not numbers
            command = token
            if token == "z":
                x, y = found[-1][0]
            continue
        numbers.append(int(token))
        if len(numbers) == 2:
            x, y = numbers if command == "M" else (x + numbers[0], y + numbers[1])
            if command in "Mm":
                assert not found or len(found[-1]) > 2
                found.append([])
            found[-1].append((x, y))
            numbers = []
    return found


@pytest.mark.parametrize("name", FRAMES)
def test_every_country_of_a_frame_is_closed_and_in_sight(name: str) -> None:
    where = frame(name)
    for outline in where.outlines:
        assert outline.path.count("z") == len(rings(outline.path)) >= 1
        assert outline.path[0] == "M"
        assert outline.path[-1] == "z"
        for ring in rings(outline.path):
            assert len(set(ring)) >= 3, outline
            assert all(0 <= x <= where.width and 0 <= y <= where.height for x, y in ring), outline
        for x, y in (outline.at, outline.mark):
            assert 0 <= x <= where.width
            assert 0 <= y <= where.height
    assert all(0 <= x <= where.width and 0 <= y <= where.height for ring in rings(where.land) for x, y in ring)


@pytest.mark.parametrize("name", FRAMES)
def test_codes_are_those_of_the_standard(name: str) -> None:
    outlines = frame(name).outlines
    for codes, letters in (([o.alpha2 for o in outlines], 2), ([o.alpha3 for o in outlines], 3)):
        assert len(set(codes)) == len(codes)
        assert all(re.fullmatch(f"[A-Z]{{{letters}}}", code) for code in codes)
    # XK and XKX are from the range that ISO 3166-1, section 8.1.3, leaves to its users.
    users = {o.alpha3 for o in outlines if re.fullmatch("(X[A-Z]|Q[M-Z]|AA|ZZ)", o.alpha2)}
    assert users == {"XKX"}
    pairs = {"DE": "DEU", "UA": "UKR", "CH": "CHE", "MT": "MLT", "ME": "MNE", "LU": "LUX", "CY": "CYP", "GB": "GBR"}
    for two, three in pairs.items():
        assert (found := frame(name).outline(two)) is frame(name).outline(three) is not None
        assert found
        assert found.alpha3 == three


def test_europe_is_a_part_of_the_world() -> None:
    assert {o.alpha3 for o in frame(EUROPE).outlines} < {o.alpha3 for o in frame(WORLD).outlines}
    assert all(frame(EUROPE).outline(code) is None for code in ("USA", "CAN", "JPN", "AUS", "NZL", "CHN"))
    assert all(frame(WORLD).outline(code) for code in ("USA", "CAN", "JPN", "AUS", "NZL", "CHN"))


def test_marks_of_neighbours_do_not_hide_each_other() -> None:
    marks = [o.mark for o in frame(EUROPE).outlines]
    near = [(a, b) for n, a in enumerate(marks) for b in marks[:n] if (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 < 20**2]
    assert not near


@pytest.mark.parametrize("name", FRAMES)
def test_frames_are_small(name: str) -> None:
    where = frame(name)
    assert len(where.land) + sum(len(outline.path) for outline in where.outlines) < 60_000


def inside(outline: Outline, x: float, y: float) -> bool:
    """Even-odd, as SVG fills."""
    odd = False
    for ring in rings(outline.path):
        for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1], strict=True):
            if (y1 > y) != (y2 > y) and x < x1 + (y - y1) / (y2 - y1) * (x2 - x1):
                odd = not odd
    return odd


CITIES = [
    ("ITA", 12.5, 41.9), ("UKR", 30.5, 50.4), ("ISL", -19.0, 64.9), ("TUR", 32.9, 39.9), ("PRT", -8.0, 39.5),
    ("NOR", 10.0, 61.5), ("GEO", 43.5, 42.2), ("RUS", 37.6, 55.7),
    # By ISO 3166-2 these are parts of Ukraine and Cyprus, whoever holds them.
    ("UKR", 34.2, 45.2), ("CYP", 33.4, 35.25),
]  # fmt: skip


@pytest.mark.parametrize(("code", "longitude", "latitude"), CITIES)
@pytest.mark.parametrize("name", FRAMES)
def test_a_point_stands_in_its_country(name: str, code: str, longitude: float, latitude: float) -> None:
    at = frame(name).place(longitude, latitude)
    outline = frame(name).outline(code)
    assert at
    assert outline
    if name == WORLD and code == "CYP":  # three units wide there
        assert abs(at[0] - outline.at[0]) + abs(at[1] - outline.at[1]) < 4
    else:
        assert inside(outline, *at)


@pytest.mark.parametrize(
    ("name", "degrees", "expected"),
    [  # as d3-geo reckons with the same scale
        (EUROPE, (12.5, 41.9), (394.1, 659.0)),
        (EUROPE, (-21.9, 64.1), (59.5, 106.2)),
        (WORLD, (174.8, -41.3), (900.2, 388.7)),
        (WORLD, (-179.5, -16), (962.4, 300.8)),
        (WORLD, (-75.7, 45.4), (294.1, 81.1)),
    ],
)
def test_points_are_projected_as_the_outlines_were(
    name: str, degrees: tuple[float, float], expected: tuple[float, float]
) -> None:
    assert frame(name).place(*degrees) == pytest.approx(expected, abs=0.1)


@given(st.floats(), st.floats())
def test_any_point_is_in_the_frame_or_nowhere(longitude: float, latitude: float) -> None:
    for name in FRAMES:
        at = frame(name).place(longitude, latitude)
        assert at is None or (0 <= at[0] <= frame(name).width and 0 <= at[1] <= frame(name).height)


# -- codes ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["", "ita", "XX", "QQQ", "I", "ITAL", "IT ", "ΙΤΑ", '"><script>', "it\n", "380", "АВ"])
def test_what_is_no_code_has_no_place(code: str) -> None:
    assert known_code(code) is None


def test_codes_of_two_and_three_letters_mean_the_same() -> None:
    assert known_code("IT") == known_code("ITA") == "ITA"


class Engine:
    """Answers with what it is told to."""

    def __init__(self, *rows: tuple[str, str, str]) -> None:
        self.asked: list[str] = []
        self._rows = rows

    def answer(self, query: object) -> object:
        self.asked.append(query.text)  # type: ignore[attr-defined]
        found = [{"thing": {"type": "uri", "value": t}, "code": {"type": k, "value": c}} for t, k, c in self._rows]
        body = json.dumps({"head": {"vars": ["thing", "code"]}, "results": {"bindings": found}})
        return type("Answer", (), {"body": body.encode(), "cut": None})()


def test_only_literals_that_are_codes_count_and_each_once() -> None:
    engine = Engine(
        ("http://e.org/a", "literal", "ITA"), ("http://e.org/a", "literal", "IT"), ("http://e.org/a", "uri", "FRA"),
        ("http://e.org/b", "literal", "<svg onload=alert(1)>"), ("http://e.org/c", "literal", "DEU"),
        ("http://e.org/c", "literal", "FRA"),
    )  # fmt: skip
    found = codes_of(engine, ["http://e.org/code"], ["http://e.org/a", "http://e.org/b", "http://e.org/a"])  # type: ignore[arg-type]
    assert found == {"http://e.org/a": ["ITA"], "http://e.org/b": [], "http://e.org/c": ["DEU", "FRA"]}
    assert len(engine.asked) == 1


# -- a matrix on a map ---------------------------------------------------------------------------------------------------


def thing(name: str) -> Term:
    return Term(name, f"/{name}", f"http://e.org/{name}")


def solution(who: str, item: str, answer: str, firm: str = "", what: str = "x") -> dict[str, Term]:
    row = {"who": thing(who), "what": thing(what), "item": thing(item), "answer": Term(answer)}
    return row | ({"firm": Term(firm)} if firm else {})


def say(head: Term, entries: Sequence[Entry]) -> str:
    return f"{head.text}: {', '.join(e.item.text for e in entries) or 'nothing'}"


def drawn(rows: list[dict[str, Term]], codes: dict[str, list[str]], column: str = "x") -> tuple[Matrix, Regional]:
    made = matrix(rows, LAYOUT)
    return made, regional(made, f"http://e.org/{column}", {f"http://e.org/{k}": v for k, v in codes.items()}, say)


def test_a_column_is_on_the_map_and_in_words() -> None:
    rows = [
        solution("Italy", "i1", "n", "2"), solution("Italy", "i2", "y", "2"), solution("Italy", "i3", "y", "1"),
        solution("Malta", "m1", "y"), solution("Japan", "j1", "n"), solution("Club", "c1", "y"),
        solution("Spain", "s1", "y", what="other"),
    ]  # fmt: skip
    _, shown = drawn(rows, {"Italy": ["ITA"], "Malta": ["MLT"], "Japan": ["JPN"], "Spain": ["ESP"]})
    europe, world = shown.pictures
    assert (europe.frame.name, world.frame.name, world.beyond) == (EUROPE, WORLD, True)
    fills = {area.outline.alpha3: (area.fill, area.href, area.bare) for area in europe.areas}
    # Of two that are equally firm, what speaks against stands first.
    assert fills == {
        "ITA": (SEVERAL, "/i1", False), "MLT": ("disc", "/m1", False), "ESP": (NOTHING, "", True),
    }  # fmt: skip
    assert [(pin.sign.shape, pin.sign.label) for pin in europe.pins] == [
        ("cross", "Italy: i1"), ("disc", "Italy: i2, i3"), ("disc", "Malta: m1"),
    ]  # fmt: skip
    assert [pin.sign.href for pin in world.pins] == ["/j1"]
    told = [[(g.mark and g.mark.value, [(t.head.text, [e.item.text for e in t.entries]) for t in g.things])
             for g in groups] for groups in (shown.placed, shown.others)]  # fmt: skip
    assert told == [
        [("y", [("Italy", ["i2", "i3"]), ("Malta", ["m1"])]), ("n", [("Italy", ["i1"]), ("Japan", ["j1"])]),
         (None, [("Spain", [])])],
        [("y", [("Club", ["c1"])])],
    ]  # fmt: skip


def test_two_things_with_one_code_share_a_place() -> None:
    _, shown = drawn(
        [solution("Crown", "c", "y"), solution("Cabinet", "k", "n")], {"Crown": ["NLD"], "Cabinet": ["NLD"]}
    )
    (europe,) = shown.pictures
    assert [(a.outline.alpha3, a.fill, a.label) for a in europe.areas] == [("NLD", SEVERAL, "Cabinet: k; Crown: c")]
    assert [pin.sign.href for pin in europe.pins] == ["/k", "/c"]
    assert len({(pin.x, pin.y) for pin in europe.pins}) == 2


def test_marks_of_one_shape_at_one_place_are_one_mark_with_both_names() -> None:
    _, shown = drawn(
        [solution("Crown", "c", "y"), solution("Cabinet", "k", "y")], {"Crown": ["NLD"], "Cabinet": ["NLD"]}
    )
    assert [pin.sign.label for pin in shown.pictures[0].pins] == ["Cabinet: k; Crown: c"]


def test_a_thing_with_two_codes_stands_at_both() -> None:
    _, shown = drawn([solution("Union", "u", "y")], {"Union": ["CZE", "SVK"]})
    assert {area.outline.alpha3 for area in shown.pictures[0].areas} == {"CZE", "SVK"}


def test_without_codes_there_is_no_map_and_all_is_told() -> None:
    made, shown = drawn([solution("Club", "c", "y"), solution("Party", "p", "n")], {})
    assert shown.pictures == ()
    assert shown.placed == ()
    assert [t.head.text for g in shown.others for t in g.things] == ["Club", "Party"]
    assert drawn([solution("Club", "c", "y")], {}, "no such column")[1].others[0].mark is None
    assert made.items == 2


def test_what_is_mostly_elsewhere_stands_on_the_map_of_the_world() -> None:
    rows = [solution(n, n, "y") for n in ("Kenya", "Chad", "France")]
    _, shown = drawn(rows, {"Kenya": ["KEN"], "Chad": ["TCD"], "France": ["FRA"]})
    assert [(p.frame.name, p.beyond, len(p.areas)) for p in shown.pictures] == [(WORLD, False, 3)]


def test_land_that_nothing_is_said_of_is_drawn_once() -> None:
    _, shown = drawn([solution("Italy", "i", "y")], {"Italy": ["ITA"]})
    (europe,) = shown.pictures
    italy = frame(EUROPE).outline("ITA")
    assert italy
    assert italy.path not in europe.land
    assert europe.land.count("M") == len(frame(EUROPE).outlines) - 1 + (1 if frame(EUROPE).land else 0)


outlines = st.sampled_from([o.alpha3 for o in frame(WORLD).outlines])
signs = st.builds(Sign, st.sampled_from(("disc", "cross", "half")), st.text(max_size=5), size=st.floats(0, 1))
spots = st.builds(
    Spot,
    outlines | st.builds(Point, st.floats(-180, 180), st.floats(-90, 90)),
    st.tuples(signs) | st.just(()),
    st.text(),
)


@given(st.lists(spots, max_size=12))
def test_whatever_stands_on_a_map_is_in_sight(found: list[Spot]) -> None:
    for picture in pictures(found):
        for pin in picture.pins:
            assert pin.radius <= pin.x <= picture.frame.width - pin.radius
            assert pin.radius <= pin.y <= picture.frame.height - pin.radius
    placed = {area.outline.alpha3 for picture in pictures(found) for area in picture.areas}
    assert placed == {spot.place for spot in found if isinstance(spot.place, str)}


# -- answers to queries --------------------------------------------------------------------------------------------------


def test_a_column_of_codes_is_a_map() -> None:
    answer = results(["code", "say"], ["DE", "yes"], ["FRA", "no"], ["MT", "no"])
    chart = charts(answer, MANIFEST).map
    assert chart
    assert MAP in charts(answer, MANIFEST).views
    assert {a.outline.alpha3: a.fill for a in chart.pictures[0].areas} == {"DEU": "disc", "FRA": "ring", "MLT": "ring"}
    assert chart.kinds == (("disc", "yes"), ("ring", "no"))
    assert [pin.sign.label for pin in chart.pictures[0].pins] == ["DE, yes", "FRA, no", "MT, no"]
    assert charts(results(["word"], ["DE"], ["das"]), MANIFEST).map is None
    assert charts(results(["n"], [1]), MANIFEST).map is None


def test_things_stand_where_their_codes_say_and_others_are_named() -> None:
    found = {"http://e.org/it": ["ITA"]}
    answer = results(["who", "whoLabel", "n"], ["http://e.org/it", "Italy", 4], ["http://e.org/eu", "Union", 9])
    asked: list[list[str]] = []

    def codes(things: object) -> dict[str, list[str]]:
        asked.append(list(things))  # type: ignore[call-overload]
        return found

    chart = charts(answer, MANIFEST, codes=codes).map
    assert asked == [["http://e.org/eu", "http://e.org/it"]]
    assert chart
    assert chart.nowhere == ("Union, 9",)
    assert (chart.what, chart.most) == ("n", "9")
    (pin,) = chart.pictures[0].pins
    assert pin.sign.size == pytest.approx(4 / 9)
    assert pin.sign.label == "Italy, 4"


def test_areas_of_discs_are_in_proportion_and_losses_are_rings() -> None:
    rows = (["DE", 100], ["FR", 25], ["IT", -100], ["ES", 0], ["PT", 0.0001])
    chart = charts(results(["code", "n"], *rows), MANIFEST).map
    assert chart
    by = {pin.sign.label[:2]: pin for pin in chart.pictures[0].pins}
    assert by["DE"].radius == pytest.approx(2 * by["FR"].radius)
    assert (by["IT"].sign.shape, by["IT"].radius) == ("ring", by["DE"].radius)
    assert by["ES"].sign.shape == "ring"
    # What is next to nothing can be seen all the same.
    assert by["PT"].sign.size == by["ES"].sign.size > 0.0001 / 100
    assert by["PT"].radius == by["ES"].radius > 0


def test_latitude_and_longitude_make_points() -> None:
    chart = charts(results(["name", "lat", "long"], ["Rome", 41.9, 12.5], ["moon", 91.0, 0.0]), MANIFEST).map
    assert chart
    (pin,) = chart.pictures[0].pins
    assert (pin.x, pin.y) == pytest.approx(frame(EUROPE).place(12.5, 41.9))
    assert chart.nowhere == ("moon",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("POINT(12.5 41.9)", Point(12.5, 41.9)),
        ("  point ( -12.5e0 +41.9 ) ", Point(-12.5, 41.9)),
        ("<http://www.opengis.net/def/crs/OGC/1.3/CRS84> POINT(12.5 41.9)", Point(12.5, 41.9)),
        ("<http://www.opengis.net/def/crs/EPSG/0/4326> POINT(41.9 12.5)", Point(12.5, 41.9)),
        ("<http://example.org/moon> POINT(1 2)", None),
        ("POINT(200 10)", None),
        ("POINT(10 100)", None),
        ("POINT EMPTY", None),
        ("POINT(1 2 3)", None),
        ("LINESTRING(1 2, 3 4)", None),
        ("", None),
    ],
)
def test_points_as_well_known_text(text: str, expected: Point | None) -> None:
    assert point(text) == expected


@given(st.lists(st.tuples(st.text(max_size=4), st.text(max_size=4), st.integers() | st.floats()), max_size=6))
def test_whatever_an_answer_holds_its_map_can_be_made(rows: list[tuple[str, str, float]]) -> None:
    chart = charts(results(["a", "b", "n"], *rows), MANIFEST).map
    if chart:
        assert len(chart.nowhere) + chart.more + sum(len(p.pins) for p in chart.pictures) >= 1
