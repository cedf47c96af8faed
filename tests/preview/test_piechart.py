"""What pie charts show, and their pictures."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given

from gk.preview.kinds import piechart
from tests.previews import drawn, panel, panels, series, texts_of

THREE = (series("a", 1.0), series("b", 7.0), series("c", 2.0))


def _view(*frames: Any, **given: Any) -> piechart.PieView:
    return piechart.view(panel("piechart", *frames, **given))


def test_slices_are_shares_from_the_greatest() -> None:
    shown = _view(*THREE)

    assert [("b", "70%"), ("c", "20%"), ("a", "10%")] == [
        (piece.name, piece.percent) for piece in shown.slices
    ]


@pytest.mark.parametrize(("order", "names"), [("asc", "acb"), ("none", "abc"), (1, "bca")])
def test_slices_may_be_in_another_order(order: Any, names: str) -> None:
    shown = _view(*THREE, options={"sort": order})

    assert names == "".join(piece.name for piece in shown.slices)


def test_series_keep_the_colours_of_the_palette() -> None:
    shown = _view(*THREE)

    assert ["semi-dark-yellow", "blue", "green"] != sorted(
        piece.value.color for piece in shown.slices
    )
    assert "green" == shown.slices[-1].value.color


def test_what_is_no_number_or_hidden_is_left_out() -> None:
    hides = [{"id": "custom.hideFrom", "value": {"viz": True, "legend": True, "tooltip": False}}]
    shown = _view(
        *THREE,
        series("d", math.nan),
        overrides=[{"matcher": {"id": "byName", "options": "b"}, "properties": hides}],
    )

    assert [("c", "67%"), ("a", "33%")] == [(piece.name, piece.percent) for piece in shown.slices]
    assert shown.legend is not None
    assert ["c", "a"] == [entry.name for entry in shown.legend.entries]


def test_a_slice_of_nothing_is_in_the_legend() -> None:
    shown = panel("piechart", series("a", 1.0), series("b", 0.0))

    assert ["a", "b"] == texts_of(drawn(shown))


def test_labels_are_lines_on_the_slices() -> None:
    """On those that are wide enough."""
    shown = panel(
        "piechart",
        series("a", 99.0),
        series("b", 1.0),
        defaults={"unit": "percent"},
        options={"displayLabels": ["percent", "name"], "legend": {"showLegend": False}},
    )

    assert ("b", "1%") == piechart.view(shown).slices[1].label
    assert ["a99%"] == texts_of(drawn(shown))


def test_a_legend_has_values_and_percentages() -> None:
    values = {"values": ["percent", "value"], "displayMode": "table", "placement": "right"}
    shown = _view(*THREE, defaults={"decimals": 1}, options={"legend": values})

    assert shown.legend is not None
    assert ["Value", "Percent"] == list(shown.legend.headings)
    assert ["7.0", "70.0%"] == list(shown.legend.entries[0].values)


def test_a_whole_is_a_circle() -> None:
    assert "<circle" in drawn(panel("piechart", series("a", 1.0)))
    assert "<circle" in drawn(panel("piechart", series("a", 1.0), options={"pieType": "donut"}))


def test_no_data_is_said() -> None:
    assert ["No data"] == texts_of(drawn(panel("piechart")))


def test_a_hostile_name_is_text() -> None:
    name = "<script>x</script>"

    assert name in texts_of(drawn(panel("piechart", series(name, 1.0))))


@given(
    panels(
        "piechart",
        {
            "reduceOptions": [{"calcs": ["max", "mean"]}, {"values": True}, {"fields": "/.*/"}],
            "pieType": ["pie", "donut"],
            "displayLabels": [["name"], ["value", "percent", 3]],
            "sort": ["asc", "none"],
            "legend": [
                {"displayMode": "table", "placement": "right", "values": ["value"], "width": 100},
                {"values": ["percent", "value"]},
                {"showLegend": False},
            ],
        },
    )
)
def test_any_pie_chart_is_drawn(shown: Any) -> None:
    """As XML, and the same twice."""
    drawn(shown)
