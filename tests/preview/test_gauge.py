"""What gauges show, and their pictures."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given

from gk.preview.kinds import gauge
from tests.previews import drawn, panel, panels, series, texts_of

STEPS = {
    "thresholds": {
        "mode": "absolute",
        "steps": [{"color": "green", "value": None}, {"color": "red", "value": 80}],
    }
}


def _view(*frames: Any, **given: Any) -> gauge.GaugeView:
    return gauge.view(panel("gauge", *frames, **given))


def test_a_value_is_on_an_arc_from_minimum_to_maximum() -> None:
    shown = _view(series("a", 30.0), defaults={"min": 20, "max": 40, "unit": "percent"})

    assert [(0.5, "30%")] == [(dial.share, dial.text) for dial in shown.dials]


def test_the_range_is_that_of_all_values_without_another() -> None:
    """Of all series, not of the one on the arc, as in Grafana since 7."""
    shown = _view(series("a", 0.0, 5.0), series("b", 10.0))

    assert [(0.0, 10.0)] * 2 == [(dial.minimum, dial.maximum) for dial in shown.dials]
    assert [0.5, 1.0] == [dial.share for dial in shown.dials]


def test_the_range_may_be_of_each_field() -> None:
    shown = _view(series("a", 0.0, 5.0), series("b", 5.0, 10.0), defaults={"fieldMinMax": True})

    assert [(0.0, 5.0), (5.0, 10.0)] == [(dial.minimum, dial.maximum) for dial in shown.dials]


@pytest.mark.parametrize(
    ("value", "share"), [(-5.0, 0.0), (500.0, 1.0), (math.nan, 0.0), (math.inf, 1.0)]
)
def test_a_value_out_of_range_fills_all_or_nothing(value: float, share: float) -> None:
    shown = _view(series("a", value), defaults={"min": 0, "max": 100})

    assert share == shown.dials[0].share


def test_thresholds_are_a_ring_of_bands() -> None:
    shown = _view(series("a", 1.0), defaults={"min": 0, "max": 100, **STEPS})

    assert ((0.0, 0.8, "green"), (0.8, 1.0, "red")) == shown.dials[0].bands


def test_labels_are_at_the_thresholds_and_the_ends() -> None:
    shown = _view(
        series("a", 1.0),
        defaults={"min": 0, "max": 100, "unit": "percent", **STEPS},
        options={"showThresholdLabels": True},
    )

    assert ((0.0, "0%"), (0.8, "80%"), (1.0, "100%")) == shown.dials[0].marks


def test_labels_of_thresholds_in_percent_are_percentages() -> None:
    """So are the ends, as in Grafana 9.3 and 12.4."""
    shown = _view(
        series("a", 3.0),
        defaults={"min": 3, "max": 7, "thresholds": {**STEPS["thresholds"], "mode": "percentage"}},
        options={"showThresholdLabels": True},
    )

    assert ((0.0, "0"), (0.8, "80"), (1.0, "100")) == shown.dials[0].marks


def test_an_arc_may_begin_at_a_neutral_value() -> None:
    shown = _view(series("a", -50.0), defaults={"min": -100, "max": 100, "custom": {"neutral": 0}})

    assert (0.5, 0.25) == (shown.dials[0].origin, shown.dials[0].share)


def test_a_single_gauge_has_the_name_that_the_author_gave() -> None:
    assert "" == _view(series("a", 1.0)).dials[0].title
    assert "CPU" == _view(series("a", 1.0), defaults={"displayName": "CPU"}).dials[0].title
    assert "a" == _view(series("a", 1.0), series("b", 1.0)).dials[0].title


def test_no_data_is_said() -> None:
    assert ["No data"] == texts_of(drawn(panel("gauge")))


def test_on_a_page_a_gauge_without_data_is_words() -> None:
    """Beside the reason, a picture would be too small to be read."""
    shown = panel("gauge", defaults={"noValue": "none"})
    assert '<p class="nothing">none</p>' == gauge.html(gauge.view(shown))


def test_the_ring_is_drawn_unless_it_is_switched_off() -> None:
    defaults = {"min": 0, "max": 100, **STEPS}
    shown = panel("gauge", series("a", 0.0), defaults=defaults)
    bare = panel(
        "gauge", series("a", 0.0), defaults=defaults, options={"showThresholdMarkers": False}
    )

    assert 3 == drawn(shown).count("<path")
    assert 1 == drawn(bare).count("<path")


def test_a_hostile_name_is_text() -> None:
    name = '"><script>x</script>'

    shown = panel("gauge", series(name, 1.0), series("b", 2.0))

    assert name in texts_of(drawn(shown, 600, 300))


@given(
    panels(
        "gauge",
        {
            "reduceOptions": [{"calcs": ["max", "mean"]}, {"values": True}, {"fields": "/.*/"}],
            "orientation": ["auto", "horizontal", "vertical"],
            "showThresholdLabels": [True],
            "showThresholdMarkers": [False],
            "text": [{"titleSize": 20, "valueSize": 40}],
        },
    )
)
def test_any_gauge_is_drawn(shown: Any) -> None:
    """As XML, and the same twice."""
    drawn(shown)
