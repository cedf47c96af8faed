"""Each engine gets the rules that it can evaluate, with all that it can be told; what no output of
a project has is no mistake in it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from gk import (
    Datasource,
    alert,
    alert_group,
    contact_point,
    expression,
    mute_timing,
    notification_policy,
    notification_settings,
    receiver,
    recording_rule,
)
from gk.compile import compile
from gk.define.alerting import Alert, AlertGroup, RecordingRule
from gk.diff.compare import compare
from gk.diff.sides.side import Side
from gk.errors import DefinitionError
from gk.explain.impact import impact
from gk.grafana.connection import Connection
from gk.project import load
from gk.provisioning import tree
from gk.provisioning.read import read
from gk.resource import Kind, Resource
from gk.settings import Settings
from tests.checking import checked
from tests.conftest import ProjectFolder
from tests.definitions import LOKI, NODE, PROMETHEUS, busy, mistakes, resources
from tests.fake_grafana import FakeGrafana
from tests.pushing import Team

Json = dict[str, Any]

POSTGRES = Datasource.postgres("Shop", uid="shop", url="db:5432", database="shop", user="gk")
PROMETHEUS_ONLY = Settings(formats=("prometheus",))
GRAFANA_ONLY = Settings(formats=("grafana",))
OFFICE = mute_timing("office", {"weekdays": ["monday:friday"]})
PAGER = contact_point("pager", receiver("email", {"addresses": "team@example.com"}))


@NODE.snippet()
def load1(s: Any) -> str:
    """Load of a node."""
    return f"sum by ({s.node}) ({s.select('node_load1')})"


def body(kind: Kind, *values: Any, settings: Settings | None = None) -> Json:
    """The only document of a kind among the resources of definitions."""
    (resource,) = [
        candidate for candidate in resources(*values, settings=settings) if candidate.kind is kind
    ]
    document: Json = resource.body
    return document


def grafana_rule(*values: Any) -> Json:
    """The only rule that Grafana gets."""
    (rule,) = body(Kind.RULE_GROUP, PROMETHEUS, *values)["rules"]
    assert isinstance(rule, dict)
    return rule


def models(rule: Json) -> list[Json]:
    """The queries and expressions of a rule, without their data sources."""
    return [
        {key: value for key, value in query["model"].items() if key != "datasource"}
        for query in rule["data"]
    ]


def files(tmp_path: Path, *values: Any, settings: Settings | None = None) -> Mapping[str, bytes]:
    """The files of a build."""
    settings = settings or Settings()
    return tree(resources(*values, settings=settings), settings, tmp_path / "built").files


def warnings(tmp_path: Path, *values: Any, settings: Settings | None = None) -> list[str]:
    """The warnings of a build."""
    settings = settings or Settings()
    return tree(resources(*values, settings=settings), settings, tmp_path / "built").warnings


def said(old: list[Resource], new: list[Resource]) -> list[str]:
    """The edits between two sides, in words."""
    diff = compare(Side(name="old", resources=old), Side(name="new", resources=new))
    return [
        f"{edit.field}: {edit.old} -> {edit.new}"
        for change in diff.shown
        for part in change.parts
        for edit in part.edits
    ]


def risks(old: list[Resource], new: list[Resource]) -> list[str]:
    """The risks of the new side."""
    diff = compare(Side(name="old", resources=old), Side(name="new", resources=new))
    return [risk.message for risk in diff.risks]


# What no output has


@pytest.mark.parametrize(
    "group",
    [
        pytest.param(alert_group("g", [alert("A", "up")], interval="15s"), id="interval"),
        pytest.param(alert_group("g", [alert("A", "up")], folder="General"), id="folder"),
        pytest.param(alert_group("g", [alert("A" * 191, "up")]), id="long-name"),
        pytest.param(alert_group("g", [alert("A", "up", uid="a b")]), id="uid"),
        pytest.param(
            alert_group("g", [alert("A", "up", summary="{{ query `up` | first | value }}")]),
            id="template",
        ),
    ],
)
def test_what_only_grafana_refuses_is_right_for_prometheus(group: AlertGroup) -> None:
    """The project builds nothing for Grafana."""
    built = resources(group, settings=PROMETHEUS_ONLY)

    assert [Kind.PROMETHEUS_GROUP] == [
        resource.kind
        for resource in built
        if resource.kind in (Kind.RULE_GROUP, Kind.PROMETHEUS_GROUP)
    ]


def test_a_group_of_recording_rules_is_not_grafana_s() -> None:
    """Whatever the project builds: Grafana has no such group."""
    group = alert_group("g", [recording_rule("job:up:sum", "sum by (job) (up)")], interval="15s")

    assert "15s" == body(Kind.PROMETHEUS_GROUP, group)["interval"]


def test_what_grafana_refuses_is_a_mistake_where_it_is_pushed(project: ProjectFolder) -> None:
    """`gk push` is an output, too."""
    project.write(
        {
            "gk.yaml": "build: {formats: [prometheus]}",
            "alerts/a.py": """
                from gk import alert, alert_group

                group = alert_group("g", [alert("A", "up")], interval="15s")
            """,
        }
    )
    loaded = load(project.root)

    assert compile(loaded)
    with pytest.raises(DefinitionError, match="must be a multiple of 10s"):
        compile(loaded, is_pushed=True)


def test_what_no_engine_parses_is_a_mistake_whatever_is_built() -> None:
    """Both engines would refuse it."""
    for settings in (PROMETHEUS_ONLY, GRAFANA_ONLY):
        (problem,) = set(mistakes(alert_group("g", [alert("A", "sum(")]), settings=settings))
        assert problem.startswith("alert 'A': PromQL does not parse")


# Names


def pair(**more: Any) -> AlertGroup:
    """A warning and a critical alert of one name."""
    rules = [
        alert("DiskFull", "used > 0.8", severity="warning"),
        alert("DiskFull", "used > 0.95", severity="critical"),
    ]
    return alert_group("disk", rules, **more)


def test_alerts_of_one_name_have_uids_of_their_own() -> None:
    """The first keeps the usual one, so that the second may come later."""
    rules = body(Kind.RULE_GROUP, pair())["rules"]

    assert ["disk-diskfull", "disk-diskfull-critical"] == [rule["uid"] for rule in rules]


def test_alerts_of_one_name_have_titles_of_their_own_in_grafana(tmp_path: Path) -> None:
    """Where they differ by severity; Prometheus keeps the name, by which one inhibits another."""
    titles = [rule["title"] for rule in body(Kind.RULE_GROUP, pair())["rules"]]
    names = [rule["alert"] for rule in body(Kind.PROMETHEUS_GROUP, pair())["rules"]]

    assert ["DiskFull", "DiskFull (critical)"] == titles
    assert ["DiskFull", "DiskFull"] == names
    assert [] == warnings(tmp_path, pair())


def test_alerts_of_one_name_in_two_groups_of_a_folder_have_titles_of_their_own() -> None:
    """Grafana counts by folder."""
    groups = [
        alert_group(severity, [alert("DiskFull", "used > 0.8", severity=severity)])
        for severity in ("warning", "critical")
    ]

    titles = {
        resource.title: [rule["title"] for rule in resource.body["rules"]]
        for resource in resources(*groups)
        if resource.kind is Kind.RULE_GROUP
    }

    assert {"warning": ["DiskFull"], "critical": ["DiskFull (critical)"]} == titles


def test_alerts_of_one_name_and_severity_are_a_warning_because_of_older_versions_of_grafana(
    tmp_path: Path,
) -> None:
    """gk does not know which Grafana loads the files."""
    rules = [alert("DiskFull", f"used > {bound}", uid=f"u{bound * 10:.0f}") for bound in (0.8, 0.9)]
    group = alert_group("disk", rules)
    (warning,) = warnings(tmp_path, group)

    assert "folder 'alerts' has 2 rules 'DiskFull': Grafana before 12 does not start" in warning
    # Prometheus never minded.
    assert [] == warnings(tmp_path, group, settings=PROMETHEUS_ONLY)


def test_alerts_of_one_name_are_compared_by_severity() -> None:
    """In any order, but for the first, which keeps the title in Grafana; and where one goes."""
    warning = alert("DiskFull", "used > 0.8", severity="warning", uid="w")
    critical = alert("DiskFull", "used > 0.95", severity="critical", uid="c")

    def side(*rules: Any) -> list[Resource]:
        return resources(alert_group("disk", list(rules)))

    assert [
        "rules['DiskFull (critical)'].title: DiskFull (critical) -> DiskFull",
        "rules['DiskFull'].title: DiskFull -> DiskFull (warning)",
    ] == said(side(warning, critical), side(critical, warning))
    higher = alert("DiskFull", "used > 0.9", severity="warning", uid="w")
    assert ["threshold: > 0.8 -> > 0.9"] == said(side(warning, critical), side(higher, critical))
    assert ["alert 'DiskFull' is removed: it no longer notifies anybody"] == risks(
        side(warning, critical), side(critical)
    )


def test_groups_of_one_name_are_compared_in_their_folders() -> None:
    """What Prometheus's group repeats is told once."""

    def side(bound: int) -> list[Resource]:
        return resources(
            alert_group("app", [alert("Down", "up < 1")], folder="One"),
            alert_group("app", [alert("Down", f"used > {bound}")], folder="Two"),
        )

    assert ["threshold: > 1 -> > 2"] == said(side(1), side(2))


