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
    times = Field("Time", FieldType.TIME, [1000 * each for each in range(len(values))])
    return Frame([times, Field("Value", FieldType.NUMBER, values, labels)])


def number(value: float | None, **labels: str) -> Frame:
    """What an instant query returns."""
    times = Field("Time", FieldType.TIME, [0])
    meta = {"custom": {"resultType": "vector"}}
    return Frame([times, Field("Value", FieldType.NUMBER, [value], labels)], meta=meta)


def of(queries: Mapping[str, Sequence[Frame]], **expression: Any) -> list[Frame]:
    """The frames of an expression, C."""
    return calculated({"C": expression}, queries, "C")


def values(frames: Sequence[Frame]) -> list[list[Any]]:
    return [list(each.fields[-1].values) for each in frames]


SHOPS = [series(1, 2, 3, shop="a"), series(4, 5, None, shop="b")]


# Reduce


@every(
    "reducer, settings, expected",
    [
        ("mean", {}, [2.0, math.nan]),
        ("mean", {"mode": "dropNN"}, [2.0, 4.5]),
        ("max", {"mode": "replaceNN", "replaceWithValue": 9}, [3.0, 9.0]),
        ("min", {"mode": "dropNN"}, [1.0, 4.0]),
        ("sum", {"mode": "dropNN"}, [6.0, 9.0]),
        ("count", {}, [3.0, 3.0]),
        ("last", {"mode": "dropNN"}, [3.0, 5.0]),
        ("median", {"mode": "dropNN"}, [2.0, 4.5]),
    ],
)
def test_a_series_is_reduced_to_a_number(
    reducer: str, settings: Json, expected: list[float]
) -> None:
    found = of({"A": SHOPS}, type="reduce", expression="A", reducer=reducer, settings=settings)
    assert str([[each] for each in expected]) == str(values(found))
    assert [["C"], ["C"]] == [[each.name for each in frame.fields] for frame in found]
    assert [{"shop": "a"}, {"shop": "b"}] == [frame.fields[0].labels for frame in found]


def test_of_no_values_is_no_mean() -> None:
    settings = {"mode": "dropNN"}
    found = of({"A": [series()]}, type="reduce", expression="A", reducer="mean", settings=settings)
    assert math.isnan(values(found)[0][0])


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
    found = of({"A": [series(1, 2, 3)]}, type="threshold", expression="A", conditions=conditions)
    assert [expected] == values(found)


# Math


@every(
    "formula, expected",
    [
        ("$A + 1", [2, 3]),
        ("${A} * 2 - 1", [1, 3]),
        ("1 + 2 * $A", [3, 5]),
        ("(1 + 2) * $A", [3, 6]),
        ("-$A", [-1, -2]),
        ("$A > 1", [0, 1]),
        ("$A + 1 <= 2", [1, 0]),
        ("$A / 0", [math.inf, math.inf]),
        ("$A % 2", [1, 0]),
        ("1.5e1 - $A", [14, 13]),
    ],
)
def test_a_formula_is_calculated_of_each_value(formula: str, expected: list[float]) -> None:
    assert [expected] == values(of({"A": [series(1, 2)]}, type="math", expression=formula))


@every(
    "ones, others, expected",
    [
        (SHOPS, [number(10)], [{"shop": "a"}, {"shop": "b"}]),
        (SHOPS, [series(1, 1, 1, shop="b", code="x")], [{"shop": "b", "code": "x"}]),
        (SHOPS, [series(1, 1, 1, shop="c")], []),
        ([number(1, shop="a")], [number(2, shop="a")], [{"shop": "a"}]),
    ],
)
def test_series_are_calculated_with_those_of_the_same_labels(
    ones: list[Frame], others: list[Frame], expected: list[Json]
) -> None:
    found = of({"A": ones, "B": others}, type="math", expression="$A + $B")
    assert expected == [dict(each.fields[-1].labels) for each in found]


def test_two_series_are_calculated_at_the_times_that_both_have() -> None:
    found = of({"A": [series(1, 2, 3)], "B": [series(10, None)]}, type="math", expression="$A+$B")
    assert [[11, None]] == values(found)
    assert [0, 1000] == list(found[0].fields[0].values)


# What is not calculated


@every(
    "expression, said",
    [
        ({"type": "resample", "expression": "A"}, "resample"),
        ({"type": "math", "expression": "abs($A)"}, "`abs($A)`"),
        ({"type": "math", "expression": "$A +"}, "its end"),
        ({"type": "math", "expression": "($A"}, "a bracket"),
        ({"type": "math", "expression": "$A $A"}, "`$A`"),
        ({"type": "math", "expression": "$B"}, "its input B"),
        ({"type": "math", "expression": "$C"}, "its input C"),
        ({"type": "reduce", "expression": "A", "reducer": "mode"}, "the reducer mode"),
        ({"type": "math", "expression": 99 * "(" + "$A"}, "its end"),
        ({"type": "math", "expression": "$A" + 100 * " + 1"}, "so long a formula"),
    ],
)
def test_what_is_not_calculated_is_said(expression: Json, said: str) -> None:
    with pytest.raises(NotCalculatedError, match=f"^{said.translate(_ESCAPED)}$"):
        of({"A": SHOPS}, **expression)


_ESCAPED = str.maketrans({each: f"\\{each}" for each in "()$+"})


@given(
    st.text("$A{}0123456789.()+-*/%<>=! e", max_size=30),
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
    ):
        try:
            of({"A": [series(*given_)]}, **target)
        except NotCalculatedError:
            continue


def fibonacci(count: int) -> list[list[Any]]:
    """What becomes of 1 in expressions, each of which adds up the two before it."""
    expressions = {
        f"E{each}": {"type": "math", "expression": f"$E{each - 1} + $E{max(0, each - 2)}"}
        for each in range(1, count + 1)
    }
    return values(calculated(expressions, {"E0": [number(1)]}, f"E{count}"))


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
    found = shown(server, {**QUERY, "hide": True}, math_of)
    assert [("B", [8.0])] == [(each.ref_id, each.fields[-1].values) for each in found.frames]
    assert [] == found.notes


def test_an_expression_may_be_of_another_hidden_one(server: FakePrometheus) -> None:
    reduce = {"refId": "B", "datasource": EXPRESSION, "type": "reduce", "expression": "A"}
    above = {"refId": "C", "datasource": EXPRESSION, "type": "threshold", "expression": "B"}
    evaluator = {"evaluator": {"type": "gt", "params": [3]}}
    found = shown(
        server,
        {**QUERY, "hide": True},
        {**reduce, "reducer": "last", "hide": True},
        {**above, "conditions": [evaluator]},
    )
    assert [("C", [1.0])] == [(each.ref_id, each.fields[-1].values) for each in found.frames]


def test_a_panel_says_which_expression_is_not_calculated(server: FakePrometheus) -> None:
    resample = {"refId": "B", "datasource": EXPRESSION, "type": "resample", "expression": "A"}
    found = shown(server, QUERY, resample)
    assert [("B", "not calculated: resample")] == [(each.ref_id, each.text) for each in found.notes]
    assert ["A"] == [each.ref_id for each in found.frames]
