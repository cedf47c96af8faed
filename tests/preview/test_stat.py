"""What stats show, and their pictures."""

from __future__ import annotations

import math
import re
from typing import Any

import pytest
from hypothesis import given

from gk.preview.kinds import stat
from gk.preview.kinds.boxes import cells
from gk.preview.kinds.reduced import change_text
from gk.preview.model import Field, FieldType, Frame, Link
from tests.previews import FIRST, MINUTE, drawn, panel, panels, series, table, texts_of

STEPS = {
    "thresholds": {
        "mode": "absolute",
        "steps": [{"color": "green", "value": None}, {"color": "red", "value": 5}],
    }
}


def _view(*frames: Any, **given: Any) -> stat.StatView:
    return stat.view(panel("stat", *frames, **given))


def test_a_series_is_its_last_value() -> None:
    """The last value that there is, in its unit and the colour of its threshold."""
    shown = _view(series("cpu", 1.0, 7.5, None), defaults={"unit": "percent", **STEPS})

    assert [("7.50%", "red")] == [(cell.text, cell.color) for cell in shown.cells]


def test_one_value_needs_no_name() -> None:
    """The text mode "auto" has names if there are several."""
    one, two = _view(series("a", 1.0)), _view(series("a", 1.0), series("b", 2.0))

    assert [""] == [cell.title for cell in one.cells]
    assert ["a", "b"] == [cell.title for cell in two.cells]


@pytest.mark.parametrize(
    ("mode", "title", "text"),
    [
        ("value", "", "1"),
        ("value_and_name", "a", "1"),
        ("name", "", "a"),
        ("none", "", ""),
        (7, "", "1"),
    ],
)
def test_the_text_mode_says_what_is_shown(mode: Any, title: str, text: str) -> None:
    shown = _view(series("a", 1.0), options={"textMode": mode})

    assert [(title, text)] == [(cell.title, cell.text) for cell in shown.cells]


def test_each_calculation_is_a_value() -> None:
    shown = _view(series("a", 1.0, 3.0), options={"reduceOptions": {"calcs": ["min", "max"]}})

    assert ["1", "3"] == [cell.text for cell in shown.cells]


def test_fields_are_numbers_or_those_of_a_pattern() -> None:
    frame = table(version=["1.2"], size=[3.0], age=[4.0])
    every = {"reduceOptions": {"fields": "/.*/"}}
    some = {"reduceOptions": {"fields": "/^version$/"}}

    assert ["3", "4"] == [cell.text for cell in _view(frame).cells]
    assert ["1.2", "3", "4"] == [cell.text for cell in _view(frame, options=every).cells]
    assert ["1.2"] == [cell.text for cell in _view(frame, options=some).cells]


def test_each_row_is_a_value_named_by_its_texts() -> None:
    """Up to the limit, which is 25 without one."""
    frame = table(host=["x", "y", "z"], size=[1.0, 2.0, 3.0])
    options = {"reduceOptions": {"values": True, "limit": 2}}
    shown = _view(frame, options=options)

    assert [("x", "1"), ("y", "2")] == [(cell.title, cell.text) for cell in shown.cells]
    many = table(size=[float(number) for number in range(40)])
    assert 25 == len(_view(many, options={"reduceOptions": {"values": True}}).cells)


def test_rows_have_the_colours_of_the_palette() -> None:
    frame = table(host=["x", "y"], size=[1.0, 2.0])
    shown = _view(
        frame,
        options={"reduceOptions": {"values": True}},
        defaults={"color": {"mode": "palette-classic"}},
    )

    assert ["green", "semi-dark-yellow"] == [cell.color for cell in shown.cells]


def test_an_override_colours_a_row_by_its_name() -> None:
    blue = {"id": "color", "value": {"mode": "fixed", "fixedColor": "blue"}}
    shown = _view(
        table(host=["x", "y"], size=[1.0, 2.0]),
        options={"reduceOptions": {"values": True}},
        overrides=[{"matcher": {"id": "byName", "options": "y"}, "properties": [blue]}],
    )

    assert "blue" == shown.cells[1].color


def test_a_display_name_may_name_other_columns() -> None:
    shown = _view(
        table(host=["x", "y"], size=[1.0, 2.0]),
        options={"reduceOptions": {"values": True}},
        defaults={"displayName": "on ${__cell_0}"},
    )

    assert ["on x", "on y"] == [cell.title for cell in shown.cells]


def test_a_link_has_the_value_that_is_shown() -> None:
    links = [{"title": "${__field.name}", "url": "/d/x?v=${__value.raw}", "targetBlank": True}]
    shown = _view(series("a", 1.0, 3.0), defaults={"links": links})

    assert [(Link("a", "/d/x?v=3", new_tab=True),)] == [cell.links for cell in shown.cells]


def test_no_data_is_said() -> None:
    """In the author's words if there are any."""
    assert ["No data"] == [cell.text for cell in _view().cells]
    assert ["none"] == [cell.text for cell in _view(defaults={"noValue": "none"}).cells]


