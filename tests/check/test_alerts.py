"""What checks of alerts share: the queries of rules, comparisons, windows and routes."""

from __future__ import annotations

import pytest

from gk import (
    alert,
    alert_group,
    contact_point,
    mute_timing,
    notification_policy,
    receiver,
    recording_rule,
)
from gk.check import Project
from gk.check.parts.conditions import Comparison, comparison_of
from gk.check.parts.routes import Matcher, routings
from gk.check.parts.windows import Window, windows_of
from gk.documents.durations import spelled
from gk.promql.syntax import parse, within
from gk.settings import Settings
from tests.cases import every
from tests.checking import checked
from tests.conftest import ProjectFolder, RunGk
from tests.definitions import resources


def test_alerts_of_one_name_have_their_own_queries() -> None:
    """A warning and a critical alert of one query share the name."""
    group = alert_group(
        "g",
        [alert("A", "a > 1", severity="warning"), alert("A", "a > 2", severity="critical")],
    )

    rules = Project(resources(group)).alerts

    assert [["a > 1"], ["a > 2"]] == [
        [query.promql.expr for query in rule.queries] for rule in rules
    ]


def test_an_alert_that_both_engines_have_is_checked_once() -> None:
    """Also the second one of a name, which has another title in Grafana."""
    group = alert_group(
        "g",
        [alert("A", "a > 1", severity="warning"), alert("A", "a > 2", severity="critical")],
    )

    assert [False, False] == [rule.is_grafanas for rule in Project(resources(group)).alerts]


def test_recorded_series_are_known_by_name() -> None:
    """One name may have several rules."""
    rules = [recording_rule("a:b:c", "sum(a)", labels={"n": value}) for value in "xy"]

    records = Project(resources(alert_group("g", rules))).records

    assert {"a:b:c": 2} == {name: len(recorded) for name, recorded in records.items()}


@every(
    "expected, expr",
    [
        (Comparison("a", ">", 1), "a > 1"),
        (Comparison("a", ">", 1), "((a)) > (1)"),
        (Comparison("a", "<", 1), "1 > a"),
        (Comparison("a", ">=", -1), "a >= -1"),
        (Comparison("sum(a)", ">", 0.25), "sum(a) > 1 / 4"),
        (Comparison("a", "<", 86400), "a < 24 * 60 ^ 2"),
        (None, "a > bool 1"),
        (None, "a > b"),
        (None, "a > 1 and b"),
        (None, "a"),
    ],
)
def test_the_comparison_of_a_condition_is_read(expected: Comparison | None, expr: str) -> None:
    """With a number, on whichever side it is."""
    assert expected == comparison_of(parse(expr))


@every(
    "expected, one, other",
    [
        (True, "a > 2", "a > 1"),
        (False, "a > 1", "a > 2"),
        (True, "a < 1", "a < 2"),
        (True, "a > 1", "a >= 1"),
        (False, "a >= 1", "a > 1"),
        (True, "a == 1", "a == 1"),
        (False, "a > 2", "b > 1"),
        (False, "a > 2", "a < 3"),
    ],
)
def test_one_comparison_may_imply_another(expected: bool, one: str, other: str) -> None:
    """Where one holds, the other does, too."""
    narrow, wide = comparison_of(parse(one)), comparison_of(parse(other))

    assert narrow is not None
    assert wide is not None
    assert expected is narrow.implies(wide)


def test_windows_are_those_of_functions_and_of_subqueries() -> None:
    """In milliseconds."""
    tree = parse("max_over_time(rate(a[90s])[1h:1m]) > 0")

    assert tree is not None
    assert [Window("max_over_time", 3600000, "", True), Window("rate", 90000, "a")] == list(
        windows_of(within(tree))
    )


@pytest.mark.parametrize(
    ("expected", "milliseconds"),
    [("0s", 0), ("1ms", 1), ("90s", 90000), ("2m", 120000), ("1h", 3600000), ("4d", 345600000)],
)
def test_a_duration_is_spelled_in_one_unit(expected: str, milliseconds: int) -> None:
    """The largest that fits."""
    assert expected == spelled(milliseconds)


