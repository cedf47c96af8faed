"""Time series: what a panel shows as values, and its picture."""

from __future__ import annotations

import json
import math
import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gk.preview import axes
from gk.preview.axes import Limits
from gk.preview.kinds import timeseries
from gk.preview.kinds.chart_data import data
from gk.preview.kinds.charts import range_of_axis
from gk.preview.kinds.series import MOST_POINTS, Series, TimeSeries, decimated
from gk.preview.kinds.stacks import drawn_values
from gk.preview.model import Field, FieldType, Frame, Shown
from gk.preview.page.packed import packed
from gk.preview.svg import picture
from gk.preview.theme import DARK, LIGHT, PAGE
from gk.prometheus.macros import TimeRange
from tests.cases import every
from tests.preview_boards import STEPS, TIME, chart, gallery, thresholds
from tests.previews import FIRST, START, drawn, frame, panel, texts_of, times, wave

MINUTE = 60_000


def view(*frames: Frame, **given: Any) -> TimeSeries:
    return timeseries.view(chart("Panel", frames, **given))


def one(values: Sequence[float | None], at: Sequence[float] | None = None, **custom: Any) -> Series:
    """The only series of a panel."""
    return view(frame("a", values, at=at), custom=custom).series[0]


# Series


def test_a_series_has_its_name_its_points_and_a_colour_of_the_palette() -> None:
    all_series = view(frame("a", [1.0, 2.0]), frame("b", [3.0, 4.0])).series
    assert [("a", "green"), ("b", "semi-dark-yellow")] == [
        (series.name, series.color) for series in all_series
    ]
    assert [[1.0, 2.0], [3.0, 4.0]] == [series.values for series in all_series]
    assert [FIRST, FIRST + MINUTE] == all_series[0].times


def test_without_frames_there_is_no_series() -> None:
    assert () == view().series
    assert "No data" in timeseries.html(view())
    assert "No data" in timeseries.draw(view(), 400, 300, DARK)


def test_without_frames_the_panel_may_have_its_own_words() -> None:
    given = view(defaults={"noValue": "Nothing to show"})
    assert "Nothing to show" in timeseries.html(given)
    assert "Nothing to show" in timeseries.draw(given, 400, 300, DARK)


def test_a_frame_without_times_is_not_drawn() -> None:
    assert () == view(Frame([Field("Value", FieldType.NUMBER, [1.0])])).series


@pytest.mark.parametrize("value", [None, math.nan, math.inf, "1", True])
def test_what_is_not_a_finite_number_is_a_gap(value: Any) -> None:
    values = one([1.0, value, 3.0]).values
    assert ([1.0, 1.0, 3.0] if value is True else [1.0, None, 3.0]) == values


def test_where_samples_are_missing_there_is_a_gap() -> None:
    at = [FIRST, FIRST + MINUTE, FIRST + 5 * MINUTE]
    series = one([1.0, 2.0, 3.0], at)
    assert [1.0, 2.0, None, 3.0] == series.values
    assert FIRST + 2 * MINUTE == series.times[2]


def test_a_panel_says_how_far_apart_points_are_joined() -> None:
    at = [FIRST, FIRST + MINUTE, FIRST + 5 * MINUTE]
    assert [1.0, 2.0, 3.0] == one([1.0, 2.0, 3.0], at, insertNulls=10 * MINUTE).values


@pytest.mark.parametrize(
    ("joins", "values"),
    [
        (False, [1.0, None, 3.0, None, None, 6.0]),
        (True, [1.0, 3.0, 6.0]),
        (2 * MINUTE, [1.0, 3.0, None, None, 6.0]),
        ("yes", [1.0, None, 3.0, None, None, 6.0]),
    ],
)
def test_gaps_are_joined_as_the_panel_says(joins: Any, values: list[float | None]) -> None:
    assert values == one([1.0, None, 3.0, None, None, 6.0], spanNulls=joins).values


def test_times_are_drawn_in_their_order() -> None:
    assert [3.0, 1.0] == one([1.0, 3.0], [FIRST + MINUTE, FIRST]).values


