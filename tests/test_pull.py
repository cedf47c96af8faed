"""gk pull: an edit made in Grafana becomes an edit of the definition that it is of."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from gk.grafana.connection import Connection
from tests.conftest import ProjectFolder, Ran, RunGk
from tests.fake_grafana import FakeGrafana
from tests.pushing import Team

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


@pytest.fixture(params=["9.3.2", "12.4.0"])
def team(request: pytest.FixtureRequest, empty_project: ProjectFolder) -> Iterator[Team]:
    """A team that pushed its project."""
    with FakeGrafana(version=request.param) as fake:
        connection = Connection(url=fake.url, name="", user="admin", password="admin")
        team = Team(empty_project, connection, "team", fake, dict(SECRETS)).write(FILES)
        assert {} == team.push().not_done
        fake.requests.clear()
        yield team


@pytest.fixture
def gk(team: Team, run_gk: RunGk) -> Gk:
    """Run gk with the team's Grafana in the environment."""

    def run(*arguments: str, **environ: str) -> Ran:
        account = {"GRAFANA_USER": "admin", "GRAFANA_PASSWORD": "admin", "NO_COLOR": "1"}
        env = {"GRAFANA_URL": team.connection.url, **account, **SECRETS}
        return run_gk(*arguments, env={**env, **environ})

    return run


# What people do in Grafana


def _dashboard(change: Callable[[dict[str, Any]], None]) -> Edit:
    def edit(team: Team) -> None:
        body = team.dashboard("shop")
        change(body)
        team.save(body)

    return edit


def _panel(title: str, change: Callable[[dict[str, Any]], None]) -> Edit:
    def edit(body: dict[str, Any]) -> None:
        change(next(each for each in body["panels"] if each.get("title") == title))

    return _dashboard(edit)


def _of_dashboard(**fields: Any) -> Edit:
    return _dashboard(lambda body: body.update(fields))


def _of_panel(title: str, /, **fields: Any) -> Edit:
    return _panel(title, lambda panel: panel.update(fields))


def _of_defaults(title: str, /, **fields: Any) -> Edit:
    return _panel(title, lambda panel: panel["fieldConfig"]["defaults"].update(fields))


def _of_query(title: str, /, **fields: Any) -> Edit:
    return _panel(title, lambda panel: panel["targets"][0].update(fields))


def _of_place(title: str, /, **fields: int) -> Edit:
    return _panel(title, lambda panel: panel["gridPos"].update(fields))


def _of_rule(number: int, change: Callable[[dict[str, Any]], None]) -> Edit:
    def edit(team: Team) -> None:
        group = team.ask("GET", RULES)
        change(group["rules"][number])
        team.ask("PUT", RULES, group, **{"X-Disable-Provenance": "true"})

    return edit


def _of_receiver(uid: str, type: str, **settings: str) -> Edit:
    def edit(team: Team) -> None:
        body = {"uid": uid, "name": "Hook", "type": type, "settings": settings}
        path = f"/v1/provisioning/contact-points/{uid}"
        team.ask("PUT", path, body, **{"X-Disable-Provenance": "true"})

    return edit


def _of_datasource(**fields: Any) -> Edit:
    def edit(team: Team) -> None:
        path = "/datasources/uid/prometheus"
        team.ask("PUT", path, {**team.ask("GET", path), **fields})

    return edit


def _steps(bound: float) -> dict[str, Any]:
    steps = [{"color": "green", "value": None}, {"color": "red", "value": bound}]
    return {"mode": "absolute", "steps": steps}


def _queries(rule: dict[str, Any], expr: str) -> None:
    rule["data"][0]["model"]["expr"] = expr


SHOP, GROUP, POINTS = "dashboards/shop.py", "alerts/shop.py", "alerts/notifications.py"