def test_groups_of_one_name_in_two_folders_have_a_file_each(tmp_path: Path) -> None:
    """Prometheus tells groups apart by their files, Grafana by their folders."""
    groups = [
        alert_group("app", [alert("Down", "up == 0")], folder=folder) for folder in ("One", "Two")
    ]

    built = files(tmp_path, *groups)

    names = {
        path: yaml.safe_load(built[path])["groups"][0]["name"]
        for path in built
        if path.startswith("prometheus/")
    }
    assert {
        "prometheus/rules/one-app.yaml": "app",
        "prometheus/rules/two-app.yaml": "app",
    } == names
    objects = {
        yaml.safe_load(built[path])["metadata"]["name"]
        for path in built
        if path.startswith("kubernetes/alerting-prometheus/") and "app" in path
    }
    assert {"gk-one-app", "gk-two-app"} == objects
    uids = [
        rule["uid"]
        for resource in resources(*groups)
        if resource.kind is Kind.RULE_GROUP
        for rule in resource.body["rules"]
    ]
    assert ["app-down", "two-app-down"] == uids


def test_groups_of_one_name_are_read_back_as_two(tmp_path: Path) -> None:
    """Each is in a rule file and in a manifest."""
    groups = [
        alert_group("app", [alert(f"Down{folder}", "up == 0")], folder=folder)
        for folder in ("One", "Two")
    ]
    for path, text in files(tmp_path, *groups).items():
        (tmp_path / "read" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "read" / path).write_bytes(text)

    rule_groups = [
        resource
        for resource in read(tmp_path / "read").resources
        if "rule group" in resource.kind.value
    ]

    assert [("app", Kind.PROMETHEUS_GROUP)] * 2 + [("app", Kind.RULE_GROUP)] * 2 == sorted(
        ((resource.title, resource.kind) for resource in rule_groups), key=str
    )