def test_values_are_turned_over() -> None:
    assert [-1.0, None] == one([1.0, None], transform="negative-Y").values


def test_the_style_is_that_of_the_field() -> None:
    style = one(
        [1.0],
        drawStyle="bars",
        lineWidth=3,
        fillOpacity=40,
        lineInterpolation="smooth",
        lineStyle={"fill": "dash", "dash": [5, 3]},
        gradientMode="hue",
        showPoints="never",
        pointSize=9,
    ).style
    assert ("bars", 3, 0.4, "smooth", [5, 3], "hue", "never", 9) == (
        style.draw,
        style.width,
        style.opacity,
        style.interpolation,
        style.dash,
        style.gradient,
        style.points,
        style.point_size,
    )


@pytest.mark.parametrize("custom", [{}, {"drawStyle": 5, "lineWidth": "x", "fillOpacity": None}])
def test_what_is_missing_or_malformed_is_grafanas_default(custom: dict[str, Any]) -> None:
    style = one([1.0], **custom).style
    assert ("line", 1, 0, "linear") == (
        style.draw,
        style.width,
        style.opacity,
        style.interpolation,
    )


def test_hidden_series_are_there_and_say_so() -> None:
    series = one([1.0], hideFrom={"viz": True, "legend": True, "tooltip": True})
    assert (False, False, False) == (series.is_drawn, series.in_legend, series.in_tooltip)


# Axes


def test_each_unit_has_an_axis_the_first_on_the_left() -> None:
    shown = view(
        frame("a", [1.0], unit="percent"), frame("b", [1.0], unit="bytes"), frame("c", [1.0])
    )
    assert ["left", "right", "right"] == [axis.side for axis in shown.axes]
    assert [0, 1, 2] == [series.axis for series in shown.series]
    assert [True, False, False] == [axis.has_grid for axis in shown.axes]


def test_series_of_one_unit_share_an_axis() -> None:
    shown = view(frame("a", [1.0], unit="s"), frame("b", [1.0], unit="s"))
    assert 1 == len(shown.axes)


def test_percentages_of_a_stack_have_an_axis_from_0_to_100() -> None:
    shown = view(
        frame("a", [1.0], unit="bytes"),
        custom={"stacking": {"mode": "percent", "group": "A"}},
    )
    axis = shown.axes[0]
    assert (0.0, 1.0) == range_of_axis(axis, [0.5])
    assert "50%" == str(axis.shows(0.5))


@every(
    "low, high, limits, found",
    [
        pytest.param(1.0, 16.0, Limits(), (0.0, 18.0), id="near zero"),
        pytest.param(0.0, 16.0, Limits(), (0.0, 18.0), id="zero is an end"),
        pytest.param(93.0, 99.0, Limits(), (92.4, 99.6), id="far from zero"),
        pytest.param(0.0, 0.0, Limits(), (0.0, 100.0), id="nothing but zero"),
        pytest.param(5.0, 5.0, Limits(), (0.0, 10.0), id="flat"),
        pytest.param(None, None, Limits(), (0.0, 100.0), id="no data"),
        pytest.param(20.0, 70.0, Limits(0.0, 100.0), (0.0, 100.0), id="hard"),
        pytest.param(20.0, 120.0, Limits(soft_min=0, soft_max=100), (0.0, 130.0), id="soft"),
        pytest.param(-10.0, 5.0, Limits(is_centered=True), (-12.0, 12.0), id="centered"),
        pytest.param(5.0, 6.0, Limits(10.0, 1.0), (10.0, 20.0), id="the wrong way round"),
    ],
)
def test_the_range_of_an_axis(
    low: float | None, high: float | None, limits: Limits, found: tuple[float, float]
) -> None:
    assert pytest.approx(found) == axes.range_of(low, high, limits)


_NUMBERS = st.floats(-1e30, 1e30).map(lambda number: round(number, 9))


