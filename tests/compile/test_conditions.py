"""Warnings about alerts: conditions that compare nothing, and links that lead nowhere."""

from __future__ import annotations

import pytest

from gk.promql.mistakes import fires_always
from tests.cases import every
from tests.conftest import ProjectFolder, RunGk


@pytest.mark.parametrize(
    "expr",
    ["up", "sum by (job) (rate(errors_total[5m]))", "errors > bool 0", "a / b", 'x{state="down"}'],
)
def test_condition_without_a_comparison_fires_always(expr: str) -> None:
    """Any value is a result."""
    assert fires_always(expr)


@every(
    "expr",
    [
        "up == 0",
        "sum(rate(errors_total[5m])) / 5 > 0.1",
        "absent(up)",
        "a unless b",
        "a and on (job) b",
        "vector(1)",
        'ALERTS{alertstate="firing"}',
        "job:errors:failing",
        "count(up == 0) or vector(0)",
        "sum(",
    ],
)
def test_condition_that_decides(expr: str) -> None:
    """It does not fire always, or is meant to."""
    assert not fires_always(expr)


def test_alert_without_a_comparison_is_a_warning(project: ProjectFolder, run_gk: RunGk) -> None:
    """It may be right, if the series exists only in case of a failure."""
    project.write(
        {
            "gk.yaml": "",
            "alerts/rules.py": """
                from gk import alert, alert_group
                from gk.library import node

                rules = alert_group("G", [
                    alert("Text", "up"),
                    alert("Snippet", node.cpu_busy),
                    alert("Good", node.cpu_busy > 0.9),
                ])
            """,
        }
    )
    ran = run_gk("build")
    assert 0 == ran.code
    assert ["alerts/rules.py:5: alert 'Text'", "alerts/rules.py:6: alert 'Snippet'"] == [
        line.removeprefix("warning: ").partition(" compares nothing")[0]
        for line in ran.err.splitlines()
    ]


def test_runbook_that_is_a_path_is_a_warning(project: ProjectFolder, run_gk: RunGk) -> None:
    """A mail has no host to which it belongs."""
    project.write(
        {
            "gk.yaml": "",
            "alerts/rules.py": """
                from gk import alert, alert_group

                rules = alert_group("G", [
                    alert("Down", "up == 0", runbook="/runbooks/down"),
                    alert("Slow", "up == 0", annotations={"logs_url": "/explore"}),
                    alert("Good", "up == 0", runbook="https://runbooks.example.com/good"),
                ])
            """,
        }
    )
    ran = run_gk("build")
    assert 0 == ran.code
    assert [
        "warning: alerts/rules.py:4: alert 'Down': runbook '/runbooks/down' is a path, which leads "
        "nowhere from a notification; write the whole URL, with https://",
        "warning: alerts/rules.py:5: alert 'Slow': logs_url '/explore' is a path, which leads "
        "nowhere from a notification; write the whole URL, with https://",
    ] == ran.err.splitlines()
