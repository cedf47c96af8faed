"""Tabs, automatic grids, parts in parts, rules and switches: in schema v2, and in classic
dashboards."""

from __future__ import annotations

from typing import Any

import pytest

from gk.documents.schema_v2 import classic
from gk.resource import Kind
from tests.conftest import ProjectFolder, RunGk
from tests.documents.test_schema_v2_laws import form

Json = dict[str, Any]

V2 = 'grafana: "12.4"\ndashboards: v2\n'
CLASSIC = "project: team\n"
IMPORTS = "from gk import *\n"
CANNOT = "a classic dashboard cannot say more (dashboards: v2 can)"


def board(project: ProjectFolder, definition: str, settings: str = V2) -> Json:
    """The spec of a dashboard in schema v2, or the classic body."""
    project.write({"gk.yaml": settings, "dashboards/one.py": IMPORTS + definition})
    body: Json = project.resource(Kind.DASHBOARD).body
    spec: Json = body.get("spec", body)
    return spec


def layout(project: ProjectFolder, content: str) -> Json:
    """The layout of a dashboard with this content."""
    arrangement: Json = board(project, f"one = Dashboard('One', {content})")["layout"]
    return arrangement


def outline(layout: Json) -> Any:
    """The kinds and titles of a layout's parts, and how many panels it has."""
    spec = layout["spec"]
    parts = [*spec.get("rows", ()), *spec.get("tabs", ())]
    if parts:
        return layout["kind"], [
            (part["spec"]["title"], outline(part["spec"]["layout"])) for part in parts
        ]
    return layout["kind"], len(spec["items"])


UP = "timeseries('Up', 'up')"


@pytest.mark.parametrize(
    ("expected", "content"),
    [
        pytest.param(
            ("TabsLayout", [("A", ("GridLayout", 1)), ("B", ("GridLayout", 0))]),
            f"tabs=[Tab('A', [{UP}]), Tab('B')]",
            id="tabs",
        ),
        pytest.param(
            ("TabsLayout", [("A", ("RowsLayout", [("R", ("GridLayout", 1))]))]),
            f"tabs=[Tab('A', rows=[Row('R', [{UP}])])]",
            id="rows-in-tab",
        ),
        pytest.param(
            ("RowsLayout", [("R", ("TabsLayout", [("A", ("GridLayout", 1))]))]),
            f"rows=[Row('R', tabs=[Tab('A', [{UP}])])]",
            id="tabs-in-row",
        ),
        pytest.param(
            (
                "RowsLayout",
                [("", ("GridLayout", 1)), ("", ("TabsLayout", [("A", ("GridLayout", 1))]))],
            ),
            f"panels=[{UP}], tabs=[Tab('A', [{UP}])]",
            id="panels-above-tabs",
        ),
        pytest.param(("AutoGridLayout", 2), f"panels=auto_grid([{UP}, {UP}])", id="auto-grid"),
        pytest.param(
            ("RowsLayout", [("R", ("AutoGridLayout", 1)), ("S", ("GridLayout", 1))]),
            f"rows=[Row('R', auto_grid([{UP}])), Row('S', [{UP}])]",
            id="auto-grid-in-row",
        ),
    ],
)
def test_the_layout_is_what_the_definition_says(
    project: ProjectFolder, expected: Any, content: str
) -> None:
    assert expected == outline(layout(project, content))


def test_an_automatic_grid_says_its_sizes_in_words_or_pixels(project: ProjectFolder) -> None:
    spec = layout(project, f"panels=auto_grid([{UP}], columns=4, width=300, height='tall')")["spec"]
    del spec["items"]
    assert {
        "maxColumnCount": 4,
        "columnWidthMode": "custom",
        "columnWidth": 300,
        "rowHeightMode": "tall",
        "fillScreen": False,
    } == spec


def conditions(spec: Json) -> Any:
    """The rules of a part or an item."""
    group = spec["conditionalRendering"]["spec"]
    return group["visibility"], group["condition"], [item["spec"] for item in group["items"]]


def test_all_rules_of_a_list_hold_and_any_of_when_any(project: ProjectFolder) -> None:
    variable = "custom_variable('env', ['prod', 'test'])"
    arrangement = layout(
        project,
        f"variables=[{variable}], tabs=["
        "Tab('A', show_when=[when_variable('env', equals='prod'), when_range('7d')]),"
        "Tab('B', show_when=when_any(when_variable('env', matches_not='t.*')))]",
    )
    first, second = (conditions(tab["spec"]) for tab in arrangement["spec"]["tabs"])
    prod = {"variable": "env", "operator": "equals", "value": "prod"}
    other = {"variable": "env", "operator": "notMatches", "value": "t.*"}
    assert (("show", "and", [prod, {"value": "7d"}]), ("show", "or", [other])) == (first, second)


def test_a_panel_of_an_automatic_grid_has_rules(project: ProjectFolder) -> None:
    panel = "timeseries('Errors', 'up', show_when=when_data(False))"
    (item,) = layout(project, f"panels=auto_grid([{panel}])")["spec"]["items"]
    assert ("show", "and", [{"value": False}]) == conditions(item["spec"])


