"""Overrides come back from Grafana's JSON as the calls that make them."""

from __future__ import annotations

from typing import Any

import pytest

import gk
from gk.decompile import fields
from gk.decompile.python import text
from gk.documents.dashboards import normalized

DASHED = {"fill": "dash", "dash": [10, 10]}
GROUPED = {"mode": "normal", "group": "B"}


def read(*overrides: Any) -> str:
    """The text of some overrides, as a dashboard has them."""
    config = {"defaults": {}, "overrides": list(overrides)}
    panel = {"type": "timeseries", "fieldConfig": config, "gridPos": {}}
    [shown] = normalized({"schemaVersion": 39, "panels": [panel]})["panels"]
    return text(fields.overrides(shown["fieldConfig"]["overrides"]))


@pytest.mark.parametrize(
    "call",
    [
        'override(name="a", color="red", unit="s")',
        'override(regex="/a/", color="thresholds", decimals=0, min=0, max=1.5)',
        'override(type="number", display_name="Orders")',
        'override(ref_id="B", draw="bars", fill=0, line_width=2, points="never", point_size=4)',
        'override(name="a", dash=(10, 10), negative_y=True, axis_placement="right")',
        'override(name="a", stack="none")',
        'override(name="a", stack="percent")',
        'override(name="a", width=80, align="center")',
        'override(name="a", hide_from=("legend", "tooltip"))',
        'override(all_except=("a", "b"), hide_from=("tooltip", "viz"))',
        'override(name="a", fill=5, properties={"custom.axisLabel": "Errors"})',
    ],
)
def test_an_override_is_the_call_that_makes_it(call: str) -> None:
    made = eval(call, {"override": gk.override})
    assert f"[{call}]" == read(made)


@pytest.mark.parametrize(
    "properties",
    [
        pytest.param({"custom.stacking": GROUPED}, id="a group of its own"),
        pytest.param({"custom.lineStyle": {"fill": "dot"}}, id="dots"),
        pytest.param({"custom.lineStyle": {**DASHED, "more": 1}}, id="more than an argument says"),
        pytest.param({"custom.hideFrom": {"graph": True}}, id="parts of before Grafana 8"),
        pytest.param({"custom.fillOpacity": "10"}, id="text for a number"),
    ],
)
def test_what_no_argument_says_is_a_property(properties: dict[str, Any]) -> None:
    """And not a part of it, which would replace the whole."""
    overrides = eval(read(gk.override(name="a", properties=properties)), {"override": gk.override})
    assert [gk.override(name="a", properties=properties)] == overrides


def test_an_override_of_a_chosen_series_that_is_otherwise_stays_json() -> None:
    given = gk.override(all_except=["a"], hide_from=["viz"])
    given["matcher"]["options"]["mode"] = "include"
    assert "override(" not in read(given)


@pytest.mark.parametrize(
    ("key", "read_as"), [("1", 1), ("01", "01"), ("9" * 15, 10**15 - 1), ("9" * 5_000, "9" * 5_000)]
)
def test_the_key_of_a_mapping_is_a_number_if_javascript_has_it(key: str, read_as: object) -> None:
    """Other keys stay texts, however many digits they have."""
    mapping = {"type": "value", "options": {key: {"text": "up", "index": 0}}}

    assert {read_as: "up"} == fields.mappings([mapping])
