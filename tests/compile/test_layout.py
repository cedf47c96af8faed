"""Where panels lie and how they are called."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gk import Dashboard, Row, custom_variable, stat, text, timeseries
from gk.define.panel import Panel
from tests.definitions import Json, dashboard

Place = tuple[int, int, int, int]


def every(body: Json) -> list[Json]:
    """The panels of a dashboard, those in collapsed rows too."""
    return [shown for panel in body["panels"] for shown in (panel, *panel.get("panels", ()))]


def places(*panels: Any, rows: Sequence[Row] = ()) -> dict[str, Place]:
    """Where each panel lies, as (x, y, width, height)."""
    body = dashboard(Dashboard("D", panels=panels, rows=rows))
    return {
        panel["title"]: tuple(panel["gridPos"][side] for side in "xywh") for panel in every(body)
    }


def ids(*panels: Any, rows: Sequence[Row] = ()) -> dict[str, int]:
    """The id of each panel, by its title."""
    return {
        panel["title"]: panel["id"]
        for panel in every(dashboard(Dashboard("D", panels=panels, rows=rows)))
    }


def sized(title: str, width: int, height: int, **more: Any) -> Panel:
    return text(title, "", width=width, height=height, **more)


# The flow


@pytest.mark.parametrize(
    ("panels", "expected"),
    [
        pytest.param(
            [sized("a", 12, 8), sized("b", 12, 8)],
            {"a": (0, 0, 12, 8), "b": (12, 0, 12, 8)},
            id="line",
        ),
        pytest.param(
            [sized("a", 12, 8), sized("b", 13, 8)],
            {"a": (0, 0, 12, 8), "b": (0, 8, 13, 8)},
            id="wraps",
        ),
        pytest.param(
            [sized("a", 12, 4), sized("b", 12, 9), sized("c", 1, 1)],
            {"a": (0, 0, 12, 4), "b": (12, 0, 12, 9), "c": (0, 9, 1, 1)},
            id="below-the-tallest",
        ),
        pytest.param(
            [sized("a", 12, 9), sized("b", 12, 4), sized("c", 1, 1)],
            {"a": (0, 0, 12, 9), "b": (12, 0, 12, 4), "c": (0, 9, 1, 1)},
            id="the-tallest-comes-first",
        ),
        pytest.param(
            [timeseries("a", "up"), stat("b", "up"), stat("c", "up")],
            {"a": (0, 0, 12, 8), "b": (12, 0, 4, 4), "c": (16, 0, 4, 4)},
            id="sizes-of-the-kind",
        ),
    ],
)
def test_flow(panels: list[Panel], expected: dict[str, Place]) -> None:
    """Panels lie from left to right, and where the line is full below its tallest."""
    assert expected == places(*panels)


def test_explicit_place() -> None:
    """A panel that says where it lies is there, and the next one starts below it."""
    expected = {"a": (0, 0, 6, 4), "b": (3, 20, 9, 5), "c": (0, 25, 6, 4)}
    assert expected == places(sized("a", 6, 4), text("b", "", grid=(3, 20, 9, 5)), sized("c", 6, 4))


def test_explicit_place_above() -> None:
    """A panel put above what came before does not pull the next one there."""
    expected = {"a": (0, 0, 6, 10), "b": (12, 0, 6, 4), "c": (0, 10, 6, 4)}
    assert expected == places(
        sized("a", 6, 10), text("b", "", grid=(12, 0, 6, 4)), sized("c", 6, 4)
    )


def test_size_without_place() -> None:
    """A panel of JSON that says how large it is, and not where, keeps its size."""
    json = {"title": "b", "type": "text", "gridPos": {"w": 5, "h": 7}}
    assert {"a": (0, 0, 6, 4), "b": (6, 0, 5, 7)} == places(sized("a", 6, 4), json)


def test_panel_without_size() -> None:
    """A panel of JSON that says nothing is half the screen wide."""
    assert {"a": (0, 0, 12, 8)} == places({"title": "a", "type": "text"})


# Rows


def test_expanded_row() -> None:
    """An expanded row is followed by its panels, which start on a line of their own."""
    body = dashboard(
        Dashboard(
            "D", panels=[sized("a", 6, 4)], rows=[Row("R", [sized("b", 6, 4), sized("c", 6, 4)])]
        )
    )
    assert ["a", "R", "b", "c"] == [panel["title"] for panel in body["panels"]]
    assert {
        "collapsed": False,
        "gridPos": {"x": 0, "y": 4, "w": 24, "h": 1},
        "panels": [],
        "title": "R",
        "type": "row",
    } == {key: value for key, value in body["panels"][1].items() if key != "id"}
    assert [(0, 5), (6, 5)] == [
        (panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in body["panels"][2:]
    ]


def test_collapsed_row() -> None:
    """A collapsed row holds its panels, and what follows comes right below the row."""
    rows = [Row("R", [sized("a", 6, 4)], collapsed=True), Row("S", [sized("b", 6, 4)])]
    body = dashboard(Dashboard("D", rows=rows))
    assert ["R", "S", "b"] == [panel["title"] for panel in body["panels"]]
    assert (True, ["a"]) == (
        body["panels"][0]["collapsed"],
        [panel["title"] for panel in body["panels"][0]["panels"]],
    )
    assert {"R": (0, 0, 24, 1), "a": (0, 1, 6, 4), "S": (0, 1, 24, 1), "b": (0, 2, 6, 4)} == places(
        rows=rows
    )


@pytest.mark.parametrize("collapsed", [False, True])
def test_repeated_row(collapsed: bool) -> None:
    """A repeated row names its variable, collapsed or not."""
    body = dashboard(
        Dashboard(
            "D",
            rows=[Row("R", [sized("a", 6, 4)], repeat="node", collapsed=collapsed)],
            variables=[custom_variable("node", ["a", "b"])],
        )
    )
    assert "node" == body["panels"][0]["repeat"]


def test_empty_row() -> None:
    """A row without panels is a heading."""
    assert {"R": (0, 0, 24, 1), "S": (0, 1, 24, 1)} == places(
        rows=[Row("R"), Row("S", collapsed=True)]
    )


def test_row_in_an_expanded_row() -> None:
    """Rows of expanded rows follow them: Grafana knows one level only."""
    body = dashboard(Dashboard("D", rows=[Row("R", [Row("S", [sized("a", 6, 4)])])]))
    assert [("R", []), ("S", []), ("a", None)] == [
        (panel["title"], panel.get("panels")) for panel in body["panels"]
    ]


def test_panels_come_before_rows() -> None:
    """Panels outside rows come first, or they would be in the last row."""
    assert ["a", "R", "b"] == list(ids(sized("a", 6, 4), rows=[Row("R", [sized("b", 6, 4)])]))


# Ids


def test_id_comes_from_the_title() -> None:
    """Another panel before it, another row around it and other options leave a panel its id."""
    plain = ids(sized("a", 6, 4))["a"]
    assert plain == ids(sized("b", 6, 4), stat("a", "up"))["a"]
    assert plain == ids(rows=[Row("R", [sized("a", 6, 4)], collapsed=True)])["a"]


def test_id_comes_from_the_key() -> None:
    """A panel with a key keeps its id when it is renamed."""
    assert ids(text("a", "", key="k"))["a"] == ids(text("b", "", key="k"))["b"]


def test_id_can_be_given() -> None:
    """A panel keeps an id that the definition gives."""
    assert {"a": 7, "b": 1} == ids(text("a", "", id=7), text("b", "", id=1))


def test_row_and_panel_of_one_title() -> None:
    """A row and a panel often share a title, and have different ids."""
    body = dashboard(Dashboard("D", rows=[Row("CPU", [text("CPU", "")])]))
    assert 2 == len({panel["id"] for panel in body["panels"]})


def test_title_in_two_rows() -> None:
    """Of panels of one title the later one has an id of its row, which a row before it does not
    change."""

    def last(*rows: Row) -> Any:
        return dashboard(Dashboard("D", rows=rows))["panels"][-1]["id"]

    first, second = Row("A", [text("CPU", "")]), Row("B", [text("CPU", "")])
    assert last(first, second) == last(first, Row("Between", [text("Memory", "")]), second)


def test_title_that_is_there_three_times() -> None:
    """Panels of one title in one row are counted, and one more after them changes none."""

    def ids_of(count: int) -> list[int]:
        rows = [Row("R", [text("CPU", "") for _ in range(count)])]
        return [panel["id"] for panel in dashboard(Dashboard("D", rows=rows))["panels"]]

    assert ids_of(4)[:-1] == ids_of(3)
    assert 5 == len(set(ids_of(4)))


def test_id_that_is_taken() -> None:
    """A panel with an id that an earlier one has gets another."""
    numbers = ids(text("a", "", id=7), text("b", "", id=7))
    assert 7 == numbers["a"] != numbers["b"]


@pytest.mark.parametrize("id", [0, -1, 2**31, "7", 1.0, True, [1]], ids=repr)
def test_id_that_grafana_refuses(id: Any) -> None:
    """An id that is no positive 32-bit number is replaced by one from the title."""
    (panel,) = dashboard(Dashboard("D", panels=[{"title": "a", "type": "text", "id": id}]))[
        "panels"
    ]
    assert ids(text("a", ""))["a"] == panel["id"]


# Laws

SIZES = st.tuples(st.integers(1, 24), st.integers(1, 20))
GRIDS = st.tuples(st.integers(0, 12), st.integers(0, 40), st.integers(1, 12), st.integers(1, 12))
TITLES = st.text("abcd", max_size=2)


def overlap(one: Place, other: Place) -> bool:
    (x, y, width, height), (left, top, right, low) = one, other
    return x < left + right and left < x + width and y < top + low and top < y + height


@given(st.lists(st.one_of(SIZES, st.none()), max_size=12))
def test_panels_in_the_flow_do_not_overlap(sizes: list[tuple[int, int] | None]) -> None:
    """Panels and rows that say nothing of their place are on the screen, and none lies on
    another."""
    panels = [Row(str(n)) if size is None else sized(str(n), *size) for n, size in enumerate(sizes)]
    rectangles = list(places(*panels).values())
    assert [] == [pair for pair in combinations(rectangles, 2) if overlap(*pair)]
    assert all(0 <= x and x + width <= 24 for x, _, width, _ in rectangles)


@given(st.lists(st.one_of(SIZES, GRIDS), max_size=10))
def test_flow_does_not_run_into_what_came_before(given: list[Any]) -> None:
    """A panel without a place lies below what is there already, and one with a place where it
    says."""
    panels = [
        text(str(n), "", grid=size) if len(size) == 4 else sized(str(n), *size)
        for n, size in enumerate(given)
    ]
    rectangles = list(places(*panels).values())
    for n, box in enumerate(given):
        if len(box) == 4:
            assert box == rectangles[n]
        else:
            assert not any(overlap(rectangles[n], before) for before in rectangles[:n])


@given(st.lists(st.tuples(TITLES, st.lists(TITLES, max_size=4), st.booleans()), max_size=5))
def test_ids_are_unique(rows: list[tuple[str, list[str], bool]]) -> None:
    """Whatever panels are called and whichever rows they are in, each has an id of its own, from 1
    to 2^31 - 1."""
    definition = Dashboard(
        "D",
        rows=[
            Row(title, [text(inner_title, "") for inner_title in titles], collapsed=collapsed)
            for title, titles, collapsed in rows
        ],
    )
    numbers = [panel["id"] for panel in every(dashboard(definition))]
    assert len(numbers) == len(set(numbers))
    assert all(0 < number < 2**31 for number in numbers)


@given(
    st.lists(TITLES, unique=True, max_size=8).flatmap(
        lambda titles: st.tuples(st.just(titles), st.permutations(titles))
    )
)
def test_ids_do_not_depend_on_the_order(orders: tuple[list[str], list[str]]) -> None:
    """Panels of different titles have the same ids in any order."""
    one, other = (ids(*(text(title, "") for title in titles)) for titles in orders)
    assert one == other


@given(st.lists(TITLES, unique=True, min_size=1, max_size=8), st.data())
def test_ids_do_not_depend_on_other_panels(titles: list[str], data: st.DataObject) -> None:
    """Without some of the panels, the others keep their ids."""
    kept = data.draw(st.lists(st.sampled_from(titles), unique=True))
    every_id = ids(*(text(title, "") for title in titles))
    assert {title: every_id[title] for title in kept} == ids(*(text(title, "") for title in kept))


def test_panels_by_their_ids() -> None:
    """In a dashboard and in a row, and in their order."""
    row = Row("R", {9: sized("b", 6, 4), 2: {"type": "text", "title": "c"}})
    body = dashboard(Dashboard("D", panels={7: sized("a", 6, 4)}, rows=[row]))
    assert [("a", 7), ("b", 9), ("c", 2)] == [
        (panel["title"], panel["id"]) for panel in body["panels"] if panel["type"] != "row"
    ]


def test_one_panel_has_an_id_in_each_dashboard() -> None:
    panel = sized("a", 6, 4)
    assert [1, 2] == [ids(rows=[Row("R", {id: panel})])["a"] for id in (1, 2)]


@pytest.mark.parametrize("id", ["a", 0, True, 1.0])
def test_what_is_no_id_of_a_panel(id: Any) -> None:
    with pytest.raises(TypeError, match="is not the id of a panel; write"):
        Row("R", {id: sized("a", 6, 4)})