OWN = f"tabs=[Tab('A', [{UP}], variables=[custom_variable('own', ['x', 'y'])])]"


def test_variables_of_a_tab_are_its_own_from_13_on(project: ProjectFolder) -> None:
    spec = board(project, f"one = Dashboard('One', {OWN})", V2.replace("12.4", "13.0"))
    (tab,) = spec["layout"]["spec"]["tabs"]
    own = [variable["spec"]["name"] for variable in tab["spec"]["variables"]]
    assert (["own"], []) == (own, spec["variables"])


def test_variables_of_a_tab_are_the_dashboard_s_before(
    project: ProjectFolder, run_gk: RunGk
) -> None:
    spec = board(project, f"one = Dashboard('One', {OWN})")
    assert (["own"], False) == (
        [variable["spec"]["name"] for variable in spec["variables"]],
        "variables" in spec["layout"]["spec"]["tabs"][0]["spec"],
    )
    assert (
        "warning: dashboards/one.py:2: dashboard 'One': tab 'A': gives its variables (own) to the "
        "dashboard; Grafana 12.4 has no variables of rows and tabs, which need 13.0\n"
    ) == run_gk("build").err


EVERYTHING = f"""
one = Dashboard("One", uid="one", variables=[switch_variable("more")], panels=[{UP}], tabs=[
    Tab("A", auto_grid([
        timeseries("B", "up", show_when=when_data()),
        timeseries("C", "up"),
        timeseries("D", "up"),
    ], columns=2)),
    Tab("E", rows=[
        Row("F", [timeseries("G", "up")], show_when=when_variable("more", equals="true")),
        Row("H", [timeseries("I", "up")], collapsed=True),
    ]),
])
"""


def test_a_classic_dashboard_is_what_grafana_makes_of_the_layout(project: ProjectFolder) -> None:
    body = board(project, EVERYTHING, CLASSIC)
    assert [
        ("Up", (0, 0, 12, 8), []),
        ("A", (0, 8, 24, 1), []),
        ("B", (0, 9, 12, 9), []),
        ("C", (12, 9, 12, 9), []),
        ("D", (0, 18, 12, 9), []),
        ("E", (0, 27, 24, 1), []),
        ("F", (0, 28, 24, 1), []),
        ("G", (0, 29, 12, 8), []),
        ("H", (0, 37, 24, 1), ["I"]),
    ] == [
        (
            panel["title"],
            tuple(panel["gridPos"][key] for key in "xywh"),
            [inner["title"] for inner in panel.get("panels", ())],
        )
        for panel in body["panels"]
    ]


def test_panels_have_the_same_ids_in_both_forms(project: ProjectFolder) -> None:
    """Links of alerts lead to a panel whichever form is built."""
    panels = board(project, EVERYTHING, CLASSIC)["panels"]
    inner = [child for panel in panels for child in panel.get("panels", ())]
    ids = {panel["id"] for panel in (*panels, *inner) if panel["type"] != "row"}
    spec = board(project, EVERYTHING)
    assert ids == {element["spec"]["id"] for element in spec["elements"].values()}
    assert ids == {panel["id"] for panel in every(classic(spec).body["panels"])}


def every(panels: list[Json]) -> list[Json]:
    """The panels, without rows and with those inside them."""
    return [
        shown
        for panel in panels
        for shown in (panel["panels"] if panel["type"] == "row" else [panel])
    ]


def test_both_forms_show_the_same(project: ProjectFolder) -> None:
    """The classic dashboard is the classic view of the one in v2."""
    body = board(project, EVERYTHING, 'grafana: "12.4"')
    assert form(body) == form(classic(board(project, EVERYTHING)).body)


def test_what_a_classic_dashboard_lacks_is_said_at_its_line(
    project: ProjectFolder, run_gk: RunGk
) -> None:
    board(project, EVERYTHING, CLASSIC)
    place = "warning: dashboards/one.py"
    assert [
        f"{place}:4: dashboard 'One': tab 'A': becomes a row; {CANNOT}",
        f"{place}:4: dashboard 'One': auto_grid: becomes a grid of 2 columns and always shows all "
        f"of its panels; {CANNOT}",
        f"{place}:9: dashboard 'One': tab 'E': becomes a row; {CANNOT}",
        f"{place}:10: dashboard 'One': row 'F': leaves the part that it is in and is always shown; "
        f"{CANNOT}",
        f"{place}:11: dashboard 'One': row 'H': leaves the part that it is in; {CANNOT}",
    ] == [line for line in run_gk("build").err.splitlines() if "switch" not in line]


def test_rows_alone_are_as_they_were(project: ProjectFolder, run_gk: RunGk) -> None:
    """In v2 they are made of the classic dashboard."""
    rows = f"one = Dashboard('One', rows=[Row('R', [{UP}]), Row('S', [{UP}], collapsed=True)])"
    board(project, rows, CLASSIC)
    assert "" == run_gk("build").err
    assert ("RowsLayout", [("R", ("GridLayout", 1)), ("S", ("GridLayout", 1))]) == outline(
        board(project, rows)["layout"]
    )


