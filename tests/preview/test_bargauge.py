"""What bar gauges show, and their pictures."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given

from gk.preview.kinds import bargauge
from gk.preview.theme import DARK
from tests.previews import drawn, panel, panels, series, texts_of

COLORS = {DARK.paint(name): name for name in ("green", "red")}

DEFAULTS = {
    "min": 0,
    "max": 100,
    "thresholds": {
        "mode": "absolute",
        "steps": [{"color": "green", "value": None}, {"color": "red", "value": 50}],
    },
}


def _view(*frames: Any, **given: Any) -> bargauge.BarGaugeView:
    return bargauge.view(panel("bargauge", *frames, **given))


def test_each_series_is_a_bar() -> None:
    shown = _view(series("a", 25.0), series("b", 75.0), defaults=DEFAULTS)

    assert [("a", 0.25, "green"), ("b", 0.75, "red")] == [
        (bar.title, bar.share, bar.value.color) for bar in shown.bars
    ]


def test_a_scale_has_the_colours_of_its_values() -> None:
    scale = _view(series("a", 25.0), defaults=DEFAULTS).bars[0].scale

    assert ("green", "red") == (scale[0], scale[-1])
    assert scale.count("green") == scale.count("red")


def test_a_gradient_ends_in_the_colour_of_the_value() -> None:
    """What is below a threshold is pure half way to it, as in Grafana 9.3 and 12.4."""
    stops = re.findall(
        r'<stop offset="([\d.]+)" stop-color="([^"]+)"',
        drawn(panel("bargauge", series("a", 100.0), defaults=DEFAULTS)),
    )

    assert [("0", "green"), ("0.3", "green"), ("1", "red")] == [
        (str(round(float(offset), 1)).removesuffix(".0"), COLORS[color]) for offset, color in stops
    ]


@pytest.mark.parametrize("mode", ["gradient", "basic", "lcd"])
@pytest.mark.parametrize("orientation", ["horizontal", "vertical"])
def test_names_and_values_are_beside_bars(mode: str, orientation: str) -> None:
    shown = panel(
        "bargauge",
        series("a", 25.0),
        series("b", 75.0),
        defaults=DEFAULTS,
        options={"displayMode": mode, "orientation": orientation},
    )

    assert ["25", "75", "a", "b"] == sorted(texts_of(drawn(shown)))


def test_names_and_values_may_be_hidden() -> None:
    shown = panel(
        "bargauge",
        series("a", 25.0),
        series("b", 75.0),
        options={"namePlacement": "hidden", "valueMode": "hidden"},
    )

    assert [] == texts_of(drawn(shown))


def test_an_lcd_has_dark_cells_for_the_rest() -> None:
    """Unless unfilled bars are switched off."""
    full = {"displayMode": "lcd", "orientation": "horizontal"}
    lit = full | {"showUnfilled": False}
    frame = series("a", 25.0)

    all_cells = drawn(panel("bargauge", frame, defaults=DEFAULTS, options=full)).count("<rect")
    lit_cells = drawn(panel("bargauge", frame, defaults=DEFAULTS, options=lit)).count("<rect")
    assert 0.2 < lit_cells / all_cells < 0.3


def test_no_data_is_said_without_a_bar() -> None:
    markup = drawn(panel("bargauge"))

    assert ["No data"] == texts_of(markup)
    assert "<rect" not in markup


def test_a_hostile_name_is_text() -> None:
    name = "</svg><script>x</script>"

    assert name[:10] in " ".join(
        texts_of(drawn(panel("bargauge", series(name, 1.0), series("b", 2.0))))
    )


@given(
    panels(
        "bargauge",
        {
            "reduceOptions": [{"calcs": ["max", "mean"]}, {"values": True}, {"fields": "/.*/"}],
            "orientation": ["auto", "horizontal", "vertical"],
            "displayMode": ["gradient", "basic", "lcd"],
            "valueMode": ["color", "text", "hidden"],
            "namePlacement": ["auto", "top", "left", "hidden"],
            "showUnfilled": [False],
            "text": [{"titleSize": 20, "valueSize": 40}],
        },
    )
)
def test_any_bar_gauge_is_drawn(shown: Any) -> None:
    """As XML, and the same twice."""
    drawn(shown)
