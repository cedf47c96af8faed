"""Panels: what queries, data sources and alerts add to them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gk import (
    Dashboard,
    alert,
    alert_group,
    bar_gauge,
    gauge,
    heatmap,
    logs,
    override,
    stat,
    table,
    target,
    timeseries,
)
from gk.define.panel import Panel
from tests.cases import every
from tests.conftest import ProjectFolder
from tests.definitions import (
    LOKI,
    NODE,
    PROMETHEUS,
    REF,
    Json,
    busy,
    free,
    idle,
    mistakes,
    panel,
    problems,
    up,
)

# What queries know

FREE = free(mountpoint="/")


def test_query_brings_unit_legend_and_description() -> None:
    """What a snippet says of itself is not typed again."""
    body = panel(timeseries("T", busy))
    assert busy.unit == body["fieldConfig"]["defaults"]["unit"]
    assert "{{instance}}" == body["targets"][0]["legendFormat"]
    assert busy.description == body["description"]


def test_what_the_panel_says_wins() -> None:
    """The panel's own unit, legend and description are in place of the snippet's."""
    body = panel(timeseries("T", target(busy, legend="busy"), unit="percent", description="Mine"))
    assert "percent" == body["fieldConfig"]["defaults"]["unit"]
    assert "busy" == body["targets"][0]["legendFormat"]
    assert "Mine" == body["description"]


def test_unit_none_is_a_unit() -> None:
    """A panel that says it has no unit has none, though its query has."""
    options = panel(gauge("T", busy, unit="none", min=0, max=100))["fieldConfig"]["defaults"]
    assert ("none", 0, 100) == (options["unit"], options["min"], options["max"])


def test_empty_legend_is_grafana_s_own() -> None:
    """A legend that is explicitly empty is neither the snippet's nor automatic."""
    assert "legendFormat" not in panel(timeseries("T", target(busy, legend="")))["targets"][0]


def test_second_unit_is_an_override() -> None:
    """The first query's unit is the panel's; a query with another has an override, by its
    letter."""
    config = panel(timeseries("T", busy, idle, FREE))["fieldConfig"]
    expected = [
        {
            "matcher": {"id": "byFrameRefID", "options": "C"},
            "properties": [{"id": "unit", "value": "bytes"}],
        },
    ]
    assert ("percentunit", expected) == (config["defaults"]["unit"], config["overrides"])


def test_unit_beside_text() -> None:
    """PromQL text among snippets does not shift their units to other queries."""
    config = panel(timeseries("T", "up", busy, "up * 2", target(FREE, ref_id="Free")))[
        "fieldConfig"
    ]
    (rule,) = config["overrides"]
    assert ("percentunit", "Free") == (config["defaults"]["unit"], rule["matcher"]["options"])


def test_an_unknown_unit_of_a_snippet_is_a_mistake_of_the_snippet(
    empty_project: ProjectFolder,
) -> None:
    """At its line, and once, although two panels show it; a panel's own unit is the panel's."""
    empty_project.write(
        {
            "parts.py": """
                from gk.promql import Exporter

                exporter = Exporter("shop", metric="up")


                @exporter.snippet(unit="reqPs")
                def requests(s):
                    return s.select("up")
                """,
            "dashboards/shop.py": """
                from gk import Dashboard, stat, timeseries
                from parts import requests

                shop = Dashboard("Shop", exporter=requests.exporter, panels=[
                    stat("A", requests),
                    stat("B", requests),
                    timeseries("C", requests, unit="Short"),
                ])
                """,
            "datasources/prometheus.py": """
                from gk import Datasource

                prometheus = Datasource.prometheus("P", uid="p", url="http://p", default=True)
                """,
        }
    )

    assert [
        "dashboards/shop.py:7: panel 'C': unit 'Short' is not a Grafana unit; did you mean "
        "'short'?",
        "parts.py:6: snippet shop.requests: unit 'reqPs' is not a Grafana unit; did you mean "
        "'reqps'? (used by panel 'A' and panel 'B')",
    ] == problems(empty_project)


def test_explicit_unit_is_for_all_queries() -> None:
    """A unit that the panel gives leaves no override."""
    assert "overrides" not in panel(timeseries("T", busy, FREE, unit="short"))["fieldConfig"]


