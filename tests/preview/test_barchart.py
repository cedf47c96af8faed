"""Bar charts of a preview: their bars, names, ticks and colours."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from gk.preview.kinds import barchart, kind_of
from gk.preview.model import Frame
from gk.preview.theme import DARK
from tests.previews import (
    CONFIGS,
    FIRST,
    FRAMES,
    JSON,
    MINUTE,
    drawn,
    field,
    panel,
    series,
    texts_of,
)

JOBS = Frame([field("job", ["api", "web"]), field("up", [10.0, 5.0]), field("down", [10.0, -5.0])])


def shown(
    *frames: Frame, config: dict[str, Any] | None = None, **options: Any
) -> barchart.BarsView:
    """What a bar chart shows."""
    defaults = {"color": {"mode": "palette-classic"}, **(config or {})}
    return barchart.view(panel("barchart", *frames, options=options, config={"defaults": defaults}))


def test_each_row_has_a_bar_for_each_number() -> None:
    chart = shown(JOBS)
    assert [
        ("api", "up", "10", "green"),
        ("api", "down", "10", "semi-dark-yellow"),
        ("web", "up", "5", "green"),
        ("web", "down", "-5", "semi-dark-yellow"),
    ] == [(bar.row, bar.series, bar.text, bar.color) for bar in chart.bars]
    assert ["api", "web"] == [row.text for row in chart.rows]


def test_bars_of_a_row_are_beside_each_other() -> None:
    first, second, *_ = shown(JOBS, groupWidth=0.8, barWidth=1).bars
    assert (0.0, 0.2, 0.2, 0.2) == tuple(
        round(share, 6) for share in (first.start, first.size, second.start, second.size)
    )


def test_the_last_group_ends_where_the_axis_ends() -> None:
    """And the first one starts where that does: those between have the same distances."""
    *_, last = shown(JOBS, groupWidth=0.8, barWidth=1).bars
    assert 1.0 == round(last.start + last.size, 6)
    assert [0.2, 0.8] == [round(row.share, 6) for row in shown(JOBS, groupWidth=0.8).rows]


def test_series_are_groups_at_the_times_of_all_of_them() -> None:
    one, other = series("a", 1, 2), series("b", 3, at=[FIRST + MINUTE])
    chart = shown(one, other)
    assert [("20:26:40", "a"), ("20:27:40", "a"), ("20:27:40", "b")] == [
        (bar.row, bar.series) for bar in chart.bars
    ]
    assert [] == chart.notes


def test_of_other_frames_the_first_one_is_drawn() -> None:
    chart = shown(JOBS, JOBS)
    assert ["Only the first of its tables is drawn."] == chart.notes
    assert 4 == len(chart.bars)


@pytest.mark.parametrize(
    ("count", "options", "texts"),
    [
        (2, {}, 2),
        (60, {}, 0),
        (60, {"showValue": "always"}, 60),
        (2, {"stacking": "normal"}, 2),
        (2, {"stacking": "percent"}, 0),
    ],
)
def test_a_value_stands_at_its_bar_if_there_is_room(
    count: int, options: dict[str, Any], texts: int
) -> None:
    """Unless it always does. Of shares, none does."""
    names = [f"job{index}" for index in range(count)]
    made = panel(
        "barchart",
        Frame([field("job", names), field("up", [12345.0] * count)]),
        options={"legend": {"showLegend": False}, **options},
    )
    assert texts == texts_of(drawn(made)).count("12345")


def test_a_low_part_of_a_stack_says_nothing() -> None:
    low = Frame([field("job", ["api"]), field("up", [100.0]), field("down", [1.0])])
    texts = texts_of(drawn(panel("barchart", low, options={"stacking": "normal"})))
    assert (2, 0) == (texts.count("100"), texts.count("1"))


def test_a_bar_is_from_zero_to_its_value() -> None:
    up, down = shown(JOBS, config={"min": -10, "max": 10}).bars[2:]
    assert (0.5, 0.75) == (up.low, up.high)
    assert (0.25, 0.5) == (down.low, down.high)


def test_stacked_bars_are_on_each_other_and_negative_ones_below_zero() -> None:
    bars = shown(JOBS, stacking="normal", config={"min": -20, "max": 20}).bars
    assert [(0.5, 0.75), (0.75, 1.0), (0.5, 0.625), (0.375, 0.5)] == [
        (bar.low, bar.high) for bar in bars
    ]


def test_bars_may_be_shares_of_their_row() -> None:
    frame = Frame([field("job", ["api"]), field("up", [3.0]), field("down", [1.0])])
    chart = shown(frame, stacking="percent")
    assert [(0.0, 0.75), (0.75, 1.0)] == [(bar.low, bar.high) for bar in chart.bars]
    assert ("0", "1") == (chart.values[0].text, chart.values[-1].text)
    assert "never" == chart.show_value


def test_a_bar_has_the_colour_of_its_value_if_thresholds_say_so() -> None:
    steps = [{"value": None, "color": "green"}, {"value": 8, "color": "red"}]
    config = {"color": {"mode": "thresholds"}, "thresholds": {"mode": "absolute", "steps": steps}}
    frame = Frame(JOBS.fields[:2])
    assert ["red", "green"] == [bar.color for bar in shown(frame, config=config).bars]


def test_rows_are_named_by_the_field_that_the_panel_chooses() -> None:
    frame = Frame([field("a", ["x"]), field("b", ["y"]), field("n", [1.0])])
    assert ["y"] == [row.text for row in shown(frame, xField="b").rows]


def test_a_value_that_is_missing_has_no_bar() -> None:
    frame = Frame([field("job", ["api", "web"]), field("up", [None, 5.0])])
    assert ["web"] == [bar.row for bar in shown(frame).bars]


@pytest.mark.parametrize(
    ("frames", "expected"), [([], "No data"), ([Frame([field("n", [1.0])])], "No data")]
)
def test_without_names_or_numbers_there_is_no_data(frames: list[Frame], expected: str) -> None:
    assert [expected] == texts_of(drawn(panel("barchart", *frames)))


def test_a_picture_has_names_ticks_values_and_a_legend() -> None:
    texts = texts_of(drawn(panel("barchart", JOBS), 600, 300))
    assert {"api", "web", "0", "10", "5", "-5", "up", "down"} <= set(texts)


def test_a_bar_says_what_it_is() -> None:
    assert "<title>web\nup: 5</title>" in barchart.html(shown(JOBS))


@given(FRAMES, JSON, CONFIGS)
def test_any_data_and_options_make_bars_and_a_picture(
    frames: list[Frame], options: Any, config: dict[str, Any]
) -> None:
    chart = panel("barchart", *frames, options=options, config={"defaults": config})
    drawn(chart)
    kind_of("barchart").html(kind_of("barchart").view(chart))


def test_the_same_data_give_the_same_bytes() -> None:
    one, other = shown(JOBS), shown(JOBS)
    assert barchart.html(one) == barchart.html(other)
    assert barchart.draw(one, 300, 200, DARK) == barchart.draw(other, 300, 200, DARK)