def test_names_that_prometheus_3_allows_are_a_warning(tmp_path: Path) -> None:
    """gk does not know which Prometheus loads the files."""
    rules: list[Alert | RecordingRule] = [
        recording_rule("http.requests", "sum(up)"),
        alert("A", "up", labels={"k8s.pod": "a"}, annotations={"my-text": "b"}),
    ]
    group = alert_group("g", rules)

    assert [
        "rule group 'g': Prometheus before 3 does not load its file, because of the names "
        "'http.requests', 'k8s.pod', 'my-text'"
    ] == warnings(tmp_path, group)
    in_grafana = warnings(tmp_path, group, settings=GRAFANA_ONLY)
    assert "Prometheus before 3" not in " ".join(in_grafana)


def test_grafana_records_no_name_that_only_prometheus_3_allows() -> None:
    """It would refuse the rule at its start (12.4)."""
    group = alert_group("g", [recording_rule("http.requests", "sum(up)", to="prometheus")])

    (problem,) = mistakes(group)
    assert "Grafana records only names of letters, digits, '_' and ':'" in problem


# Settings of groups


def test_prometheus_is_told_the_limit_and_the_offset_of_a_group() -> None:
    """Grafana has neither."""
    group = alert_group("g", [alert("A", "up")], limit=10, query_offset="1m")

    document = body(Kind.PROMETHEUS_GROUP, group)
    assert (10, "1m") == (document["limit"], document["query_offset"])
    assert set() == body(Kind.RULE_GROUP, group).keys() & {"limit", "query_offset"}


@pytest.mark.parametrize(
    ("message", "more"),
    [
        ("alert group 'g': limit -1 is negative", {"limit": -1}),
        ("alert group 'g': query_offset '1 m' is not a duration", {"query_offset": "1 m"}),
    ],
)
def test_a_setting_that_prometheus_refuses_is_a_mistake(message: str, more: Json) -> None:
    """At the group's line."""
    (problem,) = mistakes(alert_group("g", [alert("A", "up")], **more))

    assert problem.startswith(message)


def test_promtool_takes_the_limit_and_how_long_an_alert_keeps_firing(tmp_path: Path) -> None:
    """Since 2.31 and 2.42."""
    group = alert_group("g", [alert("A", "up", keep_firing_for="5m")], limit=10)
    rules = tmp_path / "g.yaml"
    rules.write_bytes(files(tmp_path, group)["prometheus/rules/g.yaml"])

    assert "SUCCESS: 1 rules found" in promtool(rules)


def promtool(path: Path) -> str:
    """What promtool says about a rule file."""
    try:
        command = ["promtool", "check", "rules", str(path)]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    except FileNotFoundError:
        pytest.skip("promtool is not installed")
    return ran.stdout + ran.stderr


def test_a_changed_setting_of_a_group_is_told_in_words() -> None:
    """A limit may make rules fail."""
    old = resources(alert_group("g", [alert("A", "up")], limit=20, query_offset="60s"))
    new = resources(alert_group("g", [alert("A", "up")], limit=10, query_offset="2m"))

    assert ["limit: 20 -> 10", "query offset: 1m -> 2m"] == said(old, new)
    assert ["rule group 'g' has the limit 10, was 20: a rule that returns more fails"] == risks(
        old, new
    )