def test_own_overrides_stay() -> None:
    """Overrides of the definition come before those that units make, and keep their order."""
    own = [
        override(name="a", properties={"unit": "s"}),
        override(name="b", properties={"unit": "m"}),
    ]
    overrides = panel(timeseries("T", busy, FREE, overrides=own))["fieldConfig"]["overrides"]
    assert ["a", "b", "B"] == [rule["matcher"]["options"] for rule in overrides]


def test_several_descriptions_are_a_list() -> None:
    """Snippets that differ describe the panel line by line; the same one twice does so once."""
    description = panel(timeseries("T", busy, up, busy))["description"]
    assert f"- {busy.description}\n- {up.description}" == description


@pytest.mark.parametrize(
    "definition",
    [
        pytest.param(heatmap("T", busy), id="query"),
        pytest.param(heatmap("T", "up", unit="percentunit"), id="text"),
    ],
)
def test_unit_of_heatmap(definition: Panel) -> None:
    """A heatmap's unit is that of the bounds of its buckets, on the axis."""
    body = panel(definition)
    assert {"unit": "percentunit"} == body["options"]["yAxis"]
    assert "fieldConfig" not in body


def test_heatmap_without_unit() -> None:
    """A heatmap whose query has no unit has no axis options."""
    assert "yAxis" not in panel(heatmap("T", "up"))["options"]


@every("make", [gauge, bar_gauge])
@every(
    "query, arguments, expected",
    [
        pytest.param(busy, {}, (0, 1), id="share"),
        pytest.param("up", {"unit": "percent"}, (0, 100), id="percent"),
        pytest.param(busy, {"max": 4}, (None, 4), id="given"),
        pytest.param(FREE, {}, (None, None), id="no-share"),
    ],
)
def test_bounds_of_gauge(
    make: Callable[..., Panel], query: Any, arguments: Any, expected: tuple[Any, Any]
) -> None:
    """A gauge of a share goes from nothing to all, unless the panel gives a bound."""
    defaults = panel(make("T", query, **arguments))["fieldConfig"]["defaults"]
    assert expected == (defaults.get("min"), defaults.get("max"))


def test_legend_of_text_is_automatic() -> None:
    """PromQL text has no legend of its own, so Grafana names the series by what tells them
    apart."""
    assert "__auto" == panel(timeseries("T", "up"))["targets"][0]["legendFormat"]


def test_legend_of_loki_stays_empty() -> None:
    """Loki does not know the automatic legend of Prometheus, and would show the word."""
    (query,) = panel(logs("T", {"expr": '{app="api"}'}, datasource=LOKI), LOKI, PROMETHEUS)[
        "targets"
    ]
    assert "legendFormat" not in query


def test_queries_get_letters() -> None:
    """Queries without a letter get the first free ones, and a letter that is taken is replaced."""
    given = [
        "up",
        target("up", ref_id="A"),
        target("up", ref_id="Errors"),
        target("up", ref_id="A"),
    ]
    queries = panel(timeseries("T", *given))["targets"]
    assert ["B", "A", "Errors", "C"] == [query["refId"] for query in queries]


def test_more_queries_than_letters() -> None:
    """After Z comes AA, as in Grafana's editor."""
    queries = panel(timeseries("T", *["up"] * 28))["targets"]
    assert ["Z", "AA", "AB"] == [query["refId"] for query in queries[25:]]


def test_snippet_with_missing_argument(project: ProjectFolder) -> None:
    """A snippet that needs an argument is a mistake at the panel that does not give it."""
    project.write(
        {
            "dashboards/d.py": """
                from gk import Dashboard, timeseries
                from gk.promql import Exporter, Scope

                exporter = Exporter("shop")


                @exporter.snippet()
                def of_team(s: Scope, *, team: str) -> str:
                    return s.select("up", team=team)


                dashboard = Dashboard("D", panels=[timeseries("T", of_team)])
            """
        }
    )
    (problem,) = problems(project)
    assert problem.startswith("dashboards/d.py:12: panel 'T': snippet shop.of_team: ")
    assert "'team'" in problem


# Data sources


