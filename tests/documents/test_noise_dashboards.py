"""Variables, rows, links and the order of panels: what a dashboard may say or leave out, and what
Grafana shows otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.noise import Json, board, is_as_there, panel, said, said_both_ways, variable

ALL = {"text": "All", "value": "$__all"}


def place(y: int, x: int = 0) -> Json:
    """A position."""
    return {"x": x, "y": y, "w": 12, "h": 8}


def named(title: str, y: int, x: int = 0) -> Json:
    """A panel with this title, and its own id."""
    return panel(id=ord(title), title=title, gridPos=place(y, x))


def collapsed(*inside: Json) -> Json:
    """A dashboard with a collapsed row at the top, and a panel below it."""
    row = {"id": 2, "type": "row", "title": "R", "collapsed": True, "panels": list(inside)}
    return board({**row, "gridPos": {"x": 0, "y": 0, "w": 24, "h": 1}}, named("Z", 1))


def without_id(**keys: object) -> Json:
    """A dashboard with a panel that has no id."""
    given = panel(**keys)
    del given["id"]
    return board(given)


def linked(**keys: object) -> Json:
    """A dashboard with a link."""
    return board(links=[{"title": "L", "type": "link", "url": "/l", **keys}])


def textbox(**keys: object) -> Json:
    """A dashboard with a variable that is typed in."""
    return variable(type="textbox", **{"query": "a", **keys})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(
            variable(includeAll=True),
            variable(includeAll=True, current=ALL),
            id="all, which is chosen anyway",
        ),
        pytest.param(
            variable(includeAll=True, multi=True),
            variable(includeAll=True, multi=True, current={"text": ["All"], "value": ["$__all"]}),
            id="all in a list",
        ),
        pytest.param(
            variable(current={"text": "a", "value": "a"}),
            variable(current={"selected": True, "tags": [], "text": "a", "value": "a"}),
            id="marks of the list",
        ),
        pytest.param(
            variable(multi=True, current={"text": ["a"], "value": ["a"]}),
            variable(multi=True, current={"text": "a", "value": "a"}),
            id="one of several as a text",
        ),
        pytest.param(
            variable(multi=True, current={"text": ["a"], "value": ["a"]}),
            variable(multi=True, current={"text": ["a"], "value": "a"}),
            id="one of several as a text, shown in a list",
        ),
        pytest.param(variable(), variable(current={"text": "", "value": ""}), id="nothing"),
        pytest.param(
            textbox(), textbox(current={"text": "", "value": ""}), id="text that is not typed"
        ),
        pytest.param(variable(), variable(definition=""), id="copy of no query"),
        pytest.param(
            collapsed(named("A", 1), named("B", 9)),
            collapsed(named("A", 40), named("B", 48)),
            id="offset of a collapsed row's panels",
        ),
        pytest.param(
            collapsed(named("A", 1), named("B", 1, x=12)),
            collapsed(named("B", 1, x=12), named("A", 1)),
            id="order inside a collapsed row",
        ),
        pytest.param(
            board(named("A", 0), named("B", 8)),
            board(named("B", 8), named("A", 0)),
            id="order of panels",
        ),
        pytest.param(board(), without_id(), id="id on one side"),
        pytest.param(
            board(), board(timepicker={"time_options": ["5m", "1h"]}), id="times of an old picker"
        ),
        pytest.param(
            collapsed(named("A", 1), named("B", 9)),
            collapsed(named("A", 1), named("B", 300)),
            id="gap inside a collapsed row, which the grid closes",
        ),
        pytest.param(
            linked(),
            linked(keepTime=False, includeVars=False),
            id="what a link does not take along",
        ),
        pytest.param(
            linked(type="dashboards", icon="bolt"),
            linked(type="dashboards", icon="external link"),
            id="icon of a list of dashboards, which has its own",
        ),
    ],
)
def test_what_grafana_shows_alike_is_no_change(tmp_path: Path, one: Json, other: Json) -> None:
    """Neither for `gk diff` nor for `gk push`."""
    assert "" == said_both_ways(tmp_path, one, other)
    assert is_as_there(one, other)


@pytest.mark.parametrize(
    ("expected", "old", "new"),
    [
        pytest.param(
            "        default value: $__all",
            variable(),
            variable(current=ALL),
            id="all of a variable without it",
        ),
        pytest.param(
            "        default value: a",
            variable(includeAll=True),
            variable(includeAll=True, current={"text": "a", "value": "a"}),
            id="one in place of all",
        ),
        pytest.param(
            "        default value: a -> b",
            variable(type="custom", query="a,b", current={"text": "a", "value": "a"}),
            variable(type="custom", query="a,b", current={"text": "b", "value": "b"}),
            id="another one of a list",
        ),
        pytest.param(
            '        default value: ["a"] -> ["a", "b"]',
            variable(multi=True, current={"text": "a", "value": "a"}),
            variable(multi=True, current={"text": ["a", "b"], "value": ["a", "b"]}),
            id="one more",
        ),
        pytest.param(
            "        default value: b",
            textbox(),
            textbox(current={"text": "b", "value": "b"}),
            id="text that is typed",
        ),
        pytest.param("        query: a -> b", textbox(), textbox(query="b"), id="text"),
        pytest.param(
            "        query: a -> b",
            variable(type="constant", query="a"),
            variable(type="constant", query="b"),
            id="constant",
        ),
        pytest.param(
            "        default value: 5m",
            variable(type="interval", query="1m,5m"),
            variable(type="interval", query="1m,5m", current={"text": "5m", "value": "5m"}),
            id="interval",
        ),
        pytest.param(
            "    layout: 'B' shifted, in the same order",
            collapsed(named("A", 1), named("B", 9)),
            collapsed(named("A", 1), named("B", 1, 12)),
            id="place inside a collapsed row",
        ),
        pytest.param(
            "        moved: x 0, y 8 -> x 0, y 0",
            board(named("A", 0), named("B", 8)),
            board(named("B", 0), named("A", 8)),
            id="places of panels",
        ),
        pytest.param("        id: 1 -> 7", board(), board(panel(id=7)), id="id on both sides"),
        pytest.param(
            "    layout: 'Jobs' shifted, in the same order",
            board(),
            without_id(gridPos=place(0, x=12)),
            id="place of a panel without an id",
        ),
        pytest.param(
            '    timepicker: {"refresh_intervals": ["1m"]}',
            board(),
            board(timepicker={"refresh_intervals": ["1m"]}),
            id="intervals of the picker",
        ),
        pytest.param(
            "        icon: bolt -> external link",
            linked(icon="bolt"),
            linked(icon="external link"),
            id="icon of a link",
        ),
        pytest.param(
            "        asDropdown: true",
            linked(type="dashboards"),
            linked(type="dashboards", asDropdown=True),
            id="list of dashboards that drops down",
        ),
    ],
)
def test_what_grafana_shows_otherwise_is_a_change(
    tmp_path: Path, expected: str, old: Json, new: Json
) -> None:
    """For `gk diff` and for `gk push`."""
    assert expected in said(tmp_path, old, new).splitlines()
    assert not is_as_there(old, new)


def test_the_value_that_somebody_chose_in_the_ui_is_no_change(tmp_path: Path) -> None:
    """A dashboard that Grafana saved has an `id`: its last view is in it, for `gk diff`."""
    chosen = variable(current={"text": "b", "value": "b"}) | {"id": 7, "version": 3}
    assert "" == said(tmp_path, variable(), chosen)
