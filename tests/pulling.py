"""A team that pushed its project, and what people edit in Grafana afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from gk.grafana.connection import Connection
from tests.conftest import ProjectFolder, Ran, RunGk
from tests.fake_grafana import FakeGrafana
from tests.pushing import Team

__all__ = [
    "ALERTS",
    "DASHBOARD",
    "DATASOURCE",
    "FILES",
    "GROUP",
    "NOTIFICATIONS",
    "POINTS",
    "RULES",
    "SECRETS",
    "SHOP",
    "Edit",
    "Gk",
    "asks",
    "delete",
    "edit_of_dashboard",
    "edit_of_panel",
    "environ",
    "gk",
    "new_panel",
    "of_dashboard",
    "of_datasource",
    "of_defaults",
    "of_mute_timing",
    "of_panel",
    "of_place",
    "of_query",
    "of_receiver",
    "of_rule",
    "of_template",
    "pulled",
    "steps",
    "team",
    "team_of_version",
]

Gk = Callable[..., Ran]
Edit = Callable[[Team], None]
DATASOURCE = """
    from gk import Datasource, secret

    prometheus = Datasource.prometheus(
        "Prometheus",
        uid="prometheus",
        url="http://prometheus:9090",  # inside the cluster
        default=True,
        secure_json_data={"basicAuthPassword": secret("METRICS")},
    )
"""
DASHBOARD = '''
    """What the shop sells."""

    from gk import Dashboard, Row, stat, text, timeseries

    # Money first.
    shop = Dashboard(
        "Shop",
        panels=[
            timeseries(
                "Orders",  # of all countries
                "sum(rate(orders_total[5m]))",
                unit="reqps",
                thresholds={100: "red"},  # what the warehouse can take
                legend_format="orders",
                width=12,
                height=8,  # as tall as Revenue
            ),
            stat("Revenue", "sum(revenue)", unit="currencyEUR", description="Per day"),
            text("Help", "Ask *shop*."),
        ],
        rows=[Row("Countries", [timeseries(f"In {c}", f"sales_{c}") for c in ("de", "fr")])],
    )
'''
ALERTS = """
    from gk import alert, alert_group

    group = alert_group(
        "shop",
        [
            alert(
                "NoOrders",
                "sum(rate(orders_total[5m])) < 1",
                for_="5m",  # a deploy takes four
                severity="critical",
                labels={"team": "shop"},
                summary="No orders",
            ),
            # Another one.
            alert("Slow", "max(latency) > 2", severity="warning", summary="Slow"),
        ],
        folder="Alerts",
    )
"""
NOTIFICATIONS = """
    from gk import contact_point, message_template, mute_timing, receiver, secret

    hook = contact_point(
        "Hook",
        receiver("webhook", {"url": "http://127.0.0.1:9/", "password": secret("HOOK")}, uid="hook"),
        receiver("email", {"addresses": "a@example.com"}, uid="mail"),
    )
    nights = mute_timing("Nights", {"times": [{"start_time": "22:00", "end_time": "23:59"}]})
    words = message_template("words", '{{ define "words" }}an alert{{ end }}')
"""
FILES = {
    "gk.yaml": "project: team\n",
    "datasources/prometheus.py": DATASOURCE,
    "dashboards/shop.py": DASHBOARD,
    "alerts/shop.py": ALERTS,
    "alerts/notifications.py": NOTIFICATIONS,
}
RULES = "/v1/provisioning/folder/alerts/rule-groups/shop"
SECRETS = {"METRICS": "s3cr3t-of-the-metrics", "HOOK": "s3cr3t-of-the-hook"}


@contextmanager
def team_of_version(version: str, project: ProjectFolder) -> Iterator[Team]:
    """A team that pushed its project to a Grafana of a version."""
    with FakeGrafana(version=version) as fake:
        connection = Connection(url=fake.url, name="", user="admin", password="admin")
        team = Team(project, connection, "team", fake, dict(SECRETS)).write(FILES)
        assert {} == team.push().not_done
        fake.requests.clear()
        yield team


def environ(team: Team) -> dict[str, str]:
    """The environment in which gk pulls from the team's Grafana."""
    account = {"GRAFANA_USER": "admin", "GRAFANA_PASSWORD": "admin", "NO_COLOR": "1"}
    return {"GRAFANA_URL": team.connection.url, **account, **SECRETS}


