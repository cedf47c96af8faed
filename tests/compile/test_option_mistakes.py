"""Colours, ids of overrides, time ranges and refreshes that Grafana would not understand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gk import Dashboard, Datasource, annotation, override, stat
from gk.compile import compile
from gk.documents.colors import color_mistake
from gk.errors import DefinitionError, Source
from gk.project import Definition, Project
from gk.settings import Settings
from tests.cases import every
from tests.definitions import resources

PROMETHEUS = Datasource.prometheus(
    "Prometheus", uid="prometheus", url="http://prometheus:9090", default=True
)


def mistakes(*panels: Any, **more: Any) -> list[str]:
    """The messages about a dashboard."""
    try:
        resources(PROMETHEUS, Dashboard("D", panels=list(panels), **more))
    except DefinitionError as error:
        return [problem.text for problem in error.problems]
    return []


@pytest.mark.parametrize(
    "options",
    [
        {"thresholds": {0.8: "dark-redd"}},
        {"color": "dark-redd"},
        {"mappings": {1: ("up", "dark-redd")}},
        {"overrides": [override(name="a", properties={"color": {"fixedColor": "dark-redd"}})]},
    ],
    ids=["threshold", "fixed", "mapping", "override"],
)
def test_misspelt_colour_is_a_mistake(options: Any) -> None:
    """Grafana would show grey."""
    assert [
        "panel 'P': colour 'dark-redd' is not one of Grafana's; did you mean 'dark-red'?"
    ] == mistakes(stat("P", "up", **options))


def test_misspelt_colour_of_an_annotation_is_a_mistake() -> None:
    """Its marks would be grey."""
    (problem,) = mistakes(annotations=[annotation("A", "up == 0", color="gren")])
    assert "annotation 'A': colour 'gren' is not one of Grafana's; did you mean 'green'?" == problem


@every(
    "color",
    [
        *("", "green", "super-light-purple", "transparent", "text", "teal", "Red", "$color"),
        *("#abc", "#abcd", "#A1B2C3", "#a1b2c3d4"),
        *("rgb(1, 2, 3)", "rgba(1,2,3,0.5)", "hsl(1, 2%, 3%)"),
    ],
)
def test_colour_that_grafana_knows(color: str) -> None:
    """It is no mistake."""
    assert color_mistake(color) is None


@pytest.mark.parametrize("color", ["#ab", "#12345", "#ggg", "dark-teal", "rgb(1, 2"])
def test_colour_that_grafana_does_not_know(color: str) -> None:
    """It is one."""
    assert color_mistake(color)


@pytest.mark.parametrize(
    ("id", "meant"),
    [
        ("axisPlacement", "custom.axisPlacement"),
        ("custom.axisPlacment", "custom.axisPlacement"),
        ("displayname", "displayName"),
        ("units", "unit"),
    ],
)
def test_misspelt_id_of_an_override_is_a_mistake(id: str, meant: str) -> None:
    """Grafana would ignore it."""
    assert [
        f"panel 'P': an override sets '{id}', which is not a field option; did you mean '{meant}'?"
    ] == mistakes(stat("P", "up", overrides=[override(name="a", properties={id: 1})]))


@pytest.mark.parametrize("id", ["custom.hideFrom.viz", "custom.ofAPlugin", "noValue", "vendor"])
def test_id_of_an_override_that_some_panel_may_have(id: str) -> None:
    """It is no mistake."""
    assert [] == mistakes(stat("P", "up", overrides=[override(name="a", properties={id: 1})]))


@pytest.mark.parametrize(
    ("time", "message"),
    [
        (("6h", "now"), "dashboard 'D': time from '6h' is not a time of Grafana; write 'now-6h'"),
        (("now-6H", "now"), "dashboard 'D': time from 'now-6H' is not a time of Grafana"),
        (
            ("now-1h", "nwo"),
            "dashboard 'D': time to 'nwo' is not a time of Grafana; did you mean 'now'",
        ),
    ],
)
def test_time_that_grafana_cannot_read_is_a_mistake(time: Any, message: str) -> None:
    """It would show its default, or nothing."""
    (problem,) = mistakes(stat("P", "up"), time=time)
    assert problem.startswith(message)


@pytest.mark.parametrize(
    "time",
    [
        ("now-6h", "now"),
        ("now/d", "now/d"),
        ("now-1w/w", "now-1w/w"),
        ("now-1Q", "now/fQ"),
        ("now - 2h", "now+1h"),
        ("2024-01-01T00:00:00.000Z", "2024-01-01 12:00:00"),
        ("1700000000000", "20240101"),
    ],
)
def test_time_that_grafana_reads(time: Any) -> None:
    """It is no mistake."""
    assert [] == mistakes(stat("P", "up"), time=time)


def test_refresh_that_is_no_duration_is_a_mistake() -> None:
    """Grafana would not refresh."""
    assert ["dashboard 'D': refresh 'often' is not a duration; write 30s, 5m or 1h"] == mistakes(
        stat("P", "up"), refresh="often"
    )


@pytest.mark.parametrize("refresh", ["", "5s", "1m", "1d", "auto", "500ms"])
def test_refresh_that_grafana_takes(refresh: str) -> None:
    """It is no mistake."""
    assert [] == mistakes(stat("P", "up"), refresh=refresh)


def warnings(definition: Dashboard) -> list[str]:
    """The warnings about a dashboard."""
    definitions = [
        Definition(value, Source("dashboards/d.py", 1)) for value in (PROMETHEUS, definition)
    ]
    project = Project(Path("/team"), Settings(), definitions)
    compile(project)
    return project.warnings


def test_key_of_extra_near_to_one_of_grafana_is_a_warning() -> None:
    """Nothing reads it, but a plugin might."""
    panel = stat("P", "up", extra={"maxDataPoint": 100, "pluginVersion": "11.0.0", "acme": 1})
    assert [
        "dashboards/d.py:1: dashboard 'D': extra: Grafana reads no key 'weekstart'; did you mean "
        "'weekStart'?",
        "dashboards/d.py:1: dashboard 'D': panel 'P': Grafana reads no key 'maxDataPoint'; did you "
        "mean 'maxDataPoints'?",
    ] == warnings(Dashboard("D", panels=[panel], extra={"weekstart": "monday", "liveNow": True}))
