"""Time ranges, steps and intervals are those that Grafana computes."""

from __future__ import annotations

from typing import Any

import pytest

from gk.prometheus.macros import Steps, TimeRange, macros, rounded_interval, steps, time_range
from gk.prometheus.variables import Variables
from gk.settings.targets import Version
from tests.cases import every

OLD = Version(10, 2)
HOUR = TimeRange(0, 3_600)
DAY = TimeRange(0, 86_400)
NOW = 1_700_000_000.0
"""Tuesday, 14 November 2023, 22:13:20 in UTC."""
MIDNIGHT = 1_699_920_000.0


@every(
    "shown, points, options, expected",
    [
        pytest.param(HOUR, 1_000, {}, Steps(15_000, 60_000), id="no less than a scrape"),
        pytest.param(DAY, 925, {}, Steps(120_000, 135_000), id="a day"),
        pytest.param(
            HOUR, 1_000, {"scrape_interval": 30_000}, Steps(30_000, 120_000), id="a data source's"
        ),
        pytest.param(
            HOUR, 1_000, {"least_of_panel": "1m"}, Steps(60_000, 75_000), id="a panel's least"
        ),
        pytest.param(
            HOUR, 1_000, {"least_of_query": "1m"}, Steps(60_000, 240_000), id="a query's least"
        ),
        pytest.param(
            HOUR, 1_000, {"least_of_query": "$__interval"}, Steps(15_000, 60_000), id="the interval"
        ),
        pytest.param(
            HOUR,
            1_000,
            {"least_of_query": "$__rate_interval", "factor": 2},
            Steps(60_000, 60_000),
            id="the rate interval, whatever the factor",
        ),
        pytest.param(HOUR, 1_000, {"factor": 5}, Steps(75_000, 60_000), id="a factor"),
        pytest.param(
            HOUR, 1_000, {"factor": 5, "version": OLD}, Steps(75_000, 90_000), id="a factor in 10.2"
        ),
        pytest.param(
            HOUR,
            1_000,
            {"factor": 5, "least_of_query": "1m", "version": OLD},
            Steps(300_000, 315_000),
            id="a factor and a query's least in 10.2",
        ),
        pytest.param(
            HOUR,
            1_000,
            {"least_of_query": "$__rate_interval", "version": OLD},
            Steps(60_000, 60_000),
            id="the rate interval in 10.2",
        ),
        pytest.param(
            TimeRange(0, 30 * 86_400),
            10**6,
            {"least_of_query": "1s"},
            Steps(300_000, 16_000),
            id="as many points as Prometheus returns",
        ),
        pytest.param(HOUR, 0, {}, Steps(3_600_000, 3_615_000), id="no points"),
    ],
)
def test_the_step_and_the_rate_interval_of_a_query(
    shown: TimeRange, points: int, options: dict[str, Any], expected: Steps
) -> None:
    """By the range, the width, and the least that somebody asks for."""
    assert expected == steps(shown, points, **options)


@pytest.mark.parametrize(
    ("interval", "rounded"),
    [
        (9, 1),
        (10, 10),
        (3_600, 5_000),
        (86_400, 60_000),
        (10**9, 604_800_000),
        (10**12, 31_536_000_000),
    ],
)
def test_intervals_are_rounded(interval: float, rounded: int) -> None:
    """To those of Grafana's table."""
    assert rounded == rounded_interval(interval)


def test_macros_are_durations_and_numbers() -> None:
    """As they are put into queries."""
    expected = {
        "__rate_interval": "135s",
        "__rate_interval_ms": "135000",
        "__interval": "2m",
        "__interval_ms": "120000",
        "__range": "3600s",
        "__range_s": "3600",
        "__range_ms": "3600000",
        "__from": "0",
        "__to": "3600000",
    }

    assert expected == macros(HOUR, Steps(120_000, 135_000))
    assert "500ms" == macros(HOUR, Steps(500, 1_000))["__interval"]


@every(
    "start, end, expected",
    [
        pytest.param("now-1h", "now", (NOW - 3_600, NOW), id="an hour"),
        pytest.param("now-7d/d", "now", (MIDNIGHT - 7 * 86_400, NOW), id="days"),
        pytest.param("now/d", "now/d", (MIDNIGHT, MIDNIGHT + 86_400), id="today"),
        pytest.param("now/w", "now", (MIDNIGHT - 86_400, NOW), id="since Monday"),
        pytest.param("now/M", "now", (MIDNIGHT - 13 * 86_400, NOW), id="this month"),
        pytest.param(
            "2023-11-14T00:00:00Z", "2023-11-14 12:00", (MIDNIGHT, MIDNIGHT + 43_200), id="absolute"
        ),
        pytest.param("now", "now-1h", (NOW - 21_600, NOW), id="the wrong way round"),
        pytest.param("yesterday", None, (NOW - 21_600, NOW), id="malformed"),
        pytest.param("now-99999999y/d", "now", (NOW - 21_600, NOW), id="before time began"),
    ],
)
def test_the_range_of_a_dashboard(start: Any, end: Any, expected: tuple[float, float]) -> None:
    """Grafana's date math, in UTC; six hours if it is malformed."""
    span = time_range({"from": start, "to": end}, NOW)

    assert expected == (span.start, span.end)


class _Server:
    """A server with the same names everywhere."""

    def query(self, expr: str) -> list[Any]:
        """Nothing."""
        return []

    def label_values(self, label: str, selector: str = "") -> list[str]:
        """The names of three metrics, or no values."""
        return ["a_total", "b_total", "c"] if label == "__name__" else []

    def label_names(self, selector: str = "") -> list[str]:
        """Two labels."""
        return ["instance", "job"]


def _variables(*listed: dict[str, Any]) -> Variables:
    of_prometheus = {"datasource": {"type": "prometheus"}}
    body = {"templating": {"list": [{**of_prometheus, **variable} for variable in listed]}}
    return Variables(body, _Server(), {"__range_s": "3600"})


@every(
    "variable, text",
    [
        ({"type": "query", "query": "label_names()"}, "instance"),
        ({"type": "query", "query": "metrics(_total)"}, "a_total"),
        ({"type": "query", "query": "metrics(()", "current": {"value": "c"}}, "c"),
        (
            {"type": "interval", "current": {"value": "$__auto_interval_v"}, "auto_count": 10},
            "300s",
        ),
        ({"type": "interval", "current": {"value": "1m"}}, "1m"),
        ({"type": "custom", "current": {"value": ["a", "b"]}, "multi": True}, "(a|b)"),
        ({"type": "custom", "current": "malformed"}, ""),
        ({"type": "custom", "options": "malformed", "current": None}, ""),
    ],
)
def test_any_variable_has_a_value(variable: dict[str, Any], text: str) -> None:
    """Whatever its type, and whatever is malformed."""
    assert text == _variables({"name": "v", **variable}).interpolate("$v")


def test_a_panel_that_is_repeated_has_the_first_value() -> None:
    """Each of its copies has one, so that `=` is as good as `=~`."""
    custom = {"type": "custom", "current": {"value": ["a", "b"]}, "multi": True, "name": "v"}
    variables = _variables(custom)

    with variables.repeated("v"):
        inside = variables.interpolate('up{x="$v"}')

    assert ('up{x="a"}', 'up{x=~"(a|b)"}') == (inside, variables.interpolate('up{x=~"$v"}'))