@pytest.mark.parametrize("formats", [("grafana",), ("prometheus", "alertmanager")])
def test_routes_are_read_from_both_forms(formats: tuple[str, ...]) -> None:
    """Grafana's policies and Alertmanager's configuration say the same."""
    mail = contact_point("mail", receiver("email", {"addresses": "a@example.com"}))
    nights = mute_timing("nights", {"weekdays": ["saturday"]})
    matchers = ['severity="critical"', 'team=~"a|b\\\\."']
    inner = notification_policy(mail, matchers=matchers, mute_timings=[nights])
    settings = Settings(formats=formats, smtp={"smarthost": "m:25", "from": "a@example.com"})

    built = resources(mail, nights, notification_policy(mail, routes=[inner]), settings=settings)
    (routing,) = routings(Project(built, settings))
    (route,) = routing.root.routes

    assert ("mail", ("nights",)) == (route.receiver, route.timings)
    assert (
        Matcher("severity", "=", "critical"),
        Matcher("team", "=~", "a|b\\."),
    ) == route.matchers


@pytest.mark.parametrize(
    ("expected", "operator", "value"),
    [
        (True, "=", "a"),
        (False, "!=", "a"),
        (True, "=~", "a|b"),
        (False, "!~", "a|b"),
        (False, "=~", "b"),
        (True, "!=", "b"),
        (True, "=~", "("),
    ],
)
def test_a_matcher_compares_the_whole_value(expected: bool, operator: str, value: str) -> None:
    """What is no regular expression of Python's may be one of Go's, and match."""
    assert expected is Matcher("l", operator, value).holds("a")


def test_a_finding_is_at_the_line_of_its_alert_though_another_has_the_name(
    empty_project: ProjectFolder, run_gk: RunGk
) -> None:
    """So that a comment silences the one that it stands at."""
    rules = """
        from gk import alert, alert_group
        rules = alert_group("shop", [
            alert("A", "a > 1", severity="warning"),
            alert("A", "a > 2", severity="critical", summary="A is high"),
            # gk: silence alert-without-summary: It says it by its name.
            alert("B", "b > 1"),
            alert("B", "b > 2", severity="critical"),
        ])
    """
    empty_project.write({"gk.yaml": "build: {formats: [prometheus]}", "alerts/a.py": rules})

    lines = run_gk("check", "--only", "alert-without-summary").out.splitlines()[:-1]

    assert [3, 7] == [int(line.split(":")[1]) for line in lines]


@pytest.mark.parametrize(
    ("expected", "files"),
    [
        pytest.param("has no runbook A.md", [".git", "shop/other.md"], id="nowhere"),
        pytest.param("no problems", [".git", "shop/A.md"], id="project"),
        pytest.param("no problems", [".git", "A.md"], id="repository"),
        pytest.param("has no runbook A.md", ["shop/.git", "A.md"], id="outside"),
        pytest.param("has no runbook A.md", ["A.md"], id="no-repository"),
    ],
)
def test_a_runbook_may_be_in_the_project_s_repository(
    empty_project: ProjectFolder, run_gk: RunGk, expected: str, files: list[str]
) -> None:
    """A project may be one of its folders."""
    rules = """
        from gk import alert, alert_group
        rules = alert_group("shop", [alert("A", "up == 0", runbook="A.md")])
    """
    settings = "build: {formats: [prometheus]}"
    empty_project.write({"shop/gk.yaml": settings, "shop/alerts/a.py": rules})
    empty_project.write(dict.fromkeys(files, ""))

    printed = run_gk("check", "-C", "shop", "--only", "missing-runbook").out

    assert expected in printed


@pytest.mark.parametrize("expr", [None, 5, True, [], {}, ["up"], {"up": 1}])
def test_a_rule_of_grafana_may_have_any_query(expr: object) -> None:
    """What is no text is no PromQL, and no check fails on it."""
    group = alert_group("g", [alert("A", {"expr": expr})])

    assert not checked(resources(group)).fails