@pytest.mark.parametrize(
    ("edit", "name", "file", "old", "new"),
    [
        pytest.param(
            _of_dashboard(refresh="1m"),
            "shop",
            SHOP,
            "in (\"de\", \"fr\")])],\n",
            "in (\"de\", \"fr\")])],\n    refresh=\"1m\",\n",
            id="refresh of a dashboard",
        ),
        pytest.param(
            _of_panel("Revenue", title="Money"),
            "shop",
            SHOP,
            'stat("Revenue", "sum(revenue)", unit="currencyEUR", description="Per day")',
            'stat("Money", "sum(revenue)", unit="currencyEUR", description="Per day", '
            'key="Revenue")',
            id="title of a panel, which keeps its id",
        ),
        pytest.param(
            _of_defaults("Orders", unit="short"),
            "shop",
            SHOP,
            'unit="reqps"',
            'unit="short"',
            id="unit",
        ),
        pytest.param(
            _of_defaults("Orders", thresholds=_steps(120)),
            "shop",
            SHOP,
            'thresholds={100: "red"},  # what',
            'thresholds={120: "red"},  # what',
            id="threshold",
        ),
        pytest.param(
            _of_query("Orders", expr="sum(rate(orders_total[1m]))"),
            "shop",
            SHOP,
            "[5m]",
            "[1m]",
            id="query",
        ),
        pytest.param(
            _of_query("Orders", legendFormat="all of them"),
            "shop",
            SHOP,
            'legend_format="orders"',
            'legend_format="all of them"',
            id="legend",
        ),
        pytest.param(
            _of_panel("Revenue", description="Per week"),
            "shop",
            SHOP,
            "Per day",
            "Per week",
            id="description",
        ),
        pytest.param(
            _of_panel("Orders", description="Of a minute"),
            "shop",
            SHOP,
            "height=8,  # as tall as Revenue\n",
            "height=8,  # as tall as Revenue\n            description=\"Of a minute\",\n",
            id="a description where there was none",
        ),
        pytest.param(
            _of_panel("Help", options={"mode": "markdown", "content": "Ask *sales*."}),
            "shop",
            SHOP,
            "Ask *shop*.",
            "Ask *sales*.",
            id="a text",
        ),
        pytest.param(
            _of_rule(0, lambda rule: rule.update({"for": "10m"})),
            "shop",
            GROUP,
            'for_="5m",  # a deploy',
            'for_="10m",  # a deploy',
            id="how long an alert waits",
        ),
        pytest.param(
            _of_rule(0, lambda rule: rule["labels"].update(team="web")),
            "alerts/shop",
            GROUP,
            'labels={"team": "shop"}',
            'labels={"team": "web"}',
            id="label of an alert",
        ),
        pytest.param(
            _of_rule(1, lambda rule: rule["annotations"].update(summary="Slower")),
            "alerts/shop",
            GROUP,
            'summary="Slow"',
            'summary="Slower"',
            id="summary of an alert",
        ),
        pytest.param(
            _of_rule(1, lambda rule: _queries(rule, "max(latency) > 3")),
            "alerts/shop",
            GROUP,
            "max(latency) > 2",
            "max(latency) > 3",
            id="bound of an alert",
        ),
        pytest.param(
            _of_receiver("mail", "email", addresses="b@example.com"),
            "Hook",
            POINTS,
            "a@example.com",
            "b@example.com",
            id="setting of a contact point",
        ),
        pytest.param(
            _of_receiver("hook", "webhook", url="http://127.0.0.1:8/", password="[REDACTED]"),
            "Hook",
            POINTS,
            "http://127.0.0.1:9/",
            "http://127.0.0.1:8/",
            id="setting beside a secret",
        ),
        pytest.param(
            _of_datasource(url="http://thanos:9090"),
            "prometheus",
            "datasources/prometheus.py",
            'url="http://prometheus:9090",  # inside',
            'url="http://thanos:9090",  # inside',
            id="URL of a data source",
        ),
    ],
)
def test_an_edit_becomes_an_edit_of_the_argument_that_says_it(
    team: Team, gk: Gk, edit: Edit, name: str, file: str, old: str, new: str
) -> None:
    """All else stays as it is, comments with it, and a push finds nothing to do."""
    before = team.project.read(file)
    assert 1 == before.count(old)
    edit(team)
    assert 1 == gk("push", "--dry-run").code

    ran = gk("pull", name)
    plan = gk("push", "--dry-run")

    assert 0 == ran.code, ran.out + ran.err
    assert before.replace(old, new) == team.project.read(file)
    assert (0, "changed 1 file: 1 change") == (plan.code, ran.out.splitlines()[-1]), plan.out
