"""Lists of alerts and of dashboards in a preview."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from playwright.sync_api import expect

from gk.preview.asking import lists
from gk.preview.kinds import alertlist, dashlist, kind_of
from gk.preview.model import Field, FieldType, Frame
from tests.cases import every
from tests.chromium import Chromium
from tests.previews import CONFIGS, FRAMES, JSON, START, drawn, page, panel, texts_of

HOSTILE = '</b><script>alert(1)</script>"><img src=x onerror=alert(1)>'


# Alerts


def alerts(*rows: tuple[str, str, int | None, dict[str, str]]) -> Frame:
    """Alerts: their names, states, since how many seconds, and labels."""
    return Frame(
        [
            Field("alertname", FieldType.STRING, [row[0] for row in rows]),
            Field("state", FieldType.STRING, [row[1] for row in rows]),
            Field(
                "activeAt",
                FieldType.TIME,
                [None if row[2] is None else 1_000 * (START + 600 - row[2]) for row in rows],
            ),
            Field("labels", FieldType.OTHER, [row[3] for row in rows]),
            Field("summary", FieldType.STRING, [f"{row[0]} is {row[1]}" for row in rows]),
        ],
        meta={"type": "alerts"},
    )


SOME = alerts(
    ("Slow", "pending", 60, {"severity": "warning", "node": "a"}),
    ("Down", "firing", 3_725, {"severity": "critical", "node": "b"}),
    ("Slow", "firing", 30, {"severity": "critical", "node": "b"}),
    ("Full", "inactive", None, {"severity": "warning"}),
)
ALL = {"firing": True, "pending": True, "normal": True}


def listed(frame: Frame = SOME, **options: Any) -> list[str]:
    """The names and states of the alerts in a list."""
    view = alertlist.view(panel("alertlist", frame, options=options))
    return [f"{alert.name} {alert.state}" for group in view.groups for alert in group.alerts]


@every(
    "active_at, milliseconds",
    [
        ("2023-11-14T22:13:20.123456789Z", 1_700_000_000_123),
        ("2023-11-14T22:13:20Z", 1_700_000_000_000),
        ("2023-11-15T00:13:20.1+02:00", 1_700_000_000_100),
        ("2023-11-14T17:13:20-05:00", 1_700_000_000_000),
        ("yesterday", None),
        (None, None),
    ],
)
def test_an_alert_is_active_since_a_time_in_any_zone(
    active_at: str | None, milliseconds: int | None
) -> None:
    """With as many decimals as the server writes."""
    alert: dict[str, Any] = {"labels": {}, "state": "firing", "activeAt": active_at}
    rule = {"type": "alerting", "name": "Down", "alerts": [alert]}

    frame = lists.alerts([{"name": "G", "rules": [rule]}])

    (since,) = (field for field in frame.fields if field.name == "activeAt")
    assert [milliseconds] == list(since.values)


def test_an_alert_has_its_state_and_says_for_how_long() -> None:
    group = alertlist.view(panel("alertlist", SOME)).groups[0]
    assert ("Down", ["firing for 1h 2m"], ["error"], ["node=b severity=critical"]) == (
        group.title,
        [alert.words for alert in group.alerts],
        [alert.color for alert in group.alerts],
        [alert.labels_text for alert in group.alerts],
    )


def test_alerts_of_a_rule_are_together() -> None:
    view = alertlist.view(panel("alertlist", SOME))
    assert [("Down", 1), ("Slow", 2)] == [(group.title, len(group.alerts)) for group in view.groups]


def test_two_rules_of_one_name_are_two() -> None:
    """As in Grafana 12.4."""
    twice = alerts(("Slow", "firing", 5, {"severity": "a"}), ("Slow", "firing", 5, {}))
    rules = Frame([*twice.fields, Field("rule", FieldType.STRING, ["g 0", "g 1"])], meta=twice.meta)
    view = alertlist.view(panel("alertlist", rules))
    assert (["Slow", "Slow"], 2) == ([group.title for group in view.groups], view.count)


def test_a_rule_has_the_worst_state_of_its_alerts_since_the_first() -> None:
    _, slow = alertlist.view(panel("alertlist", SOME)).groups
    assert ("firing", "1m") == (slow.state, slow.since)


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ({}, ["Down firing", "Slow pending", "Slow firing"]),
        ({"firing": True, "pending": False}, ["Down firing", "Slow firing"]),
        ({"pending": True}, ["Slow pending"]),
        ({"normal": True}, []),
        ({"error": True, "noData": True}, []),
    ],
)
def test_a_list_has_the_states_that_its_filter_lets_through(
    chosen: dict[str, bool], expected: list[str]
) -> None:
    assert sorted(expected) == sorted(listed(stateFilter=chosen))


def test_a_rule_without_alerts_is_there_if_the_panel_says_so() -> None:
    assert ["Full inactive"] == listed(stateFilter={"normal": True}, showInactiveAlerts=True)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"alertName": "low"}, ["Slow firing", "Slow pending"]),
        ({"alertInstanceLabelFilter": '{severity="critical"}'}, ["Down firing", "Slow firing"]),
        ({"alertInstanceLabelFilter": '{severity=~"w.*", node!="b"}'}, ["Slow pending"]),
        ({"alertInstanceLabelFilter": '{severity=~"("}'}, []),
        ({"alertInstanceLabelFilter": "severity=warning"}, ["Slow pending"]),
    ],
)
def test_a_list_has_the_alerts_that_its_filters_name(
    options: dict[str, Any], expected: list[str]
) -> None:
    assert expected == sorted(listed(**options))


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (1, ["Down", "Full", "Slow"]),
        (2, ["Slow", "Full", "Down"]),
        (3, ["Slow", "Down", "Full"]),
        (4, ["Full", "Down", "Slow"]),
        (5, ["Slow", "Down", "Full"]),
    ],
)
def test_a_list_has_the_order_that_its_panel_says(order: int, expected: list[str]) -> None:
    options = {"sortOrder": order, "stateFilter": ALL, "showInactiveAlerts": True}
    view = alertlist.view(panel("alertlist", SOME, options=options))
    assert expected == [group.title for group in view.groups]


def test_the_order_of_importance_is_that_of_the_server() -> None:
    rules = alerts(("Slow", "pending", 5, {}), ("Down", "firing", 5, {}))
    assert ["Slow pending", "Down firing"] == listed(rules, sortOrder=3)


def test_a_list_is_not_longer_than_its_panel_says() -> None:
    assert ["Down firing"] == listed(maxItems=1)


def test_alerts_may_be_grouped_by_their_labels() -> None:
    options = {"groupMode": "custom", "groupBy": ["severity"]}
    view = alertlist.view(panel("alertlist", SOME, options=options))
    assert {"severity=critical": 2, "severity=warning": 1} == {
        group.title: len(group.alerts) for group in view.groups
    }


@pytest.mark.parametrize(("name", "count"), [("", 2), ("slow", 1), ("full", 0)])
def test_a_number_in_place_of_the_list_counts_rules_with_alerts(name: str, count: int) -> None:
    """Of all states."""
    options = {"viewMode": "stat", "stateFilter": {"firing": True}, "alertName": name}
    assert count == alertlist.view(panel("alertlist", SOME, options=options)).count
    assert [str(count)] == texts_of(drawn(panel("alertlist", SOME, options=options)))


def test_a_picture_counts_the_instances_of_a_rule_and_shows_them_if_the_panel_does() -> None:
    shown = texts_of(drawn(panel("alertlist", SOME, options={"alertName": "down"})))
    assert ["Down", "Firing for 1h 2m · 1 instance"] == shown
    options = {"alertName": "down", "showInstances": True}
    assert 3 == len(texts_of(drawn(panel("alertlist", SOME, options=options))))


def test_a_list_without_alerts_says_so() -> None:
    assert ["No alerts matching filters"] == texts_of(drawn(panel("alertlist")))


def test_a_list_says_what_only_a_grafana_could_answer() -> None:
    options = {"dashboardAlerts": True, "folder": {"uid": "x"}, "datasource": "grafana"}
    assert 3 == len(alertlist.view(panel("alertlist", options=options)).notes)


# Dashboards

BOARDS = Frame(
    [
        Field("title", FieldType.STRING, ["Orders", "Node detail", "API"]),
        Field("uid", FieldType.STRING, ["orders", "node", "api"]),
        Field("folder", FieldType.STRING, ["Shop", "Infrastructure", ""]),
        Field("folderUid", FieldType.STRING, ["shop", "infra", ""]),
        Field("tags", FieldType.OTHER, [["shop", "team"], ["infra"], ["team"]]),
    ],
    meta={"type": "dashboards"},
)


@every(
    "options, expected",
    [
        ({}, ["API", "Node detail", "Orders"]),
        ({"tags": ["team"]}, ["API", "Orders"]),
        ({"tags": ["team", "shop"]}, ["Orders"]),
        ({"query": "DE"}, ["Node detail", "Orders"]),
        ({"query": "$name"}, ["Orders"]),
        ({"folderUID": "infra"}, ["Node detail"]),
        ({"maxItems": 2}, ["API", "Node detail"]),
        ({"showSearch": False}, []),
    ],
)
def test_a_list_has_the_dashboards_that_its_search_finds(
    options: dict[str, Any], expected: list[str]
) -> None:
    view = dashlist.view(
        panel(
            "dashlist",
            BOARDS,
            options={"showSearch": True, **options},
            interpolate=lambda text: text.replace("$name", "orders"),
        )
    )
    assert expected == [dashboard.title for dashboard in view.dashboards]


def test_stars_and_visits_are_each_readers_own() -> None:
    options = {"showStarred": True, "showRecentlyViewed": True}
    assert 2 == len(dashlist.view(panel("dashlist", BOARDS, options=options)).notes)


def test_a_picture_names_the_dashboards_and_their_folders() -> None:
    options = {"showSearch": True, "showHeadings": False}
    assert ["API", "Dashboards", "Node detail", "Infrastructure", "Orders", "Shop"] == texts_of(
        drawn(panel("dashlist", BOARDS, options=options))
    )
    options["showFolderNames"] = False
    assert ["API", "Node detail", "Orders"] == texts_of(
        drawn(panel("dashlist", BOARDS, options=options))
    )


# Both


@pytest.mark.parametrize("type", ["alertlist", "dashlist"])
@given(FRAMES, JSON, CONFIGS)
def test_any_data_and_options_make_a_list_and_a_picture(
    type: str, frames: list[Frame], options: Any, config: dict[str, Any]
) -> None:
    shown = panel(type, *frames, options=options, config={"defaults": config})
    drawn(shown)
    kind_of(type).html(kind_of(type).view(shown))


def test_hostile_names_run_nothing(browser: Chromium) -> None:
    frame = alerts((HOSTILE, "firing", 5, {HOSTILE: HOSTILE}), (HOSTILE, "pending", 5, {}))
    titles = Frame(
        [Field(name, FieldType.STRING, [HOSTILE]) for name in ("title", "uid", "folder")],
        meta={"type": "dashboards"},
    )
    groups = {"groupMode": "custom", "groupBy": [HOSTILE]}
    bodies = [
        alertlist.html(alertlist.view(panel("alertlist", frame))),
        alertlist.html(alertlist.view(panel("alertlist", frame, options=groups))),
        dashlist.html(dashlist.view(panel("dashlist", titles, options={"showSearch": True}))),
    ]
    seen = browser.open(page(*bodies))
    expect(seen.page.locator(".rule b").first).to_have_text(HOSTILE)
    expect(seen.page.locator(".dashboards li").first).to_contain_text(HOSTILE)
    assert ([], [], []) == (seen.console, seen.requests, seen.dialogs)
    assert 0 == seen.page.locator("script, img, [onerror], [style]").count()
