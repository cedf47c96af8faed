"""An alert and the panel that shows its query: the link of the one, the threshold of the other."""

from __future__ import annotations

import pytest

from gk.resource import Kind
from tests.alerting import Json, grafana_rule, group, prometheus_rule, shop, write
from tests.conftest import ProjectFolder, RunGk

__all__ = ["shop"]

DASHBOARD = """
from gk import *
from dashboards.snippets import exporter, failed

shown = Dashboard("Shop", uid="shop", exporter=exporter, panels=[
    timeseries("Failed", failed, id=7),
    timeseries("Failed in the shop", failed(route="/"), id=8),
])
"""


def panel(shop: ProjectFolder, id: int) -> Json:
    """A panel of the dashboard."""
    body = shop.resource(Kind.DASHBOARD).body
    shown: Json = next(candidate for candidate in body["panels"] if candidate["id"] == id)
    return shown


@pytest.mark.parametrize(
    ("expected", "condition"),
    [
        pytest.param("7", "failed > 1", id="same-query"),
        pytest.param("7", "failed(route=None)", id="same-query-without-threshold"),
        pytest.param("8", "failed(route='/') > 1", id="same-arguments"),
        pytest.param("7", "failed(route='/buy') > 1", id="first-of-the-snippet"),
    ],
)
def test_an_alert_links_to_the_panel_that_shows_its_query(
    shop: ProjectFolder, expected: str, condition: str
) -> None:
    """Grafana by annotations of its own, Prometheus by a URL; without an exact match to a panel of
    the snippet."""
    shop.write({"dashboards/shop.py": DASHBOARD, "gk.yaml": "links: {grafana: 'https://grafana/'}"})
    rule = f"alert('Failing', {condition})"

    annotations = grafana_rule(shop, rule)["annotations"]
    assert ("shop", expected) == (annotations["__dashboardUid__"], annotations["__panelId__"])
    url = prometheus_rule(shop, rule)["annotations"]["dashboard_url"]
    assert (
        f"https://grafana/d/shop?viewPanel={expected}" == url.partition("{{")[0].partition("&")[0]
    )


BY_ROUTE = """
from gk import *
from dashboards.snippets import exporter, failed

every = Dashboard("Every", exporter=exporter, panels=[timeseries("Failed", failed, id=1)])
one = Dashboard(
    "One",
    exporter=exporter,
    variables=[query_variable("route", "label_values(failed, route)")],
    panels=[timeseries("Failed", failed(route="$route"), id=2)],
)
"""
_CHOSEN = (
    "{{ with $labels.instance }}&var-node={{ . | urlquery }}{{ end }}"
    "{{ with $labels.route }}&var-route={{ . | urlquery }}{{ end }}"
)


def test_a_link_leads_to_what_the_alert_is_about(shop: ProjectFolder) -> None:
    """To the dashboard with most variables that its labels choose, and the hour before. In
    Grafana, whose own link has the time and no variables, only if the URL of Grafana is known."""
    shop.write({"dashboards/shop.py": BY_ROUTE, "gk.yaml": "links: {grafana: 'https://g/'}"})
    rule = "alert('Failing', failed > 1)"
    time = '{{{{ query "1000 * {}" | first | value | printf "%.0f" }}}}'.format
    hour = f"&from={time('(time() - 3600)')}&to={time('time()')}"

    annotations = grafana_rule(shop, rule)["annotations"]
    assert {"dashboard_url": f"https://g/d/one?viewPanel=2{_CHOSEN}{hour}"} == prometheus_rule(
        shop, rule
    )["annotations"]
    assert ("every", "1") == (annotations["__dashboardUid__"], annotations["__panelId__"])
    assert f"https://g/d/one?viewPanel=2{_CHOSEN}" == annotations["dashboard_url"]

    shop.write({"gk.yaml": ""})
    assert "dashboard_url" not in grafana_rule(shop, rule)["annotations"]


@pytest.mark.parametrize("condition", ["'up == 0'", "text(promql='up') < 1"])
def test_an_alert_that_no_panel_shows_has_no_link(shop: ProjectFolder, condition: str) -> None:
    """Text belongs to no snippet, even where a panel has the same text."""
    shop.write({"dashboards/shop.py": DASHBOARD})

    assert "annotations" not in grafana_rule(shop, f"alert('Failing', {condition})")
    assert "annotations" not in prometheus_rule(shop, f"alert('Failing', {condition})")