@every(
    "given, expected",
    [
        pytest.param(LOKI, {"type": "loki", "uid": "loki"}, id="definition"),
        pytest.param("loki", {"type": "loki", "uid": "loki"}, id="uid"),
        pytest.param("Loki", {"type": "loki", "uid": "loki"}, id="name"),
        pytest.param({"type": "loki"}, {"type": "loki", "uid": "loki"}, id="type-alone"),
        pytest.param("$datasource", {"type": "prometheus", "uid": "${datasource}"}, id="variable"),
        pytest.param(
            "${datasource:raw}",
            {"type": "prometheus", "uid": "${datasource}"},
            id="variable-with-format",
        ),
        pytest.param(
            "loki-$node", {"type": "prometheus", "uid": "loki-$node"}, id="variable-in-uid"
        ),
        pytest.param(None, {"type": "prometheus", "uid": "${datasource}"}, id="none"),
    ],
)
def test_data_source(given: Any, expected: Json) -> None:
    """A data source is a definition, a uid, a name or a variable; without one it is the
    dashboard's."""
    arguments = {} if given is None else {"datasource": given}
    body = panel(timeseries("T", "up", **arguments), PROMETHEUS, LOKI)
    assert (expected, [expected]) == (
        body["datasource"],
        [query["datasource"] for query in body["targets"]],
    )


def test_data_source_of_all_targets_is_the_panel_s() -> None:
    """A panel whose targets name one data source has that one, whatever the default is."""
    body = panel(logs("T", {"expr": "{}", "datasource": "loki"}), PROMETHEUS, LOKI)
    assert {"type": "loki", "uid": "loki"} == body["datasource"]


def test_data_sources_that_differ_are_mixed() -> None:
    """A panel whose targets ask several data sources is a mixed one."""
    body = panel(
        timeseries("T", "up", target("{}", datasource=LOKI)), PROMETHEUS, LOKI, exporter=None
    )
    assert {"type": "datasource", "uid": "-- Mixed --"} == body["datasource"]
    assert ["prometheus", "loki"] == [query["datasource"]["uid"] for query in body["targets"]]


def test_expression_is_no_other_data_source() -> None:
    """Grafana's expressions do not make a panel a mixed one."""
    expression = {
        "datasource": {"type": "__expr__", "uid": "__expr__"},
        "type": "math",
        "expression": "$A * 2",
    }
    body = panel(timeseries("T", "up", expression), exporter=None)
    assert (REF, "__expr__") == (body["datasource"], body["targets"][1]["datasource"]["uid"])


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param(
            "promtheus",
            "panel 'T': data source 'promtheus' is not defined in datasources/; "
            "did you mean 'prometheus'?",
            id="unknown",
        ),
        pytest.param(
            "$datasourc",
            "panel 'T': data source '$datasourc' is not a variable of the dashboard; "
            "did you mean 'datasource'?",
            id="unknown-variable",
        ),
        pytest.param(
            {"type": "tempo"},
            "panel 'T': has no data source, and the project has no default of type tempo; "
            "define one in datasources/ with default=True, or set datasource=",
            id="type-without-one",
        ),
    ],
)
def test_data_source_that_is_not_there(given: Any, expected: str) -> None:
    """A data source that nothing defines is a mistake, with the nearest one there is."""
    assert [expected] == mistakes(
        Dashboard("D", exporter=NODE, panels=[timeseries("T", "up", datasource=given)])
    )


@pytest.mark.parametrize(
    ("unit", "hint"),
    [
        pytest.param("percentUnit", "; did you mean 'percentunit'?", id="case"),
        pytest.param("reqp", "; did you mean 'reqps'?", id="letter"),
    ],
)
@pytest.mark.parametrize(
    "where",
    [
        pytest.param(lambda unit: timeseries("T", "up", unit=unit), id="panel"),
        pytest.param(lambda unit: heatmap("T", "up", unit=unit), id="heatmap"),
        pytest.param(
            lambda unit: stat("T", "up", overrides=[override(name="a", properties={"unit": unit})]),
            id="override",
        ),
    ],
)
def test_unknown_unit(unit: str, hint: str, where: Callable[[str], Panel]) -> None:
    """A unit that Grafana does not know is a mistake wherever a panel has one."""
    (problem,) = mistakes(Dashboard("D", panels=[where(unit)]))
    assert (True, True) == (
        problem.startswith(f"panel 'T': unit '{unit}' "),
        problem.endswith(hint),
    ), problem