# Other data sources


@pytest.mark.parametrize(
    ("expected", "datasource", "condition"),
    [
        pytest.param(
            {"expr": 'sum(count_over_time({app="x"} |= "e" [5m])) > 5', "queryType": "instant"},
            "loki",
            'sum(count_over_time({app="x"} |= "e" [5m])) > 5',
            id="loki",
        ),
        pytest.param(
            {
                "rawSql": "SELECT count(*) FROM orders WHERE $__timeFilter(at)",
                "rawQuery": True,
                "format": "table",
                "editorMode": "code",
            },
            "shop",
            "SELECT count(*) FROM orders WHERE $__timeFilter(at)",
            id="sql",
        ),
        pytest.param(
            {"query": "orders", "metrics": [{"type": "count"}]},
            "shop",
            {"query": "orders", "metrics": [{"type": "count"}]},
            id="json",
        ),
    ],
)
def test_a_group_may_ask_any_data_source(expected: Json, datasource: str, condition: Any) -> None:
    """A text in its language, or the query's JSON."""
    group = alert_group("g", [alert("A", condition)], datasource=datasource)

    rule = grafana_rule(LOKI, POSTGRES, group)

    assert {**expected, "refId": "A"} == models(rule)[0]
    assert datasource == rule["data"][0]["datasourceUid"]
    assert datasource == rule["data"][0]["model"]["datasource"]["uid"]


def test_what_prometheus_cannot_evaluate_is_not_in_its_files(tmp_path: Path) -> None:
    """The build says so."""
    group = alert_group("errors", [alert("Errors", '{app="x"}')], datasource="loki")

    assert [] == [path for path in files(tmp_path, PROMETHEUS, LOKI, group) if "errors" in path]
    assert [
        "rule group 'errors': Prometheus's rule files leave out 'Errors', which only Grafana can "
        "evaluate"
    ] == warnings(tmp_path, PROMETHEUS, LOKI, group)
    assert [] == warnings(tmp_path, PROMETHEUS, LOKI, group, settings=GRAFANA_ONLY)


@pytest.mark.parametrize(
    ("message", "condition", "datasource"),
    [
        (
            "alert 'A': $job is a dashboard variable; a rule cannot use it",
            '{job="$job"}',
            "loki",
        ),
        ("alert 'A': the query is empty", " ", "loki"),
        (
            "alert 'A': snippet node.busy is PromQL, which a data source of type 'loki' does not",
            busy,
            "loki",
        ),
        (
            "alert 'A': snippet node.busy is PromQL, which a data source of type 'loki' does not",
            (busy > 1) & (load1 > 1),
            "loki",
        ),
        (
            "alert 'A': gk cannot write a text as a query of type 'graphite'; pass the query's",
            "a.b",
            "graphite",
        ),
    ],
)
def test_a_query_that_another_data_source_does_not_understand_is_a_mistake(
    message: str, condition: Any, datasource: str
) -> None:
    """gk writes text for Prometheus, Loki and SQL only."""
    graphite = Datasource(name="Graphite", uid="graphite", type="graphite", url="http://g")
    group = alert_group("g", [alert("A", condition)], datasource=datasource)

    assert message in " ".join(mistakes(PROMETHEUS, LOKI, graphite, group))


@pytest.mark.parametrize("settings", [Settings(), PROMETHEUS_ONLY, GRAFANA_ONLY])
def test_prometheus_records_no_logs(settings: Settings) -> None:
    """Only Grafana could, and no output would have the rule."""
    group = alert_group("g", [recording_rule("a", '{app="x"}')], datasource="loki")

    assert [
        "recording rule 'a': only Grafana can record what is not PromQL; name the data source to "
        "write to: to="
    ] == mistakes(PROMETHEUS, LOKI, group, settings=settings)


def test_a_recording_rule_that_no_output_has_is_a_warning(tmp_path: Path) -> None:
    """Panels that read its series would be empty."""
    group = alert_group("g", [recording_rule("job:up:sum", "sum by (job) (up)")])

    (warning,) = warnings(tmp_path, group, settings=GRAFANA_ONLY)
    assert warning.startswith("rule group 'g': nothing records 'job:up:sum'")
    assert [] == warnings(tmp_path, group)


def test_a_changed_query_of_another_language_is_told_and_no_risk() -> None:
    """It is no PromQL."""
    old, new = (
        resources(
            PROMETHEUS,
            LOKI,
            alert_group("g", [alert("A", f'{{app="{app}"}} |= "e"')], datasource="loki"),
        )
        for app in ("x", "y")
    )

    assert ['query: {app="x"} |= "e" -> {app="y"} |= "e"'] == said(old, new)
    assert [] == risks(old, new)