@given(_NUMBERS, _NUMBERS)
def test_an_axis_has_all_data_and_ends_where_it_should(one_end: float, other: float) -> None:
    low, high = sorted((one_end, other))
    bottom, top = axes.range_of(low, high, Limits())
    assert bottom <= low <= high <= top
    assert bottom < top


@given(
    _NUMBERS,
    st.floats(min_value=1e-6, max_value=1e9),
    st.floats(min_value=1, max_value=2000),
)
def test_ticks_are_within_the_axis_and_have_room(low: float, size: float, length: float) -> None:
    high = low + size
    ticks = axes.ticks(low, high, axes.step_of(low, high, length, 30))
    margin = 1e-6 * max(abs(low), abs(high))
    assert all(low - margin <= tick <= high + margin for tick in ticks)
    assert len(ticks) <= length / 30 + 1.01


def test_a_low_chart_has_more_ticks() -> None:
    """Since Grafana 12."""
    assert [20.0, 25.0] == [
        axes.step_of(0, 100, high, axes.space_of(high)) for high in (101.0, 63.0)
    ]
    assert 20.0 == axes.step_of(0, 100, 171, axes.space_of(171))


@pytest.mark.parametrize(
    ("config", "step"),
    [({}, 0.2), ({"decimals": 0}, 0.2), ({"decimals": 1}, 0.2), ({"unit": "bool_yes_no"}, 1.0)],
)
def test_the_ticks_of_yes_and_no_are_these(config: dict[str, Any], step: float) -> None:
    axis = view(frame("a", [0.0, 1.0]), defaults=config).axes[0]
    assert step == axes.step_of(0, 1, 171, axes.space_of(171), axis.increments)


def test_without_decimals_only_whole_numbers_have_labels() -> None:
    """The others have lines, as in Grafana 12.4."""
    svg = drawn(panel("timeseries", frame("a", [0.0, 2.0]), defaults={"decimals": 0, "min": 0}))
    labels = [text for text in texts_of(svg) if text.isdigit()]
    assert ["0", "1", "2", "3"] == labels


@pytest.mark.parametrize(
    ("config", "ends"),
    [
        ({"min": 0}, (0.0, 2.2)),
        ({"min": 0, "decimals": 0}, (0.0, 3.0)),
        ({"min": 0, "max": 2.5, "decimals": 0}, (0.0, 2.5)),
    ],
)
def test_an_axis_without_decimals_ends_at_whole_numbers(
    config: dict[str, Any], ends: tuple[float, float]
) -> None:
    axis = view(frame("a", [1.0, 2.0]), defaults=config).axes[0]
    assert ends == pytest.approx(range_of_axis(axis, [1.0, 2.0]))


def test_an_axis_of_yes_and_no_has_nothing_else() -> None:
    axis = view(frame("a", [1.0, 1.0]), defaults={"unit": "bool_yes_no"}).axes[0]
    assert (0.0, 1.0) == range_of_axis(axis, [1.0, 1.0])


def test_a_logarithmic_axis_has_whole_powers() -> None:
    assert (1.0, 10_000.0) == axes.log_range(3, 4000, Limits(), 10)
    assert [1.0, 10.0, 100.0, 1000.0] == axes.log_ticks(1, 1000, 10, 200, 30)


@pytest.mark.parametrize(
    ("span", "labels"),
    [
        (10, ["20:26:40", "20:26:45", "20:26:50"]),
        (240, ["20:27:00", "20:28:00", "20:29:00", "20:30:00"]),
        (1200, ["20:30", "20:35", "20:40", "20:45"]),
        (2 * 86_400, ["05/29 00:00", "05/30 00:00"]),
        (4 * 86_400, ["05/29", "05/31"]),
        (900 * 86_400, ["2027", "2028"]),
    ],
)
def test_times_have_round_ticks(span: int, labels: list[str]) -> None:
    zone = axes.zone_of("utc")
    end = FIRST + span * 1000
    step = axes.time_step(FIRST, end, 300)
    ticks = axes.time_ticks(FIRST, end, step, zone)
    assert labels == [axes.time_label(tick, step, span * 1000, zone) for tick in ticks]