@pytest.mark.parametrize(
    "unit", ["suffix: items", "currency:EUR", "${unit}"], ids=["suffix", "currency", "variable"]
)
def test_free_unit(unit: str) -> None:
    """Units that Grafana makes of their text, and variables, are taken as they are."""
    assert unit == panel(timeseries("T", "up", unit=unit))["fieldConfig"]["defaults"]["unit"]


# What alerts know


def steps_of(definition: Panel, *alerts: Any) -> list[tuple[str, float | None]]:
    body = panel(definition, alert_group("g", list(alerts)))
    return [
        (step["color"], step["value"])
        for step in body["fieldConfig"]["defaults"]["thresholds"]["steps"]
    ]


@every(
    "alerts, expected",
    [
        pytest.param([alert("A", busy > 0.9)], [("green", None), ("orange", 0.9)], id="above"),
        pytest.param([alert("A", busy >= 0.9)], [("green", None), ("orange", 0.9)], id="from"),
        pytest.param([alert("A", busy < 0.1)], [("orange", None), ("green", 0.1)], id="below"),
        pytest.param(
            [alert("A", busy <= 0.1, severity="critical")],
            [("red", None), ("green", 0.1)],
            id="critical",
        ),
        pytest.param(
            [alert("A", busy > 0.8), alert("B", busy > 0.9, severity="critical")],
            [("green", None), ("orange", 0.8), ("red", 0.9)],
            id="two-severities",
        ),
        pytest.param(
            [alert("A", busy < 0.1), alert("B", busy > 0.9, severity="page")],
            [("orange", None), ("green", 0.1), ("red", 0.9)],
            id="both-sides",
        ),
        pytest.param(
            [alert("A", busy > 0.8, severity="critical"), alert("B", busy > 0.9)],
            [("green", None), ("red", 0.8)],
            id="milder-one-above",
        ),
        pytest.param(
            [alert("A", busy < 0.1, severity="critical"), alert("B", busy < 0.1)],
            [("red", None), ("green", 0.1)],
            id="same-threshold",
        ),
    ],
)
def test_thresholds_of_alerts(alerts: list[Any], expected: list[tuple[str, float | None]]) -> None:
    """A panel that shows what alerts wait for is coloured where they fire."""
    assert expected == steps_of(stat("T", busy), *alerts)


CONDITIONS = st.lists(
    st.tuples(st.sampled_from("><"), st.integers(-9, 99), st.sampled_from(["warning", "critical"])),
    min_size=1,
    max_size=5,
)


@given(CONDITIONS)
def test_colour_is_that_of_the_most_severe_alert(conditions: list[tuple[str, int, str]]) -> None:
    """Whatever the alerts, each value has the colour of the most severe alert that fires at it."""
    alerts = [
        alert(f"A{number}", busy > bound if operator == ">" else busy < bound, severity=severity)
        for number, (operator, bound, severity) in enumerate(conditions)
    ]
    steps = steps_of(stat("T", busy), *alerts)
    for value in (bound + side for _, bound, _ in conditions for side in (-0.5, 0.5)):
        firing = [
            severity
            for operator, bound, severity in conditions
            if (value > bound) == (operator == ">")
        ]
        expected = "red" if "critical" in firing else "orange" if firing else "green"
        shown = [color for color, bound in steps if bound is None or value >= bound][-1]
        assert expected == shown, (value, steps)


def test_time_series_draws_lines_of_alerts() -> None:
    """In a graph the thresholds of alerts are lines."""
    body = panel(timeseries("T", busy), alert_group("g", [alert("A", busy > 0.9)]))
    assert {"mode": "line"} == body["fieldConfig"]["defaults"]["custom"]["thresholdsStyle"]