# Several conditions


def test_conditions_are_joined_as_promql_in_both_engines() -> None:
    """An alert means the same in both."""
    rule = alert("A", (busy > 0.9) & (load1 > 4) & (load1 < 100), severity="")
    group = alert_group("g", [rule])
    expr = (
        '1 - avg by (instance) (rate(node_cpu_seconds_total{job="node-exporter",mode="idle"}[5m]))'
        ' > 0.9 and sum by (instance) (node_load1{job="node-exporter"}) > 4'
        ' and sum by (instance) (node_load1{job="node-exporter"}) < 100'
    )

    assert expr == body(Kind.PROMETHEUS_GROUP, group)["rules"][0]["expr"]
    assert expr == models(grafana_rule(group))[0]["expr"]


def test_joined_conditions_keep_their_parentheses() -> None:
    """`and` binds stronger than `or`."""
    group = alert_group("g", [alert("A", ((load1 > 4) | (load1 < 1)) & (load1 > 0))])

    text = 'sum by (instance) (node_load1{job="node-exporter"})'
    assert (
        f"({text} > 4 or {text} < 1) and {text} > 0"
        == (body(Kind.PROMETHEUS_GROUP, group)["rules"][0]["expr"])
    )


@pytest.mark.parametrize(
    ("message", "join"),
    [
        ("join conditions with & or |", lambda: (load1 > 1) and (load1 < 5)),
        ("enclose each comparison in parentheses", lambda: load1 > 1 & load1),  # type: ignore[operator]
        ("'and' joins two conditions", lambda: (load1 > 1) & load1),
        ("join conditions with & or |", lambda: bool((load1 > 1) & (load1 < 5))),
    ],
)
def test_conditions_that_python_would_join_in_its_way_are_refused(message: str, join: Any) -> None:
    """One of them would be lost."""
    with pytest.raises(TypeError, match=message.replace("|", r"\|")):
        join()


def test_an_expression_is_grafana_s_alone(tmp_path: Path) -> None:
    """Over several queries, also of several data sources."""
    ratio = expression(
        "$A / $B > 0.05",
        A=load1,
        B={"datasource": "loki", "expr": "rate({}[5m])", "queryType": "instant"},
    )
    group = alert_group("g", [alert("A", ratio), alert("B", "up")])

    rule = body(Kind.RULE_GROUP, PROMETHEUS, LOKI, group)["rules"][0]

    assert ["A", "B", "C"] == [query["refId"] for query in rule["data"]]
    assert ["prometheus", "loki", "__expr__"] == [query["datasourceUid"] for query in rule["data"]]
    assert {"type": "math", "expression": "$A / $B > 0.05", "refId": "C"} == models(rule)[2]
    assert "C" == rule["condition"]
    assert ["B"] == [
        entry["alert"] for entry in body(Kind.PROMETHEUS_GROUP, PROMETHEUS, LOKI, group)["rules"]
    ]
    assert [
        "leave out 'A'" in warning for warning in warnings(tmp_path, PROMETHEUS, LOKI, group)
    ] == [True]


def test_an_expression_may_reduce_ranges_to_numbers() -> None:
    """Grafana refuses a condition over series."""
    many = expression("$A > 5", reduce="max", A={"target": "a.b"})

    rule = grafana_rule(POSTGRES, alert_group("g", [alert("A", many)], datasource="shop"))

    assert [
        {"target": "a.b", "refId": "A_query"},
        {"type": "reduce", "expression": "A_query", "reducer": "max", "refId": "A"},
        {"type": "math", "expression": "$A > 5", "refId": "B"},
    ] == models(rule)


def test_an_expression_needs_the_queries_that_it_names() -> None:
    """Grafana would fail at each evaluation."""
    assert ["alert 'A': expression '$A / ${B} > 1' has no query B; pass B=..."] == mistakes(
        alert_group("g", [alert("A", expression("$A / ${B} > 1", A="up"))])
    )


def test_texts_of_grafana_s_own_alerts_may_name_every_query() -> None:
    """Prometheus's files do not have them; `$value` is that of the first query."""
    ratio = expression("$Errors / $All > 0.05", Errors="up", All="up")
    rule = alert("A", ratio, summary="{{ $value }} of {{ $values.All.Value }}")

    summary = grafana_rule(alert_group("g", [rule]))["annotations"]["summary"]

    assert "{{ $values.Errors.Value }} of {{ $values.All.Value }}" == summary


def test_a_text_that_prometheus_has_too_names_no_query() -> None:
    """Its templates have no `$values`."""
    group = alert_group("g", [alert("A", "up", summary="{{ $values.A.Value }}")])

    assert (
        "'$values' works only in Grafana templates; Prometheus uses this text, too"
        in (mistakes(group)[0])
    )
    assert resources(group, settings=GRAFANA_ONLY)


