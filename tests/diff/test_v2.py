"""What is said of two dashboards of schema v2: panels as of classic ones, and the parts around
them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import jsonschema
import pytest

from gk.diff.compare import compare
from gk.diff.forms.as_json import as_json
from gk.diff.forms.from_json import from_json
from gk.diff.forms.html import html
from gk.diff.forms.markdown import markdown
from gk.diff.forms.pictures import Fate, pictures
from gk.diff.forms.text import text
from gk.diff.model import Diff, Level
from gk.diff.sides.side import Side
from gk.documents.schema_v2 import classic
from gk.errors import Source
from gk.resource import Kind, Resource, canonical
from tests.cases import every
from tests.conftest import REPOSITORY
from tests.documents.test_schema_v2 import board, envelope, grid, item

Json = dict[str, Any]


def tabs(*parts: Json) -> Json:
    """A layout of tabs."""
    return {"kind": "TabsLayout", "spec": {"tabs": list(parts)}}


def rows(*parts: Json) -> Json:
    """A layout of rows."""
    return {"kind": "RowsLayout", "spec": {"rows": list(parts)}}


def tab(title: str, layout: Json, **keys: Any) -> Json:
    """A tab."""
    return {"kind": "TabsLayoutTab", "spec": {"title": title, "layout": layout, **keys}}


def row(title: str, layout: Json, **keys: Any) -> Json:
    """A row."""
    return {"kind": "RowsLayoutRow", "spec": {"title": title, "layout": layout, **keys}}


def auto(*items: Json | int, **keys: Any) -> Json:
    """An automatic grid."""
    listed = [item(entry) if isinstance(entry, int) else entry for entry in items]
    return {"kind": "AutoGridLayout", "spec": {**keys, "items": listed}}


def rules(*listed: Json, visibility: str = "show", condition: str = "and") -> Json:
    """When a part is shown."""
    spec = {"visibility": visibility, "condition": condition, "items": list(listed)}
    return {"kind": "ConditionalRenderingGroup", "spec": spec}


def when(kind: str, **spec: Any) -> Json:
    """One rule."""
    return {"kind": f"ConditionalRendering{kind}", "spec": spec}


def variable(name: str, query: str = "a,b", **keys: Any) -> Json:
    """A variable with fixed values."""
    return {"kind": "CustomVariable", "spec": {"name": name, "query": query, **keys}}


def dashboard(spec: Json) -> Resource:
    """The resource of a dashboard of schema v2."""
    source = Source("dashboards/jobs.py", 1)
    return Resource(Kind.DASHBOARD, "jobs", "Jobs", "", canonical(envelope(spec)), source)


def compared(old: Json, new: Json, **of_side: Any) -> Diff:
    """The comparison of two dashboards."""
    sides = [
        Side(name=name, resources=[dashboard(spec)], **of_side)
        for name, spec in (("old", old), ("new", new))
    ]
    return compare(*sides)


def said(old: Json, new: Json) -> list[str]:
    """What the text says of the dashboard."""
    lines = text(compared(old, new)).splitlines()
    start = next((at for at, line in enumerate(lines) if line[:2] == "~ "), len(lines))
    return [line.strip() for line in lines[start + 1 : -2]]


def of_layouts(old: Json, new: Json) -> list[str]:
    """What is said of two layouts of the same panels, of which each side has those it shows."""
    return said(*(shown(board(layout)) for layout in (old, new)))


def shown(spec: Json) -> Json:
    """A dashboard without the panels that its layout does not show."""
    names = {name for name in spec["elements"] if f"'{name}'" in repr(spec["layout"])}
    return {**spec, "elements": {name: spec["elements"][name] for name in sorted(names)}}


def test_a_panel_is_compared_in_the_words_of_classic_ones() -> None:
    old, new = board(tabs(tab("One", grid(1)))), board(tabs(tab("One", grid(1))))
    panel = new["elements"]["panel-1"]["spec"]
    panel["title"] = "Other"
    panel["data"]["spec"]["queries"][0]["spec"]["query"]["spec"]["expr"] = "down"
    panel["vizConfig"]["spec"]["fieldConfig"]["defaults"]["unit"] = "ms"
    assert [
        "~ panel 'Other' in tab 'One'",
        "title: Panel 1 -> Other",
        "query A",
        "- up",
        "+ down",
        "unit: s -> ms",
    ] == said(old, new)


def test_what_only_v2_says_of_a_panel_is_said_by_its_word_or_path() -> None:
    new = board(grid(1))
    new["elements"]["panel-1"]["spec"]["subtitle"] = "of all"
    asked = new["elements"]["panel-1"]["spec"]["data"]["spec"]["queries"][0]["spec"]["query"]
    asked["labels"] = {"a": "b"}
    assert [
        "~ panel 'Panel 1'",
        'data.spec.queries: [{"spec": {"query": {"labels": {"a": "b"}}}}]',
        "subtitle: of all",
    ] == said(board(grid(1)), new)


CHIEF = ["visualization: timeseries", "query A: up", "unit: s"]
ONE, TWO = tab("One", grid(1)), tab("Two", grid(2))
API = when("Variable", variable="job", operator="equals", value="api")


@every(
    "expected, old, new",
    [
        pytest.param(["+ tab 'Two'", "+ panel 'Panel 2' in tab 'Two'", *CHIEF],
                     tabs(ONE), tabs(ONE, TWO), id="added"),
        pytest.param(["- tab 'Two'", "- panel 'Panel 2' in tab 'Two'", *CHIEF],
                     tabs(ONE, TWO), tabs(ONE), id="removed"),
        pytest.param(["~ tab 'Both'", "title: Two -> Both"],
                     tabs(ONE, TWO), tabs(ONE, tab("Both", grid(2))), id="renamed"),
        pytest.param(["~ tab 'Two'", "moved: place 2 -> place 1"],
                     tabs(ONE, TWO), tabs(TWO, ONE), id="moved"),
        pytest.param(["~ panel 'Panel 1' in tab 'Two'", "moved: tab 'One' -> tab 'Two'"],
                     tabs(ONE, TWO), tabs(tab("One", grid()), tab("Two", grid(2, 1))),
                     id="panel-in-another-tab"),
        pytest.param(["~ row 'One'", "collapsed: false -> true"],
                     rows(row("One", grid(1))), rows(row("One", grid(1), collapse=True)),
                     id="collapsed"),
        pytest.param(["~ row 'One'", "repeated: no -> for each value of $job"],
                     rows(row("One", grid(1))),
                     rows(row("One", grid(1), repeat={"mode": "variable", "value": "job"})),
                     id="repeated"),
        pytest.param(["~ row 'R' in tab 'Two'", "moved: tab 'One' -> tab 'Two'"],
                     tabs(tab("One", rows(row("R", grid(1)))), tab("Two", rows())),
                     tabs(tab("One", rows()), tab("Two", rows(row("R", grid(1))))),
                     id="row-in-another-tab"),
        pytest.param(["layout: rows -> tabs"],
                     rows(row("One", grid(1))), tabs(tab("One", grid(1))), id="rows-to-tabs"),
    ],
)  # fmt: skip
def test_parts(expected: list[str], old: Json, new: Json) -> None:
    assert expected == of_layouts(old, new)


@pytest.mark.parametrize(
    ("expected", "old", "new"),
    [
        pytest.param(
            "layout: grid -> automatic grid: most columns 3, column width standard, "
            "row height standard",
            grid(1), auto(1), id="kind",
        ),
        pytest.param("most columns: 3 -> 4", auto(1), auto(1, maxColumnCount=4), id="columns"),
        pytest.param("column width: standard -> 400 px", auto(1),
                     auto(1, columnWidthMode="custom", columnWidth=400), id="width"),
        pytest.param("row height: tall -> short", auto(1, rowHeightMode="tall"),
                     auto(1, rowHeightMode="short"), id="height"),
        pytest.param("fills the screen: false -> true", auto(1), auto(1, fillScreen=True),
                     id="fill"),
        pytest.param("gap: 3", auto(1), auto(1, gap=3), id="unknown"),
    ],
)  # fmt: skip
def test_an_automatic_grid(expected: str, old: Json, new: Json) -> None:
    assert [expected] == of_layouts(old, new)


def test_a_panel_in_an_automatic_grid_changes_places() -> None:
    assert ["~ panel 'Panel 3'", "moved: place 3 -> place 1"] == of_layouts(
        auto(1, 2, 3), auto(3, 1, 2)
    )


def test_a_panel_that_makes_room_in_an_automatic_grid_is_not_mentioned() -> None:
    assert ["+ panel 'Panel 3'", *CHIEF] == of_layouts(auto(1, 2), auto(1, 3, 2))


WITH_DATA = when("Data", value=True)
SHORT = when("TimeRangeSize", value="7d")


@pytest.mark.parametrize(
    ("expected", "given"),
    [
        ("shown when $job is 'api'", rules(API)),
        ("shown when $job is 'api' and the time range is up to 7d", rules(API, SHORT)),
        (
            "hidden when $job is 'api' or its queries return data",
            rules(API, WITH_DATA, visibility="hide", condition="or"),
        ),
        ("shown when its queries return no data", rules(when("Data", value=False))),
        (
            "shown when $job does not match 'a.*'",
            rules(when("Variable", variable="job", operator="notMatches", value="a.*")),
        ),
    ],
)
def test_rules_are_said_in_words(expected: str, given: Json) -> None:
    old, new = rows(row("One", grid(1))), rows(row("One", grid(1), conditionalRendering=given))
    assert ["~ row 'One'", f"visibility: always shown -> {expected}"] == of_layouts(old, new)


def test_a_rule_that_gk_does_not_know_is_said_by_its_path() -> None:
    new = rules(when("Moon", value="full"))
    (name, edit) = of_layouts(auto(1), auto(item(1, conditionalRendering=new)))
    assert ("~ panel 'Panel 1'", "conditionalRendering: {") == (name, edit[:23])


def test_an_added_tab_says_its_rules() -> None:
    new = tabs(ONE, tab("Two", auto(), conditionalRendering=rules(API)))
    assert [
        "+ tab 'Two'",
        "visibility: shown when $job is 'api'",
        "layout: automatic grid: most columns 3, column width standard, row height standard",
    ] == of_layouts(tabs(ONE), new)


def test_a_variable_of_a_tab_is_compared_like_one_of_the_dashboard() -> None:
    old = tabs(tab("One", grid(1), variables=[variable("job")]))
    new = tabs(tab("One", grid(1), variables=[variable("job", "a,b,c")]))
    assert ["~ variable $job", "query: a,b -> a,b,c"] == of_layouts(old, new)


def test_a_variable_that_another_tab_has_is_moved() -> None:
    one, two = (tab("One", grid(1)), tab("Two", grid(2)))
    has = {"variables": [variable("job")]}
    old, new = ({**one, "spec": {**one["spec"], **has}}, {**two, "spec": {**two["spec"], **has}})
    assert ["~ variable $job", "part of: tab 'One' -> tab 'Two'"] == of_layouts(
        tabs(old, two), tabs(one, new)
    )


def test_a_variable_stays_in_its_tab_when_a_tab_comes_before_it() -> None:
    own = tab("One", grid(1), variables=[variable("job")])
    assert ["+ tab 'Zero'"] == of_layouts(tabs(own), tabs(tab("Zero", grid()), own))


def test_panels_that_get_a_row_below_them_stay_where_they_are() -> None:
    """They are in a row without a header then."""
    new = rows(row("", grid(1, 2), hideHeader=True), row("More", grid()))
    assert ["layout: grid -> rows", "+ grid 'grid without a title'", "+ row 'More'"] == of_layouts(
        grid(1, 2), new
    )


def test_parts_with_the_same_title_are_told_apart_by_what_they_are_in() -> None:
    old = tabs(tab("A", rows(row("R", grid(1)))), tab("B", rows(row("R", grid(2)))))
    new = tabs(tab("A", rows(row("R", grid()))), tab("B", rows(row("R", grid(2, 1)))))
    assert [
        "~ panel 'Panel 1' in row 'R'",
        "row: row 'R' in tab 'A' -> row 'R' in tab 'B'",
    ] == of_layouts(old, new)


def test_the_versions_of_schema_v2_do_not_differ() -> None:
    """They name a transformation elsewhere."""
    old, new = board(grid(1)), board(grid(1))
    data = old["elements"]["panel-1"]["spec"]["data"]["spec"]
    data["transformations"] = [{"kind": "reduce", "spec": {"id": "reduce", "options": {}}}]
    assert [] == said(old, new)


def test_what_grafana_adds_when_it_stores_a_dashboard_is_no_change() -> None:
    old, new = board(tabs(tab("One", auto(1)))), board(tabs(tab("One", auto(1))))
    grid_ = new["layout"]["spec"]["tabs"][0]["spec"]["layout"]["spec"]
    grid_ |= {
        "maxColumnCount": 3,
        "columnWidthMode": "standard",
        "rowHeightMode": "standard",
        "fillScreen": False,
    }
    new |= {"liveNow": False, "preload": False, "editable": True, "revision": 4}
    new["timeSettings"] |= {"hideTimepicker": False, "fiscalYearStartMonth": 0, "weekStart": ""}
    new["elements"]["panel-1"]["spec"] |= {"transparent": False, "subtitle": ""}
    new["elements"]["panel-1"]["spec"]["vizConfig"]["version"] = "13.0.1"
    assert [] == said(old, new)


def test_the_last_view_of_a_dashboard_that_was_saved_is_no_change() -> None:
    old = board(rows(row("One", grid(1))), variables=[variable("job")])
    new = board(rows(row("One", grid(1), collapse=True)), variables=[variable("job")])
    new["variables"][0]["spec"]["current"] = {"text": "b", "value": "b"}
    new["timeSettings"] |= {"from": "now-30d", "autoRefresh": "5s"}
    assert () == compared(old, new, saved=frozenset({"jobs"})).changes


def test_the_panels_of_a_new_dashboard_are_listed() -> None:
    diff = compare(Side(name="old"), Side(name="new", resources=[dashboard(board(tabs(ONE)))]))
    assert [("tab", "One"), ("panel", "Panel 1")] == [
        (part.kind, part.name) for part in diff.changes[0].parts
    ][:2]


# Causes and risks


def risks_of(old: Json, new: Json) -> list[str]:
    """The messages of the risks."""
    return [risk.message for risk in compared(old, new).risks]


@pytest.mark.parametrize(
    ("user", "layout"),
    [
        pytest.param(
            "tab 'One'", tabs(tab("One", grid(1), conditionalRendering=rules(API))), id="rule"
        ),
        pytest.param(
            "row 'One'",
            rows(row("One", grid(1), repeat={"mode": "variable", "value": "job"})),
            id="repeat",
        ),
        pytest.param("panel 'Panel 1'", auto(item(1, conditionalRendering=rules(API))), id="panel"),
        pytest.param("tab 'On $job'", tabs(tab("On $job", grid(1))), id="title"),
        pytest.param(
            "variable $node",
            tabs(tab("One", grid(1), variables=[variable("node", "$job")])),
            id="variable-of-a-tab",
        ),
    ],
)
def test_a_variable_that_is_gone_and_still_decides_something_is_a_risk(
    user: str, layout: Json
) -> None:
    old, new = board(layout, variables=[variable("job")]), board(layout)
    assert [
        f"variable $job of dashboard 'Jobs' (jobs) is gone, and {user} still uses it"
    ] == risks_of(old, new)


def test_a_variable_that_a_tab_keeps_for_itself_is_a_risk_for_panels_elsewhere() -> None:
    """Grafana looks for it in the parts around a panel, and in the dashboard."""
    one, two = tab("One", grid(1)), tab("Two", grid(2))
    own = tab("One", grid(1), variables=[variable("job")])
    old, new = board(tabs(one, two), variables=[variable("job")]), board(tabs(own, two))
    for spec in (old, new):
        for number in (1, 2):
            spec["elements"][f"panel-{number}"]["spec"]["description"] = "of $job"
    assert [
        "variable $job of dashboard 'Jobs' (jobs) is known only in tab 'One' now, and panel "
        "'Panel 2' still uses it"
    ] == risks_of(old, new)


def test_a_panel_of_a_tab_that_gets_another_id_is_a_risk() -> None:
    old, new = board(tabs(ONE)), board(tabs(ONE))
    new["elements"]["panel-1"]["spec"]["id"] = 9
    assert [
        "panel 'Panel 1' of dashboard 'Jobs' (jobs) has another id: links to the panel (viewPanel) "
        "break; key= keeps it"
    ] == risks_of(old, new)


def test_the_same_edit_in_three_panels_of_tabs_has_one_cause() -> None:
    layout = tabs(tab("One", grid(1, 2)), tab("Two", auto(3)))
    old, new = board(layout), board(layout)
    for number in (1, 2, 3):
        shown_ = new["elements"][f"panel-{number}"]["spec"]["vizConfig"]["spec"]
        shown_["fieldConfig"]["defaults"]["unit"] = "ms"
    assert [("the same unit", "3 panels in 1 dashboard")] == [
        (cause.title, cause.summary) for cause in compared(old, new).causes
    ]


# Classic against schema v2


def classic_of(spec: Json) -> Resource:
    """The classic dashboard that shows the same."""
    return replace(dashboard(spec), json=canonical({**classic(spec).body, "uid": "jobs"}))


def moved(old: Resource, new: Resource) -> Diff:
    """The comparison of two dashboards in any form."""
    return compare(Side(name="old", resources=[old]), Side(name="new", resources=[new]))


ARRANGED = tabs(
    tab("One", grid(1), variables=[variable("job")]),
    tab("Two", auto(2), conditionalRendering=rules(API)),
)
WORDS = "tab 'One', tab 'Two', 1 automatic grid, rules of tab 'Two', variable $job of tab 'One'"


def test_a_dashboard_that_moves_to_v2_says_what_it_has_there_only() -> None:
    spec = shown(board(ARRANGED, variables=[variable("job")]))
    diff = moved(classic_of(spec), dashboard(spec))
    said_ = [
        f"{edit.field}: {edit.old} -> {edit.new}"
        for part in diff.changes[0].parts
        for edit in part.edits
    ]
    assert [f"schema: classic -> v2, with {WORDS}"] == said_
    assert () == diff.risks


def test_a_dashboard_that_becomes_a_classic_one_loses_that() -> None:
    spec = shown(board(ARRANGED, variables=[variable("job")]))
    diff = moved(dashboard(spec), classic_of(spec))
    assert [(Level.DANGER, f"dashboard 'Jobs' becomes a classic one and loses {WORDS}")] == [
        (risk.level, risk.message) for risk in diff.risks
    ]


def test_a_dashboard_of_v2_that_says_no_more_than_its_classic_view_does_not_differ() -> None:
    spec = shown(board(rows(row("One", grid(1)))))
    assert () == moved(dashboard(spec), classic_of(spec)).changes


# Pictures


def drawn(old: Json, new: Json, side: int = 1) -> list[tuple[str, str, Fate, int, int, int]]:
    """What one side's picture shows: type, title, fate, column, width, and pixels from the top."""
    (change,) = compared(*(shown(board(layout)) for layout in (old, new))).changes
    panels = pictures(change)[side].panels
    return [(panel.type, panel.title, panel.fate, panel.x, panel.w, panel.top) for panel in panels]


