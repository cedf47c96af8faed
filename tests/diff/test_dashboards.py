"""What is said of panels that were moved, resized, retitled or made anew, and of what is around
them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gk.diff.model import Edit, Mark, Part
from gk.diff.parts.dashboards import dashboard_parts
from tests import noise

Json = dict[str, Any]


def panel(title: str, x: int, y: int, w: int = 6, h: int = 4, **more: Any) -> Json:
    own = {
        "type": "stat",
        "title": title,
        "id": sum(map(ord, title)),
        "gridPos": {"x": x, "y": y, "w": w, "h": h},
    }
    return own | {"targets": [{"refId": "A", "expr": f"sum({title.lower()})"}]} | more


def row(title: str, y: int, *panels: Json, collapsed: bool = False) -> Json:
    place = {"x": 0, "y": y, "w": 24, "h": 1}
    return {
        "type": "row",
        "title": title,
        "id": y + 1000,
        "gridPos": place,
        "panels": list(panels),
        "collapsed": collapsed,
    }


def board(*panels: Json, **more: Any) -> Json:
    return {"title": "Shop", "panels": list(panels), **more}


def said(old: Json, new: Json) -> list[str]:
    """Each part and each of its edits on a line."""
    return [line for part in dashboard_parts(old, new) for line in _lines(part)]


def _lines(part: Part) -> list[str]:
    edits = [f"{part.title} {_words(edit)}".strip() for edit in part.edits]
    return edits if part.mark is Mark.CHANGED else [f"{part.title} {part.mark.value}"]


def _words(edit: Edit) -> str:
    return f"{edit.field}: {edit.old} -> {edit.new}"


A, B, C, D = (panel(title, x, 0) for x, title in zip((0, 6, 12, 18), "ABCD", strict=True))


def test_a_panel_that_changes_places_with_another_is_the_only_one_moved() -> None:
    new = board(
        D | {"gridPos": A["gridPos"]},
        *(panel(title, x, 0) for x, title in zip((6, 12, 18), "ABC", strict=True)),
    )
    assert [
        "layout: (nothing) -> 'A', 'B', 'C' shifted, in the same order",
        "panel 'D' moved: x 18, y 0 -> x 0, y 0",
    ] == said(board(A, B, C, D), new)


def test_forty_panels_that_make_room_are_one_line() -> None:
    old = [panel(f"P{number}", 0, 4 * number) for number in range(40)]
    new = [panel(f"P{number}", 0, 4 * number + 4) for number in range(40)]
    assert [
        "layout: (nothing) -> 'P0', 'P1', 'P2' and 37 more shifted, in the same order",
        "panel 'New' added",
    ] == said(board(*old), board(panel("New", 0, 0), *new))


def test_panels_below_a_row_that_is_moved_down_are_not_moved() -> None:
    old = board(row("CPU", 0), panel("A", 0, 1), row("Memory", 5), panel("B", 0, 6))
    new = board(
        row("CPU", 0), panel("A", 0, 1, h=8), row("Memory", 9) | {"id": 1005}, panel("B", 0, 10)
    )
    assert ["panel 'A' size: 6 x 4 -> 6 x 8"] == said(old, new)


def test_a_panel_in_another_row() -> None:
    old = board(row("CPU", 0), panel("A", 0, 1), panel("B", 6, 1), row("Memory", 5))
    new = board(row("CPU", 0), panel("A", 0, 1), row("Memory", 5), panel("B", 0, 6))
    assert ["panel 'B' row: CPU -> Memory"] == said(old, new)


def test_a_collapsed_row_is_all_that_is_said_of_its_panels() -> None:
    inside = panel("B", 0, 6)
    old = board(row("CPU", 0), panel("A", 0, 1), row("Memory", 5), inside)
    new = board(row("CPU", 0), panel("A", 0, 1), row("Memory", 5, inside, collapsed=True))
    assert ["row 'Memory' collapsed: False -> True"] == said(old, new)


def test_a_panel_with_another_id_is_known_by_its_title_and_query() -> None:
    assert ["panel 'A' id: 65 -> 7"] == said(board(A, B), board(A | {"id": 7}, B))


def test_a_panel_with_another_id_and_title_is_known_by_its_query() -> None:
    new = A | {"id": 7, "title": "Z"}
    assert ["panel 'Z' id: 65 -> 7", "panel 'Z' title: A -> Z"] == said(board(A, B), board(new, B))


def test_two_panels_that_swapped_ids_are_known_by_title_and_query() -> None:
    new = board(A | {"id": B["id"]}, B | {"id": A["id"]})
    assert ["panel 'A' id: 65 -> 66", "panel 'B' id: 66 -> 65"] == said(board(A, B), new)


def test_a_panel_of_the_same_id_and_nothing_else_is_the_same_panel() -> None:
    new = A | {"title": "Z", "type": "gauge", "targets": [{"refId": "A", "expr": "max(z)"}]}
    assert [
        "panel 'Z' title: A -> Z",
        "panel 'Z' visualization: stat -> gauge",
        "panel 'Z' query A: sum(a) -> max(z)",
    ] == said(board(A, B), board(new, B))


def test_panels_without_titles_are_told_by_what_they_are() -> None:
    untitled = {key: value for key, value in A.items() if key != "title"}
    assert ["panel 'stat without a title' removed"] == said(board(untitled, B), board(B))


def test_the_order_of_panels_in_the_list_is_not_looked_at_where_they_lie_elsewhere(
    tmp_path: Path,
) -> None:
    """Grafana draws them where they lie."""
    assert "" == noise.said(tmp_path, board(A, B), board(B, A))
    assert "panel 'A'" in noise.said(tmp_path, board(A, B), board(B))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"unit": "percent"}, {"unit": "percentunit"}, ["unit: percent -> percentunit"]),
        ({}, {"decimals": 2}, ["decimals: (nothing) -> 2"]),
        (
            {"thresholds": {"mode": "absolute", "steps": [{"color": "green", "value": None}]}},
            {
                "thresholds": {
                    "mode": "absolute",
                    "steps": [{"color": "green", "value": None}, {"color": "red", "value": 1}],
                }
            },
            ["thresholds: green -> green, red from 1"],
        ),
        (
            {"thresholds": {"mode": "absolute", "steps": [{"color": "red", "value": 1}]}},
            {"thresholds": {"mode": "percentage", "steps": [{"color": "red", "value": 1}]}},
            ["thresholds: red from 1 -> red from 1%"],
        ),
        ({"custom": {"lineWidth": 1}}, {"custom": {"lineWidth": 2}}, ["lineWidth: 1 -> 2"]),
    ],
)
def test_options_of_fields_are_called_as_in_the_editor(
    old: Json, new: Json, expected: list[str]
) -> None:
    sides = [board(A | {"fieldConfig": {"defaults": defaults}}) for defaults in (old, new)]
    assert [f"panel 'A' {words}" for words in expected] == said(*sides)


def test_queries_that_have_other_letters_are_the_same_queries() -> None:
    old = A | {"targets": [{"refId": "A", "expr": "a"}, {"refId": "B", "expr": "b"}]}
    new = A | {"targets": [{"refId": "B", "expr": "b"}]}
    assert ["panel 'A' query A: a -> (nothing)"] == said(board(old), board(new))


def test_a_data_source_is_told_once_for_a_panel_and_its_queries() -> None:
    old, new = (
        A
        | {
            "datasource": {"uid": uid},
            "targets": [{"refId": "A", "expr": "a", "datasource": {"uid": uid}}],
        }
        for uid in ("one", "two")
    )
    assert ["panel 'A' data source: one -> two"] == said(board(old), board(new))


def test_a_data_source_of_one_query_only_is_told_of_it() -> None:
    old, new = (
        A | {"targets": [{"refId": "A", "expr": "a", "datasource": {"uid": uid}}]}
        for uid in ("one", "two")
    )
    assert ["panel 'A' query A: data source: one -> two"] == said(board(old), board(new))


def variable(name: str, **more: Any) -> Json:
    return {
        "type": "query",
        "name": name,
        "query": {"query": f"label_values({name})", "refId": "A"},
        **more,
    }


def variables(*given: Json) -> Json:
    return board(templating={"list": list(given)})


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ([variable("a")], [variable("a"), variable("b")], ["variable $b added"]),
        (
            [variable("a"), variable("b")],
            [variable("b"), variable("a")],
            ["order of variables: a, b -> b, a"],
        ),
        (
            [variable("a")],
            [variable("a") | {"name": "b"}],
            ["variable $b name: a -> b"],
        ),
        (
            [variable("a", multi=True)],
            [variable("a", multi=False)],
            ["variable $a several values: True -> False"],
        ),
        (
            [variable("a", current={"text": "x", "value": "x"})],
            [variable("a", current={"text": "y", "value": "y"})],
            ["variable $a default value: x -> y"],
        ),
    ],
)
def test_variables(old: list[Json], new: list[Json], expected: list[str]) -> None:
    assert expected == said(variables(*old), variables(*new))


def test_a_dashboard_of_no_known_shape_is_compared_field_by_field() -> None:
    assert ["layout.kind: Grid -> Rows"] == said(
        {"elements": {}, "layout": {"kind": "Grid"}}, {"elements": {}, "layout": {"kind": "Rows"}}
    )
