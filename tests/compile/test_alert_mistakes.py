"""A mistake in the Python of an alert is shown at its line."""

from __future__ import annotations

import re

import pytest

from gk.resource import Kind
from tests.alerting import FIRST_LINE, group, mistake, mistakes, shop, write
from tests.conftest import ProjectFolder

__all__ = ["shop"]


@pytest.mark.parametrize(
    ("message", "definitions"),
    [
        pytest.param(
            "alert 'A': == and != compare in Python", group("alert('A', failed == 1)"), id="equals"
        ),
        pytest.param(
            "a condition has one threshold", group("alert('A', 0 < failed < 1)"), id="chained"
        ),
        pytest.param(
            "alert 'A': expected a snippet or a query, not float",
            group("alert('A', 0.5)"),
            id="number",
        ),
        pytest.param(
            "is compared with str", group("alert('A', failed > '1')"), id="threshold-as-text"
        ),
        pytest.param(
            "recording rule 'a': expected a snippet or a query, not Condition",
            group("recording_rule('a', failed > 1)"),
            id="recorded-condition",
        ),
        pytest.param(
            "alert 'A': label n must be text, not int",
            group("alert('A', 'up', labels={'n': 1})"),
            id="label",
        ),
        pytest.param(
            "alert 'A': annotation n must be text, not NoneType",
            group("alert('A', 'up', annotations={'n': None})"),
            id="annotation",
        ),
        pytest.param(
            "alert group 'g': rules must be a list, not Alert",
            "g = alert_group('g', alert('A', 'up'))",
            id="one-alert",
        ),
        pytest.param(
            "alert group 'shop': rules must contain Alert or RecordingRule objects, not Condition",
            group("failed > 1"),
            id="condition-as-rule",
        ),
        pytest.param(
            "contact point 'c' must contain Receiver objects, not dict",
            "c = contact_point('c', {'type': 'email'})",
            id="receiver",
        ),
        pytest.param(
            "notification policy: matchers must be a list, not str",
            "p = notification_policy('c', matchers='a=\"b\"')",
            id="one-matcher",
        ),
        pytest.param(
            "mute timing 'm' must contain Mapping objects, not str",
            "m = mute_timing('m', 'weekends')",
            id="interval",
        ),
        pytest.param(
            "snippet shop.failed: got an unexpected keyword argument 'rout'; it takes route",
            group("alert('A', failed(rout='/') > 1)"),
            id="argument",
        ),
    ],
)
def test_a_definition_of_the_wrong_type_is_shown_at_its_line(
    shop: ProjectFolder, message: str, definitions: str
) -> None:
    """With words that say what to write, and no traceback of gk's."""
    problem = mistake(write(shop, definitions))

    assert re.match(
        rf"alerts/rules\.py:({FIRST_LINE}|{FIRST_LINE + 1}): .*{re.escape(message)}", problem
    )


def test_rules_may_come_from_a_generator(shop: ProjectFolder) -> None:
    """Which can be read only once."""
    write(shop, "g = alert_group('g', (alert(name, failed > 1) for name in ('A', 'B')))")

    assert ["A", "B"] == [rule["title"] for rule in shop.resource(Kind.RULE_GROUP).body["rules"]]
    assert ["A", "B"] == [
        rule["alert"] for rule in shop.resource(Kind.PROMETHEUS_GROUP).body["rules"]
    ]


@pytest.mark.parametrize(
    ("message", "condition"),
    [
        pytest.param(
            "dashboards/snippets.py:24: snippet shop.broken: TypeError: unsupported operand",
            "broken",
            id="raises",
        ),
        pytest.param(
            "dashboards/snippets.py:27: snippet shop.unclosed: PromQL does not parse",
            "unclosed",
            id="no-promql",
        ),
        pytest.param(
            "alerts/rules.py:4: alert 'A': snippet shop.text: TypeError: text() missing 1 required",
            "text",
            id="argument-missing",
        ),
    ],
)
def test_a_snippet_that_fails_is_a_mistake_of_the_snippet(
    shop: ProjectFolder, message: str, condition: str
) -> None:
    """At its own line where there is one, for whoever uses it."""
    assert mistake(write(shop, group(f"alert('A', {condition} > 1)"))).startswith(message)


def test_all_mistakes_are_found_in_one_run(shop: ProjectFolder) -> None:
    """In rules and in what notifies, each at its line and once, in order."""
    write(
        shop,
        group(
            "alert('A', 'sum(', for_='x')",
            "alert('B', failed > 1, summary='{{ $x }}')",
            more=", interval='7s'",
        )
        + "policy = notification_policy('nobody')\n",
    )

    problems = [problem.partition(": ")[::2] for problem in mistakes(shop)]

    assert sorted(problems) == problems
    assert [
        (
            f"alerts/rules.py:{FIRST_LINE}",
            "alert group 'shop': interval 7s must be a multiple of 10s "
            "(Grafana's scheduler interval)",
        ),
        (
            f"alerts/rules.py:{FIRST_LINE + 1}",
            "alert 'A': PromQL does not parse: unclosed left parenthesis: sum(",
        ),
        (
            f"alerts/rules.py:{FIRST_LINE + 1}",
            "alert 'A': for 'x' is not a duration, such as 30s, 5m or 1h30m",
        ),
        (
            f"alerts/rules.py:{FIRST_LINE + 2}",
            "alert 'B': annotation summary: '$x' is not a variable",
        ),
        (
            f"alerts/rules.py:{FIRST_LINE + 4}",
            "notification policy: contact point 'nobody' is not defined in alerts/",
        ),
    ] == problems