def test_tabs_are_drawn_below_each_other_with_their_panels() -> None:
    old = tabs(tab("One", grid(1)), tab("Two", auto(2, 3)))
    new = tabs(tab("One", grid(1)), tab("More", auto(2, 3, maxColumnCount=2)))
    assert [
        ("tab", "One", Fate.UNCHANGED, 0, 24, 0),
        ("timeseries", "Panel 1", Fate.UNCHANGED, 0, 8, 22),
        ("tab", "More", Fate.CHANGED, 0, 24, 102),
        ("timeseries", "Panel 2", Fate.UNCHANGED, 0, 12, 124),
        ("timeseries", "Panel 3", Fate.UNCHANGED, 12, 12, 124),
    ] == drawn(old, new)
    assert ("tab", "Two", Fate.CHANGED, 0, 24, 102) in drawn(old, new, side=0)


def test_a_panel_that_went_to_another_tab_is_drawn_as_moved_in_both_pictures() -> None:
    old, new = tabs(ONE, tab("Two", grid(2))), tabs(tab("One", grid()), tab("Two", grid(2, 1)))
    for side in (0, 1):
        assert Fate.MOVED in {
            fate for _, title, fate, *_ in drawn(old, new, side) if title == "Panel 1"
        }


def test_a_collapsed_row_says_how_many_panels_it_hides() -> None:
    old, new = rows(row("One", grid(1, 2))), rows(row("One", grid(1, 2), collapse=True))
    assert [("row", "One (2 panels)", Fate.CHANGED, 0, 24, 0)] == drawn(old, new)


def test_every_form_says_in_which_tab_a_panel_is() -> None:
    old, new = board(tabs(ONE)), board(tabs(ONE))
    new["elements"]["panel-1"]["spec"]["title"] = "Other"
    diff = compared(old, new)
    assert "panel 'Other' in tab 'One'" in text(diff)
    assert "**panel** `Other` in tab `One`" in markdown(diff)
    assert "in tab <bdi>One</bdi>" in html(diff)
    (part,) = json.loads(as_json(diff))["changes"][0]["parts"]
    assert ("One", "tab") == (part["row"], part["within"])
    (read,) = from_json(as_json(diff).encode(), "it").changes[0].parts
    assert ("One", "tab") == (read.row, read.within)


def test_the_document_of_a_comparison_has_the_shape_that_its_schema_says() -> None:
    old = board(tabs(ONE, TWO), variables=[variable("job")])
    new = board(tabs(tab("Two", auto(2), conditionalRendering=rules(API)), tab("Three", grid(3))))
    schema = json.loads((REPOSITORY / "docs/diff.schema.json").read_text())
    jsonschema.validate(json.loads(as_json(compared(old, new))), schema)
