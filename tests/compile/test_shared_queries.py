"""What panels and alerts that share a query know of each other, and how the label of nodes reaches
both."""

from __future__ import annotations

from typing import Any

import pytest

from gk.resource import Kind
from tests.conftest import ProjectFolder

PANELS = """
    from gk import Dashboard, custom_variable, gauge, stat, timeseries
    from gk.library import node

    mount = custom_variable("mount", ["/", "/var"])
    dashboard = Dashboard(
        "Node", uid="node", exporter=node, variables=[mount], panels=[{panels}]
    )
"""
ALERTS = """
    from gk import alert, alert_group
    from gk.library import node

    group = alert_group("node", [{alerts}])
"""


def _panels(project: ProjectFolder) -> dict[str, Any]:
    return {panel["title"]: panel for panel in project.resource(Kind.DASHBOARD).body["panels"]}


@pytest.mark.parametrize(
    ("operator", "severity", "color"),
    [
        pytest.param(">", "warning", "orange", id="above"),
        pytest.param("<", "warning", "orange", id="below"),
        pytest.param("<=", "critical", "red", id="critical"),
    ],
)
def test_a_time_series_draws_a_line_in_the_colour_of_the_alert(
    project: ProjectFolder, operator: str, severity: str, color: str
) -> None:
    """Whichever side of the threshold is bad: Grafana draws each step's line in the step's
    colour."""
    project.write(
        {
            "dashboards/node.py": PANELS.format(panels='timeseries("CPU", node.cpu_idle)'),
            "alerts/node.py": ALERTS.format(
                alerts=f'alert("A", node.cpu_idle {operator} 0.1, severity="{severity}")'
            ),
        }
    )

    defaults = _panels(project)["CPU"]["fieldConfig"]["defaults"]

    assert {"mode": "line"} == defaults["custom"]["thresholdsStyle"]
    assert [{"color": "green", "value": None}, {"color": color, "value": 0.1}] == defaults[
        "thresholds"
    ]["steps"]


def test_a_gauge_colours_the_values_for_which_the_alert_fires(project: ProjectFolder) -> None:
    """Below the threshold of a `<` alert the value is bad, and above it good."""
    project.write(
        {
            "dashboards/node.py": PANELS.format(panels='gauge("CPU", node.cpu_idle)'),
            "alerts/node.py": ALERTS.format(alerts='alert("A", node.cpu_idle < 0.1)'),
        }
    )

    steps = _panels(project)["CPU"]["fieldConfig"]["defaults"]["thresholds"]["steps"]

    assert [{"color": "orange", "value": None}, {"color": "green", "value": 0.1}] == steps


def test_an_alert_links_to_the_panel_that_shows_the_course_of_its_query(
    project: ProjectFolder,
) -> None:
    """A time series later on the dashboard is a better place to look than a stat at its top."""
    project.write(
        {
            "dashboards/node.py": PANELS.format(
                panels='stat("Now", node.cpu_idle), timeseries("CPU", node.cpu_idle)'
            ),
            "alerts/node.py": ALERTS.format(alerts='alert("A", node.cpu_idle < 0.1)'),
        }
    )

    annotations = project.resource(Kind.RULE_GROUP).body["rules"][0]["annotations"]

    assert str(_panels(project)["CPU"]["id"]) == annotations["__panelId__"]


@pytest.mark.parametrize(
    ("labels", "label"),
    [
        pytest.param("kube-prometheus", "node", id="node"),
        pytest.param("annotations", "instance", id="instance"),
    ],
)
def test_the_label_of_nodes_is_named_wherever_a_panel_names_a_field(
    project: ProjectFolder, labels: str, label: str
) -> None:
    """Another preset changes legends, transformations, overrides, links and annotations alike."""
    project.write(
        {
            "gk.yaml": f"labels: {labels}",
            "dashboards/containers.py": """
                from gk import Dashboard, annotation, link, override, table, timeseries
                from gk.promql import Exporter, Scope

                exporter = Exporter("cadvisor")


                @exporter.snippet()
                def cores(s: Scope) -> str:
                    \"\"\"Cores.\"\"\"
                    return f"sum by ({s.node}) ({s.select('machine_cpu_cores')})"


                dashboard = Dashboard(
                    "Containers",
                    exporter=exporter,
                    annotations=[annotation("Marks", cores, text="{{$node}} did it")],
                    panels=[
                        table(
                            "Cores",
                            cores,
                            transformations=[
                                {
                                    "id": "organize",
                                    "options": {"renameByName": {"{{$node}}": "Node"}},
                                },
                            ],
                            overrides=[override(name="{{$node}}", properties={"custom.width": 90})],
                            data_links=[
                                link("Only this", "/d/x?var-node=${__data.fields.{{$node}}}"),
                            ],
                        ),
                    ],
                )
            """,
        }
    )

    body = project.resource(Kind.DASHBOARD).body
    panel = body["panels"][0]

    assert f"{{{{{label}}}}}" == panel["targets"][0]["legendFormat"]
    assert {label: "Node"} == panel["transformations"][0]["options"]["renameByName"]
    assert label == panel["fieldConfig"]["overrides"][0]["matcher"]["options"]
    assert (
        f"/d/x?var-node=${{__data.fields.{label}}}"
        == panel["fieldConfig"]["defaults"]["links"][0]["url"]
    )
    assert f"{{{{{label}}}}} did it" == body["annotations"]["list"][0]["textFormat"]