def test_grafanalib_s_rows_are_rows_beside_tabs(project: ProjectFolder) -> None:
    definition = (
        "from grafanalib.core import RowPanel\n"
        f"one = Dashboard('One', rows=[RowPanel(title='R', panels=[{UP}])], tabs=[Tab('A')])"
    )
    assert (
        "RowsLayout",
        [("R", ("GridLayout", 1)), ("", ("TabsLayout", [("A", ("GridLayout", 0))]))],
    ) == outline(board(project, definition)["layout"])


def test_impact_knows_the_rules_that_ask_a_variable(project: ProjectFolder, run_gk: RunGk) -> None:
    rule = "show_when=when_variable('env', equals='prod')"
    board(
        project,
        "one = Dashboard('One', variables=[custom_variable('env', ['prod'])], tabs=["
        f"Tab('A', {rule}), Tab('B', auto_grid([timeseries('P', 'up', {rule})]))])",
    )
    lines = run_gk("impact", "$env").out
    assert (True, True, False) == ("row 'A'" in lines, "panel 'P'" in lines, "row 'B'" in lines)


# Switches


SWITCH = "one = Dashboard('One', variables=[switch_variable('more', on='yes', off='no')])"


@pytest.mark.parametrize(
    ("type_", "settings"),
    [
        ("custom", CLASSIC),
        ("custom", "grafana: ['12.2', '12.4']"),
        ("switch", 'grafana: "12.3"'),
    ],
)
def test_a_switch_is_a_choice_where_a_target_has_none(
    project: ProjectFolder, type_: str, settings: str
) -> None:
    (variable,) = board(project, SWITCH, settings)["templating"]["list"]
    assert (type_, "no", ["yes", "no"]) == (
        variable["type"],
        variable["current"]["value"],
        [option["value"] for option in variable["options"]],
    )


def test_a_switch_that_is_a_choice_is_a_warning(project: ProjectFolder, run_gk: RunGk) -> None:
    board(project, SWITCH, CLASSIC)
    assert (
        "warning: dashboards/one.py:2: dashboard 'One': variable $more is built as a choice of "
        "'yes' and 'no': a switch needs Grafana 12.3, and this project is built for Grafana 9.3 to "
        "13\n"
    ) == run_gk("build").err


def test_a_switch_of_v2_says_both_of_its_values(project: ProjectFolder) -> None:
    (variable,) = board(project, SWITCH)["variables"]
    assert {
        "name": "more",
        "current": "no",
        "enabledValue": "yes",
        "disabledValue": "no",
        "hide": "dontHide",
        "skipUrlSync": False,
    } == variable["spec"]


# Mistakes


@pytest.mark.parametrize(
    ("expected", "content"),
    [
        pytest.param(
            "tab 'A': show_when: 'evn' is not a variable of the dashboard; did you mean 'env'?",
            "tabs=[Tab('A', show_when=when_variable('evn', equals='x'))]",
            id="variable",
        ),
        pytest.param(
            "panel 'P': show_when needs an auto_grid(); or pass it to the row or the tab",
            "panels=[timeseries('P', 'up', show_when=when_data())]",
            id="panel-of-a-grid",
        ),
        pytest.param(
            "row 'R': when_data() is a rule of panels; pass it to a panel",
            "rows=[Row('R', show_when=when_data())]",
            id="data-of-a-row",
        ),
        pytest.param(
            "tab 'A': the dashboard has another variable $env; rename one of them",
            "tabs=[Tab('A', variables=[textbox_variable('env')])]",
            id="variables",
        ),
        pytest.param(
            "when_range(): '7 days' is not a length of time, such as 6h or 7d",
            "rows=[Row('R', show_when=when_range('7 days'))]",
            id="range",
        ),
        pytest.param(
            "when_variable('env'): pass one of equals, equals_not, matches and matches_not",
            "rows=[Row('R', show_when=when_variable('env'))]",
            id="comparison",
        ),
        pytest.param(
            "auto_grid(): height 'hight' is not known; one of short, standard, tall, or pixels",
            f"panels=auto_grid([{UP}], height='hight')",
            id="height",
        ),
        pytest.param(
            "auto_grid(): columns 25 must be from 1 to 24",
            f"panels=auto_grid([{UP}], columns=25)",
            id="columns",
        ),
    ],
)
def test_a_mistake_is_found_at_its_line(
    project: ProjectFolder, run_gk: RunGk, expected: str, content: str
) -> None:
    variable = "variables=[custom_variable('env', ['prod'])]"
    project.write(
        {
            "gk.yaml": V2,
            "dashboards/one.py": f"{IMPORTS}one = Dashboard('One', {variable}, {content})",
        }
    )
    assert f"dashboards/one.py:2: {expected}\n" == run_gk("build").err
