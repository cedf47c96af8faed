"""gk pull: an edit made in Grafana becomes an edit of the definition that it is of."""

from __future__ import annotations

import pytest

from tests.pulling import (
    GROUP,
    POINTS,
    RULES,
    SHOP,
    Edit,
    Gk,
    asks,
    edit_of_panel,
    gk,
    of_dashboard,
    of_datasource,
    of_defaults,
    of_mute_timing,
    of_panel,
    of_place,
    of_query,
    of_receiver,
    of_rule,
    of_template,
    pulled,
    steps,
    team,
)
from tests.pushing import Team

__all__ = ["gk", "team"]


@pytest.mark.parametrize(
    ("edit", "name", "patch"),
    [
        pytest.param(
            of_dashboard(refresh="1m"),
            "shop",
            (
                SHOP,
                'in ("de", "fr")])],\n',
                'in ("de", "fr")])],\n    refresh="1m",\n',
            ),
            id="refresh of a dashboard",
        ),
        pytest.param(
            of_panel("Revenue", title="Money"),
            "shop",
            (
                SHOP,
                'stat("Revenue", "sum(revenue)", unit="currencyEUR", description="Per day")',
                'stat("Money", "sum(revenue)", unit="currencyEUR", description="Per day", '
                'key="Revenue")',
            ),
            id="title of a panel, which keeps its id",
        ),
        pytest.param(
            of_defaults("Orders", unit="short"),
            "shop",
            (
                SHOP,
                'unit="reqps"',
                'unit="short"',
            ),
            id="unit",
        ),
        pytest.param(
            of_defaults("Orders", thresholds=steps(120)),
            "shop",
            (
                SHOP,
                'thresholds={100: "red"},  # what',
                'thresholds={120: "red"},  # what',
            ),
            id="threshold",
        ),
        pytest.param(
            of_query("Orders", expr="sum(rate(orders_total[1m]))"),
            "shop",
            (
                SHOP,
                "[5m]",
                "[1m]",
            ),
            id="query",
        ),
        pytest.param(
            of_query("Orders", legendFormat="all of them"),
            "shop",
            (
                SHOP,
                'legend_format="orders"',
                'legend_format="all of them"',
            ),
            id="legend",
        ),
        pytest.param(
            of_query("Revenue", legendFormat="money"),
            "shop",
            (
                SHOP,
                'stat("Revenue", "sum(revenue)", unit="currencyEUR", description="Per day")',
                """stat(
            "Revenue",
            "sum(revenue)",
            unit="currencyEUR",
            description="Per day",
            legend_format="money",
        )""",
            ),
            id="legend of a panel that had none, which makes its line too long",
        ),
        pytest.param(
            of_panel("Revenue", description="Per week"),
            "shop",
            (
                SHOP,
                "Per day",
                "Per week",
            ),
            id="description",
        ),
        pytest.param(
            of_panel("Orders", description="Of a minute"),
            "shop",
            (
                SHOP,
                "height=8,  # as tall as Revenue\n",
                'height=8,  # as tall as Revenue\n            description="Of a minute",\n',
            ),
            id="a description where there was none",
        ),
        pytest.param(
            of_panel("Help", options={"mode": "markdown", "content": "Ask *sales*."}),
            "shop",
            (
                SHOP,
                "Ask *shop*.",
                "Ask *sales*.",
            ),
            id="a text",
        ),
        pytest.param(
            of_rule(0, lambda rule: rule.update({"for": "10m"})),
            "shop",
            (
                GROUP,
                'for_="5m",  # a deploy',
                'for_="10m",  # a deploy',
            ),
            id="how long an alert waits",
        ),
        pytest.param(
            of_rule(0, lambda rule: rule["labels"].update(team="web")),
            "alerts/shop",
            (
                GROUP,
                'labels={"team": "shop"}',
                'labels={"team": "web"}',
            ),
            id="label of an alert",
        ),
        pytest.param(
            of_rule(1, lambda rule: rule["annotations"].update(summary="Slower")),
            "alerts/shop",
            (
                GROUP,
                'summary="Slow"',
                'summary="Slower"',
            ),
            id="summary of an alert",
        ),
        pytest.param(
            of_rule(1, lambda rule: asks(rule, "max(latency) > 3")),
            "alerts/shop",
            (
                GROUP,
                "max(latency) > 2",
                "max(latency) > 3",
            ),
            id="bound of an alert",
        ),
        pytest.param(
            of_receiver("mail", "email", addresses="b@example.com"),
            "Hook",
            (
                POINTS,
                "a@example.com",
                "b@example.com",
            ),
            id="setting of a contact point",
        ),
        pytest.param(
            of_receiver("hook", "webhook", url="http://127.0.0.1:8/", password="[REDACTED]"),
            "Hook",
            (
                POINTS,
                "http://127.0.0.1:9/",
                "http://127.0.0.1:8/",
            ),
            id="setting beside a secret",
        ),
        pytest.param(
            of_datasource(url="http://thanos:9090"),
            "prometheus",
            (
                "datasources/prometheus.py",
                'url="http://prometheus:9090",  # inside',
                'url="http://thanos:9090",  # inside',
            ),
            id="URL of a data source",
        ),
        pytest.param(
            of_template("words", '{{ define "words" }}an alarm{{ end }}'),
            "words",
            (POINTS, "an alert", "an alarm"),
            id="text of a template",
        ),
        pytest.param(
            of_mute_timing("Nights", "21:00"),
            "Nights",
            (POINTS, "22:00", "21:00"),
            id="hour of a mute timing",
        ),
        pytest.param(
            of_dashboard(time={"from": "now-2d", "to": "now"}),
            "shop",
            (
                SHOP,
                'in ("de", "fr")])],\n',
                'in ("de", "fr")])],\n    time=("now-2d", "now"),\n',
            ),
            id="time range of a dashboard",
        ),
    ],
)
def test_an_edit_becomes_an_edit_of_the_argument_that_says_it(
    team: Team, gk: Gk, edit: Edit, name: str, patch: tuple[str, str, str]
) -> None:
    """All else stays as it is, comments with it, and a push finds nothing to do."""
    file, old, new = patch
    before = team.project.read(file)
    assert 1 == before.count(old)
    edit(team)
    assert 1 == gk("push", "--dry-run").code

    ran = gk("pull", name)
    plan = gk("push", "--dry-run")

    assert 0 == ran.code, ran.out + ran.err
    assert before.replace(old, new) == team.project.read(file)
    assert (0, "changed 1 file: 1 change") == (plan.code, ran.out.splitlines()[-1]), plan.out


