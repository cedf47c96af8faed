"""Grafana's expressions over queries of a panel: what they are of series and numbers."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gk.preview.asking.expressions import NotCalculatedError, calculated
from gk.preview.model import Field, FieldType, Frame, Shown
from gk.prometheus.macros import TimeRange
from tests.cases import every
from tests.definitions import Json
from tests.fake_prometheus import FakePrometheus, serving, success
from tests.preview.test_asking import EXPRESSION, REF, board_of, dashboard, only, panel
from tests.previews import JSON


@pytest.fixture
def server() -> Iterator[FakePrometheus]:
    with serving() as state:
        yield state


def series(*values: float | None, **labels: str) -> Frame:
    """A series with a value each second."""
    times = Field("Time", FieldType.TIME, [1000 * second for second in range(len(values))])
    return Frame([times, Field("Value", FieldType.NUMBER, values, labels)])


def number(value: float | None, **labels: str) -> Frame:
    """What an instant query returns."""
    times = Field("Time", FieldType.TIME, [0])
    meta = {"custom": {"resultType": "vector"}}
    return Frame([times, Field("Value", FieldType.NUMBER, [value], labels)], meta=meta)


def of(queries: Mapping[str, Sequence[Frame]], **expression: Any) -> list[Frame]:
    """The frames of an expression, C."""
    return calculated({"C": expression}, queries, "C", TimeRange(0, 3))


def values(frames: Sequence[Frame]) -> list[list[Any]]:
    return [list(frame.fields[-1].values) for frame in frames]


SHOPS = [series(1.0, 2.0, 3.0, shop="a"), series(4.0, 5.0, None, shop="b")]


# Reduce


DROPS = {"mode": "dropNN"}
REPLACES = {"mode": "replaceNN", "replaceWithValue": 9}
NAN = math.nan


@every(
    "reducer, settings, expected",
    [
        ("mean", {}, [2.0, NAN]),
        ("mean", DROPS, [2.0, 4.5]),
        ("max", REPLACES, [3.0, 9.0]),
        ("min", DROPS, [1.0, 4.0]),
        ("sum", {}, [6.0, NAN]),
        ("sum", DROPS, [6.0, 9.0]),
        ("count", {}, [3.0, 3.0]),
        ("count", DROPS, [3.0, 2.0]),
        ("last", {}, [3.0, None]),
        ("last", DROPS, [3.0, 5.0]),
        ("median", DROPS, [2.0, 4.5]),
    ],
)
def test_a_series_is_reduced_to_a_number(
    reducer: str, settings: Json, expected: list[float | None]
) -> None:
    frames = of({"A": SHOPS}, type="reduce", expression="A", reducer=reducer, settings=settings)
    assert str([[value] for value in expected]) == str(values(frames))
    assert [["C"], ["C"]] == [[field.name for field in frame.fields] for frame in frames]
    assert [{"shop": "a"}, {"shop": "b"}] == [frame.fields[0].labels for frame in frames]


@every(
    "reducer, settings, expected",
    [
        ("mean", DROPS, None),
        ("last", DROPS, None),
        ("sum", DROPS, 0.0),
        ("count", DROPS, 0.0),
        ("max", {}, NAN),
        ("max", REPLACES, 9.0),
    ],
)
def test_values_that_are_all_nan_are_no_mean(
    reducer: str, settings: Json, expected: float | None
) -> None:
    a = [series(NAN, NAN)]
    frames = of({"A": a}, type="reduce", expression="A", reducer=reducer, settings=settings)
    assert str([[expected]]) == str(values(frames))


def test_the_infinite_counts_unless_it_is_dropped() -> None:
    a = {"A": [series(1, math.inf)]}
    assert [[math.inf]] == values(of(a, type="reduce", expression="A", reducer="mean"))
    drops = of(a, type="reduce", expression="A", reducer="mean", settings=DROPS)
    assert [[1.0]] == values(drops)


@every(
    "settings, expected",
    [({}, [[2.0], [NAN]]), (DROPS, [[2.0]]), (REPLACES, [[2.0], [9.0]])],
)
def test_a_number_is_reduced_already(settings: Json, expected: list[list[float]]) -> None:
    a = [number(2.0, shop="a"), number(NAN, shop="b")]
    frames = of({"A": a}, type="reduce", expression="A", reducer="count", settings=settings)
    assert str(expected) == str(values(frames))


# Threshold


@every(
    "kind, params, expected",
    [
        ("gt", [2], [0, 0, 1]),
        ("lt", [2], [1, 0, 0]),
        ("eq", [2], [0, 1, 0]),
        ("ne", [2], [1, 0, 1]),
        ("gte", [2], [0, 1, 1]),
        ("lte", [2], [1, 1, 0]),
        ("within_range", [1, 3], [0, 1, 0]),
        ("outside_range", [2, 2], [1, 0, 1]),
        ("within_range_included", [1, 3], [1, 1, 1]),
        ("outside_range_included", [1, 3], [1, 0, 1]),
    ],
)
def test_a_threshold_is_one_where_it_holds(
    kind: str, params: list[float], expected: list[float]
) -> None:
    conditions = [{"evaluator": {"type": kind, "params": params}}]
    frames = of({"A": [series(1, 2, 3)]}, type="threshold", expression="A", conditions=conditions)
    assert [expected] == values(frames)


# Math


@every(
    "formula, expected",
    [
        ("$A + 1", [2, 3]),
        ("${A} * 2 - 1", [1, 3]),
        ("1 + 2 * $A", [3, 5]),
        ("(1 + 2) * $A", [3, 6]),
        ("-$A", [-1, -2]),
        ("!($A > 1)", [1, 0]),
        ("$A > 1", [0, 1]),
        ("$A + 1 <= 2", [1, 0]),
        ("$A > 1 && $A < 3", [0, 1]),
        ("$A == 1 || 0", [1, 0]),
        ("$A / 0", [math.inf, math.inf]),
        ("$A % 2", [1, 0]),
        ("$A ** 2", [1, 4]),
        ("1.5e1 - $A", [14, 13]),
        ("abs(-$A) + floor($A / 2)", [1, 3]),
        ("ceil($A / 2)", [1, 1]),
        ("log($A - $A)", [-math.inf, -math.inf]),
        ("is_inf($A / 0)", [1, 1]),
        ("is_number($A)", [1, 1]),
    ],
)
def test_a_formula_is_calculated_of_each_value(formula: str, expected: list[float]) -> None:
    assert [expected] == values(of({"A": [series(1, 2)]}, type="math", expression=formula))


@every(
    "formula, expected",
    [
        ("2 ** 3 ** 2", 64),
        ("-2 ** 2", 4),
        ("3 - 2 - 1", 0),
        ("1 || 0 && 0", 1),
        ("1 < 2 < 3", 1),
        ("-7 % 3", -1),
        ("0x1F + 1", 32),
        ("072 + 1", 59),
        ("08 + 1", 9),
        ("1e3 + .5", 1000.5),
        ("round(2.5)", 3),
        ("round(-2.5)", -3),
        ("log(-1)", NAN),
        ("0 / 0", NAN),
        ("0 ** -1", math.inf),
        ("2 ** 1024", math.inf),
        ("inf() - inf()", NAN),
        ("infn()", -math.inf),
        ("5 % 0", NAN),
        ("nan() == nan()", NAN),
        ("nan() ** 0", NAN),
        ("nan() || 0", 1),
        ("0 || nan()", NAN),
        ("0 && nan()", 0),
        ("nan() && 1", NAN),
        ("!nan()", NAN),
        ("null() + 1", None),
        ("null() || 1", None),
        ("!null()", None),
        ("abs(null())", NAN),
        ("is_nan(null())", NAN),
        ("is_null(null())", 1),
        ("is_number(null())", 0),
    ],
)
def test_a_formula_of_constants_is_what_grafana_says(formula: str, expected: float | None) -> None:
    """As 12.4.0 answered, one by one."""
    (frame,) = of({}, type="math", expression=formula)
    value = frame.fields[0].values[0]
    assert str(expected if expected is None else float(expected)) == str(value)


@every(
    "ones, others, expected",
    [
        (SHOPS, [number(10)], [{"shop": "a"}, {"shop": "b"}]),
        (SHOPS, [series(1, 1, 1, shop="b", code="x")], [{"shop": "b", "code": "x"}]),
        (SHOPS, [series(1, 1, 1, shop="c")], []),
        (SHOPS, [series(1, 1, 1, shop="c"), series(1, 1, 1, shop="d")], []),
        ([number(1, shop="a")], [number(2, shop="a")], [{"shop": "a"}]),
        ([number(1, shop="a")], [number(2, code="x")], [{}]),
    ],
)
def test_series_are_calculated_with_those_of_the_same_labels(
    ones: list[Frame], others: list[Frame], expected: list[Json]
) -> None:
    frames = of({"A": ones, "B": others}, type="math", expression="$A + $B")
    assert expected == [dict(frame.fields[-1].labels) for frame in frames]


def test_two_series_are_calculated_at_the_times_that_both_have() -> None:
    frames = of({"A": [series(1, 2, 3)], "B": [series(10, None)]}, type="math", expression="$A+$B")
    assert [[11, None]] == values(frames)
    assert [0, 1000] == list(frames[0].fields[0].values)


# Resample


GAPS = Frame(
    [
        Field("Time", FieldType.TIME, [500, 1000, 1500, 4000]),
        Field("Value", FieldType.NUMBER, [1, 2, 4, 8]),
    ]
)


@every(
    "window, downsampler, upsampler, expected",
    [
        ("1s", "mean", "pad", [None, 1.5, 4, 4, 8]),
        ("1s", "max", "backfilling", [1, 2, 4, 8, 8]),
        ("1s", "last", "fillna", [None, 2, 4, None, 8]),
        ("2s", "sum", "pad", [None, 7, 8]),
        ("4s", "min", "fillna", [None, 1]),
    ],
)
def test_a_series_is_resampled(
    window: str, downsampler: str, upsampler: str, expected: list[float | None]
) -> None:
    target = {"window": window, "downsampler": downsampler, "upsampler": upsampler}
    resampled = {"C": {"type": "resample", "expression": "A", **target}}
    (frame,) = calculated(resampled, {"A": [GAPS]}, "C", TimeRange(0, 4))
    step = 1000 * int(window[:-1])
    assert (list(range(0, 4001, step)), expected) == tuple(
        list(field.values) for field in frame.fields
    )


# Classic conditions


def condition(ref: str, reducer: str, kind: str, *params: float, operator: str = "and") -> Json:
    return {
        "query": {"params": [ref]},
        "reducer": {"type": reducer},
        "evaluator": {"type": kind, "params": list(params)},
        "operator": {"type": operator},
    }


def holds(*conditions: Json) -> Any:
    queries = {"A": SHOPS, "B": [], "N": [number(4)]}
    (frame,) = of(queries, type="classic_conditions", conditions=list(conditions))
    assert {} == frame.fields[0].labels
    return frame.fields[0].values[0]


@every(
    "reducer, low, high",
    [
        ("avg", 4, 5),
        ("min", 3, 5),
        ("max", 4, 6),
        ("sum", 8, 10),
        ("count", 2, 4),
        ("count_non_null", 2, 4),
        ("last", 4, 6),
        ("median", 4, 5),
        ("diff", 1, 3),
        ("diff_abs", 1, 3),
        ("percent_diff", 24, 26),
        ("percent_diff_abs", 199, 201),
    ],
)
def test_a_condition_is_of_what_one_of_the_series_is_reduced_to(
    reducer: str, low: float, high: float
) -> None:
    assert 1 == holds(condition("A", reducer, "within_range", low, high))
    assert 1 == holds(condition("A", reducer, "within_range", high, low))


HIGH, LOW = condition("A", "last", "gt", 99), condition("A", "last", "gt", 0)
NOBODY = condition("B", "last", "gt", 0)


@every(
    "conditions, expected",
    [
        ([LOW], 1),
        ([HIGH], 0),
        ([condition("N", "last", "eq", 4)], 1),
        ([HIGH, {**LOW, "operator": {"type": "or"}}], 1),
        ([LOW, HIGH], 0),
        ([NOBODY], None),
        ([condition("B", "last", "no_value")], 1),
        ([condition("A", "last", "no_value")], 0),
        ([LOW, NOBODY], 0),
        ([LOW, {**NOBODY, "operator": {"type": "or"}}], None),
        ([NOBODY, {**LOW, "operator": {"type": "or"}}], None),
        ([], 0),
    ],
)
def test_conditions_are_one_number_or_nothing_without_data(
    conditions: list[Json], expected: float | None
) -> None:
    """As 12.4.0 answered, one by one."""
    assert expected == holds(*conditions)


# What is not calculated


@every(
    "expression, said",
    [
        ({"type": "sql", "expression": "A"}, "sql"),
        ({"type": "resample", "expression": "A", "window": "1h"}, "the resampling to 1h"),
        ({"type": "resample", "expression": "A", "window": "2s"}, "the resampling by "),
        ({"type": "reduce", "expression": "A", "reducer": "max", "settings": {"mode": "replaceNN"}},
         "a mode that replaces by nothing"),
        ({"type": "threshold", "expression": "A"}, "several conditions"),
        ({"type": "threshold", "expression": "A", "conditions": [{"evaluator": {"type": "gt"}}]},
         "the condition gt"),
        ({"type": "classic_conditions", "conditions": [condition("C", "last", "gt", 1)]},
         "conditions of an expression"),
        ({"type": "classic_conditions", "conditions": [condition("A", "mode", "gt", 1)]},
         "the reducer mode"),
        ({"type": "classic_conditions", "conditions": [LOW, {**LOW, "operator": {"type": "xor"}}]},
         "the operator xor"),
        ({"type": "math", "expression": "max($A)"}, "the function max"),
        ({"type": "math", "expression": "$A+-1"}, "`+-`"),
        ({"type": "math", "expression": "1e400"}, "`1e400`"),
        ({"type": "math", "expression": "$A +"}, "its end"),
        ({"type": "math", "expression": "($A"}, "a bracket"),
        ({"type": "math", "expression": "$A $A"}, "`$A`"),
        ({"type": "math", "expression": "$B"}, "its input B"),
        ({"type": "math", "expression": "$C"}, "its input C"),
        ({"type": "math", "expression": "${{A}"}, "its input {A"),
        ({"type": "reduce", "expression": "A", "reducer": "mode"}, "the reducer mode"),
        ({"type": "math", "expression": 99 * "(" + "$A"}, "its end"),
        ({"type": "math", "expression": "$A" + 100 * " + 1"}, "so long a formula"),
    ],
)  # fmt: skip
def test_what_is_not_calculated_is_said(expression: Json, said: str) -> None:
    with pytest.raises(NotCalculatedError, match=f"^{said.translate(_ESCAPED)}$"):
        of({"A": SHOPS}, **expression)


_ESCAPED = str.maketrans({character: f"\\{character}" for character in "()$+"})


def test_infinities_are_numbers() -> None:
    """Their sum is none, but each of them is not zero."""
    (both,) = of({}, type="math", expression="inf() && infn()")

    assert [1] == list(both.fields[0].values)


def test_a_letter_is_what_is_between_the_outer_brackets() -> None:
    """Whatever else it begins with."""
    assert [[2.0]] == values(of({"{A": [series(1.0)]}, type="math", expression="${{A} + 1"))


@given(
    st.text("$A{}0123456789.()+-*/%<>=!&| exabslogni_", max_size=30),
    st.lists(st.none() | st.floats(), max_size=3),
    JSON,
)
def test_any_expression_is_calculated_or_not(
    formula: str, given_: list[float | None], settings: Any
) -> None:
    for target in (
        {"type": "math", "expression": formula},
        {"type": "reduce", "expression": "A", "reducer": "mean", "settings": settings},
        {"type": "threshold", "expression": "A", "conditions": settings},
        {"type": "classic_conditions", "conditions": settings},
        {"type": "resample", "expression": "A", "window": "1s", "downsampler": "sum"},
    ):
        try:
            of({"A": [series(*given_)]}, **target)
        except NotCalculatedError:
            continue


def fibonacci(count: int) -> list[list[Any]]:
    """What becomes of 1 in expressions, each of which adds up the two before it."""
    expressions = {
        f"E{index}": {"type": "math", "expression": f"$E{index - 1} + $E{max(0, index - 2)}"}
        for index in range(1, count + 1)
    }
    return values(calculated(expressions, {"E0": [number(1)]}, f"E{count}", TimeRange(0, 3)))


def test_expressions_of_expressions_are_calculated_once() -> None:
    """There are as many ways from the last to the first."""
    assert [[433_494_437]] == fibonacci(41)


def test_a_chain_of_expressions_has_an_end() -> None:
    with pytest.raises(NotCalculatedError, match=r"^its input E"):
        fibonacci(1_000)


# In a panel


def shown(server: FakePrometheus, *targets: Json) -> Shown:
    server.replies["up"] = success(
        {"resultType": "matrix", "result": [{"metric": {"job": "a"}, "values": [[0, "4"]]}]}
    )
    return only(board_of(server, dashboard(panel(datasource=None, targets=list(targets)))))


QUERY = {"refId": "A", "expr": "up", "datasource": REF}


def test_an_expression_shows_what_it_is_of_a_hidden_query(server: FakePrometheus) -> None:
    math_of = {"refId": "B", "datasource": EXPRESSION, "type": "math", "expression": "$A * 2"}
    graph = shown(server, {**QUERY, "hide": True}, math_of)
    assert [("B", [8.0])] == [(frame.ref_id, frame.fields[-1].values) for frame in graph.frames]
    assert [] == graph.notes


def test_an_expression_may_be_of_another_hidden_one(server: FakePrometheus) -> None:
    reduce = {"refId": "B", "datasource": EXPRESSION, "type": "reduce", "expression": "A"}
    above = {"refId": "C", "datasource": EXPRESSION, "type": "threshold", "expression": "B"}
    evaluator = {"evaluator": {"type": "gt", "params": [3]}}
    graph = shown(
        server,
        {**QUERY, "hide": True},
        {**reduce, "reducer": "last", "hide": True},
        {**above, "conditions": [evaluator]},
    )
    assert [("C", [1.0])] == [(frame.ref_id, frame.fields[-1].values) for frame in graph.frames]


def test_a_panel_says_which_expression_is_not_calculated(server: FakePrometheus) -> None:
    sql = {"refId": "B", "datasource": EXPRESSION, "type": "sql", "expression": "SELECT 1"}
    graph = shown(server, QUERY, sql)
    assert [("B", "not calculated: sql")] == [(note.ref_id, note.text) for note in graph.notes]
    assert ["A"] == [frame.ref_id for frame in graph.frames]