@pytest.mark.parametrize(
    ("expected", "links"),
    [
        pytest.param(
            "warning: 1 alert of Prometheus: dashboard_url is a path, which a mail cannot follow; "
            "set links.grafana in gk.yaml to the URL of Grafana\n",
            "{}",
            id="panel",
        ),
        pytest.param("", "{grafana: 'https://grafana/'}", id="none"),
        pytest.param(
            "warning: 1 alert of Prometheus: runbook_url is a path, which a mail cannot follow; "
            "set links.runbooks in gk.yaml to a URL\n",
            "{grafana: 'https://grafana/', runbooks: 'docs/{alert}.md'}",
            id="runbook",
        ),
    ],
)
def test_a_link_that_a_mail_cannot_follow_is_a_warning(
    shop: ProjectFolder, run_gk: RunGk, expected: str, links: str
) -> None:
    shop.write({"dashboards/shop.py": DASHBOARD, "gk.yaml": f"links: {links}"})
    write(shop, group("alert('Failing', failed > 1)"))

    assert expected == run_gk("build").err


def test_a_link_that_the_alert_has_stays(shop: ProjectFolder) -> None:
    """gk fills in what is missing only."""
    shop.write({"dashboards/shop.py": DASHBOARD})
    own = {"dashboard_url": "https://own", "__dashboardUid__": "other", "__panelId__": "1"}

    rule = f"alert('Failing', failed > 1, annotations={own!r})"

    assert own == grafana_rule(shop, rule)["annotations"]
    assert own == prometheus_rule(shop, rule)["annotations"]


def test_a_panel_draws_the_threshold_of_its_query_s_alert(shop: ProjectFolder) -> None:
    """And not that of the same snippet with other arguments, which its series do not have to keep
    to."""
    shop.write({"dashboards/shop.py": DASHBOARD})
    write(shop, group("alert('Failing', failed > 0.5)"))

    exact, other = (
        panel(shop, 7)["fieldConfig"]["defaults"],
        panel(shop, 8)["fieldConfig"]["defaults"],
    )

    assert [{"color": "green", "value": None}, {"color": "orange", "value": 0.5}] == exact[
        "thresholds"
    ]["steps"]
    assert 0.5 not in [step.get("value") for step in other.get("thresholds", {}).get("steps", [])]
    assert ["Alert Failing"] == [link["title"] for link in panel(shop, 7)["links"]]
    assert "links" not in panel(shop, 8)


def test_an_alert_that_is_not_linked_changes_no_panel_and_has_no_link(shop: ProjectFolder) -> None:
    """Neither in Grafana nor in Prometheus, though a panel shows its query."""
    shop.write({"dashboards/shop.py": DASHBOARD, "gk.yaml": "links: {grafana: 'https://g/'}"})
    without = shop.resource(Kind.DASHBOARD).body
    rule = "alert('Failing', failed > 0.5, linked=False)"

    assert "annotations" not in grafana_rule(shop, rule)
    assert "annotations" not in prometheus_rule(shop, rule)
    assert without == shop.resource(Kind.DASHBOARD).body


def test_an_alert_that_is_not_linked_leaves_the_panel_to_others(shop: ProjectFolder) -> None:
    """On the same query."""
    shop.write({"dashboards/shop.py": DASHBOARD})
    write(
        shop,
        group("alert('Own', failed > 0.5, linked=False)", "alert('Failing', failed > 0.7)"),
    )

    shown = panel(shop, 7)
    assert [None, 0.7] == [
        step["value"] for step in shown["fieldConfig"]["defaults"]["thresholds"]["steps"]
    ]
    assert ["Alert Failing"] == [link["title"] for link in shown["links"]]


def test_linked_is_yes_or_no(shop: ProjectFolder, run_gk: RunGk) -> None:
    write(shop, group("alert('Failing', failed > 1, linked='no')"))

    assert (
        "alerts/rules.py:4: alert(): linked must be True or False, not str\n" == run_gk("build").err
    )