def test_an_expression_over_other_data_sources_needs_no_prometheus() -> None:
    """Each query names its own."""
    logs = expression("$A > 5", A={"datasource": LOKI, "expr": "{}", "queryType": "instant"})

    (rule_group,) = [
        resource
        for resource in resources(LOKI, alert_group("g", [alert("A", logs)]))
        if resource.kind is Kind.RULE_GROUP
    ]
    assert "loki" == rule_group.body["rules"][0]["data"][0]["datasourceUid"]


def test_a_changed_policy_is_told_in_words() -> None:
    """Its timings, too."""

    def side(**more: Any) -> list[Resource]:
        route = notification_policy(PAGER, matchers=["team=a"], **more)
        policy = notification_policy("grafana-default-email", routes=[route])
        return resources(PROMETHEUS, PAGER, OFFICE, policy)

    assert ["active timings: (nothing) -> ['office']", "group wait: 1m -> 2m"] == sorted(
        said(side(group_wait="1m"), side(group_wait="2m", active_timings=[OFFICE]))
    )


def test_a_query_that_only_grafana_has_is_checked_and_known() -> None:
    """Others are checked in Prometheus's form."""
    rule = alert("A", expression("$A / 2 > 1", A="rate(node_load1[5m])"))
    built = resources(alert_group("g", [rule]))

    (finding,) = checked(built, only=["rate-of-gauge"]).findings
    assert "rate() of node_load1" in finding.message


# Recording rules of Grafana


def recorded(**more: Any) -> AlertGroup:
    """A group with a recording rule of each engine."""
    return alert_group(
        "g",
        [
            recording_rule("job:up:sum", "sum by (job) (up)"),
            recording_rule("job:load:sum", "sum by (job) (load)", to="prometheus", **more),
        ],
    )


def test_grafana_records_to_a_data_source() -> None:
    """From 11.2 on, and Prometheus does not record the same series."""
    rule = grafana_rule(recorded())

    assert {
        "metric": "job:load:sum",
        "from": "A",
        "target_datasource_uid": "prometheus",
    } == rule["record"]
    assert ["A"] == [query["refId"] for query in rule["data"]]
    assert set() == rule.keys() & {"condition", "for", "noDataState", "execErrState"}
    assert ["job:up:sum"] == [
        entry["record"] for entry in body(Kind.PROMETHEUS_GROUP, recorded())["rules"]
    ]


@pytest.mark.parametrize(
    ("expected", "query"),
    [
        ({"expr": 'rate({app="x"}[5m])', "queryType": "instant"}, 'rate({app="x"}[5m])'),
        ({"expr": "{}", "queryType": "range"}, {"expr": "{}", "queryType": "range"}),
    ],
)
def test_grafana_records_what_any_data_source_answers(expected: Json, query: Any) -> None:
    """Logs as well as series."""
    rule = recording_rule("logs:rate", query, to=PROMETHEUS)

    compiled = grafana_rule(LOKI, alert_group("g", [rule], datasource=LOKI))

    assert [{**expected, "refId": "A"}] == models(compiled)
    assert "loki" == compiled["data"][0]["datasourceUid"]


def test_a_file_spells_the_target_of_a_recording_rule_otherwise(tmp_path: Path) -> None:
    """And is read back as the API has it."""
    text = files(tmp_path, PROMETHEUS, recorded())["grafana/alerting/rules.yaml"]
    (tmp_path / "rules.yaml").write_bytes(text)

    (rule,) = yaml.safe_load(text)["groups"][0]["rules"]
    assert {
        "metric": "job:load:sum",
        "from": "A",
        "targetDatasourceUid": "prometheus",
    } == rule["record"]
    (there,) = [
        resource for resource in read(tmp_path).resources if resource.kind is Kind.RULE_GROUP
    ]
    assert grafana_rule(recorded())["record"] == there.body["rules"][0]["record"]


def test_a_changed_recording_rule_of_grafana_is_told_in_words() -> None:
    """As one of Prometheus is."""
    other = Datasource.prometheus("Other", uid="other", url="http://other:9090")

    def side(query: str, to: str) -> list[Resource]:
        rule = recording_rule("job:load:sum", query, to=to)
        return resources(PROMETHEUS, other, alert_group("g", [rule]))

    assert ["query: sum(load) -> sum(up)", "recorded to: prometheus -> other"] == said(
        side("sum(load)", "prometheus"), side("sum(up)", "other")
    )


# Notification settings


def notified(**more: Any) -> AlertGroup:
    """A group with an alert that notifies a contact point by itself."""
    settings = notification_settings(PAGER, **more)
    return alert_group("g", [alert("A", "up", notification_settings=settings)])


