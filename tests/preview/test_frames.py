"""Prometheus's answers as the frames that Grafana's data source makes of them.

What is expected was read from /api/ds/query of Grafana 9.3.2, from the golden files of promlib
(12.4), and from tables and heatmaps in both.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gk.preview.fields import name_of
from gk.preview.frames import Asked, frames_of_all
from gk.preview.model import FieldType, Frame
from tests.cases import every


def frames_of(data: Mapping[str, Any], query: Asked) -> list[Frame]:
    """The frames of the only query of a panel."""
    return frames_of_all([(query, data)])


def asked(ref_id: str = "A", expr: str = "up", **more: Any) -> Asked:
    return Asked(ref_id, expr, **more)


def vector(*series: tuple[Mapping[str, str], str]) -> dict[str, Any]:
    """An answer to an instant query at 10 s."""
    result = [{"metric": labels, "value": [10, value]} for labels, value in series]
    return {"resultType": "vector", "result": result}


def matrix(*series: tuple[Mapping[str, str], Sequence[tuple[float, str]]]) -> dict[str, Any]:
    result = [
        {"metric": labels, "values": [list(pair) for pair in values]} for labels, values in series
    ]
    return {"resultType": "matrix", "result": result}


def columns(frame: Frame) -> dict[str, list[Any]]:
    return {field.name: list(field.values) for field in frame.fields}


UP = {"__name__": "up", "job": "node", "instance": "a:9100"}


def test_a_series_is_a_frame() -> None:
    """Its times are milliseconds, its interval is the step, and its values keep their own times:
    the gap at 30 s is none that anybody fills."""
    answer = matrix((UP, [(15, "1"), (45.5, "0")]))

    (frame,) = frames_of(answer, asked(step=15_000))
    time, value = frame.fields

    assert ("Time", FieldType.TIME, [15_000, 45_500]) == (time.name, time.type, time.values)
    assert {"interval": 15_000} == time.config
    assert ("up", FieldType.NUMBER, [1.0, 0.0]) == (value.name, value.type, value.values)
    assert UP == value.labels
    assert "A" == frame.ref_id
    assert {"type": "timeseries-multi", "custom": {"resultType": "matrix"}} == frame.meta


@every(
    "legend, labels, name",
    [
        pytest.param("", UP, 'up{instance="a:9100", job="node"}', id="none"),
        pytest.param("", {"__name__": "up"}, "up", id="only-the-metric"),
        pytest.param("", {"job": "node"}, '{job="node"}', id="only-labels"),
        pytest.param("", {}, "sum(up)", id="nothing-but-the-query"),
        pytest.param("", {"x": 'a"b\\c\n'}, '{x="a\\"b\\\\c\\n"}', id="quotes"),
        pytest.param("{{job}} of {{ instance }}", UP, "node of a:9100", id="labels"),
        pytest.param("{{job}} of {{missing}}", UP, "node of ", id="a-label-that-is-missing"),
        pytest.param("all", {}, "all", id="a-text"),
        pytest.param("{{__name__}}", UP, "up", id="the-metric"),
        pytest.param("__auto", {}, "sum(up)", id="auto-without-labels"),
        pytest.param("__auto", {"job": "node"}, "node", id="auto-with-one-label"),
        pytest.param(
            "__auto",
            UP,
            '{__name__="up", instance="a:9100", job="node"}',
            id="auto-with-several",
        ),
        pytest.param("{{missing}}", {"job": "node"}, "node", id="empty-is-auto"),
    ],
)
def test_legends(legend: str, labels: Mapping[str, str], name: str) -> None:
    """A series is called as its legend says, or as its labels do."""
    (frame,) = frames_of(vector((labels, "1")), asked(expr="sum(up)", legend_format=legend))

    assert name == name_of(frame.fields[1], frame, [frame])


def test_an_instant_query_has_one_value_in_each_series() -> None:
    """In the format of time series."""
    frames = frames_of(vector((UP, "1"), ({"job": "b"}, "2.5")), asked(is_range=False))

    assert [[10_000], [10_000]] == [frame.fields[0].values for frame in frames]
    assert [[1.0], [2.5]] == [frame.fields[1].values for frame in frames]


def test_values_that_are_no_numbers() -> None:
    """NaN and infinities are values."""
    (frame,) = frames_of(matrix((UP, [(1, "NaN"), (2, "+Inf"), (3, "-Inf")])), asked())
    nan, *infinities = frame.fields[1].values

    assert math.isnan(nan)
    assert [math.inf, -math.inf] == infinities


def test_a_scalar_is_a_series_without_labels() -> None:
    """It is called as the query."""
    (frame,) = frames_of({"resultType": "scalar", "result": [10, "7"]}, asked(expr="7"))

    assert {"Time": [10_000], "Value": [7.0]} == columns(frame)
    assert "7" == name_of(frame.fields[1], frame, [frame])


def test_a_string_is_a_text() -> None:
    """Prometheus answers a query that is a string with that."""
    (frame,) = frames_of({"resultType": "string", "result": [10, "hi"]}, asked())

    assert (FieldType.STRING, ["hi"]) == (frame.fields[1].type, frame.fields[1].values)


def test_a_table_has_a_column_for_each_label() -> None:
    """Time, the labels by their names, Value; a label that a series lacks is empty."""
    answer = vector((UP, "1"), ({"job": "b", "zone": "eu"}, "2"))

    (frame,) = frames_of(answer, asked(format="table", legend_format="{{job}}"))

    assert {
        "Time": [10_000, 10_000],
        "__name__": ["up", ""],
        "instance": ["a:9100", ""],
        "job": ["node", "b"],
        "zone": ["", "eu"],
        "Value": [1.0, 2.0],
    } == columns(frame)
    assert ["Time", "__name__", "instance", "job", "zone", "Value"] == list(columns(frame))


def test_the_limit_of_a_bucket_is_a_number_in_a_table() -> None:
    """`le` is the only label that is."""
    (frame,) = frames_of(vector(({"le": "+Inf", "q": "1"}, "1")), asked(format="table"))

    assert [FieldType.TIME, FieldType.NUMBER, FieldType.STRING, FieldType.NUMBER] == [
        field.type for field in frame.fields
    ]
    assert [math.inf] == frame.fields[1].values


def test_a_table_of_a_range_has_a_row_for_each_value() -> None:
    """One series after the other."""
    answer = matrix(({"job": "a"}, [(1, "1"), (2, "2")]), ({"job": "b"}, [(1, "3")]))

    (frame,) = frames_of(answer, asked(format="table"))

    assert {"Time": [1_000, 2_000, 1_000], "job": ["a", "a", "b"], "Value": [1.0, 2.0, 3.0]} == (
        columns(frame)
    )


def test_values_of_several_tables_are_told_apart() -> None:
    """`Value` has the letter of its query if there are several, also if one is empty."""
    one, other = (asked(ref_id, format="table") for ref_id in "AB")
    answer = vector(({"job": "a"}, "1"))

    assert [["Time", "job", "Value #A"], ["Time", "job", "Value #B"]] == [
        list(columns(frame)) for frame in frames_of_all([(one, answer), (other, answer)])
    ]
    assert [["Time", "job", "Value #A"], ["Time", "Value #B"]] == [
        list(columns(frame)) for frame in frames_of_all([(one, answer), (other, vector())])
    ]


def test_series_are_before_tables() -> None:
    """Whatever the order of the queries is; they do not count as tables."""
    answer = vector(({"job": "a"}, "1"))
    queries = [asked("A", format="heatmap"), asked("B", format="table"), asked("C")]

    frames = frames_of_all(
        (query, BUCKETS if query.format == "heatmap" else answer) for query in queries
    )

    assert ["C", "B", "A"] == [frame.ref_id for frame in frames]
    assert ["Time", "job", "Value"] == list(columns(frames[1]))


def test_a_query_may_be_both_instant_and_of_a_range() -> None:
    """There are frames of both, and one table."""
    instant, both = vector(({"job": "a"}, "1")), matrix(({"job": "a"}, [(1, "2"), (2, "3")]))
    series, table = asked(), asked(format="table")

    assert [[1.0], [2.0, 3.0]] == [
        frame.fields[1].values for frame in frames_of_all([(series, instant), (series, both)])
    ]
    assert [[1.0, 2.0, 3.0]] == [
        frame.fields[2].values for frame in frames_of_all([(table, instant), (table, both)])
    ]


BUCKETS = matrix(
    ({"le": "+Inf"}, [(1, "10"), (2, "12")]),
    ({"le": "0.5"}, [(1, "4"), (2, "4")]),
    ({"le": "5"}, [(1, "9"), (2, "12.0000000001")]),
)


def test_a_heatmap_has_a_column_for_each_bucket() -> None:
    """They are in the order of their limits, and count what is in them alone."""
    (frame,) = frames_of(BUCKETS, asked(format="heatmap", legend_format="{{le}}", step=1_000))

    assert {
        "Time": [1_000, 2_000],
        "0.5": [4.0, 4.0],
        "5": [5.0, 8.0000000001],
        "+Inf": [1.0, 0.0],
    } == columns(frame)
    assert ["Time", "0.5", "5", "+Inf"] == list(columns(frame))
    assert "heatmap-rows" == frame.meta["type"]
    assert ["Time", "0.5", "5", "+Inf"] == [
        name_of(field, frame, [frame]) for field in frame.fields
    ]


def test_buckets_of_several_series_are_heatmaps_of_their_own() -> None:
    """Counts of one job are not taken from those of another."""
    answer = matrix(
        ({"le": "1", "job": "a"}, [(1, "1")]),
        ({"le": "1", "job": "b"}, [(1, "5")]),
        ({"le": "+Inf", "job": "a"}, [(1, "3")]),
    )

    one, other = frames_of(answer, asked(format="heatmap"))

    assert {"Time": [1_000], "1": [1.0], "+Inf": [2.0]} == columns(one)
    assert {"Time": [1_000], "1": [5.0]} == columns(other)


def test_a_bucket_that_is_missing_at_a_time() -> None:
    """There is nothing in it, and all that is below the next one's limit is in the next one."""
    answer = matrix(({"le": "1"}, [(2, "1")]), ({"le": "2"}, [(1, "4"), (2, "5")]))

    (frame,) = frames_of(answer, asked(format="heatmap"))

    assert {"Time": [1_000, 2_000], "1": [None, 1.0], "2": [4.0, 4.0]} == columns(frame)