def test_the_series_is_behind_the_value() -> None:
    """Unless the graph is switched off, or there is one value only."""
    frame = series("a", 1.0, None, 3.0)

    assert [1.0, None, 3.0] == [value for _, value in _view(frame).cells[0].trend]
    assert () == _view(frame, options={"graphMode": "none"}).cells[0].trend
    assert () == _view(series("a", 1.0)).cells[0].trend


def test_the_series_behind_the_value_is_as_wide_as_the_time_range() -> None:
    """Of a metric that is new, it begins where the metric does."""
    late = series("a", 1.0, 3.0, 2.0, at=[FIRST + minute * MINUTE for minute in (5, 6, 10)])

    (line,) = re.findall(r'd="M([^"Z]+)" fill="none"', drawn(panel("stat", late), 400, 300))

    assert [200, 240, 400] == [float(point.split()[0]) for point in line.split("L")]


def test_a_change_is_of_the_first_value() -> None:
    shown = _view(series("a", 2.0, 3.0), options={"showPercentChange": True})

    assert 0.5 == shown.cells[0].change


@pytest.mark.parametrize(
    ("change", "text"),
    [(0.5, "50%"), (-0.012345, "-1.23%"), (123.45, "12,300%"), (0.0, "0%"), (0.00001, "0.001%")],
)
def test_a_change_has_three_digits(change: float, text: str) -> None:
    assert text == change_text(change)


def test_cells_are_as_square_as_they_can_be() -> None:
    """Two in 384 x 262 are beside each other in Grafana 9.3, and the last row fills its width."""
    two = cells(2, 384, 262, "auto", gap=3)
    seven = cells(7, 484, 252, "auto", gap=0)

    assert [(0.0, 262.0), (193.5, 262.0)] == [(cell.x, cell.height) for cell in two]
    assert [4, 3] == [sum(cell.y == y for cell in seven) for y in (0, 126)]
    assert 484 / 3 == seven[-1].width


def test_a_value_is_as_large_as_in_grafana() -> None:
    """68 pixels of Roboto in 9.3.2, and so some 64 of Inter, which is wider."""
    shown = panel(
        "stat", series("a", 98.01), defaults={"unit": "percent", "decimals": 2}, size=(255, 182)
    )
    size = re.search(r'font-size="([\d.]+)" font-weight', drawn(shown, 253, 148))

    assert size is not None
    assert 64 == pytest.approx(float(size[1]), abs=2)


def test_the_unit_is_smaller_than_the_number() -> None:
    markup = drawn(panel("stat", series("a", 3.0), defaults={"unit": "percent"}))

    assert '<tspan>3</tspan><tspan font-size="' in markup
    assert ["3%"] == texts_of(markup)


def test_a_long_name_is_cut() -> None:
    markup = drawn(panel("stat", series("a" * 500, 3.0), series("b", 1.0)))

    assert all(len(text) < 100 for text in texts_of(markup))
    assert any(text.endswith("…") for text in texts_of(markup))


def test_a_background_has_the_colour_of_the_value() -> None:
    shown = panel(
        "stat", series("a", 9.0), defaults=STEPS, options={"colorMode": "background_solid"}
    )

    assert 'rx="2" fill="#f2495c"' in drawn(shown)


def test_a_hostile_name_is_text() -> None:
    markup = drawn(panel("stat", series("</text><script>x</script>", 1.0), series("b", 2.0)))

    assert "<script" not in markup
    assert "</text><script>x</script>" in texts_of(markup)


def test_a_value_that_is_no_number_is_drawn() -> None:
    infinite = [series("a", math.nan, math.inf), series("b", -math.inf)]

    markup = drawn(panel("stat", *infinite, series("c", math.nan)))

    assert ["a", "∞", "b", "-∞", "c"] == texts_of(markup)


@given(
    panels(
        "stat",
        {
            "reduceOptions": [{"calcs": ["max", "mean"]}, {"values": True}, {"fields": "/.*/"}],
            "graphMode": ["area", "none"],
            "colorMode": ["value", "background", "background_solid", "none"],
            "textMode": ["auto", "value", "value_and_name", "name", "none"],
            "orientation": ["auto", "horizontal", "vertical"],
            "justifyMode": ["auto", "center"],
            "showPercentChange": [True],
            "wideLayout": [False],
            "text": [{"titleSize": 20, "valueSize": 40}],
        },
    )
)
def test_any_stat_is_drawn(shown: Any) -> None:
    """As XML, and the same twice."""
    drawn(shown)


def test_a_long_value_breaks_between_its_words() -> None:
    """If its author chose its size."""
    words = Frame([Field("os", FieldType.STRING, ["Debian GNU/Linux 12 (bookworm)"])])
    shown = panel(
        "stat",
        words,
        options={"reduceOptions": {"fields": "/.*/"}, "text": {"valueSize": 18}},
        size=(180, 110),
    )
    assert {"Debian", "GNU/Linux 12", "(bookworm)"} == set(
        re.findall(r"<tspan[^>]*>([^<]+)", drawn(shown, 164, 94))
    )