def test_ticks_of_days_are_midnights_of_the_time_zone() -> None:
    zone = axes.zone_of("Europe/Berlin")
    ticks = axes.time_ticks(FIRST, FIRST + 3 * 86_400_000, 86_400_000, zone)
    assert {"00:00"} == {axes.time_label(tick, 120_000, 1, zone) for tick in ticks}


@pytest.mark.parametrize("name", ["", "browser", "Nowhere/Land", "../../etc/passwd", "\x00"])
def test_an_unknown_zone_is_utc(name: str) -> None:
    assert axes.zone_of("utc") == axes.zone_of(name)


# Stacks and bands


def stacked(mode: str, *columns: list[float | None]) -> list[list[float | None]]:
    frames = [frame(str(index), column) for index, column in enumerate(columns)]
    shown = view(*frames, custom={"stacking": {"mode": mode, "group": "A"}})
    return [list(line.values) for line in drawn_values(shown)]


def test_series_are_drawn_on_each_other() -> None:
    assert [[1.0, 1.0], [3.0, 4.0]] == stacked("normal", [1.0, 1.0], [2.0, 3.0])


def test_a_gap_in_one_series_is_none_in_the_stack() -> None:
    assert [[0.0, None], [2.0, None]] == stacked("normal", [None, None], [2.0, None])


def test_a_series_of_another_group_is_not_on_the_stack() -> None:
    """Such as the `false` by which Node Exporter Full leaves out its total."""
    total = {"id": "custom.stacking", "value": {"mode": "normal", "group": False}}
    shown = view(
        frame("used", [1.0]),
        frame("total", [8.0]),
        custom={"stacking": {"mode": "normal", "group": "A"}},
        overrides=[{"matcher": {"id": "byName", "options": "total"}, "properties": [total]}],
    )
    used, other = (series.stack and series.stack.group for series in shown.series)
    assert used != other


def test_what_is_below_zero_is_stacked_downwards() -> None:
    assert [[1.0], [-2.0], [4.0], [-6.0]] == stacked("normal", [1.0], [-2.0], [3.0], [-4.0])


def test_percentages_add_up_to_one() -> None:
    assert [[0.25, 0.0], [1.0, 0.0]] == stacked("percent", [1.0, 0.0], [3.0, 0.0])


def test_a_band_is_between_a_series_and_the_one_that_it_names() -> None:
    shown = view(
        frame("low", [1.0]),
        frame("high", [2.0]),
        overrides=[
            {
                "matcher": {"id": "byName", "options": "high"},
                "properties": [{"id": "custom.fillBelowTo", "value": "low"}],
            }
        ],
    )
    assert [(1, 0)] == [(band.upper, band.lower) for band in shown.bands]


# The legend


def test_the_legend_has_what_the_panel_calculates() -> None:
    shown = view(
        frame("a", [1.0, 2.0, 3.0], unit="bytes"),
        options={"legend": {"displayMode": "table", "calcs": ["mean", "max", "count", "nope"]}},
    )
    assert [("Mean", "2 B"), ("Max", "3 B"), ("Count", "3")] == [
        (result.name, str(result.display)) for result in shown.series[0].calculated
    ]


def _late(values: Sequence[float | None], calcs: Sequence[str], **defaults: Any) -> Series:
    """A series from the third of five minutes on."""
    at = [FIRST + (2 + index) * MINUTE for index in range(len(values))]
    return view(
        frame("a", values, at=at),
        defaults=defaults,
        options={"legend": {"calcs": calcs}},
        time=TimeRange(START, START + 5 * 60),
    ).series[0]


def _calculated(series: Series) -> list[str]:
    return [str(result.display) for result in series.calculated]


def test_the_legend_counts_samples_that_are_missing() -> None:
    """From where the panel begins to before its end, as in Grafana 12.4."""
    calcs = ["first", "lastNotNull", "last", "count", "countAll"]
    assert ["", "2", "", "2", "5"] == _calculated(_late([1.0, 2.0], calcs))