@pytest.fixture(params=["9.3.2", "12.4.0"])
def team(request: pytest.FixtureRequest, empty_project: ProjectFolder) -> Iterator[Team]:
    """A team that pushed its project."""
    with team_of_version(request.param, empty_project) as team:
        yield team


@pytest.fixture
def gk(team: Team, run_gk: RunGk) -> Gk:
    """Run gk with the team's Grafana in the environment."""

    def run(*arguments: str, **more: str) -> Ran:
        return run_gk(*arguments, env={**environ(team), **more})

    return run


def pulled(gk: Gk, *names: str) -> Ran:
    """Pull, after which a push has to find nothing to do."""
    ran = gk("pull", *names)
    plan = gk("push", "--dry-run")
    assert (0, 0) == (ran.code, plan.code), ran.out + ran.err + plan.out
    return ran


# What people do in Grafana


def edit_of_dashboard(change: Callable[[dict[str, Any]], None]) -> Edit:
    def edit(team: Team) -> None:
        body = team.dashboard("shop")
        change(body)
        team.save(body)

    return edit


def edit_of_panel(title: str, change: Callable[[dict[str, Any]], None]) -> Edit:
    def edit(body: dict[str, Any]) -> None:
        change(next(panel for panel in body["panels"] if panel.get("title") == title))

    return edit_of_dashboard(edit)


def of_dashboard(**fields: Any) -> Edit:
    return edit_of_dashboard(lambda body: body.update(fields))


def of_panel(title: str, /, **fields: Any) -> Edit:
    return edit_of_panel(title, lambda panel: panel.update(fields))


def of_defaults(title: str, /, **fields: Any) -> Edit:
    return edit_of_panel(title, lambda panel: panel["fieldConfig"]["defaults"].update(fields))


def of_query(title: str, /, **fields: Any) -> Edit:
    return edit_of_panel(title, lambda panel: panel["targets"][0].update(fields))


def of_place(title: str, /, **fields: int) -> Edit:
    return edit_of_panel(title, lambda panel: panel["gridPos"].update(fields))


def of_rule(number: int, change: Callable[[dict[str, Any]], None]) -> Edit:
    def edit(team: Team) -> None:
        group = team.ask("GET", RULES)
        change(group["rules"][number])
        team.ask("PUT", RULES, group, **{"X-Disable-Provenance": "true"})

    return edit


def of_receiver(uid: str, type: str, **settings: str) -> Edit:
    def edit(team: Team) -> None:
        body = {"uid": uid, "name": "Hook", "type": type, "settings": settings}
        path = f"/v1/provisioning/contact-points/{uid}"
        team.ask("PUT", path, body, **{"X-Disable-Provenance": "true"})

    return edit


def of_datasource(**fields: Any) -> Edit:
    def edit(team: Team) -> None:
        path = "/datasources/uid/prometheus"
        team.ask("PUT", path, {**team.ask("GET", path), **fields})

    return edit


def of_template(name: str, text: str) -> Edit:
    def edit(team: Team) -> None:
        path = f"/v1/provisioning/templates/{name}"
        team.ask("PUT", path, {"template": text}, **{"X-Disable-Provenance": "true"})

    return edit


def of_mute_timing(name: str, start: str) -> Edit:
    def edit(team: Team) -> None:
        times = [{"start_time": start, "end_time": "23:59"}]
        body = {"name": name, "time_intervals": [{"times": times}]}
        path = f"/v1/provisioning/mute-timings/{name}"
        team.ask("PUT", path, body, **{"X-Disable-Provenance": "true"})

    return edit


def steps(bound: float) -> dict[str, Any]:
    steps = [{"color": "green", "value": None}, {"color": "red", "value": bound}]
    return {"mode": "absolute", "steps": steps}


def asks(rule: dict[str, Any], expr: str) -> None:
    rule["data"][0]["model"]["expr"] = expr


def new_panel() -> dict[str, Any]:
    target = {"refId": "A", "expr": "sum(new)"}
    place = {"x": 0, "y": 40, "w": 12, "h": 8}
    return {"type": "timeseries", "title": "New", "id": 9, "targets": [target], "gridPos": place}


def delete(body: dict[str, Any], title: str) -> None:
    body["panels"] = [panel for panel in body["panels"] if panel.get("title") != title]


SHOP, GROUP, POINTS = "dashboards/shop.py", "alerts/shop.py", "alerts/notifications.py"