def test_series_without_buckets_stay_series_in_a_heatmap() -> None:
    """There is nothing to subtract."""
    (frame,) = frames_of(matrix(({"job": "a"}, [(1, "1")])), asked(format="heatmap"))

    assert {"Time": [1_000], "Value": [1.0]} == columns(frame)


@pytest.mark.parametrize("form", ["time_series", "heatmap"])
def test_native_histograms_are_cells(form: Any) -> None:
    """A row for each bucket, in any format."""
    histogram = {"count": "3", "sum": "4", "buckets": [[0, "1", "2", "1"], [0, "2", "4", "2"]]}
    series = {"metric": {"job": "a"}, "histograms": [[1, histogram], [2, histogram]]}

    (frame,) = frames_of({"resultType": "matrix", "result": [series]}, asked(format=form))

    assert {
        "xMax": [1_000, 1_000, 2_000, 2_000],
        "yMin": [1.0, 2.0, 1.0, 2.0],
        "yMax": [2.0, 4.0, 2.0, 4.0],
        "count": [1.0, 2.0, 1.0, 2.0],
    } == columns(frame)
    assert "heatmap-cells" == frame.meta["type"]


@pytest.mark.parametrize("form", ["time_series", "table", "heatmap"])
def test_an_empty_answer_has_no_frames(form: Any) -> None:
    """Whatever was asked."""
    assert [] == frames_of(matrix(), asked(format=form))


def test_an_empty_table_beside_others_has_columns() -> None:
    """In Grafana 12; they may be joined to those of other queries."""
    answers = [(asked(ref_id, format="table"), vector()) for ref_id in "AB"]

    assert [{"Time": [], "Value #A": []}, {"Time": [], "Value #B": []}] == [
        columns(frame) for frame in frames_of_all(answers)
    ]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["NaN", "1", "le"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["metric", "values", "value", "histograms", "buckets", "le"]), inner
        )
    ),
    max_leaves=12,
)


@pytest.mark.parametrize("form", ["time_series", "table", "heatmap"])
@given(kind=st.sampled_from(["matrix", "vector", "scalar", "string"]) | JSON, result=st.lists(JSON))
def test_a_malformed_answer_raises_nothing(form: Any, kind: Any, result: list[Any]) -> None:
    """What is malformed in it is left out, and each frame is a table."""
    for frame in frames_of({"resultType": kind, "result": result}, asked(format=form)):
        assert {frame.length} == {len(field.values) for field in frame.fields}
