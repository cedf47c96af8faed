"""Checks of dashboards that case files cannot show: several dashboards, and schema v2."""

from __future__ import annotations

import pytest

from gk import Dashboard, Tab, custom_variable, link, timeseries
from gk.check.expressions.quantities import Quantity, of_query, of_unit
from gk.promql.syntax import parse
from gk.settings import Settings
from gk.settings.targets import Version
from tests.cases import every
from tests.checking import report

V2 = Settings(grafana=(Version(12, 4),), dashboards="v2")
OWN = Tab("A", [timeseries("P", 'up{job="$own"}')], variables=[custom_variable("own", ["x"])])


def found(check: str, *definitions: object, settings: Settings | None = None) -> list[str]:
    """What a check finds."""
    return [
        finding.text for finding in report(*definitions, only=[check], settings=settings).findings
    ]


def test_a_link_to_another_dashboard_is_compared_with_it() -> None:
    """With the panels and variables of that one."""
    other = Dashboard("Other", uid="other", panels=[timeseries("Up", "up", id=7)])
    links = [link("Panel", "/d/other?viewPanel=7"), link("Gone", "/d/other?viewPanel=8")]
    one = Dashboard("One", panels=[timeseries("P", "up", links=links)])

    assert [
        "panel 'P': a link leads to panel 8, which dashboard 'Other' does not have; name another"
    ] == found("broken-link", one, other)


@pytest.mark.parametrize("check", ["undefined-variable", "unused-variable"])
def test_a_tab_has_variables_of_its_own(check: str) -> None:
    """In schema v2; queries of its panels use them."""
    assert [] == found(check, Dashboard("D", tabs=[OWN]), settings=V2)


def test_a_link_may_set_the_variable_of_a_tab() -> None:
    """Grafana finds it there, too."""
    links = [link("Tab", "/d/tabs?var-own=x"), link("Gone", "/d/tabs?var-other=x")]
    one = Dashboard("One", uid="one", panels=[timeseries("P", "up", links=links)])
    tabs = Dashboard("Tabs", uid="tabs", tabs=[OWN])

    assert [
        "panel 'P': a link sets $other, which dashboard 'Tabs' does not have; name another"
    ] == found("broken-link", one, tabs, settings=V2)


@every(
    "expected, unit",
    [
        (Quantity("seconds", 0.001), "ms"),
        (Quantity("share", 0.01), "percent"),
        (Quantity("bytes"), "decbytes"),
        (Quantity("bytes", 1024), "kbytes"),
        (Quantity("bytes", 1000), "deckbytes"),
        (Quantity("bits/s", 1e6), "Mbits"),
        (None, "short"),
        (None, "suffix: pods"),
        (None, ""),
    ],
)
def test_a_unit_is_a_quantity_and_a_scale(expected: Quantity | None, unit: str) -> None:
    """Those that fit any number are none."""
    assert expected == of_unit(unit)


@every(
    "expected, expr",
    [
        ("bytes", "memory_bytes"),
        ("bytes", "sum by (node) (memory_free_bytes + memory_cached_bytes)"),
        ("bytes", "increase(sent_bytes_total[1h])"),
        ("bytes/s", "topk(5, irate(sent_bytes_total[5m])) > 0"),
        ("bits/s", "8 * rate(sent_bytes_total[5m])"),
        ("bits", "memory_bytes * 8"),
        ("seconds", "histogram_quantile(0.9, sum by (le) (rate(took_seconds_bucket[5m])))"),
        ("degrees Celsius", "max_over_time(room_celsius[1h])"),
        (None, "rate(busy_seconds_total[5m])"),
        (None, "memory_free_bytes / memory_bytes"),
        (None, "memory_bytes > bool 1"),
        (None, "rate(took_seconds_count[5m])"),
        (None, "job:sent_bytes:rate5m"),
        (None, "memory_bytes + took_seconds"),
        (None, "count(memory_bytes)"),
        (None, "time() - started_seconds"),
        (None, "node_network_speed_bytes"),
    ],
)
def test_a_query_is_a_quantity_by_the_name_of_its_metric(expected: str | None, expr: str) -> None:
    """If nothing but a unit of it is changed."""
    tree = parse(expr)

    assert tree is not None
    quantity = of_query(tree)
    assert expected == (quantity.name if quantity else None)