@pytest.mark.parametrize(
    "places",
    [
        pytest.param({"Orders": {"w": 10}}, id="one is narrower, and the others stay"),
        pytest.param({"Orders": {"x": 12}, "Revenue": {"x": 0}}, id="two change places"),
        pytest.param({"Orders": {"w": 12, "h": 9}}, id="one is taller"),
    ],
)
def test_panels_go_where_somebody_moved_them(
    team: Team, gk: Gk, places: dict[str, dict[str, int]]
) -> None:
    """Those that gk's layout would move with them get a place, too."""
    for title, place in places.items():
        of_place(title, **place)(team)

    ran = pulled(gk, "shop")

    assert "left to you" not in ran.out


def test_a_new_title_of_a_dashboard_keeps_its_uid(team: Team, gk: Gk) -> None:
    """Which gk made of the old one."""
    of_dashboard(title="The shop")(team)

    pulled(gk, "shop")

    text = team.project.read(SHOP)
    assert '        "The shop",\n' in text.replace("\n    ", "\n        ")
    assert 'uid="shop"' in text


def test_a_new_title_of_an_alert_keeps_its_uid(team: Team, gk: Gk) -> None:
    """So that its history stays."""
    uid = team.ask("GET", RULES)["rules"][1]["uid"]
    of_rule(1, lambda rule: rule.update(title="Sluggish"))(team)

    pulled(gk, "alerts")

    assert f'"Sluggish", "max(latency) > 2", severity="warning", summary="Slow", uid="{uid}"' in (
        " ".join(team.project.read(GROUP).split())
    )


def test_a_new_title_of_a_row_keeps_its_id(team: Team, gk: Gk) -> None:
    """As that of a panel."""
    edit_of_panel("Countries", lambda panel: panel.update(title="Nations"))(team)

    pulled(gk, "shop")

    assert 'Row("Nations", ' in team.project.read(SHOP)


def test_many_edits_are_brought_at_once(team: Team, gk: Gk) -> None:
    """Of several objects, in several files."""
    for edit in (
        of_defaults("Orders", unit="short", thresholds=steps(120)),
        of_query("Orders", expr="sum(orders)", legendFormat="all"),
        of_panel("Revenue", title="Money", description="Per week"),
        of_rule(0, lambda rule: rule.update({"for": "10m", "labels": {"severity": "critical"}})),
        of_receiver("mail", "email", addresses="b@example.com"),
    ):
        edit(team)

    ran = pulled(gk, "shop", "alerts/shop", "Hook")

    assert "changed 3 files: 9 changes" == ran.out.splitlines()[-1]