@pytest.mark.parametrize(
    ("arguments", "thresholds"),
    [
        pytest.param('mountpoint="$mount"', [None, 0.9], id="variable"),
        pytest.param('mountpoint="${mount:regex}"', [None, 0.9], id="variable-with-format"),
        pytest.param('mountpoint="/"', [], id="other-query"),
    ],
)
def test_a_variable_chooses_among_the_series_that_an_alert_watches(
    project: ProjectFolder, arguments: str, thresholds: list[float | None]
) -> None:
    """Its panel draws the threshold and links to the alert; one of another argument is another
    query."""
    project.write(
        {
            "dashboards/node.py": PANELS.format(
                panels=f'timeseries("Used", node.filesystem_used({arguments}))'
            ),
            "alerts/node.py": ALERTS.format(alerts='alert("Full", node.filesystem_used > 0.9)'),
        }
    )

    panel = _panels(project)["Used"]
    steps = panel["fieldConfig"]["defaults"].get("thresholds", {}).get("steps", [])

    assert thresholds == [step["value"] for step in steps]
    assert ["Alert Full"][: len(thresholds)] == [link["title"] for link in panel.get("links", [])]


def test_a_panel_with_the_highest_series_stands_beside_one_with_all(project: ProjectFolder) -> None:
    """They are one query to an alert, and each asks what it shows."""
    panels = 'timeseries("All", node.cpu_busy), timeseries("Top", node.cpu_busy.top(3))'
    project.write(
        {
            "dashboards/node.py": PANELS.format(panels=panels),
            "alerts/node.py": ALERTS.format(alerts='alert("Busy", node.cpu_busy > 0.9)'),
        }
    )

    built = _panels(project)
    all_of_them, top = (built[title]["targets"][0]["expr"] for title in ("All", "Top"))

    assert top.startswith(f"({all_of_them}) and topk(3, max_over_time(topk(3, {all_of_them})[")
    assert built["All"]["links"] == built["Top"]["links"]


def test_two_choices_among_the_series_of_an_alert_link_to_it_once(project: ProjectFolder) -> None:
    """A panel may show the disk of a variable beside all of them."""
    queries = 'node.filesystem_used, node.filesystem_used(mountpoint="$mount")'
    project.write(
        {
            "dashboards/node.py": PANELS.format(panels=f'timeseries("Used", {queries})'),
            "alerts/node.py": ALERTS.format(alerts='alert("Full", node.filesystem_used > 0.9)'),
        }
    )

    assert ["Alert Full"] == [link["title"] for link in _panels(project)["Used"]["links"]]


@pytest.mark.parametrize(
    ("labels", "label"),
    [
        pytest.param("kube-prometheus", "node", id="node"),
        pytest.param("annotations", "instance", id="instance"),
    ],
)
def test_a_target_s_own_legend_names_the_label_of_nodes(
    project: ProjectFolder, labels: str, label: str
) -> None:
    """That of its query, or of the dashboard's exporter for PromQL text."""
    project.write(
        {
            "gk.yaml": f"labels: {labels}",
            "dashboards/containers.py": """
                from gk import Dashboard, target, timeseries
                from gk.library import cadvisor

                dashboard = Dashboard(
                    "Containers",
                    exporter=cadvisor,
                    panels=[
                        timeseries(
                            "Up",
                            target(cadvisor.up, legend="{{$node}} answers"),
                            target("up", legend="{{ $node }} up"),
                        )
                    ],
                )
            """,
        }
    )

    targets = project.resource(Kind.DASHBOARD).body["panels"][0]["targets"]

    assert [f"{{{{{label}}}}} answers", f"{{{{{label}}}}} up"] == [
        target["legendFormat"] for target in targets
    ]


def test_a_target_is_known_by_its_metric_where_the_job_scrapes_other_things_too(
    project: ProjectFolder,
) -> None:
    """`up` of the job kubernetes-service-endpoints is also that of kube-state-metrics, and of many
    a service."""
    project.write(
        {
            "gk.yaml": "labels: annotations",
            "alerts/node.py": ALERTS.format(alerts='alert("Down", node.down_count > 0)'),
        }
    )

    expr = project.resource(Kind.PROMETHEUS_GROUP).body["rules"][0]["expr"]

    assert (
        '(count(max by (instance) ((up{job="kubernetes-service-endpoints"} and on (job, instance) '
        '(last_over_time(node_uname_info{job="kubernetes-service-endpoints"}[12h:5m] @ end()) '
        'or last_over_time(node_uname_info{job="kubernetes-service-endpoints"}[7d:1h] @ end()) '
        'or node_uname_info{job="kubernetes-service-endpoints"}))) == 0) or vector(0)) > 0'
    ) == expr