def test_a_rule_may_notify_by_itself() -> None:
    """Grafana groups by its folder and the name in any case."""
    group = notified(
        group_by=["job", "alertname"],
        group_wait="30s",
        group_interval="5m",
        repeat_interval="4h",
        mute_timings=["office"],
        active_timings=[OFFICE],
    )

    assert {
        "receiver": "pager",
        "group_by": ["grafana_folder", "alertname", "job"],
        "group_wait": "30s",
        "group_interval": "5m",
        "repeat_interval": "4h",
        "mute_time_intervals": ["office"],
        "active_time_intervals": ["office"],
    } == grafana_rule(PAGER, OFFICE, group)["notification_settings"]


def test_notification_settings_may_be_in_grafana_s_words() -> None:
    """As an export has them."""
    settings = {"receiver": "pager", "group_by": ["..."], "mute_time_intervals": ["office"]}
    group = alert_group("g", [alert("A", "up", notification_settings=settings)])

    assert settings == grafana_rule(PAGER, OFFICE, group)["notification_settings"]


def test_prometheus_is_told_no_notification_settings() -> None:
    """It does not notify."""
    (rule,) = body(Kind.PROMETHEUS_GROUP, PROMETHEUS, PAGER, notified())["rules"]

    assert {"alert", "expr", "labels"} == rule.keys()


@pytest.mark.parametrize(
    ("message", "settings"),
    [
        (
            "contact point 'pagre' is not defined in alerts/; did you mean 'pager'?",
            {"receiver": "pagre"},
        ),
        (
            "mute timing 'ofice' is not defined in alerts/; did you mean 'office'?",
            {"receiver": "pager", "active_timings": ["ofice"]},
        ),
        (
            "group_by 'a b' is not a valid label name",
            {"receiver": "pager", "group_by": ["a b"]},
        ),
        ("group_interval is zero", {"receiver": "pager", "group_interval": "0s"}),
    ],
)
def test_settings_that_stop_grafana_are_a_mistake(message: str, settings: Json) -> None:
    """At its start, together with all other provisioning."""
    group = alert_group("g", [alert("A", "up", notification_settings=settings)])

    (problem,) = mistakes(PROMETHEUS, PAGER, OFFICE, group)
    assert f"alert 'A': notification_settings: {message}" == problem


@pytest.mark.parametrize(
    ("message", "settings"),
    [
        ("unknown key 'recever'; did you mean 'receiver'?", {"recever": "pager"}),
        ("has no receiver", {"group_by": ["job"]}),
        (r"must be notification_settings\(...\), not str", "pager"),
    ],
)
def test_settings_of_another_form_are_refused(message: str, settings: Any) -> None:
    """At the line of the alert."""
    with pytest.raises(TypeError, match=message):
        alert("A", "up", notification_settings=settings)


def test_changed_notification_settings_are_told_in_words() -> None:
    """Where it notifies at other times, that is a risk."""
    old = resources(PROMETHEUS, PAGER, OFFICE, notified(group_wait="60s"))
    new = resources(PROMETHEUS, PAGER, OFFICE, notified(group_wait="2m", active_timings=[OFFICE]))

    assert [
        "active timings: (nothing) -> ['office']",
        "group wait: 1m -> 2m",
    ] == sorted(said(old, new))
    assert ["alert 'A' notifies at other times: active timings none -> office"] == risks(old, new)


def test_a_mute_timing_knows_where_it_is_active() -> None:
    """In a rule and in a policy."""
    policy = notification_policy(
        "grafana-default-email",
        routes=[notification_policy(PAGER, matchers=["team=a"], active_timings=[OFFICE])],
    )
    report = impact(
        resources(PROMETHEUS, PAGER, OFFICE, policy, notified(active_timings=[OFFICE])), "office"
    )

    (meaning,) = report.meanings
    assert [("alert", "A"), ("notification policy", "notification policies")] == [
        (dependent.kind, dependent.name) for dependent in meaning.dependents
    ]


# Whole projects


def every_form() -> list[Any]:
    """Definitions of every form of this file."""
    ratio = expression("$A / $B > 0.05", reduce="last", A=load1, B={"datasource": "loki"})
    rules: list[Alert | RecordingRule] = [
        alert("Joined", (busy > 0.9) & (load1 > 4), keep_firing_for="90s"),
        alert("Ratio", ratio),
        alert("Raw", r"slow{path=~`/api/v\d+`} > 1"),
        recording_rule("job:up:sum", "sum by (job) (up)"),
        recording_rule("job:load:sum", "sum by (job) (load)", to="prometheus"),
    ]
    route = notification_policy(PAGER, matchers=["team=a"], active_timings=[OFFICE])
    return [
        PROMETHEUS,
        LOKI,
        POSTGRES,
        PAGER,
        OFFICE,
        alert_group("every", rules, limit=10),
        alert_group("logs", [alert("Logs", '{app="x"}')], datasource="loki"),
        alert_group("sql", [alert("Rows", "SELECT 1")], datasource="shop"),
        notified(group_by=["job"], group_wait="90s", active_timings=[OFFICE]),
        pair(folder="Pair"),
        notification_policy("grafana-default-email", routes=[route]),
    ]


