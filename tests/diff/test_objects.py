"""Secrets in a comparison, rules of both engines, risks, and renamed or unknown objects."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gk.diff.compare import compare
from gk.diff.forms.as_json import as_json
from gk.diff.model import Change, Level, Mark
from gk.diff.parts.rules import rules
from gk.diff.sides.side import Side
from gk.errors import Problem, Source
from gk.resource import Kind, Resource, canonical
from tests.cases import every

Json = dict[str, Any]


def resource(
    kind: Kind, uid: str, body: Any, *, folder: str = "", file: str = "", title: str = ""
) -> Resource:
    return Resource(kind, uid, title or uid, folder, canonical(body), Source(file, 1))


def side(*resources: Resource, **more: Any) -> Side:
    return Side(name="side", resources=list(resources), **more)


def only_change(old: Resource, new: Resource) -> Change:
    (change,) = compare(side(old), side(new)).changes
    return change


def point(**settings: Any) -> Resource:
    return resource(
        Kind.CONTACT_POINT,
        "pager",
        {"name": "pager", "receivers": [{"uid": "a", "type": "slack", "settings": settings}]},
    )


def datasource(**fields: Any) -> Resource:
    return resource(Kind.DATASOURCE, "db", {"name": "db", "type": "postgres", **fields})


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (point(url="https://example.com/s3cr3t"), point(url="https://example.com/0ther-s3cr3t")),
        (point(token="s3cr3t"), point(token="0ther-s3cr3t")),
        (point(headers={"any": "s3cr3t"}), point(headers={"any": "0ther-s3cr3t"})),
        (datasource(url="http://ada:s3cr3t@db"), datasource(url="http://ada:0ther-s3cr3t@db")),
        (
            datasource(secureJsonData={"password": "s3cr3t"}),
            datasource(secureJsonData={"password": "0ther-s3cr3t"}),
        ),
        (
            datasource(jsonData={"apiKey": "s3cr3t"}),
            datasource(jsonData={"apiKey": "0ther-s3cr3t"}),
        ),
        (datasource(password="s3cr3t"), datasource(password="0ther-s3cr3t")),
    ],
)
def test_a_secret_that_changes_is_a_change_and_shows_nothing_of_itself(
    old: Resource, new: Resource
) -> None:
    diff = compare(side(old), side(new))
    assert 1 == len(diff.changes)
    assert "s3cr3t" not in as_json(diff) + repr(diff)


def test_secrets_that_change_places_are_a_change() -> None:
    assert only_change(point(url="a", token="b"), point(url="b", token="a"))


def test_a_reference_to_a_secret_is_shown() -> None:
    old, new = (
        datasource(secureJsonData={"password": {"$secret": {"env": name}}})
        for name in ("OLD", "NEW")
    )
    (edit,) = only_change(old, new).parts[0].edits
    assert ("secureJsonData.password", "secret OLD", "secret NEW") == (
        edit.field,
        edit.old,
        edit.new,
    )


def grafana_group(*rules: Json) -> Resource:
    return resource(
        Kind.RULE_GROUP, "alerts/shop", {"title": "shop", "rules": list(rules)}, title="shop"
    )


def grafana_rule(title: str = "Slow", bound: float = 1, type: str = "gt", **more: Any) -> Json:
    query = {
        "refId": "A",
        "datasourceUid": "p",
        "model": {"refId": "A", "expr": "seconds", "instant": True},
    }
    decision = {
        "type": "threshold",
        "expression": "A",
        "conditions": [{"evaluator": {"type": type, "params": [bound]}}],
    }
    data = [query, {"refId": "B", "datasourceUid": "__expr__", "model": {"refId": "B", **decision}}]
    return {
        "uid": title.lower(),
        "title": title,
        "condition": "B",
        "data": data,
        "for": "5m",
        **more,
    }


def prometheus_group(*rules: Json) -> Resource:
    return resource(Kind.PROMETHEUS_GROUP, "shop", {"name": "shop", "rules": list(rules)})


def risks(old: Side, new: Side) -> list[tuple[Level, str]]:
    return [(risk.level, risk.message) for risk in compare(old, new).risks]


@every(
    "old, new, expected",
    [
        (
            grafana_rule(bound=1),
            grafana_rule(bound=2),
            ["alert 'Slow' is loosened: it fires at > 2, was > 1"],
        ),
        (grafana_rule(bound=2), grafana_rule(bound=1), []),
        (
            grafana_rule(bound=2, type="lt"),
            grafana_rule(bound=1, type="lt"),
            ["alert 'Slow' is loosened: it fires at < 1, was < 2"],
        ),
        (grafana_rule(bound=1, type="lt"), grafana_rule(bound=2, type="lt"), []),
        (
            grafana_rule(type="gte"),
            grafana_rule(type="gt"),
            ["alert 'Slow' is loosened: it fires at > 1, was >= 1"],
        ),
        (
            grafana_rule(),
            grafana_rule(type="lt"),
            ["alert 'Slow' is changed: it fires at < 1, was > 1"],
        ),
        (
            grafana_rule(),
            grafana_rule() | {"for": "10m"},
            ["alert 'Slow' is loosened: it waits 10m, was 5m"],
        ),
        (grafana_rule(), grafana_rule() | {"for": "300s"}, []),
        (
            grafana_rule(),
            grafana_rule(isPaused=True),
            ["alert 'Slow' is paused: it does not fire any more"],
        ),
        (grafana_rule(isPaused=True), grafana_rule(), []),
        (
            grafana_rule(noDataState="NoData"),
            grafana_rule(noDataState="OK"),
            ["alert 'Slow' is silent without data now, was NoData"],
        ),
        (
            grafana_rule(labels={"severity": "critical"}),
            grafana_rule(labels={"severity": "info"}),
            ["alert 'Slow' is less severe: critical -> info"],
        ),
        (
            grafana_rule(labels={"severity": "info"}),
            grafana_rule(labels={"severity": "critical"}),
            [],
        ),
        (
            grafana_rule(labels={"severity": "info"}),
            grafana_rule(),
            ["alert 'Slow' is less severe: info -> none"],
        ),
        (grafana_rule(), grafana_rule(labels={"severity": "info"}), []),
        # What is called like a field is none.
        (grafana_rule(), grafana_rule(labels={"threshold": "> 9", "for": "9h", "name": "x"}), []),
        (
            grafana_rule(annotations={"severity": "critical"}),
            grafana_rule(annotations={"severity": "info"}),
            [],
        ),
        (
            grafana_rule(labels={"severity": "page"}),
            grafana_rule(labels={"severity": "ticket"}),
            ["alert 'Slow' is changed: its severity is ticket, was page"],
        ),
    ],
)
def test_an_alert_that_is_loosened_is_a_danger(old: Json, new: Json, expected: list[str]) -> None:
    told = risks(side(grafana_group(old)), side(grafana_group(new)))
    assert [(Level.DANGER, message) for message in expected] == told


def test_an_alert_in_another_group_is_not_removed() -> None:
    other = resource(
        Kind.RULE_GROUP, "alerts/all", {"title": "all", "rules": [grafana_rule()]}, title="all"
    )
    told = risks(
        side(grafana_group(grafana_rule(), grafana_rule("Fast"))),
        side(grafana_group(grafana_rule("Fast")), other),
    )
    assert [
        (
            Level.WARNING,
            "alert 'Slow' moves from group 'shop' to 'all': what is pending or firing starts anew",
        )
    ] == told


def test_the_same_change_of_both_engines_is_told_once() -> None:
    old = side(
        grafana_group(grafana_rule(bound=1)),
        prometheus_group({"alert": "Slow", "expr": "seconds > 1", "for": "5m"}),
    )
    new = side(
        grafana_group(grafana_rule(bound=2)),
        prometheus_group({"alert": "Slow", "expr": "seconds > 2", "for": "5m"}),
    )
    diff = compare(old, new)
    assert [Kind.RULE_GROUP] == [change.kind for change in diff.shown]
    assert [Kind.RULE_GROUP, Kind.PROMETHEUS_GROUP] == [change.kind for change in diff.changes]


def test_what_only_prometheus_has_is_told_of_it() -> None:
    old = side(
        grafana_group(grafana_rule(bound=1)),
        prometheus_group({"alert": "Slow", "expr": "seconds > 1"}),
    )
    new = side(
        grafana_group(grafana_rule(bound=2)),
        prometheus_group({"alert": "Slow", "expr": "seconds > 2", "keep_firing_for": "5m"}),
    )
    edits = [
        (change.kind, edit.field)
        for change in compare(old, new).shown
        for part in change.parts
        for edit in part.edits
    ]
    assert [(Kind.RULE_GROUP, "threshold"), (Kind.PROMETHEUS_GROUP, "keeps firing for")] == edits


def test_a_rule_that_is_more_than_a_query_and_a_threshold_is_compared_field_by_field() -> None:
    classic = grafana_rule() | {
        "data": [{"refId": "A", "model": {"type": "classic_conditions", "conditions": [1]}}]
    }
    other = classic | {
        "data": [{"refId": "A", "model": {"type": "classic_conditions", "conditions": [2]}}]
    }
    (edit,) = only_change(grafana_group(classic), grafana_group(other)).parts[0].edits
    assert ("data['A'].model.conditions[0]", 1, 2) == (edit.field, edit.old, edit.new)


def board(uid: str, title: str, *queries: str, folder: str = "", file: str = "") -> Resource:
    panels = [
        {"id": index, "title": query, "targets": [{"expr": query}]}
        for index, query in enumerate(queries, 1)
    ]
    return resource(
        Kind.DASHBOARD,
        uid,
        {"title": title, "panels": panels},
        folder=folder,
        file=file,
        title=title,
    )


def test_a_dashboard_with_another_uid_title_and_mostly_its_panels_is_renamed() -> None:
    change = only_change(board("a", "A", "x", "y", "z"), board("b", "B", "x", "y", "v"))
    assert (Mark.CHANGED, "a", "b") == (change.mark, change.old_uid, change.uid)


def test_a_dashboard_with_other_panels_is_another_dashboard() -> None:
    diff = compare(side(board("a", "A", "x", "y", "z")), side(board("b", "B", "x", "v", "w")))
    assert [Mark.REMOVED, Mark.ADDED] == [change.mark for change in diff.changes]


def test_two_files_are_compared_whatever_they_are_called() -> None:
    sides = [
        side(dashboard, is_file=True) for dashboard in (board("a", "A", "x"), board("b", "B", "y"))
    ]
    assert [Mark.CHANGED] == [change.mark for change in compare(*sides).changes]


def test_folders_are_told_apart_by_their_titles() -> None:
    folders = [
        resource(Kind.FOLDER, uid, {"title": "Shop"}, title="Shop") for uid in ("old", "new")
    ]
    diff = compare(
        side(folders[0], board("a", "A", folder="old")),
        side(folders[1], board("a", "A", folder="new")),
    )
    assert [Kind.FOLDER, Kind.FOLDER] == [change.kind for change in diff.changes]


def test_what_a_broken_file_may_define_is_unknown_and_no_risk() -> None:
    problem = Problem(Source("dashboards/a.py", 3), "is not Python")
    new = side(problems=(problem,), broken=frozenset({"dashboards/a.py"}))
    diff = compare(
        side(board("a", "A", "x", file="dashboards/a.py"), board("b", "B", file="dashboards/b.py")),
        new,
    )
    # Without any resources nothing at all is known of the side.
    assert [Mark.UNKNOWN, Mark.UNKNOWN] == [change.mark for change in diff.changes]
    assert not diff.risks


def test_what_no_broken_file_defines_is_removed() -> None:
    problem = Problem(Source("dashboards/a.py", 3), "is not Python")
    new = side(
        board("c", "C", file="dashboards/c.py"),
        problems=(problem,),
        broken=frozenset({"dashboards/a.py"}),
    )
    old = side(
        board("a", "A", file="dashboards/a.py"),
        board("b", "B", file="dashboards/b.py"),
        *new.resources,
    )
    assert {"a": Mark.UNKNOWN, "b": Mark.REMOVED} == {
        change.uid: change.mark for change in compare(old, new).changes
    }


def test_a_removed_variable_that_is_repeated_by_is_used() -> None:
    body = {"title": "A", "panels": [{"id": 1, "title": "P", "repeat": "node"}]}
    variables = {"templating": {"list": [{"name": "node", "type": "custom"}]}}
    told = risks(
        side(resource(Kind.DASHBOARD, "a", body | variables)),
        side(resource(Kind.DASHBOARD, "a", body)),
    )
    assert [
        (Level.DANGER, "variable $node of dashboard 'a' is gone, and panel 'P' still uses it")
    ] == told


def test_a_query_that_did_not_parse_before_is_no_new_risk() -> None:
    assert [] == risks(side(board("a", "A", "sum(")), side(board("a", "A", "max(")))


def test_the_json_is_one_document() -> None:
    document = json.loads(as_json(compare(side(board("a", "A", "x")), side(board("a", "A", "y")))))
    assert (1, True, 1) == (
        document["version"],
        document["differs"],
        document["summary"]["changed"],
    )


def test_the_settings_of_a_data_source_that_is_added_are_told() -> None:
    (change,) = compare(side(), side(datasource(url="http://db"))).changes
    assert {"name": "db", "type": "postgres", "url": "http://db"} == {
        edit.field: edit.new for part in change.parts for edit in part.edits
    }


def test_the_order_of_receivers_is_no_change() -> None:
    receivers = [{"uid": uid, "type": "email", "settings": {"addresses": uid}} for uid in "ab"]
    old, new = (
        resource(Kind.CONTACT_POINT, "mail", {"name": "mail", "receivers": ordered})
        for ordered in (receivers, receivers[::-1])
    )
    assert not compare(side(old), side(new)).changes


def test_a_folder_with_another_title_moves_no_dashboard() -> None:
    old, new = (
        resource(Kind.FOLDER, "shop", {"title": title}, title=title) for title in ("Shop", "Store")
    )
    diff = compare(
        side(old, board("a", "A", folder="shop")), side(new, board("a", "A", folder="shop"))
    )
    assert [Kind.FOLDER] == [change.kind for change in diff.changes]


@pytest.mark.parametrize(
    ("expr", "query", "threshold"),
    [
        ("a > 1", "a", "> 1"),
        ("(a > 1) > 2", "a > 1", "> 2"),
        ("(a + b) >= 2", "a + b", ">= 2"),
        ("a + b >= 2", "a + b", ">= 2"),
        ("a > b", "a > b", ""),
        ("a and b > 1", "a and b > 1", ""),
        ("a > bool 1", "a > bool 1", ""),
    ],
)
def test_an_alert_of_prometheus_is_a_query_and_what_it_is_compared_with(
    expr: str, query: str, threshold: str
) -> None:
    (rule,) = rules({"rules": [{"alert": "Slow", "expr": expr}]})
    assert (query, threshold) == (rule.expr, rule.bound)


def test_another_threshold_of_the_other_engine_is_told_of_it() -> None:
    old = side(
        grafana_group(grafana_rule(bound=1)),
        prometheus_group({"alert": "Slow", "expr": "seconds > 1"}),
    )
    new = side(
        grafana_group(grafana_rule(bound=2)),
        prometheus_group({"alert": "Slow", "expr": "seconds > 9"}),
    )
    edits = [
        (change.kind, edit.new)
        for change in compare(old, new).shown
        for part in change.parts
        for edit in part.edits
    ]
    assert [(Kind.RULE_GROUP, "> 2"), (Kind.PROMETHEUS_GROUP, "> 9")] == edits


def test_a_query_that_compares_by_itself_is_the_same_in_both_forms() -> None:
    def grafana(expr: str) -> Json:
        rule = grafana_rule()
        rule["data"][0]["model"]["expr"] = expr
        rule["data"][1]["model"] = {
            "type": "math",
            "expression": "is_number($A) || is_inf($A) || is_nan($A)",
        }
        return rule

    old, new = (
        side(
            grafana_group(grafana(expr)),
            prometheus_group({"alert": "Slow", "expr": expr, "for": "5m"}),
        )
        for expr in ("seconds > 1", "seconds > 2")
    )
    diff = compare(old, new)
    edits = [
        (change.kind, edit.field)
        for change in diff.shown
        for part in change.parts
        for edit in part.edits
    ]
    assert [(Kind.RULE_GROUP, "threshold")] == edits
    assert ["alert 'Slow' is loosened: it fires at > 2, was > 1"] == [
        risk.message for risk in diff.risks
    ]