def test_the_legend_takes_what_is_not_finite_for_nothing() -> None:
    calcs = ["lastNotNull", "last", "count", "sum"]
    assert ["1", "", "1", "1"] == _calculated(_late([1.0, math.nan, math.inf], calcs))


EARLY = ["lastNotNull", "last", "count"]
BOTH, OWN = {"min": 0, "max": 9}, {"fieldMinMax": True}
OF_DRAWN, OF_ALL = ["1", "", "1"], ["∞", "∞", "2"]
"""What a legend says of 1 and infinity, after two samples that are missing and before one."""


@pytest.mark.parametrize(
    ("calcs", "limits", "expected"),
    [
        pytest.param(EARLY, [{}, {}, {}], [OF_DRAWN, OF_ALL, OF_ALL], id="no limits"),
        pytest.param(EARLY, [{"min": 0}, BOTH, {}], [OF_DRAWN, OF_ALL, OF_ALL], id="one limit"),
        pytest.param(EARLY, [BOTH, {}, {}], [OF_DRAWN] * 3, id="the first has both"),
        pytest.param(EARLY, [OWN, BOTH, OWN], [OF_ALL, OF_DRAWN, OF_ALL], id="of their own values"),
        pytest.param([*EARLY, "median"], [{}, {}, {}], [[*OF_DRAWN, "1"]] * 3, id="another"),
    ],
)
def test_the_legend_has_what_grafana_calculated_when_it_looked_for_limits(
    calcs: list[str], limits: list[dict[str, Any]], expected: list[list[str]]
) -> None:
    """Of every value, also of one that is not drawn, and without samples that are missing."""
    at = [FIRST + 2 * MINUTE, FIRST + 3 * MINUTE]
    shown = view(
        *(frame("a", [1.0, math.inf], at=at, **limit) for limit in limits),
        options={"legend": {"calcs": calcs}},
        time=TimeRange(START, START + 5 * 60),
    )
    assert expected == [_calculated(series) for series in shown.series]


def test_counts_of_the_legend_have_the_decimals_of_the_panel_and_not_its_unit() -> None:
    shown = _late([1.0], ["count", "last", "diffperc"], unit="bytes", decimals=1)
    assert ["1.0", "", "0.0%"] == _calculated(shown)


def test_a_list_has_the_series_of_the_right_axis_on_the_right() -> None:
    """A list beside the chart has them in their places."""
    frames = [frame(name, [1.0], unit=unit) for name, unit in (("a", "s"), ("b", "B"), ("c", "s"))]
    for placement, expected in (("bottom", ["a", "c", "b"]), ("right", ["a", "b", "c"])):
        made = timeseries.html(view(*frames, options={"legend": {"placement": placement}}))
        listed = re.findall(r"<li( class=\"others\")?>.*?<bdi>(.)</bdi>", made)
        assert expected == [name for _, name in listed]
        assert ["b"] * (placement == "bottom") == [name for others, name in listed if others]


def test_a_table_says_which_series_have_the_right_axis() -> None:
    """On the page and in a picture; a list does not."""
    frames = [frame("a", [1.0], unit="bytes"), frame("b", [1.0], unit="s")]
    for mode, is_said in (("table", True), ("list", False)):
        shown = view(*frames, options={"legend": {"displayMode": mode}})
        for made in (timeseries.html(shown), timeseries.draw(shown, 600, 300, DARK)):
            assert is_said == ("(right y-axis)" in made)


@pytest.mark.parametrize("at", [FIRST + 10**9 * MINUTE, FIRST - 10**9 * MINUTE])
def test_samples_that_are_far_from_the_range_are_not_joined_to_it(at: int) -> None:
    """Whatever a server answers: there would be a thousand million samples missing."""
    shown = view(
        frame("a", [1.0, 2.0], at=[at, at + MINUTE]), options={"legend": {"calcs": ["last"]}}
    )
    assert ["2"] == _calculated(shown.series[0])


def test_a_number_in_place_of_no_value_is_drawn_and_counts() -> None:
    series = _late([1.0, 2.0], ["last", "mean", "count"], noValue="7")
    assert [7.0, 7.0, 1.0, 2.0, 7.0] == series.values
    assert ["7", "4.80", "5"] == _calculated(series)