def test_lines_of_alerts_rise() -> None:
    """Lines are in the order of their values, whatever that of the alerts, or Grafana would not
    draw them."""
    alerts = [
        alert("A", busy > 0.9, severity="critical"),
        alert("B", busy > 0.8),
        alert("C", busy < 0.1),
    ]
    expected = [("green", None), ("orange", 0.1), ("orange", 0.8), ("red", 0.9)]
    assert expected == steps_of(timeseries("T", busy), *alerts)


def test_style_of_thresholds_can_be_chosen() -> None:
    """How a graph draws an alert's thresholds is left to the definition if it says so."""
    extra = {"fieldConfig": {"defaults": {"custom": {"thresholdsStyle": {"mode": "area"}}}}}
    body = panel(timeseries("T", busy, extra=extra), alert_group("g", [alert("A", busy > 0.9)]))
    assert {"mode": "area"} == body["fieldConfig"]["defaults"]["custom"]["thresholdsStyle"]


def test_explicit_thresholds_win() -> None:
    """Thresholds that the panel gives are in place of the alerts'; the link to the alert stays."""
    body = panel(
        timeseries("T", busy, thresholds={0.5: "blue"}), alert_group("g", [alert("A", busy > 0.9)])
    )
    assert [None, 0.5] == [
        step["value"] for step in body["fieldConfig"]["defaults"]["thresholds"]["steps"]
    ]
    assert ["Alert A"] == [link["title"] for link in body["links"]]


def test_thresholds_of_extra_win() -> None:
    """Thresholds in `extra` are the panel's own, too."""
    steps = [{"color": "green", "value": None}, {"color": "purple", "value": 3}]
    extra = {"fieldConfig": {"defaults": {"thresholds": {"steps": steps}}}}
    assert [("green", None), ("purple", 3)] == steps_of(
        stat("T", busy, extra=extra), alert("A", busy > 0.9)
    )


@pytest.mark.parametrize(
    ("query", "count"),
    [
        pytest.param(busy, 1, id="same-query"),
        pytest.param(FREE, 0, id="other-query"),
        pytest.param(free(mountpoint="/boot"), 0, id="other-arguments"),
    ],
)
def test_link_to_alert(query: Any, count: int) -> None:
    """A panel links to the alerts that wait for its query, and to no others."""
    body = panel(timeseries("T", query), alert_group("g", [alert("Node & CPU", busy > 0.9)]))
    expected = [
        {"title": "Alert Node & CPU", "url": "/alerting/list?search=Node%20%26%20CPU"}
    ] * count
    assert expected == body.get("links", [])


@pytest.mark.parametrize(
    ("tile", "count"),
    [
        pytest.param(stat("T", busy), 0, id="stat"),
        pytest.param(gauge("T", busy), 0, id="gauge"),
        pytest.param(timeseries("T", busy, width=4), 0, id="narrow"),
        pytest.param(timeseries("T", busy, width=6), 1, id="wide-enough"),
    ],
)
def test_a_tile_has_no_link_to_an_alert(tile: Any, count: int) -> None:
    """Its title would give way to the link's icon."""
    body = panel(tile, alert_group("g", [alert("A", busy > 0.9)]))
    assert count == len(body.get("links", []))


def test_alerts_of_one_name_are_one_link() -> None:
    """A warning and a critical alert of a kind share their name."""
    alerts = [alert("A", busy > 0.8), alert("A", busy > 0.9, severity="critical")]
    body = panel(timeseries("T", busy), alert_group("g", alerts))
    assert ["Alert A"] == [link["title"] for link in body["links"]]


def test_panel_without_values_takes_no_thresholds() -> None:
    """A table links to the alert and is not painted by it."""
    body = panel(table("T", busy), alert_group("g", [alert("A", busy > 0.9)]))
    assert [None] == [
        step["value"] for step in body["fieldConfig"]["defaults"]["thresholds"]["steps"]
    ]
    assert 1 == len(body["links"])


def test_alert_on_a_query_without_threshold() -> None:
    """An alert that fires for whatever its query returns is linked, and has no threshold to
    draw."""
    body = panel(bar_gauge("T", up), alert_group("g", [alert("A", up)]))
    assert ["Alert A"] == [link["title"] for link in body["links"]]
    assert [None] == [
        step["value"] for step in body["fieldConfig"]["defaults"]["thresholds"]["steps"]
    ]