def test_what_is_built_is_read_back_as_it_was_compiled(tmp_path: Path) -> None:
    """`gk diff` of two folders finds what `gk diff` of two revisions does."""
    compiled = resources(*every_form())
    for path, text in files(tmp_path, *every_form()).items():
        (tmp_path / "read" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "read" / path).write_bytes(text)

    side = read(tmp_path / "read")

    assert () == side.problems
    assert [] == said(compiled, side.resources)
    assert [] == said(side.resources, compiled)


def test_promtool_takes_all_that_prometheus_gets(tmp_path: Path) -> None:
    """Joined conditions and raw strings, too."""
    built = files(tmp_path, *every_form())
    names = [path for path in built if path.startswith("prometheus/")]

    assert ["disk", "every", "g"] == sorted(Path(path).stem for path in names)
    for path in names:
        (tmp_path / "rules.yaml").write_bytes(built[path])
        assert "SUCCESS" in promtool(tmp_path / "rules.yaml")


# In Grafana


EVERYTHING = """
    from gk import (
        alert, alert_group, contact_point, mute_timing, notification_policy,
        notification_settings, receiver, recording_rule,
    )

    pager = contact_point("TEAM pager", receiver("email", {"addresses": "a@b"}, uid="TEAM-mail"))
    office = mute_timing("TEAM office", {"weekdays": ["monday:friday"]})
    settings = notification_settings(
        pager, group_by=["job"], group_wait="90s", mute_timings=[office]
    )
    group = alert_group(
        "TEAM group",
        [
            alert("TEAM A", "up", uid="TEAM-a", severity="warning", keep_firing_for="90s",
                  notification_settings=settings),
            alert("TEAM A", "up", uid="TEAM-b", severity="critical"),
            recording_rule("job:up:sum", "sum(up)", to="TEAM-prometheus", uid="TEAM-c"),
        ],
        folder="TEAM alerts",
        datasource="TEAM-prometheus",
    )
    policies = notification_policy(
        "grafana-default-email",
        routes=[notification_policy(pager, matchers=["team=TEAM"], active_timings=[office])],
    )
"""


@pytest.fixture
def team(request: pytest.FixtureRequest, empty_project: ProjectFolder) -> Iterator[Team]:
    """A team with rules of every form."""
    with FakeGrafana(version=request.param) as fake:
        connection = Connection(url=fake.url, name="", user="admin", password="admin")
        team = Team(empty_project, connection, "t1", fake)
        datasource = """
            from gk import Datasource

            prometheus = Datasource.prometheus("TEAM P", uid="TEAM-prometheus", url="http://p")
        """
        yield team.write({"datasources/p.py": datasource, "alerts/a.py": EVERYTHING})


@pytest.mark.parametrize("team", ["12.4.0"], indirect=True)
def test_what_is_pushed_is_read_back_without_a_difference(team: Team) -> None:
    """In Grafana's own spelling of durations."""
    of_12 = EVERYTHING.replace("grafana-default-email", "empty")
    team.write({"alerts/a.py": of_12})
    first, second = team.push(), team.push()

    assert {} == first.not_done
    assert {} == second.actions


@pytest.mark.parametrize("team", ["9.3.2"], indirect=True)
def test_an_old_grafana_is_not_sent_what_it_would_drop(team: Team) -> None:
    """The alert would notify somebody else."""
    pushed = team.push()

    assert "Grafana before 10.4 has no notification settings" in str(
        pushed.change(Kind.RULE_GROUP, "t1-alerts/t1 group")
    )


TWICE = """
    from gk import alert, alert_group

    groups = [
        alert_group(f"TEAM {name}", [alert("TEAM A", "up", uid=f"TEAM-{name}")],
                    folder="TEAM alerts", datasource="TEAM-prometheus")
        for name in ("one", "two")
    ]
"""


@pytest.mark.parametrize(
    ("team", "refused"), [("11.6.0", True), ("12.0.0", False)], indirect=["team"]
)
def test_a_name_twice_in_a_folder_is_refused_before_12(team: Team, refused: bool) -> None:
    """In two groups, too."""
    pushed = team.write({"alerts/a.py": TWICE}).push()

    said_so = (
        "Grafana before 12 does not allow two rules with one name in a folder, and 't1 A' is there "
        "twice"
    )
    plan = str(pushed.change(Kind.RULE_GROUP, "t1-alerts/t1 two"))
    assert refused == (said_so in plan)
    assert refused or {} == pushed.not_done