def test_a_word_in_place_of_no_value_is_not_drawn() -> None:
    series = _late([1.0, 2.0], ["last", "count"], noValue="none")
    assert [1.0, 2.0] == series.values
    assert ["none", "2"] == _calculated(series)


@pytest.mark.parametrize(("descending", "order"), [(True, [1, 2, 0]), (False, [0, 2, 1])])
def test_the_legend_is_sorted_by_a_value(descending: bool, order: list[int]) -> None:
    shown = view(
        *(frame(name, [size]) for name, size in (("a", 1.0), ("b", 3.0), ("c", 2.0))),
        options={"legend": {"calcs": ["max"], "sortBy": "Max", "sortDesc": descending}},
    )
    assert shown.legend
    assert order == shown.legend.entries


@pytest.mark.parametrize("legend", [{"showLegend": False}, {"displayMode": "hidden"}])
def test_a_panel_may_have_no_legend(legend: dict[str, Any]) -> None:
    assert view(frame("a", [1.0]), options={"legend": legend}).legend is None


# Thresholds


def test_thresholds_are_the_steps_of_the_axis_if_the_panel_draws_them() -> None:
    defaults = {"thresholds": {"mode": "absolute", "steps": STEPS}}
    drawn = view(frame("a", [1.0]), defaults=defaults, custom=thresholds("dashed+area"))
    assert {"dashed", "area"} == drawn.axes[0].steps_as
    assert [(None, "green"), (60, "orange"), (80, "red")] == [
        (step.value, step.color) for step in drawn.axes[0].steps
    ]
    assert set() == view(frame("a", [1.0]), defaults=defaults).axes[0].steps_as


# The page's data


def test_of_many_points_the_lowest_and_the_highest_stay() -> None:
    values: list[float | None] = [*wave(1, 5000)]
    values[1234], values[4321] = 1e6, -1e6
    kept_times, kept = decimated(list(range(5000)), values)
    assert MOST_POINTS + 2 >= len(kept)
    assert {1e6, -1e6} <= set(kept)
    assert sorted(kept_times) == list(kept_times)


def test_few_points_stay_as_they_are() -> None:
    assert ([1, 2], [3.0, None]) == decimated([1, 2], [3.0, None])


def test_a_gap_stays_when_there_are_many_points() -> None:
    values: list[float | None] = [1.0] * 4000
    values[2000] = None
    assert None in decimated(list(range(4000)), values)[1]


@pytest.mark.parametrize(
    ("value", "config"),
    [
        (45.678912, {"unit": "percent"}),
        (1234567.0, {"unit": "none"}),
        (12345.678, {"unit": "none", "decimals": 3}),
        (1610612736.0, {"unit": "bytes", "decimals": 2}),
        (0.000123456, {"unit": "s"}),
        (0.98765432, {"unit": "percentunit", "decimals": 2}),
    ],
)
def test_the_page_has_as_many_digits_as_a_text_shows(value: float, config: dict[str, Any]) -> None:
    shown = view(frame("a", [value], **config))
    there = data(shown)["series"][0]["v"][0]
    shows = shown.axes[0].shows
    assert str(shows(value)) == str(shows(there))


def test_packed_charts_are_the_same_text_for_the_same_charts() -> None:
    made = data(view(frame("a", wave(1)), frame("b", [None, -5.5])))
    assert packed({"one": made}) == packed({"one": made})
    assert "one" not in packed({"one": made})


# Pictures


@pytest.mark.parametrize("theme", [DARK, LIGHT, PAGE])
def test_every_way_to_draw_makes_a_picture(theme: Any) -> None:
    shown = [
        placed.panel
        for section in gallery().sections
        for placed in section.panels
        if placed.panel.type == "timeseries"
    ]
    for graph in shown:
        drawn = timeseries.draw(timeseries.view(graph), 500, 260, theme)
        root = ET.fromstring(picture(500, 260, drawn))
        assert not re.search(r"[ \"MLHV]-?(nan|inf)", drawn)
        assert "style" not in {name for element in root.iter() for name in element.attrib}


