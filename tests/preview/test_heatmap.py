"""What heatmaps show, and their pictures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given

from gk.preview.kinds import heatmap
from gk.preview.kinds.schemes import palette_of
from gk.preview.model import Field, FieldType, Frame
from gk.preview.page.packed import packed
from gk.prometheus.macros import TimeRange
from tests.previews import FIRST, MINUTE, START, drawn, panel, panels, series, texts_of


def rows(**buckets: Sequence[float]) -> Frame:
    """A frame with a field for each bucket, whose names begin with `le`."""
    length = len(next(iter(buckets.values())))
    times = [FIRST + MINUTE * (index + 1) for index in range(length)]
    return Frame(
        [
            Field("Time", FieldType.TIME, times, config={"interval": MINUTE}),
            *(
                Field(name.removeprefix("le").replace("_", "."), FieldType.NUMBER, values)
                for name, values in buckets.items()
            ),
        ],
        meta={"type": "heatmap-rows"},
    )


BUCKETS = rows(le0_5=[1.0, 2.0], le1=[3.0, 0.0])


def _view(*frames: Frame, **given: Any) -> heatmap.HeatmapView:
    return heatmap.view(panel("heatmap", *frames, **given))


def test_a_bucket_is_a_row_of_counts() -> None:
    """A count is of the time before it. Nothing is no cell."""
    shown = _view(BUCKETS)

    assert ["0.5", "1"] == list(shown.rows)
    assert [
        (FIRST, FIRST + MINUTE, 0.0, 1.0, 1.0),
        (FIRST + MINUTE, FIRST + 2 * MINUTE, 0.0, 1.0, 2.0),
        (FIRST, FIRST + MINUTE, 1.0, 2.0, 3.0),
    ] == [(cell.start, cell.end, cell.low, cell.high, cell.count) for cell in shown.cells]


def test_bounds_are_at_the_upper_edges_in_the_unit_of_the_axis() -> None:
    shown = _view(BUCKETS, options={"yAxis": {"unit": "s"}})

    assert [(1.0, "0 s"), (0.5, "500 ms"), (0.0, "1 s")] == [
        (tick.share, tick.text) for tick in shown.ticks
    ]


def test_names_that_are_no_bounds_are_in_the_middle_of_rows() -> None:
    shown = _view(series("GET", 1.0), series("POST", 2.0))

    assert [(0.75, "GET"), (0.25, "POST")] == [(tick.share, tick.text) for tick in shown.ticks]


def test_series_named_by_bounds_are_in_their_order() -> None:
    shown = _view(series("10", 1.0), series("+Inf", 1.0), series("2", 1.0))

    assert ["2", "10", "+Inf"] == list(shown.rows)


def test_an_axis_may_be_reversed() -> None:
    shown = _view(BUCKETS, options={"yAxis": {"reverse": True}})

    assert [(0.0, "0"), (0.5, "0.5"), (1.0, "1")] == [
        (tick.share, tick.text) for tick in shown.ticks
    ]


def test_a_count_before_the_range_has_no_cell_and_a_colour() -> None:
    """As in Grafana 12.4.0, whose scale begins with the least of all that the query returned."""
    later = TimeRange(START + 60, START + 180)
    shown = _view(rows(le1=[1.0, 2.0, 3.0]), shown={"time": later})

    assert [2.0, 3.0] == [cell.count for cell in shown.cells]
    assert ("1", "3") == (shown.least, shown.most)


@pytest.mark.parametrize(("height", "expected"), [(296, 16), (258, 8), (182, 4)])
def test_rows_have_a_label_each_where_ten_pixels_are_for_it(height: int, expected: int) -> None:
    """Of the height with the times below, as measured with 12.4.0."""
    many = rows(**{f"le{index + 1}": [1.0] for index in range(15)})
    assert expected == len(_view(many, shown={"height": height}).ticks)


def test_colours_reach_from_the_least_to_the_greatest_count() -> None:
    shown = _view(BUCKETS, options={"color": {"steps": 3}})

    assert [0, 1, 2] == [cell.color for cell in shown.cells]
    assert ("1", "3") == (shown.least, shown.most)


def test_the_author_may_say_the_limits() -> None:
    color = {"steps": 4, "min": 0, "max": 100}
    shown = _view(
        BUCKETS,
        options={
            "color": color,
            "filterValues": {"le": 1, "ge": 3},
            "cellValues": {"unit": "percent"},
        },
    )

    assert [(2.0, 0)] == [(cell.count, cell.color) for cell in shown.cells]
    assert ("0%", "100%") == (shown.least, shown.most)


def test_buckets_are_calculated_of_series() -> None:
    """In rounds of a size that the author gives."""
    sizes = {"xBuckets": {"mode": "size", "value": "2m"}, "yBuckets": {"value": "10"}}
    shown = _view(
        series("a", 1.0, 2.0, 12.0),
        series("b", 3.0, 30.0, 15.0),
        options={"calculate": True, "calculation": sizes},
    )
    first = FIRST // (2 * MINUTE) * 2 * MINUTE

    expected = {
        (0.0, 0.0, 10.0): 3.0,
        (0.0, 30.0, 40.0): 1.0,
        (2.0, 10.0, 20.0): 2.0,
    }
    assert expected == {
        ((cell.start - first) / MINUTE, cell.low, cell.high): cell.count for cell in shown.cells
    }


@pytest.mark.parametrize(("count", "size"), [(5, 25.0), (20, 5.0), (100, 1.0)])
def test_a_number_of_buckets_makes_a_round_size(count: int, size: float) -> None:
    buckets = {"yBuckets": {"mode": "count", "value": str(count)}}
    shown = _view(
        series("a", *range(101)),
        options={"calculate": True, "calculation": buckets},
        minutes=101,
    )

    assert {size} == {cell.high - cell.low for cell in shown.cells}


def test_calculated_buckets_may_be_powers() -> None:
    scale = {"yBuckets": {"scale": {"type": "log", "log": 2}}}
    shown = _view(series("a", 3.0, 100.0, -1.0), options={"calculate": True, "calculation": scale})

    assert {(2.0, 4.0), (64.0, 128.0)} == {(cell.low, cell.high) for cell in shown.cells}
    assert 2 == shown.axis.base


def test_native_histograms_are_cells() -> None:
    frame = Frame(
        [
            Field("xMax", FieldType.TIME, [FIRST + MINUTE], config={"interval": MINUTE}),
            Field("yMin", FieldType.NUMBER, [1.0]),
            Field("yMax", FieldType.NUMBER, [2.0]),
            Field("count", FieldType.NUMBER, [4.0]),
        ],
        meta={"type": "heatmap-cells"},
    )

    assert [(FIRST, 1.0, 2.0, 4.0)] == [
        (cell.start, cell.low, cell.high, cell.count) for cell in _view(frame).cells
    ]


@pytest.mark.parametrize(
    ("scheme", "first", "last"),
    [
        ("Oranges", "light-dark(#fff5eb, #7f2704)", "light-dark(#7f2704, #fff5eb)"),
        ("Spectral", "#5e4fa2", "#9e0142"),
        ("nonsense", "light-dark(#fff5eb, #7f2704)", "light-dark(#7f2704, #fff5eb)"),
    ],
)
def test_a_scheme_is_d3s(scheme: str, first: str, last: str) -> None:
    """The sequential ones go from the background's colour to the text's."""
    palette = palette_of({"mode": "scheme", "scheme": scheme, "steps": 8})

    assert (8, first, last) == (len(palette), palette[0], palette[-1])


def test_a_scheme_may_be_reversed() -> None:
    one = palette_of({"scheme": "Spectral"})

    assert one[::-1] == palette_of({"scheme": "Spectral", "reverse": True})


def test_opacities_grow_with_a_power() -> None:
    palette = palette_of({"mode": "opacity", "fill": "#ff0000", "exponent": 0.5, "steps": 5})

    assert ["#ff000000", "#ff000080", "#ff0000ff"] == [palette[0], palette[1], palette[-1]]


def test_equal_neighbours_are_one_rectangle() -> None:
    markup = drawn(panel("heatmap", rows(le1=[5.0, 5.0, 5.0]), options={"cellGap": 0}))

    assert "h3v" in markup


@pytest.mark.parametrize(
    ("layout", "names"),
    [("le", ["0 to 0.5", "0.5 to 1"]), ("ge", ["0.5 to 1", "from 1"]), ("unknown", ["0.5", "1"])],
)
def test_a_bucket_is_called_by_its_bounds(layout: str, names: list[str]) -> None:
    shown = _view(BUCKETS, options={"rowsFrame": {"layout": layout}})
    assert names == [bucket.name for bucket in shown.buckets]


def test_gaps_are_around_cells_only() -> None:
    """Elsewhere, they would hide the lines of the axes."""
    made = drawn(panel("heatmap", rows(le1=[1.0, 0.0, 2.0], le2=[0.0, 0.0, 2.0])))
    assert "M0 500H1M2 500H3" in made
    assert "M0 500V1000M1 500V1000M2 0V1000M3 0V1000" in made


def test_a_logarithmic_axis_ends_at_powers_of_its_base() -> None:
    calculation = {"yBuckets": {"mode": "count", "value": "2", "scale": {"type": "log", "log": 2}}}
    shown = _view(
        series("a", 3.0, 5.0, 9.0), options={"calculate": True, "calculation": calculation}
    )

    assert (2.0, 16.0) == (shown.axis.low, shown.axis.high)


def test_no_data_is_said() -> None:
    assert ["No data"] == texts_of(drawn(panel("heatmap")))


def test_a_hostile_name_is_text() -> None:
    name = "<script>x</script>"

    assert name in texts_of(drawn(panel("heatmap", series(name, 1.0, 2.0)), width=900))


@given(
    panels(
        "heatmap",
        {
            "calculate": [True],
            "calculation": [
                {"xBuckets": {"mode": "count", "value": "5"}},
                {"yBuckets": {"mode": "size", "value": "0.1"}},
                {"yBuckets": {"scale": {"type": "log", "log": 10}, "value": "2"}},
            ],
            "color": [{"mode": "opacity"}, {"scheme": "Turbo", "steps": 3, "min": 1}],
            "yAxis": [{"min": 1, "max": 5}, {"reverse": True, "unit": "s", "decimals": 2}],
            "rowsFrame": [{"layout": "le"}, {"layout": "ge"}],
            "filterValues": [{"le": None}, {"ge": 3}],
            "cellGap": [0, 5],
        },
    )
)
def test_any_heatmap_is_drawn(shown: Any) -> None:
    """As XML, and the same twice; and the page can have what a pointer finds."""
    drawn(shown)
    assert packed({"a": {"series": [], "spots": heatmap.spots(heatmap.view(shown))}})