def test_a_picture_has_the_texts_of_its_axes_and_its_legend() -> None:
    drawn = timeseries.draw(
        view(frame("node-1", [0.0, 50.0], unit="percent"), time=TimeRange(START, START + 1200)),
        400,
        220,
        DARK,
    )
    texts = [
        element.text
        for element in ET.fromstring(picture(400, 220, drawn)).iter()
        if element.tag.endswith("text")
    ]
    assert ["20:30", "20:35", "20:40", "20:45", "0%", "20%", "40%", "node-1"] == texts


def test_bars_end_at_their_time_stand_on_it_or_begin_there() -> None:
    """As their alignment says: before, in the middle, after."""
    first = {}
    for alignment in (-1, 0, 1):
        custom = {"drawStyle": "bars", "barAlignment": alignment}
        bars = view(frame("a", [1.0, 2.0, 3.0], step=3_600), custom=custom)
        svg = str(timeseries.draw(bars, 400, 220, DARK))
        match = re.search(r'd="M(-?[\d.]+) [\d.]+h([\d.]+)V', svg)
        assert match is not None
        first[alignment] = float(match[1])
        wide = float(match[2])

    assert first[0] == pytest.approx(first[1] - wide / 2, abs=0.1)
    assert first[-1] == pytest.approx(first[1] - wide, abs=0.1)


def test_labels_of_an_axis_leave_most_of_the_width_to_the_chart() -> None:
    """However long they are."""
    long = view(frame("a", [1.0, 2.0], unit=f"suffix: {'m' * 99}"))

    drawn = str(timeseries.draw(long, 400, 220, DARK))

    assert '<svg x="169" y="17" width="223"' in drawn


def test_the_same_panel_is_the_same_picture() -> None:
    shown = view(frame("a", wave(3)), custom={"fillOpacity": 20, "gradientMode": "opacity"})
    assert timeseries.draw(shown, 400, 300, DARK) == timeseries.draw(shown, 400, 300, DARK)


@pytest.mark.parametrize("size", [(0, 0), (1, 1), (20, 10), (10_000, 1)])
def test_no_box_is_too_small(size: tuple[float, float]) -> None:
    shown = view(frame("a", wave(3)), options={"legend": {"displayMode": "table"}})
    ET.fromstring(picture(*size, timeseries.draw(shown, *size, DARK)))


_KEYS = st.sampled_from(
    [
        "custom", "unit", "decimals", "min", "max", "thresholds", "steps", "mode", "value",
        "color", "lineWidth", "drawStyle", "stacking", "group", "spanNulls", "insertNulls",
        "axisPlacement", "axisSoftMin", "scaleDistribution", "type", "log", "linearThreshold",
        "dash", "thresholdsStyle", "hideFrom", "viz", "fillBelowTo", "lineStyle", "fill",
        "legend", "calcs", "displayMode", "sortBy", "tooltip", "barMaxWidth", "pointSize",
        "fillOpacity", "interval", "displayName", "mappings", "gradientMode",
    ]
)  # fmt: skip
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=4),
    max_leaves=20,
)


@given(
    st.dictionaries(_KEYS, _JSON, max_size=6),
    _JSON,
    st.lists(st.none() | st.floats() | st.integers(), max_size=6),
)
def test_no_json_is_too_strange(config: dict[str, Any], options: Any, values: list[Any]) -> None:
    when = Field("Time", FieldType.TIME, times(len(values)), config={"interval": options})
    frames = [
        Frame([when, Field(name, FieldType.NUMBER, values, config=config)]) for name in ("a", "b")
    ]
    shown = timeseries.view(Shown({"type": "timeseries", "options": options}, "", frames, TIME))
    json.dumps(data(shown), allow_nan=False)
    packed({"a": data(shown)})
    timeseries.html(shown)
    ET.fromstring(picture(300, 200, timeseries.draw(shown, 300, 200, DARK)))
